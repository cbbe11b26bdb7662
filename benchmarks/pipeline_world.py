"""A made-up business of any size, written as loads write it: raw Parquet files by day, and launched experiments.

Everything follows from row numbers by hashing, so the same size is always the same data.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from experiments import lifecycle
from experiments.inbox import Inbox
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, metrics
from experiments.settings import Settings
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of

FIRST = date(2026, 1, 5)
BEFORE, AFTER = 7, 14  # days of events before the launch, and from it on
FILE_ROWS = 1_000_000
MICROS = 86_400_000_000

CATALOG = """
measures:
  visits: {event: visit}
  minutes: {event: visit, aggregate: sum}
  carts: {event: cart}
  orders: {event: order}
  revenue: {event: order, aggregate: sum, where: {currency: EUR}}
metrics:
  revenue: {kind: mean, measure: revenue, window_days: 7, pre_days: 7, cap: 300}
  orders: {kind: mean, measure: orders, window_days: 7, pre_days: 7}
  ordered: {kind: proportion, measure: orders, window_days: 1}
  ordered_week: {kind: proportion, measure: orders, window_days: 7}
  visits: {kind: mean, measure: visits, window_days: 7, pre_days: 7}
  minutes: {kind: mean, measure: minutes, window_days: 7}
  carts: {kind: mean, measure: carts, window_days: 3}
  basket: {kind: ratio, measure: revenue, denominator: orders, window_days: 7}
  per_visit: {kind: ratio, measure: orders, denominator: visits, window_days: 7}
  put_by: {kind: proportion, measure: carts, window_days: 7}
"""
PLAN = """
key: {key}
variants: [{{key: control, weight: 0.5}}, {{key: blue, weight: 0.5}}]
goals: [{{metric: revenue, worthwhile: 0.02}}, {{metric: orders, worthwhile: 0.02}}]
guardrails: [{{metric: ordered, margin: 0.02}}, {{metric: visits, margin: 0.02}}, {{metric: basket, margin: 0.05}}]
secondary: [ordered_week, minutes, carts, per_visit, put_by]
enrol_days: 14
"""

# One row in a thousand is the row before it, sent again.
EVENTS = """
with drawn as (
    select *, hash(j, {day}) as h, hash(j, {day}, 7) as g
    from (select i - (i % 1000 = 999)::int as j from range({start}, {stop}) r(i))
)
select md5('event-{day}-' || j) as id, case when h % 20 < 13 then 'visit' when h % 20 < 17 then 'cart' else 'order' end
    as name, 'user' as unit_type, 'user-' || (g % {units}) as unit, {midnight} + (hash(h) % {micros})::bigint as "at",
    {day}::int as day, round(exp(2 + (g // 1000 % 1000000) / 400000.0), 2) as value,
    case when h % 20 < 17 then '{{}}' when h // 32 % 3 = 0 then '{{"currency":"USD"}}' else '{{"currency":"EUR"}}' end
    as properties, "at" as received
from drawn
"""

# Every experiment holds the units of one residue; one unit in a thousand meets the other variant some of the time.
EXPOSURES = """
with drawn as (
    select e, i, hash(i, {day}, e) as h, {stride} * (h % {members}) + e % {stride} as u, hash(u, e) as v
    from range({start}, {stop}) r(i), range({experiments}) x(e)
)
select md5('exposure-{day}-' || e || '-' || i) as id, 'experiment-' || e as experiment, 1::int as phase,
    'user-' || u as unit, case when (v % 2 = 0) != (v % 1000 = 1 and h % 3 = 0) then 'control' else 'blue' end
    as variant, {midnight} + (hash(h) % {micros})::bigint as "at", {day}::int as day,
    case when v // 8 % 2 = 0 then '{{"country":"AT"}}' else '{{"country":"PT"}}' end as attributes,
    false as forced, "at" as received
from drawn
"""


@dataclass(frozen=True)
class World:
    """How much there is: units, events over all days, experiments; each holds one unit in `stride`."""

    units: int
    events: int
    experiments: int = 1
    stride: int = 1

    @property
    def days(self) -> list[date]:
        """All days, those before the launch first."""
        return [FIRST + timedelta(days=i) for i in range(BEFORE + AFTER)]

    @property
    def keys(self) -> list[str]:
        """The experiments."""
        return [f"experiment-{i}" for i in range(self.experiments)]


LAUNCHED = FIRST + timedelta(days=BEFORE)


def installation(home: Path, world: World) -> Settings:
    """Make an installation whose lake holds the world's raw rows, not rolled up, and launch its experiments."""
    settings = Settings.load({"KEEPERS_HOME": str(home)})
    db = Database(settings.registry)
    db.migrate()
    Inbox(settings.inbox).migrate()
    metrics.apply(db, read_catalog(CATALOG), "benchmark")
    for key in world.keys:
        lifecycle.save(db, read_plan(PLAN.format(key=key)), "benchmark")
        lifecycle.launch(db, key, "benchmark", at=datetime(LAUNCHED.year, LAUNCHED.month, LAUNCHED.day, tzinfo=UTC))
    _fill(settings, world)
    return settings


def _fill(settings: Settings, world: World) -> None:
    lake = Lake(settings.lake)
    with duckdb.connect() as connection:
        for day in world.days:
            _write(lake, connection, "events", day, world, rows=world.events // len(world.days), text=EVENTS)
            if day >= LAUNCHED:  # a member is exposed on one day in ten
                rows = world.units // world.stride // 10
                _write(lake, connection, "exposures", day, world, rows=rows, text=EXPOSURES)
    lake.publish()


def _write(
    lake: Lake, connection: duckdb.DuckDBPyConnection, table: str, day: date, world: World, *, rows: int, text: str
) -> None:
    """Write the day's rows in files of at most about a million."""
    each = FILE_ROWS // (world.experiments if table == "exposures" else 1)
    number = number_of(day)
    for start in range(0, rows, each):
        query = text.format(
            start=start, stop=min(start + each, rows), day=number, midnight=number * MICROS, micros=MICROS,
            units=world.units, members=world.units // world.stride, stride=world.stride, experiments=world.experiments,
        )  # fmt: skip
        lake.append("production", table, day, f"load-{start}", connection.execute(query).to_arrow_table())
