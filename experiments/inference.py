"""The plan's method applied to one metric of one treatment: what has been shown, and the interval that shows it.

Group sequential spends nine tenths of alpha up to the horizon and keeps one tenth as an always-valid reserve, so
that an experiment may run over and stay valid. Sizes count in the direction that is good: a gain is positive.
Rare proportions are read by the score test, a Bayesian plan by its posterior; each has the interval of its own score.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import stats
from experiments.plan import Method, Plan, Prior
from experiments.snapshot import Effect, Look
from stats import AlwaysValid, Counts, Estimate, Fixed, Pair
from stats.distributions import normal_bound, normal_tail, normal_to_t

PLANNED_SHARE = 0.9  # of alpha, spent up to the horizon; the rest is the reserve
LEAST_UNITS = 100
LEAST_CONVERSIONS = 25
LEAST_CLUSTERS = 5  # in an arm; held by a simulation in tests/experiments/test_clusters.py
LEAST_CONTROL = 3.0  # standard errors that control's mean lies from zero, before a share of it is believed
LEAST_LIFT = -1 + 1e-9  # a relative change below it is none of a proportion's
LARGEST_SCORE = 37.0  # beyond it the normal tail is zero in float64

Sides = Literal["both", "one"]
Floats = NDArray[np.float64]


def bounds(
    method: Method,
    level: float,
    fractions: Sequence[float] | Floats,
    information: Sequence[float] | Floats,
    *,
    planned: float,
    sides: Sides = "both",
) -> Floats:
    """Return what a score must reach at each official look to be shown at `level`, on the normal scale, `[looks]`.

    What was shown at one look stays shown. `fractions` and `information` are those of the looks; the first look
    with a fraction of 1 is the last planned one, and group sequential looks after it use the reserve.
    """
    if method == "always-valid":
        return always_valid(level, information, planned=planned, sides=sides)
    once = float(normal_bound(level / 2 if sides == "both" else level))
    if method == "bayesian":
        return np.full(len(fractions), once)
    ended = np.cumsum(np.asarray(fractions) >= 1)
    if method == "fixed":
        return np.where((ended == 1) & (np.asarray(fractions) >= 1), once, np.inf)
    spending = stats.boundaries(PLANNED_SHARE * level, fractions, information, two_sided=sides == "both")
    reserve = always_valid((1 - PLANNED_SHARE) * level, information, planned=planned, sides=sides)
    return np.where(ended > 1, reserve, spending)


def always_valid(level: float, units: float | Sequence[float] | Floats, *, planned: float, sides: Sides) -> Floats:
    """Return the bound that holds on any day, on the normal scale, at so many units of both arms, `[...]`.

    It depends on nothing else, so that the bound of an earlier look can be told from what that look recorded.
    """
    return AlwaysValid(level, planned=planned).critical(_scored(0.0, units), "both" if sides == "both" else "greater")


def believed(prior: Prior, pair: Pair, gain: int) -> tuple[Floats, Floats]:
    """Return mean and sd of the posterior of the gain, a share of control's size, `[...]`; above zero is better.

    The prior is of gains, so that one serves metrics of which more is better and those of which less is.
    """
    more, less = (stats.posterior(pair, stats.Prior(side * prior.mean, prior.sd)) for side in (1.0, -1.0))
    return np.where(gain * pair.m0 >= 0, more.mean, -less.mean), more.sd


def related(pair: Pair) -> NDArray[np.bool_]:
    """Whether control's mean lies far enough from zero that a posterior can be of shares of it, `[...]`.

    Nearer to zero a relative gain has next to no information, and the posterior would be the prior and no data.
    """
    return np.asarray(np.abs(pair.m0) > LEAST_CONTROL * np.sqrt(pair.v00))


@dataclass(frozen=True)
class Test:
    """One metric of one treatment at one look.

    `gain` is +1 where more is better, -1 where less is. `size` is the worthwhile effect of a goal or the margin
    of a guardrail, above zero. `looks` are the official looks so far with this one last; without any, no alpha
    may be spent. `planned` is the number of units of both arms at which the always-valid band is tightest.
    `counts` are those of a proportion too rare for a mean's `pair`: then the score test takes its place.
    """

    plan: Plan
    pair: Pair
    gain: int
    size: float
    absolute: bool
    looks: tuple[Look, ...]
    planned: float
    after_horizon: bool
    counts: Counts | None = None

    def score(self, worth: float) -> float:
        """The plan's statistic, on the normal scale, against a gain of `worth`: above zero if the gain is larger."""
        if self.plan.prior is None:
            return self.sampled(worth)
        mean, sd = believed(self.plan.prior, self.pair, self.gain)
        return _within((float(mean) - worth) / float(sd))

    def sampled(self, worth: float) -> float:
        """The statistic of the sample alone, whatever the plan's prior."""
        shift = self._shift(worth)
        if self.counts is None:
            score = float(stats.normal_scores(self.pair, shift, absolute=self.absolute))
        else:
            possible = float(np.clip(shift, LEAST_LIFT, -LEAST_LIFT if self.absolute else np.inf))
            score = float(stats.score_pair(self.counts, possible, absolute=self.absolute).m1)
        return _within(self.gain * score)

    def bound(self, level: float, sides: Sides = "both") -> float:
        """What a score must reach at this look to be shown at `level`, on the normal scale."""
        if self.plan.prior is not None and not related(self.pair):
            return float("inf")
        if self.looks:
            return float(self._bounds(level, sides)[-1])
        if self.plan.method == "bayesian":
            return float(bounds("bayesian", level, [0.0], [0.0], planned=self.planned, sides=sides)[0])
        return self.always(level, sides) if self.plan.method == "always-valid" else float("inf")

    def shown(self, name: str, level: float, sides: Sides = "both") -> bool:
        """Whether the gain behind the score `name` was shown at this look or an earlier one: it stays shown.

        A posterior is what is believed now: of it only this look counts.
        """
        if self.plan.method == "bayesian":
            return scores_of(self)[name] >= self.bound(level, sides)
        if not self.looks:
            return False
        scores = np.array([look.statistics[name] for look in self.looks])
        return bool(np.any(scores >= self._bounds(level, sides)))

    def harmed(self, level: float) -> bool:
        """Whether the loss is beyond the margin, by the always-valid bound of one side: on any day."""
        return -self.sampled(-self.size) >= self.always(level, "one")

    @property
    def on_reserve(self) -> bool:
        """Whether this look of a group sequential plan comes after the last planned one."""
        ended = sum(look.fraction >= 1 for look in self.looks) > 1
        return self.plan.method == "group-sequential" and (self.after_horizon or ended)

    def always(self, level: float, sides: Sides = "both") -> float:
        """The bound that holds on any day."""
        return float(always_valid(level, float(self.pair.n), planned=self.planned, sides=sides))

    def _bounds(self, level: float, sides: Sides) -> Floats:
        """At every look so far; a look that is not official has today's units where it may use them."""
        fractions, information = zip(*((look.fraction, look.information) for look in self.looks), strict=True)
        found = bounds(self.plan.method, level, fractions, information, planned=self.planned, sides=sides)
        if self.on_reserve or self.plan.method == "always-valid":
            found[-1] = self.always((1 - PLANNED_SHARE) * level if self.on_reserve else level, sides)
        return found

    def _shift(self, worth: float) -> float:
        """A relative gain of a control mean below zero is a step towards the good side all the same."""
        flip = -1.0 if not self.absolute and float(self.pair.m0) < 0 else 1.0
        return self.gain * worth * flip


def scores_of(test: Test) -> dict[str, float]:
    """Return the scores that the rule reads: against no change both ways, the size of a goal, and a margin."""
    return {
        "zero": test.score(0.0), "minus": -test.score(0.0),
        "short": -test.score(test.size), "margin": test.score(-test.size),
    }  # fmt: skip


def least_units(plan: Plan) -> int:
    """Return the units that each arm must have before an effect is shown."""
    return LEAST_CLUSTERS if plan.clusters else LEAST_UNITS


def enough(plan: Plan, n: tuple[float, float], hits: tuple[float, float]) -> bool:
    """Whether each arm has 100 units and would have 25 conversions if the variants did not differ, or five clusters.

    Below that no effect is shown. An arm is not asked for 25 of its own: one that converts far less would never be
    told harmed, and what is shown would hang on what was found (docs/decisions/0026).
    """
    expected = sum(hits) * min(n) / max(sum(n), 1.0)
    return min(n) >= least_units(plan) and (plan.clusters or expected >= LEAST_CONVERSIONS)


def effect(test: Test, level: float, sides: Sides = "both") -> Effect:
    """Return the estimate with the interval of the plan's method at `level`: the verdict's own critical value.

    Where that method may conclude nothing yet, the always-valid interval is drawn instead, and named so.
    """
    bound = test.bound(level, sides)
    if not np.isfinite(bound):
        return band(test, level)
    two_sided = level if sides == "both" else 2 * level
    if test.plan.prior is not None:
        return _credible(test, test.plan.prior, two_sided)
    found = _estimate(test.pair, test.counts, bound, _p_value(test, two_sided))
    return _effect(found, two_sided, test.plan.method)


def band(test: Test, level: float) -> Effect:
    """Return the estimate with its always-valid interval."""
    found = _estimate(test.pair, test.counts, test.always(level), _always_p(test, level))
    return _effect(found, level, "always-valid")


def fixed(pair: Pair, level: float, counts: Counts | None = None) -> Effect:
    """Return the estimate of Welch, or of the score test for `counts`: one look, no allowance for others.

    For detail pages and segments.
    """
    rule, read = Fixed(level), pair if counts is None else stats.score_pair(counts)
    c, p = rule.critical(read), rule.p_value(read)
    return _effect(stats.estimate(pair, c, p) if counts is None else stats.score_estimate(counts, c, p), level, "fixed")


def _estimate(pair: Pair, counts: Counts | None, bound: float, p_value: float) -> Estimate:
    """Both intervals at one critical value, given on the normal scale."""
    if counts is None:
        return stats.estimate(pair, _to_t(bound, pair), p_value)
    return stats.score_estimate(counts, bound, p_value)


def _credible(test: Test, prior: Prior, level: float) -> Effect:
    """The posterior with its central credible interval; in the metric's own unit it is that share of control's mean."""
    mean, sd = (float(x) for x in believed(prior, test.pair, test.gain))
    base, reach = float(test.pair.m0), float(normal_bound(level / 2)) * sd
    lift = mean * test.gain * (-1.0 if base < 0 else 1.0)
    low, high = sorted(((lift - reach) * base, (lift + reach) * base))
    return Effect(
        difference=lift * base, low=low, high=high, relative=lift, relative_low=lift - reach,
        relative_high=lift + reach, se=sd * abs(base), df=None, p_value=2 * float(normal_tail(abs(test.score(0.0)))),
        critical=float(normal_bound(level / 2)), level=1 - level, method="bayesian",
        chance=1 - float(normal_tail(test.score(0.0))),
    )  # fmt: skip


def _p_value(test: Test, level: float) -> float:
    """The least level that would have shown a change, in the shares in which the plan's method spends it.

    So it is at most `level` where the interval of this look leaves out zero.
    """
    if test.plan.method == "fixed":
        return float(Fixed(level).p_value(test.pair if test.counts is None else stats.score_pair(test.counts)))
    if test.plan.method == "always-valid":
        return _always_p(test, level)
    if test.on_reserve:
        return min(_always_p(test, (1 - PLANNED_SHARE) * level) / (1 - PLANNED_SHARE), 1.0)
    scores = [look.statistics["zero"] for look in test.looks]
    fractions, information = zip(*((look.fraction, look.information) for look in test.looks), strict=True)
    return min(stats.sequential_p(scores, fractions, information) / PLANNED_SHARE, 1.0)


def _always_p(test: Test, level: float) -> float:
    """The always-valid p-value of no change, from what the bound is held against; tightest at the same units."""
    return float(AlwaysValid(level, planned=test.planned).p_value(_scored(test.sampled(0.0), float(test.pair.n))))


def _scored(score: float, units: float | Sequence[float] | Floats) -> Pair:
    """A pair whose statistic is this normal score, at so many units."""
    return Pair(
        np.array(0.0), np.array(score), np.zeros(()), np.zeros(()), np.ones(()), np.array(1e12), np.array(units)
    )


def _effect(e: Estimate, level: float, method: Method) -> Effect:
    return Effect(
        difference=float(e.difference), low=_finite(e.low), high=_finite(e.high),
        relative=_finite(e.relative), relative_low=_finite(e.relative_low), relative_high=_finite(e.relative_high),
        se=float(e.se), df=_finite(e.df), p_value=float(e.p_value), critical=_finite(e.critical),
        level=1 - level, method=method,
    )  # fmt: skip


def _within(score: float) -> float:
    return float(np.clip(score, -LARGEST_SCORE, LARGEST_SCORE))


def _finite(value: np.ndarray) -> float | None:
    return float(value) if np.isfinite(value) else None


def _to_t(bound: float, pair: Pair) -> float:
    return float(normal_to_t(bound, pair.df)) if np.isfinite(bound) else float("inf")


def precision(plan: Plan, worthwhile: float, se: float) -> float:
    """Return (target half-width / current half-width)^2: 1 where the plan's power is reached, by one planned look.

    `worthwhile` and `se` are in the metric's own unit.
    """
    alpha, power = float(normal_bound(plan.alpha / 2)), float(normal_bound(1 - plan.power))
    target = worthwhile / (alpha + power)
    return (target / se) ** 2
