"""What happens in a made-up shop, loaded as the pipeline loads it, and the same experiment recomputed without it.

`Recomputed` works through the raw events in plain Python, day by local day, by loops and dictionaries.
"""

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from experiments.catalog import Definition, Measure
from experiments.inbox.arrivals import Stored
from experiments.inbox.loads import Waiting
from experiments.plan import FrozenPlan, freeze
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, settings_store
from experiments.registry.models import ExperimentRow
from experiments.settings import Settings
from experiments.warehouse import Warehouse
from experiments.warehouse.incoming import raw_tables
from experiments.warehouse.moments import Question
from experiments.warehouse.spreads import Part
from experiments.warehouse.windows import finished
from stats import Moments

ZONE = ZoneInfo("America/New_York")
LAUNCH = datetime(2026, 3, 7, 15, 30, tzinfo=UTC)  # the clocks change on the day after
LAUNCHED, CUTOFF = date(2026, 3, 7), date(2026, 3, 15)
READ = ("exposure_days", "outcome_days", "unit_events")
TABLES = (*READ, "unit_days", "total_days")
CATALOG = """
measures:
  orders: {event: order}
  euros: {event: order, aggregate: sum, where: {currency: EUR}}
  large: {event: order, where: {cart.size: [3, 4], gift: true}}
  visits: {event: visit}
  spent: {event: order, aggregate: sum}
metrics:
  euros: {kind: mean, measure: euros, window_days: 3, pre_days: 4, cap: 30}
  ordered: {kind: proportion, measure: orders, window_days: 1, pre_days: 2}
  large: {kind: mean, measure: large, window_days: 2}
  per_visit: {kind: ratio, measure: euros, denominator: visits, window_days: 2, pre_days: 1, cap: 19}
  all_visits: {kind: mean, measure: visits}
  returned: {kind: retention, measure: visits, from_day: 1, window_days: 3, pre_days: 2}
  active: {kind: days, measure: visits, window_days: 2, pre_days: 3}
  busy: {kind: days, measure: orders, cap: 1}
  through: {kind: funnel, steps: [visits, orders, large], window_days: 3, pre_days: 2}
  typical: {kind: quantile, quantile: 0.6, measure: spent, window_days: 2}
  at_last: {kind: funnel, steps: [orders, visits], from_day: 1}
"""
PLAN = """
key: checkout
unit: account
variants: [{key: control, weight: 0.5}, {key: blue, weight: 0.25}, {key: green, weight: 0.25}]
goals: [{metric: euros, worthwhile: 0.02}, {metric: per_visit, worthwhile: 0.02}]
guardrails: [{metric: ordered, margin: 0.02}, {metric: large, margin: 0.02}]
secondary: [all_visits, returned, active, busy, through, at_last, typical]
covariates: [past]
segments: [country]
filters: {past: [many, 2.5], country: true}
enrol_days: 7
"""
VARIANTS = ("control", "blue", "green")

Shop = tuple[Settings, FrozenPlan]


def shop(home: Path, plan: str) -> Iterable[Shop]:
    found = Settings.load({"KEEPERS_HOME": str(home), "KEEPERS_TIME_ZONE": ZONE.key})
    db = Database(found.registry)
    db.migrate()
    settings_store.fix_time_zone(db, ZONE.key)
    frozen = freeze(read_plan(plan), read_catalog(CATALOG), phase=2)
    launch(db, [frozen])
    yield found, frozen
    db.engine.dispose()


def launch(db: Database, plans: Iterable[FrozenPlan]) -> None:
    """Let these experiments run, each in the place of the one that had its key."""
    with db.begin() as session:
        for frozen in plans:
            session.merge(_launched(frozen))


def _launched(frozen: FrozenPlan) -> ExperimentRow:
    return ExperimentRow(
        key=frozen.plan.key, state="running", phase=frozen.phase, plan=frozen.plan.model_dump(mode="json", by_alias=True),
        frozen=frozen.model_dump(mode="json", by_alias=True), plan_hash=frozen.hash, created_at=LAUNCH,
        launched_at=LAUNCH, launched=LAUNCHED,
    )  # fmt: skip


def happened(rng: random.Random, units: int, first: int = -4, last: int = 9) -> list[Stored]:
    """What some units did within these days of the launch: exposures of all kinds and events, with doubles of both."""
    found: list[Stored] = []
    for n in range(units):
        unit = f"a{n}"
        found += _exposures(rng, unit, last) + [_event(rng, unit, i, first, last - 1) for i in range(rng.randint(0, 9))]
    found += rng.choices(found, k=len(found) // 6)  # clients try again
    rng.shuffle(found)
    return found


def _exposures(rng: random.Random, unit: str, last: int) -> list[Stored]:
    variant = rng.choice(VARIANTS)
    made = [_exposure(rng, unit, variant, _time(rng, 0, last)) for _ in range(rng.choice([1, 1, 1, 2, 3]))]
    if rng.random() < 0.1:  # a crossover, sometimes at the very same instant
        at = rng.choice([made[0].at, _time(rng, 0, last)])
        made.append(_exposure(rng, unit, rng.choice(VARIANTS), at))
    if rng.random() < 0.1:  # the same variant at the same instant, with other attributes
        made.append(_exposure(rng, unit, variant, made[0].at))
    if rng.random() < 0.1:
        made.append(_exposure(rng, unit, rng.choice(VARIANTS), _time(rng, -1, max(last - 4, 0)), forced=True))
    if rng.random() < 0.1:
        made.append(_exposure(rng, unit, variant, _time(rng, -2, max(last - 5, 0)), phase=1))
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


def _event(rng: random.Random, unit: str, i: int, first: int, last: int) -> Stored:
    units = {"account": unit} if rng.random() < 0.9 else {"user": unit}
    properties = {
        "currency": rng.choice(["EUR", "USD", 1]),
        "cart.size": rng.choice([2, 3, 4, "3"]),
        "gift": rng.choice([True, 1]),
    }
    return Stored(
        id=f"{unit}-{i}", at=_time(rng, first, last), units=units, name=rng.choice(["order", "visit"]),
        value=rng.choice([None, 0.0, 19.99, 33.1, -5.5]), properties=properties,
    )  # fmt: skip


def _time(rng: random.Random, first: int, last: int) -> int:
    """A time within these days of the launch; often within the hours around midnight and the launch."""
    seconds = rng.choice([rng.uniform(0, 86_400), rng.uniform(0, 7_200), 0.0])
    return int((LAUNCH.timestamp() + 86_400 * rng.randint(first, last) + seconds) * 1_000_000)


def arrive(lake: Warehouse, stored: Iterable[Stored], name: str) -> None:
    """Load one batch as `loading` does."""
    waiting = [Waiting(i, "production", s.at, s) for i, s in enumerate(stored)]
    for environment, table, day, rows in raw_tables(waiting, ZONE.key):
        lake.append(environment, table, day, name, rows)
    lake.publish()

def question(lake: Warehouse, frozen: FrozenPlan, cutoff: date = CUTOFF) -> Question:
    def table(name: str) -> Any:
        return lake.table("production", name, [d for d in lake.days("production", name) if d <= cutoff])

    over = finished(table("total_days"), "checkout", frozen, LAUNCHED, cutoff=cutoff)
    return Question("checkout", frozen, LAUNCHED, cutoff, *(table(name) for name in READ), finished=over)


def assert_equal(found: Moments, expected: Moments) -> None:
    assert found.names == expected.names
    assert found.n == expected.n
    np.testing.assert_allclose(found.mean, expected.mean, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found.cov, expected.cov, rtol=1e-9, atol=1e-9)

class Recomputed:
    """The experiment computed from its raw events by loops and dictionaries, day by local day."""

    def __init__(self, frozen: FrozenPlan, stored: list[Stored], cutoff: date = CUTOFF) -> None:
        self.frozen, self.cutoff = frozen, cutoff
        self.exposures = [s for s in stored if s.experiment and local_day(s.at) <= self.cutoff]
        once = {(s.id, *u, local_day(s.at)): s for s in stored if s.name for u in s.units.items()}
        self.events = defaultdict(list)
        for (_, unit_type, unit, day), event in once.items():
            self.events[unit_type, unit, day].append(event)
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
        new = inside and not earlier
        return {
            "split": new, "crossovers": new and len(met) > 1, "earlier_phase": inside and earlier,
            "outside_enrolment": not inside, "filtered": new and self._filtered(self.first[unit].properties),
        }  # fmt: skip

    def _filtered(self, properties: Mapping[str, Any]) -> bool:
        return any(_fits(properties, name, values) for name, values in self.frozen.plan.filters.items())

    def analysed(self, unit: str) -> bool:
        fate = self.fate(unit)
        return fate.pop("split") and not any(fate.values())

    def counts(self) -> dict[str, dict[str, int]]:
        fates = ("split", "crossovers", "earlier_phase", "outside_enrolment", "filtered")
        found = {v: dict.fromkeys(fates, 0) for v in VARIANTS}
        for unit, first in self.first.items():
            for name, holds in self.fate(unit).items():
                found[first.variant][name] += holds
        return found

    def forced(self) -> int:
        return len({e.units["account"] for e in self.exposures if e.forced})

    def cells(self, key: str, *, segmented: bool) -> dict[tuple[str, str], tuple[Moments, int]]:
        values: dict[tuple[str, str], list[list[Any] | None]] = defaultdict(list)
        d = self.frozen.definitions[key]
        for unit, first in self.first.items():
            if self.analysed(unit):
                place = first.variant, _segment(first.properties) if segmented else ""
                values[place].append(self._columns(unit, first, d))
        return {place: _summary(d, found) for place, found in values.items()}

    def spread(self, key: str, part: Part) -> float:
        """n / (n - 1) times the sum of squares of what each unit of the part's variant adds over its days."""
        mine = [u for u, e in self.first.items() if e.variant == part.variant and self.analysed(u)]
        added = [self._added(u, self.frozen.definitions[key], part) for u in mine]
        return sum(a * a for a in added) * len(added) / (len(added) - 1)

    def _added(self, unit: str, d: Definition, part: Part) -> float:
        since, total = self.first[unit].at, 0.0
        for i, (y, of_d, middle) in enumerate(zip(part.y, part.d, part.middle, strict=True)):
            day = local_day(since) + timedelta(days=i)
            if day <= self.cutoff:
                divisor = self._day(unit, d, d.denominator, day, since) if d.denominator else 0.0
                total += y * _shaped(d.metric, self._day(unit, d, d.numerator, day, since)) + of_d * divisor - middle
        return total

    def _columns(self, unit: str, first: Stored, d: Definition) -> list[Any] | None:
        day, m = local_day(first.at), d.metric
        if day + timedelta(days=(m.window_days or 1) - 1) > self.cutoff:
            return None
        until = day + timedelta(days=m.window_days - 1) if m.window_days else self.cutoff
        if m.kind == "quantile":
            return [self._values(unit, d, first.at, until), 0.0, *_past(first)]
        made = self.steps_made(unit, d, first.at, until)
        total = made == len(d.steps) if d.steps else self._total(unit, d, d.numerator, first.at, until)
        columns = [_shaped(m, total)]
        if d.denominator:
            columns.append(self._total(unit, d, d.denominator, first.at, until))
        if m.pre_days:
            before = [self._day(unit, d, d.numerator, day - timedelta(days=i)) for i in range(1, m.pre_days + 1)]
            columns.append(_shaped(m, sum(before)))
        return [*columns, *_past(first)]

    def _values(self, unit: str, d: Definition, since: int, until: date) -> list[float]:
        """The values of a unit's events from the exposure on, up to the end of its window."""
        days = [local_day(since) + timedelta(days=i) for i in range((until - local_day(since)).days + 1)]
        theirs = [e for day in days for e in self.events["account", unit, day]]
        return [e.value for e in theirs if e.at >= since and _counts(d.numerator, e) and e.value is not None]

    def steps_made(self, unit: str, d: Definition, since: int, until: date) -> int:
        """How many steps of a funnel the unit makes, taking for each the earliest event that the last one allows."""
        first, now = local_day(since) + timedelta(days=d.metric.from_day), since
        days = [first + timedelta(days=i) for i in range((until - first).days + 1)]
        theirs = [e for day in days for e in self.events["account", unit, day]]
        for n, step in enumerate(d.steps):
            times = [e.at for e in theirs if e.at >= now and _counts(step, e)]
            if not times:
                return n
            now = min(times)
        return len(d.steps)

    def steps(self, key: str) -> dict[str, tuple[int, ...]]:
        """Units of each variant that made each step, of those with a complete window."""
        d, found = self.frozen.definitions[key], defaultdict(list)
        for unit, first in self.first.items():
            day = local_day(first.at)
            last = day + timedelta(days=(d.metric.window_days or 1) - 1)
            if self.analysed(unit) and last <= self.cutoff:
                until = last if d.metric.window_days else self.cutoff
                found[first.variant].append(self.steps_made(unit, d, first.at, until))
        return {v: tuple(sum(m >= n + 1 for m in made) for n in range(len(d.steps))) for v, made in found.items()}

    def _total(self, unit: str, d: Definition, measure: Measure, since: int, until: date) -> float:
        first, days = d.metric.from_day, (until - local_day(since)).days
        each = (self._day(unit, d, measure, local_day(since) + timedelta(days=i), since) for i in range(first, days + 1))
        return sum(each)

    def _day(self, unit: str, d: Definition, measure: Measure, day: date, since: int = 0) -> float:
        total = 0.0
        for e in self.events["account", unit, day]:
            if e.at >= since and _counts(measure, e):
                total += 1 if measure.aggregate == "count" else e.value or 0.0
        return float(total > 0) if d.metric.kind == "days" else total


def _past(first: Stored) -> list[float]:
    past = first.properties.get("past")
    number = isinstance(past, int | float) and not isinstance(past, bool)
    return [float(past) if number else 0.0, 0.0 if number else 1.0]


def local_day(micros: int) -> date:
    return datetime.fromtimestamp(micros / 1e6, ZONE).date()


def _counts(measure: Measure, e: Stored) -> bool:
    return e.name == measure.event and all(_fits(e.properties, name, wanted) for name, wanted in measure.where.items())


def _fits(properties: Mapping[str, Any], name: str, wanted: Any) -> bool:
    values, value = wanted if isinstance(wanted, tuple) else (wanted,), properties.get(name)
    kind = lambda v: "bool" if isinstance(v, bool) else "text" if isinstance(v, str) else "number"  # noqa: E731
    return any(kind(v) == kind(value) and v == value for v in values)


def _shaped(metric: Any, total: float) -> float:
    if metric.kind in {"proportion", "retention", "funnel"}:
        return float(total > 0)
    return total if metric.cap is None else min(total, metric.cap)


def _segment(properties: Mapping[str, Any]) -> str:
    value = properties.get("country")
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(none)" if value is None else str(value)


def _summary(d: Definition, found: list[list[Any] | None]) -> tuple[Moments, int]:
    names = (
        "y",
        *(("d",) if d.divides else ()),
        *(("pre",) if d.metric.pre_days else ()),
        "a_past",
        "missing_past",
    )
    complete = [row for row in found if row is not None]
    if d.metric.kind == "quantile":
        complete = _linear(complete, d.metric.quantile or 0.0)
    table = np.array(complete) if complete else np.zeros((0, len(names)))
    return Moments.of(names, table), len(found) - len(complete)


def _linear(rows: list[list[Any]], level: float) -> list[list[float]]:
    """Each unit's values turned into y and d, as docs/decisions/0016 has it."""
    every = [v for values, *_ in rows for v in values]
    if not every:
        return [[0.0, 0.0, *more] for _, _, *more in rows]
    q, n = float(np.quantile(every, level)), len(rows)
    p = sum(v <= q for v in every) / len(every)
    off = [len(values) * p - sum(v <= q for v in values) for values, *_ in rows]
    error = (sum(x * x for x in off) / (n - 1) * n) ** 0.5 / len(every) if n > 1 else float("inf")
    reach, slope = 1.959963984540054 * max(error, (level * (1 - level) / len(every)) ** 0.5), 0.0
    if level - reach > 0 and level + reach < 1:
        low, high = np.quantile(every, [level - reach, level + reach])
        slope = float(high - low) / (2 * reach)
    return [[q * len(values) + x * slope, len(values), *more] for (values, _, *more), x in zip(rows, off, strict=True)]
