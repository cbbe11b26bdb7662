"""Where the marks of the portfolio's charts stand: places in percent, so that a chart is as wide as its page."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from experiments.numbers import change
from experiments.portfolio import Period
from experiments.portfolio.calendar import Layer
from experiments.portfolio.outcomes import Rate
from experiments.portfolio.pace import WORDS, Month
from experiments.portfolio.wording import rate_words, sum_words
from experiments.portfolio.worth import Impact
from experiments.registry.overview import Effect
from experiments.reports.axis import Axis, axis_for, nice_step
from experiments.reports.rows import Bar, Scale, plain_bar, scale

BAR, GAP = 0.62, 0.6  # of a column's width; between parts, in percent of the height
BEFORE, SPAN = 14, 98  # days that the calendar shows before today, and in all
ROW, TOP = 26, 8  # pixels of one bar of the calendar
MOST_STAYS = 8
ROWS = 24  # of the table beside a curve: the last ones
FEW = 15  # experiments of which a rate says little


@dataclass(frozen=True)
class Column:
    """A month's stack: the place of its middle, its parts as (verdict, x, width, y, height), and its top."""

    month: Month
    label: str
    middle: float
    top: float
    parts: tuple[tuple[str, float, float, float, float], ...]


@dataclass(frozen=True)
class Line:
    """A row with an interval: names, words, a label for those who do not see it, and its bar."""

    name: str
    note: str
    change: str
    interval: str
    remark: str
    label: str
    bar: Bar | None


@dataclass(frozen=True)
class Curve:
    """The course of a sum over time: points of the naive and of the shrunken one with its band, and labels."""

    zero: float
    ticks: tuple[tuple[float, str], ...]
    days: tuple[tuple[float, str], ...]
    naive: str
    line: str
    area: str
    last: tuple[float, float]
    rows: tuple[tuple[date, str, str, str], ...]


@dataclass(frozen=True)
class Stripe:
    """An experiment in the calendar: its place, whether it is only planned, and the day on which its plan was over."""

    key: str
    title: str
    x: float
    width: float
    y: int
    planned: bool
    first: date
    last: date
    over: date | None


@dataclass(frozen=True)
class Lane:
    """A layer of the calendar; `more` experiments are not drawn."""

    layer: Layer
    height: int
    stripes: tuple[Stripe, ...]
    more: int


def columns(months: Sequence[Month]) -> list[Column]:
    """Stack each month's decisions by verdict, on the scale of the fullest month."""
    most = max([m.total for m in months], default=0) or 1
    width = 100 / max(len(months), 1)
    return [_column(m, n * width, width, most) for n, m in enumerate(months)]


def rate_lines(rates: Sequence[Rate]) -> tuple[list[Line], Scale]:
    """Win rates on one scale from 0."""
    top = min(1.0, max([r.high for r in rates if r.valid], default=1.0))
    step = nice_step(top / 4)
    ticks = tuple(n * step for n in range(int(top / step + 1e-9) + 1))
    axis = Axis(0.0, top, ticks)
    return [_rate_line(r, axis) for r in rates], Scale(tuple((axis.at(t), f"{100 * t:.0f}%") for t in ticks), 0.0)


def impact_lines(impact: Impact) -> tuple[list[Line], Scale]:
    """What was kept, counted in up to three ways, on one scale."""
    held = impact.holdout
    rows = [[impact.naive], [impact.sum.low, impact.sum.high] if impact.sum else []]
    rows += [[held.low, held.high]] if held and held.low is not None and held.high is not None else []
    axis = axis_for(rows)
    made = [_naive(impact, axis), _shrunken(impact, axis), *([_held(held, axis)] if held else [])]
    return made, scale(axis)


def loss_lines(effects: Sequence[Effect]) -> tuple[list[Line], Scale]:
    """Effects that were avoided, on one scale."""
    axis = axis_for([[v for v in (e.low, e.high) if v is not None] for e in effects])
    return [_effect_line(e, axis) for e in effects], scale(axis)


def curve(impact: Impact, period: Period) -> Curve | None:
    """Draw how the sums grew, decision by decision; None where only one was kept or no shrunken sum is known."""
    points = [(day, naive, s) for day, naive, s in impact.course if s is not None]
    last = points[-ROWS:]
    if len(points) < 2:
        return None
    days = max((period.last - period.first).days, 1)
    axis = axis_for([[naive, s.low, s.high] for _, naive, s in points])
    x = [0.0, *(100 * (day - period.first).days / days for day, _, _ in points)]
    y = {name: [100 - axis.clip(v) for v in values] for name, values in _series(points).items()}
    shown = scale(axis)
    return Curve(
        zero=100 - shown.zero, ticks=tuple((round(100 - at, 2), text) for at, text in shown.ticks),
        days=_labels(period), naive=_steps(x, y["naive"]), line=_steps(x, y["total"]),
        area=f"{_steps(x, y['high'])} {' '.join(_steps(x, y['low']).split()[::-1])}",
        last=(100.0, round(y["total"][-1], 2)),
        rows=tuple((d, change(naive, None, None)[0], *change(s.total, s.low, s.high)) for d, naive, s in last),
    )  # fmt: skip


def lanes(layers: Sequence[Layer], today: date) -> list[Lane]:
    """Draw each layer's experiments, soonest first."""
    return [_lane(layer, today - timedelta(days=BEFORE)) for layer in layers]


def dates(today: date) -> list[tuple[float, str]]:
    """Every second week of the calendar, with its month where it changes."""
    first = today - timedelta(days=BEFORE)
    days = [first + timedelta(days=n) for n in range(0, SPAN, 28)]
    return [(100 * (day - first).days / SPAN, f"{day.day} {day:%b}") for day in days]


def now() -> float:
    """Where today stands."""
    return round(100 * BEFORE / SPAN, 2)


def _column(month: Month, left: float, width: float, most: int) -> Column:
    unit, below, parts = 92 / most, 100.0, []
    for word in WORDS:
        count = month.decided.get(word, 0)
        if count:
            below -= count * unit
            parts.append((word, left + width * (1 - BAR) / 2, width * BAR, below, max(count * unit - GAP, 0.5)))
    return Column(month, f"{month.first:%b}", left + width / 2, below, tuple(parts))


def _rate_line(rate: Rate, axis: Axis) -> Line:
    share, ends = rate_words(rate)
    label = f"{rate.kept} of {rate.valid}: {share}, 95% interval {ends}"
    bar = plain_bar((rate.share, rate.low, rate.high), axis, "plain") if rate.valid else None
    few = "few so far; see the range" if rate.valid < FEW else ""
    return Line(rate.team or "All teams", "", share, ends, few, label, bar)


def _naive(impact: Impact, axis: Axis) -> Line:
    point = change(impact.naive, None, None)[0]
    off = not 0 <= axis.at(impact.naive) <= 100
    bar = None if off else Bar(axis.at(impact.naive), 0.0, axis.at(impact.naive), False, False, "hollow")
    note = "each as measured, added up"
    return Line("Naive sum", note, point, "", "too good; do not quote", f"Naive sum {point}", bar)


def _shrunken(impact: Impact, axis: Axis) -> Line:
    name, note = "Shrunken sum", "moved towards what is usual here"
    if impact.sum is None:
        known = impact.corrected
        corrected = "" if known is None else f"; corrected one by one for selection {change(known, None, None)[0]}"
        return Line(name, note, "", "", f"takes five experiments on this metric{corrected}", "", None)
    point, ends = sum_words(impact)
    s = impact.sum
    bar = plain_bar((s.total, s.low, s.high), axis, "plain")
    return Line(name, note, point, ends, "quote this one", f"Shrunken sum {point}, 95% interval {ends}", bar)


def _held(effect: Effect, axis: Axis) -> Line:
    note, remark = "against those who got none of it", "the truest, and the widest"
    return replace(_effect_line(effect, axis), name="Holdout", note=note, remark=remark)


def _effect_line(e: Effect, axis: Axis) -> Line:
    point, ends = change(e.effect, e.low, e.high)
    bar = plain_bar((e.effect, e.low, e.high), axis, "bad" if e.bad else "plain")
    return Line(e.title, "", point, ends, "", f"{e.title} {point}, 95% interval {ends}", bar)


def _series(points: Sequence[tuple[date, float, object]]) -> dict[str, list[float]]:
    """Each begins at zero, before anything was kept."""
    sums = [s for _, _, s in points]
    made = {name: [0.0, *(getattr(s, name) for s in sums)] for name in ("total", "low", "high")}
    return {"naive": [0.0, *(naive for _, naive, _ in points)], **made}


def _labels(period: Period) -> tuple[tuple[float, str], ...]:
    days = (period.last - period.first).days
    quarters = [period.first + timedelta(days=round(days * n / 4)) for n in range(5)]
    return tuple((25.0 * n, f"{day.day} {day:%b}") for n, day in enumerate(quarters))


def _lane(layer: Layer, first: date) -> Lane:
    shown = [s for s in layer.stays if (s.last - first).days >= 0][:MOST_STAYS]
    stripes = []
    for n, stay in enumerate(shown):
        start, end = (max(0, min(SPAN, (day - first).days)) for day in (stay.first, stay.last + timedelta(days=1)))
        place = (round(100 * start / SPAN, 2), round(max(100 * (end - start) / SPAN, 0.8), 2), TOP + ROW * n)
        card = stay.card
        stripes.append(Stripe(card.experiment, card.title, *place, stay.planned, stay.first, stay.last, stay.over))
    return Lane(layer, TOP + ROW * max(len(shown), 1), tuple(stripes), len(layer.stays) - len(shown))


def _steps(x: Sequence[float], y: Sequence[float]) -> str:
    """The course as a staircase to today: what is kept counts from its day on, and brought nothing before."""
    across, high = ([f"{round(place, 2):g}" for place in places] for places in ([*x, 100.0], y))
    return " ".join([f"{a},{b} {until},{b}" for a, b, until in zip(across, high, across[1:], strict=False)])
