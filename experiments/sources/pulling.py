"""Pulls the rows of sources, day by day, through the collector's checks into the raw tables.

A day of a source has one place: pulled again it is replaced, so that a retry, a late row or a corrected one ends as if
the day had been pulled once.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from experiments.errors import DefinitionError
from experiments.inbox.arrivals import MICRO, Refusal, Stored, check
from experiments.inbox.loads import Waiting, stored_form
from experiments.registry import Database, experiments, settings_store, sources
from experiments.registry.experiments import Known
from experiments.registry.keys import ENVIRONMENT
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.sources.definition import Source, address_of
from experiments.warehouse import warehouse
from experiments.warehouse.incoming import in_order, raw_table
from experiments.warehouse.reading import Batch, Reader, Size, between, check_columns, opened

SAMPLE = 100
RECENT_DAYS = 3  # late rows of these days are looked for again


@dataclass(frozen=True)
class Pulled:
    """What became of a source's rows: loaded, or refused for a reason, with one sentence for each reason."""

    loaded: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    why: dict[str, str] = field(default_factory=dict)

    def __add__(self, other: "Pulled") -> "Pulled":
        return Pulled(self.loaded + other.loaded, self.refused + other.refused, {**other.why, **self.why})


@dataclass(frozen=True)
class Trial:
    """What a dry run saw: types of all columns, the size, a sample's fate, and what is wrong."""

    columns: dict[str, str]
    size: Size
    sample: Pulled
    problems: tuple[str, ...]


def names(settings: Settings) -> list[str]:
    """Return the names of all sources."""
    return list(sources.listing(Database(settings.registry)))


def recent(settings: Settings) -> tuple[date, date]:
    """Return the first and the last of the days that a nightly run pulls: the last three that have closed."""
    today = datetime.now(settings.zone).date()
    return today - timedelta(days=RECENT_DAYS), today - timedelta(days=1)


def trial(settings: Settings, name: str) -> Trial:
    """Read a source's types, its size and a few rows, and store nothing."""
    db = Database(settings.registry)
    source = sources.get(db, name)
    with opened(source, address_of(source, settings.warehouse)) as reader:
        columns = reader.columns()
        problems = _problems(source, columns)
        judge, sample = Judge(name, source, experiments.known(db, ENVIRONMENT, settings.privacy)), Pulled()
        for batch in () if problems else reader.rows(source.columns.named, "", SAMPLE):
            sample += judge(batch)[1]
        return Trial(columns, reader.size(), sample, tuple(problems))


def pull(settings: Settings, name: str, first: date, last: date) -> Pulled:
    """Load a source's rows of these days of the reporting time zone, both included.

    DefinitionError if its columns do not fit; Conflict while another process writes to the warehouse.
    """
    db = Database(settings.registry)
    settings_store.fix_time_zone(db, settings.time_zone)
    source, known = sources.get(db, name), experiments.known(db, ENVIRONMENT, settings.privacy)
    found = Pulled()
    with opened(source, address_of(source, settings.warehouse)) as reader:
        columns = reader.columns()
        problems = _problems(source, columns)
        if problems:
            raise DefinitionError(f"source '{name}': {problem}" for problem in problems)
        for day in (first + timedelta(days=i) for i in range((last - first).days + 1)):
            judge, parts = Judge(name, source, known), []
            for batch in _rows_of(reader, source, columns[source.columns.time], day, settings):
                waiting, judged = judge(batch)
                parts.append(raw_table(waiting, source.kind, settings.time_zone))
                found += judged
            _replace(settings, db, name, source.kind, day, rows=in_order(parts, source.kind))
    return found


def _rows_of(reader: Reader, source: Source, kind: str, day: date, settings: Settings) -> Iterable[Batch]:
    start, end = (datetime.combine(d, time(), settings.zone) for d in (day, day + timedelta(days=1)))
    return reader.rows(source.columns.named, between(source.columns.time, kind, start, end))


def _replace(settings: Settings, db: Database, name: str, table: str, day: date, *, rows: Any) -> None:
    """Put a day's rows in the place of those that an earlier run left, and let the day be rolled up again."""
    place = f"source-{name}"
    with lease(db, "lake"):
        lake = warehouse(settings)
        if len(rows) or any(f"{place}." in s or f"{place}:" in s for s in lake.sources(ENVIRONMENT, table, day)):
            lake.append(ENVIRONMENT, table, day, place, rows)
            lake.outdate(ENVIRONMENT, day, day)
            lake.publish()


class Judge:
    """Holds every row of a day to the collector's rules: what it would refuse is refused, and counted by its reason."""

    def __init__(self, name: str, source: Source, known: Known) -> None:
        self.name, self.source, self.known = name, source, known
        self.now = datetime.now(UTC)
        self.equals: Counter[bytes] = Counter()

    def __call__(self, rows: Iterable[Mapping[str, Any]]) -> tuple[list[Waiting], Pulled]:
        """Return the rows that are kept, and what became of all."""
        kept: list[Waiting] = []
        refused: Counter[str] = Counter()
        why: dict[str, str] = {}
        for row in rows:
            judged = check(_json(self._arrival(row)).encode(), self.known, self.now)
            if isinstance(judged, Refusal):
                refused[judged.reason] += 1
                why.setdefault(judged.reason, judged.message)
            else:
                kept.append(self._waiting(row, stored_form(judged.body)))
        return kept, Pulled(len(kept), refused, why)

    def _arrival(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The row as the collector would be sent it."""
        at = _aware(row[self.source.columns.time])
        return {"id": self._id(row), "at": at, "explicit": True, **_contents(row, self.source, self.known)}

    def _id(self, row: Mapping[str, Any]) -> str:
        """The same whenever the row is pulled; equal rows are numbered where no column holds an id.

        Empty where that column is: the collector refuses it, as all such rows would count as one.
        """
        own = self.source.columns.id
        if own and row[own] is None:
            return ""
        text = str(row[own]) if own else _json(dict(row))
        digest = hashlib.sha256(f"{self.name}\n{text}".encode())
        if not own:
            self.equals[digest.digest()] += 1
            digest.update(str(self.equals[digest.digest()]).encode())
        return digest.hexdigest()[:32]

    def _waiting(self, row: Mapping[str, Any], stored: Stored) -> Waiting:
        """Without a column that says so, a row was received when it happened."""
        received = _aware(row[self.source.columns.received]) if self.source.columns.received else None
        return Waiting(0, ENVIRONMENT, round(received.timestamp() * MICRO) if received else stored.at, stored)


def _contents(row: Mapping[str, Any], source: Source, known: Known) -> dict[str, Any]:
    c = source.columns
    unit = None if row[c.unit] is None else str(row[c.unit])
    if source.kind == "exposures":
        experiment = known.experiments.get(str(row[c.experiment]))
        return {
            "type": "exposure", "units": {experiment.unit if experiment else source.unit_type: unit},
            "experiment": str(row[c.experiment]), "variant": str(row[c.variant]), "external": True,
            "attributes": _filled(row, c.attributes),
        }  # fmt: skip
    value = row[c.value] if c.value else None
    return {
        "type": "event", "units": {source.unit_type: unit}, "name": str(row[c.event] or ""),
        "value": float(value) if isinstance(value, Decimal) else value, "properties": _filled(row, c.properties),
    }  # fmt: skip


def _filled(row: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: row[name] for name in names if row[name] is not None}


def _aware(when: Any) -> Any:
    """A time without a zone is meant as UTC."""
    return when.replace(tzinfo=UTC) if isinstance(when, datetime) and when.tzinfo is None else when


def _plain(value: Any) -> Any:
    """What JSON does not know: decimals as numbers, times and the rest as text."""
    if isinstance(value, Decimal):
        return float(value)
    return value.isoformat() if isinstance(value, date | time) else str(value)


_json = json.JSONEncoder(default=_plain, sort_keys=True).encode


def _problems(source: Source, columns: Mapping[str, str]) -> list[str]:
    """A sentence for each column that is missing, or that should hold times and does not."""
    missing = check_columns(source.columns.named, columns)
    times = [name for name in (source.columns.time, source.columns.received) if name]
    return missing or [problem for name in times for problem in _time(name, columns)]


def _time(name: str, columns: Mapping[str, str]) -> list[str]:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    try:
        between(name, columns[name], epoch, epoch)
    except DefinitionError as error:
        return [str(error)]
    return []
