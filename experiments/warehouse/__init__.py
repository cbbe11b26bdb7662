"""The warehouse: raw exposures and events by day, their daily roll-ups, and the moments of an experiment."""

from experiments.warehouse.lake import Lake

__all__ = ["Lake"]
