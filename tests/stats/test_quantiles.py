"""Quantiles of events when units were randomised."""

import numpy as np
import pytest

from stats import Fixed, Moments, estimate, ratio, standard_error
from stats.quantiles import Quantile, linear_quantile, quantile

FIXED = Fixed(0.05)


def events(rng: np.random.Generator, units: int) -> tuple[np.ndarray, np.ndarray]:
    """Load times: units differ in speed and in how many pages they load."""
    loads = 1 + rng.poisson(rng.gamma(1.0, 9.0, units))
    unit = np.repeat(np.arange(units), loads)
    return np.exp(0.35 * rng.normal(size=units)[unit] + 0.5 * rng.normal(size=unit.size)), unit


@pytest.mark.slow
def test_at_the_90th_percentile_units_err_one_time_in_twenty_and_events_one_in_three_or_four():
    rng, ours, naive = np.random.default_rng(1), [], []
    for _ in range(500):
        arms = [events(rng, 400) for _ in range(2)]
        ours.append(FIXED.p_value(quantile(*(Quantile.of(v, u, 0.9) for v, u in arms))))
        naive.append(FIXED.p_value(quantile(*(Quantile.of(v, np.arange(v.size), 0.9) for v, _ in arms))))
    assert 0.03 < np.mean(np.array(ours) <= 0.05) < 0.07
    assert np.mean(np.array(naive) <= 0.05) > 0.25


@pytest.mark.slow
def test_its_standard_error_is_its_spread_over_repetitions():
    rng = np.random.default_rng(2)
    pairs = [quantile(*(Quantile.of(*events(rng, 600), 0.5) for _ in range(2))) for _ in range(300)]
    spread = np.var([float(p.m1 - p.m0) for p in pairs])
    assert np.mean([float(standard_error(p) ** 2) for p in pairs]) == pytest.approx(spread, rel=0.2)


def test_a_published_programs_standard_error_comes_out_of_its_sums():
    # 2,500 units with 11,000 events, 9,900 of them at most q; the interval is that of independent events, with
    # n - 1 in its width, as that program has it.
    mean, squares = np.array([9_900.0, 11_000.0]) / 2_500, np.array([[50_900.0, 55_500.0], [55_500.0, 61_000.0]])
    cov = (squares - 2_500 * np.outer(mean, mean)) / 2_499
    width = 2 * 1.959963984540054 * np.sqrt(0.9 * 0.1 / 10_999)
    arm = Quantile(7.157987, 7.0, 7.3, width, Moments(("at_most", "events"), 2_500, mean, cov))
    assert float(np.sqrt(quantile(arm, arm).v00)) == pytest.approx(0.049258891428427695, rel=1e-6)


def test_one_event_per_unit_is_the_order_statistic_interval_itself():
    values = np.random.default_rng(3).exponential(size=2_000)
    arm = Quantile.of(values, np.arange(2_000), 0.75)
    pair = quantile(arm, arm)
    assert float(pair.v00) == pytest.approx(((arm.high - arm.low) / (2 * 1.96)) ** 2, rel=2e-3)
    assert float(pair.n) == 4_000


def test_scaling_swapping_and_shifting_do_what_they_should():
    rng = np.random.default_rng(4)
    (v0, u0), (v1, u1) = events(rng, 300), events(rng, 350)
    plain = quantile(Quantile.of(v0, u0, 0.9), Quantile.of(v1, u1, 0.9))
    scaled = quantile(Quantile.of(1e6 * v0, u0, 0.9), Quantile.of(1e6 * v1, u1, 0.9))
    back = quantile(Quantile.of(v1, u1, 0.9), Quantile.of(v0, u0, 0.9))
    far = quantile(Quantile.of(v0 + 1e9, u0, 0.9), Quantile.of(v1 + 1e9, u1, 0.9))
    for other in (scaled, back, far):
        assert float(FIXED.p_value(other)) == pytest.approx(float(FIXED.p_value(plain)), rel=1e-5)
    assert float(scaled.m1) == pytest.approx(1e6 * float(plain.m1))
    assert float(back.m0) == float(plain.m1)


def test_arms_from_sums_can_come_in_batches():
    rng = np.random.default_rng(5)
    arms = [Quantile.of(*events(rng, 300), 0.9) for _ in range(3)]
    moments = Moments(
        ("at_most", "events"), *(np.stack([getattr(a.moments, f) for a in arms]) for f in ("n", "mean", "cov"))
    )
    batch = Quantile(*(np.stack([getattr(a, f) for a in arms]) for f in ("value", "low", "high", "width")), moments)
    together = quantile(arms[0], batch)
    for i in range(3):
        assert float(together.v11[i]) == pytest.approx(float(quantile(arms[0], arms[i]).v11), rel=1e-12)


@pytest.mark.parametrize("number", [1, 2, 15])
def test_too_few_events_for_an_interval_are_said_to_be_so(number):
    rng = np.random.default_rng(6)
    few = Quantile.of(rng.exponential(size=number), np.arange(number), 0.9)
    pair = quantile(few, Quantile.of(*events(rng, 300), 0.9))
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert (result.p_value, result.flags) == (1.0, ("too few units for an interval",))
    alone = Quantile.of(rng.exponential(size=500), np.zeros(500), 0.5)  # all from one unit
    assert np.isinf(quantile(alone, alone).v00)


def test_events_that_are_all_alike_prove_nothing():
    arm = Quantile.of(np.full(500, 0.1), np.arange(500), 0.5)
    pair = quantile(arm, arm)
    result = estimate(pair, FIXED.critical(pair), FIXED.p_value(pair))
    assert (result.p_value, result.flags) == (1.0, ("no variation in either arm: nothing can be tested",))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Quantile.of([], [], 0.9), "give at least one event"),
        (lambda: Quantile.of([1.0, 2.0], [1], 0.9), "a unit each"),
        (lambda: Quantile.of([1.0, np.inf], [1, 2], 0.9), "values holds inf"),
        (lambda: Quantile.of([1.0, 2.0], [1, 2], 1.0), "level is 1.0"),
        (lambda: Quantile(2.0, 3.0, 4.0, 0.1, Moments.of(["at_most", "events"], [[1, 1]])), "must not fall"),
        (lambda: Quantile(2.0, 1.0, 4.0, 1.5, Moments.of(["at_most", "events"], [[1, 1]])), "in 0 to 1"),
        (lambda: Quantile(2.0, 1.0, 4.0, 0.1, Moments.of(["at_mots", "events"], [[1, 1]])), "unknown column 'at_most'"),
    ],
)
def test_what_is_no_quantile_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_its_linear_form_is_the_same_pair_by_the_ratio():
    rng = np.random.default_rng(6)
    arms = [Quantile.of(*events(rng, units), 0.9) for units in (300, 350)]
    expected = quantile(*arms)
    linear = [linear_quantile(a.moments, float(a.value), float((a.high - a.low) / a.width)) for a in arms]
    for field, value in vars(ratio(*linear, "at_most", "events")).items():
        assert value == pytest.approx(getattr(expected, field), rel=1e-9), field


@pytest.mark.slow
def test_its_linear_form_is_adjusted_for_a_covariate_and_the_error_stays_right():
    rng, pairs, raw = np.random.default_rng(7), [], []
    for _ in range(300):
        arms = [_with_speed(rng, 500) for _ in range(2)]
        pairs.append(ratio(*arms, "y", "d", ["speed"]))
        raw.append(ratio(*arms, "y", "d"))
    squares = np.mean([float(standard_error(p)) ** 2 for p in pairs])
    assert squares == pytest.approx(np.var([float(p.m1 - p.m0) for p in pairs]), rel=0.25)
    assert squares < 0.8 * np.mean([float(standard_error(p)) ** 2 for p in raw])


def _with_speed(rng: np.random.Generator, units: int) -> Moments:
    """Moments of a 75th percentile whose units' speed was known before."""
    speed, loads = rng.normal(size=units), 1 + rng.poisson(4.0, units)
    unit = np.repeat(np.arange(units), loads)
    values = np.exp(0.6 * speed[unit] + 0.3 * rng.normal(size=unit.size))
    arm = Quantile.of(values, unit, 0.75)
    columns = np.bincount(unit, values <= arm.value), loads, speed
    moments = Moments.of(("y", "d", "speed"), np.column_stack(columns))
    return linear_quantile(moments, float(arm.value), float((arm.high - arm.low) / arm.width))
