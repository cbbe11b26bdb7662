"""A back-up that was made while people work is a whole installation elsewhere: the same reports, an unbroken log."""

import json
import tarfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from experiments.analysis import analyze
from experiments.backup import backup, restore
from experiments.cli import main
from experiments.errors import Conflict, Distrusted
from experiments.inbox import Inbox, live
from experiments.loading import load
from experiments.recount import recount
from experiments.registry import Database, audit, experiments, keys, sendings, snapshots
from experiments.registry.models import InboxRow, RegistryBase
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
    sendings.note(home.db, "a letter", "mail", LAUNCH)
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
    with pytest.raises(Conflict, match="already is the inbox, the registry, the lake"):
        restore(settings, file)


def test_a_file_that_is_no_whole_backup_puts_nothing_in_place(shop: Any, tmp_path: Path) -> None:
    file = tmp_path / "good.tar.gz"
    backup(shop.settings, file)
    with tarfile.open(file) as tar:
        tar.extractall(tmp_path / "open", filter="data")
    (tmp_path / "open" / "secret").write_text("another")
    bad = {"cut": file.read_bytes()[:-2000], "not": b"hello", "changed": packed(tmp_path, ""), "outside": packed(tmp_path, "../")}
    for harm, content in bad.items():
        (tmp_path / harm).write_bytes(content)
        settings = there(tmp_path / f"{harm}-there")
        with pytest.raises(Distrusted):
            restore(settings, tmp_path / harm)
        assert {p.name for p in settings.home.iterdir()} == {"secret"}


def packed(folder: Path, before: str) -> bytes:
    """What was unpacked, packed again, with something before each name."""
    with tarfile.open(folder / "again", "w:gz") as tar:
        for path in sorted((folder / "open").iterdir()):
            tar.add(path, before + path.name)
    return (folder / "again").read_bytes()


def there(home: Path, **environ: str) -> Settings:
    return Settings.load({"KEEPERS_HOME": str(home), **environ})


def test_one_back_up_goes_from_sqlite_into_postgresql_and_from_there_back(shop: Any, tmp_path: Path, postgresql_server: Any) -> None:
    file = tmp_path / "keepers.tar.gz"
    urls = {"KEEPERS_REGISTRY": postgresql_server("restored"), "KEEPERS_INBOX": postgresql_server("restored-inbox")}
    server, last = there(tmp_path / "server", **urls), there(tmp_path / "file")
    backup(shop.settings, file)
    restore(server, file)
    db = Database(server.registry)
    assert reports(server) == reports(shop.settings)
    assert sendings.took(db, "a letter") == {"mail"}
    assert audit.entries(db) == audit.entries(shop.db)
    assert arrives(server, 101) == 61, "a number that the inbox gave before would count as loaded already"
    keys.create(db, name="made there", by="ada@example.com")
    with pytest.raises(Conflict, match="already is the inbox, the registry, the lake"):
        restore(server, file)
    backup(server, file)
    restore(last, file)
    assert reports(last) == reports(shop.settings)
    found = audit.verify(Database(last.registry))
    assert (found.rows, found.faults) == (len(audit.entries(shop.db)) + 1, ())
    assert all(rows(Database(last.registry), name) == rows(db, name) for name in RegistryBase.metadata.tables if name != "leases")
    assert arrives(last, 102) == 62
    assert load(last).rows == 2, "what had only been acknowledged on the server, and here"


def arrives(settings: Settings, number: int) -> Any:
    """Accept one exposure; return the number that the inbox gives it."""
    inbox, known = Inbox(settings.inbox), experiments.known(Database(settings.registry), "production")
    assert inbox.accept(json.dumps({"events": [exposure(number)]}).encode(), known).accepted == 1
    with inbox.database.read() as session:
        return session.scalar(select(func.max(InboxRow.seq)))


def rows(db: Database, table: str) -> list[Any]:
    with db.read() as session:
        return sorted(map(repr, session.execute(select(RegistryBase.metadata.tables[table]))))


def test_a_warehouse_in_postgresql_is_in_the_back_up_too(make_home: Callable[..., Any], tmp_path: Path, postgresql_server: Any) -> None:
    home = make_home("home", KEEPERS_WAREHOUSE=postgresql_server("from"))
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived([exposure(i) for i in range(60)])
    home.rolled(day=LAUNCH.date())
    snapshot = analyze(home.settings, "cta", LAUNCH.date())
    backup(home.settings, tmp_path / "b")
    with pytest.raises(Conflict, match="the back-up's warehouse is PostgreSQL"):
        restore(there(tmp_path / "lake"), tmp_path / "b")
    settings = there(tmp_path / "there", KEEPERS_WAREHOUSE=postgresql_server("to"))
    restore(settings, tmp_path / "b")
    assert analyze(settings, "cta", LAUNCH.date()).metrics == snapshot.metrics
    assert max(recount(settings, "cta").values()) < 1e-9
    with pytest.raises(Conflict, match="the warehouse"):
        restore(there(tmp_path / "other", KEEPERS_WAREHOUSE=settings.warehouse), tmp_path / "b")


def test_tables_of_another_version_are_not_backed_up(tmp_path: Path, postgresql_server: Any) -> None:
    settings = there(tmp_path / "old", KEEPERS_REGISTRY=postgresql_server("old"))
    Database(settings.registry).migrate("registry_0006")
    Inbox(settings.inbox).migrate()
    with pytest.raises(Conflict, match=r"\(.*forgotten.*\)\. Run 'keepers init' first"):
        backup(settings, tmp_path / "b")
