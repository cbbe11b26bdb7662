"""The plan's rule over many simulated experiments at once: what it would do, how often, and how soon.

The same ladder as verdict.py and the same bounds as inference.py, on arrays [runs, looks]; a test holds the two
against each other. One treatment; every look is official.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

import stats
from experiments import inference
from experiments.inference import Sides
from experiments.plan import Goal, Guardrail, Plan
from stats import Pair

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
Word = Literal["wait", "keep", "drop", "stop", "review"]
WORDS: tuple[Word, ...] = ("wait", "keep", "drop", "stop", "review")


@dataclass(frozen=True)
class Metric:
    """One goal or guardrail over all runs and looks.

    `pair` has the shape [runs, looks]; `gain` is +1 where more is better, else -1. `fractions` and `information`
    are those of its looks, `[looks]`, as windows make metrics complete on different days; `planned` is the number
    of units of both arms at which its always-valid band is tightest.
    """

    role: Goal | Guardrail
    pair: Pair
    gain: int
    fractions: Floats
    information: Floats
    planned: float

    @property
    def size(self) -> float:
        """Worthwhile effect of a goal, margin of a guardrail."""
        return self.role.worthwhile if isinstance(self.role, Goal) else self.role.margin

    def score(self, worth: float) -> Floats:
        """Normal score against a gain of `worth`, `[runs, looks]`, towards the good side also below zero."""
        flip = 1.0 if self.role.absolute else np.where(self.pair.m0 < 0, -1.0, 1.0)
        found = stats.normal_scores(self.pair, self.gain * worth * flip, absolute=self.role.absolute)
        return np.asarray(self.gain * found)


@dataclass(frozen=True)
class Outcomes:
    """What the rule said: `word` `[runs, looks]` as positions in WORDS; readings that a person would have seen."""

    word: NDArray[np.int8]
    better: Flags
    worse: Flags
    harmed: Flags
    days: NDArray[np.intp]

    @property
    def last(self) -> NDArray[np.int8]:
        """The first keep, drop or stop of each run, else its last word, `[runs]`."""
        return self.word[np.arange(len(self.word)), self.ends]

    @property
    def ends(self) -> NDArray[np.intp]:
        """The look at which each run ended, `[runs]`."""
        acted = np.isin(self.word, [WORDS.index(w) for w in ("keep", "drop", "stop")])
        return np.asarray(np.where(acted.any(axis=1), acted.argmax(axis=1), self.word.shape[1] - 1))

    def share(self, word: Word) -> float:
        """Share of runs that ended in this word."""
        return float(np.mean(self.last == WORDS.index(word)))

    @property
    def mean_days(self) -> float:
        """Mean number of days until a run ended."""
        return float(self.days[self.ends].mean())


def outcomes(plan: Plan, metrics: Mapping[str, Metric], days: Sequence[int], horizon: int) -> Outcomes:
    """Apply the plan's rule to every run at every look.

    `metrics` holds all goals and guardrails of the plan by key; `days` are the days done at each look, `[looks]`,
    and `horizon` is the day that ends the plan.
    """
    goals, guardrails = [metrics[g.metric] for g in plan.goals], [metrics[g.metric] for g in plan.guardrails]
    better, worse, short = _goals(plan, goals)
    safe = np.array([_shown(plan, g, _score(plan, g, -g.size), plan.alpha, "one") for g in guardrails])
    harmed = np.array([_harmed(plan, m, plan.alpha / (len(goals) + len(guardrails))) for m in (*goals, *guardrails)])
    drops, done = _all(short | worse), np.asarray(days)
    keeps = _any(better & ~short) & ~_any(worse) & (_all(safe) if guardrails else True)
    waits = (done < plan.minimum_days) | ~((done >= horizon) | keeps | drops)
    return Outcomes(_ladder(_any(harmed), waits, keeps, drops), _any(better), _any(worse), _any(harmed), done)


def _score(plan: Plan, metric: Metric, worth: float) -> Floats:
    """The plan's score: of a Bayesian plan the posterior's, `[runs, looks]`."""
    if plan.prior is None:
        return metric.score(worth)
    mean, sd = inference.believed(plan.prior, metric.pair, metric.gain)
    return np.asarray((mean - worth) / sd)


def _any(flags: Flags) -> Flags:
    return np.asarray(flags.any(axis=0))


def _all(flags: Flags) -> Flags:
    return np.asarray(flags.all(axis=0))


def _ladder(stops: Flags, waits: Flags, keeps: Flags, drops: Flags) -> NDArray[np.int8]:
    """The first rung that holds; review where none does."""
    positions = [WORDS.index(w) for w in ("stop", "wait", "keep", "drop")]
    return np.select([stops, waits, keeps, drops], positions, WORDS.index("review")).astype(np.int8)


def _goals(plan: Plan, goals: Sequence[Metric]) -> tuple[Flags, Flags, Flags]:
    """Better, worse and falling short, each `[goals, runs, looks]`, every goal at its own level of Holm's procedure.

    One treatment is simulated: the others' goals keep their share of alpha.
    """
    steps = [plan.alpha / (plan.goal_tests - settled) for settled in range(len(goals))]
    up = np.array([[_shown(plan, g, _score(plan, g, 0.0), a) for g in goals] for a in steps])
    down = np.array([[_shown(plan, g, -_score(plan, g, 0.0), a) for g in goals] for a in steps])
    short = np.array([[_shown(plan, g, -_score(plan, g, g.size), a) for g in goals] for a in steps])
    step = _holm(up | down)[None]
    at = [np.take_along_axis(x, step, axis=0)[0] for x in (up, down, short)]
    return at[0], at[1] & ~at[0], at[2]


def _holm(crossed: Flags) -> NDArray[np.intp]:
    """The step at which each goal is tested, from `[steps, goals, runs, looks]`: rejections pass their share on."""
    goals = crossed.shape[1]
    step = np.zeros(crossed.shape[1:], dtype=np.intp)
    rejected = np.zeros(crossed.shape[1:], dtype=bool)
    for _ in range(goals):
        level = np.broadcast_to(np.minimum(rejected.sum(axis=0), goals - 1), step.shape)
        now = np.take_along_axis(crossed, level[None], axis=0)[0] & ~rejected
        step = np.where(rejected, step, level)
        rejected = rejected | (now & (np.cumsum(now, axis=0) == 1))  # one at a time, in declared order
    level = np.broadcast_to(np.minimum(rejected.sum(axis=0), goals - 1), step.shape)
    return np.where(rejected, step, level)


def _shown(plan: Plan, metric: Metric, score: Floats, level: float, sides: Sides = "both") -> Flags:
    """Whether a score was shown by each look: it stays shown, but for a posterior. Nothing with too few units."""
    enough = _enough(plan, metric)
    bounds = inference.bounds(
        plan.method, level, np.where(enough, metric.fractions, 0.0), metric.information, planned=metric.planned,
        sides=sides,
    )  # fmt: skip
    now = np.asarray((score >= bounds) & enough)
    if plan.prior is not None:
        now &= inference.related(metric.pair)
    return now if plan.method == "bayesian" else np.logical_or.accumulate(now, axis=-1)


def _harmed(plan: Plan, metric: Metric, level: float) -> Flags:
    """Beyond the margin on the bound that holds on any day, `[runs, looks]`."""
    bound = inference.always_valid(level, metric.information, planned=metric.planned, sides="one")
    return np.asarray((-metric.score(-metric.size) >= bound) & _enough(plan, metric))


def _enough(plan: Plan, metric: Metric) -> Flags:
    return metric.information >= 2 * inference.least_units(plan)
