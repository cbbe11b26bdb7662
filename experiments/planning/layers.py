"""Layers that a plan may join: those of experiments that run or are drafts, and the part that nothing takes of each."""

from collections.abc import Iterable
from dataclasses import dataclass

from experiments.numbers import percent, plain_percent
from experiments.planning.collisions import gaps
from experiments.portfolio.calendar import taken
from experiments.registry.claims import Claim

Slice = tuple[float, float]


@dataclass(frozen=True)
class Offer:
    """One layer; `left` are the parts that nothing running takes, together `free` of it.

    `best` is what a plan gets that asks for no part of its own: the largest, of those that no draft wants if it can be.
    """

    name: str
    algorithm: str
    salt: str
    free: float
    left: tuple[Slice, ...]
    best: Slice | None

    @property
    def layer(self) -> dict[str, str]:
        """What a plan holds of it, beside its own slice."""
        return {"name": self.name, "salt": self.salt, "algorithm": self.algorithm}

    @property
    def sentence(self) -> str:
        """How much of it is left."""
        parts = " and ".join(f"{plain_percent(a)} to {plain_percent(b)}" for a, b in self.left)
        return f"{percent(self.free)} left: {parts}" if parts else "nothing left"


def offers(claims: Iterable[Claim], besides: str = "") -> list[Offer]:
    """Return the layers by name; `besides` is the plan that asks. Of two with one name that of what runs is offered."""
    found: dict[str, list[Claim]] = {}
    for c in claims:
        if c.layer and c.key != besides:
            found.setdefault(c.layer, []).append(c)
    return [_offer(found[name]) for name in sorted(found, key=str.lower)]


def _offer(named: list[Claim]) -> Offer:
    first = min(named, key=lambda c: c.state != "running")
    inside = [c for c in named if c.place == first.place]
    running = [(c.start, c.end) for c in inside if c.state == "running"]
    left = tuple(gaps(running))
    unwanted = tuple(gaps([(c.start, c.end) for c in inside])) or left
    algorithm, _, salt = first.place.partition("/")
    best = max(unwanted, key=lambda s: s[1] - s[0], default=None)
    return Offer(first.layer, algorithm, salt, 1 - taken(running), left, best)
