"""API keys, each with a scope: what SDKs, back ends and programs may do. Shown once, kept as a hash, rotated."""

import contextlib
import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from experiments.errors import Conflict, DefinitionError, NotFound, Unavailable
from experiments.registry import log
from experiments.registry.database import Database, Session
from experiments.registry.models import KeyRow

ENVIRONMENT = "production"  # the one that is analysed; the others are for trying things out
ENVIRONMENTS = (ENVIRONMENT, "staging", "development")
KINDS = {  # a key's role, and what people call such a key
    "": "client", "server": "server", "viewer": "reporting", "experimenter": "experimenter", "reviewer": "reviewer",
}  # fmt: skip
ROLES = tuple(role for role in KINDS if role)
COLLECTING = ("", "server")  # may read the config and send events
ACTING = {"server": "viewer"}  # what a key counts as in the REST API, where that is not its role
LONGEST_OVERLAP = 30 * 24  # hours
USED = timedelta(minutes=10)  # last use is noted no finer than this, so that reading costs no writing


@dataclass(frozen=True)
class Key:
    """An API key without its token; `prefix` is the part that people may recognise it by.

    `role` is what a key may do, and `acts_as` its role in the REST API, empty if it has none there. `expires_at` is
    set once it was rotated; `used_at` is its last use, to ten minutes.
    """

    id: int
    name: str
    environment: str
    prefix: str
    created_at: datetime
    revoked_at: datetime | None
    role: str = ""
    made_by: str = ""
    expires_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def kind(self) -> str:
        """The key's scope in a word: client, server, reporting, experimenter or reviewer."""
        return KINDS[self.role]

    @property
    def acts_as(self) -> str:
        """The role that the key has in the REST API; empty if none."""
        return ACTING.get(self.role, self.role)

    def works(self, now: datetime) -> bool:
        """Whether it is neither revoked nor past the end that a rotation set."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


def create(
    db: Database, *, name: str, environment: str = "production", role: str = "", by: str = ""
) -> tuple[Key, str]:
    """Make a key and return it with its token, which cannot be shown again. `role` may also be a kind's name."""
    role = next((r for r, kind in KINDS.items() if kind == role), role)
    if role not in KINDS:
        raise DefinitionError(f"'{role}' is no kind of key; choose one of {', '.join(KINDS.values())}.")
    if environment not in ENVIRONMENTS:
        raise DefinitionError(f"'{environment}' is not an environment; choose one of {', '.join(ENVIRONMENTS)}.")
    with db.begin() as session:
        row, token = _add(session, name, environment, role, by)
        text = f"Key '{name}' made: {KINDS[role]}, {environment}."
        log.add(session, who=by, kind="key", text=text, after=_facts(row))
        return _key(row), token


def rotate(db: Database, key_id: int, *, hours: int, by: str) -> tuple[Key, str]:
    """Make a key like this one and return it with its token; the old one works for so many hours more."""
    if not 0 <= hours <= LONGEST_OVERLAP:
        raise DefinitionError(f"an overlap of {hours} hours is not possible; choose 0 to {LONGEST_OVERLAP}.")
    now = datetime.now(UTC)
    with db.begin() as session:
        old = _find(session, key_id)
        if not _key(old).works(now):
            raise Conflict(f"the key '{old.name}' ended already, so there is nothing to rotate: make a new one.")
        before = _facts(old)
        row, token = _add(session, old.name, old.environment, old.role, by)
        end = now + timedelta(hours=hours)
        old.expires_at = min(end, old.expires_at or end)
        text = f"Key '{old.name}' rotated; the old one works until {old.expires_at:%Y-%m-%d %H:%M} UTC."
        log.add(session, who=by, kind="key", text=text, before=before, after={"old": _facts(old), "new": _facts(row)})
        return _key(row), token


def verify(db: Database, token: str) -> Key | None:
    """Return the key of this token if it may read the config and send events, and works."""
    found = _verified(db, token)
    return found if found and found.role in COLLECTING else None


def verify_api(db: Database, token: str) -> Key | None:
    """Return the key of this token if it may use the REST API, and works."""
    found = _verified(db, token)
    return found if found and found.acts_as else None


def listing(db: Database) -> list[Key]:
    """Return all keys, newest first."""
    with db.read() as session:
        return [_key(row) for row in session.scalars(select(KeyRow).order_by(KeyRow.id.desc()))]


def working(db: Database, made_by: str) -> list[Key]:
    """Return the keys that this person made and that still work."""
    now = datetime.now(UTC)
    return [key for key in listing(db) if key.made_by == made_by and key.works(now)]


def revoke(db: Database, key_id: int, by: str = "") -> None:
    """End a key: it is refused from now on."""
    with db.begin() as session:
        row = _find(session, key_id)
        before = _facts(row)
        row.revoked_at = row.revoked_at or datetime.now(UTC)
        log.add(session, who=by, kind="key", text=f"Key '{row.name}' revoked.", before=before, after=_facts(row))


def _add(session: Session, name: str, environment: str, role: str, by: str) -> tuple[KeyRow, str]:
    token = f"{'sdk' if role in COLLECTING else 'api'}-{secrets.token_urlsafe(24)}"
    row = KeyRow(
        name=name, environment=environment, prefix=token[:10], token_hash=_hash(token),
        created_at=datetime.now(UTC), role=role, made_by=by,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row, token


def _find(session: Session, key_id: int) -> KeyRow:
    row = session.get(KeyRow, key_id)
    if row is None:
        raise NotFound(f"no key has the number {key_id}; the list of keys shows those that exist.")
    return row


def _verified(db: Database, token: str) -> Key | None:
    now = datetime.now(UTC)
    with db.read() as session:
        row = session.scalar(select(KeyRow).where(KeyRow.token_hash == _hash(token)))
    if row is None or not _key(row).works(now):
        return None
    if row.used_at is None or now - row.used_at > USED:
        _used(db, row.id, now)
    return _key(row)


def _used(db: Database, key_id: int, now: datetime) -> None:
    """Note the last use; events must not be refused because that cannot be written down."""
    with contextlib.suppress(Unavailable), db.begin() as session:
        session.get_one(KeyRow, key_id).used_at = now


def _hash(token: str) -> str:
    """A token is 192 random bits: one plain hash is enough, and fast enough for every request."""
    return hashlib.sha256(token.encode()).hexdigest()


def _facts(row: KeyRow) -> dict[str, object]:
    """What the log keeps of a key: never its token, nor the hash of it."""
    kept = {"id": row.id, "name": row.name, "kind": KINDS[row.role], "environment": row.environment}
    ends = {name: value.isoformat() for name in ("expires_at", "revoked_at") if (value := getattr(row, name))}
    return {**kept, **ends}


def _key(row: KeyRow) -> Key:
    return Key(**{name: getattr(row, name) for name in Key.__dataclass_fields__})
