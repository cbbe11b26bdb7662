"""The pipeline benchmark: collector, looks, nights, memory and results, each against what it must not be slower than.

Data are made on the spot, the same ones every time. Each part prints its figures and, last, its ratio, which travels
between machines as seconds do not. Writes the part's section of docs/benchmarks/pipeline.md, unless --small.
"""

import argparse
import os
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from benchmarks import pipeline_collector, pipeline_looks, pipeline_size, pipeline_units
from benchmarks.pipeline_part import Found

HEAD = """\
# The pipeline: how fast, and how large

Written by `make bench-pipeline`. Read the ratios: seconds depend on the machine and on what else it does."""
DOCS = Path(__file__).parents[1] / "docs" / "benchmarks"


@dataclass(frozen=True)
class Part:
    """One part: its title, how it is measured, and what runs it in an empty folder, small or not."""

    title: str
    method: str
    runs: tuple[Callable[[Path, bool], Found], ...]


PARTS = {
    "a": Part(
        "The collector",
        "A real gunicorn with two workers; four client processes that send batches of 100 events for 15 s, on the same "
        "machine. The bare loop is one process that inserts the same rows, already checked, and commits each hundred; "
        "it runs before and after. Ratio: its rate over the collector's.",
        (pipeline_collector.on_sqlite, pipeline_collector.on_postgresql),
    ),
    "b": Part(
        "One experiment",
        "20 million events of a million units over 21 days, ten metrics. A look takes the moments from the roll-ups, "
        "as every night does; the query by hand takes them from all raw rows, and the answers are held against each "
        "other. Last ratio: a look over the query that does not even remove rows sent twice. The first look of all, "
        "which rolls every day up, stands beside it.",
        (pipeline_looks.one,),
    ),
    "c": Part(
        "A night of 50 experiments",
        "40 million events of a million units over 21 days, 50 experiments of 200,000 units, ten metrics. A night "
        "rolls one day up and takes the moments of every experiment, in as many processes as there are cores, as tasks "
        "of Airflow do. Against it stands one full query by hand for each experiment on all cores, timed for five of "
        "them and multiplied. Both take turns, three times each; figures are medians. Bytes are those that processes "
        "asked the system for. "
        "Last ratio: the smaller of the two for time and bytes.",
        (pipeline_looks.many,),
    ),
    "d": Part(
        "Memory",
        "A hundred million events of a million units are written in files as loads write them, rolled up and looked "
        "at by one process. Ratio: the most memory that it ever held, over 8 GB.",
        (pipeline_size.memory,),
    ),
    "e": Part(
        "From units to a result",
        "Ten million rows of units with three metrics in a Parquet file. Ours is one SQL query and `stats`; "
        "tea-tasting reads the same file. Ratio: our time over that of the faster of its two.",
        (pipeline_units.result,),
    ),
}  # fmt: skip


def run(name: str, small: bool) -> list[Found]:
    """Run one part, print its figures and ratios, and leave nothing behind."""
    print(f"\n({name}) {PARTS[name].title}", flush=True)
    found = []
    for measure in PARTS[name].runs:
        with tempfile.TemporaryDirectory(prefix="keepers-bench-") as folder:
            found.append(measure(Path(folder), small))
        for what, figure in found[-1].figures:
            print(f"{what}: {figure}")
        for ratio in found[-1].ratios:
            print(ratio.line, flush=True)
    return found


def section(name: str, found: list[Found]) -> str:
    """One part as Markdown."""
    part, rows = PARTS[name], [row for f in found for row in f.figures]
    ratios = [(r.line, r.goal) for f in found for r in f.ratios]
    tables = [_table(("what", "figure"), rows), _table(("ratio", "goal"), ratios)]
    return "\n\n".join([f"## ({name}) {part.title}", part.method, _machine(), *tables])


def written(path: Path, sections: dict[str, str]) -> None:
    """Put these sections in the place of their former ones."""
    old = path.read_text() if path.exists() else ""
    kept = {text[4]: text.rstrip() for text in re.split(r"(?m)^(?=## \()", old) if text.startswith("## (")}
    every = {**kept, **sections}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n\n".join([HEAD, *(every[name] for name in sorted(every))]) + "\n")


def _table(heads: tuple[str, str], rows: list[tuple[str, str]]) -> str:
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ("---", "---"), *rows])


def _machine() -> str:
    versions = ", ".join(f"{name} {version(name)}" for name in ("duckdb", "ibis-framework", "pyarrow"))
    return f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores; {versions}."


def main(arguments: list[str] | None = None) -> int:
    """Run the parts that are asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=list(PARTS), nargs="+", default=list(PARTS), help="these parts")
    parser.add_argument("--small", action="store_true", help="a thousandth of the size, to see that it works")
    parser.add_argument("--docs", type=Path, default=DOCS, help="folder for the report")
    chosen = parser.parse_args(arguments)
    for name in chosen.only:
        found = run(name, chosen.small)
        if not chosen.small:
            written(chosen.docs / "pipeline.md", {name: section(name, found)})
    return 0


if __name__ == "__main__":
    sys.exit(main())
