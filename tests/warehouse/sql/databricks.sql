-- exposure_days
SELECT
  `t1`.`experiment`,
  `t1`.`phase`,
  `t1`.`unit`,
  `t1`.`variant`,
  `t1`.`forced`,
  `t1`.`day`,
  MIN(`t1`.`at`) AS `at`,
  MIN_BY(`t1`.`attributes`, `t1`.`at`) AS `attributes`
FROM (
  SELECT
    `t0`.`experiment`,
    `t0`.`phase`,
    `t0`.`unit`,
    `t0`.`variant`,
    `t0`.`forced`,
    `t0`.`day`,
    `t0`.`at`,
    MIN(`t0`.`attributes`) AS `attributes`
  FROM `exposures` AS `t0`
  GROUP BY
    1,
    2,
    3,
    4,
    5,
    6,
    7
) AS `t1`
GROUP BY
  1,
  2,
  3,
  4,
  5,
  6;

-- unit_days
WITH `t4` AS (
  SELECT
    *
  FROM (
    SELECT
      `t1`.`unit_type`,
      `t1`.`unit`,
      `t1`.`day`,
      `t1`.`name`,
      `t1`.`at`,
      `t1`.`value`,
      `t1`.`properties`
    FROM (
      SELECT
        `t0`.`id`,
        `t0`.`unit_type`,
        `t0`.`unit`,
        `t0`.`day`,
        MIN(`t0`.`name`) AS `name`,
        MIN(`t0`.`at`) AS `at`,
        MIN(`t0`.`value`) AS `value`,
        MIN(`t0`.`properties`) AS `properties`
      FROM `events` AS `t0`
      GROUP BY
        1,
        2,
        3,
        4
    ) AS `t1`
  ) AS `t2`
  WHERE
    `t2`.`name` = 'order'
)
SELECT
  `t19`.`measure`,
  `t19`.`unit_type`,
  `t19`.`unit`,
  `t19`.`day`,
  COUNT(*) AS `n`,
  COALESCE(SUM(`t19`.`value`), CAST(0.0 AS DOUBLE)) AS `total`
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
          `t7`.`unit_type`,
          `t7`.`unit`,
          `t7`.`at`,
          `t7`.`value`,
          `t7`.`day`,
          '15019fed6f53fd6d' AS `measure`
        FROM (
          SELECT
            `t5`.`unit_type`,
            `t5`.`unit`,
            `t5`.`at`,
            `t5`.`value`,
            `t5`.`day`
          FROM `t4` AS `t5`
        ) AS `t7`
      ) AS `t9`
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          `t12`.`unit_type`,
          `t12`.`unit`,
          `t12`.`at`,
          `t12`.`value`,
          `t12`.`day`,
          'a0a20fe4cf3aa4ce' AS `measure`
        FROM (
          SELECT
            `t10`.`unit_type`,
            `t10`.`unit`,
            `t10`.`at`,
            `t10`.`value`,
            `t10`.`day`
          FROM (
            SELECT
              *
            FROM `t4` AS `t5`
            WHERE
              IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'currency'
                  )
                ) = 'STRING',
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'currency'
                  ),
                  '$',
                  'STRING'
                ),
                NULL
              ) = 'EUR'
          ) AS `t10`
        ) AS `t12`
      ) AS `t13`
    ) AS `t14`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t6`.`unit_type`,
        `t6`.`unit`,
        `t6`.`at`,
        `t6`.`value`,
        `t6`.`day`,
        'c4316d54cb9e590e' AS `measure`
      FROM (
        SELECT
          `t3`.`unit_type`,
          `t3`.`unit`,
          `t3`.`at`,
          `t3`.`value`,
          `t3`.`day`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t1`.`unit_type`,
              `t1`.`unit`,
              `t1`.`day`,
              `t1`.`name`,
              `t1`.`at`,
              `t1`.`value`,
              `t1`.`properties`
            FROM (
              SELECT
                `t0`.`id`,
                `t0`.`unit_type`,
                `t0`.`unit`,
                `t0`.`day`,
                MIN(`t0`.`name`) AS `name`,
                MIN(`t0`.`at`) AS `at`,
                MIN(`t0`.`value`) AS `value`,
                MIN(`t0`.`properties`) AS `properties`
              FROM `events` AS `t0`
              GROUP BY
                1,
                2,
                3,
                4
            ) AS `t1`
          ) AS `t2`
          WHERE
            `t2`.`name` = 'visit'
        ) AS `t3`
      ) AS `t6`
    ) AS `t8`
  ) AS `t15`
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      `t17`.`unit_type`,
      `t17`.`unit`,
      `t17`.`at`,
      `t17`.`value`,
      `t17`.`day`,
      'd440c1203aed298c' AS `measure`
    FROM (
      SELECT
        `t16`.`unit_type`,
        `t16`.`unit`,
        `t16`.`at`,
        `t16`.`value`,
        `t16`.`day`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM `t4` AS `t5`
          WHERE
            (
              IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  ),
                  '$',
                  'DOUBLE'
                )
              ) = 3
            )
            OR (
              IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  ),
                  '$',
                  'DOUBLE'
                )
              ) = 4
            )
        ) AS `t11`
        WHERE
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t11`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                'gift'
              )
            ) = 'BOOLEAN',
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t11`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                'gift'
              ),
              '$',
              'BOOLEAN'
            ),
            NULL
          ) = TRUE
      ) AS `t16`
    ) AS `t17`
  ) AS `t18`
) AS `t19`
GROUP BY
  1,
  2,
  3,
  4;

-- entry_days
SELECT
  `t10`.`experiment`,
  `t10`.`phase`,
  `t10`.`unit`,
  `t10`.`day`,
  `t10`.`at`
FROM (
  SELECT
    `t8`.`experiment`,
    `t8`.`phase`,
    `t8`.`unit`,
    `t8`.`day`,
    MIN(`t8`.`at`) AS `at`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t6`.`experiment`,
        `t6`.`phase`,
        `t6`.`unit`,
        `t6`.`variant`,
        `t6`.`forced`,
        `t6`.`at`,
        `t6`.`attributes`,
        `t6`.`day`,
        `t4`.`first_day`,
        `t4`.`last_day`
      FROM (
        SELECT
          *
        FROM `exposure_days` AS `t1`
        WHERE
          NOT (
            `t1`.`forced`
          )
      ) AS `t6`
      INNER JOIN `uses` AS `t4`
        ON `t6`.`experiment` = `t4`.`experiment`
        AND `t6`.`phase` = `t4`.`phase`
        AND `t6`.`variant` = `t4`.`variant`
    ) AS `t7`
    WHERE
      `t7`.`day` BETWEEN `t7`.`first_day` AND `t7`.`last_day`
  ) AS `t8`
  GROUP BY
    1,
    2,
    3,
    4
) AS `t10`
LEFT ANTI JOIN `entry_days` AS `t3`
  ON `t10`.`experiment` = `t3`.`experiment`
  AND `t10`.`phase` = `t3`.`phase`
  AND `t10`.`unit` = `t3`.`unit`;

-- outcome_days
WITH `t4` AS (
  SELECT
    `t2`.`experiment`,
    `t2`.`phase`,
    `t2`.`unit`,
    `t2`.`at` AS `entered`,
    `t2`.`day` AS `entered_day`
  FROM `entry_days` AS `t2`
), `t5` AS (
  SELECT
    *
  FROM `uses` AS `t0`
  WHERE
    `t0`.`start` = 0
), `t23` AS (
  SELECT
    *
  FROM (
    SELECT
      `t10`.`unit_type`,
      `t10`.`unit`,
      `t10`.`day`,
      `t10`.`name`,
      `t10`.`at`,
      `t10`.`value`,
      `t10`.`properties`
    FROM (
      SELECT
        `t3`.`id`,
        `t3`.`unit_type`,
        `t3`.`unit`,
        `t3`.`day`,
        MIN(`t3`.`name`) AS `name`,
        MIN(`t3`.`at`) AS `at`,
        MIN(`t3`.`value`) AS `value`,
        MIN(`t3`.`properties`) AS `properties`
      FROM `events` AS `t3`
      GROUP BY
        1,
        2,
        3,
        4
    ) AS `t10`
  ) AS `t15`
  WHERE
    `t15`.`name` = 'order'
)
SELECT
  `t57`.`experiment`,
  `t57`.`phase`,
  `t57`.`measure`,
  `t57`.`unit`,
  `t57`.`n`,
  `t57`.`total`,
  `t57`.`offset`,
  `t57`.`active_days`,
  CAST(20527 AS INT) AS `day`
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t54`.`experiment`,
        `t54`.`phase`,
        `t54`.`measure`,
        `t54`.`unit`,
        `t54`.`n`,
        `t54`.`total`,
        CAST(0 AS INT) AS `offset`,
        CAST(1 AS INT) AS `active_days`
      FROM (
        SELECT
          `t53`.`experiment`,
          `t53`.`phase`,
          `t53`.`measure`,
          `t53`.`unit`,
          `t53`.`n`,
          `t53`.`total`
        FROM (
          SELECT
            `t52`.`experiment`,
            `t52`.`phase`,
            `t52`.`unit_type`,
            `t52`.`measure`,
            `t52`.`unit`,
            `t52`.`n`,
            `t52`.`total`
          FROM (
            SELECT
              `t50`.`experiment`,
              `t50`.`phase`,
              `t50`.`unit_type`,
              `t50`.`measure`,
              `t50`.`unit`,
              COUNT(*) AS `n`,
              COALESCE(SUM(`t50`.`value`), CAST(0.0 AS DOUBLE)) AS `total`
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  `t21`.`experiment`,
                  `t21`.`phase`,
                  `t21`.`unit`,
                  `t21`.`entered`,
                  `t21`.`entered_day`,
                  `t48`.`unit_type`,
                  `t48`.`at`,
                  `t48`.`value`,
                  `t48`.`day`,
                  `t48`.`measure`
                FROM (
                  SELECT
                    *
                  FROM `t4` AS `t9`
                  WHERE
                    `t9`.`entered_day` = 20527
                ) AS `t21`
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
                          `t26`.`unit_type`,
                          `t26`.`unit`,
                          `t26`.`at`,
                          `t26`.`value`,
                          `t26`.`day`,
                          '15019fed6f53fd6d' AS `measure`
                        FROM (
                          SELECT
                            `t24`.`unit_type`,
                            `t24`.`unit`,
                            `t24`.`at`,
                            `t24`.`value`,
                            `t24`.`day`
                          FROM `t23` AS `t24`
                        ) AS `t26`
                      ) AS `t30`
                      UNION ALL
                      SELECT
                        *
                      FROM (
                        SELECT
                          `t35`.`unit_type`,
                          `t35`.`unit`,
                          `t35`.`at`,
                          `t35`.`value`,
                          `t35`.`day`,
                          'a0a20fe4cf3aa4ce' AS `measure`
                        FROM (
                          SELECT
                            `t31`.`unit_type`,
                            `t31`.`unit`,
                            `t31`.`at`,
                            `t31`.`value`,
                            `t31`.`day`
                          FROM (
                            SELECT
                              *
                            FROM `t23` AS `t24`
                            WHERE
                              IF(
                                SCHEMA_OF_VARIANT(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'currency'
                                  )
                                ) = 'STRING',
                                TRY_VARIANT_GET(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'currency'
                                  ),
                                  '$',
                                  'STRING'
                                ),
                                NULL
                              ) = 'EUR'
                          ) AS `t31`
                        ) AS `t35`
                      ) AS `t37`
                    ) AS `t39`
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        `t25`.`unit_type`,
                        `t25`.`unit`,
                        `t25`.`at`,
                        `t25`.`value`,
                        `t25`.`day`,
                        'c4316d54cb9e590e' AS `measure`
                      FROM (
                        SELECT
                          `t22`.`unit_type`,
                          `t22`.`unit`,
                          `t22`.`at`,
                          `t22`.`value`,
                          `t22`.`day`
                        FROM (
                          SELECT
                            *
                          FROM (
                            SELECT
                              `t10`.`unit_type`,
                              `t10`.`unit`,
                              `t10`.`day`,
                              `t10`.`name`,
                              `t10`.`at`,
                              `t10`.`value`,
                              `t10`.`properties`
                            FROM (
                              SELECT
                                `t3`.`id`,
                                `t3`.`unit_type`,
                                `t3`.`unit`,
                                `t3`.`day`,
                                MIN(`t3`.`name`) AS `name`,
                                MIN(`t3`.`at`) AS `at`,
                                MIN(`t3`.`value`) AS `value`,
                                MIN(`t3`.`properties`) AS `properties`
                              FROM `events` AS `t3`
                              GROUP BY
                                1,
                                2,
                                3,
                                4
                            ) AS `t10`
                          ) AS `t15`
                          WHERE
                            `t15`.`name` = 'visit'
                        ) AS `t22`
                      ) AS `t25`
                    ) AS `t29`
                  ) AS `t41`
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      `t45`.`unit_type`,
                      `t45`.`unit`,
                      `t45`.`at`,
                      `t45`.`value`,
                      `t45`.`day`,
                      'd440c1203aed298c' AS `measure`
                    FROM (
                      SELECT
                        `t43`.`unit_type`,
                        `t43`.`unit`,
                        `t43`.`at`,
                        `t43`.`value`,
                        `t43`.`day`
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            *
                          FROM `t23` AS `t24`
                          WHERE
                            (
                              IF(
                                SCHEMA_OF_VARIANT(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'cart.size'
                                  )
                                ) IN ('STRING', 'BOOLEAN'),
                                NULL,
                                TRY_VARIANT_GET(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'cart.size'
                                  ),
                                  '$',
                                  'DOUBLE'
                                )
                              ) = 3
                            )
                            OR (
                              IF(
                                SCHEMA_OF_VARIANT(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'cart.size'
                                  )
                                ) IN ('STRING', 'BOOLEAN'),
                                NULL,
                                TRY_VARIANT_GET(
                                  TRY_ELEMENT_AT(
                                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t24`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                    'cart.size'
                                  ),
                                  '$',
                                  'DOUBLE'
                                )
                              ) = 4
                            )
                        ) AS `t34`
                        WHERE
                          IF(
                            SCHEMA_OF_VARIANT(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t34`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                'gift'
                              )
                            ) = 'BOOLEAN',
                            TRY_VARIANT_GET(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t34`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                                'gift'
                              ),
                              '$',
                              'BOOLEAN'
                            ),
                            NULL
                          ) = TRUE
                      ) AS `t43`
                    ) AS `t45`
                  ) AS `t46`
                ) AS `t48`
                  ON `t21`.`unit` = `t48`.`unit`
              ) AS `t49`
              WHERE
                `t49`.`at` >= `t49`.`entered`
            ) AS `t50`
            GROUP BY
              1,
              2,
              3,
              4,
              5
          ) AS `t52`
          LEFT SEMI JOIN `t5` AS `t16`
            ON `t52`.`experiment` = `t16`.`experiment`
            AND `t52`.`phase` = `t16`.`phase`
            AND `t52`.`unit_type` = `t16`.`unit_type`
            AND `t52`.`measure` = `t16`.`measure`
        ) AS `t53`
      ) AS `t54`
    ) AS `t55`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          `t32`.`experiment`,
          `t32`.`phase`,
          `t32`.`measure`,
          `t32`.`unit`,
          `t32`.`n`,
          `t32`.`total`,
          CAST(`t32`.`day` - `t32`.`entered_day` AS INT) AS `offset`,
          CAST(1 AS INT) AS `active_days`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t20`.`experiment`,
              `t20`.`phase`,
              `t20`.`unit`,
              `t20`.`entered`,
              `t20`.`entered_day`,
              `t13`.`measure`,
              `t13`.`unit_type`,
              `t13`.`n`,
              `t13`.`total`,
              `t13`.`day`,
              `t17`.`start`,
              `t17`.`stop`
            FROM (
              SELECT
                *
              FROM `t4` AS `t9`
              WHERE
                `t9`.`entered_day` < 20527
            ) AS `t20`
            INNER JOIN (
              SELECT
                *
              FROM `unit_days` AS `t1`
              WHERE
                `t1`.`day` = 20527
            ) AS `t13`
              ON `t20`.`unit` = `t13`.`unit`
            INNER JOIN `t5` AS `t17`
              ON `t20`.`experiment` = `t17`.`experiment`
              AND `t20`.`phase` = `t17`.`phase`
              AND `t13`.`unit_type` = `t17`.`unit_type`
              AND `t13`.`measure` = `t17`.`measure`
          ) AS `t27`
          WHERE
            (
              `t27`.`day` - `t27`.`entered_day`
            ) < `t27`.`stop`
        ) AS `t32`
      ) AS `t38`
    ) AS `t42`
  ) AS `t56`
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      `t40`.`experiment`,
      `t40`.`phase`,
      `t40`.`measure`,
      `t40`.`unit`,
      `t40`.`n`,
      `t40`.`total`,
      `t40`.`offset`,
      `t40`.`active_days`
    FROM (
      SELECT
        `t36`.`experiment`,
        `t36`.`phase`,
        `t36`.`measure`,
        `t36`.`unit`,
        `t36`.`start` AS `offset`,
        `t36`.`n`,
        `t36`.`total`,
        `t36`.`active_days`
      FROM (
        SELECT
          `t33`.`experiment`,
          `t33`.`phase`,
          `t33`.`measure`,
          `t33`.`unit`,
          `t33`.`start`,
          SUM(`t33`.`n`) AS `n`,
          SUM(`t33`.`total`) AS `total`,
          CAST(COUNT(*) AS INT) AS `active_days`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t21`.`experiment`,
              `t21`.`phase`,
              `t21`.`unit`,
              `t21`.`entered`,
              `t21`.`entered_day`,
              `t14`.`measure`,
              `t14`.`unit_type`,
              `t14`.`n`,
              `t14`.`total`,
              `t14`.`day`,
              `t12`.`start`,
              `t12`.`stop`
            FROM (
              SELECT
                *
              FROM `t4` AS `t9`
              WHERE
                `t9`.`entered_day` = 20527
            ) AS `t21`
            INNER JOIN (
              SELECT
                *
              FROM `unit_days` AS `t1`
              WHERE
                `t1`.`day` < 20527
            ) AS `t14`
              ON `t21`.`unit` = `t14`.`unit`
            INNER JOIN (
              SELECT
                *
              FROM `uses` AS `t0`
              WHERE
                `t0`.`start` < 0
            ) AS `t12`
              ON `t21`.`experiment` = `t12`.`experiment`
              AND `t21`.`phase` = `t12`.`phase`
              AND `t14`.`unit_type` = `t12`.`unit_type`
              AND `t14`.`measure` = `t12`.`measure`
          ) AS `t28`
          WHERE
            (
              `t28`.`day` - `t28`.`entered_day`
            ) >= `t28`.`start`
        ) AS `t33`
        GROUP BY
          1,
          2,
          3,
          4,
          5
      ) AS `t36`
    ) AS `t40`
  ) AS `t44`
) AS `t57`;

-- total_days
SELECT
  `t19`.`experiment`,
  `t19`.`phase`,
  `t19`.`unit`,
  'fef738c32a50acca' AS `windows`,
  ARRAY(`t19`.`s0`, `t19`.`s1`, `t19`.`s2`, `t19`.`s3`, `t19`.`s4`, `t19`.`s5`, `t19`.`s6`) AS `totals`,
  CAST(20527 AS INT) AS `day`
FROM (
  SELECT
    `t18`.`experiment`,
    `t18`.`phase`,
    `t18`.`unit`,
    SUM(`t18`.`s0`) AS `s0`,
    SUM(`t18`.`s1`) AS `s1`,
    SUM(`t18`.`s2`) AS `s2`,
    SUM(`t18`.`s3`) AS `s3`,
    SUM(`t18`.`s4`) AS `s4`,
    SUM(`t18`.`s5`) AS `s5`,
    SUM(`t18`.`s6`) AS `s6`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t10`.`experiment`,
        `t10`.`phase`,
        `t10`.`unit`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = '15019fed6f53fd6d'
              )
              AND (
                `t10`.`offset` = -2
              )
              AND (
                `t10`.`offset` < 0
              ),
              CAST(`t10`.`n` AS DOUBLE),
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s0`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = '15019fed6f53fd6d'
              )
              AND (
                `t10`.`offset` >= 0
              )
              AND (
                `t10`.`offset` < 1
              ),
              CAST(`t10`.`n` AS DOUBLE),
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s1`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = 'a0a20fe4cf3aa4ce'
              )
              AND (
                `t10`.`offset` = -1
              )
              AND (
                `t10`.`offset` < 0
              ),
              `t10`.`total`,
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s2`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = 'a0a20fe4cf3aa4ce'
              )
              AND (
                `t10`.`offset` >= 0
              )
              AND (
                `t10`.`offset` < 2
              ),
              `t10`.`total`,
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s3`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = 'c4316d54cb9e590e'
              )
              AND (
                `t10`.`offset` = -1
              )
              AND (
                `t10`.`offset` < 0
              ),
              CAST(`t10`.`n` AS DOUBLE),
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s4`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = 'c4316d54cb9e590e'
              )
              AND (
                `t10`.`offset` >= 0
              )
              AND (
                `t10`.`offset` < 2
              ),
              CAST(`t10`.`n` AS DOUBLE),
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s5`,
        COALESCE(
          SUM(
            IF(
              (
                `t10`.`measure` = 'd440c1203aed298c'
              )
              AND (
                `t10`.`offset` = -2
              )
              AND (
                `t10`.`offset` < 0
              ),
              CAST(`t10`.`n` AS DOUBLE),
              NULL
            )
          ),
          CAST(0.0 AS DOUBLE)
        ) AS `s6`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM `outcome_days` AS `t0`
          WHERE
            `t0`.`offset` <= 0
        ) AS `t6`
        WHERE
          `t6`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
      ) AS `t10`
      GROUP BY
        1,
        2,
        3
    ) AS `t13`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t7`.`experiment`,
        `t7`.`phase`,
        `t7`.`unit`,
        `t16`.`s0`,
        `t16`.`s1`,
        `t16`.`s2`,
        `t16`.`s3`,
        `t16`.`s4`,
        `t16`.`s5`,
        `t16`.`s6`
      FROM (
        SELECT
          `t1`.`experiment`,
          `t1`.`phase`,
          `t1`.`unit`
        FROM `entry_days` AS `t1`
      ) AS `t7`
      INNER JOIN (
        SELECT
          `t14`.`unit`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = '15019fed6f53fd6d'
                )
                AND (
                  `t14`.`offset` = -2
                )
                AND (
                  `t14`.`offset` < 0
                ),
                CAST(`t14`.`n` AS DOUBLE),
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s0`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = '15019fed6f53fd6d'
                )
                AND (
                  `t14`.`offset` >= 0
                )
                AND (
                  `t14`.`offset` < 1
                ),
                CAST(`t14`.`n` AS DOUBLE),
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s1`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  `t14`.`offset` = -1
                )
                AND (
                  `t14`.`offset` < 0
                ),
                `t14`.`total`,
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s2`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  `t14`.`offset` >= 0
                )
                AND (
                  `t14`.`offset` < 2
                ),
                `t14`.`total`,
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s3`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = 'c4316d54cb9e590e'
                )
                AND (
                  `t14`.`offset` = -1
                )
                AND (
                  `t14`.`offset` < 0
                ),
                CAST(`t14`.`n` AS DOUBLE),
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s4`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = 'c4316d54cb9e590e'
                )
                AND (
                  `t14`.`offset` >= 0
                )
                AND (
                  `t14`.`offset` < 2
                ),
                CAST(`t14`.`n` AS DOUBLE),
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s5`,
          COALESCE(
            SUM(
              IF(
                (
                  `t14`.`measure` = 'd440c1203aed298c'
                )
                AND (
                  `t14`.`offset` = -2
                )
                AND (
                  `t14`.`offset` < 0
                ),
                CAST(`t14`.`n` AS DOUBLE),
                NULL
              )
            ),
            CAST(0.0 AS DOUBLE)
          ) AS `s6`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t11`.`measure`,
              `t11`.`unit_type`,
              `t11`.`unit`,
              `t11`.`n`,
              `t11`.`total`,
              `t11`.`day`,
              `t11`.`day` - 20525 AS `offset`,
              CAST(1 AS INT) AS `active_days`
            FROM (
              SELECT
                `t3`.`measure`,
                `t3`.`unit_type`,
                `t3`.`unit`,
                `t3`.`n`,
                `t3`.`total`,
                `t3`.`day`
              FROM `unit_days` AS `t3`
              INNER JOIN (
                SELECT DISTINCT
                  *
                FROM (
                  SELECT
                    `t1`.`unit`
                  FROM `entry_days` AS `t1`
                ) AS `t5`
              ) AS `t9`
                ON `t3`.`unit` = `t9`.`unit`
            ) AS `t11`
          ) AS `t12`
          WHERE
            `t12`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
        ) AS `t14`
        GROUP BY
          1
      ) AS `t16`
        ON `t7`.`unit` = `t16`.`unit`
    ) AS `t17`
  ) AS `t18`
  GROUP BY
    1,
    2,
    3
) AS `t19`;

-- unit_events
WITH `t4` AS (
  SELECT
    *
  FROM (
    SELECT
      `t1`.`unit_type`,
      `t1`.`unit`,
      `t1`.`day`,
      `t1`.`name`,
      `t1`.`at`,
      `t1`.`value`,
      `t1`.`properties`
    FROM (
      SELECT
        `t0`.`id`,
        `t0`.`unit_type`,
        `t0`.`unit`,
        `t0`.`day`,
        MIN(`t0`.`name`) AS `name`,
        MIN(`t0`.`at`) AS `at`,
        MIN(`t0`.`value`) AS `value`,
        MIN(`t0`.`properties`) AS `properties`
      FROM `events` AS `t0`
      GROUP BY
        1,
        2,
        3,
        4
    ) AS `t1`
  ) AS `t2`
  WHERE
    `t2`.`name` = 'order'
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t6`.`unit_type`,
      `t6`.`unit`,
      `t6`.`at`,
      `t6`.`value`,
      `t6`.`day`,
      'c4316d54cb9e590e' AS `measure`
    FROM (
      SELECT
        `t3`.`unit_type`,
        `t3`.`unit`,
        `t3`.`at`,
        `t3`.`value`,
        `t3`.`day`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t1`.`unit_type`,
            `t1`.`unit`,
            `t1`.`day`,
            `t1`.`name`,
            `t1`.`at`,
            `t1`.`value`,
            `t1`.`properties`
          FROM (
            SELECT
              `t0`.`id`,
              `t0`.`unit_type`,
              `t0`.`unit`,
              `t0`.`day`,
              MIN(`t0`.`name`) AS `name`,
              MIN(`t0`.`at`) AS `at`,
              MIN(`t0`.`value`) AS `value`,
              MIN(`t0`.`properties`) AS `properties`
            FROM `events` AS `t0`
            GROUP BY
              1,
              2,
              3,
              4
          ) AS `t1`
        ) AS `t2`
        WHERE
          `t2`.`name` = 'visit'
      ) AS `t3`
    ) AS `t6`
  ) AS `t8`
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      `t7`.`unit_type`,
      `t7`.`unit`,
      `t7`.`at`,
      `t7`.`value`,
      `t7`.`day`,
      '15019fed6f53fd6d' AS `measure`
    FROM (
      SELECT
        `t5`.`unit_type`,
        `t5`.`unit`,
        `t5`.`at`,
        `t5`.`value`,
        `t5`.`day`
      FROM `t4` AS `t5`
    ) AS `t7`
  ) AS `t9`
) AS `t10`
UNION ALL
SELECT
  *
FROM (
  SELECT
    `t13`.`unit_type`,
    `t13`.`unit`,
    `t13`.`at`,
    `t13`.`value`,
    `t13`.`day`,
    'd440c1203aed298c' AS `measure`
  FROM (
    SELECT
      `t12`.`unit_type`,
      `t12`.`unit`,
      `t12`.`at`,
      `t12`.`value`,
      `t12`.`day`
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM `t4` AS `t5`
        WHERE
          (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                  'cart.size'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                  'cart.size'
                ),
                '$',
                'DOUBLE'
              )
            ) = 3
          )
          OR (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                  'cart.size'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                  'cart.size'
                ),
                '$',
                'DOUBLE'
              )
            ) = 4
          )
      ) AS `t11`
      WHERE
        IF(
          SCHEMA_OF_VARIANT(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t11`.`properties`), '$', 'MAP<STRING, VARIANT>'),
              'gift'
            )
          ) = 'BOOLEAN',
          TRY_VARIANT_GET(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t11`.`properties`), '$', 'MAP<STRING, VARIANT>'),
              'gift'
            ),
            '$',
            'BOOLEAN'
          ),
          NULL
        ) = TRUE
    ) AS `t12`
  ) AS `t13`
) AS `t14`;

-- moments
WITH `t7` AS (
  SELECT
    *
  FROM `unit_events` AS `t3`
  WHERE
    `t3`.`unit_type` = 'account'
), `t29` AS (
  SELECT
    `t27`.`unit`,
    `t27`.`at`,
    `t27`.`day`,
    `t27`.`attributes`,
    `t27`.`order` % 64 AS `variant`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t14`.`unit`,
        MIN(`t14`.`order`) AS `order`,
        MIN(IF(`t14`.`order` IS NOT NULL, `t14`.`at`, NULL)) AS `at`,
        MIN(IF(`t14`.`order` IS NOT NULL, `t14`.`day`, NULL)) AS `day`,
        MIN(`t14`.`phase`) AS `phase`,
        MIN(`t14`.`position`) AS `low`,
        MAX(`t14`.`position`) AS `high`,
        MIN_BY(
          IF(`t14`.`order` IS NOT NULL, `t14`.`attributes`, NULL),
          IF(`t14`.`order` IS NOT NULL, `t14`.`order`, NULL)
        ) AS `attributes`
      FROM (
        SELECT
          `t6`.`unit`,
          `t6`.`at`,
          `t6`.`day`,
          `t6`.`phase`,
          `t6`.`attributes`,
          IF(
            `t6`.`phase` = 2,
            CASE `t6`.`variant`
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS BIGINT)
            END,
            CAST(NULL AS BIGINT)
          ) AS `position`,
          (
            `t6`.`at` * 64
          ) + IF(
            `t6`.`phase` = 2,
            CASE `t6`.`variant`
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS BIGINT)
            END,
            CAST(NULL AS BIGINT)
          ) AS `order`
        FROM (
          SELECT
            *
          FROM `exposure_days` AS `t2`
          WHERE
            `t2`.`experiment` = 'checkout' AND NOT (
              `t2`.`forced`
            ) AND `t2`.`phase` <= 2
        ) AS `t6`
      ) AS `t14`
      GROUP BY
        1
    ) AS `t22`
    WHERE
      `t22`.`order` IS NOT NULL
      AND `t22`.`low` = `t22`.`high`
      AND NOT (
        (
          `t22`.`day` > 20525
        ) OR (
          `t22`.`day` < 20519
        )
      )
      AND NOT (
        COALESCE(
          (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) = 'STRING',
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'STRING'
              ),
              NULL
            ) = 'many'
          )
          OR (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            ) = CAST(2.5 AS DOUBLE)
          ),
          FALSE
        )
        OR COALESCE(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              )
            ) = 'BOOLEAN',
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              ),
              '$',
              'BOOLEAN'
            ),
            NULL
          ) = TRUE,
          FALSE
        )
      )
      AND `t22`.`phase` >= 2
  ) AS `t27`
)
SELECT
  `t51`.`variant`,
  `t51`.`segment`,
  COUNT(*) AS `units`,
  COUNT(`t51`.`m2_y`) AS `n_m2_y`,
  AVG(`t51`.`m2_y`) AS `mean_m2_y`,
  AVG(`t51`.`m2_pre`) AS `mean_m2_pre`,
  AVG(`t51`.`m2_a_past`) AS `mean_m2_a_past`,
  AVG(`t51`.`m2_missing_past`) AS `mean_m2_missing_past`,
  VARIANCE(`t51`.`m2_y`) AS `cov_m2_y_m2_y`,
  COVAR_SAMP(`t51`.`m2_y`, `t51`.`m2_pre`) AS `cov_m2_y_m2_pre`,
  COVAR_SAMP(`t51`.`m2_y`, `t51`.`m2_a_past`) AS `cov_m2_y_m2_a_past`,
  COVAR_SAMP(`t51`.`m2_y`, `t51`.`m2_missing_past`) AS `cov_m2_y_m2_missing_past`,
  VARIANCE(`t51`.`m2_pre`) AS `cov_m2_pre_m2_pre`,
  COVAR_SAMP(`t51`.`m2_pre`, `t51`.`m2_a_past`) AS `cov_m2_pre_m2_a_past`,
  COVAR_SAMP(`t51`.`m2_pre`, `t51`.`m2_missing_past`) AS `cov_m2_pre_m2_missing_past`,
  VARIANCE(`t51`.`m2_a_past`) AS `cov_m2_a_past_m2_a_past`,
  COVAR_SAMP(`t51`.`m2_a_past`, `t51`.`m2_missing_past`) AS `cov_m2_a_past_m2_missing_past`,
  VARIANCE(`t51`.`m2_missing_past`) AS `cov_m2_missing_past_m2_missing_past`,
  COUNT(`t51`.`m1_y`) AS `n_m1_y`,
  AVG(`t51`.`m1_y`) AS `mean_m1_y`,
  AVG(`t51`.`m1_d`) AS `mean_m1_d`,
  AVG(`t51`.`m1_pre`) AS `mean_m1_pre`,
  AVG(`t51`.`m1_a_past`) AS `mean_m1_a_past`,
  AVG(`t51`.`m1_missing_past`) AS `mean_m1_missing_past`,
  VARIANCE(`t51`.`m1_y`) AS `cov_m1_y_m1_y`,
  COVAR_SAMP(`t51`.`m1_y`, `t51`.`m1_d`) AS `cov_m1_y_m1_d`,
  COVAR_SAMP(`t51`.`m1_y`, `t51`.`m1_pre`) AS `cov_m1_y_m1_pre`,
  COVAR_SAMP(`t51`.`m1_y`, `t51`.`m1_a_past`) AS `cov_m1_y_m1_a_past`,
  COVAR_SAMP(`t51`.`m1_y`, `t51`.`m1_missing_past`) AS `cov_m1_y_m1_missing_past`,
  VARIANCE(`t51`.`m1_d`) AS `cov_m1_d_m1_d`,
  COVAR_SAMP(`t51`.`m1_d`, `t51`.`m1_pre`) AS `cov_m1_d_m1_pre`,
  COVAR_SAMP(`t51`.`m1_d`, `t51`.`m1_a_past`) AS `cov_m1_d_m1_a_past`,
  COVAR_SAMP(`t51`.`m1_d`, `t51`.`m1_missing_past`) AS `cov_m1_d_m1_missing_past`,
  VARIANCE(`t51`.`m1_pre`) AS `cov_m1_pre_m1_pre`,
  COVAR_SAMP(`t51`.`m1_pre`, `t51`.`m1_a_past`) AS `cov_m1_pre_m1_a_past`,
  COVAR_SAMP(`t51`.`m1_pre`, `t51`.`m1_missing_past`) AS `cov_m1_pre_m1_missing_past`,
  VARIANCE(`t51`.`m1_a_past`) AS `cov_m1_a_past_m1_a_past`,
  COVAR_SAMP(`t51`.`m1_a_past`, `t51`.`m1_missing_past`) AS `cov_m1_a_past_m1_missing_past`,
  VARIANCE(`t51`.`m1_missing_past`) AS `cov_m1_missing_past_m1_missing_past`,
  COUNT(`t51`.`m8_y`) AS `n_m8_y`,
  AVG(`t51`.`m8_y`) AS `mean_m8_y`,
  AVG(`t51`.`m8_pre`) AS `mean_m8_pre`,
  AVG(`t51`.`m8_a_past`) AS `mean_m8_a_past`,
  AVG(`t51`.`m8_missing_past`) AS `mean_m8_missing_past`,
  VARIANCE(`t51`.`m8_y`) AS `cov_m8_y_m8_y`,
  COVAR_SAMP(`t51`.`m8_y`, `t51`.`m8_pre`) AS `cov_m8_y_m8_pre`,
  COVAR_SAMP(`t51`.`m8_y`, `t51`.`m8_a_past`) AS `cov_m8_y_m8_a_past`,
  COVAR_SAMP(`t51`.`m8_y`, `t51`.`m8_missing_past`) AS `cov_m8_y_m8_missing_past`,
  VARIANCE(`t51`.`m8_pre`) AS `cov_m8_pre_m8_pre`,
  COVAR_SAMP(`t51`.`m8_pre`, `t51`.`m8_a_past`) AS `cov_m8_pre_m8_a_past`,
  COVAR_SAMP(`t51`.`m8_pre`, `t51`.`m8_missing_past`) AS `cov_m8_pre_m8_missing_past`,
  VARIANCE(`t51`.`m8_a_past`) AS `cov_m8_a_past_m8_a_past`,
  COVAR_SAMP(`t51`.`m8_a_past`, `t51`.`m8_missing_past`) AS `cov_m8_a_past_m8_missing_past`,
  VARIANCE(`t51`.`m8_missing_past`) AS `cov_m8_missing_past_m8_missing_past`,
  SUM(
    IF(
      `t51`.`m8_y` IS NOT NULL
      AND NOT ISNAN(`t51`.`m8_y`)
      AND (
        `t51`.`m8_made` >= 1
      ),
      1,
      0
    )
  ) AS `m8_step_1`,
  SUM(
    IF(
      `t51`.`m8_y` IS NOT NULL
      AND NOT ISNAN(`t51`.`m8_y`)
      AND (
        `t51`.`m8_made` >= 2
      ),
      1,
      0
    )
  ) AS `m8_step_2`,
  SUM(
    IF(
      `t51`.`m8_y` IS NOT NULL
      AND NOT ISNAN(`t51`.`m8_y`)
      AND (
        `t51`.`m8_made` >= 3
      ),
      1,
      0
    )
  ) AS `m8_step_3`
FROM (
  SELECT
    `t50`.`unit`,
    `t50`.`at`,
    `t50`.`day`,
    `t50`.`attributes`,
    `t50`.`variant`,
    `t50`.`m8_made`,
    `t50`.`m2_y`,
    `t50`.`m2_pre`,
    `t50`.`m2_a_past`,
    `t50`.`m2_missing_past`,
    `t50`.`m1_y`,
    `t50`.`m1_uncapped`,
    `t50`.`m1_d`,
    `t50`.`m1_pre`,
    `t50`.`m1_a_past`,
    `t50`.`m1_missing_past`,
    `t50`.`m8_y`,
    `t50`.`m8_pre`,
    `t50`.`m8_a_past`,
    `t50`.`m8_missing_past`,
    COALESCE(
      COALESCE(
        IF(
          SCHEMA_OF_VARIANT(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'country'
            )
          ) = 'STRING',
          TRY_VARIANT_GET(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'country'
            ),
            '$',
            'STRING'
          ),
          NULL
        ),
        IF(
          (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                ),
                '$',
                'DOUBLE'
              )
            ) = CAST(ROUND(
              IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  ),
                  '$',
                  'DOUBLE'
                )
              ),
              0
            ) AS BIGINT)
          )
          AND (
            ABS(
              IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  ),
                  '$',
                  'DOUBLE'
                )
              )
            ) < 9007199254740992
          ),
          CAST(CAST(IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              ),
              '$',
              'DOUBLE'
            )
          ) AS BIGINT) AS STRING),
          CAST(IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              ),
              '$',
              'DOUBLE'
            )
          ) AS STRING)
        ),
        CAST(IF(
          SCHEMA_OF_VARIANT(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'country'
            )
          ) = 'BOOLEAN',
          TRY_VARIANT_GET(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t50`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'country'
            ),
            '$',
            'BOOLEAN'
          ),
          NULL
        ) AS STRING)
      ),
      '(none)'
    ) AS `segment`
  FROM (
    SELECT
      `t49`.`unit`,
      `t49`.`at`,
      `t49`.`day`,
      `t49`.`attributes`,
      `t49`.`variant`,
      `t49`.`m8_made`,
      IF(
        `t49`.`day` <= 20527,
        IF(
          COALESCE(`t28`.`s0`, CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_y`,
      IF(
        `t49`.`day` <= 20527,
        IF(
          COALESCE(`t28`.`s1`, CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_pre`,
      IF(
        `t49`.`day` <= 20527,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_a_past`,
      IF(
        `t49`.`day` <= 20527,
        IF(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            )
          ),
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_missing_past`,
      IF(
        `t49`.`day` <= 20526,
        LEAST(COALESCE(`t28`.`s2`, CAST(0.0 AS DOUBLE)), CAST(19.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS `m1_y`,
      IF(
        `t49`.`day` <= 20526,
        COALESCE(`t28`.`s2`, CAST(0.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS `m1_uncapped`,
      IF(
        `t49`.`day` <= 20526,
        COALESCE(`t28`.`s4`, CAST(0.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS `m1_d`,
      IF(
        `t49`.`day` <= 20526,
        LEAST(COALESCE(`t28`.`s3`, CAST(0.0 AS DOUBLE)), CAST(19.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS `m1_pre`,
      IF(
        `t49`.`day` <= 20526,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m1_a_past`,
      IF(
        `t49`.`day` <= 20526,
        IF(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            )
          ),
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m1_missing_past`,
      IF(
        `t49`.`day` <= 20525,
        IF(`t49`.`m8_made` = 3, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE)),
        CAST(NULL AS DOUBLE)
      ) AS `m8_y`,
      IF(
        `t49`.`day` <= 20525,
        IF(
          COALESCE(`t28`.`s6`, CAST(0.0 AS DOUBLE)) > 0,
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m8_pre`,
      IF(
        `t49`.`day` <= 20525,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m8_a_past`,
      IF(
        `t49`.`day` <= 20525,
        IF(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t49`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            )
          ),
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m8_missing_past`
    FROM (
      SELECT
        `t47`.`unit`,
        `t47`.`at`,
        `t47`.`day`,
        `t47`.`attributes`,
        `t47`.`variant`,
        `t47`.`m8_made`
      FROM (
        SELECT
          `t31`.`unit`,
          `t31`.`at`,
          `t31`.`day`,
          `t31`.`attributes`,
          `t31`.`variant`,
          `t46`.`unit` AS `unit_right`,
          `t46`.`m8_made`
        FROM `t29` AS `t31`
        LEFT OUTER JOIN (
          SELECT
            `t44`.`unit`,
            `t44`.`made` AS `m8_made`
          FROM (
            SELECT
              `t43`.`unit`,
              `t43`.`entered`,
              `t43`.`made` + IF(`t43`.`since` IS NULL, 0, 1) AS `made`,
              `t43`.`since`
            FROM (
              SELECT
                `t42`.`unit`,
                `t42`.`entered`,
                `t42`.`made`,
                MIN(
                  IF(
                    (
                      `t42`.`at` >= `t42`.`since`
                    )
                    AND (
                      (
                        `t42`.`day` - `t42`.`entered`
                      ) >= 0
                    )
                    AND (
                      (
                        `t42`.`day` - `t42`.`entered`
                      ) < 3
                    ),
                    `t42`.`at`,
                    NULL
                  )
                ) AS `since`
              FROM (
                SELECT
                  `t41`.`unit`,
                  `t41`.`entered`,
                  `t41`.`made`,
                  `t41`.`since`,
                  `t19`.`unit` AS `unit_right`,
                  `t19`.`at`,
                  `t19`.`day`
                FROM (
                  SELECT
                    `t39`.`unit`,
                    `t39`.`entered`,
                    `t39`.`made` + IF(`t39`.`since` IS NULL, 0, 1) AS `made`,
                    `t39`.`since`
                  FROM (
                    SELECT
                      `t38`.`unit`,
                      `t38`.`entered`,
                      `t38`.`made`,
                      MIN(
                        IF(
                          (
                            `t38`.`at` >= `t38`.`since`
                          )
                          AND (
                            (
                              `t38`.`day` - `t38`.`entered`
                            ) >= 0
                          )
                          AND (
                            (
                              `t38`.`day` - `t38`.`entered`
                            ) < 3
                          ),
                          `t38`.`at`,
                          NULL
                        )
                      ) AS `since`
                    FROM (
                      SELECT
                        `t37`.`unit`,
                        `t37`.`entered`,
                        `t37`.`made`,
                        `t37`.`since`,
                        `t20`.`unit` AS `unit_right`,
                        `t20`.`at`,
                        `t20`.`day`
                      FROM (
                        SELECT
                          `t35`.`unit`,
                          `t35`.`entered`,
                          `t35`.`made` + IF(`t35`.`since` IS NULL, 0, 1) AS `made`,
                          `t35`.`since`
                        FROM (
                          SELECT
                            `t34`.`unit`,
                            `t34`.`entered`,
                            `t34`.`made`,
                            MIN(
                              IF(
                                (
                                  `t34`.`at` >= `t34`.`since`
                                )
                                AND (
                                  (
                                    `t34`.`day` - `t34`.`entered`
                                  ) >= 0
                                )
                                AND (
                                  (
                                    `t34`.`day` - `t34`.`entered`
                                  ) < 3
                                ),
                                `t34`.`at`,
                                NULL
                              )
                            ) AS `since`
                          FROM (
                            SELECT
                              `t33`.`unit`,
                              `t33`.`entered`,
                              `t33`.`since`,
                              `t33`.`made`,
                              `t21`.`unit` AS `unit_right`,
                              `t21`.`at`,
                              `t21`.`day`
                            FROM (
                              SELECT
                                `t30`.`unit`,
                                `t30`.`day` AS `entered`,
                                `t30`.`at` AS `since`,
                                CAST(0 AS BIGINT) AS `made`
                              FROM `t29` AS `t30`
                            ) AS `t33`
                            LEFT OUTER JOIN (
                              SELECT
                                `t13`.`unit`,
                                `t13`.`at`,
                                `t13`.`day`
                              FROM (
                                SELECT
                                  *
                                FROM `t7` AS `t8`
                                WHERE
                                  `t8`.`measure` = 'c4316d54cb9e590e'
                              ) AS `t13`
                            ) AS `t21`
                              ON `t33`.`unit` = `t21`.`unit`
                          ) AS `t34`
                          GROUP BY
                            1,
                            2,
                            3
                        ) AS `t35`
                      ) AS `t37`
                      LEFT OUTER JOIN (
                        SELECT
                          `t12`.`unit`,
                          `t12`.`at`,
                          `t12`.`day`
                        FROM (
                          SELECT
                            *
                          FROM `t7` AS `t8`
                          WHERE
                            `t8`.`measure` = '15019fed6f53fd6d'
                        ) AS `t12`
                      ) AS `t20`
                        ON `t37`.`unit` = `t20`.`unit`
                    ) AS `t38`
                    GROUP BY
                      1,
                      2,
                      3
                  ) AS `t39`
                ) AS `t41`
                LEFT OUTER JOIN (
                  SELECT
                    `t11`.`unit`,
                    `t11`.`at`,
                    `t11`.`day`
                  FROM (
                    SELECT
                      *
                    FROM `t7` AS `t8`
                    WHERE
                      `t8`.`measure` = 'd440c1203aed298c'
                  ) AS `t11`
                ) AS `t19`
                  ON `t41`.`unit` = `t19`.`unit`
              ) AS `t42`
              GROUP BY
                1,
                2,
                3
            ) AS `t43`
          ) AS `t44`
        ) AS `t46`
          ON `t31`.`unit` = `t46`.`unit`
      ) AS `t47`
    ) AS `t49`
    LEFT OUTER JOIN (
      SELECT
        *
      FROM (
        SELECT
          `t24`.`unit`,
          `t24`.`s0`,
          `t24`.`s1`,
          `t24`.`s2`,
          `t24`.`s3`,
          `t24`.`s4`,
          `t24`.`s5`,
          CAST(NULL AS DOUBLE) AS `s6`
        FROM (
          SELECT
            `t23`.`unit`,
            SUM(
              IF(
                (
                  `t23`.`measure` = '15019fed6f53fd6d'
                )
                AND (
                  `t23`.`offset` >= 0
                )
                AND (
                  `t23`.`offset` < 1
                ),
                CAST(`t23`.`n` AS DOUBLE),
                NULL
              )
            ) AS `s0`,
            SUM(
              IF(
                (
                  `t23`.`measure` = '15019fed6f53fd6d'
                )
                AND (
                  `t23`.`offset` = -2
                )
                AND (
                  `t23`.`offset` < 0
                ),
                CAST(`t23`.`n` AS DOUBLE),
                NULL
              )
            ) AS `s1`,
            SUM(
              IF(
                (
                  `t23`.`measure` = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  `t23`.`offset` >= 0
                )
                AND (
                  `t23`.`offset` < 2
                ),
                `t23`.`total`,
                NULL
              )
            ) AS `s2`,
            SUM(
              IF(
                (
                  `t23`.`measure` = 'a0a20fe4cf3aa4ce'
                )
                AND (
                  `t23`.`offset` = -1
                )
                AND (
                  `t23`.`offset` < 0
                ),
                `t23`.`total`,
                NULL
              )
            ) AS `s3`,
            SUM(
              IF(
                (
                  `t23`.`measure` = 'c4316d54cb9e590e'
                )
                AND (
                  `t23`.`offset` >= 0
                )
                AND (
                  `t23`.`offset` < 2
                ),
                CAST(`t23`.`n` AS DOUBLE),
                NULL
              )
            ) AS `s4`,
            SUM(
              IF(
                (
                  `t23`.`measure` = 'c4316d54cb9e590e'
                )
                AND (
                  `t23`.`offset` = -1
                )
                AND (
                  `t23`.`offset` < 0
                ),
                CAST(`t23`.`n` AS DOUBLE),
                NULL
              )
            ) AS `s5`
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
                  FROM `outcome_days` AS `t1`
                  WHERE
                    `t1`.`experiment` = 'checkout' AND `t1`.`phase` = 2
                ) AS `t5`
                WHERE
                  `t5`.`day` >= 20526 AND (
                    `t5`.`day` - `t5`.`offset`
                  ) >= 20526
              ) AS `t10`
              WHERE
                `t10`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
                AND `t10`.`offset` >= -2
            ) AS `t18`
            WHERE
              `t18`.`offset` < 2
          ) AS `t23`
          GROUP BY
            1
        ) AS `t24`
      ) AS `t25`
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          `t4`.`unit`,
          ELEMENT_AT(`t4`.`totals`, 1 + 1) AS `s0`,
          ELEMENT_AT(`t4`.`totals`, 0 + 1) AS `s1`,
          ELEMENT_AT(`t4`.`totals`, 3 + 1) AS `s2`,
          ELEMENT_AT(`t4`.`totals`, 2 + 1) AS `s3`,
          ELEMENT_AT(`t4`.`totals`, 5 + 1) AS `s4`,
          ELEMENT_AT(`t4`.`totals`, 4 + 1) AS `s5`,
          ELEMENT_AT(`t4`.`totals`, 6 + 1) AS `s6`
        FROM (
          SELECT
            *
          FROM `total_days` AS `t0`
          WHERE
            `t0`.`experiment` = 'checkout'
            AND `t0`.`phase` = 2
            AND `t0`.`windows` = 'fef738c32a50acca'
        ) AS `t4`
      ) AS `t9`
    ) AS `t28`
      ON `t49`.`unit` = `t28`.`unit`
  ) AS `t50`
) AS `t51`
GROUP BY
  1,
  2;

-- quantile_values
SELECT
  `t16`.`unit`,
  `t16`.`variant`,
  `t16`.`segment`,
  `t16`.`value`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t14`.`unit`,
      `t14`.`variant`,
      `t14`.`segment`,
      `t14`.`since`,
      `t14`.`entered`,
      `t5`.`at`,
      `t5`.`value`,
      `t5`.`day`
    FROM (
      SELECT
        `t12`.`unit`,
        `t12`.`variant`,
        `t12`.`segment`,
        `t12`.`at` AS `since`,
        `t12`.`day` AS `entered`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t10`.`unit`,
            `t10`.`at`,
            `t10`.`day`,
            `t10`.`attributes`,
            `t10`.`variant`,
            `t10`.`m10_done`,
            `t10`.`m10_a_past`,
            `t10`.`m10_missing_past`,
            '' AS `segment`
          FROM (
            SELECT
              `t9`.`unit`,
              `t9`.`at`,
              `t9`.`day`,
              `t9`.`attributes`,
              `t9`.`variant`,
              IF(`t9`.`day` <= 20526, CAST(1.0 AS DOUBLE), CAST(NULL AS DOUBLE)) AS `m10_done`,
              IF(
                `t9`.`day` <= 20526,
                COALESCE(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ),
                  CAST(0.0 AS DOUBLE)
                ),
                CAST(NULL AS DOUBLE)
              ) AS `m10_a_past`,
              IF(
                `t9`.`day` <= 20526,
                IF(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ) IS NULL
                  OR ISNAN(
                    IF(
                      SCHEMA_OF_VARIANT(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        )
                      ) IN ('STRING', 'BOOLEAN'),
                      NULL,
                      TRY_VARIANT_GET(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        ),
                        '$',
                        'DOUBLE'
                      )
                    )
                  ),
                  CAST(1.0 AS DOUBLE),
                  CAST(0.0 AS DOUBLE)
                ),
                CAST(NULL AS DOUBLE)
              ) AS `m10_missing_past`
            FROM (
              SELECT
                `t8`.`unit`,
                `t8`.`at`,
                `t8`.`day`,
                `t8`.`attributes`,
                `t8`.`order` % 64 AS `variant`
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    `t6`.`unit`,
                    MIN(`t6`.`order`) AS `order`,
                    MIN(IF(`t6`.`order` IS NOT NULL, `t6`.`at`, NULL)) AS `at`,
                    MIN(IF(`t6`.`order` IS NOT NULL, `t6`.`day`, NULL)) AS `day`,
                    MIN(`t6`.`phase`) AS `phase`,
                    MIN(`t6`.`position`) AS `low`,
                    MAX(`t6`.`position`) AS `high`,
                    MIN_BY(
                      IF(`t6`.`order` IS NOT NULL, `t6`.`attributes`, NULL),
                      IF(`t6`.`order` IS NOT NULL, `t6`.`order`, NULL)
                    ) AS `attributes`
                  FROM (
                    SELECT
                      `t3`.`unit`,
                      `t3`.`at`,
                      `t3`.`day`,
                      `t3`.`phase`,
                      `t3`.`attributes`,
                      IF(
                        `t3`.`phase` = 2,
                        CASE `t3`.`variant`
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE CAST(NULL AS BIGINT)
                        END,
                        CAST(NULL AS BIGINT)
                      ) AS `position`,
                      (
                        `t3`.`at` * 64
                      ) + IF(
                        `t3`.`phase` = 2,
                        CASE `t3`.`variant`
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE CAST(NULL AS BIGINT)
                        END,
                        CAST(NULL AS BIGINT)
                      ) AS `order`
                    FROM (
                      SELECT
                        *
                      FROM `exposure_days` AS `t1`
                      WHERE
                        `t1`.`experiment` = 'checkout' AND NOT (
                          `t1`.`forced`
                        ) AND `t1`.`phase` <= 2
                    ) AS `t3`
                  ) AS `t6`
                  GROUP BY
                    1
                ) AS `t7`
                WHERE
                  `t7`.`order` IS NOT NULL
                  AND `t7`.`low` = `t7`.`high`
                  AND NOT (
                    (
                      `t7`.`day` > 20525
                    ) OR (
                      `t7`.`day` < 20519
                    )
                  )
                  AND NOT (
                    COALESCE(
                      (
                        IF(
                          SCHEMA_OF_VARIANT(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'past'
                            )
                          ) = 'STRING',
                          TRY_VARIANT_GET(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'past'
                            ),
                            '$',
                            'STRING'
                          ),
                          NULL
                        ) = 'many'
                      )
                      OR (
                        IF(
                          SCHEMA_OF_VARIANT(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'past'
                            )
                          ) IN ('STRING', 'BOOLEAN'),
                          NULL,
                          TRY_VARIANT_GET(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'past'
                            ),
                            '$',
                            'DOUBLE'
                          )
                        ) = CAST(2.5 AS DOUBLE)
                      ),
                      FALSE
                    )
                    OR COALESCE(
                      IF(
                        SCHEMA_OF_VARIANT(
                          TRY_ELEMENT_AT(
                            TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                            'country'
                          )
                        ) = 'BOOLEAN',
                        TRY_VARIANT_GET(
                          TRY_ELEMENT_AT(
                            TRY_VARIANT_GET(TRY_PARSE_JSON(`t7`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                            'country'
                          ),
                          '$',
                          'BOOLEAN'
                        ),
                        NULL
                      ) = TRUE,
                      FALSE
                    )
                  )
                  AND `t7`.`phase` >= 2
              ) AS `t8`
            ) AS `t9`
          ) AS `t10`
        ) AS `t11`
        WHERE
          `t11`.`m10_done` IS NOT NULL AND NOT ISNAN(`t11`.`m10_done`)
      ) AS `t12`
    ) AS `t14`
    INNER JOIN (
      SELECT
        `t2`.`unit`,
        `t2`.`at`,
        `t2`.`value`,
        `t2`.`day`
      FROM (
        SELECT
          *
        FROM `unit_events` AS `t0`
        WHERE
          `t0`.`measure` = '15019fed6f53fd6d'
          AND (
            `t0`.`value` IS NOT NULL AND NOT ISNAN(`t0`.`value`)
          )
      ) AS `t2`
    ) AS `t5`
      ON `t14`.`unit` = `t5`.`unit`
  ) AS `t15`
  WHERE
    `t15`.`at` >= `t15`.`since`
    AND (
      `t15`.`day` - `t15`.`entered`
    ) >= 0
    AND (
      `t15`.`day` - `t15`.`entered`
    ) < 2
) AS `t16`;

-- quantile_sizes
SELECT
  `t0`.`variant`,
  `t0`.`segment`,
  COUNT(*) AS `events`
FROM `found` AS `t0`
GROUP BY
  1,
  2;

-- quantile_levels
SELECT
  `t4`.`variant`,
  `t4`.`segment`,
  `t4`.`rank`,
  `t4`.`value`
FROM (
  SELECT
    `t0`.`unit`,
    `t0`.`variant`,
    `t0`.`segment`,
    `t0`.`value`,
    ROW_NUMBER() OVER (PARTITION BY `t0`.`variant`, `t0`.`segment` ORDER BY `t0`.`value` ASC NULLS LAST) - 1 AS `rank`
  FROM `found` AS `t0`
) AS `t4`
INNER JOIN `uses` AS `t2`
  ON `t4`.`variant` = `t2`.`variant`
  AND `t4`.`segment` = `t2`.`segment`
  AND `t4`.`rank` = `t2`.`rank`;

-- quantile_units
SELECT
  `t11`.`unit`,
  `t11`.`at`,
  `t11`.`day`,
  `t11`.`attributes`,
  `t11`.`variant`,
  `t11`.`m10_done`,
  `t11`.`m10_a_past`,
  `t11`.`m10_missing_past`,
  `t11`.`segment`,
  `t11`.`at_most`,
  `t11`.`every`,
  IF(
    `t11`.`m10_done` IS NOT NULL AND NOT ISNAN(`t11`.`m10_done`),
    COALESCE(`t11`.`at_most`, CAST(0.0 AS DOUBLE)),
    CAST(NULL AS DOUBLE)
  ) AS `m10_y`,
  IF(
    `t11`.`m10_done` IS NOT NULL AND NOT ISNAN(`t11`.`m10_done`),
    COALESCE(`t11`.`every`, CAST(0.0 AS DOUBLE)),
    CAST(NULL AS DOUBLE)
  ) AS `m10_d`
FROM (
  SELECT
    `t10`.`unit`,
    `t10`.`at`,
    `t10`.`day`,
    `t10`.`attributes`,
    `t10`.`variant`,
    `t10`.`m10_done`,
    `t10`.`m10_a_past`,
    `t10`.`m10_missing_past`,
    `t10`.`segment`,
    `t10`.`at_most`,
    `t10`.`every`
  FROM (
    SELECT
      `t9`.`unit`,
      `t9`.`at`,
      `t9`.`day`,
      `t9`.`attributes`,
      `t9`.`variant`,
      `t9`.`m10_done`,
      `t9`.`m10_a_past`,
      `t9`.`m10_missing_past`,
      `t9`.`segment`,
      `t9`.`segment_right`,
      `t9`.`at_most`,
      `t9`.`every`
    FROM (
      SELECT
        `t3`.`unit`,
        `t3`.`at`,
        `t3`.`day`,
        `t3`.`attributes`,
        `t3`.`variant`,
        `t3`.`m10_done`,
        `t3`.`m10_a_past`,
        `t3`.`m10_missing_past`,
        `t3`.`segment`,
        `t8`.`unit` AS `unit_right`,
        `t8`.`segment` AS `segment_right`,
        `t8`.`at_most`,
        `t8`.`every`
      FROM `units` AS `t3`
      LEFT OUTER JOIN (
        SELECT
          `t6`.`unit`,
          `t6`.`segment`,
          SUM(IF(`t6`.`value` <= `t6`.`middle`, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE))) AS `at_most`,
          CAST(COUNT(*) AS DOUBLE) AS `every`
        FROM (
          SELECT
            `t4`.`unit`,
            `t4`.`variant`,
            `t4`.`segment`,
            `t4`.`value`,
            `t5`.`middle`
          FROM `found` AS `t4`
          INNER JOIN `uses` AS `t5`
            ON `t4`.`variant` = `t5`.`variant` AND `t4`.`segment` = `t5`.`segment`
        ) AS `t6`
        GROUP BY
          1,
          2
      ) AS `t8`
        ON `t3`.`unit` = `t8`.`unit` AND `t3`.`segment` = `t8`.`segment`
    ) AS `t9`
  ) AS `t10`
) AS `t11`;

-- finished
SELECT DISTINCT
  *
FROM (
  SELECT
    `t1`.`day`
  FROM (
    SELECT
      *
    FROM `total_days` AS `t0`
    WHERE
      `t0`.`experiment` = 'checkout'
      AND `t0`.`phase` = 2
      AND `t0`.`windows` = 'fef738c32a50acca'
  ) AS `t1`
) AS `t2`;

-- counts
SELECT
  `t5`.`variant`,
  COALESCE(SUM(CAST(NOT (
    `t5`.`outside`
  ) AND NOT (
    `t5`.`earlier`
  ) AS INT)), 0) AS `split`,
  COALESCE(
    SUM(
      CAST(`t5`.`crossover`
      AND (
        NOT (
          `t5`.`outside`
        ) AND NOT (
          `t5`.`earlier`
        )
      ) AS INT)
    ),
    0
  ) AS `crossovers`,
  COALESCE(SUM(CAST(`t5`.`earlier` AND NOT (
    `t5`.`outside`
  ) AS INT)), 0) AS `earlier_phase`,
  COALESCE(SUM(CAST(`t5`.`outside` AS INT)), 0) AS `outside_enrolment`,
  COALESCE(
    SUM(
      CAST((
        COALESCE(
          (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) = 'STRING',
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'STRING'
              ),
              NULL
            ) = 'many'
          )
          OR (
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            ) = CAST(2.5 AS DOUBLE)
          ),
          FALSE
        )
        OR COALESCE(
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              )
            ) = 'BOOLEAN',
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t5`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              ),
              '$',
              'BOOLEAN'
            ),
            NULL
          ) = TRUE,
          FALSE
        )
      )
      AND (
        NOT (
          `t5`.`outside`
        ) AND NOT (
          `t5`.`earlier`
        )
      ) AS INT)
    ),
    0
  ) AS `filtered`
FROM (
  SELECT
    `t4`.`unit`,
    `t4`.`at`,
    `t4`.`day`,
    `t4`.`attributes`,
    `t4`.`order` % 64 AS `variant`,
    `t4`.`low` <> `t4`.`high` AS `crossover`,
    `t4`.`phase` < 2 AS `earlier`,
    (
      `t4`.`day` > 20525
    ) OR (
      `t4`.`day` < 20519
    ) AS `outside`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t2`.`unit`,
        MIN(`t2`.`order`) AS `order`,
        MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`at`, NULL)) AS `at`,
        MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`day`, NULL)) AS `day`,
        MIN(`t2`.`phase`) AS `phase`,
        MIN(`t2`.`position`) AS `low`,
        MAX(`t2`.`position`) AS `high`,
        MIN_BY(
          IF(`t2`.`order` IS NOT NULL, `t2`.`attributes`, NULL),
          IF(`t2`.`order` IS NOT NULL, `t2`.`order`, NULL)
        ) AS `attributes`
      FROM (
        SELECT
          `t1`.`unit`,
          `t1`.`at`,
          `t1`.`day`,
          `t1`.`phase`,
          `t1`.`attributes`,
          IF(
            `t1`.`phase` = 2,
            CASE `t1`.`variant`
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS BIGINT)
            END,
            CAST(NULL AS BIGINT)
          ) AS `position`,
          (
            `t1`.`at` * 64
          ) + IF(
            `t1`.`phase` = 2,
            CASE `t1`.`variant`
              WHEN 'control'
              THEN 0
              WHEN 'blue'
              THEN 1
              WHEN 'green'
              THEN 2
              ELSE CAST(NULL AS BIGINT)
            END,
            CAST(NULL AS BIGINT)
          ) AS `order`
        FROM (
          SELECT
            *
          FROM `exposure_days` AS `t0`
          WHERE
            `t0`.`experiment` = 'checkout' AND NOT (
              `t0`.`forced`
            ) AND `t0`.`phase` <= 2
        ) AS `t1`
      ) AS `t2`
      GROUP BY
        1
    ) AS `t3`
    WHERE
      `t3`.`order` IS NOT NULL
  ) AS `t4`
) AS `t5`
GROUP BY
  1;

-- forced
SELECT
  COUNT(DISTINCT `t1`.`unit`) AS `CountDistinct(unit)`
FROM (
  SELECT
    *
  FROM `exposure_days` AS `t0`
  WHERE
    `t0`.`experiment` = 'checkout' AND `t0`.`forced`
) AS `t1`;

-- slices_sample
SELECT
  `t9`.`attributes`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t6`.`unit`,
      `t6`.`variant`,
      `t6`.`day`,
      `t6`.`attributes`
    FROM (
      SELECT
        *
      FROM (
        SELECT
          `t4`.`unit`,
          `t4`.`at`,
          `t4`.`day`,
          `t4`.`attributes`,
          `t4`.`order` % 64 AS `variant`,
          `t4`.`low` <> `t4`.`high` AS `crossover`,
          `t4`.`phase` < 2 AS `earlier`,
          (
            `t4`.`day` > 20525
          ) OR (
            `t4`.`day` < 20519
          ) AS `outside`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t2`.`unit`,
              MIN(`t2`.`order`) AS `order`,
              MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`at`, NULL)) AS `at`,
              MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`day`, NULL)) AS `day`,
              MIN(`t2`.`phase`) AS `phase`,
              MIN(`t2`.`position`) AS `low`,
              MAX(`t2`.`position`) AS `high`,
              MIN_BY(
                IF(`t2`.`order` IS NOT NULL, `t2`.`attributes`, NULL),
                IF(`t2`.`order` IS NOT NULL, `t2`.`order`, NULL)
              ) AS `attributes`
            FROM (
              SELECT
                `t1`.`unit`,
                `t1`.`at`,
                `t1`.`day`,
                `t1`.`phase`,
                `t1`.`attributes`,
                IF(
                  `t1`.`phase` = 2,
                  CASE `t1`.`variant`
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE CAST(NULL AS BIGINT)
                  END,
                  CAST(NULL AS BIGINT)
                ) AS `position`,
                (
                  `t1`.`at` * 64
                ) + IF(
                  `t1`.`phase` = 2,
                  CASE `t1`.`variant`
                    WHEN 'control'
                    THEN 0
                    WHEN 'blue'
                    THEN 1
                    WHEN 'green'
                    THEN 2
                    ELSE CAST(NULL AS BIGINT)
                  END,
                  CAST(NULL AS BIGINT)
                ) AS `order`
              FROM (
                SELECT
                  *
                FROM `exposure_days` AS `t0`
                WHERE
                  `t0`.`experiment` = 'checkout' AND NOT (
                    `t0`.`forced`
                  ) AND `t0`.`phase` <= 2
              ) AS `t1`
            ) AS `t2`
            GROUP BY
              1
          ) AS `t3`
          WHERE
            `t3`.`order` IS NOT NULL
        ) AS `t4`
      ) AS `t5`
      WHERE
        NOT (
          `t5`.`outside`
        ) AND NOT (
          `t5`.`earlier`
        )
    ) AS `t6`
  ) AS `t7`
  ORDER BY
    `t7`.`unit` ASC NULLS LAST
  LIMIT 1000
) AS `t9`;

-- slices
WITH `t7` AS (
  SELECT
    `t6`.`unit`,
    `t6`.`variant`,
    `t6`.`day`,
    `t6`.`attributes`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t4`.`unit`,
        `t4`.`at`,
        `t4`.`day`,
        `t4`.`attributes`,
        `t4`.`order` % 64 AS `variant`,
        `t4`.`low` <> `t4`.`high` AS `crossover`,
        `t4`.`phase` < 2 AS `earlier`,
        (
          `t4`.`day` > 20525
        ) OR (
          `t4`.`day` < 20519
        ) AS `outside`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t2`.`unit`,
            MIN(`t2`.`order`) AS `order`,
            MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`at`, NULL)) AS `at`,
            MIN(IF(`t2`.`order` IS NOT NULL, `t2`.`day`, NULL)) AS `day`,
            MIN(`t2`.`phase`) AS `phase`,
            MIN(`t2`.`position`) AS `low`,
            MAX(`t2`.`position`) AS `high`,
            MIN_BY(
              IF(`t2`.`order` IS NOT NULL, `t2`.`attributes`, NULL),
              IF(`t2`.`order` IS NOT NULL, `t2`.`order`, NULL)
            ) AS `attributes`
          FROM (
            SELECT
              `t1`.`unit`,
              `t1`.`at`,
              `t1`.`day`,
              `t1`.`phase`,
              `t1`.`attributes`,
              IF(
                `t1`.`phase` = 2,
                CASE `t1`.`variant`
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE CAST(NULL AS BIGINT)
                END,
                CAST(NULL AS BIGINT)
              ) AS `position`,
              (
                `t1`.`at` * 64
              ) + IF(
                `t1`.`phase` = 2,
                CASE `t1`.`variant`
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE CAST(NULL AS BIGINT)
                END,
                CAST(NULL AS BIGINT)
              ) AS `order`
            FROM (
              SELECT
                *
              FROM `exposure_days` AS `t0`
              WHERE
                `t0`.`experiment` = 'checkout' AND NOT (
                  `t0`.`forced`
                ) AND `t0`.`phase` <= 2
            ) AS `t1`
          ) AS `t2`
          GROUP BY
            1
        ) AS `t3`
        WHERE
          `t3`.`order` IS NOT NULL
      ) AS `t4`
    ) AS `t5`
    WHERE
      NOT (
        `t5`.`outside`
      ) AND NOT (
        `t5`.`earlier`
      )
  ) AS `t6`
)
SELECT
  *
FROM (
  SELECT
    `t10`.`variant`,
    `t10`.`value`,
    `t10`.`units`,
    'day' AS `dimension`
  FROM (
    SELECT
      `t9`.`variant`,
      `t9`.`value`,
      COUNT(*) AS `units`
    FROM (
      SELECT
        `t8`.`variant`,
        CAST(`t8`.`day` AS STRING) AS `value`
      FROM `t7` AS `t8`
    ) AS `t9`
    GROUP BY
      1,
      2
  ) AS `t10`
) AS `t11`
UNION ALL
SELECT
  *
FROM (
  SELECT
    `t13`.`variant`,
    `t13`.`value`,
    `t13`.`units`,
    'country' AS `dimension`
  FROM (
    SELECT
      `t12`.`variant`,
      `t12`.`value`,
      COUNT(*) AS `units`
    FROM (
      SELECT
        `t8`.`variant`,
        COALESCE(
          COALESCE(
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                )
              ) = 'STRING',
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                ),
                '$',
                'STRING'
              ),
              NULL
            ),
            IF(
              (
                IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'country'
                    )
                  ) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'country'
                    ),
                    '$',
                    'DOUBLE'
                  )
                ) = CAST(ROUND(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ),
                  0
                ) AS BIGINT)
              )
              AND (
                ABS(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  )
                ) < 9007199254740992
              ),
              CAST(CAST(IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  ),
                  '$',
                  'DOUBLE'
                )
              ) AS BIGINT) AS STRING),
              CAST(IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  ),
                  '$',
                  'DOUBLE'
                )
              ) AS STRING)
            ),
            CAST(IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                )
              ) = 'BOOLEAN',
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'country'
                ),
                '$',
                'BOOLEAN'
              ),
              NULL
            ) AS STRING)
          ),
          '(none)'
        ) AS `value`
      FROM `t7` AS `t8`
    ) AS `t12`
    GROUP BY
      1,
      2
  ) AS `t13`
) AS `t14`;

-- overlaps
SELECT
  `t7`.`experiment`,
  `t7`.`unit`,
  `t7`.`other`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t5`.`experiment`,
      `t5`.`unit`,
      MIN(`t5`.`variant`) AS `other`,
      MAX(`t5`.`variant`) AS `last`
    FROM (
      SELECT
        `t4`.`experiment`,
        `t4`.`phase`,
        `t4`.`unit`,
        `t4`.`variant`,
        `t4`.`forced`,
        `t4`.`at`,
        `t4`.`attributes`,
        `t4`.`day`
      FROM (
        SELECT
          *
        FROM `exposure_days` AS `t0`
        WHERE
          `t0`.`phase` = 1 AND `t0`.`experiment` IN ('sign-up') AND NOT (
            `t0`.`forced`
          )
      ) AS `t4`
      LEFT SEMI JOIN `units` AS `t2`
        ON `t4`.`unit` = `t2`.`unit`
    ) AS `t5`
    GROUP BY
      1,
      2
  ) AS `t6`
  WHERE
    `t6`.`other` = `t6`.`last`
) AS `t7`;

-- overlaps_shared
SELECT
  `t0`.`experiment`,
  COUNT(*) AS `units`
FROM `groups` AS `t0`
GROUP BY
  1;

-- overlaps_moments
SELECT
  `t5`.`variant`,
  `t5`.`segment`,
  COUNT(*) AS `units`,
  COUNT(`t5`.`m2_y`) AS `n_m2_y`,
  AVG(`t5`.`m2_y`) AS `mean_m2_y`,
  VARIANCE(`t5`.`m2_y`) AS `cov_m2_y_m2_y`
FROM (
  SELECT
    `t2`.`unit`,
    `t2`.`at`,
    `t2`.`day`,
    `t2`.`attributes`,
    `t2`.`variant`,
    `t2`.`m8_made`,
    `t2`.`m2_y`,
    `t2`.`m2_pre`,
    `t2`.`m2_a_past`,
    `t2`.`m2_missing_past`,
    `t2`.`m1_y`,
    `t2`.`m1_uncapped`,
    `t2`.`m1_d`,
    `t2`.`m1_pre`,
    `t2`.`m1_a_past`,
    `t2`.`m1_missing_past`,
    `t2`.`m8_y`,
    `t2`.`m8_pre`,
    `t2`.`m8_a_past`,
    `t2`.`m8_missing_past`,
    `t4`.`segment`
  FROM `units` AS `t2`
  INNER JOIN (
    SELECT
      `t1`.`unit`,
      CONCAT(CONCAT(`t1`.`experiment`, '\n'), `t1`.`other`) AS `segment`
    FROM `groups` AS `t1`
  ) AS `t4`
    ON `t2`.`unit` = `t4`.`unit`
) AS `t5`
GROUP BY
  1,
  2;

-- days_since
SELECT
  `t9`.`unit`,
  `t9`.`offset`,
  `t3`.`variant`,
  `t3`.`day`,
  IF(`t9`.`s0` > 0, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE)) AS `m2_y`,
  LEAST(`t9`.`s1`, CAST(19.0 AS DOUBLE)) AS `m1_y`,
  `t9`.`s2` AS `m1_d`
FROM (
  SELECT
    `t7`.`unit`,
    `t7`.`offset`,
    COALESCE(
      SUM(IF(`t7`.`measure` = '15019fed6f53fd6d', CAST(`t7`.`n` AS DOUBLE), NULL)),
      CAST(0.0 AS DOUBLE)
    ) AS `s0`,
    COALESCE(
      SUM(IF(`t7`.`measure` = 'a0a20fe4cf3aa4ce', `t7`.`total`, NULL)),
      CAST(0.0 AS DOUBLE)
    ) AS `s1`,
    COALESCE(
      SUM(IF(`t7`.`measure` = 'c4316d54cb9e590e', CAST(`t7`.`n` AS DOUBLE), NULL)),
      CAST(0.0 AS DOUBLE)
    ) AS `s2`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t5`.`unit`,
        `t5`.`measure`,
        `t5`.`offset`,
        `t5`.`active_days`,
        `t5`.`n`,
        `t5`.`total`,
        `t5`.`day`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            *
          FROM `outcome_days` AS `t1`
          WHERE
            `t1`.`experiment` = 'checkout' AND `t1`.`phase` = 2
        ) AS `t4`
        WHERE
          `t4`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e')
      ) AS `t5`
    ) AS `t6`
    WHERE
      `t6`.`offset` >= 0 AND `t6`.`offset` < 28
  ) AS `t7`
  GROUP BY
    1,
    2
) AS `t9`
INNER JOIN (
  SELECT
    `t0`.`unit`,
    `t0`.`variant`,
    `t0`.`day`
  FROM `units` AS `t0`
) AS `t3`
  ON `t9`.`unit` = `t3`.`unit`;

-- enrolment
SELECT
  `t0`.`variant`,
  `t0`.`day`,
  COUNT(*) AS `units`
FROM `units` AS `t0`
GROUP BY
  1,
  2;

-- offsets
SELECT
  `t1`.`variant`,
  `t1`.`segment`,
  COUNT(*) AS `units`,
  COUNT(`t1`.`m2_y`) AS `n_m2_y`,
  AVG(`t1`.`m2_y`) AS `mean_m2_y`,
  VARIANCE(`t1`.`m2_y`) AS `cov_m2_y_m2_y`,
  COUNT(`t1`.`m1_y`) AS `n_m1_y`,
  AVG(`t1`.`m1_y`) AS `mean_m1_y`,
  AVG(`t1`.`m1_d`) AS `mean_m1_d`,
  VARIANCE(`t1`.`m1_y`) AS `cov_m1_y_m1_y`,
  COVAR_SAMP(`t1`.`m1_y`, `t1`.`m1_d`) AS `cov_m1_y_m1_d`,
  VARIANCE(`t1`.`m1_d`) AS `cov_m1_d_m1_d`
FROM (
  SELECT
    `t0`.`unit`,
    `t0`.`offset`,
    `t0`.`variant`,
    `t0`.`day`,
    `t0`.`m2_y`,
    `t0`.`m1_y`,
    `t0`.`m1_d`,
    `t0`.`offset` AS `segment`
  FROM `days` AS `t0`
) AS `t1`
GROUP BY
  1,
  2;

-- spreads
SELECT
  `t5`.`variant`,
  `t5`.`day`,
  COUNT(*) AS `units`,
  AVG(`t5`.`sum_0`) AS `mean_0`,
  VARIANCE(`t5`.`sum_0`) AS `var_0`
FROM (
  SELECT
    `t4`.`unit`,
    MIN(`t4`.`variant`) AS `variant`,
    MIN(`t4`.`day`) AS `day`,
    SUM((
      `t4`.`m1_y` * `t4`.`w0_y`
    ) + (
      `t4`.`m1_d` * `t4`.`w0_d`
    )) AS `sum_0`
  FROM (
    SELECT
      `t2`.`unit`,
      `t2`.`offset`,
      `t2`.`variant`,
      `t2`.`day`,
      `t2`.`m2_y`,
      `t2`.`m1_y`,
      `t2`.`m1_d`,
      `t3`.`w0_y`,
      `t3`.`w0_d`
    FROM `days` AS `t2`
    INNER JOIN `uses` AS `t3`
      ON `t2`.`variant` = `t3`.`variant` AND `t2`.`offset` = `t3`.`offset`
  ) AS `t4`
  GROUP BY
    1
) AS `t5`
GROUP BY
  1,
  2;

-- deliveries
SELECT
  `t9`.`units`,
  `t9`.`unmatched`,
  `t11`.`rows`,
  `t11`.`ahead`,
  `t11`.`settled`,
  `t11`.`late`
FROM (
  SELECT
    SUM(
      CAST((
        `t0`.`m2_y` IS NOT NULL AND NOT ISNAN(`t0`.`m2_y`)
      )
      OR (
        `t0`.`m1_y` IS NOT NULL AND NOT ISNAN(`t0`.`m1_y`)
      )
      OR (
        `t0`.`m8_y` IS NOT NULL AND NOT ISNAN(`t0`.`m8_y`)
      ) AS INT)
    ) AS `units`,
    SUM(
      CAST((
        (
          `t0`.`m2_y` IS NOT NULL AND NOT ISNAN(`t0`.`m2_y`)
        )
        OR (
          `t0`.`m1_y` IS NOT NULL AND NOT ISNAN(`t0`.`m1_y`)
        )
        OR (
          `t0`.`m8_y` IS NOT NULL AND NOT ISNAN(`t0`.`m8_y`)
        )
      )
      AND NOT (
        COALESCE(`t0`.`m2_y`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m2_pre`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m1_y`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m1_d`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m1_pre`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m8_y`, CAST(0.0 AS DOUBLE)) <> 0
      )
      AND NOT (
        COALESCE(`t0`.`m8_pre`, CAST(0.0 AS DOUBLE)) <> 0
      ) AS INT)
    ) AS `unmatched`
  FROM `units` AS `t0`
) AS `t9`
CROSS JOIN (
  SELECT
    COUNT(*) AS `rows`,
    SUM(CAST((
      `t7`.`received` - `t7`.`at`
    ) < -60000000 AS INT)) AS `ahead`,
    SUM(
      CAST((
        `t7`.`day` = 20525
      )
      AND (
        (
          (
            `t7`.`received` - `t7`.`at`
          ) <> 0
        ) AND (
          `t7`.`at` >= 0
        )
      ) AS INT)
    ) AS `settled`,
    SUM(
      CAST((
        `t7`.`day` = 20525
      )
      AND (
        (
          (
            `t7`.`received` - `t7`.`at`
          ) <> 0
        ) AND (
          `t7`.`at` >= 0
        )
      )
      AND (
        (
          `t7`.`received` - `t7`.`at`
        ) > 86400000000
      ) AS INT)
    ) AS `late`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t3`.`at`,
        `t3`.`received`,
        `t3`.`day`
      FROM (
        SELECT
          *
        FROM `exposures` AS `t1`
        WHERE
          `t1`.`experiment` = 'checkout'
      ) AS `t3`
    ) AS `t5`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t4`.`at`,
        `t4`.`received`,
        `t4`.`day`
      FROM (
        SELECT
          *
        FROM `events` AS `t2`
        WHERE
          `t2`.`name` IN ('order', 'visit') AND `t2`.`unit_type` = 'account'
      ) AS `t4`
    ) AS `t6`
  ) AS `t7`
) AS `t11`;

-- newcomers
SELECT
  `t2`.`first`,
  COUNT(*) AS `units`
FROM (
  SELECT
    `t1`.`unit`,
    MIN(`t1`.`day`) AS `first`
  FROM (
    SELECT
      *
    FROM `unit_days` AS `t0`
    WHERE
      `t0`.`unit_type` = 'account'
      AND `t0`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
  ) AS `t1`
  GROUP BY
    1
) AS `t2`
GROUP BY
  1;

-- first_seen
SELECT
  `t7`.`entered`,
  COUNT(*) AS `units`
FROM (
  SELECT
    `t6`.`unit`,
    MIN(`t6`.`at`) AS `entered_at`,
    MIN(`t6`.`day`) AS `entered`
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t2`.`unit`,
        `t2`.`at`,
        `t2`.`day`
      FROM (
        SELECT
          *
        FROM `exposures` AS `t0`
        WHERE
          `t0`.`experiment` IN ('checkout') AND NOT (
            `t0`.`forced`
          )
      ) AS `t2`
    ) AS `t4`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t3`.`unit`,
        `t3`.`at`,
        `t3`.`day`
      FROM (
        SELECT
          *
        FROM `events` AS `t1`
        WHERE
          `t1`.`unit_type` = 'account'
      ) AS `t3`
    ) AS `t5`
  ) AS `t6`
  GROUP BY
    1
) AS `t7`
GROUP BY
  1;

-- attribute_counts
SELECT
  `t4`.`country`,
  COUNT(DISTINCT `t4`.`unit`) AS `units`
FROM (
  SELECT DISTINCT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t1`.`unit`,
        TO_JSON(
          TRY_ELEMENT_AT(
            TRY_VARIANT_GET(TRY_PARSE_JSON(`t1`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
            'country'
          )
        ) AS `country`
      FROM (
        SELECT
          *
        FROM `exposures` AS `t0`
        WHERE
          `t0`.`experiment` IN ('checkout') AND NOT (
            `t0`.`forced`
          )
      ) AS `t1`
    ) AS `t2`
    WHERE
      `t2`.`country` IS NOT NULL AND `t2`.`country` <> 'null'
  ) AS `t3`
) AS `t4`
GROUP BY
  1;

-- full_per_visit
WITH `t3` AS (
  SELECT
    *
  FROM `exposures` AS `t1`
  WHERE
    `t1`.`experiment` = 'checkout' AND NOT (
      `t1`.`forced`
    )
), `t21` AS (
  SELECT
    `t20`.`unit`,
    `t20`.`variant`,
    `t20`.`segment`,
    COALESCE(`t20`.`a_past`, CAST(0.0 AS DOUBLE)) AS `a_past`,
    `t20`.`entered`,
    IF(`t20`.`y` > CAST(19.0 AS DOUBLE), CAST(19.0 AS DOUBLE), `t20`.`y`) AS `y`,
    `t20`.`d`,
    IF(`t20`.`pre` > CAST(19.0 AS DOUBLE), CAST(19.0 AS DOUBLE), `t20`.`pre`) AS `pre`,
    (
      (
        `t20`.`entered` + 2
      ) - 1
    ) <= 20527 AS `done`,
    `t20`.`y` AS `whole`,
    IF(
      `t20`.`a_past` IS NULL OR ISNAN(`t20`.`a_past`),
      CAST(1.0 AS DOUBLE),
      CAST(0.0 AS DOUBLE)
    ) AS `missing_past`
  FROM (
    SELECT
      `t19`.`unit`,
      `t19`.`variant`,
      `t19`.`segment`,
      `t19`.`a_past`,
      `t19`.`entered`,
      SUM(
        IF(
          COALESCE(
            (
              `t19`.`at` >= `t19`.`entered_at`
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) >= 0
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) < 2
            )
            AND (
              (
                `t19`.`name` = 'order'
              )
              AND COALESCE(
                IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'currency'
                    )
                  ) = 'STRING',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'currency'
                    ),
                    '$',
                    'STRING'
                  ),
                  NULL
                ) IN ('EUR')
                OR FALSE
                OR FALSE,
                FALSE
              )
            ),
            FALSE
          ),
          COALESCE(`t19`.`value`, CAST(0.0 AS DOUBLE)),
          CAST(0.0 AS DOUBLE)
        )
      ) AS `y`,
      SUM(
        IF(
          COALESCE(
            (
              `t19`.`at` >= `t19`.`entered_at`
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) >= 0
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) < 2
            )
            AND (
              `t19`.`name` = 'visit'
            ),
            FALSE
          ),
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        )
      ) AS `d`,
      SUM(
        IF(
          COALESCE(
            (
              (
                `t19`.`day` - `t19`.`entered`
              ) < 0
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) >= -1
            )
            AND (
              (
                `t19`.`name` = 'order'
              )
              AND COALESCE(
                IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'currency'
                    )
                  ) = 'STRING',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'currency'
                    ),
                    '$',
                    'STRING'
                  ),
                  NULL
                ) IN ('EUR')
                OR FALSE
                OR FALSE,
                FALSE
              )
            ),
            FALSE
          ),
          COALESCE(`t19`.`value`, CAST(0.0 AS DOUBLE)),
          CAST(0.0 AS DOUBLE)
        )
      ) AS `pre`
    FROM (
      SELECT
        `t18`.`unit`,
        `t18`.`variant`,
        `t18`.`segment`,
        `t18`.`entered_at`,
        `t18`.`entered`,
        `t18`.`a_past`,
        `t12`.`unit` AS `unit_right`,
        `t12`.`day`,
        `t12`.`name`,
        `t12`.`at`,
        `t12`.`value`,
        `t12`.`properties`
      FROM (
        SELECT
          `t16`.`unit`,
          `t16`.`variant`,
          '' AS `segment`,
          `t16`.`at` AS `entered_at`,
          `t16`.`day` AS `entered`,
          IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              )
            ) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'past'
              ),
              '$',
              'DOUBLE'
            )
          ) AS `a_past`
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
                    `t6`.`id`,
                    `t6`.`experiment`,
                    `t6`.`phase`,
                    `t6`.`unit`,
                    `t6`.`variant`,
                    `t6`.`at`,
                    `t6`.`day`,
                    `t6`.`attributes`,
                    `t6`.`forced`,
                    `t6`.`received`,
                    ROW_NUMBER() OVER (
                      PARTITION BY `t6`.`unit`
                      ORDER BY `t6`.`at` ASC NULLS LAST, CASE `t6`.`variant`
                        WHEN 'control'
                        THEN 0
                        WHEN 'blue'
                        THEN 1
                        WHEN 'green'
                        THEN 2
                        ELSE 3
                      END ASC NULLS LAST, `t6`.`attributes` ASC NULLS LAST
                    ) - 1 AS `place`,
                    MAX(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `crossed`
                  FROM (
                    SELECT
                      *
                    FROM `t3` AS `t4`
                    WHERE
                      `t4`.`phase` = 2 AND `t4`.`variant` IN ('control', 'blue', 'green')
                  ) AS `t6`
                ) AS `t11`
                WHERE
                  `t11`.`place` = 0 AND NOT (
                    `t11`.`crossed`
                  )
              ) AS `t13`
              WHERE
                `t13`.`day` BETWEEN 20519 AND 20525
                AND NOT (
                  `t13`.`unit` IN (
                    SELECT
                      `t5`.`unit`
                    FROM (
                      SELECT
                        *
                      FROM `t3` AS `t4`
                      WHERE
                        `t4`.`phase` < 2
                    ) AS `t5`
                  )
                )
            ) AS `t14`
            WHERE
              NOT (
                COALESCE(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      )
                    ) = 'STRING',
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      ),
                      '$',
                      'STRING'
                    ),
                    NULL
                  ) IN ('many')
                  OR IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ) IN (CAST(2.5 AS DOUBLE))
                  OR FALSE,
                  FALSE
                )
              )
          ) AS `t15`
          WHERE
            NOT (
              COALESCE(
                FALSE
                OR FALSE
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'country'
                    )
                  ) = 'BOOLEAN',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'country'
                    ),
                    '$',
                    'BOOLEAN'
                  ),
                  NULL
                ) IN (TRUE),
                FALSE
              )
            )
        ) AS `t16`
      ) AS `t18`
      LEFT OUTER JOIN (
        SELECT
          `t9`.`unit`,
          `t9`.`day`,
          `t9`.`least_name` AS `name`,
          `t9`.`least_at` AS `at`,
          `t9`.`least_value` AS `value`,
          `t9`.`least_properties` AS `properties`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              `t2`.`id`,
              `t2`.`name`,
              `t2`.`unit_type`,
              `t2`.`unit`,
              `t2`.`at`,
              `t2`.`day`,
              `t2`.`value`,
              `t2`.`properties`,
              `t2`.`received`,
              ROW_NUMBER() OVER (PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day` ORDER BY `t2`.`at` ASC NULLS LAST) - 1 AS `place`,
              MIN(`t2`.`name`) OVER (
                PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS `least_name`,
              MIN(`t2`.`at`) OVER (
                PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS `least_at`,
              MIN(`t2`.`value`) OVER (
                PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS `least_value`,
              MIN(`t2`.`properties`) OVER (
                PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS `least_properties`
            FROM (
              SELECT
                *
              FROM `events` AS `t0`
              WHERE
                `t0`.`unit_type` = 'account'
            ) AS `t2`
          ) AS `t7`
          WHERE
            `t7`.`place` = 0
        ) AS `t9`
      ) AS `t12`
        ON `t18`.`unit` = `t12`.`unit`
    ) AS `t19`
    GROUP BY
      1,
      2,
      3,
      4,
      5
  ) AS `t20`
)
SELECT
  `t30`.`variant`,
  `t30`.`segment`,
  `t30`.`waiting`,
  `t30`.`n`,
  `t30`.`mean_y`,
  `t30`.`mean_d`,
  `t30`.`mean_pre`,
  `t30`.`mean_a_past`,
  `t30`.`mean_missing_past`,
  `t30`.`mean_whole`,
  `t30`.`product_0`,
  `t30`.`product_1`,
  `t30`.`product_2`,
  `t30`.`product_3`,
  `t30`.`product_4`,
  `t30`.`product_5`,
  `t30`.`product_6`,
  `t30`.`product_7`,
  `t30`.`product_8`,
  `t30`.`product_9`,
  `t30`.`product_10`,
  `t30`.`product_11`,
  `t30`.`product_12`,
  `t30`.`product_13`,
  `t30`.`product_14`,
  `t30`.`product_15`,
  `t30`.`product_16`,
  `t30`.`product_17`,
  `t30`.`product_18`,
  `t30`.`product_19`,
  `t30`.`product_20`
FROM (
  SELECT
    `t29`.`variant`,
    `t29`.`segment`,
    `t29`.`waiting`,
    `t29`.`segment_right`,
    `t29`.`n`,
    `t29`.`mean_y`,
    `t29`.`mean_d`,
    `t29`.`mean_pre`,
    `t29`.`mean_a_past`,
    `t29`.`mean_missing_past`,
    `t29`.`mean_whole`,
    `t29`.`product_0`,
    `t29`.`product_1`,
    `t29`.`product_2`,
    `t29`.`product_3`,
    `t29`.`product_4`,
    `t29`.`product_5`,
    `t29`.`product_6`,
    `t29`.`product_7`,
    `t29`.`product_8`,
    `t29`.`product_9`,
    `t29`.`product_10`,
    `t29`.`product_11`,
    `t29`.`product_12`,
    `t29`.`product_13`,
    `t29`.`product_14`,
    `t29`.`product_15`,
    `t29`.`product_16`,
    `t29`.`product_17`,
    `t29`.`product_18`,
    `t29`.`product_19`,
    `t29`.`product_20`
  FROM (
    SELECT
      `t25`.`variant`,
      `t25`.`segment`,
      `t25`.`waiting`,
      `t28`.`variant` AS `variant_right`,
      `t28`.`segment` AS `segment_right`,
      `t28`.`n`,
      `t28`.`mean_y`,
      `t28`.`mean_d`,
      `t28`.`mean_pre`,
      `t28`.`mean_a_past`,
      `t28`.`mean_missing_past`,
      `t28`.`mean_whole`,
      `t28`.`product_0`,
      `t28`.`product_1`,
      `t28`.`product_2`,
      `t28`.`product_3`,
      `t28`.`product_4`,
      `t28`.`product_5`,
      `t28`.`product_6`,
      `t28`.`product_7`,
      `t28`.`product_8`,
      `t28`.`product_9`,
      `t28`.`product_10`,
      `t28`.`product_11`,
      `t28`.`product_12`,
      `t28`.`product_13`,
      `t28`.`product_14`,
      `t28`.`product_15`,
      `t28`.`product_16`,
      `t28`.`product_17`,
      `t28`.`product_18`,
      `t28`.`product_19`,
      `t28`.`product_20`
    FROM (
      SELECT
        `t22`.`variant`,
        `t22`.`segment`,
        SUM(IF(`t22`.`done`, 0, 1)) AS `waiting`
      FROM `t21` AS `t22`
      GROUP BY
        1,
        2
    ) AS `t25`
    LEFT OUTER JOIN (
      SELECT
        `t26`.`variant`,
        `t26`.`segment`,
        COUNT(*) AS `n`,
        AVG(`t26`.`y`) AS `mean_y`,
        AVG(`t26`.`d`) AS `mean_d`,
        AVG(`t26`.`pre`) AS `mean_pre`,
        AVG(`t26`.`a_past`) AS `mean_a_past`,
        AVG(`t26`.`missing_past`) AS `mean_missing_past`,
        AVG(`t26`.`whole`) AS `mean_whole`,
        SUM((
          `t26`.`y` - `t26`.`mean_y`
        ) * (
          `t26`.`y` - `t26`.`mean_y`
        )) AS `product_0`,
        SUM((
          `t26`.`y` - `t26`.`mean_y`
        ) * (
          `t26`.`d` - `t26`.`mean_d`
        )) AS `product_1`,
        SUM((
          `t26`.`y` - `t26`.`mean_y`
        ) * (
          `t26`.`pre` - `t26`.`mean_pre`
        )) AS `product_2`,
        SUM((
          `t26`.`y` - `t26`.`mean_y`
        ) * (
          `t26`.`a_past` - `t26`.`mean_a_past`
        )) AS `product_3`,
        SUM(
          (
            `t26`.`y` - `t26`.`mean_y`
          ) * (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          )
        ) AS `product_4`,
        SUM((
          `t26`.`y` - `t26`.`mean_y`
        ) * (
          `t26`.`whole` - `t26`.`mean_whole`
        )) AS `product_5`,
        SUM((
          `t26`.`d` - `t26`.`mean_d`
        ) * (
          `t26`.`d` - `t26`.`mean_d`
        )) AS `product_6`,
        SUM((
          `t26`.`d` - `t26`.`mean_d`
        ) * (
          `t26`.`pre` - `t26`.`mean_pre`
        )) AS `product_7`,
        SUM((
          `t26`.`d` - `t26`.`mean_d`
        ) * (
          `t26`.`a_past` - `t26`.`mean_a_past`
        )) AS `product_8`,
        SUM(
          (
            `t26`.`d` - `t26`.`mean_d`
          ) * (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          )
        ) AS `product_9`,
        SUM((
          `t26`.`d` - `t26`.`mean_d`
        ) * (
          `t26`.`whole` - `t26`.`mean_whole`
        )) AS `product_10`,
        SUM((
          `t26`.`pre` - `t26`.`mean_pre`
        ) * (
          `t26`.`pre` - `t26`.`mean_pre`
        )) AS `product_11`,
        SUM(
          (
            `t26`.`pre` - `t26`.`mean_pre`
          ) * (
            `t26`.`a_past` - `t26`.`mean_a_past`
          )
        ) AS `product_12`,
        SUM(
          (
            `t26`.`pre` - `t26`.`mean_pre`
          ) * (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          )
        ) AS `product_13`,
        SUM((
          `t26`.`pre` - `t26`.`mean_pre`
        ) * (
          `t26`.`whole` - `t26`.`mean_whole`
        )) AS `product_14`,
        SUM(
          (
            `t26`.`a_past` - `t26`.`mean_a_past`
          ) * (
            `t26`.`a_past` - `t26`.`mean_a_past`
          )
        ) AS `product_15`,
        SUM(
          (
            `t26`.`a_past` - `t26`.`mean_a_past`
          ) * (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          )
        ) AS `product_16`,
        SUM(
          (
            `t26`.`a_past` - `t26`.`mean_a_past`
          ) * (
            `t26`.`whole` - `t26`.`mean_whole`
          )
        ) AS `product_17`,
        SUM(
          (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          ) * (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          )
        ) AS `product_18`,
        SUM(
          (
            `t26`.`missing_past` - `t26`.`mean_missing_past`
          ) * (
            `t26`.`whole` - `t26`.`mean_whole`
          )
        ) AS `product_19`,
        SUM(
          (
            `t26`.`whole` - `t26`.`mean_whole`
          ) * (
            `t26`.`whole` - `t26`.`mean_whole`
          )
        ) AS `product_20`
      FROM (
        SELECT
          `t23`.`unit`,
          `t23`.`variant`,
          `t23`.`segment`,
          `t23`.`a_past`,
          `t23`.`entered`,
          `t23`.`y`,
          `t23`.`d`,
          `t23`.`pre`,
          `t23`.`done`,
          `t23`.`whole`,
          `t23`.`missing_past`,
          AVG(`t23`.`y`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_y`,
          AVG(`t23`.`d`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_d`,
          AVG(`t23`.`pre`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_pre`,
          AVG(`t23`.`a_past`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_a_past`,
          AVG(`t23`.`missing_past`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_missing_past`,
          AVG(`t23`.`whole`) OVER (
            PARTITION BY `t23`.`variant`, `t23`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_whole`
        FROM (
          SELECT
            *
          FROM `t21` AS `t22`
          WHERE
            `t22`.`done`
        ) AS `t23`
      ) AS `t26`
      GROUP BY
        1,
        2
    ) AS `t28`
      ON `t25`.`variant` = `t28`.`variant` AND `t25`.`segment` = `t28`.`segment`
  ) AS `t29`
) AS `t30`;

-- full_per_visit_above
WITH `t3` AS (
  SELECT
    *
  FROM `exposures` AS `t1`
  WHERE
    `t1`.`experiment` = 'checkout' AND NOT (
      `t1`.`forced`
    )
)
SELECT
  `t22`.`variant`,
  `t22`.`segment`,
  COUNT(*) AS `units`
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t19`.`unit`,
        `t19`.`variant`,
        `t19`.`segment`,
        `t19`.`a_past`,
        `t19`.`entered`,
        SUM(
          IF(
            COALESCE(
              (
                `t19`.`at` >= `t19`.`entered_at`
              )
              AND (
                (
                  `t19`.`day` - `t19`.`entered`
                ) >= 0
              )
              AND (
                (
                  `t19`.`day` - `t19`.`entered`
                ) < 2
              )
              AND (
                (
                  `t19`.`name` = 'order'
                )
                AND COALESCE(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'currency'
                      )
                    ) = 'STRING',
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'currency'
                      ),
                      '$',
                      'STRING'
                    ),
                    NULL
                  ) IN ('EUR')
                  OR FALSE
                  OR FALSE,
                  FALSE
                )
              ),
              FALSE
            ),
            COALESCE(`t19`.`value`, CAST(0.0 AS DOUBLE)),
            CAST(0.0 AS DOUBLE)
          )
        ) AS `y`,
        SUM(
          IF(
            COALESCE(
              (
                `t19`.`at` >= `t19`.`entered_at`
              )
              AND (
                (
                  `t19`.`day` - `t19`.`entered`
                ) >= 0
              )
              AND (
                (
                  `t19`.`day` - `t19`.`entered`
                ) < 2
              )
              AND (
                `t19`.`name` = 'visit'
              ),
              FALSE
            ),
            CAST(1.0 AS DOUBLE),
            CAST(0.0 AS DOUBLE)
          )
        ) AS `d`,
        SUM(
          IF(
            COALESCE(
              (
                (
                  `t19`.`day` - `t19`.`entered`
                ) < 0
              )
              AND (
                (
                  `t19`.`day` - `t19`.`entered`
                ) >= -1
              )
              AND (
                (
                  `t19`.`name` = 'order'
                )
                AND COALESCE(
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'currency'
                      )
                    ) = 'STRING',
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'currency'
                      ),
                      '$',
                      'STRING'
                    ),
                    NULL
                  ) IN ('EUR')
                  OR FALSE
                  OR FALSE,
                  FALSE
                )
              ),
              FALSE
            ),
            COALESCE(`t19`.`value`, CAST(0.0 AS DOUBLE)),
            CAST(0.0 AS DOUBLE)
          )
        ) AS `pre`
      FROM (
        SELECT
          `t18`.`unit`,
          `t18`.`variant`,
          `t18`.`segment`,
          `t18`.`entered_at`,
          `t18`.`entered`,
          `t18`.`a_past`,
          `t12`.`unit` AS `unit_right`,
          `t12`.`day`,
          `t12`.`name`,
          `t12`.`at`,
          `t12`.`value`,
          `t12`.`properties`
        FROM (
          SELECT
            `t16`.`unit`,
            `t16`.`variant`,
            '' AS `segment`,
            `t16`.`at` AS `entered_at`,
            `t16`.`day` AS `entered`,
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            ) AS `a_past`
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
                      `t6`.`id`,
                      `t6`.`experiment`,
                      `t6`.`phase`,
                      `t6`.`unit`,
                      `t6`.`variant`,
                      `t6`.`at`,
                      `t6`.`day`,
                      `t6`.`attributes`,
                      `t6`.`forced`,
                      `t6`.`received`,
                      ROW_NUMBER() OVER (
                        PARTITION BY `t6`.`unit`
                        ORDER BY `t6`.`at` ASC NULLS LAST, CASE `t6`.`variant`
                          WHEN 'control'
                          THEN 0
                          WHEN 'blue'
                          THEN 1
                          WHEN 'green'
                          THEN 2
                          ELSE 3
                        END ASC NULLS LAST, `t6`.`attributes` ASC NULLS LAST
                      ) - 1 AS `place`,
                      MAX(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `crossed`
                    FROM (
                      SELECT
                        *
                      FROM `t3` AS `t4`
                      WHERE
                        `t4`.`phase` = 2 AND `t4`.`variant` IN ('control', 'blue', 'green')
                    ) AS `t6`
                  ) AS `t11`
                  WHERE
                    `t11`.`place` = 0 AND NOT (
                      `t11`.`crossed`
                    )
                ) AS `t13`
                WHERE
                  `t13`.`day` BETWEEN 20519 AND 20525
                  AND NOT (
                    `t13`.`unit` IN (
                      SELECT
                        `t5`.`unit`
                      FROM (
                        SELECT
                          *
                        FROM `t3` AS `t4`
                        WHERE
                          `t4`.`phase` < 2
                      ) AS `t5`
                    )
                  )
              ) AS `t14`
              WHERE
                NOT (
                  COALESCE(
                    IF(
                      SCHEMA_OF_VARIANT(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        )
                      ) = 'STRING',
                      TRY_VARIANT_GET(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        ),
                        '$',
                        'STRING'
                      ),
                      NULL
                    ) IN ('many')
                    OR IF(
                      SCHEMA_OF_VARIANT(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        )
                      ) IN ('STRING', 'BOOLEAN'),
                      NULL,
                      TRY_VARIANT_GET(
                        TRY_ELEMENT_AT(
                          TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                          'past'
                        ),
                        '$',
                        'DOUBLE'
                      )
                    ) IN (CAST(2.5 AS DOUBLE))
                    OR FALSE,
                    FALSE
                  )
                )
            ) AS `t15`
            WHERE
              NOT (
                COALESCE(
                  FALSE
                  OR FALSE
                  OR IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      )
                    ) = 'BOOLEAN',
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'country'
                      ),
                      '$',
                      'BOOLEAN'
                    ),
                    NULL
                  ) IN (TRUE),
                  FALSE
                )
              )
          ) AS `t16`
        ) AS `t18`
        LEFT OUTER JOIN (
          SELECT
            `t9`.`unit`,
            `t9`.`day`,
            `t9`.`least_name` AS `name`,
            `t9`.`least_at` AS `at`,
            `t9`.`least_value` AS `value`,
            `t9`.`least_properties` AS `properties`
          FROM (
            SELECT
              *
            FROM (
              SELECT
                `t2`.`id`,
                `t2`.`name`,
                `t2`.`unit_type`,
                `t2`.`unit`,
                `t2`.`at`,
                `t2`.`day`,
                `t2`.`value`,
                `t2`.`properties`,
                `t2`.`received`,
                ROW_NUMBER() OVER (PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day` ORDER BY `t2`.`at` ASC NULLS LAST) - 1 AS `place`,
                MIN(`t2`.`name`) OVER (
                  PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS `least_name`,
                MIN(`t2`.`at`) OVER (
                  PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS `least_at`,
                MIN(`t2`.`value`) OVER (
                  PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS `least_value`,
                MIN(`t2`.`properties`) OVER (
                  PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS `least_properties`
              FROM (
                SELECT
                  *
                FROM `events` AS `t0`
                WHERE
                  `t0`.`unit_type` = 'account'
              ) AS `t2`
            ) AS `t7`
            WHERE
              `t7`.`place` = 0
          ) AS `t9`
        ) AS `t12`
          ON `t18`.`unit` = `t12`.`unit`
      ) AS `t19`
      GROUP BY
        1,
        2,
        3,
        4,
        5
    ) AS `t20`
    WHERE
      (
        (
          `t20`.`entered` + 2
        ) - 1
      ) <= 20527
  ) AS `t21`
  WHERE
    `t21`.`y` > CAST(19.000000019 AS DOUBLE)
) AS `t22`
GROUP BY
  1,
  2;

-- full_through
WITH `t3` AS (
  SELECT
    *
  FROM `exposures` AS `t1`
  WHERE
    `t1`.`experiment` = 'checkout' AND NOT (
      `t1`.`forced`
    )
), `t25` AS (
  SELECT
    `t24`.`unit`,
    `t24`.`variant`,
    `t24`.`segment`,
    COALESCE(`t24`.`a_past`, CAST(0.0 AS DOUBLE)) AS `a_past`,
    `t24`.`entered`,
    IF(`t24`.`y` > 0, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE)) AS `y`,
    IF(`t24`.`pre` > 0, CAST(1.0 AS DOUBLE), CAST(0.0 AS DOUBLE)) AS `pre`,
    (
      (
        `t24`.`entered` + 3
      ) - 1
    ) <= 20527 AS `done`,
    IF(
      `t24`.`a_past` IS NULL OR ISNAN(`t24`.`a_past`),
      CAST(1.0 AS DOUBLE),
      CAST(0.0 AS DOUBLE)
    ) AS `missing_past`
  FROM (
    SELECT
      `t23`.`unit`,
      `t23`.`variant`,
      `t23`.`segment`,
      `t23`.`a_past`,
      `t23`.`entered`,
      MAX(IF(`t23`.`step` IS NULL, CAST(0.0 AS DOUBLE), CAST(1.0 AS DOUBLE))) AS `y`,
      SUM(
        IF(
          COALESCE(
            (
              (
                `t23`.`day` - `t23`.`entered`
              ) < 0
            )
            AND (
              (
                `t23`.`day` - `t23`.`entered`
              ) >= -2
            )
            AND (
              (
                `t23`.`name` = 'order'
              )
              AND COALESCE(
                FALSE
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t23`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'cart.size'
                    )
                  ) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t23`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'cart.size'
                    ),
                    '$',
                    'DOUBLE'
                  )
                ) IN (CAST(3.0 AS DOUBLE), CAST(4.0 AS DOUBLE))
                OR FALSE,
                FALSE
              )
              AND COALESCE(
                FALSE
                OR FALSE
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t23`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'gift'
                    )
                  ) = 'BOOLEAN',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t23`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'gift'
                    ),
                    '$',
                    'BOOLEAN'
                  ),
                  NULL
                ) IN (TRUE),
                FALSE
              )
            ),
            FALSE
          ),
          CAST(1.0 AS DOUBLE),
          CAST(0.0 AS DOUBLE)
        )
      ) AS `pre`
    FROM (
      SELECT
        `t22`.`unit`,
        `t22`.`variant`,
        `t22`.`segment`,
        `t22`.`entered_at`,
        `t22`.`entered`,
        `t22`.`a_past`,
        `t22`.`unit_right`,
        `t22`.`day`,
        `t22`.`name`,
        `t22`.`at`,
        `t22`.`value`,
        `t22`.`properties`,
        MIN(
          IF(
            COALESCE(
              (
                `t22`.`at` >= `t22`.`entered_at`
              )
              AND (
                (
                  `t22`.`day` - `t22`.`entered`
                ) >= 0
              )
              AND (
                (
                  `t22`.`day` - `t22`.`entered`
                ) < 3
              )
              AND (
                (
                  `t22`.`name` = 'order'
                )
                AND COALESCE(
                  FALSE
                  OR IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'cart.size'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'cart.size'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ) IN (CAST(3.0 AS DOUBLE), CAST(4.0 AS DOUBLE))
                  OR FALSE,
                  FALSE
                )
                AND COALESCE(
                  FALSE
                  OR FALSE
                  OR IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'gift'
                      )
                    ) = 'BOOLEAN',
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t22`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                        'gift'
                      ),
                      '$',
                      'BOOLEAN'
                    ),
                    NULL
                  ) IN (TRUE),
                  FALSE
                )
              )
              AND (
                `t22`.`at` >= `t22`.`step`
              ),
              FALSE
            ),
            `t22`.`at`,
            CAST(NULL AS BIGINT)
          )
        ) OVER (
          PARTITION BY `t22`.`unit`
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS `step`
      FROM (
        SELECT
          `t21`.`unit`,
          `t21`.`variant`,
          `t21`.`segment`,
          `t21`.`entered_at`,
          `t21`.`entered`,
          `t21`.`a_past`,
          `t21`.`unit_right`,
          `t21`.`day`,
          `t21`.`name`,
          `t21`.`at`,
          `t21`.`value`,
          `t21`.`properties`,
          MIN(
            IF(
              COALESCE(
                (
                  `t21`.`at` >= `t21`.`entered_at`
                )
                AND (
                  (
                    `t21`.`day` - `t21`.`entered`
                  ) >= 0
                )
                AND (
                  (
                    `t21`.`day` - `t21`.`entered`
                  ) < 3
                )
                AND (
                  `t21`.`name` = 'order'
                )
                AND (
                  `t21`.`at` >= `t21`.`step`
                ),
                FALSE
              ),
              `t21`.`at`,
              CAST(NULL AS BIGINT)
            )
          ) OVER (
            PARTITION BY `t21`.`unit`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `step`
        FROM (
          SELECT
            `t20`.`unit`,
            `t20`.`variant`,
            `t20`.`segment`,
            `t20`.`entered_at`,
            `t20`.`entered`,
            `t20`.`a_past`,
            `t20`.`unit_right`,
            `t20`.`day`,
            `t20`.`name`,
            `t20`.`at`,
            `t20`.`value`,
            `t20`.`properties`,
            MIN(
              IF(
                COALESCE(
                  (
                    `t20`.`at` >= `t20`.`entered_at`
                  )
                  AND (
                    (
                      `t20`.`day` - `t20`.`entered`
                    ) >= 0
                  )
                  AND (
                    (
                      `t20`.`day` - `t20`.`entered`
                    ) < 3
                  )
                  AND (
                    `t20`.`name` = 'visit'
                  )
                  AND (
                    `t20`.`at` >= `t20`.`step`
                  ),
                  FALSE
                ),
                `t20`.`at`,
                CAST(NULL AS BIGINT)
              )
            ) OVER (
              PARTITION BY `t20`.`unit`
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS `step`
          FROM (
            SELECT
              `t19`.`unit`,
              `t19`.`variant`,
              `t19`.`segment`,
              `t19`.`entered_at`,
              `t19`.`entered`,
              `t19`.`a_past`,
              `t19`.`unit_right`,
              `t19`.`day`,
              `t19`.`name`,
              `t19`.`at`,
              `t19`.`value`,
              `t19`.`properties`,
              `t19`.`entered_at` AS `step`
            FROM (
              SELECT
                `t18`.`unit`,
                `t18`.`variant`,
                `t18`.`segment`,
                `t18`.`entered_at`,
                `t18`.`entered`,
                `t18`.`a_past`,
                `t12`.`unit` AS `unit_right`,
                `t12`.`day`,
                `t12`.`name`,
                `t12`.`at`,
                `t12`.`value`,
                `t12`.`properties`
              FROM (
                SELECT
                  `t16`.`unit`,
                  `t16`.`variant`,
                  '' AS `segment`,
                  `t16`.`at` AS `entered_at`,
                  `t16`.`day` AS `entered`,
                  IF(
                    SCHEMA_OF_VARIANT(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      )
                    ) IN ('STRING', 'BOOLEAN'),
                    NULL,
                    TRY_VARIANT_GET(
                      TRY_ELEMENT_AT(
                        TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                        'past'
                      ),
                      '$',
                      'DOUBLE'
                    )
                  ) AS `a_past`
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
                            `t6`.`id`,
                            `t6`.`experiment`,
                            `t6`.`phase`,
                            `t6`.`unit`,
                            `t6`.`variant`,
                            `t6`.`at`,
                            `t6`.`day`,
                            `t6`.`attributes`,
                            `t6`.`forced`,
                            `t6`.`received`,
                            ROW_NUMBER() OVER (
                              PARTITION BY `t6`.`unit`
                              ORDER BY `t6`.`at` ASC NULLS LAST, CASE `t6`.`variant`
                                WHEN 'control'
                                THEN 0
                                WHEN 'blue'
                                THEN 1
                                WHEN 'green'
                                THEN 2
                                ELSE 3
                              END ASC NULLS LAST, `t6`.`attributes` ASC NULLS LAST
                            ) - 1 AS `place`,
                            MAX(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `crossed`
                          FROM (
                            SELECT
                              *
                            FROM `t3` AS `t4`
                            WHERE
                              `t4`.`phase` = 2 AND `t4`.`variant` IN ('control', 'blue', 'green')
                          ) AS `t6`
                        ) AS `t11`
                        WHERE
                          `t11`.`place` = 0 AND NOT (
                            `t11`.`crossed`
                          )
                      ) AS `t13`
                      WHERE
                        `t13`.`day` BETWEEN 20519 AND 20525
                        AND NOT (
                          `t13`.`unit` IN (
                            SELECT
                              `t5`.`unit`
                            FROM (
                              SELECT
                                *
                              FROM `t3` AS `t4`
                              WHERE
                                `t4`.`phase` < 2
                            ) AS `t5`
                          )
                        )
                    ) AS `t14`
                    WHERE
                      NOT (
                        COALESCE(
                          IF(
                            SCHEMA_OF_VARIANT(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                                'past'
                              )
                            ) = 'STRING',
                            TRY_VARIANT_GET(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                                'past'
                              ),
                              '$',
                              'STRING'
                            ),
                            NULL
                          ) IN ('many')
                          OR IF(
                            SCHEMA_OF_VARIANT(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                                'past'
                              )
                            ) IN ('STRING', 'BOOLEAN'),
                            NULL,
                            TRY_VARIANT_GET(
                              TRY_ELEMENT_AT(
                                TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                                'past'
                              ),
                              '$',
                              'DOUBLE'
                            )
                          ) IN (CAST(2.5 AS DOUBLE))
                          OR FALSE,
                          FALSE
                        )
                      )
                  ) AS `t15`
                  WHERE
                    NOT (
                      COALESCE(
                        FALSE
                        OR FALSE
                        OR IF(
                          SCHEMA_OF_VARIANT(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'country'
                            )
                          ) = 'BOOLEAN',
                          TRY_VARIANT_GET(
                            TRY_ELEMENT_AT(
                              TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                              'country'
                            ),
                            '$',
                            'BOOLEAN'
                          ),
                          NULL
                        ) IN (TRUE),
                        FALSE
                      )
                    )
                ) AS `t16`
              ) AS `t18`
              LEFT OUTER JOIN (
                SELECT
                  `t9`.`unit`,
                  `t9`.`day`,
                  `t9`.`least_name` AS `name`,
                  `t9`.`least_at` AS `at`,
                  `t9`.`least_value` AS `value`,
                  `t9`.`least_properties` AS `properties`
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      `t2`.`id`,
                      `t2`.`name`,
                      `t2`.`unit_type`,
                      `t2`.`unit`,
                      `t2`.`at`,
                      `t2`.`day`,
                      `t2`.`value`,
                      `t2`.`properties`,
                      `t2`.`received`,
                      ROW_NUMBER() OVER (PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day` ORDER BY `t2`.`at` ASC NULLS LAST) - 1 AS `place`,
                      MIN(`t2`.`name`) OVER (
                        PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS `least_name`,
                      MIN(`t2`.`at`) OVER (
                        PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS `least_at`,
                      MIN(`t2`.`value`) OVER (
                        PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS `least_value`,
                      MIN(`t2`.`properties`) OVER (
                        PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS `least_properties`
                    FROM (
                      SELECT
                        *
                      FROM `events` AS `t0`
                      WHERE
                        `t0`.`unit_type` = 'account'
                    ) AS `t2`
                  ) AS `t7`
                  WHERE
                    `t7`.`place` = 0
                ) AS `t9`
              ) AS `t12`
                ON `t18`.`unit` = `t12`.`unit`
            ) AS `t19`
          ) AS `t20`
        ) AS `t21`
      ) AS `t22`
    ) AS `t23`
    GROUP BY
      1,
      2,
      3,
      4,
      5
  ) AS `t24`
)
SELECT
  `t34`.`variant`,
  `t34`.`segment`,
  `t34`.`waiting`,
  `t34`.`n`,
  `t34`.`mean_y`,
  `t34`.`mean_pre`,
  `t34`.`mean_a_past`,
  `t34`.`mean_missing_past`,
  `t34`.`product_0`,
  `t34`.`product_1`,
  `t34`.`product_2`,
  `t34`.`product_3`,
  `t34`.`product_4`,
  `t34`.`product_5`,
  `t34`.`product_6`,
  `t34`.`product_7`,
  `t34`.`product_8`,
  `t34`.`product_9`
FROM (
  SELECT
    `t33`.`variant`,
    `t33`.`segment`,
    `t33`.`waiting`,
    `t33`.`segment_right`,
    `t33`.`n`,
    `t33`.`mean_y`,
    `t33`.`mean_pre`,
    `t33`.`mean_a_past`,
    `t33`.`mean_missing_past`,
    `t33`.`product_0`,
    `t33`.`product_1`,
    `t33`.`product_2`,
    `t33`.`product_3`,
    `t33`.`product_4`,
    `t33`.`product_5`,
    `t33`.`product_6`,
    `t33`.`product_7`,
    `t33`.`product_8`,
    `t33`.`product_9`
  FROM (
    SELECT
      `t29`.`variant`,
      `t29`.`segment`,
      `t29`.`waiting`,
      `t32`.`variant` AS `variant_right`,
      `t32`.`segment` AS `segment_right`,
      `t32`.`n`,
      `t32`.`mean_y`,
      `t32`.`mean_pre`,
      `t32`.`mean_a_past`,
      `t32`.`mean_missing_past`,
      `t32`.`product_0`,
      `t32`.`product_1`,
      `t32`.`product_2`,
      `t32`.`product_3`,
      `t32`.`product_4`,
      `t32`.`product_5`,
      `t32`.`product_6`,
      `t32`.`product_7`,
      `t32`.`product_8`,
      `t32`.`product_9`
    FROM (
      SELECT
        `t26`.`variant`,
        `t26`.`segment`,
        SUM(IF(`t26`.`done`, 0, 1)) AS `waiting`
      FROM `t25` AS `t26`
      GROUP BY
        1,
        2
    ) AS `t29`
    LEFT OUTER JOIN (
      SELECT
        `t30`.`variant`,
        `t30`.`segment`,
        COUNT(*) AS `n`,
        AVG(`t30`.`y`) AS `mean_y`,
        AVG(`t30`.`pre`) AS `mean_pre`,
        AVG(`t30`.`a_past`) AS `mean_a_past`,
        AVG(`t30`.`missing_past`) AS `mean_missing_past`,
        SUM((
          `t30`.`y` - `t30`.`mean_y`
        ) * (
          `t30`.`y` - `t30`.`mean_y`
        )) AS `product_0`,
        SUM((
          `t30`.`y` - `t30`.`mean_y`
        ) * (
          `t30`.`pre` - `t30`.`mean_pre`
        )) AS `product_1`,
        SUM((
          `t30`.`y` - `t30`.`mean_y`
        ) * (
          `t30`.`a_past` - `t30`.`mean_a_past`
        )) AS `product_2`,
        SUM(
          (
            `t30`.`y` - `t30`.`mean_y`
          ) * (
            `t30`.`missing_past` - `t30`.`mean_missing_past`
          )
        ) AS `product_3`,
        SUM((
          `t30`.`pre` - `t30`.`mean_pre`
        ) * (
          `t30`.`pre` - `t30`.`mean_pre`
        )) AS `product_4`,
        SUM(
          (
            `t30`.`pre` - `t30`.`mean_pre`
          ) * (
            `t30`.`a_past` - `t30`.`mean_a_past`
          )
        ) AS `product_5`,
        SUM(
          (
            `t30`.`pre` - `t30`.`mean_pre`
          ) * (
            `t30`.`missing_past` - `t30`.`mean_missing_past`
          )
        ) AS `product_6`,
        SUM(
          (
            `t30`.`a_past` - `t30`.`mean_a_past`
          ) * (
            `t30`.`a_past` - `t30`.`mean_a_past`
          )
        ) AS `product_7`,
        SUM(
          (
            `t30`.`a_past` - `t30`.`mean_a_past`
          ) * (
            `t30`.`missing_past` - `t30`.`mean_missing_past`
          )
        ) AS `product_8`,
        SUM(
          (
            `t30`.`missing_past` - `t30`.`mean_missing_past`
          ) * (
            `t30`.`missing_past` - `t30`.`mean_missing_past`
          )
        ) AS `product_9`
      FROM (
        SELECT
          `t27`.`unit`,
          `t27`.`variant`,
          `t27`.`segment`,
          `t27`.`a_past`,
          `t27`.`entered`,
          `t27`.`y`,
          `t27`.`pre`,
          `t27`.`done`,
          `t27`.`missing_past`,
          AVG(`t27`.`y`) OVER (
            PARTITION BY `t27`.`variant`, `t27`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_y`,
          AVG(`t27`.`pre`) OVER (
            PARTITION BY `t27`.`variant`, `t27`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_pre`,
          AVG(`t27`.`a_past`) OVER (
            PARTITION BY `t27`.`variant`, `t27`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_a_past`,
          AVG(`t27`.`missing_past`) OVER (
            PARTITION BY `t27`.`variant`, `t27`.`segment`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `mean_missing_past`
        FROM (
          SELECT
            *
          FROM `t25` AS `t26`
          WHERE
            `t26`.`done`
        ) AS `t27`
      ) AS `t30`
      GROUP BY
        1,
        2
    ) AS `t32`
      ON `t29`.`variant` = `t32`.`variant` AND `t29`.`segment` = `t32`.`segment`
  ) AS `t33`
) AS `t34`;

-- full_typical_values
WITH `t3` AS (
  SELECT
    *
  FROM `exposures` AS `t1`
  WHERE
    `t1`.`experiment` = 'checkout' AND NOT (
      `t1`.`forced`
    )
)
SELECT
  `t20`.`unit`,
  `t20`.`value`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t18`.`unit`,
      `t18`.`variant`,
      `t18`.`segment`,
      `t18`.`entered_at`,
      `t18`.`entered`,
      `t18`.`a_past`,
      `t12`.`day`,
      `t12`.`name`,
      `t12`.`at`,
      `t12`.`value`,
      `t12`.`properties`
    FROM (
      SELECT
        `t16`.`unit`,
        `t16`.`variant`,
        '' AS `segment`,
        `t16`.`at` AS `entered_at`,
        `t16`.`day` AS `entered`,
        IF(
          SCHEMA_OF_VARIANT(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'past'
            )
          ) IN ('STRING', 'BOOLEAN'),
          NULL,
          TRY_VARIANT_GET(
            TRY_ELEMENT_AT(
              TRY_VARIANT_GET(TRY_PARSE_JSON(`t16`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
              'past'
            ),
            '$',
            'DOUBLE'
          )
        ) AS `a_past`
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
                  `t6`.`id`,
                  `t6`.`experiment`,
                  `t6`.`phase`,
                  `t6`.`unit`,
                  `t6`.`variant`,
                  `t6`.`at`,
                  `t6`.`day`,
                  `t6`.`attributes`,
                  `t6`.`forced`,
                  `t6`.`received`,
                  ROW_NUMBER() OVER (
                    PARTITION BY `t6`.`unit`
                    ORDER BY `t6`.`at` ASC NULLS LAST, CASE `t6`.`variant`
                      WHEN 'control'
                      THEN 0
                      WHEN 'blue'
                      THEN 1
                      WHEN 'green'
                      THEN 2
                      ELSE 3
                    END ASC NULLS LAST, `t6`.`attributes` ASC NULLS LAST
                  ) - 1 AS `place`,
                  MAX(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN(`t6`.`variant`) OVER (PARTITION BY `t6`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `crossed`
                FROM (
                  SELECT
                    *
                  FROM `t3` AS `t4`
                  WHERE
                    `t4`.`phase` = 2 AND `t4`.`variant` IN ('control', 'blue', 'green')
                ) AS `t6`
              ) AS `t11`
              WHERE
                `t11`.`place` = 0 AND NOT (
                  `t11`.`crossed`
                )
            ) AS `t13`
            WHERE
              `t13`.`day` BETWEEN 20519 AND 20525
              AND NOT (
                `t13`.`unit` IN (
                  SELECT
                    `t5`.`unit`
                  FROM (
                    SELECT
                      *
                    FROM `t3` AS `t4`
                    WHERE
                      `t4`.`phase` < 2
                  ) AS `t5`
                )
              )
          ) AS `t14`
          WHERE
            NOT (
              COALESCE(
                IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'past'
                    )
                  ) = 'STRING',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'past'
                    ),
                    '$',
                    'STRING'
                  ),
                  NULL
                ) IN ('many')
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'past'
                    )
                  ) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t14`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                      'past'
                    ),
                    '$',
                    'DOUBLE'
                  )
                ) IN (CAST(2.5 AS DOUBLE))
                OR FALSE,
                FALSE
              )
            )
        ) AS `t15`
        WHERE
          NOT (
            COALESCE(
              FALSE
              OR FALSE
              OR IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  )
                ) = 'BOOLEAN',
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t15`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                    'country'
                  ),
                  '$',
                  'BOOLEAN'
                ),
                NULL
              ) IN (TRUE),
              FALSE
            )
          )
      ) AS `t16`
    ) AS `t18`
    INNER JOIN (
      SELECT
        `t9`.`unit`,
        `t9`.`day`,
        `t9`.`least_name` AS `name`,
        `t9`.`least_at` AS `at`,
        `t9`.`least_value` AS `value`,
        `t9`.`least_properties` AS `properties`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t2`.`id`,
            `t2`.`name`,
            `t2`.`unit_type`,
            `t2`.`unit`,
            `t2`.`at`,
            `t2`.`day`,
            `t2`.`value`,
            `t2`.`properties`,
            `t2`.`received`,
            ROW_NUMBER() OVER (PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day` ORDER BY `t2`.`at` ASC NULLS LAST) - 1 AS `place`,
            MIN(`t2`.`name`) OVER (
              PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS `least_name`,
            MIN(`t2`.`at`) OVER (
              PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS `least_at`,
            MIN(`t2`.`value`) OVER (
              PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS `least_value`,
            MIN(`t2`.`properties`) OVER (
              PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS `least_properties`
          FROM (
            SELECT
              *
            FROM `events` AS `t0`
            WHERE
              `t0`.`unit_type` = 'account'
          ) AS `t2`
        ) AS `t7`
        WHERE
          `t7`.`place` = 0
      ) AS `t9`
    ) AS `t12`
      ON `t18`.`unit` = `t12`.`unit`
  ) AS `t19`
  WHERE
    `t19`.`at` >= `t19`.`entered_at`
    AND (
      `t19`.`day` - `t19`.`entered`
    ) >= 0
    AND (
      `t19`.`day` - `t19`.`entered`
    ) < 2
    AND `t19`.`name` = 'order'
    AND (
      `t19`.`value` IS NOT NULL AND NOT ISNAN(`t19`.`value`)
    )
) AS `t20`;

-- full_typical_units
WITH `t1` AS (
  SELECT
    *
  FROM `exposures` AS `t0`
  WHERE
    `t0`.`experiment` = 'checkout' AND NOT (
      `t0`.`forced`
    )
)
SELECT
  `t11`.`unit`,
  `t11`.`variant`,
  `t11`.`segment`,
  `t11`.`entered_at`,
  `t11`.`entered`,
  `t11`.`a_past`,
  (
    (
      `t11`.`entered` + 2
    ) - 1
  ) <= 20527 AS `done`
FROM (
  SELECT
    `t10`.`unit`,
    `t10`.`variant`,
    '' AS `segment`,
    `t10`.`at` AS `entered_at`,
    `t10`.`day` AS `entered`,
    IF(
      SCHEMA_OF_VARIANT(
        TRY_ELEMENT_AT(
          TRY_VARIANT_GET(TRY_PARSE_JSON(`t10`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
          'past'
        )
      ) IN ('STRING', 'BOOLEAN'),
      NULL,
      TRY_VARIANT_GET(
        TRY_ELEMENT_AT(
          TRY_VARIANT_GET(TRY_PARSE_JSON(`t10`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
          'past'
        ),
        '$',
        'DOUBLE'
      )
    ) AS `a_past`
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
              `t4`.`id`,
              `t4`.`experiment`,
              `t4`.`phase`,
              `t4`.`unit`,
              `t4`.`variant`,
              `t4`.`at`,
              `t4`.`day`,
              `t4`.`attributes`,
              `t4`.`forced`,
              `t4`.`received`,
              ROW_NUMBER() OVER (
                PARTITION BY `t4`.`unit`
                ORDER BY `t4`.`at` ASC NULLS LAST, CASE `t4`.`variant`
                  WHEN 'control'
                  THEN 0
                  WHEN 'blue'
                  THEN 1
                  WHEN 'green'
                  THEN 2
                  ELSE 3
                END ASC NULLS LAST, `t4`.`attributes` ASC NULLS LAST
              ) - 1 AS `place`,
              MAX(`t4`.`variant`) OVER (PARTITION BY `t4`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) <> MIN(`t4`.`variant`) OVER (PARTITION BY `t4`.`unit` ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS `crossed`
            FROM (
              SELECT
                *
              FROM `t1` AS `t2`
              WHERE
                `t2`.`phase` = 2 AND `t2`.`variant` IN ('control', 'blue', 'green')
            ) AS `t4`
          ) AS `t6`
          WHERE
            `t6`.`place` = 0 AND NOT (
              `t6`.`crossed`
            )
        ) AS `t7`
        WHERE
          `t7`.`day` BETWEEN 20519 AND 20525
          AND NOT (
            `t7`.`unit` IN (
              SELECT
                `t3`.`unit`
              FROM (
                SELECT
                  *
                FROM `t1` AS `t2`
                WHERE
                  `t2`.`phase` < 2
              ) AS `t3`
            )
          )
      ) AS `t8`
      WHERE
        NOT (
          COALESCE(
            IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) = 'STRING',
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'STRING'
              ),
              NULL
            ) IN ('many')
            OR IF(
              SCHEMA_OF_VARIANT(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                )
              ) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(
                TRY_ELEMENT_AT(
                  TRY_VARIANT_GET(TRY_PARSE_JSON(`t8`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                  'past'
                ),
                '$',
                'DOUBLE'
              )
            ) IN (CAST(2.5 AS DOUBLE))
            OR FALSE,
            FALSE
          )
        )
    ) AS `t9`
    WHERE
      NOT (
        COALESCE(
          FALSE
          OR FALSE
          OR IF(
            SCHEMA_OF_VARIANT(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              )
            ) = 'BOOLEAN',
            TRY_VARIANT_GET(
              TRY_ELEMENT_AT(
                TRY_VARIANT_GET(TRY_PARSE_JSON(`t9`.`attributes`), '$', 'MAP<STRING, VARIANT>'),
                'country'
              ),
              '$',
              'BOOLEAN'
            ),
            NULL
          ) IN (TRUE),
          FALSE
        )
      )
  ) AS `t10`
) AS `t11`;

-- preview_doers
SELECT
  `t1`.`unit_type`,
  COUNT(DISTINCT `t1`.`unit`) AS `units`
FROM (
  SELECT
    *
  FROM `events` AS `t0`
  WHERE
    `t0`.`name` = 'order'
    AND COALESCE(
      FALSE
      OR IF(
        SCHEMA_OF_VARIANT(
          TRY_ELEMENT_AT(
            TRY_VARIANT_GET(TRY_PARSE_JSON(`t0`.`properties`), '$', 'MAP<STRING, VARIANT>'),
            'cart.size'
          )
        ) IN ('STRING', 'BOOLEAN'),
        NULL,
        TRY_VARIANT_GET(
          TRY_ELEMENT_AT(
            TRY_VARIANT_GET(TRY_PARSE_JSON(`t0`.`properties`), '$', 'MAP<STRING, VARIANT>'),
            'cart.size'
          ),
          '$',
          'DOUBLE'
        )
      ) IN (CAST(3.0 AS DOUBLE), CAST(4.0 AS DOUBLE))
      OR FALSE,
      FALSE
    )
    AND COALESCE(
      FALSE
      OR FALSE
      OR IF(
        SCHEMA_OF_VARIANT(
          TRY_ELEMENT_AT(
            TRY_VARIANT_GET(TRY_PARSE_JSON(`t0`.`properties`), '$', 'MAP<STRING, VARIANT>'),
            'gift'
          )
        ) = 'BOOLEAN',
        TRY_VARIANT_GET(
          TRY_ELEMENT_AT(
            TRY_VARIANT_GET(TRY_PARSE_JSON(`t0`.`properties`), '$', 'MAP<STRING, VARIANT>'),
            'gift'
          ),
          '$',
          'BOOLEAN'
        ),
        NULL
      ) IN (TRUE),
      FALSE
    )
) AS `t1`
GROUP BY
  1;

-- preview_totals
SELECT
  *
FROM (
  SELECT
    `t20`.`unit`,
    `t20`.`entered`,
    MAX(IF(`t20`.`step` IS NULL, CAST(0.0 AS DOUBLE), CAST(1.0 AS DOUBLE))) AS `y`,
    SUM(
      IF(
        COALESCE(
          (
            (
              `t20`.`day` - `t20`.`entered`
            ) < 0
          )
          AND (
            (
              `t20`.`day` - `t20`.`entered`
            ) >= -2
          )
          AND (
            (
              `t20`.`name` = 'order'
            )
            AND COALESCE(
              FALSE
              OR IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t20`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  )
                ) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t20`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'cart.size'
                  ),
                  '$',
                  'DOUBLE'
                )
              ) IN (CAST(3.0 AS DOUBLE), CAST(4.0 AS DOUBLE))
              OR FALSE,
              FALSE
            )
            AND COALESCE(
              FALSE
              OR FALSE
              OR IF(
                SCHEMA_OF_VARIANT(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t20`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'gift'
                  )
                ) = 'BOOLEAN',
                TRY_VARIANT_GET(
                  TRY_ELEMENT_AT(
                    TRY_VARIANT_GET(TRY_PARSE_JSON(`t20`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                    'gift'
                  ),
                  '$',
                  'BOOLEAN'
                ),
                NULL
              ) IN (TRUE),
              FALSE
            )
          ),
          FALSE
        ),
        CAST(1.0 AS DOUBLE),
        CAST(0.0 AS DOUBLE)
      )
    ) AS `pre`
  FROM (
    SELECT
      `t19`.`unit`,
      `t19`.`entered_at`,
      `t19`.`entered`,
      `t19`.`unit_right`,
      `t19`.`day`,
      `t19`.`name`,
      `t19`.`at`,
      `t19`.`value`,
      `t19`.`properties`,
      MIN(
        IF(
          COALESCE(
            (
              `t19`.`at` >= `t19`.`entered_at`
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) >= 0
            )
            AND (
              (
                `t19`.`day` - `t19`.`entered`
              ) < 3
            )
            AND (
              (
                `t19`.`name` = 'order'
              )
              AND COALESCE(
                FALSE
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'cart.size'
                    )
                  ) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'cart.size'
                    ),
                    '$',
                    'DOUBLE'
                  )
                ) IN (CAST(3.0 AS DOUBLE), CAST(4.0 AS DOUBLE))
                OR FALSE,
                FALSE
              )
              AND COALESCE(
                FALSE
                OR FALSE
                OR IF(
                  SCHEMA_OF_VARIANT(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'gift'
                    )
                  ) = 'BOOLEAN',
                  TRY_VARIANT_GET(
                    TRY_ELEMENT_AT(
                      TRY_VARIANT_GET(TRY_PARSE_JSON(`t19`.`properties`), '$', 'MAP<STRING, VARIANT>'),
                      'gift'
                    ),
                    '$',
                    'BOOLEAN'
                  ),
                  NULL
                ) IN (TRUE),
                FALSE
              )
            )
            AND (
              `t19`.`at` >= `t19`.`step`
            ),
            FALSE
          ),
          `t19`.`at`,
          CAST(NULL AS BIGINT)
        )
      ) OVER (
        PARTITION BY `t19`.`unit`
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS `step`
    FROM (
      SELECT
        `t18`.`unit`,
        `t18`.`entered_at`,
        `t18`.`entered`,
        `t18`.`unit_right`,
        `t18`.`day`,
        `t18`.`name`,
        `t18`.`at`,
        `t18`.`value`,
        `t18`.`properties`,
        MIN(
          IF(
            COALESCE(
              (
                `t18`.`at` >= `t18`.`entered_at`
              )
              AND (
                (
                  `t18`.`day` - `t18`.`entered`
                ) >= 0
              )
              AND (
                (
                  `t18`.`day` - `t18`.`entered`
                ) < 3
              )
              AND (
                `t18`.`name` = 'order'
              )
              AND (
                `t18`.`at` >= `t18`.`step`
              ),
              FALSE
            ),
            `t18`.`at`,
            CAST(NULL AS BIGINT)
          )
        ) OVER (
          PARTITION BY `t18`.`unit`
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) AS `step`
      FROM (
        SELECT
          `t17`.`unit`,
          `t17`.`entered_at`,
          `t17`.`entered`,
          `t17`.`unit_right`,
          `t17`.`day`,
          `t17`.`name`,
          `t17`.`at`,
          `t17`.`value`,
          `t17`.`properties`,
          MIN(
            IF(
              COALESCE(
                (
                  `t17`.`at` >= `t17`.`entered_at`
                )
                AND (
                  (
                    `t17`.`day` - `t17`.`entered`
                  ) >= 0
                )
                AND (
                  (
                    `t17`.`day` - `t17`.`entered`
                  ) < 3
                )
                AND (
                  `t17`.`name` = 'visit'
                )
                AND (
                  `t17`.`at` >= `t17`.`step`
                ),
                FALSE
              ),
              `t17`.`at`,
              CAST(NULL AS BIGINT)
            )
          ) OVER (
            PARTITION BY `t17`.`unit`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `step`
        FROM (
          SELECT
            `t16`.`unit`,
            `t16`.`entered_at`,
            `t16`.`entered`,
            `t16`.`unit_right`,
            `t16`.`day`,
            `t16`.`name`,
            `t16`.`at`,
            `t16`.`value`,
            `t16`.`properties`,
            `t16`.`entered_at` AS `step`
          FROM (
            SELECT
              `t13`.`unit`,
              `t13`.`entered_at`,
              `t13`.`entered`,
              `t15`.`unit` AS `unit_right`,
              `t15`.`day`,
              `t15`.`name`,
              `t15`.`at`,
              `t15`.`value`,
              `t15`.`properties`
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  `t8`.`unit`,
                  MIN(`t8`.`at`) AS `entered_at`,
                  MIN(`t8`.`day`) AS `entered`
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      `t2`.`unit`,
                      `t2`.`at`,
                      `t2`.`day`
                    FROM (
                      SELECT
                        *
                      FROM `exposures` AS `t0`
                      WHERE
                        `t0`.`experiment` IN ('checkout') AND NOT (
                          `t0`.`forced`
                        )
                    ) AS `t2`
                  ) AS `t5`
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      `t4`.`unit`,
                      `t4`.`at`,
                      `t4`.`day`
                    FROM (
                      SELECT
                        *
                      FROM `events` AS `t1`
                      WHERE
                        `t1`.`unit_type` = 'account'
                    ) AS `t4`
                  ) AS `t6`
                ) AS `t8`
                GROUP BY
                  1
              ) AS `t9`
              WHERE
                (
                  (
                    `t9`.`entered` + 3
                  ) - 1
                ) <= 20527
            ) AS `t13`
            LEFT OUTER JOIN (
              SELECT
                `t11`.`unit`,
                `t11`.`day`,
                `t11`.`least_name` AS `name`,
                `t11`.`least_at` AS `at`,
                `t11`.`least_value` AS `value`,
                `t11`.`least_properties` AS `properties`
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    `t7`.`id`,
                    `t7`.`name`,
                    `t7`.`unit_type`,
                    `t7`.`unit`,
                    `t7`.`at`,
                    `t7`.`day`,
                    `t7`.`value`,
                    `t7`.`properties`,
                    `t7`.`received`,
                    ROW_NUMBER() OVER (PARTITION BY `t7`.`id`, `t7`.`unit`, `t7`.`day` ORDER BY `t7`.`at` ASC NULLS LAST) - 1 AS `place`,
                    MIN(`t7`.`name`) OVER (
                      PARTITION BY `t7`.`id`, `t7`.`unit`, `t7`.`day`
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS `least_name`,
                    MIN(`t7`.`at`) OVER (
                      PARTITION BY `t7`.`id`, `t7`.`unit`, `t7`.`day`
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS `least_at`,
                    MIN(`t7`.`value`) OVER (
                      PARTITION BY `t7`.`id`, `t7`.`unit`, `t7`.`day`
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS `least_value`,
                    MIN(`t7`.`properties`) OVER (
                      PARTITION BY `t7`.`id`, `t7`.`unit`, `t7`.`day`
                      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                    ) AS `least_properties`
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        *
                      FROM `events` AS `t1`
                      WHERE
                        `t1`.`name` IN ('order', 'visit')
                    ) AS `t3`
                    WHERE
                      `t3`.`unit_type` = 'account'
                  ) AS `t7`
                ) AS `t10`
                WHERE
                  `t10`.`place` = 0
              ) AS `t11`
            ) AS `t15`
              ON `t13`.`unit` = `t15`.`unit`
          ) AS `t16`
        ) AS `t17`
      ) AS `t18`
    ) AS `t19`
  ) AS `t20`
  GROUP BY
    1,
    2
) AS `t21`
ORDER BY
  `t21`.`unit` ASC NULLS LAST;

-- preview_values
SELECT
  `t6`.`value`
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t4`.`unit`,
      `t4`.`day`,
      `t4`.`least_name` AS `name`,
      `t4`.`least_at` AS `at`,
      `t4`.`least_value` AS `value`,
      `t4`.`least_properties` AS `properties`
    FROM (
      SELECT
        *
      FROM (
        SELECT
          `t2`.`id`,
          `t2`.`name`,
          `t2`.`unit_type`,
          `t2`.`unit`,
          `t2`.`at`,
          `t2`.`day`,
          `t2`.`value`,
          `t2`.`properties`,
          `t2`.`received`,
          ROW_NUMBER() OVER (PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day` ORDER BY `t2`.`at` ASC NULLS LAST) - 1 AS `place`,
          MIN(`t2`.`name`) OVER (
            PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `least_name`,
          MIN(`t2`.`at`) OVER (
            PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `least_at`,
          MIN(`t2`.`value`) OVER (
            PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `least_value`,
          MIN(`t2`.`properties`) OVER (
            PARTITION BY `t2`.`id`, `t2`.`unit`, `t2`.`day`
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS `least_properties`
        FROM (
          SELECT
            *
          FROM (
            SELECT
              *
            FROM `events` AS `t0`
            WHERE
              `t0`.`name` IN ('order')
          ) AS `t1`
          WHERE
            `t1`.`unit_type` = 'account'
        ) AS `t2`
      ) AS `t3`
      WHERE
        `t3`.`place` = 0
    ) AS `t4`
  ) AS `t5`
  WHERE
    `t5`.`name` = 'order'
    AND (
      `t5`.`value` IS NOT NULL AND NOT ISNAN(`t5`.`value`)
    )
) AS `t6`;
