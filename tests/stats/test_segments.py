"""Segments, novelty and overlapping experiments: where and when an effect differs, and shrinkage."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.stats import kstest

from stats import (
    Fixed,
    Moments,
    Pair,
    between_variance,
    cochran_q,
    day_line,
    interaction,
    interaction_test,
    mean,
    meta_analysis,
    novelty,
    shrink,
    shrink_each,
    statistic,
)

CASES = Path(__file__).parents[2] / "../shared/vectors/statistics_cases.public.json"
LAWS = settings(deadline=None, derandomize=True, max_examples=60)
EFFECTS, VARIANCES = [0.02, 0.035, -0.005, 0.012, 0.05], [0.0001, 0.0004, 0.0002, 0.00015, 0.0009]
# R's InsectSprays: counts by spray.
SPRAYS = [
    [10, 7, 20, 14, 14, 12, 10, 23, 17, 20, 14, 13], [11, 17, 21, 11, 16, 14, 17, 17, 19, 21, 7, 13],
    [0, 1, 7, 2, 3, 1, 2, 1, 3, 0, 1, 4], [3, 5, 12, 6, 4, 3, 5, 5, 5, 5, 2, 4],
    [3, 5, 3, 5, 3, 6, 1, 1, 3, 2, 6, 4], [11, 9, 15, 22, 15, 16, 13, 10, 26, 26, 24, 13],
]  # fmt: skip


def case(label: str) -> dict:
    if not CASES.exists():
        pytest.skip("the cases are in ../shared/vectors, which is not here")
    return next(case for case in json.loads(CASES.read_text()) if case["id"] == label)


def lists() -> some.SearchStrategy[tuple[list[float], list[float]]]:
    one = some.tuples(some.floats(-3.0, 3.0), some.floats(0.01, 4.0))
    return some.lists(one, min_size=2, max_size=6).map(lambda rows: tuple(map(list, zip(*rows, strict=True))))


def test_shrunken_effects_and_paule_mandel_are_those_of_statsmodels():
    pooled, expected = meta_analysis(EFFECTS, VARIANCES, "dersimonian-laird"), case("eb_shrinkage")["expected"]
    found = shrink(EFFECTS, VARIANCES, pooled.mean, pooled.tau2)
    np.testing.assert_allclose(found.mean, expected["shrunk"], rtol=1e-6)
    np.testing.assert_allclose(found.weight_to_mean, expected["weight_to_mean"], rtol=1e-6)
    paule = meta_analysis(EFFECTS, VARIANCES, "paule-mandel")
    np.testing.assert_allclose(
        [paule.tau2, paule.mean, paule.se],
        list(case("meta_paule_mandel")["expected"].values()),
        rtol=1e-6,
        atol=1e-9,  # the cases' own rule; the reference stops its search at about that
    )


def test_welchs_anova_is_that_of_r():
    # oneway.test(count ~ spray, InsectSprays)
    x = np.array(SPRAYS, float)
    found = interaction_test(x.mean(axis=1), x.var(axis=1, ddof=1) / 12, 11.0)
    np.testing.assert_allclose(found[:4], [36.065443893577, 5, 30.042560508767, 7.999379455673e-12], rtol=1e-9)


def test_a_trend_with_known_variances_is_that_of_weighted_least_squares():
    wanted = case("novelty_trend_wls")
    found = novelty(wanted["inputs"]["day"], wanted["inputs"]["effect"], wanted["inputs"]["var"])
    np.testing.assert_allclose(found[:4], list(wanted["expected"].values()), rtol=1e-6)


@LAWS
@given(given=lists(), method=some.sampled_from(["paule-mandel", "dersimonian-laird", "maximum-likelihood"]))
def test_true_spread_moves_with_the_scale_and_not_with_the_place(given, method):
    d, v = map(np.array, given)
    tau2 = between_variance(d, v, method)
    assert tau2 >= 0.0
    assert between_variance(10 * d + 3, 100 * v, method) == pytest.approx(100 * float(tau2), rel=1e-4, abs=1e-6)
    if method == "paule-mandel" and tau2 > 1e-9:
        w = 1 / (v + tau2)
        assert (w * (d - np.average(d, weights=w)) ** 2).sum() == pytest.approx(len(d) - 1, rel=1e-6)


@LAWS
@given(given=lists())
def test_effects_that_are_not_known_change_nothing(given):
    d, v = given
    more, none = [*d, np.nan], [*v, np.inf]
    np.testing.assert_allclose(cochran_q(more, none)[:2], cochran_q(d, v)[:2], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(
        interaction_test(more, none, 9.0)[:4], interaction_test(d, v, 9.0)[:4], rtol=1e-9, atol=1e-12
    )
    one, other = meta_analysis(d, v), meta_analysis(more, none)
    np.testing.assert_allclose(other[:6], one[:6], rtol=1e-6, atol=1e-12)
    shrunk = shrink(more, none, one.mean, one.tau2)
    assert shrunk.mean[-1] == one.mean
    assert shrunk.sd[-1] == pytest.approx(np.sqrt(one.tau2))


def test_two_segments_are_welchs_test_of_their_difference():
    effects, variances, df = [0.4, 1.1], [0.02, 0.07], [14.0, 9.0]
    found = interaction_test(effects, variances, df)
    welch = 0.09**2 / (0.02**2 / 14 + 0.07**2 / 9)
    pair = Pair(effects[0], effects[1], variances[0], 0.0, variances[1], welch, 25.0)
    assert found.statistic == pytest.approx(float(statistic(pair)) ** 2, rel=1e-12)
    assert found.df_rest == pytest.approx(welch, rel=1e-12)
    assert found.p_value == pytest.approx(float(Fixed(0.05).p_value(pair)), rel=1e-10)


def test_with_many_units_the_interaction_test_is_cochrans_q():
    q, exact = cochran_q(EFFECTS, VARIANCES), interaction_test(EFFECTS, VARIANCES, np.inf)
    assert exact.p_value == pytest.approx(float(q.p_value), rel=1e-12)
    assert interaction_test(EFFECTS, VARIANCES, 1e8).p_value == pytest.approx(float(q.p_value), rel=1e-5)


def test_where_segments_do_not_differ_the_p_value_is_uniform():
    rng = np.random.default_rng(21)
    rows = rng.normal(5.0, 1.0, (2, 4_000, 4, 12, 1)) * np.array([1.0, 1.0, 2.0, 3.0])[:, None, None]
    pair = mean(*(Moments.of(("y",), arm) for arm in rows), "y")
    found = interaction_test(pair.m1 - pair.m0, pair.v00 + pair.v11, pair.df)
    assert kstest(found.p_value, "uniform").pvalue > 0.01
    assert cochran_q(pair.m1 - pair.m0, pair.v00 + pair.v11).p_value.mean() < found.p_value.mean()


def test_shrinkage_brings_estimates_nearer_to_the_truth():
    rng = np.random.default_rng(22)
    truth = rng.normal(0.02, 0.01, (2_000, 8))
    v = np.full(truth.shape, 0.02**2)
    seen = rng.normal(truth, np.sqrt(v))
    for method in ("paule-mandel", "dersimonian-laird"):
        pooled = meta_analysis(seen, v, method)
        shrunk = shrink(seen, v, pooled.mean, pooled.tau2).mean
        assert ((shrunk - truth) ** 2).mean() < 0.5 * ((seen - truth) ** 2).mean()


def test_each_shrunken_interval_holds_its_truth_however_few_effects_and_however_far_apart():
    rng = np.random.default_rng(7)
    for errors in ([0.02, 0.02], [0.01, 0.015, 0.02, 0.03], [0.005, 0.03, 0.03, 0.03, 0.03, 0.03]):
        for apart in (0.5, 1.0, 2.0):
            truth = rng.normal(0.02, apart * np.median(errors), (300, len(errors)))
            found = [shrink_each(d, np.square(errors)) for d in rng.normal(truth, errors)]
            missed = [np.abs(f.mean - t) > 1.96 * f.sd for f, t in zip(found, truth, strict=True)]
            assert np.mean(missed) < 0.075  # with one estimate of the spread up to .25
    with pytest.raises(ValueError, match="at least two"):
        shrink_each([1.0, np.nan], [1.0, np.inf])


@LAWS
@given(slope=some.floats(-2.0, 2.0), start=some.floats(-5.0, 5.0), seed=some.integers(0, 99))
def test_a_straight_line_gives_its_slope_and_start(slope, start, seed):
    rng = np.random.default_rng(seed)
    days, v = rng.permutation(7).astype(float), rng.uniform(0.1, 2.0, 7)
    v[2] = np.inf
    found = novelty(days, start + slope * days, v)
    assert found.slope == pytest.approx(slope, abs=1e-9)
    assert found.start == pytest.approx(start, abs=1e-9)


def days_of(rng: np.random.Generator, units: int) -> list[np.ndarray]:
    """Two arms of units whose days go together, `[units, days]`, of which the last is seen of half of them only."""
    arms = [rng.normal(10.0, 2.0, (units, 1)) + rng.normal(0.0, 1.0, (units, 6)).cumsum(axis=1) for _ in range(2)]
    for arm in arms:
        arm[: units // 2, -1] = np.nan
    return arms


def line_through(arms: list[np.ndarray], *, absolute: bool):
    n = [np.isfinite(a).sum(axis=0) for a in arms]
    means, variances = ([f(a, axis=0) for a in arms] for f in (np.nanmean, lambda a, axis: np.nanvar(a, axis, ddof=1)))
    pair = Pair(*means, variances[0] / n[0], 0.0, variances[1] / n[1], 1e6, n[0] + n[1])
    return day_line(np.arange(arms[0].shape[1]), pair, (n[0], n[1]), absolute=absolute), n, means


def score(arms: list[np.ndarray], *, absolute: bool) -> float:
    """The slope over its standard error, of each unit's own sum over days."""
    line, n, means = line_through(arms, absolute=absolute)
    added = [np.nansum((a - m) / k * w, axis=1) for a, m, k, w in zip(arms, means, n, line[1:], strict=True)]
    return line.slope / np.sqrt(sum(a @ a * a.size / (a.size - 1) for a in added))


@pytest.mark.parametrize("absolute", [True, False])
def test_a_line_of_days_that_go_together_is_told_in_five_per_cent_where_there_is_none(absolute):
    rng = np.random.default_rng(14)
    scores = [score(days_of(rng, 150), absolute=absolute) for _ in range(800)]
    assert np.mean(np.abs(scores) > 1.96) == pytest.approx(0.05, abs=3 * np.sqrt(0.05 * 0.95 / 800))


@pytest.mark.parametrize("absolute", [True, False])
def test_a_line_moves_with_each_days_mean_as_it_says(absolute):
    arms = days_of(np.random.default_rng(2), 5_000)
    line, _, means = line_through(arms, absolute=absolute)
    x = np.arange(6.0)
    effects = means[1] - means[0] if absolute else means[1] / means[0] - 1
    lifted = [np.where(x == 2, 1e-6, 0.0), np.where(x == 4, 1e-6, 0.0)]
    control, treatment = means[0] + lifted[0], means[1] + lifted[1]
    moved = (treatment - control if absolute else treatment / control - 1) - effects
    pull = line.treatment if absolute else line.treatment * means[0]
    assert line.slope == pytest.approx(pull @ effects, abs=1e-12)
    assert pull.sum() == pytest.approx(0.0, abs=1e-12)
    assert pull @ x == pytest.approx(1.0)
    assert line.control @ lifted[0] + line.treatment @ lifted[1] == pytest.approx(pull @ moved, rel=1e-5)


def test_days_without_a_variance_are_left_out_of_a_line_and_one_day_makes_none():
    m0, v = np.array([1.0, np.nan, 2.0, 4.0, 0.0]), np.array([0.1, np.inf, 0.1, 0.2, 0.3])
    pair = Pair(m0, m0 + np.array([0.0, 0.0, 2.0, 3.0, 1.0]), v, 0.0, v, 1e6, 200.0)
    units = np.full(5, 100.0), np.full(5, 100.0)
    absolute, relative = (day_line(range(5), pair, units, absolute=kind) for kind in (True, False))
    assert (absolute.control != 0).tolist() == [True, False, True, True, True]
    assert (relative.control != 0).tolist() == [True, False, True, True, False]  # nothing is relative to a mean of 0
    assert np.isnan(day_line(range(5), replace(pair, v00=np.where(m0 == 2.0, v, np.inf)), units).slope)
    with pytest.raises(ValueError, match="one each per day"):
        day_line(range(4), pair, units)


def test_without_novelty_the_trend_is_found_in_five_per_cent():
    rng = np.random.default_rng(23)
    v = rng.uniform(0.5, 2.0, 10)
    found = novelty(np.arange(10), rng.normal(1.0, np.sqrt(v), (20_000, 10)), np.broadcast_to(v, (20_000, 10)))
    assert (found.p_value <= 0.05).mean() == pytest.approx(0.05, abs=4 * np.sqrt(0.05 * 0.95 / 20_000))


def cells(rng: np.random.Generator, runs: int, both: float) -> Pair:
    """Two experiments on the same units: main effects 1 and 2, and `both` on top where they meet."""
    means, sizes = [[0.0, 1.0], [2.0, 3.0 + both]], [[15, 25], [20, 10]]
    rows = [[rng.normal(means[i][j], 1.0 + i + j, (runs, sizes[i][j], 1)) for j in (0, 1)] for i in (0, 1)]
    pairs = [mean(*(Moments.of(("y",), part) for part in row), "y") for row in rows]
    return interaction(*pairs)


def test_overlapping_experiments_without_interaction_have_a_uniform_p_value():
    found = cells(np.random.default_rng(24), 4_000, 0.0)
    assert kstest(Fixed(0.05).p_value(found), "uniform").pvalue > 0.01
    np.testing.assert_array_equal(found.n, 70.0)
    hit = cells(np.random.default_rng(25), 4_000, 1.5)
    assert (hit.m1 - hit.m0).mean() == pytest.approx(1.5, abs=0.1)


def test_an_empty_cell_leaves_the_interaction_unknown():
    empty, full = Moments(("y",), 0.0, [0.0], [[0.0]]), Moments(("y",), 9.0, [1.0], [[1.0]])
    found = interaction(mean(full, full, "y"), mean(full, empty, "y"))
    assert np.isinf(found.v11)
    assert Fixed(0.05).p_value(found) == 1.0


def test_nothing_to_compare_is_said_in_words_and_never_nan():
    for found in (cochran_q([1.0], [1.0]), interaction_test([1.0, np.nan], [1.0, np.inf], 5.0)):
        assert found.p_value == 1.0
        assert "fewer than two effects" in found.flags[0]
    trend = novelty([1.0, 1.0], [0.1, 0.2], [1.0, 1.0])
    assert (trend.slope, trend.p_value) == (0.0, 1.0)
    assert "fewer than two days" in trend.flags[0]
    none = meta_analysis([np.nan], [np.inf])
    assert none.se == np.inf
    assert np.isfinite([none.mean, none.tau2, none.q, none.i2]).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cochran_q([1.0], [1.0, 2.0]), "one of each"),
        (lambda: cochran_q([1.0, 2.0], [1.0, 0.0]), "variances hold 0.0"),
        (lambda: cochran_q([1.0, np.nan], [1.0, 1.0]), "effects holds nan"),
        (lambda: interaction_test([1.0, 2.0], [1.0, 1.0], 0.0), "df holds 0.0"),
        (lambda: meta_analysis([1.0, 2.0], [1.0, 1.0], "paule-mandle"), "did you mean 'paule-mandel'"),
        (lambda: shrink([1.0], [1.0], 0.0, -1.0), "tau2 holds -1"),
        (lambda: novelty([1.0], [1.0, 2.0], [1.0, 1.0]), "one day per effect"),
    ],
)
def test_what_cannot_be_compared_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
