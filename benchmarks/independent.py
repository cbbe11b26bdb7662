"""The figure of wrong keeps once more, by two ways that share no code with the engine or the rule: exactly, for a
single look, and by walking units' means day by day with boundaries found by counting. What both and the rule itself
give cannot be the same mistake made twice. The figures are in docs/decisions/0007-a-guardrail-at-its-margin.md.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import multivariate_normal, norm

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
SIZE, LOOKS, WEEK, ALPHA, POWER = 0.05, 14, 7, 0.045, 0.8
UNITS = 2 * ((norm.isf(ALPHA / 2) + norm.isf(1 - POWER)) / SIZE) ** 2  # of one arm, at the end


class Reading(NamedTuple):
    """How "metrics correlate" may be read: between goal and guardrails, between guardrails, how many at the margin."""

    goal: float
    guardrails: float
    at_margin: int = 1

    def __str__(self) -> str:
        which = "one guardrail" if self.at_margin == 1 else "all guardrails"
        if self.goal == self.guardrails:
            return f"{which} at the margin, all metrics correlate {self.goal:g}"
        return f"{which} at the margin, guardrails correlate {self.guardrails:g}, the goal {self.goal:g}"

    @property
    def correlation(self) -> Floats:
        """Of one goal and three guardrails."""
        matrix = np.full((4, 4), self.guardrails)
        matrix[0, :] = matrix[:, 0] = self.goal
        np.fill_diagonal(matrix, 1.0)
        return matrix

    @property
    def effects(self) -> Floats:
        """True relative effects: a null goal, and guardrails at their margin or unharmed."""
        return np.array([0.0] + [-SIZE if i < self.at_margin else 0.0 for i in range(3)])


READINGS = (
    Reading(0.3, 0.3),
    Reading(0.15, 0.15),
    Reading(0.0, 0.0),
    Reading(0.0, 0.3),
    Reading(0.3, 0.3, 3),
    Reading(0.0, 0.3, 3),
)


def one_look(reading: Reading) -> float:
    """P(the goal is shown better and every guardrail safe) at a single look with all units: a normal probability."""
    error = np.sqrt((1 + (1 - SIZE) ** 2) / UNITS)  # of treatment less 1 - SIZE times control, all that is noisy
    means = np.concatenate([[0.0], (reading.effects[1:] + SIZE) / error])
    bounds = np.concatenate([[norm.isf(ALPHA / 2)], np.full(3, norm.isf(ALPHA))])
    # Against two nulls control counts once in full and once by 1 - SIZE: that takes a trifle off the correlation.
    shared = (2 - SIZE) / np.sqrt(2 * (1 + (1 - SIZE) ** 2))
    cov = reading.correlation
    cov[0, 1:] *= shared
    cov[1:, 0] *= shared
    found = multivariate_normal.cdf(means - bounds, cov=cov, maxpts=2_000_000, abseps=1e-7, releps=1e-4)
    return float(found)


def fourteen_looks(reading: Reading, runs: int, rng: np.random.Generator) -> Flags:
    """Which runs are kept under daily looks, `[runs]`. A stop, one in a thousand here, is left out: it is no keep."""
    goal_bound, guardrail_bound = (counted_bounds(level, runs, rng) for level in (ALPHA / 2, ALPHA))
    n = UNITS * np.arange(1, LOOKS + 1) / LOOKS
    steps = rng.standard_normal((2, runs, LOOKS, 4)) @ np.linalg.cholesky(reading.correlation).T
    control, treatment = np.cumsum(steps * np.sqrt(UNITS / LOOKS), axis=2) / n[:, None] + 1.0
    treatment += reading.effects

    def score(metric: int, worth: float) -> Floats:
        distance = treatment[..., metric] - (1 + worth) * control[..., metric]
        return np.asarray(distance * np.sqrt(n / (1 + (1 + worth) ** 2)))

    def ever(crossed: Flags) -> Flags:
        return np.asarray(np.logical_or.accumulate(crossed, axis=1))

    better, worse = ever(score(0, 0.0) >= goal_bound), ever(-score(0, 0.0) >= goal_bound)
    short = ever(-score(0, SIZE) >= goal_bound)
    safe = np.all([ever(score(i, -SIZE) >= guardrail_bound) for i in (1, 2, 3)], axis=0)
    keeps, drops = better & ~short & ~worse & safe, short | worse
    return _first(keeps[:, WEEK - 1 :], drops[:, WEEK - 1 :])


def counted_bounds(level: float, runs: int, rng: np.random.Generator) -> Floats:
    """O'Brien-Fleming-type bounds of one side: at each look the share that is to be spent crosses, counted on paths."""
    times = np.arange(1, LOOKS + 1) / LOOKS
    spent = np.round(runs * 2 * norm.sf(norm.isf(level / 2) / np.sqrt(times))).astype(int)
    z = rng.standard_normal((runs, LOOKS)).cumsum(axis=1) / np.sqrt(np.arange(1, LOOKS + 1))
    bounds = np.full(LOOKS, np.inf)
    for look, new in enumerate(np.diff(spent, prepend=0)):
        if new:
            bounds[look] = np.partition(z[:, look], -new)[-new]
            z = z[z[:, look] < bounds[look]]
    return bounds


def _first(keeps: Flags, drops: Flags) -> Flags:
    ended = keeps | drops
    return np.asarray(keeps[np.arange(len(keeps)), ended.argmax(axis=1)])
