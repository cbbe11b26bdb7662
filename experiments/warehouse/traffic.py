"""Who still comes: units that are seen for the first time by what they do, whether or not an exposure was logged."""

from datetime import date

import ibis.expr.types as ir

from experiments.warehouse.lake import day_of
from experiments.warehouse.moments import Question


def newcomers(question: Question) -> dict[date, int]:
    """Return how many units of the experiment's type did anything that its metrics measure for the first time, by day.

    The days are those that the question reads: on the first of them everybody is new.
    """
    wanted = sorted({m.id for d in question.frozen.definitions.values() for m in d.measures})
    u = question.unit_days
    done: ir.Table = u.filter((u.unit_type == question.frozen.plan.unit) & u.measure.isin(wanted))
    first = done.group_by("unit").agg(first=lambda t: t.day.min())
    rows = first.group_by("first").agg(units=lambda t: t.count()).to_pyarrow().to_pylist()
    return {day_of(r["first"]): r["units"] for r in rows}
