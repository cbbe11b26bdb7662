"""Millions of units from a Parquet file to a result: ours, and what others do with the same file."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import duckdb
import numpy as np

import stats
from stats import Fixed, Moments

NAMES = ("orders", "revenue", "minutes")
ROWS = """\
select hash(i) % 2 = 1 as treatment,
       case when random() < .3 then floor(-2 * ln(1 - random())) else 0 end as orders,
       case when random() < .05 then exp(3 + sqrt(-2 * ln(1 - random())) * cos(6.2832 * random())) else 0 end revenue,
       -10 * ln(1 - random()) as minutes
from range({units}) r(i)"""


@dataclass(frozen=True)
class Parquet:
    """One file: a row per unit with its variant and three metrics. Made on construction, from a fixed seed."""

    path: Path
    units: int

    def __post_init__(self) -> None:
        with duckdb.connect() as db:
            db.execute("set threads = 1; select setseed(.5)")
            db.execute(f"copy ({ROWS.format(units=self.units)}) to '{self.path}' (format parquet)")

    def lines(self) -> list[tuple[str, float, str]]:
        """Tool, best time of three, and what it gives."""
        both = "p, difference and relative change with intervals"
        return [
            ("ours", _best(self.ours), both),
            ("tea-tasting", _best(self.tea_tasting), both),
            ("gbstats, after one SQL query", _best(self.gbstats), "p, relative change with interval"),
            ("spotify-confidence, after one SQL query", _best(self.spotify), "p, difference with interval"),
        ]

    def ours(self) -> stats.Estimate:
        """Counts, means and variances by one query, then all three metrics at once."""
        parts = ", ".join(f"avg({n}), var_samp({n})" for n in NAMES)
        rows = np.array(self._ask(f"count(*), {parts}"))
        n, mean, variance = np.repeat(rows[:, :1], 3, axis=1), rows[:, 1::2], rows[:, 2::2]
        arms = Moments(("y",), n, mean[..., None], variance[..., None, None])
        pair, rule = stats.mean(arms.select(0), arms.select(1), "y"), Fixed(0.05)
        return stats.estimate(pair, rule.critical(pair), rule.p_value(pair))

    def tea_tasting(self) -> Any:
        """Its experiment on the file through ibis, on DuckDB."""
        import ibis
        import tea_tasting as tt

        connection = ibis.duckdb.connect()
        table = connection.read_parquet(self.path).mutate(variant=lambda t: t.treatment.cast("int8"))
        return tt.Experiment({name: tt.Mean(name) for name in NAMES}).analyze(table)

    def gbstats(self) -> list[Any]:
        """The sums that its platform's SQL sends, then a test per metric."""
        from gbstats.frequentist.tests import FrequentistConfig, TwoSidedTTest
        from gbstats.models.statistics import SampleMeanStatistic

        config = FrequentistConfig(difference_type="relative", traffic_proportion_b=0.5, phase_length_days=1)
        arms = [
            [SampleMeanStatistic(n=row[0], sum=row[1 + 2 * i], sum_squares=row[2 + 2 * i]) for i in range(3)]
            for row in self._sums()
        ]
        return [TwoSidedTTest(a, b, config).compute_result() for a, b in zip(*arms, strict=True)]

    def spotify(self) -> Any:
        """The same sums, as a data frame."""
        import pandas as pd
        from spotify_confidence import StudentsTTest

        records = [
            {"variant": str(arm), "metric": name, "sum": row[1 + 2 * i], "squares": row[2 + 2 * i], "n": row[0]}
            for arm, row in enumerate(self._sums()) for i, name in enumerate(NAMES)
        ]  # fmt: skip
        test = StudentsTTest(
            pd.DataFrame(records), "sum", "squares", "n", categorical_group_columns=["variant", "metric"]
        )
        return test.multiple_difference(level="0", level_as_reference=True, groupby="metric")

    def _sums(self) -> list[tuple[Any, ...]]:
        return self._ask("count(*), " + ", ".join(f"sum({n}), sum({n} * {n})" for n in NAMES))

    def _ask(self, parts: str) -> list[tuple[Any, ...]]:
        # As an integer: of those DuckDB knows the range, and finds a group by its place, where it would hash a boolean.
        query = f"select {parts} from '{self.path}' group by treatment::tinyint order by treatment::tinyint"
        with duckdb.connect() as db:
            return db.execute(query).fetchall()


def _best(run: Callable[[], object]) -> float:
    times = []
    for _ in range(3):
        before = perf_counter()
        run()
        times.append(perf_counter() - before)
    return min(times)
