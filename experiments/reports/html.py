"""The report as one self-contained HTML page: styles and drawings inside, nothing fetched."""

from markupsafe import Markup

from experiments.reports import rows
from experiments.reports.model import Report
from experiments.reports.wording import TEMPLATES, environment, headline, shares, treatment_name
from experiments.snapshot import MetricResult, Snapshot

SETTLED = {"better", "worse", "about the same", "safe", "harmed", "worse within margin"}


def render(report: Report) -> bytes:
    """Return UTF-8 HTML: one page in the order of a reader's questions, the verdict first."""
    style = Markup((TEMPLATES / "report.css").read_text())  # ours, so it needs no escaping
    page = environment().get_template("report.html")
    return page.render(**context(report), style=style).encode()


def context(report: Report) -> dict[str, object]:
    """What the template prints, each already in words or placed on its scale."""
    snapshot = report.snapshot
    return {
        "report": report, "snapshot": snapshot, "plan": snapshot.frozen.plan, "decision": report.decision,
        "headline": headline(snapshot), "shares": shares(snapshot.frozen.plan), "blocks": blocks(snapshot),
        "unsettled": unsettled(snapshot),
        "winners": [m for m in snapshot.metrics if m.expected is not None], "deviations": deviations(snapshot),
        "kept": report.decision and treatment_name(snapshot.frozen.plan, report.decision.variant),
    }  # fmt: skip


def blocks(snapshot: Snapshot) -> list[tuple[str, rows.Block]]:
    """Goals and guardrails of each treatment on one scale; none at all when the snapshot is invalid."""
    if snapshot.verdict.word == "invalid":
        return []
    plan = snapshot.frozen.plan
    chosen = [(t, snapshot.of("goal", t.key) + snapshot.of("guardrail", t.key)) for t in plan.treatments]
    return [(t.name, rows.block(results)) for t, results in chosen if results]


def unsettled(snapshot: Snapshot) -> list[MetricResult]:
    """Goals and guardrails that the data do not settle, or that could not be computed."""
    return [m for m in snapshot.metrics if m.role != "secondary" and (m.error or m.reading not in SETTLED)]


def deviations(snapshot: Snapshot) -> list[str]:
    """What differed from the plan, in words; empty if nothing did."""
    found = [f"{c.title}: {c.value}" for c in snapshot.checks if c.key == "plan" and c.state != "good"]
    left_out = snapshot.excluded
    if left_out.earlier_phase:
        found.append(f"{left_out.earlier_phase:,} units seen in an earlier phase are left out")
    if snapshot.progress.day < snapshot.progress.days and snapshot.state in ("stopped", "decided"):
        found.append(f"it ended on day {snapshot.progress.day} of {snapshot.progress.days}")
    return found
