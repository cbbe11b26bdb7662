"""The pipeline benchmark at a small size: its roll-ups and its query by hand give one answer, and it says so."""

from pathlib import Path

import pytest

from benchmarks import pipeline
from benchmarks.pipeline_part import Ratio


@pytest.mark.slow
def test_a_part_compares_equal_answers_and_ends_with_its_ratio(capsys: pytest.CaptureFixture[str]) -> None:
    assert pipeline.main(["--only", "b", "--small"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("largest difference of the answers") for line in lines)
    name, _, ratio = lines[-1].partition(": ratio ")
    assert name == "one-experiment"
    assert float(ratio) > 0


def test_a_part_written_anew_leaves_the_others_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "pipeline.md"
    pipeline.written(path, {"a": "## (a) old", "c": "## (c) kept"})
    pipeline.written(path, {"a": "## (a) new", "b": "## (b) added"})
    sections = [line for line in path.read_text().splitlines() if line.startswith("## ")]
    assert sections == ["## (a) new", "## (b) added", "## (c) kept"]


def test_a_ratio_says_whether_its_goal_is_met() -> None:
    assert Ratio("x", 1.3, at_most=1.2).goal == "at most 1.2: missed"
    assert Ratio("x", 12.0, at_least=10).goal == "at least 10: met"
