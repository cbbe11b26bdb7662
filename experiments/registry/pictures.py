"""Pictures of variants: what is stored of them, and the pixels themselves."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from experiments.errors import NotFound
from experiments.registry.brief_models import PictureRow
from experiments.registry.database import Database

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


def of(db: Database, experiment: str) -> list[Picture]:
    """Return the pictures of an experiment in the order in which they were added."""
    with db.read() as session:
        return [Picture(*row) for row in session.execute(_PICTURES, {"experiment": experiment})]


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
