"""Decodes JSON piece by piece, as `json.loads` does in one go: other threads wait for a piece only, not for it all.

A list or an object is handed to the decoder in C if it is short. What does not end within `PIECE` characters is opened
here, and its parts are decoded each by itself.
"""

from __future__ import annotations

import re
from json import JSONDecodeError, JSONDecoder

from .spells import OneByOne

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from .spells import Rest

PIECE = 8_192  # characters: a tenth of a millisecond
DEEPEST = 40  # lists and objects in one another that are opened here

_decode = JSONDecoder().raw_decode
_space = re.compile(r"[ \t\n\r]*").match


def loads(text: str, rest: Rest, *, many: str | None = None) -> Any:
    """Return what the text says, and call `rest` between pieces. Raises ValueError, as `json.loads` does.

    If the text is a long object, the list that is its field `many` is decoded to see that it is right, and comes as
    `OneByOne`.
    """
    rest()
    value, at = _value(text, _skip(text, 0), rest, 0, many)
    if at < len(text):
        raise JSONDecodeError("Extra data", text, at)
    return value


def _skip(text: str, at: int) -> int:
    found = _space(text, at)
    return found.end() if found else at


def _value(text: str, at: int, rest: Rest, depth: int, many: str | None = None) -> tuple[Any, int]:
    """Return the value at a place, and the place after it and the space behind it."""
    rest()
    if text[at : at + 1] in ("[", "{"):
        short = _short(text, at)
        if short is None:
            return _opened(text, at, rest, depth, many)
        value, end = short
    else:
        value, end = _decode(text, at)
    return value, _skip(text, end)


def _short(text: str, at: int) -> tuple[Any, int] | None:
    """Decode a list or an object that ends within a piece; None if it does not."""
    if len(text) - at <= PIECE:
        return _decode(text, at)
    try:
        value, length = _decode(text[at : at + PIECE])
    except JSONDecodeError:  # it is longer, or wrong: its parts will tell
        return None
    return value, at + length


def _opened(text: str, at: int, rest: Rest, depth: int, many: str | None) -> tuple[Any, int]:
    if depth == DEEPEST:
        raise JSONDecodeError(f"What is long may be nested {DEEPEST} deep", text, at)
    is_list, at = text[at] == "[", _skip(text, at + 1)
    value, at = _list(text, at, rest, depth + 1) if is_list else _object(text, at, rest, depth + 1, many)
    return value, _skip(text, at + 1)


def _list(text: str, at: int, rest: Rest, depth: int) -> tuple[Any, int]:
    items: list[Any] = []
    more = text[at : at + 1] != "]"
    while more:
        item, at = _value(text, at, rest, depth)
        items.append(item)
        more, at = _more(text, at, "]")
    return items, at


def _one_by_one(text: str, at: int, rest: Rest, depth: int) -> tuple[OneByOne, int]:
    """Go through a list, and return what decodes its elements again."""
    places = [at]
    more = text[at : at + 1] != "]"
    while more:
        more, at = _more(text, _value(text, at, rest, depth)[1], "]")
        places.append(at)
    return OneByOne(text, places, lambda place, rest: _value(text, place, rest, depth)[0]), at


def _object(text: str, at: int, rest: Rest, depth: int, many: str | None) -> tuple[Any, int]:
    fields: dict[str, Any] = {}
    more = text[at : at + 1] != "}"
    while more:
        _expect(text, at, '"')
        name, at = _decode(text, at)
        at = _skip(text, at)
        _expect(text, at, ":")
        at = _skip(text, at + 1)
        if name == many and text[at : at + 1] == "[":
            fields[name], at = _one_by_one(text, _skip(text, at + 1), rest, depth + 1)
            at = _skip(text, at + 1)
        else:
            fields[name], at = _value(text, at, rest, depth)
        more, at = _more(text, at, "}")
    return fields, at


def _more(text: str, at: int, end: str) -> tuple[bool, int]:
    """Return whether a part follows, and the place where it, or the end, stands."""
    if text[at : at + 1] == end:
        return False, at
    _expect(text, at, ",")
    return True, _skip(text, at + 1)


def _expect(text: str, at: int, mark: str) -> None:
    if text[at : at + 1] != mark:
        raise JSONDecodeError(f"Expecting {mark!r}", text, at)
