"""The query that one would write by hand for one experiment: from raw rows to the moments of ten metrics, in DuckDB.

It gives what our roll-ups and moments give. Experiment platforms that work from the warehouse run one like it for
each experiment and each refresh, over all its days.
"""

from collections.abc import Sequence
from datetime import date
from itertools import combinations_with_replacement
from pathlib import Path

import duckdb

from benchmarks.pipeline_world import AFTER, LAUNCHED
from experiments.warehouse.lake import Lake, number_of

METRICS = {
    "revenue": ("y", "pre"), "orders": ("y", "pre"), "ordered": ("y",), "ordered_week": ("y",), "visits": ("y", "pre"),
    "minutes": ("y",), "carts": ("y",), "basket": ("y", "d"), "per_visit": ("y", "d"), "put_by": ("y",),
}  # fmt: skip

# A client's retry doubles rows; whoever trusts that none did reads the events as they are.
ONCE = """
    select id, unit_type, unit, day, min(name) as name, min("at") as "at", min(value) as value,
           min(properties) as properties
    from events group by id, unit_type, unit, day"""
TRUSTED = "select * from events"

QUERY = """
with events as (from read_parquet({events}, hive_partitioning = false)),
once as ({once}),
met as (
    select unit, min("at") as entered_at, arg_min(variant, "at") as variant, min(day) as entered
    from read_parquet({exposures}, hive_partitioning = false)
    where experiment = '{experiment}' and phase = 1 and not forced
    group by unit having min(variant) = max(variant) and min(day) between {launched} and {enrols_until}
),
done as (
    select once.unit, once.day - met.entered as since, name, value, properties ->> 'currency' = 'EUR' as euros
    from once join met on once.unit = met.unit
    where unit_type = 'user' and (once.day < met.entered or once."at" >= met.entered_at)
        and once.day - met.entered between -7 and 6
),
sums as (
    select unit,
        sum(value) filter (name = 'order' and euros and since >= 0) as revenue,
        sum(value) filter (name = 'order' and euros and since < 0) as revenue_pre,
        count(*) filter (name = 'order' and since >= 0) as orders,
        count(*) filter (name = 'order' and since < 0) as orders_pre,
        count(*) filter (name = 'order' and since = 0) as orders_day,
        count(*) filter (name = 'visit' and since >= 0) as visits,
        count(*) filter (name = 'visit' and since < 0) as visits_pre,
        sum(value) filter (name = 'visit' and since >= 0) as minutes,
        count(*) filter (name = 'cart' and since between 0 and 2) as carts,
        count(*) filter (name = 'cart' and since >= 0) as carts_week
    from done group by unit
),
totals as (
    select variant, entered, coalesce(columns(sums.* exclude (unit)), 0)
    from met left join sums on met.unit = sums.unit
),
shaped as (
    select variant,
        case when entered <= {week} then least(revenue, 300.0) end as revenue_y,
        least(revenue_pre, 300.0) as revenue_pre,
        case when entered <= {week} then orders end as orders_y, orders_pre,
        case when entered <= {cutoff} then (orders_day > 0)::int end as ordered_y,
        case when entered <= {week} then (orders > 0)::int end as ordered_week_y,
        case when entered <= {week} then visits end as visits_y, visits_pre,
        case when entered <= {week} then minutes end as minutes_y,
        case when entered <= {cutoff} - 2 then carts end as carts_y,
        case when entered <= {week} then revenue end as basket_y, orders as basket_d,
        case when entered <= {week} then orders end as per_visit_y, visits as per_visit_d,
        case when entered <= {week} then (carts_week > 0)::int end as put_by_y
    from totals
)
select variant, {moments} from shaped group by variant order by variant desc
"""


def by_hand(
    connection: duckdb.DuckDBPyConnection, lake: Path, experiment: str, cutoff: date, *, trusting: bool = False
) -> list[tuple[float, ...]]:
    """Return one row per variant, control first: of each metric n, its means, its variances and covariance."""
    last = number_of(cutoff)
    query = QUERY.format(
        events=_files(lake, "events", cutoff), exposures=_files(lake, "exposures", cutoff),
        once=TRUSTED if trusting else ONCE, experiment=experiment, launched=number_of(LAUNCHED),
        enrols_until=number_of(LAUNCHED) + AFTER - 1, cutoff=last, week=last - 6,
        moments=", ".join(_moments(key, names) for key, names in METRICS.items()),
    )  # fmt: skip
    return [row[1:] for row in connection.execute(query).fetchall()]


def _moments(key: str, names: Sequence[str]) -> str:
    """Only rows whose y is there count, so the other columns are taken where it is."""
    at = f"filter ({key}_y is not null)"
    means = [f"avg({key}_{name}) {at}" for name in names]
    pairs = [f"covar_samp({key}_{a}, {key}_{b}) {at}" for a, b in combinations_with_replacement(names, 2)]
    return ", ".join([f"count({key}_y)", *means, *pairs])


def _files(lake: Path, table: str, cutoff: date) -> list[str]:
    days = Lake(lake).manifest.of("production", table)
    return [str(lake / path) for day, paths in sorted(days.items()) if day <= cutoff.isoformat() for path in paths]
