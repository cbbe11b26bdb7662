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

import numpy as np

import stats
from benchmarks.parquet import NAMES, Parquet
from benchmarks.pipeline_part import Found, Ratio, interleaved, seconds

PYTHON = Path(__file__).parents[1] / ".venv-bench" / "bin" / "python"


def result(home: Path, small: bool) -> Found:
    """Run this module where the peers are."""
    units = 100_000 if small else 10_000_000
    command = [str(PYTHON), "-m", "benchmarks.pipeline_units", str(units)]
    found = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)
    times: dict[str, float] = found["seconds"]
    fastest = min(t for name, t in times.items() if name != "ours")
    figures = (
        *((f"{units:,} units, {name}", seconds(t)) for name, t in times.items()),
        ("largest relative difference of the answers", f"{found['differs']:.1e}"),
    )
    return Found(figures, (Ratio("units", times["ours"] / fastest, at_most=1.0),))


def on_polars(path: Path) -> Any:
    """tea-tasting's experiment on the file through polars, which reads only what it needs."""
    import polars as pl
    import tea_tasting as tt

    table = pl.scan_parquet(path).with_columns(variant=pl.col("treatment").cast(pl.Int8))
    return tt.Experiment({name: tt.Mean(name) for name in NAMES}).analyze(table)


def difference(mine: stats.Estimate, theirs: Any) -> float:
    """The largest difference of effects, their intervals and p-values, as a share of tea-tasting's."""
    ours = np.array([mine.difference, mine.low, mine.high, mine.relative, mine.p_value])
    results = [theirs[name] for name in NAMES]
    names = ("effect_size", "effect_size_ci_lower", "effect_size_ci_upper", "rel_effect_size", "pvalue")
    peers = np.array([[getattr(result, name) for result in results] for name in names])
    return float(np.max(np.abs(ours - peers) / np.abs(peers)))


def _alone(units: int) -> None:
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory(prefix="keepers-bench-") as folder:
        file = Parquet(Path(folder) / "units.parquet", units)
        runs = {
            "ours": file.ours, "tea-tasting on DuckDB": file.tea_tasting,
            "tea-tasting on polars": lambda: on_polars(file.path),
        }  # fmt: skip
        interleaved(runs, rounds=1)  # imports take seconds
        found = {"seconds": interleaved(runs, rounds=5), "differs": difference(file.ours(), file.tea_tasting())}
        print(json.dumps(found))


if __name__ == "__main__":
    _alone(int(sys.argv[1]))
