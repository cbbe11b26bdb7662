"""Bad input gets a clear answer, over a real server, and nothing else is lost."""

import gzip
import http.client
import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experiments import lifecycle
from experiments.errors import DefinitionError
from experiments.inbox import live
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import metrics

pytestmark = pytest.mark.slow

CATALOG = """
measures: {orders: {event: purchase}}
metrics: {ordered: {kind: proportion, measure: orders, window_days: 7}}
"""
PLAN = """
key: checkout-cta
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""
NOW = time.time()
GOOD = {"type": "event", "id": "good-1", "name": "purchase", "units": {"user": "u-1"}, "at": NOW, "value": 4.5}
EXPOSED = {"type": "exposure", "experiment": "checkout-cta", "variant": "calm", "units": {"user": "u-1"}, "at": NOW}
BAD_EVENTS = [
    ({**GOOD, "id": "nan", "value": float("nan")}, "value_not_finite", "The value is nan"),
    ({**GOOD, "id": "late", "at": "9999-01-01T00:00:00Z"}, "time_out_of_range", "9999-01-01"),
    ({**GOOD, "id": "lost", "units": None}, "unit_missing", '"units": {"user": "..."}'),
    ({**GOOD, "id": "text", "value": "54,90 €"}, "value_not_a_number", "54,90 €"),
    ({**EXPOSED, "id": "typo", "experiment": "chekout-cta"}, "unknown_experiment", "Did you mean 'checkout-cta'?"),
    ({**EXPOSED, "id": "arm", "variant": "clam"}, "unknown_variant", "Did you mean 'calm'?"),
    ({**EXPOSED, "id": "early", "at": NOW - 86_400}, "before_launch", "was launched at"),
]


@pytest.fixture(scope="module")
def home(install: Any) -> Any:
    with install("bad-input") as made:
        metrics.apply(made.db, read_catalog(CATALOG), "test")
        lifecycle.save(made.db, read_plan(PLAN), "test")
        lifecycle.launch(made.db, "checkout-cta", "test", at=datetime.now(UTC) - timedelta(hours=1))
        yield made


@pytest.fixture
def post(home: Any) -> Callable[..., tuple[int, Any]]:
    """Return a function that posts a body and returns status and decoded answer."""

    def send(body: bytes, **headers: str) -> tuple[int, Any]:
        connection = http.client.HTTPConnection(home.address.removeprefix("http://"), timeout=30)
        known = {"Authorization": f"Bearer {home.token}", "Content-Type": "application/json"}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request("POST", "/v1/events", body, {**known, **named})
        answer = connection.getresponse()
        found = answer.status, json.loads(answer.read())
        connection.close()
        return found

    return send


def test_bad_events_are_refused_one_by_one_and_the_good_one_among_them_counts(home: Any, post: Any) -> None:
    events = [GOOD, *(event for event, _, _ in BAD_EVENTS), {**EXPOSED, "id": "good-2"}]
    status, answer = post(json.dumps({"events": events}).encode())
    assert (status, answer["accepted"], answer["duplicate"]) == (202, 2, 0)
    assert [(r["id"], r["reason"]) for r in answer["rejected"]] == [(e["id"], why) for e, why, _ in BAD_EVENTS]
    for reject, (_, _, words) in zip(answer["rejected"], BAD_EVENTS, strict=True):
        assert words in reject["message"]
    shown = {arrived.reason for arrived in live.recent(home.inbox, result="rejected")}
    assert shown == {why for _, why, _ in BAD_EVENTS}


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (gzip.compress(b'{"events": []}' * 9, mtime=0)[:30], {"Content_Encoding": "gzip"}, 400, "bad_gzip"),
        (b" " * 20_000_000, {}, 413, "too_large"),
        (gzip.compress(b" " * 20_000_000, mtime=0), {"Content_Encoding": "gzip"}, 413, "too_large"),
        (b'{"events": [', {}, 400, "not_json"),
        (b'{"events": ' + b"[" * 100_000, {}, 400, "not_json"),
        (b"[]", {}, 400, "bad_shape"),
        (json.dumps({"events": [GOOD] * 501}).encode(), {}, 413, "too_many_events"),
        (b"{}", {"Content_Type": "text/plain"}, 415, "content_type"),
        (b'{"events": []}', {"Authorization": "Bearer sdk-nobody-has-this"}, 401, "key_unknown"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_body_gets_its_own_answer_with_a_remedy(
    home: Any, post: Any, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    before = live.tally(home.inbox, datetime(2000, 1, 1, tzinfo=UTC))
    found, answer = post(body, **headers)
    assert (found, answer["error"]["code"]) == (status, code)
    assert answer["error"]["message"]
    assert answer["error"]["remedy"]
    assert live.tally(home.inbox, datetime(2000, 1, 1, tzinfo=UTC)) == before


def test_a_plan_whose_weights_add_to_1_1_is_refused_with_its_line() -> None:
    text = PLAN.replace("{key: calm, weight: 0.5}", "{key: calm, weight: 0.6}")
    with pytest.raises(DefinitionError, match=r"plan\.yaml:3: weights add to 1\.1 .*must add to 1: change one"):
        read_plan(text)


def test_a_metric_that_names_an_unknown_measure_is_refused(home: Any) -> None:
    catalog = read_catalog("metrics: {sold: {kind: mean, measure: ordrs}}")
    with pytest.raises(DefinitionError, match=r"'sold' names the measure 'ordrs'.*Did you mean 'orders'\?"):
        metrics.apply(home.db, catalog, "test")
