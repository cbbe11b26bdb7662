"""What changes an experiment: launch, stop, a line in its discussion. Each acts, then shows the page again."""

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import lifecycle
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.post("/experiments/<key>/launch")
def launch(key: str) -> Response:
    """Freeze the plan and start serving its split."""
    lifecycle.launch(stores().db, key, by=current_user.email, review=stores().settings.review)
    flash("Launched. The plan is frozen, and the split is served from now on.")
    return _back(key)


@blueprint.post("/experiments/<key>/stop")
def stop(key: str) -> Response:
    """Stop enrolling; everyone gets control until it is decided."""
    lifecycle.stop(stores().db, key, by=current_user.email, reason=request.form.get("reason", ""))
    flash("Stopped. Everyone gets control until it is decided.")
    return _back(key)


@blueprint.post("/experiments/<key>/comment")
def comment(key: str) -> Response:
    """Add a line to the discussion."""
    lifecycle.comment(stores().db, key, by=current_user.email, text=request.form.get("text", ""))
    return _back(key, "log")


def _back(key: str, section: str | None = None) -> Response:
    return redirect(url_for("experiments.results", key=key, _anchor=section), 303)
