"""A draft's page: its plan as it would be frozen, what that can tell, and what is left to do before launch."""

from flask import render_template
from flask_login import current_user

from experiments import reached
from experiments.plan_file import plan_yaml
from experiments.planning.drafting import drafted
from experiments.planning.reading_back import read_back
from experiments.registry.experiments import Experiment
from experiments.reports.wording import sentence
from web.experiments import approval
from web.security import root
from web.stores import stores

Given = dict[str, str]


def page(
    experiment: Experiment, *, asked: str | None = None, problem: str = "", refused: Given | None = None
) -> str:
    """Show a draft; `problem` says why its odds could not be worked out with the units a day that were `asked`.

    `refused` is what was entered of a picture that was not taken, and why.
    """
    plan, own = experiment.plan, stores()
    d = drafted(own.db, own.inbox, experiment, review=own.settings.review)
    return render_template(
        "experiments/draft.html", experiment=experiment, plan=plan, frozen=d.frozen, entries=d.entries,
        yaml=plan_yaml(plan), address=root(), asked=asked, problem=problem, refused=refused, said=read_back(d.frozen),
        outlook=d.outlook, outlook_of=d.stored, met=d.met, todo=d.todo, pictures=d.pictures,
        taking_part=reached.taking_part(plan), why_fewer=sentence(reached.why_fewer(plan)),
        may_change=current_user.can("experimenter", plan.team), **approval.shown(d.frozen, d.entries),
    )  # fmt: skip
