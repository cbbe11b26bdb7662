"""Signing in and out."""

from flask import Blueprint, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from werkzeug.wrappers import Response

from experiments.registry import users
from web.access import Person, local, open_to_all
from web.stores import stores

blueprint = Blueprint("sign_in", __name__)


@blueprint.get("/sign-in")
@open_to_all
def page() -> str | Response:
    """Ask for e-mail and password."""
    if current_user.is_authenticated:
        return redirect(url_for("experiments.listing"), 303)
    return render_template("sign_in/page.html", email="", next=request.args.get("next", ""))


@blueprint.post("/sign-in")
@open_to_all
def sign_in() -> tuple[str, int] | Response:
    """Sign in with a fresh session, so that nobody can have prepared it; then go where the person was heading."""
    email = request.form.get("email", "")
    user = users.authenticate(stores().db, email, request.form.get("password", ""))
    if user is None:
        return render_template("sign_in/page.html", email=email, next=request.form.get("next", ""), failed=True), 401
    session.clear()
    login_user(Person(user))
    return redirect(local(request.form.get("next"), url_for("experiments.listing")), 303)


@blueprint.post("/sign-out")
@open_to_all
def sign_out() -> Response:
    """End the session."""
    logout_user()
    session.clear()
    return redirect(url_for("sign_in.page"), 303)
