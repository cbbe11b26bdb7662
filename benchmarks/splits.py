"""The split and crossovers: how often daily checks cry wolf, and how soon they find what was planted."""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

import stats
from benchmarks.fleets import plan
from benchmarks.tally import Share
from experiments import health
from experiments.catalog import Definition, Measure, Metric
from experiments.plan import FrozenPlan
from experiments.warehouse.moments import UnitCounts

DAYS, A_DAY = 28, 1_000
EVEN = (0.5, 0.5)


@dataclass(frozen=True)
class Alarms:
    """Share of fleets in which a daily check ever alarmed, and the mean day of the alarm."""

    ever: Share
    day: float


def split_alarms(treatment: float, a_day: int, runs: int, rng: np.random.Generator) -> dict[str, Alarms]:
    """Alarms of each test of the split over 28 daily looks, when treatment really gets this share of units."""
    arrived = rng.binomial(a_day, treatment, (runs, DAYS)).cumsum(axis=1)
    total = a_day * np.arange(1, DAYS + 1)
    counts = np.stack([total - arrived, arrived], axis=-1)
    sequential, square = stats.srm_sequential(counts, EVEN).p_value, stats.srm_chi_square(counts, EVEN).p_value
    return {
        "ours: sequential Bayes factor at .01": _alarms(sequential <= health.SRM_INVALID),
        "chi-square at .001, read daily": _alarms(square < 0.001),
        "chi-square at .01, read daily": _alarms(square < 0.01),
    }


def crossover_alarms(shares: tuple[float, float], runs: int, rng: np.random.Generator) -> Alarms:
    """How often the health check makes an experiment invalid in 14 daily looks; shares of units of either arm."""
    days = 14
    crossed = rng.binomial(A_DAY // 2, shares, (runs, days, 2)).cumsum(axis=1)
    split = A_DAY // 2 * np.arange(1, days + 1)
    found = np.array([[_invalid(int(split[d]), crossed[r, d]) for d in range(days)] for r in range(runs)])
    return _alarms(found)


def _invalid(split: int, crossed: NDArray[np.int64]) -> bool:
    counts = {k: UnitCounts(split, int(c), 0, 0) for k, c in zip(("control", "treatment"), crossed, strict=True)}
    vitals = health.Vitals(
        frozen=_FROZEN, plan_hash=_HASH, stored_hash=_HASH, counts=counts, cells={}, losses={}, cutoff=date(2026, 1, 1),
        enrols_until=date(2026, 1, 1), last_exposure=date(2026, 1, 1), earlier_p=1.0, earlier_looks=0,
    )  # fmt: skip
    return any(c.invalidates for c in health.checks(vitals, health.split(vitals)))


def _alarms(found: NDArray[np.bool_]) -> Alarms:
    ever = found.any(axis=1)
    return Alarms(Share.of(ever), float((found.argmax(axis=1) + 1)[ever].mean()) if ever.any() else float("nan"))


_FROZEN = FrozenPlan(
    plan=plan(guardrails=0),
    definitions={
        "goal": Definition(
            metric=Metric(key="goal", kind="mean", measure="goal", window_days=1), numerator=Measure(event="goal")
        )
    },
)
_HASH = _FROZEN.hash
