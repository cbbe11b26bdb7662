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
  "t16"."experiment",
  "t16"."phase",
  "t16"."unit",
  'fef738c32a50acca' AS "windows",
  [
    "t16"."s0",
    "t16"."s1",
    "t16"."s2",
    "t16"."s3",
    "t16"."s4",
    "t16"."s5",
    "t16"."s6"
  ] AS "totals",
  CAST(20527 AS INT) AS "day"
FROM (
  SELECT
    "t15"."experiment",
    "t15"."phase",
    "t15"."unit",
    SUM("t15"."s0") AS "s0",
    SUM("t15"."s1") AS "s1",
    SUM("t15"."s2") AS "s2",
    SUM("t15"."s3") AS "s3",
    SUM("t15"."s4") AS "s4",
    SUM("t15"."s5") AS "s5",
    SUM("t15"."s6") AS "s6"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t6"."experiment",
        "t6"."phase",
        "t6"."unit",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t6"."offset" = -2
              )
              AND (
                "t6"."offset" < 0
              ),
              CAST("t6"."n" AS DOUBLE),
              NULL
            )
          ),
          0.0
        ) AS "s0",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t6"."offset" >= 0
              )
              AND (
                "t6"."offset" < 1
              ),
              CAST("t6"."n" AS DOUBLE),
              NULL
            )
          ),
          0.0
        ) AS "s1",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t6"."offset" = -1
              )
              AND (
                "t6"."offset" < 0
              ),
              "t6"."total",
              NULL
            )
          ),
          0.0
        ) AS "s2",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t6"."offset" >= 0
              )
              AND (
                "t6"."offset" < 2
              ),
              "t6"."total",
              NULL
            )
          ),
          0.0
        ) AS "s3",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t6"."offset" = -1
              )
              AND (
                "t6"."offset" < 0
              ),
              CAST("t6"."n" AS DOUBLE),
              NULL
            )
          ),
          0.0
        ) AS "s4",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t6"."offset" >= 0
              )
              AND (
                "t6"."offset" < 2
              ),
              CAST("t6"."n" AS DOUBLE),
              NULL
            )
          ),
          0.0
        ) AS "s5",
        COALESCE(
          SUM(
            IFF(
              (
                "t6"."measure" = 'd440c1203aed298c'
              )
              AND (
                "t6"."offset" = -2
              )
              AND (
                "t6"."offset" < 0
              ),
              CAST("t6"."n" AS DOUBLE),
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
          "t0"."offset" <= 0
          AND "t0"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
      ) AS "t6"
      GROUP BY
        1,
        2,
        3
    ) AS "t10"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t7"."experiment",
        "t7"."phase",
        "t7"."unit",
        "t13"."s0",
        "t13"."s1",
        "t13"."s2",
        "t13"."s3",
        "t13"."s4",
        "t13"."s5",
        "t13"."s6"
      FROM (
        SELECT
          "t1"."experiment",
          "t1"."phase",
          "t1"."unit"
        FROM "entry_days" AS "t1"
      ) AS "t7"
      INNER JOIN (
        SELECT
          "t11"."unit",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = '15019fed6f53fd6d'
                )
                AND (
                  "t11"."offset" = -2
                )
                AND (
                  "t11"."offset" < 0
                ),
                CAST("t11"."n" AS DOUBLE),
                NULL
              )
            ),
            0.0
          ) AS "s0",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = '15019fed6f53fd6d'
                )
                AND (
                  "t11"."offset" >= 0
                )
                AND (
                  "t11"."offset" < 1
                ),
                CAST("t11"."n" AS DOUBLE),
                NULL
              )
            ),
            0.0
          ) AS "s1",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  "t11"."offset" = -1
                )
                AND (
                  "t11"."offset" < 0
                ),
                "t11"."total",
                NULL
              )
            ),
            0.0
          ) AS "s2",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  "t11"."offset" >= 0
                )
                AND (
                  "t11"."offset" < 2
                ),
                "t11"."total",
                NULL
              )
            ),
            0.0
          ) AS "s3",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = 'c4316d54cb9e590e'
                )
                AND (
                  "t11"."offset" = -1
                )
                AND (
                  "t11"."offset" < 0
                ),
                CAST("t11"."n" AS DOUBLE),
                NULL
              )
            ),
            0.0
          ) AS "s4",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = 'c4316d54cb9e590e'
                )
                AND (
                  "t11"."offset" >= 0
                )
                AND (
                  "t11"."offset" < 2
                ),
                CAST("t11"."n" AS DOUBLE),
                NULL
              )
            ),
            0.0
          ) AS "s5",
          COALESCE(
            SUM(
              IFF(
                (
                  "t11"."measure" = 'd440c1203aed298c'
                )
                AND (
                  "t11"."offset" = -2
                )
                AND (
                  "t11"."offset" < 0
                ),
                CAST("t11"."n" AS DOUBLE),
                NULL
              )
            ),
            0.0
          ) AS "s6"
        FROM (
          SELECT
            "t9"."measure",
            "t9"."unit_type",
            "t9"."unit",
            "t9"."n",
            "t9"."total",
            "t9"."day",
            "t9"."day" - 20525 AS "offset",
            CAST(1 AS INT) AS "active_days"
          FROM (
            SELECT
              "t3"."measure",
              "t3"."unit_type",
              "t3"."unit",
              "t3"."n",
              "t3"."total",
              "t3"."day"
            FROM "unit_days" AS "t3"
            INNER JOIN (
              SELECT DISTINCT
                "t1"."unit"
              FROM "entry_days" AS "t1"
            ) AS "t8"
              ON "t3"."unit" = "t8"."unit"
          ) AS "t9"
          WHERE
            "t9"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
        ) AS "t11"
        GROUP BY
          1
      ) AS "t13"
        ON "t7"."unit" = "t13"."unit"
    ) AS "t14"
  ) AS "t15"
  GROUP BY
    1,
    2,
    3
) AS "t16";

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
  "t38"."variant",
  "t38"."segment",
  COUNT(*) AS "units",
  COUNT("t38"."m2_y") AS "n_m2_y",
  AVG("t38"."m2_y") AS "mean_m2_y",
  AVG("t38"."m2_pre") AS "mean_m2_pre",
  AVG("t38"."m2_a_past") AS "mean_m2_a_past",
  AVG("t38"."m2_missing_past") AS "mean_m2_missing_past",
  VARIANCE("t38"."m2_y") AS "cov_m2_y_m2_y",
  COVAR_SAMP("t38"."m2_y", "t38"."m2_pre") AS "cov_m2_y_m2_pre",
  COVAR_SAMP("t38"."m2_y", "t38"."m2_a_past") AS "cov_m2_y_m2_a_past",
  COVAR_SAMP("t38"."m2_y", "t38"."m2_missing_past") AS "cov_m2_y_m2_missing_past",
  VARIANCE("t38"."m2_pre") AS "cov_m2_pre_m2_pre",
  COVAR_SAMP("t38"."m2_pre", "t38"."m2_a_past") AS "cov_m2_pre_m2_a_past",
  COVAR_SAMP("t38"."m2_pre", "t38"."m2_missing_past") AS "cov_m2_pre_m2_missing_past",
  VARIANCE("t38"."m2_a_past") AS "cov_m2_a_past_m2_a_past",
  COVAR_SAMP("t38"."m2_a_past", "t38"."m2_missing_past") AS "cov_m2_a_past_m2_missing_past",
  VARIANCE("t38"."m2_missing_past") AS "cov_m2_missing_past_m2_missing_past",
  COUNT("t38"."m1_y") AS "n_m1_y",
  AVG("t38"."m1_y") AS "mean_m1_y",
  AVG("t38"."m1_d") AS "mean_m1_d",
  AVG("t38"."m1_pre") AS "mean_m1_pre",
  AVG("t38"."m1_a_past") AS "mean_m1_a_past",
  AVG("t38"."m1_missing_past") AS "mean_m1_missing_past",
  VARIANCE("t38"."m1_y") AS "cov_m1_y_m1_y",
  COVAR_SAMP("t38"."m1_y", "t38"."m1_d") AS "cov_m1_y_m1_d",
  COVAR_SAMP("t38"."m1_y", "t38"."m1_pre") AS "cov_m1_y_m1_pre",
  COVAR_SAMP("t38"."m1_y", "t38"."m1_a_past") AS "cov_m1_y_m1_a_past",
  COVAR_SAMP("t38"."m1_y", "t38"."m1_missing_past") AS "cov_m1_y_m1_missing_past",
  VARIANCE("t38"."m1_d") AS "cov_m1_d_m1_d",
  COVAR_SAMP("t38"."m1_d", "t38"."m1_pre") AS "cov_m1_d_m1_pre",
  COVAR_SAMP("t38"."m1_d", "t38"."m1_a_past") AS "cov_m1_d_m1_a_past",
  COVAR_SAMP("t38"."m1_d", "t38"."m1_missing_past") AS "cov_m1_d_m1_missing_past",
  VARIANCE("t38"."m1_pre") AS "cov_m1_pre_m1_pre",
  COVAR_SAMP("t38"."m1_pre", "t38"."m1_a_past") AS "cov_m1_pre_m1_a_past",
  COVAR_SAMP("t38"."m1_pre", "t38"."m1_missing_past") AS "cov_m1_pre_m1_missing_past",
  VARIANCE("t38"."m1_a_past") AS "cov_m1_a_past_m1_a_past",
  COVAR_SAMP("t38"."m1_a_past", "t38"."m1_missing_past") AS "cov_m1_a_past_m1_missing_past",
  VARIANCE("t38"."m1_missing_past") AS "cov_m1_missing_past_m1_missing_past",
  COUNT("t38"."m8_y") AS "n_m8_y",
  AVG("t38"."m8_y") AS "mean_m8_y",
  AVG("t38"."m8_pre") AS "mean_m8_pre",
  AVG("t38"."m8_a_past") AS "mean_m8_a_past",
  AVG("t38"."m8_missing_past") AS "mean_m8_missing_past",
  VARIANCE("t38"."m8_y") AS "cov_m8_y_m8_y",
  COVAR_SAMP("t38"."m8_y", "t38"."m8_pre") AS "cov_m8_y_m8_pre",
  COVAR_SAMP("t38"."m8_y", "t38"."m8_a_past") AS "cov_m8_y_m8_a_past",
  COVAR_SAMP("t38"."m8_y", "t38"."m8_missing_past") AS "cov_m8_y_m8_missing_past",
  VARIANCE("t38"."m8_pre") AS "cov_m8_pre_m8_pre",
  COVAR_SAMP("t38"."m8_pre", "t38"."m8_a_past") AS "cov_m8_pre_m8_a_past",
  COVAR_SAMP("t38"."m8_pre", "t38"."m8_missing_past") AS "cov_m8_pre_m8_missing_past",
  VARIANCE("t38"."m8_a_past") AS "cov_m8_a_past_m8_a_past",
  COVAR_SAMP("t38"."m8_a_past", "t38"."m8_missing_past") AS "cov_m8_a_past_m8_missing_past",
  VARIANCE("t38"."m8_missing_past") AS "cov_m8_missing_past_m8_missing_past",
  SUM(IFF((
    "t38"."m8_y" IS NOT NULL
  ) AND (
    "t38"."m8_made" >= 1
  ), 1, 0)) AS "m8_step_1",
  SUM(IFF((
    "t38"."m8_y" IS NOT NULL
  ) AND (
    "t38"."m8_made" >= 2
  ), 1, 0)) AS "m8_step_2",
  SUM(IFF((
    "t38"."m8_y" IS NOT NULL
  ) AND (
    "t38"."m8_made" >= 3
  ), 1, 0)) AS "m8_step_3"
FROM (
  SELECT
    "t37"."unit",
    "t37"."at",
    "t37"."day",
    "t37"."attributes",
    "t37"."variant",
    "t37"."s0",
    "t37"."s1",
    "t37"."s2",
    "t37"."s3",
    "t37"."s4",
    "t37"."s5",
    "t37"."s6",
    "t37"."m8_made",
    IFF(
      (
        "t37"."day" + 0
      ) <= 20527,
      IFF(COALESCE("t37"."s0", 0.0) > 0, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m2_y",
    IFF(
      (
        "t37"."day" + 0
      ) <= 20527,
      IFF(COALESCE("t37"."s1", 0.0) > 0, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m2_pre",
    IFF(
      (
        "t37"."day" + 0
      ) <= 20527,
      COALESCE(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')), 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m2_a_past",
    IFF(
      (
        "t37"."day" + 0
      ) <= 20527,
      IFF(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m2_missing_past",
    IFF(
      (
        "t37"."day" + 1
      ) <= 20527,
      LEAST(COALESCE("t37"."s2", 0.0), 90.0),
      CAST(NULL AS DOUBLE)
    ) AS "m1_y",
    IFF((
      "t37"."day" + 1
    ) <= 20527, COALESCE("t37"."s4", 0.0), CAST(NULL AS DOUBLE)) AS "m1_d",
    IFF(
      (
        "t37"."day" + 1
      ) <= 20527,
      LEAST(COALESCE("t37"."s3", 0.0), 90.0),
      CAST(NULL AS DOUBLE)
    ) AS "m1_pre",
    IFF(
      (
        "t37"."day" + 1
      ) <= 20527,
      COALESCE(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')), 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m1_a_past",
    IFF(
      (
        "t37"."day" + 1
      ) <= 20527,
      IFF(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m1_missing_past",
    IFF(
      (
        "t37"."day" + 2
      ) <= 20527,
      IFF("t37"."m8_made" = 3, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m8_y",
    IFF(
      (
        "t37"."day" + 2
      ) <= 20527,
      IFF(COALESCE("t37"."s6", 0.0) > 0, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m8_pre",
    IFF(
      (
        "t37"."day" + 2
      ) <= 20527,
      COALESCE(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')), 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m8_a_past",
    IFF(
      (
        "t37"."day" + 2
      ) <= 20527,
      IFF(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
      CAST(NULL AS DOUBLE)
    ) AS "m8_missing_past",
    COALESCE(
      COALESCE(
        AS_VARCHAR(GET(CAST("t37"."attributes" AS VARIANT), 'country')),
        IFF(
          (
            AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'country')) = CAST(ROUND(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'country')), 0) AS BIGINT)
          )
          AND (
            ABS(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'country'))) < 9007199254740992
          ),
          CAST(CAST(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'country')) AS BIGINT) AS VARCHAR),
          CAST(AS_DOUBLE(GET(CAST("t37"."attributes" AS VARIANT), 'country')) AS VARCHAR)
        ),
        CAST(AS_BOOLEAN(GET(CAST("t37"."attributes" AS VARIANT), 'country')) AS VARCHAR)
      ),
      '(none)'
    ) AS "segment"
  FROM (
    SELECT
      "t36".*
      EXCLUDE ("unit_right")
    FROM (
      SELECT
        "t21"."unit",
        "t21"."at",
        "t21"."day",
        "t21"."attributes",
        "t21"."variant",
        "t21"."s0",
        "t21"."s1",
        "t21"."s2",
        "t21"."s3",
        "t21"."s4",
        "t21"."s5",
        "t21"."s6",
        "t35"."unit" AS "unit_right",
        "t35"."m8_made"
      FROM (
        SELECT
          "t19".*
          EXCLUDE ("unit_right")
        FROM (
          SELECT
            "t18"."unit",
            "t18"."at",
            "t18"."day",
            "t18"."attributes",
            "t18"."variant",
            "t16"."unit" AS "unit_right",
            "t16"."s0",
            "t16"."s1",
            "t16"."s2",
            "t16"."s3",
            "t16"."s4",
            "t16"."s5",
            "t16"."s6"
          FROM (
            SELECT
              "t13"."unit",
              "t13"."at",
              "t13"."day",
              "t13"."attributes",
              "t13"."order" % 64 AS "variant"
            FROM (
              SELECT
                "t12"."unit",
                MIN("t12"."order") AS "order",
                MIN(IFF("t12"."order" IS NOT NULL, "t12"."at", NULL)) AS "at",
                MIN(IFF("t12"."order" IS NOT NULL, "t12"."day", NULL)) AS "day",
                MIN("t12"."phase") AS "phase",
                MIN("t12"."position") AS "low",
                MAX("t12"."position") AS "high",
                MIN_BY(
                  IFF("t12"."order" IS NOT NULL, "t12"."attributes", NULL),
                  IFF("t12"."order" IS NOT NULL, "t12"."order", NULL)
                ) AS "attributes"
              FROM (
                SELECT
                  "t0"."unit",
                  "t0"."at",
                  "t0"."day",
                  "t0"."phase",
                  "t0"."attributes",
                  IFF(
                    (
                      "t0"."phase" = 2
                    ) AND "t0"."variant" IN ('control', 'blue', 'green'),
                    CAST(CASE "t0"."variant"
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 0
                    END AS BIGINT),
                    CAST(NULL AS BIGINT)
                  ) AS "position",
                  (
                    "t0"."at" * 64
                  ) + IFF(
                    (
                      "t0"."phase" = 2
                    ) AND "t0"."variant" IN ('control', 'blue', 'green'),
                    CAST(CASE "t0"."variant"
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 0
                    END AS BIGINT),
                    CAST(NULL AS BIGINT)
                  ) AS "order"
                FROM "exposure_days" AS "t0"
                WHERE
                  "t0"."experiment" = 'checkout'
                  AND NOT (
                    "t0"."forced"
                  )
                  AND (
                    (
                      (
                        "t0"."phase" = 2
                      ) AND "t0"."variant" IN ('control', 'blue', 'green')
                    )
                    OR (
                      "t0"."phase" < 2
                    )
                  )
              ) AS "t12"
              GROUP BY
                1
            ) AS "t13"
            WHERE
              "t13"."order" IS NOT NULL
              AND "t13"."low" = "t13"."high"
              AND "t13"."phase" >= 2
              AND NOT (
                (
                  "t13"."day" > 20525
                ) OR (
                  "t13"."day" < 20519
                )
              )
          ) AS "t18"
          LEFT OUTER JOIN (
            SELECT
              *
            FROM (
              SELECT
                "t8"."unit",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = '15019fed6f53fd6d'
                    )
                    AND (
                      "t8"."offset" >= 0
                    )
                    AND (
                      "t8"."offset" < 1
                    ),
                    CAST("t8"."n" AS DOUBLE),
                    NULL
                  )
                ) AS "s0",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = '15019fed6f53fd6d'
                    )
                    AND (
                      "t8"."offset" = -2
                    )
                    AND (
                      "t8"."offset" < 0
                    ),
                    CAST("t8"."n" AS DOUBLE),
                    NULL
                  )
                ) AS "s1",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = 'a0a20fe4cf3aa4ce'
                    )
                    AND (
                      "t8"."offset" >= 0
                    )
                    AND (
                      "t8"."offset" < 2
                    ),
                    "t8"."total",
                    NULL
                  )
                ) AS "s2",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = 'a0a20fe4cf3aa4ce'
                    )
                    AND (
                      "t8"."offset" = -1
                    )
                    AND (
                      "t8"."offset" < 0
                    ),
                    "t8"."total",
                    NULL
                  )
                ) AS "s3",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = 'c4316d54cb9e590e'
                    )
                    AND (
                      "t8"."offset" >= 0
                    )
                    AND (
                      "t8"."offset" < 2
                    ),
                    CAST("t8"."n" AS DOUBLE),
                    NULL
                  )
                ) AS "s4",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = 'c4316d54cb9e590e'
                    )
                    AND (
                      "t8"."offset" = -1
                    )
                    AND (
                      "t8"."offset" < 0
                    ),
                    CAST("t8"."n" AS DOUBLE),
                    NULL
                  )
                ) AS "s5",
                SUM(
                  IFF(
                    (
                      "t8"."measure" = 'd440c1203aed298c'
                    )
                    AND (
                      "t8"."offset" = -2
                    )
                    AND (
                      "t8"."offset" < 0
                    ),
                    CAST("t8"."n" AS DOUBLE),
                    NULL
                  )
                ) AS "s6"
              FROM (
                SELECT
                  *
                FROM "outcome_days" AS "t2"
                WHERE
                  "t2"."experiment" = 'checkout'
                  AND "t2"."phase" = 2
                  AND "t2"."day" >= 20526
                  AND (
                    "t2"."day" - "t2"."offset"
                  ) >= 20526
              ) AS "t8"
              GROUP BY
                1
            ) AS "t14"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t1"."unit",
                GET("t1"."totals", 1) AS "s0",
                GET("t1"."totals", 0) AS "s1",
                GET("t1"."totals", 3) AS "s2",
                GET("t1"."totals", 2) AS "s3",
                GET("t1"."totals", 5) AS "s4",
                GET("t1"."totals", 4) AS "s5",
                GET("t1"."totals", 6) AS "s6"
              FROM "total_days" AS "t1"
              WHERE
                "t1"."experiment" = 'checkout'
                AND "t1"."phase" = 2
                AND "t1"."windows" = 'fef738c32a50acca'
            ) AS "t4"
          ) AS "t16"
            ON "t18"."unit" = "t16"."unit"
        ) AS "t19"
      ) AS "t21"
      LEFT OUTER JOIN (
        SELECT
          "t33"."unit",
          "t33"."made" + IFF("t33"."since" IS NULL, 0, 1) AS "m8_made"
        FROM (
          SELECT
            "t32"."unit",
            "t32"."entered",
            "t32"."made",
            MIN(
              IFF(
                (
                  "t32"."at" >= "t32"."since"
                )
                AND (
                  (
                    "t32"."day" - "t32"."entered"
                  ) >= 0
                )
                AND (
                  (
                    "t32"."day" - "t32"."entered"
                  ) < 3
                ),
                "t32"."at",
                NULL
              )
            ) AS "since"
          FROM (
            SELECT
              "t31"."unit",
              "t31"."entered",
              "t31"."made",
              "t31"."since",
              "t9"."unit" AS "unit_right",
              "t9"."at",
              "t9"."day"
            FROM (
              SELECT
                "t29"."unit",
                "t29"."entered",
                "t29"."made" + IFF("t29"."since" IS NULL, 0, 1) AS "made",
                "t29"."since"
              FROM (
                SELECT
                  "t28"."unit",
                  "t28"."entered",
                  "t28"."made",
                  MIN(
                    IFF(
                      (
                        "t28"."at" >= "t28"."since"
                      )
                      AND (
                        (
                          "t28"."day" - "t28"."entered"
                        ) >= 0
                      )
                      AND (
                        (
                          "t28"."day" - "t28"."entered"
                        ) < 3
                      ),
                      "t28"."at",
                      NULL
                    )
                  ) AS "since"
                FROM (
                  SELECT
                    "t27"."unit",
                    "t27"."entered",
                    "t27"."made",
                    "t27"."since",
                    "t10"."unit" AS "unit_right",
                    "t10"."at",
                    "t10"."day"
                  FROM (
                    SELECT
                      "t25"."unit",
                      "t25"."entered",
                      "t25"."made" + IFF("t25"."since" IS NULL, 0, 1) AS "made",
                      "t25"."since"
                    FROM (
                      SELECT
                        "t24"."unit",
                        "t24"."entered",
                        "t24"."made",
                        MIN(
                          IFF(
                            (
                              "t24"."at" >= "t24"."since"
                            )
                            AND (
                              (
                                "t24"."day" - "t24"."entered"
                              ) >= 0
                            )
                            AND (
                              (
                                "t24"."day" - "t24"."entered"
                              ) < 3
                            ),
                            "t24"."at",
                            NULL
                          )
                        ) AS "since"
                      FROM (
                        SELECT
                          "t23"."unit",
                          "t23"."entered",
                          "t23"."since",
                          "t23"."made",
                          "t11"."unit" AS "unit_right",
                          "t11"."at",
                          "t11"."day"
                        FROM (
                          SELECT
                            "t20"."unit",
                            "t20"."day" AS "entered",
                            "t20"."at" AS "since",
                            CAST(0 AS BIGINT) AS "made"
                          FROM (
                            SELECT
                              "t19".*
                              EXCLUDE ("unit_right")
                            FROM (
                              SELECT
                                "t18"."unit",
                                "t18"."at",
                                "t18"."day",
                                "t18"."attributes",
                                "t18"."variant",
                                "t16"."unit" AS "unit_right",
                                "t16"."s0",
                                "t16"."s1",
                                "t16"."s2",
                                "t16"."s3",
                                "t16"."s4",
                                "t16"."s5",
                                "t16"."s6"
                              FROM (
                                SELECT
                                  "t13"."unit",
                                  "t13"."at",
                                  "t13"."day",
                                  "t13"."attributes",
                                  "t13"."order" % 64 AS "variant"
                                FROM (
                                  SELECT
                                    "t12"."unit",
                                    MIN("t12"."order") AS "order",
                                    MIN(IFF("t12"."order" IS NOT NULL, "t12"."at", NULL)) AS "at",
                                    MIN(IFF("t12"."order" IS NOT NULL, "t12"."day", NULL)) AS "day",
                                    MIN("t12"."phase") AS "phase",
                                    MIN("t12"."position") AS "low",
                                    MAX("t12"."position") AS "high",
                                    MIN_BY(
                                      IFF("t12"."order" IS NOT NULL, "t12"."attributes", NULL),
                                      IFF("t12"."order" IS NOT NULL, "t12"."order", NULL)
                                    ) AS "attributes"
                                  FROM (
                                    SELECT
                                      "t0"."unit",
                                      "t0"."at",
                                      "t0"."day",
                                      "t0"."phase",
                                      "t0"."attributes",
                                      IFF(
                                        (
                                          "t0"."phase" = 2
                                        ) AND "t0"."variant" IN ('control', 'blue', 'green'),
                                        CAST(CASE "t0"."variant"
                                          WHEN 'control'
                                          THEN 0
                                          WHEN 'blue'
                                          THEN 1
                                          WHEN 'green'
                                          THEN 2
                                          ELSE 0
                                        END AS BIGINT),
                                        CAST(NULL AS BIGINT)
                                      ) AS "position",
                                      (
                                        "t0"."at" * 64
                                      ) + IFF(
                                        (
                                          "t0"."phase" = 2
                                        ) AND "t0"."variant" IN ('control', 'blue', 'green'),
                                        CAST(CASE "t0"."variant"
                                          WHEN 'control'
                                          THEN 0
                                          WHEN 'blue'
                                          THEN 1
                                          WHEN 'green'
                                          THEN 2
                                          ELSE 0
                                        END AS BIGINT),
                                        CAST(NULL AS BIGINT)
                                      ) AS "order"
                                    FROM "exposure_days" AS "t0"
                                    WHERE
                                      "t0"."experiment" = 'checkout'
                                      AND NOT (
                                        "t0"."forced"
                                      )
                                      AND (
                                        (
                                          (
                                            "t0"."phase" = 2
                                          ) AND "t0"."variant" IN ('control', 'blue', 'green')
                                        )
                                        OR (
                                          "t0"."phase" < 2
                                        )
                                      )
                                  ) AS "t12"
                                  GROUP BY
                                    1
                                ) AS "t13"
                                WHERE
                                  "t13"."order" IS NOT NULL
                                  AND "t13"."low" = "t13"."high"
                                  AND "t13"."phase" >= 2
                                  AND NOT (
                                    (
                                      "t13"."day" > 20525
                                    ) OR (
                                      "t13"."day" < 20519
                                    )
                                  )
                              ) AS "t18"
                              LEFT OUTER JOIN (
                                SELECT
                                  *
                                FROM (
                                  SELECT
                                    "t8"."unit",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = '15019fed6f53fd6d'
                                        )
                                        AND (
                                          "t8"."offset" >= 0
                                        )
                                        AND (
                                          "t8"."offset" < 1
                                        ),
                                        CAST("t8"."n" AS DOUBLE),
                                        NULL
                                      )
                                    ) AS "s0",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = '15019fed6f53fd6d'
                                        )
                                        AND (
                                          "t8"."offset" = -2
                                        )
                                        AND (
                                          "t8"."offset" < 0
                                        ),
                                        CAST("t8"."n" AS DOUBLE),
                                        NULL
                                      )
                                    ) AS "s1",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = 'a0a20fe4cf3aa4ce'
                                        )
                                        AND (
                                          "t8"."offset" >= 0
                                        )
                                        AND (
                                          "t8"."offset" < 2
                                        ),
                                        "t8"."total",
                                        NULL
                                      )
                                    ) AS "s2",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = 'a0a20fe4cf3aa4ce'
                                        )
                                        AND (
                                          "t8"."offset" = -1
                                        )
                                        AND (
                                          "t8"."offset" < 0
                                        ),
                                        "t8"."total",
                                        NULL
                                      )
                                    ) AS "s3",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = 'c4316d54cb9e590e'
                                        )
                                        AND (
                                          "t8"."offset" >= 0
                                        )
                                        AND (
                                          "t8"."offset" < 2
                                        ),
                                        CAST("t8"."n" AS DOUBLE),
                                        NULL
                                      )
                                    ) AS "s4",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = 'c4316d54cb9e590e'
                                        )
                                        AND (
                                          "t8"."offset" = -1
                                        )
                                        AND (
                                          "t8"."offset" < 0
                                        ),
                                        CAST("t8"."n" AS DOUBLE),
                                        NULL
                                      )
                                    ) AS "s5",
                                    SUM(
                                      IFF(
                                        (
                                          "t8"."measure" = 'd440c1203aed298c'
                                        )
                                        AND (
                                          "t8"."offset" = -2
                                        )
                                        AND (
                                          "t8"."offset" < 0
                                        ),
                                        CAST("t8"."n" AS DOUBLE),
                                        NULL
                                      )
                                    ) AS "s6"
                                  FROM (
                                    SELECT
                                      *
                                    FROM "outcome_days" AS "t2"
                                    WHERE
                                      "t2"."experiment" = 'checkout'
                                      AND "t2"."phase" = 2
                                      AND "t2"."day" >= 20526
                                      AND (
                                        "t2"."day" - "t2"."offset"
                                      ) >= 20526
                                  ) AS "t8"
                                  GROUP BY
                                    1
                                ) AS "t14"
                                UNION ALL
                                SELECT
                                  *
                                FROM (
                                  SELECT
                                    "t1"."unit",
                                    GET("t1"."totals", 1) AS "s0",
                                    GET("t1"."totals", 0) AS "s1",
                                    GET("t1"."totals", 3) AS "s2",
                                    GET("t1"."totals", 2) AS "s3",
                                    GET("t1"."totals", 5) AS "s4",
                                    GET("t1"."totals", 4) AS "s5",
                                    GET("t1"."totals", 6) AS "s6"
                                  FROM "total_days" AS "t1"
                                  WHERE
                                    "t1"."experiment" = 'checkout'
                                    AND "t1"."phase" = 2
                                    AND "t1"."windows" = 'fef738c32a50acca'
                                ) AS "t4"
                              ) AS "t16"
                                ON "t18"."unit" = "t16"."unit"
                            ) AS "t19"
                          ) AS "t20"
                        ) AS "t23"
                        LEFT OUTER JOIN (
                          SELECT
                            "t3"."unit",
                            "t3"."at",
                            "t3"."day"
                          FROM "unit_events" AS "t3"
                          WHERE
                            "t3"."unit_type" = 'account' AND "t3"."measure" = 'c4316d54cb9e590e'
                        ) AS "t11"
                          ON "t23"."unit" = "t11"."unit"
                      ) AS "t24"
                      GROUP BY
                        1,
                        2,
                        3
                    ) AS "t25"
                  ) AS "t27"
                  LEFT OUTER JOIN (
                    SELECT
                      "t3"."unit",
                      "t3"."at",
                      "t3"."day"
                    FROM "unit_events" AS "t3"
                    WHERE
                      "t3"."unit_type" = 'account' AND "t3"."measure" = '15019fed6f53fd6d'
                  ) AS "t10"
                    ON "t27"."unit" = "t10"."unit"
                ) AS "t28"
                GROUP BY
                  1,
                  2,
                  3
              ) AS "t29"
            ) AS "t31"
            LEFT OUTER JOIN (
              SELECT
                "t3"."unit",
                "t3"."at",
                "t3"."day"
              FROM "unit_events" AS "t3"
              WHERE
                "t3"."unit_type" = 'account' AND "t3"."measure" = 'd440c1203aed298c'
            ) AS "t9"
              ON "t31"."unit" = "t9"."unit"
          ) AS "t32"
          GROUP BY
            1,
            2,
            3
        ) AS "t33"
      ) AS "t35"
        ON "t21"."unit" = "t35"."unit"
    ) AS "t36"
  ) AS "t37"
) AS "t38"
GROUP BY
  1,
  2;

-- quantile_values
SELECT
  "t15"."unit",
  "t15"."variant",
  "t15"."segment",
  "t15"."value"
FROM (
  SELECT
    "t14"."unit",
    "t14"."variant",
    "t14"."segment",
    "t14"."since",
    "t14"."entered",
    "t5"."at",
    "t5"."value",
    "t5"."day"
  FROM (
    SELECT
      "t12"."unit",
      "t12"."variant",
      '' AS "segment",
      "t12"."at" AS "since",
      "t12"."day" AS "entered"
    FROM (
      SELECT
        "t11".*
        EXCLUDE ("unit_right")
      FROM (
        SELECT
          "t10"."unit",
          "t10"."at",
          "t10"."day",
          "t10"."attributes",
          "t10"."variant",
          "t6"."unit" AS "unit_right"
        FROM (
          SELECT
            "t8"."unit",
            "t8"."at",
            "t8"."day",
            "t8"."attributes",
            "t8"."order" % 64 AS "variant"
          FROM (
            SELECT
              "t7"."unit",
              MIN("t7"."order") AS "order",
              MIN(IFF("t7"."order" IS NOT NULL, "t7"."at", NULL)) AS "at",
              MIN(IFF("t7"."order" IS NOT NULL, "t7"."day", NULL)) AS "day",
              MIN("t7"."phase") AS "phase",
              MIN("t7"."position") AS "low",
              MAX("t7"."position") AS "high",
              MIN_BY(
                IFF("t7"."order" IS NOT NULL, "t7"."attributes", NULL),
                IFF("t7"."order" IS NOT NULL, "t7"."order", NULL)
              ) AS "attributes"
            FROM (
              SELECT
                "t2"."unit",
                "t2"."at",
                "t2"."day",
                "t2"."phase",
                "t2"."attributes",
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
                ) AS "position",
                (
                  "t2"."at" * 64
                ) + IFF(
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
                ) AS "order"
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
            GROUP BY
              1
          ) AS "t8"
          WHERE
            "t8"."order" IS NOT NULL
            AND "t8"."low" = "t8"."high"
            AND "t8"."phase" >= 2
            AND NOT (
              (
                "t8"."day" > 20525
              ) OR (
                "t8"."day" < 20519
              )
            )
        ) AS "t10"
        LEFT OUTER JOIN (
          SELECT DISTINCT
            "t1"."unit"
          FROM "outcome_days" AS "t1"
          WHERE
            "t1"."experiment" = 'checkout'
            AND "t1"."phase" = 2
            AND "t1"."measure" IN ('15019fed6f53fd6d')
        ) AS "t6"
          ON "t10"."unit" = "t6"."unit"
      ) AS "t11"
    ) AS "t12"
    WHERE
      IFF((
        "t12"."day" + 1
      ) <= 20527, 1.0, CAST(NULL AS DOUBLE)) IS NOT NULL
  ) AS "t14"
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
    ON "t14"."unit" = "t5"."unit"
) AS "t15"
WHERE
  "t15"."at" >= "t15"."since"
  AND (
    "t15"."day" - "t15"."entered"
  ) >= 0
  AND (
    "t15"."day" - "t15"."entered"
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
  "t11"."attributes",
  "t11"."variant",
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
        "t3"."attributes",
        "t3"."variant",
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
