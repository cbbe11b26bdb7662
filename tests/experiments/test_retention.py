"""Raw events are dropped when they are old enough and nothing needs them; what was made of them stays as it was."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments import lifecycle, retention
from experiments.analysis import analyze
from experiments.backfill import backfill
from experiments.cli import main
from experiments.errors import Conflict, DefinitionError
from experiments.recount import recount
from experiments.registry.experiments import get
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import warehouse

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
NOW = LAUNCH + timedelta(days=40)
FIRST, SECOND, THIRD = (LAUNCH.date() + timedelta(days=i) for i in range(3))
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1, pre_days: 7}}"
PLAN = """
key: KEY
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
enrol_days: 7
"""


def visits(key: str, day: int, first: int = 0, last: int = 60) -> list[dict[str, Any]]:
    """Units of one day, a third of whom order an hour later."""
    at, rows = (LAUNCH + timedelta(days=day, hours=1)).timestamp(), []
    for i in range(first, last):
        same = {"units": {"user": f"u{day}-{i}"}, "at": at, "explicit": True}
        rows.append({"type": "exposure", "id": f"{key}-{day}-{i}", "experiment": key, "variant": ("control", "calm")[i % 2]} | same)
        if i % 3 == 0:
            rows.append({"type": "event", "id": f"o{key}-{day}-{i}", "name": "order"} | same | {"at": at + 3600})
    return rows


@pytest.fixture
def shop(request: pytest.FixtureRequest, make_home: Callable[..., Any], people: Callable[..., None]) -> Any:
    """Three days of an experiment; raw events are to be kept for 30 days."""
    there = {}
    if getattr(request, "param", "lake") == "postgresql":
        there["KEEPERS_WAREHOUSE"] = request.getfixturevalue("postgresql_server")("retention")
    home = make_home("home", KEEPERS_KEEP_RAW_DAYS="30", **there)
    people(home.db)
    home.launched(CATALOG, PLAN.replace("KEY", "old"), LAUNCH)
    home.arrived([v for i in range(3) for v in visits("old", i)])
    home.rolled(day=THIRD)
    return home


def raw(settings: Settings) -> list[date]:
    """Days of which raw events are there."""
    lake = warehouse(settings)
    days = {d for t in ("exposures", "events") for d in lake.days("production", t) if lake.sources("production", t, d)}
    return sorted(days)


def decided(home: Any, key: str) -> None:
    lifecycle.decide(
        home.db, key, word="drop", reason="It did nothing.", by="ada@example.com", second="grace@example.com"
    )


def rows(settings: Settings, table: str) -> list[Any]:
    lake = warehouse(settings)
    return sorted(lake.table("production", table, lake.days("production", table)).to_pyarrow().to_pylist(), key=repr)


def figures(snapshot: Snapshot) -> Any:
    """What it says of metrics and split, to nine digits: PostgreSQL adds up in an order of its own, by its statistics."""
    text = snapshot.model_dump_json(include={"metrics", "split"})
    return json.loads(text, parse_float=lambda number: f"{float(number):.9g}")


@pytest.mark.parametrize("shop", ["lake", "postgresql"], indirect=True)
def test_days_that_no_experiment_needs_any_more_are_dropped_and_everything_made_of_them_stays(shop: Any) -> None:
    assert retention.drop(shop.settings, NOW) == [], "it is not decided"
    decided(shop, "old")
    assert retention.drop(replace(shop.settings, keep_raw_days=None), NOW) == [], "nobody asked for it"
    assert retention.drop(replace(shop.settings, keep_raw_days=40), NOW) == [], "it is not old enough"
    totals = {table: rows(shop.settings, table) for table in ("exposure_days", "unit_days", "outcome_days")}
    before = analyze(shop.settings, "old", THIRD, official=False)

    assert retention.drop(replace(shop.settings, keep_raw_days=39), NOW) == [FIRST]
    assert raw(shop.settings) == [SECOND, THIRD]
    assert retention.drop(shop.settings, NOW) == [SECOND, THIRD]
    assert (raw(shop.settings), retention.drop(shop.settings, NOW)) == ([], [])

    assert shop.rolled(day=THIRD) == []
    shop.arrived(visits("old", 1, 60, 63))
    assert shop.rolled(day=THIRD) == [], "three late units would take the place of sixty"
    assert {table: rows(shop.settings, table) for table in totals} == totals
    after = analyze(shop.settings, "old", THIRD, official=False)
    assert figures(after) == figures(before)
    assert retention.drop(shop.settings, NOW) == [SECOND], "they go the next time"


def test_what_came_late_is_rolled_up_before_its_day_is_dropped(shop: Any) -> None:
    decided(shop, "old")
    shop.arrived(visits("old", 0, 60, 90))
    assert retention.drop(shop.settings, NOW) == [FIRST, SECOND, THIRD]
    assert sum(r["day"] == (FIRST - date(1970, 1, 1)).days for r in rows(shop.settings, "exposure_days")) == 90


def test_a_pre_period_keeps_its_days_whether_its_experiment_runs_or_may_be_launched_today(shop: Any) -> None:
    decided(shop, "old")
    short = replace(shop.settings, keep_raw_days=1)
    assert retention.drop(short, LAUNCH + timedelta(days=8)) == [FIRST]
    shop.launched(CATALOG, PLAN.replace("KEY", "young"), LAUNCH + timedelta(days=9))
    assert retention.drop(shop.settings, NOW) == [SECOND], "its pre-period begins with the third day"


def test_what_needs_dropped_events_is_refused_with_what_to_do(shop: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    decided(shop, "old")
    retention.drop(shop.settings, NOW)
    with pytest.raises(Conflict, match="'old' cannot be counted anew; its results stand"):
        recount(shop.settings, "old")
    with pytest.raises(Conflict, match="use --what statistics"):
        backfill(shop.settings, "old", (FIRST, FIRST), "full")
    assert [s.cutoff for s in backfill(shop.settings, "old", (FIRST, FIRST), "metric")] == [FIRST]
    lifecycle.save(shop.db, get(shop.db, "old").plan.model_copy(update={"key": "late"}), "test")
    environ = {"KEEPERS_HOME": str(shop.settings.home), "KEEPERS_WAREHOUSE": shop.settings.warehouse}
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for begun in (["launch", "late"], ["phase", "old", "--fresh", "--reason", "Anew."]):
        assert main(["experiment", *begun, "--at", "2026-01-05"]) == 1
        assert "were dropped, as KEEPERS_KEEP_RAW_DAYS says. An experiment or a phase that begins before" in capsys.readouterr().err


def test_a_number_of_days_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match="KEEPERS_KEEP_RAW_DAYS is '0'; write a whole number of days from 1 on"):
        Settings.load({"KEEPERS_HOME": str(tmp_path), "KEEPERS_KEEP_RAW_DAYS": "0"})
