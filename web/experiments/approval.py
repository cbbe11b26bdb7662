"""Approving a draft: a second person says that the plan, as they read it, may be launched."""

from collections.abc import Sequence

from flask import flash, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import approving
from experiments.plan import FrozenPlan
from experiments.registry.log import Entry
from web.access import needs
from web.experiments.blueprint import blueprint
from web.stores import stores


@blueprint.post("/experiments/<key>/approve")
@needs("reviewer")
def approve(key: str) -> Response:
    """Approve the plan that the page showed; a conflict if it has changed since."""
    read, note = request.form.get("plan_hash", ""), request.form.get("note", "")
    approving.approve(stores().db, key, by=current_user.email, plan_hash=read or "none", note=note)
    flash("Approved. The approval lapses if anybody changes the plan.")
    return redirect(url_for("experiments.results", key=key, _anchor="approval"), 303)


def shown(frozen: FrozenPlan, entries: Sequence[Entry]) -> dict[str, object]:
    """What the section of a draft's page needs; the entries are those that the page shows anyway."""
    found = approving.standing(frozen.hash, entries)
    return {
        "approval": found, "review": stores().settings.review, "is_author": current_user.email in found.authors,
        "may_approve": current_user.can("reviewer", frozen.plan.team) and found.may_approve(current_user.email),
    }  # fmt: skip
