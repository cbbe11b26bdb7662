"""kill -9 while PostgreSQL is the warehouse, and the warehouse gone: all of a transaction or nothing, and run again all is well."""

import itertools
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from system import CLOSED, LAUNCH, Shop, happenings, rows

from experiments.warehouse.tables import TABLES

pytestmark = pytest.mark.slow

EMPTY = f"collect --day {LAUNCH.date() - timedelta(days=1)}"  # makes the tables
COMMANDS = {"load": "load", "collect": f"collect --day {CLOSED}"}
PUBLISHED = "UPDATE warehouse.generation SET"
SENT = len(happenings())
BOOKS = ("parts", "closed")
NUMBERS = itertools.count()
Ready = Callable[[str], Shop]


@pytest.fixture(scope="module")
def grown(stages: dict[str, Shop], postgresql_server: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shop]:
    """A shop that is ready for its load, and one ready for its roll-up, on a warehouse in PostgreSQL."""
    folder, found = tmp_path_factory.mktemp("grown"), {}
    for stage, command in (("load", EMPTY), ("collect", "load")):
        found[stage] = stages["load"].copy(folder / stage, warehouse=postgresql_server(f"grown_{stage}"))
        found[stage].do(command)
    return found


@pytest.fixture
def ready(grown: dict[str, Shop], tmp_path: Path) -> Iterator[Ready]:
    """Return a function that copies such a shop with its warehouse."""
    made: list[Shop] = []

    def make(stage: str) -> Shop:
        url, name = grown[stage].settings.warehouse, f"copy_{next(NUMBERS)}"
        server = url.replace("+psycopg", "").rsplit("/", 1)[0]
        with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE grown_{stage}")
        made.append(grown[stage].copy(tmp_path / name, warehouse=f"{url.rsplit('/', 1)[0]}/{name}"))
        return made[-1]

    yield make
    for shop in made:
        shop.close()


def state(shop: Shop) -> dict[str, list[tuple[object, ...]]]:
    """All that others see of the warehouse, but for the number of its generation."""
    return {table: rows(shop, table) for table in (*TABLES, *BOOKS)}


def chosen(boundaries: tuple[str, ...]) -> list[int]:
    """Where to kill: before each of the three statements that write the first part, before the rows of the last one, before
    the generation is counted, before the commit, and after it.
    """
    first = next(at for at, name in enumerate(boundaries, 1) if name.startswith("DELETE"))
    last = boundaries.index(PUBLISHED) + 1
    return [first, first + 1, first + 2, last - 1, last, last + 1, last + 2]


@pytest.mark.parametrize("stage", COMMANDS)
def test_killed_in_the_midst_others_see_all_or_nothing_and_run_again_it_is_as_if_nothing_had_happened(
    ready: Ready, stage: str
) -> None:
    peaceful, command = ready(stage), COMMANDS[stage]
    before = state(peaceful)
    boundaries = peaceful.run(*command.split()).boundaries
    after = state(peaceful)
    assert boundaries[boundaries.index(PUBLISHED) + 1] == "COMMIT"
    assert len(before["parts"]) < len(after["parts"])
    for at in chosen(boundaries):
        shop = ready(stage)
        found = shop.run(*command.split(), at=at)
        assert (found.code, found.boundaries[-1]) == (-9, boundaries[at - 1]), found.err
        assert state(shop) in (before, after), "half a transaction"
        shop.books(SENT).check(f"{stage}: killed before {at}, {boundaries[at - 1]}")
        shop.do(command)
        assert state(shop) == after
        books = shop.books(SENT).check("  and run again")
        assert (books.in_inbox, books.in_lake) == (0, SENT)


def test_a_warehouse_that_is_gone_is_named_and_nothing_is_lost(ready: Ready) -> None:
    shop = ready("load")
    name = shop.settings.warehouse.rsplit("/", 1)[1]
    server = shop.settings.warehouse.replace("+psycopg", "").rsplit("/", 1)[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        failed = shop.run("load")
        assert (failed.code, failed.out) == (1, "")
        assert failed.err.startswith("the warehouse cannot be reached: ")
        assert failed.err.endswith(" Start its database, or correct KEEPERS_WAREHOUSE, then do the same again.\n")
        connection.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
    shop.books(SENT).check("load: the warehouse was gone")
    shop.do("load")
    shop.books(SENT).check("  and run again")


def test_a_warehouse_that_hangs_up_midway_is_named_and_nothing_is_lost(ready: Ready) -> None:
    shop = ready("load")
    name = shop.settings.warehouse.rsplit("/", 1)[1]
    at = ready("load").run("load").boundaries.index(PUBLISHED) + 1
    held = shop.run("load", at=at, signal="stop")
    assert held.code is None
    server = shop.settings.warehouse.replace("+psycopg", "").rsplit("/", 1)[0]
    with psycopg.connect(f"{server}/postgres", autocommit=True) as connection:
        connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
    failed = shop.resume(held)
    assert (failed.code, failed.out) == (1, "")
    assert failed.err.startswith("the warehouse fails: terminating connection")
    assert "Nothing was changed by halves. Start its database" in failed.err
    shop.books(SENT).check("load: the warehouse hung up")
    shop.do("load")
    shop.books(SENT).check("  and run again")
