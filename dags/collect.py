"""Rolls up every closed day whose events changed, half an hour after midnight, once `load` has run.

Produces the asset `keepers/rollup`, which starts `analyze`.

**If it fails**: yesterday's tables stay as they were, and pages keep the last good results with their date.
Every day is replaced whole, so clearing the task is always safe. Look at the last lines of the task's log:

- *is writing to the lake*: a `keepers collect` or a backfill is rolling up the same day; clear it later.
- *out of memory*: a day outgrew the worker. Give it more memory; days are rolled up one at a time.
- *is damaged*, *is missing*: restore the file of the lake that the message names, then clear it.
- *cannot be written*, *fails*: make room on the disk, or start the database that it names; clear it.

**How bad**: without a new roll-up no experiment gets a new result. The same from a shell: `keepers collect`.
"""

from datetime import date
from typing import Any

from airflow.sdk import Asset, CronDataIntervalTimetable, Param, dag, task

from dags.defaults import COMMON, TIME_ZONE

DAY = Param(None, type=["null", "string"], format="date", description="Roll up to this day; by default to yesterday")


@dag(
    schedule=CronDataIntervalTimetable("30 0 * * *", timezone=TIME_ZONE),
    params={"day": DAY},
    doc_md=__doc__,
    **COMMON,
)
def collect() -> None:
    """Events by day to totals per unit and day."""

    @task(outlets=[Asset("keepers/rollup")])
    def roll_up(params: Any = None) -> None:
        """Roll up what changed, and log which days."""
        from experiments import rollup
        from experiments.settings import Settings

        day = date.fromisoformat(params["day"]) if params["day"] else None
        print("rolled up:", *rollup.collect(Settings.load(), day))

    roll_up()


collect()
