"""Sample ratio mismatch: right numbers, and few false alarms however often one looks."""

import numpy as np
import pytest
from scipy.integrate import quad

from stats import srm_chi_square, srm_sequential


@pytest.mark.parametrize(
    ("counts", "odds", "p"),
    [((5_100, 4_900), 0.7192747246537329, 1.0), ((5_300, 4_700), 5520680.4660561355, 1.811370910068954e-07)],
)
def test_the_bayes_factor_is_that_of_the_authors_program(counts, odds, p):
    result = srm_sequential(counts, [0.5, 0.5])
    assert np.exp(result.log_bayes_factor) == pytest.approx(odds, rel=1e-8)
    assert result.p_value == pytest.approx(p, rel=1e-8)


def test_the_bayes_factor_is_the_integral_of_the_likelihood_ratio_over_the_prior():
    beta = lambda q: q**29 * (1 - q) ** 69  # noqa: E731  Beta(30, 70): concentration 100 around .3
    ratio = lambda q: (q / 0.3) ** 45 * ((1 - q) / 0.7) ** 60  # noqa: E731
    exact = quad(lambda q: beta(q) * ratio(q), 0, 1)[0] / quad(beta, 0, 1)[0]
    assert np.exp(srm_sequential([45, 60], [3, 7]).log_bayes_factor) == pytest.approx(exact, rel=1e-7)


@pytest.mark.parametrize(
    ("counts", "weights", "statistic", "df", "p"),
    [
        ((821_588, 815_482), (1, 1), 22.774368841894, 1, 1.821792872619e-06),  # Kohavi, Tang, Xu 2020
        ((44_700, 45_489), (50, 50), 6.9024049496058275, 1, 0.008607987810836262),
        ((10_050, 9_800, 10_150), (1, 1, 1), 6.5, 2, 0.03877420783172202),
        ((21_306, 21_307, 21_387), (1, 1, 1), 0.20253125, 2, 0.9036929575604196),
        ((10_050, 9_800, 10_150, 0), (1, 1, 1, 0), 6.5, 2, 0.03877420783172202),
    ],
)
def test_chi_square_counts_only_arms_with_weight(counts, weights, statistic, df, p):
    result = srm_chi_square(counts, weights)
    assert (float(result.statistic), result.df) == (pytest.approx(statistic, rel=1e-10), df)
    assert result.p_value == pytest.approx(p, rel=1e-9)


def test_an_arm_of_no_weight_changes_nothing_while_empty_and_is_a_certain_mismatch_when_not():
    assert srm_sequential([510, 490, 0], [1, 1, 0]).log_bayes_factor == pytest.approx(
        float(srm_sequential([510, 490], [1, 1]).log_bayes_factor), rel=1e-12
    )
    assert srm_sequential([510, 490, 1], [1, 1, 0]).p_value == 0.0
    assert srm_sequential([510, 490, 1], [1, 1, 0]).log_bayes_factor == np.inf
    assert srm_chi_square([510, 490, 1], [1, 1, 0]).p_value == 0.0


def test_no_units_and_one_arm_are_no_mismatch():
    assert srm_sequential([0, 0], [1, 3]).p_value == 1.0
    assert srm_chi_square([0, 0], [1, 3]).p_value == 1.0
    assert srm_chi_square([50], [1]).p_value == 1.0
    assert srm_sequential([50], [1]).p_value == pytest.approx(1.0)


def test_daily_looks_for_four_weeks_raise_hardly_any_false_alarm():
    rng = np.random.default_rng(51)
    counts = rng.multinomial(500, [0.5, 0.3, 0.2], size=(20_000, 28)).cumsum(axis=1)
    ever = srm_sequential(counts, [5, 3, 2]).p_value.min(axis=1)
    assert (ever <= 0.01).mean() <= 0.01
    assert (ever <= 0.001).mean() <= 0.002
    # The reason for the sequential test: chi-square at .001, read daily, raises several times as many.
    assert (srm_chi_square(counts, [5, 3, 2]).p_value.min(axis=1) <= 0.001).mean() > 0.005


def test_a_real_mismatch_is_found():
    rng = np.random.default_rng(52)
    counts = rng.binomial(2_000, 0.52, size=(1_000, 14)).cumsum(axis=1)
    both = np.stack([counts, 2_000 * np.arange(1, 15) - counts], axis=-1)
    assert (srm_sequential(both, [1, 1]).p_value.min(axis=1) <= 0.01).mean() > 0.95


@pytest.mark.parametrize(
    ("counts", "weights", "message"),
    [
        ([10, -1], [1, 1], "counts holds -1"),
        ([10, 20], [1, 1, 1], "do not fit 3 weights"),
        ([10, 20], [0, 0], "at least one arm needs a positive weight"),
        ([10, np.nan], [1, 1], "counts holds nan"),
    ],
)
def test_counts_and_weights_that_make_no_sense_are_refused(counts, weights, message):
    for test in (srm_sequential, srm_chi_square):
        with pytest.raises(ValueError, match=message):
            test(counts, weights)
