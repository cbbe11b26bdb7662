"""Looks at experiments: from roll-ups, as every night, and by one query over all raw rows, as by hand."""

import os
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from functools import partial
from itertools import combinations_with_replacement
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import perf_counter, process_time, sleep

import duckdb
import numpy as np

from benchmarks.pipeline_part import Found, Ratio, bytes_read, interleaved, seconds, timed
from benchmarks.pipeline_queries import METRICS, by_hand
from benchmarks.pipeline_world import AFTER, LAUNCHED, World, installation
from experiments.analysis import analyze, launch_of, question_of
from experiments.registry import Database
from experiments.rollup import collect, outdate
from experiments.settings import Settings
from experiments.warehouse import warehouse
from experiments.warehouse.moments import Cell, cells

LAST = LAUNCHED + timedelta(days=AFTER - 1)
TOLERANCE = 1e-9
HALF = 7
ROUNDS = 3


def one(home: Path, small: bool) -> Found:
    """One experiment on all units: a look from the roll-ups, and the first of all, against the query by hand."""
    settings = installation(home, World(5_000, 100_000) if small else World(1_000_000, 20_000_000))
    before = perf_counter()
    collect(settings, LAST)
    rolled, connection = perf_counter() - before, duckdb.connect()
    query = partial(by_hand, connection, settings.lake, "experiment-0", LAST)
    times = interleaved({
        "a look": partial(look, settings, "experiment-0", LAST), "by hand": query,
        "by hand, trusting": partial(query, trusting=True),
    })  # fmt: skip
    differs = difference(look(settings, "experiment-0", LAST), query())
    mine = times["a look"]
    return Found(
        (
            ("all days rolled up, once", seconds(rolled)), ("a look from the roll-ups", seconds(mine)),
            ("the query by hand, with the same answer", seconds(times["by hand"])),
            ("the query by hand, trusting that no row came twice", seconds(times["by hand, trusting"])),
            ("largest difference of the answers", f"{differs:.1e}"),
        ),
        (
            Ratio("first look, all days rolled up, against by hand", (rolled + mine) / times["by hand"]),
            Ratio("look against by hand", mine / times["by hand"], at_most=1.2),
            Ratio("one-experiment", mine / times["by hand, trusting"], at_most=1.2),
        ),
    )  # fmt: skip


@dataclass(frozen=True)
class Night:
    """What one night took: seconds of the day's roll-up and of all looks, seconds of all cores, and bytes."""

    rolled: float
    looked: float
    cores: float
    read: float

    @property
    def took(self) -> float:
        """Seconds in all."""
        return self.rolled + self.looked


def many(home: Path, small: bool) -> Found:
    """50 experiments of ten metrics: a night at day 7 and at day 14, against a full query for each experiment."""
    world = World(20_000, 400_000, 5, 5) if small else World(1_000_000, 40_000_000, 50, 5)
    settings = installation(home, world)
    collect(settings, LAUNCHED + timedelta(days=HALF - 2))
    early = middle([night(settings, world.keys, LAUNCHED + timedelta(days=HALF - 1)) for _ in range(ROUNDS)])
    collect(settings, LAST - timedelta(days=1))
    sample, nights, queries = world.keys[:5], [], []
    for _ in range(ROUNDS):  # in turns, so that what else the machine does falls on both
        nights.append(night(settings, world.keys, LAST))
        queries.append(full(settings.lake, sample, LAST))
    late, times = middle(nights), len(world.keys) / len(sample)
    took, cores, read = (median(figures) * times for figures in zip(*queries, strict=True))
    whole = [timed(partial(analyze, settings.beside_others, key, LAST)) for key in sample[:3]]
    return Found(
        (
            *_figures("day 7", early), *_figures("day 14", late),
            (f"full queries at day 14, from {len(sample)} of {len(world.keys)}: time", seconds(took)),
            ("full queries at day 14: seconds of all cores", seconds(cores)),
            ("full queries at day 14: bytes read", _gigabytes(read)),
            ("day 14: one whole look, with all that a page shows, on one core", seconds(median(whole))),
        ),
        (
            Ratio("a night's time at day 14 against day 7", late.took / early.took),
            Ratio("nightly time, full against incremental", took / late.took, at_least=10),
            Ratio("nightly seconds of all cores, full against incremental", cores / late.cores, at_least=10),
            Ratio("nightly bytes, full against incremental", read / late.read, at_least=10),
            Ratio("nightly", min(took / late.took, read / late.read), at_least=10),
        ),
    )  # fmt: skip


def middle(nights: Iterable[Night]) -> Night:
    """Return the median of several nights, figure by figure."""
    return Night(*(median(figures) for figures in zip(*map(astuple, nights), strict=True)))


def night(settings: Settings, keys: Iterable[str], day: date) -> Night:
    """Roll one day up, again if it was, and look at every experiment, as many at once as there are cores.

    Each look is taken in another process, as tasks of Airflow are, which has all modules already.
    """
    outdate(settings, day, day)
    with get_context("spawn").Pool(os.cpu_count()) as workers:
        workers.map(sleep, [1.0] * (os.cpu_count() or 1), chunksize=1)
        read, cores, before = bytes_read(), process_time(), perf_counter()
        collect(settings, day)
        between, cores, read = perf_counter(), process_time() - cores, bytes_read() - read
        looks = workers.map(partial(_beside_others, settings, day), keys, chunksize=1)
        looked = perf_counter() - between
    of_looks, of_bytes = (sum(figures) for figures in zip(*looks, strict=True))
    return Night(between - before, looked, cores + of_looks, int(read + of_bytes))


def _beside_others(settings: Settings, day: date, key: str) -> tuple[float, int]:
    """Seconds of all cores and bytes of one look of many that are taken at once."""
    read, cores = bytes_read(), process_time()
    look(settings.beside_others, key, day)
    return process_time() - cores, bytes_read() - read


def full(lake: Path, keys: Iterable[str], day: date) -> tuple[float, float, int]:
    """Seconds, those of all cores, and bytes of one query by hand for each experiment, which trusts its rows."""
    read, cores, before = bytes_read(), process_time(), perf_counter()
    with duckdb.connect() as connection:
        for key in keys:
            by_hand(connection, lake, key, day, trusting=True)
    return perf_counter() - before, process_time() - cores, bytes_read() - read


def look(settings: Settings, key: str, day: date) -> dict[str, dict[str, Cell]]:
    """The moments of all metrics of one experiment, as its analysis reads them: metric → variant → cell."""
    _, frozen, launched = launch_of(Database(settings.registry), key)
    found = cells(question_of(warehouse(settings), key, frozen, launched, day), frozen.plan.metric_keys)
    return {metric: {variant: cell for (variant, _), cell in by.items()} for metric, by in found.items()}


def difference(mine: dict[str, dict[str, Cell]], theirs: list[tuple[float, ...]]) -> float:
    """The largest difference, as a share where a number exceeds 1; AssertionError where it is no rounding."""
    worst = 0.0
    for row, variant in zip(theirs, ("control", "blue"), strict=True):
        numbers = iter(row)
        for metric, names in METRICS.items():
            m = mine[metric][variant].moments
            pairs = combinations_with_replacement(range(len(names)), 2)
            for value in (m.n, *m.mean, *(m.cov[i, j] for i, j in pairs)):
                other = next(numbers)
                worst = max(worst, float(np.abs(value - other)) / max(1.0, abs(other)))
    if worst > TOLERANCE:
        raise AssertionError(f"the answers differ by {worst:.1e}; 1e-9 is allowed. A benchmark of these is idle.")
    return worst


def _figures(when: str, found: Night) -> list[tuple[str, str]]:
    return [
        (f"{when}: the day rolled up", seconds(found.rolled)), (f"{when}: all looks", seconds(found.looked)),
        (f"{when}: seconds of all cores", seconds(found.cores)), (f"{when}: bytes read", _gigabytes(found.read)),
    ]  # fmt: skip


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.3g} GB"
