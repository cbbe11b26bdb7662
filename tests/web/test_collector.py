"""The collector: durable before the answer, and a clear answer to everything bad."""

import gzip
import json
import time

import pytest
import samples

from experiments.inbox import live
from experiments.registry import keys
from web import collector


@pytest.fixture(scope="module")
def target(make_site):
    site = make_site()
    site.launched(samples.plan(), "wait", 1)
    return site


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    """No test sees the keys and experiments that an earlier one made the collector remember."""
    monkeypatch.setattr(collector, "_keys", collector.Kept(60))
    monkeypatch.setattr(collector, "_known", collector.Kept(60))


def event(name, **changes):
    return {"type": "event", "id": name, "name": "purchase", "units": {"user": "u1"}, "at": time.time(), "value": 42.0, **changes}


def problem(answer):
    body = answer.json["error"]
    assert set(body) == {"code", "message", "remedy"}
    assert all(body.values())
    return answer.status_code, body["code"]


def test_a_batch_is_stored_before_the_answer_and_each_bad_event_is_refused_alone(target):
    exposure = {"type": "exposure", "id": "x1", "experiment": "checkout-one-page", "units": {"user": "u1"}, "variant": "t1", "at": time.time()}
    batch = [event("a"), event("b", value="54,90 €"), exposure, {**exposure, "id": "x2", "experiment": "chekout-one-page"}, event("a")]
    answer = target.collect({"events": batch})
    assert answer.status_code == 202
    assert (answer.json["accepted"], answer.json["duplicate"]) == (2, 1)
    assert [(r["index"], r["reason"]) for r in answer.json["rejected"]] == [(1, "value_not_a_number"), (3, "unknown_experiment")]
    assert "checkout-one-page" in answer.json["rejected"][1]["message"]
    assert {a.name for a in live.recent(target.inbox, result="counted")} >= {"purchase", "checkout-one-page"}


def test_gzip_is_inflated(target):
    answer = target.collect(gzip.compress(json.dumps({"events": [event("zipped")]}).encode()), Content_Encoding="gzip")
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "expected"),
    [
        (b"{not json", {}, (400, "not_json")),
        (b'{"events": 3}', {}, (400, "bad_shape")),
        (b"", {}, (400, "not_json")),
        (gzip.compress(b'{"events": []}', mtime=0)[:-6], {"Content_Encoding": "gzip"}, (400, "bad_gzip")),
        (gzip.compress(b'{"events": []}', mtime=0) + b"more", {"Content_Encoding": "gzip"}, (400, "bad_gzip")),
        (b"plain", {"Content_Encoding": "gzip"}, (400, "bad_gzip")),
        (b"", {"Content_Encoding": "gzip"}, (400, "bad_gzip")),
        (b" " * (collector.INFLATED // 8 + 1), {}, (413, "too_large")),
        (b" " * 20_000_000, {}, (413, "too_large")),
        (gzip.compress(b" " * (collector.INFLATED + 1), mtime=0), {"Content_Encoding": "gzip"}, (413, "too_large")),
        (json.dumps({"events": [event(str(n)) for n in range(501)]}).encode(), {}, (413, "too_many_events")),
        (b"{}", {"Content_Type": "text/plain"}, (415, "content_type")),
        (b"{}", {"Content_Encoding": "br"}, (415, "content_encoding")),
        (b"{}", {"Authorization": ""}, (401, "key_missing")),
        (b"{}", {"Authorization": "Basic abc"}, (401, "key_missing")),
        (b"{}", {"Authorization": "Bearer sdk-nobody"}, (401, "key_unknown")),
    ],
    ids=lambda value: None if isinstance(value, bytes) else str(value)[:40],
)
def test_bad_input_gets_a_clear_answer_and_stores_nothing(target, body, headers, expected):
    before = live.recent(target.inbox, result="counted")
    assert problem(target.collect(body, **headers)) == expected
    assert live.recent(target.inbox, result="counted") == before


def test_a_revoked_key_is_refused_once_its_few_seconds_have_passed(target, monkeypatch):
    key, token = keys.create(target.db, name="short")
    authorization = {"Authorization": f"Bearer {token}"}
    assert target.collect({"events": []}, **authorization).status_code == 202
    keys.revoke(target.db, key.id)
    later = time.monotonic() + collector.KEY_SECONDS + 100
    monkeypatch.setattr(collector.time, "monotonic", lambda: later)
    assert problem(target.collect({"events": []}, **authorization)) == (401, "key_unknown")


def test_what_could_not_be_stored_is_asked_for_again(target, monkeypatch):
    def full(*arguments):
        raise OSError("disk full")

    monkeypatch.setattr("experiments.inbox.Inbox.accept", full)
    answer = target.collect({"events": [event("again")]})
    assert problem(answer) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "2"


def test_keys_and_experiments_are_asked_for_once_in_a_rush(target, monkeypatch):
    asked = []
    real = keys.verify
    monkeypatch.setattr("web.collector.keys.verify", lambda db, token: asked.append(token) or real(db, token))
    for n in range(5):
        assert target.collect({"events": [event(f"rush-{n}")]}).status_code == 202
    assert len(asked) == 1


def test_what_is_kept_grows_no_further_than_its_limit():
    kept = collector.Kept(60, most=3)
    for n in range(10):
        assert kept.get(n, lambda: n) == n  # noqa: B023
    assert len(kept._values) <= 3


def test_the_config_has_an_etag_and_is_not_sent_twice(target):
    client = target.app.test_client()
    headers = {"Authorization": f"Bearer {target.token}"}
    first = client.get("/v1/config", headers=headers)
    assert first.json["experiments"][0]["key"] == "checkout-one-page"
    again = client.get("/v1/config", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert client.get("/v1/config", headers={**headers, "If-None-Match": '"other"'}).status_code == 200
    assert problem(client.get("/v1/config")) == (401, "key_missing")


def test_a_sender_needs_no_cookie_and_gets_none(target):
    answer = target.collect({"events": []})
    assert "Set-Cookie" not in answer.headers


def test_the_live_view_shows_what_arrived_and_why_something_was_refused(target):
    target.collect({"sdk": "keepers-python/0.1.0", "events": [event("seen"), event("no-unit", units={})]})
    client = target.client("viewer")
    text = client.get("/events").text
    assert "Counted" in text
    assert "The unit is missing" in text
    assert "keepers-python/0.1.0" in text
    only = client.get("/events?result=rejected").text
    assert 'class="rej"' in only
    assert ">Counted</span>" not in only
    assert "Nothing matches" in client.get("/events?text=no-such-thing").text


def test_the_newest_twenty_events_are_open_and_those_before_fold_with_how_many_were_refused(site):
    site.collect({"events": [event("first", units={}), *(event(f"e{n}") for n in range(24))]})
    opened, folded = site.client("viewer").get("/events").text.split('<details class="fold older">')
    assert [part.split("Why events were rejected")[0].count('scope="row"') for part in (opened, folded)] == [20, 5]
    assert "Show 5 before these <span>1 of them rejected" in folded


def test_watching_asks_the_browser_to_come_again_and_not_watching_does_not(target):
    client = target.client("viewer")
    assert client.get("/events?watch=1").headers["Refresh"] == "5"
    assert "Refresh" not in client.get("/events").headers


def test_health_asks_nobody_and_ready_asks_the_databases(target, monkeypatch):
    client = target.app.test_client()
    assert client.get("/ready").status_code == 200

    def gone(*arguments):
        raise OSError("no such file")

    monkeypatch.setattr("web.health.keys.listing", gone)
    assert client.get("/health").status_code == 200
    assert client.get("/ready").status_code == 503
