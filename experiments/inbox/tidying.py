"""Removes rows of the inbox that nothing needs any more; docs/security.md says how long each table keeps what."""

from datetime import datetime, timedelta

from sqlalchemy import CursorResult, delete, func, select
from sqlalchemy.sql.dml import Delete

from experiments.inbox.batches import MICRO, Inbox
from experiments.inbox.loads import KEEP_REJECTS
from experiments.registry.models import LoadRow, RecentRow, RejectRow, TallyRow

TALLIES = timedelta(days=30)
LOADS = 1000  # the newest


def tidy(inbox: Inbox, now: datetime, keep_raw_days: int | None) -> dict[str, int]:
    """Remove them; return how many from each table. No event stays in view for longer than raw events are kept."""
    gone = {}
    with inbox.database.begin() as session:
        for table, rule in _rules(now, keep_raw_days).items():
            done = session.execute(rule)
            gone[table] = done.rowcount if isinstance(done, CursorResult) else 0
    return gone


def _rules(now: datetime, keep_raw_days: int | None) -> dict[str, Delete]:
    micros = int(now.timestamp() * MICRO)
    newest = select(func.max(LoadRow.id)).scalar_subquery()
    rules: dict[str, Delete] = {
        "rejects": delete(RejectRow).where(RejectRow.received < micros - KEEP_REJECTS),
        "tallies": delete(TallyRow).where(TallyRow.minute < int((now - TALLIES).timestamp()) // 60),
        "loads": delete(LoadRow).where(LoadRow.done, LoadRow.id <= newest - LOADS),
    }
    if keep_raw_days is not None:
        rules["recent"] = delete(RecentRow).where(RecentRow.received < micros - keep_raw_days * 86_400 * MICRO)
    return rules
