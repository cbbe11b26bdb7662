"""The assignment in SQL, as docs/sql/assignment has it: run against all vectors on three engines, parsed for three more.

On Spark: test_engines.py, as one process of the tests then starts one cluster.
"""

from collections.abc import Callable

import duckdb
import psycopg
import pyarrow as pa
import pytest
import sqlglot
import sqlglot.expressions as sge
from vectors import DIALECTS, QUERIES, check, query, tables


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


@pytest.mark.parametrize(("name", "dialect"), DIALECTS.items())
def test_each_query_is_sql_of_its_dialect_with_the_same_columns(name: str, dialect: str) -> None:
    parsed = sqlglot.parse_one(query(name), dialect=dialect)
    assert [column.alias_or_name for column in parsed.find_all(sge.Select).__next__().expressions] == ["experiment", "unit", "variant"]
    assert {table.name for table in parsed.find_all(sge.Table)} == {"experiments", "units", "variants", "hashed", "placed"}
    assert not list(parsed.find_all(sge.Command))


def test_every_dialect_has_its_file() -> None:
    assert {path.stem for path in QUERIES.iterdir()} == set(DIALECTS)
