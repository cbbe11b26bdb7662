"""Before launch: what a plan can and cannot tell, by simulating it as it will be judged.

Baselines come from the newest snapshots that compared the same metric: what a unit's value is and how much it
varies, after adjustment. What is good of two metrics of one unit is taken to correlate .3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from experiments.errors import DefinitionError, NotReady
from experiments.inference import least_units
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan
from experiments.planning.operating import Floats, Metric, Outcomes, outcomes
from experiments.planning.traffic import Traffic
from experiments.snapshot import MetricResult, Snapshot
from stats.simulate import running_pair, steps

RUNS = 2_000
MOST_LOOKS = 28  # simulated: a longer plan is looked at every second day, or third, which changes little
CORRELATION = 0.3
SEED = 20_261_122


@dataclass(frozen=True)
class Baseline:
    """What is known of one metric: control's mean, and the standard deviation of one unit in its own unit."""

    mean: float
    sd: float


@dataclass(frozen=True)
class Course:
    """One metric's way through the plan: units of both arms with a complete window by each look, `[looks]`.

    `fractions` are what its looks may spend by, as in readings.py; `planned` is where its always-valid band is
    tightest. `weights` are those of control and the first treatment that gets units.
    """

    units: Floats
    fractions: Floats
    planned: float
    weights: tuple[float, float]

    @property
    def arms(self) -> list[Floats]:
        """Units of control and of the first treatment, `[looks]` each."""
        return [self.units * w / sum(self.weights) for w in self.weights]


@dataclass(frozen=True)
class Odds:
    """What the plan would do, in shares of simulated runs, and how long it takes in days."""

    wrong_keep: float
    right_keep: float
    unsafe_called_safe: float
    harm_stopped: float
    days_if_nothing: float
    days_if_worthwhile: float


def baselines(snapshots: Iterable[Snapshot]) -> dict[str, Baseline]:
    """Return what snapshots tell of each metric; of several the last given wins."""
    results = [m for s in snapshots for m in s.metrics]
    return {m.metric: found for m in results if (found := _baseline(m)) is not None}


def stated(text: str) -> tuple[str, Baseline]:
    """Read METRIC=MEAN,SD; DefinitionError for anything else, and for a deviation that is not above zero."""
    name, _, numbers = text.partition("=")
    try:
        mean, sd = (float(n) for n in numbers.split(","))
    except ValueError:
        mean, sd = 0.0, 0.0
    if not (np.isfinite(mean) and mean and 0 < sd < np.inf):
        raise DefinitionError(f"'{text}' is no baseline; write METRIC=MEAN,SD, for instance ordered=0.2,0.4.")
    return name, Baseline(mean, sd)


def course(frozen: FrozenPlan, role: Goal | Guardrail, traffic: Traffic) -> Course:
    """Return one goal's or guardrail's way through the plan; NotReady if so few units enter that nothing is shown."""
    plan, window = frozen.plan, frozen.definitions[role.metric].metric.window_days or 1
    weights = compared(plan)
    entered = np.cumsum(traffic.enrolled(plan, plan.enrol_days)) * sum(weights)
    if entered[-1] < 2 * least_units(plan):
        raise NotReady(
            f"only {entered[-1]:.0f} units would enter in {plan.enrol_days} days, and nothing is shown below "
            f"{least_units(plan)} in each arm. Raise coverage, widen the targeting, or enrol for longer."
        )
    done = np.clip(np.array(look_days(frozen)) - (window - 1), 0, plan.enrol_days)
    units = np.where(done > 0, entered[done - 1], 0.0)
    by_days = done / plan.enrol_days
    fractions = np.minimum(units / (plan.planned_units * sum(weights)), 1.0) if plan.planned_units else by_days
    fractions[-1] = 1.0
    first = int(np.argmax(units > 0))
    foretold = float(units[first] / max(fractions[first], 1e-3))
    return Course(units, fractions, plan.planned_units * sum(weights) if plan.planned_units else foretold, weights)


def compared(plan: Plan) -> tuple[float, float]:
    """Return the weights of control and of the first treatment that gets units; NotReady if one of them gets none."""
    treatment = next((t.weight for t in plan.treatments if t.weight), 0.0)
    if not (plan.control.weight and treatment):
        raise NotReady(
            f"{'no treatment' if plan.control.weight else 'control'} has a weight above 0, so that there is nothing to "
            "compare. Give control and a treatment a weight."
        )
    return plan.control.weight, treatment


def look_days(frozen: FrozenPlan) -> range:
    """Return the days whose looks are simulated: all, or in a long plan every so many; the last is the horizon."""
    horizon = frozen.plan.enrol_days + frozen.longest_window - 1
    every = -(-horizon // MOST_LOOKS)
    return range(horizon - (horizon - 1) // every * every, horizon + 1, every)


def roles(frozen: FrozenPlan) -> list[Goal | Guardrail]:
    """Return goals, then guardrails."""
    return [*frozen.plan.goals, *frozen.plan.guardrails]


def check_known(frozen: FrozenPlan, known: Mapping[str, Baseline]) -> None:
    """NotReady names the goals and guardrails without a baseline, and says how to state one."""
    missing = [r.metric for r in roles(frozen) if r.metric not in known]
    if missing:
        raise NotReady(
            f"nothing is known yet of {', '.join(missing)}: no snapshot has measured it. State control's mean and the "
            f"standard deviation of one unit: --baseline {missing[0]}=MEAN,SD; for a share p that is p,sqrt(p(1-p))."
        )


def odds(frozen: FrozenPlan, known: Mapping[str, Baseline], traffic: Traffic, runs: int = RUNS) -> Odds:
    """Simulate the plan: nothing works, all goals just worthwhile, a guardrail at its margin, harm of two margins.

    NotReady as `check_known`.
    """
    check_known(frozen, known)
    rng = np.random.default_rng(SEED)

    def simulated(goal: float, guardrail: float) -> Outcomes:
        return _outcomes(frozen, known, traffic, (goal, guardrail), runs=runs, rng=rng)

    nothing, worthwhile = simulated(0.0, 0.0), simulated(1.0, 0.0)
    guarded = bool(frozen.plan.guardrails)
    return Odds(
        wrong_keep=nothing.share("keep"), right_keep=worthwhile.share("keep"),
        unsafe_called_safe=simulated(1.0, -1.0).share("keep") if guarded else 0.0,
        harm_stopped=simulated(0.0, -2.0).share("stop") if guarded else 0.0,
        days_if_nothing=nothing.mean_days, days_if_worthwhile=worthwhile.mean_days,
    )  # fmt: skip


def _baseline(m: MetricResult) -> Baseline | None:
    """The standard deviation behind an effect's standard error: of ratios and adjusted means too."""
    sampled = m.band or m.effect  # a posterior's spread is smaller than the data's: its prior knows something too
    if sampled is None or m.control is None or m.variant is None or not m.control.mean:
        return None
    return Baseline(m.control.mean, sampled.se / (1 / m.control.n + 1 / m.variant.n) ** 0.5)


def _outcomes(
    frozen: FrozenPlan, known: Mapping[str, Baseline], traffic: Traffic, truth: tuple[float, float], *, runs: int,
    rng: np.random.Generator,
) -> Outcomes:  # fmt: skip
    """Simulate with effects in units of each goal's worthwhile effect, and of each guardrail's margin."""
    every, days = roles(frozen), look_days(frozen)
    walks = steps(len(every), (runs, len(days)), rng, correlation=CORRELATION)
    metrics = {}
    for role, walk in zip(every, walks, strict=True):
        effect = truth[0] if isinstance(role, Goal) else truth[1]
        metrics[role.metric] = _metric(frozen, role, known[role.metric], traffic, effect=effect, walk=walk)
    return outcomes(frozen.plan, metrics, days, days[-1])


def _metric(
    frozen: FrozenPlan, role: Goal | Guardrail, base: Baseline, traffic: Traffic, *, effect: float, walk: Floats
) -> Metric:
    """Means of both arms day by day, as steps of both arms `[2, runs, days]` make them walk."""
    gain = 1 if frozen.definitions[role.metric].metric.direction == "increase" else -1
    size = role.worthwhile if isinstance(role, Goal) else role.margin
    shift = gain * effect * size * (1.0 if role.absolute else abs(base.mean))
    way = course(frozen, role, traffic)
    pair = running_pair(gain * walk, way.arms, (base.mean, base.mean + shift), base.sd)
    known = replace(pair, df=np.full(pair.df.shape, np.inf))  # the deviation that is simulated is no estimate
    return Metric(role, known, gain, way.fractions, way.units, way.planned)
