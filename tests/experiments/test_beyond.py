"""What a look finds beyond the effects, on a real lake: the cause of an uneven split, effects that wear off, and
other experiments that change this one. Each was planted once, and stands beside one that was not.
"""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from experiments import lifecycle, others, trends
from experiments.analysis import analyze
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, metrics
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES

pytestmark = pytest.mark.slow

LAUNCHED = date(2026, 3, 2)
DAYS, WINDOW, UNITS = 7, 5, 8_000
CUTOFF = LAUNCHED + timedelta(days=DAYS + WINDOW - 2)
CATALOG = """
measures:
  orders: {event: order, aggregate: sum}
  clicks: {event: click, aggregate: sum}
  visits: {event: visit, aggregate: sum}
metrics:
  orders: {title: Orders, kind: mean, measure: orders, window_days: 5}
  clicks: {title: Clicks, kind: mean, measure: clicks, window_days: 5}
  visits: {title: Visits, kind: mean, measure: visits, window_days: 5}
  per_visit: {title: Clicks per visit, kind: ratio, measure: clicks, denominator: visits, window_days: 5}
"""
PLAN = """
key: {key}
variants: [{{key: control, weight: 0.5}}, {{key: new, weight: 0.5}}]
goals: [{{metric: orders, worthwhile: 0.02}}, {{metric: clicks, worthwhile: 0.02}}]
guardrails: [{{metric: visits, margin: 0.02}}, {{metric: per_visit, margin: 0.02}}]
segments: [platform]
enrol_days: 7
"""
KEYS = ("basket", "checkout", "search")
COLUMNS = {"unit_type": "user", "properties": "{}"}


Orders = list[tuple[float, float]]  # of each day since exposure, the mean in control and in the basket's new variant


def fill(lake: Lake, rng: np.random.Generator) -> Orders:
    """Everybody is in all three experiments. Orders: the basket's +60 % fade to nothing in four days. Clicks: the
    basket's +30 % need the new checkout. Search loses a third of its new variant on ios.
    """
    day = rng.integers(DAYS, size=UNITS)
    new = {key: rng.random(UNITS) < 0.5 for key in KEYS}
    platform = rng.choice(["ios", "android", "web"], size=UNITS, p=(0.3, 0.3, 0.4))
    lost = new["search"] & (platform == "ios") & (rng.random(UNITS) < 1 / 3)
    for key in KEYS:
        seen = np.flatnonzero(~lost) if key == "search" else np.arange(UNITS)
        exposures(lake, key, seen, day, np.where(new[key], "new", "control"), platform)
    orders = []
    for offset in range(WINDOW):
        fading = 1 + 0.6 * new["basket"] * (1 - offset / (WINDOW - 1))
        joint = 1 + 0.3 * (new["basket"] & new["checkout"])
        for name, mean in (("order", 2 * fading), ("click", 2 * joint), ("visit", np.full(UNITS, 3.0))):
            done = rng.poisson(mean / (1 + offset))
            events(lake, name, day + offset, done)
            if name == "order":
                orders.append((float(done[~new["basket"]].mean()), float(done[new["basket"]].mean())))
    return orders


def exposures(
    lake: Lake, key: str, seen: np.ndarray, day: np.ndarray, variant: np.ndarray, platform: np.ndarray
) -> None:
    for d in range(DAYS):
        rows = seen[day[seen] == d]
        number = number_of(LAUNCHED) + d
        at = number * 86_400_000_000 + 1
        write(lake, "exposures", d, f"{key}-{d}", {
            "id": [f"{key}-{i}" for i in rows], "experiment": key, "phase": 1, "unit": [f"u{i}" for i in rows],
            "variant": variant[rows], "at": at, "day": number, "forced": False, "received": at,
            "attributes": [json.dumps({"platform": str(platform[i]), "past": int(i)}) for i in rows],
        })  # fmt: skip


def events(lake: Lake, name: str, day: np.ndarray, value: np.ndarray) -> None:
    for d in range(DAYS + WINDOW - 1):
        rows = np.flatnonzero((day == d) & (value > 0))
        number = number_of(LAUNCHED) + d
        write(lake, "events", d, f"{name}-{d}-{rows[:1]}", {
            "id": [f"{name}-{d}-{i}" for i in rows], "name": name, "unit": [f"u{i}" for i in rows],
            "at": number * 86_400_000_000 + 2, "day": number, "value": value[rows].astype(float),
            "received": number * 86_400_000_000 + 3, **COLUMNS,
        })  # fmt: skip


def write(lake: Lake, table: str, day: int, name: str, columns: dict[str, object]) -> None:
    n = len(columns["id"])  # type: ignore[arg-type]
    full = {k: [v] * n if isinstance(v, str | int | bool) else v for k, v in columns.items()}
    rows = pa.Table.from_pydict(full, schema=TABLES[table])
    lake.append("production", table, LAUNCHED + timedelta(days=day), name, rows)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[dict[str, Snapshot], Orders]]:
    """The last look of each experiment, and what was planted."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("beyond"))})
    db = Database(settings.registry)
    db.migrate()
    Database(settings.inbox, "inbox").migrate()
    metrics.apply(db, read_catalog(CATALOG), "test")
    for key in KEYS:
        lifecycle.save(db, read_plan(PLAN.format(key=key)), "test")
        lifecycle.launch(db, key, "test", at=datetime(2026, 3, 2, tzinfo=UTC))
    lake = Lake(settings.lake)
    orders = fill(lake, np.random.default_rng(5))
    lake.publish()
    collect(settings)
    yield {key: analyze(settings, key, CUTOFF) for key in KEYS}, orders
    db.engine.dispose()


@pytest.fixture
def looks(shop: tuple[dict[str, Snapshot], Orders]) -> dict[str, Snapshot]:
    return shop[0]


def test_the_cause_of_an_uneven_split_is_found_and_said(looks: dict[str, Snapshot]) -> None:
    search = looks["search"]
    first = search.causes[0]
    assert (first.dimension, first.value, first.variant, first.rest_as_planned) == ("platform", "ios", "new", True)
    assert first.chance > 0.99
    assert 300 < first.missing < 500  # a third of about 1,200
    assert search.verdict.word == "invalid"
    assert f"In platform = ios, 'new' is missing about {first.missing}" in search.verdict.sentence
    assert "elsewhere the split is as planned." in search.verdict.sentence
    assert {c.dimension for c in search.causes} <= {"platform", "day", "since", ""}  # every unit has a past of its own


def test_a_version_of_the_sender_that_loses_exposures_is_found_from_its_batches(home: Any) -> None:
    home.launched(CATALOG, PLAN.format(key="basket"), datetime(2026, 3, 2, tzinfo=UTC))
    at = datetime(2026, 3, 2, 12, tzinfo=UTC).timestamp()
    rows = [
        {"type": "exposure", "id": f"x{i}", "experiment": "basket", "units": {"user": f"u{i}"}, "at": at,
         "variant": ("control", "new")[i % 2]}
        for i in range(3_000)
    ]  # fmt: skip
    for sdk, sent in (("shop/1.9", rows[:2_000]), ("shop/2.0", [r for i, r in enumerate(rows[2_000:]) if i % 4 != 3])):
        home.arrived(sent, sdk=sdk)
    home.rolled(day=LAUNCHED)
    look = analyze(home.settings, "basket", LAUNCHED)
    first = look.causes[0]
    assert (first.dimension, first.value, first.variant, first.rest_as_planned) == ("sdk", "shop/2.0", "new", True)
    assert "In sdk = shop/2.0, 'new' is missing about 250 of 500 people; elsewhere the split is as planned." in look.verdict.sentence


def test_an_even_split_is_not_searched(looks: dict[str, Snapshot]) -> None:
    assert looks["basket"].causes == looks["checkout"].causes == ()


def test_an_effect_that_wears_off_is_told_from_those_that_do_not(looks: dict[str, Snapshot]) -> None:
    basket = {t.metric: t for t in looks["basket"].trends}
    like = {m.metric: m for m in looks["basket"].metrics}
    assert set(basket) == {"orders", "clicks", "visits", "per_visit"}
    assert basket["orders"].slope == pytest.approx(-0.15, abs=0.03)
    text = trends.sentence(basket["orders"], like["orders"])
    assert text.startswith("The effect fades by 1")
    assert text.endswith("percentage points per day since exposure.")
    assert trends.sentence(basket["visits"], like["visits"]).startswith("No evidence")
    for trend in looks["checkout"].trends:  # it changes clicks alike on every day, and the rest not at all
        assert trends.sentence(trend, like[trend.metric]).startswith("No evidence")


def test_effects_by_day_since_exposure_count_everybody_and_are_those_of_the_raw_rows(
    shop: tuple[dict[str, Snapshot], Orders],
) -> None:
    looks, planted = shop
    for trend in looks["basket"].trends:
        assert [d.day for d in trend.days] == list(range(WINDOW))
        assert {d.n for d in trend.days} == {UNITS}
    orders = next(t for t in looks["basket"].trends if t.metric == "orders").days
    assert [d.change for d in orders] == pytest.approx([new / old - 1 for old, new in planted], rel=1e-9)
    for day in orders:
        assert day.change is not None
        assert day.low is not None
        assert day.high is not None
        assert day.low < day.change < day.high


def test_an_experiment_that_changes_another_one_is_named_and_others_are_not(looks: dict[str, Snapshot]) -> None:
    basket = looks["basket"]
    assert set(basket.shared) == {"checkout", "search"}
    assert basket.shared["checkout"] == UNITS
    different = {(t.segment, t.metric) for t in basket.other_tests if t.p_value <= 0.05}
    assert different == {("checkout", "clicks")}
    within = {r.value: r.effect.relative for r in basket.others if r.effect}
    assert within == {"control": pytest.approx(0.0, abs=0.04), "new": pytest.approx(0.3, abs=0.04)}
    assert len(basket.other_tests) == 4  # two goals, two other experiments
    text = others.summary(basket.shared, basket.other_tests, "user")
    assert text.startswith("Two other experiments share people with this one, up to 8,000. The effect differs")


def test_without_an_interaction_there_is_no_evidence_of_one(looks: dict[str, Snapshot]) -> None:
    search = looks["search"]
    assert search.others == ()
    assert others.summary(search.shared, search.other_tests, "user").endswith("depends on any of them.")
    assert others.summary({}, (), "user") == ""


def test_segments_are_shrunken_towards_each_other(looks: dict[str, Snapshot]) -> None:
    found = [r for r in looks["basket"].segments if r.metric == "orders" and r.effect]
    raw = [r.effect.relative for r in found if r.effect]
    moved = [r.shrunken.relative for r in found if r.shrunken]
    assert len(raw) == len(moved) == 3
    assert np.ptp(moved) < np.ptp(raw)
    for r in found:
        assert r.effect is not None
        assert r.shrunken is not None
        assert r.shrunken.high - r.shrunken.low <= r.effect.relative_high - r.effect.relative_low  # type: ignore[operator]
