"""A page is read in one state: all that a GET asks of the registry sees the same moment, in one transaction."""

from contextlib import ExitStack

from flask import Flask, g, request

from web.stores import stores


def init(app: Flask) -> None:
    """Open the one state before anybody reads, and give it back at the end. What changes something reads as it goes."""
    app.before_request(_enter)
    app.teardown_request(_leave)


def _enter() -> None:
    if request.method in ("GET", "HEAD"):
        g.one_state = ExitStack()
        g.one_state.enter_context(stores().db.one_state())


def _leave(error: BaseException | None) -> None:
    if "one_state" in g:
        g.pop("one_state").close()
