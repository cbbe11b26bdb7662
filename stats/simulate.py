"""Simulated experiments by their sufficient statistics: no units are drawn, only the means that they would have.

The mean of all units so far is a random walk: each look's new units add a normal step. Thousands of experiments
with daily looks take milliseconds this way.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from stats import checks
from stats.checks import Floats
from stats.estimate import Pair

_ARMS = 2


def steps(metrics: int, shape: Sequence[int], rng: np.random.Generator, *, correlation: ArrayLike = 0.0) -> Floats:
    """Standard normal steps `[metrics, 2, *shape]` of both arms; the shape is usually (runs, looks).

    correlation: of the metrics of one unit; one number for every two metrics, or a matrix `[metrics, metrics]`.

    Errors: ValueError unless it is the correlation of some variables: 1 with itself and positive definite.
    """
    root = _root(metrics, correlation)
    return np.asarray(np.tensordot(root, rng.standard_normal((metrics, _ARMS, *shape)), axes=1))


def running_means(steps: Floats, units: ArrayLike) -> Floats:
    """Means of the units so far, `[..., looks]`, less their expectation and in standard deviations of one unit.

    steps: `[..., looks]`. units: so far at each look, `[looks]`, never falling; 0 where there are none yet.

    Errors: ValueError for units that fall or are negative.
    """
    n = _units(units)
    return np.cumsum(np.sqrt(np.diff(n, prepend=0.0)) * steps, axis=-1) / np.where(n > 0, n, 1.0)


def running_pair(steps: Floats, units: Sequence[ArrayLike], means: Sequence[float], sd: float = 1.0) -> Pair:
    """Both arms of one metric at every look, as a `Pair` of the steps' shape without its first axis.

    steps: `[2, ..., looks]`, control first. units: of each arm so far, `[looks]` each. means: the true mean of each
    arm. sd: the standard deviation of one unit, which is known, in the unit of the means. The variance of an arm with
    one unit or fewer is infinite.

    Errors: ValueError for units that fall or are negative, and for a negative sd.
    """
    checks.at_least("sd", np.asarray(sd), 0.0)
    n0, n1 = (_units(n) for n in units)
    m0, m1 = (m + sd * running_means(s, n) for m, s, n in zip(means, steps, (n0, n1), strict=True))
    v0, v1 = (np.where(n > 1, sd**2 / np.maximum(n, 1.0), np.inf) for n in (n0, n1))
    return Pair(m0, m1, v0, np.zeros(()), v1, np.maximum(n0 + n1 - 2, 1.0), n0 + n1)


def _units(units: ArrayLike) -> Floats:
    n = checks.finite("units", units)
    checks.at_least("units of a look", np.diff(n, prepend=0.0), 0.0)
    return n


def _root(metrics: int, correlation: ArrayLike) -> Floats:
    """The lower triangle whose rows mix independent steps into correlated ones."""
    given = checks.finite("correlation", correlation)
    matrix = np.full((metrics, metrics), given) if given.ndim == 0 else given
    if given.ndim == 0:
        np.fill_diagonal(matrix, 1.0)
    if matrix.shape != (metrics, metrics) or not (np.diagonal(matrix) == 1.0).all():
        raise ValueError(f"correlation is {given.tolist()}; give one number or a matrix of {metrics} rows with ones.")
    try:
        return np.asarray(np.linalg.cholesky(matrix))
    except np.linalg.LinAlgError:
        text = f"no {metrics} metrics can have the correlation {given.tolist()}; bring it nearer 0."
        raise ValueError(text) from None
