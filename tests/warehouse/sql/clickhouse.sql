-- exposure_days
SELECT
  "t1"."experiment" AS "experiment",
  "t1"."phase" AS "phase",
  "t1"."unit" AS "unit",
  "t1"."variant" AS "variant",
  "t1"."forced" AS "forced",
  "t1"."day" AS "day",
  MIN("t1"."at") AS "at",
  argMin(tuple("t1"."attributes"), "t1"."at").1 AS "attributes"
FROM (
  SELECT
    "t0"."experiment" AS "experiment",
    "t0"."phase" AS "phase",
    "t0"."unit" AS "unit",
    "t0"."variant" AS "variant",
    "t0"."forced" AS "forced",
    "t0"."day" AS "day",
    "t0"."at" AS "at",
    MIN("t0"."attributes") AS "attributes"
  FROM "exposures" AS "t0"
  GROUP BY
    "t0"."experiment",
    "t0"."phase",
    "t0"."unit",
    "t0"."variant",
    "t0"."forced",
    "t0"."day",
    "t0"."at"
) AS "t1"
GROUP BY
  "t1"."experiment",
  "t1"."phase",
  "t1"."unit",
  "t1"."variant",
  "t1"."forced",
  "t1"."day";

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
  "t9"."measure" AS "measure",
  "t9"."unit_type" AS "unit_type",
  "t9"."unit" AS "unit",
  "t9"."day" AS "day",
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
          "t2"."unit_type" AS "unit_type",
          "t2"."unit" AS "unit",
          "t2"."at" AS "at",
          "t2"."value" AS "value",
          "t2"."day" AS "day",
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
          "t2"."unit_type" AS "unit_type",
          "t2"."unit" AS "unit",
          "t2"."at" AS "at",
          "t2"."value" AS "value",
          "t2"."day" AS "day",
          'a0a20fe4cf3aa4ce' AS "measure"
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'order'
          AND CASE
            WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'currency'))) IN ('String')
            THEN JSONExtractString(JSONExtractRaw("t2"."properties", 'currency'))
            ELSE NULL
          END = 'EUR'
      ) AS "t5"
    ) AS "t7"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t2"."unit_type" AS "unit_type",
        "t2"."unit" AS "unit",
        "t2"."at" AS "at",
        "t2"."value" AS "value",
        "t2"."day" AS "day",
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
      "t2"."unit_type" AS "unit_type",
      "t2"."unit" AS "unit",
      "t2"."at" AS "at",
      "t2"."value" AS "value",
      "t2"."day" AS "day",
      'd440c1203aed298c' AS "measure"
    FROM "t1" AS "t2"
    WHERE
      "t2"."name" = 'order'
      AND (
        (
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t2"."properties", 'cart.size'))
            ELSE NULL
          END = 3
        )
        OR (
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t2"."properties", 'cart.size'))
            ELSE NULL
          END = 4
        )
      )
      AND CASE
        WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'gift'))) IN ('Bool')
        THEN JSONExtractBool(JSONExtractRaw("t2"."properties", 'gift'))
        ELSE NULL
      END = TRUE
  ) AS "t6"
) AS "t9"
GROUP BY
  "t9"."measure",
  "t9"."unit_type",
  "t9"."unit",
  "t9"."day";

-- entry_days
SELECT
  "t10"."experiment" AS "experiment",
  "t10"."phase" AS "phase",
  "t10"."unit" AS "unit",
  "t10"."day" AS "day",
  "t10"."at" AS "at"
FROM (
  SELECT
    "t8"."experiment" AS "experiment",
    "t8"."phase" AS "phase",
    "t8"."unit" AS "unit",
    "t8"."day" AS "day",
    MIN("t8"."at") AS "at"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t6"."experiment" AS "experiment",
        "t6"."phase" AS "phase",
        "t6"."unit" AS "unit",
        "t6"."variant" AS "variant",
        "t6"."forced" AS "forced",
        "t6"."at" AS "at",
        "t6"."attributes" AS "attributes",
        "t6"."day" AS "day",
        "t4"."first_day" AS "first_day",
        "t4"."last_day" AS "last_day"
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
    "t8"."experiment",
    "t8"."phase",
    "t8"."unit",
    "t8"."day"
) AS "t10"
LEFT ANTI JOIN "entry_days" AS "t3"
  ON "t10"."experiment" = "t3"."experiment"
  AND "t10"."phase" = "t3"."phase"
  AND "t10"."unit" = "t3"."unit";

-- outcome_days
WITH "t8" AS (
  SELECT
    *
  FROM "uses" AS "t2"
  WHERE
    "t2"."start" = 0
), "t10" AS (
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
  "t42"."experiment" AS "experiment",
  "t42"."phase" AS "phase",
  "t42"."measure" AS "measure",
  "t42"."unit" AS "unit",
  "t42"."n" AS "n",
  "t42"."total" AS "total",
  "t42"."offset" AS "offset",
  "t42"."active_days" AS "active_days",
  CAST(20527 AS Nullable(Int32)) AS "day"
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t39"."experiment" AS "experiment",
        "t39"."phase" AS "phase",
        "t39"."measure" AS "measure",
        "t39"."unit" AS "unit",
        "t39"."n" AS "n",
        "t39"."total" AS "total",
        CAST(0 AS Nullable(Int32)) AS "offset",
        CAST(1 AS Nullable(Int32)) AS "active_days"
      FROM (
        SELECT
          "t38".*
          EXCEPT ("unit_type")
        FROM (
          SELECT
            "t37"."experiment" AS "experiment",
            "t37"."phase" AS "phase",
            "t37"."unit_type" AS "unit_type",
            "t37"."measure" AS "measure",
            "t37"."unit" AS "unit",
            "t37"."n" AS "n",
            "t37"."total" AS "total"
          FROM (
            SELECT
              "t35"."experiment" AS "experiment",
              "t35"."phase" AS "phase",
              "t35"."unit_type" AS "unit_type",
              "t35"."measure" AS "measure",
              "t35"."unit" AS "unit",
              COUNT(*) AS "n",
              COALESCE(SUM("t35"."value"), 0.0) AS "total"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t12"."experiment" AS "experiment",
                  "t12"."phase" AS "phase",
                  "t12"."unit" AS "unit",
                  "t12"."entered" AS "entered",
                  "t12"."entered_day" AS "entered_day",
                  "t31"."unit_type" AS "unit_type",
                  "t31"."at" AS "at",
                  "t31"."value" AS "value",
                  "t31"."day" AS "day",
                  "t31"."measure" AS "measure"
                FROM (
                  SELECT
                    "t0"."experiment" AS "experiment",
                    "t0"."phase" AS "phase",
                    "t0"."unit" AS "unit",
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
                          "t17"."unit_type" AS "unit_type",
                          "t17"."unit" AS "unit",
                          "t17"."at" AS "at",
                          "t17"."value" AS "value",
                          "t17"."day" AS "day",
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
                          "t17"."unit_type" AS "unit_type",
                          "t17"."unit" AS "unit",
                          "t17"."at" AS "at",
                          "t17"."value" AS "value",
                          "t17"."day" AS "day",
                          'a0a20fe4cf3aa4ce' AS "measure"
                        FROM "t10" AS "t17"
                        WHERE
                          "t17"."name" = 'order'
                          AND CASE
                            WHEN toString(JSONType(JSONExtractRaw("t17"."properties", 'currency'))) IN ('String')
                            THEN JSONExtractString(JSONExtractRaw("t17"."properties", 'currency'))
                            ELSE NULL
                          END = 'EUR'
                      ) AS "t24"
                    ) AS "t26"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t17"."unit_type" AS "unit_type",
                        "t17"."unit" AS "unit",
                        "t17"."at" AS "at",
                        "t17"."value" AS "value",
                        "t17"."day" AS "day",
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
                      "t17"."unit_type" AS "unit_type",
                      "t17"."unit" AS "unit",
                      "t17"."at" AS "at",
                      "t17"."value" AS "value",
                      "t17"."day" AS "day",
                      'd440c1203aed298c' AS "measure"
                    FROM "t10" AS "t17"
                    WHERE
                      "t17"."name" = 'order'
                      AND (
                        (
                          CASE
                            WHEN toString(JSONType(JSONExtractRaw("t17"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                            THEN JSONExtractFloat(JSONExtractRaw("t17"."properties", 'cart.size'))
                            ELSE NULL
                          END = 3
                        )
                        OR (
                          CASE
                            WHEN toString(JSONType(JSONExtractRaw("t17"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                            THEN JSONExtractFloat(JSONExtractRaw("t17"."properties", 'cart.size'))
                            ELSE NULL
                          END = 4
                        )
                      )
                      AND CASE
                        WHEN toString(JSONType(JSONExtractRaw("t17"."properties", 'gift'))) IN ('Bool')
                        THEN JSONExtractBool(JSONExtractRaw("t17"."properties", 'gift'))
                        ELSE NULL
                      END = TRUE
                  ) AS "t25"
                ) AS "t31"
                  ON "t12"."unit" = "t31"."unit"
              ) AS "t34"
              WHERE
                "t34"."at" >= "t34"."entered"
            ) AS "t35"
            GROUP BY
              "t35"."experiment",
              "t35"."phase",
              "t35"."unit_type",
              "t35"."measure",
              "t35"."unit"
          ) AS "t37"
          LEFT SEMI JOIN "t8" AS "t19"
            ON "t37"."experiment" = "t19"."experiment"
            AND "t37"."phase" = "t19"."phase"
            AND "t37"."unit_type" = "t19"."unit_type"
            AND "t37"."measure" = "t19"."measure"
        ) AS "t38"
      ) AS "t39"
    ) AS "t40"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t23"."experiment" AS "experiment",
        "t23"."phase" AS "phase",
        "t23"."measure" AS "measure",
        "t23"."unit" AS "unit",
        "t23"."n" AS "n",
        "t23"."total" AS "total",
        CAST("t23"."day" - "t23"."entered_day" AS Nullable(Int32)) AS "offset",
        CAST(1 AS Nullable(Int32)) AS "active_days"
      FROM (
        SELECT
          "t11"."experiment" AS "experiment",
          "t11"."phase" AS "phase",
          "t11"."unit" AS "unit",
          "t11"."entered" AS "entered",
          "t11"."entered_day" AS "entered_day",
          "t13"."measure" AS "measure",
          "t13"."unit_type" AS "unit_type",
          "t13"."n" AS "n",
          "t13"."total" AS "total",
          "t13"."day" AS "day",
          "t18"."start" AS "start",
          "t18"."stop" AS "stop"
        FROM (
          SELECT
            "t0"."experiment" AS "experiment",
            "t0"."phase" AS "phase",
            "t0"."unit" AS "unit",
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
      "t32"."experiment" AS "experiment",
      "t32"."phase" AS "phase",
      "t32"."measure" AS "measure",
      "t32"."unit" AS "unit",
      "t32"."n" AS "n",
      "t32"."total" AS "total",
      "t32"."start" AS "offset",
      "t32"."active_days" AS "active_days"
    FROM (
      SELECT
        "t27"."experiment" AS "experiment",
        "t27"."phase" AS "phase",
        "t27"."measure" AS "measure",
        "t27"."unit" AS "unit",
        "t27"."start" AS "start",
        SUM("t27"."n") AS "n",
        SUM("t27"."total") AS "total",
        CAST(COUNT(*) AS Nullable(Int32)) AS "active_days"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t12"."experiment" AS "experiment",
            "t12"."phase" AS "phase",
            "t12"."unit" AS "unit",
            "t12"."entered" AS "entered",
            "t12"."entered_day" AS "entered_day",
            "t14"."measure" AS "measure",
            "t14"."unit_type" AS "unit_type",
            "t14"."n" AS "n",
            "t14"."total" AS "total",
            "t14"."day" AS "day",
            "t16"."start" AS "start",
            "t16"."stop" AS "stop"
          FROM (
            SELECT
              "t0"."experiment" AS "experiment",
              "t0"."phase" AS "phase",
              "t0"."unit" AS "unit",
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
        "t27"."experiment",
        "t27"."phase",
        "t27"."measure",
        "t27"."unit",
        "t27"."start"
    ) AS "t32"
  ) AS "t33"
) AS "t42";

-- total_days
SELECT
  "t16"."experiment" AS "experiment",
  "t16"."phase" AS "phase",
  "t16"."unit" AS "unit",
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
  CAST(20527 AS Nullable(Int32)) AS "day"
FROM (
  SELECT
    "t15"."experiment" AS "experiment",
    "t15"."phase" AS "phase",
    "t15"."unit" AS "unit",
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
        "t6"."experiment" AS "experiment",
        "t6"."phase" AS "phase",
        "t6"."unit" AS "unit",
        COALESCE(
          sumIf(
            CAST("t6"."n" AS Nullable(Float64)),
            (
              "t6"."measure" = '15019fed6f53fd6d'
            )
            AND (
              "t6"."offset" = -2
            )
            AND (
              "t6"."offset" < 0
            )
          ),
          0.0
        ) AS "s0",
        COALESCE(
          sumIf(
            CAST("t6"."n" AS Nullable(Float64)),
            (
              "t6"."measure" = '15019fed6f53fd6d'
            )
            AND (
              "t6"."offset" >= 0
            )
            AND (
              "t6"."offset" < 1
            )
          ),
          0.0
        ) AS "s1",
        COALESCE(
          sumIf(
            "t6"."total",
            (
              "t6"."measure" = 'a0a20fe4cf3aa4ce'
            )
            AND (
              "t6"."offset" = -1
            )
            AND (
              "t6"."offset" < 0
            )
          ),
          0.0
        ) AS "s2",
        COALESCE(
          sumIf(
            "t6"."total",
            (
              "t6"."measure" = 'a0a20fe4cf3aa4ce'
            )
            AND (
              "t6"."offset" >= 0
            )
            AND (
              "t6"."offset" < 2
            )
          ),
          0.0
        ) AS "s3",
        COALESCE(
          sumIf(
            CAST("t6"."n" AS Nullable(Float64)),
            (
              "t6"."measure" = 'c4316d54cb9e590e'
            )
            AND (
              "t6"."offset" = -1
            )
            AND (
              "t6"."offset" < 0
            )
          ),
          0.0
        ) AS "s4",
        COALESCE(
          sumIf(
            CAST("t6"."n" AS Nullable(Float64)),
            (
              "t6"."measure" = 'c4316d54cb9e590e'
            )
            AND (
              "t6"."offset" >= 0
            )
            AND (
              "t6"."offset" < 2
            )
          ),
          0.0
        ) AS "s5",
        COALESCE(
          sumIf(
            CAST("t6"."n" AS Nullable(Float64)),
            (
              "t6"."measure" = 'd440c1203aed298c'
            )
            AND (
              "t6"."offset" = -2
            )
            AND (
              "t6"."offset" < 0
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
        "t6"."experiment",
        "t6"."phase",
        "t6"."unit"
    ) AS "t10"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t7"."experiment" AS "experiment",
        "t7"."phase" AS "phase",
        "t7"."unit" AS "unit",
        "t13"."s0" AS "s0",
        "t13"."s1" AS "s1",
        "t13"."s2" AS "s2",
        "t13"."s3" AS "s3",
        "t13"."s4" AS "s4",
        "t13"."s5" AS "s5",
        "t13"."s6" AS "s6"
      FROM (
        SELECT
          "t1"."experiment" AS "experiment",
          "t1"."phase" AS "phase",
          "t1"."unit" AS "unit"
        FROM "entry_days" AS "t1"
      ) AS "t7"
      INNER JOIN (
        SELECT
          "t11"."unit" AS "unit",
          COALESCE(
            sumIf(
              CAST("t11"."n" AS Nullable(Float64)),
              (
                "t11"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t11"."offset" = -2
              )
              AND (
                "t11"."offset" < 0
              )
            ),
            0.0
          ) AS "s0",
          COALESCE(
            sumIf(
              CAST("t11"."n" AS Nullable(Float64)),
              (
                "t11"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t11"."offset" >= 0
              )
              AND (
                "t11"."offset" < 1
              )
            ),
            0.0
          ) AS "s1",
          COALESCE(
            sumIf(
              "t11"."total",
              (
                "t11"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t11"."offset" = -1
              )
              AND (
                "t11"."offset" < 0
              )
            ),
            0.0
          ) AS "s2",
          COALESCE(
            sumIf(
              "t11"."total",
              (
                "t11"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t11"."offset" >= 0
              )
              AND (
                "t11"."offset" < 2
              )
            ),
            0.0
          ) AS "s3",
          COALESCE(
            sumIf(
              CAST("t11"."n" AS Nullable(Float64)),
              (
                "t11"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t11"."offset" = -1
              )
              AND (
                "t11"."offset" < 0
              )
            ),
            0.0
          ) AS "s4",
          COALESCE(
            sumIf(
              CAST("t11"."n" AS Nullable(Float64)),
              (
                "t11"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t11"."offset" >= 0
              )
              AND (
                "t11"."offset" < 2
              )
            ),
            0.0
          ) AS "s5",
          COALESCE(
            sumIf(
              CAST("t11"."n" AS Nullable(Float64)),
              (
                "t11"."measure" = 'd440c1203aed298c'
              )
              AND (
                "t11"."offset" = -2
              )
              AND (
                "t11"."offset" < 0
              )
            ),
            0.0
          ) AS "s6"
        FROM (
          SELECT
            "t9"."measure" AS "measure",
            "t9"."unit_type" AS "unit_type",
            "t9"."unit" AS "unit",
            "t9"."n" AS "n",
            "t9"."total" AS "total",
            "t9"."day" AS "day",
            "t9"."day" - 20525 AS "offset",
            CAST(1 AS Nullable(Int32)) AS "active_days"
          FROM (
            SELECT
              "t3"."measure" AS "measure",
              "t3"."unit_type" AS "unit_type",
              "t3"."unit" AS "unit",
              "t3"."n" AS "n",
              "t3"."total" AS "total",
              "t3"."day" AS "day"
            FROM "unit_days" AS "t3"
            INNER JOIN (
              SELECT DISTINCT
                "t1"."unit" AS "unit"
              FROM "entry_days" AS "t1"
            ) AS "t8"
              ON "t3"."unit" = "t8"."unit"
          ) AS "t9"
          WHERE
            "t9"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
        ) AS "t11"
        GROUP BY
          "t11"."unit"
      ) AS "t13"
        ON "t7"."unit" = "t13"."unit"
    ) AS "t14"
  ) AS "t15"
  GROUP BY
    "t15"."experiment",
    "t15"."phase",
    "t15"."unit"
) AS "t16";

-- unit_events
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
      "t2"."unit_type" AS "unit_type",
      "t2"."unit" AS "unit",
      "t2"."at" AS "at",
      "t2"."value" AS "value",
      "t2"."day" AS "day",
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
      "t2"."unit_type" AS "unit_type",
      "t2"."unit" AS "unit",
      "t2"."at" AS "at",
      "t2"."value" AS "value",
      "t2"."day" AS "day",
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
    "t2"."unit_type" AS "unit_type",
    "t2"."unit" AS "unit",
    "t2"."at" AS "at",
    "t2"."value" AS "value",
    "t2"."day" AS "day",
    'd440c1203aed298c' AS "measure"
  FROM "t1" AS "t2"
  WHERE
    "t2"."name" = 'order'
    AND (
      (
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t2"."properties", 'cart.size'))
          ELSE NULL
        END = 3
      )
      OR (
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t2"."properties", 'cart.size'))
          ELSE NULL
        END = 4
      )
    )
    AND CASE
      WHEN toString(JSONType(JSONExtractRaw("t2"."properties", 'gift'))) IN ('Bool')
      THEN JSONExtractBool(JSONExtractRaw("t2"."properties", 'gift'))
      ELSE NULL
    END = TRUE
) AS "t6";

-- moments
SELECT
  "t38"."variant" AS "variant",
  "t38"."segment" AS "segment",
  COUNT(*) AS "units",
  COUNT("t38"."m2_y") AS "n_m2_y",
  AVG("t38"."m2_y") AS "mean_m2_y",
  AVG("t38"."m2_pre") AS "mean_m2_pre",
  AVG("t38"."m2_a_past") AS "mean_m2_a_past",
  AVG("t38"."m2_missing_past") AS "mean_m2_missing_past",
  varSamp("t38"."m2_y") AS "cov_m2_y_m2_y",
  covarSamp("t38"."m2_y", "t38"."m2_pre") AS "cov_m2_y_m2_pre",
  covarSamp("t38"."m2_y", "t38"."m2_a_past") AS "cov_m2_y_m2_a_past",
  covarSamp("t38"."m2_y", "t38"."m2_missing_past") AS "cov_m2_y_m2_missing_past",
  varSamp("t38"."m2_pre") AS "cov_m2_pre_m2_pre",
  covarSamp("t38"."m2_pre", "t38"."m2_a_past") AS "cov_m2_pre_m2_a_past",
  covarSamp("t38"."m2_pre", "t38"."m2_missing_past") AS "cov_m2_pre_m2_missing_past",
  varSamp("t38"."m2_a_past") AS "cov_m2_a_past_m2_a_past",
  covarSamp("t38"."m2_a_past", "t38"."m2_missing_past") AS "cov_m2_a_past_m2_missing_past",
  varSamp("t38"."m2_missing_past") AS "cov_m2_missing_past_m2_missing_past",
  COUNT("t38"."m1_y") AS "n_m1_y",
  AVG("t38"."m1_y") AS "mean_m1_y",
  AVG("t38"."m1_d") AS "mean_m1_d",
  AVG("t38"."m1_pre") AS "mean_m1_pre",
  AVG("t38"."m1_a_past") AS "mean_m1_a_past",
  AVG("t38"."m1_missing_past") AS "mean_m1_missing_past",
  varSamp("t38"."m1_y") AS "cov_m1_y_m1_y",
  covarSamp("t38"."m1_y", "t38"."m1_d") AS "cov_m1_y_m1_d",
  covarSamp("t38"."m1_y", "t38"."m1_pre") AS "cov_m1_y_m1_pre",
  covarSamp("t38"."m1_y", "t38"."m1_a_past") AS "cov_m1_y_m1_a_past",
  covarSamp("t38"."m1_y", "t38"."m1_missing_past") AS "cov_m1_y_m1_missing_past",
  varSamp("t38"."m1_d") AS "cov_m1_d_m1_d",
  covarSamp("t38"."m1_d", "t38"."m1_pre") AS "cov_m1_d_m1_pre",
  covarSamp("t38"."m1_d", "t38"."m1_a_past") AS "cov_m1_d_m1_a_past",
  covarSamp("t38"."m1_d", "t38"."m1_missing_past") AS "cov_m1_d_m1_missing_past",
  varSamp("t38"."m1_pre") AS "cov_m1_pre_m1_pre",
  covarSamp("t38"."m1_pre", "t38"."m1_a_past") AS "cov_m1_pre_m1_a_past",
  covarSamp("t38"."m1_pre", "t38"."m1_missing_past") AS "cov_m1_pre_m1_missing_past",
  varSamp("t38"."m1_a_past") AS "cov_m1_a_past_m1_a_past",
  covarSamp("t38"."m1_a_past", "t38"."m1_missing_past") AS "cov_m1_a_past_m1_missing_past",
  varSamp("t38"."m1_missing_past") AS "cov_m1_missing_past_m1_missing_past",
  COUNT("t38"."m8_y") AS "n_m8_y",
  AVG("t38"."m8_y") AS "mean_m8_y",
  AVG("t38"."m8_pre") AS "mean_m8_pre",
  AVG("t38"."m8_a_past") AS "mean_m8_a_past",
  AVG("t38"."m8_missing_past") AS "mean_m8_missing_past",
  varSamp("t38"."m8_y") AS "cov_m8_y_m8_y",
  covarSamp("t38"."m8_y", "t38"."m8_pre") AS "cov_m8_y_m8_pre",
  covarSamp("t38"."m8_y", "t38"."m8_a_past") AS "cov_m8_y_m8_a_past",
  covarSamp("t38"."m8_y", "t38"."m8_missing_past") AS "cov_m8_y_m8_missing_past",
  varSamp("t38"."m8_pre") AS "cov_m8_pre_m8_pre",
  covarSamp("t38"."m8_pre", "t38"."m8_a_past") AS "cov_m8_pre_m8_a_past",
  covarSamp("t38"."m8_pre", "t38"."m8_missing_past") AS "cov_m8_pre_m8_missing_past",
  varSamp("t38"."m8_a_past") AS "cov_m8_a_past_m8_a_past",
  covarSamp("t38"."m8_a_past", "t38"."m8_missing_past") AS "cov_m8_a_past_m8_missing_past",
  varSamp("t38"."m8_missing_past") AS "cov_m8_missing_past_m8_missing_past",
  SUM(
    CASE WHEN isNotNull("t38"."m8_y") AND (
      "t38"."m8_made" >= 1
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_1",
  SUM(
    CASE WHEN isNotNull("t38"."m8_y") AND (
      "t38"."m8_made" >= 2
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_2",
  SUM(
    CASE WHEN isNotNull("t38"."m8_y") AND (
      "t38"."m8_made" >= 3
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_3"
FROM (
  SELECT
    "t37"."unit" AS "unit",
    "t37"."at" AS "at",
    "t37"."day" AS "day",
    "t37"."attributes" AS "attributes",
    "t37"."variant" AS "variant",
    "t37"."s0" AS "s0",
    "t37"."s1" AS "s1",
    "t37"."s2" AS "s2",
    "t37"."s3" AS "s3",
    "t37"."s4" AS "s4",
    "t37"."s5" AS "s5",
    "t37"."s6" AS "s6",
    "t37"."m8_made" AS "m8_made",
    CASE
      WHEN (
        "t37"."day" + 0
      ) <= 20527
      THEN CASE WHEN COALESCE("t37"."s0", 0.0) > 0 THEN 1.0 ELSE 0.0 END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m2_y",
    CASE
      WHEN (
        "t37"."day" + 0
      ) <= 20527
      THEN CASE WHEN COALESCE("t37"."s1", 0.0) > 0 THEN 1.0 ELSE 0.0 END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m2_pre",
    CASE
      WHEN (
        "t37"."day" + 0
      ) <= 20527
      THEN COALESCE(
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
          ELSE NULL
        END,
        0.0
      )
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m2_a_past",
    CASE
      WHEN (
        "t37"."day" + 0
      ) <= 20527
      THEN CASE
        WHEN isNull(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
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
        "t37"."day" + 1
      ) <= 20527
      THEN LEAST(COALESCE("t37"."s2", 0.0), 90.0)
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m1_y",
    CASE
      WHEN (
        "t37"."day" + 1
      ) <= 20527
      THEN COALESCE("t37"."s4", 0.0)
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m1_d",
    CASE
      WHEN (
        "t37"."day" + 1
      ) <= 20527
      THEN LEAST(COALESCE("t37"."s3", 0.0), 90.0)
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m1_pre",
    CASE
      WHEN (
        "t37"."day" + 1
      ) <= 20527
      THEN COALESCE(
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
          ELSE NULL
        END,
        0.0
      )
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m1_a_past",
    CASE
      WHEN (
        "t37"."day" + 1
      ) <= 20527
      THEN CASE
        WHEN isNull(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
            ELSE NULL
          END
        )
        THEN 1.0
        ELSE 0.0
      END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m1_missing_past",
    CASE
      WHEN (
        "t37"."day" + 2
      ) <= 20527
      THEN CASE WHEN "t37"."m8_made" = 3 THEN 1.0 ELSE 0.0 END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m8_y",
    CASE
      WHEN (
        "t37"."day" + 2
      ) <= 20527
      THEN CASE WHEN COALESCE("t37"."s6", 0.0) > 0 THEN 1.0 ELSE 0.0 END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m8_pre",
    CASE
      WHEN (
        "t37"."day" + 2
      ) <= 20527
      THEN COALESCE(
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
          ELSE NULL
        END,
        0.0
      )
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m8_a_past",
    CASE
      WHEN (
        "t37"."day" + 2
      ) <= 20527
      THEN CASE
        WHEN isNull(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'past'))
            ELSE NULL
          END
        )
        THEN 1.0
        ELSE 0.0
      END
      ELSE CAST(NULL AS Nullable(Float64))
    END AS "m8_missing_past",
    COALESCE(
      COALESCE(
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('String')
          THEN JSONExtractString(JSONExtractRaw("t37"."attributes", 'country'))
          ELSE NULL
        END,
        CASE
          WHEN (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'country'))
              ELSE NULL
            END = CAST(ROUND(
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'country'))
                ELSE NULL
              END,
              0
            ) AS Nullable(Int64))
          )
          AND (
            ABS(
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'country'))
                ELSE NULL
              END
            ) < 9007199254740992
          )
          THEN CAST(CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(Int64)) AS Nullable(String))
          ELSE CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t37"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(String))
        END,
        CAST(CASE
          WHEN toString(JSONType(JSONExtractRaw("t37"."attributes", 'country'))) IN ('Bool')
          THEN JSONExtractBool(JSONExtractRaw("t37"."attributes", 'country'))
          ELSE NULL
        END AS Nullable(String))
      ),
      '(none)'
    ) AS "segment"
  FROM (
    SELECT
      "t36".*
      EXCEPT ("unit_right")
    FROM (
      SELECT
        "t21"."unit" AS "unit",
        "t21"."at" AS "at",
        "t21"."day" AS "day",
        "t21"."attributes" AS "attributes",
        "t21"."variant" AS "variant",
        "t21"."s0" AS "s0",
        "t21"."s1" AS "s1",
        "t21"."s2" AS "s2",
        "t21"."s3" AS "s3",
        "t21"."s4" AS "s4",
        "t21"."s5" AS "s5",
        "t21"."s6" AS "s6",
        "t35"."unit" AS "unit_right",
        "t35"."m8_made" AS "m8_made"
      FROM (
        SELECT
          "t19".*
          EXCEPT ("unit_right")
        FROM (
          SELECT
            "t18"."unit" AS "unit",
            "t18"."at" AS "at",
            "t18"."day" AS "day",
            "t18"."attributes" AS "attributes",
            "t18"."variant" AS "variant",
            "t16"."unit" AS "unit_right",
            "t16"."s0" AS "s0",
            "t16"."s1" AS "s1",
            "t16"."s2" AS "s2",
            "t16"."s3" AS "s3",
            "t16"."s4" AS "s4",
            "t16"."s5" AS "s5",
            "t16"."s6" AS "s6"
          FROM (
            SELECT
              "t13"."unit" AS "unit",
              "t13"."at" AS "at",
              "t13"."day" AS "day",
              "t13"."attributes" AS "attributes",
              "t13"."order" % 64 AS "variant"
            FROM (
              SELECT
                "t12"."unit" AS "unit",
                MIN("t12"."order") AS "order",
                minIf("t12"."at", isNotNull("t12"."order")) AS "at",
                minIf("t12"."day", isNotNull("t12"."order")) AS "day",
                MIN("t12"."phase") AS "phase",
                MIN("t12"."position") AS "low",
                MAX("t12"."position") AS "high",
                argMinIf(tuple("t12"."attributes"), "t12"."order", isNotNull("t12"."order")).1 AS "attributes"
              FROM (
                SELECT
                  "t0"."unit" AS "unit",
                  "t0"."at" AS "at",
                  "t0"."day" AS "day",
                  "t0"."phase" AS "phase",
                  "t0"."attributes" AS "attributes",
                  CASE
                    WHEN (
                      "t0"."phase" = 2
                    ) AND "t0"."variant" IN ('control', 'blue', 'green')
                    THEN CAST(CASE "t0"."variant"
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 0
                    END AS Nullable(Int64))
                    ELSE CAST(NULL AS Nullable(Int64))
                  END AS "position",
                  (
                    "t0"."at" * 64
                  ) + CASE
                    WHEN (
                      "t0"."phase" = 2
                    ) AND "t0"."variant" IN ('control', 'blue', 'green')
                    THEN CAST(CASE "t0"."variant"
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 0
                    END AS Nullable(Int64))
                    ELSE CAST(NULL AS Nullable(Int64))
                  END AS "order"
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
                "t12"."unit"
            ) AS "t13"
            WHERE
              isNotNull("t13"."order")
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
                "t8"."unit" AS "unit",
                sumIf(
                  CAST("t8"."n" AS Nullable(Float64)),
                  (
                    "t8"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t8"."offset" >= 0
                  )
                  AND (
                    "t8"."offset" < 1
                  )
                ) AS "s0",
                sumIf(
                  CAST("t8"."n" AS Nullable(Float64)),
                  (
                    "t8"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t8"."offset" = -2
                  )
                  AND (
                    "t8"."offset" < 0
                  )
                ) AS "s1",
                sumIf(
                  "t8"."total",
                  (
                    "t8"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t8"."offset" >= 0
                  )
                  AND (
                    "t8"."offset" < 2
                  )
                ) AS "s2",
                sumIf(
                  "t8"."total",
                  (
                    "t8"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t8"."offset" = -1
                  )
                  AND (
                    "t8"."offset" < 0
                  )
                ) AS "s3",
                sumIf(
                  CAST("t8"."n" AS Nullable(Float64)),
                  (
                    "t8"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t8"."offset" >= 0
                  )
                  AND (
                    "t8"."offset" < 2
                  )
                ) AS "s4",
                sumIf(
                  CAST("t8"."n" AS Nullable(Float64)),
                  (
                    "t8"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t8"."offset" = -1
                  )
                  AND (
                    "t8"."offset" < 0
                  )
                ) AS "s5",
                sumIf(
                  CAST("t8"."n" AS Nullable(Float64)),
                  (
                    "t8"."measure" = 'd440c1203aed298c'
                  )
                  AND (
                    "t8"."offset" = -2
                  )
                  AND (
                    "t8"."offset" < 0
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
                "t8"."unit"
            ) AS "t14"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t1"."unit" AS "unit",
                "t1"."totals"[2] AS "s0",
                "t1"."totals"[1] AS "s1",
                "t1"."totals"[4] AS "s2",
                "t1"."totals"[3] AS "s3",
                "t1"."totals"[6] AS "s4",
                "t1"."totals"[5] AS "s5",
                "t1"."totals"[7] AS "s6"
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
          "t33"."unit" AS "unit",
          "t33"."made" + CASE WHEN isNull("t33"."since") THEN 0 ELSE 1 END AS "m8_made"
        FROM (
          SELECT
            "t32"."unit" AS "unit",
            "t32"."entered" AS "entered",
            "t32"."made" AS "made",
            minIf(
              "t32"."at",
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
              )
            ) AS "since"
          FROM (
            SELECT
              "t31"."unit" AS "unit",
              "t31"."entered" AS "entered",
              "t31"."made" AS "made",
              "t31"."since" AS "since",
              "t9"."unit" AS "unit_right",
              "t9"."at" AS "at",
              "t9"."day" AS "day"
            FROM (
              SELECT
                "t29"."unit" AS "unit",
                "t29"."entered" AS "entered",
                "t29"."made" + CASE WHEN isNull("t29"."since") THEN 0 ELSE 1 END AS "made",
                "t29"."since" AS "since"
              FROM (
                SELECT
                  "t28"."unit" AS "unit",
                  "t28"."entered" AS "entered",
                  "t28"."made" AS "made",
                  minIf(
                    "t28"."at",
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
                    )
                  ) AS "since"
                FROM (
                  SELECT
                    "t27"."unit" AS "unit",
                    "t27"."entered" AS "entered",
                    "t27"."made" AS "made",
                    "t27"."since" AS "since",
                    "t10"."unit" AS "unit_right",
                    "t10"."at" AS "at",
                    "t10"."day" AS "day"
                  FROM (
                    SELECT
                      "t25"."unit" AS "unit",
                      "t25"."entered" AS "entered",
                      "t25"."made" + CASE WHEN isNull("t25"."since") THEN 0 ELSE 1 END AS "made",
                      "t25"."since" AS "since"
                    FROM (
                      SELECT
                        "t24"."unit" AS "unit",
                        "t24"."entered" AS "entered",
                        "t24"."made" AS "made",
                        minIf(
                          "t24"."at",
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
                          )
                        ) AS "since"
                      FROM (
                        SELECT
                          "t23"."unit" AS "unit",
                          "t23"."entered" AS "entered",
                          "t23"."since" AS "since",
                          "t23"."made" AS "made",
                          "t11"."unit" AS "unit_right",
                          "t11"."at" AS "at",
                          "t11"."day" AS "day"
                        FROM (
                          SELECT
                            "t20"."unit" AS "unit",
                            "t20"."day" AS "entered",
                            "t20"."at" AS "since",
                            CAST(0 AS Nullable(Int64)) AS "made"
                          FROM (
                            SELECT
                              "t19".*
                              EXCEPT ("unit_right")
                            FROM (
                              SELECT
                                "t18"."unit" AS "unit",
                                "t18"."at" AS "at",
                                "t18"."day" AS "day",
                                "t18"."attributes" AS "attributes",
                                "t18"."variant" AS "variant",
                                "t16"."unit" AS "unit_right",
                                "t16"."s0" AS "s0",
                                "t16"."s1" AS "s1",
                                "t16"."s2" AS "s2",
                                "t16"."s3" AS "s3",
                                "t16"."s4" AS "s4",
                                "t16"."s5" AS "s5",
                                "t16"."s6" AS "s6"
                              FROM (
                                SELECT
                                  "t13"."unit" AS "unit",
                                  "t13"."at" AS "at",
                                  "t13"."day" AS "day",
                                  "t13"."attributes" AS "attributes",
                                  "t13"."order" % 64 AS "variant"
                                FROM (
                                  SELECT
                                    "t12"."unit" AS "unit",
                                    MIN("t12"."order") AS "order",
                                    minIf("t12"."at", isNotNull("t12"."order")) AS "at",
                                    minIf("t12"."day", isNotNull("t12"."order")) AS "day",
                                    MIN("t12"."phase") AS "phase",
                                    MIN("t12"."position") AS "low",
                                    MAX("t12"."position") AS "high",
                                    argMinIf(tuple("t12"."attributes"), "t12"."order", isNotNull("t12"."order")).1 AS "attributes"
                                  FROM (
                                    SELECT
                                      "t0"."unit" AS "unit",
                                      "t0"."at" AS "at",
                                      "t0"."day" AS "day",
                                      "t0"."phase" AS "phase",
                                      "t0"."attributes" AS "attributes",
                                      CASE
                                        WHEN (
                                          "t0"."phase" = 2
                                        ) AND "t0"."variant" IN ('control', 'blue', 'green')
                                        THEN CAST(CASE "t0"."variant"
                                          WHEN 'control'
                                          THEN 0
                                          WHEN 'blue'
                                          THEN 1
                                          WHEN 'green'
                                          THEN 2
                                          ELSE 0
                                        END AS Nullable(Int64))
                                        ELSE CAST(NULL AS Nullable(Int64))
                                      END AS "position",
                                      (
                                        "t0"."at" * 64
                                      ) + CASE
                                        WHEN (
                                          "t0"."phase" = 2
                                        ) AND "t0"."variant" IN ('control', 'blue', 'green')
                                        THEN CAST(CASE "t0"."variant"
                                          WHEN 'control'
                                          THEN 0
                                          WHEN 'blue'
                                          THEN 1
                                          WHEN 'green'
                                          THEN 2
                                          ELSE 0
                                        END AS Nullable(Int64))
                                        ELSE CAST(NULL AS Nullable(Int64))
                                      END AS "order"
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
                                    "t12"."unit"
                                ) AS "t13"
                                WHERE
                                  isNotNull("t13"."order")
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
                                    "t8"."unit" AS "unit",
                                    sumIf(
                                      CAST("t8"."n" AS Nullable(Float64)),
                                      (
                                        "t8"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t8"."offset" >= 0
                                      )
                                      AND (
                                        "t8"."offset" < 1
                                      )
                                    ) AS "s0",
                                    sumIf(
                                      CAST("t8"."n" AS Nullable(Float64)),
                                      (
                                        "t8"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t8"."offset" = -2
                                      )
                                      AND (
                                        "t8"."offset" < 0
                                      )
                                    ) AS "s1",
                                    sumIf(
                                      "t8"."total",
                                      (
                                        "t8"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t8"."offset" >= 0
                                      )
                                      AND (
                                        "t8"."offset" < 2
                                      )
                                    ) AS "s2",
                                    sumIf(
                                      "t8"."total",
                                      (
                                        "t8"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t8"."offset" = -1
                                      )
                                      AND (
                                        "t8"."offset" < 0
                                      )
                                    ) AS "s3",
                                    sumIf(
                                      CAST("t8"."n" AS Nullable(Float64)),
                                      (
                                        "t8"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t8"."offset" >= 0
                                      )
                                      AND (
                                        "t8"."offset" < 2
                                      )
                                    ) AS "s4",
                                    sumIf(
                                      CAST("t8"."n" AS Nullable(Float64)),
                                      (
                                        "t8"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t8"."offset" = -1
                                      )
                                      AND (
                                        "t8"."offset" < 0
                                      )
                                    ) AS "s5",
                                    sumIf(
                                      CAST("t8"."n" AS Nullable(Float64)),
                                      (
                                        "t8"."measure" = 'd440c1203aed298c'
                                      )
                                      AND (
                                        "t8"."offset" = -2
                                      )
                                      AND (
                                        "t8"."offset" < 0
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
                                    "t8"."unit"
                                ) AS "t14"
                                UNION ALL
                                SELECT
                                  *
                                FROM (
                                  SELECT
                                    "t1"."unit" AS "unit",
                                    "t1"."totals"[2] AS "s0",
                                    "t1"."totals"[1] AS "s1",
                                    "t1"."totals"[4] AS "s2",
                                    "t1"."totals"[3] AS "s3",
                                    "t1"."totals"[6] AS "s4",
                                    "t1"."totals"[5] AS "s5",
                                    "t1"."totals"[7] AS "s6"
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
                            "t3"."unit" AS "unit",
                            "t3"."at" AS "at",
                            "t3"."day" AS "day"
                          FROM "unit_events" AS "t3"
                          WHERE
                            "t3"."unit_type" = 'account' AND "t3"."measure" = 'c4316d54cb9e590e'
                        ) AS "t11"
                          ON "t23"."unit" = "t11"."unit"
                      ) AS "t24"
                      GROUP BY
                        "t24"."unit",
                        "t24"."entered",
                        "t24"."made"
                    ) AS "t25"
                  ) AS "t27"
                  LEFT OUTER JOIN (
                    SELECT
                      "t3"."unit" AS "unit",
                      "t3"."at" AS "at",
                      "t3"."day" AS "day"
                    FROM "unit_events" AS "t3"
                    WHERE
                      "t3"."unit_type" = 'account' AND "t3"."measure" = '15019fed6f53fd6d'
                  ) AS "t10"
                    ON "t27"."unit" = "t10"."unit"
                ) AS "t28"
                GROUP BY
                  "t28"."unit",
                  "t28"."entered",
                  "t28"."made"
              ) AS "t29"
            ) AS "t31"
            LEFT OUTER JOIN (
              SELECT
                "t3"."unit" AS "unit",
                "t3"."at" AS "at",
                "t3"."day" AS "day"
              FROM "unit_events" AS "t3"
              WHERE
                "t3"."unit_type" = 'account' AND "t3"."measure" = 'd440c1203aed298c'
            ) AS "t9"
              ON "t31"."unit" = "t9"."unit"
          ) AS "t32"
          GROUP BY
            "t32"."unit",
            "t32"."entered",
            "t32"."made"
        ) AS "t33"
      ) AS "t35"
        ON "t21"."unit" = "t35"."unit"
    ) AS "t36"
  ) AS "t37"
) AS "t38"
GROUP BY
  "t38"."variant",
  "t38"."segment";

-- quantile_values
SELECT
  "t15"."unit" AS "unit",
  "t15"."variant" AS "variant",
  "t15"."segment" AS "segment",
  "t15"."value" AS "value"
FROM (
  SELECT
    "t14"."unit" AS "unit",
    "t14"."variant" AS "variant",
    "t14"."segment" AS "segment",
    "t14"."since" AS "since",
    "t14"."entered" AS "entered",
    "t5"."at" AS "at",
    "t5"."value" AS "value",
    "t5"."day" AS "day"
  FROM (
    SELECT
      "t12"."unit" AS "unit",
      "t12"."variant" AS "variant",
      '' AS "segment",
      "t12"."at" AS "since",
      "t12"."day" AS "entered"
    FROM (
      SELECT
        "t11".*
        EXCEPT ("unit_right")
      FROM (
        SELECT
          "t10"."unit" AS "unit",
          "t10"."at" AS "at",
          "t10"."day" AS "day",
          "t10"."attributes" AS "attributes",
          "t10"."variant" AS "variant",
          "t6"."unit" AS "unit_right"
        FROM (
          SELECT
            "t8"."unit" AS "unit",
            "t8"."at" AS "at",
            "t8"."day" AS "day",
            "t8"."attributes" AS "attributes",
            "t8"."order" % 64 AS "variant"
          FROM (
            SELECT
              "t7"."unit" AS "unit",
              MIN("t7"."order") AS "order",
              minIf("t7"."at", isNotNull("t7"."order")) AS "at",
              minIf("t7"."day", isNotNull("t7"."order")) AS "day",
              MIN("t7"."phase") AS "phase",
              MIN("t7"."position") AS "low",
              MAX("t7"."position") AS "high",
              argMinIf(tuple("t7"."attributes"), "t7"."order", isNotNull("t7"."order")).1 AS "attributes"
            FROM (
              SELECT
                "t2"."unit" AS "unit",
                "t2"."at" AS "at",
                "t2"."day" AS "day",
                "t2"."phase" AS "phase",
                "t2"."attributes" AS "attributes",
                CASE
                  WHEN (
                    "t2"."phase" = 2
                  ) AND "t2"."variant" IN ('control', 'blue', 'green')
                  THEN CAST(CASE "t2"."variant"
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE 0
                  END AS Nullable(Int64))
                  ELSE CAST(NULL AS Nullable(Int64))
                END AS "position",
                (
                  "t2"."at" * 64
                ) + CASE
                  WHEN (
                    "t2"."phase" = 2
                  ) AND "t2"."variant" IN ('control', 'blue', 'green')
                  THEN CAST(CASE "t2"."variant"
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE 0
                  END AS Nullable(Int64))
                  ELSE CAST(NULL AS Nullable(Int64))
                END AS "order"
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
              "t7"."unit"
          ) AS "t8"
          WHERE
            isNotNull("t8"."order")
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
            "t1"."unit" AS "unit"
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
      isNotNull(
        CASE
          WHEN (
            "t12"."day" + 1
          ) <= 20527
          THEN 1.0
          ELSE CAST(NULL AS Nullable(Float64))
        END
      )
  ) AS "t14"
  INNER JOIN (
    SELECT
      "t0"."unit" AS "unit",
      "t0"."at" AS "at",
      "t0"."value" AS "value",
      "t0"."day" AS "day"
    FROM "unit_events" AS "t0"
    WHERE
      "t0"."measure" = '15019fed6f53fd6d' AND isNotNull("t0"."value")
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
  "t0"."variant" AS "variant",
  "t0"."segment" AS "segment",
  COUNT(*) AS "events"
FROM "found" AS "t0"
GROUP BY
  "t0"."variant",
  "t0"."segment";

-- quantile_levels
SELECT
  "t4"."variant" AS "variant",
  "t4"."segment" AS "segment",
  "t4"."rank" AS "rank",
  "t4"."value" AS "value"
FROM (
  SELECT
    "t0"."unit" AS "unit",
    "t0"."variant" AS "variant",
    "t0"."segment" AS "segment",
    "t0"."value" AS "value",
    ROW_NUMBER() OVER (
      PARTITION BY "t0"."variant", "t0"."segment"
      ORDER BY "t0"."value" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) - 1 AS "rank"
  FROM "found" AS "t0"
) AS "t4"
INNER JOIN "uses" AS "t2"
  ON "t4"."variant" = "t2"."variant"
  AND "t4"."segment" = "t2"."segment"
  AND "t4"."rank" = "t2"."rank";

-- quantile_units
SELECT
  "t11"."unit" AS "unit",
  "t11"."at" AS "at",
  "t11"."day" AS "day",
  "t11"."attributes" AS "attributes",
  "t11"."variant" AS "variant",
  "t11"."m10_done" AS "m10_done",
  "t11"."m10_a_past" AS "m10_a_past",
  "t11"."m10_missing_past" AS "m10_missing_past",
  "t11"."segment" AS "segment",
  "t11"."at_most" AS "at_most",
  "t11"."every" AS "every",
  CASE
    WHEN isNotNull("t11"."m10_done")
    THEN COALESCE("t11"."at_most", 0.0)
    ELSE CAST(NULL AS Nullable(Float64))
  END AS "m10_y",
  CASE
    WHEN isNotNull("t11"."m10_done")
    THEN COALESCE("t11"."every", 0.0)
    ELSE CAST(NULL AS Nullable(Float64))
  END AS "m10_d"
FROM (
  SELECT
    "t10".*
    EXCEPT ("segment_right")
  FROM (
    SELECT
      "t9".*
      EXCEPT ("unit_right")
    FROM (
      SELECT
        "t3"."unit" AS "unit",
        "t3"."at" AS "at",
        "t3"."day" AS "day",
        "t3"."attributes" AS "attributes",
        "t3"."variant" AS "variant",
        "t3"."m10_done" AS "m10_done",
        "t3"."m10_a_past" AS "m10_a_past",
        "t3"."m10_missing_past" AS "m10_missing_past",
        "t3"."segment" AS "segment",
        "t8"."unit" AS "unit_right",
        "t8"."segment" AS "segment_right",
        "t8"."at_most" AS "at_most",
        "t8"."every" AS "every"
      FROM "units" AS "t3"
      LEFT OUTER JOIN (
        SELECT
          "t6"."unit" AS "unit",
          "t6"."segment" AS "segment",
          SUM(CASE WHEN "t6"."value" <= "t6"."middle" THEN 1.0 ELSE 0.0 END) AS "at_most",
          CAST(COUNT(*) AS Nullable(Float64)) AS "every"
        FROM (
          SELECT
            "t4"."unit" AS "unit",
            "t4"."variant" AS "variant",
            "t4"."segment" AS "segment",
            "t4"."value" AS "value",
            "t5"."middle" AS "middle"
          FROM "found" AS "t4"
          INNER JOIN "uses" AS "t5"
            ON "t4"."variant" = "t5"."variant" AND "t4"."segment" = "t5"."segment"
        ) AS "t6"
        GROUP BY
          "t6"."unit",
          "t6"."segment"
      ) AS "t8"
        ON "t3"."unit" = "t8"."unit" AND "t3"."segment" = "t8"."segment"
    ) AS "t9"
  ) AS "t10"
) AS "t11";
