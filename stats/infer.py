"""Inference: one critical value c from a rule turns a `Pair` into intervals, and p-values come by inversion
of the same rule. So the p-value, the absolute and the relative interval cannot disagree.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import lambertw

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_to_t, t_bound, t_tail, t_to_normal
from stats.estimate import Pair
from stats.sequential import Spending, boundaries, sequential_p

_FEW = 100.0  # below so many degrees of freedom the t-mixture takes the normal mixture's place

Side = Literal["both", "greater", "less"]
"""Against which departures a test is: both, treatment greater than the worth tested, or less."""

CLOSE_TO_ZERO = "control too close to zero for a relative change"
NEGATIVE_CONTROL = "control mean below zero: the relative change has the opposite sign of the difference"
NO_VARIATION = "no variation in either arm: nothing can be tested"
TOO_FEW = "too few units for an interval"
NOTHING_SPENT = "nothing may be concluded at this look: the interval is unbounded"


_F = TypeVar("_F", bound=Callable[..., Any])


def _quietly(function: _F) -> _F:
    """What is not finite on the way is told apart at the end, in one place instead of at every step."""
    return np.errstate(divide="ignore", invalid="ignore", over="ignore")(function)


@dataclass(frozen=True, eq=False)
class Estimate:
    """What is known of a difference, for any batch shape `[...]`.

    difference = m1 - m0 with its interval low..high; relative = m1 / m0 - 1 with its own; se of the
    difference; df, critical value and n (units of both arms) they rest on. flags: in words, what holds of at
    least one element of the batch. Unbounded intervals are infinite; what does not exist is NaN.
    """

    difference: Floats
    low: Floats
    high: Floats
    relative: Floats
    relative_low: Floats
    relative_high: Floats
    p_value: Floats
    se: Floats
    df: Floats
    critical: Floats
    n: Floats
    flags: tuple[str, ...]


class Rule(Protocol):
    """A rule of inference: how large a statistic must be. Rules are frozen and know no data."""

    def critical(self, pair: Pair, side: Side = "both") -> Floats:
        """The size the statistic must reach, `[...]`; for one side, the size on that side."""

    def p_value(self, pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False, side: Side = "both") -> Floats:
        """The smallest alpha at which the rule rejects that the change is `worth` (see `statistic`)."""


@_quietly
def estimate(pair: Pair, critical: ArrayLike, p_value: ArrayLike) -> Estimate:
    """Intervals d -/+ c se and, with the same c, Fieller's relative interval; see `Estimate`.

    critical and p_value come from one rule. With the critical value of one side, `low` (or `high`) alone is
    the bound of that side.
    """
    difference, se = pair.m1 - pair.m0, standard_error(pair)
    c = _like(critical, se)
    low, high, relative = difference - c * se, difference + c * se, difference / pair.m0
    relative_low, relative_high = _fieller(pair, c, difference, (low, high))
    return Estimate(
        difference=difference,
        low=np.where(np.isfinite(low), low, -np.inf),
        high=np.where(np.isfinite(high), high, np.inf),
        relative=np.where(np.isfinite(relative), relative, np.nan),
        relative_low=relative_low,
        relative_high=relative_high,
        p_value=_like(p_value, se),
        se=se,
        df=pair.df,
        critical=c,
        n=pair.n,
        flags=_flags(pair, c, se, np.isinf(relative_low)),
    )


@_quietly
def standard_error(pair: Pair, lift: ArrayLike = 0.0) -> Floats:
    """Standard error of m1 - (1 + lift) m0, `[...]`; infinite where it is not known.

    No variation in either arm counts as not known: constant outcomes prove nothing about the next unit.
    """
    times = 1.0 + np.asarray(lift, dtype=np.float64)
    variance = pair.v11 - 2.0 * times * pair.v01 + times**2 * pair.v00
    return np.where(variance > 0.0, np.sqrt(variance), np.inf)


def statistic(pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False) -> Floats:
    """The test statistic against a change of `worth`, `[...]`; 0 where nothing can be tested.

    Relative by default: (m1 - (1 + L) m0) / se(L), so that the noise of control counts. Absolute:
    (m1 - m0 - L) / se. At a worth of 0 the two are the same.
    """
    shift = np.asarray(worth, dtype=np.float64)
    se = standard_error(pair, 0.0 if absolute else shift)
    found = (pair.m1 - pair.m0 - (shift if absolute else shift * pair.m0)) / se
    return np.where(np.isnan(found), 0.0, found)


@_quietly
def fieller(pair: Pair, critical: ArrayLike) -> tuple[Floats, Floats]:
    """Relative interval {L : |statistic(L)| <= c} (Fieller 1954), `[...]` each; low is never above high.

    Where control's mean is within c standard errors of zero the set is unbounded and -inf, inf are given,
    as they are where the standard error or c is infinite. Written in the difference rather than in the
    means, so that large means lose no digits and zero lies inside exactly if the absolute interval holds it.
    """
    d, se = pair.m1 - pair.m0, standard_error(pair)
    c = _like(critical, se)
    return _fieller(pair, c, d, (d - c * se, d + c * se))


def _fieller(pair: Pair, c: Floats, d: Floats, ends: tuple[Floats, Floats]) -> tuple[Floats, Floats]:
    """From the ends of the absolute interval of d = m1 - m0."""
    m0, m1, v00, v01, v11, c2 = pair.m0, pair.m1, pair.v00, pair.v01, pair.v11, c**2
    square = m0**2
    a = square - c2 * v00
    half = d * m0 - c2 * (v01 - v00)
    spread = square * v11 - 2.0 * m0 * m1 * v01 + m1**2 * v00 - c2 * (v00 * v11 - v01**2)
    outer = half + np.copysign(c * np.sqrt(np.maximum(spread, 0.0)), half)
    # The product of the two roots is end / a: the nearer one so found keeps its sign and digits. It is 0/0, and left
    # out, only where both are 0.
    end = ends[0] * ends[1]
    first, second, bounded = outer / a, end / outer, (a > 0.0) & np.isfinite(end)
    return np.where(bounded, np.fmin(first, second), -np.inf), np.where(bounded, np.fmax(first, second), np.inf)


@dataclass(frozen=True)
class Fixed:
    """One look, planned: Student's t with the pair's degrees of freedom. Not valid for peeking."""

    alpha: float

    def __post_init__(self) -> None:
        checks.level("alpha", self.alpha)

    def critical(self, pair: Pair, side: Side = "both") -> Floats:
        """The upper alpha/2 point of t, or alpha for one side, `[...]`."""
        return t_bound(self.alpha / 2.0 if side == "both" else self.alpha, pair.df)

    def p_value(self, pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False, side: Side = "both") -> Floats:
        """Welch's p-value against a change of `worth` (see `statistic`), `[...]`."""
        size = _towards(statistic(pair, worth, absolute=absolute), side)
        return t_tail(size, pair.df) * (2.0 if side == "both" else 1.0)


@dataclass(frozen=True)
class AlwaysValid:
    """A confidence sequence: valid at every moment, however often one looks.

    The normal mixture of Robbins 1970 as an asymptotic sequence (Waudby-Smith, Arbour, Sinha, Kennedy, Ramdas
    2021): with t = n rho^2, reject if z^2 t / (t + 1) >= 2 ln E, where E = sqrt(t + 1) / alpha, and for one
    side E = 1 + sqrt(t + 1) / (2 alpha). Solving the half-normal mixture for one side exactly would take a root per
    look and give .05 to .2 % less at an alpha of .0125, 1.2 % at most at .05. Below 100 degrees of
    freedom the t-mixture of Lindon, Ham, Tingley, Bojinov 2022 takes its place.

    planned: the number of units of both arms at which the band is tightest, fixed at launch; it sets
    rho^2 = t* / planned, t* = -W(-a^2 / e) - 1 on the lower branch, a being alpha (for one side 2 alpha).
    Or give rho itself. Errors: ValueError unless exactly one of the two is given and is above 0.
    """

    alpha: float
    planned: float | None = None
    rho: float | None = None

    def __post_init__(self) -> None:
        checks.level("alpha", self.alpha)
        if (self.planned is None) == (self.rho is None):
            raise ValueError("AlwaysValid needs planned (the units of both arms expected) or rho; give one.")
        checks.positive("planned" if self.rho is None else "rho", self.planned or self.rho or 0.0)

    def critical(self, pair: Pair, side: Side = "both") -> Floats:
        """The size the statistic must reach at this n, `[...]`; infinite where n or df is too small."""
        t = self._time(pair, side)
        root = np.sqrt(t + 1.0)
        log_e = np.log(root / self.alpha) if side == "both" else np.log1p(root / (2.0 * self.alpha))
        bound, few = _normal_mixture_bound(log_e, t), pair.df < _FEW
        if not np.count_nonzero(few):
            return bound
        return np.where(few, _t_mixture_bound(log_e, t, np.minimum(pair.df, _FEW)), bound)  # or it may overflow

    def p_value(self, pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False, side: Side = "both") -> Floats:
        """The smallest alpha that rejects a change of `worth` at this moment, rho held, `[...]`."""
        t, size = self._time(pair, side), _towards(statistic(pair, worth, absolute=absolute), side)
        size = np.maximum(size, 0.0)
        log_e, few = size**2 * t / (t + 1.0) / 2.0, pair.df < _FEW
        if np.count_nonzero(few):
            log_e = np.where(few, _t_mixture(size, t, np.minimum(pair.df, _FEW)), log_e)
        log_root = np.log1p(t) / 2.0
        if side == "both":
            return np.asarray(np.exp(np.minimum(log_root - log_e, 0.0)))
        over = np.maximum(log_e, 1e-300)  # ln(E - 1) = ln E + ln(1 - 1/E)
        return np.asarray(np.exp(np.minimum(log_root - np.log(2.0) - over - np.log(-np.expm1(-over)), 0.0)))

    def _time(self, pair: Pair, side: Side) -> Floats:
        if self.rho is not None:
            return pair.n * self.rho**2
        level = min(self.alpha if side == "both" else 2.0 * self.alpha, 0.999)
        tightest = -float(lambertw(-(level**2) / np.e, -1).real) - 1.0
        return pair.n * tightest / (self.planned or 1.0)


@dataclass(frozen=True)
class GroupSequential:
    """The last of several looks, under a spending function; see `stats.sequential.boundaries`.

    fractions: spending times of all looks so far, this one included. information: units (or anything
    proportional to information) at each. spending: a name or a spending function. The normal boundary is
    carried to Student's t by equal tail probability, so that small samples keep their level.

    Its p-value is the smallest alpha that would be crossed *at this look*; for the looks so far together
    use `sequential_p` on their `normal_scores`.
    """

    alpha: float
    fractions: tuple[float, ...]
    information: tuple[float, ...]
    spending: str | Spending = "obrien-fleming"

    def __post_init__(self) -> None:
        checks.level("alpha", self.alpha)
        times, units = checks.looks(self.fractions, self.information)
        object.__setattr__(self, "fractions", times)
        object.__setattr__(self, "information", units)

    def critical(self, pair: Pair, side: Side = "both") -> Floats:
        """The boundary of this look, `[...]`; infinite where the look spends nothing."""
        bounds = boundaries(
            self.alpha, self.fractions, self.information, spending=self.spending, two_sided=side == "both"
        )
        return normal_to_t(bounds[-1], pair.df)

    def p_value(self, pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False, side: Side = "both") -> Floats:
        """The smallest alpha whose boundary of this look is crossed, `[...]`; one solution per element."""
        scores = _towards(normal_scores(pair, worth, absolute=absolute), side)
        return np.asarray(np.vectorize(lambda z: self._p_value(z, side), otypes=[float])(scores))

    def _p_value(self, z: float, side: Side) -> float:
        before = [np.nan] * (len(self.fractions) - 1)
        return sequential_p(
            [*before, z], self.fractions, self.information, spending=self.spending, two_sided=side == "both"
        )


def normal_scores(pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False) -> Floats:
    """The statistic on the normal scale, by equal tail probability, `[...]`: what `sequential_p` takes."""
    return t_to_normal(statistic(pair, worth, absolute=absolute), pair.df)


def _like(values: ArrayLike, se: Floats) -> Floats:
    """Values as an array of the batch's shape."""
    array = np.asarray(values, dtype=np.float64)
    return array if array.shape == se.shape else np.broadcast_to(array, se.shape)


def _towards(values: Floats, side: Side) -> Floats:
    """The statistic's size in the direction tested."""
    checks.one_of("side", side, ("both", "greater", "less"))
    return np.abs(values) if side == "both" else values if side == "greater" else -values


def _normal_mixture_bound(log_e: Floats, t: Floats) -> Floats:
    some = np.where(t > 0.0, t, 1.0)
    return np.where(t > 0.0, np.sqrt(2.0 * log_e * (some + 1.0) / some), np.inf)


def _t_mixture(size: Floats, t: Floats, df: Floats) -> Floats:
    """Logarithm of E for the t-mixture; tends to size^2 t / (t + 1) / 2 as df grows."""
    x = size**2 / df
    return np.asarray((df + 1.0) / 2.0 * (np.log1p(x) - np.log1p(x / (t + 1.0))))


def _t_mixture_bound(log_e: Floats, t: Floats, df: Floats) -> Floats:
    """Inverse of `_t_mixture`; infinite where E cannot be reached with so few degrees of freedom."""
    excess = np.expm1(np.minimum(2.0 * log_e / (df + 1.0), 700.0))
    room = 1.0 - (1.0 + excess) / (t + 1.0)
    return np.where(room > 0.0, np.sqrt(df * excess / np.where(room > 0.0, room, 1.0)), np.inf)


def _flags(pair: Pair, c: Floats, se: Floats, unbounded: NDArray[np.bool_]) -> tuple[str, ...]:
    found = {NEGATIVE_CONTROL: pair.m0 < 0.0}
    if np.count_nonzero(unbounded):
        known, varies, spent = np.isfinite(pair.v00 + pair.v11), np.isfinite(se), np.isfinite(c)
        found = {
            TOO_FEW: ~known, NO_VARIATION: known & ~varies, NOTHING_SPENT: ~spent,
            CLOSE_TO_ZERO: varies & spent & unbounded,
        } | found  # fmt: skip
    return tuple(words for words, where in found.items() if np.count_nonzero(where))
