"""Filters in words, as people type and read them: `internal = true, country = zz`."""

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from experiments.catalog import Scalar
from experiments.errors import DefinitionError

Filters = Mapping[str, tuple[Scalar, ...]]  # attribute → values, any of which leaves a unit out
LARGEST = 2**63  # what engines have as a number
NAME = re.compile(r"[^\s,=\"](?:[^,=\"]*[^\s,=\"])?")
PLAIN = re.compile(r"[^\s,\"](?:[^,\"]*[^\s,\"])?")
# Nothing that matched is tried otherwise, as that would take time with the square of the length.
PART = re.compile(r"(?:\"(?:[^\"\\]|\\.?)*+(?:\"|\Z)|[^,\"])++", re.DOTALL)  # an open quote goes to the end
CLOSED = re.compile(r"(?:\"(?:[^\"\\]|\\.)*+\"|[^\"])*+", re.DOTALL)
RULE = (
    "a filter is an attribute's name, without commas, quotes or =, and the value or values by which a unit is left "
    "out: write internal: true, or country: [zz, test]"
)


def checked(filters: Any) -> dict[str, tuple[Scalar, ...]]:
    """Return filters as a plan has them, of what a file or a form may hold; ValueError says what is none."""
    if not isinstance(filters, Mapping):
        raise ValueError(f"filters is {filters!r}; it is a mapping, and {RULE}")
    return {name: _values(name, wanted) for name, wanted in filters.items()}


def written(filters: Filters) -> str:
    """Write filters as they are read: text in quotes only where it would be taken for something else."""
    return ", ".join(f"{name} = {_written(v)}" for name, values in filters.items() for v in values)


def read(text: str) -> dict[str, list[Scalar]]:
    """Read filters with commas between; a name alone means true. DefinitionError names a part that lacks something."""
    found: dict[str, list[Scalar]] = defaultdict(list)
    for part in filter(None, (part.strip() for part in PART.findall(text))):
        name, equals, value = (side.strip() for side in part.partition("="))
        if not CLOSED.fullmatch(part):
            raise DefinitionError(f"'{part[:60]}' has a quote that is not closed; write one at both ends of a text.")
        if not name or (equals and not value):
            raise DefinitionError(f"'{part}' is no filter; write a name and a value, such as internal = true.")
        found[name].append(_read(value) if equals else True)
    return dict(found)


def _values(name: Any, wanted: Any) -> tuple[Scalar, ...]:
    values = tuple(wanted) if isinstance(wanted, list | tuple) else (wanted,)
    named = isinstance(name, str) and NAME.fullmatch(name)
    if not named or not values or not all(_is_scalar(v) for v in values):
        raise ValueError(f"filters.{name} is {wanted!r}; {RULE}")
    return tuple({(type(v), v): v for v in values}.values())


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, int | float) and abs(value) < LARGEST)


def _written(value: Scalar) -> str:
    if isinstance(value, str) and PLAIN.fullmatch(value) and value.isprintable() and _read(value) == value:
        return value
    return json.dumps(value, ensure_ascii=False)


def _read(text: str) -> Scalar:
    """What JSON takes for text, a number or a boolean is that; all else is text as it stands."""
    try:
        value = text if text[0] in "[{" else json.loads(text, parse_constant=str)
    except ValueError:
        return text
    return value if _is_scalar(value) else text
