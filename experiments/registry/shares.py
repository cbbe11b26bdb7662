"""Share links: one snapshot's report for people without an account, until a day, or until somebody ends it."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from experiments.errors import DefinitionError, NotFound
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import ShareRow

LONGEST = 90  # days


@dataclass(frozen=True)
class Share:
    """A link without its token."""

    id: int
    experiment: str
    snapshot: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def open(self, now: datetime) -> bool:
        """Whether the link still leads somewhere."""
        return self.revoked_at is None and now < self.expires_at


def create(db: Database, key: str, snapshot: int, *, days: int, by: str) -> tuple[Share, str]:
    """Make a link to one snapshot for so many days, and return it with its token, which cannot be shown again."""
    if not 1 <= days <= LONGEST:
        raise DefinitionError(f"A link for {days} days is not possible; choose 1 to {LONGEST}.")
    token, now = secrets.token_urlsafe(24), datetime.now(UTC)
    with db.begin() as session:
        row = ShareRow(
            experiment=key, snapshot=snapshot, token_hash=_hash(token), made_by=by, made_at=now,
            expires_at=now + timedelta(days=days),
        )  # fmt: skip
        session.add(row)
        session.flush()
        until = f"{row.expires_at:%Y-%m-%d}"
        log.add(
            session, who=by, kind="share", experiment=key, text=f"Link to r{snapshot} made, until {until}.",
            after={"link": row.id, "snapshot": snapshot, "expires_at": row.expires_at.isoformat()},
        )  # fmt: skip
        return _share(row), token


def find(db: Database, token: str, now: datetime) -> Share | None:
    """Return the link of this token; None if there is none, or it has ended."""
    with db.read() as session:
        row = session.scalar(select(ShareRow).where(ShareRow.token_hash == _hash(token)))
    found = _share(row) if row else None
    return found if found and found.open(now) else None


def listing(db: Database, key: str) -> list[Share]:
    """Return the links of one experiment, newest first."""
    with db.read() as session:
        rows = session.scalars(select(ShareRow).where(ShareRow.experiment == key).order_by(ShareRow.id.desc()))
        return [_share(row) for row in rows]


def revoke(db: Database, key: str, share_id: int, by: str) -> None:
    """End a link at once and for good."""
    with db.begin() as session:
        row = session.get(ShareRow, share_id)
        if row is None or row.experiment != key:
            raise NotFound(f"'{key}' has no link with the number {share_id}; its share page lists those that exist.")
        before = {"link": row.id, "ended": row.revoked_at is not None}
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        log.add(
            session, who=by, kind="share", experiment=key, text=f"Link to r{row.snapshot} ended.", before=before,
            after={"link": row.id, "ended": True},
        )  # fmt: skip


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _share(row: ShareRow) -> Share:
    return Share(row.id, row.experiment, row.snapshot, row.made_by, row.made_at, row.expires_at, row.revoked_at)
