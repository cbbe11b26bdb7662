"""Passwords: how they are kept, and which are refused."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 200
# argon2id as RFC 9106 (2021), section 4, advises where 2 GiB for each sign-in are too much: 3 passes over 64 MiB.
HASHER = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4, hash_len=32, salt_len=16)
# Of the commonest passwords; digits and marks after them do not help, so short ones are among them.
_COMMON = """
password passw0rd qwerty qwertyuiop letmein welcome admin iloveyou changeme keepers abcdef monkey dragon sunshine
passwordpassword password123456 qwertyuiopasdf qwertyuiop1234 123456789012 1234567890123 12345678901234
administrator letmeinletmein iloveyouiloveyou welcomewelcome adminadminadmin changemechangeme qwertyqwerty
abcdefghijkl abcdefghijklm abc123abc123 passw0rdpassw0rd 1q2w3e4r5t6y 1qaz2wsx3edc correcthorsebatterystaple
keeperskeepers keepers12345 000000000000 111111111111
"""
COMMON = frozenset(_COMMON.split())


def problems(password: str, email: str, name: str) -> list[str]:
    """Return a sentence for each rule that a password breaks. There are none about kinds of characters."""
    found, plain = [], password.lower()
    if not SHORTEST <= len(password) <= LONGEST:
        found.append(
            f"The password has {len(password)} characters; it needs {SHORTEST} to {LONGEST}: a few words do."
        )
    if any(len(part) > 3 and part in plain for part in (email.lower(), email.lower().partition("@")[0], name.lower())):
        found.append("The password holds the name or the e-mail address; choose one that nobody can guess from these.")
    if plain in COMMON or plain.rstrip("0123456789!.?") in COMMON or len(set(plain)) < 4:
        found.append("The password is among the commonest; choose a few words that do not belong together.")
    return found


def hashed(password: str) -> str:
    """Return what is kept of a password."""
    return HASHER.hash(password)


def fits(password_hash: str | None, password: str) -> bool:
    """Whether this is the password; without an account it takes as long."""
    try:
        return HASHER.verify(password_hash or _nobody(), password[: LONGEST + 1]) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(password_hash: str) -> bool:
    """Whether it was made with other costs than today's."""
    return HASHER.check_needs_rehash(password_hash)


@cache
def _nobody() -> str:
    """A hash that no password fits, so that unknown addresses cost the same time."""
    return HASHER.hash("nobody has this password")
