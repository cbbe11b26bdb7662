"""Regular expressions of targeting conditions that cannot make a caller wait.

Python's matcher tries one way after another: (a+)+$ takes minutes on thirty letters. A pattern is read once, with its
config, to see how the time grows with the text. One that may take too long matches nobody, and its config is refused.
Any other is tried on texts of up to 1,000 letters, or of as many as keep all of a targeting within STEPS.
"""

from __future__ import annotations

import warnings
from collections import Counter
from functools import lru_cache, reduce
from itertools import starmap, takewhile
from typing import NamedTuple

from .spells import go_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from .spells import Rest

    Part = tuple[Any, Any]
    Letters = int  # a bit for each of Latin-1, and one for all others

try:
    from re import _compiler as sre_compile  # type: ignore[attr-defined]  # Python 3.11 on
    from re import _parser as sre  # type: ignore[attr-defined]
except ImportError:
    import sre_compile
    import sre_parse as sre

LONGEST = 300  # letters of a pattern: Python reads it in one go, while others wait
TEXT, ALONE, SHORTEST = 1000, 80, 40  # letters of a text: at most; those a pattern must take alone, and among others
STEPS = 50_000  # quick ones for all patterns of a targeting, on texts chosen to be slow: half a millisecond
QUICK = 385  # of these in a step of conditions.py
# To repeat a letter, a set, either as seldom as it can, or a group; to begin at another letter; to see that one cannot.
LETTER, SET, LAZY, GROUP, START, LOOK = 1, 3, 5, 25, 8, 4
FEW = 20  # letters of a set that is counted letter by letter
OTHERS = 256
ALL = (1 << OTHERS + 1) - 1
REPEATS = (sre.MAX_REPEAT, sre.MIN_REPEAT, getattr(sre, "POSSESSIVE_REPEAT", -1))
ATOMIC = getattr(sre, "ATOMIC_GROUP", -1)
ONE_LETTER = (sre.LITERAL, sre.NOT_LITERAL, sre.ANY, sre.IN)


class Hostile(Exception):
    """Carries why a pattern may take beyond all bounds."""


class Pattern:
    """A pattern that was read; `fault` says why it matches nobody, or is empty, `wants` the steps of a call."""

    __slots__ = ("_factor", "_find", "_powers", "fault", "longest", "wants")

    def __init__(self, pattern: object, fold: bool = False, rest: Rest = go_on):
        self.longest, self.wants, self.fault = -1.0, 0.0, ""
        try:
            self._read(str(pattern), sre.SRE_FLAG_IGNORECASE if fold else 0, rest)
        except Hostile as why:
            self.fault = f"may take too long: {why}; write it without that, or make an attribute of it"
        except (sre.error, ValueError, OverflowError, RecursionError) as error:
            self.fault = f"is no regular expression: {error}"

    def _read(self, pattern: str, flags: int, rest: Rest) -> None:
        if len(pattern) > LONGEST:
            self.fault = f"has {len(pattern)} letters; it may have {LONGEST}: make several conditions of it"
            return
        rest()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the host's may be errors
            parsed: Any = sre.parse(pattern, flags)
        rest()
        _shorten(parsed)
        self._powers, self._factor = _growth(parsed, rest)
        if (taken := self._takes(ALONE)) > STEPS:
            raise Hostile(f"its repeats overlap, {taken:,.0f} steps for {ALONE} letters, and it may take {STEPS:,}")
        rest()
        self._find = sre_compile.compile(parsed, flags).search
        self.wants = min(STEPS, self._takes(TEXT))
        self.share(STEPS)

    def _takes(self, letters: float) -> float:
        return letters**self._powers * self._factor

    def share(self, wanted: float) -> None:
        """Be tried on shorter texts where the patterns of a targeting want more steps than they may take."""
        if self.wants:
            steps = min(STEPS, self._takes(TEXT)) * STEPS / max(STEPS, wanted)
            self.longest = max(SHORTEST, min(TEXT, (steps / self._factor) ** (1 / self._powers)))

    @property
    def steps(self) -> float:
        """Steps of conditions.py that it takes at most."""
        return self._takes(self.longest) / QUICK if self.wants else 0

    def search(self, text: str) -> bool:
        """Say whether the pattern is found in the text; never where that could take long."""
        return len(text) <= self.longest and self._find(text) is not None


def _shorten(parsed: Any) -> None:
    """Cut repeats at both ends down to the least: only whether a pattern is found matters."""
    for end, kinds in (0, REPEATS[:2]), (-1, REPEATS):
        while len(parsed) and parsed[end][0] in kinds and _is_letter(parsed[end][1][2]):
            op, (least, _, body) = parsed[end]
            parsed[end] = op, (least, least, body)
            if least:
                break
            del parsed[end]


def _is_letter(parts: Sequence[Part]) -> bool:
    return len(parts) == 1 and parts[0][0] in ONE_LETTER


def _growth(parsed: Any, rest: Rest) -> tuple[int, float]:
    """Return the power of a text's length by which steps grow, and the factor, from SHORTEST letters on."""
    parts: list[Part] = list(parsed)
    by_line = parsed.state.flags & sre.SRE_FLAG_MULTILINE  # so is ^
    begins = [(sre.AT, sre.AT_BEGINNING_STRING)], [(sre.AT, sre.AT_BEGINNING)]
    anchored = parts[:1] in begins[: 1 if by_line else 2]
    found = _effort(parts, Effort(0 if anchored else 1, rest), 0, False)
    powers = max(found.powers, found.choices, 1)
    first = list(takewhile(lambda part: part[0] in ONE_LETTER, parts))
    beyond = found.ways * (found.cost + _beside(parts[len(first) :])) / _apart([_letters(*each) for each in first])
    return powers, beyond + (_beside(first) + (LOOK if anchored else START)) / SHORTEST ** (powers - 1)


def _apart(first: list[Letters]) -> int:
    """Return how many letters lie at least between two places where these may be found one after another."""
    return next((n for n in range(1, len(first)) if all(map(int.__and__, first, first[n:]))), len(first) or 1)


def _beside(parts: Sequence[Part]) -> int:
    """Return how many steps a letter of the text may take beside those of repeats.

    It agrees with no more letters of the pattern than it is among; alternatives are all tried.
    """
    found: Counter[int] = Counter()
    each = _tally(parts, found)
    return each + max(found.values(), default=0)


def _tally(parts: Sequence[Part], found: Counter[int], times: int = 1) -> int:
    """Count the letters that a pattern holds one by one; return how often any letter would do."""
    each = 0
    for op, value in parts:
        if op in ONE_LETTER:
            letters = _letters(op, value)
            few = letters.bit_count() < FEW
            each += times * (not few)
            found.update(dict.fromkeys(_listed(letters) if few else (), times))
        elif op in REPEATS and _is_letter(value[2]):
            each += _tally(value[2], found, value[0] if value[0] == value[1] else 0)
        elif op == sre.BRANCH:
            each += sum(1 + _tally(branch, found) for branch in value[1])
        elif op != sre.AT:
            each += _tally(_body(op, value), found)
    return each


class Effort(NamedTuple):
    """What the parts of a pattern take so far, one after another.

    There are length ** `choices` times `ways` ways to come here; to go them took length ** `powers` steps of a `cost`.
    `last` is the letter before; `apart`: no two ways that differ in the last choice alone come to the same place.
    """

    choices: int
    rest: Rest
    powers: int = 0
    ways: int = 1
    cost: int = 1
    last: Letters = ALL
    apart: bool = True


def _effort(parts: Sequence[Part], so_far: Effort, follow: Letters, inside: bool) -> Effort:
    """Return how the ways to match grow with the text.

    `follow` are the letters that may come next; `inside` a repeat every choice must be clear from one letter.
    """
    for index, (op, value) in enumerate(parts):
        so_far.rest()
        if op in ONE_LETTER:
            so_far = so_far._replace(last=_letters(op, value))
        elif op != sre.AT:
            after, empty = _first(parts[index + 1 :])
            so_far = _part(op, value, so_far, after | follow if empty else after, inside)
    return so_far


def _part(op: Any, value: Any, so_far: Effort, after: Letters, inside: bool) -> Effort:
    if op in REPEATS:
        return _repeat(op, value, so_far, after, inside)
    if op == sre.BRANCH:
        return _branch(value[1], so_far, after, inside)
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        seen = _effort(value[1], so_far, ALL, inside)
        return seen._replace(choices=so_far.choices, last=ALL, apart=so_far.apart)
    if op in (sre.SUBPATTERN, ATOMIC):
        return _effort(_body(op, value), so_far, after, inside)
    raise Hostile("it refers back to a group")


def _repeat(op: Any, value: Any, so_far: Effort, after: Letters, inside: bool) -> Effort:
    least, most, body = value
    if least == most and _is_letter(body):
        return so_far._replace(last=_letters(*body[0]))
    starts, empty = _first(body)
    loops = most > 1
    if loops and empty:
        raise Hostile("what is repeated may be empty")
    found = _effort(body, so_far, after | starts if loops else after, inside or loops)
    unclear = most > least and bool(starts & after)
    if unclear and inside:
        raise Hostile("a repeat inside a repeat may end anywhere")
    if not loops:
        return found._replace(ways=found.ways * (1 + unclear), last=ALL)
    return _walked(so_far, body, unclear, LAZY if op == sre.MIN_REPEAT else LETTER)


def _walked(so_far: Effort, body: Sequence[Part], unclear: bool, cost: int) -> Effort:
    """Return what a repeat adds that goes over the text.

    It does so once for each way to come here. But where the letter before it is none of its own, ways that differ in
    the last choice alone do not share letters.
    """
    single = _is_letter(body)
    apart = single and so_far.apart and not so_far.last & _letters(*body[0])
    powers = so_far.choices + (0 if apart and so_far.choices else 1)
    cost = max(so_far.cost, cost, SET if single and body[0][0] == sre.IN else LETTER if single else GROUP)
    choices = powers if unclear else so_far.choices
    powers = max(so_far.powers, powers)
    return so_far._replace(choices=choices, powers=powers, cost=cost, last=ALL, apart=apart or unclear)


def _branch(branches: Sequence[Sequence[Part]], so_far: Effort, after: Letters, inside: bool) -> Effort:
    taken = last = alike = 0
    found = so_far
    for branch in branches:
        starts, empty = _first(branch)
        starts = starts | after if empty else starts
        alike, taken = alike + bool(taken & starts), taken | starts
        each = _effort(branch, so_far, after, inside)
        most = {name: max(getattr(found, name), getattr(each, name)) for name in ("choices", "powers", "ways", "cost")}
        found, last = found._replace(**most, apart=found.apart and each.apart), last | each.last
    if alike and inside:
        raise Hostile("alternatives inside a repeat begin alike")
    # At the end no more follows than is counted with the letters beside repeats.
    return found._replace(ways=found.ways * (1 + alike if after else 1), last=last)


def _body(op: Any, value: Any) -> Sequence[Part]:
    return value if op == ATOMIC else value[-1]  # type: ignore[no-any-return]


def _first(parts: Sequence[Part]) -> tuple[Letters, bool]:
    """Return the letters that a match may begin with, and whether it may be empty."""
    found = 0
    for op, value in parts:
        starts, empty = _starts(op, value)
        found |= starts
        if not empty:
            return found, False
    return found, True


def _starts(op: Any, value: Any) -> tuple[Letters, bool]:
    if op in REPEATS:
        starts, empty = _first(value[2])
        return starts, empty or value[0] == 0
    if op == sre.BRANCH:
        every = [_first(each) for each in value[1]]
        return reduce(int.__or__, (starts for starts, _ in every)), any(empty for _, empty in every)
    if op in (sre.SUBPATTERN, ATOMIC):
        return _first(_body(op, value))
    if op in (sre.ASSERT, sre.ASSERT_NOT):
        return ALL, True
    return (0, True) if op == sre.AT else (_letters(op, value), False)


def _letters(op: Any, value: Any) -> Letters:
    """Return the letters that one letter of a pattern stands for, in both cases."""
    if op == sre.ANY:
        return ALL
    found = reduce(int.__or__, starmap(_item, value)) if op == sre.IN else _item(sre.LITERAL, value)
    if op == sre.NOT_LITERAL or (op == sre.IN and value[0][0] == sre.NEGATE):
        return ALL & ~found | 1 << OTHERS
    return _folded(found)


def _item(op: Any, value: Any) -> Letters:
    if op == sre.CATEGORY:
        return _category(str(value))
    if op == sre.NEGATE:
        return 0
    low, high = value if op == sre.RANGE else (value, value)
    return int((2 << min(high, OTHERS)) - (1 << min(low, OTHERS)))


@lru_cache
def _category(name: str) -> Letters:
    letter, negated = name.rpartition("_")[2][0], "_NOT_" in name
    flags = sre.SRE_FLAG_ASCII if negated else 0  # by which no digit, space or letter of a word is more
    holds = sre_compile.compile("\\" + (letter if negated else letter.lower()), flags).match
    return sum(1 << n for n in range(OTHERS) if holds(chr(n))) | 1 << OTHERS


@lru_cache
def _listed(letters: Letters) -> list[int]:
    return [n for n in range(letters.bit_length()) if letters >> n & 1]


@lru_cache
def _folded(found: Letters) -> Letters:
    letters = map(chr, _listed(found & ALL >> 1))
    cases = {ord(case) for each in letters for case in (each.lower(), each.upper()) if len(case) == 1}
    return reduce(int.__or__, (1 << min(n, OTHERS) for n in cases), found)
