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
from scipy.special import log_ndtr, logsumexp

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_bound, normal_tail

Spending = Callable[[float, Floats], Floats]
"""(level of one side, spending times in [0, 1]) -> level spent by then: 0 at 0, all at 1, never falling."""

_UNSPENT = 1e-120  # a share of alpha this small leaves the boundary at infinity
_SMALLEST = 1e-100  # no sequential p-value below this is told apart
_LEAST_STEP = 0.02  # the least new part of a statistic, in standard deviations; less is taken as this: safe
_FAR = 9.0  # where there is no bound, the statistic need not be followed further than this
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


def crossing_probabilities(
    bounds: ArrayLike, information: ArrayLike, *, two_sided: bool = True, drift: ArrayLike = 0.0
) -> Floats:
    """The chance of having crossed `bounds` by each look, `[..., looks]`; without an effect if drift is 0.

    bounds: any boundaries, infinite where a look has none; information as in `boundaries`. It is the error
    of peeking if the bounds are 1.96 (Armitage, McPherson, Rowe 1969), the level of any other plan, and with
    a drift (see `exits`) its power. Both sides count if `two_sided`.
    """
    given = np.atleast_1d(np.asarray(bounds, dtype=np.float64))
    out = exits(given, -given if two_sided else np.full(given.shape, -np.inf), information, drift)
    return np.minimum(out.upper + out.lower, 1.0)


class Exits(NamedTuple):
    """The chance of having crossed the upper, and the lower, boundary first by each look, `[..., looks]`."""

    upper: Floats
    lower: Floats


def exits(upper: ArrayLike, lower: ArrayLike, information: ArrayLike, drift: ArrayLike = 0.0) -> Exits:
    """Where and when a test ends under an effect (Jennison & Turnbull 2000, chapter 19); see `Exits`.

    upper, lower: boundaries `[looks]`, infinite where there is none. drift: expectation of the statistic at
    the information of the last look, `[...]`; at look k it is drift sqrt(I_k / I_last).

    Errors: ValueError for lengths that differ, lower above upper, a boundary without information.
    """
    highs, lows, grown = _limits(upper, lower, information)
    last = np.asarray(drift, dtype=np.float64)[..., None]
    first = np.zeros((2, *last.shape[:-1], len(grown)))
    for passage in _path(highs, lows, grown):
        for side, bound in enumerate((highs[passage.look], lows[passage.look])):
            first[side, ..., passage.look] = np.exp(_log_passing(passage, bound, last, side == 0))
    total = np.minimum(np.cumsum(first, axis=-1), 1.0)
    return Exits(total[0], total[1])


def futility_bounds(
    upper: ArrayLike,
    information: ArrayLike,
    drift: float,
    beta: float,
    *,
    fractions: ArrayLike | None = None,
    spending: str | Spending = "obrien-fleming",
) -> Floats:
    """Lower boundaries that spend beta: at or below them the effect looked for is given up, `[looks]`.

    For a one-sided test with boundaries `upper`. Non-binding: the upper ones take no advantage of them, so
    that going on against their advice costs no error (Lan & DeMets 1983; Pampallona, Tsiatis, Kim 2001).
    drift: of the effect looked for, as in `exits`. fractions: spending times, by default the shares of the
    information. Where the share of beta would need a bound above the upper one, the upper one is given;
    without information or spending it is -inf.

    Errors: as `exits`, ValueError for a beta outside (0, 1) or a drift that is not above 0.
    """
    highs, _, grown = _limits(upper, np.full(np.shape(np.atleast_1d(upper)), -np.inf), information)
    shares = np.asarray(grown) / grown[-1] if fractions is None else fractions
    times, _ = checks.looks(shares, information)
    spent = _spending(spending)(checks.level("beta", beta), np.asarray(times))
    last, lows = np.array([checks.positive("drift", drift)]), np.full(len(grown), -np.inf)
    for look in np.flatnonzero((np.diff(spent, prepend=0.0) > _UNSPENT) & (np.asarray(grown) > 0.0)):
        # What this look and later ones have for a bound does not change the way to this look.
        reached = np.concatenate([lows[:look], np.minimum(highs[look:], -_FAR)])
        passage = next(way for way in _path(highs, tuple(reached), grown) if way.look == look)
        already = exits(highs, lows, grown, drift).lower[look]
        lows[look] = _lower_bound(passage, highs[look], last, spent[look] - already)
    return lows


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
            walk = _advance(walk, information[look], _span(-bounds[look] if two_sided else -np.inf, bounds[look]), step)
    return bounds


def _step(before: float, now: float) -> float:
    """Standard deviation of what is new in the statistic since the look before."""
    return max(float(np.sqrt(1.0 - before / now)), _LEAST_STEP)


def _span(low: float, high: float) -> tuple[float, float]:
    """Between which values nothing is crossed; where there is no bound, as far as matters."""
    return (
        low if np.isfinite(low) else min(-_FAR, high - _FAR),
        high if np.isfinite(high) else max(_FAR, low + _FAR),
    )


class _Passage(NamedTuple):
    """A look that has a boundary, and where the statistic was at the one before (None at the first)."""

    look: int
    walk: _Walk | None
    step: float
    mean: float  # of the statistic at this look, as a share of that at the last look of all
    before: float  # the same at the look before


def _limits(
    upper: ArrayLike, lower: ArrayLike, information: ArrayLike
) -> tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]:
    highs, lows = (np.atleast_1d(np.asarray(bounds, dtype=np.float64)) for bounds in (upper, lower))
    _, units = checks.looks(np.zeros(highs.size), information)
    if lows.shape != highs.shape or not (lows <= highs).all():
        raise ValueError(f"lower boundaries {lows.tolist()} must be as many as, and not above, {highs.tolist()}.")
    return tuple(highs.tolist()), tuple(lows.tolist()), tuple(np.maximum.accumulate(np.asarray(units)).tolist())


@lru_cache(maxsize=256)
def _path(highs: tuple[float, ...], lows: tuple[float, ...], grown: tuple[float, ...]) -> tuple[_Passage, ...]:
    """The looks that can end the test, with the walk between them without an effect: any drift can use it."""
    used = [look for look in range(len(grown)) if np.isfinite(highs[look]) or np.isfinite(lows[look])]
    if used and grown[used[0]] <= 0.0:
        raise ValueError("a look has a boundary but no information; give its units, or an infinite boundary.")
    passages: list[_Passage] = []
    walk, step = None, 1.0
    means = _means(used, grown)
    for look, following in pairwise([*used, None]):
        assert look is not None
        passages.append(_Passage(look, walk, step, means[len(passages)], means[len(passages) - 1]))
        if following is not None:
            step = _step(grown[look], grown[following])
            walk = _advance(walk, grown[look], _span(lows[look], highs[look]), step)
    return tuple(passages)


def _means(used: list[int], grown: tuple[float, ...]) -> list[float]:
    """Shares of the drift at the looks used, such that no step lacks the new part that `_step` gives it."""
    shares = [1.0]
    for before, now in reversed(list(pairwise(used))):
        shares.append(shares[-1] * float(np.sqrt(1.0 - _step(grown[before], grown[now]) ** 2)))
    end = np.sqrt(grown[used[-1]] / grown[-1]) if used else 1.0
    return [float(end * share) for share in reversed(shares)]


def _log_passing(passage: _Passage, bound: float, drift: Floats, up: bool) -> Floats:
    """Logarithm of P(nothing crossed before, Z beyond the bound), `[...]`, for drifts `[..., 1]`.

    Under an effect the density of the walk is that without it times exp(m z - m^2 / 2), m being the mean of
    z, since the last statistic is sufficient.
    """
    mean, log_mass = drift * passage.mean, np.zeros(1)
    if passage.walk is not None:
        z, before = passage.walk.z, drift * passage.before
        log_mass = passage.walk.log_mass + before * z - before**2 / 2.0
        mean = mean + np.sqrt(1.0 - passage.step**2) * (z - before)
    return np.asarray(logsumexp(log_mass + log_ndtr((mean - bound if up else bound - mean) / passage.step), axis=-1))


def _lower_bound(passage: _Passage, high: float, drift: Floats, tail: float) -> float:
    """The bound with P(nothing crossed before, Z <= bound) = tail under the effect, at most `high`."""

    def excess(bound: float) -> float:
        return _log_passing(passage, bound, drift, False).item() - float(np.log(max(tail, 1e-300)))

    top = min(high, 4.0 * _FAR)
    if excess(top) <= 0.0:
        return high
    return float(brentq(excess, -4.0 * _FAR, top, xtol=1e-12)) if excess(-4.0 * _FAR) < 0.0 else -np.inf


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
