"""Server time, queries and bytes of every page with 1,000 experiments and 100,000 snapshots in the registry.

Filled from a seed on SQLite and on PostgreSQL 15. Each GET route of the application is asked by a WSGI client in this
process, round after round, experiments taking turns; what is timed is all that the server does for one answer. Prints a
table and, last, `pages: p95 R ms of 50`. Writes docs/benchmarks/web.md unless --small.
"""

import argparse
import gzip
import platform
import re
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.pipeline_collector import server
from benchmarks.web_registry import Sizes, fill
from experiments.inbox import Inbox
from experiments.registry import Database, keys, overview, users
from experiments.settings import Settings
from web import create_app
from web.memory import steady
from web.stores import Stores

SEED, ROUNDS = 20261117, 40
MOST_MS, MOST_QUERIES, MOST_KB = 50, 10, 150
PASSWORD, EMAIL = "correct horse battery", "ada@example.com"
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks" / "web.md"
NO_PAGES = {
    "static": "a file", "sign_in.page": "leads on", "sign_in.code": "leads on", "sign_in.company": "leads on",
    "health.health": "no page", "health.ready": "no page", "shared.report": "needs a link",
    "audit.export": "makes a file", "portfolio.programme_file": "makes a file",
    "api.get_programme_report": "makes a file", "api.preview_metric": "reads units from a warehouse, and here is none",
    "experiments.report": "makes a file in one of eight formats", "api.get_report": "makes such a file",
    "experiments.picture": "a file", "api.get_picture": "a file",
    "collector.config": "for SDKs, which ask with an ETag", "api.openapi": "made once", "experiments.home": "leads on",
}  # fmt: skip
MORE = {
    "experiments.listing": ("?page=9", "?q=photo+form", "?state=decided&verdict=keep", "?owner=Person+7&tag=phones"),
    "learnings.listing": ("?q=larger+photo", "?tag=phones&outcome=drop", "?page=5"),
    "learnings.similar": ("?text=If+the+photo+is+larger,+more+people+will+order+in+the+basket",),
    "portfolio.listing": ("?team=Checkout", "?from=2024-01-01"), "portfolio.programme": ("?from=2024-01-01",),
    "api.list_experiments": ("?q=photo&state=decided",),
}  # fmt: skip
HEAD = """\
# Pages: server time, queries, bytes

Written by `make bench-web`. {sizes}, from seed {seed}; {machine}. Each route {rounds} times, by a WSGI client
in one process: what is timed is everything that the server does for one answer, without a network; CPU is how long the
process itself was busy, whatever else the machine did. Bytes are those of the answer, as the server sends it; `gzip` is
what a proxy that compresses would send. Pages may take {ms} ms (p95), {queries} queries and {kb} KB. `LONG` is an
experiment of 364 looks, `KEY` stands for all experiments in turn. What a process keeps: templates and statements as
compiled, what the API's page says of its operations, and the sums of eight portfolios and the names in the list's
filters as long as nothing changes; of an experiment or a snapshot it keeps nothing. Left out: {left}.
"""


@dataclass(frozen=True)
class Measured:
    """One address: its answers' times in ms, those of this process alone, most queries, bytes of the largest."""

    address: str
    times: tuple[float, ...]
    own: tuple[float, ...]
    queries: int
    size: int
    zipped: int

    def at(self, share: float) -> float:
        """A quantile of the times."""
        return float(np.quantile(self.times, share))

    @property
    def good(self) -> bool:
        """Whether it stays within the limits."""
        return self.at(0.95) <= MOST_MS and self.queries <= MOST_QUERIES and self.size <= 1000 * MOST_KB


def main() -> None:
    """Measure both databases and say how the slowest page did."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", action="store_true", help="6,000 snapshots; writes nothing")
    parser.add_argument("--only", choices=("sqlite", "postgresql"), help="one database; writes nothing")
    options = parser.parse_args()
    sizes = Sizes(1_000, 6_000) if options.small else Sizes()
    found: dict[str, list[Measured]] = {}
    for name in (options.only,) if options.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder:
            found[name] = on(name, Path(folder), sizes)
        print(table(name, found[name]), flush=True)
    worst = max(m.at(0.95) for each in found.values() for m in each)
    text = report(found, sizes)
    if not (options.small or options.only):
        DOCS.write_text(text, encoding="utf-8")
    print(f"pages: p95 {worst:.1f} ms of {MOST_MS}")
    sys.exit(0 if options.small or all(m.good for each in found.values() for m in each) else 1)


def on(name: str, folder: Path, sizes: Sizes) -> list[Measured]:
    """Fill a registry on one database, and measure every route."""
    with database(name, folder) as url:
        settings = Settings.load({"KEEPERS_HOME": str(folder), "KEEPERS_REGISTRY": url})
        db, inbox = Database(settings.registry), Inbox(settings.inbox)
        db.migrate()
        inbox.migrate()
        users.add(db, email=EMAIL, name="Ada", password=PASSWORD, role="administrator")
        token = keys.create(db, name="reader", role="viewer")[1]
        began = time.perf_counter()
        long = fill(db, sizes, np.random.default_rng(SEED))
        settle(db)
        print(f"{name}: filled in {time.perf_counter() - began:.0f} s", flush=True)
        every = overview.cards(db)
        known = {state: [c.experiment for c in every if c.state == state] for state in ("draft", "running", "decided")}
        found = list(measured(create_app(settings), token, {**known, "long": long}))
        db.engine.dispose()
    return found


@contextmanager
def database(name: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if name == "sqlite":
        yield f"sqlite:///{folder / 'registry.sqlite'}"
        return
    with server() as make:
        yield make("registry")


def settle(db: Database) -> None:
    """What a database does by itself in quiet hours: count its rows, so that it plans well."""
    with db.engine.begin() as connection:
        connection.exec_driver_sql("ANALYZE")


def measured(app: Flask, token: str, known: dict[str, list[str]]) -> Iterator[Measured]:
    """Every address of every GET route that is a page or reads for one."""
    client = app.test_client()
    signed_in(client)
    steady()  # as each worker of the server does
    for rule in sorted(app.url_map.iter_rules(), key=lambda r: (r.endpoint.startswith("api."), r.rule)):
        if "GET" in (rule.methods or ()) and rule.endpoint not in NO_PAGES:
            headers = {"Authorization": f"Bearer {token}"} if rule.endpoint.startswith("api.") else {}
            for address, fills in addresses(rule.endpoint, rule.rule, known):
                found = ask(client, address, fills, headers)
                if found is not None:
                    yield found


def addresses(endpoint: str, rule: str, known: dict[str, list[str]]) -> Iterator[tuple[str, list[str]]]:
    """Addresses to ask, with KEY where experiments take turns, and those experiments."""
    rule = re.sub(r"<int[^>]*:number>", "20", rule).replace("<metric>", "orders")
    if "metrics" in endpoint:
        yield rule.replace("<key>", "orders"), [""]
        return
    if "<key>" not in rule:
        yield from ((rule + more, [""]) for more in ("", *MORE.get(endpoint, ())))
        return
    names = ("experiments.edit", "api.get_approval", "api.get_checklist", "api.get_outlook")
    running = dict.fromkeys(("experiments.decide", "experiments.ask_stop"), ("running",))
    states = {**dict.fromkeys(names, ("draft",)), **running}
    if endpoint not in states:
        yield rule.replace("<key>", "LONG"), known["long"]
    if endpoint == "api.get_snapshot":
        return  # r20 of the long ones
    some = [key for state in states.get(endpoint, ("running", "decided")) for key in known[state]]
    yield rule.replace("<key>", "KEY"), some
    if endpoint == "experiments.results":
        yield rule.replace("<key>", "DRAFT"), known["draft"]
        yield rule.replace("<key>", "LONG") + "?snapshot=180", known["long"]


def ask(client: FlaskClient, address: str, fills: Sequence[str], headers: dict[str, str]) -> Measured | None:
    """Ask in turn for each experiment, after one answer that is not counted; None, and said, where that is no page."""
    times, own, most, largest = [], [], 0, b""
    for n in range(-1, ROUNDS):
        path = re.sub("KEY|LONG|DRAFT", fills[(n * 7) % len(fills)], address)
        with counted(client.application) as said:
            began, busy = time.perf_counter(), time.thread_time()
            answer = client.get(path, headers=headers)
            body = answer.get_data()
            took = 1000 * (time.perf_counter() - began), 1000 * (time.thread_time() - busy)
        if answer.status_code != 200:
            print(f"{path}: not measured, as it answers {answer.status_code}", flush=True)
            return None
        if n >= 0:
            times.append(took[0])
            own.append(took[1])
        most, largest = max(most, len(said)), max(largest, body, key=len)
    found = Measured(address, tuple(times), tuple(own), most, len(largest), len(gzip.compress(largest, 6)))
    times_said = f"{found.at(0.5):.1f}, {found.at(0.95):.1f} ({np.quantile(own, 0.95):.1f}) ms"
    print(f"{address}: {times_said}, {most} queries, {len(largest)} bytes", flush=True)
    return found


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements that are executed meanwhile, without those that begin a transaction."""
    own: Stores = app.extensions["keepers"]
    said: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        said.append(statement)

    engines = (own.db.engine, own.inbox.database.engine)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield said
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)
    said[:] = [s for s in said if not s.startswith(("BEGIN", "PRAGMA"))]


def signed_in(client: FlaskClient) -> None:
    """Sign in as a browser does, by the form and its proof of origin."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert found, "the form has its token"
    client.post("/sign-in", data={"csrf_token": found[1], "email": EMAIL, "password": PASSWORD})


def table(name: str, each: Sequence[Measured]) -> str:
    """One database's figures as a Markdown table."""
    rows = []
    for m in each:
        times = f"{m.at(0.5):.1f} | {m.at(0.95):.1f} | {np.quantile(m.own, 0.95):.1f}"
        sizes = f"{m.size / 1000:.0f} | {m.zipped / 1000:.0f}"
        rows.append(f"| `{m.address}` | {times} | {m.queries} | {sizes} | {'' if m.good else '**over**'} |")
    names = ("address", "p50 ms", "p95 ms", "p95 CPU ms", "queries", "KB", "KB gzip", "")
    head = f"## {name}\n\n| {' | '.join(names)} |\n|{'---|' * len(names)}\n"
    return head + "\n".join(rows) + "\n"


def report(found: dict[str, list[Measured]], sizes: Sizes) -> str:
    """The whole page."""
    machine = f"Python {platform.python_version()}, {platform.machine()}"
    left = ", ".join(f"`{name}` ({why})" for name, why in NO_PAGES.items())
    head = HEAD.format(
        sizes=f"{sizes.experiments:,} experiments and {sizes.snapshots:,} snapshots", seed=SEED, machine=machine,
        rounds=ROUNDS, ms=MOST_MS, queries=MOST_QUERIES, kb=MOST_KB, left=left,
    )  # fmt: skip
    return head + "\n" + "\n".join(table(name, each) for name, each in found.items())


if __name__ == "__main__":
    main()
