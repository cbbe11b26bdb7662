"""What was worked out of drafts before their launch: the last of each, with the hash of the plan that it is of."""

from dataclasses import dataclass
from datetime import UTC, datetime

from experiments.errors import Conflict
from experiments.registry import log
from experiments.registry.brief_models import OutlookRow
from experiments.registry.database import Database
from experiments.registry.experiments import find


@dataclass(frozen=True)
class Stored:
    """One that is stored; `body` is the JSON of its words."""

    plan_hash: str
    at: datetime
    by: str
    body: str


def store(db: Database, key: str, *, plan_hash: str, body: str, text: str, by: str) -> None:
    """Keep what was worked out of a draft in place of what was before. Conflict once it was launched."""
    with db.begin() as session:
        row = find(session, key)
        if row.state != "draft":
            raise Conflict(f"'{key}' is {row.state}: its odds stay as they were before launch.")
        before = session.get(OutlookRow, key)
        old = {"plan_hash": before.plan_hash, "at": before.at.isoformat()} if before else None
        now = datetime.now(UTC)
        session.merge(OutlookRow(experiment=key, plan_hash=plan_hash, at=now, by=by[:254], body=body))
        after = {"plan_hash": plan_hash, "at": now.isoformat()}
        log.add(session, who=by, kind="odds", experiment=key, text=text, before=old, after=after)


def last(db: Database, key: str) -> Stored | None:
    """Return what was worked out last; None before that."""
    with db.read() as session:
        row = session.get(OutlookRow, key)
        return Stored(row.plan_hash, row.at, row.by, row.body) if row else None
