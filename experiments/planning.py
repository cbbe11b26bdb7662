"""Before launch: what a plan can and cannot tell, by simulating it as it will be judged.

Baselines come from the newest snapshots that compared the same metric: what a unit's value is and how much it
varies, after adjustment. Metrics of one unit are taken to correlate .3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from experiments.errors import NotReady
from experiments.inference import PLANNED_SHARE
from experiments.operating import Floats, Metric, Outcomes, outcomes
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import MetricResult, Snapshot
from stats.simulate import running_pair, steps

RUNS = 2_000
CORRELATION = 0.3
SEED = 20_261_122


@dataclass(frozen=True)
class Baseline:
    """What is known of one metric: control's mean, and the standard deviation of one unit in its own unit."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Odds:
    """What the plan would do, in shares of simulated runs, and how long it takes in days.

    `units` is the number of units of both variants by the end, `needed` how many would find a worthwhile effect of
    the first goal with the plan's power; `detectable` is the smallest effect that these units find so, as a share.
    """

    wrong_keep: float
    right_keep: float
    unsafe_called_safe: float
    harm_stopped: float
    days_if_nothing: float
    days_if_worthwhile: float
    units: int
    needed: int
    detectable: float


def baselines(snapshots: Sequence[Snapshot]) -> dict[str, Baseline]:
    """Return what snapshots tell of each metric; of several the last given wins."""
    results = [m for s in snapshots for m in s.metrics]
    return {m.metric: found for m in results if (found := _baseline(m)) is not None}


def traffic(snapshots: Sequence[Snapshot]) -> float | None:
    """Return the units a day that the busiest of these experiments enrolled."""
    return max((s.progress.people / max(s.progress.day, 1) for s in snapshots), default=None)


def odds(frozen: FrozenPlan, known: Mapping[str, Baseline], units_a_day: float, runs: int = RUNS) -> Odds:
    """Simulate the plan: nothing works, all goals just worthwhile, a guardrail at its margin, harm of two margins.

    NotReady names the goals and guardrails without a baseline.
    """
    missing = [r.metric for r in _roles(frozen) if r.metric not in known]
    if missing:
        raise NotReady(
            f"nothing is known yet of {', '.join(missing)}: no snapshot has measured it. State its mean and sd."
        )
    rng = np.random.default_rng(SEED)

    def simulated(goal: float, guardrail: float) -> Outcomes:
        return _outcomes(frozen, known, units_a_day, (goal, guardrail), runs=runs, rng=rng)

    nothing, worthwhile = simulated(0.0, 0.0), simulated(1.0, 0.0)
    first = frozen.plan.goals[0]
    units = int(units_a_day * frozen.plan.enrol_days * _share(frozen))
    return Odds(
        wrong_keep=nothing.share("keep"), right_keep=worthwhile.share("keep"),
        unsafe_called_safe=simulated(1.0, -1.0).share("keep") if frozen.plan.guardrails else 0.0,
        harm_stopped=simulated(0.0, -2.0).share("stop") if frozen.plan.guardrails else 0.0,
        days_if_nothing=nothing.mean_days, days_if_worthwhile=worthwhile.mean_days, units=units,
        needed=_needed(frozen, first, known[first.metric]), detectable=_detectable(frozen, known[first.metric], units),
    )  # fmt: skip


def _baseline(m: MetricResult) -> Baseline | None:
    """The standard deviation behind an effect's standard error: of ratios and adjusted means too."""
    sampled = m.band or m.effect  # a posterior's spread is smaller than the data's: its prior knows something too
    if sampled is None or m.control is None or m.variant is None or not m.control.mean:
        return None
    return Baseline(m.control.mean, sampled.se / (1 / m.control.n + 1 / m.variant.n) ** 0.5)


def _roles(frozen: FrozenPlan) -> list[Goal | Guardrail]:
    return [*frozen.plan.goals, *frozen.plan.guardrails]


def _share(frozen: FrozenPlan) -> float:
    """The part of the traffic that enters control or the first treatment."""
    plan = frozen.plan
    return plan.coverage * (plan.control.weight + plan.treatments[0].weight)


def _outcomes(
    frozen: FrozenPlan, known: Mapping[str, Baseline], units_a_day: float, truth: tuple[float, float], *, runs: int,
    rng: np.random.Generator,
) -> Outcomes:  # fmt: skip
    """Simulate with effects in units of each goal's worthwhile effect, and of each guardrail's margin."""
    horizon = frozen.plan.enrol_days + frozen.longest_window - 1
    roles = _roles(frozen)
    walks = steps(len(roles), (runs, horizon), rng, correlation=CORRELATION)
    metrics = {}
    for i, role in enumerate(roles):
        effect = truth[0] if isinstance(role, Goal) else truth[1]
        metrics[role.metric] = _metric(frozen, role, known[role.metric], units_a_day, effect=effect, walk=walks[i])
    return outcomes(frozen.plan, metrics, range(1, horizon + 1), horizon)


def _metric(
    frozen: FrozenPlan, role: Goal | Guardrail, base: Baseline, units_a_day: float, *, effect: float, walk: Floats
) -> Metric:
    """Means of both arms day by day, as steps of both arms `[2, runs, days]` make them walk."""
    plan, metric = frozen.plan, frozen.definitions[role.metric].metric
    gain = 1 if metric.direction == "increase" else -1
    size = role.worthwhile if isinstance(role, Goal) else role.margin
    shift = gain * effect * size * (1.0 if role.absolute else abs(base.mean))
    weights = (plan.control.weight, plan.treatments[0].weight)
    complete = _complete(frozen, metric.window_days or 1) * units_a_day * plan.coverage
    pair = running_pair(walk, [complete * w for w in weights], (base.mean, base.mean + shift), base.sd)
    information = complete * sum(weights)
    planned = float(plan.planned_units * sum(weights)) if plan.planned_units else float(information[-1])
    fractions = np.minimum(information / planned, 1.0)
    fractions[-1] = 1.0
    return Metric(role, pair, gain, fractions, information, planned)


def _complete(frozen: FrozenPlan, window: int) -> Floats:
    """Days of enrolment whose units have a complete window, by the close of each day."""
    horizon = frozen.plan.enrol_days + frozen.longest_window - 1
    done = np.arange(1, horizon + 1) - (window - 1)
    return np.clip(done, 0, frozen.plan.enrol_days).astype(np.float64)


def _quantiles(frozen: FrozenPlan) -> float:
    """Normal quantiles of the alpha that is spent to the horizon and of the power, added up."""
    alpha = PLANNED_SHARE * frozen.plan.alpha / len(frozen.plan.goals)
    return NormalDist().inv_cdf(1 - alpha / 2) + NormalDist().inv_cdf(frozen.plan.power)


def _harmonic(frozen: FrozenPlan) -> float:
    """Variance of a difference per unit of both arms together: 4 for an even split."""
    weights = (frozen.plan.control.weight, frozen.plan.treatments[0].weight)
    shares = [w / sum(weights) for w in weights]
    return sum(1 / share for share in shares)


def _needed(frozen: FrozenPlan, goal: Goal, base: Baseline) -> int:
    worth = goal.worthwhile * (1.0 if goal.absolute else abs(base.mean))
    return int(np.ceil(_harmonic(frozen) * (_quantiles(frozen) * base.sd / worth) ** 2))


def _detectable(frozen: FrozenPlan, base: Baseline, units: int) -> float:
    return float(_quantiles(frozen) * base.sd * (_harmonic(frozen) / max(units, 1)) ** 0.5 / abs(base.mean))
