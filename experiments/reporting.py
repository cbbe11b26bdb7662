"""Gathers what a report is made of: one stored snapshot, and what is stored beside it."""

from experiments import followup
from experiments.errors import NotReady
from experiments.registry import Database, experiments, pictures, snapshots
from experiments.reports import Report


def report(db: Database, key: str, number: int | None = None) -> Report:
    """Return the report of one snapshot, the newest if none is named, with what is known of its keep since launch.

    NotReady before the first snapshot.
    """
    e = experiments.get(db, key)
    snapshot = snapshots.get(db, key, number) if number else snapshots.latest(db, key)
    if snapshot is None:
        raise NotReady(
            f"'{key}' has no snapshot yet: the first is made once its first day has closed. Then run 'keepers analyze'."
        )
    earlier = lambda: snapshots.before(db, snapshot)  # noqa: E731 - asked for by one format alone
    return Report(e, snapshot, earlier, followup.latest(db, e), pictures.whole(db, key))
