"""How much a sum over days since exposure varies between units: each unit's own days are added up before the variance
is taken, so that nothing is assumed of what they share.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np
from numpy.typing import NDArray

from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Question, prefix
from experiments.warehouse.offsets import Enrolled

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Part:
    """What a unit of one variant adds to a sum on each day since exposure, `[days]`: y times `y`, and d times `d`.

    `middle` is what it adds on average, taken off on each day that a unit has lived through.
    """

    variant: str
    y: Floats
    d: Floats
    middle: Floats


@dataclass(frozen=True)
class Sum:
    """A sum over days of one metric, made of a part of each of two variants."""

    metric: str
    parts: tuple[Part, Part]


def spreads(q: Question, sums: Sequence[Sum], rows: ir.Table, enrolled: Enrolled) -> list[tuple[float, float]]:
    """Return the variance of each sum's two parts, by one query: n / (n - 1) times the squares of what units add.

    `rows` are `unit_days` of the metrics, and `enrolled` are `enrolment`'s: a unit without a row did nothing, and adds
    no more than what is taken off.
    """
    found = _query(q, sums, rows).to_pyarrow().to_pylist() if sums else []
    groups = {(q.variants[r["variant"]], r["day"]): r for r in found}
    both = [[_variance(q, groups, enrolled, (i, part)) for part in s.parts] for i, s in enumerate(sums)]
    return [(control, treatment) for control, treatment in both]


def _query(q: Question, sums: Sequence[Sum], rows: ir.Table) -> ir.Table:
    """For each variant and day of entry, mean and variance of what units add that did anything."""
    weighted = rows.join(_weights(q, sums, rows), ["variant", "offset"])
    added = {f"sum_{i}": _added(q, weighted, i, s).sum() for i, s in enumerate(sums)}
    units = weighted.group_by("unit").agg(variant=weighted.variant.min(), day=weighted.day.min(), **added)
    means = {f"mean_{i}": units[f"sum_{i}"].mean() for i in range(len(sums))}
    variances = {f"var_{i}": units[f"sum_{i}"].var(how="sample") for i in range(len(sums))}
    return units.group_by(["variant", "day"]).agg(units=units.count(), **means, **variances)


def _weights(q: Question, sums: Sequence[Sum], like: ir.Table) -> ir.Table:
    """The parts as a small table: a row for each variant and day since exposure, 0 where a sum has no part."""
    days = max(len(part.y) for s in sums for part in s.parts)
    columns: dict[str, Any] = {
        "variant": np.repeat(np.arange(len(q.variants)), days).tolist(), "offset": list(range(days)) * len(q.variants)
    }  # fmt: skip
    for i, s in enumerate(sums):
        for name in ("y", "d"):
            table = np.zeros((len(q.variants), days))
            for part in s.parts:
                weights: Floats = getattr(part, name)
                table[q.variants.index(part.variant), : len(weights)] = weights
            columns[f"w{i}_{name}"] = table.ravel().tolist()
    types = like.schema()
    return ibis.memtable(columns, schema={n: types.get(n, ibis.dtype("float64")) for n in columns})


def _added(q: Question, t: ir.Table, i: int, s: Sum) -> ir.FloatingValue:
    y: ir.FloatingValue = t[f"{prefix(q, s.metric)}_y"] * t[f"w{i}_y"]
    return y + t[f"{prefix(q, s.metric)}_d"] * t[f"w{i}_d"] if q.frozen.definitions[s.metric].denominator else y


def _variance(q: Question, groups: dict[Any, Any], enrolled: Enrolled, numbered: tuple[int, Part]) -> float:
    i, part = numbered
    squares, everybody, middle = 0.0, 0, np.cumsum(part.middle)
    for (variant, day), n in enrolled.items():
        lived = min(number_of(q.cutoff) - day, len(middle) - 1)
        if variant == part.variant and lived >= 0:
            active, mean, variance = _active(groups.get((variant, day)), i)
            off, everybody = float(middle[lived]), everybody + n
            squares += (n - active) * off**2 + active * (mean - off) ** 2 + max(active - 1, 0) * variance
    return squares * everybody / (everybody - 1) if everybody > 1 else np.inf


def _active(row: Any, i: int) -> tuple[int, float, float]:
    """Units that did anything, and mean and variance of what they add to a sum."""
    return (0, 0.0, 0.0) if row is None else (row["units"], row[f"mean_{i}"], row[f"var_{i}"] or 0.0)
