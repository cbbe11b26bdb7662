"""The two distributions that tests speak in, normal and Student t, as upper tails: tails keep their digits
where probabilities near 1 would lose them.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from stats.checks import Floats

# Where df >= _MANY and z^2 <= _NEAR df, five terms of the expansion err by less than 3e-15 of the quantile.
_MANY, _NEAR = 500.0, 0.02


def normal_tail(z: ArrayLike) -> Floats:
    """P(Z >= z) of a standard normal."""
    return np.asarray(ndtr(-np.asarray(z, dtype=np.float64)), dtype=np.float64)


def normal_bound(tail: ArrayLike) -> Floats:
    """The z with P(Z >= z) = tail; infinite where the tail is 0."""
    return -np.asarray(ndtri(np.asarray(tail, dtype=np.float64)), dtype=np.float64)


def t_tail(t: ArrayLike, df: ArrayLike) -> Floats:
    """P(T >= t) of Student's t with df degrees of freedom (df may be infinite)."""
    return np.asarray(stdtr(df, -np.asarray(t, dtype=np.float64)), dtype=np.float64)


def t_bound(tail: ArrayLike, df: ArrayLike) -> Floats:
    """The t with P(T >= t) = tail, a probability up to .5; infinite where the tail is 0.

    With many degrees of freedom by expansion about the normal quantile, else by inversion of the distribution.
    """
    p, freedom = np.asarray(tail, dtype=np.float64), np.asarray(df, dtype=np.float64)
    z = normal_bound(p)
    many = (freedom >= np.maximum(z * z / _NEAR, _MANY)) & (p > 0.0)
    if np.count_nonzero(many) == many.size:
        return _expanded(z, freedom)
    bound = np.where(many, _expanded(z, np.where(many, freedom, 1.0)), np.inf)
    rest = ~many & (p > 0.0)
    bound[rest] = -stdtrit(*(np.broadcast_to(x, bound.shape)[rest] for x in (freedom, p)))
    return bound


def normal_to_t(z: ArrayLike, df: ArrayLike) -> Floats:
    """The t value whose tail equals that of z: carries a normal boundary over to few degrees of freedom."""
    value = np.asarray(z, dtype=np.float64)
    return np.copysign(t_bound(normal_tail(np.abs(value)), df), value)


def t_to_normal(t: ArrayLike, df: ArrayLike) -> Floats:
    """The z value whose tail equals that of t; the inverse of `normal_to_t`."""
    value = np.asarray(t, dtype=np.float64)
    return np.copysign(normal_bound(t_tail(np.abs(value), df)), value)


def _expanded(z: Floats, df: Floats) -> Floats:
    """Student's quantile from the normal one, in powers of 1/df (Fisher and Cornish 1960; Abramowitz and Stegun 1964,
    26.7.5, without the last term).
    """
    s = z * z
    terms = (
        (s + 1.0) / 4.0,
        ((5.0 * s + 16.0) * s + 3.0) / 96.0,
        (((3.0 * s + 19.0) * s + 17.0) * s - 15.0) / 384.0,
        ((((79.0 * s + 776.0) * s + 1482.0) * s - 1920.0) * s - 945.0) / 92160.0,
        (((((27.0 * s + 339.0) * s + 930.0) * s - 1782.0) * s - 765.0) * s + 17955.0) / 368640.0,
    )
    total: Floats | float = 0.0
    for term in reversed(terms):
        total = (total + term) / df
    return np.asarray(z * (1.0 + total))
