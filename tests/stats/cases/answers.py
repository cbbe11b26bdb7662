"""What a case is, what the engine may answer to it, and how the two are compared.

An answer maps names of numbers to the engine's own, to an `Offer` (the engine's number beside conventions of
others that we reject) or to `NotOffered`. A convention counts as declined only if it reproduces the expected
number within the case's tolerance: nothing is waved through on a word alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

ALIASES = {
    "est": "diff difference effect effect_size tau estimate delta ate d point_estimate abs_diff m1_minus_m0",
    "statistic": "t z t_stat z_stat tstat zstat test_statistic",
    "p": "pvalue p_value p_two_sided p_abs p_val p_adj",
    "ci": "effect_size_ci conf_int confint interval ci95 diff_ci",
    "se": "std_err stderr standard_error sd_est",
    "df": "dof nu degrees_of_freedom",
    "rel": "rel_effect_size relative rel_lift rel_diff relative_lift lift",
    "rel_ci": "rel_effect_size_ci relative_ci lift_ci rel_lift_ci fieller fieller_ci",
    "control": "control_mean mean_control m0",
    "treatment": "treatment_mean mean_treatment m1",
}
CANONICAL = {alias: name for name, aliases in ALIASES.items() for alias in aliases.split()}


@dataclass(frozen=True)
class Case:
    """One entry of a file. decimals: of a printed table, which is right to half a unit of its last decimal."""

    id: str
    method: str
    inputs: Mapping[str, Any]
    expected: Any
    folder: Path
    tolerance: float = 1e-6
    source: str = ""
    decimals: int | None = None

    @property
    def text(self) -> str:
        """What tells one method from another, in small letters."""
        return self.method.lower()

    def within(self, value: float, expected: float) -> bool:
        """Whether a number is the expected one, by the rule of the files."""
        if not np.isfinite(expected) or not np.isfinite(value):
            return value == expected
        printed = 0.0 if self.decimals is None else 0.5 * 10.0**-self.decimals
        return abs(value - expected) <= max(self.tolerance * abs(expected), 1e-9, printed)


class Rejected(NamedTuple):
    """A number by somebody's convention that we reject, and why."""

    value: Any
    reason: str


@dataclass(frozen=True)
class Offer:
    """The engine's number, and conventions of others that the case may ask for instead."""

    ours: Any
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True)
class Given:
    """No result but what the case's author chose and the engine is handed, such as rho."""

    value: float


@dataclass(frozen=True)
class NotOffered:
    """A method that is no part of the design; `name` says which."""

    name: str


@dataclass(frozen=True)
class NoPassFail:
    """An entry that the file itself declares to be no test."""

    why: str


class Number(NamedTuple):
    """One number of a case. status: pass, fail, declined, not offered, given, skipped."""

    path: str
    status: str
    expected: Any
    got: Any
    note: str


@dataclass(frozen=True)
class Result:
    """A case with all its numbers."""

    case: Case
    numbers: list[Number] = field(default_factory=list)

    @property
    def status(self) -> str:
        """Fail if any number fails, declined if any is, not offered if none is; else pass."""
        found = [number.status for number in self.numbers]
        order = ["fail", "declined", "pass", "not offered", "skipped", "given"]
        return next(status for status in order if status in found)


def against(ours: Mapping[str, Any], *rejected: tuple[Mapping[str, Any], str]) -> dict[str, Any]:
    """Our answers, each beside those of the same name by rejected conventions; names that only they have stay out."""
    return {
        name: Offer(
            value.ours if isinstance(value, Offer) else value,
            (
                *(value.rejected if isinstance(value, Offer) else ()),
                *(Rejected(theirs[name], why) for theirs, why in rejected if name in theirs),
            ),
        )
        if not isinstance(value, NotOffered | Given)
        else value
        for name, value in ours.items()
    }


def judge(case: Case, answer: Any) -> Result:
    """Compare every number that the case expects with the answer."""
    if isinstance(answer, NoPassFail):
        return Result(case, [Number("", "skipped", case.expected, None, answer.why)])
    if isinstance(answer, NotOffered):
        return Result(case, [Number("", "not offered", case.expected, None, answer.name)])
    given = case.expected if isinstance(case.expected, Mapping) else {"value": case.expected}
    return Result(case, [number for name, value in given.items() for number in _compare(case, name, value, answer)])


def _compare(case: Case, name: str, expected: Any, answer: Mapping[str, Any]) -> Iterator[Number]:
    found = lookup(answer, name)
    if isinstance(found, NotOffered):
        yield Number(name, "not offered", expected, None, found.name)
    elif isinstance(found, Given):
        same = case.within(float(found.value), float(expected))
        yield Number(name, "given" if same else "fail", float(expected), found.value, "handed to the engine")
    elif found is None:
        yield Number(name, "fail", expected, None, "no adapter for this number")
    else:
        offer = found if isinstance(found, Offer) else Offer(found)
        for path, value in _leaves(name, expected):
            yield _number(case, path, value, offer)


def _number(case: Case, path: tuple[Any, ...], expected: Any, offer: Offer) -> Number:
    name = "".join(str(path[0]) if not at else f"[{step}]" for at, step in enumerate(path))
    got, wanted = _at(offer.ours, path[1:]), float(expected)
    if got is not None and case.within(got, wanted):
        return Number(name, "pass", wanted, got, "")
    for theirs, reason in offer.rejected:
        value = _at(theirs, path[1:])
        if value is not None and case.within(value, wanted):
            return Number(name, "declined", wanted, got, reason)
    return Number(name, "fail", wanted, got, "" if got is not None else "no such number in the answer")


def lookup(answer: Mapping[str, Any], name: str) -> Any:
    """The answer to a number, whatever its author calls it; None if there is none."""
    plain = name.lower().replace("-", "_").replace(" ", "_")
    for known in (name, plain, CANONICAL.get(plain)):
        if known in answer:
            return answer[known]
    for ending, end in (("_lower", 0), ("_low", 0), ("_upper", 1), ("_high", 1)):
        if plain.endswith(ending):
            return _end(lookup(answer, plain.removesuffix(ending)), end)
    return None


def _end(found: Any, end: int) -> Any:
    if isinstance(found, Offer):
        return Offer(found.ours[end], tuple(Rejected(value[end], why) for value, why in found.rejected))
    return found if found is None or isinstance(found, NotOffered) else found[end]


def _leaves(name: str, expected: Any) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every single number with the way to it."""
    if not isinstance(expected, Mapping | list | tuple):
        yield (name,), expected
        return
    for step, value in expected.items() if isinstance(expected, Mapping) else enumerate(expected):
        for rest, leaf in _leaves("", value):
            yield (name, step, *rest[1:]), leaf


def _at(value: Any, steps: tuple[Any, ...]) -> float | None:
    for step in steps:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError):
            return None
    return None if value is None or np.ndim(value) else float(value)
