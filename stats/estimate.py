"""Estimators: moments of two arms in, a `Pair` of means with their variances out. Every method of the engine
ends in a `Pair`, so that one set of inference rules serves them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from stats.checks import Floats
from stats.moments import Moments

# A covariate with less spread than rounding leaves, or one that others explain to ten digits, is dropped.
_SPREAD, _COLLINEAR = 1e-12, 1e-10


@dataclass(frozen=True, eq=False)
class Pair:
    """Two arms' means and the joint variance of these means, for any batch shape `[...]`.

    m0, m1: the mean of control and of treatment (NaN where there is none). v00, v11: variances of these
    means (of the mean, not of a unit; infinite where they cannot be known). v01: their covariance.
    df: degrees of freedom of m1 - m0. n: units of both arms together.
    """

    m0: Floats
    m1: Floats
    v00: Floats
    v01: Floats
    v11: Floats
    df: Floats
    n: Floats

    def __post_init__(self) -> None:
        given = {field: np.asarray(value, dtype=np.float64) for field, value in vars(self).items()}
        shape = np.broadcast(*given.values()).shape
        for field, array in given.items():
            object.__setattr__(self, field, array if array.shape == shape else np.broadcast_to(array, shape))


class _Covariates(NamedTuple):
    """Covariates x of one arm, and their covariances with its outcome."""

    x: Moments
    xy: Floats


class _Arm(NamedTuple):
    """One arm's outcome y, already linearised, and its covariates if there are any."""

    n: Floats
    mean: Floats
    yy: Floats
    given: _Covariates | None


class _Variance(NamedTuple):
    """Of one arm's mean, and its degrees of freedom; infinite, and 1, where it cannot be known."""

    value: Floats
    df: Floats


def mean(control: Moments, treatment: Moments, column: str, covariates: Sequence[str] = ()) -> Pair:
    """Means of a column per unit; a proportion is the mean of zeros and ones.

    Without covariates: Welch 1947 (variances V/n, Welch-Satterthwaite df). With covariates: CUPED as
    Lin 2013, see `ratio`. Batch shapes of the two arms broadcast.

    Errors: ValueError for an unknown column. An arm with too few units gets an infinite variance instead,
    so that one empty cell does not stop a batch.
    """
    return _pair(_mean_arm(control, column, covariates), _mean_arm(treatment, column, covariates))


def ratio(
    control: Moments, treatment: Moments, numerator: str, denominator: str, covariates: Sequence[str] = ()
) -> Pair:
    """Ratios of two means, r = mean(y) / mean(z), by the delta method (Deng, Knoblich, Lu 2018).

    The variance is that of the linearised column (y - r z) / mean(z) over n; units are what was randomised.

    With covariates x, as Lin 2013, on the linearised column: per arm the slopes b = Sxx^-1 Sxy, the mean
    m - b'(mean_x of the arm - mean_x of both arms), and the residual variance
    (Syy - b'Sxy)(n - 1) / (n - 1 - k) / n, k being the number of covariates that vary and are not
    explained by the others. Centring on the two arms' own mean_x, a random quantity over N units, adds
    b0'Sxx b0 / N to v00, b1'Sxx b1 / N to v11 and b0'Sxx b1 / N to v01: thus m1 - m0 gains exactly
    (b1 - b0)'Sxx(b1 - b0) / N, and a relative change sees the right joint law too.

    Errors: as `mean`; a zero mean denominator gives NaN and an infinite variance.
    """
    return _pair(
        _ratio_arm(control, numerator, denominator, covariates),
        _ratio_arm(treatment, numerator, denominator, covariates),
    )


def _mean_arm(moments: Moments, column: str, covariates: Sequence[str]) -> _Arm:
    y = moments.column(column)
    value, yy = np.where(moments.n > 0, moments.mean[..., y], np.nan), moments.cov[..., y, y]
    if not covariates:
        return _Arm(moments.n, value, yy, None)
    at = [moments.column(name) for name in covariates]
    return _Arm(moments.n, value, yy, _Covariates(moments.only(covariates), moments.cov[..., at, y]))


def _ratio_arm(moments: Moments, numerator: str, denominator: str, covariates: Sequence[str]) -> _Arm:
    y, z = moments.column(numerator), moments.column(denominator)
    scale = np.where(moments.mean[..., z] != 0.0, moments.mean[..., z], np.nan)
    r, cov = moments.mean[..., y] / scale, moments.cov
    yy = np.maximum((cov[..., y, y] - 2.0 * r * cov[..., y, z] + r**2 * cov[..., z, z]) / scale**2, 0.0)
    if not covariates:
        return _Arm(moments.n, r, yy, None)
    at = [moments.column(name) for name in covariates]
    xy = (cov[..., at, y] - r[..., None] * cov[..., at, z]) / scale[..., None]
    return _Arm(moments.n, r, yy, _Covariates(moments.only(covariates), xy))


def _pair(control: _Arm, treatment: _Arm) -> Pair:
    if control.given is not None and treatment.given is not None:
        return _adjusted_pair(control, treatment, control.given, treatment.given)
    v0, v1 = (_variance(arm, arm.yy, arm.n - 1.0) for arm in (control, treatment))
    n = control.n + treatment.n
    return Pair(control.mean, treatment.mean, v0.value, np.zeros(n.shape), v1.value, _satterthwaite(v0, v1), n)


def _adjusted_pair(control: _Arm, treatment: _Arm, given0: _Covariates, given1: _Covariates) -> Pair:
    """Both arms after regression on their covariates, each with its own slopes, centred on both together."""
    (b0, v0), (b1, v1) = _adjust(control, given0), _adjust(treatment, given1)
    both = given0.x + given1.x
    shared = both.cov / np.maximum(both.n, 1.0)[..., None, None]
    return Pair(
        control.mean - _dot(b0, given0.x.mean - both.mean),
        treatment.mean - _dot(b1, given1.x.mean - both.mean),
        v0.value + _form(b0, shared, b0),
        _form(b0, shared, b1),
        v1.value + _form(b1, shared, b1),
        _satterthwaite(v0, v1),
        control.n + treatment.n,
    )


def _adjust(arm: _Arm, given: _Covariates) -> tuple[Floats, _Variance]:
    """Slopes on the covariates, none where no df is left, and the variance of the mean that remains."""
    slopes, rank = _slopes(given)
    df = arm.n - 1.0 - rank
    residual = np.maximum(arm.yy - _dot(slopes, given.xy), 0.0) * (arm.n - 1.0) / np.where(df > 0.0, df, 1.0)
    left = _variance(arm, residual, df)
    return np.where(np.isfinite(left.value)[..., None], slopes, 0.0), left


def _variance(arm: _Arm, of_a_unit: Floats, df: Floats) -> _Variance:
    """From the variance of a unit to that of the mean."""
    known = (df > 0.0) & np.isfinite(arm.mean)
    return _Variance(np.where(known, of_a_unit, np.inf) / np.where(known, arm.n, 1.0), np.where(known, df, 1.0))


def _slopes(given: _Covariates) -> tuple[Floats, Floats]:
    """Least squares on standardised covariates; constant and collinear ones get no weight and no df."""
    x = given.x
    spread = np.sqrt(np.diagonal(x.cov, axis1=-2, axis2=-1))
    varies = spread > _SPREAD * np.abs(x.mean)
    scale = np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)
    values, vectors = np.linalg.eigh(scale[..., :, None] * x.cov * scale[..., None, :])
    keep = values > _COLLINEAR
    weight = np.where(keep, 1.0 / np.where(keep, values, 1.0), 0.0)
    rotated = np.einsum("...ij,...i->...j", vectors, np.nan_to_num(given.xy) * scale)
    slopes = np.einsum("...ij,...j->...i", vectors, weight * rotated) * scale
    return slopes, keep.sum(axis=-1).astype(np.float64)


def _satterthwaite(v0: _Variance, v1: _Variance) -> Floats:
    """Welch-Satterthwaite from each arm's share of the variance; 1 where a variance is not known."""
    total = v0.value + v1.value
    known = np.isfinite(total)
    usable = known & (total > 0.0)
    share = np.where(usable, v0.value, 0.5) / np.where(usable, total, 1.0)
    return np.where(known, 1.0 / (share**2 / v0.df + (1.0 - share) ** 2 / v1.df), 1.0)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...i,...i->...", a, b), dtype=np.float64)


def _form(a: Floats, matrix: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...i,...ij,...j->...", a, matrix, b), dtype=np.float64)
