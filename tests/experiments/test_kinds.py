"""Kinds of metrics: what a definition must say, and how its numbers are read."""

import pytest

from experiments.catalog import Definition
from experiments.errors import DefinitionError
from experiments.plan import freeze
from experiments.plan_file import read_catalog, read_plan

MEASURES = "measures: {visits: {event: visit}, euros: {event: order, aggregate: sum}}\n"
WRONG = {
    "kind: retention, measure: visits, window_days: 8": "retention needs 'from_day', 1 or later",
    "kind: retention, measure: visits, from_day: 7, window_days: 7": "the window ends with day 6.*set 'window_days' to 8",
    "kind: retention, measure: visits, from_day: 7, window_days: 8, cap: 2": "a retention has no cap",
    "kind: funnel, measure: visits": "a funnel needs 'steps', and only a funnel has them",
    "kind: mean, measure: visits, steps: [visits, euros]": "a funnel needs 'steps', and only a funnel has them",
    "kind: funnel, steps: [visits]": "number of steps is 1; it must be 2 to 8",
    "kind: funnel, steps: [visits, euros, visits]": "the step 'visits' is named twice",
    "kind: funnel, steps: [visits, euros], measure: visits": "measures its last step, 'euros', but 'measure' is 'visits'",
    "kind: funnel, steps: [visits, euros], cap: 1": "a funnel has no cap",
    "kind: quantile, measure: euros": "a quantile needs 'quantile', such as 0.9",
    "kind: mean, measure: euros, quantile: 0.9": "only a quantile has one",
    "kind: quantile, measure: euros, quantile: 90": "less than 1",
    "kind: quantile, measure: euros, quantile: 0.9, cap: 2": "a quantile has no 'cap'",
    "kind: quantile, measure: euros, quantile: 0.9, pre_days: 7": "a quantile has no 'pre_days'",
    "kind: days, measure: visits, denominator: visits": "only a ratio has one",
}


@pytest.mark.parametrize("metric", WRONG)
def test_a_wrong_definition_says_what_to_change(metric: str) -> None:
    with pytest.raises(DefinitionError, match=WRONG[metric]):
        read_catalog(f"{MEASURES}metrics: {{m: {{{metric}}}}}")


def test_days_are_counted_of_events_not_of_sums() -> None:
    catalog = read_catalog(f"{MEASURES}metrics: {{m: {{kind: days, measure: euros, window_days: 7}}}}")
    with pytest.raises(DefinitionError, match="'euros' is a sum: name one that counts events"):
        catalog.define("m")


def test_retention_is_read_as_a_share_and_days_as_a_mean() -> None:
    both = "back: {kind: retention, measure: visits, from_day: 7, window_days: 8}, active: {kind: days, measure: visits}"
    metrics = read_catalog(f"{MEASURES}metrics: {{{both}}}").metrics
    assert (metrics["back"].form, metrics["active"].form) == ("proportion", "mean")


def test_a_funnel_is_a_share_of_its_last_step_and_stays_so_when_stored() -> None:
    catalog = read_catalog(f"{MEASURES}metrics: {{m: {{kind: funnel, steps: [visits, euros], window_days: 7}}}}")
    found = catalog.define("m")
    assert (found.metric.form, found.metric.measure) == ("proportion", "euros")
    assert [step.event for step in found.steps] == ["visit", "order"]
    assert Definition.model_validate_json(found.model_dump_json()) == found


def test_steps_that_count_the_same_events_are_refused() -> None:
    catalog = read_catalog("measures: {a: {event: x}, b: {event: x}}\nmetrics: {m: {kind: funnel, steps: [a, b]}}")
    with pytest.raises(DefinitionError, match="'a' of 'm' counts the events that another step counts"):
        catalog.define("m")


def test_a_step_that_nobody_wrote_is_named() -> None:
    with pytest.raises(DefinitionError, match=r"names the measure 'visit', which does not exist\. Did you mean 'visits'"):
        read_catalog(f"{MEASURES}metrics: {{m: {{kind: funnel, steps: [visit, euros]}}}}").define("m")


def test_a_quantile_is_of_values_and_not_of_whole_groups() -> None:
    metric = "metrics: {m: {kind: quantile, quantile: 0.9, measure: %s, window_days: 7}}"
    with pytest.raises(DefinitionError, match="'visits' counts events: name one with 'aggregate: sum'"):
        read_catalog(MEASURES + metric % "visits").define("m")
    plan = "{key: p, clusters: true, variants: [{key: a, weight: 0.5}, {key: b, weight: 0.5}], goals: [{metric: m, worthwhile: 0.1}]}"
    with pytest.raises(DefinitionError, match="'m' is a quantile, whose error is not known from a few whole groups"):
        freeze(read_plan(plan), read_catalog(MEASURES + metric % "euros"))
