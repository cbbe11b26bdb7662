"""Each day alone: the effect among those whose window closed since the look before, from what two looks kept.

A look keeps the moments of all units with a complete window. These sets only grow, so the moments of one day's units
are those of a look less those of the look before it (Chan, Golub, LeVeque 1983, read backwards).
"""

from collections.abc import Sequence

import numpy as np

from experiments.keeping import moments_of
from experiments.plan import FrozenPlan
from experiments.registry.snapshots import CoursePoint
from experiments.snapshot import ArmMoments, DayEffect, MetricResult
from experiments.trends import day_effect, pair_of
from stats import Moments

ROUNDING = 1e-9  # of a variance: what is below it comes from subtracting two large numbers


def less(whole: Moments, part: Moments) -> Moments | None:
    """Return the moments of the units of `whole` that are not in `part`.

    None where fewer than two are left, or where no units could have them: an earlier day was counted anew.
    """
    n = float(whole.n - part.n)
    if whole.names != part.names or n < 2:
        return None
    mean = (whole.n * whole.mean - part.n * part.mean) / n
    apart = np.outer(mean - part.mean, mean - part.mean) * n * part.n / whole.n
    cov = (whole.cov * (whole.n - 1) - part.cov * max(0.0, float(part.n) - 1) - apart) / (n - 1)
    variances = np.diagonal(cov)
    if np.any(variances < -ROUNDING * np.diagonal(whole.cov)):
        return None
    np.fill_diagonal(cov, np.maximum(variances, 0.0))
    return Moments(whole.names, np.array(n), mean, cov)


def daily(history: Sequence[CoursePoint], like: MetricResult, frozen: FrozenPlan) -> tuple[DayEffect, ...]:
    """Return the raw effect on a metric of each look's new units, for looks of one plan in order of their cutoffs.

    Empty for metrics whose units cannot be told apart by their moments: quantiles, few clusters, open windows.
    """
    found: list[DayEffect] = []
    before: tuple[Moments, Moments] | None = None
    for point in history:
        kept = _arms(point, like)
        if kept is None:
            continue
        arms = moments_of(kept[0]), moments_of(kept[1])
        new = [a if before is None else less(a, b) for a, b in zip(arms, before or arms, strict=True)]
        before = arms
        if new[0] is not None and new[1] is not None:
            pair = pair_of(frozen, like.metric, new[0], new[1])
            found.append(day_effect(point.day, pair, like.absolute))
    return tuple(d for d in found if d.change is not None)


def _arms(point: CoursePoint, like: MetricResult) -> tuple[ArmMoments, ArmMoments] | None:
    key = (like.metric, like.treatment)
    result = next((m for m in point.metrics if (m.metric, m.treatment) == key), None)
    if result is None or result.window_days is None or result.control is None or result.variant is None:
        return None
    both = result.control.moments, result.variant.moments
    if both[0] is None or both[1] is None or not all(m.spread and m.rows is None and m.n for m in both if m):
        return None
    return both[0], both[1]
