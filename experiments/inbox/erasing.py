"""Removes what the inbox holds of one unit: events that wait, that are still shown, and that were refused."""

import json
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from experiments.inbox.batches import Inbox
from experiments.registry.models import InboxRow, RecentRow, RejectRow

TABLES = {"inbox": InboxRow, "recent": RecentRow, "rejects": RejectRow}
AT_ONCE = 500


def erase(inbox: Inbox, names: set[str]) -> dict[str, int]:
    """Remove every row whose units have one of these ids; return how many from each table.

    Of refused events, which may have any shape, every row that holds one of the ids anywhere.
    """
    with inbox.database.begin() as session:
        return {name: _erase(session, table, names) for name, table in TABLES.items()}


def _erase(session: Session, table: Any, names: set[str]) -> int:
    seqs = [seq for seq, body in session.execute(select(table.seq, table.body)) if _holds(table, body, names)]
    for start in range(0, len(seqs), AT_ONCE):
        session.execute(delete(table).where(table.seq.in_(seqs[start : start + AT_ONCE])))
    return len(seqs)


def _holds(table: Any, body: bytes, names: set[str]) -> bool:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        return any(name in body.decode(errors="replace") for name in names)
    if table is RejectRow:
        return any(name in json.dumps(data, ensure_ascii=False) for name in names)
    return bool(names & set(data["units"].values()))
