"""Quantiles of single events where units were randomised: from the ranks of values to moments that read as a ratio's.

A group is the units of one variant and one segment value; each has a quantile of its own.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir
import numpy as np

import stats
from experiments.catalog import Definition
from stats import Moments

Group: TypeAlias = tuple[Any, ...]  # position of the variant, segment value
Levels: TypeAlias = Mapping[Group, list[float]]
KEYS = ["variant", "segment"]


@dataclass(frozen=True)
class Linear:
    """Moments of a quantile's y and d; `spread` is False where too few or too equal values leave no variance."""

    moments: Moments
    spread: bool


def values(rows: ir.Table, events: ir.Table, d: Definition, begins: str) -> ir.Table:
    """Return unit, variant, segment and value of every event inside the window of a unit whose window is complete.

    `rows` are units with their segment; `events` are `unit_events` of the plan's type of unit. An event without a
    value is none.
    """
    done = rows.filter(rows[f"{begins}_done"].notnull()).select("unit", *KEYS, since=rows["at"], entered=rows.day)
    mine = events.filter((events.measure == d.numerator.id) & events.value.notnull())
    met = done.join(mine.select("unit", "at", "value", "day"), "unit")
    inside = (met["at"] >= met.since) & (met.day - met.entered >= d.metric.from_day)
    if d.metric.window_days is not None:
        inside = inside & (met.day - met.entered < d.metric.window_days)
    return met.filter(inside).select("unit", *KEYS, "value")


def sizes(found: ir.Table) -> dict[Group, int]:
    """Return how many values each group has."""
    rows = sizes_of(found).to_pyarrow().to_pylist()
    return {(r["variant"], r["segment"]): r["events"] for r in rows}


def sizes_of(found: ir.Table) -> ir.Table:
    """Return the query of `sizes`."""
    return found.group_by(KEYS).agg(events=found.count())


def levels(found: ir.Table, events: Mapping[Group, int], wanted: Levels) -> dict[Group, list[float]]:
    """Return each group's quantiles at its wanted levels, between two ranks as numpy's default has it; one query."""
    spots = {g: [_spot(level, events[g]) for level in of] for g, of in wanted.items()}
    ranks = {(*g, rank) for g, of in spots.items() for rank, next_rank, _ in of for rank in (rank, next_rank)}
    rows = at_ranks(found, ranks).to_pyarrow().to_pylist()
    at = {(r["variant"], r["segment"], r["rank"]): r["value"] for r in rows}
    return {g: [_between(at[*g, low], at[*g, high], share) for low, high, share in of] for g, of in spots.items()}


def at_ranks(found: ir.Table, ranks: Iterable[Group]) -> ir.Table:
    """Return the query of `levels`: the values at some ranks of groups, each rank as (*group, rank), from 0."""
    ranked = found.mutate(rank=ibis.row_number().over(group_by=KEYS, order_by="value"))
    chosen = ranked.join(_table(ranked, [*KEYS, "rank"], sorted(ranks, key=repr)), [*KEYS, "rank"])
    return chosen.select(*KEYS, "rank", "value")


def counted(rows: ir.Table, found: ir.Table, middle: Levels, begins: str) -> ir.Table:
    """Return the units with y, the values at most their group's quantile, and d, all values; null if not complete."""
    places = [(*g, q) for g, (q, *_) in middle.items()]
    quantile = _table(found.mutate(middle=found.value), [*KEYS, "middle"], places)
    met = found.join(quantile, KEYS)
    each = met.group_by(["unit", "segment"]).agg(
        at_most=ibis.ifelse(met.value <= met.middle, 1.0, 0.0).sum(), every=met.count().cast("float64")
    )
    # Dropped one by one: of several at once, Ibis keeps no order.
    joined = rows.left_join(each, ["unit", "segment"]).drop("unit_right").drop("segment_right")
    done = joined[f"{begins}_done"].notnull()
    columns = {"y": joined.at_most, "d": joined.every}
    none = ibis.null("float64")
    return joined.mutate(**{f"{begins}_{n}": ibis.ifelse(done, c.fill_null(0.0), none) for n, c in columns.items()})


def linear(
    found: ir.Table, level: float, events: Mapping[Group, int], middle: Levels,
    groups: Mapping[Group, Moments],
) -> dict[Group, Linear]:  # fmt: skip
    """Return the moments of y and d of each group, of which y / d is its quantile with the quantile's variance."""
    reach = {g: stats.quantile_reach(m.only(("y", "d")), level, events[g]) for g, m in groups.items() if g in events}
    inside = {g: r for g, r in reach.items() if level - r > 0 and level + r < 1}
    ends = levels(found, events, {g: [level - r, level + r] for g, r in inside.items()}) if inside else {}
    inverse = {g: (high - low) / (2 * inside[g]) for g, (low, high) in ends.items()}
    return {
        g: Linear(stats.linear_quantile(m, middle.get(g, [0.0])[0], inverse.get(g, 0.0)), inverse.get(g, 0.0) > 0)
        for g, m in groups.items()
    }


def _spot(level: float, events: int) -> tuple[int, int, float]:
    """The two ranks from 0 between which a level lies, and the share of the way."""
    place = (events - 1) * level
    low = int(np.floor(place))
    return low, min(low + 1, events - 1), place - low


def _between(low: float, high: float, share: float) -> float:
    """Numpy's own rounding, so that a value which is the quantile counts as at most it everywhere."""
    return high - (high - low) * (1 - share) if share >= 0.5 else low + (high - low) * share


def _table(like: ir.Table, names: list[str], rows: Iterable[Group]) -> ir.Table:
    columns = list(zip(*rows, strict=True)) or [()] * len(names)
    types = like.schema()
    return ibis.memtable(
        {n: list(c) for n, c in zip(names, columns, strict=True)}, schema={n: types[n] for n in names}
    )  # fmt: skip
