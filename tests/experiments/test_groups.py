"""Groups differ where their effects do, on the scale of the plan: not where they only start from different levels."""

from typing import Any

import numpy as np

from experiments import readings
from experiments.plan import Goal
from experiments.segments import differences
from experiments.snapshot import SegmentResult
from tests.experiments.test_methods import frozen, share

RUNS, N = 250, 20_000


def groups(f: Any, *arms: tuple[float, float]) -> list[SegmentResult]:
    """A group for each pair of shares of control and treatment."""
    return [
        readings.segment(f, "goal", "t1", ("country", str(i)), (share(p0 * N, N), share(p1 * N, N)))
        for i, (p0, p1) in enumerate(arms)
    ]  # fmt: skip


def p_value(f: Any, *arms: tuple[float, float]) -> float:
    (test,) = differences(f, groups(f, *arms))
    assert test.values == len(arms)
    return test.p_value


def test_a_tenth_more_is_the_same_in_groups_that_start_from_different_levels() -> None:
    relative = frozen(kind="proportion")
    absolute = frozen(kind="proportion", goals=(Goal(metric="goal", worthwhile=0.01, absolute=True),))
    tenth, points = ((0.02, 0.022), (0.4, 0.44)), ((0.02, 0.04), (0.4, 0.42))
    assert (p_value(relative, *tenth) > 0.99, p_value(absolute, *tenth) < 0.001) == (True, True)
    assert (p_value(relative, *points) < 0.001, p_value(absolute, *points) > 0.99) == (True, True)


def test_groups_that_gain_alike_are_said_to_differ_as_often_as_chance_has_it() -> None:
    f, rng, found = frozen(kind="proportion"), np.random.default_rng(7), 0
    for _ in range(RUNS):
        drawn = rng.binomial(N, [(0.02, 0.022), (0.1, 0.11), (0.4, 0.44)]) / N
        found += p_value(f, *((float(a), float(b)) for a, b in drawn)) <= 0.05
    assert 0.05 - 3 * (0.05 * 0.95 / RUNS) ** 0.5 <= found / RUNS <= 0.05 + 3 * (0.05 * 0.95 / RUNS) ** 0.5


def test_a_group_whose_relative_change_is_not_known_is_left_out() -> None:
    f = frozen(kind="proportion")
    (test,) = differences(f, groups(f, (0.0, 0.001), (0.1, 0.11), (0.2, 0.22)))
    assert test.values == 2
