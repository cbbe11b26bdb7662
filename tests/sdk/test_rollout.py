"""What was kept is rolled out in steps: nobody loses it on the way, and what can be compared is logged."""

from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepers.assignment import decide
from keepers.config import parse_config
from keepers.experiment import Experiment
from keepers.hashing import digest_of, gate_of
from keepers.testing import FakeClient

UNITS = [f"u{n}" for n in range(120)]
LAYER = {"name": "l", "salt": "layer", "from": 0.2, "to": 0.7}
RANGES = {"v0": [[0.0, 0.3]], "v1": [[0.3, 0.6]], "v2": [[0.6, 0.9]]}


@dataclass(frozen=True)
class Case:
    """One way to split units: weights, and the fields that say who takes part."""

    weights: tuple[float, ...]
    kept: str
    fields: dict[str, Any]

    def served(self, coverage: float, **serve: Any) -> Experiment:
        return self._parsed(status="decided", serve={"variant": self.kept, "coverage": coverage, **serve})

    def running(self) -> Experiment:
        return self._parsed(status="running")

    def _parsed(self, **state: Any) -> Experiment:
        other = self.fields.get("algorithm") == "growthbook-v2"
        variants = [
            {"key": f"v{n}", "weight": w, **({"ranges": RANGES[f"v{n}"]} if other else {})}
            for n, w in enumerate(self.weights)
        ]
        data = {"key": "k", "variants": variants, **self.fields, **state}
        return parse_config({"experiments": [data]}).experiments["k"]


SPLITS = [
    Case((0.5, 0.5), "v1", {}),
    Case((0.5, 0.5), "v1", {"coverage": 0.3}),
    Case((0.2, 0.3, 0.5), "v1", {"coverage": 0.6, "layer": LAYER}),
    Case((0.0, 1.0), "v1", {}),
    Case((0.4, 0.3, 0.3), "v2", {"algorithm": "growthbook-v2"}),
    Case((0.7, 0.3), "v1", {"algorithm": "growthbook-v1", "coverage": 0.5}),
]
shares = st.floats(0.001, 1.0)


def variants(experiment: Experiment) -> list[str]:
    return [decide(experiment, unit, {})[0].variant for unit in UNITS]


@settings(max_examples=40)
@given(st.sampled_from(SPLITS), st.tuples(shares, shares, shares))
def test_nobody_who_had_it_or_got_it_at_a_step_loses_it_at_a_later_one(split: Case, steps: tuple[float, ...]) -> None:
    before = variants(split.running())
    for step in sorted(steps):
        now = variants(split.served(step))
        assert set(now) <= {"v0", split.kept}
        assert all(new == split.kept for old, new in zip(before, now, strict=True) if old == split.kept)
        before = now


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("coverage", [0.05, 0.4, 0.95, 1.0])
def test_a_step_reaches_its_share_or_those_who_had_it_already(split: Case, coverage: float) -> None:
    served = split.served(coverage)
    assert served.serve is not None
    had = split.running()
    found = [decide(served, f"u{n}", {})[0].variant == split.kept for n in range(2_000)]
    share = served.serve.coverage
    assert abs(sum(found) / 2_000 - share) <= 4 * (share * (1 - share) / 2_000) ** 0.5  # four standard errors
    mine = sum(decide(had, f"u{n}", {}) == (had.arm(split.kept), "split") for n in range(2_000)) / 2_000
    assert share == coverage or (share > coverage and abs(mine - share) < 0.045)


def test_from_the_coverage_of_the_experiment_on_the_gate_alone_decides() -> None:
    served = Case((0.5, 0.5), "v1", {"coverage": 0.3}).served(0.45)
    below = [gate_of(digest_of("k", unit)) < 0.45 for unit in UNITS]
    assert variants(served) == ["v1" if inside else "v0" for inside in below]
    assert served.serve is not None
    assert served.serve.before is None


def test_a_served_share_of_none_gives_it_to_nobody() -> None:
    assert set(variants(SPLITS[0].served(0))) == {"v0"}


@pytest.mark.parametrize("version", [None, 2])
def test_exposures_are_logged_in_a_phase_of_their_own_where_both_sides_are_compared(version: int | None) -> None:
    serve = {"variant": "b", "coverage": 0.9, "version": version}
    variants = [{"key": "a", "weight": 0.5}, {"key": "b", "weight": 0.5, "payload": {"blue": True}}]
    data = {"key": "k", "version": 1, "status": "decided", "serve": serve, "variants": variants}
    client = FakeClient(config={"schema": 1, "experiments": [data]})
    got = {unit: client.variant("k", unit) for unit in UNITS[:60] * 2}
    logged = {e["units"]["user"]: (e["variant"], e["version"]) for e in client.exposures}
    assert logged == ({unit: (variant, 2) for unit, variant in got.items()} if version else {})
    assert len(client.exposures) == len(logged)
    unit = next(unit for unit, variant in got.items() if variant == "b")
    given = client.assign("k", unit)
    assert (given.reason, given.payload, given.bucket) == ("rollout" if version else "served", {"blue": True}, None)
