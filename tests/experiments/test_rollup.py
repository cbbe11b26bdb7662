"""Roll-ups: any order of arrival ends in the same tables, and the moments from them are those of the raw events.

The second half of this file computes an experiment anew from its events, in plain Python and without the lake.
"""

import itertools
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from experiments import rollup
from experiments.catalog import Definition, Measure
from experiments.inbox.arrivals import Stored
from experiments.inbox.loads import Waiting
from experiments.plan import FrozenPlan, freeze
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, experiments, settings_store
from experiments.registry.models import ExperimentRow
from experiments.settings import Settings
from experiments.warehouse import Lake
from experiments.warehouse.incoming import raw_tables
from experiments.warehouse.moments import Question, cells, counts, forced
from stats import Moments

pytestmark = pytest.mark.slow

ZONE = ZoneInfo("America/New_York")
LAUNCH = datetime(2026, 3, 7, 15, 30, tzinfo=UTC)  # the clocks change on the day after
LAUNCHED, CUTOFF = date(2026, 3, 7), date(2026, 3, 15)
TABLES = ("exposure_days", "unit_days", "entry_days")
CATALOG = """
measures:
  orders: {event: order}
  euros: {event: order, aggregate: sum, where: {currency: EUR}}
  large: {event: order, where: {cart.size: [3, 4], gift: true}}
  visits: {event: visit}
metrics:
  euros: {kind: mean, measure: euros, window_days: 3, pre_days: 4, cap: 60}
  ordered: {kind: proportion, measure: orders, window_days: 1, pre_days: 2}
  large: {kind: mean, measure: large, window_days: 5}
  per_visit: {kind: ratio, measure: euros, denominator: visits, window_days: 2, pre_days: 1, cap: 90}
  all_visits: {kind: mean, measure: visits}
"""
PLAN = """
key: checkout
unit: account
variants: [{key: control, weight: 0.5}, {key: blue, weight: 0.25}, {key: green, weight: 0.25}]
goals: [{metric: euros, worthwhile: 0.02}, {metric: per_visit, worthwhile: 0.02}]
guardrails: [{metric: ordered, margin: 0.02}, {metric: large, margin: 0.02}]
secondary: [all_visits]
covariates: [past]
segments: [country]
enrol_days: 7
"""
VARIANTS = ("control", "blue", "green")


Shop = tuple[Settings, FrozenPlan]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry with one experiment in its second phase; each example brings a lake of its own."""
    yield from _shop(tmp_path_factory.mktemp("shop"), PLAN)


@pytest.fixture(scope="module")
def small_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """The same with one metric, a ratio: days are rolled up faster."""
    goals, others = "goals: [{metric: per_visit, worthwhile: 0.02}]", PLAN.splitlines()[4:7]
    yield from _shop(tmp_path_factory.mktemp("small"), PLAN.replace("\n".join(others), goals))


def _shop(home: Path, plan: str) -> Iterable[Shop]:
    found = Settings.load({"KEEPERS_HOME": str(home), "KEEPERS_TIME_ZONE": ZONE.key})
    db = Database(found.registry)
    db.migrate()
    settings_store.fix_time_zone(db, ZONE.key)
    frozen = freeze(read_plan(plan), read_catalog(CATALOG), phase=2)
    with db.begin() as session:
        session.add(_launched(frozen))
    yield found, frozen
    db.engine.dispose()


def _launched(frozen: FrozenPlan) -> ExperimentRow:
    return ExperimentRow(
        key=frozen.plan.key, state="running", phase=frozen.phase, plan=frozen.plan.model_dump(mode="json", by_alias=True),
        frozen=frozen.model_dump(mode="json", by_alias=True), plan_hash=frozen.hash, created_at=LAUNCH,
        launched_at=LAUNCH, launched=LAUNCHED,
    )  # fmt: skip


def happened(rng: random.Random, units: int) -> list[Stored]:
    """What some units did: exposures of all kinds and events around them, with doubles among both."""
    found: list[Stored] = []
    for n in range(units):
        unit = f"a{n}"
        found += _exposures(rng, unit) + [_event(rng, unit, i) for i in range(rng.randint(0, 9))]
    found += rng.choices(found, k=len(found) // 6)  # clients try again
    rng.shuffle(found)
    return found


def _exposures(rng: random.Random, unit: str) -> list[Stored]:
    variant = rng.choice(VARIANTS)
    made = [_exposure(rng, unit, variant, _time(rng, 0, 9)) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    if rng.random() < 0.1:  # a crossover, sometimes at the very same instant
        at = rng.choice([made[0].at, _time(rng, 0, 9)])
        made.append(_exposure(rng, unit, rng.choice(VARIANTS), at))
    if rng.random() < 0.1:  # the same variant at the same instant, with other attributes
        made.append(_exposure(rng, unit, variant, made[0].at))
    if rng.random() < 0.1:
        made.append(_exposure(rng, unit, rng.choice(VARIANTS), _time(rng, -1, 5), forced=True))
    if rng.random() < 0.1:
        made.append(_exposure(rng, unit, variant, _time(rng, -2, 4), phase=1))
    return made


def _exposure(rng: random.Random, unit: str, variant: str, at: int, *, forced: bool = False, phase: int = 2) -> Stored:
    attributes = {
        "past": rng.choice([0, 1, 2.5, -3, None, "many", True]), "country": rng.choice(["DE", "US", None, 7, True]),
    }  # fmt: skip
    kept = {k: v for k, v in attributes.items() if rng.random() < 0.9}
    return Stored(
        id=f"x{rng.getrandbits(64):x}", at=at, units={"account": unit, "user": f"of-{unit}"}, experiment="checkout",
        phase=phase, variant=variant, unit="account", forced=forced, properties=kept,
    )  # fmt: skip


def _event(rng: random.Random, unit: str, i: int) -> Stored:
    units = {"account": unit} if rng.random() < 0.9 else {"user": unit}
    properties = {
        "currency": rng.choice(["EUR", "USD", 1]),
        "cart.size": rng.choice([2, 3, 4, "3"]),
        "gift": rng.choice([True, 1]),
    }
    return Stored(
        id=f"{unit}-{i}", at=_time(rng, -4, 8), units=units, name=rng.choice(["order", "visit"]),
        value=rng.choice([None, 0.0, 19.99, 33.1, -5.5]), properties=properties,
    )  # fmt: skip


def _time(rng: random.Random, first: int, last: int) -> int:
    """A time within these days of the launch; often within the hours around midnight and the launch."""
    seconds = rng.choice([rng.uniform(0, 86_400), rng.uniform(0, 7_200), 0.0])
    return int((LAUNCH.timestamp() + 86_400 * rng.randint(first, last) + seconds) * 1_000_000)


def arrive(lake: Lake, stored: Iterable[Stored], name: str) -> None:
    """Load one batch as `loading` does."""
    waiting = [Waiting(i, "production", s.at, s) for i, s in enumerate(stored)]
    for environment, table, day, rows in raw_tables(waiting, ZONE.key):
        lake.append(environment, table, day, name, rows)
    lake.publish()


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
                assert x == (pytest.approx(y, rel=1e-12, abs=1e-12) if isinstance(y, float) else y)
    return True


def question(lake: Lake, frozen: FrozenPlan) -> Question:
    def table(name: str) -> Any:
        return lake.table("production", name, [d for d in lake.days("production", name) if d <= CUTOFF])

    return Question("checkout", frozen, LAUNCHED, CUTOFF, *(table(name) for name in TABLES))


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


def test_days_rolled_up_in_any_order_and_twice_are_the_same(small_shop: Shop, tmp_path: Path) -> None:
    found, frozen = small_shop
    stored = happened(random.Random(2), 40)
    lakes = [Lake(tmp_path / name) for name in ("forwards", "backwards")]
    needs = list(rollup.needs_of(experiments.get(Database(found.registry), "checkout"), frozen))
    for lake, step in zip(lakes, (1, -1), strict=True):
        arrive(lake, stored, "load-1")
        for day in rollup._days(lake, "production", CUTOFF)[::step]:
            assert rollup._roll_up(lake, "production", day, needs)
            assert not rollup._roll_up(lake, "production", day, needs)
        lake.publish()
    assert same(*lakes)


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
    everyone, _ = cells(asked, frozen.plan.metric_keys)
    by_country, _ = cells(asked, frozen.plan.metric_keys, "country")
    for key in frozen.plan.metric_keys:
        for segmented, got in ((False, everyone[key]), (True, by_country[key])):
            expected = recomputed.cells(key, segmented=segmented)
            assert set(got) == set(expected)
            for place, (moments, waiting) in expected.items():
                assert got[place].waiting == waiting
                assert_equal(got[place].moments, moments)


def assert_equal(found: Moments, expected: Moments) -> None:
    assert found.names == expected.names
    assert found.n == expected.n
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.cov, expected.cov, rtol=1e-9, atol=1e-9)


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


def test_a_late_event_rolls_up_its_own_day_alone(home: Any) -> None:
    launch = datetime(2026, 1, 5, tzinfo=UTC)
    home.launched(CATALOG, PLAN.replace("unit: account\n", ""), launch)
    event = {"type": "event", "name": "order", "units": {"user": "u"}, "value": 1.0, "properties": {"currency": "EUR"}}
    home.arrived([{**event, "id": f"e{i}", "at": (launch + timedelta(days=i)).timestamp()} for i in range(4)])
    assert len(home.rolled()) == 4
    home.arrived([{**event, "id": "late", "at": (launch + timedelta(days=1, hours=3)).timestamp()}])
    assert home.rolled() == [date(2026, 1, 6)]


def test_a_day_that_is_not_over_is_never_closed(home: Any) -> None:
    today = datetime.now(UTC).date()
    home.rolled(day=today + timedelta(days=400))
    assert rollup.closed_through(Lake(home.settings.lake)) == today - timedelta(days=1)


def test_a_file_that_becomes_current_again_is_not_deleted_as_outdated(tmp_path: Path) -> None:
    lake, day = Lake(tmp_path), date(2026, 1, 5)
    for fingerprint in ("one", "two", "one", "one"):
        empty = lake.table("production", "unit_days", [])
        lake.replace("production", "unit_days", day, fingerprint, empty)
        lake.publish()
        assert Lake(tmp_path).sources("production", "unit_days", day)


class Recomputed:
    """The experiment computed from its raw events by loops and dictionaries, day by local day."""

    def __init__(self, frozen: FrozenPlan, stored: list[Stored]) -> None:
        self.frozen = frozen
        self.exposures = [s for s in stored if s.experiment and local_day(s.at) <= CUTOFF]
        self.events = {(s.id, *u, local_day(s.at)): s for s in stored if s.name for u in s.units.items()}
        self.first = {u: self._first(mine) for u, mine in self._real().items()}

    def _real(self) -> dict[str, list[Stored]]:
        mine = defaultdict(list)
        for e in self.exposures:
            if not e.forced and e.phase == self.frozen.phase:
                mine[e.units["account"]].append(e)
        return mine

    def _first(self, mine: list[Stored]) -> Stored:
        def order(e: Stored) -> tuple[int, int, str]:
            return e.at, VARIANTS.index(e.variant), json.dumps(e.properties, sort_keys=True, separators=(",", ":"))

        return min(mine, key=order)

    def fate(self, unit: str) -> dict[str, bool]:
        day = local_day(self.first[unit].at)
        inside = LAUNCHED <= day <= self.frozen.enrols_until(LAUNCHED)
        met = {e.variant for e in self._real()[unit]}
        earlier = any(e.phase == 1 and not e.forced and e.units["account"] == unit for e in self.exposures)
        return {
            "split": inside, "crossovers": inside and len(met) > 1, "earlier_phase": inside and earlier,
            "outside_enrolment": not inside,
        }  # fmt: skip

    def counts(self) -> dict[str, dict[str, int]]:
        found = {v: dict.fromkeys(("split", "crossovers", "earlier_phase", "outside_enrolment"), 0) for v in VARIANTS}
        for unit, first in self.first.items():
            for name, holds in self.fate(unit).items():
                found[first.variant][name] += holds
        return found

    def forced(self) -> int:
        return len({e.units["account"] for e in self.exposures if e.forced})

    def cells(self, key: str, *, segmented: bool) -> dict[tuple[str, str], tuple[Moments, int]]:
        values: dict[tuple[str, str], list[list[float] | None]] = defaultdict(list)
        d = self.frozen.definitions[key]
        for unit, first in self.first.items():
            if self.fate(unit) == {
                "split": True,
                "crossovers": False,
                "earlier_phase": False,
                "outside_enrolment": False,
            }:
                place = first.variant, _segment(first.properties) if segmented else ""
                values[place].append(self._columns(unit, first, d))
        return {place: _summary(d, found) for place, found in values.items()}

    def _columns(self, unit: str, first: Stored, d: Definition) -> list[float] | None:
        day, m = local_day(first.at), d.metric
        if day + timedelta(days=(m.window_days or 1) - 1) > CUTOFF:
            return None
        until = day + timedelta(days=m.window_days - 1) if m.window_days else CUTOFF
        columns = [_shaped(m, self._total(unit, d.numerator, first.at, until))]
        if d.denominator:
            columns.append(self._total(unit, d.denominator, first.at, until))
        if m.pre_days:
            before = [self._day(unit, d.numerator, day - timedelta(days=i)) for i in range(1, m.pre_days + 1)]
            columns.append(_shaped(m, sum(before)))
        past = first.properties.get("past")
        number = isinstance(past, int | float) and not isinstance(past, bool)
        return [*columns, float(past) if number else 0.0, 0.0 if number else 1.0]

    def _total(self, unit: str, measure: Measure, since: int, until: date) -> float:
        days = (until - local_day(since)).days
        later = (self._day(unit, measure, local_day(since) + timedelta(days=i)) for i in range(1, days + 1))
        return self._day(unit, measure, local_day(since), since) + sum(later)

    def _day(self, unit: str, measure: Measure, day: date, since: int = 0) -> float:
        total = 0.0
        for (_, unit_type, of, on), e in self.events.items():
            if (unit_type, of, on) == ("account", unit, day) and e.at >= since and _counts(measure, e):
                total += 1 if measure.aggregate == "count" else e.value or 0.0
        return total


def local_day(micros: int) -> date:
    return datetime.fromtimestamp(micros / 1e6, ZONE).date()


def _counts(measure: Measure, e: Stored) -> bool:
    def fits(name: str, wanted: Any) -> bool:
        values, value = wanted if isinstance(wanted, tuple) else (wanted,), e.properties.get(name)
        kind = lambda v: "bool" if isinstance(v, bool) else "text" if isinstance(v, str) else "number"  # noqa: E731
        return any(kind(v) == kind(value) and v == value for v in values)

    return e.name == measure.event and all(fits(name, wanted) for name, wanted in measure.where.items())


def _shaped(metric: Any, total: float) -> float:
    if metric.kind == "proportion":
        return float(total > 0)
    return total if metric.cap is None else min(total, metric.cap)


def _segment(properties: Mapping[str, Any]) -> str:
    value = properties.get("country")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(none)" if value is None else value if isinstance(value, str) else str(float(value))


def _summary(d: Definition, found: list[list[float] | None]) -> tuple[Moments, int]:
    names = (
        "y",
        *(("d",) if d.denominator else ()),
        *(("pre",) if d.metric.pre_days else ()),
        "a_past",
        "missing_past",
    )
    complete = [row for row in found if row is not None]
    table = np.array(complete) if complete else np.zeros((0, len(names)))
    return Moments.of(names, table), len(found) - len(complete)
