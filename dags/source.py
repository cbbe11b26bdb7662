"""Pulls the last three days of every source, a team's own exposures and events, shortly after midnight.

`collect` follows twenty minutes later, and rolls up again each day whose rows changed.

**If it fails**: the days of that source stay as they were, and the other sources are pulled. A day is replaced
whole, so clearing the task is always safe; `keepers source check NAME` says what is wrong and stores nothing:

- *there is no column*, *cannot read the source*: the team changed its table; correct the source and apply it again.
- *cannot be reached*, *is not set*: its database is down, or the worker lacks the variable of its password.
- *is writing to the lake*: a load holds it; the retry comes after it.

**How bad**: experiments that live on this source get no new rows, and their exposures are soon told missing. A gap
of more than three days is filled by `keepers source load NAME --from DAY`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task

from dags.defaults import COMMON, TIME_ZONE


@dag(schedule=CronDataIntervalTimetable("10 0 * * *", timezone=TIME_ZONE), doc_md=__doc__, **COMMON)
def source() -> None:
    """Sources to lake. No task follows the mapped ones: it would turn a failed run green."""

    @task
    def names() -> list[str]:
        """Names of all sources."""
        from experiments.settings import Settings
        from experiments.sources import pulling

        return pulling.names(Settings.load())

    @task(map_index_template="{{ task.op_kwargs['name'] }}", max_active_tis_per_dag=1)
    def pull(name: str) -> None:
        """Pull one source's last days; one at a time, as they write to one lake."""
        from experiments.settings import Settings
        from experiments.sources import pulling

        settings = Settings.load()
        print(pulling.pull(settings, name, *pulling.recent(settings)))

    pull.expand(name=names())


source()
