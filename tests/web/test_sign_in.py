"""Signing in: guessing is slowed down alike for everybody, sessions end when they should, codes work once."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from experiments import totp
from experiments.errors import DefinitionError, Refused
from experiments.registry import attempts, audit, keys, sessions, users
from experiments.registry.models import AttemptRow, SessionRow
from web import create_app

EMAIL, PASSWORD = "pm@example.com", "correct horse battery"
NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def attempt(site, email=EMAIL, password="wrong", client=None):
    return site.send(client or site.client(""), "/sign-in", {"email": email, "password": password})


def person(site, role="experimenter"):
    return next(u for u in users.everyone(site.db) if u.role == role)


def aged(site, model, **values):
    with site.db.begin() as session:
        session.execute(update(model).values(**values))


@pytest.mark.slow
@pytest.mark.parametrize("email", [EMAIL, "nobody@example.com"])
def test_after_five_failures_an_account_waits_whether_it_exists_or_not(site, email):
    answers = [attempt(site, email) for _ in range(7)]
    assert [a.status_code for a in answers] == [401] * 5 + [429] * 2
    assert 25 <= int(answers[5].headers["Retry-After"]) <= 30
    assert attempt(site, email, PASSWORD).status_code == 429
    again = create_app(site.settings)  # counts outlive the process
    site.app = again
    assert attempt(site, email, PASSWORD).status_code == 429
    assert [e.who for e in audit.entries(site.db) if e.kind == "sign-in"] == [email] * 5
    aged(site, AttemptRow, waits_until=datetime.now(UTC))
    assert attempt(site, email, PASSWORD).status_code == (303 if email == EMAIL else 401)


def test_waits_double_up_to_a_quarter_of_an_hour():
    waits = [attempts.wait(n, 5) for n in range(4, 13)]
    assert waits[0] is None
    assert [w.total_seconds() for w in waits[1:]] == [30, 60, 120, 240, 480, 900, 900, 900]


def test_an_address_waits_whichever_accounts_it_tries_and_a_success_takes_back_only_its_own(site):
    for n in range(20):
        assert attempts.begin(site.db, f"a{n}@example.com", "2001:db8::1", NOW) is None
    assert attempts.begin(site.db, "b@example.com", "2001:db8::ffff", NOW) == NOW + attempts.FIRST
    assert attempts.begin(site.db, "b@example.com", "2001:db8:0:1::1", NOW) is None
    attempts.succeeded(site.db, "a1@example.com", "2001:db8::1")
    assert attempts.begin(site.db, "a0@example.com", "2001:db8::1", NOW) is None
    assert attempts.begin(site.db, "a0@example.com", "2001:db8::1", NOW) is not None
    assert attempts.begin(site.db, "b@example.com", "2001:db8::1", NOW + attempts.FORGOTTEN * 2) is None


def test_the_session_is_another_after_each_sign_in_and_a_prepared_one_is_worth_nothing(site):
    client = site.client("")
    before = client.get("/sign-in").headers["Set-Cookie"]
    assert attempt(site, password=PASSWORD, client=client).status_code == 303
    mine = [site.client("experimenter") for _ in range(2)]
    found = sessions.listing(site.db, person(site).id, datetime.now(UTC))
    assert len({s.id for s in found}) == len(found) == 3
    other = site.app.test_client()
    assert other.get("/account", headers={"Cookie": before.split(";")[0]}).status_code == 303
    assert all(c.get("/account").status_code == 200 for c in mine)


@pytest.mark.parametrize("ended", [{"seen_at": datetime.now(UTC) - sessions.IDLE}, {"made_at": datetime.now(UTC) - sessions.LONGEST}], ids=["idle", "old"])
def test_a_session_ends_when_it_is_idle_or_old(site, ended):
    client = site.client("experimenter")
    aged(site, SessionRow, **ended)
    assert client.get("/account").status_code == 303
    assert sessions.listing(site.db, person(site).id, datetime.now(UTC)) == []


@pytest.mark.parametrize(
    ("browser", "device"),
    [("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36 Edg/130.0", "Edge on Windows"), ("curl/8", "curl/8"), ("", "Not stated")],
)
def test_a_browser_is_named_as_people_do(browser, device):
    assert sessions.Session(1, NOW, NOW, "", browser).device == device


def test_use_keeps_a_session_alive(site):
    client = site.client("experimenter")
    aged(site, SessionRow, seen_at=datetime.now(UTC) - sessions.IDLE + timedelta(minutes=1))
    client.get("/account")
    assert sessions.listing(site.db, person(site).id, datetime.now(UTC) + timedelta(hours=11))


@pytest.mark.slow
def test_one_signs_out_here_there_and_everywhere_else_but_never_somebody_else(site):
    here, there, third, other = (site.client(r) for r in ("experimenter",) * 3 + ("viewer",))
    ids = re.findall(r"/account/sessions/(\d+)/end", here.get("/account").text)
    assert len(ids) == 2
    site.send(other, f"/account/sessions/{ids[0]}/end")
    assert len(re.findall(r"/sessions/\d+/end", here.get("/account").text)) == 2
    site.send(here, f"/account/sessions/{ids[0]}/end")
    assert sorted(c.get("/account").status_code for c in (there, third)) == [200, 303]
    site.send(here, "/account/sessions/end")
    assert [c.get("/account").status_code for c in (here, there, third, other)] == [200, 303, 303, 200]
    cookie = here.get_cookie("session").value
    site.send(here, "/sign-out")
    here.set_cookie("session", cookie)  # a copied cookie is dead too
    assert here.get("/account").status_code == 303


@pytest.mark.slow
def test_another_password_needs_the_present_one_and_ends_other_sessions(site):
    here, there = site.client("experimenter"), site.client("experimenter")
    new = "seven grey umbrellas"
    assert site.send(here, "/account/password", {"password": "wrong", "new": new}).status_code == 400
    assert site.send(here, "/account/password", {"password": PASSWORD, "new": "short"}).status_code == 400
    assert site.send(here, "/account/password", {"password": PASSWORD, "new": new}).status_code == 303
    assert [c.get("/account").status_code for c in (here, there)] == [200, 303]
    assert attempt(site, password=PASSWORD).status_code == 401
    assert attempt(site, password=new).status_code == 303


@pytest.mark.parametrize("password", ["elevenchars", "x" * 201, "pm-example@example.com", "Password123456!", "aaaabbbbaaaabbbb", "the experimenter example!"])
def test_a_password_that_is_short_endless_common_or_about_oneself_is_refused(site, password):
    email = "pm-example@example.com"
    with pytest.raises(DefinitionError, match="password"):
        users.add(site.db, email=email, name="Experimenter Example", password=password)


@pytest.mark.slow
def test_with_the_second_step_a_password_is_not_enough_and_no_code_works_twice(site):
    client = site.client("experimenter")
    page = client.get("/account?two-step=on").text
    secret = re.search(r"<code>([A-Z2-7 ]+)</code>", page)[1].replace(" ", "")
    assert "<svg" in page
    assert site.send(client, "/account/two-step", {"code": "000000"}).status_code == 400
    step = int(datetime.now(UTC).timestamp()) // totp.STEP
    for given in ({}, {"password": "wrong"}):  # a browser left open must not lock its person out
        refused = site.send(client, "/account/two-step", {"code": totp.code(secret, step), **given})
        assert (refused.status_code, "The password is not right" in refused.text) == (400, True)
    shown = site.send(client, "/account/two-step", {"code": totp.code(secret, step), "password": PASSWORD}).text
    codes = re.findall(r"\b[0-9a-f]{4}(?:-[0-9a-f]{4}){3}\b", shown)
    assert (len(codes), client.get("/account").text.count(codes[0])) == (users.RECOVERY_CODES, 0)

    def second(code):
        late = site.client("")
        assert attempt(site, password=PASSWORD, client=late).location == "/sign-in/code"
        assert late.get("/experiments").status_code == 303
        return site.send(late, "/sign-in/code", {"code": code}).status_code, late.get("/experiments").status_code

    assert second(totp.code(secret, step)) == (401, 303)  # it was used to switch it on
    assert second(totp.code(secret, step + 1)) == (303, 200)
    assert second(totp.code(secret, step + 1)) == (401, 303)
    assert second(codes[0].upper()) == (303, 200)
    assert second(codes[0]) == (401, 303)
    assert site.send(client, "/account/two-step/off", {"password": "wrong"}).status_code == 400
    assert site.send(client, "/account/two-step/off", {"password": PASSWORD}).status_code == 303
    assert attempt(site, password=PASSWORD).location == "/experiments"


@pytest.mark.slow
def test_codes_are_not_guessed_and_nobody_reaches_the_second_step_without_the_first(site):
    users.set_two_step(site.db, person(site).id, totp.new_secret(), by=EMAIL, key=b"any")
    assert site.client("").get("/sign-in/code").location == "/sign-in"
    client = site.client("")
    attempt(site, password=PASSWORD, client=client)
    tried = [site.send(client, "/sign-in/code", {"code": f"{n:06}"}).status_code for n in range(6)]
    assert tried == [401] * 4 + [429] * 2  # the password was the first of five attempts


@pytest.mark.slow
def test_administrators_make_change_reset_and_switch_off_accounts(site):
    client = site.client()
    made = site.send(client, "/people", {"email": "new@example.com", "name": "New", "role": "viewer", "teams": "Basket: reviewer\n"})
    password = re.search(r"<pre[^>]*>([0-9a-f-]{24})</pre>", made.text)[1]
    new = next(u for u in users.everyone(site.db) if u.email == "new@example.com")
    assert (made.status_code, new.role, new.teams) == (201, "viewer", {"Basket": "reviewer"})
    theirs = site.client("")
    assert attempt(site, "new@example.com", password, theirs).status_code == 303
    for wrong in ({"role": "king"}, {"role": "viewer", "teams": "Basket: administrator"}, {"role": "viewer", "teams": "reviewer"}):
        assert site.send(client, f"/people/{new.id}/roles", wrong).status_code == 400
    assert site.send(client, f"/people/{new.id}/roles", {"role": "reviewer"}).status_code == 303
    assert "reviewer" in theirs.get("/account").text.lower()
    assert site.send(client, f"/people/{new.id}/reset").status_code == 200
    assert theirs.get("/account").status_code == 303
    assert attempt(site, "new@example.com", password).status_code == 401
    assert site.send(client, "/people", {"email": "new@example.com", "role": "viewer"}).status_code == 400


def test_keys_outlive_their_maker_s_account_and_are_shown_as_such(site):
    client, reader = site.client(), person(site, "viewer")
    kept, token = keys.create(site.db, name="web shop", by=reader.email)
    ended, _ = keys.create(site.db, name="old app", by=reader.email)
    keys.revoke(site.db, ended.id)
    assert "whose account is off" not in client.get("/keys").text
    site.send(client, f"/people/{reader.id}/off")
    assert "Keys of theirs that still work: 1." in client.get("/people").text
    assert client.get("/keys").text.count("whose account is off") == 2
    assert keys.verify(site.db, token), "a shop must not stop counting because somebody leaves"
    site.send(client, f"/keys/{kept.id}/revoke")
    assert keys.verify(site.db, token) is None
    site.send(client, f"/people/{reader.id}/on")
    site.send(client, f"/people/{reader.id}/off")
    assert "Keys of theirs" not in client.get("/people").text


def test_nobody_changes_their_own_rights_and_one_administrator_is_left(site):
    mine = person(site, "administrator").id
    assert site.send(site.client(), f"/people/{mine}/roles", {"role": "viewer"}).status_code == 403
    with pytest.raises(Refused, match="only administrator"):
        users.switch(site.db, mine, on=False, by=EMAIL)
