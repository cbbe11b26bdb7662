"""People who sign in: their roles, for all teams or in one, their passwords and their second step."""

import contextlib
import hashlib
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, select, update

from experiments import totp
from experiments.errors import Conflict, DefinitionError, NotFound, Refused, Unavailable
from experiments.registry import log, passwords
from experiments.registry.database import Database, Session
from experiments.registry.models import SessionRow, UserRow

ROLES = ("viewer", "experimenter", "reviewer", "administrator")
IN_TEAMS = ROLES[:-1]  # administrators are so everywhere
RECOVERY_CODES = 8
# Other scripts have letters that look like these, or become them in lower case: two accounts would pass for one.
ADDRESS = re.compile(r"[!-?A-~]+@[!-?A-~]+")


@dataclass(frozen=True)
class User:
    """A person and what they may do: `role` everywhere, but in a team of `teams` the role that stands there."""

    id: int
    email: str
    name: str
    role: str
    teams: Mapping[str, str] = field(default_factory=dict)
    off_at: datetime | None = None
    two_step: bool = False
    codes_left: int = 0
    has_password: bool = True


def add(
    db: Database, *, email: str, name: str, password: str, role: str = "experimenter", by: str = "",
    teams: Mapping[str, str] | None = None,
) -> User:  # fmt: skip
    """Add an account; DefinitionError for a bad address, role or password, Conflict if it exists."""
    _check(email, role, teams or {}, passwords.problems(password, email, name))
    with db.begin() as session:
        row = _new(session, email, name, role, teams or {})
        row.password_hash = passwords.hashed(password)
        log.add(session, who=by, kind="user", text=f"Account made for {email} as {role}.", after=_facts(row))
        return user(row)


def authenticate(db: Database, email: str, password: str) -> User | None:
    """Return the person if the password is theirs; takes as long for an address that nobody has."""
    with db.read() as session:
        row = session.scalar(select(UserRow).where(UserRow.email == email.strip().lower(), UserRow.off_at.is_(None)))
    if not passwords.fits(row.password_hash if row else None, password) or row is None:
        return None
    if passwords.outdated(row.password_hash):
        _hash_anew(db, row, password)
    return user(row)


def refused(db: Database, email: str, why: str) -> None:
    """Log a sign-in that was refused. What was typed is kept only if it looks like an address."""
    who = email.strip()[:254] if "@" in email else "no e-mail address"
    with db.begin() as session:
        log.add(session, who=who, kind="sign-in", text=f"Sign-in refused: {why}.")


def get(db: Database, user_id: int) -> User | None:
    """Return the person with this number, if there is one."""
    with db.read() as session:
        row = session.get(UserRow, user_id)
    return user(row) if row else None


def everyone(db: Database, *, off: bool = False) -> list[User]:
    """Return all accounts by name; with `off` those too that are switched off."""
    query = select(UserRow).order_by(UserRow.name)
    with db.read() as session:
        return [user(row) for row in session.scalars(query if off else query.where(UserRow.off_at.is_(None)))]


def set_roles(db: Database, user_id: int, *, role: str, teams: Mapping[str, str], by: str) -> None:
    """Change what a person may do. Refused for oneself, and for the last administrator."""
    _check("a@b", role, teams, [])

    def change(session: Session, row: UserRow) -> str:
        _others(session, row, by, role)
        row.role, row.teams = role, dict(teams)
        return f"Role of {row.email} set to {role}."

    _changed(db, user_id, by, change, rights=True)


def switch(db: Database, user_id: int, *, on: bool, by: str) -> None:
    """Switch an account on or off; off signs the person out everywhere. Refused for oneself, and the last one."""

    def change(session: Session, row: UserRow) -> str:
        _others(session, row, by, row.role if on else "")
        row.off_at = None if on else row.off_at or datetime.now(UTC)
        _sign_out(session, row.id)
        return f"Account of {row.email} switched {'on' if on else 'off'}."

    _changed(db, user_id, by, change, rights=True)


def set_password(
    db: Database, user_id: int, password: str, *, by: str, reset: bool = False, session_id: int | None = None
) -> None:
    """Give a person another password, and end all their sessions but this one; a reset takes the second step too.

    DefinitionError for a password that breaks a rule.
    """

    def change(session: Session, row: UserRow) -> str:
        problems = passwords.problems(password, row.email, row.name)
        if problems:
            raise DefinitionError(problems)
        row.password_hash = passwords.hashed(password)
        if reset:
            row.totp, row.recovery = None, {}
        _sign_out(session, row.id, session_id)
        return f"Password of {row.email} {'reset, and the second step taken away' if reset else 'changed'}."

    _changed(db, user_id, by, change)


def set_two_step(db: Database, user_id: int, secret: str | None, *, by: str, key: bytes, step: int = 0) -> list[str]:
    """Switch the second step on with this secret, or off with None; return recovery codes, which are shown once.

    The secret is sealed with `key`, the installation's own.
    """
    codes = ["-".join(secrets.token_hex(2) for _ in range(4)) for _ in range(RECOVERY_CODES)] if secret else []

    def change(session: Session, row: UserRow) -> str:
        row.totp = totp.seal(secret, key, row.id) if secret else None
        row.totp_step, row.recovery = step, {"hashes": [_hash(c) for c in codes]}
        return f"Second step of {row.email} switched {'on' if secret else 'off'}."

    _changed(db, user_id, by, change)
    return codes


def second_step(db: Database, user_id: int, given: str, now: datetime, key: bytes) -> str | None:
    """Take a code of the app or a recovery code; return which it was, None if neither. No code works twice.

    `key` is what the app's secret was sealed with; with another one only recovery codes work.
    """
    with db.begin() as session:
        row = session.get_one(UserRow, user_id, with_for_update=True)
        secret = totp.opened(row.totp, key, row.id) if row.totp else None
        step = totp.step_of(secret, given, now, row.totp_step) if secret else None
        if step is not None:
            row.totp_step = step
            return "code"
        kept = row.recovery.get("hashes", [])
        used = _hash("".join(given.split()).lower())
        if used in kept:
            row.recovery = {"hashes": [h for h in kept if h != used]}
            return "recovery code"
    return None


def seal_second_steps(db: Database, key: bytes) -> None:
    """Seal the secrets that were stored before there were seals."""
    with db.begin() as session:
        for row in session.scalars(select(UserRow).where(UserRow.totp.is_not(None)).with_for_update()):
            if row.totp and totp.plain(row.totp):
                row.totp = totp.seal(row.totp, key, row.id)


def by_subject(db: Database, subject: str, email: str, name: str, role: str) -> User:
    """Return the account of a person whom an identity provider vouches for; it is made at the first visit.

    `subject` is the provider's own name of the person and binds for good: whoever gets the e-mail address later
    does not get the account. Refused if the account is off, or belongs to another subject.
    """
    with db.begin() as session:
        row = session.scalar(select(UserRow).where(UserRow.subject == subject))
        row = row or session.scalar(select(UserRow).where(UserRow.email == email.lower()))
        if row is None:
            row = _new(session, email, name, role, {})
            row.subject = subject
            text = f"Account made at first sign-in as {role}."
            log.add(session, who=row.email, kind="user", text=text, after=_facts(row))
        if row.off_at or (row.subject or subject) != subject:
            raise Refused(f"the account of {email} is switched off, or belongs to somebody else. Ask an administrator.")
        row.subject = subject
        return user(row)


def user(row: UserRow | Row[*tuple[Any, ...]]) -> User:
    """Turn a stored row into a person."""
    return User(
        row.id, row.email, row.name, row.role, dict(row.teams), row.off_at, row.totp is not None,
        len(row.recovery.get("hashes", [])), bool(row.password_hash),
    )  # fmt: skip


def _hash_anew(db: Database, found: UserRow, password: str) -> None:
    """Keep a password with today's costs, unless it was changed meanwhile; that it is late stops nobody."""
    same = (UserRow.id == found.id, UserRow.password_hash == found.password_hash)
    with contextlib.suppress(Unavailable), db.begin() as session:
        session.execute(update(UserRow).where(*same).values(password_hash=passwords.hashed(password)))


def _new(session: Session, email: str, name: str, role: str, teams: Mapping[str, str]) -> UserRow:
    if session.scalar(select(UserRow).where(UserRow.email == email.lower())):
        raise Conflict(f"'{email}' already has an account; sign in with it, or choose another address.")
    row = UserRow(
        email=email.lower(), name=name or email, role=role, password_hash="", created_at=datetime.now(UTC),
        teams=dict(teams), totp_step=0, recovery={},
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def _changed(
    db: Database, user_id: int, by: str, change: Callable[[Session, UserRow], str], *, rights: bool = False
) -> None:
    with db.begin() as session:
        if rights:  # two who demote each other at the same moment take turns, so that one of them is refused
            _administrators(session)
        row = session.get(UserRow, user_id, with_for_update=True)
        if row is None:
            raise NotFound(f"no account has the number {user_id}; the list of people shows those that exist.")
        before = _facts(row)
        text = change(session, row)
        log.add(session, who=by, kind="user", text=text, before=before, after=_facts(row))


def _sign_out(session: Session, user_id: int, but: int | None = None) -> None:
    mine = SessionRow.user_id == user_id
    session.execute(delete(SessionRow).where(mine if but is None else mine & (SessionRow.id != but)))


def _others(session: Session, row: UserRow, by: str, role: str) -> None:
    """Nobody changes their own rights, and somebody must be left who can change those of others."""
    if row.email == by.lower():
        raise Refused("nobody changes their own rights: ask another administrator.")
    if row.role == "administrator" != role and _administrators(session) == [row.id]:
        raise Refused(f"{row.email} is the only administrator: make somebody else one first.")


def _administrators(session: Session) -> list[int]:
    """Who may change the rights of others; they stay so until this transaction ends."""
    may = (UserRow.role == "administrator", UserRow.off_at.is_(None))
    return [*session.scalars(select(UserRow.id).where(*may).order_by(UserRow.id).with_for_update())]


def _check(email: str, role: str, teams: Mapping[str, str], problems: list[str]) -> None:
    found = [*problems]
    if not ADDRESS.fullmatch(email):
        found.insert(0, f"'{email}' is not an e-mail address of plain letters; write one such as ada@example.com.")
    if role not in ROLES:
        found.append(f"'{role}' is not a role; choose one of {', '.join(ROLES)}.")
    found += [
        f"'{given}' is not a role in team '{team}'; choose one of {', '.join(IN_TEAMS)}."
        for team, given in teams.items()
        if given not in IN_TEAMS
    ]
    if found:
        raise DefinitionError(found)


def _facts(row: UserRow) -> dict[str, object]:
    """What the log keeps of an account: never a hash, nor a secret."""
    return {
        "email": row.email, "name": row.name, "role": row.role, "teams": dict(row.teams),
        "off": row.off_at is not None, "two_step": row.totp is not None, "subject": row.subject,
    }  # fmt: skip


def _hash(recovery_code: str) -> str:
    """A recovery code is 64 random bits, and tried a few times a minute at most: one plain hash is enough."""
    return hashlib.sha256(recovery_code.encode(errors="replace")).hexdigest()
