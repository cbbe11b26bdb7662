"""What a draft can and cannot tell: worked out when somebody asks, stored with the draft, shown from there."""

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments.errors import Conflict, DefinitionError, NotReady
from experiments.plan import freeze
from experiments.planning import outlook
from experiments.registry import experiments, metrics
from web.experiments import draft
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.post("/experiments/<key>/odds")
def work_out(key: str) -> tuple[str, int] | Response:
    """Work out what the draft can tell and store it, or show why it cannot be worked out."""
    experiment = experiments.get(stores().db, key)
    if experiment.state != "draft":
        raise Conflict(f"'{key}' is {experiment.state}: its odds stay as they were before launch.")
    asked = request.form.get("units_a_day", "")
    try:
        frozen = freeze(experiment.plan, metrics.catalog(stores().db), experiment.phase)
        found = outlook.work_out(stores().settings, stores().db, frozen, units_a_day(asked))
    except (NotReady, DefinitionError) as error:
        return draft.page(experiment, asked=asked, problem=str(error)), 400
    outlook.store(stores().db, key, found, by=current_user.email)
    flash("Worked out, and kept with the draft until its plan changes.")
    return redirect(url_for("experiments.results", key=key, _anchor="odds"), 303)


def units_a_day(text: str) -> float | None:
    """Read how many somebody expects; None where the field is empty."""
    if not text.strip():
        return None
    try:
        return float(text.replace(",", ""))
    except ValueError:
        raise DefinitionError(f"'{text}' is no number of people a day; write one such as 1500.") from None
