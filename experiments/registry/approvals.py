"""Stored approvals: who approved which plan of an experiment, by its hash."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from experiments.registry import log
from experiments.registry.models import ApprovalRow, LogRow

BY_KEY = ", by API key "


@dataclass(frozen=True)
class Approval:
    """One approval; it holds while the plan would be frozen with this hash."""

    plan_hash: str
    by: str
    at: datetime
    note: str


def add(session: Session, key: str, plan_hash: str, *, by: str, note: str) -> None:
    """Store and log an approval of a plan."""
    row = ApprovalRow(experiment=key, plan_hash=plan_hash, by=by, at=datetime.now(UTC), note=note)
    session.add(row)
    text = f"Plan {plan_hash[:12]} approved.{' ' + note if note else ''}"
    log.add(session, who=by, kind="approval", experiment=key, text=text, after={"plan_hash": plan_hash, "note": note})


def of(session: Session, key: str) -> tuple[Approval, ...]:
    """Return all approvals of an experiment, oldest first."""
    rows = session.scalars(select(ApprovalRow).where(ApprovalRow.experiment == key).order_by(ApprovalRow.id))
    return tuple(Approval(r.plan_hash, r.by, r.at, r.note) for r in rows)


def authors(session: Session, key: str) -> frozenset[str]:
    """Return everybody who ever changed the draft of an experiment, as people."""
    query = select(LogRow.who).where(LogRow.experiment == key, LogRow.kind == "plan").distinct()
    return people(session.scalars(query))


def person(who: str) -> str:
    """Return the person behind an entry of the log: a key acts for whoever made it."""
    return who.partition(BY_KEY)[0].strip().lower()


def people(names: Iterable[str]) -> frozenset[str]:
    """Return the people behind entries of the log."""
    return frozenset(person(name) for name in names)
