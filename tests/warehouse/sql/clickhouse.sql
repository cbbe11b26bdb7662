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
WITH "t4" AS (
  SELECT
    *
  FROM (
    SELECT
      "t1".*
      EXCEPT ("id")
    FROM (
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
    ) AS "t1"
  ) AS "t2"
  WHERE
    "t2"."name" = 'order'
)
SELECT
  "t19"."measure" AS "measure",
  "t19"."unit_type" AS "unit_type",
  "t19"."unit" AS "unit",
  "t19"."day" AS "day",
  COUNT(*) AS "n",
  COALESCE(SUM("t19"."value"), 0.0) AS "total"
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
          "t7"."unit_type" AS "unit_type",
          "t7"."unit" AS "unit",
          "t7"."at" AS "at",
          "t7"."value" AS "value",
          "t7"."day" AS "day",
          '15019fed6f53fd6d' AS "measure"
        FROM (
          SELECT
            "t5"."unit_type" AS "unit_type",
            "t5"."unit" AS "unit",
            "t5"."at" AS "at",
            "t5"."value" AS "value",
            "t5"."day" AS "day"
          FROM "t4" AS "t5"
        ) AS "t7"
      ) AS "t9"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t12"."unit_type" AS "unit_type",
          "t12"."unit" AS "unit",
          "t12"."at" AS "at",
          "t12"."value" AS "value",
          "t12"."day" AS "day",
          'a0a20fe4cf3aa4ce' AS "measure"
        FROM (
          SELECT
            "t10"."unit_type" AS "unit_type",
            "t10"."unit" AS "unit",
            "t10"."at" AS "at",
            "t10"."value" AS "value",
            "t10"."day" AS "day"
          FROM (
            SELECT
              *
            FROM "t4" AS "t5"
            WHERE
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t5"."properties", 'currency'))) IN ('String')
                THEN JSONExtractString(JSONExtractRaw("t5"."properties", 'currency'))
                ELSE NULL
              END = 'EUR'
          ) AS "t10"
        ) AS "t12"
      ) AS "t13"
    ) AS "t14"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t6"."unit_type" AS "unit_type",
        "t6"."unit" AS "unit",
        "t6"."at" AS "at",
        "t6"."value" AS "value",
        "t6"."day" AS "day",
        'c4316d54cb9e590e' AS "measure"
      FROM (
        SELECT
          "t3"."unit_type" AS "unit_type",
          "t3"."unit" AS "unit",
          "t3"."at" AS "at",
          "t3"."value" AS "value",
          "t3"."day" AS "day"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t1".*
              EXCEPT ("id")
            FROM (
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
            ) AS "t1"
          ) AS "t2"
          WHERE
            "t2"."name" = 'visit'
        ) AS "t3"
      ) AS "t6"
    ) AS "t8"
  ) AS "t15"
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
    FROM (
      SELECT
        "t16"."unit_type" AS "unit_type",
        "t16"."unit" AS "unit",
        "t16"."at" AS "at",
        "t16"."value" AS "value",
        "t16"."day" AS "day"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM "t4" AS "t5"
          WHERE
            (
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t5"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t5"."properties", 'cart.size'))
                ELSE NULL
              END = 3
            )
            OR (
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t5"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t5"."properties", 'cart.size'))
                ELSE NULL
              END = 4
            )
        ) AS "t11"
        WHERE
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t11"."properties", 'gift'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t11"."properties", 'gift'))
            ELSE NULL
          END = TRUE
      ) AS "t16"
    ) AS "t17"
  ) AS "t18"
) AS "t19"
GROUP BY
  "t19"."measure",
  "t19"."unit_type",
  "t19"."unit",
  "t19"."day";

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
WITH "t4" AS (
  SELECT
    "t2"."experiment" AS "experiment",
    "t2"."phase" AS "phase",
    "t2"."unit" AS "unit",
    "t2"."at" AS "entered",
    "t2"."day" AS "entered_day"
  FROM "entry_days" AS "t2"
), "t5" AS (
  SELECT
    *
  FROM "uses" AS "t0"
  WHERE
    "t0"."start" = 0
), "t23" AS (
  SELECT
    *
  FROM (
    SELECT
      "t10".*
      EXCEPT ("id")
    FROM (
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
    ) AS "t10"
  ) AS "t15"
  WHERE
    "t15"."name" = 'order'
)
SELECT
  "t57"."experiment" AS "experiment",
  "t57"."phase" AS "phase",
  "t57"."measure" AS "measure",
  "t57"."unit" AS "unit",
  "t57"."n" AS "n",
  "t57"."total" AS "total",
  "t57"."offset" AS "offset",
  "t57"."active_days" AS "active_days",
  CAST(20527 AS Nullable(Int32)) AS "day"
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t54"."experiment" AS "experiment",
        "t54"."phase" AS "phase",
        "t54"."measure" AS "measure",
        "t54"."unit" AS "unit",
        "t54"."n" AS "n",
        "t54"."total" AS "total",
        CAST(0 AS Nullable(Int32)) AS "offset",
        CAST(1 AS Nullable(Int32)) AS "active_days"
      FROM (
        SELECT
          "t53".*
          EXCEPT ("unit_type")
        FROM (
          SELECT
            "t52"."experiment" AS "experiment",
            "t52"."phase" AS "phase",
            "t52"."unit_type" AS "unit_type",
            "t52"."measure" AS "measure",
            "t52"."unit" AS "unit",
            "t52"."n" AS "n",
            "t52"."total" AS "total"
          FROM (
            SELECT
              "t50"."experiment" AS "experiment",
              "t50"."phase" AS "phase",
              "t50"."unit_type" AS "unit_type",
              "t50"."measure" AS "measure",
              "t50"."unit" AS "unit",
              COUNT(*) AS "n",
              COALESCE(SUM("t50"."value"), 0.0) AS "total"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t21"."experiment" AS "experiment",
                  "t21"."phase" AS "phase",
                  "t21"."unit" AS "unit",
                  "t21"."entered" AS "entered",
                  "t21"."entered_day" AS "entered_day",
                  "t48"."unit_type" AS "unit_type",
                  "t48"."at" AS "at",
                  "t48"."value" AS "value",
                  "t48"."day" AS "day",
                  "t48"."measure" AS "measure"
                FROM (
                  SELECT
                    *
                  FROM "t4" AS "t9"
                  WHERE
                    "t9"."entered_day" = 20527
                ) AS "t21"
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
                          "t26"."unit_type" AS "unit_type",
                          "t26"."unit" AS "unit",
                          "t26"."at" AS "at",
                          "t26"."value" AS "value",
                          "t26"."day" AS "day",
                          '15019fed6f53fd6d' AS "measure"
                        FROM (
                          SELECT
                            "t24"."unit_type" AS "unit_type",
                            "t24"."unit" AS "unit",
                            "t24"."at" AS "at",
                            "t24"."value" AS "value",
                            "t24"."day" AS "day"
                          FROM "t23" AS "t24"
                        ) AS "t26"
                      ) AS "t30"
                      UNION ALL
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t35"."unit_type" AS "unit_type",
                          "t35"."unit" AS "unit",
                          "t35"."at" AS "at",
                          "t35"."value" AS "value",
                          "t35"."day" AS "day",
                          'a0a20fe4cf3aa4ce' AS "measure"
                        FROM (
                          SELECT
                            "t31"."unit_type" AS "unit_type",
                            "t31"."unit" AS "unit",
                            "t31"."at" AS "at",
                            "t31"."value" AS "value",
                            "t31"."day" AS "day"
                          FROM (
                            SELECT
                              *
                            FROM "t23" AS "t24"
                            WHERE
                              CASE
                                WHEN toString(JSONType(JSONExtractRaw("t24"."properties", 'currency'))) IN ('String')
                                THEN JSONExtractString(JSONExtractRaw("t24"."properties", 'currency'))
                                ELSE NULL
                              END = 'EUR'
                          ) AS "t31"
                        ) AS "t35"
                      ) AS "t37"
                    ) AS "t39"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t25"."unit_type" AS "unit_type",
                        "t25"."unit" AS "unit",
                        "t25"."at" AS "at",
                        "t25"."value" AS "value",
                        "t25"."day" AS "day",
                        'c4316d54cb9e590e' AS "measure"
                      FROM (
                        SELECT
                          "t22"."unit_type" AS "unit_type",
                          "t22"."unit" AS "unit",
                          "t22"."at" AS "at",
                          "t22"."value" AS "value",
                          "t22"."day" AS "day"
                        FROM (
                          SELECT
                            *
                          FROM (
                            SELECT
                              "t10".*
                              EXCEPT ("id")
                            FROM (
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
                            ) AS "t10"
                          ) AS "t15"
                          WHERE
                            "t15"."name" = 'visit'
                        ) AS "t22"
                      ) AS "t25"
                    ) AS "t29"
                  ) AS "t41"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t45"."unit_type" AS "unit_type",
                      "t45"."unit" AS "unit",
                      "t45"."at" AS "at",
                      "t45"."value" AS "value",
                      "t45"."day" AS "day",
                      'd440c1203aed298c' AS "measure"
                    FROM (
                      SELECT
                        "t43"."unit_type" AS "unit_type",
                        "t43"."unit" AS "unit",
                        "t43"."at" AS "at",
                        "t43"."value" AS "value",
                        "t43"."day" AS "day"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            *
                          FROM "t23" AS "t24"
                          WHERE
                            (
                              CASE
                                WHEN toString(JSONType(JSONExtractRaw("t24"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                                THEN JSONExtractFloat(JSONExtractRaw("t24"."properties", 'cart.size'))
                                ELSE NULL
                              END = 3
                            )
                            OR (
                              CASE
                                WHEN toString(JSONType(JSONExtractRaw("t24"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                                THEN JSONExtractFloat(JSONExtractRaw("t24"."properties", 'cart.size'))
                                ELSE NULL
                              END = 4
                            )
                        ) AS "t34"
                        WHERE
                          CASE
                            WHEN toString(JSONType(JSONExtractRaw("t34"."properties", 'gift'))) IN ('Bool')
                            THEN JSONExtractBool(JSONExtractRaw("t34"."properties", 'gift'))
                            ELSE NULL
                          END = TRUE
                      ) AS "t43"
                    ) AS "t45"
                  ) AS "t46"
                ) AS "t48"
                  ON "t21"."unit" = "t48"."unit"
              ) AS "t49"
              WHERE
                "t49"."at" >= "t49"."entered"
            ) AS "t50"
            GROUP BY
              "t50"."experiment",
              "t50"."phase",
              "t50"."unit_type",
              "t50"."measure",
              "t50"."unit"
          ) AS "t52"
          LEFT SEMI JOIN "t5" AS "t16"
            ON "t52"."experiment" = "t16"."experiment"
            AND "t52"."phase" = "t16"."phase"
            AND "t52"."unit_type" = "t16"."unit_type"
            AND "t52"."measure" = "t16"."measure"
        ) AS "t53"
      ) AS "t54"
    ) AS "t55"
    UNION ALL
    SELECT
      *
    FROM (
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
          CAST("t32"."day" - "t32"."entered_day" AS Nullable(Int32)) AS "offset",
          CAST(1 AS Nullable(Int32)) AS "active_days"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t20"."experiment" AS "experiment",
              "t20"."phase" AS "phase",
              "t20"."unit" AS "unit",
              "t20"."entered" AS "entered",
              "t20"."entered_day" AS "entered_day",
              "t13"."measure" AS "measure",
              "t13"."unit_type" AS "unit_type",
              "t13"."n" AS "n",
              "t13"."total" AS "total",
              "t13"."day" AS "day",
              "t17"."start" AS "start",
              "t17"."stop" AS "stop"
            FROM (
              SELECT
                *
              FROM "t4" AS "t9"
              WHERE
                "t9"."entered_day" < 20527
            ) AS "t20"
            INNER JOIN (
              SELECT
                *
              FROM "unit_days" AS "t1"
              WHERE
                "t1"."day" = 20527
            ) AS "t13"
              ON "t20"."unit" = "t13"."unit"
            INNER JOIN "t5" AS "t17"
              ON "t20"."experiment" = "t17"."experiment"
              AND "t20"."phase" = "t17"."phase"
              AND "t13"."unit_type" = "t17"."unit_type"
              AND "t13"."measure" = "t17"."measure"
          ) AS "t27"
          WHERE
            (
              "t27"."day" - "t27"."entered_day"
            ) < "t27"."stop"
        ) AS "t32"
      ) AS "t38"
    ) AS "t42"
  ) AS "t56"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t40"."experiment" AS "experiment",
      "t40"."phase" AS "phase",
      "t40"."measure" AS "measure",
      "t40"."unit" AS "unit",
      "t40"."n" AS "n",
      "t40"."total" AS "total",
      "t40"."offset" AS "offset",
      "t40"."active_days" AS "active_days"
    FROM (
      SELECT
        "t36"."experiment" AS "experiment",
        "t36"."phase" AS "phase",
        "t36"."measure" AS "measure",
        "t36"."unit" AS "unit",
        "t36"."start" AS "offset",
        "t36"."n" AS "n",
        "t36"."total" AS "total",
        "t36"."active_days" AS "active_days"
      FROM (
        SELECT
          "t33"."experiment" AS "experiment",
          "t33"."phase" AS "phase",
          "t33"."measure" AS "measure",
          "t33"."unit" AS "unit",
          "t33"."start" AS "start",
          SUM("t33"."n") AS "n",
          SUM("t33"."total") AS "total",
          CAST(COUNT(*) AS Nullable(Int32)) AS "active_days"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t21"."experiment" AS "experiment",
              "t21"."phase" AS "phase",
              "t21"."unit" AS "unit",
              "t21"."entered" AS "entered",
              "t21"."entered_day" AS "entered_day",
              "t14"."measure" AS "measure",
              "t14"."unit_type" AS "unit_type",
              "t14"."n" AS "n",
              "t14"."total" AS "total",
              "t14"."day" AS "day",
              "t12"."start" AS "start",
              "t12"."stop" AS "stop"
            FROM (
              SELECT
                *
              FROM "t4" AS "t9"
              WHERE
                "t9"."entered_day" = 20527
            ) AS "t21"
            INNER JOIN (
              SELECT
                *
              FROM "unit_days" AS "t1"
              WHERE
                "t1"."day" < 20527
            ) AS "t14"
              ON "t21"."unit" = "t14"."unit"
            INNER JOIN (
              SELECT
                *
              FROM "uses" AS "t0"
              WHERE
                "t0"."start" < 0
            ) AS "t12"
              ON "t21"."experiment" = "t12"."experiment"
              AND "t21"."phase" = "t12"."phase"
              AND "t14"."unit_type" = "t12"."unit_type"
              AND "t14"."measure" = "t12"."measure"
          ) AS "t28"
          WHERE
            (
              "t28"."day" - "t28"."entered_day"
            ) >= "t28"."start"
        ) AS "t33"
        GROUP BY
          "t33"."experiment",
          "t33"."phase",
          "t33"."measure",
          "t33"."unit",
          "t33"."start"
      ) AS "t36"
    ) AS "t40"
  ) AS "t44"
) AS "t57";

-- total_days
SELECT
  "t19"."experiment" AS "experiment",
  "t19"."phase" AS "phase",
  "t19"."unit" AS "unit",
  'fef738c32a50acca' AS "windows",
  [
    "t19"."s0",
    "t19"."s1",
    "t19"."s2",
    "t19"."s3",
    "t19"."s4",
    "t19"."s5",
    "t19"."s6"
  ] AS "totals",
  CAST(20527 AS Nullable(Int32)) AS "day"
FROM (
  SELECT
    "t18"."experiment" AS "experiment",
    "t18"."phase" AS "phase",
    "t18"."unit" AS "unit",
    SUM("t18"."s0") AS "s0",
    SUM("t18"."s1") AS "s1",
    SUM("t18"."s2") AS "s2",
    SUM("t18"."s3") AS "s3",
    SUM("t18"."s4") AS "s4",
    SUM("t18"."s5") AS "s5",
    SUM("t18"."s6") AS "s6"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t10"."experiment" AS "experiment",
        "t10"."phase" AS "phase",
        "t10"."unit" AS "unit",
        COALESCE(
          sumIf(
            CAST("t10"."n" AS Nullable(Float64)),
            (
              "t10"."measure" = '15019fed6f53fd6d'
            )
            AND (
              "t10"."offset" = -2
            )
            AND (
              "t10"."offset" < 0
            )
          ),
          0.0
        ) AS "s0",
        COALESCE(
          sumIf(
            CAST("t10"."n" AS Nullable(Float64)),
            (
              "t10"."measure" = '15019fed6f53fd6d'
            )
            AND (
              "t10"."offset" >= 0
            )
            AND (
              "t10"."offset" < 1
            )
          ),
          0.0
        ) AS "s1",
        COALESCE(
          sumIf(
            "t10"."total",
            (
              "t10"."measure" = 'a0a20fe4cf3aa4ce'
            )
            AND (
              "t10"."offset" = -1
            )
            AND (
              "t10"."offset" < 0
            )
          ),
          0.0
        ) AS "s2",
        COALESCE(
          sumIf(
            "t10"."total",
            (
              "t10"."measure" = 'a0a20fe4cf3aa4ce'
            )
            AND (
              "t10"."offset" >= 0
            )
            AND (
              "t10"."offset" < 2
            )
          ),
          0.0
        ) AS "s3",
        COALESCE(
          sumIf(
            CAST("t10"."n" AS Nullable(Float64)),
            (
              "t10"."measure" = 'c4316d54cb9e590e'
            )
            AND (
              "t10"."offset" = -1
            )
            AND (
              "t10"."offset" < 0
            )
          ),
          0.0
        ) AS "s4",
        COALESCE(
          sumIf(
            CAST("t10"."n" AS Nullable(Float64)),
            (
              "t10"."measure" = 'c4316d54cb9e590e'
            )
            AND (
              "t10"."offset" >= 0
            )
            AND (
              "t10"."offset" < 2
            )
          ),
          0.0
        ) AS "s5",
        COALESCE(
          sumIf(
            CAST("t10"."n" AS Nullable(Float64)),
            (
              "t10"."measure" = 'd440c1203aed298c'
            )
            AND (
              "t10"."offset" = -2
            )
            AND (
              "t10"."offset" < 0
            )
          ),
          0.0
        ) AS "s6"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM "outcome_days" AS "t0"
          WHERE
            "t0"."offset" <= 0
        ) AS "t6"
        WHERE
          "t6"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
      ) AS "t10"
      GROUP BY
        "t10"."experiment",
        "t10"."phase",
        "t10"."unit"
    ) AS "t13"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t7"."experiment" AS "experiment",
        "t7"."phase" AS "phase",
        "t7"."unit" AS "unit",
        "t16"."s0" AS "s0",
        "t16"."s1" AS "s1",
        "t16"."s2" AS "s2",
        "t16"."s3" AS "s3",
        "t16"."s4" AS "s4",
        "t16"."s5" AS "s5",
        "t16"."s6" AS "s6"
      FROM (
        SELECT
          "t1"."experiment" AS "experiment",
          "t1"."phase" AS "phase",
          "t1"."unit" AS "unit"
        FROM "entry_days" AS "t1"
      ) AS "t7"
      INNER JOIN (
        SELECT
          "t14"."unit" AS "unit",
          COALESCE(
            sumIf(
              CAST("t14"."n" AS Nullable(Float64)),
              (
                "t14"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t14"."offset" = -2
              )
              AND (
                "t14"."offset" < 0
              )
            ),
            0.0
          ) AS "s0",
          COALESCE(
            sumIf(
              CAST("t14"."n" AS Nullable(Float64)),
              (
                "t14"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t14"."offset" >= 0
              )
              AND (
                "t14"."offset" < 1
              )
            ),
            0.0
          ) AS "s1",
          COALESCE(
            sumIf(
              "t14"."total",
              (
                "t14"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t14"."offset" = -1
              )
              AND (
                "t14"."offset" < 0
              )
            ),
            0.0
          ) AS "s2",
          COALESCE(
            sumIf(
              "t14"."total",
              (
                "t14"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t14"."offset" >= 0
              )
              AND (
                "t14"."offset" < 2
              )
            ),
            0.0
          ) AS "s3",
          COALESCE(
            sumIf(
              CAST("t14"."n" AS Nullable(Float64)),
              (
                "t14"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t14"."offset" = -1
              )
              AND (
                "t14"."offset" < 0
              )
            ),
            0.0
          ) AS "s4",
          COALESCE(
            sumIf(
              CAST("t14"."n" AS Nullable(Float64)),
              (
                "t14"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t14"."offset" >= 0
              )
              AND (
                "t14"."offset" < 2
              )
            ),
            0.0
          ) AS "s5",
          COALESCE(
            sumIf(
              CAST("t14"."n" AS Nullable(Float64)),
              (
                "t14"."measure" = 'd440c1203aed298c'
              )
              AND (
                "t14"."offset" = -2
              )
              AND (
                "t14"."offset" < 0
              )
            ),
            0.0
          ) AS "s6"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t11"."measure" AS "measure",
              "t11"."unit_type" AS "unit_type",
              "t11"."unit" AS "unit",
              "t11"."n" AS "n",
              "t11"."total" AS "total",
              "t11"."day" AS "day",
              "t11"."day" - 20525 AS "offset",
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
                  *
                FROM (
                  SELECT
                    "t1"."unit" AS "unit"
                  FROM "entry_days" AS "t1"
                ) AS "t5"
              ) AS "t9"
                ON "t3"."unit" = "t9"."unit"
            ) AS "t11"
          ) AS "t12"
          WHERE
            "t12"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
        ) AS "t14"
        GROUP BY
          "t14"."unit"
      ) AS "t16"
        ON "t7"."unit" = "t16"."unit"
    ) AS "t17"
  ) AS "t18"
  GROUP BY
    "t18"."experiment",
    "t18"."phase",
    "t18"."unit"
) AS "t19";

-- unit_events
WITH "t4" AS (
  SELECT
    *
  FROM (
    SELECT
      "t1".*
      EXCEPT ("id")
    FROM (
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
    ) AS "t1"
  ) AS "t2"
  WHERE
    "t2"."name" = 'order'
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t6"."unit_type" AS "unit_type",
      "t6"."unit" AS "unit",
      "t6"."at" AS "at",
      "t6"."value" AS "value",
      "t6"."day" AS "day",
      'c4316d54cb9e590e' AS "measure"
    FROM (
      SELECT
        "t3"."unit_type" AS "unit_type",
        "t3"."unit" AS "unit",
        "t3"."at" AS "at",
        "t3"."value" AS "value",
        "t3"."day" AS "day"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t1".*
            EXCEPT ("id")
          FROM (
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
          ) AS "t1"
        ) AS "t2"
        WHERE
          "t2"."name" = 'visit'
      ) AS "t3"
    ) AS "t6"
  ) AS "t8"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t7"."unit_type" AS "unit_type",
      "t7"."unit" AS "unit",
      "t7"."at" AS "at",
      "t7"."value" AS "value",
      "t7"."day" AS "day",
      '15019fed6f53fd6d' AS "measure"
    FROM (
      SELECT
        "t5"."unit_type" AS "unit_type",
        "t5"."unit" AS "unit",
        "t5"."at" AS "at",
        "t5"."value" AS "value",
        "t5"."day" AS "day"
      FROM "t4" AS "t5"
    ) AS "t7"
  ) AS "t9"
) AS "t10"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t13"."unit_type" AS "unit_type",
    "t13"."unit" AS "unit",
    "t13"."at" AS "at",
    "t13"."value" AS "value",
    "t13"."day" AS "day",
    'd440c1203aed298c' AS "measure"
  FROM (
    SELECT
      "t12"."unit_type" AS "unit_type",
      "t12"."unit" AS "unit",
      "t12"."at" AS "at",
      "t12"."value" AS "value",
      "t12"."day" AS "day"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM "t4" AS "t5"
        WHERE
          (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t5"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t5"."properties", 'cart.size'))
              ELSE NULL
            END = 3
          )
          OR (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t5"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t5"."properties", 'cart.size'))
              ELSE NULL
            END = 4
          )
      ) AS "t11"
      WHERE
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t11"."properties", 'gift'))) IN ('Bool')
          THEN JSONExtractBool(JSONExtractRaw("t11"."properties", 'gift'))
          ELSE NULL
        END = TRUE
    ) AS "t12"
  ) AS "t13"
) AS "t14";

-- moments
WITH "t7" AS (
  SELECT
    *
  FROM "unit_events" AS "t3"
  WHERE
    "t3"."unit_type" = 'account'
), "t29" AS (
  SELECT
    "t27"."unit" AS "unit",
    "t27"."at" AS "at",
    "t27"."day" AS "day",
    "t27"."attributes" AS "attributes",
    "t27"."order" % 64 AS "variant"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t14"."unit" AS "unit",
        MIN("t14"."order") AS "order",
        minIf("t14"."at", isNotNull("t14"."order")) AS "at",
        minIf("t14"."day", isNotNull("t14"."order")) AS "day",
        MIN("t14"."phase") AS "phase",
        MIN("t14"."position") AS "low",
        MAX("t14"."position") AS "high",
        argMinIf(tuple("t14"."attributes"), "t14"."order", isNotNull("t14"."order")).1 AS "attributes"
      FROM (
        SELECT
          "t6"."unit" AS "unit",
          "t6"."at" AS "at",
          "t6"."day" AS "day",
          "t6"."phase" AS "phase",
          "t6"."attributes" AS "attributes",
          CASE
            WHEN "t6"."phase" = 2
            THEN CASE "t6"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS Nullable(Int64))
            END
            ELSE CAST(NULL AS Nullable(Int64))
          END AS "position",
          (
            "t6"."at" * 64
          ) + CASE
            WHEN "t6"."phase" = 2
            THEN CASE "t6"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS Nullable(Int64))
            END
            ELSE CAST(NULL AS Nullable(Int64))
          END AS "order"
        FROM (
          SELECT
            *
          FROM "exposure_days" AS "t2"
          WHERE
            "t2"."experiment" = 'checkout' AND NOT (
              "t2"."forced"
            ) AND "t2"."phase" <= 2
        ) AS "t6"
      ) AS "t14"
      GROUP BY
        "t14"."unit"
    ) AS "t22"
    WHERE
      isNotNull("t22"."order")
      AND "t22"."low" = "t22"."high"
      AND NOT (
        (
          "t22"."day" > 20525
        ) OR (
          "t22"."day" < 20519
        )
      )
      AND NOT (
        COALESCE(
          (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t22"."attributes", 'past'))) IN ('String')
              THEN JSONExtractString(JSONExtractRaw("t22"."attributes", 'past'))
              ELSE NULL
            END = 'many'
          )
          OR (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t22"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t22"."attributes", 'past'))
              ELSE NULL
            END = 2.5
          ),
          FALSE
        )
        OR COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t22"."attributes", 'country'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t22"."attributes", 'country'))
            ELSE NULL
          END = TRUE,
          FALSE
        )
      )
      AND "t22"."phase" >= 2
  ) AS "t27"
)
SELECT
  "t51"."variant" AS "variant",
  "t51"."segment" AS "segment",
  COUNT(*) AS "units",
  COUNT("t51"."m2_y") AS "n_m2_y",
  AVG("t51"."m2_y") AS "mean_m2_y",
  AVG("t51"."m2_pre") AS "mean_m2_pre",
  AVG("t51"."m2_a_past") AS "mean_m2_a_past",
  AVG("t51"."m2_missing_past") AS "mean_m2_missing_past",
  varSamp("t51"."m2_y") AS "cov_m2_y_m2_y",
  covarSamp("t51"."m2_y", "t51"."m2_pre") AS "cov_m2_y_m2_pre",
  covarSamp("t51"."m2_y", "t51"."m2_a_past") AS "cov_m2_y_m2_a_past",
  covarSamp("t51"."m2_y", "t51"."m2_missing_past") AS "cov_m2_y_m2_missing_past",
  varSamp("t51"."m2_pre") AS "cov_m2_pre_m2_pre",
  covarSamp("t51"."m2_pre", "t51"."m2_a_past") AS "cov_m2_pre_m2_a_past",
  covarSamp("t51"."m2_pre", "t51"."m2_missing_past") AS "cov_m2_pre_m2_missing_past",
  varSamp("t51"."m2_a_past") AS "cov_m2_a_past_m2_a_past",
  covarSamp("t51"."m2_a_past", "t51"."m2_missing_past") AS "cov_m2_a_past_m2_missing_past",
  varSamp("t51"."m2_missing_past") AS "cov_m2_missing_past_m2_missing_past",
  COUNT("t51"."m1_y") AS "n_m1_y",
  AVG("t51"."m1_y") AS "mean_m1_y",
  AVG("t51"."m1_d") AS "mean_m1_d",
  AVG("t51"."m1_pre") AS "mean_m1_pre",
  AVG("t51"."m1_a_past") AS "mean_m1_a_past",
  AVG("t51"."m1_missing_past") AS "mean_m1_missing_past",
  varSamp("t51"."m1_y") AS "cov_m1_y_m1_y",
  covarSamp("t51"."m1_y", "t51"."m1_d") AS "cov_m1_y_m1_d",
  covarSamp("t51"."m1_y", "t51"."m1_pre") AS "cov_m1_y_m1_pre",
  covarSamp("t51"."m1_y", "t51"."m1_a_past") AS "cov_m1_y_m1_a_past",
  covarSamp("t51"."m1_y", "t51"."m1_missing_past") AS "cov_m1_y_m1_missing_past",
  varSamp("t51"."m1_d") AS "cov_m1_d_m1_d",
  covarSamp("t51"."m1_d", "t51"."m1_pre") AS "cov_m1_d_m1_pre",
  covarSamp("t51"."m1_d", "t51"."m1_a_past") AS "cov_m1_d_m1_a_past",
  covarSamp("t51"."m1_d", "t51"."m1_missing_past") AS "cov_m1_d_m1_missing_past",
  varSamp("t51"."m1_pre") AS "cov_m1_pre_m1_pre",
  covarSamp("t51"."m1_pre", "t51"."m1_a_past") AS "cov_m1_pre_m1_a_past",
  covarSamp("t51"."m1_pre", "t51"."m1_missing_past") AS "cov_m1_pre_m1_missing_past",
  varSamp("t51"."m1_a_past") AS "cov_m1_a_past_m1_a_past",
  covarSamp("t51"."m1_a_past", "t51"."m1_missing_past") AS "cov_m1_a_past_m1_missing_past",
  varSamp("t51"."m1_missing_past") AS "cov_m1_missing_past_m1_missing_past",
  COUNT("t51"."m8_y") AS "n_m8_y",
  AVG("t51"."m8_y") AS "mean_m8_y",
  AVG("t51"."m8_pre") AS "mean_m8_pre",
  AVG("t51"."m8_a_past") AS "mean_m8_a_past",
  AVG("t51"."m8_missing_past") AS "mean_m8_missing_past",
  varSamp("t51"."m8_y") AS "cov_m8_y_m8_y",
  covarSamp("t51"."m8_y", "t51"."m8_pre") AS "cov_m8_y_m8_pre",
  covarSamp("t51"."m8_y", "t51"."m8_a_past") AS "cov_m8_y_m8_a_past",
  covarSamp("t51"."m8_y", "t51"."m8_missing_past") AS "cov_m8_y_m8_missing_past",
  varSamp("t51"."m8_pre") AS "cov_m8_pre_m8_pre",
  covarSamp("t51"."m8_pre", "t51"."m8_a_past") AS "cov_m8_pre_m8_a_past",
  covarSamp("t51"."m8_pre", "t51"."m8_missing_past") AS "cov_m8_pre_m8_missing_past",
  varSamp("t51"."m8_a_past") AS "cov_m8_a_past_m8_a_past",
  covarSamp("t51"."m8_a_past", "t51"."m8_missing_past") AS "cov_m8_a_past_m8_missing_past",
  varSamp("t51"."m8_missing_past") AS "cov_m8_missing_past_m8_missing_past",
  SUM(
    CASE WHEN isNotNull("t51"."m8_y") AND (
      "t51"."m8_made" >= 1
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_1",
  SUM(
    CASE WHEN isNotNull("t51"."m8_y") AND (
      "t51"."m8_made" >= 2
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_2",
  SUM(
    CASE WHEN isNotNull("t51"."m8_y") AND (
      "t51"."m8_made" >= 3
    ) THEN 1 ELSE 0 END
  ) AS "m8_step_3"
FROM (
  SELECT
    "t50"."unit" AS "unit",
    "t50"."at" AS "at",
    "t50"."day" AS "day",
    "t50"."attributes" AS "attributes",
    "t50"."variant" AS "variant",
    "t50"."m8_made" AS "m8_made",
    "t50"."m2_y" AS "m2_y",
    "t50"."m2_pre" AS "m2_pre",
    "t50"."m2_a_past" AS "m2_a_past",
    "t50"."m2_missing_past" AS "m2_missing_past",
    "t50"."m1_y" AS "m1_y",
    "t50"."m1_uncapped" AS "m1_uncapped",
    "t50"."m1_d" AS "m1_d",
    "t50"."m1_pre" AS "m1_pre",
    "t50"."m1_a_past" AS "m1_a_past",
    "t50"."m1_missing_past" AS "m1_missing_past",
    "t50"."m8_y" AS "m8_y",
    "t50"."m8_pre" AS "m8_pre",
    "t50"."m8_a_past" AS "m8_a_past",
    "t50"."m8_missing_past" AS "m8_missing_past",
    COALESCE(
      COALESCE(
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('String')
          THEN JSONExtractString(JSONExtractRaw("t50"."attributes", 'country'))
          ELSE NULL
        END,
        CASE
          WHEN (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t50"."attributes", 'country'))
              ELSE NULL
            END = CAST(ROUND(
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t50"."attributes", 'country'))
                ELSE NULL
              END,
              0
            ) AS Nullable(Int64))
          )
          AND (
            ABS(
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t50"."attributes", 'country'))
                ELSE NULL
              END
            ) < 9007199254740992
          )
          THEN CAST(CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t50"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(Int64)) AS Nullable(String))
          ELSE CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t50"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(String))
        END,
        CAST(CASE
          WHEN toString(JSONType(JSONExtractRaw("t50"."attributes", 'country'))) IN ('Bool')
          THEN JSONExtractBool(JSONExtractRaw("t50"."attributes", 'country'))
          ELSE NULL
        END AS Nullable(String))
      ),
      '(none)'
    ) AS "segment"
  FROM (
    SELECT
      "t49"."unit" AS "unit",
      "t49"."at" AS "at",
      "t49"."day" AS "day",
      "t49"."attributes" AS "attributes",
      "t49"."variant" AS "variant",
      "t49"."m8_made" AS "m8_made",
      CASE
        WHEN "t49"."day" <= 20527
        THEN CASE WHEN COALESCE("t28"."s0", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_y",
      CASE
        WHEN "t49"."day" <= 20527
        THEN CASE WHEN COALESCE("t28"."s1", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_pre",
      CASE
        WHEN "t49"."day" <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_a_past",
      CASE
        WHEN "t49"."day" <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
              ELSE NULL
            END
          )
          THEN 1.0
          ELSE 0.0
        END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_missing_past",
      CASE
        WHEN "t49"."day" <= 20526
        THEN LEAST(COALESCE("t28"."s2", 0.0), 19.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_y",
      CASE
        WHEN "t49"."day" <= 20526
        THEN COALESCE("t28"."s2", 0.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_uncapped",
      CASE
        WHEN "t49"."day" <= 20526
        THEN COALESCE("t28"."s4", 0.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_d",
      CASE
        WHEN "t49"."day" <= 20526
        THEN LEAST(COALESCE("t28"."s3", 0.0), 19.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_pre",
      CASE
        WHEN "t49"."day" <= 20526
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_a_past",
      CASE
        WHEN "t49"."day" <= 20526
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
              ELSE NULL
            END
          )
          THEN 1.0
          ELSE 0.0
        END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_missing_past",
      CASE
        WHEN "t49"."day" <= 20525
        THEN CASE WHEN "t49"."m8_made" = 3 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_y",
      CASE
        WHEN "t49"."day" <= 20525
        THEN CASE WHEN COALESCE("t28"."s6", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_pre",
      CASE
        WHEN "t49"."day" <= 20525
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_a_past",
      CASE
        WHEN "t49"."day" <= 20525
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t49"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t49"."attributes", 'past'))
              ELSE NULL
            END
          )
          THEN 1.0
          ELSE 0.0
        END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_missing_past"
    FROM (
      SELECT
        "t47".*
        EXCEPT ("unit_right")
      FROM (
        SELECT
          "t31"."unit" AS "unit",
          "t31"."at" AS "at",
          "t31"."day" AS "day",
          "t31"."attributes" AS "attributes",
          "t31"."variant" AS "variant",
          "t46"."unit" AS "unit_right",
          "t46"."m8_made" AS "m8_made"
        FROM "t29" AS "t31"
        LEFT OUTER JOIN (
          SELECT
            "t44"."unit" AS "unit",
            "t44"."made" AS "m8_made"
          FROM (
            SELECT
              "t43"."unit" AS "unit",
              "t43"."entered" AS "entered",
              "t43"."made" + CASE WHEN isNull("t43"."since") THEN 0 ELSE 1 END AS "made",
              "t43"."since" AS "since"
            FROM (
              SELECT
                "t42"."unit" AS "unit",
                "t42"."entered" AS "entered",
                "t42"."made" AS "made",
                minIf(
                  "t42"."at",
                  (
                    "t42"."at" >= "t42"."since"
                  )
                  AND (
                    (
                      "t42"."day" - "t42"."entered"
                    ) >= 0
                  )
                  AND (
                    (
                      "t42"."day" - "t42"."entered"
                    ) < 3
                  )
                ) AS "since"
              FROM (
                SELECT
                  "t41"."unit" AS "unit",
                  "t41"."entered" AS "entered",
                  "t41"."made" AS "made",
                  "t41"."since" AS "since",
                  "t19"."unit" AS "unit_right",
                  "t19"."at" AS "at",
                  "t19"."day" AS "day"
                FROM (
                  SELECT
                    "t39"."unit" AS "unit",
                    "t39"."entered" AS "entered",
                    "t39"."made" + CASE WHEN isNull("t39"."since") THEN 0 ELSE 1 END AS "made",
                    "t39"."since" AS "since"
                  FROM (
                    SELECT
                      "t38"."unit" AS "unit",
                      "t38"."entered" AS "entered",
                      "t38"."made" AS "made",
                      minIf(
                        "t38"."at",
                        (
                          "t38"."at" >= "t38"."since"
                        )
                        AND (
                          (
                            "t38"."day" - "t38"."entered"
                          ) >= 0
                        )
                        AND (
                          (
                            "t38"."day" - "t38"."entered"
                          ) < 3
                        )
                      ) AS "since"
                    FROM (
                      SELECT
                        "t37"."unit" AS "unit",
                        "t37"."entered" AS "entered",
                        "t37"."made" AS "made",
                        "t37"."since" AS "since",
                        "t20"."unit" AS "unit_right",
                        "t20"."at" AS "at",
                        "t20"."day" AS "day"
                      FROM (
                        SELECT
                          "t35"."unit" AS "unit",
                          "t35"."entered" AS "entered",
                          "t35"."made" + CASE WHEN isNull("t35"."since") THEN 0 ELSE 1 END AS "made",
                          "t35"."since" AS "since"
                        FROM (
                          SELECT
                            "t34"."unit" AS "unit",
                            "t34"."entered" AS "entered",
                            "t34"."made" AS "made",
                            minIf(
                              "t34"."at",
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
                              )
                            ) AS "since"
                          FROM (
                            SELECT
                              "t33"."unit" AS "unit",
                              "t33"."entered" AS "entered",
                              "t33"."since" AS "since",
                              "t33"."made" AS "made",
                              "t21"."unit" AS "unit_right",
                              "t21"."at" AS "at",
                              "t21"."day" AS "day"
                            FROM (
                              SELECT
                                "t30"."unit" AS "unit",
                                "t30"."day" AS "entered",
                                "t30"."at" AS "since",
                                CAST(0 AS Nullable(Int64)) AS "made"
                              FROM "t29" AS "t30"
                            ) AS "t33"
                            LEFT OUTER JOIN (
                              SELECT
                                "t13"."unit" AS "unit",
                                "t13"."at" AS "at",
                                "t13"."day" AS "day"
                              FROM (
                                SELECT
                                  *
                                FROM "t7" AS "t8"
                                WHERE
                                  "t8"."measure" = 'c4316d54cb9e590e'
                              ) AS "t13"
                            ) AS "t21"
                              ON "t33"."unit" = "t21"."unit"
                          ) AS "t34"
                          GROUP BY
                            "t34"."unit",
                            "t34"."entered",
                            "t34"."made"
                        ) AS "t35"
                      ) AS "t37"
                      LEFT OUTER JOIN (
                        SELECT
                          "t12"."unit" AS "unit",
                          "t12"."at" AS "at",
                          "t12"."day" AS "day"
                        FROM (
                          SELECT
                            *
                          FROM "t7" AS "t8"
                          WHERE
                            "t8"."measure" = '15019fed6f53fd6d'
                        ) AS "t12"
                      ) AS "t20"
                        ON "t37"."unit" = "t20"."unit"
                    ) AS "t38"
                    GROUP BY
                      "t38"."unit",
                      "t38"."entered",
                      "t38"."made"
                  ) AS "t39"
                ) AS "t41"
                LEFT OUTER JOIN (
                  SELECT
                    "t11"."unit" AS "unit",
                    "t11"."at" AS "at",
                    "t11"."day" AS "day"
                  FROM (
                    SELECT
                      *
                    FROM "t7" AS "t8"
                    WHERE
                      "t8"."measure" = 'd440c1203aed298c'
                  ) AS "t11"
                ) AS "t19"
                  ON "t41"."unit" = "t19"."unit"
              ) AS "t42"
              GROUP BY
                "t42"."unit",
                "t42"."entered",
                "t42"."made"
            ) AS "t43"
          ) AS "t44"
        ) AS "t46"
          ON "t31"."unit" = "t46"."unit"
      ) AS "t47"
    ) AS "t49"
    LEFT OUTER JOIN (
      SELECT
        *
      FROM (
        SELECT
          "t24"."unit" AS "unit",
          "t24"."s0" AS "s0",
          "t24"."s1" AS "s1",
          "t24"."s2" AS "s2",
          "t24"."s3" AS "s3",
          "t24"."s4" AS "s4",
          "t24"."s5" AS "s5",
          CAST(NULL AS Nullable(Float64)) AS "s6"
        FROM (
          SELECT
            "t23"."unit" AS "unit",
            sumIf(
              CAST("t23"."n" AS Nullable(Float64)),
              (
                "t23"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t23"."offset" >= 0
              )
              AND (
                "t23"."offset" < 1
              )
            ) AS "s0",
            sumIf(
              CAST("t23"."n" AS Nullable(Float64)),
              (
                "t23"."measure" = '15019fed6f53fd6d'
              )
              AND (
                "t23"."offset" = -2
              )
              AND (
                "t23"."offset" < 0
              )
            ) AS "s1",
            sumIf(
              "t23"."total",
              (
                "t23"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t23"."offset" >= 0
              )
              AND (
                "t23"."offset" < 2
              )
            ) AS "s2",
            sumIf(
              "t23"."total",
              (
                "t23"."measure" = 'a0a20fe4cf3aa4ce'
              )
              AND (
                "t23"."offset" = -1
              )
              AND (
                "t23"."offset" < 0
              )
            ) AS "s3",
            sumIf(
              CAST("t23"."n" AS Nullable(Float64)),
              (
                "t23"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t23"."offset" >= 0
              )
              AND (
                "t23"."offset" < 2
              )
            ) AS "s4",
            sumIf(
              CAST("t23"."n" AS Nullable(Float64)),
              (
                "t23"."measure" = 'c4316d54cb9e590e'
              )
              AND (
                "t23"."offset" = -1
              )
              AND (
                "t23"."offset" < 0
              )
            ) AS "s5"
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
                    *
                  FROM "outcome_days" AS "t1"
                  WHERE
                    "t1"."experiment" = 'checkout' AND "t1"."phase" = 2
                ) AS "t5"
                WHERE
                  "t5"."day" >= 20526 AND (
                    "t5"."day" - "t5"."offset"
                  ) >= 20526
              ) AS "t10"
              WHERE
                "t10"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
                AND "t10"."offset" >= -2
            ) AS "t18"
            WHERE
              "t18"."offset" < 2
          ) AS "t23"
          GROUP BY
            "t23"."unit"
        ) AS "t24"
      ) AS "t25"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t4"."unit" AS "unit",
          "t4"."totals"[2] AS "s0",
          "t4"."totals"[1] AS "s1",
          "t4"."totals"[4] AS "s2",
          "t4"."totals"[3] AS "s3",
          "t4"."totals"[6] AS "s4",
          "t4"."totals"[5] AS "s5",
          "t4"."totals"[7] AS "s6"
        FROM (
          SELECT
            *
          FROM "total_days" AS "t0"
          WHERE
            "t0"."experiment" = 'checkout'
            AND "t0"."phase" = 2
            AND "t0"."windows" = 'fef738c32a50acca'
        ) AS "t4"
      ) AS "t9"
    ) AS "t28"
      ON "t49"."unit" = "t28"."unit"
  ) AS "t50"
) AS "t51"
GROUP BY
  "t51"."variant",
  "t51"."segment";

-- quantile_values
SELECT
  "t16"."unit" AS "unit",
  "t16"."variant" AS "variant",
  "t16"."segment" AS "segment",
  "t16"."value" AS "value"
FROM (
  SELECT
    *
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
        "t12"."segment" AS "segment",
        "t12"."at" AS "since",
        "t12"."day" AS "entered"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t10"."unit" AS "unit",
            "t10"."at" AS "at",
            "t10"."day" AS "day",
            "t10"."attributes" AS "attributes",
            "t10"."variant" AS "variant",
            "t10"."m10_done" AS "m10_done",
            "t10"."m10_a_past" AS "m10_a_past",
            "t10"."m10_missing_past" AS "m10_missing_past",
            '' AS "segment"
          FROM (
            SELECT
              "t9"."unit" AS "unit",
              "t9"."at" AS "at",
              "t9"."day" AS "day",
              "t9"."attributes" AS "attributes",
              "t9"."variant" AS "variant",
              CASE WHEN "t9"."day" <= 20526 THEN 1.0 ELSE CAST(NULL AS Nullable(Float64)) END AS "m10_done",
              CASE
                WHEN "t9"."day" <= 20526
                THEN COALESCE(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t9"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t9"."attributes", 'past'))
                    ELSE NULL
                  END,
                  0.0
                )
                ELSE CAST(NULL AS Nullable(Float64))
              END AS "m10_a_past",
              CASE
                WHEN "t9"."day" <= 20526
                THEN CASE
                  WHEN isNull(
                    CASE
                      WHEN toString(JSONType(JSONExtractRaw("t9"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                      THEN JSONExtractFloat(JSONExtractRaw("t9"."attributes", 'past'))
                      ELSE NULL
                    END
                  )
                  THEN 1.0
                  ELSE 0.0
                END
                ELSE CAST(NULL AS Nullable(Float64))
              END AS "m10_missing_past"
            FROM (
              SELECT
                "t8"."unit" AS "unit",
                "t8"."at" AS "at",
                "t8"."day" AS "day",
                "t8"."attributes" AS "attributes",
                "t8"."order" % 64 AS "variant"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t6"."unit" AS "unit",
                    MIN("t6"."order") AS "order",
                    minIf("t6"."at", isNotNull("t6"."order")) AS "at",
                    minIf("t6"."day", isNotNull("t6"."order")) AS "day",
                    MIN("t6"."phase") AS "phase",
                    MIN("t6"."position") AS "low",
                    MAX("t6"."position") AS "high",
                    argMinIf(tuple("t6"."attributes"), "t6"."order", isNotNull("t6"."order")).1 AS "attributes"
                  FROM (
                    SELECT
                      "t3"."unit" AS "unit",
                      "t3"."at" AS "at",
                      "t3"."day" AS "day",
                      "t3"."phase" AS "phase",
                      "t3"."attributes" AS "attributes",
                      CASE
                        WHEN "t3"."phase" = 2
                        THEN CASE "t3"."variant"
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE CAST(NULL AS Nullable(Int64))
                        END
                        ELSE CAST(NULL AS Nullable(Int64))
                      END AS "position",
                      (
                        "t3"."at" * 64
                      ) + CASE
                        WHEN "t3"."phase" = 2
                        THEN CASE "t3"."variant"
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE CAST(NULL AS Nullable(Int64))
                        END
                        ELSE CAST(NULL AS Nullable(Int64))
                      END AS "order"
                    FROM (
                      SELECT
                        *
                      FROM "exposure_days" AS "t1"
                      WHERE
                        "t1"."experiment" = 'checkout' AND NOT (
                          "t1"."forced"
                        ) AND "t1"."phase" <= 2
                    ) AS "t3"
                  ) AS "t6"
                  GROUP BY
                    "t6"."unit"
                ) AS "t7"
                WHERE
                  isNotNull("t7"."order")
                  AND "t7"."low" = "t7"."high"
                  AND NOT (
                    (
                      "t7"."day" > 20525
                    ) OR (
                      "t7"."day" < 20519
                    )
                  )
                  AND NOT (
                    COALESCE(
                      (
                        CASE
                          WHEN toString(JSONType(JSONExtractRaw("t7"."attributes", 'past'))) IN ('String')
                          THEN JSONExtractString(JSONExtractRaw("t7"."attributes", 'past'))
                          ELSE NULL
                        END = 'many'
                      )
                      OR (
                        CASE
                          WHEN toString(JSONType(JSONExtractRaw("t7"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                          THEN JSONExtractFloat(JSONExtractRaw("t7"."attributes", 'past'))
                          ELSE NULL
                        END = 2.5
                      ),
                      FALSE
                    )
                    OR COALESCE(
                      CASE
                        WHEN toString(JSONType(JSONExtractRaw("t7"."attributes", 'country'))) IN ('Bool')
                        THEN JSONExtractBool(JSONExtractRaw("t7"."attributes", 'country'))
                        ELSE NULL
                      END = TRUE,
                      FALSE
                    )
                  )
                  AND "t7"."phase" >= 2
              ) AS "t8"
            ) AS "t9"
          ) AS "t10"
        ) AS "t11"
        WHERE
          isNotNull("t11"."m10_done")
      ) AS "t12"
    ) AS "t14"
    INNER JOIN (
      SELECT
        "t2"."unit" AS "unit",
        "t2"."at" AS "at",
        "t2"."value" AS "value",
        "t2"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "unit_events" AS "t0"
        WHERE
          "t0"."measure" = '15019fed6f53fd6d' AND isNotNull("t0"."value")
      ) AS "t2"
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
    ) < 2
) AS "t16";

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

-- finished
SELECT DISTINCT
  *
FROM (
  SELECT
    "t1"."day" AS "day"
  FROM (
    SELECT
      *
    FROM "total_days" AS "t0"
    WHERE
      "t0"."experiment" = 'checkout'
      AND "t0"."phase" = 2
      AND "t0"."windows" = 'fef738c32a50acca'
  ) AS "t1"
) AS "t2";

-- counts
SELECT
  "t5"."variant" AS "variant",
  COALESCE(
    SUM(CAST(NOT (
      "t5"."outside"
    ) AND NOT (
      "t5"."earlier"
    ) AS Nullable(Int32))),
    0
  ) AS "split",
  COALESCE(
    SUM(
      CAST("t5"."crossover"
      AND (
        NOT (
          "t5"."outside"
        ) AND NOT (
          "t5"."earlier"
        )
      ) AS Nullable(Int32))
    ),
    0
  ) AS "crossovers",
  COALESCE(SUM(CAST("t5"."earlier" AND NOT (
    "t5"."outside"
  ) AS Nullable(Int32))), 0) AS "earlier_phase",
  COALESCE(SUM(CAST("t5"."outside" AS Nullable(Int32))), 0) AS "outside_enrolment",
  COALESCE(
    SUM(
      CAST((
        COALESCE(
          (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t5"."attributes", 'past'))) IN ('String')
              THEN JSONExtractString(JSONExtractRaw("t5"."attributes", 'past'))
              ELSE NULL
            END = 'many'
          )
          OR (
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t5"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t5"."attributes", 'past'))
              ELSE NULL
            END = 2.5
          ),
          FALSE
        )
        OR COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t5"."attributes", 'country'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t5"."attributes", 'country'))
            ELSE NULL
          END = TRUE,
          FALSE
        )
      )
      AND (
        NOT (
          "t5"."outside"
        ) AND NOT (
          "t5"."earlier"
        )
      ) AS Nullable(Int32))
    ),
    0
  ) AS "filtered"
FROM (
  SELECT
    "t4"."unit" AS "unit",
    "t4"."at" AS "at",
    "t4"."day" AS "day",
    "t4"."attributes" AS "attributes",
    "t4"."order" % 64 AS "variant",
    "t4"."low" <> "t4"."high" AS "crossover",
    "t4"."phase" < 2 AS "earlier",
    (
      "t4"."day" > 20525
    ) OR (
      "t4"."day" < 20519
    ) AS "outside"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t2"."unit" AS "unit",
        MIN("t2"."order") AS "order",
        minIf("t2"."at", isNotNull("t2"."order")) AS "at",
        minIf("t2"."day", isNotNull("t2"."order")) AS "day",
        MIN("t2"."phase") AS "phase",
        MIN("t2"."position") AS "low",
        MAX("t2"."position") AS "high",
        argMinIf(tuple("t2"."attributes"), "t2"."order", isNotNull("t2"."order")).1 AS "attributes"
      FROM (
        SELECT
          "t1"."unit" AS "unit",
          "t1"."at" AS "at",
          "t1"."day" AS "day",
          "t1"."phase" AS "phase",
          "t1"."attributes" AS "attributes",
          CASE
            WHEN "t1"."phase" = 2
            THEN CASE "t1"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS Nullable(Int64))
            END
            ELSE CAST(NULL AS Nullable(Int64))
          END AS "position",
          (
            "t1"."at" * 64
          ) + CASE
            WHEN "t1"."phase" = 2
            THEN CASE "t1"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS Nullable(Int64))
            END
            ELSE CAST(NULL AS Nullable(Int64))
          END AS "order"
        FROM (
          SELECT
            *
          FROM "exposure_days" AS "t0"
          WHERE
            "t0"."experiment" = 'checkout' AND NOT (
              "t0"."forced"
            ) AND "t0"."phase" <= 2
        ) AS "t1"
      ) AS "t2"
      GROUP BY
        "t2"."unit"
    ) AS "t3"
    WHERE
      isNotNull("t3"."order")
  ) AS "t4"
) AS "t5"
GROUP BY
  "t5"."variant";

-- forced
SELECT
  uniq("t1"."unit") AS "CountDistinct(unit)"
FROM (
  SELECT
    *
  FROM "exposure_days" AS "t0"
  WHERE
    "t0"."experiment" = 'checkout' AND "t0"."forced"
) AS "t1";

-- slices_sample
SELECT
  "t9"."attributes" AS "attributes"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t6"."unit" AS "unit",
      "t6"."variant" AS "variant",
      "t6"."day" AS "day",
      "t6"."attributes" AS "attributes"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t4"."unit" AS "unit",
          "t4"."at" AS "at",
          "t4"."day" AS "day",
          "t4"."attributes" AS "attributes",
          "t4"."order" % 64 AS "variant",
          "t4"."low" <> "t4"."high" AS "crossover",
          "t4"."phase" < 2 AS "earlier",
          (
            "t4"."day" > 20525
          ) OR (
            "t4"."day" < 20519
          ) AS "outside"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t2"."unit" AS "unit",
              MIN("t2"."order") AS "order",
              minIf("t2"."at", isNotNull("t2"."order")) AS "at",
              minIf("t2"."day", isNotNull("t2"."order")) AS "day",
              MIN("t2"."phase") AS "phase",
              MIN("t2"."position") AS "low",
              MAX("t2"."position") AS "high",
              argMinIf(tuple("t2"."attributes"), "t2"."order", isNotNull("t2"."order")).1 AS "attributes"
            FROM (
              SELECT
                "t1"."unit" AS "unit",
                "t1"."at" AS "at",
                "t1"."day" AS "day",
                "t1"."phase" AS "phase",
                "t1"."attributes" AS "attributes",
                CASE
                  WHEN "t1"."phase" = 2
                  THEN CASE "t1"."variant"
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE CAST(NULL AS Nullable(Int64))
                  END
                  ELSE CAST(NULL AS Nullable(Int64))
                END AS "position",
                (
                  "t1"."at" * 64
                ) + CASE
                  WHEN "t1"."phase" = 2
                  THEN CASE "t1"."variant"
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE CAST(NULL AS Nullable(Int64))
                  END
                  ELSE CAST(NULL AS Nullable(Int64))
                END AS "order"
              FROM (
                SELECT
                  *
                FROM "exposure_days" AS "t0"
                WHERE
                  "t0"."experiment" = 'checkout' AND NOT (
                    "t0"."forced"
                  ) AND "t0"."phase" <= 2
              ) AS "t1"
            ) AS "t2"
            GROUP BY
              "t2"."unit"
          ) AS "t3"
          WHERE
            isNotNull("t3"."order")
        ) AS "t4"
      ) AS "t5"
      WHERE
        NOT (
          "t5"."outside"
        ) AND NOT (
          "t5"."earlier"
        )
    ) AS "t6"
  ) AS "t7"
  ORDER BY
    "t7"."unit" ASC
  LIMIT 1000
) AS "t9";

-- slices
WITH "t7" AS (
  SELECT
    "t6"."unit" AS "unit",
    "t6"."variant" AS "variant",
    "t6"."day" AS "day",
    "t6"."attributes" AS "attributes"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t4"."unit" AS "unit",
        "t4"."at" AS "at",
        "t4"."day" AS "day",
        "t4"."attributes" AS "attributes",
        "t4"."order" % 64 AS "variant",
        "t4"."low" <> "t4"."high" AS "crossover",
        "t4"."phase" < 2 AS "earlier",
        (
          "t4"."day" > 20525
        ) OR (
          "t4"."day" < 20519
        ) AS "outside"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t2"."unit" AS "unit",
            MIN("t2"."order") AS "order",
            minIf("t2"."at", isNotNull("t2"."order")) AS "at",
            minIf("t2"."day", isNotNull("t2"."order")) AS "day",
            MIN("t2"."phase") AS "phase",
            MIN("t2"."position") AS "low",
            MAX("t2"."position") AS "high",
            argMinIf(tuple("t2"."attributes"), "t2"."order", isNotNull("t2"."order")).1 AS "attributes"
          FROM (
            SELECT
              "t1"."unit" AS "unit",
              "t1"."at" AS "at",
              "t1"."day" AS "day",
              "t1"."phase" AS "phase",
              "t1"."attributes" AS "attributes",
              CASE
                WHEN "t1"."phase" = 2
                THEN CASE "t1"."variant"
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE CAST(NULL AS Nullable(Int64))
                END
                ELSE CAST(NULL AS Nullable(Int64))
              END AS "position",
              (
                "t1"."at" * 64
              ) + CASE
                WHEN "t1"."phase" = 2
                THEN CASE "t1"."variant"
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE CAST(NULL AS Nullable(Int64))
                END
                ELSE CAST(NULL AS Nullable(Int64))
              END AS "order"
            FROM (
              SELECT
                *
              FROM "exposure_days" AS "t0"
              WHERE
                "t0"."experiment" = 'checkout' AND NOT (
                  "t0"."forced"
                ) AND "t0"."phase" <= 2
            ) AS "t1"
          ) AS "t2"
          GROUP BY
            "t2"."unit"
        ) AS "t3"
        WHERE
          isNotNull("t3"."order")
      ) AS "t4"
    ) AS "t5"
    WHERE
      NOT (
        "t5"."outside"
      ) AND NOT (
        "t5"."earlier"
      )
  ) AS "t6"
)
SELECT
  *
FROM (
  SELECT
    "t10"."variant" AS "variant",
    "t10"."value" AS "value",
    "t10"."units" AS "units",
    'day' AS "dimension"
  FROM (
    SELECT
      "t9"."variant" AS "variant",
      "t9"."value" AS "value",
      COUNT(*) AS "units"
    FROM (
      SELECT
        "t8"."variant" AS "variant",
        CAST("t8"."day" AS Nullable(String)) AS "value"
      FROM "t7" AS "t8"
    ) AS "t9"
    GROUP BY
      "t9"."variant",
      "t9"."value"
  ) AS "t10"
) AS "t11"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t13"."variant" AS "variant",
    "t13"."value" AS "value",
    "t13"."units" AS "units",
    'country' AS "dimension"
  FROM (
    SELECT
      "t12"."variant" AS "variant",
      "t12"."value" AS "value",
      COUNT(*) AS "units"
    FROM (
      SELECT
        "t8"."variant" AS "variant",
        COALESCE(
          COALESCE(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('String')
              THEN JSONExtractString(JSONExtractRaw("t8"."attributes", 'country'))
              ELSE NULL
            END,
            CASE
              WHEN (
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'country'))
                  ELSE NULL
                END = CAST(ROUND(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'country'))
                    ELSE NULL
                  END,
                  0
                ) AS Nullable(Int64))
              )
              AND (
                ABS(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'country'))
                    ELSE NULL
                  END
                ) < 9007199254740992
              )
              THEN CAST(CAST(CASE
                WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'country'))
                ELSE NULL
              END AS Nullable(Int64)) AS Nullable(String))
              ELSE CAST(CASE
                WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'country'))
                ELSE NULL
              END AS Nullable(String))
            END,
            CAST(CASE
              WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'country'))) IN ('Bool')
              THEN JSONExtractBool(JSONExtractRaw("t8"."attributes", 'country'))
              ELSE NULL
            END AS Nullable(String))
          ),
          '(none)'
        ) AS "value"
      FROM "t7" AS "t8"
    ) AS "t12"
    GROUP BY
      "t12"."variant",
      "t12"."value"
  ) AS "t13"
) AS "t14";

-- overlaps
SELECT
  "t7"."experiment" AS "experiment",
  "t7"."unit" AS "unit",
  "t7"."other" AS "other"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t5"."experiment" AS "experiment",
      "t5"."unit" AS "unit",
      MIN("t5"."variant") AS "other",
      MAX("t5"."variant") AS "last"
    FROM (
      SELECT
        "t4"."experiment" AS "experiment",
        "t4"."phase" AS "phase",
        "t4"."unit" AS "unit",
        "t4"."variant" AS "variant",
        "t4"."forced" AS "forced",
        "t4"."at" AS "at",
        "t4"."attributes" AS "attributes",
        "t4"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "exposure_days" AS "t0"
        WHERE
          "t0"."phase" = 1 AND "t0"."experiment" IN ('sign-up') AND NOT (
            "t0"."forced"
          )
      ) AS "t4"
      LEFT SEMI JOIN "units" AS "t2"
        ON "t4"."unit" = "t2"."unit"
    ) AS "t5"
    GROUP BY
      "t5"."experiment",
      "t5"."unit"
  ) AS "t6"
  WHERE
    "t6"."other" = "t6"."last"
) AS "t7";

-- overlaps_shared
SELECT
  "t0"."experiment" AS "experiment",
  COUNT(*) AS "units"
FROM "groups" AS "t0"
GROUP BY
  "t0"."experiment";

-- overlaps_moments
SELECT
  "t5"."variant" AS "variant",
  "t5"."segment" AS "segment",
  COUNT(*) AS "units",
  COUNT("t5"."m2_y") AS "n_m2_y",
  AVG("t5"."m2_y") AS "mean_m2_y",
  varSamp("t5"."m2_y") AS "cov_m2_y_m2_y"
FROM (
  SELECT
    "t2"."unit" AS "unit",
    "t2"."at" AS "at",
    "t2"."day" AS "day",
    "t2"."attributes" AS "attributes",
    "t2"."variant" AS "variant",
    "t2"."m8_made" AS "m8_made",
    "t2"."m2_y" AS "m2_y",
    "t2"."m2_pre" AS "m2_pre",
    "t2"."m2_a_past" AS "m2_a_past",
    "t2"."m2_missing_past" AS "m2_missing_past",
    "t2"."m1_y" AS "m1_y",
    "t2"."m1_uncapped" AS "m1_uncapped",
    "t2"."m1_d" AS "m1_d",
    "t2"."m1_pre" AS "m1_pre",
    "t2"."m1_a_past" AS "m1_a_past",
    "t2"."m1_missing_past" AS "m1_missing_past",
    "t2"."m8_y" AS "m8_y",
    "t2"."m8_pre" AS "m8_pre",
    "t2"."m8_a_past" AS "m8_a_past",
    "t2"."m8_missing_past" AS "m8_missing_past",
    "t4"."segment" AS "segment"
  FROM "units" AS "t2"
  INNER JOIN (
    SELECT
      "t1"."unit" AS "unit",
      CONCAT(CONCAT("t1"."experiment", '\n'), "t1"."other") AS "segment"
    FROM "groups" AS "t1"
  ) AS "t4"
    ON "t2"."unit" = "t4"."unit"
) AS "t5"
GROUP BY
  "t5"."variant",
  "t5"."segment";

-- days_since
SELECT
  "t9"."unit" AS "unit",
  "t9"."offset" AS "offset",
  "t3"."variant" AS "variant",
  "t3"."day" AS "day",
  CASE WHEN "t9"."s0" > 0 THEN 1.0 ELSE 0.0 END AS "m2_y",
  LEAST("t9"."s1", 19.0) AS "m1_y",
  "t9"."s2" AS "m1_d"
FROM (
  SELECT
    "t7"."unit" AS "unit",
    "t7"."offset" AS "offset",
    COALESCE(
      sumIf(CAST("t7"."n" AS Nullable(Float64)), "t7"."measure" = '15019fed6f53fd6d'),
      0.0
    ) AS "s0",
    COALESCE(sumIf("t7"."total", "t7"."measure" = 'a0a20fe4cf3aa4ce'), 0.0) AS "s1",
    COALESCE(
      sumIf(CAST("t7"."n" AS Nullable(Float64)), "t7"."measure" = 'c4316d54cb9e590e'),
      0.0
    ) AS "s2"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t5"."unit" AS "unit",
        "t5"."measure" AS "measure",
        "t5"."offset" AS "offset",
        "t5"."active_days" AS "active_days",
        "t5"."n" AS "n",
        "t5"."total" AS "total",
        "t5"."day" AS "day"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM "outcome_days" AS "t1"
          WHERE
            "t1"."experiment" = 'checkout' AND "t1"."phase" = 2
        ) AS "t4"
        WHERE
          "t4"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
      ) AS "t5"
    ) AS "t6"
    WHERE
      "t6"."offset" >= 0 AND "t6"."offset" < 28
  ) AS "t7"
  GROUP BY
    "t7"."unit",
    "t7"."offset"
) AS "t9"
INNER JOIN (
  SELECT
    "t0"."unit" AS "unit",
    "t0"."variant" AS "variant",
    "t0"."day" AS "day"
  FROM "units" AS "t0"
) AS "t3"
  ON "t9"."unit" = "t3"."unit";

-- enrolment
SELECT
  "t0"."variant" AS "variant",
  "t0"."day" AS "day",
  COUNT(*) AS "units"
FROM "units" AS "t0"
GROUP BY
  "t0"."variant",
  "t0"."day";

-- offsets
SELECT
  "t1"."variant" AS "variant",
  "t1"."segment" AS "segment",
  COUNT(*) AS "units",
  COUNT("t1"."m2_y") AS "n_m2_y",
  AVG("t1"."m2_y") AS "mean_m2_y",
  varSamp("t1"."m2_y") AS "cov_m2_y_m2_y",
  COUNT("t1"."m1_y") AS "n_m1_y",
  AVG("t1"."m1_y") AS "mean_m1_y",
  AVG("t1"."m1_d") AS "mean_m1_d",
  varSamp("t1"."m1_y") AS "cov_m1_y_m1_y",
  covarSamp("t1"."m1_y", "t1"."m1_d") AS "cov_m1_y_m1_d",
  varSamp("t1"."m1_d") AS "cov_m1_d_m1_d"
FROM (
  SELECT
    "t0"."unit" AS "unit",
    "t0"."offset" AS "offset",
    "t0"."variant" AS "variant",
    "t0"."day" AS "day",
    "t0"."m2_y" AS "m2_y",
    "t0"."m1_y" AS "m1_y",
    "t0"."m1_d" AS "m1_d",
    "t0"."offset" AS "segment"
  FROM "days" AS "t0"
) AS "t1"
GROUP BY
  "t1"."variant",
  "t1"."segment";

-- spreads
SELECT
  "t5"."variant" AS "variant",
  "t5"."day" AS "day",
  COUNT(*) AS "units",
  AVG("t5"."sum_0") AS "mean_0",
  varSamp("t5"."sum_0") AS "var_0"
FROM (
  SELECT
    "t4"."unit" AS "unit",
    MIN("t4"."variant") AS "variant",
    MIN("t4"."day") AS "day",
    SUM((
      "t4"."m1_y" * "t4"."w0_y"
    ) + (
      "t4"."m1_d" * "t4"."w0_d"
    )) AS "sum_0"
  FROM (
    SELECT
      "t2"."unit" AS "unit",
      "t2"."offset" AS "offset",
      "t2"."variant" AS "variant",
      "t2"."day" AS "day",
      "t2"."m2_y" AS "m2_y",
      "t2"."m1_y" AS "m1_y",
      "t2"."m1_d" AS "m1_d",
      "t3"."w0_y" AS "w0_y",
      "t3"."w0_d" AS "w0_d"
    FROM "days" AS "t2"
    INNER JOIN "uses" AS "t3"
      ON "t2"."variant" = "t3"."variant" AND "t2"."offset" = "t3"."offset"
  ) AS "t4"
  GROUP BY
    "t4"."unit"
) AS "t5"
GROUP BY
  "t5"."variant",
  "t5"."day";

-- deliveries
SELECT
  "t9"."units" AS "units",
  "t9"."unmatched" AS "unmatched",
  "t11"."rows" AS "rows",
  "t11"."ahead" AS "ahead",
  "t11"."settled" AS "settled",
  "t11"."late" AS "late"
FROM (
  SELECT
    SUM(
      CAST(isNotNull("t0"."m2_y") OR isNotNull("t0"."m1_y") OR isNotNull("t0"."m8_y") AS Nullable(Int32))
    ) AS "units",
    SUM(
      CAST((
        isNotNull("t0"."m2_y") OR isNotNull("t0"."m1_y") OR isNotNull("t0"."m8_y")
      )
      AND NOT (
        COALESCE("t0"."m2_y", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m2_pre", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m1_y", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m1_d", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m1_pre", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m8_y", 0.0) <> 0
      )
      AND NOT (
        COALESCE("t0"."m8_pre", 0.0) <> 0
      ) AS Nullable(Int32))
    ) AS "unmatched"
  FROM "units" AS "t0"
) AS "t9"
CROSS JOIN (
  SELECT
    COUNT(*) AS "rows",
    SUM(CAST((
      "t7"."received" - "t7"."at"
    ) < -60000000 AS Nullable(Int32))) AS "ahead",
    SUM(
      CAST((
        "t7"."day" = 20525
      )
      AND (
        (
          (
            "t7"."received" - "t7"."at"
          ) <> 0
        ) AND (
          "t7"."at" >= 0
        )
      ) AS Nullable(Int32))
    ) AS "settled",
    SUM(
      CAST((
        "t7"."day" = 20525
      )
      AND (
        (
          (
            "t7"."received" - "t7"."at"
          ) <> 0
        ) AND (
          "t7"."at" >= 0
        )
      )
      AND (
        (
          "t7"."received" - "t7"."at"
        ) > 86400000000
      ) AS Nullable(Int32))
    ) AS "late"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t3"."at" AS "at",
        "t3"."received" AS "received",
        "t3"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "exposures" AS "t1"
        WHERE
          "t1"."experiment" = 'checkout'
      ) AS "t3"
    ) AS "t5"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t4"."at" AS "at",
        "t4"."received" AS "received",
        "t4"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "events" AS "t2"
        WHERE
          "t2"."name" IN ('order', 'visit') AND "t2"."unit_type" = 'account'
      ) AS "t4"
    ) AS "t6"
  ) AS "t7"
) AS "t11";

-- newcomers
SELECT
  "t2"."first" AS "first",
  COUNT(*) AS "units"
FROM (
  SELECT
    "t1"."unit" AS "unit",
    MIN("t1"."day") AS "first"
  FROM (
    SELECT
      *
    FROM "unit_days" AS "t0"
    WHERE
      "t0"."unit_type" = 'account'
      AND "t0"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
  ) AS "t1"
  GROUP BY
    "t1"."unit"
) AS "t2"
GROUP BY
  "t2"."first";

-- first_seen
SELECT
  "t7"."entered" AS "entered",
  COUNT(*) AS "units"
FROM (
  SELECT
    "t6"."unit" AS "unit",
    MIN("t6"."at") AS "entered_at",
    MIN("t6"."day") AS "entered"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t2"."unit" AS "unit",
        "t2"."at" AS "at",
        "t2"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "exposures" AS "t0"
        WHERE
          "t0"."experiment" IN ('checkout') AND NOT (
            "t0"."forced"
          )
      ) AS "t2"
    ) AS "t4"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t3"."unit" AS "unit",
        "t3"."at" AS "at",
        "t3"."day" AS "day"
      FROM (
        SELECT
          *
        FROM "events" AS "t1"
        WHERE
          "t1"."unit_type" = 'account'
      ) AS "t3"
    ) AS "t5"
  ) AS "t6"
  GROUP BY
    "t6"."unit"
) AS "t7"
GROUP BY
  "t7"."entered";

-- attribute_counts
SELECT
  "t4"."country" AS "country",
  uniq("t4"."unit") AS "units"
FROM (
  SELECT DISTINCT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t1"."unit" AS "unit",
        CAST(JSONExtractRaw("t1"."attributes", 'country') AS Nullable(String)) AS "country"
      FROM (
        SELECT
          *
        FROM "exposures" AS "t0"
        WHERE
          "t0"."experiment" IN ('checkout') AND NOT (
            "t0"."forced"
          )
      ) AS "t1"
    ) AS "t2"
    WHERE
      isNotNull("t2"."country") AND "t2"."country" <> 'null'
  ) AS "t3"
) AS "t4"
GROUP BY
  "t4"."country";

-- full_per_visit
WITH "t3" AS (
  SELECT
    *
  FROM "exposures" AS "t1"
  WHERE
    "t1"."experiment" = 'checkout' AND NOT (
      "t1"."forced"
    )
), "t21" AS (
  SELECT
    "t20"."unit" AS "unit",
    "t20"."variant" AS "variant",
    "t20"."segment" AS "segment",
    COALESCE("t20"."a_past", 0.0) AS "a_past",
    "t20"."entered" AS "entered",
    CASE WHEN "t20"."y" > 19.0 THEN 19.0 ELSE "t20"."y" END AS "y",
    "t20"."d" AS "d",
    CASE WHEN "t20"."pre" > 19.0 THEN 19.0 ELSE "t20"."pre" END AS "pre",
    (
      (
        "t20"."entered" + 2
      ) - 1
    ) <= 20527 AS "done",
    "t20"."y" AS "whole",
    CASE WHEN isNull("t20"."a_past") THEN 1.0 ELSE 0.0 END AS "missing_past"
  FROM (
    SELECT
      "t19"."unit" AS "unit",
      "t19"."variant" AS "variant",
      "t19"."segment" AS "segment",
      "t19"."a_past" AS "a_past",
      "t19"."entered" AS "entered",
      SUM(
        CASE
          WHEN COALESCE(
            (
              "t19"."at" >= "t19"."entered_at"
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) >= 0
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) < 2
            )
            AND (
              (
                "t19"."name" = 'order'
              )
              AND COALESCE(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'currency'))) IN ('String')
                  THEN JSONExtractString(JSONExtractRaw("t19"."properties", 'currency'))
                  ELSE NULL
                END IN ('EUR')
                OR FALSE
                OR FALSE,
                FALSE
              )
            ),
            FALSE
          )
          THEN COALESCE("t19"."value", 0.0)
          ELSE 0.0
        END
      ) AS "y",
      SUM(
        CASE
          WHEN COALESCE(
            (
              "t19"."at" >= "t19"."entered_at"
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) >= 0
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) < 2
            )
            AND (
              "t19"."name" = 'visit'
            ),
            FALSE
          )
          THEN 1.0
          ELSE 0.0
        END
      ) AS "d",
      SUM(
        CASE
          WHEN COALESCE(
            (
              (
                "t19"."day" - "t19"."entered"
              ) < 0
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) >= -1
            )
            AND (
              (
                "t19"."name" = 'order'
              )
              AND COALESCE(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'currency'))) IN ('String')
                  THEN JSONExtractString(JSONExtractRaw("t19"."properties", 'currency'))
                  ELSE NULL
                END IN ('EUR')
                OR FALSE
                OR FALSE,
                FALSE
              )
            ),
            FALSE
          )
          THEN COALESCE("t19"."value", 0.0)
          ELSE 0.0
        END
      ) AS "pre"
    FROM (
      SELECT
        "t18"."unit" AS "unit",
        "t18"."variant" AS "variant",
        "t18"."segment" AS "segment",
        "t18"."entered_at" AS "entered_at",
        "t18"."entered" AS "entered",
        "t18"."a_past" AS "a_past",
        "t12"."unit" AS "unit_right",
        "t12"."day" AS "day",
        "t12"."name" AS "name",
        "t12"."at" AS "at",
        "t12"."value" AS "value",
        "t12"."properties" AS "properties"
      FROM (
        SELECT
          "t16"."unit" AS "unit",
          "t16"."variant" AS "variant",
          '' AS "segment",
          "t16"."at" AS "entered_at",
          "t16"."day" AS "entered",
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t16"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t16"."attributes", 'past'))
            ELSE NULL
          END AS "a_past"
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
                  *
                FROM (
                  SELECT
                    "t6"."id" AS "id",
                    "t6"."experiment" AS "experiment",
                    "t6"."phase" AS "phase",
                    "t6"."unit" AS "unit",
                    "t6"."variant" AS "variant",
                    "t6"."at" AS "at",
                    "t6"."day" AS "day",
                    "t6"."attributes" AS "attributes",
                    "t6"."forced" AS "forced",
                    "t6"."received" AS "received",
                    ROW_NUMBER() OVER (
                      PARTITION BY "t6"."unit"
                      ORDER BY "t6"."at" ASC, CASE "t6"."variant"
                        WHEN 'control'
                        THEN 0
                        WHEN 'blue'
                        THEN 1
                        WHEN 'green'
                        THEN 2
                        ELSE 3
                      END ASC, "t6"."attributes" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) - 1 AS "place",
                    MAX("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "crossed"
                  FROM (
                    SELECT
                      *
                    FROM "t3" AS "t4"
                    WHERE
                      "t4"."phase" = 2 AND "t4"."variant" IN ('control', 'blue', 'green')
                  ) AS "t6"
                ) AS "t11"
                WHERE
                  "t11"."place" = 0 AND NOT (
                    "t11"."crossed"
                  )
              ) AS "t13"
              WHERE
                "t13"."day" BETWEEN 20519 AND 20525
                AND NOT (
                  CAST("t13"."unit" IN (
                    SELECT
                      "t5"."unit" AS "unit"
                    FROM (
                      SELECT
                        *
                      FROM "t3" AS "t4"
                      WHERE
                        "t4"."phase" < 2
                    ) AS "t5"
                  ) AS Nullable(Bool))
                )
            ) AS "t14"
            WHERE
              NOT (
                COALESCE(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('String')
                    THEN JSONExtractString(JSONExtractRaw("t14"."attributes", 'past'))
                    ELSE NULL
                  END IN ('many')
                  OR CASE
                    WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t14"."attributes", 'past'))
                    ELSE NULL
                  END IN (2.5)
                  OR FALSE,
                  FALSE
                )
              )
          ) AS "t15"
          WHERE
            NOT (
              COALESCE(
                FALSE
                OR FALSE
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t15"."attributes", 'country'))) IN ('Bool')
                  THEN JSONExtractBool(JSONExtractRaw("t15"."attributes", 'country'))
                  ELSE NULL
                END IN (TRUE),
                FALSE
              )
            )
        ) AS "t16"
      ) AS "t18"
      LEFT OUTER JOIN (
        SELECT
          "t9"."unit" AS "unit",
          "t9"."day" AS "day",
          "t9"."least_name" AS "name",
          "t9"."least_at" AS "at",
          "t9"."least_value" AS "value",
          "t9"."least_properties" AS "properties"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t2"."id" AS "id",
              "t2"."name" AS "name",
              "t2"."unit_type" AS "unit_type",
              "t2"."unit" AS "unit",
              "t2"."at" AS "at",
              "t2"."day" AS "day",
              "t2"."value" AS "value",
              "t2"."properties" AS "properties",
              "t2"."received" AS "received",
              ROW_NUMBER() OVER (
                PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                ORDER BY "t2"."at" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1 AS "place",
              MIN("t2"."name") OVER (
                PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "least_name",
              MIN("t2"."at") OVER (
                PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "least_at",
              MIN("t2"."value") OVER (
                PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "least_value",
              MIN("t2"."properties") OVER (
                PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "least_properties"
            FROM (
              SELECT
                *
              FROM "events" AS "t0"
              WHERE
                "t0"."unit_type" = 'account'
            ) AS "t2"
          ) AS "t7"
          WHERE
            "t7"."place" = 0
        ) AS "t9"
      ) AS "t12"
        ON "t18"."unit" = "t12"."unit"
    ) AS "t19"
    GROUP BY
      "t19"."unit",
      "t19"."variant",
      "t19"."segment",
      "t19"."a_past",
      "t19"."entered"
  ) AS "t20"
)
SELECT
  "t30".*
  EXCEPT ("segment_right")
FROM (
  SELECT
    "t29".*
    EXCEPT ("variant_right")
  FROM (
    SELECT
      "t25"."variant" AS "variant",
      "t25"."segment" AS "segment",
      "t25"."waiting" AS "waiting",
      "t28"."variant" AS "variant_right",
      "t28"."segment" AS "segment_right",
      "t28"."n" AS "n",
      "t28"."mean_y" AS "mean_y",
      "t28"."mean_d" AS "mean_d",
      "t28"."mean_pre" AS "mean_pre",
      "t28"."mean_a_past" AS "mean_a_past",
      "t28"."mean_missing_past" AS "mean_missing_past",
      "t28"."mean_whole" AS "mean_whole",
      "t28"."product_0" AS "product_0",
      "t28"."product_1" AS "product_1",
      "t28"."product_2" AS "product_2",
      "t28"."product_3" AS "product_3",
      "t28"."product_4" AS "product_4",
      "t28"."product_5" AS "product_5",
      "t28"."product_6" AS "product_6",
      "t28"."product_7" AS "product_7",
      "t28"."product_8" AS "product_8",
      "t28"."product_9" AS "product_9",
      "t28"."product_10" AS "product_10",
      "t28"."product_11" AS "product_11",
      "t28"."product_12" AS "product_12",
      "t28"."product_13" AS "product_13",
      "t28"."product_14" AS "product_14",
      "t28"."product_15" AS "product_15",
      "t28"."product_16" AS "product_16",
      "t28"."product_17" AS "product_17",
      "t28"."product_18" AS "product_18",
      "t28"."product_19" AS "product_19",
      "t28"."product_20" AS "product_20"
    FROM (
      SELECT
        "t22"."variant" AS "variant",
        "t22"."segment" AS "segment",
        SUM(CASE WHEN "t22"."done" THEN 0 ELSE 1 END) AS "waiting"
      FROM "t21" AS "t22"
      GROUP BY
        "t22"."variant",
        "t22"."segment"
    ) AS "t25"
    LEFT OUTER JOIN (
      SELECT
        "t26"."variant" AS "variant",
        "t26"."segment" AS "segment",
        COUNT(*) AS "n",
        AVG("t26"."y") AS "mean_y",
        AVG("t26"."d") AS "mean_d",
        AVG("t26"."pre") AS "mean_pre",
        AVG("t26"."a_past") AS "mean_a_past",
        AVG("t26"."missing_past") AS "mean_missing_past",
        AVG("t26"."whole") AS "mean_whole",
        SUM((
          "t26"."y" - "t26"."mean_y"
        ) * (
          "t26"."y" - "t26"."mean_y"
        )) AS "product_0",
        SUM((
          "t26"."y" - "t26"."mean_y"
        ) * (
          "t26"."d" - "t26"."mean_d"
        )) AS "product_1",
        SUM((
          "t26"."y" - "t26"."mean_y"
        ) * (
          "t26"."pre" - "t26"."mean_pre"
        )) AS "product_2",
        SUM((
          "t26"."y" - "t26"."mean_y"
        ) * (
          "t26"."a_past" - "t26"."mean_a_past"
        )) AS "product_3",
        SUM(
          (
            "t26"."y" - "t26"."mean_y"
          ) * (
            "t26"."missing_past" - "t26"."mean_missing_past"
          )
        ) AS "product_4",
        SUM((
          "t26"."y" - "t26"."mean_y"
        ) * (
          "t26"."whole" - "t26"."mean_whole"
        )) AS "product_5",
        SUM((
          "t26"."d" - "t26"."mean_d"
        ) * (
          "t26"."d" - "t26"."mean_d"
        )) AS "product_6",
        SUM((
          "t26"."d" - "t26"."mean_d"
        ) * (
          "t26"."pre" - "t26"."mean_pre"
        )) AS "product_7",
        SUM((
          "t26"."d" - "t26"."mean_d"
        ) * (
          "t26"."a_past" - "t26"."mean_a_past"
        )) AS "product_8",
        SUM(
          (
            "t26"."d" - "t26"."mean_d"
          ) * (
            "t26"."missing_past" - "t26"."mean_missing_past"
          )
        ) AS "product_9",
        SUM((
          "t26"."d" - "t26"."mean_d"
        ) * (
          "t26"."whole" - "t26"."mean_whole"
        )) AS "product_10",
        SUM((
          "t26"."pre" - "t26"."mean_pre"
        ) * (
          "t26"."pre" - "t26"."mean_pre"
        )) AS "product_11",
        SUM(
          (
            "t26"."pre" - "t26"."mean_pre"
          ) * (
            "t26"."a_past" - "t26"."mean_a_past"
          )
        ) AS "product_12",
        SUM(
          (
            "t26"."pre" - "t26"."mean_pre"
          ) * (
            "t26"."missing_past" - "t26"."mean_missing_past"
          )
        ) AS "product_13",
        SUM((
          "t26"."pre" - "t26"."mean_pre"
        ) * (
          "t26"."whole" - "t26"."mean_whole"
        )) AS "product_14",
        SUM(
          (
            "t26"."a_past" - "t26"."mean_a_past"
          ) * (
            "t26"."a_past" - "t26"."mean_a_past"
          )
        ) AS "product_15",
        SUM(
          (
            "t26"."a_past" - "t26"."mean_a_past"
          ) * (
            "t26"."missing_past" - "t26"."mean_missing_past"
          )
        ) AS "product_16",
        SUM(
          (
            "t26"."a_past" - "t26"."mean_a_past"
          ) * (
            "t26"."whole" - "t26"."mean_whole"
          )
        ) AS "product_17",
        SUM(
          (
            "t26"."missing_past" - "t26"."mean_missing_past"
          ) * (
            "t26"."missing_past" - "t26"."mean_missing_past"
          )
        ) AS "product_18",
        SUM(
          (
            "t26"."missing_past" - "t26"."mean_missing_past"
          ) * (
            "t26"."whole" - "t26"."mean_whole"
          )
        ) AS "product_19",
        SUM(
          (
            "t26"."whole" - "t26"."mean_whole"
          ) * (
            "t26"."whole" - "t26"."mean_whole"
          )
        ) AS "product_20"
      FROM (
        SELECT
          "t23"."unit" AS "unit",
          "t23"."variant" AS "variant",
          "t23"."segment" AS "segment",
          "t23"."a_past" AS "a_past",
          "t23"."entered" AS "entered",
          "t23"."y" AS "y",
          "t23"."d" AS "d",
          "t23"."pre" AS "pre",
          "t23"."done" AS "done",
          "t23"."whole" AS "whole",
          "t23"."missing_past" AS "missing_past",
          AVG("t23"."y") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_y",
          AVG("t23"."d") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_d",
          AVG("t23"."pre") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_pre",
          AVG("t23"."a_past") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_a_past",
          AVG("t23"."missing_past") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_missing_past",
          AVG("t23"."whole") OVER (
            PARTITION BY "t23"."variant", "t23"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_whole"
        FROM (
          SELECT
            *
          FROM "t21" AS "t22"
          WHERE
            "t22"."done"
        ) AS "t23"
      ) AS "t26"
      GROUP BY
        "t26"."variant",
        "t26"."segment"
    ) AS "t28"
      ON "t25"."variant" = "t28"."variant" AND "t25"."segment" = "t28"."segment"
  ) AS "t29"
) AS "t30";

-- full_per_visit_above
WITH "t3" AS (
  SELECT
    *
  FROM "exposures" AS "t1"
  WHERE
    "t1"."experiment" = 'checkout' AND NOT (
      "t1"."forced"
    )
)
SELECT
  "t22"."variant" AS "variant",
  "t22"."segment" AS "segment",
  COUNT(*) AS "units"
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t19"."unit" AS "unit",
        "t19"."variant" AS "variant",
        "t19"."segment" AS "segment",
        "t19"."a_past" AS "a_past",
        "t19"."entered" AS "entered",
        SUM(
          CASE
            WHEN COALESCE(
              (
                "t19"."at" >= "t19"."entered_at"
              )
              AND (
                (
                  "t19"."day" - "t19"."entered"
                ) >= 0
              )
              AND (
                (
                  "t19"."day" - "t19"."entered"
                ) < 2
              )
              AND (
                (
                  "t19"."name" = 'order'
                )
                AND COALESCE(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'currency'))) IN ('String')
                    THEN JSONExtractString(JSONExtractRaw("t19"."properties", 'currency'))
                    ELSE NULL
                  END IN ('EUR')
                  OR FALSE
                  OR FALSE,
                  FALSE
                )
              ),
              FALSE
            )
            THEN COALESCE("t19"."value", 0.0)
            ELSE 0.0
          END
        ) AS "y",
        SUM(
          CASE
            WHEN COALESCE(
              (
                "t19"."at" >= "t19"."entered_at"
              )
              AND (
                (
                  "t19"."day" - "t19"."entered"
                ) >= 0
              )
              AND (
                (
                  "t19"."day" - "t19"."entered"
                ) < 2
              )
              AND (
                "t19"."name" = 'visit'
              ),
              FALSE
            )
            THEN 1.0
            ELSE 0.0
          END
        ) AS "d",
        SUM(
          CASE
            WHEN COALESCE(
              (
                (
                  "t19"."day" - "t19"."entered"
                ) < 0
              )
              AND (
                (
                  "t19"."day" - "t19"."entered"
                ) >= -1
              )
              AND (
                (
                  "t19"."name" = 'order'
                )
                AND COALESCE(
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'currency'))) IN ('String')
                    THEN JSONExtractString(JSONExtractRaw("t19"."properties", 'currency'))
                    ELSE NULL
                  END IN ('EUR')
                  OR FALSE
                  OR FALSE,
                  FALSE
                )
              ),
              FALSE
            )
            THEN COALESCE("t19"."value", 0.0)
            ELSE 0.0
          END
        ) AS "pre"
      FROM (
        SELECT
          "t18"."unit" AS "unit",
          "t18"."variant" AS "variant",
          "t18"."segment" AS "segment",
          "t18"."entered_at" AS "entered_at",
          "t18"."entered" AS "entered",
          "t18"."a_past" AS "a_past",
          "t12"."unit" AS "unit_right",
          "t12"."day" AS "day",
          "t12"."name" AS "name",
          "t12"."at" AS "at",
          "t12"."value" AS "value",
          "t12"."properties" AS "properties"
        FROM (
          SELECT
            "t16"."unit" AS "unit",
            "t16"."variant" AS "variant",
            '' AS "segment",
            "t16"."at" AS "entered_at",
            "t16"."day" AS "entered",
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t16"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t16"."attributes", 'past'))
              ELSE NULL
            END AS "a_past"
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
                    *
                  FROM (
                    SELECT
                      "t6"."id" AS "id",
                      "t6"."experiment" AS "experiment",
                      "t6"."phase" AS "phase",
                      "t6"."unit" AS "unit",
                      "t6"."variant" AS "variant",
                      "t6"."at" AS "at",
                      "t6"."day" AS "day",
                      "t6"."attributes" AS "attributes",
                      "t6"."forced" AS "forced",
                      "t6"."received" AS "received",
                      ROW_NUMBER() OVER (
                        PARTITION BY "t6"."unit"
                        ORDER BY "t6"."at" ASC, CASE "t6"."variant"
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE 3
                        END ASC, "t6"."attributes" ASC
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) - 1 AS "place",
                      MAX("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "crossed"
                    FROM (
                      SELECT
                        *
                      FROM "t3" AS "t4"
                      WHERE
                        "t4"."phase" = 2 AND "t4"."variant" IN ('control', 'blue', 'green')
                    ) AS "t6"
                  ) AS "t11"
                  WHERE
                    "t11"."place" = 0 AND NOT (
                      "t11"."crossed"
                    )
                ) AS "t13"
                WHERE
                  "t13"."day" BETWEEN 20519 AND 20525
                  AND NOT (
                    CAST("t13"."unit" IN (
                      SELECT
                        "t5"."unit" AS "unit"
                      FROM (
                        SELECT
                          *
                        FROM "t3" AS "t4"
                        WHERE
                          "t4"."phase" < 2
                      ) AS "t5"
                    ) AS Nullable(Bool))
                  )
              ) AS "t14"
              WHERE
                NOT (
                  COALESCE(
                    CASE
                      WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('String')
                      THEN JSONExtractString(JSONExtractRaw("t14"."attributes", 'past'))
                      ELSE NULL
                    END IN ('many')
                    OR CASE
                      WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                      THEN JSONExtractFloat(JSONExtractRaw("t14"."attributes", 'past'))
                      ELSE NULL
                    END IN (2.5)
                    OR FALSE,
                    FALSE
                  )
                )
            ) AS "t15"
            WHERE
              NOT (
                COALESCE(
                  FALSE
                  OR FALSE
                  OR CASE
                    WHEN toString(JSONType(JSONExtractRaw("t15"."attributes", 'country'))) IN ('Bool')
                    THEN JSONExtractBool(JSONExtractRaw("t15"."attributes", 'country'))
                    ELSE NULL
                  END IN (TRUE),
                  FALSE
                )
              )
          ) AS "t16"
        ) AS "t18"
        LEFT OUTER JOIN (
          SELECT
            "t9"."unit" AS "unit",
            "t9"."day" AS "day",
            "t9"."least_name" AS "name",
            "t9"."least_at" AS "at",
            "t9"."least_value" AS "value",
            "t9"."least_properties" AS "properties"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t2"."id" AS "id",
                "t2"."name" AS "name",
                "t2"."unit_type" AS "unit_type",
                "t2"."unit" AS "unit",
                "t2"."at" AS "at",
                "t2"."day" AS "day",
                "t2"."value" AS "value",
                "t2"."properties" AS "properties",
                "t2"."received" AS "received",
                ROW_NUMBER() OVER (
                  PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                  ORDER BY "t2"."at" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1 AS "place",
                MIN("t2"."name") OVER (
                  PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "least_name",
                MIN("t2"."at") OVER (
                  PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "least_at",
                MIN("t2"."value") OVER (
                  PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "least_value",
                MIN("t2"."properties") OVER (
                  PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "least_properties"
              FROM (
                SELECT
                  *
                FROM "events" AS "t0"
                WHERE
                  "t0"."unit_type" = 'account'
              ) AS "t2"
            ) AS "t7"
            WHERE
              "t7"."place" = 0
          ) AS "t9"
        ) AS "t12"
          ON "t18"."unit" = "t12"."unit"
      ) AS "t19"
      GROUP BY
        "t19"."unit",
        "t19"."variant",
        "t19"."segment",
        "t19"."a_past",
        "t19"."entered"
    ) AS "t20"
    WHERE
      (
        (
          "t20"."entered" + 2
        ) - 1
      ) <= 20527
  ) AS "t21"
  WHERE
    "t21"."y" > 19.000000019
) AS "t22"
GROUP BY
  "t22"."variant",
  "t22"."segment";

-- full_through
WITH "t3" AS (
  SELECT
    *
  FROM "exposures" AS "t1"
  WHERE
    "t1"."experiment" = 'checkout' AND NOT (
      "t1"."forced"
    )
), "t25" AS (
  SELECT
    "t24"."unit" AS "unit",
    "t24"."variant" AS "variant",
    "t24"."segment" AS "segment",
    COALESCE("t24"."a_past", 0.0) AS "a_past",
    "t24"."entered" AS "entered",
    CASE WHEN "t24"."y" > 0 THEN 1.0 ELSE 0.0 END AS "y",
    CASE WHEN "t24"."pre" > 0 THEN 1.0 ELSE 0.0 END AS "pre",
    (
      (
        "t24"."entered" + 3
      ) - 1
    ) <= 20527 AS "done",
    CASE WHEN isNull("t24"."a_past") THEN 1.0 ELSE 0.0 END AS "missing_past"
  FROM (
    SELECT
      "t23"."unit" AS "unit",
      "t23"."variant" AS "variant",
      "t23"."segment" AS "segment",
      "t23"."a_past" AS "a_past",
      "t23"."entered" AS "entered",
      MAX(CASE WHEN isNull("t23"."step") THEN 0.0 ELSE 1.0 END) AS "y",
      SUM(
        CASE
          WHEN COALESCE(
            (
              (
                "t23"."day" - "t23"."entered"
              ) < 0
            )
            AND (
              (
                "t23"."day" - "t23"."entered"
              ) >= -2
            )
            AND (
              (
                "t23"."name" = 'order'
              )
              AND COALESCE(
                FALSE
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t23"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t23"."properties", 'cart.size'))
                  ELSE NULL
                END IN (3.0, 4.0)
                OR FALSE,
                FALSE
              )
              AND COALESCE(
                FALSE
                OR FALSE
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t23"."properties", 'gift'))) IN ('Bool')
                  THEN JSONExtractBool(JSONExtractRaw("t23"."properties", 'gift'))
                  ELSE NULL
                END IN (TRUE),
                FALSE
              )
            ),
            FALSE
          )
          THEN 1.0
          ELSE 0.0
        END
      ) AS "pre"
    FROM (
      SELECT
        "t22"."unit" AS "unit",
        "t22"."variant" AS "variant",
        "t22"."segment" AS "segment",
        "t22"."entered_at" AS "entered_at",
        "t22"."entered" AS "entered",
        "t22"."a_past" AS "a_past",
        "t22"."unit_right" AS "unit_right",
        "t22"."day" AS "day",
        "t22"."name" AS "name",
        "t22"."at" AS "at",
        "t22"."value" AS "value",
        "t22"."properties" AS "properties",
        MIN(
          CASE
            WHEN COALESCE(
              (
                "t22"."at" >= "t22"."entered_at"
              )
              AND (
                (
                  "t22"."day" - "t22"."entered"
                ) >= 0
              )
              AND (
                (
                  "t22"."day" - "t22"."entered"
                ) < 3
              )
              AND (
                (
                  "t22"."name" = 'order'
                )
                AND COALESCE(
                  FALSE
                  OR CASE
                    WHEN toString(JSONType(JSONExtractRaw("t22"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t22"."properties", 'cart.size'))
                    ELSE NULL
                  END IN (3.0, 4.0)
                  OR FALSE,
                  FALSE
                )
                AND COALESCE(
                  FALSE
                  OR FALSE
                  OR CASE
                    WHEN toString(JSONType(JSONExtractRaw("t22"."properties", 'gift'))) IN ('Bool')
                    THEN JSONExtractBool(JSONExtractRaw("t22"."properties", 'gift'))
                    ELSE NULL
                  END IN (TRUE),
                  FALSE
                )
              )
              AND (
                "t22"."at" >= "t22"."step"
              ),
              FALSE
            )
            THEN "t22"."at"
            ELSE CAST(NULL AS Nullable(Int64))
          END
        ) OVER (
          PARTITION BY "t22"."unit"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "step"
      FROM (
        SELECT
          "t21"."unit" AS "unit",
          "t21"."variant" AS "variant",
          "t21"."segment" AS "segment",
          "t21"."entered_at" AS "entered_at",
          "t21"."entered" AS "entered",
          "t21"."a_past" AS "a_past",
          "t21"."unit_right" AS "unit_right",
          "t21"."day" AS "day",
          "t21"."name" AS "name",
          "t21"."at" AS "at",
          "t21"."value" AS "value",
          "t21"."properties" AS "properties",
          MIN(
            CASE
              WHEN COALESCE(
                (
                  "t21"."at" >= "t21"."entered_at"
                )
                AND (
                  (
                    "t21"."day" - "t21"."entered"
                  ) >= 0
                )
                AND (
                  (
                    "t21"."day" - "t21"."entered"
                  ) < 3
                )
                AND (
                  "t21"."name" = 'order'
                )
                AND (
                  "t21"."at" >= "t21"."step"
                ),
                FALSE
              )
              THEN "t21"."at"
              ELSE CAST(NULL AS Nullable(Int64))
            END
          ) OVER (
            PARTITION BY "t21"."unit"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "step"
        FROM (
          SELECT
            "t20"."unit" AS "unit",
            "t20"."variant" AS "variant",
            "t20"."segment" AS "segment",
            "t20"."entered_at" AS "entered_at",
            "t20"."entered" AS "entered",
            "t20"."a_past" AS "a_past",
            "t20"."unit_right" AS "unit_right",
            "t20"."day" AS "day",
            "t20"."name" AS "name",
            "t20"."at" AS "at",
            "t20"."value" AS "value",
            "t20"."properties" AS "properties",
            MIN(
              CASE
                WHEN COALESCE(
                  (
                    "t20"."at" >= "t20"."entered_at"
                  )
                  AND (
                    (
                      "t20"."day" - "t20"."entered"
                    ) >= 0
                  )
                  AND (
                    (
                      "t20"."day" - "t20"."entered"
                    ) < 3
                  )
                  AND (
                    "t20"."name" = 'visit'
                  )
                  AND (
                    "t20"."at" >= "t20"."step"
                  ),
                  FALSE
                )
                THEN "t20"."at"
                ELSE CAST(NULL AS Nullable(Int64))
              END
            ) OVER (
              PARTITION BY "t20"."unit"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "step"
          FROM (
            SELECT
              "t19"."unit" AS "unit",
              "t19"."variant" AS "variant",
              "t19"."segment" AS "segment",
              "t19"."entered_at" AS "entered_at",
              "t19"."entered" AS "entered",
              "t19"."a_past" AS "a_past",
              "t19"."unit_right" AS "unit_right",
              "t19"."day" AS "day",
              "t19"."name" AS "name",
              "t19"."at" AS "at",
              "t19"."value" AS "value",
              "t19"."properties" AS "properties",
              "t19"."entered_at" AS "step"
            FROM (
              SELECT
                "t18"."unit" AS "unit",
                "t18"."variant" AS "variant",
                "t18"."segment" AS "segment",
                "t18"."entered_at" AS "entered_at",
                "t18"."entered" AS "entered",
                "t18"."a_past" AS "a_past",
                "t12"."unit" AS "unit_right",
                "t12"."day" AS "day",
                "t12"."name" AS "name",
                "t12"."at" AS "at",
                "t12"."value" AS "value",
                "t12"."properties" AS "properties"
              FROM (
                SELECT
                  "t16"."unit" AS "unit",
                  "t16"."variant" AS "variant",
                  '' AS "segment",
                  "t16"."at" AS "entered_at",
                  "t16"."day" AS "entered",
                  CASE
                    WHEN toString(JSONType(JSONExtractRaw("t16"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                    THEN JSONExtractFloat(JSONExtractRaw("t16"."attributes", 'past'))
                    ELSE NULL
                  END AS "a_past"
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
                          *
                        FROM (
                          SELECT
                            "t6"."id" AS "id",
                            "t6"."experiment" AS "experiment",
                            "t6"."phase" AS "phase",
                            "t6"."unit" AS "unit",
                            "t6"."variant" AS "variant",
                            "t6"."at" AS "at",
                            "t6"."day" AS "day",
                            "t6"."attributes" AS "attributes",
                            "t6"."forced" AS "forced",
                            "t6"."received" AS "received",
                            ROW_NUMBER() OVER (
                              PARTITION BY "t6"."unit"
                              ORDER BY "t6"."at" ASC, CASE "t6"."variant"
                                WHEN 'control'
                                THEN 0
                                WHEN 'blue'
                                THEN 1
                                WHEN 'green'
                                THEN 2
                                ELSE 3
                              END ASC, "t6"."attributes" ASC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                            ) - 1 AS "place",
                            MAX("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "crossed"
                          FROM (
                            SELECT
                              *
                            FROM "t3" AS "t4"
                            WHERE
                              "t4"."phase" = 2 AND "t4"."variant" IN ('control', 'blue', 'green')
                          ) AS "t6"
                        ) AS "t11"
                        WHERE
                          "t11"."place" = 0 AND NOT (
                            "t11"."crossed"
                          )
                      ) AS "t13"
                      WHERE
                        "t13"."day" BETWEEN 20519 AND 20525
                        AND NOT (
                          CAST("t13"."unit" IN (
                            SELECT
                              "t5"."unit" AS "unit"
                            FROM (
                              SELECT
                                *
                              FROM "t3" AS "t4"
                              WHERE
                                "t4"."phase" < 2
                            ) AS "t5"
                          ) AS Nullable(Bool))
                        )
                    ) AS "t14"
                    WHERE
                      NOT (
                        COALESCE(
                          CASE
                            WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('String')
                            THEN JSONExtractString(JSONExtractRaw("t14"."attributes", 'past'))
                            ELSE NULL
                          END IN ('many')
                          OR CASE
                            WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                            THEN JSONExtractFloat(JSONExtractRaw("t14"."attributes", 'past'))
                            ELSE NULL
                          END IN (2.5)
                          OR FALSE,
                          FALSE
                        )
                      )
                  ) AS "t15"
                  WHERE
                    NOT (
                      COALESCE(
                        FALSE
                        OR FALSE
                        OR CASE
                          WHEN toString(JSONType(JSONExtractRaw("t15"."attributes", 'country'))) IN ('Bool')
                          THEN JSONExtractBool(JSONExtractRaw("t15"."attributes", 'country'))
                          ELSE NULL
                        END IN (TRUE),
                        FALSE
                      )
                    )
                ) AS "t16"
              ) AS "t18"
              LEFT OUTER JOIN (
                SELECT
                  "t9"."unit" AS "unit",
                  "t9"."day" AS "day",
                  "t9"."least_name" AS "name",
                  "t9"."least_at" AS "at",
                  "t9"."least_value" AS "value",
                  "t9"."least_properties" AS "properties"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t2"."id" AS "id",
                      "t2"."name" AS "name",
                      "t2"."unit_type" AS "unit_type",
                      "t2"."unit" AS "unit",
                      "t2"."at" AS "at",
                      "t2"."day" AS "day",
                      "t2"."value" AS "value",
                      "t2"."properties" AS "properties",
                      "t2"."received" AS "received",
                      ROW_NUMBER() OVER (
                        PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                        ORDER BY "t2"."at" ASC
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) - 1 AS "place",
                      MIN("t2"."name") OVER (
                        PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "least_name",
                      MIN("t2"."at") OVER (
                        PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "least_at",
                      MIN("t2"."value") OVER (
                        PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "least_value",
                      MIN("t2"."properties") OVER (
                        PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "least_properties"
                    FROM (
                      SELECT
                        *
                      FROM "events" AS "t0"
                      WHERE
                        "t0"."unit_type" = 'account'
                    ) AS "t2"
                  ) AS "t7"
                  WHERE
                    "t7"."place" = 0
                ) AS "t9"
              ) AS "t12"
                ON "t18"."unit" = "t12"."unit"
            ) AS "t19"
          ) AS "t20"
        ) AS "t21"
      ) AS "t22"
    ) AS "t23"
    GROUP BY
      "t23"."unit",
      "t23"."variant",
      "t23"."segment",
      "t23"."a_past",
      "t23"."entered"
  ) AS "t24"
)
SELECT
  "t34".*
  EXCEPT ("segment_right")
FROM (
  SELECT
    "t33".*
    EXCEPT ("variant_right")
  FROM (
    SELECT
      "t29"."variant" AS "variant",
      "t29"."segment" AS "segment",
      "t29"."waiting" AS "waiting",
      "t32"."variant" AS "variant_right",
      "t32"."segment" AS "segment_right",
      "t32"."n" AS "n",
      "t32"."mean_y" AS "mean_y",
      "t32"."mean_pre" AS "mean_pre",
      "t32"."mean_a_past" AS "mean_a_past",
      "t32"."mean_missing_past" AS "mean_missing_past",
      "t32"."product_0" AS "product_0",
      "t32"."product_1" AS "product_1",
      "t32"."product_2" AS "product_2",
      "t32"."product_3" AS "product_3",
      "t32"."product_4" AS "product_4",
      "t32"."product_5" AS "product_5",
      "t32"."product_6" AS "product_6",
      "t32"."product_7" AS "product_7",
      "t32"."product_8" AS "product_8",
      "t32"."product_9" AS "product_9"
    FROM (
      SELECT
        "t26"."variant" AS "variant",
        "t26"."segment" AS "segment",
        SUM(CASE WHEN "t26"."done" THEN 0 ELSE 1 END) AS "waiting"
      FROM "t25" AS "t26"
      GROUP BY
        "t26"."variant",
        "t26"."segment"
    ) AS "t29"
    LEFT OUTER JOIN (
      SELECT
        "t30"."variant" AS "variant",
        "t30"."segment" AS "segment",
        COUNT(*) AS "n",
        AVG("t30"."y") AS "mean_y",
        AVG("t30"."pre") AS "mean_pre",
        AVG("t30"."a_past") AS "mean_a_past",
        AVG("t30"."missing_past") AS "mean_missing_past",
        SUM((
          "t30"."y" - "t30"."mean_y"
        ) * (
          "t30"."y" - "t30"."mean_y"
        )) AS "product_0",
        SUM((
          "t30"."y" - "t30"."mean_y"
        ) * (
          "t30"."pre" - "t30"."mean_pre"
        )) AS "product_1",
        SUM((
          "t30"."y" - "t30"."mean_y"
        ) * (
          "t30"."a_past" - "t30"."mean_a_past"
        )) AS "product_2",
        SUM(
          (
            "t30"."y" - "t30"."mean_y"
          ) * (
            "t30"."missing_past" - "t30"."mean_missing_past"
          )
        ) AS "product_3",
        SUM((
          "t30"."pre" - "t30"."mean_pre"
        ) * (
          "t30"."pre" - "t30"."mean_pre"
        )) AS "product_4",
        SUM(
          (
            "t30"."pre" - "t30"."mean_pre"
          ) * (
            "t30"."a_past" - "t30"."mean_a_past"
          )
        ) AS "product_5",
        SUM(
          (
            "t30"."pre" - "t30"."mean_pre"
          ) * (
            "t30"."missing_past" - "t30"."mean_missing_past"
          )
        ) AS "product_6",
        SUM(
          (
            "t30"."a_past" - "t30"."mean_a_past"
          ) * (
            "t30"."a_past" - "t30"."mean_a_past"
          )
        ) AS "product_7",
        SUM(
          (
            "t30"."a_past" - "t30"."mean_a_past"
          ) * (
            "t30"."missing_past" - "t30"."mean_missing_past"
          )
        ) AS "product_8",
        SUM(
          (
            "t30"."missing_past" - "t30"."mean_missing_past"
          ) * (
            "t30"."missing_past" - "t30"."mean_missing_past"
          )
        ) AS "product_9"
      FROM (
        SELECT
          "t27"."unit" AS "unit",
          "t27"."variant" AS "variant",
          "t27"."segment" AS "segment",
          "t27"."a_past" AS "a_past",
          "t27"."entered" AS "entered",
          "t27"."y" AS "y",
          "t27"."pre" AS "pre",
          "t27"."done" AS "done",
          "t27"."missing_past" AS "missing_past",
          AVG("t27"."y") OVER (
            PARTITION BY "t27"."variant", "t27"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_y",
          AVG("t27"."pre") OVER (
            PARTITION BY "t27"."variant", "t27"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_pre",
          AVG("t27"."a_past") OVER (
            PARTITION BY "t27"."variant", "t27"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_a_past",
          AVG("t27"."missing_past") OVER (
            PARTITION BY "t27"."variant", "t27"."segment"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "mean_missing_past"
        FROM (
          SELECT
            *
          FROM "t25" AS "t26"
          WHERE
            "t26"."done"
        ) AS "t27"
      ) AS "t30"
      GROUP BY
        "t30"."variant",
        "t30"."segment"
    ) AS "t32"
      ON "t29"."variant" = "t32"."variant" AND "t29"."segment" = "t32"."segment"
  ) AS "t33"
) AS "t34";

-- full_typical_values
WITH "t3" AS (
  SELECT
    *
  FROM "exposures" AS "t1"
  WHERE
    "t1"."experiment" = 'checkout' AND NOT (
      "t1"."forced"
    )
)
SELECT
  "t20"."unit" AS "unit",
  "t20"."value" AS "value"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t18"."unit" AS "unit",
      "t18"."variant" AS "variant",
      "t18"."segment" AS "segment",
      "t18"."entered_at" AS "entered_at",
      "t18"."entered" AS "entered",
      "t18"."a_past" AS "a_past",
      "t12"."day" AS "day",
      "t12"."name" AS "name",
      "t12"."at" AS "at",
      "t12"."value" AS "value",
      "t12"."properties" AS "properties"
    FROM (
      SELECT
        "t16"."unit" AS "unit",
        "t16"."variant" AS "variant",
        '' AS "segment",
        "t16"."at" AS "entered_at",
        "t16"."day" AS "entered",
        CASE
          WHEN toString(JSONType(JSONExtractRaw("t16"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
          THEN JSONExtractFloat(JSONExtractRaw("t16"."attributes", 'past'))
          ELSE NULL
        END AS "a_past"
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
                *
              FROM (
                SELECT
                  "t6"."id" AS "id",
                  "t6"."experiment" AS "experiment",
                  "t6"."phase" AS "phase",
                  "t6"."unit" AS "unit",
                  "t6"."variant" AS "variant",
                  "t6"."at" AS "at",
                  "t6"."day" AS "day",
                  "t6"."attributes" AS "attributes",
                  "t6"."forced" AS "forced",
                  "t6"."received" AS "received",
                  ROW_NUMBER() OVER (
                    PARTITION BY "t6"."unit"
                    ORDER BY "t6"."at" ASC, CASE "t6"."variant"
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 3
                    END ASC, "t6"."attributes" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) - 1 AS "place",
                  MAX("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN("t6"."variant") OVER (PARTITION BY "t6"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "crossed"
                FROM (
                  SELECT
                    *
                  FROM "t3" AS "t4"
                  WHERE
                    "t4"."phase" = 2 AND "t4"."variant" IN ('control', 'blue', 'green')
                ) AS "t6"
              ) AS "t11"
              WHERE
                "t11"."place" = 0 AND NOT (
                  "t11"."crossed"
                )
            ) AS "t13"
            WHERE
              "t13"."day" BETWEEN 20519 AND 20525
              AND NOT (
                CAST("t13"."unit" IN (
                  SELECT
                    "t5"."unit" AS "unit"
                  FROM (
                    SELECT
                      *
                    FROM "t3" AS "t4"
                    WHERE
                      "t4"."phase" < 2
                  ) AS "t5"
                ) AS Nullable(Bool))
              )
          ) AS "t14"
          WHERE
            NOT (
              COALESCE(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('String')
                  THEN JSONExtractString(JSONExtractRaw("t14"."attributes", 'past'))
                  ELSE NULL
                END IN ('many')
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t14"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t14"."attributes", 'past'))
                  ELSE NULL
                END IN (2.5)
                OR FALSE,
                FALSE
              )
            )
        ) AS "t15"
        WHERE
          NOT (
            COALESCE(
              FALSE
              OR FALSE
              OR CASE
                WHEN toString(JSONType(JSONExtractRaw("t15"."attributes", 'country'))) IN ('Bool')
                THEN JSONExtractBool(JSONExtractRaw("t15"."attributes", 'country'))
                ELSE NULL
              END IN (TRUE),
              FALSE
            )
          )
      ) AS "t16"
    ) AS "t18"
    INNER JOIN (
      SELECT
        "t9"."unit" AS "unit",
        "t9"."day" AS "day",
        "t9"."least_name" AS "name",
        "t9"."least_at" AS "at",
        "t9"."least_value" AS "value",
        "t9"."least_properties" AS "properties"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t2"."id" AS "id",
            "t2"."name" AS "name",
            "t2"."unit_type" AS "unit_type",
            "t2"."unit" AS "unit",
            "t2"."at" AS "at",
            "t2"."day" AS "day",
            "t2"."value" AS "value",
            "t2"."properties" AS "properties",
            "t2"."received" AS "received",
            ROW_NUMBER() OVER (
              PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
              ORDER BY "t2"."at" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1 AS "place",
            MIN("t2"."name") OVER (
              PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "least_name",
            MIN("t2"."at") OVER (
              PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "least_at",
            MIN("t2"."value") OVER (
              PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "least_value",
            MIN("t2"."properties") OVER (
              PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "least_properties"
          FROM (
            SELECT
              *
            FROM "events" AS "t0"
            WHERE
              "t0"."unit_type" = 'account'
          ) AS "t2"
        ) AS "t7"
        WHERE
          "t7"."place" = 0
      ) AS "t9"
    ) AS "t12"
      ON "t18"."unit" = "t12"."unit"
  ) AS "t19"
  WHERE
    "t19"."at" >= "t19"."entered_at"
    AND (
      "t19"."day" - "t19"."entered"
    ) >= 0
    AND (
      "t19"."day" - "t19"."entered"
    ) < 2
    AND "t19"."name" = 'order'
    AND isNotNull("t19"."value")
) AS "t20";

-- full_typical_units
WITH "t1" AS (
  SELECT
    *
  FROM "exposures" AS "t0"
  WHERE
    "t0"."experiment" = 'checkout' AND NOT (
      "t0"."forced"
    )
)
SELECT
  "t11"."unit" AS "unit",
  "t11"."variant" AS "variant",
  "t11"."segment" AS "segment",
  "t11"."entered_at" AS "entered_at",
  "t11"."entered" AS "entered",
  "t11"."a_past" AS "a_past",
  (
    (
      "t11"."entered" + 2
    ) - 1
  ) <= 20527 AS "done"
FROM (
  SELECT
    "t10"."unit" AS "unit",
    "t10"."variant" AS "variant",
    '' AS "segment",
    "t10"."at" AS "entered_at",
    "t10"."day" AS "entered",
    CASE
      WHEN toString(JSONType(JSONExtractRaw("t10"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
      THEN JSONExtractFloat(JSONExtractRaw("t10"."attributes", 'past'))
      ELSE NULL
    END AS "a_past"
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
            *
          FROM (
            SELECT
              "t4"."id" AS "id",
              "t4"."experiment" AS "experiment",
              "t4"."phase" AS "phase",
              "t4"."unit" AS "unit",
              "t4"."variant" AS "variant",
              "t4"."at" AS "at",
              "t4"."day" AS "day",
              "t4"."attributes" AS "attributes",
              "t4"."forced" AS "forced",
              "t4"."received" AS "received",
              ROW_NUMBER() OVER (
                PARTITION BY "t4"."unit"
                ORDER BY "t4"."at" ASC, CASE "t4"."variant"
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE 3
                END ASC, "t4"."attributes" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - 1 AS "place",
              MAX("t4"."variant") OVER (PARTITION BY "t4"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN("t4"."variant") OVER (PARTITION BY "t4"."unit" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "crossed"
            FROM (
              SELECT
                *
              FROM "t1" AS "t2"
              WHERE
                "t2"."phase" = 2 AND "t2"."variant" IN ('control', 'blue', 'green')
            ) AS "t4"
          ) AS "t6"
          WHERE
            "t6"."place" = 0 AND NOT (
              "t6"."crossed"
            )
        ) AS "t7"
        WHERE
          "t7"."day" BETWEEN 20519 AND 20525
          AND NOT (
            CAST("t7"."unit" IN (
              SELECT
                "t3"."unit" AS "unit"
              FROM (
                SELECT
                  *
                FROM "t1" AS "t2"
                WHERE
                  "t2"."phase" < 2
              ) AS "t3"
            ) AS Nullable(Bool))
          )
      ) AS "t8"
      WHERE
        NOT (
          COALESCE(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'past'))) IN ('String')
              THEN JSONExtractString(JSONExtractRaw("t8"."attributes", 'past'))
              ELSE NULL
            END IN ('many')
            OR CASE
              WHEN toString(JSONType(JSONExtractRaw("t8"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t8"."attributes", 'past'))
              ELSE NULL
            END IN (2.5)
            OR FALSE,
            FALSE
          )
        )
    ) AS "t9"
    WHERE
      NOT (
        COALESCE(
          FALSE
          OR FALSE
          OR CASE
            WHEN toString(JSONType(JSONExtractRaw("t9"."attributes", 'country'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t9"."attributes", 'country'))
            ELSE NULL
          END IN (TRUE),
          FALSE
        )
      )
  ) AS "t10"
) AS "t11";

-- preview_doers
SELECT
  "t1"."unit_type" AS "unit_type",
  uniq("t1"."unit") AS "units"
FROM (
  SELECT
    *
  FROM "events" AS "t0"
  WHERE
    "t0"."name" = 'order'
    AND COALESCE(
      FALSE
      OR CASE
        WHEN toString(JSONType(JSONExtractRaw("t0"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
        THEN JSONExtractFloat(JSONExtractRaw("t0"."properties", 'cart.size'))
        ELSE NULL
      END IN (3.0, 4.0)
      OR FALSE,
      FALSE
    )
    AND COALESCE(
      FALSE
      OR FALSE
      OR CASE
        WHEN toString(JSONType(JSONExtractRaw("t0"."properties", 'gift'))) IN ('Bool')
        THEN JSONExtractBool(JSONExtractRaw("t0"."properties", 'gift'))
        ELSE NULL
      END IN (TRUE),
      FALSE
    )
) AS "t1"
GROUP BY
  "t1"."unit_type";

-- preview_totals
SELECT
  *
FROM (
  SELECT
    "t20"."unit" AS "unit",
    "t20"."entered" AS "entered",
    MAX(CASE WHEN isNull("t20"."step") THEN 0.0 ELSE 1.0 END) AS "y",
    SUM(
      CASE
        WHEN COALESCE(
          (
            (
              "t20"."day" - "t20"."entered"
            ) < 0
          )
          AND (
            (
              "t20"."day" - "t20"."entered"
            ) >= -2
          )
          AND (
            (
              "t20"."name" = 'order'
            )
            AND COALESCE(
              FALSE
              OR CASE
                WHEN toString(JSONType(JSONExtractRaw("t20"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t20"."properties", 'cart.size'))
                ELSE NULL
              END IN (3.0, 4.0)
              OR FALSE,
              FALSE
            )
            AND COALESCE(
              FALSE
              OR FALSE
              OR CASE
                WHEN toString(JSONType(JSONExtractRaw("t20"."properties", 'gift'))) IN ('Bool')
                THEN JSONExtractBool(JSONExtractRaw("t20"."properties", 'gift'))
                ELSE NULL
              END IN (TRUE),
              FALSE
            )
          ),
          FALSE
        )
        THEN 1.0
        ELSE 0.0
      END
    ) AS "pre"
  FROM (
    SELECT
      "t19"."unit" AS "unit",
      "t19"."entered_at" AS "entered_at",
      "t19"."entered" AS "entered",
      "t19"."unit_right" AS "unit_right",
      "t19"."day" AS "day",
      "t19"."name" AS "name",
      "t19"."at" AS "at",
      "t19"."value" AS "value",
      "t19"."properties" AS "properties",
      MIN(
        CASE
          WHEN COALESCE(
            (
              "t19"."at" >= "t19"."entered_at"
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) >= 0
            )
            AND (
              (
                "t19"."day" - "t19"."entered"
              ) < 3
            )
            AND (
              (
                "t19"."name" = 'order'
              )
              AND COALESCE(
                FALSE
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t19"."properties", 'cart.size'))
                  ELSE NULL
                END IN (3.0, 4.0)
                OR FALSE,
                FALSE
              )
              AND COALESCE(
                FALSE
                OR FALSE
                OR CASE
                  WHEN toString(JSONType(JSONExtractRaw("t19"."properties", 'gift'))) IN ('Bool')
                  THEN JSONExtractBool(JSONExtractRaw("t19"."properties", 'gift'))
                  ELSE NULL
                END IN (TRUE),
                FALSE
              )
            )
            AND (
              "t19"."at" >= "t19"."step"
            ),
            FALSE
          )
          THEN "t19"."at"
          ELSE CAST(NULL AS Nullable(Int64))
        END
      ) OVER (
        PARTITION BY "t19"."unit"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "step"
    FROM (
      SELECT
        "t18"."unit" AS "unit",
        "t18"."entered_at" AS "entered_at",
        "t18"."entered" AS "entered",
        "t18"."unit_right" AS "unit_right",
        "t18"."day" AS "day",
        "t18"."name" AS "name",
        "t18"."at" AS "at",
        "t18"."value" AS "value",
        "t18"."properties" AS "properties",
        MIN(
          CASE
            WHEN COALESCE(
              (
                "t18"."at" >= "t18"."entered_at"
              )
              AND (
                (
                  "t18"."day" - "t18"."entered"
                ) >= 0
              )
              AND (
                (
                  "t18"."day" - "t18"."entered"
                ) < 3
              )
              AND (
                "t18"."name" = 'order'
              )
              AND (
                "t18"."at" >= "t18"."step"
              ),
              FALSE
            )
            THEN "t18"."at"
            ELSE CAST(NULL AS Nullable(Int64))
          END
        ) OVER (
          PARTITION BY "t18"."unit"
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS "step"
      FROM (
        SELECT
          "t17"."unit" AS "unit",
          "t17"."entered_at" AS "entered_at",
          "t17"."entered" AS "entered",
          "t17"."unit_right" AS "unit_right",
          "t17"."day" AS "day",
          "t17"."name" AS "name",
          "t17"."at" AS "at",
          "t17"."value" AS "value",
          "t17"."properties" AS "properties",
          MIN(
            CASE
              WHEN COALESCE(
                (
                  "t17"."at" >= "t17"."entered_at"
                )
                AND (
                  (
                    "t17"."day" - "t17"."entered"
                  ) >= 0
                )
                AND (
                  (
                    "t17"."day" - "t17"."entered"
                  ) < 3
                )
                AND (
                  "t17"."name" = 'visit'
                )
                AND (
                  "t17"."at" >= "t17"."step"
                ),
                FALSE
              )
              THEN "t17"."at"
              ELSE CAST(NULL AS Nullable(Int64))
            END
          ) OVER (
            PARTITION BY "t17"."unit"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "step"
        FROM (
          SELECT
            "t16"."unit" AS "unit",
            "t16"."entered_at" AS "entered_at",
            "t16"."entered" AS "entered",
            "t16"."unit_right" AS "unit_right",
            "t16"."day" AS "day",
            "t16"."name" AS "name",
            "t16"."at" AS "at",
            "t16"."value" AS "value",
            "t16"."properties" AS "properties",
            "t16"."entered_at" AS "step"
          FROM (
            SELECT
              "t13"."unit" AS "unit",
              "t13"."entered_at" AS "entered_at",
              "t13"."entered" AS "entered",
              "t15"."unit" AS "unit_right",
              "t15"."day" AS "day",
              "t15"."name" AS "name",
              "t15"."at" AS "at",
              "t15"."value" AS "value",
              "t15"."properties" AS "properties"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t8"."unit" AS "unit",
                  MIN("t8"."at") AS "entered_at",
                  MIN("t8"."day") AS "entered"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t2"."unit" AS "unit",
                      "t2"."at" AS "at",
                      "t2"."day" AS "day"
                    FROM (
                      SELECT
                        *
                      FROM "exposures" AS "t0"
                      WHERE
                        "t0"."experiment" IN ('checkout') AND NOT (
                          "t0"."forced"
                        )
                    ) AS "t2"
                  ) AS "t5"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t4"."unit" AS "unit",
                      "t4"."at" AS "at",
                      "t4"."day" AS "day"
                    FROM (
                      SELECT
                        *
                      FROM "events" AS "t1"
                      WHERE
                        "t1"."unit_type" = 'account'
                    ) AS "t4"
                  ) AS "t6"
                ) AS "t8"
                GROUP BY
                  "t8"."unit"
              ) AS "t9"
              WHERE
                (
                  (
                    "t9"."entered" + 3
                  ) - 1
                ) <= 20527
            ) AS "t13"
            LEFT OUTER JOIN (
              SELECT
                "t11"."unit" AS "unit",
                "t11"."day" AS "day",
                "t11"."least_name" AS "name",
                "t11"."least_at" AS "at",
                "t11"."least_value" AS "value",
                "t11"."least_properties" AS "properties"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t7"."id" AS "id",
                    "t7"."name" AS "name",
                    "t7"."unit_type" AS "unit_type",
                    "t7"."unit" AS "unit",
                    "t7"."at" AS "at",
                    "t7"."day" AS "day",
                    "t7"."value" AS "value",
                    "t7"."properties" AS "properties",
                    "t7"."received" AS "received",
                    ROW_NUMBER() OVER (
                      PARTITION BY "t7"."id", "t7"."unit", "t7"."day"
                      ORDER BY "t7"."at" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) - 1 AS "place",
                    MIN("t7"."name") OVER (
                      PARTITION BY "t7"."id", "t7"."unit", "t7"."day"
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS "least_name",
                    MIN("t7"."at") OVER (
                      PARTITION BY "t7"."id", "t7"."unit", "t7"."day"
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS "least_at",
                    MIN("t7"."value") OVER (
                      PARTITION BY "t7"."id", "t7"."unit", "t7"."day"
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS "least_value",
                    MIN("t7"."properties") OVER (
                      PARTITION BY "t7"."id", "t7"."unit", "t7"."day"
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS "least_properties"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        *
                      FROM "events" AS "t1"
                      WHERE
                        "t1"."name" IN ('order', 'visit')
                    ) AS "t3"
                    WHERE
                      "t3"."unit_type" = 'account'
                  ) AS "t7"
                ) AS "t10"
                WHERE
                  "t10"."place" = 0
              ) AS "t11"
            ) AS "t15"
              ON "t13"."unit" = "t15"."unit"
          ) AS "t16"
        ) AS "t17"
      ) AS "t18"
    ) AS "t19"
  ) AS "t20"
  GROUP BY
    "t20"."unit",
    "t20"."entered"
) AS "t21"
ORDER BY
  "t21"."unit" ASC;

-- preview_values
SELECT
  "t6"."value" AS "value"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t4"."unit" AS "unit",
      "t4"."day" AS "day",
      "t4"."least_name" AS "name",
      "t4"."least_at" AS "at",
      "t4"."least_value" AS "value",
      "t4"."least_properties" AS "properties"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t2"."id" AS "id",
          "t2"."name" AS "name",
          "t2"."unit_type" AS "unit_type",
          "t2"."unit" AS "unit",
          "t2"."at" AS "at",
          "t2"."day" AS "day",
          "t2"."value" AS "value",
          "t2"."properties" AS "properties",
          "t2"."received" AS "received",
          ROW_NUMBER() OVER (
            PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
            ORDER BY "t2"."at" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) - 1 AS "place",
          MIN("t2"."name") OVER (
            PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "least_name",
          MIN("t2"."at") OVER (
            PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "least_at",
          MIN("t2"."value") OVER (
            PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "least_value",
          MIN("t2"."properties") OVER (
            PARTITION BY "t2"."id", "t2"."unit", "t2"."day"
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "least_properties"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              *
            FROM "events" AS "t0"
            WHERE
              "t0"."name" IN ('order')
          ) AS "t1"
          WHERE
            "t1"."unit_type" = 'account'
        ) AS "t2"
      ) AS "t3"
      WHERE
        "t3"."place" = 0
    ) AS "t4"
  ) AS "t5"
  WHERE
    "t5"."name" = 'order' AND isNotNull("t5"."value")
) AS "t6";
