"""The DAGs run for real, in Airflow, over a small installation with two experiments."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from experiments.registry import Database, snapshots
from experiments.settings import Settings

ROOT = Path(__file__).parents[2]
REFUSE = """
CREATE TRIGGER refuse BEFORE INSERT ON snapshots WHEN NEW.experiment = 'green'
BEGIN SELECT RAISE(ABORT, 'planted: the snapshot of green cannot be stored'); END
"""


def run(home: Path, *names: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "scripts/run_dags.py", *names]
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("KEEPERS_", "AIRFLOW"))}
    environ["KEEPERS_HOME"] = str(home)
    return subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)


def told(home: Path, done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout + done.stderr + (home / "airflow" / "messages.log").read_text()


def registry(settings: Settings, statement: str) -> None:
    connection = sqlite3.connect(settings.home / "registry.sqlite")
    connection.execute(statement)
    connection.close()


def asset_events(home: Path) -> list[tuple[str, str]]:
    connection = sqlite3.connect(home / "airflow" / "airflow.db")
    rows = connection.execute(
        "SELECT asset.name, json_extract(event.extra, '$.experiment')"
        " FROM asset_event AS event JOIN asset ON asset.id = event.asset_id ORDER BY event.id"
    ).fetchall()
    connection.close()
    return rows


@pytest.mark.slow
def test_one_failed_experiment_turns_the_run_red_and_spares_the_others(settings: Settings) -> None:
    """And clearing the failed task, once the cause is mended, analyses that experiment alone."""
    home, db = settings.home, Database(settings.registry)
    registry(settings, REFUSE)
    red = run(home, "load", "collect", "analyze")
    lines = [line.split(" in ")[0] for line in red.stdout.splitlines()]
    assert {"load: success", "collect: success", "analyze: failed"} <= set(lines), told(home, red)
    assert {"  analyze_one blue: success", "  analyze_one green: failed"} <= set(lines), told(home, red)
    assert "planted: the snapshot of green cannot be stored" in told(home, red)
    assert red.returncode == 1
    assert snapshots.latest(db, "blue") is not None
    assert snapshots.latest(db, "green") is None
    assert asset_events(home) == [("keepers/rollup", None), ("keepers/snapshot", "blue")]

    registry(settings, "DROP TRIGGER refuse")
    green = run(home, "analyze")
    assert "  analyze_one green: success" in green.stdout, told(home, green)
    assert "blue" not in green.stdout, "nothing new has closed for it"
    assert green.returncode == 0
    assert snapshots.latest(db, "green") is not None


@pytest.mark.slow
def test_an_unknown_dag_is_named_with_those_that_exist(tmp_path: Path) -> None:
    done = run(tmp_path, "analyse")
    assert done.returncode == 2
    assert "no DAG is called 'analyse', only analyze, backfill, collect, digest, load, selfcheck, source, watch" in done.stdout
