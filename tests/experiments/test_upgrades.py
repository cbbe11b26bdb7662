"""Tables of every version that was released, with something in them, become the newest, and lose nothing."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, Table, select

from experiments.inbox import Inbox, live
from experiments.registry import Database, audit, keys, users

pytestmark = pytest.mark.slow
NOW = datetime(2026, 1, 5, tzinfo=UTC)
USER = {"email": "ad@example.com", "name": "Ad", "role": "administrator", "password_hash": "x", "created_at": NOW}
KEY = {"name": "shop", "environment": "production", "prefix": "sdk-123456", "token_hash": "0" * 64, "created_at": NOW}
LOG = {"at": NOW, "who": "ad@example.com", "kind": "key", "text": "Key 'shop' made."}
LOSS = {"environment": "production", "received": 1, "experiment": "cta", "phase": 1, "variant": "calm", "count": 3}


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str, str], Database]]:
    """Return a function that makes an empty database of its own."""
    made: list[Database] = []

    def database(name: str, branch: str) -> Database:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / name}.sqlite"
        else:
            url = request.getfixturevalue("postgresql_server")(f"upgrade_{name}")
        made.append(Database(url, branch))
        return made[-1]

    yield database
    for one in made:
        one.engine.dispose()


def put(db: Database, table: str, row: dict[str, Any]) -> None:
    """Add a row to a table as that version has it, with what its columns need besides."""
    with db.engine.begin() as connection:
        there = Table(table, MetaData(), autoload_with=connection)
        connection.execute(there.insert().values({name: value for name, value in row.items() if name in there.c}))


def test_every_released_version_is_brought_to_the_newest_with_what_it_holds(fresh: Callable[[str, str], Database]) -> None:
    revisions = Database("sqlite://").revisions()
    assert len(revisions) >= 7
    for revision in revisions:
        db = fresh(revision, "registry")
        db.migrate(revision)
        if revision < "registry_0006":  # from there on the log seals its rows itself
            put(db, "log", LOG)
        put(db, "users", {**USER, "teams": []})
        put(db, "api_keys", {**KEY, "role": "", "made_by": ""})
        assert db.migrated() is (revision == revisions[-1])
        db.migrate()
        assert db.migrated()
        assert users.get(db, 1).email == "ad@example.com"
        assert [k.name for k in keys.listing(db)] == ["shop"]
        if revision < "registry_0006":
            assert [e.text for e in audit.entries(db)] == ["Key 'shop' made."]
        keys.create(db, name="later")
        assert audit.verify(db).faults == ()


def test_every_version_of_the_inbox_too(fresh: Callable[[str, str], Database]) -> None:
    for revision in Database("sqlite://", "inbox").revisions():
        old = fresh(revision, "inbox")
        old.migrate(revision)
        put(old, "losses", LOSS)
        put(old, "inbox", {"id": "x", "environment": "production", "received": 1, "body": b"{}"})
        inbox = Inbox(old.url)
        inbox.migrate()
        assert live.losses(inbox, "cta", 1) == {"calm": 3}
        with inbox.database.read() as session:
            assert len(session.execute(select(Table("inbox", MetaData(), autoload_with=session.connection()))).all()) == 1
