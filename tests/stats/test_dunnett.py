"""Several treatments against one control."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.special import ndtr
from scipy.stats import dunnett as scipy_dunnett
from scipy.stats import multivariate_normal

from stats import dunnett, dunnett_bound

LAWS = settings(deadline=None, derandomize=True, max_examples=40)


@pytest.mark.parametrize(
    ("df", "treatments", "side", "printed"),
    [
        (10, 2, "both", 2.57), (10, 3, "both", 2.76), (20, 2, "both", 2.38), (20, 3, "both", 2.54),
        (20, 4, "both", 2.65), (np.inf, 2, "both", 2.21), (np.inf, 3, "both", 2.35), (np.inf, 4, "both", 2.44),
        (5, 3, "greater", 2.68), (5, 9, "greater", 3.30), (20, 2, "greater", 2.03), (20, 3, "greater", 2.19),
        (np.inf, 2, "greater", 1.92), (np.inf, 3, "greater", 2.06),
    ],
)  # fmt: skip
def test_dunnetts_tables_at_five_per_cent_come_out(df, treatments, side, printed):
    # Dunnett 1955 (one side) and 1964 (two sides), even arms.
    assert dunnett_bound(0.05, 0.5, df, treatments=treatments, side=side) == pytest.approx(printed, abs=0.0051)


@pytest.mark.parametrize("side", ["both", "greater", "less"])
def test_uneven_arms_agree_with_scipy_which_draws_at_random(side):
    rng = np.random.default_rng(1)
    control, arms = rng.normal(0.0, 1.0, 20), [rng.normal(0.5, 1.0, n) for n in (8, 30, 15)]
    names = {"both": "two-sided", "greater": "greater", "less": "less"}
    other = scipy_dunnett(*arms, control=control, alternative=names[side], rng=np.random.default_rng(2))
    n = np.array([8, 30, 15])
    np.testing.assert_allclose(dunnett(other.statistic, n / (n + 20), 69, side=side), other.pvalue, atol=3e-4)


@pytest.mark.slow
def test_three_treatments_with_many_units_agree_with_the_multivariate_normal():
    shares = np.array([0.2, 0.5, 0.7])
    cov = np.sqrt(np.outer(shares, shares))
    np.fill_diagonal(cov, 1.0)
    normal = multivariate_normal(np.zeros(3), cov, seed=3, abseps=1e-9, releps=1e-9, maxpts=2_000_000)
    inside = normal.cdf([2.1] * 3)
    assert dunnett([2.1, 0.0, 0.0], shares, side="greater")[0] == pytest.approx(1 - inside, rel=1e-5)


@pytest.mark.slow
@LAWS
@given(
    t=some.lists(some.floats(-12.0, 12.0), min_size=1, max_size=4),
    share=some.sampled_from([0.05, 0.5, 0.9]),
    df=some.sampled_from([4.0, 60.0, np.inf]),
    side=some.sampled_from(["both", "greater"]),
)
def test_adjusted_p_lies_between_that_of_one_test_and_bonferronis(t, share, df, side):
    found = dunnett(t, share, df, side=side)
    single = np.array([dunnett([value], share, df, side=side)[0] for value in t])
    assert (found >= single * (1 - 1e-9)).all()
    assert (found <= np.minimum(len(t) * single, 1.0) * (1 + 1e-9)).all()
    order = np.argsort(np.abs(t) if side == "both" else t)
    assert (np.diff(found[order]) <= 1e-12).all()


@pytest.mark.parametrize("side", ["both", "less"])
def test_the_bound_is_where_the_adjusted_p_is_alpha(side):
    shares = [0.3, 0.5, 0.8]
    bound = dunnett_bound(0.05, shares, 25.0, side=side)
    sign = -1.0 if side == "less" else 1.0
    np.testing.assert_allclose(dunnett([sign * bound] * 3, shares, 25.0, side=side), 0.05, rtol=1e-8)


def test_one_treatment_is_an_ordinary_test_and_tiny_p_keep_their_digits():
    assert dunnett([-1.96], 0.5)[0] == pytest.approx(2 * ndtr(-1.96), rel=1e-9)
    assert 1.0 <= dunnett([20.0, 0.0], 0.5)[0] / (2 * ndtr(-20.0)) <= 2.0


def test_the_chance_of_any_false_rejection_is_alpha():
    rng = np.random.default_rng(9)
    runs, n = 40_000, np.array([100, 50, 200])
    noise = rng.normal(size=(runs, 1)) / np.sqrt(80)
    z = (rng.normal(size=(runs, 3)) / np.sqrt(n) - noise) / np.sqrt(1 / n + 1 / 80)
    wrong = (np.abs(z) >= dunnett_bound(0.05, n / (n + 80))).any(axis=1).mean()
    assert wrong == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / runs))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dunnett([1.0, 2.0], 1.0), "strictly between 0 and 1"),
        (lambda: dunnett([1.0, 2.0], [0.5, 0.5, 0.5]), "one per treatment"),
        (lambda: dunnett([np.nan], 0.5), "t holds nan"),
        (lambda: dunnett_bound(0.05, 0.5, side="upper"), "unknown side 'upper'"),
    ],
)
def test_what_is_no_family_of_treatments_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
