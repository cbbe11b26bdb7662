"""Results as rows that a page or a report can print: every number written, every bar placed on its scale."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from experiments import numbers
from experiments.plan import Method
from experiments.reports.axis import Axis, axis_for
from experiments.snapshot import Arm, Effect, MetricResult, Reading, SegmentResult

TONES: dict[Reading, str] = {
    "better": "good", "safe": "good", "worse": "bad", "harmed": "bad", "about the same": "flat",
    "worse within margin": "flat", "not enough data": "unknown", "not yet shown safe": "unknown",
}  # fmt: skip
WORDS: dict[Reading, str] = {"worse within margin": "Worse, within its margin"}


@dataclass(frozen=True)
class Bar:
    """An interval on its scale, in percent of the width; `left` and `right` say which ends run off it.

    `point` is None where the estimate itself is off the scale. `line` is the declared size, and `area` from
    where to where it is reached: worthwhile for a goal, beyond the margin for a guardrail.
    """

    start: float
    width: float
    point: float | None
    left: bool
    right: bool
    tone: str
    line: float | None = None
    area: tuple[float, float] | None = None
    beyond: bool = False


@dataclass(frozen=True)
class Scale:
    """An axis ready to draw: (place in percent, label) of each tick, and the place of zero."""

    ticks: tuple[tuple[float, str], ...]
    zero: float


@dataclass(frozen=True)
class Row:
    """One printed result. `own` is a scale of its own where the block's scale does not fit the row."""

    name: str
    note: str
    control: str = ""
    variant: str = ""
    change: str = ""
    interval: str = ""
    second: str = ""
    second_interval: str = ""
    tone: str = "unknown"
    word: str = ""
    remark: str = ""
    label: str = ""
    bar: Bar | None = None
    own: Scale | None = None
    error: str = ""


@dataclass(frozen=True)
class Block:
    """Rows of one role on one scale, and what the interval is called in the head."""

    rows: tuple[Row, ...]
    scale: Scale
    interval: str

    @property
    def drawn(self) -> bool:
        """Whether any of its rows has a bar."""
        return any(row.bar for row in self.rows)


def block(results: Sequence[MetricResult]) -> Block:
    """Print the results of one role and treatment, in declared order."""
    drawn = [_reach(r) for r in results if r.effect and _relative(r)]
    axis = axis_for(drawn)
    return Block(tuple(row(r, axis) for r in results), scale(axis), interval_name(r.effect for r in results))


def row(result: MetricResult, axis: Axis) -> Row:
    """Print one result on the block's axis, or on its own where its change is not relative."""
    if result.error:
        return Row(result.title, _note(result), error=result.error, word="Not computed", tone="bad")
    effect = result.effect
    if effect is None:
        return Row(result.title, _note(result), *_arms(result), word=_word(result), remark=result.note)
    fits = _relative(result)
    own = axis if fits else axis_for([_reach(result)])
    first, second = _texts(result, effect)
    return Row(
        result.title, _note(result), *_arms(result), *first, *second,
        tone=TONES[result.reading], word=_word(result), remark=_remark(result),
        label=_label(result, effect, first), bar=_bar(result, effect, own),
        own=None if fits else scale(own, result),
    )  # fmt: skip


def segment_block(results: Sequence[SegmentResult], like: MetricResult, unit: str) -> Block:
    """Print one metric by the values of one segment: plain bars without a reading, as they decide nothing.

    A shrunken change leads where there is one, and the raw one stands second.
    """
    axis = axis_for([[v for v in _group_change(r) if v is not None] for r in results])
    rows = tuple(_segment_row(r, like, axis, unit) for r in results)
    name = interval_name(r.effect for r in results)
    return Block(rows, scale(axis), f"shrunken, {name}" if any(r.shrunken for r in results) else name)


def expected_block(result: MetricResult) -> Block:
    """Print what was measured of a winner above what to expect after launch, on one scale."""
    effect, expected = result.effect, result.expected
    assert effect
    assert expected
    measured = (effect.relative, effect.relative_low, effect.relative_high)
    after = (expected.relative, expected.low, expected.high)
    axis = axis_for([[v for v in triple if v is not None] for triple in (measured, after)])
    level = numbers.plain_percent(expected.level)
    return Block(
        (
            _step("Measured", f"in the experiment; {interval_name([effect])}", measured, axis),
            _step("Expected after launch", f"less the luck that helps winners; {level} interval", after, axis),
        ),
        scale(axis), "interval",
    )  # fmt: skip


def _step(name: str, note: str, triple: tuple[float | None, float | None, float | None], axis: Axis) -> Row:
    change, interval = numbers.change(*triple)
    label = f"{name}: change {change}, {interval}"
    return Row(name, note, "", "", change, interval, label=label, bar=plain_bar(triple, axis, "plain"))


def interval_name(effects: Iterable[Effect | None]) -> str:
    """Name the interval in a table's head: '95% interval', 'always-valid 95% interval', '95% to 98% interval'.

    That of a posterior is a credible interval.
    """
    return _interval(frozenset((e.level, e.method) for e in effects if e))


@lru_cache(maxsize=64)
def _interval(kinds: frozenset[tuple[float, Method]]) -> str:
    """By levels and methods: every row of a page asks for its own, and few differ."""
    levels = sorted({level for level, _ in kinds})
    methods = {method for _, method in kinds}
    always = "always-valid " if methods == {"always-valid"} else ""
    interval = "credible interval" if methods == {"bayesian"} else "interval"
    if len(levels) == 1:
        return f"{always}{numbers.plain_percent(levels[0])} {interval}"
    spread = f"{numbers.plain_percent(levels[0])} to {numbers.plain_percent(levels[-1])} " if levels else ""
    return f"{always}{spread}{interval}"


def lower_is_better(result: MetricResult) -> bool:
    """True where a decrease is what one hopes for."""
    return result.direction == "decrease"


def signed_size(result: MetricResult) -> float | None:
    """The declared size with its sign: towards better for a goal, towards worse for a guardrail."""
    if result.size is None:
        return None
    towards_worse = result.role == "guardrail"
    return -result.size if lower_is_better(result) != towards_worse else result.size


def segments(results: Sequence[SegmentResult], treatment: str) -> dict[tuple[str, str], list[SegmentResult]]:
    """Group one treatment's segment results by segment and metric, in stored order."""
    found: dict[tuple[str, str], list[SegmentResult]] = {}
    for result in results:
        if result.treatment == treatment:
            found.setdefault((result.segment, result.metric), []).append(result)
    return found


def _relative(result: MetricResult) -> bool:
    return not result.absolute and result.effect is not None and result.effect.relative is not None


def _word(result: MetricResult) -> str:
    return WORDS.get(result.reading, result.reading.capitalize())


def _note(result: MetricResult) -> str:
    window = f"within {numbers.several(result.window_days, 'day')}" if result.window_days else ""
    better = "lower is better" if lower_is_better(result) else ""
    return "; ".join(part for part in (result.description, window, better) if part)


def _remark(result: MetricResult) -> str:
    """The declared size, then what the reading alone would not say."""
    return ". ".join(text for text in (_size(result), result.note) if text)


def _size(result: MetricResult) -> str:
    value = signed_size(result)
    if value is None:
        return "exploratory" if result.role == "secondary" else ""
    text = numbers.size(value, absolute=result.absolute, kind=result.kind, symbol=result.symbol)
    return f"margin {text}" if result.role == "guardrail" else f"worthwhile from {text}"


def _arms(result: MetricResult) -> tuple[str, str]:
    return _mean(result.control, result), _mean(result.variant, result)


def _mean(arm: Arm | None, like: MetricResult) -> str:
    return numbers.measured(arm.mean if arm else None, like.kind, like.symbol)


def _texts(result: MetricResult, effect: Effect) -> tuple[tuple[str, str], tuple[str, str]]:
    """The change that decides first, the other one second."""
    relative = numbers.change(effect.relative, effect.relative_low, effect.relative_high)
    absolute = numbers.difference(
        effect.difference, effect.low, effect.high, kind=result.kind, symbol=result.symbol
    )  # fmt: skip
    if effect.relative is None:
        return absolute, ("no relative change: control is too close to zero", "")
    return (absolute, relative) if result.absolute else (relative, absolute)


def _bounds(effect: Effect, relative: bool = True) -> list[float]:
    triple = (
        (effect.relative, effect.relative_low, effect.relative_high)
        if relative
        else (effect.difference, effect.low, effect.high)
    )
    return [v for v in triple if v is not None]


def _reach(result: MetricResult) -> list[float]:
    assert result.effect is not None
    value = signed_size(result)
    mixed = result.effect.relative is None and not result.absolute  # the size is a share, the bar is not
    return _bounds(result.effect, _relative(result)) + ([] if value is None or mixed else [value])


def _label(result: MetricResult, effect: Effect, texts: tuple[str, str]) -> str:
    size = "" if signed_size(result) is None else f"; {_size(result)}"
    return f"Change {texts[0]}, {interval_name([effect])} {texts[1]}{size}"


def _bar(result: MetricResult, effect: Effect, axis: Axis) -> Bar:
    relative = _relative(result)
    triple = (
        (effect.relative, effect.relative_low, effect.relative_high)
        if relative
        else (effect.difference, effect.low, effect.high)
    )
    bar = plain_bar(triple, axis, TONES[result.reading])
    value = signed_size(result)
    if value is None or (not relative and not result.absolute):
        return bar
    line = axis.clip(value)
    area = (line, 100 - line) if value > 0 else (0.0, line)
    return Bar(**{**bar.__dict__, "line": line, "area": area, "beyond": result.role == "guardrail"})


def plain_bar(triple: tuple[float | None, float | None, float | None], axis: Axis, tone: str) -> Bar:
    """Place an estimate and its bounds on a scale."""
    estimate, low, high = triple
    left = low is None or axis.at(low) < 0
    right = high is None or axis.at(high) > 100
    start = 0.0 if low is None else axis.clip(low)
    end = 100.0 if high is None else axis.clip(high)
    if start == end:  # wholly off the scale: a stub with an arrow
        left, right = end == 0, end == 100
        start, end = (0.0, 7.0) if left else (93.0, 100.0)
    inside = estimate is not None and 0 <= axis.at(estimate) <= 100
    return Bar(start, end - start, axis.at(estimate or 0.0) if inside else None, left, right, tone)


def _segment_row(result: SegmentResult, like: MetricResult, axis: Axis, unit: str) -> Row:
    people = numbers.units(result.control.n + result.variant.n, unit)
    means = _mean(result.control, like), _mean(result.variant, like)
    effect = result.effect
    if effect is None or effect.relative is None:
        return Row(result.value or "(none)", people, *means, word="Too few to say")
    texts = numbers.change(*_group_change(result))
    bar = plain_bar(_group_change(result), axis, "plain")
    kind = "Shrunken change" if result.shrunken else "Change"
    label = f"{kind} {texts[0]}, {interval_name([effect])} {texts[1]}"
    raw = numbers.change(effect.relative, effect.relative_low, effect.relative_high) if result.shrunken else ("", "")
    second = (f"raw {raw[0]}", raw[1]) if result.shrunken else ("", "")
    return Row(result.value or "(none)", people, *means, *texts, *second, label=label, bar=bar)


def _group_change(result: SegmentResult) -> tuple[float | None, float | None, float | None]:
    """The change that leads a group's row, with its interval: shrunken, else raw."""
    shown = result.shrunken
    if shown is not None:
        return shown.relative, shown.low, shown.high
    effect = result.effect
    return (None, None, None) if effect is None else (effect.relative, effect.relative_low, effect.relative_high)


def scale(axis: Axis, like: MetricResult | None = None) -> Scale:
    """Labels of the ticks; places of at most one decimal keep pages small."""
    ticks = tuple((round(axis.at(t), 2), _tick(t, like)) for t in axis.ticks)
    return Scale(ticks, round(axis.at(0.0), 2))


def _tick(value: float, like: MetricResult | None) -> str:
    if value == 0:
        return "0"
    if like is None:
        return numbers.size(value, absolute=False, kind="")
    text = numbers.size(value, absolute=True, kind=like.kind, symbol=like.symbol)
    return text.replace(" percentage points", " pp")
