"""Changing who gets what while an experiment runs: coverage alone may rise within a phase, all else begins a new one.

A phase is one split: whoever was seen in an earlier one is left out and counted, and the answer starts anew. Goals,
metrics and the rule stay as they were frozen at launch.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from experiments import approving
from experiments.errors import Conflict, DefinitionError, Distrusted, Refused, nearest
from experiments.numbers import plain_percent
from experiments.plan import FrozenPlan, Plan, hash_of_phases, servable
from experiments.plan_file import problems
from experiments.registry import approvals, cards, log, settings_store
from experiments.registry.database import Database, Session
from experiments.registry.experiments import Experiment, experiment, find, get
from experiments.registry.models import ExperimentRow

SAME = 1e-9  # weights that differ by less are the same split
WHY = {
    "draft": "it is a draft: change its plan",
    "stopped": "it is stopped and everyone gets control: make a new draft from its plan",
    "decided": "it is decided: make a new draft from its plan",
}
ANSWERED = {
    "stop": "harm was shown, and more people would meet it: stop it",
    "keep": "the rule has its answer, which must not be asked for again: decide it",
    "drop": "the rule has its answer, which must not be asked for again: decide it",
}


@dataclass(frozen=True)
class Wanted:
    """What is to change; None leaves it as it is. `weights` are shares by variant; `fresh` draws everyone anew."""

    weights: Mapping[str, float] | None = None
    coverage: float | None = None
    targeting: dict[str, Any] | None = None
    fresh: bool = False


@dataclass(frozen=True)
class Line:
    """One thing that changes, in words: what it was and what it would be."""

    name: str
    before: str
    after: str


@dataclass(frozen=True)
class Proposal:
    """What would be frozen, whether a new phase begins with it, and what changes."""

    frozen: FrozenPlan
    begins: bool
    changes: tuple[Line, ...]

    @property
    def text(self) -> str:
        """What changes, in one sentence."""
        told = "; ".join(f"{c.name.lower()} {c.after}, was {c.before}" for c in self.changes)
        phase = self.frozen.phase
        return f"Phase {phase} begins: {told}." if self.begins else f"Phase {phase} goes on: {told}."


def refusal(e: Experiment) -> str:
    """Return why nothing can be changed of who gets what, empty if it can."""
    return WHY.get(e.state) or ANSWERED.get(e.verdict or "", "")


def propose(e: Experiment, wanted: Wanted) -> Proposal:
    """Return what would be frozen. Conflict where that makes no sense, DefinitionError for what no plan may hold."""
    why = refusal(e)
    if why or e.frozen is None:
        raise Conflict(f"Who gets '{e.key}' cannot be changed: {why}.")
    if e.stored_hash != e.plan_hash:
        raise Distrusted(
            f"the stored plan of '{e.key}' does not match the hash that it was frozen with, so nothing can be built on "
            "it. Restore the registry from a back-up."
        )
    if e.past_changed:
        raise Distrusted(
            f"the earlier phases of '{e.key}' are not stored as they ended, so it is not known who was in them. "
            "Restore the registry from a back-up."
        )
    plan = _changed(e.frozen, wanted)
    found = tuple(_lines(e.frozen.plan, plan))
    if not found:
        raise DefinitionError("Nothing would change: write another split, coverage or targeting, or draw all anew.")
    if [c.name for c in found] == ["Coverage"] and plan.coverage > e.frozen.plan.coverage:
        if e.verdict == "invalid":
            raise Conflict(
                f"The coverage of '{e.key}' cannot be raised: its looks must not be believed. Mend the cause, then "
                "draw everyone anew, which begins a new phase."
            )
        return Proposal(e.frozen.model_copy(update={"plan": plan}), False, found)
    return Proposal(FrozenPlan(plan=plan, phase=e.phase + 1, definitions=e.frozen.definitions), True, found)


def change(
    db: Database, key: str, wanted: Wanted, *, by: str, reason: str, plan_hash: str = "", review: bool = False,
    at: datetime | None = None,
) -> Experiment:  # fmt: skip
    """Raise the coverage within the phase, or begin a new one; `at` lies in the past for a replay.

    `plan_hash` is that of the proposal as it was read: Conflict if it would be another now. With `review` it needs a
    second person's approval of it: Refused without one. DefinitionError without a reason.
    """
    if not reason.strip():
        raise DefinitionError("Say why: one sentence that others will find in the log.")
    zone, now = ZoneInfo(settings_store.time_zone(db)), datetime.now(UTC)
    with db.begin() as session:
        row, e, proposal = _proposed(session, key, wanted, plan_hash)
        if review:
            _expect_approved(session, proposal, by)
        if proposal.begins:
            _end(session, row, e, _within(e, at or now, now), zone)
        row.phase, row.plan_hash = proposal.frozen.phase, proposal.frozen.hash
        row.plan = proposal.frozen.plan.model_dump(mode="json", by_alias=True)
        row.frozen = proposal.frozen.model_dump(mode="json", by_alias=True)
        log.add(
            session, who=by, kind="phase" if proposal.begins else "coverage", experiment=key,
            text=f"{proposal.text} Plan {proposal.frozen.hash[:12]} is frozen. {reason.strip()}",
            before=_facts(e), after={**_facts(experiment(row)), "reason": reason.strip()},
        )  # fmt: skip
    return get(db, key)


def approve(
    db: Database, key: str, wanted: Wanted, *, by: str, plan_hash: str = "", note: str = ""
) -> approving.Standing:
    """Approve as a second person what would be frozen; who changed the draft may not: Refused. Conflict as above."""
    with db.begin() as session:
        _, _, proposal = _proposed(session, key, wanted, plan_hash)
        frozen = proposal.frozen
        approving.expect_second(approving.standing(frozen.hash, log.of(session, key)), by)
        approvals.add(session, key, frozen.hash, by=by, note=f"{proposal.text} {note.strip()}".strip())
    return approving.standing(frozen.hash, log.entries(db, key))


def _proposed(session: Session, key: str, wanted: Wanted, read: str) -> tuple[ExperimentRow, Experiment, Proposal]:
    row = find(session, key)
    e = experiment(row, cards.newest(session, key))
    proposal = propose(e, wanted)
    if read and read != proposal.frozen.hash:
        raise Conflict(
            f"It would be plan {proposal.frozen.hash[:12]} now, and you read {read[:12]}: '{key}' changed in between. "
            "Read what would change now, then do it."
        )
    return row, e, proposal


def _expect_approved(session: Session, proposal: Proposal, by: str) -> None:
    frozen = proposal.frozen
    if not approving.standing(frozen.hash, log.of(session, frozen.plan.key)).seconded(by):
        raise Refused(
            f"Who gets '{frozen.plan.key}' cannot be changed yet: this installation asks for a second person "
            "(KEEPERS_REVIEW=required), and nobody else has approved this change. Ask a reviewer to open the address "
            "of this page and approve it."
        )


def _within(e: Experiment, at: datetime, now: datetime) -> datetime:
    if e.began_at is None or not e.began_at <= at <= now:
        raise DefinitionError(
            f"The phase would begin at {at.isoformat()}; it must lie after {e.began_at and e.began_at.isoformat()}, "
            "when the phase before it began, and not in the future: choose another time."
        )
    return at


def _end(session: Session, row: ExperimentRow, e: Experiment, at: datetime, zone: ZoneInfo) -> None:
    """Put the current phase among the earlier ones; its newest look is no longer that of the experiment."""
    ended = {"ended_at": at.isoformat(), "ended": at.astimezone(zone).date().isoformat()}
    row.earlier = [*row.earlier, {"frozen": row.frozen, "plan_hash": row.plan_hash, **ended}]
    row.earlier_hash = hash_of_phases(row.earlier)
    cards.forget_look(session, e.key)


def _changed(frozen: FrozenPlan, wanted: Wanted) -> Plan:
    plan = frozen.plan
    data = plan.model_dump(mode="json", by_alias=True)
    if wanted.weights is not None:
        _expect_weights(plan, wanted.weights)
        data["variants"] = [{**v, "weight": wanted.weights.get(v["key"], v["weight"])} for v in data["variants"]]
    if wanted.coverage is not None:
        data["coverage"] = wanted.coverage
    if wanted.targeting is not None:
        data["targeting"] = wanted.targeting
    if wanted.fresh:
        data["salt"] = f"{plan.key}#{frozen.phase + 1}"  # no key has a '#', so no other experiment splits by it
    try:
        found = Plan.model_validate(data)
    except ValueError as error:  # pydantic's ValidationError
        raise DefinitionError(problems(error, Plan)) from None  # type: ignore[arg-type]  # as said
    servable(found)
    _expect_compares(found)
    return found


def _expect_weights(plan: Plan, weights: Mapping[str, float]) -> None:
    unknown = next((key for key in weights if key not in plan.names), None)
    if unknown is not None:
        raise DefinitionError(f"There is no variant '{unknown}'. {nearest(unknown, plan.names)}")
    if any(v.ranges for v in plan.variants):
        raise DefinitionError(
            "The split is held by the ranges that another tool gave it, which weights do not move. Draw everyone anew "
            "in a new draft without ranges."
        )


def _expect_compares(plan: Plan) -> None:
    if not plan.coverage:
        raise DefinitionError("A coverage of 0% lets nobody in: write more, or stop the experiment.")
    if not plan.control.weight or not any(t.weight for t in plan.treatments):
        raise DefinitionError(
            "Without anybody in control, or in any treatment, there is nothing to compare: give control and at least "
            "one treatment more than 0%."
        )


def _lines(before: Plan, after: Plan) -> list[Line]:
    """What differs; weights only beyond what typing them as percentages rounds."""
    pairs = zip(before.variants, after.variants, strict=True)
    weights = any(abs(a.weight - b.weight) > SAME for a, b in pairs)
    found = [
        (weights, Line("Split", _split(before), _split(after))),
        (before.coverage != after.coverage, Line("Coverage", *map(plain_percent, (before.coverage, after.coverage)))),
        (before.targeting != after.targeting, Line("Targeting", _targets(before), _targets(after))),
        (before.salt != after.salt, Line("Draw", "as it is", "anew for everyone")),
    ]
    return [line for differs, line in found if differs]


def _split(plan: Plan) -> str:
    return " / ".join(f"{plain_percent(v.weight)} {v.name}" for v in plan.variants)


def _targets(plan: Plan) -> str:
    return json.dumps(plan.targeting, ensure_ascii=False) if plan.targeting else "everyone"


def _facts(e: Experiment) -> dict[str, Any]:
    """What the log keeps of who got what."""
    plan = e.plan
    return {
        "phase": e.phase, "plan_hash": e.plan_hash, "weights": {v.key: v.weight for v in plan.variants},
        "coverage": plan.coverage, "targeting": plan.targeting, "salt": plan.salt or plan.key,
    }  # fmt: skip
