"""Turns waiting events into rows of the raw tables, by environment and day."""

import json
from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from experiments.inbox.loads import Waiting
from experiments.warehouse.lake import day_of
from experiments.warehouse.tables import TABLES

Place = tuple[str, str]


def raw_tables(waiting: Iterable[Waiting], zone: str) -> Iterable[tuple[str, str, date, pa.Table]]:
    """Yield (environment, table, day, rows). An event of several unit types becomes a row for each."""
    rows: dict[Place, list[dict[str, Any]]] = defaultdict(list)
    for w in waiting:
        kind = "exposures" if w.event.experiment else "events"
        rows[w.environment, kind].extend(_exposure(w) if w.event.experiment else _event(w))
    for (environment, table), records in rows.items():
        yield from _by_day(environment, table, records, zone)


def raw_table(waiting: Iterable[Waiting], table: str, zone: str) -> pa.Table:
    """Return the rows of one raw table that these events of one environment are, of all days together."""
    made = [rows for _, kind, _, rows in raw_tables(waiting, zone) if kind == table]
    return pa.concat_tables(made) if made else TABLES[table].empty_table()


def in_order(parts: Iterable[pa.Table], table: str) -> pa.Table:
    """Return the rows of all parts by their id: the same table whatever order they came in."""
    return pa.concat_tables([TABLES[table].empty_table(), *parts]).sort_by([("id", "ascending"), ("at", "ascending")])


def day_numbers(at: pa.Array, zone: str) -> pa.Array:
    """Return the day (int32, since 1970) of each int64 microsecond of UTC in the zone."""
    local = pc.local_timestamp(at.cast(pa.timestamp("us", "UTC")).cast(pa.timestamp("us", zone)))
    return local.cast(pa.timestamp("s"), safe=False).cast(pa.date32(), safe=False).cast(pa.int32())


def _by_day(
    environment: str, table: str, records: list[dict[str, Any]], zone: str
) -> Iterable[tuple[str, str, date, pa.Table]]:
    schema = TABLES[table].remove(TABLES[table].get_field_index("day"))
    rows = pa.Table.from_pylist(records, schema=schema)
    rows = rows.append_column("day", day_numbers(rows["at"].combine_chunks(), zone))
    for number in pc.unique(rows["day"]).to_pylist():
        chosen = rows.filter(pc.equal(rows["day"], number)).select(TABLES[table].names)
        yield environment, table, day_of(number), chosen


def _exposure(w: Waiting) -> list[dict[str, Any]]:
    e = w.event
    return [
        {
            "id": e.id, "experiment": e.experiment, "phase": e.phase, "unit": e.units[e.unit], "variant": e.variant,
            "at": e.at, "attributes": _text(e.properties), "forced": e.forced, "received": w.received,
        }
    ]  # fmt: skip


def _event(w: Waiting) -> list[dict[str, Any]]:
    e = w.event
    same = {
        "id": e.id, "name": e.name, "at": e.at, "value": e.value,
        "properties": _text(e.properties), "received": w.received,
    }  # fmt: skip
    return [{**same, "unit_type": kind, "unit": unit} for kind, unit in e.units.items()]


def _text(properties: dict[str, Any]) -> str:
    return json.dumps(properties, sort_keys=True, separators=(",", ":"), ensure_ascii=False) if properties else "{}"
