"""Events that come late, doubled, out of order and restated, and the comparison of what is made of them with raw rows."""

import random
from datetime import timedelta
from typing import Any

import ibis.expr.operations as ops
from happenings import LAUNCHED, PLAN, Shop, arrive, assert_equal, happened, question
from msgspec.structs import replace
from uncapped import assert_alike

from experiments import rollup
from experiments.inbox.arrivals import Stored
from experiments.settings import Settings
from experiments.warehouse import Warehouse, full, warehouse
from experiments.warehouse.moments import cells, per_unit, query_of

DAYS = 2  # days after the launch, which is day 0
CUTOFF = LAUNCHED + timedelta(days=DAYS - 1)
ROLES = PLAN.splitlines()[4:7]
FEW = "goals: [{metric: per_visit, worthwhile: 0.02}]\nsecondary: [active, through, typical]"
SHORT = PLAN.replace("\n".join(ROLES), FEW)  # few metrics: days are rolled up faster


def agree(shop: Shop, settings: Settings, seed: int) -> None:
    """Let events arrive in disorder, rolling days up in between; then compare with the full query."""
    rng, frozen = random.Random(seed), shop[1]
    first = happened(rng, 40, 0, DAYS)
    restated = [restate(rng, s) for s in rng.choices(first, k=8)]
    late = first + rng.choices(first, k=8) + restated
    rng.shuffle(late)
    half = rng.randint(1, len(late) - 1)
    arrive(warehouse(settings), late[:half], "load-1")
    rollup.collect(settings, CUTOFF - timedelta(days=rng.randint(0, 1)))
    arrive(warehouse(settings), late[half:], "load-2")
    rollup.collect(settings, CUTOFF)
    lake = warehouse(settings)
    asked, keys = question(lake, frozen, CUTOFF), frozen.plan.metric_keys
    incremental = cells(asked, keys, units=lake.keep(per_unit(asked, list(keys))))
    assert {"outcome_days", "total_days"} <= {t.name for t in query_of(asked, [keys[0]]).op().find(ops.DatabaseTable)}
    recounted = full.cells(raw(lake, shop), frozen.plan.metric_keys)
    for key in frozen.plan.metric_keys:
        assert {variant for variant, _ in incremental[key]} == set(recounted[key]) != set()
        for (variant, _), cell in incremental[key].items():
            assert recounted[key][variant].waiting == cell.waiting
            assert_equal(recounted[key][variant].moments, cell.moments)
            assert_alike(recounted[key][variant], cell)


def restate(rng: random.Random, s: Stored) -> Stored:
    """The same id on the same day with other content: a source that corrects itself."""
    if s.experiment:
        return replace(s, at=s.at + rng.choice([0, 1, 60_000_000]))
    return replace(s, value=rng.choice([None, 1.25, 40.0]), properties={**s.properties, "currency": "EUR"})


def raw(lake: Warehouse, shop: Shop) -> full.Raw:
    def table(name: str) -> Any:
        return lake.table("production", name, [d for d in lake.days("production", name) if d <= CUTOFF])

    return full.Raw("checkout", shop[1], LAUNCHED, CUTOFF, table("exposures"), table("events"))
