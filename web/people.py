"""Everybody with an account, for administrators: made, given a role for all teams or in one, switched off, reset."""

import secrets

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments.errors import Conflict, DefinitionError, NotFound
from experiments.registry import keys, users
from web.access import needs
from web.stores import stores

blueprint = Blueprint("people", __name__, url_prefix="/people")


@blueprint.get("")
@needs("administrator")
def listing() -> str:
    """List people, with a form for another."""
    return _page()


@blueprint.post("")
@needs("administrator")
def create() -> tuple[str, int]:
    """Make an account and show its first password this once, on the answer itself."""
    form, password = request.form, _password()
    try:
        made = users.add(
            stores().db, email=form.get("email", "").strip(), name=form.get("name", "").strip(), password=password,
            role=form.get("role", ""), teams=_teams(), by=current_user.email,
        )  # fmt: skip
    except (DefinitionError, Conflict) as error:
        return _page(problem=str(error)), 400
    return _page(made=made, password=password), 201


@blueprint.post("/<int:user_id>/roles")
@needs("administrator")
def roles(user_id: int) -> Response | tuple[str, int]:
    """Change what a person may do."""
    try:
        users.set_roles(
            stores().db, user_id, role=request.form.get("role", ""), teams=_teams(), by=current_user.email
        )
    except DefinitionError as error:
        return _page(problem=str(error)), 400
    flash("The role is changed, from the next click on.")
    return redirect(url_for("people.listing"), 303)


@blueprint.post("/<int:user_id>/<any(on, off):what>")
@needs("administrator")
def switch(user_id: int, what: str) -> Response:
    """Switch an account on, or off, which signs the person out everywhere."""
    users.switch(stores().db, user_id, on=what == "on", by=current_user.email)
    flash(f"The account is switched {what}.{_keys_left(user_id) if what == 'off' else ''}")
    return redirect(url_for("people.listing"), 303)


@blueprint.post("/<int:user_id>/reset")
@needs("administrator")
def reset(user_id: int) -> str:
    """Give a person a new password, shown this once, and take their second step and sessions away."""
    person, password = users.get(stores().db, user_id), _password()
    if person is None:
        raise NotFound(f"no account has the number {user_id}; the list of people shows those that exist.")
    users.set_password(stores().db, user_id, password, by=current_user.email, reset=True)
    return _page(made=person, password=password)


def _keys_left(user_id: int) -> str:
    """Keys belong to the installation and go on; whoever switches their maker off decides which end."""
    person = users.get(stores().db, user_id)
    left = len(keys.working(stores().db, person.email)) if person else 0
    return f" Keys of theirs that still work: {left}. Revoke under “Keys” what nobody else uses." if left else ""


def _password() -> str:
    return "-".join(secrets.token_hex(2) for _ in range(5))


def _teams() -> dict[str, str]:
    """Read lines such as 'Basket: reviewer'."""
    lines = [line for line in request.form.get("teams", "").splitlines() if line.strip()]
    pairs = [line.rpartition(":") for line in lines]
    if any(not colon or not team.strip() for team, colon, _ in pairs):
        raise DefinitionError("Roles in teams are lines such as 'Basket: reviewer'; one of these has no team.")
    return {team.strip(): role.strip() for team, _, role in pairs}


def _page(made: users.User | None = None, password: str = "", problem: str = "") -> str:
    return render_template(
        "people/listing.html", people=users.everyone(stores().db, off=True), roles=users.ROLES, made=made,
        password=password, problem=problem,
    )  # fmt: skip
