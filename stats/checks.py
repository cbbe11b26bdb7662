"""Argument checks of the whole engine, in one place: each message shows the value and the rule."""

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def finite(name: str, values: ArrayLike) -> Floats:
    """Return `values` as a float array of its own; ValueError if any is NaN or infinite."""
    array = np.array(values, dtype=np.float64)
    if np.count_nonzero(np.isfinite(array)) < array.size:
        bad = array[~np.isfinite(array)].flat[0]
        raise ValueError(f"{name} holds {bad}; every value must be a finite number. Clean the rows first.")
    return array


def at_least(name: str, values: Floats, low: float) -> None:
    """ValueError unless every value is `low` or more."""
    if np.count_nonzero(values < low):
        raise ValueError(f"{name} holds {values.min():g}; it must be at least {low:g}.")


def level(name: str, value: float) -> float:
    """Return an error level or a probability strictly between 0 and 1, else ValueError."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} is {value!r}; it must lie strictly between 0 and 1, for instance 0.05.")
    return float(value)


def positive(name: str, value: float) -> float:
    """Return a finite number above 0, else ValueError."""
    if not (np.isfinite(value) and value > 0.0):
        raise ValueError(f"{name} is {value!r}; it must be a finite number above 0.")
    return float(value)


def probabilities(name: str, values: ArrayLike) -> Floats:
    """Return a one-dimensional array of probabilities in [0, 1], else ValueError."""
    array = finite(name, values)
    if array.ndim != 1:
        raise ValueError(f"{name} has {array.ndim} dimensions; give one list of numbers.")
    if ((array < 0.0) | (array > 1.0)).any():
        raise ValueError(f"{name} holds values outside 0 to 1: {array.tolist()}.")
    return array


def one_of(name: str, value: str, allowed: Sequence[str]) -> str:
    """Return `value` if it is allowed; else ValueError that names the closest word."""
    if value in allowed:
        return value
    raise ValueError(f"unknown {name} {value!r}{_did_you_mean(value, allowed)}; one of: {', '.join(allowed)}.")


def column_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names as a tuple; ValueError if one of them stands twice."""
    twice = sorted({name for name in names if list(names).count(name) > 1})
    if twice:
        raise ValueError(f"column {twice[0]!r} is named twice in {list(names)}; each column needs its own name.")
    return tuple(names)


def moment_shapes(names: Sequence[str], n: Floats, mean: Floats, cov: Floats) -> None:
    """ValueError unless n, mean and cov have shapes [...], [..., k] and [..., k, k] for k names."""
    k = len(names)
    if mean.shape != (*n.shape, k) or cov.shape != (*n.shape, k, k):
        raise ValueError(
            f"shapes do not fit {k} columns: n {n.shape}, mean {mean.shape}, cov {cov.shape}; "
            "they must be [...], [..., k] and [..., k, k] with the same batch shape."
        )


def looks(fractions: ArrayLike, information: ArrayLike) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return spending times and information of the looks so far as tuples.

    Errors: ValueError if they differ in length, a fraction lies outside 0 to 1 or falls, or an information
    is negative.
    """
    times = np.atleast_1d(finite("fractions", fractions))
    units = np.atleast_1d(finite("information", information))
    if times.shape != units.shape or times.ndim != 1 or times.size == 0:
        raise ValueError(f"{times.size} fractions but {units.size} informations; give one of each per look.")
    if ((times < 0.0) | (times > 1.0)).any() or (np.diff(times) < 0.0).any():
        raise ValueError(f"fractions are {times.tolist()}; they must lie in 0 to 1 and never fall.")
    at_least("information", units, 0.0)
    return tuple(times.tolist()), tuple(units.tolist())


def _did_you_mean(value: str, allowed: Sequence[str]) -> str:
    close = get_close_matches(value, allowed, n=1)
    return f", did you mean {close[0]!r}?" if close else ""
