"""Beta-binomial posteriors: exact where they can be checked, and still right with 1e15 units."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy.integrate import quad
from scipy.stats import beta, norm

from stats.beta import beta_posterior
from stats.counts import Counts

LAWS = settings(deadline=None, derandomize=True, max_examples=60)


@pytest.mark.parametrize(
    "table", [(3, 20, 6, 25), (0, 10, 1, 5), (480, 10_000, 530, 10_000), (0, 1_000, 3, 10), (5, 5, 3, 5)]
)
@pytest.mark.parametrize("prior", [(1.0, 1.0), (0.5, 0.5), (2.0, 30.0)])
def test_chance_and_losses_are_the_integrals_that_define_them(table, prior):
    x0, n0, x1, n1 = table
    control, treatment = (beta(prior[0] + x, prior[1] + n - x) for x, n in ((x0, n0), (x1, n1)))

    def integral(what) -> float:
        points = [control.mean(), treatment.mean(), 1e-3]
        return quad(what, 0.0, 1.0, points=points, epsabs=1e-12, limit=800)[0]

    result = beta_posterior(Counts(*table), prior)
    # P(p1 > p0) by parts, so that no density with a pole is integrated.
    better = 1.0 - integral(lambda u: treatment.cdf(control.ppf(u)))
    assert float(result.chance_better) == pytest.approx(better, abs=1e-8)
    assert float(result.loss) == pytest.approx(integral(lambda p: control.sf(p) * treatment.cdf(p)), abs=1e-10)
    assert float(result.loss_of_control) == pytest.approx(
        integral(lambda p: control.cdf(p) * treatment.sf(p)), abs=1e-10
    )


def test_a_printed_example_comes_out():
    # Two million draws of an independent program: chances .053374 and .946626, losses .0050695 and 7.01e-5.
    result = beta_posterior(Counts(480, 10_000, 530, 10_000))
    np.testing.assert_allclose(
        [result.chance_better, result.loss_of_control, result.loss], [0.946626, 0.0050695, 7.01e-5], rtol=0.02
    )


@LAWS
@given(
    n0=some.integers(0, 10**9), n1=some.integers(0, 10**4), share0=some.floats(0, 1), share1=some.floats(0, 1)
)  # fmt: skip
def test_arms_and_failures_mirror_each_other_and_losses_differ_by_the_mean(n0, n1, share0, share1):
    x0, x1 = round(n0 * share0), round(n1 * share1)
    plain, swapped = beta_posterior(Counts(x0, n0, x1, n1)), beta_posterior(Counts(x1, n1, x0, n0))
    assert float(plain.chance_better + swapped.chance_better) == pytest.approx(1.0, abs=1e-9)
    assert float(plain.loss) == pytest.approx(float(swapped.loss_of_control), abs=1e-10)
    assert float(plain.loss_of_control - plain.loss) == pytest.approx(float(plain.difference), abs=1e-10)
    failures = beta_posterior(Counts(n0 - x0, n0, n1 - x1, n1))
    assert float(failures.chance_better) == pytest.approx(float(swapped.chance_better), abs=1e-9)


def test_1e15_units_give_the_normal_limit_and_no_data_the_prior():
    result = beta_posterior(Counts([5e14, 1e15, 0], [1e15, 1e15, 0], [5e14 + 1e8, 1e15, 0], [1e15, 1e15, 0]))
    m, s = 1e-7, np.sqrt(0.5 / 1e15)
    np.testing.assert_allclose(result.chance_better, [norm.cdf(m / s), 0.5, 0.5], rtol=1e-9)
    assert float(result.loss[0]) == pytest.approx(s * norm.pdf(m / s) - m * norm.sf(m / s), rel=1e-4)
    assert float(result.loss[2]) == pytest.approx(1 / 6)


def test_a_prior_must_be_proper():
    with pytest.raises(ValueError, match="prior b is 0"):
        beta_posterior(Counts(1, 2, 1, 2), (1.0, 0.0))
