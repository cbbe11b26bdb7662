"""A group so small that its people could be recognised is not in a snapshot."""

import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import worked

from experiments.segments import LEAST, segment_results


def test_a_group_of_fewer_than_ten_units_is_shown_to_nobody():
    rng, frozen = np.random.default_rng(5), worked.plan("group-sequential", 1)
    metric = frozen.plan.goals[0].metric
    sizes = {"desktop": (40, 40), "phone": (LEAST, LEAST), "tablet": (LEAST - 1, 40), "tv": (40, LEAST - 1)}
    arms = [v.key for v in frozen.plan.variants][:2]
    cells = {(arm, value): worked.cell(rng, metric, n[i], 0.0) for value, n in sizes.items() for i, arm in enumerate(arms)}
    assert {r.value for r in segment_results(frozen, {"device": {metric: cells}})} == {"desktop", "phone"}
