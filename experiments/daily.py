"""Each day alone: the effect among those whose window closed since the look before, from what two looks kept.

A look keeps the moments of all units with a complete window. These sets only grow, so the moments of one day's units
are those of a look less those of the look before it (Chan, Golub, LeVeque 1983, read backwards).
"""

from collections.abc import Sequence

import numpy as np

from experiments.keeping import moments_of
from experiments.plan import FrozenPlan
from experiments.registry.snapshots import CoursePoint, DayAlone
from experiments.snapshot import ArmMoments, MetricResult, Snapshot
from experiments.trends import day_effect, pair_of
from stats import Moments

Pair = tuple[ArmMoments, ArmMoments]
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


def newest(before: Sequence[Snapshot], snapshot: Snapshot) -> tuple[DayAlone | None, ...]:
    """Return each goal's raw effect among the units whose window closed since the look before, to be kept beside it.

    `before` are the official looks at earlier days, by cutoff. None where units cannot be told apart by their moments.
    """
    goals = [m for m in snapshot.metrics if m.role == "goal"]
    return tuple(_newest(before, snapshot, goal) for goal in goals)


def _newest(before: Sequence[Snapshot], snapshot: Snapshot, goal: MetricResult) -> DayAlone | None:
    now, day = _arms(snapshot.metrics, goal), snapshot.progress.day
    if now is None:
        return None
    earlier = ((s.progress.day, _arms(s.metrics, goal)) for s in reversed(before))
    since = next(((then, arms) for then, arms in earlier if arms is not None), None)
    return _since(snapshot.frozen, goal, (day, now), since)


def daily(history: Sequence[CoursePoint], like: MetricResult, frozen: FrozenPlan) -> tuple[DayAlone, ...]:
    """Return the raw effect on a metric of each look's new units, for looks of one plan in order of their cutoffs.

    As kept beside each look; of older ones, by what this look has more than the one before it in `history`. Empty for
    metrics whose units cannot be told apart by their moments: quantiles, few clusters, open windows.
    """
    found: list[DayAlone | None] = []
    before: tuple[int, Pair] | None = None
    for point in history:
        if point.alone is not None:
            found.append(_kept(point, like))
        elif (arms := _arms(point.metrics, like)) is not None:
            found.append(_since(frozen, like, (point.day, arms), before))
            before = point.day, arms
    return tuple(d for d in found if d is not None and d.change is not None)


def _kept(point: CoursePoint, like: MetricResult) -> DayAlone | None:
    both = zip(point.metrics, point.alone or (), strict=True)
    return next((d for m, d in both if (m.metric, m.treatment) == (like.metric, like.treatment)), None)


def _since(
    frozen: FrozenPlan, like: MetricResult, now: tuple[int, Pair], before: tuple[int, Pair] | None
) -> DayAlone | None:
    """The effect among units that one look has more than an earlier one; among all of them where there is none."""
    day, arms = now
    new = [_own(arm) for arm in arms]
    if before is not None:
        told = [less(a, _own(b)) for a, b in zip(new, before[1], strict=True)]
        if told[0] is None or told[1] is None:
            return None
        new = [told[0], told[1]]
    days = day - (before[0] if before else max(0, min(day, like.window_days or 1) - 1))
    effect = day_effect(day, pair_of(frozen, like.metric, new[0], new[1]), like.absolute)
    return DayAlone(**dict(effect), days=days)


def _own(arm: ArmMoments) -> Moments:
    """Without covariates."""
    whole = moments_of(arm)
    return whole.only([name for name in whole.names if name in ("y", "d")])


def _arms(metrics: Sequence[MetricResult], like: MetricResult) -> Pair | None:
    key = (like.metric, like.treatment)
    result = next((m for m in metrics if (m.metric, m.treatment) == key), None)
    if result is None or result.window_days is None or result.control is None or result.variant is None:
        return None
    both = result.control.moments, result.variant.moments
    if both[0] is None or both[1] is None or not all(m.spread and m.rows is None and m.n for m in both if m):
        return None
    return both[0], both[1]
