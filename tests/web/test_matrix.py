"""Every cell of docs/access.md, by a request: each route, each method, each role and each kind of key."""

import dataclasses
import re

import matrix
import pytest

from experiments.registry import audit, keys
from web import create_app

pytestmark = pytest.mark.slow

GAPS = {"kind": "csv", "number": "1", "format": "csv", "filename": "no-such.css", "what": "off", "token": "no-such-token"}


@pytest.fixture(scope="module")
def guarded(make_site):
    """An installation with share links, whose forms need no proof of origin: another test asks for that."""
    site = make_site()
    site.app = create_app(dataclasses.replace(site.settings, share_links=True))
    site.app.testing = True
    return site


def addressed(rule):
    """An address of this route at which there is nothing: whoever may pass changes nothing."""
    fill = lambda m: GAPS.get(m[2], "999" if m[1] and m[1].startswith("int") else "no-such")  # noqa: E731
    return re.sub(r"<(?:([^:<>]+):)?(\w+)>", fill, rule)


def test_the_page_has_the_tables_that_the_application_makes(guarded):
    hint = "run: python tests/web/matrix.py, and put its tables into docs/access.md"
    assert matrix.written("Pages") == matrix.pages(guarded.app), hint
    assert matrix.written("Keys") == matrix.api(guarded.app), hint


def test_a_view_that_says_nothing_is_closed(guarded):
    """Whoever forgets to say who may gets a page that is closed: to nobody, and to viewers where it changes something."""
    app = create_app(guarded.settings)
    app.config["WTF_CSRF_ENABLED"] = False
    app.add_url_rule("/forgotten", "forgotten", lambda: "inside", methods=["GET", "POST"])
    for role, expected in (("", (303, 303)), ("viewer", (200, 403)), ("experimenter", (200, 200))):
        client = dataclasses.replace(guarded, app=app).client(role)
        assert (client.get("/forgotten").status_code, client.post("/forgotten").status_code) == expected, role


SLOW = [pytest.param(w, marks=pytest.mark.slow) if w in ("experimenter", "reviewer", "administrator") else w for w in matrix.PEOPLE]


@pytest.mark.parametrize("who", SLOW)
def test_every_cell_of_the_pages(guarded, who):
    client = guarded.client("" if who == "nobody" else who)
    guarded.app.config["WTF_CSRF_ENABLED"] = False
    last = lambda item: item[0][0] in ("/sign-out", "/account/sessions/end")  # noqa: E731
    try:
        for (rule, method), may in sorted(matrix.written("Pages").items(), key=last):
            answer = client.open(addressed(rule), method=method)
            turned_away = answer.status_code == 403 or answer.headers.get("Location", "").startswith("/sign-in?next=")
            assert turned_away is not may[who], (method, rule, who, answer.status_code)
            assert answer.status_code < 500
            assert who == "nobody" or may[who] or answer.status_code == 403
    finally:
        guarded.app.config["WTF_CSRF_ENABLED"] = True


@pytest.mark.parametrize("kind", matrix.KINDS)
def test_every_cell_of_the_keys(guarded, kind):
    token = "" if kind == "none" else keys.create(guarded.db, name=kind, role=kind)[1]
    client = guarded.client("administrator")  # whose session must count for nothing here
    for (rule, method), may in matrix.written("Keys").items():
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = client.open(addressed(rule), method=method, headers=headers, json={} if method != "GET" else None)
        assert (answer.status_code not in (401, 403)) is may[kind], (method, rule, kind, answer.status_code)
        assert answer.status_code < 500


@pytest.mark.parametrize("who", ["nobody", "viewer"])
def test_what_is_refused_leaves_no_row_in_the_log(guarded, who):
    client = guarded.client("" if who == "nobody" else who)
    before = len(audit.entries(guarded.db))
    guarded.app.config["WTF_CSRF_ENABLED"] = False
    try:
        for (rule, method), may in matrix.written("Pages").items():
            if method != "GET" and not may[who]:
                client.open(addressed(rule), method=method)
    finally:
        guarded.app.config["WTF_CSRF_ENABLED"] = True
    for (rule, method), may in matrix.written("Keys").items():
        if method != "GET" and not may["none"]:
            client.open(addressed(rule), method=method, json={})
    assert len(audit.entries(guarded.db)) == before
