"""For ASGI applications, such as FastAPI: `scope["keepers"]` is the client with the request's unit filled in.

app.add_middleware(KeepersMiddleware, client=client)
"""

from __future__ import annotations

from .visitors import Middleware

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping
    from typing import Any

    Scope = MutableMapping[str, Any]
    Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
    Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]


class KeepersMiddleware(Middleware):
    """Wraps an ASGI application: its arguments are those of `Middleware`. No call of the client blocks."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; leave what is none alone."""
        if scope["type"] in ("http", "websocket"):
            cookie = self._fill_in(scope, _cookies, secure=scope.get("scheme") in ("https", "wss"))
            send = _with_header(send, cookie) if cookie else send
        await self._app(scope, receive, send)


def _cookies(scope: Scope) -> str:
    return "; ".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"cookie")


def _with_header(send: Send, cookie: str) -> Send:
    async def start(message: MutableMapping[str, Any]) -> None:
        if message["type"] in ("http.response.start", "websocket.accept"):
            headers = [*message.get("headers", ()), (b"set-cookie", cookie.encode("latin-1"))]
            message = {**message, "headers": headers}
        await send(message)

    return start
