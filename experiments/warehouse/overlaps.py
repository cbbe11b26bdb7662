"""Units that other experiments hold too: how many, and this experiment's moments by the other one's variant."""

from collections.abc import Sequence
from typing import Any

import ibis
import ibis.expr.types as ir

from experiments.warehouse.moments import Cell, Question, cells_among

Phase = tuple[str, int]  # experiment, phase


def shared(question: Question, others: Sequence[Phase], units: ir.Table) -> dict[str, int]:
    """Return how many of these units, the analysed ones, each other experiment holds as well."""
    groups = _groups(question, others)
    both = groups.semi_join(units, "unit")
    rows = both.group_by("experiment").agg(units=lambda t: t.count()).to_pyarrow().to_pylist()
    return {r["experiment"]: r["units"] for r in rows}


def cells_by_other(
    question: Question, metrics: Sequence[str], others: Sequence[Phase], units: ir.Table
) -> dict[str, dict[tuple[str, str, str], Cell]]:
    """Return metric → (other experiment, its variant, this one's variant) → Cell, by one query.

    `units` is `per_unit` of these metrics.
    Units that met two variants of the other experiment are left out of its comparison.
    """
    groups = _groups(question, others)
    segment = groups.experiment + "\n" + groups.other
    found = cells_among(question, metrics, groups.select("unit", segment=segment), units)
    return {k: {_place(place): cell for place, cell in by.items()} for k, by in found.items()}


def _groups(q: Question, others: Sequence[Phase]) -> ir.Table:
    """One row per unit and other experiment in which it met one variant: unit, experiment, other (the variant)."""
    e = q.exposure_days
    chosen = ibis.or_(*((e.experiment == key) & (e.phase == phase) for key, phase in others))
    met = e.filter(chosen & ~e.forced).group_by(["experiment", "unit"])
    met = met.agg(other=lambda t: t.variant.min(), last=lambda t: t.variant.max())
    return met.filter(met.other == met.last).select("experiment", "unit", "other")


def _place(place: tuple[str, Any]) -> tuple[str, str, str]:
    variant, segment = place
    other, _, its = segment.partition("\n")
    return other, its, variant
