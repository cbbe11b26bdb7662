"""Stored snapshots: appended, never changed."""

import hashlib
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Row, bindparam, func, select
from sqlalchemy.sql import Select

from experiments.catalog import Record
from experiments.errors import Distrusted, NotFound
from experiments.registry import cards, log
from experiments.registry.database import Database
from experiments.registry.models import ExperimentRow, SnapshotRow
from experiments.snapshot import DayEffect, MetricResult, Snapshot

_STORED = select(  # what a snapshot is read from, and what is said of it where it is not trusted
    SnapshotRow.experiment, SnapshotRow.number, SnapshotRow.word, SnapshotRow.hash, SnapshotRow.seal, SnapshotRow.body
)
_CURRENT = _STORED.join(
    ExperimentRow, (ExperimentRow.key == SnapshotRow.experiment) & (ExperimentRow.phase == SnapshotRow.phase)
)
_MINE = SnapshotRow.experiment == bindparam("experiment")  # these are made once: it takes longer than to run them
_LATEST = _CURRENT.where(_MINE).order_by(SnapshotRow.number.desc()).limit(1)
_NUMBERED = _STORED.where(_MINE, SnapshotRow.number == bindparam("number"))


@dataclass(frozen=True)
class Summary:
    """One snapshot without its numbers."""

    number: int
    cutoff: date
    official: bool
    verdict: str
    hash: str
    computed_at: datetime


class DayAlone(DayEffect):
    """A raw effect among those whose window closed on the `days` days that end with `day`, since the look before."""

    days: int = 1


class Course(Record):
    """What is kept beside one official look for charts over time: the goals' effects and moments, as `course_of` wrote.

    `alone` are the goals' effects on that day alone, in the same order; None in looks of before these were kept.
    """

    day: int
    people: int
    metrics: tuple[MetricResult, ...]
    alone: tuple[DayAlone | None, ...] | None = None


@dataclass(frozen=True)
class CoursePoint:
    """The course of one look, and the day up to which that counted."""

    cutoff: date
    day: int
    people: int
    metrics: tuple[MetricResult, ...]
    alone: tuple[DayAlone | None, ...] | None = None


@dataclass(frozen=True)
class End:
    """The newest official look of one phase: its number, day and verdict, and how many units had enrolled by then."""

    phase: int
    number: int
    cutoff: date
    word: str
    people: int


def append(
    db: Database, snapshot: Snapshot, note: str = "", alone: Sequence[DayAlone | None] | None = None
) -> Snapshot:
    """Store one look under the next number of its experiment, and return it with that number.

    Of two looks at one day that were taken at the same time, only the first is official. With an official one `note`
    is logged, in the same transaction: neither is ever there without the other. `alone` are the goals' effects since
    the look before (`experiments.daily.newest`), kept beside it for the charts.
    """
    mine = SnapshotRow.experiment == snapshot.experiment
    with db.begin() as session:
        row = session.get_one(ExperimentRow, snapshot.experiment, with_for_update=True)  # one look at a time
        highest = session.scalar(select(func.max(SnapshotRow.number)).where(mine)) or 0
        later = SnapshotRow.official & (SnapshotRow.phase == snapshot.frozen.phase)
        taken = session.scalar(
            select(SnapshotRow.id).where(mine, later, SnapshotRow.cutoff >= snapshot.cutoff).limit(1)
        )
        official = snapshot.official and taken is None
        numbered = snapshot.model_copy(update={"number": highest + 1, "official": official})
        session.add(_row(numbered, alone))
        if row.phase == snapshot.frozen.phase:  # a new one may have begun while this look was taken
            cards.note_look(session, numbered)
        if note and official:
            log.add(session, who="Keepers", kind="verdict", experiment=snapshot.experiment, text=note)
    return numbered


def get(db: Database, key: str, number: int) -> Snapshot:
    """Return one snapshot; Distrusted if it is not what was stored."""
    found = _read(db, _NUMBERED, {"experiment": key, "number": number})
    if not found:
        raise NotFound(f"'{key}' has no snapshot r{number}; its page links to those that exist.")
    return found[0]


def latest(db: Database, key: str) -> Snapshot | None:
    """Return the newest snapshot of one experiment's phase; None where a new one has no look yet."""
    return next(iter(_read(db, _LATEST, {"experiment": key})), None)


def newest_number(db: Database, key: str) -> int:
    """Return the number of the newest snapshot of one experiment, 0 where there is none, without reading its body."""
    with db.read() as session:
        return session.scalar(select(func.max(SnapshotRow.number)).where(SnapshotRow.experiment == key)) or 0


def latest_of_all(db: Database, keys: Collection[str] | None = None) -> dict[str, Snapshot]:
    """Return the newest snapshot of every experiment's phase, or of some; a distrusted one hides no other."""
    newest = _CURRENT.with_only_columns(func.max(SnapshotRow.id)).group_by(SnapshotRow.experiment)
    newest = newest if keys is None else newest.where(SnapshotRow.experiment.in_(keys))
    found = {}
    for row in db.rows(_STORED.where(SnapshotRow.id.in_(newest))):
        with suppress(Distrusted):  # its own page says what is wrong with it
            found[row.experiment] = _trusted(row)
    return found


def history(db: Database, key: str) -> list[Snapshot]:
    """Return the official looks of the current phase, by cutoff: what an earlier one spent and saw is no part of it."""
    query = _CURRENT.where(SnapshotRow.experiment == key, SnapshotRow.official)
    return _read(db, query.order_by(SnapshotRow.cutoff, SnapshotRow.number))


def ends(db: Database, key: str) -> list[End]:
    """Return how far each phase that has official looks got, by phase, without reading any body."""
    mine = SnapshotRow.experiment == key, SnapshotRow.official
    last = select(func.max(SnapshotRow.id)).where(*mine).group_by(SnapshotRow.phase)
    columns = (SnapshotRow.phase, SnapshotRow.number, SnapshotRow.cutoff, SnapshotRow.word, SnapshotRow.course)
    query = select(*columns).where(SnapshotRow.id.in_(last)).order_by(SnapshotRow.phase)
    with db.read() as session:
        rows = session.execute(query).all()
    return [End(r.phase, r.number, r.cutoff, r.word, point(r.cutoff, r.course).people if r.course else 0) for r in rows]


def course(db: Database, shown: Snapshot, most: int = 30) -> list[CoursePoint]:
    """Return the official looks of a snapshot's phase up to its day, by cutoff, without reading any body.

    Of more than `most` only so many are read, evenly chosen and the last one among them: a chart shows no more.
    """
    asked = {"experiment": shown.experiment, "phase": shown.frozen.phase, "cutoff": shown.cutoff, "most": most}
    return [point(*row) for row in db.rows(_course(), asked)]


def summaries(db: Database, key: str) -> list[Summary]:
    """Return what there is of one experiment, newest first, without reading any body."""
    columns = ("number", "cutoff", "official", "word", "hash", "computed_at")
    query = select(*(getattr(SnapshotRow, c) for c in columns)).where(SnapshotRow.experiment == key)
    with db.read() as session:
        return [Summary(*row) for row in session.execute(query.order_by(SnapshotRow.number.desc()))]


def before(db: Database, snapshot: Snapshot) -> list[Snapshot]:
    """Return the official looks that this one saw: of its phase, stored before it, at its day or an earlier one."""
    mine = SnapshotRow.experiment == snapshot.experiment, SnapshotRow.phase == snapshot.frozen.phase
    query = _STORED.where(*mine, SnapshotRow.official, SnapshotRow.number < snapshot.number)
    return _read(db, query.where(SnapshotRow.cutoff <= snapshot.cutoff).order_by(SnapshotRow.cutoff))


def point(cutoff: date, stored: str | None) -> CoursePoint:
    """Read what `cards.course_of` wrote."""
    found = Course.model_validate_json(stored or "{}")
    return CoursePoint(cutoff, found.day, found.people, found.metrics, found.alone)


def seal(digest: str, word: str, body: str) -> str:
    """A look's hash, word and stored text in one SHA-256: equal to the stored one, all three are as they were stored.

    It takes a thirtieth of the time of the look's own hash, whose canonical form has to be written first.
    """
    return hashlib.sha256(f"{digest} {word} {body}".encode()).hexdigest()


def _row(s: Snapshot, alone: Sequence[DayAlone | None] | None) -> SnapshotRow:
    word, body = s.verdict.word, s.model_dump_json(by_alias=True)
    return SnapshotRow(
        experiment=s.experiment, number=s.number, phase=s.frozen.phase, official=s.official, cutoff=s.cutoff,
        computed_at=s.computed_at, word=word, hash=s.hash, body=body, seal=seal(s.hash, word, body),
        course=cards.course_of(s, alone) if s.official else None,
    )  # fmt: skip


@cache
def _course() -> Select[date, str | None]:
    """The statement of `course`, made once: to build it takes longer than to run it."""
    asked = SnapshotRow.experiment == bindparam("experiment"), SnapshotRow.phase == bindparam("phase")
    newest_first = func.row_number().over(order_by=(SnapshotRow.cutoff.desc(), SnapshotRow.number.desc())) - 1
    looks = select(SnapshotRow.id, newest_first.label("place"), func.count().over().label("count"))
    looks = looks.where(*asked, SnapshotRow.official, SnapshotRow.cutoff <= bindparam("cutoff"))
    known = looks.where(SnapshotRow.course.is_not(None)).subquery()
    most = bindparam("most", type_=Integer)
    step = (known.c.count + most - 1) // most
    read = select(SnapshotRow.cutoff, SnapshotRow.course).join(known, known.c.id == SnapshotRow.id)
    return read.where(known.c.place % step == 0).order_by(known.c.place.desc())


def _read(
    db: Database, query: Select[str, int, str, str, str | None, str], asked: dict[str, Any] | None = None
) -> list[Snapshot]:
    return [_trusted(row) for row in db.rows(query, asked)]


def trusted(name: str, digest: str, body: str, *, sealed: bool = False) -> Snapshot:
    """Return a look from its text; Distrusted, with its name, where it is not what was stored with this hash.

    Of `sealed` text that is known, and the hash need not be worked out again.
    """
    try:
        snapshot = Snapshot.model_validate_json(body)
    except ValueError:
        raise _distrusted(f"{name} cannot be read") from None
    if sealed:
        snapshot.__dict__["hash"] = digest  # what the property would work out
    elif snapshot.hash != digest:
        raise _distrusted(f"{name} does not match its hash {digest[:12]}")
    return snapshot


def _trusted(row: Row[str, int, str, str, str | None, str]) -> Snapshot:
    name, sealed = f"snapshot r{row.number} of '{row.experiment}'", row.seal == seal(row.hash, row.word, row.body)
    snapshot = trusted(name, row.hash, row.body, sealed=sealed)
    if snapshot.verdict.word != row.word:
        raise _distrusted(f"{name} says {snapshot.verdict.word}, and was stored as {row.word}")
    return snapshot


def _distrusted(what: str) -> Distrusted:
    return Distrusted(
        f"{what}: it was changed after it was stored. Restore the registry from a back-up; do not decide from it."
    )
