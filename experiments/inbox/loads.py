"""Moves ranges of the inbox out: planned first, deleted last, so that a crash between loses and doubles nothing."""

import itertools
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec
from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from experiments.inbox.arrivals import Stored
from experiments.inbox.batches import MICRO, Inbox
from experiments.registry.models import InboxRow, LoadRow, RecentRow, RejectRow

MOST = 250_000  # rows of one load: about 300 MB of memory
VISIBLE = 10_000
KEEP_REJECTS = 86_400 * MICRO

_decode = msgspec.json.Decoder(Stored)


@dataclass(frozen=True)
class Waiting:
    """One event as it waits to be loaded; `received` in microseconds of UTC, its own time where that was stated."""

    seq: int
    environment: str
    received: int
    event: Stored


@dataclass(frozen=True)
class Load:
    """A planned load: its number, its range of sequence numbers, and its rows."""

    id: int
    first: int
    last: int
    rows: list[Waiting]

    @property
    def name(self) -> str:
        """The same for every retry of the same range: files are named after it."""
        return f"load-{self.first}-{self.last}"


def stored_form(body: bytes) -> Stored:
    """Return an accepted event from its stored form."""
    return _decode.decode(body)


def oldest(inbox: Inbox) -> datetime | None:
    """Return when the event that waits longest was received; None if nothing waits."""
    with inbox.database.read() as session:
        received = session.scalar(select(InboxRow.received).order_by(InboxRow.seq).limit(1))
    return None if received is None else datetime.fromtimestamp(received / MICRO, UTC)


def plan(inbox: Inbox) -> Load | None:
    """Return the unfinished load, or plan the next one; None if nothing waits."""
    with inbox.database.begin() as session:
        row = session.scalar(select(LoadRow).where(LoadRow.done.is_(False)).order_by(LoadRow.id))
        row = row or _planned(session)
        if row is None:
            return None
        session.flush()
        waiting = session.execute(
            select(InboxRow.seq, InboxRow.environment, InboxRow.received, InboxRow.body)
            .where(InboxRow.seq.between(row.first, row.last))
            .order_by(InboxRow.seq)
        )
        return Load(row.id, row.first, row.last, [_waiting(*columns) for columns in waiting])


def _waiting(seq: int, environment: str, received: int, body: bytes) -> Waiting:
    event = _decode.decode(body)
    return Waiting(seq, environment, event.at if event.explicit else received, event)


def finish(inbox: Inbox, load: Load) -> None:
    """Delete the loaded rows and close the plan, in one transaction; the newest rows stay visible."""
    with inbox.database.begin() as session:
        _keep_visible(session, load)
        for first, last in _runs(w.seq for w in load.rows):
            session.execute(delete(InboxRow).where(InboxRow.seq.between(first, last)))
        row = session.get_one(LoadRow, load.id)
        row.done, row.rows = True, len(load.rows)
        old = int(time.time() * MICRO) - KEEP_REJECTS
        session.execute(delete(RejectRow).where(RejectRow.received < old))


def _planned(session: Session) -> LoadRow | None:
    first = session.scalar(select(func.min(InboxRow.seq)))
    if first is None:
        return None
    last = session.scalar(select(func.max(InboxRow.seq)).where(InboxRow.seq < first + MOST))
    row = LoadRow(first=first, last=last, done=False, rows=0)
    session.add(row)
    return row


def _keep_visible(session: Session, load: Load) -> None:
    seqs = [w.seq for w in load.rows[-VISIBLE:]]
    for first, last in _runs(seqs):
        chosen = select(InboxRow.seq, InboxRow.environment, InboxRow.received, InboxRow.body)
        rows = chosen.where(InboxRow.seq.between(first, last))
        session.execute(insert(RecentRow).from_select(["seq", "environment", "received", "body"], rows))
    oldest = session.scalar(select(RecentRow.seq).order_by(RecentRow.seq.desc()).offset(VISIBLE).limit(1))
    if oldest is not None:
        session.execute(delete(RecentRow).where(RecentRow.seq <= oldest))


def _runs(seqs: Iterable[int]) -> Iterable[tuple[int, int]]:
    """Consecutive numbers as ranges. A number that was committed late, after we read, is in none of them."""
    for _, run in itertools.groupby(enumerate(seqs), key=lambda pair: pair[1] - pair[0]):
        numbers = [seq for _, seq in run]
        yield numbers[0], numbers[-1]
