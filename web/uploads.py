"""How large a request may be where a view takes files: more than a form, and only from somebody who has signed in.

This is settled before anything reads the body, which the proof of origin in a form is part of.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request
from flask_login import current_user

View = TypeVar("View", bound=Callable[..., Any])


def takes(most: int) -> Callable[[View], View]:
    """Mark a view that takes a file; the whole request may have so many bytes."""

    def mark(view: View) -> View:
        view.takes = most  # type: ignore[attr-defined]  # functions take attributes; `_allow` reads this one
        return view

    return mark


def init(app: Flask) -> None:
    """Ask before every view, and before whatever else asks."""
    app.before_request(_allow)


def _allow() -> None:
    most = getattr(current_app.view_functions.get(request.endpoint or ""), "takes", None)
    if most and current_user.is_authenticated:
        request.max_content_length = most
