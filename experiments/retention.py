"""Drops raw exposures and events once they are older than an installation keeps them; their daily totals stay for good.
And what registry and inbox need no more: ended sessions, old counts.

A day that was dropped is never rolled up again: its totals could only become less than they were (decision 0018).
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from experiments import rollup
from experiments.errors import Conflict
from experiments.inbox import Inbox
from experiments.inbox import tidying as waiting
from experiments.needs import needs_of
from experiments.registry import Database, experiments, log, metrics, tidying
from experiments.registry.keys import ENVIRONMENT, ENVIRONMENTS
from experiments.registry.leases import lease
from experiments.settings import Settings
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse.lake import day_of
from experiments.warehouse.tables import RAW


def drop(settings: Settings, now: datetime | None = None) -> list[date]:
    """Drop the raw rows that are older than `keep_raw_days` and that nothing may need; return their days.

    Nothing where it is not set. What came late is rolled up before its day goes. Conflict while another process writes.
    """
    if settings.keep_raw_days is None:
        return []
    db, today = Database(settings.registry), (now or datetime.now(UTC)).astimezone(settings.zone).date()
    with lease(db, "lake"):
        lake = warehouse(settings)
        last = min(_bounds(db, lake, today, settings.keep_raw_days))
        work = rollup.Work(lake, ENVIRONMENT, needs_of(experiments.listing(db)))
        for day in rollup.days_of(lake, ENVIRONMENT, last):
            rollup.roll_up(work, day)
        gone = sorted({day for e in ENVIRONMENTS for day in _dropped(lake, e, last)})
        lake.publish()
    _tell(db, gone, settings.keep_raw_days)
    return gone


def tidy(settings: Settings, now: datetime | None = None) -> dict[str, int]:
    """Remove rows of registry and inbox that nothing needs any more; return how many from each table."""
    at = now or datetime.now(UTC)
    gone = waiting.tidy(Inbox(settings.inbox), at, settings.keep_raw_days)
    return tidying.tidy(Database(settings.registry), at, gone)


def refuse(lake: Warehouse, first: date, last: date, why: str) -> None:
    """Conflict if raw rows of these days were dropped; `why` says what would need them, and what to do."""
    days = (first + timedelta(days=i) for i in range((last - first).days + 1))
    gone = next((d for d in days if rollup.dropped(lake, ENVIRONMENT, d)), None)
    if gone is not None:
        raise Conflict(f"the raw events of {gone} were dropped, as KEEPERS_KEEP_RAW_DAYS says. {why}")


def _bounds(db: Database, lake: Warehouse, today: date, keep: int) -> Iterator[date]:
    """Last days that each of these allows: the setting, the roll-up, a launch today, and what is not decided yet."""
    yield today - timedelta(days=keep + 1)
    yield lake.closed_through(ENVIRONMENT) or date.min
    longest_before = max((m.pre_days for m in metrics.catalog(db).metrics.values()), default=0)
    yield today - timedelta(days=longest_before + 1)
    for need in needs_of(e for e in experiments.listing(db) if e.state != "decided").each:
        yield day_of(need.first) - timedelta(days=1)


def _dropped(lake: Warehouse, environment: str, last: date) -> Iterator[date]:
    """Drop what an environment has up to this day, each day with a digest of what it was."""
    days = {d for table in RAW for d in lake.days(environment, table) if d <= last}
    for day in sorted(d for d in days if any(lake.sources(environment, table, d) for table in RAW)):
        for table in RAW:
            lake.drop(environment, table, day, rollup.digest(lake, environment, table, day))
        yield day


def _tell(db: Database, gone: list[date], keep: int) -> None:
    if gone:
        text = f"Raw events of {len(gone)} days, {gone[0]} to {gone[-1]}, were dropped: they are kept for {keep} days."
        with db.begin() as session:
            log.add(session, who="keepers", kind="retention", text=text)
