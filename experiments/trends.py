"""Does an effect wear off, or grow? Effects by days since exposure, the line through them, and a sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

import stats
from experiments import inference
from experiments.keeping import kept_moments
from experiments.numbers import change, difference
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import DayEffect, MetricResult, Trend
from experiments.warehouse.offsets import ByDay
from stats import Moments, Pair

LEVEL = 0.05
TOO_FEW = "People do this on too few days after exposure to see a trend."


def trends(frozen: FrozenPlan, found: ByDay) -> tuple[Trend, ...]:
    """Return effects by day since exposure and their trend, for goals and guardrails with more than one day.

    Trends are relative, unless the plan's size is absolute: people do less with every day, in control too. Days with
    fewer than 100 units or 25 conversions in an arm are left out. p-values after Holm over all trends.
    """
    roles: list[Goal | Guardrail] = [*frozen.plan.goals, *frozen.plan.guardrails]
    made = [t for role in roles for t in _of_metric(frozen, role, found)]
    known = [t for t in made if t.slope is not None]
    adjusted = iter(stats.holm([t.p_value for t in known]) if known else ())
    return tuple(t if t.slope is None else t.model_copy(update={"p_value": float(next(adjusted))}) for t in made)


def changes(trend: Trend) -> bool:
    """Whether the effect changes with days since exposure by more than chance explains."""
    return trend.slope is not None and trend.p_value <= LEVEL


def sentence(trend: Trend, like: MetricResult) -> str:
    """Say whether the effect changes with days since exposure, and by how much a day."""
    if trend.slope is None:
        return trend.note
    if not changes(trend):
        return "No evidence that the effect changes with days since exposure."
    middle = [d.change for d in trend.days if d.change is not None]
    word = "fades" if trend.slope * float(np.mean(middle)) < 0 else "grows"
    return f"The effect {word} by {_size(abs(trend.slope), trend, like)} per day since exposure."


def steady(found: Sequence[Trend], treatment: str) -> str:
    """Say that no effect of a treatment is seen to change, for a page on which none is."""
    if any(t.slope is not None for t in found if t.treatment == treatment):
        return "No evidence that any effect changes with days since exposure."
    return TOO_FEW


def texts(day: DayEffect, trend: Trend, like: MetricResult) -> tuple[str, str]:
    """Write one day's change and its interval, on the trend's scale."""
    if trend.absolute:
        return difference(day.change or 0.0, day.low, day.high, kind=like.kind, symbol=like.symbol)
    return change(day.change, day.low, day.high)


def _size(slope: float, trend: Trend, like: MetricResult) -> str:
    if trend.absolute:
        return difference(slope, slope, slope, kind=like.kind, symbol=like.symbol)[0].lstrip("+")
    return f"{change(slope, slope, slope)[0].lstrip('+').rstrip('%')} percentage points"


def _of_metric(frozen: FrozenPlan, role: Goal | Guardrail, found: ByDay) -> Iterable[Trend]:
    metric, absolute = role.metric, role.absolute
    by_day, control = found.get(metric, {}), frozen.plan.control.key
    last = max((offset for _, offset in by_day), default=0)
    if last == 0:
        return
    for treatment in (t.key for t in frozen.plan.treatments):
        arms = [(by_day[control, n], by_day[treatment, n]) for n in range(last + 1)]
        pairs = [pair_of(frozen, metric, *both) for both in arms]
        yield _with_arms(_trend(Trend(metric=metric, treatment=treatment, absolute=absolute, days=()), pairs), arms)


def _with_arms(trend: Trend, arms: Sequence[tuple[Moments, Moments]]) -> Trend:
    kept = (dict(zip(("control", "variant"), map(kept_moments, both), strict=True)) for both in arms)
    return trend.model_copy(
        update={"days": tuple(d.model_copy(update=k) for d, k in zip(trend.days, kept, strict=True))}
    )


def _trend(empty: Trend, pairs: Sequence[Pair]) -> Trend:
    days = tuple(day_effect(n, pair, empty.absolute) for n, pair in enumerate(pairs))
    lifts = [stats.lift(pair, absolute=empty.absolute) for pair in pairs]
    known = [day.change is not None and np.isfinite(x.se) and x.se > 0 for day, x in zip(days, lifts, strict=True)]
    if sum(known) < 2:
        return empty.model_copy(update={"days": days, "note": TOO_FEW})
    effects = [float(x.value) if k else 0.0 for x, k in zip(lifts, known, strict=True)]
    variances = [float(x.se) ** 2 if k else np.inf for x, k in zip(lifts, known, strict=True)]
    line = stats.novelty(list(range(len(pairs))), effects, variances)
    return empty.model_copy(update={"days": days, "slope": float(line.slope), "p_value": float(line.p_value)})


def day_effect(number: int, pair: Pair, absolute: bool) -> DayEffect:
    """Return the raw effect of one day's pair with its fixed 95 % interval; without one where too few are there."""
    n = int(pair.n)
    if not np.isfinite(stats.standard_error(pair)):
        return DayEffect(day=number, n=n, change=None, low=None, high=None)
    e = inference.fixed(pair, LEVEL)
    values = (e.difference, e.low, e.high) if absolute else (e.relative, e.relative_low, e.relative_high)
    return DayEffect(day=number, n=n, change=values[0], low=values[1], high=values[2])


def pair_of(frozen: FrozenPlan, metric: str, control: Moments, treatment: Moments) -> Pair:
    """The day's pair; of unknown variance where too few units or conversions are there to show an effect."""
    ratio, proportion = "d" in control.names, frozen.definitions[metric].metric.form == "proportion"
    pair = stats.ratio(control, treatment, "y", "d") if ratio else stats.mean(control, treatment, "y")
    hits = [float(m.n * m.mean[0]) if proportion else np.inf for m in (control, treatment)]
    if inference.enough(frozen.plan, (float(control.n), float(treatment.n)), (hits[0], hits[1])):
        return pair
    return replace(pair, v00=np.array(np.inf), v11=np.array(np.inf))
