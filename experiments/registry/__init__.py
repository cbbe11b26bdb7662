"""The registry: users, keys, the catalogue, experiments, snapshots and the log, behind plain functions."""

from experiments.registry import cards  # noqa: F401 - keeps summaries in step with whatever writes experiments
from experiments.registry.database import Database

__all__ = ["Database"]
