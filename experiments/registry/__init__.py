"""The registry: users, keys, the catalogue, experiments, snapshots and the log, behind plain functions."""

# Back-ups copy the tables that are known, so all are from the start, whatever else is imported; `cards` keeps summaries
# in step with whatever writes experiments.
from experiments.registry import brief_models, cards, followups, models, summary_models  # noqa: F401
from experiments.registry.database import Database

__all__ = ["Database"]
