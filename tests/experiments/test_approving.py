"""Four eyes: an approval is a second person's, holds for one plan only, and lapses when the plan changes."""

from typing import Any

import pytest

from experiments import approving, lifecycle
from experiments.errors import Conflict, NotFound, Refused
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import log, metrics

CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = "key: checkout\nvariants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]\ngoals: [{metric: ordered, worthwhile: 0.02}]"
ADA, GRACE, MARY = "ada@example.com", "grace@example.com", "mary@example.com"


@pytest.fixture
def draft(home: Any) -> Any:
    """A draft by Ada."""
    metrics.apply(home.db, read_catalog(CATALOG), "test")
    lifecycle.save(home.db, read_plan(PLAN), ADA)
    return home


def test_an_approval_holds_for_the_plan_that_is_frozen_at_launch(draft: Any) -> None:
    found = approving.approve(draft.db, "checkout", GRACE, note="Sound.")
    assert [(a.by, a.note) for a in found.holding] == [(GRACE, "Sound.")]
    assert lifecycle.launch(draft.db, "checkout", ADA, review=True).plan_hash == found.plan_hash
    assert [e.kind for e in log.entries(draft.db, "checkout")] == ["launch", "approval", "plan"]


@pytest.mark.parametrize("by", [ADA, "Ada@Example.com", f"{ADA}, by API key 'bot'"])
def test_nobody_approves_their_own_change(draft: Any, by: str) -> None:
    with pytest.raises(Refused, match="nobody approves their own change"):
        approving.approve(draft.db, "checkout", by)


def test_a_small_change_by_another_does_not_make_the_first_author_a_second_person(draft: Any) -> None:
    lifecycle.save(draft.db, read_plan(PLAN + "\ncoverage: 0.5"), GRACE)
    for author in (ADA, GRACE):
        with pytest.raises(Refused, match="nobody approves their own change"):
            approving.approve(draft.db, "checkout", author)


def test_a_change_of_the_plan_or_of_a_metric_voids_the_approval_and_undoing_it_restores_it(draft: Any) -> None:
    approving.approve(draft.db, "checkout", GRACE)
    lifecycle.save(draft.db, read_plan(PLAN + "\ncoverage: 0.5"), ADA)
    assert not approving.of(draft.db, "checkout").holding
    with pytest.raises(Refused, match="lapsed when the plan changed"):
        lifecycle.launch(draft.db, "checkout", ADA, review=True)
    lifecycle.save(draft.db, read_plan(PLAN), ADA)
    assert approving.of(draft.db, "checkout").holding
    metrics.apply(draft.db, read_catalog(CATALOG.replace("window_days: 1", "window_days: 2")), "test")
    assert not approving.of(draft.db, "checkout").holding


def test_who_launches_is_not_who_approved(draft: Any) -> None:
    approving.approve(draft.db, "checkout", GRACE)
    with pytest.raises(Refused, match="cannot be launched yet"):
        lifecycle.launch(draft.db, "checkout", GRACE, review=True)
    approving.approve(draft.db, "checkout", MARY)
    assert lifecycle.launch(draft.db, "checkout", GRACE, review=True).state == "running"


def test_who_approved_and_then_changed_the_plan_back_and_forth_is_an_author(draft: Any) -> None:
    approving.approve(draft.db, "checkout", GRACE)
    lifecycle.save(draft.db, read_plan(PLAN + "\ncoverage: 0.5"), GRACE)
    lifecycle.save(draft.db, read_plan(PLAN), GRACE)
    with pytest.raises(Refused, match="cannot be launched yet"):
        lifecycle.launch(draft.db, "checkout", ADA, review=True)


def test_an_approval_of_another_plan_than_the_stored_one_is_a_conflict(draft: Any) -> None:
    read = approving.of(draft.db, "checkout").plan_hash
    lifecycle.save(draft.db, read_plan(PLAN + "\ncoverage: 0.5"), ADA)
    with pytest.raises(Conflict, match="it changed in between"):
        approving.approve(draft.db, "checkout", GRACE, read)


def test_an_approval_is_given_once_and_before_the_launch(draft: Any) -> None:
    approving.approve(draft.db, "checkout", GRACE)
    with pytest.raises(Conflict, match="once is enough"):
        approving.approve(draft.db, "checkout", GRACE)
    lifecycle.launch(draft.db, "checkout", ADA)
    with pytest.raises(Conflict, match="before its launch"):
        approving.approve(draft.db, "checkout", MARY)
    with pytest.raises(NotFound, match="checkout"):
        approving.of(draft.db, "chekout")
