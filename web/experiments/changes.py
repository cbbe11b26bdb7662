"""What changes an experiment: launch, stop, clone, archive, a comment. Each acts, then shows the page again."""

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import archiving, extending, lifecycle
from experiments.errors import Conflict, DefinitionError
from experiments.numbers import day
from experiments.registry import experiments
from web.access import needs
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.post("/experiments/<key>/launch")
def launch(key: str) -> Response:
    """Freeze the plan and start serving its split."""
    lifecycle.launch(stores().db, key, by=current_user.email, review=stores().settings.review)
    flash("Launched. The plan is frozen, and the split is served from now on.")
    return _back(key)


@blueprint.get("/experiments/<key>/stop")
@needs("experimenter")
def ask_stop(key: str) -> str:
    """Say what a stop does, and ask why."""
    return _stop_page(key, None)


@blueprint.post("/experiments/<key>/stop")
def stop(key: str) -> tuple[str, int] | Response:
    """Serve control to everyone: a running experiment is stopped, a kept enhancement is withdrawn."""
    try:
        found = lifecycle.stop(stores().db, key, by=current_user.email, reason=request.form.get("reason", ""))
    except DefinitionError as error:
        return _stop_page(key, error), 400
    flash(f"Stopped. Clients serve {found.plan.control.name} to everyone once they next ask, within 30 seconds.")
    return _back(key)


@blueprint.get("/experiments/<key>/extend")
@needs("experimenter")
def ask_extend(key: str) -> str:
    """Say what more days do to the plan, and ask how many and why; or why there can be none."""
    return _extend_page(key, None)


@blueprint.post("/experiments/<key>/extend")
def extend(key: str) -> tuple[str, int] | Response:
    """Let units enrol for longer."""
    weeks = request.form.get("weeks", "").strip()
    try:
        if not weeks.isdecimal() or len(weeks) > 3:
            raise DefinitionError(f"'{weeks[:20]}' is no number of weeks; write a whole one, such as 2.")
        reason = request.form.get("reason", "")
        found = extending.extend(stores().db, key, int(weeks), by=current_user.email, reason=reason)
    except DefinitionError as error:
        return _extend_page(key, error), 400
    assert found.frozen is not None
    assert found.began is not None
    flash(f"Extended. Units enrol until {day(found.frozen.enrols_until(found.began))}.")
    return _back(key)


@blueprint.get("/experiments/<key>/clone")
@needs("experimenter")
def ask_clone(key: str) -> str:
    """Ask for the key of a new draft with this plan."""
    return _clone_page(key, None)


@blueprint.post("/experiments/<key>/clone")
def clone(key: str) -> tuple[str, int] | Response:
    """Make a new draft from this plan; its data stay where they are."""
    try:
        made = lifecycle.clone(stores().db, key, request.form.get("new_key", ""), by=current_user.email)
    except (Conflict, DefinitionError) as error:
        return _clone_page(key, error), 409 if isinstance(error, Conflict) else 400
    flash("The draft is made. No data were taken over.")
    return redirect(url_for("experiments.edit", key=made.key), 303)


@blueprint.post("/experiments/<key>/archive")
def archive(key: str) -> Response:
    """Take it off the list."""
    archiving.archive(stores().db, key, by=current_user.email)
    flash("Archived. The list shows it under the state Archived; nothing that users get has changed.")
    return _back(key)


@blueprint.post("/experiments/<key>/restore")
def restore(key: str) -> Response:
    """Put it back on the list."""
    archiving.restore(stores().db, key, by=current_user.email)
    flash("Restored. It is on the list again.")
    return _back(key)


@blueprint.post("/experiments/<key>/comment")
def comment(key: str) -> Response:
    """Add a line to the discussion."""
    lifecycle.comment(stores().db, key, by=current_user.email, text=request.form.get("text", ""))
    return _back(key, "log")


def _stop_page(key: str, error: DefinitionError | None) -> str:
    experiment = experiments.get(stores().db, key)
    if not experiment.reaches_users:
        raise Conflict(f"'{key}' is {experiment.state} and serves control to everyone; there is nothing to stop.")
    return render_template("experiments/stop.html", experiment=experiment, plan=experiment.plan, error=error)


def _extend_page(key: str, error: DefinitionError | None) -> str:
    experiment = experiments.get(stores().db, key)
    return render_template(
        "experiments/extend.html", experiment=experiment, plan=experiment.plan, error=error,
        why=extending.refusal(experiment),
    )  # fmt: skip


def _clone_page(key: str, error: Exception | None) -> str:
    experiment = experiments.get(stores().db, key)
    given = request.form.get("new_key", f"{key[:110]}-again")
    return render_template(
        "experiments/clone.html", experiment=experiment, plan=experiment.plan, error=error, given=given
    )


def _back(key: str, section: str | None = None) -> Response:
    return redirect(url_for("experiments.results", key=key, _anchor=section), 303)
