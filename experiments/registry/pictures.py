"""Pictures of variants: what is stored of them, and the pixels themselves."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from experiments.registry.brief_models import PictureRow
from experiments.registry.database import Database

FIELDS = ("id", "experiment", "variant", "alt", "width", "height", "sha256", "at", "by")


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
    columns = (getattr(PictureRow, name) for name in FIELDS)
    query = select(*columns).where(PictureRow.experiment == experiment).order_by(PictureRow.id)
    with db.read() as session:
        return [Picture(*row) for row in session.execute(query)]
