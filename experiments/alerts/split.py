"""The split up to this hour: closed days from their roll-ups, the days since from what has been loaded."""

from dataclasses import dataclass
from datetime import date, timedelta

import stats
from experiments.health import SRM_INVALID
from experiments.registry.experiments import Experiment
from experiments.registry.keys import ENVIRONMENT
from experiments.rollup import closed_through
from experiments.warehouse import Warehouse, moments, rollup
from experiments.warehouse.moments import Question


@dataclass(frozen=True)
class Lean:
    """A split that is not as planned: units per variant, and the always-valid p-value."""

    counts: dict[str, int]
    p_value: float


def leaning(lake: Warehouse, e: Experiment, today: date) -> Lean | None:
    """Return the split of units by first exposure if it is shown not to be as planned, else None.

    The threshold is that of the health check, on a test that allows for looking every hour.
    """
    question = _question(lake, e, today)
    if question is None:
        return None
    counts = {key: found.split for key, found in moments.counts(question).items()}
    p = float(stats.srm_sequential(list(counts.values()), [v.weight for v in e.plan.variants]).p_value)
    return Lean(counts, p) if p <= SRM_INVALID else None


def _question(lake: Warehouse, e: Experiment, today: date) -> Question | None:
    if e.frozen is None or e.launched is None or e.began is None:
        return None
    done = [d for d in lake.days(ENVIRONMENT, "exposure_days") if d <= (closed_through(lake) or d)]
    first = max([d + timedelta(days=1) for d in done], default=e.launched)
    open_days = [first + timedelta(days=i) for i in range((today - first).days + 1)]
    closed = lake.table(ENVIRONMENT, "exposure_days", done)
    fresh = rollup.exposure_days(lake.table(ENVIRONMENT, "exposures", open_days))
    return Question(
        experiment=e.key, frozen=e.frozen, launched=e.began, cutoff=today,
        exposure_days=closed.union(fresh.select(closed.columns)),
        outcome_days=lake.table(ENVIRONMENT, "outcome_days", []),
        unit_events=lake.table(ENVIRONMENT, "unit_events", []),
    )  # fmt: skip
