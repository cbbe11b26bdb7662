"""Notes of which channels took a message, kept until all of them did: who tries again leaves these out."""

from datetime import datetime

from sqlalchemy import delete, select

from experiments.registry.database import Database
from experiments.registry.models import SendingRow


def took(db: Database, message: str) -> set[str]:
    """Return the channels that took a message which others did not."""
    with db.read() as session:
        return set(session.scalars(select(SendingRow.channel).where(SendingRow.message == message)))


def note(db: Database, message: str, channel: str, now: datetime) -> None:
    """Note that a channel took a message."""
    with db.begin() as session:
        session.merge(SendingRow(message=message, channel=channel, at=now))


def complete(db: Database, message: str) -> None:
    """Forget a message that every channel took: one of the same name is then another."""
    with db.begin() as session:
        session.execute(delete(SendingRow).where(SendingRow.message == message))
