"""What runs when, by layer: how much of its traffic is left, and when each draft could begin at the soonest."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from experiments.registry.overview import Card


@dataclass(frozen=True)
class Stay:
    """One experiment's days. A planned one begins at the soonest when its slice of the layer is free.

    `over` is the day on which the days of one that still runs were over, if they are; its last day is then today.
    """

    card: Card
    first: date
    last: date
    planned: bool
    over: date | None = None


@dataclass(frozen=True)
class Layer:
    """One layer with its experiments by first day, and the share of its traffic that none of them takes now.

    The name is '' for experiments outside any layer, each of which draws its units by itself.
    """

    name: str
    free: float
    stays: tuple[Stay, ...]


def layers(every: Sequence[Card], today: date, windows: Mapping[str, int]) -> list[Layer]:
    """Return every layer with something that runs or is a draft, by name; those in none come last.

    windows: days of the longest window of each draft: its slice is free once the last of its units had them.
    """
    open_now = [c for c in every if c.state in ("running", "draft")]
    names = sorted({c.layer for c in open_now}, key=lambda name: (not name, name.lower()))
    return [_layer(name, [c for c in open_now if c.layer == name], today, windows) for name in names]


def taken(slices: Sequence[tuple[float, float]]) -> float:
    """The share of [0, 1) that slices cover together."""
    covered, end = 0.0, 0.0
    for first, last in sorted(slices):
        covered += max(0.0, last - max(first, end))
        end = max(end, last)
    return min(1.0, covered)


def _layer(name: str, each: Sequence[Card], today: date, windows: Mapping[str, int]) -> Layer:
    live = [c for c in each if c.state == "running"]
    running = [_running(c, today) for c in live]
    planned: list[Stay] = []
    for card in sorted((c for c in each if c.state == "draft"), key=lambda c: (c.created_at, c.experiment)):
        before = [s.last for s in (*running, *planned) if name and _overlap(s.card, card)]
        first = max([today, *(day + timedelta(days=1) for day in before)])
        days = card.enrol_days + windows.get(card.experiment, 1) - 1
        planned.append(Stay(card, first, first + timedelta(days=days - 1), True))
    stays = sorted((*running, *planned), key=lambda s: (s.first, s.last, s.card.experiment))
    free = 1 - taken([(s.card.layer_from, s.card.layer_to) for s in running]) if name else 1.0
    return Layer(name, free, tuple(stays))


def _running(card: Card, today: date) -> Stay:
    until = card.horizon or today
    return Stay(card, card.launched or today, max(until, today), False, until if until < today else None)


def _overlap(a: Card, b: Card) -> bool:
    return a.layer_from < b.layer_to and b.layer_from < a.layer_to
