-- exposure_days
SELECT
  "t4"."experiment",
  "t4"."phase",
  "t4"."unit",
  "t4"."variant",
  "t4"."forced",
  "t4"."day",
  "t4"."at",
  MIN("t4"."attributes") AS "attributes"
FROM (
  SELECT
    "t1"."id",
    "t1"."experiment",
    "t1"."phase",
    "t1"."unit",
    "t1"."variant",
    "t1"."at",
    "t1"."day",
    "t1"."attributes",
    "t1"."forced",
    "t1"."received"
  FROM "exposures" AS "t1"
  INNER JOIN (
    SELECT
      "t0"."experiment",
      "t0"."phase",
      "t0"."unit",
      "t0"."variant",
      "t0"."forced",
      "t0"."day",
      MIN("t0"."at") AS "at"
    FROM "exposures" AS "t0"
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6
  ) AS "t3"
    ON "t1"."experiment" = "t3"."experiment"
    AND "t1"."phase" = "t3"."phase"
    AND "t1"."unit" = "t3"."unit"
    AND "t1"."variant" = "t3"."variant"
    AND "t1"."forced" = "t3"."forced"
    AND "t1"."day" = "t3"."day"
    AND "t1"."at" = "t3"."at"
) AS "t4"
GROUP BY
  1,
  2,
  3,
  4,
  5,
  6,
  7;

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
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t7"."unit_type",
      "t7"."unit",
      "t7"."day",
      "t7"."n",
      "t7"."total",
      '15019fed6f53fd6d' AS "measure"
    FROM (
      SELECT
        "t4"."unit_type",
        "t4"."unit",
        "t4"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t4"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
      ) AS "t4"
      GROUP BY
        1,
        2,
        3
    ) AS "t7"
  ) AS "t9"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t10"."unit_type",
      "t10"."unit",
      "t10"."day",
      "t10"."n",
      "t10"."total",
      'a0a20fe4cf3aa4ce' AS "measure"
    FROM (
      SELECT
        "t5"."unit_type",
        "t5"."unit",
        "t5"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t5"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
          AND AS_VARCHAR(GET(CAST("t2"."properties" AS VARIANT), 'currency')) = 'EUR'
      ) AS "t5"
      GROUP BY
        1,
        2,
        3
    ) AS "t10"
  ) AS "t11"
) AS "t12"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t6"."unit_type",
    "t6"."unit",
    "t6"."day",
    "t6"."n",
    "t6"."total",
    'c4316d54cb9e590e' AS "measure"
  FROM (
    SELECT
      "t3"."unit_type",
      "t3"."unit",
      "t3"."day",
      COUNT(*) AS "n",
      COALESCE(SUM("t3"."value"), 0.0) AS "total"
    FROM (
      SELECT
        *
      FROM "t1" AS "t2"
      WHERE
        "t2"."name" = 'visit'
    ) AS "t3"
    GROUP BY
      1,
      2,
      3
  ) AS "t6"
) AS "t8";

-- entry_days
WITH "t9" AS (
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
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t31"."experiment",
      "t31"."phase",
      "t31"."unit",
      "t31"."day",
      "t31"."n",
      "t31"."total",
      '15019fed6f53fd6d' AS "measure"
    FROM (
      SELECT
        "t28"."experiment",
        "t28"."phase",
        "t28"."unit",
        "t28"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t28"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t23"."experiment",
            "t23"."phase",
            "t23"."unit",
            "t23"."day",
            "t23"."entered",
            "t6"."unit_type",
            "t16"."id",
            "t16"."name",
            "t16"."at",
            "t16"."value",
            "t16"."properties"
          FROM (
            SELECT
              "t21"."experiment",
              "t21"."phase",
              "t21"."unit",
              "t21"."day",
              MIN("t21"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t17"."experiment",
                  "t17"."phase",
                  "t17"."unit",
                  "t17"."variant",
                  "t17"."forced",
                  "t17"."day",
                  "t17"."at",
                  MIN("t17"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t8"."id",
                    "t8"."experiment",
                    "t8"."phase",
                    "t8"."unit",
                    "t8"."variant",
                    "t8"."at",
                    "t8"."day",
                    "t8"."attributes",
                    "t8"."forced",
                    "t8"."received"
                  FROM "exposures" AS "t8"
                  INNER JOIN (
                    SELECT
                      "t4"."experiment",
                      "t4"."phase",
                      "t4"."unit",
                      "t4"."variant",
                      "t4"."forced",
                      "t4"."day",
                      MIN("t4"."at") AS "at"
                    FROM "exposures" AS "t4"
                    GROUP BY
                      1,
                      2,
                      3,
                      4,
                      5,
                      6
                  ) AS "t12"
                    ON "t8"."experiment" = "t12"."experiment"
                    AND "t8"."phase" = "t12"."phase"
                    AND "t8"."unit" = "t12"."unit"
                    AND "t8"."variant" = "t12"."variant"
                    AND "t8"."forced" = "t12"."forced"
                    AND "t8"."day" = "t12"."day"
                    AND "t8"."at" = "t12"."at"
                ) AS "t17"
                GROUP BY
                  1,
                  2,
                  3,
                  4,
                  5,
                  6,
                  7
              ) AS "t20"
              WHERE
                NOT (
                  "t20"."forced"
                )
            ) AS "t21"
            GROUP BY
              1,
              2,
              3,
              4
          ) AS "t23"
          INNER JOIN "uses" AS "t6"
            ON "t23"."experiment" = "t6"."experiment" AND "t23"."phase" = "t6"."phase"
          INNER JOIN (
            SELECT
              *
            FROM "t9" AS "t11"
            WHERE
              "t11"."name" = 'order'
          ) AS "t16"
            ON "t6"."unit_type" = "t16"."unit_type"
            AND "t23"."unit" = "t16"."unit"
            AND "t23"."day" = "t16"."day"
        ) AS "t25"
        WHERE
          "t25"."at" >= "t25"."entered"
      ) AS "t28"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t31"
  ) AS "t34"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t32"."experiment",
      "t32"."phase",
      "t32"."unit",
      "t32"."day",
      "t32"."n",
      "t32"."total",
      'a0a20fe4cf3aa4ce' AS "measure"
    FROM (
      SELECT
        "t29"."experiment",
        "t29"."phase",
        "t29"."unit",
        "t29"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t29"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t23"."experiment",
            "t23"."phase",
            "t23"."unit",
            "t23"."day",
            "t23"."entered",
            "t7"."unit_type",
            "t19"."id",
            "t19"."name",
            "t19"."at",
            "t19"."value",
            "t19"."properties"
          FROM (
            SELECT
              "t21"."experiment",
              "t21"."phase",
              "t21"."unit",
              "t21"."day",
              MIN("t21"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t17"."experiment",
                  "t17"."phase",
                  "t17"."unit",
                  "t17"."variant",
                  "t17"."forced",
                  "t17"."day",
                  "t17"."at",
                  MIN("t17"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t8"."id",
                    "t8"."experiment",
                    "t8"."phase",
                    "t8"."unit",
                    "t8"."variant",
                    "t8"."at",
                    "t8"."day",
                    "t8"."attributes",
                    "t8"."forced",
                    "t8"."received"
                  FROM "exposures" AS "t8"
                  INNER JOIN (
                    SELECT
                      "t4"."experiment",
                      "t4"."phase",
                      "t4"."unit",
                      "t4"."variant",
                      "t4"."forced",
                      "t4"."day",
                      MIN("t4"."at") AS "at"
                    FROM "exposures" AS "t4"
                    GROUP BY
                      1,
                      2,
                      3,
                      4,
                      5,
                      6
                  ) AS "t12"
                    ON "t8"."experiment" = "t12"."experiment"
                    AND "t8"."phase" = "t12"."phase"
                    AND "t8"."unit" = "t12"."unit"
                    AND "t8"."variant" = "t12"."variant"
                    AND "t8"."forced" = "t12"."forced"
                    AND "t8"."day" = "t12"."day"
                    AND "t8"."at" = "t12"."at"
                ) AS "t17"
                GROUP BY
                  1,
                  2,
                  3,
                  4,
                  5,
                  6,
                  7
              ) AS "t20"
              WHERE
                NOT (
                  "t20"."forced"
                )
            ) AS "t21"
            GROUP BY
              1,
              2,
              3,
              4
          ) AS "t23"
          INNER JOIN "uses" AS "t7"
            ON "t23"."experiment" = "t7"."experiment" AND "t23"."phase" = "t7"."phase"
          INNER JOIN (
            SELECT
              *
            FROM "t9" AS "t11"
            WHERE
              "t11"."name" = 'order'
              AND AS_VARCHAR(GET(CAST("t11"."properties" AS VARIANT), 'currency')) = 'EUR'
          ) AS "t19"
            ON "t7"."unit_type" = "t19"."unit_type"
            AND "t23"."unit" = "t19"."unit"
            AND "t23"."day" = "t19"."day"
        ) AS "t26"
        WHERE
          "t26"."at" >= "t26"."entered"
      ) AS "t29"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t32"
  ) AS "t35"
) AS "t36"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t30"."experiment",
    "t30"."phase",
    "t30"."unit",
    "t30"."day",
    "t30"."n",
    "t30"."total",
    'c4316d54cb9e590e' AS "measure"
  FROM (
    SELECT
      "t27"."experiment",
      "t27"."phase",
      "t27"."unit",
      "t27"."day",
      COUNT(*) AS "n",
      COALESCE(SUM("t27"."value"), 0.0) AS "total"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t23"."experiment",
          "t23"."phase",
          "t23"."unit",
          "t23"."day",
          "t23"."entered",
          "t5"."unit_type",
          "t15"."id",
          "t15"."name",
          "t15"."at",
          "t15"."value",
          "t15"."properties"
        FROM (
          SELECT
            "t21"."experiment",
            "t21"."phase",
            "t21"."unit",
            "t21"."day",
            MIN("t21"."at") AS "entered"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t17"."experiment",
                "t17"."phase",
                "t17"."unit",
                "t17"."variant",
                "t17"."forced",
                "t17"."day",
                "t17"."at",
                MIN("t17"."attributes") AS "attributes"
              FROM (
                SELECT
                  "t8"."id",
                  "t8"."experiment",
                  "t8"."phase",
                  "t8"."unit",
                  "t8"."variant",
                  "t8"."at",
                  "t8"."day",
                  "t8"."attributes",
                  "t8"."forced",
                  "t8"."received"
                FROM "exposures" AS "t8"
                INNER JOIN (
                  SELECT
                    "t4"."experiment",
                    "t4"."phase",
                    "t4"."unit",
                    "t4"."variant",
                    "t4"."forced",
                    "t4"."day",
                    MIN("t4"."at") AS "at"
                  FROM "exposures" AS "t4"
                  GROUP BY
                    1,
                    2,
                    3,
                    4,
                    5,
                    6
                ) AS "t12"
                  ON "t8"."experiment" = "t12"."experiment"
                  AND "t8"."phase" = "t12"."phase"
                  AND "t8"."unit" = "t12"."unit"
                  AND "t8"."variant" = "t12"."variant"
                  AND "t8"."forced" = "t12"."forced"
                  AND "t8"."day" = "t12"."day"
                  AND "t8"."at" = "t12"."at"
              ) AS "t17"
              GROUP BY
                1,
                2,
                3,
                4,
                5,
                6,
                7
            ) AS "t20"
            WHERE
              NOT (
                "t20"."forced"
              )
          ) AS "t21"
          GROUP BY
            1,
            2,
            3,
            4
        ) AS "t23"
        INNER JOIN "uses" AS "t5"
          ON "t23"."experiment" = "t5"."experiment" AND "t23"."phase" = "t5"."phase"
        INNER JOIN (
          SELECT
            *
          FROM "t9" AS "t11"
          WHERE
            "t11"."name" = 'visit'
        ) AS "t15"
          ON "t5"."unit_type" = "t15"."unit_type"
          AND "t23"."unit" = "t15"."unit"
          AND "t23"."day" = "t15"."day"
      ) AS "t24"
      WHERE
        "t24"."at" >= "t24"."entered"
    ) AS "t27"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t30"
) AS "t33";

-- moments
WITH "t15" AS (
  SELECT
    "t14"."unit",
    "t14"."day",
    "t14"."attributes",
    "t14"."order" % 64 AS "variant",
    "t14"."met" > 1 AS "crossover",
    COALESCE("t14"."earlier", FALSE) AS "earlier",
    (
      "t14"."day" > 20525
    ) OR (
      "t14"."day" < 20519
    ) AS "outside"
  FROM (
    SELECT
      "t13".*
      EXCLUDE ("unit_right")
    FROM (
      SELECT
        "t12"."unit",
        "t12"."order",
        "t12"."day",
        "t12"."met",
        "t12"."attributes",
        "t10"."unit" AS "unit_right",
        "t10"."earlier"
      FROM (
        SELECT
          "t8"."unit",
          MIN("t8"."order") AS "order",
          MIN("t8"."day") AS "day",
          COUNT(DISTINCT "t8"."variant") AS "met",
          MIN_BY("t8"."attributes", "t8"."order") AS "attributes"
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
            (
              "t2"."at" * 64
            ) + CAST(CASE "t2"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE 0
            END AS BIGINT) AS "order"
          FROM "exposure_days" AS "t2"
          WHERE
            "t2"."experiment" = 'checkout'
            AND NOT (
              "t2"."forced"
            )
            AND "t2"."phase" = 2
            AND "t2"."variant" IN ('control', 'blue', 'green')
        ) AS "t8"
        GROUP BY
          1
      ) AS "t12"
      LEFT OUTER JOIN (
        SELECT
          "t5"."unit",
          TRUE AS "earlier"
        FROM (
          SELECT DISTINCT
            "t2"."unit"
          FROM "exposure_days" AS "t2"
          WHERE
            "t2"."experiment" = 'checkout' AND NOT (
              "t2"."forced"
            ) AND "t2"."phase" < 2
        ) AS "t5"
      ) AS "t10"
        ON "t12"."unit" = "t10"."unit"
    ) AS "t13"
  ) AS "t14"
)
SELECT
  *
FROM (
  SELECT
    "t32"."variant",
    "t32"."segment",
    COUNT("t32"."m2_y") AS "m2_n",
    SUM(CAST("t32"."m2_y" IS NULL AS INT)) AS "m2_waiting",
    AVG("t32"."m2_y") AS "m2_mean_y",
    AVG("t32"."m2_pre") AS "m2_mean_pre",
    AVG("t32"."m2_a_past") AS "m2_mean_a_past",
    AVG("t32"."m2_missing_past") AS "m2_mean_missing_past",
    VARIANCE("t32"."m2_y") AS "m2_cov_y_y",
    COVAR_SAMP("t32"."m2_y", "t32"."m2_pre") AS "m2_cov_y_pre",
    COVAR_SAMP("t32"."m2_y", "t32"."m2_a_past") AS "m2_cov_y_a_past",
    COVAR_SAMP("t32"."m2_y", "t32"."m2_missing_past") AS "m2_cov_y_missing_past",
    VARIANCE("t32"."m2_pre") AS "m2_cov_pre_pre",
    COVAR_SAMP("t32"."m2_pre", "t32"."m2_a_past") AS "m2_cov_pre_a_past",
    COVAR_SAMP("t32"."m2_pre", "t32"."m2_missing_past") AS "m2_cov_pre_missing_past",
    VARIANCE("t32"."m2_a_past") AS "m2_cov_a_past_a_past",
    COVAR_SAMP("t32"."m2_a_past", "t32"."m2_missing_past") AS "m2_cov_a_past_missing_past",
    VARIANCE("t32"."m2_missing_past") AS "m2_cov_missing_past_missing_past",
    COUNT("t32"."m1_y") AS "m1_n",
    SUM(CAST("t32"."m1_y" IS NULL AS INT)) AS "m1_waiting",
    AVG("t32"."m1_y") AS "m1_mean_y",
    AVG("t32"."m1_d") AS "m1_mean_d",
    AVG("t32"."m1_pre") AS "m1_mean_pre",
    AVG("t32"."m1_a_past") AS "m1_mean_a_past",
    AVG("t32"."m1_missing_past") AS "m1_mean_missing_past",
    VARIANCE("t32"."m1_y") AS "m1_cov_y_y",
    COVAR_SAMP("t32"."m1_y", "t32"."m1_d") AS "m1_cov_y_d",
    COVAR_SAMP("t32"."m1_y", "t32"."m1_pre") AS "m1_cov_y_pre",
    COVAR_SAMP("t32"."m1_y", "t32"."m1_a_past") AS "m1_cov_y_a_past",
    COVAR_SAMP("t32"."m1_y", "t32"."m1_missing_past") AS "m1_cov_y_missing_past",
    VARIANCE("t32"."m1_d") AS "m1_cov_d_d",
    COVAR_SAMP("t32"."m1_d", "t32"."m1_pre") AS "m1_cov_d_pre",
    COVAR_SAMP("t32"."m1_d", "t32"."m1_a_past") AS "m1_cov_d_a_past",
    COVAR_SAMP("t32"."m1_d", "t32"."m1_missing_past") AS "m1_cov_d_missing_past",
    VARIANCE("t32"."m1_pre") AS "m1_cov_pre_pre",
    COVAR_SAMP("t32"."m1_pre", "t32"."m1_a_past") AS "m1_cov_pre_a_past",
    COVAR_SAMP("t32"."m1_pre", "t32"."m1_missing_past") AS "m1_cov_pre_missing_past",
    VARIANCE("t32"."m1_a_past") AS "m1_cov_a_past_a_past",
    COVAR_SAMP("t32"."m1_a_past", "t32"."m1_missing_past") AS "m1_cov_a_past_missing_past",
    VARIANCE("t32"."m1_missing_past") AS "m1_cov_missing_past_missing_past"
  FROM (
    SELECT
      "t31"."unit",
      "t31"."day",
      "t31"."variant",
      "t31"."attributes",
      "t31"."s0",
      "t31"."s1",
      "t31"."s2",
      "t31"."s3",
      "t31"."s4",
      "t31"."s5",
      IFF(
        (
          "t31"."day" + 0
        ) <= 20527,
        IFF(COALESCE("t31"."s0", 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_y",
      IFF(
        (
          "t31"."day" + 0
        ) <= 20527,
        IFF(COALESCE("t31"."s1", 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_pre",
      IFF(
        (
          "t31"."day" + 0
        ) <= 20527,
        COALESCE(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'past')), 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_a_past",
      IFF(
        (
          "t31"."day" + 0
        ) <= 20527,
        IFF(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m2_missing_past",
      IFF(
        (
          "t31"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t31"."s2", 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_y",
      IFF((
        "t31"."day" + 1
      ) <= 20527, COALESCE("t31"."s4", 0.0), CAST(NULL AS DOUBLE)) AS "m1_d",
      IFF(
        (
          "t31"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t31"."s3", 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_pre",
      IFF(
        (
          "t31"."day" + 1
        ) <= 20527,
        COALESCE(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'past')), 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_a_past",
      IFF(
        (
          "t31"."day" + 1
        ) <= 20527,
        IFF(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'past')) IS NULL, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS "m1_missing_past",
      COALESCE(
        COALESCE(
          AS_VARCHAR(GET(CAST("t31"."attributes" AS VARIANT), 'country')),
          IFF(
            (
              AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'country')) = CAST(ROUND(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'country')), 0) AS BIGINT)
            )
            AND (
              ABS(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'country'))) < 9007199254740992
            ),
            CAST(CAST(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'country')) AS BIGINT) AS VARCHAR),
            CAST(AS_DOUBLE(GET(CAST("t31"."attributes" AS VARIANT), 'country')) AS VARCHAR)
          ),
          CAST(AS_BOOLEAN(GET(CAST("t31"."attributes" AS VARIANT), 'country')) AS VARCHAR)
        ),
        '(none)'
      ) AS "segment"
    FROM (
      SELECT
        "t30".*
        EXCLUDE ("unit_right")
      FROM (
        SELECT
          "t20"."unit",
          "t20"."day",
          "t20"."variant",
          "t20"."attributes",
          "t29"."unit" AS "unit_right",
          "t29"."s0",
          "t29"."s1",
          "t29"."s2",
          "t29"."s3",
          "t29"."s4",
          "t29"."s5"
        FROM (
          SELECT
            "t16"."unit",
            "t16"."day",
            "t16"."variant",
            "t16"."attributes"
          FROM "t15" AS "t16"
          WHERE
            NOT (
              "t16"."crossover"
            )
            AND NOT (
              "t16"."earlier"
            )
            AND NOT (
              "t16"."outside"
            )
        ) AS "t20"
        LEFT OUTER JOIN (
          SELECT
            "t27"."unit",
            SUM(
              IFF(
                (
                  "t27"."measure" = '15019fed6f53fd6d'
                )
                AND (
                  "t27"."offset" >= 0
                )
                AND (
                  "t27"."offset" < 1
                ),
                CAST("t27"."n" AS DOUBLE),
                NULL
              )
            ) AS "s0",
            SUM(
              IFF(
                (
                  "t27"."measure" = '15019fed6f53fd6d'
                )
                AND (
                  "t27"."offset" >= -2
                )
                AND (
                  "t27"."offset" < 0
                ),
                CAST("t27"."n" AS DOUBLE),
                NULL
              )
            ) AS "s1",
            SUM(
              IFF(
                (
                  "t27"."measure" = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  "t27"."offset" >= 0
                )
                AND (
                  "t27"."offset" < 2
                ),
                "t27"."total",
                NULL
              )
            ) AS "s2",
            SUM(
              IFF(
                (
                  "t27"."measure" = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  "t27"."offset" >= -1
                )
                AND (
                  "t27"."offset" < 0
                ),
                "t27"."total",
                NULL
              )
            ) AS "s3",
            SUM(
              IFF(
                (
                  "t27"."measure" = 'c4316d54cb9e590e'
                )
                AND (
                  "t27"."offset" >= 0
                )
                AND (
                  "t27"."offset" < 2
                ),
                CAST("t27"."n" AS DOUBLE),
                NULL
              )
            ) AS "s4",
            SUM(
              IFF(
                (
                  "t27"."measure" = 'c4316d54cb9e590e'
                )
                AND (
                  "t27"."offset" >= -1
                )
                AND (
                  "t27"."offset" < 0
                ),
                CAST("t27"."n" AS DOUBLE),
                NULL
              )
            ) AS "s5"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t23"."unit",
                "t23"."measure",
                CAST(0 AS BIGINT) AS "offset",
                "t23"."n",
                "t23"."total"
              FROM (
                SELECT
                  "t6"."experiment",
                  "t6"."phase",
                  "t6"."measure",
                  "t6"."unit",
                  "t6"."n",
                  "t6"."total",
                  "t6"."day"
                FROM (
                  SELECT
                    *
                  FROM "entry_days" AS "t0"
                  WHERE
                    "t0"."experiment" = 'checkout'
                    AND "t0"."phase" = 2
                    AND "t0"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
                ) AS "t6"
                INNER JOIN (
                  SELECT
                    "t16"."unit",
                    "t16"."day"
                  FROM "t15" AS "t16"
                  WHERE
                    NOT (
                      "t16"."crossover"
                    )
                    AND NOT (
                      "t16"."earlier"
                    )
                    AND NOT (
                      "t16"."outside"
                    )
                ) AS "t21"
                  ON "t6"."unit" = "t21"."unit" AND "t6"."day" = "t21"."day"
              ) AS "t23"
            ) AS "t25"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t24"."unit",
                "t24"."measure",
                "t24"."day" - "t24"."entered" AS "offset",
                "t24"."n",
                "t24"."total"
              FROM (
                SELECT
                  "t7"."measure",
                  "t7"."unit_type",
                  "t7"."unit",
                  "t7"."n",
                  "t7"."total",
                  "t7"."day",
                  "t22"."entered"
                FROM (
                  SELECT
                    *
                  FROM "unit_days" AS "t1"
                  WHERE
                    "t1"."unit_type" = 'account'
                    AND "t1"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
                ) AS "t7"
                INNER JOIN (
                  SELECT
                    "t16"."unit",
                    "t16"."day" AS "entered"
                  FROM "t15" AS "t16"
                  WHERE
                    NOT (
                      "t16"."crossover"
                    )
                    AND NOT (
                      "t16"."earlier"
                    )
                    AND NOT (
                      "t16"."outside"
                    )
                ) AS "t22"
                  ON "t7"."unit" = "t22"."unit"
              ) AS "t24"
              WHERE
                (
                  "t24"."day" - "t24"."entered"
                ) <> 0
            ) AS "t26"
          ) AS "t27"
          GROUP BY
            1
        ) AS "t29"
          ON "t20"."unit" = "t29"."unit"
      ) AS "t30"
    ) AS "t31"
  ) AS "t32"
  GROUP BY
    1,
    2
) AS "t33"
ORDER BY
  "t33"."variant" ASC,
  "t33"."segment" ASC;
