"""Error pages in the design: what is wrong and what to do next. The collector answers in JSON instead."""

from typing import Any

from flask import Flask, current_app, g, render_template, request
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from experiments.errors import (
    Conflict,
    DefinitionError,
    Distrusted,
    KeepersError,
    NotFound,
    NotReady,
    Refused,
    Unavailable,
)
from web import collector
from web.api import problems

CODES: dict[type[KeepersError], int] = {
    NotFound: 404, Conflict: 409, Refused: 403, DefinitionError: 400, NotReady: 409, Distrusted: 500,
    Unavailable: 503,
}  # fmt: skip
TITLES = {
    400: "This request cannot be used",
    403: "You may not do this",
    404: "There is nothing here",
    405: "This address does not take that",
    409: "This no longer fits",
    413: "That is too large",
    429: "That was too often",
    500: "Something failed on our side",
    503: "This cannot be read at the moment",
}
WHAT_TO_DO = {
    400: "Go back, check what you entered, and send it again.",
    403: "Ask an administrator for a role that may, or ask someone who has one.",
    404: "Check the address, or start from the list of experiments.",
    405: "Go back and use the buttons of the page.",
    409: "Nothing was changed: someone may have been faster. Open it as it is now, then choose again.",
    429: "Wait a minute, then try again.",
    413: "Send less at once: a request may have 1 MiB, a picture 5 MB.",
    503: "Nothing was changed. Try again in a minute; if it lasts, tell whoever runs this installation.",
    500: "Nothing was changed. Try again; if it happens twice, tell whoever runs this installation.",
}
FORM_EXPIRED = (
    "This form was not recognised as ours: it may be from an older session. Open the page again, then send it."
)


def init(app: Flask) -> None:
    """Answer every error with a page."""
    app.register_error_handler(CSRFError, lambda error: page(400, FORM_EXPIRED))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(KeepersError, _ours)
    app.register_error_handler(Exception, _unexpected)


def page(code: int, message: str = "") -> tuple[str, int]:
    """Render the error page of one status code; `message` says what is wrong in particular."""
    title = TITLES.get(code, "This did not work")
    todo = "" if message == FORM_EXPIRED else WHAT_TO_DO.get(code, WHAT_TO_DO[400])
    begun = message[:1].upper() + message[1:]  # others show it after a colon
    shown = {"code": code, "title": title, "message": begun, "todo": todo, "experiment": _asked_of(code)}
    try:
        return render_template("error.html", **shown), code
    except Unavailable:  # who is signed in is read from the registry too; the page is then for nobody in particular
        g._login_user = AnonymousUserMixin()
        return render_template("error.html", **shown), code


def _asked_of(code: int) -> str:
    """The experiment that is to be opened as it is now, if one was asked for."""
    of_one = code == 409 and request.blueprint == "experiments"
    return str((request.view_args or {}).get("key", "")) if of_one else ""


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if problems.wanted() and code >= 400:
        kept = [(name, value) for name, value in error.get_headers() if name in ("Allow", "Retry-After")]
        return problems.answer(code, problems.HINTS.get(code, error.description or ""), headers=kept)
    if collector.asked() and 400 <= code < 500:
        return collector.refused(error)
    if code == 429:
        return *page(code), [("Retry-After", str(getattr(error, "retry_after", None) or 60))]
    return page(code) if code >= 400 else error  # a redirect is raised too


def _ours(error: KeepersError) -> Any:
    code = next((number for kind, number in CODES.items() if isinstance(error, kind)), 500)
    if problems.wanted():
        return problems.answer(code, str(error))
    return page(code, str(error))


def _unexpected(error: Exception) -> Any:
    if current_app.testing:
        raise error
    current_app.logger.exception("unexpected error")
    if problems.wanted():
        return problems.answer(500, problems.HINTS[500])
    return page(500)
