"""Running experiments of GrowthBook come here without reshuffling one unit, or stay there with the reason."""

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from experiments import cli, growthbook
from experiments.errors import DefinitionError
from experiments.plan import served
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import experiments, metrics
from keepers.assignment import decide
from keepers.conditions import matches
from keepers.config import parse_config

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
GERMAN, PRO = {"country": {"$in": ["DE", "AT"]}}, {"plan": "pro"}
GROUPS = {"staff": ["3", "14", "159"]}
FEATURES: dict[str, Any] = {
    "nav": {"defaultValue": "old", "rules": [{
        "key": "nav-2026", "name": "A calmer menu", "hashVersion": 2, "seed": "nav-seed", "coverage": 1, "weights": [0.5, 0.5],
        "variations": ["old", "calm"], "meta": [{"key": "control", "name": "As it was"}, {"key": "calm"}],
    }]},
    "price": {"defaultValue": 1, "rules": [{"variations": [1, 2, 3], "weights": [0.2, 0.3, 0.5], "coverage": 0.6}]},
    "search": {"defaultValue": 0, "rules": [
        {"condition": {"id": {"$inGroup": "staff"}}, "force": 1},
        {"condition": PRO, "force": 1, "coverage": 0},
        {"key": "Search_ranking", "condition": GERMAN, "variations": [0, 1], "weights": [0.34, 0.66], "hashVersion": 2},
    ]},
    "banner": {"defaultValue": "", "rules": [
        {"key": "banner-a", "namespace": ["banners", 0, 0.4], "variations": ["", "a"], "hashVersion": 2},
        {"key": "banner-b", "namespace": ["banners", 0.4, 1], "variations": ["", "b"], "coverage": 0.5, "condition": PRO},
        {"force": "c"},
    ]},
    "thirds": {"defaultValue": 0, "rules": [{"variations": [0, 1, 2], "weights": [0.3333, 0.3333, 0.3333], "coverage": 0.9}]},
    "holes": {"defaultValue": 0, "rules": [{
        "key": "holes", "hashAttribute": "deviceId", "hashVersion": 2, "seed": "s", "variations": [0, 1],
        "ranges": [[0.1, 0.30000000000000004], [0.5, 0.9]],
    }]},
    "rolled": {"defaultValue": 0, "rules": [{"force": 1, "coverage": 0.1}, {"key": "rolled-x", "variations": [0, 1]}]},
    "deeper": {"defaultValue": 0, "rules": [{
        "key": "deeper", "variations": [0, 1], "parentConditions": [
            {"id": "nav", "condition": {"value": {"$ne": "old"}}}, {"id": "kill", "condition": {"value": True}, "gate": True},
        ],
    }]},
    "kill": {"defaultValue": True},
    "filtered": {"defaultValue": 0, "rules": [{
        "key": "filtered", "hashVersion": 2, "variations": [0, 1], "filters": [{"seed": "f", "hashVersion": 2, "ranges": [[0.2, 0.7]]}],
    }]},
    "both-1": {"defaultValue": 0, "rules": [{"key": "both", "variations": [0, 1], "hashVersion": 2}]},
    "both-2": {"defaultValue": "x", "rules": [{"key": "both", "variations": ["x", "y"], "hashVersion": 2}]},
}  # fmt: skip
PAYLOAD = {"status": 200, "features": FEATURES, "savedGroups": GROUPS}


# GrowthBook's rules, written here once more from its documentation.


@lru_cache(maxsize=200_000)
def place(seed: str, value: str, version: int) -> float:
    def fnv(text: str) -> int:
        found = 2166136261
        for letter in text:
            found = (found ^ ord(letter)) * 16777619 % 2**32
        return found

    return fnv(value + seed) % 1000 / 1000 if version == 1 else fnv(str(fnv(seed + value))) % 10000 / 10000


def inside(number: float, pair: list[float]) -> bool:
    return pair[0] <= number < pair[1]


def meets(condition: Any, attributes: Mapping[str, Any]) -> bool:
    return matches(condition, attributes, GROUPS)


def evaluate(feature: str, attributes: Mapping[str, Any]) -> tuple[Any, str | None, int | None]:
    """The feature's value, and which experiment gave it which variation."""
    for rule in FEATURES[feature].get("rules", []):
        unit = attributes[rule.get("hashAttribute", "id")]
        parents = rule.get("parentConditions", [])
        if not all(meets(p["condition"], {"value": evaluate(p["id"], attributes)[0]}) for p in parents):
            continue
        if not meets(rule.get("condition", {}), attributes):
            continue
        filters = [(f["seed"], f["hashVersion"], f["ranges"]) for f in rule.get("filters", [])]
        if not all(any(inside(place(seed, unit, v), r) for r in ranges) for seed, v, ranges in filters):
            continue
        key, version = rule.get("key", feature), rule.get("hashVersion", 1)
        if "force" in rule:
            if "coverage" in rule and not place(rule.get("seed", feature), unit, version) < rule["coverage"]:
                continue
            return rule["force"], None, None
        if "namespace" in rule and not inside(place("__" + rule["namespace"][0], unit, 1), rule["namespace"][1:]):
            continue
        count, start, ranges = len(rule["variations"]), 0.0, []
        for weight in rule.get("weights", [1 / count] * count):
            ranges.append([start, start + rule.get("coverage", 1) * weight])
            start += weight
        for index, pair in enumerate(rule.get("ranges", ranges)):
            if inside(place(rule.get("seed", key), unit, version), pair):
                return rule["variations"][index], key, index
    return FEATURES[feature]["defaultValue"], None, None


def moved(features: Any = FEATURES, **more: Any) -> growthbook.Moved:
    text = json.dumps({**PAYLOAD, "features": features, **more})
    return growthbook.moved(growthbook.read(text), ["ordered"], 0.02)


def people() -> list[dict[str, Any]]:
    """Ten thousand, of whom some come from Germany and some pay."""
    countries, plans = ["DE", "FR", "AT", "US"], ["free", "pro", "free"]
    return [
        {"id": str(n), "deviceId": f"device-{n * 7919}", "country": countries[n % 4], "plan": plans[n % 3]} for n in range(10_000)
    ]


# Where an experiment's key is not that of its feature, or was not yet written plainly.
FEATURE = {"both": "both-1", "banner-a": "banner", "banner-b": "banner", "nav-2026": "nav", "search_ranking": "search", "rolled-x": "rolled"}
KEY = {"search_ranking": "Search_ranking"}


@pytest.mark.slow
def test_every_experiment_of_a_payload_is_moved_and_ten_thousand_users_keep_their_variant() -> None:
    """In each experiment all variants occur, and in all but two some users take no part."""
    found = moved()
    assert found.left == {}
    seen = variants_of(found, people())
    for plan in found.plans:
        assert seen[plan.key] >= set(range(len(plan.variants)))
    assert [key for key, variants in seen.items() if None not in variants] == ["nav-2026", "both"]


def test_a_few_users_keep_their_variant() -> None:
    assert len(variants_of(moved(), people()[:300])) == 11


def variants_of(found: growthbook.Moved, everybody: list[dict[str, Any]]) -> dict[str, set[int | None]]:
    """Which variants occur in each experiment, once it is sure that all have the one that GrowthBook gives them."""
    config = parse_config({"experiments": [served(plan) for plan in found.plans]})
    seen: dict[str, set[int | None]] = {plan.key: set() for plan in found.plans}
    for person in everybody:
        for plan in found.plans:
            unit = person["deviceId" if plan.unit == "deviceid" else "id"]
            arm, reason = decide(config.experiments[plan.key], unit, {"country": person["country"], "plan": person["plan"]})
            _, key, index = evaluate(FEATURE.get(plan.key, plan.key), person)
            expected = index if key == KEY.get(plan.key, plan.key) else None
            assert (config.experiments[plan.key].arms.index(arm) if reason == "split" else None) == expected
            seen[plan.key].add(expected)
    return seen


def test_what_people_read_and_the_application_uses_comes_too() -> None:
    plans = {plan.key: plan for plan in moved().plans}
    nav = plans["nav-2026"]
    assert (nav.title, nav.salt, nav.algorithm, nav.unit) == ("A calmer menu", "nav-seed", "growthbook-v2", "user")
    assert [(v.key, v.name, v.payload) for v in nav.variants] == [("control", "As it was", "old"), ("calm", "calm", "calm")]
    assert [v.key for v in plans["price"].variants] == ["0", "1", "2"]
    assert plans["holes"].unit == "deviceid"
    assert [v.payload for v in plans["both"].variants] == [{"both-1": 0, "both-2": "x"}, {"both-1": 1, "both-2": "y"}]
    assert [goal.metric for goal in nav.goals] == ["ordered"]
    assert plans["search_ranking"].targeting == {"$and": [GERMAN, {"$not": {"user": {"$in": GROUPS["staff"]}}}]}


SPLIT = {"key": "x", "variations": [0, 1]}


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([{"force": 1}, SPLIT], "nobody gets as far"),
        ([{"key": "y", "variations": [0, 1]}, SPLIT], "nobody gets as far"),
        ([{"key": "y", "variations": [0, 1], "coverage": 0.5}, SPLIT], "a rule before it takes some of the units"),
        ([{"force": 1, "coverage": 0.5, "condition": PRO}, SPLIT], "a rule before it takes some of the units"),
        ([{"force": 1, "coverage": 0.5, "hashAttribute": "deviceId"}, SPLIT], "a rule before it takes some of the units"),
        ([{"force": 1, "coverage": 0.5}, {**SPLIT, "namespace": ["n", 0, 0.5]}], "two layers at once"),
        ([{**SPLIT, "hashVersion": 3}], "version 3"),
        ([{**SPLIT, "condition": {"a": {"$sounds": "b"}}}], "a condition cannot be read: $sounds is no operator"),
        ([{**SPLIT, "condition": {"id": {"$inGroup": "odd"}}}], "no list of ids"),
        ([{**SPLIT, "condition": {"$or": [{"user": "x"}]}}], "uses the attribute 'user', which is the unit here"),
        ([{"key": "x", "contextualVariations": [0, 1]}], "contextual bandit"),
        ([{**SPLIT, "meta": [{"passthrough": True}, {}]}], "holdout"),
        ([{**SPLIT, "ranges": [[0, 0.6], [0.5, 1]]}], "overlap"),
        ([{**SPLIT, "ranges": [[0, 0], [0.5, 0.5]]}], "takes nobody"),
        ([{"key": "x", "variations": [0]}], "at least one treatment"),
        ([{**SPLIT, "weights": ["a", "b"]}], "not as GrowthBook writes it"),
        ([{**SPLIT, "filters": [{"seed": "s", "ranges": [[0, 0.1], [0.2, 0.3]]}]}], "several ranges"),
        ([{**SPLIT, "filters": [{"seed": "s", "attribute": "company", "ranges": [[0, 0.1]]}]}], "another attribute"),
        ([{**SPLIT, "parentConditions": [{"id": "gone", "condition": {"value": 1}}]}], "nobody meets it"),
        ([{**SPLIT, "parentConditions": [{"id": "two", "condition": {"value": 1}}]}], "not decided by one experiment"),
        ([{**SPLIT, "parentConditions": [{"id": "odd", "condition": {"value": 0}}]}], "not control's"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_exactly_stays_with_the_reason(rules: list[Any], reason: str) -> None:
    more = {
        "two": {"defaultValue": 0, "rules": [{"force": 1, "condition": PRO}, {"key": "p", "variations": [0, 1]}]},
        "odd": {"defaultValue": 2, "rules": [{"key": "q", "variations": [0, 1]}]},
    }
    found = moved({"f": {"defaultValue": 0, "rules": rules}, **more}, savedGroups={"odd": {"type": "condition"}})
    assert reason in found.left["x"]
    assert "x" not in {plan.key for plan in found.plans}


def test_one_that_needs_what_stays_and_one_of_the_browser_stay_too() -> None:
    needs = {**SPLIT, "key": "needs", "parentConditions": [{"id": "f", "condition": {"value": 1}}]}
    features = {"f": {"defaultValue": 0, "rules": [{**SPLIT, "hashVersion": 3}]}, "g": {"defaultValue": 0, "rules": [needs]}}
    found = moved(features, experiments=[{"key": "headline", "variations": [{}, {}]}])
    assert found.plans == ()
    assert set(found.left) == {"x", "needs", "headline"}
    assert found.left["needs"] == "it needs 'x', which stays"


def test_two_keys_that_become_one_and_one_key_with_two_meanings_stay() -> None:
    alike = {"f": {"rules": [{**SPLIT, "key": "A b"}]}, "g": {"rules": [{**SPLIT, "key": "a-b"}]}}
    assert "written plainly: 'a-b'" in moved(alike).left["a-b"]
    differ = {"f": {"rules": [SPLIT]}, "g": {"rules": [{**SPLIT, "coverage": 0.5}]}}
    assert moved(differ).left == {"x": "it is defined differently in several features"}


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "not JSON"), ("[]", "no features"), ('{"features": 3}', "no features"), ('{"encryptedFeatures": "x"}', "encrypted")],
)
def test_what_is_no_payload_is_refused(text: str, words: str) -> None:
    with pytest.raises(DefinitionError, match=words):
        growthbook.read(text)


def test_the_command_stores_drafts_that_are_served_as_they_were_or_writes_plans(home: Any, tmp_path: Path, monkeypatch: Any, capsys: Any) -> None:
    monkeypatch.setattr("experiments.cli.Settings.load", lambda: home.settings)
    payload = tmp_path / "features.json"
    payload.write_text(json.dumps({**PAYLOAD, "experiments": [{"key": "headline"}]}))
    arguments = ["import", "growthbook", str(payload), "--goal", "ordered"]
    assert cli.main(arguments) == 1
    assert "ordered" in capsys.readouterr().err
    metrics.apply(home.db, read_catalog(CATALOG), "test")
    assert cli.main(arguments) == 0
    assert "'headline' stays where it is: it changes pages in the browser." in capsys.readouterr().out
    assert cli.main([*arguments, "--out", str(tmp_path / "plans")]) == 0
    written = {path.stem: read_plan(path.read_text()) for path in (tmp_path / "plans").iterdir()}
    assert written == {e.key: e.plan for e in experiments.listing(home.db)} == {plan.key: plan for plan in moved().plans}
    parse_config(json.loads(experiments.served(home.db, "staging")[0]))
