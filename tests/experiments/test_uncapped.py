"""A metric with a cap once more without it: exact, beside what the verdict rests on, and of no weight in it."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import scipy.stats
import worked

import stats
from experiments import comparing, inference
from experiments.analysis import analyze
from experiments.recomputing import Past, differing, recompute
from experiments.recount import recount
from experiments.results import Earlier, clock, results
from experiments.snapshot import Effect, Snapshot, Uncapped
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.moments import Cell
from experiments.warehouse.tables import TABLES
from stats import Moments

LAUNCH, UNITS = date(2026, 1, 5), 360
BEFORE = "aa3a540e8bcab34aabf097a68ab59e26571df3841748530006b4b295fc979978"  # of replay.json, computed when snapshots had no such field
CATALOG = """
measures:
  revenue: {event: order, aggregate: sum}
  orders: {event: order}
metrics:
  revenue: {kind: mean, measure: revenue, window_days: 2, pre_days: 2, cap: 60}
  whole: {kind: mean, measure: revenue, window_days: 2}
  basket: {kind: ratio, measure: revenue, denominator: orders, window_days: 2, cap: 80}
  busy: {kind: days, measure: orders, window_days: 2, cap: 1}
  ordered: {kind: proportion, measure: orders, window_days: 2}
"""
PLAN = """
key: shop
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: revenue, worthwhile: 0.05}]
secondary: [whole, basket, busy, ordered]
segments: [country]
"""


def cell(rows: np.ndarray[Any, Any], cap: float | None, *, one_by_one: bool = False) -> Cell:
    """A cell of units' totals, `[units, 1 or 2]`, and without the cap where there is one."""
    names, held = ("y", "d")[: rows.shape[1]], rows.copy()
    if cap is not None:
        held[:, 0] = np.minimum(held[:, 0], cap)
    made = [Cell(Moments.of(names, r), 0, tuple(map(tuple, r.tolist())) if one_by_one else None) for r in (held, rows)]
    capped = {"uncapped": made[1], "capped": int((rows[:, 0] > cap).sum())} if cap is not None else {}
    return Cell(made[0].moments, 0, made[0].rows, **capped)


def judged(cells: dict[str, Cell]) -> Any:
    """The first goal's row of an official look at the horizon."""
    frozen = worked.plan("group-sequential", 1)
    horizon = frozen.horizon(LAUNCH)
    now = clock(frozen, LAUNCH, horizon, official=True, ended=False)
    rows, evidence = results(frozen, {"spent": cells}, Earlier({}, frozenset()), now, {})
    return next(r for r in rows if r.metric == "spent"), evidence


def test_the_change_without_a_cap_is_welch_s_of_whole_totals_and_moves_nothing_else() -> None:
    rng = np.random.default_rng(4)
    control, variant = rng.lognormal(3.0, 1.0, 500), rng.lognormal(3.2, 1.0, 480)
    arms = {k: cell(x[:, None], 40.0) for k, x in (("control", control), ("t1", variant))}
    row, evidence = judged(arms)
    expected = scipy.stats.ttest_ind(variant, control, equal_var=False)
    found, ends = row.uncapped.effect, expected.confidence_interval(0.95)
    assert (found.difference, found.p_value) == pytest.approx((variant.mean() - control.mean(), expected.pvalue), rel=1e-9)
    assert (found.low, found.high) == pytest.approx((ends.low, ends.high), rel=1e-9)
    assert row.uncapped.capped == ((control > 40).sum(), (variant > 40).sum())
    assert (row.uncapped.variant.mean, row.uncapped.variant.sd) == pytest.approx((variant.mean(), variant.std(ddof=1)), rel=1e-9)
    assert abs(row.raw.difference) < abs(found.difference)

    plain, same = judged({k: Cell(c.moments, 0) for k, c in arms.items()})
    assert plain == row.model_copy(update={"uncapped": None})
    assert [e.falls_short for e in same] == [e.falls_short for e in evidence]


def test_few_clusters_are_compared_by_the_jackknife_without_the_cap_too() -> None:
    rng = np.random.default_rng(2)
    d = rng.integers(20, 200, (2, 8)).astype(float)
    rows = np.stack([d * rng.normal(2, 0.3, d.shape), d], axis=-1)
    capped, whole = ([cell(r, cap, one_by_one=True) for r in rows] for cap in (250.0, None))
    assert all(c.uncapped is not None and c.capped > 0 for c in capped)
    pairs = comparing.pair(*(c.uncapped for c in capped)), comparing.pair(*whole), comparing.pair(*capped)  # type: ignore[arg-type]
    assert (pairs[0].m1, pairs[0].v11, pairs[0].df) == (pairs[1].m1, pairs[1].v11, pairs[1].df)
    assert pairs[0].v11 != pairs[2].v11


def test_a_snapshot_of_before_this_was_kept_has_the_hash_that_it_had() -> None:
    kept = json.loads(Path(__file__).with_name("replay.json").read_text(encoding="utf-8"))
    stored = {**kept, "number": 1, "official": True, "plan_hash": "", "computed_at": "2026-01-05T10:00:00+00:00"}
    snapshot = Snapshot.model_validate(stored)
    assert snapshot.hash == BEFORE
    first = snapshot.metrics[0]
    assert first.control is not None
    assert first.variant is not None
    assert first.raw is not None
    whole = Uncapped(control=first.control, variant=first.variant, capped=(0, 0), effect=first.raw)
    metrics = (first.model_copy(update={"uncapped": whole}), *snapshot.metrics[1:])
    assert snapshot.model_copy(update={"metrics": metrics}).hash != BEFORE, "what is kept is sealed"


def numbers(effect: Effect | None) -> list[float]:
    """All numbers of an effect."""
    assert effect is not None
    return [v for v in effect.model_dump().values() if isinstance(v, float)]


def at(day: date, hour: int) -> int:
    return int(datetime(day.year, day.month, day.day, hour, tzinfo=UTC).timestamp() * 1_000_000)


def exposure(unit: int) -> dict[str, Any]:
    return {
        "id": f"x{unit}", "experiment": "shop", "phase": 1, "unit": f"u{unit}", "at": at(LAUNCH, 1), "received": at(LAUNCH, 1),
        "variant": ("control", "new")[unit % 2], "day": number_of(LAUNCH), "attributes": '{"country":"DE"}', "forced": False,
    }  # fmt: skip


def order(unit: int, day: date, n: int, value: float) -> dict[str, Any]:
    return {
        "id": f"{unit}-{day}-{n}", "name": "order", "unit_type": "user", "unit": f"u{unit}", "at": at(day, 2 + n),
        "day": number_of(day), "value": value, "properties": "{}", "received": at(day, 2 + n),
    }  # fmt: skip


def happened(lake: Lake) -> np.ndarray[Any, Any]:
    """Put orders of four days into the lake; return revenue, orders and days with one within the window, by unit."""
    rng = np.random.default_rng(7)
    totals = np.zeros((UNITS, 3))
    for days in range(-2, 2):
        day, n = LAUNCH + timedelta(days=days), rng.poisson(0.6, UNITS)
        values = [rng.lognormal(3.0, 0.9, k) for k in n]
        rows = [order(u, day, i, float(v)) for u in range(UNITS) for i, v in enumerate(values[u])]
        lake.append("production", "events", day, "test", pa.Table.from_pylist(rows, schema=TABLES["events"]))
        if days >= 0:
            totals += np.column_stack([[v.sum() for v in values], n, n > 0])
    met = pa.Table.from_pylist([exposure(u) for u in range(UNITS)], schema=TABLES["exposures"])
    lake.append("production", "exposures", LAUNCH, "test", met)
    lake.publish()
    return totals


@pytest.mark.slow
def test_a_look_keeps_what_raw_events_give_without_the_cap_and_asks_it_of_no_other_metric(home: Any) -> None:
    home.launched(CATALOG, PLAN, datetime(2026, 1, 5, tzinfo=UTC))
    totals = happened(Lake(home.settings.lake))
    home.rolled(day=LAUNCH + timedelta(days=1))
    snapshot = analyze(home.settings, "shop", LAUNCH + timedelta(days=1))
    rows, arms = {m.metric: m for m in snapshot.metrics}, (totals[::2], totals[1::2])
    assert rows["revenue"].covariates == ("pre",)

    columns = {"revenue": [0], "basket": [0, 1], "busy": [2]}
    for key, chosen in columns.items():
        found, cap = rows[key].uncapped, snapshot.frozen.definitions[key].metric.cap
        mine = [Moments.of(("y", "d")[: len(chosen)], arm[:, chosen]) for arm in arms]
        pair = stats.ratio(*mine, "y", "d") if len(chosen) > 1 else stats.mean(*mine, "y")
        assert numbers(found.effect) == pytest.approx(numbers(inference.fixed(pair, 0.05)), rel=1e-9)
        assert found.capped == tuple((arm[:, chosen[0]] > cap).sum() for arm in arms)
        assert min(found.capped) > 0
    assert numbers(rows["revenue"].uncapped.effect) == pytest.approx(numbers(rows["whole"].raw), rel=1e-9)
    assert rows["revenue"].uncapped.effect != rows["revenue"].raw != rows["revenue"].effect

    assert rows["whole"].uncapped is None
    assert rows["ordered"].uncapped is None
    asked = {f"m{n}" for n in range(5) if f"m{n}_uncapped" in snapshot.sql["moments"]}
    assert asked == {"m0", "m2", "m3"}
    assert differing(snapshot, recompute(snapshot, Past())) == []
    assert max(recount(home.settings, "shop").values()) < 1e-9
