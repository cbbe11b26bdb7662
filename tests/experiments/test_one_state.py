"""What one thread reads in one state: the same moment until it writes, one transaction, and alive after an error."""

import threading
from typing import Any

import pytest
from sqlalchemy import event, text

from experiments.errors import Unavailable
from experiments.registry import Database, users

PASSWORD = "a few plain words"


def add(db: Database, name: str) -> None:
    users.add(db, email=f"{name}@example.com", name=name, password=PASSWORD, role="viewer")


def names(db: Database) -> list[str]:
    return sorted(user.name for user in users.everyone(db))


def elsewhere(change: Any, *arguments: Any) -> None:
    thread = threading.Thread(target=change, args=arguments)
    thread.start()
    thread.join()


def test_what_others_write_meanwhile_is_seen_afterwards(stored: Any) -> None:
    add(stored.db, "Ada")
    with stored.db.one_state():
        assert names(stored.db) == ["Ada"]
        elsewhere(add, stored.db, "Grace")
        assert names(stored.db) == ["Ada"]
    assert names(stored.db) == ["Ada", "Grace"]


def test_what_the_thread_itself_writes_is_seen_at_once(stored: Any) -> None:
    add(stored.db, "Ada")
    with stored.db.one_state():
        assert names(stored.db) == ["Ada"]
        add(stored.db, "Grace")
        assert names(stored.db) == ["Ada", "Grace"]


def test_all_reading_is_one_transaction(stored: Any) -> None:
    begun: list[object] = []

    def note(connection: object) -> None:
        begun.append(connection)

    event.listen(stored.db.engine, "begin", note)
    with stored.db.one_state():
        for _ in range(3):
            names(stored.db)
    event.remove(stored.db.engine, "begin", note)
    assert len(begun) == 1


def test_after_an_error_the_next_reads_again(stored: Any) -> None:
    add(stored.db, "Ada")
    with stored.db.one_state():
        with pytest.raises(Unavailable), stored.db.read() as session:
            session.execute(text("SELECT * FROM no_such_table"))
        assert names(stored.db) == ["Ada"]
