"""Whatever arrives as a config, the host gets a variant: nothing raises, and the last good config stays in use."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import keepers
from keepers.conditions import OPERATORS

VARIANTS = [{"key": "control", "weight": 0.5, "payload": {"a": [1]}}, {"key": "treatment", "weight": 0.5}]
FULL: dict[str, Any] = {
    "schema": 1,
    "environment": "production",
    "experiments": [
        {"key": "base", "version": 1, "status": "running", "variants": VARIANTS},
        {
            "key": "cta", "version": 2, "status": "running", "serve": {"variant": "treatment", "coverage": 0.5},
            "unit": "user", "salt": "s", "layer": {"name": "l", "salt": "ls", "from": 0.0, "to": 0.9}, "coverage": 0.9,
            "variants": VARIANTS, "targeting": {"$or": [{"country": {"$in": ["DE"]}}, {"age": {"$gt": 3}}]},
            "overrides": {"u1": "treatment"}, "holdout": {"name": "h", "salt": "hs", "share": 0.1},
            "prerequisites": [{"experiment": "base", "variants": ["control"]}], "algorithm": "keepers",
        },
    ],
}  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["", "\ud800", "control", "running"])
names = st.text(max_size=8) | st.sampled_from([*sorted(OPERATORS), "$and", "$or", "$not", "$nor", "key"])
anything = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4), max_leaves=12)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for name, each in inner for place in places(each, (*path, name)))]


def changed(path: tuple[Any, ...], value: Any) -> Any:
    """Return the full config with another value at one place."""
    root = json.loads(json.dumps({"": FULL}))
    at = root
    for name in ("", *path)[:-1]:
        at = at[name]
    at[("", *path)[-1]] = value
    return root[""]


def nested(depth: int) -> Any:
    value: Any = {"country": "DE"}
    for _ in range(depth):
        value = {"$not": value}
    return value


TARGETING = ("experiments", 1, "targeting")
source: list[Any] = [FULL]
client = keepers.Client(lambda: source[0], sink=lambda batch: None, refresh=3600, on_error=lambda error: None)
client._live.source.changes = False  # its thread would load, too, between a change and what is asked after it


def answers(config: Any) -> list[str]:
    """Give the client a config as its thread would, and ask."""
    source[0] = config
    client._live.load_or_wait(1.0)
    units: list[Any] = ["u1", "u2", {"user": "u3"}, 7]
    attributes = {"country": "DE", "age": 4, "name": "a" * 64, "tags": ["x", None]}
    return [client.variant(key, unit, "mine", expose=key == "cta", **attributes) for key in ("base", "cta") for unit in units]


@settings(derandomize=True, deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(places(FULL)), anything)
def test_a_config_with_anything_anywhere_never_raises_into_the_host(path: tuple[Any, ...], value: Any) -> None:
    assert all(isinstance(answer, str) for answer in answers(changed(path, value)))


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (TARGETING, nested(50_000)),
        (TARGETING, nested(300)),
        (TARGETING, {"$and": 5}),
        (TARGETING, {"name": {"$regex": "(a+)+b"}}),
        (TARGETING, {"age": {"$in": list(range(20_000))}}),
        (("experiments", 0, "variants"), [{"key": f"v{n}", "weight": 1 / 2_000} for n in range(2_000)]),
        (("experiments",), []),
    ],
    ids=range(7),
)
def test_a_config_that_is_huge_deep_or_hostile_never_raises_into_the_host(path: tuple[Any, ...], value: Any) -> None:
    assert all(isinstance(answer, str) for answer in answers(changed(path, value)))


@pytest.mark.parametrize("config", [None, 5, [], {}, {"schema": 2}, {"experiments": 7}, nested(900), changed(TARGETING, nested(50_000))])
def test_what_is_no_config_leaves_the_last_good_one(config: Any) -> None:
    good = answers(FULL)
    assert answers(config) == good or not client.stats()["config_stale"]


@settings(derandomize=True, deadline=None, max_examples=60)
@given(st.integers(0, len(json.dumps(FULL)) - 1))
def test_a_truncated_config_leaves_the_last_good_one(length: int) -> None:
    good = answers(FULL)
    source[0] = None
    client._live.source = Truncated(json.dumps(FULL)[:length])  # type: ignore[assignment]
    try:
        client._live.load_or_wait(1.0)
        assert client.stats()["config_stale"]
    finally:
        client._live.source = original
    assert answers(FULL) == good


class Truncated:
    changes = False

    def __init__(self, text: str) -> None:
        self.text = text

    def load(self, timeout: float) -> Any:
        return json.loads(self.text)


original = client._live.source
