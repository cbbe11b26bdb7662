"""Fixtures for tests of the domain: real databases (SQLite and PostgreSQL), a real lake, and small experiments."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from experiments import lifecycle
from experiments.inbox import Inbox, Receipt
from experiments.loading import load
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import Database, experiments, metrics
from experiments.registry.experiments import Experiment
from experiments.registry.models import InboxBase, RegistryBase, UserRow
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.warehouse import Lake

BINARIES = Path("/usr/lib/postgresql/15/bin")


@dataclass
class Home:
    """One installation in a temporary folder, with the few steps that tests repeat."""

    settings: Settings
    db: Database
    inbox: Inbox

    def launched(self, catalog: str, plan: str, at: datetime) -> Experiment:
        """Apply a catalogue, store a plan and launch it."""
        metrics.apply(self.db, read_catalog(catalog), "test")
        saved = lifecycle.save(self.db, read_plan(plan), "test")
        return lifecycle.launch(self.db, saved.key, "test", at=at)

    def post(self, *events: Mapping[str, Any], now: datetime | None = None, **envelope: Any) -> Receipt:
        """Send one batch to the inbox."""
        body = json.dumps({"events": events, **envelope}).encode()
        return self.inbox.accept(body, experiments.known(self.db, "production"), now)

    def arrived(self, events: list[dict[str, Any]], **more: Any) -> None:
        """Send events in batches, all of which must be accepted or known already, and load them."""
        for i in range(0, len(events), 500):
            assert self.post(*events[i : i + 500], **more).rejected == []
        load(self.settings)

    def rolled(self, **more: Any) -> list[Any]:
        """Roll up what changed."""
        return collect(self.settings, **more)

    def table(self, name: str) -> list[tuple[Any, ...]]:
        """All rows of one table of the lake, sorted."""
        lake = Lake(self.settings.lake)
        rows = lake.table("production", name, lake.days("production", name)).to_pyarrow().to_pylist()
        return sorted((tuple(r.values()) for r in rows), key=repr)

    def close(self) -> None:
        """Let go of the databases."""
        self.db.engine.dispose()
        self.inbox.database.engine.dispose()


Homes = Callable[..., Home]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty installation on SQLite, to be copied: that is faster than to migrate each."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("migrated"))})
    _migrate(settings.registry, settings.inbox)
    return settings.home


def _migrate(registry: str, inbox: str) -> None:
    for database in (Database(registry), Database(inbox, "inbox")):
        database.migrate()
        database.engine.dispose()


@pytest.fixture
def make_home(tmp_path: Path, migrated: Path) -> Iterator[Homes]:
    """Return a function that makes an installation; names and further settings may be given."""
    made: list[Home] = []

    def make(name: str = "home", **environ: str) -> Home:
        if not (tmp_path / name).exists():
            shutil.copytree(migrated, tmp_path / name)
        settings = Settings.load({"KEEPERS_HOME": str(tmp_path / name), **environ})
        made.append(Home(settings, Database(settings.registry), Inbox(settings.inbox)))
        return made[-1]

    yield make
    for home in made:
        home.close()


@pytest.fixture
def home(make_home: Homes) -> Home:
    """An installation on SQLite."""
    return make_home()


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, make_home: Homes) -> Home:
    """An installation whose registry and inbox are on SQLite, and one where they are on PostgreSQL."""
    if request.param == "sqlite":
        return make_home()
    registry, inbox = request.getfixturevalue("postgresql")
    home = make_home(KEEPERS_REGISTRY=registry, KEEPERS_INBOX=inbox)
    for database, base in ((home.db, RegistryBase), (home.inbox.database, InboxBase)):
        with database.begin() as session:
            session.execute(text(f"TRUNCATE {', '.join(base.metadata.tables)} RESTART IDENTITY CASCADE"))
    return home


@pytest.fixture(scope="session")
def postgresql() -> Iterator[tuple[str, str]]:
    """Start a PostgreSQL of our own; return the URLs of a migrated registry and inbox, which tests empty."""
    if not (BINARIES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed: there is no {BINARIES}/initdb")
    folder = Path(tempfile.mkdtemp(prefix="keepers-pg-"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    try:
        _start(folder, port)
        urls = _database(port, "registry"), _database(port, "inbox")
        _migrate(*urls)
        yield urls
    finally:
        _as_nobody([BINARIES / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> None:
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
    made = _as_nobody([BINARIES / "initdb", "-D", folder / "data", "-U", "keepers", "-A", "trust", "-E", "UTF8", "-N"])
    assert made == 0, "initdb failed"
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    command = [
        BINARIES / "pg_ctl",
        "-D",
        folder / "data",
        "-l",
        folder / "log",
        "-w",
        "-t",
        "30",
        "-o",
        options,
        "start",
    ]
    assert _as_nobody(command) == 0, (folder / "log").read_text()


def _as_nobody(command: list[Any]) -> int:
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd="/", **user).returncode


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _database(port: int, name: str) -> str:
    with psycopg.connect(f"postgresql://keepers@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://keepers@127.0.0.1:{port}/{name}"


@pytest.fixture
def people() -> Callable[[Database], None]:
    """Return a function that adds two accounts: Ada decides, Grace is the second person."""

    def add(db: Database) -> None:
        with db.begin() as session:  # without a password: to hash one takes long, and nobody signs in here
            for email, role in (("ada@example.com", "administrator"), ("grace@example.com", "reviewer")):
                session.add(
                    UserRow(email=email, name=email, role=role, password_hash="-", created_at=datetime.now(UTC))
                )

    return add
