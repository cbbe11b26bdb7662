"""The same moments straight from raw rows, by a query that shares no step with the roll-ups: what checks them.

Numbered rows instead of minima, one join instead of entry days and other days, centred products instead of the
engine's covariance. Only the reading of one property is the same.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations_with_replacement
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from experiments.catalog import Definition, Measure, Metric, Scalar
from experiments.plan import FrozenPlan
from experiments.warehouse.aggregates import ROUNDED
from experiments.warehouse.attributes import attribute
from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Cell
from experiments.warehouse.rollup import property_of
from stats import Moments

Floats = NDArray[np.float64]
PLACE = ["variant", "segment"]


@dataclass(frozen=True)
class Raw:
    """Which experiment, from its launch day to which last closed day, and all raw rows up to then."""

    experiment: str
    frozen: FrozenPlan
    launched: date
    cutoff: date
    exposures: ir.Table
    events: ir.Table


def cells(raw: Raw, metrics: Iterable[str], segment: str | None = None) -> dict[str, dict[Any, Cell]]:
    """Return metric → (variant, segment value) → Cell, one query for each metric (two with a cap, and for a quantile).

    `segment` is an exposure attribute; without one the value is "" (everyone).
    """
    units, events = _units(raw, segment), once(raw.events, raw.frozen.plan.unit)
    of_events = {k for k in metrics if raw.frozen.definitions[k].metric.kind == "quantile"}
    return {key: (_quantile if key in of_events else _metric)(raw, units, events, key) for key in metrics}


def _units(raw: Raw, segment: str | None) -> ir.Table:
    """Analysed units: the first of the unit's exposures, if no other variant, phase or day speaks against it."""
    plan, keys = raw.frozen.plan, [v.key for v in raw.frozen.plan.variants]
    e = raw.exposures.filter((raw.exposures.experiment == raw.experiment) & ~raw.exposures.forced)
    veterans = e.filter(e.phase < raw.frozen.phase).unit
    now = e.filter((e.phase == raw.frozen.phase) & e.variant.isin(keys))
    rank = now.variant.cases(*((k, i) for i, k in enumerate(keys)), else_=len(keys))
    first = ibis.row_number().over(group_by="unit", order_by=[now["at"], rank, now.attributes])
    other = (now.variant.max() != now.variant.min()).over(group_by="unit")
    chosen = now.mutate(place=first, crossed=other).filter(lambda t: (t.place == 0) & ~t.crossed)
    enrolled = chosen.day.between(number_of(raw.launched), number_of(raw.frozen.enrols_until(raw.launched)))
    kept = chosen.filter(enrolled & chosen.unit.notin(veterans))
    for name, values in plan.filters.items():
        kept = kept.filter(~_is(kept.attributes, name, values))
    attributes = {f"a_{c}": property_of(kept.attributes, c).float for c in plan.covariates}
    value = attribute(kept, segment) if segment else ibis.literal("")
    return kept.select("unit", "variant", segment=value, entered_at=kept["at"], entered=kept.day, **attributes)


def once(events: ir.Table, unit_type: str) -> ir.Table:
    """Return each raw event of a unit type once: an id counts once a day."""
    e = events.filter(events.unit_type == unit_type)
    smallest = {f"least_{c}": e[c].min() for c in ("name", "at", "value", "properties")}
    window = ibis.window(group_by=["id", "unit", "day"])
    place = ibis.row_number().over(group_by=["id", "unit", "day"], order_by="at")
    numbered = e.mutate(place=place, **{name: least.over(window) for name, least in smallest.items()})
    first = numbered.filter(numbered.place == 0)
    return first.select(
        "unit", "day", name=first.least_name, at=first.least_at, value=first.least_value,
        properties=first.least_properties,
    )  # fmt: skip


def _metric(raw: Raw, units: ir.Table, events: ir.Table, key: str) -> dict[Any, Cell]:
    definition = raw.frozen.definitions[key]
    attributes = [f"a_{c}" for c in raw.frozen.plan.covariates]
    parts = _parts(definition)
    t = totals(units, events, definition, [*PLACE, *attributes])
    shaped = {n: _shaped(t[n], definition.metric) for n in parts if n != "d"}
    shaped |= {"whole": t.y} if definition.metric.cap is not None else {}
    for name in attributes:
        shaped |= {name: t[name].fill_null(0.0), f"missing{name[1:]}": ibis.ifelse(t[name].isnull(), 1.0, 0.0)}
    done = _complete(raw, t, definition.metric)
    names = [*parts, *(n for a in attributes for n in (a, f"missing{a[1:]}"))]
    found = _summed(t.mutate(done=done, **shaped), [*names, *(["whole"] if "whole" in shaped else [])])
    return _uncapped(found, t.filter(done), definition.metric.cap) if definition.metric.cap is not None else found


def totals(units: ir.Table, events: ir.Table, definition: Definition, kept: Iterable[str] = ()) -> ir.Table:
    """Return unit, entered, the columns `kept`, and the unit's total y; d and pre where the metric has them.

    `units` has unit, entered (a day), entered_at, and what is kept; `events` is what `once` returns. Neither the cap
    nor whether a window is over is looked at.
    """
    joined = units.left_join(events, "unit")
    sums = {n: _total(joined, m, definition.metric, after=after) for n, (m, after) in _parts(definition).items()}
    if definition.steps:
        joined = _through(joined, definition.steps, definition.metric)
        sums["y"] = ibis.ifelse(joined.step.isnull(), 0.0, 1.0).max()
    return joined.group_by(["unit", *kept, "entered"]).agg(**sums)


def _parts(definition: Definition) -> dict[str, tuple[Measure, bool]]:
    """What a metric adds up of a unit, and whether from its exposure on or before."""
    parts = {"y": (definition.numerator, True)}
    if definition.denominator is not None:
        parts["d"] = definition.denominator, True
    if definition.metric.pre_days:
        parts["pre"] = definition.numerator, False
    return parts


def _uncapped(found: dict[Any, Cell], t: ir.Table, cap: float) -> dict[Any, Cell]:
    """The cells with the column of totals without a cap apart, and how many of these lie above it."""
    above = t.filter(t.y > cap * ROUNDED).group_by(PLACE).agg(units=lambda u: u.count()).to_pyarrow().to_pylist()
    capped = {(row["variant"], row["segment"]): row["units"] for row in above}
    return {place: replace(_apart(cell), capped=capped.get(place, 0)) for place, cell in found.items()}


def _apart(cell: Cell) -> Cell:
    names = [n for n in cell.moments.names if n != "whole"]
    whole = cell.moments.only(["whole", *(n for n in names if n == "d")])
    uncapped = Cell(replace(whole, names=("y", *whole.names[1:])), cell.waiting)
    return replace(cell, moments=cell.moments.only(names), uncapped=uncapped)


def _complete(raw: Raw, t: ir.Table, metric: Metric) -> ir.BooleanValue:
    return t.entered + (metric.window_days or 1) - 1 <= number_of(raw.cutoff)


def _quantile(raw: Raw, units: ir.Table, events: ir.Table, key: str) -> dict[Any, Cell]:
    """All values of all units, brought here and sorted by numpy."""
    d = raw.frozen.definitions[key]
    joined = units.join(events, "unit")
    counted = joined.filter(_inside(joined, d.metric) & fits(joined, d.numerator) & joined.value.notnull())
    values: dict[str, list[float]] = defaultdict(list)
    for row in counted.select("unit", "value").to_pyarrow().to_pylist():
        values[row["unit"]].append(row["value"])
    people: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for row in units.mutate(done=_complete(raw, units, d.metric)).to_pyarrow().to_pylist():
        people[row["variant"], row["segment"]].append(row)
    return {place: _linear(raw, mine, values, d.metric.quantile or 0.0) for place, mine in people.items()}


def _linear(raw: Raw, people: list[dict[str, Any]], values: dict[str, list[float]], level: float) -> Cell:
    """Per unit its values times the quantile, and how its own share at most that moves it (Deng, Knoblich, Lu 2018)."""
    done = [p for p in people if p["done"]]
    own = [np.array(values[p["unit"]]) for p in done]
    every = np.concatenate([*own, np.zeros(0)])
    n = np.array([float(len(v)) for v in own])
    y = np.zeros(len(done))
    if len(every):
        middle = np.quantile(every, level)
        beyond = n * np.mean(every <= middle) - np.array([float((v <= middle).sum()) for v in own])
        y = n * middle + beyond * _per_share(every, n, beyond, level)
    attributes = [[x for c in raw.frozen.plan.covariates for x in _filled(p[f"a_{c}"])] for p in done]
    names = ["y", "d", *(f"{kind}_{c}" for c in raw.frozen.plan.covariates for kind in ("a", "missing"))]
    table = np.column_stack([y, n, np.array(attributes).reshape(len(done), len(names) - 2)])
    return Cell(Moments.of(names, table), len(people) - len(done))


def _per_share(every: Floats, n: Floats, beyond: Floats, level: float) -> float:
    """How much the quantile moves for a share: one over the density, from the values around it."""
    by_units = np.sqrt(beyond @ beyond / max(len(n) - 1, 1) / len(n)) / n.mean() if len(n) > 1 else np.inf
    reach = 1.959963984540054 * max(by_units, np.sqrt(level * (1 - level) / len(every)))
    if not (level - reach > 0 and level + reach < 1):
        return 0.0
    low, high = np.quantile(every, [level - reach, level + reach])
    return float((high - low) / (2 * reach))


def _filled(value: float | None) -> tuple[float, float]:
    return (0.0, 1.0) if value is None else (value, 0.0)


def _total(t: ir.Table, measure: Measure, metric: Metric, *, after: bool) -> ir.Value:
    since = t.day - t.entered
    inside = _inside(t, metric) if after else (since < 0) & (since >= -metric.pre_days)
    counted = (inside & fits(t, measure)).fill_null(False)
    if metric.kind == "days":
        return ibis.ifelse(counted, t.day, ibis.null("int32")).nunique().cast("float64")
    weight = t.value.fill_null(0.0) if measure.aggregate == "sum" else ibis.literal(1.0)
    return ibis.ifelse(counted, weight, 0.0).sum()


def _inside(t: ir.Table, metric: Metric) -> ir.BooleanValue:
    since = t.day - t.entered
    last = metric.window_days if metric.window_days is not None else 100_000
    return (t["at"] >= t.entered_at) & (since >= metric.from_day) & (since < last)


def _through(t: ir.Table, steps: Iterable[Measure], metric: Metric) -> ir.Table:
    """The time of each unit's last step beside all its events, null where a step is missing: window over window."""
    t = t.mutate(step=t.entered_at)
    for measure in steps:
        makes = (_inside(t, metric) & fits(t, measure) & (t["at"] >= t.step)).fill_null(False)
        t = t.mutate(step=ibis.ifelse(makes, t["at"], ibis.null("int64")).min().over(group_by="unit"))
    return t


def fits(t: ir.Table, measure: Measure) -> ir.BooleanValue:
    """Return whether an event is one that the measure counts."""
    found = t.name == measure.event
    for name, wanted in measure.where.items():
        found = found & _is(t.properties, name, wanted if isinstance(wanted, tuple) else (wanted,))
    return found


def _is(column: ir.StringValue, name: str, values: tuple[Scalar, ...]) -> ir.BooleanValue:
    item = property_of(column, name)
    texts, flags = [v for v in values if isinstance(v, str)], [v for v in values if isinstance(v, bool)]
    numbers = [float(v) for v in values if not isinstance(v, str | bool)]
    return (item.str.isin(texts) | item.float.isin(numbers) | item.bool.isin(flags)).fill_null(False)


def _shaped(total: ir.Value, metric: Metric) -> ir.Value:
    if metric.form == "proportion":
        return ibis.ifelse(total > 0, 1.0, 0.0)
    return ibis.ifelse(total > metric.cap, metric.cap, total) if metric.cap is not None else total


def _summed(t: ir.Table, names: list[str]) -> dict[Any, Cell]:
    """Means first, then products of what is left: two passes, as a text book has it."""
    waiting = t.group_by(PLACE).agg(waiting=ibis.ifelse(t.done, 0, 1).sum())
    kept = t.filter(t.done)
    centred = kept.mutate(**{f"mean_{n}": kept[n].mean().over(group_by=PLACE) for n in names})
    left = {n: centred[n] - centred[f"mean_{n}"] for n in names}
    pairs = list(combinations_with_replacement(names, 2))
    products = {f"product_{i}": (left[a] * left[b]).sum() for i, (a, b) in enumerate(pairs)}
    means = {f"mean_{n}": centred[n].mean() for n in names}
    found = centred.group_by(PLACE).agg(n=centred.count(), **means, **products)
    # Dropped one by one: of two at once, Ibis keeps no order.
    both = waiting.left_join(found, PLACE).drop("variant_right").drop("segment_right")
    rows = both.to_pyarrow().to_pylist()
    return {(row["variant"], row["segment"]): _cell(row, names) for row in rows}


def _cell(row: dict[str, Any], names: list[str]) -> Cell:
    n = row["n"] or 0
    cov = np.zeros((len(names), len(names)))
    for i, (a, b) in enumerate(combinations_with_replacement(range(len(names)), 2)):
        cov[a, b] = cov[b, a] = (row[f"product_{i}"] or 0.0) / max(n - 1, 1)
    mean = np.array([row[f"mean_{name}"] or 0.0 for name in names])
    return Cell(Moments(tuple(names), np.array(float(n)), mean, cov), int(row["waiting"]))
