"""Sample ratio mismatch: do the arms' counts fit the weights that the plan gave them? A sequential test for
daily looks, and the classical chi-square beside it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc, gammaln

from stats import checks
from stats.checks import Floats


class SequentialSrm(NamedTuple):
    """Logarithm of the Bayes factor against the planned weights, and the always-valid p-value, `[...]`."""

    log_bayes_factor: Floats
    p_value: Floats


class ChiSquareSrm(NamedTuple):
    """Pearson's statistic, degrees of freedom (arms of positive weight less one) and p-value, `[...]`."""

    statistic: Floats
    df: int
    p_value: Floats


def srm_sequential(counts: ArrayLike, weights: ArrayLike, concentration: float = 100.0) -> SequentialSrm:
    """Dirichlet-multinomial Bayes factor against the weights (Lindon & Malek 2022), valid at every look.

    counts: units per arm so far, `[..., arms]`. weights: planned weights `[arms]`, of any total.
    concentration: how tightly the alternative clusters around the plan. p = min(1, 1 / Bayes factor);
    under the plan the chance that it ever falls below a is at most a.

    Units in an arm of weight zero cannot come from the plan: a certain mismatch, with an infinite Bayes
    factor and p = 0, rather than an error, so that the experiment is reported and not hidden.
    Errors: ValueError for negative numbers, shapes that do not fit, or weights without a positive one.
    """
    observed, share, certain = _observed(counts, weights)
    prior = checks.positive("concentration", concentration) * share
    evidence = (gammaln(prior + observed) - gammaln(prior) - observed * np.log(share)).sum(axis=-1)
    total = gammaln(prior.sum()) - gammaln(prior.sum() + observed.sum(axis=-1))
    log_bayes_factor = np.where(certain, np.inf, evidence + total)
    return SequentialSrm(log_bayes_factor, np.exp(-np.maximum(log_bayes_factor, 0.0)))


def srm_chi_square(counts: ArrayLike, weights: ArrayLike) -> ChiSquareSrm:
    """Pearson's chi-square against the weights, for one look; arguments and certain mismatch as above.

    Read daily it raises false alarms: use `srm_sequential` to decide.
    """
    observed, share, certain = _observed(counts, weights)
    expected = observed.sum(axis=-1, keepdims=True) * share
    squares = (observed - expected) ** 2 / np.where(expected > 0.0, expected, 1.0)
    statistic = np.where(certain, np.inf, squares.sum(axis=-1))
    df = share.size - 1
    p_value = np.asarray(chdtrc(df, statistic)) if df else np.where(certain, 0.0, 1.0)
    return ChiSquareSrm(statistic, df, p_value)


def _observed(counts: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Counts and shares of the arms with weight, and whether an arm without any has units."""
    observed, given = checks.finite("counts", counts), checks.finite("weights", weights)
    if given.ndim != 1 or observed.ndim == 0 or observed.shape[-1] != given.size:
        raise ValueError(f"counts {observed.shape} do not fit {given.size} weights; give one count per arm.")
    checks.at_least("counts", observed, 0.0)
    checks.at_least("weights", given, 0.0)
    planned = given > 0.0
    if not planned.any():
        raise ValueError(f"weights are {given.tolist()}; at least one arm needs a positive weight.")
    certain = observed[..., ~planned].sum(axis=-1) > 0.0
    return observed[..., planned], given[planned] / given.sum(), np.asarray(certain)
