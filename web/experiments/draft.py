"""A draft's page: its plan as it would be frozen, what that can tell, and what is left to do before launch."""

from typing import Any

from flask import render_template
from flask_login import current_user

from experiments.plan import freeze
from experiments.plan_file import plan_yaml
from experiments.planning import outlook
from experiments.registry import log, metrics, outlooks
from experiments.registry.experiments import Experiment
from web.experiments import approval
from web.security import root
from web.stores import stores


def page(experiment: Experiment, *, asked: str | None = None, problem: str = "") -> str:
    """Show a draft; `problem` says why its odds could not be worked out with the units a day that were `asked`."""
    frozen = freeze(experiment.plan, metrics.catalog(stores().db), experiment.phase)
    entries = log.entries(stores().db, experiment.key)
    return render_template(
        "experiments/draft.html", experiment=experiment, plan=experiment.plan, frozen=frozen, entries=entries,
        yaml=plan_yaml(experiment.plan), address=root(), asked=asked, problem=problem,
        may_change=current_user.can("experimenter", experiment.plan.team), **_outlook(experiment.key, frozen.hash),
        **approval.shown(frozen, entries),
    )  # fmt: skip


def _outlook(key: str, plan_hash: str) -> dict[str, Any]:
    """What was worked out last, if it is of the plan as it is now."""
    stored = outlooks.last(stores().db, key)
    holds = stored is not None and stored.plan_hash == plan_hash
    return {"outlook": outlook.stored(stored) if stored and holds else None, "outlook_of": stored}
