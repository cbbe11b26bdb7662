"""Every DAG is read as Airflow reads it, and held to the rules of this house."""

import json
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ["analyze", "backfill", "collect", "digest", "load", "selfcheck", "source", "watch"]
READ = """
import json, sys, time
from pathlib import Path
sys.path.insert(0, "scripts")
import run_dags
run_dags.configure(Path(sys.argv[1]))
with run_dags.aside(Path(sys.argv[1], "messages.log")) as out:
    import airflow.dag_processing.dagbag
    before = set(sys.modules)
    dags = run_dags.read()
    facts = {
        name: {
            "file": dag.fileloc,
            "doc": dag.doc_md,
            "tags": sorted(dag.tags),
            "catchup": dag.catchup,
            "at once": dag.max_active_runs,
            "owners": [task.owner for task in dag.tasks],
            "retries": [task.retries for task in dag.tasks],
            "schedule": type(dag.timetable).__name__,
            "last": [task.task_id for task in dag.leaves],
            "mapped": [task.task_id for task in dag.tasks if task.is_mapped],
        }
        for name, dag in dags.items()
    }
    modules = sorted({name.split(".")[0] for name in set(sys.modules) - before})
    print(json.dumps({"dags": facts, "modules": modules}), file=out)
"""


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Any:
    home = tmp_path_factory.mktemp("airflow")
    command = [sys.executable, "-c", READ, str(home)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    log = home / "messages.log"
    assert done.returncode == 0, done.stderr + (log.read_text() if log.exists() else "")
    return json.loads(done.stdout)


def test_exactly_the_files_of_the_folder_are_dags(facts: Any) -> None:
    """Tests and scripts speak of Airflow too; .airflowignore keeps them out."""
    files = {name: dag["file"] for name, dag in facts["dags"].items()}
    assert files == {name: str(ROOT / "dags" / f"{name}.py") for name in NAMES}


def test_reading_the_folder_loads_nothing_heavy(facts: Any) -> None:
    ours, heavy = {"experiments", "stats", "keepers"}, {"scipy", "statsmodels", "ibis", "duckdb"}
    assert not set(facts["modules"]) & (ours | heavy)


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_file_is_under_50_lines(name: str) -> None:
    assert len((ROOT / "dags" / f"{name}.py").read_text().splitlines()) < 50


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_says_what_to_do_when_it_fails(facts: Any, name: str) -> None:
    for words in ("**If it fails**", "**How bad**", f"`keepers {name}"):
        assert words in facts["dags"][name]["doc"]


@pytest.mark.parametrize("name", NAMES)
def test_a_dag_has_a_tag_an_owner_and_no_two_runs_at_once(facts: Any, name: str) -> None:
    dag = facts["dags"][name]
    assert dag["tags"] == ["keepers"]
    assert set(dag["owners"]) == {"keepers"}
    assert (dag["at once"], dag["catchup"]) == (1, False)


@pytest.mark.parametrize("name", NAMES)
def test_one_constant_sets_the_retries_of_every_task(facts: Any, name: str) -> None:
    """The runner clears it, as a run in one process would sleep through the delays."""
    assert set(facts["dags"][name]["retries"]) == {0}


def test_a_scheduled_task_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KEEPERS_DAG_RETRIES", raising=False)
    assert runpy.run_path(str(ROOT / "dags/defaults.py"))["COMMON"]["default_args"]["retries"] > 0


def test_days_have_an_interval_and_the_roll_up_starts_the_analysis(facts: Any) -> None:
    kinds = {name: facts["dags"][name]["schedule"] for name in NAMES}
    days = "CronDataIntervalTimetable"
    clock = dict.fromkeys(("load", "collect", "watch", "digest", "selfcheck", "source"), days)
    assert kinds == {**clock, "analyze": "AssetTriggeredTimetable", "backfill": "NullTimetable"}


def test_nothing_follows_the_mapped_analyses(facts: Any) -> None:
    """A last task that runs after all would turn a run with a failed experiment green."""
    assert facts["dags"]["analyze"]["last"] == facts["dags"]["analyze"]["mapped"] == ["analyze_one"]
    assert facts["dags"]["source"]["last"] == facts["dags"]["source"]["mapped"] == ["pull"]
