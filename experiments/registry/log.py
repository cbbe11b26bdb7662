"""The log: who changed what, when and from where, and what people said. Each row seals the one before it."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from experiments.errors import Distrusted
from experiments.registry.database import Database
from experiments.registry.models import LogHeadRow, LogRow

Facts = Mapping[str, Any]
_origin: ContextVar[str] = ContextVar("origin", default="command")


@dataclass(frozen=True)
class Entry:
    """One row of the log; `before` and `after` are the JSON of what changed, None where nothing was or is there.

    `origin` is an address, "command" for a shell or a DAG, and empty in rows that are older than it.
    """

    at: datetime
    who: str
    kind: str
    experiment: str | None
    text: str
    number: int = 0
    origin: str = ""
    before: str | None = None
    after: str | None = None
    former: str = ""
    hash: str = ""


_ENTRIES = (  # made once: to build a statement takes longer than to run it
    select(*(getattr(LogRow, name) for name in Entry.__dataclass_fields__))
    .where(LogRow.experiment == bindparam("experiment"))
    .order_by(LogRow.number.desc())
)


@contextmanager
def from_where(origin: str) -> Iterator[None]:
    """Note this origin in all entries that the block writes."""
    token = _origin.set(origin[:64])
    try:
        yield
    finally:
        _origin.reset(token)


def origin() -> str:
    """Where the change that is being made comes from."""
    return _origin.get()


def add(
    session: Session, *, who: str, kind: str, text: str, experiment: str | None = None,
    before: Facts | None = None, after: Facts | None = None,
) -> None:  # fmt: skip
    """Write one entry in the caller's transaction: a change and its entry stand or fall together.

    Call it last: from here to the end of the transaction every other writer of the log waits, so that the
    chain has one order.
    """
    session.flush()
    rows, former = _head(session)
    row = LogRow(
        number=rows + 1, at=datetime.now(UTC), who=who[:254], origin=origin(), kind=kind, experiment=experiment,
        text=text, before=_json(before), after=_json(after), former=former,
    )  # fmt: skip
    row.hash = seal(row)
    session.add(row)
    session.execute(update(LogHeadRow).values(rows=row.number, hash=row.hash))


def entries(db: Database, key: str) -> list[Entry]:
    """Return the entries of one experiment, newest first."""
    return [Entry(*row) for row in db.rows(_ENTRIES, {"experiment": key})]


def of(session: Session, key: str) -> list[Entry]:
    """Return the entries of one experiment, newest first, as this transaction sees them."""
    return [Entry(*row) for row in session.execute(_ENTRIES, {"experiment": key})]


def entry(row: LogRow) -> Entry:
    """Turn a stored row into an entry."""
    return Entry(**{name: getattr(row, name) for name in Entry.__dataclass_fields__})


def seal(row: LogRow | Entry) -> str:
    """Return the SHA-256 of the row's canonical JSON: every column, and the hash of the row before it."""
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds")
    names = ("number", "who", "origin", "kind", "experiment", "text", "before", "after", "former")
    sealed = {"at": at, **{name: getattr(row, name) for name in names}}
    return hashlib.sha256(canonical(sealed).encode()).hexdigest()


def canonical(value: Any) -> str:
    """Return JSON of one form only: sorted keys, no spaces, characters as they are."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _head(session: Session) -> tuple[int, str]:
    """How many rows there are and the last one's hash, held against other writers until this transaction ends."""
    head = session.execute(select(LogHeadRow.rows, LogHeadRow.hash).with_for_update()).one_or_none()
    if head is None:
        raise Distrusted("the head of the log is gone, so nothing can be changed any more. Restore a back-up.")
    return head[0], head[1]


def _json(facts: Facts | None) -> str | None:
    return None if facts is None else canonical(facts)
