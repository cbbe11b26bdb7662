"""The warehouse: raw exposures and events by day, their daily roll-ups, and the moments of an experiment."""

import ibis

from experiments.warehouse.engines import warehouse
from experiments.warehouse.lake import Lake
from experiments.warehouse.protocol import Warehouse

__all__ = ["Lake", "Warehouse", "warehouse"]

# Ibis takes a quarter of its time to merge selections upon each other, which every engine's planner does anyway.
ibis.options.sql.fuse_selects = False
