"""The registry: users, keys, the catalogue, experiments, snapshots and the log, behind plain functions."""

from experiments.registry.database import Database

__all__ = ["Database"]
