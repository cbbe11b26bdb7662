"""What a part of the pipeline benchmark gives: figures to print, and ratios to hold against goals."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter


@dataclass(frozen=True)
class Ratio:
    """One ratio with the goal it must reach: at most, or at least; None where there is none."""

    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None

    @property
    def line(self) -> str:
        """The line that ends a part's output."""
        return f"{self.name}: ratio {self.value:.3g}"

    @property
    def goal(self) -> str:
        """The goal, and whether it is met, in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}: {'met' if self.value <= self.at_most else 'missed'}"
        if self.at_least is not None:
            return f"at least {self.at_least:g}: {'met' if self.value >= self.at_least else 'missed'}"
        return "none set"


@dataclass(frozen=True)
class Found:
    """A part's figures as (what, how much), and its ratios; the last one is the part's own."""

    figures: tuple[tuple[str, str], ...]
    ratios: tuple[Ratio, ...]


def interleaved(runs: Mapping[str, Callable[[], object]], rounds: int = 3) -> dict[str, float]:
    """Return the median seconds of each; they take turns, so that what else the machine does falls on all alike."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds):
        for name, run in runs.items():
            times[name].append(timed(run))
    return {name: median(t) for name, t in times.items()}


def timed(run: Callable[[], object]) -> float:
    """Return the seconds that this takes."""
    before = perf_counter()
    run()
    return perf_counter() - before


def bytes_read() -> int:
    """Bytes that this process has asked the system for so far, from the disk or its cache."""
    lines = Path("/proc/self/io").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("rchar"))


def seconds(value: float) -> str:
    """Seconds as people read them."""
    return f"{value:.3g} s"
