"""Several hypotheses: adjusted p-values, and the level each hypothesis was tested at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import ndtr

from stats import benjamini_hochberg, benjamini_yekutieli, holm, holm_levels

# The fifteen p-values of Benjamini & Hochberg 1995, and R's p.adjust of them.
PAPER = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528, 0.759, 1.0]  # fmt: skip
HOLM = [0.0015, 0.0056, 0.0247, 0.114, 0.2211, 0.278, 0.278, 0.278, 0.3213, 1, 1, 1, 1, 1, 1]
BH = [0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.06385714285714, 0.06385714285714, 0.0645, 0.0765, 0.486, 0.5811818181818, 0.714875, 0.7532307692308, 0.8132142857143, 1]  # fmt: skip

P_VALUES = some.lists(some.floats(0.0, 1.0), min_size=1, max_size=12)
LAWS = settings(deadline=None, derandomize=True, max_examples=100)


@pytest.mark.parametrize(("method", "adjusted"), [(holm, HOLM), (benjamini_hochberg, BH)])
def test_adjusted_p_values_are_those_of_r_in_any_order(method, adjusted):
    np.testing.assert_allclose(method(PAPER), adjusted, rtol=1e-9)
    order = np.random.default_rng(0).permutation(len(PAPER))
    np.testing.assert_allclose(method(np.array(PAPER)[order]), np.array(adjusted)[order], rtol=1e-9)


def test_yekutieli_pays_for_dependence_by_the_harmonic_sum():
    expected = np.minimum(np.array(BH) * (1 / np.arange(1, 16)).sum(), 1.0)
    np.testing.assert_allclose(benjamini_yekutieli(PAPER), expected, rtol=1e-9)


@LAWS
@given(p=P_VALUES, alpha=some.sampled_from([0.01, 0.05, 0.2]))
def test_a_hypothesis_is_rejected_exactly_where_its_p_is_within_its_own_level(p, alpha):
    levels, values = holm_levels(p, alpha), np.array(p)
    on_the_edge = np.isclose(holm(p), alpha, rtol=1e-9)
    np.testing.assert_array_equal((values <= levels)[~on_the_edge], (holm(p) <= alpha)[~on_the_edge])
    assert (levels >= alpha / values.size * (1 - 1e-12)).all()
    assert (levels <= alpha).all()


def test_levels_step_up_while_rejections_last_and_then_stay():
    np.testing.assert_allclose(holm_levels([0.3, 0.001, 0.02, 0.9], 0.06), [0.03, 0.015, 0.02, 0.03])
    np.testing.assert_allclose(holm_levels([0.3, 0.2], 0.05), [0.025, 0.025])
    np.testing.assert_allclose(holm_levels([0.01], 0.05), [0.05])


@pytest.mark.slow
def test_holm_keeps_the_chance_of_any_false_rejection():
    rng = np.random.default_rng(61)
    z = rng.normal(size=(20_000, 4)) * 0.8 + rng.normal(size=(20_000, 1)) * 0.6
    p = 2 * ndtr(-np.abs(z))
    wrong = np.mean([(holm(row) <= 0.05).any() for row in p])
    assert wrong <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / len(p))


@pytest.mark.parametrize(
    ("p", "message"), [([1.2], "outside 0 to 1"), ([np.nan], "p holds nan"), ([[0.1]], "2 dimens")]
)
def test_what_is_no_p_value_is_refused(p, message):
    with pytest.raises(ValueError, match=message):
        holm(p)
