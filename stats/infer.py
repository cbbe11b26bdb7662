"""Inference: one critical value c from a rule turns a `Pair` into intervals, and p-values come by inversion
of the same rule. So the p-value, the absolute and the relative interval cannot disagree.
"""

from dataclasses import dataclass
from typing import Literal, Protocol

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


def estimate(pair: Pair, critical: ArrayLike, p_value: ArrayLike) -> Estimate:
    """Intervals d -/+ c se and, with the same c, Fieller's relative interval; see `Estimate`.

    critical and p_value come from one rule. With the critical value of one side, `low` (or `high`) alone is
    the bound of that side.
    """
    difference, se = pair.m1 - pair.m0, standard_error(pair)
    c = np.broadcast_to(np.asarray(critical, dtype=np.float64), se.shape)
    bounded = np.isfinite(se) & np.isfinite(c)
    reach = np.where(bounded, c, 1.0) * np.where(bounded, se, 1.0)
    relative_low, relative_high = fieller(pair, c)
    return Estimate(
        difference=difference,
        low=np.where(bounded, difference - reach, -np.inf),
        high=np.where(bounded, difference + reach, np.inf),
        relative=_over(difference, pair.m0),
        relative_low=relative_low,
        relative_high=relative_high,
        p_value=np.broadcast_to(np.asarray(p_value, dtype=np.float64), se.shape),
        se=se,
        df=pair.df,
        critical=c,
        n=pair.n,
        flags=_flags(pair, c, np.isinf(relative_low)),
    )


def standard_error(pair: Pair, lift: ArrayLike = 0.0) -> Floats:
    """Standard error of m1 - (1 + lift) m0, `[...]`; infinite where it is not known.

    No variation in either arm counts as not known: constant outcomes prove nothing about the next unit.
    """
    times = 1.0 + np.asarray(lift, dtype=np.float64)
    known = np.isfinite(pair.v00) & np.isfinite(pair.v11)
    v00, v11 = np.where(known, pair.v00, 0.0), np.where(known, pair.v11, 0.0)
    variance = np.where(known, v11 - 2.0 * times * pair.v01 + times**2 * v00, 0.0)
    return np.where(variance > 0.0, np.sqrt(np.maximum(variance, 0.0)), np.inf)


def statistic(pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False) -> Floats:
    """The test statistic against a change of `worth`, `[...]`; 0 where nothing can be tested.

    Relative by default: (m1 - (1 + L) m0) / se(L), so that the noise of control counts. Absolute:
    (m1 - m0 - L) / se. At a worth of 0 the two are the same.
    """
    shift = np.asarray(worth, dtype=np.float64)
    se = standard_error(pair, 0.0 if absolute else shift)
    distance = pair.m1 - pair.m0 - (shift if absolute else shift * pair.m0)
    return np.where(np.isfinite(se), np.nan_to_num(distance), 0.0) / np.where(np.isfinite(se), se, 1.0)


def fieller(pair: Pair, critical: ArrayLike) -> tuple[Floats, Floats]:
    """Relative interval {L : |statistic(L)| <= c} (Fieller 1954), `[...]` each; low is never above high.

    Where control's mean is within c standard errors of zero the set is unbounded and -inf, inf are given,
    as they are where the standard error or c is infinite. Written in the difference rather than in the
    means, so that large means lose no digits and zero lies inside exactly if the absolute interval holds it.
    """
    d, m0, se = pair.m1 - pair.m0, pair.m0, standard_error(pair)
    c = np.broadcast_to(np.asarray(critical, dtype=np.float64), se.shape)
    usable = np.isfinite(se) & np.isfinite(c) & np.isfinite(d)
    c, se, v00 = np.where(usable, c, 0.0), np.where(usable, se, 1.0), np.where(usable, pair.v00, 0.0)
    slope = pair.v01 - v00
    a = m0**2 - c**2 * v00
    half = d * m0 - c**2 * slope
    end = (np.abs(d) - c * se) * (np.abs(d) + c * se)
    spread = m0**2 * se**2 - 2.0 * d * m0 * slope + d**2 * v00 - c**2 * (v00 * se**2 - slope**2)
    outer = half + np.copysign(c * np.sqrt(np.maximum(spread, 0.0)), half)
    bounded = usable & (a > 0.0)
    first = np.where(bounded, outer, 0.0) / np.where(bounded, a, 1.0)
    # The product of the two roots is end / a: the nearer one so found keeps its sign and digits.
    apart = bounded & (outer != 0.0)
    second = np.where(apart, end, 0.0) / np.where(apart, outer, 1.0)
    low, high = np.minimum(first, second), np.maximum(first, second)
    return np.where(bounded, low, -np.inf), np.where(bounded, high, np.inf)


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
    side E = 1 + sqrt(t + 1) / (2 alpha). Below 100 degrees of freedom the t-mixture of Lindon, Ham, Tingley,
    Bojinov 2022 takes its place.

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
        few = np.minimum(pair.df, _FEW)  # what many degrees of freedom give is not used, and must not overflow
        return np.where(pair.df < _FEW, _t_mixture_bound(log_e, t, few), _normal_mixture_bound(log_e, t))

    def p_value(self, pair: Pair, worth: ArrayLike = 0.0, *, absolute: bool = False, side: Side = "both") -> Floats:
        """The smallest alpha that rejects a change of `worth` at this moment, rho held, `[...]`."""
        t, size = self._time(pair, side), _towards(statistic(pair, worth, absolute=absolute), side)
        size = np.maximum(size, 0.0)
        few = np.minimum(pair.df, _FEW)
        log_e = np.where(pair.df < _FEW, _t_mixture(size, t, few), size**2 * t / (t + 1.0) / 2.0)
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


def _over(difference: Floats, m0: Floats) -> Floats:
    """Relative change; NaN where control is zero or too small to divide by."""
    with np.errstate(over="ignore"):
        change = difference / np.where(m0 != 0.0, m0, np.nan)
    return np.where(np.isfinite(change), change, np.nan)


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


def _flags(pair: Pair, c: Floats, unbounded: NDArray[np.bool_]) -> tuple[str, ...]:
    known = np.isfinite(pair.v00) & np.isfinite(pair.v11)
    varies = known & (pair.v00 + pair.v11 > 0.0)
    found = {
        TOO_FEW: ~known,
        NO_VARIATION: known & ~varies,
        NOTHING_SPENT: np.isinf(c),
        CLOSE_TO_ZERO: varies & np.isfinite(c) & unbounded,
        NEGATIVE_CONTROL: pair.m0 < 0.0,
    }
    return tuple(words for words, where in found.items() if np.any(where))
