"""The daily roll-ups as Ibis expressions: each from one day's rows alone, for all experiments and measures at once."""

from collections.abc import Iterable, Sequence
from functools import reduce

import ibis
import ibis.expr.types as ir

from experiments.catalog import Measure, Scalar

Rows = ir.Table | None
Use = tuple[str, int, str, str]  # experiment, phase, unit type, measure id


def exposure_days(exposures: ir.Table) -> ir.Table:
    """Return the earliest exposure of the day per experiment, phase, unit, variant and whether it was forced."""
    keys = ["experiment", "phase", "unit", "variant", "forced"]
    earliest = exposures.group_by([*keys, "day"]).agg(at=exposures.at.min())
    same = exposures.join(earliest, [*keys, "day", "at"])
    # Of several exposures at one instant, the first attributes in order of text: any order of loading agrees.
    return same.group_by([*keys, "day", "at"]).agg(attributes=same.attributes.min())


def once(events: ir.Table) -> ir.Table:
    """Return each event of the day once, whatever a client's retries have doubled."""
    keys = ["id", "unit_type", "unit", "day"]
    columns = ("name", "at", "value", "properties")
    return events.group_by(keys).agg(**{c: events[c].min() for c in columns})


def unit_days(events: ir.Table, measures: Iterable[Measure]) -> ir.Table | None:
    """Return count and sum per measure and unit of the day; `events` are distinct. None without measures."""
    parts = [
        _totals(_matching(events, m), ["unit_type", "unit", "day"]).mutate(measure=ibis.literal(m.id)) for m in measures
    ]
    return _together(parts)


def entry_days(first: ir.Table, events: ir.Table, uses: Sequence[Use], measures: Iterable[Measure]) -> ir.Table | None:
    """Return what units exposed today did today from that exposure on, per experiment, phase and measure.

    `first` are the day's exposure_days. Events at the exposure's own time count.
    """
    real = first.filter(~first.forced)
    entered = real.group_by(["experiment", "phase", "unit", "day"]).agg(entered=real.at.min())
    parts = [_entries(entered, _matching(events, m), [u for u in uses if u[3] == m.id], m) for m in measures]
    return _together([p for p in parts if p is not None])


def unit_events(events: ir.Table, measures: Iterable[Measure]) -> ir.Table | None:
    """Return the events of the day one by one, for measures of which totals are not enough; `events` are distinct."""
    columns = ["unit_type", "unit", "at", "value", "day"]
    return _together([_matching(events, m).select(columns).mutate(measure=ibis.literal(m.id)) for m in measures])


def _entries(entered: ir.Table, events: ir.Table, uses: list[Use], measure: Measure) -> ir.Table | None:
    if not uses:
        return None
    wanted = ibis.memtable(
        {"experiment": [u[0] for u in uses], "phase": [u[1] for u in uses], "unit_type": [u[2] for u in uses]},
        schema={"experiment": "string", "phase": "int32", "unit_type": "string"},
    )
    theirs = entered.join(wanted, ["experiment", "phase"]).join(events, ["unit_type", "unit", "day"])
    after = theirs.filter(theirs.at >= theirs.entered)
    return _totals(after, ["experiment", "phase", "unit", "day"]).mutate(measure=ibis.literal(measure.id))


def _matching(events: ir.Table, measure: Measure) -> ir.Table:
    chosen = events.filter(events.name == measure.event)
    for name, wanted in sorted(measure.where.items()):
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        chosen = chosen.filter(ibis.or_(*(_equals(chosen, name, v) for v in values)))
    return chosen


def _equals(events: ir.Table, name: str, value: Scalar) -> ir.BooleanValue:
    """JSON keeps text, numbers and booleans apart, and so does a filter."""
    item = property_of(events.properties, name)
    typed = item.bool if isinstance(value, bool) else item.str if isinstance(value, str) else item.float
    return typed == value


def property_of(column: ir.StringValue, name: str) -> ir.JSONValue:
    """Return one property of a JSON text by its own name, whatever characters that has."""
    return column.cast("json")[name]


def _totals(events: ir.Table, keys: list[str]) -> ir.Table:
    return events.group_by(keys).agg(n=events.count(), total=events.value.sum().fill_null(0.0))


def _together(parts: list[ir.Table]) -> ir.Table | None:
    return reduce(lambda a, b: a.union(b.select(a.columns)), parts) if parts else None
