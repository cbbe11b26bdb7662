"""Each known way in, tried: it must stay shut, over every route where the application says what its routes are."""

import gzip
import re
from dataclasses import replace

import pytest
import samples

from experiments import lifecycle
from experiments.inbox import erasing
from experiments.registry import experiments, snapshots
from web.access import local

pytestmark = pytest.mark.slow

SCRIPT = "<script>alert(1)</script>"
ATTRIBUTE = '" onmouseover="alert(1)" x="'
INJECTED = (
    "' OR 1=1 --", "x'; DROP TABLE log; --", '" UNION SELECT token_hash FROM api_keys --', "%' ESCAPE '", 'a" OR "b', "*", "NEAR(", "AND OR",
)
MACHINES = ("collector", "api")


@pytest.fixture(scope="module")
def shop(make_site):
    """An installation that is only looked at: one experiment, with a few snapshots."""
    made = make_site()
    made.launched(samples.plan(), "keep", 2)
    return made


def mutating(app):
    """Every route that takes a form: (address with parts filled in, method)."""
    for rule in app.url_map.iter_rules():
        for method in sorted(rule.methods - {"GET", "HEAD", "OPTIONS"}):
            if rule.endpoint.split(".")[0] not in MACHINES:
                yield re.sub(r"<(?:any\((\w+)[^)]*\):|\w+:)?\w+>", lambda part: part[1] or "1", rule.rule), method


def test_every_route_that_changes_something_refuses_a_form_of_another_site(shop):
    found = list(mutating(shop.app))
    assert len(found) >= 10, "the routes were not found"
    client, before = shop.client(), experiments.listing(shop.db)
    for address, method in found:
        for forged in ({}, {"csrf_token": "forged"}, {"csrf_token": "IjEi.x.y"}):
            answer = client.open(address, method=method, data=forged, headers={"Origin": "https://evil.example"})
            assert (answer.status_code, "not recognised as ours" in answer.text) == (400, True), (address, answer.status_code)
    assert experiments.listing(shop.db) == before


def test_a_session_that_was_prepared_before_sign_in_is_worth_nothing_after_it(shop):
    client = shop.client("")
    client.get("/sign-in")
    prepared = client.get_cookie("session").value
    shop.send(client, "/sign-in", {"email": "vi@example.com", "password": "correct horse battery"})
    assert client.get_cookie("session").value != prepared
    attacker = shop.app.test_client()
    attacker.set_cookie("session", prepared)
    assert attacker.get("/experiments").status_code == 303


def test_an_edited_session_signs_nobody_in(shop):
    client = shop.client("viewer")
    payload, _, rest = client.get_cookie("session").value.partition(".")
    thief = shop.app.test_client()
    for forged in (f"{payload}.{rest[:-3]}abc", payload[:-2] + "AA." + rest, "eyJfdXNlcl9pZCI6IjEifQ.x.y"):
        thief.set_cookie("session", forged)
        assert thief.get("/experiments").status_code == 303


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "javascript:alert(1)", "/\t/evil.example", "/\n/evil.example",
     " //evil.example", "http:evil.example", "///evil.example", "\\\\evil.example", "evil.example", "/\r\nLocation: //evil.example"],
)  # fmt: skip
def test_sign_in_sends_nobody_to_another_site(shop, target):
    assert local(target, "/home") == "/home"
    form = {"email": "vi@example.com", "password": "correct horse battery", "next": target}
    assert shop.send(shop.client(""), "/sign-in", form).headers["Location"] == "/experiments"


@pytest.mark.parametrize(
    "path",
    ["/static/../security.py", "/static/..%2fsecurity.py", "/static/%2e%2e/%2e%2e/setup.cfg", "/static/....//setup.cfg", "/static//etc/passwd",
     "/experiments/checkout-one-page/report.../../../secret", "/experiments/..%2f..%2fsecret/report.csv", "/audit/export.../secret"],
)  # fmt: skip
def test_no_path_leads_out_of_what_is_served(shop, path):
    answer = shop.client().get(path, follow_redirects=True)
    assert answer.status_code in (400, 404)
    assert b"[metadata]" not in answer.data
    assert shop.settings.secret not in answer.data


def hostile_plan():
    return samples.plan("xss", title=SCRIPT + ATTRIBUTE, hypothesis=SCRIPT, change=ATTRIBUTE, owner=SCRIPT, team=ATTRIBUTE)


@pytest.mark.slow
def test_names_hypotheses_reasons_and_learnings_are_text_on_every_page(site):
    site.launched(hostile_plan(), "keep", 2)
    said = {"word": "again", "reason": SCRIPT, "learning": ATTRIBUTE, "by": "pm@example.com", "second": "rev@example.com"}
    lifecycle.comment(site.db, "xss", SCRIPT, ATTRIBUTE + SCRIPT)
    lifecycle.decide(site.db, "xss", **said)
    bad = {"type": "event", "id": SCRIPT[:60], "name": SCRIPT, "units": {ATTRIBUTE: ATTRIBUTE}, "at": 1, "properties": {SCRIPT: ATTRIBUTE}}
    site.collect({"sdk": SCRIPT, "events": [bad, {**bad, "at": 1763800010}]})
    client = site.client()
    pages = ["/experiments", f"/experiments?q={SCRIPT}", "/experiments/xss", "/experiments/xss?snapshot=1", "/events", f"/events?text={SCRIPT}", "/audit"]
    for page in [*pages, "/experiments/xss/report.html", f"/learnings?q={SCRIPT}", f"/experiments/{SCRIPT}", f"/metrics/{SCRIPT}"]:
        text = client.get(page).text
        assert SCRIPT not in text, page
        assert not re.search(r'<[^>]*[^\w&;]onmouseover="', text), page


@pytest.mark.parametrize("searched", ["/experiments?q={}&state={}", "/experiments?sort={}", "/events?text={}&kind={}&result={}", "/learnings?q={}", "/audit?who={}&experiment={}"])
def test_what_is_searched_or_sorted_by_is_never_sql(shop, searched):
    client = shop.client()
    for text in INJECTED:
        answer = client.get(searched.replace("{}", text.replace("%", "%25").replace(" ", "+")))
        assert answer.status_code in (200, 400), text
        assert "sha256" not in answer.text
    assert experiments.listing(shop.db)


@pytest.mark.slow
def test_a_share_link_opens_its_experiment_and_no_other_and_ends_no_link_of_another(site):
    own = site.app.extensions["keepers"]
    site.app.extensions["keepers"] = replace(own, settings=replace(own.settings, share_links=True))
    site.launched(samples.plan(), "keep", 2)
    site.launched(samples.plan("other", title="Not to be seen"), "drop", 2)
    page = site.send(site.client("experimenter"), "/experiments/checkout-one-page/share", {"days": "7"})
    address = re.search(r"http://localhost(/shared/[\w-]+)", page.text)[1]
    nobody = site.client("")
    for query in ("?snapshot=1", "?key=other", "?experiment=other"):
        assert "Not to be seen" not in nobody.get(address + query).text
    for more in ("/other", "x", "/../other", "%00"):
        assert nobody.get(address + more).status_code in (400, 404)
    site.send(site.client("experimenter"), "/experiments/other/share/1/end")
    assert nobody.get(address).status_code == 200


@pytest.mark.slow
def test_an_experiments_snapshots_are_not_found_under_another(site):
    site.launched(samples.plan(), "keep", 5)
    site.launched(samples.plan("other"), "drop", 1)
    assert snapshots.get(site.db, "checkout-one-page", 5)
    assert site.client("viewer").get("/experiments/other?snapshot=5").status_code == 404
    assert site.client("viewer").get("/experiments/other/report.csv?snapshot=5").status_code == 404


def test_a_small_body_that_unpacks_without_end_is_refused_before_it_fills_the_memory(shop):
    bomb = gzip.compress(gzip.compress(b"\0" * 20_000_000, mtime=0) + b"\0" * 30_000_000, mtime=0)
    answer = shop.collect(bomb, Content_Encoding="gzip")
    assert (answer.status_code, answer.get_json()["error"]["code"]) == (413, "too_large")


@pytest.mark.slow
def test_a_forged_host_changes_no_address_that_people_copy(site):
    own = site.app.extensions["keepers"]
    site.app.extensions["keepers"] = replace(own, settings=replace(own.settings, address="https://keepers.example", share_links=True))
    site.launched(samples.plan(), "keep", 1)
    client = site.client("experimenter")
    for page in ("/events", "/experiments", "/api/v1/docs", "/experiments/checkout-one-page", "/experiments/checkout-one-page/share"):
        assert "evil.example" not in client.get(page, headers={"Host": "evil.example"}).text
    assert client.get("/", headers={"Host": "evil.example"}).headers["Location"].startswith("/")


def test_the_origin_that_a_stranger_writes_is_not_believed(site):
    seen = []
    site.app.before_request(lambda: seen.append(__import__("flask").request.remote_addr))
    site.app.test_client().get("/healthz", headers={"X-Forwarded-For": "203.0.113.9"})
    assert seen == ["127.0.0.1"]


def test_no_refused_event_breaks_the_page_that_shows_it(shop):
    half, deep = '"\\ud83d"', "[" * 900 + "]" * 900
    for i, (place, odd) in enumerate([(place, odd) for place in ("name", "variant", "value", "experiment", "units") for odd in (half, f'{{{half}: {half}}}', deep)]):
        parts = {"type": '"event"', "id": f'"odd-{i}"', "name": '"n"', "at": "0", "units": '{"user": "u"}', place: odd}
        body = '{"events": [{' + ", ".join(f'"{name}": {text}' for name, text in parts.items()) + "}]}"
        assert shop.collect(body.encode()).status_code in (202, 400)
    assert shop.client("viewer").get("/events").status_code == 200
    assert erasing.erase(shop.inbox, {"nobody"})["rejects"] == 0
