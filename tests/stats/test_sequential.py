"""Group-sequential boundaries and the p-value over all looks so far."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.integrate import quad
from scipy.special import ndtr

from stats import (
    HwangShihDeCani,
    PowerFamily,
    boundaries,
    crossed,
    crossing_probabilities,
    obrien_fleming,
    pocock,
    sequential_p,
)

PUBLISHED = Path(__file__).parents[2] / "../shared/vectors/published_numbers.json"
LAWS = settings(deadline=None, derandomize=True, max_examples=40)
FAMILIES = ["obrien-fleming", "pocock", HwangShihDeCani(-4.0), PowerFamily(2.0)]


def looks(k: int) -> np.ndarray:
    return np.arange(1, k + 1) / k


@pytest.fixture(scope="module")
def published() -> dict:
    if not PUBLISHED.exists():
        pytest.skip("the published tables are in ../shared/vectors, which is not here")
    return json.loads(PUBLISHED.read_text())


def test_the_printed_five_look_tables_come_out():
    # Reboussin, DeMets, Kim, Lan 2000, two-sided .05; their own integration is good to about 1e-4.
    t = looks(5)
    np.testing.assert_allclose(boundaries(0.05, t, t), [4.8769, 3.3569, 2.6803, 2.2898, 2.031], atol=1.2e-4)
    np.testing.assert_allclose(
        boundaries(0.05, t, t, spending="pocock"), [2.438, 2.4268, 2.4101, 2.3966, 2.3859], atol=1.2e-4
    )


def test_lan_demets_tables_for_two_to_five_looks_come_out(published):
    for label, bounds in published["group_sequential_computed_equal_spacing_K2to5"]["spending"].items():
        t, family = looks(len(bounds)), "pocock" if "Pocock" in label else "obrien-fleming"
        np.testing.assert_allclose(boundaries(0.05, t, t, spending=family), bounds, atol=1e-4, err_msg=label)


def test_classical_obrien_fleming_and_pocock_tables_have_the_level_they_claim(published):
    for label, bounds in published["group_sequential_computed_equal_spacing_K2to5"]["classic"].items():
        alpha = float(label.split("alpha=")[1].split()[0])
        assert crossing_probabilities(bounds, looks(len(bounds)))[-1] == pytest.approx(alpha, abs=2e-5), label


def test_peeking_at_1_96_has_the_error_that_armitage_found():
    for k, error in ((2, 0.083), (3, 0.107), (4, 0.126), (5, 0.142), (10, 0.193), (20, 0.248)):
        assert crossing_probabilities([1.96] * k, looks(k))[-1] == pytest.approx(error, abs=5.1e-4)


@pytest.mark.parametrize("family", [obrien_fleming, pocock])
def test_two_looks_agree_with_plain_quadrature_to_ten_digits(family):
    t = looks(2)
    first, second = boundaries(0.05, t, t, spending=family)
    spent = family(0.025, t)
    assert ndtr(-first) == pytest.approx(spent[0], rel=1e-10)
    density = lambda u: np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)  # noqa: E731
    beyond = quad(lambda u: density(u) * ndtr(-(second - np.sqrt(0.5) * u) / np.sqrt(0.5)), -first, first, epsabs=1e-14)
    assert beyond[0] == pytest.approx(spent[1] - spent[0], rel=1e-10)


@pytest.mark.slow
@LAWS
@given(
    steps=some.lists(some.sampled_from([0.0, 0.001, 0.1, 1.0]), min_size=1, max_size=8),
    family=some.sampled_from(FAMILIES),
    two_sided=some.booleans(),
    alpha=some.sampled_from([0.001, 0.05, 0.4]),
)
def test_any_looks_spend_exactly_alpha(steps, family, two_sided, alpha):
    information = 1.0 + np.cumsum(steps)
    fractions = information / information[-1]
    bounds = boundaries(alpha, fractions, information, spending=family, two_sided=two_sided)
    spent = crossing_probabilities(bounds, information, two_sided=two_sided)[-1]
    assert spent == pytest.approx(alpha, rel=1e-8)


def test_spending_times_need_not_be_proportional_to_information():
    # Windows still open: half of the units planned, but of less information each.
    information, bounds = [100.0, 900.0, 1_000.0], boundaries(0.05, [0.5, 0.7, 1.0], [100.0, 900.0, 1_000.0])
    assert crossing_probabilities(bounds, information)[-1] == pytest.approx(0.05, rel=1e-9)
    assert bounds[2] != pytest.approx(boundaries(0.05, [0.5, 0.7, 1.0], [0.5, 0.7, 1.0])[2], abs=1e-3)


def test_a_look_without_new_spending_is_infinite_and_changes_nothing_else():
    plain = boundaries(0.05, [0.3, 1.0], [3.0, 10.0])
    repeated = boundaries(0.05, [0.0, 0.3, 0.3, 1.0], [0.0, 3.0, 3.0, 10.0])
    np.testing.assert_array_equal(repeated, [np.inf, plain[0], np.inf, plain[1]])
    np.testing.assert_array_equal(boundaries(0.05, [0.0], [0.0]), [np.inf])


def test_more_spending_on_the_same_data_ends_at_the_boundary_of_one_look():
    bounds = boundaries(0.05, [0.3, 0.6, 1.0], [50.0, 50.0, 50.0])
    assert bounds[-1] == pytest.approx(1.959964, abs=1e-4)


def test_looks_that_come_later_do_not_move_earlier_boundaries():
    t, n = np.array([0.1, 0.25, 0.5, 0.7, 1.0]), np.array([90.0, 260.0, 480.0, 720.0, 1_000.0])
    whole = boundaries(0.05, t, n)
    for k in range(1, 5):
        np.testing.assert_allclose(boundaries(0.05, t[:k], n[:k]), whole[:k], rtol=1e-9)


def test_very_early_looks_keep_their_digits():
    # 1 % of the way: 2.2414 / sqrt(.01) standard deviations, a chance of 1e-110 per side.
    t = np.array([0.01, 0.02, 1.0])
    bounds = boundaries(0.05, t, t)
    assert bounds[0] == pytest.approx(22.383, abs=1e-3)
    assert bounds[1] == pytest.approx(15.805, abs=1e-2)
    assert bounds[2] == pytest.approx(1.96, abs=1e-3)


@LAWS
@given(
    seed=some.integers(0, 1_000),
    k=some.integers(1, 6),
    family=some.sampled_from(FAMILIES),
    two_sided=some.booleans(),
)
def test_sequential_p_is_the_alpha_that_is_just_crossed(seed, k, family, two_sided):
    rng = np.random.default_rng(seed)
    information = np.cumsum(rng.uniform(0.2, 1.0, k))
    fractions = information / (information[-1] + rng.uniform(0.0, 1.0))
    z = np.cumsum(rng.normal(0.8, 1.0, k)) / np.sqrt(np.arange(1, k + 1))
    p = sequential_p(z, fractions, information, spending=family, two_sided=two_sided)
    if p < 0.3:
        plan = {"spending": family, "two_sided": two_sided}
        assert crossed(z, p * (1 + 1e-6), fractions, information, **plan)
        assert not crossed(z, p * (1 - 1e-6), fractions, information, **plan)


@pytest.mark.slow
@LAWS
@given(seed=some.integers(0, 1_000), two_sided=some.booleans())
def test_sequential_p_never_rises_as_looks_are_added(seed, two_sided):
    t = looks(7)
    z = np.random.default_rng(seed).normal(0.5, 1.5, 7)
    p = [sequential_p(z[:k], t[:k], t[:k], two_sided=two_sided) for k in range(1, 8)]
    assert (np.diff(p) <= 1e-9 * np.array(p[:-1])).all()


def test_one_look_at_full_information_is_the_ordinary_test():
    assert sequential_p([1.959963984540054], [1.0], [10.0]) == pytest.approx(0.05, rel=1e-9)
    assert sequential_p([1.6448536269514722], [1.0], [10.0], two_sided=False) == pytest.approx(0.05, rel=1e-9)
    assert sequential_p([-3.0], [1.0], [10.0], two_sided=False) > 0.99


@pytest.mark.parametrize(("z", "p"), [([np.nan, np.nan], 1.0), ([0.0, 0.0], 1.0), ([np.nan, np.inf], 1e-100)])
def test_no_statistic_proves_nothing_and_an_endless_one_everything(z, p):
    assert sequential_p(z, [0.5, 1.0], [1.0, 2.0]) == pytest.approx(p, abs=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: boundaries(0.05, [0.5, 0.4], [1, 2]), "never fall"),
        (lambda: boundaries(0.05, [0.5, 1.2], [1, 2]), "must lie in 0 to 1"),
        (lambda: boundaries(0.05, [0.5], [1, 2]), "1 fractions but 2 informations"),
        (lambda: boundaries(0.0, [0.5], [1]), "alpha is 0.0"),
        (lambda: boundaries(0.05, [0.5], [0]), "without information"),
        (lambda: boundaries(0.05, [0.5], [1], spending="pocok"), "did you mean 'pocock'"),
        (lambda: sequential_p([1.0, 2.0], [0.5], [1]), "2 statistics for 1 looks"),
    ],
)
def test_wrong_looks_are_refused_with_the_value_and_the_rule(call, message):
    with pytest.raises(ValueError, match=message):
        call()
