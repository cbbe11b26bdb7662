"""Fixtures for tests of the domain: real databases (SQLite and PostgreSQL), a real lake, and small experiments."""

import json
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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

# The made-up shop of tests/warehouse serves tests of roll-ups too, and the samples of tests/reports those of summaries.
sys.path.insert(0, str(Path(__file__).parents[1] / "warehouse"))
sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))


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
    """Return a function that makes an installation, as a copy of another if one is given; so may further settings be."""
    made: list[Home] = []

    def make(name: str = "home", like: Home | None = None, **environ: str) -> Home:
        if not (tmp_path / name).exists():
            shutil.copytree(like.settings.home if like else migrated, tmp_path / name)
        settings = Settings.load({"KEEPERS_HOME": str(tmp_path / name), **environ})
        made.append(Home(settings, Database(settings.registry), Inbox(settings.inbox)))
        return made[-1]

    yield make
    for home in made:
        home.close()


@pytest.fixture(scope="module")
def first_home(migrated: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """An installation that is furnished once for the tests of a file, which take copies of it; to be closed before."""
    folder = shutil.copytree(migrated, tmp_path_factory.mktemp("first"), dirs_exist_ok=True)
    settings = Settings.load({"KEEPERS_HOME": str(folder)})
    return Home(settings, Database(settings.registry), Inbox(settings.inbox))


@pytest.fixture
def home(make_home: Homes) -> Home:
    """An installation on SQLite."""
    return make_home()


@pytest.fixture(params=["sqlite", "postgresql"])
def stored(request: pytest.FixtureRequest, make_home: Homes) -> Home:
    """An installation whose registry and inbox are on SQLite, and one where they are on PostgreSQL."""
    if request.param == "sqlite":
        return make_home()
    found: Home = request.getfixturevalue("on_server")
    return found


@pytest.fixture
def on_server(make_home: Homes, postgresql: tuple[str, str]) -> Home:
    """An installation whose registry and inbox are on PostgreSQL, and empty."""
    home = make_home(KEEPERS_REGISTRY=postgresql[0], KEEPERS_INBOX=postgresql[1])
    for database, base in ((home.db, RegistryBase), (home.inbox.database, InboxBase)):
        with database.begin() as session:
            session.execute(text(f"TRUNCATE {', '.join(base.metadata.tables)} RESTART IDENTITY CASCADE"))
    with home.db.begin() as session:
        session.execute(text("INSERT INTO log_head (id, rows, hash) VALUES (1, 0, repeat('0', 64))"))
    return home


@pytest.fixture(scope="session")
def postgresql(postgresql_server: Callable[[str], str]) -> tuple[str, str]:
    """Return the URLs of a migrated registry and inbox on a real server, which tests empty."""
    urls = postgresql_server("registry"), postgresql_server("inbox")
    _migrate(*urls)
    return urls


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
