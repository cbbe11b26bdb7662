"""Each metric's record: in how many experiments it was a goal or a guardrail, and how often, and whither, it moved."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import stats
from experiments.portfolio.outcomes import interval
from experiments.registry.overview import Effect

ALPHA, POWER = 0.05, 0.8


@dataclass(frozen=True)
class Record:
    """One metric over experiments with a valid result; of several treatments each counts.

    `better`, `worse`, `flat` and `unknown` are readings as a goal; `safe`, `harmed` and `unsafe` as a guardrail.
    `low` and `high` bound the share of goals that became better (95 %).
    """

    metric: str
    title: str
    experiments: int
    goals: int
    better: int
    worse: int
    flat: int
    unknown: int
    low: float
    high: float
    guardrails: int
    safe: int
    harmed: int

    @property
    def average(self) -> float | None:
        """The batting average: the share of goals that became better; None where it was none."""
        return self.better / self.goals if self.goals else None

    @property
    def moved(self) -> int:
        """How often it moved at all, as a goal."""
        return self.better + self.worse

    @property
    def unsafe(self) -> int:
        """As a guardrail neither shown safe nor harmed."""
        return self.guardrails - self.safe - self.harmed


def records(effects: Iterable[Effect]) -> list[Record]:
    """Return the record of every metric that was a goal or guardrail, the most used goal first."""
    found: dict[str, list[Effect]] = {}
    for e in effects:
        if e.valid and e.role != "secondary":
            found.setdefault(e.metric, []).append(e)
    return sorted((record(m, each) for m, each in found.items()), key=lambda r: (-r.goals, -r.guardrails, r.title))


def record(metric: str, effects: Sequence[Effect]) -> Record:
    """Return the record of one metric from its effects as goal and guardrail; secondary ones do not count."""
    goals = [e for e in effects if e.role == "goal" and e.valid]
    guardrails = [e for e in effects if e.role == "guardrail" and e.valid]
    harmed = sum(e.bad for e in guardrails)
    worse, better = sum(e.bad for e in goals), sum(e.reading == "better" and not e.harmed for e in goals)
    flat = sum(e.reading == "about the same" and not e.harmed for e in goals)
    low, high = interval(better, len(goals))
    return Record(
        metric=metric, title=effects[-1].title if effects else metric,
        experiments=len({e.experiment for e in (*goals, *guardrails)}), goals=len(goals), better=better, worse=worse,
        flat=flat, unknown=len(goals) - better - worse - flat, low=low, high=high, guardrails=len(guardrails),
        safe=sum(e.reading in ("safe", "worse within margin") and not e.harmed for e in guardrails), harmed=harmed,
    )  # fmt: skip


def typical(effects: Sequence[Effect]) -> Effect | None:
    """The effect of the largest experiment: its control says best what mean and spread to plan with."""
    known = [e for e in effects if e.units and e.control_sd is not None and e.valid]
    return max(known, key=lambda e: (e.units or 0, e.experiment), default=None)


def needed(of: Effect, relative: float) -> float | None:
    """Units of both variants that show a change of this size, with 80 % power, two-sided 5 % and one look at the end.

    From control's mean and standard deviation in that experiment; None where the mean or the spread is 0.
    """
    if not of.control_mean or not of.control_sd:
        return None
    aim = stats.Aim(sd=of.control_sd, effect=relative, mean=of.control_mean)
    return stats.sample_size(aim, stats.fixed(ALPHA), POWER, exact=False)
