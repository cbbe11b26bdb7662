"""Several hypotheses at once: p-values adjusted so that they can be held against one alpha, and the level at
which each hypothesis was tested, so that an interval can be drawn at the verdict's own level.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats


def holm(p: ArrayLike) -> Floats:
    """Adjusted p-values for the chance of any false rejection (Holm 1979), `[m]` in the order given.

    Any dependence is allowed. Errors: ValueError unless p is one list of numbers in [0, 1].
    """
    values = checks.probabilities("p", p)
    order = np.argsort(values, kind="stable")
    stepped = np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1))
    return _back(order, np.minimum(stepped, 1.0))


def holm_levels(p: ArrayLike, alpha: float) -> Floats:
    """The level at which Holm's procedure tests each hypothesis, `[m]` in the order given.

    The i-th smallest p is tested at alpha / (m - i + 1) while rejections last; all that are left, at the
    level of the first that was not rejected. So p <= level exactly where `holm(p)` <= alpha, and an interval
    at that level leaves out the null value exactly where the hypothesis is rejected. (One hypothesis at a
    time: these intervals do not cover jointly.)
    """
    values = checks.probabilities("p", p)
    order = np.argsort(values, kind="stable")
    steps = checks.level("alpha", alpha) / np.arange(values.size, 0, -1)
    kept = np.flatnonzero(values[order] > steps)
    if kept.size:
        steps[kept[0] :] = steps[kept[0]]
    return _back(order, steps)


def benjamini_hochberg(p: ArrayLike) -> Floats:
    """Adjusted p-values for the false discovery rate (Benjamini & Hochberg 1995), `[m]` in the order given.

    For independent or positively dependent tests. Errors as `holm`.
    """
    return _step_up(checks.probabilities("p", p), 1.0)


def benjamini_yekutieli(p: ArrayLike) -> Floats:
    """As `benjamini_hochberg`, under any dependence (Benjamini & Yekutieli 2001)."""
    values = checks.probabilities("p", p)
    return _step_up(values, float((1.0 / np.arange(1, values.size + 1)).sum()))


def _step_up(values: Floats, factor: float) -> Floats:
    order = np.argsort(values, kind="stable")
    ratios = values[order] * factor * values.size / np.arange(1, values.size + 1)
    return _back(order, np.minimum(np.minimum.accumulate(ratios[::-1])[::-1], 1.0))


def _back(order: NDArray[np.intp], ordered: Floats) -> Floats:
    result = np.empty_like(ordered)
    result[order] = ordered
    return result
