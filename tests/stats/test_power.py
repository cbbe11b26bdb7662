"""Planning: units, detectable changes and days, against R and by simulation."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.optimize import brentq

from stats import AlwaysValid, Fixed, GroupSequential, Moments, Pair, mean, power
from stats.power import (
    Aim,
    always_valid,
    arcsine_effect,
    beta_each,
    detectable,
    enrol_days,
    fixed,
    group_sequential,
    joint_power,
    proportions_power,
    proportions_size,
    rule_size,
    sample_size,
    share_of,
)

VECTORS = Path(__file__).parents[2] / "../shared/vectors"
LAWS = settings(deadline=None, derandomize=True, max_examples=25)
BOTH, GREATER, RIGHT_TAIL = fixed(0.05), fixed(0.05, "greater"), fixed(0.025, "greater")
WEEKS = np.arange(1, 15) / 14
SCHEDULES = [BOTH, group_sequential(0.05, WEEKS), always_valid(0.05, WEEKS, tightest=0.5)]


def second_arm() -> float:
    """Treatment's units beside 1600 in control, h = .2, power .9 at .01 (the manual's own level)."""
    aim = lambda n: Aim(1.0, 0.2, share=n / (1600 + n))  # noqa: E731
    return brentq(lambda n: float(power(aim(n), fixed(0.01), 1600 + n, exact=False)) - 0.9, 10, 5000, xtol=1e-9)


# power.prop.test and power.t.test count the tail of the effect alone, pwr counts both.
R = {
    "pwr.2p.test h=ES.h(.12,.10) sig=.05 power=.8 n": lambda: sample_size(Aim(1.0, arcsine_effect(0.10, 0.12)), BOTH, exact=False) / 2,
    "pwr.2p.test h=ES.h(.11,.10) power=.9 n": lambda: sample_size(Aim(1.0, arcsine_effect(0.10, 0.11)), BOTH, 0.9, exact=False) / 2,
    "pwr.2p.test h=0.3 n=80 greater power (pwr docs ex.)": lambda: power(Aim(1.0, 0.3), GREATER, 160, exact=False),
    "pwr.2p2n.test h=.30 n1=80 n2=245 greater power (pwr docs ex.)": lambda: power(Aim(1.0, 0.3, share=245 / 325), GREATER, 325, exact=False),
    "pwr.2p2n.test h=.20 n1=1600 power=.9 n2 (pwr docs ex.)": second_arm,
    "pwr.t.test d=.2 n=60 one.sample power (pwr docs ex., sig .10)": lambda: fixed(0.10).power(0.2 * np.sqrt(60), 59),
    "pwr.t.test d=2/(2*2.8) n=30 two.sample power (pwr docs ex.)": lambda: power(Aim(2.8, 1.0), BOTH, 60),
    "pwr.t.test d=.3 power=.75 greater n (pwr docs ex.)": lambda: sample_size(Aim(1.0, 0.3), GREATER, 0.75) / 2,
    "pwr.t.test d=.02 power=.8 two.sample n": lambda: sample_size(Aim(1.0, 0.02), BOTH) / 2,
    "pwr.t.test d=.5 power=.8 n": lambda: sample_size(Aim(1.0, 0.5), BOTH) / 2,
    "pwr.t2n.test d=.6 n1=90 n2=60 greater power (pwr docs ex.)": lambda: GREATER.power(0.6 * np.sqrt(90 * 60 / 150), 148),
    "power.prop.test p1=.10 p2=.12 power=.8 n (stats)": lambda: proportions_size((0.10, 0.12), 0.8, 0.025, "greater") / 2,
    "power.prop.test p1=.05 p2=.055 power=.8 n": lambda: proportions_size((0.05, 0.055), 0.8, 0.025, "greater") / 2,
    "power.prop.test p1=.50 p2=.75 n=50 power (R docs ex.)": lambda: proportions_power((0.5, 0.75), 100, 0.025, "greater"),
    "power.prop.test p1=.50 p2=.75 power=.90 n (R docs ex.)": lambda: proportions_size((0.5, 0.75), 0.9, 0.025, "greater") / 2,
    "power.t.test delta=1 sd=1 n=20 power (R docs ex.)": lambda: power(Aim(1.0, 1.0), RIGHT_TAIL, 40),
    "power.t.test delta=1 power=.90 n (R docs ex.)": lambda: sample_size(Aim(1.0, 1.0), RIGHT_TAIL, 0.9) / 2,
}  # fmt: skip

CASES = {
    "power_t_unequal": lambda: [BOTH.power(0.08 * np.sqrt(8000 * 2000 / 10000), 9998)],
    "power_prop": lambda: [proportions_power((0.048, 0.053), 20_000)],
    "n_noninferiority": lambda: [sample_size(Aim(1.0, 0.0, worth=-0.1), GREATER, exact=False) / 2],
    "gs_design_obf_K5": lambda: design(5),
    "gs_design_obf_K14": lambda: design(14),
}


def design(k: int) -> list[float]:
    """Drift, maximal sample and average sample over the fixed one's."""
    schedule = group_sequential(0.05, np.arange(1, k + 1) / k)
    drift = schedule.drift(0.8)
    inflation = (drift / BOTH.drift(0.8)) ** 2
    return [drift, inflation, float(schedule.expected_fraction(drift)) * inflation]


def stored(name: str) -> list | dict:
    if not (VECTORS / name).exists():
        pytest.skip(f"{name} is in ../shared/vectors, which is not here")
    return json.loads((VECTORS / name).read_text())


@pytest.mark.parametrize("label", R)
def test_sizes_and_power_are_those_of_r(label):
    assert float(R[label]()) == pytest.approx(stored("power_and_multiplicity.json")[label], rel=1e-6)


@pytest.mark.parametrize("label", CASES)
def test_reference_cases_come_out(label):
    case = next(case for case in stored("statistics_cases.public.json") if case["id"] == label)
    np.testing.assert_allclose(CASES[label](), list(case["expected"].values()), rtol=case["tolerance"])


def test_the_detectable_effect_has_the_power_asked_for_to_ten_digits():
    # The case power_t_mde expects .0396247, whose power is .80005: its solver stopped early.
    d = detectable(Aim(1.0, 1.0), BOTH, 20_000)
    assert float(power(Aim(1.0, d), BOTH, 20_000)) == pytest.approx(0.8, rel=1e-10)
    assert d == pytest.approx(0.0396222524, rel=1e-8)


@pytest.mark.slow
@LAWS
@given(
    schedule=some.sampled_from(SCHEDULES),
    share=some.sampled_from([0.1, 0.5, 0.7]),
    effect=some.sampled_from([-0.3, 0.02, 0.9]),
    level=some.sampled_from([0.3, 0.8, 0.99]),
    relative=some.booleans(),
)
def test_units_power_and_detectable_effect_agree(schedule, share, effect, level, relative):
    aim = Aim((1.0, 1.3), effect, worth=-0.01, mean=2.0 if relative else None, share=share)
    units = sample_size(aim, schedule, level)
    if units > 2.0 / min(share, 1.0 - share):
        assert float(power(aim, schedule, units)) == pytest.approx(level, abs=1e-7)
    else:
        assert float(power(aim, schedule, units)) >= level
        return
    assert detectable(aim, schedule, units, level) == pytest.approx(effect, rel=1e-5)


def test_without_an_effect_the_power_is_alpha_and_only_the_tested_side_counts():
    for schedule in SCHEDULES[:2]:
        assert float(schedule.power(0.0)) == pytest.approx(0.05, rel=1e-8)
    assert 0.0 < float(SCHEDULES[2].power(0.0)) < 0.05
    up, down = group_sequential(0.05, WEEKS, "greater"), group_sequential(0.05, WEEKS, "less")
    assert float(up.power(2.0, 30.0)) == pytest.approx(float(down.power(-2.0, 30.0)), rel=1e-9)
    assert float(up.power(-2.0)) < 1e-3
    assert down.drift(0.8) == pytest.approx(-up.drift(0.8), rel=1e-9)


def test_control_noise_counts_in_a_relative_test():
    # sd^2 (1 + (1 + L)^2) at the margin tested, not twice sd^2.
    aim = Aim(1.0, 0.0, worth=-0.5, mean=1.0)
    assert sum(aim.variances()) == pytest.approx(2 * (1 + 0.25))
    assert float(aim.drift(250.0)) == pytest.approx(0.5 * np.sqrt(250 / 2.5))


def arms(rng: np.random.Generator, experiments: int, units: int, effect: float) -> tuple[np.ndarray, np.ndarray]:
    return rng.normal(0.0, 1.0, (experiments, units)), rng.normal(effect, 1.0, (experiments, units))


def test_simulated_group_sequential_tests_of_few_units_have_the_power_planned():
    fractions, runs = (0.4, 0.7, 1.0), 20_000
    units = int(np.ceil(sample_size(Aim(1.0, 0.8), group_sequential(0.05, fractions)) / 2 / 10)) * 10
    planned = float(power(Aim(1.0, 0.8), group_sequential(0.05, fractions), 2 * units))
    control, treatment = arms(np.random.default_rng(3), runs, units, 0.8)
    found = np.zeros(runs, bool)
    for look in range(1, 4):
        n = round(fractions[look - 1] * units)
        pair = mean(*(Moments.of(("y",), part[:, :n, None]) for part in (control, treatment)), "y")
        rule = GroupSequential(0.05, fractions[:look], fractions[:look])
        found |= np.abs(pair.m1 - pair.m0) >= rule.critical(pair) * np.sqrt(pair.v00 + pair.v11)
    assert found.mean() == pytest.approx(planned, abs=4 * np.sqrt(planned * (1 - planned) / runs))


def test_simulated_always_valid_tests_have_the_power_planned():
    runs, units, effect = 10_000, 1_400, 0.13
    planned = float(power(Aim(1.0, effect), SCHEDULES[2], units))
    rng = np.random.default_rng(4)
    per_day = units // 28
    days = rng.normal([0.0, effect], np.sqrt(1 / per_day), (runs, 14, 2)).cumsum(axis=1) / np.arange(1, 15)[:, None]
    n = per_day * np.arange(1, 15)
    z = (days[..., 1] - days[..., 0]) / np.sqrt(2 / n)
    rule = AlwaysValid(0.05, planned=units / 2)
    bounds = rule.critical(Pair(0.0, 0.0, 1.0, 0.0, 1.0, 1e9, 2 * n))
    found = (np.abs(z) >= bounds).any(axis=1).mean()
    assert found == pytest.approx(planned, abs=4 * np.sqrt(planned * (1 - planned) / runs))


def test_welch_of_unequal_arms_has_nearly_the_power_of_the_noncentral_t():
    runs, (n0, n1), sd = 20_000, (40, 10), (1.0, 2.0)
    aim = Aim(sd, 2.0, share=share_of(n1 / n0))
    rng = np.random.default_rng(8)
    rows = rng.normal(0.0, sd[0], (runs, n0, 1)), rng.normal(2.0, sd[1], (runs, n1, 1))
    found = (Fixed(0.05).p_value(mean(*(Moments.of(("y",), part) for part in rows), "y")) <= 0.05).mean()
    assert found == pytest.approx(float(power(aim, BOTH, n0 + n1)), abs=0.01)


def test_looking_early_saves_time_on_real_effects_at_a_small_price():
    drift, inflation, average = design(14)
    assert drift > 2.8
    assert inflation == pytest.approx(1.04, abs=0.005)
    assert 0.21 <= 1 - average <= 0.24


def test_days_are_whole_weeks_of_the_traffic_that_enters():
    assert enrol_days(700, 100) == 7
    assert enrol_days(701, 100) == 14
    assert enrol_days(700, 100, share=0.5) == 14
    assert enrol_days(150, [100, 40, 20]) == 7
    fading = [1_000, 500, 250, 125, 60, 30, 15, 10, 10, 10, 10, 10, 10, 10]
    assert enrol_days(2_050 + 70, fading) == 21
    with pytest.raises(ValueError, match="traffic ends at 300"):
        enrol_days(301, [300, 0, 0, 0, 0, 0, 0, 0])


def test_the_joint_power_of_a_rule_is_what_its_tests_leave():
    for guardrails, joint in ((1, 0.64), (3, 0.41), (5, 0.26)):
        assert joint_power([0.8] * (guardrails + 1)) == pytest.approx(joint, abs=0.005)
    rng = np.random.default_rng(2)
    z = np.sqrt(0.3) * rng.normal(size=(200_000, 1)) + np.sqrt(0.7) * rng.normal(size=(200_000, 3))
    seen = (z > [-0.84162, -1.28155, -0.5244]).all(axis=1).mean()
    assert joint_power([0.8, 0.9, 0.7], 0.3) == pytest.approx(seen, abs=4 * np.sqrt(0.25 / 200_000))


@pytest.mark.slow
def test_a_rule_sized_by_beta_over_all_its_tests_passes_together():
    guardrail = (Aim(10.0, 0.0, worth=-0.02, mean=5.0), group_sequential(0.05, WEEKS, "greater"))
    goal = (Aim(10.0, 0.02, mean=5.0), group_sequential(0.045, WEEKS))
    units, powers = rule_size([goal, guardrail, guardrail, guardrail], 0.8)
    assert beta_each(0.2, 3) == pytest.approx(0.05)
    assert units == pytest.approx(max(sample_size(*goal, 0.95), sample_size(*guardrail, 0.95)))
    assert powers.min() == pytest.approx(0.95, abs=1e-9)
    assert joint_power(powers) >= 0.8
    assert rule_size([goal], 0.8).units == pytest.approx(sample_size(*goal, 0.8))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Aim(0.0, 0.1), "sd is 0.0"),
        (lambda: Aim(1.0, 0.1, worth=0.1), "both 0.1"),
        (lambda: Aim(1.0, 0.1, mean=0.0), "mean is 0"),
        (lambda: Aim(1.0, np.nan), "holds nan"),
        (lambda: Aim(1.0, 0.1, share=1.0), "share is 1.0"),
        (lambda: sample_size(Aim(1.0, -0.1), GREATER), "side is 'greater'"),
        (lambda: sample_size(Aim(1.0, 0.1), BOTH, 1.0), "power is 1.0"),
        (lambda: power(Aim(1.0, 0.1), BOTH, 3), "at least 2"),
        (lambda: group_sequential(0.05, [0.5]), "it must be 1"),
        (lambda: rule_size([]), "rule of 0 tests"),
        (lambda: joint_power([0.8], 1.0), "correlation is 1.0"),
        (lambda: proportions_size((0.1, 0.1)), "both rates are 0.1"),
        (lambda: proportions_power((0.0, 1.0), 10), "strictly between"),
    ],
)
def test_what_cannot_be_planned_is_refused_with_the_value_and_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
