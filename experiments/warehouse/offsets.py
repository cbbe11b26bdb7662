"""Moments by days since exposure: what units did on each day after they met their variant, nothing counting as zero."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from experiments.catalog import Definition, Measure
from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Question, contributions, grouped, prefix, shape
from stats import Moments

MOST_DAYS = 28

Enrolled = Counter[tuple[str, int]]  # units by variant and day of entry
ByDay = dict[str, dict[tuple[str, int], Moments]]  # metric → (variant, days since exposure) → moments of y, or y and d


def offsets(q: Question, metrics: Sequence[str], rows: ir.Table, enrolled: Enrolled) -> ByDay:
    """Return the moments of each metric on each day of its window, of the units whose day has closed, by one query.

    `rows` are `unit_days` of these metrics, and `enrolled` are `enrolment`'s.

    Day 0 is that of exposure, from the exposure on; the last one is that of the window's end, or the 28th. A cap
    holds for each day. A unit's later days are more days of the same unit: these moments may not be added up.
    """
    columns = {k: ["y", *(["d"] if q.frozen.definitions[k].denominator else [])] for k in metrics}
    found = grouped(q, columns, rows.mutate(segment=rows.offset))
    return {k: _filled(q, enrolled, found[k], columns[k], _last(q, k)) for k in metrics}


def unit_days(q: Question, keys: Sequence[str], units: ir.Table) -> ir.Table:
    """Return one row per unit and day since exposure on which it did anything, with y, and d, of these metrics.

    `units` are the analysed ones, with their day of entry and variant.
    """
    done = contributions(q, list(keys)).filter(lambda t: (t.offset >= 0) & (t.offset < MOST_DAYS))
    definitions = [q.frozen.definitions[k] for k in keys]
    measures: dict[tuple[str, str], Measure] = {(m.id, m.aggregate): m for d in definitions for m in d.measures}
    names: dict[tuple[str, str], str] = {place: f"s{i}" for i, place in enumerate(measures)}
    sums = {names[place]: _sum(done, m) for place, m in measures.items()}
    totals = done.group_by(["unit", "offset"]).agg(**sums)
    rows = totals.join(units.select("unit", "variant", "day"), "unit")
    every: dict[str, ir.Value] = {}
    for key, d in zip(keys, definitions, strict=True):
        every |= {f"{prefix(q, key)}_{n}": v.cast("float64") for n, v in _values(rows, d, names).items()}
    return rows.select("unit", "offset", "variant", "day", **every)


def enrolment(q: Question, units: ir.Table) -> Enrolled:
    """Return the number of units by variant and day of entry."""
    rows = units.group_by(["variant", "day"]).agg(units=lambda t: t.count()).to_pyarrow().to_pylist()
    return Counter({(q.variants[r["variant"]], r["day"]): r["units"] for r in rows})


def _sum(done: ir.Table, measure: Measure) -> ir.Scalar:
    column = done.n.cast("float64") if measure.aggregate == "count" else done.total
    return ibis.coalesce(column.sum(where=done.measure == measure.id), 0.0)


def _values(rows: ir.Table, d: Definition, names: dict[tuple[str, str], str]) -> dict[str, ir.Value]:
    values = {"y": shape(d.metric, rows[names[d.numerator.id, d.numerator.aggregate]])}
    if d.metric.kind == "days":  # a day counts once, however often it was
        values["y"] = ibis.least(values["y"], 1.0)
    if d.denominator is not None:
        values["d"] = rows[names[d.denominator.id, d.denominator.aggregate]]
    return values


def _last(q: Question, key: str) -> int:
    """The last day since exposure that the metric's window has, and the data have."""
    window = q.frozen.definitions[key].metric.window_days or MOST_DAYS
    return min(window, MOST_DAYS, (q.cutoff - q.launched).days + 1) - 1


def _filled(
    q: Question, enrolled: Enrolled, found: dict[Any, Any], names: list[str], last: int
) -> dict[tuple[str, int], Moments]:
    """Merge what was counted with the zeros of the units that did nothing on that day."""
    filled = {}
    for variant in q.variants:
        for offset in range(last + 1):
            closed = number_of(q.cutoff) - offset
            n = sum(units for (of, day), units in enrolled.items() if of == variant and day <= closed)
            cell = found.get((variant, offset))
            active = cell.moments if cell else _zeros(names, 0)
            filled[variant, offset] = active + _zeros(names, n - int(active.n))
    return filled


def _zeros(names: list[str], n: int) -> Moments:
    k = len(names)
    return Moments(tuple(names), np.array(float(n)), np.zeros(k), np.zeros((k, k)))
