"""Posterior: a normal prior on the lift, and what it says of keeping and dropping."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stats import Fixed, Moments, Pair, Prior, crossing_probabilities, estimate, mean, posterior
from stats.posterior import NO_DATA, lift

CASES = Path(__file__).parents[2] / "../shared/vectors/statistics_cases.public.json"
LAWS = settings(deadline=None, derandomize=True, max_examples=100)


def of(control: dict, treatment: dict) -> Pair:
    return mean(*(Moments(("y",), arm["n"], [arm["mean"]], [[arm["var"]]]) for arm in (control, treatment)), "y")


def pair(m0: float = 10.0, d: float = 0.2, v: float = 0.005) -> Pair:
    return Pair(m0, m0 + d, v, 0.0, v, np.inf, 20_000.0)


@pytest.mark.parametrize("label", ["bayes_gaussian_flat", "bayes_gaussian_informative"])
def test_reference_posteriors_come_out(label):
    if not CASES.exists():
        pytest.skip("the cases are in ../shared/vectors, which is not here")
    case = next(case for case in json.loads(CASES.read_text()) if case["id"] == label)
    given, expected = case["inputs"], case["expected"]
    prior = Prior(given["prior"]["mean"], given["prior"]["variance"] ** 0.5) if given["prior"]["proper"] else None
    found = posterior(of(given["control"], given["treatment"]), prior)
    values = [found.chance_better(), found.mean, found.sd, *found.interval(), found.loss_drop(), found.loss_keep()]
    wanted = [expected[key] for key in ("ctw", "mean", "sd")] + expected["ci"]
    wanted += [expected["risk_keep_control"], expected["risk_ship_treatment"]]
    np.testing.assert_allclose(values, wanted, rtol=case["tolerance"])


def test_a_flat_prior_gives_the_fixed_interval_and_twice_its_one_sided_p():
    given, rule = pair(), Fixed(0.05)
    found, plain = posterior(given, Prior(absolute=True)), estimate(given, rule.critical(given), rule.p_value(given))
    np.testing.assert_allclose(found.interval(0.95), [plain.low, plain.high], rtol=1e-9)
    assert 1.0 - found.chance_better() == pytest.approx(float(plain.p_value) / 2.0, rel=1e-9)


@LAWS
@given(m=some.floats(-3.0, 3.0), s=some.floats(0.01, 5.0), d=some.floats(-4.0, 4.0), v=some.floats(0.001, 4.0))
def test_learning_twice_is_learning_from_both(m, s, d, v):
    one, other = Pair(0.0, d, v, 0.0, v, np.inf, 10.0), Pair(0.0, -d / 2, 3 * v, 0.0, v, np.inf, 10.0)
    first = posterior(one, Prior(m, s, True))
    second = posterior(other, Prior(float(first.mean), float(first.sd), True))
    precision = np.array([1 / s**2, 1 / (2 * v), 1 / (4 * v)])
    assert second.sd == pytest.approx(precision.sum() ** -0.5, rel=1e-9)
    assert second.mean == pytest.approx((precision * [m, d, -d / 2]).sum() / precision.sum(), rel=1e-9, abs=1e-12)


@LAWS
@given(d=some.floats(-2.0, 2.0), v=some.floats(0.001, 1.0))
def test_losses_are_what_integration_gives_and_differ_by_the_mean(d, v):
    found = posterior(Pair(0.0, d, v, 0.0, v, np.inf, 10.0), Prior(0.1, 1.0, True))
    x = np.linspace(-12.0, 12.0, 200_001) * found.sd + found.mean
    weight = np.exp(-(((x - found.mean) / found.sd) ** 2) / 2)
    weight /= weight.sum()
    assert found.loss_keep() == pytest.approx((weight * np.maximum(-x, 0.0)).sum(), rel=1e-6, abs=1e-9)
    assert found.loss_drop() - found.loss_keep() == pytest.approx(found.mean, abs=1e-12)
    assert found.rope(-0.1, 0.1) == pytest.approx(
        float(found.chance_better(-0.1) - found.chance_better(0.1)), abs=1e-12
    )


def test_swapping_arms_turns_the_absolute_posterior_round():
    there, back = pair(), Pair(10.2, 10.0, 0.005, 0.0, 0.005, np.inf, 20_000.0)
    one, other = posterior(there, Prior(0.0, 0.3, True)), posterior(back, Prior(0.0, 0.3, True))
    assert one.mean == pytest.approx(-other.mean)
    assert one.loss_keep() == pytest.approx(other.loss_drop())
    assert one.chance_better() == pytest.approx(1.0 - other.chance_better())


def test_the_region_of_equivalence_keeps_its_digits_far_out():
    found = posterior(Pair(0.0, 0.0, 0.5, 0.0, 0.5, np.inf, 10.0), Prior(absolute=True))
    assert found.rope(9.0, 10.0) == pytest.approx(1.1286e-19, rel=1e-4)
    assert found.rope(-10.0, -9.0) == pytest.approx(float(found.rope(9.0, 10.0)), rel=1e-12)
    assert found.rope(-1.0, 1.0) == pytest.approx(0.6826894921)


def test_a_relative_lift_counts_the_noise_of_control():
    value, se = lift(Pair(10.0, 15.0, 0.04, 0.0, 0.09, np.inf, 100.0))
    assert value == pytest.approx(0.5)
    assert se == pytest.approx(np.sqrt(0.09 + 1.5**2 * 0.04) / 10.0)


def test_without_data_the_posterior_is_the_prior_and_says_so():
    empty = Moments(("y",), [0.0, 5_000.0, 5_000.0], [[0.0], [0.0], [1.0]], [[[0.0]], [[1.0]], [[0.5]]])
    found = posterior(mean(empty, empty, "y"), Prior(0.01, 0.02))
    assert NO_DATA in found.flags
    np.testing.assert_allclose(found.mean[:2], 0.01)
    np.testing.assert_allclose(found.sd[:2], 0.02)
    flat = posterior(mean(empty, empty, "y"))
    assert np.isfinite(flat.chance_better()).all()
    assert flat.chance_better()[0] == 0.5
    assert flat.loss_keep()[0] == np.inf


def test_a_noisy_or_negative_control_is_flagged():
    assert "control too close to zero for a relative change" in posterior(pair(0.1)).flags
    assert any("below zero" in flag for flag in posterior(pair(-10.0)).flags)
    assert posterior(pair(0.1), Prior(absolute=True)).flags == ()
    assert posterior(pair()).flags == ()


def test_a_posterior_is_no_error_guarantee():
    # Ten looks at nothing: "95 % chance to be better" at some look far more often than in 5 %.
    rng = np.random.default_rng(7)
    looks = np.arange(1, 11)
    d = rng.normal(size=(4_000, 10)).cumsum(axis=1) / looks
    found = posterior(Pair(0.0, d, 0.5 / looks, 0.0, 0.5 / looks, np.inf, looks), Prior(absolute=True))
    better = (found.chance_better() > 0.95).any(axis=1).mean()
    exact = crossing_probabilities([1.6448536] * 10, looks, two_sided=False)[-1]
    assert exact > 3 * 0.05
    assert better == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 4_000))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Prior(0.0, 0.0), "sd is 0.0"),
        (lambda: Prior(np.nan), "holds nan"),
        (lambda: posterior(pair()).rope(0.1, -0.1), "low end"),
        (lambda: posterior(pair()).interval(95.0), "level is 95.0"),
    ],
)
def test_impossible_beliefs_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
