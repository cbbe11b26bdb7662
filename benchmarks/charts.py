"""Charts as plain SVG text: readable on light and dark pages, in print, and without telling colours apart."""

from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, LEFT, RIGHT = 760, 210, 90
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1c2530 }
.title { font-size: 15px; font-weight: 600 } .quiet { fill: #55606c }
.ground { fill: #ffffff } .ours { fill: #0060a8; stroke: #0060a8 } .other { fill: #6a7580; stroke: #6a7580 }
.axis { stroke: #c3cad1 } .limit { stroke: #b3360b; stroke-dasharray: 5 3 } .words { fill: #b3360b }
.line { fill: none; stroke-width: 2 } .error { stroke: #1c2530 }
@media (prefers-color-scheme: dark) {
  text { fill: #e8ecf0 } .quiet { fill: #a9b4bf } .ground { fill: #14191f }
  .ours { fill: #58b0f0; stroke: #58b0f0 } .other { fill: #98a3ae; stroke: #98a3ae }
  .axis { stroke: #3b4550 } .limit { stroke: #f0895f } .words { fill: #f0895f } .error { stroke: #e8ecf0 }
  .line { fill: none }
}"""
DASHES = ("", "7 3", "2 3", "9 3 2 3", "4 2", "1 2")


def bars(title: str, values: Mapping[str, tuple[float, float]], limit: float | None = None) -> str:
    """One bar per name with its value and error in percent; ours first is drawn in the strong colour."""
    top = max(v + e for v, e in values.values()) * 1.05 or 1.0
    scale = (WIDTH - LEFT - RIGHT) / max(top, (limit or 0.0) * 1.3)
    body = []
    for i, (name, (value, error)) in enumerate(values.items()):
        y, end, reach = 52 + 30 * i, LEFT + scale * value, scale * error
        kind = "ours" if name.startswith("ours") else "other"
        body += [
            f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{LEFT}" y="{y}" width="{max(scale * value, 1):.1f}" height="20"/>',
            f'<line class="error" x1="{end - reach:.1f}" x2="{end + reach:.1f}" y1="{y + 10}" y2="{y + 10}"/>',
            f'<text x="{end + reach + 8:.1f}" y="{y + 14}">{100 * value:.1f} %</text>',
        ]
    bottom = 52 + 30 * len(values)
    if limit is not None:
        x = LEFT + scale * limit
        body += [
            f'<line class="limit" x1="{x:.1f}" x2="{x:.1f}" y1="44" y2="{bottom}"/>',
            f'<text class="words" x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{100 * limit:g} %</text>',
        ]
    return _svg(title, body, bottom + 28)


def lines(
    title: str,
    across: Sequence[float],
    series: Mapping[str, Sequence[float]],
    *,
    label: str,
    limit: float | None = None,
) -> str:
    """Shares over an axis of few values, evenly spaced; each line is named at its right end."""
    left, right, top, height = 60, 250, 50, 300
    high = max(max(map(max, series.values())), limit or 0.0) * 1.08
    step = (WIDTH - left - right) / (len(across) - 1)

    def y(value: float) -> float:
        return top + height * (1 - value / high)

    body = [_grid(left, WIDTH - right, y, high)]
    for i, value in enumerate(across):
        body.append(f'<text x="{left + step * i:.1f}" y="{top + height + 20}" text-anchor="middle">{value:g}</text>')
    middle = left + (WIDTH - left - right) / 2
    body.append(f'<text class="quiet" x="{middle}" y="{top + height + 42}" text-anchor="middle">{escape(label)}</text>')
    if limit is not None:
        body.append(f'<line class="limit" x1="{left}" x2="{WIDTH - right}" y1="{y(limit):.1f}" y2="{y(limit):.1f}"/>')
    places = _apart({name: y(values[-1]) for name, values in series.items()})
    for i, (name, values) in enumerate(series.items()):
        kind = "ours" if name.startswith("ours") else "other"
        points = " ".join(f"{left + step * j:.1f},{y(v):.1f}" for j, v in enumerate(values))
        body += [
            f'<polyline class="{kind} line" stroke-dasharray="{DASHES[i % len(DASHES)]}" points="{points}"/>',
            *(
                f'<circle class="{kind}" cx="{left + step * j:.1f}" cy="{y(v):.1f}" r="3"/>'
                for j, v in enumerate(values)
            ),
            f'<text x="{WIDTH - right + 12}" y="{places[name] + 4:.1f}">{escape(name)}</text>',
        ]
    return _svg(title, body, top + height + 56)


def _grid(left: int, right: int, y: Callable[[float], float], high: float) -> str:
    step = next(s for s in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if high / s <= 6)
    marks = [step * i for i in range(int(high / step) + 1)]
    return "\n".join(
        f'<line class="axis" x1="{left}" x2="{right}" y1="{y(m):.1f}" y2="{y(m):.1f}"/>'
        f'<text class="quiet" x="{left - 8}" y="{y(m) + 4:.1f}" text-anchor="end">{100 * m:g} %</text>'
        for m in marks
    )


def _apart(places: Mapping[str, float], least: float = 17.0) -> dict[str, float]:
    """Labels moved down until none covers another."""
    found: dict[str, float] = {}
    last = float("-inf")
    for name, place in sorted(places.items(), key=lambda item: item[1]):
        last = max(place, last + least)
        found[name] = last
    return found


def _svg(title: str, body: Sequence[str], height: float) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}">\n<title>{escape(title)}</title>\n<style>{STYLE}\n</style>\n'
        f'<rect class="ground" width="{WIDTH}" height="{height:.0f}"/>\n'
        f'<text class="title" x="16" y="26">{escape(title)}</text>\n'
    )
    return head + "\n".join(body) + "\n</svg>\n"
