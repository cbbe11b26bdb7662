"""Stopping says what is served next; a clone is a new draft; the archive takes off the list; a roll-out shows its steps."""

import html
import inspect

import pytest
import samples

import keepers
from experiments import followup, lifecycle
from experiments.planning import holding
from experiments.registry import experiments, followups, keys, snapshots
from experiments.reports import FORMATS

KEY, BY = "/experiments/checkout-one-page", "pm@example.com"


def test_a_stop_says_what_is_served_next_for_a_running_experiment_and_a_kept_one(site):
    site.launched(samples.plan(), "keep", 1)
    client = site.client("experimenter")
    asked = client.get(f"{KEY}/stop").text
    assert "within 30 seconds" not in asked
    assert inspect.signature(keepers.Client).parameters["refresh"].default == 30, "the page promises it"
    assert "30 seconds: clients ask for the config that often" in asked
    assert "keeping an enhancement serves it again" in asked
    assert site.send(client, f"{KEY}/stop", {"reason": " "}).status_code == 400
    lifecycle.decide(site.db, "checkout-one-page", word="keep", reason="Good.", by=BY, second="rev@example.com")
    assert "what it kept is marked as withdrawn" in client.get(f"{KEY}/stop").text
    assert site.send(client, f"{KEY}/stop", {"reason": "Old phones fail."}).status_code == 303
    assert [client.get(f"{KEY}/report.{kind}").status_code for kind in FORMATS] == [200] * 8
    assert client.get(f"{KEY}/report.json").json["decision"]["withdrawn"]["reason"] == "Old phones fail."
    page = client.get(KEY).text
    assert "<strong>Withdrawn</strong> by pm@example.com" in page
    assert f"{KEY}/stop" not in page
    assert client.get(f"{KEY}/stop").status_code == 409
    assert site.client("viewer").get(f"{KEY}/stop").status_code == 403


def test_a_clone_leads_to_the_brief_of_the_new_draft(site):
    site.launched(samples.plan(), "keep", 1)
    client = site.client("experimenter")
    assert "checkout-one-page-again" in client.get(f"{KEY}/clone").text
    taken = site.send(client, f"{KEY}/clone", {"new_key": "checkout-one-page"})
    assert (taken.status_code, "choose one that no experiment has" in taken.text) == (409, True)
    made = site.send(client, f"{KEY}/clone", {"new_key": "second-try"})
    assert made.headers["Location"] == "/experiments/second-try/edit"
    assert experiments.get(site.db, "second-try").latest_number is None


def test_an_extension_says_what_it_does_and_is_refused_with_the_reason(site):
    client = site.client("experimenter")
    for key, word in (("slow", "wait"), ("answered", "keep")):
        site.launched(samples.plan(key), word, 1)
    assert "/experiments/slow/extend" in client.get("/experiments/slow").text
    assert "kept back" in client.get("/experiments/slow/extend").text
    assert site.send(client, "/experiments/slow/extend", {"weeks": "two", "reason": "Few came."}).status_code == 400
    assert site.send(client, "/experiments/slow/extend", {"weeks": "2", "reason": "Few came."}).status_code == 303
    assert experiments.get(site.db, "slow").frozen.extended_days == 14
    assert "/experiments/answered/extend" not in client.get("/experiments/answered").text
    assert "The rule has its answer" in client.get("/experiments/answered/extend").text
    refused = site.send(client, "/experiments/answered/extend", {"weeks": "2", "reason": "Few came."})
    assert (refused.status_code, "cannot be extended" in refused.text) == (409, True)


def test_the_archive_takes_a_decided_experiment_off_the_list_and_gives_it_back(site):
    site.launched(samples.plan(), "keep", 1)
    client = site.client("experimenter")
    assert f"{KEY}/archive" not in client.get(KEY).text
    assert site.send(client, f"{KEY}/archive").status_code == 409
    lifecycle.decide(site.db, "checkout-one-page", word="keep", reason="Good.", by=BY, second="rev@example.com")
    assert f"{KEY}/archive" in client.get(KEY).text
    assert site.send(client, f"{KEY}/archive").status_code == 303
    assert f'href="{KEY}"' not in client.get("/experiments").text
    put_away = client.get("/experiments?state=archived").text
    assert f'href="{KEY}"' in put_away
    assert "None needs you. None is running as planned." in put_away
    page = client.get(KEY).text
    assert (f"{KEY}/archive" in page, f"{KEY}/restore" in page, "Archived on " in page) == (False, True, True)
    viewed = site.client("viewer").get(KEY).text
    assert (f"{KEY}/restore" in viewed, "Archived on " in viewed) == (False, True)
    assert site.send(client, f"{KEY}/restore").status_code == 303
    assert f'href="{KEY}"' in client.get("/experiments").text
    lifecycle.save(site.db, samples.plan("idea"), BY)
    assert "/experiments/idea/archive" in client.get("/experiments/idea").text
    assert site.send(client, "/experiments/idea/archive").status_code == 303
    assert "/experiments/idea/restore" in client.get("/experiments/idea").text


def test_the_page_shows_the_steps_of_a_roll_out_and_what_cannot_be_known(site):
    site.launched(samples.plan(), "keep", 1)
    client = site.client("experimenter")
    given = {"decision": "keep:t1", "reason": "Good.", "coverage": "95", "second": "rev@example.com"}
    wrong = site.send(client, f"{KEY}/decide", {**given, "ramp": "0 10\nsoon"})
    assert (wrong.status_code, "&#39;soon&#39; is no step" in wrong.text) == (400, True)
    assert site.send(client, f"{KEY}/decide", {**given, "ramp": "0 10\n2: 50%\n7 95"}).status_code == 303
    assert [client.get(f"{KEY}/report.{kind}").status_code for kind in FORMATS] == [200] * 8
    assert client.get(f"{KEY}/report.json").json["decision"]["ramp"][1]["coverage"] == 0.5
    page = client.get(KEY).text
    assert ": 10%</strong>, served now</li>" in page
    assert ": 50%, next</li>" in page
    assert "5% are held back and get" in page
    assert "Both sides are compared from" in page


def test_what_was_predicted_stands_beside_what_was_measured_since_launch(site):
    site.launched(samples.plan(), "keep", 1)
    client, token = site.client("experimenter"), keys.create(site.db, name="r", role="reporting")[1]
    asked = lambda: site.app.test_client().get(f"/api/v1{KEY}/after-launch", headers={"Authorization": f"Bearer {token}"}).get_json()  # noqa: E731
    lifecycle.decide(site.db, "checkout-one-page", word="keep", reason="Good.", by=BY, second="rev@example.com", coverage=0.9)
    assert asked() == {"latest": None}
    kept = experiments.get(site.db, "checkout-one-page")
    frozen, first = kept.followed[0].frozen, kept.followed[0].first
    assert (frozen.phase, [v.weight for v in frozen.plan.variants]) == (2, pytest.approx([0.1, 0.9]))
    seen = samples.snapshot(frozen, 3, "keep").model_copy(update={"launched": first})
    found = followup.outcomes(kept.decision, followup.decided_from(site.db, kept), seen)
    followups.append(site.db, seen, followup.word(found))
    told = asked()["latest"]
    page = html.unescape(client.get(KEY).text)
    assert f"After launch: {told['word']}" in page
    assert all(o.interval_text in page and o.predicted_text in page for o in found)
    portfolio = client.get("/portfolio").text
    assert f"<dt>{told['word'].capitalize()}</dt><dd>1<small>" in portfolio
    assert client.get("/portfolio/report.json").get_json()["tried"][0]["after"] == told["word"]
    assert f'data-l="Since launch">{told["word"]}</td>' in client.get("/portfolio/report").text
    paper = client.get(f"{KEY}/report.html").text
    assert f"After launch: {told['word']}" in paper
    assert told["hash"] in paper


def test_why_is_answered_on_its_page_and_by_the_api(site):
    site.launched(samples.plan(), "keep", 1)
    viewer = site.client("viewer")
    assert "Explain" in viewer.get(f"{KEY}/why").text
    page = site.send(viewer, f"{KEY}/why", {"unit": "u1"}).text
    token = keys.create(site.db, name="r", role="reporting")[1]
    told = site.app.test_client().post(f"/api/v1{KEY}/why", json={"unit": "u1"}, headers={"Authorization": f"Bearer {token}"}).get_json()
    assert told["sentence"] in html.unescape(page)
    assert told["steps"][-1]["ends"]
    for wrong in ({"unit": "u1", "attributes": "nz"}, {"unit": " "}):
        assert site.send(viewer, f"{KEY}/why", wrong).status_code == 400


def test_the_decide_page_leads_to_what_changed_only_where_that_was_told(site):
    site.launched(samples.plan(), "keep", 1)
    site.launched(samples.plan("untold", change=""), "keep", 1)
    viewer = site.client("viewer")
    assert f'href="{KEY}#changed"' in viewer.get(f"{KEY}/decide").text
    assert "#changed" not in viewer.get("/experiments/untold/decide").text


def test_what_holding_back_will_show_is_told_before_a_share_is_chosen(site):
    site.launched(samples.plan(), "keep", 1)
    site.launched(samples.plan("unlike"), "invalid", 1)
    client = site.client("experimenter")
    page = html.unescape(client.get(f"{KEY}/decide").text)
    told = holding.reaches(snapshots.latest(site.db, "checkout-one-page"))
    assert told
    assert all(f"<small>{r.advice}</small>" in page for r in told)
    assert all(f'data-l="{share} held back" class="r num">{reach}</td>' in page for r in told for share, reach in r.cells)
    assert "If as many come as in the experiment, about " in page
    assert "What holding back shows" not in client.get("/experiments/unlike/decide").text
