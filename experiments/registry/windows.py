"""How long the windows of drafts are, by the catalogue as it is now: a launch would freeze them so."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import literal, select, union_all

from experiments.plan import longest
from experiments.registry.database import Database
from experiments.registry.models import ExperimentRow, MetricRow

ROLES = ("goals", "guardrails")


def of_drafts(db: Database) -> dict[str, int]:
    """Return the days of each draft's longest window among goals and guardrails; 1 where the catalogue has none."""
    drafts = select(literal("draft"), ExperimentRow.key, ExperimentRow.plan).where(ExperimentRow.state == "draft")
    both = union_all(drafts, select(literal("metric"), MetricRow.key, MetricRow.definition))
    with db.read() as session:
        rows = session.execute(both).all()
    days = {key: held.get("window_days") for kind, key, held in rows if kind == "metric"}
    return {key: longest(_sized(held), days) for kind, key, held in rows if kind == "draft"}


def _sized(plan: dict[str, Any]) -> Iterable[str]:
    """The metrics that are goals or guardrails, by the bare JSON, as there may be very many drafts."""
    return (each["metric"] for role in ROLES for each in plan.get(role) or ())
