"""Summaries stay in step with experiments and snapshots, and what an older version stored is summarised the same."""

import json
from collections.abc import Iterator
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import samples
from sqlalchemy import select, text

from experiments import lifecycle
from experiments.catalog import Catalog, Measure
from experiments.registry import Database, experiments, metrics, overview, settings_store, snapshots
from experiments.registry.summary_models import CardRow

TABLES = ("effects", "texts", "metric_versions", "cards")


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """One experiment with three looks, the last two with one word."""
    found = Database(f"sqlite:///{tmp_path / 'registry.sqlite'}")
    found.migrate()
    metrics.apply(found, samples.CATALOG, "test")
    lifecycle.save(found, samples.plan(tags=("forms",)), "test")
    frozen = lifecycle.launch(found, "checkout-one-page", "test").frozen
    for day, word in ((12, "wait"), (13, "review"), (14, "review")):
        snapshots.append(found, samples.snapshot(frozen, day, word))
    yield found
    found.engine.dispose()


def card(db: Database) -> Any:
    with db.read() as session:
        return session.scalars(select(CardRow)).one()


def test_a_card_follows_its_experiment_and_its_newest_look(db: Database) -> None:
    found = card(db)
    assert (found.state, found.word, found.number, found.day, found.days) == ("running", "review", 3, 14, 14)
    assert found.since == samples.LAUNCHED + timedelta(days=12), "the first of the looks that all had this word"
    assert found.horizon == found.launched + timedelta(days=13 + 6)
    assert (found.tags, found.complete, found.failing) == (["forms"], True, "")
    lifecycle.decide(db, "checkout-one-page", word="again", reason="Unclear.", by="test", learning="Ask again.")
    found = card(db)
    assert (found.state, found.decision, found.followed, found.decided_from) == ("decided", "again", True, "review")
    assert "ask again." in found.words
    assert found.word == "review", "a decision leaves what the look said"


def test_days_that_move_with_the_time_zone_move_the_horizon(db: Database) -> None:
    with db.begin() as session:
        session.execute(text("UPDATE experiments SET launched_at = '2026-11-02 23:30:00'"))
    settings_store.fix_time_zone(db, "Asia/Tokyo")
    assert card(db).launched == experiments.get(db, "checkout-one-page").launched == samples.LAUNCHED + timedelta(days=1)
    assert card(db).horizon == card(db).launched + timedelta(days=19)


def test_the_migration_summarises_what_was_stored_before_as_it_is_summarised_now(db: Database) -> None:
    def stored() -> list[Any]:
        with db.read() as session:
            rows = [list(session.execute(text(f"SELECT * FROM {table} ORDER BY 1, 2, 3"))) for table in TABLES]
            return [*rows, [json.loads(c) for c in session.scalars(text("SELECT course FROM snapshots ORDER BY number"))]]

    before = stored()
    with db.begin() as session:
        for table in TABLES:
            session.execute(text(f"DELETE FROM {table}"))
        session.execute(text("UPDATE snapshots SET course = NULL"))
    migration = import_module("experiments.registry.migrations.registry.registry_0005_summaries")
    with db.engine.begin() as connection:
        migration.fill(connection)
    after = stored()
    assert after[0] == before[0]
    assert [row[1:] for row in after[1]] == [row[1:] for row in before[1]], "texts, but for their number"
    assert after[3:] == before[3:]
    assert [row[:3] for row in after[2]] == [row[:3] for row in before[2]], "versions, but for who made them and when"


def test_a_metric_has_a_version_for_each_thing_that_it_meant(db: Database) -> None:
    changed = samples.CATALOG.metrics["revenue"].model_copy(update={"cap": 300})
    metrics.apply(db, Catalog(metrics={"revenue": changed}), "ada")
    metrics.apply(db, Catalog(metrics={"revenue": changed}), "ada")  # the same again
    metrics.apply(db, Catalog(measures={"revenue": Measure(event="paid", aggregate="sum")}), "bob")
    found = metrics.versions(db, "revenue")
    assert [(v.number, v.by, v.definition.metric.cap, v.definition.numerator.event) for v in found] == [
        (3, "bob", 300, "paid"), (2, "ada", 300, "purchase"), (1, "test", 400, "purchase"),
    ]  # fmt: skip
    assert len(metrics.versions(db, "completed")) == 1


def test_what_is_usual_is_learnt_from_goals_and_secondary_metrics_of_finished_valid_experiments(db: Database) -> None:
    assert overview.lifts(db) == [], "it still runs"
    lifecycle.stop(db, "checkout-one-page", "test", "Enough.")
    found = {metric: (lift, variance) for _, metric, lift, variance in overview.lifts(db)}
    assert found.keys() == {"completed", "revenue", "long"}
    lift, se, mean = 0.028, 0.481 * 0.014 * 1.6 / 1.96, 0.481
    n0, n1 = 33_127, 32_995
    by_hand = se**2 * (n0 + (1 + lift) ** 2 * n1) / (n0 + n1) / mean**2
    assert found["completed"] == pytest.approx((lift, by_hand))
    assert overview.lifts(db, "revenue") == [("checkout-one-page", "revenue", *found["revenue"])]
    frozen = experiments.get(db, "checkout-one-page").frozen
    snapshots.append(db, samples.snapshot(frozen, 14, "invalid"))
    assert overview.lifts(db) == []
