"""Identical inputs give identical verdicts for ever: in another process, from another generation of the lake, and in
a later version of the program, for which one small experiment's snapshot is kept beside this file.

After a change that is meant to change numbers: `python tests/experiments/test_replay.py` writes the file anew.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from experiments.importing import Finished, import_rows
from experiments.inbox import Inbox
from experiments.registry import Database, snapshots
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import Lake
from experiments.warehouse.files import Columns

pytestmark = pytest.mark.slow

KEPT = Path(__file__).with_name("replay.json")
AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
WHEN_AND_HOW = {"number", "official", "computed_at", "versions", "sql", "plan_hash"}  # of a look, not what it found
LOOK_AGAIN = """
from datetime import date
from experiments.analysis import analyze
from experiments.settings import Settings
analyze(Settings.load(), "kept", date.fromisoformat("{}"))
"""


def rows() -> str:
    """Three variants: one that sells more, one that sells as much, a rare complaint, and an age known before."""
    rng, lines = random.Random(8), ["group,bought,spent,complained,age,country"]
    for i in range(2400):
        group = ("control", "calm", "loud")[i % 3]
        age = rng.randint(20, 70)
        bought = rng.random() < (0.3 if group != "loud" else 0.42)
        spent = round(bought * rng.lognormvariate(3, 0.6) * age / 40, 2)
        complained = rng.random() < (0.028 if group != "calm" else 0.047)
        lines.append(f"{group},{int(bought)},{spent},{int(complained)},{age},{rng.choice(['DE', 'US'])}")
    return "\n".join(lines) + "\n"


def imported(home: Path, key: str = "kept", **more: Any) -> tuple[Settings, Snapshot]:
    """A home with the rows imported and looked at once."""
    settings = Settings.load({"KEEPERS_HOME": str(home)})
    Database(settings.registry).migrate()
    Inbox(settings.inbox).migrate()
    path = home / f"{key}.csv"
    path.write_text(rows())
    columns = Columns("group", ("bought", "spent", "complained"), attributes=("age", "country"))
    done = Finished(key, goals=("bought",), segments=("country",), worthwhile=0.05, **more)
    return settings, import_rows(settings, path, columns, done, AT)


def found(snapshot: Snapshot) -> Any:
    """What a snapshot says, as plain data; not the plan's hash, which covers what a later version adds to plans."""
    data = json.loads(snapshot.model_dump_json(by_alias=True, exclude=WHEN_AND_HOW))
    return {**data, "checks": [c for c in data["checks"] if c["key"] != "plan"]}


def numbers(data: Any, path: str = "") -> Iterator[tuple[str, float]]:
    """Every number with where it stands."""
    if isinstance(data, bool) or data is None or isinstance(data, str):
        return
    if isinstance(data, int | float):
        yield path, float(data)
        return
    for key, value in data.items() if isinstance(data, dict) else enumerate(data):
        yield from numbers(value, f"{path}/{key}")


def words(data: Any) -> Any:
    """The same without its numbers."""
    if isinstance(data, dict):
        return {k: words(v) for k, v in data.items()}
    if isinstance(data, list):
        return [words(v) for v in data]
    return 0 if isinstance(data, int | float) and not isinstance(data, bool) else data


def kept_of(new: Any, kept: Any) -> Any:
    """What a snapshot says of all that the kept one says: fields that a later version added are left out."""
    if isinstance(kept, dict):
        return {k: kept_of(new[k], v) for k, v in kept.items()}
    if isinstance(kept, list):
        by_key = {n["key"]: n for n in new if isinstance(n, dict) and "key" in n}
        chosen = [by_key[k["key"]] for k in kept] if by_key else new  # a later version may have more checks
        return [kept_of(n, k) for n, k in zip(chosen, kept, strict=True)]
    return new


def assert_replayed(one: Any, other: Any) -> None:
    """Words, and so the verdict, exactly; numbers to 1e-9, as the order of additions is the engine's."""
    assert one["verdict"] == other["verdict"]
    assert words(one) == words(other)
    expected = dict(numbers(other))
    assert dict(numbers(one)) == {k: pytest.approx(v, rel=1e-9, abs=1e-9 * min(abs(v), 1)) for k, v in expected.items()}


def test_another_process_finds_the_same_in_another_generation_of_the_lake(tmp_path: Path) -> None:
    settings, first = imported(tmp_path)
    before = Lake(settings.lake).manifest.generation
    imported(tmp_path, "other", unit="visitor")  # of other units: those that share ours would be told of
    assert Lake(settings.lake).manifest.generation != before
    code = LOOK_AGAIN.format(first.cutoff)
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "KEEPERS_HOME": str(tmp_path)})
    again = snapshots.latest(Database(settings.registry), "kept")
    assert again is not None
    assert (again.number, again.official) == (2, False)
    assert_replayed(found(again), found(first))


def test_the_experiment_kept_here_ends_in_the_same_verdict_and_numbers(tmp_path: Path) -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    _, now = imported(tmp_path)
    assert kept["verdict"]["word"] == "keep"
    assert next(m["note"] for m in kept["metrics"] if m["metric"] == "kept.complained").startswith("Few conversions")
    assert_replayed(kept_of(found(now), kept), kept)


def test_the_snapshot_kept_here_is_still_read_as_it_was_written() -> None:
    kept = json.loads(KEPT.read_text(encoding="utf-8"))
    whole = {**kept, "number": 1, "official": True, "plan_hash": "", "computed_at": AT.isoformat()}
    assert kept_of(found(Snapshot.model_validate(whole)), kept) == kept


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        text = json.dumps(found(imported(Path(folder))[1]), indent=1, ensure_ascii=False)
    KEPT.write_text(text + "\n", encoding="utf-8")
