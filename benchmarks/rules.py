"""Rules that turn a fleet's looks into decisions: ours, and four that people use. All see the same draws.

The others are written as their users apply them: read every day from the first, stop at the first answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from benchmarks.fleets import plan
from experiments.plan import Method
from experiments.planning import operating
from experiments.planning.operating import WORDS, Metric
from stats import Fixed

Flags = NDArray[np.bool_]
Floats = NDArray[np.float64]
SURE, LOSS, LEVEL = 0.95, 0.0025, 0.05


@dataclass(frozen=True)
class Decisions:
    """What a rule did with each run, `[runs]`: at most one of the three, on which day, and whether it cried harm.

    `cried` is a stop, or any metric shown as worse or harmed: of ours at any look, even after an end.
    """

    kept: Flags
    dropped: Flags
    stopped: Flags
    day: NDArray[np.intp]
    cried: Flags


Rule = Callable[[Mapping[str, Metric]], Decisions]


def ours(method: Method = "group-sequential") -> Rule:
    """The verdict of this platform under a method, with the plan's defaults."""

    def decide(metrics: Mapping[str, Metric]) -> Decisions:
        looks = metrics["goal"].information.size
        found = operating.outcomes(plan(method, len(metrics) - 1), metrics, range(1, looks + 1), looks)
        shown = found.worse | found.harmed | (found.word == WORDS.index("stop"))
        last = found.last
        kept, dropped, stopped = (last == WORDS.index(w) for w in ("keep", "drop", "stop"))
        return Decisions(kept, dropped, stopped, found.ends + 1, shown.any(axis=1))

    return decide


def peeking(metrics: Mapping[str, Metric]) -> Decisions:
    """A fixed-horizon test read daily: p < .05 at any look, ship if up, drop if down. Guardrails are not asked."""
    pair = metrics["goal"].pair
    significant = Fixed(LEVEL).p_value(pair) < LEVEL
    up = pair.m1 > pair.m0
    return _first(significant & up, significant & ~up, np.zeros_like(up))


def chance_to_win(metrics: Mapping[str, Metric]) -> Decisions:
    """Ship when the chance to be better is above 95 %, drop below 5 %; flat prior."""
    chance = _chance(metrics["goal"])
    return _first(chance > SURE, chance < 1 - SURE, np.zeros(chance.shape, dtype=bool))


def expected_loss(metrics: Mapping[str, Metric]) -> Decisions:
    """Ship when shipping is expected to lose less than .25 % of control, drop when not shipping does; flat prior."""
    pair = metrics["goal"].pair
    lift, s = (pair.m1 - pair.m0) / pair.m0, _relative_error(metrics["goal"])
    density = s * np.exp(-((lift / s) ** 2) / 2) / np.sqrt(2 * np.pi)
    of_shipping = density - lift * ndtr(-lift / s)
    of_control = density + lift * ndtr(lift / s)
    return _first(of_shipping < LOSS, of_control < LOSS, np.zeros(lift.shape, dtype=bool))


def growthbook_like(metrics: Mapping[str, Metric]) -> Decisions:
    """All goals won and no guardrail lost: ship. Any guardrail lost: roll back. Won above 95 %, lost below 5 %."""
    chances = {key: _chance(m) for key, m in metrics.items()}
    won, lost = chances.pop("goal") > SURE, [c < 1 - SURE for c in chances.values()]
    back = np.any(lost, axis=0) if lost else np.zeros_like(won)
    return _first(won & ~back, np.zeros_like(won), back)


RULES: dict[str, Rule] = {
    "ours, group sequential": ours(),
    "ours, always valid": ours("always-valid"),
    "fixed horizon, peeked at": peeking,
    "chance to win > 95 %": chance_to_win,
    "expected loss < .25 %": expected_loss,
    "GrowthBook-like": growthbook_like,
}


def _first(keep: Flags, drop: Flags, stop: Flags) -> Decisions:
    """The first look that says anything decides; a roll-back goes before a ship."""
    any_word = keep | drop | stop
    ended = any_word.any(axis=1)
    at = np.where(ended, any_word.argmax(axis=1), any_word.shape[1] - 1)
    kept, dropped, stopped = (np.take_along_axis(x, at[:, None], axis=1)[:, 0] for x in (keep, drop, stop))
    return Decisions(kept & ~stopped, dropped, stopped, at + 1, dropped | stopped)


def _chance(metric: Metric) -> Floats:
    pair = metric.pair
    return np.asarray(ndtr(metric.gain * (pair.m1 - pair.m0) / np.sqrt(pair.v00 + pair.v11)))


def _relative_error(metric: Metric) -> Floats:
    pair = metric.pair
    return np.asarray(np.sqrt(pair.v11 + (pair.m1 / pair.m0) ** 2 * pair.v00) / np.abs(pair.m0))
