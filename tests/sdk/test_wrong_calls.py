"""A call that cannot be used never raises in an application: it is counted, reported, and its loss told."""

import math
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

import keepers
from keepers.testing import FakeClient, Recorder

VARIANTS = [{"key": "control", "weight": 0.0}, {"key": "treatment", "weight": 1.0}]
CONFIG = {"schema": 1, "experiments": [{"key": "cta", "version": 1, "status": "running", "variants": VARIANTS}]}
EIGHT = 1763798400.0  # 22 November 2025, 08:00 UTC


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def client(recorder: Recorder, errors: list[Exception]) -> Iterator[keepers.Client]:
    """A client as applications have it: it reports and does not raise."""
    with keepers.Client(CONFIG, sink=recorder, on_error=errors.append) as client:
        yield client


@pytest.fixture
def fake() -> FakeClient:
    return FakeClient(config=CONFIG)


WRONG: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("track", ("purchase", "u1"), {"value": "42"}),
    ("track", ("purchase", "u1"), {"value": True}),
    ("track", ("purchase", "u1"), {"value": math.nan}),
    ("track", ("purchase", "u1"), {"value": 10**400}),
    ("track", ("purchase", ""), {}),
    ("track", ("purchase", "x" * 257), {}),
    ("track", ("purchase", None), {}),
    ("track", ("purchase", {}), {}),
    ("track", ("purchase", {"user": ""}), {}),
    ("track", ("", "u1"), {}),
    ("track", (None, "u1"), {}),
    ("track", ("purchase", "u1"), {"at": "yesterday"}),
    ("track", ("purchase", "u1"), {"at": math.inf}),
    ("track", ("purchase", "u1"), {"at": 1763800000000}),
    ("expose", ("cta", "u1", ""), {}),
    ("expose", ("cta", None, "control"), {}),
    ("variant", ("cta", ""), {}),
    ("variant", ("cta", None), {}),
    ("variant", ("cta", "x" * 300), {}),
    ("variant", ("cta", "\ud800"), {}),
    ("variant", (["cta"], "u1"), {}),
    ("variant", ("cta", {"device": "d"}), {}),
    ("variant", ("cta", "u1"), {"at": "noon"}),
    ("assign", ("cta", object()), {}),
    ("variant", ("cta", "u1"), {"attributes": 5}),
    ("assign", ("cta", "u1"), {"attributes": [1]}),
    ("expose", ("cta", "u1", "control"), {"attributes": [1]}),
    ("track", ("purchase", "u1"), {"properties": 5}),
    ("bind", ("u1",), {"attributes": 5}),
    ("bind", (None,), {}),
    ("bound.variant", ("cta",), {"attributes": 5}),
    ("bound.assign", ("cta",), {"attributes": [1]}),
    ("bound.expose", ("cta", "control"), {"attributes": [1]}),
    ("bound.track", ("purchase",), {"properties": "x"}),
    ("override", (None,), {}),
    ("override", ({"cta": 5},), {}),
    ("override", ({"cta": ""},), {}),
    ("override", ({5: "control"},), {}),
    ("flush", (None,), {}),
    ("flush", ("x",), {}),
    ("flush", (math.nan,), {}),
    ("close", (None,), {}),
]


def make(client: keepers.Client, call: str, arguments: tuple[Any, ...], options: dict[str, Any]) -> Any:
    """Call a method of the client, or of one with the unit filled in."""
    of: Any = client.bind("u1", country="DE") if call.startswith("bound.") else client
    return getattr(of, call.removeprefix("bound."))(*arguments, **options)


@pytest.mark.parametrize(("call", "arguments", "options"), WRONG)
def test_a_wrong_call_never_raises_and_is_counted_and_reported(
    client: keepers.Client, errors: list[Exception], call: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    make(client, call, arguments, options)
    assert client.stats()["invalid"] == len(errors) == 1


@pytest.mark.parametrize(("call", "arguments", "options"), WRONG)
def test_a_wrong_call_raises_in_strict_mode(
    fake: FakeClient, call: str, arguments: tuple[Any, ...], options: dict[str, Any]
) -> None:
    with pytest.raises((keepers.ArgumentError, UnicodeError, TypeError)):
        make(fake, call, arguments, options)


def test_a_wrong_override_forces_nothing_and_is_refused_where_a_client_is_made(client: keepers.Client) -> None:
    wrong: Any = {"cta": 5}
    with client.override(wrong):
        assert client.variant("cta", "u1") == "treatment"
    with pytest.raises(keepers.ArgumentError, match=r"the override of 'cta' is 5: it must be the key of a variant\."):
        keepers.Client(CONFIG, overrides=wrong)


def test_a_client_whose_last_call_is_wrong_is_closed(client: keepers.Client, recorder: Recorder) -> None:
    client.track("visit", "u1")
    client.close("soon")  # type: ignore[arg-type]
    assert len(recorder.events) == 1
    client.track("visit", "u2")
    assert client.stats()["dropped"] == 1


def test_an_external_exposure_has_texts_whatever_it_was_given(fake: FakeClient) -> None:
    fake.expose(7, "u1", variant=8)  # type: ignore[arg-type]
    assert (fake.exposures[0]["experiment"], fake.exposures[0]["variant"]) == ("7", "8")


def test_a_refused_event_is_reported_as_lost_in_the_next_batch(client: keepers.Client, recorder: Recorder) -> None:
    client.track("purchase", "u1", value=math.nan)
    client.track("visit", "u1")
    assert client.flush()
    (told,) = recorder.batches[0]["lost"]
    assert {**told, "id": ""} == {"id": "", "event": "purchase", "count": 1}


def test_a_property_that_cannot_be_sent_is_left_out_and_reported(
    client: keepers.Client, recorder: Recorder, errors: list[Exception]
) -> None:
    client.track("visit", "u1", page=["a"], ok="yes", bad=math.inf)
    assert client.flush()
    assert recorder.events[0]["properties"] == {"ok": "yes"}
    assert "page" in str(errors[0])


def test_a_naive_datetime_is_utc_and_refused_in_strict_mode(
    client: keepers.Client, recorder: Recorder, fake: FakeClient
) -> None:
    naive = datetime(2025, 11, 22, 8, 0)
    client.track("visit", "u1", at=naive)
    assert client.flush()
    assert recorder.events[0]["at"] == EIGHT
    with pytest.raises(keepers.ArgumentError, match="no time zone"):
        fake.track("visit", "u1", at=naive)


def test_numbers_of_other_kinds_are_values_and_whole_numbers_are_ids(fake: FakeClient) -> None:
    import numpy as np

    values: list[Any] = [Decimal("1.5"), np.float64(1.5), np.float32(1.5)]
    for value in values:
        fake.track("purchase", 17, value=value)
    assert [event["value"] for event in fake.events] == [1.5] * 3
    assert fake.events[0]["units"] == {"user": "17"}
    with pytest.raises(keepers.ArgumentError):
        fake.track("purchase", "u1", value=np.bool_(True))  # type: ignore[arg-type]
