"""What came of one case."""

from typing import Any, NamedTuple


class Result(NamedTuple):
    """A case's name, whether it passed, what was expected and what was got; `note` says why it is not offered."""

    name: str
    status: str
    expected: Any = None
    got: Any = None
    note: str = ""


def judged(name: str, expected: Any, got: Any) -> Result:
    """Equal as JSON is: numbers to eight digits, as the suites write them; true is no number."""
    return Result(name, "pass" if _same(expected, got) else "fail", expected, got)


def not_offered(name: str, why: str) -> Result:
    return Result(name, "not offered", note=why)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        return len(one) == len(other) and all(map(_same, one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | float) and isinstance(other, int | float):
        return abs(one - other) < 1e-8
    return type(one) is type(other) and one == other
