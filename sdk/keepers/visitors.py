"""Who a web request is from, for the three middlewares: the application knows, or a cookie does."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .client import Client

COOKIE = "keepers_visitor"
SECONDS = 365 * 86400


class Middleware:
    """What wraps a WSGI or an ASGI application.

    `unit` is called with the environ or the scope and returns who the request is from, as `Client.bind` takes it,
    or None for a visitor, who gets an id in a cookie. `cookie` is its name.
    """

    def __init__(self, app: Any, client: Client, *, unit: Callable[[Any], Any] | None = None, cookie: str = COOKIE):
        self._app = app
        self._client = client
        self._unit = unit
        self._cookie = cookie

    def _fill_in(self, request: Any, cookies: Callable[[Any], str], *, secure: bool) -> str:
        """Hand the client to a request; return the Set-Cookie header of a new visitor, or an empty text."""
        unit, cookie = self._unit(request) if self._unit is not None else None, ""
        if unit is None:
            unit = visitor_in(cookies(request), self._cookie)
        if unit is None:
            unit = new_visitor()
            cookie = cookie_for(unit, self._cookie, secure=secure)
        request["keepers"] = self._client.bind(unit)
        return cookie


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
