-- Who gets which variant, in DuckDB. docs/assignment.md says what the three tables hold.
WITH hashed AS (
    SELECT units.experiment, units.unit, experiments.coverage,
           md5(experiments.salt || ':' || units.unit) AS digest
    FROM units
    JOIN experiments ON experiments.experiment = units.experiment
),
placed AS (  -- two numbers of 15 hexadecimal digits, below 16 to the power of 15: 1152921504606846976
    SELECT experiment, unit, coverage,
           CAST('0x' || substr(digest, 1, 15) AS BIGINT) AS split,
           CAST('0x' || substr(digest, 17, 15) AS BIGINT) AS gate
    FROM hashed
)
SELECT placed.experiment, placed.unit,
       MAX(CASE
           WHEN placed.gate < CAST(CEIL(placed.coverage * 1152921504606846976) AS BIGINT)
            AND placed.split >= CAST(CEIL(variants.starts * 1152921504606846976) AS BIGINT)
            AND placed.split < CAST(CEIL(variants.ends * 1152921504606846976) AS BIGINT)
           THEN variants.variant
       END) AS variant
FROM placed
JOIN variants ON variants.experiment = placed.experiment
GROUP BY placed.experiment, placed.unit
