"""What the API takes and returns, beside plans, metrics and snapshots, which are those of the platform itself."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.approving import Standing
from experiments.catalog import KEY, Measure, Metric
from experiments.plan import Plan
from experiments.registry import experiments as stored
from experiments.registry import log
from experiments.registry.overview import Card
from experiments.registry.snapshots import Summary
from experiments.snapshot import Word

MOST = 500
State = Literal["draft", "running", "stopped", "decided"]
Key = Annotated[str, Field(pattern=KEY, max_length=120)]
Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Sentence = Annotated[str, Field(min_length=1, max_length=2000)]


class Given(BaseModel):
    """What a request holds: nothing that is not known."""

    model_config = ConfigDict(extra="forbid")


class Withdrawn(BaseModel):
    """Who took a kept enhancement away again, when and why."""

    model_config = ConfigDict(from_attributes=True)
    at: datetime
    by: str
    reason: str


class Decided(BaseModel):
    """What a person, or a program for one, decided; `followed` says whether it is what the verdict advised."""

    model_config = ConfigDict(from_attributes=True)
    word: Literal["keep", "drop", "again"]
    variant: str | None
    coverage: float
    reason: str
    learning: str
    by: str
    second: str
    at: datetime
    verdict: Word | None
    snapshot: int | None
    followed: bool
    withdrawn: Withdrawn | None = None
    ramp: tuple["Served", ...] = ()


class Brief(BaseModel):
    """An experiment in a list; `snapshot` and `verdict` are those of its newest look."""

    key: str
    title: str
    state: State
    owner: str
    team: str
    launched: date | None
    created_at: datetime
    snapshot: int | None
    verdict: Word | None
    archived: bool


class Experiment(Brief):
    """An experiment with its plan, frozen from launch on, and its decision."""

    phase: int
    began: date | None
    plan: Plan
    plan_hash: str | None
    launched_at: datetime | None
    stopped_at: datetime | None
    decision: Decided | None
    extended_days: int = 0


class Experiments(BaseModel):
    """A part of the list, newest first; `next` is the offset of the part after it, null at the end."""

    items: list[Brief]
    total: int
    next: int | None


class Listing(Given):
    """Which experiments, and which part of their list; those that are archived are listed by that state alone."""

    state: State | Literal["archived"] | None = None
    q: str = Field(default="", max_length=200, description="words that the key, title, owner or team holds")
    limit: int = Field(default=100, ge=1, le=MOST)
    offset: int = Field(default=0, ge=0, le=10**9)


class Clone(Given):
    """The key of the new draft, which no experiment has yet."""

    key: Key


class Stop(Given):
    """Why it is stopped: one sentence that others will find in the log."""

    reason: Sentence


class Extend(Given):
    """How many weeks more units enrol, and why."""

    weeks: int = Field(ge=1, le=52)
    reason: Sentence


class Change(Given):
    """What is to change of who gets what; what is left out stays as it is."""

    weights: dict[Key, Share] | None = Field(default=None, description="shares by variant")
    coverage: float | None = Field(default=None, gt=0, le=1)
    targeting: dict[str, Any] | None = Field(default=None, description="a condition; {} is everyone")
    fresh: bool = Field(default=False, description="draw everyone anew")
    plan_hash: str = Field(default="", pattern="^([0-9a-f]{64})?$", description="of what was read before, if it was")


class Phase(Change):
    """A change of who gets what, and why."""

    reason: Sentence


class ApprovePhase(Change):
    """An approval of a change of who gets what."""

    note: str = Field(default="", max_length=2000)


class Step(Given):
    """A step of a roll-out: days from the decision, and the share of units from then on."""

    after: int = Field(ge=0, le=365)
    coverage: float = Field(gt=0, le=1)


class AskedWhy(Given):
    """A unit, and its attributes as lines of `key=value`."""

    unit: str = Field(min_length=1, max_length=200)
    attributes: str = Field(default="", max_length=4000, description="lines of key=value")


class WhyStep(BaseModel):
    """One step of the assignment; the one that `ends` decided."""

    model_config = ConfigDict(from_attributes=True)
    name: str
    found: str
    ends: bool


class Why(BaseModel):
    """Which variant a unit gets now, and why; `logged` says whether an exposure is."""

    model_config = ConfigDict(from_attributes=True)
    variant: str
    reason: str
    sentence: str
    logged: bool
    steps: list[WhyStep]


class Outcome(BaseModel):
    """One goal after launch, as shares of control; what is null is not known."""

    model_config = ConfigDict(from_attributes=True)
    metric: str
    title: str
    predicted: float | None
    measured: float | None
    low: float | None
    high: float | None
    level: float | None
    word: Literal["held up", "fell short", "not known yet"]


class FollowUp(BaseModel):
    """Who was compared since when, and each goal's outcome; `failing` are trust checks that forbid a comparison.

    `hash` is that of the look which says so.
    """

    model_config = ConfigDict(from_attributes=True)
    since: date
    cutoff: date
    held_back: int
    served: int
    failing: tuple[str, ...]
    word: Literal["held up", "fell short", "not known yet"]
    outcomes: tuple[Outcome, ...]
    computed_at: datetime
    hash: str


class AfterLaunch(BaseModel):
    """The newest look after launch, if there is one."""

    latest: FollowUp | None


class Bin(BaseModel):
    """So many units have a value from `low` on and below `high`; null has no end, and equal ends are one value."""

    model_config = ConfigDict(from_attributes=True)
    low: float
    high: float | None
    units: int


class Preview(BaseModel):
    """A metric's values among units met since a day; `zeros` have none, `capped` lie above the cap."""

    model_config = ConfigDict(from_attributes=True)
    unit: str
    since: date
    until: date
    units: int
    zeros: int
    mean: float
    median: float
    largest: float
    capped: int
    cut: float
    bins: tuple[Bin, ...]


class Served(BaseModel):
    """A step of a roll-out as it was decided."""

    model_config = ConfigDict(from_attributes=True)
    day: date
    coverage: float


class Decision(Given):
    """A decision. `variant` and `coverage` are of keep; `second` is the e-mail of a second person, needed to differ."""

    word: Literal["keep", "drop", "again"]
    reason: Sentence
    variant: str | None = Field(default=None, max_length=120)
    coverage: float = Field(default=1.0, gt=0, le=1)
    learning: str = Field(default="", max_length=2000)
    second: str = Field(default="", max_length=254)
    ramp: list[Step] = Field(default=[], max_length=20, description="steps to `coverage`, which the last one has")


class Approve(Given):
    """An approval of the plan with this hash, which was read before."""

    plan_hash: str = Field(pattern="^[0-9a-f]{64}$")
    note: str = Field(default="", max_length=2000)


class Approved(BaseModel):
    """One approval; it holds while the plan has the hash that it was given for."""

    by: str
    at: datetime
    note: str
    plan_hash: str
    holds: bool


class Approval(BaseModel):
    """Where a draft stands: `plan_hash` is that of the plan as it would be frozen now."""

    plan_hash: str
    required: bool
    approvals: list[Approved]


class Comment(Given):
    """A line of the discussion."""

    text: Sentence


class Entry(BaseModel):
    """A line of the log."""

    at: datetime
    who: str
    kind: str
    text: str


class Log(BaseModel):
    """The log of one experiment, newest first."""

    items: list[Entry]


class Look(BaseModel):
    """One stored snapshot, without its numbers."""

    number: int
    cutoff: date
    official: bool
    verdict: Word
    hash: str
    computed_at: datetime


class Looks(BaseModel):
    """The snapshots of one experiment, newest first."""

    items: list[Look]


class Catalogue(BaseModel):
    """All metrics and the measures that they add up."""

    metrics: dict[str, Metric]
    measures: dict[str, Measure]


def short(card: Card) -> Brief:
    """Return an experiment as a list shows it."""
    return Brief(
        key=card.experiment, title=card.title, state=card.state, owner=card.owner, team=card.team,  # type: ignore[arg-type]  # stored as one of them
        launched=card.launched, created_at=card.created_at, snapshot=card.number, verdict=card.word,  # type: ignore[arg-type]  # likewise
        archived=card.archived,
    )  # fmt: skip


def whole(e: stored.Experiment) -> Experiment:
    """Return an experiment with everything that is stored of it."""
    decided = Decided.model_validate(e.decision) if e.decision else None
    return Experiment(
        **_brief(e), phase=e.phase, began=e.began, plan=e.plan, plan_hash=e.plan_hash, launched_at=e.launched_at,
        stopped_at=e.stopped_at, decision=decided, extended_days=e.frozen.extended_days if e.frozen else 0,
    )  # fmt: skip


def approval(of: Standing, required: bool) -> Approval:
    """Return who approved a draft."""
    held = [(a, True) for a in of.holding] + [(a, False) for a in of.lapsed]
    found = [Approved(by=a.by, at=a.at, note=a.note, plan_hash=a.plan_hash, holds=holds) for a, holds in held]
    return Approval(plan_hash=of.plan_hash, required=required, approvals=found)


def entry(of: log.Entry) -> Entry:
    """Return one line of the log."""
    return Entry(at=of.at, who=of.who, kind=of.kind, text=of.text)


def look(of: Summary) -> Look:
    """Return one snapshot without its numbers."""
    return Look.model_validate(of, from_attributes=True)


def _brief(e: stored.Experiment) -> dict[str, Any]:
    return {
        "key": e.key, "title": e.plan.name, "state": e.state, "owner": e.plan.owner, "team": e.plan.team,
        "launched": e.launched, "created_at": e.created_at, "snapshot": e.latest_number, "verdict": e.verdict,
        "archived": e.archived_at is not None,
    }  # fmt: skip
