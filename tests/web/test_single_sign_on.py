"""Signing in with a company's account, against a real provider on loopback: who comes in, and everything that is refused."""

import http.client
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import provider
import pytest

from experiments.errors import DefinitionError
from experiments.registry import audit, users
from experiments.settings import Settings
from web import create_app

pytestmark = pytest.mark.slow
BY = "ad@example.com"


@pytest.fixture(scope="module")
def company():
    with provider.running() as running:
        yield running


@pytest.fixture
def signing(site, company, tmp_path):
    """An installation that knows the provider, which is set back to its best behaviour."""
    company.claims, company.key = {}, provider.KEYS[0]
    (tmp_path / "secret").write_text(provider.SECRET + "\n")
    site.settings = Settings.load(environ(site, company, tmp_path))
    site.app = create_app(site.settings)
    site.app.testing = True
    return site


def environ(site, company, tmp_path, **more):
    return {
        "KEEPERS_HOME": str(site.settings.home), "KEEPERS_OIDC_ISSUER": company.issuer, "KEEPERS_OIDC_CLIENT_ID": provider.CLIENT,
        "KEEPERS_OIDC_CLIENT_SECRET_FILE": str(tmp_path / "secret"), "KEEPERS_OIDC_DOMAINS": "example.com, example.org", **more,
    }  # fmt: skip


def asked(client, heading=""):
    """Go to the provider as a browser does; return where it sends the browser back to."""
    place = urlsplit(client.get(f"/sign-in/company?next={heading}").location)
    line = http.client.HTTPConnection(place.netloc)
    line.request("GET", f"{place.path}?{place.query}")
    back = urlsplit(line.getresponse().getheader("Location"))
    line.close()
    return f"{back.path}?{back.query}"


def test_who_comes_for_the_first_time_gets_an_account_and_lands_where_they_were_heading(signing):
    client = signing.client("")
    assert "/sign-in/company?next=/events" in client.get("/sign-in?next=/events").text
    answer = client.get(asked(client, "/events"))
    assert (answer.status_code, answer.location) == (303, "/events")
    mary = next(u for u in users.everyone(signing.db) if u.email == "mary@example.com")
    assert (mary.name, mary.role, mary.has_password) == ("Mary", "viewer", False)
    assert client.get("/account").status_code == 200
    assert [e.text for e in audit.entries(signing.db, who=mary.email)] == ["Signed in by the company's account.", "Account made at first sign-in as viewer."]
    again = signing.client("")
    assert again.get(asked(again, "//evil.example")).location == "/experiments"
    assert signing.send(signing.client(""), "/sign-in", {"email": mary.email, "password": ""}).status_code == 401


def test_a_challenge_a_state_and_a_nonce_are_sent_and_differ_each_time(signing):
    client = signing.client("")
    sent = [parse_qs(urlsplit(client.get("/sign-in/company").location).query) for _ in range(2)]
    for name in ("state", "nonce", "code_challenge"):
        assert sent[0][name] != sent[1][name]
        assert len(sent[0][name][0]) >= 20


def test_nothing_that_is_asked_for_chooses_whom_the_server_asks_or_where_the_browser_goes(signing, company):
    own = signing.app.extensions["keepers"]
    signing.app.extensions["keepers"] = replace(own, settings=replace(own.settings, address="https://keepers.example"))
    wanted = "issuer=http://169.254.169.254/&iss=http://169.254.169.254&server_metadata_url=http://169.254.169.254&redirect_uri=https://evil.example/"
    place = urlsplit(signing.client("").get(f"/sign-in/company?{wanted}", headers={"Host": "evil.example"}).location)
    assert place.netloc == urlsplit(company.issuer).netloc
    assert parse_qs(place.query)["redirect_uri"] == ["https://keepers.example/sign-in/company/back"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email_verified": False}, 403), ({"email_verified": "true"}, 403), ({"email": "mary@example.com.evil.example"}, 403),
        ({"email": "mary@evil.example@example.com"}, 403), ({"email": ""}, 403), ({"email": "bar\u212a@example.com"}, 403), ({"email": ["m@example.com"]}, 403), ({"iss": "http://127.0.0.1:1"}, 401),
        ({"aud": "somebody-else"}, 401), ({"nonce": "another"}, 401), ({"exp": 1}, 401), ({"sub": ""}, 403),
    ],
)  # fmt: skip
def test_a_token_that_says_something_else_lets_nobody_in(signing, company, claims, status):
    company.claims, client = claims, signing.client("")
    assert client.get(asked(client)).status_code == status
    assert client.get("/account").status_code == 303
    assert not {"mary@example.com", "bark@example.com"} & {u.email for u in users.everyone(signing.db)}


def test_a_token_that_another_key_signed_lets_nobody_in(signing, company):
    company.key, client = provider.KEYS[1], signing.client("")
    assert client.get(asked(client)).status_code == 401


def test_an_answer_counts_once_and_only_in_the_browser_that_asked(signing):
    client, other = signing.client(""), signing.client("")
    back = asked(client)
    assert other.get(back).status_code == 401
    assert client.get(back.replace("state=", "state=x")).status_code == 401
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 401
    assert other.get("/sign-in/company/back?error=access_denied").status_code == 401


def test_an_account_belongs_to_one_person_even_if_the_address_goes_to_another(signing, company):
    users.add(signing.db, email="mary@example.com", name="Mary", password="seven grey umbrellas", role="reviewer", by=BY)
    first, second = signing.client(""), signing.client("")
    assert first.get(asked(first)).status_code == 303  # a verified address of our domain is enough the first time
    assert "Reviewer" in first.get("/account").text
    company.claims = {"sub": "2002"}
    assert second.get(asked(second)).status_code == 403
    company.claims = {"email": "mary.new@example.com"}
    third = signing.client("")
    assert third.get(asked(third)).status_code == 303
    mary = next(u for u in users.everyone(signing.db) if u.email == "mary@example.com")
    users.switch(signing.db, mary.id, on=False, by=BY)
    assert third.get(asked(third)).status_code == 403


def test_a_provider_that_does_not_answer_is_said_and_nothing_is_there_without_one(site, company, tmp_path):
    assert site.client("").get("/sign-in/company").status_code == 404
    assert "company" not in site.client("").get("/sign-in").text
    (tmp_path / "secret").write_text(provider.SECRET)
    site.app = create_app(Settings.load(environ(site, company, tmp_path, KEEPERS_OIDC_ISSUER="http://127.0.0.1:9")))
    answer = site.client("").get("/sign-in/company")
    assert (answer.status_code, "does not answer" in answer.text) == (503, True)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"KEEPERS_OIDC_ISSUER": "http://id.example.com"}, "https"), ({"KEEPERS_OIDC_DOMAINS": ""}, "KEEPERS_OIDC_DOMAINS"),
        ({"KEEPERS_OIDC_CLIENT_SECRET_FILE": "/no/such"}, "no file"), ({"KEEPERS_OIDC_ROLE": "administrator"}, "must be viewer"),
    ],
)  # fmt: skip
def test_a_setting_that_would_let_in_too_many_is_refused(site, company, tmp_path, changes, words):
    (tmp_path / "secret").write_text("x")
    with pytest.raises(DefinitionError, match=words):
        Settings.load(environ(site, company, tmp_path, **changes))
