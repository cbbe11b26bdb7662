"""The whole rule on simulated experiments: looked at daily it errs no more often than it says, and finds what is there.

Fourteen daily looks, group sequential, one goal and two guardrails that correlate .3 on skewed outcomes, through the
same readings, levels and verdict as an analysis, and never through SQL. How often it errs is counted on all runs at
once; look by look the rule itself is held to say the same, here and in test_operating.py.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
import pytest

import stats
from experiments import readings
from experiments.catalog import Definition, Measure, Metric
from experiments.evidence import Evidence, Moment
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan, Variant
from experiments.planning import operating
from experiments.snapshot import Look, MetricResult, Verdict
from experiments.verdict import judge
from experiments.warehouse.moments import Cell
from stats import Moments

pytestmark = pytest.mark.slow

DAYS, A_DAY, SIZE, SPREAD, CORRELATION = 14, 200, 0.08, 0.8, 0.3
METRICS = ("goal", "errors", "speed")
RUNS = 300


def frozen(method: str = "group-sequential") -> FrozenPlan:
    """One goal, a guardrail where less is better and one where more is, all with windows of a day."""
    plan = Plan(
        key="k", variants=(Variant(key="control", weight=0.5), Variant(key="treatment", weight=0.5)),
        goals=(Goal(metric="goal", worthwhile=SIZE),), method=method,
        guardrails=(Guardrail(metric="errors", margin=SIZE), Guardrail(metric="speed", margin=SIZE)),
    )  # fmt: skip
    definitions = {
        key: Definition(
            metric=Metric(key=key, kind="mean", measure=key, window_days=1, direction="decrease" if key == "errors" else "increase"),
            numerator=Measure(event=key, aggregate="sum"),
        )
        for key in METRICS
    }  # fmt: skip
    return FrozenPlan(plan=plan, definitions=definitions)


@dataclass(frozen=True)
class Data:
    """Cumulative moments of every run, arm, day and metric: units [days], means and variances [runs, 2, days, 3]."""

    n: Any
    mean: Any
    variance: Any

    def cell(self, run: int, arm: int, day: int, metric: int) -> Cell:
        at = run, arm, day, metric
        return Cell(Moments(("y",), self.n[day], self.mean[at][None], self.variance[at][None, None]), 0)


def simulated(runs: int, *, goal: float = 0.0, guardrail: float = 0.0, a_day: int = A_DAY, seed: int = 1) -> Data:
    """Lognormal outcomes of mean 1; effects are relative gains: below zero both guardrails are harmed."""
    rng = np.random.default_rng(seed)
    root = np.linalg.cholesky(np.full((3, 3), CORRELATION) + (1 - CORRELATION) * np.eye(3))
    totals = np.zeros((2, runs, 2, DAYS, 3))
    for day in range(DAYS):
        y = np.exp(SPREAD * (rng.normal(size=(runs, 2, a_day, 3)) @ root.T) - SPREAD**2 / 2)
        y[:, 1] *= (1 + goal, 1 - guardrail, 1 + guardrail)
        totals[:, :, :, day] = y.sum(axis=2), (y**2).sum(axis=2)
    sums, squares = np.cumsum(totals, axis=3)
    n = a_day * np.arange(1.0, DAYS + 1)
    mean = sums / n[:, None]
    return Data(n, mean, (squares - n[:, None] * mean**2) / (n - 1)[:, None])


def judged(plan: FrozenPlan, data: Data, run: int) -> list[tuple[Verdict, tuple[str, ...]]]:
    """Look every day; return each day's verdict and readings."""
    past: dict[str, list[Look]] = {key: [] for key in METRICS}
    return [_look(plan, data, run, day, past) for day in range(DAYS)]


def _look(
    plan: FrozenPlan, data: Data, run: int, day: int, past: dict[str, list[Look]]
) -> tuple[Verdict, tuple[str, ...]]:
    clock = readings.Clock({1: (day + 1) / DAYS}, official=True, after_horizon=False)
    subjects = []
    for i, role in enumerate((*plan.plan.goals, *plan.plan.guardrails)):
        arms = {key: data.cell(run, arm, day, i) for arm, key in enumerate(("control", "treatment"))}
        subjects.append(readings.subject(plan, role, "treatment", arms, past=past[role.metric], clock=clock))
        if subjects[-1].test is not None:
            past[role.metric].append(subjects[-1].test.looks[-1])
    level = readings.levels([s for s in subjects if s.role == "goal"], plan.plan.alpha)
    harmed = frozenset(s.metric for s in subjects if readings.harmed(s, plan.plan.alpha / len(subjects)))
    rows = [_row(s, level.get(s.place, plan.plan.alpha), s.metric in harmed) for s in subjects]
    short = frozenset(s.metric for s in subjects[:1] if readings.falls_short(s, level[s.place]))
    evidence = Evidence("treatment", "Treatment", tuple(rows[:1]), tuple(rows[1:]), short, harmed)
    verdict = judge((), (evidence,), Moment(day + 1, plan.plan.minimum_days, DAYS, "soon"), "rule")
    return verdict, tuple(r.reading for r in rows)


def _row(s: readings.Subject, level: float, harmed: bool) -> MetricResult:
    """The parts of a result that the rule reads; its intervals take long and decide nothing."""
    found = readings.reading(s, level)
    word = ("worse" if s.role == "goal" else "harmed") if harmed else found
    return MetricResult(
        metric=s.metric, title=s.metric, kind="mean", direction="increase", window_days=1, role=s.role,
        treatment=s.treatment, size=s.size, reading=word,
    )  # fmt: skip


def outcomes(plan: FrozenPlan, data: Data) -> operating.Outcomes:
    """All runs at once, by the simulation before launch, which the last test here holds against the rule itself."""
    runs = len(data.mean)
    moments = [
        [Moments(("y",), np.broadcast_to(data.n, (runs, DAYS)), data.mean[:, arm, :, i, None], data.variance[:, arm, :, i, None, None])
         for arm in (0, 1)]
        for i in range(3)
    ]  # fmt: skip
    metrics = {
        role.metric: operating.Metric(
            role, stats.mean(*moments[i], "y"), gain=-1 if role.metric == "errors" else 1,
            fractions=np.arange(1, DAYS + 1) / DAYS, information=2 * data.n, planned=2.0 * A_DAY * DAYS,
        )
        for i, role in enumerate((*plan.plan.goals, *plan.plan.guardrails))
    }  # fmt: skip
    return operating.outcomes(plan.plan, metrics, range(1, DAYS + 1), DAYS)


def experiments(goal: float, guardrail: float, runs: int = RUNS) -> operating.Outcomes:
    """All runs of one truth; effects in worthwhile effects and margins."""
    return outcomes(frozen(), simulated(runs, goal=goal * SIZE, guardrail=guardrail * SIZE))


def ever(found: operating.Outcomes, word: operating.Word) -> float:
    """Share of experiments that said this word at any look, whatever ended them."""
    return float(np.mean((found.word == operating.WORDS.index(word)).any(axis=1)))


def at_most(rate: float, runs: int) -> float:
    """A rate and three standard errors of its estimate."""
    return rate + 3 * sqrt(rate * (1 - rate) / runs)


def test_if_nothing_works_it_is_rarely_kept_and_rarely_called_harmful() -> None:
    found = experiments(0.0, 0.0)
    assert ever(found, "keep") <= at_most(0.025, RUNS)
    assert np.mean((found.worse | found.harmed).any(axis=1)) <= at_most(0.05, RUNS)
    assert found.share("drop") > 0.4, "that it is not worthwhile is the right answer here"


def test_a_goal_of_one_and_a_half_worthwhile_effects_is_mostly_kept() -> None:
    found = experiments(1.5, 0.0)
    assert found.share("keep") > 0.6
    assert found.share("drop") <= at_most(0.025, RUNS)


def test_harm_of_two_margins_is_mostly_stopped_and_never_kept() -> None:
    for goal in (0.0, 1.5):
        found = experiments(goal, -2.0)
        assert ever(found, "stop") > 0.5
        assert found.share("keep") == 0.0


def test_a_guardrail_at_its_margin_is_hardly_ever_kept_whatever_the_goal_gains() -> None:
    assert experiments(1.5, -1.0).share("keep") <= at_most(0.05, RUNS)


def test_with_too_little_data_nothing_is_shown_and_nothing_kept() -> None:
    data, plan = simulated(20, goal=3.0, a_day=7), frozen()
    for run in range(20):
        looks = judged(plan, data, run)
        assert [v.word for v, _ in looks] == ["wait"] * 13 + ["review"]
        assert {words for _, words in looks} == {("not enough data", "not yet shown safe", "not yet shown safe")}


def test_nothing_but_a_stop_speaks_before_the_first_week_is_over() -> None:
    data, plan = simulated(10, goal=1.0, a_day=400), frozen()
    for run in range(10):
        words = [v.word for v, _ in judged(plan, data, run)]
        assert words[:6] == ["wait"] * 6
        assert "keep" in words[6:]


@pytest.mark.parametrize("method", ["group-sequential", "always-valid", "fixed"])
@pytest.mark.parametrize("truth", [(0.0, 0.0), (1.2, -0.6), (0.5, -2.0)])
def test_the_simulation_before_launch_says_the_same_as_the_rule_itself(method: str, truth: tuple[float, float]) -> None:
    """experiments/planning/operating.py applies the rule to all runs at once; look by look both must find one word."""
    runs = 8
    data, plan = simulated(runs, goal=truth[0] * SIZE, guardrail=truth[1] * SIZE, seed=7), frozen(method)
    found = outcomes(plan, data)
    for run in range(runs):
        one_by_one = judged(plan, data, run)
        assert [v.word for v, _ in one_by_one] == [operating.WORDS[w] for w in found.word[run]]
        bad = [bool({"worse", "harmed"} & set(words)) for _, words in one_by_one]
        assert bad == list(found.worse[run] | found.harmed[run])
