"""A whole look, from a file to the snapshot, has the same words and numbers whichever warehouse it was read from."""

import csv
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from experiments.importing import Finished, import_rows
from experiments.recount import recount
from experiments.warehouse.files import Columns

pytestmark = pytest.mark.slow

OWN = {"sql", "computed_at"}  # what each engine and each look has of its own
AT = datetime(2026, 1, 5, 12, tzinfo=UTC)


def write(path: Path) -> Path:
    rng = random.Random(1)
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["group", "bought", "spent", "age", "country"])
        for i in range(600):
            bought = int(rng.random() < 0.3 + 0.1 * (i % 2))
            rows.writerow([("control", "new")[i % 2], bought, bought * rng.randint(5, 90) / 4, rng.randint(18, 80), rng.choice(["DE", "US"])])
    return path


def looked_at(home: Any, path: Path) -> Any:
    columns = Columns("group", ("bought", "spent"), attributes=("age", "country"))
    done = Finished("shop", covariates=("age",), segments=("country",), worthwhile=0.05)
    snapshot = import_rows(home.settings, path, columns, done, AT)
    assert max(recount(home.settings, "shop").values()) <= 1e-9
    return json.loads(snapshot.model_dump_json(by_alias=True, exclude=OWN))


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(equal(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    return bool(one == (pytest.approx(other, rel=1e-9, abs=1e-9) if isinstance(other, float) else other))


def test_a_look_at_postgresql_is_a_look_at_the_lake(
    make_home: Callable[..., Any], postgresql_server: Callable[[str], str], tmp_path: Path
) -> None:
    path = write(tmp_path / "results.csv")
    lake = looked_at(make_home("one"), path)
    other = looked_at(make_home("two", KEEPERS_WAREHOUSE=postgresql_server("whole_look")), path)
    different = {k for k in lake if not equal(lake[k], other[k])}
    assert not different
    assert lake["verdict"]["word"] == "keep"
    assert not any(m["error"] for m in lake["metrics"])
    assert not (tmp_path / "two" / "lake").exists()
