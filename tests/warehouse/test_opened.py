"""What is opened of a table stays what it was, whatever is opened of the same table afterwards."""

from datetime import date
from pathlib import Path

import ibis
import pyarrow as pa
import pytest

from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES

DAYS = [date(2026, 11, 2), date(2026, 11, 3)]
KEYS = ["checkout", "sign-up"]


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    """A lake in which one unit entered each of two experiments on each of two days."""
    made = Lake(tmp_path)
    for day in DAYS:
        same = {"phase": 1, "variant": "a", "forced": False, "at": 0, "attributes": "{}", "day": number_of(day)}
        rows = [{"experiment": key, "unit": f"{key} {day.day}", **same} for key in KEYS]
        rolled = pa.Table.from_pylist(rows, TABLES["exposure_days"])
        made.replace("production", "exposure_days", day, f"made-{day}", ibis.memtable(rolled))
    made.publish()
    return Lake(tmp_path)


def units(rows: ibis.Table) -> list[str]:
    return sorted(rows.unit.to_pyarrow().to_pylist())


def test_other_days_opened_later_are_not_taken_for_those_opened_before(lake: Lake) -> None:
    first, second = (lake.table("production", "exposure_days", [day]) for day in DAYS)
    nothing = lake.table("production", "exposure_days", [])
    assert units(first) == ["checkout 2", "sign-up 2"]
    assert units(second) == ["checkout 3", "sign-up 3"]
    assert units(nothing) == []
    assert units(first.union(second)) == ["checkout 2", "checkout 3", "sign-up 2", "sign-up 3"]
    assert units(first.anti_join(second, "unit")) == units(first)


def test_other_experiments_opened_later_are_not_taken_for_those_opened_before(lake: Lake) -> None:
    first, second = (lake.table("production", "exposure_days", DAYS, [key]) for key in KEYS)
    assert units(first) == ["checkout 2", "checkout 3"]
    assert units(second) == ["sign-up 2", "sign-up 3"]


def test_rows_replaced_meanwhile_are_other_rows(lake: Lake) -> None:
    before = lake.table("production", "exposure_days", DAYS)
    kept = before.filter(before.experiment == "checkout", before.day == number_of(DAYS[1]))
    lake.replace("production", "exposure_days", DAYS[1], "made anew", kept)
    after = lake.table("production", "exposure_days", DAYS)
    assert units(before) == ["checkout 2", "checkout 3", "sign-up 2", "sign-up 3"]
    assert units(after) == ["checkout 2", "checkout 3", "sign-up 2"]


def test_the_same_rows_have_the_same_name_and_those_opened_first_that_of_the_table(lake: Lake) -> None:
    names = [lake.table("production", "exposure_days", days).get_name() for days in (DAYS, DAYS[:1], DAYS, DAYS[:1])]
    assert names == ["exposure_days", "exposure_days_2"] * 2
