"""Inference: one critical value, two intervals, and p-values that never disagree with them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stats import (
    AlwaysValid,
    Fixed,
    GroupSequential,
    Moments,
    Pair,
    estimate,
    fieller,
    mean,
    normal_scores,
    sequential_p,
    standard_error,
    statistic,
)

LAWS = settings(deadline=None, derandomize=True, max_examples=150)
RULES = [
    Fixed(0.05),
    AlwaysValid(0.05, planned=3_000),
    GroupSequential(0.05, (0.25, 0.5, 0.75), (100.0, 240.0, 300.0)),
]
SIDES = ("both", "greater", "less")


def pairs() -> some.SearchStrategy[Pair]:
    """Any means of either sign, variances, correlation, few or many degrees of freedom."""
    return some.builds(
        lambda m0, m1, s0, s1, r, df: Pair(m0, m1, s0**2, r * s0 * s1, s1**2, df, 10 * df),
        some.floats(-5.0, 5.0), some.floats(-5.0, 5.0), some.floats(0.01, 3.0), some.floats(0.01, 3.0),
        some.sampled_from([0.0, -0.5, 0.9]), some.sampled_from([4.0, 60.0, 5_000.0]),
    )  # fmt: skip


def of(control: tuple[float, float, float], treatment: tuple[float, float, float]) -> Pair:
    """A pair from (n, mean, variance) per arm."""
    cells = [Moments(("y",), n, [m], [[v]]) for n, m, v in (control, treatment)]
    return mean(*cells, "y")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@LAWS
@given(pair=pairs())
def test_p_value_absolute_and_relative_interval_never_disagree(rule, pair):
    c, p = rule.critical(pair), rule.p_value(pair)
    result = estimate(pair, c, p)
    if abs(abs(statistic(pair)) - c) < 1e-9:
        return  # on the boundary itself rounding decides
    significant = bool(p <= rule.alpha)
    assert significant == bool(result.low > 0.0 or result.high < 0.0)
    assert result.relative_low <= result.relative_high
    if np.isfinite(result.relative_low):
        assert significant == bool(result.relative_low > 0.0 or result.relative_high < 0.0)
        assert result.relative_low <= result.relative <= result.relative_high
    else:
        why = "control too close to zero" if np.isfinite(c) else "nothing may be concluded at this look"
        assert any(flag.startswith(why) for flag in result.flags)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("absolute", [False, True])
@LAWS
@given(pair=pairs())
def test_at_the_ends_of_either_interval_the_statistic_is_the_critical_value(rule, absolute, pair):
    c = rule.critical(pair)
    result = estimate(pair, c, rule.p_value(pair))
    ends = (result.low, result.high) if absolute else (result.relative_low, result.relative_high)
    if np.isfinite(ends[0]) and max(np.abs(ends)) < 1e4:
        sizes = [abs(float(statistic(pair, end, absolute=absolute))) for end in ends]
        np.testing.assert_allclose(sizes, c, rtol=1e-6)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("df", [30.0, 5_000.0])
def test_p_is_the_alpha_at_which_the_critical_value_is_reached_exactly(rule, side, df):
    pair = Pair(1.0, 1.0, 0.01, 0.0, 0.01, df, 3_000.0)
    size = float(rule.critical(pair, side)) * float(standard_error(pair))
    moved = Pair(1.0, 1.0 + (-size if side == "less" else size), 0.01, 0.0, 0.01, df, 3_000.0)
    assert float(rule.p_value(moved, side=side)) == pytest.approx(rule.alpha, rel=1e-8)
    assert float(rule.p_value(moved, worth=2.0, absolute=True, side="greater")) > 0.9


def test_one_side_asks_for_less_than_two_and_the_other_side_is_its_mirror():
    pair = of((400, 10.0, 4.0), (420, 10.3, 5.0))
    for rule in RULES:
        assert rule.critical(pair, "greater") < rule.critical(pair)
        assert rule.critical(pair, "greater") == rule.critical(pair, "less")
        assert rule.p_value(pair, side="greater") < rule.p_value(pair) < rule.p_value(pair, side="less")


def test_a_relative_worth_counts_the_noise_of_the_control():
    pair = of((400, 10.0, 4.0), (420, 10.0, 5.0))
    se = np.sqrt(5.0 / 420 + 0.9**2 * 4.0 / 400)
    assert float(statistic(pair, -0.1)) == pytest.approx((10.0 - 0.9 * 10.0) / se)
    assert float(statistic(pair, -0.1, absolute=True)) == pytest.approx(0.1 / np.sqrt(5.0 / 420 + 4.0 / 400))


def test_fieller_matches_the_plain_formula_and_an_independent_root_search():
    # The reference solves mean_b - (1 + L) mean_a = z se(L) by bracketing (scipy's brentq).
    pair = of((100, 1.0, 4.0), (120, 1.3, 5.0))
    np.testing.assert_allclose(fieller(pair, 1.959963984540054), [-0.20671345856613355, 1.2787589010742968], rtol=1e-8)


def test_fieller_keeps_its_digits_at_a_mean_of_1e8():
    small = Pair(0.0, 0.5, 1e-6, 0.0, 1e-6, 1e5, 1e5)
    pair = Pair(1e8, 1e8 + 0.5, 1e-6, 0.0, 1e-6, 1e5, 1e5)
    np.testing.assert_allclose(
        np.array(fieller(pair, 2.0)) * 1e8, 0.5 + np.array([-2.0, 2.0]) * standard_error(small), rtol=1e-6
    )


def test_a_negative_control_mean_does_not_invert_the_interval_and_is_said():
    pair = of((400, -10.0, 4.0), (420, -9.0, 5.0))
    result = estimate(pair, 1.96, Fixed(0.05).p_value(pair))
    assert result.difference == 1.0
    assert result.relative == pytest.approx(-0.1)
    assert result.relative_low < -0.1 < result.relative_high < 0.0
    assert result.flags == ("control mean below zero: the relative change has the opposite sign of the difference",)


def test_no_conversions_against_three_hundred_is_overwhelming_and_has_no_relative_change():
    share = 300 / 100_000
    pair = of((100_000, 0.0, 0.0), (100_000, share, share * (1 - share)))
    result = estimate(pair, Fixed(0.05).critical(pair), Fixed(0.05).p_value(pair))
    assert result.p_value < 1e-60
    assert np.isnan(result.relative)
    assert result.flags == ("control too close to zero for a relative change",)


def test_outcomes_that_never_vary_prove_nothing():
    pair = of((500, 0.0, 0.0), (500, 0.0, 0.0))
    for rule in RULES:
        result = estimate(pair, rule.critical(pair), rule.p_value(pair))
        assert result.p_value == 1.0
        assert (result.low, result.high) == (-np.inf, np.inf)
        assert result.flags == ("no variation in either arm: nothing can be tested",)
        assert rule.p_value(pair, -0.1, absolute=True, side="greater") == pytest.approx(1.0, abs=0.51)


def test_a_look_that_spends_nothing_concludes_nothing():
    pair = of((500, 1.0, 1.0), (500, 9.0, 1.0))
    rule = GroupSequential(0.05, (0.5, 0.5), (500.0, 500.0))
    result = estimate(pair, rule.critical(pair), rule.p_value(pair))
    assert result.p_value == 1.0
    assert (result.low, result.high) == (-np.inf, np.inf)
    assert "nothing may be concluded at this look: the interval is unbounded" in result.flags


@pytest.mark.parametrize(("lift", "n0"), [(0.0, 200), (0.5, 200), (0.5, 40)])
def test_the_relative_interval_covers_also_large_lifts_and_small_control_arms(lift, n0):
    rng = np.random.default_rng(31)
    size, n1 = 40_000, 360
    control, treatment = (
        Moments(
            ("y",), np.full(size, n), rng.normal(m, 3.0 / np.sqrt(n), (size, 1)),
            (9.0 * rng.chisquare(n - 1, size) / (n - 1))[:, None, None],
        )
        for n, m in ((n0, 5.0), (n1, 5.0 * (1.0 + lift)))
    )  # fmt: skip
    pair = mean(control, treatment, "y")
    low, high = fieller(pair, Fixed(0.05).critical(pair))
    assert float(((low <= lift) & (lift <= high)).mean()) == pytest.approx(0.95, abs=0.005)


def test_the_always_valid_band_has_its_published_width_and_p_value():
    # 10,000 and 10,100 units, means 10 and 10.2, variances 25 and 26; rho tuned for 500 and 100,000 units.
    pair = of((10_000, 10.0, 25.0), (10_100, 10.2, 26.0))
    for rho, high, p in (
        (0.12598535313073156, 0.4446625250071845, 0.35171470773130764),
        (0.00890850975289221, 0.4394448801855545, 0.14286325265121266),
    ):
        rule = AlwaysValid(0.05, rho=rho)
        result = estimate(pair, rule.critical(pair), rule.p_value(pair))
        np.testing.assert_allclose([result.high, result.p_value], [high, p], rtol=1e-6)
    one = AlwaysValid(0.05, rho=0.03557768852889753)
    low = estimate(pair, one.critical(pair, "greater"), one.p_value(pair, side="greater")).low
    assert float(low) == pytest.approx(-0.0043540308123593, rel=1e-5)


def test_below_a_hundred_degrees_of_freedom_the_t_mixture_takes_over():
    # Log Bayes factor 1.9401113691 and radius 2.0991161466 by an independent program for these 18 values.
    control, treatment = (
        [2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 3.3],
        [4.2, 5.1, 3.9, 6.8, 5.5, 4.9, 7.1, 3.2, 5.8, 4.4],
    )
    pooled = (7 * np.var(control, ddof=1) + 9 * np.var(treatment, ddof=1)) / 16
    pair = Pair(np.mean(control), np.mean(treatment), pooled / 8, 0.0, pooled / 10, 16.0, 18.0)
    rule = AlwaysValid(0.05, rho=np.sqrt(8 * 10 / 18 / 18))
    assert float(rule.p_value(pair)) == pytest.approx(np.exp(-1.9401113690973193), rel=1e-9)
    assert float(rule.critical(pair) * standard_error(pair)) == pytest.approx(2.0991161465588126, rel=1e-9)
    few, many = (AlwaysValid(0.05, rho=0.1).critical(Pair(1, 1, 1, 0, 1, df, 500)) for df in (99.99, 1e9))
    assert many < few < 1.2 * many


@pytest.mark.parametrize("side", ["both", "greater"])
def test_the_always_valid_band_is_tightest_where_it_was_planned_to_be(side):
    def width(planned: float) -> float:
        pair = Pair(1.0, 1.0, 1.0, 0.0, 1.0, 1e6, 20_000.0)
        return float(AlwaysValid(0.05, planned=planned).critical(pair, side))

    assert width(20_000) < 1.0001 * min(width(planned) for planned in np.geomspace(2_000, 200_000, 401))


def test_the_group_sequential_p_of_a_look_ignores_looks_before_it_and_sequential_p_does_not():
    pair = of((400, 10.0, 4.0), (420, 10.3, 5.0))
    rule = GroupSequential(0.05, (0.5, 1.0), (400.0, 820.0))
    z = float(normal_scores(pair))
    here = float(rule.p_value(pair))
    assert here == pytest.approx(sequential_p([np.nan, z], rule.fractions, rule.information), rel=1e-9)
    assert sequential_p([4.5, z], rule.fractions, rule.information) < here


def test_small_samples_get_a_wider_group_sequential_boundary_with_the_same_tail():
    rule = GroupSequential(0.05, (0.5, 1.0), (10.0, 20.0))
    few, many = (rule.critical(Pair(1, 1, 1, 0, 1, df, 20)) for df in (18.0, np.inf))
    assert float(few) > float(many)
    assert Fixed(2e-9).critical(Pair(1, 1, 1, 0, 1, 18.0, 20)) > Fixed(2e-9).critical(Pair(1, 1, 1, 0, 1, 1e9, 20))


def test_rules_work_on_a_batch_as_on_its_elements():
    rng = np.random.default_rng(41)
    m1, df = rng.normal(1.0, 0.3, (2, 3)), np.array([30.0, 200.0, 1e5])
    batch = Pair(1.0, m1, 0.01, 0.001, 0.02, df, 10 * df)
    for rule in RULES:
        c, p = rule.critical(batch), rule.p_value(batch, 0.1)
        result = estimate(batch, c, p)
        for i, j in np.ndindex(2, 3):
            one = Pair(1.0, m1[i, j], 0.01, 0.001, 0.02, df[j], 10 * df[j])
            alone = estimate(one, rule.critical(one), rule.p_value(one, 0.1))
            for field in ("low", "high", "relative_low", "relative_high", "p_value"):
                np.testing.assert_allclose(getattr(result, field)[i, j], getattr(alone, field), rtol=1e-9)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Fixed(5.0), "alpha is 5.0; it must lie strictly between 0 and 1"),
        (lambda: AlwaysValid(0.05), "needs planned"),
        (lambda: AlwaysValid(0.05, planned=100, rho=0.1), "needs planned"),
        (lambda: AlwaysValid(0.05, planned=0.0), "planned is 0.0"),
        (lambda: GroupSequential(0.05, (0.5, 0.4), (1.0, 2.0)), "never fall"),
        (lambda: Fixed(0.05).p_value(Pair(1, 1, 1, 0, 1, 9, 9), side="left"), "unknown side 'left'"),
    ],
)
def test_wrong_arguments_are_refused_with_the_value_and_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_an_always_valid_rule_takes_infinite_degrees_of_freedom() -> None:
    known = Pair(1.0, 1.1, 0.01, 0.0, 0.01, np.inf, 4_000.0)
    many = Pair(1.0, 1.1, 0.01, 0.0, 0.01, 1e15, 4_000.0)
    rule = AlwaysValid(0.05, planned=4_000)
    assert float(rule.critical(known)) == float(rule.critical(many))
    assert float(rule.p_value(known)) == float(rule.p_value(many))
