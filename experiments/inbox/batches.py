"""Takes batches in: events are checked one by one, and durable before the sender gets its answer."""

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from sqlalchemy import Table, insert
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import Session

from experiments.errors import KeepersError
from experiments.inbox.arrivals import Checked, Refusal, check
from experiments.inbox.together import Together
from experiments.privacy import Privacy, personal
from experiments.registry.database import Database
from experiments.registry.experiments import Known
from experiments.registry.models import InboxRow, LossRow, RejectRow, TallyRow

LARGEST_BATCH = 500
SKEW = 60.0  # seconds that a sender's clock may be off before its times are corrected
MICRO = 1_000_000
LONGEST_SDK = 80  # characters of a sender's version
SHOWN = 2000  # bytes of a refused event
MOST_LOST = 1 << 40  # what one sender may say that it lost; a column of integers ends somewhere
LARGEST_VERSION = (1 << 31) - 1


class Malformed(KeepersError):
    """The whole body is unusable: `code` for programs, the message and `remedy` for people."""

    def __init__(self, code: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.code = code
        self.remedy = remedy


@dataclass(frozen=True)
class Reject:
    """One event that was refused: its place in the batch, its id, a code and a sentence."""

    index: int
    id: str
    reason: str
    message: str


@dataclass(frozen=True)
class Receipt:
    """What became of a batch. accepted + duplicate + rejected = events sent; `dropped` attributes were not declared."""

    accepted: int
    duplicate: int
    rejected: list[Reject] = field(default_factory=list)
    dropped: int = 0


class Loss(msgspec.Struct):
    """A number of exposures or events that the sender had to drop."""

    count: int
    experiment: str = ""
    version: int = 1
    variant: str = ""
    event: str = ""
    id: str | None = None


class Batch(msgspec.Struct):
    """The envelope of POST /v1/events; its events are decoded one by one."""

    events: list[msgspec.Raw]
    schema: int = 1
    sent_at: float | str | None = None
    sdk: str = ""
    boot: str = ""
    lost: list[Loss] = []


class Inbox:
    """The inbox by its SQLAlchemy URL."""

    def __init__(self, url: str) -> None:
        self.database = Database(url, "inbox")
        self._together = Together(self.database)

    def migrate(self) -> None:
        """Bring the tables to the newest version."""
        self.database.migrate()

    def accept(self, body: bytes, known: Known, now: datetime | None = None) -> Receipt:
        """Check and store one batch; returns after the commit.

        `body` is the inflated JSON. Malformed if the envelope cannot be read or holds more than 500 events.
        """
        received = now or datetime.now(UTC)
        batch = _envelope(body)
        checked = _checked(batch, known, received)

        def keep(session: Session) -> Receipt:
            return _keep(session, batch, checked, known, received)

        if self.database.file:
            return self._together.write(keep)
        with self.database.begin() as session:
            return keep(session)


def _keep(
    session: Session, batch: Batch, checked: list[tuple[int, Checked | Refusal]], known: Known, received: datetime
) -> Receipt:
    """Store what was checked, and count it."""
    new = _store(session, [c for _, c in checked if isinstance(c, Checked)], known.environment, received)
    rejects = [(i, raw, c) for (i, raw), c in _refused(batch, checked)]
    _keep_rejects(session, rejects, known, received, batch.sdk)
    _keep_losses(session, batch.lost, known.environment, received)
    duplicate = len(checked) - len(new) - len(rejects)
    dropped = sum(c.dropped for _, c in checked if isinstance(c, Checked) and c.id in new)
    receipt = Receipt(len(new), duplicate, [_reject(i, c) for i, _, c in rejects], dropped)
    exposures = {c.id for _, c in checked if isinstance(c, Checked) and c.exposure and c.id in new}
    _count(session, receipt, len(exposures), known.environment, received)
    return receipt


def _envelope(body: bytes) -> Batch:
    try:
        batch = msgspec.json.decode(body, type=Batch)
    except msgspec.ValidationError as error:
        raise Malformed("bad_shape", f"The body does not fit: {error}.", "See docs/events-by-http.md.") from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        batch = _lenient(body)
    if len(batch.events) > LARGEST_BATCH:
        message = f"The batch holds {len(batch.events)} events; at most {LARGEST_BATCH} are taken at once."
        raise Malformed("too_many_events", message, "Send several batches.")
    return batch


def _lenient(body: bytes) -> Batch:
    """Read what some languages write for NaN and infinity, so that one bad value spares the rest of its batch."""
    try:
        data = json.loads(body)
        events = [msgspec.Raw(json.dumps(item).encode()) for item in data["events"]]
        return msgspec.convert({**data, "events": events}, Batch)
    except (ValueError, KeyError, TypeError, RecursionError, msgspec.ValidationError) as error:
        remedy = 'Send {"events": [...]} in UTF-8; see docs/events-by-http.md.'
        raise Malformed("not_json", f"The body is not the JSON of a batch: {error}.", remedy) from None


def _checked(batch: Batch, known: Known, received: datetime) -> list[tuple[int, Checked | Refusal]]:
    skew, sdk = _skew(batch.sent_at, received), "" if personal(batch.sdk) else _kept(batch.sdk, LONGEST_SDK)
    return [(i, check(bytes(raw), known, received, skew, sdk)) for i, raw in enumerate(batch.events)]


def _skew(sent_at: float | str | None, received: datetime) -> float:
    """Seconds to add to a wrong clock's times; small differences are the network's, not the clock's."""
    if sent_at is None:
        return 0.0
    try:
        sent = datetime.fromisoformat(sent_at).timestamp() if isinstance(sent_at, str) else float(sent_at)
    except (ValueError, OverflowError):
        return 0.0
    off = received.timestamp() - sent
    return off if math.isfinite(off) and abs(off) > SKEW else 0.0


def _store(session: Session, events: list[Checked], environment: str, received: datetime) -> set[str]:
    """Keep each event once; return the ids that were new: PostgreSQL's driver counts no rows here."""
    if not events:
        return set()
    at = int(received.timestamp() * MICRO)
    # In order of id: two batches that share events then wait for each other and never lock each other out.
    ordered = sorted(events, key=lambda e: e.id)
    rows = [{"id": e.id, "environment": environment, "received": at, "body": e.body} for e in ordered]
    insertion = _insert(session, InboxRow.__table__).on_conflict_do_nothing().returning(InboxRow.__table__.c.id)
    return set(session.scalars(insertion, rows))


def _insert(session: Session, table: Any) -> Any:
    """Both databases say ON CONFLICT, each in its own dialect's insert."""
    return (sqlite_insert if session.get_bind().dialect.name == "sqlite" else postgresql_insert)(table)


def _refused(batch: Batch, checked: list[tuple[int, Checked | Refusal]]) -> list[tuple[tuple[int, bytes], Refusal]]:
    return [((i, bytes(batch.events[i])), c) for i, c in checked if isinstance(c, Refusal)]


def _reject(index: int, refusal: Refusal) -> Reject:
    return Reject(index, refusal.id, refusal.reason, refusal.message)


def _keep_rejects(
    session: Session, rejects: list[tuple[int, bytes, Refusal]], known: Known, received: datetime, sdk: str
) -> None:
    at = int(received.timestamp() * MICRO)
    rows = [
        {
            "environment": known.environment, "received": at, "reason": refusal.reason,
            "message": "It held personal data." if personal(refusal.message) else _kept(refusal.message, 1000),
            "sdk": _kept(sdk, LONGEST_SDK), "body": _shown(raw[:SHOWN], known.privacy),
        }
        for _, raw, refusal in rejects
    ]  # fmt: skip
    if rows:
        session.execute(insert(RejectRow), rows)


def _shown(raw: bytes, privacy: Privacy) -> bytes:
    """What is kept of a refused event: nothing if it tells of a person, for whatever reason it was refused."""
    return b"{}" if privacy.salt or personal(raw.decode(errors="replace")) else raw


def _kept(text: str, most: int) -> str:
    """Text as every database takes it: without NUL and half characters, and not too long."""
    return text[:most].replace("\0", "").encode(errors="replace").decode()


def _keep_losses(session: Session, losses: list[Loss], environment: str, received: datetime) -> None:
    """Keep each loss once, if the sender gave it an id: a batch whose answer was lost is sent again."""
    at = int(received.timestamp() * MICRO)
    rows = [
        {
            "id": loss.id and _kept(loss.id, 64), "environment": environment, "received": at,
            "experiment": _kept(loss.experiment, 120),
            "phase": loss.version, "variant": _kept(loss.variant, 120), "count": min(loss.count, MOST_LOST),
        }
        for loss in losses
        if loss.count > 0 and 0 < loss.version <= LARGEST_VERSION
    ]  # fmt: skip
    if rows:
        session.execute(_insert(session, LossRow.__table__).on_conflict_do_nothing(), rows)


def _count(session: Session, receipt: Receipt, exposures: int, environment: str, received: datetime) -> None:
    """Add the batch to its minute."""
    added = {
        "exposures": exposures, "events": receipt.accepted - exposures,
        "duplicate": receipt.duplicate, "rejected": len(receipt.rejected),
    }  # fmt: skip
    table: Table = TallyRow.__table__  # type: ignore[assignment]
    key = {"environment": environment, "minute": int(received.timestamp()) // 60}
    statement = _insert(session, table).values(**key, **added)
    more = {name: table.c[name] + n for name, n in added.items()}
    session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=more))
