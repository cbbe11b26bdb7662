"""For WSGI applications, such as Flask: `environ["keepers"]` is the client with the request's unit filled in.

app.wsgi_app = KeepersMiddleware(app.wsgi_app, client)
"""

from __future__ import annotations

from .visitors import Middleware, cookie_for, new_visitor, visitor_in

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    Environ = dict[str, Any]


class KeepersMiddleware(Middleware):
    """Wraps a WSGI application: its arguments are those of `Middleware`."""

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer a request."""
        unit = self._unit(environ) if self._unit is not None else None
        if unit is None:
            unit = visitor_in(environ.get("HTTP_COOKIE", ""), self._cookie)
        if unit is None:
            unit = new_visitor()
            secure = environ.get("wsgi.url_scheme") == "https"
            start_response = _with_header(start_response, cookie_for(unit, self._cookie, secure=secure))
        environ["keepers"] = self._client.bind(unit)
        return self._app(environ, start_response)  # type: ignore[no-any-return]


def _with_header(start_response: Callable[..., Any], cookie: str) -> Callable[..., Any]:
    def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
        return start_response(status, [*headers, ("Set-Cookie", cookie)], *error)

    return start
