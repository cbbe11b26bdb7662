"""What one query adds up of columns with a row for each unit, and the moments that a row of its answer holds.

Counts, means and covariances, never raw sums of squares: those lose digits where means are large.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations_with_replacement
from typing import Any

import ibis
import ibis.expr.types as ir
import numpy as np

from stats import Moments

UNCAPPED = "uncapped"  # what a unit brings to a metric with a cap, before the cap
ROUNDED = 1 + 1e-9  # a total that equals the cap may come out a little higher, as its parts were added up


def aggregates(t: ir.Table, columns: Sequence[str]) -> dict[str, ir.Scalar]:
    """Return means and covariances, named by their columns, so that what several metrics need is worked out once."""
    pairs = combinations_with_replacement(columns, 2)
    return {
        **{f"mean_{name}": t[name].mean() for name in columns},
        **{f"cov_{a}_{b}": t[a].var(how="sample") if a == b else t[a].cov(t[b], how="sample") for a, b in pairs},
    }


def moments(row: Mapping[str, Any], n: int, names: Sequence[str], columns: Sequence[str]) -> Moments:
    """Return the moments of n units from a row of the answer, its columns called by `names`."""
    mean, cov = np.array([row[f"mean_{name}"] or 0.0 for name in columns]), np.zeros((len(names), len(names)))
    for (i, a), (j, b) in combinations_with_replacement(enumerate(columns), 2):
        cov[i, j] = cov[j, i] = row[f"cov_{a}_{b}"] or 0.0
    return Moments(tuple(names), np.array(float(n)), mean, cov)


def above(t: ir.Table, begins: str, cap: float) -> dict[str, ir.Scalar]:
    """Return how many units lie above the cap of the metric whose columns begin so."""
    return {f"{begins}_capped": (t[f"{begins}_{UNCAPPED}"] > cap * ROUNDED).sum()}


def one_by_one(t: ir.Table, begins: str, names: Sequence[str]) -> ir.Value:
    """Return y and d of each unit, and y without its cap where that is asked."""
    columns = [t[f"{begins}_{name}"] for name in ("y", "d", UNCAPPED) if name in names]
    return ibis.array(columns).collect(where=columns[0].notnull())


def pairs(units: Sequence[Any] | None, y: int) -> tuple[tuple[float, float], ...] | None:
    """Return y, which stands at that place, and d of each unit: ordered, as sums must depend on no engine's order."""
    return None if units is None else tuple(sorted((unit[y], unit[1]) for unit in units))


def parted(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the columns of a metric as its cap leaves it, and those of the same without it: none where not asked."""
    held = [name for name in names if name != UNCAPPED]
    return held, [UNCAPPED, *(name for name in held if name == "d")] if UNCAPPED in names else []
