"""What launched experiments need of each day's events: which measures, for which windows, and who enrols when."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from experiments.catalog import Definition, Measure
from experiments.plan import FrozenPlan
from experiments.registry.experiments import Experiment
from experiments.warehouse.lake import number_of
from experiments.warehouse.rollup import FOREVER, Arm, Use
from experiments.warehouse.windows import Window as Spec
from experiments.warehouse.windows import closing, in_order

Window = tuple[Measure, int, int, bool]  # measure, first day since exposure, the day after the last, singly


@dataclass(frozen=True)
class Need:
    """One measure that one launched experiment reads, and the first and last day on which it may.

    `singly` are those whose events are needed one by one, as well as or instead of their totals.
    """

    measure: Measure
    use: Use
    first: int
    last: int
    singly: bool = False


class Shape(NamedTuple):
    """The windows of a phase's metrics, in order, of which units, and the number of days after which all are over."""

    phase: int
    unit_type: str
    ordered: tuple[Spec, ...]
    days: int


@dataclass(frozen=True)
class Needs:
    """What all launched experiments read, who enrols in them when, and of which shape those are whose windows end."""

    each: tuple[Need, ...]
    arms: tuple[Arm, ...]
    shapes: dict[tuple[str, int], Shape] = field(default_factory=dict)  # by experiment and phase

    def on(self, day: date, *, singly: bool = False) -> list[Need]:
        """Return the needs that the events of this day serve."""
        return [n for n in self.each if n.singly is singly and n.first <= number_of(day) <= n.last]

    def arms_on(self, day: date) -> list[Arm]:
        """Return the arms whose units may bring an outcome on this day."""
        open_phases = {(n.use.experiment, n.use.phase) for n in self.on(day) if n.use.start == 0}
        return [a for a in self.arms if (a.experiment, a.phase) in open_phases]

    def over_on(self, day: date) -> dict[Shape, list[str]]:
        """Return the experiments by shape of which some units' windows are all over with this day."""
        found: dict[Shape, list[str]] = {}
        for key, phase, first, last in sorted({(a.experiment, a.phase, a.first_day, a.last_day) for a in self.arms}):
            shape = self.shapes.get((key, phase))
            if shape is not None and first <= number_of(day) - shape.days + 1 <= last:
                found.setdefault(shape, []).append(key)
        return found


def needs_of(every: Iterable[Experiment]) -> Needs:
    """Return what the launched ones among these experiments need."""
    begun = [(e.key, e.phases, e.followed) for e in every]
    launched = [needs_of_one(key, frozen, first) for key, phases, _ in begun for frozen, first in phases]
    launched += [needs_of_one(key, c.frozen, c.first) for key, _, after in begun for c in after]
    return Needs(
        tuple(n for one in launched for n in one.each), tuple(sorted(a for one in launched for a in one.arms)),
        {place: shape for one in launched for place, shape in one.shapes.items()},
    )  # fmt: skip


def needs_of_one(key: str, frozen: FrozenPlan, launched: date) -> Needs:
    """Return what one experiment needs."""
    definitions = list(frozen.definitions.values())
    days = closing(definitions)
    shapes = {}
    if days is not None:
        shapes[key, frozen.phase] = Shape(frozen.phase, frozen.plan.unit, tuple(in_order(definitions)), days)
    return Needs(tuple(_needs(key, frozen, launched)), tuple(_arms(key, frozen, launched)), shapes)


def _arms(key: str, frozen: FrozenPlan, launched: date) -> Iterable[Arm]:
    last = number_of(frozen.enrols_until(launched))
    return (Arm(key, frozen.phase, v.key, number_of(launched), last) for v in frozen.plan.variants)


def _needs(key: str, frozen: FrozenPlan, launched: date) -> Iterable[Need]:
    """Yield each measure for its longest window and for each pre-period, and each that is read event by event."""
    first, enrolled = number_of(launched), number_of(frozen.enrols_until(launched))
    for measure, start, stop, singly in _longest(w for d in frozen.definitions.values() for w in _windows(d)):
        use = Use(key, frozen.phase, frozen.plan.unit, measure.id, start, stop)
        yield Need(measure, use, first + start, enrolled + max(stop - 1, 0), singly)


def _windows(d: Definition) -> Iterable[Window]:
    stop = d.metric.window_days or FOREVER
    yield from ((m, 0, stop, True) for m in d.singly)
    if not d.singly:
        yield from ((m, 0, stop, False) for m in d.measures)
    if d.metric.pre_days:
        yield from ((m, -d.metric.pre_days, 0, False) for m in d.measures)


def _longest(windows: Iterable[Window]) -> list[Window]:
    found: dict[tuple[str, int, bool], Window] = {}
    for w in windows:
        place = w[0].id, w[1], w[3]
        if place not in found or found[place][2] < w[2]:
            found[place] = w
    return list(found.values())
