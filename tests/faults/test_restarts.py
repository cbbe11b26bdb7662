"""A database that goes away and comes back while events arrive and while a command runs: nothing acknowledged is lost."""

import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from system import LAUNCH, Processes, Shop

from keepers import Client

pytestmark = pytest.mark.slow

PG_CTL = "/usr/lib/postgresql/15/bin/pg_ctl"
A_TIME = 1_000


def data_of(url: str) -> Path:
    """The folder of the server's data."""
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
    assert row is not None
    return Path(row[0])


def server(data: Path, what: str) -> None:
    """Stop a PostgreSQL as a power cut does, or start it again as it was."""
    user: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        nobody = pwd.getpwnam("nobody")
        user = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    command = [PG_CTL, "-D", data, "-l", data.parent / "log", "-m", "immediate", "-w", "-t", "60", what]
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **user)


def send(client: Client, first: int) -> None:
    """Log orders, each with a number of its own."""
    for i in range(first, first + A_TIME):
        client.track("order", f"u{i}", value=i / 16, at=LAUNCH)


def until_refused(client: Client) -> None:
    """Wait until the client has tried, and was told to try again."""
    for _ in range(120):
        if client.flush(0.5) or client.stats()["retried"]:
            return
    raise AssertionError(client.stats())


def test_a_database_that_restarts_while_events_arrive_loses_nothing_that_was_acknowledged(
    install: Callable[..., Any], postgresql_server: Callable[[str], str], processes: Processes
) -> None:
    urls = {f"KEEPERS_{n.upper()}": postgresql_server(f"faults_{n}") for n in ("registry", "inbox")}
    data = data_of(urls["KEEPERS_REGISTRY"])
    with install("restarts", **urls) as served, Client(served.address, served.token, spool=False) as client:
        shop = Shop(served.settings.home, processes, **urls).opened()
        send(client, 0)
        assert client.flush(60)

        server(data, "stop")
        send(client, A_TIME)
        until_refused(client)
        failed = shop.run("load")
        assert (failed.code, failed.out) == (1, "")
        assert failed.err.startswith("the registry at postgresql+psycopg://keepers@127.0.0.1:")
        assert "Start the database" in failed.err
        server(data, "restart")
        assert client.flush(60)

        send(client, 2 * A_TIME)  # sent by a thread of the client's, whatever the server is doing meanwhile
        server(data, "restart")
        assert client.flush(60)
        told = client.stats()
        assert (told["dropped"], told["rejected"], told["sent"]) == (0, 0, 3 * A_TIME)
        shop.books(3 * A_TIME + told["duplicate"]).check("collector: its database restarted twice")

        first = shop.run("load").boundaries
        later = [b for b in first if "log_head" not in b]  # the first load fixes settings, which it logs
        send(client, 3 * A_TIME)
        assert client.flush(60)
        held = shop.run("load", at=later.index("os.rename manifest.json") + 1, signal="stop")
        assert held.code is None
        server(data, "restart")
        done = shop.resume(held)
        assert done.code == 0, done.err
        books = shop.books(4 * A_TIME + client.stats()["duplicate"]).check("load: its database restarted meanwhile")
        assert (books.in_inbox, books.in_lake) == (0, 4 * A_TIME)
        shop.close()
