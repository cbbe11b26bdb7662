"""API keys: what each kind may do, how one is rotated in peace, and when it was last used."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from experiments import cli
from experiments.errors import Conflict, DefinitionError, Unavailable
from experiments.registry import Database, audit, keys
from experiments.registry.models import KeyRow

BY = "ada@example.com"


@pytest.mark.parametrize(
    ("kind", "collects", "acts_as"),
    [("client", True, ""), ("server", True, "viewer"), ("reporting", False, "viewer"), ("experimenter", False, "experimenter"), ("reviewer", False, "reviewer")],
)
def test_a_kind_says_what_a_key_may_do(home: Any, kind: str, collects: bool, acts_as: str) -> None:
    key, token = keys.create(home.db, name="a", role=kind, by=BY)
    assert (key.kind, key.acts_as, key.made_by) == (kind, acts_as, BY)
    assert (keys.verify(home.db, token) is not None, keys.verify_api(home.db, token) is not None) == (collects, bool(acts_as))


def test_both_tokens_work_until_the_overlap_ends(home: Any) -> None:
    key, old = keys.create(home.db, name="shop", environment="staging", by=BY)
    successor, new = keys.rotate(home.db, key.id, hours=2, by=BY)
    assert (successor.name, successor.environment, successor.kind) == ("shop", "staging", "client")
    assert all(keys.verify(home.db, token) for token in (old, new))
    found = {k.id: k for k in keys.listing(home.db)}
    end = found[key.id].expires_at or datetime.now(UTC)
    assert timedelta(hours=1.9) < end - datetime.now(UTC) <= timedelta(hours=2)
    assert (found[key.id].works(end - timedelta(seconds=1)), found[key.id].works(end), found[successor.id].expires_at) == (True, False, None)
    keys.rotate(home.db, successor.id, hours=0, by=BY)
    assert keys.verify(home.db, new) is None
    with pytest.raises(Conflict, match="ended already"):
        keys.rotate(home.db, successor.id, hours=1, by=BY)


@pytest.mark.parametrize("hours", [-1, 721])
def test_an_overlap_has_an_end(home: Any, hours: int) -> None:
    key, _ = keys.create(home.db, name="shop", by=BY)
    with pytest.raises(DefinitionError, match="choose 0 to 720"):
        keys.rotate(home.db, key.id, hours=hours, by=BY)


def test_the_last_use_is_noted_to_ten_minutes_and_is_no_change(home: Any, monkeypatch: Any) -> None:
    key, token = keys.create(home.db, name="shop", by=BY)
    assert keys.listing(home.db)[0].used_at is None
    rows = len(audit.entries(home.db))
    keys.verify(home.db, token)
    first = keys.listing(home.db)[0].used_at
    keys.verify(home.db, token)
    assert first
    assert keys.listing(home.db)[0].used_at == first
    with home.db.begin() as session:
        session.execute(update(KeyRow).values(used_at=first - keys.USED * 2))
    keys.verify(home.db, token)
    assert (keys.listing(home.db)[0].used_at or first) > first - keys.USED
    assert len(audit.entries(home.db)) == rows

    def full(self: Database) -> Any:
        raise Unavailable("the disk is full")

    with home.db.begin() as session:
        session.execute(update(KeyRow).values(used_at=None))
    monkeypatch.setattr(Database, "begin", full)
    assert keys.verify(home.db, token) == keys.Key(**{**vars(key), "used_at": None})


def test_the_log_has_neither_token_nor_hash(home: Any) -> None:
    key, token = keys.create(home.db, name="shop", by=BY)
    _, new = keys.rotate(home.db, key.id, hours=1, by=BY)
    keys.revoke(home.db, key.id, BY)
    kept = "".join(f"{e.text}{e.before}{e.after}" for e in audit.entries(home.db))
    assert not any(part in kept for part in (token[4:], new[4:], keys._hash(token), keys._hash(new)))


def test_the_commands_make_list_and_rotate_keys(home: Any, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    assert cli.main(["key", "create", "dashboard", "--role", "reporting"]) == 0
    assert keys.verify_api(home.db, capsys.readouterr().out.split()[-1])
    assert cli.main(["key", "rotate", "1", "--hours", "0"]) == 0
    assert keys.verify_api(home.db, capsys.readouterr().out.split()[-1])
    assert cli.main(["key", "list"]) == 0
    assert capsys.readouterr().out.count("reporting") == 2
