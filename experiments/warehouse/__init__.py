"""The warehouse: raw exposures and events by day, their daily roll-ups, and the moments of an experiment."""

from experiments.warehouse.engines import warehouse
from experiments.warehouse.lake import Lake
from experiments.warehouse.protocol import Warehouse

__all__ = ["Lake", "Warehouse", "warehouse"]
