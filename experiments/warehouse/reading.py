"""Reads a source: one SELECT, in DuckDB over files that it may read and nothing else, or in PostgreSQL, read-only.

The statement is parsed first and refused unless it is a single SELECT. It runs as a subquery, so that only the
columns and the day that are asked for leave the database.
"""

import glob
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol, cast

import duckdb
import sqlglot
from sqlglot import exp

from experiments.errors import DefinitionError, NotReady, nearest
from experiments.sources import POSTGRESQL, Source

AT_ONCE = 20_000  # rows as Python objects: about 50 MB
Batch = list[dict[str, Any]]
FORBIDDEN = (
    exp.Insert, exp.Update, exp.Delete, exp.Merge, exp.Create, exp.Drop, exp.Alter, exp.Copy, exp.Command, exp.Into,
    exp.Lock, exp.Set, exp.Attach, exp.Detach, exp.Pragma,
)  # fmt: skip
# Functions that reach files, the network, other databases, settings or other sessions, or that run SQL from text.
REACHING = re.compile(
    r"pg_\w+|lo_\w+|dblink\w*|\w+_to_xml\w*|set_config|current_setting|nextval|setval|xpath_table|"
    r"read_\w+|\w+_scan|\w*parquet_\w+|sniff_csv|glob|getenv|query|query_table|\w+_query|duckdb_\w+|pragma_\w+|"
    r"which_secret|st_read\w*|load_\w+|http_\w+|json_execute\w*|from_substrait\w*"
)
INNER = re.compile(r"pg_\w+")  # catalogues: some show files, some passwords


@dataclass(frozen=True)
class Size:
    """Rows and bytes that a whole reading would touch; `exact` is False where the database's planner guessed them."""

    rows: int
    bytes: int
    exact: bool


class Reader(Protocol):
    """An open source."""

    def columns(self) -> dict[str, str]:
        """Names of the columns with their types, in order."""

    def size(self) -> Size:
        """How much there is."""

    def rows(self, names: Iterable[str], where: str, limit: int | None = None) -> Iterator[Batch]:
        """Rows with these columns, some at a time, in no order; times are aware, or naive and meant as UTC."""

    def close(self) -> None:
        """Let go of the files or the database."""


@contextmanager
def opened(source: Source, address: str) -> Iterator[Reader]:
    """Open a source for reading only, for the block. DefinitionError for a statement that is no single SELECT."""
    reader = _open(source, address)
    try:
        yield reader
    finally:
        reader.close()


def _open(source: Source, address: str) -> Reader:
    dialect = "postgres" if address.startswith(POSTGRESQL) else "duckdb"
    select = single_select(source.sql, dialect) if source.sql else f"SELECT * FROM {_table(source.table, dialect)}"
    if dialect == "duckdb":
        return Files(address, select)
    try:
        module = import_module("experiments.warehouse.reading_postgresql")
    except ModuleNotFoundError as error:
        if error.name != "psycopg":
            raise
        raise DefinitionError("a source in PostgreSQL needs psycopg: install keepers-platform[postgres].") from None
    return cast(Reader, module.Database(address, select))


def single_select(sql: str, dialect: str) -> str:
    """Return the statement without its last semicolon; DefinitionError unless it is one SELECT that only reads."""
    try:
        found = [s for s in sqlglot.parse(sql, dialect=dialect) if s is not None]
    except sqlglot.errors.SqlglotError as error:
        reason = str(error).splitlines()[0]
        raise DefinitionError(f"the SQL cannot be read: {reason}. Write one SELECT in the dialect {dialect}.") from None
    if len(found) != 1:
        raise DefinitionError(f"the SQL holds {len(found)} statements; a source is one SELECT. Remove the others.")
    changing = next(found[0].find_all(*FORBIDDEN), None)
    if changing is not None or not isinstance(found[0], exp.Query):
        word = (changing or found[0]).key.upper()
        raise DefinitionError(f"the SQL holds {word}; a source may only read. Write one SELECT that changes nothing.")
    _check_reach(found[0])
    return sql.strip().rstrip(";")


def _check_reach(query: exp.Query) -> None:
    """Refuse what a SELECT could still do: read files, ask the network, run other SQL, look into the catalogue."""
    for call in query.find_all(exp.Func):
        name = (call.name if isinstance(call, exp.Anonymous) else call.sql_name()).lower()
        if REACHING.fullmatch(name):
            raise DefinitionError(f"the SQL calls {name}(), which reaches beyond the source's tables. Leave it out.")
    for table in query.find_all(exp.Table):
        if any(INNER.fullmatch(part.lower()) for part in (table.name, table.db)) or "/" in table.name:
            raise DefinitionError(f"the SQL reads '{table.name}', which is no table of the source. Leave it out.")


def between(column: str, kind: str, first: datetime, last: datetime) -> str:
    """Return the condition that a time column lies in [first, last); DefinitionError where it holds no times."""
    if "timestamp" not in kind.lower():
        raise DefinitionError(
            f"'{column}' is {kind}; the time must be a timestamp, so that outcomes are counted from the exposure on. "
            "Cast it in 'sql'."
        )
    zoned = "tz" in kind.lower() or "with time zone" in kind.lower()
    start, end = (_literal(t, zoned) for t in (first, last))
    return f"{quoted(column)} >= {start} AND {quoted(column)} < {end}"


def check_columns(wanted: Iterable[str], columns: Mapping[str, str]) -> list[str]:
    """Return a sentence for each column that is missing."""
    return [f"there is no column '{c}'. {nearest(c, columns)}" for c in wanted if c not in columns]


def quoted(name: str) -> str:
    """A name as both dialects take it, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def part(select: str, names: Iterable[str], where: str, limit: int | None) -> str:
    """The statement as a subquery; on a line of its own, so that a comment at its end hides nothing."""
    columns = ", ".join(quoted(n) for n in names)
    most = f" LIMIT {limit}" if limit is not None else ""
    return f"SELECT {columns} FROM (\n{select}\n) AS source" + (f" WHERE {where}" if where else "") + most


def _literal(when: datetime, zoned: bool) -> str:
    text = when.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
    return f"TIMESTAMPTZ '{text}+00'" if zoned else f"TIMESTAMP '{text}'"


def _table(name: str, dialect: str) -> str:
    if not name:
        return "files"
    return exp.to_table(name, dialect=dialect).sql(dialect=dialect, identify=True)


class Files:
    """Parquet files, as the view `files`, or a DuckDB database: opened for reading, with no way to anything else."""

    def __init__(self, address: str, select: str) -> None:
        if "://" in address:
            raise DefinitionError(
                f"the source's address begins with '{address.split(':')[0]}', which is no engine for sources. Use "
                "postgresql://..., or the path of Parquet files or of a DuckDB database."
            )
        self.select = select
        self.paths = [Path(p) for p in sorted(glob.glob(address, recursive=True))]
        if not self.paths:
            raise NotReady(f"there is no file {address}. Check the path in the source's 'at'.")
        parquet = address.endswith((".parquet", ".pq"))
        self.connection = duckdb.connect(":memory:" if parquet else str(self.paths[0]), read_only=not parquet)
        self._run("SET TimeZone = 'UTC'")
        if parquet:
            self._run(f"SET allowed_paths = {[str(p.resolve()) for p in self.paths]}")
        self._run("SET enable_external_access = false")
        self._run("SET lock_configuration = true")
        if parquet:
            names = ", ".join("'" + str(p.resolve()).replace("'", "''") + "'" for p in self.paths)
            self._run(f"CREATE VIEW files AS SELECT * FROM read_parquet([{names}], union_by_name = true)")

    def columns(self) -> dict[str, str]:
        """Names of the columns with their types, in order."""
        return {row[0]: row[1] for row in self._run(f"DESCRIBE (\n{self.select}\n)").fetchall()}

    def size(self) -> Size:
        """Rows by a count, and the files' bytes, which a reading touches at most."""
        (rows,) = self._run(f"SELECT count(*) FROM (\n{self.select}\n) AS source").fetchall()[0]
        return Size(rows, sum(p.stat().st_size for p in self.paths), exact=True)

    def rows(self, names: Iterable[str], where: str, limit: int | None = None) -> Iterator[Batch]:
        """Rows with these columns, some at a time, in no order."""
        found = self._run(part(self.select, names, where, limit))
        for batch in found.to_arrow_reader(AT_ONCE):
            yield batch.to_pylist()

    def close(self) -> None:
        """Let go of the files."""
        self.connection.close()

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        try:
            return self.connection.execute(sql)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            raise DefinitionError(f"DuckDB cannot read the source: {reason}. Correct the file or its SQL.") from None
