"""The collector under load: a real gunicorn and several clients, against a bare loop that inserts the same rows."""

import http.client
import multiprocessing
import os
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from benchmarks.pipeline_part import Found, Ratio
from experiments import serving
from experiments.inbox import Inbox
from experiments.inbox.arrivals import Checked, check
from experiments.registry import Database, experiments, keys
from experiments.registry.experiments import Known
from experiments.settings import Settings

CLIENTS, WORKERS, BATCH = 4, 2, 100
ROOT = Path(__file__).parents[1]
POSTGRESQL = Path("/usr/lib/postgresql/15/bin")
INSERT = "INSERT INTO inbox (id, environment, received, body) VALUES ({}) ON CONFLICT DO NOTHING"


def on_sqlite(home: Path, small: bool) -> Found:
    """Load and loop on SQLite with full sync."""
    settings = Settings.load({"KEEPERS_HOME": str(home)})
    return _measured("SQLite", settings, small)


def on_postgresql(home: Path, small: bool) -> Found:
    """Load and loop on a PostgreSQL of our own, as durable as it comes."""
    with server() as database:
        names = {"KEEPERS_REGISTRY": database("registry"), "KEEPERS_INBOX": database("inbox")}
        return _measured("PostgreSQL", Settings.load({"KEEPERS_HOME": str(home), **names}), small)


def _measured(name: str, settings: Settings, small: bool) -> Found:
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.migrate()
    inbox.migrate()
    token, known = keys.create(db, name="benchmark")[1], experiments.known(db, "production")
    inbox.database.engine.dispose()
    db.engine.dispose()
    span = 1.0 if small else 15.0
    before = bare(settings.inbox, known, span / 2)
    with served(settings) as port:
        times = loaded(port, token, span)
    loop = (before + bare(settings.inbox, known, span / 2)) / 2
    rate = len(times) * BATCH / span
    return Found(
        (
            (f"{name}: events a second, {CLIENTS} clients, batches of {BATCH}", f"{rate:,.0f}"),
            (f"{name}: median of an answer", f"{1e3 * np.median(times):.0f} ms"),
            (f"{name}: 99th percentile of an answer", f"{1e3 * np.quantile(times, 0.99):.0f} ms"),
            (f"{name}: events a second of the bare loop", f"{loop:,.0f}"),
        ),
        (Ratio(f"collector on {name}, bare loop against collector", loop / rate),),
    )  # fmt: skip


def batch(stem: str, number: int) -> list[dict[str, Any]]:
    """A hundred events as an SDK sends them."""
    at = time.time()
    return [
        {
            "type": "event", "id": uuid.uuid5(uuid.NAMESPACE_OID, f"{stem}-{number}-{i}").hex, "at": at,
            "units": {"user": f"user-{(number * BATCH + i) * 7919 % 1_000_003}"}, "name": "purchase",
            "value": 10 + i / 10, "properties": {"currency": "EUR", "country": "AT"},
        }
        for i in range(BATCH)
    ]  # fmt: skip


def loaded(port: int, token: str, span: float) -> list[float]:
    """Seconds that each answer took, of clients that begin together and go on for `span` seconds."""
    context = multiprocessing.get_context("spawn")
    begin, answers = context.Barrier(CLIENTS), context.SimpleQueue()
    clients = [context.Process(target=_client, args=(port, token, span, begin, answers)) for _ in range(CLIENTS)]
    for client in clients:
        client.start()
    found: list[list[float] | None] = [answers.get() for _ in clients]
    for client in clients:
        client.join()
    if None in found:
        raise RuntimeError("a client failed, as it says above; every event should be accepted.")
    return [seconds for times in found if times for seconds in times]


def _client(port: int, token: str, span: float, begin: Any, answers: Any) -> None:
    """Put the times of all answers, or None if one is not that all events were accepted."""
    times = None
    try:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            begin.wait(120)
            times = _sent(connection, token, time.monotonic() + span)
    finally:
        answers.put(times)


def _sent(connection: http.client.HTTPConnection, token: str, end: float) -> list[float]:
    """Send batch after batch over one connection; to make a batch is not timed."""
    stem, times = uuid.uuid4().hex, list[float]()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    while time.monotonic() < end:
        body = msgspec.json.encode({"events": batch(stem, len(times))})
        before = time.perf_counter()
        connection.request("POST", "/v1/events", body, headers)
        answer = msgspec.json.decode(connection.getresponse().read())
        times.append(time.perf_counter() - before)
        if answer.get("accepted") != BATCH:
            raise RuntimeError(f"the collector answered {answer}; all {BATCH} events should be accepted.")
    return times


def bare(url: str, known: Known, span: float) -> float:
    """Events a second of one loop that commits the rows of each batch, already in their stored form."""
    stem, done = uuid.uuid4().hex, 0
    with closing(_connection(url)) as connection:
        statement = INSERT.format("?, ?, ?, ?" if url.startswith("sqlite") else "%s, %s, %s, %s")
        spent = 0.0
        while spent < span:
            rows = _rows(batch(stem, done), known)
            before = time.perf_counter()
            connection.cursor().executemany(statement, rows)
            connection.commit()
            spent += time.perf_counter() - before
            done += 1
    return done * BATCH / spent


def _rows(events: list[dict[str, Any]], known: Known) -> list[tuple[str, str, int, bytes]]:
    now = datetime.now(UTC)
    checked = [check(msgspec.json.encode(e), known, now) for e in events]
    return [(c.id, "production", int(now.timestamp() * 1e6), c.body) for c in checked if isinstance(c, Checked)]


def _connection(url: str) -> Any:
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"))
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        return connection
    import psycopg

    return psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:", 1))


@contextmanager
def served(settings: Settings) -> Iterator[int]:
    """The real server, on a free port."""
    port = _free_port()
    variables = {"KEEPERS_HOME": str(settings.home), "KEEPERS_REGISTRY": settings.registry,
                 "KEEPERS_INBOX": settings.inbox}  # fmt: skip
    command = serving.command("127.0.0.1", port, WORKERS)
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **variables})
    try:
        _until_open(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def server() -> Iterator[Any]:
    """A PostgreSQL with its defaults, fsync and all; yields a function that makes a database and returns its URL."""
    import psycopg

    folder, port = Path(tempfile.mkdtemp(prefix="keepers-bench-")), _free_port()
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    run = partial(subprocess.run, check=True, cwd="/", stdout=subprocess.DEVNULL, **user)
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder}"

    def made(name: str) -> str:
        with psycopg.connect(f"postgresql://keepers@127.0.0.1:{port}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return f"postgresql+psycopg://keepers@127.0.0.1:{port}/{name}"

    data = folder / "data"
    try:
        run([POSTGRESQL / "initdb", "-D", data, "-U", "keepers", "-A", "trust", "-E", "UTF8"])
        run([POSTGRESQL / "pg_ctl", "-D", data, "-l", folder / "log", "-w", "-o", options, "start"])
        yield made
    finally:
        run([POSTGRESQL / "pg_ctl", "-D", data, "-m", "fast", "stop"], check=False)
        shutil.rmtree(folder, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _until_open(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=2)) as connection:
                connection.request("GET", "/ready")
                connection.getresponse().read()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
