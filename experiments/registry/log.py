"""The log: who changed what and when, and what people said about an experiment."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from experiments.registry.database import Database
from experiments.registry.models import LogRow


@dataclass(frozen=True)
class Entry:
    """One line of the log."""

    at: datetime
    who: str
    kind: str
    experiment: str | None
    text: str


def add(session: Session, *, who: str, kind: str, text: str, experiment: str | None = None) -> None:
    """Write one entry in the caller's transaction: a change and its entry stand or fall together."""
    session.add(LogRow(at=datetime.now(UTC), who=who, kind=kind, experiment=experiment, text=text))


def entries(db: Database, key: str) -> list[Entry]:
    """Return the entries of one experiment, newest first."""
    with db.read() as session:
        rows = session.scalars(select(LogRow).where(LogRow.experiment == key).order_by(LogRow.id.desc()))
        return [Entry(r.at, r.who, r.kind, r.experiment, r.text) for r in rows]
