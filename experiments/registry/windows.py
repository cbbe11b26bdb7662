"""How long the windows of drafts are, by the catalogue as it is now: a launch would freeze them so."""

from typing import Any

from sqlalchemy import literal, select, union_all

from experiments.registry.database import Database
from experiments.registry.models import ExperimentRow, MetricRow

ROLES = ("goals", "guardrails")


def of_drafts(db: Database) -> dict[str, int]:
    """Return the days of each draft's longest window among goals and guardrails; 1 where the catalogue has none."""
    drafts = select(literal("draft"), ExperimentRow.key, ExperimentRow.plan).where(ExperimentRow.state == "draft")
    both = union_all(drafts, select(literal("metric"), MetricRow.key, MetricRow.definition))
    with db.read() as session:
        rows = session.execute(both).all()
    days = {key: held.get("window_days") or 1 for kind, key, held in rows if kind == "metric"}
    return {key: _longest(held, days) for kind, key, held in rows if kind == "draft"}


def _longest(plan: dict[str, Any], days: dict[str, int]) -> int:
    return max((days.get(goal["metric"], 1) for role in ROLES for goal in plan.get(role) or ()), default=1)
