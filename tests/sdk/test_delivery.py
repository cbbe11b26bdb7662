"""Events on their way to a real collector: batches, retries, refusals, losses."""

import random
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import keepers
from keepers import courier

VARIANTS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
CONFIG = {"schema": 1, "experiments": [{"key": "cta", "version": 1, "status": "running", "variants": VARIANTS}]}
Until = Callable[[Callable[[], object]], None]


@pytest.fixture
def client(collector: Any) -> Iterator[keepers.Client]:
    """A client of the collector without a spool, unless a test builds its own."""
    collector.config = CONFIG
    client = keepers.Client(collector.address, "sdk-key", spool=False, on_error=lambda error: None)
    yield client
    client.close(0.1)


@pytest.fixture
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.02)


def test_what_is_sent_follows_the_schema(collector: Any, client: Any, schema: Callable[[str], Any]) -> None:
    client.variant("cta", "u1", country="DE", tags=["left", "out"])
    client.expose("cta", {"user": "u1", "device": "d1"}, variant="control", at=1763800000)
    client.track("purchase", "u1", value=1.5, at=1763800000, gift=True, note=None)
    client.track("visit", 17)
    client.track("bad", "u1", value=float("nan"))
    client.track("visit", "u1")
    assert client.flush(10)
    for batch in collector.batches:
        jsonschema.validate(batch, schema("events"))
    assert len(collector.records) == 5
    assert collector.lost == [{"event": "bad", "count": 1}]
    assert set(collector.encodings) == {"gzip"}
    assert set(collector.keys) == {"Bearer sdk-key"}


def test_batches_hold_at_most_500_and_keep_the_order(collector: Any, client: Any) -> None:
    for number in range(1_234):
        client.track("visit", f"u{number}")
    assert client.flush(10)
    assert max(len(batch["events"]) for batch in collector.batches) <= 500
    assert [record["units"]["user"] for record in collector.records] == [f"u{n}" for n in range(1_234)]
    assert len(collector.distinct) == 1_234


def test_events_leave_by_themselves(collector: Any, client: Any, until: Until) -> None:
    client.track("visit", "u1")
    until(lambda: collector.records)


def test_one_thread_is_started_and_only_when_it_is_needed(collector: Any, client: Any) -> None:
    def ours() -> int:
        return sum(thread.name == "keepers" for thread in threading.enumerate())

    before = ours()
    client.variant("cta", "u1")
    client.track("visit", "u1")
    assert ours() == before + 1


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.usefixtures("short_waits")
def test_a_busy_server_is_asked_again_until_all_has_arrived(collector: Any, client: Any, status: int) -> None:
    answers = [status, status, 202]
    collector.on_batch = lambda batch: answers.pop(0) if len(answers) > 1 else answers[0]
    client.track("visit", "u1", at=1763800000)
    assert client.flush(10)
    assert [record["at"] for record in collector.records] == [1763800000]
    assert client.stats()["retried"] == 2
    assert client.stats()["dropped"] == 0


@pytest.mark.usefixtures("short_waits")
def test_retry_after_is_respected(collector: Any, client: Any) -> None:
    collector.status, collector.retry_after = 503, "120"
    client.track("visit", "u1")
    assert not client.flush(0.3)
    assert client.stats()["retried"] == 1


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, 0), ("", 0), ("7", 7), ("99999", 300), ("soon", 0), ("Wed, 01 Jan 2020 00:00:00 GMT", 0)],
)
def test_retry_after_is_read_as_seconds_or_date(header: str | None, seconds: float) -> None:
    from keepers.sinks import wait_seconds

    assert wait_seconds(header) == seconds


def test_the_backoff_is_random_doubles_and_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    from keepers.ledger import Ledger

    monkeypatch.setattr("random.Random.random", lambda self: 1.0)
    monkeypatch.setattr(courier, "monotonic", lambda: 0.0)
    sender = courier.Courier(
        None,  # type: ignore[arg-type]
        Ledger(),
        backlog=lambda: pytest.fail("not needed"),
        limit=1,
        boot="b",
        report=lambda kind, error: None,
    )
    waits = []
    for _ in range(8):
        sender._back_off(0.0)
        waits.append(sender.ready_at)
    assert waits == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]


def test_waiting_by_chance_leaves_the_random_numbers_of_the_host_alone(collector: Any) -> None:
    """A host that seeds them counts on what comes; a test that draws by Hypothesis fails if they move meanwhile."""
    before = random.getstate()
    collector.config_status = collector.status = 503
    client = keepers.Client(collector.address, "sdk-key", spool=False, on_error=lambda error: None)
    client.track("visit", "u1")
    client.close(0.0)
    client._delivery._courier._back_off(0.0)  # type: ignore[union-attr]
    assert client.stats()["config_stale"]
    assert random.getstate() == before


@pytest.mark.parametrize(("status", "spool"), [(301, True), (302, False), (307, True), (308, False)])
def test_a_redirect_loses_nothing_and_says_where_it_leads(
    collector: Any, short_waits: None, until: Until, tmp_path: Path, status: int, spool: bool
) -> None:
    errors: list[str] = []
    collector.config, collector.status, collector.location = CONFIG, status, "https://new.example.com/k/v1/events"
    folder = tmp_path / "s" if spool else False
    with keepers.Client(collector.address, "k", spool=folder, on_error=lambda error: errors.append(str(error))) as client:
        client.track("visit", "u1")
        until(lambda: client.stats()["retried"] > 1)
        assert "give the client the address 'https://new.example.com/k'" in errors[0]
        assert f"it answered {status}, a redirect to 'https://new" in errors[0]
        collector.status = 202
        assert client.flush(10)
        assert client.stats()["dropped"] == 0
    assert [record["name"] for record in collector.records] == ["visit"]


def test_a_config_that_has_moved_says_where(collector: Any) -> None:
    collector.config_status, collector.location = 308, "https://new.example.com/v1/config"
    with pytest.raises(keepers.ConfigError, match=r"; give the client the address 'https://new.example.com'"):
        keepers.Client(collector.address, "k", strict=True)
    collector.location = "/login"
    with pytest.raises(keepers.ConfigError, match="it answered 308, a redirect to '/login'; check the address"):
        keepers.Client(collector.address, "k", strict=True)


@pytest.mark.parametrize("status", [400, 401, 404, 415])
def test_a_refused_batch_is_dropped_counted_and_reported_with_the_next(
    collector: Any, client: Any, status: int
) -> None:
    collector.status = status
    client.variant("cta", "u1")
    client.track("visit", "u1")
    assert client.flush(10)
    assert client.stats()["dropped"] == 2
    collector.status = 202
    client.track("visit", "u2")
    assert client.flush(10)
    arm = client.variant("cta", "u1", expose=False)
    exposure = {"experiment": "cta", "version": 1, "variant": arm, "count": 1}
    assert collector.lost == [exposure, {"event": "visit", "count": 1}]


def test_a_batch_that_is_too_large_is_halved_until_it_fits(collector: Any, client: Any) -> None:
    collector.on_batch = lambda batch: 413 if len(batch["events"]) > 60 else 202
    for number in range(500):
        client.track("visit", f"u{number}")
    assert client.flush(10)
    assert len(collector.distinct) == 500
    assert client.stats()["dropped"] == 0


def test_one_event_that_is_too_large_is_dropped_and_counted(collector: Any, client: Any) -> None:
    collector.on_batch = lambda batch: 413 if any(e["name"] == "huge" for e in batch["events"]) else 202
    for name in ("a", "huge", "b"):
        client.track(name, "u1")
    assert client.flush(10)
    assert {record["name"] for record in collector.records} == {"a", "b"}
    assert client.stats()["dropped"] == 1


def test_what_the_server_rejects_is_counted_and_reported(collector: Any) -> None:
    errors: list[Exception] = []
    collector.config = CONFIG
    rejected = {"index": 0, "id": "x", "reason": "unknown_experiment", "message": "There is no experiment 'mail'."}
    collector.answer = {"accepted": 1, "duplicate": 0, "rejected": [rejected]}
    with keepers.Client(collector.address, "k", on_error=errors.append) as client:
        client.expose("mail", "u1", variant="b")
        client.track("visit", "u1")
        assert client.flush(10)
        assert (client.stats()["rejected"], client.stats()["sent"]) == (1, 1)
    assert "unknown_experiment: There is no experiment 'mail'." in str(errors[-1])


def test_overflow_is_counted_per_variant_and_reported_in_the_next_batch(collector: Any) -> None:
    collector.config = CONFIG
    with keepers.Client(collector.address, "k", queue=10, spool=False) as client:
        client._delivery._background = False  # nothing leaves until we flush
        for number in range(40):
            client.variant("cta", f"u{number}")
        client.track("visit", "u1")
        assert client.stats()["dropped"] == 31
        assert client.flush(10)
    lost = {(each.get("variant"), each.get("event")): each["count"] for each in collector.lost}
    assert sum(lost.values()) == 31
    assert lost[None, "visit"] == 1
    expected = [client.variant("cta", f"u{n}", expose=False) for n in range(10, 40)]
    assert lost["treatment", None] == expected.count("treatment")


@pytest.mark.usefixtures("short_waits")
def test_nothing_is_dropped_while_a_long_backlog_is_worked_off(collector: Any, until: Until) -> None:
    """Seen in the soak: the queue was not looked at until the last waiting batch had been sent."""
    collector.config = CONFIG
    collector.status = 503
    with keepers.Client(collector.address, "k", queue=6_000, on_error=lambda error: None) as client:
        for number in range(2_500):
            client.track("visit", f"before-{number}")
        until(lambda: client.stats()["queued"] == 0)  # five batches wait now
        batches = iter(range(5))

        def log_meanwhile(batch: Any) -> int:
            for number in range(1_500 if next(batches, None) is not None else 0):
                client.track("visit", f"{batch['sent_at']}-{number}")
            return 202

        collector.on_batch = log_meanwhile
        until(lambda: len(collector.distinct) == 10_000 or client.stats()["dropped"])
        assert client.stats()["dropped"] == 0


@pytest.mark.usefixtures("short_waits")
def test_a_loss_that_is_told_again_keeps_its_id(collector: Any, client: Any) -> None:
    """The first answer goes missing after the batch was stored: without ids the loss would count twice."""
    answers = [503, 202, 202]

    def store_then_answer(batch: Any) -> int:
        status = answers.pop(0)
        if status != 202:
            collector.batches.append(batch)
        return status

    client.track("bad", "u1", value=float("inf"))
    collector.on_batch = store_then_answer
    client.track("visit", "u1")
    assert client.flush(10)
    client.track("bad", "u1", value=float("nan"))
    client.track("visit", "u2")
    assert client.flush(10)
    told = [each["id"] for batch in collector.batches for each in batch.get("lost", [])]
    assert told[0] == told[1] != told[2]
    assert collector.lost == [{"event": "bad", "count": 1}] * 2


def test_an_exposure_lost_to_overflow_is_logged_when_the_unit_returns(collector: Any) -> None:
    collector.config = CONFIG
    with keepers.Client(collector.address, "k", queue=1, spool=False) as client:
        client._delivery._background = False
        client.variant("cta", "u1")
        client.variant("cta", "u2")
        client.flush(10)
        client.variant("cta", "u2")
        client.flush(10)
    assert [record["units"]["user"] for record in collector.records] == ["u1", "u2"]


@pytest.mark.slow
def test_many_exposures_with_a_flush_each_50_000_lose_nothing(collector: Any, client: Any) -> None:
    for number in range(100_000):
        client.expose("cta", f"u{number}", variant="control", at=1763800000 + number)
        if (number + 1) % 50_000 == 0:
            assert client.flush(timeout=60)
    assert client.stats()["dropped"] == 0
    assert len(collector.distinct) == 100_000


def test_flush_says_false_when_time_runs_out_and_true_when_all_has_arrived(collector: Any, client: Any) -> None:
    collector.status = 503
    client.track("visit", "u1")
    assert not client.flush(0.05)
    collector.status = 202
    assert client.flush(10)


@pytest.mark.usefixtures("short_waits")
def test_a_connection_that_the_server_closed_is_opened_again(collector: Any, client: Any) -> None:
    client.track("visit", "u1")
    assert client.flush(10)
    client._delivery._sink._server._connection.sock.shutdown(2)
    client.track("visit", "u2")
    assert client.flush(10)
    assert len(collector.distinct) == 2
    assert client.stats()["retried"] == 0


@pytest.mark.usefixtures("short_waits")
def test_a_sink_that_raises_is_called_again(tmp_path: Path) -> None:
    batches: list[Any] = []
    troubles = [OSError("full"), ValueError("odd")]

    def sink(batch: Any) -> None:
        if troubles:
            raise troubles.pop()
        batches.append(batch)

    with keepers.Client(CONFIG, sink=sink, on_error=lambda error: None) as client:
        client.track("visit", "u1")
        assert client.flush(10)
    assert len(batches) == 1


def test_threads_may_log_at_once(collector: Any, client: Any) -> None:
    def work(name: int) -> None:
        for number in range(500):
            client.track("visit", f"{name}-{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert client.flush(10)
    assert len(collector.distinct) == 2_000
