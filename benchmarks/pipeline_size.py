"""A hundred million events from rows to moments in one process: how much memory it takes at its peak."""

import resource
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from time import perf_counter

from benchmarks.pipeline_looks import LAST, look
from benchmarks.pipeline_part import Found, Ratio, seconds
from benchmarks.pipeline_world import World, installation
from experiments.rollup import collect

MOST = 8e9


def memory(home: Path, small: bool) -> Found:
    """Write, roll up and look at them in a process of its own."""
    world = World(20_000, 400_000) if small else World(1_000_000, 100_000_000)
    command = [sys.executable, "-m", "benchmarks.pipeline_size", str(home), str(world.units), str(world.events)]
    written, rolled, looked, peak = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, text=True
    ).stdout.split()
    return Found(
        (
            ("events", f"{world.events:,}"), ("made and written as loads write them", seconds(float(written))),
            ("all days rolled up", seconds(float(rolled))), ("one look", seconds(float(looked))),
            ("peak of memory", f"{float(peak) / 1e9:.2f} GB"),
        ),
        (Ratio("memory against 8 GB", float(peak) / MOST, at_most=1.0),),
    )  # fmt: skip


def _alone(home: Path, units: int, events: int) -> None:
    times = [perf_counter()]
    settings = installation(home, World(units, events))
    times.append(perf_counter())
    collect(settings, LAST)
    times.append(perf_counter())
    look(settings, "experiment-0", LAST)
    times.append(perf_counter())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(*(after - before for before, after in pairwise(times)), peak)


if __name__ == "__main__":
    _alone(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
