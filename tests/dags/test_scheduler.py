"""A real Airflow (API server, DAG processor, scheduler) takes the DAGs from their schedules and assets to snapshots."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.loading import load
from experiments.plan_file import read_sources
from experiments.registry import Database, snapshots, sources
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.warehouse import Lake

ROOT = Path(__file__).parents[2]
AIRFLOW = [sys.executable, "-m", "airflow"]
PATIENCE = 300  # seconds; it takes about 60 on two idle cores
SOURCE = """
sources:
  orders: {{kind: events, at: "{path}", columns: {{unit: person, time: ordered_at, event: what, id: number}}}}
"""
pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Airflow:
    """A running Airflow: where its database is, and the address of its API."""

    home: Path
    address: str

    def ask(self, statement: str) -> list[tuple[Any, ...]]:
        """Ask its database."""
        with closing(sqlite3.connect(f"file:{self.home}/airflow/airflow.db?mode=ro", uri=True, timeout=60)) as database:
            return database.execute(statement).fetchall()

    def until(self, statement: str) -> None:
        """Wait until its database answers with something other than 0."""
        deadline = time.monotonic() + PATIENCE
        while not self.ask(statement)[0][0]:
            assert time.monotonic() < deadline, (self.home / "airflow.log").read_text()[-4000:]
            time.sleep(1)

    def trigger(self, dag: str, **conf: str) -> None:
        """Start a run with parameters, as a person does."""
        token = self._post("/auth/token", {}, {})["access_token"]
        self._post(f"/api/v2/dags/{dag}/dagRuns", {"logical_date": None, "conf": conf}, {"Authorization": f"Bearer {token}"})

    def _post(self, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
        method = "POST" if body else "GET"
        data = json.dumps(body).encode() if body else None
        sent = Request(self.address + path, data, {"Content-Type": "application/json", **headers}, method=method)
        with urlopen(sent, timeout=60) as answer:
            return json.load(answer)


@pytest.fixture
def airflow(settings: Settings) -> Iterator[Airflow]:
    """Start Airflow on an installation whose events are loaded, and whose lake is held by another until a task was refused."""
    load(settings)
    sources.apply(Database(settings.registry), read_sources(SOURCE.format(path=_orders(settings.home))), "test")
    home, port = settings.home, _free_port()
    environ, running = _environ(home, port), Airflow(home, f"http://127.0.0.1:{port}")
    with (home / "airflow.log").open("w") as log:
        subprocess.run([*AIRFLOW, "db", "migrate"], env=environ, check=True, stdout=log, stderr=log)
        with lease(Database(settings.registry), "lake"):
            started = [
                subprocess.Popen([*AIRFLOW, part], env=environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
                for part in ("api-server", "dag-processor", "scheduler")
            ]
            try:
                running.until("SELECT count(*) FROM task_instance WHERE state = 'up_for_retry'")
            except BaseException:
                _stop_all(started)
                raise
        yield running
        _stop_all(started)


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


def _environ(home: Path, port: int) -> dict[str, str]:
    bundle = {
        "name": "keepers", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(ROOT)},
    }  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KEEPERS_"))}
    return kept | {
        "KEEPERS_HOME": str(home), "KEEPERS_DAG_RETRIES": "50", "KEEPERS_DAG_RETRY_SECONDS": "1", "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "AIRFLOW__CORE__PARALLELISM": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60", "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port), "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64, "AIRFLOW__API__SECRET_KEY": "y" * 32,
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
    }  # fmt: skip


def _stop_all(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


ENDED = "SELECT count(*) = {n} FROM dag_run WHERE dag_id IN ({dags}) AND state IN ('success', 'failed')"


def ended(*dags: str) -> str:
    """The question whether a run of each has ended."""
    return ENDED.format(n=len(dags), dags=", ".join(f"'{d}'" for d in dags))


def test_schedules_assets_and_people_start_the_dags_and_what_was_refused_is_tried_again(
    settings: Settings, airflow: Airflow
) -> None:
    airflow.until(ended("load", "collect", "source", "analyze", "selfcheck"))
    assert airflow.ask("SELECT count(*) FROM dag_run WHERE dag_id = 'backfill'") == [(0,)], "only a person starts one"
    airflow.trigger("backfill", experiment="blue", **{"from": "2024-03-04", "to": "2024-03-05"}, what="statistics")
    airflow.until(ended("backfill"))
    runs = {dag: (kind, state) for dag, kind, state in airflow.ask("SELECT dag_id, run_type, state FROM dag_run ORDER BY id")}
    scheduled = dict.fromkeys(("load", "collect", "source", "selfcheck"), ("scheduled", "success"))
    assert runs.items() >= {**scheduled, "analyze": ("asset_triggered", "success"), "backfill": ("manual", "success")}.items()

    for task, keys in (("analyze_one", ["blue", "green"]), ("recount_one", ["blue", "green"]), ("pull", ["orders"])):
        mapped = airflow.ask(f"SELECT rendered_map_index, state FROM task_instance WHERE task_id = '{task}'")
        assert sorted(mapped) == [(key, "success") for key in keys], "each one's run can be seen by its key"
    assert _refused(settings.home), "no log says that another held the lake"
    again = airflow.ask("SELECT dag_id FROM task_instance WHERE state = 'success' AND try_number > 1")
    assert {dag for (dag,) in again} & {"load", "collect", "source"}, "nothing was tried again"

    lake = Lake(settings.lake)
    yesterday = lake.days("production", "events")[-1]
    assert lake.table("production", "events", [yesterday]).unit.to_pyarrow().to_pylist() == ["u1"]
    db = Database(settings.registry)
    assert [snapshots.get(db, "blue", number).official for number in (1, 2, 3)] == [True, False, False]
    newest = {key: found.number for key, found in snapshots.latest_of_all(db).items()}
    assert newest == {"blue": 3, "green": 1}, "nothing was analysed twice"


def _refused(home: Path) -> list[Path]:
    """Logs of tasks that were told who writes to the lake: this process."""
    return [p for p in (home / "airflow" / "logs").rglob("*.log") if f"/{os.getpid()}/" in p.read_text()]
