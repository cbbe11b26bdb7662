"""What stands before every view: headers, limits, errors that tell nothing, measurements, and lines of the log."""

import json
import logging
import re
from dataclasses import replace

import pytest

from experiments.errors import DefinitionError
from experiments.settings import Limits, Settings
from web import create_app, logs

TOKEN = "sdk-0123456789abcdefghijklmnopqrstuv"


@pytest.fixture(scope="module")
def site(make_site):
    """One installation for all of these: nothing here changes what is stored."""
    return make_site()


@pytest.fixture
def limited(site):
    """The same installation under tight limits, nothing counted yet."""
    made = create_app(Settings.load({"KEEPERS_HOME": str(site.settings.home), "KEEPERS_LIMITS": "collector=3,api=2,sign_in=3,refused=4"}))
    made.testing = True
    return replace(site, app=made)


def test_a_key_that_asks_too_often_waits_and_others_do_not(limited):
    answers = [limited.collect({"events": []}) for _ in range(4)]
    assert [a.status_code for a in answers] == [202, 202, 202, 429]
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert answers[-1].get_json()["error"]["code"] == "too_many_requests"
    assert limited.collect({"events": []}, Authorization=f"Bearer {TOKEN}").status_code == 401


def test_the_api_says_so_as_a_problem(limited):
    answers = [limited.app.test_client().get("/api/v1/experiments", headers={"Authorization": f"Bearer {TOKEN}"}) for _ in range(3)]
    assert [a.status_code for a in answers] == [401, 401, 429]
    assert answers[-1].content_type == "application/problem+json"
    assert "Retry-After" in answers[-1].headers


def test_who_fails_to_sign_in_too_often_must_wait_even_with_the_right_password(limited):
    client = limited.client("")
    wrong = {"email": "ad@example.com", "password": "not this one, sorry"}
    assert [limited.send(client, "/sign-in", wrong).status_code for _ in range(3)] == [401] * 3
    right = limited.send(client, "/sign-in", {**wrong, "password": "correct horse battery"})
    assert (right.status_code, "too often" in right.text) == (429, True)
    assert int(right.headers["Retry-After"]) >= 1
    assert client.get("/sign-in").status_code == 200


def test_guessing_keys_from_one_address_is_slowed_whatever_the_key(limited):
    answers = [limited.collect({"events": []}, Authorization=f"Bearer {TOKEN}{n}").status_code for n in range(6)]
    assert answers == [401] * 4 + [429] * 2
    assert limited.collect({"events": []}).status_code == 202, "a key that is known is not held up by its neighbours"


@pytest.mark.parametrize("text", ["collector=0", "collector", "pages=3", "api=-1", "api=1.5", "sign_in=²"])
def test_a_limit_that_is_none_is_refused(tmp_path, text):
    with pytest.raises(DefinitionError, match="KEEPERS_LIMITS holds"):
        Settings.load({"KEEPERS_HOME": str(tmp_path), "KEEPERS_LIMITS": text})


def test_limits_can_be_set_in_part_and_switched_off(tmp_path):
    load = lambda text: Settings.load({"KEEPERS_HOME": str(tmp_path), "KEEPERS_LIMITS": text}).limits  # noqa: E731
    assert load("api=5") == Limits(api=5)
    assert load("off") is None


@pytest.mark.parametrize(("path", "kind"), [("/v1/nothing", "application/json"), ("/v1", "application/json"), ("/api/v1/no", "application/problem+json")])
def test_programs_get_their_errors_as_json(site, path, kind):
    answer = site.app.test_client().get(path)
    assert (answer.status_code, answer.content_type) == (404, kind)
    assert site.app.test_client().delete("/v1/events").headers["Allow"]


@pytest.mark.parametrize("path", ["/v1/config", "/experiments", "/api/v1/experiments", "/sign-in"])
def test_what_fails_inside_tells_nothing_outside(site, monkeypatch, path):
    def broken(*arguments, **named):
        raise RuntimeError("SELECT secret FROM /srv/keepers/registry.sqlite")

    for name in ("web.collector.experiments.served", "web.sign_in.render_template", "web.api.experiments.experiments.listing"):
        monkeypatch.setattr(name, broken)
    monkeypatch.setattr(site.app, "testing", False)
    monkeypatch.setattr("web.access.stores", broken)
    for headers in ({"Authorization": f"Bearer {site.token}"}, {}):
        answer = site.app.test_client().get(path, headers=headers)
        assert not re.search(r"SELECT|/srv|Runtime|Traceback", answer.text)


def test_headers_hold_for_every_kind_of_answer(site):
    client = site.client("viewer")
    for path in ("/experiments", "/static/app.css", "/v1/nothing", "/healthz", "/api/v1/openapi.json", "/nothing"):
        with client.get(path, base_url="https://localhost") as answer:
            headers = answer.headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "script-src 'self'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"]
    assert "Strict-Transport-Security" not in client.get("/healthz").headers


def test_a_proxy_of_ours_says_whence_and_how_a_request_came(site):
    app = create_app(Settings.load({"KEEPERS_HOME": str(site.settings.home), "KEEPERS_PROXIES": "1"}))
    headers = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    answer = app.test_client().get("/sign-in", headers=headers)
    assert "Strict-Transport-Security" in answer.headers
    assert "Secure" in answer.headers["Set-Cookie"]
    assert app.test_client().get("/-/metrics", headers=headers).status_code == 404


def test_measurements_are_for_this_machine_or_for_a_key(site):
    client = site.app.test_client()
    site.collect({"events": [{"type": "event", "id": "m", "name": "n", "units": {"user": "u"}, "at": 1763800010}]})
    text = client.get("/-/metrics").text
    assert re.search(r'keepers_requests_total{method="POST",route="/v1/events",status="202"} [1-9]', text)
    assert re.search(r'keepers_events_total{outcome="accepted"} [1-9]', text)
    assert re.search(r"keepers_inbox_oldest_seconds \d", text)
    for headers in ({"X-Forwarded-For": "127.0.0.1"}, {"Authorization": f"Bearer {TOKEN}"}, {"Authorization": f"Bearer {site.token}"}):
        assert client.get("/-/metrics", headers=headers).status_code == 404
    assert client.get("/-/metrics", environ_base={"REMOTE_ADDR": "203.0.113.9"}).status_code == 404


def test_ready_names_what_is_wrong_and_nothing_else(site, monkeypatch):
    client = site.app.test_client()
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr("web.health.Database.migrated", lambda self: False)
    monkeypatch.setattr("web.health.LEAST_ROOM", 1 << 62)
    answer = client.get("/readyz")
    assert (answer.status_code, answer.get_json()["failing"]) == (503, ["disk", "migrations"])
    assert str(site.settings.home) not in answer.text


def test_a_line_of_the_log_is_json_with_the_answers_id_and_without_addresses_or_secrets(site, capsys):
    app = create_app(Settings.load({"KEEPERS_HOME": str(site.settings.home), "KEEPERS_LOG": "json"}))
    answer = app.test_client().get("/shared/very-secret-token?x=1", headers={"X-Request-Id": "from-proxy-1"})
    app.logger.warning("no %s at postgresql://me:hunter22@db/x for Bearer %s", TOKEN, "abcdefghij")
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert answer.headers["X-Request-Id"] == "from-proxy-1"
    assert lines[0].items() >= {"request": "from-proxy-1", "method": "GET", "route": "/shared/<token>", "status": 404, "level": "info"}.items()
    told = json.dumps(lines)
    assert not re.search("very-secret|hunter22|0123456789|abcdefghij", told)


@pytest.mark.parametrize("given", ["short", "a b c d e f g", "x" * 65, "evil\u202e-name"])
def test_an_id_that_could_break_a_line_is_replaced(site, given):
    answer = site.app.test_client().get("/healthz", headers={"X-Request-Id": given.encode().decode("latin-1")})
    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_text_lines_hold_no_secrets_either():
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "key %s refused", (TOKEN,), None)
    assert logs.Plain().format(record) == "ERROR key sdk-… refused"
