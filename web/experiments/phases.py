"""Changing who gets what while it runs: what would change is asked by address, read, and then done or approved."""

import json
from typing import Any
from urllib.parse import urlencode

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from experiments import approving, phases, wording
from experiments.errors import Conflict, DefinitionError, KeepersError, Refused
from experiments.phases import Proposal, Wanted
from experiments.plan import Plan
from experiments.registry import experiments, log, settings_store, snapshots
from experiments.registry.experiments import Experiment
from web.access import needs
from web.experiments.blueprint import blueprint
from web.experiments.form import typed
from web.stores import stores

Given = MultiDict[str, str]
LONGEST = 1_200  # characters of a targeting: what is asked goes by address, and servers read 4,094 bytes of one


@blueprint.get("/experiments/<key>/phase")
@needs("experimenter")
def ask_phase(key: str) -> str:
    """Ask what is to change; asked with it, say what that would do, so that it can be done, or sent to somebody."""
    experiment = experiments.get(stores().db, key)
    if phases.refusal(experiment) or not request.args:
        return _page(experiment, request.args)
    try:
        return _page(experiment, request.args, phases.propose(experiment, _wanted(experiment.plan, request.args)))
    except (Conflict, DefinitionError) as error:
        return _page(experiment, request.args, error=error)


@blueprint.post("/experiments/<key>/phase")
def change_phase(key: str) -> tuple[str, int] | Response:
    """Raise the coverage, or begin a phase, as it was read; ask again where a reason or an approval is missing."""
    experiment, form = experiments.get(stores().db, key), request.form
    wanted, read = _wanted(experiment.plan, form), form.get("plan_hash") or "none"
    try:
        found = phases.change(
            stores().db, key, wanted, by=current_user.email, reason=form.get("reason", ""), plan_hash=read,
            review=stores().settings.review,
        )  # fmt: skip
    except (DefinitionError, Refused) as error:
        page = _page(experiment, form, phases.propose(experiment, wanted), error)
        return page, 403 if isinstance(error, Refused) else 400
    what = "began" if found.phase > experiment.phase else "goes on, with more coverage"
    flash(f"Phase {found.phase} {what}. Clients learn of it when they next ask, within 30 seconds.")
    return redirect(url_for("experiments.results", key=key), 303)


@blueprint.post("/experiments/<key>/phase/approve")
@needs("reviewer")
def approve_phase(key: str) -> Response:
    """Approve, as a second person, the change that the page showed."""
    experiment, form = experiments.get(stores().db, key), request.form
    read, note = form.get("plan_hash") or "none", form.get("note", "")
    wanted = _wanted(experiment.plan, form)
    phases.approve(stores().db, key, wanted, by=current_user.email, plan_hash=read, note=note)
    flash("Approved. Whoever makes this change may do it now.")
    address = url_for("experiments.ask_phase", key=key)
    return redirect(f"{address}?{urlencode(_asked(experiment.plan, form))}", 303)


def _page(
    experiment: Experiment, given: Given, proposal: Proposal | None = None, error: KeepersError | None = None
) -> str:
    plan = experiment.plan
    ends = snapshots.ends(stores().db, experiment.key)
    return render_template(
        "experiments/phase.html", experiment=experiment, plan=plan, proposal=proposal, error=error,
        why=phases.refusal(experiment), fields={**_fields(plan), **_asked(plan, given)}, fresh=bool(given.get("fresh")),
        people=sum(end.people for end in ends), until=ends[-1].cutoff if ends else None,
        errors=wording.over_phases(plan, experiment.phase + 1), today=settings_store.today(stores().db),
        longest=LONGEST, asked=_asked(plan, given), review=stores().settings.review, **_approval(experiment, proposal),
    )  # fmt: skip


def _approval(experiment: Experiment, proposal: Proposal | None) -> dict[str, Any]:
    if proposal is None or not stores().settings.review:
        return {"approval": None, "seconded": True, "may_approve": False}
    found = approving.standing(proposal.frozen.hash, log.entries(stores().db, experiment.key))
    can = current_user.can("reviewer", experiment.plan.team) and found.may_approve(current_user.email)
    return {"approval": found, "seconded": found.seconded(current_user.email), "may_approve": can}


def _fields(plan: Plan) -> dict[str, str]:
    """The fields as they are now; a targeting that no address holds is not among them, and stays as it is."""
    targeting = json.dumps(plan.targeting, ensure_ascii=False) if plan.targeting else ""
    weights = {f"weight-{v.key}": f"{100 * v.weight:.10g}" for v in plan.variants}
    found = {**weights, "coverage": f"{100 * plan.coverage:.10g}", "targeting": targeting}
    return found if len(targeting) <= LONGEST else {k: v for k, v in found.items() if k != "targeting"}


def _asked(plan: Plan, given: Given) -> dict[str, str]:
    """What was entered, as an address carries it."""
    return {name: given[name][:4000] for name in (*_fields(plan), "fresh") if name in given}


def _wanted(plan: Plan, given: Given) -> Wanted:
    """Read what was entered otherwise than it is now: as typed, a third would not be quite what it was."""
    now = _fields(plan)
    new = {name: text.strip() for name, text in _asked(plan, given).items() if text.strip() != now.get(name)}
    split = {v.key: f"weight-{v.key}" for v in plan.variants if f"weight-{v.key}" in new}
    weights = {key: _share(new[name], f"The share of {plan.names[key]}") for key, name in split.items()}
    return Wanted(
        weights or None, _share(new["coverage"], "Coverage") if "coverage" in new else None,
        _targeting(new["targeting"]) if "targeting" in new else None, bool(given.get("fresh")),
    )  # fmt: skip


def _share(text: str, what: str) -> float:
    share = typed(text)
    if share is None or not 0 <= share <= 1:
        raise DefinitionError(f"{what} is '{text[:20]}'; write percent from 0 to 100, such as 50.")
    return share


def _targeting(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        example = '{"country": "DE"}'
        said = f"The targeting is '{text[:40]}', no condition in JSON"
        raise DefinitionError(f"{said}; write one such as {example}, or nothing.")
    return found
