"""A small shop under faults: its events, its commands as real processes, and the books that must balance."""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select

from experiments import lifecycle
from experiments.inbox import Inbox, live
from experiments.inbox.loads import _decode
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, experiments, log, metrics, snapshots
from experiments.registry.models import InboxRow
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse.tables import RAW

ROOT = Path(__file__).parents[2]
LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CLOSED = date(2026, 1, 12)  # the plans end: every verdict is final
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}, revenue: {event: order, aggregate: sum}, refunds: {event: refund, aggregate: sum}}
metrics:
  ordered: {kind: proportion, measure: orders, window_days: 1}
  revenue: {kind: mean, measure: revenue, window_days: 1}
  refunds: {kind: mean, measure: refunds, window_days: 1}
"""
PLAN = """
key: KEY
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
guardrails: [{metric: revenue, margin: 0.05}]
secondary: [refunds]
enrol_days: 7
"""
EXPERIMENTS = {"checkout": 0, "young": 1}  # and the day on which each was launched
DAYS, A_DAY = 2, 480


def happenings(first: int = 0, last: int = DAYS * A_DAY) -> list[dict[str, Any]]:
    """Exposures and orders of people who come on two days; more of the treated buy. Values are sixteenths, so that
    sums are the same in any order.
    """
    found: list[dict[str, Any]] = []
    for i in range(first, last):
        for key, launched in EXPERIMENTS.items():
            if i >= launched * A_DAY:
                found.append({**_same(i, f"x-{key}-{i}"), "type": "exposure", "experiment": key, "variant": variant(i)})
        if i % 5 < (4 if i % 2 else 2):
            found.append({**_same(i, f"o-{i}"), "type": "event", "name": "order", "value": i % 97 / 16})
    return found


def variant(i: int) -> str:
    """Who is in which variant."""
    return ("control", "treatment")[i % 2]


def _same(i: int, event_id: str) -> dict[str, Any]:
    at = LAUNCH + timedelta(days=i // A_DAY, minutes=i % A_DAY)
    return {"id": event_id, "units": {"user": f"u{i}"}, "at": at.timestamp(), "explicit": True}


@dataclass(frozen=True)
class Ended:
    """What became of a command: its exit code (None while it is stopped), its output, the boundaries it passed."""

    pid: int
    code: int | None
    out: str
    err: str
    boundaries: tuple[str, ...]


class Processes:
    """Runs commands in processes of their own; see zygote.py."""

    def __init__(self, papers: Path) -> None:
        self.papers, self.runs = papers, 0
        command = [sys.executable, str(Path(__file__).parent / "zygote.py")]
        environ = {k: v for k, v in os.environ.items() if not k.startswith("KEEPERS_")}
        self._process = subprocess.Popen(
            command, cwd=ROOT, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._papers: dict[int, Path] = {}

    def run(
        self, environ: Mapping[str, str], *arguments: str, at: int = 0, signal: str = "kill", clock: float = 0.0,
        largest: int = 0,
    ) -> Ended:  # fmt: skip
        """Run one command; at its `at`-th boundary it gets the signal. `clock` is by how many seconds its clocks are
        off, `largest` the most bytes that a file may have.
        """
        self.runs += 1
        papers = self.papers / str(self.runs)
        papers.mkdir()
        return self._asked(papers, {
            "resume": 0, "papers": str(papers), "environ": dict(environ), "arguments": arguments, "at": at,
            "signal": signal, "clock": clock, "largest": largest,
        })  # fmt: skip

    def resume(self, stopped: Ended) -> Ended:
        """Let a stopped command go on to its end."""
        return self._asked(self._papers[stopped.pid], {"resume": stopped.pid})

    def close(self) -> None:
        """End the process that starts the others."""
        self._process.communicate(timeout=20)

    def _asked(self, papers: Path, order: dict[str, Any]) -> Ended:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        self._papers[found["pid"]] = papers
        out, err, boundaries = ((papers / name).read_text() for name in ("out", "err", "boundaries"))
        return Ended(found["pid"], found["code"], out, err, tuple(boundaries.splitlines()))


@dataclass(frozen=True)
class Books:
    """Where every event that was sent has gone. `doubled` are ids that lie in the lake twice."""

    sent: int
    accepted: int
    duplicate: int
    rejected: int
    in_inbox: int
    in_lake: int
    doubled: int

    def check(self, what: str) -> "Books":
        """Print the line of this test, and hold it to account."""
        cells = "".join(f"{name}={n:<6}" for name, n in vars(self).items())
        print(f"\n{what[:48]:48} {cells}", end="")
        assert self.sent == self.accepted + self.duplicate + self.rejected, "an event was not answered for"
        assert self.accepted == self.in_inbox + self.in_lake, "an accepted event is lost"
        assert self.doubled == 0, "an event lies in the lake twice"
        return self


class Shop:
    """One installation, driven from outside: by its commands, its server, and its files."""

    def __init__(self, home: Path, processes: Processes, **environ: str) -> None:
        self.home, self.processes = home, processes
        self.environ = {"KEEPERS_HOME": str(home), **environ}
        self.settings = Settings.load(self.environ)
        self.db, self.inbox = Database(self.settings.registry), Inbox(self.settings.inbox)

    def opened(self) -> "Shop":
        """Make the databases, and launch the experiments."""
        self.db.migrate()
        self.inbox.migrate()
        metrics.apply(self.db, read_catalog(CATALOG), "test")
        for key, day in EXPERIMENTS.items():
            lifecycle.save(self.db, read_plan(PLAN.replace("KEY", key)), "test")
            lifecycle.launch(self.db, key, "test", at=LAUNCH + timedelta(days=day))
        return self

    def post(self, events: list[dict[str, Any]], now: datetime | None = None) -> int:
        """Send events to the inbox, in batches; return how many."""
        known = experiments.known(self.db, "production")
        for i in range(0, len(events), 500):
            self.inbox.accept(json.dumps({"events": events[i : i + 500]}).encode(), known, now)
        return len(events)

    def run(self, *arguments: str, **faults: Any) -> Ended:
        """Run one command with faults."""
        return self.processes.run(self.environ, *arguments, **faults)

    def resume(self, stopped: Ended) -> Ended:
        """Let a stopped command go on to its end."""
        return self.processes.resume(stopped)

    def do(self, *commands: str) -> None:
        """Run commands that must succeed."""
        for command in commands:
            done = self.run(*command.split())
            assert done.code == 0, done.err

    def copy(
        self, home: Path, lake: Path | None = None, inbox: Path | None = None, warehouse: str = ""
    ) -> "Shop":  # fmt: skip
        """The same installation once more; its lake, inbox or warehouse may lie elsewhere."""
        self.close()
        shutil.copytree(self.home, home)
        environ = {"KEEPERS_WAREHOUSE": warehouse} if warehouse else {}
        for name, wanted, here in (("LAKE", lake, home / "lake"), ("INBOX", inbox, home / "inbox.sqlite")):
            if wanted is not None:
                environ[f"KEEPERS_{name}"] = str(wanted) if name == "LAKE" else f"sqlite:///{wanted}"
                if here.exists():
                    shutil.move(here, wanted)
        return Shop(home, self.processes, **environ)

    def books(self, sent: int) -> Books:
        """Count where everything is. What lies in inbox and lake, as its load was cut short, counts as in the lake."""
        tally, lake = live.tally(self.inbox, LONG_AGO), self.ids()
        waiting = self.waiting() - set(lake)
        doubled = sum(n > 1 for n in lake.values())
        return Books(
            sent, tally.accepted, tally.duplicate, tally.rejected, in_inbox=len(waiting), in_lake=len(lake),
            doubled=doubled,
        )  # fmt: skip

    def waiting(self) -> set[str]:
        """Ids that lie in the inbox."""
        with self.inbox.database.read() as session:
            return {_decode.decode(body).id for body in session.scalars(select(InboxRow.body))}

    def ids(self) -> Counter[str]:
        """How often each id lies in the raw files that the manifest names, or in the raw tables of PostgreSQL."""
        if self.settings.warehouse.startswith("postgresql"):
            return Counter(row[2] for table in ("exposures", "events") for row in rows(self, table))
        raw = [path for path in manifest(self)["checksums"] if path.split("/")[1] in ("exposures", "events")]
        found = Counter[str]()
        for path in raw:
            found.update(pq.read_table(self.settings.lake / path, columns=["id"])["id"].to_pylist())
        return found

    def looks(self, key: str) -> list[Snapshot]:
        """The official looks at one experiment."""
        return snapshots.history(self.db, key)

    def log(self, key: str) -> list[str]:
        """What the log says of one experiment."""
        return [entry.text for entry in log.entries(self.db, key)]

    def close(self) -> None:
        """Let go of the databases."""
        self.db.engine.dispose()
        self.inbox.database.engine.dispose()


def files(shop: Shop) -> dict[str, Any]:
    """Every file of the lake with what it holds, but for the manifest and the empty tables that readers make."""
    root = shop.settings.lake
    found = {str(p.relative_to(root)): p for p in root.rglob("*") if p.is_file() and p.parent.name != "empty"}
    return {name: held(path) for name, path in found.items() if name != "manifest.json"}


def held(path: Path) -> Any:
    """A file's bytes; of a roll-up its rows, as like ones lie in no certain order."""
    if path.parent.parent.name in RAW or path.name.startswith("."):
        return path.read_bytes()
    return sorted(map(repr, pq.read_table(path, partitioning=None).to_pylist()))


def manifest(shop: Shop) -> dict[str, Any]:
    """What the lake says of itself; not how often it was written, nor what goes the next time.

    Of roll-ups there are no checksums in it: files of the same rows may differ.
    """
    path = shop.settings.lake / "manifest.json"
    found = json.loads(path.read_bytes()) if path.exists() else {"checksums": {}}
    found["checksums"] = {p: crc if p.split("/")[1] in RAW else None for p, crc in found["checksums"].items()}
    return {k: v for k, v in found.items() if k not in ("generation", "retired")}


def published(shop: Shop) -> dict[str, Any]:
    """The files that readers see."""
    return {name: content for name, content in files(shop).items() if name in manifest(shop)["checksums"]}


def rows(shop: Shop, table: str) -> list[tuple[Any, ...]]:
    """What others see of a table of the warehouse in PostgreSQL: environment and part, then its columns; in order."""
    with psycopg.connect(shop.settings.warehouse.replace("+psycopg", "")) as connection:
        return sorted(connection.execute(f"SELECT * FROM warehouse.{table}").fetchall(), key=repr)


def numbers(look: Snapshot) -> dict[str, Any]:
    """Every value of a look by its place; numbers to 1e-9, as threads may add them up in another order."""
    return dict(_flat(look.model_dump(mode="json", exclude={"computed_at"})))


def _flat(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, part in value.items():
            yield from _flat(part, f"{place}.{name}")
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _flat(part, f"{place}.{i}")
    else:
        yield place, pytest.approx(value, rel=1e-9) if isinstance(value, float) else value
