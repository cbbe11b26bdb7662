"""Results as rows: what is written, and where bars stand."""

import pytest
import samples
from hypothesis import given
from hypothesis import strategies as st

from experiments.plan import Goal, freeze
from experiments.reports import rows
from experiments.reports.axis import axis_for, nice_step, spread

FROZEN = freeze(samples.plan(), samples.CATALOG)


def result(key="completed", shown=(0.481, 0.028, 0.014, "better"), **changes):
    return samples.result(FROZEN, key, "t1", shown, **changes)


@given(st.floats(-10, 0), st.floats(0.1, 10), st.lists(st.floats(-20, 20)))
def test_many_values_are_held_inside_as_each_is(low, high, values):
    axis = spread(low, high, 4)
    assert axis.clips(values) == [axis.clip(value) for value in values]


def only(*results):
    return rows.block(results).rows[0]


@given(st.lists(st.lists(st.floats(-1e6, 1e6), max_size=4), max_size=12))
def test_every_axis_shows_zero_and_has_a_few_ticks_inside(values):
    axis = axis_for(values)
    assert 0 <= axis.at(0) <= 100
    assert 0.0 in axis.ticks
    assert 1 <= len(axis.ticks) <= 6
    assert all(-1e-9 <= axis.at(t) <= 100 + 1e-9 for t in axis.ticks)


@given(st.floats(1e-9, 1e9))
def test_a_tick_step_is_1_2_or_5_times_a_power_of_ten(least):
    step = nice_step(least)
    assert least * (1 - 1e-9) <= step <= 2.5 * least * (1 + 1e-9)
    assert f"{step:e}"[0] in "125"


def test_one_wild_row_runs_off_the_scale_and_leaves_the_others_readable():
    wild = result("revenue", (31.0, 0.5, 3.0, "not enough data"))
    calm, far = rows.block([result(), result("load", (1.8, 0.01, 0.01, "safe")), wild]).rows[::2]
    assert far.bar.left
    assert far.bar.right
    assert calm.bar.width > 10
    assert not calm.bar.left


def test_a_bar_that_is_wholly_off_the_scale_is_a_stub_with_an_arrow():
    far = result("revenue", (31.0, 5.0, 0.1, "better"))
    bar = rows.block([result(), result(), far]).rows[2].bar
    assert (bar.left, bar.right, bar.point) == (False, True, None)
    assert bar.start + bar.width == 100


def test_an_unbounded_interval_says_no_limit_and_ends_in_an_arrow():
    effect = samples.effect(0.481, 0.028, 0.014, high=None, relative_high=None)
    row = only(result(effect=effect))
    assert row.interval == "+1.4% to no limit"
    assert row.bar.right
    assert not row.bar.left


def test_a_goal_is_worthwhile_towards_better_and_a_guardrail_is_harmed_towards_worse():
    goal, guard = only(result()), only(result("refused", (0.0231, -0.017, 0.1, "safe")))
    assert goal.remark == "worthwhile from +2%"
    assert guard.remark == "margin +10%"  # lower is better, so worse is up
    assert guard.bar.beyond
    assert not goal.bar.beyond
    assert goal.bar.area[0] > rows.block([result()]).scale.zero


def test_a_metric_that_could_not_be_computed_is_an_error_row_and_hides_no_other():
    broken = result(error="the source 'orders' has no rows", effect=None)
    first, second = rows.block([broken, result("revenue", (31.0, 0.01, 0.02, "not enough data"))]).rows
    assert first.error == "the source 'orders' has no rows"
    assert first.bar is None
    assert second.change == "+1.0%"


def test_without_a_relative_change_the_absolute_one_leads_on_a_scale_of_its_own():
    none = {"relative": None, "relative_low": None, "relative_high": None}
    effect = samples.effect(0.481, 0.028, 0.014).model_copy(update=none)
    row = only(result(effect=effect))
    assert row.change == "+1.3 percentage points"
    assert row.own is not None
    assert row.second.startswith("no relative change")


def test_an_absolute_size_is_compared_with_the_absolute_change():
    plan = FROZEN.plan.model_copy(update={"goals": (Goal(metric="revenue", worthwhile=0.4, absolute=True),)})
    frozen = FROZEN.model_copy(update={"plan": plan})
    row = only(samples.result(frozen, "revenue", "t1", (31.42, 0.014, 0.0195, "better"), absolute=True))
    assert row.change == "+€0.44"
    assert row.second == "+1.4%"
    assert row.remark == "worthwhile from +€0.4"
    assert row.own is not None


def test_a_remark_on_a_row_never_hides_its_margin():
    row = only(result("refused", (0.023, -0.017, 0.1, "safe"), note="Few conversions."))
    assert row.remark.startswith("margin ")
    assert row.remark.endswith(". Few conversions.")


def test_a_metric_without_units_yet_has_no_bar():
    row = only(result(effect=None, control=None, variant=None, reading="not enough data", note="no window has closed"))
    assert (row.bar, row.change, row.control, row.remark) == (None, "", "not known", "no window has closed")


@pytest.mark.parametrize("reading", rows.TONES)
def test_every_reading_has_a_tone_and_a_word(reading):
    row = only(result(reading=reading))
    assert row.tone in {"good", "bad", "flat", "unknown"}
    assert row.word[0].isupper()


def test_the_head_names_the_interval_and_its_levels_where_rows_differ():
    other = samples.effect(0.481, 0.028, 0.014, method="always-valid")
    wider = samples.effect(0.481, 0.028, 0.014, level=0.975)
    assert rows.block([result()]).interval == "95% interval"
    assert rows.block([result(effect=other)]).interval == "always-valid 95% interval"
    assert rows.block([result(), result(effect=other)]).interval == "95% interval"
    assert rows.block([result(), result(effect=wider)]).interval == "95% to 97.5% interval"
    assert rows.block([result(effect=None)]).interval == "interval"


def test_no_results_make_an_empty_block():
    assert rows.block([]).rows == ()


def test_segments_are_plain_and_too_small_groups_show_no_effect():
    snapshot = samples.snapshot()
    ((_, found),) = rows.segments(snapshot.segments, "t1").items()
    block = rows.segment_block(found, snapshot.metrics[0], "user")
    assert [r.bar and r.bar.tone for r in block.rows] == ["plain", "plain", None]
    assert block.rows[2].word == "Too few to say"
