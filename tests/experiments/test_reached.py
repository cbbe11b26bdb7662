"""Whom a plan reaches, in words, wherever a page says who gets what."""

from typing import Any

import pytest
import samples

from experiments import reached
from experiments.plan import Holdout, Layer, freeze
from web.experiments import results

QUARTER = Layer.model_validate({"name": "checkout", "salt": "l", "from": 0.25, "to": 0.5})
HELD_OUT = Holdout(name="all", salt="h", share=0.1)
TARGETED = {"targeting": {"country": "NZ"}}
NEEDED = {"prerequisites": ({"experiment": "search", "variants": ["t1"]},)}
SPLIT = "Control 50%, One page 50%, of "
SERVED = [
    ({}, "all people."),
    ({"coverage": 0.5}, "the 50% of people who take part; the others get control."),
    (TARGETED, "all people whom its targeting lets in; the others get control."),
    ({**TARGETED, "coverage": 0.5}, "50% of people whom its targeting lets in; the others get control."),
    (NEEDED, "all people whom its prerequisites let in; the others get control."),
    ({**NEEDED, **TARGETED}, "all people whom its targeting and prerequisites let in; the others get control."),
    ({"layer": QUARTER}, "the 25% of people who take part; the others get control. Its slice of the layer checkout holds 25%."),
    ({"holdout": HELD_OUT}, "the 90% of people who take part; the others get control. 10% are held out."),
    ({"layer": QUARTER, "holdout": HELD_OUT}, "the 22.5% of people who take part; the others get control. Its slice of the layer checkout holds 25% and 10% are held out."),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "expected"), SERVED)
def test_what_is_served_now_says_of_whom(changes: dict[str, Any], expected: str) -> None:
    frozen = freeze(samples.plan(), samples.CATALOG)
    narrower = frozen.model_copy(update={"plan": frozen.plan.model_copy(update=changes)})
    assert results.served_words(samples.experiment(samples.snapshot(narrower))) == SPLIT + expected


def test_a_kept_variant_reaches_whom_the_plan_is_for_and_nobody_held_out_whatever_its_layer() -> None:
    plan = samples.plan(**TARGETED, layer=QUARTER, holdout=HELD_OUT)
    assert reached.served(plan, 0.6) == "60% of people whom its targeting lets in, but for the 10% held out"
    assert reached.served(samples.plan(layer=QUARTER), 1.0) == "100% of people"
