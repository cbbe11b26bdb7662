"""How numbers, days and people are written, once for pages and reports.

Two significant digits for what was estimated, three for what was measured, a sign on every change (a real
minus), and no number without its unit. A bound that does not exist reads 'no limit'.
"""

import math
import unicodedata
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

NO_LIMIT = "no limit"
UNKNOWN = "not known"
PEOPLE = {"user", "person", "visitor", "customer", "shopper", "member"}
FRACTION_OF_MONEY = 2
MONEY_WITHOUT_CENTS = 10_000
EXACT, EXACT_PLACES = 1e6, 8  # a float below, with so many decimals, is written as its shortest form rounded
POWERS = tuple(10.0**places for places in range(EXACT_PLACES + 1))
NEARLY = 1e-6  # of half the last digit: what is farther from a tie than this is none
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = ("", "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def decimals(value: float, digits: int = 2) -> int:
    """Decimals that show `value` with this many significant digits: 2 for 0.45, 1 for 4.2, 0 for 12 and for 0."""
    if value == 0 or not math.isfinite(value):
        return 0
    written = f"{value:.1e}" if digits == 2 else f"{value:.{digits - 1}e}"  # most are asked for two
    exponent = int(written.partition("e")[2])
    return digits - 1 - exponent if exponent < digits else 0


def fixed(value: float, places: int) -> str:
    """Write a number with thousands separated and a real minus; a value that rounds to 0 has no sign."""
    value = float(value)
    halves = _halves(value, places)
    if halves > 0:
        return f"{value:,.{places}f}"
    if halves < -1:
        return f"−{-value:,.{places}f}"
    text = _rounded(value, places)
    if text[0] != "-":
        return text
    return text.replace("-", "−" if text.strip("-0.,") else "")


def _halves(value: float, places: int) -> float:
    """How many halves of the last digit it is; 0 where a float may be written otherwise than people write it."""
    halves = 2 * value * POWERS[places] if places <= EXACT_PLACES else 0.0
    return halves if -EXACT < halves < EXACT and NEARLY < halves % 1 < 1 - NEARLY else 0.0


def _rounded(value: float, places: int) -> str:
    """Write a number whose tie goes to the even digit as people read the number, not as floats hold it."""
    written = repr(value)
    fraction = written.partition(".")[2]
    tie = len(fraction) == places + 1 and fraction[-1] == "5"
    if tie or abs(value) >= EXACT or places > EXACT_PLACES or "e" in fraction:
        return f"{Decimal(written).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN):,f}"
    return f"{value:,.{places}f}"  # the same, three times as fast


def signed(value: float, places: int) -> str:
    """Like `fixed`, with a plus before what is above zero."""
    halves = _halves(value, places)
    if halves > 1:
        return f"+{value:,.{places}f}"
    if halves < -1:
        return f"−{-value:,.{places}f}"
    text = fixed(value, places)
    return text if text[0] == "−" or not text.strip("0.,") else f"+{text}"


def measured(value: float | None, kind: str, symbol: str = "") -> str:
    """Write a mean with three significant digits: '48.1%' for a proportion, '€31.42', '1.84 s', '0.312'."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    if kind == "proportion":
        return f"{fixed(100 * value, decimals(100 * value, 3))}%"
    return with_symbol(fixed(value, _places(value, symbol, 3)), symbol)


def change(estimate: float | None, low: float | None, high: float | None) -> tuple[str, str]:
    """Write a relative change and its interval: ('+2.8%', '+1.4% to +4.2%'). Shares in, percent out."""
    if estimate is None:
        return UNKNOWN, ""
    ends = decimals(100 * (max(abs(low or 0.0), abs(high or 0.0)) if low is not None or high is not None else estimate))
    point = min(decimals(100 * estimate), ends or 1)
    return f"{signed(100 * estimate, point)}%", f"{_percent_end(low, ends)} to {_percent_end(high, ends)}"


def difference(
    estimate: float, low: float | None, high: float | None, *, kind: str, symbol: str = ""
) -> tuple[str, str]:
    """Write an absolute change: ('+1.3 percentage points', '+0.7 to +2.0') or ('+€0.45', '−€0.16 to +€1.07')."""
    scale = 100 if kind == "proportion" else 1
    bounds = [_times(low, scale), _times(high, scale)]
    money = "" if kind == "proportion" else symbol
    ends = _difference_places(bounds, scale * estimate, money)
    point = ends if is_money(money) else min(decimals(scale * estimate), max(ends, 1))
    texts = [NO_LIMIT if b is None else with_symbol(signed(b, ends), _prefix(money)) for b in bounds]
    main = with_symbol(signed(scale * estimate, point), money)
    return f"{main} percentage points" if kind == "proportion" else main, span(*texts)


def span(low: str, high: str) -> str:
    """Join two written bounds: '+1.4% to +4.2%', 'no limit to +4.2%'."""
    return f"{low} to {high}"


def percent(share: float | None, digits: int = 2) -> str:
    """Write a share of one as a percentage without a sign: '64%', '0.20%'."""
    if share is None or not math.isfinite(share):
        return UNKNOWN
    return f"{fixed(100 * share, decimals(100 * share, digits))}%"


def plain_percent(share: float) -> str:
    """Write a share that somebody chose as it was chosen: '50%', '2.5%'; a third is '33.33%'."""
    return f"{100 * share:.4g}%"


def size(value: float, *, absolute: bool, kind: str, symbol: str = "") -> str:
    """Write a declared size as it was declared, signed: '+2%', '−0.5 percentage points', '+€0.40'."""
    scale = 100 if kind == "proportion" or not absolute else 1
    exact = f"{abs(scale * value):.10g}"
    sign = "−" if value < 0 else "+"
    if not absolute:
        return f"{sign}{exact}%"
    return f"{sign}{exact} percentage points" if kind == "proportion" else with_symbol(sign + exact, symbol)


def count(number: float | None) -> str:
    """Write a whole number with its thousands separated: '66,122'."""
    return UNKNOWN if number is None else f"{number:,.0f}"


def about(number: float) -> str:
    """Write a number that was worked out, rounded up to three digits: '142,518' is no better known than '143,000'."""
    unit = 10 ** max(len(str(int(number))) - 3, 0)
    return count(-(-number // unit) * unit)


def units(number: int, unit: str) -> str:
    """Write how many units: '66,122 people', '1 device'."""
    return f"{count(number)} {unit_name(unit, number)}"


def unit_name(unit: str, number: int = 2) -> str:
    """Name a unit type for readers: people where units are people, else the plural of the type."""
    if unit in PEOPLE:
        return "person" if number == 1 else "people"
    return unit if number == 1 else f"{unit}s"


def several(number: int, one: str, many: str = "") -> str:
    """Write a small count in words: 'one goal', 'two goals', '14 goals'."""
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    written = words[number] if 0 <= number < len(words) else count(number)
    return f"{written} {one if number == 1 else many or one + 's'}"


def nth(number: int) -> str:
    """Write a place in a row: 'second', 'third', '12th'."""
    words = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
    end = "th" if 10 < number % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return words[number - 1] if number <= len(words) else f"{count(number)}{end}"


def times(share: float) -> str:
    """Write a chance as people picture it best: '1 time in 45', '6 times in 10', '29 times in 30'.

    In tenths only where they are near enough: 15% is 1 time in 7, and to say 1 in 10 would take a third off it.
    """
    rare = min(share, 1 - share)
    if rare > 1 / 6:
        n = round(10 * share)
        return f"{n} {'time' if n == 1 else 'times'} in 10"
    if rare < 1 / 400:
        return "less than 1 time in 400" if share < 1 / 2 else "nearly always"
    n = round(1 / rare)
    return f"1 time in {n}" if share < 1 / 2 else f"{n - 1} times in {n}"


def p_value(p: float) -> str:
    """Write a p-value with two significant digits, and none below 0.0001."""
    return "below 0.0001" if p < 0.0001 else fixed(p, min(decimals(p), 4))


def chance(share: float) -> str:
    """Write a chance with two significant digits, and none nearer to 0 or 1 than 0.1%."""
    if not 0.001 <= share <= 0.999:
        return "below 0.1%" if share < 0.5 else "above 99.9%"
    return f"{fixed(100 * share, decimals(100 * min(share, 1 - share)))}%"


def statistic(value: float | None) -> str:
    """Write a statistic for whoever checks it: four significant digits."""
    if value is None:
        return UNKNOWN
    return fixed(value, decimals(value, 4)) if math.isfinite(value) else NO_LIMIT


def day(when: date | None) -> str:
    """Write a day: 'Sun 15 Nov 2026'."""
    return UNKNOWN if when is None else f"{DAYS[when.weekday()]} {_date(when)}"


def days(first: date | None, last: date | None) -> str:
    """Write a range of days: '22 to 26 Nov 2026', '29 Nov to 3 Dec 2026', '22 Nov 2026'."""
    if first is None or last is None or first == last:
        only = first or last
        return UNKNOWN if only is None else _date(only)
    if first.year != last.year:
        return f"{_date(first)} to {_date(last)}"
    start = f"{first.day}" if first.month == last.month else f"{first.day} {MONTHS[first.month]}"
    return f"{start} to {_date(last)}"


def moment(when: datetime | None) -> str:
    """Write an instant to the minute: 'Mon 16 Nov 2026, 04:12'. The page says that times are UTC."""
    return UNKNOWN if when is None else f"{day(when)}, {when:%H:%M}"


def stamp(when: datetime | None) -> str:
    """Write an instant for a narrow column: '16 Nov 2026, 04:12'."""
    return UNKNOWN if when is None else f"{_date(when)}, {when:%H:%M}"


def _date(when: date) -> str:
    """Write a date as `strftime` does, at a tenth of its time."""
    return f"{when.day} {MONTHS[when.month]} {when.year}"


def declared(value: float, symbol: str = "") -> str:
    """Write a number that somebody chose as it was chosen: '€400', '1,500', '2.5 s'."""
    return with_symbol(f"{value:,.10g}", symbol)


def is_money(symbol: str) -> bool:
    """True for a currency sign, which stands before its number."""
    return len(symbol) == 1 and unicodedata.category(symbol) == "Sc"


def with_symbol(text: str, symbol: str) -> str:
    """Put a unit to a number: a currency sign between sign and digits, anything else after a space."""
    if not symbol:
        return text
    if not is_money(symbol):
        return f"{text} {symbol}"
    return f"{text[0]}{symbol}{text[1:]}" if text[0] in "+−" else f"{symbol}{text}"


def _prefix(symbol: str) -> str:
    """Inside a range only currency signs are repeated; other units stand once, after the estimate."""
    return symbol if is_money(symbol) else ""


def _times(value: float | None, factor: float) -> float | None:
    return None if value is None else factor * value


def _percent_end(share: float | None, places: int) -> str:
    return NO_LIMIT if share is None else f"{signed(100 * share, places)}%"


def _end_places(bounds: list[float | None], estimate: float) -> int:
    """Both ends share the decimals of the larger one, so that they line up."""
    return decimals(max([abs(b) for b in bounds if b is not None], default=abs(estimate)))


def _places(value: float, symbol: str, digits: int) -> int:
    if not is_money(symbol):
        return decimals(value, digits)
    return FRACTION_OF_MONEY if abs(value) < MONEY_WITHOUT_CENTS else 0


def _difference_places(bounds: list[float | None], estimate: float, symbol: str) -> int:
    places = _end_places(bounds, estimate)
    return max(places, FRACTION_OF_MONEY) if is_money(symbol) and places else places
