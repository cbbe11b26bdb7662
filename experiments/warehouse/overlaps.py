"""Units that other experiments hold too: how many, and this experiment's moments by the other one's variant."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from experiments.warehouse.moments import Cell, Question, cells_among

Phase = tuple[str, int]  # experiment, phase


def met_elsewhere(q: Question, others: Sequence[Phase], units: ir.Table) -> ir.Table:
    """Return a row for each of these units, the analysed ones, and other experiment in which it met one variant.

    Columns: unit, experiment, other (the variant). Units that met two variants of another experiment have no row of it.
    """
    e = q.exposure_days
    by_phase = {phase: [key for key, its in others if its == phase] for _, phase in others}
    chosen = ibis.or_(*((e.phase == phase) & e.experiment.isin(keys) for phase, keys in by_phase.items()))
    # Only what these units met is grouped: of many experiments at once, most exposures are those of others' units.
    mine = e.filter(chosen & ~e.forced).semi_join(units, "unit")
    met = mine.group_by(["experiment", "unit"]).agg(other=mine.variant.min(), last=mine.variant.max())
    return met.filter(met.other == met.last).select("experiment", "unit", "other")


def shared(groups: ir.Table) -> dict[str, int]:
    """Return how many units each other experiment holds as well."""
    rows = groups.group_by("experiment").agg(units=groups.count()).to_pyarrow().to_pylist()
    return {r["experiment"]: r["units"] for r in rows}


def cells_by_other(
    question: Question, metrics: Sequence[str], groups: ir.Table, units: ir.Table
) -> dict[str, dict[tuple[str, str, str], Cell]]:
    """Return metric → (other experiment, its variant, this one's variant) → Cell, by one query.

    `units` is `per_unit` of these metrics.
    """
    segment = groups.experiment + "\n" + groups.other
    found = cells_among(question, metrics, groups.select("unit", segment=segment), units)
    return {k: {_place(place): cell for place, cell in by.items()} for k, by in found.items()}


def _place(place: tuple[str, Any]) -> tuple[str, str, str]:
    variant, segment = place
    other, _, its = segment.partition("\n")
    return other, its, variant
