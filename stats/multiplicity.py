"""Several hypotheses at once: p-values adjusted so that they can be held against one alpha, and the level at
which each hypothesis was tested, so that an interval can be drawn at the verdict's own level.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq
from scipy.special import chdtri, gammaln, ndtr

from stats import checks
from stats.checks import Floats
from stats.distributions import t_bound, t_tail
from stats.infer import Side


def holm(p: ArrayLike) -> Floats:
    """Adjusted p-values for the chance of any false rejection (Holm 1979), `[m]` in the order given.

    Any dependence is allowed. Errors: ValueError unless p is one list of numbers in [0, 1].
    """
    values = checks.probabilities("p", p)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _back(order, np.minimum(stepped, 1.0))


def holm_levels(p: ArrayLike, alpha: float) -> Floats:
    """The level at which Holm's procedure tests each hypothesis, `[m]` in the order given.

    The i-th smallest p is tested at alpha / (m - i + 1) while rejections last; all that are left, at the
    level of the first that was not rejected. So p <= level exactly where `holm(p)` <= alpha, and an interval
    at that level leaves out the null value exactly where the hypothesis is rejected. (One hypothesis at a
    time: these intervals do not cover jointly.)
    """
    values = checks.probabilities("p", p)
    order = np.argsort(values, kind="stable")
    steps = checks.level("alpha", alpha) / np.arange(values.size, 0, -1)
    kept = np.flatnonzero(values[order] > steps)
    if kept.size:
        steps[kept[0] :] = steps[kept[0]]
    return _back(order, steps)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjusted p-values for the false discovery rate (Benjamini & Hochberg 1995), `[m]` in the order given.

    For independent or positively dependent tests. Errors as `holm`.
    """
    return _step_up(checks.probabilities("p", p), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> Floats:
    """As `benjamini_hochberg`, under any dependence (Benjamini & Yekutieli 2001)."""
    values = checks.probabilities("p", p)
    return _step_up(values, float((1.0 / np.arange(1, values.size + 1)).sum()))


def dunnett(t: ArrayLike, shares: ArrayLike, df: float = np.inf, *, side: Side = "both") -> Floats:
    """Adjusted p-values of several treatments against one control (Dunnett 1955), `[treatments]`.

    t: each treatment's statistic against control. shares: control's part of the variance of each difference,
    v00 / (v00 + v11) of its `Pair`, `[treatments]` or one number; with equal variances n_i / (n_i + n_0), .5
    for even arms. Statistics i and j then correlate by sqrt(share_i share_j). df: of the variance that they
    have in common; for Welch's unpooled ones give `normal_scores` and leave it infinite.

    By numerical integration over control's noise and the common deviation, without random numbers. Errors:
    ValueError for shares outside (0, 1), lengths that differ, values that are not finite.
    """
    values = np.atleast_1d(checks.finite("t", t))
    roots = _roots(shares, values.size)
    checks.one_of("side", side, ("both", "greater", "less"))
    sizes = np.abs(values) if side == "both" else values if side == "greater" else -values
    single = t_tail(sizes, df) * (2.0 if side == "both" else 1.0)
    joint = [_any_beyond(size, roots, df, side == "both") for size in sizes]
    return np.asarray(np.clip(joint, single, np.minimum(values.size * single, 1.0)))


def dunnett_bound(
    alpha: float, shares: ArrayLike, df: float = np.inf, *, treatments: int | None = None, side: Side = "both"
) -> float:
    """The critical value of `dunnett`: the size that any statistic reaches with chance alpha without effects.

    Intervals d -/+ bound se cover all differences jointly. treatments: how many, if one share is given for all.
    """
    roots = _roots(shares, treatments or np.atleast_1d(shares).size)
    tail = checks.level("alpha", alpha) / (
        2.0 if checks.one_of("side", side, ("both", "greater", "less")) == "both" else 1.0
    )
    low, high = float(t_bound(tail, df)), float(t_bound(tail / roots.size, df))
    if roots.size == 1:
        return low
    return float(brentq(lambda c: _any_beyond(c, roots, df, side == "both") - alpha, low - 0.1, high + 0.1, xtol=1e-12))


def _roots(shares: ArrayLike, treatments: int) -> Floats:
    values = checks.finite("shares", shares)
    if values.ndim > 1 or values.size not in (1, treatments) or ((values <= 0.0) | (values >= 1.0)).any():
        raise ValueError(f"shares are {values.tolist()}; give one, or one per treatment, strictly between 0 and 1.")
    return np.sqrt(np.broadcast_to(values, (treatments,)))


def _any_beyond(c: float, roots: Floats, df: float, two_sided: bool) -> float:
    """P(some statistic is beyond c): given control's noise u and the common deviation s they are independent."""
    rest = np.sqrt(1.0 - roots**2)
    u, weight = _panels(-12.0, 12.0, float(rest.min()))
    weight = weight * np.exp(-(u**2) / 2.0) / np.sqrt(2.0 * np.pi)
    s, chance = _deviations(df)
    bound, noise = c * s[:, None, None], roots * u[:, None]
    beyond = ndtr((noise - bound) / rest) + (ndtr((-noise - bound) / rest) if two_sided else 0.0)
    inside = np.log1p(-np.minimum(beyond, 1.0 - 1e-16)).sum(axis=-1)
    return float(chance @ (-np.expm1(inside) @ weight))


def _deviations(df: float) -> tuple[Floats, Floats]:
    """Nodes and weights of the common standard deviation as estimated over as it is, on its logarithm."""
    if df > 1e7:
        return np.ones(1), np.ones(1)
    low, high = (np.log(chdtri(df, tail) / df) / 2.0 for tail in (1.0 - 1e-15, 1e-18))
    x, weight = _panels(float(low), float(high), 1.0 / np.sqrt(2.0 * df))
    squares = df * np.exp(2.0 * x)
    log = df / 2.0 * np.log(squares / 2.0) - squares / 2.0 - gammaln(df / 2.0) + np.log(2.0)
    chance = weight * np.exp(log)
    return np.exp(x), chance / chance.sum()


def _panels(low: float, high: float, scale: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre panels of 12 nodes, each about three scales wide."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    panels = int(np.ceil((high - low) / (3.0 * scale))) + 1
    half = (high - low) / (2.0 * panels)
    centres = low + half * (2.0 * np.arange(panels) + 1.0)
    return (centres[:, None] + half * nodes).ravel(), np.tile(half * weights, panels)


def _step_up(values: Floats, factor: float) -> Floats:
    order = np.argsort(values, kind="stable")
    ratios = values[order] * factor * values.size / np.arange(1, values.size + 1)
    return _back(order, np.minimum(np.minimum.accumulate(ratios[::-1])[::-1], 1.0))


def _back(order: NDArray[np.intp], ordered: Floats) -> Floats:
    result = np.empty_like(ordered)
    result[order] = ordered
    return result
