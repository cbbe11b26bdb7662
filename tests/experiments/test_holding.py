"""What holding back will show is told before it is chosen, from the experiment's own noise and traffic."""

from dataclasses import replace

import pytest
import samples

import stats
from experiments.plan import Layer
from experiments.planning import holding

LEVEL, TIGHTEST = 0.05, 65_400.0


def measured(control, treatment, rule):
    """The estimate of two arms (units, share who did it), by this rule."""
    arms = [stats.Moments(("y",), n, [p], [[p * (1 - p)]]) for n, p in (control, treatment)]
    pair = stats.mean(*arms, "y")
    return stats.estimate(pair, rule.critical(pair), rule.p_value(pair))


@pytest.mark.parametrize(("held", "units"), [(0.05, 40_000), (0.2, 90_000), (0.5, 40_000)])
def test_the_width_that_is_told_is_that_of_the_engine_s_own_interval(held, units):
    shares = (0.48, 0.49)
    goal = samples.snapshot().metrics[0]
    before = measured((33_127, shares[0]), (32_995, shares[1]), stats.Fixed(0.05))
    ends = {"relative_low": float(before.relative_low), "relative_high": float(before.relative_high)}
    goal = goal.model_copy(update={"raw": goal.raw.model_copy(update=ends)})
    later = measured((held * units, shares[0]), ((1 - held) * units, shares[1]), stats.AlwaysValid(LEVEL, planned=TIGHTEST))
    told = holding.within(goal, held, units, level=LEVEL, tightest=TIGHTEST)
    assert told == pytest.approx(float(later.relative_high - later.relative_low) / 2, rel=0.02)


def test_five_in_a_hundred_held_back_show_less_than_half_of_what_halves_do():
    goal = samples.snapshot().metrics[0]
    few, half = (holding.within(goal, share, 40_000, level=LEVEL, tightest=TIGHTEST) for share in (0.05, 0.5))
    assert few / half == pytest.approx(((1 / 0.05 + 1 / 0.95) / 4) ** 0.5)
    assert holding.within(goal.model_copy(update={"raw": None}), 0.5, 40_000, level=LEVEL, tightest=TIGHTEST) is None


def test_it_is_told_for_each_goal_by_the_traffic_there_was_and_with_what_was_predicted():
    seen = samples.snapshot()
    assert holding.a_day(seen) == pytest.approx(66_122 / 14)
    cut = seen.frozen.plan.model_copy(update={"coverage": 0.5, "layer": Layer.model_validate({"name": "l", "salt": "l", "from": 0, "to": 0.5})})
    few = samples.snapshot(seen.frozen.model_copy(update={"plan": cut}))
    assert holding.a_day(few) == pytest.approx(4 * 66_122 / 14), "what is kept is served outside its layer too"
    assert holding.traffic(seen) == "as many come as in the experiment, about 4,730 people a day"
    first, second = holding.reaches(seen)
    assert first.title == "Checkouts completed"
    assert [share for share, _ in first.within] == [0.05, 0.1, 0.2, 0.5]
    assert first.predicted == pytest.approx(seen.metrics[0].expected.relative)
    assert first.cells == (("5%", "±4.8%"), ("10%", "±3.5%"), ("20%", "±2.6%"), ("50%", "±2.1%"))
    assert first.advice == "Predicted is +2.3%: hold back 50% or more to tell it from nothing."
    assert second.advice == "Predicted is +1.4%, too little to be told from nothing by then."
    assert replace(first, predicted=0.5).advice == "Predicted is +50%: any of these will do."
    assert replace(first, predicted=None).advice == ""
    assert holding.reaches(samples.snapshot(word="invalid")) == holding.reaches(None) == ()


def test_nobody_who_had_it_is_counted_as_one_who_can_be_held_back():
    frozen = samples.freeze(samples.plan(), samples.CATALOG)
    more = tuple(v.model_copy(update={"weight": w}) for v, w in zip(frozen.plan.variants, (0.15, 0.85), strict=True))
    seen = samples.snapshot(frozen.model_copy(update={"plan": frozen.plan.model_copy(update={"variants": more})}))
    assert [share for share, _ in holding.reaches(seen)[0].within] == [0.05, 0.1]
