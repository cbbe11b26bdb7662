"""The suites of others, through the program that runs any file of the same forms; ours of those forms are always here."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
VECTORS = HERE.parents[1] / "../shared/vectors"
OWN = [*sorted((HERE / "cases").iterdir()), HERE / "peer_vectors.json"]
SHARED = ["growthbook_cases.public.json", "peer_assignments.public.json", "openfeature/evaluation.feature", "unleash/*.json"]
NOT_OFFERED = {
    "growthbook_cases.public.json": 16,  # getQueryStringOverride
    "growthbook.json": 1,
    "unleash.json": 2,  # drawn at random, and a strategy of an installation's own
}
MISSING = pytest.param(None, marks=pytest.mark.skip(reason="the suites of others are in ../shared/vectors, not here"))


def program() -> ModuleType:
    """By its path: the statistics have a program of the same name."""
    spec = importlib.util.spec_from_file_location("run_assignment_cases", HERE / "run_cases.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run_cases = program()


def files() -> list[Any]:
    shared = [path for name in SHARED for path in sorted(VECTORS.glob(name))] if VECTORS.is_dir() else [MISSING]
    return [*OWN, *shared]


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name if path else "none")
def test_every_case_passes_or_is_no_part_of_this(path: Path) -> None:
    results = list(run_cases.run(path))
    wrong = [run_cases.report(result) for result in results if result.status == "fail"]
    assert not wrong
    assert sum(result.status == "not offered" for result in results) == NOT_OFFERED.get(path.name, 0)
    assert all(result.note for result in results if result.status == "not offered")
    assert len(results) > NOT_OFFERED.get(path.name, 0)


def test_a_case_with_another_answer_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In each section of each form, what is expected is turned into something else: nothing passes."""
    own = json.loads((HERE / "cases" / "growthbook.json").read_text())
    for section in ("evalCondition", "hash", "getBucketRange", "chooseVariation", "inNamespace", "getEqualWeights"):
        at = 3 if section == "evalCondition" else -1
        changed = [[*case[:at], "another", *case[at:][1:]] for case in own[section]]
        assert {result.status for result in run_cases.growthbook.run({section: changed})} == {"fail"}
    toggles = json.loads((HERE / "cases" / "unleash.json").read_text())
    flipped = [{**case, "expectedResult": not case["expectedResult"]} for case in toggles["tests"]]
    statuses = [result.status for result in run_cases.unleash.run({**toggles, "tests": flipped, "variantTests": []})]
    assert set(statuses) == {"fail", "not offered"}
    scenarios = (HERE / "cases" / "evaluation.feature").read_text()
    wrong = scenarios.replace('"true"', '"false"').replace("10", "11").replace("FOUND", "LOST").replace("MISMATCH", "MATCH")
    assert {result.status for result in run_cases.openfeature.run(wrong.replace("EXTERNAL", "NO"))} == {"fail"}
    path = tmp_path / "odd.json"
    path.write_text('{"sections": [["x", 1]]}')
    assert run_cases.main([str(path)]) == 1
    assert capsys.readouterr().out.endswith("\n1 cases: 1 fail\n")


def test_the_program_runs_by_itself_and_ends_with_a_count() -> None:
    command = [sys.executable, str(HERE / "run_cases.py"), str(HERE / "cases" / "growthbook.json")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    *cases, empty, last = done.stdout.splitlines()
    assert (empty, last) == ("", f"{len(cases)} cases: {len(cases) - 1} pass, 1 not offered")
    assert cases[0] == "evalCondition a field in a list, any of two: pass, expected true, got true"
