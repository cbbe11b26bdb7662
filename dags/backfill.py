"""Takes looks at past days of one experiment again; started by a person, with parameters.

The new snapshots are not official: they spend no alpha, and replace nothing.

**If it fails**: snapshots that were stored stay; the log names the day that could not be analysed. Start it
again with the days that are left: doing a day twice only adds another snapshot.

**How bad**: nothing else depends on it. The same from a shell: `keepers backfill KEY --from DAY --to DAY`.
"""

from datetime import date
from typing import Any

from airflow.sdk import Param, dag, task

from dags.defaults import COMMON

PARAMS = {
    "experiment": Param("", type="string", minLength=1, description="Key of the experiment"),
    "from": Param("", type="string", format="date", description="First day to look at again"),
    "to": Param("", type="string", format="date", description="Last day to look at again"),
    "what": Param("full", enum=["full", "metric", "statistics"], description="From raw events, totals, or moments"),
}


@dag(schedule=None, params=PARAMS, doc_md=__doc__, **COMMON)
def backfill() -> None:
    """Past days, looked at again."""

    @task
    def look_again(params: Any = None) -> None:
        """Store the snapshots, and log their numbers."""
        from experiments.backfill import backfill as run
        from experiments.settings import Settings
        days = date.fromisoformat(params["from"]), date.fromisoformat(params["to"])
        for snapshot in run(Settings.load(), params["experiment"], days, params["what"]):
            print(f"{snapshot.cutoff}: r{snapshot.number}, {snapshot.verdict.word}")

    look_again()


backfill()
