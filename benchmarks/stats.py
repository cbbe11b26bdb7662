"""The statistics benchmark: the same comparisons by this engine and by gbstats, tea-tasting, spotify-confidence and
scipy, in one run on one machine. Ratios travel between machines; seconds do not.

Each peer is called as its documentation shows, from the sums or moments it asks for; scipy also as one call on
arrays, with the interval of the difference added by hand. Writes docs/benchmarks/stats.md.
"""

import argparse
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

import stats
from benchmarks.parquet import Parquet
from stats import AlwaysValid, Fixed, Moments, Pair

Floats = NDArray[np.float64]
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"
SEED, METRICS, SEGMENTS, ARMS = 20_261_122, 100, 25, 3
BATCH = METRICS * SEGMENTS * (ARMS - 1)
ALONE, BY_HAND = "ours, difference alone", "scipy, on arrays"
PEERS = ("gbstats", "tea-tasting", "spotify-confidence", "scipy")


@dataclass(frozen=True)
class Summary:
    """Units, means and variances of many cells, `[arms, segments, metrics]`; arm 0 is control."""

    n: Floats
    mean: Floats
    variance: Floats

    @classmethod
    def drawn(cls, shape: tuple[int, int, int]) -> "Summary":
        """Cells of a few thousand units with means near 10 and deviations near 5."""
        rng = np.random.default_rng(SEED)
        n = rng.integers(1_000, 5_000, shape).astype(float)
        return cls(n, rng.normal(10.0, 0.1, shape), rng.uniform(20.0, 30.0, shape))

    def comparisons(self) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
        """Control's and treatment's n, mean and variance as plain numbers, one comparison after another."""
        cells = np.stack([self.n, self.mean, self.variance], axis=-1).reshape(len(self.n), -1, 3).tolist()
        return [(tuple(a), tuple(b)) for arm in cells[1:] for a, b in zip(cells[0], arm, strict=True)]


@dataclass(frozen=True)
class Line:
    """One tool at one task: the best of several times in seconds, and what it gives for it."""

    task: str
    tool: str
    seconds: float
    gives: str


def timed(run: Callable[[], object], budget: float = 2.0) -> float:
    """The shortest of up to thirty times, within a budget of seconds; the first run warms up unless it is long."""
    best, start = float("inf"), perf_counter()
    for _ in range(30):
        before = perf_counter()
        run()
        best = min(best, perf_counter() - before)
        if perf_counter() - start > budget:
            break
    return best


def ours(s: Summary) -> stats.Estimate:
    """Welch's p-value with the intervals of the difference and of the relative change (Fieller), all cells at once."""
    pair, rule = _pair(s), Fixed(0.05)
    return stats.estimate(pair, rule.critical(pair), rule.p_value(pair))


def ours_alone(s: Summary) -> tuple[object, ...]:
    """Welch's p-value with the interval of the difference and nothing else: what one gets from scipy by hand."""
    pair, rule = _pair(s), Fixed(0.05)
    reach = rule.critical(pair) * stats.standard_error(pair)
    difference = pair.m1 - pair.m0
    return rule.p_value(pair), difference - reach, difference + reach


def full_row(pair: Pair) -> tuple[object, ...]:
    """What a results page shows of a comparison: Welch, Fieller, always valid, and the posterior where there is one."""
    fixed, always = Fixed(0.05), AlwaysValid(0.05, planned=10_000)
    rows: list[object] = [
        stats.estimate(pair, fixed.critical(pair), fixed.p_value(pair)),
        stats.estimate(pair, always.critical(pair), always.p_value(pair)),
    ]
    posterior = getattr(stats, "posterior", None)
    return (*rows, posterior(pair) if posterior else None)


def _pair(s: Summary) -> Pair:
    moments = Moments(("y",), s.n, s.mean[..., None], s.variance[..., None, None])
    return stats.mean(moments.select(0), moments.select(slice(1, None)), "y")


def gbstats(comparisons: Sequence[Any]) -> list[Any]:
    from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
    from gbstats.models.statistics import SampleMeanStatistic

    config = FrequentistConfig(difference_type="relative", traffic_proportion_b=0.5, phase_length_days=1)

    def arm(n: float, mean: float, variance: float) -> Any:
        return SampleMeanStatistic(n=int(n), sum=n * mean, sum_squares=(n - 1) * variance + n * mean**2)

    return [TwoSidedTTest(arm(*a), arm(*b), config).compute_result() for a, b in comparisons]


def tea_tasting(comparisons: Sequence[Any]) -> list[Any]:
    from tea_tasting import Mean
    from tea_tasting.aggr import Aggregates

    def arm(n: float, mean: float, variance: float) -> Any:
        return Aggregates(count_=int(n), mean_={"y": mean}, var_={"y": variance}, cov_={})

    return [Mean("y").analyze_aggregates(arm(*a), arm(*b)) for a, b in comparisons]


def spotify_confidence(s: Summary) -> Any:
    import pandas as pd
    from spotify_confidence import StudentsTTest

    arm, segment, metric = (x.ravel() for x in np.indices(s.n.shape))
    n, total = s.n.ravel(), (s.n * s.mean).ravel()
    squares = ((s.n - 1) * s.variance + s.n * s.mean**2).ravel()
    place = [f"{a}-{b}" for a, b in zip(segment, metric, strict=True)]
    table = pd.DataFrame({"variant": arm.astype(str), "place": place, "sum": total, "squares": squares, "n": n})
    test = StudentsTTest(table, "sum", "squares", "n", categorical_group_columns=["variant", "place"])
    return test.multiple_difference(level="0", level_as_reference=True, groupby="place")


def scipy_calls(comparisons: Sequence[Any]) -> list[Any]:
    from scipy.stats import ttest_ind_from_stats

    return [
        ttest_ind_from_stats(b[1], b[2] ** 0.5, b[0], a[1], a[2] ** 0.5, a[0], equal_var=False) for a, b in comparisons
    ]


def scipy_arrays(s: Summary) -> tuple[Any, ...]:
    """One call on arrays, and Welch's interval of the difference by hand."""
    from scipy.stats import t, ttest_ind_from_stats

    n0, m0, v0 = s.n[0], s.mean[0], s.variance[0]
    n1, m1, v1 = s.n[1:], s.mean[1:], s.variance[1:]
    found = ttest_ind_from_stats(m1, np.sqrt(v1), n1, m0, np.sqrt(v0), n0, equal_var=False)
    a, b = v0 / n0, v1 / n1
    df = (a + b) ** 2 / (a**2 / (n0 - 1) + b**2 / (n1 - 1))
    reach = t.ppf(0.975, df) * np.sqrt(a + b)
    return found.pvalue, m1 - m0 - reach, m1 - m0 + reach


def engines(task: str, s: Summary, *, slow: bool = True) -> list[Line]:
    """All tools on the same cells; without `slow` those that take most of a minute are left out."""
    pairs = s.comparisons()
    both, change = "p, difference and relative change with intervals", "p, relative change with interval"
    lines = [
        Line(task, "ours", timed(partial(ours, s)), both),
        Line(task, ALONE, timed(partial(ours_alone, s)), "p, difference with interval"),
        Line(task, "gbstats", timed(partial(gbstats, pairs)), change),
        Line(task, "tea-tasting", timed(partial(tea_tasting, pairs)), both),
        Line(task, "scipy, a call each", timed(partial(scipy_calls, pairs)), "p alone"),
        Line(task, BY_HAND, timed(partial(scipy_arrays, s)), "p, difference with interval by hand"),
    ]
    if slow:
        lines.append(Line(task, "spotify-confidence", timed(partial(spotify_confidence, s)), lines[1].gives))
    return lines


def agree(s: Summary) -> float:
    """The largest difference between our p-values and the peers': a benchmark of different answers would be idle."""
    mine, pairs = np.asarray(ours(s).p_value).ravel(), s.comparisons()
    theirs = (
        [r.pvalue for r in tea_tasting(pairs)],
        [r.pvalue for r in scipy_calls(pairs)],
        np.ravel(scipy_arrays(s)[0]),
    )
    return max(float(np.max(np.abs(mine - p))) for p in theirs)  # gbstats tests another scale: it differs by design


def rate(comparisons: int = 200_000) -> tuple[float, bool]:
    """Full rows per second, and whether they hold a posterior."""
    pair = _pair(Summary.drawn((2, 1, comparisons)))
    return comparisons / timed(partial(full_row, pair), budget=6.0), hasattr(stats, "posterior")


def tasks(units: int) -> list[Line]:
    """Everything timed, task after task."""
    wide = Summary.drawn((ARMS, SEGMENTS, METRICS))
    single, many = Summary.drawn((2, 1, 1)), Summary.drawn((2, 1, 5_000))
    spotify_confidence(single)  # its import takes seconds
    lines = engines("one comparison", single) + engines("5,000 comparisons", many)
    lines += engines(f"{METRICS} metrics × {ARMS} variants × {SEGMENTS} segments", wide, slow=False)
    with tempfile.TemporaryDirectory(prefix="keepers-bench-") as folder:
        file = Parquet(Path(folder) / "units.parquet", units)
        lines += [Line(f"{units:,} units × 3 metrics from Parquet", *line) for line in file.lines()]
    return lines


def batch_ratio(lines: Sequence[Line], task: str = "5,000 comparisons") -> tuple[float, str]:
    """How many times as fast as the peer that comes closest for the same output, and which one that is."""
    by = {line.tool: line.seconds for line in lines if line.task == task}
    ratios = {t: by[t] / by["ours"] for t in ("gbstats", "tea-tasting", "spotify-confidence")}
    ratios[BY_HAND] = by[BY_HAND] / by[ALONE]
    peer = min(ratios, key=lambda t: ratios[t])
    return ratios[peer], peer


def table(lines: Sequence[Line]) -> list[tuple[str, ...]]:
    """Rows of text; the last number is how many times our time each tool takes."""
    mine = {line.task: line.seconds for line in lines if line.tool == "ours"}
    return [
        (line.task, line.tool, _time(line.seconds), f"{line.seconds / mine[line.task]:.3g}", line.gives)
        for line in lines
    ]  # fmt: skip


def _time(seconds: float) -> str:
    if seconds >= 1:
        return f"{seconds:.3g} s"
    return f"{seconds * 1e3:.3g} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.3g} µs"


HEADS = ("task", "tool", "time", "of ours", "gives")


def report(rows: Sequence[Sequence[str]], closing: Sequence[str]) -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in (*PEERS, "duckdb", "numpy", "pandas"))
    machine = f"Python {platform.python_version()}, {platform.machine()}, {_cores()} cores; {versions}."
    lines = ["| " + " | ".join(r) + " |" for r in (HEADS, ["---"] * len(HEADS), *rows)]
    return "\n\n".join(
        [
            "# Statistics: how fast, beside four others",
            "Written by `make bench-stats`. One run, one machine, the same numbers for all, the shortest of several"
            " times. Read the ratios: seconds depend on the machine and on what else it does.",
            machine, "\n".join(lines), "\n".join(f"- {line}" for line in closing), NOTES,
        ]
    ) + "\n"  # fmt: skip


NOTES = """\
*Of ours* is a tool's time over ours for the same task. Each peer is given what it asks for (sums, or moments) and
called as its documentation shows. scipy gives no interval from summaries: the row *on arrays* is its one call on
arrays with Welch's interval of the difference added by hand; it is held against ours with that alone. At the third
task spotify-confidence is left out, as it takes as long as at the second. From Parquet, tea-tasting reads the file
itself; gbstats and spotify-confidence take the sums of one SQL query, as their platforms send it.

*batch* is at 5,000 comparisons the time of the peer that comes closest, over ours for the same output: above 1, ours
is faster."""


def _cores() -> int:
    import os

    return len(os.sched_getaffinity(0))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=10_000_000, help="rows of the Parquet file")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder for the report")
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    lines = tasks(chosen.units)
    (rows_a_second, posterior), (ratio, peer) = rate(), batch_ratio(lines)
    parts = "Welch, Fieller, always valid" + (", posterior" if posterior else "")
    by = {line.tool: line.seconds for line in lines if line.task == "5,000 comparisons"}
    closing = [
        *(f"5,000 comparisons: ours/{tool} = {by[tool] / by['ours']:.0f}" for tool in PEERS[:3]),
        f"largest difference of p-values between ours, tea-tasting and scipy: {agree(Summary.drawn((2, 1, 500))):.1e}",
        f"full rows ({parts}): {rows_a_second / 1e6:.2f} million a second",
        f"batch: ours/best-peer = {ratio:.2f}",
    ]
    rows = table(lines)
    widths = [max(map(len, column)) for column in zip(HEADS, *rows, strict=True)]
    for line in (HEADS, *rows):
        print("  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip())
    print(f"\nclosest peer at 5,000 comparisons: {peer}", *closing, sep="\n")
    chosen.docs.mkdir(parents=True, exist_ok=True)
    (chosen.docs / "stats.md").write_text(report(rows, [f"closest peer at 5,000 comparisons: {peer}", *closing]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
