"""Margins: not worse than a margin, or the same within one, by shifting the null value of any rule's one-sided test
(two one-sided tests, Schuirmann 1987).
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stats import checks
from stats.checks import Floats
from stats.estimate import Pair
from stats.infer import Rule, statistic


class NonInferiority(NamedTuple):
    """The test against the margin, `[...]`: its statistic towards safety, its p-value, and whether it is shown
    at the rule's alpha, all of it on this one side.
    """

    statistic: Floats
    p_value: Floats
    shown: NDArray[np.bool_]


class Equivalence(NamedTuple):
    """Two one-sided tests, `[...]`: above low, below high, and both (the larger p-value); shown at alpha each."""

    p_low: Floats
    p_high: Floats
    p_value: Floats
    shown: NDArray[np.bool_]


def non_inferiority(
    pair: Pair, rule: Rule, margin: ArrayLike, *, absolute: bool = False, lower_is_better: bool = False
) -> NonInferiority:
    """Whether treatment is worse by less than `margin`: rejects m1 <= (1 - margin) m0, see `NonInferiority`.

    margin: the loss that is tolerated, at least 0, relative unless `absolute` (then m1 <= m0 - margin). Where
    lower is better, rejects m1 >= (1 + margin) m0. The rule's alpha is spent on one side; guardrails of one
    plan need no split, since all must pass (Berger 1982). Where nothing can be tested p is not small.

    Errors: ValueError for a margin that is negative or not finite.
    """
    size = checks.finite("margin", margin)
    checks.at_least("margin", size, 0.0)
    worth = size if lower_is_better else -size
    z = statistic(pair, worth, absolute=absolute)
    towards = -z if lower_is_better else z
    p = rule.p_value(pair, worth, absolute=absolute, side="less" if lower_is_better else "greater")
    return NonInferiority(towards, p, towards >= rule.critical(pair, "less" if lower_is_better else "greater"))


def equivalence(pair: Pair, rule: Rule, low: ArrayLike, high: ArrayLike, *, absolute: bool = False) -> Equivalence:
    """Whether the change lies between `low` and `high` (Schuirmann 1987), see `Equivalence`.

    low, high: changes, relative unless `absolute`. Each side is tested at the whole of the rule's alpha.

    Errors: ValueError unless low is below high and both are finite.
    """
    below, above = checks.finite("low", low), checks.finite("high", high)
    if not (below < above).all():
        raise ValueError(f"the range runs from {low!r} to {high!r}; low must be below high.")
    p_low = rule.p_value(pair, below, absolute=absolute, side="greater")
    p_high = rule.p_value(pair, above, absolute=absolute, side="less")
    shown_low = statistic(pair, below, absolute=absolute) >= rule.critical(pair, "greater")
    shown_high = -statistic(pair, above, absolute=absolute) >= rule.critical(pair, "less")
    return Equivalence(p_low, p_high, np.maximum(p_low, p_high), shown_low & shown_high)
