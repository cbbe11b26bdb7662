"""The WSGI, ASGI and Django middlewares: who a request is from, and what the browser keeps."""

import asyncio
from collections.abc import Callable
from typing import Any

import django.test
import pytest
from django.conf import settings
from django.http import HttpResponse
from django.urls import path

from keepers.asgi import KeepersMiddleware as Asgi
from keepers.testing import FakeClient
from keepers.visitors import COOKIE, visitor_in
from keepers.wsgi import KeepersMiddleware as Wsgi

VISITOR = "0123456789abcdef0123456789abcdef"
client = FakeClient({"cta": "treatment"})


def page(request: Any) -> HttpResponse:
    return HttpResponse(request.keepers.variant("cta"))


async def page_later(request: Any) -> HttpResponse:
    return HttpResponse(request.keepers.variant("cta"))


urlpatterns = [path("", page), path("later", page_later)]
settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    MIDDLEWARE=["keepers.django.KeepersMiddleware"],
    SECRET_KEY="of the tests",
    KEEPERS_CLIENT=client,
    KEEPERS_UNIT=lambda request: request.META.get("HTTP_X_USER"),
)
django.setup()


def by_wsgi(user: str | None, cookie: str) -> tuple[str, str]:
    """Return the variant, and the cookie that was set."""
    told: list[Any] = []

    def app(environ: Any, start_response: Any) -> list[bytes]:
        start_response("200 OK", [("X-A", "b")])
        return [environ["keepers"].variant("cta").encode()]

    wrapped = Wsgi(app, client, unit=lambda environ: environ.get("HTTP_X_USER"))
    environ = {"HTTP_COOKIE": cookie, "wsgi.url_scheme": "http", **({"HTTP_X_USER": user} if user else {})}
    body = b"".join(wrapped(environ, lambda status, headers: told.extend(headers)))
    assert ("X-A", "b") in told
    return body.decode(), dict(told).get("Set-Cookie", "")


def by_asgi(user: str | None, cookie: str) -> tuple[str, str]:
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": scope["keepers"].variant("cta").encode()})

    async def send(message: Any) -> None:
        sent.append(message)

    wrapped = Asgi(app, client, unit=lambda scope: user)
    scope = {"type": "http", "scheme": "http", "headers": [(b"cookie", cookie.encode())]}
    asyncio.run(wrapped(scope, None, send))  # type: ignore[arg-type]
    return sent[1]["body"].decode(), dict(sent[0].get("headers", ())).get(b"set-cookie", b"").decode()


def by_django(user: str | None, cookie: str) -> tuple[str, str]:
    browser = django.test.Client()
    browser.cookies.load(cookie)
    return _told(browser.get("/", headers={"x-user": user} if user else {}))


def by_django_async(user: str | None, cookie: str) -> tuple[str, str]:
    browser = django.test.AsyncClient()
    browser.cookies.load(cookie)
    return _told(asyncio.run(browser.get("/later", headers={"x-user": user} if user else {})))


def _told(response: Any) -> tuple[str, str]:
    return response.content.decode(), "".join(morsel.OutputString() for morsel in response.cookies.values())


ASKS = pytest.mark.parametrize("ask", [by_wsgi, by_asgi, by_django, by_django_async])
Ask = Callable[[str | None, str], tuple[str, str]]


def exposed_last() -> str:
    return str(client.exposures[-1]["units"]["user"])


@ASKS
def test_somebody_the_application_knows_gets_no_cookie(ask: Ask) -> None:
    assert ask(f"known-{ask.__name__}", f"{COOKIE}={VISITOR}") == ("treatment", "")
    assert exposed_last() == f"known-{ask.__name__}"


@ASKS
def test_a_new_visitor_gets_an_id_that_the_browser_keeps(ask: Ask) -> None:
    variant, cookie = ask(None, "theme=dark")
    assert variant == "treatment"
    assert visitor_in(cookie.split(";")[0], COOKIE) == exposed_last()
    assert {"HttpOnly", "Max-Age=31536000", "Path=/", "SameSite=Lax"} <= {part.strip() for part in cookie.split(";")}


@ASKS
def test_a_visitor_who_returns_is_the_same_unit(ask: Ask) -> None:
    visitor = f"{VISITOR}{ask.__name__.replace('_', '')}"
    assert ask(None, f"theme=dark; {COOKIE}={visitor}") == ("treatment", "")
    assert exposed_last() == visitor


@pytest.mark.parametrize("value", ["", "short", "a" * 65, "0123456789abcdef<script>", "äöüäöüäöüäöüäöüäöü"])
def test_an_id_that_we_did_not_make_is_not_taken(value: str) -> None:
    assert visitor_in(f"{COOKIE}={value}", COOKIE) is None


def test_what_is_no_request_passes_through() -> None:
    """A server starts and stops an ASGI application with messages that have no unit."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)

    asyncio.run(Asgi(app, client)({"type": "lifespan"}, None, None))  # type: ignore[arg-type]
    assert seen == [{"type": "lifespan"}]
