"""The assignment in SQL, as docs/sql/assignment has it: run against all vectors on three engines, parsed for three more."""

import json
from collections.abc import Callable, Iterator
from math import fsum
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pytest
import sqlglot
import sqlglot.expressions as sge

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


def test_duckdb_assigns_every_vector() -> None:
    with duckdb.connect() as connection:
        for name, table in tables().items():
            connection.register(name, table)
        check(connection.execute(query("duckdb")).fetchall())


def test_postgresql_assigns_every_vector(postgresql_server: Callable[[str], str]) -> None:
    types = {pa.string(): "text", pa.float64(): "double precision"}
    with psycopg.connect(postgresql_server("assignment").replace("+psycopg", "")) as connection, connection.cursor() as cursor:
        for name, table in tables().items():
            columns = ", ".join(f"{field.name} {types[field.type]}" for field in table.schema)
            cursor.execute(f"CREATE TABLE {name} ({columns})")
            with cursor.copy(f"COPY {name} FROM STDIN") as copy:
                for row in table.to_pylist():
                    copy.write_row(list(row.values()))
        check(cursor.execute(query("postgresql")).fetchall())


@pytest.mark.slow
def test_spark_assigns_every_vector(spark_cluster: str) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(spark_cluster).appName("keepers").getOrCreate().newSession()
    for name, table in tables().items():
        session.createDataFrame(table).createOrReplaceTempView(name)
    check([tuple(row) for row in session.sql(query("spark")).collect()])


@pytest.mark.parametrize(("name", "dialect"), DIALECTS.items())
def test_each_query_is_sql_of_its_dialect_with_the_same_columns(name: str, dialect: str) -> None:
    parsed = sqlglot.parse_one(query(name), dialect=dialect)
    assert [column.alias_or_name for column in parsed.find_all(sge.Select).__next__().expressions] == ["experiment", "unit", "variant"]
    assert {table.name for table in parsed.find_all(sge.Table)} == {"experiments", "units", "variants", "hashed", "placed"}
    assert not list(parsed.find_all(sge.Command))


def test_every_dialect_has_its_file() -> None:
    assert {path.stem for path in QUERIES.iterdir()} == set(DIALECTS)
