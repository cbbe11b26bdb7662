"""What kept enhancements are worth in sum, and what was avoided: as measured, and shrunken towards what is usual.

Winners were helped by luck, so the sum of what they measured is too large. Shrunken, each effect is moved towards the
mean of all experiments on its metric, as far as chance explains what sets it apart (Efron & Morris 1975; of
experiments Dimmery, Bakshy & Sekhon 2019): given that distribution no choice of winners spoils the sum. Changes are
added, as for small ones multiplying is nearly the same, each times the share of units that get it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

import numpy as np

import stats
from experiments.portfolio.outcomes import CRITICAL
from experiments.registry.overview import Card, Effect

LEAST = 5  # experiments from which one may learn what effects are usual
Usual = stats.Heterogeneity  # what true effects on a metric are like: their mean, and how far they lie apart
HOLDOUT = "holdout"  # the tag of an experiment whose control gets nothing of what was kept


@dataclass(frozen=True)
class Shrunk:
    """A shrunken sum with its 95 % interval."""

    total: float
    low: float
    high: float


@dataclass(frozen=True)
class Impact:
    """What several effects on one metric add up to, as shares of control.

    `sum` is None where fewer than five experiments measured the metric. `corrected` adds what each winner is expected
    to bring after launch, None unless known of all. `course` is (day, naive, shrunken) after each decision.
    """

    metric: str
    title: str
    direction: str
    count: int
    naive: float
    corrected: float | None
    sum: Shrunk | None
    holdout: Effect | None
    targeted: int
    course: tuple[tuple[date, float, Shrunk | None], ...]


@dataclass(frozen=True)
class Loss:
    """An experiment that was not kept, and the effect that it would have had."""

    card: Card
    effect: Effect


def known(lifts: Iterable[tuple[str, str, float, float]]) -> dict[str, Usual]:
    """Learn from (experiment, metric, effect, variance) of all that finished, winners or not, what is usual."""
    found: dict[str, list[tuple[str, float, float]]] = {}
    for experiment, metric, lift, variance in lifts:
        found.setdefault(metric, []).append((experiment, lift, variance))
    enough = {m: each for m, each in found.items() if len({key for key, _, _ in each}) >= LEAST}
    return {m: stats.heterogeneity(*np.array([row[1:] for row in each]).T) for m, each in enough.items()}


def impacts(
    decided: Sequence[Card], effects: Sequence[Effect], usual: Mapping[str, Usual], every: Sequence[Card]
) -> list[Impact]:
    """Return what kept experiments brought to each metric that was their goal, the most used metric first."""
    kept = {(c.experiment, c.kept): c for c in decided if c.decision == "keep" and HOLDOUT not in c.tags}
    goals = [e for e in effects if e.role == "goal" and e.valid and e.variance and e.lift is not None]
    mine = [(kept[e.experiment, e.treatment], e) for e in goals if (e.experiment, e.treatment) in kept]
    held = _holdouts(every, effects)
    return _by_metric(mine, usual, held)


def losses(
    every: Sequence[Card], effects: Sequence[Effect], holds: Callable[[date | None], bool]
) -> tuple[Loss, ...]:
    """Return what was stopped or not kept in the period although shown worse or harmed, the last first.

    Of each experiment the worst one counts, by its metric's own interval.
    """
    ended = {c.experiment: c for c in every if _dropped(c) and holds(_ended(c))}
    found: dict[str, Effect] = {}
    for e in effects:
        known_loss = e.bad and e.valid and e.variance and e.lift is not None and e.experiment in ended
        if known_loss and _worse(e, found.get(e.experiment)):
            found[e.experiment] = e
    rows = [Loss(ended[key], e) for key, e in found.items()]
    return tuple(sorted(rows, key=lambda x: (_ended(x.card) or date.min, x.card.experiment), reverse=True))


def avoided(found: Iterable[Loss], usual: Mapping[str, Usual]) -> list[Impact]:
    """Return what was avoided in sum, by metric."""
    return _by_metric([(x.card, x.effect) for x in found], usual, {})


def shrunk(effects: Sequence[tuple[Effect, float]], usual: Usual | None) -> list[Shrunk | None]:
    """Add effects one after another, each times its share of units, shrunken; None where too little is known.

    The interval holds what is left of each true effect's spread, the error of the mean that all are moved to, and that
    of the spread itself.
    """
    if usual is None or not effects:
        return [None] * len(effects)
    shape, shares = (len(usual.mean), len(effects)), np.array([share for _, share in effects])
    lifts, variances = (np.broadcast_to([getattr(e, name) for e, _ in effects], shape) for name in ("lift", "variance"))
    found = stats.shrink(lifts, variances, usual.mean, usual.tau2)
    each = np.cumsum(shares * found.mean, axis=-1)  # one row for each candidate of the spread
    own = np.cumsum((shares * found.sd) ** 2, axis=-1)
    common = (np.cumsum(shares * found.weight_to_mean, axis=-1) * usual.se[:, None]) ** 2
    totals = usual.weight @ each
    halves = CRITICAL * np.sqrt(usual.weight @ (own + common + (each - totals) ** 2))
    return [Shrunk(*map(float, row)) for row in zip(totals, totals - halves, totals + halves, strict=True)]


def _by_metric(
    mine: Sequence[tuple[Card, Effect]], usual: Mapping[str, Usual], held: Mapping[str, Effect]
) -> list[Impact]:
    found: dict[str, list[tuple[Card, Effect]]] = {}
    for card, e in sorted(mine, key=lambda pair: (_ended(pair[0]) or date.min, pair[0].experiment)):
        found.setdefault(e.metric, []).append((card, e))
    made = [_impact(each, usual.get(m), held.get(m)) for m, each in found.items()]
    return sorted(made, key=lambda i: (-i.count, i.title))


def _impact(each: Sequence[tuple[Card, Effect]], usual: Usual | None, held: Effect | None) -> Impact:
    rows = [(e, _share(card)) for card, e in each]
    expected = [None if e.expected is None else e.expected * share for e, share in rows]
    sums = [float(x) for x in np.cumsum([(e.lift or 0.0) * share for e, share in rows])]
    days = [_ended(card) or date.min for card, _ in each]
    last, totals = each[-1][1], shrunk(rows, usual)
    return Impact(
        metric=last.metric, title=last.title, direction=last.direction, count=len(each), naive=sums[-1],
        corrected=None if None in expected else sum(x for x in expected if x is not None),
        sum=totals[-1], holdout=held, targeted=sum(card.targeted for card, _ in each),
        course=tuple(zip(days, sums, totals, strict=True)),
    )  # fmt: skip


def _holdouts(every: Iterable[Card], effects: Iterable[Effect]) -> dict[str, Effect]:
    """The newest valid effect of an experiment with the tag, by metric."""
    tagged = [c.experiment for c in every if HOLDOUT in c.tags and c.launched]
    order = {key: n for n, key in enumerate(tagged)}
    found = [e for e in effects if e.experiment in order and e.valid and e.effect is not None]
    return {e.metric: e for e in sorted(found, key=lambda e: -order[e.experiment])}


def _share(card: Card) -> float:
    return 1.0 if card.rollout is None else card.rollout


def _dropped(card: Card) -> bool:
    return card.state == "stopped" or (card.state == "decided" and card.decision != "keep")


def _ended(card: Card) -> date | None:
    when = card.decided_at or card.stopped_at
    return when.date() if when else None


def _worse(e: Effect, than: Effect | None) -> bool:
    return than is None or _size(e) > _size(than)


def _size(e: Effect) -> float:
    """How clear a loss is: its size in standard errors."""
    return abs(e.lift or 0.0) / sqrt(e.variance) if e.variance else 0.0
