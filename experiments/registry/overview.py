"""Experiments as pages over many of them see them: cards and effects, without a plan or a snapshot being read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, or_, select
from sqlalchemy.sql import Select

from experiments.registry.database import Database
from experiments.registry.models import LogRow, SnapshotRow
from experiments.registry.summary_models import CardRow, EffectRow

ASKING = ("keep", "drop", "stop", "review", "invalid")
FINISHED = ("stopped", "decided")
GROUPS = ("needs", "running", "draft", "decided", "archived")


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
    archived: bool
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
        """What it asks of the reader: needs (a decision or a repair), running, draft, decided, archived."""
        if self.archived:
            return "archived"
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


_CARD = tuple(CardRow.__table__.c[name] for name in Card.__dataclass_fields__)  # bare columns: twice as fast to read
_EFFECT = tuple(EffectRow.__table__.c[name] for name in Effect.__dataclass_fields__)
_GROUP = case(
    (CardRow.archived.is_(True), "archived"),
    (and_(CardRow.state == "running", or_(CardRow.word.is_(None), CardRow.word.not_in(ASKING))), "running"),
    (CardRow.state.in_(("running", "stopped")), "needs"),
    else_=CardRow.state,
)


def cards(db: Database) -> list[Card]:
    """Return every experiment, newest first."""
    return _cards(db, select(*_CARD).order_by(CardRow.created_at.desc(), CardRow.experiment))


def some_cards(db: Database, keys: Collection[str]) -> dict[str, Card]:
    """Return the experiments with these keys, by key."""
    return {c.experiment: c for c in _cards(db, select(*_CARD).where(CardRow.experiment.in_(keys)))}


def page(db: Database, chosen: Mapping[str, str], *, limit: int, offset: int = 0) -> list[Card]:
    """Return a part of those that match, by group as in `GROUPS`, those decided or made last first.

    chosen: `state`, `verdict`, `team`, `owner`, `tag`, `group` and words `q`; what is missing or '' is any. Those that
    are archived match the state "archived" alone.
    """
    order = case({name: n for n, name in enumerate(GROUPS)}, value=_GROUP, else_=len(GROUPS))
    newest = func.coalesce(CardRow.decided_at, CardRow.created_at).desc()
    place = (order, newest, CardRow.experiment)  # sorted by their keys alone: whole cards are heavy
    part = select(CardRow.experiment).where(*_matching(chosen)).order_by(*place).limit(limit).offset(offset).subquery()
    return _cards(db, select(*_CARD).join(part, part.c.experiment == CardRow.experiment).order_by(*place))


def newest(db: Database, chosen: Mapping[str, str], *, limit: int, offset: int = 0) -> list[Card]:
    """Return a part of those that match, as `page`, those made last first; `named` holds key, title, owner or team."""
    query = select(*_CARD).where(*_matching(chosen)).order_by(CardRow.created_at.desc(), CardRow.experiment)
    return _cards(db, query.limit(limit).offset(offset))


def exists(db: Database, key: str) -> bool:
    """Whether an experiment has this key."""
    with db.read() as session:
        return session.scalar(select(CardRow.experiment).where(CardRow.experiment == key)) is not None


def counts(db: Database, chosen: Mapping[str, str]) -> dict[str, int]:
    """Return how many match, by group."""
    query = select(_GROUP, func.count()).where(*_matching(chosen)).group_by(_GROUP)
    with db.read() as session:
        return {row[0]: row[1] for row in session.execute(query)}


def some(db: Database) -> bool:
    """Whether there is any experiment."""
    with db.read() as session:
        return session.scalar(select(CardRow.experiment).limit(1)) is not None


def distinct(db: Database) -> tuple[list[str], list[str], list[str]]:
    """Return the teams, owners and tags that there are."""
    return _distinct(db, version(db))


@lru_cache(maxsize=8)
def _distinct(db: Database, at: tuple[int, int]) -> tuple[list[str], list[str], list[str]]:
    """Read once as long as nothing changes."""
    with db.read() as session:
        rows = session.execute(select(CardRow.team, CardRow.owner, CardRow.tags)).all()
    teams, owners, tags = {r[0] for r in rows}, {r[1] for r in rows}, {tag for r in rows for tag in r[2]}
    return sorted(teams - {""}), sorted(owners - {""}), sorted(tags - {""})


def version(db: Database) -> tuple[int, int]:
    """Two numbers of which one grows with every change: nothing that was summed up before is older than these."""
    query = select(select(func.max(LogRow.id)).scalar_subquery(), select(func.max(SnapshotRow.id)).scalar_subquery())
    with db.read() as session:
        row = session.execute(query).one()
    return row[0] or 0, row[1] or 0


def effects(db: Database, metric: str) -> list[Effect]:
    """Return one metric's newest effects in every finished experiment."""
    query = select(*_EFFECT).join(CardRow, CardRow.experiment == EffectRow.experiment)
    return _effects(db, query.where(EffectRow.metric == metric, CardRow.state.in_(FINISHED)))


def last_with(db: Database, metrics: Collection[str]) -> set[str]:
    """Return, for each metric, the experiment with a look that was launched last."""
    query = select(EffectRow.metric, EffectRow.experiment).join(CardRow, CardRow.experiment == EffectRow.experiment)
    query = query.where(EffectRow.metric.in_(metrics)).order_by(CardRow.launched, CardRow.experiment)
    with db.read() as session:
        return set({row[0]: row[1] for row in session.execute(query)}.values())


def measurements(db: Database) -> list[tuple[str, float, int]]:
    """Return (metric, variance of the relative effect, units) of every effect whose groups could be compared."""
    table = EffectRow.__table__.c
    query = select(table.metric, table.variance, table.units).where(table.valid.is_(True), table.variance > 0)
    with db.read() as session:
        return [(row[0], row[1], row[2]) for row in session.execute(query.where(table.units > 0))]


def measured(db: Database, metrics: Collection[str]) -> set[str]:
    """Return those of these metrics that some experiment has measured."""
    query = select(EffectRow.metric).where(EffectRow.metric.in_(metrics)).distinct()
    with db.read() as session:
        return set(session.scalars(query))


def uses(db: Database, metric: str, limit: int) -> list[Effect]:
    """Return one metric's newest effects in the experiments that were launched last, running ones too."""
    query = select(*_EFFECT).join(CardRow, CardRow.experiment == EffectRow.experiment)
    last = query.where(EffectRow.metric == metric).order_by(CardRow.launched.desc(), EffectRow.treatment)
    return _effects(db, last.limit(limit))


def ended_effects(db: Database, first: date, last: date, tag: str) -> list[Effect]:
    """Return effects of goals and guardrails, and all shown worse, of experiments that ended on these days.

    And those of experiments with a tag, of any time and role.
    """
    begin, end = (datetime(day.year, day.month, day.day, tzinfo=UTC) for day in (first, last + timedelta(days=1)))
    ended = func.coalesce(CardRow.decided_at, CardRow.stopped_at)
    told = or_(EffectRow.role != "secondary", EffectRow.harmed.is_(True), EffectRow.reading == "worse")
    query = select(*_EFFECT).join(CardRow, CardRow.experiment == EffectRow.experiment)
    return _effects(db, query.where(or_(CardRow.has_tag(tag), and_(ended >= begin, ended < end, told))))


def lifts(
    db: Database, metric: str | None = None, roles: Collection[str] = ("goal", "secondary")
) -> list[tuple[str, str, float, float]]:
    """Return (experiment, metric, relative effect, its variance) of some roles, goals and secondary metrics.

    Only of finished experiments whose groups could be compared.
    """
    table, card = EffectRow.__table__.c, CardRow.__table__.c
    query = select(table.experiment, table.metric, table.lift, table.variance)
    query = query.join(CardRow, card.experiment == table.experiment).where(card.state.in_(FINISHED))
    query = query.where(table.valid.is_(True), table.role.in_(roles), table.variance > 0)
    query = query.where(table.metric == metric) if metric else query
    with db.read() as session:
        rows = session.execute(query.order_by(table.experiment, table.treatment)).all()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def _effects(db: Database, query: Select[Any]) -> list[Effect]:
    with db.read() as session:
        return [Effect(*row) for row in session.execute(query).all()]


def _cards(db: Database, query: Select[Any]) -> list[Card]:
    with db.read() as session:
        return [Card(*row) for row in session.execute(query).all()]


def _matching(chosen: Mapping[str, str]) -> list[ColumnElement[bool]]:
    archived = "archived" in (chosen.get("state"), chosen.get("group"))
    chosen = {**chosen, "state": ""} if chosen.get("state") == "archived" else chosen
    fields = {
        "state": CardRow.state, "verdict": CardRow.word, "team": CardRow.team, "owner": CardRow.owner, "group": _GROUP
    }  # fmt: skip
    same: list[ColumnElement[bool]] = [column == chosen[name] for name, column in fields.items() if chosen.get(name)]
    words = [CardRow.words.contains(word, autoescape=True) for word in chosen.get("q", "").lower().split()]
    names = (CardRow.experiment, CardRow.title, CardRow.owner, CardRow.team)
    if chosen.get("named"):
        same.append(or_(*(func.lower(name).contains(chosen["named"].lower(), autoescape=True) for name in names)))
    same.append(CardRow.archived.is_(archived))
    return [*same, *words, *([CardRow.has_tag(chosen["tag"])] if chosen.get("tag") else [])]
