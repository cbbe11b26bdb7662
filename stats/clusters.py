"""Where not single units but whole groups or hours are randomised: cluster-randomised designs, and switchbacks,
in which a region changes sides over time. The noise is that of the groups, however many rows each has.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats
from stats.estimate import Pair, ratio
from stats.moments import Moments
from stats.resample import generator

_AT_ONCE = 4_000_000  # cells of redrawn assignments held in memory

NOTHING_KEPT = "after the washout an arm has no period left: nothing can be tested"
SAME_EVERYWHERE = "no redrawn assignment differs in its result: nothing can be tested"


def clustered(sums: ArrayLike, counts: ArrayLike, covariates: ArrayLike | None = None) -> Pair:
    """Ratio of totals per arm, with clusters as the units, `[...]`.

    sums, counts: `[..., clusters, 2]`, each cluster's total of the outcome and number of rows (or any other
    denominator) under control and under treatment. A cluster randomised to one arm has zeros in the other; one
    that has rows in both arms is allowed, and their covariance counted.

    The variance is the jackknife's, CRV3 = (G - 1)/G sum (change without the cluster)^2, and df = G - 1 (Bell &
    McCaffrey 2002; MacKinnon, Nielsen, Webb 2023): the plain sandwich is too small with few clusters or clusters of
    unlike sizes. Where an arm has fewer than a third of all, df is Welch-Satterthwaite's, so that four treated
    clusters against forty do not pass for many. n is the number of clusters, G: that is what was randomised.
    From some 40 clusters of like size on, `ratio` of moments over clusters says the same without these rows.

    covariates: what was known of each cluster before, `[..., clusters, k]`. Then each arm's ratio is adjusted as Lin
    2013, on its clusters' linearised totals (see `ratio`), the jackknife leaves each cluster out of the whole of
    that, and each covariate takes one of the df. A constant one changes the df alone.

    An arm with fewer than two clusters, or than three more than covariates, has an infinite variance. Errors:
    ValueError for shapes that differ or do not end in 2, for values that are not finite and for negative counts.
    """
    y, z = _clusters(sums, counts)
    if covariates is not None:
        return _adjusted(y, z, _known_before(covariates, y))
    total = z.sum(axis=-2)
    ratio = np.divide(y.sum(axis=-2), np.where(total > 0.0, total, np.nan))
    members = ((y != 0.0) | (z != 0.0)).astype(np.float64)
    size, per_arm = members.max(axis=-1).sum(axis=-1), members.sum(axis=-2)
    residual = np.nan_to_num(y - ratio[..., None, :] * z)
    rest = total[..., None, :] - z
    change = residual / np.where(rest > 0.0, rest, 1.0)
    v = np.swapaxes(change, -1, -2) @ change * ((size - 1.0) / np.maximum(size, 1.0))[..., None, None]
    known = (per_arm >= 2.0) & np.isfinite(ratio) & ((z > 0.0).sum(axis=-2) >= 2)
    v00, v11 = (np.where(known[..., arm], v[..., arm, arm], np.inf) for arm in (0, 1))
    v01 = np.where(known.all(axis=-1), v[..., 0, 1], 0.0)
    return Pair(ratio[..., 0], ratio[..., 1], v00, v01, v11, _df(size, per_arm, v00, v11), size)


def _adjusted(y: Floats, z: Floats, x: Floats) -> Pair:
    """As without covariates, but every cluster is left out in turn and the whole adjustment made anew."""
    members = ((y != 0.0) | (z != 0.0)).astype(np.float64)
    names = tuple(f"x{i}" for i in range(x.shape[-1]))

    def ratios(weights: Floats) -> Pair:
        arms = [_moments(weights, y[..., arm], z[..., arm], x, arm=members[..., arm]) for arm in (0, 1)]
        return ratio(arms[0], arms[1], "y", "z", names)

    whole, without = ratios(np.ones((1, y.shape[-2]))), ratios(1.0 - np.eye(y.shape[-2]))
    size, per_arm = members.max(axis=-1).sum(axis=-1), members.sum(axis=-2)
    known = per_arm >= len(names) + 3.0
    change = np.stack([without.m0 - whole.m0, without.m1 - whole.m1], axis=-1)
    change = np.where(known[..., None, :], change, 0.0)
    v = np.swapaxes(change, -1, -2) @ change * ((size - 1.0) / np.maximum(size, 1.0))[..., None, None]
    v00, v11 = (np.where(known[..., arm], v[..., arm, arm], np.inf) for arm in (0, 1))
    df = _df(size - len(names), per_arm - len(names), v00, v11)
    return Pair(whole.m0[..., 0], whole.m1[..., 0], v00, v[..., 0, 1], v11, df, size)


def _moments(weights: Floats, y: Floats, z: Floats, x: Floats, *, arm: Floats) -> Moments:
    """Moments of an arm's clusters under each row of weights, `[..., rows]`."""
    rows = np.concatenate([y[..., None], z[..., None], x], axis=-1)[..., None, :, :]
    w = (weights * arm[..., None, :])[..., None]
    n = w.sum(axis=(-2, -1))
    mean = (w * rows).sum(axis=-2) / np.maximum(n, 1.0)[..., None]
    apart = w * (rows - mean[..., None, :])
    cov = np.swapaxes(apart, -1, -2) @ apart / np.maximum(n - 1.0, 1.0)[..., None, None]
    return Moments(("y", "z", *(f"x{i}" for i in range(x.shape[-1]))), n, mean, cov)


@dataclass(frozen=True)
class Switchback:
    """How a switchback is randomised: each region tosses its coin anew every `block` periods.

    block: periods (hours, say) between tosses. washout: periods after which an earlier assignment no longer
    matters; only periods whose whole washout before them was spent on one side are read. share: chance of
    treatment. Errors: ValueError unless block is 1 or more, washout 0 or more, both whole, and 0 < share < 1.
    """

    block: int
    washout: int
    share: float = 0.5

    def __post_init__(self) -> None:
        if not (self.block >= 1 and self.block % 1 == 0):
            raise ValueError(f"block is {self.block!r}; it must be a whole number of periods, 1 or more.")
        if not (self.washout >= 0 and self.washout % 1 == 0):
            raise ValueError(f"washout is {self.washout!r}; it must be a whole number of periods, 0 or more.")
        checks.level("share", self.share)

    def assign(self, regions: int, periods: int, *, rng: np.random.Generator, draws: int = 1) -> NDArray[np.bool_]:
        """Assignments drawn as planned, `[draws, regions, periods]`; True is treatment."""
        tosses = generator(rng).random((draws, regions, -(-periods // self.block))) < self.share
        return np.repeat(tosses, self.block, axis=-1)[..., :periods]


class SwitchbackResult(NamedTuple):
    """What a switchback shows. effect: treatment minus control, in units of the outcome (NaN where an arm has
    nothing left). p_value: of the randomisation test. control_cells, treatment_cells: region-periods read.
    flags: in words.
    """

    effect: float
    p_value: float
    control_cells: int
    treatment_cells: int
    flags: tuple[str, ...]


def switchback(
    outcomes: ArrayLike,
    assignment: ArrayLike,
    design: Switchback,
    *,
    rng: np.random.Generator,
    draws: int = 2_000,
) -> SwitchbackResult:
    """Effect and randomisation test of a switchback (Bojinov, Simchi-Levi, Zhao 2023).

    outcomes: `[regions, periods]`, in order of time; assignment: the same shape, True or 1 for treatment. The effect
    weighs each period read by the inverse chance of its being read on that side, the weights adding up to 1 per
    side (Hajek's form of the paper's estimator: a constant added to all outcomes changes nothing). The p-value
    holds in samples of any size, for the hypothesis that treatment changes no outcome: the share of assignments
    redrawn as planned, the real one among them, whose effect is as far from zero. For it regions' and periods' own
    levels are taken out first, which makes the test sharper and leaves it exact.

    Errors: ValueError for shapes that differ, missing values, assignments other than 0 and 1 or that change
    within a block.
    """
    y, w = _table(outcomes, assignment, design)
    chooser = generator(rng, draws)
    inverse = _inverse_chances(design, y.shape[1])
    kept = _kept(w[None], design.washout)
    control, treatment = (int(side.sum()) for side in kept)
    if min(control, treatment) == 0:
        return SwitchbackResult(float("nan"), 1.0, control, treatment, (NOTHING_KEPT,))
    effect = float(_effects(y, kept, inverse)[0])
    levelled = _levelled(y)
    real = abs(float(_effects(levelled, kept, inverse)[0]))
    redrawn = np.abs(_redrawn(levelled, inverse, design, chooser, draws))
    as_far = int((redrawn >= real * (1.0 - 1e-9) - 1e-12 * np.abs(y).max()).sum())
    flags = (SAME_EVERYWHERE,) if as_far == draws else ()
    return SwitchbackResult(effect, (1 + as_far) / (1 + draws), control, treatment, flags)


def _clusters(sums: ArrayLike, counts: ArrayLike) -> tuple[Floats, Floats]:
    y, z = checks.finite("sums", sums), checks.finite("counts", counts)
    if y.shape != z.shape or y.ndim < 2 or y.shape[-1] != 2:
        raise ValueError(f"sums {y.shape} and counts {z.shape} must both be [..., clusters, 2]: control, treatment.")
    checks.at_least("counts", z, 0.0)
    return y, z


def _known_before(covariates: ArrayLike, y: Floats) -> Floats:
    x = checks.finite("covariates", covariates)
    if x.shape[:-1] != y.shape[:-1]:
        raise ValueError(f"covariates {x.shape} do not fit {y.shape[-2]} clusters; give [..., clusters, covariates].")
    return x


def _table(outcomes: ArrayLike, assignment: ArrayLike, design: Switchback) -> tuple[Floats, NDArray[np.bool_]]:
    """Outcomes less their first, so that a large level costs no digits, and the assignment; both checked."""
    y, w = checks.finite("outcomes", outcomes), checks.finite("assignment", assignment)
    if y.ndim != 2 or y.shape != w.shape or y.size == 0:
        raise ValueError(f"outcomes {y.shape} and assignment {w.shape} must both be [regions, periods].")
    if not np.isin(w, (0.0, 1.0)).all():
        raise ValueError(f"assignment holds {w[~np.isin(w, (0.0, 1.0))][0]:g}; give 0 for control, 1 for treatment.")
    starts = np.arange(w.shape[1]) // design.block * design.block
    if (w != w[:, starts]).any():
        raise ValueError(f"the assignment changes within a block of {design.block} periods; give the block as run.")
    return y - y[0, 0], w == 1.0


def _df(size: Floats, per_arm: Floats, v00: Floats, v11: Floats) -> Floats:
    """Clusters less one; with arms of very unlike numbers Satterthwaite's, which the smaller arm governs."""
    total = v00 + v11
    known = np.isfinite(total) & (total > 0.0)
    share = np.where(known, v11, 0.5) / np.where(known, total, 1.0)
    rest0, rest1 = (np.maximum(per_arm[..., arm] - 1.0, 1.0) for arm in (0, 1))
    satterthwaite = 1.0 / ((1.0 - share) ** 2 / rest0 + share**2 / rest1)
    lopsided = 3.0 * per_arm.min(axis=-1) < size
    return np.maximum(np.where(lopsided & known, satterthwaite, size - 1.0), 1.0)


def _inverse_chances(design: Switchback, periods: int) -> Floats:
    """One over the chance that a period's whole washout lay in control, and in treatment, `[2, periods]`."""
    at = np.arange(periods)
    tosses = at // design.block - np.maximum(at - design.washout, 0) // design.block + 1
    return np.stack([(1.0 - design.share) ** -tosses.astype(float), design.share ** -tosses.astype(float)])


def _kept(assignment: NDArray[np.bool_], washout: int) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which cells are read as control and as treatment, `[draws, regions, periods]` each."""
    run = np.zeros((*assignment.shape[:-1], assignment.shape[-1] + 1), dtype=np.int64)
    np.cumsum(assignment, axis=-1, out=run[..., 1:])
    treated = run[..., washout + 1 :] - run[..., : -washout - 1]
    kept = np.zeros((2, *assignment.shape), dtype=np.bool_)
    kept[0, ..., washout:], kept[1, ..., washout:] = treated == 0, treated == washout + 1
    return kept[0], kept[1]


def _effects(y: Floats, kept: tuple[NDArray[np.bool_], NDArray[np.bool_]], inverse: Floats) -> Floats:
    """Weighted mean under treatment less that under control, `[draws]`; 0 where a side has none."""
    means, weights = [], []
    for side, weight in zip(kept, inverse, strict=True):
        weights.append(side.sum(axis=-2) @ weight)
        means.append(np.einsum("drp,rp->d", side, y * weight) / np.where(weights[-1] > 0.0, weights[-1], 1.0))
    return np.where((weights[0] > 0.0) & (weights[1] > 0.0), means[1] - means[0], 0.0)


def _levelled(y: Floats) -> Floats:
    """Outcomes less their period's mean (where there are several regions) and their region's."""
    if len(y) > 1:
        y = y - y.mean(axis=0)
    return np.asarray(y - y.mean(axis=1, keepdims=True))


def _redrawn(y: Floats, inverse: Floats, design: Switchback, rng: np.random.Generator, draws: int) -> Floats:
    """Effects under assignments drawn anew, `[draws]`, some at a time."""
    at_once = max(1, _AT_ONCE // y.size)
    found = []
    for first in range(0, draws, at_once):
        assigned = design.assign(*y.shape, rng=rng, draws=min(at_once, draws - first))
        found.append(_effects(y, _kept(assigned, design.washout), inverse))
    return np.concatenate(found)
