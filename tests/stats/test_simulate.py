"""Simulated walks: their means, variances and correlations are those of units that were drawn one by one."""

import numpy as np
import pytest

from stats import mean
from stats.moments import Moments
from stats.simulate import running_means, running_pair, steps


def test_steps_are_standard_normal_and_correlate_between_metrics_but_not_between_arms_or_looks():
    drawn = steps(3, (20_000, 2), np.random.default_rng(1), correlation=0.3)
    found = np.corrcoef(drawn.transpose(0, 1, 3, 2).reshape(12, -1))
    wanted = np.kron(0.3 + 0.7 * np.eye(3), np.eye(4))
    assert np.abs(found - wanted).max() < 5 / np.sqrt(20_000)
    assert np.abs(drawn.std(axis=2) - 1).max() < 5 / np.sqrt(2 * 20_000)


def test_a_matrix_of_correlations_is_followed_and_one_number_is_that_matrix():
    matrix = np.array([[1.0, 0.0, 0.0], [0.0, 1.0, 0.6], [0.0, 0.6, 1.0]])
    found = np.corrcoef(steps(3, (40_000,), np.random.default_rng(2), correlation=matrix)[:, 0])
    assert np.abs(found - matrix).max() < 5 / np.sqrt(40_000)
    same = [steps(2, (5,), np.random.default_rng(3), correlation=c) for c in (0.4, [[1.0, 0.4], [0.4, 1.0]])]
    np.testing.assert_array_equal(*same)


def test_the_running_mean_is_that_of_units_drawn_one_by_one():
    units = np.random.default_rng(4).standard_normal((5, 30))
    each = running_means(units, np.arange(1.0, 31))
    np.testing.assert_allclose(each, np.cumsum(units, axis=1) / np.arange(1, 31), rtol=1e-12)


def test_a_day_without_new_units_leaves_the_mean_as_it_was_and_no_units_have_the_mean_zero():
    found = running_means(np.ones((1, 4)), [0.0, 4.0, 4.0, 9.0])
    np.testing.assert_allclose(found, [[0.0, 0.5, 0.5, (2 + np.sqrt(5)) / 9]])


def test_a_simulated_pair_varies_as_pairs_of_drawn_units_do():
    rng, runs = np.random.default_rng(5), 20_000
    pair = running_pair(steps(1, (runs, 2), rng)[0], ([10.0, 40.0], [5.0, 20.0]), (3.0, 4.0), 2.0)
    drawn = [Moments.of(("y",), m + 2 * rng.standard_normal((runs, n, 1))) for m, n in ((3.0, 40), (4.0, 20))]
    real = mean(*drawn, "y")
    for simulated, units in ((pair.m0[:, 1], real.m0), (pair.m1[:, 1], real.m1)):
        assert simulated.mean() == pytest.approx(units.mean(), abs=5 * units.std() / np.sqrt(runs / 2))
        assert simulated.std() == pytest.approx(units.std(), rel=5 / np.sqrt(runs))
    np.testing.assert_allclose(pair.v00[0], [4 / 10, 4 / 40])
    np.testing.assert_allclose(pair.v11[0], [4 / 5, 4 / 20])
    np.testing.assert_array_equal(pair.n[0], [15, 60])
    assert np.corrcoef(pair.m0.T)[0, 1] == pytest.approx(0.5, abs=0.03), "10 of 40 units are shared"


def test_an_arm_of_one_unit_or_none_has_a_variance_that_nobody_knows():
    pair = running_pair(np.ones((2, 1, 3)), ([0.0, 1.0, 2.0], [2.0, 2.0, 2.0]), (0.0, 0.0))
    np.testing.assert_array_equal(pair.v00, [[np.inf, np.inf, 0.5]])
    np.testing.assert_array_equal(pair.df, [[1.0, 1.0, 2.0]])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: steps(3, (2,), np.random.default_rng(), correlation=-0.6), "bring it nearer 0"),
        (lambda: steps(2, (2,), np.random.default_rng(), correlation=[[2.0, 0.0], [0.0, 2.0]]), "a matrix of 2 rows"),
        (lambda: running_means(np.ones(2), [2.0, 1.0]), "at least 0"),
        (lambda: running_pair(np.ones((2, 1)), ([1.0], [1.0]), (0.0, 0.0), -1.0), "sd holds -1"),
    ],
)
def test_what_cannot_be_simulated_is_refused_in_words(call, says):
    with pytest.raises(ValueError, match=says):
        call()
