"""Looks every hour for what must not wait for tomorrow's results, and tells each new problem once.

Events that wait to be loaded or are rejected, days that are not rolled up or analysed, experiments that meet
nobody or whose split leans, verdicts that ask for a decision. Where to: `KEEPERS_SMTP`, `KEEPERS_WEBHOOK`.

**If it fails**: a message could not be sent; the log says by which channel. It is tried again every
hour, by that channel alone. Nothing else depends on this DAG.

**How bad**: while it is red nobody is told of anything. The same from a shell: `keepers watch`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task

from dags.defaults import COMMON, TIME_ZONE


@dag(schedule=CronDataIntervalTimetable("20 * * * *", timezone=TIME_ZONE), doc_md=__doc__, **COMMON)
def watch() -> None:
    """Problems, once each."""

    @task
    def look() -> None:
        """Find, store and tell problems, and log all that stand."""
        from experiments import alerts
        from experiments.settings import Settings
        for problem in alerts.watch(Settings.load()):
            print(problem.text, end="\n\n")

    look()


watch()
