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
        fields = ("m0", "m1", "v00", "v01", "v11", "df", "n")
        given = (np.asarray(getattr(self, field), dtype=np.float64) for field in fields)
        for field, array in zip(fields, np.broadcast_arrays(*given), strict=True):
            object.__setattr__(self, field, array)


class _Arm(NamedTuple):
    """One arm's outcome y, already linearised, and its covariates x."""

    n: Floats
    mean: Floats
    yy: Floats
    xy: Floats
    x: Moments


class _Adjusted(NamedTuple):
    """One arm after regression on its covariates."""

    slopes: Floats
    variance: Floats
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
    y, at = moments.column(column), [moments.column(name) for name in covariates]
    value = np.where(moments.n > 0, moments.mean[..., y], np.nan)
    return _Arm(moments.n, value, moments.cov[..., y, y], moments.cov[..., at, y], moments.only(covariates))


def _ratio_arm(moments: Moments, numerator: str, denominator: str, covariates: Sequence[str]) -> _Arm:
    y, z = moments.column(numerator), moments.column(denominator)
    at = [moments.column(name) for name in covariates]
    scale = np.where(moments.mean[..., z] != 0.0, moments.mean[..., z], np.nan)
    r, cov = moments.mean[..., y] / scale, moments.cov
    yy = (cov[..., y, y] - 2.0 * r * cov[..., y, z] + r**2 * cov[..., z, z]) / scale**2
    xy = (cov[..., at, y] - r[..., None] * cov[..., at, z]) / scale[..., None]
    return _Arm(moments.n, r, np.maximum(yy, 0.0), xy, moments.only(covariates))


def _pair(control: _Arm, treatment: _Arm) -> Pair:
    arm0, arm1 = _adjust(control), _adjust(treatment)
    total = control.n + treatment.n
    df = _satterthwaite(arm0, arm1)
    if not control.x.names:
        return Pair(control.mean, treatment.mean, arm0.variance, np.zeros(()), arm1.variance, df, total)
    both = control.x + treatment.x
    shared = both.cov / np.maximum(both.n, 1.0)[..., None, None]
    return Pair(
        control.mean - _dot(arm0.slopes, control.x.mean - both.mean),
        treatment.mean - _dot(arm1.slopes, treatment.x.mean - both.mean),
        arm0.variance + _form(arm0.slopes, shared, arm0.slopes),
        _form(arm0.slopes, shared, arm1.slopes),
        arm1.variance + _form(arm1.slopes, shared, arm1.slopes),
        df,
        total,
    )


def _adjust(arm: _Arm) -> _Adjusted:
    """Slopes on the covariates and the residual variance of the mean, infinite where no df is left."""
    slopes, rank = _slopes(arm)
    df = arm.n - 1.0 - rank
    known = (df > 0.0) & np.isfinite(arm.mean)
    residual = np.maximum(arm.yy - _dot(slopes, arm.xy), 0.0) * (arm.n - 1.0)
    variance = np.divide(residual, np.where(known, df * arm.n, 1.0))
    return _Adjusted(np.where(known[..., None], slopes, 0.0), np.where(known, variance, np.inf), df)


def _slopes(arm: _Arm) -> tuple[Floats, Floats]:
    """Least squares on standardised covariates; constant and collinear ones get no weight and no df."""
    if not arm.x.names:
        return np.zeros((*arm.n.shape, 0)), np.zeros(arm.n.shape)
    spread = np.sqrt(np.diagonal(arm.x.cov, axis1=-2, axis2=-1))
    varies = spread > _SPREAD * np.abs(arm.x.mean)
    scale = np.where(varies, 1.0 / np.where(varies, spread, 1.0), 0.0)
    values, vectors = np.linalg.eigh(scale[..., :, None] * arm.x.cov * scale[..., None, :])
    keep = values > _COLLINEAR
    weight = np.where(keep, 1.0 / np.where(keep, values, 1.0), 0.0)
    rotated = np.einsum("...ij,...i->...j", vectors, np.nan_to_num(arm.xy) * scale)
    slopes = np.einsum("...ij,...j->...i", vectors, weight * rotated) * scale
    return slopes, keep.sum(axis=-1).astype(np.float64)


def _satterthwaite(arm0: _Adjusted, arm1: _Adjusted) -> Floats:
    """Welch-Satterthwaite from each arm's share of the variance; 1 where a variance is not known."""
    total = arm0.variance + arm1.variance
    known = np.isfinite(total)
    share = np.where(known & (total > 0.0), arm0.variance, 0.5) / np.where(known & (total > 0.0), total, 1.0)
    df0, df1 = np.where(known, arm0.df, 1.0), np.where(known, arm1.df, 1.0)
    return np.where(known, 1.0 / (share**2 / df0 + (1.0 - share) ** 2 / df1), 1.0)


def _dot(a: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...i,...i->...", a, b), dtype=np.float64)


def _form(a: Floats, matrix: Floats, b: Floats) -> Floats:
    return np.asarray(np.einsum("...i,...ij,...j->...", a, matrix, b), dtype=np.float64)
