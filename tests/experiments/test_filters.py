"""Filters leave out whom they name at the first exposure, in every engine's query alike, and nobody goes uncounted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments import filters, recount
from experiments.analysis import analyze
from experiments.errors import DefinitionError
from experiments.plan import Plan, freeze
from experiments.plan_file import read_catalog, read_plan

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}}
metrics: {ordered: {kind: proportion, measure: orders, window_days: 1}}
"""
PLAN = """
key: cta
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
filters: {internal: true, agent: [bot, 7]}
"""
# What units said of themselves at each exposure, an hour apart, and whether the first of it leaves them out.
KINDS: list[tuple[list[dict[str, Any]], bool]] = [
    ([{"internal": True}, {"internal": False}], True), ([{"internal": False}, {"internal": True}], False),
    ([{"internal": "true", "agent": "7"}], False), ([{"agent": 7.0}], True), ([{}, {"agent": "bot"}], False),
]  # fmt: skip
UNITS = 60 * len(KINDS)


def sent(n: int) -> list[dict[str, Any]]:
    """The exposures of a unit, and an order of those that are left out and of every third other one."""
    (said, out), who = KINDS[n // 2 % len(KINDS)], {"units": {"user": f"u{n}"}}
    at = [(LAUNCH + timedelta(hours=i + 1)).timestamp() for i in range(3)]
    met = {"type": "exposure", "experiment": "cta", "variant": ("control", "calm")[n % 2], **who}
    found = [{**met, "id": f"x{n}-{i}", "at": at[i], "attributes": each} for i, each in enumerate(said)]
    order = {"type": "event", "id": f"e{n}", "name": "order", "at": at[2], **who}
    return [*found, *([order] if out or n % 3 == 0 else [])]


def test_whom_a_filter_names_at_the_first_exposure_is_counted_and_not_analysed(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived([event for n in range(UNITS) for event in sent(n)])
    home.rolled(day=LAUNCH.date())
    found = analyze(home.settings, "cta", LAUNCH.date())
    kept = [n for n in range(UNITS) if not KINDS[n // 2 % len(KINDS)][1]]
    assert found.excluded.filtered == UNITS - len(kept) == 120
    assert found.split.counts == {"control": UNITS // 2, "calm": UNITS // 2}, "the split is counted before any exclusion"
    assert found.progress.people == len(kept)
    for arm, side in ((found.metrics[0].control, 0), (found.metrics[0].variant, 1)):
        mine = [n for n in kept if n % 2 == side]
        assert (arm.n, arm.mean) == (len(mine), pytest.approx(sum(n % 3 == 0 for n in mine) / len(mine)))
    check = next(c for c in found.checks if c.key == "filtered")
    assert (check.title, check.value) == ("Filters alike", "40% left out")
    assert recount.recount(home.settings, "cta") == {"ordered": pytest.approx(0.0, abs=1e-12)}


def test_a_plan_without_filters_has_the_json_and_so_the_hash_that_it_had_before_there_were_any() -> None:
    bare = freeze(read_plan(PLAN.replace("filters", "# filters")), read_catalog(CATALOG))
    assert "filters" not in bare.model_dump(mode="json")["plan"]
    assert bare.hash == "bf28dd697d976f5badbdf97946e3ae04b46c22f83112f8b89a4bdfd82e310af6"
    assert freeze(read_plan(PLAN), read_catalog(CATALOG)).hash != bare.hash


scalars = st.booleans() | st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) | st.text(max_size=8)
odd = st.sampled_from(["true", "5", "", " a", "NaN", "null", "[", "a, b", 'a "b"', "a = b", "1e999", "it's"])


@settings(max_examples=40, derandomize=True, deadline=None)
@given(said=st.dictionaries(st.sampled_from(["bot", "a b", "ä.b", "$x"]), st.lists(scalars | odd, min_size=1, max_size=3)))
def test_filters_are_read_as_they_are_written(said: dict[str, list[Any]]) -> None:
    plan = read_plan(PLAN).model_copy(update={"filters": filters.checked(said)})
    assert filters.checked(filters.read(plan.left_out)) == plan.filters
    assert repr(Plan.model_validate_json(plan.model_dump_json(by_alias=True)).filters) == repr(plan.filters)


@pytest.mark.parametrize(("text", "part"), [("bot, = 3", "= 3"), ("zone =", "zone =")])
def test_a_part_that_is_no_filter_is_named(text: str, part: str) -> None:
    with pytest.raises(DefinitionError, match=f"'{part}' is no filter; write a name and a value"):
        filters.read(text)


@pytest.mark.parametrize("text", ['zone = "a', 'zone = x"y', 'bot, zone = "a, b = 2', 'zone = "a\\"'])
def test_a_quote_that_is_not_closed_makes_no_other_filter_of_what_follows(text: str) -> None:
    with pytest.raises(DefinitionError, match="has a quote that is not closed"):
        filters.read(text)


@pytest.mark.parametrize("odd", ['"\\', '""a'])
def test_a_long_text_takes_no_time_with_the_square_of_its_length(odd: str) -> None:
    with pytest.raises(DefinitionError, match="not closed"):
        filters.read(odd * 200_000 + '"')  # minutes, if each quote were tried again
