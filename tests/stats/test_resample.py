"""Methods that need rows: they agree with each other, with exact answers, and with themselves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import mannwhitneyu

from stats import Fixed, Moments, mean, ratio, standard_error
from stats.resample import mann_whitney, permutation, poisson_bootstrap, replay

LAWS = settings(deadline=None, derandomize=True, max_examples=40)
CONTROL = [2.1, 3.4, 1.9, 5.6, 4.4, 3.8, 2.7, 3.3]
TREATMENT = [4.2, 5.1, 3.9, 6.8, 5.5, 4.9, 7.1, 3.2, 5.8, 4.4]


def rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_a_small_permutation_test_takes_every_split():
    result = permutation(CONTROL, TREATMENT, rng=rng())
    assert (result.exact, result.splits) == (True, 43_758)
    assert result.p_value == pytest.approx(0.012203482791718085, rel=1e-12)
    assert result.difference == pytest.approx(1.69)


def test_random_splits_come_close_to_every_split():
    control, treatment = CONTROL + CONTROL[:2], [*TREATMENT[:9], 0.5]
    exact = permutation(control[:9], treatment[:9], rng=rng())
    drawn = permutation(control, treatment, rng=rng(), draws=20_000)
    assert (exact.exact, drawn.exact) == (True, False)
    again = permutation(control, treatment, rng=np.random.default_rng(2), draws=20_000)
    assert drawn.p_value == pytest.approx(again.p_value, abs=0.01)
    welch = Fixed(0.05).p_value(mean(*(Moments.of(["y"], np.array(a)[:, None]) for a in (control, treatment)), "y"))
    assert drawn.p_value == pytest.approx(float(welch), rel=0.25)


@LAWS
@given(seed=some.integers(0, 1_000))
def test_permutation_p_values_do_not_care_for_units_levels_or_the_order_of_arms(seed):
    values = np.random.default_rng(seed).normal(size=13)
    plain = permutation(values[:6], values[6:], rng=rng()).p_value
    for moved in (values * 1e6, values + 1e6, -values):
        assert permutation(moved[:6], moved[6:], rng=rng()).p_value == pytest.approx(plain)
    assert permutation(values[6:], values[:6], rng=rng()).p_value == pytest.approx(plain)


def test_mann_whitneys_score_and_effect_are_those_of_an_independent_program_ties_included():
    for control, treatment in ((CONTROL, TREATMENT), (rng().integers(0, 5, 40), rng().integers(1, 6, 70))):
        ours = mann_whitney(control, treatment)
        theirs = mannwhitneyu(treatment, control, method="asymptotic")
        assert (ours.u, ours.p_value) == (theirs.statistic, pytest.approx(theirs.pvalue, rel=1e-10))
        pairs = np.subtract.outer(np.array(treatment), np.array(control))
        assert ours.effect == pytest.approx(((pairs > 0) + 0.5 * (pairs == 0)).mean())


@LAWS
@given(seed=some.integers(0, 1_000))
def test_ranks_do_not_care_for_any_rising_change_of_scale(seed):
    values = np.random.default_rng(seed).normal(size=40)
    plain = mann_whitney(values[:15], values[15:])
    assert mann_whitney(np.exp(values[:15]), np.exp(values[15:])) == plain
    back = mann_whitney(values[15:], values[:15])
    assert (back.effect, back.z) == (pytest.approx(1.0 - plain.effect), pytest.approx(-plain.z))


def test_mann_whitney_under_no_effect_errs_as_often_as_it_says():
    generator = np.random.default_rng(3)
    p = [mann_whitney(*generator.geometric(0.3, (2, 60))).p_value for _ in range(2_000)]
    assert 0.035 < np.mean(np.array(p) <= 0.05) < 0.06


def test_a_bootstrap_of_means_has_welchs_standard_error_and_of_ratios_the_delta_methods():
    generator = np.random.default_rng(4)
    z = 1.0 + generator.poisson(3.0, (2, 500))
    rows = np.stack([generator.gamma(2.0, 1.0, (2, 500)) * z, z], axis=-1)
    cells = [Moments.of(["y", "z"], arm) for arm in rows]
    plain = poisson_bootstrap(*rows, rng=rng(), draws=4_000)
    assert plain.se == pytest.approx(float(standard_error(mean(*cells, "y"))), rel=0.05)
    assert plain.difference == pytest.approx(float(np.diff(rows[:, :, 0].mean(axis=1))[0]))
    shares = poisson_bootstrap(*rows, lambda m: m[:, 0] / m[:, 1], rng=rng(), draws=4_000)
    assert shares.se == pytest.approx(float(standard_error(ratio(*cells, "y", "z"))), rel=0.05)


@LAWS
@given(seed=some.integers(0, 1_000), alpha=some.sampled_from([0.01, 0.05, 0.2]), draws=some.sampled_from([199, 500]))
def test_a_bootstraps_p_and_interval_never_disagree(seed, alpha, draws):
    values = np.random.default_rng(seed).normal(size=(2, 30)) + np.array([[0.0], [0.55]])
    result = poisson_bootstrap(*values, rng=rng(), draws=draws, alpha=alpha)
    assert (result.p_value <= alpha) == (result.low > 0.0 or result.high < 0.0)
    assert result.low < result.difference < result.high


@pytest.mark.slow
def test_a_bootstrap_covers_about_as_often_as_it_says():
    generator = np.random.default_rng(5)
    inside = 0
    for _ in range(400):
        result = poisson_bootstrap(*generator.exponential(size=(2, 100)), rng=generator, draws=399)
        inside += result.low <= 0.0 <= result.high
    assert 0.92 < inside / 400 < 0.98


def test_a_large_level_costs_the_bootstrap_no_digits():
    values = np.random.default_rng(6).normal(size=(2, 200))
    plain, far = (poisson_bootstrap(*(values + level), rng=rng()) for level in (0.0, 1e12))
    assert far.se == pytest.approx(plain.se, rel=1e-2)
    assert far.p_value == pytest.approx(plain.p_value, abs=0.01)


def test_replayed_a_a_tests_of_a_sound_metric_have_uniform_p_values():
    rows = np.random.default_rng(7).normal(5.0, 1.0, (600, 2))
    result = replay(["y", "x"], rows, lambda c, t: mean(c, t, "y", ["x"]), rng=rng(), splits=2_000, share=0.3)
    np.testing.assert_allclose(result.rates, result.levels, atol=4.0 * np.sqrt(0.25 / 2_000))
    assert np.abs(np.sort(result.p_values) - (np.arange(2_000) + 0.5) / 2_000).max() < 1.63 / np.sqrt(2_000)
    assert result.flags == ()


def test_a_replay_finds_a_method_that_errs_too_often_and_one_that_never_does():
    # Each unit's rows taken for independent units: their noise is thought to be far smaller than it is.
    generator = np.random.default_rng(8)
    rows = generator.normal(size=(400, 1))

    def as_if_ten(control: Moments, treatment: Moments):
        return mean(*(Moments(m.names, 10 * m.n, m.mean, m.cov) for m in (control, treatment)), "y")

    bad = replay(["y"], rows, as_if_ten, rng=rng(), splits=300)
    assert bad.rates[1] > 0.3
    assert bad.flags == (
        "more false positives than the level allows: do not trust this metric's p-values at this size",
    )
    rare = np.zeros((400, 1))
    rare[0] = 1.0  # one buyer, always in one arm or the other
    shy = replay(["y"], rare, lambda c, t: mean(c, t, "y"), rng=rng(), splits=300)
    assert shy.rates[2] == 0.0
    assert shy.flags == ("fewer false positives than the level allows: this metric's intervals are wider than needed",)


def test_too_few_rows_or_no_variation_are_said_in_words():
    few, same = ("too few units for an interval",), ("no variation in either arm: nothing can be tested",)
    for short in ([], [1.0]):
        boot = poisson_bootstrap(short, TREATMENT, rng=rng())
        assert (boot.p_value, boot.low, boot.high, boot.flags) == (1.0, -np.inf, np.inf, few)
    for result in (permutation([], TREATMENT, rng=rng()), mann_whitney(CONTROL, [])):
        assert (result.p_value, result.flags) == (1.0, few)
    assert permutation([1.0], [2.0], rng=rng()).p_value == 1.0
    constant = [0.1] * 12
    assert poisson_bootstrap(constant, constant, rng=rng()).flags == same
    for result in (permutation(constant, constant, rng=rng()), mann_whitney(constant, constant)):
        assert (result.p_value, result.flags) == (1.0, same)
    for rows, flags in ((np.zeros((0, 1)), few), (np.ones((3, 1)), few), (np.full((40, 1), 0.1), same)):
        result = replay(["y"], rows, lambda c, t: mean(c, t, "y"), rng=rng(), splits=100)
        assert ((result.p_values == 1.0).all(), result.flags) == (True, flags)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: poisson_bootstrap([1.0, np.nan], TREATMENT, rng=rng()), "control holds nan"),
        (lambda: poisson_bootstrap(CONTROL, np.ones((3, 2)), rng=rng()), "control has 1 columns, treatment 2"),
        (lambda: poisson_bootstrap(CONTROL, TREATMENT, rng=rng(), draws=10), "10 draws are too few"),
        (lambda: poisson_bootstrap(CONTROL, TREATMENT, rng=rng(), alpha=5), "alpha is 5"),
        (lambda: poisson_bootstrap(CONTROL, TREATMENT, rng=7), "rng is 7; it must be a numpy Generator"),
        (lambda: permutation(CONTROL, [np.inf], rng=rng()), "treatment holds inf"),
        (lambda: permutation(CONTROL, TREATMENT, rng=None), "rng is None"),
        (lambda: mann_whitney(np.zeros((2, 2, 2)), TREATMENT), "control has shape"),
        (lambda: replay(["y"], np.zeros((5, 2)), mean, rng=rng()), r"give \[units, 1\]"),
        (lambda: replay(["y"], np.zeros((5, 1)), mean, rng=rng(), levels=[2.0]), "levels holds values outside"),
        (lambda: replay(["y"], np.zeros((5, 1)), mean, rng=rng(), share=1.0), "share is 1.0"),
    ],
)
def test_rows_that_make_no_sense_are_refused_with_the_value_and_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
