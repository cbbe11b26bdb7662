-- exposure_days
SELECT
  "t1"."experiment",
  "t1"."phase",
  "t1"."unit",
  "t1"."variant",
  "t1"."forced",
  "t1"."day",
  MIN("t1"."at") AS "at",
  MIN_BY("t1"."attributes", "t1"."at") AS "attributes"
FROM (
  SELECT
    "t0"."experiment",
    "t0"."phase",
    "t0"."unit",
    "t0"."variant",
    "t0"."forced",
    "t0"."day",
    "t0"."at",
    MIN("t0"."attributes") AS "attributes"
  FROM "exposures" AS "t0"
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6,
    7
) AS "t1"
GROUP BY
  1,
  2,
  3,
  4,
  5,
  6;

-- unit_days
WITH "t1" AS (
  SELECT
    "t0"."id",
    "t0"."unit_type",
    "t0"."unit",
    "t0"."day",
    MIN("t0"."name") AS "name",
    MIN("t0"."at") AS "at",
    MIN("t0"."value") AS "value",
    MIN("t0"."properties") AS "properties"
  FROM "events" AS "t0"
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  "t9"."measure",
  "t9"."unit_type",
  "t9"."unit",
  "t9"."day",
  COUNT(*) AS "n",
  COALESCE(SUM("t9"."value"), 0.0) AS "total"
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t2"."unit_type",
          "t2"."unit",
          "t2"."at",
          "t2"."value",
          "t2"."day",
          '15019fed6f53fd6d' AS "measure"
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
      ) AS "t3"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t2"."unit_type",
          "t2"."unit",
          "t2"."at",
          "t2"."value",
          "t2"."day",
          'a0a20fe4cf3aa4ce' AS "measure"
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
          AND AS_VARCHAR(GET(CAST("t2"."properties" AS VARIANT), 'currency')) = 'EUR'
      ) AS "t5"
    ) AS "t7"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t2"."unit_type",
        "t2"."unit",
        "t2"."at",
        "t2"."value",
        "t2"."day",
        'c4316d54cb9e590e' AS "measure"
      FROM "t1" AS "t2"
      WHERE
        "t2"."name" = 'visit'
    ) AS "t4"
  ) AS "t8"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t2"."unit_type",
      "t2"."unit",
      "t2"."at",
      "t2"."value",
      "t2"."day",
      'd440c1203aed298c' AS "measure"
    FROM "t1" AS "t2"
    WHERE
      "t2"."name" = 'order'
      AND (
        (
          AS_DOUBLE(GET(CAST("t2"."properties" AS VARIANT), 'cart.size')) = 3
        )
        OR (
          AS_DOUBLE(GET(CAST("t2"."properties" AS VARIANT), 'cart.size')) = 4
        )
      )
      AND AS_BOOLEAN(GET(CAST("t2"."properties" AS VARIANT), 'gift')) = TRUE
  ) AS "t6"
) AS "t9"
GROUP BY
  1,
  2,
  3,
  4;

-- entry_days
SELECT
  "t10"."experiment",
  "t10"."phase",
  "t10"."unit",
  "t10"."day",
  "t10"."at"
FROM (
  SELECT
    "t8"."experiment",
    "t8"."phase",
    "t8"."unit",
    "t8"."day",
    MIN("t8"."at") AS "at"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t6"."experiment",
        "t6"."phase",
        "t6"."unit",
        "t6"."variant",
        "t6"."forced",
        "t6"."at",
        "t6"."attributes",
        "t6"."day",
        "t4"."first_day",
        "t4"."last_day"
      FROM (
        SELECT
          *
        FROM "exposure_days" AS "t1"
        WHERE
          NOT (
            "t1"."forced"
          )
      ) AS "t6"
      INNER JOIN "uses" AS "t4"
        ON "t6"."experiment" = "t4"."experiment"
        AND "t6"."phase" = "t4"."phase"
        AND "t6"."variant" = "t4"."variant"
    ) AS "t7"
    WHERE
      "t7"."day" BETWEEN "t7"."first_day" AND "t7"."last_day"
  ) AS "t8"
  GROUP BY
    1,
    2,
    3,
    4
) AS "t10"
WHERE
  NOT EXISTS(
    SELECT
      1
    FROM "entry_days" AS "t3"
    WHERE
      "t10"."experiment" = "t3"."experiment"
      AND "t10"."phase" = "t3"."phase"
      AND "t10"."unit" = "t3"."unit"
  );

-- outcome_days
WITH "t8" AS (
  SELECT
    *
  FROM "uses" AS "t2"
  WHERE
    "t2"."start" = 0
), "t10" AS (
  SELECT
    "t3"."id",
    "t3"."unit_type",
    "t3"."unit",
    "t3"."day",
    MIN("t3"."name") AS "name",
    MIN("t3"."at") AS "at",
    MIN("t3"."value") AS "value",
    MIN("t3"."properties") AS "properties"
  FROM "events" AS "t3"
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  "t42"."experiment",
  "t42"."phase",
  "t42"."measure",
  "t42"."unit",
  "t42"."n",
  "t42"."total",
  "t42"."offset",
  "t42"."active_days",
  CAST(20527 AS INT) AS "day"
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t39"."experiment",
        "t39"."phase",
        "t39"."measure",
        "t39"."unit",
        "t39"."n",
        "t39"."total",
        CAST(0 AS INT) AS "offset",
        CAST(1 AS INT) AS "active_days"
      FROM (
        SELECT
          "t38".*
          EXCLUDE ("unit_type")
        FROM (
          SELECT
            "t37"."experiment",
            "t37"."phase",
            "t37"."unit_type",
            "t37"."measure",
            "t37"."unit",
            "t37"."n",
            "t37"."total"
          FROM (
            SELECT
              "t35"."experiment",
              "t35"."phase",
              "t35"."unit_type",
              "t35"."measure",
              "t35"."unit",
              COUNT(*) AS "n",
              COALESCE(SUM("t35"."value"), 0.0) AS "total"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t12"."experiment",
                  "t12"."phase",
                  "t12"."unit",
                  "t12"."entered",
                  "t12"."entered_day",
                  "t31"."unit_type",
                  "t31"."at",
                  "t31"."value",
                  "t31"."day",
                  "t31"."measure"
                FROM (
                  SELECT
                    "t0"."experiment",
                    "t0"."phase",
                    "t0"."unit",
                    "t0"."at" AS "entered",
                    "t0"."day" AS "entered_day"
                  FROM "entry_days" AS "t0"
                  WHERE
                    "t0"."day" = 20527
                ) AS "t12"
                INNER JOIN (
                  SELECT
                    *
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t17"."unit_type",
                          "t17"."unit",
                          "t17"."at",
                          "t17"."value",
                          "t17"."day",
                          '15019fed6f53fd6d' AS "measure"
                        FROM "t10" AS "t17"
                        WHERE
                          "t17"."name" = 'order'
                      ) AS "t20"
                      UNION ALL
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t17"."unit_type",
                          "t17"."unit",
                          "t17"."at",
                          "t17"."value",
                          "t17"."day",
                          'a0a20fe4cf3aa4ce' AS "measure"
                        FROM "t10" AS "t17"
                        WHERE
                          "t17"."name" = 'order'
                          AND AS_VARCHAR(GET(CAST("t17"."properties" AS VARIANT), 'currency')) = 'EUR'
                      ) AS "t24"
                    ) AS "t26"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t17"."unit_type",
                        "t17"."unit",
                        "t17"."at",
                        "t17"."value",
                        "t17"."day",
                        'c4316d54cb9e590e' AS "measure"
                      FROM "t10" AS "t17"
                      WHERE
                        "t17"."name" = 'visit'
                    ) AS "t21"
                  ) AS "t28"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t17"."unit_type",
                      "t17"."unit",
                      "t17"."at",
                      "t17"."value",
                      "t17"."day",
                      'd440c1203aed298c' AS "measure"
                    FROM "t10" AS "t17"
                    WHERE
                      "t17"."name" = 'order'
                      AND (
                        (
                          AS_DOUBLE(GET(CAST("t17"."properties" AS VARIANT), 'cart.size')) = 3
                        )
                        OR (
                          AS_DOUBLE(GET(CAST("t17"."properties" AS VARIANT), 'cart.size')) = 4
                        )
                      )
                      AND AS_BOOLEAN(GET(CAST("t17"."properties" AS VARIANT), 'gift')) = TRUE
                  ) AS "t25"
                ) AS "t31"
                  ON "t12"."unit" = "t31"."unit"
              ) AS "t34"
              WHERE
                "t34"."at" >= "t34"."entered"
            ) AS "t35"
            GROUP BY
              1,
              2,
              3,
              4,
              5
          ) AS "t37"
          WHERE
            EXISTS(
              SELECT
                1
              FROM "t8" AS "t19"
              WHERE
                "t37"."experiment" = "t19"."experiment"
                AND "t37"."phase" = "t19"."phase"
                AND "t37"."unit_type" = "t19"."unit_type"
                AND "t37"."measure" = "t19"."measure"
            )
        ) AS "t38"
      ) AS "t39"
    ) AS "t40"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t23"."experiment",
        "t23"."phase",
        "t23"."measure",
        "t23"."unit",
        "t23"."n",
        "t23"."total",
        CAST("t23"."day" - "t23"."entered_day" AS INT) AS "offset",
        CAST(1 AS INT) AS "active_days"
      FROM (
        SELECT
          "t11"."experiment",
          "t11"."phase",
          "t11"."unit",
          "t11"."entered",
          "t11"."entered_day",
          "t13"."measure",
          "t13"."unit_type",
          "t13"."n",
          "t13"."total",
          "t13"."day",
          "t18"."start",
          "t18"."stop"
        FROM (
          SELECT
            "t0"."experiment",
            "t0"."phase",
            "t0"."unit",
            "t0"."at" AS "entered",
            "t0"."day" AS "entered_day"
          FROM "entry_days" AS "t0"
          WHERE
            "t0"."day" < 20527
        ) AS "t11"
        INNER JOIN (
          SELECT
            *
          FROM "unit_days" AS "t1"
          WHERE
            "t1"."day" = 20527
        ) AS "t13"
          ON "t11"."unit" = "t13"."unit"
        INNER JOIN "t8" AS "t18"
          ON "t11"."experiment" = "t18"."experiment"
          AND "t11"."phase" = "t18"."phase"
          AND "t13"."unit_type" = "t18"."unit_type"
          AND "t13"."measure" = "t18"."measure"
      ) AS "t23"
      WHERE
        (
          "t23"."day" - "t23"."entered_day"
        ) < "t23"."stop"
    ) AS "t29"
  ) AS "t41"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t32"."experiment",
      "t32"."phase",
      "t32"."measure",
      "t32"."unit",
      "t32"."n",
      "t32"."total",
      "t32"."start" AS "offset",
      "t32"."active_days"
    FROM (
      SELECT
        "t27"."experiment",
        "t27"."phase",
        "t27"."measure",
        "t27"."unit",
        "t27"."start",
        SUM("t27"."n") AS "n",
        SUM("t27"."total") AS "total",
        CAST(COUNT(*) AS INT) AS "active_days"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t12"."experiment",
            "t12"."phase",
            "t12"."unit",
            "t12"."entered",
            "t12"."entered_day",
            "t14"."measure",
            "t14"."unit_type",
            "t14"."n",
            "t14"."total",
            "t14"."day",
            "t16"."start",
            "t16"."stop"
          FROM (
            SELECT
              "t0"."experiment",
              "t0"."phase",
              "t0"."unit",
              "t0"."at" AS "entered",
              "t0"."day" AS "entered_day"
            FROM "entry_days" AS "t0"
            WHERE
              "t0"."day" = 20527
          ) AS "t12"
          INNER JOIN (
            SELECT
              *
            FROM "unit_days" AS "t1"
            WHERE
              "t1"."day" < 20527
          ) AS "t14"
            ON "t12"."unit" = "t14"."unit"
          INNER JOIN (
            SELECT
              *
            FROM "uses" AS "t2"
            WHERE
              "t2"."start" < 0
          ) AS "t16"
            ON "t12"."experiment" = "t16"."experiment"
            AND "t12"."phase" = "t16"."phase"
            AND "t14"."unit_type" = "t16"."unit_type"
            AND "t14"."measure" = "t16"."measure"
        ) AS "t22"
        WHERE
          (
            "t22"."day" - "t22"."entered_day"
          ) >= "t22"."start"
      ) AS "t27"
      GROUP BY
        1,
        2,
        3,
        4,
        5
    ) AS "t32"
  ) AS "t33"
) AS "t42";

-- total_days
SELECT
  "t2"."experiment",
  "t2"."phase",
  "t2"."unit",
  'fef738c32a50acca' AS "windows",
  ["t2"."s0", "t2"."s1", "t2"."s2", "t2"."s3", "t2"."s4", "t2"."s5", "t2"."s6"] AS "totals",
  CAST(20527 AS INT) AS "day"
FROM (
  SELECT
    "t1"."experiment",
    "t1"."phase",
    "t1"."unit",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = '15019fed6f53fd6d'
          )
          AND (
            "t1"."offset" = -2
          )
          AND (
            "t1"."offset" < 0
          ),
          CAST("t1"."n" AS DOUBLE),
          NULL
        )
      ),
      0.0
    ) AS "s0",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = '15019fed6f53fd6d'
          )
          AND (
            "t1"."offset" >= 0
          )
          AND (
            "t1"."offset" < 1
          ),
          CAST("t1"."n" AS DOUBLE),
          NULL
        )
      ),
      0.0
    ) AS "s1",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = 'a0a20fe4cf3aa4ce'
          )
          AND (
            "t1"."offset" = -1
          )
          AND (
            "t1"."offset" < 0
          ),
          "t1"."total",
          NULL
        )
      ),
      0.0
    ) AS "s2",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = 'a0a20fe4cf3aa4ce'
          )
          AND (
            "t1"."offset" >= 0
          )
          AND (
            "t1"."offset" < 2
          ),
          "t1"."total",
          NULL
        )
      ),
      0.0
    ) AS "s3",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = 'c4316d54cb9e590e'
          )
          AND (
            "t1"."offset" = -1
          )
          AND (
            "t1"."offset" < 0
          ),
          CAST("t1"."n" AS DOUBLE),
          NULL
        )
      ),
      0.0
    ) AS "s4",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = 'c4316d54cb9e590e'
          )
          AND (
            "t1"."offset" >= 0
          )
          AND (
            "t1"."offset" < 2
          ),
          CAST("t1"."n" AS DOUBLE),
          NULL
        )
      ),
      0.0
    ) AS "s5",
    COALESCE(
      SUM(
        IFF(
          (
            "t1"."measure" = 'd440c1203aed298c'
          )
          AND (
            "t1"."offset" = -2
          )
          AND (
            "t1"."offset" < 0
          ),
          CAST("t1"."n" AS DOUBLE),
          NULL
        )
      ),
      0.0
    ) AS "s6"
  FROM (
    SELECT
      *
    FROM "outcome_days" AS "t0"
    WHERE
      "t0"."phase" = 2
      AND (
        (
          "t0"."offset" = 0
        ) OR (
          "t0"."offset" < 0
        )
      )
  ) AS "t1"
  GROUP BY
    1,
    2,
    3
) AS "t2";

-- unit_events
WITH "t1" AS (
  SELECT
    "t0"."id",
    "t0"."unit_type",
    "t0"."unit",
    "t0"."day",
    MIN("t0"."name") AS "name",
    MIN("t0"."at") AS "at",
    MIN("t0"."value") AS "value",
    MIN("t0"."properties") AS "properties"
  FROM "events" AS "t0"
  GROUP BY
    1,
    2,
    3,
    4
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t2"."unit_type",
      "t2"."unit",
      "t2"."at",
      "t2"."value",
      "t2"."day",
      'c4316d54cb9e590e' AS "measure"
    FROM "t1" AS "t2"
    WHERE
      "t2"."name" = 'visit'
  ) AS "t4"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t2"."unit_type",
      "t2"."unit",
      "t2"."at",
      "t2"."value",
      "t2"."day",
      '15019fed6f53fd6d' AS "measure"
    FROM "t1" AS "t2"
    WHERE
      "t2"."name" = 'order'
  ) AS "t3"
) AS "t5"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t2"."unit_type",
    "t2"."unit",
    "t2"."at",
    "t2"."value",
    "t2"."day",
    'd440c1203aed298c' AS "measure"
  FROM "t1" AS "t2"
  WHERE
    "t2"."name" = 'order'
    AND (
      (
        AS_DOUBLE(GET(CAST("t2"."properties" AS VARIANT), 'cart.size')) = 3
      )
      OR (
        AS_DOUBLE(GET(CAST("t2"."properties" AS VARIANT), 'cart.size')) = 4
      )
    )
    AND AS_BOOLEAN(GET(CAST("t2"."properties" AS VARIANT), 'gift')) = TRUE
) AS "t6";

-- moments
SELECT
  *
FROM (
  SELECT
    "t40"."variant",
    "t40"."segment",
    COUNT("t40"."m2_y") AS "m2_n",
    SUM(CAST("t40"."m2_y" IS NULL AS INT)) AS "m2_waiting",
    AVG("t40"."m2_y") AS "m2_mean_y",
    AVG("t40"."m2_pre") AS "m2_mean_pre",
    AVG("t40"."m2_a_past") AS "m2_mean_a_past",
    AVG("t40"."m2_missing_past") AS "m2_mean_missing_past",
    VARIANCE("t40"."m2_y") AS "m2_cov_y_y",
    COVAR_SAMP("t40"."m2_y", "t40"."m2_pre") AS "m2_cov_y_pre",
    COVAR_SAMP("t40"."m2_y", "t40"."m2_a_past") AS "m2_cov_y_a_past",
    COVAR_SAMP("t40"."m2_y", "t40"."m2_missing_past") AS "m2_cov_y_missing_past",
    VARIANCE("t40"."m2_pre") AS "m2_cov_pre_pre",
    COVAR_SAMP("t40"."m2_pre", "t40"."m2_a_past") AS "m2_cov_pre_a_past",
    COVAR_SAMP("t40"."m2_pre", "t40"."m2_missing_past") AS "m2_cov_pre_missing_past",
    VARIANCE("t40"."m2_a_past") AS "m2_cov_a_past_a_past",
    COVAR_SAMP("t40"."m2_a_past", "t40"."m2_missing_past") AS "m2_cov_a_past_missing_past",
    VARIANCE("t40"."m2_missing_past") AS "m2_cov_missing_past_missing_past",
    COUNT("t40"."m1_y") AS "m1_n",
    SUM(CAST("t40"."m1_y" IS NULL AS INT)) AS "m1_waiting",
    AVG("t40"."m1_y") AS "m1_mean_y",
    AVG("t40"."m1_d") AS "m1_mean_d",
    AVG("t40"."m1_pre") AS "m1_mean_pre",
    AVG("t40"."m1_a_past") AS "m1_mean_a_past",
    AVG("t40"."m1_missing_past") AS "m1_mean_missing_past",
    VARIANCE("t40"."m1_y") AS "m1_cov_y_y",
    COVAR_SAMP("t40"."m1_y", "t40"."m1_d") AS "m1_cov_y_d",
    COVAR_SAMP("t40"."m1_y", "t40"."m1_pre") AS "m1_cov_y_pre",
    COVAR_SAMP("t40"."m1_y", "t40"."m1_a_past") AS "m1_cov_y_a_past",
    COVAR_SAMP("t40"."m1_y", "t40"."m1_missing_past") AS "m1_cov_y_missing_past",
    VARIANCE("t40"."m1_d") AS "m1_cov_d_d",
    COVAR_SAMP("t40"."m1_d", "t40"."m1_pre") AS "m1_cov_d_pre",
    COVAR_SAMP("t40"."m1_d", "t40"."m1_a_past") AS "m1_cov_d_a_past",
    COVAR_SAMP("t40"."m1_d", "t40"."m1_missing_past") AS "m1_cov_d_missing_past",
    VARIANCE("t40"."m1_pre") AS "m1_cov_pre_pre",
    COVAR_SAMP("t40"."m1_pre", "t40"."m1_a_past") AS "m1_cov_pre_a_past",
    COVAR_SAMP("t40"."m1_pre", "t40"."m1_missing_past") AS "m1_cov_pre_missing_past",
    VARIANCE("t40"."m1_a_past") AS "m1_cov_a_past_a_past",
    COVAR_SAMP("t40"."m1_a_past", "t40"."m1_missing_past") AS "m1_cov_a_past_missing_past",
    VARIANCE("t40"."m1_missing_past") AS "m1_cov_missing_past_missing_past",
    COUNT("t40"."m8_y") AS "m8_n",
    SUM(CAST("t40"."m8_y" IS NULL AS INT)) AS "m8_waiting",
    AVG("t40"."m8_y") AS "m8_mean_y",
    AVG("t40"."m8_pre") AS "m8_mean_pre",
    AVG("t40"."m8_a_past") AS "m8_mean_a_past",
    AVG("t40"."m8_missing_past") AS "m8_mean_missing_past",
    VARIANCE("t40"."m8_y") AS "m8_cov_y_y",
    COVAR_SAMP("t40"."m8_y", "t40"."m8_pre") AS "m8_cov_y_pre",
    COVAR_SAMP("t40"."m8_y", "t40"."m8_a_past") AS "m8_cov_y_a_past",
    COVAR_SAMP("t40"."m8_y", "t40"."m8_missing_past") AS "m8_cov_y_missing_past",
    VARIANCE("t40"."m8_pre") AS "m8_cov_pre_pre",
    COVAR_SAMP("t40"."m8_pre", "t40"."m8_a_past") AS "m8_cov_pre_a_past",
    COVAR_SAMP("t40"."m8_pre", "t40"."m8_missing_past") AS "m8_cov_pre_missing_past",
    VARIANCE("t40"."m8_a_past") AS "m8_cov_a_past_a_past",
    COVAR_SAMP("t40"."m8_a_past", "t40"."m8_missing_past") AS "m8_cov_a_past_missing_past",
    VARIANCE("t40"."m8_missing_past") AS "m8_cov_missing_past_missing_past",
    SUM(IFF((
      "t40"."m8_y" IS NOT NULL
    ) AND (
      "t40"."m8_made" >= 1
    ), 1, 0)) AS "m8_step_1",
    SUM(IFF((
      "t40"."m8_y" IS NOT NULL
    ) AND (
      "t40"."m8_made" >= 2
    ), 1, 0)) AS "m8_step_2",
    SUM(IFF((
      "t40"."m8_y" IS NOT NULL
    ) AND (
      "t40"."m8_made" >= 3
    ), 1, 0)) AS "m8_step_3"
  FROM (
    SELECT
      "t39"."unit",
      "t39"."at",
      "t39"."day",
      "t39"."variant",
      "t39"."attributes",
      "t39"."s0",
      "t39"."s1",
      "t39"."s2",
      "t39"."s3",
      "t39"."s4",
      "t39"."s5",
      "t39"."s6",
      "t39"."m8_made",
      IFF(
        (
          "t39"."day" + 0
        ) <= 20527,
        IFF(COALESCE("t39"."s0", 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_y",
      IFF(
        (
          "t39"."day" + 0
        ) <= 20527,
        IFF(COALESCE("t39"."s1", 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_pre",
      IFF(
        (
          "t39"."day" + 0
        ) <= 20527,
        COALESCE(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')), 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_a_past",
      IFF(
        (
          "t39"."day" + 0
        ) <= 20527,
        IFF(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_missing_past",
      IFF(
        (
          "t39"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t39"."s2", 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_y",
      IFF((
        "t39"."day" + 1
      ) <= 20527, COALESCE("t39"."s4", 0.0), CAST(NULL AS DOUBLE)) AS "m1_d",
      IFF(
        (
          "t39"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t39"."s3", 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_pre",
      IFF(
        (
          "t39"."day" + 1
        ) <= 20527,
        COALESCE(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')), 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_a_past",
      IFF(
        (
          "t39"."day" + 1
        ) <= 20527,
        IFF(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_missing_past",
      IFF(
        (
          "t39"."day" + 2
        ) <= 20527,
        IFF("t39"."m8_made" = 3, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m8_y",
      IFF(
        (
          "t39"."day" + 2
        ) <= 20527,
        IFF(COALESCE("t39"."s6", 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m8_pre",
      IFF(
        (
          "t39"."day" + 2
        ) <= 20527,
        COALESCE(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')), 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m8_a_past",
      IFF(
        (
          "t39"."day" + 2
        ) <= 20527,
        IFF(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m8_missing_past",
      COALESCE(
        COALESCE(
          AS_VARCHAR(GET(CAST("t39"."attributes" AS VARIANT), 'country')),
          IFF(
            (
              AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'country')) = CAST(ROUND(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'country')), 0) AS BIGINT)
            )
            AND (
              ABS(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'country'))) < 9007199254740992
            ),
            CAST(CAST(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'country')) AS BIGINT) AS VARCHAR),
            CAST(AS_DOUBLE(GET(CAST("t39"."attributes" AS VARIANT), 'country')) AS VARCHAR)
          ),
          CAST(AS_BOOLEAN(GET(CAST("t39"."attributes" AS VARIANT), 'country')) AS VARCHAR)
        ),
        '(none)'
      ) AS "segment"
    FROM (
      SELECT
        "t38".*
        EXCLUDE ("unit_right")
      FROM (
        SELECT
          "t23"."unit",
          "t23"."at",
          "t23"."day",
          "t23"."variant",
          "t23"."attributes",
          "t23"."s0",
          "t23"."s1",
          "t23"."s2",
          "t23"."s3",
          "t23"."s4",
          "t23"."s5",
          "t23"."s6",
          "t37"."unit" AS "unit_right",
          "t37"."m8_made"
        FROM (
          SELECT
            "t21".*
            EXCLUDE ("unit_right")
          FROM (
            SELECT
              "t20"."unit",
              "t20"."at",
              "t20"."day",
              "t20"."variant",
              "t20"."attributes",
              "t17"."unit" AS "unit_right",
              "t17"."s0",
              "t17"."s1",
              "t17"."s2",
              "t17"."s3",
              "t17"."s4",
              "t17"."s5",
              "t17"."s6"
            FROM (
              SELECT
                "t18"."unit",
                "t18"."at",
                "t18"."day",
                "t18"."variant",
                "t18"."attributes"
              FROM (
                SELECT
                  "t16"."unit",
                  "t16"."at",
                  "t16"."day",
                  "t16"."attributes",
                  "t16"."order" % 64 AS "variant",
                  "t16"."low" <> "t16"."high" AS "crossover",
                  "t16"."phase" < 2 AS "earlier",
                  (
                    "t16"."day" > 20525
                  ) OR (
                    "t16"."day" < 20519
                  ) AS "outside"
                FROM (
                  SELECT
                    "t13"."unit",
                    MIN("t13"."order") AS "order",
                    MIN(IFF("t13"."order" IS NOT NULL, "t13"."at", NULL)) AS "at",
                    MIN(IFF("t13"."order" IS NOT NULL, "t13"."day", NULL)) AS "day",
                    MIN("t13"."phase") AS "phase",
                    MIN("t13"."position") AS "low",
                    MAX("t13"."position") AS "high",
                    MIN_BY(
                      IFF("t13"."order" IS NOT NULL, "t13"."attributes", NULL),
                      IFF("t13"."order" IS NOT NULL, "t13"."order", NULL)
                    ) AS "attributes"
                  FROM (
                    SELECT
                      "t11"."experiment",
                      "t11"."phase",
                      "t11"."unit",
                      "t11"."variant",
                      "t11"."forced",
                      "t11"."at",
                      "t11"."attributes",
                      "t11"."day",
                      "t11"."position",
                      (
                        "t11"."at" * 64
                      ) + "t11"."position" AS "order"
                    FROM (
                      SELECT
                        "t3"."experiment",
                        "t3"."phase",
                        "t3"."unit",
                        "t3"."variant",
                        "t3"."forced",
                        "t3"."at",
                        "t3"."attributes",
                        "t3"."day",
                        IFF(
                          (
                            "t3"."phase" = 2
                          ) AND "t3"."variant" IN ('control', 'blue', 'green'),
                          CAST(CASE "t3"."variant"
                            WHEN 'control'
                            THEN 0
                            WHEN 'blue'
                            THEN 1
                            WHEN 'green'
                            THEN 2
                            ELSE 0
                          END AS BIGINT),
                          CAST(NULL AS BIGINT)
                        ) AS "position"
                      FROM "exposure_days" AS "t3"
                      WHERE
                        "t3"."experiment" = 'checkout'
                        AND NOT (
                          "t3"."forced"
                        )
                        AND (
                          (
                            (
                              "t3"."phase" = 2
                            ) AND "t3"."variant" IN ('control', 'blue', 'green')
                          )
                          OR (
                            "t3"."phase" < 2
                          )
                        )
                    ) AS "t11"
                  ) AS "t13"
                  GROUP BY
                    1
                ) AS "t16"
                WHERE
                  "t16"."order" IS NOT NULL
              ) AS "t18"
              WHERE
                NOT (
                  "t18"."crossover"
                )
                AND NOT (
                  "t18"."earlier"
                )
                AND NOT (
                  "t18"."outside"
                )
            ) AS "t20"
            LEFT OUTER JOIN (
              SELECT
                *
              FROM (
                SELECT
                  "t12"."unit",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = '15019fed6f53fd6d'
                      )
                      AND (
                        "t12"."offset" >= 0
                      )
                      AND (
                        "t12"."offset" < 1
                      ),
                      CAST("t12"."n" AS DOUBLE),
                      NULL
                    )
                  ) AS "s0",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = '15019fed6f53fd6d'
                      )
                      AND (
                        "t12"."offset" = -2
                      )
                      AND (
                        "t12"."offset" < 0
                      ),
                      CAST("t12"."n" AS DOUBLE),
                      NULL
                    )
                  ) AS "s1",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = 'a0a20fe4cf3aa4ce'
                      )
                      AND (
                        "t12"."offset" >= 0
                      )
                      AND (
                        "t12"."offset" < 2
                      ),
                      "t12"."total",
                      NULL
                    )
                  ) AS "s2",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = 'a0a20fe4cf3aa4ce'
                      )
                      AND (
                        "t12"."offset" = -1
                      )
                      AND (
                        "t12"."offset" < 0
                      ),
                      "t12"."total",
                      NULL
                    )
                  ) AS "s3",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = 'c4316d54cb9e590e'
                      )
                      AND (
                        "t12"."offset" >= 0
                      )
                      AND (
                        "t12"."offset" < 2
                      ),
                      CAST("t12"."n" AS DOUBLE),
                      NULL
                    )
                  ) AS "s4",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = 'c4316d54cb9e590e'
                      )
                      AND (
                        "t12"."offset" = -1
                      )
                      AND (
                        "t12"."offset" < 0
                      ),
                      CAST("t12"."n" AS DOUBLE),
                      NULL
                    )
                  ) AS "s5",
                  SUM(
                    IFF(
                      (
                        "t12"."measure" = 'd440c1203aed298c'
                      )
                      AND (
                        "t12"."offset" = -2
                      )
                      AND (
                        "t12"."offset" < 0
                      ),
                      CAST("t12"."n" AS DOUBLE),
                      NULL
                    )
                  ) AS "s6"
                FROM (
                  SELECT
                    "t1"."unit",
                    "t1"."measure",
                    "t1"."offset",
                    "t1"."active_days",
                    "t1"."n",
                    "t1"."total",
                    "t1"."day"
                  FROM "outcome_days" AS "t1"
                  WHERE
                    "t1"."experiment" = 'checkout'
                    AND "t1"."phase" = 2
                    AND "t1"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                    AND "t1"."day" >= 20526
                    AND NOT (
                      "t1"."day" - IFF("t1"."offset" IS NULL, "t1"."offset", GREATEST(0, "t1"."offset")) IN (20524, 20525)
                    )
                ) AS "t12"
                GROUP BY
                  1
              ) AS "t14"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t0"."unit",
                  GET("t0"."totals", 1) AS "s0",
                  GET("t0"."totals", 0) AS "s1",
                  GET("t0"."totals", 3) AS "s2",
                  GET("t0"."totals", 2) AS "s3",
                  GET("t0"."totals", 5) AS "s4",
                  GET("t0"."totals", 4) AS "s5",
                  GET("t0"."totals", 6) AS "s6"
                FROM "total_days" AS "t0"
                WHERE
                  "t0"."experiment" = 'checkout'
                  AND "t0"."phase" = 2
                  AND "t0"."windows" = 'fef738c32a50acca'
              ) AS "t4"
            ) AS "t17"
              ON "t20"."unit" = "t17"."unit"
          ) AS "t21"
        ) AS "t23"
        LEFT OUTER JOIN (
          SELECT
            "t35"."unit",
            "t35"."made" + IFF("t35"."since" IS NULL, 0, 1) AS "m8_made"
          FROM (
            SELECT
              "t34"."unit",
              "t34"."entered",
              "t34"."made",
              MIN(
                IFF(
                  (
                    "t34"."at" >= "t34"."since"
                  )
                  AND (
                    (
                      "t34"."day" - "t34"."entered"
                    ) >= 0
                  )
                  AND (
                    (
                      "t34"."day" - "t34"."entered"
                    ) < 3
                  ),
                  "t34"."at",
                  NULL
                )
              ) AS "since"
            FROM (
              SELECT
                "t33"."unit",
                "t33"."entered",
                "t33"."made",
                "t33"."since",
                "t8"."unit" AS "unit_right",
                "t8"."at",
                "t8"."day"
              FROM (
                SELECT
                  "t31"."unit",
                  "t31"."entered",
                  "t31"."made" + IFF("t31"."since" IS NULL, 0, 1) AS "made",
                  "t31"."since"
                FROM (
                  SELECT
                    "t30"."unit",
                    "t30"."entered",
                    "t30"."made",
                    MIN(
                      IFF(
                        (
                          "t30"."at" >= "t30"."since"
                        )
                        AND (
                          (
                            "t30"."day" - "t30"."entered"
                          ) >= 0
                        )
                        AND (
                          (
                            "t30"."day" - "t30"."entered"
                          ) < 3
                        ),
                        "t30"."at",
                        NULL
                      )
                    ) AS "since"
                  FROM (
                    SELECT
                      "t29"."unit",
                      "t29"."entered",
                      "t29"."made",
                      "t29"."since",
                      "t9"."unit" AS "unit_right",
                      "t9"."at",
                      "t9"."day"
                    FROM (
                      SELECT
                        "t27"."unit",
                        "t27"."entered",
                        "t27"."made" + IFF("t27"."since" IS NULL, 0, 1) AS "made",
                        "t27"."since"
                      FROM (
                        SELECT
                          "t26"."unit",
                          "t26"."entered",
                          "t26"."made",
                          MIN(
                            IFF(
                              (
                                "t26"."at" >= "t26"."since"
                              )
                              AND (
                                (
                                  "t26"."day" - "t26"."entered"
                                ) >= 0
                              )
                              AND (
                                (
                                  "t26"."day" - "t26"."entered"
                                ) < 3
                              ),
                              "t26"."at",
                              NULL
                            )
                          ) AS "since"
                        FROM (
                          SELECT
                            "t25"."unit",
                            "t25"."entered",
                            "t25"."since",
                            "t25"."made",
                            "t10"."unit" AS "unit_right",
                            "t10"."at",
                            "t10"."day"
                          FROM (
                            SELECT
                              "t22"."unit",
                              "t22"."day" AS "entered",
                              "t22"."at" AS "since",
                              CAST(0 AS BIGINT) AS "made"
                            FROM (
                              SELECT
                                "t21".*
                                EXCLUDE ("unit_right")
                              FROM (
                                SELECT
                                  "t20"."unit",
                                  "t20"."at",
                                  "t20"."day",
                                  "t20"."variant",
                                  "t20"."attributes",
                                  "t17"."unit" AS "unit_right",
                                  "t17"."s0",
                                  "t17"."s1",
                                  "t17"."s2",
                                  "t17"."s3",
                                  "t17"."s4",
                                  "t17"."s5",
                                  "t17"."s6"
                                FROM (
                                  SELECT
                                    "t18"."unit",
                                    "t18"."at",
                                    "t18"."day",
                                    "t18"."variant",
                                    "t18"."attributes"
                                  FROM (
                                    SELECT
                                      "t16"."unit",
                                      "t16"."at",
                                      "t16"."day",
                                      "t16"."attributes",
                                      "t16"."order" % 64 AS "variant",
                                      "t16"."low" <> "t16"."high" AS "crossover",
                                      "t16"."phase" < 2 AS "earlier",
                                      (
                                        "t16"."day" > 20525
                                      ) OR (
                                        "t16"."day" < 20519
                                      ) AS "outside"
                                    FROM (
                                      SELECT
                                        "t13"."unit",
                                        MIN("t13"."order") AS "order",
                                        MIN(IFF("t13"."order" IS NOT NULL, "t13"."at", NULL)) AS "at",
                                        MIN(IFF("t13"."order" IS NOT NULL, "t13"."day", NULL)) AS "day",
                                        MIN("t13"."phase") AS "phase",
                                        MIN("t13"."position") AS "low",
                                        MAX("t13"."position") AS "high",
                                        MIN_BY(
                                          IFF("t13"."order" IS NOT NULL, "t13"."attributes", NULL),
                                          IFF("t13"."order" IS NOT NULL, "t13"."order", NULL)
                                        ) AS "attributes"
                                      FROM (
                                        SELECT
                                          "t11"."experiment",
                                          "t11"."phase",
                                          "t11"."unit",
                                          "t11"."variant",
                                          "t11"."forced",
                                          "t11"."at",
                                          "t11"."attributes",
                                          "t11"."day",
                                          "t11"."position",
                                          (
                                            "t11"."at" * 64
                                          ) + "t11"."position" AS "order"
                                        FROM (
                                          SELECT
                                            "t3"."experiment",
                                            "t3"."phase",
                                            "t3"."unit",
                                            "t3"."variant",
                                            "t3"."forced",
                                            "t3"."at",
                                            "t3"."attributes",
                                            "t3"."day",
                                            IFF(
                                              (
                                                "t3"."phase" = 2
                                              ) AND "t3"."variant" IN ('control', 'blue', 'green'),
                                              CAST(CASE "t3"."variant"
                                                WHEN 'control'
                                                THEN 0
                                                WHEN 'blue'
                                                THEN 1
                                                WHEN 'green'
                                                THEN 2
                                                ELSE 0
                                              END AS BIGINT),
                                              CAST(NULL AS BIGINT)
                                            ) AS "position"
                                          FROM "exposure_days" AS "t3"
                                          WHERE
                                            "t3"."experiment" = 'checkout'
                                            AND NOT (
                                              "t3"."forced"
                                            )
                                            AND (
                                              (
                                                (
                                                  "t3"."phase" = 2
                                                ) AND "t3"."variant" IN ('control', 'blue', 'green')
                                              )
                                              OR (
                                                "t3"."phase" < 2
                                              )
                                            )
                                        ) AS "t11"
                                      ) AS "t13"
                                      GROUP BY
                                        1
                                    ) AS "t16"
                                    WHERE
                                      "t16"."order" IS NOT NULL
                                  ) AS "t18"
                                  WHERE
                                    NOT (
                                      "t18"."crossover"
                                    )
                                    AND NOT (
                                      "t18"."earlier"
                                    )
                                    AND NOT (
                                      "t18"."outside"
                                    )
                                ) AS "t20"
                                LEFT OUTER JOIN (
                                  SELECT
                                    *
                                  FROM (
                                    SELECT
                                      "t12"."unit",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = '15019fed6f53fd6d'
                                          )
                                          AND (
                                            "t12"."offset" >= 0
                                          )
                                          AND (
                                            "t12"."offset" < 1
                                          ),
                                          CAST("t12"."n" AS DOUBLE),
                                          NULL
                                        )
                                      ) AS "s0",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = '15019fed6f53fd6d'
                                          )
                                          AND (
                                            "t12"."offset" = -2
                                          )
                                          AND (
                                            "t12"."offset" < 0
                                          ),
                                          CAST("t12"."n" AS DOUBLE),
                                          NULL
                                        )
                                      ) AS "s1",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = 'a0a20fe4cf3aa4ce'
                                          )
                                          AND (
                                            "t12"."offset" >= 0
                                          )
                                          AND (
                                            "t12"."offset" < 2
                                          ),
                                          "t12"."total",
                                          NULL
                                        )
                                      ) AS "s2",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = 'a0a20fe4cf3aa4ce'
                                          )
                                          AND (
                                            "t12"."offset" = -1
                                          )
                                          AND (
                                            "t12"."offset" < 0
                                          ),
                                          "t12"."total",
                                          NULL
                                        )
                                      ) AS "s3",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = 'c4316d54cb9e590e'
                                          )
                                          AND (
                                            "t12"."offset" >= 0
                                          )
                                          AND (
                                            "t12"."offset" < 2
                                          ),
                                          CAST("t12"."n" AS DOUBLE),
                                          NULL
                                        )
                                      ) AS "s4",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = 'c4316d54cb9e590e'
                                          )
                                          AND (
                                            "t12"."offset" = -1
                                          )
                                          AND (
                                            "t12"."offset" < 0
                                          ),
                                          CAST("t12"."n" AS DOUBLE),
                                          NULL
                                        )
                                      ) AS "s5",
                                      SUM(
                                        IFF(
                                          (
                                            "t12"."measure" = 'd440c1203aed298c'
                                          )
                                          AND (
                                            "t12"."offset" = -2
                                          )
                                          AND (
                                            "t12"."offset" < 0
                                          ),
                                          CAST("t12"."n" AS DOUBLE),
                                          NULL
                                        )
                                      ) AS "s6"
                                    FROM (
                                      SELECT
                                        "t1"."unit",
                                        "t1"."measure",
                                        "t1"."offset",
                                        "t1"."active_days",
                                        "t1"."n",
                                        "t1"."total",
                                        "t1"."day"
                                      FROM "outcome_days" AS "t1"
                                      WHERE
                                        "t1"."experiment" = 'checkout'
                                        AND "t1"."phase" = 2
                                        AND "t1"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                                        AND "t1"."day" >= 20526
                                        AND NOT (
                                          "t1"."day" - IFF("t1"."offset" IS NULL, "t1"."offset", GREATEST(0, "t1"."offset")) IN (20524, 20525)
                                        )
                                    ) AS "t12"
                                    GROUP BY
                                      1
                                  ) AS "t14"
                                  UNION ALL
                                  SELECT
                                    *
                                  FROM (
                                    SELECT
                                      "t0"."unit",
                                      GET("t0"."totals", 1) AS "s0",
                                      GET("t0"."totals", 0) AS "s1",
                                      GET("t0"."totals", 3) AS "s2",
                                      GET("t0"."totals", 2) AS "s3",
                                      GET("t0"."totals", 5) AS "s4",
                                      GET("t0"."totals", 4) AS "s5",
                                      GET("t0"."totals", 6) AS "s6"
                                    FROM "total_days" AS "t0"
                                    WHERE
                                      "t0"."experiment" = 'checkout'
                                      AND "t0"."phase" = 2
                                      AND "t0"."windows" = 'fef738c32a50acca'
                                  ) AS "t4"
                                ) AS "t17"
                                  ON "t20"."unit" = "t17"."unit"
                              ) AS "t21"
                            ) AS "t22"
                          ) AS "t25"
                          LEFT OUTER JOIN (
                            SELECT
                              "t2"."unit",
                              "t2"."at",
                              "t2"."day"
                            FROM "unit_events" AS "t2"
                            WHERE
                              "t2"."unit_type" = 'account' AND "t2"."measure" = 'c4316d54cb9e590e'
                          ) AS "t10"
                            ON "t25"."unit" = "t10"."unit"
                        ) AS "t26"
                        GROUP BY
                          1,
                          2,
                          3
                      ) AS "t27"
                    ) AS "t29"
                    LEFT OUTER JOIN (
                      SELECT
                        "t2"."unit",
                        "t2"."at",
                        "t2"."day"
                      FROM "unit_events" AS "t2"
                      WHERE
                        "t2"."unit_type" = 'account' AND "t2"."measure" = '15019fed6f53fd6d'
                    ) AS "t9"
                      ON "t29"."unit" = "t9"."unit"
                  ) AS "t30"
                  GROUP BY
                    1,
                    2,
                    3
                ) AS "t31"
              ) AS "t33"
              LEFT OUTER JOIN (
                SELECT
                  "t2"."unit",
                  "t2"."at",
                  "t2"."day"
                FROM "unit_events" AS "t2"
                WHERE
                  "t2"."unit_type" = 'account' AND "t2"."measure" = 'd440c1203aed298c'
              ) AS "t8"
                ON "t33"."unit" = "t8"."unit"
            ) AS "t34"
            GROUP BY
              1,
              2,
              3
          ) AS "t35"
        ) AS "t37"
          ON "t23"."unit" = "t37"."unit"
      ) AS "t38"
    ) AS "t39"
  ) AS "t40"
  GROUP BY
    1,
    2
) AS "t41"
ORDER BY
  "t41"."variant" ASC,
  "t41"."segment" ASC;

-- quantile_values
SELECT
  "t17"."unit",
  "t17"."variant",
  "t17"."segment",
  "t17"."value"
FROM (
  SELECT
    "t16"."unit",
    "t16"."variant",
    "t16"."segment",
    "t16"."since",
    "t16"."entered",
    "t5"."at",
    "t5"."value",
    "t5"."day"
  FROM (
    SELECT
      "t14"."unit",
      "t14"."variant",
      '' AS "segment",
      "t14"."at" AS "since",
      "t14"."day" AS "entered"
    FROM (
      SELECT
        "t13".*
        EXCLUDE ("unit_right")
      FROM (
        SELECT
          "t12"."unit",
          "t12"."at",
          "t12"."day",
          "t12"."variant",
          "t12"."attributes",
          "t6"."unit" AS "unit_right"
        FROM (
          SELECT
            "t10"."unit",
            "t10"."at",
            "t10"."day",
            "t10"."variant",
            "t10"."attributes"
          FROM (
            SELECT
              "t9"."unit",
              "t9"."at",
              "t9"."day",
              "t9"."attributes",
              "t9"."order" % 64 AS "variant",
              "t9"."low" <> "t9"."high" AS "crossover",
              "t9"."phase" < 2 AS "earlier",
              (
                "t9"."day" > 20525
              ) OR (
                "t9"."day" < 20519
              ) AS "outside"
            FROM (
              SELECT
                "t8"."unit",
                MIN("t8"."order") AS "order",
                MIN(IFF("t8"."order" IS NOT NULL, "t8"."at", NULL)) AS "at",
                MIN(IFF("t8"."order" IS NOT NULL, "t8"."day", NULL)) AS "day",
                MIN("t8"."phase") AS "phase",
                MIN("t8"."position") AS "low",
                MAX("t8"."position") AS "high",
                MIN_BY(
                  IFF("t8"."order" IS NOT NULL, "t8"."attributes", NULL),
                  IFF("t8"."order" IS NOT NULL, "t8"."order", NULL)
                ) AS "attributes"
              FROM (
                SELECT
                  "t7"."experiment",
                  "t7"."phase",
                  "t7"."unit",
                  "t7"."variant",
                  "t7"."forced",
                  "t7"."at",
                  "t7"."attributes",
                  "t7"."day",
                  "t7"."position",
                  (
                    "t7"."at" * 64
                  ) + "t7"."position" AS "order"
                FROM (
                  SELECT
                    "t2"."experiment",
                    "t2"."phase",
                    "t2"."unit",
                    "t2"."variant",
                    "t2"."forced",
                    "t2"."at",
                    "t2"."attributes",
                    "t2"."day",
                    IFF(
                      (
                        "t2"."phase" = 2
                      ) AND "t2"."variant" IN ('control', 'blue', 'green'),
                      CAST(CASE "t2"."variant"
                        WHEN 'control'
                        THEN 0
                        WHEN 'blue'
                        THEN 1
                        WHEN 'green'
                        THEN 2
                        ELSE 0
                      END AS BIGINT),
                      CAST(NULL AS BIGINT)
                    ) AS "position"
                  FROM "exposure_days" AS "t2"
                  WHERE
                    "t2"."experiment" = 'checkout'
                    AND NOT (
                      "t2"."forced"
                    )
                    AND (
                      (
                        (
                          "t2"."phase" = 2
                        ) AND "t2"."variant" IN ('control', 'blue', 'green')
                      )
                      OR (
                        "t2"."phase" < 2
                      )
                    )
                ) AS "t7"
              ) AS "t8"
              GROUP BY
                1
            ) AS "t9"
            WHERE
              "t9"."order" IS NOT NULL
          ) AS "t10"
          WHERE
            NOT (
              "t10"."crossover"
            )
            AND NOT (
              "t10"."earlier"
            )
            AND NOT (
              "t10"."outside"
            )
        ) AS "t12"
        LEFT OUTER JOIN (
          SELECT DISTINCT
            "t1"."unit"
          FROM "outcome_days" AS "t1"
          WHERE
            "t1"."experiment" = 'checkout'
            AND "t1"."phase" = 2
            AND "t1"."measure" IN ('15019fed6f53fd6d')
        ) AS "t6"
          ON "t12"."unit" = "t6"."unit"
      ) AS "t13"
    ) AS "t14"
    WHERE
      IFF((
        "t14"."day" + 1
      ) <= 20527, 1.0, CAST(NULL AS DOUBLE)) IS NOT NULL
  ) AS "t16"
  INNER JOIN (
    SELECT
      "t0"."unit",
      "t0"."at",
      "t0"."value",
      "t0"."day"
    FROM "unit_events" AS "t0"
    WHERE
      "t0"."measure" = '15019fed6f53fd6d' AND "t0"."value" IS NOT NULL
  ) AS "t5"
    ON "t16"."unit" = "t5"."unit"
) AS "t17"
WHERE
  "t17"."at" >= "t17"."since"
  AND (
    "t17"."day" - "t17"."entered"
  ) >= 0
  AND (
    "t17"."day" - "t17"."entered"
  ) < 2;

-- quantile_sizes
SELECT
  "t0"."variant",
  "t0"."segment",
  COUNT(*) AS "events"
FROM "found" AS "t0"
GROUP BY
  1,
  2;

-- quantile_levels
SELECT
  "t4"."variant",
  "t4"."segment",
  "t4"."rank",
  "t4"."value"
FROM (
  SELECT
    "t0"."unit",
    "t0"."variant",
    "t0"."segment",
    "t0"."value",
    ROW_NUMBER() OVER (PARTITION BY "t0"."variant", "t0"."segment" ORDER BY "t0"."value" ASC) - 1 AS "rank"
  FROM "found" AS "t0"
) AS "t4"
INNER JOIN "uses" AS "t2"
  ON "t4"."variant" = "t2"."variant"
  AND "t4"."segment" = "t2"."segment"
  AND "t4"."rank" = "t2"."rank";

-- quantile_units
SELECT
  "t11"."unit",
  "t11"."at",
  "t11"."day",
  "t11"."variant",
  "t11"."attributes",
  "t11"."m10_done",
  "t11"."m10_a_past",
  "t11"."m10_missing_past",
  "t11"."segment",
  "t11"."at_most",
  "t11"."every",
  IFF("t11"."m10_done" IS NOT NULL, COALESCE("t11"."at_most", 0.0), CAST(NULL AS DOUBLE)) AS "m10_y",
  IFF("t11"."m10_done" IS NOT NULL, COALESCE("t11"."every", 0.0), CAST(NULL AS DOUBLE)) AS "m10_d"
FROM (
  SELECT
    "t10".*
    EXCLUDE ("segment_right")
  FROM (
    SELECT
      "t9".*
      EXCLUDE ("unit_right")
    FROM (
      SELECT
        "t3"."unit",
        "t3"."at",
        "t3"."day",
        "t3"."variant",
        "t3"."attributes",
        "t3"."m10_done",
        "t3"."m10_a_past",
        "t3"."m10_missing_past",
        "t3"."segment",
        "t8"."unit" AS "unit_right",
        "t8"."segment" AS "segment_right",
        "t8"."at_most",
        "t8"."every"
      FROM "units" AS "t3"
      LEFT OUTER JOIN (
        SELECT
          "t6"."unit",
          "t6"."segment",
          SUM(IFF("t6"."value" <= "t6"."middle", 1.0, 0.0)) AS "at_most",
          CAST(COUNT(*) AS DOUBLE) AS "every"
        FROM (
          SELECT
            "t4"."unit",
            "t4"."variant",
            "t4"."segment",
            "t4"."value",
            "t5"."middle"
          FROM "found" AS "t4"
          INNER JOIN "uses" AS "t5"
            ON "t4"."variant" = "t5"."variant" AND "t4"."segment" = "t5"."segment"
        ) AS "t6"
        GROUP BY
          1,
          2
      ) AS "t8"
        ON "t3"."unit" = "t8"."unit" AND "t3"."segment" = "t8"."segment"
    ) AS "t9"
  ) AS "t10"
) AS "t11";
