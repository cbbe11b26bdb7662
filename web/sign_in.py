"""Signing in, with a second step where a person has one, and signing out."""

import time
from datetime import UTC, datetime

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from experiments import signing_in
from experiments.registry import sessions, users
from experiments.signing_in import Outcome
from web.access import Person, local, open_to_all
from web.stores import stores

blueprint = Blueprint("sign_in", __name__)
OWING_SECONDS = 300  # for the second step, before the password is asked for again


@blueprint.get("/sign-in")
@open_to_all
def page() -> str | Response:
    """Ask for e-mail and password."""
    if current_user.is_authenticated:
        return redirect(url_for("experiments.listing"), 303)
    return render_template("sign_in/page.html", email="", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@open_to_all
def sign_in() -> tuple[str, int] | Response | tuple[str, int, dict[str, str]]:
    """Sign in with a fresh session, so that nobody can have prepared it; then go where the person was heading."""
    email, heading = request.form.get("email", ""), request.form.get("next", "")
    found = signing_in.by_password(stores().db, email, request.form.get("password", ""), **_browser())
    if found.owing:
        session.clear()
        session["owing"] = [found.owing.id, int(time.time()), heading]
        return redirect(url_for("sign_in.code"), 303)
    entered, problem = _entered(found, heading), "E-mail and password do not fit together."
    return entered or _refused("sign_in/page.html", problem, found, email=email, next=heading)


@blueprint.get("/sign-in/code")
@open_to_all
def code() -> str | Response:
    """Ask for the second step."""
    return render_template("sign_in/code.html") if _owing() else redirect(url_for("sign_in.page"), 303)


@blueprint.post("/sign-in/code")
@open_to_all
def second() -> tuple[str, int] | Response | tuple[str, int, dict[str, str]]:
    """Take the second step."""
    person = _owing()
    if person is None:
        return redirect(url_for("sign_in.page"), 303)
    given, key = request.form.get("code", ""), stores().settings.secret
    found = signing_in.by_code(stores().db, person, given, key=key, **_browser())
    entered = _entered(found, session["owing"][2])
    return entered or _refused("sign_in/code.html", "The code is wrong, or was used before.", found)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """End this browser's session."""
    if current_user.is_authenticated:
        sessions.end(stores().db, current_user.user, id=current_user.session_id)
    logout_user()
    session.clear()
    return redirect(url_for("sign_in.page"), 303)


def enter(person: users.User, token: str, heading: str) -> Response:
    """Let a person in with a fresh session that holds this token."""
    session.clear()
    login_user(Person(person, token))
    return redirect(local(heading, url_for("experiments.listing")), 303)


def _entered(found: Outcome, heading: str) -> Response | None:
    known = sessions.find(stores().db, found.token, datetime.now(UTC)) if found.token else None
    return enter(known[0], found.token or "", heading) if known else None


def _owing() -> users.User | None:
    """Who gave the right password in this browser a moment ago."""
    number, since, _ = session.get("owing", (0, 0, ""))
    person = users.get(stores().db, number) if time.time() - since < OWING_SECONDS else None
    return person if person and person.off_at is None else None


def _refused(template: str, problem: str, found: Outcome, **more: str) -> tuple[str, int, dict[str, str]]:
    """Say no; where there were too many attempts, say for how long."""
    if found.waits_until is None:
        return render_template(template, problem=f"{problem} Check what you entered, then try again.", **more), 401, {}
    seconds = max(1, round((found.waits_until - datetime.now(UTC)).total_seconds()))
    text = f"That was tried too often. Wait {seconds} seconds, then try again."
    return render_template(template, problem=text, **more), 429, {"Retry-After": str(seconds)}


def _browser() -> dict[str, str]:
    return {"origin": request.remote_addr or "unknown", "browser": request.headers.get("User-Agent", "")}
