"""Stored alerts: a problem is one row from when it is found to when it is no longer found."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.sql import Select

from experiments.registry.database import Database
from experiments.registry.models import AlertRow


@dataclass(frozen=True)
class Alert:
    """One problem as stored; `told_at` is None while no channel has taken it."""

    id: int
    key: str
    experiment: str | None
    title: str
    text: str
    found_at: datetime
    told_at: datetime | None


@dataclass(frozen=True)
class Found:
    """What is stored of a problem: the experiment it belongs to, a title, and the whole message."""

    experiment: str | None
    title: str
    text: str


def keep(db: Database, found: Mapping[str, Found], now: datetime, unseen: Collection[str] = ()) -> None:
    """Open a row for each new problem by key, and end those that are no longer found.

    Those whose key is among `unseen`, or goes on with a colon behind one of them, could not be looked for: they last.
    """
    with db.begin() as session:
        open_now = {row.key: row for row in session.scalars(_open())}
        for key in open_now.keys() - found.keys():
            if not any(f"{key}:".startswith(f"{may_last}:") for may_last in unseen):
                open_now[key].ended_at = now
        for key in found.keys() - open_now.keys():
            session.add(AlertRow(key=key, found_at=now, told_at=None, ended_at=None, **vars(found[key])))


def untold(db: Database) -> list[Alert]:
    """Return open problems that nobody was told of, oldest first."""
    return [a for a in standing(db) if a.told_at is None]


def standing(db: Database) -> list[Alert]:
    """Return all open problems, oldest first."""
    with db.read() as session:
        return [_alert(row) for row in session.scalars(_open())]


def told(db: Database, alert: Alert, now: datetime) -> None:
    """Note that a problem was told."""
    with db.begin() as session:
        session.get_one(AlertRow, alert.id).told_at = now


def _open() -> Select[AlertRow]:
    return select(AlertRow).where(AlertRow.ended_at.is_(None)).order_by(AlertRow.id)


def _alert(row: AlertRow) -> Alert:
    return Alert(row.id, row.key, row.experiment, row.title, row.text, row.found_at, row.told_at)
