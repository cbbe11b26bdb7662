"""Draws how a metric's values lie among units: bars in percent of the chart, and the same numbers for a table."""

from dataclasses import dataclass
from math import floor, log10

from experiments import numbers
from experiments.planning.preview import Bin, Preview

MOST_LABELS = 7


@dataclass(frozen=True)
class Bar:
    """A bar: what it counts in words, how many units, its place, whether the cap cuts it off, and its axis label."""

    text: str
    units: int
    share: str
    x: float
    width: float
    y: float
    kind: str
    label: str


@dataclass(frozen=True)
class Histogram:
    """All bars, units with none first; `cap` is the place of the cap and its text, None outside of what is drawn."""

    bars: tuple[Bar, ...]
    cap: tuple[float, str] | None
    about: str
    facts: tuple[tuple[str, str, str], ...]


def histogram(p: Preview) -> Histogram:
    """Return the drawing of a preview."""
    m, width = p.metric, 100 / (len(p.bins) + 1)
    most = max([p.zeros, *(b.units for b in p.bins)]) or 1
    places, every = _places(p.bins), -(-len(p.bins) // MOST_LABELS)
    zero = _bar("None", p.zeros, p.units, (0.0, width, most), kind="review", label="")
    bars = [
        _bar(
            _range(b, places, m.symbol), b.units, p.units, ((n + 1) * width, width, most),
            kind="drop" if m.cap is not None and b.low >= m.cap else "keep",
            label=_label(p.bins, n, places, every),
        )
        for n, b in enumerate(p.bins)
    ]  # fmt: skip
    about = f"{m.name}: values of {numbers.units(p.units, p.unit)}; {numbers.percent(p.zeros / p.units)} have none"
    return Histogram((zero, *bars), _cap(p, width), about, _facts(p))


def _label(found: tuple[Bin, ...], n: int, places: int, every: int) -> str:
    """Every few bars have one; the open one does, and none just before it."""
    if found[n].high is None:
        return numbers.fixed(found[n].low, places) + "+"
    near = found[-1].high is None and len(found) - 1 - n < every
    return numbers.fixed(found[n].low, places) if n % every == 0 and not near else ""


def _bar(text: str, units: int, of: int, place: tuple[float, float, int], *, kind: str, label: str) -> Bar:
    left, width, most = place
    return Bar(
        text, units, numbers.percent(units / of), left + 0.08 * width, 0.84 * width, 100 - 100 * units / most, kind,
        label,
    )  # fmt: skip


def _range(b: Bin, places: int, symbol: str) -> str:
    low = numbers.with_symbol(numbers.fixed(b.low, places), symbol)
    if b.high is None:
        return f"{low} or more"
    return low if b.high == b.low else f"{low} to below {numbers.with_symbol(numbers.fixed(b.high, places), symbol)}"


def _places(found: tuple[Bin, ...]) -> int:
    """Decimals that tell the ends of bars apart."""
    step = next((b.high - b.low for b in found if b.high is not None and b.high > b.low), 1.0)
    return max(0, -floor(log10(step) + 1e-9))


def _cap(p: Preview, width: float) -> tuple[float, str] | None:
    cap = p.metric.cap
    for n, b in enumerate(p.bins):
        if cap is not None and b.high is not None and b.high > b.low and b.low <= cap <= b.high:
            return (n + 1 + (cap - b.low) / (b.high - b.low)) * width, numbers.declared(cap, p.metric.symbol)
    last = p.bins[-1] if p.bins else None
    if cap is not None and last is not None and last.high is None and cap >= last.low:
        return (len(p.bins) + 0.5) * width, numbers.declared(cap, p.metric.symbol)  # somewhere in the open bar
    return None


def _facts(p: Preview) -> tuple[tuple[str, str, str], ...]:
    m = p.metric
    kind = "proportion" if m.form == "proportion" else "mean"
    above = f"{numbers.units(p.capped, p.unit)} above it, {numbers.percent(p.cut)} of the total cut off"
    declared = "none" if m.cap is None else numbers.declared(m.cap, m.symbol)
    return (
        ("Counted", numbers.units(p.units, p.unit), f"{numbers.day(p.since)} to {numbers.day(p.until)}"),
        ("With none", numbers.percent(p.zeros / p.units), numbers.units(p.zeros, p.unit)),
        ("Mean", numbers.measured(p.mean, kind, m.symbol), f"median {numbers.measured(p.median, 'mean', m.symbol)}"),
        ("Largest", numbers.measured(p.largest, "mean", m.symbol), "of one unit"),
        ("Cap", declared, "every value counts" if m.cap is None else above),
    )  # fmt: skip
