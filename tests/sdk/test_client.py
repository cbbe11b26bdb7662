"""What each call of the client returns and logs, offline."""

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

import keepers
from keepers.errors import nearest
from keepers.experiment import Arm
from keepers.hashing import digest_of
from keepers.seen import Seen
from keepers.testing import FakeClient, Recorder

VARIANTS = [{"key": "control", "weight": 0.0}, {"key": "treatment", "weight": 1.0, "payload": {"text": "Buy"}}]
WHEN = datetime(2025, 11, 22, 9, 0, tzinfo=timezone(timedelta(hours=1)))


def config(**fields: Any) -> dict[str, Any]:
    experiment = {"key": "cta", "version": 3, "status": "running", "variants": VARIANTS, **fields}
    return {"schema": 1, "environment": "test", "experiments": [experiment]}


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


@pytest.fixture
def errors() -> list[Exception]:
    return []


@pytest.fixture
def client(recorder: Recorder, errors: list[Exception]) -> Iterator[keepers.Client]:
    """A client as applications have it: it reports and does not raise."""
    with keepers.Client(config(), sink=recorder, on_error=errors.append) as client:
        yield client


@pytest.fixture
def fake() -> FakeClient:
    return FakeClient(config=config())


def test_a_variant_is_returned_and_its_exposure_logged_once(fake: FakeClient) -> None:
    assert [fake.variant("cta", "u1", country="DE") for _ in range(3)] == ["treatment"] * 3
    (exposure,) = fake.exposures
    assert exposure["experiment"] == "cta"
    assert exposure["version"] == 3
    assert exposure["variant"] == "treatment"
    assert exposure["units"] == {"user": "u1"}
    assert exposure["attributes"] == {"country": "DE"}
    assert len(exposure["id"]) == 24
    assert "explicit" not in exposure


def test_looking_without_exposing_logs_nothing(fake: FakeClient) -> None:
    assert fake.variant("cta", "u1", expose=False) == "treatment"
    assert fake.assign("cta", "u1").variant == "treatment"
    assert fake.exposures == []


def test_an_assignment_says_what_and_why_and_exposes_when_told(fake: FakeClient) -> None:
    found = fake.assign("cta", "u1", country="DE")
    assert (found.experiment, found.variant, found.reason, found.version) == ("cta", "treatment", "split", 3)
    assert found.payload == {"text": "Buy"}
    assert found.bucket is not None
    assert 0 <= found.bucket < 1
    found.expose(at=1763800000)
    found.expose(at=1763800001)
    (exposure,) = fake.exposures
    assert (exposure["at"], exposure["explicit"], exposure["attributes"]) == (1763800000, True, {"country": "DE"})


def test_the_id_of_an_exposure_is_the_same_in_every_process_on_one_day() -> None:
    ids = []
    for hour in (1, 23):
        fake = FakeClient(config=config())
        fake.variant("cta", "u1", at=datetime(2025, 11, 22, hour, tzinfo=UTC))
        ids.append(fake.exposures[0]["id"])
    assert ids[0] == ids[1]


def test_a_replay_logs_a_unit_once_a_day(fake: FakeClient) -> None:
    for day in (3, 1, 1, 2):
        fake.variant("cta", "u1", at=datetime(2025, 11, day, tzinfo=UTC))
    assert len({exposure["id"] for exposure in fake.exposures}) == len(fake.exposures) == 3


def test_an_exposure_in_a_new_phase_is_logged_again() -> None:
    """De-duplication must not hide a unit from a new version, nor from another experiment."""
    phases = [config(version=1), config(version=2)]
    recorder = Recorder()
    client = keepers.Client(lambda: phases[0], sink=recorder, refresh=0, strict=True)
    client.variant("cta", "u1")
    phases.pop(0)
    client.flush()
    client.flush()
    client.variant("cta", "u1")
    client.close()
    assert [exposure["version"] for exposure in recorder.exposures] == [1, 2]


def test_memory_for_exposures_is_bounded_and_the_recent_half_is_remembered(recorder: Recorder) -> None:
    client = keepers.Client(config(), sink=recorder, dedupe=100, strict=True)
    for unit in [*range(1_000), *range(950, 1_000)]:
        client.variant("cta", f"u{unit}")
    kept = [units for part in client._seen for units in (*part.young.values(), *part.old.values())]
    assert 50 <= sum(map(len, kept)) <= 100
    client.close()
    assert len(recorder.exposures) == 1_000


def test_no_call_pays_for_more_than_a_part_of_what_is_remembered() -> None:
    """A set of a generation of 50,000 took 1.5 ms to grow, and 3 to 4 to be freed, on a caller's thread."""
    seen, arm, units = Seen(100_000), Arm("cta", 1, "b"), [f"u{number}" for number in range(120_000)]
    for unit in units:
        _, known, part = seen.side(arm, digest_of("cta", unit)[0])
        part.add(known, unit)
        assert len(known) <= 100_000 / 2 / 8
    kept = {unit for part in seen for known in (*part.young.values(), *part.old.values()) for unit in known}
    assert 50_000 < len(kept) <= 100_000
    assert len(kept.intersection(units[-50_000:])) > 49_000
    assert kept.isdisjoint(units[:10_000])


def test_a_set_that_a_shortcut_holds_is_emptied_and_any_other_forgotten_when_nobody_is_in_it() -> None:
    seen = Seen(6)
    seen.held.add("held")
    part = seen.part(0)
    sets = {name: part.group(name) for name in ("held", "other")}
    for number in range(7):
        part.add(sets["other"], f"u{number}")
    assert part.old == {"other": {"u3", "u4", "u5"}}
    assert all(part.group(name) is known for name, known in sets.items())
    for number in range(7, 13):
        part.add(sets["held"], f"u{number}")
    assert {name: part.group(name) is known for name, known in sets.items()} == {"held": True, "other": False}


def test_an_unknown_experiment_gives_the_default_and_is_counted(
    client: keepers.Client, errors: list[Exception]
) -> None:
    assert client.variant("ctaa", "u1") == "control"
    assert client.variant("ctaa", "u1", default="b") == "b"
    assert client.assign("ctaa", "u1").reason == "unknown"
    assert client.stats()["unknown"] == 3
    assert [str(error) for error in errors] == ["The config has no experiment 'ctaa'. Did you mean 'cta'?"]


def test_a_hint_takes_no_caller_long(errors: list[Exception], monkeypatch: pytest.MonkeyPatch) -> None:
    """Comparing a key with each of a thousand as a person would takes 50 ms: only in tests."""
    monkeypatch.setattr("difflib.get_close_matches", lambda *_, **__: pytest.fail("slow"))
    experiments = [{**config()["experiments"][0], "key": f"cta-{number}"} for number in range(100)]
    client = keepers.Client({"experiments": experiments}, sink=lambda batch: None, on_error=errors.append)
    keys = {"cta-": "Did you mean 'cta-0'?", "cta_17": "Did you mean", "shop": "It has 100, such as 'cta-0'.", "": "such as"}
    for key, hint in keys.items():
        client.variant(key, "u1")
        assert hint in str(errors.pop())


def test_a_hint_looks_at_a_part_of_many_keys() -> None:
    compared: list[str] = []

    class Key(str):
        def startswith(self, *given: Any) -> bool:
            compared.append(self)
            return super().startswith(*given)

    assert nearest("key-1", [Key(f"key-{number}") for number in range(10_000)]) == " Did you mean 'key-0'?"
    assert len(compared) == 2_000
    assert nearest("a", []) == " It has none."


def test_a_hundred_unknown_keys_leave_room_for_other_reports(caplog: pytest.LogCaptureFixture) -> None:
    client = keepers.Client(config(), sink=lambda batch: None)
    for number in range(150):
        client.variant(f"key-{number}", "u1")
    assert len(caplog.records) == 100
    for _ in range(2):
        client.track("", "u1")
    assert len(caplog.records) == 101
    assert client.stats()["unknown"] == 150


def test_an_unsupported_algorithm_gives_the_default() -> None:
    fake = FakeClient(config=config(algorithm="oracle"))
    found = fake.assign("cta", "u1", default="mine")
    assert (found.variant, found.reason) == ("mine", "unsupported_algorithm")


@pytest.mark.parametrize(
    ("status", "serve", "expected"),
    [
        ("stopped", None, "control"),
        ("decided", {"variant": "treatment", "coverage": 1.0}, "treatment"),
        ("decided", {"variant": "treatment", "coverage": 0.0}, "control"),
    ],
)
def test_an_experiment_that_is_not_running_serves_and_exposes_nobody(status: str, serve: Any, expected: str) -> None:
    fake = FakeClient(config=config(status=status, serve=serve))
    assert fake.variant("cta", "u1") == expected
    assert fake.exposures == []


def test_a_unit_that_the_config_forces_is_marked(fake: FakeClient) -> None:
    fake = FakeClient(config=config(overrides={"qa": "control"}))
    assert [fake.variant("cta", "qa"), fake.variant("cta", "qa")] == ["control", "control"]
    (exposure,) = fake.exposures
    assert exposure["forced"] is True


def test_an_exposure_assigned_elsewhere_is_external_and_never_deduplicated(fake: FakeClient) -> None:
    for _ in range(2):
        fake.expose("cta", "u1", variant="control", at=1763800000, attributes={"list": "a"})
    one, other = fake.exposures
    assert one["external"] is one["explicit"] is True
    assert one["variant"] == "control"
    assert one["id"] != other["id"]
    assert one["attributes"] == {"list": "a"}


def test_an_event_carries_value_time_and_properties(fake: FakeClient) -> None:
    fake.track("purchase", "u1", value=42, at=WHEN, currency="EUR", properties={"value": 1, "at": "shop"})
    fake.track("visit", "u1")
    purchase, visit = fake.events
    assert purchase["value"] == 42.0
    assert purchase["at"] == WHEN.timestamp()
    assert purchase["explicit"] is True
    assert purchase["properties"] == {"currency": "EUR", "value": 1, "at": "shop"}
    assert "value" not in visit
    assert purchase["id"] != visit["id"]


def test_a_reserved_name_goes_through_attributes() -> None:
    fake = FakeClient(config=config(targeting={"default": "yes"}))
    assert fake.variant("cta", "u1", attributes={"default": "yes"}) == "treatment"
    assert fake.variant("cta", "u1", attributes={"default": "no"}) == "control"


def test_a_bound_unit_fills_in_id_and_attributes() -> None:
    fake = FakeClient(config=config(targeting={"country": "DE", "plan": "pro"}))
    user = fake.bind("u1", country="DE")
    assert user.variant("cta") == "control"
    assert user.variant("cta", plan="pro") == "treatment"
    assert user.assign("cta", plan="pro").reason == "split"
    assert user.assign("cta", plan="pro", country="FR").reason == "not_targeted"
    user.track("purchase", 3.0, shop="x")
    user.expose("cta", "control")
    assert fake.events[0]["units"] == {"user": "u1"}
    assert fake.events[0]["properties"] == {"shop": "x"}
    assert [exposure.get("external") for exposure in fake.exposures] == [None, True]


def test_an_experiment_takes_its_own_type_of_unit_and_events_carry_all() -> None:
    fake = FakeClient(config=config(unit="device"))
    both = fake.bind({"user": "u1", "device": "d9"})
    assert both.variant("cta") == "treatment"
    assert fake.exposures[0]["units"] == {"user": "u1", "device": "d9"}
    by_device = fake.assign("cta", {"device": "d9"})
    assert both.assign("cta").bucket == by_device.bucket
    with pytest.raises(keepers.ArgumentError, match="randomises 'device'"):
        fake.variant("cta", "u1")


def test_changing_the_dict_of_units_afterwards_changes_nothing(fake: FakeClient) -> None:
    units = {"user": "u1"}
    fake.track("visit", units)
    units["user"] = "other"
    assert fake.events[0]["units"] == {"user": "u1"}


def test_an_override_forces_a_variant_inside_its_block_only(fake: FakeClient) -> None:
    fake.variant("cta", "u1", expose=False)
    with fake.override({"cta": "control"}):
        assert fake.variant("cta", "u1") == "control"
        with fake.override({"other": "b"}):
            assert (fake.variant("cta", "u1"), fake.variant("other", "u1")) == ("control", "b")
    assert fake.variant("cta", "u1") == "treatment"
    assert [exposure.get("forced") for exposure in fake.exposures] == [True, None]


def test_an_override_is_seen_by_its_own_task_only(fake: FakeClient) -> None:
    async def forced() -> str:
        with fake.override({"cta": "control"}):
            await asyncio.sleep(0)
            return fake.variant("cta", "u1")

    async def plain() -> str:
        await asyncio.sleep(0)
        return fake.variant("cta", "u1")

    async def both() -> list[str]:
        return list(await asyncio.gather(forced(), plain()))

    assert asyncio.run(both()) == ["control", "treatment"]


def test_overrides_of_the_client_hold_throughout(recorder: Recorder) -> None:
    client = keepers.Client(config(), sink=recorder, overrides={"cta": "control"}, strict=True)
    assert [client.assign("cta", unit).reason for unit in ("u1", "u2")] == ["override"] * 2
    assert client.variant("cta", "u1") == "control"
    client.close()
    assert recorder.exposures[0]["forced"] is True


def test_an_on_error_that_raises_breaks_nothing() -> None:
    def broken(error: Exception) -> None:
        raise RuntimeError("broken")

    client = keepers.Client(config(), on_error=broken)
    assert client.variant("cta", None) == "control"  # type: ignore[arg-type]


def test_without_on_error_each_kind_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    client = keepers.Client(config(), sink=Recorder())
    for _ in range(3):
        client.track("purchase", "u1", value="1")  # type: ignore[arg-type]
    assert len(caplog.records) == 1
    assert "value is '1'" in caplog.text
    client.close()


def test_without_a_sink_events_are_discarded_and_nothing_grows() -> None:
    client = keepers.Client(config())
    client.variant("cta", "u1")
    client.track("visit", "u1")
    assert client.flush()
    assert client.stats()["queued"] == client.stats()["dropped"] == 0


def test_after_close_assigning_goes_on_and_events_are_counted_as_dropped(recorder: Recorder) -> None:
    client = keepers.Client(config(), sink=recorder)
    client.close()
    client.close()
    assert client.variant("cta", "u1") == "treatment"
    client.track("visit", "u1")
    assert client.stats()["dropped"] == 2
    assert recorder.records == []


def test_a_path_holds_the_config_and_a_path_takes_the_events(tmp_path: Path) -> None:
    source, sink = tmp_path / "config.json", tmp_path / "events.jsonl"
    source.write_text(json.dumps(config()))
    with keepers.Client(source, sink=str(sink), strict=True) as client:
        client.variant("cta", "u1")
        client.track("visit", "u1")
    types = [json.loads(line)["type"] for line in sink.read_text().splitlines()]
    assert types == ["exposure", "event"]


@pytest.mark.parametrize(
    "arguments",
    [
        {"config": 3},
        {"config": config(), "sink": 3},
        {"config": config(), "queue": 0},
        {"config": config(), "dedupe": "many"},
        {"config": config(), "refresh": -1},
        {"config": "https://"},
        {"config": "http://127.0.0.1:1", "key": "a\nb"},
    ],
)
def test_an_argument_that_cannot_be_used_is_refused_when_the_client_is_built(arguments: dict[str, Any]) -> None:
    with pytest.raises(keepers.ArgumentError):
        keepers.Client(**arguments)


def test_a_config_that_cannot_be_used_is_refused_when_the_client_is_built(tmp_path: Path) -> None:
    with pytest.raises(keepers.ConfigUnavailable, match=r"nothing\.json"):
        keepers.Client(tmp_path / "nothing.json")
    with pytest.raises(keepers.ConfigError, match="weights add to"):
        keepers.Client(config(variants=[{"key": "control", "weight": 0.4}]))


def test_the_fake_gives_everybody_the_named_variant() -> None:
    fake = FakeClient({"cta": "b", "price": "control"})
    assert (fake.variant("cta", "u1"), fake.variant("price", "u2"), fake.variant("new", "u3")) == (
        "b",
        "control",
        "control",
    )
    assert [exposure["variant"] for exposure in fake.exposures] == ["b", "control"]
