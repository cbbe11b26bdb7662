"""The course of an effect over the looks, each day alone, or by days since exposure: one drawing, and its table."""

import itertools
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple

from experiments import numbers, trends
from experiments.daily import daily
from experiments.plan import FrozenPlan
from experiments.registry.log import Entry
from experiments.registry.snapshots import CoursePoint, DayAlone
from experiments.reports import rows
from experiments.reports.axis import Axis, axis_for
from experiments.snapshot import Effect, MetricResult, Snapshot, Trend

MOST_LABELS = 5
MOST_LINES = 6
Shown = tuple[CoursePoint, MetricResult, Effect]  # a look, its result for one metric, and the effect that is drawn
TOLD = ("comment", "extend", "coverage", "stop")  # kinds of entries of the log that tell what happened meanwhile
LONGEST_CHANGE = 90  # characters of the log that stand below a chart
HOLDS = "The band holds on any day, so looking early does no harm; it is wider than the final interval for that reason."


class Look(NamedTuple):  # made by the hundred for one page, at a third of a dataclass's time
    """One look, or one day since exposure: its day, the change and its band, as numbers and in words."""

    day: int
    estimate: float
    low: float | None
    high: float | None
    change: str
    band: str
    date: str = ""


@dataclass(frozen=True)
class Happened:
    """Something that changed while the experiment ran, by what a person wrote in its log."""

    day: int
    text: str


@dataclass(frozen=True)
class Course:
    """One metric over time. Places are in percent from the top left; `worth` is (top, height) of the worthwhile area.

    `caption` stands below the chart; `column` names the change in its table, and `first` the days. `spots` are
    (x, y, top, bottom) of every day, written; a chart of days that are `alone` shows these, any other a line in its
    band.
    `happened` are (x, what) of the days in between on which something changed.
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
    spots: tuple[tuple[str, str, str, str], ...]
    mark: float | None
    worth: tuple[float, float] | None
    alone: bool = False
    happened: tuple[tuple[float, Happened], ...] = ()

    @property
    def area(self) -> str:
        """The band as one polygon: along the top, and back along the bottom."""
        return f"{self.upper} {' '.join(reversed(self.lower.split()))}"

    @property
    def grid(self) -> list[tuple[float, str]]:
        """The ticks at which a line is drawn: zero has its own."""
        return [tick for tick in self.ticks if tick[1] != "0"]

    @property
    def rows(self) -> list[tuple[int, str, str, str]]:
        """The chart as a table: day, change, band and date."""
        return [(look.day, look.change, look.band, look.date) for look in self.looks]

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


def courses(history: Sequence[CoursePoint], goals: Sequence[MetricResult], found: Sequence[Happened]) -> list[Course]:
    """Return the course of every goal that has at least two looks, with what was `found` to have happened."""
    known = [(goal, _shown(history, goal)) for goal in goals]
    return [
        _over_looks(goal, tuple(_look(*each) for each in shown), rows.interval_name(e for _, _, e in shown), found)
        for goal, shown in known
        if len(shown) > 1
    ]


def alone(
    history: Sequence[CoursePoint], frozen: FrozenPlan, goals: Sequence[MetricResult], found: Sequence[Happened]
) -> list[Course]:
    """Return every goal by each day alone, of at least two days: those whose window closed since the look before."""
    closed = {point.day: point.cutoff for point in history}
    known = [(goal, daily(history, goal, frozen)) for goal in goals]
    return [_each_day(goal, days, closed, found) for goal, days in known if len(days) > 1]


def happened(entries: Sequence[Entry], snapshot: Snapshot) -> list[Happened]:
    """Return what people wrote in the log while the experiment ran, by day, oldest first."""
    said: dict[int, list[str]] = {}
    for entry in sorted((e for e in entries if e.kind in TOLD), key=lambda e: e.at):
        said.setdefault((entry.at.date() - snapshot.launched).days + 1, []).append(_short(entry.text))
    return [Happened(day, "; ".join(texts)) for day, texts in said.items() if 1 <= day <= snapshot.progress.day]


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


def _over_looks(goal: MetricResult, looks: tuple[Look, ...], band_name: str, found: Sequence[Happened]) -> Course:
    parts = [f"{goal.title}: the change so far, with its {band_name}."]
    parts += [HOLDS] if band_name.startswith("always") else []
    caption = " ".join([*parts, *_worthwhile(goal), *_left_out(looks)])
    texts = {"caption": caption, "column": "Change so far", "first": "Day"}
    return _on_days(_course(goal, looks, band_name, texts), found)


def _each_day(
    goal: MetricResult, days: Sequence[DayAlone], closed: dict[int, date], found: Sequence[Happened]
) -> Course:
    like = Trend(metric=goal.metric, treatment=goal.treatment, absolute=goal.absolute, days=())
    looks = tuple(
        Look(d.day, d.change or 0.0, d.low, d.high, *trends.texts(d, like, goal), numbers.days(closed[d.day], None))
        for d in days
    )
    caption = (
        f"{goal.title}: only those whose window closed {_span(days)}, unadjusted, each with its 95% interval. "
        "Days scatter: about 1 in 20 of these intervals misses the truth by chance."
    )
    caption = " ".join([caption, *_worthwhile(goal), *_left_out(looks)])
    texts = {"caption": caption, "column": "Change on that day alone", "first": "Day"}
    return replace(_on_days(_course(goal, looks, "95% interval", texts), found), alone=True)


def _span(days: Sequence[DayAlone]) -> str:
    """Over how many days a point counts: more than one where days went by without a look, or looks are not drawn."""
    longest = max(d.days for d in days)
    return "on that day" if longest == 1 else f"since the look before it, on up to {longest} days"


def _left_out(looks: Sequence[Look]) -> list[str]:
    """That a long chart draws not every day, if so."""
    gaps = [b.day - a.day for a, b in itertools.pairwise(looks)]
    usual = int(statistics.median(gaps))
    return [f"So that days can be told apart, every {numbers.nth(usual)} day is drawn."] if usual > 1 else []


def _worthwhile(goal: MetricResult) -> list[str]:
    size = rows.signed_size(goal)
    if size is None:
        return []
    text = numbers.size(size, absolute=goal.absolute, kind=goal.kind, symbol=goal.symbol)
    return [f"Shaded: worthwhile, from {text}."]


def _on_days(course: Course, found: Sequence[Happened]) -> Course:
    first, last = course.looks[0].day, course.looks[-1].day
    inside = [h for h in found if first <= h.day <= last]
    return replace(course, happened=tuple((round(100 * (h.day - first) / (last - first), 2), h) for h in inside))


def _short(text: str) -> str:
    return text if len(text) <= LONGEST_CHANGE else f"{text[: LONGEST_CHANGE - 1].rstrip()}…"


def _shown(history: Sequence[CoursePoint], goal: MetricResult) -> list[Shown]:
    """The looks that have something to show of a goal: the always-valid band where there is one, as on any day."""
    metric, treatment = goal.metric, goal.treatment
    mine = [(s, m) for s in history for m in s.metrics if m.metric == metric and m.treatment == treatment]
    found = [(s, m, m.band or m.effect) for s, m in mine]
    return [(s, m, e) for s, m, e in found if e is not None and (m.absolute or e.relative is not None)]


def _look(point: CoursePoint, result: MetricResult, effect: Effect) -> Look:
    if result.absolute:
        values = (effect.difference, effect.low, effect.high)
        texts = numbers.difference(*values, kind=result.kind, symbol=result.symbol)
    else:
        values = (effect.relative or 0.0, effect.relative_low, effect.relative_high)
        texts = numbers.change(*values)
    return Look(point.day, *values, *texts, numbers.days(point.cutoff, None))


def _course(goal: MetricResult, looks: tuple[Look, ...], band_name: str, texts: dict[str, str]) -> Course:
    size = rows.signed_size(goal)
    axis = axis_for([[v for v in (x.estimate, x.low, x.high, size) if v is not None] for x in looks], MOST_LINES)
    first, span = looks[0].day, max(1, looks[-1].day - looks[0].day)
    x = [100 * (look.day - first) / span for look in looks]
    across, line = _written(x), _heights(axis, [look.estimate for look in looks], 0.0)
    upper = _heights(axis, [look.high for look in looks], axis.high)
    lower = _heights(axis, [look.low for look in looks], axis.low)
    mark = None if size is None else _y(axis, size)
    worth = None if mark is None or size is None else ((0.0, mark) if size > 0 else (mark, 100 - mark))
    scale = rows.scale(axis, goal if goal.absolute else None)
    return Course(
        metric=goal.title, looks=looks, band_name=band_name, zero=round(100 - scale.zero, 2),
        ticks=tuple((round(100 - place, 2), text) for place, text in scale.ticks), days=_labels(looks, x),
        line=_points(across, line), upper=_points(across, upper), lower=_points(across, lower),
        spots=tuple(zip(across, line, upper, lower, strict=True)), mark=mark, worth=worth,
        caption=texts["caption"], column=texts["column"], first=texts["first"],
    )  # fmt: skip


def _y(axis: Axis, value: float) -> float:
    """From the top, in percent; what is off the scale is held at its edge."""
    return round(100 - axis.clip(value), 2)


def _heights(axis: Axis, values: Sequence[float | None], unbounded: float) -> list[str]:
    """Places from the top, written; a value that is not there stands at `unbounded`."""
    return _written(100 - place for place in axis.clips(unbounded if v is None else v for v in values))


def _written(places: Iterable[float]) -> list[str]:
    return [f"{place:.2f}".rstrip("0").rstrip(".") for place in places]


def _points(x: Sequence[str], y: Sequence[str]) -> str:
    return " ".join([f"{a},{b}" for a, b in zip(x, y, strict=True)])


def _labels(looks: Sequence[Look], x: Sequence[float]) -> tuple[tuple[float, int], ...]:
    """Day numbers below the chart, few enough for a phone."""
    step = max(1, -(-(len(looks) - 1) // (MOST_LABELS - 1)))
    chosen = list(range(0, len(looks), step))
    if chosen[-1] != len(looks) - 1:
        chosen = [*(chosen[:-1] if x[-1] - x[chosen[-1]] < 15 else chosen), len(looks) - 1]
    return tuple((round(x[n], 2), looks[n].day) for n in chosen)
