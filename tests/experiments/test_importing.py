"""Importing a finished experiment: what a file says is counted exactly, and what it lacks is said plainly."""

import csv
import random
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import stats
from experiments import cli
from experiments.errors import Conflict, DefinitionError
from experiments.importing import Finished, import_counts, import_rows, slug
from experiments.registry import experiments, metrics, snapshots
from experiments.rollup import closed_through
from experiments.snapshot import MetricResult, Snapshot
from experiments.warehouse import Lake
from experiments.warehouse.files import Columns

pytestmark = pytest.mark.slow

AT = datetime(2026, 1, 5, 10, tzinfo=UTC)
Row = dict[str, Any]


def people(n: int = 900, variants: tuple[str, ...] = ("Control", "Blue Button")) -> list[Row]:
    """One row per person: half of them bought, treatments a little more, and how much."""
    rng = random.Random(5)
    found = []
    for i in range(n):
        bought = rng.random() < 0.45 + 0.1 * (i % len(variants))
        found.append({
            "person": f"p{i}", "group": variants[i % len(variants)], "bought": int(bought), "country": rng.choice(["DE", "US"]),
            "spent": round(bought * rng.lognormvariate(3, 0.5), 2), "age": rng.choice([20, 35.5, 70]),
            "when": datetime(2026, 1, 5) + timedelta(hours=i % 60),
        })  # fmt: skip
    return found


def write(path: Path, rows: list[Row]) -> Path:
    """As CSV or Parquet, by the ending."""
    if path.suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
        return path
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.DictWriter(file, fieldnames=list(rows[0]))
        out.writeheader()
        out.writerows(rows)
    return path


COLUMNS = Columns("group", ("bought", "spent"), unit="person")


def result(snapshot: Snapshot, outcome: str, treatment: str = "blue-button") -> MetricResult:
    return next(m for m in snapshot.metrics if m.metric.endswith(f".{outcome}") and m.treatment == treatment)


def assert_arms(found: MetricResult, control: Iterable[float], treatment: Iterable[float]) -> None:
    """Numbers, means and standard deviations are those of the rows."""
    for arm, values in ((found.control, list(control)), (found.variant, list(treatment))):
        assert arm is not None
        assert arm.n == len(values)
        assert arm.mean == pytest.approx(np.mean(values), rel=1e-9)
        assert arm.sd == pytest.approx(np.std(values, ddof=1), rel=1e-9)


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_file_is_counted_exactly(home: Any, tmp_path: Path, ending: str) -> None:
    rows = people()
    columns = Columns("group", ("bought", "spent"), unit="person", attributes=("age", "country"))
    done = Finished(key="button", goals=("bought",), covariates=("age",), segments=("country",))
    found = import_rows(home.settings, write(tmp_path / f"button.{ending}", rows), columns, done, AT)
    assert (found.experiment, found.official, found.number) == ("button", True, 1)
    assert found.split.counts == {"control": 450, "blue-button": 450}
    for outcome, kind, role in (("bought", "proportion", "goal"), ("spent", "mean", "secondary")):
        arms = [[r[outcome] for r in rows if r["group"] == name] for name in ("Control", "Blue Button")]
        metric = result(found, outcome)
        assert (metric.kind, metric.role, metric.covariates) == (kind, role, ("a_age", "missing_age"))
        assert_arms(metric, *arms)
        assert metric.raw is not None
        assert metric.raw.difference == pytest.approx(np.mean(arms[1]) - np.mean(arms[0]), rel=1e-9)
    assert {(s.value, s.control.n + s.variant.n) for s in found.segments} == {
        (c, sum(r["country"] == c for r in rows)) for c in ("DE", "US")
    }
    stored = experiments.get(home.db, "button")
    assert (stored.state, stored.launched) == ("stopped", AT.date())
    assert [v.title for v in stored.plan.variants] == ["Control", "Blue Button"]


def test_times_make_days_and_several_visits_of_a_person_are_one_unit(home: Any, tmp_path: Path) -> None:
    rows = people(600)
    again = [{**r, "when": r["when"] + timedelta(days=1), "spent": 5.0, "bought": 1} for r in rows[::3]]
    columns = Columns("group", ("bought", "spent"), unit="person", time="when")
    found = import_rows(home.settings, write(tmp_path / "b.csv", rows + again), columns, Finished(key="b"))
    assert (found.launched, len(Lake(home.settings.lake).days("production", "exposure_days"))) == (date(2026, 1, 5), 4)
    spent = {r["person"]: r["spent"] for r in rows}
    for r in again:
        spent[r["person"]] += 5.0
    arms = [[spent[r["person"]] for r in rows if r["group"] == name] for name in ("Control", "Blue Button")]
    assert_arms(result(found, "spent"), *arms)
    assert found.excluded.crossovers == 0


def test_without_a_unit_column_every_row_is_a_unit(home: Any, tmp_path: Path) -> None:
    rows = [{**r, "person": "same"} for r in people(300)]
    found = import_rows(
        home.settings, write(tmp_path / "b.csv", rows), Columns("group", ("bought",)), Finished(key="b")
    )
    assert found.split.counts == {"control": 150, "blue-button": 150}
    assert_arms(
        result(found, "bought"), *([r["bought"] for r in rows if r["group"] == g] for g in ("Control", "Blue Button"))
    )


def test_several_treatments_are_each_compared_with_control(home: Any, tmp_path: Path) -> None:
    rows = people(900, ("a", "b", "no e-mail"))
    done = Finished(key="mail", control="no e-mail", title="Mail")
    found = import_rows(home.settings, write(tmp_path / "m.csv", rows), COLUMNS, done, AT)
    assert [t.treatment for t in found.verdict.treatments] == ["a", "b"]
    for treatment in ("a", "b"):
        arms = ([r["spent"] for r in rows if r["group"] == name] for name in ("no e-mail", treatment))
        assert_arms(result(found, "spent", treatment), *arms)
    assert [v.key for v in found.frozen.plan.variants] == ["no-e-mail", "a", "b"]


def test_a_split_that_was_not_even_is_judged_by_its_own_weights(home: Any, tmp_path: Path) -> None:
    rows = [{**row, "group": "Control" if i % 10 else "Blue Button"} for i, row in enumerate(people(2_000))]
    path, weights = write(tmp_path / "uneven.csv", rows), {"Control": 0.9, "Blue Button": 0.1}
    even = import_rows(home.settings, path, COLUMNS, Finished(key="even"), AT)
    stated = import_rows(home.settings, path, COLUMNS, Finished(key="stated", weights=weights), AT)
    assert even.verdict.word == "invalid"
    assert stated.verdict.word != "invalid"
    with pytest.raises(DefinitionError, match="'Control' has no weight"):
        import_rows(home.settings, path, COLUMNS, Finished(key="half", weights={"Blue Button": 0.1}), AT)


def test_who_is_in_two_variants_is_left_out_and_counted(home: Any, tmp_path: Path) -> None:
    rows = people(400)
    crossed = [{**r, "group": "Control"} for r in rows[1:40:2]]
    found = import_rows(home.settings, write(tmp_path / "b.csv", rows + crossed), COLUMNS, Finished(key="b"), AT)
    assert found.excluded.crossovers == 20
    assert result(found, "spent").variant is not None
    assert result(found, "spent").variant.n == 180


def test_whom_a_filter_names_is_left_out_and_counted(
    home: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    rows = [{**r, "internal": i % 10 == 0} for i, r in enumerate(people(400))]
    asked = ["--variant", "group", "--unit", "person", "--outcome", "spent", "--filter", "internal", "--filter", "country = US"]
    assert cli.main(["import", "data", str(write(tmp_path / "b.csv", rows)), *asked]) == 0, capsys.readouterr().err
    found = snapshots.latest(home.db, "b")
    assert found is not None
    assert found.frozen.plan.left_out == "internal = true, country = US"
    kept = [r for r in rows if not r["internal"] and r["country"] == "DE"]
    assert found.excluded.filtered == len(rows) - len(kept)
    assert_arms(result(found, "spent"), *([r["spent"] for r in kept if r["group"] == name] for name in ("Control", "Blue Button")))
    assert cli.main(["import", "data", str(tmp_path / "b.csv"), *asked[:-1], 'country = "US']) == 1
    assert "has a quote that is not closed" in capsys.readouterr().err


def test_booleans_are_yes_or_no(home: Any, tmp_path: Path) -> None:
    rows = [{**r, "bought": bool(r["bought"])} for r in people(300)]
    found = import_rows(
        home.settings, write(tmp_path / "b.csv", rows), Columns("group", ("bought",)), Finished(key="b"), AT
    )
    assert result(found, "bought").kind == "proportion"


Change = Callable[[list[Row]], list[Row]]
WITH_AGE = Columns("group", ("bought",), attributes=("age",))
REFUSED: dict[str, tuple[Change, Columns, Finished, str]] = {
    "an unknown column": (lambda r: r, Columns("group", ("boughtt",)), Finished("b"), r"no column 'boughtt'. Did you mean 'bought'\?"),
    "an empty outcome": (lambda r: [{**r[0], "spent": None}, *r[1:]], COLUMNS, Finished("b"), r"'spent' is empty in 1 row.*bias"),
    "an outcome that is no number": (lambda r: [{**r[0], "spent": float("nan")}, *r[1:]], COLUMNS, Finished("b"), "'spent' is empty in 1 row"),
    "an infinite outcome": (lambda r: [{**r[0], "spent": float("inf")}, *r[1:]], COLUMNS, Finished("b"), "'spent' is empty in 1 row"),
    "an empty unit": (lambda r: [{**x, "person": None} for x in r[:2]] + r[2:], COLUMNS, Finished("b"), "'person' is empty in 2 rows"),
    "an empty variant": (lambda r: [{**r[0], "group": None}, *r[1:]], COLUMNS, Finished("b"), "'group' is empty in 1 row"),
    "outcomes in words": (lambda r: r, Columns("group", ("country",)), Finished("b"), "'country' must be numbers, true or false"),
    "outcomes that are times": (lambda r: r, Columns("group", ("when",)), Finished("b"), "'when' must be numbers, true or false"),
    "times that are none": (lambda r: r, Columns("group", ("bought",), time="country"), Finished("b"), "'country' does not hold times.*2026-11-22"),
    "no such control": (lambda r: r, COLUMNS, Finished("b", control="Contrl"), r"'Blue Button', 'Control'. Did you mean 'Control'\? Name it with --control"),
    "no control to be seen": (lambda r: [{**x, "group": x["group"] + "!"} for x in r], COLUMNS, Finished("b"), "which variant is control"),
    "two variants with one key": (lambda r: [*r, {**r[0], "group": "blue button"}], COLUMNS, Finished("b"), "the same key"),
    "one variant": (lambda r: r[::2], COLUMNS, Finished("b"), "at least one treatment"),
    "an unknown goal": (lambda r: r, COLUMNS, Finished("b", goals=("bougt",)), r"'bougt' is not an outcome. Did you mean 'bought'\?"),
    "a key with blanks": (lambda r: r, COLUMNS, Finished("My Test"), "'key' is 'My Test'"),
    "nothing worthwhile": (lambda r: r, COLUMNS, Finished("b", worthwhile=0), "greater than 0"),
    "a time years before": (lambda r: [{**r[0], "when": r[0]["when"].replace(year=2020)}, *r[1:]], Columns("group", ("bought",), time="when"), Finished("b"), "from 2020-.*364 at most"),
    "two outcomes with one key": (lambda r: [{**x, "Spent!": 1} for x in r], Columns("group", ("spent", "Spent!")), Finished("b"), "named twice"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_wrong_with_a_file_is_said_and_leaves_nothing_behind(home: Any, tmp_path: Path, case: str) -> None:
    change, columns, finished, words = REFUSED[case]
    path = write(tmp_path / f"b.{'csv' if len(case) % 2 else 'parquet'}", change(people(40)))
    with pytest.raises(DefinitionError, match=words):
        import_rows(home.settings, path, columns, finished, AT)
    assert experiments.listing(home.db) == []
    assert metrics.catalog(home.db).metrics == {}
    assert Lake(home.settings.lake).days("production", "exposures") == []


@pytest.mark.parametrize(
    ("name", "held", "words"),
    [
        ("b.csv", b"", "b.csv"),
        ("b.csv", b"group,bought\n", "b.csv has no rows"),
        ("b.parquet", b"not Parquet", "b.parquet cannot be read"),
        ("b.csv", b"group,bought\n" + b"a,1\nb,0\n" * 15_000 + b"a,yes\n", "Line: 30002; Error when .* string \"yes\""),
    ],
)
def test_an_unreadable_file_is_named(home: Any, tmp_path: Path, name: str, held: bytes, words: str) -> None:
    (tmp_path / name).write_bytes(held)
    with pytest.raises(DefinitionError, match=words):
        import_rows(home.settings, tmp_path / name, Columns("group", ("bought",)), Finished("b"), AT)
    with pytest.raises(DefinitionError, match="there is no file"):
        import_rows(home.settings, tmp_path / "none.csv", Columns("group", ("bought",)), Finished("b"), AT)
    with pytest.raises(DefinitionError, match="there is no file"):
        import_rows(home.settings, tmp_path, Columns("group", ("bought",)), Finished("b"), AT)


def test_an_attribute_that_is_missing_is_a_missing_covariate(home: Any, tmp_path: Path) -> None:
    rows = [
        {**r, "age": None if i % 4 == 0 else float("nan") if i % 4 == 1 else r["age"]}
        for i, r in enumerate(people(400))
    ]
    done = Finished(key="b", covariates=("age",))
    found = import_rows(home.settings, write(tmp_path / "b.parquet", rows), WITH_AGE, done, AT)
    metric = result(found, "bought")
    assert metric.error == ""
    assert metric.effect is not None


def test_a_key_can_be_imported_once(home: Any, tmp_path: Path) -> None:
    path = write(tmp_path / "b.csv", people(300))
    first = import_rows(home.settings, path, COLUMNS, Finished("b"), AT)
    with pytest.raises(Conflict, match="'b' is stopped, not draft"):
        import_rows(home.settings, path, COLUMNS, Finished("b"), AT)
    assert snapshots.history(home.db, "b") == [first]


def test_rows_of_whole_groups_are_compared_by_group(home: Any, tmp_path: Path) -> None:
    """Eight stores in each arm, with many rows each: what the jackknife over stores says, from the rows themselves."""
    rng = np.random.default_rng(4)
    rows = [
        {"store": f"s{s}", "group": ("control", "new")[s % 2], "spent": round(float(rng.lognormal(3 + s / 40)), 2)}
        for s in range(16) for _ in range(int(rng.integers(20, 90)))
    ]  # fmt: skip
    columns = Columns("group", ("spent",), unit="store")
    found = import_rows(home.settings, write(tmp_path / "s.csv", rows), columns, Finished("s", unit="store", clusters=True), AT)
    assert found.split.counts == {"control": 8, "new": 8}
    sums, sizes = np.zeros((2, 16, 2))
    for r in rows:
        at, arm = int(r["store"][1:]), int(r["group"] == "new")
        sums[at, arm] += r["spent"]
        sizes[at, arm] += 1
    pair = stats.clustered(sums, sizes)
    expected = stats.estimate(pair, stats.Fixed(0.05).critical(pair), stats.Fixed(0.05).p_value(pair))
    effect = result(found, "spent", "new").effect
    assert effect is not None
    assert (effect.low, effect.high, effect.p_value) == pytest.approx(
        (float(expected.low), float(expected.high), float(expected.p_value)), rel=1e-9
    )
    assert (effect.df, found.frozen.plan.clusters, found.frozen.plan.unit) == (15.0, True, "store")


def counts(path: Path, rows: list[tuple[Any, Any, Any]]) -> Path:
    return write(path, [{"Day": i, "Clicks": a, "Enrolled": b, "Paid": c} for i, (a, b, c) in enumerate(rows)])


def test_daily_counts_are_units_and_how_many_of_them_did_what(home: Any, tmp_path: Path) -> None:
    paths = {
        "control": counts(tmp_path / "c.csv", [(200, 40, 20), (180, 50, 30), (999, None, None)]),
        "new": counts(tmp_path / "n.csv", [(210, 45, 20), (170, 60, 31), (888, None, None)]),
    }
    found = import_counts(home.settings, paths, "Clicks", ["Enrolled", "Paid"], Finished("trial"), at=AT)
    assert found.split.counts == {"control": 380, "new": 380}
    for outcome, one, other in (("enrolled", 90, 105), ("paid", 50, 51)):
        arms = ([1.0] * one + [0.0] * (380 - one), [1.0] * other + [0.0] * (380 - other))
        assert_arms(result(found, outcome, "new"), *arms)
    assert Lake(home.settings.lake).days("production", "exposure_days") == [date(2026, 1, 5), date(2026, 1, 6)]


@pytest.mark.parametrize(
    ("rows", "units", "words"),
    [
        ([(10, 11, 1)], "Clicks", "11 Enrolled of 10 Clicks; a unit counts at most once"),
        ([(10, -1, 1)], "Clicks", "-1 Enrolled of 10 Clicks"),
        ([(10.5, 1, 1)], "Clicks", r"Clicks is 10.5; counts are whole numbers"),
        ([("ten", 1, 1)], "Clicks", r"Clicks is 'ten'; counts are whole numbers"),
        ([(0, 0, 0)], "Clicks", "'new' has no Clicks on any day"),
        ([(10, 1, 1)], "Click", r"no column 'Click'. Did you mean 'Clicks'\?"),
    ],
)
def test_counts_that_cannot_be_are_refused(home: Any, tmp_path: Path, rows: list[Any], units: str, words: str) -> None:
    paths = {"control": counts(tmp_path / "c.csv", [(10, 1, 1)]), "new": counts(tmp_path / "n.csv", rows)}
    with pytest.raises(DefinitionError, match=words):
        import_counts(home.settings, paths, units, ["Enrolled"], Finished("trial"), at=AT)
    assert experiments.listing(home.db) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("control=c.csv control=n.csv --unit n", "'control' has two files"),
        ("control=c.csv new=n.csv", "--unit names the column"),
        ("control=c.csv new=n.csv --unit n --filter bot=1", "which no --filter can take apart"),
    ],
)
def test_the_command_says_what_daily_counts_lack(home: Any, capsys: Any, arguments: str, words: str) -> None:
    assert cli.main(["import", "data", *arguments.split(), "--aggregated", "--outcome", "y"]) == 1
    assert words in capsys.readouterr().err


def test_an_import_never_closes_a_day_that_is_not_over(home: Any, tmp_path: Path) -> None:
    """Counts that end in the future would otherwise give every running experiment a look at days to come."""
    days = [(100, 30, 10)] * 10  # the first is of eight days ago
    paths = {name: counts(tmp_path / f"{name}.csv", days) for name in ("control", "new")}
    found = import_counts(home.settings, paths, "Clicks", ["Enrolled"], Finished("trial"))
    assert found.split.counts == {"control": 1000, "new": 1000}
    closed = closed_through(Lake(home.settings.lake))
    assert closed is not None
    assert closed < datetime.now(UTC).date()


@pytest.mark.parametrize(
    ("name", "key"), [("Blue Button", "blue-button"), ("a_b.c-d", "a_b.c-d"), ("Größe", "gr-e"), ("名", "unnamed")]
)
def test_names_become_keys(name: str, key: str) -> None:
    assert slug(name) == key
