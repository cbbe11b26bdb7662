"""The wire format, version 1: what an exposure and an event look like when they are sent.

The schema is `docs/schemas/events.schema.json`. The caller's thread only makes small tuples
(`Entry`), which start with the function that turns them into a record; the sending thread calls it.
"""

from __future__ import annotations

from time import gmtime, time

from .hashing import new_md5
from .values import scalars
from .version import SDK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    Record = dict[str, Any]
    Entry = tuple[Any, ...]
    Place = Any  # of the queue: three in turn hold an arm, a unit and a time, or an entry or a marker and twice None
    Lost = tuple[Any, ...]  # (experiment, version, variant) or (event,)

SCHEMA = 1
BATCH = 500  # events in one request, at most
DEFAULT_TYPE = "user"
NOW: dict[str, bool] = {}  # the marks of what happens as it is logged
EXPLICIT = {"explicit": True}  # the caller said when: the server does not correct its clock
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_days: dict[int, str] = {}


def assigned(boot: str, entry: Entry) -> Record:
    """Return an assigned exposure. Its id is the same wherever it is logged on that day."""
    _, arm, units, at, attributes = entry
    unit = units[arm.unit] if type(units) is dict else units
    hashed = f"{arm.experiment}|{arm.version}|{unit}|{arm.variant}|{day(at)}"
    return _exposure(exposure_id(hashed), arm, units, at=at, marks=NOW, attributes=attributes)


def dated(boot: str, entry: Entry) -> Record:
    """Return an assigned exposure of which the caller said when it was."""
    return {**assigned(boot, entry), **EXPLICIT}


def unhashed(boot: str, entry: Entry) -> Record:
    """Return a forced or external exposure. Each has an id of its own."""
    _, arm, units, at, attributes, number, marks = entry
    return _exposure(sequence_id(boot, number), arm, units, at=at, marks=marks, attributes=attributes)


def _exposure(id: str, arm: Any, units: Any, *, at: float, marks: Record, attributes: Any) -> Record:
    record: Record = {
        "type": "exposure",
        "id": id,
        "experiment": arm.experiment,
        "version": arm.version,
        "units": units if type(units) is dict else {DEFAULT_TYPE: units},
        "variant": arm.variant,
        "at": at,
        **marks,
    }
    if attributes and (kept := scalars(attributes)):
        record["attributes"] = kept
    return record


def happened(boot: str, entry: Entry) -> Record:
    """Return an event."""
    _, name, units, number, at, marks, value, properties = entry
    record: Record = {
        "type": "event",
        "id": sequence_id(boot, number),
        "name": name,
        "units": units if type(units) is dict else {DEFAULT_TYPE: units},
        "at": at,
        **marks,
    }
    if value is not None:
        record["value"] = value
    if properties and (kept := scalars(properties)):
        record["properties"] = kept
    return record


def id_of(units: Any, kind: str) -> str | None:
    """Return the id of a type, or None if there is none."""
    if type(units) is str:
        return units if kind == DEFAULT_TYPE else None
    return units.get(kind)  # type: ignore[no-any-return]


def exposure_id(hashed: str) -> str:
    """Return 24 hexadecimal digits for "experiment|version|unit|variant|day"."""
    return new_md5(hashed.encode()).digest().hex()[:24]


def sequence_id(boot: str, number: int) -> str:
    """Return the id of the process's `number`-th event, in base 36."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return f"{boot}-{digits or '0'}"


def day(at: float) -> str:
    """Return the UTC day of a time in Unix seconds, as YYYY-MM-DD."""
    number = int(at // 86400)
    text = _days.get(number)
    if text is None:
        year, month, date = gmtime(number * 86400)[:3]
        text = f"{year:04}-{month:02}-{date:02}"
        if len(_days) > 1000:  # a long replay
            _days.clear()
        _days[number] = text
    return text


def lost_record(what: Lost, count: int) -> Record:
    """Return an element of the batch's `lost`."""
    if len(what) == 1:
        return {"event": what[0], "count": count}
    return {"experiment": what[0], "version": what[1], "variant": what[2], "count": count}


def lost_entry(entry: Entry) -> Lost:
    """Return under which heading a queued entry is counted when it is dropped."""
    if entry[0] is happened:
        return (entry[1],)
    return entry[1].experiment, entry[1].version, entry[1].variant


def lost_of(record: Record) -> Lost:
    """Return under which heading a dropped record is counted."""
    if record.get("type") == "exposure":
        return record["experiment"], record["version"], record["variant"]
    return (record.get("name", "unreadable"),)


class Batch:
    """Events on their way: each a line of JSON, with what was lost before them."""

    __slots__ = ("boot", "lines", "lost")

    def __init__(self, lines: list[str], lost: list[Record], boot: str):
        self.lines = lines
        self.lost = lost
        self.boot = boot

    def text(self) -> str:
        """Return the body of the request."""
        from json import dumps

        head: Record = {"schema": SCHEMA, "sent_at": time(), "sdk": SDK, "boot": self.boot}
        if self.lost:
            head["lost"] = self.lost
        return f'{dumps(head)[:-1]}, "events": [{",".join(self.lines)}]}}'

    def document(self) -> Record:
        """Return the body as a dict."""
        from json import loads

        return loads(self.text())  # type: ignore[no-any-return]
