"""How many units a plan needs and what those that come can show: each test at its looks and bounds, then the rule.

A test's bounds are those that it is judged by (inference.py). Whatever the rule needs must hold together, so each test
gets beta / (guardrails + 1) of what the plan may miss.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

import stats
from experiments import inference
from experiments.plan import LONGEST, FrozenPlan, Goal, Guardrail
from experiments.planning.odds import CORRELATION, Baseline, Course, check_known, compared, course, roles
from experiments.planning.operating import Floats
from experiments.planning.traffic import Traffic
from stats import Aim, Schedule

SEQUENTIAL = ("group-sequential", "always-valid")  # what they showed stays shown; other methods count at the end
STEP = 0.01
MOST_UNITS = 10**15
DRIFTS = np.linspace(0.0, 12.0, 193)  # standard errors at the horizon; beyond them every test has power 1


@dataclass(frozen=True)
class Size:
    """One goal or guardrail: units of both arms that it needs alone, and what those that come can do.

    `power` is the chance to show it with them: a goal that is just worthwhile, a guardrail that does not move.
    `smallest` is what they show with the plan's power: an effect, or a margin; in the scale of the plan.
    """

    role: Goal | Guardrail
    needed: int
    power: float
    smallest: float


@dataclass(frozen=True)
class Sizes:
    """All tests of a plan, and its rule: units of control and the first treatment.

    `units` enrol by traffic in the plan's days, `needed` let the whole rule pass with the plan's power; `power` is that
    chance with the units that come. `enrol_days` would bring the needed ones, in whole weeks, and `planned_units` of
    all variants; both None where 52 weeks do not.
    """

    tests: tuple[Size, ...]
    units: int
    needed: int
    power: float
    enrol_days: int | None
    planned_units: int | None


def sizes(frozen: FrozenPlan, known: Mapping[str, Baseline], traffic: Traffic) -> Sizes:
    """Return what each test and the whole rule need, and what this traffic gives. NotReady as `check_known`."""
    check_known(frozen, known)
    goals, guardrails = len(frozen.plan.goals), frozen.plan.guardrails
    each = 1 - stats.beta_each(1 - frozen.plan.power, len(guardrails))
    tests = [_Test.of(frozen, role, known[role.metric], traffic) for role in roles(frozen)]
    alone = [t.needed(each) for t in tests]
    needed = max([min(alone[:goals]), *alone[goals:]])
    found = tuple(t.size(frozen.plan.power) for t in tests)
    powers = [t.power for t in found]
    joint = stats.joint_power(powers[goals:], CORRELATION, any_of=powers[:goals])
    return Sizes(found, int(tests[0].course.units[-1]), needed, joint, *_suggested(frozen, traffic, needed))


@dataclass(frozen=True)
class _Test:
    """A role's aim, in the direction that is good, and its schedules: the plan's, and one that expects who comes."""

    role: Goal | Guardrail
    course: Course
    schedule: Schedule
    expected: Schedule
    aim: Aim

    @classmethod
    def of(cls, frozen: FrozenPlan, role: Goal | Guardrail, base: Baseline, traffic: Traffic) -> "_Test":
        open_plan = frozen.model_copy(update={"plan": frozen.plan.model_copy(update={"planned_units": None})})
        way, even = course(frozen, role, traffic), course(open_plan, role, traffic)
        decreases = frozen.definitions[role.metric].metric.direction == "decrease"
        sign = (-1.0 if decreases else 1.0) * (-1.0 if base.mean < 0 and not role.absolute else 1.0)
        effect, worth = (role.worthwhile, 0.0) if isinstance(role, Goal) else (0.0, -role.margin)
        share = way.weights[1] / sum(way.weights)
        mean = None if role.absolute else abs(base.mean)
        aim = Aim(base.sd, sign * effect, sign * worth, mean, share)
        return cls(role, way, _schedule(frozen, role, way), _schedule(frozen, role, even), aim)

    def needed(self, power: float) -> int:
        """Units of both arms for this power, from the least of two to more than will ever come."""
        with np.errstate(over="ignore", divide="ignore"):
            units = np.ceil(np.square(_drift(self.expected, power) / np.abs(self.aim.drift(1.0))))
        return int(np.clip(units, 2, MOST_UNITS))

    def size(self, power: float) -> Size:
        units = max(float(self.course.units[-1]), 2.0)
        reached = float(np.interp(abs(float(self.aim.drift(units))), DRIFTS, _curve(self.schedule)))
        return Size(self.role, self.needed(power), reached, self._smallest(power, units))

    def _smallest(self, power: float, units: float) -> float:
        """Of a guardrail the margin: control's part of the variance depends on it a little, hence the second step."""
        found = self._distance(self.aim, power, units)
        if not self.aim.worth:
            return found
        return self._distance(replace(self.aim, worth=float(np.copysign(found, self.aim.worth))), power, units)

    def _distance(self, aim: Aim, power: float, units: float) -> float:
        return _drift(self.schedule, power) * abs((aim.effect - aim.worth) / float(aim.drift(units)))


def _schedule(frozen: FrozenPlan, role: Goal | Guardrail, way: Course) -> Schedule:
    """The looks that may show something, at the level and bounds of the rule; a prior is left to the simulation."""
    plan, goal = frozen.plan, isinstance(role, Goal)
    level = plan.alpha / plan.goal_tests if goal else plan.alpha
    chosen = _looks(way.units, 2 * inference.least_units(plan)) if plan.method in SEQUENTIAL else [len(way.units) - 1]
    fractions = way.fractions[chosen].copy()
    fractions[-1] = 1.0
    bounds = inference.bounds(
        plan.method, level, fractions, way.units[chosen], planned=way.planned, sides="both" if goal else "one"
    )
    some = np.isfinite(bounds)
    done = way.units[chosen][some] / way.units[-1]
    return Schedule(level, tuple(bounds[some].tolist()), tuple(done.tolist()), "both" if goal else "greater")


def _looks(units: Floats, least: int) -> list[int]:
    """Positions of looks with enough units, each with a hundredth of all more than the one before; always the last.

    Looks without new units can show nothing more, and take long to integrate over.
    """
    kept = [int(np.argmax(units >= units[-1]))]
    for i in range(kept[0] - 1, -1, -1):
        if least <= units[i] <= units[kept[-1]] - STEP * units[-1]:
            kept.append(i)
    return kept[::-1]


def _drift(schedule: Schedule, power: float) -> float:
    """The drift with this power, read off the power curve: by less than a thousandth."""
    powers = _curve(schedule)
    if powers[-1] < power:
        raise ValueError(f"no effect reaches the power {power:g}; a plan may ask for less than 1, for instance 0.8.")
    return float(np.interp(power, powers, DRIFTS))


@lru_cache(maxsize=64)
def _curve(schedule: Schedule) -> Floats:
    """Power at every drift of DRIFTS, in one pass: solving for each power anew takes ten times as long."""
    return np.maximum.accumulate(schedule.power(DRIFTS))


def _suggested(frozen: FrozenPlan, traffic: Traffic, needed: int) -> tuple[int | None, int | None]:
    """Whole weeks that bring the needed units of the arms compared, and the units of all variants by then."""
    plan = frozen.plan
    total = np.cumsum(traffic.enrolled(plan, LONGEST))
    share = sum(compared(plan))
    if total[-1] * share < needed:
        return None, None
    days = stats.enrol_days(needed, np.diff(total, prepend=0.0), share=share)
    return days, max(int(total[days - 1]) // 100 * 100, 200)
