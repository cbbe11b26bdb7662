"""The algorithms of ten other tools: held against what their own packages assign, and laws of coverage and ranges."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import keepers
from keepers.assignment import decide
from keepers.config import parse_config
from keepers.experiment import Experiment
from keepers.peers import COUNTED, PEERS, choose, covers, fnv1a32, growthbook_ranges, murmur3
from keepers.testing import FakeClient

CASES = json.loads((Path(__file__).parent / "peer_vectors.json").read_text(encoding="utf-8"))["cases"]
HALVES = [0.5, 0.5]
units = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def config(weights: list[float] = HALVES, ranges: Any = None, **fields: Any) -> dict[str, Any]:
    arms = [{"key": f"v{index}", "weight": weight} for index, weight in enumerate(weights)]
    if ranges:
        arms = [{**arm, "ranges": parts} for arm, parts in zip(arms, ranges, strict=True)]
    data = {"key": "k", "version": 1, "status": "running", "variants": arms, "salt": "s", **fields}
    return {"schema": 1, "experiments": [data]}


def experiment(weights: list[float] = HALVES, ranges: Any = None, **fields: Any) -> Experiment:
    return parse_config(config(weights, ranges, **fields)).experiments["k"]


def index_of(found: Experiment, unit: str) -> int | None:
    arm, reason = decide(found, unit, {})
    return found.arms.index(arm) if reason == "split" else None


def names(case: dict[str, Any]) -> str:
    return f"{case['algorithm']} at {case['coverage']}, {len(case['weights'])} variants"


@pytest.mark.parametrize("case", CASES, ids=names)
def test_every_unit_gets_what_the_other_tool_gives_it(case: dict[str, Any]) -> None:
    fields = {name: case[name] for name in ("algorithm", "salt", "coverage")}
    found = experiment(case["weights"], **fields)
    assert {unit: index_of(found, unit) for unit in case["variants"]} == case["variants"]


def test_there_are_cases_of_every_algorithm() -> None:
    assert {case["algorithm"].split("/")[0] for case in CASES} == set(PEERS)


def test_hashes_have_their_published_values() -> None:
    """FNV-1a's test suite, and values of MurmurHash3 that many implementations test with."""
    assert (fnv1a32(""), fnv1a32("a"), fnv1a32("foobar")) == (0x811C9DC5, 0xE40C292C, 0xBF9CF968)
    assert (murmur3(""), murmur3("", 1)) == (0, 0x514E28B7)
    assert murmur3("The quick brown fox jumps over the lazy dog", 0x9747B28C) == 0x2FA826CD
    assert murmur3("Hello, world!", 0x9747B28C) == 0x24884CBA


@given(units, st.floats(0, 1), st.floats(0, 1), st.sampled_from([name for name in PEERS if covers(name)]))
def test_a_ramp_of_coverage_moves_nobody(unit: str, one: float, other: float, algorithm: str) -> None:
    low, high = sorted([one, other])
    before = index_of(experiment([0.3, 0.7], algorithm=algorithm, coverage=low), unit)
    after = index_of(experiment([0.3, 0.7], algorithm=algorithm, coverage=high), unit)
    assert before is None or after == before


@pytest.mark.parametrize("algorithm", PEERS)
def test_everybody_takes_part_at_full_coverage_and_about_as_the_weights_say(algorithm: str) -> None:
    found = experiment([0.2, 0.3, 0.5], algorithm=algorithm)
    got = [index_of(found, f"user-{number}") for number in range(3000)]
    assert None not in got
    assert [abs(got.count(index) / 3000 - share) < 0.04 for index, share in enumerate([0.2, 0.3, 0.5])] == [True] * 3


@pytest.mark.parametrize("algorithm", PEERS)
def test_ranges_say_who_gets_what_and_who_takes_no_part(algorithm: str) -> None:
    """The same split in two parts, with a hole between: nobody moves, and those in the hole are left out."""
    ranges = [[[0.0, 0.1], [0.1, 0.4]], [[0.7, 1.0]]]
    whole = experiment([0.4, 0.3, 0.3], [[[0.0, 0.4]], [[0.4, 0.7]], [[0.7, 1.0]]], algorithm=algorithm)
    found = experiment([4 / 7, 3 / 7], ranges, algorithm=algorithm)
    for number in range(200):
        before = index_of(whole, f"user-{number}")
        assert index_of(found, f"user-{number}") == {0: 0, 1: None, 2: 1}[before]


@pytest.mark.parametrize("algorithm", PEERS)
def test_a_layer_splits_as_the_other_tool_does(algorithm: str) -> None:
    layers = [{"name": "l", "from": a, "to": b, "algorithm": algorithm} for a, b in [(0, 0.3), (0.3, 1)]]
    one, other = (experiment(layer=layer) for layer in layers)
    inside = [(index_of(one, f"u{n}") is None, index_of(other, f"u{n}") is None) for n in range(300)]
    assert set(inside) == {(True, False), (False, True)}


def test_a_bucket_is_the_place_that_the_other_tool_sees() -> None:
    client = FakeClient(config=config(algorithm="growthbook-v2", salt="seed"))
    given = client.assign("k", "a")
    assert (given.reason, given.bucket) == ("split", 0.0505)
    assert client.variant("k", "a") == given.variant
    assert len(client.exposures) == 1


def test_a_range_that_ends_in_the_other_s_floating_point_is_kept() -> None:
    """0.1 + 0.2 is a little more than 0.3, so the place 0.3 is still inside: the other tool rounds nothing either."""
    ranges = growthbook_ranges(3, 1.0, [0.1, 0.2, 0.7])
    assert choose(0.3, [[each] for each in ranges]) == 1
    assert choose(0.3001, [[each] for each in ranges]) == 2


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"algorithm": "optimizely", "coverage": 0.5}, r"coverage is 0\.5: must be 1, as optimizely has no gate"),
        ({"algorithm": "eppo/500", "coverage": 0.5}, r"must be 1, as eppo/500"),
        ({"algorithm": "posthog", "coverage": 0.5, "ranges": [[[0, 1]], []]}, r"must be 1 beside ranges"),
        ({"ranges": [[[0, 1]], []]}, r"ranges belong to another tool's algorithm"),
        ({"algorithm": "eppo", "ranges": [[[0, 1, 1]], []]}, r"ranges is \[\[0, 1, 1\]\]: must be a list of pairs"),
        ({"algorithm": "eppo", "ranges": [[[0, 2]], []]}, r"ranges\[0\]\[1\] is 2: must be a number from 0 to 1"),
    ],
)
def test_what_the_other_tool_cannot_mean_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(keepers.ConfigError, match=message):
        experiment(**fields)


@pytest.mark.parametrize("algorithm", ["eppo/0", "eppo/x", "eppo/-1", "statsig/10", "growthbook"])
def test_a_number_of_buckets_is_read_only_where_there_is_a_choice(algorithm: str) -> None:
    assert experiment(algorithm=algorithm).supported is False
    assert all(experiment(algorithm=f"{name}/7").supported for name in COUNTED)


def test_the_module_is_loaded_only_where_a_config_names_another_tool(run: Callable[..., str]) -> None:
    program = "import sys, keepers; keepers.Client({'schema': 1, 'experiments': []}); print('keepers.peers' in sys.modules)"
    assert run(program) == "False\n"
