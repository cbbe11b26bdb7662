"""Pictures of variants: what is stored of them, the pixels themselves, and copies for another draft."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select

from experiments.errors import NotFound
from experiments.registry.brief_models import PictureRow
from experiments.registry.database import Database, Session

FIELDS = ("id", "experiment", "variant", "alt", "width", "height", "sha256", "at", "by")

_PICTURES = (  # made once: to build a statement takes longer than to run it
    select(*(getattr(PictureRow, name) for name in FIELDS))
    .where(PictureRow.experiment == bindparam("experiment"))
    .order_by(PictureRow.id)
)


@dataclass(frozen=True)
class Picture:
    """One picture without its pixels; `alt` says in words what it shows."""

    id: int
    experiment: str
    variant: str
    alt: str
    width: int
    height: int
    sha256: str
    at: datetime
    by: str


@dataclass(frozen=True)
class Whole(Picture):
    """One picture with its pixels as WebP."""

    body: bytes


def whole(db: Database, experiment: str) -> list[Whole]:
    """Return the pictures of an experiment with their pixels, in the order in which they were added."""
    columns = (getattr(PictureRow, name) for name in (*FIELDS, "body"))
    query = select(*columns).where(PictureRow.experiment == experiment).order_by(PictureRow.id)
    with db.read() as session:
        return [Whole(*row) for row in session.execute(query)]


def copy(session: Session, source: str, target: str, by: str) -> int:
    """Give an experiment copies of another one's pictures, in their order, and return how many."""
    found = session.scalars(select(PictureRow).where(PictureRow.experiment == source).order_by(PictureRow.id)).all()
    for row in found:
        session.add(PictureRow(experiment=target, at=datetime.now(UTC), by=by[:254], body=row.body, **facts(row)))
        session.flush()  # numbers are given in this order
    return len(found)


def of(db: Database, experiment: str) -> list[Picture]:
    """Return the pictures of an experiment in the order in which they were added."""
    return [Picture(*row) for row in db.rows(_PICTURES, {"experiment": experiment})]


def body(db: Database, experiment: str, number: int) -> tuple[bytes, str]:
    """Return one picture's WebP and its SHA-256; NotFound if the experiment has no such picture."""
    query = select(PictureRow.body, PictureRow.sha256)
    with db.read() as session:
        row = session.execute(query.where(PictureRow.id == number, PictureRow.experiment == experiment)).first()
    if row is None:
        raise NotFound(f"'{experiment}' has no picture {number}; it may have been removed.")
    return row[0], row[1]


def facts(row: PictureRow) -> dict[str, Any]:
    """Return what the log keeps of a picture: its digest in place of its pixels."""
    return {name: getattr(row, name) for name in ("variant", "alt", "width", "height", "sha256")}
