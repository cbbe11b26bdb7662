"""Proportions from counts: what holds where a normal approximation around each arm's own rate does not, such as
at 3 conversions of 1,000. The score test brings an interval of its own, so that p and interval agree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats
from stats.estimate import Pair
from stats.infer import CLOSE_TO_ZERO, NO_VARIATION, NOTHING_SPENT, TOO_FEW, Estimate, Rule, Side
from stats.moments import Moments

_RARE = 30.0  # below so many successes or failures in an arm, use the score test
_NORMAL_DF = 1e15  # a score is normal; rules want a finite number of degrees of freedom
_FARTHEST = 100.0  # no bound of a ratio of rates lies beyond e^100
_HALVINGS = 70
_LARGEST_EXACT = 1_000.0  # units of both arms for which Boschloo's test takes a second or so


@dataclass(frozen=True, eq=False)
class Counts:
    """Successes x among n units of control (0) and treatment (1), for any batch shape `[...]`.

    The four arrays broadcast, are copied and read-only. Errors: ValueError unless all are finite whole numbers
    with 0 <= x <= n.
    """

    x0: Floats
    n0: Floats
    x1: Floats
    n1: Floats

    def __post_init__(self) -> None:
        fields = ("x0", "n0", "x1", "n1")
        given = (_whole(f"Counts.{field}", getattr(self, field)) for field in fields)
        for field, array in zip(fields, np.broadcast_arrays(*given), strict=True):
            kept = array.copy()
            kept.setflags(write=False)
            object.__setattr__(self, field, kept)
        _at_most("control", self.x0, self.n0)
        _at_most("treatment", self.x1, self.n1)

    @classmethod
    def of(cls, control: Moments, treatment: Moments, column: str) -> "Counts":
        """Counts from the moments of a column of zeros and ones.

        Errors: ValueError for an unknown column, or for means and variances that zeros and ones cannot have.
        """
        (x0, n0), (x1, n1) = (_successes(arm, column) for arm in (control, treatment))
        return cls(x0, n0, x1, n1)


def rare(counts: Counts) -> NDArray[np.bool_]:
    """Whether an arm has fewer than 30 successes or failures, `[...]`: then use `score`, not a mean's `Pair`."""
    arms = (counts.x0, counts.n0 - counts.x0, counts.x1, counts.n1 - counts.x1)
    return np.asarray(np.minimum.reduce(arms) < _RARE)


def score(counts: Counts, rule: Rule, side: Side = "both") -> Estimate:
    """The Miettinen-Nurminen score test under any rule: difference, ratio, their intervals and p, `[...]`."""
    pair = score_pair(counts)
    return score_estimate(counts, rule.critical(pair, side), rule.p_value(pair, side=side))


def score_pair(counts: Counts, worth: float = 0.0, *, absolute: bool = False) -> Pair:
    """The score against a change of `worth` as a `Pair` on its own scale, so that every rule can read it, `[...]`.

    m1 is the score z, m0 is 0, the variance is 1 and df as good as infinite: `statistic(pair)` is z. Relative by
    default (p1 = (1 + worth) p0), absolute for p1 = p0 + worth; the two are one test at a worth of 0.
    z = (p1 - R) / sqrt(V), both rates of V fitted by maximum likelihood under the hypothesis, and V enlarged by
    N / (N - 1) (Miettinen & Nurminen 1985; Farrington & Manning 1990). Where an arm is empty the variance is infinite.

    Errors: ValueError unless worth is above -1, and below 1 if absolute.
    """
    _possible_worth(worth, absolute)
    known, safe = _known(counts)
    shift = np.full(known.shape, worth)
    z = _difference_score(safe, shift) if absolute else _ratio_score(safe, 1.0 + shift)
    zero = np.zeros(known.shape)
    variance = np.where(known, 1.0, np.inf)
    return Pair(zero, np.where(known, z, 0.0), zero, zero, variance, np.asarray(_NORMAL_DF), counts.n0 + counts.n1)


def score_estimate(counts: Counts, critical: ArrayLike, p_value: ArrayLike) -> Estimate:
    """All changes whose score is within the critical value, absolute and relative, `[...]`; see `score_pair`.

    As `stats.estimate`, for counts: critical and p_value come from one rule given `score_pair(counts)`. The
    intervals keep within -1 to 1 and above -100 %. Where control has no success the relative change does not
    exist (NaN) and has no upper bound; where treatment has none the lower bound is -100 %. se is that of the
    unrestricted rates, infinite where neither arm varies.
    """
    known, safe = _known(counts)
    c = np.broadcast_to(np.asarray(critical, dtype=np.float64), known.shape)
    bounded = known & np.isfinite(c)
    reach = np.where(bounded, np.maximum(c, 0.0), 1.0)
    p0, p1 = np.where(known, safe.x0 / safe.n0, np.nan), np.where(known, safe.x1 / safe.n1, np.nan)
    low, high = _difference_bounds(safe, reach)
    relative_low, relative_high = _ratio_bounds(safe, reach)
    variance = np.where(known, _variance(safe, safe.x0 / safe.n0, safe.x1 / safe.n1, 1.0), 0.0)
    return Estimate(
        difference=p1 - p0,
        low=np.where(bounded, low, -np.inf),
        high=np.where(bounded, high, np.inf),
        relative=np.where(p0 > 0.0, p1, np.nan) / np.where(p0 > 0.0, p0, 1.0) - 1.0,
        relative_low=np.where(bounded, relative_low, -np.inf),
        relative_high=np.where(bounded, relative_high, np.inf),
        p_value=np.broadcast_to(np.asarray(p_value, dtype=np.float64), known.shape),
        se=np.where(variance > 0.0, np.sqrt(variance), np.inf),
        df=np.full(known.shape, _NORMAL_DF),
        critical=c,
        n=counts.n0 + counts.n1,
        flags=_flags(known, c, safe),
    )


def wilson(successes: ArrayLike, n: ArrayLike, critical: ArrayLike) -> tuple[Floats, Floats]:
    """Interval of one rate by its score (Wilson 1927), `[...]` each; 0 and 1 where n is 0.

    critical: of a normal statistic, 1.96 for 95 %. Errors: ValueError as for `Counts`.
    """
    x, units = np.broadcast_arrays(_whole("successes", successes), _whole("n", n))
    _at_most("the arm", x, units)
    c = _critical(critical)
    return _wilson_low(x, units, c), 1.0 - _wilson_low(units - x, units, c)


def newcombe(counts: Counts, critical: ArrayLike) -> tuple[Floats, Floats]:
    """Hybrid score interval of p1 - p0 from each rate's Wilson interval (Newcombe 1998, method 10), `[...]` each.

    Not the inversion of a test: on the edge it may disagree with any p-value. -1 and 1 where an arm is empty.
    """
    known, safe = _known(counts)
    p0, p1 = safe.x0 / safe.n0, safe.x1 / safe.n1
    low0, high0 = wilson(safe.x0, safe.n0, critical)
    low1, high1 = wilson(safe.x1, safe.n1, critical)
    low = p1 - p0 - np.hypot(p1 - low1, high0 - p0)
    high = p1 - p0 + np.hypot(high1 - p1, p0 - low0)
    return np.where(known, low, -1.0), np.where(known, high, 1.0)


def boschloo(counts: Counts) -> Floats:
    """Exact two-sided p-value of equal rates, more powerful than Fisher's (Boschloo 1970), `[...]`.

    Twice the smaller of the one-sided p-values. 1 where neither arm varies or one is empty. One table at a time:
    for a table or a few. Errors: ValueError above 1,000 units, where the score test is as good.
    """
    largest = float((counts.n0 + counts.n1).max(initial=0.0))
    if largest > _LARGEST_EXACT:
        raise ValueError(f"a table has {largest:g} units; the exact test takes up to 1,000. Use score() instead.")
    return np.asarray(np.vectorize(_boschloo, otypes=[float])(counts.x0, counts.n0, counts.x1, counts.n1))


def _whole(name: str, values: ArrayLike) -> Floats:
    array = checks.finite(name, values)
    checks.at_least(name, array, 0.0)
    if (array != np.round(array)).any():
        bad = array[array != np.round(array)].flat[0]
        raise ValueError(f"{name} holds {bad:g}; counts must be whole numbers. For other outcomes use mean().")
    return array


def _at_most(name: str, x: Floats, n: Floats) -> None:
    if (x > n).any():
        at = np.flatnonzero(x > n)[0]
        raise ValueError(
            f"{name} has {x.flat[at]:g} successes of {n.flat[at]:g} units; count each unit once, as 0 or 1."
        )


def _successes(arm: Moments, column: str) -> tuple[Floats, Floats]:
    """Successes and units of an arm whose column must hold zeros and ones."""
    at = arm.column(column)
    p, n, variance = arm.mean[..., at], arm.n, arm.cov[..., at, at]
    x = np.round(p * n)
    fits = (np.abs(p * n - x) <= 1e-6 + 1e-9 * x) & (p >= 0.0) & (p <= 1.0 + 1e-12)
    expected = p * (1.0 - p) * n / np.maximum(n - 1.0, 1.0)
    fits &= (n < 2.0) | (np.abs(variance - expected) <= 1e-6 * expected + 1e-12)
    if not np.all(fits | (n == 0.0)):
        bad = np.flatnonzero(~(fits | (n == 0.0)))[0]
        raise ValueError(
            f"column {column!r} has mean {p.flat[bad]:g} and variance {variance.flat[bad]:g} over {n.flat[bad]:g} "
            "units, which zeros and ones cannot have. Use mean() for other outcomes."
        )
    return np.where(n > 0.0, np.minimum(x, n), 0.0), n


def _possible_worth(worth: float, absolute: bool) -> None:
    if not (-1.0 < worth < (1.0 if absolute else np.inf)):
        rule = "lie strictly between -1 and 1" if absolute else "be finite and above -1 (that is -100 %)"
        raise ValueError(f"worth is {worth!r}; it must {rule}.")


class _Arms(NamedTuple):
    """Counts without empty arms, so that rates exist; empty ones are replaced by 0 of 1."""

    x0: Floats
    n0: Floats
    x1: Floats
    n1: Floats


def _known(counts: Counts) -> tuple[NDArray[np.bool_], _Arms]:
    known = np.asarray((counts.n0 > 0.0) & (counts.n1 > 0.0))
    x0, x1 = np.where(known, counts.x0, 0.0), np.where(known, counts.x1, 0.0)
    return known, _Arms(x0, np.where(known, counts.n0, 1.0), x1, np.where(known, counts.n1, 1.0))


def _variance(arms: _Arms, p0: Floats, p1: Floats, theta: ArrayLike) -> Floats:
    """Variance of the difference p1 - theta p0 at these rates, with Miettinen and Nurminen's N / (N - 1)."""
    total = arms.n0 + arms.n1
    plain = p1 * (1.0 - p1) / arms.n1 + np.square(theta) * p0 * (1.0 - p0) / arms.n0
    return np.asarray(np.maximum(plain, 0.0) * total / (total - 1.0))


def _divide(distance: Floats, variance: Floats) -> Floats:
    """Score; 0 where there is no distance, whatever the variance."""
    root = np.sqrt(np.where(variance > 0.0, variance, np.finfo(float).tiny))
    return np.where(distance == 0.0, 0.0, distance / root)


def _difference_score(arms: _Arms, shift: Floats) -> Floats:
    """Score against p1 - p0 = shift."""
    up = shift >= 0.0
    lower = _fitted_lower(
        np.where(up, arms.x0, arms.x1), np.where(up, arms.n0, arms.n1),
        np.where(up, arms.x1, arms.x0), np.where(up, arms.n1, arms.n0), np.abs(shift),
    )  # fmt: skip
    upper = np.minimum(lower + np.abs(shift), 1.0)
    variance = _variance(arms, np.where(up, lower, upper), np.where(up, upper, lower), 1.0)
    return _divide(arms.x1 / arms.n1 - arms.x0 / arms.n0 - shift, variance)


def _fitted_lower(x: Floats, n: Floats, x_upper: Floats, n_upper: Floats, gap: Floats) -> Floats:
    """The lower of two rates that are `gap` apart, by maximum likelihood.

    Newton's method inside a bracket on the likelihood equation: the textbook's closed form for this cubic loses
    half of the digits where rates are small, which is just where this test is wanted.
    """
    low, high = np.zeros_like(gap), 1.0 - gap
    p = np.clip((x + x_upper - n_upper * gap) / (n + n_upper), 0.0, high)
    # Without successes the equation has a root at 0. Where it has no other, halving would come near for ever.
    p = np.where((x == 0.0) & (x_upper - n_upper * gap <= n * gap * (1.0 - gap)), 0.0, p)
    for _ in range(_HALVINGS):
        q = p + gap
        own, other = x - n * p, x_upper - n_upper * q
        slope = own * (1.0 - 2.0 * q) - n * q * (1.0 - q) + other * (1.0 - 2.0 * p) - n_upper * p * (1.0 - p)
        value = own * q * (1.0 - q) + other * p * (1.0 - p)
        low, high = np.where(value >= 0.0, p, low), np.where(value <= 0.0, p, high)
        step = p - value / np.where(slope != 0.0, slope, 1.0)
        following = np.where((step >= low) & (step <= high), step, (low + high) / 2.0)
        following = np.where(value == 0.0, p, following)
        done = (np.abs(following - p) <= 1e-14 * p).all()
        p = following
        if done:
            break
    return p


def _ratio_score(arms: _Arms, theta: Floats) -> Floats:
    """Score against p1 = theta p0; the likelihood equation is quadratic."""
    successes = arms.x0 + arms.x1
    minus_b = (arms.n1 + arms.x0) * theta + arms.n0 + arms.x1
    failures0, failures1 = arms.n0 - arms.x0, arms.n1 - arms.x1
    # The discriminant as a sum of squares and products above zero: nothing cancels.
    inner = (arms.n1 + arms.x0) * (theta - 1.0) + (failures1 - failures0)
    root = np.sqrt(inner**2 + 4.0 * theta * failures0 * failures1)
    p0 = np.minimum(2.0 * successes / (minus_b + root), 1.0)
    p1 = np.minimum(theta * p0, 1.0)
    return _divide(arms.x1 / arms.n1 - theta * (arms.x0 / arms.n0), _variance(arms, p0, p1, theta))


def _edge(reached: Callable[[Floats], NDArray[np.bool_]], inside: Floats, outside: Floats) -> Floats:
    """Where a set ends between a point inside and one outside, by bisection."""
    for _ in range(_HALVINGS):
        middle = (inside + outside) / 2.0
        beyond = reached(middle)
        inside, outside = np.where(beyond, inside, middle), np.where(beyond, middle, outside)
    return (inside + outside) / 2.0


def _difference_bounds(arms: _Arms, reach: Floats) -> tuple[Floats, Floats]:
    start = arms.x1 / arms.n1 - arms.x0 / arms.n0
    ends = np.stack([np.full_like(start, -1.0), np.ones_like(start)])
    found = _edge(lambda shift: np.asarray(np.abs(_difference_score(arms, shift)) > reach), np.stack([start] * 2), ends)
    low, high = np.where(start == ends, ends, found)
    return low, high


def _ratio_bounds(arms: _Arms, reach: Floats) -> tuple[Floats, Floats]:
    """Bounds of p1 / p0 - 1, searched on the logarithm of the ratio."""
    none0, none1 = arms.x0 == 0.0, arms.x1 == 0.0
    ratio = np.where(none0 | none1, 1.0, arms.x1 / arms.n1) / np.where(none0 | none1, 1.0, arms.x0 / arms.n0)
    start = np.where(none0, _FARTHEST, np.where(none1, -_FARTHEST, np.log(ratio)))
    ends = np.stack([np.full_like(start, -_FARTHEST), np.full_like(start, _FARTHEST)])
    low, high = _edge(
        lambda logs: np.asarray(np.abs(_ratio_score(arms, np.exp(logs))) > reach), np.stack([start] * 2), ends
    )
    return np.where(none1, -1.0, np.expm1(low)), np.where(none0, np.inf, np.expm1(high))


def _flags(known: NDArray[np.bool_], c: Floats, arms: _Arms) -> tuple[str, ...]:
    successes = arms.x0 + arms.x1
    found = {
        TOO_FEW: ~known,
        NO_VARIATION: known & ((successes == 0.0) | (successes == arms.n0 + arms.n1)),
        NOTHING_SPENT: np.isinf(c),
        CLOSE_TO_ZERO: known & np.isfinite(c) & (arms.x0 == 0.0),
    }
    return tuple(words for words, where in found.items() if np.any(where))


def _critical(critical: ArrayLike) -> Floats:
    c = np.asarray(critical, dtype=np.float64)
    if not np.all((c > 0.0) & np.isfinite(c)):
        raise ValueError(f"critical is {critical!r}; it must be finite and above 0, for instance 1.96.")
    return c


def _wilson_low(x: Floats, n: Floats, c: Floats) -> Floats:
    """The smaller root written as a quotient: exactly 0 at 0 and without cancellation near it."""
    units = np.maximum(n, 1.0)
    p = x / units
    return np.asarray(p**2 / (p + c**2 / (2.0 * units) + c * np.sqrt(p * (1.0 - p) / units + (c / (2.0 * units)) ** 2)))


def _boschloo(x0: float, n0: float, x1: float, n1: float) -> float:
    if min(n0, n1) == 0.0 or x0 + x1 in (0.0, n0 + n1):
        return 1.0
    from scipy.stats import boschloo_exact  # takes half a second to load, and few need it

    table = np.array([[x0, x1], [n0 - x0, n1 - x1]], dtype=np.int64)
    return float(min(boschloo_exact(table).pvalue, 1.0))
