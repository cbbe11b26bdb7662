"""A plan read back in words."""

import samples

from experiments.plan import Goal, Guardrail, freeze
from experiments.planning.reading_back import read_back


def said(**changes: object) -> str:
    return read_back(freeze(samples.plan().model_copy(update=changes), samples.CATALOG))


def test_a_plan_is_read_back_as_one_would_say_it() -> None:
    assert said() == (
        "For people, we test “One-page checkout with address autofill”. We keep it if Checkouts completed or Revenue per person "
        "gets better and both guardrails are shown safe, after two weeks of enrolment and 65,400 people."
    )


def test_what_a_plan_lacks_or_has_more_of_is_said_too() -> None:
    many = samples.plan(treatments=2)
    bare = said(
        variants=many.variants, guardrails=(), planned_units=None, enrol_days=7, targeting={"country": "DE"},
        goals=(Goal(metric="completed", worthwhile=0.02),),
    )  # fmt: skip
    assert bare == (
        "For people whom its targeting lets in, we test “One-page checkout with address autofill” in two treatments. We keep "
        "one if Checkouts completed gets better, after one week of enrolment."
    )
    assert said(filters={"bot": (True,)}) == f"{said()} Left out of the analysis, by the first exposure: bot = true."
    assert " and its guardrail is shown safe" in said(guardrails=many.guardrails[:1])
    assert " and all 3 guardrails are shown safe" in said(guardrails=(*many.guardrails, Guardrail(metric="through", margin=0.1)))
