"""Estimators: two arms' moments in, a pair of means and their joint variance out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import ttest_ind
from statsmodels.regression.linear_model import OLS

from stats import AlwaysValid, Fixed, Moments, estimate, mean, ratio, standard_error, statistic

LAWS = settings(deadline=None, derandomize=True, max_examples=60)
FIXED = Fixed(0.05)
NAMES = ["y", "z", "x", "w"]


def arms(seed: int, n0: int = 40, n1: int = 55, lift: float = 0.3) -> tuple[np.ndarray, np.ndarray]:
    """Rows of an outcome, a positive denominator and two covariates that explain them, per arm."""
    rng = np.random.default_rng(seed)
    both = []
    for n, effect in ((n0, 0.0), (n1, lift)):
        x, w = rng.normal(2.0, 1.0, n), rng.exponential(1.0, n)
        z = 1.0 + rng.poisson(3.0, n)
        y = effect + 0.5 * z + (1.0 + effect) * x - w + rng.normal(0.0, 1.0, n)
        both.append(np.column_stack([y, z, x, w]))
    return both[0], both[1]


def moments(seed: int, **sizes: int) -> tuple[Moments, Moments]:
    control, treatment = arms(seed, **sizes)
    return Moments.of(NAMES, control), Moments.of(NAMES, treatment)


@LAWS
@given(seed=some.integers(0, 10_000), n0=some.integers(2, 40), n1=some.integers(2, 40))
def test_a_difference_of_means_is_welchs_test(seed, n0, n1):
    control, treatment = arms(seed, n0, n1)
    pair = mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y")
    ours = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    theirs = ttest_ind(treatment[:, 0], control[:, 0], equal_var=False)
    interval = theirs.confidence_interval(0.95)
    np.testing.assert_allclose(
        [statistic(pair), ours.df, ours.p_value, ours.low, ours.high],
        [theirs.statistic, theirs.df, theirs.pvalue, interval.low, interval.high],
        rtol=1e-9,
    )


@LAWS
@given(seed=some.integers(0, 10_000), covariates=some.sampled_from([["x"], ["x", "w"]]))
def test_the_adjusted_difference_is_that_of_the_fully_interacted_regression(seed, covariates):
    control, treatment = arms(seed)
    pair = mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", covariates)
    rows = np.concatenate([control, treatment])
    assert float(pair.m1 - pair.m0) == pytest.approx(
        interacted(rows, len(control), covariates).params[1], rel=1e-9, abs=1e-9
    )


def test_its_standard_error_is_close_to_hc2_where_slopes_agree():
    rng = np.random.default_rng(5)
    x = rng.normal(3.0, 2.0, 40_000)
    y = 2.0 * x + rng.normal(0.0, 1.0, x.size)
    rows = np.column_stack([y, np.ones_like(y), x, x])
    pair = mean(Moments.of(NAMES, rows[:10_000]), Moments.of(NAMES, rows[10_000:]), "y", ["x"])
    assert float(standard_error(pair)) == pytest.approx(interacted(rows, 10_000, ["x"]).bse[1], rel=1e-3)


def interacted(rows: np.ndarray, n0: int, covariates: list[str]):
    treated = np.arange(len(rows)) >= n0
    centred = rows[:, [NAMES.index(name) for name in covariates]]
    centred = centred - centred.mean(axis=0)
    design = np.column_stack([np.ones(len(rows)), treated, centred, centred * treated[:, None]])
    return OLS(rows[:, 0], design).fit(cov_type="HC2")


def test_with_slopes_that_differ_and_unequal_arms_the_standard_error_is_the_real_one():
    # Slopes 1 and 3, a 90/10 split: a slope pooled over arms would nearly double the noise.
    rng = np.random.default_rng(11)
    control = rows_with_slope(rng, 1.0, (3_000, 900), effect=0.0)
    treatment = rows_with_slope(rng, 3.0, (3_000, 100), effect=0.4)
    pair = mean(Moments.of(["y", "x"], control), Moments.of(["y", "x"], treatment), "y", ["x"])
    difference = pair.m1 - pair.m0
    assert float(np.mean(standard_error(pair) ** 2)) == pytest.approx(difference.var(), rel=0.08)
    assert difference.std() < 0.7 * (treatment[..., 0].mean(-1) - control[..., 0].mean(-1)).std()
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert covers(result.low, result.high, 0.4) == pytest.approx(0.95, abs=0.015)
    # The control's mean is 10 here, so the truth is a lift of 4 %: the covariance of the means matters.
    assert covers(result.relative_low, result.relative_high, 0.04) == pytest.approx(0.95, abs=0.015)


def rows_with_slope(rng: np.random.Generator, slope: float, shape: tuple[int, int], effect: float) -> np.ndarray:
    x = rng.normal(0.0, 1.0, shape)
    return np.stack([10.0 + effect + slope * x + rng.normal(0.0, 1.0, shape), x], axis=-1)


def covers(low: np.ndarray, high: np.ndarray, truth: float) -> float:
    return float(((low <= truth) & (truth <= high)).mean())


@pytest.mark.parametrize("junk", ["constant", "copy", "sum"])
def test_a_covariate_that_adds_nothing_changes_nothing(junk):
    control, treatment = arms(3)
    plain = pair_fields(mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", ["x", "w"]))
    extended = [
        np.column_stack([rows, {"constant": np.full(len(rows), 0.1), "copy": 5.0 * rows[:, 2] + 3.0,
                                "sum": rows[:, 2] - 2.0 * rows[:, 3]}[junk]])
        for rows in (control, treatment)
    ]  # fmt: skip
    cells = [Moments.of([*NAMES, "junk"], rows) for rows in extended]
    np.testing.assert_allclose(pair_fields(mean(*cells, "y", ["x", "w", "junk"])), plain, rtol=1e-9)
    if junk == "constant":
        np.testing.assert_allclose(pair_fields(mean(*cells, "y", ["junk"])), pair_fields(mean(*cells, "y")), rtol=1e-12)


def pair_fields(pair) -> list[float]:
    return [float(value) for value in (pair.m0, pair.m1, pair.v00, pair.v01, pair.v11, pair.df, pair.n)]


def test_a_covariate_constant_in_one_arm_alone_is_used_in_the_other():
    control, treatment = arms(4)
    control[:, 2] = 1.0
    pair = mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", ["x"])
    plain = mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y")
    assert float(pair.m0) == pytest.approx(float(plain.m0))
    assert float(pair.v11) < float(plain.v11)


def test_a_ratio_has_the_delta_methods_variance():
    control, treatment = arms(6)
    pair = ratio(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", "z")
    for rows, m, v in ((control, pair.m0, pair.v00), (treatment, pair.m1, pair.v11)):
        r = rows[:, 0].sum() / rows[:, 1].sum()
        linearised = (rows[:, 0] - r * rows[:, 1]) / rows[:, 1].mean()
        np.testing.assert_allclose([m, v], [r, linearised.var(ddof=1) / len(rows)], rtol=1e-10)


def test_a_ratio_over_ones_is_a_mean_adjusted_or_not():
    control, treatment = arms(7)
    control[:, 1] = treatment[:, 1] = 1.0
    cells = Moments.of(NAMES, control), Moments.of(NAMES, treatment)
    for covariates in ([], ["x", "w"]):
        np.testing.assert_allclose(
            pair_fields(ratio(*cells, "y", "z", covariates)),
            pair_fields(mean(*cells, "y", covariates)),
            rtol=1e-9,
        )


def test_an_adjusted_ratio_is_the_adjusted_mean_of_its_linearised_column():
    control, treatment = arms(8)
    pair = ratio(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", "z", ["x"])
    linear = []
    for rows in (control, treatment):
        r = rows[:, 0].mean() / rows[:, 1].mean()
        linear.append(
            Moments.of(
                ["u", "x"],
                np.column_stack([r + (rows[:, 0] - r * rows[:, 1]) / rows[:, 1].mean(), rows[:, 2]]),
            )
        )
    np.testing.assert_allclose(pair_fields(pair), pair_fields(mean(*linear, "u", ["x"])), rtol=1e-9)


def test_a_ratios_standard_error_is_its_spread_over_repetitions():
    rng = np.random.default_rng(9)
    z = 1.0 + rng.poisson(rng.gamma(2.0, 2.0, (2_000, 2, 300)))
    y = rng.poisson(0.4 * z * rng.gamma(4.0, 0.25, z.shape))
    cells = Moments.of(["y", "z"], np.stack([y, z], axis=-1))
    pair = ratio(cells.select((slice(None), 0)), cells.select((slice(None), 1)), "y", "z")
    assert float(np.mean(standard_error(pair) ** 2)) == pytest.approx((pair.m1 - pair.m0).var(), rel=0.08)


@LAWS
@given(seed=some.integers(0, 10_000), method=some.sampled_from(["mean", "ratio"]), adjusted=some.booleans())
def test_swapping_the_arms_flips_the_sign_and_keeps_the_p_value(seed, method, adjusted):
    control, treatment = moments(seed)
    there, back = compare(method, control, treatment, adjusted), compare(method, treatment, control, adjusted)
    np.testing.assert_allclose(statistic(there), -statistic(back), rtol=1e-9)
    np.testing.assert_allclose(FIXED.p_value(there), FIXED.p_value(back), rtol=1e-9)


@LAWS
@given(
    seed=some.integers(0, 10_000),
    method=some.sampled_from(["mean", "ratio"]),
    adjusted=some.booleans(),
    factor=some.sampled_from([1e-6, 0.01, 3.0, 1e6]),
)
def test_scaling_a_metric_scales_the_effect_and_leaves_p_and_the_relative_interval_alone(
    seed, method, adjusted, factor
):
    control, treatment = arms(seed)
    plain = compare(method, *(Moments.of(NAMES, rows) for rows in (control, treatment)), adjusted)
    by = np.array([factor, 1.0, 1.0, 1.0])
    scaled = compare(method, *(Moments.of(NAMES, rows * by) for rows in (control, treatment)), adjusted)
    for rule in (FIXED, AlwaysValid(0.05, planned=200)):
        one = estimate(plain, rule.critical(plain), rule.p_value(plain))
        two = estimate(scaled, rule.critical(scaled), rule.p_value(scaled))
        np.testing.assert_allclose(two.difference, factor * one.difference, rtol=1e-8)
        np.testing.assert_allclose(
            [two.p_value, two.relative_low, two.relative_high],
            [one.p_value, one.relative_low, one.relative_high],
            rtol=1e-6,
        )


def compare(method: str, control: Moments, treatment: Moments, adjusted: bool):
    covariates = ["x", "w"] if adjusted else []
    if method == "mean":
        return mean(control, treatment, "y", covariates)
    return ratio(control, treatment, "y", "z", covariates)


@pytest.mark.parametrize("covariates", [[], ["x", "w"]])
def test_a_batch_gives_what_its_cells_give_alone_and_one_control_serves_many_treatments(covariates):
    cells = [Moments.of(NAMES, arms(seed)[1]) for seed in range(4)]
    control = Moments.of(NAMES, arms(99)[0])
    batch = Moments(
        tuple(NAMES),
        np.stack([c.n for c in cells]),
        np.stack([c.mean for c in cells]),
        np.stack([c.cov for c in cells]),
    )
    for method in (
        lambda t: mean(control, t, "y", covariates),
        lambda t: ratio(control, t, "y", "z", covariates),
    ):
        together = method(batch)
        for i, cell in enumerate(cells):
            alone = method(cell)
            for field in ("m0", "m1", "v00", "v01", "v11", "df", "n"):
                np.testing.assert_allclose(getattr(together, field)[i], getattr(alone, field), rtol=1e-10, atol=1e-15)


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("covariates", [[], ["x", "w"]])
def test_an_arm_with_too_few_units_says_nothing_and_stops_nobody(units, covariates):
    control, treatment = arms(10)
    pair = mean(Moments.of(NAMES, control), Moments.of(NAMES, treatment[:units]), "y", covariates)
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert result.p_value == 1.0
    assert (result.low, result.high) == (-np.inf, np.inf)
    assert (result.relative_low, result.relative_high) == (-np.inf, np.inf)
    assert result.flags == ("too few units for an interval",)
    assert AlwaysValid(0.05, planned=100).p_value(pair) == 1.0


def test_a_ratio_without_denominators_says_nothing():
    control, treatment = arms(12)
    control[:, 1] = 0.0
    pair = ratio(Moments.of(NAMES, control), Moments.of(NAMES, treatment), "y", "z")
    assert np.isnan(pair.m0)
    assert FIXED.p_value(pair) == 1.0


def test_an_unknown_column_is_named_with_the_closest_one():
    control, treatment = moments(1)
    with pytest.raises(ValueError, match="unknown column 'yy', did you mean 'y'"):
        mean(control, treatment, "yy")


def test_under_no_effect_p_values_are_uniform():
    rng = np.random.default_rng(21)
    rows = rng.gamma(2.0, 1.0, (4_000, 2, 200, 1))
    cells = Moments.of(["y"], rows)
    p = np.sort(FIXED.p_value(mean(cells.select((slice(None), 0)), cells.select((slice(None), 1)), "y")))
    distance = np.abs(p - (np.arange(p.size) + 0.5) / p.size).max()
    assert distance < 1.63 / np.sqrt(p.size)  # the 1 % point of Kolmogorov's statistic
