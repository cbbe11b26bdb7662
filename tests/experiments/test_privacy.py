"""What of a person is kept: nothing that names them, and no attribute that nobody asked for."""

import json
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from experiments import lifecycle
from experiments.errors import Refused
from experiments.inbox import Inbox, live
from experiments.inbox.loads import plan as waiting
from experiments.plan_file import read_catalog, read_plan
from experiments.privacy import PLAIN, Privacy, personal, read_by
from experiments.registry import Database, experiments, metrics
from experiments.registry.models import RejectRow
from experiments.settings import Settings

PERSONAL = {
    "email_address": ["ann＠example.com", "ann@example.com", "Ann <ann.b+c@mail.example.co.uk>", "mailto:ann@example.com?x", "x ann@xn--bcher-kva.example y"],
    "phone_number": ["+49 30 1234567", "+14155552671", "call +1 (415) 555-2671 now", "+44.20.7946.0018"],
    "card_number": ["4111111111111111", "４１１１１１１１１１１１１１１１", 4111111111111111, "4111 1111 1111 1111", "5500-0000-0000-0004", "378282246310005", "6011000990139424", "2221000000000009", "36227206271667", "no 3530111333300000."],
}  # fmt: skip
HARMLESS = [
    "user-1", "a@b", "@mention", "v1.2@beta", "2026-11-22T08:26:45+01:00", "+1", "+2.8%", "c++", 1763800010123, 1763800010123456, "4111111111111112", 54.90,
    "1234567890123456", "0000000000000000", True, None, "9" * 30, "4" * 12, "C+12345678901", "DE89 3704 0044 0532 0130 00 x", "sha256:" + "a1" * 20,
]  # fmt: skip
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
segments: [country]
covariates: [age]
filters: {bot: true}
targeting: {$or: [{plan: pro}, {device.os: {$in: [ios]}}]}
"""
AT = 1_763_800_010


@pytest.fixture
def home(tmp_path):
    """A registry with one draft, and an inbox."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path), "KEEPERS_HASH_UNITS": "on", "KEEPERS_CHECK_IDS": "on"})
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.migrate()
    inbox.migrate()
    metrics.apply(db, read_catalog("measures: {orders: {event: purchase}}\nmetrics: {ordered: {kind: proportion, measure: orders, window_days: 7}}"), "test")
    lifecycle.save(db, read_plan(PLAN), "test")

    def send(*events, privacy=PLAIN):
        known = experiments.known(db, "development", privacy)
        return inbox.accept(json.dumps({"events": events}).encode(), known, datetime.fromtimestamp(AT + 60, UTC))

    yield settings, inbox, send
    for store in (db, inbox.database):
        store.engine.dispose()


def event(name="e", **more):
    return {"type": "event", "id": name, "name": "purchase", "units": {"user": "u-1"}, "at": AT, **more}


def exposure(name="x", **more):
    return {"type": "exposure", "id": name, "experiment": "checkout", "variant": "calm", "units": {"user": "u-1"}, "at": AT, **more}


@pytest.mark.parametrize(("value", "what"), [(v, what) for what, values in PERSONAL.items() for v in values] + [(v, "") for v in HARMLESS])
def test_what_names_a_person_is_recognised_and_what_does_not_is_left_alone(value, what):
    assert personal(value) == what


def test_personal_data_is_refused_counted_by_its_kind_and_kept_nowhere(home):
    _, inbox, send = home
    bad = [event(what, properties={"note": values[0]}) for what, values in PERSONAL.items()]
    receipt = send(*bad, exposure("named", attributes={"country": "ann@example.com"}), event("key", properties={"ann@example.com": 1}), event("good"))
    assert receipt.accepted == 1
    assert [(r.id, r.reason) for r in receipt.rejected] == [*((w, w) for w in PERSONAL), ("named", "email_address"), ("key", "email_address")]
    assert {r.reason: r.count for r in live.reasons(inbox, datetime(2020, 1, 1, tzinfo=UTC))} == {"email_address": 3, "phone_number": 1, "card_number": 1}
    kept = b"".join(p.read_bytes() for p in home[0].home.glob("inbox.sqlite*"))
    for values in PERSONAL.values():
        assert str(values[0]).encode() not in kept
        assert not any(str(values[0]) in r.message for r in receipt.rejected)


def test_what_is_refused_for_another_reason_keeps_no_personal_data_either(home):
    settings, inbox, send = home
    listed, endless = event("l", properties={"note": ["ann@example.com"]}), event("v", value="1e999", properties={"note": "ann@example.com"})
    assert [r.reason for r in send(listed, endless, event("t", at=0)).rejected] == ["bad_properties", "value_not_a_number", "time_out_of_range"]
    assert send(event("u", at=0, units={"user": "u-77"}), privacy=settings.privacy).rejected
    assert send(event("w", properties={"note": "a" * 5000 + " ann@example.com"})).rejected[0].reason == "bad_properties"
    with inbox.database.read() as session:
        kept = [(row.message, row.body) for row in session.scalars(select(RejectRow))]
    assert "ann@" not in str(kept)
    assert b'"id": "t"' in kept[2][1], "what tells of nobody is shown"
    assert "u-77" not in str(kept), "nor an id in clear where ids are hashed"


def test_ids_are_looked_at_only_where_that_is_configured(home):
    _, _, send = home
    named = event("n", units={"user": "ann@example.com"})
    assert send(named).accepted == 1
    assert send({**named, "id": "m"}, privacy=Privacy(check_ids=True)).rejected[0].reason == "email_address"


def test_attributes_that_the_plan_does_not_name_are_dropped_before_they_are_stored_and_counted(home):
    _, inbox, send = home
    sent = {"country": "DE", "age": 31, "plan": "pro", "device": "phone", "bot": False, "city": "Ulm", "salary": 1}
    assert send(exposure(attributes=sent)).dropped == 2
    assert send(exposure(attributes=sent)).dropped == 0, "a duplicate stores nothing"
    (row,) = waiting(inbox).rows
    assert row.event.properties == {"country": "DE", "age": 31, "plan": "pro", "device": "phone", "bot": False}


@pytest.mark.parametrize(("condition", "names"), [({}, set()), ({"$not": {"a.b": 1}}, {"a"}), ({"$and": [{"a": 1}, {"$nor": [{"b": {"$gt": 1}}]}]}, {"a", "b"})])
def test_what_targeting_reads_is_found_wherever_it_stands(condition, names):
    assert set(read_by(condition)) == names


def test_ids_are_stored_as_hashes_that_agree_with_each_other_and_with_nobody_elses(home):
    settings, inbox, send = home
    send(exposure("x1"), event("e1"), event("e2", units={"user": "u-2"}), privacy=settings.privacy)
    assert send(exposure("x1"), privacy=settings.privacy).duplicate == 1
    stored = {row.event.id: row.event for row in waiting(inbox).rows}
    second, third = stored.pop("e1"), stored.pop("e2")
    (first,) = stored.values()
    assert first.units == second.units != third.units
    assert first.units == {"user": settings.privacy.unit("u-1")}
    assert first.units["user"] != Privacy(salt=b"another").unit("u-1")
    assert first.id != "x1", "senders make an exposure's id of the unit"
    assert b"u-1" not in b"".join(p.read_bytes() for p in settings.home.glob("inbox.sqlite*"))
    assert oct((settings.home / "unit-salt").stat().st_mode)[-3:] == "600"


def test_a_replay_of_hashed_ids_says_why_it_cannot_be(home):
    from argparse import Namespace

    from experiments import commands

    with pytest.raises(Refused, match="stored as hashes"):
        commands.replay(Namespace(key="checkout"), home[0])
