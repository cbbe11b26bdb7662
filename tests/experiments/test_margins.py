"""Suggested margins: what they rest on, that they can be shown as said, and each sentence that says so."""

import numpy as np
import pytest
import samples

from experiments import lifecycle
from experiments.planning.margins import ALPHA, Noise, Suggestion, noises, often, suggest
from experiments.planning.priors import Past
from experiments.registry import metrics, snapshots
from experiments.registry.cards import sampled_lift
from stats import Prior

NOISE = {"refused": Noise(variance=0.0004, units=50_000)}


def only(past: Past | None = None, planned: int | None = 50_000) -> Suggestion:
    known = {"refused": past} if past else {}
    return suggest(["refused", "never"], NOISE, known, unit="user", planned=planned, guardrails=1)["refused"]


def test_the_smallest_margin_is_shown_safe_as_often_as_said() -> None:
    """Simulated estimates of a metric that does not change: within four Monte-Carlo errors of the power for each test."""
    margin, se = NOISE["refused"].resolved(20_000, 1), (0.0004 * 50_000 / 20_000) ** 0.5
    estimates = np.random.default_rng(7).normal(0.0, se, 20_000)
    safe = float(np.mean(estimates - 1.6449 * se > -margin))
    assert ALPHA == 0.05
    wanted = often(1)
    assert safe == pytest.approx(wanted, abs=4 * (wanted * (1 - wanted) / 20_000) ** 0.5)


def test_four_times_the_people_show_half_the_margin_and_more_guardrails_need_a_larger_one() -> None:
    noise = NOISE["refused"]
    assert noise.resolved(200_000, 1) == pytest.approx(noise.resolved(50_000, 1) / 2)
    assert noise.resolved(50_000, 4) > noise.resolved(50_000, 1)


def test_without_a_past_it_is_what_those_who_come_can_show_rounded_up() -> None:
    assert only().sentence == (
        "Suggested: 6%. It is the smallest that 50,000 people show safe 9 times in 10; what is usual of it is not known yet."
    )
    assert only(planned=None).sentence.startswith(
        "Suggested: 6%. It is the smallest that 50,000 people, as many as the largest experiment had, show safe"
    )
    assert only(planned=200_000).typed == "3"
    assert only(Past(3), planned=200_000) == Suggestion(0.03, only(planned=200_000).shown, 200_000, "user", None, 3, False, 0.9)


def test_with_a_past_it_is_half_of_what_is_usual_where_that_can_be_shown() -> None:
    assert only(Past(9, Prior(0.0, 0.16)), planned=200_000).sentence == (
        "Suggested: 8%. Half of what is usual: enhancements usually moved it by 16% (nine experiments). 200,000 people can "
        "show 2.9% or more."
    )


@pytest.mark.parametrize(("sd", "end"), [(0.1, "(nine experiments)."), (0.02, "(nine experiments); a loss of the usual size could pass, so enrol for longer.")])
def test_where_half_of_what_is_usual_cannot_be_shown_it_says_what_may_pass(sd: float, end: str) -> None:
    said = only(Past(9, Prior(0.0, sd)))
    assert said.margin == pytest.approx(0.06)
    assert said.sentence.startswith("Suggested: 6%. It is the smallest that 50,000 people show safe 9 times in 10; enhancements usually moved it by ")
    assert said.sentence.endswith(end)


def test_the_largest_experiment_says_how_exactly_a_metric_is_measured(home) -> None:
    metrics.apply(home.db, samples.CATALOG, by="test")
    lifecycle.save(home.db, samples.plan(), "test")
    frozen = lifecycle.launch(home.db, "checkout-one-page", "test").frozen
    assert noises(home.db) == {}
    snapshot = samples.snapshot(frozen, 9, "keep")
    snapshots.append(home.db, snapshot)
    found = noises(home.db)["refused"]
    result = next(m for m in snapshot.metrics if m.metric == "refused")
    assert found.units == result.control.n + result.variant.n
    assert found.variance == sampled_lift(result)[1]
