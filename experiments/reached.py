"""Whom a plan reaches: the share of units that enters, and in words who that is."""

from experiments.numbers import plain_percent, unit_name
from experiments.plan import Plan


def entering(plan: Plan) -> float:
    """Return the share of units that the plan's coverage or ranges, layer and holdout let in."""
    ranges = [end - start for variant in plan.variants for start, end in variant.ranges]
    coverage = sum(ranges) if ranges else plan.coverage
    layer = plan.layer.end - plan.layer.start if plan.layer else 1.0
    return coverage * layer * (1 - plan.holdout.share if plan.holdout else 1.0)


def whom(plan: Plan) -> str:
    """Name the units that the plan is for: 'people', or 'people whom its targeting lets in'."""
    bars = [name for name, there in (("targeting", plan.targeting), ("prerequisites", plan.prerequisites)) if there]
    lets = "let" if plan.prerequisites else "lets"
    return f"{unit_name(plan.unit)} whom its {' and '.join(bars)} {lets} in" if bars else unit_name(plan.unit)


def taking_part(plan: Plan) -> str:
    """Say which share of whom a launch lets in: '100% of people', '22.5% of people whom its targeting lets in'."""
    return f"{plain_percent(entering(plan))} of {whom(plan)}"


def why_fewer(plan: Plan) -> str:
    """Say what besides coverage makes them fewer; empty where nothing does."""
    slice_of = f"its slice of the layer {plan.layer.name} holds {_slice(plan)}" if plan.layer else ""
    held = f"{plain_percent(plan.holdout.share)} are held out" if plan.holdout else ""
    return " and ".join(filter(None, (slice_of, held)))


def served(plan: Plan, share: float) -> str:
    """Say to which share of whom a kept variant is served: layers no longer bar anybody then, a holdout does."""
    held = f", but for the {plain_percent(plan.holdout.share)} held out" if plan.holdout else ""
    return f"{plain_percent(share)} of {whom(plan)}{held}"


def _slice(plan: Plan) -> str:
    assert plan.layer
    return plain_percent(plan.layer.end - plan.layer.start)
