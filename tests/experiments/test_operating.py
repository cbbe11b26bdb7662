"""The simulation before launch judges as the plan's rule does: at every look of every run both say one word.

Random plans, from one goal to two goals and two guardrails, with every method, read on some days only, also after
the last planned look. The truths are near the sizes of the plan, so that every rung of the ladder is reached.
"""

from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import stats
from experiments import readings
from experiments.catalog import Definition, Measure, Metric
from experiments.evidence import Evidence, Moment
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan, Prior, Variant
from experiments.planning import operating
from experiments.snapshot import Look, MetricResult
from experiments.verdict import judge
from experiments.warehouse.moments import Cell
from stats import Moments

pytestmark = pytest.mark.slow

METHODS = ("group-sequential", "always-valid", "fixed", "bayesian")
DAYS, HORIZON, A_DAY, MEAN, SD = (1, 4, 7, 9, 12, 14, 16, 19), 14, 60, 20.0, 30.0
RUNS = 6


@dataclass(frozen=True)
class Case:
    """One plan, and the moments of every run, day, metric and arm: n `[days]`, mean and variance `[metrics, 2, runs, days]`."""

    frozen: FrozenPlan
    n: Any
    mean: Any
    variance: Any

    @property
    def roles(self) -> tuple[Goal | Guardrail, ...]:
        return (*self.frozen.plan.goals, *self.frozen.plan.guardrails)

    def moments(self, metric: int, arm: int) -> Moments:
        mean, variance = self.mean[metric, arm][..., None], self.variance[metric, arm][..., None, None]
        return Moments(("y",), np.broadcast_to(self.n, mean.shape[:-1]), mean, variance)

    def fraction(self, look: int) -> float:
        return min(DAYS[look] / HORIZON, 1.0)


def case(method: str, seed: int, effects: tuple[float, ...] | None = None, runs: int = RUNS) -> Case:
    """A random plan with data whose effects are up to twice its sizes, for and against it, unless they are given."""
    rng = np.random.default_rng(seed)
    goals, guardrails = 1 + seed % 2, (0, 2, 1)[seed % 3]
    absolute = [bool(x) and method != "bayesian" for x in rng.integers(0, 2, goals + guardrails)]
    sign = -1.0 if seed % 4 == 3 else 1.0  # control means below zero
    sizes = [float(s) for s in rng.uniform(0.15, 0.3, goals + guardrails)]
    roles = [(f"m{i}", size * (MEAN if a else 1.0), a) for i, (size, a) in enumerate(zip(sizes, absolute, strict=True))]
    plan = Plan(
        key="k", method=method, prior=Prior(mean=0.05, sd=0.2) if method == "bayesian" else None,
        variants=(Variant(key="control", weight=0.5), Variant(key="treatment", weight=0.5)),
        goals=tuple(Goal(metric=k, worthwhile=s, absolute=a) for k, s, a in roles[:goals]),
        guardrails=tuple(Guardrail(metric=k, margin=s, absolute=a) for k, s, a in roles[goals:]),
        planned_units=int(1.5 * A_DAY * HORIZON) if seed % 5 == 4 else None,
    )  # fmt: skip
    directions = ["increase" if x else "decrease" for x in rng.integers(0, 2, len(roles))]
    definitions = {
        k: Definition(
            metric=Metric(key=k, kind="mean", measure=k, window_days=1, direction=d), numerator=Measure(event=k)
        )
        for (k, _, _), d in zip(roles, directions, strict=True)
    }
    gains = np.array([1.0 if d == "increase" else -1.0 for d in directions])
    drawn = rng.choice([-2.0, -1.0, 0.0, 0.5, 1.0, 2.0], (runs, len(roles)))
    shifts = gains * sizes * (drawn if effects is None else np.broadcast_to(effects, drawn.shape))
    return Case(FrozenPlan(plan=plan, definitions=definitions), *_walk(rng, shifts, sign * MEAN))


def _walk(rng: np.random.Generator, effects: Any, mean: float) -> tuple[Any, Any, Any]:
    """Units arrive every day; each look's mean holds all that came before."""
    runs, metrics = effects.shape
    n = A_DAY * np.array(DAYS, dtype=float)
    steps = rng.normal(size=(metrics, 2, runs, len(DAYS))) * SD * np.sqrt(np.diff(n, prepend=0.0))
    means = mean + np.cumsum(steps, axis=-1) / n
    means[:, 1] += effects.T[..., None] * MEAN
    return n, means, SD**2 * rng.uniform(0.9, 1.1, means.shape)


def simulated(c: Case) -> operating.Outcomes:
    """All runs at once."""
    planned = c.frozen.plan.planned_units or float(2 * A_DAY * HORIZON)
    by_days, by_units = np.array([c.fraction(i) for i in range(len(DAYS))]), np.minimum(2 * c.n / planned, 1.0)
    fractions = np.where(by_days >= 1, 1.0, by_units) if c.frozen.plan.planned_units else by_days
    found = {
        role.metric: operating.Metric(
            role, stats.mean(c.moments(i, 0), c.moments(i, 1), "y"), fractions=fractions, information=2 * c.n,
            gain=1 if c.frozen.definitions[role.metric].metric.direction == "increase" else -1, planned=planned,
        )
        for i, role in enumerate(c.roles)
    }  # fmt: skip
    return operating.outcomes(c.frozen.plan, found, DAYS, HORIZON)


def one_by_one(c: Case, run: int) -> list[str]:
    """One run through the readings and the verdict of an analysis, look after look."""
    past: dict[str, list[Look]] = {role.metric: [] for role in c.roles}
    return [_look(c, run, look, past) for look in range(len(DAYS))]


def _look(c: Case, run: int, look: int, past: dict[str, list[Look]]) -> str:
    plan = c.frozen.plan
    clock = readings.Clock({1: c.fraction(look)}, official=True, after_horizon=DAYS[look] > HORIZON)
    subjects = []
    for i, role in enumerate(c.roles):
        arms = {key: Cell(c.moments(i, arm).select((run, look)), 0) for arm, key in enumerate(("control", "treatment"))}
        subjects.append(readings.subject(c.frozen, role, "treatment", arms, past=past[role.metric], clock=clock))
        if subjects[-1].test is not None:
            past[role.metric].append(subjects[-1].test.looks[-1])
    level = readings.levels([s for s in subjects if s.role == "goal"], plan.alpha)
    harmed = frozenset(s.metric for s in subjects if readings.harmed(s, plan.alpha / len(subjects)))
    rows = [_row(s, level.get(s.place, plan.alpha)) for s in subjects]
    short = frozenset(s.metric for s in subjects if s.role == "goal" and readings.falls_short(s, level[s.place]))
    goals, guardrails = (tuple(r for r in rows if r.role == role) for role in ("goal", "guardrail"))
    evidence = Evidence("treatment", "Treatment", goals, guardrails, short, harmed)
    return judge((), (evidence,), Moment(DAYS[look], plan.minimum_days, HORIZON, "soon"), "rule").word


def _row(s: readings.Subject, level: float) -> MetricResult:
    """The parts of a result that the rule reads."""
    return MetricResult(
        metric=s.metric, title=s.metric, kind="mean", direction="increase", window_days=1, role=s.role,
        treatment=s.treatment, size=s.size, reading=readings.reading(s, level),
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("method", METHODS)
def test_both_say_one_word_at_every_look(method: str, seed: int) -> None:
    c = case(method, seed)
    together = simulated(c)
    for run in range(RUNS):
        assert one_by_one(c, run) == [operating.WORDS[w] for w in together.word[run]], f"run {run}"


def test_a_goal_that_is_settled_passes_its_share_of_alpha_on_to_the_other() -> None:
    """The first goal is plainly worse, so that the other may be dropped at the whole alpha and not at half of it."""
    c = case("group-sequential", 9, effects=(-2.0, 0.0), runs=60)
    together = simulated(c)
    assert len(c.frozen.plan.goals) == 2
    for run in range(60):
        assert one_by_one(c, run) == [operating.WORDS[w] for w in together.word[run]], f"run {run}"


def test_these_cases_reach_every_rung() -> None:
    said = Counter(operating.WORDS[w] for seed in range(8) for w in simulated(case(METHODS[0], seed)).word.ravel())
    assert min(said[word] for word in operating.WORDS) >= 20, said


@pytest.mark.parametrize("method", [m for m in METHODS if m != "bayesian"])  # a posterior is what is believed now
def test_what_was_shown_stays_shown_at_every_later_look(method: str) -> None:
    for seed in range(8):
        found = simulated(case(method, seed))
        assert (np.diff(found.better.astype(int), axis=1) >= 0).all()


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("look", [2, 5, 7])
def test_the_interval_leaves_out_zero_only_where_the_reading_says_so(method: str, look: int) -> None:
    """Where the plan's own method draws it: the page never shows a bar clear of zero beside "not enough data"."""
    clear = 0
    for seed in (0, 2, 6):
        c = case(method, seed)
        for run in range(RUNS):
            row, word = _result(c, run, look)
            assert row.effect is not None
            away = row.effect.low is not None and (row.effect.low > 0 or (row.effect.high or 0.0) < 0)
            if row.effect.method == method and away:
                clear += 1
                assert word in {"better", "worse"}
                assert row.effect.p_value <= 1 - row.effect.level + 1e-9
            elif row.effect.method == method == "always-valid":
                assert row.effect.p_value >= 1 - row.effect.level - 1e-9
    assert clear >= (0 if method == "fixed" and look != 5 else 3)


def _result(c: Case, run: int, last: int) -> tuple[MetricResult, str]:
    """The first goal's row at the last of several looks, and its reading."""
    past: list[Look] = []
    for look in range(last + 1):
        arms = {key: Cell(c.moments(0, arm).select((run, look)), 0) for arm, key in enumerate(("control", "treatment"))}
        clock = readings.Clock({1: c.fraction(look)}, official=True, after_horizon=DAYS[look] > HORIZON)
        s = readings.subject(c.frozen, c.roles[0], "treatment", arms, past=past, clock=clock)
        past = list(s.test.looks) if s.test is not None else past
    row = readings.result(c.frozen, s, 0.05)
    return row, row.reading
