"""The stored sources."""

from sqlalchemy import select

from experiments.errors import NotFound
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import SourceRow
from experiments.sources import Source


def listing(db: Database) -> dict[str, Source]:
    """Return every source by its name, in order."""
    with db.read() as session:
        rows = session.scalars(select(SourceRow).order_by(SourceRow.key))
        return {row.key: Source.model_validate(row.definition) for row in rows}


def get(db: Database, name: str) -> Source:
    """Return one source; NotFound names the nearest."""
    every = listing(db)
    if name not in every:
        raise NotFound.of("source", name, every)
    return every[name]


def apply(db: Database, changes: dict[str, Source], by: str) -> list[str]:
    """Add or replace sources; return the names of those that changed."""
    before = listing(db)
    changed = [name for name, source in changes.items() if before.get(name) != source]
    with db.begin() as session:
        for name in changed:
            session.merge(SourceRow(key=name, definition=changes[name].model_dump(mode="json")))
        for name in changed:
            log.add(
                session, who=by, kind="source", text=f"Source '{name}' defined or changed.",
                before=before[name].model_dump(mode="json") if name in before else None,
                after=changes[name].model_dump(mode="json"),
            )  # fmt: skip
    return changed
