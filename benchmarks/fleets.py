"""Simulated fleets: thousands of experiments at once, each looked at on every day, with a known truth.

One goal and a few guardrails that correlate .3, as most metrics of one product do. Effects are given in sizes of
the plan: 1 is a goal's worthwhile effect, -1 a loss of exactly a guardrail's margin.
"""

from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import stats
from experiments.inference import PLANNED_SHARE
from experiments.plan import Goal, Guardrail, Method, Plan, Variant
from experiments.planning.operating import Metric
from stats import Moments, Pair
from stats.simulate import running_pair, steps

Floats = NDArray[np.float64]
SIZE, DAYS, CORRELATION, POWER = 0.05, 14, 0.3, 0.8


@dataclass(frozen=True)
class Truth:
    """What is true of a fleet: the goal's effect in worthwhile effects, each guardrail's in margins."""

    name: str
    goal: float
    guardrails: tuple[float, ...] = (0.0, 0.0, 0.0)

    @property
    def harmless(self) -> bool:
        """No metric loses anything."""
        return min(self.goal, *self.guardrails) >= 0

    @property
    def unsafe(self) -> bool:
        """A guardrail is at its margin or beyond, so that keeping is wrong."""
        return min(self.guardrails) <= -1

    @property
    def keeping_is_wrong(self) -> bool:
        """The goal gains nothing, or a guardrail is unsafe."""
        return self.goal <= 0 or self.unsafe

    @property
    def leaving_is_wrong(self) -> bool:
        """The goal gains at least what is worthwhile, and no guardrail is unsafe."""
        return self.goal >= 1 and not self.unsafe


TRUTHS = (
    Truth("A/A: nothing differs", 0.0),
    Truth("goal at half its MDE", 0.5),
    Truth("goal at its MDE", 1.0),
    Truth("goal at one and a half MDE", 1.5),
    Truth("a guardrail at its margin, goal null", 0.0, (-1.0, 0.0, 0.0)),
    Truth("a guardrail at its margin, goal at its MDE", 1.0, (-1.0, 0.0, 0.0)),
    Truth("one guardrail harmed by two margins, goal null", 0.0, (-2.0, 0.0, 0.0)),
    Truth("all guardrails harmed by two margins, goal null", 0.0, (-2.0, -2.0, -2.0)),
    Truth("goal and all guardrails harmed by two margins", -2.0, (-2.0, -2.0, -2.0)),
)


def plan(method: Method = "group-sequential", guardrails: int = 3) -> Plan:
    """One goal, margins of one minimum worthwhile effect, and otherwise what a plan has when nothing is said."""
    return Plan(
        key="fleet",
        method=method,
        variants=(Variant(key="control", weight=0.5), Variant(key="treatment", weight=0.5)),
        goals=(Goal(metric="goal", worthwhile=SIZE),),
        guardrails=tuple(Guardrail(metric=f"guardrail {i + 1}", margin=SIZE) for i in range(guardrails)),
        enrol_days=DAYS,
    )


def units_an_arm(power: float = POWER) -> float:
    """Units of one arm at which the goal is found with this power, for a mean of 1 and a deviation of 1."""
    quantiles = NormalDist().inv_cdf(1 - PLANNED_SHARE * 0.05 / 2) + NormalDist().inv_cdf(power)
    return float(np.ceil(2 * (quantiles / SIZE) ** 2))


def fleet(
    truth: Truth, runs: int, rng: np.random.Generator, *, looks: int = DAYS, correlation: ArrayLike = CORRELATION
) -> dict[str, Metric]:
    """Draw the sufficient statistics of every run and look: normal means that grow by each day's new units."""
    effects = (truth.goal, *truth.guardrails)
    a_day = units_an_arm() / looks
    n: Floats = a_day * np.arange(1.0, looks + 1)
    walks = steps(len(effects), (runs, looks), rng, correlation=correlation)
    made = plan(guardrails=len(effects) - 1)
    roles: tuple[Goal | Guardrail, ...] = (*made.goals, *made.guardrails)
    found = {}
    for role, effect, walk in zip(roles, effects, walks, strict=True):
        found[role.metric] = _metric(role, running_pair(walk, (n, n), (1.0, 1.0 + effect * SIZE)), n)
    return found


def revenue(runs: int, users: int, rng: np.random.Generator, *, looks: int = DAYS) -> dict[str, Metric]:
    """An A/A fleet on revenue: one unit in twenty buys, for lognormal(3, 1); new units come every day.

    Every unit's value is drawn; each day's moments are those of its own units, and days merge over units.
    """
    total: Moments | None = None
    pairs = []
    for _ in range(looks):
        day = _one_day(runs, users, rng)
        total = day if total is None else total + day
        pairs.append(stats.mean(total.select(0), total.select(1), "y"))
    fields = ("m0", "m1", "v00", "v01", "v11", "df", "n")
    pair = Pair(*(np.stack([getattr(p, f) for p in pairs], axis=-1) for f in fields))
    return {"goal": _metric(plan(guardrails=0).goals[0], pair, users * np.arange(1.0, looks + 1))}


def _one_day(runs: int, users: int, rng: np.random.Generator) -> Moments:
    """Moments of one day's units, `[2, runs]`: those who buy nothing need no draw of their own."""
    buyers = rng.binomial(users, 0.05, (2, runs))
    spent = rng.lognormal(3.0, 1.0, int(buyers.sum()))
    owner = np.repeat(np.arange(buyers.size), buyers.ravel())
    mean = np.bincount(owner, spent, buyers.size).reshape(buyers.shape) / users
    apart = np.bincount(owner, (spent - mean.ravel()[owner]) ** 2, buyers.size).reshape(buyers.shape)
    variance = (apart + (users - buyers) * mean**2) / (users - 1)
    return Moments(("y",), np.full(buyers.shape, float(users)), mean[..., None], variance[..., None, None])


def _metric(role: Goal | Guardrail, pair: Pair, n: NDArray[Any]) -> Metric:
    looks = len(n)
    fractions = np.arange(1, looks + 1) / looks
    return Metric(role, pair, gain=1, fractions=fractions, information=2 * n, planned=float(2 * n[-1]))
