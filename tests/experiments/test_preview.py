"""How a metric's values lie: every unit is in one bar, between round ends, and what is drawn says the same."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.catalog import Metric
from experiments.planning.preview import Preview, bins
from web.preview import histogram

values = st.lists(st.one_of(st.integers(1, 30).map(float), st.floats(-50, 5_000).filter(bool)), max_size=60)


@settings(max_examples=80)
@given(values)
def test_every_value_lies_in_one_bar(given_values):
    y = np.array(given_values)
    found = bins(y)
    assert sum(b.units for b in found) == len(y)
    for b in found:
        high = np.inf if b.high is None else b.high
        inside = (y == b.low) if b.high == b.low else (y >= b.low) & (y < high)
        assert b.units == inside.sum()


def test_small_whole_numbers_have_a_bar_each_and_rare_large_ones_share_one():
    found = bins(np.array([1.0] * 150 + [2.0] * 60 + [3.0] * 20 + [90.0]))
    assert [(b.low, b.high, b.units) for b in found] == [(1, 1, 150), (2, 2, 60), (3, 3, 20), (4, None, 1)]


@pytest.mark.parametrize(("cap", "drawn"), [(400.0, "€400"), (None, "none")])
def test_zero_and_cap_are_drawn_and_told(cap, drawn):
    y = np.concatenate([np.zeros(80), np.linspace(5, 595, 100), [5_000.0]])
    metric = Metric(key="revenue", title="Revenue", kind="mean", measure="revenue", window_days=7, symbol="€", cap=cap)
    shown = histogram(Preview(metric, "user", date(2026, 1, 1), date(2026, 2, 3), 181, 80, 30.0, 0.0, 5_000.0, 35, 0.2, bins(y[y != 0])))
    assert (shown.bars[0].text, shown.bars[0].units, shown.bars[0].kind) == ("None", 80, "review")
    assert sum(b.units for b in shown.bars) == 181
    assert {b.kind for b in shown.bars[1:]} == ({"keep", "drop"} if cap else {"keep"})
    assert shown.facts[-1][1] == drawn
    assert (shown.cap is None) == (cap is None)
    assert not cap or 0 < shown.cap[0] < 100
    assert shown.bars[-1].text == "€600 or more"
