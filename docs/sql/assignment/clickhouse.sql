-- Who gets which variant, in ClickHouse. docs/assignment.md says what the three tables hold.
WITH hashed AS (
    SELECT units.experiment, units.unit, experiments.coverage,
           hex(MD5(concat(experiments.salt, ':', units.unit))) AS digest
    FROM units
    JOIN experiments ON experiments.experiment = units.experiment
),
placed AS (  -- two numbers of 15 hexadecimal digits, below 16 to the power of 15: 1152921504606846976
    SELECT experiment, unit, coverage,
           reinterpretAsUInt64(reverse(unhex(concat('0', substring(digest, 1, 15))))) AS split,
           reinterpretAsUInt64(reverse(unhex(concat('0', substring(digest, 17, 15))))) AS gate
    FROM hashed
)
SELECT placed.experiment, placed.unit,
       MAX(CASE
           WHEN placed.gate < toUInt64(ceil(placed.coverage * 1152921504606846976))
            AND placed.split >= toUInt64(ceil(variants.starts * 1152921504606846976))
            AND placed.split < toUInt64(ceil(variants.ends * 1152921504606846976))
           THEN variants.variant
       END) AS variant
FROM placed
JOIN variants ON variants.experiment = placed.experiment
GROUP BY placed.experiment, placed.unit
