"""Logged exposures replayed against the plan: every way in which a unit can meet another variant has its reason."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experiments import cli, lifecycle, replaying
from experiments.errors import Conflict, NotFound
from experiments.plan import served
from experiments.plan_file import read_plan
from keepers.testing import FakeClient

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
title: A calmer checkout
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
salt: spring
coverage: 0.8
targeting: {country: DE}
layer: {name: page, salt: page, from: 0, to: 0.7}
holdout: {name: year, salt: year, share: 0.1}
overrides: {qa: calm}
"""
LAUNCH = datetime(2026, 1, 5, 9, tzinfo=UTC)
AT = LAUNCH + timedelta(hours=3)
GERMAN = {"country": "DE"}
Config = dict[str, Any]


def config(plan: str = PLAN, **changed: Any) -> Config:
    """What the server serves, changed as a faulty service would have it."""
    return {"experiments": [{**served(read_plan(plan)), **changed}]}


def exposures(numbers: range, attributes: dict[str, Any] = GERMAN, plan: str = PLAN, **changed: Any) -> list[dict[str, Any]]:
    """What an SDK with that config logs when it assigns these units."""
    with FakeClient(config=config(plan, **changed)) as client:
        for number in numbers:
            client.variant("checkout", f"user-{number}", at=AT, attributes=attributes)
        return client.exposures


def judged(records: list[dict[str, Any]], *plans: str) -> replaying.Replay:
    """What a replay finds in records as the lake has them."""
    read = [read_plan(plan) for plan in plans or [PLAN]]
    rows = [
        replaying.Logged(
            r["id"], r["version"], r["units"]["user"], r["variant"], int(r["at"] * 1e6), json.dumps(r.get("attributes", {})), r.get("forced", False)
        )
        for r in records
    ]  # fmt: skip
    return replaying.judge(records[0]["experiment"], {plan.key: (plan, 1) for plan in read}, rows)


def reasons(found: replaying.Replay) -> dict[str, int]:
    return {reason: variants.total() for reason, variants in found.counts.items()}


def test_an_sdk_that_follows_the_plan_leaves_nothing_to_say() -> None:
    found = judged(exposures(range(400)))
    assert 150 < len(found.assigned) < 250
    assert (found.differences, found.forced, found.external) == ({}, set(), set())


@pytest.mark.parametrize(
    ("changed", "attributes", "reason"),
    [
        ({"coverage": 1.0}, GERMAN, "coverage"),
        ({"targeting": {}}, {"country": "FR"}, "targeting"),
        ({"targeting": {}}, {}, "targeting"),
        ({"layer": None}, GERMAN, "layer"),
        ({"holdout": None}, GERMAN, "holdout"),
        ({"version": 2}, GERMAN, "version"),
    ],
)
def test_who_should_not_have_been_exposed_is_named_with_the_part_of_the_plan(
    changed: Any, attributes: Any, reason: str
) -> None:
    found = judged(exposures(range(300), attributes, **changed))
    assert set(reasons(found)) == {reason}
    different = found.differences.values()
    assert all(each.planned is None for each in different) or reason == "version"
    assert 0 < len(different) <= len(found.assigned)
    assert all(each.at == AT for each in different)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"salt": "checkout"}, "the salt 'checkout'"),  # whose gate is another, too
        ({"variants": [{"key": "calm", "weight": 0.5}, {"key": "control", "weight": 0.5}]}, "the variants in reverse order"),
        ({"salt": "something else"}, ""),
    ],
)
def test_another_split_is_called_by_its_name_where_one_explains_all(changed: Any, words: str) -> None:
    found = judged(exposures(range(300), **changed))
    assert set(reasons(found)) == ({"salt", "coverage"} if "salt" in changed else {"salt"})
    assert found.fits == words
    assert all(each.logged != each.planned for each in found.differences.values())


def test_equal_weights_explain_an_experiment_that_was_to_be_uneven() -> None:
    uneven = PLAN.replace("control, weight: 0.5", "control, weight: 0.8").replace("calm, weight: 0.5", "calm, weight: 0.2")
    halves = [{"key": "control", "weight": 0.5}, {"key": "calm", "weight": 0.5}]
    found = judged(exposures(range(400), plan=uneven, variants=halves), uneven)
    assert {(each.logged, each.planned) for each in found.differences.values()} == {("calm", "control")}
    assert found.fits == "equal weights"


def test_forced_and_external_exposures_are_counted_apart() -> None:
    with FakeClient(config=config()) as client:
        client.variant("checkout", "qa", at=AT, attributes=GERMAN)
        client.expose("checkout", "user-1", variant="calm", at=AT, attributes=GERMAN)
        client.expose("checkout", "user-1", variant="control", at=AT, attributes=GERMAN)
        client.expose("checkout", "nobody", variant="control", at=AT)
        found = judged(client.exposures)
    assert (found.assigned, found.forced, found.external) == (set(), {"qa"}, {"user-1", "nobody"})
    assert found.external_differ == {"user-1", "nobody"}


def test_a_unit_that_the_plan_forces_but_an_sdk_assigned_is_named() -> None:
    with FakeClient(config=config(overrides={}, holdout=None, layer=None, coverage=1)) as client:
        client.variant("checkout", "qa", at=AT, attributes=GERMAN)
        (each,) = judged(client.exposures).differences.values()
    assert (each.unit, each.planned, each.reason) == ("qa", "calm", "forced")


def test_an_sdk_whose_clock_is_off_across_midnight_is_still_known_by_its_ids() -> None:
    """The server corrects the time, and the id keeps the day that the SDK had."""
    records = [{**record, "at": record["at"] + 22 * 3600} for record in exposures(range(20))]
    found = judged(records)
    assert (len(found.assigned), found.external) == (len(records), set())


def test_a_prerequisite_is_asked_of_the_plan_of_the_other_experiment() -> None:
    text = "key: next\nvariants: [{key: a, weight: 0.5}, {key: b, weight: 0.5}]\ngoals: [{metric: ordered, worthwhile: 0.02}]\n"
    text += "prerequisites: [{experiment: checkout, variants: [calm]}]"
    both = [served(read_plan(PLAN)), served(read_plan(text))]
    with FakeClient(config={"experiments": [{**each, "prerequisites": []} for each in both]}) as client:
        for number in range(100):
            client.variant("next", f"user-{number}", at=AT, attributes=GERMAN)
        found = judged(client.exposures, PLAN, text)
    with FakeClient(config={"experiments": both}) as client:
        calm = {u for u in found.assigned if client.variant("checkout", u, attributes=GERMAN, expose=False) == "calm"}
    assert 0 < len(calm) < len(found.assigned) == 100
    assert {each.unit for each in found.differences.values()} == found.assigned - calm
    assert set(reasons(found)) == {"prerequisite"}


def test_another_tool_s_split_is_replayed_too() -> None:
    plan = PLAN + "algorithm: posthog"
    right, wrong = exposures(range(200), plan=plan), exposures(range(200, 400), plan=plan, algorithm="keepers")
    assert judged(right, plan).differences == {}
    found = judged([*right, *wrong], plan)
    assert set(reasons(found)) == {"salt", "coverage"}
    assert found.fits == "our own algorithm"


def test_the_command_says_counts_first_and_then_each_unit(home: Any, monkeypatch: Any, capsys: Any) -> None:
    """From what was sent to the collector and loaded into the lake."""
    monkeypatch.setattr("experiments.cli.Settings.load", lambda: home.settings)
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived(exposures(range(60)) + exposures(range(60, 120), {"country": "FR"}, targeting={}), now=AT)
    assert cli.main(["experiment", "replay", "checkout"]) == 0
    first, second, third, apart, _, header, *units = capsys.readouterr().out.splitlines()
    assert first.startswith("checkout: ")
    assert second.endswith(f"Otherwise: {len(units)}.")
    assert third.startswith(f"  targeting: {len(units)} (calm ")
    assert apart == "Apart: forced 0; external 0, 0 of them as the plan has it."
    assert header.split("\t") == ["unit", "at", "logged", "planned", "reason"]
    assert all(line.split("\t")[1:] in (["2026-01-05 12:00:00", v, "none", "targeting"] for v in ("calm", "control")) for line in units)


def test_a_draft_and_an_unknown_key_have_nothing_to_replay(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    lifecycle.save(home.db, read_plan(PLAN.replace("key: checkout", "key: later")), "test")
    with pytest.raises(Conflict, match="is a draft"):
        replaying.replay(home.settings, "later")
    with pytest.raises(NotFound, match="Did you mean 'checkout'"):
        replaying.replay(home.settings, "chekout")
