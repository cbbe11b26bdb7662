"""Who may do what. Nothing is open unless its view says so, and nothing that changes something is open to viewers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import Flask, current_app, redirect, request, url_for
from flask_login import LoginManager, current_user
from werkzeug.wrappers import Response

from experiments.errors import Refused
from experiments.plan import Plan
from experiments.registry import experiments, sessions, users
from web.stores import stores

RANKS = {"viewer": 0, "experimenter": 1, "reviewer": 2, "administrator": 3}
READING = {"GET", "HEAD", "OPTIONS"}
View = TypeVar("View", bound=Callable[..., Any])


class Person:
    """The person who is signed in, with what flask-login asks of one."""

    is_authenticated = is_active = True
    is_anonymous = False

    def __init__(self, user: users.User, token: str, session_id: int = 0) -> None:
        self.user = user
        self.id, self.email, self.name, self.role, self.teams = user.id, user.email, user.name, user.role, user.teams
        self.session_id = session_id
        self._token = token

    def get_id(self) -> str:
        """What the browser's session keeps: the token of its row, so that a session can be ended from elsewhere."""
        return self._token

    def can(self, role: str, team: str | None = None) -> bool:
        """True if this person's role is at least `role`: in a team, or everywhere that no team says otherwise."""
        held = self.teams.get(team, self.role) if team is not None and self.role != "administrator" else self.role
        return RANKS[held] >= RANKS[role]

    def can_somewhere(self, role: str) -> bool:
        """True if this person's role is at least `role` in one team at least."""
        return self.can(role) or any(self.can(role, team) for team in self.teams)


def init(app: Flask) -> None:
    """Sign people in by a token in the session, and ask `_gate` before every view."""
    manager = LoginManager(app)
    manager.session_protection = "strong"
    manager.user_loader(_load)
    app.before_request(_gate)


def open_to_all(view: View) -> View:
    """Mark a view that needs no sign-in."""
    view.open_to_all = True  # type: ignore[attr-defined]  # functions take attributes; the gate reads this one
    return view


def needs(role: str) -> Callable[[View], View]:
    """Mark a view that needs at least this role; of an experiment's page in its team."""

    def mark(view: View) -> View:
        view.needs = role  # type: ignore[attr-defined]  # as above
        return view

    return mark


def needed(view: Callable[..., Any], method: str) -> str:
    """The role that a view needs: what it is marked with, else viewer to read and experimenter to change."""
    return getattr(view, "needs", "viewer" if method in READING else "experimenter")


def writable(plan: Plan) -> Plan:
    """Return the plan if whoever is signed in may draft for its team; Refused if not."""
    if not current_user.can("experimenter", plan.team):
        whose = f"of the team '{plan.team}'" if plan.team else "without a team"
        raise Refused(
            f"Plans {whose} are written by those who are experimenters there, and you are not. Name a team in which "
            "you are one."
        )
    return plan


def local(target: str | None, otherwise: str) -> str:
    """Return `target` if it is a path of this site, else `otherwise`: a sign-in must not send people elsewhere."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return otherwise
    return otherwise if any(c == "\\" or ord(c) < 32 for c in target) else target


def _load(token: str) -> Person | None:
    found = sessions.find(stores().db, token, datetime.now(UTC))
    return Person(found[0], token, found[1].id) if found else None


def _gate() -> Response | None:
    view = current_app.view_functions.get(request.endpoint or "")
    if view is None or request.endpoint == "static" or getattr(view, "open_to_all", False):
        return None
    if not current_user.is_authenticated:
        return redirect(url_for("sign_in.page", next=request.full_path.rstrip("?")), 303)
    if not _may(role := needed(view, request.method)):
        raise Refused(f"This takes the role {role}, which you do not have here.")
    return None


def _may(role: str) -> bool:
    """Whether the person's role suffices: in the team of the addressed experiment, or in any for a new one."""
    if request.blueprint != "experiments" or not current_user.teams or role == "viewer":
        return bool(current_user.can(role))
    key = (request.view_args or {}).get("key")
    if key is None:
        return bool(current_user.can_somewhere(role))
    return bool(current_user.can(role, experiments.team_of(stores().db, key)))
