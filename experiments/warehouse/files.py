"""Reads a finished experiment from a CSV or Parquet file into raw rows of the lake."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import pyarrow.compute as pc

from experiments.errors import DefinitionError, nearest
from experiments.warehouse.incoming import day_numbers
from experiments.warehouse.lake import day_of
from experiments.warehouse.tables import TABLES

MICRO = 1_000_000


@dataclass(frozen=True)
class Columns:
    """Which columns hold what. Without `unit` the row number serves; without `time` one instant, `at`."""

    variant: str
    outcomes: tuple[str, ...]
    unit: str | None = None
    time: str | None = None
    attributes: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """Every column that must exist."""
        named = [self.variant, *self.outcomes, *self.attributes, self.unit, self.time]
        return [c for c in named if c]


@dataclass(frozen=True)
class Rows:
    """One row per unit, or per visit of a unit: what was read, with `at` in microseconds of UTC."""

    unit: list[str]
    variant: list[str]
    at: pa.Array
    outcomes: dict[str, pa.Array]
    attributes: list[str]

    @property
    def span(self) -> tuple[datetime, datetime]:
        """First and last time."""
        ends = pc.min_max(self.at.cast(pa.timestamp("us", "UTC"))).as_py()
        return ends["min"], ends["max"]

    def counted(self, name: str) -> "Rows":
        """The same rows with one more outcome, 1 in each: added up per unit it is the number of its rows."""
        ones = pa.array([1.0] * len(self.unit), pa.float64())
        return replace(self, outcomes={**self.outcomes, name: ones})

    @property
    def yes_or_no(self) -> dict[str, bool]:
        """Whether each outcome is a proportion: nothing but 0 and 1."""
        return {name: set(pc.unique(values).to_pylist()) <= {0.0, 1.0} for name, values in self.outcomes.items()}


def read(path: Path, columns: Columns, at: datetime) -> Rows:
    """Read one row per unit or visit. DefinitionError names missing columns, empty values and unreadable times."""
    table = _table(path, columns.all)
    n = table.num_rows
    if not n:
        raise DefinitionError(f"{path.name} has no rows. Export it again, with one row for each unit or visit.")
    unit = _texts(table, columns.unit) if columns.unit else [str(i) for i in range(n)]
    return Rows(
        unit=unit, variant=_texts(table, columns.variant), at=_times(table, columns.time, at),
        outcomes={name: _numbers(table, name) for name in columns.outcomes},
        attributes=_attributes(table, columns.attributes),
    )  # fmt: skip


def read_counts(paths: Mapping[str, Path], units: str, outcomes: Sequence[str], at: datetime) -> Rows:
    """Read daily counts, one file per variant, as one row per unit: of n units, the counted ones had the outcome.

    A row is a day, the first at `at`. Days on which any count is missing are left out.
    """
    parts = [_expanded(name, _table(path, [units, *outcomes]), units, outcomes, at) for name, path in paths.items()]
    nobody = [name for name, part in zip(paths, parts, strict=True) if not part.unit]
    if nobody:
        raise DefinitionError(f"'{nobody[0]}' has no {units} on any day. Check the file, or leave the variant out.")
    return Rows(
        unit=[u for p in parts for u in p.unit], variant=[v for p in parts for v in p.variant],
        at=pa.concat_arrays([p.at for p in parts]),
        outcomes={o: pa.concat_arrays([p.outcomes[o] for p in parts]) for o in outcomes},
        attributes=[a for p in parts for a in p.attributes],
    )  # fmt: skip


def records(path: Path, columns: Sequence[str]) -> list[dict[str, Any]]:
    """Read the rows of a file as they are; DefinitionError names missing columns, or that none of them is filled in."""
    rows: list[dict[str, Any]] = _table(path, columns).to_pylist()
    if not rows:
        raise DefinitionError(f"{path.name} has no rows. Export it again.")
    for name in columns:
        _refuse_empty(name, sum(r[name] is None for r in rows))
    return rows


def raw_tables(
    rows: Rows, experiment: str, unit_type: str, variants: Mapping[str, str], zone: str
) -> Iterable[tuple[str, date, pa.Table]]:
    """Yield (table, day, rows) of exposures and of one event per outcome that is not zero."""
    days = day_numbers(rows.at, zone)
    n = len(rows.unit)
    ids = pa.array([f"{experiment}-{i}" for i in range(n)])
    exposures = _filled("exposures", n, {
        "id": ids, "experiment": [experiment] * n, "phase": [1] * n, "unit": rows.unit,
        "variant": [variants[v] for v in rows.variant], "at": rows.at, "day": days, "attributes": rows.attributes,
        "forced": [False] * n, "received": rows.at,
    })  # fmt: skip
    yield from _by_day("exposures", exposures)
    events = [_events(rows, experiment, unit_type, name, ids=ids, days=days) for name in rows.outcomes]
    yield from _by_day("events", pa.concat_tables(events))


def _events(rows: Rows, experiment: str, unit_type: str, outcome: str, *, ids: pa.Array, days: pa.Array) -> pa.Table:
    n, values = len(rows.unit), rows.outcomes[outcome]
    table = _filled("events", n, {
        "id": pc.binary_join_element_wise(ids, outcome, "-"), "name": [f"{experiment}:{outcome}"] * n,
        "unit_type": [unit_type] * n, "unit": rows.unit, "at": rows.at, "day": days, "value": values,
        "properties": ["{}"] * n, "received": rows.at,
    })  # fmt: skip
    return table.filter(pc.not_equal(table["value"], 0.0))


def _filled(table: str, n: int, columns: dict[str, Any]) -> pa.Table:
    return pa.Table.from_pydict(columns, schema=TABLES[table])


def _by_day(table: str, rows: pa.Table) -> Iterable[tuple[str, date, pa.Table]]:
    for number in sorted(pc.unique(rows["day"]).to_pylist()):
        yield table, day_of(number), rows.filter(pc.equal(rows["day"], number))


def _table(path: Path, wanted: Sequence[str]) -> pa.Table:
    if not path.is_file():
        raise DefinitionError(f"there is no file {path}. Check the path.")
    connection = ibis.duckdb.connect()
    read_file = connection.read_parquet if path.suffix in {".parquet", ".pq"} else connection.read_csv
    try:
        found = read_file(str(path))
        missing = [c for c in wanted if c not in found.columns]
        if missing:
            raise DefinitionError(f"{path.name} has no column '{c}'. {nearest(c, found.columns)}" for c in missing)
        return found.select(list(dict.fromkeys(wanted))).to_pyarrow()
    except duckdb.Error as error:  # a bad value far down is met only when the rows are read
        raise DefinitionError(
            f"{path.name} cannot be read: {_reason(error)}. Write it as CSV with a header, or Parquet; each column of "
            "one kind."
        ) from None


def _reason(error: duckdb.Error) -> str:
    """What is wrong and with which value, without the reader's advice on its own settings."""
    first, *rest = (line.rstrip(".") for line in str(error).splitlines())
    return "; ".join([first, *(line for line in rest if line.startswith("Error when converting"))])


def _texts(table: pa.Table, column: str) -> list[str]:
    values: list[str] = table[column].cast(pa.string()).to_pylist()
    _refuse_empty(column, sum(v is None or v == "" for v in values))
    return values


def _numbers(table: pa.Table, column: str) -> pa.Array:
    try:
        values = table[column].cast(pa.float64() if not pa.types.is_boolean(table[column].type) else pa.int8())
        values = values.cast(pa.float64()).combine_chunks()
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise DefinitionError(f"the outcome '{column}' must be numbers, true or false: {error}.") from None
    _refuse_empty(column, values.null_count + pc.sum(pc.invert(pc.is_finite(values)), min_count=0).as_py())
    return values


def _refuse_empty(column: str, empty: int) -> None:
    if empty:
        raise DefinitionError(
            f"'{column}' is empty in {empty} row{'s' * (empty > 1)}. Say what that means before the import: fill in a "
            "value (0 where nothing happened) or remove such rows; leaving units out quietly would bias the result."
        )


def _times(table: pa.Table, column: str | None, at: datetime) -> pa.Array:
    if column is None:
        return pa.array([int(at.timestamp() * MICRO)] * table.num_rows, pa.int64())
    values = table[column]
    if not (pa.types.is_timestamp(values.type) or pa.types.is_date(values.type)):
        first = values[0].as_py() if len(values) else ""
        raise DefinitionError(
            f"'{column}' does not hold times (first value: {first!r}). Write them as 2026-11-22 10:00:00."
        )
    _refuse_empty(column, values.null_count)
    return values.cast(pa.timestamp("us")).combine_chunks().cast(pa.int64())


def _attributes(table: pa.Table, columns: Sequence[str]) -> list[str]:
    if not columns:
        return ["{}"] * table.num_rows
    records = [{k: _scalar(v) for k, v in r.items()} for r in table.select(list(columns)).to_pylist()]
    return [json.dumps(r, sort_keys=True, separators=(",", ":"), default=str) for r in records]


def _scalar(value: Any) -> Any:
    """JSON knows neither NaN nor infinity: both are a missing value."""
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _expanded(variant: str, table: pa.Table, units: str, outcomes: Sequence[str], at: datetime) -> Rows:
    days = [(i, r) for i, r in enumerate(table.to_pylist()) if all(r[c] is not None for c in (units, *outcomes))]
    _check_counts(variant, days, units, outcomes)
    start = int(at.timestamp() * MICRO)
    times = [start + i * 86_400 * MICRO for i, r in days for _ in range(int(r[units]))]
    return Rows(
        unit=[f"{variant}-{i}-{j}" for i, r in days for j in range(int(r[units]))],
        variant=[variant] * len(times), at=pa.array(times, pa.int64()),
        outcomes={o: _hits(days, units, o) for o in outcomes},
        attributes=["{}"] * len(times),
    )  # fmt: skip


def _hits(days: list[tuple[int, dict[str, Any]]], units: str, outcome: str) -> pa.Array:
    """Of each day's units, the first so many had the outcome: which ones changes no mean and no variance."""
    return pa.array([float(j < r[outcome]) for _, r in days for j in range(int(r[units]))], pa.float64())


def _check_counts(variant: str, days: list[tuple[int, dict[str, Any]]], units: str, outcomes: Sequence[str]) -> None:
    for i, row in days:
        strange = next((c for c in (units, *outcomes) if not _whole(row[c])), None)
        if strange is not None:
            raise DefinitionError(f"{variant}, row {i + 1}: {strange} is {row[strange]!r}; counts are whole numbers.")
        for o in outcomes:
            if not 0 <= row[o] <= row[units]:
                raise DefinitionError(
                    f"{variant}, row {i + 1}: {row[o]} {o} of {row[units]} {units}; a unit counts at most once, so an "
                    "outcome lies between 0 and the units. Check which column counts the units."
                )


def _whole(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
