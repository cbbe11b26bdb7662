"""Approving a draft on its page and through the API, where launches need it and where they do not."""

import dataclasses
import re

import pytest
import samples

from experiments import approving, lifecycle
from experiments.registry import experiments, keys, snapshots
from web import create_app

pytestmark = pytest.mark.slow
AUTHOR, KEY = "pm@example.com", "/experiments/checkout-one-page"


@pytest.fixture
def asking(site):
    """An installation in which a launch needs a second person, with one draft."""
    site.settings = dataclasses.replace(site.settings, review=True)
    site.app = create_app(site.settings)
    site.app.testing = True
    lifecycle.save(site.db, samples.plan(), AUTHOR)
    return site


def approve(site, role, **more):
    client = site.client(role)
    shown = re.search(r'name="plan_hash" value="(\w+)"', client.get(KEY).text)
    return site.send(client, f"{KEY}/approve", {"plan_hash": shown[1] if shown else "", **more})


def test_a_launch_waits_for_a_second_person(asking):
    author = asking.client("experimenter")
    assert "You changed this plan" not in asking.client("reviewer").get(KEY).text
    assert "somebody else approves it" in author.get(KEY).text
    assert asking.send(author, f"{KEY}/launch").status_code == 403
    assert approve(asking, "reviewer", note="Sound.").status_code == 303
    assert "Sound." in author.get(KEY).text
    assert asking.send(author, f"{KEY}/launch").status_code == 303


def test_an_author_and_an_experimenter_may_not_approve(asking):
    lifecycle.save(asking.db, samples.plan(title="Changed"), "rev@example.com")
    assert approve(asking, "reviewer").status_code == 409  # without the button no hash is sent
    read = approving.of(asking.db, "checkout-one-page").plan_hash
    assert asking.send(asking.client("reviewer"), f"{KEY}/approve", {"plan_hash": read}).status_code == 403
    assert asking.send(asking.client("experimenter"), f"{KEY}/approve", {"plan_hash": read}).status_code == 403


def test_a_decision_against_the_verdict_waits_for_a_second_person_who_agrees_to_it(asking):
    asking.launched(samples.plan("against"), "keep", 2)
    author, second, page = asking.client("experimenter"), asking.client("reviewer"), "/experiments/against"
    data = {"decision": "drop", "reason": "We leave the market.", "second": "rev@example.com"}
    assert "has not agreed to this yet" in asking.send(author, f"{page}/decide", data).text
    for agreed, status in (("again", 303), ("", 400), ("keep:none", 400)):
        assert asking.send(second, f"{page}/agree", {"agreed": agreed}).status_code == status
    assert asking.send(author, f"{page}/agree", {"agreed": "drop"}).status_code == 303  # one's own counts for nothing
    assert asking.send(author, f"{page}/decide", data).status_code == 403
    assert asking.send(author, f"{page}/decide", {**data, "second": AUTHOR}).status_code == 403
    assert asking.send(second, f"{page}/agree", {"agreed": "drop"}).status_code == 303
    assert "would decide" in author.get(f"{page}/decide").text.lower()
    snapshots.append(asking.db, samples.snapshot(experiments.get(asking.db, "against").frozen, 3, "keep"))
    assert asking.send(author, f"{page}/decide", data).status_code == 403  # it was for an older snapshot
    asking.send(second, f"{page}/agree", {"agreed": "drop"})
    assert asking.send(author, f"{page}/decide", data).status_code == 303


def test_who_agrees_to_a_keep_agrees_to_its_share_and_steps(asking):
    asking.launched(samples.plan("against"), "drop", 2)
    author, second, page = asking.client("experimenter"), asking.client("reviewer"), "/experiments/against"
    rolled = {"coverage": "50", "ramp": "0 10\n7 50"}
    data = {"decision": "keep:t1", "reason": "A promise.", "second": "rev@example.com", **rolled}
    for other in ({}, {"coverage": "50"}, {"coverage": "50", "ramp": "0 20\n7 50"}):
        assert asking.send(second, f"{page}/agree", {"agreed": "keep:t1", **other}).status_code == 303
        assert asking.send(author, f"{page}/decide", data).status_code == 403
    assert asking.send(second, f"{page}/agree", {"agreed": "keep:t1", **rolled}).status_code == 303
    assert "for t1 at 50%, 10% from day 0, 50% from day 7 too" in author.get(f"{page}/decide").text
    assert asking.send(author, f"{page}/decide", data).status_code == 303


def test_the_api_approves_for_the_person_who_made_the_key(asking):
    own, other = (keys.create(asking.db, name=n, role="reviewer", by=by)[1] for n, by in (("a", AUTHOR), ("b", "rev@example.com")))
    client = asking.app.test_client()

    def ask(method, path, token, body=None):
        return client.open(f"/api/v1{KEY}/{path}", method=method, json=body, headers={"Authorization": f"Bearer {token}"})

    read = ask("GET", "approval", own).get_json()
    assert (read["required"], read["approvals"]) == (True, [])
    body = {"plan_hash": read["plan_hash"]}
    assert ask("POST", "approve", own, body).status_code == 403
    assert ask("POST", "launch", own).status_code == 403
    approved = ask("POST", "approve", other, body).get_json()["approvals"]
    assert [(a["by"], a["holds"]) for a in approved] == [("rev@example.com, by API key 'b'", True)]
    assert ask("POST", "launch", other).status_code == 403
    assert ask("POST", "launch", own).status_code == 200
