"""Where and when an effect differs: between segments, with days since exposure, and with another experiment that
runs on the same units.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, fdtrc

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_tail
from stats.estimate import Pair
from stats.meta import TOO_FEW_EFFECTS, known_effects, meta_analysis

TOO_FEW_DAYS = "fewer than two days have a known effect: no trend can be seen"


class Difference(NamedTuple):
    """A test that effects differ, `[...]`: its statistic, degrees of freedom (df_rest infinite for chi-square),
    p-value (1 where nothing can be compared), and flags in words.
    """

    statistic: Floats
    df: Floats
    df_rest: Floats
    p_value: Floats
    flags: tuple[str, ...]


class Line(NamedTuple):
    """A straight line through effects by day: its slope per day (NaN where fewer than two days are known), and how
    it moves with each day's mean of control and of treatment, `[days]` each, 0 for days that are left out.
    """

    slope: float
    control: Floats
    treatment: Floats


class Trend(NamedTuple):
    """A straight line through effects by day, `[...]`: its slope per day, standard error (infinite where there is
    no trend to see), z, two-sided p-value, the line's value at day 0, and flags in words.
    """

    slope: Floats
    se: Floats
    z: Floats
    p_value: Floats
    start: Floats
    flags: tuple[str, ...]


def cochran_q(effects: ArrayLike, variances: ArrayLike) -> Difference:
    """Whether effects `[..., k]` of disjoint segments differ, by chi-square with k - 1 df (Cochran 1954).

    variances: of the effects, infinite where one is not known (it is left out). With few units in a segment
    use `interaction_test`. Errors: as `stats.meta_analysis`.
    """
    found = meta_analysis(effects, variances, "none")
    p = np.where(found.df > 0.0, chdtrc(np.maximum(found.df, 1.0), found.q), 1.0)
    return Difference(found.q, found.df, np.full(p.shape, np.inf), p, found.flags)


def interaction_test(effects: ArrayLike, variances: ArrayLike, df: ArrayLike) -> Difference:
    """Whether effects `[..., k]` of disjoint segments differ, with variances that are estimated (Welch 1951).

    df: degrees of freedom of each variance, `[..., k]`, as in `Pair.df`. An F test on k - 1 and df_rest; for two
    segments it is Welch's t test of their difference, and with infinite df it is Cochran's Q over k - 1.
    Variances are not pooled, as segments need not be alike. Errors: as `cochran_q`; a df not above 0.
    """
    d, v, known = known_effects(effects, variances)
    few = np.where(known, np.broadcast_to(np.asarray(df, dtype=np.float64), d.shape), np.inf)
    if not (few > 0.0).all():
        raise ValueError(f"df holds {few[~(few > 0.0)].flat[0]}; each must be above 0 where a variance is known.")
    q, rank = cochran_q(effects, variances)[:2]
    weight = np.where(known, 1.0 / v, 0.0)
    share = weight / np.maximum(weight.sum(axis=-1, keepdims=True), np.finfo(float).tiny)
    unsure = (np.where(known, (1.0 - share) ** 2, 0.0) / few).sum(axis=-1)
    k, least = rank + 1.0, np.maximum(rank, 1.0)
    statistic = q / least / (1.0 + 2.0 * np.maximum(k - 2.0, 0.0) / np.maximum(k**2 - 1.0, 1.0) * unsure)
    rest = np.where(unsure > 0.0, (k**2 - 1.0) / (3.0 * np.where(unsure > 0.0, unsure, 1.0)), np.inf)
    p = np.where(np.isfinite(rest), fdtrc(least, np.where(np.isfinite(rest), rest, 1.0), statistic), chdtrc(least, q))
    flags = (TOO_FEW_EFFECTS,) if (rank < 1.0).any() else ()
    return Difference(statistic, rank, rest, np.where(rank > 0.0, p, 1.0), flags)


def novelty(days: ArrayLike, effects: ArrayLike, variances: ArrayLike) -> Trend:
    """How the effect changes with days since exposure: inverse-variance least squares, `[...]`; see `Trend`.

    days: `[days]`, 0 on the day of exposure. effects, variances: per day, `[..., days]`; an infinite variance
    leaves the day out. Variances are taken as known and days as independent. Where the same units give every day, they
    are not, and the standard error is wrong either way: `day_line` says how to get one that holds.

    Errors: ValueError for shapes that differ or variances not above 0.
    """
    d, v, known = known_effects(effects, variances)
    x = checks.finite("days", days)
    if x.shape != d.shape[-1:]:
        raise ValueError(f"{x.size} days for effects of shape {d.shape}; give one day per effect.")
    weight = np.where(known, 1.0 / v, 0.0)
    total = weight.sum(axis=-1)
    share = weight / np.where(total > 0.0, total, 1.0)[..., None]
    middle, level = (share * x).sum(axis=-1), (share * d).sum(axis=-1)
    apart = np.where(known, x - middle[..., None], 0.0)
    spread = (weight * apart**2).sum(axis=-1)
    seen = spread > 1e-12 * np.maximum((weight * x**2).sum(axis=-1), np.finfo(float).tiny)
    spread = np.where(seen, spread, 1.0)
    slope = np.where(seen, (weight * apart * d).sum(axis=-1) / spread, 0.0)
    z = slope * np.sqrt(spread)
    se = np.where(seen, 1.0 / np.sqrt(spread), np.inf)
    flags = () if seen.all() else (TOO_FEW_DAYS,)
    return Trend(slope, se, z, np.minimum(2.0 * normal_tail(np.abs(z)), 1.0), level - slope * middle, flags)


def day_line(days: ArrayLike, pair: Pair, units: tuple[ArrayLike, ArrayLike], *, absolute: bool = False) -> Line:
    """A line through effects by days since exposure where the same units give several days; see `Line`.

    days: `[days]`. pair: each day's means and variances, `[days]`; an unknown variance leaves its day out. units: of
    control and of treatment on each day, `[days]`. Effects are relative, or `absolute`.

    The slope is a sum of daily means, so each unit's part in it is the sum over its own days of
    (its outcome - the day's mean) / units * how the slope moves, and n / (n - 1) times the sum of squares of these
    parts over an arm's units is the arm's part of the slope's variance, whatever a unit's days share (delta method;
    Liang & Zeger 1986 with a unit as a cluster). Days weigh by the inverse variance that both arms have together: an
    arm's own would give more weight to days on which a skewed mean happens to be low, and tilt the line.

    Errors: ValueError for shapes that differ.
    """
    x, (n0, n1) = checks.finite("days", days), (np.asarray(n, dtype=np.float64) for n in units)
    if not x.shape == pair.m0.shape == n0.shape == n1.shape:
        raise ValueError(f"days {x.shape}, pairs {pair.m0.shape}, units {n0.shape}, {n1.shape}; give one each per day.")
    n, none = n0 + n1, np.zeros_like(x)
    pooled = np.divide(n0 * pair.m0 + n1 * pair.m1, n, out=none.copy(), where=n > 0.0)
    scale = np.ones_like(x) if absolute else pooled**2
    v0, v1 = (np.where(np.isfinite(v), v, np.nan) for v in (pair.v00, pair.v11))
    noise = n0**2 * v0 + n1**2 * v1  # n times the variance of one unit
    known = np.isfinite(noise) & (noise > 0.0) & (scale > 0.0) & (absolute | (pair.m0 != 0.0))
    if known.sum() < 2:
        return Line(np.nan, none, none)
    weight = np.divide(n0 * n1 * scale, noise, out=none.copy(), where=known)
    apart = x - np.average(x, weights=weight)
    pull = weight * apart / (weight @ apart**2)
    if absolute:
        return Line(float(pull @ np.where(known, pair.m1 - pair.m0, 0.0)), -pull, pull)
    base, treated = np.where(known, pair.m0, 1.0), np.where(known, pair.m1, 1.0)
    return Line(float(pull @ (treated / base - 1.0)), -pull * treated / base**2, pull / base)


def interaction(within_control: Pair, within_treatment: Pair) -> Pair:
    """Whether an experiment's effect depends on another one's variant: a `Pair` whose means are two effects.

    within_control: this experiment's pair among units that the other one gave control, and within_treatment
    among those that it gave treatment: four disjoint cells of the units that both share, from any estimator.
    The result's m1 - m0 is the difference of differences, so every rule applies to it, absolute; its df are
    Welch-Satterthwaite's of the four cells.
    """
    first, second = (pair.m1 - pair.m0 for pair in (within_control, within_treatment))
    v0, v1 = (pair.v00 - 2.0 * pair.v01 + pair.v11 for pair in (within_control, within_treatment))
    known = np.isfinite(v0) & np.isfinite(v1)
    varies = known & (v0 + v1 > 0.0)
    share = np.where(varies, v0, 0.5) / np.where(varies, v0 + v1, 1.0)
    df = np.where(known, 1.0 / (share**2 / within_control.df + (1.0 - share) ** 2 / within_treatment.df), 1.0)
    return Pair(first, second, v0, np.zeros(()), v1, df, within_control.n + within_treatment.n)
