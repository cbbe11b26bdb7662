"""Experiments as pages over many of them see them: cards and effects, without a plan or a snapshot being read."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.sql import Select

from experiments.registry.database import Database
from experiments.registry.summary_models import CardRow, EffectRow

ASKING = ("keep", "drop", "stop", "review", "invalid")
FINISHED = ("stopped", "decided")
GROUPS = ("needs", "running", "draft", "decided")


@dataclass(frozen=True, slots=True)
class Card:
    """One experiment in short; `CardRow` says what its fields mean. What is of a snapshot is None before the first."""

    experiment: str
    title: str
    state: str
    team: str
    owner: str
    unit: str
    tags: list[str]
    variants: int
    complete: bool
    targeted: bool
    coverage: float
    layer: str
    layer_from: float
    layer_to: float
    enrol_days: int
    created_at: datetime
    launched: date | None
    horizon: date | None
    stopped_at: datetime | None
    decided_at: datetime | None
    decision: str
    kept: str
    rollout: float | None
    followed: bool | None
    decided_from: str
    learning: str
    number: int | None
    cutoff: date | None
    since: date | None
    day: int | None
    days: int | None
    precision: float | None
    people: int | None
    people_planned: int | None
    answer_from: date | None
    answer_to: date | None
    word: str | None
    headline: str | None
    failing: str | None

    @property
    def group(self) -> str:
        """What it asks of the reader: needs (a decision or a repair), running, draft, decided."""
        if self.state == "running" and self.word not in ASKING:
            return "running"
        return "needs" if self.state in ("running", "stopped") else self.state

    @property
    def decided(self) -> date | None:
        """The day on which it was decided, in UTC."""
        return self.decided_at.date() if self.decided_at else None


@dataclass(frozen=True, slots=True)
class Effect:
    """One metric of one treatment; `EffectRow` says what its fields mean."""

    experiment: str
    treatment: str
    metric: str
    role: str
    title: str
    kind: str
    direction: str
    symbol: str
    reading: str
    harmed: bool
    valid: bool
    effect: float | None
    low: float | None
    high: float | None
    lift: float | None
    variance: float | None
    expected: float | None
    control_mean: float | None
    control_sd: float | None
    units: int | None

    @property
    def bad(self) -> bool:
        """Whether it was shown worse or harmed."""
        return self.harmed or self.reading in ("worse", "harmed")


_CARD = tuple(getattr(CardRow, name) for name in Card.__dataclass_fields__)
_EFFECT = tuple(getattr(EffectRow, name) for name in Effect.__dataclass_fields__)
_GROUP = case(
    (and_(CardRow.state == "running", or_(CardRow.word.is_(None), CardRow.word.not_in(ASKING))), "running"),
    (CardRow.state.in_(("running", "stopped")), "needs"),
    else_=CardRow.state,
)


def cards(db: Database) -> list[Card]:
    """Return every experiment, newest first."""
    return _cards(db, select(*_CARD).order_by(CardRow.created_at.desc(), CardRow.experiment))


def page(db: Database, chosen: Mapping[str, str], *, limit: int, offset: int = 0) -> list[Card]:
    """Return a part of those that match, by group as in `GROUPS`, those decided or made last first.

    chosen: `state`, `verdict`, `team`, `owner`, `tag` and words `q`; what is missing or '' is any.
    """
    order = case({name: n for n, name in enumerate(GROUPS)}, value=_GROUP, else_=len(GROUPS))
    newest = func.coalesce(CardRow.decided_at, CardRow.created_at).desc()
    query = select(*_CARD).where(*_matching(chosen)).order_by(order, newest, CardRow.experiment)
    return _cards(db, query.limit(limit).offset(offset))


def counts(db: Database, chosen: Mapping[str, str]) -> dict[str, int]:
    """Return how many match, by group."""
    query = select(_GROUP, func.count()).where(*_matching(chosen)).group_by(_GROUP)
    with db.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def distinct(db: Database) -> tuple[list[str], list[str], list[str]]:
    """Return the teams, owners and tags that there are."""
    with db.read() as session:
        rows = session.execute(select(CardRow.team, CardRow.owner, CardRow.tags)).all()
    return tuple(sorted(set(found) - {""}) for found in ((r[0] for r in rows), (r[1] for r in rows), _tags(rows)))  # type: ignore[return-value]  # three of them


def effects(
    db: Database, *, metric: str | None = None, roles: Collection[str] = (), bad: bool = False
) -> list[Effect]:
    """Return the newest effects of every experiment, of some roles, or with `bad` also those shown worse or harmed."""
    wanted: list[ColumnElement[bool]] = [EffectRow.role.in_(roles)] if roles else []
    if bad:
        wanted += [EffectRow.harmed.is_(True), EffectRow.reading.in_(("worse", "harmed"))]
    query = select(*_EFFECT).order_by(EffectRow.experiment, EffectRow.treatment)
    query = query.where(or_(*wanted)) if wanted else query
    query = query.where(EffectRow.metric == metric) if metric else query
    with db.read() as session:
        return [Effect(*row) for row in session.execute(query)]


def _cards(db: Database, query: Select[Any]) -> list[Card]:
    with db.read() as session:
        return [Card(*row) for row in session.execute(query)]


def _matching(chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    fields = (("state", CardRow.state), ("verdict", CardRow.word), ("team", CardRow.team), ("owner", CardRow.owner))
    same = [column == chosen[name] for name, column in fields if chosen.get(name)]
    words = chosen.get("q", "").lower().split()
    return [*same, *(CardRow.words.contains(word, autoescape=True) for word in words), *_tagged(chosen.get("tag", ""))]


def _tagged(tag: str) -> list[ColumnElement[bool]]:
    return [CardRow.has_tag(tag)] if tag else []


def _tags(rows: Sequence[Any]) -> list[str]:
    return [tag for row in rows for tag in row[2]]
