"""Receipts for units that were forgotten."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from sqlalchemy import select

from experiments.registry.database import Database
from experiments.registry.models import ForgottenRow


def begin(db: Database, unit_hash: str, met: Iterable[str], by: str) -> int:
    """Note that a unit is being forgotten, and which experiments it met; return the receipt's number."""
    with db.begin() as session:
        row = ForgottenRow(
            at=datetime.now(UTC), by=by, unit_hash=unit_hash, experiments=dict.fromkeys(met, 1), rows=None
        )
        session.add(row)
        session.flush()
        return row.id


def finish(db: Database, number: int, rows: Mapping[str, int]) -> None:
    """Note how many rows were removed from each table."""
    with db.begin() as session:
        session.get_one(ForgottenRow, number).rows = dict(rows)


def units_of(db: Database, experiment: str) -> int:
    """Return how many units that met this experiment were forgotten."""
    with db.read() as session:
        rows = session.scalars(select(ForgottenRow))
        return len({row.unit_hash for row in rows if experiment in row.experiments})
