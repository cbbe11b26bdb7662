"""The SQL of every query for warehouses that are not run here: written by Ibis, read back by sqlglot, kept as files.

To write the files anew after a change: python tests/warehouse/test_dialects.py
"""

import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

import ibis
import pytest
import sqlglot

sys.path.insert(0, str(Path(__file__).parent))
from asked import Asking, of_looks, of_raw_rows
from dialects import DIALECTS, sql_of
from happenings import CATALOG, CUTOFF, LAUNCHED, PLAN

from experiments.needs import needs_of_one
from experiments.plan import FrozenPlan, freeze
from experiments.plan_file import read_catalog, read_plan
from experiments.warehouse import quantiles, rollup
from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Question, per_unit, prefix, query_of
from experiments.warehouse.windows import Finished, Window, in_order

KEPT = Path(__file__).parent / "sql"
KEYS = ["ordered", "per_visit", "through"]


@cache
def queries() -> dict[str, Any]:
    """Every roll-up, the moments of a share, a ratio and a funnel, with a pre-period, a covariate and a segment, the
    queries of a quantile, and what else is asked of roll-ups and of raw rows.
    """
    asking, frozen = Asking(), freeze(read_plan(PLAN), read_catalog(CATALOG), phase=2)
    tables, day = asking.tables, number_of(CUTOFF)
    daily = [tables[name] for name in ("exposure_days", "outcome_days", "unit_events")]
    over = Finished(tables["total_days"], (day - 3, day - 2), day - 1)
    ending = {k: frozen.definitions[k] for k in (*KEYS, "typical")}  # some windows of the others never end
    question = Question(
        "checkout", frozen.model_copy(update={"definitions": ending}), LAUNCHED, CUTOFF, *daily, finished=over
    )
    return {
        **roll_ups(tables, frozen, in_order(ending.values())),
        "moments": query_of(question, KEYS, "country"),
        **quantile_queries(question, "typical", tables["unit_events"]),
        **of_looks(asking, question, KEYS),
        **of_raw_rows(asking, frozen, ["per_visit", "through", "typical"]),
    }


def roll_ups(tables: dict[str, Any], frozen: FrozenPlan, ordered: list[Window]) -> dict[str, Any]:
    """Each table of a day as it is made."""
    every, day = needs_of_one("checkout", frozen, LAUNCHED), number_of(CUTOFF)
    mine = {m.id: m for k in KEYS for m in frozen.definitions[k].measures}
    uses = [n.use for n in every.each if n.measure.id in mine and not n.singly]
    events = rollup.labelled(rollup.once(tables["events"]), list(mine.values()))
    return {
        "exposure_days": rollup.exposure_days(tables["exposures"]),
        "unit_days": rollup.unit_days(events),
        "entry_days": rollup.entry_days(every.arms, tables["exposure_days"], tables["entry_days"]),
        "outcome_days": rollup.outcome_days(day, uses, entries=tables["entry_days"], events=events, units=tables["unit_days"]),
        "total_days": rollup.total_days(
            day - 2, ordered, entries=tables["entry_days"], first=tables["outcome_days"], later=tables["unit_days"], day=day
        ),
        "unit_events": rollup.labelled(rollup.once(tables["events"]), frozen.definitions["through"].steps),
    }


def quantile_queries(question: Question, key: str, events: Any) -> dict[str, Any]:
    """The four of a quantile: its values, how many they are, those at two ranks, and who has how many at most so high.

    In the later ones the table `found` stands for the first, and `units` for all units with their metrics.
    """
    begins = prefix(question, key)
    rows = per_unit(question, [key]).mutate(segment=ibis.literal(""))
    values = quantiles.values(rows, events, question.frozen.definitions[key], begins)
    found, units = ibis.table(values.schema(), name="found"), ibis.table(rows.schema(), name="units")
    return {
        "quantile_values": values,
        "quantile_sizes": quantiles.sizes_of(found),
        "quantile_levels": quantiles.at_ranks(found, [(0, "", 3), (0, "", 4)]),
        "quantile_units": quantiles.counted(units, found, {(0, ""): [19.99]}, begins),
    }


def written(dialect: str) -> str:
    """All queries in a dialect; the table that a query brings along, which Ibis names at random, is called uses."""
    parts = []
    for name, query in queries().items():
        sql = re.sub(r"ibis_\w*memtable_\w+", "uses", sql_of(query, dialect))
        parts.append(f"-- {name}\n{sql};\n")
    return "\n".join(parts)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_kept_sql_is_current_and_is_sql_of_its_dialect(dialect: str) -> None:
    kept = (KEPT / f"{dialect}.sql").read_text()
    assert kept == written(dialect), "run: python tests/warehouse/test_dialects.py, and look at what changed"
    statements = sqlglot.parse(kept, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert len([s for s in statements if s is not None]) == len(queries())


if __name__ == "__main__":
    KEPT.mkdir(exist_ok=True)
    for each in DIALECTS:
        (KEPT / f"{each}.sql").write_text(written(each))
