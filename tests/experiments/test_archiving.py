"""The archive: what may be put away, what is still known of it, and that nothing which users get changes."""

from typing import Any

import pytest

from experiments import archiving, lifecycle
from experiments.errors import Conflict
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import audit, experiments, log, metrics, overview

pytestmark = pytest.mark.slow

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = "{{key: {}, variants: [{{key: control, weight: 0.5}}, {{key: new, weight: 0.5}}], goals: [{{metric: ordered, worthwhile: 0.02}}]}}"


@pytest.fixture
def shop(stored: Any) -> Any:
    """Three drafts, on SQLite and on PostgreSQL."""
    metrics.apply(stored.db, read_catalog(CATALOG), "test")
    for key in ("one", "two", "three"):
        lifecycle.save(stored.db, read_plan(PLAN.format(key)), "ada")
    return stored


def listed(shop: Any, **chosen: str) -> list[str]:
    found = [c.experiment for c in overview.page(shop.db, chosen, limit=9)]
    assert sum(overview.counts(shop.db, chosen).values()) == len(found)
    assert {c.experiment for c in overview.newest(shop.db, chosen, limit=9)} == set(found)
    return sorted(found)


def test_what_is_archived_leaves_the_list_and_comes_back(shop: Any) -> None:
    before = experiments.served(shop.db, "development")
    assert archiving.archive(shop.db, "two", "ada").archived_at is not None
    assert listed(shop) == listed(shop, state="draft") == ["one", "three"]
    assert listed(shop, state="archived") == listed(shop, group="archived") == listed(shop, state="archived", q="two") == ["two"]
    assert [c.experiment for c in overview.cards(shop.db) if c.group == "archived"] == ["two"]
    assert experiments.served(shop.db, "development") == before
    with pytest.raises(Conflict, match="'two' is archived already; restore it"):
        archiving.archive(shop.db, "two", "ada")
    assert archiving.restore(shop.db, "two", "bob").archived_at is None
    assert listed(shop) == ["one", "three", "two"]
    with pytest.raises(Conflict, match="'one' is not archived"):
        archiving.restore(shop.db, "one", "bob")
    told = [(e.who, e.text, e.before, e.after) for e in log.entries(shop.db, "two") if e.kind == "archive"]
    away, back = '{"archived":true}', '{"archived":false}'
    assert told == [("bob", "Restored.", away, back), ("ada", "Archived.", back, away)]
    assert audit.verify(shop.db).faults == ()


def test_an_archived_draft_neither_changes_nor_is_launched(shop: Any) -> None:
    archiving.archive(shop.db, "one", "ada")
    refused = "'one' is archived: restore it first, then do this again"
    with pytest.raises(Conflict, match=refused):
        lifecycle.launch(shop.db, "one", "ada")
    with pytest.raises(Conflict, match=refused):
        lifecycle.save(shop.db, read_plan(PLAN.format("one")), "ada")
    archiving.restore(shop.db, "one", "ada")
    assert lifecycle.launch(shop.db, "one", "ada").state == "running"


def test_what_runs_or_waits_for_a_decision_is_not_archived(shop: Any) -> None:
    lifecycle.launch(shop.db, "one", "ada")
    with pytest.raises(Conflict, match=r"'one' is running; .* stop and decide it first"):
        archiving.archive(shop.db, "one", "ada")
    lifecycle.stop(shop.db, "one", "ada", "Enough.")
    with pytest.raises(Conflict, match=r"'one' is stopped; .*: decide it first"):
        archiving.archive(shop.db, "one", "ada")
