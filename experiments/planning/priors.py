"""What past experiments on a metric say of the next one: how large true effects have been, and so what to expect.

Every stopped or decided experiment counts, not only winners, if it had the metric as a goal or secondary and its
groups could be compared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import stats
from experiments.catalog import Catalog, Metric
from experiments.numbers import change, decimals, fixed, several, size, times
from experiments.plan import FrozenPlan, Goal
from experiments.registry import Database, experiments, snapshots
from experiments.snapshot import MetricResult, Snapshot
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


def learnt(db: Database) -> dict[str, Past]:
    """Return what is known of every metric that a finished experiment has measured, by key."""
    finished = {e.key for e in experiments.listing(db) if e.state in {"stopped", "decided"}}
    return of_snapshots(s for key, s in snapshots.latest_of_all(db).items() if key in finished)


def of_snapshots(finished: Iterable[Snapshot]) -> dict[str, Past]:
    """Learn from the last snapshots of finished experiments; of several treatments each counts as an effect."""
    effects: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for snapshot in finished:
        for m in snapshot.metrics if snapshot.verdict.word != "invalid" else ():
            if m.role != "guardrail" and (found := _lift(m)) is not None:
                effects.setdefault(m.metric, {}).setdefault(snapshot.experiment, []).append(found)
    return {metric: _past(list(by_experiment.values())) for metric, by_experiment in effects.items()}


def _past(each: list[list[tuple[float, float]]]) -> Past:
    if len(each) < LEAST_EXPERIMENTS:
        return Past(len(each))
    lifts, variances = zip(*(found for several in each for found in several), strict=True)
    return Past(len(each), stats.learn_prior(lifts, variances))


def _lift(m: MetricResult) -> tuple[float, float] | None:
    """The relative effect and its variance: (v1 + (1 + L)^2 v0) / m0^2, the arms' variances being as 1/n."""
    sampled = m.band or m.effect  # a posterior holds its own prior already
    if sampled is None or sampled.relative is None or m.control is None or m.variant is None or not m.control.mean:
        return None
    n0, n1, lift = m.control.n, m.variant.n, sampled.relative
    return lift, sampled.se**2 * (n0 + (1 + lift) ** 2 * n1) / (n0 + n1) / m.control.mean**2


def sentence(past: Past | None) -> str:
    """Say what effects of a metric have been like, or that too little is known."""
    if past is None or past.prior is None:
        found = past.experiments if past else 0
        known = f"{'only ' if found else ''}{several(found, 'finished experiment')} {'has' if found == 1 else 'have'}"
        return f"Too little is known of its effects: {known} measured it, and it takes {LEAST_EXPERIMENTS}."
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
