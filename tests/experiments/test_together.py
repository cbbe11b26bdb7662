"""Threads that write at once share a transaction, and nobody fails by another's fault."""

import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, text

from experiments.errors import Unavailable
from experiments.inbox.together import Together, _turn
from experiments.registry import Database

NAMES = ("ada", "bob", "cy", "dee")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = made(tmp_path)
    yield database
    database.engine.dispose()


def made(folder: Path) -> Database:
    database = Database(f"sqlite:///{folder}/inbox.sqlite", "inbox")
    with database.begin() as session:
        session.execute(text("CREATE TABLE names (name TEXT NOT NULL)"))
    return database


def written(database: Database, **works: Any) -> tuple[dict[str, Future[Any]], dict[str, int]]:
    """Let each write in a thread of its own, all while another process has the turn; return outcomes and transactions."""
    together, counted = Together(database), {"begin": 0, "commit": 0}
    for name in counted:
        event.listen(database.engine, name, lambda _, name=name: counted.update({name: counted[name] + 1}))
    with ThreadPoolExecutor(len(works)) as threads, _turn(database.file or Path()):
        outcomes = {name: threads.submit(together.write, work) for name, work in works.items()}
        until = time.monotonic() + 60
        while len(together._waiting) < len(works):
            assert time.monotonic() < until
            threading.Event().wait(0.001)
    return outcomes, counted


def adding(name: str | None, table: str = "names") -> Any:
    def work(session: Any) -> str | None:
        session.execute(text(f"INSERT INTO {table} VALUES (:name)"), {"name": name})
        return name

    return work


def names(database: Database) -> set[str]:
    with database.read() as session:
        return set(session.scalars(text("SELECT name FROM names")))


def test_who_waits_goes_with_the_next_transaction(database: Database) -> None:
    outcomes, counted = written(database, **{name: adding(name) for name in NAMES})
    assert {name: outcome.result() for name, outcome in outcomes.items()} == {name: name for name in NAMES}
    assert counted == {"begin": 1, "commit": 1}
    assert names(database) == set(NAMES)


def test_what_one_does_wrong_is_nobody_else_s_failure(database: Database) -> None:
    outcomes, counted = written(database, **{name: adding(name) for name in NAMES}, wrong=adding(None))
    with pytest.raises(Exception, match="NOT NULL"):
        outcomes.pop("wrong").result()
    assert {name: outcome.result() for name, outcome in outcomes.items()} == {name: name for name in NAMES}
    assert counted == {"begin": 6, "commit": 4}, "together, then each alone"
    assert names(database) == set(NAMES)


def test_a_database_that_fails_fails_for_all_who_wait_at_once(database: Database) -> None:
    outcomes, counted = written(database, **{name: adding(name, "not_there") for name in NAMES})
    for outcome in outcomes.values():
        with pytest.raises(Unavailable, match="Nothing was changed by halves"):
            outcome.result()
    assert counted == {"begin": 1, "commit": 0}, "nobody waits for it a second time"


def test_the_turn_comes_back_when_work_fails(database: Database) -> None:
    together = Together(database)
    with pytest.raises(ZeroDivisionError):
        together.write(lambda session: 1 / 0)
    assert together.write(adding("ada")) == "ada"


@contextmanager
def gone(folder: Path) -> Iterator[None]:
    """Rename the folder, then give it back its name: as a disk that is taken away for a moment."""
    away = folder.rename(folder.with_name("away"))
    yield
    away.rename(folder)


@contextmanager
def no_more_files(folder: Path) -> Iterator[None]:
    """Let this process open nothing more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(("trouble", "told"), [(gone, "No such file"), (no_more_files, "Too many open files")])
def test_who_is_told_that_nothing_was_written_is_not_written_later(
    trouble: Callable[[Path], AbstractContextManager[None]], told: str, tmp_path: Path
) -> None:
    folder = tmp_path / "home"
    folder.mkdir()
    database = made(folder)
    together = Together(database)
    with trouble(folder), pytest.raises(Unavailable, match=f"{told}.*Nothing was changed by halves"):
        together.write(adding("ada"))
    assert together.write(adding("bob")) == "bob"
    assert names(database) == {"bob"}
    database.engine.dispose()
