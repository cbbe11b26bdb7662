"""Real experiments go the whole way, and their numbers are those that an independent program computed.

SDK → HTTP → collector → inbox → Airflow (load, roll-up, analysis) → snapshot, and again by `keepers import data`.
"""

import csv
import gzip
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest

from experiments import cli, lifecycle
from experiments.inbox import live
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import metrics, snapshots
from experiments.snapshot import MetricResult, Snapshot
from experiments.warehouse import Lake
from experiments.warehouse.tables import RAW
from keepers import Client

pytestmark = pytest.mark.slow

RUN_DAGS = Path(__file__).parents[1] / "scripts" / "run_dags.py"
ARMS = {"No E-Mail": "none", "Mens E-Mail": "mens", "Womens E-Mail": "womens"}
EXACT, ADJUSTED, ADJUSTED_SE = 1e-9, 1e-6, 1e-3
MIDNIGHT = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
EXPOSED = MIDNIGHT - timedelta(days=30)

HILLSTROM_METRICS = """
measures:
  visits: {event: visit}
  conversions: {event: conversion}
  spend: {event: purchase, aggregate: sum}
metrics:
  visit: {kind: proportion, measure: visits, window_days: 14}
  conversion: {kind: proportion, measure: conversions, window_days: 14}
  spend: {kind: mean, measure: spend, window_days: 14, symbol: $}
"""
HILLSTROM_PLAN = """
key: hillstrom
title: E-mail to last year's customers
variants:
  - {key: none, weight: 0.3333333333333333}
  - {key: mens, weight: 0.3333333333333333}
  - {key: womens, weight: 0.3333333333333334}
goals:
  - {metric: visit, worthwhile: 0.05}
  - {metric: spend, worthwhile: 0.05}
guardrails:
  - {metric: conversion, margin: 0.05}
covariates: [history]
enrol_days: 7
method: fixed
"""
LANDING_METRICS = """
measures: {conversions: {event: converted}}
metrics: {converted: {kind: proportion, measure: conversions, window_days: 23}}
"""
LANDING_PLAN = """
key: landing
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
goals: [{metric: converted, worthwhile: 0.02}]
enrol_days: 28
method: fixed
"""
COOKIE_METRICS = """
measures: {day_1: {event: back_on_day_1}, day_7: {event: back_on_day_7}}
metrics:
  retention_1: {kind: proportion, measure: day_1, window_days: 8}
  retention_7: {kind: proportion, measure: day_7, window_days: 8}
"""
COOKIE_PLAN = """
key: cookie-cats
variants: [{key: gate_30, weight: 0.5}, {key: gate_40, weight: 0.5}]
goals: [{metric: retention_7, worthwhile: 0.02}]
secondary: [retention_1]
enrol_days: 7
method: fixed
"""


@contextmanager
def timed(step: str) -> Iterator[None]:
    """Print how long a step took."""
    began = time.perf_counter()
    yield
    print(f"{step}: {time.perf_counter() - began:.1f} s")


def rows_of(path: Path) -> list[dict[str, str]]:
    with gzip.open(path, "rt", newline="") as file:
        return list(csv.DictReader(file))


def launched(home: Any, catalog: str, plan: str, at: datetime) -> None:
    metrics.apply(home.db, read_catalog(catalog), "test")
    saved = lifecycle.save(home.db, read_plan(plan), "test")
    lifecycle.launch(home.db, saved.key, "test", at=at)


def sent(home: Any, step: str, rows: list[dict[str, str]], send: Callable[[Client, int, dict[str, str]], None]) -> None:
    """Send every row through a real client, flushing every 50,000; nothing may be dropped."""
    with timed(step), Client(home.address, home.token, spool=False) as client:
        for i, row in enumerate(rows):
            send(client, i, row)
            if i % 50_000 == 49_999:
                assert client.flush(timeout=120)
        assert client.flush(timeout=120)
        assert client.stats()["dropped"] == 0


def through_airflow(home: Any, cutoff: date) -> None:
    command = [sys.executable, str(RUN_DAGS), "load", f"collect:{cutoff}", "analyze"]
    with timed("Airflow: load, collect, analyze three experiments"):
        done = subprocess.run(command, env=home.environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def send_hillstrom(client: Client, i: int, row: dict[str, str]) -> None:
    """Exposed at one instant; what people did lies on the first, the middle and the last of the fourteen days after it."""
    unit, at = f"customer-{i}", EXPOSED + timedelta(days=(0, 7, 13)[i % 3], hours=i % 23)
    known = {"history": float(row["history"]), "channel": row["channel"]}
    client.expose("hillstrom", unit, variant=ARMS[row["segment"]], at=EXPOSED, attributes=known)
    for name in ("visit", "conversion"):
        if row[name] == "1":
            client.track(name, unit, at=at)
    if float(row["spend"]):
        client.track("purchase", unit, value=float(row["spend"]), at=at)


def send_cookie_cats(client: Client, i: int, row: dict[str, str]) -> None:
    client.expose("cookie-cats", row["userid"], variant=row["version"], at=EXPOSED)
    for day in (1, 7):
        if row[f"retention_{day}"] == "True":
            client.track(f"back_on_day_{day}", row["userid"], at=EXPOSED + timedelta(days=day))


def send_landing_page(client: Client, i: int, row: dict[str, str]) -> None:
    """A conversion is an event at its row's time."""
    at = datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC)
    client.expose("landing", row["user_id"], variant=row["group"], at=at)
    if row["converted"] == "1":
        client.track("converted", row["user_id"], at=at)


def result(snapshot: Snapshot, metric: str, treatment: str) -> MetricResult:
    return next(m for m in snapshot.metrics if m.metric.endswith(metric) and m.treatment == treatment)


def assert_welch(found: MetricResult, reference: dict[str, Any]) -> None:
    """The raw effect equals Welch's test of the independent program."""
    assert found.raw is not None
    assert found.raw.difference == pytest.approx(reference["diff"], rel=EXACT)
    assert found.raw.se == pytest.approx(reference["se"], rel=EXACT)
    assert found.raw.df == pytest.approx(reference["df"], rel=EXACT)
    assert found.raw.p_value == pytest.approx(reference["p_two_sided"], rel=EXACT)
    assert found.raw.low == pytest.approx(reference["diff_ci95_t"][0], rel=EXACT)
    assert found.raw.high == pytest.approx(reference["diff_ci95_t"][1], rel=EXACT)


def assert_hillstrom(snapshot: Snapshot, reference: dict[str, Any], mens: str, womens: str) -> None:
    for treatment, name in ((mens, "Mens E-Mail vs No E-Mail"), (womens, "Womens E-Mail vs No E-Mail")):
        expected = reference[name]
        assert_welch(result(snapshot, "visit", treatment), expected["visit"]["welch"])
        assert_welch(result(snapshot, "conversion", treatment), expected["conversion"]["welch"])
        assert_welch(result(snapshot, "spend", treatment), expected["spend"])
        adjusted = result(snapshot, "spend", treatment).effect
        interacted = expected["spend_cuped_history"]["lin_interacted_OLS_HC2"]
        assert adjusted is not None
        assert adjusted.difference == pytest.approx(interacted["effect"], rel=EXACT)
        assert adjusted.se == pytest.approx(interacted["se"], rel=ADJUSTED_SE)
    spend = result(snapshot, "spend", mens).effect
    assert spend is not None
    assert spend.difference == pytest.approx(0.767480, abs=ADJUSTED)
    srm = reference["srm_equal_3_arms"]
    assert snapshot.split.chi_square == pytest.approx(srm["chi2"], rel=EXACT)
    assert snapshot.split.chi_square_p == pytest.approx(srm["p"], rel=EXACT)
    assert list(snapshot.split.counts.values()) == srm["counts"]
    assert [t.word for t in snapshot.verdict.treatments] == ["keep", "keep"]


@pytest.fixture(scope="module")
def reference(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / "data" / "reference_results.json").read_text())
    return found


@pytest.fixture(scope="module")
def replayed(install: Any, shared: Path) -> Iterator[Any]:
    """Three real experiments, sent by the SDK to one installation and analysed by its DAGs; of two of them, some."""
    data = shared / "data"
    landing = early(rows_of(data / "landing_page.csv.gz"))
    cats = some_of(rows_of(data / "cookie_cats.csv.gz"))
    first = min(datetime.fromisoformat(row["timestamp"]).replace(tzinfo=UTC) for row in landing)
    with install("replayed") as home:
        launched(home, HILLSTROM_METRICS, HILLSTROM_PLAN, EXPOSED)
        launched(home, COOKIE_METRICS, COOKIE_PLAN, EXPOSED)
        launched(home, LANDING_METRICS, LANDING_PLAN, first)
        sent(home, "Hillstrom, 64,000 exposures", rows_of(data / "hillstrom.csv.gz"), send_hillstrom)
        sent(home, f"Cookie Cats, {len(cats):,} exposures", cats, send_cookie_cats)
        sent(home, f"landing page, {len(landing):,} exposures", landing, send_landing_page)
        through_airflow(home, MIDNIGHT.date() - timedelta(days=1))
        yield home


def analysed(home: Any, key: str) -> Snapshot:
    snapshot = snapshots.latest(home.db, key)
    assert snapshot is not None
    return snapshot


def test_nothing_is_lost_doubled_or_rejected_on_the_way(replayed: Any) -> None:
    """Events sent = events counted by the collector = rows in the lake."""
    tally = live.tally(replayed.inbox, datetime(2000, 1, 1, tzinfo=UTC))
    lake = Lake(replayed.settings.lake)
    rows = {t: lake.table("production", t, lake.days("production", t)).count().to_pyarrow().as_py() for t in RAW}
    assert (tally.rejected, tally.duplicate) == (0, 0)
    assert tally.exposures == rows["exposures"] == 64_000 + 9_014 + 32_461
    assert tally.events == rows["events"]


def test_hillstrom_through_sdk_http_and_airflow(replayed: Any, reference: dict[str, Any]) -> None:
    assert_hillstrom(analysed(replayed, "hillstrom"), reference["hillstrom"], "mens", "womens")


def test_hillstrom_by_import(tmp_path: Path, shared: Path, reference: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path))
    columns = ["--variant", "segment", "--control", "No E-Mail", "--covariate", "history", "--segment", "channel"]
    outcomes = ["--outcome", "visit", "--outcome", "conversion", "--outcome", "spend"]
    with timed("import of Hillstrom"):
        assert cli.main(["import", "data", str(shared / "data/hillstrom.csv.gz"), *columns, *outcomes]) == 0
    snapshot = _latest(tmp_path, "hillstrom")
    assert_hillstrom(snapshot, reference["hillstrom"], "mens-e-mail", "womens-e-mail")
    assert {s.value for s in snapshot.segments} == {"Phone", "Web", "Multichannel"}


def test_cookie_cats_through_sdk_http_and_airflow(replayed: Any, shared: Path) -> None:
    rows, snapshot = some_of(rows_of(shared / "data" / "cookie_cats.csv.gz")), analysed(replayed, "cookie-cats")
    for metric in ("retention_1", "retention_7"):
        stayed = {gate: [r[metric] == "True" for r in rows if r["version"] == gate] for gate in ("gate_30", "gate_40")}
        raw = result(snapshot, metric, "gate_40").raw
        assert raw is not None
        assert raw.difference == pytest.approx(fmean(stayed["gate_40"]) - fmean(stayed["gate_30"]), rel=EXACT)
        assert snapshot.split.counts == {gate: len(people) for gate, people in stayed.items()}


def test_cookie_cats_by_import(tmp_path: Path, shared: Path, reference: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path))
    columns = ["--variant", "version", "--unit", "userid", "--control", "gate_30"]
    outcomes = ["--outcome", "retention_7", "--outcome", "retention_1"]
    assert cli.main(["import", "data", str(shared / "data/cookie_cats.csv.gz"), *columns, *outcomes]) == 0
    assert_cookie_cats(_latest(tmp_path, "cookie_cats"), reference["cookie_cats"])


def assert_cookie_cats(snapshot: Snapshot, reference: dict[str, Any]) -> None:
    """An uneven split that daily reading would make too much of: a warning, and effects are shown."""
    split = next(c for c in snapshot.checks if c.key == "split")
    assert snapshot.split.chi_square_p == pytest.approx(0.008608, abs=5e-7)
    assert snapshot.split.chi_square_p == pytest.approx(reference["srm_50_50"]["p"], rel=EXACT)
    assert (split.state, split.invalidates) == ("unknown", False)
    assert "0.0086" in split.detail
    assert snapshot.verdict.word != "invalid"
    raw = result(snapshot, "retention_7", "gate_40").raw
    assert raw is not None
    assert raw.difference == pytest.approx(reference["retention_7"]["diff"], rel=EXACT)


def some_of(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """A tenth of the players; the import takes them all."""
    return [row for row in rows if row["userid"].endswith("0")]


def early(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """All visits of the first three days: each day is rolled up by itself; the import takes all 23."""
    return [row for row in rows if row["timestamp"] < "2017-01-05"]


def counted(rows: list[dict[str, str]]) -> tuple[int, dict[str, tuple[int, float]]]:
    """How many people saw both pages; of the others, how many each page had and their share that converted."""
    pages: defaultdict[str, set[str]] = defaultdict(set)
    converted = set()
    for row in rows:
        pages[row["user_id"]].add(row["group"])
        if row["converted"] == "1":
            converted.add(row["user_id"])
    found = {}
    for page in ("control", "treatment"):
        stayed = {user for user, seen in pages.items() if seen == {page}}
        found[page] = len(stayed), len(stayed & converted) / len(stayed)
    return sum(len(seen) > 1 for seen in pages.values()), found


def test_landing_page_through_sdk_http_and_airflow(replayed: Any, shared: Path) -> None:
    days = Lake(replayed.settings.lake).days("production", "exposure_days")
    assert len([d for d in days if d.year == 2017]) == 3
    crossovers, pages = counted(early(rows_of(shared / "data" / "landing_page.csv.gz")))
    assert crossovers > 20
    assert_landing_page(analysed(replayed, "landing"), crossovers, pages)


def test_landing_page_by_import(tmp_path: Path, shared: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path))
    columns = ["--variant", "group", "--unit", "user_id", "--time", "timestamp", "--outcome", "converted"]
    path = str(shared / "data/landing_page.csv.gz")
    assert cli.main(["import", "data", path, "--key", "landing", *columns]) == 0
    pages = {"control": (144_300, 17_468 / 144_300), "treatment": (144_389, 17_268 / 144_389)}
    assert_landing_page(_latest(tmp_path, "landing"), 1_895, pages)


def assert_landing_page(snapshot: Snapshot, crossovers: int, pages: dict[str, tuple[int, float]]) -> None:
    assert snapshot.excluded.crossovers == crossovers
    found = result(snapshot, "converted", "treatment")
    for arm, page in ((found.control, "control"), (found.variant, "treatment")):
        assert arm is not None
        assert (arm.n, arm.mean) == (pages[page][0], pytest.approx(pages[page][1], rel=EXACT))


def test_aggregated_counts_by_import(tmp_path: Path, shared: Path, reference: dict[str, Any], monkeypatch: Any) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(tmp_path))
    folder = shared / "data" / "free_trial"
    files = [f"control={folder}/control_results.csv", f"screener={folder}/experiment_results.csv"]
    counts = ["--aggregated", "--unit", "Clicks", "--outcome", "Enrollments", "--outcome", "Payments"]
    assert cli.main(["import", "data", *files, "--key", "free-trial", "--at", "2014-10-11", *counts]) == 0
    raw = result(_latest(tmp_path, "free-trial"), "enrollments", "screener").raw
    assert raw is not None
    expected = reference["udacity_free_trial"]["gross_conversion_23days"]["diff"]
    assert raw.difference == pytest.approx(expected, rel=EXACT)


def _latest(home: Path, key: str) -> Snapshot:
    from experiments.registry import Database
    from experiments.settings import Settings

    db = Database(Settings.load({"KEEPERS_HOME": str(home)}).registry)
    snapshot = snapshots.latest(db, key)
    db.engine.dispose()
    assert snapshot is not None
    return snapshot
