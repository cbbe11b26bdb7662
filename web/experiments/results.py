"""The results page: one stored snapshot, from the verdict down to the SQL. Nothing is computed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import render_template, request
from flask_login import current_user

from experiments import extending, followup, numbers, phases, reached, trends, wording
from experiments.causes import table
from experiments.others import summary
from experiments.plan import Plan, Variant
from experiments.registry import experiments, log, metrics, pictures, settings_store, snapshots
from experiments.registry.experiments import Experiment
from experiments.registry.snapshots import CoursePoint
from experiments.reports import rows
from experiments.reports.wording import sentence, shares
from experiments.segments import sentence as sentence_of
from experiments.snapshot import MetricResult, Snapshot, TreatmentVerdict
from web.experiments import draft
from web.experiments.blueprint import blueprint
from web.experiments.estimates import estimates
from web.experiments.over_time import Course, Happened, Since, alone, courses, happened, since_exposure
from web.experiments.worth import Worth, a_day, worth
from web.stores import stores
from web.words import state_text

MOST_COLUMNS = 4  # of the overview: goals and guardrails that fit beside each other
MOST_WHOLE = 2  # treatments that one page shows whole; of more, each has a page of its own for the rest
FALSE_ALARM = 0.05


@dataclass(frozen=True)
class Group:
    """One metric by one segment, and whether its effects differ; those of goals are `leading`."""

    title: str
    sentence: str
    leading: bool
    block: rows.Block


@dataclass(frozen=True)
class Part:
    """The results of one treatment, each role on its own scale."""

    treatment: Variant
    verdict: TreatmentVerdict | None
    goals: rows.Block
    guardrails: rows.Block
    secondary: rows.Block
    exploratory: str
    courses: list[Course]
    alone: list[Course]
    since: list[Since]
    steady: str
    segments: list[Group]
    others: str
    other_tables: list[tuple[str, rows.Block]]
    worth: list[Worth]


@blueprint.get("/experiments/<key>")
def results(key: str) -> str:
    """Show the newest snapshot, or with ?snapshot=N an older one; a draft shows its plan instead."""
    experiment = experiments.get(stores().db, key)
    if experiment.state == "draft":
        return draft.page(experiment)
    number = request.args.get("snapshot", type=int)
    if number is not None:
        newest = experiment.latest_number or snapshots.newest_number(stores().db, key)
        return _page(experiment, snapshots.get(stores().db, key, number), newest)
    latest = snapshots.latest(stores().db, key)
    if latest is None:
        return render_template("experiments/waiting.html", **_common(experiment, None))
    return _page(experiment, latest, latest.number)


def served_words(experiment: Experiment, today: date | None = None) -> str:
    """What users get now, in one sentence; `today` is looked up if it matters and is not given."""
    decision, plan = experiment.decision, experiment.plan
    if experiment.state == "running":
        return sentence(f"{shares(plan)}, of {_taking_part(plan)}")
    if decision and decision.serves:
        kept = next((v.name for v in plan.variants if v.key == decision.variant), decision.variant)
        share = experiment.kept_share(today or settings_store.today(stores().db))
        return sentence(f"{kept}, for {reached.served(plan, share)}")
    return sentence(f"{plan.control.name}, for everyone")


def _taking_part(plan: Plan) -> str:
    """Of whom the split is, and why these are fewer than all."""
    whole, barred = reached.entering(plan) == 1, bool(plan.targeting or plan.prerequisites)
    part = reached.taking_part(plan) if barred else f"the {reached.taking_part(plan)} who take part"
    others = f"; the others get {plan.control.name}" if barred or not whole else ""
    why = f". {sentence(reached.why_fewer(plan))}" if reached.why_fewer(plan) else ""
    return f"{f'all {reached.whom(plan)}' if whole else part}{others}{why}"


def parts(
    snapshot: Snapshot, history: list[CoursePoint], found: Sequence[Happened] = (), only: str | None = None
) -> list[Part]:
    """Results by treatment, in declared order; none while the snapshot is invalid, as no effect is shown then."""
    if snapshot.verdict.word == "invalid":
        return []
    chosen = [t for t in snapshot.frozen.plan.treatments if only in (None, t.key)]
    return [_part(snapshot, t, history, found) for t in chosen]


def overview(snapshot: Snapshot, found: list[Part]) -> list[tuple[str, str, list[rows.Row]]]:
    """Columns of the overview: title, role, and one row per treatment, for the first goals and guardrails."""
    columns: list[tuple[str, str, list[rows.Row]]] = []
    for role, blocks in (("goal", [p.goals for p in found]), ("guardrail", [p.guardrails for p in found])):
        for each in zip(*(b.rows for b in blocks), strict=True):
            columns.append((each[0].name, role, list(each)))
    return columns[:MOST_COLUMNS]


def exploratory(results: tuple[MetricResult, ...]) -> str:
    """Say how many secondary metrics look different, and how many would by luck alone."""
    different = sum(r.reading in ("better", "worse") for r in results)
    expected = FALSE_ALARM * len(results)
    chance = 1 - (1 - FALSE_ALARM) ** len(results)
    luck = f"by luck alone, {_odds(chance)} chance of at least one"
    if expected >= 1:
        luck = f"about {expected:.0f} would by luck alone"
    return f"{numbers.several(different, 'looks', 'look') if different else 'none looks'} different; {luck}"


def _part(snapshot: Snapshot, treatment: Variant, history: list[CoursePoint], found: Sequence[Happened]) -> Part:
    key, goals = treatment.key, snapshot.of("goal", treatment.key)
    secondary = snapshot.of("secondary", key)
    return Part(
        treatment, next((v for v in snapshot.verdict.treatments if v.treatment == key), None),
        rows.block(goals), rows.block(snapshot.of("guardrail", key)), rows.block(secondary),
        exploratory(secondary), courses(history, goals, found), alone(history, snapshot.frozen, goals, found),
        since_exposure(snapshot, key), trends.steady(snapshot.trends, key),
        _segments(snapshot, key), _others(snapshot, key), _other_tables(snapshot, key),
        [worth(m, snapshot, a_day(history, snapshot)) for m in goals if m.expected is not None],
    )  # fmt: skip


def _segments(snapshot: Snapshot, treatment: str) -> list[Group]:
    like = {m.metric: m for m in snapshot.metrics if m.treatment == treatment}
    found = rows.segments(snapshot.segments, treatment)
    unit = snapshot.frozen.plan.unit
    tests = {(t.segment, t.metric): t for t in snapshot.segment_tests if t.treatment == treatment}
    return [
        Group(
            f"{s.capitalize()}: {like[m].title}", sentence_of(tests.get((s, m))), like[m].role == "goal",
            rows.segment_block(each, like[m], unit),
        )
        for (s, m), each in found.items()
        if m in like
    ]  # fmt: skip


def _others(snapshot: Snapshot, treatment: str) -> str:
    tests = [t for t in snapshot.other_tests if t.treatment == treatment]
    return summary(snapshot.shared, tests, snapshot.frozen.plan.unit)


def _other_tables(snapshot: Snapshot, treatment: str) -> list[tuple[str, rows.Block]]:
    """Effects within each variant of every other experiment that changes them."""
    like = {m.metric: m for m in snapshot.metrics if m.treatment == treatment}
    found = rows.segments(snapshot.others, treatment)
    unit = snapshot.frozen.plan.unit
    return [
        (f"{like[m].title} by the variant of {other}", rows.segment_block(each, like[m], unit))
        for (other, m), each in found.items()
    ]


def _odds(chance: float) -> str:
    return f"a {round(10 * chance)} in 10" if chance > 0.5 else f"a 1 in {round(1 / chance)}" if chance else "no"


def _page(experiment: Experiment, shown: Snapshot, newest: int) -> str:
    history = snapshots.course(stores().db, shown)
    common = _common(experiment, shown)
    told = happened(common["entries"], shown)
    only = _chosen(shown)
    found = parts(shown, history, told, only)
    failing = [c for c in shown.checks if c.state != "good" and c.invalidates]
    return render_template(
        "experiments/results.html", snapshot=shown, newest=newest, parts=found, overview=overview(shown, found),
        only=only, whole=len(found) <= MOST_WHOLE, links=_links(shown, found),
        causes=table(shown.causes, shown.frozen.plan.unit, shown.frozen.plan.names),
        lead=wording.in_short(shown.verdict, failing), failing=[(c, wording.apart(c)[1]) for c in failing],
        redefined=_redefined(experiment, shown), estimated=estimates(shown) if found else None, **common,
    )  # fmt: skip


def _redefined(experiment: Experiment, shown: Snapshot) -> list[tuple[str, str, int]]:
    """Metrics that the catalogue counts otherwise since launch, as long as there is something to decide."""
    if experiment.state not in ("running", "stopped"):
        return []
    found = metrics.redefined(stores().db, shown.frozen)
    return [(key, shown.frozen.definitions[key].metric.name, version) for key, version in found.items()]


def _chosen(shown: Snapshot) -> str | None:
    """The one treatment that ?variant= asks for, of several; None for all of them."""
    keys = [t.key for t in shown.frozen.plan.treatments]
    asked = request.args.get("variant")
    return asked if len(keys) > 1 and asked in keys else None


def _links(shown: Snapshot, found: list[Part]) -> list[tuple[str, str]]:
    """The sections of the page, as its jump links name them."""
    plan = shown.frozen.plan
    last = [("changed", "What changed"), ("detail", "Detail"), ("serving", "Served now"), ("log", "Log")]
    if not found:
        return [("cause", "Likeliest cause"), ("fix", "What to do"), ("held", "Goals and guardrails"), *last]
    if len(found) > 1:
        return [("glance", "At a glance"), *((f"v-{p.treatment.key}", p.treatment.name) for p in found), *last]
    only = found[0]
    shows = {
        "goals": True, "guardrails": bool(plan.guardrails), "secondary": bool(plan.secondary), "over-time": True,
        "who": bool(only.segments or only.others), "worth": bool(only.worth),
    }  # fmt: skip
    return [*((name, name.capitalize().replace("-", " ")) for name, there in shows.items() if there), *last]


def _common(experiment: Experiment, snapshot: Snapshot | None) -> dict[str, Any]:
    may = current_user.can("experimenter", experiment.plan.team)
    plan, decision = experiment.plan, experiment.decision
    today = settings_store.today(stores().db) if decision and decision.serves else None  # else nothing goes by it
    return {
        "experiment": experiment, "plan": plan, "decision": decision,
        "state_text": state_text(experiment.state, snapshot, experiment.phase),
        "served": served_words(experiment, today),
        "entries": log.entries(stores().db, experiment.key), "may_change": may,
        "today": today, "pictures": pictures.of(stores().db, experiment.key),
        "followup": followup.latest(stores().db, experiment),
        "may_extend": may and not extending.refusal(experiment),
        "may_rephase": may and not phases.refusal(experiment), "errors": wording.over_phases(plan, experiment.phase),
        "ends": snapshots.ends(stores().db, experiment.key) if experiment.earlier else [],
        "may_decide": may and experiment.state in ("running", "stopped"),
    }  # fmt: skip
