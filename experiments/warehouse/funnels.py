"""How far each unit came in a funnel: its events one by one, each step at or after the one before."""

from collections.abc import Sequence

import ibis
import ibis.expr.types as ir

from experiments.catalog import Metric


def with_steps(units: ir.Table, events: ir.Table, metric: Metric, measures: Sequence[str], name: str) -> ir.Table:
    """Return `units` with a column `name`: how many steps, from the first on, each has made within its window.

    `units` have unit, day and `at`, the exposure's time; `events` are `unit_events` of the plan's type of unit;
    `measures` are the ids of the steps. The first event that makes a step leaves most time for the next, so the
    earliest ones decide.
    """
    reached = units.select("unit", entered=units.day, since=units["at"], made=ibis.literal(0).cast("int64"))
    for measure in measures:
        reached = _next(reached, events.filter(events.measure == measure), metric)
    return units.left_join(reached.select("unit", **{name: reached.made}), "unit").drop("unit_right")


def step_counts(rows: ir.Table, begins: str, steps: int) -> dict[str, ir.Scalar]:
    """Return how many units with a complete window made each step of the funnel whose columns begin so."""
    return {f"{begins}_step_{n}": _made(rows, begins, n) for n in range(1, steps + 1)}


def _made(rows: ir.Table, begins: str, n: int) -> ir.Scalar:
    return ibis.ifelse(rows[f"{begins}_y"].notnull() & (rows[f"{begins}_made"] >= n), 1, 0).sum()


def _next(reached: ir.Table, events: ir.Table, metric: Metric) -> ir.Table:
    """The time of the next step, null for those who do not make it: nothing is at or after null."""
    met = reached.left_join(events.select("unit", "at", "day"), "unit")
    inside = (met["at"] >= met.since) & (met.day - met.entered >= metric.from_day)
    if metric.window_days is not None:
        inside = inside & (met.day - met.entered < metric.window_days)
    found = met.group_by(["unit", "entered", "made"]).agg(since=met["at"].min(where=inside))
    return found.mutate(made=found.made + ibis.ifelse(found.since.isnull(), 0, 1))
