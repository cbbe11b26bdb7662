"""A plan read back in two sentences, or three: for whom, what, what has to hold before it is kept, who is left out."""

from experiments.numbers import count, several, unit_name
from experiments.plan import FrozenPlan
from experiments.reached import whom

WEEK = 7


def read_back(frozen: FrozenPlan) -> str:
    """Return the plan in words, as somebody would say it to a colleague."""
    plan = frozen.plan
    names = [frozen.definitions[g.metric].metric.name for g in plan.goals]
    goals = " or ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    people = f" and {count(plan.planned_units)} {unit_name(plan.unit)}" if plan.planned_units else ""
    weeks = several(plan.enrol_days // WEEK, "week")
    kept = "one" if len(plan.treatments) > 1 else "it"
    return (
        f"For {whom(plan)}, we test {_what(frozen)}. We keep {kept} if {goals} gets better"
        f"{_guarded(len(plan.guardrails))}, after {weeks} of enrolment{people}."
        + (f" Left out of the analysis, by the first exposure: {plan.left_out}." if plan.filters else "")
    )


def _what(frozen: FrozenPlan) -> str:
    many = len(frozen.plan.treatments)
    return f"“{frozen.plan.name}”" + (f" in {several(many, 'treatment')}" if many > 1 else "")


def _guarded(guardrails: int) -> str:
    if not guardrails:
        return ""
    which = {1: "its guardrail is", 2: "both guardrails are"}.get(guardrails, f"all {guardrails} guardrails are")
    return f" and {which} shown safe"
