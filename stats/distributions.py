"""The two distributions that tests speak in, normal and Student t, as upper tails: tails keep their digits
where probabilities near 1 would lose them.
"""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from stats.checks import Floats


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
    """The t with P(T >= t) = tail; infinite where the tail is 0."""
    p = np.asarray(tail, dtype=np.float64)
    bound = -np.asarray(stdtrit(df, p), dtype=np.float64)
    return np.where(p == 0.0, np.inf, bound)


def normal_to_t(z: ArrayLike, df: ArrayLike) -> Floats:
    """The t value whose tail equals that of z: carries a normal boundary over to few degrees of freedom."""
    value = np.asarray(z, dtype=np.float64)
    return np.copysign(t_bound(normal_tail(np.abs(value)), df), value)


def t_to_normal(t: ArrayLike, df: ArrayLike) -> Floats:
    """The z value whose tail equals that of t; the inverse of `normal_to_t`."""
    value = np.asarray(t, dtype=np.float64)
    return np.copysign(normal_bound(t_tail(np.abs(value), df)), value)
