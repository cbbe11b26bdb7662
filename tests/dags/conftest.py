"""A small installation with two experiments, for DAGs to run on."""

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments import lifecycle
from experiments.catalog import Catalog, Measure, Metric
from experiments.inbox import Inbox
from experiments.plan import Goal, Plan, Variant
from experiments.registry import Database, metrics
from experiments.registry.experiments import known
from experiments.settings import Settings

LAUNCHED = datetime(2024, 3, 4, tzinfo=UTC)
UNITS = 120


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
