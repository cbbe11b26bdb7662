"""Intervals as SVG. A page draws dozens of them, and a template takes several times as long for each."""

from markupsafe import Markup, escape

from experiments.reports.rows import Bar, Scale

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


def lines(scale: Scale) -> Markup:
    """The grid behind every interval on one scale: a table draws it once and hands it to each."""
    drawn = [f'<line class="grid" x1="{x}%" x2="{x}%" y1="0" y2="100%"/>' for x, text in scale.ticks if text != "0"]
    return Markup("".join(drawn))  # noqa: S704  # numbers only


def interval(bar: Bar, scale: Scale, label: str, grid: Markup) -> Markup:
    """One interval on its scale, with what its size is held against; `label` says it to those who do not see it."""
    return Markup(  # noqa: S704  # all but the label is numbers and words of ours
        f'<svg class="iv" role="img" aria-label="{escape(label)}">{_area(bar)}{grid}{_declared(bar)}'
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
