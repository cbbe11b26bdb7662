"""Why a unit gets its variant: each step in words, and always the SDK's own answer."""

import pytest

from experiments import why
from experiments.errors import DefinitionError
from keepers.assignment import decide
from keepers.config import parse_config

PLAIN = {
    "key": "a", "version": 1, "status": "running", "unit": "user", "salt": "a", "coverage": 0.5,
    "variants": [{"key": "control", "weight": 0.5}, {"key": "t1", "weight": 0.5}],
}  # fmt: skip
FULL = {
    **PLAIN, "key": "b", "salt": "b", "overrides": {"qa": "t1"}, "targeting": {"country": "NZ"}, "coverage": 0.8,
    "layer": {"name": "l", "salt": "l", "from": 0.0, "to": 0.7}, "holdout": {"name": "h", "share": 0.1},
    "prerequisites": [{"experiment": "a", "variants": ["t1"]}],
}  # fmt: skip


def asked(experiment, unit, attributes):
    compiled = parse_config({"experiments": [PLAIN, experiment] if experiment is not PLAIN else [PLAIN]}).experiments[experiment["key"]]
    found = why.explain(compiled, unit, attributes)
    arm, reason = decide(compiled, unit, attributes)
    assert (found.variant, found.reason) == (arm.variant, reason)
    return found


@pytest.mark.parametrize("change", [{}, {"status": "stopped"}, {"status": "decided", "serve": {"variant": "t1", "coverage": 0.5}}])
def test_the_last_step_and_only_that_ends_for_every_reason(change):
    reasons = set()
    for n in range(300):
        found = asked({**FULL, **change}, f"u{n}", {"country": "NZ" if n % 4 else "AU"})
        assert [s.ends for s in found.steps] == [False] * (len(found.steps) - 1) + [True]
        reasons.add(found.reason)
    ends = {"split", "outside_layer", "not_covered"} if not change else {"stopped"} if len(change) == 1 else {"served", "not_covered"}
    assert reasons == {"held_out", "prerequisite", "not_targeted"} | ends


def test_words_say_where_the_unit_lies():
    assert asked(FULL, "qa", {}).sentence == "qa gets t1: the plan names this unit and its variant."
    split = next(f for f in (asked(PLAIN, f"u{n}", {}) for n in range(50)) if f.reason == "split")
    assert [s.name for s in split.steps] == ["Override", "Algorithm", "State", "Coverage", "Split"]
    assert split.steps[-1].found.endswith("control from 0 to 0.5, t1 from 0.5 to 1.")
    assert split.logged


def test_attributes_are_read_as_people_type_them():
    text = 'country=NZ\n age = 31 \n\nplus=true\nzip="0123"\nshare=.5'
    assert why.attributes_of(text) == {"country": "NZ", "age": 31, "plus": True, "zip": "0123", "share": 0.5}
    with pytest.raises(DefinitionError, match="'country' is no attribute"):
        why.attributes_of("country")
