"""The plan's method applied to one metric of one treatment: what has been shown, and the interval that shows it.

Group sequential spends nine tenths of alpha up to the horizon and keeps one tenth as an always-valid reserve, so
that an experiment may run over and stay valid. Sizes count in the direction that is good: a gain is positive.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

import stats
from experiments.plan import Method, Plan
from experiments.snapshot import Effect, Look
from stats import AlwaysValid, Estimate, Fixed, Pair
from stats.distributions import normal_bound, normal_to_t, t_to_normal

PLANNED_SHARE = 0.9  # of alpha, spent up to the horizon; the rest is the reserve
LEAST_UNITS = 100
LEAST_CONVERSIONS = 25
LARGEST_SCORE = 37.0  # beyond it the normal tail is zero in float64

Sides = Literal["both", "one"]


@dataclass(frozen=True)
class Test:
    """One metric of one treatment at one look.

    `gain` is +1 where more is better, -1 where less is. `size` is the worthwhile effect of a goal or the margin
    of a guardrail, above zero. `looks` are the official looks so far with this one last; without any, no alpha
    may be spent. `planned` is the number of units of both arms at which the always-valid band is tightest.
    """

    plan: Plan
    pair: Pair
    gain: int
    size: float
    absolute: bool
    looks: tuple[Look, ...]
    planned: float
    after_horizon: bool

    def score(self, worth: float) -> float:
        """The statistic, on the normal scale, against a gain of `worth`: above zero if the gain is larger."""
        score = float(stats.normal_scores(self.pair, self._shift(worth), absolute=self.absolute))
        return float(np.clip(self.gain * score, -LARGEST_SCORE, LARGEST_SCORE))

    def bound(self, level: float, sides: Sides = "both") -> float:
        """What a score must reach at this look to be shown at `level`, on the normal scale."""
        method = self.plan.method
        if method == "always-valid":
            return self._always(level, sides)
        if not self.looks:
            return float("inf")
        if method == "fixed":
            return self._once(level, sides) if self.looks[-1].fraction >= 1 else float("inf")
        if self.after_horizon:
            return self._always((1 - PLANNED_SHARE) * level, sides)
        return float(self._boundaries(level, sides)[-1])

    def shown(self, name: str, level: float, sides: Sides = "both") -> bool:
        """Whether the gain behind the score `name` was shown at this look or an earlier one: it stays shown."""
        if not self.looks:
            return False
        scores = np.array([look.statistics[name] for look in self.looks])
        if self.plan.method == "always-valid":
            return bool(scores[-1] >= self.bound(level, sides))
        if self.plan.method == "fixed":
            ended = [score for score, look in zip(scores, self.looks, strict=True) if look.fraction >= 1]
            return bool(ended and ended[0] >= self._once(level, sides))
        planned = bool(np.any(scores >= self._boundaries(level, sides)))
        return planned or (self.after_horizon and bool(scores[-1] >= self.bound(level, sides)))

    def harmed(self, level: float) -> bool:
        """Whether the loss is beyond the margin, by the always-valid bound of one side: on any day."""
        return -self.score(-self.size) >= self._always(level, "one")

    def _once(self, level: float, sides: Sides) -> float:
        """The normal quantile: at the horizon, where the fixed method takes its one look."""
        return float(Fixed(level).critical(_large(self.pair), side_of(sides)))

    def _always(self, level: float, sides: Sides) -> float:
        rule = AlwaysValid(level, planned=self.planned)
        return float(_to_normal(rule.critical(self.pair, side_of(sides)), self.pair))

    def _boundaries(self, level: float, sides: Sides) -> np.ndarray:
        fractions, information = zip(*((look.fraction, look.information) for look in self.looks), strict=True)
        return stats.boundaries(PLANNED_SHARE * level, fractions, information, two_sided=sides == "both")

    def _shift(self, worth: float) -> float:
        """A relative gain of a control mean below zero is a step towards the good side all the same."""
        flip = -1.0 if not self.absolute and float(self.pair.m0) < 0 else 1.0
        return self.gain * worth * flip


def enough(control_n: float, treatment_n: float, control_hits: float, treatment_hits: float) -> bool:
    """Whether each arm has 100 units and 25 conversions: below that no effect is shown."""
    return min(control_n, treatment_n) >= LEAST_UNITS and min(control_hits, treatment_hits) >= LEAST_CONVERSIONS


def effect(test: Test, level: float, sides: Sides = "both") -> Effect:
    """Return the estimate with the interval of the plan's method at `level`: the verdict's own critical value.

    Where that method may conclude nothing yet, the always-valid interval is drawn instead, and named so.
    """
    critical = _to_t(test.bound(level, sides), test.pair)
    if not np.isfinite(critical):
        return band(test, level)
    p = _p_value(test, sides)
    return _effect(stats.estimate(test.pair, critical, p), level if sides == "both" else 2 * level, test.plan.method)


def band(test: Test, level: float) -> Effect:
    """Return the estimate with its always-valid interval."""
    rule = AlwaysValid(level, planned=test.planned)
    found = stats.estimate(test.pair, rule.critical(test.pair), rule.p_value(test.pair))
    return _effect(found, level, "always-valid")


def fixed(pair: Pair, level: float) -> Effect:
    """Return Welch's estimate: one look, no allowance for others. For detail pages and segments."""
    rule = Fixed(level)
    return _effect(stats.estimate(pair, rule.critical(pair), rule.p_value(pair)), level, "fixed")


def _p_value(test: Test, sides: Sides) -> float:
    """For looks under a spending function, the smallest alpha crossed by now; else the rule's own p-value."""
    if test.plan.method == "group-sequential" and test.looks and not test.after_horizon:
        scores = [look.statistics["zero"] for look in test.looks]
        times = [(look.fraction, look.information) for look in test.looks]
        return float(stats.sequential_p(scores, *zip(*times, strict=True))) if len(scores) else 1.0
    rule = Fixed(test.plan.alpha) if test.plan.method == "fixed" else AlwaysValid(test.plan.alpha, planned=test.planned)
    return float(rule.p_value(test.pair))


def _effect(e: Estimate, level: float, method: Method) -> Effect:
    return Effect(
        difference=float(e.difference), low=_finite(e.low), high=_finite(e.high),
        relative=_finite(e.relative), relative_low=_finite(e.relative_low), relative_high=_finite(e.relative_high),
        se=float(e.se), df=_finite(e.df), p_value=float(e.p_value), critical=_finite(e.critical),
        level=1 - level, method=method,
    )  # fmt: skip


def _finite(value: np.ndarray) -> float | None:
    return float(value) if np.isfinite(value) else None


def side_of(sides: Sides) -> Literal["both", "greater"]:
    """The side on which a gain lies, as the rules of `stats` call it."""
    return "both" if sides == "both" else "greater"


def _large(pair: Pair) -> Pair:
    """The same pair with unlimited degrees of freedom: bounds are kept on the normal scale."""
    return Pair(pair.m0, pair.m1, pair.v00, pair.v01, pair.v11, np.array(1e12), pair.n)


def _to_t(bound: float, pair: Pair) -> float:
    return float(normal_to_t(bound, pair.df)) if np.isfinite(bound) else float("inf")


def _to_normal(critical: np.ndarray, pair: Pair) -> np.ndarray:
    return np.where(np.isfinite(critical), t_to_normal(np.where(np.isfinite(critical), critical, 0.0), pair.df), np.inf)


def precision(plan: Plan, worthwhile: float, se: float) -> float:
    """Return (target half-width / current half-width)^2: 1 where the plan's power is reached, by one planned look.

    `worthwhile` and `se` are in the metric's own unit.
    """
    alpha, power = float(normal_bound(plan.alpha / 2)), float(normal_bound(1 - plan.power))
    target = worthwhile / (alpha + power)
    return (target / se) ** 2
