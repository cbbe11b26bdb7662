"""What the rule reads where a mean of many units will not do: rare proportions, a posterior, several treatments, and
clusters. In each the word, the interval and the p-value come from one score.
"""

from collections.abc import Sequence
from math import sqrt
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stats
from experiments import comparing, inference, readings
from experiments.catalog import Definition, Measure, Metric
from experiments.errors import DefinitionError
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan, Prior, Variant
from experiments.plan_file import plan_yaml, read_plan
from experiments.planning import odds as planning
from experiments.planning import operating
from experiments.snapshot import Look
from experiments.warehouse.moments import Cell
from stats import Moments
from stats.distributions import normal_bound

END = readings.Clock({1: 1.0}, official=True, after_horizon=False)
ALPHA = 0.05


def frozen(method: str = "fixed", *, kind: str = "mean", direction: str = "increase", treatments: int = 1, **more: Any) -> FrozenPlan:
    """A goal and a guardrail of one kind, both with a window of a day."""
    variants = ["control", *(f"t{i}" for i in range(1, treatments + 1))]
    given_ = {
        "goals": (Goal(metric="goal", worthwhile=0.1),), "guardrails": (Guardrail(metric="guard", margin=0.3),),
        "prior": Prior(sd=0.1) if method == "bayesian" else None,
    }  # fmt: skip
    plan = Plan(
        key="k", method=method, variants=tuple(Variant(key=v, weight=1 / len(variants)) for v in variants),
        **{**given_, **more},
    )  # fmt: skip
    below = Measure(event="d") if kind == "ratio" else None
    metrics = {
        k: Metric(key=k, kind=kind, measure=k, denominator="d" if below else None, window_days=1, direction=direction)
        for k in plan.metric_keys
    }
    return FrozenPlan(plan=plan, definitions={k: Definition(metric=m, numerator=Measure(event=k), denominator=below) for k, m in metrics.items()})


def share(hits: float, n: float) -> Cell:
    """A cell of a proportion."""
    p = hits / n
    return Cell(Moments(("y",), np.array(float(n)), np.array([p]), np.array([[p * (1 - p) * n / (n - 1)]])), 0)


def mean(m: float, n: float, sd: float = 1.0) -> Cell:
    return Cell(Moments(("y",), np.array(float(n)), np.array([m]), np.array([[sd**2]])), 0)


def goal(f: FrozenPlan, *cells: Cell, past: Sequence[Look] = (), clock: readings.Clock = END) -> list[readings.Subject]:
    """The goal of every treatment; the first cell is control's."""
    arms = dict(zip((v.key for v in f.plan.variants), cells, strict=True))
    return [
        readings.subject(f, f.plan.goals[0], t.key, arms, past=past, clock=clock) for t in f.plan.treatments
    ]  # fmt: skip


def guard(f: FrozenPlan, control: Cell, treatment: Cell) -> readings.Subject:
    return readings.subject(f, f.plan.guardrails[0], "t1", {"control": control, "t1": treatment}, past=(), clock=END)


def at_most(rate: float, runs: int) -> float:
    return rate + 3 * sqrt(rate * (1 - rate) / runs)


# --- rare proportions


@pytest.mark.slow
@settings(max_examples=8, deadline=None)
@given(
    method=st.sampled_from(["fixed", "group-sequential", "always-valid"]), hits=st.tuples(st.integers(29, 60), st.integers(29, 60)),
    n=st.tuples(st.integers(400, 50_000), st.sampled_from([0.8, 1, 1.25])).map(lambda x: (x[0], int(x[0] * x[1]))), direction=st.sampled_from(["increase", "decrease"]),
    failures=st.booleans(), absolute=st.booleans(),
)  # fmt: skip
def test_of_rare_proportions_word_interval_and_p_agree(
    method: str, hits: tuple[int, int], n: tuple[int, int], direction: str, failures: bool, absolute: bool
) -> None:
    size = 0.002 if absolute else 0.3
    goals, guards = (Goal(metric="goal", worthwhile=size, absolute=absolute),), (Guardrail(metric="guard", margin=size, absolute=absolute),)
    f = frozen(method, kind="proportion", direction=direction, goals=goals, guardrails=guards)
    control, treatment = (share(m - x if failures else x, m) for x, m in zip(hits, n, strict=True))
    (s,) = goal(f, control, treatment)
    row = readings.result(f, s, ALPHA)
    assert row.effect is not None
    assert ("score test" in row.note) == (min(hits) < 30)
    gained = _gain_beyond_zero(row.effect, direction)
    assert (row.reading == "better") == (gained == 1)
    assert (row.reading == "worse") == (gained == -1)
    assert (row.effect.p_value <= ALPHA) == (gained != 0)
    ends = (row.effect.low, row.effect.high) if absolute else (row.effect.relative_low, row.effect.relative_high)
    short = ends[1] < size if direction == "increase" else ends[0] > -size
    assert readings.falls_short(s, ALPHA) == short
    safe = readings.result(f, guard(f, control, treatment), ALPHA)
    assert safe.effect is not None
    e = safe.effect
    ends = (e.low, e.high) if absolute else (e.relative_low, e.relative_high)
    inside = ends[0] > -size if direction == "increase" else ends[1] < size
    assert (safe.reading in {"safe", "worse within margin"}) == inside


def _gain_beyond_zero(e: Any, direction: str) -> int:
    """+1, -1 or 0; the absolute and the relative interval leave out zero together."""
    beyond = (e.low > 0) - (e.high < 0)
    assert beyond == (e.relative_low > 0) - (e.relative_high < 0)
    return int(beyond) * (1 if direction == "increase" else -1)


def test_a_rare_proportion_s_interval_is_that_of_miettinen_and_nurminen() -> None:
    (s,) = goal(frozen(kind="proportion"), share(27, 4000), share(50, 4000))
    row = readings.result(frozen(kind="proportion"), s, ALPHA)
    expected = stats.score(stats.Counts(27, 4000, 50, 4000), stats.Fixed(ALPHA))
    assert row.effect is not None
    found = row.effect.low, row.effect.high, row.effect.relative_low, row.effect.relative_high, row.effect.p_value
    wanted = expected.low, expected.high, expected.relative_low, expected.relative_high, expected.p_value
    assert found == pytest.approx([float(w) for w in wanted], rel=1e-9)
    assert row.raw is not None
    assert (row.raw.low, row.raw.p_value) == pytest.approx((row.effect.low, row.effect.p_value), rel=1e-9)


def test_covariates_clusters_and_many_conversions_keep_the_mean_s_test() -> None:
    plain, clusters = frozen(kind="proportion"), frozen(kind="proportion", clusters=True)
    few, many = share(27, 4000), share(300, 4000)
    assert comparing.rare(plain.plan, "proportion", few, few) is not None
    assert comparing.rare(plain.plan, "proportion", many, many) is None
    assert comparing.rare(clusters.plan, "proportion", few, few) is None
    assert comparing.rare(plain.plan, "mean", few, few) is None


def test_a_look_keeps_what_it_recorded_while_a_proportion_was_rare() -> None:
    f = frozen("group-sequential", kind="proportion", planned_units=20_000)
    first = readings.Clock({1: 0.5}, official=True, after_horizon=False)
    (early,) = goal(f, share(27, 5000), share(50, 5000), clock=first)
    assert early.test is not None
    assert early.test.counts is not None
    recorded = early.test.looks
    (late,) = goal(f, share(54, 10_000), share(100, 10_000), past=recorded)
    assert late.test is not None
    assert late.test.counts is None
    assert late.test.looks[:1] == recorded
    score = float(stats.score_pair(stats.Counts(27, 5000, 50, 5000)).m1)
    assert late.test.looks[0].statistics["zero"] == pytest.approx(score, rel=1e-12)


@pytest.mark.slow
def test_on_rare_proportions_looked_at_daily_the_rule_errs_as_often_as_it_says() -> None:
    """Proportions pass from rare to not rare: what one test recorded, read beside the other's score, keeps the level."""
    runs, rng, f = 1_000, np.random.default_rng(5), frozen("group-sequential", kind="proportion", guardrails=())
    n = np.array([2000, 2200, 2400, 6000])
    hits = np.cumsum(rng.binomial(np.diff(n, prepend=0)[None, None], 0.0133, (runs, 2, 4)), axis=-1)
    wrong = rare = 0
    for run in range(runs):
        looks: tuple[Look, ...] = ()
        for day in range(4):
            clock = readings.Clock({1: n[day] / n[-1]}, official=True, after_horizon=False)
            (s,) = goal(f, *(share(hits[run, arm, day], n[day]) for arm in (0, 1)), past=looks, clock=clock)
            looks = s.test.looks if s.test is not None else looks
            rare += s.test is not None and s.test.counts is not None
        wrong += readings.reading(s, ALPHA) in {"better", "worse"}
    assert rare > runs / 2, "the score test is used"
    assert wrong / runs <= at_most(ALPHA, runs)


# --- a posterior


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    m0=st.floats(5, 20), lift=st.floats(-0.2, 0.2), believed=st.floats(-0.1, 0.1), sd=st.floats(0.02, 0.3),
    direction=st.sampled_from(["increase", "decrease"]), sign=st.sampled_from([1.0, -1.0]),
)  # fmt: skip
def test_of_a_posterior_word_credible_interval_and_chance_agree(
    m0: float, lift: float, believed: float, sd: float, direction: str, sign: float
) -> None:
    f = frozen("bayesian", direction=direction, prior=Prior(mean=believed, sd=sd))
    control, treatment = mean(sign * m0, 500, 5.0), mean(sign * m0 * (1 + lift), 500, 5.0)
    (s,) = goal(f, control, treatment)
    row = readings.result(f, s, ALPHA)
    e = row.effect
    assert e is not None
    assert (e.method, e.level) == ("bayesian", 0.95)
    up = (1 if direction == "increase" else -1) * sign
    assert (row.reading == "better") == (e.chance >= 0.975) == ((e.relative_low if up > 0 else -e.relative_high) >= 0)
    assert (row.reading == "worse") == (e.chance <= 0.025)
    assert (e.low >= 0) == (row.reading == ("better" if direction == "increase" else "worse"))
    posterior = stats.posterior(s.pair, stats.Prior(up * believed, sd))
    assert e.relative == pytest.approx(float(posterior.mean), rel=1e-9)
    assert (e.relative_low, e.relative_high) == pytest.approx([float(x) for x in posterior.interval(0.95)], rel=1e-9)
    chance = float(posterior.chance_better()) if up > 0 else 1 - float(posterior.chance_better())
    assert e.chance == pytest.approx(chance, abs=1e-12)
    short = float(posterior.chance_better(up * 0.1))
    assert readings.falls_short(s, ALPHA) == ((1 - short if up > 0 else short) >= 0.975)
    safe = guard(f, control, treatment)
    inside = float(posterior.chance_better(-up * 0.3))
    assert (readings.reading(safe, ALPHA) != "not yet shown safe") == ((inside if up > 0 else 1 - inside) >= 0.95)
    assert row.expected is None or row.expected.relative == e.relative


def test_a_posterior_may_change_its_mind_and_needs_no_looks() -> None:
    f = frozen("bayesian")
    (sure,) = goal(f, mean(10, 1000, 3), mean(10.6, 1000, 3))
    assert sure.test is not None
    assert readings.reading(sure, ALPHA) == "better"
    (unsure,) = goal(f, mean(10, 110, 3), mean(10.5, 110, 3), past=sure.test.looks)
    assert readings.reading(unsure, ALPHA) == "not enough data"
    (aside,) = goal(f, mean(10, 1000, 3), mean(10.6, 1000, 3), clock=readings.Clock({1: 0.5}, False, False))
    assert readings.reading(aside, ALPHA) == "better"


def test_harm_is_told_from_the_data_alone_whatever_the_prior_says() -> None:
    hopeful, plain = frozen("bayesian", prior=Prior(mean=0.5, sd=0.001)), frozen("always-valid")
    for treatment in (mean(9, 2000), mean(6.5, 2000)):
        found = [guard(f, mean(10, 2000), treatment) for f in (hopeful, plain)]
        assert readings.harmed(found[0], 0.025) == readings.harmed(found[1], 0.025) == (treatment.moments.mean[0] < 7)
        assert inference.band(found[0].test, ALPHA) == inference.band(found[1].test, ALPHA)  # type: ignore[arg-type]


def test_the_baseline_that_a_bayesian_experiment_leaves_is_that_of_its_data() -> None:
    rows = [
        readings.result(f, *goal(f, mean(10, 1000, 3), mean(10.6, 1000, 3)), ALPHA)
        for f in (frozen("bayesian", prior=Prior(sd=0.01)), frozen())
    ]
    shrunken, plain = (planning.baselines([SimpleNamespace(metrics=(row,))])["goal"] for row in rows)  # type: ignore[list-item]
    assert shrunken == plain == planning.Baseline(10.0, pytest.approx(3.0, rel=1e-9))


@pytest.mark.slow
def test_the_simulation_before_launch_shows_that_a_wide_prior_errs_more() -> None:
    """Fourteen looks at experiments that do nothing: a chance to be better of 97.5 % is reached by more than 2.5 %."""
    runs, n = 4_000, 150.0 * np.arange(1, 15)
    walks = np.cumsum(np.random.default_rng(9).normal(size=(2, runs, 14)) * sqrt(150.0), axis=-1) / n
    kept = []
    for sd in (0.02, 5.0):
        plan = frozen("bayesian", guardrails=(), prior=Prior(sd=sd)).plan
        pair = stats.Pair(*(1 + 1.5 * walks), v00=1.5**2 / n, v01=0.0, v11=1.5**2 / n, df=2 * n, n=2 * n)
        metric = operating.Metric(plan.goals[0], pair, 1, fractions=n / n[-1], information=2 * n, planned=float(2 * n[-1]))
        kept.append(operating.outcomes(plan, {"goal": metric}, range(1, 15), 14).share("keep"))
    assert kept[0] < at_most(0.01, runs)
    assert kept[1] > 0.025 + 3 * sqrt(0.025 * 0.975 / runs)


PLAN = """
key: k
variants: [{key: control, weight: 0.5}, {key: t, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}]
"""


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ("method: bayesian", "write prior: {mean: 0, sd: 0.05}"),
        ("prior: {sd: 0.1}", "method is group-sequential, which uses no prior"),
        ("method: bayesian\nprior: {mean: 0}", "'prior.sd' is missing"),
        ("method: bayesian\nprior: {sd: 0}", "prior.sd"),
        ("method: bayesian\nprior: {sd: 0.1}\nguardrails: [{metric: e, margin: 1, absolute: true}]", "'e' has an absolute size"),
        ("planned_units: 40", "planned_units is 40; it must be 200 or more"),
        ("clusters: true\nplanned_units: 8", "planned_units is 8; it must be 10 or more"),
    ],
)  # fmt: skip
def test_a_plan_says_what_its_method_lacks(more: str, said: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_plan(PLAN + more)
    assert said in str(caught.value)


def test_a_prior_and_clusters_are_read_and_written_back() -> None:
    plan = read_plan(PLAN + "method: bayesian\nprior: {mean: 0.01, sd: 0.05}\nclusters: true\nplanned_units: 40")
    assert (plan.prior, plan.clusters) == (Prior(mean=0.01, sd=0.05), True)
    assert read_plan(plan_yaml(plan)) == plan


# --- several treatments


@settings(max_examples=8, deadline=None)
@given(means=st.lists(st.floats(-0.5, 0.5), min_size=2, max_size=4), sizes=st.lists(st.integers(100, 4000), min_size=5, max_size=5))
def test_one_goal_looked_at_once_is_tested_by_step_down_dunnett(means: list[float], sizes: list[int]) -> None:
    f = frozen(treatments=len(means))
    cells = [mean(10, sizes[0]), *(mean(10 + m, n) for m, n in zip(means, sizes[1:], strict=False))]
    subjects = goal(f, *cells)
    level = readings.levels(subjects, ALPHA)
    words = {s.treatment: readings.reading(s, level[s.place]) for s in subjects}
    assert {t for t, word in words.items() if word in {"better", "worse"}} == _step_down(subjects)
    for s in subjects:
        assert ALPHA / len(means) <= level[s.place] <= ALPHA + 1e-12
        assert (readings.result(f, s, level[s.place]).effect.p_value <= level[s.place]) == (words[s.treatment] in {"better", "worse"})  # type: ignore[union-attr]
    scores = [s.test.sampled(0.0) for s in subjects if s.test is not None]
    expected = stats.dunnett(scores, [comparing.share(s.pair) for s in subjects])
    assert list(readings.together(subjects).values()) == pytest.approx(list(expected), rel=1e-12)


def _step_down(subjects: Sequence[readings.Subject]) -> set[str]:
    """By adjusted p-values: the smallest first, among all that are left."""
    left, found = list(subjects), set()
    while left:
        p = stats.dunnett([stats.normal_scores(s.pair) for s in left], [comparing.share(s.pair) for s in left])
        if p.min() > ALPHA:
            break
        found.add(left.pop(int(np.argmin(p))).treatment)
    return found


def test_looks_over_time_two_goals_or_a_treatment_without_data_keep_holm() -> None:
    cells = [mean(10, 1000), mean(10.01, 1000), mean(10.02, 1000)]
    for f, arms in ((frozen("group-sequential", treatments=2), cells), (frozen(treatments=2), [*cells[:2], mean(10, 20)])):
        assert set(readings.levels(goal(f, *arms), ALPHA).values()) == {ALPHA / 2}
    one = frozen()
    assert readings.levels(goal(one, *cells[:2]), ALPHA) == {("goal", "t1"): ALPHA}
    assert readings.together(goal(one, *cells[:2])) == {}


@pytest.mark.slow
def test_several_treatments_err_together_as_often_as_alpha_says() -> None:
    """Any false word among three treatments, of which none works, and of which one works."""
    f, rng = frozen(treatments=3), np.random.default_rng(3)
    for true, runs in ((0.0, 220), (0.4, 100)):
        wrong = 0
        for _ in range(runs):
            noise = rng.normal(scale=1 / sqrt(400), size=4)
            subjects = goal(f, *(mean(10 + x + true * (i == 1), 400) for i, x in enumerate(noise)))
            level = readings.levels(subjects, ALPHA)
            said = [s for s in subjects if readings.reading(s, level[s.place]) in {"better", "worse"}]
            wrong += any(s.treatment != "t1" or not true for s in said)
        assert at_most(ALPHA, runs) >= wrong / runs >= 2 * ALPHA - at_most(ALPHA, runs), true


# --- clusters


def ratio_cell(rows: Any) -> Cell:
    return Cell(Moments.of(("y", "d"), rows), 0, tuple(map(tuple, rows.tolist())))


def test_few_clusters_of_a_ratio_are_compared_by_the_jackknife() -> None:
    rng = np.random.default_rng(2)
    d = rng.integers(20, 200, (2, 8)).astype(float)
    rows = np.stack([d * rng.normal(2, 0.3, d.shape), d], axis=-1)
    f = frozen(kind="ratio", clusters=True)
    (s,) = goal(f, ratio_cell(rows[0]), ratio_cell(rows[1]))
    zero = np.zeros(8)
    sums = np.concatenate([np.stack([rows[0, :, 0], zero], 1), np.stack([zero, rows[1, :, 0]], 1)])
    counts = np.concatenate([np.stack([rows[0, :, 1], zero], 1), np.stack([zero, rows[1, :, 1]], 1)])
    expected = stats.estimate(stats.clustered(sums, counts), stats.Fixed(ALPHA).critical(stats.clustered(sums, counts)), 1.0)
    found = readings.result(f, s, ALPHA).effect
    assert found is not None
    assert (found.low, found.high, found.df) == pytest.approx((float(expected.low), float(expected.high), 15.0), rel=1e-9)


def test_forty_clusters_are_compared_by_their_moments() -> None:
    rows = np.random.default_rng(2).lognormal(size=(2, 20, 2))
    pair = comparing.pair(ratio_cell(rows[0]), ratio_cell(rows[1]))
    plain = stats.ratio(Moments.of(("y", "d"), rows[0]), Moments.of(("y", "d"), rows[1]), "y", "d")
    assert (pair.v00, pair.v11, pair.df) == (plain.v00, plain.v11, plain.df)


def test_five_clusters_are_enough_and_four_are_not_and_the_page_says_so() -> None:
    f = frozen(clusters=True, unit="store")
    (four,), (five,) = goal(f, mean(10, 4), mean(11, 5)), goal(f, mean(10, 5), mean(11, 5))
    assert (four.test is None, five.test is None) == (True, False)
    assert "5 stores" in readings.result(f, four, ALPHA).note
    (share_,) = goal(frozen(kind="proportion", clusters=True), share(2, 5), share(4, 5))
    assert share_.test is not None, "no number of conversions is asked of clusters"


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["mean", "ratio"])
@pytest.mark.parametrize("clusters", [5, 8])
def test_with_few_clusters_a_two_sided_test_errs_as_often_as_it_says(kind: str, clusters: int) -> None:
    """Clusters of unlike sizes (a lognormal spread of .5) that share effects of their own: why five are enough."""
    runs, rng = 4_000, np.random.default_rng(11)
    d = np.round(100 * np.exp(0.5 * rng.normal(size=(runs, 2, clusters)))) + 5
    rate = 2 + 0.4 * rng.normal(size=d.shape) + rng.normal(size=d.shape) / np.sqrt(d)
    if kind == "mean":
        cells = [Moments.of(("y",), (rate * d)[:, arm, :, None]) for arm in (0, 1)]
        pair = stats.mean(*cells, "y")
    else:
        sums, counts = np.zeros((2, runs, 2 * clusters, 2))
        for arm in (0, 1):
            at = slice(arm * clusters, (arm + 1) * clusters)
            sums[:, at, arm], counts[:, at, arm] = (rate * d)[:, arm], d[:, arm]
        pair = stats.clustered(sums, counts)
    wrong = np.abs(stats.normal_scores(pair)) >= normal_bound(ALPHA / 2)
    assert wrong.mean() <= at_most(ALPHA, runs)


@pytest.mark.parametrize("sides", ["both", "one"])
def test_the_bound_for_any_day_is_crossed_by_chance_less_often_than_its_level_in_200_looks(sides: inference.Sides) -> None:
    units = np.arange(1, 201) * 50.0
    sums = np.random.default_rng(11).normal(size=(4_000, 200)).cumsum(axis=1)  # of 4,000 experiments that do nothing
    z = sums / np.sqrt(np.arange(1, 201))
    crossed = (np.abs(z) if sides == "both" else z) >= inference.always_valid(ALPHA, units, planned=5_000, sides=sides)
    assert 0.01 < crossed.any(axis=1).mean() < ALPHA, "it holds for ever, so 200 looks do not use it up"
