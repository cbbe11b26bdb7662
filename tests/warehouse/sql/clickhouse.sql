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
      *
    FROM (
      SELECT
        "t6"."unit_type" AS "unit_type",
        "t6"."unit" AS "unit",
        "t6"."day" AS "day",
        "t6"."n" AS "n",
        "t6"."total" AS "total",
        '15019fed6f53fd6d' AS "measure"
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
            "t2"."name" = 'order'
        ) AS "t3"
        GROUP BY
          "t3"."unit_type",
          "t3"."unit",
          "t3"."day"
      ) AS "t6"
    ) AS "t9"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t11"."unit_type" AS "unit_type",
        "t11"."unit" AS "unit",
        "t11"."day" AS "day",
        "t11"."n" AS "n",
        "t11"."total" AS "total",
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
      ) AS "t11"
    ) AS "t13"
  ) AS "t15"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t7"."unit_type" AS "unit_type",
      "t7"."unit" AS "unit",
      "t7"."day" AS "day",
      "t7"."n" AS "n",
      "t7"."total" AS "total",
      'c4316d54cb9e590e' AS "measure"
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
          "t2"."name" = 'visit'
      ) AS "t4"
      GROUP BY
        "t4"."unit_type",
        "t4"."unit",
        "t4"."day"
    ) AS "t7"
  ) AS "t10"
) AS "t16"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t12"."unit_type" AS "unit_type",
    "t12"."unit" AS "unit",
    "t12"."day" AS "day",
    "t12"."n" AS "n",
    "t12"."total" AS "total",
    'd440c1203aed298c' AS "measure"
  FROM (
    SELECT
      "t8"."unit_type" AS "unit_type",
      "t8"."unit" AS "unit",
      "t8"."day" AS "day",
      COUNT(*) AS "n",
      COALESCE(SUM("t8"."value"), 0.0) AS "total"
    FROM (
      SELECT
        *
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
    ) AS "t8"
    GROUP BY
      "t8"."unit_type",
      "t8"."unit",
      "t8"."day"
  ) AS "t12"
) AS "t14";

-- entry_days
WITH "t11" AS (
  SELECT
    "t4"."id" AS "id",
    "t4"."unit_type" AS "unit_type",
    "t4"."unit" AS "unit",
    "t4"."day" AS "day",
    MIN("t4"."name") AS "name",
    MIN("t4"."at") AS "at",
    MIN("t4"."value") AS "value",
    MIN("t4"."properties") AS "properties"
  FROM "events" AS "t4"
  GROUP BY
    "t4"."id",
    "t4"."unit_type",
    "t4"."unit",
    "t4"."day"
)
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
        "t38"."experiment" AS "experiment",
        "t38"."phase" AS "phase",
        "t38"."unit" AS "unit",
        "t38"."day" AS "day",
        "t38"."n" AS "n",
        "t38"."total" AS "total",
        '15019fed6f53fd6d' AS "measure"
      FROM (
        SELECT
          "t34"."experiment" AS "experiment",
          "t34"."phase" AS "phase",
          "t34"."unit" AS "unit",
          "t34"."day" AS "day",
          COUNT(*) AS "n",
          COALESCE(SUM("t34"."value"), 0.0) AS "total"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t27"."experiment" AS "experiment",
              "t27"."phase" AS "phase",
              "t27"."unit" AS "unit",
              "t27"."day" AS "day",
              "t27"."entered" AS "entered",
              "t8"."unit_type" AS "unit_type",
              "t17"."id" AS "id",
              "t17"."name" AS "name",
              "t17"."at" AS "at",
              "t17"."value" AS "value",
              "t17"."properties" AS "properties"
            FROM (
              SELECT
                "t25"."experiment" AS "experiment",
                "t25"."phase" AS "phase",
                "t25"."unit" AS "unit",
                "t25"."day" AS "day",
                MIN("t25"."at") AS "entered"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t19"."experiment" AS "experiment",
                    "t19"."phase" AS "phase",
                    "t19"."unit" AS "unit",
                    "t19"."variant" AS "variant",
                    "t19"."forced" AS "forced",
                    "t19"."day" AS "day",
                    "t19"."at" AS "at",
                    MIN("t19"."attributes") AS "attributes"
                  FROM (
                    SELECT
                      "t10"."id" AS "id",
                      "t10"."experiment" AS "experiment",
                      "t10"."phase" AS "phase",
                      "t10"."unit" AS "unit",
                      "t10"."variant" AS "variant",
                      "t10"."at" AS "at",
                      "t10"."day" AS "day",
                      "t10"."attributes" AS "attributes",
                      "t10"."forced" AS "forced",
                      "t10"."received" AS "received"
                    FROM "exposures" AS "t10"
                    INNER JOIN (
                      SELECT
                        "t5"."experiment" AS "experiment",
                        "t5"."phase" AS "phase",
                        "t5"."unit" AS "unit",
                        "t5"."variant" AS "variant",
                        "t5"."forced" AS "forced",
                        "t5"."day" AS "day",
                        MIN("t5"."at") AS "at"
                      FROM "exposures" AS "t5"
                      GROUP BY
                        "t5"."experiment",
                        "t5"."phase",
                        "t5"."unit",
                        "t5"."variant",
                        "t5"."forced",
                        "t5"."day"
                    ) AS "t14"
                      ON "t10"."experiment" = "t14"."experiment"
                      AND "t10"."phase" = "t14"."phase"
                      AND "t10"."unit" = "t14"."unit"
                      AND "t10"."variant" = "t14"."variant"
                      AND "t10"."forced" = "t14"."forced"
                      AND "t10"."day" = "t14"."day"
                      AND "t10"."at" = "t14"."at"
                  ) AS "t19"
                  GROUP BY
                    "t19"."experiment",
                    "t19"."phase",
                    "t19"."unit",
                    "t19"."variant",
                    "t19"."forced",
                    "t19"."day",
                    "t19"."at"
                ) AS "t23"
                WHERE
                  NOT (
                    "t23"."forced"
                  )
              ) AS "t25"
              GROUP BY
                "t25"."experiment",
                "t25"."phase",
                "t25"."unit",
                "t25"."day"
            ) AS "t27"
            INNER JOIN "uses" AS "t8"
              ON "t27"."experiment" = "t8"."experiment" AND "t27"."phase" = "t8"."phase"
            INNER JOIN (
              SELECT
                *
              FROM "t11" AS "t13"
              WHERE
                "t13"."name" = 'order'
            ) AS "t17"
              ON "t8"."unit_type" = "t17"."unit_type"
              AND "t27"."unit" = "t17"."unit"
              AND "t27"."day" = "t17"."day"
          ) AS "t30"
          WHERE
            "t30"."at" >= "t30"."entered"
        ) AS "t34"
        GROUP BY
          "t34"."experiment",
          "t34"."phase",
          "t34"."unit",
          "t34"."day"
      ) AS "t38"
    ) AS "t42"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t39"."experiment" AS "experiment",
        "t39"."phase" AS "phase",
        "t39"."unit" AS "unit",
        "t39"."day" AS "day",
        "t39"."n" AS "n",
        "t39"."total" AS "total",
        'a0a20fe4cf3aa4ce' AS "measure"
      FROM (
        SELECT
          "t35"."experiment" AS "experiment",
          "t35"."phase" AS "phase",
          "t35"."unit" AS "unit",
          "t35"."day" AS "day",
          COUNT(*) AS "n",
          COALESCE(SUM("t35"."value"), 0.0) AS "total"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t27"."experiment" AS "experiment",
              "t27"."phase" AS "phase",
              "t27"."unit" AS "unit",
              "t27"."day" AS "day",
              "t27"."entered" AS "entered",
              "t9"."unit_type" AS "unit_type",
              "t22"."id" AS "id",
              "t22"."name" AS "name",
              "t22"."at" AS "at",
              "t22"."value" AS "value",
              "t22"."properties" AS "properties"
            FROM (
              SELECT
                "t25"."experiment" AS "experiment",
                "t25"."phase" AS "phase",
                "t25"."unit" AS "unit",
                "t25"."day" AS "day",
                MIN("t25"."at") AS "entered"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t19"."experiment" AS "experiment",
                    "t19"."phase" AS "phase",
                    "t19"."unit" AS "unit",
                    "t19"."variant" AS "variant",
                    "t19"."forced" AS "forced",
                    "t19"."day" AS "day",
                    "t19"."at" AS "at",
                    MIN("t19"."attributes") AS "attributes"
                  FROM (
                    SELECT
                      "t10"."id" AS "id",
                      "t10"."experiment" AS "experiment",
                      "t10"."phase" AS "phase",
                      "t10"."unit" AS "unit",
                      "t10"."variant" AS "variant",
                      "t10"."at" AS "at",
                      "t10"."day" AS "day",
                      "t10"."attributes" AS "attributes",
                      "t10"."forced" AS "forced",
                      "t10"."received" AS "received"
                    FROM "exposures" AS "t10"
                    INNER JOIN (
                      SELECT
                        "t5"."experiment" AS "experiment",
                        "t5"."phase" AS "phase",
                        "t5"."unit" AS "unit",
                        "t5"."variant" AS "variant",
                        "t5"."forced" AS "forced",
                        "t5"."day" AS "day",
                        MIN("t5"."at") AS "at"
                      FROM "exposures" AS "t5"
                      GROUP BY
                        "t5"."experiment",
                        "t5"."phase",
                        "t5"."unit",
                        "t5"."variant",
                        "t5"."forced",
                        "t5"."day"
                    ) AS "t14"
                      ON "t10"."experiment" = "t14"."experiment"
                      AND "t10"."phase" = "t14"."phase"
                      AND "t10"."unit" = "t14"."unit"
                      AND "t10"."variant" = "t14"."variant"
                      AND "t10"."forced" = "t14"."forced"
                      AND "t10"."day" = "t14"."day"
                      AND "t10"."at" = "t14"."at"
                  ) AS "t19"
                  GROUP BY
                    "t19"."experiment",
                    "t19"."phase",
                    "t19"."unit",
                    "t19"."variant",
                    "t19"."forced",
                    "t19"."day",
                    "t19"."at"
                ) AS "t23"
                WHERE
                  NOT (
                    "t23"."forced"
                  )
              ) AS "t25"
              GROUP BY
                "t25"."experiment",
                "t25"."phase",
                "t25"."unit",
                "t25"."day"
            ) AS "t27"
            INNER JOIN "uses" AS "t9"
              ON "t27"."experiment" = "t9"."experiment" AND "t27"."phase" = "t9"."phase"
            INNER JOIN (
              SELECT
                *
              FROM "t11" AS "t13"
              WHERE
                "t13"."name" = 'order'
                AND CASE
                  WHEN toString(JSONType(JSONExtractRaw("t13"."properties", 'currency'))) IN ('String')
                  THEN JSONExtractString(JSONExtractRaw("t13"."properties", 'currency'))
                  ELSE NULL
                END = 'EUR'
            ) AS "t22"
              ON "t9"."unit_type" = "t22"."unit_type"
              AND "t27"."unit" = "t22"."unit"
              AND "t27"."day" = "t22"."day"
          ) AS "t31"
          WHERE
            "t31"."at" >= "t31"."entered"
        ) AS "t35"
        GROUP BY
          "t35"."experiment",
          "t35"."phase",
          "t35"."unit",
          "t35"."day"
      ) AS "t39"
    ) AS "t43"
  ) AS "t44"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t37"."experiment" AS "experiment",
      "t37"."phase" AS "phase",
      "t37"."unit" AS "unit",
      "t37"."day" AS "day",
      "t37"."n" AS "n",
      "t37"."total" AS "total",
      'c4316d54cb9e590e' AS "measure"
    FROM (
      SELECT
        "t33"."experiment" AS "experiment",
        "t33"."phase" AS "phase",
        "t33"."unit" AS "unit",
        "t33"."day" AS "day",
        COUNT(*) AS "n",
        COALESCE(SUM("t33"."value"), 0.0) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t27"."experiment" AS "experiment",
            "t27"."phase" AS "phase",
            "t27"."unit" AS "unit",
            "t27"."day" AS "day",
            "t27"."entered" AS "entered",
            "t7"."unit_type" AS "unit_type",
            "t18"."id" AS "id",
            "t18"."name" AS "name",
            "t18"."at" AS "at",
            "t18"."value" AS "value",
            "t18"."properties" AS "properties"
          FROM (
            SELECT
              "t25"."experiment" AS "experiment",
              "t25"."phase" AS "phase",
              "t25"."unit" AS "unit",
              "t25"."day" AS "day",
              MIN("t25"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t19"."experiment" AS "experiment",
                  "t19"."phase" AS "phase",
                  "t19"."unit" AS "unit",
                  "t19"."variant" AS "variant",
                  "t19"."forced" AS "forced",
                  "t19"."day" AS "day",
                  "t19"."at" AS "at",
                  MIN("t19"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t10"."id" AS "id",
                    "t10"."experiment" AS "experiment",
                    "t10"."phase" AS "phase",
                    "t10"."unit" AS "unit",
                    "t10"."variant" AS "variant",
                    "t10"."at" AS "at",
                    "t10"."day" AS "day",
                    "t10"."attributes" AS "attributes",
                    "t10"."forced" AS "forced",
                    "t10"."received" AS "received"
                  FROM "exposures" AS "t10"
                  INNER JOIN (
                    SELECT
                      "t5"."experiment" AS "experiment",
                      "t5"."phase" AS "phase",
                      "t5"."unit" AS "unit",
                      "t5"."variant" AS "variant",
                      "t5"."forced" AS "forced",
                      "t5"."day" AS "day",
                      MIN("t5"."at") AS "at"
                    FROM "exposures" AS "t5"
                    GROUP BY
                      "t5"."experiment",
                      "t5"."phase",
                      "t5"."unit",
                      "t5"."variant",
                      "t5"."forced",
                      "t5"."day"
                  ) AS "t14"
                    ON "t10"."experiment" = "t14"."experiment"
                    AND "t10"."phase" = "t14"."phase"
                    AND "t10"."unit" = "t14"."unit"
                    AND "t10"."variant" = "t14"."variant"
                    AND "t10"."forced" = "t14"."forced"
                    AND "t10"."day" = "t14"."day"
                    AND "t10"."at" = "t14"."at"
                ) AS "t19"
                GROUP BY
                  "t19"."experiment",
                  "t19"."phase",
                  "t19"."unit",
                  "t19"."variant",
                  "t19"."forced",
                  "t19"."day",
                  "t19"."at"
              ) AS "t23"
              WHERE
                NOT (
                  "t23"."forced"
                )
            ) AS "t25"
            GROUP BY
              "t25"."experiment",
              "t25"."phase",
              "t25"."unit",
              "t25"."day"
          ) AS "t27"
          INNER JOIN "uses" AS "t7"
            ON "t27"."experiment" = "t7"."experiment" AND "t27"."phase" = "t7"."phase"
          INNER JOIN (
            SELECT
              *
            FROM "t11" AS "t13"
            WHERE
              "t13"."name" = 'visit'
          ) AS "t18"
            ON "t7"."unit_type" = "t18"."unit_type"
            AND "t27"."unit" = "t18"."unit"
            AND "t27"."day" = "t18"."day"
        ) AS "t29"
        WHERE
          "t29"."at" >= "t29"."entered"
      ) AS "t33"
      GROUP BY
        "t33"."experiment",
        "t33"."phase",
        "t33"."unit",
        "t33"."day"
    ) AS "t37"
  ) AS "t41"
) AS "t45"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t36"."experiment" AS "experiment",
    "t36"."phase" AS "phase",
    "t36"."unit" AS "unit",
    "t36"."day" AS "day",
    "t36"."n" AS "n",
    "t36"."total" AS "total",
    'd440c1203aed298c' AS "measure"
  FROM (
    SELECT
      "t32"."experiment" AS "experiment",
      "t32"."phase" AS "phase",
      "t32"."unit" AS "unit",
      "t32"."day" AS "day",
      COUNT(*) AS "n",
      COALESCE(SUM("t32"."value"), 0.0) AS "total"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t27"."experiment" AS "experiment",
          "t27"."phase" AS "phase",
          "t27"."unit" AS "unit",
          "t27"."day" AS "day",
          "t27"."entered" AS "entered",
          "t6"."unit_type" AS "unit_type",
          "t24"."id" AS "id",
          "t24"."name" AS "name",
          "t24"."at" AS "at",
          "t24"."value" AS "value",
          "t24"."properties" AS "properties"
        FROM (
          SELECT
            "t25"."experiment" AS "experiment",
            "t25"."phase" AS "phase",
            "t25"."unit" AS "unit",
            "t25"."day" AS "day",
            MIN("t25"."at") AS "entered"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t19"."experiment" AS "experiment",
                "t19"."phase" AS "phase",
                "t19"."unit" AS "unit",
                "t19"."variant" AS "variant",
                "t19"."forced" AS "forced",
                "t19"."day" AS "day",
                "t19"."at" AS "at",
                MIN("t19"."attributes") AS "attributes"
              FROM (
                SELECT
                  "t10"."id" AS "id",
                  "t10"."experiment" AS "experiment",
                  "t10"."phase" AS "phase",
                  "t10"."unit" AS "unit",
                  "t10"."variant" AS "variant",
                  "t10"."at" AS "at",
                  "t10"."day" AS "day",
                  "t10"."attributes" AS "attributes",
                  "t10"."forced" AS "forced",
                  "t10"."received" AS "received"
                FROM "exposures" AS "t10"
                INNER JOIN (
                  SELECT
                    "t5"."experiment" AS "experiment",
                    "t5"."phase" AS "phase",
                    "t5"."unit" AS "unit",
                    "t5"."variant" AS "variant",
                    "t5"."forced" AS "forced",
                    "t5"."day" AS "day",
                    MIN("t5"."at") AS "at"
                  FROM "exposures" AS "t5"
                  GROUP BY
                    "t5"."experiment",
                    "t5"."phase",
                    "t5"."unit",
                    "t5"."variant",
                    "t5"."forced",
                    "t5"."day"
                ) AS "t14"
                  ON "t10"."experiment" = "t14"."experiment"
                  AND "t10"."phase" = "t14"."phase"
                  AND "t10"."unit" = "t14"."unit"
                  AND "t10"."variant" = "t14"."variant"
                  AND "t10"."forced" = "t14"."forced"
                  AND "t10"."day" = "t14"."day"
                  AND "t10"."at" = "t14"."at"
              ) AS "t19"
              GROUP BY
                "t19"."experiment",
                "t19"."phase",
                "t19"."unit",
                "t19"."variant",
                "t19"."forced",
                "t19"."day",
                "t19"."at"
            ) AS "t23"
            WHERE
              NOT (
                "t23"."forced"
              )
          ) AS "t25"
          GROUP BY
            "t25"."experiment",
            "t25"."phase",
            "t25"."unit",
            "t25"."day"
        ) AS "t27"
        INNER JOIN "uses" AS "t6"
          ON "t27"."experiment" = "t6"."experiment" AND "t27"."phase" = "t6"."phase"
        INNER JOIN (
          SELECT
            *
          FROM "t11" AS "t13"
          WHERE
            "t13"."name" = 'order'
            AND (
              (
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t13"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t13"."properties", 'cart.size'))
                  ELSE NULL
                END = 3
              )
              OR (
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t13"."properties", 'cart.size'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t13"."properties", 'cart.size'))
                  ELSE NULL
                END = 4
              )
            )
            AND CASE
              WHEN toString(JSONType(JSONExtractRaw("t13"."properties", 'gift'))) IN ('Bool')
              THEN JSONExtractBool(JSONExtractRaw("t13"."properties", 'gift'))
              ELSE NULL
            END = TRUE
        ) AS "t24"
          ON "t6"."unit_type" = "t24"."unit_type"
          AND "t27"."unit" = "t24"."unit"
          AND "t27"."day" = "t24"."day"
      ) AS "t28"
      WHERE
        "t28"."at" >= "t28"."entered"
    ) AS "t32"
    GROUP BY
      "t32"."experiment",
      "t32"."phase",
      "t32"."unit",
      "t32"."day"
  ) AS "t36"
) AS "t40";

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
WITH "t22" AS (
  SELECT
    "t21"."unit" AS "unit",
    "t21"."at" AS "at",
    "t21"."day" AS "day",
    "t21"."attributes" AS "attributes",
    "t21"."order" % 64 AS "variant",
    "t21"."met" > 1 AS "crossover",
    COALESCE("t21"."earlier", FALSE) AS "earlier",
    (
      "t21"."day" > 20525
    ) OR (
      "t21"."day" < 20519
    ) AS "outside"
  FROM (
    SELECT
      "t20".*
      EXCEPT ("unit_right")
    FROM (
      SELECT
        "t19"."unit" AS "unit",
        "t19"."order" AS "order",
        "t19"."at" AS "at",
        "t19"."day" AS "day",
        "t19"."met" AS "met",
        "t19"."attributes" AS "attributes",
        "t17"."unit" AS "unit_right",
        "t17"."earlier" AS "earlier"
      FROM (
        SELECT
          "t15"."unit" AS "unit",
          MIN("t15"."order") AS "order",
          MIN("t15"."at") AS "at",
          MIN("t15"."day") AS "day",
          uniq("t15"."variant") AS "met",
          argMin(tuple("t15"."attributes"), "t15"."order").1 AS "attributes"
        FROM (
          SELECT
            "t3"."experiment" AS "experiment",
            "t3"."phase" AS "phase",
            "t3"."unit" AS "unit",
            "t3"."variant" AS "variant",
            "t3"."forced" AS "forced",
            "t3"."at" AS "at",
            "t3"."attributes" AS "attributes",
            "t3"."day" AS "day",
            (
              "t3"."at" * 64
            ) + CAST(CASE "t3"."variant"
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE 0
            END AS Nullable(Int64)) AS "order"
          FROM "exposure_days" AS "t3"
          WHERE
            "t3"."experiment" = 'checkout'
            AND NOT (
              "t3"."forced"
            )
            AND "t3"."phase" = 2
            AND "t3"."variant" IN ('control', 'blue', 'green')
        ) AS "t15"
        GROUP BY
          "t15"."unit"
      ) AS "t19"
      LEFT OUTER JOIN (
        SELECT
          "t9"."unit" AS "unit",
          TRUE AS "earlier"
        FROM (
          SELECT DISTINCT
            "t3"."unit" AS "unit"
          FROM "exposure_days" AS "t3"
          WHERE
            "t3"."experiment" = 'checkout' AND NOT (
              "t3"."forced"
            ) AND "t3"."phase" < 2
        ) AS "t9"
      ) AS "t17"
        ON "t19"."unit" = "t17"."unit"
    ) AS "t20"
  ) AS "t21"
)
SELECT
  *
FROM (
  SELECT
    "t56"."variant" AS "variant",
    "t56"."segment" AS "segment",
    COUNT("t56"."m2_y") AS "m2_n",
    SUM(CAST(isNull("t56"."m2_y") AS Nullable(Int32))) AS "m2_waiting",
    AVG("t56"."m2_y") AS "m2_mean_y",
    AVG("t56"."m2_pre") AS "m2_mean_pre",
    AVG("t56"."m2_a_past") AS "m2_mean_a_past",
    AVG("t56"."m2_missing_past") AS "m2_mean_missing_past",
    varSamp("t56"."m2_y") AS "m2_cov_y_y",
    covarSamp("t56"."m2_y", "t56"."m2_pre") AS "m2_cov_y_pre",
    covarSamp("t56"."m2_y", "t56"."m2_a_past") AS "m2_cov_y_a_past",
    covarSamp("t56"."m2_y", "t56"."m2_missing_past") AS "m2_cov_y_missing_past",
    varSamp("t56"."m2_pre") AS "m2_cov_pre_pre",
    covarSamp("t56"."m2_pre", "t56"."m2_a_past") AS "m2_cov_pre_a_past",
    covarSamp("t56"."m2_pre", "t56"."m2_missing_past") AS "m2_cov_pre_missing_past",
    varSamp("t56"."m2_a_past") AS "m2_cov_a_past_a_past",
    covarSamp("t56"."m2_a_past", "t56"."m2_missing_past") AS "m2_cov_a_past_missing_past",
    varSamp("t56"."m2_missing_past") AS "m2_cov_missing_past_missing_past",
    COUNT("t56"."m1_y") AS "m1_n",
    SUM(CAST(isNull("t56"."m1_y") AS Nullable(Int32))) AS "m1_waiting",
    AVG("t56"."m1_y") AS "m1_mean_y",
    AVG("t56"."m1_d") AS "m1_mean_d",
    AVG("t56"."m1_pre") AS "m1_mean_pre",
    AVG("t56"."m1_a_past") AS "m1_mean_a_past",
    AVG("t56"."m1_missing_past") AS "m1_mean_missing_past",
    varSamp("t56"."m1_y") AS "m1_cov_y_y",
    covarSamp("t56"."m1_y", "t56"."m1_d") AS "m1_cov_y_d",
    covarSamp("t56"."m1_y", "t56"."m1_pre") AS "m1_cov_y_pre",
    covarSamp("t56"."m1_y", "t56"."m1_a_past") AS "m1_cov_y_a_past",
    covarSamp("t56"."m1_y", "t56"."m1_missing_past") AS "m1_cov_y_missing_past",
    varSamp("t56"."m1_d") AS "m1_cov_d_d",
    covarSamp("t56"."m1_d", "t56"."m1_pre") AS "m1_cov_d_pre",
    covarSamp("t56"."m1_d", "t56"."m1_a_past") AS "m1_cov_d_a_past",
    covarSamp("t56"."m1_d", "t56"."m1_missing_past") AS "m1_cov_d_missing_past",
    varSamp("t56"."m1_pre") AS "m1_cov_pre_pre",
    covarSamp("t56"."m1_pre", "t56"."m1_a_past") AS "m1_cov_pre_a_past",
    covarSamp("t56"."m1_pre", "t56"."m1_missing_past") AS "m1_cov_pre_missing_past",
    varSamp("t56"."m1_a_past") AS "m1_cov_a_past_a_past",
    covarSamp("t56"."m1_a_past", "t56"."m1_missing_past") AS "m1_cov_a_past_missing_past",
    varSamp("t56"."m1_missing_past") AS "m1_cov_missing_past_missing_past",
    COUNT("t56"."m8_y") AS "m8_n",
    SUM(CAST(isNull("t56"."m8_y") AS Nullable(Int32))) AS "m8_waiting",
    AVG("t56"."m8_y") AS "m8_mean_y",
    AVG("t56"."m8_pre") AS "m8_mean_pre",
    AVG("t56"."m8_a_past") AS "m8_mean_a_past",
    AVG("t56"."m8_missing_past") AS "m8_mean_missing_past",
    varSamp("t56"."m8_y") AS "m8_cov_y_y",
    covarSamp("t56"."m8_y", "t56"."m8_pre") AS "m8_cov_y_pre",
    covarSamp("t56"."m8_y", "t56"."m8_a_past") AS "m8_cov_y_a_past",
    covarSamp("t56"."m8_y", "t56"."m8_missing_past") AS "m8_cov_y_missing_past",
    varSamp("t56"."m8_pre") AS "m8_cov_pre_pre",
    covarSamp("t56"."m8_pre", "t56"."m8_a_past") AS "m8_cov_pre_a_past",
    covarSamp("t56"."m8_pre", "t56"."m8_missing_past") AS "m8_cov_pre_missing_past",
    varSamp("t56"."m8_a_past") AS "m8_cov_a_past_a_past",
    covarSamp("t56"."m8_a_past", "t56"."m8_missing_past") AS "m8_cov_a_past_missing_past",
    varSamp("t56"."m8_missing_past") AS "m8_cov_missing_past_missing_past",
    SUM(
      CASE WHEN isNotNull("t56"."m8_y") AND (
        "t56"."m8_made" >= 1
      ) THEN 1 ELSE 0 END
    ) AS "m8_step_1",
    SUM(
      CASE WHEN isNotNull("t56"."m8_y") AND (
        "t56"."m8_made" >= 2
      ) THEN 1 ELSE 0 END
    ) AS "m8_step_2",
    SUM(
      CASE WHEN isNotNull("t56"."m8_y") AND (
        "t56"."m8_made" >= 3
      ) THEN 1 ELSE 0 END
    ) AS "m8_step_3"
  FROM (
    SELECT
      "t55"."unit" AS "unit",
      "t55"."at" AS "at",
      "t55"."day" AS "day",
      "t55"."variant" AS "variant",
      "t55"."attributes" AS "attributes",
      "t55"."s0" AS "s0",
      "t55"."s1" AS "s1",
      "t55"."s2" AS "s2",
      "t55"."s3" AS "s3",
      "t55"."s4" AS "s4",
      "t55"."s5" AS "s5",
      "t55"."s6" AS "s6",
      "t55"."m8_made" AS "m8_made",
      CASE
        WHEN (
          "t55"."day" + 0
        ) <= 20527
        THEN CASE WHEN COALESCE("t55"."s0", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_y",
      CASE
        WHEN (
          "t55"."day" + 0
        ) <= 20527
        THEN CASE WHEN COALESCE("t55"."s1", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_pre",
      CASE
        WHEN (
          "t55"."day" + 0
        ) <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m2_a_past",
      CASE
        WHEN (
          "t55"."day" + 0
        ) <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
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
          "t55"."day" + 1
        ) <= 20527
        THEN LEAST(COALESCE("t55"."s2", 0.0), 90.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_y",
      CASE
        WHEN (
          "t55"."day" + 1
        ) <= 20527
        THEN COALESCE("t55"."s4", 0.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_d",
      CASE
        WHEN (
          "t55"."day" + 1
        ) <= 20527
        THEN LEAST(COALESCE("t55"."s3", 0.0), 90.0)
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_pre",
      CASE
        WHEN (
          "t55"."day" + 1
        ) <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m1_a_past",
      CASE
        WHEN (
          "t55"."day" + 1
        ) <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
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
          "t55"."day" + 2
        ) <= 20527
        THEN CASE WHEN "t55"."m8_made" = 3 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_y",
      CASE
        WHEN (
          "t55"."day" + 2
        ) <= 20527
        THEN CASE WHEN COALESCE("t55"."s6", 0.0) > 0 THEN 1.0 ELSE 0.0 END
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_pre",
      CASE
        WHEN (
          "t55"."day" + 2
        ) <= 20527
        THEN COALESCE(
          CASE
            WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
            THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
            ELSE NULL
          END,
          0.0
        )
        ELSE CAST(NULL AS Nullable(Float64))
      END AS "m8_a_past",
      CASE
        WHEN (
          "t55"."day" + 2
        ) <= 20527
        THEN CASE
          WHEN isNull(
            CASE
              WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'past'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'past'))
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
            WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('String')
            THEN JSONExtractString(JSONExtractRaw("t55"."attributes", 'country'))
            ELSE NULL
          END,
          CASE
            WHEN (
              CASE
                WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'country'))
                ELSE NULL
              END = CAST(ROUND(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'country'))
                  ELSE NULL
                END,
                0
              ) AS Nullable(Int64))
            )
            AND (
              ABS(
                CASE
                  WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
                  THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'country'))
                  ELSE NULL
                END
              ) < 9007199254740992
            )
            THEN CAST(CAST(CASE
              WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'country'))
              ELSE NULL
            END AS Nullable(Int64)) AS Nullable(String))
            ELSE CAST(CASE
              WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Int64', 'UInt64', 'Double')
              THEN JSONExtractFloat(JSONExtractRaw("t55"."attributes", 'country'))
              ELSE NULL
            END AS Nullable(String))
          END,
          CAST(CASE
            WHEN toString(JSONType(JSONExtractRaw("t55"."attributes", 'country'))) IN ('Bool')
            THEN JSONExtractBool(JSONExtractRaw("t55"."attributes", 'country'))
            ELSE NULL
          END AS Nullable(String))
        ),
        '(none)'
      ) AS "segment"
    FROM (
      SELECT
        "t54".*
        EXCEPT ("unit_right")
      FROM (
        SELECT
          "t39"."unit" AS "unit",
          "t39"."at" AS "at",
          "t39"."day" AS "day",
          "t39"."variant" AS "variant",
          "t39"."attributes" AS "attributes",
          "t39"."s0" AS "s0",
          "t39"."s1" AS "s1",
          "t39"."s2" AS "s2",
          "t39"."s3" AS "s3",
          "t39"."s4" AS "s4",
          "t39"."s5" AS "s5",
          "t39"."s6" AS "s6",
          "t53"."unit" AS "unit_right",
          "t53"."m8_made" AS "m8_made"
        FROM (
          SELECT
            "t37".*
            EXCEPT ("unit_right")
          FROM (
            SELECT
              "t27"."unit" AS "unit",
              "t27"."at" AS "at",
              "t27"."day" AS "day",
              "t27"."variant" AS "variant",
              "t27"."attributes" AS "attributes",
              "t36"."unit" AS "unit_right",
              "t36"."s0" AS "s0",
              "t36"."s1" AS "s1",
              "t36"."s2" AS "s2",
              "t36"."s3" AS "s3",
              "t36"."s4" AS "s4",
              "t36"."s5" AS "s5",
              "t36"."s6" AS "s6"
            FROM (
              SELECT
                "t23"."unit" AS "unit",
                "t23"."at" AS "at",
                "t23"."day" AS "day",
                "t23"."variant" AS "variant",
                "t23"."attributes" AS "attributes"
              FROM "t22" AS "t23"
              WHERE
                NOT (
                  "t23"."crossover"
                )
                AND NOT (
                  "t23"."earlier"
                )
                AND NOT (
                  "t23"."outside"
                )
            ) AS "t27"
            LEFT OUTER JOIN (
              SELECT
                "t34"."unit" AS "unit",
                sumIf(
                  CAST("t34"."n" AS Nullable(Float64)),
                  (
                    "t34"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 1
                  )
                ) AS "s0",
                sumIf(
                  CAST("t34"."n" AS Nullable(Float64)),
                  (
                    "t34"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t34"."offset" >= -2
                  )
                  AND (
                    "t34"."offset" < 0
                  )
                ) AS "s1",
                sumIf(
                  "t34"."total",
                  (
                    "t34"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 2
                  )
                ) AS "s2",
                sumIf(
                  "t34"."total",
                  (
                    "t34"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t34"."offset" >= -1
                  )
                  AND (
                    "t34"."offset" < 0
                  )
                ) AS "s3",
                sumIf(
                  CAST("t34"."n" AS Nullable(Float64)),
                  (
                    "t34"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 2
                  )
                ) AS "s4",
                sumIf(
                  CAST("t34"."n" AS Nullable(Float64)),
                  (
                    "t34"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t34"."offset" >= -1
                  )
                  AND (
                    "t34"."offset" < 0
                  )
                ) AS "s5",
                sumIf(
                  CAST("t34"."n" AS Nullable(Float64)),
                  (
                    "t34"."measure" = 'd440c1203aed298c'
                  )
                  AND (
                    "t34"."offset" >= -2
                  )
                  AND (
                    "t34"."offset" < 0
                  )
                ) AS "s6"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t30"."unit" AS "unit",
                    "t30"."measure" AS "measure",
                    CAST(0 AS Nullable(Int64)) AS "offset",
                    "t30"."n" AS "n",
                    "t30"."total" AS "total"
                  FROM (
                    SELECT
                      "t13"."experiment" AS "experiment",
                      "t13"."phase" AS "phase",
                      "t13"."measure" AS "measure",
                      "t13"."unit" AS "unit",
                      "t13"."n" AS "n",
                      "t13"."total" AS "total",
                      "t13"."day" AS "day"
                    FROM (
                      SELECT
                        *
                      FROM "entry_days" AS "t1"
                      WHERE
                        "t1"."experiment" = 'checkout'
                        AND "t1"."phase" = 2
                        AND "t1"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                    ) AS "t13"
                    INNER JOIN (
                      SELECT
                        "t23"."unit" AS "unit",
                        "t23"."day" AS "day"
                      FROM "t22" AS "t23"
                      WHERE
                        NOT (
                          "t23"."crossover"
                        )
                        AND NOT (
                          "t23"."earlier"
                        )
                        AND NOT (
                          "t23"."outside"
                        )
                    ) AS "t28"
                      ON "t13"."unit" = "t28"."unit" AND "t13"."day" = "t28"."day"
                  ) AS "t30"
                ) AS "t32"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t31"."unit" AS "unit",
                    "t31"."measure" AS "measure",
                    "t31"."day" - "t31"."entered" AS "offset",
                    "t31"."n" AS "n",
                    "t31"."total" AS "total"
                  FROM (
                    SELECT
                      "t14"."measure" AS "measure",
                      "t14"."unit_type" AS "unit_type",
                      "t14"."unit" AS "unit",
                      "t14"."n" AS "n",
                      "t14"."total" AS "total",
                      "t14"."day" AS "day",
                      "t29"."entered" AS "entered"
                    FROM (
                      SELECT
                        *
                      FROM "unit_days" AS "t2"
                      WHERE
                        "t2"."unit_type" = 'account'
                        AND "t2"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                    ) AS "t14"
                    INNER JOIN (
                      SELECT
                        "t23"."unit" AS "unit",
                        "t23"."day" AS "entered"
                      FROM "t22" AS "t23"
                      WHERE
                        NOT (
                          "t23"."crossover"
                        )
                        AND NOT (
                          "t23"."earlier"
                        )
                        AND NOT (
                          "t23"."outside"
                        )
                    ) AS "t29"
                      ON "t14"."unit" = "t29"."unit"
                  ) AS "t31"
                  WHERE
                    (
                      "t31"."day" - "t31"."entered"
                    ) <> 0
                ) AS "t33"
              ) AS "t34"
              GROUP BY
                "t34"."unit"
            ) AS "t36"
              ON "t27"."unit" = "t36"."unit"
          ) AS "t37"
        ) AS "t39"
        LEFT OUTER JOIN (
          SELECT
            "t51"."unit" AS "unit",
            "t51"."made" + CASE WHEN isNull("t51"."since") THEN 0 ELSE 1 END AS "m8_made"
          FROM (
            SELECT
              "t50"."unit" AS "unit",
              "t50"."entered" AS "entered",
              "t50"."made" AS "made",
              minIf(
                "t50"."at",
                (
                  "t50"."at" >= "t50"."since"
                )
                AND (
                  (
                    "t50"."day" - "t50"."entered"
                  ) >= 0
                )
                AND (
                  (
                    "t50"."day" - "t50"."entered"
                  ) < 3
                )
              ) AS "since"
            FROM (
              SELECT
                "t49"."unit" AS "unit",
                "t49"."entered" AS "entered",
                "t49"."made" AS "made",
                "t49"."since" AS "since",
                "t10"."unit" AS "unit_right",
                "t10"."at" AS "at",
                "t10"."day" AS "day"
              FROM (
                SELECT
                  "t47"."unit" AS "unit",
                  "t47"."entered" AS "entered",
                  "t47"."made" + CASE WHEN isNull("t47"."since") THEN 0 ELSE 1 END AS "made",
                  "t47"."since" AS "since"
                FROM (
                  SELECT
                    "t46"."unit" AS "unit",
                    "t46"."entered" AS "entered",
                    "t46"."made" AS "made",
                    minIf(
                      "t46"."at",
                      (
                        "t46"."at" >= "t46"."since"
                      )
                      AND (
                        (
                          "t46"."day" - "t46"."entered"
                        ) >= 0
                      )
                      AND (
                        (
                          "t46"."day" - "t46"."entered"
                        ) < 3
                      )
                    ) AS "since"
                  FROM (
                    SELECT
                      "t45"."unit" AS "unit",
                      "t45"."entered" AS "entered",
                      "t45"."made" AS "made",
                      "t45"."since" AS "since",
                      "t11"."unit" AS "unit_right",
                      "t11"."at" AS "at",
                      "t11"."day" AS "day"
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
                            "t41"."since" AS "since",
                            "t41"."made" AS "made",
                            "t12"."unit" AS "unit_right",
                            "t12"."at" AS "at",
                            "t12"."day" AS "day"
                          FROM (
                            SELECT
                              "t38"."unit" AS "unit",
                              "t38"."day" AS "entered",
                              "t38"."at" AS "since",
                              CAST(0 AS Nullable(Int64)) AS "made"
                            FROM (
                              SELECT
                                "t37".*
                                EXCEPT ("unit_right")
                              FROM (
                                SELECT
                                  "t27"."unit" AS "unit",
                                  "t27"."at" AS "at",
                                  "t27"."day" AS "day",
                                  "t27"."variant" AS "variant",
                                  "t27"."attributes" AS "attributes",
                                  "t36"."unit" AS "unit_right",
                                  "t36"."s0" AS "s0",
                                  "t36"."s1" AS "s1",
                                  "t36"."s2" AS "s2",
                                  "t36"."s3" AS "s3",
                                  "t36"."s4" AS "s4",
                                  "t36"."s5" AS "s5",
                                  "t36"."s6" AS "s6"
                                FROM (
                                  SELECT
                                    "t23"."unit" AS "unit",
                                    "t23"."at" AS "at",
                                    "t23"."day" AS "day",
                                    "t23"."variant" AS "variant",
                                    "t23"."attributes" AS "attributes"
                                  FROM "t22" AS "t23"
                                  WHERE
                                    NOT (
                                      "t23"."crossover"
                                    )
                                    AND NOT (
                                      "t23"."earlier"
                                    )
                                    AND NOT (
                                      "t23"."outside"
                                    )
                                ) AS "t27"
                                LEFT OUTER JOIN (
                                  SELECT
                                    "t34"."unit" AS "unit",
                                    sumIf(
                                      CAST("t34"."n" AS Nullable(Float64)),
                                      (
                                        "t34"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 1
                                      )
                                    ) AS "s0",
                                    sumIf(
                                      CAST("t34"."n" AS Nullable(Float64)),
                                      (
                                        "t34"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t34"."offset" >= -2
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )
                                    ) AS "s1",
                                    sumIf(
                                      "t34"."total",
                                      (
                                        "t34"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 2
                                      )
                                    ) AS "s2",
                                    sumIf(
                                      "t34"."total",
                                      (
                                        "t34"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t34"."offset" >= -1
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )
                                    ) AS "s3",
                                    sumIf(
                                      CAST("t34"."n" AS Nullable(Float64)),
                                      (
                                        "t34"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 2
                                      )
                                    ) AS "s4",
                                    sumIf(
                                      CAST("t34"."n" AS Nullable(Float64)),
                                      (
                                        "t34"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t34"."offset" >= -1
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )
                                    ) AS "s5",
                                    sumIf(
                                      CAST("t34"."n" AS Nullable(Float64)),
                                      (
                                        "t34"."measure" = 'd440c1203aed298c'
                                      )
                                      AND (
                                        "t34"."offset" >= -2
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )
                                    ) AS "s6"
                                  FROM (
                                    SELECT
                                      *
                                    FROM (
                                      SELECT
                                        "t30"."unit" AS "unit",
                                        "t30"."measure" AS "measure",
                                        CAST(0 AS Nullable(Int64)) AS "offset",
                                        "t30"."n" AS "n",
                                        "t30"."total" AS "total"
                                      FROM (
                                        SELECT
                                          "t13"."experiment" AS "experiment",
                                          "t13"."phase" AS "phase",
                                          "t13"."measure" AS "measure",
                                          "t13"."unit" AS "unit",
                                          "t13"."n" AS "n",
                                          "t13"."total" AS "total",
                                          "t13"."day" AS "day"
                                        FROM (
                                          SELECT
                                            *
                                          FROM "entry_days" AS "t1"
                                          WHERE
                                            "t1"."experiment" = 'checkout'
                                            AND "t1"."phase" = 2
                                            AND "t1"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                                        ) AS "t13"
                                        INNER JOIN (
                                          SELECT
                                            "t23"."unit" AS "unit",
                                            "t23"."day" AS "day"
                                          FROM "t22" AS "t23"
                                          WHERE
                                            NOT (
                                              "t23"."crossover"
                                            )
                                            AND NOT (
                                              "t23"."earlier"
                                            )
                                            AND NOT (
                                              "t23"."outside"
                                            )
                                        ) AS "t28"
                                          ON "t13"."unit" = "t28"."unit" AND "t13"."day" = "t28"."day"
                                      ) AS "t30"
                                    ) AS "t32"
                                    UNION ALL
                                    SELECT
                                      *
                                    FROM (
                                      SELECT
                                        "t31"."unit" AS "unit",
                                        "t31"."measure" AS "measure",
                                        "t31"."day" - "t31"."entered" AS "offset",
                                        "t31"."n" AS "n",
                                        "t31"."total" AS "total"
                                      FROM (
                                        SELECT
                                          "t14"."measure" AS "measure",
                                          "t14"."unit_type" AS "unit_type",
                                          "t14"."unit" AS "unit",
                                          "t14"."n" AS "n",
                                          "t14"."total" AS "total",
                                          "t14"."day" AS "day",
                                          "t29"."entered" AS "entered"
                                        FROM (
                                          SELECT
                                            *
                                          FROM "unit_days" AS "t2"
                                          WHERE
                                            "t2"."unit_type" = 'account'
                                            AND "t2"."measure" IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                                        ) AS "t14"
                                        INNER JOIN (
                                          SELECT
                                            "t23"."unit" AS "unit",
                                            "t23"."day" AS "entered"
                                          FROM "t22" AS "t23"
                                          WHERE
                                            NOT (
                                              "t23"."crossover"
                                            )
                                            AND NOT (
                                              "t23"."earlier"
                                            )
                                            AND NOT (
                                              "t23"."outside"
                                            )
                                        ) AS "t29"
                                          ON "t14"."unit" = "t29"."unit"
                                      ) AS "t31"
                                      WHERE
                                        (
                                          "t31"."day" - "t31"."entered"
                                        ) <> 0
                                    ) AS "t33"
                                  ) AS "t34"
                                  GROUP BY
                                    "t34"."unit"
                                ) AS "t36"
                                  ON "t27"."unit" = "t36"."unit"
                              ) AS "t37"
                            ) AS "t38"
                          ) AS "t41"
                          LEFT OUTER JOIN (
                            SELECT
                              "t0"."unit" AS "unit",
                              "t0"."at" AS "at",
                              "t0"."day" AS "day"
                            FROM "unit_events" AS "t0"
                            WHERE
                              "t0"."unit_type" = 'account' AND "t0"."measure" = 'c4316d54cb9e590e'
                          ) AS "t12"
                            ON "t41"."unit" = "t12"."unit"
                        ) AS "t42"
                        GROUP BY
                          "t42"."unit",
                          "t42"."entered",
                          "t42"."made"
                      ) AS "t43"
                    ) AS "t45"
                    LEFT OUTER JOIN (
                      SELECT
                        "t0"."unit" AS "unit",
                        "t0"."at" AS "at",
                        "t0"."day" AS "day"
                      FROM "unit_events" AS "t0"
                      WHERE
                        "t0"."unit_type" = 'account' AND "t0"."measure" = '15019fed6f53fd6d'
                    ) AS "t11"
                      ON "t45"."unit" = "t11"."unit"
                  ) AS "t46"
                  GROUP BY
                    "t46"."unit",
                    "t46"."entered",
                    "t46"."made"
                ) AS "t47"
              ) AS "t49"
              LEFT OUTER JOIN (
                SELECT
                  "t0"."unit" AS "unit",
                  "t0"."at" AS "at",
                  "t0"."day" AS "day"
                FROM "unit_events" AS "t0"
                WHERE
                  "t0"."unit_type" = 'account' AND "t0"."measure" = 'd440c1203aed298c'
              ) AS "t10"
                ON "t49"."unit" = "t10"."unit"
            ) AS "t50"
            GROUP BY
              "t50"."unit",
              "t50"."entered",
              "t50"."made"
          ) AS "t51"
        ) AS "t53"
          ON "t39"."unit" = "t53"."unit"
      ) AS "t54"
    ) AS "t55"
  ) AS "t56"
  GROUP BY
    "t56"."variant",
    "t56"."segment"
) AS "t57"
ORDER BY
  "t57"."variant" ASC,
  "t57"."segment" ASC;
