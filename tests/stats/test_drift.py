"""Boundaries under an effect: power, where a test ends, and futility bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.integrate import quad
from scipy.optimize import brentq
from scipy.special import ndtr

from stats import HwangShihDeCani, boundaries, crossing_probabilities, exits, futility_bounds

LAWS = settings(deadline=None, derandomize=True, max_examples=40)
FIXED = {0.8: 2.8015852, 0.9: 3.2415156}  # the drift of one look, two-sided .05


def looks(k: int) -> np.ndarray:
    return np.arange(1, k + 1) / k


@pytest.mark.parametrize(
    ("k", "shape", "level", "printed"),
    [
        (2, 0.0, 0.8, 1.110), (5, 0.0, 0.8, 1.229), (10, 0.0, 0.8, 1.301), (5, 0.0, 0.9, 1.207),
        (2, 0.5, 0.8, 1.008), (5, 0.5, 0.8, 1.028), (10, 0.5, 0.8, 1.040), (5, 0.5, 0.9, 1.026),
    ],
)  # fmt: skip
def test_inflation_of_pocock_and_obrien_fleming_is_that_of_jennison_and_turnbull(k, shape, level, printed):
    # Tables 2.2 and 2.4 of Jennison & Turnbull 2000; bounds c t^-shape.
    t = looks(k)
    c = brentq(lambda c: crossing_probabilities(c * t**-shape, t)[-1] - 0.05, 1.9, 3.0)
    drift = brentq(lambda d: crossing_probabilities(c * t**-shape, t, drift=d)[-1] - level, 2.0, 5.0)
    assert (drift / FIXED[level]) ** 2 == pytest.approx(printed, abs=1e-3)


def test_the_default_design_of_gsdesign_comes_out():
    # Three looks, alpha .025, power .9, Hwang-Shih-DeCani -4 and -2, non-binding: as its manual prints it.
    t = looks(3)
    upper = boundaries(0.025, t, t, spending=HwangShihDeCani(-4.0), two_sided=False)

    def lower(drift: float) -> np.ndarray:
        return futility_bounds(upper, t, drift, 0.1, spending=HwangShihDeCani(-2.0))

    drift = brentq(lambda d: exits(upper, lower(d), t, d).upper[-1] - 0.9, 3.0, 4.0, xtol=1e-10)
    np.testing.assert_allclose(upper, [3.01, 2.55, 2.00], atol=0.005)
    np.testing.assert_allclose(lower(drift), [-0.24, 0.94, 2.00], atol=0.005)
    assert (drift / FIXED[0.9]) ** 2 == pytest.approx(1.070, abs=5e-4)
    spent = np.diff(exits(upper, lower(drift), t, drift).lower, prepend=0.0)
    np.testing.assert_allclose(spent, [0.0148, 0.0289, 0.0563], atol=5e-5)


def test_two_looks_under_an_effect_agree_with_plain_quadrature():
    bounds, drift, half = np.array([2.4, 2.0]), 1.7, np.sqrt(0.5)
    found = exits(bounds, -bounds, looks(2), drift)
    density = lambda z: np.exp(-((z - drift * half) ** 2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    up = quad(lambda z: density(z) * ndtr(half * z / half + drift * half - 2.0 / half), -2.4, 2.4, epsabs=1e-14)[0]
    down = quad(lambda z: density(z) * ndtr(-2.0 / half - half * z / half - drift * half), -2.4, 2.4, epsabs=1e-14)[0]
    np.testing.assert_allclose(found.upper, [ndtr(drift * half - 2.4), ndtr(drift * half - 2.4) + up], rtol=1e-10)
    np.testing.assert_allclose(found.lower, [ndtr(-drift * half - 2.4), ndtr(-drift * half - 2.4) + down], rtol=1e-8)


def test_walks_with_drift_end_where_the_integration_says():
    t, drift, paths = np.array([0.2, 0.3, 0.65, 1.0]), 1.2, 100_000
    upper, lower = np.array([2.5, 2.2, np.inf, 1.9]), np.array([-np.inf, -0.5, 0.0, 0.5])
    rng = np.random.default_rng(5)
    steps = np.diff(t, prepend=0.0)
    z = np.cumsum(rng.normal(drift * steps, np.sqrt(steps), (paths, 4)), axis=1) / np.sqrt(t)
    out = (z >= upper) | (z <= lower)
    ended = np.where(out.any(axis=1), out.argmax(axis=1), 4)
    up = (z >= upper)[np.arange(paths), np.minimum(ended, 3)]
    found = exits(upper, lower, t, drift)
    for look in range(4):
        for seen, said in ((up, found.upper), (~up, found.lower)):
            share = np.mean(seen & (ended <= look))
            assert share == pytest.approx(said[look], abs=4 * np.sqrt(max(said[look], 1e-9) / paths))


@LAWS
@given(seed=some.integers(0, 500), drift=some.floats(-6.0, 6.0))
def test_turning_the_effect_round_swaps_the_sides(seed, drift):
    rng = np.random.default_rng(seed)
    information = np.cumsum(rng.uniform(0.0, 1.0, 5)) + 0.1
    bounds = rng.uniform(1.5, 4.0, 5)
    one, other = exits(bounds, -bounds, information, drift), exits(bounds, -bounds, information, -drift)
    np.testing.assert_allclose(one.upper, other.lower, rtol=1e-9, atol=1e-15)
    assert (one.upper[-1] >= one.lower[-1]) == (drift >= 0.0) or abs(drift) < 1e-9
    assert (np.diff(one.upper) >= 0.0).all()
    assert one.upper[-1] + one.lower[-1] <= 1.0 + 1e-9


def test_many_drifts_at_once_are_those_one_by_one():
    t, drifts = looks(6), np.array([[0.0, 1.0, 2.5], [-3.0, 8.0, 40.0]])
    bounds = boundaries(0.05, t, t)
    batch = crossing_probabilities(bounds, t, drift=drifts)
    assert batch.shape == (2, 3, 6)
    for index in np.ndindex(drifts.shape):
        np.testing.assert_allclose(batch[index], crossing_probabilities(bounds, t, drift=drifts[index]), rtol=1e-12)
    assert batch[1, 2, -1] == pytest.approx(1.0, abs=1e-9)


@pytest.mark.slow
@LAWS
@given(k=some.integers(1, 7), drift=some.floats(1.0, 4.0), beta=some.sampled_from([0.05, 0.2]))
def test_futility_bounds_spend_their_beta_and_cost_no_error(k, drift, beta):
    t = looks(k)
    upper = boundaries(0.05, t, t, two_sided=False)
    lower = futility_bounds(upper, t, drift, beta)
    found = exits(upper, lower, t, drift)
    spent = 2 * ndtr(-brentq(lambda z: ndtr(-z) - beta / 2, 0.0, 5.0) / np.sqrt(t))
    free = lower < upper - 1e-9
    np.testing.assert_allclose(found.lower[free], spent[free], rtol=1e-6)
    assert (found.lower <= spent * (1 + 1e-6)).all()
    assert exits(upper, lower, t).upper[-1] <= 0.05 + 1e-9


def test_looks_without_new_information_do_not_change_the_power():
    bounds, drift = [2.5, np.inf, 2.0], 2.0
    plain = crossing_probabilities([2.5, 2.0], [1.0, 2.0], drift=drift)
    np.testing.assert_allclose(crossing_probabilities(bounds, [1.0, 1.0, 2.0], drift=drift)[[0, 2]], plain, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: exits([1.0], [2.0], [1.0]), "not above"),
        (lambda: exits([1.0, 2.0], [0.0], [1.0, 2.0]), "as many as"),
        (lambda: exits([1.0], [0.0], [0.0]), "no information"),
        (lambda: futility_bounds([2.0], [1.0], 0.0, 0.1), "drift is 0.0"),
        (lambda: futility_bounds([2.0], [1.0], 2.0, 1.0), "beta is 1.0"),
    ],
)
def test_impossible_boundaries_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
