"""Why a split is uneven: which slice of the units, such as one platform or one day, holds the fault while the rest
is as planned.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import chdtrc

from stats import checks
from stats.checks import Floats
from stats.srm import srm_sequential

_CERTAIN = 1e6  # stands for an infinite Bayes factor, so that scores can be compared


class Causes(NamedTuple):
    """How well a fault in each slice explains a mismatch, `[..., slices]`.

    score: logarithm of the Bayes factor of "the fault is here, the rest is as planned" against "no fault", less
    the logarithm of how many slices were searched. everywhere, `[...]`: the same for one fault in all slices
    alike. chance: posterior of each slice, given that there is one fault, in a slice or everywhere. arm: the
    arm that alone is wrong; missing: about how many units it lacks (below 0: has too many) of the planned ones.
    rest_p: chi-square p-value of all other units against the weights.
    """

    score: Floats
    everywhere: Floats
    chance: Floats
    arm: NDArray[np.intp]
    missing: Floats
    planned: Floats
    rest_p: Floats


def split_causes(
    counts: ArrayLike, total: ArrayLike, weights: ArrayLike, dimensions: ArrayLike, *, concentration: float = 100.0
) -> Causes:
    """Search slices for the fault behind a sample ratio mismatch; see `Causes`.

    counts: units per slice and arm, `[..., slices, arms]`. total: all units, `[..., arms]`. weights: planned, `[arms]`.
    dimensions: the number of the dimension that each slice is a value of, `[slices]`; every unit has one value
    in each, so slices of one dimension are disjoint (they may also be nested, as "since a day" is).

    Evidence is the Dirichlet-multinomial Bayes factor of `srm_sequential` (Lindon & Malek 2022): the rest of the
    units fits the plan under both hypotheses and cancels. So a larger slice that dilutes the fault, and a smaller
    one that holds a part of it, both score less than the slice that is faulty. Dimensions are as likely as each
    other and as "everywhere", and so are the values within one, which is what the search costs (Kass & Raftery
    1995). What faults are like is told by Fabijan et al. (2019).

    Errors: ValueError for shapes that do not fit, negative counts, or a slice with more units than the total.
    """
    part, whole, share = _checked(counts, total, weights)
    groups = np.asarray(dimensions)
    if groups.shape != part.shape[-2:-1]:
        raise ValueError(f"{groups.size} dimensions for {part.shape[-2]} slices; give one number per slice.")
    found, sizes = np.unique(groups, return_counts=True)
    searched = np.log(sizes[np.searchsorted(found, groups)]) + np.log(found.size + 1.0)
    evidence = srm_sequential(part, share, concentration).log_bayes_factor
    score = np.minimum(evidence, _CERTAIN) - searched
    everywhere = np.minimum(srm_sequential(whole, share, concentration).log_bayes_factor, _CERTAIN)
    everywhere = everywhere - np.log(found.size + 1.0)
    arm, missing, planned = _wrong_arm(part, share)
    rest_p = _fit(whole[..., None, :] - part, share)
    return Causes(score, everywhere, _chances(score, everywhere), arm, missing, planned, rest_p)


def _checked(counts: ArrayLike, total: ArrayLike, weights: ArrayLike) -> tuple[Floats, Floats, Floats]:
    part, whole, given = (
        checks.finite(n, v) for n, v in (("counts", counts), ("total", total), ("weights", weights))
    )
    if part.ndim < 2 or given.ndim != 1 or part.shape[-1] != given.size or whole.shape[-1:] != given.shape:
        raise ValueError(
            f"counts {part.shape} and total {whole.shape} do not fit {given.size} weights; give one count per slice "
            "and arm, and one total per arm."
        )
    if given.size < 2 or part.shape[-2] == 0:
        raise ValueError(f"{part.shape[-2]} slices of {given.size} arms; give at least one slice of two arms.")
    checks.at_least("counts", part, 0.0)
    if (part > whole[..., None, :]).any():
        raise ValueError("a slice holds more units than the total; every unit of a slice counts in the total too.")
    return part, whole, given / given.sum()


def _chances(score: Floats, everywhere: Floats) -> Floats:
    """Posterior of each slice; what is left is that of a fault everywhere."""
    most = np.maximum(score.max(axis=-1), everywhere)
    weight = np.exp(score - most[..., None])
    return np.asarray(weight / (weight.sum(axis=-1) + np.exp(everywhere - most))[..., None])


def _wrong_arm(part: Floats, share: Floats) -> tuple[NDArray[np.intp], Floats, Floats]:
    """The arm without which the others fit best among each other; of two arms, the one with too few units."""
    arms = np.arange(share.size)
    others = part.sum(axis=-1, keepdims=True) - part
    left = np.where(share < 1.0, 1.0 - share, 1.0)
    planned = others * share / left
    gap = planned - part
    expected = others[..., None] * (share / left[:, None])  # [..., arm left out, other arm]
    apart = (part[..., None, :] - expected) ** 2 / np.where(expected > 0.0, expected, 1.0)
    misfit = np.where(arms[:, None] == arms, 0.0, apart).sum(axis=-1)
    arm = np.where(share.size == 2, gap.argmax(axis=-1), misfit.argmin(axis=-1))
    picked = [np.take_along_axis(a, arm[..., None], axis=-1)[..., 0] for a in (gap, planned)]
    return arm, picked[0], picked[1]


def _fit(observed: Floats, share: Floats) -> Floats:
    """Chi-square p-value against the shares; units where none was planned fit never."""
    expected = observed.sum(axis=-1, keepdims=True) * share
    squares = (observed - expected) ** 2 / np.where(expected > 0.0, expected, 1.0)
    impossible = ((share == 0.0) & (observed > 0.0)).any(axis=-1)
    df = max(int((share > 0.0).sum()) - 1, 1)
    return np.where(impossible, 0.0, chdtrc(df, squares.sum(axis=-1)))
