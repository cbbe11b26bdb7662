"""Designs that randomise groups or hours: their noise is that of the groups."""

import numpy as np
import pytest

from stats import Fixed, Moments, Pair, estimate, ratio, standard_error
from stats.clusters import Switchback, clustered, switchback

FIXED = Fixed(0.05)
DESIGN = Switchback(block=4, washout=1)


def designed(rng: np.random.Generator, shape: tuple[int, ...], treated: int) -> tuple[np.ndarray, np.ndarray]:
    """Totals and sizes of clusters with levels of their own, the first `treated` of them in treatment."""
    size = 1.0 + rng.poisson(rng.gamma(2.0, 10.0, shape))
    total = size * (5.0 + rng.normal(0.0, 1.0, shape)) + np.sqrt(size) * rng.normal(0.0, 2.0, shape)
    side = (np.arange(shape[-1]) < treated).astype(float)
    split = np.stack([1.0 - side, side], axis=-1)
    return total[..., None] * split, size[..., None] * split


def test_few_clusters_have_the_jackknife_variance_and_one_degree_of_freedom_less_than_clusters():
    sums, counts = designed(np.random.default_rng(1), (24,), 12)
    pair = clustered(sums, counts)

    def difference(keep: np.ndarray) -> float:
        control, treatment = sums[keep].sum(axis=0) / counts[keep].sum(axis=0)
        return treatment - control

    without = [difference(np.arange(24) != g) for g in range(24)]
    jackknife = 23 / 24 * ((np.array(without) - difference(np.arange(24) >= 0)) ** 2).sum()
    assert float(standard_error(pair) ** 2) == pytest.approx(jackknife, rel=1e-12)
    assert (float(pair.df), float(pair.n)) == (23.0, 24.0)


def test_many_clusters_are_a_ratio_metric_with_clusters_as_units():
    sums, counts = designed(np.random.default_rng(2), (2_000,), 900)
    rows = np.stack([sums.sum(axis=-1), counts.sum(axis=-1)], axis=-1)
    plain = ratio(Moments.of(["y", "z"], rows[900:]), Moments.of(["y", "z"], rows[:900]), "y", "z")
    pair = clustered(sums, counts)
    np.testing.assert_allclose([pair.m0, pair.m1], [plain.m0, plain.m1], rtol=1e-12)
    np.testing.assert_allclose([pair.v00, pair.v11], [plain.v00, plain.v11], rtol=0.01)


@pytest.mark.parametrize(("clusters", "treated"), [(12, 6), (24, 12), (41, 20), (60, 30), (70, 15)])
def test_without_effect_one_in_twenty_is_called_significant(clusters, treated):
    sums, counts = designed(np.random.default_rng(3), (8_000, clusters), treated)
    rate = float((FIXED.p_value(clustered(sums, counts)) <= 0.05).mean())
    assert rate == pytest.approx(0.05, abs=0.01)


def test_four_treated_clusters_against_forty_do_not_pass_for_forty_four():
    sums, counts = designed(np.random.default_rng(4), (8_000, 44), 4)
    pair = clustered(sums, counts)
    assert float((FIXED.p_value(pair) <= 0.05).mean()) < 0.075
    many = Pair(pair.m0, pair.m1, pair.v00, pair.v01, pair.v11, np.asarray(43.0), pair.n)
    assert float((FIXED.p_value(many) <= 0.05).mean()) > 0.1


def test_clusters_in_both_arms_count_their_covariance():
    rng = np.random.default_rng(4)
    level = rng.normal(5.0, 2.0, (3_000, 30, 1))
    counts = 20.0 + rng.poisson(10.0, (3_000, 30, 2))
    sums = counts * (level + rng.normal(0.0, 0.2, (3_000, 30, 2)))
    pair = clustered(sums, counts)
    assert float(np.mean(standard_error(pair) ** 2)) == pytest.approx((pair.m1 - pair.m0).var(), rel=0.1)
    assert float(np.median(standard_error(pair) ** 2 / (pair.v00 + pair.v11))) < 0.1


def test_a_covariate_of_clusters_takes_out_the_noise_that_it_explains_and_keeps_the_level():
    rng, runs, clusters = np.random.default_rng(6), 1_000, 24
    before = rng.normal(0.0, 1.0, (runs, clusters))
    size = 1.0 + rng.poisson(40.0, (runs, clusters))
    total = size * (5.0 + before + rng.normal(0.0, 0.5, (runs, clusters)))
    split = np.stack([np.arange(clusters) >= 12, np.arange(clusters) < 12], axis=-1)
    sums, counts = total[..., None] * split, size[..., None] * split
    raw, adjusted = clustered(sums, counts), clustered(sums, counts, before[..., None])
    assert float(np.median(standard_error(adjusted) / standard_error(raw))) < 0.6
    spread = float((adjusted.m1 - adjusted.m0).std())
    assert float(np.sqrt(np.mean(standard_error(adjusted) ** 2))) == pytest.approx(spread, rel=0.12)
    assert float((FIXED.p_value(adjusted) <= 0.05).mean()) == pytest.approx(0.05, abs=0.02)
    assert (adjusted.df == 22).all()


def test_a_covariate_that_is_constant_changes_the_degrees_of_freedom_alone():
    sums, counts = designed(np.random.default_rng(7), (20,), 10)
    raw, adjusted = clustered(sums, counts), clustered(sums, counts, np.ones((20, 1)))
    for field in ("m0", "m1", "v00", "v01", "v11", "n"):
        assert float(getattr(adjusted, field)) == pytest.approx(float(getattr(raw, field)), rel=1e-9, abs=1e-15)
    assert (float(raw.df), float(adjusted.df)) == (19.0, 18.0)


def test_many_adjusted_clusters_are_an_adjusted_ratio_metric():
    rng = np.random.default_rng(8)
    sums, counts = designed(rng, (400,), 180)
    x = sums.sum(axis=-1) / counts.sum(axis=-1) + rng.normal(0.0, 1.0, 400)
    rows = np.column_stack([sums.sum(axis=-1), counts.sum(axis=-1), x])
    arms = [Moments.of(["y", "z", "x"], part) for part in (rows[180:], rows[:180])]
    plain, pair = ratio(*arms, "y", "z", ["x"]), clustered(sums, counts, x[:, None])
    np.testing.assert_allclose([pair.m0, pair.m1], [plain.m0, plain.m1], rtol=1e-12)
    assert float(standard_error(pair)) == pytest.approx(float(standard_error(plain)), rel=0.05)


@pytest.mark.parametrize("arm", [0, 1, 3])
def test_clusters_too_few_for_their_covariates_say_so(arm):
    sums, counts = designed(np.random.default_rng(9), (arm + 12,), arm)
    pair = clustered(sums, counts, np.arange(arm + 12.0)[:, None])
    found = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert (float(found.p_value), found.flags[0]) == (1.0, "too few units for an interval")


def test_covariates_that_fit_no_clusters_are_refused():
    sums, counts = designed(np.random.default_rng(9), (12,), 6)
    with pytest.raises(ValueError, match="do not fit 12 clusters"):
        clustered(sums, counts, np.ones((11, 1)))


def test_swapping_arms_flips_the_sign_scaling_leaves_p_alone_and_a_batch_equals_its_cells():
    sums, counts = designed(np.random.default_rng(5), (3, 30), 13)
    pair = clustered(sums, counts)
    back, large = clustered(sums[..., ::-1], counts[..., ::-1]), clustered(1e6 * sums, counts)
    np.testing.assert_allclose(pair.m1 - pair.m0, back.m0 - back.m1, rtol=1e-12)
    np.testing.assert_allclose(FIXED.p_value(pair), FIXED.p_value(back), rtol=1e-9)
    np.testing.assert_allclose(FIXED.p_value(pair), FIXED.p_value(large), rtol=1e-9)
    for i in range(3):
        np.testing.assert_allclose(pair.v11[i], clustered(sums[i], counts[i]).v11, rtol=1e-12)


@pytest.mark.parametrize("treated", [0, 1])
@pytest.mark.parametrize("clusters", [2, 10, 60])
def test_an_arm_with_fewer_than_two_clusters_says_nothing(treated, clusters):
    pair = clustered(*designed(np.random.default_rng(6), (clusters,), treated))
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert (result.p_value, result.flags) == (1.0, ("too few units for an interval",))
    empty = clustered(np.zeros((0, 2)), np.zeros((0, 2)))
    assert FIXED.p_value(empty) == 1.0


def test_clusters_that_are_all_alike_prove_nothing():
    sides = np.repeat(np.eye(2), 8, axis=0)
    pair = clustered(6.0 * sides, 3.0 * sides)
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert (result.p_value, result.flags) == (1.0, ("no variation in either arm: nothing can be tested",))


@pytest.mark.parametrize(
    ("sums", "counts", "message"),
    [
        (np.zeros((4, 2)), np.zeros((5, 2)), r"must both be \[..., clusters, 2\]"),
        (np.zeros((4, 3)), np.zeros((4, 3)), r"must both be \[..., clusters, 2\]"),
        (np.full((4, 2), np.nan), np.zeros((4, 2)), "sums holds nan"),
        (np.zeros((4, 2)), np.full((4, 2), -1.0), "counts holds -1"),
    ],
)
def test_tables_that_are_no_clusters_are_refused(sums, counts, message):
    with pytest.raises(ValueError, match=message):
        clustered(sums, counts)


def days(rng: np.random.Generator, regions: int, periods: int) -> np.ndarray:
    """Outcomes with a daily course, regions' own levels and noise that lasts for hours."""
    noise = rng.normal(size=(regions, periods + 5))
    lasting = sum(noise[:, i : i + periods] for i in range(6))
    return 100.0 + 5.0 * np.sin(np.arange(periods) * np.pi / 12) + rng.normal(0.0, 3.0, (regions, 1)) + lasting


def test_a_switchback_without_effect_has_uniform_p_values_although_hours_resemble_one_another():
    rng = np.random.default_rng(7)
    p = []
    for _ in range(500):
        y, w = days(rng, 3, 48), DESIGN.assign(3, 48, rng=rng)[0]
        p.append(switchback(y, w, DESIGN, rng=rng, draws=199).p_value)
    for level in (0.05, 0.1, 0.5):
        assert np.mean(np.array(p) <= level) == pytest.approx(level, abs=4.0 * np.sqrt(level * (1 - level) / 500))


def test_a_washout_keeps_what_lingers_out_of_the_effect():
    rng = np.random.default_rng(8)
    naive, washed = [], []
    for _ in range(60):
        w = DESIGN.assign(6, 168, rng=rng)[0]
        felt = w.astype(float)
        felt[:, 1:] = (felt[:, 1:] + felt[:, :-1]) / 2.0  # an effect of 2, half of which arrives an hour late
        y = days(rng, 6, 168) + 2.0 * felt
        naive.append(switchback(y, w, Switchback(block=4, washout=0), rng=rng, draws=100).effect)
        washed.append(switchback(y, w, DESIGN, rng=rng, draws=100).effect)
    assert np.mean(washed) == pytest.approx(2.0, abs=4.0 * np.std(washed) / np.sqrt(60))
    assert np.mean(naive) < 1.9


def test_an_effect_is_found_and_neither_its_level_nor_its_unit_matters():
    rng = np.random.default_rng(9)
    w = DESIGN.assign(6, 168, rng=rng)[0]
    y = days(rng, 6, 168) + 3.0 * w
    first, moved, scaled = (
        switchback(table, w, DESIGN, rng=np.random.default_rng(10), draws=500) for table in (y, y + 1e6, 1e6 * y)
    )
    assert first.p_value < 0.01
    assert moved.effect == pytest.approx(first.effect, rel=1e-6)
    assert scaled.effect == pytest.approx(1e6 * first.effect, rel=1e-9)
    assert first.p_value == moved.p_value == scaled.p_value
    swapped = switchback(y, ~w, DESIGN, rng=np.random.default_rng(10), draws=500)
    assert swapped.effect == pytest.approx(-first.effect)


def test_periods_are_weighed_by_how_likely_they_were_read():
    # Unequal shares and a block longer than the washout: periods late in a block are read more often.
    rng = np.random.default_rng(11)
    design = Switchback(block=3, washout=1, share=0.3)
    trend = np.tile(np.array([0.0, 0.0, 9.0]), 40)
    effects = []
    for _ in range(300):
        w = design.assign(4, 120, rng=rng)[0]
        effects.append(switchback(trend + rng.normal(size=(4, 120)) + w, w, design, rng=rng, draws=100).effect)
    assert np.mean(effects) == pytest.approx(1.0, abs=4.0 * np.std(effects) / np.sqrt(300))


def test_a_switchback_with_nothing_to_read_or_no_variation_says_so():
    rng = np.random.default_rng(12)
    y = days(rng, 2, 24)
    nothing = switchback(y, np.ones((2, 24)), DESIGN, rng=rng)
    assert (np.isnan(nothing.effect), nothing.p_value) == (True, 1.0)
    assert nothing.flags == ("after the washout an arm has no period left: nothing can be tested",)
    w = DESIGN.assign(2, 24, rng=rng)[0]
    long = switchback(y, w, Switchback(block=4, washout=30), rng=rng, draws=100)
    assert long.flags == nothing.flags
    same = switchback(np.full((2, 24), 0.1), w, DESIGN, rng=rng, draws=100)
    assert (same.effect, same.p_value) == (0.0, 1.0)
    assert same.flags == ("no redrawn assignment differs in its result: nothing can be tested",)
    one = switchback(y[:1, :1], w[:1, :1], Switchback(block=1, washout=0), rng=rng, draws=100)
    assert one.flags == nothing.flags


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: Switchback(block=0, washout=1), "block is 0"),
        (lambda rng: Switchback(block=4, washout=-1), "washout is -1"),
        (lambda rng: Switchback(block=float("inf"), washout=float("nan")), "block is inf"),
        (lambda rng: Switchback(block=4, washout=1, share=1.0), "share is 1.0"),
        (lambda rng: switchback(np.zeros((2, 8)), np.zeros((2, 9)), DESIGN, rng=rng), "must both be"),
        (lambda rng: switchback(np.full((1, 8), np.nan), np.zeros((1, 8)), DESIGN, rng=rng), "outcomes holds nan"),
        (lambda rng: switchback(np.zeros((1, 4)), [[2, 2, 2, 2]], DESIGN, rng=rng), "assignment holds 2"),
        (lambda rng: switchback(np.zeros((1, 4)), [[0, 1, 1, 1]], DESIGN, rng=rng), "changes within a block of 4"),
        (
            lambda rng: switchback(np.zeros((1, 4)), [[1, 1, 1, 1]], DESIGN, rng=rng, draws=0),
            "0 draws are too few; take at least 100",
        ),
        (lambda rng: DESIGN.assign(1, 4, rng=7), "rng is 7; it must be a numpy Generator"),
    ],
)
def test_designs_and_tables_that_make_no_sense_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(1))
