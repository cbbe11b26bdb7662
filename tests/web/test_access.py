"""Who may do what, over all routes."""

import re

import pytest

from web.access import local

OPEN = {"sign_in.page", "sign_in.sign_in", "sign_in.sign_out", "static", "collector.receive", "collector.config",
        "health.health", "health.ready", "shared.report"}  # fmt: skip


def routes(app, method):
    """All addresses of pages that take a method, with something in their gaps; the API has keys and tests of its own."""
    fills = {"key": "checkout-one-page", "kind": "csv", "key_id": "1", "share_id": "1"}
    for rule in app.url_map.iter_rules():
        if method in rule.methods and rule.endpoint not in OPEN and not rule.endpoint.startswith("api."):
            yield re.sub(r"<(?:\w+:)?(\w+)>", lambda m: fills[m[1]], rule.rule)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nothing_is_open_to_those_who_have_not_signed_in(shop, method):
    client = shop.client("")
    shop.app.config["WTF_CSRF_ENABLED"] = False
    try:
        for address in routes(shop.app, method):
            answer = client.open(address, method=method)
            assert answer.status_code == 303, address
            assert answer.location.startswith("/sign-in?next="), address
    finally:
        shop.app.config["WTF_CSRF_ENABLED"] = True


def test_a_viewer_reads_and_changes_nothing(shop):
    client = shop.client("viewer")
    for address in routes(shop.app, "POST"):
        assert shop.send(client, address, {"text": "x", "reason": "x"}).status_code == 403, address
    assert client.get("/experiments/checkout-one-page").status_code == 200
    for address in ("/experiments/checkout-one-page", "/experiments", "/experiments/basket"):
        text = client.get(address).text
        for words in ("Add comment", ">Decide<", "New experiment", "Freeze plan", "Stop, and serve"):
            assert words not in text
    assert client.get("/experiments/new").status_code == 403


@pytest.mark.parametrize("role", ["viewer", "experimenter", "reviewer"])
def test_keys_are_for_administrators(shop, role):
    client = shop.client(role)
    assert client.get("/keys").status_code == 403
    assert shop.send(client, "/keys", {"name": "mine", "environment": "production"}).status_code == 403
    assert "/keys" not in client.get("/experiments").text


def test_every_change_needs_the_proof_of_origin(shop):
    client = shop.client()
    for address in routes(shop.app, "POST"):
        answer = client.post(address, data={"text": "forged", "reason": "forged"})
        assert answer.status_code == 400, address
        assert "not recognised as ours" in answer.text
    assert "forged" not in client.get("/experiments/checkout-one-page").text


def test_every_form_that_posts_carries_the_proof_of_origin(shop, page):
    text = shop.client().get(page).text
    forms = re.findall(r"<form[^>]*method=\"post\".*?</form>", text, re.DOTALL)
    assert forms
    assert all('name="csrf_token"' in form for form in forms)


def test_sign_in_says_no_more_than_that_it_failed(shop):
    client = shop.client("")
    for email in ("pm@example.com", "nobody@example.com"):
        answer = shop.send(client, "/sign-in", {"email": email, "password": "wrong"})
        assert answer.status_code == 401
        assert "do not fit together" in answer.text
    assert client.get("/experiments").status_code == 303


def test_sign_in_leads_on_to_where_one_was_heading_and_sign_out_ends_it(site):
    client = site.client("")
    data = {"email": "pm@example.com", "password": "correct horse battery", "next": "/events?text=x"}
    answer = site.send(client, "/sign-in", data)
    assert answer.location == "/events?text=x"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert client.get("/events").status_code == 200
    page = client.get("/events").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
    client.post("/sign-out", data={"csrf_token": token})
    assert client.get("/events").status_code == 303


def test_the_session_cookie_is_for_https_only_where_the_request_came_by_https(site):
    page = site.client("").get("/sign-in", base_url="https://keepers.example.com")
    assert "Secure" in page.headers["Set-Cookie"]
    assert "Secure" not in site.client("").get("/sign-in").headers["Set-Cookie"]


@pytest.mark.parametrize("target", ["https://evil.example", "//evil.example", "/\\evil.example", "\\/evil", "", None, "/a\n/b", "javascript:x"])
def test_a_sign_in_never_leads_to_another_site(target):
    assert local(target, "/experiments") == "/experiments"


def test_a_sign_in_leads_to_a_path_of_this_site():
    assert local("/experiments/a?b=c", "/experiments") == "/experiments/a?b=c"


def test_a_session_of_somebody_who_is_gone_signs_nobody_in(site, monkeypatch):
    client = site.client()
    monkeypatch.setattr("web.access.users.get", lambda db, number: None)
    assert client.get("/experiments").status_code == 303
