"""The lake: Parquet files by environment, table and day, published together by one manifest.

Readers take the manifest once and see one generation. Writers hold a lease (registry/leases.py), write new files
beside the old ones, and rename the manifest last: whatever step is killed, the published state is whole.
"""

import json
import os
import zlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache, partial
from pathlib import Path
from threading import get_ident
from typing import Any, TypeAlias

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlglot.expressions as sge
from ibis.backends.sql.compilers.duckdb import DuckDBCompiler

from experiments.errors import Conflict, Distrusted, Unavailable
from experiments.warehouse import parts
from experiments.warehouse.parts import SHARED, SKIPPED, Part, mark
from experiments.warehouse.tables import BY_EXPERIMENT, RAW, TABLES

SCHEMAS = {name: ibis.Schema.from_pyarrow(schema) for name, schema in TABLES.items()}
EPOCH = date(1970, 1, 1)
Place: TypeAlias = tuple[str, str, str]  # environment, table, day
OVERTAKEN = "another process has written to the lake meanwhile. Nothing is lost: run this again."


def number_of(day: date) -> int:
    """Days since 1970."""
    return (day - EPOCH).days


def day_of(number: int) -> date:
    """The day with this number of days since 1970."""
    return EPOCH + timedelta(days=number)


@dataclass
class Manifest:
    """Which files are the current generation: environment → table → day → files.

    `rolled` keeps, for every rolled-up day, a fingerprint of what it was made from; `checksums` the CRC-32 of each
    file as it was written.
    """

    generation: int = 0
    files: dict[str, dict[str, dict[str, list[str]]]] = field(default_factory=dict)
    rolled: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    retired: list[str] = field(default_factory=list)
    checksums: dict[str, int] = field(default_factory=dict)

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
    """The warehouse of the embedded default; reads one generation of the manifest, taken when it is made.

    A query runs on so many `cores`; None are all.
    """

    def __init__(self, root: Path, cores: int | None = None) -> None:
        self.root = root
        self.manifest = self._read()
        self.connection = ibis.duckdb.connect(**({"threads": cores} if cores else {}))
        self.connection.compiler = DuckDB()
        self._retire: list[str] = []
        self._writer = ThreadPoolExecutor(1)
        self._writing: dict[Place, Future[list[str]]] = {}
        self._names: dict[str, dict[tuple[str, ...], str]] = {}

    def append(self, environment: str, table: str, day: date, name: str, rows: pa.Table) -> None:
        """Write raw rows of one day as the file `name`; the same name again replaces what a killed run left."""
        path = self._path(environment, table, day, name)
        self._sweep(path)
        self._write(path, rows.cast(TABLES[table]))
        files = self._of(environment, table).setdefault(day.isoformat(), [])
        if path not in files:
            files.append(path)

    def replace(self, environment: str, table: str, day: date, fingerprint: str, rows: ir.Table) -> None:
        """Work a roll-up of one day out, and write it in place of the former one while the next one is worked out."""
        found, place = parts.found(table, rows), (environment, table, day.isoformat())
        put = partial(self._put, environment, table, day, fingerprint, found, former=self._on(place))
        self._writing[place] = self._writer.submit(put)
        self.manifest.rolled.setdefault(environment, {}).setdefault(table, {})[day.isoformat()] = fingerprint

    def _put(
        self, environment: str, table: str, day: date, fingerprint: str, found: pa.Table, *, former: list[str]
    ) -> list[str]:
        """Write a roll-up's files and return them; never over the former ones, as somebody may be reading them."""
        made = dict[str, Part]()
        for name, part in parts.parts(table, found, fingerprint):
            path = self._path(environment, table, day, name)
            if path in former:
                path = self._path(environment, table, day, f"{name}-{self.manifest.generation}")
            made[path] = part
        written = self._write_all(made, SKIPPED if table in BY_EXPERIMENT else SHARED)
        self._retire += self._others(self._path(environment, table, day, fingerprint), written)
        return written

    def settle(self) -> None:
        """Wait until everything that `replace` was given is on the disk."""
        wait(self._writing.values())
        for place in [*self._writing]:
            self._written(place)

    def _written(self, place: Place) -> None:
        """Wait until what `replace` was given for this day is on the disk; raise what writing it raised."""
        if place in self._writing:
            environment, table, day = place
            self.manifest.of(environment, table)[day] = self._writing.pop(place).result()

    def _on(self, place: Place) -> list[str]:
        """Files of one day, those of other days may still be on their way."""
        self._written(place)
        environment, table, day = place
        return self.manifest.of(environment, table).get(day, [])

    def _of(self, environment: str, table: str) -> dict[str, list[str]]:
        """Files of one table by day, all of them on the disk."""
        for place in [p for p in self._writing if p[:2] == (environment, table)]:
            self._written(place)
        return self.manifest.of(environment, table)

    def close(self, environment: str, day: date) -> None:
        """Say that everything up to this day is rolled up."""
        self.manifest.closed[environment] = max(day.isoformat(), self.manifest.closed.get(environment, ""))

    def publish(self) -> None:
        """Make everything written since the last call visible at once; then delete what the last one retired.

        Conflict if the manifest is not the one that was read: a writer that outlived its lease must not undo another's.
        """
        self.settle()
        if self._read().generation != self.manifest.generation:
            raise Conflict(OVERTAKEN)
        outdated, self.manifest.retired = self.manifest.retired, self._retire
        self.manifest.generation += 1
        current = self._current()
        self.manifest.checksums = {p: c for p, c in self.manifest.checksums.items() if p in current}
        self._sweep("manifest.json")
        text = json.dumps(self.manifest.__dict__, indent=0, sort_keys=True).encode()
        _durable(self.root / "manifest.json", lambda p: p.write_bytes(text))
        for path in set(outdated) - set(self._retire) - current:
            (self.root / path).unlink(missing_ok=True)
        self._retire = []

    def days(self, environment: str, table: str) -> list[date]:
        """Days that have rows of this table, in order."""
        return sorted(date.fromisoformat(day) for day in self._of(environment, table))

    def sources(self, environment: str, table: str, day: date) -> list[str]:
        """Names and sizes of the files of one day: they change whenever its rows do."""
        files = self._on((environment, table, day.isoformat()))
        return sorted(f"{path}:{(self.root / path).stat().st_size}" for path in files if self._existing(path))

    def rolled(self, environment: str, table: str, day: date) -> str | None:
        """The fingerprint under which the roll-up of this day was made, if it was and its file is there."""
        found = self.manifest.rolled.get(environment, {}).get(table, {}).get(day.isoformat())
        files = self._on((environment, table, day.isoformat()))
        return found if all((self.root / path).exists() for path in files) else None

    def outdate(self, environment: str, first: date, last: date) -> None:
        """Drop the fingerprints of these days' roll-ups, so that they are made again."""
        for days in (days for table, days in self.manifest.rolled.get(environment, {}).items() if table not in RAW):
            for day in [d for d in days if first.isoformat() <= d <= last.isoformat()]:
                del days[day]

    def drop(self, environment: str, table: str, day: date, digest: str) -> None:
        """Remove the raw rows of a day for good; `rolled` says from then on what they were."""
        self._retire += self._of(environment, table).pop(day.isoformat(), [])
        self.manifest.rolled.setdefault(environment, {}).setdefault(table, {})[day.isoformat()] = digest

    def erase(self, environment: str, table: str, unit: str) -> int:
        """Remove every row of a unit: files that hold one are written again beside themselves, under another name."""
        return sum(self._erased(paths, unit) for paths in self._of(environment, table).values())

    def _erased(self, paths: list[str], unit: str) -> int:
        gone = 0
        for i, path in enumerate(paths):
            own = pc.sum(pc.equal(self._rows(path, ["unit"])["unit"], unit)).as_py()
            if own:
                rows = self._rows(path, None)
                kept = rows.filter(pc.not_equal(rows["unit"], unit))
                paths[i] = f"{path.removesuffix('.parquet')}.{self.manifest.generation}.parquet"
                self._write(paths[i], kept)
                self._retire.append(path)
                gone += own
        return gone

    def _rows(self, path: str, names: list[str] | None) -> pa.Table:
        return pq.read_table(self._whole(path), columns=names, partitioning=None)

    def closed_through(self, environment: str) -> date | None:
        """The last day up to which everything is rolled up."""
        closed = self.manifest.closed.get(environment)
        return date.fromisoformat(closed) if closed else None

    def table(
        self, environment: str, table: str, days: Iterable[date], experiments: Iterable[str] | None = None
    ) -> ir.Table:
        """Return the rows of these days as an Ibis table; without files an empty one.

        Of a roll-up that is kept by experiment, only the files of `experiments` are read, if any are given.
        """
        files = self._files(environment, table, days, experiments)
        name = self._name(table, files)
        self.connection.con.read_parquet(files, hive_partitioning=False).create_view(name)
        # Its columns are known: to ask DuckDB for them takes longer than to make the view.
        return ops.DatabaseTable(name, SCHEMAS[table], self.connection, ops.Namespace()).to_expr()

    def _name(self, table: str, files: list[str]) -> str:
        """Return the name in SQL of these files of a table, which never means others: no days are taken for others.

        Those opened first have the table's own name, so that the same look always prints the same query.
        """
        names = self._names.setdefault(table, {})
        return names.setdefault(tuple(files), f"{table}_{len(names) + 1}" if names else table)

    def _files(
        self, environment: str, table: str, days: Iterable[date], experiments: Iterable[str] | None
    ) -> list[str]:
        paths = [p for day in set(days) for p in self._on((environment, table, day.isoformat()))]
        if experiments is not None and table in BY_EXPERIMENT:
            marks = {mark(e) for e in experiments}
            paths = [p for p in paths if p.rsplit("/", 1)[1].split("-", 1)[0] in marks]
        return [self._whole(p) for p in sorted(paths)] or [self._empty(table)]

    def keep(self, rows: ir.Table) -> ir.Table:
        """Return the rows as a temporary table, worked out once and gone with the connection."""
        return self.connection.create_table(ibis.util.gen_name("kept"), rows, temp=True)

    def let_go(self, kept: ir.Table) -> None:
        """Drop a temporary table that `keep` made."""
        self.connection.raw_sql(f"DROP TABLE {kept.get_name()}")

    def _current(self) -> set[str]:
        tables = (days for environment in self.manifest.files.values() for days in environment.values())
        return {path for days in tables for paths in days.values() for path in paths}

    def _path(self, environment: str, table: str, day: date, name: str) -> str:
        return f"{environment}/{table}/day={day.isoformat()}/{name}.parquet"

    def _sweep(self, path: str) -> None:
        """Remove what a killed run left of writing this file."""
        full = self.root / path
        for draft in full.parent.glob(f".{full.name}.*"):
            draft.unlink()

    def _others(self, path: str, written: list[str]) -> list[str]:
        """What lies beside a roll-up: the former one, and what a killed run left."""
        folder, mine = (self.root / path).parent, {self.root / p for p in written}
        return [str(p.relative_to(self.root)) for p in folder.iterdir() if p not in mine] if folder.exists() else []

    def _write(self, path: str, rows: pa.Table) -> None:
        _durable(self.root / path, partial(parts.write, lambda: rows, SHARED))
        self.manifest.checksums[path] = _checksum(self.root / path)

    def _write_all(self, made: dict[str, Part], group: int) -> list[str]:
        """Write files, as many at once as there are cores; they get their names in turn."""
        with ThreadPoolExecutor(os.cpu_count()) as workers:
            drafts = workers.map(lambda path: _drafted(self.root / path, partial(parts.write, made[path], group)), made)
            for path, draft in zip(made, drafts, strict=True):
                _named(draft, self.root / path)
                self.manifest.checksums[path] = _checksum(self.root / path)
        return list(made)

    def _existing(self, path: str) -> str:
        full = self.root / path
        if not full.exists():
            raise Distrusted(f"the lake's file {path} is missing, and the manifest names it. {_remedy(path)}")
        return str(full)

    def _whole(self, path: str) -> str:
        """Return the file's full path; Distrusted if it is not there, or not as it was written."""
        full, written = self._existing(path), self.manifest.checksums.get(path)
        if written is not None and _checksum(Path(full)) != written:
            raise Distrusted(f"the lake's file {path} is damaged: it is not what was written. {_remedy(path)}")
        return full

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


def _remedy(path: str) -> str:
    """What to do about a file that is missing or damaged; its second folder is its table."""
    if path.split("/")[1] in RAW:
        return "Restore it from a back-up, then run this again."
    return "Delete it if it is there, and run 'keepers collect': it is made again from raw events."


def _durable(path: Path, write: Callable[[Path], Any]) -> None:
    """Write beside the target, flush to the disk, rename: a reader sees the old file or the whole new one.

    Unavailable if the disk does not take it; Conflict if another writer has swept the draft away.
    """
    _named(_drafted(path, write), path)


def _drafted(path: Path, write: Callable[[Path], Any]) -> Path:
    """Write beside the target; two threads of a process, as two processes, write drafts of their own."""
    draft = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}")
    with _writing(draft, path):
        path.parent.mkdir(parents=True, exist_ok=True)
        write(draft)
        with draft.open("rb") as file:
            os.fsync(file.fileno())
    return draft


def _named(draft: Path, path: Path) -> None:
    with _writing(draft, path):
        draft.replace(path)


@contextmanager
def _writing(draft: Path, path: Path) -> Iterator[None]:
    """Say in our words that another writer was quicker, or that the disk fails, and what to do."""
    try:
        yield
    except FileNotFoundError:
        raise Conflict(OVERTAKEN) from None
    except OSError as error:
        with suppress(OSError):
            draft.unlink()
        raise Unavailable(
            f"the lake cannot be written: {error}. Make room, or mend the folder of {path}, then run this again; "
            "nothing is lost, and nothing was published by halves."
        ) from error


def _checksum(path: Path) -> int:
    """CRC-32 of a file. A process reads a file for it once, unless it changes."""
    found = path.stat()
    return _crc(path, found.st_size, found.st_mtime_ns)


@cache
def _crc(path: Path, size: int, changed: int) -> int:
    crc = 0
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            crc = zlib.crc32(block, crc)
    return crc
