"""Caps: a few units with huge totals make up most of a mean's noise. Cut at one value, the same in every arm, they
leave a mean that is a little smaller and far steadier. A cap is chosen before launch, or from a period before it.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats

CUTS_NOTHING = "no total lies above the cap: it changes nothing"
CUTS_ALL = "the cap leaves every unit the same total: no effect could be seen any more. Take a higher percentile"


class Caps(NamedTuple):
    """What caps at some percentiles would do, `[percentiles]`.

    value: the cap, in the metric's unit: a total that some unit has. above: units that it cuts. kept: the share of
    the sum of all totals that is left (NaN where that sum is 0). error: the standard error of a mean with the cap
    over that without, so that 1 - error^2 of the units are saved for the same precision; 1 where nothing varies.
    flags: in words, what holds of at least one percentile.
    """

    value: Floats
    above: NDArray[np.intp]
    kept: Floats
    error: Floats
    flags: tuple[str, ...]


def caps(totals: ArrayLike, percentiles: ArrayLike = (0.95, 0.99, 0.995, 0.999)) -> Caps:
    """Caps at pooled percentiles (winsorising, Dixon 1960): the least total that so many units do not exceed.

    totals: per unit, of all arms together, `[units]`; units without any event count with 0, and units that met two
    variants are left out, as they are of effects. percentiles: between 0 and 1, `[percentiles]`.

    Errors: ValueError for no units, totals that are not finite, or percentiles that are not between 0 and 1.
    """
    x = checks.finite("totals", totals)
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"totals have shape {x.shape}; give one total per unit, of at least one unit.")
    levels = [checks.level("a percentile", float(p)) for p in np.atleast_1d(np.asarray(percentiles, dtype=np.float64))]
    value = np.asarray(np.quantile(x, levels, method="inverted_cdf"))
    cut = np.minimum(x, value[:, None])
    above = (x > value[:, None]).sum(axis=1)
    sd, before, total = cut.std(axis=1), float(x.std()), float(x.sum())
    kept = cut.sum(axis=1) / total if total else np.full(len(levels), np.nan)
    error = sd / before if before else np.ones(len(levels))
    found = {CUTS_NOTHING: above == 0, CUTS_ALL: (sd == 0) & (before > 0)}
    return Caps(value, above, kept, error, tuple(words for words, where in found.items() if where.any()))
