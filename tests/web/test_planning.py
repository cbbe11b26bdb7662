"""The brief as a conversation and the draft's page: what a plan can tell, what is left to do, who shares its people."""

import dataclasses
import re

import pytest
import samples

from experiments import lifecycle
from experiments.plan import Layer
from experiments.registry import experiments, keys, log, outlooks
from web import create_app

pytestmark = pytest.mark.slow

BY, KEY = "pm@example.com", "/experiments/basket"
BRIEF = {
    "title": "A basket that follows the account", "hypothesis": "More will come back.", "change": "It follows.",
    "owner": "Ada", "team": "Basket", "unit": "user", "coverage": "100", "enrol_weeks": "2", "planned_units": "65,400",
    "method": "group-sequential", "variants-0-key": "control", "variants-0-weight": "50", "variants-1-key": "treatment",
    "variants-1-weight": "50", "goals-0-metric": "completed", "goals-0-worthwhile": "2.9", "goals-0-of": "relative",
    "guardrails-0-metric": "refused", "guardrails-0-margin": "10", "guardrails-0-of": "relative", "secondary": ["long"],
}  # fmt: skip


@pytest.fixture(scope="module")
def made(make_site):
    """An installation in which the metrics were measured once, with one draft."""
    site = make_site()
    site.launched(samples.plan(), "keep", 3)
    lifecycle.save(site.db, samples.plan("basket", title="A basket that follows the account"), BY)
    return site


def test_a_draft_says_what_it_can_and_cannot_tell_and_keeps_that_until_its_plan_changes(made):
    client = made.client("experimenter")
    assert "Not worked out yet" in client.get(KEY).text
    assert made.send(client, f"{KEY}/odds", {"units_a_day": "4,700"}).status_code == 303
    text = client.get(KEY).text
    for words in (
        "You expect 4,700 new people a day", "What each test can show", "You would wrongly keep it 1 time in",
        "Advised:", "Answer by day 20", "whether Checkouts completed changes by less than about", 'value="4,700"',
    ):  # fmt: skip
        assert words in text
    assert made.client("viewer").get(KEY).text.count("of 40 dots filled") == 4, "everybody reads the same"
    assert "wrongly keep it 1 time in" in log.entries(made.db, "basket")[0].text
    lifecycle.save(made.db, samples.plan("basket", title="Another name"), BY)
    assert "of 40 dots filled" in client.get(KEY).text, "texts decide nothing"
    lifecycle.save(made.db, samples.plan("basket", alpha=0.1), BY)
    text = client.get(KEY).text
    assert "Not worked out for this plan" in text
    assert "of 40 dots filled" not in text
    made.send(client, f"{KEY}/odds")
    assert "busiest experiment so far" in client.get(KEY).text


def test_what_cannot_be_worked_out_says_why_and_keeps_what_was_entered(made):
    client = made.client("experimenter")
    before = outlooks.last(made.db, "basket")
    for entered, words in (("many", "is no number of people a day"), ("0", "cannot be planned with"), ("9", "Raise coverage")):
        answer = made.send(client, f"{KEY}/odds", {"units_a_day": entered})
        assert answer.status_code == 400
        assert words in answer.text
        assert f'name="units_a_day" value="{entered}"' in answer.text
    assert outlooks.last(made.db, "basket") == before
    assert made.send(client, "/experiments/checkout-one-page/odds").status_code == 409


def test_the_form_answers_what_the_plan_can_tell_and_saves_nothing(made):
    client, many = made.client("experimenter"), len(experiments.listing(made.db))
    text = made.send(client, "/experiments/new", {**BRIEF, "add": "odds", "units_a_day": "4700"}).text
    assert re.search(r"You would wrongly keep it 1 time in \d+\.", text)
    assert "With those who come" in text
    assert 'value="2.9"' in text
    assert "is not saved yet" not in text
    assert len(experiments.listing(made.db)) == many
    text = made.send(client, "/experiments/new", {**BRIEF, "add": "weeks-4", "units_a_day": "4700"}).text
    assert re.search(r'name="enrol_weeks" value="4"', text)
    assert re.search(r"<dt>Four weeks <small>as planned</small></dt>", text)
    text = made.send(client, "/experiments/new", {**BRIEF, "add": "odds", "goals-0-worthwhile": "x"}).text
    assert 'id="goals-0-worthwhile-p1"' in text
    unmeasured = {**BRIEF, "add": "odds", "goals-0-metric": "slow"}
    assert "nothing is known yet of slow" in made.send(client, "/experiments/new", unmeasured).text


def test_the_checklist_names_what_launch_refuses_and_launch_refuses_it(site):
    site.settings = dataclasses.replace(site.settings, review=True)
    site.app = create_app(site.settings)
    site.app.testing = True
    lifecycle.save(site.db, samples.plan("basket"), BY)
    author, second = site.client("experimenter"), site.client("reviewer")
    assert "Launch waits for: review." in author.get(KEY).text
    assert site.send(author, f"{KEY}/launch").status_code == 403
    shown = re.search(r'name="plan_hash" value="(\w+)"', second.get(KEY).text)
    site.send(second, f"{KEY}/approve", {"plan_hash": shown[1]})
    assert "Launch waits for none of the others" in author.get(KEY).text
    assert site.send(author, f"{KEY}/launch").status_code == 303


def test_a_draft_shows_who_shares_its_people_and_that_its_code_was_tried(site):
    taken = Layer.model_validate({"name": "pricing", "salt": "p", "from": 0.25, "to": 1.0})
    lifecycle.save(site.db, samples.plan("first", title="The <first>", layer=taken), BY)
    lifecycle.launch(site.db, "first", BY)
    lifecycle.save(site.db, samples.plan("basket", layer=taken), BY)
    token = keys.create(site.db, name="laptop", environment="development")[1]
    text = site.client("viewer").get(KEY).text
    assert "The &lt;first&gt;" in text
    assert "about 100% of your people would be in both" in text
    assert "has 25% left: 0% to 25%" in text
    assert "has 25% left: 0% to 25%" in site.client("experimenter").get(f"{KEY}/edit").text
    shared = site.send(site.client("experimenter"), "/experiments/new", {**BRIEF, "add": "goals"}).text
    assert "Both decide by Checkouts completed, Payments refused." in shared
    assert "No exposure from outside production" in text
    exposure = {"type": "exposure", "id": "e1", "at": "2026-11-02T10:00:00Z", "experiment": "basket", "variant": "control", "version": 1, "units": {"user": "u1"}}
    sent = dataclasses.replace(site, token=token).collect({"events": [exposure]})
    assert sent.get_json()["accepted"] == 1, sent.text
    assert "An exposure from outside production came" in site.client("viewer").get(KEY).text


def test_margins_are_suggested_beside_their_metric_and_filled_in_only_where_none_is_typed(made):
    client = made.client("experimenter")
    two = {**BRIEF, "guardrails-0-margin": "7", "guardrails-1-metric": "load", "guardrails-1-margin": "", "guardrails-1-of": "relative"}
    text = made.send(client, "/experiments/new", {**two, "add": "goals"}).text
    assert re.search(r'name="guardrails-1-margin" value=""', text)
    assert len(re.findall(r'class="hint whole"><strong>[^<]+</strong> Suggested: [\d.]+%\. It is the smallest that 65,400 people', text)) == 2
    text = made.send(client, "/experiments/new", {**two, "add": "margins"}).text
    typed = [re.search(rf'name="guardrails-{n}-margin" value="([^"]*)"', text)[1] for n in (0, 1)]
    assert typed[0] == "7"
    assert f"Suggested: {typed[1]}%." in text
    new = made.send(client, "/experiments/new", {**BRIEF, "guardrails-0-metric": "slow", "add": "margins", "planned_units": 400 * "9"}).text
    assert "<strong>Slow loads</strong> No margin can be suggested" in new


def test_similar_experiments_stand_beside_the_hypothesis_without_a_script(made):
    client = made.client("experimenter")
    asked = {**BRIEF, "hypothesis": "One page of checkout is quicker than three.", "add": "similar"}
    page = made.send(client, "/experiments/new", asked).text
    near = page.partition("Tried before?")[2].partition("</section>")[0]
    assert "One-page checkout with address autofill" in near
    assert "One page of checkout" in page
    assert 'href="/experiments/basket"' not in client.get(f"{KEY}/edit").text.partition("Tried before?")[2].partition("</section>")[0]


def test_what_was_entered_survives_another_s_change_and_a_launch(site):
    lifecycle.save(site.db, samples.plan("basket"), BY)
    client = site.client("experimenter")
    was = re.search(r'name="was" value="(\w+)"', client.get(f"{KEY}/edit").text)[1]
    lifecycle.save(site.db, samples.plan("basket", title="Theirs"), "rev@example.com")
    mine = {**BRIEF, "title": "Mine", "was": was}
    answer = site.send(client, f"{KEY}/edit", mine)
    assert answer.status_code == 400
    assert "Somebody changed this draft" in answer.text
    assert 'value="Mine"' in answer.text
    now = re.search(r'name="was" value="(\w+)"', answer.text)[1]
    assert site.send(client, f"{KEY}/edit", {**mine, "was": now}).status_code == 303
    assert experiments.get(site.db, "basket").plan.title == "Mine"
    lifecycle.launch(site.db, "basket", BY)
    answer = site.send(client, f"{KEY}/edit", {**BRIEF, "title": "Too late"})
    assert (answer.status_code, "is running" in answer.text, 'value="Too late"' in answer.text) == (409, True, True)


def test_a_draft_and_an_asked_form_are_read_back(made):
    client = made.client("experimenter")
    assert "We keep it if Checkouts completed or Revenue per person gets better" in client.get(KEY).text
    text = made.send(client, "/experiments/new", {**BRIEF, "add": "odds", "units_a_day": "4700"}).text
    assert "We keep it if Checkouts completed gets better and its guardrail is shown safe" in text


def test_a_draft_says_who_truly_gets_the_split(made):
    quarter = Layer.model_validate({"name": "checkout", "salt": "l", "from": 0.25, "to": 0.5})
    lifecycle.save(made.db, samples.plan("narrow", targeting={"country": "NZ"}, layer=quarter), BY)
    text = made.client("experimenter").get("/experiments/narrow").text
    assert "<p>25% of people whom its targeting lets in, assigned by user; 65,400 people planned. Its slice of the layer checkout holds 25%.</p>" in text
    assert "From launch on, 25% of people whom its targeting lets in get the split." in text


def test_the_api_works_out_and_reads_what_the_pages_do(made):
    lifecycle.save(made.db, samples.plan("by-program"), BY)
    token = keys.create(made.db, name="planner", role="experimenter")[1]

    def ask(method, path, body=None):
        headers = {"Authorization": f"Bearer {token}"}
        return made.app.test_client().open(f"/api/v1/experiments/{path}", method=method, json=body, headers=headers)

    assert ask("GET", "by-program/outlook").status_code == 404
    told = ask("POST", "by-program/outlook", {"units_a_day": 4700}).get_json()
    assert (told["of_this_plan"], len(told["outlook"]["chances"])) == (True, 4)
    assert ask("GET", "by-program/outlook").get_json() == told
    assert ask("POST", "by-program/outlook", {"units_a_day": 0}).status_code == 400
    todo = ask("GET", "by-program/checklist").get_json()
    assert {"title": "Pictures", "state": "open", "blocks": False}.items() <= todo["items"][-1].items()
    assert ask("GET", "checkout-one-page/checklist").status_code == 409
    assert ask("POST", "checkout-one-page/outlook", {}).status_code == 409
