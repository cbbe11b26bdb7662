"""The one page that every report for people shows, in words and rows: each format only lays it out."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from experiments import numbers
from experiments.reports import rows
from experiments.reports.deviations import deviations
from experiments.reports.model import Report
from experiments.reports.next_step import next_step
from experiments.reports.wording import (
    DECISIONS,
    change_words,
    failing_first,
    follows,
    headline,
    sentence,
    shares,
    short_hash,
    treatment_name,
    verdict_tone,
)
from experiments.snapshot import Check, MetricResult, Snapshot

if TYPE_CHECKING:
    from experiments.followup import Outcome
    from experiments.registry.pictures import Whole

SETTLED = {"better", "worse", "about the same", "safe", "harmed", "worse within margin"}
HELD = "Held back: the groups are not comparable, so no effect is shown."


@dataclass(frozen=True)
class Point:
    """One line of a list: what leads it, what it says, and what stands smaller below."""

    lead: str
    text: str
    small: str = ""


@dataclass(frozen=True)
class Section:
    """A title with a text, or with points."""

    title: str
    text: str = ""
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Page:
    """What one page says, in the order of a reader's questions. `blocks` are goals and guardrails by treatment.

    `after` is None where nothing was compared after launch. `shots` has a point for each of `pictured`, in its order.
    """

    kicker: str
    title: str
    word: str
    tone: str
    headline: str
    sentence: str
    decision: Section
    hypothesis: Section
    who: Section
    change: Section
    shots: Section | None
    blocks: tuple[tuple[str, rows.Block], ...]
    expected: Section
    after: Section | None
    checks: Section
    unknown: Section
    learning: Section
    next_step: Section
    deviations: Section
    footer: tuple[str, ...]


def page(report: Report) -> Page:
    """Put a report into words."""
    snapshot = report.snapshot
    plan = snapshot.frozen.plan
    return Page(
        kicker=f"Keepers report · {snapshot.experiment} · snapshot r{snapshot.number}", title=report.name,
        word=snapshot.verdict.word, tone=verdict_tone(snapshot.verdict.word), headline=headline(snapshot),
        sentence=snapshot.verdict.sentence, decision=_decision(report),
        hypothesis=Section("Hypothesis, as written before launch", plan.hypothesis or "None was written down."),
        who=_who(snapshot),
        change=Section("What changed", plan.change or "The plan does not describe the change."),
        shots=_shots(report), blocks=blocks(snapshot), expected=_expected(snapshot), after=_after(report),
        checks=_checks(snapshot), unknown=_unknown(snapshot),
        learning=Section("What we learnt", _learnt(report)), next_step=Section("Next step", next_step(report)),
        deviations=_deviations(report), footer=_footer(report),
    )  # fmt: skip


def blocks(snapshot: Snapshot) -> tuple[tuple[str, rows.Block], ...]:
    """Goals and guardrails of each treatment on one scale; none at all when the snapshot is invalid."""
    if snapshot.verdict.word == "invalid":
        return ()
    plan = snapshot.frozen.plan
    chosen = [(t.name, snapshot.of("goal", t.key) + snapshot.of("guardrail", t.key)) for t in plan.treatments]
    shown = [(name, rows.block(results)) for name, results in chosen if results]
    title = "Goals and guardrails"
    return tuple((title if len(shown) == 1 else f"{title}: {name}", block) for name, block in shown)


def unsettled(snapshot: Snapshot) -> list[MetricResult]:
    """Goals and guardrails that the data do not settle, or that could not be computed."""
    return [m for m in snapshot.metrics if m.role != "secondary" and (m.error or m.reading not in SETTLED)]


def pictured(report: Report) -> "list[Whole]":
    """The pictures of the plan's variants, variant by variant, each in the order in which they were added."""
    keys = [v.key for v in report.snapshot.frozen.plan.variants]
    return sorted((p for p in report.pictures if p.variant in keys), key=lambda p: keys.index(p.variant))


def _shots(report: Report) -> Section | None:
    plan = report.snapshot.frozen.plan
    points = tuple(Point(f"{treatment_name(plan, p.variant)}:", p.alt) for p in pictured(report))
    return Section("How each variant looked", "", points) if points else None


def _decision(report: Report) -> Section:
    decision = report.decision
    if decision is None:
        return Section("Not yet decided", report.snapshot.verdict.would_change)
    kept = _kept(report) if decision.word == "keep" else ""
    against = f"Differs from the verdict; confirmed by {decision.second}."
    followed = follows(decision.verdict) if decision.followed else against
    reason = f" “{decision.reason}”" if decision.reason else ""
    title = f"Decision: {DECISIONS[decision.word].lower()}{f' {kept}' if kept else ''}"
    return Section(title, f"{decision.by}, {numbers.day(decision.at)}. {followed}{reason}")


def _kept(report: Report) -> str:
    return treatment_name(report.snapshot.frozen.plan, report.decision.variant) if report.decision else ""


def _who(snapshot: Snapshot) -> Section:
    plan, done = snapshot.frozen.plan, snapshot.progress
    people = numbers.units(done.people, plan.unit)
    days = f"from {numbers.day(snapshot.launched)}, day {done.day} of {done.days}"
    return Section("Who and how long", f"{people}; {shares(plan)}; {days}.")


def _expected(snapshot: Snapshot) -> Section:
    title = "Expected after launch"
    if snapshot.verdict.word == "invalid":
        return Section(title, HELD)
    points = tuple(_gain(snapshot, m) for m in snapshot.metrics if m.expected is not None)
    return Section(title, "" if points else "Nothing is shown better, so nothing is expected.", points)


def _gain(snapshot: Snapshot, m: MetricResult) -> Point:
    change, interval = change_words(m.expected)
    return Point(f"{_named(snapshot, m)}: {change}", f"({interval}), allowing for the luck that helps winners.")


def _named(snapshot: Snapshot, m: MetricResult) -> str:
    """A metric's title, with its treatment where there are several."""
    plan = snapshot.frozen.plan
    return f"{m.title}, {treatment_name(plan, m.treatment)}" if len(plan.treatments) > 1 else m.title


def _checks(snapshot: Snapshot) -> Section:
    return Section("Trust checks", "", tuple(_check(c) for c in failing_first(snapshot.checks)))


def _check(check: Check) -> Point:
    since = f", since {numbers.day(check.since)}" if check.since else ""
    todo = f" What to do: {check.remedy}" if check.state != "good" and check.remedy else ""
    return Point(f"{check.title}:", f"{check.value}{since}.{todo}", check.threshold)


def _unknown(snapshot: Snapshot) -> Section:
    title = "What we do not know"
    if snapshot.verdict.word == "invalid":
        return Section(title, "What the change does: groups that cannot be compared tell nothing of it.")
    points = tuple(Point("", f"{_named(snapshot, m)}: {m.error or m.reading}") for m in unsettled(snapshot))
    return Section(title, "" if points else "Whether the effect lasts longer than the experiment did.", points)


def _learnt(report: Report) -> str:
    return (report.decision.learning if report.decision else "") or "Nothing is written down yet."


def _deviations(report: Report) -> Section:
    points = tuple(Point("", sentence(text)) for text in deviations(report))
    return Section("Deviations from plan", "" if points else "None.", points)


def _after(report: Report) -> Section | None:
    """How what was kept fares, by the newest look after launch that the report was made with."""
    seen, plan = report.after, report.snapshot.frozen.plan
    if seen is None:
        return None
    title = f"After launch: {seen.word}"
    if seen.failing:
        return Section(title, f"The two sides cannot be compared: {', '.join(seen.failing)}.")
    sides = f"{numbers.units(seen.served, plan.unit)} with {_kept(report)} beside {numbers.count(seen.held_back)}"
    told = f"{sides} held back, since {numbers.day(seen.since)}, data until {numbers.day(seen.cutoff)}."
    return Section(title, "", (Point("", told), *map(_outcome, seen.outcomes)))


def _outcome(o: "Outcome") -> Point:
    return Point(f"{o.title}: {o.word}.", f"Predicted {o.predicted_text}, measured {o.whole_text}.")


def _footer(report: Report) -> tuple[str, ...]:
    snapshot, seen = report.snapshot, report.after
    return (
        f"Data until {numbers.day(snapshot.cutoff)}, 24:00 {snapshot.time_zone}",
        f"computed {numbers.moment(snapshot.computed_at)} UTC", f"plan {short_hash(snapshot.plan_hash)}",
        f"snapshot r{snapshot.number} sha256 {snapshot.hash}",
        *((f"look after launch of {numbers.day(seen.cutoff)} sha256 {seen.hash}",) if seen else ()),
        *(f"{name} {version}" for name, version in sorted(snapshot.versions.items())),
    )  # fmt: skip
