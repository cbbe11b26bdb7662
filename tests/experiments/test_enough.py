"""When an effect on a proportion is shown: the choice must neither hide harm nor spoil the test's level."""

import numpy as np
import pytest
from scipy.stats import binom, norm

from experiments import inference
from experiments.plan_file import read_plan

PLAN = read_plan(
    "key: k\nvariants: [{key: a, weight: .5}, {key: b, weight: .5}]\ngoals: [{metric: m, worthwhile: .02}]\nenrol_days: 7"
)


@pytest.mark.parametrize(
    ("n", "hits", "shown"),
    [
        ((1000, 1000), (25, 25), True), ((1000, 1000), (24, 25), False), ((1000, 1000), (300, 10), True),
        ((1000, 1000), (0, 60), True), ((99, 1000), (50, 500), False), ((1000, 9000), (10, 240), True),
        ((1000, 9000), (24, 100), False),
    ],
)  # fmt: skip
def test_conversions_are_enough_as_if_the_variants_did_not_differ(
    n: tuple[float, float], hits: tuple[float, float], shown: bool
) -> None:
    assert inference.enough(PLAN, n, hits) is shown


@pytest.mark.parametrize("n", [(1000, 1000), (1000, 3000), (1000, 9000)])
@pytest.mark.parametrize("level", [0.05, 0.025, 0.005])
def test_choosing_what_is_shown_keeps_the_level_in_both_directions(n: tuple[int, int], level: float) -> None:
    """Exact: the probability that the score test of no difference is shown and crosses, where 25 are expected."""
    p, most = 25 / min(n), 25 * max(n) // min(n) + 200
    a, b = (x.astype(float) for x in np.meshgrid(np.arange(most), np.arange(most), indexing="ij"))
    weight = binom.pmf(a, n[0], p) * binom.pmf(b, n[1], p)
    pooled = np.clip((a + b) / sum(n), 1e-12, 1)
    z = (b / n[1] - a / n[0]) / np.sqrt(pooled * (1 - pooled) * (1 / n[0] + 1 / n[1]))
    shown = np.array([inference.enough(PLAN, n, (both, 0)) for both in range(2 * most)])[(a + b).astype(int)]
    for direction in (z, -z):
        assert weight[shown & (direction > norm.isf(level))].sum() <= level
