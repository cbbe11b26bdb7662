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
      *
    FROM (
      SELECT
        "t6"."unit_type",
        "t6"."unit",
        "t6"."day",
        "t6"."n",
        "t6"."total",
        '15019fed6f53fd6d' AS "measure"
      FROM (
        SELECT
          "t3"."unit_type",
          "t3"."unit",
          "t3"."day",
          COUNT(*) AS "n",
          COALESCE(SUM("t3"."value"), CAST(0.0 AS DOUBLE)) AS "total"
        FROM (
          SELECT
            *
          FROM "t1" AS "t2"
          WHERE
            "t2"."name" = 'order'
        ) AS "t3"
        GROUP BY
          1,
          2,
          3
      ) AS "t6"
    ) AS "t9"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t11"."unit_type",
        "t11"."unit",
        "t11"."day",
        "t11"."n",
        "t11"."total",
        'a0a20fe4cf3aa4ce' AS "measure"
      FROM (
        SELECT
          "t5"."unit_type",
          "t5"."unit",
          "t5"."day",
          COUNT(*) AS "n",
          COALESCE(SUM("t5"."value"), CAST(0.0 AS DOUBLE)) AS "total"
        FROM (
          SELECT
            *
          FROM "t1" AS "t2"
          WHERE
            "t2"."name" = 'order'
            AND JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'currency'))),
              'strict $?($.type() == "string")'
            ) = 'EUR'
        ) AS "t5"
        GROUP BY
          1,
          2,
          3
      ) AS "t11"
    ) AS "t13"
  ) AS "t15"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t7"."unit_type",
      "t7"."unit",
      "t7"."day",
      "t7"."n",
      "t7"."total",
      'c4316d54cb9e590e' AS "measure"
    FROM (
      SELECT
        "t4"."unit_type",
        "t4"."unit",
        "t4"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t4"."value"), CAST(0.0 AS DOUBLE)) AS "total"
      FROM (
        SELECT
          *
        FROM "t1" AS "t2"
        WHERE
          "t2"."name" = 'visit'
      ) AS "t4"
      GROUP BY
        1,
        2,
        3
    ) AS "t7"
  ) AS "t10"
) AS "t16"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t12"."unit_type",
    "t12"."unit",
    "t12"."day",
    "t12"."n",
    "t12"."total",
    'd440c1203aed298c' AS "measure"
  FROM (
    SELECT
      "t8"."unit_type",
      "t8"."unit",
      "t8"."day",
      COUNT(*) AS "n",
      COALESCE(SUM("t8"."value"), CAST(0.0 AS DOUBLE)) AS "total"
    FROM (
      SELECT
        *
      FROM "t1" AS "t2"
      WHERE
        "t2"."name" = 'order'
        AND (
          (
            CAST(JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
              'strict $?($.type() == "number")'
            ) AS DOUBLE) = 3
          )
          OR (
            CAST(JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
              'strict $?($.type() == "number")'
            ) AS DOUBLE) = 4
          )
        )
        AND CAST(JSON_VALUE(
          JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'gift'))),
          'strict $?($.type() == "boolean")'
        ) AS BOOLEAN) = TRUE
    ) AS "t8"
    GROUP BY
      1,
      2,
      3
  ) AS "t12"
) AS "t14";

-- entry_days
WITH "t11" AS (
  SELECT
    "t4"."id",
    "t4"."unit_type",
    "t4"."unit",
    "t4"."day",
    MIN("t4"."name") AS "name",
    MIN("t4"."at") AS "at",
    MIN("t4"."value") AS "value",
    MIN("t4"."properties") AS "properties"
  FROM "events" AS "t4"
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
      *
    FROM (
      SELECT
        "t38"."experiment",
        "t38"."phase",
        "t38"."unit",
        "t38"."day",
        "t38"."n",
        "t38"."total",
        '15019fed6f53fd6d' AS "measure"
      FROM (
        SELECT
          "t34"."experiment",
          "t34"."phase",
          "t34"."unit",
          "t34"."day",
          COUNT(*) AS "n",
          COALESCE(SUM("t34"."value"), CAST(0.0 AS DOUBLE)) AS "total"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t27"."experiment",
              "t27"."phase",
              "t27"."unit",
              "t27"."day",
              "t27"."entered",
              "t8"."unit_type",
              "t17"."id",
              "t17"."name",
              "t17"."at",
              "t17"."value",
              "t17"."properties"
            FROM (
              SELECT
                "t25"."experiment",
                "t25"."phase",
                "t25"."unit",
                "t25"."day",
                MIN("t25"."at") AS "entered"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t19"."experiment",
                    "t19"."phase",
                    "t19"."unit",
                    "t19"."variant",
                    "t19"."forced",
                    "t19"."day",
                    "t19"."at",
                    MIN("t19"."attributes") AS "attributes"
                  FROM (
                    SELECT
                      "t10"."id",
                      "t10"."experiment",
                      "t10"."phase",
                      "t10"."unit",
                      "t10"."variant",
                      "t10"."at",
                      "t10"."day",
                      "t10"."attributes",
                      "t10"."forced",
                      "t10"."received"
                    FROM "exposures" AS "t10"
                    INNER JOIN (
                      SELECT
                        "t5"."experiment",
                        "t5"."phase",
                        "t5"."unit",
                        "t5"."variant",
                        "t5"."forced",
                        "t5"."day",
                        MIN("t5"."at") AS "at"
                      FROM "exposures" AS "t5"
                      GROUP BY
                        1,
                        2,
                        3,
                        4,
                        5,
                        6
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
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7
                ) AS "t23"
                WHERE
                  NOT (
                    "t23"."forced"
                  )
              ) AS "t25"
              GROUP BY
                1,
                2,
                3,
                4
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
          1,
          2,
          3,
          4
      ) AS "t38"
    ) AS "t42"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t39"."experiment",
        "t39"."phase",
        "t39"."unit",
        "t39"."day",
        "t39"."n",
        "t39"."total",
        'a0a20fe4cf3aa4ce' AS "measure"
      FROM (
        SELECT
          "t35"."experiment",
          "t35"."phase",
          "t35"."unit",
          "t35"."day",
          COUNT(*) AS "n",
          COALESCE(SUM("t35"."value"), CAST(0.0 AS DOUBLE)) AS "total"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t27"."experiment",
              "t27"."phase",
              "t27"."unit",
              "t27"."day",
              "t27"."entered",
              "t9"."unit_type",
              "t22"."id",
              "t22"."name",
              "t22"."at",
              "t22"."value",
              "t22"."properties"
            FROM (
              SELECT
                "t25"."experiment",
                "t25"."phase",
                "t25"."unit",
                "t25"."day",
                MIN("t25"."at") AS "entered"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t19"."experiment",
                    "t19"."phase",
                    "t19"."unit",
                    "t19"."variant",
                    "t19"."forced",
                    "t19"."day",
                    "t19"."at",
                    MIN("t19"."attributes") AS "attributes"
                  FROM (
                    SELECT
                      "t10"."id",
                      "t10"."experiment",
                      "t10"."phase",
                      "t10"."unit",
                      "t10"."variant",
                      "t10"."at",
                      "t10"."day",
                      "t10"."attributes",
                      "t10"."forced",
                      "t10"."received"
                    FROM "exposures" AS "t10"
                    INNER JOIN (
                      SELECT
                        "t5"."experiment",
                        "t5"."phase",
                        "t5"."unit",
                        "t5"."variant",
                        "t5"."forced",
                        "t5"."day",
                        MIN("t5"."at") AS "at"
                      FROM "exposures" AS "t5"
                      GROUP BY
                        1,
                        2,
                        3,
                        4,
                        5,
                        6
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
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7
                ) AS "t23"
                WHERE
                  NOT (
                    "t23"."forced"
                  )
              ) AS "t25"
              GROUP BY
                1,
                2,
                3,
                4
            ) AS "t27"
            INNER JOIN "uses" AS "t9"
              ON "t27"."experiment" = "t9"."experiment" AND "t27"."phase" = "t9"."phase"
            INNER JOIN (
              SELECT
                *
              FROM "t11" AS "t13"
              WHERE
                "t13"."name" = 'order'
                AND JSON_VALUE(
                  JSON_FORMAT(JSON_EXTRACT(CAST("t13"."properties" AS JSON), FORMAT('$["%s"]', 'currency'))),
                  'strict $?($.type() == "string")'
                ) = 'EUR'
            ) AS "t22"
              ON "t9"."unit_type" = "t22"."unit_type"
              AND "t27"."unit" = "t22"."unit"
              AND "t27"."day" = "t22"."day"
          ) AS "t31"
          WHERE
            "t31"."at" >= "t31"."entered"
        ) AS "t35"
        GROUP BY
          1,
          2,
          3,
          4
      ) AS "t39"
    ) AS "t43"
  ) AS "t44"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t37"."experiment",
      "t37"."phase",
      "t37"."unit",
      "t37"."day",
      "t37"."n",
      "t37"."total",
      'c4316d54cb9e590e' AS "measure"
    FROM (
      SELECT
        "t33"."experiment",
        "t33"."phase",
        "t33"."unit",
        "t33"."day",
        COUNT(*) AS "n",
        COALESCE(SUM("t33"."value"), CAST(0.0 AS DOUBLE)) AS "total"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t27"."experiment",
            "t27"."phase",
            "t27"."unit",
            "t27"."day",
            "t27"."entered",
            "t7"."unit_type",
            "t18"."id",
            "t18"."name",
            "t18"."at",
            "t18"."value",
            "t18"."properties"
          FROM (
            SELECT
              "t25"."experiment",
              "t25"."phase",
              "t25"."unit",
              "t25"."day",
              MIN("t25"."at") AS "entered"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t19"."experiment",
                  "t19"."phase",
                  "t19"."unit",
                  "t19"."variant",
                  "t19"."forced",
                  "t19"."day",
                  "t19"."at",
                  MIN("t19"."attributes") AS "attributes"
                FROM (
                  SELECT
                    "t10"."id",
                    "t10"."experiment",
                    "t10"."phase",
                    "t10"."unit",
                    "t10"."variant",
                    "t10"."at",
                    "t10"."day",
                    "t10"."attributes",
                    "t10"."forced",
                    "t10"."received"
                  FROM "exposures" AS "t10"
                  INNER JOIN (
                    SELECT
                      "t5"."experiment",
                      "t5"."phase",
                      "t5"."unit",
                      "t5"."variant",
                      "t5"."forced",
                      "t5"."day",
                      MIN("t5"."at") AS "at"
                    FROM "exposures" AS "t5"
                    GROUP BY
                      1,
                      2,
                      3,
                      4,
                      5,
                      6
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
                  1,
                  2,
                  3,
                  4,
                  5,
                  6,
                  7
              ) AS "t23"
              WHERE
                NOT (
                  "t23"."forced"
                )
            ) AS "t25"
            GROUP BY
              1,
              2,
              3,
              4
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
        1,
        2,
        3,
        4
    ) AS "t37"
  ) AS "t41"
) AS "t45"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t36"."experiment",
    "t36"."phase",
    "t36"."unit",
    "t36"."day",
    "t36"."n",
    "t36"."total",
    'd440c1203aed298c' AS "measure"
  FROM (
    SELECT
      "t32"."experiment",
      "t32"."phase",
      "t32"."unit",
      "t32"."day",
      COUNT(*) AS "n",
      COALESCE(SUM("t32"."value"), CAST(0.0 AS DOUBLE)) AS "total"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t27"."experiment",
          "t27"."phase",
          "t27"."unit",
          "t27"."day",
          "t27"."entered",
          "t6"."unit_type",
          "t24"."id",
          "t24"."name",
          "t24"."at",
          "t24"."value",
          "t24"."properties"
        FROM (
          SELECT
            "t25"."experiment",
            "t25"."phase",
            "t25"."unit",
            "t25"."day",
            MIN("t25"."at") AS "entered"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t19"."experiment",
                "t19"."phase",
                "t19"."unit",
                "t19"."variant",
                "t19"."forced",
                "t19"."day",
                "t19"."at",
                MIN("t19"."attributes") AS "attributes"
              FROM (
                SELECT
                  "t10"."id",
                  "t10"."experiment",
                  "t10"."phase",
                  "t10"."unit",
                  "t10"."variant",
                  "t10"."at",
                  "t10"."day",
                  "t10"."attributes",
                  "t10"."forced",
                  "t10"."received"
                FROM "exposures" AS "t10"
                INNER JOIN (
                  SELECT
                    "t5"."experiment",
                    "t5"."phase",
                    "t5"."unit",
                    "t5"."variant",
                    "t5"."forced",
                    "t5"."day",
                    MIN("t5"."at") AS "at"
                  FROM "exposures" AS "t5"
                  GROUP BY
                    1,
                    2,
                    3,
                    4,
                    5,
                    6
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
                1,
                2,
                3,
                4,
                5,
                6,
                7
            ) AS "t23"
            WHERE
              NOT (
                "t23"."forced"
              )
          ) AS "t25"
          GROUP BY
            1,
            2,
            3,
            4
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
                CAST(JSON_VALUE(
                  JSON_FORMAT(JSON_EXTRACT(CAST("t13"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
                  'strict $?($.type() == "number")'
                ) AS DOUBLE) = 3
              )
              OR (
                CAST(JSON_VALUE(
                  JSON_FORMAT(JSON_EXTRACT(CAST("t13"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
                  'strict $?($.type() == "number")'
                ) AS DOUBLE) = 4
              )
            )
            AND CAST(JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t13"."properties" AS JSON), FORMAT('$["%s"]', 'gift'))),
              'strict $?($.type() == "boolean")'
            ) AS BOOLEAN) = TRUE
        ) AS "t24"
          ON "t6"."unit_type" = "t24"."unit_type"
          AND "t27"."unit" = "t24"."unit"
          AND "t27"."day" = "t24"."day"
      ) AS "t28"
      WHERE
        "t28"."at" >= "t28"."entered"
    ) AS "t32"
    GROUP BY
      1,
      2,
      3,
      4
  ) AS "t36"
) AS "t40";

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
        CAST(JSON_VALUE(
          JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
          'strict $?($.type() == "number")'
        ) AS DOUBLE) = 3
      )
      OR (
        CAST(JSON_VALUE(
          JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'cart.size'))),
          'strict $?($.type() == "number")'
        ) AS DOUBLE) = 4
      )
    )
    AND CAST(JSON_VALUE(
      JSON_FORMAT(JSON_EXTRACT(CAST("t2"."properties" AS JSON), FORMAT('$["%s"]', 'gift'))),
      'strict $?($.type() == "boolean")'
    ) AS BOOLEAN) = TRUE
) AS "t6";

-- moments
WITH "t22" AS (
  SELECT
    "t21"."unit",
    "t21"."at",
    "t21"."day",
    "t21"."attributes",
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
      "t20"."unit",
      "t20"."order",
      "t20"."at",
      "t20"."day",
      "t20"."met",
      "t20"."attributes",
      "t20"."earlier"
    FROM (
      SELECT
        "t19"."unit",
        "t19"."order",
        "t19"."at",
        "t19"."day",
        "t19"."met",
        "t19"."attributes",
        "t17"."unit" AS "unit_right",
        "t17"."earlier"
      FROM (
        SELECT
          "t15"."unit",
          MIN("t15"."order") AS "order",
          MIN("t15"."at") AS "at",
          MIN("t15"."day") AS "day",
          COUNT(DISTINCT "t15"."variant") AS "met",
          MIN_BY("t15"."attributes", "t15"."order") AS "attributes"
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
            END AS BIGINT) AS "order"
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
          1
      ) AS "t19"
      LEFT OUTER JOIN (
        SELECT
          "t9"."unit",
          TRUE AS "earlier"
        FROM (
          SELECT DISTINCT
            "t3"."unit"
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
    "t56"."variant",
    "t56"."segment",
    COUNT("t56"."m2_y") AS "m2_n",
    SUM(CAST("t56"."m2_y" IS NULL AS INTEGER)) AS "m2_waiting",
    AVG("t56"."m2_y") AS "m2_mean_y",
    AVG("t56"."m2_pre") AS "m2_mean_pre",
    AVG("t56"."m2_a_past") AS "m2_mean_a_past",
    AVG("t56"."m2_missing_past") AS "m2_mean_missing_past",
    VARIANCE("t56"."m2_y") AS "m2_cov_y_y",
    COVAR_SAMP("t56"."m2_y", "t56"."m2_pre") AS "m2_cov_y_pre",
    COVAR_SAMP("t56"."m2_y", "t56"."m2_a_past") AS "m2_cov_y_a_past",
    COVAR_SAMP("t56"."m2_y", "t56"."m2_missing_past") AS "m2_cov_y_missing_past",
    VARIANCE("t56"."m2_pre") AS "m2_cov_pre_pre",
    COVAR_SAMP("t56"."m2_pre", "t56"."m2_a_past") AS "m2_cov_pre_a_past",
    COVAR_SAMP("t56"."m2_pre", "t56"."m2_missing_past") AS "m2_cov_pre_missing_past",
    VARIANCE("t56"."m2_a_past") AS "m2_cov_a_past_a_past",
    COVAR_SAMP("t56"."m2_a_past", "t56"."m2_missing_past") AS "m2_cov_a_past_missing_past",
    VARIANCE("t56"."m2_missing_past") AS "m2_cov_missing_past_missing_past",
    COUNT("t56"."m1_y") AS "m1_n",
    SUM(CAST("t56"."m1_y" IS NULL AS INTEGER)) AS "m1_waiting",
    AVG("t56"."m1_y") AS "m1_mean_y",
    AVG("t56"."m1_d") AS "m1_mean_d",
    AVG("t56"."m1_pre") AS "m1_mean_pre",
    AVG("t56"."m1_a_past") AS "m1_mean_a_past",
    AVG("t56"."m1_missing_past") AS "m1_mean_missing_past",
    VARIANCE("t56"."m1_y") AS "m1_cov_y_y",
    COVAR_SAMP("t56"."m1_y", "t56"."m1_d") AS "m1_cov_y_d",
    COVAR_SAMP("t56"."m1_y", "t56"."m1_pre") AS "m1_cov_y_pre",
    COVAR_SAMP("t56"."m1_y", "t56"."m1_a_past") AS "m1_cov_y_a_past",
    COVAR_SAMP("t56"."m1_y", "t56"."m1_missing_past") AS "m1_cov_y_missing_past",
    VARIANCE("t56"."m1_d") AS "m1_cov_d_d",
    COVAR_SAMP("t56"."m1_d", "t56"."m1_pre") AS "m1_cov_d_pre",
    COVAR_SAMP("t56"."m1_d", "t56"."m1_a_past") AS "m1_cov_d_a_past",
    COVAR_SAMP("t56"."m1_d", "t56"."m1_missing_past") AS "m1_cov_d_missing_past",
    VARIANCE("t56"."m1_pre") AS "m1_cov_pre_pre",
    COVAR_SAMP("t56"."m1_pre", "t56"."m1_a_past") AS "m1_cov_pre_a_past",
    COVAR_SAMP("t56"."m1_pre", "t56"."m1_missing_past") AS "m1_cov_pre_missing_past",
    VARIANCE("t56"."m1_a_past") AS "m1_cov_a_past_a_past",
    COVAR_SAMP("t56"."m1_a_past", "t56"."m1_missing_past") AS "m1_cov_a_past_missing_past",
    VARIANCE("t56"."m1_missing_past") AS "m1_cov_missing_past_missing_past",
    COUNT("t56"."m8_y") AS "m8_n",
    SUM(CAST("t56"."m8_y" IS NULL AS INTEGER)) AS "m8_waiting",
    AVG("t56"."m8_y") AS "m8_mean_y",
    AVG("t56"."m8_pre") AS "m8_mean_pre",
    AVG("t56"."m8_a_past") AS "m8_mean_a_past",
    AVG("t56"."m8_missing_past") AS "m8_mean_missing_past",
    VARIANCE("t56"."m8_y") AS "m8_cov_y_y",
    COVAR_SAMP("t56"."m8_y", "t56"."m8_pre") AS "m8_cov_y_pre",
    COVAR_SAMP("t56"."m8_y", "t56"."m8_a_past") AS "m8_cov_y_a_past",
    COVAR_SAMP("t56"."m8_y", "t56"."m8_missing_past") AS "m8_cov_y_missing_past",
    VARIANCE("t56"."m8_pre") AS "m8_cov_pre_pre",
    COVAR_SAMP("t56"."m8_pre", "t56"."m8_a_past") AS "m8_cov_pre_a_past",
    COVAR_SAMP("t56"."m8_pre", "t56"."m8_missing_past") AS "m8_cov_pre_missing_past",
    VARIANCE("t56"."m8_a_past") AS "m8_cov_a_past_a_past",
    COVAR_SAMP("t56"."m8_a_past", "t56"."m8_missing_past") AS "m8_cov_a_past_missing_past",
    VARIANCE("t56"."m8_missing_past") AS "m8_cov_missing_past_missing_past",
    SUM(IF((
      "t56"."m8_y" IS NOT NULL
    ) AND (
      "t56"."m8_made" >= 1
    ), 1, 0)) AS "m8_step_1",
    SUM(IF((
      "t56"."m8_y" IS NOT NULL
    ) AND (
      "t56"."m8_made" >= 2
    ), 1, 0)) AS "m8_step_2",
    SUM(IF((
      "t56"."m8_y" IS NOT NULL
    ) AND (
      "t56"."m8_made" >= 3
    ), 1, 0)) AS "m8_step_3"
  FROM (
    SELECT
      "t55"."unit",
      "t55"."at",
      "t55"."day",
      "t55"."variant",
      "t55"."attributes",
      "t55"."s0",
      "t55"."s1",
      "t55"."s2",
      "t55"."s3",
      "t55"."s4",
      "t55"."s5",
      "t55"."s6",
      "t55"."m8_made",
      IF(
        (
          "t55"."day" + 0
        ) <= 20527,
        IF(
          COALESCE("t55"."s0", CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m2_y",
      IF(
        (
          "t55"."day" + 0
        ) <= 20527,
        IF(
          COALESCE("t55"."s1", CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m2_pre",
      IF(
        (
          "t55"."day" + 0
        ) <= 20527,
        COALESCE(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m2_a_past",
      IF(
        (
          "t55"."day" + 0
        ) <= 20527,
        IF(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE) IS NULL,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m2_missing_past",
      IF(
        (
          "t55"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t55"."s2", CAST(0.0 AS DOUBLE)), CAST(90.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS "m1_y",
      IF(
        (
          "t55"."day" + 1
        ) <= 20527,
        COALESCE("t55"."s4", CAST(0.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS "m1_d",
      IF(
        (
          "t55"."day" + 1
        ) <= 20527,
        LEAST(COALESCE("t55"."s3", CAST(0.0 AS DOUBLE)), CAST(90.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS "m1_pre",
      IF(
        (
          "t55"."day" + 1
        ) <= 20527,
        COALESCE(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m1_a_past",
      IF(
        (
          "t55"."day" + 1
        ) <= 20527,
        IF(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE) IS NULL,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m1_missing_past",
      IF(
        (
          "t55"."day" + 2
        ) <= 20527,
        IF("t55"."m8_made" = 3, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS "m8_y",
      IF(
        (
          "t55"."day" + 2
        ) <= 20527,
        IF(
          COALESCE("t55"."s6", CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m8_pre",
      IF(
        (
          "t55"."day" + 2
        ) <= 20527,
        COALESCE(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m8_a_past",
      IF(
        (
          "t55"."day" + 2
        ) <= 20527,
        IF(
          CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'past'))),
            'strict $?($.type() == "number")'
          ) AS DOUBLE) IS NULL,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS "m8_missing_past",
      COALESCE(
        COALESCE(
          JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
            'strict $?($.type() == "string")'
          ),
          IF(
            (
              CAST(JSON_VALUE(
                JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
                'strict $?($.type() == "number")'
              ) AS DOUBLE) = CAST(ROUND(
                CAST(JSON_VALUE(
                  JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
                  'strict $?($.type() == "number")'
                ) AS DOUBLE),
                0
              ) AS BIGINT)
            )
            AND (
              ABS(
                CAST(JSON_VALUE(
                  JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
                  'strict $?($.type() == "number")'
                ) AS DOUBLE)
              ) < 9007199254740992
            ),
            CAST(CAST(CAST(JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
              'strict $?($.type() == "number")'
            ) AS DOUBLE) AS BIGINT) AS VARCHAR),
            CAST(CAST(JSON_VALUE(
              JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
              'strict $?($.type() == "number")'
            ) AS DOUBLE) AS VARCHAR)
          ),
          CAST(CAST(JSON_VALUE(
            JSON_FORMAT(JSON_EXTRACT(CAST("t55"."attributes" AS JSON), FORMAT('$["%s"]', 'country'))),
            'strict $?($.type() == "boolean")'
          ) AS BOOLEAN) AS VARCHAR)
        ),
        '(none)'
      ) AS "segment"
    FROM (
      SELECT
        "t54"."unit",
        "t54"."at",
        "t54"."day",
        "t54"."variant",
        "t54"."attributes",
        "t54"."s0",
        "t54"."s1",
        "t54"."s2",
        "t54"."s3",
        "t54"."s4",
        "t54"."s5",
        "t54"."s6",
        "t54"."m8_made"
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
          "t53"."unit" AS "unit_right",
          "t53"."m8_made"
        FROM (
          SELECT
            "t37"."unit",
            "t37"."at",
            "t37"."day",
            "t37"."variant",
            "t37"."attributes",
            "t37"."s0",
            "t37"."s1",
            "t37"."s2",
            "t37"."s3",
            "t37"."s4",
            "t37"."s5",
            "t37"."s6"
          FROM (
            SELECT
              "t27"."unit",
              "t27"."at",
              "t27"."day",
              "t27"."variant",
              "t27"."attributes",
              "t36"."unit" AS "unit_right",
              "t36"."s0",
              "t36"."s1",
              "t36"."s2",
              "t36"."s3",
              "t36"."s4",
              "t36"."s5",
              "t36"."s6"
            FROM (
              SELECT
                "t23"."unit",
                "t23"."at",
                "t23"."day",
                "t23"."variant",
                "t23"."attributes"
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
                "t34"."unit",
                SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                  (
                    "t34"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 1
                  )) AS "s0",
                SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                  (
                    "t34"."measure" = '15019fed6f53fd6d'
                  )
                  AND (
                    "t34"."offset" >= -2
                  )
                  AND (
                    "t34"."offset" < 0
                  )) AS "s1",
                SUM("t34"."total") FILTER(WHERE
                  (
                    "t34"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 2
                  )) AS "s2",
                SUM("t34"."total") FILTER(WHERE
                  (
                    "t34"."measure" = 'a0a20fe4cf3aa4ce'
                  )
                  AND (
                    "t34"."offset" >= -1
                  )
                  AND (
                    "t34"."offset" < 0
                  )) AS "s3",
                SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                  (
                    "t34"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t34"."offset" >= 0
                  )
                  AND (
                    "t34"."offset" < 2
                  )) AS "s4",
                SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                  (
                    "t34"."measure" = 'c4316d54cb9e590e'
                  )
                  AND (
                    "t34"."offset" >= -1
                  )
                  AND (
                    "t34"."offset" < 0
                  )) AS "s5",
                SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                  (
                    "t34"."measure" = 'd440c1203aed298c'
                  )
                  AND (
                    "t34"."offset" >= -2
                  )
                  AND (
                    "t34"."offset" < 0
                  )) AS "s6"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t30"."unit",
                    "t30"."measure",
                    CAST(0 AS BIGINT) AS "offset",
                    "t30"."n",
                    "t30"."total"
                  FROM (
                    SELECT
                      "t13"."experiment",
                      "t13"."phase",
                      "t13"."measure",
                      "t13"."unit",
                      "t13"."n",
                      "t13"."total",
                      "t13"."day"
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
                        "t23"."unit",
                        "t23"."day"
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
                    "t31"."unit",
                    "t31"."measure",
                    "t31"."day" - "t31"."entered" AS "offset",
                    "t31"."n",
                    "t31"."total"
                  FROM (
                    SELECT
                      "t14"."measure",
                      "t14"."unit_type",
                      "t14"."unit",
                      "t14"."n",
                      "t14"."total",
                      "t14"."day",
                      "t29"."entered"
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
                        "t23"."unit",
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
                1
            ) AS "t36"
              ON "t27"."unit" = "t36"."unit"
          ) AS "t37"
        ) AS "t39"
        LEFT OUTER JOIN (
          SELECT
            "t51"."unit",
            "t51"."made" + IF("t51"."since" IS NULL, 0, 1) AS "m8_made"
          FROM (
            SELECT
              "t50"."unit",
              "t50"."entered",
              "t50"."made",
              MIN("t50"."at") FILTER(WHERE
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
                )) AS "since"
            FROM (
              SELECT
                "t49"."unit",
                "t49"."entered",
                "t49"."made",
                "t49"."since",
                "t10"."unit" AS "unit_right",
                "t10"."at",
                "t10"."day"
              FROM (
                SELECT
                  "t47"."unit",
                  "t47"."entered",
                  "t47"."made" + IF("t47"."since" IS NULL, 0, 1) AS "made",
                  "t47"."since"
                FROM (
                  SELECT
                    "t46"."unit",
                    "t46"."entered",
                    "t46"."made",
                    MIN("t46"."at") FILTER(WHERE
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
                      )) AS "since"
                  FROM (
                    SELECT
                      "t45"."unit",
                      "t45"."entered",
                      "t45"."made",
                      "t45"."since",
                      "t11"."unit" AS "unit_right",
                      "t11"."at",
                      "t11"."day"
                    FROM (
                      SELECT
                        "t43"."unit",
                        "t43"."entered",
                        "t43"."made" + IF("t43"."since" IS NULL, 0, 1) AS "made",
                        "t43"."since"
                      FROM (
                        SELECT
                          "t42"."unit",
                          "t42"."entered",
                          "t42"."made",
                          MIN("t42"."at") FILTER(WHERE
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
                            )) AS "since"
                        FROM (
                          SELECT
                            "t41"."unit",
                            "t41"."entered",
                            "t41"."since",
                            "t41"."made",
                            "t12"."unit" AS "unit_right",
                            "t12"."at",
                            "t12"."day"
                          FROM (
                            SELECT
                              "t38"."unit",
                              "t38"."day" AS "entered",
                              "t38"."at" AS "since",
                              CAST(0 AS BIGINT) AS "made"
                            FROM (
                              SELECT
                                "t37"."unit",
                                "t37"."at",
                                "t37"."day",
                                "t37"."variant",
                                "t37"."attributes",
                                "t37"."s0",
                                "t37"."s1",
                                "t37"."s2",
                                "t37"."s3",
                                "t37"."s4",
                                "t37"."s5",
                                "t37"."s6"
                              FROM (
                                SELECT
                                  "t27"."unit",
                                  "t27"."at",
                                  "t27"."day",
                                  "t27"."variant",
                                  "t27"."attributes",
                                  "t36"."unit" AS "unit_right",
                                  "t36"."s0",
                                  "t36"."s1",
                                  "t36"."s2",
                                  "t36"."s3",
                                  "t36"."s4",
                                  "t36"."s5",
                                  "t36"."s6"
                                FROM (
                                  SELECT
                                    "t23"."unit",
                                    "t23"."at",
                                    "t23"."day",
                                    "t23"."variant",
                                    "t23"."attributes"
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
                                    "t34"."unit",
                                    SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                                      (
                                        "t34"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 1
                                      )) AS "s0",
                                    SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                                      (
                                        "t34"."measure" = '15019fed6f53fd6d'
                                      )
                                      AND (
                                        "t34"."offset" >= -2
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )) AS "s1",
                                    SUM("t34"."total") FILTER(WHERE
                                      (
                                        "t34"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 2
                                      )) AS "s2",
                                    SUM("t34"."total") FILTER(WHERE
                                      (
                                        "t34"."measure" = 'a0a20fe4cf3aa4ce'
                                      )
                                      AND (
                                        "t34"."offset" >= -1
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )) AS "s3",
                                    SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                                      (
                                        "t34"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t34"."offset" >= 0
                                      )
                                      AND (
                                        "t34"."offset" < 2
                                      )) AS "s4",
                                    SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                                      (
                                        "t34"."measure" = 'c4316d54cb9e590e'
                                      )
                                      AND (
                                        "t34"."offset" >= -1
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )) AS "s5",
                                    SUM(CAST("t34"."n" AS DOUBLE)) FILTER(WHERE
                                      (
                                        "t34"."measure" = 'd440c1203aed298c'
                                      )
                                      AND (
                                        "t34"."offset" >= -2
                                      )
                                      AND (
                                        "t34"."offset" < 0
                                      )) AS "s6"
                                  FROM (
                                    SELECT
                                      *
                                    FROM (
                                      SELECT
                                        "t30"."unit",
                                        "t30"."measure",
                                        CAST(0 AS BIGINT) AS "offset",
                                        "t30"."n",
                                        "t30"."total"
                                      FROM (
                                        SELECT
                                          "t13"."experiment",
                                          "t13"."phase",
                                          "t13"."measure",
                                          "t13"."unit",
                                          "t13"."n",
                                          "t13"."total",
                                          "t13"."day"
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
                                            "t23"."unit",
                                            "t23"."day"
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
                                        "t31"."unit",
                                        "t31"."measure",
                                        "t31"."day" - "t31"."entered" AS "offset",
                                        "t31"."n",
                                        "t31"."total"
                                      FROM (
                                        SELECT
                                          "t14"."measure",
                                          "t14"."unit_type",
                                          "t14"."unit",
                                          "t14"."n",
                                          "t14"."total",
                                          "t14"."day",
                                          "t29"."entered"
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
                                            "t23"."unit",
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
                                    1
                                ) AS "t36"
                                  ON "t27"."unit" = "t36"."unit"
                              ) AS "t37"
                            ) AS "t38"
                          ) AS "t41"
                          LEFT OUTER JOIN (
                            SELECT
                              "t0"."unit",
                              "t0"."at",
                              "t0"."day"
                            FROM "unit_events" AS "t0"
                            WHERE
                              "t0"."unit_type" = 'account' AND "t0"."measure" = 'c4316d54cb9e590e'
                          ) AS "t12"
                            ON "t41"."unit" = "t12"."unit"
                        ) AS "t42"
                        GROUP BY
                          1,
                          2,
                          3
                      ) AS "t43"
                    ) AS "t45"
                    LEFT OUTER JOIN (
                      SELECT
                        "t0"."unit",
                        "t0"."at",
                        "t0"."day"
                      FROM "unit_events" AS "t0"
                      WHERE
                        "t0"."unit_type" = 'account' AND "t0"."measure" = '15019fed6f53fd6d'
                    ) AS "t11"
                      ON "t45"."unit" = "t11"."unit"
                  ) AS "t46"
                  GROUP BY
                    1,
                    2,
                    3
                ) AS "t47"
              ) AS "t49"
              LEFT OUTER JOIN (
                SELECT
                  "t0"."unit",
                  "t0"."at",
                  "t0"."day"
                FROM "unit_events" AS "t0"
                WHERE
                  "t0"."unit_type" = 'account' AND "t0"."measure" = 'd440c1203aed298c'
              ) AS "t10"
                ON "t49"."unit" = "t10"."unit"
            ) AS "t50"
            GROUP BY
              1,
              2,
              3
          ) AS "t51"
        ) AS "t53"
          ON "t39"."unit" = "t53"."unit"
      ) AS "t54"
    ) AS "t55"
  ) AS "t56"
  GROUP BY
    1,
    2
) AS "t57"
ORDER BY
  "t57"."variant" ASC,
  "t57"."segment" ASC;
