"""The vectors of the assignment as tables, for the SQL of docs/sql/assignment to assign, on whichever engine."""

import json
from collections.abc import Iterator
from math import fsum
from pathlib import Path

import pyarrow as pa

ROOT = Path(__file__).parents[2]
QUERIES = ROOT / "docs" / "sql" / "assignment"
VECTORS = json.loads((ROOT / "tests" / "sdk" / "assignment_vectors.json").read_text(encoding="utf-8"))["cases"]
DIALECTS = {"bigquery": "bigquery", "clickhouse": "clickhouse", "duckdb": "duckdb", "postgresql": "postgres", "snowflake": "snowflake", "spark": "spark"}
Rows = list[tuple[str, str, str | None]]


def tables() -> dict[str, pa.Table]:
    """Each vector is an experiment of its own with one unit; ends are written as docs/assignment.md says."""
    keys = [f"e{number}" for number in range(len(VECTORS))]
    variants = [(key, *row) for key, case in zip(keys, VECTORS, strict=True) for row in ranges(case["weights"])]
    columns = dict(zip(("experiment", "variant", "starts", "ends"), map(list, zip(*variants, strict=True)), strict=True))
    return {
        "experiments": pa.table({"experiment": keys, "salt": [c["salt"] for c in VECTORS], "coverage": [c["coverage"] for c in VECTORS]}),
        "variants": pa.table(columns),
        "units": pa.table({"experiment": keys, "unit": [c["unit"] for c in VECTORS]}),
    }


def ranges(weights: list[float]) -> Iterator[tuple[str, float, float]]:
    """Variants with a weight: from the sum of the weights before to the sum with their own, 1 for the last."""
    last = max(index for index, weight in enumerate(weights) if weight)
    ends = [fsum(weights[: index + 1]) for index in range(len(weights))]
    starts = [0.0, *ends[:-1]]
    return ((f"v{i}", starts[i], 1.0 if i == last else ends[i]) for i, weight in enumerate(weights) if weight)


def check(rows: Rows) -> None:
    got = {experiment: (unit, variant) for experiment, unit, variant in rows}
    expected = {
        f"e{number}": (case["unit"], None if case["variant"] is None else f"v{case['variant']}") for number, case in enumerate(VECTORS)
    }
    assert len(rows) == len(expected) == 1000
    assert got == expected


def query(name: str) -> str:
    return (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
