"""Leases: one writer at a time, whether it is a DAG, a backfill or a command."""

import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from experiments.errors import Conflict
from experiments.registry.database import Database
from experiments.registry.models import LeaseRow

LASTS = timedelta(minutes=30)


@contextmanager
def lease(db: Database, name: str) -> Iterator[None]:
    """Hold `name` for the block. Conflict if another holds it; a dead holder's lease runs out by itself."""
    holder = f"{socket.gethostname()[:40]}/{os.getpid()}/{secrets.token_hex(4)}"
    _take(db, name, holder)
    try:
        yield
    finally:
        _release(db, name, holder)


def _take(db: Database, name: str, holder: str) -> None:
    try:
        _claim(db, name, holder)
    except Conflict as error:
        if not isinstance(error.__cause__, IntegrityError):
            raise
        # Another took the free lease at the same moment.
        raise Conflict(f"another process has just begun to write to the {name}. Run this again.") from None


def _claim(db: Database, name: str, holder: str) -> None:
    now = datetime.now(UTC)
    with db.begin() as session:
        row = session.get(LeaseRow, name, with_for_update=True)
        if row is not None and row.expires_at > now and _alive(row.holder):
            raise Conflict(
                f"process {row.holder} is writing to the {name} and may until {row.expires_at:%H:%M} UTC. "
                "Wait for it to finish, then run this again."
            )
        if row is None:  # an insertion, which fails if another was quicker: a merge would take theirs over
            session.add(LeaseRow(name=name, holder=holder, expires_at=now + LASTS))
        else:
            row.holder, row.expires_at = holder, now + LASTS


def _alive(holder: str) -> bool:
    """Only a process of this machine can be known to be dead; any other keeps its lease until it runs out."""
    host, pid, _ = holder.split("/")
    if host != socket.gethostname()[:40]:
        return True
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True  # it lives, and belongs to another user
    return not _ended(pid)


def _ended(pid: str) -> bool:
    """Whether it is over though nobody has asked how it ended, which process 1 of many containers never does."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False  # no Linux; or gone in between, which the next attempt sees
    return state in "ZX"


def _release(db: Database, name: str, holder: str) -> None:
    with db.begin() as session:
        row = session.get(LeaseRow, name)
        if row is not None and row.holder == holder:
            session.delete(row)
