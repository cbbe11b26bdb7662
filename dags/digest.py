"""Sends the weekly letter on Monday morning: what waits for a decision, what runs, what was decided.

**If it fails**: it could not be sent; the log says by which channel. Clear the task once the channel works: those that
took the letter do not get it twice.

**How bad**: nobody has the letter; everything in it stands on the pages. The same from a shell: `keepers digest`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task

from dags.defaults import COMMON, TIME_ZONE


@dag(schedule=CronDataIntervalTimetable("0 7 * * 1", timezone=TIME_ZONE), doc_md=__doc__, **COMMON)
def digest() -> None:
    """One letter a week."""

    @task
    def send() -> None:
        """Write and send the letter, and log it."""
        from experiments.alerts import digest
        from experiments.settings import Settings
        print(digest.digest(Settings.load()))

    send()


digest()
