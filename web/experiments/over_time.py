"""The course of an effect over the official looks: one line, one band, ready to draw and as a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments import numbers
from experiments.reports import rows
from experiments.reports.axis import Axis, axis_for
from experiments.snapshot import Effect, MetricResult, Snapshot

MOST_LABELS = 5
MOST_LINES = 6


@dataclass(frozen=True)
class Look:
    """One look: its day, the change so far and its band, as numbers and in words."""

    day: int
    estimate: float
    low: float | None
    high: float | None
    change: str
    band: str


@dataclass(frozen=True)
class Course:
    """One goal over time. Places are in percent from the top left; `worth` is (top, height) of the worthwhile area."""

    metric: str
    looks: tuple[Look, ...]
    band_name: str
    ticks: tuple[tuple[float, str], ...]
    zero: float
    days: tuple[tuple[float, int], ...]
    line: str
    upper: str
    lower: str
    last: tuple[float, float]
    mark: float | None
    worth: tuple[float, float] | None
    size: str

    @property
    def area(self) -> str:
        """The band as one polygon: along the top, and back along the bottom."""
        return f"{self.upper} {' '.join(reversed(self.lower.split()))}"

    @property
    def label(self) -> str:
        """The chart in words, for those who do not see it."""
        first, last = self.looks[0], self.looks[-1]
        return f"Change in {self.metric}, day {first.day} to {last.day}: now {last.change}, band {last.band}"


def courses(history: Sequence[Snapshot], goals: Sequence[MetricResult]) -> list[Course]:
    """Return the course of every goal that has at least two looks."""
    found = [(goal, _looks(history, goal)) for goal in goals]
    return [_course(goal, looks, _band_name(history, goal)) for goal, looks in found if len(looks) > 1]


def _looks(history: Sequence[Snapshot], goal: MetricResult) -> tuple[Look, ...]:
    found = [(s, _result(s, goal)) for s in history]
    return tuple(_look(s, m) for s, m in found if m is not None and _shown(m) is not None)


def _result(snapshot: Snapshot, goal: MetricResult) -> MetricResult | None:
    return next((m for m in snapshot.metrics if (m.metric, m.treatment) == (goal.metric, goal.treatment)), None)


def _shown(result: MetricResult) -> Effect | None:
    """The always-valid band where there is one, since a course is looked at on any day."""
    effect = result.band or result.effect
    usable = effect is not None and (result.absolute or effect.relative is not None)
    return effect if usable else None


def _band_name(history: Sequence[Snapshot], goal: MetricResult) -> str:
    return rows.interval_name(_shown(m) for s in history if (m := _result(s, goal)) is not None)


def _look(snapshot: Snapshot, result: MetricResult) -> Look:
    effect = _shown(result)
    assert effect is not None
    if result.absolute:
        values = (effect.difference, effect.low, effect.high)
        texts = numbers.difference(*values, kind=result.kind, symbol=result.symbol)
    else:
        values = (effect.relative or 0.0, effect.relative_low, effect.relative_high)
        texts = numbers.change(*values)
    return Look(snapshot.progress.day, *values, *texts)


def _course(goal: MetricResult, looks: tuple[Look, ...], band_name: str) -> Course:
    size = rows.signed_size(goal)
    axis = axis_for([[v for v in (x.estimate, x.low, x.high, size) if v is not None] for x in looks], MOST_LINES)
    first, span = looks[0].day, max(1, looks[-1].day - looks[0].day)
    x = [100 * (look.day - first) / span for look in looks]
    y = [_y(axis, look.estimate) for look in looks]
    mark = None if size is None else _y(axis, size)
    worth = None if mark is None or size is None else ((0.0, mark) if size > 0 else (mark, 100 - mark))
    scale = rows.scale(axis, goal if goal.absolute else None)
    return Course(
        metric=goal.title, looks=looks, band_name=band_name, zero=round(100 - scale.zero, 2),
        ticks=tuple((round(100 - place, 2), text) for place, text in scale.ticks), days=_labels(looks, x),
        line=_points(x, y), upper=_points(x, [_y(axis, k.high, axis.high) for k in looks]),
        lower=_points(x, [_y(axis, k.low, axis.low) for k in looks]), last=(x[-1], y[-1]), mark=mark, worth=worth,
        size="" if size is None else numbers.size(size, absolute=goal.absolute, kind=goal.kind, symbol=goal.symbol),
    )  # fmt: skip


def _y(axis: Axis, value: float | None, unbounded: float = 0.0) -> float:
    """From the top, in percent; what is off the scale is held at its edge."""
    return round(100 - axis.clip(unbounded if value is None else value), 2)


def _points(x: Sequence[float], y: Sequence[float]) -> str:
    return " ".join(f"{round(a, 2):g},{b:g}" for a, b in zip(x, y, strict=True))


def _labels(looks: Sequence[Look], x: Sequence[float]) -> tuple[tuple[float, int], ...]:
    """Day numbers below the chart, few enough for a phone."""
    step = max(1, -(-(len(looks) - 1) // (MOST_LABELS - 1)))
    chosen = list(range(0, len(looks), step))
    if chosen[-1] != len(looks) - 1:
        chosen = [*(chosen[:-1] if x[-1] - x[chosen[-1]] < 15 else chosen), len(looks) - 1]
    return tuple((round(x[n], 2), looks[n].day) for n in chosen)
