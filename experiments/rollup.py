"""Rolls closed days up, again whenever what a day is made from has changed.

A day's fingerprint covers its raw files and the measures that need it. So late events, a retried load and a
metric added later are one case: the fingerprint differs, and the table is made again. What follows an exposure rests on
earlier days too: entries, outcomes and totals are made again when these change (docs/decisions/0019, 0037).
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property, reduce

from experiments.needs import Need, Needs, Shape, needs_of
from experiments.registry import Database, experiments
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse import rollup as tables
from experiments.warehouse.lake import day_of, number_of
from experiments.warehouse.tables import RAW

FORMAT = 2  # raise when a roll-up's meaning changes, and every day is made again


@dataclass(frozen=True)
class Work:
    """One environment of a warehouse that is being rolled up, and what its days are made of."""

    lake: Warehouse
    environment: str
    needs: Needs
    digests: dict[tuple[str, date], str] = field(default_factory=dict)

    def rows(self, table: str, days: Iterable[date]) -> tables.Table:
        """The rows of a table on these days."""
        return self.lake.table(self.environment, table, days)

    def made_of(self, table: str, days: Iterable[date]) -> list[str]:
        """A digest of each day's raw rows, which stay as they are while this goes on."""
        return [self._digest(table, day) for day in days]

    def rolled(self, table: str, day: date) -> str:
        """The fingerprint of a day's roll-up, once that day is done; "" where there is none."""
        if (table, day) not in self.digests:
            self.digests[table, day] = self.lake.rolled(self.environment, table, day) or ""
        return self.digests[table, day]

    def _digest(self, table: str, day: date) -> str:
        if (table, day) not in self.digests:
            self.digests[table, day] = digest(self.lake, self.environment, table, day)
        return self.digests[table, day]


def collect(settings: Settings, day: date | None = None, environment: str = "production") -> list[date]:
    """Roll up every day up to `day` (default: yesterday) whose inputs changed; return these days.

    A day that is not over may be rolled up, as an import does, but is not closed by it.
    Conflict while another process writes to the lake.
    """
    db = Database(settings.registry)
    yesterday = datetime.now(UTC).astimezone(settings.zone).date() - timedelta(days=1)
    through = day or yesterday
    needs = needs_of(experiments.listing(db))
    with lease(db, "lake"):
        work = Work(warehouse(settings), environment, needs)
        changed = [d for d in days_of(work.lake, environment, through) if roll_up(work, d)]
        work.lake.close(environment, min(through, yesterday))
        work.lake.publish()
    return changed


def outdate(settings: Settings, first: date, last: date, environment: str = "production") -> None:
    """Let the next collect roll these days up again, changed or not. Conflict while another process writes."""
    with lease(Database(settings.registry), "lake"):
        lake = warehouse(settings)
        lake.outdate(environment, first, last)
        lake.publish()


def closed_through(lake: Warehouse, environment: str = "production") -> date | None:
    """Return the last day up to which everything is rolled up."""
    return lake.closed_through(environment)


def days_of(lake: Warehouse, environment: str, through: date) -> list[date]:
    """Return the days that have raw rows, in order; none of which rows were dropped, as its totals stay as they are."""
    raw = {d for table in RAW for d in lake.days(environment, table)}
    return sorted(d for d in raw if d <= through and not dropped(lake, environment, d))


def dropped(lake: Warehouse, environment: str, day: date) -> bool:
    """Whether raw rows of this day were dropped."""
    return any(lake.rolled(environment, table, day) for table in RAW)


def digest(lake: Warehouse, environment: str, table: str, day: date) -> str:
    """Return a digest of a day's raw rows; where they were dropped, of what they were."""
    return lake.rolled(environment, table, day) or _hash(lake.sources(environment, table, day))


def roll_up(work: Work, day: date) -> bool:
    """Make the day's tables where their fingerprint changed, after those of all earlier days; say whether any was."""
    with ExitStack() as after:
        after.callback(work.lake.settle)  # also after an error: whoever has the lease next must not be written over
        kept = _Kept(work, day, after)
        made = [
            _exposures(work, day), _units(work, day, kept), _entries(work, day), _outcomes(work, day, kept),
            _totals(work, day), _singly(work, day, kept),
        ]  # fmt: skip
    return any(made)


class _Kept:
    """The day's events without those sent again: worked out when first asked for, and let go with the day."""

    def __init__(self, work: Work, day: date, after: ExitStack) -> None:
        self._work, self._day, self._after = work, day, after

    def labelled(self, needs: list[Need]) -> tables.Rows:
        """The events of these needs' measures, one row for each measure that counts it; None without needs."""
        if not needs:  # asked of every past day each night, and must cost nothing
            return None
        measures = {n.measure.id: n.measure for n in needs}
        # Not kept: to pick a measure's events out anew takes less than to write them down.
        return tables.labelled(self._once, [measures[k] for k in sorted(measures)])

    @cached_property
    def _once(self) -> tables.Table:
        kept = self._work.lake.keep(tables.once(self._work.rows("events", [self._day])))
        self._after.callback(self._work.lake.let_go, kept)
        return kept


def _exposures(work: Work, day: date) -> bool:
    def make() -> tables.Rows:
        return tables.exposure_days(work.rows("exposures", [day]))

    return _replace(work, "exposure_days", day, made_from=work.made_of("exposures", [day]), make=make)


def _units(work: Work, day: date, kept: _Kept) -> bool:
    needs = work.needs.on(day)
    made_from = [*work.made_of("events", [day]), *sorted({n.measure.id for n in needs})]

    def make() -> tables.Rows:
        rows = kept.labelled(needs)
        return None if rows is None else tables.unit_days(rows)

    return _replace(work, "unit_days", day, made_from=made_from, make=make)


def _entries(work: Work, day: date) -> bool:
    arms = work.needs.arms_on(day)
    exposed = _since(day, _first(arms, day))
    made_from = [*work.made_of("exposures", exposed), json.dumps(arms)]

    def make() -> tables.Rows:
        if not arms:
            return None
        earlier = work.rows("entry_days", exposed[1:])
        return tables.entry_days(arms, work.rows("exposure_days", [day]), earlier)

    return _replace(work, "entry_days", day, made_from=made_from, make=make)


def _outcomes(work: Work, day: date, kept: _Kept) -> bool:
    needs, arms = work.needs.on(day), work.needs.arms_on(day)
    uses = sorted({n.use for n in needs})
    before = _since(day, day + timedelta(days=min((u.start for u in uses), default=0)))
    exposed = _since(day, _first(arms, day))
    made_from = [*work.made_of("exposures", exposed), *work.made_of("events", before), json.dumps([arms, uses])]

    def make() -> tables.Rows:
        rows = kept.labelled(needs) if arms else None
        if rows is None:
            return None
        entries = work.rows("entry_days", exposed[: max(u.stop for u in uses)])
        units = work.rows("unit_days", before)
        return tables.outcome_days(number_of(day), uses, entries=entries, events=rows, units=units)

    return _replace(work, "outcome_days", day, made_from=made_from, make=make)


def _totals(work: Work, day: date) -> bool:
    """Totals of units whose last window ends today, so that no look adds them up again."""
    over = work.needs.over_on(day)
    rests_on = _since(day, day - timedelta(days=max((shape.days for shape in over), default=1) - 1))
    made_from = [json.dumps(list(over.items())), *(work.rolled("outcome_days", d) for d in rests_on)]

    def make() -> tables.Rows:
        parts = [_total(work, day, shape, keys) for shape, keys in over.items()]
        return reduce(lambda a, b: a.union(b), parts) if parts else None

    return _replace(work, "total_days", day, made_from=made_from, make=make)


def _total(work: Work, day: date, shape: Shape, keys: list[str]) -> tables.Table:
    entry = day - timedelta(days=shape.days - 1)
    entries, units = work.rows("entry_days", [entry]), work.rows("unit_days", _since(day, entry)[:-1])
    first = work.lake.table(work.environment, "outcome_days", [entry], keys)
    return tables.total_days(
        number_of(entry), shape.ordered,
        entries=entries.filter(entries.experiment.isin(keys) & (entries.phase == shape.phase)),
        first=first.filter(first.experiment.isin(keys) & (first.phase == shape.phase)),
        later=units.filter(units.unit_type == shape.unit_type), day=number_of(day),
    )  # fmt: skip


def _first(arms: list[tables.Arm], day: date) -> date:
    """The day on which the first of these experiments began."""
    return min((day_of(a.first_day) for a in arms), default=day)


def _since(day: date, first: date) -> list[date]:
    """The days from the first to this one."""
    return [day - timedelta(days=i) for i in range((day - first).days + 1)]


def _singly(work: Work, day: date, kept: _Kept) -> bool:
    needs = work.needs.on(day, singly=True)
    made_from = [*work.made_of("events", [day]), *sorted({n.measure.id for n in needs})]
    return _replace(work, "unit_events", day, made_from=made_from, make=lambda: kept.labelled(needs))


def _replace(work: Work, table: str, day: date, *, made_from: list[str], make: Callable[[], tables.Rows]) -> bool:
    fingerprint = _hash([str(FORMAT), table, *made_from])
    if work.lake.rolled(work.environment, table, day) == fingerprint:
        return False
    rows = make()
    if rows is not None:
        work.lake.replace(work.environment, table, day, fingerprint, rows)
        work.digests[table, day] = fingerprint
    return rows is not None


def _hash(texts: list[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()[:24]
