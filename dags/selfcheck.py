"""Once a week recounts a sample of experiments from raw events, and replays their metrics as A/A tests.
Where all agree, what is older than it is kept for is dropped: raw events, ended sessions, old counts.

**If it fails**: a red `recount_one` means that the roll-ups of that experiment do not agree with its raw events:
do not decide from it. Start `backfill` with *full* for its days, then clear the task. If it stays red, report the
difference in its log. A red `replay` could not be computed; a metric that misbehaves is only logged.

**How bad**: results may be wrong. The same from a shell: `keepers selfcheck`.
"""

from airflow.sdk import CronDataIntervalTimetable, dag, task

from dags.defaults import COMMON, TIME_ZONE


@dag(schedule=CronDataIntervalTimetable("0 3 * * 0", timezone=TIME_ZONE), doc_md=__doc__, **COMMON)
def selfcheck() -> None:
    """Roll-ups against raw events, metrics against chance."""

    @task
    def chosen() -> list[str]:
        """Keys of this week's sample."""
        from experiments import selfcheck, settings
        return selfcheck.sample(settings.Settings.load())

    @task(map_index_template="{{ task.op_kwargs['experiment'] }}")
    def recount_one(experiment: str) -> None:
        """Compare one experiment's roll-ups with its raw events."""
        from experiments import recount, settings
        print(recount.recount(settings.Settings.load(), experiment))

    @task
    def replay() -> None:
        """Replay metrics, and log what is wrong with any."""
        from experiments import selfcheck, settings
        for found in selfcheck.replays(settings.Settings.load()):
            print(found.metric.key, *(found.flags or ("sound",)), sep=": ")

    @task(trigger_rule="none_failed")  # with nothing to recount too
    def drop_old() -> None:
        """Drop raw events that are old enough, and rows of registry and inbox that nothing needs."""
        from experiments import retention, settings
        print("dropped:", *retention.drop(settings.Settings.load()), retention.tidy(settings.Settings.load()))

    recount_one.expand(experiment=chosen()) >> drop_old()
    replay()


selfcheck()
