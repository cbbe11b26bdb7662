"""Reads a long config in short spells of work, between which other threads get their turn.

Python lets a thread that computes keep the interpreter for 5 ms while others wait, and what is written in C, such as
decoding a text of JSON or freeing a list, for as long as it takes. Whoever reads a config here asks `rest` to be called
between two steps, each of them short.
"""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    Rest = Callable[[], None]

SPELL = 0.0003  # seconds of work between two rests
REST = 0.0001  # long enough for a thread that waits to wake up; with 0 this one would be first again


def go_on() -> None:
    """Rest not: for those who have no other threads to think of."""


def rest_in_turn() -> Rest:
    """Return what rests when it is called, if a spell of work has passed since it did."""
    until = time.perf_counter() + SPELL

    def rest() -> None:
        nonlocal until
        if time.perf_counter() >= until:
            time.sleep(REST)
            until = time.perf_counter() + SPELL

    return rest


def let_go(parts: list[object], rest: Rest) -> None:
    """Empty a list, so that what only it held, lists and dicts in one another, is freed bit by bit."""
    while parts:
        part = parts.pop()
        if isinstance(part, dict):
            parts.extend(part.values())
        elif isinstance(part, list):
            parts.extend(part)
        rest()
