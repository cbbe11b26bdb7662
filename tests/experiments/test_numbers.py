"""How numbers are written."""

from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Context, Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments import numbers

FINITE = st.floats(-1e9, 1e9).filter(lambda x: x == 0 or abs(x) > 1e-9)


@pytest.mark.parametrize(
    ("triple", "written"),
    [
        ((0.028, 0.014, 0.042), ("+2.8%", "+1.4% to +4.2%")),
        ((0.014, -0.005, 0.034), ("+1.4%", "−0.5% to +3.4%")),
        ((-0.017, -0.12, 0.081), ("−1.7%", "−12% to +8%")),
        ((0.009, -0.004, 0.022), ("+0.9%", "−0.4% to +2.2%")),
        ((-0.15, -0.173, -0.121), ("−15%", "−17% to −12%")),
        ((0.0, -0.01, 0.01), ("0%", "−1.0% to +1.0%")),
        ((0.028, None, 0.042), ("+2.8%", "no limit to +4.2%")),
        ((0.028, 0.014, None), ("+2.8%", "+1.4% to no limit")),
        ((0.1, None, None), ("+10%", "no limit to no limit")),
        ((12.5, 10.0, 15.0), ("+1,250%", "+1,000% to +1,500%")),
        ((0.0999, 0.0995, 0.1003), ("+10%", "+10% to +10%")),
        ((None, None, None), ("not known", "")),
    ],
)
def test_a_change_has_two_significant_digits_a_real_sign_and_its_interval(triple, written):
    assert numbers.change(*triple) == written


@pytest.mark.parametrize(
    ("arguments", "written"),
    [
        ((0.013, 0.007, 0.02, "proportion", ""), ("+1.3 percentage points", "+0.7 to +2.0")),
        ((0.45, -0.16, 1.07, "mean", "€"), ("+€0.45", "−€0.16 to +€1.07")),
        ((0.017, -0.007, 0.04, "mean", "s"), ("+0.017 s", "−0.007 to +0.040")),
        ((-21.0, -24.0, -18.0, "mean", "s"), ("−21 s", "−24 to −18")),
        ((0.45, None, 1.07, "mean", "$"), ("+$0.45", "no limit to +$1.07")),
        ((1200.0, 900.0, 1500.0, "mean", "€"), ("+€1,200", "+€900 to +€1,500")),
        ((-0.02, -0.03, -0.01, "ratio", ""), ("−0.020", "−0.030 to −0.010")),
    ],
)
def test_a_difference_is_in_percentage_points_or_in_the_metrics_own_unit(arguments, written):
    estimate, low, high, kind, symbol = arguments
    assert numbers.difference(estimate, low, high, kind=kind, symbol=symbol) == written


@pytest.mark.parametrize(
    ("value", "kind", "symbol", "written"),
    [
        (0.481, "proportion", "", "48.1%"), (0.0231, "proportion", "", "2.31%"), (31.42, "mean", "€", "€31.42"),
        (1.84, "mean", "s", "1.84 s"), (0.2213, "ratio", "", "0.221"), (0.0, "mean", "", "0"), (None, "mean", "", "not known"),
        (-3.2, "mean", "€", "−€3.20"), (61234.5, "mean", "$", "$61,234"), (1.0, "proportion", "", "100%"),
    ],
)  # fmt: skip
def test_a_mean_has_three_significant_digits_and_money_has_cents(value, kind, symbol, written):
    assert numbers.measured(value, kind, symbol) == written


@pytest.mark.parametrize(
    ("value", "absolute", "kind", "written"),
    [
        (0.02, False, "mean", "+2%"), (-0.1, False, "mean", "−10%"), (0.025, False, "proportion", "+2.5%"),
        (0.005, True, "proportion", "+0.5 percentage points"), (-0.4, True, "mean", "−€0.4"),
    ],
)  # fmt: skip
def test_a_declared_size_is_written_as_it_was_declared(value, absolute, kind, written):
    assert numbers.size(value, absolute=absolute, kind=kind, symbol="€") == written


@given(FINITE, st.integers(0, 6))
def test_a_written_number_reads_back_as_the_rounded_number(value, places):
    text = numbers.signed(value, places).replace(",", "").replace("−", "-")
    assert abs(float(text) - value) <= 0.5 * 10**-places + 1e-15 * abs(value)


@given(FINITE, st.integers(0, 6))
def test_no_number_is_minus_zero_and_only_numbers_above_zero_have_a_plus(value, places):
    text = numbers.signed(value, places)
    number = float(text.replace(",", "").replace("−", "-"))
    assert (text[0] == "+") == (number > 0)
    assert (text[0] == "−") == (number < 0)


@given(FINITE | st.integers(-(10**9), 10**9).map(lambda n: n / 1000) | st.integers(-400, 400).map(lambda n: n / 8), st.integers(0, 10))
def test_a_number_is_rounded_as_people_read_it_half_to_even(value, places):
    exact = Decimal(repr(value)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=500))
    assert numbers.fixed(value, places) == f"{exact if exact else abs(exact):,f}".replace("-", "−")


@given(FINITE.filter(bool), st.integers(1, 4))
def test_decimals_keep_the_asked_number_of_significant_digits(value, digits):
    places = numbers.decimals(value, digits)
    assert abs(round(value, places) - value) <= abs(value) * 0.5 * 10 ** (1 - digits) * (1 + 1e-9)


@pytest.mark.parametrize(
    ("first", "last", "written"),
    [
        (date(2026, 11, 22), date(2026, 11, 26), "22 to 26 Nov 2026"),
        (date(2026, 11, 29), date(2026, 12, 3), "29 Nov to 3 Dec 2026"),
        (date(2026, 12, 30), date(2027, 1, 3), "30 Dec 2026 to 3 Jan 2027"),
        (date(2026, 11, 22), date(2026, 11, 22), "22 Nov 2026"),
        (None, date(2026, 11, 22), "22 Nov 2026"), (None, None, "not known"),
    ],
)  # fmt: skip
def test_a_range_of_days_says_no_more_than_it_must(first, last, written):
    assert numbers.days(first, last) == written


def test_people_are_called_people_and_other_units_by_their_name():
    assert numbers.units(66_122, "user") == "66,122 people"
    assert numbers.units(1, "user") == "1 person"
    assert numbers.units(2, "device") == "2 devices"
    assert numbers.several(1, "goal") == "one goal"
    assert numbers.several(14, "goal") == "14 goals"
    assert [numbers.nth(n) for n in (2, 10, 11, 12, 13, 21, 22, 23, 111)] == [
        "second", "tenth", "11th", "12th", "13th", "21st", "22nd", "23rd", "111th",
    ]  # fmt: skip


def test_times_and_p_values_and_statistics_are_written_plainly():
    assert numbers.moment(datetime(2026, 11, 16, 4, 12, tzinfo=UTC)) == "Mon 16 Nov 2026, 04:12"
    assert numbers.stamp(datetime(2026, 11, 16, 4, 12, tzinfo=UTC)) == "16 Nov 2026, 04:12"
    assert numbers.p_value(0.0123) == "0.012"
    assert numbers.p_value(1e-12) == "below 0.0001"
    assert numbers.p_value(1.0) == "1.0"
    assert numbers.statistic(0.123456) == "0.1235"
    assert numbers.statistic(float("inf")) == "no limit"
    assert numbers.plain_percent(1 / 3) == "33.33%"
    assert numbers.percent(0.002) == "0.20%"
