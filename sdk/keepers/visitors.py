"""Who a web request is from, for the three middlewares: the application knows, or a cookie does."""

from __future__ import annotations

COOKIE = "keepers_visitor"
SECONDS = 365 * 86400


def visitor_in(cookies: str, name: str) -> str | None:
    """Return the visitor's id from a Cookie header, or None where there is none or somebody tampered with it."""
    for part in cookies.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name and 16 <= len(value) <= 64 and value.isascii() and value.isalnum():
            return value
    return None


def new_visitor() -> str:
    """Return a new id: 128 random bits."""
    from os import urandom

    return urandom(16).hex()


def cookie_for(visitor: str, name: str, *, secure: bool) -> str:
    """Return the Set-Cookie header that lets the browser keep the id for a year."""
    rest = "; Secure" if secure else ""
    return f"{name}={visitor}; Max-Age={SECONDS}; Path=/; HttpOnly; SameSite=Lax{rest}"
