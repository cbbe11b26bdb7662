"""Every engine gives the answers of a plain recomputation of the raw events, through the one protocol."""

import random
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import replace as changed
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import uncapped
import vectors
from disorder import agree, drawn
from happenings import LAUNCHED, PLAN, Recomputed, Shop, arrive, assert_equal, happened, question
from happenings import shop as made_shop
from msgspec.structs import replace

from experiments import rollup
from experiments.errors import Conflict, DefinitionError, Unavailable
from experiments.forgetting import met
from experiments.inbox.loads import Waiting
from experiments.settings import Settings
from experiments.warehouse import Lake, Warehouse, warehouse
from experiments.warehouse.incoming import raw_tables
from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Question, Units, cells, counts, forced, per_unit
from experiments.warehouse.offsets import enrolment, unit_days
from experiments.warehouse.rollup import property_of
from experiments.warehouse.slices import slices
from experiments.warehouse.spreads import Part, Sum, spreads

pytestmark = pytest.mark.slow

Emptied = Callable[[Settings, str], Settings]
ENGINES = ["lake", "postgresql", "spark"]
CUTOFF = LAUNCHED + timedelta(days=2)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry with one experiment in its second phase."""
    yield from made_shop(tmp_path_factory.mktemp("shop"), PLAN)


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry; what runs in it is drawn with each seed."""
    yield from made_shop(tmp_path_factory.mktemp("drawing"), PLAN)


@pytest.mark.parametrize("engine", ["lake", "postgresql"])  # on Spark: the test after the next
def test_roll_ups_and_moments_are_those_of_the_raw_events(shop: Shop, emptied: Emptied, engine: str) -> None:
    (made, frozen), stored = shop, happened(random.Random(3), 120, -1, 3)
    settings = emptied(made, engine)
    arrive(warehouse(settings), stored, "load-1")
    assert len(rollup.collect(settings, CUTOFF)) >= 4
    assert rollup.collect(settings, CUTOFF) == []
    lake = warehouse(settings)
    asked, recomputed = question(lake, frozen, CUTOFF), Recomputed(frozen, stored, CUTOFF)
    assert {k: vars(c) for k, c in counts(asked).items()} == recomputed.counts()
    assert forced(asked) == recomputed.forced()
    by_value = slices(asked)["country"].values()
    assert [sum(n) for n in zip(*by_value, strict=True)] == [c["split"] for c in recomputed.counts().values()]
    units = lake.keep(per_unit(asked, list(frozen.plan.metric_keys)))
    by_country = cells(asked, frozen.plan.metric_keys, "country", units)
    everyone = cells(asked, ["through", "at_last"], units=units)
    for key, found in everyone.items():
        assert {variant: cell.steps for (variant, _), cell in found.items()} == recomputed.steps(key)
        assert sum(cell.steps[-1] for cell in found.values()) > 0
    uncapped.assert_uncapped(cells(asked, ["euros", "per_visit", "busy", "active"], units=units), recomputed)
    for key in frozen.plan.metric_keys:
        expected = recomputed.cells(key, segmented=True)
        assert set(by_country[key]) == set(expected)
        for place, (moments, waiting) in expected.items():
            assert by_country[key][place].waiting == waiting
            assert_equal(by_country[key][place].moments, moments)
    assert_spreads(asked, units, recomputed)


ODD_NAMES = ["plain", "cart.size", "$x", "/x", "~1", "0", 'a"b', "a'b", "", "*", "a\\b", "ä b", "[0]", "x]", "a:b"]
ODD_VALUES = ["text", "", "3", "it's \"so\" \\ ü", 3, -2.5, 0, 1e-7, 12345678901, True, False, None]


@pytest.mark.parametrize("engine", ENGINES)
def test_properties_are_read_alike_whatever_their_names_and_values(shop: Shop, emptied: Emptied, engine: str) -> None:
    stored = [
        replace(s, properties=dict.fromkeys(ODD_NAMES, value), id=f"p{i}")
        for i, (s, value) in enumerate(zip(_events(20), ODD_VALUES, strict=False))
    ]
    lake = warehouse(emptied(shop[0], engine))
    arrive(lake, stored, "load-1")
    t = lake.table("production", "events", lake.days("production", "events"))
    read = {}
    for i, name in enumerate(ODD_NAMES):
        item = property_of(t.properties, name)
        read |= {f"text_{i}": item.str, f"number_{i}": item.float, f"flag_{i}": item.bool}
    rows = {r["id"]: r for r in t.select("id", **read).to_pyarrow().to_pylist()}
    for i, value in enumerate(ODD_VALUES):
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else None
        for j in range(len(ODD_NAMES)):
            row = rows[f"p{i}"]
            assert row[f"text_{j}"] == (value if isinstance(value, str) else None)
            assert row[f"number_{j}"] == number
            assert row[f"flag_{j}"] is (value if isinstance(value, bool) else None)


@pytest.mark.parametrize("seed", range(3))
def test_incremental_equals_full_on_spark(drawing: Shop, emptied: Emptied, seed: int) -> None:
    settings = emptied(drawing[0], "spark")
    assert agree(settings, seed)
    if seed == 0:  # what DuckDB answers is held against raw events above
        lakes, (frozen, _), keys = (Lake(settings.lake), warehouse(settings)), drawn(seed), ["ratio", "retention"]
        asked = [question(lake, frozen, LAUNCHED + timedelta(days=1)) for lake in lakes]
        units = [lake.keep(per_unit(q, keys)) for lake, q in zip(lakes, asked, strict=True)]
        found = [spread(q, u, keys)[1] for q, u in zip(asked, units, strict=True)]
        np.testing.assert_allclose(found[1], found[0], rtol=1e-9)
        assert slices(asked[1]) == slices(asked[0]) != {}


def assert_spreads(asked: Question, units: Units, recomputed: Recomputed) -> None:
    """What units add over days varies as in their raw events, whatever the weights."""
    sums, found = spread(asked, units, ["per_visit", "active"])
    expected = [[recomputed.spread(s.metric, part) for part in s.parts] for s in sums]
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    assert np.all(np.array(found) > 0)


def spread(asked: Question, units: Units, keys: list[str]) -> tuple[list[Sum], list[tuple[float, float]]]:
    """Sums over days of two metrics, a ratio and another, and their variances."""
    rng = np.random.default_rng(8)
    places = [(keys[0], "blue"), (keys[0], "green"), (keys[1], "blue")]
    sums = [Sum(k, (Part("control", *rng.normal(size=(3, 2))), Part(v, *rng.normal(size=(3, 2))))) for k, v in places]
    return sums, spreads(asked, sums, unit_days(asked, keys, units), enrolment(asked, units))


def test_spark_assigns_every_vector(spark_cluster: str) -> None:
    from pyspark.sql import SparkSession

    session = SparkSession.builder.master(spark_cluster).appName("keepers").getOrCreate().newSession()
    for name, table in vectors.tables().items():
        session.createDataFrame(table).createOrReplaceTempView(name)
    vectors.check([tuple(row) for row in session.sql(vectors.query("spark")).collect()])


@pytest.mark.parametrize("engine", ["lake", "postgresql"])
def test_the_same_load_again_replaces_its_rows(shop: Shop, emptied: Emptied, engine: str) -> None:
    settings = emptied(shop[0], engine)
    for _ in range(2):
        arrive(warehouse(settings), _events(10), "load-1")
    lake = warehouse(settings)
    assert_apart(lake)
    assert len(ids(lake)) == 10
    (day, *_) = lake.days("production", "events")
    before = lake.sources("production", "events", day)
    arrive(lake, _events(10), "load-2")
    assert len(ids(lake)) == 20
    assert set(before) < set(warehouse(settings).sources("production", "events", day))


@pytest.mark.parametrize("engine", ["lake", "postgresql"])
def test_nothing_is_seen_before_it_is_published(shop: Shop, emptied: Emptied, engine: str) -> None:
    settings = emptied(shop[0], engine)
    writer, reader = warehouse(settings), warehouse(settings)
    arrive(writer, _events(4), "load-1")
    assert reader.days("production", "events") == [], "it sees the state in which it was made"
    write(writer, "load-2")
    assert len(ids(warehouse(settings))) == 4
    writer.close("production", CUTOFF)
    writer.close("production", CUTOFF - timedelta(days=1))
    writer.publish()
    assert len(ids(warehouse(settings))) == 5
    assert warehouse(settings).closed_through("production") == CUTOFF
    assert warehouse(settings).closed_through("staging") is None


def test_a_unit_is_erased_from_what_spark_reads(shop: Shop, emptied: Emptied) -> None:
    """On the lake and PostgreSQL tests/experiments/test_forgetting.py holds this for a whole installation."""
    settings = emptied(shop[0], "spark")
    arrive(warehouse(settings), happened(random.Random(5), 12), "load-1")
    lake = warehouse(settings)
    assert met(lake, "production", "a1") == {"checkout"}
    assert_apart(lake)
    assert min(lake.erase("production", table, "a1") for table in ("exposures", "events")) > 0
    for _ in range(2):
        lake.publish()
    lake = warehouse(settings)
    left = units(lake, "exposures") | units(lake, "events")
    assert left >= {"a2", "a4"}
    assert "a1" not in left


@pytest.mark.parametrize("engine", ["lake", "postgresql"])
def test_of_two_writers_the_slower_is_told_and_writes_nothing(shop: Shop, emptied: Emptied, engine: str) -> None:
    settings = emptied(shop[0], engine)
    slow = warehouse(settings)
    write(slow, "load-1")
    arrive(warehouse(settings), _events(4), "load-2")
    with pytest.raises(Conflict, match="run this again"):
        slow.publish()
    assert len(ids(warehouse(settings))) == 4


def test_a_unit_with_the_character_nul_is_kept_by_postgresql_too(shop: Shop, emptied: Emptied) -> None:
    lake = warehouse(emptied(shop[0], "postgresql"))
    odd = replace(_events(1)[0], units={"account": "a\0b"}, properties={"x": "c\0\0d\\u0000"})
    arrive(lake, [odd], "load-1")
    t = lake.table("production", "events", lake.days("production", "events"))
    (row,) = t.select("unit", x=property_of(t.properties, "x").str).to_pyarrow().to_pylist()
    assert row == {"unit": "a\ufffdb", "x": "c\ufffd\ufffdd\\u0000"}


def test_a_scheme_that_nobody_wrote_is_named(shop: Shop) -> None:
    with pytest.raises(DefinitionError, match=r"'postgres', which is no warehouse. Did you mean 'postgresql\+psycopg'"):
        warehouse(changed(shop[0], warehouse="postgres://here/there"))


def test_a_server_that_is_not_there_is_named_without_its_password(shop: Shop) -> None:
    away = "postgresql+psycopg://me:hidden@127.0.0.1:1/none"
    with pytest.raises(Unavailable, match=r"cannot be reached.*127\.0\.0\.1.*correct KEEPERS_WAREHOUSE") as caught:
        warehouse(changed(shop[0], warehouse=away))
    assert "hidden" not in str(caught.value)


def test_the_lake_loads_neither_psycopg_nor_spark() -> None:
    program = "import sys, experiments.analysis; print({'psycopg', 'pyspark'} & set(sys.modules))"
    printed = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "set()"


def _events(n: int) -> list[Any]:
    return [s for s in happened(random.Random(5), 30, 0, 1) if s.name and len(s.units) == 1 and "account" in s.units][:n]


def assert_apart(lake: Warehouse) -> None:
    """Days that are opened later leave those that were opened before as they are (tests/warehouse/test_opened.py)."""
    days = lake.days("production", "events")[:2]
    opened = [lake.table("production", "events", [day]) for day in days]
    found = [set(rows.day.to_pyarrow().to_pylist()) for rows in opened]
    assert found == [{number_of(day)} for day in days]
    assert len(found) == 2


def ids(lake: Warehouse) -> list[str]:
    found: list[str] = lake.table("production", "events", lake.days("production", "events")).id.to_pyarrow().to_pylist()
    return found


def units(lake: Warehouse, table: str) -> set[str]:
    return set(lake.table("production", table, lake.days("production", table)).unit.to_pyarrow().to_pylist())


def write(lake: Warehouse, name: str) -> None:
    """Append one event, and do not publish it."""
    for environment, table, day, rows in raw_tables([Waiting(0, "production", 0, _events(1)[0])], "UTC"):
        lake.append(environment, table, day, name, rows)
