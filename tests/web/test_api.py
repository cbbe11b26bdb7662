"""The REST API: what it does, to whom, and how it says no. Every answer is held against the OpenAPI document."""

import json
import re
from pathlib import Path

import jsonschema
import pytest
import samples
from sqlalchemy import text

from experiments.catalog import Catalog, Measure, Metric
from experiments.registry import experiments, keys, log, metrics
from experiments.reports import FORMATS, MEDIA_TYPES
from experiments.snapshot import Snapshot
from web.api.blueprint import OPERATIONS
from web.api.documents import document


class Api:
    """A program with a key."""

    def __init__(self, site, role="experimenter"):
        self.client = site.app.test_client()
        self.token = keys.create(site.db, name=f"bot {role}", role=role)[1] if role else ""

    def send(self, method, path, body=None, **headers):
        data = json.dumps(body) if body is not None else None
        sent = {"Authorization": f"Bearer {self.token}", **({"Content-Type": "application/json"} if data else {}), **headers}
        answer = self.client.open(f"/api/v1{path}", method=method, data=data, headers=sent)
        if answer.status_code >= 400:
            assert answer.mimetype == "application/problem+json", answer.text
            valid("Problem", answer.get_json())
            assert answer.get_json()["status"] == answer.status_code
        return answer

    def get(self, path):
        return self.send("GET", path)


def valid(name, data):
    """Hold data against one type of the document."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document()["components"]}
    jsonschema.Draft202012Validator(schema).validate(data)


@pytest.fixture(scope="module")
def api(shop):
    return Api(shop, "viewer")


def plan(key="basket-again", **changes):
    return samples.plan(key, **changes).model_dump(mode="json", by_alias=True)


@pytest.mark.slow
def test_an_experiment_is_drafted_changed_launched_stopped_and_decided(site):
    api = Api(site)
    made = api.send("POST", "/experiments", plan())
    assert (made.status_code, made.get_json()["state"]) == (201, "draft")
    valid("Experiment", made.get_json())
    assert api.send("POST", "/experiments", plan()).status_code == 409
    changed = api.send("PUT", "/experiments/basket-again", plan(title="Another title"))
    assert changed.get_json()["title"] == "Another title"
    launched = api.send("POST", "/experiments/basket-again/launch").get_json()
    assert (launched["state"], launched["plan_hash"]) == ("running", experiments.get(site.db, "basket-again").plan_hash)
    assert api.send("PUT", "/experiments/basket-again", plan()).status_code == 409
    assert api.send("POST", "/experiments/basket-again/stop", {"reason": "Enough."}).get_json()["state"] == "stopped"
    against = {"word": "keep", "reason": "We like it.", "learning": "Less typing."}
    refused = api.send("POST", "/experiments/basket-again/decide", against)
    assert refused.status_code == 403
    assert "second person" in refused.get_json()["detail"]
    decided = api.send("POST", "/experiments/basket-again/decide", {**against, "second": "rev@example.com"}).get_json()
    assert (decided["state"], decided["decision"]["by"], decided["decision"]["followed"]) == ("decided", "API key 'bot experimenter'", False)
    assert api.send("POST", "/experiments/basket-again/comments", {"text": "Done."}).status_code == 201
    valid("Log", api.get("/experiments/basket-again/log").get_json())
    assert {e.who for e in log.entries(site.db, "basket-again")} == {"API key 'bot experimenter'"}


def test_lists_come_in_parts_and_by_state_and_words(api):
    whole = api.get("/experiments").get_json()
    valid("Experiments", whole)
    first = api.get("/experiments?limit=3").get_json()
    rest = api.get(f"/experiments?offset={first['next']}").get_json()
    assert [e["key"] for e in first["items"] + rest["items"]] == [e["key"] for e in whole["items"]]
    assert (first["total"], rest["next"]) == (len(whole["items"]), None)
    assert {e["state"] for e in api.get("/experiments?state=draft").get_json()["items"]} == {"draft"}
    assert [e["key"] for e in api.get("/experiments?q=TYPOS").get_json()["items"]] == ["search"]


def test_snapshots_are_those_that_are_stored(api, shop):
    looks = api.get("/experiments/checkout-one-page/snapshots").get_json()
    valid("Looks", looks)
    assert [x["number"] for x in looks["items"]] == list(range(14, 0, -1))
    newest = api.get("/experiments/checkout-one-page/snapshots/latest")
    assert Snapshot.model_validate_json(newest.data).hash == looks["items"][0]["hash"]
    third = api.get("/experiments/checkout-one-page/snapshots/3").get_json()
    valid("Snapshot", third)
    assert third["number"] == 3


@pytest.mark.parametrize("kind", [k if k in ("csv", "pdf") else pytest.param(k, marks=pytest.mark.slow) for k in FORMATS])
def test_reports_come_in_every_format(api, kind):
    answer = api.get(f"/experiments/checkout-one-page/snapshots/14/report.{kind}")
    assert (answer.status_code, answer.mimetype) == (200, MEDIA_TYPES[kind])
    assert len(answer.data) > 1000


def test_what_pages_show_beside_experiments_is_read_too(api):
    calendar = api.get("/calendar").get_json()
    valid("Calendar", calendar)
    stays = {stay["key"]: stay for lane in calendar["layers"] for stay in lane["stays"]}
    assert (stays["search"]["planned"], stays["basket"]["planned"]) == (False, True)
    events = api.get("/events?result=rejected&text=nothing").get_json()
    valid("Events", events)
    assert events["items"] == []
    margin = api.get("/metrics/refused/margin?planned=20000").get_json()
    valid("Margin", margin)
    assert (margin["units"], margin["shown"] <= margin["margin"]) == (20000, True)
    assert margin["sentence"].startswith(f"Suggested: {100 * margin['margin']:.6g}%")
    assert "Did you mean 'refused'?" in api.get("/metrics/refuse/margin").get_json()["detail"]
    refused = api.get("/metrics/refused/trust")
    assert (refused.status_code, refused.get_json()["title"]) == (409, "Conflict"), "nothing of it is in the lake"


@pytest.mark.slow
def test_the_catalogue_is_read_and_changed_by_entry(site):
    api = Api(site)
    measure = {"event": "refund"}
    metric = {"key": "refunds", "kind": "proportion", "measure": "refunds", "window_days": 7, "direction": "decrease"}
    assert api.send("PUT", "/metrics/refunds", metric).status_code == 400
    assert api.send("PUT", "/measures/refunds", measure).status_code == 200
    assert api.send("PUT", "/metrics/refunds", metric).get_json()["window_days"] == 7
    assert metrics.catalog(site.db) == samples.CATALOG.merged(
        Catalog(measures={"refunds": Measure(**measure)}, metrics={"refunds": Metric(**metric)})
    )
    valid("Catalogue", api.get("/metrics").get_json())
    assert api.get("/metrics/refunds").get_json()["key"] == "refunds"
    assert "Did you mean 'refunds'?" in api.get("/metrics/refund").get_json()["detail"]


def test_nothing_is_answered_without_a_key_of_the_api(shop):
    nobody, sdk = Api(shop, ""), Api(shop, "")
    sdk.token = shop.token
    for op in OPERATIONS:
        path = op.path.replace("<key>", "checkout-one-page").replace("<metric>", "completed").replace("<measure>", "orders")
        path = path.replace("<int(min=1, max=2147483647):number>", "1").replace("<format>", "csv")
        for caller in (nobody, sdk):
            answer = caller.send(op.method, path, {} if op.body else None)
            assert (answer.status_code, op.name) == (401, op.name)
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    signed_in = shop.client()
    assert signed_in.get("/api/v1/experiments").status_code == 401


def test_a_key_that_may_read_changes_nothing(shop, api):
    for op in OPERATIONS:
        if op.role != "viewer":
            path = op.path.replace("<key>", "basket").replace("<metric>", "completed").replace("<measure>", "orders")
            path = path.replace("<int(min=1, max=2147483647):number>", "1")
            assert api.send(op.method, path, {} if op.body else None).status_code == 403, op.name
    assert experiments.get(shop.db, "basket").state == "draft"


@pytest.mark.slow
def test_a_key_of_the_api_sends_no_events_and_ends_when_revoked(site):
    api = Api(site)
    site.token = api.token
    assert site.collect({"events": []}).status_code == 401
    assert api.get("/experiments").status_code == 200
    keys.revoke(site.db, keys.listing(site.db)[0].id)
    assert api.get("/experiments").status_code == 401


@pytest.mark.slow
def test_an_administrator_makes_a_key_with_a_role_on_the_page_of_keys(site):
    page = site.send(site.client(), "/keys", {"name": "bot", "environment": "production", "role": "viewer"})
    api = Api(site, "")
    api.token = re.search(r"<pre[^>]*>(api-[^<]+)</pre>", page.text)[1]
    assert api.get("/experiments").status_code == 200
    assert "reporting<small>production" in site.client().get("/keys").text
    assert site.send(site.client(), "/keys", {"name": "bot", "environment": "production", "role": "administrator"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "said"),
    [
        ("GET", "/nothing", None, 404, "nothing at this address"),
        ("DELETE", "/experiments", None, 405, "does not"),
        ("GET", "/experiments/none-such", None, 404, "no experiment is called"),
        ("GET", "/experiments/%00", None, 400, "holds the character NUL"),
        ("GET", "/experiments/checkout-one-page/snapshots/99999999999999999999", None, 404, "nothing at this address"),
        ("GET", "/experiments/checkout-one-page/snapshots/999", None, 404, "no snapshot r999"),
        ("GET", "/experiments/basket/snapshots/latest", None, 404, "no snapshot yet"),
        ("GET", "/experiments/checkout-one-page/snapshots/1/report.exe", None, 404, "choose one of html"),
        ("GET", "/experiments?limit=0", None, 400, "greater than or equal to 1"),
        ("GET", "/experiments?stat=running", None, 400, "Extra inputs"),
        ("GET", "/experiments?state=none-such", None, 400, "Input should be"),
        ("POST", "/experiments/fresh/stop", {"reason": ""}, 400, "at least 1 character"),
        ("POST", "/experiments/fresh/stop", {"reason": "x", "why": 1}, 400, "Extra inputs"),
        ("POST", "/experiments/basket/stop", {"reason": "x"}, 409, "only a running experiment, or one that was decided keep"),
        ("POST", "/experiments/fresh/decide", {"word": "keep", "reason": "x", "variant": "control"}, 400, "Which variant"),
        ("PUT", "/experiments/fresh", {"key": "other"}, 400, "Field required"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_a_problem_that_says_why(shop, method, path, body, status, said):
    answer = Api(shop).send(method, path, body)
    assert answer.status_code == status, answer.text
    problem = answer.get_json()
    assert said in json.dumps(problem)


def test_a_problem_points_to_every_value(shop):
    broken = plan()
    broken["variants"][1]["weight"], broken["alpha"] = 0.9, 2
    answer = Api(shop).send("POST", "/experiments", broken).get_json()
    assert {e["pointer"] for e in answer["errors"]} >= {"/variants", "/alpha"}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"key": "\\ud800"}', b"\xff"])
def test_what_is_no_plan_is_a_problem(shop, body):
    api = Api(shop)
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    answer = api.client.post("/api/v1/experiments", data=body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")


def test_another_content_type_is_refused(shop):
    assert Api(shop).send("POST", "/experiments", plan(), **{"Content-Type": "text/plain"}).status_code == 415


@pytest.mark.slow
def test_a_failure_of_ours_is_a_problem_without_a_word_of_its_cause(site, monkeypatch):
    def fail(db):
        raise RuntimeError("the secret is 42")

    api = Api(site)
    site.app.testing = False
    monkeypatch.setattr(metrics, "catalog", fail)
    answer = api.get("/metrics")
    assert answer.status_code == 500
    assert "42" not in answer.text
    with site.db.begin() as session:
        session.execute(text("DROP TABLE cards"))
    assert api.get("/experiments").status_code == 503


def test_the_document_is_openapi_and_describes_every_operation(shop):
    answer = shop.app.test_client().get("/api/v1/openapi.json").get_json()
    assert answer["openapi"] == "3.1.0"
    described = {(m.upper(), p) for p, methods in answer["paths"].items() for m in methods}
    assert len(described) == len(OPERATIONS)
    jsonschema.Draft202012Validator.check_schema({"$defs": answer["components"]["schemas"]})
    references = set(json.dumps(answer).split('"#/components/schemas/'))
    assert {r.split('"')[0] for r in references if not r.startswith("{")} <= set(answer["components"]["schemas"])


def test_the_page_of_the_document_is_readable_without_a_key(shop):
    page = shop.app.test_client().get("/api/v1/docs").text
    for op in OPERATIONS:
        assert f'id="{op.name}"' in page
    assert OPERATIONS[0].summary in page


SAME = {  # what a page changes, and the operation that does it for programs
    "create": "create_experiment", "change": "put_experiment", "work_out": "work_out_outlook", "add_picture": "add_picture",
    "remove_picture": "remove_picture", "approve": "approve_experiment", "launch": "launch_experiment", "stop": "stop_experiment",
    "extend": "extend_experiment", "clone": "clone_experiment", "archive": "archive_experiment", "restore": "restore_experiment", "comment": "add_comment", "record": "decide_experiment",
    "change_phase": "change_phase", "approve_phase": "approve_phase",
    "make_link": "make_link", "end_link": "end_link", "tell_why": "explain_assignment",
}  # fmt: skip


def test_what_pages_change_programs_change_or_the_docs_say_why_not(shop):
    told = (Path(__file__).parents[2] / "docs" / "api.md").read_text().partition("## What pages do and programs cannot\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`/.*?) \| .+ \|$", told, re.MULTILINE)
    left = [(path, "and below" in row) for row in rows for path in re.findall(r"`([^`]+)`", row)]
    names = {op.name for op in OPERATIONS}
    for rule in shop.app.url_map.iter_rules():
        part, _, view = rule.endpoint.partition(".")
        if "POST" not in rule.methods or part in ("api", "collector"):
            continue
        listed = any(rule.rule == path or (below and rule.rule.startswith(f"{path}/")) for path, below in left)
        assert listed is not (part == "experiments" and SAME.get(view) in names), (rule.rule, "is both, or neither")
