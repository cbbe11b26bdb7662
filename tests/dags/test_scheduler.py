"""A real Airflow (API server, DAG processor, two schedulers, PostgreSQL) takes the DAGs to snapshots, one scheduler being killed."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.inbox import Inbox, live
from experiments.plan_file import read_sources
from experiments.registry import Database, snapshots, sources
from experiments.registry.models import InboxRow, LeaseRow, LoadRow
from experiments.settings import Settings
from experiments.warehouse import Lake

ROOT = Path(__file__).parents[2]
AIRFLOW = [sys.executable, "-m", "airflow"]
SCHEDULER = "scheduler --skip-serve-logs"  # nobody asks for logs over HTTP: they are read from their files
PATIENCE = 300  # seconds for each step; all take about 70 on two idle cores
DAGS = ("load", "collect", "source", "analyze", "watch", "digest", "selfcheck", "backfill")
# A task is a fork of a fork of its scheduler: what tasks import is imported once for all of a scheduler's.
SETTINGS = """
import sys
if "scheduler" in sys.argv:
    import duckdb, ibis.backends.duckdb, ibis.formats.numpy, ibis.formats.pandas, ibis.formats.pyarrow, pandas
    from experiments import alerts, backfill, following, loading, recount, retention, rollup, selfcheck
    from experiments.sources import pulling
"""
SOURCE = """
sources:
  orders: {{kind: events, at: "{path}", columns: {{unit: person, time: ordered_at, event: what, id: number}}}}
"""
pytestmark = pytest.mark.slow


@dataclass
class Airflow:
    """A running Airflow: its environment, where its database is, the address of its API, and its processes."""

    home: Path
    database: str
    address: str
    environ: dict[str, str]
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, *parts: str) -> None:
        """Start parts of it, each with a process group of its own."""
        with (self.home / "airflow.log").open("a") as log:
            for part in parts:
                command = [*AIRFLOW, *part.split()]
                self.running.append(
                    subprocess.Popen(command, env=self.environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
                )

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask its database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement).fetchall()

    def until(self, statement: str) -> None:
        """Wait until its database answers with something other than 0."""
        self.until_true(lambda: bool(self.ask(statement)[0][0]))

    def until_ready(self) -> None:
        """Wait until it knows all DAGs, its schedulers run, and its API answers."""
        self.until(f"SELECT count(*) = {len(DAGS)} FROM dag WHERE dag_id IN {DAGS}")
        self.until(SCHEDULERS)
        self.until_true(self._answers)

    def unpause(self, *dags: str) -> None:
        """Let schedules and assets start DAGs from now on."""
        for dag in dags:
            self._ask("PATCH", f"/api/v2/dags/{dag}", {"is_paused": False})

    def trigger(self, dag: str, **conf: str) -> None:
        """Start a run with parameters, as a person does."""
        self._ask("POST", f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf})

    def kill(self, task: int) -> None:
        """Kill the scheduler that started the process of a task, its supervisors, and the task, as a power cut would."""
        (dead,) = [process for process in self.running if process.pid == os.getsid(task)]
        self.running.remove(dead)
        os.killpg(dead.pid, signal.SIGKILL)
        os.kill(task, signal.SIGKILL)  # a task has a process group of its own
        dead.wait()

    def stop(self) -> None:
        """Stop all parts."""
        for process in self.running:
            os.killpg(process.pid, signal.SIGTERM)
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()

    def until_true(self, reached: Callable[[], bool]) -> None:
        """Wait until something is so."""
        deadline = time.monotonic() + PATIENCE
        while not reached():
            assert time.monotonic() < deadline, (self.home / "airflow.log").read_text()[-4000:]
            time.sleep(0.5)

    def _answers(self) -> bool:
        with suppress(URLError), urlopen(f"{self.address}/api/v2/version", timeout=60):
            return True
        return False

    def _ask(self, method: str, path: str, body: dict[str, Any]) -> None:
        token = self._send("GET", "/auth/token", None, {})["access_token"]
        self._send(method, path, json.dumps(body).encode(), {"Authorization": f"Bearer {token}"})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Any:
        sent = Request(self.address + path, body, {"Content-Type": "application/json", **headers}, method=method)
        with urlopen(sent, timeout=60) as answer:
            return json.load(answer)


@pytest.fixture
def airflow(settings: Settings, postgresql_server: Callable[[str], str]) -> Iterator[Airflow]:
    """Start Airflow with two schedulers on an installation whose events wait in the inbox; all DAGs are paused."""
    sources.apply(Database(settings.registry), read_sources(SOURCE.format(path=_orders(settings.home))), "test")
    url, home, port = postgresql_server("airflow"), settings.home, _free_port()
    environ = _environ(home, port, url)
    (home / "airflow" / "config").mkdir(parents=True)
    (home / "airflow" / "config" / "airflow_local_settings.py").write_text(SETTINGS)
    running = Airflow(home, url.replace("+psycopg", ""), f"http://127.0.0.1:{port}", environ)
    subprocess.run([*AIRFLOW, "db", "migrate"], env=environ, check=True, capture_output=True)
    try:
        running.start("api-server", "dag-processor", SCHEDULER, SCHEDULER)
        running.until_ready()
        yield running
    finally:
        running.stop()


def _orders(folder: Path) -> Path:
    """A team's own table: one order, of yesterday."""
    yesterday = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
    rows = pa.table({"person": ["u1"], "what": ["order"], "number": ["n1"], "ordered_at": [yesterday]})
    pq.write_table(rows, folder / "orders.parquet")
    return folder / "orders.parquet"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _environ(home: Path, port: int, database: str) -> dict[str, str]:
    bundle = {
        "name": "keepers", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(ROOT)},
    }  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KEEPERS_"))}
    return kept | {
        "KEEPERS_HOME": str(home), "KEEPERS_DAG_RETRIES": "50", "KEEPERS_DAG_RETRY_SECONDS": "1", "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": database.replace("+psycopg", "+psycopg_async"),
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "True",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60", "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port), "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64, "AIRFLOW__API__SECRET_KEY": "y" * 32,
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        # Nobody edits a DAG meanwhile: to read each every 30 seconds takes as long as to run them.
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
    }  # fmt: skip


SCHEDULERS = "SELECT count(*) = 2 FROM job WHERE job_type = 'SchedulerJob' AND state = 'running'"
ENDED = "SELECT count(*) = {n} FROM dag_run WHERE dag_id IN ({dags}) AND state IN ('success', 'failed')"


def ended(*dags: str) -> str:
    """The question whether a run of each has ended."""
    return ENDED.format(n=len(dags), dags=", ".join(f"'{d}'" for d in dags))


@contextmanager
def held(database: Path) -> Iterator[None]:
    """Let nobody else write to a SQLite database: who wants to, waits in the middle of its work."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def killed_in_its_load(settings: Settings, airflow: Airflow) -> tuple[int, int]:
    """Kill the scheduler whose load holds the lake, as soon as another writer was refused; return its job, the writer's pid."""
    with held(settings.home / "inbox.sqlite"):
        airflow.unpause("load")
        airflow.until_true(lambda: writer(settings) > 0)
        pid = writer(settings)
        os.kill(pid, signal.SIGSTOP)  # so that it does not give up before the other has come
    airflow.unpause("source")
    airflow.until("SELECT count(*) FROM task_instance WHERE task_id = 'pull' AND state = 'up_for_retry'")
    ((job,),) = airflow.ask("SELECT queued_by_job_id FROM task_instance WHERE task_id = 'inbox_to_lake'")
    airflow.kill(pid)
    # As though half a minute had gone by, from which on Airflow takes a silent scheduler for dead.
    airflow.ask(f"UPDATE job SET latest_heartbeat = now() - interval '1 minute' WHERE id = {job} RETURNING id")
    return job, pid


def writer(settings: Settings) -> int:
    """The process that holds the lease on the lake; 0 if it is free."""
    with Database(settings.registry).read() as session:
        row = session.get(LeaseRow, "lake")
        return int(row.holder.split("/")[1]) if row else 0


def test_of_two_schedulers_one_is_killed_in_its_load_and_the_other_ends_it_once(settings: Settings, airflow: Airflow) -> None:
    dead, pid = killed_in_its_load(settings, airflow)
    airflow.until(ended("load", "source"))
    ((by, tries),) = airflow.ask("SELECT queued_by_job_id, try_number FROM task_instance WHERE task_id = 'inbox_to_lake'")
    assert by != dead, "the killed scheduler's load was not taken over"
    assert tries > 1
    assert refused(settings.home, pid), "no log says that another held the lake"

    airflow.start(SCHEDULER)  # as a service manager does
    airflow.until(SCHEDULERS)
    airflow.unpause("analyze", "collect", "watch", "digest", "selfcheck", "backfill")
    airflow.until(ended(*DAGS[:-1]))
    assert airflow.ask("SELECT count(*) FROM dag_run WHERE dag_id = 'backfill'") == [(0,)], "only a person starts one"
    airflow.trigger("backfill", experiment="blue", **{"from": "2024-03-04", "to": "2024-03-05"}, what="statistics")
    airflow.until(ended("backfill"))

    runs = {dag: (kind, state) for dag, kind, state in airflow.ask("SELECT dag_id, run_type, state FROM dag_run ORDER BY id")}
    kinds = {"analyze": "asset_triggered", "backfill": "manual"}
    assert runs == {dag: (kinds.get(dag, "scheduled"), "success") for dag in DAGS}
    for task, keys in (("analyze_one", ["blue", "green"]), ("recount_one", ["blue", "green"]), ("pull", ["orders"])):
        mapped = airflow.ask(f"SELECT rendered_map_index, state FROM task_instance WHERE task_id = '{task}'")
        assert sorted(mapped) == [(key, "success") for key in keys], "each one's run can be seen by its key"
    assert airflow.ask("SELECT count(*) FROM task_instance_history WHERE state = 'success'") == [(0,)], "what was done was done again"

    books_reconcile(settings)
    db = Database(settings.registry)
    assert [snapshots.get(db, "blue", number).official for number in (1, 2, 3)] == [True, False, False]
    newest = {key: found.number for key, found in snapshots.latest_of_all(db).items()}
    assert newest == {"blue": 3, "green": 1}, "nothing was analysed twice"


def books_reconcile(settings: Settings) -> None:
    """What was accepted lies in the lake, once, from one load; what was pulled from the source lies beside it."""
    inbox, lake = Inbox(settings.inbox), Lake(settings.lake)
    accepted = live.tally(inbox, datetime(2024, 1, 1, tzinfo=UTC)).accepted
    with inbox.database.read() as session:
        assert session.query(InboxRow).count() == 0
        assert [(load.done, load.rows) for load in session.query(LoadRow)] == [(True, accepted)]
    ids = Counter[str]()
    for table in ("exposures", "events"):
        days = lake.days("production", table)
        ids.update(lake.table("production", table, days).id.to_pyarrow().to_pylist())
    assert set(ids.values()) == {1}
    assert len(ids) == accepted + 1
    assert lake.table("production", "events", [days[-1]]).unit.to_pyarrow().to_pylist() == ["u1"], "yesterday's, of the source"


def refused(home: Path, pid: int) -> list[Path]:
    """Logs of tasks that were told who writes to the lake: this process."""
    return [p for p in (home / "airflow" / "logs").rglob("*.log") if f"/{pid}/" in p.read_text()]
