"""How rows reached us: late or before their own time, and exposed units of which nothing measured ever came."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_, or_
from typing import Any

import ibis
import ibis.expr.types as ir

from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Question, Units, prefix

SETTLED_AFTER = 2  # days: by then a row that is a day late has come
LATE = 86_400_000_000
AHEAD = 60_000_000  # as the collector allows a sender's clock to be off


@dataclass(frozen=True)
class Deliveries:
    """Counts of one look.

    `units` are analysed units with a complete window of some metric, `unmatched` those of which no event counts.
    `rows` are raw exposures and events of the cutoff and of two days before it, `ahead` those that came more than a
    minute before their own time. `settled` are rows of the earlier day, without those received at their own time, as
    are imported ones; `late` those of them that came more than a day after they happened. `error` says why none of it
    is known.
    """

    units: int = 0
    unmatched: int = 0
    rows: int = 0
    ahead: int = 0
    settled: int = 0
    late: int = 0
    error: str = ""


def deliveries(
    question: Question, units: Units, exposures: ir.Table, events: ir.Table, *, metrics: Sequence[str], since: int
) -> Deliveries:
    """Count them by one query.

    `units` is `per_unit` of these metrics and maybe more; `exposures` and `events` are raw rows of the days that are
    counted. What happened before `since`, in microseconds of UTC, cannot be late: it was replayed.
    """
    arrived = _arrived(question, _raw(question, exposures, events), since)
    asked = _matched(question, units, metrics).cross_join(arrived) if metrics else arrived
    row: dict[str, Any] = {name: n or 0 for name, n in asked.to_pyarrow().to_pylist()[0].items()}
    return Deliveries(**row)


def _matched(q: Question, units: Units, metrics: Sequence[str]) -> ir.Table:
    """An outcome that is known and not zero, or something before the exposure, came from an event."""
    known, done = [], []
    for key in metrics:
        columns = [units[c] for c in (f"{prefix(q, key)}_{name}" for name in ("y", "d", "pre")) if c in units.columns]
        known.append(columns[0].notnull())
        done += [c.fill_null(0.0) != 0 for c in columns]
    complete = reduce(or_, known)
    return units.agg(units=complete.sum(), unmatched=reduce(and_, (~d for d in done), complete).sum())


def _raw(q: Question, exposures: ir.Table, events: ir.Table) -> ir.Table:
    names = sorted({m.event for d in q.frozen.definitions.values() for m in d.measures})
    met = exposures.filter(exposures.experiment == q.experiment)
    did = events.filter(events.name.isin(names) & (events.unit_type == q.frozen.plan.unit))
    columns = ("at", "received", "day")
    return met.select(columns).union(did.select(columns))


def _arrived(q: Question, rows: ir.Table, since: int) -> ir.Table:
    delay = rows.received - rows["at"]
    live = (delay != 0) & (rows["at"] >= ibis.literal(since, "int64"))
    settled = (rows.day == number_of(q.cutoff) - SETTLED_AFTER) & live
    return rows.agg(
        rows=rows.count(), ahead=(delay < -AHEAD).sum(), settled=settled.sum(), late=(settled & (delay > LATE)).sum()
    )
