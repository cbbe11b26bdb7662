"""Rolling out what was kept, in steps of days and coverage; which step is served follows from the day alone.

While a step leaves some units on control, both sides are compared in a phase of the step's own: who has it was chosen
by hashes, as in the experiment.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from experiments.errors import DefinitionError
from experiments.plan import FrozenPlan, share_of

MOST_STEPS = 20
MOST_DAYS = 365
FOLLOWED_DAYS = 91  # on which units enrol in a comparison after launch: thirteen whole weeks


@dataclass(frozen=True)
class Step:
    """From this day on, this share of the units gets what was kept; it lasts until the next step."""

    day: date
    coverage: float


def plan(ramp: Sequence[tuple[int, float]], coverage: float, decided: date) -> tuple[Step, ...]:
    """Return the steps of a roll-out: (days after the decision, share) each, the last at `coverage`.

    DefinitionError unless it starts on day 0, and days and shares rise: who got it keeps it from step to step.
    """
    if not ramp:
        return ()
    days, shares = zip(*ramp, strict=True)
    last = f"The last step covers {shares[-1]:.4g} of 1, and the roll-out is {coverage:.4g}: write the same in both."
    problems = [
        f"The roll-out's steps begin on day {days[0]}; begin on day 0, the day of the decision." if days[0] else "",
        "" if _rise(days) and _rise(shares) else "Days and percentages of the roll-out rise from step to step.",
        "" if all(0 < s <= 1 for s in shares) else "Each step of the roll-out covers more than 0 and at most 100%.",
        ""
        if len(days) <= MOST_STEPS and max(days) <= MOST_DAYS
        else f"A roll-out has at most {MOST_STEPS} steps in {MOST_DAYS} days.",
        "" if shares[-1] == coverage else last,
    ]  # fmt: skip
    if any(problems):
        raise DefinitionError([p for p in problems if p])
    return tuple(Step(decided + timedelta(days=d), s) for d, s in ramp)


def read(text: str) -> list[tuple[int, float]]:
    """Read steps as people type them, one a line: days after the decision, and percent."""
    return [_line(line) for line in text.splitlines() if line.strip()]


def current(steps: Sequence[Step], coverage: float, today: date) -> float:
    """Return the share that is served on a day; without steps it is `coverage` from the start."""
    if not steps:
        return coverage
    return next((s.coverage for s in reversed(steps) if s.day <= today), steps[0].coverage)


def number(steps: Sequence[Step], today: date) -> int:
    """Return which step is served on a day, counted from 1."""
    return max(sum(s.day <= today for s in steps), 1)


@dataclass(frozen=True)
class Comparison:
    """What a step compares, from its first day until the last one on which nobody has changed sides."""

    frozen: FrozenPlan
    first: date
    last: date


def compared(frozen: FrozenPlan, kept: str, steps: Sequence[Step], end: date | None) -> Iterator[Comparison]:
    """Yield what each step compares: the plan's goals and guardrails, looked at on any day.

    A step that serves everyone compares nothing. `end` is the day on which what was kept was withdrawn. Nothing is
    adjusted by what units did before: those who had the variant in the experiment were changed by it.
    """
    end = end or date.max
    ends = [min(step.day, end) for step in steps[1:]]
    for n, (step, stop) in enumerate(zip(steps, [*ends, end], strict=True), start=1):
        share = step.coverage if step.coverage >= 1 else max(step.coverage, share_of(frozen.plan, kept))
        if share < 1 and stop > step.day:
            weeks = min(-(-(stop - step.day).days // 7), FOLLOWED_DAYS // 7)  # a plan has whole ones
            made = _comparison(frozen, kept, share=share, number=n, days=7 * weeks)
            yield Comparison(made, step.day, stop - timedelta(days=1))


def _comparison(frozen: FrozenPlan, kept: str, *, share: float, number: int, days: int) -> FrozenPlan:
    plan = frozen.plan
    weights = {plan.control.key: 1 - share, kept: share}
    variants = tuple(v.model_copy(update={"weight": weights[v.key]}) for v in plan.variants if v.key in weights)
    changed = {
        "variants": variants, "method": "always-valid", "prior": None, "enrol_days": days,
        "minimum_days": min(plan.minimum_days, days), "secondary": (), "segments": (), "covariates": (),
    }  # fmt: skip
    definitions = {
        k: d.model_copy(update={"metric": d.metric.model_copy(update={"pre_days": 0})})
        for k, d in frozen.definitions.items()
        if k not in plan.secondary
    }
    return FrozenPlan.model_construct(
        plan=plan.model_copy(update=changed), phase=frozen.phase + number, definitions=definitions
    )


def _line(line: str) -> tuple[int, float]:
    day, share = [*line.replace(":", " ").replace("%", " ").replace(",", ".").split(None, 1), "", ""][:2]
    try:
        return int(day), float(share) / 100
    except ValueError:
        raise DefinitionError(f"'{line.strip()[:40]}' is no step; write days and percent, such as '2 50'.") from None


def _rise(values: Sequence[float]) -> bool:
    return all(a < b for a, b in pairwise(values))
