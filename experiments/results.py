"""All metrics of one look, judged together: from cells and earlier looks to readings and what the verdict rests on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from experiments import inference, readings
from experiments.evidence import Evidence
from experiments.harm import harmed_before, with_harm
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import Look, MetricResult, Role, Snapshot
from experiments.warehouse.moments import Cell

Place = tuple[str, str]  # metric, treatment
Cells = Mapping[str, Mapping[str, Cell]]  # metric → variant → cell


@dataclass(frozen=True)
class Earlier:
    """What official looks before this one left behind: what each spent and saw, and what was shown harmed.

    `ended` says that one of an earlier day was taken at the horizon; `split_p` is the least p-value of the split.
    """

    looks: Mapping[Place, Sequence[Look]]
    harmed: frozenset[Place]
    ended: bool = False
    split_p: float = 1.0


def earlier(history: Sequence[Snapshot], cutoff: date, horizon: date) -> Earlier:
    """Return what the official looks so far left; what an invalid one spent counts, what it saw does not."""
    found: dict[Place, list[Look]] = {}
    for snapshot in history:
        for m in snapshot.metrics:
            if m.look is not None:
                seen = m.look if snapshot.verdict.word != "invalid" else unseen(m.look)
                found.setdefault((m.metric, m.treatment), []).append(seen)
    before = [s for s in history if s.cutoff < cutoff]
    split_p = min((s.split.sequential_p for s in before), default=1.0)
    return Earlier(found, frozenset(harmed_before(history)), any(s.cutoff >= horizon for s in before), split_p)


def clock(frozen: FrozenPlan, launched: date, cutoff: date, *, official: bool, ended: bool) -> readings.Clock:
    """Share of the plan done by days, per window; units of the last days are still inside theirs."""
    windows = {d.metric.window_days for d in frozen.definitions.values()}
    done, horizon = (cutoff - launched).days + 1, frozen.planned_horizon(launched)
    fractions = {w: min(max(done - ((w or 1) - 1), 0) / frozen.plan.enrol_days, 1.0) for w in windows}
    after = cutoff > horizon and ended
    return readings.Clock({w: 1.0 if cutoff >= horizon else f for w, f in fractions.items()}, official, after)


def results(
    frozen: FrozenPlan, cells: Cells, before: Earlier, clock: readings.Clock, errors: Mapping[str, str]
) -> tuple[tuple[MetricResult, ...], tuple[Evidence, ...]]:
    """Return the reading of every metric of every treatment, and what the verdict needs of each treatment.

    `errors` says of metrics without cells why they could not be computed.
    """
    every = list(_subjects(frozen, cells, before, clock))
    goals = [s for s in every if s.role == "goal"]
    level = readings.levels(goals, frozen.plan.alpha, max(frozen.plan.goal_tests - len(goals), 0))
    one = frozen.plan.alpha / max(len(frozen.plan.goals) + len(frozen.plan.guardrails), 1)
    harmed = {s.place for s in every if s.role != "secondary" and readings.harmed(s, one)}
    rows = {s.place: readings.result(frozen, s, level.get(s.place, frozen.plan.alpha)) for s in every}
    old = before.harmed - harmed
    rows = {k: with_harm(r, k in harmed, k in old) for k, r in rows.items()}
    harmed |= old
    rows |= {k: rows[k].model_copy(update={"dunnett_p": p}) for k, p in readings.together(every).items()}
    ordered = [
        rows.get((k, t.key)) or with_harm(_failed(frozen, k, t.key, errors), False, (k, t.key) in old)
        for t in frozen.plan.treatments
        for k in frozen.plan.metric_keys
    ]
    short = {s.place for s in every if s.role == "goal" and readings.falls_short(s, level[s.place])}
    evidence = tuple(_evidence(t.key, t.name, ordered, short, harmed) for t in frozen.plan.treatments)
    return tuple(ordered), evidence


def _subjects(
    frozen: FrozenPlan, cells: Cells, before: Earlier, clock: readings.Clock
) -> Iterable[readings.Subject]:
    roles: list[Goal | Guardrail | str] = [*frozen.plan.goals, *frozen.plan.guardrails, *frozen.plan.secondary]
    for treatment in (t.key for t in frozen.plan.treatments):
        for role in roles:
            key = role if isinstance(role, str) else role.metric
            arms, past = cells.get(key, {}), before.looks.get((key, treatment), [])
            if frozen.plan.control.key in arms and treatment in arms:
                yield readings.subject(frozen, role, treatment, arms, past=past, clock=clock)


def unseen(look: Look) -> Look:
    """Return the look of an invalid snapshot as the rule takes it.

    Groups that could not be compared have shown nothing: no bound is crossed by what is not a number.
    """
    return look.model_copy(update={"statistics": dict.fromkeys(look.statistics, float("nan"))})


def _evidence(treatment: str, name: str, rows: list[MetricResult], short: set[Place], harmed: set[Place]) -> Evidence:
    mine = [r for r in rows if r.treatment == treatment]
    return Evidence(
        treatment=treatment, name=name,
        goals=tuple(r for r in mine if r.role == "goal"), guardrails=tuple(r for r in mine if r.role == "guardrail"),
        falls_short=frozenset(metric for metric, of in short if of == treatment),
        harmed=frozenset(metric for metric, of in harmed if of == treatment),
    )  # fmt: skip


def _failed(frozen: FrozenPlan, key: str, treatment: str, errors: Mapping[str, str]) -> MetricResult:
    """A row for a metric without cells: its error, or that nobody has a complete window."""
    plan, metric = frozen.plan, frozen.definitions[key].metric
    goal = next((g for g in plan.goals if g.metric == key), None)
    guardrail = next((g for g in plan.guardrails if g.metric == key), None)
    role: Role = "goal" if goal else "guardrail" if guardrail else "secondary"
    return MetricResult(
        metric=key, title=metric.name, description=metric.description, kind=metric.form, direction=metric.direction,
        symbol=metric.symbol, window_days=metric.window_days, role=role, treatment=treatment,
        size=goal.worthwhile if goal else guardrail.margin if guardrail else None,
        absolute=bool((goal or guardrail) and (goal or guardrail).absolute),  # type: ignore[union-attr]
        reading="not yet shown safe" if role == "guardrail" else "not enough data",
        error=errors.get(key, ""), note="" if key in errors else "One of the variants has nobody yet.",
    )  # fmt: skip


def precision(frozen: FrozenPlan, rows: Sequence[MetricResult]) -> float | None:
    """Return (target half-width / current half-width)^2 of the first goal, of the slowest treatment."""
    found = []
    for r in rows:
        if r.role == "goal" and r.metric == frozen.plan.goals[0].metric and r.effect and r.effect.se > 0:
            base = 1.0 if r.absolute else abs((r.control and r.control.mean) or 0.0)
            found.append(inference.precision(frozen.plan, (r.size or 0.0) * base, r.effect.se))
    return min(found, default=None)
