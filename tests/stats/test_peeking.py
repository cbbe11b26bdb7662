"""Looking every day: the error over all looks, on outcomes as skewed as revenue, with no effect at all."""

import numpy as np
import pytest

from stats import AlwaysValid, Fixed, GroupSequential, Moments, Pair, estimate, mean

LOOKS, RUNS = 14, 4_000
NOISE = 3 * np.sqrt(0.05 * 0.95 / RUNS)  # three standard errors of a share of .05


def revenue(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """One buyer in twenty, who spends lognormal(3, 1)."""
    values = np.zeros(shape)
    buys = rng.random(shape) < 0.05
    values[buys] = rng.lognormal(3.0, 1.0, int(buys.sum()))
    return values


@pytest.fixture(scope="module", params=[50, 200])
def daily(request) -> list[Pair]:
    """The comparison at each of fourteen looks, RUNS experiments at once; new units come every day."""
    rng = np.random.default_rng(request.param)
    arms, pairs = None, []
    for _ in range(LOOKS):
        today = Moments.of(["y"], revenue(rng, (2, RUNS, request.param))[..., None])
        arms = today if arms is None else arms + today
        pairs.append(mean(arms.select(0), arms.select(1), "y"))
    return pairs


def ever(significant: list[np.ndarray]) -> float:
    return float(np.any(significant, axis=0).mean())


def crossings(pairs: list[Pair], relative: bool) -> float:
    """Share of experiments whose group-sequential interval ever leaves out zero."""
    found, units = [], [float(pair.n.flat[0]) for pair in pairs]
    for look, pair in enumerate(pairs, start=1):
        times = tuple(np.arange(1, look + 1) / LOOKS)
        result = estimate(pair, GroupSequential(0.05, times, tuple(units[:look])).critical(pair), 1.0)
        low, high = (result.relative_low, result.relative_high) if relative else (result.low, result.high)
        found.append((low > 0.0) | (high < 0.0))
    return ever(found)


@pytest.mark.parametrize("relative", [False, True])
def test_group_sequential_looks_err_one_time_in_twenty_on_either_scale(daily, relative):
    error = crossings(daily, relative)
    assert error <= 0.05 + NOISE
    assert error >= 0.035


def test_an_always_valid_test_errs_at_most_one_time_in_twenty(daily):
    rule = AlwaysValid(0.05, planned=float(daily[-1].n.flat[0]))
    assert ever([rule.p_value(pair) <= 0.05 for pair in daily]) <= 0.05 + NOISE


def test_one_side_of_an_always_valid_test_keeps_its_own_level(daily):
    rule = AlwaysValid(0.05, planned=float(daily[-1].n.flat[0]))
    for side in ("greater", "less"):
        assert ever([rule.p_value(pair, side=side) <= 0.05 for pair in daily]) <= 0.05 + NOISE


def test_peeking_with_a_fixed_test_errs_four_times_as_often(daily):
    assert ever([Fixed(0.05).p_value(pair) <= 0.05 for pair in daily]) > 0.15


def test_an_always_valid_test_holds_through_many_looks_from_the_first_units_on():
    rng = np.random.default_rng(81)
    rule, arms, found = AlwaysValid(0.05, planned=200), None, []
    for _ in range(60):
        today = Moments.of(["y"], rng.normal(size=(2, 3_000, 5, 1)))
        arms = today if arms is None else arms + today
        found.append(rule.p_value(mean(arms.select(0), arms.select(1), "y")) <= 0.05)
    assert ever(found) <= 0.05
