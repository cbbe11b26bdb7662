"""The archive: drafts and decided experiments that the list leaves out. Nothing is deleted, or served otherwise."""

from datetime import UTC, datetime

from experiments.errors import Conflict
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.experiments import Experiment, find, get
from experiments.registry.models import ExperimentRow

MAY_BE = ("draft", "decided")


def archive(db: Database, key: str, by: str) -> Experiment:
    """Take an experiment off the list. Conflict while it is running or undecided, and where it is archived already.

    Search for learnings, the portfolio and reports know it as before.
    """
    with db.begin() as session:
        row = find(session, key)
        if row.state not in MAY_BE:
            todo = "stop and decide it first" if row.state == "running" else "decide it first"
            raise Conflict(f"'{key}' is {row.state}; only a draft or a decided experiment can be archived: {todo}.")
        if row.archived_at is not None:
            raise Conflict(f"'{key}' is archived already; restore it to have it on the list again.")
        row.archived_at = datetime.now(UTC)
        log.add(session, who=by, kind="archive", experiment=key, text="Archived.", before=_of(False), after=_of(True))
    return get(db, key)


def restore(db: Database, key: str, by: str) -> Experiment:
    """Put an archived experiment back on the list. Conflict where it is not archived."""
    with db.begin() as session:
        row = find(session, key)
        if row.archived_at is None:
            raise Conflict(f"'{key}' is not archived; it is on the list.")
        row.archived_at = None
        log.add(session, who=by, kind="archive", experiment=key, text="Restored.", before=_of(True), after=_of(False))
    return get(db, key)


def expect_not(row: ExperimentRow) -> None:
    """Conflict where it is archived: what nobody sees must not change."""
    if row.archived_at is not None:
        raise Conflict(f"'{row.key}' is archived: restore it first, then do this again.")


def _of(archived: bool) -> dict[str, bool]:
    return {"archived": archived}
