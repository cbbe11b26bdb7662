"""The reference numbers of others, by id, through the program that runs any file of the same form."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

sys.path.insert(0, str(Path(__file__).parent))  # the program and its adapters are imported by name

import run_cases
from cases.answers import Case, Offer, Rejected, judge
from cases.table import run

from stats import statistic
from stats.counts import Counts, score_pair

VECTORS = Path(__file__).parents[2] / "../shared/vectors"
FILES = [
    "statistics_cases.public.json", "published_numbers.json", "power_and_multiplicity.json",
    "crosscheck_tea_tasting.json",
]  # fmt: skip
MISSING = pytest.param(None, marks=pytest.mark.skip(reason="reference numbers are in ../shared/vectors, not here"))


def every_case() -> list:
    if not VECTORS.is_dir():
        return [MISSING]
    cases = [case for file in FILES for case in run_cases.load(VECTORS / file)]
    return [pytest.param(case, id=case.id) for case in cases]


@pytest.mark.parametrize("case", every_case())
def test_each_number_is_met_or_its_convention_is_known(case: Case):
    result = run(case)
    assert result.status != "fail", run_cases.report(result)


@pytest.mark.slow
@pytest.mark.skipif(not VECTORS.is_dir(), reason="reference numbers are in ../shared/vectors, not here")
def test_a_case_is_known_by_its_method_and_not_by_its_id():
    cases = run_cases.load(VECTORS / FILES[0])
    renamed = [Case("x", c.method, c.inputs, c.expected, c.folder, c.tolerance, c.source) for c in cases]
    assert [run(case).status for case in renamed] == [run(case).status for case in cases]


def off(expected, times: float):
    """The same numbers, each a little larger."""
    if isinstance(expected, dict):
        return {name: off(value, times) for name, value in expected.items()}
    if isinstance(expected, list):
        return [off(value, times) for value in expected]
    return float(expected) * times + 1e-7


@pytest.mark.skipif(not VECTORS.is_dir(), reason="reference numbers are in ../shared/vectors, not here")
def test_a_number_that_is_a_little_off_fails():
    """Neither a pass nor a decline survives a shift of the expected numbers by a hundred tolerances."""
    for case in run_cases.load(VECTORS / FILES[0]):
        shifted = off(case.expected, 1.0 + 100.0 * case.tolerance)
        moved = Case(case.id, case.method, case.inputs, shifted, case.folder, case.tolerance, case.source)
        assert run(moved).status in ("fail", "not offered"), case.id


def test_a_method_that_nobody_knows_fails():
    result = run(Case("x", "Oracle", {"bones": [1, 2]}, {"p": 0.5}, Path()))
    assert result.status == "fail"
    assert result.numbers[0].note == "no adapter"


def test_a_convention_is_declined_only_if_it_gives_the_number():
    case = Case("x", "any", {}, {"p": 0.5}, Path())
    offer = {theirs: Offer(0.1, (Rejected(theirs, "too bold"),)) for theirs in (0.5, 0.6)}
    assert judge(case, {"p": offer[0.5]}).status == "declined"
    assert judge(case, {"p": offer[0.6]}).status == "fail"


def test_the_program_ends_with_1_if_anything_fails(tmp_path, capsys):
    case = {
        "id": "one",
        "method": "SRM chi-square",
        "inputs": {"counts": [60, 40], "weights": [1, 1]},
        "tolerance": 1e-6,
    }
    right, wrong = tmp_path / "right.json", tmp_path / "wrong.json"
    right.write_text(json.dumps([{**case, "expected": {"chi2": 4.0}}]))
    wrong.write_text(json.dumps([{**case, "expected": {"chi2": 4.1}}]))
    assert run_cases.main([str(right)]) == 0
    assert run_cases.main([str(right), str(wrong)]) == 1
    assert "one: fail" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "worth"),
    [
        ((48, 80, 56, 70), 0.3),
        ((48, 80, 56, 70), 0.0525),
        ((0, 50, 5, 50), 0.025),
        ((480, 10_000, 530, 10_000), -0.005),
    ],
)
def test_the_restricted_rates_of_the_score_test_are_the_likeliest(table, worth):
    """Where another program's score differs from ours, a search for the likeliest rates decides: it finds ours."""
    x0, n0, x1, n1 = table

    def cost(p0: float) -> float:
        p1 = p0 + worth
        return -(x1 * np.log(p1) + (n1 - x1) * np.log1p(-p1) + x0 * np.log(p0) + (n0 - x0) * np.log1p(-p0))

    ends = (max(0.0, -worth) + 1e-12, min(1.0, 1.0 - worth) - 1e-12)
    p0 = minimize_scalar(cost, bounds=ends, method="bounded", options={"xatol": 1e-13}).x
    p1 = p0 + worth
    variance = (p1 * (1 - p1) / n1 + p0 * (1 - p0) / n0) * (n0 + n1) / (n0 + n1 - 1)
    z = (x1 / n1 - x0 / n0 - worth) / np.sqrt(variance)
    assert float(statistic(score_pair(Counts(*table), worth, absolute=True))) == pytest.approx(z, rel=1e-5)
