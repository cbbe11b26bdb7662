"""Two cells of one metric compared: which of the engine's estimators reads them, and from how many units on."""

from dataclasses import replace

import numpy as np

import stats
from experiments.plan import Plan
from experiments.warehouse.moments import Cell
from stats import Counts, Pair

FEW_CLUSTERS = 40  # of both arms: below it a ratio needs the jackknife over clusters


def covariates(control: Cell, variant: Cell) -> tuple[str, ...]:
    """Return the names of the covariates that an effect is adjusted for; few clusters bear none in a ratio."""
    return () if _jackknifed(control, variant) else tuple(n for n in control.moments.names if n not in {"y", "d"})


def pair(control: Cell, variant: Cell, adjusted_for: tuple[str, ...] = ()) -> Pair:
    """Return both means and their variances: a ratio of few clusters by the jackknife, a quantile as a ratio.

    The variance is infinite where a quantile has no spread.
    """
    if _jackknifed(control, variant):
        return _clustered(control, variant)
    found = _by_moments(control, variant, adjusted_for)
    unknown = [name for name, cell in (("v00", control), ("v11", variant)) if not cell.spread]
    return replace(found, **dict.fromkeys(unknown, np.array(np.inf))) if unknown else found


def _by_moments(control: Cell, variant: Cell, adjusted_for: tuple[str, ...]) -> Pair:
    if "d" in control.moments.names:
        return stats.ratio(control.moments, variant.moments, "y", "d", adjusted_for)
    return stats.mean(control.moments, variant.moments, "y", adjusted_for)


def rare(plan: Plan, kind: str, control: Cell, variant: Cell) -> Counts | None:
    """Return the counts of a proportion with fewer than 30 successes or failures in an arm; else None.

    The score test reads these. Not of clusters: with so few of them Student's t on their totals is what holds.
    """
    if kind != "proportion" or plan.clusters:
        return None
    counts = stats.Counts.of(control.moments, variant.moments, "y")
    return counts if bool(stats.rare(counts)) else None


def known(found: Pair) -> bool:
    """Return whether an interval exists: constant outcomes and ratios without a denominator have none."""
    return bool(np.isfinite(stats.standard_error(found)) and np.isfinite(found.m0) and np.isfinite(found.m1))


def share(found: Pair) -> float:
    """Return control's part of the variance of the difference, inside (0, 1): what treatments have in common."""
    return float(np.clip(found.v00 / (found.v00 + found.v11), 1e-6, 1 - 1e-6))


def _jackknifed(control: Cell, variant: Cell) -> bool:
    few = float(control.moments.n + variant.moments.n) < FEW_CLUSTERS
    return few and control.rows is not None and variant.rows is not None and "d" in control.moments.names


def _clustered(control: Cell, variant: Cell) -> Pair:
    """Each cluster has zeros in the arm that it is not in, as the engine wants them."""
    arms = [np.asarray(cell.rows, dtype=np.float64).reshape(-1, 2) for cell in (control, variant)]
    sums, counts = np.zeros((2, sum(map(len, arms)), 2))
    for arm, (at, rows) in enumerate(zip((0, len(arms[0])), arms, strict=True)):
        sums[at : at + len(rows), arm], counts[at : at + len(rows), arm] = rows.T
    return stats.clustered(sums, counts)
