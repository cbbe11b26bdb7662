"""Millions of units × 3 metrics from Parquet to a result: ours, and tea-tasting on DuckDB and on polars.

The peers live in an environment of their own, .venv-bench, in which this module runs as a program.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

from benchmarks.parquet import NAMES, Parquet
from benchmarks.pipeline_part import Found, Ratio, interleaved, seconds

PYTHON = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"


def result(home: Path, small: bool) -> Found:
    """Run this module where the peers are."""
    units = 100_000 if small else 10_000_000
    command = [str(PYTHON), "-m", "benchmarks.pipeline_units", str(units)]
    times: dict[str, float] = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    fastest = min(t for name, t in times.items() if name != "ours")
    figures = tuple((f"{units:,} units, {name}", seconds(t)) for name, t in times.items())
    return Found(figures, (Ratio("units", times["ours"] / fastest, at_most=1.0),))


def on_polars(path: Path) -> Any:
    """tea-tasting's experiment on the file through polars, which reads only what it needs."""
    import polars as pl
    import tea_tasting as tt

    table = pl.scan_parquet(path).with_columns(variant=pl.col("treatment").cast(pl.Int8))
    return tt.Experiment({name: tt.Mean(name) for name in NAMES}).analyze(table)


def _alone(units: int) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="keepers-bench-") as folder:
        file = Parquet(Path(folder) / "units.parquet", units)
        runs = {
            "ours": file.ours, "tea-tasting on DuckDB": file.tea_tasting,
            "tea-tasting on polars": lambda: on_polars(file.path),
        }  # fmt: skip
        interleaved(runs, rounds=1)  # imports take seconds
        print(json.dumps(interleaved(runs, rounds=5)))


if __name__ == "__main__":
    _alone(int(sys.argv[1]))
