"""One unit is forgotten everywhere; nobody else is, and what follows says so."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pyarrow.parquet as pq
import pytest

from experiments.analysis import analyze
from experiments.cli import main
from experiments.forgetting import forget
from experiments.inbox import live
from experiments.recount import recount
from experiments.registry import audit, forgotten
from experiments.warehouse import warehouse
from experiments.warehouse.tables import TABLES

pytestmark = pytest.mark.slow
LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
DAYS = [LAUNCH.date() + timedelta(days=i) for i in range(3)]
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: cta
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
enrol_days: 7
"""


def visits(day: int) -> list[dict[str, Any]]:
    """Forty units of one day; every third orders, and one of them comes on all days."""
    at, rows = (LAUNCH + timedelta(days=day, hours=1)).timestamp(), []
    for i in range(40):
        same = {"units": {"user": "ann" if i == 0 else f"u{day}-{i}"}, "at": at, "explicit": True}
        rows.append({"type": "exposure", "id": f"{day}-{i}", "experiment": "cta", "variant": ("control", "calm")[i % 2]} | same)
        if i % 3 == 0:
            rows.append({"type": "event", "id": f"o{day}-{i}", "name": "order"} | same | {"at": at + 3600})
    return rows


@pytest.fixture(params=["lake", "postgresql"])
def shop(request: pytest.FixtureRequest, make_home: Callable[..., Any], people: Callable[..., None]) -> Any:
    there = {}
    if request.param == "postgresql":
        database = request.getfixturevalue("postgresql_server")
        there = {f"KEEPERS_{name}": database(f"forgetting-{name}") for name in ("WAREHOUSE", "REGISTRY", "INBOX")}
    home = make_home("home", **there)
    home.db.migrate()
    home.inbox.migrate()
    people(home.db)
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived([v for i in range(3) for v in visits(i)])
    home.rolled(day=DAYS[2])
    return home


def counted(home: Any) -> dict[str, int]:
    """Rows of every table, in all and of Ann."""
    lake, found = warehouse(home.settings), {}
    for table in TABLES:
        rows = lake.table("production", table, lake.days("production", table))
        units = rows.select("unit").to_pyarrow()["unit"].to_pylist()
        found |= {table: len(units), f"ann in {table}": units.count("ann")}
    return found


def test_a_unit_is_forgotten_everywhere_and_only_that_one(shop: Any, capsys: pytest.CaptureFixture[str]) -> None:
    before = counted(shop)
    first = analyze(shop.settings, "cta", DAYS[1])
    assert before["ann in exposures"] == 3
    assert before["ann in outcome_days"]
    waiting = {"type": "event", "id": "late", "name": "order", "units": {"user": "ann"}, "at": LAUNCH.timestamp() + 9}
    shop.post(waiting, {**waiting, "id": "no", "value": "text"})
    receipt = forget(shop.settings, "ann", "ad@example.com")
    after = counted(shop)
    assert {n for n in after if n.startswith("ann") and after[n]} == set()
    assert all(after[t] == before[t] - before[f"ann in {t}"] for t in TABLES)
    assert (receipt.rows["exposures"], receipt.rows["events"], receipt.experiments) == (3, 4, ("cta",))
    assert receipt.rows["rejects"] == 1
    assert not any(a.unit == "ann" for a in live.recent(shop.inbox))
    for file in shop.settings.lake.rglob("*.parquet"):
        assert "ann" not in pq.read_table(file, columns=["unit"], partitioning=None)["unit"].to_pylist(), file
    shop.rolled(day=DAYS[2])
    assert counted(shop) == after, "what is rolled up again is what was left"
    recount(shop.settings, "cta")
    later = analyze(shop.settings, "cta", DAYS[2])
    assert [c.value for c in later.checks if c.key == "forgotten"] == ["1"]
    assert not [c for c in first.checks if c.key == "forgotten"]
    assert forget(shop.settings, "ann", "ad@example.com").rows["exposures"] == 0
    assert forgotten.units_of(shop.db, "cta") == 1, "who asks twice is one unit"
    told = "".join(map(str, audit.entries(shop.db)))
    assert receipt.unit_hash in told
    assert "'ann'" not in told + capsys.readouterr().out


def test_the_command_answers_with_a_receipt_also_for_who_was_never_here(make_home: Any, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    home = make_home("empty")
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    assert main(["forget", "nobody"]) == 0
    assert "is forgotten (nothing was stored)" in capsys.readouterr().out
