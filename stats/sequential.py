"""Group-sequential boundaries: how large a statistic must be at each of several looks so that all looks
together err no more often than one test would. By recursive numerical integration (Jennison & Turnbull 2000,
chapter 19) for any spending function (Lan & DeMets 1983) and any look times.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import log_ndtr

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_bound, normal_tail

Spending = Callable[[float, Floats], Floats]
"""(level of one side, spending times in [0, 1]) -> level spent by then: 0 at 0, all at 1, never falling."""

_UNSPENT = 1e-120  # a share of alpha this small leaves the boundary at infinity
_SMALLEST = 1e-100  # no sequential p-value below this is told apart
_LEAST_STEP = 0.02  # the least new part of a statistic, in standard deviations; less is taken as this: safe
_FAR = 9.0  # a one-sided test need not follow the statistic further down than this
_LOG_ROOT = 0.5 * float(np.log(2.0 * np.pi))
_PANEL_NODES, _PANEL_WEIGHTS = np.polynomial.legendre.leggauss(16)


def obrien_fleming(alpha: float, times: Floats) -> Floats:
    """O'Brien-Fleming-type: 2 - 2 Phi(z / sqrt(t)) with z the upper alpha/2 point (Lan & DeMets 1983)."""
    root = np.sqrt(np.where(times > 0.0, times, 1.0))
    return np.where(times > 0.0, 2.0 * normal_tail(normal_bound(alpha / 2.0) / root), 0.0)


def pocock(alpha: float, times: Floats) -> Floats:
    """Pocock-type: alpha ln(1 + (e - 1) t) (Lan & DeMets 1983)."""
    return alpha * np.log1p((np.e - 1.0) * times)


@dataclass(frozen=True)
class PowerFamily:
    """Power family: alpha t^exponent (Kim & DeMets 1987)."""

    exponent: float

    def __call__(self, alpha: float, times: Floats) -> Floats:
        """Level spent by each time."""
        return alpha * times ** checks.positive("exponent", self.exponent)


@dataclass(frozen=True)
class HwangShihDeCani:
    """Gamma family: alpha (1 - e^(-gamma t)) / (1 - e^-gamma); -4 is near O'Brien-Fleming, 1 near Pocock
    (Hwang, Shih, De Cani 1990).
    """

    gamma: float

    def __call__(self, alpha: float, times: Floats) -> Floats:
        """Level spent by each time."""
        return alpha * (times if self.gamma == 0.0 else np.expm1(-self.gamma * times) / np.expm1(-self.gamma))


SPENDING: dict[str, Spending] = {"obrien-fleming": obrien_fleming, "pocock": pocock}


def boundaries(
    alpha: float,
    fractions: ArrayLike,
    information: ArrayLike,
    *,
    spending: str | Spending = "obrien-fleming",
    two_sided: bool = True,
) -> Floats:
    """Boundaries of a standard normal statistic at each look, `[looks]`.

    alpha: error over all looks, both sides together if `two_sided` (each side spends its half) else on the
    upper side only. fractions: spending times of the looks, in [0, 1], never falling. information: units, or
    anything proportional to the information, at each look; Z_i and Z_j have correlation sqrt(I_i / I_j).
    It need not be proportional to the fractions; a fall counts as nothing new.
    spending: a name in `SPENDING` or a function such as `PowerFamily(2)`.

    A look that spends nothing has an infinite boundary. Errors: ValueError for an alpha outside (0, 1),
    fractions that fall, lengths that differ, an unknown spending function.
    """
    times, units = checks.looks(fractions, information)
    return _boundaries(checks.level("alpha", alpha), times, units, _spending(spending), two_sided).copy()


def crossed(
    z: ArrayLike,
    alpha: float,
    fractions: ArrayLike,
    information: ArrayLike,
    *,
    spending: str | Spending = "obrien-fleming",
    two_sided: bool = True,
) -> bool:
    """Whether the statistics of the looks so far have crossed a boundary at any look; see `boundaries`."""
    bounds = boundaries(alpha, fractions, information, spending=spending, two_sided=two_sided)
    return bool((_sizes(z, len(bounds), two_sided) >= bounds).any())


def sequential_p(
    z: ArrayLike,
    fractions: ArrayLike,
    information: ArrayLike,
    *,
    spending: str | Spending = "obrien-fleming",
    two_sided: bool = True,
) -> float:
    """The smallest alpha whose boundaries have been crossed by now; it never rises as looks are added.

    z: the statistic at each look, `[looks]`; NaN where a look had none. The rest as in `boundaries`.
    Values below 1e-100 are given as 1e-100; 1.0 where no alpha is crossed.
    """
    times, units = checks.looks(fractions, information)
    spend, sizes = _spending(spending), _sizes(z, len(times), two_sided)
    if (sizes == -np.inf).all():
        return 1.0

    def excess(log_alpha: float) -> float:
        bounds = _boundaries(float(np.exp(log_alpha)), times, units, spend, two_sided)
        gap = np.where(np.isfinite(bounds), sizes - np.where(np.isfinite(bounds), bounds, 0.0), -np.inf)
        return float(np.clip(gap.max(), -50.0, 50.0))

    # By each look at most alpha is spent, so no boundary is below that of a single look at alpha.
    single = float(normal_tail(sizes.max())) * (2.0 if two_sided else 1.0)
    low, high = np.log(np.clip(single * 0.999, _SMALLEST, 0.999)), np.log(1.0 - 1e-9)
    if excess(low) >= 0.0 or excess(high) < 0.0:
        return float(np.exp(low)) if excess(low) >= 0.0 else 1.0
    return float(np.exp(brentq(excess, low, high, xtol=1e-12)))


def crossing_probabilities(bounds: ArrayLike, information: ArrayLike, *, two_sided: bool = True) -> Floats:
    """The chance of having crossed `bounds` by each look although there is no effect, `[looks]`.

    bounds: any boundaries, infinite where a look has none; information as in `boundaries`. It is the error
    of peeking if the bounds are 1.96 (Armitage, McPherson, Rowe 1969) and the level of any other plan.
    """
    given = np.atleast_1d(np.asarray(bounds, dtype=np.float64))
    _, units = checks.looks(np.zeros(given.size), information)
    grown = np.maximum.accumulate(np.asarray(units))
    used = np.flatnonzero(np.isfinite(given))
    if used.size and grown[used[0]] <= 0.0:
        raise ValueError("a look has a boundary but no information; give its units, or an infinite boundary.")
    first, walk = np.zeros(given.size), None
    for look, following in pairwise([*used, None]):
        first[look] = _crossing(walk, given[look], grown[look])
        if following is not None:
            step = _step(grown[look], grown[following])
            walk = _advance(walk, grown[look], _span(given[look], two_sided), step)
    return np.cumsum(first) * (2.0 if two_sided else 1.0)


def _spending(spending: str | Spending) -> Spending:
    if callable(spending):
        return spending
    return SPENDING[checks.one_of("spending function", spending, list(SPENDING))]


def _sizes(z: ArrayLike, looks: int, two_sided: bool) -> Floats:
    values = np.atleast_1d(np.asarray(z, dtype=np.float64))
    if values.shape != (looks,):
        raise ValueError(f"{values.size} statistics for {looks} looks; give one per look, NaN where none.")
    sizes = np.abs(values) if two_sided else values
    return np.where(np.isnan(sizes), -np.inf, sizes)


class _Walk(NamedTuple):
    """Where the statistic may be at a look if it has crossed nothing yet: its density on a grid."""

    z: Floats
    log_mass: Floats
    information: float


@lru_cache(maxsize=8192)
def _boundaries(
    alpha: float, times: tuple[float, ...], units: tuple[float, ...], spend: Spending, two_sided: bool
) -> Floats:
    spent = spend(alpha / 2.0 if two_sided else alpha, np.asarray(times))
    increments = np.diff(spent, prepend=0.0)
    information = np.maximum.accumulate(np.asarray(units))
    bounds = np.full(len(times), np.inf)
    used = np.flatnonzero(increments > _UNSPENT)
    if used.size and information[used[0]] <= 0.0:
        raise ValueError("a look spends alpha without information; give its units, or a fraction of 0.")
    walk: _Walk | None = None
    for look, following in pairwise([*used, None]):
        bounds[look] = _bound(walk, increments[look], information[look])
        if following is not None:
            step = _step(information[look], information[following])
            walk = _advance(walk, information[look], _span(bounds[look], two_sided), step)
    return bounds


def _step(before: float, now: float) -> float:
    """Standard deviation of what is new in the statistic since the look before."""
    return max(float(np.sqrt(1.0 - before / now)), _LEAST_STEP)


def _span(bound: float, two_sided: bool) -> tuple[float, float]:
    """Between which values nothing is crossed; a one-sided test goes as far down as matters."""
    return (-bound if two_sided else min(-_FAR, bound - _FAR)), bound


def _crossing(walk: _Walk | None, c: float, information: float) -> float:
    """P(nothing crossed before, Z >= c)."""
    if walk is None:
        return float(normal_tail(c))
    step = _step(walk.information, information)
    return float(np.exp(_log_tail(walk.log_mass, (walk.z * np.sqrt(1.0 - step**2) - c) / step)[0]))


def _bound(walk: _Walk | None, tail: float, information: float) -> float:
    """The c with P(nothing crossed before, Z >= c) = tail.

    Newton's method on the logarithm of the tail, which is concave: from the right it cannot overshoot.
    """
    c = float(normal_bound(tail))
    if walk is None:
        return c
    step = _step(walk.information, information)
    mean = walk.z * np.sqrt(1.0 - step**2)
    for _ in range(100):
        above, density = _log_tail(walk.log_mass, (mean - c) / step)
        move = (above - np.log(tail)) * step * float(np.exp(above - density))
        c += move
        if abs(move) < 1e-12:
            break
    return c


def _log_tail(log_mass: Floats, distance: Floats) -> tuple[float, float]:
    """Logarithms of the probability beyond a bound and of the density at it (times the step's deviation)."""
    return _log_sum(log_mass + log_ndtr(distance)), _log_sum(log_mass - distance**2 / 2.0) - _LOG_ROOT


def _log_sum(logs: Floats) -> float:
    top = float(logs.max())
    return top + float(np.log(np.exp(logs - top).sum()))


def _advance(walk: _Walk | None, information: float, span: tuple[float, float], following: float) -> _Walk:
    """The density at this look between its boundaries, on a grid fine enough for this step and the next."""
    step = 1.0 if walk is None else _step(walk.information, information)
    z, weights = _grid(*span, min(step, following))
    if walk is None:
        return _Walk(z, np.log(weights) - z**2 / 2.0 - _LOG_ROOT, information)
    distance = (z[:, None] - np.sqrt(1.0 - step**2) * walk.z) / step
    density = np.exp(-0.5 * distance**2) @ np.exp(walk.log_mass) / (step * np.exp(_LOG_ROOT))
    return _Walk(z, np.log(np.maximum(weights * density, 1e-300)), information)


def _grid(low: float, high: float, scale: float) -> tuple[Floats, Floats]:
    """Gauss-Legendre panels of 16 nodes, each four deviations of the narrowest kernel wide."""
    panels = int(np.ceil((high - low) / (4.0 * scale))) + 1
    half = (high - low) / (2.0 * panels)
    centres = low + half * (2.0 * np.arange(panels) + 1.0)
    return (centres[:, None] + half * _PANEL_NODES).ravel(), np.tile(half * _PANEL_WEIGHTS, panels)
