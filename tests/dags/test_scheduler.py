"""A real Airflow (API server, DAG processor, scheduler) takes the DAGs from their schedules and assets to snapshots."""

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from experiments.loading import load
from experiments.registry import Database, snapshots
from experiments.settings import Settings

ROOT = Path(__file__).parents[2]
AIRFLOW = [sys.executable, "-m", "airflow"]
PATIENCE = 300  # seconds; it takes about 60 on two idle cores
pytestmark = pytest.mark.slow


@pytest.fixture
def query(settings: Settings) -> Iterator[Callable[[str], list[tuple[Any, ...]]]]:
    """Start Airflow on an installation whose events are loaded; return a function that asks its database."""
    load(settings)  # else the first runs of load and collect race, and one of them waits for its next try
    home = settings.home
    environ = _environ(home)
    with (home / "airflow.log").open("w") as log:
        subprocess.run([*AIRFLOW, "db", "migrate"], env=environ, check=True, stdout=log, stderr=log)
        started = [
            subprocess.Popen([*AIRFLOW, part], env=environ, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)
            for part in ("api-server", "dag-processor", "scheduler")
        ]

        def ask(statement: str) -> list[tuple[Any, ...]]:
            with closing(sqlite3.connect(f"file:{home}/airflow/airflow.db?mode=ro", uri=True, timeout=60)) as database:
                return database.execute(statement).fetchall()

        yield ask
        for process in started:
            _stop(process)


def _environ(home: Path) -> dict[str, str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    bundle = {
        "name": "keepers", "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(ROOT)},
    }  # fmt: skip
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "KEEPERS_"))}
    return kept | {
        "KEEPERS_HOME": str(home), "AIRFLOW_HOME": str(home / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False", "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
        "AIRFLOW__CORE__EXECUTOR": "LocalExecutor", "AIRFLOW__CORE__PARALLELISM": "1",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__WORKERS__EXECUTION_API_TIMEOUT": "60", "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port), "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API_AUTH__JWT_SECRET": "x" * 64, "AIRFLOW__API__SECRET_KEY": "y" * 32,
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
    }  # fmt: skip


def _stop(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def test_schedules_roll_days_up_and_the_asset_starts_one_analysis_for_each_experiment(
    settings: Settings, query: Callable[[str], list[tuple[Any, ...]]]
) -> None:
    done = "SELECT count(*) FROM dag_run WHERE dag_id = 'analyze' AND state IN ('success', 'failed')"
    deadline = time.monotonic() + PATIENCE
    while not query(done)[0][0]:
        assert time.monotonic() < deadline, (settings.home / "airflow.log").read_text()[-4000:]
        time.sleep(1)
    runs = {dag: (kind, state) for dag, kind, state in query("SELECT dag_id, run_type, state FROM dag_run ORDER BY id")}
    assert runs["collect"] == ("scheduled", "success")
    assert runs["analyze"] == ("asset_triggered", "success")
    tasks = query("SELECT rendered_map_index, state FROM task_instance WHERE task_id = 'analyze_one'")
    assert sorted(tasks) == [("blue", "success"), ("green", "success")], "each experiment's run can be seen by its key"
    for key in ("blue", "green"):
        found = snapshots.latest(Database(settings.registry), key)
        assert found is not None
        assert (found.official, found.number) == (True, 1)
    assert query("SELECT count(*) FROM dag_run WHERE dag_id = 'backfill'")[0][0] == 0, "only a person starts one"
