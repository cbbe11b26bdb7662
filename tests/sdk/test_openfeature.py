"""The provider for OpenFeature, through the SDK that OpenFeature publishes: values, reasons, exposures, events."""

import asyncio
from collections.abc import Iterator
from queue import SimpleQueue
from typing import Any

import pytest
from openfeature import api
from openfeature.client import OpenFeatureClient
from openfeature.evaluation_context import EvaluationContext
from openfeature.event import EventDetails, ProviderEvent
from openfeature.track import TrackingEventDetails

import keepers
from keepers.openfeature import KeepersProvider
from keepers.testing import FakeClient

ARMS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
TREATMENT = [{"key": "control", "weight": 0}, {"key": "treatment", "weight": 1}]
NOBODY = {"name": "all", "share": 1.0}
CONFIG = {
    "experiments": [
        {"key": "split", "variants": ARMS},
        {"key": "all", "variants": TREATMENT},
        {"key": "german", "variants": TREATMENT, "targeting": {"country": "DE"}},
        {"key": "held", "variants": TREATMENT, "holdout": NOBODY},
        {"key": "stopped", "variants": ARMS, "status": "stopped"},
        {"key": "kept", "variants": ARMS, "status": "decided", "serve": {"variant": "treatment"}},
        {"key": "kept-half", "variants": ARMS, "status": "decided", "serve": {"variant": "treatment", "coverage": 0.5}},
        {"key": "forced", "variants": ARMS, "overrides": {"qa": "treatment"}},
        {"key": "devices", "variants": ARMS, "unit": "device"},
        {"key": "odd", "variants": TREATMENT, "algorithm": "oracle"},
        {"key": "number", "variants": [{"key": "a", "weight": 1, "payload": 10.5}]},
        {"key": "list", "variants": [{"key": "a", "weight": 1, "payload": [1, 2]}]},
    ]
}
USER = EvaluationContext("user-1")


@pytest.fixture
def fake() -> Iterator[FakeClient]:
    with FakeClient(config=CONFIG) as client:
        api.set_provider_and_wait(KeepersProvider(client))
        yield client
        api.clear_providers()


@pytest.fixture
def flags(fake: FakeClient) -> OpenFeatureClient:
    return api.get_client()


def of(country: str, key: str | None = "user-1") -> EvaluationContext:
    return EvaluationContext(key, {"country": country})


@pytest.mark.parametrize(
    ("flag", "context", "variant", "reason"),
    [
        ("split", USER, None, "SPLIT"),
        ("all", USER, "treatment", "STATIC"),
        ("all", None, "treatment", "STATIC"),
        ("german", of("DE"), "treatment", "TARGETING_MATCH"),
        ("german", of("DE", None), "treatment", "TARGETING_MATCH"),
        ("german", of("FR"), "control", "DEFAULT"),
        ("held", USER, "control", "DEFAULT"),
        ("stopped", None, "control", "DISABLED"),
        ("kept", None, "treatment", "STATIC"),
        ("kept-half", EvaluationContext("user-2"), None, None),
        ("forced", EvaluationContext("qa"), "treatment", "TARGETING_MATCH"),
        ("devices", EvaluationContext("user-1", {"device": "d-9"}), None, "SPLIT"),
    ],
)
def test_a_reason_says_what_decided(fake: FakeClient, flags: Any, flag: str, context: Any, variant: Any, reason: Any) -> None:
    """Where a unit is needed the variant is what the client itself gives to it."""
    details = flags.get_string_details(flag, "default", context)
    assert (details.error_code, details.flag_metadata) == (None, {"version": 1})
    assert details.value == details.variant
    if variant is None:
        device = context.attributes.get("device")
        variant = fake.variant(flag, {"device": device} if device else context.targeting_key, expose=False)
    assert details.variant == variant
    if reason is None:
        reason = "STATIC" if variant == "treatment" else "DEFAULT"
    assert details.reason == reason


@pytest.mark.parametrize(
    ("flag", "context", "code"),
    [
        ("splitt", USER, "FLAG_NOT_FOUND"),
        ("split", None, "TARGETING_KEY_MISSING"),
        ("devices", USER, "TARGETING_KEY_MISSING"),
        ("kept-half", None, "TARGETING_KEY_MISSING"),
        ("held", None, "TARGETING_KEY_MISSING"),
        ("number", None, "TYPE_MISMATCH"),
        ("odd", USER, "GENERAL"),
        ("split", EvaluationContext("x" * 300), "GENERAL"),
    ],
)
def test_an_error_gives_the_default_and_a_code(flags: Any, flag: str, context: Any, code: str) -> None:
    details = flags.get_string_details(flag, "default", context)
    assert (details.value, details.reason, details.error_code.value) == ("default", "ERROR", code)


def test_a_value_is_the_payload_and_types_are_not_mixed(flags: Any) -> None:
    assert flags.get_float_value("number", 0.0) == 10.5
    assert flags.get_integer_details("number", 3).error_code.value == "TYPE_MISMATCH"
    assert flags.get_boolean_details("number", True).error_code.value == "TYPE_MISMATCH"
    assert flags.get_object_value("list", {}) == [1, 2]
    assert flags.get_boolean_value("all", False) is True
    assert flags.get_boolean_value("stopped", True) is False
    assert flags.get_float_details("all", 1.5).error_code.value == "TYPE_MISMATCH"


def test_an_evaluation_logs_the_exposure_once_with_its_attributes(fake: FakeClient, flags: Any) -> None:
    for _ in range(3):
        flags.get_boolean_value("split", False, EvaluationContext("user-1", {"country": "DE"}))
    flags.get_boolean_value("all", False)
    flags.get_boolean_value("stopped", False, USER)
    (exposure,) = fake.exposures
    assert (exposure["experiment"], exposure["units"], exposure["attributes"]) == ("split", {"user": "user-1"}, {"country": "DE"})


def test_tracking_becomes_an_event(fake: FakeClient, flags: Any) -> None:
    flags.track("purchase", USER, TrackingEventDetails(42.5, {"currency": "EUR"}))
    flags.track("seen", USER)
    bought, seen = fake.events
    assert (bought["name"], bought["units"], bought["value"], bought["properties"]) == ("purchase", {"user": "user-1"}, 42.5, {"currency": "EUR"})
    assert "value" not in seen


def test_tracking_nobody_is_reported_and_raises_nothing() -> None:
    told: list[Exception] = []
    with keepers.Client({"experiments": []}, sink=lambda batch: None, spool=False, on_error=told.append) as client:
        KeepersProvider(client).track("purchase", None)
    assert "must have 1 to 256" in str(told[0])


def test_even_a_strict_client_raises_nothing_through_the_provider(fake: FakeClient) -> None:
    provider = KeepersProvider(fake)
    provider.track("purchase", EvaluationContext(""))
    assert provider.resolve_string_details("no such", "default", USER).value == "default"


def test_before_there_is_a_config_the_default_is_given() -> None:
    client = keepers.Client("http://127.0.0.1:9", sink=lambda batch: None, spool=False, on_error=lambda error: None)
    with client:
        details = KeepersProvider(client).resolve_boolean_details("split", True, USER)
    assert (details.value, details.error_code.value) == (True, "PROVIDER_NOT_READY")


def test_ready_is_said_once_by_openfeature_itself() -> None:
    told: SimpleQueue[EventDetails] = SimpleQueue()
    api.add_handler(ProviderEvent.PROVIDER_READY, told.put)  # called by a thread of OpenFeature's
    with FakeClient(config=CONFIG) as client:
        api.set_provider_and_wait(KeepersProvider(client))
        while told.get(timeout=30).provider_name != "keepers":
            pass  # the provider before this one was ready
        api.clear_providers()
    assert told.empty()


def test_it_serves_asyncio(flags: Any) -> None:
    assert asyncio.run(flags.get_boolean_value_async("all", False)) is True
