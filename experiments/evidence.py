"""What a verdict rests on: where the experiment stands, and the readings of one treatment's goals and guardrails."""

from collections.abc import Iterable
from dataclasses import dataclass

from experiments.snapshot import MetricResult


@dataclass(frozen=True)
class Moment:
    """Where the experiment stands: days done and planned, and the days on which an answer can come.

    `cut_short` is said of one that was stopped before its horizon and whose last windows are complete.
    """

    day: int
    minimum_days: int
    days: int
    answer: str
    cut_short: bool = False

    @property
    def ended(self) -> bool:
        """Whether no more units or days will come: the horizon is reached, or it was stopped."""
        return self.cut_short or self.day >= self.days


@dataclass(frozen=True)
class Evidence:
    """One treatment's goals and guardrails with their readings, and what their intervals reach.

    `falls_short` holds keys of goals shown to gain less than their worthwhile effect.
    """

    treatment: str
    name: str
    goals: tuple[MetricResult, ...]
    guardrails: tuple[MetricResult, ...]
    falls_short: frozenset[str]
    harmed: frozenset[str]

    def read(self, results: Iterable[MetricResult], *words: str) -> tuple[MetricResult, ...]:
        """The results whose reading is one of these words."""
        return tuple(r for r in results if r.reading in words)

    @property
    def better(self) -> tuple[MetricResult, ...]:
        """Goals shown better whose interval reaches what is worthwhile."""
        return tuple(g for g in self.read(self.goals, "better") if g.metric not in self.falls_short)

    @property
    def worse(self) -> tuple[MetricResult, ...]:
        """Goals shown worse."""
        return self.read(self.goals, "worse")

    @property
    def safe(self) -> tuple[MetricResult, ...]:
        """Guardrails shown to stay inside their margins."""
        return self.read(self.guardrails, "safe", "worse within margin")

    @property
    def dropped(self) -> tuple[MetricResult, ...]:
        """Goals shown worse, or shown to fall short of what is worthwhile."""
        return tuple(g for g in self.goals if g.metric in self.falls_short or g.reading == "worse")
