"""Plans and catalogues in YAML: what is wrong is said with its line, and a plan has one hash however it was written."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.catalog import Catalog, Measure, Metric
from experiments.errors import DefinitionError
from experiments.plan import Goal, Plan, Variant, freeze
from experiments.plan_file import plan_yaml, read_catalog, read_plan
from experiments.reached import entering
from experiments.registry import metrics
from web.experiments import form

METRICS = """\
measures:
  orders: {event: order_completed}
  revenue: {event: order_completed, aggregate: sum}
metrics:
  ordered: {kind: proportion, measure: orders, window_days: 7}
  revenue: {kind: mean, measure: revenue, window_days: 7, cap: 500, symbol: €}
  sessions: {kind: mean, measure: orders}
"""
PLAN = """\
key: checkout
title: One page
variants:
  - {key: control, weight: 0.5}
  - {key: one-page, weight: 0.5, title: One page}
goals:
  - {metric: ordered, worthwhile: 0.02}
guardrails:
  - {metric: revenue, margin: 0.03}
enrol_days: 14
"""


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(DefinitionError) as caught:
        read_plan(text)
    return caught.value.problems


def catalog() -> Catalog:
    return read_catalog(METRICS)


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("one-page, weight: 0.5", "one-page, weight: 0.6", 3, ["1.1", "one-page 0.6", "must add to 1", "change"]),
        ("enrol_days: 14", "enrol_days: 10", 10, ["10", "whole weeks", "use 7 or 14"]),
        ("enrol_days: 14", "enroll_days: 14", 10, ["'enroll_days'", "Did you mean 'enrol_days'?"]),
        ("worthwhile: 0.02", "worthwhile: 0", 7, ["goals.0.worthwhile", "0", "greater than 0", "Correct"]),
        ("worthwhile: 0.02", "worthwhile: .inf", 7, ["goals.0.worthwhile", "finite"]),
        ("worthwhile: 0.02", "worthwhile: much", 7, ["'much'", "valid number"]),
        ("margin: 0.03", "marge: 0.03", 9, ["'guardrails.0.marge'", "not a field"]),
        ("key: checkout", "key: Check Out", 1, ["'Check Out'", "pattern"]),
        ("key: checkout\n", "", 1, ["'key' is missing", "add it"]),
        ("metric: revenue", "metric: ordered", 1, ["'ordered' is named twice", "remove one"]),
        ("enrol_days: 14", "overrides: {qa: two-page}", 1, ["'two-page'", "does not have"]),
        ("enrol_days: 14", "filters: [bot]", 10, ["filters is ['bot']", "a mapping", "write internal: true"]),
        ("enrol_days: 14", "filters: {zone: []}", 10, ["filters.zone is []", "value or values", "write internal: true"]),
        ("enrol_days: 14", "filters: {age: {$gt: 3}}", 10, ["filters.age is {'$gt': 3}", "value or values"]),
        ("enrol_days: 14", "filters: {age: .nan}", 10, ["filters.age is nan"]),
        ("enrol_days: 14", "filters: {a=b: true}", 10, ["filters.a=b is True", "without commas, quotes or ="]),
        ("enrol_days: 14", "enrol_days: 7\nminimum_days: 14", 1, ["minimum_days is 14", "7 days", "lower it"]),
    ],
)
def test_a_problem_is_said_with_its_line_its_value_its_rule_and_the_remedy(
    old: str, new: str, line: int, words: list[str]
) -> None:
    assert PLAN.count(old) == 1
    found = problems(PLAN.replace(old, new))
    assert any(p.startswith(f"plan.yaml:{line}: ") and all(w in p for w in words) for p in found), found


def test_all_problems_of_a_file_are_said_at_once() -> None:
    found = problems(PLAN.replace("enrol_days: 14", "enrol_days: 15").replace("margin: 0.03", "margin: -1"))
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("key: [checkout\ntitle: x", 2, "not YAML"),
        ("key: a\n\tgoals: b", 2, "not YAML"),
        ("- a\n- b", 1, "holds list; it must be a mapping"),
        ("", 1, "holds NoneType"),
        ("key: &a {b: *a}", 1, "holds itself"),
    ],
)
def test_what_is_no_mapping_in_yaml_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"plan.yaml:{line}: ")
    assert words in problem


def test_an_unknown_metric_is_named_with_its_nearest_spelling() -> None:
    with pytest.raises(DefinitionError, match=r"no metric is called 'orderd'. Did you mean 'ordered'\?"):
        freeze(read_plan(PLAN.replace("metric: ordered", "metric: orderd")), catalog())


def test_a_goal_or_guardrail_with_an_open_window_is_refused_with_the_remedy() -> None:
    with pytest.raises(DefinitionError, match=r"'sessions' has an open window.*'window_days'.*secondary"):
        freeze(read_plan(PLAN.replace("metric: ordered", "metric: sessions")), catalog())


def test_a_metric_that_names_an_unknown_measure_is_refused_with_the_nearest_spelling(home: Any) -> None:
    text = "measures: {orders: {event: o}}\nmetrics:\n  ordered: {kind: proportion, measure: order, window_days: 7}"
    with pytest.raises(DefinitionError, match=r"'ordered' names the measure 'order', .* Did you mean 'orders'\?"):
        metrics.apply(home.db, read_catalog(text), "test")
    assert metrics.catalog(home.db) == Catalog()


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("metrics:\n  r: {kind: ratio, measure: a}", 2, "a ratio needs 'denominator'"),
        ("metrics:\n  p: {kind: proportion, measure: a, cap: 3}", 2, "a proportion has no cap"),
        ("metrics:\n  p: {kind: medium, measure: a}", 2, "'medium'"),
        ("measures:\n  o: {event: x, agregate: sum}", 2, "'measures.o.agregate' is not a field"),
        ("metrics: [a]", 1, "'metrics'"),
        ("metrics: 3", 1, "'metrics'"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_its_line(text: str, line: int, words: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        read_catalog(text)
    assert any(p.startswith(f"metrics.yaml:{line}: ") and words in p for p in caught.value.problems)


def test_a_plan_from_the_form_has_the_hash_of_the_plan_in_yaml() -> None:
    plan = read_plan(PLAN)
    brief = form.filled(plan)
    assert freeze(read_plan(plan_yaml(plan)), catalog()).hash == freeze(plan, catalog()).hash
    entered = form.read(brief, None)
    assert entered is not None, brief.problems
    assert freeze(entered, catalog()).hash == freeze(plan, catalog()).hash


_text = st.text(max_size=30)
_scalar = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.floats(allow_nan=False, allow_infinity=False)
    | _text
)


@pytest.mark.slow
@settings(max_examples=60, derandomize=True, deadline=None)
@given(
    title=_text, hypothesis=_text, tags=st.lists(_text, max_size=3), payload=st.dictionaries(_text, _scalar, max_size=3),
    worthwhile=st.floats(1e-9, 1e9), weight=st.floats(0, 1),
    targeting=st.dictionaries(_text.filter(lambda name: not name.startswith("$")), _scalar, max_size=3),
)  # fmt: skip
def test_any_plan_comes_back_from_its_yaml_as_it_was(
    title: str, hypothesis: str, tags: list[str], payload: Any, worthwhile: float, weight: float, targeting: Any
) -> None:
    plan = Plan(
        key="k", title=title, hypothesis=hypothesis, tags=tuple(tags), targeting=targeting,
        variants=(Variant(key="a", weight=weight, payload=payload), Variant(key="b", weight=1 - weight)),
        goals=(Goal(metric="ordered", worthwhile=worthwhile),), filters={"bot": (title, weight, True)},
    )  # fmt: skip
    again = read_plan(plan_yaml(plan))
    assert again == plan
    assert freeze(again, catalog()).hash == freeze(plan, catalog()).hash


def hash_of(plan: Plan, changed: Catalog | None = None) -> str:
    return freeze(plan, changed or catalog()).hash


@pytest.mark.parametrize(
    "texts",
    [
        {"title": "Another"}, {"hypothesis": "Because"}, {"change": "One page"}, {"owner": "Ada"}, {"team": "Shop"},
        {"tags": ["a"]}, {"variants": [{"key": "control", "weight": 0.5, "title": "Old"}, {"key": "one-page", "weight": 0.5}]},
    ],
    ids=lambda texts: next(iter(texts)),
)  # fmt: skip
def test_texts_for_people_leave_the_hash_alone(texts: dict[str, Any]) -> None:
    data = read_plan(PLAN).model_dump(mode="json", by_alias=True)
    assert hash_of(Plan.model_validate({**data, **texts})) == hash_of(read_plan(PLAN))


DECIDES: dict[str, Any] = {
    "key": "other", "unit": "device", "coverage": 0.5, "salt": "s", "algorithm": "posthog", "enrol_days": 21,
    "minimum_days": 8, "method": "always-valid", "alpha": 0.1, "power": 0.9, "planned_units": 1000,
    "targeting": {"country": "DE"}, "overrides": {"qa": "control"}, "prerequisites": [{"key": "x"}],
    "holdout": {"name": "h", "salt": "h", "share": 0.1}, "layer": {"name": "l", "salt": "l", "from": 0, "to": 0.5},
    "goals": [{"metric": "ordered", "worthwhile": 0.021}], "guardrails": [], "secondary": ["sessions"],
    "covariates": ["age"], "segments": ["country"], "filters": {"bot": True}, "clusters": True,
    "variants": [{"key": "control", "weight": 0.4}, {"key": "one-page", "weight": 0.6}],
}  # fmt: skip


def test_every_field_that_decides_is_covered_here() -> None:
    elsewhere = {"title", "hypothesis", "change", "owner", "team", "tags", "prior"}
    assert set(DECIDES) == set(Plan.model_fields) - elsewhere


def test_another_prior_changes_the_hash() -> None:
    data = {**read_plan(PLAN).model_dump(mode="json", by_alias=True), "method": "bayesian"}
    plans = [Plan.model_validate({**data, "prior": {"mean": m, "sd": s}}) for m, s in ((0, 0.05), (0.01, 0.05), (0, 0.1))]
    assert len({hash_of(p) for p in plans}) == 3


@pytest.mark.parametrize("field", DECIDES)
def test_whatever_decides_changes_the_hash(field: str) -> None:
    data = read_plan(PLAN).model_dump(mode="json", by_alias=True)
    assert hash_of(Plan.model_validate({**data, field: DECIDES[field]})) != hash_of(read_plan(PLAN))


def test_the_order_of_variants_payloads_and_the_phase_change_the_hash() -> None:
    plan = read_plan(PLAN)
    swapped = plan.model_copy(update={"variants": plan.variants[::-1]})
    paid = plan.model_copy(update={"variants": (plan.variants[0], plan.variants[1].model_copy(update={"payload": 1}))})
    assert len({hash_of(plan), hash_of(swapped), hash_of(paid), freeze(plan, catalog(), phase=2).hash}) == 4


@pytest.mark.parametrize(
    ("key", "change"),
    [
        ("ordered", {"window_days": 8}), ("revenue", {"cap": 400.0}), ("ordered", {"direction": "decrease"}),
        ("revenue", {"pre_days": 7}), ("ordered", {"kind": "mean"}),
    ],
)  # fmt: skip
def test_another_definition_of_a_metric_changes_the_hash(key: str, change: dict[str, Any]) -> None:
    other = Metric.model_validate({**catalog().metrics[key].model_dump(), **change})
    assert hash_of(read_plan(PLAN), catalog().merged(Catalog(metrics={key: other}))) != hash_of(read_plan(PLAN))


def test_texts_of_a_metric_leave_the_hash_alone() -> None:
    told = catalog().metrics["ordered"].model_copy(update={"title": "Told", "description": "otherwise"})
    assert hash_of(read_plan(PLAN), catalog().merged(Catalog(metrics={"ordered": told}))) == hash_of(read_plan(PLAN))


def test_another_event_or_filter_of_a_measure_changes_the_hash() -> None:
    plan, base = read_plan(PLAN), catalog()
    for measure in (Measure(event="paid"), Measure(event="order_completed", where={"currency": "EUR"})):
        assert hash_of(plan, base.merged(Catalog(measures={"orders": measure}))) != hash_of(plan)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"targeting": {"country": {"$inn": ["DE"]}}}, r"targeting: \$inn is no operator\. Did you mean '\$in'\?"),
        ({"algorithm": "postog"}, "algorithm is 'postog', which no tool has. Did you mean 'posthog'"),
        ({"algorithm": "eppo", "coverage": 0.5}, "coverage is 0.5: must be 1, as eppo has no gate"),
        ({"layer": {"name": "l", "salt": "l", "from": 0, "to": 1, "algorithm": "x"}}, "algorithm is 'x'"),
        ({"layer": {"name": "l", "salt": "l", "from": 0.6, "to": 0.5}}, "from must not be above to"),
    ],
)
def test_a_plan_that_the_sdk_could_not_read_is_refused(fields: dict[str, Any], words: str) -> None:
    """One fault would stop the config of every experiment, so it is found before the plan is stored."""
    plan = Plan.model_validate({**read_plan(PLAN).model_dump(mode="json", by_alias=True), **fields})
    with pytest.raises(DefinitionError, match=words):
        freeze(plan, catalog())


def test_ranges_of_another_tool_are_kept_and_leave_other_plans_hashes_alone() -> None:
    data = read_plan(PLAN).model_dump(mode="json", by_alias=True)
    assert all("ranges" not in variant for variant in data["variants"])
    ranges = [{**v, "ranges": [[i / 2, i / 2 + 0.2]]} for i, v in enumerate(data["variants"])]
    plan = Plan.model_validate({**data, "algorithm": "optimizely", "variants": ranges})
    assert read_plan(plan_yaml(plan)) == plan
    assert form.read(form.filled(plan), plan) == plan
    assert freeze(plan, catalog()).hash != freeze(read_plan(PLAN), catalog()).hash
    assert entering(plan) == pytest.approx(0.4)
