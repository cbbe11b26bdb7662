"""The lake: Parquet files by environment, table and day, published together by one manifest.

Readers take the manifest once and see one generation. Writers hold a lease (registry/leases.py), write new files
beside the old ones, and rename the manifest last: whatever step is killed, the published state is whole.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from experiments.errors import Conflict, Distrusted
from experiments.warehouse.tables import TABLES

EPOCH = date(1970, 1, 1)


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day with this number of days since 1970."""
    return EPOCH + timedelta(days=number)


@dataclass
class Manifest:
    """Which files are the current generation: environment → table → day → files.

    `rolled` keeps, for every rolled-up day, a fingerprint of what it was made from.
    """

    generation: int = 0
    files: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)
    rolled: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)

    def of(self, environment: str, table: str) -> dict[str, list[str]]:
        """Files of one table by day."""
        return self.files.setdefault(environment, {}).setdefault(table, {})


class DuckDB(DuckDBCompiler):  # type: ignore[misc]
    """Ibis's SQL for DuckDB, except that a property is found by its own name: DuckDB reads a dot as a path."""

    __slots__ = ()

    def visit_JSONGetItem(self, op: ops.JSONGetItem, *, arg: sge.Expression, index: sge.Expression) -> Any:
        """Write the name as a JSON pointer (RFC 6901)."""
        pointer = "/" + op.index.value.replace("~", "~0").replace("/", "~1")
        return super().visit_JSONGetItem(op, arg=arg, index=sge.convert(pointer))


class Lake:
    """The warehouse of the embedded default; reads one generation of the manifest, taken when it is made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.manifest = self._read()
        self.connection = ibis.duckdb.connect()
        self.connection.compiler = DuckDB()
        self._retire: list[str] = []

    def append(self, environment: str, table: str, day: date, name: str, rows: pa.Table) -> None:
        """Write raw rows of one day as the file `name`; the same name again replaces what a killed run left."""
        path = self._path(environment, table, day, name)
        self._write(path, rows.cast(TABLES[table]))
        files = self.manifest.of(environment, table).setdefault(day.isoformat(), [])
        if path not in files:
            files.append(path)

    def replace(self, environment: str, table: str, day: date, fingerprint: str, rows: ir.Table) -> None:
        """Write a roll-up of one day in place of the former one."""
        path = self._path(environment, table, day, fingerprint)
        columns = list(TABLES[table].names)
        self._write(path, rows.select(columns).order_by(columns).to_pyarrow().cast(TABLES[table]))
        files = self.manifest.of(environment, table)
        self._retire += [old for old in files.get(day.isoformat(), []) if old != path]
        files[day.isoformat()] = [path]
        self.manifest.rolled.setdefault(environment, {}).setdefault(table, {})[day.isoformat()] = fingerprint

    def close(self, environment: str, day: date) -> None:
        """Say that everything up to this day is rolled up."""
        self.manifest.closed[environment] = max(day.isoformat(), self.manifest.closed.get(environment, ""))

    def publish(self) -> None:
        """Make everything written since the last call visible at once; then delete what the last one retired.

        Conflict if the manifest is not the one that was read: a writer that outlived its lease must not undo another's.
        """
        if self._read().generation != self.manifest.generation:
            raise Conflict("another process has written to the lake meanwhile. Nothing is lost: run this again.")
        outdated, self.manifest.retired = self.manifest.retired, self._retire
        self.manifest.generation += 1
        text = json.dumps(self.manifest.__dict__, indent=0, sort_keys=True).encode()
        _durable(self.root / "manifest.json", lambda p: p.write_bytes(text))
        for path in set(outdated) - set(self._retire) - self._current():
            (self.root / path).unlink(missing_ok=True)
        self._retire = []

    def days(self, environment: str, table: str) -> list[date]:
        """Days that have rows of this table, in order."""
        return sorted(date.fromisoformat(day) for day in self.manifest.of(environment, table))

    def sources(self, environment: str, table: str, day: date) -> list[str]:
        """Names and sizes of the files of one day: they change whenever its rows do."""
        files = self.manifest.of(environment, table).get(day.isoformat(), [])
        return sorted(f"{path}:{(self.root / path).stat().st_size}" for path in files if self._existing(path))

    def rolled(self, environment: str, table: str, day: date) -> str | None:
        """The fingerprint under which the roll-up of this day was made, if it was."""
        return self.manifest.rolled.get(environment, {}).get(table, {}).get(day.isoformat())

    def forget(self, environment: str, first: date, last: date) -> None:
        """Drop the fingerprints of these days' roll-ups, so that they are made again."""
        for days in self.manifest.rolled.get(environment, {}).values():
            for day in [d for d in days if first.isoformat() <= d <= last.isoformat()]:
                del days[day]

    def closed_through(self, environment: str) -> date | None:
        """The last day up to which everything is rolled up."""
        closed = self.manifest.closed.get(environment)
        return date.fromisoformat(closed) if closed else None

    def table(self, environment: str, table: str, days: Iterable[date]) -> ir.Table:
        """Return the rows of these days as an Ibis table; without files an empty one.

        The table keeps its name in SQL, so that the same look always prints the same query; reading other days
        replaces it, so run a query before reading the same table again.
        """
        files = self._files(environment, table, days)
        return self.connection.read_parquet(files, table_name=table, hive_partitioning=False)

    def _files(self, environment: str, table: str, days: Iterable[date]) -> list[str]:
        wanted = {day.isoformat() for day in days}
        paths = [p for day, files in self.manifest.of(environment, table).items() if day in wanted for p in files]
        return [self._existing(p) for p in sorted(paths)] or [self._empty(table)]

    def keep(self, rows: ir.Table) -> ir.Table:
        """Return the rows as a temporary table, worked out once and gone with the connection."""
        return self.connection.create_table(ibis.util.gen_name("kept"), rows, temp=True)

    def _current(self) -> set[str]:
        tables = (days for environment in self.manifest.files.values() for days in environment.values())
        return {path for days in tables for paths in days.values() for path in paths}

    def _path(self, environment: str, table: str, day: date, name: str) -> str:
        return f"{environment}/{table}/day={day.isoformat()}/{name}.parquet"

    def _write(self, path: str, rows: pa.Table) -> None:
        _durable(self.root / path, lambda p: pq.write_table(rows, p, compression="zstd"))

    def _existing(self, path: str) -> str:
        full = self.root / path
        if not full.exists():
            raise Distrusted(
                f"the lake's file {path} is missing, and the manifest names it. Restore it from a back-up; "
                "a roll-up can be made again by 'keepers collect' once its line is removed."
            )
        return str(full)

    def _empty(self, table: str) -> str:
        path = self.root / "empty" / f"{table}.parquet"
        if not path.exists():
            self._write(f"empty/{table}.parquet", TABLES[table].empty_table())
        return str(path)

    def _read(self) -> Manifest:
        path = self.root / "manifest.json"
        if not path.exists():
            return Manifest()
        try:
            return Manifest(**json.loads(path.read_bytes()))
        except (ValueError, TypeError) as error:
            raise Distrusted(
                f"the lake's manifest {path} cannot be read ({error}); restore it from a back-up."
            ) from None


def _durable(path: Path, write: Any) -> None:
    """Write beside the target, flush to the disk, rename: a reader sees the old file or the whole new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    write(draft)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(path)
