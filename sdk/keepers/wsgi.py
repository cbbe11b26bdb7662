"""For WSGI applications, such as Flask: `environ["keepers"]` is the client with the request's unit filled in.

app.wsgi_app = KeepersMiddleware(app.wsgi_app, client)
"""

from __future__ import annotations

from .visitors import Middleware

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Environ = dict[str, Any]


class KeepersMiddleware(Middleware):
    """Wraps a WSGI application: its arguments are those of `Middleware`."""

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        cookie = self._fill_in(environ, _cookies, secure=environ.get("wsgi.url_scheme") == "https")
        if cookie:
            start_response = _with_header(start_response, cookie)
        return self._app(environ, start_response)  # type: ignore[no-any-return]


def _cookies(environ: Environ) -> str:
    return environ.get("HTTP_COOKIE", "")  # type: ignore[no-any-return]


def _with_header(start_response: Callable[..., Any], cookie: str) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Set-Cookie", cookie)], *error)

    return start
