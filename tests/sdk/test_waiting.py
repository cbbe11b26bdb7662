"""The caller never waits and never speaks to the network: in threads, in tasks, and while the server is away."""

import asyncio
import gc
import http.client
import threading
from collections.abc import Callable
from typing import Any

import pytest

import keepers
from keepers import live

VARIANTS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
CONFIG = {"schema": 1, "experiments": [{"key": "cta", "version": 1, "status": "running", "variants": VARIANTS}]}


@pytest.fixture
def speakers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the threads that asked a server something."""
    names: list[str] = []
    asked = http.client.HTTPConnection.request

    def request(self: Any, *arguments: Any, **more: Any) -> None:
        names.append(threading.current_thread().name)
        asked(self, *arguments, **more)

    monkeypatch.setattr(http.client.HTTPConnection, "request", request)
    return names


def test_while_the_config_is_away_no_caller_asks_for_it(
    collector: Any, speakers: list[str], monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    monkeypatch.setattr(live, "FIRST_WAIT", 0.01)
    collector.config_status = 503
    with keepers.Client(collector.address, "k", refresh=0, on_error=lambda error: None) as client:
        speakers.clear()  # building the client asked once
        for number in range(2_000):
            client.variant("cta", f"u{number}")
            client.track("visit", f"u{number}")
        until(lambda: collector.config_statuses.count(503) > 1)
    assert set(speakers) == {"keepers"}


def test_one_client_serves_tasks_too_and_none_of_them_waits(collector: Any, until: Callable[..., None]) -> None:
    """The collector answers nothing until a thousand tasks have asked and logged."""
    collector.config = CONFIG
    released = threading.Event()
    collector.on_batch = lambda batch: 202 if released.wait(20) else 503

    async def visit(number: int) -> str:
        await asyncio.sleep(0)
        client.track("visit", f"u{number}")
        return client.variant("cta", f"u{number}")

    async def visits() -> list[str]:
        return await asyncio.gather(*map(visit, range(1_000)))

    with keepers.Client(collector.address, "k") as client:
        client.track("first", "u")
        assert set(asyncio.run(visits())) == {"control", "treatment"}
        assert collector.records == []
        released.set()
        assert client.flush(10)
    assert len(collector.distinct) == 2_001


def test_a_config_that_stays_away_is_asked_for_less_and_less_and_at_random(
    collector: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("random.Random.random", lambda self: 1.0)
    monkeypatch.setattr(live, "monotonic", lambda: 0.0)
    collector.config_status = 503
    client = keepers.Client(collector.address, "k", spool=False, on_error=lambda error: None)
    waits = [client._live._due]
    for _ in range(7):
        client._live.load_or_wait(1.0)
        waits.append(client._live._due)
    assert waits == [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]


def test_a_signal_handler_may_log_while_the_client_counts() -> None:
    """What a handler interrupts may hold the ledger's lock: the same thread takes it again."""
    client = keepers.Client(CONFIG, sink=lambda batch: None, queue=1, spool=False, on_error=lambda error: None)
    client._delivery._background = False
    with client._delivery.ledger._lock:
        client.track("visit", "u1")
        client.track("visit", "u2")
    assert client.stats()["dropped"] == 1


def test_new_exposures_set_off_no_collection_of_garbage() -> None:
    """What is queued is nothing that Python would look through: docs/decisions/0051-what-a-call-sets-off.md."""
    client = keepers.Client(CONFIG, sink=lambda batch: None, spool=False)
    client._delivery._background = False
    client._delivery.room = 10**6  # as if the thread ran
    units = [f"u{number}" for number in range(5_000)]  # more than Python keeps used tuples for
    client.variant("cta", "first")
    gc.disable()
    try:
        before = gc.get_count()[0]
        for unit in units:
            client.variant("cta", unit)
        assert gc.get_count()[0] - before < 50
    finally:
        gc.enable()
    assert client.stats()["queued"] == 5_001
    assert client.flush(10)
    assert client.stats()["sent"] == 5_001
