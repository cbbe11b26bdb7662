"""A real experiment: 64,000 customers, three arms, two weeks (Hillstrom 2008). An independent program
computed what the engine must find."""

import csv
import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from stats import (
    Fixed,
    Moments,
    Pair,
    estimate,
    mean,
    srm_chi_square,
    srm_sequential,
    standard_error,
    statistic,
)

DATA = Path(__file__).parents[2] / "../shared/data"
COLUMNS = ["visit", "conversion", "spend", "history"]
TREATMENTS = ["Mens E-Mail", "Womens E-Mail"]


@pytest.fixture(scope="module")
def arms() -> dict[str, Moments]:
    if not (DATA / "hillstrom.csv.gz").exists():
        pytest.skip("the Hillstrom data are in ../shared/data, which is not here")
    rows: dict[str, list[list[float]]] = {}
    with gzip.open(DATA / "hillstrom.csv.gz", "rt", newline="") as file:
        for row in csv.DictReader(file):
            rows.setdefault(row["segment"], []).append([float(row[name]) for name in COLUMNS])
    return {arm: Moments.of(COLUMNS, values) for arm, values in rows.items()}


@pytest.fixture(scope="module")
def reference(arms) -> dict:
    return json.loads((DATA / "reference_results.json").read_text())["hillstrom"]


def compare(arms: dict[str, Moments], treatment: str, column: str, covariates: tuple[str, ...] = ()) -> Pair:
    return mean(arms["No E-Mail"], arms[treatment], column, covariates)


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("column", ["visit", "conversion", "spend"])
def test_each_comparison_is_the_references_welch_test(arms, reference, treatment, column):
    expected = reference[f"{treatment} vs No E-Mail"][column]
    expected = expected.get("welch", expected)
    pair, rule = compare(arms, treatment, column), Fixed(0.05)
    found = estimate(pair, rule.critical(pair), rule.p_value(pair))
    np.testing.assert_allclose(
        [found.difference, found.se, statistic(pair), found.df, found.p_value, found.low, found.high],
        [*(expected[key] for key in ("diff", "se", "t", "df", "p_two_sided")), *expected["diff_ci95_t"]],
        rtol=1e-9,
    )


@pytest.mark.parametrize("treatment", TREATMENTS)
@pytest.mark.parametrize("column", ["visit", "spend"])
def test_adjusting_for_history_is_the_references_interacted_regression(arms, reference, treatment, column):
    expected = reference[f"{treatment} vs No E-Mail"][f"{column}_cuped_history"]["lin_interacted_OLS_HC2"]
    pair = compare(arms, treatment, column, ("history",))
    assert float(pair.m1 - pair.m0) == pytest.approx(expected["effect"], rel=1e-9)
    assert float(standard_error(pair)) == pytest.approx(expected["se"], rel=1e-3)


def test_the_adjusted_difference_of_spend_is_the_published_one(arms):
    pair = compare(arms, "Mens E-Mail", "spend", ("history",))
    assert float(pair.m1 - pair.m0) == pytest.approx(0.767480, abs=1e-6)


def test_its_split_is_sound(arms, reference):
    counts = [float(arms[arm].n) for arm in ("No E-Mail", *TREATMENTS)]
    expected = reference["srm_equal_3_arms"]
    assert float(srm_chi_square(counts, [1, 1, 1]).p_value) == pytest.approx(expected["p"], rel=1e-9)
    assert srm_sequential(counts, [1, 1, 1]).p_value == 1.0
