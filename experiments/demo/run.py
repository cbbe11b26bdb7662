"""Runs the demonstration: databases, server, visitors, Airflow, and at the end the address to open."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from experiments import lifecycle, phases, serving
from experiments.demo import check as checking
from experiments.demo.shop import DAYS, SEARCH_EVENLY_SINCE, SEARCH_SINCE, VISITORS_A_DAY, chance, visit
from experiments.errors import KeepersError, NotReady
from experiments.inbox import Inbox
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, keys, metrics, users
from experiments.settings import Settings
from keepers import Client

HERE = Path(__file__).parent
RUN_DAGS = HERE.parents[1] / "scripts" / "run_dags.py"
HOST, EMAIL, LAUNCHER = "127.0.0.1", "ada@example.com", "ada@example.com"
console = Console()


def run(*, check: bool, port: int) -> None:
    """Fill the shop unless that was done before, serve it, and wait; with `check` request every page and stop."""
    serving.free_port(HOST, port)
    for interrupting in (signal.SIGTERM, signal.SIGINT):
        signal.signal(interrupting, signal.default_int_handler)
    home = _home(check)
    os.environ["KEEPERS_HOME"] = str(home)
    settings = Settings.load()
    with contextlib.suppress(KeyboardInterrupt), _server(port):
        if not (home / "filled").exists():
            _fill(settings, port)
            (home / "filled").touch()
        address, password = f"http://{HOST}:{port}", (home / "password").read_text()
        if check:
            checking.check(settings, address, EMAIL, password)
            console.print("ok")
            return
        console.print(f"\n[bold]Open {address}[/bold]\nSign in with {EMAIL} and the password [bold]{password}[/bold]")
        console.print("Ctrl-C stops everything that was started.", style="dim")
        signal.pause()


def _home(check: bool) -> Path:
    """The demonstration's own folder: made anew for a check, or where a former run was cut short."""
    base = Path(os.environ.get("KEEPERS_HOME", "var")).resolve()
    home = base / ("demo-check" if check else "demo")
    if home.exists() and (check or not (home / "filled").exists()):
        shutil.rmtree(home)
    home.mkdir(parents=True, exist_ok=True)
    settings = Settings.load({"KEEPERS_HOME": str(home)})
    Database(settings.registry).migrate()
    Inbox(settings.inbox).migrate()
    return home


@contextlib.contextmanager
def _server(port: int) -> Iterator[None]:
    """Run gunicorn for the block; stop it and wait for its end whatever happens."""
    process = subprocess.Popen(serving.command(HOST, port, 2), start_new_session=True)
    try:
        _until_ready(process, f"http://{HOST}:{port}/ready")
        yield
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(15)
        process.kill()


def _until_ready(process: "subprocess.Popen[bytes]", address: str) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address, timeout=2).close()
            return
        time.sleep(0.1)
    raise NotReady("the web server did not start within a minute; its messages are above.")


def _fill(settings: Settings, port: int) -> None:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    first_day = today - timedelta(days=DAYS)
    token = _register(settings, first_day)
    with _progress() as progress:
        bar, rng = progress.add_task("Visitors, through the SDK over HTTP", total=DAYS * VISITORS_A_DAY), chance()
        for days in (range(SEARCH_EVENLY_SINCE), range(SEARCH_EVENLY_SINCE, DAYS)):
            if days.start:
                _split_evenly(settings, first_day + timedelta(days=days.start))
            with Client(f"http://{HOST}:{port}", token, spool=False) as client:
                visit(client, rng, days, first_day, lambda n: progress.update(bar, completed=n))
                _nothing_lost(client)
        _run_dags(settings, first_day, progress)


def _register(settings: Settings, first_day: datetime) -> str:
    """Make the account, the key, the catalogue and the launched experiments; return the key's token."""
    db = Database(settings.registry)
    password = "-".join(secrets.token_hex(2) for _ in range(4))
    (settings.home / "password").write_text(password)
    users.add(db, email=EMAIL, name="Ada, product manager", password=password, role="administrator")
    users.add(db, email="grace@example.com", name="Grace, reviewer", password=secrets.token_hex(16), role="reviewer")
    metrics.apply(db, read_catalog((HERE / "metrics.yaml").read_text()), LAUNCHER)
    for path in sorted((HERE / "plans").glob("*.yaml")):
        plan = read_plan(path.read_text(), path.name)
        lifecycle.save(db, plan, LAUNCHER)
        since = SEARCH_SINCE if plan.key.startswith("search") else 0
        lifecycle.launch(db, plan.key, LAUNCHER, at=first_day + timedelta(days=since))
    return keys.create(db, name="demonstration shop", by=LAUNCHER)[1]


def _split_evenly(settings: Settings, at: datetime) -> None:
    """Begin the second phase of the search experiment, which few met in its first days."""
    evenly = phases.Wanted(weights={"control": 0.5, "forgiving": 0.5})
    reason = "Two days with few people showed no fault."
    phases.change(Database(settings.registry), "search-typo-synonyms", evenly, by=LAUNCHER, reason=reason, at=at)


def _nothing_lost(client: Client) -> None:
    stats = client.stats()
    if stats["dropped"] or stats["queued"]:
        raise KeepersError(f"the shop's events did not all arrive: {stats}. Look at the server's messages above.")


def _run_dags(settings: Settings, first_day: datetime, progress: Progress) -> None:
    """Run the real DAGs in one process: one load, then a roll-up and the analyses as each day closes."""
    days = [(first_day + timedelta(days=i)).date().isoformat() for i in range(DAYS)]
    runs = ["load", *(name for day in days for name in (f"collect:{day}", "analyze"))]
    bar = progress.add_task("Airflow: load, then each day's roll-up and analyses", total=len(runs))
    environment = {**os.environ, "KEEPERS_HOME": str(settings.home)}
    command = [sys.executable, str(RUN_DAGS), *runs]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as airflow:
        try:
            lines = [_seen(line, progress, bar) for line in airflow.stdout or ()]
        except KeyboardInterrupt:
            airflow.kill()  # it takes gentler signals for a failed task and goes on; any step may be cut short
            raise
    if airflow.returncode:
        raise KeepersError("a DAG run failed:\n" + "".join(lines[-15:]))


def _seen(line: str, progress: Progress, bar: object) -> str:
    """Count a finished run; lines of its tasks are indented."""
    if not line.startswith(" "):
        progress.advance(bar)  # type: ignore[arg-type]  # rich's TaskID is an int by another name
    return line


def _progress() -> Progress:
    return Progress(
        TextColumn("{task.description:52}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn(), console=console
    )
