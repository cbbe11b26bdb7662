"""PostgreSQL as the warehouse: the tables of the lake, in a schema named warehouse, of a database of your own.

A `Postgresql` is one transaction that sees one state of the data; `publish` commits it and begins the next.
"""

import io
import re
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from hashlib import sha256
from time import time_ns
from typing import Any, ClassVar

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import psycopg
import pyarrow as pa
import pyarrow.csv
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.postgres import PostgresCompiler
from psycopg import sql

from experiments.errors import Conflict, Unavailable
from experiments.warehouse.lake import SCHEMAS, day_of, number_of
from experiments.warehouse.tables import RAW, TABLES

SCHEMA = "warehouse"
# Text in the order of its bytes, as every other engine has it: the first of several texts is then the same.
_TYPES = {
    pa.string(): 'text COLLATE "C"', pa.int64(): "bigint", pa.int32(): "integer",
    pa.float64(): "double precision", pa.bool_(): "boolean",
    pa.list_(pa.float64()): "double precision[]",
}  # fmt: skip
_COLUMNS = {name: ibis.schema({"environment": "string", "part": "string", **SCHEMAS[name]}) for name in TABLES}
_BOOKS = """
CREATE TABLE warehouse.parts (
    environment text, name text, day integer, part text, made_from text, PRIMARY KEY (environment, name, day, part)
);
CREATE TABLE warehouse.closed (environment text PRIMARY KEY, day integer NOT NULL);
CREATE TABLE warehouse.generation (number bigint NOT NULL);
INSERT INTO warehouse.generation VALUES (0);
"""


class PostgreSQL(PostgresCompiler):  # type: ignore[misc]
    """Ibis's SQL for PostgreSQL, but for two calls that sqlglot 30 rewrites, reading a dot in a name as a path."""

    __slots__ = ()
    # No query of ours samples, cuts texts up or orders what it makes distinct: looking for that is a third of the work.
    LOWERED_OPS: ClassVar[dict[type, None]] = dict.fromkeys(PostgresCompiler.lowered_ops)
    post_rewrites = ()

    def visit_NonNullLiteral(self, op: ops.Literal, *, value: Any, dtype: Any) -> Any:
        """Say that 1.0 is a float: by itself it is a decimal here, and its mean is rounded."""
        if dtype.is_floating():
            return self.cast(sge.convert(value), dtype)
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_JSONGetItem(self, op: ops.JSONGetItem, *, arg: sge.Expression, index: sge.Expression) -> Any:
        """One property by its own name."""
        return self.f.anon.json_extract_path(arg, index)

    def json_extract_path_text(self, op: ops.Node, arg: sge.Expression, *rest: sge.Expression) -> Any:
        """The text of a JSON value itself."""
        return self.f.anon.json_extract_path_text(arg, sge.Var(this="VARIADIC ARRAY[]::TEXT[]"))


class Postgresql:
    """The warehouse in PostgreSQL. `url` is SQLAlchemy's; the schema is made at the first use."""

    def __init__(self, url: str) -> None:
        bare = _connected(url.replace("postgresql+psycopg:", "postgresql:", 1))
        self._made(bare)
        self.connection = ibis.postgres.from_connection(bare)
        self.connection.compiler = PostgreSQL()
        weakref.finalize(self.connection, bare.close)
        self._begin()

    def append(self, environment: str, table: str, day: date, name: str, rows: pa.Table) -> None:
        """Add raw rows of one day under `name`; the same name again replaces what was there."""
        text = _csv(rows.cast(TABLES[table]), environment, name)
        self._clear(environment, table, day, name)
        self._record(environment, table, day, name, sha256(text).hexdigest()[:16])
        with _answering(), self.connection.con.cursor() as cursor, cursor.copy(_copy(table)) as copy:
            copy.write(text)

    def replace(self, environment: str, table: str, day: date, fingerprint: str, rows: ir.Table) -> None:
        """Put a roll-up of one day in place of the former one, without moving its rows out of the database."""
        chosen = rows.select(TABLES[table].names)
        placed = chosen.mutate(environment=ibis.literal(environment), part=ibis.literal(""))
        self._clear(environment, table, day, "")
        self._record(environment, table, day, "", fingerprint)
        with _answering(), self.connection.con.transaction():
            self.connection._run_pre_execute_hooks(placed)  # a table that the query brings along
            # Ibis's own `insert` reads the SQL that it has written again, to write it once more.
            self._run(f"INSERT INTO warehouse.{table} ({_names(table)}) {self.connection.compile(placed)}")

    def settle(self) -> None:
        """Nothing is on its way: every statement has ended when its call returns."""

    def close(self, environment: str, day: date) -> None:
        """Say that everything up to this day is rolled up."""
        later = "ON CONFLICT (environment) DO UPDATE SET day = greatest(closed.day, excluded.day)"
        self._run(f"INSERT INTO warehouse.closed VALUES (%s, %s) {later}", environment, number_of(day))

    def publish(self) -> None:
        """Commit; Conflict if another has published since this state was read: nothing is written then."""
        self._run("UPDATE warehouse.generation SET number = number + 1")
        self._run("COMMIT")
        self._begin()

    def days(self, environment: str, table: str) -> list[date]:
        """Days that have rows of this table, in order."""
        query = "SELECT DISTINCT day FROM warehouse.parts WHERE environment = %s AND name = %s ORDER BY day"
        return [day_of(number) for (number,) in self._run(query, environment, table)]

    def sources(self, environment: str, table: str, day: date) -> list[str]:
        """The day's loads, each with a digest of its rows."""
        query = "SELECT part, made_from FROM warehouse.parts WHERE environment = %s AND name = %s AND day = %s"
        found = self._run(f"{query} AND part <> ''", environment, table, number_of(day))
        return sorted(f"{part}:{digest}" for part, digest in found)

    def rolled(self, environment: str, table: str, day: date) -> str | None:
        """The fingerprint under which the roll-up of this day was made, if it was; of dropped raw rows, theirs."""
        query = "SELECT made_from FROM warehouse.parts WHERE environment = %s AND name = %s AND day = %s AND part = ''"
        found = self._run(query, environment, table, number_of(day))
        return found[0][0] if found else None

    def outdate(self, environment: str, first: date, last: date) -> None:
        """Drop the fingerprints of these days' roll-ups, so that they are made again."""
        self._run(
            "UPDATE warehouse.parts SET made_from = '' WHERE environment = %s AND part = '' AND day BETWEEN %s AND %s "
            "AND NOT name = ANY(%s)",
            environment, number_of(first), number_of(last), list(RAW),
        )  # fmt: skip

    def drop(self, environment: str, table: str, day: date, digest: str) -> None:
        """Remove the raw rows of a day for good; `rolled` says from then on what they were."""
        where = "WHERE environment = %s AND day = %s"
        self._run(f"DELETE FROM warehouse.{table} {where}", environment, number_of(day))
        self._run(f"DELETE FROM warehouse.parts {where} AND name = %s", environment, number_of(day), table)
        self._record(environment, table, day, "", digest)

    def erase(self, environment: str, table: str, unit: str) -> int:
        """Remove every row of a unit; raw days then count as changed, and are rolled up again."""
        deleted = f"DELETE FROM warehouse.{table} WHERE environment = %s AND unit = %s RETURNING day, part"
        found = self._run(deleted, environment, unit)
        if table in RAW:
            for number, part in sorted(set(found)):
                changed = sha256(f"{part} {time_ns()}".encode()).hexdigest()[:16]
                self._record(environment, table, day_of(number), part, changed)
        return len(found)

    def closed_through(self, environment: str) -> date | None:
        """The last day up to which everything is rolled up."""
        found = self._run("SELECT day FROM warehouse.closed WHERE environment = %s", environment)
        return day_of(found[0][0]) if found else None

    def table(
        self, environment: str, table: str, days: Iterable[date], experiments: Iterable[str] | None = None
    ) -> ir.Table:
        """Return the rows of these days as an Ibis table; an index finds those of an experiment."""
        # Its columns are known: to ask for them takes longer than to say which rows are wanted.
        rows = ops.DatabaseTable(table, _COLUMNS[table], self.connection, ops.Namespace(database=SCHEMA)).to_expr()
        wanted = rows.day.isin([number_of(day) for day in days])
        return rows.filter((rows.environment == environment) & wanted).select(TABLES[table].names)

    def keep(self, rows: ir.Table) -> ir.Table:
        """Return the rows as a temporary table, worked out once and gone with the connection."""
        return self.connection.create_table(ibis.util.gen_name("kept"), rows, temp=True)

    def let_go(self, kept: ir.Table) -> None:
        """Drop a temporary table that `keep` made."""
        self.connection.raw_sql(f"DROP TABLE {kept.get_name()}")

    def _begin(self) -> None:
        """Take the state that all reads see until the next `publish`."""
        self._run("BEGIN ISOLATION LEVEL REPEATABLE READ")
        self._run("SELECT number FROM warehouse.generation")

    def _clear(self, environment: str, table: str, day: date, part: str) -> None:
        where = "WHERE environment = %s AND part = %s AND day = %s"
        self._run(f"DELETE FROM warehouse.{table} {where}", environment, part, number_of(day))

    def _record(self, environment: str, table: str, day: date, part: str, made_from: str) -> None:
        self._run(
            "INSERT INTO warehouse.parts VALUES (%s, %s, %s, %s, %s) "
            "ON CONFLICT (environment, name, day, part) DO UPDATE SET made_from = excluded.made_from",
            environment, table, number_of(day), part, made_from,
        )  # fmt: skip

    def _run(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with _answering(), self.connection.con.cursor() as cursor:
            cursor.execute(statement, values or None)
            return cursor.fetchall() if cursor.description else []

    @staticmethod
    def _made(bare: psycopg.Connection) -> None:
        """Make the schema and what is missing of its tables; of two processes at once, one waits for the other."""
        with bare.transaction():
            bare.execute("SELECT pg_advisory_xact_lock(hashtext('keepers warehouse'))")
            bare.execute("CREATE SCHEMA IF NOT EXISTS warehouse")
            if not _exists(bare, "generation"):
                bare.execute(_BOOKS)
            for table in TABLES:
                if not _exists(bare, table):
                    bare.execute(_definition(table))


def _connected(url: str) -> psycopg.Connection:
    try:
        return psycopg.connect(url, autocommit=True)
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"the warehouse cannot be reached: {_reason(error)}. Start its database, or correct KEEPERS_WAREHOUSE, "
            "then do the same again."
        ) from None


def _exists(bare: psycopg.Connection, table: str) -> bool:
    row = bare.execute("SELECT to_regclass(%s)", [f"{SCHEMA}.{table}"]).fetchone()
    return row is not None and row[0] is not None


def _definition(table: str) -> sql.SQL:
    columns = ", ".join(f'"{field.name}" {_TYPES[field.type]}' for field in TABLES[table])
    return sql.SQL(
        f"CREATE TABLE warehouse.{table} (environment text, part text, {columns});"
        f"CREATE INDEX ON warehouse.{table} (environment, day)"
        + (f";CREATE INDEX ON warehouse.{table} (experiment, day)" if "experiment" in TABLES[table].names else "")
    )


def _copy(table: str) -> sql.SQL:
    return sql.SQL(f"COPY warehouse.{table} ({_names(table)}) FROM STDIN (FORMAT csv)")


def _names(table: str) -> str:
    return ", ".join(f'"{name}"' for name in [*TABLES[table].names, "environment", "part"])


def _csv(rows: pa.Table, environment: str, part: str) -> bytes:
    """CSV as PostgreSQL reads it: text in quotes, and nothing at all for a missing value."""
    for name, value in (("environment", environment), ("part", part)):
        rows = rows.append_column(name, pa.repeat(value, rows.num_rows))
    buffer = io.BytesIO()
    pa.csv.write_csv(rows, buffer, pa.csv.WriteOptions(include_header=False))
    return _without_nul(buffer.getvalue())


def _without_nul(text: bytes) -> bytes:
    """PostgreSQL keeps no character NUL, nor its escape in JSON: the replacement character takes its place."""
    text = text.replace(b"\0", "\ufffd".encode())
    return re.sub(rb"(?<!\\)((?:\\\\)*)\\u0000", b"\\1" + rb"\\ufffd", text) if rb"\u0000" in text else text


@contextmanager
def _answering() -> Iterator[None]:
    """Say in our words that another process was quicker, or that the database is down or full, and what to do."""
    try:
        yield
    except (psycopg.errors.SerializationFailure, psycopg.errors.UniqueViolation):
        raise Conflict(
            "another process has written to the warehouse meanwhile. Nothing is lost: run this again."
        ) from None
    except psycopg.OperationalError as error:
        raise Unavailable(
            f"the warehouse fails: {_reason(error)}. Nothing was changed by halves. Start its database, or make room "
            "on its disk, then do the same again."
        ) from error


def _reason(error: psycopg.Error) -> str:
    return str(error).splitlines()[0].rstrip(".")
