"""What a metric looks like on recent data: how its values lie among units, how many have none, and what a cap cuts off.

The units are those of the control arm that measured it last on most units: real people who got nothing new.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np

from experiments.catalog import Metric
from experiments.planning.calibration import Floats, measured_units
from experiments.reports.axis import nice_step
from experiments.settings import Settings

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
    """A metric's values among `units` of one control arm, up to `until`; of a ratio those of its numerator.

    `zeros` have none. `mean` and `median` are of all units without the cap; `capped` units lie above it, and
    `cut` is the share of the total that it takes away.
    """

    metric: Metric
    experiment: str
    unit: str
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
    """Return how a metric's values lie. NotReady if nobody measured it yet, or only on fewer than 200 units."""
    source, definition, columns = measured_units(settings, key)
    y, cap = columns["y"], definition.metric.cap
    beyond = np.maximum(y - cap, 0.0) if cap is not None else np.zeros(0)
    total = float(y.sum())
    return Preview(
        metric=definition.metric, experiment=source.experiment, unit=source.frozen.plan.unit, until=source.cutoff,
        units=len(y), zeros=int((y == 0).sum()), mean=float(y.mean()), median=float(np.median(y)),
        largest=float(y.max()), capped=int((beyond > 0).sum()), cut=float(beyond.sum()) / total if total > 0 else 0.0,
        bins=bins(y[y != 0], cap),
    )  # fmt: skip


def bins(values: Floats, cap: float | None = None) -> tuple[Bin, ...]:
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


def _counted(values: Floats, ends: Floats, *, single: bool) -> tuple[Bin, ...]:
    places = np.searchsorted(ends, values, side="right") - 1
    found = np.bincount(places, minlength=len(ends)).tolist()
    lows = ends.tolist()
    inside = [Bin(low, low if single else high, n) for low, high, n in zip(lows, lows[1:], found, strict=False)]
    return (*inside, Bin(lows[-1], None, found[-1])) if found[-1] else tuple(inside)
