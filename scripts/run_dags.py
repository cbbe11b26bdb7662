"""Run DAGs of this repository once, in the order named, in one process. Nothing keeps running afterwards.

    python scripts/run_dags.py load collect:2026-11-09 analyze

`collect:DAY` rolls up to that day, as the schedule would have done on the morning after it.

Prints a line for each run as it ends, and one for each of its tasks. A failed task is not tried again. The
exit code is 0 when every run succeeded, 1 when one failed, 2 when Airflow could not run them.

Airflow keeps its database and logs in KEEPERS_HOME/airflow, or in AIRFLOW_HOME where that is set, and what it
prints in messages.log there. Whatever else this machine schedules with Airflow stays untouched.
"""

import contextlib
import json
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TextIO

REPOSITORY = Path(__file__).absolute().parents[1]


def main(names: list[str]) -> int:
    """Run the DAGs called `names` and return the exit code."""
    ours = Path(os.environ.get("KEEPERS_HOME") or "var").absolute()
    os.environ["KEEPERS_HOME"] = str(ours)
    home = Path(os.environ.get("AIRFLOW_HOME") or ours / "airflow").absolute()
    home.mkdir(parents=True, exist_ok=True)
    configure(home)
    log = home / "messages.log"
    with aside(log) as out:
        try:
            states = [run(dag, day, out) for dag, day in chosen(names)]
        except Exception as error:
            traceback.print_exc()
            print(f"Airflow could not run: {error!r}. More in {log}", file=out)
            return 2
        if failed := states.count("failed"):
            print(f"{failed} of {len(states)} runs failed; why is in {log}", file=out)
        return 1 if failed else 0


def configure(home: Path) -> None:
    """Point Airflow at `home` and at this repository. Must come before its first import."""
    for name in [n for n in os.environ if n.startswith("AIRFLOW__")]:
        del os.environ[name]
    bundle = {
        "name": "keepers",
        "classpath": "airflow.dag_processing.bundles.local.LocalDagBundle",
        "kwargs": {"path": str(REPOSITORY)},
    }
    os.environ |= {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DAG_PROCESSOR__DAG_BUNDLE_CONFIG_LIST": json.dumps([bundle]),
        "KEEPERS_DAG_RETRIES": "0",  # a run in one process would sleep through the delay
    }


@contextlib.contextmanager
def aside(log: Path) -> Iterator[TextIO]:
    """Send all that this process prints into the file `log`; yield the standard output of before."""
    with os.fdopen(os.dup(1), "w", buffering=1) as out, log.open("w") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        yield out
        sys.stdout.flush()


def chosen(names: list[str]) -> list[tuple[Any, str]]:
    """Return the DAGs called `names`, each with its day or '', once Airflow's database is made or migrated."""
    from airflow.utils.db import initdb

    dags = read()
    pairs = [name.partition(":")[::2] for name in names]
    if unknown := {name for name, _ in pairs} - set(dags):
        raise LookupError(f"no DAG is called '{min(unknown)}', only {', '.join(sorted(dags))}")
    initdb()
    return [(dags[name], day) for name, day in pairs]


def read() -> dict[str, Any]:
    """Read every DAG of the repository as Airflow does, by name; ImportError says which file is broken."""
    from airflow.dag_processing.dagbag import BundleDagBag

    bag = BundleDagBag(dag_folder=str(REPOSITORY), bundle_path=REPOSITORY, bundle_name="keepers")
    if bag.import_errors:
        raise ImportError(str(bag.import_errors))
    return dict(bag.dags)


def run(dag: Any, day: str, out: TextIO) -> str:
    """Run one DAG, print how it and its tasks ended, and return the state of the run."""
    began = time.perf_counter()
    ended = dag.test(run_conf={"day": day} if day else None)
    print(f"{dag.dag_id}: {ended.state} in {time.perf_counter() - began:.1f} s", file=out)
    for task in sorted(ended.get_task_instances(), key=lambda t: str(t.start_date)):
        label = f" {task.rendered_map_index}" if task.map_index >= 0 else ""
        print(f"  {task.task_id}{label}: {task.state}", file=out)
    return str(ended.state)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
