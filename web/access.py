"""Who may do what. Nothing is open unless its view says so, and nothing that changes something is open to viewers."""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, current_app, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from experiments.registry import users
from web.stores import stores

RANKS = {"viewer": 0, "experimenter": 1, "reviewer": 2, "administrator": 3}
READING = {"GET", "HEAD", "OPTIONS"}
View = TypeVar("View", bound=Callable[..., Any])


class Person:
    """The person who is signed in, with what flask-login asks of one."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, user: users.User) -> None:
        self.id = user.id
        self.email = user.email
        self.name = user.name
        self.role = user.role

    def get_id(self) -> str:
        """The number that the session keeps."""
        return str(self.id)

    def can(self, role: str) -> bool:
        """True if this person's role is at least `role`."""
        return RANKS[self.role] >= RANKS[role]


def init(app: Flask) -> None:
    """Sign people in by a number in the session, and ask `_gate` before every view."""
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_load)
    app.before_request(_gate)


def open_to_all(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.open_to_all = True  # type: ignore[attr-defined]  # functions take attributes; the gate reads this one
    return view


def needs(role: str) -> Callable[[View], View]:
    """Mark a view that needs at least this role."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]  # as above
        return view

    return mark


def local(target: str | None, otherwise: str) -> str:
    """Return `target` if it is a path of this site, else `otherwise`: a sign-in must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    return otherwise if any(c == "\\" or ord(c) < 32 for c in target) else target


def _load(user_id: str) -> Person | None:
    user = users.get(stores().db, int(user_id))
    return Person(user) if user else None


def _gate() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "open_to_all", False):
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.page", next=request.full_path.rstrip("?")), 303)
    role = getattr(view, "needs", "viewer" if request.method in READING else "experimenter")
    return None if current_user.can(role) else abort(403)
