"""Margins: non-inferiority and equivalence agree with the intervals of the same rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stats import AlwaysValid, Fixed, GroupSequential, Moments, Pair, equivalence, estimate, mean, non_inferiority

LAWS = settings(deadline=None, derandomize=True, max_examples=100)
RULES = [Fixed(0.05), AlwaysValid(0.05, planned=3_000), GroupSequential(0.05, (0.5, 1.0), (50.0, 100.0))]
CONTROL = [2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 3.3]
TREATMENT = [4.2, 5.1, 3.9, 6.8, 5.5, 4.9, 7.1, 3.2, 5.8, 4.4]


def rows() -> Pair:
    return mean(*(Moments.of(("y",), np.array(part)[:, None]) for part in (CONTROL, TREATMENT)), "y")


def pairs() -> some.SearchStrategy[Pair]:
    return some.builds(
        lambda m0, d, s0, s1, df: Pair(m0, m0 + d, s0**2, 0.0, s1**2, df, 10 * df),
        some.floats(1.0, 5.0), some.floats(-0.4, 0.4), some.floats(0.01, 0.1), some.floats(0.01, 0.1),
        some.sampled_from([6.0, 80.0, 5_000.0]),
    )  # fmt: skip


def test_statsmodels_values_come_out():
    # ttest_ind(value=-0.5, alternative="larger") and ttost_ind(low=-1, upp=3), unequal variances.
    found = non_inferiority(rows(), Fixed(0.05), 0.5, absolute=True)
    np.testing.assert_allclose(found[:2], [3.7492347546508173, 0.0009410403004765128], rtol=1e-9)
    same = equivalence(rows(), Fixed(0.05), -1.0, 3.0, absolute=True)
    np.testing.assert_allclose(
        same[:3], [0.00016438563253715576, 0.020084220710676823, 0.020084220710676823], rtol=1e-9
    )
    assert same.shown


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@LAWS
@given(pair=pairs(), margin=some.sampled_from([0.0, 0.01, 0.05]), lower=some.booleans(), absolute=some.booleans())
def test_safe_is_said_exactly_if_the_bound_of_that_side_is_beyond_the_margin(rule, pair, margin, lower, absolute):
    found = non_inferiority(pair, rule, margin, absolute=absolute, lower_is_better=lower)
    c = rule.critical(pair, "less" if lower else "greater")
    if abs(found.statistic - c) < 1e-9:
        return  # on the boundary itself rounding decides
    result = estimate(pair, c, found.p_value)
    high, low = (result.high, result.low) if absolute else (result.relative_high, result.relative_low)
    assert bool(found.shown) == bool(found.p_value <= rule.alpha) == bool(high < margin if lower else low > -margin)


@pytest.mark.parametrize("rule", RULES[:2], ids=lambda rule: type(rule).__name__)
@LAWS
@given(pair=pairs())
def test_equivalence_is_shown_exactly_if_both_one_sided_bounds_lie_inside(rule, pair):
    found = equivalence(pair, rule, -0.05, 0.05)
    low = estimate(pair, rule.critical(pair, "greater"), 1.0).relative_low
    high = estimate(pair, rule.critical(pair, "less"), 1.0).relative_high
    assert bool(found.shown) == bool(low > -0.05 and high < 0.05)
    assert found.p_value == max(found.p_low, found.p_high)


@LAWS
@given(pair=pairs(), margin=some.sampled_from([0.02, 0.1]))
def test_turning_the_metric_round_turns_its_direction_round(pair, margin):
    turned = Pair(-pair.m0, -pair.m1, pair.v00, pair.v01, pair.v11, pair.df, pair.n)
    one = non_inferiority(pair, Fixed(0.05), margin, absolute=True)
    other = non_inferiority(turned, Fixed(0.05), margin, absolute=True, lower_is_better=True)
    assert one.p_value == pytest.approx(float(other.p_value), rel=1e-12)


def test_a_true_loss_at_the_margin_is_called_safe_in_five_per_cent():
    rng = np.random.default_rng(12)
    arms = rng.exponential(10.0, (20_000, 200, 1)), rng.exponential(9.0, (20_000, 200, 1))
    pair = mean(*(Moments.of(("y",), part) for part in arms), "y")
    shown = non_inferiority(pair, Fixed(0.05), 0.1).shown.mean()
    assert shown == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))


def test_no_data_shows_nothing():
    empty = Moments(("y",), 0.0, [0.0], [[0.0]])
    for rule in RULES:
        found = non_inferiority(mean(empty, empty, "y"), rule, 0.1)
        assert not found.shown
        assert found.p_value >= 0.5
        assert not equivalence(mean(empty, empty, "y"), rule, -1.0, 1.0).shown


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: non_inferiority(rows(), RULES[0], -0.1), "margin holds -0.1"),
        (lambda: non_inferiority(rows(), RULES[0], np.inf), "margin holds inf"),
        (lambda: equivalence(rows(), RULES[0], 0.1, -0.1), "low must be below high"),
    ],
)
def test_impossible_margins_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
