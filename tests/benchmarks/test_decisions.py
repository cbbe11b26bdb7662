"""The plan's rule on simulated fleets: how often it errs, and that it finds what is there. `make bench-decisions`
runs more of the same, beside the rules of others.
"""

from functools import cache
from math import sqrt

import numpy as np
import pytest
from scipy.stats import norm

from benchmarks import charts, faults, independent, rules, splits
from benchmarks.fleets import TRUTHS, Truth, fleet, plan, revenue
from benchmarks.independent import Reading
from benchmarks.tally import Share
from experiments.planning import operating
from stats import boundaries, crossing_probabilities, obrien_fleming

pytestmark = pytest.mark.slow

RUNS = 4_000
NOTHING, WORTHWHILE, AT_MARGIN, HARMED = TRUTHS[0], TRUTHS[2], TRUTHS[4], TRUTHS[7]


@cache
def decided(truth: Truth, rule: str = "ours, group sequential") -> rules.Decisions:
    return rules.RULES[rule](fleet(truth, RUNS, np.random.default_rng(11)))


def at_most(limit: float, runs: int = RUNS) -> float:
    """The limit and three Monte-Carlo errors."""
    return limit + 3 * sqrt(limit * (1 - limit) / runs)


@pytest.mark.parametrize("rule", ["ours, group sequential", "ours, always valid"])
def test_where_nothing_differs_it_hardly_ever_keeps_and_hardly_ever_cries_harm(rule: str) -> None:
    found = decided(NOTHING, rule)
    assert found.kept.mean() <= at_most(0.025)
    assert found.cried.mean() <= at_most(0.05)


def test_what_is_just_worthwhile_is_kept_in_about_six_of_ten() -> None:
    found = decided(WORTHWHILE)
    assert 0.57 < found.kept.mean() < 0.63
    assert (found.dropped | found.stopped).mean() <= at_most(0.025)


@pytest.mark.slow
def test_a_guardrail_at_its_margin_is_kept_as_rarely_as_an_independent_simulation_says() -> None:
    rng, runs = np.random.default_rng(12), 60_000
    wanted = independent.fourteen_looks(Reading(0.3, 0.3), runs, rng).mean()
    error = sqrt(wanted * (1 / RUNS + 1 / runs))
    assert decided(AT_MARGIN).kept.mean() == pytest.approx(wanted, abs=3 * error)


def test_a_guardrail_at_its_margin_is_shown_safe_at_its_alpha_whatever_the_goal_gains() -> None:
    assert decided(TRUTHS[5]).kept.mean() <= at_most(0.05)


def test_the_independent_figures_agree_with_each_other_and_with_a_product_of_probabilities() -> None:
    alone = Reading(0.0, 0.0)
    shift = sqrt(independent.UNITS / (1 + 0.95**2)) * 0.05
    safe = norm.sf(norm.isf(0.045) - shift)
    assert independent.one_look(alone) == pytest.approx(0.0225 * 0.045 * safe**2, rel=1e-3)
    wanted = independent.one_look(Reading(0.3, 0.3))
    found = independent.fourteen_looks(Reading(0.3, 0.3), 60_000, np.random.default_rng(13)).mean()
    assert found == pytest.approx(wanted, abs=3 * sqrt(wanted / 60_000) + 0.1 * wanted)


def test_bounds_that_are_counted_on_paths_are_those_of_the_engine() -> None:
    """By the engine's integration they let through what was to be spent on both sides, but for the counting."""
    runs, times = 100_000, np.arange(1, 15) / 14
    counted = independent.counted_bounds(0.0225, runs, np.random.default_rng(14))
    spent = 2 * obrien_fleming(0.0225, times)
    np.testing.assert_allclose(crossing_probabilities(counted, times), spent, atol=4 * 2 * sqrt(0.0225 / runs))
    np.testing.assert_allclose(crossing_probabilities(boundaries(0.045, times, times), times), spent, atol=1e-7)


def test_harm_in_all_guardrails_is_mostly_stopped_and_never_kept() -> None:
    found = decided(HARMED)
    assert found.stopped.mean() > 0.5
    assert not found.kept.any()


@pytest.mark.parametrize("users", [50, 200, 500, 1000])
def test_skewed_revenue_looked_at_daily_shows_a_change_one_time_in_twenty_at_most(users: int) -> None:
    metrics = revenue(RUNS, users, np.random.default_rng(users))
    for method in ("group-sequential", "always-valid"):
        found = operating.outcomes(plan(method, 0), metrics, range(1, 15), 14)
        assert (found.better | found.worse | found.harmed).any(axis=1).mean() <= at_most(0.05), method


def test_no_fault_that_was_measured_in_other_tools_is_ours() -> None:
    """Each row of the page's last table, with fewer runs: coverage, agreement, rare counts, spending, tuning, ratios."""
    rng = np.random.default_rng(7)
    found = faults.peeking(1_000, rng) + faults.singles(1_000, rng)
    assert len(found) == 10
    assert [str(x.check.got) + x.check.what for x in found if not x.check.passed] == []


def test_harm_is_not_cried_in_four_weeks_of_daily_looks_however_many_guardrails() -> None:
    runs = 1_000
    for guardrails, theirs, mine in faults.rollbacks(runs, np.random.default_rng(8)):
        assert mine.value <= at_most(0.05, runs), guardrails
        assert theirs.value > 0.15, "that the harness can tell"


@pytest.mark.slow
@pytest.mark.parametrize(("weights", "a_day"), [(splits.EVEN, 1_000), (splits.UNEVEN, 200), (splits.THREE, 100)])
def test_a_split_as_planned_alarms_in_one_of_five_hundred_experiments_at_most(
    weights: tuple[float, ...], a_day: int
) -> None:
    runs = 20_000
    found = splits.split_alarms(splits.Split(weights, weights, a_day), runs, np.random.default_rng(a_day))
    assert found[splits.OURS].ever.value <= at_most(0.002, runs)
    assert found["chi-square at .001, read daily"].ever.value > 0.006, "the reason for the sequential test"


def test_a_split_of_52_instead_of_50_per_cent_is_found_within_two_weeks() -> None:
    wrong = splits.Split(splits.EVEN, (0.48, 0.52), 1_000)
    found = splits.split_alarms(wrong, 1_000, np.random.default_rng(2))[splits.OURS]
    assert found.ever.value > 0.99
    assert found.day < 14


@pytest.mark.parametrize("rule", ["ours, group sequential", "ours, always valid"])
def test_without_data_it_never_keeps(rule: str) -> None:
    """Six units an arm and day, and effects of any size: fewer than 100 in an arm show nothing."""
    whole = fleet(Truth("great", 40.0, (0.0,)), 500, np.random.default_rng(3))
    few = {k: operating.Metric(m.role, m.pair, m.gain, m.fractions, m.fractions * 180, 180.0) for k, m in whole.items()}
    found = rules.RULES[rule](few)
    assert not (found.kept | found.dropped | found.stopped | found.cried).any()


def test_the_rules_of_others_err_as_often_as_was_measured() -> None:
    """That the harness can tell: peeking errs one time in five, expected loss ships four of ten null variants."""
    one = fleet(Truth("A/A", 0.0, ()), RUNS, np.random.default_rng(5))
    peeked = rules.peeking(one)
    assert (peeked.kept | peeked.dropped).mean() == pytest.approx(0.219, abs=0.02)
    assert rules.expected_loss(one).kept.mean() == pytest.approx(0.41, abs=0.025)
    three = fleet(Truth("A/A", 0.0, (0.0,) * 3), RUNS, np.random.default_rng(6), looks=28, correlation=0.0)
    assert rules.growthbook_like(three).stopped.mean() == pytest.approx(0.52, abs=0.04)


def test_a_share_knows_its_error() -> None:
    share = Share.of(np.arange(400) < 100)
    assert share.value == 0.25
    assert share.error == pytest.approx(sqrt(0.25 * 0.75 / 400))


def test_charts_name_every_series_and_draw_bars_by_their_values() -> None:
    drawn = charts.bars("Title & more", {"ours": (0.1, 0.01), "a < b": (0.2, 0.01)}, 0.05)
    assert "Title &amp; more" in drawn
    assert "a &lt; b" in drawn
    assert "prefers-color-scheme: dark" in drawn
    widths = [float(part.split('width="')[1].split('"')[0]) for part in drawn.split("<rect")[2:]]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)


def test_few_crossovers_are_lived_with_and_many_invalidate_at_once() -> None:
    few, many = (splits.crossover_alarms((share, share), 20, np.random.default_rng(3)) for share in (0.002, 0.08))
    assert few.ever.value == 0.0
    assert (many.ever.value, many.day) == (1.0, 1.0)
