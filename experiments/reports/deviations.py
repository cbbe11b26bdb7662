"""What differed from the plan, by what the snapshot and the decision hold: the same of both say the same."""

from zoneinfo import ZoneInfo

from experiments.numbers import day, several
from experiments.reports.model import Report
from experiments.snapshot import Snapshot
from experiments.wording import over_phases

ANSWERED = "as the rule had its answer"
EARLY = {"invalid": "as its groups could not be compared", "stop": ANSWERED, "keep": ANSWERED, "drop": ANSWERED}


def deviations(report: Report) -> list[str]:
    """Return what differed from the plan, in words; empty if nothing did."""
    snapshot = report.snapshot
    found = [f"{c.title}: {c.value}" for c in snapshot.checks if c.key == "plan" and c.state != "good"]
    left_out, phase = snapshot.excluded.earlier_phase, snapshot.frozen.phase
    if left_out:
        found.append(f"{left_out:,} units seen in an earlier phase are left out")
    if phase > 1:
        found.append(f"who gets it was changed, and phase {phase} began {day(snapshot.launched)}. {_several(snapshot)}")
    return [*found, *_longer(snapshot), *_shorter(report), *_against(report)]


def _several(snapshot: Snapshot) -> str:
    return over_phases(snapshot.frozen.plan, snapshot.frozen.phase).rstrip(".")


def _longer(snapshot: Snapshot) -> list[str]:
    days, planned = snapshot.frozen.extended_days, snapshot.frozen.plan.enrol_days
    if not days:
        return []
    return [f"it was extended by {several(days, 'day')}: units enrol on {planned + days}, not {planned}"]


def _shorter(report: Report) -> list[str]:
    """Days are those that had closed when it was decided; without a decision, those that the snapshot saw."""
    snapshot, decision = report.snapshot, report.decision
    done, days = snapshot.progress.day, snapshot.progress.days
    if decision is None:
        return [f"it ended on day {done} of {days}"] if snapshot.state == "stopped" and done < days else []
    closed = (decision.at.astimezone(ZoneInfo(snapshot.time_zone)).date() - snapshot.launched).days
    if closed >= days:
        return []
    why = EARLY.get(decision.verdict or "", "before the rule had an answer")
    return [f"it was decided on day {closed} of {days}, {why}"]


def _against(report: Report) -> list[str]:
    decision = report.decision
    if decision is None or decision.followed:
        return []
    return [f"the decision differs from the verdict, which was {decision.verdict or 'not there yet'}"]
