"""Effects by days since exposure on simulated units: how often a change is told where there is none, and where one is.

Run `python -m benchmarks.trends [repetitions]`. Each world is of 2 x 1,000 units that enrol over 14 days, each seen for
14 days, with the line's error as it was (days taken as independent) and as it is (each unit's days added up first).
"""

import functools
import sys
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import stats
from experiments import trends
from experiments.catalog import Catalog, Measure, Metric
from experiments.plan import FrozenPlan, Goal, Plan, Variant, freeze
from experiments.since_exposure import sums_of
from experiments.warehouse.spreads import Part
from stats import Moments

Floats = NDArray[np.float64]
Draw = Callable[[np.random.Generator, int], Floats]
UNITS, DAYS, LAUNCHED = 1_000, 14, date(2026, 3, 2)
HORIZON = 2 * DAYS - 2  # the day, from 0, on which all have been seen on all days
FADING = 0.4 * np.exp(-np.arange(DAYS) / 4)
FIRST = 4  # looks before have too few units a day


def alike(rng: np.random.Generator, n: int) -> Floats:
    """Days that have nothing in common."""
    return rng.poisson(0.8, (n, DAYS)).astype(float)


def heavy_and_light(rng: np.random.Generator, n: int) -> Floats:
    """Users who do much on every day, and others."""
    return rng.poisson(rng.gamma(0.5, 1.6, (n, 1)), (n, DAYS)).astype(float)


def drifting(rng: np.random.Generator, n: int) -> Floats:
    """What a user does today is much like yesterday, and less like last week."""
    steps = rng.normal(size=(n, DAYS))
    for day in range(1, DAYS):
        steps[:, day] = 0.85 * steps[:, day - 1] + np.sqrt(1 - 0.85**2) * steps[:, day]
    return np.asarray(np.exp(steps - 0.5))


def leaving(rng: np.random.Generator, n: int) -> Floats:
    """Users who leave one by one and do not come back."""
    return (np.arange(DAYS) < rng.geometric(0.15, (n, 1))) * rng.gamma(1.0, 1.0, (n, 1))


def buying(rng: np.random.Generator, n: int) -> Floats:
    """Revenue: a third of users buy, on a third of their days, lognormal amounts."""
    return (rng.random((n, 1)) < 0.3) * (rng.random((n, DAYS)) < 0.3) * rng.lognormal(3.0, 1.0, (n, DAYS))


WORLDS: dict[str, Draw] = {f.__name__.replace("_", " "): f for f in (alike, heavy_and_light, drifting, leaving, buying)}


class Arm(NamedTuple):
    """Units with their day of entry, `[units]`, and what they do on each day since, `[units, days]`."""

    entry: NDArray[np.int64]
    done: Floats


class Found(NamedTuple):
    """p-values at an experiment's looks, `[looks]`: with days as independent, and with each unit's days together."""

    before: Floats
    after: Floats


@functools.cache
def plan() -> FrozenPlan:
    """One goal with a window of all days."""
    metric = Metric(key="spent", title="Spent", kind="mean", measure="spent", window_days=DAYS)
    catalog = Catalog(measures={"spent": Measure(event="buy", aggregate="sum")}, metrics={"spent": metric})
    variants = (Variant(key="control", weight=0.5), Variant(key="new", weight=0.5))
    goals = (Goal(metric="spent", worthwhile=0.02),)
    return freeze(Plan(key="trend", title="Trend", variants=variants, goals=goals, enrol_days=DAYS), catalog)


def experiment(rng: np.random.Generator, draw: Draw, effect: Floats, *, looks: range, units: int = UNITS) -> Found:
    """Draw an experiment whose effect on each day since exposure is `effect`, `[days]`, and look on these days."""
    control, new = (Arm(rng.integers(DAYS, size=units), draw(rng, units)) for _ in range(2))
    arms = {"control": control, "new": Arm(new.entry, new.done * (1 + effect))}
    return Found(*(np.array(p) for p in zip(*(look(plan(), arms, day) for day in looks), strict=True)))


def look(frozen: FrozenPlan, arms: dict[str, Arm], day: int) -> tuple[float, float]:
    """Return both p-values of no change, of one look; 1 where there is no line."""
    days = range(min(day, DAYS - 1) + 1)
    by_day = {(k, d): Moments.of(("y",), a.done[a.entry + d <= day, d, None]) for k, a in arms.items() for d in days}
    sums = sums_of(frozen, {"spent": by_day})
    role, both = frozen.plan.goals[0], trends.arms_of(frozen, by_day, "new")
    line = trends.line_of(frozen, role, both)
    if line is None:
        return 1.0, 1.0
    control, new = (variance(arms[p.variant], p, day) for p in sums["spent", "new"].parts)
    share = trends.share_of(frozen, LAUNCHED, LAUNCHED + timedelta(days=day))
    return independent(frozen, both), trends.p_value(line, both, (control, new), share)


def variance(arm: Arm, part: Part, day: int) -> float:
    """What `experiments.warehouse.spreads` asks the warehouse for, from rows."""
    enrolled = arm.entry <= day
    lived = arm.entry[enrolled, None] + np.arange(len(part.y)) <= day
    added = (lived * (arm.done[enrolled, : len(part.y)] * part.y - part.middle)).sum(axis=1)
    return float(added @ added * added.size / (added.size - 1))


def independent(frozen: FrozenPlan, arms: trends.Arms) -> float:
    """The p-value as it was: inverse variances of each day, and days as if of different units."""
    lift = stats.lift(trends.days_of(frozen, "spent", arms))
    effects = np.where(np.isfinite(lift.se), lift.value, 0.0)
    return float(stats.novelty(np.arange(len(arms)), effects, lift.se**2).p_value)


def main(repetitions: int) -> None:
    """Print the table."""
    looks, none = range(FIRST, HORIZON + 1), np.full(DAYS, 0.1)
    print("Shares of experiments of which a change is told; before, after.\n")
    print("| world | no change, at the horizon | no change, at any daily look | fading, at the horizon |")
    print("|---|---|---|---|")
    for name, draw in WORLDS.items():
        rng = np.random.default_rng(42)
        still = [experiment(rng, draw, none, looks=looks) for _ in range(repetitions)]
        fading = [experiment(rng, draw, FADING, looks=range(HORIZON, HORIZON + 1)) for _ in range(repetitions)]
        told = [np.mean([p[i][-1] <= 0.05 for p in still]) for i in (0, 1)]
        ever = [np.mean([p[i].min() <= 0.05 for p in still]) for i in (0, 1)]
        seen = [np.mean([p[i][-1] <= 0.05 for p in fading]) for i in (0, 1)]
        print("| " + " | ".join([name, *(f"{a:.3f}, {b:.3f}" for a, b in (told, ever, seen))]) + " |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
