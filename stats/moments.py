"""Moments: what the engine sees of the data. Per cell a number of units, and the means and covariances of
named columns. They add up over disjoint units, so shards and segments merge without the rows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from stats import checks
from stats.checks import Floats


@dataclass(frozen=True, eq=False)
class Moments:
    """Sample moments of k named columns over units, for any batch shape `[...]`.

    n: number of units, `[...]`. mean: `[..., k]`. cov: covariances with n - 1 in the denominator,
    `[..., k, k]`; zeros where n is 0 or 1. The arrays are copied and read-only.

    Errors: ValueError for shapes that do not fit, values that are not finite, a negative n or variance.
    """

    names: tuple[str, ...]
    n: Floats
    mean: Floats
    cov: Floats

    def __post_init__(self) -> None:
        object.__setattr__(self, "names", checks.column_names(self.names))
        for field in ("n", "mean", "cov"):
            array = checks.finite(f"Moments.{field}", getattr(self, field))
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        checks.moment_shapes(self.names, self.n, self.mean, self.cov)
        checks.at_least("Moments.n", self.n, 0.0)
        checks.at_least("a variance in Moments.cov", np.diagonal(self.cov, axis1=-2, axis2=-1), 0.0)

    @classmethod
    def of(cls, names: Sequence[str], rows: ArrayLike) -> "Moments":
        """Moments of rows `[..., units, k]`, one row per unit. Two passes, so large means lose nothing."""
        values = checks.finite("rows", rows)
        if values.ndim < 2 or values.shape[-1] != len(names):
            raise ValueError(f"rows have shape {values.shape}; give [units, {len(names)}] for {list(names)}.")
        units = values.shape[-2]
        mean = values.mean(axis=-2) if units else np.zeros((*values.shape[:-2], len(names)))
        centred = values - mean[..., None, :]
        cov = np.swapaxes(centred, -1, -2) @ centred / max(units - 1, 1)
        return cls(tuple(names), np.full(values.shape[:-2], float(units)), mean, cov)

    def __add__(self, other: "Moments") -> "Moments":
        """Merge with the moments of *other units* (Chan, Golub, LeVeque 1983; Pebay 2008).

        Only for disjoint units, such as shards or segments. The same unit on two days is one unit: total it
        first. Batch shapes broadcast. ValueError if the columns differ.
        """
        if not isinstance(other, Moments):
            return NotImplemented
        if self.names != other.names:
            raise ValueError(f"cannot merge {list(self.names)} with {list(other.names)}; columns must be the same.")
        n = self.n + other.n
        share = other.n / np.maximum(n, 1.0)
        delta = other.mean - self.mean
        mean = self.mean + share[..., None] * delta
        between = (self.n * share)[..., None, None] * (delta[..., :, None] * delta[..., None, :])
        squares = self._squares() + other._squares() + between
        return Moments(self.names, n, mean, squares / np.maximum(n - 1.0, 1.0)[..., None, None])

    def select(self, index: Any) -> "Moments":
        """The moments at one batch index (an integer, a slice or a tuple of them)."""
        return self._part(self.names, self.n[index], self.mean[index], self.cov[index])

    def only(self, names: Sequence[str]) -> "Moments":
        """The moments of these columns alone, in this order."""
        at = [self.column(name) for name in names]
        return self._part(checks.column_names(names), self.n, self.mean[..., at], self.cov[..., at, :][..., at])

    def column(self, name: str) -> int:
        """Position of a column; ValueError that names the closest one if there is none."""
        return self.names.index(checks.one_of("column", name, self.names))

    @staticmethod
    def _part(names: tuple[str, ...], *parts: Any) -> "Moments":
        """Moments from parts of n, mean and cov that were checked when they were made."""
        made = object.__new__(Moments)
        object.__setattr__(made, "names", names)
        for field, part in zip(("n", "mean", "cov"), parts, strict=True):
            array = np.asarray(part)
            array.setflags(write=False)
            object.__setattr__(made, field, array)
        return made

    def _squares(self) -> Floats:
        return np.maximum(self.n - 1.0, 0.0)[..., None, None] * self.cov
