"""Four eyes before a launch: a second person approves the plan as it would be frozen, and a change of it voids that."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.errors import Conflict, Refused
from experiments.plan import FrozenPlan, Plan, freeze
from experiments.registry import approvals, log, metrics
from experiments.registry.approvals import Approval, people, person
from experiments.registry.database import Database, Session
from experiments.registry.experiments import find
from experiments.registry.log import Entry

APPROVE_FIRST = (
    "this installation asks for a second person before a launch (KEEPERS_REVIEW=required), and nobody else has "
    "approved the plan as it is now"
)


@dataclass(frozen=True)
class Standing:
    """Where a draft stands: its hash as it would be frozen now, who approved that, who approved another; newest first.

    `authors` are those who changed the draft: none of them may approve it.
    """

    plan_hash: str
    holding: tuple[Approval, ...]
    lapsed: tuple[Approval, ...]
    authors: frozenset[str]

    def seconded(self, by: str) -> bool:
        """Whether somebody approved it who neither changed the draft nor does now what was approved."""
        return bool(people(a.by for a in self.holding) - self.authors - {person(by)})

    def may_approve(self, who: str) -> bool:
        """Whether this person is a second one, and has not approved it yet."""
        return person(who) not in self.authors | people(a.by for a in self.holding)


def standing(plan_hash: str, entries: Sequence[Entry]) -> Standing:
    """Return where the draft stands that would be frozen with this hash, by its entries in the log."""
    found = approvals.of(entries)
    return Standing(
        plan_hash, tuple(a for a in found if a.plan_hash == plan_hash),
        tuple(a for a in found if a.plan_hash != plan_hash), approvals.authors(entries),
    )  # fmt: skip


def of(db: Database, key: str) -> Standing:
    """Return where the draft of this experiment stands. Conflict once it was launched."""
    catalog = metrics.catalog(db)
    with db.read() as session:
        row = find(session, key)
        _draft(key, row.state)
        return _standing(session, key, freeze(Plan.model_validate(row.plan), catalog, row.phase).hash)


def approve(db: Database, key: str, by: str, plan_hash: str = "", note: str = "") -> Standing:
    """Approve a draft. `plan_hash` is that of the plan that was read; empty for the one that is stored now.

    Conflict if the plan has changed since, Refused for anybody who changed it.
    """
    catalog = metrics.catalog(db)
    with db.begin() as session:
        row = find(session, key)
        _draft(key, row.state)
        now = _standing(session, key, freeze(Plan.model_validate(row.plan), catalog, row.phase).hash)
        if plan_hash and plan_hash != now.plan_hash:
            raise Conflict(
                f"the plan is {now.plan_hash[:12]} now, and you read {plan_hash[:12]}: it changed in between. "
                "Read what changed, then approve."
            )
        expect_second(now, by)
        approvals.add(session, key, now.plan_hash, by=by, note=note.strip())
    return of(db, key)


def expect(session: Session, frozen: FrozenPlan, by: str) -> None:
    """Refuse the launch of a plan that nobody but its authors and `by`, who launches, has approved."""
    found = _standing(session, frozen.plan.key, frozen.hash)
    if not found.seconded(by):
        lapsed = " The approval that there was lapsed when the plan changed." if found.lapsed else ""
        raise Refused(
            f"'{frozen.plan.key}' cannot be launched yet: {APPROVE_FIRST}.{lapsed} "
            "Ask a reviewer who neither changed the plan nor launches it to read and approve it."
        )


def _standing(session: Session, key: str, plan_hash: str) -> Standing:
    return standing(plan_hash, log.of(session, key))


def _draft(key: str, state: str) -> None:
    if state != "draft":
        raise Conflict(f"'{key}' is {state}: a plan is approved before its launch.")


def expect_second(now: Standing, by: str) -> None:
    """Refused for an author of the plan, Conflict for who approved it already."""
    if person(by) in now.authors:
        raise Refused(
            f"{by} changed this plan, and nobody approves their own change. "
            f"Ask somebody other than {', '.join(sorted(now.authors))}."
        )
    if not now.may_approve(by):
        raise Conflict(f"{by} has approved this plan already; once is enough.")
