"""Targeting conditions: the public cases of GrowthBook, and what those leave open."""

import json
from pathlib import Path
from typing import Any

import pytest

from keepers.conditions import fault, matches, version_key

CASES = Path(__file__).resolve().parents[3] / "shared" / "vectors" / "growthbook_cases.public.json"


def test_every_public_case_of_growthbook_is_answered_as_expected() -> None:
    if not CASES.exists():
        pytest.skip(f"the conformance cases are not here: {CASES}")
    cases = json.loads(CASES.read_text())["evalCondition"]
    assert len(cases) > 200
    wrong = [case[0] for case in cases if matches(case[1], case[2], *case[4:]) != case[3]]
    assert wrong == []


@pytest.mark.parametrize(
    ("condition", "attributes", "expected"),
    [
        ({"country": {"$in": ["DE", "AT"]}}, {"country": "DE"}, True),
        ({"country": {"$in": ["DE", "AT"]}}, {}, False),
        ({"age": {"$gte": 18}}, {"age": 18}, True),
        ({"age": {"$gte": 18}}, {"age": "no number"}, False),
        ({"beta": True}, {"beta": 1}, False),  # a number is no boolean
        ({"n": 1}, {"n": True}, False),
        ({"n": 1}, {"n": 1.0}, True),
        ({"tags": {"$all": ["a", "b"]}}, {"tags": ("b", "a")}, True),
        ({"address.city": "Wien"}, {"address": {"city": "Wien"}}, True),
        ({"$nor": [{"a": 1}, {"b": 1}]}, {"a": 2}, True),
        ({"app": {"$vgte": "2.10.0"}}, {"app": "2.9.9"}, False),
        ({"app": {"$vgte": "2.10.0"}}, {}, False),  # without a version nobody has the newest
        ({"app": {"$vgte": "2.10.0"}}, {"app": True}, False),
        ({"app": {"$vlt": "2.10.0"}}, {"app": 2}, True),
        ({"name": {"$regex": "^a"}}, {"name": None}, False),
        ({"name": {"$regex": "1"}}, {"name": 31}, True),
        ({"name": {"$regex": "a"}}, {"name": ["a"]}, False),
        ({"name": {"$regex": "r"}}, {"name": True}, False),
        ({"name": {"$sounds": "x"}}, {"name": "x"}, False),
    ],
)
def test_a_condition_matches(condition: dict[str, Any], attributes: dict[str, Any], expected: bool) -> None:
    assert matches(condition, attributes) is expected


def test_an_unknown_operator_is_found_at_any_depth() -> None:
    assert fault({"$or": [{"a": {"$not": {"$regx": "b"}}}]}) == "$regx is no operator. Did you mean '$regex'?"
    assert fault({"$and": [{"a": {"$in": [1]}}], "b": {"$elemMatch": {"c": 1}}}) == ""


def test_versions_sort_as_semantic_versioning_has_it() -> None:
    """The order of precedence in the example of Semantic Versioning 2.0, section 11."""
    order = ["1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11"]
    order += ["1.0.0-rc.1", "1.0.0"]
    shuffled = sorted(order, key=len)
    assert shuffled != order
    assert sorted(shuffled, key=version_key) == order
