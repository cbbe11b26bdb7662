"""API keys: for SDKs each of one environment, for the REST API each with a role; shown once, kept as a hash."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select

from experiments.errors import DefinitionError, NotFound
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import KeyRow

ENVIRONMENTS = ("production", "staging", "development")
ROLES = ("viewer", "experimenter", "reviewer")  # of keys for the REST API; accounts stay with people


@dataclass(frozen=True)
class Key:
    """An API key without its token; `prefix` is the part that people may recognise it by.

    `role` is what a key for the REST API may do; an SDK's key has none.
    """

    id: int
    name: str
    environment: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    role: str = ""


def create(
    db: Database, *, name: str, environment: str = "production", role: str = "", by: str = ""
) -> tuple[Key, str]:
    """Make a key and return it with its token, which cannot be shown again. With a role it is for the REST API."""
    if role and role not in ROLES:
        raise DefinitionError(f"'{role}' is not a role of keys; choose one of {', '.join(ROLES)}, or none for an SDK.")
    if environment not in ENVIRONMENTS:
        raise DefinitionError(f"'{environment}' is not an environment; choose one of {', '.join(ENVIRONMENTS)}.")
    token = f"{'api' if role else 'sdk'}-{secrets.token_urlsafe(24)}"
    with db.begin() as session:
        row = KeyRow(
            name=name, environment=environment, prefix=token[:10], token_hash=_hash(token),
            created_at=datetime.now(UTC), role=role,
        )  # fmt: skip
        session.add(row)
        session.flush()
        log.add(session, who=by, kind="key", text=f"Key '{name}' made for {role or environment}.")
        return _key(row), token


def verify(db: Database, token: str) -> Key | None:
    """Return the SDK's key that this token belongs to, unless it was revoked."""
    found = _verified(db, token)
    return found if found and not found.role else None


def verify_api(db: Database, token: str) -> Key | None:
    """Return the REST API's key that this token belongs to, unless it was revoked; an SDK's key is none."""
    found = _verified(db, token)
    return found if found and found.role else None


def listing(db: Database) -> list[Key]:
    """Return all keys, newest first."""
    with db.read() as session:
        return [_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))]


def revoke(db: Database, key_id: int, by: str = "") -> None:
    """End a key: the collector refuses it from now on."""
    with db.begin() as session:
        row = session.get(KeyRow, key_id)
        if row is None:
            raise NotFound(f"no key has the number {key_id}; the list of keys shows those that exist.")
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        log.add(session, who=by, kind="key", text=f"Key '{row.name}' revoked.")


def _verified(db: Database, token: str) -> Key | None:
    with db.read() as session:
        row = session.scalar(select(KeyRow).where(KeyRow.token_hash == _hash(token), KeyRow.revoked_at.is_(None)))
    return _key(row) if row else None


def _hash(token: str) -> str:
    """A token is 192 random bits: one plain hash is enough, and fast enough for every request."""
    return hashlib.sha256(token.encode()).hexdigest()


def _key(row: KeyRow) -> Key:
    return Key(row.id, row.name, row.environment, row.prefix, row.created_at, row.revoked_at, row.role)
