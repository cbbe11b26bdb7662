"""Quantiles of events, such as the 90th percentile of load times, when units and not events were randomised: a
unit's events resemble one another, and a variance that forgets this is far too small.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from stats import checks
from stats.checks import Floats
from stats.estimate import Pair, ratio
from stats.moments import Moments

AT_MOST, EVENTS = "at_most", "events"
"""Columns of a `Quantile`'s moments: per unit, events at most the quantile, and all events."""

_REACH = 1.959963984540054  # standard errors between the quantile and either end of its interval


@dataclass(frozen=True, eq=False)
class Quantile:
    """One arm's quantile of events, `[...]`, with what its variance is made of.

    value: the quantile. low, high: the quantiles (order statistics) at two levels around it, `width` apart in
    probability; 2 * 1.96 * sqrt(p (1 - p) / events) is a good width. moments: of the columns at_most and events
    over the arm's units. Where too few events leave no such interval, give a width of 0: the variance is then not
    known.

    Errors: ValueError for values that are not finite, an order other than low <= value <= high, a width outside
    0 to 1, or moments without these columns.
    """

    value: Floats
    low: Floats
    high: Floats
    width: Floats
    moments: Moments

    def __post_init__(self) -> None:
        for field in ("value", "low", "high", "width"):
            object.__setattr__(self, field, checks.finite(f"Quantile.{field}", getattr(self, field)))
        if not ((self.low <= self.value) & (self.value <= self.high)).all():
            raise ValueError(f"low {self.low}, value {self.value}, high {self.high}; they must not fall in this order.")
        if not ((self.width >= 0.0) & (self.width <= 1.0)).all():
            raise ValueError(f"Quantile.width holds {self.width}; it must lie in 0 to 1.")
        object.__setattr__(self, "moments", self.moments.only((AT_MOST, EVENTS)))

    @classmethod
    def of(cls, values: ArrayLike, units: ArrayLike, level: float) -> "Quantile":
        """From events: their values and the unit of each, `[events]`.

        The interval reaches 1.96 standard errors of the share of events at most the quantile to either side, by
        units or by events, whichever is more. Errors: ValueError for no events, values that are not finite,
        lengths that differ, or a level outside 0 to 1.
        """
        events, p = checks.finite("values", values), checks.level("level", level)
        members = np.asarray(units)
        if events.ndim != 1 or members.shape != events.shape or events.size == 0:
            raise ValueError(f"{events.shape} values but {members.shape} units; give at least one event, a unit each.")
        value = np.asarray(np.quantile(events, p))
        moments = _per_unit(events <= value, members)
        reach = quantile_reach(moments, p, events.size)
        if not (p - reach > 0.0 and p + reach < 1.0):
            return cls(value, value, value, np.zeros(()), moments)
        low, high = (np.asarray(np.quantile(events, at)) for at in (p - reach, p + reach))
        return cls(value, low, high, np.asarray(2.0 * reach), moments)


def quantile(control: Quantile, treatment: Quantile) -> Pair:
    """Quantiles of both arms, with units as clusters (Deng, Knoblich, Lu 2018), `[...]`.

    The variance of a quantile is that of the ratio at_most / events over units, by the delta method, over the
    squared density there, which its interval tells: density = width / (high - low). df and n are those of units.
    A heap of equal values that holds the whole interval has no variance; a width of 0 leaves it infinite.
    """
    arms = (control, treatment)
    shares = ratio(_scaled(control), _scaled(treatment), AT_MOST, EVENTS)
    v00, v11 = (
        np.where(arm.width > 0.0, variance, np.inf)
        for arm, variance in zip(arms, (shares.v00, shares.v11), strict=True)
    )
    df = np.where(np.isfinite(v00 + v11), shares.df, 1.0)
    return Pair(control.value, treatment.value, v00, shares.v01, v11, df, shares.n)


def quantile_reach(moments: Moments, level: float, events: int) -> float:
    """Return how far in probability a quantile's interval reaches to either side: 1.96 standard errors of the share.

    `moments` are those of at_most and events over units, under any two names; the error is that by units or by
    independent events, whichever is more. Infinite for a single unit.
    """
    return _REACH * max(_share_error(moments), float(np.sqrt(level * (1.0 - level) / events)))


def linear_quantile(moments: Moments, value: float, inverse: float) -> Moments:
    """Return the moments with at_most, the first column, replaced so that its ratio to events, the second, is `value`.

    Per unit it becomes (value + inverse p) events - inverse at_most, p being the share at most and `inverse` one over
    the density: the delta method's linear form of the quantile (Deng, Knoblich, Lu 2018). So `ratio` gives the
    quantile and its variance, as `quantile` does, and adjusts it for what other columns hold.
    """
    at_most, events = moments.mean[0], moments.mean[1]
    turned = np.eye(len(moments.names))
    turned[0, :2] = -inverse, value + inverse * (at_most / events if events else 0.0)
    cov = turned @ moments.cov @ turned.T
    cov[0, 0] = max(cov[0, 0], 0.0)
    return Moments(moments.names, moments.n, turned @ moments.mean, cov)


def _per_unit(at_most: ArrayLike, units: ArrayLike) -> Moments:
    _, which = np.unique(units, return_inverse=True)
    below = np.bincount(which, weights=np.asarray(at_most, dtype=np.float64))
    return Moments.of((AT_MOST, EVENTS), np.stack([below, np.bincount(which)], axis=-1))


def _share_error(moments: Moments) -> float:
    """Standard error of at_most / events; infinite for a single unit."""
    return float(np.sqrt(ratio(moments, moments, *moments.names).v00))


def _scaled(arm: Quantile) -> Moments:
    """The moments with at_most in units of the outcome: over the density, which turns shares into quantiles."""
    inverse = (arm.high - arm.low) / np.where(arm.width > 0.0, arm.width, 1.0)
    by = np.stack(np.broadcast_arrays(inverse, np.ones(())), axis=-1)
    moments = arm.moments
    return Moments(moments.names, moments.n, moments.mean * by, moments.cov * by[..., :, None] * by[..., None, :])
