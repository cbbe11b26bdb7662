"""A config is checked as a whole, and a message names the place, the value, the rule and the likely word."""

from typing import Any

import pytest

import keepers
from keepers.config import parse_config

VARIANTS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]


def parsed(**fields: Any) -> Any:
    experiment = {"key": "k", "version": 1, "status": "running", "variants": VARIANTS, **fields}
    return parse_config({"schema": 1, "experiments": [experiment]}).experiments["k"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"status": "runing"}, r"experiment 'k'\.status is 'runing': .*Did you mean 'running'\?"),
        ({"version": 0}, r"version is 0: must be a whole number of 1 or more"),
        ({"version": True}, r"version is True"),
        ({"coverage": 1.5}, r"coverage is 1\.5: must be a number from 0 to 1"),
        ({"coverage": float("nan")}, r"coverage is nan"),
        ({"variants": []}, r"must have at least one variant"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.6}]}, r"weights add to 1\.1; .* add to 1"),
        ({"variants": [{"key": "a", "weight": 0.5}, {"key": "a", "weight": 0.5}]}, r"must differ"),
        ({"variants": [{"key": "a", "weight": "1"}]}, r"variants\[0\]\.weight is '1'"),
        ({"serve": {"variant": "treatmant"}}, r"serve\.variant is 'treatmant': .*Did you mean 'treatment'\?"),
        ({"layer": {"name": "l", "from": 0.5, "to": 0.1}}, r"from must not be above to"),
        ({"holdout": {"name": "h"}}, r"holdout\.share is missing"),
        ({"targeting": {"a": {"$regx": "b"}}}, r"\$regx is no operator\. Did you mean '\$regex'\?"),
        ({"targeting": ["a"]}, r"targeting is \['a'\]: must be an object"),
        ({"overrides": {"qa": "b"}}, r"overrides\.qa is 'b': must be a variant: control, treatment"),
        ({"prerequisites": [{"experiment": "j", "variants": []}]}, r"prerequisites\[0\]\.experiment is 'j'"),
        ({"prerequisites": [{"experiment": "k", "variants": ["control"]}]}, r"lead back to itself"),
    ],
)
def test_a_fault_is_refused_with_place_value_and_rule(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(keepers.ConfigError, match=message):
        parsed(**fields)


@pytest.mark.parametrize(
    "data", [None, [], {"schema": 2}, {"experiments": {}}, {"experiments": [{}]}, {"experiments": [3]}]
)
def test_what_is_no_config_is_refused(data: object) -> None:
    with pytest.raises(keepers.ConfigError):
        parse_config(data)


def test_the_same_key_twice_is_refused() -> None:
    twice = [{"key": "k", "version": 1, "variants": VARIANTS}] * 2
    with pytest.raises(keepers.ConfigError, match="'k' twice"):
        parse_config({"schema": 1, "experiments": twice})


def test_a_field_that_this_version_does_not_know_is_ignored() -> None:
    assert parsed(colour="blue").key == "k"


def test_what_is_left_out_has_its_default() -> None:
    found = parsed()
    assert (found.unit, found.salt, found.coverage, found.algorithm, found.serve) == ("user", "k", 1.0, "keepers", None)
    assert found.plain
