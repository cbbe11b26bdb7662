"""One shared scale for a block of intervals: nice ticks, and a range that one wild row cannot stretch."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median

WIDEST = 2.0  # a row that reaches further than this many times the median row runs off the scale
PADDING = 0.08
MOST_TICKS = 4
NARROWEST = 1e-9  # below it nothing could be told apart, and ticks would round to the same number


@dataclass(frozen=True)
class Axis:
    """A linear scale from `low` to `high` with its ticks, in the values' own unit."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the place of a value in percent of the width, from the left; may lie outside 0 to 100."""
        return 100 * (value - self.low) / (self.high - self.low)

    def clip(self, value: float) -> float:
        """Like `at`, held between 0 and 100."""
        place = self.at(value)
        return place if 0.0 < place < 100.0 else 100.0 if place >= 100.0 else 0.0

    def clips(self, values: Iterable[float]) -> list[float]:
        """Like `clip` of each, at a third of its time: a chart has hundreds."""
        low, width = self.low, self.high - self.low
        places = [100 * (value - low) / width for value in values]
        return [place if 0.0 < place < 100.0 else 100.0 if place >= 100.0 else 0.0 for place in places]


def axis_for(rows: Sequence[Iterable[float]], most: int = MOST_TICKS) -> Axis:
    """Build a scale from the numbers that each row wants to show (its bounds, estimate and declared size).

    Zero is always on it. A row far wider than most is cut off, so that the others stay readable.
    """
    finite = [[v for v in row if math.isfinite(v)] for row in rows]
    reaches = [max(map(abs, row), default=0.0) for row in finite]
    limit = WIDEST * median([r for r in reaches if r] or [1.0])
    every = [v for row in finite for v in row]
    low, high = (min(limit, max(-limit, v)) for v in (min(every, default=-1.0), max(every, default=1.0)))
    return spread(min(low, 0.0), max(high, 0.0), most)


def spread(low: float, high: float, most: int) -> Axis:
    """Pad a range and set nice ticks into it."""
    if high - low < NARROWEST:
        low, high = low - 1, high + 1
    room = PADDING * (high - low)
    low, high = low - room, high + room
    step = nice_step((high - low) / most)
    first = math.ceil(low / step)
    last = math.floor(high / step)
    return Axis(low, high, tuple(round(n * step, 12) for n in range(first, last + 1)))


def nice_step(least: float) -> float:
    """Return the smallest of 1, 2, 5 times a power of ten that is at least `least`."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(m * power for m in (1, 2, 5, 10) if m * power >= least * (1 - 1e-9))
