"""Deciding: nothing is preselected, a reason is asked for, and differing from the verdict takes two people."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from experiments import extending, lifecycle, numbers, rollout
from experiments.errors import Conflict, DefinitionError, KeepersError, Refused
from experiments.plan import Plan, share_of
from experiments.planning import holding
from experiments.registry import experiments, log, pictures, snapshots, users
from experiments.registry.experiments import Experiment
from experiments.snapshot import Verdict
from web.experiments.blueprint import blueprint
from web.experiments.form import typed
from web.stores import stores


@blueprint.get("/experiments/<key>/decide")
def decide(key: str) -> str:
    """Ask for the decision, with the verdict beside it."""
    return _page(_undecided(key), {})


@blueprint.post("/experiments/<key>/decide")
def record(key: str) -> tuple[str, int] | Response:
    """Record the decision, or show the form again with what is missing."""
    experiment = _undecided(key)
    try:
        lifecycle.decide(stores().db, key, by=current_user.email, review=stores().settings.review, **_given())
    except (DefinitionError, Refused) as error:
        return _page(experiment, request.form, error), 403 if isinstance(error, Refused) else 400
    flash("The decision is recorded.")
    return redirect(url_for("experiments.results", key=key), 303)


@blueprint.post("/experiments/<key>/agree")
def agree(key: str) -> Response:
    """Agree, as a second person, to a decision that somebody else will record."""
    word, _, variant = request.form.get("agreed", "").partition(":")
    ramp, share = _roll_out(word)
    lifecycle.agree(
        stores().db, key, word=word, by=current_user.email, variant=variant or None, coverage=share, ramp=ramp
    )
    flash("Your agreement is recorded. Whoever decides may now name you as the second person.")
    return redirect(url_for("experiments.decide", key=key), 303)


def _undecided(key: str) -> Experiment:
    experiment = experiments.get(stores().db, key)
    if experiment.state not in ("running", "stopped"):
        raise Conflict(f"'{key}' is {experiment.state}; only a launched, undecided experiment can be decided.")
    return experiment


def _given() -> dict[str, Any]:
    """Turn the form into a decision; 'keep:KEY' names the variant that is kept."""
    word, _, variant = request.form.get("decision", "").partition(":")
    if not word:
        raise DefinitionError("Nothing is chosen yet: choose keep, drop or run again.")
    texts = {name: request.form.get(name, "").strip() for name in ("reason", "learning", "second")}
    ramp, share = _roll_out(word)
    return {"word": word, "variant": variant or None, "coverage": share, "ramp": ramp, **texts}


def _roll_out(word: str) -> tuple[list[tuple[int, float]], float]:
    """The steps and the share of a keep; of other decisions there are none."""
    if word != "keep":
        return [], 1.0
    return rollout.read(request.form.get("ramp", "")), _share(request.form.get("coverage", ""))


def _share(text: str) -> float:
    share = typed(text.strip() or "100")
    if share is None:
        raise DefinitionError(f"The roll-out is '{text[:20]}'; write a number of percent, such as 50.")
    return share


def _page(experiment: Experiment, given: Any, error: KeepersError | None = None) -> str:
    snapshot = snapshots.latest(stores().db, experiment.key)
    may = current_user.can("experimenter", experiment.plan.team)
    others = [u for u in users.everyone(stores().db) if u.email != current_user.email]
    return render_template(
        "experiments/decide.html", experiment=experiment, plan=experiment.plan, snapshot=snapshot, given=given,
        error=error, others=others, review=stores().settings.review, entries=log.entries(stores().db, experiment.key),
        **_offered(experiment.plan, snapshot.verdict if snapshot else None), had_text=_had(experiment.plan),
        may_decide=may, may_extend=may and not extending.refusal(experiment),
        reaches=holding.reaches(snapshot), traffic=holding.traffic(snapshot) if snapshot else "",
        described=bool(experiment.plan.change or pictures.of(stores().db, experiment.key)),
    )  # fmt: skip


def _had(plan: Plan) -> str:
    """What the split gave out: a smaller roll-out takes nothing away."""
    told = [f"{numbers.plain_percent(share_of(plan, t.key))} got {t.name}" for t in plan.treatments]
    return f"In the experiment {', '.join(told)}. Whoever had what is kept keeps it, however small the first step."


def _offered(plan: Plan, verdict: Verdict | None) -> dict[str, Any]:
    """Each decision that can be taken, by its name, and which of them follow the verdict; any other differs from it."""
    named = len(plan.treatments) > 1
    keeps = {f"keep:{t.key}": f"keep {t.name}" if named else "keep" for t in plan.treatments}
    decisions = {**keeps, "drop": "drop", "again": "run again"}
    parts = {value: value.partition(":") for value in decisions}
    fitting = [v for v, (word, _, variant) in parts.items() if verdict and lifecycle.follows(verdict, word, variant)]
    return {"decisions": decisions, "expected": fitting}
