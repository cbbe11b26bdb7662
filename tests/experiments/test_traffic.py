"""Who comes, counted in a real lake: each unit once, on the first day that the last 28 closed ones show it."""

import json
import random
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from experiments.errors import DefinitionError, NotReady
from experiments.plan import Holdout, Layer, Plan
from experiments.plan_file import read_plan
from experiments.planning import traffic
from experiments.planning.traffic import Traffic
from experiments.reached import entering
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES

FIRST, CLOSED = date(2026, 9, 1), date(2026, 9, 30)
pytestmark = pytest.mark.slow

CATALOG = """
measures: {orders: {event: purchase}}
metrics: {ordered: {kind: proportion, measure: orders, window_days: 1}}
"""
PLAN = """
key: KEY
unit: UNIT
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.05}]
"""


def exposure(unit: str, day: date, experiment: str = "button", **changes: Any) -> tuple[str, date, dict[str, Any]]:
    row = {
        "id": f"x-{unit}-{day}", "experiment": experiment, "phase": 1, "unit": unit, "variant": "control", "at": 0,
        "day": number_of(day), "attributes": "{}", "forced": False, "received": 0,
    }  # fmt: skip
    return "exposures", day, {**row, **changes}


def event(unit: str, day: date, unit_type: str = "user") -> tuple[str, date, dict[str, Any]]:
    row = {
        "id": f"e-{unit}-{day}", "name": "view", "unit_type": unit_type, "unit": unit, "at": 0, "day": number_of(day),
        "value": 1.0, "properties": "{}", "received": 0,
    }  # fmt: skip
    return "events", day, row


def fill(home: Any, rows: list[tuple[str, date, dict[str, Any]]], closed: date = CLOSED) -> None:
    lake = Lake(home.settings.lake)
    for table, day in {(t, d) for t, d, _ in rows}:
        chosen = [r for t, d, r in rows if (t, d) == (table, day)]
        lake.append("production", table, day, "test", pa.Table.from_pylist(chosen, schema=TABLES[table]))
    lake.manifest.closed["production"] = closed.isoformat()
    lake.publish()


def launched(home: Any, key: str = "button", unit: str = "user") -> Plan:
    found: Plan = home.launched(
        CATALOG, PLAN.replace("KEY", key).replace("UNIT", unit), datetime(2026, 9, 1, tzinfo=UTC)
    ).plan
    return found


def visits(days: int = 30, people: int = 300) -> list[tuple[str, date]]:
    """Some come often and some seldom."""
    rng = random.Random(3)
    often = [rng.random() ** 2 for _ in range(people)]
    return [(f"u{u}", FIRST + timedelta(d)) for d in range(days) for u in range(people) if rng.random() < often[u]]


def test_each_unit_counts_on_the_first_of_28_closed_days_that_shows_it(home: Any) -> None:
    plan = launched(home)
    launched(home, "elsewhere", "device")
    seen = visits(33)  # three days after the last closed one, and two before the 28
    rows = [exposure(u, d) if i % 3 else event(u, d) for i, (u, d) in enumerate(seen)]
    strangers = [
        event("d1", CLOSED, "device"), exposure("d2", CLOSED, "elsewhere"), exposure("f", CLOSED, forced=True),
    ]  # fmt: skip
    fill(home, [*rows, *rows[:50], *strangers])
    first: dict[str, date] = {}
    for unit, day in sorted(seen, key=lambda v: v[1]):
        if CLOSED - timedelta(27) <= day <= CLOSED:
            first.setdefault(unit, day)
    wanted = Counter(first.values())
    found = traffic.measured(home.settings, home.db, plan)
    assert found.new == tuple(wanted[CLOSED - timedelta(27 - i)] for i in range(28))
    assert (found.source, found.until, found.targeted) == ("lake", CLOSED, 1.0)
    assert found.new[0] > 3 * found.new[-1]


def test_targeting_takes_the_share_of_those_whose_attribute_is_known(home: Any) -> None:
    plan = launched(home)
    countries = ["DE", "DE", "AT", None]
    rows = [
        exposure(f"u{i}", FIRST + timedelta(i % 30), attributes=json.dumps({"country": countries[i % 4], "n": i}))
        for i in range(800)
    ]
    fill(home, rows)

    def targeted(**condition: Any) -> Traffic:
        return traffic.measured(home.settings, home.db, plan.model_copy(update={"targeting": condition}))

    german = targeted(country={"$in": ["DE", "CH"]})
    assert german.targeted == pytest.approx(2 / 3, abs=0.01)
    assert german.enrolled(plan, 7) == pytest.approx(np.array(german.new[:7]) * german.targeted)
    unknown = targeted(**{"$or": [{"country": "DE"}, {"plan": "pro"}]})
    assert (unknown.targeted, unknown.known) == (None, 0)
    assert unknown.enrolled(plan, 7) == pytest.approx(unknown.new[:7])


def test_coverage_layer_and_holdout_each_let_in_a_share() -> None:
    plan = read_plan(PLAN.replace("KEY", "k").replace("UNIT", "user"))
    layer = Layer.model_validate({"name": "l", "salt": "s", "from": 0.25, "to": 0.75})
    narrow = plan.model_copy(update={"coverage": 0.5, "layer": layer, "holdout": Holdout(name="h", salt="s", share=0.1)})
    assert entering(narrow) == pytest.approx(0.5 * 0.5 * 0.9)
    assert traffic.stated(1000).enrolled(narrow, 3) == pytest.approx([225.0] * 3)


def test_beyond_the_days_counted_new_units_follow_the_power_of_the_last_weeks() -> None:
    """The counted curve has the sum of its first d days as d^0.6: the projection goes on along it."""
    total = 1e5 * np.arange(0, 85.0) ** 0.6
    counted = Traffic("lake", tuple(np.diff(total)[:28]))
    assert counted.daily(28) == pytest.approx(np.diff(total)[:28])
    assert counted.daily(84).sum() == pytest.approx(total[84], rel=0.02)
    assert (np.diff(counted.daily(84)[35::7]) < 0).all()
    growing = Traffic("lake", tuple(float(d) for d in range(1, 29)))
    assert growing.daily(35)[28:].tolist() == list(growing.new[21:])  # never a growth that is only hoped for


def test_without_two_weeks_in_the_lake_the_busiest_experiment_tells_and_without_one_the_person(home: Any) -> None:
    plan = launched(home)
    fill(home, [event(u, d) for u, d in visits(10)], FIRST + timedelta(9))
    with pytest.raises(NotReady, match=r"fewer than 14 full days.*--units-a-day"):
        traffic.measured(home.settings, home.db, plan)
    with pytest.raises(DefinitionError, match="0 new units a day"):
        traffic.stated(0)


def test_nobody_in_the_last_week_is_no_traffic(home: Any) -> None:
    plan = launched(home)
    fill(home, [event(u, d) for u, d in visits(14)], CLOSED)
    with pytest.raises(NotReady):
        traffic.measured(home.settings, home.db, plan)
