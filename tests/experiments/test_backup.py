"""A back-up that was made while people work is a whole installation elsewhere: the same reports, an unbroken log."""

import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.analysis import analyze
from experiments.backup import backup, restore
from experiments.cli import main
from experiments.errors import Conflict, Distrusted, Refused
from experiments.inbox import live
from experiments.loading import load
from experiments.registry import Database, audit, experiments, snapshots
from experiments.reports import FORMATS, Report
from experiments.settings import Settings
from experiments.warehouse import warehouse

pytestmark = pytest.mark.slow
LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: cta
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
enrol_days: 7
"""


def exposure(i: int) -> dict[str, Any]:
    at = (LAUNCH + timedelta(hours=1)).timestamp()
    return {"type": "exposure", "id": f"x{i}", "experiment": "cta", "variant": ("control", "calm")[i % 2], "units": {"user": f"u{i}"}, "at": at, "explicit": True}


@pytest.fixture
def shop(make_home: Callable[..., Any], people: Callable[..., None]) -> Any:
    home = make_home("home")
    people(home.db)
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived([exposure(i) for i in range(60)])
    home.rolled(day=LAUNCH.date())
    analyze(home.settings, "cta", LAUNCH.date())
    return home


def reports(settings: Settings) -> dict[str, bytes]:
    db = Database(settings.registry)
    snapshot = snapshots.latest(db, "cta")
    assert snapshot
    made = Report(experiments.get(db, "cta"), snapshot, lambda: snapshots.before(db, snapshot))
    return {kind: FORMATS[kind](made) for kind in ("json", "csv", "html", "xlsx", "pdf", "md")}


def test_a_restored_home_has_the_same_reports_log_and_events_and_goes_on(shop: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    shop.post(exposure(100))  # waits in the inbox
    file = tmp_path / "keepers.tar.gz"
    monkeypatch.setenv("KEEPERS_HOME", str(shop.settings.home))
    assert main(["backup", str(file)]) == 0
    assert oct(file.stat().st_mode)[-3:] == "600"
    there = tmp_path / "there"
    monkeypatch.setenv("KEEPERS_HOME", str(there))
    assert main(["restore", str(file)]) == 0
    settings = Settings.load({"KEEPERS_HOME": str(there)})
    assert settings.secret == shop.settings.secret
    assert reports(settings) == reports(shop.settings)
    assert main(["audit", "verify"]) == 0
    assert audit.entries(Database(settings.registry)) == audit.entries(shop.db)
    assert load(settings).rows == 1, "what had only been acknowledged is there too"
    lake = warehouse(settings)
    assert lake.table("production", "exposures", lake.days("production", "exposures")).count().to_pyarrow().as_py() == 61
    assert live.tally(shop.inbox, LAUNCH).exposures == 61
    with pytest.raises(Conflict, match="already holds registry"):
        restore(settings, file)


@pytest.mark.parametrize("harm", ["cut", "changed", "outside", "not"])
def test_a_file_that_is_no_whole_backup_puts_nothing_in_place(shop: Any, tmp_path: Path, harm: str) -> None:
    file, bad = tmp_path / "good.tar.gz", tmp_path / "bad.tar.gz"
    backup(shop.settings, file)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "open", filter="data")
    if harm == "cut":
        bad.write_bytes(file.read_bytes()[:-2000])
    elif harm == "not":
        bad.write_bytes(b"hello")
    else:
        (tmp_path / "open" / "secret").write_text("another")
        with tarfile.open(bad, "w:gz") as tar:
            for path in sorted((tmp_path / "open").iterdir()):
                tar.add(path, ("../" if harm == "outside" else "") + path.name)
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path / "there")})
    with pytest.raises(Distrusted):
        restore(settings, bad)
    assert {p.name for p in settings.home.iterdir()} == {"secret"}


def test_databases_of_a_server_are_refused_with_what_to_do(tmp_path: Path) -> None:
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path), "KEEPERS_REGISTRY": "postgresql+psycopg://me@db/x"})
    with pytest.raises(Refused, match="pg_dump"):
        backup(settings, tmp_path / "x")
