"""Post-stratification: groups known before exposure, such as countries, are compared within and then averaged, so
that a group that happens to be larger in one arm shifts nothing.
"""

import numpy as np

from stats.checks import Floats
from stats.estimate import Pair


def poststratify(strata: Pair) -> Pair:
    """Average a `Pair` whose last axis are strata, `[..., strata]` to `[...]` (Miratrix, Sekhon, Yu 2013).

    strata: each stratum's means, adjusted or not, with its units in `n`. Weights are w = n / N over both arms:
    d = sum w d_s, and its variance is sum w^2 v_s + [sum w d_s^2 - d^2] / N, since the weights are those of a
    sample of units. The same holds of v00, v01 and v11, so that a relative change has the right joint law too.
    df: Satterthwaite over the strata's own. The stratum must be known before exposure.

    A stratum without units counts for nothing; one with units, but fewer than two in an arm, leaves the variance
    infinite ("too few units for an interval"): merge small strata before. Of a ratio this is the mean of the
    strata's ratios. Errors: ValueError without a last axis.
    """
    if strata.n.ndim == 0:
        raise ValueError(f"a Pair of shape {strata.n.shape} has no strata; give one of shape [..., strata].")
    present = strata.n > 0.0
    total = strata.n.sum(axis=-1)
    weight = strata.n / np.maximum(total, 1.0)[..., None]
    m0, m1 = (np.where(present, mean, 0.0) for mean in (strata.m0, strata.m1))
    mean0, mean1 = ((weight * mean).sum(axis=-1) for mean in (m0, m1))
    apart0, apart1 = m0 - mean0[..., None], m1 - mean1[..., None]
    size = np.maximum(total, 1.0)

    def variance(within: Floats, left: Floats, right: Floats) -> Floats:
        parts = weight**2 * np.where(present, within, 0.0)
        between = (weight * left * right).sum(axis=-1) / size
        return np.where(total > 0.0, parts.sum(axis=-1) + between, np.inf)

    some = total > 0.0
    return Pair(
        np.where(some, mean0, np.nan),
        np.where(some, mean1, np.nan),
        variance(strata.v00, apart0, apart0),
        np.where(some, variance(strata.v01, apart0, apart1), 0.0),
        variance(strata.v11, apart1, apart1),
        _df(strata, weight, apart1 - apart0, size),
        total,
    )


def _df(strata: Pair, weight: Floats, apart: Floats, size: Floats) -> Floats:
    """Satterthwaite over the strata's variances and that of the weights; 1 where a variance is not known."""
    within = weight**2 * np.where(strata.n > 0.0, strata.v00 - 2.0 * strata.v01 + strata.v11, 0.0)
    between = (weight * apart**2).sum(axis=-1) / size
    total = within.sum(axis=-1) + between
    known = np.isfinite(total) & (total > 0.0)
    parts = np.where(np.isfinite(within), within, 0.0) / np.where(known, total, 1.0)[..., None]
    share = np.where(known, between, 0.0) / np.where(known, total, 1.0)
    inverse = (parts**2 / strata.df).sum(axis=-1) + share**2 / np.maximum(size - 1.0, 1.0)
    return np.where(known, 1.0 / np.where(inverse > 0.0, inverse, 1.0), 1.0)
