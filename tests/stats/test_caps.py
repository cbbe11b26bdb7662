"""Caps: where they lie, what they cut, and what they save."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from stats import Moments, caps, mean, standard_error
from stats.caps import CUTS_ALL, CUTS_NOTHING

TOTALS = some.lists(some.floats(-100, 1e6), min_size=2, max_size=60)


@given(totals=TOTALS, percentile=some.floats(0.05, 0.999))
def test_a_cap_is_somebodys_total_and_cuts_at_most_the_share_above_its_percentile(totals, percentile):
    found = caps(totals, percentile)
    assert found.value[0] in totals
    assert found.above[0] == sum(x > found.value[0] for x in totals)
    assert found.above[0] <= (1 - percentile) * len(totals) + 1e-9
    assert found.error[0] <= 1 + 1e-12


def test_what_it_saves_is_the_standard_error_of_the_same_comparison_with_capped_rows():
    rng = np.random.default_rng(1)
    totals = np.where(rng.random(20_000) < 0.05, rng.lognormal(3, 1, 20_000), 0.0)
    found = caps(totals, [0.99, 0.999])
    assert found.flags == ()

    def error(rows):
        arms = Moments.of(("y",), rows.reshape(2, -1, 1))
        return float(standard_error(mean(arms.select(0), arms.select(1), "y")))

    for value, kept, saved in zip(found.value, found.kept, found.error, strict=True):
        cut = np.minimum(totals, value)
        assert saved == pytest.approx(error(cut) / error(totals), rel=1e-3), "arms differ by chance"
        assert kept == pytest.approx(cut.sum() / totals.sum(), rel=1e-12)
    assert found.error[0] < 0.8, "a cap at the 99th percentile saves a third of the units of such a metric"


def test_scaling_a_metric_scales_its_cap_and_nothing_else():
    totals = np.random.default_rng(2).lognormal(0, 2, 500)
    one, thousand = caps(totals), caps(1_000 * totals)
    np.testing.assert_allclose(thousand.value, 1_000 * one.value)
    np.testing.assert_allclose(thousand.error, one.error)
    np.testing.assert_allclose(thousand.kept, one.kept)
    np.testing.assert_array_equal(thousand.above, one.above)


def test_a_cap_that_cuts_nobody_or_levels_everybody_says_so():
    assert caps([1.0, 2.0, 3.0], 0.9).flags == (CUTS_NOTHING,)
    levelled = caps([0.0] * 98 + [5.0, 7.0], 0.95)
    assert (levelled.value[0], levelled.flags) == (0.0, (CUTS_ALL,))
    nothing = caps([0.0, 0.0])
    assert np.isnan(nothing.kept).all()
    assert (nothing.error == 1.0).all()
    assert nothing.flags == (CUTS_NOTHING,)


@pytest.mark.parametrize(
    ("totals", "percentile", "says"),
    [
        ([], 0.9, "at least one unit"),
        ([1.0, np.nan], 0.9, "finite"),
        ([1.0], 99, "strictly between 0 and 1"),
        ([[1.0]], 0.9, "one total per unit"),
    ],
)
def test_what_makes_no_cap_is_refused_in_words(totals, percentile, says):
    with pytest.raises(ValueError, match=says):
        caps(totals, percentile)
