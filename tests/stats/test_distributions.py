"""Student's quantile: the expansion for many degrees of freedom has all the digits of a double."""

import numpy as np
import pytest
from scipy.special import ndtri, stdtrit

from stats.distributions import _MANY, _NEAR, normal_to_t, t_bound, t_tail, t_to_normal

# (df, tail, quantile), by root finding on the regularised incomplete beta function with 50 digits (mpmath 1.3).
# The tails are as far out as the expansion is used at these degrees of freedom.
QUANTILES = [
    (500, 0.45, 0.1257251866719528583),
    (500, 0.025, 1.964719837467367769),
    (500, 0.0008, 3.173287627314596873),
    (501.5, 0.005, 2.585668212134099438),
    (730.25, 0.0001, 3.737985491708525136),
    (1000, 4e-06, 4.488664566595241981),
    (2500, 1e-12, 7.070150030006166901),
    (25000.0, 1e-100, 21.37030805551491648),
    (1000000.0, 0.3, 0.5244006798602089209),
    (1000000000.0, 1e-200, 30.20560107686165132),
]


@pytest.mark.parametrize(("df", "tail", "wanted"), QUANTILES)
def test_the_expansion_is_exact_to_ten_roundings_wherever_it_is_used(df: float, tail: float, wanted: float) -> None:
    assert df >= _MANY
    assert ndtri(tail) ** 2 <= _NEAR * df
    assert t_bound(tail, df) == pytest.approx(wanted, rel=3e-15)


def test_it_agrees_with_inversion_of_the_distribution_on_either_side_of_its_limits():
    rng = np.random.default_rng(1)
    df, tail = np.exp(rng.uniform(0, 20, 50_000)), np.exp(-rng.uniform(0.8, 60, 50_000))
    np.testing.assert_allclose(t_bound(tail, df), -stdtrit(df, tail), rtol=2e-14)


def test_a_batch_gives_each_element_what_it_has_alone():
    df, tail = np.array([2.0, 499.0, 501.0, 1e6, np.inf]), np.array([[0.025], [1e-9], [0.0]])
    each = [[float(t_bound(p, d)) for d in df] for p in tail[:, 0]]
    np.testing.assert_array_equal(t_bound(tail, df), each)
    assert np.isinf(each[2]).all()
    assert each[0][-1] == pytest.approx(-ndtri(0.025), rel=1e-15)


def test_a_normal_value_goes_to_student_and_back():
    z = np.array([-6.0, -1.0, 0.5, 3.0])
    for df in (3.0, 600.0, 1e5):
        np.testing.assert_allclose(t_to_normal(normal_to_t(z, df), df), z, rtol=1e-12)
        np.testing.assert_allclose(t_tail(normal_to_t(z, df), df), t_tail(z, np.inf), rtol=1e-11)
