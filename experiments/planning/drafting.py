"""All that is known of a draft before its launch, gathered from the stores: for its page and for the API."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from experiments import approving
from experiments.catalog import Catalog
from experiments.errors import Conflict
from experiments.inbox import Inbox, live
from experiments.plan import FrozenPlan, Plan, freeze
from experiments.planning import outlook
from experiments.planning.checklist import Checklist, Facts, checklist
from experiments.planning.collisions import Collisions, collisions
from experiments.planning.odds import roles
from experiments.planning.outlook import Outlook
from experiments.registry import Database, claims, log, metrics, outlooks, overview, pictures
from experiments.registry.experiments import Experiment
from experiments.registry.log import Entry
from experiments.registry.outlooks import Stored
from experiments.registry.pictures import Picture


@dataclass(frozen=True)
class Draft:
    """A draft as it would be frozen now, its log, and what surrounds it.

    `stored` is the outlook that was worked out last, `outlook` the same where it is of the plan as it is now.
    """

    frozen: FrozenPlan
    entries: list[Entry]
    stored: Stored | None
    outlook: Outlook | None
    met: Collisions
    pictures: list[Picture]
    todo: Checklist


def drafted(db: Database, inbox: Inbox, experiment: Experiment, *, review: bool) -> Draft:
    """Gather what is known of a draft; `review` says whether a launch asks for a second person. Conflict after it."""
    if experiment.state != "draft":
        raise Conflict(f"'{experiment.key}' is {experiment.state}: this is of drafts.")
    key, catalog = experiment.key, metrics.catalog(db)
    frozen = freeze(experiment.plan, catalog, experiment.phase)
    entries, shown, stored = log.entries(db, key), pictures.of(db, key), outlooks.last(db, key)
    holding = outlook.stored(stored) if stored and stored.plan_hash == frozen.hash else None
    mine = claims.claim(experiment.plan.model_dump(mode="json", by_alias=True))
    met = met_by(mine, claims.claims(db, mine.unit), catalog)
    facts = Facts(
        outlook=holding, standing=approving.standing(frozen.hash, entries), review=review, collisions=met,
        measured=overview.measured(db, [r.metric for r in roles(frozen)]), pictured=_pictured(shown),
        waiting=_waiting(db, experiment.plan), seen=live.tried(inbox, key),
    )  # fmt: skip
    return Draft(frozen, entries, stored, holding, met, shown, checklist(frozen, facts))


def met_by(mine: claims.Claim, every: Sequence[claims.Claim], catalog: Catalog) -> Collisions:
    """Hold a claim against every open experiment on the same units, with metrics by name."""
    return collisions(mine, every, {key: metric.name for key, metric in catalog.metrics.items()})


def _pictured(shown: Iterable[Picture]) -> set[str]:
    return {p.variant for p in shown}


def _waiting(db: Database, plan: Plan) -> list[str]:
    """Prerequisites that are still drafts."""
    needed = [each["experiment"] for each in plan.prerequisites]
    cards = overview.some_cards(db, needed) if needed else {}
    return [key for key in needed if key in cards and cards[key].state == "draft"]
