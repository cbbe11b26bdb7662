"""The trap: adding moments is right for disjoint units only, and days are not: the same unit comes again."""

import numpy as np
import pytest

from stats import Fixed, Moments, mean

UNITS, DAYS, RULE = 2_000, 14, Fixed(0.05)


def false_positives(as_if_disjoint: bool, repetitions: int) -> float:
    """Share of A/A experiments called significant; a unit's own level varies as much as its days do."""
    rng = np.random.default_rng(71)
    return float(np.mean([_significant(rng, as_if_disjoint) for _ in range(repetitions)]))


def _significant(rng: np.random.Generator, as_if_disjoint: bool) -> bool:
    days = rng.normal(size=(2, 1, UNITS, 1)) + rng.normal(size=(2, DAYS, UNITS, 1))
    if as_if_disjoint:
        parts = Moments.of(["y"], days)
        arms = parts.select((slice(None), 0))
        for day in range(1, DAYS):
            arms = arms + parts.select((slice(None), day))
    else:
        arms = Moments.of(["y"], days.sum(axis=1))
    return bool(RULE.p_value(mean(arms.select(0), arms.select(1), "y")) <= RULE.alpha)


@pytest.mark.slow
def test_totals_per_unit_first_give_five_percent_false_positives():
    assert 0.03 < false_positives(as_if_disjoint=False, repetitions=800) < 0.07


@pytest.mark.slow
def test_adding_days_as_if_they_were_other_units_gives_almost_half():
    assert 0.38 < false_positives(as_if_disjoint=True, repetitions=400) < 0.56
