"""Approvals of drafts. They live in the log alone, which nobody can edit unnoticed, and are read from it."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from experiments.registry import log
from experiments.registry.log import Entry

BY_KEY = ", by API key "


@dataclass(frozen=True)
class Approval:
    """One approval; it holds while the plan would be frozen with this hash."""

    plan_hash: str
    by: str
    at: datetime
    note: str


def add(session: Session, key: str, plan_hash: str, *, by: str, note: str) -> None:
    """Log an approval of a plan."""
    text = f"Plan {plan_hash[:12]} approved.{' ' + note if note else ''}"
    log.add(session, who=by, kind="approval", experiment=key, text=text, after={"plan_hash": plan_hash, "note": note})


def of(entries: Iterable[Entry]) -> tuple[Approval, ...]:
    """Return the approvals among the entries of one experiment, in the order of these."""
    found = [(e, json.loads(e.after)) for e in entries if e.kind == "approval" and e.after]
    return tuple(Approval(facts["plan_hash"], e.who, e.at, facts["note"]) for e, facts in found)


def authors(entries: Iterable[Entry]) -> frozenset[str]:
    """Return everybody who ever changed the draft, as people, from the entries of one experiment."""
    return people(e.who for e in entries if e.kind == "plan")


def person(who: str) -> str:
    """Return the person behind an entry of the log: a key acts for whoever made it."""
    return who.partition(BY_KEY)[0].strip().lower()


def people(names: Iterable[str]) -> frozenset[str]:
    """Return the people behind entries of the log."""
    return frozenset(person(name) for name in names)
