"""What metrics with a cap are without it: what a query found is held against raw events, added up by loops."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

import numpy as np
from happenings import Recomputed, assert_equal

from experiments.warehouse.moments import Cell
from stats import Moments


def assert_uncapped(found: Mapping[str, Mapping[Any, Cell]], recomputed: Recomputed) -> None:
    """Hold everyone's cells, by variant, against raw events, of each metric with a cap; some units lie above one."""
    above = 0
    for key, cells in found.items():
        d = recomputed.frozen.definitions[key]
        if d.metric.cap is None:
            assert all(cell.uncapped is None for cell in cells.values()), key
            continue
        expected = totals(recomputed, key)
        for place, cell in cells.items():
            rows = expected[place if isinstance(place, str) else place[0]]
            assert cell.uncapped is not None
            assert_equal(cell.uncapped.moments, Moments.of(("y", "d")[: rows.shape[1]], rows))
            assert cell.capped == (rows[:, 0] > d.metric.cap).sum()
            above += cell.capped
    assert above > 0


def assert_alike(one: Cell, other: Cell) -> None:
    """Hold what two queries found of a metric without its cap against each other."""
    assert (one.uncapped is None, one.capped) == (other.uncapped is None, other.capped)
    if one.uncapped is not None and other.uncapped is not None:
        assert_equal(one.uncapped.moments, other.uncapped.moments)


def totals(recomputed: Recomputed, key: str) -> dict[str, Any]:
    """The total of each unit with a complete window, by variant, and that of a ratio's denominator, `[units, 1 or 2]`."""
    d = recomputed.frozen.definitions[key]
    bare = d.model_copy(update={"metric": d.metric.model_copy(update={"cap": None})})
    rows: dict[str, list[Any]] = defaultdict(list)
    for unit, first in recomputed.first.items():
        fate = recomputed.fate(unit)
        if fate.pop("split") and not any(fate.values()):
            columns = recomputed._columns(unit, first, bare)
            rows[first.variant] += [] if columns is None else [columns[: 2 if d.divides else 1]]
    return {variant: np.array(made).reshape(len(made), 2 if d.divides else 1) for variant, made in rows.items()}
