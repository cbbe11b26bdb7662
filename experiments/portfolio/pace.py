"""How fast a programme answers: launches and decisions by month, how long an answer waits, and who waits too long."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from experiments.registry.overview import ASKING, Card
from experiments.verdict import PATIENCE

WORDS = ("keep", "drop", "review", "stop", "invalid", "none")


@dataclass(frozen=True)
class Month:
    """One calendar month: experiments launched, and decided by the verdict that they were decided from."""

    first: date
    launched: int
    decided: dict[str, int]

    @property
    def total(self) -> int:
        """All that were decided."""
        return sum(self.decided.values())


@dataclass(frozen=True)
class Overdue:
    """An experiment whose answer has waited for its decision for so many days."""

    card: Card
    days: int


def verdict_of(card: Card) -> str:
    """The verdict that a decision was made from; 'none' where the rule had not answered."""
    return card.decided_from if card.decided_from in WORDS else "none"


def months(every: Sequence[Card], first: date, last: date) -> tuple[Month, ...]:
    """Return every month of a period with what was launched and decided on its days."""
    launched = Counter(_month(c.launched) for c in every if c.launched and first <= c.launched <= last)
    decided = Counter((_month(c.decided), verdict_of(c)) for c in every if c.decided and first <= c.decided <= last)
    words = {m: {word: decided[m, word] for word in WORDS if decided[m, word]} for m in _months(first, last)}
    return tuple(Month(m, launched[m], found) for m, found in words.items())


def answered(card: Card) -> date | None:
    """The day from which a decision could be made: after the horizon, or after the first look with an earlier answer.

    None while neither has come.
    """
    word = card.decided_from if card.state == "decided" else card.word
    days = [card.horizon] + ([card.since] if word in ASKING and word == card.word else [])
    known = [day for day in days if day is not None]
    return min(known) + timedelta(days=1) if known else None


def waits(decided: Iterable[Card]) -> Iterator[int]:
    """Days from the answer to the decision of each that was not decided before it."""
    for card in decided:
        ready = answered(card)
        if ready is not None and card.decided is not None and card.decided >= ready:
            yield (card.decided - ready).days


def typical(days: Sequence[int]) -> float | None:
    """The median wait; None where nothing was decided."""
    return median(days) if days else None


def overdue(every: Iterable[Card], today: date) -> list[Overdue]:
    """Return those whose answer has waited for more than a week, longest first."""
    waiting = [(c, answered(c)) for c in every if c.state in ("running", "stopped")]
    found = [Overdue(c, (today - ready).days) for c, ready in waiting if ready is not None]
    return sorted((o for o in found if o.days > PATIENCE), key=lambda o: (-o.days, o.card.experiment))


def _month(day: date | None) -> date | None:
    return day.replace(day=1) if day else None


def _months(first: date, last: date) -> Iterator[date]:
    month = first.replace(day=1)
    while month <= last:
        yield month
        month = (month + timedelta(days=32)).replace(day=1)
