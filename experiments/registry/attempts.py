"""Guessing is slowed down: after a few failed sign-ins of one account, or from one address, each next one must wait."""

import hashlib
import ipaddress
from datetime import datetime, timedelta

from sqlalchemy import delete

from experiments.errors import Conflict
from experiments.registry.database import Database, Session
from experiments.registry.models import AttemptRow

FREE = {"account": 5, "address": 20}  # failures in a row before the first wait
FIRST, LONGEST = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)


def begin(db: Database, email: str, origin: str, now: datetime) -> datetime | None:
    """Count an attempt as failed before it is looked at; return until when it must wait, None if it may go on.

    Counting first is what holds against many guesses at the same moment. It is the same for accounts that exist
    and for those that do not.
    """
    for _ in range(3):
        try:
            return _begin(db, email, origin, now)
        except Conflict:  # another counted the first attempt at the same moment
            continue
    return now + FIRST


def succeeded(db: Database, email: str, origin: str) -> None:
    """Forget the failures of an account whose owner has come, and take back what this attempt counted."""
    account, address = _keys(email, origin)
    with db.begin() as session:
        session.execute(delete(AttemptRow).where(AttemptRow.key == account))
        row = session.get(AttemptRow, address, with_for_update=True)
        if row is not None:
            row.failures -= 1
            row.waits_until = None if row.failures < FREE["address"] else row.waits_until


def wait(failures: int, free: int) -> timedelta | None:
    """How long to wait after so many failures: twice as long each time, up to a quarter of an hour."""
    return None if failures < free else min(LONGEST, FIRST * 2 ** min(failures - free, 10))


def _begin(db: Database, email: str, origin: str, now: datetime) -> datetime | None:
    with db.begin() as session:
        session.execute(delete(AttemptRow).where(AttemptRow.last_at < now - FORGOTTEN))
        rows = {kind: _row(session, key, now) for kind, key in zip(FREE, _keys(email, origin), strict=True)}
        waits = [row.waits_until for row in rows.values() if row.waits_until and row.waits_until > now]
        if waits:
            return max(waits)
        for kind, row in rows.items():
            row.failures, row.last_at = row.failures + 1, now
            longer = wait(row.failures, FREE[kind])
            row.waits_until = now + longer if longer else None
    return None


def _row(session: Session, key: str, now: datetime) -> AttemptRow:
    row = session.get(AttemptRow, key, with_for_update=True)
    if row is None:
        row = AttemptRow(key=key, failures=0, last_at=now, waits_until=None)
        session.add(row)
        session.flush()
    return row


def _keys(email: str, origin: str) -> tuple[str, str]:
    """The two counters, as hashes: what was typed into the field of the e-mail may be anything."""
    names = (f"account:{email.strip().lower()}", f"address:{_network(origin)}")
    account, address = (hashlib.sha256(name.encode(errors="replace")).hexdigest() for name in names)
    return account, address


def _network(origin: str) -> str:
    """An address, or of IPv6 the network of one customer, who has millions of addresses."""
    try:
        found = ipaddress.ip_address(origin)
    except ValueError:
        return origin
    return str(ipaddress.ip_network((found, 64), strict=False)) if found.version == 6 else origin
