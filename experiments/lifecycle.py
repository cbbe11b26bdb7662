"""The life of an experiment: draft, running, stopped, decided. Every step is logged in its own transaction."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from experiments import approving, archiving, rollout
from experiments.errors import Conflict, DefinitionError, Refused
from experiments.numbers import several
from experiments.plan import Plan, freeze
from experiments.plan_file import problems
from experiments.registry import log, metrics, overview, pictures, settings_store, snapshots, users
from experiments.registry.approvals import person
from experiments.registry.database import Database, Session
from experiments.registry.experiments import Experiment, find, get, linked
from experiments.registry.models import ExperimentRow
from experiments.snapshot import Snapshot, Verdict

# The verdicts that each decision follows. Review leaves all three to a person; a wait asks for more days, and for none.
MATCHES = {"keep": {"keep", "review"}, "drop": {"drop", "stop", "review"}, "again": {"review", "invalid"}}


def save(db: Database, plan: Plan, by: str, *, made: str = "Draft made.", like: str = "") -> Experiment:
    """Store a draft. DefinitionError if the catalogue lacks its metrics, Conflict once it was launched.

    A new one may have the pictures of the experiment that it is `like`.
    """
    freeze(plan, metrics.catalog(db))
    linked(db, plan)
    with db.begin() as session:
        row = session.get(ExperimentRow, plan.key, with_for_update=True) or ExperimentRow(
            key=plan.key, state="draft", phase=1, created_at=datetime.now(UTC)
        )
        _expect(row, "draft", "its plan is frozen; make a new experiment with another key")
        before = row.plan and {"plan": row.plan}
        row.plan = plan.model_dump(mode="json", by_alias=True)
        session.add(row)
        copied = pictures.copy(session, like, plan.key, by) if like and not before else 0
        pictured = f" It has copies of {several(copied, 'picture')}." if copied else ""
        text = "Plan changed." if before else f"{made}{pictured}"
        _log(session, row, by, "plan", text, before=before, after={"plan": row.plan})
    return get(db, plan.key)


def launch(db: Database, key: str, by: str, at: datetime | None = None, *, review: bool = False) -> Experiment:
    """Freeze the plan and start serving its split. `at` lies in the past for a replay. Conflict unless a draft.

    With `review` it needs a second person's approval of this very plan: Refused without one.
    """
    catalog = metrics.catalog(db)
    zone = ZoneInfo(settings_store.time_zone(db))
    with db.begin() as session:
        row = find(session, key)
        _expect(row, "draft", "it was launched before")
        frozen = freeze(Plan.model_validate(row.plan), catalog, row.phase)
        _launched_before(session, frozen.plan)
        if review:
            approving.expect(session, frozen, by)
        row.frozen, row.plan_hash = frozen.model_dump(mode="json", by_alias=True), frozen.hash
        row.state, row.launched_at = "running", at or datetime.now(UTC)
        row.launched = row.launched_at.astimezone(zone).date()
        _log(
            session, row, by, "launch", f"Launched. Plan {frozen.hash[:12]} is frozen.", before={"state": "draft"},
            after={"state": "running", "plan_hash": frozen.hash, "launched_at": row.launched_at.isoformat()},
        )  # fmt: skip
    return get(db, key)


def stop(db: Database, key: str, by: str, reason: str, at: datetime | None = None) -> Experiment:
    """Serve control to everyone from now on: a running experiment is stopped, a kept enhancement is withdrawn.

    Conflict where neither the split nor an enhancement is served.
    """
    _given(reason, "Say why it is stopped: one sentence that others will find in the log.")
    now = at or datetime.now(UTC)
    with db.begin() as session:
        row = find(session, key)
        if row.state == "decided":
            _withdraw(session, row, by, reason, now)
        else:
            _stop(session, row, by, reason, now)
    return get(db, key)


def clone(db: Database, key: str, new_key: str, by: str) -> Experiment:
    """Store a draft with the plan of another experiment under a key of its own.

    Texts and pictures come along and no data, and the salt is the new key's: units are split afresh, so nothing
    carries over from the first split. Conflict if the key exists.
    """
    source = get(db, key)
    new_key = new_key.strip()
    if overview.exists(db, new_key):
        raise Conflict(f"'{new_key}' is the key of another experiment; choose one that no experiment has.")
    try:
        plan = Plan.model_validate({**source.plan.model_dump(mode="json", by_alias=True), "key": new_key, "salt": ""})
    except ValueError as error:  # pydantic's ValidationError: of a plan that holds, only the key can be wrong
        raise DefinitionError(problems(error, Plan)) from None  # type: ignore[arg-type]  # as above
    return save(db, plan, by, made=f"Draft made from the plan of '{key}', without its data.", like=key)


def decide(
    db: Database, key: str, *, word: str, reason: str, by: str,
    variant: str | None = None, coverage: float = 1.0, learning: str = "", second: str = "",
    ramp: Sequence[tuple[int, float]] = (),
    review: bool = False, at: datetime | None = None,
) -> Experiment:  # fmt: skip
    """Record what a person decided: keep, drop or again. `ramp` has (days after it, share) on the way to `coverage`;
    `at` lies in the past for a replay.

    Against the verdict it needs a second person: Refused without one. With `review` they have agreed themselves,
    to this decision from this snapshot. Conflict before launch or once decided.
    """
    _given(reason, "Say why: a year from now this sentence is what people will find.")
    experiment, second = get(db, key), second.strip()
    chosen = _choice(experiment, word, variant, coverage)
    now = at or datetime.now(UTC)
    decided = now.astimezone(ZoneInfo(settings_store.time_zone(db))).date()
    whole = [(0, coverage)] if coverage < 1 else []  # its day counts: from then on both sides are compared
    steps = rollout.plan((ramp or whole) if word == "keep" else (), coverage, decided)
    _undecided(experiment.key, experiment.state)
    snapshot = snapshots.latest(db, key)
    verdict = snapshot.verdict.word if snapshot else None
    followed = snapshot is not None and follows(snapshot.verdict, word, chosen["variant"])
    if not followed:
        _second_person(db, by, second, word, verdict)
    if review and not followed:
        _agreed(db, experiment, second, _subject(chosen, word, ramp, snapshot))
    with db.begin() as session:
        row = find(session, key)
        _undecided(key, row.state)
        _still(row, experiment.phase)
        before = {"state": row.state}
        row.state, row.decided_at = "decided", now
        row.decision = {
            **chosen, "word": word, "reason": reason, "learning": learning, "by": by, "second": second,
            "at": row.decided_at.isoformat(), "verdict": verdict,
            "snapshot": snapshot.number if snapshot else None, "followed": followed,
            "ramp": [[s.day.isoformat(), s.coverage] for s in steps],
        }  # fmt: skip
        told = _told(word, followed, verdict, reason, second)
        _log(session, row, by, "decision", told, before=before, after={"state": "decided", "decision": row.decision})
    return get(db, key)


def follows(verdict: Verdict, word: str, variant: str | None) -> bool:
    """Return whether a decision is what the rule advised or left open; a keep, for the treatment that is kept."""
    if word != "keep":
        return verdict.word in MATCHES[word]
    words = {"keep", "review"} if verdict.word == "review" else {"keep"}
    return any(t.word in words and t.treatment == variant for t in verdict.treatments)


def agree(
    db: Database, key: str, *, word: str, by: str, variant: str | None = None, coverage: float = 1.0,
    ramp: Sequence[tuple[int, float]] = (),
) -> None:  # fmt: skip
    """Say as a second person that one would decide this too, from the newest snapshot. Conflict once it is decided.

    It is agreed to a keep's variant, share and steps as well: another roll-out is another decision.
    """
    chosen = _choice(get(db, key), word, variant, coverage)
    rollout.plan(ramp if word == "keep" else (), coverage, settings_store.today(db))
    subject = _subject(chosen, word, ramp, snapshots.latest(db, key))
    with db.begin() as session:
        row = find(session, key)
        _undecided(key, row.state)
        text = f"Would decide '{word}'{_rolled(subject)} too, as a second person."
        _log(session, row, by, "agreement", text, after=subject)


def comment(db: Database, key: str, by: str, text: str) -> None:
    """Add a line to the discussion."""
    _given(text, "Write something first: an empty comment helps nobody.")
    with db.begin() as session:
        _log(session, find(session, key), by, "comment", text.strip(), after={"text": text.strip()})


def _stop(session: Session, row: ExperimentRow, by: str, reason: str, at: datetime) -> None:
    _expect(row, "running", "only a running experiment, or one that was decided keep, can be stopped")
    row.state, row.stopped_at = "stopped", at
    text = f"Stopped; everyone gets control from now on. {reason}"
    _log(session, row, by, "stop", text, before={"state": "running"}, after={"state": "stopped", "reason": reason})


def _withdraw(session: Session, row: ExperimentRow, by: str, reason: str, at: datetime) -> None:
    """The decision stays as it was made; what it served ends."""
    decision = row.decision or {}
    if decision.get("word") != "keep" or decision.get("withdrawn"):
        raise Conflict(f"'{row.key}' serves control to everyone already; there is nothing to stop.")
    row.decision = {**decision, "withdrawn": {"at": at.isoformat(), "by": by, "reason": reason}}
    text = f"Withdrawn; everyone gets control from now on. {reason}"
    _log(session, row, by, "stop", text, before={"decision": decision}, after={"decision": row.decision})


def _choice(experiment: Experiment, word: str, variant: str | None, coverage: float) -> dict[str, Any]:
    """Check the decision's word, variant and coverage against the plan."""
    if word not in MATCHES:
        raise DefinitionError(f"'{word}' is not a decision; choose keep, drop or again.")
    if word != "keep":
        return {"variant": None, "coverage": 1.0}
    treatments = [v.key for v in experiment.plan.treatments]
    chosen = variant or (treatments[0] if len(treatments) == 1 else None)
    if chosen not in treatments:
        raise DefinitionError(f"Which variant is kept? '{variant}' is none of {', '.join(treatments)}; choose one.")
    if not 0 < coverage <= 1:
        raise DefinitionError(f"coverage is {coverage:g}; it must be above 0 and at most 1 (1 is everyone).")
    return {"variant": chosen, "coverage": coverage}


def _undecided(key: str, state: str) -> None:
    if state not in {"running", "stopped"}:
        raise Conflict(f"'{key}' is {state}; only a launched, undecided experiment can be decided.")


def _still(row: ExperimentRow, phase: int) -> None:
    """What was read of a phase is no ground for a decision on the next one."""
    if row.phase != phase:
        raise Conflict(f"phase {row.phase} of '{row.key}' began just now, and you read phase {phase}: read it first.")


def _second_person(db: Database, by: str, second: str, word: str, verdict: str | None) -> None:
    known = {u.email for u in users.everyone(db)} - {person(by)}
    if second.lower() not in known:
        raise Refused(
            f"Deciding '{word}' differs from the verdict ({verdict or 'none yet'}), which needs a second person: "
            f"'{second}' is not another account's e-mail. Choose a colleague who has read this page."
        )


def _subject(
    chosen: dict[str, Any], word: str, ramp: Sequence[tuple[int, float]], snapshot: Snapshot | None
) -> dict[str, Any]:
    """What a second person agrees to: another decision, roll-out or snapshot is something else."""
    steps = [[days, share] for days, share in ramp] if word == "keep" else []
    return {**chosen, "word": word, "ramp": steps, "snapshot": snapshot.number if snapshot else None}


def _rolled(subject: dict[str, Any]) -> str:
    """A keep's roll-out in words."""
    if subject["variant"] is None:
        return ""
    steps = "".join(f", {100 * share:.4g}% from day {days}" for days, share in subject["ramp"])
    return f" for {subject['variant']} at {100 * subject['coverage']:.4g}%{steps}"


def _agreed(db: Database, experiment: Experiment, second: str, subject: dict[str, Any]) -> None:
    """To what nobody had looked at yet is agreed anew in a new phase."""
    wanted, ended = (second.lower(), log.canonical(subject)), [p.at for p in experiment.earlier]
    since = [e for e in log.entries(db, experiment.key) if e.kind == "agreement" and all(e.at >= at for at in ended)]
    if wanted not in {(e.who.lower(), e.after) for e in since}:
        raise Refused(
            f"{second} has not agreed to this yet, with this roll-out and from the newest snapshot. Where launches "
            "need an approval, deciding against the verdict needs a second person who says so: ask them to open this "
            "page and agree."
        )


def _told(word: str, followed: bool, verdict: str | None, reason: str, second: str) -> str:
    against = "" if followed else f" It differs from the verdict ({verdict or 'none yet'}); second person: {second}."
    return f"Decided: {'run again' if word == 'again' else word}.{against} {reason}"


def _launched_before(session: Session, plan: Plan) -> None:
    """Production is told of no draft, so an experiment that needs one would be served to nobody."""
    for each in plan.prerequisites:
        if find(session, each["experiment"]).state == "draft":
            raise Conflict(f"'{plan.key}' needs '{each['experiment']}', which is still a draft: launch that first.")


def _expect(row: ExperimentRow, state: str, why: str) -> None:
    if row.state != state:
        raise Conflict(f"'{row.key}' is {row.state}, not {state}: {why}.")
    archiving.expect_not(row)


def _given(text: str, message: str) -> None:
    if not text.strip():
        raise DefinitionError(message)


def _log(session: Session, row: ExperimentRow, by: str, kind: str, text: str, **facts: Any) -> None:
    log.add(session, who=by, kind=kind, experiment=row.key, text=text, **facts)
