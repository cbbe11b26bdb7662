"""Reads a long config in short spells of work, between which other threads get their turn.

Python lets a thread that computes keep the interpreter for 5 ms while others wait, and what is written in C, such as
decoding a text of JSON or freeing a list, for as long as it takes. Whoever reads a config here asks `rest` to be called
between two steps, each of them short.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    Rest = Callable[[], None]

SPELL = 0.0003  # seconds of work between two rests
REST = 0.0001  # long enough for a thread that waits to wake up; with 0 this one would be first again


def go_on() -> None:
    """Rest not: no other thread waits."""


def rest_in_turn() -> Rest:
    """Return what rests when it is called, if a spell of work has passed since it did."""
    until = time.perf_counter() + SPELL

    def rest() -> None:
        nonlocal until
        if time.perf_counter() >= until:
            time.sleep(REST)
            until = time.perf_counter() + SPELL

    return rest


class OneByOne:
    """The elements of a long list in a text, each made anew whenever it is asked for: garbage collection sees but one.

    `places` says where in the text each begins, and where the last one ends; `decode` makes the one at a place.
    """

    __slots__ = ("_decode", "_places", "_text")

    def __init__(self, text: str, places: list[int], decode: Callable[[int, Rest], Any]):
        self._text = text
        self._places = places
        self._decode = decode

    def go(self, rest: Rest) -> Iterator[Any]:
        """Go through them."""
        return (self._decode(place, rest) for place in self._places[:-1])

    def __getitem__(self, index: int) -> Any:
        return self._decode(self._places[index], go_on)

    def text(self, index: int) -> str:
        """Return what stands in the text for one."""
        return self._text[self._places[index] : self._places[index + 1]].rstrip(", \t\r\n")


def let_go(parts: list[object], rest: Rest) -> None:
    """Empty a list, so that what only it held, lists and dicts in one another, is freed bit by bit."""
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
        rest()
