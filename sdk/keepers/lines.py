"""Between records and lines of JSON. A module of its own, because `json` is slow to import."""

from __future__ import annotations

from json import JSONDecodeError, JSONEncoder, loads

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .wire import Entry, Record

_encode = JSONEncoder(separators=(",", ":"), allow_nan=False).encode


def line_of(entry: Entry, boot: str) -> str:
    """Return the JSON of a queued entry."""
    return _encode(entry[0](boot, entry))


def record_of(line: str) -> Record:
    """Return a line's record; an empty one if the line is damaged."""
    try:
        record: Record = loads(line)
    except JSONDecodeError:
        return {}
    return record if isinstance(record, dict) else {}
