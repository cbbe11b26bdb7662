"""Targeting conditions, written as MongoDB writes queries: {"country": {"$in": ["DE", "AT"]}}.

A condition is a dict of fields (dots reach into nested attributes) and of $and, $or, $nor, $not.
Equality is JSON's: 1 is not true and "1" is not 1. Ordering turns text into numbers unless both
sides are text, and takes a missing attribute as 0. An unknown operator matches nobody, so that a
condition this version does not understand never widens an experiment. A list of more than 100 values is taken as a
missing attribute, so that no caller waits for it.
"""

from __future__ import annotations

from operator import eq, ge, gt, le, lt, ne

from .errors import did_you_mean
from .spells import go_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .patterns import Pattern
    from .spells import Rest

    Groups = Mapping[str, Sequence[object]]
    Operator = Callable[[Any, Any, Groups], bool]

NO_GROUPS: Groups = {}


def matches(condition: Mapping[str, Any], attributes: Mapping[str, Any], groups: Groups = NO_GROUPS) -> bool:
    """Say whether the attributes meet the condition.

    `groups` are named lists of ids for $inGroup and $notInGroup. Never raises for odd attributes.
    """
    return all(_clause(name, wanted, attributes, groups) for name, wanted in condition.items())


DEEPEST = 40  # lists and objects in one another
MOST = 10_000  # values in a list
LONG = 100  # values in a list that is an attribute
PATTERNS = ("$regex", "$regexi")
ALL = ("$all", "$alli")


def fault(condition: object, depth: int = 0, rest: Rest = go_on) -> str:
    """Return what is wrong with a condition: an unknown operator, a hostile pattern, too deep; or an empty text."""
    rest()
    if depth > DEEPEST:
        return f"is nested more than {DEEPEST} deep"
    if isinstance(condition, list):
        if len(condition) > MOST:
            return f"has a list of {len(condition)} values; it may have {MOST}: split it, or make an attribute of it"
        return next(filter(None, (fault(item, depth + 1, rest) for item in condition)), "")
    if not isinstance(condition, dict):
        return ""
    own = (_operand_fault(name, operand, condition, rest) for name, operand in condition.items())
    return next(filter(None, own), "") or fault(list(condition.values()), depth, rest)


def _operand_fault(name: str, operand: object, condition: dict[str, Any], rest: Rest) -> str:
    if _is_operators(condition) and name not in OPERATORS and name not in _LOGIC:
        return f"{name} is no operator.{did_you_mean(name, sorted(OPERATORS))}"
    if name in ("$and", "$or", "$nor"):
        fits = isinstance(operand, list) and all(isinstance(each, dict) for each in operand)
        return "" if fits else f"{name} must hold a list of conditions"
    found = _pattern(operand, rest=rest).fault if name in PATTERNS else ""
    return f"the pattern {str(operand)[:60]!r} {found}" if found else ""


def prepared(condition: Any, rest: Rest = go_on) -> Any:
    """Return the condition with its long lists made quick to look into; it answers as before.

    Garbage collection looks through lists and sets, not through dicts and tuples of texts. Patterns share what they
    may take; one that is asked of each value of a list wants it for each.
    """
    patterns: list[Pattern] = []
    ready = _prepared(condition, rest, patterns)
    wanted = sum(each.wants for each in patterns)
    for each in patterns:
        each.share(wanted)
    return ready


def _prepared(condition: Any, rest: Rest, patterns: list[Pattern]) -> Any:
    rest()
    if isinstance(condition, dict):
        asks = _is_operators(condition)
        return {name: _operand(name if asks else "", operand, rest, patterns) for name, operand in condition.items()}
    if isinstance(condition, list):
        items = [_prepared(item, rest, patterns) for item in condition]
        return tuple(items) if len(items) > Choices.FEW else items
    return condition


def _operand(name: str, operand: Any, rest: Rest, patterns: list[Pattern]) -> Any:
    if name in ("$in", "$nin", "$ini", "$nini") and isinstance(operand, list):
        return Choices(operand, rest, fold=name in ("$ini", "$nini"))
    if name in PATTERNS:
        patterns.append(_pattern(operand, name == "$regexi", rest))
        return patterns[-1]
    before = len(patterns)
    ready = _prepared(operand, rest, patterns)
    if name == "$elemMatch" or name in ALL:
        for each in patterns[before:]:
            each.wants *= LONG
    return Choices(ready, rest, fold=name == "$alli") if name in ALL and isinstance(operand, list) else ready


def _pattern(operand: object, fold: bool = False, rest: Rest = go_on) -> Pattern:
    from .patterns import Pattern  # takes 3 ms, and most have no pattern

    return Pattern(operand, fold, rest)


class Choices:
    """What a list says is among it, found by hash: a saved group may hold ten thousand ids.

    `others` are lists, objects and what does not equal itself. `fold`: capitals and small letters are the same.
    """

    FEW = 8  # values of other lists that stay lists
    __slots__ = ("keys", "others")

    def __init__(self, items: Sequence[Any], rest: Rest, *, fold: bool):
        self.keys: dict[Any, None] = {}
        others: list[Any] = []
        for item in items:
            rest()
            if isinstance(item, (list, tuple, dict)) or item != item:
                others.append(item)
            else:
                self.keys[_key(_fold(item) if fold else item)] = None
        self.others: Sequence[Any] = others or ()

    def holds(self, value: Any) -> bool:
        """Say whether a value, folded like the items, equals one of them that is not among the others."""
        try:
            return _key(value) in self.keys
        except TypeError:  # a list or an object
            return False


_BOOLEANS = object(), object()  # false and true, which equal nothing else


def _key(value: Any) -> Any:
    """Return what hashes as JSON compares: a boolean is no number."""
    return _BOOLEANS[value] if isinstance(value, bool) else value


# How long a caller may wait, in steps of some 3 µs, counted when the config is read.

VALUE = 0.125  # a value that is compared with another
AMONG = 8  # a list that is looked for in another by hash
VERSIONS = {"$veq": eq, "$vne": ne, "$vlt": lt, "$vlte": le, "$vgt": gt, "$vgte": ge}
LONGER = dict.fromkeys(VERSIONS, 5)  # than a step, whatever the operand


def steps(condition: Any, rest: Rest = go_on) -> float:
    """Return how many a prepared condition takes at most, for the longest attributes that are looked at."""
    rest()
    if isinstance(condition, dict):
        return VALUE + sum(_named_steps(str(name), operand, rest) for name, operand in condition.items())
    if type(condition) is Choices:
        return AMONG + LONG * sum(steps(each, rest) for each in condition.others)
    if hasattr(condition, "search"):  # a pattern
        return float(condition.steps)
    return VALUE + sum(steps(each, rest) for each in condition) if isinstance(condition, (list, tuple)) else VALUE


def _named_steps(name: str, operand: object, rest: Rest) -> float:
    within = steps(operand, rest) * (LONG if name == "$elemMatch" else 1)
    return LONGER.get(name, 1 + name.count(".")) + within


def _clause(name: str, wanted: Any, attributes: Mapping[str, Any], groups: Groups) -> bool:
    logic = _LOGIC.get(name)
    if logic is not None:
        return logic(wanted, attributes, groups)
    return _value_matches(wanted, _reach(attributes, name), groups)


def _value_matches(wanted: Any, value: Any, groups: Groups) -> bool:
    if isinstance(value, (list, tuple)) and len(value) > LONG:
        value = None
    if _is_operators(wanted):
        return all(_operate(name, value, operand, groups) for name, operand in wanted.items())
    return same(wanted, value)


def _operate(name: str, value: Any, operand: Any, groups: Groups) -> bool:
    operator = OPERATORS.get(name)
    return operator is not None and operator(value, operand, groups)


def _is_operators(wanted: object) -> bool:
    return isinstance(wanted, dict) and bool(wanted) and all(str(name).startswith("$") for name in wanted)


def _reach(attributes: Any, path: str) -> Any:
    value = attributes
    for name in path.split("."):
        value = value.get(name) if value is not None and hasattr(value, "get") else None
    return value


def same(left: Any, right: Any) -> bool:
    """Say whether two values are equal as JSON: a boolean is no number, order counts in lists."""
    if isinstance(left, (list, tuple)) and isinstance(right, (list, tuple)):
        return len(left) == len(right) and all(map(same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(same(left[name], right[name]) for name in left)
    return isinstance(left, bool) == isinstance(right, bool) and bool(left == right)


def _or(conditions: Any, attributes: Mapping[str, Any], groups: Groups) -> bool:
    return not conditions or any(matches(each, attributes, groups) for each in conditions)


# (the operand, the attributes, groups) -> is it met?
_LOGIC: dict[str, Operator] = {
    "$and": lambda operand, attributes, groups: all(matches(each, attributes, groups) for each in operand),
    "$or": _or,
    "$nor": lambda operand, attributes, groups: not _or(operand, attributes, groups),
    "$not": lambda operand, attributes, groups: isinstance(operand, dict) and not matches(operand, attributes, groups),
}


# Order: two texts by letter, else as numbers; what is no number compares as false.


def _number(value: object) -> float:
    try:
        return float(value or 0)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return float("nan")


def _pair(left: object, right: object) -> tuple[Any, Any]:
    if isinstance(left, str) and isinstance(right, str):
        return left, right
    return _number(left), _number(right)


def _by_order(compare: Callable[[Any, Any], bool]) -> Operator:
    return lambda value, operand, _: compare(*_pair(value, operand))


# Lists and patterns.


def _fold(value: object) -> object:
    return value.lower() if isinstance(value, str) else value


def _among(value: Any, choices: Any, fold: bool = False) -> bool:
    values = value if isinstance(value, (list, tuple)) else [value]
    values = [_fold(each) for each in values] if fold else values
    if type(choices) is Choices:
        if any(map(choices.holds, values)):
            return True
        choices = choices.others
    elif fold:
        choices = [_fold(each) for each in choices]
    return any(same(each, choice) for each in values for choice in choices)


def _is_list(choices: object) -> bool:
    return isinstance(choices, (list, tuple, Choices))


def _all(value: Any, wanted: Any, groups: Groups) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    if type(wanted) is Choices:
        found = {_key(each) for each in value if wanted.holds(each)}
        return len(found) == len(wanted.keys) and _all(value, wanted.others, groups)
    if not isinstance(wanted, (list, tuple)):
        return False
    return all(any(_value_matches(want, each, groups) for each in value) for want in wanted)


def _all_folded(value: Any, wanted: Any, groups: Groups) -> bool:
    wanted = [_fold(each) for each in wanted] if isinstance(wanted, (list, tuple)) else wanted
    return isinstance(value, (list, tuple)) and _all([_fold(each) for each in value], wanted, groups)


def _some_element(value: Any, wanted: Any, groups: Groups) -> bool:
    if not isinstance(value, (list, tuple)):
        return False
    if _is_operators(wanted):
        return any(_value_matches(wanted, each, groups) for each in value)
    return isinstance(wanted, dict) and any(isinstance(each, dict) and matches(wanted, each, groups) for each in value)


def _search(value: object, pattern: Any, fold: bool = False) -> bool:
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return False
    read: Pattern = pattern if hasattr(pattern, "search") else _pattern(pattern, fold)
    return read.search(str(value))


# Versions, in the order that Semantic Versioning 2.0 gives them.

LONGEST = 100  # characters of a version: a caller waits for each part, and Python refuses numbers of thousands


def version_key(version: object) -> list[tuple[int, int, str]]:
    """Return a list that sorts as the version does: 1.2.0-rc.1 < 1.2.0 < 1.10.0.

    A leading v and build metadata (after a plus sign) do not count. Numbers sort before words. What is longer, or
    neither text nor a number, is version 0, so that nobody without a version is taken for one who has the newest.
    """
    known = isinstance(version, (str, int, float)) and not isinstance(version, bool)
    text = (str(version) if known else "") or "0"
    text = text.removeprefix("v").split("+", 1)[0]
    parts = (text if len(text) <= LONGEST else "0").replace("-", ".").split(".")
    if len(parts) == 3:  # a release comes after all its pre-releases
        parts.append("~")
    return [(0, int(part), "") if part.isascii() and part.isdigit() else (1, 0, part) for part in parts]


def _by_version(compare: Callable[[Any, Any], bool]) -> Operator:
    return lambda value, operand, _: compare(version_key(value), version_key(operand))


def _members(name: object, groups: Groups) -> Sequence[object]:
    return groups.get(name, ()) if isinstance(name, str) else ()


def _has_type(value: object, name: object) -> bool:
    return _TYPES.get(type(value), "object" if isinstance(value, dict) else "unknown") == name


_TYPES = {
    str: "string",
    int: "number",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    tuple: "array",
}

# Every operator: (the attribute's value, the operand, groups) -> does it match?
OPERATORS: dict[str, Operator] = {
    "$eq": lambda value, operand, _: same(value, operand),
    "$ne": lambda value, operand, _: not same(value, operand),
    "$lt": _by_order(lt),
    "$lte": _by_order(le),
    "$gt": _by_order(gt),
    "$gte": _by_order(ge),
    "$in": lambda value, operand, _: _is_list(operand) and _among(value, operand),
    "$nin": lambda value, operand, _: _is_list(operand) and not _among(value, operand),
    "$ini": lambda value, operand, _: _is_list(operand) and _among(value, operand, fold=True),
    "$nini": lambda value, operand, _: _is_list(operand) and not _among(value, operand, fold=True),
    "$all": _all,
    "$alli": _all_folded,
    "$elemMatch": _some_element,
    "$size": lambda value, size, groups: isinstance(value, (list, tuple)) and _value_matches(size, len(value), groups),
    "$exists": lambda value, operand, _: (value is not None) == bool(operand),
    "$type": lambda value, operand, _: _has_type(value, operand),
    "$regex": lambda value, operand, _: _search(value, operand),
    "$regexi": lambda value, operand, _: _search(value, operand, fold=True),
    "$not": lambda value, operand, groups: not _value_matches(operand, value, groups),
    **{name: _by_version(compare) for name, compare in VERSIONS.items()},
    "$inGroup": lambda value, operand, groups: _among(value, _members(operand, groups)),
    "$notInGroup": lambda value, operand, groups: not _among(value, _members(operand, groups)),
}
