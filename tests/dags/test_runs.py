"""The DAGs run for real, in Airflow, over a small installation with two experiments."""

import json
import os
import random
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments import lifecycle
from experiments.catalog import Catalog, Measure, Metric
from experiments.inbox import Inbox
from experiments.plan import Goal, Plan, Variant
from experiments.registry import Database, metrics, snapshots
from experiments.registry.experiments import known
from experiments.settings import Settings

ROOT = Path(__file__).parents[2]
LAUNCHED = datetime(2024, 3, 4, tzinfo=UTC)
UNITS = 120
REFUSE = """
CREATE TRIGGER refuse BEFORE INSERT ON snapshots WHEN NEW.experiment = 'green'
BEGIN SELECT RAISE(ABORT, 'planted: the snapshot of green cannot be stored'); END
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation whose inbox holds seven days of the experiments blue and green."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path)})
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.migrate()
    inbox.migrate()
    sold = Metric(key="sold", kind="proportion", measure="orders", window_days=1)
    metrics.apply(db, Catalog(measures={"orders": Measure(event="order")}, metrics={"sold": sold}), by="test")
    for key in ("blue", "green"):
        lifecycle.save(db, plan(key), by="test")
        lifecycle.launch(db, key, by="test", at=LAUNCHED)
    receipt = inbox.accept(json.dumps({"schema": 1, "events": visits()}).encode(), known(db, "production"))
    assert receipt.rejected == []
    return settings


def plan(key: str) -> Plan:
    variants = (Variant(key="control", weight=0.5), Variant(key="new", weight=0.5))
    return Plan(key=key, variants=variants, goals=(Goal(metric="sold", worthwhile=0.1),), enrol_days=7)


def visits() -> list[dict[str, Any]]:
    """Each unit meets both experiments on one day; a third of them orders."""
    rng, events = random.Random(7), []
    for n in range(UNITS):
        at = (LAUNCHED + timedelta(days=n % 7, hours=9)).timestamp()
        base = {"units": {"user": f"u{n}"}, "at": at, "explicit": True}
        met = {"type": "exposure", "variant": ("control", "new")[n // 7 % 2]} | base
        events += [met | {"id": f"{key}-{n}", "experiment": key} for key in ("blue", "green")]
        if rng.random() < 1 / 3:
            events.append({"type": "event", "id": f"o{n}", "name": "order"} | base)
    return events


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
    assert "no DAG is called 'analyse', only analyze, collect, load" in done.stdout
