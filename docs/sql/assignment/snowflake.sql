-- Who gets which variant, in Snowflake. docs/assignment.md says what the three tables hold.
WITH hashed AS (
    SELECT units.experiment, units.unit, experiments.coverage,
           MD5(experiments.salt || ':' || units.unit) AS digest
    FROM units
    JOIN experiments ON experiments.experiment = units.experiment
),
placed AS (  -- two numbers of 15 hexadecimal digits, below 16 to the power of 15: 1152921504606846976
    SELECT experiment, unit, coverage,
           TO_NUMBER(SUBSTR(digest, 1, 15), 'XXXXXXXXXXXXXXX') AS split,
           TO_NUMBER(SUBSTR(digest, 17, 15), 'XXXXXXXXXXXXXXX') AS gate
    FROM hashed
)
SELECT placed.experiment, placed.unit,
       MAX(CASE
           WHEN placed.gate < CAST(CEIL(placed.coverage * 1152921504606846976) AS NUMBER(38, 0))
            AND placed.split >= CAST(CEIL(variants.starts * 1152921504606846976) AS NUMBER(38, 0))
            AND placed.split < CAST(CEIL(variants.ends * 1152921504606846976) AS NUMBER(38, 0))
           THEN variants.variant
       END) AS variant
FROM placed
JOIN variants ON variants.experiment = placed.experiment
GROUP BY placed.experiment, placed.unit
