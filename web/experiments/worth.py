"""What keeping a winner is likely to bring: measured, expected after launch, and in a year, with what is assumed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from experiments import numbers
from experiments.reached import entering
from experiments.registry.snapshots import CoursePoint
from experiments.reports import rows
from experiments.snapshot import MetricResult, Snapshot

A_YEAR, A_WEEK = 365, 7
COUNTED = ("proportion", "mean")  # a sum over units grows with how many there are


@dataclass(frozen=True)
class Worth:
    """One goal that was shown better; `yearly` is (what, how many, from where to where), None where not projected;
    `said` is what that assumes, or why there is none.
    """

    title: str
    block: rows.Block
    yearly: tuple[str, str, str] | None
    said: str


def a_day(history: Sequence[CoursePoint], shown: Snapshot) -> float:
    """New units a day: of the last week of enrolment if the looks cover it, else of all its days so far."""
    enrolled = [look for look in history if look.cutoff <= shown.frozen.enrols_until(shown.launched)]
    if not enrolled:
        return 0.0
    last = enrolled[-1]
    before = [look for look in enrolled if look.cutoff <= last.cutoff - timedelta(days=A_WEEK)]
    if not before:
        return last.people / max(1, last.day)
    return max(0.0, last.people - before[-1].people) / (last.cutoff - before[-1].cutoff).days


def worth(goal: MetricResult, snapshot: Snapshot, units_a_day: float) -> Worth:
    """Put one winner into rows and a year, also where less than nothing is among what to expect.

    To show only intervals that are wholly good would choose once more among winners, and miss the truth too often
    (`make bench-claims`).
    """
    block = rows.expected_block(goal)
    why_not = _why_not(goal, snapshot, units_a_day)
    if why_not:
        return Worth(goal.title, block, None, why_not)
    return Worth(goal.title, block, _yearly(goal, snapshot, units_a_day), _assumptions(snapshot, units_a_day))


def _why_not(goal: MetricResult, snapshot: Snapshot, units_a_day: float) -> str:
    plan = snapshot.frozen.plan
    not_so = f"{goal.title} is not projected to a year:"
    if goal.kind not in COUNTED or goal.control is None or not goal.control.mean:
        return f"{not_so} it does not add up over {numbers.unit_name(plan.unit)}."
    return "" if units_a_day and entering(plan) else f"{not_so} how many come a day is not known."


def _yearly(goal: MetricResult, snapshot: Snapshot, units_a_day: float) -> tuple[str, str, str]:
    assert goal.expected
    assert goal.control
    assert goal.control.mean is not None
    base = A_YEAR * units_a_day / entering(snapshot.frozen.plan) * goal.control.mean
    sign = 1 if goal.expected.relative > 0 else -1
    words = ("more", "fewer")[::sign]
    low, high = sorted(sign * base * v for v in (goal.expected.low, goal.expected.high))
    ends = f"between {_amount(low, goal)} and {_amount(high, goal)}"
    if low < 0:
        ends = f"between {_amount(-low, goal)} {words[1]} and {_amount(high, goal)} {words[0]}"
    return f"{goal.title}, {words[0]} in a year", _amount(abs(base * goal.expected.relative), goal), ends


def _amount(value: float, goal: MetricResult) -> str:
    """Two significant digits, as what was estimated has everywhere."""
    text = numbers.count(float(f"{value:.1e}")) if value >= 10 else f"{value:.1f}"
    return numbers.with_symbol(text, goal.symbol if goal.kind == "mean" else "")


def _assumptions(snapshot: Snapshot, units_a_day: float) -> str:
    plan = snapshot.frozen.plan
    unit = numbers.unit_name(plan.unit)
    entered = entering(plan)
    every = f"all of them{', also those held out,' if plan.holdout else ''}"
    share = "" if entered == 1 else f", that {every} get it instead of {numbers.plain_percent(entered)}"
    coming = numbers.about(units_a_day / entered)
    return (
        f"Assumes that {coming} new {unit} a day keep coming, as in the last week of enrolment{share}, and that the "
        "effect lasts. It counts each one's window once, and only those whom the plan targets."
    )
