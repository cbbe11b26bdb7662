"""Methods that need the rows themselves: bootstrap, permutation, ranks, and the replay of A/A tests on a metric's
real data. They check the methods that work from moments, and serve metrics too small or odd for them.
"""

from collections.abc import Callable, Sequence
from itertools import combinations
from math import comb
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_tail
from stats.estimate import Pair
from stats.infer import NO_VARIATION, TOO_FEW, Fixed, Rule
from stats.moments import Moments

_AT_ONCE = 4_000_000  # weights or shuffled values held in memory
_LEAST_DRAWS = 100  # below it a share of draws says nothing
_EXACT = 100_000  # splits, up to which a permutation test takes every one

TOO_MANY_FALSE = "more false positives than the level allows: do not trust this metric's p-values at this size"
TOO_FEW_FALSE = "fewer false positives than the level allows: this metric's intervals are wider than needed"


class Resampled(NamedTuple):
    """A difference (treatment less control) with its percentile interval, standard error and p-value from
    resampling; `draws` resamples were used. flags: in words. Unknown: NaN difference, infinite interval and se.
    """

    difference: float
    low: float
    high: float
    se: float
    p_value: float
    draws: int
    flags: tuple[str, ...]


class Permuted(NamedTuple):
    """A difference of means with its permutation p-value; `exact` if every split was taken, `splits` of them."""

    difference: float
    p_value: float
    splits: int
    exact: bool
    flags: tuple[str, ...]


class Ranked(NamedTuple):
    """Mann-Whitney: effect is the chance that a unit of treatment has more than one of control, ties half (.5 is
    no effect); u the statistic (pairs won by treatment), z its score after correction, and p two-sided.
    """

    effect: float
    u: float
    z: float
    p_value: float
    flags: tuple[str, ...]


class Calibration(NamedTuple):
    """A/A replay: the share of p-values at or below each of `levels`, `[levels]`, with its Monte-Carlo error, and
    all p-values, `[splits]`. flags: in words.
    """

    levels: Floats
    rates: Floats
    errors: Floats
    p_values: Floats
    flags: tuple[str, ...]


Statistic = Callable[[Floats], Floats]
"""Weighted means of the columns, `[draws, k]`, to what is compared, `[draws]`."""


def generator(rng: np.random.Generator, draws: int = _LEAST_DRAWS) -> np.random.Generator:
    """Return `rng`, for so many draws; ValueError if it is something else, or for fewer than 100 draws."""
    if not isinstance(rng, np.random.Generator):
        raise ValueError(f"rng is {rng!r}; it must be a numpy Generator, for instance numpy.random.default_rng(1).")
    if draws < _LEAST_DRAWS:
        raise ValueError(f"{draws!r} draws are too few; take at least {_LEAST_DRAWS}, or the result is noise.")
    return rng


def first_column(means: Floats) -> Floats:
    """The mean of the first column."""
    return means[..., 0]


def poisson_bootstrap(
    control: ArrayLike,
    treatment: ArrayLike,
    statistic: Statistic = first_column,
    *,
    rng: np.random.Generator,
    draws: int = 2_000,
    alpha: float = 0.05,
) -> Resampled:
    """Percentile interval of a difference of any function of means (Chamandy, Muralidharan, Najmi, Naidu 2012).

    control, treatment: rows `[units]` or `[units, k]`. Every unit gets a weight from Poisson(1) in each draw; a
    ratio is `lambda m: m[:, 0] / m[:, 1]`. p is twice the smaller share of draws on either side of zero, 1 added
    to both counts, so that it hardly falls below 2 / draws. Nothing is known with fewer than two units in an arm.
    Errors: ValueError for rows that are not finite or do not fit, and for fewer than 100 draws.
    """
    checks.level("alpha", alpha)
    arms, chooser = (_rows("control", control), _rows("treatment", treatment)), generator(rng, draws)
    if arms[0].shape[1] != arms[1].shape[1]:
        raise ValueError(f"control has {arms[0].shape[1]} columns, treatment {arms[1].shape[1]}; give the same.")
    if min(len(arm) for arm in arms) < 2:
        return Resampled(_difference(arms, statistic), -np.inf, np.inf, np.inf, 1.0, draws, (TOO_FEW,))
    moved = _weighted(arms[1], statistic, draws, chooser) - _weighted(arms[0], statistic, draws, chooser)
    if not np.isfinite(moved).all():
        raise ValueError("the statistic is not finite in some resample; are there zero denominators? Use mean().")
    difference = _difference(arms, statistic)
    if _constant(arms):
        return Resampled(difference, -np.inf, np.inf, np.inf, 1.0, draws, (NO_VARIATION,))
    low, high = _percentiles(np.sort(moved), alpha)
    side = 1 + min(int((moved <= 0.0).sum()), int((moved >= 0.0).sum()))
    p = min(2.0 * side / (draws + 1), 1.0)
    return Resampled(difference, low, high, float(moved.std(ddof=1)), p, draws, ())


def permutation(control: ArrayLike, treatment: ArrayLike, *, rng: np.random.Generator, draws: int = 10_000) -> Permuted:
    """Permutation test of a difference of means (Fisher 1935; Pitman 1937); values `[units]` per arm.

    Exact where there are at most 100,000 ways to split the units, else from `draws` random splits, the real one
    counted among them. Two-sided: twice the smaller tail. It tests that treatment changes no unit's outcome; for
    means alone, with unlike variances and unequal arms, use `mean`. Errors: ValueError for values that are not
    finite, for no values in both arms together, and for fewer than 100 draws.
    """
    first, second = (_rows(name, rows)[:, 0] for name, rows in (("control", control), ("treatment", treatment)))
    chooser = generator(rng, draws)
    if min(first.size, second.size) == 0:
        return Permuted(float("nan"), 1.0, 0, False, (TOO_FEW,))
    pooled = np.concatenate([first, second]) - first[0]
    exact = comb(pooled.size, first.size) <= _EXACT
    totals = _all_totals(pooled, first.size) if exact else _random_totals(pooled, first.size, draws, chooser)
    real, near = pooled[: first.size].sum(), 1e-12 * np.abs(pooled).sum()
    tail = min(int((totals <= real + near).sum()), int((totals >= real - near).sum()))
    p = tail / totals.size if exact else (1 + tail) / (1 + totals.size)
    flags = (NO_VARIATION,) if np.ptp(pooled) == 0.0 else ()
    return Permuted(float(second.mean() - first.mean()), min(2.0 * p, 1.0), totals.size, exact, flags)


def mann_whitney(control: ArrayLike, treatment: ArrayLike) -> Ranked:
    """Whether one arm's values tend to be larger, by ranks; values `[units]` per arm (Mann & Whitney 1947).

    Normal approximation with the variance corrected for ties and a continuity correction: good from about eight
    units per arm. It is not a test of means: on skewed revenue the two may point in opposite directions.
    Errors: ValueError for values that are not finite.
    """
    first, second = (_rows(name, rows)[:, 0] for name, rows in (("control", control), ("treatment", treatment)))
    n0, n1 = first.size, second.size
    if min(n0, n1) == 0:
        return Ranked(float("nan"), float("nan"), 0.0, 1.0, (TOO_FEW,))
    _, which, ties = np.unique(np.concatenate([first, second]), return_inverse=True, return_counts=True)
    ranks = np.cumsum(ties) - (ties - 1) / 2.0
    u = float(ranks[which[n0:]].sum()) - n1 * (n1 + 1) / 2.0
    n, repeated = float(n0 + n1), ties.astype(np.float64)
    variance = n0 * n1 / 12.0 * (n + 1.0 - float((repeated**3 - repeated).sum()) / (n * (n - 1.0)))
    if ties.size == 1:
        return Ranked(u / (n0 * n1), u, 0.0, 1.0, (NO_VARIATION,))
    distance = u - n0 * n1 / 2.0
    z = float(np.copysign(max(abs(distance) - 0.5, 0.0), distance) / np.sqrt(variance))
    return Ranked(u / (n0 * n1), u, z, min(2.0 * float(normal_tail(abs(z))), 1.0), ())


def replay(
    names: Sequence[str],
    rows: ArrayLike,
    method: Callable[[Moments, Moments], Pair],
    *,
    rng: np.random.Generator,
    splits: int = 1_000,
    share: float = 0.5,
    levels: ArrayLike = (0.01, 0.05, 0.1),
    rule: Rule | None = None,
) -> Calibration:
    """Replay A/A tests: split real rows at random, again and again, and count the false positives.

    rows: `[units, k]` of the named columns. method: from both arms' moments to a `Pair`, for instance
    `lambda c, t: mean(c, t, "revenue")`. share: of units in treatment. rule: whose p-values are replayed, one
    look; Student's t by default. A sound test gives uniform p-values: rates near the levels. Flags tell where a
    rate is more than four Monte-Carlo errors off. Errors: ValueError for rows that are not finite or do not fit
    the names, levels outside 0 to 1, or fewer than 100 splits.
    """
    values, chooser, at = checks.finite("rows", rows), generator(rng, splits), checks.probabilities("levels", levels)
    if values.ndim != 2 or values.shape[1] != len(names):
        raise ValueError(f"rows have shape {values.shape}; give [units, {len(names)}] for {list(names)}.")
    treated, judge = round(checks.level("share", share) * len(values)), Fixed(0.05) if rule is None else rule
    p_values, known = [], True
    for first in range(0, splits, at_once := max(1, _AT_ONCE // max(values.size, 1))):
        order = _orders(len(values), min(at_once, splits - first), chooser)
        control = Moments.of(names, values[order[:, treated:]])
        pair = method(control, Moments.of(names, values[order[:, :treated]]))
        p_values.append(judge.p_value(pair))
        known &= bool(np.isfinite(pair.v00 + pair.v11).all())
    p = np.concatenate(p_values)
    rates = (p[:, None] <= at).mean(axis=0)
    errors = np.sqrt(np.maximum(rates * (1.0 - rates), 1.0 / splits**2) / splits)
    return Calibration(at, rates, errors, p, _calibration_flags(rates, at, p, known))


def _rows(name: str, rows: ArrayLike) -> Floats:
    """Rows `[units, k]`, of one column if a list is given."""
    values = checks.finite(name, rows)
    if values.ndim not in (1, 2) or (values.ndim == 2 and values.shape[1] == 0):
        raise ValueError(f"{name} has shape {values.shape}; give one row per unit: [units] or [units, columns].")
    return values[:, None] if values.ndim == 1 else values


def _difference(arms: tuple[Floats, Floats], statistic: Statistic) -> float:
    """Of the arms as they are; NaN where one is empty."""
    if min(len(arm) for arm in arms) == 0:
        return float("nan")
    control, treatment = (float(statistic(arm.mean(axis=0)[None])[0]) for arm in arms)
    return treatment - control


def _constant(arms: tuple[Floats, Floats]) -> bool:
    return all(bool((arm == arm[0]).all()) for arm in arms)


def _weighted(rows: Floats, statistic: Statistic, draws: int, rng: np.random.Generator) -> Floats:
    """The statistic under Poisson weights, `[draws]`; an all-zero draw is drawn as a plain mean."""
    at_once, found = max(1, _AT_ONCE // len(rows)), []
    centre = rows[0]  # taken out before summing, so that a large level costs no digits
    for first in range(0, draws, at_once):
        weights = rng.poisson(1.0, (min(at_once, draws - first), len(rows))).astype(np.float64)
        weights[weights.sum(axis=1) == 0.0] = 1.0
        means = weights @ (rows - centre) / weights.sum(axis=1, keepdims=True) + centre
        found.append(np.asarray(statistic(means), dtype=np.float64))
    return np.concatenate(found)


def _percentiles(moved: Floats, alpha: float) -> tuple[float, float]:
    """Ends of the interval, at the very draws that decide whether p is at most alpha."""
    beyond = int(np.floor(alpha * (moved.size + 1) / 2.0 * (1.0 + 1e-12)))
    if beyond == 0:
        return -np.inf, np.inf
    return float(moved[beyond - 1]), float(moved[moved.size - beyond])


def _all_totals(pooled: Floats, size: int) -> Floats:
    """Control's total under every split."""
    return np.asarray(pooled[np.array(list(combinations(range(pooled.size), size)))].sum(axis=1))


def _random_totals(pooled: Floats, size: int, draws: int, rng: np.random.Generator) -> Floats:
    at_once, found = max(1, _AT_ONCE // pooled.size), []
    for first in range(0, draws, at_once):
        order = _orders(pooled.size, min(at_once, draws - first), rng)
        found.append(pooled[order[:, :size]].sum(axis=1))
    return np.concatenate(found)


def _orders(units: int, draws: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """Random orders of the units, `[draws, units]`."""
    return rng.permuted(np.tile(np.arange(units), (draws, 1)), axis=1)


def _calibration_flags(rates: Floats, levels: Floats, p: Floats, known: bool) -> tuple[str, ...]:
    if (p == 1.0).all():
        return (NO_VARIATION if known else TOO_FEW,)
    off = (rates - levels) / np.sqrt(np.maximum(levels * (1.0 - levels), 1e-12) / p.size)
    found = {TOO_MANY_FALSE: off > 4.0, TOO_FEW_FALSE: off < -4.0}
    return tuple(words for words, where in found.items() if where.any())
