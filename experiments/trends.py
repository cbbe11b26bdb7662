"""Does an effect wear off, or grow? Effects by days since exposure, the line through them, and a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeAlias

import numpy as np

import stats
from experiments import inference
from experiments.inference import PLANNED_SHARE
from experiments.keeping import kept_moments
from experiments.numbers import change, difference
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import DayEffect, MetricResult, Trend
from experiments.warehouse.offsets import ByDay
from stats import AlwaysValid, Fixed, Line, Moments, Pair

Arms: TypeAlias = Sequence[tuple[Moments, Moments]]  # of control and of treatment, by day since exposure
LEVEL = 0.05
TOO_FEW = "People do this on too few days after exposure to see a trend."


@dataclass(frozen=True)
class SinceExposure:
    """What units did on each day since exposure, and the plan's share of days that have passed: 1 at its horizon.

    `spread` are the variances of what control and treatment bring to the slope of a metric's effect, by metric and
    treatment.
    """

    days: ByDay
    spread: Mapping[tuple[str, str], tuple[float, float]] = field(default_factory=dict)
    share: float = 1.0


def share_of(frozen: FrozenPlan, launched: date, cutoff: date) -> float:
    """Return how much of a plan's days up to its horizon have passed; at most 1."""
    return min(((cutoff - launched).days + 1) / ((frozen.horizon(launched) - launched).days + 1), 1.0)


def trends(frozen: FrozenPlan, found: SinceExposure) -> tuple[Trend, ...]:
    """Return effects by day since exposure and their trend, for goals and guardrails with more than one day.

    Trends are relative, unless the plan's size is absolute: people do less with every day, in control too. Days with
    fewer than 100 units or 25 conversions in an arm are left out. p-values after Holm over all trends.
    """
    made = [t for role in roles_of(frozen) for t in _of_metric(frozen, role, found)]
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


def roles_of(frozen: FrozenPlan) -> list[Goal | Guardrail]:
    """Return the goals and guardrails."""
    return [*frozen.plan.goals, *frozen.plan.guardrails]


def arms_of(frozen: FrozenPlan, by_day: Mapping[tuple[str, int], Moments], treatment: str) -> Arms:
    """Return one metric's moments of control and a treatment by day since exposure."""
    last = max((offset for _, offset in by_day), default=-1)
    return [(by_day[frozen.plan.control.key, n], by_day[treatment, n]) for n in range(last + 1)]


def line_of(frozen: FrozenPlan, role: Goal | Guardrail, arms: Arms) -> Line | None:
    """Return the line through a metric's effects by day; None where fewer than two of them are known."""
    if not arms:
        return None
    units = [c.n for c, _ in arms], [t.n for _, t in arms]
    line = stats.day_line(range(len(arms)), days_of(frozen, role.metric, arms), units, absolute=role.absolute)
    return line if np.isfinite(line.slope) else None


def days_of(frozen: FrozenPlan, metric: str, arms: Arms) -> Pair:
    """Return the pairs of all days, `[days]`."""
    control, treatment = (_stacked([both[i] for both in arms]) for i in (0, 1))
    return pair_of(frozen, metric, control, treatment)


def _stacked(days: Sequence[Moments]) -> Moments:
    n, means, covariances = (np.array([getattr(m, part) for m in days]) for part in ("n", "mean", "cov"))
    return Moments(days[0].names, n, means, covariances)


def _of_metric(frozen: FrozenPlan, role: Goal | Guardrail, found: SinceExposure) -> Iterable[Trend]:
    for treatment in (t.key for t in frozen.plan.treatments):
        arms = arms_of(frozen, found.days.get(role.metric, {}), treatment)
        if len(arms) > 1:
            pairs = [pair_of(frozen, role.metric, *both) for both in arms]
            days = tuple(_kept(day_effect(n, p, role.absolute), arms[n]) for n, p in enumerate(pairs))
            empty = Trend(metric=role.metric, treatment=treatment, absolute=role.absolute, days=days)
            spread = found.spread.get((role.metric, treatment))
            told = _told(line_of(frozen, role, arms), arms, spread, found.share) if spread else _unspread(empty, pairs)
            yield empty.model_copy(update=told)


def _kept(day: DayEffect, arms: tuple[Moments, Moments]) -> DayEffect:
    return day.model_copy(update={"control": kept_moments(arms[0]), "variant": kept_moments(arms[1])})


def _told(line: Line | None, arms: Arms, spread: tuple[float, float], share: float) -> dict[str, object]:
    if line is None:
        return {"note": TOO_FEW}
    return {"slope": line.slope, "p_value": p_value(line, arms, spread, share), "spread": spread}


def p_value(line: Line, arms: Arms, spread: tuple[float, float], share: float) -> float:
    """Return that of no change with days, valid however often one looks.

    Nine tenths of the level are for looks from the horizon on, which see the same units; the rest is for any day before
    it, by the always-valid bound, tightest at the horizon. `share` is of the plan's days that have passed.
    """
    used = [both for both, moves in zip(arms, line.treatment, strict=True) if moves]
    df, zero = min(float(m.n) for both in used for m in both) - 1, np.zeros(())
    v0, v1 = np.array(spread[0]), np.array(spread[1])
    pair = Pair(zero, np.array(line.slope), v0, zero, v1, np.array(df), np.array(share))
    if share >= 1:
        return min(float(Fixed(LEVEL).p_value(pair)) / PLANNED_SHARE, 1.0)
    early = 1 - PLANNED_SHARE
    return min(float(AlwaysValid(early * LEVEL, planned=1.0).p_value(pair)) / early, 1.0)


def _unspread(empty: Trend, pairs: Sequence[Pair]) -> dict[str, object]:
    """As older snapshots, which hold no spread, had it: a unit's days taken as those of different units."""
    lifts = [stats.lift(pair, absolute=empty.absolute) for pair in pairs]
    known = [d.change is not None and np.isfinite(x.se) and x.se > 0 for d, x in zip(empty.days, lifts, strict=True)]
    if sum(known) < 2:
        return {"note": TOO_FEW}
    effects = [float(x.value) if k else 0.0 for x, k in zip(lifts, known, strict=True)]
    variances = [float(x.se) ** 2 if k else np.inf for x, k in zip(lifts, known, strict=True)]
    line = stats.novelty(list(range(len(pairs))), effects, variances)
    return {"slope": float(line.slope), "p_value": float(line.p_value)}


def day_effect(number: int, pair: Pair, absolute: bool) -> DayEffect:
    """Return the raw effect of one day's pair with its fixed 95 % interval; without one where too few are there."""
    n = int(pair.n)
    if not np.isfinite(stats.standard_error(pair)):
        return DayEffect(day=number, n=n, change=None, low=None, high=None)
    e = inference.fixed(pair, LEVEL)
    values = (e.difference, e.low, e.high) if absolute else (e.relative, e.relative_low, e.relative_high)
    return DayEffect(day=number, n=n, change=values[0], low=values[1], high=values[2])


def pair_of(frozen: FrozenPlan, metric: str, control: Moments, treatment: Moments) -> Pair:
    """The pair of a day, or of days `[...]`; of unknown variance where too few are there to show an effect."""
    ratio, proportion = "d" in control.names, frozen.definitions[metric].metric.form == "proportion"
    pair = stats.ratio(control, treatment, "y", "d") if ratio else stats.mean(control, treatment, "y")
    hits = [m.n * m.mean[..., 0] if proportion else np.full_like(m.n, np.inf) for m in (control, treatment)]
    arms = zip(*(np.ravel(x) for x in (control.n, treatment.n, *hits)), strict=True)
    shown = np.array([inference.enough(frozen.plan, (n0, n1), (hits0, hits1)) for n0, n1, hits0, hits1 in arms])
    unknown = ~shown.reshape(control.n.shape)
    return replace(pair, v00=np.where(unknown, np.inf, pair.v00), v11=np.where(unknown, np.inf, pair.v11))
