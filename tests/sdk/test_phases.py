"""What may change while an experiment runs, and who then moves: coverage, weights, layers, holdouts, prerequisites."""

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.assignment import decide
from keepers.config import parse_config
from keepers.experiment import Experiment
from keepers.testing import FakeClient

HALVES = [0.5, 0.5]
UNITS = [f"user-{number}" for number in range(1000)]
units = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)
shares = st.floats(0, 1)


def data(key: str = "k", weights: list[float] = HALVES, **fields: Any) -> dict[str, Any]:
    arms = [{"key": f"v{index}", "weight": weight, "payload": {"step": index}} for index, weight in enumerate(weights)]
    return {"key": key, "version": 1, "status": "running", "variants": arms, **fields}


def experiments(*given: dict[str, Any]) -> dict[str, Experiment]:
    return parse_config({"schema": 1, "experiments": list(given)}).experiments


def got(experiment: Experiment, unit: str, attributes: dict[str, Any] | None = None) -> str | None:
    """The variant of a unit that takes part, else None."""
    arm, reason = decide(experiment, unit, attributes or {})
    return arm.variant if reason == "split" else None


@given(units, shares, shares, shares, shares)
def test_a_ramp_moves_nobody_whatever_else_decides(unit: str, one: float, other: float, held: float, end: float) -> None:
    """With a holdout, a layer and targeting, too: who took part at the lower coverage keeps the variant at the higher."""
    fields = {
        "holdout": {"name": "h", "share": held},
        "layer": {"name": "l", "from": 0, "to": end},
        "targeting": {"a": 1},
    }
    low, high = (experiments(data(coverage=share, **fields))["k"] for share in sorted([one, other]))
    before = got(low, unit, {"a": 1})
    assert before is None or got(high, unit, {"a": 1}) == before


@given(units, shares, shares)
def test_a_layer_s_slice_that_grows_and_a_holdout_that_shrinks_move_nobody(unit: str, one: float, other: float) -> None:
    low, high = sorted([one, other])
    narrow, wide = (experiments(data(layer={"name": "l", "from": 0, "to": end}))["k"] for end in (low, high))
    assert got(narrow, unit) in (None, got(wide, unit))
    many, few = (experiments(data(holdout={"name": "h", "share": share}))["k"] for share in (high, low))
    assert got(many, unit) in (None, got(few, unit))


@given(units, st.lists(shares, min_size=1, max_size=6))
def test_slices_that_share_out_a_layer_give_each_unit_to_exactly_one_experiment(unit: str, cuts: list[float]) -> None:
    ends = sorted({0.0, *cuts, 1.0})
    pairs = pairwise(ends)
    every = experiments(*(data(f"k{i}", layer={"name": "l", "from": a, "to": b}) for i, (a, b) in enumerate(pairs)))
    assert sum(got(each, unit) is not None for each in every.values()) == 1


def test_a_holdout_holds_the_same_units_out_of_every_experiment_that_names_it() -> None:
    holdout = {"name": "year", "share": 0.2}
    one, other = experiments(data("a", holdout=holdout), data("b", holdout=holdout, salt="other")).values()
    held = [{unit for unit in UNITS if decide(each, unit, {})[1] == "held_out"} for each in (one, other)]
    assert held[0] == held[1]
    assert 150 < len(held[0]) < 250


@given(units, st.floats(0.05, 0.95), st.floats(0.05, 0.95))
def test_new_weights_move_only_those_whose_place_changed_hands(unit: str, before: float, after: float) -> None:
    """Of two variants, nobody goes against the stream: with more control, only treatment loses units."""
    one, other = (got(experiments(data(weights=[share, 1 - share]))["k"], unit) for share in (before, after))
    assert one == other or (one, other) == (("v1", "v0") if after > before else ("v0", "v1"))


def test_new_weights_are_a_new_version_that_exposures_carry_and_log_again() -> None:
    versions = [data(weights=[0.9, 0.1]), data(weights=HALVES, version=2)]
    served = iter([{"experiments": [each]} for each in versions])
    met: dict[int, dict[str, str]] = {}
    for config in served:
        with FakeClient(config=config) as client:
            for unit in UNITS[:200]:
                client.variant("k", unit)
            for exposure in client.exposures:
                met.setdefault(exposure["version"], {})[exposure["units"]["user"]] = exposure["variant"]
    assert set(met) == {1, 2}
    moved = [unit for unit in UNITS[:200] if met[1][unit] != met[2][unit]]
    assert 60 < len(moved) < 100
    assert {met[2][unit] for unit in moved} == {"v1"}


def test_a_forced_unit_gets_its_variant_whatever_else_decides_and_counts_only_while_it_runs() -> None:
    fields = {"overrides": {"qa": "v1"}, "holdout": {"name": "h", "share": 1}, "targeting": {"a": 1}, "coverage": 0}
    for status, logged in [("running", 1), ("draft", 0), ("stopped", 0), ("decided", 0)]:
        with FakeClient(config={"experiments": [data(status=status, **fields)]}) as client:
            given = client.assign("k", "qa")
            given.expose()
            assert (given.variant, given.reason, given.payload, given.bucket) == ("v1", "forced", {"step": 1}, None)
            assert [exposure["forced"] for exposure in client.exposures] == [True] * logged


@pytest.mark.parametrize(
    ("base", "takes_part"),
    [
        ({}, "those with v1 there"),
        ({"status": "stopped"}, "nobody"),
        ({"status": "decided", "serve": {"variant": "v1"}}, "everybody"),
        ({"coverage": 0}, "nobody"),
        ({"targeting": {"a": 1}}, "nobody"),
        ({"holdout": {"name": "h", "share": 1}}, "nobody"),
        ({"overrides": dict.fromkeys(UNITS, "v1")}, "everybody"),
    ],
)
def test_a_prerequisite_is_what_the_unit_sees_there(base: dict[str, Any], takes_part: str) -> None:
    """Control is what everybody sees whom the other experiment does not reach; a kept variant is seen by all."""
    needs = [{"experiment": "base", "variants": ["v1"]}]
    every = experiments(data("base", **base), data("next", prerequisites=needs))
    expected = {
        "nobody": set(),
        "everybody": set(UNITS[:100]),
        "those with v1 there": {unit for unit in UNITS[:100] if got(every["base"], unit) == "v1"},
    }[takes_part]
    assert {unit for unit in UNITS[:100] if got(every["next"], unit) is not None} == expected


def test_prerequisites_reach_through_several_experiments() -> None:
    def needs(key: str) -> dict[str, Any]:
        return {"prerequisites": [{"experiment": key, "variants": ["v1"]}]}

    every = experiments(data("a"), data("b", **needs("a")), data("c", **needs("b")))
    inside = {key: {unit for unit in UNITS if got(every[key], unit)} for key in every}
    assert inside["a"] > inside["b"] > inside["c"] != set()
    assert all(got(every["a"], unit) == got(every["b"], unit) == "v1" for unit in inside["c"])


def test_a_payload_comes_with_the_variant_whatever_the_reason() -> None:
    config = {"experiments": [data(), data("off", status="stopped"), data("kept", status="decided", serve={"variant": "v1"})]}
    with FakeClient(config=config) as client:
        assert client.assign("kept", "u").payload == {"step": 1}
        assert client.assign("off", "u").payload == {"step": 0}
        for unit in UNITS[:20]:
            given = client.assign("k", unit)
            assert given.payload == {"step": int(given.variant[1:])}
        with client.override({"k": "v1"}):
            assert client.assign("k", "u").payload == {"step": 1}
