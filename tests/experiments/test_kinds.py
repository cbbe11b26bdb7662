"""Kinds of metrics: what a definition must say, and how its numbers are read."""

import pytest

from experiments.errors import DefinitionError
from experiments.plan_file import read_catalog

MEASURES = "measures: {visits: {event: visit}, euros: {event: order, aggregate: sum}}\n"
WRONG = {
    "kind: retention, measure: visits, window_days: 8": "retention needs 'from_day', 1 or later",
    "kind: retention, measure: visits, from_day: 7, window_days: 7": "the window ends with day 6.*set 'window_days' to 8",
    "kind: retention, measure: visits, from_day: 7, window_days: 8, cap: 2": "a retention has no cap",
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
