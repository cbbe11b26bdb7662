"""How alpha is shared: goals that are missing today keep their share, planning counts every treatment, and a look at
groups that could not be compared has shown nothing.
"""

from datetime import date, timedelta
from itertools import combinations
from types import SimpleNamespace
from typing import Any

import pytest

import stats
from experiments import readings, results
from experiments.errors import DefinitionError, NotReady
from experiments.plan import Goal, Prior
from experiments.plan_file import read_plan
from experiments.planning import odds as planning
from experiments.planning.forecast import forecast
from experiments.planning.sizes import MOST_UNITS, sizes
from experiments.planning.terminal import plan_text
from experiments.planning.traffic import stated
from experiments.snapshot import Look
from tests.experiments.test_methods import ALPHA, frozen, goal, mean

KNOWN = {"goal": planning.Baseline(10.0, 10.0)}
PLAN = "key: k\nvariants: [{key: control, weight: .5}, {key: new, weight: .5}]\ngoals: [{metric: m, worthwhile: .1}]\n"


def weighted(*weights: float, **more: Any) -> Any:
    """A plan of one goal and no guardrail whose variants have these weights."""
    bare = frozen("group-sequential", treatments=len(weights) - 1, guardrails=(), **more)
    variants = [v.model_copy(update={"weight": w}) for v, w in zip(bare.plan.variants, weights, strict=True)]
    return bare.model_copy(update={"plan": bare.plan.model_copy(update={"variants": tuple(variants)})})


def test_a_goal_without_cells_keeps_its_share_of_alpha_whatever_the_method() -> None:
    for method in ("fixed", "group-sequential"):
        f = frozen(method, treatments=2)
        flat = goal(f, mean(10, 1000), mean(10.01, 1000), mean(10.02, 1000))
        assert set(readings.levels(flat, ALPHA, missing=1).values()) == {ALPHA / 3}
    only = goal(frozen(), mean(10, 1000), mean(20, 1000))
    assert readings.levels(only, ALPHA, missing=2) == {("goal", "t1"): ALPHA / 3}


def test_the_tests_that_share_alpha_are_those_of_treatments_that_are_to_get_units() -> None:
    two = (Goal(metric="goal", worthwhile=0.1), Goal(metric="other", worthwhile=0.1))
    assert frozen(treatments=3, goals=two).plan.goal_tests == 6
    assert weighted(0.5, 0.0, 0.5).plan.goal_tests == 1


def test_what_an_invalid_look_saw_is_not_shown_and_what_it_spent_stays_spent() -> None:
    f = frozen("group-sequential")
    early, later = (readings.Clock({1: x}, official=True, after_horizon=False) for x in (0.5, 1.0))
    (winner,) = goal(f, mean(10, 1000), mean(11, 1000), clock=early)
    assert winner.test is not None
    kept: dict[str, list[Look]] = {}
    for word in ("wait", "invalid"):
        row = SimpleNamespace(metric="goal", treatment="t1", look=winner.test.looks[-1], harmed=False, reading="")
        split, day = SimpleNamespace(sequential_p=1.0), date(2026, 3, 2)
        history = [SimpleNamespace(verdict=SimpleNamespace(word=word), metrics=[row], cutoff=day, split=split)]
        kept[word] = results.earlier(history, day, day).looks[("goal", "t1")]  # type: ignore[arg-type,assignment]
    said = {w: goal(f, mean(10, 2000), mean(10, 2000), past=past, clock=later)[0] for w, past in kept.items()}
    assert {w: readings.reading(s, ALPHA) for w, s in said.items()} == {"wait": "better", "invalid": "about the same"}
    rows = {w: readings.result(f, s, ALPHA) for w, s in said.items()}
    assert rows["wait"].effect.critical == rows["invalid"].effect.critical  # type: ignore[union-attr]
    assert rows["invalid"].effect.p_value > 0.5 > ALPHA > rows["wait"].effect.p_value  # type: ignore[union-attr]
    assert rows["invalid"].look == rows["wait"].look


def test_a_metric_that_fails_today_keeps_its_share_of_alpha_and_the_harm_that_was_shown() -> None:
    two = (Goal(metric="goal", worthwhile=0.1), Goal(metric="other", worthwhile=0.1))
    f, day = frozen("group-sequential", goals=two), date(2026, 3, 2)
    harm = SimpleNamespace(metric="guard", treatment="t1", look=None, harmed=True, reading="harmed")
    split = SimpleNamespace(sequential_p=1.0)
    past = SimpleNamespace(cutoff=day, verdict=SimpleNamespace(word="stop"), metrics=[harm], split=split)
    end = day + timedelta(days=13)
    before = results.earlier([past], end, end)  # type: ignore[list-item]
    clock = results.clock(f, day, end, official=True, ended=before.ended)
    cells = {"control": mean(10, 1000), "t1": mean(10, 1000)}
    errors = {"other": "E: broke", "guard": "E: broke"}
    rows, (evidence,) = results.results(f, {"goal": cells}, before, clock, errors)
    assert rows[0].effect is not None
    assert rows[0].effect.level == pytest.approx(1 - ALPHA / 2)
    assert [(r.reading, r.harmed) for r in rows[1:]] == [("not enough data", False), ("harmed", True)]
    assert (evidence.harmed, rows[2].note) == ({"guard"}, "Shown harmed on an earlier day; that stays shown.")


def test_of_several_treatments_the_simulated_chance_to_keep_is_that_of_the_table_of_sizes() -> None:
    plan, comes = weighted(*(0.125,) * 8), stated(2_000)
    found = planning.odds(plan, KNOWN, comes)
    assert sizes(plan, KNOWN, comes).power == pytest.approx(found.right_keep, abs=0.05)
    assert found.wrong_keep <= 0.01


def test_a_treatment_that_gets_nobody_is_not_planned_for() -> None:
    plain = planning.odds(weighted(0.5, 0.5), KNOWN, stated(500), runs=100)
    assert planning.odds(weighted(0.5, 0.0, 0.5), KNOWN, stated(500), runs=100) == plain


@pytest.mark.parametrize(("weights", "said"), [((0.0, 1.0), "control has a weight"), ((1.0, 0.0), "no treatment has")])
def test_a_plan_that_compares_nothing_says_so(weights: tuple[float, float], said: str) -> None:
    with pytest.raises(NotReady, match=said):
        sizes(weighted(*weights), KNOWN, stated(500))


@pytest.mark.parametrize("worth", [1e-300, 1e300])
def test_sizes_past_all_sense_are_written_and_break_nothing(worth: float) -> None:
    plan = weighted(0.5, 0.5, goals=(Goal(metric="goal", worthwhile=worth),))
    assert sizes(plan, KNOWN, stated(500)).needed in {2, MOST_UNITS}
    assert "A goal together" in plan_text(forecast(plan, KNOWN, stated(500), {}))


def test_any_of_many_goals_is_planned_for_at_once() -> None:
    """Not over all their combinations: of thirty goals there are a billion."""
    powers, guardrails, correlation = [0.3, 0.5, 0.6], [0.9, 0.8], 0.3
    some = [c for n in (1, 2, 3) for c in combinations(powers, n)]
    parts = ((-1) ** (len(c) + 1) * stats.joint_power([*c, *guardrails], correlation) for c in some)
    assert stats.joint_power(guardrails, correlation, any_of=powers) == pytest.approx(sum(parts), rel=1e-9)
    assert stats.joint_power((), any_of=[0.5] * 30) == pytest.approx(1 - 0.5**30)


@pytest.mark.parametrize("base", [0.0, 1e-9, -1e-9])
def test_a_posterior_on_shares_of_nothing_shows_nothing_and_harm_is_told_all_the_same(base: float) -> None:
    f = frozen("bayesian", prior=Prior(mean=0.1, sd=0.01))
    (s,) = goal(f, mean(base, 1000), mean(5, 1000))
    row = readings.result(f, s, ALPHA)
    assert row.effect is not None
    assert (row.reading, row.effect.method, row.expected) == ("not enough data", "always-valid", None)
    assert row.effect.difference == pytest.approx(5)
    (worse,) = goal(f, mean(base, 1000), mean(-5, 1000))
    assert readings.harmed(worse, ALPHA)


def test_planned_units_beyond_all_people_and_an_alpha_of_next_to_nothing_are_refused() -> None:
    with pytest.raises(DefinitionError, match="'alpha' is 1e-300; input should be greater"):
        read_plan(PLAN + "alpha: 1.0e-300")
    with pytest.raises(DefinitionError, match=r"planned_units is 10000000000000; it may be 1,000,000,000,000 at most"):
        read_plan(PLAN + "planned_units: 10000000000000")
