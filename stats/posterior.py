"""Posterior: a normal prior on the lift of the same `Pair` that every other inference uses. A posterior says what
to believe given the prior. It is not an error guarantee: looked at daily, "95 % chance to be better" is reached by
far more than 5 % of enhancements that do nothing.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_bound
from stats.estimate import Pair
from stats.infer import CLOSE_TO_ZERO, NEGATIVE_CONTROL, NO_VARIATION, TOO_FEW, standard_error

NO_DATA = "no data to learn from: the posterior is the prior"

_NOISY_CONTROL = 0.1  # above this ratio of standard error to mean, a ratio of means is not normal (Hayya 1975)


class Lift(NamedTuple):
    """A change and its standard error, `[...]`; NaN and infinite where it is not known."""

    value: Floats
    se: Floats


@dataclass(frozen=True)
class Prior:
    """A normal prior on the lift: relative, or absolute if `absolute`; an infinite sd is flat.

    Errors: ValueError for a mean that is not finite or an sd that is not above 0.
    """

    mean: float = 0.0
    sd: float = np.inf
    absolute: bool = False

    def __post_init__(self) -> None:
        checks.finite("the prior's mean", self.mean)
        if not self.sd > 0.0:
            raise ValueError(f"the prior's sd is {self.sd!r}; it must be above 0, or infinite for a flat prior.")


@dataclass(frozen=True, eq=False)
class Posterior:
    """What to believe of the lift: normal with this mean and sd, `[...]`. Not an error guarantee.

    absolute: whether in the metric's own unit, else relative to control. flags: in words, what holds of at
    least one element of the batch. Where higher is worse, swap the two losses and read 1 - chance.
    """

    mean: Floats
    sd: Floats
    absolute: bool
    flags: tuple[str, ...]

    def interval(self, level: float = 0.95) -> tuple[Floats, Floats]:
        """The central credible interval, `[...]` each."""
        reach = normal_bound((1.0 - checks.level("level", level)) / 2.0) * self.sd
        return self.mean - reach, self.mean + reach

    def chance_better(self, worth: ArrayLike = 0.0) -> Floats:
        """P(lift > worth) = Phi((m - worth) / s), `[...]`."""
        return np.asarray(ndtr((self.mean - np.asarray(worth)) / self.sd))

    def loss_keep(self) -> Floats:
        """Expected lift lost by keeping the treatment, E max(-lift, 0) = s phi(m/s) - m Phi(-m/s), `[...]`."""
        return _expected_loss(self.mean, self.sd)

    def loss_drop(self) -> Floats:
        """Expected lift lost by dropping the treatment, E max(lift, 0), `[...]`."""
        return _expected_loss(-self.mean, self.sd)

    def rope(self, low: ArrayLike, high: ArrayLike) -> Floats:
        """P(low < lift < high): the chance to be in the region of practical equivalence (Kruschke 2018), `[...]`."""
        ends = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
        if (ends[0] > ends[1]).any():
            raise ValueError(f"the region runs from {low!r} to {high!r}; the low end must not be above the high end.")
        far, near = (np.abs(end - self.mean) / self.sd for end in ends)
        beside = (ends[0] > self.mean) | (ends[1] < self.mean)
        apart = np.abs(ndtr(-far) - ndtr(-near))  # upper tails keep their digits
        return np.asarray(np.where(beside, apart, 1.0 - ndtr(-far) - ndtr(-near)))


def lift(pair: Pair, *, absolute: bool = False) -> Lift:
    """The change with its standard error, `[...]`: m1 - m0, or relative m1 / m0 - 1 by the delta method.

    The relative standard error is that of m1 - (1 + L) m0 at the estimated L, over |m0|; so control's noise
    counts. Prefer Fieller's interval (`stats.fieller`) where control is noisy.
    """
    if absolute:
        return _known(pair.m1 - pair.m0, standard_error(pair))
    with np.errstate(over="ignore"):
        value = (pair.m1 - pair.m0) / np.where(pair.m0 != 0.0, pair.m0, np.nan)
    usable = np.isfinite(value)
    se = standard_error(pair, np.where(usable, value, 0.0))
    return _known(value, np.where(usable, se / np.where(usable, np.abs(pair.m0), 1.0), np.inf))


def posterior(pair: Pair, prior: Prior | None = None) -> Posterior:
    """The posterior of the lift under a normal prior, by default a flat one on the relative lift.

    Precisions add: 1/s^2 = 1/prior.sd^2 + 1/se^2, with the lift and se of `lift`. Where there is no lift to
    learn from, the posterior is the prior, and says so.
    """
    belief = prior or Prior()
    value, se = lift(pair, absolute=belief.absolute)
    known = np.isfinite(se)
    error = np.where(known, se, 1.0)
    # Weights of both, neither as 1 less the other: data that say next to nothing leave the prior as it was.
    to_prior, to_data = 1.0 / np.hypot(1.0, belief.sd / error) ** 2, 1.0 / np.hypot(1.0, error / belief.sd) ** 2
    mean = np.where(known, belief.mean * to_prior + np.where(known, value, 0.0) * to_data, belief.mean)
    sd = np.where(known, error / np.hypot(1.0, error / belief.sd), belief.sd)
    return Posterior(mean, sd, belief.absolute, _flags(pair, known, belief.absolute))


def _known(value: Floats, se: Floats) -> Lift:
    there = np.isfinite(value) & np.isfinite(se)
    return Lift(np.where(there, value, np.nan), np.where(there, se, np.inf))


def _expected_loss(mean: Floats, sd: Floats) -> Floats:
    z = mean / sd
    density = np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    return np.asarray(np.maximum(sd * density - mean * ndtr(-z), 0.0))


def _flags(pair: Pair, known: NDArray[np.bool_], absolute: bool) -> tuple[str, ...]:
    finite = np.isfinite(pair.v00) & np.isfinite(pair.v11)
    noise = np.sqrt(np.where(finite, np.maximum(pair.v00, 0.0), 0.0))
    found = {
        TOO_FEW: ~finite,
        NO_VARIATION: finite & (pair.v00 + pair.v11 <= 0.0),
        NO_DATA: ~known,
        CLOSE_TO_ZERO: (not absolute) & finite & (noise > _NOISY_CONTROL * np.abs(pair.m0)),
        NEGATIVE_CONTROL: (not absolute) & (pair.m0 < 0.0),
    }
    return tuple(words for words, where in found.items() if np.any(where))
