"""What comes next, by whom and by when: each verdict and each decision has a step of its own."""

from datetime import timedelta

from experiments import numbers
from experiments.reached import served
from experiments.reports.model import Report
from experiments.reports.wording import sentence, treatment_name
from experiments.snapshot import Snapshot
from experiments.verdict import PATIENCE


def next_step(report: Report) -> str:
    """Say what is to be done next, until when, and who sees to it.

    Days are those of the snapshot and of the decision, never of today: the same of both say the same.
    """
    step = _undecided(report.snapshot) if report.decision is None else _decided(report)
    owner = report.snapshot.frozen.plan.owner
    return f"{sentence(step)} {f'Owner: {owner}.' if owner else 'No owner is named.'}"


def _undecided(snapshot: Snapshot) -> str:
    word, stopped = snapshot.verdict.word, snapshot.state == "stopped"
    if word == "wait":
        return _wait(snapshot, stopped=stopped)
    by = numbers.day(snapshot.cutoff + timedelta(days=1 + PATIENCE))
    kept = treatment_name(snapshot.frozen.plan, snapshot.verdict.treatment)
    steps = {
        "invalid": f"Mend the cause and begin a new phase or experiment, by {by}; more days of this one tell nothing",
        "stop": f"Decide whether to drop it, by {by}" if stopped else f"Stop it now, as harm is shown; decide by {by}",
        "keep": f"Decide whether to keep {kept}, as the rule advises, by {by}",
        "drop": f"Decide whether to drop it, as the rule advises, by {by}",
        "review": f"Weigh what the rule leaves open, and decide by {by}",
    }
    return steps[word]


def _wait(snapshot: Snapshot, *, stopped: bool) -> str:
    first, last = snapshot.progress.answer_from, snapshot.progress.answer_to
    if last is None:
        return "Wait for the next look"
    if stopped:
        return f"Nobody new comes: decide once the last windows are over, on {numbers.day(last)} at the latest"
    if first is None or first >= last:
        return f"Let it run, and decide on {numbers.day(last)}"
    return f"Let it run: look again on {numbers.day(first)}, and decide on {numbers.day(last)} at the latest"


def _decided(report: Report) -> str:
    plan, decision = report.snapshot.frozen.plan, report.decision
    assert decision is not None
    kept, control = treatment_name(plan, decision.variant), plan.control.name
    if decision.serves:
        first, *later = decision.steps
        more = "".join(f", then to {numbers.plain_percent(s.coverage)} from {numbers.day(s.day)} on" for s in later)
        return f"Serve {kept} to {served(plan, first.coverage)} from {numbers.day(first.day)} on{more}"
    if decision.withdrawn is not None:
        return f"{kept} was withdrawn: {control} is served to everyone from {numbers.day(decision.withdrawn.at)} on"
    anew = "Launch it again with a new plan; until then " if decision.word == "again" else ""
    return f"{anew}{control} is served to everyone from {numbers.day(decision.at)} on"
