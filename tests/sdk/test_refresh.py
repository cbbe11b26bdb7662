"""The config over HTTP and from files: fetched at the start, kept fresh, and kept when the source fails."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import keepers
from keepers import live

Until = Callable[[Callable[[], object]], None]


def config(weight: float, **fields: Any) -> dict[str, Any]:
    variants = [{"key": "control", "weight": 1 - weight}, {"key": "treatment", "weight": weight}]
    experiment = {"key": "cta", "version": 1, "status": "running", "variants": variants, **fields}
    return {"schema": 1, "environment": "test", "experiments": [experiment]}


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "FIRST_WAIT", 0.01)


def look(client: keepers.Client) -> str:
    """Wake the background thread, and ask."""
    client.flush(0.2)
    return client.variant("cta", "u1", expose=False)


def test_a_new_client_knows_the_config_at_once(collector: Any) -> None:
    collector.config = config(1.0)
    with keepers.Client(collector.address, "sdk-key") as client:
        assert client.variant("cta", "u1") == "treatment"
        assert client.stats()["config_age"] < 5
    assert collector.keys[0] == "Bearer sdk-key"


def test_a_changed_config_is_taken_over_and_an_unchanged_one_costs_a_304(collector: Any, until: Until) -> None:
    collector.config = config(0.0)
    with keepers.Client(collector.address, "k", refresh=0) as client:
        assert look(client) == "control"
        until(lambda: look(client) and 304 in collector.config_statuses)
        collector.config = config(1.0)
        until(lambda: look(client) == "treatment")


def test_a_failing_source_leaves_the_last_good_config_and_says_stale(collector: Any, until: Until) -> None:
    collector.config = config(1.0)
    with keepers.Client(collector.address, "k", refresh=0, on_error=lambda error: None) as client:
        collector.config_status = 500
        until(lambda: look(client) and client.stats()["config_stale"])
        assert look(client) == "treatment"
        collector.config_status = 200
        until(lambda: look(client) and not client.stats()["config_stale"])


def test_a_config_that_breaks_the_schema_is_not_taken_over(collector: Any, until: Until) -> None:
    errors: list[Exception] = []
    collector.config = config(1.0)
    with keepers.Client(collector.address, "k", refresh=0, on_error=errors.append) as client:
        collector.config = config(0.0, coverage=7)
        until(lambda: look(client) and errors)
        assert look(client) == "treatment"
    assert "coverage is 7" in str(errors[0])


def test_a_server_that_is_away_breaks_nothing_and_is_asked_again(collector: Any, until: Until) -> None:
    collector.config_status = 503
    collector.config = config(1.0)
    errors: list[Exception] = []
    with keepers.Client(collector.address, "k", on_error=errors.append) as client:
        found = client.assign("cta", "u1")
        assert (found.variant, found.reason) == ("control", "not_ready")
        assert "503" in str(errors[0])
        assert client.stats()["config_age"] is None
        collector.config_status = 200
        until(lambda: look(client) == "treatment")


@pytest.mark.parametrize(("status", "message"), [(401, "check the key"), (404, "check the address")])
def test_a_strict_client_says_at_once_that_there_is_no_config(collector: Any, status: int, message: str) -> None:
    collector.config_status = status
    with pytest.raises(keepers.ConfigUnavailable, match=message):
        keepers.Client(collector.address, "k", strict=True)


def test_nobody_listening_is_no_error_for_the_host(state_home: Path) -> None:
    client = keepers.Client("http://127.0.0.1:9", "k", on_error=lambda error: None)
    assert client.variant("cta", "u1", default="mine") == "mine"
    client.close(0)


def test_a_file_is_read_again_when_it_changes(tmp_path: Path, until: Until) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config(0.0)))
    with keepers.Client(path, sink=lambda batch: None, refresh=0, on_error=lambda error: None) as client:
        assert look(client) == "control"
        path.write_text(json.dumps(config(1.0)))
        until(lambda: look(client) == "treatment")
        path.write_text("{")
        until(lambda: look(client) and client.stats()["config_stale"])
        assert look(client) == "treatment"


def test_a_callable_may_fail(until: Until) -> None:
    answers: list[Any] = [config(1.0)]

    def source() -> Any:
        return answers[0] if answers else 1 / 0

    with keepers.Client(source, sink=lambda batch: None, refresh=0, on_error=lambda error: None) as client:
        answers.clear()
        until(lambda: look(client) and client.stats()["config_stale"])
        assert look(client) == "treatment"
