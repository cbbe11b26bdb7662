"""Who may do what, over all routes."""

import re

import pytest

from experiments.registry import users
from web.access import local

GAPS = {"key": "checkout-one-page", "kind": "csv", "key_id": "1", "share_id": "1", "user_id": "1", "session_id": "1", "number": "1", "what": "off"}


def changing(app):
    """All addresses of pages that change something, with something in their gaps; the API has keys and no cookies."""
    for rule in app.url_map.iter_rules():
        if "POST" in rule.methods and rule.endpoint.split(".")[0] not in ("api", "collector"):
            yield re.sub(r"<(?:[^:<>]+:)?(\w+)>", lambda m: GAPS[m[1]], rule.rule)


def test_a_viewer_is_shown_nothing_that_changes_something(shop):
    client = shop.client("viewer")
    assert client.get("/experiments/checkout-one-page").status_code == 200
    for address in ("/experiments/checkout-one-page", "/experiments", "/experiments/basket"):
        text = client.get(address).text
        for words in ("Add comment", ">Decide<", "New experiment", "Freeze plan", "Stop, and serve", "Approve this"):
            assert words not in text


@pytest.mark.parametrize("role", ["viewer", "experimenter", "reviewer"])
def test_keys_are_for_administrators(shop, role):
    client = shop.client(role)
    assert client.get("/keys").status_code == 403
    assert shop.send(client, "/keys", {"name": "mine", "environment": "production"}).status_code == 403
    assert "/keys" not in client.get("/experiments").text


def test_every_change_needs_the_proof_of_origin(shop):
    client = shop.client()
    for address in changing(shop.app):
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


def test_a_person_who_is_switched_off_is_signed_out_at_once_and_stays_out(site):
    client, person = site.client("viewer"), users.authenticate(site.db, "vi@example.com", "correct horse battery")
    for on in (False, True):
        users.switch(site.db, person.id, on=on, by="ad@example.com")
        assert client.get("/experiments").status_code == 303
        assert (site.client("viewer").get("/experiments").status_code == 200) is on
