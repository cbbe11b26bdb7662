"""Removes rows of the registry that nothing needs any more; docs/security.md says how long each table keeps what."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete
from sqlalchemy.sql.dml import Delete

from experiments.numbers import count
from experiments.registry import attempts, log, sessions
from experiments.registry.database import Database
from experiments.registry.models import AlertRow, AttemptRow, SendingRow, SessionRow, ShareRow

SHARES, ALERTS = timedelta(days=90), timedelta(days=365)  # after they ended


def tidy(db: Database, now: datetime, before: Mapping[str, int]) -> dict[str, int]:
    """Remove them; return how many from each table, with what was removed elsewhere `before`. The log says so."""
    gone = dict(before)
    with db.begin() as session:
        for table, rule in _rules(now).items():
            done = session.execute(rule)
            gone[table] = done.rowcount if isinstance(done, CursorResult) else 0
        gone = {table: rows for table, rows in gone.items() if rows}
        if gone:
            words = ", ".join(f"{count(rows)} of {table}" for table, rows in gone.items())
            log.add(session, who="keepers", kind="retention", text=f"Removed what nothing needs any more: {words}.")
    return gone


def _rules(now: datetime) -> dict[str, Delete]:
    idle, old = SessionRow.seen_at < now - sessions.IDLE, SessionRow.made_at < now - sessions.LONGEST
    ended = (ShareRow.expires_at < now - SHARES) | (ShareRow.revoked_at < now - SHARES)
    return {
        "sessions": delete(SessionRow).where(idle | old),
        "attempts": delete(AttemptRow).where(AttemptRow.last_at < now - attempts.FORGOTTEN),
        "shares": delete(ShareRow).where(ended),
        "sendings": delete(SendingRow).where(SendingRow.at < now - ALERTS),
        "alerts": delete(AlertRow).where(AlertRow.ended_at < now - ALERTS),
    }
