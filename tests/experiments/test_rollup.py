"""Roll-ups: any order of arrival ends in the same tables, and the moments from them are those of the raw events."""

import itertools
import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from happenings import (
    CATALOG,
    CUTOFF,
    LAUNCHED,
    PLAN,
    TABLES,
    Recomputed,
    Shop,
    arrive,
    assert_equal,
    happened,
    question,
)  # fmt: skip
from happenings import shop as made_shop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from experiments import rollup
from experiments.needs import needs_of
from experiments.registry import Database, experiments
from experiments.warehouse import Lake
from experiments.warehouse.moments import cells, counts, forced

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry with one experiment in its second phase; each example brings a lake of its own."""
    yield from made_shop(tmp_path_factory.mktemp("shop"), PLAN)


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """The same with two metrics, a ratio and a funnel: days are rolled up faster."""
    goals, others = "goals: [{metric: per_visit, worthwhile: 0.02}]\nsecondary: [through]", PLAN.splitlines()[4:7]
    yield from made_shop(tmp_path_factory.mktemp("small"), PLAN.replace("\n".join(others), goals))


def rows(lake: Lake, table: str) -> list[tuple[Any, ...]]:
    found = lake.table("production", table, lake.days("production", table)).to_pyarrow().to_pylist()
    return sorted((tuple(r.values()) for r in found), key=repr)


def same(left: Lake, right: Lake) -> bool:
    """Whether the roll-ups are equal: sums to rounding, all else exactly."""
    for table in TABLES:
        a, b = rows(left, table), rows(right, table)
        assert len(a) == len(b) > 0
        for one, other in zip(a, b, strict=True):
            for x, y in zip(one, other, strict=True):
                assert x == (pytest.approx(y, rel=1e-12, abs=1e-12) if isinstance(y, float | list) else y)
    return True


QUICK: dict[str, Any] = {
    "deadline": None, "derandomize": True, "database": None, "phases": [Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture],
}  # fmt: skip
SEEDS = st.integers(0, 2**32)
NUMBERS = itertools.count()


@settings(max_examples=2, **QUICK)
@given(seed=SEEDS, batches=st.integers(2, 3))
def test_whatever_the_order_of_arrival_the_tables_are_the_same(
    small_shop: Shop, tmp_path: Path, seed: int, batches: int
) -> None:
    (found, _), rng = small_shop, random.Random(seed)
    stored = happened(rng, 30)
    at_once = replace(found, lake=tmp_path / f"once-{next(NUMBERS)}")
    arrive(Lake(at_once.lake), stored, "load-1")
    assert rollup.collect(at_once, CUTOFF) != []
    assert rollup.collect(at_once, CUTOFF) == []

    piecemeal = replace(found, lake=tmp_path / f"piecemeal-{next(NUMBERS)}")
    late = stored + rng.choices(stored, k=10)
    for i in range(batches):
        arrive(Lake(piecemeal.lake), late[i::batches], f"load-{i}")
        rollup.collect(piecemeal, CUTOFF - timedelta(days=rng.randint(0, 6)))
    rollup.collect(piecemeal, CUTOFF)
    assert same(Lake(piecemeal.lake), Lake(at_once.lake))


def test_days_rolled_up_again_in_any_order_and_twice_are_the_same(small_shop: Shop, tmp_path: Path) -> None:
    found, _ = small_shop
    stored = happened(random.Random(2), 40)
    once, again = Lake(tmp_path / "once"), Lake(tmp_path / "again")
    for lake in (once, again):
        arrive(lake, stored, "load-1")
    works = [rollup.Work(lake, "production", needs_of(experiments.listing(Database(found.registry)))) for lake in (once, again)]
    days = rollup.days_of(once, "production", CUTOFF)
    for work in works:
        assert all(rollup.roll_up(work, day) for day in days)
        assert not any(rollup.roll_up(work, day) for day in days)
    for day in reversed(days):
        again.outdate("production", day, day)
        assert rollup.roll_up(works[1], day)
    for lake in (once, again):
        lake.publish()
    assert same(once, again)


@settings(max_examples=2, **QUICK)
@given(seed=SEEDS)
def test_the_moments_are_those_of_the_raw_events(shop: Shop, tmp_path: Path, seed: int) -> None:
    found, frozen = shop
    stored = happened(random.Random(seed), 150)
    mine = replace(found, lake=tmp_path / f"lake-{next(NUMBERS)}")
    arrive(Lake(mine.lake), stored, "load-1")
    rollup.collect(mine, CUTOFF)
    asked, recomputed = question(Lake(mine.lake), frozen), Recomputed(frozen, stored)
    assert {k: vars(c) for k, c in counts(asked).items()} == recomputed.counts()
    assert forced(asked) == recomputed.forced()
    everyone = cells(asked, frozen.plan.metric_keys)
    by_country = cells(asked, frozen.plan.metric_keys, "country")
    for key in frozen.plan.metric_keys:
        for segmented, got in ((False, everyone[key]), (True, by_country[key])):
            expected = recomputed.cells(key, segmented=segmented)
            assert set(got) == set(expected)
            for place, (moments, waiting) in expected.items():
                assert got[place].waiting == waiting
                assert_equal(got[place].moments, moments)


def test_totals_of_finished_units_change_no_answer_and_a_lake_of_before_gets_them(small_shop: Shop, tmp_path: Path) -> None:
    (found, frozen), keys = small_shop, small_shop[1].plan.metric_keys
    mine = replace(found, lake=tmp_path / "lake")
    arrive(Lake(mine.lake), happened(random.Random(5), 60), "load-1")
    rollup.collect(mine, CUTOFF)
    before = Lake(mine.lake)
    for books in (before.manifest.files, before.manifest.rolled):
        del books["production"]["total_days"]
    before.publish()
    asked = question(Lake(mine.lake), frozen)
    assert asked.finished is None
    added_up = cells(asked, keys)
    assert rollup.collect(mine, CUTOFF) != []
    assert rollup.collect(mine, CUTOFF) == []
    asked = question(Lake(mine.lake), frozen)
    assert asked.finished is not None
    assert len(asked.finished.entries) > 1
    for key, found_cells in cells(asked, keys).items():
        assert set(found_cells) == set(added_up[key])
        for place, cell in found_cells.items():
            assert cell.waiting == added_up[key][place].waiting
            assert_equal(cell.moments, added_up[key][place].moments)


def test_each_day_is_looked_at_before_and_after_windows_are_over(small_shop: Shop, tmp_path: Path) -> None:
    (found, frozen), stored = small_shop, happened(random.Random(7), 60)
    mine = replace(found, lake=tmp_path / "lake")
    arrive(Lake(mine.lake), stored, "load-1")
    rollup.collect(mine, CUTOFF)
    lake, keys = Lake(mine.lake), frozen.plan.metric_keys
    for day in (LAUNCHED + timedelta(days=i) for i in range((CUTOFF - LAUNCHED).days)):
        recomputed, got = Recomputed(frozen, stored, day), cells(question(lake, frozen, day), keys)
        for key in keys:
            expected = recomputed.cells(key, segmented=False)
            assert {place: cell.waiting for place, cell in got[key].items()} == {p: w for p, (_, w) in expected.items()}
            for place, (moments, _) in expected.items():
                assert_equal(got[key][place].moments, moments)


def test_experiments_whose_windows_end_apart_keep_their_own_totals(home: Any) -> None:
    windows = {"short": 1, "long": 3}
    metrics = ", ".join(f"{key}: {{kind: mean, measure: o, window_days: {days}}}" for key, days in windows.items())
    catalog, launch = f"measures: {{o: {{event: order}}}}\nmetrics: {{{metrics}}}", datetime(2026, 1, 5, tzinfo=UTC)
    variants = "variants: [{key: a, weight: .5}, {key: b, weight: .5}]"
    for key in windows:
        home.launched(catalog, f"key: {key}\n{variants}\ngoals: [{{metric: {key}, worthwhile: .02}}]", launch)
    unit = {"units": {"user": "u"}}
    met = [{"type": "exposure", "id": key, "experiment": key, "variant": "a", "at": launch.timestamp(), **unit} for key in windows]
    ordered = [(launch + timedelta(days=day, hours=5)).timestamp() for day in range(3)]
    home.arrived([*met, *({"type": "event", "id": f"e{at}", "name": "order", "at": at, **unit} for at in ordered)])
    home.rolled(day=date(2026, 1, 9))
    found = {(experiment, unit): totals for experiment, _, unit, _, totals, _ in home.table("total_days")}
    assert found == {("short", "u"): [1.0], ("long", "u"): [3.0]}
    assert len(home.table("total_days")) == 2


def test_a_measure_needed_later_rolls_past_days_up_again(home: Any) -> None:
    plan = "key: {key}\nvariants: [{{key: a, weight: .5}}, {{key: b, weight: .5}}]\ngoals: [{{metric: {metric}, worthwhile: .02}}]"
    launch = datetime(2026, 1, 5, tzinfo=UTC)
    home.launched(CATALOG, plan.format(key="first", metric="ordered"), launch)
    sent = [
        {
            "type": "event", "id": f"e{i}", "name": ("order", "visit")[i % 2], "units": {"user": f"u{i % 5}"},
            "at": (launch + timedelta(hours=5 * i)).timestamp(), "value": 2.0, "properties": {"currency": "EUR"},
        }
        for i in range(20)
    ]  # fmt: skip
    home.arrived(sent)
    days = [date(2026, 1, 5) + timedelta(days=i) for i in range(4)]
    assert home.rolled(day=days[-1]) == days
    before = home.table("unit_days")
    home.launched(CATALOG, plan.format(key="second", metric="per_visit"), launch + timedelta(days=2))
    assert home.rolled(day=days[-1]) == days[1:], "the pre-period of one day begins a day before the launch"
    after = home.table("unit_days")
    assert set(before) < set(after)
    assert len({row[0] for row in before}) == 1
    assert len({row[0] for row in after}) == 3
    assert home.rolled(day=days[-1]) == []


def test_a_late_event_rolls_up_its_own_day_and_those_whose_pre_period_holds_it(home: Any) -> None:
    launch = datetime(2026, 1, 5, tzinfo=UTC)
    home.launched(CATALOG, PLAN.replace("unit: account\n", ""), launch)
    event = {"type": "event", "name": "order", "units": {"user": "u"}, "value": 1.0, "properties": {"currency": "EUR"}}
    home.arrived([{**event, "id": f"e{i}", "at": (launch + timedelta(days=i)).timestamp()} for i in range(7)])
    assert len(home.rolled()) == 7
    home.arrived([{**event, "id": "late", "at": (launch + timedelta(days=1, hours=3)).timestamp()}])
    assert home.rolled() == [date(2026, 1, 6) + timedelta(days=i) for i in range(5)], "the longest has four days"


@pytest.mark.parametrize(("second", "closed"), [(-1, date(2026, 2, 27)), (0, date(2026, 2, 28))])
def test_a_day_that_is_not_over_is_never_closed(
    home: Any, monkeypatch: pytest.MonkeyPatch, second: int, closed: date
) -> None:
    midnight = datetime(2026, 3, 1, tzinfo=UTC)

    class Clock(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return (midnight + timedelta(seconds=second)).astimezone(tz)

    monkeypatch.setattr(rollup, "datetime", Clock)
    home.rolled(day=date(2027, 4, 1))
    assert rollup.closed_through(Lake(home.settings.lake)) == closed


def test_a_file_that_becomes_current_again_is_not_deleted_as_outdated(tmp_path: Path) -> None:
    lake, day = Lake(tmp_path), date(2026, 1, 5)
    for fingerprint in ("one", "two", "one", "one"):
        empty = lake.table("production", "unit_days", [])
        lake.replace("production", "unit_days", day, fingerprint, empty)
        lake.publish()
        assert Lake(tmp_path).sources("production", "unit_days", day)

