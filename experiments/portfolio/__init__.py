"""The portfolio: what all experiments of a period amount to. Pure functions over cards and effects of the registry."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from experiments.portfolio import calendar, outcomes, pace, records, worth
from experiments.portfolio.calendar import Layer
from experiments.portfolio.outcomes import Practice, Rate
from experiments.portfolio.pace import Month, Overdue
from experiments.portfolio.records import Record
from experiments.portfolio.worth import Impact, Loss, Usual
from experiments.registry.overview import Card, Effect

YEAR = 365


@dataclass(frozen=True)
class Period:
    """The days that count, both included."""

    first: date
    last: date

    def holds(self, day: date | None) -> bool:
        """Whether a day lies in it."""
        return day is not None and self.first <= day <= self.last

    @classmethod
    def year_to(cls, day: date) -> "Period":
        """The twelve months that end with a day."""
        return cls(day - timedelta(days=YEAR - 1), day)


@dataclass(frozen=True)
class Portfolio:
    """Everything that leaders read. `decided` are the experiments decided in the period, those decided last first."""

    period: Period
    launched: int
    decided: tuple[Card, ...]
    months: tuple[Month, ...]
    waits: tuple[int, ...]
    overdue: tuple[Overdue, ...]
    mix: dict[str, int]
    rates: tuple[Rate, ...]
    quality: tuple[Practice, ...]
    impacts: tuple[Impact, ...]
    after: dict[str, tuple[Card, ...]]
    losses: tuple[Loss, ...]
    avoided: tuple[Impact, ...]
    records: tuple[Record, ...]
    layers: tuple[Layer, ...]


def portfolio(
    every: Sequence[Card], effects: Sequence[Effect], usual: Mapping[str, Usual], after: Mapping[str, str],
    *, period: Period, today: date, windows: Mapping[str, int],
) -> Portfolio:  # fmt: skip
    """Sum up the experiments of a period.

    effects: of goals and guardrails, and those shown worse or harmed, of experiments that ended in it.
    after: how what was kept fares after launch, of the experiments that were looked at since.
    usual: what effects on each metric have been like, learnt from experiments of any time.
    windows: days of the longest window of each draft.
    """
    decided = sorted((c for c in every if period.holds(c.decided)), key=lambda c: (c.decided_at, c.experiment))[::-1]
    losses = worth.losses(every, effects, period.holds)
    mine = {c.experiment for c in decided}
    return Portfolio(
        period=period, launched=sum(period.holds(c.launched) for c in every), decided=tuple(decided),
        months=pace.months(every, period.first, period.last), waits=tuple(pace.waits(decided)),
        overdue=tuple(pace.overdue(every, today)), mix=outcomes.mix(decided), rates=tuple(outcomes.rates(decided)),
        quality=tuple(outcomes.quality(decided)), impacts=tuple(worth.impacts(decided, effects, usual, every)),
        after=outcomes.after(decided, after),
        losses=losses, avoided=tuple(worth.avoided(losses, usual)),
        records=tuple(records.records([e for e in effects if e.experiment in mine])),
        layers=tuple(calendar.layers(every, today, windows)),
    )  # fmt: skip
