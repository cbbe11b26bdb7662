"""Regular expressions whose time grows with the text only: no pattern in a config can hold up the host.

Python's `re` tries one way after the other, which takes years for (a+)+$ and forty letters. Here all
ways are followed at once (K. Thompson, Regular expression search algorithm, 1968), and the sets of
places that were reached are remembered. What needs memory of the text, such as a back-reference or a
look-ahead, is not supported: like any condition that this version does not understand, it matches
nobody.
"""

from __future__ import annotations

import re
import sys

if sys.version_info >= (3, 11):
    from re import _constants as c  # type: ignore[attr-defined]
    from re import _parser as parser  # type: ignore[attr-defined]
else:
    import sre_constants as c
    import sre_parse as parser

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Is = Callable[[str], bool]
    State = frozenset[int]
    Position = tuple[str, str, bool]  # the kinds of characters before and after it, and whether the text ends here

PLACES = 200  # of a pattern, at most
TEXT = 1_000  # characters of a pattern or a text, at most
WORK = 1_000  # places that one call may visit for the first time: it stays near a millisecond
KEPT = 5_000  # remembered steps of one pattern
WORD = re.compile(r"\w")
_CATEGORIES = {
    c.CATEGORY_DIGIT: r"\d", c.CATEGORY_NOT_DIGIT: r"\D", c.CATEGORY_SPACE: r"\s",
    c.CATEGORY_NOT_SPACE: r"\S", c.CATEGORY_WORD: r"\w", c.CATEGORY_NOT_WORD: r"\W",
}  # fmt: skip
_patterns: dict[tuple[str, bool], Pattern | None] = {}


class Unsupported(Exception):
    """The pattern needs what this module does not have."""


def search(pattern: str, text: str, fold: bool = False) -> bool:
    """Say whether the pattern is somewhere in the text; False where it is not supported or asks for too much."""
    key = pattern, fold
    if key not in _patterns:
        if len(_patterns) >= KEPT:
            _patterns.clear()
        _patterns[key] = pattern_of(pattern, fold)
    found = _patterns[key]
    return found is not None and len(text) <= TEXT and found.search(text)


def pattern_of(pattern: str, fold: bool) -> Pattern | None:
    """Compile a pattern, or return None if it is wrong or not supported."""
    try:
        if len(pattern) > TEXT:
            raise Unsupported
        tree = parser.parse(pattern, re.IGNORECASE if fold else 0)
        return Pattern(tree, tree.state.flags)
    except (re.error, Unsupported, OverflowError, RecursionError):
        return None


class Pattern:
    """Places, each with the test of a character or of a position, and where it leads."""

    def __init__(self, tree: Any, flags: int):
        if flags & (re.ASCII | re.LOCALE):
            raise Unsupported
        self._flags = flags
        self._tests: list[Is | None] = []  # of the next character
        self._anchors: list[Any] = []  # a code for an anchor: the position is tested
        self._next: list[list[int]] = []
        self._literals: dict[str, set[int]] = {}
        self._chars: dict[str, State] = {}
        self._steps: dict[tuple[State, Position, State], State | None] = {}
        self._goal = self._sequence(tree, self._add())
        tests = enumerate(self._tests)
        self._classes = [(place, test) for place, test in tests if test is not None and test is not _literal]
        self._anchored = any(anchor is not None for anchor in self._anchors)
        self._left = 0  # of WORK

    def _add(self, test: Is | None = None, anchor: Any = None) -> int:
        if len(self._next) >= PLACES:
            raise Unsupported
        self._tests.append(test)
        self._anchors.append(anchor)
        self._next.append([])
        return len(self._next) - 1

    def _join(self, places: Iterable[int]) -> int:
        end = self._add()
        for place in places:
            self._next[place].append(end)
        return end

    def _sequence(self, items: Any, start: int) -> int:
        for operator, operand in items:
            start = self._item(operator, operand, start)
        return start

    def _item(self, operator: Any, operand: Any, start: int) -> int:
        """Add an item after the place `start`; return the place after it."""
        if operator is c.BRANCH:
            return self._join([self._sequence(each, self._join([start])) for each in operand[1]])
        if operator is c.SUBPATTERN:
            if operand[1] or operand[2]:
                raise Unsupported  # flags for a part
            return self._sequence(operand[3], start)
        if operator in (c.MAX_REPEAT, c.MIN_REPEAT):
            least, most, items = operand
            return self._repeat(least, most, items, start)
        place = self._single(operator, operand)
        self._next[start].append(place)
        return self._join([place])

    def _single(self, operator: Any, operand: Any) -> int:
        """Add the place of one character or one anchor."""
        if operator is c.AT:
            return self._add(anchor=operand)
        if operator is not c.LITERAL:
            return self._add(test=self._character(operator, operand))
        place = self._add(test=_literal)
        for case in self._cases(chr(operand)):
            self._literals.setdefault(case, set()).add(place)
        return place

    def _repeat(self, least: int, most: int, items: Any, start: int) -> int:
        if least > PLACES or (most is not c.MAXREPEAT and most > PLACES):
            raise Unsupported
        for _ in range(least):
            start = self._sequence(items, start)
        if most is c.MAXREPEAT:
            loop = self._join([start])
            self._next[self._sequence(items, loop)].append(loop)
            return self._join([loop])
        ends = [start]
        for _ in range(most - least):
            ends.append(self._sequence(items, self._join([ends[-1]])))
        return self._join(ends)

    def _character(self, operator: Any, operand: Any) -> Is:
        if operator is c.ANY:
            return (lambda char: True) if self._flags & re.DOTALL else (lambda char: char != "\n")
        if operator is c.NOT_LITERAL:
            operator, operand = c.IN, [(c.NEGATE, None), (c.LITERAL, operand)]
        if operator is not c.IN:
            raise Unsupported
        negated = operand[0][0] is c.NEGATE
        tests = [_member(*item) for item in operand[1 if negated else 0 :]]
        return lambda char: any(test(case) for case in self._cases(char) for test in tests) is not negated

    def _cases(self, char: str) -> set[str]:
        return {char, char.lower(), char.upper()} if self._flags & re.IGNORECASE else {char}

    def search(self, text: str) -> bool:
        """Say whether the pattern is somewhere in the text."""
        state: State = frozenset()
        before, self._left = "", WORK
        for number, char in enumerate((*text, "")):
            end = number == len(text) or (char == "\n" and number == len(text) - 1)
            after = self._kind(char)
            following = self._following(state, (before, after, end and self._anchored), self._passing(char))
            if following is None or self._left < 0:
                return following is None
            state, before = following, after
        return False

    def _kind(self, char: str) -> str:
        """Return what anchors tell characters apart by."""
        if not self._anchored or char in ("", "\n"):
            return char if self._anchored else ""
        return "w" if WORD.match(char) else "-"

    def _passing(self, char: str) -> State:
        """Return the places that a character takes further."""
        if char not in self._chars:
            if len(self._chars) >= KEPT:
                self._chars.clear()
            self._left -= 1 + len(self._classes) // 4
            found = {place for place, test in self._classes if test(char)} if char else set()
            self._chars[char] = frozenset(found | self._literals.get(char, set()))
        return self._chars[char]

    def _following(self, state: State, position: Position, passing: State) -> State | None:
        key = state, position, passing
        if key not in self._steps:
            if len(self._steps) >= KEPT:
                self._steps.clear()
            self._steps[key] = self._step(state, position, passing)
        return self._steps[key]

    def _step(self, state: State, position: Position, passing: State) -> State | None:
        """Return the places after the next character, or None if the goal is reached before it."""
        reached: set[int] = set()
        waiting = [0, *state]
        while waiting:
            place = waiting.pop()
            anchor = self._anchors[place]
            if place in reached or (anchor is not None and not self._holds(anchor, *position)):
                continue
            reached.add(place)
            self._left -= 1
            if self._tests[place] is None:
                waiting += self._next[place]
        if self._goal in reached:
            return None
        return frozenset(end for place in reached & passing for end in self._next[place])

    def _holds(self, anchor: Any, before: str, after: str, end: bool) -> bool:
        """Say whether a position between two kinds of characters is what an anchor asks for."""
        lines = self._flags & re.MULTILINE
        if anchor in (c.AT_BEGINNING, c.AT_BEGINNING_STRING):
            return before == "" or bool(lines and anchor is c.AT_BEGINNING and before == "\n")
        if anchor is c.AT_END_STRING:
            return after == ""
        if anchor is c.AT_END:
            return end or bool(lines and after == "\n")
        return ((before == "w") != (after == "w")) is (anchor is c.AT_BOUNDARY)


def _literal(char: str) -> bool:
    """Stand for the test of one character, which is looked up instead."""
    raise NotImplementedError


def _member(kind: Any, operand: Any) -> Is:
    if kind is c.LITERAL:
        return lambda char: char == chr(operand)
    if kind is c.RANGE:
        return lambda char: len(char) == 1 and operand[0] <= ord(char) <= operand[1]
    matches = re.compile(_CATEGORIES[operand]).match
    return lambda char: matches(char) is not None
