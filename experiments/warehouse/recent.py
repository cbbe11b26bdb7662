"""One metric of everybody met in some days, straight from raw rows: as if each had met an experiment then."""

from collections.abc import Iterable
from datetime import date

import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from experiments.catalog import Definition
from experiments.warehouse.full import fits, once, totals
from experiments.warehouse.lake import number_of

Floats = NDArray[np.float64]


def doers(events: ir.Table, definition: Definition) -> dict[str, int]:
    """Return how many units of each type did what the metric adds up: unit type → units."""
    done = events.filter(fits(events, definition.numerator))
    found = done.group_by("unit_type").agg(units=done.unit.nunique())
    return {row["unit_type"]: row["units"] for row in found.to_pyarrow().to_pylist()}


def totals_since(first_met: ir.Table, events: ir.Table, definition: Definition, unit_type: str, last: date) -> Floats:
    """Return each unit's total from the time on which it was met, uncapped, `[units]`; of a ratio its numerator.

    `first_met` is what the function of this name returns. Left out are units whose window was not over on `last`.
    """
    over = first_met.entered + (definition.metric.window_days or 1) - 1 <= number_of(last)
    names = {m.event for m in (*definition.measures, *definition.steps)}
    t = totals(first_met.filter(over), once(_named(events, names), unit_type), definition)
    y = t.order_by("unit").to_pyarrow()["y"].to_numpy().astype(np.float64)
    return np.where(y > 0, 1.0, 0.0) if definition.metric.form == "proportion" else y


def values(events: ir.Table, definition: Definition, unit_type: str) -> Floats:
    """Return the values of the single events that a quantile is of, `[events]`."""
    done = once(_named(events, {definition.numerator.event}), unit_type)
    counted = done.filter(fits(done, definition.numerator) & done.value.notnull())
    return np.sort(counted.select("value").to_pyarrow()["value"].to_numpy().astype(np.float64))


def _named(events: ir.Table, names: Iterable[str]) -> ir.Table:
    return events.filter(events.name.isin(sorted(names)))
