"""The inbox: every event is kept once, counted as a duplicate, or refused with a reason that helps. None is lost."""

import json
import random
import threading
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from experiments import arriving, lifecycle
from experiments.inbox import Malformed, Receipt, live, loads
from experiments.plan_file import read_plan
from experiments.registry import experiments
from experiments.registry.models import InboxRow, RejectRow

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""
LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
NOW = LAUNCH + timedelta(days=3)
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


@pytest.fixture
def shop(stored: Any) -> Any:
    """An installation with one launched experiment, and another that is a draft."""
    stored.launched(CATALOG, PLAN, LAUNCH)
    lifecycle.save(stored.db, read_plan(PLAN.replace("key: checkout", "key: sketch")), "test")
    return stored


def event(event_id: str = "e-1", **more: Any) -> dict[str, Any]:
    same = {"type": "event", "id": event_id, "name": "order", "units": {"user": "u1"}, "at": NOW.timestamp()}
    return {k: v for k, v in {**same, **more}.items() if v != "absent"}


def exposure(event_id: str = "x-1", **more: Any) -> dict[str, Any]:
    same = {
        "type": "exposure", "id": event_id, "experiment": "checkout", "version": 1, "units": {"user": "u1"},
        "variant": "control", "at": NOW.timestamp(),
    }  # fmt: skip
    return {k: v for k, v in {**same, **more}.items() if v != "absent"}


def accounted(receipt: Receipt, sent: int) -> bool:
    return receipt.accepted + receipt.duplicate + len(receipt.rejected) == sent


NAN, INFINITE = float("nan"), float("inf")
MANY = {f"p{i}": i for i in range(21)}
YEAR_9999 = datetime(9999, 12, 31, tzinfo=UTC).timestamp()
WRONG = [
    (exposure(experiment="chekout"), "unknown_experiment", ["'chekout'", "Did you mean 'checkout'?"]),
    (exposure(experiment="absent"), "unknown_experiment", ["''", "checkout"]),
    (exposure(experiment="x" * 300_000), "unknown_experiment", ["xxx"]),
    (exposure(variant="treatmnt"), "unknown_variant", ["'treatmnt'", "Did you mean 'treatment'?"]),
    (exposure(version=7), "unknown_version", ["version 7", "newest is 1", "Fetch the config"]),
    (exposure(version=0), "unknown_version", ["version 0"]),
    (exposure(version=3_000_000_000), "unknown_version", ["3000000000"]),
    (exposure(units={"device": "d"}), "unit_missing", ["assigned by user", "names device only"]),
    (exposure(units={"user": "u", "device": "d"}, unit="device"), "unit_missing", ["assigned by user", "device"]),
    (exposure(experiment="sketch"), "before_launch", ["'sketch' is a draft", "Launch it", "development key"]),
    (exposure(at=LAUNCH.timestamp() - 1), "before_launch", ["launched at 2026-01-05T00:00:00+00:00", "before that"]),
    (exposure(attributes=MANY), "bad_properties", ["attributes", "at most 20"]),
    (exposure(attributes={"a": [1]}), "bad_properties", ["'a' in attributes is [1]", "send text"]),
    (event(type="click"), "bad_shape", ["'click'", "exposure or event"]),
    (event(type="absent"), "bad_shape", ["missing required field `type`"]),
    (event(id="absent"), "bad_shape", ["missing required field `id`"]),
    (event(id=""), "bad_shape", ["has 0 characters", "1 to 64"]),
    (event(id="i" * 65), "bad_shape", ["has 65 characters"]),
    (event(id="a\0b"), "bad_shape", ["NUL", "leave it out"]),
    (event(id=5), "bad_shape", ["Expected `str`, got `int`"]),
    (event(explicit="yes"), "bad_shape", ["explicit"]),
    (event(name="absent"), "name_missing", ["1 to 200 characters", "purchase"]),
    (event(name="n" * 201), "name_missing", ["1 to 200"]),
    (event(units="absent"), "unit_missing", ["The unit is missing", '"units": {"user": "..."}']),
    (event(units={}), "unit_missing", ["The unit is missing"]),
    (event(units={f"k{i}": "u" for i in range(9)}), "unit_missing", ["The unit is missing"]),
    (event(units={"user": ""}), "unit_missing", ["The user is ''", "1 to 256"]),
    (event(units={"user": None}), "unit_missing", ["The user is None"]),
    (event(units={"user": 17}), "unit_missing", ["The user is 17", "text"]),
    (event(units={"user": "u" * 257}), "unit_missing", ["1 to 256"]),
    (event(value="12"), "value_not_a_number", ["'12'", "54.90"]),
    (event(value=True), "value_not_a_number", ["True"]),
    (event(value=[1]), "value_not_a_number", ["[1]"]),
    (event(value=NAN), "value_not_finite", ["nan", "finite number"]),
    (event(value=INFINITE), "value_not_finite", ["inf"]),
    (event(value=10**400), "value_not_finite", ["1000", "finite number"]),
    (event(properties=[1]), "bad_properties", ["no mapping"]),
    (event(properties=MANY), "bad_properties", ["at most 20"]),
    (event(properties={"cart": {"n": 1}}), "bad_properties", ["'cart'", "send text"]),
    (event(properties={"p": NAN}), "bad_properties", ["'p' in properties is nan"]),
    (event(at="absent"), "time_out_of_range", ["None", "Unix seconds"]),
    (event(at="yesterday"), "time_out_of_range", ["'yesterday'", "RFC 3339"]),
    (event(at="2026-01-08T12:00:00"), "time_out_of_range", ["time zone"]),
    (event(at=True), "time_out_of_range", ["True"]),
    (event(at=NAN), "time_out_of_range", ["nan"]),
    (event(at=10**400), "time_out_of_range", ["1000"]),
    (event(at=YEAR_9999), "time_out_of_range", ["between 2000-01-01 and tomorrow"]),
    (event(at="9999-12-31T23:59:59-12:00"), "time_out_of_range", ["9999", "between 2000-01-01 and tomorrow"]),
    (event(at="0001-01-01T00:00:00+12:00"), "time_out_of_range", ["0001"]),
    (event(at=NOW.timestamp() * 1000), "time_out_of_range", ["between 2000-01-01 and tomorrow", "Unix seconds"]),
    (event(at=946_684_799), "time_out_of_range", ["2000-01-01"]),
    (event(at=NOW.timestamp() + 86_401), "time_out_of_range", ["tomorrow"]),
    ("text", "bad_shape", ["Expected `object`, got `str`"]),
    (None, "bad_shape", ["got `null`"]),
]


def test_each_wrong_event_is_refused_with_its_reason_and_its_batch_is_kept(shop: Any) -> None:
    batch = [event("first"), *(wrong for wrong, _, _ in WRONG), exposure("last")]
    receipt = shop.post(*batch, now=NOW)
    assert (receipt.accepted, receipt.duplicate) == (2, 0)
    assert accounted(receipt, len(batch))
    assert [r.index for r in receipt.rejected] == list(range(1, len(WRONG) + 1))
    for (wrong, reason, words), found in zip(WRONG, receipt.rejected, strict=True):
        assert found.reason == reason, (str(wrong)[:200], found)
        assert all(w in found.message for w in words), (str(wrong)[:200], found)
        assert len(found.message) < 500


def test_refused_events_stay_visible_with_what_was_sent(shop: Any) -> None:
    shop.post(exposure("x-1", variant="treatmnt", units={"user": "u7"}), now=NOW, sdk="keepers-python/0.1.0")
    shop.post(event("e-1", value="12"), event("e-2", value=[]), now=NOW + timedelta(seconds=9), sdk="other")
    newest, other, first = live.recent(shop.inbox, result="rejected")
    assert {newest.reason, other.reason} == {"value_not_a_number"}
    assert (first.kind, first.name, first.variant, first.unit) == ("exposure", "checkout", "treatmnt", "u7")
    assert (first.result, first.sdk, first.received_at) == ("rejected", "keepers-python/0.1.0", NOW)
    counted = live.reasons(shop.inbox, LONG_AGO)
    assert [(r.reason, r.count, r.first_seen) for r in counted] == [
        ("value_not_a_number", 2, NOW + timedelta(seconds=9)), ("unknown_variant", 1, NOW),
    ]  # fmt: skip
    assert counted[0].sdk == "other"
    assert live.reasons(shop.inbox, NOW + timedelta(minutes=1)) == []


def test_of_several_refusals_for_one_reason_the_newest_sentence_is_shown(shop: Any) -> None:
    for value in ("zebra", "ant"):
        shop.post(event(value=value), now=NOW)
    assert "'ant'" in live.reasons(shop.inbox, LONG_AGO)[0].message


def test_what_is_just_inside_the_rules_is_kept(shop: Any) -> None:
    inside = [
        event("i" * 64), event("at-1", at=946_684_800), event("at-2", at=NOW.timestamp() + 86_400),
        event("at-3", at="2026-01-08T12:00:00Z"), event("at-4", at="2026-01-08T12:00:00.5+02:00"),
        event("big", value=1.7e308), event("whole", value=10**30), event("none", value=None), event("name", name="n" * 200),
        event("units", units={f"k{i}": "u" * 256 for i in range(8)}),
        event("scalars", properties={"a": "\0", "b": 1, "c": 1.5, "d": True, "e": None, "f": 10**30}),
        event("unknown field", colour="red"),
        exposure("x-launch", at=LAUNCH.timestamp()), exposure("x-no-version", version="absent"), exposure("x-next", version=2),
        exposure("x-unit", unit="user"), exposure("x-flags", explicit=True, external=True, forced=True),
    ]  # fmt: skip
    assert shop.post(*inside, now=NOW) == Receipt(len(inside), 0, [])
    assert len(loads.plan(shop.inbox).rows) == len(inside)


@pytest.mark.parametrize("written", ["NaN", "Infinity", "-Infinity"])
def test_a_number_that_json_does_not_know_spares_the_rest_of_the_batch(shop: Any, written: str) -> None:
    body = json.dumps({"events": [event("a"), event("b", value="HERE"), event("c")]}).replace('"HERE"', written)
    receipt = shop.inbox.accept(body.encode(), experiments.known(shop.db, "production"), NOW)
    assert (receipt.accepted, [r.id for r in receipt.rejected]) == (2, ["b"])
    assert receipt.rejected[0].reason == "value_not_finite"


def test_text_that_is_not_unicode_spares_the_rest_of_the_batch(shop: Any) -> None:
    good, bad = json.dumps(event("a")).encode(), json.dumps(event("b", name="HERE")).encode()
    for wrong in (b"\xff", b"\\ud800"):
        body = b'{"events": [' + good + b"," + bad.replace(b"HERE", wrong) + b"]}"
        receipt = shop.inbox.accept(body, experiments.known(shop.db, "production"), NOW)
        assert [r.reason for r in receipt.rejected] == ["bad_shape"]
        assert receipt.accepted + receipt.duplicate == 1


MALFORMED = {
    b"": "not_json", b"{": "not_json", b"[]": "bad_shape", b"{}": "bad_shape", b'{"events": null}': "bad_shape",
    b'{"events": {"a": 1}}': "bad_shape", b'{"events": [}': "not_json", b'{"sdk": "\xff", "events": []}': "not_json",
    b'{"sent_at": [], "events": []}': "bad_shape", b'{"lost": [{"count": "x"}], "events": []}': "bad_shape",
    b'{"sent_at": NaN, "events": 3}': "not_json", b'{"events": ' + b"[" * 100_000 + b"]" * 100_000 + b"}": "not_json",
}  # fmt: skip


@pytest.mark.parametrize(("body", "code"), MALFORMED.items(), ids=lambda x: repr(x)[:30])
def test_a_body_that_is_no_batch_is_malformed_and_keeps_nothing(shop: Any, body: bytes, code: str) -> None:
    with pytest.raises(Malformed) as caught:
        shop.inbox.accept(body, experiments.known(shop.db, "production"), NOW)
    assert caught.value.code == code
    assert str(caught.value)
    assert caught.value.remedy
    assert live.tally(shop.inbox, LONG_AGO) == live.Tally(0, 0, 0, 0, None)


def test_a_batch_holds_at_most_500_events(shop: Any) -> None:
    assert shop.post(*(event(str(i)) for i in range(500)), now=NOW).accepted == 500
    with pytest.raises(Malformed, match=r"holds 501 events; at most 500") as caught:
        shop.post(*(event(f"b{i}") for i in range(501)), now=NOW)
    assert caught.value.code == "too_many_events"


def test_an_id_is_kept_once_within_a_batch_and_across_batches(shop: Any) -> None:
    first = shop.post(event("a"), event("a"), event("b"), exposure("a"), event("c", value="x"), now=NOW)
    assert (first.accepted, first.duplicate, len(first.rejected)) == (2, 2, 1)
    again = shop.post(event("b"), event("c"), event("a", value=5.0), now=NOW)
    assert (again.accepted, again.duplicate, len(again.rejected)) == (1, 2, 0)
    assert {w.event.id: w.event.value for w in loads.plan(shop.inbox).rows} == {"a": None, "b": None, "c": None}


def test_environments_keep_their_ids_apart(shop: Any) -> None:
    for environment in ("production", "staging"):
        body = json.dumps({"events": [event("a")]}).encode()
        receipt = shop.inbox.accept(body, experiments.known(shop.db, environment), NOW)
        assert receipt.accepted == 1


def test_outside_production_a_draft_and_times_before_launch_are_taken(shop: Any) -> None:
    batch = [exposure("a", experiment="sketch"), exposure("b", at=LAUNCH.timestamp() - 5)]
    body = json.dumps({"events": batch}).encode()
    assert shop.inbox.accept(body, experiments.known(shop.db, "development"), NOW).accepted == 2


def times(shop: Any) -> dict[str, float]:
    return {w.event.id: w.event.at / 1e6 for w in loads.plan(shop.inbox).rows}


@pytest.mark.parametrize(
    ("off", "corrected"), [(0, False), (59.9, False), (-59.9, False), (60.1, True), (-60.1, True), (7200, True)]
)
def test_a_wrong_clock_is_corrected_above_a_minute_and_never_a_stated_time(
    shop: Any, off: float, corrected: bool
) -> None:
    sent_at, said = NOW.timestamp() - off, NOW.timestamp() - off - 10
    shop.post(event("told", at=said), event("stated", at=said, explicit=True), now=NOW, sent_at=sent_at)
    found = times(shop)
    assert found["told"] == pytest.approx(said + (off if corrected else 0), abs=1e-3)
    assert found["stated"] == pytest.approx(said, abs=1e-3)


def test_what_was_sent_with_a_time_of_its_own_was_received_then(shop: Any) -> None:
    past = NOW.timestamp() - 2 * 86_400
    told, stated = [event("e"), exposure("x")], [event("ee", at=past, explicit=True), exposure("xx", at=past, explicit=True)]
    shop.post(*told, *stated, now=NOW)
    rows = {w.event.id: w.received / 1e6 for w in loads.plan(shop.inbox).rows}
    assert rows == {**dict.fromkeys(("e", "x"), NOW.timestamp()), **dict.fromkeys(("ee", "xx"), past)}


def test_an_exposure_keeps_what_sent_it_unless_the_plan_names_that_or_it_tells_of_a_person(shop: Any) -> None:
    known = experiments.known(shop.db, "production")
    named = {"checkout": replace(known.experiments["checkout"], attributes=frozenset({"sdk"}))}
    for i, (sdk, to) in enumerate([("shop/2\0", known), ("ann@example.com", known), ("shop/2", replace(known, experiments=named))]):
        sent = [exposure(f"x{i}", attributes={"sdk": "own"}), event(f"e{i}", properties={"sdk": "own"})]
        shop.inbox.accept(json.dumps({"events": sent, "sdk": sdk}).encode(), to, NOW)
    kept = {w.event.id: w.event.properties for w in loads.plan(shop.inbox).rows}
    own = {"sdk": "own"}
    assert kept == {"x0": {"sdk": "shop/2"}, "x1": {}, "x2": own, "e0": own, "e1": own, "e2": own}


def test_the_sending_time_may_be_text_and_nonsense_corrects_nothing(shop: Any) -> None:
    shop.post(event("text", at=NOW.timestamp() - 3600), now=NOW, sent_at="2026-01-07T23:00:00Z")
    for i, sent_at in enumerate(["soon", "0001-01-01T00:00:00", "9999-12-31T23:59:59", ""]):
        shop.post(event(f"n{i}", at=NOW.timestamp() - 3600, explicit=True), now=NOW, sent_at=sent_at)
    found = times(shop)
    assert found.pop("text") == pytest.approx(NOW.timestamp())
    assert set(found.values()) == {NOW.timestamp() - 3600}


def test_a_corrected_time_counts_against_the_launch(shop: Any) -> None:
    slow = LAUNCH.timestamp() - 3600  # the sender's clock is an hour behind, and it is a minute after launch
    receipt = shop.post(exposure(at=slow + 60), now=LAUNCH + timedelta(seconds=60), sent_at=slow + 60)
    assert receipt.accepted == 1


def test_losses_are_kept_and_added_up_by_variant(shop: Any) -> None:
    lost = [
        {"experiment": "checkout", "version": 1, "variant": "treatment", "count": 3},
        {"experiment": "checkout", "version": 1, "variant": "control", "count": 1},
        {"experiment": "checkout", "version": 2, "variant": "control", "count": 50},
        {"event": "order", "count": 2},
        {"experiment": "checkout", "variant": "control", "count": 0},
        {"experiment": "checkout", "variant": "control", "count": -4},
    ]
    shop.post(now=NOW, lost=lost)
    shop.post(now=NOW, lost=lost[:1])
    assert live.losses(shop.inbox, "checkout", 1) == {"treatment": 6, "control": 1}
    assert live.losses(shop.inbox, "checkout", 2) == {"control": 50}


def test_a_loss_with_an_id_counts_once_however_often_it_is_told(shop: Any) -> None:
    loss = {"experiment": "checkout", "version": 1, "variant": "control", "count": 3}
    for number in ("b-1-lost", "b-1-lost", "b-2-lost"):
        shop.post(now=NOW, lost=[{"id": number, **loss}])
    assert live.losses(shop.inbox, "checkout", 1) == {"control": 6}


def test_losses_of_other_environments_are_not_those_of_production(shop: Any) -> None:
    lost = [{"id": "x", "experiment": "checkout", "version": 1, "variant": "treatment", "count": 500}]
    shop.inbox.accept(json.dumps({"events": [], "lost": lost}).encode(), experiments.known(shop.db, "development"), NOW)
    assert live.losses(shop.inbox, "checkout", 1) == {}
    assert live.losses(shop.inbox, "checkout", 1, environment="development") == {"treatment": 500}


def test_a_look_at_an_earlier_day_takes_the_losses_that_were_told_by_then(shop: Any) -> None:
    lost = {"experiment": "checkout", "version": 1, "variant": "treatment", "count": 3}
    midnight = datetime(2026, 1, 5, 23, tzinfo=UTC)  # in Amsterdam
    for when in (midnight - timedelta(seconds=1), midnight):
        shop.post(now=when, lost=[lost])
    e, first = experiments.get(shop.db, "checkout"), date(2026, 1, 5)
    for created, cutoff, told in ((LAUNCH, first, 3), (LAUNCH, first + timedelta(days=1), 6), (NOW, first, 6)):
        found = arriving.lost(shop.settings, replace(e, created_at=created), 1, cutoff, "Europe/Amsterdam")
        assert found == {"treatment": told}, "days of before the experiment was stored were replayed"


def test_absurd_losses_and_names_are_no_reason_to_refuse_a_batch(shop: Any) -> None:
    lost = [
        {"experiment": "checkout", "version": 2**40, "variant": "control", "count": 1},
        {"experiment": "checkout", "variant": "control", "count": 2**70},
        {"experiment": "a\0" * 400, "variant": "v\0" * 400, "count": 1},
    ]
    wrong = exposure("x", experiment="no\0such")
    receipt = shop.post(event("a"), wrong, now=NOW, lost=lost, sdk="s\0" * 300, boot="\0")
    assert (receipt.accepted, len(receipt.rejected)) == (1, 1)
    assert set(live.losses(shop.inbox, "checkout", 1)) == {"control"}


def test_the_tally_adds_up_to_what_was_sent(shop: Any) -> None:
    batches = [
        [event("a"), event("b"), exposure("x"), event("c", value="x")],
        [event("a"), exposure("x"), exposure("y")],
        [event("d", at="never")] * 3,
    ]
    receipts = [shop.post(*batch, now=NOW + timedelta(minutes=i)) for i, batch in enumerate(batches)]
    assert all(accounted(r, len(b)) for r, b in zip(receipts, batches, strict=True))
    tally = live.tally(shop.inbox, LONG_AGO)
    assert (tally.accepted, tally.duplicate, tally.rejected) == (4, 2, 4)
    assert tally.accepted + tally.duplicate + tally.rejected == sum(map(len, batches))
    assert tally.last_at == NOW + timedelta(minutes=1)
    later = live.tally(shop.inbox, NOW + timedelta(minutes=2))
    assert (later.accepted, later.duplicate, later.rejected) == (0, 0, 3)


def test_the_live_view_finds_events_by_text_and_kind(shop: Any) -> None:
    shop.post(event("a", name="signed_up"), exposure("x", units={"user": "ada"}), event("b", value=[]), now=NOW)
    assert {e.name for e in live.recent(shop.inbox)} == {"signed_up", "checkout", "order"}
    assert [e.name for e in live.recent(shop.inbox, kind="exposure")] == ["checkout"]
    assert [e.name for e in live.recent(shop.inbox, text="SIGNED")] == ["signed_up"]
    assert [e.unit for e in live.recent(shop.inbox, text="ada")] == ["ada"]
    assert [e.result for e in live.recent(shop.inbox, result="rejected")] == ["rejected"]
    assert live.recent(shop.inbox, environment="staging") == []
    assert len(live.recent(shop.inbox, limit=2)) == 2


def test_senders_at_once_lose_and_double_nothing(shop: Any) -> None:
    """Four senders post batches that overlap, each in an order of its own; one more retries everything."""
    ids = [f"e-{i}" for i in range(600)]
    known = experiments.known(shop.db, "production")
    receipts: list[Receipt] = []
    failed: list[BaseException] = []

    def send(seed: int) -> None:
        order = random.Random(seed).sample(ids, len(ids))
        for i in range(0, len(order), 60):
            batch = [event(e) if e[-1] != "7" else exposure(e) for e in order[i : i + 60]]
            try:
                receipts.append(shop.inbox.accept(json.dumps({"events": batch}).encode(), known, NOW))
            except BaseException as error:
                failed.append(error)

    threads = [threading.Thread(target=send, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert failed == []
    with shop.inbox.database.read() as session:
        kept = list(session.scalars(select(InboxRow.id)))
        assert session.scalar(select(func.count()).select_from(RejectRow)) == 0
    assert sorted(kept) == sorted(ids)
    assert sum(r.accepted for r in receipts) == 600
    assert sum(r.duplicate for r in receipts) == 3 * 600
    tally = live.tally(shop.inbox, LONG_AGO)
    assert (tally.accepted, tally.duplicate, tally.rejected) == (600, 1800, 0)
