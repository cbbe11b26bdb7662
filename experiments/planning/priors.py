"""What past experiments on a metric say of the next one: how large true effects have been, and so what to expect.

Every stopped or decided experiment counts, not only winners, if it had the metric as a goal or secondary and its
groups could be compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

import stats
from experiments.catalog import Catalog, Metric
from experiments.numbers import change, decimals, fixed, several, size, times
from experiments.plan import FrozenPlan, Goal
from experiments.registry import Database, overview
from stats import Prior

LEAST_EXPERIMENTS = 5
MOSTLY = 0.8
UNLIKELY = 0.1


@dataclass(frozen=True)
class Past:
    """How many experiments measured a metric's relative effect, and the prior learnt; None from fewer than five."""

    experiments: int
    prior: Prior | None = None

    def chance(self, relative: float, gain: int) -> float | None:
        """The chance that a new true effect is at least this good; None where nothing was learnt."""
        if self.prior is None:
            return None
        return NormalDist().cdf((gain * self.prior.mean - relative) / self.prior.sd)


def learnt(db: Database, metric: str | None = None) -> dict[str, Past]:
    """Return what is known of every metric, or of one, that a finished experiment has measured, by key."""
    return _learnt(db, overview.version(db), metric)


@lru_cache(maxsize=64)
def _learnt(db: Database, version: tuple[int, int], metric: str | None) -> dict[str, Past]:
    """Finding the likeliest spreads takes a while, and nothing was learnt since the same version."""
    return of_lifts(overview.lifts(db, metric))


def of_lifts(lifts: Iterable[tuple[str, str, float, float]]) -> dict[str, Past]:
    """Learn from (experiment, metric, relative effect, variance); of several treatments each counts as an effect."""
    effects: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for experiment, metric, lift, variance in lifts:
        effects.setdefault(metric, {}).setdefault(experiment, []).append((lift, variance))
    return {metric: _past(list(by_experiment.values())) for metric, by_experiment in effects.items()}


def _past(each: list[list[tuple[float, float]]]) -> Past:
    if len(each) < LEAST_EXPERIMENTS:
        return Past(len(each))
    lifts, variances = zip(*(found for several in each for found in several), strict=True)
    return Past(len(each), stats.learn_prior(lifts, variances))


def sentence(past: Past | None) -> str:
    """Say what effects of a metric have been like, or that too little is known."""
    if past is None or past.prior is None:
        found = past.experiments if past else 0
        known = f"{'only ' if found else ''}{several(found, 'finished experiment')} {'has' if found == 1 else 'have'}"
        least = several(LEAST_EXPERIMENTS, "experiment")
        return f"Too little is known of its effects: {known} measured it, and it takes {least}."
    half = NormalDist().inv_cdf((1 + MOSTLY) / 2) * past.prior.sd
    _, mostly = change(past.prior.mean, past.prior.mean - half, past.prior.mean + half)
    return f"Of {past.experiments} experiments that measured it, true effects were mostly between {_ends(mostly)}."


def expectation(frozen: FrozenPlan, goal: Goal, past: Mapping[str, Past], mean: float) -> str:
    """Hold what a goal asks for against what past experiments brought; `mean` is control's."""
    metric, known = frozen.definitions[goal.metric].metric, past.get(goal.metric)
    gain = 1 if metric.direction == "increase" else -1
    asked = goal.worthwhile / abs(mean) if goal.absolute else goal.worthwhile
    chance = known.chance(asked, gain) if known else None
    if chance is None:
        return f"{metric.name}: {_lower(sentence(known))}"
    word = "unlikely" if chance < UNLIKELY else "possible" if chance < 0.5 else "likely"
    yours = change(gain * asked, None, None)[0] if goal.absolute else size(gain * asked, absolute=False, kind="")
    return f"{metric.name}: {_lower(sentence(known))[:-1]}; yours asks for {yours}, which is {word} ({times(chance)})."


def prior_words(prior: Prior, metric: Metric) -> str:
    """Write a prior as a plan states one: of gains, so above zero where the metric gets better, as shares."""
    mean, sd = _number(_gain(prior, metric)), _number(prior.sd)
    return f"a normal distribution of gains with mean {mean} and standard deviation {sd}, as shares"


def suggestions(past: Mapping[str, Past], catalog: Catalog) -> list[str]:
    """Return what a brief may take for a prior, in percent, a sentence for each metric that has taught one."""
    found = [(catalog.metrics[k], p.prior) for k, p in sorted(past.items()) if p.prior and k in catalog.metrics]
    return [
        f"{m.name}: past gains varied by {_number(100 * p.sd)}% around {_number(100 * _gain(p, m))}%."
        for m, p in found
    ]


def _number(value: float) -> str:
    return fixed(value, decimals(value))


def _gain(prior: Prior, metric: Metric) -> float:
    return prior.mean if metric.direction == "increase" else -prior.mean


def _lower(text: str) -> str:
    return text[0].lower() + text[1:]


def _ends(interval: str) -> str:
    return interval.replace(" to ", " and ")
