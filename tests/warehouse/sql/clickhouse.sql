-- exposure_days
SELECT
  "t4"."experiment" AS "experiment",
  "t4"."phase" AS "phase",
  "t4"."unit" AS "unit",
  "t4"."variant" AS "variant",
  "t4"."forced" AS "forced",
  "t4"."day" AS "day",
  "t4"."at" AS "at",
  MIN("t4"."attributes") AS "attributes"
FROM (
  SELECT
    "t1"."id" AS "id",
    "t1"."experiment" AS "experiment",
    "t1"."phase" AS "phase",
    "t1"."unit" AS "unit",
    "t1"."variant" AS "variant",
    "t1"."at" AS "at",
    "t1"."day" AS "day",
    "t1"."attributes" AS "attributes",
    "t1"."forced" AS "forced",
    "t1"."received" AS "received"
  FROM "exposures" AS "t1"
  INNER JOIN (
    SELECT
      "t0"."experiment" AS "experiment",
      "t0"."phase" AS "phase",
      "t0"."unit" AS "unit",
      "t0"."variant" AS "variant",
      "t0"."forced" AS "forced",
      "t0"."day" AS "day",
      MIN("t0"."at") AS "at"
    FROM "exposures" AS "t0"
    GROUP BY
      "t0"."experiment",
      "t0"."phase",
      "t0"."unit",
      "t0"."variant",
      "t0"."forced",
      "t0"."day"
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
  "t4"."experiment",
  "t4"."phase",
  "t4"."unit",
  "t4"."variant",
  "t4"."forced",
  "t4"."day",
  "t4"."at";

-- unit_days
WITH "t1" AS (
  SELECT
    "t0"."id" AS "id",
    "t0"."unit_type" AS "unit_type",
    "t0"."unit" AS "unit",
    "t0"."day" AS "day",
    MIN("t0"."name") AS "name",
    MIN("t0"."at") AS "at",
    MIN("t0"."value") AS "value",
    MIN("t0"."properties") AS "properties"
  FROM "events" AS "t0"
  GROUP BY
    "t0"."id",
    "t0"."unit_type",
    "t0"."unit",
    "t0"."day"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t7"."unit_type" AS "unit_type",
      "t7"."unit" AS "unit",
      "t7"."day" AS "day",
      "t7"."n" AS "n",
      "t7"."total" AS "total",
      '15019fed6f53fd6d' AS "measure"
    FROM (
      SELECT
        "t4"."unit_type" AS "unit_type",
        "t4"."unit" AS "unit",
        "t4"."day" AS "day",
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
        "t4"."unit_type",
        "t4"."unit",
        "t4"."day"
    ) AS "t7"
  ) AS "t9"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t10"."unit_type" AS "unit_type",
      "t10"."unit" AS "unit",
      "t10"."day" AS "day",
      "t10"."n" AS "n",
      "t10"."total" AS "total",
      'a0a20fe4cf3aa4ce' AS "measure"
    FROM (
      SELECT
        "t5"."unit_type" AS "unit_type",
        "t5"."unit" AS "unit",
        "t5"."day" AS "day",
        COUNT(*) AS "n",
        COALESCE(SUM("t5"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
          AND CASE
            WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'currency'))) IN ('String')
            THEN JSONExtractString(JSONExtractRaw("t2"."properties", 'currency'))
            ELSE NULL
          END = 'EUR'
      ) AS "t5"
      GROUP BY
        "t5"."unit_type",
        "t5"."unit",
        "t5"."day"
    ) AS "t10"
  ) AS "t11"
) AS "t12"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t6"."unit_type" AS "unit_type",
    "t6"."unit" AS "unit",
    "t6"."day" AS "day",
    "t6"."n" AS "n",
    "t6"."total" AS "total",
    'c4316d54cb9e590e' AS "measure"
  FROM (
    SELECT
      "t3"."unit_type" AS "unit_type",
      "t3"."unit" AS "unit",
      "t3"."day" AS "day",
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
      "t3"."unit_type",
      "t3"."unit",
      "t3"."day"
  ) AS "t6"
) AS "t8";

-- entry_days
WITH "t9" AS (
  SELECT
    "t3"."id" AS "id",
    "t3"."unit_type" AS "unit_type",
    "t3"."unit" AS "unit",
    "t3"."day" AS "day",
    MIN("t3"."name") AS "name",
    MIN("t3"."at") AS "at",
    MIN("t3"."value") AS "value",
    MIN("t3"."properties") AS "properties"
  FROM "events" AS "t3"
  GROUP BY
    "t3"."id",
    "t3"."unit_type",
    "t3"."unit",
    "t3"."day"
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t31"."experiment" AS "experiment",
      "t31"."phase" AS "phase",
      "t31"."unit" AS "unit",
      "t31"."day" AS "day",
      "t31"."n" AS "n",
      "t31"."total" AS "total",
      '15019fed6f53fd6d' AS "measure"
    FROM (
      SELECT
        "t28"."experiment" AS "experiment",
        "t28"."phase" AS "phase",
        "t28"."unit" AS "unit",
        "t28"."day" AS "day",
        COUNT(*) AS "n",
        COALESCE(SUM("t28"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t23"."experiment" AS "experiment",
            "t23"."phase" AS "phase",
            "t23"."unit" AS "unit",
            "t23"."day" AS "day",
            "t23"."entered" AS "entered",
            "t6"."unit_type" AS "unit_type",
            "t16"."id" AS "id",
            "t16"."name" AS "name",
            "t16"."at" AS "at",
            "t16"."value" AS "value",
            "t16"."properties" AS "properties"
          FROM (
            SELECT
              "t21"."experiment" AS "experiment",
              "t21"."phase" AS "phase",
              "t21"."unit" AS "unit",
              "t21"."day" AS "day",
              MIN("t21"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t17"."experiment" AS "experiment",
                  "t17"."phase" AS "phase",
                  "t17"."unit" AS "unit",
                  "t17"."variant" AS "variant",
                  "t17"."forced" AS "forced",
                  "t17"."day" AS "day",
                  "t17"."at" AS "at",
                  MIN("t17"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t8"."id" AS "id",
                    "t8"."experiment" AS "experiment",
                    "t8"."phase" AS "phase",
                    "t8"."unit" AS "unit",
                    "t8"."variant" AS "variant",
                    "t8"."at" AS "at",
                    "t8"."day" AS "day",
                    "t8"."attributes" AS "attributes",
                    "t8"."forced" AS "forced",
                    "t8"."received" AS "received"
                  FROM "exposures" AS "t8"
                  INNER JOIN (
                    SELECT
                      "t4"."experiment" AS "experiment",
                      "t4"."phase" AS "phase",
                      "t4"."unit" AS "unit",
                      "t4"."variant" AS "variant",
                      "t4"."forced" AS "forced",
                      "t4"."day" AS "day",
                      MIN("t4"."at") AS "at"
                    FROM "exposures" AS "t4"
                    GROUP BY
                      "t4"."experiment",
                      "t4"."phase",
                      "t4"."unit",
                      "t4"."variant",
                      "t4"."forced",
                      "t4"."day"
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
                  "t17"."experiment",
                  "t17"."phase",
                  "t17"."unit",
                  "t17"."variant",
                  "t17"."forced",
                  "t17"."day",
                  "t17"."at"
              ) AS "t20"
              WHERE
                NOT (
                  "t20"."forced"
                )
            ) AS "t21"
            GROUP BY
              "t21"."experiment",
              "t21"."phase",
              "t21"."unit",
              "t21"."day"
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
        "t28"."experiment",
        "t28"."phase",
        "t28"."unit",
        "t28"."day"
    ) AS "t31"
  ) AS "t34"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t32"."experiment" AS "experiment",
      "t32"."phase" AS "phase",
      "t32"."unit" AS "unit",
      "t32"."day" AS "day",
      "t32"."n" AS "n",
      "t32"."total" AS "total",
      'a0a20fe4cf3aa4ce' AS "measure"
    FROM (
      SELECT
        "t29"."experiment" AS "experiment",
        "t29"."phase" AS "phase",
        "t29"."unit" AS "unit",
        "t29"."day" AS "day",
        COUNT(*) AS "n",
        COALESCE(SUM("t29"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t23"."experiment" AS "experiment",
            "t23"."phase" AS "phase",
            "t23"."unit" AS "unit",
            "t23"."day" AS "day",
            "t23"."entered" AS "entered",
            "t7"."unit_type" AS "unit_type",
            "t19"."id" AS "id",
            "t19"."name" AS "name",
            "t19"."at" AS "at",
            "t19"."value" AS "value",
            "t19"."properties" AS "properties"
          FROM (
            SELECT
              "t21"."experiment" AS "experiment",
              "t21"."phase" AS "phase",
              "t21"."unit" AS "unit",
              "t21"."day" AS "day",
              MIN("t21"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t17"."experiment" AS "experiment",
                  "t17"."phase" AS "phase",
                  "t17"."unit" AS "unit",
                  "t17"."variant" AS "variant",
                  "t17"."forced" AS "forced",
                  "t17"."day" AS "day",
                  "t17"."at" AS "at",
                  MIN("t17"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t8"."id" AS "id",
                    "t8"."experiment" AS "experiment",
                    "t8"."phase" AS "phase",
                    "t8"."unit" AS "unit",
                    "t8"."variant" AS "variant",
                    "t8"."at" AS "at",
                    "t8"."day" AS "day",
                    "t8"."attributes" AS "attributes",
                    "t8"."forced" AS "forced",
                    "t8"."received" AS "received"
                  FROM "exposures" AS "t8"
                  INNER JOIN (
                    SELECT
                      "t4"."experiment" AS "experiment",
                      "t4"."phase" AS "phase",
                      "t4"."unit" AS "unit",
                      "t4"."variant" AS "variant",
                      "t4"."forced" AS "forced",
                      "t4"."day" AS "day",
                      MIN("t4"."at") AS "at"
                    FROM "exposures" AS "t4"
                    GROUP BY
                      "t4"."experiment",
                      "t4"."phase",
                      "t4"."unit",
                      "t4"."variant",
                      "t4"."forced",
                      "t4"."day"
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
                  "t17"."experiment",
                  "t17"."phase",
                  "t17"."unit",
                  "t17"."variant",
                  "t17"."forced",
                  "t17"."day",
                  "t17"."at"
              ) AS "t20"
              WHERE
                NOT (
                  "t20"."forced"
                )
            ) AS "t21"
            GROUP BY
              "t21"."experiment",
              "t21"."phase",
              "t21"."unit",
              "t21"."day"
          ) AS "t23"
          INNER JOIN "uses" AS "t7"
            ON "t23"."experiment" = "t7"."experiment" AND "t23"."phase" = "t7"."phase"
          INNER JOIN (
            SELECT
              *
            FROM "t9" AS "t11"
            WHERE
              "t11"."name" = 'order'
              AND CASE
                WHEN toString(JSONType(JSONExtractRaw("t11"."properties", 'currency'))) IN ('String')
                THEN JSONExtractString(JSONExtractRaw("t11"."properties", 'currency'))
                ELSE NULL
              END = 'EUR'
          ) AS "t19"
            ON "t7"."unit_type" = "t19"."unit_type"
            AND "t23"."unit" = "t19"."unit"
            AND "t23"."day" = "t19"."day"
        ) AS "t26"
        WHERE
          "t26"."at" >= "t26"."entered"
      ) AS "t29"
      GROUP BY
        "t29"."experiment",
        "t29"."phase",
        "t29"."unit",
        "t29"."day"
    ) AS "t32"
  ) AS "t35"
) AS "t36"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t30"."experiment" AS "experiment",
    "t30"."phase" AS "phase",
    "t30"."unit" AS "unit",
    "t30"."day" AS "day",
    "t30"."n" AS "n",
    "t30"."total" AS "total",
    'c4316d54cb9e590e' AS "measure"
  FROM (
    SELECT
      "t27"."experiment" AS "experiment",
      "t27"."phase" AS "phase",
      "t27"."unit" AS "unit",
      "t27"."day" AS "day",
      COUNT(*) AS "n",
      COALESCE(SUM("t27"."value"), 0.0) AS "total"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t23"."experiment" AS "experiment",
          "t23"."phase" AS "phase",
          "t23"."unit" AS "unit",
          "t23"."day" AS "day",
          "t23"."entered" AS "entered",
          "t5"."unit_type" AS "unit_type",
          "t15"."id" AS "id",
          "t15"."name" AS "name",
          "t15"."at" AS "at",
          "t15"."value" AS "value",
          "t15"."properties" AS "properties"
        FROM (
          SELECT
            "t21"."experiment" AS "experiment",
            "t21"."phase" AS "phase",
            "t21"."unit" AS "unit",
            "t21"."day" AS "day",
            MIN("t21"."at") AS "entered"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t17"."experiment" AS "experiment",
                "t17"."phase" AS "phase",
                "t17"."unit" AS "unit",
                "t17"."variant" AS "variant",
                "t17"."forced" AS "forced",
                "t17"."day" AS "day",
                "t17"."at" AS "at",
                MIN("t17"."attributes") AS "attributes"
              FROM (
                SELECT
                  "t8"."id" AS "id",
                  "t8"."experiment" AS "experiment",
                  "t8"."phase" AS "phase",
                  "t8"."unit" AS "unit",
                  "t8"."variant" AS "variant",
                  "t8"."at" AS "at",
                  "t8"."day" AS "day",
                  "t8"."attributes" AS "attributes",
                  "t8"."forced" AS "forced",
                  "t8"."received" AS "received"
                FROM "exposures" AS "t8"
                INNER JOIN (
                  SELECT
                    "t4"."experiment" AS "experiment",
                    "t4"."phase" AS "phase",
                    "t4"."unit" AS "unit",
                    "t4"."variant" AS "variant",
                    "t4"."forced" AS "forced",
                    "t4"."day" AS "day",
                    MIN("t4"."at") AS "at"
                  FROM "exposures" AS "t4"
                  GROUP BY
                    "t4"."experiment",
                    "t4"."phase",
                    "t4"."unit",
                    "t4"."variant",
                    "t4"."forced",
                    "t4"."day"
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
                "t17"."experiment",
                "t17"."phase",
                "t17"."unit",
                "t17"."variant",
                "t17"."forced",
                "t17"."day",
                "t17"."at"
            ) AS "t20"
            WHERE
              NOT (
                "t20"."forced"
              )
          ) AS "t21"
          GROUP BY
            "t21"."experiment",
            "t21"."phase",
            "t21"."unit",
            "t21"."day"
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
      "t27"."experiment",
      "t27"."phase",
      "t27"."unit",
      "t27"."day"
  ) AS "t30"
) AS "t33";

-- moments
WITH "t15" AS (
  SELECT
    "t14"."unit" AS "unit",
    "t14"."day" AS "day",
    "t14"."attributes" AS "attributes",
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
      EXCEPT ("unit_right")
    FROM (
      SELECT
        "t12"."unit" AS "unit",
        "t12"."order" AS "order",
        "t12"."day" AS "day",
        "t12"."met" AS "met",
        "t12"."attributes" AS "attributes",
        "t10"."unit" AS "unit_right",
        "t10"."earlier" AS "earlier"
      FROM (
        SELECT
          "t8"."unit" AS "unit",
          MIN("t8"."order") AS "order",
          MIN("t8"."day") AS "day",
          uniq("t8"."variant") AS "met",
          argMin(tuple("t8"."attributes"), "t8"."order").1 AS "attributes"
        FROM (
          SELECT
            "t2"."experiment" AS "experiment",
            "t2"."phase" AS "phase",
            "t2"."unit" AS "unit",
            "t2"."variant" AS "variant",
            "t2"."forced" AS "forced",
            "t2"."at" AS "at",
            "t2"."attributes" AS "attributes",
            "t2"."day" AS "day",
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
            END AS Nullable(Int64)) AS "order"
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
          "t8"."unit"
      ) AS "t12"
      LEFT OUTER JOIN (
        SELECT
          "t5"."unit" AS "unit",
          TRUE AS "earlier"
        FROM (
          SELECT DISTINCT
            "t2"."unit" AS "unit"
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
    "t32"."variant" AS "variant",
    "t32"."segment" AS "segment",
    COUNT("t32"."m2_y") AS "m2_n",
    SUM(CAST(isNull("t32"."m2_y") AS Nullable(Int32))) AS "m2_waiting",
    AVG("t32"."m2_y") AS "m2_mean_y",
    AVG("t32"."m2_pre") AS "m2_mean_pre",
    AVG("t32"."m2_a_past") AS "m2_mean_a_past",
    AVG("t32"."m2_missing_past") AS "m2_mean_missing_past",
    varSamp("t32"."m2_y") AS "m2_cov_y_y",
    covarSamp("t32"."m2_y", "t32"."m2_pre") AS "m2_cov_y_pre",
    covarSamp("t32"."m2_y", "t32"."m2_a_past") AS "m2_cov_y_a_past",
    covarSamp("t32"."m2_y", "t32"."m2_missing_past") AS "m2_cov_y_missing_past",
    varSamp("t32"."m2_pre") AS "m2_cov_pre_pre",
    covarSamp("t32"."m2_pre", "t32"."m2_a_past") AS "m2_cov_pre_a_past",
    covarSamp("t32"."m2_pre", "t32"."m2_missing_past") AS "m2_cov_pre_missing_past",
    varSamp("t32"."m2_a_past") AS "m2_cov_a_past_a_past",
    covarSamp("t32"."m2_a_past", "t32"."m2_missing_past") AS "m2_cov_a_past_missing_past",
    varSamp("t32"."m2_missing_past") AS "m2_cov_missing_past_missing_past",
    COUNT("t32"."m1_y") AS "m1_n",
    SUM(CAST(isNull("t32"."m1_y") AS Nullable(Int32))) AS "m1_waiting",
    AVG("t32"."m1_y") AS "m1_mean_y",
    AVG("t32"."m1_d") AS "m1_mean_d",
    AVG("t32"."m1_pre") AS "m1_mean_pre",
    AVG("t32"."m1_a_past") AS "m1_mean_a_past",
    AVG("t32"."m1_missing_past") AS "m1_mean_missing_past",
    varSamp("t32"."m1_y") AS "m1_cov_y_y",
    covarSamp("t32"."m1_y", "t32"."m1_d") AS "m1_cov_y_d",
    covarSamp("t32"."m1_y", "t32"."m1_pre") AS "m1_cov_y_pre",
    covarSamp("t32"."m1_y", "t32"."m1_a_past") AS "m1_cov_y_a_past",
    covarSamp("t32"."m1_y", "t32"."m1_missing_past") AS "m1_cov_y_missing_past",
    varSamp("t32"."m1_d") AS "m1_cov_d_d",
    covarSamp("t32"."m1_d", "t32"."m1_pre") AS "m1_cov_d_pre",
    covarSamp("t32"."m1_d", "t32"."m1_a_past") AS "m1_cov_d_a_past",
    covarSamp("t32"."m1_d", "t32"."m1_missing_past") AS "m1_cov_d_missing_past",
    varSamp("t32"."m1_pre") AS "m1_cov_pre_pre",
    covarSamp("t32"."m1_pre", "t32"."m1_a_past") AS "m1_cov_pre_a_past",
    covarSamp("t32"."m1_pre", "t32"."m1_missing_past") AS "m1_cov_pre_missing_past",
    varSamp("t32"."m1_a_past") AS "m1_cov_a_past_a_past",
    covarSamp("t32"."m1_a_past", "t32"."m1_missing_past") AS "m1_cov_a_past_missing_past",
    varSamp("t32"."m1_missing_past") AS "m1_cov_missing_past_missing_past"
  FROM (
    SELECT
      "t31"."unit" AS "unit",
      "t31"."day" AS "day",
      "t31"."variant" AS "variant",
      "t31"."attributes" AS "attributes",
      "t31"."s0" AS "s0",
      "t31"."s1" AS "s1",
      "t31"."s2" AS "s2",
      "t31"."s3" AS "s3",
      "t31"."s4" AS "s4",
      "t31"."s5" AS "s5",
      CASE
        WHEN (
          "t31"."day" + 0
        ) <= 20527
        THEN CASE WHEN COALESCE("t31"."s0", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_y",
      CASE
        WHEN (
          "t31"."day" + 0
        ) <= 20527
        THEN CASE WHEN COALESCE("t31"."s1", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_pre",
      CASE
        WHEN (
          "t31"."day" + 0
        ) <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_a_past",
      CASE
        WHEN (
          "t31"."day" + 0
        ) <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'past'))
              ELSE NULL
            END
          )
          THEN 1.0
          ELSE 0.0
        END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_missing_past",
      CASE
        WHEN (
          "t31"."day" + 1
        ) <= 20527
        THEN LEAST(COALESCE("t31"."s2", 0.0), 90.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_y",
      CASE
        WHEN (
          "t31"."day" + 1
        ) <= 20527
        THEN COALESCE("t31"."s4", 0.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_d",
      CASE
        WHEN (
          "t31"."day" + 1
        ) <= 20527
        THEN LEAST(COALESCE("t31"."s3", 0.0), 90.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_pre",
      CASE
        WHEN (
          "t31"."day" + 1
        ) <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_a_past",
      CASE
        WHEN (
          "t31"."day" + 1
        ) <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'past'))
              ELSE NULL
            END
          )
          THEN 1.0
          ELSE 0.0
        END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_missing_past",
      COALESCE(
        COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('String')
            THEN JSONExtractString(JSONExtractRaw("t31"."attributes", 'country'))
            ELSE NULL
          END,
          CASE
            WHEN (
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'country'))
                ELSE NULL
              END = CAST(ROUND(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'country'))
                  ELSE NULL
                END,
                0
              ) AS Nullable(Int64))
            )
            AND (
              ABS(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'country'))
                  ELSE NULL
                END
              ) < 9007199254740992
            )
            THEN CAST(CAST(CASE
              WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'country'))
              ELSE NULL
            END AS Nullable(Int64)) AS Nullable(String))
            ELSE CAST(CASE
              WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t31"."attributes", 'country'))
              ELSE NULL
            END AS Nullable(String))
          END,
          CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t31"."attributes", 'country'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t31"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(String))
        ),
        '(none)'
      ) AS "segment"
    FROM (
      SELECT
        "t30".*
        EXCEPT ("unit_right")
      FROM (
        SELECT
          "t20"."unit" AS "unit",
          "t20"."day" AS "day",
          "t20"."variant" AS "variant",
          "t20"."attributes" AS "attributes",
          "t29"."unit" AS "unit_right",
          "t29"."s0" AS "s0",
          "t29"."s1" AS "s1",
          "t29"."s2" AS "s2",
          "t29"."s3" AS "s3",
          "t29"."s4" AS "s4",
          "t29"."s5" AS "s5"
        FROM (
          SELECT
            "t16"."unit" AS "unit",
            "t16"."day" AS "day",
            "t16"."variant" AS "variant",
            "t16"."attributes" AS "attributes"
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
            "t27"."unit" AS "unit",
            sumIf(
              CAST("t27"."n" AS Nullable(Float64)),
              (
                "t27"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t27"."offset" >= 0
              )
              AND (
                "t27"."offset" < 1
              )
            ) AS "s0",
            sumIf(
              CAST("t27"."n" AS Nullable(Float64)),
              (
                "t27"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t27"."offset" >= -2
              )
              AND (
                "t27"."offset" < 0
              )
            ) AS "s1",
            sumIf(
              "t27"."total",
              (
                "t27"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t27"."offset" >= 0
              )
              AND (
                "t27"."offset" < 2
              )
            ) AS "s2",
            sumIf(
              "t27"."total",
              (
                "t27"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t27"."offset" >= -1
              )
              AND (
                "t27"."offset" < 0
              )
            ) AS "s3",
            sumIf(
              CAST("t27"."n" AS Nullable(Float64)),
              (
                "t27"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t27"."offset" >= 0
              )
              AND (
                "t27"."offset" < 2
              )
            ) AS "s4",
            sumIf(
              CAST("t27"."n" AS Nullable(Float64)),
              (
                "t27"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t27"."offset" >= -1
              )
              AND (
                "t27"."offset" < 0
              )
            ) AS "s5"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t23"."unit" AS "unit",
                "t23"."measure" AS "measure",
                CAST(0 AS Nullable(Int64)) AS "offset",
                "t23"."n" AS "n",
                "t23"."total" AS "total"
              FROM (
                SELECT
                  "t6"."experiment" AS "experiment",
                  "t6"."phase" AS "phase",
                  "t6"."measure" AS "measure",
                  "t6"."unit" AS "unit",
                  "t6"."n" AS "n",
                  "t6"."total" AS "total",
                  "t6"."day" AS "day"
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
                    "t16"."unit" AS "unit",
                    "t16"."day" AS "day"
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
                "t24"."unit" AS "unit",
                "t24"."measure" AS "measure",
                "t24"."day" - "t24"."entered" AS "offset",
                "t24"."n" AS "n",
                "t24"."total" AS "total"
              FROM (
                SELECT
                  "t7"."measure" AS "measure",
                  "t7"."unit_type" AS "unit_type",
                  "t7"."unit" AS "unit",
                  "t7"."n" AS "n",
                  "t7"."total" AS "total",
                  "t7"."day" AS "day",
                  "t22"."entered" AS "entered"
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
                    "t16"."unit" AS "unit",
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
            "t27"."unit"
        ) AS "t29"
          ON "t20"."unit" = "t29"."unit"
      ) AS "t30"
    ) AS "t31"
  ) AS "t32"
  GROUP BY
    "t32"."variant",
    "t32"."segment"
) AS "t33"
ORDER BY
  "t33"."variant" ASC,
  "t33"."segment" ASC;
