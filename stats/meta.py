"""Several effects of one kind, of segments or of experiments: how much they differ truly, their common mean, and
each one shrunk towards it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize_scalar

from stats import checks
from stats.checks import Floats

TOO_FEW_EFFECTS = "fewer than two effects are known: nothing to compare"

_LEAST_FOR_SPREAD = 3
_METHODS = ("paule-mandel", "dersimonian-laird", "maximum-likelihood", "none")


class Meta(NamedTuple):
    """The common mean of k effects `[..., k]`, with shapes `[...]`: its standard error (infinite if no effect is
    known), the variance tau2 of the true effects, Cochran's q with its df, i2 = 1 - df / q (at least 0).
    """

    mean: Floats
    se: Floats
    tau2: Floats
    q: Floats
    df: Floats
    i2: Floats
    flags: tuple[str, ...]


class Heterogeneity(NamedTuple):
    """What effects say of the mean and spread of the true ones: candidates of their variance tau2, `[grid]`, with the
    weight of each (they add to 1), and given each the mean and its standard error.
    """

    tau2: Floats
    weight: Floats
    mean: Floats
    se: Floats


class Shrunk(NamedTuple):
    """Effects moved towards their mean, `[..., k]`, with posterior sd and the weight of that mean."""

    mean: Floats
    sd: Floats
    weight_to_mean: Floats


def meta_analysis(effects: ArrayLike, variances: ArrayLike, between: str = "paule-mandel") -> Meta:
    """Inverse-variance mean of effects `[..., k]` with random effects of variance tau2; see `Meta`.

    variances: of the effects, `[..., k]`, above 0; infinite where an effect is not known (it may be NaN then).
    between: how tau2 is found: "paule-mandel" (1982), "dersimonian-laird" (1986), "maximum-likelihood", or
    "none" for one common (fixed) effect. All truncate at 0.

    Errors: ValueError for shapes that differ, variances not above 0, an unknown method.
    """
    d, v, known = known_effects(effects, variances)
    tau2 = between_variance(effects, variances, between)
    mean, weight = _pooled(d, v, known, tau2)
    plain, weights = _pooled(d, v, known, np.zeros_like(tau2))
    q = (weights * (d - plain[..., None]) ** 2).sum(axis=-1)
    df = np.maximum(known.sum(axis=-1) - 1.0, 0.0)
    i2 = np.where(q > df, 1.0 - df / np.where(q > df, q, 1.0), 0.0)
    total = weight.sum(axis=-1)
    se = np.where(total > 0.0, 1.0 / np.sqrt(np.where(total > 0.0, total, 1.0)), np.inf)
    return Meta(mean, se, tau2, q, df, i2, (TOO_FEW_EFFECTS,) if (df < 1.0).any() else ())


def between_variance(effects: ArrayLike, variances: ArrayLike, method: str = "paule-mandel") -> Floats:
    """The variance of the true effects, `[...]`, 0 where fewer than two are known; see `meta_analysis`."""
    d, v, known = known_effects(effects, variances)
    found = {"paule-mandel": _paule_mandel, "dersimonian-laird": _dersimonian_laird, "maximum-likelihood": _likelihood}
    if checks.one_of("method", method, _METHODS) == "none":
        return np.zeros(d.shape[:-1])
    return np.where(known.sum(axis=-1) > 1, found[method](d, v, known), 0.0)


def shrink(effects: ArrayLike, variances: ArrayLike, mean: ArrayLike, tau2: ArrayLike) -> Shrunk:
    """Empirical-Bayes estimates under true effects of that mean and variance, `[..., k]`; see `Shrunk`.

    mean, tau2: `[...]`, of `meta_analysis`, or of past experiments. The weight of the mean is v / (v + tau2)
    (Efron & Morris 1975). An effect that is not known is given the mean.

    Errors: as `meta_analysis`; ValueError for a negative tau2.
    """
    d, v, known = known_effects(effects, variances)
    spread = checks.finite("tau2", tau2)[..., None]
    checks.at_least("tau2", spread, 0.0)
    centre = checks.finite("mean", mean)[..., None]
    weight = np.where(known, v / (v + spread), 1.0)
    return Shrunk(weight * centre + (1.0 - weight) * d, np.sqrt(np.where(known, weight, 1.0) * spread), weight)


def heterogeneity(effects: ArrayLike, variances: ArrayLike, points: int = 121) -> Heterogeneity:
    """The posterior of tau on a grid, from effects `[k]`, with flat priors of tau and the mean (Gelman 2006).

    Unlike a single estimate of tau2 it knows how little few effects say of it: sums and intervals averaged over it
    hold what they promise. It is proper for three effects or more.

    Errors: as `meta_analysis`; ValueError for fewer than three known effects.
    """
    d, v, known = known_effects(effects, variances)
    if d.ndim != 1 or known.sum() < _LEAST_FOR_SPREAD:
        raise ValueError(f"{known.sum()} effects of shape {d.shape}; a spread takes one list of at least three.")
    return _spreads(d[known], v[known], points)


def shrink_each(effects: ArrayLike, variances: ArrayLike) -> Shrunk:
    """Effects `[k]` moved towards their mean, averaged over what their true spread may be; see `Shrunk`.

    `shrink` takes one estimate of tau2 as known, and of few effects that is often 0 where true effects do differ: its
    intervals of 95 % then miss a truth in up to .25. Here tau is unsure (`heterogeneity`), as is the mean, and the sd
    holds both. Of two effects the flat prior of tau ends where the grid does, ten times beyond what they show.

    Errors: as `meta_analysis`; ValueError for fewer than two known effects.
    """
    d, v, known = known_effects(effects, variances)
    if d.ndim != 1 or known.sum() < 2:
        raise ValueError(f"{known.sum()} effects of shape {d.shape}; give one list with at least two that are known.")
    found = _spreads(d[known], v[known], 121)
    shape = found.tau2.size, d.size
    moved = shrink(np.broadcast_to(effects, shape), np.broadcast_to(variances, shape), found.mean, found.tau2)
    mean, weight = found.weight @ moved.mean, found.weight @ moved.weight_to_mean
    unsure = moved.sd**2 + (moved.weight_to_mean * found.se[:, None]) ** 2 + (moved.mean - mean) ** 2
    return Shrunk(mean, np.sqrt(found.weight @ unsure), weight)


def _spreads(d: Floats, v: Floats, points: int) -> Heterogeneity:
    """The posterior of tau and, given it, of the mean."""
    widest = (np.std(d) + np.sqrt(v.min())) * (1.0 + 10.0 / np.sqrt(d.size - 1.0))
    tau2 = np.linspace(0.0, widest, points) ** 2
    precision = 1.0 / (v + tau2[:, None])
    total = precision.sum(axis=-1)
    mean = (precision * d).sum(axis=-1) / total
    squares = (precision * (d - mean[:, None]) ** 2).sum(axis=-1)
    log = 0.5 * (np.log(precision).sum(axis=-1) - np.log(total) - squares)
    weight = np.exp(log - log.max())
    return Heterogeneity(tau2, weight / weight.sum(), mean, 1.0 / np.sqrt(total))


def known_effects(effects: ArrayLike, variances: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Effects (0 where not known), variances (1 where not known) and where they are known, `[..., k]` each.

    Errors: ValueError for shapes that differ, variances that are NaN or not above 0, an effect that is not
    finite although its variance is.
    """
    d, v = np.asarray(effects, dtype=np.float64), np.asarray(variances, dtype=np.float64)
    if d.shape != v.shape or d.ndim == 0 or d.shape[-1] == 0:
        raise ValueError(f"effects have shape {d.shape}, variances {v.shape}; give one of each per effect.")
    if not (v > 0.0).all():
        raise ValueError(f"variances hold {v[~(v > 0.0)].flat[0]}; each must be above 0, infinite if not known.")
    known = np.isfinite(v)
    checks.finite("effects", np.where(known, d, 0.0))
    return np.where(known, d, 0.0), np.where(known, v, 1.0), known


def _pooled(d: Floats, v: Floats, known: NDArray[np.bool_], tau2: Floats) -> tuple[Floats, Floats]:
    """The weighted mean, 0 where nothing is known, and the weights."""
    weight = np.where(known, 1.0 / (v + tau2[..., None]), 0.0)
    total = weight.sum(axis=-1)
    return (weight * d).sum(axis=-1) / np.where(total > 0.0, total, 1.0), weight


def _dersimonian_laird(d: Floats, v: Floats, known: NDArray[np.bool_]) -> Floats:
    mean, w = _pooled(d, v, known, np.zeros(d.shape[:-1]))
    excess = (w * (d - mean[..., None]) ** 2).sum(axis=-1) - (known.sum(axis=-1) - 1.0)
    total = w.sum(axis=-1)
    scale = total - (w**2).sum(axis=-1) / np.where(total > 0.0, total, 1.0)
    return np.where(scale > 0.0, np.maximum(excess, 0.0) / np.where(scale > 0.0, scale, 1.0), 0.0)


def _paule_mandel(d: Floats, v: Floats, known: NDArray[np.bool_]) -> Floats:
    """The tau2 at which the weighted squares equal their degrees of freedom, by bisection: they fall with tau2."""
    df = known.sum(axis=-1) - 1.0
    centre = (d * known).sum(axis=-1) / np.maximum(df + 1.0, 1.0)
    squares = (known * (d - centre[..., None]) ** 2).sum(axis=-1)
    low, high = np.zeros_like(squares), squares / np.maximum(df, 1.0)

    def above(tau2: Floats) -> NDArray[np.bool_]:
        mean, weight = _pooled(d, v, known, tau2)
        return np.asarray((weight * (d - mean[..., None]) ** 2).sum(axis=-1) > df)

    heterogeneous = above(low)
    for _ in range(100):
        middle = (low + high) / 2.0
        over = above(middle)
        low, high = np.where(over, middle, low), np.where(over, high, middle)
    return np.where(heterogeneous, (low + high) / 2.0, 0.0)


def _likelihood(d: Floats, v: Floats, known: NDArray[np.bool_]) -> Floats:
    """The tau2 of the largest marginal likelihood of N(mean, tau2 + v), the mean profiled out."""
    flat = [part.reshape(-1, d.shape[-1]) for part in (d, v, known)]
    found = [_likeliest(row[kept], spread[kept]) for row, spread, kept in zip(*flat, strict=True)]
    return np.array(found).reshape(d.shape[:-1])


def _likeliest(d: Floats, v: Floats) -> float:
    def cost(tau: float) -> float:
        mean = np.average(d, weights=1.0 / (v + tau**2))
        return float((np.log(v + tau**2) + (d - mean) ** 2 / (v + tau**2)).sum())

    if d.size < 2 or not np.ptp(d):
        return 0.0
    grid = np.linspace(0.0, float(np.ptp(d)), 101)
    best = int(np.argmin([cost(tau) for tau in grid]))
    around = (grid[max(best - 1, 0)], grid[min(best + 1, 100)])
    tau = float(minimize_scalar(cost, bounds=around, method="bounded", options={"xatol": 1e-10 * grid[-1]}).x)
    return tau**2 if cost(tau) < cost(0.0) else 0.0
