"""A roll-up's files: like rows lie together in whatever order they come, and each experiment has its own."""

from datetime import date, timedelta
from pathlib import Path
from threading import Event

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from experiments.warehouse import Lake
from experiments.warehouse.tables import BY_EXPERIMENT, ORDERS, RAW, TABLES

DAY = date(2026, 11, 2)
TEXTS = ["b", "a", "ä", "Z", "", "a b", "user-10", "user-9"]


def rows(table: str, rng: np.random.Generator) -> pa.Table:
    """A few hundred rows, no two alike."""
    found = pa.table({f.name: _column(f.type, rng) for f in TABLES[table]}, schema=TABLES[table])
    return found.take([*{repr(r): i for i, r in enumerate(found.to_pylist())}.values()])


def _column(kind: pa.DataType, rng: np.random.Generator) -> list[object]:
    if kind == pa.string():
        return [TEXTS[i] for i in rng.integers(0, len(TEXTS), 300)]
    if pa.types.is_list(kind):
        return [[float(v)] for v in rng.normal(size=300)]
    if kind == pa.bool_():
        return [bool(v) for v in rng.integers(0, 2, 300)]
    return [int(v) for v in rng.integers(-9, 9, 300)]


def written(root: Path, table: str, found: pa.Table) -> Lake:
    """A lake that holds these rows as the roll-up of one day."""
    lake = Lake(root)
    lake.replace("production", table, DAY, "made", ibis.memtable(found))
    lake.publish()
    return lake


def files(root: Path, table: str) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (root / "production" / table).rglob("*.parquet")}


@pytest.mark.parametrize("table", [t for t in TABLES if t not in RAW])
def test_rows_in_any_order_make_files_of_the_same_rows_with_like_ones_together(tmp_path: Path, table: str) -> None:
    rng = np.random.default_rng(7)
    found = rows(table, rng)
    lake = written(tmp_path / "one", table, found)
    other = written(tmp_path / "other", table, found.take(rng.permutation(found.num_rows)))
    assert {*files(tmp_path / "one", table)} == {*files(tmp_path / "other", table)} != set()
    for path in (tmp_path / "one" / "production" / table).rglob("*.parquet"):
        kept = pq.read_table(path, partitioning=None)
        keys = [tuple(str(v).encode() if isinstance(v, str) else v for v in r.values()) for r in kept.select(ORDERS[table]).to_pylist()]
        assert keys == sorted(keys)
        assert kept.schema == TABLES[table]
        assert table not in BY_EXPERIMENT or len(set(kept["experiment"].to_pylist())) == 1
    for made in (lake, other):
        back = made.table("production", table, [DAY]).to_pyarrow().to_pylist()
        assert sorted(map(repr, back)) == sorted(map(repr, found.to_pylist()))


@pytest.mark.parametrize("spread", [1, 1_000, 100_000_000])
def test_like_rows_stay_in_the_order_in_which_they_came(tmp_path: Path, spread: int) -> None:
    found = rows("outcome_days", np.random.default_rng(10))
    far = pa.array([spread * v for v in found["offset"].to_pylist()], pa.int32())
    found = found.set_column(found.column_names.index("offset"), "offset", far)
    lake = written(tmp_path, "outcome_days", found)
    back = lake.table("production", "outcome_days", [DAY]).to_pyarrow().to_pylist()
    cut = ["experiment", *ORDERS["outcome_days"]]
    place = {repr(r): i for i, r in enumerate(found.to_pylist())}
    last: dict[tuple[object, ...], int] = {}
    for row in back:
        like = tuple(row[c] for c in cut)
        assert place[repr(row)] > last.get(like, -1)
        last[like] = place[repr(row)]


def test_entries_in_a_file_for_each_experiment_are_read_as_before(tmp_path: Path) -> None:
    found, lake = rows("entry_days", np.random.default_rng(8)), Lake(tmp_path)
    for i, key in enumerate(sorted(set(found["experiment"].to_pylist()))):
        lake.append("production", "entry_days", DAY, f"{i}-made", found.filter(pc.equal(found["experiment"], key)))
    back = lake.table("production", "entry_days", [DAY]).to_pyarrow().to_pylist()
    assert sorted(map(repr, back)) == sorted(map(repr, found.to_pylist()))


def test_nothing_makes_no_file_of_any_experiment(tmp_path: Path) -> None:
    lake = written(tmp_path, "outcome_days", TABLES["outcome_days"].empty_table())
    assert files(tmp_path, "outcome_days") == {}
    assert lake.rolled("production", "outcome_days", DAY) == "made"


def test_a_day_on_the_disk_is_read_while_another_is_written(tmp_path: Path) -> None:
    found, later, held = rows("unit_days", np.random.default_rng(9)), DAY + timedelta(days=1), Event()
    lake = written(tmp_path, "unit_days", found)
    writing = lake._writer.submit(held.wait, 60)
    lake.replace("production", "unit_days", later, "made", ibis.memtable(found))
    assert lake.table("production", "unit_days", [DAY]).to_pyarrow().num_rows == found.num_rows
    assert not writing.done()
    held.set()
    assert lake.days("production", "unit_days") == [DAY, later]
    assert lake.table("production", "unit_days", [later]).to_pyarrow().num_rows == found.num_rows
