"""Changing who gets what from its page: what it would do is read first, and a page of a later phase says what it left."""

import dataclasses
import html
from datetime import UTC, datetime

import pytest
import samples

from experiments import phases
from experiments.registry import experiments, keys, snapshots
from web import create_app

KEY, ASKED = "/experiments/checkout-one-page", "?weight-control=20&weight-t1=80"
BY = "pm@example.com"


@pytest.fixture
def waiting(site):
    """An experiment with a look, whose rule asks for more days."""
    site.launched(samples.plan(), "wait", 1)
    return site


def told(page):
    return " ".join(html.unescape(page).split())


def hidden(page):
    return page.split('name="plan_hash" value="')[1].split('"')[0]


def test_what_a_change_does_is_read_before_it_is_made(waiting):
    client = waiting.client("experimenter")
    people = snapshots.latest(waiting.db, "checkout-one-page").progress.people
    assert f'href="{KEY}/phase"' in client.get(KEY).text
    asked = told(client.get(f"{KEY}/phase").text)
    assert "Everything counted so far stays in the log; the answer starts anew with day 1" in asked
    assert f"The {people:,} people who already took part" in asked
    page = client.get(f"{KEY}/phase{ASKED}").text
    assert "Phase 2 would begin" in page
    assert "and at most 9.8% over two phases together." in told(page)
    given = {"weight-control": "20", "weight-t1": "80", "plan_hash": hidden(page)}
    assert waiting.send(client, f"{KEY}/phase", {**given, "reason": " "}).status_code == 400
    assert waiting.send(client, f"{KEY}/phase", {**given, "plan_hash": "", "reason": "It is safe."}).status_code == 409
    assert waiting.send(client, f"{KEY}/phase", {**given, "reason": "It is safe."}).status_code == 303
    assert experiments.get(waiting.db, "checkout-one-page").phase == 2
    assert waiting.client("viewer").get(f"{KEY}/phase").status_code == 403


def test_what_cannot_be_is_said_beside_what_was_entered(waiting):
    client = waiting.client("experimenter")
    for entered, why in (
        ("weight-control=many", "is 'many'; write percent from 0 to 100"), ("weight-control=20", "they must add to 1"),
        ("targeting=[]", "no condition in JSON"), (f"targeting={'[' * 3_900}", "no condition in JSON"),
        ('targeting={"age": NaN}', "holds what JSON does not"), ("coverage=100", "Nothing would change"),
    ):  # fmt: skip
        page = told(client.get(f"{KEY}/phase?{entered}").text)
        assert (why in page, "would begin" in page) == (True, False), entered
    waiting.launched(samples.plan("answered"), "keep", 1)
    assert "must not be asked for again" in client.get("/experiments/answered/phase").text
    assert "/experiments/answered/phase" not in client.get("/experiments/answered").text


def test_a_targeting_that_no_address_holds_stays_as_it_is(site):
    many = {"id": {"$in": [f"user-{n}" for n in range(700)]}}
    site.launched(samples.plan().model_copy(update={"targeting": many}), "wait", 1)
    client = site.client("experimenter")
    page = client.get(f"{KEY}/phase{ASKED}").text
    assert "It stays as it is: one of more than 1,200 characters" in page
    given = {"weight-control": "20", "weight-t1": "80", "plan_hash": hidden(page), "reason": "It is safe."}
    assert site.send(client, f"{KEY}/phase", given).status_code == 303
    assert experiments.get(site.db, "checkout-one-page").plan.targeting == many


def test_a_later_phase_says_what_it_left_out_and_an_earlier_one_that_it_is_over(waiting):
    client = waiting.client("viewer")
    first = snapshots.latest(waiting.db, "checkout-one-page")
    found = phases.change(waiting.db, "checkout-one-page", phases.Wanted({"control": 0.2, "t1": 0.8}), by=BY, reason="Safe.")
    page = told(client.get(KEY).text)
    assert "No results yet" in page
    assert f"phase 1, until {first.cutoff:%a %-d %b %Y}, r1" in page
    assert "This is phase 1, which is over." in told(client.get(f"{KEY}?snapshot=1").text)
    left = first.excluded.model_copy(update={"earlier_phase": 1_204})
    seen = samples.snapshot(found.frozen, 1, "wait").model_copy(update={"launched": found.began, "excluded": left})
    snapshots.append(waiting.db, seen)
    page = told(client.get(KEY).text)
    assert "1,204 people who came again are left out" in page
    assert "Running, phase 2, day" in page
    report = client.get(f"{KEY}/report.md?snapshot=2").text
    assert "phase 2 began" in report
    assert "at most 9.8%" in report


def test_a_second_person_approves_by_the_address_where_launches_need_one(waiting):
    waiting.app = create_app(dataclasses.replace(waiting.settings, review=True))
    waiting.app.testing = True
    author, reviewer = waiting.client("administrator"), waiting.client("reviewer")
    page = reviewer.get(f"{KEY}/phase{ASKED}").text
    assert ("A second person approves it first" in page, "Begin phase 2" in page) == (True, False)
    given = {"weight-control": "20", "weight-t1": "80", "plan_hash": hidden(page), "reason": "It is safe."}
    assert waiting.send(author, f"{KEY}/phase", given).status_code == 403
    assert waiting.send(reviewer, f"{KEY}/phase/approve", given).headers["Location"] == f"{KEY}/phase{ASKED}"
    approved = author.get(f"{KEY}/phase{ASKED}").text
    assert ("Approved" in approved, "Begin phase 2" in approved) == (True, True)
    assert waiting.send(author, f"{KEY}/phase", given).status_code == 303


def test_programs_change_it_too_and_are_told_the_phase(waiting):
    token = keys.create(waiting.db, name="bot", role="experimenter", by=BY)[1]
    headers = {"Authorization": f"Bearer {token}"}
    call = lambda body: waiting.app.test_client().post(f"/api/v1{KEY}/phase", json={"reason": "Safe.", **body}, headers=headers)  # noqa: E731
    assert call({"coverage": 1.0}).status_code == 400
    answer = call({"weights": {"control": 0.2, "t1": 0.8}, "coverage": 0.5})
    assert (answer.status_code, answer.get_json()["phase"]) == (200, 2)
    assert answer.get_json()["began"] == datetime.now(UTC).date().isoformat()
    assert call({"coverage": 1.0}).get_json()["phase"] == 2
    assert call({"coverage": 0.4}).get_json()["phase"] == 3
