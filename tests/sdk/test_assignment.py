"""Assignment is a pure function of one hash: pinned by vectors, and its laws tested as properties."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2, chi2_contingency, chisquare

from keepers.assignment import decide, quick_decider, split_decider
from keepers.config import parse_config
from keepers.experiment import Experiment, starts
from keepers.hashing import BEYOND, digest_of, gate_of, split_of, threshold
from keepers.seen import Seen

VECTORS = json.loads((Path(__file__).parent / "assignment_vectors.json").read_text(encoding="utf-8"))["cases"]
HALVES = [0.5, 0.5]
units = st.text(st.characters(codec="utf-8"), min_size=1, max_size=40)


def experiment(weights: list[float] = HALVES, **fields: Any) -> Experiment:
    variants = [{"key": f"v{index}", "weight": weight} for index, weight in enumerate(weights)]
    data = {"key": "k", "version": 1, "status": "running", "variants": variants, **fields}
    return parse_config({"schema": 1, "experiments": [data]}).experiments["k"]


def index_of(found: Experiment, unit: str) -> int | None:
    """Which variant the split gives, or None where it is not asked."""
    arm, reason = decide(found, unit, {})
    return found.arms.index(arm) if reason == "split" else None


def test_every_published_vector_is_assigned_as_written() -> None:
    for case in VECTORS:
        found = experiment(case["weights"], salt=case["salt"], coverage=case["coverage"])
        digest = digest_of(case["salt"], case["unit"])
        assert split_of(digest) == int(case["split"], 16) / 16**15
        assert gate_of(digest) == int(case["gate"], 16) / 16**15
        assert index_of(found, case["unit"]) == case["variant"], case


def test_there_are_a_thousand_different_vectors_of_all_kinds() -> None:
    """Texts beyond ASCII and such as SQL could trip over, weights of zero, and every outcome."""
    assert len({json.dumps(case) for case in VECTORS}) == 1000
    assert {case["variant"] for case in VECTORS} >= {None, 0, 1, 2, 3, 4, 5, 6}
    texts = "".join(case["salt"] + case["unit"] for case in VECTORS)
    assert all(letter in texts for letter in "'\"\\%:; \t名🙂")
    assert any(0.0 in case["weights"] for case in VECTORS)
    assert {0.0, 1.0} < {case["coverage"] for case in VECTORS}


@given(units, st.sampled_from([HALVES, [0.2, 0.3, 0.5], [1.0, 0.0]]), st.floats(0, 1))
def test_the_quick_way_decides_as_the_whole_way(unit: str, weights: list[float], coverage: float) -> None:
    found = experiment(weights, coverage=coverage)
    assert found.plain
    assert quick_decider(found)(unit) == decide(found, unit, {})


@given(st.lists(units, max_size=5), st.lists(st.integers(0, 64), min_size=1, max_size=5).filter(any))
def test_where_the_first_byte_of_a_digest_decides_it_decides_as_all_of_it(some: list[str], parts: list[int]) -> None:
    found = experiment([part / sum(parts) for part in parts])
    quick, sides = split_decider(found, Seen(1_000))
    for unit in [*some, *(f"u{number}" for number in range(40))]:
        assert quick(unit) == decide(found, unit, {})
        side = sides[digest_of(found.salt, unit)[0]]
        assert side is None or side[0] is quick(unit)[0]
    assert sides.count(None) < 256


@given(units, st.floats(0, 1), st.floats(0, 1))
def test_a_ramp_of_coverage_moves_nobody(unit: str, one: float, other: float) -> None:
    """A unit covered at a low coverage keeps its variant at every higher one."""
    low, high = sorted([one, other])
    before = index_of(experiment([0.3, 0.7], coverage=low), unit)
    after = index_of(experiment([0.3, 0.7], coverage=high), unit)
    assert before is None or after == before


@given(st.integers(0, 16**15 - 1), st.floats(0, 1))
def test_a_digest_is_below_a_threshold_exactly_when_its_place_is(digits: int, place: float) -> None:
    digest = (digits << 4 | 0xF).to_bytes(8, "big") + b"\xff" * 8
    assert (digest < threshold(place)) == (digits < place * 16**15)


@given(st.floats(0.001, 0.999))
def test_ranges_are_half_open(place: float) -> None:
    """The place at which a range starts belongs to it, the place just below does not."""
    border = starts([place, 1 - place])[0]
    just_below = (int.from_bytes(border, "big") - 1).to_bytes(8, "big")
    assert border + b"\x00" * 8 >= border
    assert just_below + b"\xff" * 8 < border


def test_the_last_range_is_closed_whatever_the_weights_round_to() -> None:
    """Seven sevenths add to less than one in floating point; the highest place still has a variant."""
    borders = starts([1 / 7] * 7)
    assert len(borders) == 6
    assert borders[-1] < b"\xff" * 16
    assert starts([0.5, 0.5, 0.0])[1] == BEYOND


@settings(max_examples=10)
@given(st.lists(st.integers(1, 20), min_size=2, max_size=6), st.integers(0, 10**6))
def test_the_split_follows_the_weights(parts: list[int], start: int) -> None:
    """Chi-square over 5,000 sequential units; the bound is passed by chance once in ten million."""
    weights = [part / sum(parts) for part in parts]
    found = experiment(weights, salt=f"s{start}")
    counts = [0] * len(weights)
    for number in range(5_000):
        counts[index_of(found, f"user-{number}") or 0] += 1
    result = chisquare(counts, [weight * 5_000 for weight in weights])
    assert result.statistic < chi2.isf(1e-7, len(weights) - 1)


def test_the_gate_does_not_skew_the_split_and_salts_are_independent() -> None:
    """Among 40,000 units the split is independent of the gate and of the next experiment's split."""
    one, other = experiment(salt="a"), experiment(salt="b")
    gates, pairs = [[0, 0], [0, 0]], [[0, 0], [0, 0]]
    for number in range(40_000):
        unit = f"user-{number}"
        first = index_of(one, unit) or 0
        gates[gate_of(digest_of("a", unit)) < 0.3][first] += 1
        pairs[first][index_of(other, unit) or 0] += 1
    assert chi2_contingency(gates).pvalue > 1e-6
    assert chi2_contingency(pairs).pvalue > 1e-6


def test_experiments_in_disjoint_ranges_of_a_layer_exclude_each_other() -> None:
    ranges = [(0.0, 0.4), (0.4, 1.0)]
    layers = [{"name": "l", "salt": "layer", "from": start, "to": end} for start, end in ranges]
    one, other = (experiment(layer=layer, salt=f"s{index}") for index, layer in enumerate(layers))
    inside = [(index_of(one, f"u{n}") is None, index_of(other, f"u{n}") is None) for n in range(2_000)]
    assert set(inside) == {(True, False), (False, True)}
    assert decide(one, next(f"u{n}" for n in range(99) if inside[n][0]), {})[1] == "outside_layer"


def test_a_holdout_gets_control_running_or_served() -> None:
    holdout = {"name": "year", "salt": "h", "share": 0.3}
    running = experiment(holdout=holdout)
    served = experiment(holdout=holdout, status="decided", serve={"variant": "v1", "coverage": 1.0})
    for number in range(500):
        unit = f"u{number}"
        held = int(hashlib.md5(f"h:{unit}".encode()).hexdigest()[:15], 16) / 16**15 < 0.3
        assert (decide(running, unit, {})[1] == "held_out") == held
        assert decide(served, unit, {})[0].variant == ("v0" if held else "v1")


@pytest.mark.parametrize("status", ["draft", "stopped", "decided"])
def test_when_not_running_and_nothing_is_served_units_get_control(status: str) -> None:
    arm, reason = decide(experiment(status=status), "u", {})
    assert (arm.variant, reason) == ("v0", status)


def test_targeting_keeps_others_out_while_running_and_when_served() -> None:
    targeting = {"country": "DE"}
    served = {"variant": "v1", "coverage": 1.0}
    running = experiment([0.0, 1.0], targeting=targeting)
    kept = experiment(targeting=targeting, status="decided", serve=served)
    for found in (running, kept):
        assert decide(found, "u", {"country": "DE"})[0].variant == "v1"
        assert decide(found, "u", {"country": "FR"})[1] == "not_targeted"
        assert decide(found, "u", {})[0].variant == "v0"


def test_targeting_may_name_units_by_their_type() -> None:
    found = experiment([0.0, 1.0], targeting={"user": {"$in": ["u-1", "u-2"]}})
    assert decide(found, "u-1", {})[1] == "split"
    assert decide(found, "u-3", {})[1] == "not_targeted"
    assert decide(found, "u-3", {"user": "u-1"})[1] == "split"  # what the call says is meant
    device = experiment([0.0, 1.0], unit="device", targeting={"device": {"$regex": "^d-"}})
    assert decide(device, "d-9", {})[1] == "split"
    assert decide(device, "x-9", {"user": "d-9"})[1] == "not_targeted"


def test_an_override_of_the_config_forces_one_unit() -> None:
    found = experiment([1.0, 0.0], overrides={"qa": "v1"})
    assert decide(found, "qa", {})[0].variant == "v1"
    assert decide(found, "qa", {})[1] == "forced"
    assert decide(found, "other", {})[1] == "split"


def test_an_algorithm_that_nobody_knows_is_not_guessed() -> None:
    layer = {"name": "l", "from": 0, "to": 1, "algorithm": "oracle"}
    assert decide(experiment(algorithm="oracle"), "u", {})[1] == "unsupported_algorithm"
    assert decide(experiment(layer=layer), "u", {})[1] == "unsupported_algorithm"


def test_a_prerequisite_asks_for_a_variant_of_another_experiment() -> None:
    variants = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
    base = {"key": "base", "version": 1, "status": "running", "variants": variants}
    needs = [{"experiment": "base", "variants": ["treatment"]}]
    config = parse_config({"schema": 1, "experiments": [{**base, "key": "next", "prerequisites": needs}, base]})
    seen = set()
    for number in range(200):
        unit = f"u{number}"
        has = decide(config.experiments["base"], unit, {})[0].variant == "treatment"
        reason = decide(config.experiments["next"], unit, {})[1]
        assert reason == ("split" if has else "prerequisite")
        seen.add(reason)
    assert len(seen) == 2
