"""What a metric looks like on recent data: how its values lie among units, how many have none, what a cap cuts off.

The units are all those met in the newest four weeks of raw rows, in an experiment or not, each as if it had met one
then. A metric that nobody has used yet is previewed like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from experiments.catalog import Definition, Metric
from experiments.errors import NotReady
from experiments.numbers import day as written
from experiments.numbers import units
from experiments.registry import Database, experiments, metrics
from experiments.registry.keys import ENVIRONMENT
from experiments.reports.axis import nice_step
from experiments.rollup import closed_through, days_of
from experiments.settings import Settings
from experiments.warehouse import Warehouse, recent, warehouse
from experiments.warehouse.traffic import first_met

MET_DAYS, LEAST_UNITS = 28, 200
BARS = 20  # at most, between which the values are spread; two in five of that at least
NEAR = 2.0  # times what is shown: a cap that lies nearer is shown, too
SHOWN = 0.99  # of the units with a value lie inside the bars; those above are counted beside
SINGLE = 10  # whole numbers up to this each have a bar of their own


@dataclass(frozen=True)
class Bin:
    """So many units have a value from `low` on and below `high`; None has no end, and equal ends are one value."""

    low: float
    high: float | None
    units: int


@dataclass(frozen=True)
class Preview:
    """A metric's values among `units` met from `since` on, whose windows were over on `until`.

    Of a ratio they are those of its numerator, of a quantile the values of single events. `zeros` have none. `mean` and
    `median` are of all units without the cap; `capped` units lie above it, and `cut` is the share of the total that it
    takes away.
    """

    metric: Metric
    unit: str
    since: date
    until: date
    units: int
    zeros: int
    mean: float
    median: float
    largest: float
    capped: int
    cut: float
    bins: tuple[Bin, ...]


def preview(settings: Settings, key: str) -> Preview:
    """Return how a metric's values lie among everybody met in the newest four weeks of which windows can be over.

    DefinitionError if the catalogue has no such metric; NotReady if nobody did lately what it counts, or fewer than
    200 units have a window that is over.
    """
    db, lake = Database(settings.registry), warehouse(settings)
    definition = metrics.catalog(db).define(key)
    span = _span(lake, definition.metric)
    exposures, events = (lake.table(ENVIRONMENT, table, span) for table in ("exposures", "events"))
    unit = _unit(recent.doers(events, definition), definition, span)
    if definition.metric.kind == "quantile":
        return _described(definition.metric, recent.values(events, definition, unit), "event", span)
    known = [e.key for e in experiments.listing(db) if e.frozen and e.plan.unit == unit]
    met = first_met(exposures, events, unit, known)
    return _described(definition.metric, recent.totals_since(met, events, definition, unit, span[-1]), unit, span)


def _span(lake: Warehouse, metric: Metric) -> list[date]:
    """The newest closed days that have rows: four weeks in which units are met, and one window more."""
    closed = closed_through(lake, ENVIRONMENT)
    known = days_of(lake, ENVIRONMENT, closed) if closed else []
    if not known:
        raise NotReady(
            f"'{metric.key}' is previewed on recent events, and no day of them is complete yet. Send some, then run "
            "'keepers load' and 'keepers collect', which close a day once it is over."
        )
    days = MET_DAYS + (metric.window_days or 1) - 1
    return [d for d in known if d > known[-1] - timedelta(days)]


def _unit(found: Mapping[str, int], definition: Definition, span: Sequence[date]) -> str:
    """The type of which most units did what the metric counts."""
    if not found:
        raise NotReady(
            f"nobody did what '{definition.metric.key}' counts, '{definition.numerator.event}', from "
            f"{written(span[0])} to {written(span[-1])}. See that it is sent under this name, and with the properties "
            "that the measure asks for."
        )
    return max(sorted(found), key=lambda unit: found[unit])


def _described(metric: Metric, y: NDArray[np.float64], unit: str, span: Sequence[date]) -> Preview:
    if len(y) < LEAST_UNITS:
        raise NotReady(
            f"{units(len(y), unit)} {'has' if len(y) == 1 else 'have'} a complete value of '{metric.key}' from "
            f"{written(span[0])} to {written(span[-1])}; a preview takes {LEAST_UNITS}. Wait for more."
        )
    beyond = np.maximum(y - metric.cap, 0.0) if metric.cap is not None else np.zeros(0)
    total = float(y.sum())
    return Preview(
        metric=metric, unit=unit, since=span[0], until=span[-1], units=len(y), zeros=int((y == 0).sum()),
        mean=float(y.mean()), median=float(np.median(y)), largest=float(y.max()), capped=int((beyond > 0).sum()),
        cut=float(beyond.sum()) / total if total > 0 else 0.0, bins=bins(y[y != 0], metric.cap),
    )  # fmt: skip


def bins(values: NDArray[np.float64], cap: float | None = None) -> tuple[Bin, ...]:
    """Return how many of some values, none of them zero, lie between round ends: those that are few on top together."""
    if not len(values):
        return ()
    top = float(np.quantile(values, SHOWN))
    if top <= SINGLE and np.all(values == np.round(values)) and values.min() > 0:
        ends = np.arange(1.0, top + 2)
        return _counted(values, ends, single=True)
    top = cap if cap is not None and top < cap <= NEAR * top else top
    least = min(float(values.min()), 0.0)
    step = nice_step((top - least) / BARS) if top > least else 1.0
    ends = np.arange(np.floor(least / step), np.ceil(top / step) + 1) * step
    return _counted(values, ends, single=False)


def _counted(values: NDArray[np.float64], ends: NDArray[np.float64], *, single: bool) -> tuple[Bin, ...]:
    places = np.searchsorted(ends, values, side="right") - 1
    found = np.bincount(places, minlength=len(ends)).tolist()
    lows = ends.tolist()
    inside = [Bin(low, low if single else high, n) for low, high, n in zip(lows, lows[1:], found, strict=False)]
    return (*inside, Bin(lows[-1], None, found[-1])) if found[-1] else tuple(inside)
