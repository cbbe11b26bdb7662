"""Windows: what metrics add up of what a unit did, by measure and days since exposure; a pre-period is one of them."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple, TypeAlias

import ibis
import ibis.expr.types as ir

from experiments.catalog import Definition, Measure, Metric
from experiments.plan import FrozenPlan
from experiments.warehouse.lake import number_of

How: TypeAlias = str  # count, sum, or days: what is added up


class Window(NamedTuple):
    """A measure by its id, how it is added up, the first day (negative before the exposure), and the number of days.

    `days` is None where the window never ends.
    """

    measure: str
    how: How
    start: int
    days: int | None


@dataclass(frozen=True)
class Finished:
    """Where totals of units are whose windows were all over at a roll-up, and on which days these units entered.

    Nobody entered before `first_open` whose totals are not there.
    """

    total_days: ir.Table
    entries: tuple[int, ...]
    first_open: int


def finished(
    total_days: ir.Table, experiment: str, frozen: FrozenPlan, launched: date, *, cutoff: date
) -> Finished | None:
    """Return what can be read of `total_days`, which are those up to the cutoff; None if nothing.

    One query asks which days are there. Totals of other windows than the plan's are not among them.
    """
    definitions = list(frozen.definitions.values())
    days = closing(definitions)
    if days is None:
        return None
    t, windows_of = total_days, mark(in_order(definitions))
    mine = t.filter((t.experiment == experiment) & (t.phase == frozen.phase) & (t.windows == windows_of))
    made = mine.select("day").distinct().to_pyarrow()["day"].to_pylist()
    entries = {day - days + 1 for day in made}
    first = min(d for d in range(number_of(launched), number_of(cutoff) + 2) if d not in entries)
    return Finished(total_days, tuple(sorted(entries)), first) if entries else None


def windows(definitions: Iterable[Definition]) -> list[Window]:
    """Return the distinct windows that these metrics add up, in the order in which they are met."""
    return list(dict.fromkeys(w for d in definitions for m in d.measures for w in _of(d.metric, m)))


def closing(definitions: Iterable[Definition]) -> int | None:
    """Return the number of days, that of the exposure included, after which all windows are over; None if one is not.

    None, too, where there is none.
    """
    found = windows(definitions)
    if not found or any(w.days is None for w in found):
        return None
    return max(w.start + (w.days or 0) if w.start >= 0 else 1 for w in found)


def in_order(definitions: Iterable[Definition]) -> list[Window]:
    """Return these windows, which all end, in an order that is not that of the metrics."""
    return sorted(windows(definitions))


def mark(ordered: Iterable[Window]) -> str:
    """Return a name made of the windows and their order."""
    return hashlib.sha256(json.dumps(list(ordered)).encode()).hexdigest()[:16]


def after(metric: Metric, measure: Measure) -> Window:
    """Return the window from the metric's first day on."""
    days = metric.window_days - metric.from_day if metric.window_days is not None else None
    return Window(measure.id, _how(metric, measure), metric.from_day, days)


def before(metric: Metric, measure: Measure) -> Window:
    """Return the metric's pre-period."""
    return Window(measure.id, _how(metric, measure), -metric.pre_days, metric.pre_days)


def still_open(o: ir.Table, finished: Finished) -> ir.Table:
    """Leave out the units whose totals are read: by one comparison, but for those who entered after an open day."""
    first, later = finished.first_open, [d for d in finished.entries if d > finished.first_open]
    still = o.filter(o.day >= first, o.day - o.offset >= first)
    return still.filter(~entered(still).isin(later)) if later else still


def added_up(o: ir.Table, wanted: Sequence[Window], needed: Sequence[Window]) -> ir.Table:
    """Return the total of each wanted window, s0, s1 ..., of units with rows of outcome_days in a needed one.

    Of windows that are not needed it is null. At least one is needed.
    """
    done, none = _within(o, needed), ibis.null("float64")
    sums = done.group_by("unit").agg(**{f"s{i}": total(done, w) for i, w in enumerate(wanted) if w in needed})
    return sums.select("unit", **{f"s{i}": sums[f"s{i}"] if w in needed else none for i, w in enumerate(wanted)})


def total(done: ir.Table, window: Window) -> ir.Scalar:
    """Return the window's total of rows of outcome_days, null where there is nothing in it."""
    measure, how, start, days = window
    since = done.offset >= start if start >= 0 else done.offset == start  # a pre-period is one row
    inside = (done.measure == measure) & since
    if days is not None:
        inside = inside & (done.offset < start + days)
    columns = {"days": done.active_days.cast("float64"), "count": done.n.cast("float64"), "sum": done.total}
    return columns[how].sum(where=inside)


def entered(done: ir.Table) -> ir.Value:
    """Return the day of the unit's exposure, of rows of outcome_days."""
    return done.day - done.offset.clip(lower=0)


def _within(o: ir.Table, needed: Sequence[Window]) -> ir.Table:
    """Leave out most rows that no window needs, by plain comparisons: a reader passes over whole groups of rows."""
    mine = o.filter(o.measure.isin(sorted({w.measure for w in needed})), o.offset >= min(w.start for w in needed))
    ends = [_end(w) for w in needed]
    return mine.filter(mine.offset < max(e for e in ends if e is not None)) if None not in ends else mine


def _end(w: Window) -> int | None:
    """The offset after the window's last one; that of a pre-period is one row."""
    return w.start + 1 if w.start < 0 else w.start + w.days if w.days is not None else None


def _of(metric: Metric, measure: Measure) -> list[Window]:
    single = [] if metric.kind in {"funnel", "quantile"} else [after(metric, measure)]
    return [*single, before(metric, measure)] if metric.pre_days else single


def _how(metric: Metric, measure: Measure) -> How:
    return "days" if metric.kind == "days" else measure.aggregate
