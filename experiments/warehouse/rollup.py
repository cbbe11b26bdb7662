"""The daily roll-ups as Ibis expressions: each for all experiments and measures at once."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import NamedTuple, TypeAlias

import ibis
import ibis.expr.types as ir

from experiments.catalog import Measure, Scalar
from experiments.warehouse.windows import Window, mark, total

Table: TypeAlias = ir.Table
Rows: TypeAlias = ir.Table | None
FOREVER = 1_000_000  # days: the end of a window that has none


class Arm(NamedTuple):
    """A variant of one phase of an experiment, and the days on which units enrol, the last one included."""

    experiment: str
    phase: int
    variant: str
    first_day: int
    last_day: int


class Use(NamedTuple):
    """A measure that one phase of an experiment reads, from one day since exposure on and before another.

    The days from 0 on are kept one by one; a pre-period, which starts below 0 and stops at 0, as one sum.
    """

    experiment: str
    phase: int
    unit_type: str
    measure: str
    start: int
    stop: int


def exposure_days(exposures: ir.Table) -> ir.Table:
    """Return the earliest exposure of the day per experiment, phase, unit, variant and whether it was forced."""
    keys = ["experiment", "phase", "unit", "variant", "forced", "day"]
    # Of several exposures at one instant, the first attributes in order of text: any order of loading agrees.
    instants = exposures.group_by([*keys, "at"]).agg(attributes=exposures.attributes.min())
    return instants.group_by(keys).agg(at=instants["at"].min(), attributes=instants.attributes.argmin(instants["at"]))


def once(events: ir.Table) -> ir.Table:
    """Return each event of the day once, whatever a client's retries have doubled."""
    keys = ["id", "unit_type", "unit", "day"]
    columns = ("name", "at", "value", "properties")
    return events.group_by(keys).agg(**{c: events[c].min() for c in columns}).drop("id")


def labelled(events: ir.Table, measures: Iterable[Measure]) -> ir.Table:
    """Return the events that each measure counts, one row for each; `events` are distinct. There is a measure."""
    columns = ["unit_type", "unit", "at", "value", "day"]
    parts = [_matching(events, m).select(columns).mutate(measure=ibis.literal(m.id)) for m in measures]
    return reduce(lambda a, b: a.union(b), parts)


def unit_days(events: ir.Table) -> ir.Table:
    """Return count and sum per measure and unit of the day; `events` are labelled."""
    return _totals(events, ["measure", "unit_type", "unit", "day"])


def entry_days(arms: Sequence[Arm], exposures: ir.Table, earlier: ir.Table) -> ir.Table:
    """Return the time of each unit's first exposure in a phase of an experiment, if that is today, while units enrol.

    `exposures` are the exposure_days of today, `earlier` the entry_days of all days before.
    """
    keys = ["experiment", "phase", "unit"]
    e = exposures.filter(~exposures.forced).join(_table(arms, Arm), ["experiment", "phase", "variant"])
    enrolled = e.filter(e.day.between(e.first_day, e.last_day))
    return enrolled.group_by([*keys, "day"]).agg(at=lambda t: t["at"].min()).anti_join(earlier, keys)


def outcome_days(
    day: int, uses: Sequence[Use], *, entries: ir.Table, events: ir.Table, units: ir.Table
) -> ir.Table:
    """Return what the units of each experiment did today, by measure and days since their exposure.

    On the day of the exposure that is what they did from it on, events at its own time included, and, as a negative
    offset of so many days, what they had done in the pre-period. `entries` are the entry_days of the longest window up
    to today, `events` those of today, labelled, and `units` the unit_days from the longest pre-period to today.
    """
    wanted = _table(uses, Use)
    met = entries.rename(entered="at", entered_day="day")
    new, after = met.filter(met.entered_day == day), wanted.filter(wanted.start == 0)
    parts = [
        _first_day(new, events, after),
        _later(met.filter(met.entered_day < day), units.filter(units.day == day), after),
        _before(new, units.filter(units.day < day), wanted.filter(wanted.start < 0)),
    ]
    return reduce(lambda a, b: a.union(b.select(a.columns)), parts).mutate(day=ibis.literal(day).cast("int32"))


def total_days(
    entered: int, ordered: Sequence[Window], *, entries: ir.Table, first: ir.Table, later: ir.Table, day: int
) -> ir.Table:
    """Return each window's total, in this order, of units that entered on one day and whose last window ends today.

    `entries` are the entry_days and `first` the outcome_days of the day `entered`, pre-periods among these; `later` are
    the unit_days since then, of the experiments' unit type. A unit that did nothing has no row.
    """
    keys = ["experiment", "phase", "unit"]
    begun = first.filter(first.offset <= 0)  # that day's own, not of those who entered before
    # What a unit did after its first day is the same for all its experiments, and is added up once.
    mine = later.join(entries.select("unit").distinct(), "unit")
    since = mine.mutate(offset=mine.day - entered, active_days=_days(1))
    after = entries.select(keys).join(_windows(since, ["unit"], ordered), "unit")
    both = _windows(begun, keys, ordered).union(after)
    found = both.group_by(keys).agg(**{f"s{i}": both[f"s{i}"].sum() for i in range(len(ordered))})
    return found.select(
        *keys, windows=ibis.literal(mark(ordered)), totals=ibis.array([found[f"s{i}"] for i in range(len(ordered))]),
        day=ibis.literal(day).cast("int32"),
    )  # fmt: skip


def _windows(done: ir.Table, keys: list[str], ordered: Sequence[Window]) -> ir.Table:
    mine = done.filter(done.measure.isin(sorted({w.measure for w in ordered})))
    return mine.group_by(keys).agg(**{f"s{i}": total(mine, w).fill_null(0.0) for i, w in enumerate(ordered)})


def _first_day(new: ir.Table, events: ir.Table, uses: ir.Table) -> ir.Table:
    # Added up before the uses are looked up. DuckDB joined every event with every use first, ten times the work.
    met = new.join(events, "unit")
    done = met.filter(met["at"] >= met.entered)
    every = _totals(done, ["experiment", "phase", "unit_type", "measure", "unit"])
    found = every.semi_join(uses, ["experiment", "phase", "unit_type", "measure"]).drop("unit_type")
    return found.mutate(offset=_days(0), active_days=_days(1))


def _later(entries: ir.Table, units: ir.Table, uses: ir.Table) -> ir.Table:
    met = entries.join(units, "unit").join(uses, ["experiment", "phase", "unit_type", "measure"])
    offset = met.day - met.entered_day
    return met.filter(offset < met.stop).select(
        "experiment", "phase", "measure", "unit", "n", "total", offset=offset.cast("int32"), active_days=_days(1)
    )


def _before(new: ir.Table, units: ir.Table, uses: ir.Table) -> ir.Table:
    met = new.join(units, "unit").join(uses, ["experiment", "phase", "unit_type", "measure"])
    done = met.filter(met.day - met.entered_day >= met.start)
    sums = {"n": done.n.sum().cast("int64"), "total": done.total.sum(), "active_days": done.count().cast("int32")}
    found = done.group_by(["experiment", "phase", "measure", "unit", "start"]).agg(**sums)
    return found.rename(offset="start")


def _days(number: int) -> ir.Value:
    return ibis.literal(number).cast("int32")


def _table(rows: Sequence[Arm] | Sequence[Use], kind: type[Arm] | type[Use]) -> ir.Table:
    types = {name: "int32" if of is int else "string" for name, of in kind.__annotations__.items()}
    columns = zip(*rows, strict=True) if rows else [()] * len(types)
    return ibis.memtable({n: list(c) for n, c in zip(types, columns, strict=True)}, schema=types)


def _matching(events: ir.Table, measure: Measure) -> ir.Table:
    chosen = events.filter(events.name == measure.event)
    for name, wanted in sorted(measure.where.items()):
        values = wanted if isinstance(wanted, tuple) else (wanted,)
        chosen = chosen.filter(is_one_of(chosen.properties, name, values))
    return chosen


def is_one_of(column: ir.StringValue, name: str, values: Iterable[Scalar]) -> ir.BooleanValue:
    """Return whether a property of a JSON text is one of these values, null where it is missing or of another type.

    JSON keeps text, numbers and booleans apart, and so does this.
    """
    item = property_of(column, name)
    return ibis.or_(*(_equals(item, v) for v in values))


def _equals(item: ir.JSONValue, value: Scalar) -> ir.BooleanValue:
    typed = item.bool if isinstance(value, bool) else item.str if isinstance(value, str) else item.float
    return typed == value


def property_of(column: ir.StringValue, name: str) -> ir.JSONValue:
    """Return one property of a JSON text by its own name, whatever characters that has."""
    return column.cast("json")[name]


def _totals(events: ir.Table, keys: list[str]) -> ir.Table:
    return events.group_by(keys).agg(n=events.count(), total=events.value.sum().fill_null(0.0))
