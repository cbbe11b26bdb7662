"""What a winner is likely to bring after launch: its effect, corrected for having been selected."""

import numpy as np

import stats
from experiments.snapshot import Effect, Expected
from stats import Pair

LEVEL = 0.95


def expected(pair: Pair, effect: Effect) -> Expected | None:
    """Return the relative effect given that it crossed its boundary; None where there is none, or it has not crossed.

    The boundary is that of today's interval. An effect that crossed on an earlier day and not today is not corrected.
    """
    lift = stats.lift(pair)
    value, se = float(lift.value), float(lift.se)
    if effect.critical is None or not np.isfinite(se) or se <= 0 or abs(value) < effect.critical * se:
        return None
    found = stats.conditional_estimate(value, se, effect.critical, level=LEVEL)
    return Expected(relative=float(found.average), low=float(found.low), high=float(found.high), level=LEVEL)
