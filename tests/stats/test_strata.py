"""Post-stratification: groups compared within, then averaged."""

import numpy as np
import pytest

from stats import Fixed, Moments, Pair, estimate, mean, standard_error
from stats.strata import poststratify


def arm(*cells: tuple[float, float, float]) -> Moments:
    n, means, variances = np.array(cells).T
    return Moments(("y",), n, means[:, None], variances[:, None, None])


def test_the_printed_example_of_three_strata_comes_out_absolute_and_relative():
    control = arm((5_000, 10.0, 25.0), (3_000, 14.0, 30.0), (2_000, 6.0, 9.0))
    treatment = arm((5_100, 10.3, 26.0), (2_900, 14.1, 33.0), (2_050, 6.5, 10.0))
    pair = poststratify(mean(control, treatment, "y"))
    assert float(pair.m1 - pair.m0) == pytest.approx(0.2815461346633419, rel=1e-12)
    assert float(standard_error(pair)) == pytest.approx(0.06926259422484969, rel=1e-12)
    lift = float(pair.m1 / pair.m0) - 1.0
    assert lift == pytest.approx(0.027152477152477174, rel=1e-12)
    assert float(standard_error(pair, lift) / pair.m0) == pytest.approx(0.006768903614724851, rel=1e-9)


def test_its_standard_error_is_its_spread_over_repetitions_and_the_intervals_cover():
    rng = np.random.default_rng(2)
    levels, lifts, sizes = np.array([0.0, 4.0, 9.0]), np.array([0.0, 0.5, 2.0]), (3_000, 2, 400)
    stratum = rng.choice(3, p=[0.5, 0.3, 0.2], size=sizes)
    y = 20.0 + levels[stratum] + rng.normal(size=sizes)
    y[:, 1] += lifts[stratum[:, 1]]
    cells = [cell(y, stratum, s) for s in range(3)]
    n, means, variances = (np.stack(field, axis=-1) for field in zip(*cells, strict=True))
    sides = [Moments(("y",), n[:, a], means[:, a, :, None], variances[:, a, :, None, None]) for a in (0, 1)]
    pair = poststratify(mean(*sides, "y"))
    difference = pair.m1 - pair.m0
    assert float(np.mean(standard_error(pair) ** 2)) == pytest.approx(difference.var(), rel=0.08)
    assert difference.std() < 0.5 * (y[:, 1].mean(axis=-1) - y[:, 0].mean(axis=-1)).std()
    result = estimate(pair, Fixed(0.05).critical(pair), Fixed(0.05).p_value(pair))
    truth, base = 0.3 * 0.5 + 0.2 * 2.0, 20.0 + 0.3 * 4.0 + 0.2 * 9.0
    assert float(((result.low <= truth) & (truth <= result.high)).mean()) == pytest.approx(0.95, abs=0.015)
    lift = truth / base
    inside = (result.relative_low <= lift) & (lift <= result.relative_high)
    assert float(inside.mean()) == pytest.approx(0.95, abs=0.015)


def cell(y: np.ndarray, stratum: np.ndarray, s: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    here = stratum == s
    n = here.sum(axis=-1)
    means = (y * here).sum(axis=-1) / n
    return n.astype(float), means, (((y - means[..., None]) * here) ** 2).sum(axis=-1) / (n - 1)


def test_one_stratum_changes_nothing_and_an_empty_one_counts_for_nothing():
    control, treatment = arm((400, 10.0, 4.0)), arm((420, 10.3, 5.0))
    plain = mean(control.select(0), treatment.select(0), "y")
    empty = (0, 0.0, 0.0)
    for pair in (
        poststratify(mean(control, treatment, "y")),
        poststratify(mean(arm((400, 10.0, 4.0), empty), arm((420, 10.3, 5.0), empty), "y")),
    ):
        for field in ("m0", "m1", "v00", "v01", "v11", "df", "n"):
            assert float(getattr(pair, field)) == pytest.approx(float(getattr(plain, field)), rel=1e-12), field


def test_swapping_arms_flips_the_sign_and_scaling_leaves_p_alone():
    control, treatment = arm((50, 10.0, 4.0), (90, 3.0, 2.0)), arm((70, 10.3, 5.0), (60, 3.5, 2.5))
    there, back = poststratify(mean(control, treatment, "y")), poststratify(mean(treatment, control, "y"))
    assert float(there.m1 - there.m0) == pytest.approx(-float(back.m1 - back.m0))
    assert float(Fixed(0.05).p_value(there)) == pytest.approx(float(Fixed(0.05).p_value(back)))
    scaled = [Moments(("y",), m.n, m.mean * 1e6, m.cov * 1e12) for m in (control, treatment)]
    large = poststratify(mean(*scaled, "y"))
    assert float(Fixed(0.05).p_value(large)) == pytest.approx(float(Fixed(0.05).p_value(there)), rel=1e-9)


@pytest.mark.parametrize("lonely", [0, 1])
def test_a_stratum_that_an_arm_does_not_have_leaves_the_effect_unknown_in_words(lonely):
    pair = poststratify(mean(arm((400, 10.0, 4.0), (lonely, 9.0, 0.0)), arm((420, 10.3, 5.0), (30, 9.0, 1.0)), "y"))
    result = estimate(pair, Fixed(0.05).critical(pair), Fixed(0.05).p_value(pair))
    assert result.p_value == 1.0
    assert (result.low, result.high) == (-np.inf, np.inf)
    assert result.flags == ("too few units for an interval",)


def test_nobody_anywhere_large_levels_and_1e15_units_are_no_trouble():
    nobody = poststratify(mean(arm((0, 0.0, 0.0)), arm((0, 0.0, 0.0)), "y"))
    result = estimate(nobody, Fixed(0.05).critical(nobody), Fixed(0.05).p_value(nobody))
    assert (result.p_value, result.flags) == (1.0, ("too few units for an interval",))
    pair = poststratify(mean(arm((1e15, 1e12, 1.0), (1e15, 1e12, 1.0)), arm((1e15, 1e12, 1.0), (1e15, 1e12, 1.0)), "y"))
    assert float(standard_error(pair)) == pytest.approx(np.sqrt(2.0 / 2e15))


def test_a_pair_without_strata_is_refused():
    with pytest.raises(ValueError, match="has no strata"):
        poststratify(Pair(1.0, 1.0, 1.0, 0.0, 1.0, 9.0, 10.0))
