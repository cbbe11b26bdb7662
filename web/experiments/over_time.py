"""The course of an effect, over the official looks or by days since exposure: one line, one band, and a table."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments import numbers, trends
from experiments.registry.snapshots import CoursePoint
from experiments.reports import rows
from experiments.reports.axis import Axis, axis_for
from experiments.snapshot import Effect, MetricResult, Snapshot, Trend

MOST_LABELS = 5
MOST_LINES = 6
HOLDS = "The band holds on any day, so looking early does no harm; it is wider than the final interval for that reason."


@dataclass(frozen=True)
class Look:
    """One look, or one day since exposure: its day, the change and its band, as numbers and in words."""

    day: int
    estimate: float
    low: float | None
    high: float | None
    change: str
    band: str


@dataclass(frozen=True)
class Course:
    """One metric over time. Places are in percent from the top left; `worth` is (top, height) of the worthwhile area.

    `caption` stands below the chart; `column` names the change in its table, and `first` the days.
    """

    metric: str
    caption: str
    column: str
    first: str
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

    @property
    def area(self) -> str:
        """The band as one polygon: along the top, and back along the bottom."""
        return f"{self.upper} {' '.join(reversed(self.lower.split()))}"

    @property
    def label(self) -> str:
        """The chart in words, for those who do not see it."""
        first, last = self.looks[0], self.looks[-1]
        days = f"{self.first.lower()} {first.day} to {last.day}"
        return f"Change in {self.metric}, {days}: at last {last.change}, band {last.band}"


@dataclass(frozen=True)
class Since:
    """One metric by days since exposure: what is to be said of it, and its chart if two days are known."""

    metric: str
    sentence: str
    changes: bool
    course: Course | None


def courses(history: Sequence[CoursePoint], goals: Sequence[MetricResult]) -> list[Course]:
    """Return the course of every goal that has at least two looks."""
    found = [(goal, _looks(history, goal)) for goal in goals]
    return [_over_looks(goal, looks, _band_name(history, goal)) for goal, looks in found if len(looks) > 1]


def since_exposure(snapshot: Snapshot, treatment: str) -> list[Since]:
    """Return every goal and guardrail of one treatment by days since exposure, those that change first."""
    like = {m.metric: m for m in snapshot.metrics if m.treatment == treatment}
    mine = [t for t in snapshot.trends if t.treatment == treatment and t.metric in like]
    return [_since(t, like[t.metric]) for t in sorted(mine, key=lambda t: not trends.changes(t))]


def _since(trend: Trend, like: MetricResult) -> Since:
    looks = tuple(
        Look(d.day, d.change, d.low, d.high, *trends.texts(d, trend, like)) for d in trend.days if d.change is not None
    )
    caption = (
        f"{like.title}: the change on each day after exposure, which is day 0, with its 95% interval. Each day counts "
        "those whose day has closed, and nothing done is zero."
    )
    plain = like.model_copy(update={"size": None, "absolute": trend.absolute})
    texts = {"caption": caption, "column": "Change on that day", "first": "Day"}
    course = _course(plain, looks, "95% interval", texts) if len(looks) > 1 else None
    return Since(like.title, trends.sentence(trend, like), trends.changes(trend), course)


def _over_looks(goal: MetricResult, looks: tuple[Look, ...], band_name: str) -> Course:
    size = rows.signed_size(goal)
    worth = "" if size is None else numbers.size(size, absolute=goal.absolute, kind=goal.kind, symbol=goal.symbol)
    parts = [f"{goal.title}: the change so far, with its {band_name}."]
    parts += [HOLDS] if band_name.startswith("always") else []
    parts += [f"Blue area: worthwhile, from {worth}."] if worth else []
    return _course(goal, looks, band_name, {"caption": " ".join(parts), "column": "Change so far", "first": "Day"})


def _looks(history: Sequence[CoursePoint], goal: MetricResult) -> tuple[Look, ...]:
    found = [(s, _result(s, goal)) for s in history]
    return tuple(_look(s, m) for s, m in found if m is not None and _shown(m) is not None)


def _result(point: CoursePoint, goal: MetricResult) -> MetricResult | None:
    return next((m for m in point.metrics if (m.metric, m.treatment) == (goal.metric, goal.treatment)), None)


def _shown(result: MetricResult) -> Effect | None:
    """The always-valid band where there is one, since a course is looked at on any day."""
    effect = result.band or result.effect
    usable = effect is not None and (result.absolute or effect.relative is not None)
    return effect if usable else None


def _band_name(history: Sequence[CoursePoint], goal: MetricResult) -> str:
    return rows.interval_name(_shown(m) for s in history if (m := _result(s, goal)) is not None)


def _look(point: CoursePoint, result: MetricResult) -> Look:
    effect = _shown(result)
    assert effect is not None
    if result.absolute:
        values = (effect.difference, effect.low, effect.high)
        texts = numbers.difference(*values, kind=result.kind, symbol=result.symbol)
    else:
        values = (effect.relative or 0.0, effect.relative_low, effect.relative_high)
        texts = numbers.change(*values)
    return Look(point.day, *values, *texts)


def _course(goal: MetricResult, looks: tuple[Look, ...], band_name: str, texts: dict[str, str]) -> Course:
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
        **texts,
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
