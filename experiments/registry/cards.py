"""Keeps the summaries of `summary_models` in step: with an experiment whenever its row is written, with its newest
snapshot when that is stored. Whoever writes an experiment need not know of them.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Connection, delete, event, insert, select, update
from sqlalchemy.orm import Mapper, Session

from experiments.plan import FrozenPlan, Plan
from experiments.registry.models import ExperimentRow
from experiments.registry.summary_models import CardRow, EffectRow, TextRow
from experiments.snapshot import DayEffect, MetricResult, Snapshot

Values = dict[str, Any]
OF_LOOK = (  # what `look_of` says
    "number", "cutoff", "since", "day", "days", "precision", "people", "people_planned", "answer_from", "answer_to",
    "word", "headline", "failing",
)  # fmt: skip


def note_look(session: Session, snapshot: Snapshot) -> None:
    """Make the newest snapshot's summary the experiment's, in the caller's transaction."""
    mine = CardRow.experiment == snapshot.experiment
    before = session.execute(select(CardRow.word, CardRow.since).where(mine)).first()
    same = before is not None and before[0] == snapshot.verdict.word
    since = before[1] if before and same and before[1] else snapshot.cutoff
    session.execute(update(CardRow).where(mine).values(**look_of(snapshot, since)))
    session.execute(delete(EffectRow).where(EffectRow.experiment == snapshot.experiment))
    rows = effects_of(snapshot)
    if rows:
        session.execute(insert(EffectRow), rows)


def forget_look(session: Session, key: str) -> None:
    """Take the newest snapshot's summary away, in the caller's transaction: a new phase has none yet."""
    session.execute(update(CardRow).where(CardRow.experiment == key).values(dict.fromkeys(OF_LOOK)))
    session.execute(delete(EffectRow).where(EffectRow.experiment == key))


def newest(session: Session, key: str) -> tuple[int, str] | None:
    """Return the number and the verdict of the newest snapshot of an experiment's phase, if there is one."""
    found = session.execute(select(CardRow.number, CardRow.word).where(CardRow.experiment == key)).first()
    return (found[0], found[1] or "") if found and found[0] else None


def first_day(row: ExperimentRow) -> date | None:
    """Return the first day of the experiment's phase, None before launch."""
    return date.fromisoformat(row.earlier[-1]["ended"]) if row.earlier else row.launched


def plan_of(row: ExperimentRow) -> Values:
    """What a card says of the plan, the state and the decision."""
    plan, decision = Plan.model_validate(row.plan), row.decision or {}
    frozen = FrozenPlan.model_validate(row.frozen) if row.frozen else None
    layer, began = plan.layer, first_day(row)
    return {
        "experiment": row.key, "title": plan.name, "state": row.state, "team": plan.team, "owner": plan.owner,
        "unit": plan.unit, "tags": list(plan.tags), "variants": len(plan.variants), "complete": _complete(plan),
        "targeted": bool(plan.targeting), "coverage": plan.coverage, "layer": layer.name if layer else "",
        "layer_from": layer.start if layer else 0.0, "layer_to": layer.end if layer else 1.0,
        "enrol_days": plan.enrol_days, "created_at": row.created_at, "launched": row.launched,
        "horizon": frozen.horizon(began) if frozen and began else None,
        "stopped_at": row.stopped_at, "decided_at": row.decided_at, "decision": decision.get("word", ""),
        "kept": decision.get("variant") or "",
        "rollout": 0.0 if decision.get("withdrawn") else decision.get("coverage"),
        "followed": decision.get("followed"), "decided_from": decision.get("verdict") or "",
        "learning": decision.get("learning", ""), "archived": row.archived_at is not None,
        "words": _words(plan, decision),
    }  # fmt: skip


def look_of(snapshot: Snapshot, since: date) -> Values:
    """What a card says of the newest snapshot."""
    progress = snapshot.progress
    return {
        "number": snapshot.number, "cutoff": snapshot.cutoff, "since": since, "day": progress.day,
        "days": progress.days, "precision": progress.precision, "people": progress.people,
        "people_planned": progress.people_planned, "answer_from": progress.answer_from,
        "answer_to": progress.answer_to, "word": snapshot.verdict.word, "headline": snapshot.headline,
        "failing": ",".join(c.key for c in snapshot.checks if c.invalidates and c.state == "bad")[:200],
    }  # fmt: skip


def effects_of(snapshot: Snapshot) -> list[Values]:
    """Every metric of every treatment that has an effect."""
    valid = snapshot.verdict.word != "invalid"
    return [_effect(snapshot.experiment, m, valid) for m in snapshot.metrics]


def text_of(row: ExperimentRow) -> Values:
    """What is searched."""
    plan, decision = row.plan, row.decision or {}
    return {
        "experiment": row.key, "title": plan.get("title") or row.key,
        "hypothesis": " ".join(filter(None, (plan.get("hypothesis"), plan.get("change")))),
        "learning": decision.get("learning", ""), "tags": " ".join(plan.get("tags", ())),
        "reason": decision.get("reason", ""),
    }  # fmt: skip


def course_of(snapshot: Snapshot, alone: Sequence[DayEffect | None] | None = None) -> str:
    """What the charts over time need of one look: the goals' effects so far and on that day `alone`, as JSON.

    Where the latter are not given, the moments of the arms instead: the looks drawn can be told apart by them.
    """
    kept = {"metric", "treatment", "kind", "direction", "symbol", "window_days", "role", "absolute", "title"}
    kept |= {"effect", "band", "control", "variant"}
    goals = [m for m in snapshot.metrics if m.role == "goal"]
    days = None if alone is None else [None if d is None else d.model_dump(exclude_defaults=True) for d in alone]
    dumped = (m.model_dump(include=kept) for m in goals)
    return course(snapshot.progress.day, snapshot.progress.people, dumped, days)


def course(day: int, people: int, goals: Iterable[Values], alone: Sequence[Values | None] | None = None) -> str:
    """The stored form of `course_of`: of effect and band only the one that is drawn, of moments only y and d."""
    rows = [
        {
            **g, "effect": None if g["band"] else g["effect"], "title": "",
            **{arm: _bare(g[arm]) if alone is None else None for arm in ("control", "variant")},
        }
        for g in goals
    ]  # fmt: skip
    data = {"day": day, "people": people, "metrics": rows, **({} if alone is None else {"alone": alone})}
    return json.dumps(data, separators=(",", ":"))


def sampled_lift(m: MetricResult) -> tuple[float, float] | None:
    """The relative effect and its variance: (v1 + (1 + L)^2 v0) / m0^2, the arms' variances being as 1/n."""
    sampled = m.band or m.effect  # a posterior holds its own prior already
    if sampled is None or sampled.relative is None or m.control is None or m.variant is None or not m.control.mean:
        return None
    n0, n1, lift = m.control.n, m.variant.n, sampled.relative
    return lift, sampled.se**2 * (n0 + (1 + lift) ** 2 * n1) / (n0 + n1) / m.control.mean**2


def _effect(key: str, m: MetricResult, valid: bool) -> Values:
    lift, variance = sampled_lift(m) or (None, None)
    shown, control = m.effect, m.control
    return {
        "experiment": key, "treatment": m.treatment, "metric": m.metric, "role": m.role, "title": m.title,
        "kind": m.kind, "direction": m.direction, "symbol": m.symbol, "reading": m.reading, "harmed": m.harmed,
        "valid": valid, "effect": shown.relative if shown else None, "low": shown.relative_low if shown else None,
        "high": shown.relative_high if shown else None, "lift": lift, "variance": variance,
        "expected": m.expected.relative if m.expected else None, "control_mean": control.mean if control else None,
        "control_sd": control.sd if control else None,
        "units": control.n + m.variant.n if control and m.variant else None,
    }  # fmt: skip


def _bare(arm: Values | None) -> Values | None:
    """One arm without covariates, which stand behind y and d; None where its moments cannot be told from others'."""
    moments = arm and arm.get("moments")
    if not arm or not moments or moments.get("rows") or not moments.get("spread", True):
        return None
    names = [name for name in moments["names"] if name in ("y", "d")]
    k = len(names)
    own = {"n": moments["n"], "names": names, "mean": moments["mean"][:k], "cov": moments["cov"][: k * (k + 1) // 2]}
    return {**{name: arm[name] for name in ("variant", "n", "mean", "sd")}, "moments": own}


def _complete(plan: Plan) -> bool:
    """A brief that a stranger could judge a year later."""
    return all((plan.title, plan.hypothesis, plan.change, plan.owner, plan.planned_units))


def _words(plan: Plan, decision: Values) -> str:
    texts = (plan.key, plan.title, plan.hypothesis, plan.change, *plan.tags, decision.get("learning", ""))
    return " ".join(texts).lower()


def write(connection: Connection, row: ExperimentRow) -> None:
    """Write card and texts of one experiment anew; what is known of its newest snapshot stays."""
    for table, values in ((CardRow, plan_of(row)), (TextRow, text_of(row))):
        found = connection.execute(update(table).where(table.experiment == row.key).values(**values))
        if not found.rowcount:
            connection.execute(insert(table).values(**values))


def _written(mapper: Mapper[ExperimentRow], connection: Connection, row: ExperimentRow) -> None:
    write(connection, row)


event.listen(ExperimentRow, "after_insert", _written)
event.listen(ExperimentRow, "after_update", _written)
