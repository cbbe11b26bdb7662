"""Before launch: sizes by integration agree with the simulated rule, with the engine's own power, and with traffic."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stats
from experiments import plan as plan_module
from experiments.errors import DefinitionError, NotReady
from experiments.numbers import times
from experiments.plan import FrozenPlan, Goal, Guardrail, freeze
from experiments.planning import odds as planning
from experiments.planning import priors
from experiments.planning.forecast import forecast
from experiments.planning.odds import Baseline
from experiments.planning.priors import Past
from experiments.planning.sizes import sizes
from experiments.planning.terminal import plan_text
from experiments.planning.traffic import Traffic, stated
from stats import Aim, Prior

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import samples

KNOWN = {
    "completed": Baseline(0.481, 0.5), "revenue": Baseline(31.4, 31.4), "refused": Baseline(0.0231, 0.15),
    "load": Baseline(1.84, 1.84),
}  # fmt: skip
METHODS = ("group-sequential", "always-valid", "fixed")


def frozen(**changes: Any) -> FrozenPlan:
    """One goal, worthwhile from 2.5 %, and one guardrail with a margin of 15 %."""
    fields = {
        "goals": (Goal(metric="completed", worthwhile=0.025),), "planned_units": None,
        "guardrails": (Guardrail(metric="refused", margin=0.15),), **changes,
    }  # fmt: skip
    return freeze(samples.plan().model_copy(update=fields), samples.CATALOG)


@pytest.mark.parametrize("method", METHODS)
def test_the_chance_to_keep_by_integration_is_that_of_the_simulated_rule(method: str) -> None:
    """Within four Monte-Carlo errors of 2,000 runs, and .015 for what integration leaves out: `stop` and `drop`."""
    plan, traffic = frozen(method=method), stated(6_000)
    found = planning.odds(plan, KNOWN, traffic)
    assert 0.2 < found.right_keep < 0.95
    error = 4 * (found.right_keep * (1 - found.right_keep) / planning.RUNS) ** 0.5
    assert sizes(plan, KNOWN, traffic).power == pytest.approx(found.right_keep, abs=error + 0.015)
    assert found.wrong_keep <= 0.035
    assert found.unsafe_called_safe <= 0.055 + error


def test_a_posterior_is_sized_by_its_last_look_and_simulated_with_its_prior() -> None:
    believed = frozen(method="bayesian", prior=plan_module.Prior(mean=0.0, sd=0.01))
    assert sizes(believed, KNOWN, stated(6_000)) == sizes(frozen(method="fixed"), KNOWN, stated(6_000))
    narrow, wide = (
        planning.odds(frozen(method="bayesian", prior=plan_module.Prior(mean=0.0, sd=sd)), KNOWN, stated(6_000), runs=500)
        for sd in (0.005, 0.5)
    )
    assert narrow.right_keep < wide.right_keep - 0.1


def test_the_needed_units_of_a_fixed_test_are_the_engine_s() -> None:
    found = sizes(frozen(method="fixed"), KNOWN, stated(9_000))
    goal, guardrail = (t.needed for t in found.tests)
    assert goal == pytest.approx(stats.sample_size(Aim(0.5, 0.025, mean=0.481), stats.fixed(0.05)), rel=2e-3)
    less = Aim(0.15, 0.0, 0.15, mean=0.0231)
    assert guardrail == pytest.approx(stats.sample_size(less, stats.fixed(0.05, "less")), rel=2e-3)
    rule = stats.rule_size([(Aim(0.5, 0.025, mean=0.481), stats.fixed(0.05)), (less, stats.fixed(0.05, "less"))])
    assert found.needed == pytest.approx(rule.units, rel=2e-3)


def test_what_is_the_smallest_shown_would_be_shown_with_the_plan_s_power() -> None:
    traffic = stated(9_000)
    small = [t.smallest for t in sizes(frozen(), KNOWN, traffic).tests]
    goal, guardrail = Goal(metric="completed", worthwhile=small[0]), Guardrail(metric="refused", margin=small[1])
    found = sizes(frozen(goals=(goal,), guardrails=(guardrail,)), KNOWN, traffic)
    assert [t.power for t in found.tests] == pytest.approx([0.8, 0.8], abs=2e-3)


@pytest.mark.parametrize("method", METHODS)
def test_a_metric_turned_upside_down_needs_the_same(method: str) -> None:
    """Absolute sizes of a mean below zero where less is better mirror those where more is."""
    plan = frozen(method=method, goals=(Goal(metric="revenue", worthwhile=0.5, absolute=True),), guardrails=())
    metric = plan.definitions["revenue"].metric.model_copy(update={"direction": "decrease"})
    definition = plan.definitions["revenue"].model_copy(update={"metric": metric})
    mirrored = plan.model_copy(update={"definitions": {**plan.definitions, "revenue": definition}})
    ours = sizes(plan, KNOWN, stated(5_000))
    assert replace(sizes(mirrored, {"revenue": Baseline(-31.4, 31.4)}, stated(5_000)), tests=()) == replace(ours, tests=())


def test_advised_weeks_bring_the_needed_units_and_a_week_less_does_not() -> None:
    plan, falling = frozen(), Traffic("lake", tuple(20_000 * np.arange(1, 29.0) ** -0.3), targeted=1.0)
    found = sizes(plan, KNOWN, falling)
    assert found.enrol_days is not None
    assert found.enrol_days % 7 == 0
    assert falling.enrolled(plan.plan, found.enrol_days).sum() >= found.needed
    assert falling.enrolled(plan.plan, found.enrol_days - 7).sum() < found.needed
    assert found.planned_units == pytest.approx(falling.enrolled(plan.plan, found.enrol_days).sum(), abs=100)
    never = sizes(plan, KNOWN, Traffic("lake", tuple(20_000 * np.arange(1, 29.0) ** -3), targeted=1.0))
    assert (never.enrol_days, never.planned_units) == (None, None)


def test_units_that_the_plan_does_not_expect_are_spoken_of_and_change_what_is_shown_but_not_what_is_needed() -> None:
    plan, odd = frozen(), frozen(planned_units=20_000)
    ours, theirs = (sizes(p, KNOWN, stated(9_000)) for p in (plan, odd))
    assert theirs.needed == ours.needed
    assert theirs.power < ours.power - 0.01
    said = [" ".join(forecast(p, KNOWN, stated(9_000), {}).who) for p in (plan, odd)]
    assert ["correct the planned people" in words for words in said] == [False, True]


def test_sentences_of_a_plan_name_what_a_form_shows_and_the_command_line_what_its_file_holds() -> None:
    found = forecast(frozen(planned_units=20_000), KNOWN, stated(2_000), {})
    weeks, people = found.sizes.enrol_days, found.sizes.planned_units or 0
    assert f"Planned people: {people:,}." in found.whole[1]
    assert "_" not in " ".join((*found.whole, *found.who))
    assert f"In its file: enrol_days: {weeks}, planned_units: {people}" in " ".join(plan_text(found).split())


def test_the_curve_of_new_units_moves_looks_forward() -> None:
    """The same units in all, most of them early: an answer comes sooner."""
    even = stated(9_000)
    falling = Traffic("lake", tuple(np.diff(9_000 * 14 * np.linspace(0, 1, 15) ** 0.4)), targeted=1.0)
    early, late = (planning.odds(frozen(), KNOWN, t) for t in (falling, even))
    assert early.days_if_worthwhile < late.days_if_worthwhile - 0.3


def test_without_a_baseline_the_error_says_how_to_state_one() -> None:
    with pytest.raises(NotReady, match=r"nothing is known yet of refused.*--baseline refused=MEAN,SD"):
        sizes(frozen(), {"completed": KNOWN["completed"]}, stated(1_000))


@pytest.mark.parametrize("text", ["ordered", "ordered=0.2", "ordered=0.2,0", "ordered=0,1", "ordered=a,b", "x=nan,1"])
def test_a_baseline_that_says_nothing_is_refused(text: str) -> None:
    assert planning.stated("ordered=0.2,0.4") == ("ordered", Baseline(0.2, 0.4))
    with pytest.raises(DefinitionError, match="write METRIC=MEAN,SD"):
        planning.stated(text)


def test_a_plan_that_nobody_enters_is_refused_with_what_to_do() -> None:
    nobody = frozen().plan.model_copy(update={"coverage": 0.0})
    with pytest.raises(NotReady, match="only 0 units would enter in 14 days"):
        sizes(frozen().model_copy(update={"plan": nobody}), KNOWN, stated(5_000))


@pytest.mark.slow
def test_the_command_s_text_is_whole_and_fits_80_columns() -> None:
    plan = freeze(samples.plan(title=samples.LONG, planned_units=None, enrol_days=35), samples.CATALOG)
    falling = Traffic("lake", tuple(9_000 * np.arange(1, 29.0) ** -0.3), samples.LAUNCHED, 1.0)
    found = forecast(plan, KNOWN, falling, {"completed": Past(14, Prior(0.001, 0.009))})
    text = plan_text(found)
    assert max(map(len, text.splitlines()[1:])) <= 80
    for words in (
        "28 days until Mon 2 Nov 2026", "After day 28", "Guardrail: Payments refused", "+10%", "In five weeks",
        "If it does nothing: You would wrongly keep it", "mostly between −1.1% and +1.3%", "which is unlikely (1 time in",
        "no finished experiments have measured it",
    ):  # fmt: skip
        assert words in " ".join(text.split())


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (0.0, "less than 1 time in 400"), (1 / 45, "1 time in 45"), (0.62, "6 times in 10"), (0.12, "1 time in 8"), (0.147, "1 time in 7"), (0.17, "2 times in 10"),
        (29 / 30, "29 times in 30"), (1.0, "nearly always"),
    ],
)  # fmt: skip
def test_a_chance_is_written_as_people_picture_it(share: float, words: str) -> None:
    assert times(share) == words


def finished(n: int) -> list[tuple[str, str, float, float]]:
    rng = np.random.default_rng(5)
    return [(f"e{i}", "completed", float(rng.normal(0.002, 0.01)), 0.002**2) for i in range(n)]


def test_a_prior_is_learnt_from_the_effects_of_past_experiments() -> None:
    past = priors.of_lifts(finished(40))["completed"]
    assert past.prior is not None
    assert past.experiments == 40
    assert past.prior.mean == pytest.approx(0.002, abs=0.005)
    assert past.prior.sd == pytest.approx(0.01, rel=0.3)


def test_a_prior_is_written_as_gains_whichever_way_is_better() -> None:
    metrics, prior = samples.CATALOG.metrics, Prior(-0.0021, 0.013)
    words = "a normal distribution of gains with mean {} and standard deviation 0.013, as shares"
    assert priors.prior_words(prior, metrics["completed"]) == words.format("−0.0021")
    assert priors.prior_words(prior, metrics["load"]) == words.format("0.0021")


def test_a_brief_is_offered_a_prior_for_every_metric_that_has_taught_one() -> None:
    past = {"load": Past(9, Prior(-0.004, 0.012)), "completed": Past(3), "gone": Past(9, Prior(0.0, 0.01))}
    said = priors.suggestions(past, samples.CATALOG)
    assert said == ["Time until checkout can be used: past gains varied by 1.2% around 0.40%."]


def test_fewer_than_five_experiments_teach_nothing_and_say_so() -> None:
    few = priors.of_lifts(finished(4))["completed"]
    assert few == Past(4)
    assert few.chance(0.02, 1) is None
    assert "only four finished experiments have measured it, and it takes five" in priors.sentence(few)


def test_an_effect_past_what_was_ever_seen_is_called_unlikely_in_the_direction_that_is_good() -> None:
    past = {"completed": Past(12, Prior(0.01, 0.01))}
    assert past["completed"].chance(0.01, 1) == pytest.approx(0.5)
    assert past["completed"].chance(0.01, -1) == pytest.approx(0.0228, abs=1e-3)
    assert "yours asks for +2.5%, which is unlikely (1 time in 15)" in priors.expectation(
        frozen(), frozen().plan.goals[0], past, 0.481
    )
