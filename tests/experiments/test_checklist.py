"""The launch checklist: what blocks is what launch refuses, and every item says what was found or what to do."""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import samples

from experiments.approving import Standing
from experiments.plan import FrozenPlan, freeze
from experiments.planning import outlook
from experiments.planning.checklist import Checklist, Facts, checklist
from experiments.planning.collisions import collisions
from experiments.planning.forecast import forecast
from experiments.planning.traffic import stated
from experiments.registry.approvals import Approval
from experiments.registry.claims import Claim

sys.path.insert(0, str(Path(__file__).parent))
from test_planning import KNOWN

AT = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
MINE = Claim("mine", "Mine", "user", metrics=("completed",), tags=("basket",))
BARE = Facts(None, Standing("h", (), (), frozenset({"pm@example.com"})), False, collisions(MINE, [], {}))
ALIKE = Claim("b", "B", "user", state="running", until=AT.date(), tags=("basket",), metrics=("completed",))


def of(facts: Facts = BARE, **changes: object) -> dict[str, tuple[str, str]]:
    """State and text by title."""
    return {i.title: (i.state, i.text) for i in _list(facts, **changes).items}


def _list(facts: Facts = BARE, **changes: object) -> Checklist:
    return checklist(_frozen(**changes), facts)


def _frozen(**changes: object) -> FrozenPlan:
    return freeze(samples.plan().model_copy(update=changes), samples.CATALOG)


@pytest.fixture(scope="module")
def found() -> outlook.Outlook:
    plan = _frozen()
    return outlook.told(forecast(plan, KNOWN, stated(6_000), {}), KNOWN, 6_000).model_copy(update={"people": 84_000})


def test_a_bare_draft_says_what_to_do_and_a_whole_one_what_was_found(found: outlook.Outlook) -> None:
    assert of(hypothesis="", change="", owner="", guardrails=()) == {
        "Goal": ("done", "Two goals, with what would be worthwhile."),
        "Prerequisites": ("none", "This plan needs no other experiment."),
        "Review": ("open", "Ask a reviewer who neither changed it nor launches it to read and approve it."),
        "Hypothesis": ("open", "Write one sentence that could turn out to be wrong."),
        "What changes": ("open", "Say what changes as someone would see it: it is what people read in a year."),
        "Owner": ("open", "Name who decides, and whom others ask."),
        "Guardrail": ("open", "None: name what must not get worse, such as returns or load time."),
        "Enough people": ("open", "Not worked out for the plan as it is now."),
        "No collision": ("done", "Nothing to settle with another experiment."),
        "Metrics known": ("open", "Never measured: Checkouts completed, Revenue per person. Measure it as secondary in an "
                                  "experiment that runs, or in one that changes nothing."),
        "Code tried": ("open", "No exposure from outside production among the newest events: try the code with a development key."),
        "Pictures": ("open", "None yet of control, One page. With them, readers see at once what changed."),
    }  # fmt: skip
    approved = Standing("h", (Approval("h", "rev@example.com", AT, ""),), (), frozenset())
    whole = replace(
        BARE, outlook=found.model_copy(update={"power": 0.9}), standing=approved, measured={"completed", "revenue", "refused", "load"},
        pictured={"control", "t1"}, seen=AT, collisions=collisions(MINE, [replace(ALIKE, tags=())], {}),
    )  # fmt: skip
    said = of(whole)
    assert {state for state, _ in said.values()} == {"done", "none"}
    assert said["Review"][1] == "Approved by rev@example.com as it is now."
    assert said["Enough people"][1] == "84,000 people come, and show what is asked for 9 times in 10."
    assert said["Metrics known"][1] == "Each goal and guardrail was measured before. Replay one on its page to see whether it can be trusted."
    assert said["Code tried"][1] == "An exposure from outside production came 2 Nov 2026, 09:30."
    assert said["No collision"][1] == "Nothing to settle with another experiment; one shares a metric."
    assert said["Guardrail"][1] == "Two guardrails with a margin."
    assert said["Pictures"][1] == "Each variant has one."
    assert _list(whole).summary == "11 of 11 done."


def test_too_few_people_and_a_collision_are_open_and_block_nothing(found: outlook.Outlook) -> None:
    facts = replace(BARE, outlook=found.model_copy(update={"power": 0.5, "asked": 0.8}), collisions=collisions(MINE, [ALIKE], {}))
    said = of(facts)
    assert said["Enough people"] == (
        "open", "84,000 people come, and show what is asked for 5 times in 10; the plan wants 8 times in 10. Enrol for "
        "longer, or ask for larger effects and margins.",
    )  # fmt: skip
    assert said["No collision"] == ("open", "One other experiment to settle with first.")
    assert _list(facts).blocking == ()
    assert _list(facts).summary.endswith("Launch waits for none of the others: they are advice.")


def test_what_launch_refuses_is_what_blocks_and_stands_first() -> None:
    needs = {"prerequisites": ({"experiment": "nav", "variants": ["calm"]},)}
    lapsed = Standing("h", (), (Approval("old", "rev@example.com", AT, ""),), frozenset())
    found = _list(replace(BARE, review=True, waiting=["nav"], standing=lapsed), **needs)
    assert [i.title for i in found.blocking] == ["Prerequisites", "Review"]
    assert found.summary == "6 of 12 done. Launch waits for: prerequisites, review."
    assert [i.blocks for i in found.items] == sorted((i.blocks for i in found.items), reverse=True)
    said = {i.title: i.text for i in found.items}
    assert said["Prerequisites"] == "Still a draft: nav. Launch that first."
    assert said["Review"].startswith("An approval lapsed when the plan changed. Ask a reviewer")
    assert of(BARE, **needs)["Prerequisites"] == ("done", "All of them are launched.")
