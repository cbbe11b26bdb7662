"""What a later day must not take back, and what it must notice: harm that was shown, and exposures that stopped."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pytest

from experiments import lifecycle
from experiments.analysis import analyze
from experiments.health import silent_days
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, metrics
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES

LAUNCHED = date(2026, 3, 2)
CATALOG = """
measures: {orders: {event: order}}
metrics: {orders: {title: Orders, kind: proportion, measure: orders, window_days: 1}}
"""
PLAN = """
key: {key}
variants: [{{key: control, weight: 0.5}}, {{key: new, weight: 0.5}}]
goals: [{{metric: orders, worthwhile: 0.05}}]
enrol_days: 14
"""
A_DAY, DAYS, LOST_FROM = 400, 8, 4
MICRO = 86_400_000_000


def write(lake: Lake, table: str, day: int, columns: dict[str, object]) -> None:
    n = len(columns["id"])  # type: ignore[arg-type]
    full = {k: [v] * n if isinstance(v, str | int | float) else v for k, v in columns.items()}
    rows = pa.Table.from_pydict(full, schema=TABLES[table])
    lake.append("production", table, LAUNCHED + timedelta(days=day), f"{table}-{columns['id'][:1]}", rows)  # type: ignore[index]


def visit(lake: Lake, rng: np.random.Generator, day: int) -> None:
    """As many people on each day. The new basket loses a third of its orders for three days, then it gains as many.

    The exposures of the search stop on the fifth day, and people go on ordering.
    """
    number = number_of(LAUNCHED) + day
    units = [f"u{day}-{i}" for i in range(A_DAY)]
    new = np.arange(A_DAY) % 2 == 1
    same = {"at": number * MICRO, "day": number, "received": number * MICRO, "unit": units}
    for key in ("basket", "search") if day < LOST_FROM else ("basket",):
        write(lake, "exposures", day, {
            "id": [f"{key}-{u}" for u in units], "experiment": key, "phase": 1, "attributes": "{}", "forced": False,
            "variant": np.where(new, "new", "control"), **same,
        })  # fmt: skip
    chance = np.where(new, 0.25 if day < 3 else 0.75, 0.5)
    ordered = np.flatnonzero(rng.random(A_DAY) < chance)
    write(lake, "events", day, {
        "id": [f"o{day}-{i}" for i in ordered], "name": "order", "unit_type": "user", "value": 0.0, "properties": "{}",
        **same, "unit": [units[i] for i in ordered],
    })  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("stays"))})
    db = Database(found.registry)
    db.migrate()
    Database(found.inbox, "inbox").migrate()
    metrics.apply(db, read_catalog(CATALOG), "test")
    for key in ("basket", "search"):
        lifecycle.save(db, read_plan(PLAN.format(key=key)), "test")
        lifecycle.launch(db, key, "test", at=datetime(2026, 3, 2, tzinfo=UTC))
    lake, rng = Lake(found.lake), np.random.default_rng(3)
    for day in range(DAYS):
        visit(lake, rng, day)
    lake.publish()
    collect(found)
    yield found
    db.engine.dispose()


@pytest.mark.slow
def test_harm_once_shown_stays_shown_whatever_later_days_bring(settings: Settings) -> None:
    untold = analyze(settings, "basket", LAUNCHED + timedelta(days=7), official=False)
    assert (untold.verdict.word, untold.metrics[0].harmed) == ("wait", False)
    first = analyze(settings, "basket", LAUNCHED + timedelta(days=2))
    assert (first.official, first.verdict.word) == (True, "stop")
    later = analyze(settings, "basket", LAUNCHED + timedelta(days=7))
    assert (later.verdict.word, later.metrics[0].reading, later.metrics[0].harmed) == ("stop", "worse", True)
    assert later.metrics[0].note == "Shown harmed on an earlier day; that stays shown."
    assert later.verdict.sentence.endswith(later.metrics[0].note)
    again = analyze(settings, "basket", LAUNCHED + timedelta(days=7))
    assert (again.official, again.verdict.word) == (False, "stop")


@pytest.mark.slow
def test_exposures_that_stop_for_two_whole_days_while_newcomers_come_invalidate(settings: Settings) -> None:
    one_day = analyze(settings, "search", LAUNCHED + timedelta(days=LOST_FROM))
    late = next(c for c in one_day.checks if c.key == "late")
    assert (late.state, late.invalidates, one_day.verdict.word) == ("unknown", False, "stop")
    two_days = analyze(settings, "search", LAUNCHED + timedelta(days=LOST_FROM + 1))
    late = next(c for c in two_days.checks if c.key == "late")
    assert (late.state, late.invalidates, late.value) == ("bad", True, "none since Thu 5 Mar 2026")
    assert two_days.verdict.word == "invalid"
    assert "although on two whole days since then as many people as usual" in two_days.verdict.sentence


DAY = [LAUNCHED + timedelta(days=i) for i in range(10)]


@pytest.mark.parametrize(
    ("newcomers", "silent"),
    [
        ((900, 100, 90, 95, 100, 90, 95), [4, 5, 6]),  # after the fourth day nothing was logged
        ((900, 100, 90, 95, 10, 12, 9), []),  # nobody comes: a campaign is over, or it is a weekend
        ((900, 100, 90, 95, 40, 90, 45), [5]),
        ((90, 10, 9, 9, 10, 9, 9), []),  # so few that it may be chance
        ((900,) * 7, [4, 5, 6]),
    ],
)
def test_only_days_with_about_as_many_newcomers_as_before_are_silent(
    newcomers: tuple[int, ...], silent: list[int]
) -> None:
    found = silent_days(dict(zip(DAY, newcomers, strict=False)), DAY[0], DAY[3], DAY[6])
    assert list(found) == [DAY[i] for i in silent]


def test_where_all_were_exposed_on_one_day_nothing_is_missing() -> None:
    assert silent_days({DAY[0]: 900, DAY[1]: 500, DAY[2]: 500}, DAY[0], DAY[0], DAY[6]) == ()
