"""Rolls closed days up, again whenever what a day is made from has changed.

A day's fingerprint covers its raw files and the measures that need it. So late events, a retried load and a
metric added later are one case: the fingerprint differs, and that day alone is made again.
"""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from experiments.catalog import Measure
from experiments.plan import FrozenPlan
from experiments.registry import Database, experiments
from experiments.registry.experiments import Experiment
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse import rollup as tables

FORMAT = 1  # raise when a roll-up's meaning changes, and every day is made again


@dataclass(frozen=True)
class Need:
    """One measure that one launched experiment needs from a first day on, and until its horizon or decision.

    `singly` are those whose events are needed one by one, as well as or instead of their totals.
    """

    experiment: str
    phase: int
    unit: str
    measure: Measure
    since: date
    launched: date
    singly: bool = False

    @property
    def use(self) -> tables.Use:
        """The need as the roll-up of entry days takes it."""
        return self.experiment, self.phase, self.unit, self.measure.id


def collect(settings: Settings, day: date | None = None, environment: str = "production") -> list[date]:
    """Roll up every day up to `day` (default: yesterday) whose inputs changed; return these days.

    A day that is not over may be rolled up, as an import does, but is not closed by it.
    Conflict while another process writes to the lake.
    """
    db = Database(settings.registry)
    yesterday = datetime.now(UTC).astimezone(settings.zone).date() - timedelta(days=1)
    through = day or yesterday
    needs = [need for e in experiments.listing(db) if e.frozen for need in needs_of(e, e.frozen)]
    with lease(db, "lake"):
        lake = warehouse(settings)
        changed = [d for d in _days(lake, environment, through) if _roll_up(lake, environment, d, needs)]
        lake.close(environment, min(through, yesterday))
        lake.publish()
    return changed


def forget(settings: Settings, first: date, last: date, environment: str = "production") -> None:
    """Let the next collect roll these days up again, changed or not. Conflict while another process writes."""
    with lease(Database(settings.registry), "lake"):
        lake = warehouse(settings)
        lake.forget(environment, first, last)
        lake.publish()


def closed_through(lake: Warehouse, environment: str = "production") -> date | None:
    """Return the last day up to which everything is rolled up."""
    return lake.closed_through(environment)


def needs_of(experiment: Experiment, frozen: FrozenPlan) -> Iterable[Need]:
    """Yield each measure that the experiment needs, and since when: the pre-period begins before the launch."""
    launched = experiment.launched or date.max
    for definition in frozen.definitions.values():
        since = launched - timedelta(days=definition.metric.pre_days)
        for measure in definition.measures:
            yield Need(experiment.key, frozen.phase, frozen.plan.unit, measure, since, launched)
        for measure in definition.singly:
            yield Need(experiment.key, frozen.phase, frozen.plan.unit, measure, launched, launched, singly=True)


def _days(lake: Warehouse, environment: str, through: date) -> list[date]:
    raw = set(lake.days(environment, "exposures")) | set(lake.days(environment, "events"))
    return sorted(d for d in raw if d <= through)


def _roll_up(lake: Warehouse, environment: str, day: date, needs: list[Need]) -> bool:
    """Make the day's four tables where their fingerprint changed; say whether any was."""
    made = [roll(lake, environment, day, needs) for roll in (_exposures, _units, _entries, _events)]
    return any(made)


def _exposures(lake: Warehouse, environment: str, day: date, needs: list[Need]) -> bool:
    made_from = lake.sources(environment, "exposures", day)

    def make() -> tables.Rows:
        return tables.exposure_days(lake.table(environment, "exposures", [day]))

    return _replace(lake, environment, "exposure_days", day, made_from=made_from, make=make)


def _units(lake: Warehouse, environment: str, day: date, needs: list[Need]) -> bool:
    measures = _distinct(n.measure for n in needs if n.since <= day and not n.singly)
    made_from = [*lake.sources(environment, "events", day), *(m.id for m in measures)]

    def make() -> tables.Rows:
        return tables.unit_days(tables.once(lake.table(environment, "events", [day])), measures)

    return _replace(lake, environment, "unit_days", day, made_from=made_from, make=make)


def _entries(lake: Warehouse, environment: str, day: date, needs: list[Need]) -> bool:
    active = [n for n in needs if n.launched <= day and not n.singly]
    uses, measures = sorted({n.use for n in active}), _distinct(n.measure for n in active)
    sources = lake.sources(environment, "events", day) + lake.sources(environment, "exposures", day)
    made_from = [*sources, *(json.dumps(u) for u in uses)]

    def make() -> tables.Rows:
        events = tables.once(lake.table(environment, "events", [day]))
        first = tables.exposure_days(lake.table(environment, "exposures", [day]))
        return tables.entry_days(first, events, uses, measures)

    return _replace(lake, environment, "entry_days", day, made_from=made_from, make=make)


def _events(lake: Warehouse, environment: str, day: date, needs: list[Need]) -> bool:
    measures = _distinct(n.measure for n in needs if n.since <= day and n.singly)
    made_from = [*lake.sources(environment, "events", day), *(m.id for m in measures)]

    def make() -> tables.Rows:
        return tables.unit_events(tables.once(lake.table(environment, "events", [day])), measures)

    return _replace(lake, environment, "unit_events", day, made_from=made_from, make=make)


def _replace(
    lake: Warehouse, environment: str, table: str, day: date, *, made_from: list[str], make: Callable[[], tables.Rows]
) -> bool:
    fingerprint = hashlib.sha256(json.dumps([FORMAT, table, *made_from]).encode()).hexdigest()[:24]
    if lake.rolled(environment, table, day) == fingerprint:
        return False
    rows = make()
    if rows is not None:
        lake.replace(environment, table, day, fingerprint, rows)
    return rows is not None


def _distinct(measures: Iterable[Measure]) -> list[Measure]:
    return [m for _, m in sorted({m.id: m for m in measures}.items())]
