"""The collector under load for a minute, killed once and restarted once: what it acknowledged is in the lake, once.

Several processes with the real SDK first find out how many events a second the collector takes from them, then send at
80 % of that while the server is killed and later restarted, and a load runs in between. At the end the day is rolled
up: each event has a unit of its own, so each unit must have been counted once. Last line: `soak: acknowledged ...`.
"""

import argparse
import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from experiments import lifecycle, serving
from experiments.inbox import Inbox
from experiments.loading import load
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, keys, metrics
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.warehouse import Lake
from keepers import Client

HOST, SHARE, BATCH, MOST_QUEUED = "127.0.0.1", 0.8, 500, 5_000
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: soak
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soak; 1 if an event was lost or doubled, or if no sender had to try again."""
    options = _parser().parse_args(arguments)
    if options.sender:
        send(json.loads(options.sender))
        return 0
    with tempfile.TemporaryDirectory(prefix="keepers-soak-") as folder:
        return soak(Path(folder), options.seconds, options.senders)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--senders", type=int, default=3, help="processes that send")
    parser.add_argument("--sender", help=argparse.SUPPRESS)  # be one of them
    return parser


def soak(home: Path, seconds: float, senders: int) -> int:
    """Measure, then soak; `home` holds everything."""
    settings = Settings.load({**os.environ, "KEEPERS_HOME": str(home)})
    token = _opened(settings)
    with Server(settings) as server:
        job = {"address": server.address, "token": token, "spool": str(home / "spool")}
        measured = max(seconds / 6, 1.0)
        fast = _all([_sender({**job, "name": f"fast{i}", "seconds": measured, "rate": 0}) for i in range(senders)])
        rate = _sum(fast, "sent") / max(report["took"] for report in fast)
        print(f"The collector takes {rate:,.0f} events a second from {senders} processes.", flush=True)
        pace = {"seconds": seconds, "rate": SHARE * rate / senders}
        running = [_sender({**job, **pace, "name": f"slow{i}"}) for i in range(senders)]
        _disturb(server, settings, seconds)
        slow = _all(running)
    return _told(settings, [*fast, *slow])


def _opened(settings: Settings) -> str:
    """Make an installation with an experiment that counts orders; return a key's token."""
    db = Database(settings.registry)
    db.migrate()
    Inbox(settings.inbox).migrate()
    metrics.apply(db, read_catalog(CATALOG), "soak")
    lifecycle.save(db, read_plan(PLAN), "soak")
    lifecycle.launch(db, "soak", "soak")
    return keys.create(db, name="soak")[1]


def _disturb(server: "Server", settings: Settings, seconds: float) -> None:
    """Kill the server after a third of the time, load at half time, restart it after two thirds."""
    began = time.monotonic()
    _sleep_until(began + seconds / 3)
    server.restart(signal.SIGKILL)
    print("Killed the server (kill -9) and started it again.", flush=True)
    _sleep_until(began + seconds / 2)
    print(f"Loaded {load(settings).rows:,} events meanwhile.", flush=True)
    _sleep_until(began + 2 * seconds / 3)
    server.restart(signal.SIGTERM)
    print("Restarted the server.", flush=True)


def _sleep_until(moment: float) -> None:
    time.sleep(max(moment - time.monotonic(), 0.0))


class Server:
    """The real server, which can be killed and started again on its port."""

    def __init__(self, settings: Settings) -> None:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            self._port = probe.getsockname()[1]
        self.address = f"http://{HOST}:{self._port}"
        self._environ = {
            **os.environ, "KEEPERS_HOME": str(settings.home), "KEEPERS_REGISTRY": settings.registry,
            "KEEPERS_INBOX": settings.inbox,
        }  # fmt: skip

    def __enter__(self) -> "Server":
        self._start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stop(signal.SIGTERM)

    def restart(self, how: signal.Signals) -> None:
        """Send all of its processes the signal, wait for their end, and start it again."""
        self._stop(how)
        self._start()

    def _start(self) -> None:
        command = serving.command(HOST, self._port, 2)
        self._process = subprocess.Popen(command, env=self._environ, start_new_session=True)
        deadline = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(f"{self.address}/ready", timeout=2).close()
                return
            if time.monotonic() > deadline:
                raise TimeoutError("the server did not start within a minute; its messages are above")
            time.sleep(0.1)

    def _stop(self, how: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, how)
        self._process.wait(30)


def _sender(job: Mapping[str, object]) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.soak", "--sender", json.dumps(job)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _all(senders: Sequence["subprocess.Popen[str]"]) -> list[dict[str, float]]:
    """Wait for the senders; return what each counted."""
    return [json.loads(process.communicate(timeout=600)[0]) for process in senders]


def _sum(reports: Sequence[Mapping[str, float]], name: str) -> int:
    return int(sum(report[name] for report in reports))


def send(job: Mapping[str, str]) -> None:
    """Be a sender: log events at the given rate (0: as fast as they are taken), and print what became of them."""
    began, logged = time.monotonic(), 0
    with Client(job["address"], job["token"], spool=job["spool"], on_error=lambda error: None) as client:
        for owed in _owed(float(job["rate"]), float(job["seconds"]), client):
            for _ in range(owed):
                logged += 1
                client.track("order", f"{job['name']}-{logged}")
        took = time.monotonic() - began
        client.flush(300)
    # Only now: until it is closed, its thread also sends what others left in the spool that they share.
    print(json.dumps({**client.stats(), "logged": logged, "took": took}))


def _owed(rate: float, seconds: float, client: Client) -> Iterator[int]:
    """Yield how many events to log now, until the time is over."""
    began, logged = time.monotonic(), 0
    while (passed := time.monotonic() - began) < seconds:
        if rate:
            time.sleep(0.01)
            owed = int(rate * passed) - logged
        else:
            if client.stats()["queued"] > MOST_QUEUED:
                client.flush(5)
            owed = BATCH
        logged += owed
        yield owed


def _told(settings: Settings, reports: Sequence[Mapping[str, float]]) -> int:
    """Load the rest, roll the days up, and say where every acknowledged event is."""
    load(settings)
    collect(settings, datetime.now(UTC).date())
    lake = Lake(settings.lake)
    raw = lake.table("production", "events", lake.days("production", "events")).count().to_pyarrow().as_py()
    units = lake.table("production", "unit_days", lake.days("production", "unit_days"))
    found = units.group_by("unit").agg(times=units.n.sum())
    held, times = (found.aggregate([found.count(), found.times.sum()]).to_pyarrow().to_pylist()[0]).values()
    names = ("logged", "sent", "retried", "spooled", "duplicate", "dropped", "rejected")
    print(", ".join(f"{name} {_sum(reports, name):,}" for name in names) + f"; rows in the lake {raw:,}")
    acknowledged, doubled = _sum(reports, "sent"), int(times) - held
    lost = acknowledged - held
    print(f"soak: acknowledged {acknowledged}, in the lake {held}, lost {lost}, doubled {doubled}")
    if not _sum(reports, "retried"):
        print("No sender had to try again, so this shows nothing: give it more --seconds.", file=sys.stderr)
    return int(lost != 0 or doubled != 0 or not _sum(reports, "retried"))


if __name__ == "__main__":
    sys.exit(main())
