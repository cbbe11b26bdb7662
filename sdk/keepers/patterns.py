"""Regular expressions of targeting conditions that cannot make a caller wait.

Python's matcher tries one way after another, and a few letters of pattern can mean more ways than there is time
for: (a+)+$ takes minutes on thirty letters. A pattern is read once to see how the time grows with the text. One that
may grow beyond all bounds matches nobody, and a config that holds it is refused; any other matches texts up to a
length that takes about a millisecond.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Part = tuple[Any, Any]
    Letters = frozenset[int]
    Effort = tuple[int, int, int]  # powers of the text's length, times a factor, times the cost of a step

try:
    from re import _parser as sre  # type: ignore[attr-defined]  # Python 3.11 and later
except ImportError:
    import sre_parse as sre

LONGEST = 1000  # letters of a pattern
STEPS = 100_000  # of the quickest kind in a millisecond, when the text is chosen to be slow
SHORTEST = 150  # letters that a text may have at least, or the pattern is refused
# How many quick steps a step of a repeat takes, by what is repeated.
LETTER, SET, GROUP = 1, 3, 25
OTHERS = 256  # stands for all letters beyond Latin-1
ALL = frozenset(range(OTHERS + 1))
CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdigit,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda letter: letter.isalnum() or letter == "_",
}
REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")


class Hostile(Exception):
    """Carries why a pattern may take beyond all bounds."""


def search(pattern: object, text: str, fold: bool = False) -> bool:
    """Say whether the pattern is found in the text; never where that could take long."""
    found = _read(str(pattern), fold)
    return not isinstance(found, str) and len(text) <= found[1] and found[0].search(text) is not None


def fault(pattern: object) -> str:
    """Return why a pattern matches nobody, or an empty text."""
    found = _read(str(pattern), False)
    return found if isinstance(found, str) else ""


@lru_cache(maxsize=1000)
def _read(pattern: str, fold: bool) -> tuple[re.Pattern[str], float] | str:
    """Return the compiled pattern and the longest text for it, or why it cannot be used."""
    if len(pattern) > LONGEST:
        return f"has {len(pattern)} letters; it may have {LONGEST}"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of what a later Python may read otherwise; the host's may be errors
            parsed: Any = sre.parse(pattern)
            longest = _longest(list(parsed))
            return re.compile(pattern, re.IGNORECASE if fold else 0), longest
    except Hostile as why:
        return f"may take too long: {why}"
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        return f"is no regular expression: {error}"


def _longest(parts: list[Part]) -> float:
    """Return the longest text whose starts * length ** powers * ways * cost are within the steps."""
    powers, ways, cost = _effort(parts, frozenset(), False)
    begins = 0
    while begins < len(parts) and str(parts[begins][0]) == "LITERAL":
        begins += 1
    anchored = bool(parts) and str(parts[0][0]) == "AT" and str(parts[0][1]) in ("AT_BEGINNING", "AT_BEGINNING_STRING")
    powers = max(powers, 1 if cost else 0) + (0 if anchored else 1)
    longest = float((STEPS * max(begins, 1) / ways / max(cost, 1)) ** (1 / max(powers, 1)))
    if longest < SHORTEST:
        raise Hostile(f"its repeats overlap, and {longest:.0f} letters are too many; make several conditions of it")
    return longest


def _effort(parts: list[Part], follow: Letters, inside: bool) -> Effort:
    """Return how the ways to match grow with the text.

    `follow` are the letters that may come next; `inside` a repeat every choice must be clear from one letter.
    """
    powers, ways, cost = 0, 1, 0
    for index, (op, value) in enumerate(parts):
        after, empty = _first(parts[index + 1 :])
        more, times, step = _part(str(op), value, after | follow if empty else after, inside)
        powers, ways, cost = powers + more, ways * times, max(cost, step)
    return powers, ways, cost


def _part(op: str, value: Any, after: Letters, inside: bool) -> Effort:
    if op in REPEATS:
        return _repeat(value, after, inside)
    if op == "BRANCH":
        return _branch([list(each) for each in value[1]], after, inside)
    if op in ("SUBPATTERN", "ATOMIC_GROUP"):
        return _effort(_body(op, value), after, inside)
    if op in ("ASSERT", "ASSERT_NOT"):
        return _effort(list(value[1]), ALL, inside)
    if op.startswith("GROUPREF"):
        raise Hostile("it refers back to a group")
    return 0, 1, 0


def _repeat(value: Any, after: Letters, inside: bool) -> Effort:
    least, most, body = value[0], value[1], list(value[2])
    starts, empty = _first(body)
    loops = most > 1
    if loops and empty:
        raise Hostile("what is repeated may be empty")
    powers, ways, cost = _effort(body, after | starts if loops else after, inside or loops)
    unclear = most > least and bool(starts & after)
    if unclear and inside:
        raise Hostile("a repeat inside a repeat may end anywhere")
    if not loops:
        return powers, ways * 2 if unclear else ways, cost
    return powers + 1 if unclear else powers, ways, max(cost, _step(body))


def _step(body: list[Part]) -> int:
    op = str(body[0][0])
    if len(body) > 1 or op in (*REPEATS, "BRANCH", "SUBPATTERN", "ATOMIC_GROUP"):
        return GROUP
    return SET if op == "IN" else LETTER


def _branch(branches: list[list[Part]], after: Letters, inside: bool) -> Effort:
    taken: Letters = frozenset()
    unclear = False
    for each in branches:
        starts, empty = _first(each)
        starts = starts | after if empty else starts
        unclear = unclear or bool(taken & starts)
        taken = taken | starts
    if unclear and inside:
        raise Hostile("alternatives inside a repeat begin alike")
    powers, ways, costs = zip(*(_effort(each, after, inside) for each in branches), strict=True)
    return max(powers), max(ways) * (len(branches) if unclear else 1), max(costs)


def _body(op: str, value: Any) -> list[Part]:
    return list(value[-1] if op == "SUBPATTERN" else value)


def _first(parts: list[Part]) -> tuple[Letters, bool]:
    """Return the letters that a match may begin with, and whether it may be empty."""
    found: Letters = frozenset()
    for op, value in parts:
        starts, empty = _starts(str(op), value)
        found |= starts
        if not empty:
            return found, False
    return found, True


def _starts(op: str, value: Any) -> tuple[Letters, bool]:
    if op in REPEATS:
        starts, empty = _first(list(value[2]))
        return starts, empty or value[0] == 0
    if op == "BRANCH":
        every = [_first(list(each)) for each in value[1]]
        return frozenset().union(*(starts for starts, _ in every)), any(empty for _, empty in every)
    if op in ("SUBPATTERN", "ATOMIC_GROUP"):
        return _first(_body(op, value))
    if op in ("AT", "ASSERT", "ASSERT_NOT"):
        return frozenset(), True
    return _letters(op, value), False


def _letters(op: str, value: Any) -> Letters:
    """Return the letters that one letter of a pattern stands for, in both cases."""
    if op == "LITERAL":
        return _folded({min(value, OTHERS)})
    if op == "IN":
        return _class(value)
    return ALL


def _class(items: Any) -> Letters:
    found: set[int] = set()
    for op, value in items:
        if str(op) == "LITERAL":
            found.add(min(value, OTHERS))
        elif str(op) == "RANGE":
            found.update(range(min(value[0], OTHERS), min(value[1], OTHERS) + 1))
        elif str(op) == "CATEGORY":
            found |= _category(str(value))
    negated = str(items[0][0]) == "NEGATE"
    return (ALL - found) | {OTHERS} if negated else _folded(found)


def _category(name: str) -> Letters:
    holds = CATEGORIES.get(name.replace("_NOT_", "_"))
    if holds is None:
        return ALL
    inside = {number for number in range(OTHERS) if holds(chr(number))}
    return (ALL - inside if "_NOT_" in name else frozenset(inside)) | {OTHERS}


def _folded(numbers: set[int]) -> Letters:
    both = {ord(case) for n in numbers if n < OTHERS for case in (chr(n).lower(), chr(n).upper()) if len(case) == 1}
    return frozenset(numbers) | {min(number, OTHERS) for number in both}
