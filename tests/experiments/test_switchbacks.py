"""A switchback read from a file: its effect is the engine's, what it rests on is said, and what does not fit is named."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stats
from experiments import cli, switchbacks
from experiments.errors import DefinitionError
from experiments.switchbacks import Layout, analyse

DESIGN = stats.Switchback(block=4, washout=1)
LAYOUT = Layout("region", "hour", "side", "orders")


def table(effect: float = 3.0) -> tuple[Any, Any]:
    """Six regions over 48 hours: outcomes and assignment."""
    rng = np.random.default_rng(6)
    assigned = DESIGN.assign(6, 48, rng=rng)[0]
    return np.round(50 + rng.normal(size=assigned.shape) + effect * assigned, 3), assigned


def write(path: Path, outcomes: Any, assigned: Any, *, without: tuple[int, int] | None = None, twice: bool = False) -> Path:
    lines = ["region,hour,side,orders"]
    for (r, h), y in np.ndenumerate(outcomes):
        side = "new" if assigned[r, h] else "control"
        if (r, h) != without:
            lines += [f"r{r},{h},{side},{y + 1 if twice else y}"] + ([f"r{r},{h},{side},{y - 1}"] if twice else [])
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.mark.parametrize("twice", [False, True])
def test_a_file_gives_the_engine_s_effect_and_p(tmp_path: Path, twice: bool) -> None:
    outcomes, assigned = table()
    found = analyse(write(tmp_path / "s.csv", outcomes, assigned, twice=twice), LAYOUT, DESIGN)
    rng = np.random.default_rng(switchbacks.SEED)
    expected = stats.switchback(outcomes, assigned.astype(float), DESIGN, rng=rng, draws=switchbacks.DRAWS)
    assert found.effect == pytest.approx(expected.effect, rel=1e-9)
    assert (found.p_value, found.treatment, found.regions, found.periods) == (expected.p_value, "new", 6, 48)
    assert found.p_value < 0.001
    assert abs(found.effect - 3) < 0.5


def test_the_command_prints_what_was_found_and_assumed_and_writes_it(tmp_path: Path, capsys: Any) -> None:
    path = write(tmp_path / "s.csv", *table())
    arguments = ["import", "switchback", str(path), "--region", "region", "--period", "hour", "--variant", "side"]
    arguments += ["--outcome", "orders", "--block", "4", "--washout", "1", "--out", str(tmp_path / "s.json")]
    assert cli.main(arguments) == 0
    said = capsys.readouterr().out
    assert "The effect of new on orders is " in said
    assert "Randomisation test of no effect: p 0.0002." in said
    assert "every four periods" in said
    assert "more than one period before no longer matters" in said
    written = json.loads((tmp_path / "s.json").read_text())
    assert (written["design"], written["draws"]) == ({"block": 4, "washout": 1, "share": 0.5}, switchbacks.DRAWS)


def test_what_does_not_fit_is_named(tmp_path: Path) -> None:
    outcomes, assigned = table()
    with pytest.raises(DefinitionError, match="region r2 has no row in period 7"):
        analyse(write(tmp_path / "a.csv", outcomes, assigned, without=(2, 7)), LAYOUT, DESIGN)
    path = write(tmp_path / "b.csv", outcomes, assigned)
    with pytest.raises(DefinitionError, match="changes within a block of 5 periods"):
        analyse(path, LAYOUT, stats.Switchback(5, 1))
    with pytest.raises(DefinitionError, match="the sides are control, new"):
        analyse(path, LAYOUT, DESIGN, "old")
    with pytest.raises(DefinitionError, match=r"no column 'regions'\. Did you mean 'region'"):
        analyse(path, Layout("regions", "hour", "side", "orders"), DESIGN)
    path.write_text(path.read_text() + "r0,0,new,1\nr0,0,control,1\n")
    with pytest.raises(DefinitionError, match="region r0 was on two sides in period 0"):
        analyse(path, LAYOUT, DESIGN)
    with pytest.raises(DefinitionError, match="block is 0"):
        switchbacks.design(0, 1, 0.5)


def test_nothing_left_after_the_washout_is_said(tmp_path: Path) -> None:
    found = analyse(write(tmp_path / "s.csv", *table()), LAYOUT, stats.Switchback(4, 47))
    assert found.effect is None
    said = " ".join(switchbacks.sentences(found))
    assert "is not known" in said
    assert "After the washout an arm has no period left" in said


def test_of_periods_in_words_the_ninth_hour_comes_before_the_tenth(tmp_path: Path) -> None:
    numbers, words = (write(tmp_path / f"{name}.csv", *table()) for name in ("numbers", "words"))
    head, *rows = words.read_text().splitlines()
    words.write_text("\n".join([head, *(row.replace(",", ",hour ", 1) for row in rows)]))
    assert analyse(words, LAYOUT, DESIGN) == analyse(numbers, LAYOUT, DESIGN)


def test_a_file_that_cannot_be_written_is_named(tmp_path: Path, capsys: Any) -> None:
    arguments = ["--region", "region", "--period", "hour", "--variant", "side", "--outcome", "orders", "--block", "4"]
    path, out = write(tmp_path / "s.csv", *table()), tmp_path / "none" / "s.json"
    assert cli.main(["import", "switchback", str(path), *arguments, "--washout", "1", "--out", str(out)]) == 1
    assert f"{out} cannot be written: No such file or directory." in capsys.readouterr().err
