"""Health rows of real looks at a real lake: ids that match no event, late rows, fast clocks, and since when."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import text

from experiments import health, lifecycle
from experiments.analysis import analyze
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, metrics
from experiments.reports.wording import failing_first
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.snapshot import Check
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
A_DAY = 200
MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
# Of the experiment "well" from the third day on: hours until an exposure is received, below 0 for a fast clock.
DELAY = {0: 1, 1: 1, 2: 25, 3: 1, 4: -2}

pytestmark = pytest.mark.slow


def write(lake: Lake, table: str, day: int, name: str, columns: dict[str, object]) -> None:
    full = {k: [v] * A_DAY if isinstance(v, str | int | float) else v for k, v in columns.items()}
    rows = pa.Table.from_pydict(full, schema=TABLES[table])
    lake.append("production", table, LAUNCHED + timedelta(days=day), name, rows)


def visit(lake: Lake, day: int) -> None:
    """Everybody of both experiments orders; those of "foreign" under another id."""
    number = number_of(LAUNCHED) + day
    at = number * DAY + 12 * HOUR
    for key in ("well", "foreign"):
        units = [f"{key}{day}-{i}" for i in range(A_DAY)]
        received = at + HOUR * (DELAY[day] if key == "well" else 1)
        same = {"at": at, "day": number}
        write(lake, "exposures", day, key, {
            "id": [f"x{u}" for u in units], "experiment": key, "phase": 1, "attributes": "{}", "forced": False,
            "variant": ["new", "control"] * (A_DAY // 2), "unit": units, "received": received, **same,
        })  # fmt: skip
        write(lake, "events", day, f"e{key}", {
            "id": [f"e{u}" for u in units], "name": "order", "unit_type": "user", "value": 1.0, "properties": "{}",
            "unit": units if key == "well" else [f"account-{u}" for u in units], "received": at + HOUR, **same,
        })  # fmt: skip
    if day == 0:  # imported with times of their own
        write(lake, "events", day, "imported", {
            "id": [f"i{i}" for i in range(A_DAY)], "name": "order", "unit_type": "user", "value": 1.0, "properties": "{}",
            "unit": "robot", "received": at, **same,
        })  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    found = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("arriving"))})
    db = Database(found.registry)
    db.migrate()
    Database(found.inbox, "inbox").migrate()
    metrics.apply(db, read_catalog(CATALOG), "test")
    for key in ("well", "foreign"):
        lifecycle.save(db, read_plan(PLAN.format(key=key)), "test")
        lifecycle.launch(db, key, "test", at=datetime(2026, 3, 2, tzinfo=UTC))
    with db.begin() as session:  # as if it had been stored before its launch, and not been replayed
        session.execute(text("UPDATE experiments SET created_at = '2026-03-01 00:00:00' WHERE key = 'well'"))
    lake = Lake(found.lake)
    for day in DELAY:
        visit(lake, day)
    lake.publish()
    collect(found)
    yield found
    db.engine.dispose()


def test_what_older_snapshots_called_good_unmeasured_is_drawn_as_unknown() -> None:
    old = Check(key="delay", title="Data in time", state="good", value="not measured", detail="")
    fine = old.model_copy(update={"value": "0% late"})
    assert (old.mark, fine.mark) == ("unknown", "good")
    assert failing_first((fine, old)) == [old, fine]
    assert Check.model_validate_json(old.model_dump_json()).state == "good", "a stored state is never rewritten"


def looked(settings: Settings, key: str, day: int) -> dict[str, Check]:
    snapshot = analyze(settings, key, LAUNCHED + timedelta(days=day))
    assert snapshot.verdict.word != "invalid"
    return {c.key: c for c in snapshot.checks}


def test_every_check_is_a_row_with_its_threshold_and_the_first_look_that_saw_its_state(settings: Settings) -> None:
    days = [looked(settings, "well", day) for day in DELAY]
    assert all(set(found) == set(health.THRESHOLDS) - {"filtered"} for found in days), "a row of filters where a plan has some"
    rows = [c for found in days for c in found.values()]
    assert all(c.threshold == health.THRESHOLDS[c.key] for c in rows)
    assert all(c.value and c.detail for c in rows)
    assert all(days[4][key].remedy for key in ("delay", "clocks")), "what is warned of says what to do"
    assert [(d["clocks"].state, d["clocks"].since) for d in days] == [
        *[("good", LAUNCHED)] * 4, ("unknown", LAUNCHED + timedelta(days=4)),
    ]  # fmt: skip
    # The fifth look is the first that counts the third, of which a third of the rows came 25 hours late.
    assert [d["delay"].value for d in days] == ["not measured", "not measured", "0% late", "0% late", "33% late"]
    assert "Of 600 rows of 2 March, 0 came" in days[2]["delay"].detail, "what was imported was neither late nor in time"
    assert (days[4]["delay"].state, days[4]["delay"].since) == ("unknown", LAUNCHED + timedelta(days=4))
    assert "200 came more than a day after" in days[4]["delay"].detail
    assert days[4]["clocks"].value == "17% ahead"
    assert [d["delay"].state for d in days] == ["unknown", "unknown", "good", "good", "unknown"]
    assert [d["delay"].since for d in days[1:4]] == [LAUNCHED, *[LAUNCHED + timedelta(days=2)] * 2]
    assert all(d["before"].state == "unknown" for d in days), "no covariate is declared, so nothing was compared"
    assert {c.since for c in days[4].values() if c.state == "good"} == {LAUNCHED}


def test_ids_that_match_no_event_are_told_and_a_replay_is_not_late(settings: Settings) -> None:
    found = looked(settings, "foreign", 2)
    assert (found["matched"].title, found["matched"].state) == ("Ids match no event", "unknown")
    assert found["matched"].value == "0% with events"
    assert "user ids" in found["matched"].remedy
    assert (found["delay"].state, found["delay"].value) == ("unknown", "not measured")


def test_raw_rows_that_cannot_be_read_hide_no_result(settings: Settings) -> None:
    lake = Lake(settings.lake)
    (path,) = lake.manifest.of("production", "exposures")["2026-03-02"][:1]
    whole = (settings.lake / path).read_bytes()
    Path(settings.lake / path).write_bytes(b"not Parquet")
    try:
        found = looked(settings, "foreign", 0)
    finally:
        Path(settings.lake / path).write_bytes(whole)
    assert [found[k].value for k in ("matched", "delay", "clocks")] == ["not known"] * 3
    assert "cannot be read" in found["clocks"].detail
    assert found["split"].state == "good"
