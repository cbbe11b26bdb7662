"""People who sign in. Passwords are kept as argon2id hashes."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import select

from experiments.errors import Conflict, DefinitionError
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import UserRow

ROLES = ("viewer", "experimenter", "reviewer", "administrator")
SHORTEST = 12


@dataclass(frozen=True)
class User:
    """A person and what they may do."""

    id: int
    email: str
    name: str
    role: str


def add(db: Database, *, email: str, name: str, password: str, role: str = "experimenter", by: str = "") -> User:
    """Add an account; DefinitionError for a bad address, role or password, Conflict if it exists."""
    _check(email, password, role)
    with db.begin() as session:
        if session.scalar(select(UserRow).where(UserRow.email == email.lower())):
            raise Conflict(f"'{email}' already has an account; sign in with it, or choose another address.")
        row = UserRow(
            email=email.lower(), name=name or email, role=role, password_hash=PasswordHasher().hash(password),
            created_at=datetime.now(UTC),
        )  # fmt: skip
        session.add(row)
        session.flush()
        after = {"email": row.email, "name": row.name, "role": role}
        log.add(session, who=by, kind="user", text=f"Account made for {email} as {role}.", after=after)
        return _user(row)


def authenticate(db: Database, email: str, password: str) -> User | None:
    """Return the person if the password is theirs; takes as long for an address that nobody has."""
    with db.read() as session:
        row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower()))
    right = _verify(row.password_hash if row else _nobody(), password)
    return _user(row) if row and right else None


def get(db: Database, user_id: int) -> User | None:
    """Return the person with this number, if there is one."""
    with db.read() as session:
        row = session.get(UserRow, user_id)
    return _user(row) if row else None


def everyone(db: Database) -> list[User]:
    """Return all accounts by name."""
    with db.read() as session:
        return [_user(row) for row in session.scalars(select(UserRow).order_by(UserRow.name))]


def _check(email: str, password: str, role: str) -> None:
    problems = []
    if "@" not in email.strip("@"):
        problems.append(f"'{email}' is not an e-mail address; write one such as ada@example.com.")
    if len(password) < SHORTEST:
        problems.append(f"The password has {len(password)} characters; it needs at least {SHORTEST}: a few words do.")
    if role not in ROLES:
        problems.append(f"'{role}' is not a role; choose one of {', '.join(ROLES)}.")
    if problems:
        raise DefinitionError(problems)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash that no password fits, so that unknown addresses cost the same time."""
    return PasswordHasher().hash("nobody has this password")


def _user(row: UserRow) -> User:
    return User(id=row.id, email=row.email, name=row.name, role=row.role)
