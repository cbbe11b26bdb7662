"""Planning: what a draft can and cannot tell, and what is left to do before its launch."""

from experiments.errors import Conflict, NotFound
from experiments.plan import freeze
from experiments.planning import outlook
from experiments.planning.drafting import drafted
from experiments.registry import experiments, metrics, outlooks
from web.api import planning_types as types
from web.api.blueprint import actor, operation
from web.stores import stores

ONE = "/experiments/<key>"


@operation("GET", f"{ONE}/outlook", answer=types.Kept)
def get_outlook(key: str) -> types.Kept:
    """Read what a plan can and cannot tell, as it was worked out last before launch.

    404 before that. `of_this_plan` says whether the plan has not changed since.
    """
    experiment = experiments.get(stores().db, key)
    stored = outlooks.last(stores().db, key)
    if stored is None:
        raise NotFound(f"'{key}' has no outlook: nobody has worked out what its plan can tell.")
    frozen = experiment.frozen or freeze(experiment.plan, metrics.catalog(stores().db), experiment.phase)
    return types.kept(stored, frozen.hash)


@operation("POST", f"{ONE}/outlook", body=types.Ask, answer=types.Kept, role="experimenter", conflicts=True)
def work_out_outlook(key: str, body: types.Ask) -> types.Kept:
    """Work out what a draft can and cannot tell, and keep it with the draft.

    By sizes, and by 2,000 simulated runs of its rule: this takes a second or more. A conflict where a metric was never
    measured, where nobody knows who comes, and once the draft was launched.
    """
    experiment = experiments.get(stores().db, key)
    if experiment.state != "draft":
        raise Conflict(f"'{key}' is {experiment.state}: its odds stay as they were before launch.")
    frozen = freeze(experiment.plan, metrics.catalog(stores().db), experiment.phase)
    found = outlook.work_out(stores().settings, stores().db, frozen, body.units_a_day)
    outlook.store(stores().db, key, found, by=actor())
    return get_outlook(key)


@operation("GET", f"{ONE}/checklist", answer=types.Checklist, conflicts=True)
def get_checklist(key: str) -> types.Checklist:
    """Read what is done of a draft before its launch, and what is not.

    `blocks` marks what launch refuses without; the others are advice.
    """
    own = stores()
    found = drafted(own.db, own.inbox, experiments.get(own.db, key), review=own.settings.review)
    return types.checklist(found.todo)
