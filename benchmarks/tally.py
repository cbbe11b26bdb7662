"""Shares with their Monte-Carlo error, and figures held against what they should be."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from benchmarks.fleets import Truth
from benchmarks.rules import Decisions

ERRORS = 3  # Monte-Carlo standard errors within which a figure may miss its limit


@dataclass(frozen=True)
class Share:
    """A simulated mean and its Monte-Carlo standard error."""

    value: float
    error: float

    @classmethod
    def of(cls, values: ArrayLike) -> "Share":
        """The mean of one number per run; shares of flags."""
        numbers = np.asarray(values, dtype=np.float64)
        return cls(float(numbers.mean()), float(numbers.std()) / sqrt(numbers.size))

    @property
    def percent(self) -> str:
        """As a percentage, for a table."""
        return f"{100 * self.value:.1f} ±{100 * self.error:.1f}"

    def __str__(self) -> str:
        return f"{self.value:.4f} ±{self.error:.4f}"


@dataclass(frozen=True)
class Row:
    """What one rule did with one fleet. None where the fleet's truth makes the word impossible."""

    rule: str
    kept: Share
    dropped: Share
    stopped: Share
    wrong_keep: Share | None
    wrong_leave: Share | None
    right_keep: Share | None
    cried: Share | None
    days: Share


HEADS = ("rule", "keep", "drop", "stop", "wrong keep", "wrong drop or stop", "right keep", "false harm", "days")


def row(rule: str, truth: Truth, d: Decisions) -> Row:
    """Count decisions, and which of them were wrong under this truth."""
    kept, left = Share.of(d.kept), Share.of(d.dropped | d.stopped)
    return Row(
        rule=rule, kept=kept, dropped=Share.of(d.dropped), stopped=Share.of(d.stopped),
        wrong_keep=kept if truth.keeping_is_wrong else None, wrong_leave=left if truth.leaving_is_wrong else None,
        right_keep=kept if truth.leaving_is_wrong else None, cried=Share.of(d.cried) if truth.harmless else None,
        days=Share.of(d.day),
    )  # fmt: skip


def cells(r: Row) -> tuple[str, ...]:
    """The row as text: percentages, and days."""
    shares = (r.kept, r.dropped, r.stopped, r.wrong_keep, r.wrong_leave, r.right_keep, r.cried)
    return (r.rule, *("" if s is None else s.percent for s in shares), f"{r.days.value:.1f} ±{r.days.error:.2f}")


@dataclass(frozen=True)
class Check:
    """A figure of ours and the range it must lie in, give or take three Monte-Carlo errors."""

    what: str
    got: Share
    low: float
    high: float

    @property
    def passed(self) -> bool:
        """Whether it lies in its range."""
        slack = ERRORS * self.got.error
        return self.low - slack <= self.got.value <= self.high + slack

    @property
    def wanted(self) -> str:
        """The range in words."""
        if self.low == self.high:
            return f"{self.low:g}"
        return f"at most {self.high:g}" if self.low == 0 else f"{self.low:.3g} to {self.high:.3g}"


def at_most(what: str, got: Share, high: float) -> Check:
    """A figure that must not exceed a limit."""
    return Check(what, got, 0.0, high)


def exact(what: str, value: float, wanted: float) -> Check:
    """A figure that needs no simulation."""
    return Check(what, Share(value, 0.0), wanted, wanted)


def check_cells(checks: Sequence[Check]) -> list[tuple[str, ...]]:
    """Checks as rows of text."""
    return [("pass" if c.passed else "FAIL", c.what, c.wanted, short(c.got)) for c in checks]


def short(s: Share) -> str:
    """With its error where there is one."""
    return str(s) if s.error else f"{s.value:.4g}"
