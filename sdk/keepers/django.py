"""For Django: `request.keepers` is the client with the request's unit filled in.

MIDDLEWARE = [..., "keepers.django.KeepersMiddleware"]
KEEPERS_CLIENT = keepers.Client("https://keepers.example.com", key="sdk-...")
KEEPERS_UNIT = lambda request: request.user.pk and str(request.user.pk)  # optional; after the authentication
"""

from __future__ import annotations

from inspect import iscoroutinefunction

from django.conf import settings
from django.utils.decorators import sync_and_async_middleware

from .visitors import COOKIE, SECONDS, new_visitor, visitor_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


@sync_and_async_middleware  # type: ignore[untyped-decorator]
def KeepersMiddleware(get_response: Callable[[Any], Any]) -> Callable[[Any], Any]:  # noqa: N802 - a name in MIDDLEWARE
    """Fill in who a request is from: what `KEEPERS_UNIT` returns, or else a visitor, who gets an id in a cookie.

    `KEEPERS_COOKIE` is the cookie's name.
    """

    def answer(request: Any) -> Any:
        visitor = _fill_in(request)
        return _remember(visitor, request, get_response(request))

    async def answer_later(request: Any) -> Any:
        visitor = _fill_in(request)
        return _remember(visitor, request, await get_response(request))

    return answer_later if iscoroutinefunction(get_response) else answer


def _fill_in(request: Any) -> str | None:
    """Set `request.keepers`; return the id of a new visitor."""
    unit_of, new = getattr(settings, "KEEPERS_UNIT", None), None
    unit = unit_of(request) if unit_of is not None else None
    if unit is None:
        unit = visitor_in(request.META.get("HTTP_COOKIE", ""), _name())
    if unit is None:
        unit = new = new_visitor()
    request.keepers = settings.KEEPERS_CLIENT.bind(unit)
    return new


def _remember(visitor: str | None, request: Any, response: Any) -> Any:
    if visitor is not None:
        safe = {"secure": request.is_secure(), "httponly": True, "samesite": "Lax"}
        response.set_cookie(_name(), visitor, max_age=SECONDS, **safe)
    return response


def _name() -> str:
    return str(getattr(settings, "KEEPERS_COOKIE", COOKIE))
