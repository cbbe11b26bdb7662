"""API keys, for SDKs and for the REST API: listed, made, ended. For administrators."""

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments.errors import DefinitionError
from experiments.registry import keys, users
from web.access import needs
from web.stores import stores

OVERLAPS = {0: "ends at once", 1: "works an hour more", 24: "works a day more", 168: "works a week more"}
USES = {
    "client": "client: an SDK sends events", "server": "server: sends events, and reads the REST API",
    "reporting": "reporting: reads the REST API", "experimenter": "experimenter: drafts and launches by the REST API",
    "reviewer": "reviewer: also approves by the REST API",
}  # fmt: skip
blueprint = Blueprint("keys", __name__, url_prefix="/keys")


@blueprint.get("")
@needs("administrator")
def listing() -> str:
    """List keys, newest first, with a form for another."""
    return _page()


@blueprint.post("")
@needs("administrator")
def create() -> tuple[str, int]:
    """Make a key and show its token this once, on the answer itself so that no address or cookie holds it."""
    name = request.form.get("name", "").strip()
    environment, role = request.form.get("environment", ""), request.form.get("role", "")
    try:
        if not name:
            raise DefinitionError("The name is empty; write who will use the key, such as 'web shop'.")
        key, token = keys.create(stores().db, name=name, environment=environment, role=role, by=current_user.email)
    except DefinitionError as error:
        return _page(problem=str(error)), 400
    return _page(made=key, token=token), 201


@blueprint.post("/<int:key_id>/rotate")
@needs("administrator")
def rotate(key_id: int) -> tuple[str, int]:
    """Make a key's successor and show its token this once; the old one works on for the chosen overlap."""
    hours = request.form.get("hours", type=int)
    if hours is None:
        raise DefinitionError("Choose for how long the old token shall work.")
    key, token = keys.rotate(stores().db, key_id, hours=hours, by=current_user.email)
    return _page(made=key, token=token), 201


@blueprint.post("/<int:key_id>/revoke")
@needs("administrator")
def revoke(key_id: int) -> Response:
    """End a key for good."""
    keys.revoke(stores().db, key_id, by=current_user.email)
    flash("The key is revoked. The collector refuses it within a few seconds.")
    return redirect(url_for("keys.listing"), 303)


def _page(made: keys.Key | None = None, token: str = "", problem: str = "") -> str:
    found = keys.listing(stores().db)
    off = {person.email for person in users.everyone(stores().db, off=True) if person.off_at}
    return render_template(
        "keys/listing.html", keys=found, environments=keys.ENVIRONMENTS, kinds=USES, made=made, token=token,
        problem=problem, now=datetime.now(UTC), overlaps=OVERLAPS, off=off,
    )  # fmt: skip
