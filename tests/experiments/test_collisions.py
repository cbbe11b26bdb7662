"""Who shares a plan's people: in its layer, on its metrics, on its part of the product; and each sentence about that."""

from datetime import date

import samples

from experiments import lifecycle
from experiments.plan import Layer
from experiments.planning.collisions import collisions
from experiments.registry import metrics
from experiments.registry.claims import Claim, claim, claims

NAMES = {"completed": "Checkouts completed"}
MINE = Claim("mine", "Mine", "user", layer="pricing", place="keepers/p", start=0.0, end=0.5, metrics=("completed",), tags=("basket",))
UNTIL = date(2026, 11, 22)


def other(**changes) -> Claim:
    return Claim(**{"key": "other", "title": "Other", "unit": "user", "state": "running", "until": UNTIL, **changes})


def inside(start: float, end: float, **changes) -> Claim:
    return other(layer="pricing", place="keepers/p", start=start, end=end, share=end - start, **changes)


def test_disjoint_slices_of_a_layer_never_meet_and_leave_what_is_between_them() -> None:
    found = collisions(MINE, [MINE, inside(0.6, 0.9)], NAMES)
    assert (found.meetings, found.serious, found.others) == ((), 0, 0)
    assert found.layer == "Layer 'pricing' has 70% left: 0% to 60% and 90% to 100%. This plan asks for 0% to 50%."
    assert found.rest == "One experiment in the layer never meets yours."


def test_a_slice_taken_twice_is_to_be_settled_before_launch() -> None:
    found = collisions(MINE, [inside(0.4, 0.8)], NAMES)
    assert found.serious == 1
    assert found.meetings[0].sentence == (
        "It runs until Sun 22 Nov 2026; about 20% of your people would be in both. It takes places of layer 'pricing' that "
        "this plan takes too. Give them slices that do not overlap, or wait until it has ended."
    )
    full = collisions(MINE, [inside(0, 1)], NAMES)
    assert full.layer == "Layer 'pricing' is taken by what runs; this plan asks for 0% to 50%."
    drafted = collisions(MINE, [inside(0, 1, state="draft")], NAMES)
    assert drafted.meetings[0].sentence.startswith("It is a draft; ")
    assert drafted.free == 1


def test_a_common_metric_is_told_and_a_common_tag_is_to_be_settled() -> None:
    found = collisions(MINE, [other(key="a", metrics=("completed",), share=0.3), other(key="b", tags=("basket",), targeted=True)], NAMES)
    assert [(m.other.key, m.serious) for m in found.meetings] == [("b", True), ("a", False)]
    assert found.meetings[0].sentence == (
        "It runs until Sun 22 Nov 2026; up to 100% of your people would be in both. Both are about basket. Put both on "
        "different slices of one layer, so that nobody meets both, or run them in turn."
    )
    assert found.meetings[1].sentence == (
        "It runs until Sun 22 Nov 2026; about 30% of your people would be in both. Both decide by Checkouts completed. Each "
        "split is independent, so both stay fair; the results say whether one changes the other's effect."
    )


def test_of_many_that_share_a_metric_a_few_are_told_and_all_that_are_to_be_settled() -> None:
    alike = [other(key=f"a{n}", metrics=("completed",)) for n in range(8)]
    found = collisions(MINE, alike, NAMES)
    assert len(found.told) == 5
    assert found.rest == "Three more decide by a metric of yours."
    tagged = [other(key=f"b{n}", tags=("basket",)) for n in range(7)]
    assert len(collisions(MINE, [*alike, *tagged], NAMES).told) == 7


def test_those_with_nothing_in_common_are_only_counted_and_drafts_elsewhere_not_at_all() -> None:
    alone = Claim("mine", "Mine", "user")
    found = collisions(alone, [other(key="a"), other(key="b"), other(key="c", state="draft")], NAMES)
    assert found.rest == "Two more run on the same people, without a goal, a guardrail or a tag in common."
    assert found.layer == "This plan is in no layer: whoever it lets in may be in any other experiment too."


def test_claims_are_read_from_stored_plans_of_the_same_unit(stored) -> None:
    metrics.apply(stored.db, samples.CATALOG, by="test")
    layer = Layer.model_validate({"name": "pricing", "salt": "p", "from": 0.2, "to": 0.6})
    lifecycle.save(stored.db, samples.plan("half", layer=layer, coverage=0.5, tags=("basket",)), "test")
    lifecycle.save(stored.db, samples.plan("shops", unit="shop"), "test")
    running = samples.plan("all", targeting={"country": "DE"})
    lifecycle.save(stored.db, running, "test")
    launched = lifecycle.launch(stored.db, "all", "test")
    first, second = claims(stored.db, "user")
    assert (first.key, first.state, first.until, first.targeted) == ("all", "running", launched.frozen.horizon(launched.launched), True)
    assert (second.layer, second.place, second.start, second.end) == ("pricing", "keepers/p", 0.2, 0.6)
    assert second.share == 0.5 * (0.6 - 0.2)
    assert second == claim(samples.plan("half", layer=layer, coverage=0.5, tags=("basket",)).model_dump(mode="json", by_alias=True))
