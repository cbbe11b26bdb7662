"""Backfills: past days are looked at again from as far back as is asked, and spend nothing."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from experiments.analysis import analyze
from experiments.backfill import backfill
from experiments.errors import DefinitionError, NotFound
from experiments.registry import snapshots
from experiments.warehouse import Lake

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
"""


def visits(day: int) -> list[dict[str, Any]]:
    """600 units of one day, a third of whom order an hour later."""
    at = LAUNCH + timedelta(days=day, hours=1)
    rows = []
    for i in range(600 * day, 600 * day + 600):
        same = {"units": {"user": f"u{i}"}, "at": at.timestamp()}
        rows.append({"type": "exposure", "id": f"e{i}", "experiment": "checkout", "variant": ("control", "calm")[i % 2]} | same)
        if i % 3 == 0:
            rows.append({"type": "event", "id": f"o{i}", "name": "order"} | same | {"at": at.timestamp() + 3600})
    return rows


@pytest.fixture(scope="module")
def three_days(first_home: Any) -> Any:
    """Three days of an experiment, each looked at on its own day."""
    first_home.launched(CATALOG, PLAN, LAUNCH)
    for i in range(3):
        first_home.arrived(visits(i))
        first_home.rolled(day=(LAUNCH + timedelta(days=i)).date())
        analyze(first_home.settings, "checkout")
    first_home.close()
    return first_home


@pytest.fixture
def analysed(make_home: Any, three_days: Any) -> Any:
    """A copy of them, to be changed."""
    return make_home(like=three_days)


DAYS = (date(2026, 1, 5), date(2026, 1, 7))


@pytest.mark.parametrize("what", ["full", "metric", "statistics"])
def test_a_backfill_of_unchanged_days_finds_the_same_and_is_never_official(analysed: Any, what: Any) -> None:
    before = snapshots.history(analysed.db, "checkout")
    again = backfill(analysed.settings, "checkout", DAYS, what)
    assert [s.cutoff for s in again] == [s.cutoff for s in before]
    assert not any(s.official for s in again)
    assert snapshots.history(analysed.db, "checkout") == before, "no official look was added or revised"
    for old, new in zip(before, again, strict=True):
        assert [m.effect for m in new.metrics] == [m.effect for m in old.metrics]
        assert new.verdict.word == old.verdict.word


def test_only_a_full_backfill_mends_a_roll_up_whose_inputs_seem_unchanged(analysed: Any) -> None:
    """As after a fault of the roll-up itself: the raw files, and so the fingerprint, are the same."""
    lake = Lake(analysed.settings.lake)
    day = DAYS[0]
    empty = lake.table("production", "unit_days", [day]).limit(0)
    lake.replace("production", "unit_days", day, lake.manifest.rolled["production"]["unit_days"][day.isoformat()], empty)
    lake.publish()

    backfill(analysed.settings, "checkout", (day, day), "metric")
    assert len(analysed.table("unit_days")) == 400, "the first day's 200 are still missing"
    backfill(analysed.settings, "checkout", (day, day), "full")
    assert len(analysed.table("unit_days")) == 600


def test_days_in_the_wrong_order_and_unknown_experiments_are_refused(home: Any) -> None:
    with pytest.raises(DefinitionError, match="the first day must not be after the last"):
        backfill(home.settings, "checkout", DAYS[::-1])
    with pytest.raises(NotFound, match="no experiment is called 'checkout'"):
        backfill(home.settings, "checkout", DAYS)
