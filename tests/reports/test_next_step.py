"""The next step of a report: of each verdict and each decision its own, with owner and date; and what left the plan."""

from datetime import UTC, date, datetime

import pytest
import samples

from experiments.plan import freeze
from experiments.registry.experiments import Withdrawal
from experiments.reports import Report
from experiments.reports.page import page
from experiments.rollout import Step

ENDS = " Owner: Product manager."
STEPS = tuple(Step(date(2026, *day), share) for day, share in (((11, 26), 0.6), ((12, 3), 0.8), ((12, 10), 1.0)))
TAKEN = Withdrawal(at=datetime(2026, 12, 1, 9, tzinfo=UTC), by="pm@example.com", reason="Slow.")
UNDECIDED = [
    ("wait", "running", 9, "Let it run: look again on Sun 22 Nov 2026, and decide on Thu 26 Nov 2026 at the latest."),
    ("wait", "stopped", 9, "Nobody new comes: decide once the last windows are over, on Thu 26 Nov 2026 at the latest."),
    ("invalid", "running", 9, "Mend the cause and begin a new phase or experiment, by Wed 18 Nov 2026; more days of this one tell nothing."),
    ("stop", "running", 9, "Stop it now, as harm is shown; decide by Wed 18 Nov 2026."),
    ("stop", "stopped", 9, "Decide whether to drop it, by Wed 18 Nov 2026."),
    ("keep", "running", 14, "Decide whether to keep One page, as the rule advises, by Mon 23 Nov 2026."),
    ("drop", "running", 14, "Decide whether to drop it, as the rule advises, by Mon 23 Nov 2026."),
    ("review", "running", 14, "Weigh what the rule leaves open, and decide by Mon 23 Nov 2026."),
]  # fmt: skip
DECIDED = [
    ({}, "Serve One page to 100% of people from Wed 18 Nov 2026 on."),
    ({"ramp": STEPS}, "Serve One page to 60% of people from Thu 26 Nov 2026 on, then to 80% from Thu 3 Dec 2026 on, then to 100% from Thu 10 Dec 2026 on."),
    ({"withdrawn": TAKEN}, "One page was withdrawn: control is served to everyone from Tue 1 Dec 2026 on."),
    ({"word": "drop", "variant": None}, "Control is served to everyone from Wed 18 Nov 2026 on."),
    ({"word": "again", "variant": None}, "Launch it again with a new plan; until then control is served to everyone from Wed 18 Nov 2026 on."),
]  # fmt: skip


def said(snapshot, decided=None):
    return page(Report(samples.experiment(snapshot, "decided" if decided else "running", decided), snapshot))


@pytest.mark.parametrize(("word", "state", "number", "expected"), UNDECIDED)
def test_each_verdict_has_its_own_next_step_with_a_date_and_the_owner(word, state, number, expected):
    assert said(samples.snapshot(word=word, state=state, number=number)).next_step.text == expected + ENDS


@pytest.mark.parametrize(("changes", "expected"), DECIDED)
def test_what_was_decided_is_served_from_a_day_on_and_a_roll_out_names_every_step(changes, expected):
    assert said(samples.snapshot(), samples.decision(**changes)).next_step.text == expected + ENDS


def test_a_wait_whose_answer_comes_on_one_day_names_that_day_and_a_missing_owner_is_said():
    frozen = freeze(samples.plan(owner=""), samples.CATALOG)
    whole = samples.snapshot(frozen, word="wait")
    last = whole.progress.model_copy(update={"answer_from": date(2026, 11, 26)})
    one_day = said(whole.model_copy(update={"progress": last}))
    assert one_day.next_step.text == "Let it run, and decide on Thu 26 Nov 2026. No owner is named."
    unknown = last.model_copy(update={"answer_from": None, "answer_to": None})
    assert said(whole.model_copy(update={"progress": unknown})).next_step.text == "Wait for the next look. No owner is named."


EARLY = {"at": datetime(2026, 11, 8, 9, 30, tzinfo=UTC)}
AGAINST = {**EARLY, "verdict": "wait", "followed": False}
LEFT = [
    ({}, {}, []),
    ({"number": 6}, {}, []),
    ({"number": 6}, AGAINST, ["It was decided on day 6 of 14, before the rule had an answer.", "The decision differs from the verdict, which was wait."]),
    ({}, EARLY, ["It was decided on day 6 of 14, as the rule had its answer."]),
    ({}, {**EARLY, "verdict": "invalid"}, ["It was decided on day 6 of 14, as its groups could not be compared."]),
    ({}, {"verdict": None, "followed": False}, ["The decision differs from the verdict, which was not there yet."]),
    ({"state": "stopped", "number": 6}, None, ["It ended on day 6 of 14."]),
    ({"number": 6}, None, []),
]  # fmt: skip


@pytest.mark.parametrize(("seen", "changes", "expected"), LEFT)
def test_deviations_are_of_the_whole_experiment_and_not_of_the_state_at_one_look(seen, changes, expected):
    decided = None if changes is None else samples.decision(**changes)
    found = said(samples.snapshot(**seen), decided).deviations
    assert ([p.text for p in found.points], found.text) == (expected, "" if expected else "None.")


def test_days_that_were_added_and_an_earlier_phase_are_deviations():
    frozen = freeze(samples.plan(), samples.CATALOG).model_copy(update={"extended_days": 14})
    left_out = samples.snapshot().excluded.model_copy(update={"earlier_phase": 1_204})
    found = said(samples.snapshot(frozen, excluded=left_out)).deviations.points
    assert [p.text for p in found] == ["1,204 units seen in an earlier phase are left out.", "It was extended by 14 days: units enrol on 28, not 14."]
