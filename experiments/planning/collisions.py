"""Who else changes what the same people see: in the plan's layer, on its metrics, on its part of the product.

Splits of different experiments are independent, so that each comparison stays fair while others run; what one changes
may still add to or take from the other (Kohavi, Tang & Xu 2020, Trustworthy Online Controlled Experiments, ch. 4).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from experiments.numbers import day, percent, plain_percent, several, unit_name
from experiments.portfolio.calendar import taken
from experiments.registry.claims import Claim

LEAST = 1e-9
MOST = 5  # that are told one by one: the longest list that is still read


@dataclass(frozen=True)
class Meeting:
    """Another experiment that some of this plan's units would be in too: `share` of them.

    `same_slice` says that both lie in one layer, where they were to stay apart. `metrics` are those both decide by, by
    name, and `tags` what both carry.
    """

    other: Claim
    share: float
    same_slice: bool
    metrics: tuple[str, ...]
    tags: tuple[str, ...]

    @property
    def serious(self) -> bool:
        """Whether it should be settled before launch: one of a layer's slices, or one part of the product, twice."""
        return self.same_slice or bool(self.tags)

    @property
    def sentence(self) -> str:
        """What they share, and what that means."""
        return " ".join((self._who, *self._what, self._so))

    @property
    def _who(self) -> str:
        state = "is a draft" if self.other.state == "draft" else f"runs until {day(self.other.until)}"
        limit = "up to " if self.other.targeted else "about "
        return f"It {state}; {limit}{percent(self.share)} of your {unit_name(self.other.unit)} would be in both."

    @property
    def _what(self) -> Iterable[str]:
        if self.same_slice:
            yield f"It takes places of layer '{self.other.layer}' that this plan takes too."
        if self.tags:
            yield f"Both are about {', '.join(self.tags)}."
        if self.metrics:
            yield f"Both decide by {', '.join(self.metrics)}."

    @property
    def _so(self) -> str:
        if self.same_slice:
            return "Give them slices that do not overlap, or wait until it has ended."
        if self.tags:
            return "Put both on different slices of one layer, so that nobody meets both, or run them in turn."
        return "Each split is independent, so both stay fair; the results say whether one changes the other's effect."


@dataclass(frozen=True)
class Collisions:
    """What a plan meets: `meetings` with something in common, those to settle first; `others` with nothing.

    `apart` share its layer and no unit. `free` is the share of its layer that nothing running takes, in `gaps`.
    """

    mine: Claim
    meetings: tuple[Meeting, ...]
    others: int
    apart: tuple[Claim, ...]
    free: float
    gaps: tuple[tuple[float, float], ...]

    @property
    def serious(self) -> int:
        """How many should be settled before launch."""
        return sum(m.serious for m in self.meetings)

    @property
    def told(self) -> tuple[Meeting, ...]:
        """Those that are told one by one: all to settle first, then a few."""
        return self.meetings[: max(MOST, self.serious)]

    @property
    def layer(self) -> str:
        """How much of the plan's layer is left."""
        if not self.mine.layer:
            return "This plan is in no layer: whoever it lets in may be in any other experiment too."
        name, asked = f"Layer '{self.mine.layer}'", _slice(self.mine.start, self.mine.end)
        if not self.gaps:
            return f"{name} is taken by what runs; this plan asks for {asked}."
        left = " and ".join(_slice(*gap) for gap in self.gaps)
        return f"{name} has {percent(self.free)} left: {left}. This plan asks for {asked}."

    @property
    def rest(self) -> str:
        """Those that matter less, in one sentence; empty where there are none."""
        people = unit_name(self.mine.unit)
        said = []
        more = len(self.meetings) - len(self.told)
        if more:
            said.append(f"{several(more, 'more decides', 'more decide')} by a metric of yours.".capitalize())
        if self.apart:
            who = several(len(self.apart), "experiment")
            said.append(f"{who.capitalize()} in the layer never {'meets' if len(self.apart) == 1 else 'meet'} yours.")
        if self.others:
            who = several(self.others, "more runs", "more run")
            said.append(f"{who.capitalize()} on the same {people}, without a goal, a guardrail or a tag in common.")
        return " ".join(said)


def collisions(mine: Claim, every: Sequence[Claim], names: Mapping[str, str]) -> Collisions:
    """Hold a plan against all open experiments on its units; `names` are those of metrics by key."""
    others = [c for c in every if c.key != mine.key]
    apart = tuple(c for c in others if _same_layer(mine, c) and not _overlap(mine, c))
    meeting = [_meeting(mine, c, names) for c in others if c not in apart]
    running = [m for m in meeting if m.other.state == "running" or m.same_slice]
    common = [m for m in running if m.serious or m.metrics]
    inside = [c for c in others if _same_layer(mine, c) and c.state == "running"]
    free = tuple(gaps([(c.start, c.end) for c in inside]))
    return Collisions(
        mine, tuple(sorted(common, key=lambda m: (not m.serious, m.other.state != "running", m.other.key))),
        len(running) - len(common), apart, 1 - taken([(c.start, c.end) for c in inside]), free,
    )  # fmt: skip


def _meeting(mine: Claim, other: Claim, names: Mapping[str, str]) -> Meeting:
    same = _same_layer(mine, other)
    inside = mine.end - mine.start
    share = other.share
    if same:
        whole = other.end - other.start
        share = (other.share / whole if whole else 0.0) * (_overlap(mine, other) / inside if inside else 0.0)
    metrics = tuple(names.get(m, m) for m in mine.metrics if m in other.metrics)
    return Meeting(other, share, same, metrics, tuple(t for t in mine.tags if t in other.tags))


def _same_layer(a: Claim, b: Claim) -> bool:
    return bool(a.place) and a.place == b.place


def _overlap(a: Claim, b: Claim) -> float:
    found = min(a.end, b.end) - max(a.start, b.start)
    return found if found > LEAST else 0.0


def gaps(slices: Iterable[tuple[float, float]]) -> Iterable[tuple[float, float]]:
    """Yield the parts of [0, 1] that no slice covers."""
    end = 0.0
    for first, last in sorted(slices):
        if first - end > LEAST:
            yield end, first
        end = max(end, last)
    if 1 - end > LEAST:
        yield end, 1.0


def _slice(start: float, end: float) -> str:
    return f"{plain_percent(start)} to {plain_percent(end)}"
