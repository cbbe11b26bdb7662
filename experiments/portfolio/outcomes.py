"""How experiments end, and how well they were done: the mix of verdicts, win rates, quality and adherence."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import stats
from experiments import numbers
from experiments.portfolio.pace import WORDS, verdict_of
from experiments.registry.overview import Card

CRITICAL = 1.959963984540054  # two-sided 95 %
FOLLOWED = ("held up", "fell short", "not known yet")  # how what was kept fares: `followup.judged`
UNKNOWN, WHOLE = FOLLOWED[-1], "nobody held back"
SETTLED = ("keep", "drop", "stop")
FAULTS = {
    "split": "uneven split", "crossovers": "many crossovers", "before": "unlike before launch", "plan": "plan changed",
    "loss": "lost exposures", "source": "no outcomes", "matched": "ids that do not match",
    "filtered": "unequal filters",
}  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """How many of so many were kept, with the 95 % interval of that rate. `team` is '' for all."""

    team: str
    kept: int
    valid: int
    low: float
    high: float

    @property
    def share(self) -> float:
        """The observed rate."""
        return self.kept / self.valid if self.valid else 0.0


@dataclass(frozen=True)
class Practice:
    """How many experiments were done as they should be in one respect, and a remark on the others."""

    name: str
    good: int
    of: int
    remark: str = ""


def mix(decided: Iterable[Card]) -> dict[str, int]:
    """Return how many were decided from each verdict; verdicts that none came from are left out."""
    found = Counter(verdict_of(c) for c in decided)
    return {word: found[word] for word in WORDS if found[word]}


def rates(decided: Sequence[Card]) -> list[Rate]:
    """Return the win rate of all, then of each team by name, of experiments with a valid result.

    One that was decided before the rule had an answer has none.
    """
    valid = [c for c in decided if verdict_of(c) not in ("invalid", "none")]
    teams = sorted({c.team for c in valid} - {""})
    by_team = [_rate(t, [c for c in valid if c.team == t]) for t in teams]
    return [_rate("", valid), *(by_team if len(teams) > 1 else [])]


def interval(successes: int, of: int) -> tuple[float, float]:
    """The 95 % interval of a rate by its score (Wilson 1927); it holds for few too (Brown, Cai & DasGupta 2001)."""
    low, high = stats.wilson(successes, of, CRITICAL)
    return float(low), float(high)


def tellable(found: Sequence[Rate]) -> bool:
    """Whether some team's interval leaves out the rate of all; else they cannot be ranked."""
    return any(not r.low <= found[0].share <= r.high for r in found[1:])


def quality(decided: Sequence[Card]) -> list[Practice]:
    """Return in how many experiments each practice was kept, with a word on the rest."""
    practices: list[tuple[str, Callable[[Card], bool], Callable[[list[Card]], str]]] = [
        ("Brief complete before launch", lambda c: c.complete, lambda rest: ""),
        ("Enough people", powered, _large_only),
        ("Passed its trust checks", lambda c: c.decided_from != "invalid", _faults),
        ("Ran as planned", ran, _cut_short),
        ("Decision followed the verdict", lambda c: bool(c.followed), _differed),
    ]
    return [_practice(decided, name, good, remark) for name, good, remark in practices]


def after(decided: Sequence[Card], words: Mapping[str, str]) -> dict[str, tuple[Card, ...]]:
    """Return what was kept by how it fares after launch; where nobody was held back it never will be known."""
    kept = [c for c in decided if c.decision == "keep"]
    told = [(words.get(c.experiment, WHOLE if c.rollout == 1 else UNKNOWN), c) for c in kept]
    return {word: tuple(c for w, c in told if w == word) for word in (*FOLLOWED, WHOLE)}


def powered(card: Card) -> bool:
    """Whether intervals became as narrow as the plan asked for, or the rule had its answer before."""
    return card.decided_from in SETTLED or (card.precision is not None and card.precision >= 1)


def ran(card: Card) -> bool:
    """Whether it went on until its horizon, or until the rule ended it."""
    through = card.day is not None and card.days is not None and card.day >= card.days
    return through or card.decided_from in (*SETTLED, "invalid")


def _rate(team: str, valid: Sequence[Card]) -> Rate:
    kept = sum(c.decision == "keep" for c in valid)
    return Rate(team, kept, len(valid), *interval(kept, len(valid)))


def _practice(
    decided: Sequence[Card], name: str, good: Callable[[Card], bool], remark: Callable[[list[Card]], str]
) -> Practice:
    rest = [c for c in decided if not good(c)]
    return Practice(name, len(decided) - len(rest), len(decided), remark(rest) if rest else "")


def _large_only(rest: list[Card]) -> str:
    return f"{numbers.several(len(rest), 'experiment')} could only see large effects"


def _faults(rest: list[Card]) -> str:
    found = Counter(FAULTS[key] for c in rest for key in (c.failing or "").split(",") if key in FAULTS)
    return ", ".join(f"{name} in {count}" for name, count in found.most_common(3))


def _cut_short(rest: list[Card]) -> str:
    return f"{numbers.several(len(rest), 'was', 'were')} ended before the horizon without an answer"


def _differed(rest: list[Card]) -> str:
    return f"{numbers.several(len(rest), 'differed', 'differed')}, with a reason and a second person"
