"""Briefs, launches, stops, comments, decisions and keys, through the forms of the pages."""

import html
import re
from datetime import UTC, datetime

import pytest
import samples

from experiments import lifecycle
from experiments.plan import Prior
from experiments.plan_file import plan_yaml, read_plan
from experiments.registry import experiments, keys, log, snapshots
from web.experiments import form

pytestmark = pytest.mark.slow

BY = "pm@example.com"
BRIEF = {
    "title": "A basket that follows the account", "hypothesis": "More will come back.", "change": "It follows.",
    "owner": "Ada", "team": "Basket", "unit": "user", "coverage": "100", "enrol_weeks": "2", "planned_units": "65,400",
    "method": "group-sequential", "variants-0-key": "control", "variants-0-weight": "50", "variants-1-key": "treatment",
    "variants-1-weight": "50", "goals-0-metric": "completed", "goals-0-worthwhile": "2.9", "goals-0-of": "relative",
    "guardrails-0-metric": "refused", "guardrails-0-margin": "10", "guardrails-0-of": "relative", "secondary": ["long"],
}  # fmt: skip
YAML = """
key: a-basket-that-follows-the-account
title: A basket that follows the account
hypothesis: More will come back.
change: It follows.
owner: Ada
team: Basket
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: completed, worthwhile: 0.029}]
guardrails: [{metric: refused, margin: 0.1}]
secondary: [long]
planned_units: 65400
"""


def test_the_form_and_a_file_make_the_same_plan(site):
    answer = site.send(site.client("experimenter"), "/experiments/new", BRIEF)
    assert answer.status_code == 303
    assert experiments.get(site.db, "a-basket-that-follows-the-account").plan == read_plan(YAML)


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"variants-1-weight": "60"}, "variants", "they must add to 1"),
        ({"variants-1-key": "control"}, "variants", "named twice"),
        ({"variants-1-weight": "half"}, "variants-1-weight", "not a number"),
        ({"variants-1-key": "Not A Key"}, "variants-1-key", "Not A Key"),
        ({"goals-0-metric": ""}, "goals", "at least one goal"),
        ({"goals-0-worthwhile": ""}, "goals-0-worthwhile", "not a number"),
        ({"goals-0-worthwhile": "-1"}, "goals-0-worthwhile", "greater than 0"),
        ({"guardrails-0-margin": "nan"}, "guardrails-0-margin", "not a number"),
        ({"enrol_weeks": "0"}, "enrol_weeks", "enrol_days"),
        ({"enrol_weeks": "two"}, "enrol_weeks", "not a whole number"),
        ({"planned_units": "10"}, "planned_units", "200"),
        ({"coverage": "120"}, "coverage", "less than or equal to 1"),
        ({"title": "", "key": ""}, "key", "key"),
        ({"method": "guess"}, "method", "guess"),
        ({"method": "bayesian"}, "prior_sd", "the plan has no prior"),
        ({"method": "bayesian", "prior_sd": "wide"}, "prior_sd", "not a number"),
        ({"method": "bayesian", "prior_sd": "-5"}, "prior_sd", "greater than 0"),
        ({"secondary": ["completed"]}, "", "named twice"),
        ({"secondary": ["no-such-metric"]}, "", "no metric is called"),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_entered_is_lost(shop, changes, field, words):
    answer = shop.send(shop.client("experimenter"), "/experiments/new", {**BRIEF, **changes})
    assert answer.status_code == 400
    said = re.findall(rf'class="problem" id="{field}-p1">([^<]*)<', answer.text) if field else [answer.text]
    assert said, f"nothing beside {field}"
    assert words in said[0]
    assert "More will come back." in answer.text
    assert "is not saved yet" in answer.text


def test_a_key_of_another_experiment_is_not_overwritten(shop):
    answer = shop.send(shop.client("experimenter"), "/experiments/new", {**BRIEF, "key": "basket"})
    assert answer.status_code == 400
    assert "is the key of another experiment" in answer.text
    assert experiments.get(shop.db, "basket").plan.hypothesis.startswith("If people fill in")


def test_adding_a_row_keeps_everything_and_saves_nothing(site):
    text = site.send(site.client("experimenter"), "/experiments/new", {**BRIEF, "add": "goals"}).text
    assert 'name="goals-1-metric"' in text
    assert 'value="2.9"' in text
    assert experiments.listing(site.db) == []


@pytest.mark.parametrize("plan", [
    samples.plan(), samples.plan(treatments=2), samples.plan(treatments=5, coverage=0.07, method="fixed", planned_units=None),
    samples.plan(method="bayesian", prior=Prior(mean=0.005, sd=0.05)),
    samples.plan(targeting={"country": ["DE"]}, tags=("a",), segments=("device",), salt="s", alpha=0.1, minimum_days=14),
])  # fmt: skip
def test_opening_and_saving_a_draft_changes_nothing_of_it(plan):
    payload = plan.variants[1].model_copy(update={"payload": {"colour": "blue"}})
    plan = plan.model_copy(update={"variants": (plan.variants[0], payload, *plan.variants[2:])})
    plan = read_plan(plan_yaml(plan))
    assert form.read(form.filled(plan), plan) == plan


def test_a_draft_is_changed_launched_and_stopped_and_the_log_says_so(site):
    client = site.client("experimenter")
    site.send(client, "/experiments/new", BRIEF)
    key = "a-basket-that-follows-the-account"
    site.send(client, f"/experiments/{key}/edit", {**BRIEF, "title": "A better name", "key": "ignored"})
    assert experiments.get(site.db, key).plan.title == "A better name"
    assert "Freeze plan and launch" in client.get(f"/experiments/{key}").text
    assert site.send(client, f"/experiments/{key}/launch").status_code == 303
    text = client.get(f"/experiments/{key}").text
    assert "Launched. The plan is frozen" in text
    assert "No results yet" in text
    assert site.send(client, f"/experiments/{key}/launch").status_code == 409
    assert site.send(client, f"/experiments/{key}/stop", {"reason": " "}).status_code == 400
    site.send(client, f"/experiments/{key}/stop", {"reason": "It broke the basket."})
    assert "Control, for everyone." in client.get(f"/experiments/{key}").text
    assert [e.kind for e in log.entries(site.db, key)] == ["stop", "launch", "plan", "plan"]
    assert {e.who for e in log.entries(site.db, key)} == {BY}


def test_a_comment_is_shown_as_text(site):
    lifecycle.save(site.db, samples.plan(), BY)
    client = site.client("experimenter")
    site.send(client, "/experiments/checkout-one-page/comment", {"text": "<b>bold</b>"})
    assert "&lt;b&gt;bold&lt;/b&gt;" in client.get("/experiments/checkout-one-page").text


def test_the_decide_page_preselects_nothing(shop):
    text = shop.client().get("/experiments/promise/decide").text
    assert "checked" not in text
    assert text.count('type="radio"') == 7


def test_of_several_treatments_only_the_one_that_the_verdict_keeps_is_kept_without_a_second_person(site):
    site.launched(samples.plan(treatments=2), "wait", 1)
    look = snapshots.latest(site.db, "checkout-one-page")
    each = [t.model_copy(update={"word": word}) for t, word in zip(look.verdict.treatments, ("keep", "drop"), strict=True)]
    verdict = look.verdict.model_copy(update={"word": "keep", "treatments": tuple(each)})
    snapshots.append(site.db, look.model_copy(update={"verdict": verdict}))
    client = site.client("experimenter")
    text = client.get("/experiments/checkout-one-page/decide").text
    radios = re.findall(r'<input type="radio" name="decision" value="([^"]+)" required( class="differs")?', text)
    assert [value for value, differs in radios if not differs] == ["keep:t1"]
    assert 'Only if you decide anything but <span dir="auto">keep One page</span>.' in text
    refused = site.send(client, "/experiments/checkout-one-page/decide", {"decision": "keep:t2", "reason": "I like it.", "coverage": "100"})
    assert refused.status_code == 403


def test_a_decision_with_the_verdict_needs_one_person_and_is_shown_and_served(site):
    site.launched(samples.plan(), "keep")
    client = site.client("experimenter")
    data = {"decision": "keep:t1", "reason": "Fewer steps help.", "learning": "Type less.", "coverage": "95"}
    assert site.send(client, "/experiments/checkout-one-page/decide", data).status_code == 303
    decision = experiments.get(site.db, "checkout-one-page").decision
    assert (decision.word, decision.variant, decision.coverage, decision.followed) == ("keep", "t1", 0.95, True)
    text = client.get("/experiments/checkout-one-page").text
    assert "Decided: keep One page, for 95%" in text
    assert "One page, for 95% of people." in text
    assert "Type less." in text
    assert site.send(client, "/experiments/checkout-one-page/decide", data).status_code == 409


@pytest.mark.parametrize(("word", "asked", "status", "told"), [
    ("wait", "Whatever you decide now differs: the rule asks for more days.", 403, "needs a second person"),
    ("review", "The verdict leaves it to you.", 303, "The verdict left it to a person."),
])  # fmt: skip
def test_a_wait_is_followed_by_no_decision_and_a_review_by_any(site, word, asked, status, told):
    site.launched(samples.plan(), word, 6)
    client, page = site.client("experimenter"), "/experiments/checkout-one-page"
    assert asked in client.get(f"{page}/decide").text
    answer = site.send(client, f"{page}/decide", {"decision": "keep:t1" if word == "review" else "again", "reason": "We know enough.", "coverage": "100"})
    assert answer.status_code == status
    assert told in (client.get(page).text if status == 303 else answer.text)


def test_a_decision_against_the_verdict_needs_a_second_person(site):
    site.launched(samples.plan(), "keep")
    client = site.client("experimenter")
    data = {"decision": "drop", "reason": "We leave the market.", "coverage": "100"}
    for second in ("", BY, "nobody@example.com"):
        answer = site.send(client, "/experiments/checkout-one-page/decide", {**data, "second": second})
        assert answer.status_code == 403
        assert "needs a second person" in answer.text
        assert "We leave the market." in answer.text
    assert experiments.get(site.db, "checkout-one-page").state == "running"
    site.send(client, "/experiments/checkout-one-page/decide", {**data, "second": "rev@example.com"})
    decision = experiments.get(site.db, "checkout-one-page").decision
    assert (decision.followed, decision.second) == (False, "rev@example.com")
    assert "Differs from the verdict (keep)" in client.get("/experiments/checkout-one-page").text


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"reason": "x"}, "Nothing is chosen yet"),
        ({"decision": "keep:t1", "reason": ""}, "Say why"),
        ({"decision": "keep:t9", "reason": "x"}, "choose one"),
        ({"decision": "maybe", "reason": "x"}, "choose keep, drop or again"),
        ({"decision": "keep:t1", "reason": "x", "coverage": "many"}, "write a number of percent"),
        ({"decision": "keep:t1", "reason": "x", "coverage": "nan"}, "coverage"),
        ({"decision": "keep:t1", "reason": "x", "coverage": "0"}, "above 0"),
    ],
)
def test_an_incomplete_decision_is_not_recorded_and_says_what_is_missing(shop, data, words):
    answer = shop.send(shop.client("experimenter"), "/experiments/checkout-one-page/decide", data)
    assert answer.status_code == 400
    assert words in answer.text
    assert experiments.get(shop.db, "checkout-one-page").state == "running"


def test_a_key_is_shown_once_works_and_can_be_revoked(site):
    client = site.client()
    answer = site.send(client, "/keys", {"name": "web shop", "environment": "staging"})
    token = re.search(r"<pre[^>]*>(sdk-[^<]+)</pre>", answer.text)[1]
    assert answer.status_code == 201
    assert keys.verify(site.db, token).environment == "staging"
    assert token not in client.get("/keys").text
    site.send(client, f"/keys/{keys.verify(site.db, token).id}/revoke")
    assert keys.verify(site.db, token) is None
    assert "Revoked" in client.get("/keys").text
    assert site.send(client, "/keys", {"name": " ", "environment": "staging"}).status_code == 400
    assert site.send(client, "/keys", {"name": "x", "environment": "moon"}).status_code == 400
    assert site.send(client, "/keys/999/revoke").status_code == 404


CUT = {"name": "Checkout <steps>", "salt": "steps-2025"}


def sliced(key, start, end, **more):
    return samples.plan(key, layer={**CUT, "from": start, "to": end}, **more)


def made(site, client, **changes):
    """Post the brief as a draft's owner does, and return what is stored; else the page."""
    answer = site.send(client, "/experiments/new", {**BRIEF, **changes})
    key = answer.headers.get("Location", "").rpartition("/")[2]
    return experiments.get(site.db, key).plan if key else html.unescape(answer.text)


def test_a_brief_joins_a_layer_that_there_is_on_what_is_left_of_it_and_takes_tags(site):
    client = site.client("experimenter")
    site.launched(sliced("live", 0.0, 0.3, tags=("forms", "speed")), "wait", 1)
    lifecycle.save(site.db, sliced("wanted", 0.3, 0.5), BY)
    page = html.unescape(client.get("/experiments/new").text)
    assert "Checkout <steps></strong> (70% left: 30% to 100%)." in page
    assert "In use: forms, speed." in page
    for word in ("layer", "variant", "goal", "guardrail", "margin", "minimum worthwhile effect", "prior"):
        assert f'popovertarget="t-{word.replace(" ", "-")}"' in page, word
        assert page.count(f'id="t-{word.replace(" ", "-")}"') == 1, word
    lists = {"tags": " forms,, new things , forms", "segments": "device, country,device", "filters": 'bot, zone = "5", zone=a b'}
    plan = made(site, client, layer=CUT["name"], **lists)
    assert plan.filters == {"bot": (True,), "zone": ("5", "a b")}
    assert plan.segments == ("device", "country")
    assert form.filled(plan).get("segments") == "device, country"
    assert plan.layer.model_dump(by_alias=True) == {**CUT, "from": 0.5, "to": 1.0}, "no draft wants it either"
    assert plan.tags == ("forms", "new things")
    again = form.filled(plan)
    assert form.read(again, plan) == plan, "as it is filled in, it is read"
    assert [again.get(n) for n in ("layer", "layer_from", "layer_to", "tags")] == [CUT["name"], "50", "100", "forms, new things"]
    chosen = made(site, client, key="chosen", layer=CUT["name"], layer_from="30", layer_to="42,5")
    assert (chosen.layer.salt, chosen.layer.start, chosen.layer.end) == ("steps-2025", 0.3, 0.425)
    new = made(site, client, key="own", layer="search")
    assert (new.layer.name, new.layer.salt, new.layer.start, new.layer.end) == ("search", "search", 0.0, 1.0)
    assert site.send(client, "/experiments/own/edit", {**BRIEF, "key": "own"}).status_code == 303
    assert experiments.get(site.db, "own").plan.layer == new.layer, "a form that does not ask changes nothing"
    assert site.send(client, "/experiments/own/edit", {**BRIEF, "key": "own", "layer": ""}).status_code == 303
    assert experiments.get(site.db, "own").plan.layer is None


def test_a_filter_that_is_none_is_refused_beside_its_field(site):
    page = made(site, site.client("experimenter"), filters="bot, zone =")
    assert '"zone =" is no filter' in page.replace("'", '"')
    assert 'aria-describedby="filters-h filters-p1"' in page


def test_results_say_whom_filters_leave_out_and_how_many(site):
    lifecycle.save(site.db, samples.plan("bots", filters={"agent": ["a <bot>", "b"]}), BY)
    frozen = lifecycle.launch(site.db, "bots", BY, datetime(2026, 11, 2, tzinfo=UTC)).frozen
    seen = samples.snapshot(frozen, 1, "wait").model_copy(update={"excluded": samples.Excluded(filtered=1_812)})
    snapshots.append(site.db, seen)
    page = site.client("viewer").get("/experiments/bots").text
    assert 'exposure are left out (1,812): <span dir="auto">agent = a &lt;bot&gt;, agent = b</span>.' in page


def test_a_slice_that_is_none_is_refused_beside_its_field(site):
    client = site.client("experimenter")
    site.launched(sliced("live", 0.0, 1.0), "wait", 1)
    assert "'Checkout <steps>' has nothing left: choose another layer" in made(site, client, layer=CUT["name"])
    for start, end, said in (("40", "30", "it must rise within 0 to 100"), ("40", "", "'' is not a number"), ("0", "120", "it must rise")):
        page = made(site, client, layer="search", layer_from=start, layer_to=end)
        assert said in page
        assert 'id="layer_to-p1"' in page
    assert "It takes places of layer 'Checkout <steps>'" in made(site, client, add="goals", layer=CUT["name"], layer_from="0", layer_to="50")
