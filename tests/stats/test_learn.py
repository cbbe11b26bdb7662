"""After the decision: priors from past experiments and the winner's curse."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stats import between_variance, conditional_estimate, exaggeration, heterogeneity, learn_prior, shrink, total_lift

CASES = Path(__file__).parents[2] / "../shared/vectors/statistics_cases.public.json"
LAWS = settings(deadline=None, derandomize=True, max_examples=100)


@pytest.mark.parametrize("method", ["maximum-likelihood", "paule-mandel", "dersimonian-laird"])
def test_the_prior_of_many_experiments_is_how_their_true_effects_lie(method):
    rng = np.random.default_rng(31)
    v = rng.uniform(0.5, 2.0, 3_000) * 0.01**2
    prior = learn_prior(rng.normal(rng.normal(0.004, 0.01, 3_000), np.sqrt(v)), v, method=method)
    assert prior.mean == pytest.approx(0.004, abs=4 * 0.015 / np.sqrt(3_000))
    assert prior.sd == pytest.approx(0.01, rel=0.08)
    assert not prior.absolute


def test_heterogeneity_of_the_eight_schools_is_what_integrating_over_mean_and_spread_says():
    """Coaching in eight schools (Rubin 1981), by brute force on a fine grid of both."""
    d, v = np.array([28.0, 8, -3, 7, -1, 1, 18, 12]), np.array([15.0, 10, 16, 11, 9, 11, 10, 18]) ** 2
    mu, tau = np.linspace(-40, 60, 1501)[:, None], np.linspace(1e-6, 60, 1500)[None, :]
    log = sum(-((x - mu) ** 2) / (2 * (w + tau**2)) - 0.5 * np.log(w + tau**2) for x, w in zip(d, v, strict=True))
    joint = np.exp(log - log.max())
    first = (tau**2 * d[0] + v[0] * mu) / (tau**2 + v[0])
    found = heterogeneity(d, v, points=2_001)
    assert found.weight.sum() == pytest.approx(1)
    assert found.weight @ found.mean == pytest.approx((joint * mu).sum() / joint.sum(), rel=0.01)
    shrunk = shrink(np.tile(d, (2_001, 1)), np.tile(v, (2_001, 1)), found.mean, found.tau2).mean[:, 0]
    assert found.weight @ shrunk == pytest.approx((joint * first).sum() / joint.sum(), rel=0.01)
    assert heterogeneity(d, v).weight @ heterogeneity(d, v).mean == pytest.approx(found.weight @ found.mean, rel=0.01)
    with pytest.raises(ValueError, match="at least three"):
        heterogeneity(d[:2], v[:2])


def test_maximum_likelihood_solves_its_score_equations():
    rng = np.random.default_rng(32)
    v = rng.uniform(0.1, 3.0, 40)
    d = rng.normal(0.3, np.sqrt(v + 1.0))
    w = 1.0 / (v + between_variance(d, v, "maximum-likelihood"))
    prior = learn_prior(d, v)
    assert prior.mean == pytest.approx(np.average(d, weights=w), rel=1e-9)
    assert (w**2 * (d - prior.mean) ** 2).sum() == pytest.approx(w.sum(), rel=1e-5)
    assert prior.sd**2 == pytest.approx(float(between_variance(d, v, "maximum-likelihood")) + 1.0 / w.sum(), rel=1e-9)


def test_experiments_that_do_not_differ_still_leave_doubt_about_the_next():
    prior = learn_prior([0.01, 0.01, 0.01], [0.0004, 0.0004, 0.0004])
    assert prior.mean == pytest.approx(0.01)
    assert prior.sd == pytest.approx(0.02 / np.sqrt(3))


def test_type_m_and_s_are_those_of_the_reference():
    if not CASES.exists():
        pytest.skip("the cases are in ../shared/vectors, which is not here")
    case = next(case for case in json.loads(CASES.read_text()) if case["id"] == "winners_curse_typeM")
    found = np.array(exaggeration(case["inputs"]["mu"])).T
    np.testing.assert_allclose(found, case["expected"]["res"], rtol=case["tolerance"])


def test_type_m_and_s_are_what_significant_results_do():
    rng = np.random.default_rng(33)
    z = rng.normal(-1.0, 1.0, 400_000)
    hits = z[np.abs(z) >= 1.96]
    found = exaggeration(-1.0, 1.96)
    assert found.power == pytest.approx(hits.size / z.size, abs=4 * np.sqrt(0.17 * 0.83 / z.size))
    assert found.factor == pytest.approx(np.abs(hits).mean(), rel=0.01)
    assert found.wrong_sign == pytest.approx((hits > 0).mean(), abs=4 * np.sqrt(0.009 / hits.size))
    nothing = exaggeration(0.0)
    assert (nothing.factor, nothing.wrong_sign) == (np.inf, 0.5)


@pytest.mark.slow
@LAWS
@given(z=some.floats(1.97, 40.0), se=some.floats(0.01, 10.0), sign=some.sampled_from([-1.0, 1.0]))
def test_a_selected_effect_is_moved_towards_zero_and_never_across(z, se, sign):
    found = conditional_estimate(sign * z * se, se)
    assert -1e-12 <= sign * found.likelihood <= z * se * (1 + 1e-9)
    assert 0.0 <= sign * found.mean <= z * se * (1 + 1e-9)
    assert found.average == pytest.approx(float(found.likelihood + found.mean) / 2)
    assert found.low < sign * z * se < found.high or z < 3.0
    plain = conditional_estimate(z, 1.0)
    assert found.likelihood == pytest.approx(sign * se * float(plain.likelihood), rel=1e-9)


def test_far_beyond_the_boundary_nothing_is_corrected():
    found = conditional_estimate(20.0, 1.0)
    np.testing.assert_allclose(found[:3], 20.0, rtol=1e-9)
    np.testing.assert_allclose([found.low, found.high], [20 - 1.959964, 20 + 1.959964], rtol=1e-6)


def test_zhong_and_prentice_maximum_is_where_the_expectation_is_what_was_seen():
    rng = np.random.default_rng(34)
    likely = float(conditional_estimate(2.5, 1.0).likelihood)
    z = rng.normal(likely, 1.0, 2_000_000)
    assert z[np.abs(z) >= 1.96].mean() == pytest.approx(2.5, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("truth", [0.3, 1.0, 2.5])
def test_conditional_estimates_are_less_biased_and_their_interval_covers(truth):
    rng = np.random.default_rng(35)
    z = rng.normal(truth, 1.0, 60_000)
    z = z[np.abs(z) >= 1.96][:4_000]
    found = conditional_estimate(z, 1.0)
    assert abs(found.average.mean() - truth) < 0.6 * abs(z.mean() - truth)
    covered = ((found.low <= truth) & (truth <= found.high)).mean()
    assert covered == pytest.approx(0.95, abs=4 * np.sqrt(0.05 * 0.95 / z.size))


def test_the_total_of_what_was_kept_is_corrected_for_luck():
    rng = np.random.default_rng(36)
    truth = rng.normal(0.0, 1.5, (2_000, 60))
    seen = rng.normal(truth, 1.0)
    found = total_lift(seen, np.ones_like(seen), 1.645)
    true = np.where(seen >= 1.645, truth, 0.0).sum(axis=1)
    luck = (found.observed - true).mean()
    assert luck > 5.0
    assert abs((found.corrected - true).mean()) < 0.15 * luck
    np.testing.assert_allclose(found.observed - found.bias, found.corrected)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: learn_prior([0.1, 0.2], [1.0, 1.0]), "at least 3"),
        (lambda: learn_prior([[0.1] * 3], [[1.0] * 3]), "one list"),
        (lambda: conditional_estimate(1.0, 1.0), "was not selected"),
        (lambda: conditional_estimate(1.0, 0.0), "must be above 0"),
        (lambda: conditional_estimate(np.nan, 1.0), "holds nan"),
        (lambda: exaggeration(np.inf), "drift holds inf"),
        (lambda: total_lift([1.0], [0.0]), "errors above 0"),
        (lambda: total_lift([1.0, 2.0], [1.0]), "one each"),
    ],
)
def test_what_cannot_be_corrected_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
