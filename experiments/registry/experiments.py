"""Stored experiments: their drafts, frozen plans and decisions, and what the SDK and the collector need of them."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from experiments import rollout
from experiments.errors import DefinitionError, NotFound
from experiments.plan import FrozenPlan, Plan, hash_of, hash_of_phases, share_of
from experiments.plan import served as plan_served
from experiments.privacy import PLAIN, Privacy, read_by
from experiments.registry import settings_store
from experiments.registry.database import Database
from experiments.registry.models import ExperimentRow
from experiments.registry.summary_models import CardRow
from keepers import ConfigError
from keepers.config import parse_config
from keepers.experiment import Experiment as Compiled

_ONE = (  # made once: to build a statement takes longer than to run it
    select(*ExperimentRow.__table__.c, CardRow.number.label("latest"), CardRow.word)
    .outerjoin_from(ExperimentRow, CardRow)
    .where(ExperimentRow.key == bindparam("key"))
)


@dataclass(frozen=True)
class Withdrawal:
    """Who took a kept enhancement away again, when and why."""

    at: datetime
    by: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """What a person decided, when and why, and whether it followed the verdict of that moment.

    `withdrawn` says that what was kept is no longer served: everyone gets control. `ramp` leads to `coverage` in steps.
    """

    word: str
    variant: str | None
    coverage: float
    reason: str
    learning: str
    by: str
    second: str
    at: datetime
    verdict: str | None
    snapshot: int | None
    followed: bool
    withdrawn: Withdrawal | None = None
    ramp: tuple[rollout.Step, ...] = ()

    @property
    def steps(self) -> tuple[rollout.Step, ...]:
        """The steps of its roll-out: one where all of it began at once."""
        return self.ramp or (rollout.Step(self.at.date(), self.coverage),)

    @property
    def serves(self) -> bool:
        """Whether it gives units the variant that was kept."""
        return self.word == "keep" and self.withdrawn is None


@dataclass(frozen=True)
class Ended:
    """An earlier phase: what was frozen, its hash, and when and on which day the next one began."""

    frozen: FrozenPlan
    plan_hash: str
    at: datetime
    day: date


@dataclass(frozen=True)
class Experiment:
    """One experiment as stored; `frozen`, `launched` and `plan_hash` are None while it is a draft.

    `plan_hash` was taken when the plan was frozen, `stored_hash` is that of the plan as it is `stored` now: they must
    agree. `earlier` are the phases before this one, in order; `earlier_hash` was taken when the last of them ended.
    `archived_at` is None where it is on the list.
    """

    key: str
    state: str
    phase: int
    plan: Plan
    frozen: FrozenPlan | None
    plan_hash: str | None
    launched: date | None
    launched_at: datetime | None
    stopped_at: datetime | None
    decided_at: datetime | None
    created_at: datetime
    decision: Decision | None
    verdict: str | None = None
    latest_number: int | None = None
    stored: dict[str, Any] | None = field(default=None, repr=False, compare=False)
    earlier: tuple[Ended, ...] = ()
    stored_earlier: list[dict[str, Any]] = field(default_factory=list, repr=False, compare=False)
    earlier_hash: str | None = None
    archived_at: datetime | None = None

    @property
    def began(self) -> date | None:
        """The first day of its phase; of the first one, that of the launch."""
        return self.earlier[-1].day if self.earlier else self.launched

    @property
    def began_at(self) -> datetime | None:
        """When its phase began; of the first one, the launch."""
        return self.earlier[-1].at if self.earlier else self.launched_at

    @property
    def phases(self) -> tuple[tuple[FrozenPlan, date], ...]:
        """Each phase as it was frozen, with its first day, the current one last; none before launch."""
        if self.frozen is None or self.launched is None:
            return ()
        frozen = (*(p.frozen for p in self.earlier), self.frozen)
        return tuple(zip(frozen, (self.launched, *(p.day for p in self.earlier)), strict=True))

    @property
    def stored_hash(self) -> str | None:
        """The hash of the frozen plan as it is stored now."""
        return hash_of(self.stored) if self.stored else None

    @property
    def past_changed(self) -> bool:
        """Whether the earlier phases, and with them the first day of this one, are not stored as they ended."""
        return (hash_of_phases(self.stored_earlier) if self.stored_earlier else None) != self.earlier_hash

    def kept_share(self, today: date) -> float:
        """The share of targeted units that gets what was kept: by the step of the day, or who had it from the split."""
        decision = self.decision
        if decision is None or not decision.serves or decision.variant is None:
            return 0.0
        share = rollout.current(decision.ramp, decision.coverage, today)
        return share if share >= 1 else max(share, share_of(self.plan, decision.variant))

    @property
    def followed(self) -> tuple[rollout.Comparison, ...]:
        """What is compared after launch, step by step: see `rollout.compared`."""
        decision = self.decision
        if self.frozen is None or decision is None or decision.word != "keep" or decision.variant is None:
            return ()
        end = decision.withdrawn.at.date() if decision.withdrawn else None
        return tuple(rollout.compared(self.frozen, decision.variant, decision.steps, end))

    @property
    def reaches_users(self) -> bool:
        """Whether anybody is served a treatment: by the split, or because it was kept."""
        return self.state == "running" or (self.decision is not None and self.decision.serves)


@dataclass(frozen=True)
class Known:
    """What the collector needs to judge exposures of one environment: experiments by key."""

    environment: str
    experiments: dict[str, "KnownExperiment"]
    privacy: Privacy = PLAIN


@dataclass(frozen=True)
class KnownExperiment:
    """The part of an experiment that its exposures must agree with; `launched` in microseconds of UTC.

    `newest` is the last phase that a roll-out may have. An exposure that names no phase is of the one of its time:
    `later` are the times at which those after the first began. Of an exposure's attributes those are kept that the
    plan names: segments, covariates, filters, what its targeting reads.
    """

    phase: int
    unit: str
    variants: frozenset[str]
    launched: int | None
    attributes: frozenset[str] = frozenset()
    newest: int = 1
    later: tuple[int, ...] = ()


def listing(db: Database) -> list[Experiment]:
    """Return all experiments, newest first."""
    with db.read() as session:
        latest = _latest(session)
        rows = session.scalars(select(ExperimentRow).order_by(ExperimentRow.created_at.desc(), ExperimentRow.key))
        return [experiment(row, latest.get(row.key)) for row in rows]


def rolled_out(db: Database, today: date) -> dict[str, float]:
    """Return the share that gets what was kept on a day, of experiments that do not serve it to everyone by then."""
    query = select(ExperimentRow.key, ExperimentRow.decision).where(ExperimentRow.state == "decided")
    with db.read() as session:
        stored = session.execute(query).all()
        part = [row.key for row in stored if _in_part(row.decision or {}, today)]
        found = [experiment(row) for row in session.scalars(select(ExperimentRow).where(ExperimentRow.key.in_(part)))]
    return {e.key: e.kept_share(today) for e in found}


def get(db: Database, key: str) -> Experiment:
    """Return one experiment; NotFound names the nearest key."""
    found = db.rows(_ONE, {"key": key})
    if not found:
        raise NotFound.of("experiment", key, [row.key for row in db.rows(select(ExperimentRow.key))])
    row = found[0]
    return experiment(row, (row.latest, row.word or "") if row.latest else None)


def team_of(db: Database, key: str) -> str:
    """Return the team of an experiment; empty if it has none, or there is no such experiment."""
    with db.read() as session:
        plan = session.scalar(select(ExperimentRow.plan).where(ExperimentRow.key == key))
    return str((plan or {}).get("team", ""))


def find(session: Session, key: str) -> ExperimentRow:
    """Return the stored row of one experiment; NotFound names the nearest key.

    In a transaction that may write nobody else changes it until the end: what was asked of it holds when it is changed.
    """
    writes = session.connection().get_execution_options().get("write", True)
    row = session.get(ExperimentRow, key, with_for_update=writes or None)
    if row is None:
        raise NotFound.of("experiment", key, session.scalars(select(ExperimentRow.key)))
    return row


def experiment(row: ExperimentRow | Row[*tuple[Any, ...]], latest: tuple[int, str] | None = None) -> Experiment:
    """Turn a stored row into an Experiment; `latest` is the newest snapshot's number and verdict."""
    decision = _decision(row.decision) if row.decision else None
    return Experiment(
        key=row.key, state=row.state, phase=row.phase, plan=Plan.model_validate(row.plan),
        frozen=FrozenPlan.model_validate(row.frozen) if row.frozen else None, plan_hash=row.plan_hash,
        stored=row.frozen,
        launched=row.launched, launched_at=row.launched_at, stopped_at=row.stopped_at, decided_at=row.decided_at,
        created_at=row.created_at, decision=decision,
        latest_number=latest[0] if latest else None, verdict=latest[1] if latest else None,
        earlier=tuple(_ended(each) for each in row.earlier), stored_earlier=row.earlier,
        earlier_hash=row.earlier_hash, archived_at=row.archived_at,
    )  # fmt: skip


def _ended(stored: dict[str, Any]) -> Ended:
    frozen, at = FrozenPlan.model_validate(stored["frozen"]), datetime.fromisoformat(stored["ended_at"])
    return Ended(frozen, stored["plan_hash"], at, date.fromisoformat(stored["ended"]))


def _decision(stored: dict[str, Any]) -> Decision:
    taken = stored.get("withdrawn")
    withdrawn = Withdrawal(**{**taken, "at": datetime.fromisoformat(taken["at"])}) if taken else None
    ramp = tuple(rollout.Step(date.fromisoformat(day), share) for day, share in stored.get("ramp", ()))
    at = datetime.fromisoformat(stored["at"])
    return Decision(**{**stored, "at": at, "withdrawn": withdrawn, "ramp": ramp})


def served(db: Database, environment: str, today: date | None = None) -> tuple[bytes, str]:
    """Return the SDK's config of one environment as JSON, and its ETag. Drafts are served outside production.

    `today` chooses the steps of roll-outs; without it, it is today in the installation's time zone.
    """
    today = today or settings_store.today(db)
    chosen = [e for e in listing(db) if e.state != "draft" or environment != "production"]
    data = {"schema": 1, "environment": environment, "experiments": [_config(e, today) for e in chosen]}
    body = json.dumps(data, separators=(",", ":"), ensure_ascii=False).encode()
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'


def compiled(db: Database, key: str) -> Compiled:
    """Return one experiment as the SDK holds it now: in production, or for a draft where drafts are served."""
    environment = "development" if get(db, key).state == "draft" else "production"
    return parse_config(json.loads(served(db, environment)[0])).experiments[key]


def linked(db: Database, plan: Plan) -> None:
    """DefinitionError where the plan's prerequisites name no experiment, none of its variants, or lead in a circle."""
    if not plan.prerequisites:
        return
    today = settings_store.today(db)
    others = [_config(e, today) for e in listing(db) if e.key != plan.key]
    try:
        parse_config({"experiments": [plan_served(plan), *others]})
    except ConfigError as error:
        raise DefinitionError(str(error)) from None


def known(db: Database, environment: str, privacy: Privacy = PLAIN) -> Known:
    """Return what the collector needs to judge this environment's exposures."""
    return Known(environment, {e.key: _known(e) for e in listing(db)}, privacy)


def _in_part(stored: dict[str, Any], today: date) -> bool:
    """Whether a keep that stands reaches a part of the units on this day."""
    ramp = stored.get("ramp") or [[today.isoformat(), stored.get("coverage", 1.0)]]
    reached = [share for day, share in ramp if day <= today.isoformat()]
    return stored.get("word") == "keep" and not stored.get("withdrawn") and max(reached, default=0.0) < 1


def _latest(session: Session) -> dict[str, tuple[int, str]]:
    """The newest snapshot's number and word, by experiment."""
    rows = session.execute(select(CardRow.experiment, CardRow.number, CardRow.word).where(CardRow.number.is_not(None)))
    return {row[0]: (row[1] or 0, row[2] or "") for row in rows}


def _config(e: Experiment, today: date) -> dict[str, Any]:
    return {**plan_served(e.plan, e.phase, e.state), "serve": _serve(e, today)}


def _serve(e: Experiment, today: date) -> dict[str, Any] | None:
    """What users get once a keep was decided; None means control, which a stop and every other decision serve."""
    if e.decision is None or not e.decision.serves:
        return None
    share = rollout.current(e.decision.ramp, e.decision.coverage, today)
    version = e.phase + rollout.number(e.decision.steps, today)
    told = {"version": version} if e.kept_share(today) < 1 else {}  # nobody is left to compare with
    return {"variant": e.decision.variant, "coverage": share, **told}


def _known(e: Experiment) -> KnownExperiment:
    launched = _micro(e.launched_at) if e.launched_at else None
    variants, last = frozenset(v.key for v in e.plan.variants), e.phase + len(e.decision.steps if e.decision else ())
    later, named = tuple(_micro(p.at) for p in e.earlier), frozenset[str]().union(*map(_named, _plans(e)))
    return KnownExperiment(e.phase, e.plan.unit, variants, launched, named, last, later)


def _plans(e: Experiment) -> list[Plan]:
    """Its plan, and those of earlier phases: what they count may still arrive."""
    return [e.plan, *(p.frozen.plan for p in e.earlier)]


def _micro(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def _named(plan: Plan) -> frozenset[str]:
    """The attributes that a plan names: nothing else of an exposure's is looked at."""
    return frozenset((*plan.segments, *plan.covariates, *plan.filters, *read_by(plan.targeting)))
