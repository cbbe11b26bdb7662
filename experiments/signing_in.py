"""Signing in with a password, and with a second step where a person has one: slowed down, logged, telling nothing."""

from dataclasses import dataclass
from datetime import UTC, datetime

from experiments.registry import attempts, sessions, users
from experiments.registry.database import Database
from experiments.registry.users import User


@dataclass(frozen=True)
class Outcome:
    """What a sign-in led to: a token; or a person who still owes the second step; or a wait; or nothing."""

    token: str | None = None
    owing: User | None = None
    waits_until: datetime | None = None


def by_password(db: Database, email: str, password: str, *, origin: str, browser: str) -> Outcome:
    """Check e-mail and password. Answer and work are the same for an address that nobody has."""
    now = datetime.now(UTC)
    waits_until = attempts.begin(db, email, origin, now)
    if waits_until:
        return Outcome(waits_until=waits_until)
    person = users.authenticate(db, email, password)
    if person is None:
        users.refused(db, email, "e-mail and password do not fit together")
        return Outcome()
    if person.two_step:
        return Outcome(owing=person)
    attempts.succeeded(db, email, origin)
    return Outcome(token=sessions.start(db, person, browser, now))


def by_code(db: Database, person: User, given: str, *, key: bytes, origin: str, browser: str) -> Outcome:
    """Check the second step of a person whose password was right; `key` is the installation's secret."""
    now = datetime.now(UTC)
    waits_until = attempts.begin(db, person.email, origin, now)
    if waits_until:
        return Outcome(waits_until=waits_until)
    how = users.second_step(db, person.id, given, now, key)
    if how is None:
        users.refused(db, person.email, "the code is wrong or was used before")
        return Outcome(owing=person)
    attempts.succeeded(db, person.email, origin)
    return Outcome(token=sessions.start(db, person, browser, now, f"password and {how}"))
