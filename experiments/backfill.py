"""Takes looks at past days again, after events came late, a metric was mended, or the engine was.

The new snapshots are not official: they spend no alpha and replace nothing, they stand beside the old ones.
"""

from datetime import date, timedelta
from typing import Literal

from experiments import analysis, retention, rollup
from experiments.errors import DefinitionError
from experiments.registry import Database, experiments
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import warehouse

What = Literal["full", "metric", "statistics"]
DAY = timedelta(days=1)


def backfill(settings: Settings, key: str, days: tuple[date, date], what: What = "full") -> list[Snapshot]:
    """Return a new snapshot of each closed day from the first to the last.

    `full` rolls these days up again from raw events, whatever was rolled up before; `metric` rolls up what has
    changed, such as a measure that was added; `statistics` only analyses again. DefinitionError for days in the
    wrong order; NotReady for one that is not rolled up; Conflict for `full` once raw events of a day were dropped.
    """
    first, last = days
    if first > last:
        raise DefinitionError(f"the backfill runs from {first} to {last}; the first day must not be after the last.")
    experiments.get(Database(settings.registry), key)
    if what == "full":
        retention.refuse(warehouse(settings), first, last, "Their totals stay as they are: use --what statistics.")
        rollup.outdate(settings, first, last)
    if what != "statistics":
        rollup.collect(settings)
    span = [first + i * DAY for i in range((last - first).days + 1)]
    return [analysis.analyze(settings, key, day, official=False) for day in span]
