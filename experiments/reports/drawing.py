"""Marks, intervals and the rows that hold them. A page draws dozens, and a template takes several times as long."""

from markupsafe import Markup

from experiments.reports.escaping import escaped
from experiments.reports.rows import Bar, Block, Row, Scale

GAP = 1.5  # percent that a bar leaves to the arrow at its end
LEFT, RIGHT = ("0%", "M-3 0 6-7.5v15z"), ("100%", "M3 0-6-7.5v15z")
POINTS = {
    "bad": '<path d="M0-7.5 7.5 0 0 7.5-7.5 0z" class="pt k-bad"/>',
    "flat": '<rect x="-5.5" y="-5.5" width="11" height="11" rx="1" class="pt k-flat"/>',
    "good": '<circle r="6" class="pt k-good"/>',
}


def place(value: float) -> str:
    """Write a coordinate in percent; two decimals are finer than any screen."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def icon(name: str) -> Markup:
    """A symbol of the page's sprite."""
    use = f'<use href="#i-{escaped(name)}"/>'
    return Markup(f'<svg class="ic" aria-hidden="true" viewBox="0 0 24 24">{use}</svg>')  # noqa: S704  # escaped


def state(tone: str, word: str, mark: str | None = None) -> Markup:
    """A word with the mark of its tone, or with another one."""
    text = f"{icon(mark or tone)}<span>{escaped(word)}</span>"
    return Markup(f'<span class="state {escaped(tone)}">{text}</span>')  # noqa: S704  # escaped


def axis(scale: Scale, kind: str = "") -> Markup:
    """The labels of a scale; of kind "m" for narrow screens, where each row has its own."""
    texts = "".join([_tick(*tick) for tick in scale.ticks])
    names = f"axis {kind}" if kind else "axis"
    return Markup(f'<svg class="{names}" aria-hidden="true">{texts}</svg>')  # noqa: S704  # escaped in `_tick`


def _tick(x: float, label: str) -> str:
    zero = label == "0"
    anchor = "start" if x < 5 and not zero else "end" if x > 95 else "middle"
    mark = ' class="t0"' if zero else ""
    return f'<text x="{x}%" y="11" text-anchor="{anchor}"{mark}>{escaped(label)}</text>'


def result_rows(block: Block, *, reading: bool, bases: bool) -> Markup:
    """The rows of a results table; `reading` and `bases` say whether these columns are there."""
    grid, small = lines(block.scale), axis(block.scale, "m")
    drawn = [_row(r, _drawn(r, block.scale, grid, small), reading=reading, bases=bases) for r in block.rows]
    return Markup("\n".join(drawn))  # noqa: S704  # whatever a row holds was escaped


def _row(r: Row, drawn: str, *, reading: bool, bases: bool) -> str:
    name = f'<th role="rowheader" scope="row" dir="auto">{escaped(r.name)}{_small(r.note)}</th>'
    shown = _failed(r) if r.error else f"{_arms(r) if bases else ''}{_change(r, reading=reading)}{drawn}"
    return f'<tr role="row">{name}{shown}{_read(r) if reading else ""}</tr>'


def _failed(r: Row) -> str:
    why = f"<strong>Could not be computed.</strong> {escaped(r.error)}"
    return f'<td role="cell" class="full" colspan="4">{why}</td>'


def _arms(r: Row) -> str:
    control = f'<td role="cell" class="r b1" data-l="Control">{escaped(r.control)}</td>'
    return f'{control}<td role="cell" class="r b2" data-l="Variant">{escaped(r.variant)}</td>'


def _small(text: str) -> str:
    return f"<small>{escaped(text)}</small>" if text else ""


def _read(r: Row) -> str:
    read = state(r.tone, r.word, "invalid" if r.error else None)
    return f'<td role="cell" class="st">{read}{_small(r.remark)}</td>'


def _change(r: Row, *, reading: bool) -> str:
    if not r.change:
        text = "No change to show yet" if reading else escaped(r.word)
        return f'<td role="cell" class="ch"><span class="muted">{text}</span></td>'
    interval = f" <span>({escaped(r.interval)})</span>" if r.interval else ""
    second = f"<br>({escaped(r.second_interval)})" if r.second_interval else ""
    other = f"<small>{escaped(r.second)}{second}</small>" if r.second else ""
    return f'<td role="cell" class="ch"><b>{escaped(r.change)}</b>{interval}{other}</td>'


def _drawn(r: Row, scale: Scale, grid: Markup, small: Markup) -> str:
    """The cell of a row's interval, on the block's scale or on its own."""
    if r.bar is None:
        return f'<td role="cell" class="ivc{" own" if r.own else ""} none"></td>'
    if r.own:
        return f'<td role="cell" class="ivc own">{interval(r.bar, r.own, r.label, lines(r.own))}{axis(r.own, "m")}</td>'
    return f'<td role="cell" class="ivc">{interval(r.bar, scale, r.label, grid)}{small}</td>'


def lines(scale: Scale) -> Markup:
    """The grid behind every interval on one scale: a table draws it once and hands it to each."""
    drawn = [f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="100%"/>' for x, text in scale.ticks if text != "0"]
    return Markup("".join(drawn))  # noqa: S704  # numbers only


def interval(bar: Bar, scale: Scale, label: str, grid: Markup) -> Markup:
    """One interval on its scale, with what its size is held against; `label` says it to those who do not see it."""
    return Markup(  # noqa: S704  # all but the label is numbers and words of ours
        f'<svg class="iv" role="img" aria-label="{escaped(label)}">{_area(bar)}{grid}{_declared(bar)}'
        f'<line class="zero" x1="{scale.zero}%" x2="{scale.zero}%" y1="0" y2="100%"/>'
        f'<svg y="50%" width="100%" height="1" overflow="visible">{_body(bar)}{_point(bar)}</svg></svg>'
    )


def _area(bar: Bar) -> str:
    if not bar.area:
        return ""
    start, width = bar.area
    name = "beyond" if bar.beyond else "worth"
    return f'<rect class="{name}" x="{place(start)}%" y="0" width="{place(width)}%" height="100%"/>'


def _declared(bar: Bar) -> str:
    if bar.line is None:
        return ""
    x = place(bar.line)
    return f'<line class="{"margin" if bar.beyond else "mwe"}" x1="{x}%" x2="{x}%" y1="0" y2="100%"/>'


def _body(bar: Bar) -> str:
    left, right = GAP * bar.left, GAP * bar.right
    x, width = place(bar.start + left), place(bar.width - left - right)
    ends = [end for end, there in ((LEFT, bar.left), (RIGHT, bar.right)) if there]
    arrows = "".join(_arrow(*end, bar.tone) for end in ends)
    return f'<rect class="k-{bar.tone}" x="{x}%" y="-4" width="{width}%" height="8" rx="1"/>{arrows}'


def _arrow(x: str, path: str, tone: str) -> str:
    return f'<svg x="{x}" overflow="visible"><path class="arrow k-{tone}" d="{path}"/></svg>'


def _point(bar: Bar) -> str:
    if bar.point is None:
        return ""
    mark = POINTS.get(bar.tone) or f'<circle r="5" class="pt k-{bar.tone}"/>'
    return f'<svg x="{place(bar.point)}%" overflow="visible">{mark}</svg>'
