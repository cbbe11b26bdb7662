"""Snapshots whose numbers the engine made, from units drawn at random, with the looks before them. No lake, no files."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import samples

from experiments import health
from experiments.catalog import Catalog, Measure, Metric
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan, Prior, Variant, freeze
from experiments.reports import Report
from experiments.results import clock, earlier, precision, results
from experiments.segments import differences, segment_results, with_shrunken
from experiments.snapshot import Snapshot
from experiments.trends import SinceExposure, share_of, trends
from experiments.warehouse.moments import Cell
from stats import Moments

CATALOG = Catalog(
    measures={"orders": Measure(event="purchase"), "revenue": Measure(event="purchase", aggregate="sum")},
    metrics={
        m.key: m
        for m in (
            Metric(key="bought", title="People who buy", kind="proportion", measure="orders", window_days=3),
            Metric(key="spent", title="Spent per person", kind="mean", measure="revenue", window_days=3, symbol="€", cap=28),
            Metric(key="basket", title="Spent per order", kind="ratio", measure="revenue", denominator="orders", window_days=3, cap=120),
            Metric(key="refused", title="Payments refused", kind="proportion", measure="orders", window_days=3, direction="decrease"),
        )
    },
)  # fmt: skip
COLUMNS = {"bought": ("y",), "spent": ("y", "x"), "basket": ("y", "d"), "refused": ("y",)}


def plan(method: str, treatments: int, **changes: Any) -> FrozenPlan:
    """Two goals, a ratio and a rare proportion as guardrails, one declared segment."""
    keys = ["control", *(f"t{n + 1}" for n in range(treatments))]
    fields: dict[str, Any] = {
        "goals": (Goal(metric="bought", worthwhile=0.02), Goal(metric="spent", worthwhile=0.02)),
        "guardrails": (Guardrail(metric="basket", margin=0.1), Guardrail(metric="refused", margin=0.5)),
        "segments": ("device",), "planned_units": 8_000, "prior": Prior(sd=0.05) if method == "bayesian" else None,
        **changes,
    }  # fmt: skip
    shares = [1 / len(keys)] * treatments
    weights = (1 - sum(shares), *shares)
    variants = tuple(Variant(key=k, weight=w) for k, w in zip(keys, weights, strict=True))
    return freeze(Plan(key="worked", title="Worked", method=method, variants=variants, **fields), CATALOG)


def cell(rng: np.random.Generator, metric: str, n: int, lift: float) -> Cell:
    """One arm of one metric: n units."""
    before = rng.normal(20, 5, n)
    orders = rng.poisson(1.2, n) + 1.0
    values = {
        "bought": np.column_stack([rng.random(n) < 0.3 * (1 + lift)]),
        "spent": np.column_stack([(before + rng.normal(0, 3, n)) * (1 + lift), before]),
        "basket": np.column_stack([orders * rng.normal(30, 4, n) * (1 + lift), orders]),
        "refused": np.column_stack([np.arange(n) < 27]),
    }  # fmt: skip
    rows, cap, waiting = values[metric].astype(float), CATALOG.metrics[metric].cap, int(n / 10)
    if cap is None:
        return Cell(Moments.of(COLUMNS[metric], rows), waiting)
    whole = Cell(Moments.of(COLUMNS[metric], rows).only([c for c in COLUMNS[metric] if c in ("y", "d")]), waiting)
    capped = int((rows[:, 0] > cap).sum())
    rows[:, 0] = np.minimum(rows[:, 0], cap)
    return Cell(Moments.of(COLUMNS[metric], rows), waiting, uncapped=whole, capped=capped)


def worked(method: str = "group-sequential", looks: int = 3, treatments: int = 1, lift: float = 0.08) -> tuple[Snapshot, ...]:
    """Official looks on the last days of the plan, the newest last."""
    rng, frozen, made = np.random.default_rng(20261102), plan(method, treatments), ()
    for n in range(looks):
        made = (*made, look(rng, frozen, made, 14 + 2 - looks + n + 1, (n + 1) * 1_300, lift))
    return made


def look(rng: np.random.Generator, frozen: FrozenPlan, history: tuple[Snapshot, ...], day: int, n: int, lift: float) -> Snapshot:
    """One official look on a day of the experiment, with so many units in each arm."""
    cutoff = samples.LAUNCHED + timedelta(days=day - 1)
    keys = [v.key for v in frozen.plan.variants]
    lifts = {k: lift * i for i, k in enumerate(keys)}
    cells = {m: {k: cell(rng, m, n, lifts[k]) for k in keys} for m in frozen.plan.metric_keys}
    before = earlier(history, cutoff, frozen.horizon(samples.LAUNCHED))
    now = clock(frozen, samples.LAUNCHED, cutoff, official=True, ended=before.ended)
    rows, _ = results(frozen, cells, before, now, {})
    parts = {m: {(k, v): cell(rng, m, n // 3, lifts[k]) for k in keys for v in ("phone", "desktop")} for m in cells}
    by_day = {m: {(k, d): cell(rng, m, n, lifts[k]).moments.only(["y"]) for k in keys for d in range(3)} for m in ("bought", "spent")}
    spread = {("bought", k): (1e-5, 1e-5) for k in keys}  # and of "spent" none, as in older snapshots
    since = SinceExposure(by_day, spread, share_of(frozen, samples.LAUNCHED, cutoff))
    segments = with_shrunken([*segment_results(frozen, {"device": parts})])
    counts = {k: n + 7 * i for i, k in enumerate(keys)}
    sample = samples.snapshot(frozen, len(history) + 1)
    return sample.model_copy(update={
        "cutoff": cutoff, "metrics": rows, "segments": segments, "segment_tests": differences(frozen, segments),
        "trends": trends(frozen, since), "others": (), "other_tests": (), "shared": {}, "causes": (),
        "split": health.split_of(counts, {v.key: v.weight for v in frozen.plan.variants}, before.split_p),
        "progress": sample.progress.model_copy(update={"precision": precision(frozen, rows)}),
        "computed_at": datetime(cutoff.year, cutoff.month, cutoff.day, 4, 12, tzinfo=UTC) + timedelta(days=1),
    })  # fmt: skip


def report(made: tuple[Snapshot, ...]) -> Report:
    """The report of the newest look."""
    return Report(samples.experiment(made[-1]), made[-1], lambda: made[:-1])
