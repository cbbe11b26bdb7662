"""Who comes: units by the day on which they were first seen, and how many have which attributes."""

from collections.abc import Iterable
from datetime import date

import ibis
import ibis.expr.types as ir

from experiments.warehouse.lake import day_of
from experiments.warehouse.moments import Question
from experiments.warehouse.rollup import property_of


def first_seen(exposures: ir.Table, events: ir.Table, unit_type: str, experiments: Iterable[str]) -> dict[int, int]:
    """Return units by the first day on which these rows show them, as an exposure or an event: day number → units.

    `exposures` and `events` are raw; a doubled row changes nothing. `experiments` are those whose units are of this
    type, as an exposure does not say it.
    """
    first = first_met(exposures, events, unit_type, experiments)
    found = first.group_by("entered").agg(units=first.count())
    return {row["entered"]: row["units"] for row in found.to_pyarrow().to_pylist()}


def first_met(exposures: ir.Table, events: ir.Table, unit_type: str, experiments: Iterable[str]) -> ir.Table:
    """Return each unit of `first_seen` once, with the time and day on which it was met: unit, entered_at, entered."""
    met = exposures.filter(exposures.experiment.isin(list(experiments)) & ~exposures.forced).select("unit", "at", "day")
    did = events.filter(events.unit_type == unit_type).select("unit", "at", "day")
    seen = met.union(did)
    return seen.group_by("unit").agg(entered_at=seen["at"].min(), entered=seen.day.min())


def attribute_counts(
    exposures: ir.Table, experiments: Iterable[str], names: Iterable[str]
) -> list[tuple[dict[str, str], int]]:
    """Return how many exposed units have which values of these attributes, each a JSON text; none with one missing."""
    chosen = exposures.filter(exposures.experiment.isin(list(experiments)) & ~exposures.forced)
    values = {name: property_of(chosen.attributes, name).cast("string") for name in names}
    said = [ibis._[name].notnull() & (ibis._[name] != "null") for name in values]
    known = chosen.select("unit", **values).filter(said).distinct()
    found = known.group_by(list(values)).agg(units=known.unit.nunique())
    return [(row, row.pop("units")) for row in found.to_pyarrow().to_pylist()]


def newcomers(question: Question, unit_days: ir.Table) -> dict[date, int]:
    """Return how many units of the experiment's type did anything that its metrics measure for the first time, by day.

    `unit_days` are those of the days that the metrics measure: on the first of them everybody is new.
    """
    wanted = sorted({m.id for d in question.frozen.definitions.values() for m in d.measures})
    u = unit_days
    done: ir.Table = u.filter((u.unit_type == question.frozen.plan.unit) & u.measure.isin(wanted))
    first = done.group_by("unit").agg(first=lambda t: t.day.min())
    rows = first.group_by("first").agg(units=lambda t: t.count()).to_pyarrow().to_pylist()
    return {day_of(r["first"]): r["units"] for r in rows}
