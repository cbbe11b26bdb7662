"""Harm stays shown: a bound that holds on any day was crossed on one of them, and no later day takes that back."""

from collections.abc import Sequence

from experiments.snapshot import MetricResult, Reading, Role, Snapshot

Place = tuple[str, str]  # metric, treatment
WORDS: dict[Role, Reading] = {"goal": "worse", "guardrail": "harmed"}


def harmed_before(history: Sequence[Snapshot]) -> set[Place]:
    """Return what an official look has shown to be harmed: the bound holds on any day, so that day's word stands.

    A look at groups that could not be compared has shown nothing.
    """
    trusted = (s for s in history if s.verdict.word != "invalid")
    return {(m.metric, m.treatment) for s in trusted for m in s.metrics if m.harmed or m.reading == "harmed"}


def with_harm(row: MetricResult, now: bool, earlier: bool) -> MetricResult:
    """Return the row with its harm, shown at this look or an earlier one."""
    if not (now or earlier):
        return row
    note = row.note if now else "Shown harmed on an earlier day; that stays shown."
    return row.model_copy(update={"reading": WORDS[row.role], "harmed": True, "note": note})
