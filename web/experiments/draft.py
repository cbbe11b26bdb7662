"""A draft's page: its plan as it would be frozen, what that can tell, and what is left to do before launch."""

from collections.abc import Iterable

from flask import render_template
from flask_login import current_user

from experiments import approving
from experiments.catalog import Catalog
from experiments.inbox import live
from experiments.plan import FrozenPlan, Plan, freeze
from experiments.plan_file import plan_yaml
from experiments.planning import outlook
from experiments.planning.checklist import Checklist, Facts, checklist
from experiments.planning.collisions import Collisions, collisions
from experiments.planning.odds import roles
from experiments.planning.outlook import Outlook
from experiments.planning.reading_back import read_back
from experiments.registry import claims, log, metrics, outlooks, overview, pictures
from experiments.registry.experiments import Experiment
from experiments.registry.log import Entry
from experiments.registry.pictures import Picture
from web.experiments import approval
from web.security import root
from web.stores import stores

Given = dict[str, str]


def page(experiment: Experiment, *, asked: str | None = None, problem: str = "", refused: Given | None = None) -> str:
    """Show a draft; `problem` says why its odds could not be worked out with the units a day that were `asked`.

    `refused` is what was entered of a picture that was not taken, and why.
    """
    key, plan, catalog = experiment.key, experiment.plan, metrics.catalog(stores().db)
    frozen = freeze(plan, catalog, experiment.phase)
    entries, shown = log.entries(stores().db, key), pictures.of(stores().db, key)
    stored = outlooks.last(stores().db, key)
    holding = outlook.stored(stored) if stored and stored.plan_hash == frozen.hash else None
    met = met_by(claims.claim(plan.model_dump(mode="json", by_alias=True)), catalog)
    return render_template(
        "experiments/draft.html", experiment=experiment, plan=plan, frozen=frozen, entries=entries,
        yaml=plan_yaml(plan), address=root(), asked=asked, problem=problem,
        refused=refused, said=read_back(frozen), outlook=holding, outlook_of=stored,
        met=met, todo=_checklist(frozen, holding, met, entries, shown), pictures=shown,
        may_change=current_user.can("experimenter", plan.team), **approval.shown(frozen, entries),
    )  # fmt: skip


def met_by(mine: claims.Claim, catalog: Catalog) -> Collisions:
    """Hold a claim against every open experiment on the same units."""
    names = {key: metric.name for key, metric in catalog.metrics.items()}
    return collisions(mine, claims.claims(stores().db, mine.unit), names)


def _checklist(
    frozen: FrozenPlan, found: Outlook | None, met: Collisions, entries: list[Entry], shown: Iterable[Picture]
) -> Checklist:
    """What is done before launch, with what the stores say of it."""
    db, plan = stores().db, frozen.plan
    return checklist(frozen, Facts(
        outlook=found, standing=approving.standing(frozen.hash, entries), review=stores().settings.review,
        collisions=met, measured=overview.measured(db, [r.metric for r in roles(frozen)]),
        pictured={p.variant for p in shown}, waiting=_waiting(plan), seen=live.tried(stores().inbox, plan.key),
    ))  # fmt: skip


def _waiting(plan: Plan) -> list[str]:
    """Prerequisites that are still drafts."""
    needed = [each["experiment"] for each in plan.prerequisites]
    cards = overview.some_cards(stores().db, needed) if needed else {}
    return [key for key in needed if key in cards and cards[key].state == "draft"]
