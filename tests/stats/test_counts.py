"""Proportions from counts: a score test whose p-value and intervals are one, also with three conversions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import binom, hypergeom

from stats import AlwaysValid, Fixed, GroupSequential, Moments, statistic
from stats.counts import Counts, boschloo, newcombe, rare, score, score_estimate, score_pair, wilson

LAWS = settings(deadline=None, derandomize=True, max_examples=45)
RULES = [Fixed(0.05), AlwaysValid(0.05, planned=3_000), GroupSequential(0.05, (0.5, 1.0), (500.0, 1_000.0))]
Z = 1.959963984540054


def counts() -> some.SearchStrategy[Counts]:
    """Any counts, with rates small, middling or certain."""
    arm = some.integers(1, 3_000).flatmap(
        lambda n: some.tuples(
            some.one_of(some.integers(0, min(n, 5)), some.integers(0, n), some.integers(max(n - 3, 0), n)), some.just(n)
        )
    )
    return some.builds(lambda control, treatment: Counts(*control, *treatment), arm, arm)


def small_tables(largest: int) -> Counts:
    """Every table of 1 to `largest` units per arm."""
    sizes = range(1, largest + 1)
    tables = [(x0, n0, x1, n1) for n0 in sizes for n1 in sizes for x0 in range(n0 + 1) for x1 in range(n1 + 1)]
    return Counts(*np.array(tables, dtype=float).T)


def test_nothing_of_100000_against_300_is_overwhelming():
    result = score(Counts(0, 100_000, 300, 100_000), Fixed(0.05))
    assert result.p_value < 1e-60
    assert result.low > 0.0025
    assert (result.relative_low > 50.0, result.relative_high) == (True, np.inf)
    assert np.isnan(result.relative)
    assert result.flags == ("control too close to zero for a relative change",)


def test_the_published_interval_of_56_of_70_against_48_of_80():
    # Newcombe 1998, table II, case (a): Miettinen-Nurminen .0528 to .3382, hybrid score .0524 to .3339.
    table = Counts(48, 80, 56, 70)
    result = score(table, Fixed(0.05))
    np.testing.assert_allclose([result.low, result.high], [0.0528, 0.3382], atol=5e-5)
    np.testing.assert_allclose(newcombe(table, Z), [0.0524, 0.3339], atol=5e-5)


@pytest.mark.parametrize(
    ("table", "interval"),
    [
        ((48, 80, 56, 70), (0.05243147240236498, 0.33387265403690614)),
        ((3, 10, 9, 10), (0.1705227239345029, 0.809017973535488)),
        ((0, 50, 5, 50), (0.008975448080590018, 0.21360231437479657)),
    ],
)
def test_newcombes_interval_is_that_of_an_independent_program(table, interval):
    np.testing.assert_allclose(newcombe(Counts(*table), Z), interval, rtol=1e-9)


def test_wilsons_interval_is_that_of_an_independent_program():
    np.testing.assert_allclose(wilson(480, 10_000, Z), [0.04398103638811836, 0.05236609813897328], rtol=1e-9)
    np.testing.assert_allclose(wilson(0, 50, Z), [0.0, 0.07134759913335874], rtol=1e-9)
    assert wilson(0, 0, Z) == (0.0, 1.0)


@LAWS
@given(table=counts(), shift=some.integers(-95, 95).map(lambda percent: percent / 100))
def test_the_score_of_a_difference_uses_the_rates_of_maximum_likelihood(table, shift):
    x0, n0, x1, n1 = (float(v) for v in (table.x0, table.n0, table.x1, table.n1))

    def surprise(p: float) -> float:
        return -(xlogy(x0, p) + xlogy(n0 - x0, 1 - p) + xlogy(x1, p + shift) + xlogy(n1 - x1, 1 - p - shift))

    ends = (max(0.0, -shift), min(1.0, 1.0 - shift))
    p = minimize_scalar(surprise, bounds=ends, method="bounded", options={"xatol": 1e-12}).x
    variance = (p * (1 - p) / n0 + (p + shift) * (1 - p - shift) / n1) * (n0 + n1) / (n0 + n1 - 1)
    z = (x1 / n1 - x0 / n0 - shift) / np.sqrt(max(variance, 1e-12))
    assert float(statistic(score_pair(table, shift, absolute=True))) == pytest.approx(z, rel=1e-3, abs=1e-6)


@pytest.mark.parametrize("critical", [1.96, *(pytest.param(c, marks=pytest.mark.slow) for c in (0.5, 1.645, 3.3))])
def test_p_value_and_both_intervals_agree_on_every_table_of_up_to_nine_units(critical):
    tables = small_tables(9)
    z = statistic(score_pair(tables))
    result = score_estimate(tables, critical, 1.0)
    clear = np.abs(np.abs(z) - critical) > 1e-9
    beyond = np.abs(z) > critical
    np.testing.assert_array_equal(((result.low > 0.0) | (result.high < 0.0))[clear], beyond[clear])
    np.testing.assert_array_equal(((result.relative_low > 0.0) | (result.relative_high < 0.0))[clear], beyond[clear])


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=lambda rule: type(rule).__name__)
@LAWS
@given(table=counts())
def test_every_rule_agrees_with_its_own_intervals(rule, table):
    result = score(table, rule)
    if abs(abs(float(statistic(score_pair(table)))) - float(result.critical)) > 1e-9:
        significant = bool(result.p_value <= rule.alpha)
        assert significant == bool(result.low > 0.0 or result.high < 0.0)
        assert significant == bool(result.relative_low > 0.0 or result.relative_high < 0.0)
    assert result.low <= result.difference <= result.high
    assert result.relative_low <= result.relative_high


@pytest.mark.slow
@LAWS
@given(table=counts(), critical=some.sampled_from([1.0, 1.96, 4.0]))
def test_at_the_ends_of_either_interval_the_score_is_the_critical_value(table, critical):
    result = score_estimate(table, critical, 1.0)
    for absolute, ends in (
        (True, (result.low, result.high)),
        (False, (result.relative_low, result.relative_high)),
    ):
        for end in (float(e) for e in ends):
            if -1.0 + 1e-9 < end < (1.0 - 1e-9 if absolute else 1e9):
                z = abs(float(statistic(score_pair(table, end, absolute=absolute))))
                assert z == pytest.approx(critical, rel=1e-5)


@pytest.mark.parametrize("side", ["both", pytest.param("greater", marks=pytest.mark.slow)])
def test_swapping_the_arms_or_counting_failures_mirrors_the_interval(side):
    other = "less" if side == "greater" else side
    rng = np.random.default_rng(3)
    n0, n1 = rng.integers(1, 3_000, (2, 400))
    x0, x1 = rng.binomial(n0, rng.choice([0.0, 0.002, 0.5, 1.0], 400)), rng.binomial(n1, rng.choice([0.004, 0.97], 400))
    plain = score(Counts(x0, n0, x1, n1), Fixed(0.05), side)
    for mirror in (Counts(x1, n1, x0, n0), Counts(n0 - x0, n0, n1 - x1, n1)):
        mirrored = score(mirror, Fixed(0.05), other)
        np.testing.assert_allclose(-mirrored.high, plain.low, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(-mirrored.low, plain.high, rtol=1e-7, atol=1e-12)
        np.testing.assert_allclose(mirrored.p_value, plain.p_value, rtol=1e-7)


@pytest.mark.parametrize(
    ("n0", "n1", "p0", "p1"), [(200, 200, 0.01, 0.01), (900, 100, 0.01, 0.03), (60, 60, 0.95, 0.9)]
)
def test_rare_events_are_covered_about_as_often_as_claimed(n0, n1, p0, p1):
    # Exactly, over all outcomes that have any chance.
    x0, x1 = np.arange(n0 + 1), np.arange(n1 + 1)
    first, second = binom.pmf(x0, n0, p0), binom.pmf(x1, n1, p1)
    x0, first = x0[first > 1e-9], first[first > 1e-9]
    x1, second = x1[second > 1e-9], second[second > 1e-9]
    result = score(Counts(x0[:, None], n0, x1, n1), Fixed(0.05))
    chance = first[:, None] * second
    inside = (result.low <= p1 - p0) & (p1 - p0 <= result.high)
    lifted = (result.relative_low <= p1 / p0 - 1) & (p1 / p0 - 1 <= result.relative_high)
    assert 0.935 < float((chance * inside).sum()) < 0.985
    assert 0.935 < float((chance * lifted).sum()) < 0.985


@pytest.mark.slow
def test_boschloos_p_is_the_largest_chance_of_a_table_as_extreme_by_fishers_measure():
    x0, n0, x1, n1 = 3, 10, 9, 10
    a, b = np.meshgrid(np.arange(n0 + 1), np.arange(n1 + 1), indexing="ij")
    fisher = hypergeom.sf(b - 1, n0 + n1, a + b, n1)
    extreme = fisher <= fisher[x0, x1] * (1 + 1e-12)
    grid = np.linspace(0.0, 1.0, 4_001)
    chances = [(extreme * np.outer(binom.pmf(a[:, 0], n0, p), binom.pmf(b[0], n1, p))).sum() for p in grid]
    assert float(boschloo(Counts(x0, n0, x1, n1))) == pytest.approx(2 * max(chances), rel=1e-4)


def test_an_exact_test_is_for_small_tables_only_and_certain_about_nothing_without_variation():
    np.testing.assert_array_equal(boschloo(Counts([0, 5, 0, 0], [5, 5, 0, 5], [0, 5, 3, 0], [5, 5, 9, 0])), 1.0)
    with pytest.raises(ValueError, match=r"a table has 2000 units.*Use score"):
        boschloo(Counts(1, 1_000, 2, 1_000))


def test_rare_is_below_thirty_successes_or_failures_in_an_arm():
    np.testing.assert_array_equal(
        rare(Counts([29, 30, 980, 50], 1_000, [40, 30, 500, 971], 1_000)), [True, False, True, True]
    )


def test_counts_come_from_the_moments_of_zeros_and_ones():
    rng = np.random.default_rng(1)
    rows = [(rng.random((3, 700, 1)) < p).astype(float) for p in (0.004, 0.02)]
    table = Counts.of(*(Moments.of(["y"], arm) for arm in rows), "y")
    np.testing.assert_array_equal(table.x0, rows[0].sum(axis=(1, 2)))
    np.testing.assert_array_equal(table.x1, rows[1].sum(axis=(1, 2)))
    large = Moments(("y",), 1e15, [0.25], [[0.1875]])
    assert Counts.of(large, large, "y").x0 == 2.5e14
    with pytest.raises(ValueError, match=r"column 'y' has mean .* zeros and ones cannot have"):
        Counts.of(Moments.of(["y"], rng.random((50, 1))), large, "y")


@pytest.mark.parametrize(
    ("table", "difference", "flags"),
    [
        ((0, 0, 0, 0), np.nan, ("too few units for an interval",)),
        ((0, 0, 5, 10), np.nan, ("too few units for an interval",)),
        ((50, 50, 50, 50), 0.0, ("no variation in either arm: nothing can be tested",)),
        ((1, 1, 1, 1), 0.0, ("no variation in either arm: nothing can be tested",)),
        ((5, 5, 0, 5), -1.0, ()),
        ((1e15, 1e15, 1e15, 1e15), 0.0, ("no variation in either arm: nothing can be tested",)),
        ((5e14, 1e15, 5e14, 1e15), 0.0, ()),
    ],
)
def test_degenerate_counts_say_so_in_words(table, difference, flags):
    for rule in RULES:
        result = score(Counts(*table), rule)
        np.testing.assert_equal(float(result.difference), difference)
        assert result.flags[:1] == flags
        assert not np.isnan([result.low, result.high, result.relative_low, result.relative_high, result.p_value]).any()
        if flags:
            assert result.p_value == 1.0


def test_1e15_units_have_the_width_of_the_normal_approximation():
    result = score(Counts(5e14, 1e15, 5e14 + 1e8, 1e15), Fixed(0.05))
    reach = Z * np.sqrt(0.5 / 1e15)
    np.testing.assert_allclose([result.low, result.high], [1e-7 - reach, 1e-7 + reach], rtol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Counts(1, 10, np.nan, 10), "Counts.x1 holds nan"),
        (lambda: Counts(1, 10, np.inf, 10), "Counts.x1 holds inf"),
        (lambda: Counts(-1, 10, 1, 10), "at least 0"),
        (lambda: Counts(1.5, 10, 1, 10), "Counts.x0 holds 1.5; counts must be whole"),
        (lambda: Counts(1, 10, 11, 10), "treatment has 11 successes of 10 units"),
        (lambda: score_pair(Counts(1, 10, 1, 10), 1.0, absolute=True), "worth is 1.0"),
        (lambda: score_pair(Counts(1, 10, 1, 10), -1.0), "worth is -1.0"),
        (lambda: newcombe(Counts(1, 10, 1, 10), np.nan), "critical is nan"),
    ],
)
def test_counts_that_make_no_sense_are_refused_with_the_value_and_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
