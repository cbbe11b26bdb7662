-- exposure_days
SELECT
  `t4`.`experiment`,
  `t4`.`phase`,
  `t4`.`unit`,
  `t4`.`variant`,
  `t4`.`forced`,
  `t4`.`day`,
  `t4`.`at`,
  MIN(`t4`.`attributes`) AS `attributes`
FROM (
  SELECT
    `t1`.`id`,
    `t1`.`experiment`,
    `t1`.`phase`,
    `t1`.`unit`,
    `t1`.`variant`,
    `t1`.`at`,
    `t1`.`day`,
    `t1`.`attributes`,
    `t1`.`forced`,
    `t1`.`received`
  FROM `exposures` AS `t1`
  INNER JOIN (
    SELECT
      `t0`.`experiment`,
      `t0`.`phase`,
      `t0`.`unit`,
      `t0`.`variant`,
      `t0`.`forced`,
      `t0`.`day`,
      MIN(`t0`.`at`) AS `at`
    FROM `exposures` AS `t0`
    GROUP BY
      1,
      2,
      3,
      4,
      5,
      6
  ) AS `t3`
    ON `t1`.`experiment` = `t3`.`experiment`
    AND `t1`.`phase` = `t3`.`phase`
    AND `t1`.`unit` = `t3`.`unit`
    AND `t1`.`variant` = `t3`.`variant`
    AND `t1`.`forced` = `t3`.`forced`
    AND `t1`.`day` = `t3`.`day`
    AND `t1`.`at` = `t3`.`at`
) AS `t4`
GROUP BY
  1,
  2,
  3,
  4,
  5,
  6,
  7;

-- unit_days
WITH `t1` AS (
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
)
SELECT
  `t9`.`measure`,
  `t9`.`unit_type`,
  `t9`.`unit`,
  `t9`.`day`,
  COUNT(*) AS `n`,
  COALESCE(SUM(`t9`.`value`), 0.0) AS `total`
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
          `t2`.`unit_type`,
          `t2`.`unit`,
          `t2`.`at`,
          `t2`.`value`,
          `t2`.`day`,
          '15019fed6f53fd6d' AS `measure`
        FROM `t1` AS `t2`
        WHERE
          `t2`.`name` = 'order'
      ) AS `t3`
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          `t2`.`unit_type`,
          `t2`.`unit`,
          `t2`.`at`,
          `t2`.`value`,
          `t2`.`day`,
          'a0a20fe4cf3aa4ce' AS `measure`
        FROM `t1` AS `t2`
        WHERE
          `t2`.`name` = 'order'
          AND IF(
            SCHEMA_OF_VARIANT(`t2`.`properties`:currency) = 'STRING',
            TRY_VARIANT_GET(`t2`.`properties`:currency, '$', 'STRING'),
            NULL
          ) = 'EUR'
      ) AS `t5`
    ) AS `t7`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t2`.`unit_type`,
        `t2`.`unit`,
        `t2`.`at`,
        `t2`.`value`,
        `t2`.`day`,
        'c4316d54cb9e590e' AS `measure`
      FROM `t1` AS `t2`
      WHERE
        `t2`.`name` = 'visit'
    ) AS `t4`
  ) AS `t8`
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      `t2`.`unit_type`,
      `t2`.`unit`,
      `t2`.`at`,
      `t2`.`value`,
      `t2`.`day`,
      'd440c1203aed298c' AS `measure`
    FROM `t1` AS `t2`
    WHERE
      `t2`.`name` = 'order'
      AND (
        (
          IF(
            SCHEMA_OF_VARIANT(`t2`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t2`.`properties`:cart.size, '$', 'DOUBLE')
          ) = 3
        )
        OR (
          IF(
            SCHEMA_OF_VARIANT(`t2`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t2`.`properties`:cart.size, '$', 'DOUBLE')
          ) = 4
        )
      )
      AND IF(
        SCHEMA_OF_VARIANT(`t2`.`properties`:gift) = 'BOOLEAN',
        TRY_VARIANT_GET(`t2`.`properties`:gift, '$', 'BOOLEAN'),
        NULL
      ) = TRUE
  ) AS `t6`
) AS `t9`
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
WITH `t8` AS (
  SELECT
    *
  FROM `uses` AS `t2`
  WHERE
    `t2`.`start` = 0
), `t10` AS (
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
)
SELECT
  `t42`.`experiment`,
  `t42`.`phase`,
  `t42`.`measure`,
  `t42`.`unit`,
  `t42`.`n`,
  `t42`.`total`,
  `t42`.`offset`,
  `t42`.`active_days`,
  CAST(20527 AS INT) AS `day`
FROM (
  SELECT
    *
  FROM (
    SELECT
      *
    FROM (
      SELECT
        `t39`.`experiment`,
        `t39`.`phase`,
        `t39`.`measure`,
        `t39`.`unit`,
        `t39`.`n`,
        `t39`.`total`,
        CAST(0 AS INT) AS `offset`,
        CAST(1 AS INT) AS `active_days`
      FROM (
        SELECT
          `t38`.`experiment`,
          `t38`.`phase`,
          `t38`.`measure`,
          `t38`.`unit`,
          `t38`.`n`,
          `t38`.`total`
        FROM (
          SELECT
            `t37`.`experiment`,
            `t37`.`phase`,
            `t37`.`unit_type`,
            `t37`.`measure`,
            `t37`.`unit`,
            `t37`.`n`,
            `t37`.`total`
          FROM (
            SELECT
              `t35`.`experiment`,
              `t35`.`phase`,
              `t35`.`unit_type`,
              `t35`.`measure`,
              `t35`.`unit`,
              COUNT(*) AS `n`,
              COALESCE(SUM(`t35`.`value`), 0.0) AS `total`
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  `t12`.`experiment`,
                  `t12`.`phase`,
                  `t12`.`unit`,
                  `t12`.`entered`,
                  `t12`.`entered_day`,
                  `t31`.`unit_type`,
                  `t31`.`at`,
                  `t31`.`value`,
                  `t31`.`day`,
                  `t31`.`measure`
                FROM (
                  SELECT
                    `t0`.`experiment`,
                    `t0`.`phase`,
                    `t0`.`unit`,
                    `t0`.`at` AS `entered`,
                    `t0`.`day` AS `entered_day`
                  FROM `entry_days` AS `t0`
                  WHERE
                    `t0`.`day` = 20527
                ) AS `t12`
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
                          `t17`.`unit_type`,
                          `t17`.`unit`,
                          `t17`.`at`,
                          `t17`.`value`,
                          `t17`.`day`,
                          '15019fed6f53fd6d' AS `measure`
                        FROM `t10` AS `t17`
                        WHERE
                          `t17`.`name` = 'order'
                      ) AS `t20`
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
                          'a0a20fe4cf3aa4ce' AS `measure`
                        FROM `t10` AS `t17`
                        WHERE
                          `t17`.`name` = 'order'
                          AND IF(
                            SCHEMA_OF_VARIANT(`t17`.`properties`:currency) = 'STRING',
                            TRY_VARIANT_GET(`t17`.`properties`:currency, '$', 'STRING'),
                            NULL
                          ) = 'EUR'
                      ) AS `t24`
                    ) AS `t26`
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
                        'c4316d54cb9e590e' AS `measure`
                      FROM `t10` AS `t17`
                      WHERE
                        `t17`.`name` = 'visit'
                    ) AS `t21`
                  ) AS `t28`
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
                    FROM `t10` AS `t17`
                    WHERE
                      `t17`.`name` = 'order'
                      AND (
                        (
                          IF(
                            SCHEMA_OF_VARIANT(`t17`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
                            NULL,
                            TRY_VARIANT_GET(`t17`.`properties`:cart.size, '$', 'DOUBLE')
                          ) = 3
                        )
                        OR (
                          IF(
                            SCHEMA_OF_VARIANT(`t17`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
                            NULL,
                            TRY_VARIANT_GET(`t17`.`properties`:cart.size, '$', 'DOUBLE')
                          ) = 4
                        )
                      )
                      AND IF(
                        SCHEMA_OF_VARIANT(`t17`.`properties`:gift) = 'BOOLEAN',
                        TRY_VARIANT_GET(`t17`.`properties`:gift, '$', 'BOOLEAN'),
                        NULL
                      ) = TRUE
                  ) AS `t25`
                ) AS `t31`
                  ON `t12`.`unit` = `t31`.`unit`
              ) AS `t34`
              WHERE
                `t34`.`at` >= `t34`.`entered`
            ) AS `t35`
            GROUP BY
              1,
              2,
              3,
              4,
              5
          ) AS `t37`
          LEFT SEMI JOIN `t8` AS `t19`
            ON `t37`.`experiment` = `t19`.`experiment`
            AND `t37`.`phase` = `t19`.`phase`
            AND `t37`.`unit_type` = `t19`.`unit_type`
            AND `t37`.`measure` = `t19`.`measure`
        ) AS `t38`
      ) AS `t39`
    ) AS `t40`
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        `t23`.`experiment`,
        `t23`.`phase`,
        `t23`.`measure`,
        `t23`.`unit`,
        `t23`.`n`,
        `t23`.`total`,
        CAST(`t23`.`day` - `t23`.`entered_day` AS INT) AS `offset`,
        CAST(1 AS INT) AS `active_days`
      FROM (
        SELECT
          `t11`.`experiment`,
          `t11`.`phase`,
          `t11`.`unit`,
          `t11`.`entered`,
          `t11`.`entered_day`,
          `t13`.`measure`,
          `t13`.`unit_type`,
          `t13`.`n`,
          `t13`.`total`,
          `t13`.`day`,
          `t18`.`start`,
          `t18`.`stop`
        FROM (
          SELECT
            `t0`.`experiment`,
            `t0`.`phase`,
            `t0`.`unit`,
            `t0`.`at` AS `entered`,
            `t0`.`day` AS `entered_day`
          FROM `entry_days` AS `t0`
          WHERE
            `t0`.`day` < 20527
        ) AS `t11`
        INNER JOIN (
          SELECT
            *
          FROM `unit_days` AS `t1`
          WHERE
            `t1`.`day` = 20527
        ) AS `t13`
          ON `t11`.`unit` = `t13`.`unit`
        INNER JOIN `t8` AS `t18`
          ON `t11`.`experiment` = `t18`.`experiment`
          AND `t11`.`phase` = `t18`.`phase`
          AND `t13`.`unit_type` = `t18`.`unit_type`
          AND `t13`.`measure` = `t18`.`measure`
      ) AS `t23`
      WHERE
        (
          `t23`.`day` - `t23`.`entered_day`
        ) < `t23`.`stop`
    ) AS `t29`
  ) AS `t41`
  UNION ALL
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
      `t32`.`start` AS `offset`,
      `t32`.`active_days`
    FROM (
      SELECT
        `t27`.`experiment`,
        `t27`.`phase`,
        `t27`.`measure`,
        `t27`.`unit`,
        `t27`.`start`,
        SUM(`t27`.`n`) AS `n`,
        SUM(`t27`.`total`) AS `total`,
        CAST(COUNT(*) AS INT) AS `active_days`
      FROM (
        SELECT
          *
        FROM (
          SELECT
            `t12`.`experiment`,
            `t12`.`phase`,
            `t12`.`unit`,
            `t12`.`entered`,
            `t12`.`entered_day`,
            `t14`.`measure`,
            `t14`.`unit_type`,
            `t14`.`n`,
            `t14`.`total`,
            `t14`.`day`,
            `t16`.`start`,
            `t16`.`stop`
          FROM (
            SELECT
              `t0`.`experiment`,
              `t0`.`phase`,
              `t0`.`unit`,
              `t0`.`at` AS `entered`,
              `t0`.`day` AS `entered_day`
            FROM `entry_days` AS `t0`
            WHERE
              `t0`.`day` = 20527
          ) AS `t12`
          INNER JOIN (
            SELECT
              *
            FROM `unit_days` AS `t1`
            WHERE
              `t1`.`day` < 20527
          ) AS `t14`
            ON `t12`.`unit` = `t14`.`unit`
          INNER JOIN (
            SELECT
              *
            FROM `uses` AS `t2`
            WHERE
              `t2`.`start` < 0
          ) AS `t16`
            ON `t12`.`experiment` = `t16`.`experiment`
            AND `t12`.`phase` = `t16`.`phase`
            AND `t14`.`unit_type` = `t16`.`unit_type`
            AND `t14`.`measure` = `t16`.`measure`
        ) AS `t22`
        WHERE
          (
            `t22`.`day` - `t22`.`entered_day`
          ) >= `t22`.`start`
      ) AS `t27`
      GROUP BY
        1,
        2,
        3,
        4,
        5
    ) AS `t32`
  ) AS `t33`
) AS `t42`;

-- unit_events
WITH `t1` AS (
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
)
SELECT
  *
FROM (
  SELECT
    *
  FROM (
    SELECT
      `t2`.`unit_type`,
      `t2`.`unit`,
      `t2`.`at`,
      `t2`.`value`,
      `t2`.`day`,
      'c4316d54cb9e590e' AS `measure`
    FROM `t1` AS `t2`
    WHERE
      `t2`.`name` = 'visit'
  ) AS `t4`
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      `t2`.`unit_type`,
      `t2`.`unit`,
      `t2`.`at`,
      `t2`.`value`,
      `t2`.`day`,
      '15019fed6f53fd6d' AS `measure`
    FROM `t1` AS `t2`
    WHERE
      `t2`.`name` = 'order'
  ) AS `t3`
) AS `t5`
UNION ALL
SELECT
  *
FROM (
  SELECT
    `t2`.`unit_type`,
    `t2`.`unit`,
    `t2`.`at`,
    `t2`.`value`,
    `t2`.`day`,
    'd440c1203aed298c' AS `measure`
  FROM `t1` AS `t2`
  WHERE
    `t2`.`name` = 'order'
    AND (
      (
        IF(
          SCHEMA_OF_VARIANT(`t2`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
          NULL,
          TRY_VARIANT_GET(`t2`.`properties`:cart.size, '$', 'DOUBLE')
        ) = 3
      )
      OR (
        IF(
          SCHEMA_OF_VARIANT(`t2`.`properties`:cart.size) IN ('STRING', 'BOOLEAN'),
          NULL,
          TRY_VARIANT_GET(`t2`.`properties`:cart.size, '$', 'DOUBLE')
        ) = 4
      )
    )
    AND IF(
      SCHEMA_OF_VARIANT(`t2`.`properties`:gift) = 'BOOLEAN',
      TRY_VARIANT_GET(`t2`.`properties`:gift, '$', 'BOOLEAN'),
      NULL
    ) = TRUE
) AS `t6`;

-- moments
SELECT
  *
FROM (
  SELECT
    `t42`.`variant`,
    `t42`.`segment`,
    COUNT(`t42`.`m2_y`) AS `m2_n`,
    SUM(CAST(`t42`.`m2_y` IS NULL OR ISNAN(`t42`.`m2_y`) AS INT)) AS `m2_waiting`,
    AVG(`t42`.`m2_y`) AS `m2_mean_y`,
    AVG(`t42`.`m2_pre`) AS `m2_mean_pre`,
    AVG(`t42`.`m2_a_past`) AS `m2_mean_a_past`,
    AVG(`t42`.`m2_missing_past`) AS `m2_mean_missing_past`,
    VARIANCE(`t42`.`m2_y`) AS `m2_cov_y_y`,
    COVAR_SAMP(`t42`.`m2_y`, `t42`.`m2_pre`) AS `m2_cov_y_pre`,
    COVAR_SAMP(`t42`.`m2_y`, `t42`.`m2_a_past`) AS `m2_cov_y_a_past`,
    COVAR_SAMP(`t42`.`m2_y`, `t42`.`m2_missing_past`) AS `m2_cov_y_missing_past`,
    VARIANCE(`t42`.`m2_pre`) AS `m2_cov_pre_pre`,
    COVAR_SAMP(`t42`.`m2_pre`, `t42`.`m2_a_past`) AS `m2_cov_pre_a_past`,
    COVAR_SAMP(`t42`.`m2_pre`, `t42`.`m2_missing_past`) AS `m2_cov_pre_missing_past`,
    VARIANCE(`t42`.`m2_a_past`) AS `m2_cov_a_past_a_past`,
    COVAR_SAMP(`t42`.`m2_a_past`, `t42`.`m2_missing_past`) AS `m2_cov_a_past_missing_past`,
    VARIANCE(`t42`.`m2_missing_past`) AS `m2_cov_missing_past_missing_past`,
    COUNT(`t42`.`m1_y`) AS `m1_n`,
    SUM(CAST(`t42`.`m1_y` IS NULL OR ISNAN(`t42`.`m1_y`) AS INT)) AS `m1_waiting`,
    AVG(`t42`.`m1_y`) AS `m1_mean_y`,
    AVG(`t42`.`m1_d`) AS `m1_mean_d`,
    AVG(`t42`.`m1_pre`) AS `m1_mean_pre`,
    AVG(`t42`.`m1_a_past`) AS `m1_mean_a_past`,
    AVG(`t42`.`m1_missing_past`) AS `m1_mean_missing_past`,
    VARIANCE(`t42`.`m1_y`) AS `m1_cov_y_y`,
    COVAR_SAMP(`t42`.`m1_y`, `t42`.`m1_d`) AS `m1_cov_y_d`,
    COVAR_SAMP(`t42`.`m1_y`, `t42`.`m1_pre`) AS `m1_cov_y_pre`,
    COVAR_SAMP(`t42`.`m1_y`, `t42`.`m1_a_past`) AS `m1_cov_y_a_past`,
    COVAR_SAMP(`t42`.`m1_y`, `t42`.`m1_missing_past`) AS `m1_cov_y_missing_past`,
    VARIANCE(`t42`.`m1_d`) AS `m1_cov_d_d`,
    COVAR_SAMP(`t42`.`m1_d`, `t42`.`m1_pre`) AS `m1_cov_d_pre`,
    COVAR_SAMP(`t42`.`m1_d`, `t42`.`m1_a_past`) AS `m1_cov_d_a_past`,
    COVAR_SAMP(`t42`.`m1_d`, `t42`.`m1_missing_past`) AS `m1_cov_d_missing_past`,
    VARIANCE(`t42`.`m1_pre`) AS `m1_cov_pre_pre`,
    COVAR_SAMP(`t42`.`m1_pre`, `t42`.`m1_a_past`) AS `m1_cov_pre_a_past`,
    COVAR_SAMP(`t42`.`m1_pre`, `t42`.`m1_missing_past`) AS `m1_cov_pre_missing_past`,
    VARIANCE(`t42`.`m1_a_past`) AS `m1_cov_a_past_a_past`,
    COVAR_SAMP(`t42`.`m1_a_past`, `t42`.`m1_missing_past`) AS `m1_cov_a_past_missing_past`,
    VARIANCE(`t42`.`m1_missing_past`) AS `m1_cov_missing_past_missing_past`,
    COUNT(`t42`.`m8_y`) AS `m8_n`,
    SUM(CAST(`t42`.`m8_y` IS NULL OR ISNAN(`t42`.`m8_y`) AS INT)) AS `m8_waiting`,
    AVG(`t42`.`m8_y`) AS `m8_mean_y`,
    AVG(`t42`.`m8_pre`) AS `m8_mean_pre`,
    AVG(`t42`.`m8_a_past`) AS `m8_mean_a_past`,
    AVG(`t42`.`m8_missing_past`) AS `m8_mean_missing_past`,
    VARIANCE(`t42`.`m8_y`) AS `m8_cov_y_y`,
    COVAR_SAMP(`t42`.`m8_y`, `t42`.`m8_pre`) AS `m8_cov_y_pre`,
    COVAR_SAMP(`t42`.`m8_y`, `t42`.`m8_a_past`) AS `m8_cov_y_a_past`,
    COVAR_SAMP(`t42`.`m8_y`, `t42`.`m8_missing_past`) AS `m8_cov_y_missing_past`,
    VARIANCE(`t42`.`m8_pre`) AS `m8_cov_pre_pre`,
    COVAR_SAMP(`t42`.`m8_pre`, `t42`.`m8_a_past`) AS `m8_cov_pre_a_past`,
    COVAR_SAMP(`t42`.`m8_pre`, `t42`.`m8_missing_past`) AS `m8_cov_pre_missing_past`,
    VARIANCE(`t42`.`m8_a_past`) AS `m8_cov_a_past_a_past`,
    COVAR_SAMP(`t42`.`m8_a_past`, `t42`.`m8_missing_past`) AS `m8_cov_a_past_missing_past`,
    VARIANCE(`t42`.`m8_missing_past`) AS `m8_cov_missing_past_missing_past`,
    SUM(
      IF(
        `t42`.`m8_y` IS NOT NULL
        AND NOT ISNAN(`t42`.`m8_y`)
        AND (
          `t42`.`m8_made` >= 1
        ),
        1,
        0
      )
    ) AS `m8_step_1`,
    SUM(
      IF(
        `t42`.`m8_y` IS NOT NULL
        AND NOT ISNAN(`t42`.`m8_y`)
        AND (
          `t42`.`m8_made` >= 2
        ),
        1,
        0
      )
    ) AS `m8_step_2`,
    SUM(
      IF(
        `t42`.`m8_y` IS NOT NULL
        AND NOT ISNAN(`t42`.`m8_y`)
        AND (
          `t42`.`m8_made` >= 3
        ),
        1,
        0
      )
    ) AS `m8_step_3`
  FROM (
    SELECT
      `t41`.`unit`,
      `t41`.`at`,
      `t41`.`day`,
      `t41`.`variant`,
      `t41`.`attributes`,
      `t41`.`s0`,
      `t41`.`s1`,
      `t41`.`s2`,
      `t41`.`s3`,
      `t41`.`s4`,
      `t41`.`s5`,
      `t41`.`s6`,
      `t41`.`m8_made`,
      IF(
        (
          `t41`.`day` + 0
        ) <= 20527,
        IF(COALESCE(`t41`.`s0`, 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS `m2_y`,
      IF(
        (
          `t41`.`day` + 0
        ) <= 20527,
        IF(COALESCE(`t41`.`s1`, 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS `m2_pre`,
      IF(
        (
          `t41`.`day` + 0
        ) <= 20527,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ),
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_a_past`,
      IF(
        (
          `t41`.`day` + 0
        ) <= 20527,
        IF(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
            )
          ),
          1.0,
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m2_missing_past`,
      IF(
        (
          `t41`.`day` + 1
        ) <= 20527,
        LEAST(COALESCE(`t41`.`s2`, 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS `m1_y`,
      IF((
        `t41`.`day` + 1
      ) <= 20527, COALESCE(`t41`.`s4`, 0.0), CAST(NULL AS DOUBLE)) AS `m1_d`,
      IF(
        (
          `t41`.`day` + 1
        ) <= 20527,
        LEAST(COALESCE(`t41`.`s3`, 0.0), 90.0),
        CAST(NULL AS DOUBLE)
      ) AS `m1_pre`,
      IF(
        (
          `t41`.`day` + 1
        ) <= 20527,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ),
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m1_a_past`,
      IF(
        (
          `t41`.`day` + 1
        ) <= 20527,
        IF(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
            )
          ),
          1.0,
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m1_missing_past`,
      IF(
        (
          `t41`.`day` + 2
        ) <= 20527,
        IF(`t41`.`m8_made` = 3, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS `m8_y`,
      IF(
        (
          `t41`.`day` + 2
        ) <= 20527,
        IF(COALESCE(`t41`.`s6`, 0.0) > 0, 1.0, 0.0),
        CAST(NULL AS DOUBLE)
      ) AS `m8_pre`,
      IF(
        (
          `t41`.`day` + 2
        ) <= 20527,
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ),
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m8_a_past`,
      IF(
        (
          `t41`.`day` + 2
        ) <= 20527,
        IF(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
            NULL,
            TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
          ) IS NULL
          OR ISNAN(
            IF(
              SCHEMA_OF_VARIANT(`t41`.`attributes`:past) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(`t41`.`attributes`:past, '$', 'DOUBLE')
            )
          ),
          1.0,
          0.0
        ),
        CAST(NULL AS DOUBLE)
      ) AS `m8_missing_past`,
      COALESCE(
        COALESCE(
          IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:country) = 'STRING',
            TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'STRING'),
            NULL
          ),
          IF(
            (
              IF(
                SCHEMA_OF_VARIANT(`t41`.`attributes`:country) IN ('STRING', 'BOOLEAN'),
                NULL,
                TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'DOUBLE')
              ) = CAST(ROUND(
                IF(
                  SCHEMA_OF_VARIANT(`t41`.`attributes`:country) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'DOUBLE')
                ),
                0
              ) AS BIGINT)
            )
            AND (
              ABS(
                IF(
                  SCHEMA_OF_VARIANT(`t41`.`attributes`:country) IN ('STRING', 'BOOLEAN'),
                  NULL,
                  TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'DOUBLE')
                )
              ) < 9007199254740992
            ),
            CAST(CAST(IF(
              SCHEMA_OF_VARIANT(`t41`.`attributes`:country) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'DOUBLE')
            ) AS BIGINT) AS STRING),
            CAST(IF(
              SCHEMA_OF_VARIANT(`t41`.`attributes`:country) IN ('STRING', 'BOOLEAN'),
              NULL,
              TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'DOUBLE')
            ) AS STRING)
          ),
          CAST(IF(
            SCHEMA_OF_VARIANT(`t41`.`attributes`:country) = 'BOOLEAN',
            TRY_VARIANT_GET(`t41`.`attributes`:country, '$', 'BOOLEAN'),
            NULL
          ) AS STRING)
        ),
        '(none)'
      ) AS `segment`
    FROM (
      SELECT
        `t40`.`unit`,
        `t40`.`at`,
        `t40`.`day`,
        `t40`.`variant`,
        `t40`.`attributes`,
        `t40`.`s0`,
        `t40`.`s1`,
        `t40`.`s2`,
        `t40`.`s3`,
        `t40`.`s4`,
        `t40`.`s5`,
        `t40`.`s6`,
        `t40`.`m8_made`
      FROM (
        SELECT
          `t25`.`unit`,
          `t25`.`at`,
          `t25`.`day`,
          `t25`.`variant`,
          `t25`.`attributes`,
          `t25`.`s0`,
          `t25`.`s1`,
          `t25`.`s2`,
          `t25`.`s3`,
          `t25`.`s4`,
          `t25`.`s5`,
          `t25`.`s6`,
          `t39`.`unit` AS `unit_right`,
          `t39`.`m8_made`
        FROM (
          SELECT
            `t23`.`unit`,
            `t23`.`at`,
            `t23`.`day`,
            `t23`.`variant`,
            `t23`.`attributes`,
            `t23`.`s0`,
            `t23`.`s1`,
            `t23`.`s2`,
            `t23`.`s3`,
            `t23`.`s4`,
            `t23`.`s5`,
            `t23`.`s6`
          FROM (
            SELECT
              `t22`.`unit`,
              `t22`.`at`,
              `t22`.`day`,
              `t22`.`variant`,
              `t22`.`attributes`,
              `t17`.`unit` AS `unit_right`,
              `t17`.`s0`,
              `t17`.`s1`,
              `t17`.`s2`,
              `t17`.`s3`,
              `t17`.`s4`,
              `t17`.`s5`,
              `t17`.`s6`
            FROM (
              SELECT
                `t20`.`unit`,
                `t20`.`at`,
                `t20`.`day`,
                `t20`.`variant`,
                `t20`.`attributes`
              FROM (
                SELECT
                  `t19`.`unit`,
                  `t19`.`at`,
                  `t19`.`day`,
                  `t19`.`attributes`,
                  `t19`.`order` % 64 AS `variant`,
                  `t19`.`met` > 1 AS `crossover`,
                  COALESCE(`t19`.`earlier`, FALSE) AS `earlier`,
                  (
                    `t19`.`day` > 20525
                  ) OR (
                    `t19`.`day` < 20519
                  ) AS `outside`
                FROM (
                  SELECT
                    `t18`.`unit`,
                    `t18`.`order`,
                    `t18`.`at`,
                    `t18`.`day`,
                    `t18`.`met`,
                    `t18`.`attributes`,
                    `t18`.`earlier`
                  FROM (
                    SELECT
                      `t16`.`unit`,
                      `t16`.`order`,
                      `t16`.`at`,
                      `t16`.`day`,
                      `t16`.`met`,
                      `t16`.`attributes`,
                      `t13`.`unit` AS `unit_right`,
                      `t13`.`earlier`
                    FROM (
                      SELECT
                        `t11`.`unit`,
                        MIN(`t11`.`order`) AS `order`,
                        MIN(`t11`.`at`) AS `at`,
                        MIN(`t11`.`day`) AS `day`,
                        COUNT(DISTINCT `t11`.`variant`) AS `met`,
                        MIN_BY(`t11`.`attributes`, `t11`.`order`) AS `attributes`
                      FROM (
                        SELECT
                          `t2`.`experiment`,
                          `t2`.`phase`,
                          `t2`.`unit`,
                          `t2`.`variant`,
                          `t2`.`forced`,
                          `t2`.`at`,
                          `t2`.`attributes`,
                          `t2`.`day`,
                          (
                            `t2`.`at` * 64
                          ) + CAST(CASE `t2`.`variant`
                            WHEN 'control'
                            THEN 0
                            WHEN 'blue'
                            THEN 1
                            WHEN 'green'
                            THEN 2
                            ELSE 0
                          END AS BIGINT) AS `order`
                        FROM `exposure_days` AS `t2`
                        WHERE
                          `t2`.`experiment` = 'checkout'
                          AND NOT (
                            `t2`.`forced`
                          )
                          AND `t2`.`phase` = 2
                          AND `t2`.`variant` IN ('control', 'blue', 'green')
                      ) AS `t11`
                      GROUP BY
                        1
                    ) AS `t16`
                    LEFT OUTER JOIN (
                      SELECT
                        `t7`.`unit`,
                        TRUE AS `earlier`
                      FROM (
                        SELECT DISTINCT
                          `t2`.`unit`
                        FROM `exposure_days` AS `t2`
                        WHERE
                          `t2`.`experiment` = 'checkout' AND NOT (
                            `t2`.`forced`
                          ) AND `t2`.`phase` < 2
                      ) AS `t7`
                    ) AS `t13`
                      ON `t16`.`unit` = `t13`.`unit`
                  ) AS `t18`
                ) AS `t19`
              ) AS `t20`
              WHERE
                NOT (
                  `t20`.`crossover`
                )
                AND NOT (
                  `t20`.`earlier`
                )
                AND NOT (
                  `t20`.`outside`
                )
            ) AS `t22`
            LEFT OUTER JOIN (
              SELECT
                `t3`.`unit`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = '15019fed6f53fd6d'
                    )
                    AND (
                      `t3`.`offset` >= 0
                    )
                    AND (
                      `t3`.`offset` < 1
                    ),
                    CAST(`t3`.`n` AS DOUBLE),
                    NULL
                  )
                ) AS `s0`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = '15019fed6f53fd6d'
                    )
                    AND (
                      `t3`.`offset` = -2
                    )
                    AND (
                      `t3`.`offset` < 0
                    ),
                    CAST(`t3`.`n` AS DOUBLE),
                    NULL
                  )
                ) AS `s1`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = 'a0a20fe4cf3aa4ce'
                    )
                    AND (
                      `t3`.`offset` >= 0
                    )
                    AND (
                      `t3`.`offset` < 2
                    ),
                    `t3`.`total`,
                    NULL
                  )
                ) AS `s2`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = 'a0a20fe4cf3aa4ce'
                    )
                    AND (
                      `t3`.`offset` = -1
                    )
                    AND (
                      `t3`.`offset` < 0
                    ),
                    `t3`.`total`,
                    NULL
                  )
                ) AS `s3`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = 'c4316d54cb9e590e'
                    )
                    AND (
                      `t3`.`offset` >= 0
                    )
                    AND (
                      `t3`.`offset` < 2
                    ),
                    CAST(`t3`.`n` AS DOUBLE),
                    NULL
                  )
                ) AS `s4`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = 'c4316d54cb9e590e'
                    )
                    AND (
                      `t3`.`offset` = -1
                    )
                    AND (
                      `t3`.`offset` < 0
                    ),
                    CAST(`t3`.`n` AS DOUBLE),
                    NULL
                  )
                ) AS `s5`,
                SUM(
                  IF(
                    (
                      `t3`.`measure` = 'd440c1203aed298c'
                    )
                    AND (
                      `t3`.`offset` = -2
                    )
                    AND (
                      `t3`.`offset` < 0
                    ),
                    CAST(`t3`.`n` AS DOUBLE),
                    NULL
                  )
                ) AS `s6`
              FROM (
                SELECT
                  `t0`.`unit`,
                  `t0`.`measure`,
                  `t0`.`offset`,
                  `t0`.`active_days`,
                  `t0`.`n`,
                  `t0`.`total`
                FROM `outcome_days` AS `t0`
                WHERE
                  `t0`.`experiment` = 'checkout'
                  AND `t0`.`phase` = 2
                  AND `t0`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
              ) AS `t3`
              GROUP BY
                1
            ) AS `t17`
              ON `t22`.`unit` = `t17`.`unit`
          ) AS `t23`
        ) AS `t25`
        LEFT OUTER JOIN (
          SELECT
            `t37`.`unit`,
            `t37`.`made` + IF(`t37`.`since` IS NULL, 0, 1) AS `m8_made`
          FROM (
            SELECT
              `t36`.`unit`,
              `t36`.`entered`,
              `t36`.`made`,
              MIN(
                IF(
                  (
                    `t36`.`at` >= `t36`.`since`
                  )
                  AND (
                    (
                      `t36`.`day` - `t36`.`entered`
                    ) >= 0
                  )
                  AND (
                    (
                      `t36`.`day` - `t36`.`entered`
                    ) < 3
                  ),
                  `t36`.`at`,
                  NULL
                )
              ) AS `since`
            FROM (
              SELECT
                `t35`.`unit`,
                `t35`.`entered`,
                `t35`.`made`,
                `t35`.`since`,
                `t8`.`unit` AS `unit_right`,
                `t8`.`at`,
                `t8`.`day`
              FROM (
                SELECT
                  `t33`.`unit`,
                  `t33`.`entered`,
                  `t33`.`made` + IF(`t33`.`since` IS NULL, 0, 1) AS `made`,
                  `t33`.`since`
                FROM (
                  SELECT
                    `t32`.`unit`,
                    `t32`.`entered`,
                    `t32`.`made`,
                    MIN(
                      IF(
                        (
                          `t32`.`at` >= `t32`.`since`
                        )
                        AND (
                          (
                            `t32`.`day` - `t32`.`entered`
                          ) >= 0
                        )
                        AND (
                          (
                            `t32`.`day` - `t32`.`entered`
                          ) < 3
                        ),
                        `t32`.`at`,
                        NULL
                      )
                    ) AS `since`
                  FROM (
                    SELECT
                      `t31`.`unit`,
                      `t31`.`entered`,
                      `t31`.`made`,
                      `t31`.`since`,
                      `t9`.`unit` AS `unit_right`,
                      `t9`.`at`,
                      `t9`.`day`
                    FROM (
                      SELECT
                        `t29`.`unit`,
                        `t29`.`entered`,
                        `t29`.`made` + IF(`t29`.`since` IS NULL, 0, 1) AS `made`,
                        `t29`.`since`
                      FROM (
                        SELECT
                          `t28`.`unit`,
                          `t28`.`entered`,
                          `t28`.`made`,
                          MIN(
                            IF(
                              (
                                `t28`.`at` >= `t28`.`since`
                              )
                              AND (
                                (
                                  `t28`.`day` - `t28`.`entered`
                                ) >= 0
                              )
                              AND (
                                (
                                  `t28`.`day` - `t28`.`entered`
                                ) < 3
                              ),
                              `t28`.`at`,
                              NULL
                            )
                          ) AS `since`
                        FROM (
                          SELECT
                            `t27`.`unit`,
                            `t27`.`entered`,
                            `t27`.`since`,
                            `t27`.`made`,
                            `t10`.`unit` AS `unit_right`,
                            `t10`.`at`,
                            `t10`.`day`
                          FROM (
                            SELECT
                              `t24`.`unit`,
                              `t24`.`day` AS `entered`,
                              `t24`.`at` AS `since`,
                              CAST(0 AS BIGINT) AS `made`
                            FROM (
                              SELECT
                                `t23`.`unit`,
                                `t23`.`at`,
                                `t23`.`day`,
                                `t23`.`variant`,
                                `t23`.`attributes`,
                                `t23`.`s0`,
                                `t23`.`s1`,
                                `t23`.`s2`,
                                `t23`.`s3`,
                                `t23`.`s4`,
                                `t23`.`s5`,
                                `t23`.`s6`
                              FROM (
                                SELECT
                                  `t22`.`unit`,
                                  `t22`.`at`,
                                  `t22`.`day`,
                                  `t22`.`variant`,
                                  `t22`.`attributes`,
                                  `t17`.`unit` AS `unit_right`,
                                  `t17`.`s0`,
                                  `t17`.`s1`,
                                  `t17`.`s2`,
                                  `t17`.`s3`,
                                  `t17`.`s4`,
                                  `t17`.`s5`,
                                  `t17`.`s6`
                                FROM (
                                  SELECT
                                    `t20`.`unit`,
                                    `t20`.`at`,
                                    `t20`.`day`,
                                    `t20`.`variant`,
                                    `t20`.`attributes`
                                  FROM (
                                    SELECT
                                      `t19`.`unit`,
                                      `t19`.`at`,
                                      `t19`.`day`,
                                      `t19`.`attributes`,
                                      `t19`.`order` % 64 AS `variant`,
                                      `t19`.`met` > 1 AS `crossover`,
                                      COALESCE(`t19`.`earlier`, FALSE) AS `earlier`,
                                      (
                                        `t19`.`day` > 20525
                                      ) OR (
                                        `t19`.`day` < 20519
                                      ) AS `outside`
                                    FROM (
                                      SELECT
                                        `t18`.`unit`,
                                        `t18`.`order`,
                                        `t18`.`at`,
                                        `t18`.`day`,
                                        `t18`.`met`,
                                        `t18`.`attributes`,
                                        `t18`.`earlier`
                                      FROM (
                                        SELECT
                                          `t16`.`unit`,
                                          `t16`.`order`,
                                          `t16`.`at`,
                                          `t16`.`day`,
                                          `t16`.`met`,
                                          `t16`.`attributes`,
                                          `t13`.`unit` AS `unit_right`,
                                          `t13`.`earlier`
                                        FROM (
                                          SELECT
                                            `t11`.`unit`,
                                            MIN(`t11`.`order`) AS `order`,
                                            MIN(`t11`.`at`) AS `at`,
                                            MIN(`t11`.`day`) AS `day`,
                                            COUNT(DISTINCT `t11`.`variant`) AS `met`,
                                            MIN_BY(`t11`.`attributes`, `t11`.`order`) AS `attributes`
                                          FROM (
                                            SELECT
                                              `t2`.`experiment`,
                                              `t2`.`phase`,
                                              `t2`.`unit`,
                                              `t2`.`variant`,
                                              `t2`.`forced`,
                                              `t2`.`at`,
                                              `t2`.`attributes`,
                                              `t2`.`day`,
                                              (
                                                `t2`.`at` * 64
                                              ) + CAST(CASE `t2`.`variant`
                                                WHEN 'control'
                                                THEN 0
                                                WHEN 'blue'
                                                THEN 1
                                                WHEN 'green'
                                                THEN 2
                                                ELSE 0
                                              END AS BIGINT) AS `order`
                                            FROM `exposure_days` AS `t2`
                                            WHERE
                                              `t2`.`experiment` = 'checkout'
                                              AND NOT (
                                                `t2`.`forced`
                                              )
                                              AND `t2`.`phase` = 2
                                              AND `t2`.`variant` IN ('control', 'blue', 'green')
                                          ) AS `t11`
                                          GROUP BY
                                            1
                                        ) AS `t16`
                                        LEFT OUTER JOIN (
                                          SELECT
                                            `t7`.`unit`,
                                            TRUE AS `earlier`
                                          FROM (
                                            SELECT DISTINCT
                                              `t2`.`unit`
                                            FROM `exposure_days` AS `t2`
                                            WHERE
                                              `t2`.`experiment` = 'checkout' AND NOT (
                                                `t2`.`forced`
                                              ) AND `t2`.`phase` < 2
                                          ) AS `t7`
                                        ) AS `t13`
                                          ON `t16`.`unit` = `t13`.`unit`
                                      ) AS `t18`
                                    ) AS `t19`
                                  ) AS `t20`
                                  WHERE
                                    NOT (
                                      `t20`.`crossover`
                                    )
                                    AND NOT (
                                      `t20`.`earlier`
                                    )
                                    AND NOT (
                                      `t20`.`outside`
                                    )
                                ) AS `t22`
                                LEFT OUTER JOIN (
                                  SELECT
                                    `t3`.`unit`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = '15019fed6f53fd6d'
                                        )
                                        AND (
                                          `t3`.`offset` >= 0
                                        )
                                        AND (
                                          `t3`.`offset` < 1
                                        ),
                                        CAST(`t3`.`n` AS DOUBLE),
                                        NULL
                                      )
                                    ) AS `s0`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = '15019fed6f53fd6d'
                                        )
                                        AND (
                                          `t3`.`offset` = -2
                                        )
                                        AND (
                                          `t3`.`offset` < 0
                                        ),
                                        CAST(`t3`.`n` AS DOUBLE),
                                        NULL
                                      )
                                    ) AS `s1`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = 'a0a20fe4cf3aa4ce'
                                        )
                                        AND (
                                          `t3`.`offset` >= 0
                                        )
                                        AND (
                                          `t3`.`offset` < 2
                                        ),
                                        `t3`.`total`,
                                        NULL
                                      )
                                    ) AS `s2`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = 'a0a20fe4cf3aa4ce'
                                        )
                                        AND (
                                          `t3`.`offset` = -1
                                        )
                                        AND (
                                          `t3`.`offset` < 0
                                        ),
                                        `t3`.`total`,
                                        NULL
                                      )
                                    ) AS `s3`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = 'c4316d54cb9e590e'
                                        )
                                        AND (
                                          `t3`.`offset` >= 0
                                        )
                                        AND (
                                          `t3`.`offset` < 2
                                        ),
                                        CAST(`t3`.`n` AS DOUBLE),
                                        NULL
                                      )
                                    ) AS `s4`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = 'c4316d54cb9e590e'
                                        )
                                        AND (
                                          `t3`.`offset` = -1
                                        )
                                        AND (
                                          `t3`.`offset` < 0
                                        ),
                                        CAST(`t3`.`n` AS DOUBLE),
                                        NULL
                                      )
                                    ) AS `s5`,
                                    SUM(
                                      IF(
                                        (
                                          `t3`.`measure` = 'd440c1203aed298c'
                                        )
                                        AND (
                                          `t3`.`offset` = -2
                                        )
                                        AND (
                                          `t3`.`offset` < 0
                                        ),
                                        CAST(`t3`.`n` AS DOUBLE),
                                        NULL
                                      )
                                    ) AS `s6`
                                  FROM (
                                    SELECT
                                      `t0`.`unit`,
                                      `t0`.`measure`,
                                      `t0`.`offset`,
                                      `t0`.`active_days`,
                                      `t0`.`n`,
                                      `t0`.`total`
                                    FROM `outcome_days` AS `t0`
                                    WHERE
                                      `t0`.`experiment` = 'checkout'
                                      AND `t0`.`phase` = 2
                                      AND `t0`.`measure` IN ('15019fed6f53fd6d', 'a0a20fe4cf3aa4ce', 'c4316d54cb9e590e', 'd440c1203aed298c')
                                  ) AS `t3`
                                  GROUP BY
                                    1
                                ) AS `t17`
                                  ON `t22`.`unit` = `t17`.`unit`
                              ) AS `t23`
                            ) AS `t24`
                          ) AS `t27`
                          LEFT OUTER JOIN (
                            SELECT
                              `t1`.`unit`,
                              `t1`.`at`,
                              `t1`.`day`
                            FROM `unit_events` AS `t1`
                            WHERE
                              `t1`.`unit_type` = 'account' AND `t1`.`measure` = 'c4316d54cb9e590e'
                          ) AS `t10`
                            ON `t27`.`unit` = `t10`.`unit`
                        ) AS `t28`
                        GROUP BY
                          1,
                          2,
                          3
                      ) AS `t29`
                    ) AS `t31`
                    LEFT OUTER JOIN (
                      SELECT
                        `t1`.`unit`,
                        `t1`.`at`,
                        `t1`.`day`
                      FROM `unit_events` AS `t1`
                      WHERE
                        `t1`.`unit_type` = 'account' AND `t1`.`measure` = '15019fed6f53fd6d'
                    ) AS `t9`
                      ON `t31`.`unit` = `t9`.`unit`
                  ) AS `t32`
                  GROUP BY
                    1,
                    2,
                    3
                ) AS `t33`
              ) AS `t35`
              LEFT OUTER JOIN (
                SELECT
                  `t1`.`unit`,
                  `t1`.`at`,
                  `t1`.`day`
                FROM `unit_events` AS `t1`
                WHERE
                  `t1`.`unit_type` = 'account' AND `t1`.`measure` = 'd440c1203aed298c'
              ) AS `t8`
                ON `t35`.`unit` = `t8`.`unit`
            ) AS `t36`
            GROUP BY
              1,
              2,
              3
          ) AS `t37`
        ) AS `t39`
          ON `t25`.`unit` = `t39`.`unit`
      ) AS `t40`
    ) AS `t41`
  ) AS `t42`
  GROUP BY
    1,
    2
) AS `t43`
ORDER BY
  `t43`.`variant` ASC NULLS LAST,
  `t43`.`segment` ASC NULLS LAST;

-- quantile_values
SELECT
  `t22`.`unit`,
  `t22`.`variant`,
  `t22`.`segment`,
  `t22`.`value`
FROM (
  SELECT
    `t21`.`unit`,
    `t21`.`variant`,
    `t21`.`segment`,
    `t21`.`since`,
    `t21`.`entered`,
    `t6`.`at`,
    `t6`.`value`,
    `t6`.`day`
  FROM (
    SELECT
      `t19`.`unit`,
      `t19`.`variant`,
      '' AS `segment`,
      `t19`.`at` AS `since`,
      `t19`.`day` AS `entered`
    FROM (
      SELECT
        `t18`.`unit`,
        `t18`.`at`,
        `t18`.`day`,
        `t18`.`variant`,
        `t18`.`attributes`
      FROM (
        SELECT
          `t17`.`unit`,
          `t17`.`at`,
          `t17`.`day`,
          `t17`.`variant`,
          `t17`.`attributes`,
          `t7`.`unit` AS `unit_right`
        FROM (
          SELECT
            `t15`.`unit`,
            `t15`.`at`,
            `t15`.`day`,
            `t15`.`variant`,
            `t15`.`attributes`
          FROM (
            SELECT
              `t14`.`unit`,
              `t14`.`at`,
              `t14`.`day`,
              `t14`.`attributes`,
              `t14`.`order` % 64 AS `variant`,
              `t14`.`met` > 1 AS `crossover`,
              COALESCE(`t14`.`earlier`, FALSE) AS `earlier`,
              (
                `t14`.`day` > 20525
              ) OR (
                `t14`.`day` < 20519
              ) AS `outside`
            FROM (
              SELECT
                `t13`.`unit`,
                `t13`.`order`,
                `t13`.`at`,
                `t13`.`day`,
                `t13`.`met`,
                `t13`.`attributes`,
                `t13`.`earlier`
              FROM (
                SELECT
                  `t12`.`unit`,
                  `t12`.`order`,
                  `t12`.`at`,
                  `t12`.`day`,
                  `t12`.`met`,
                  `t12`.`attributes`,
                  `t10`.`unit` AS `unit_right`,
                  `t10`.`earlier`
                FROM (
                  SELECT
                    `t8`.`unit`,
                    MIN(`t8`.`order`) AS `order`,
                    MIN(`t8`.`at`) AS `at`,
                    MIN(`t8`.`day`) AS `day`,
                    COUNT(DISTINCT `t8`.`variant`) AS `met`,
                    MIN_BY(`t8`.`attributes`, `t8`.`order`) AS `attributes`
                  FROM (
                    SELECT
                      `t2`.`experiment`,
                      `t2`.`phase`,
                      `t2`.`unit`,
                      `t2`.`variant`,
                      `t2`.`forced`,
                      `t2`.`at`,
                      `t2`.`attributes`,
                      `t2`.`day`,
                      (
                        `t2`.`at` * 64
                      ) + CAST(CASE `t2`.`variant`
                        WHEN 'control'
                        THEN 0
                        WHEN 'blue'
                        THEN 1
                        WHEN 'green'
                        THEN 2
                        ELSE 0
                      END AS BIGINT) AS `order`
                    FROM `exposure_days` AS `t2`
                    WHERE
                      `t2`.`experiment` = 'checkout'
                      AND NOT (
                        `t2`.`forced`
                      )
                      AND `t2`.`phase` = 2
                      AND `t2`.`variant` IN ('control', 'blue', 'green')
                  ) AS `t8`
                  GROUP BY
                    1
                ) AS `t12`
                LEFT OUTER JOIN (
                  SELECT
                    `t5`.`unit`,
                    TRUE AS `earlier`
                  FROM (
                    SELECT DISTINCT
                      `t2`.`unit`
                    FROM `exposure_days` AS `t2`
                    WHERE
                      `t2`.`experiment` = 'checkout' AND NOT (
                        `t2`.`forced`
                      ) AND `t2`.`phase` < 2
                  ) AS `t5`
                ) AS `t10`
                  ON `t12`.`unit` = `t10`.`unit`
              ) AS `t13`
            ) AS `t14`
          ) AS `t15`
          WHERE
            NOT (
              `t15`.`crossover`
            )
            AND NOT (
              `t15`.`earlier`
            )
            AND NOT (
              `t15`.`outside`
            )
        ) AS `t17`
        LEFT OUTER JOIN (
          SELECT DISTINCT
            `t1`.`unit`
          FROM `outcome_days` AS `t1`
          WHERE
            `t1`.`experiment` = 'checkout'
            AND `t1`.`phase` = 2
            AND `t1`.`measure` IN ('15019fed6f53fd6d')
        ) AS `t7`
          ON `t17`.`unit` = `t7`.`unit`
      ) AS `t18`
    ) AS `t19`
    WHERE
      IF((
        `t19`.`day` + 1
      ) <= 20527, 1.0, CAST(NULL AS DOUBLE)) IS NOT NULL
      AND NOT ISNAN(IF((
        `t19`.`day` + 1
      ) <= 20527, 1.0, CAST(NULL AS DOUBLE)))
  ) AS `t21`
  INNER JOIN (
    SELECT
      `t0`.`unit`,
      `t0`.`at`,
      `t0`.`value`,
      `t0`.`day`
    FROM `unit_events` AS `t0`
    WHERE
      `t0`.`measure` = '15019fed6f53fd6d'
      AND (
        `t0`.`value` IS NOT NULL AND NOT ISNAN(`t0`.`value`)
      )
  ) AS `t6`
    ON `t21`.`unit` = `t6`.`unit`
) AS `t22`
WHERE
  `t22`.`at` >= `t22`.`since`
  AND (
    `t22`.`day` - `t22`.`entered`
  ) >= 0
  AND (
    `t22`.`day` - `t22`.`entered`
  ) < 2;

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
  `t11`.`variant`,
  `t11`.`attributes`,
  `t11`.`m10_done`,
  `t11`.`m10_a_past`,
  `t11`.`m10_missing_past`,
  `t11`.`segment`,
  `t11`.`at_most`,
  `t11`.`every`,
  IF(
    `t11`.`m10_done` IS NOT NULL AND NOT ISNAN(`t11`.`m10_done`),
    COALESCE(`t11`.`at_most`, 0.0),
    CAST(NULL AS DOUBLE)
  ) AS `m10_y`,
  IF(
    `t11`.`m10_done` IS NOT NULL AND NOT ISNAN(`t11`.`m10_done`),
    COALESCE(`t11`.`every`, 0.0),
    CAST(NULL AS DOUBLE)
  ) AS `m10_d`
FROM (
  SELECT
    `t10`.`unit`,
    `t10`.`at`,
    `t10`.`day`,
    `t10`.`variant`,
    `t10`.`attributes`,
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
      `t9`.`variant`,
      `t9`.`attributes`,
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
        `t3`.`variant`,
        `t3`.`attributes`,
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
          SUM(IF(`t6`.`value` <= `t6`.`middle`, 1.0, 0.0)) AS `at_most`,
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
