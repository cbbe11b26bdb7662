"""Analyses each experiment that has a newly closed day, one mapped task each, after every roll-up.

Each task stores one snapshot and emits one event of the asset `keepers/snapshot` that names it. Once kept, those who
have the variant are compared with those held back, if any are.

**If it fails**: one red task is one experiment without today's snapshot; its page keeps the last good one
with its date, and the other experiments are done. Read that task's log (its label is the experiment's key),
mend the cause, clear the task. A snapshot is appended or not at all, so clearing is always safe.

An experiment that must not be believed (verdict *invalid*) is a result and no failure: its task is green.

**How bad**: a red task on the day of a final look delays that decision. The same from a shell:
`keepers analyze KEY`.
"""

from typing import Any

from airflow.sdk import Asset, dag, task

from dags.defaults import COMMON

SNAPSHOT = Asset("keepers/snapshot")


@dag(schedule=[Asset("keepers/rollup")], doc_md=__doc__, **COMMON)
def analyze() -> None:
    """Totals to snapshots. No task follows the mapped ones: it would turn a failed run green."""

    @task
    def due() -> list[str]:
        """Keys of the experiments with a newly closed day."""
        from experiments import following
        from experiments.settings import Settings

        return following.due(Settings.load())

    @task(outlets=[SNAPSHOT], map_index_template="{{ task.op_kwargs['experiment'] }}")
    def analyze_one(experiment: str, *, outlet_events: Any = None) -> None:
        """Store the snapshot of one experiment, at the cutoff that the data gives."""
        from experiments import following
        from experiments.settings import Settings

        snapshot = following.look(Settings.load().beside_others, experiment)
        outlet_events[SNAPSHOT].extra = {"experiment": experiment, "number": snapshot.number}

    analyze_one.expand(experiment=due())


analyze()
