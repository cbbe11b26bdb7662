"""Moves what the collector has accepted from the inbox into the lake, every hour.

**If it fails**: nothing is lost. Events stay in the inbox until their file is written, and the next run first
finishes the planned range, so clearing the task is always safe. Look at the last lines of the task's log:

- *is writing to the lake*: a `keepers load` or a backfill is running; the next hour catches up.
- *the lake cannot be written*: its disk (`KEEPERS_LAKE`) is full, or not the worker's. Mend it, clear the task.
- *the inbox fails*: `KEEPERS_INBOX` is wrong for the worker, or its database is down or full.

**How bad**: pages show results up to the last closed day, so some failed hours change nothing yet. Failing
for a day delays that day's results. The same from a shell: `keepers load`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task

from dags.defaults import COMMON, TIME_ZONE


@dag(schedule=CronDataIntervalTimetable("0 * * * *", timezone=TIME_ZONE), doc_md=__doc__, **COMMON)
def load() -> None:
    """Inbox to lake."""

    @task
    def inbox_to_lake() -> None:
        """Load every accepted event, and log how many."""
        from experiments import loading
        from experiments.settings import Settings

        print(loading.load(Settings.load()))

    inbox_to_lake()


load()
