"""What callers may pass: units, times, values and properties, each checked in one place.

Functions named for a thing return it clean or raise ArgumentError with the value and the rule.
"""

from __future__ import annotations

from .errors import ArgumentError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

LONGEST = 256  # characters of an id, a name or a key
MOST = 20  # attributes or properties
TYPES = 8  # unit types in one event
YEAR = 31536000.0  # seconds; the system waits for no more than some hundred
LAST_SECONDS = 2.0  # that an exit waits for what is on its way, for all clients together
END = 253402300800.0  # the end of the year 9999, in Unix seconds
INFINITY = float("inf")


def text_of(what: str, value: object) -> str:
    """Return a name or an id of 1 to 256 characters; whole numbers become text."""
    if type(value) is not str:
        if isinstance(value, bool) or not isinstance(value, (str, int)):
            raise ArgumentError(f"{what} is {_short(value)}: it must be a text.")
        value = str(value)
    if not 0 < len(value) <= LONGEST:
        raise ArgumentError(f"{what} has {len(value)} characters: it must have 1 to {LONGEST}.")
    return value


def units_of(unit: Any) -> Any:
    """Return an id (of the default type) as text, or a new dict of type -> id."""
    if not hasattr(unit, "items"):
        return text_of("The unit", unit)
    units = {text_of("A unit type", kind): text_of(f"The {kind}", id) for kind, id in unit.items()}
    if not 0 < len(units) <= TYPES:
        raise ArgumentError(f"The unit has {len(units)} types: it must have 1 to {TYPES}, such as {{'user': 'u-1'}}.")
    return units


def moment(at: Any, strict: bool) -> float:
    """Return Unix seconds from Unix seconds or a datetime.

    A datetime without a time zone is refused if `strict`, else taken as UTC.
    """
    if hasattr(at, "timestamp"):
        at = _timestamp(at, strict)
    if isinstance(at, bool) or not isinstance(at, (int, float)) or not abs(at) < INFINITY:
        raise ArgumentError(f"at is {_short(at)}: it must be Unix seconds or a datetime with a time zone.")
    if not -END < at < END:
        raise ArgumentError(f"at is {at!r}: it must be before the year 10000, in seconds.")
    return float(at)


def _timestamp(at: Any, strict: bool) -> float:
    if getattr(at, "tzinfo", None) is not None:
        return float(at.timestamp())
    if strict:
        raise ArgumentError(f"at is {at!r}: it has no time zone; say at.replace(tzinfo=timezone.utc).")
    from datetime import timezone

    return float(at.replace(tzinfo=timezone.utc).timestamp())


def value_of(value: Any) -> float:
    """Return a finite float. Booleans and text are refused, Decimal and numpy's numbers taken."""
    refused = isinstance(value, (str, bytes, bool)) or type(value).__name__ in ("bool_", "bool")
    if not refused and hasattr(value, "__float__") and (number := _float(value)) is not None:
        return number
    raise ArgumentError(f"value is {_short(value)}: it must be a finite number, or left out.")


def seconds_of(timeout: Any) -> float:
    """Return how long to wait."""
    number = None if isinstance(timeout, (str, bytes, bool)) else _float(timeout)
    if number is None:
        raise ArgumentError(f"timeout is {_short(timeout)}: it must be a number of seconds.")
    return min(number, YEAR)


def _float(value: Any) -> float | None:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if abs(number) < INFINITY else None


def scalars(values: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the first 20 values that can be sent: text, finite numbers, booleans, null."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        if type(name) is str and len(kept) < MOST and sendable(value):
            kept[name] = value if type(value) is not int or -(2**63) <= value < 2**63 else float(value)
    return kept


def sendable(value: object) -> bool:
    """Say whether a value can be an attribute or a property."""
    if isinstance(value, float):
        return abs(value) < INFINITY
    return value is None or isinstance(value, (str, bool, int))


def properties_of(values: Mapping[Any, Any]) -> None:
    """Refuse what `scalars` would leave out."""
    if len(values) > MOST:
        raise ArgumentError(f"{len(values)} properties: at most {MOST} can be sent.")
    for name, value in values.items():
        if type(name) is not str or not sendable(value):
            rule = "it must be text, a finite number, a boolean or None"
            raise ArgumentError(f"property {name!r} is {_short(value)}: {rule}.")


def at_least(least: int, name: str, value: Any) -> Any:
    """Return a setting that is a number of at least `least`."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= least:
        raise ArgumentError(f"{name} is {value!r}: it must be a number of {least} or more.")
    return value


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
