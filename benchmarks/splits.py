"""The split and crossovers: how often daily checks cry wolf, and how soon they find what was planted."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import stats
from benchmarks.fleets import plan
from benchmarks.tally import Share
from experiments import health
from experiments.catalog import Definition, Measure, Metric
from experiments.plan import FrozenPlan
from experiments.warehouse.deliveries import Deliveries
from experiments.warehouse.moments import UnitCounts

DAYS, A_DAY = 28, 1_000
OURS = f"ours: sequential Bayes factor at {health.SRM_INVALID:g}"


class Split(NamedTuple):
    """The weights planned, the shares that units really arrive in, and how many arrive a day."""

    weights: tuple[float, ...]
    truth: tuple[float, ...]
    a_day: int

    @property
    def as_planned(self) -> bool:
        """Whether there is nothing to find."""
        return self.weights == self.truth

    def __str__(self) -> str:
        planned, true = (" / ".join(f"{100 * x:g}" for x in shares) for shares in (self.weights, self.truth))
        return f"{planned} as planned" if self.as_planned else f"{planned}, really {true}"


EVEN, UNEVEN, THREE = (0.5, 0.5), (0.9, 0.1), (0.5, 0.3, 0.2)
SPLITS = (
    *(Split(w, w, n) for w in (EVEN, UNEVEN, THREE) for n in (100, 200, 500, 1_000, 5_000)),
    *(Split(EVEN, truth, n) for truth in ((0.49, 0.51), (0.48, 0.52)) for n in (200, 1_000, 5_000)),
)


@dataclass(frozen=True)
class Alarms:
    """Share of fleets in which a daily check ever alarmed, and the mean day of the alarm."""

    ever: Share
    day: float


def split_alarms(split: Split, runs: int, rng: np.random.Generator) -> dict[str, Alarms]:
    """Alarms of each test of the split over 28 daily looks."""
    counts = rng.multinomial(split.a_day, split.truth, (runs, DAYS)).cumsum(axis=1)
    sequential = stats.srm_sequential(counts, split.weights).p_value
    square = stats.srm_chi_square(counts, split.weights).p_value
    return {
        OURS: _alarms(sequential <= health.SRM_INVALID),
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
        enrols_until=date(2026, 1, 1), last_exposure=date(2026, 1, 1), before=(),
        deliveries=Deliveries(),
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
