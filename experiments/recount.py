"""Recounts an experiment from its raw events and compares: roll-ups that have gone wrong would otherwise go unseen."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import numpy as np

from experiments import analysis, retention
from experiments.analysis import launch_of, question_of
from experiments.errors import Distrusted, NotReady
from experiments.registry import Database
from experiments.registry.keys import ENVIRONMENT
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import full, warehouse
from experiments.warehouse.moments import Cell, cells

TOLERANCE = 1e-9


def recount(settings: Settings, key: str, cutoff: date | None = None) -> dict[str, float]:
    """Return each metric's largest difference between roll-ups and raw events, as a share where a number exceeds 1.

    Up to the close of `cutoff` (default: the last closed day). NotReady before one has closed, Conflict once raw events
    were dropped, Distrusted where a difference exceeds 1e-9.
    """
    lake = warehouse(settings)
    _, frozen, first = launch_of(Database(settings.registry), key)
    last = cutoff or lake.closed_through(ENVIRONMENT)
    if last is None or last < first:
        raise NotReady(f"'{key}' was launched on {first} and no day since is rolled up. Run 'keepers collect' first.")
    since = first - timedelta(days=max(d.metric.pre_days for d in frozen.definitions.values()))
    retention.refuse(lake, since, last, f"Without them '{key}' cannot be counted anew; its results stand.")
    keys = frozen.plan.metric_keys
    incremental = cells(question_of(lake, key, frozen, first, last), keys)
    exposures, events = (
        lake.table(ENVIRONMENT, name, [d for d in lake.days(ENVIRONMENT, name) if d <= last])
        for name in ("exposures", "events")
    )
    counted = full.cells(full.Raw(key, frozen, first, last, exposures, events), keys)
    found = {k: _difference(incremental[k], counted[k]) for k in keys}
    wrong = {k: d for k, d in found.items() if d > TOLERANCE}
    if wrong:
        raise Distrusted(
            f"the roll-ups of '{key}' do not agree with its raw events: "
            + ", ".join(f"{k} differs by {d:.1e}" for k, d in wrong.items())
            + f"; {TOLERANCE:.0e} is allowed. Do not decide from it; tell those who run the pipeline."
        )
    return found


def analyze(settings: Settings, key: str, cutoff: date | None = None) -> Snapshot:
    """Recount, then analyse as `analysis.analyze` does: nothing is stored of roll-ups that are wrong."""
    recount(settings, key, cutoff)
    return analysis.analyze(settings, key, cutoff)


def _difference(left: Mapping[Any, Cell], right: Mapping[Any, Cell]) -> float:
    if set(left) != set(right):
        return float("inf")
    return max((_between(left[v], right[v]) for v in left), default=0.0)


def _between(a: Cell, b: Cell) -> float:
    if (a.waiting, float(a.moments.n)) != (b.waiting, float(b.moments.n)):
        return float("inf")
    pairs = ((a.moments.mean, b.moments.mean), (a.moments.cov, b.moments.cov))
    apart = max(float(np.max(np.abs(x - y) / np.maximum(1.0, np.abs(y)))) for x, y in pairs)
    return max(apart, _uncapped(a, b))


def _uncapped(a: Cell, b: Cell) -> float:
    """The same of what a metric would be without its cap."""
    if a.uncapped is None or b.uncapped is None:
        return 0.0 if a.uncapped is b.uncapped else float("inf")
    return _between(a.uncapped, b.uncapped) if a.capped == b.capped else float("inf")
