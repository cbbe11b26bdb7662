"""Effects within the values of a declared segment: raw, shrunken, a test whether they differ, and a sentence."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

import stats
from experiments import readings
from experiments.numbers import several
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import Effect, SegmentResult, SegmentTest, Shrunken
from experiments.warehouse.moments import Cell
from stats import Shrunk
from stats.distributions import normal_bound

Place = tuple[str, str, str]  # segment, metric, treatment
Sized = tuple[float, float, float]  # effect, its variance, degrees of freedom
DIFFERENT = 0.05
LEVEL = 0.95
LEAST = 10  # units of a value in each arm: fewer could be recognised, and show nothing anyway


def segment_results(
    frozen: FrozenPlan, found: Mapping[str, Mapping[str, Mapping[Any, Cell]]]
) -> Iterable[SegmentResult]:
    """Yield raw effects within each value of each declared segment, values in order of their text.

    `found` are cells by segment, metric and (variant, value). Values with fewer than ten units in an arm are left out.
    """
    control = frozen.plan.control.key
    for name, by_metric in found.items():
        for metric, cells in by_metric.items():
            for value in sorted({v for _, v in cells}):
                for treatment in (t.key for t in frozen.plan.treatments):
                    if (control, value) in cells and (treatment, value) in cells:
                        arms = cells[control, value], cells[treatment, value]
                        if min(float(c.moments.n) for c in arms) >= LEAST:
                            yield readings.segment(frozen, metric, treatment, (name, value), arms)


def differences(frozen: FrozenPlan, results: Sequence[SegmentResult]) -> tuple[SegmentTest, ...]:
    """Test each segment's values against each other (Welch 1951), adjusted by Holm over all these tests.

    Relative effects, unless the plan's size is absolute: groups that start from 2 % and from 20 % and both gain a tenth
    do not differ. Values whose effect is not known on that scale are left out.
    """
    roles: list[Goal | Guardrail] = [*frozen.plan.goals, *frozen.plan.guardrails]
    absolute = {role.metric for role in roles if role.absolute}
    parts: dict[Place, list[Sized]] = defaultdict(list)
    for r in results:
        if (sized := _sized(r.effect, r.metric in absolute)) is not None:
            parts[r.segment, r.metric, r.treatment].append(sized)
    tested = {place: found for place, found in parts.items() if len(found) > 1}
    if not tested:
        return ()
    adjusted = stats.holm([_p_value(found) for found in tested.values()])
    return tuple(
        SegmentTest(segment=s, metric=m, treatment=t, values=len(found), p_value=float(p))
        for ((s, m, t), found), p in zip(tested.items(), adjusted, strict=True)
    )


def with_shrunken(results: Sequence[SegmentResult], *, averaged: bool = True) -> tuple[SegmentResult, ...]:
    """Give each value of a segment its effect shrunken towards the mean of all values, where two or more are known.

    The relative effects of a hierarchical model, averaged over how much the true ones may differ (Gelman 2006), as few
    groups tell little of that. Not `averaged` it is as in older snapshots: one estimate of it, taken as known.
    """
    parts: dict[Place, list[SegmentResult]] = defaultdict(list)
    for r in results:
        if _error(r.effect) is not None:
            parts[r.segment, r.metric, r.treatment].append(r)
    several = (found for found in parts.values() if len(found) > 1)
    shrunken = {id(r): s for found in several for r, s in zip(found, _shrunken(found, averaged), strict=True)}
    return tuple(r.model_copy(update={"shrunken": shrunken[id(r)]}) if id(r) in shrunken else r for r in results)


def _shrunken(found: Sequence[SegmentResult], averaged: bool) -> list[Shrunken]:
    effects = [r.effect.relative or 0.0 for r in found if r.effect]
    variances = [(_error(r.effect) or 0.0) ** 2 for r in found]
    moved = stats.shrink_each(effects, variances) if averaged else _known(effects, variances)
    ends = zip(moved.mean, float(normal_bound((1 - LEVEL) / 2)) * moved.sd, strict=True)
    return [
        Shrunken(relative=float(m), low=float(m - h), high=float(m + h), level=LEVEL, averaged=averaged)
        for m, h in ends
    ]


def _known(effects: Sequence[float], variances: Sequence[float]) -> Shrunk:
    """Their true variance by Paule & Mandel (1982) as if it were known, with the mean's own error (Morris 1983)."""
    meta = stats.meta_analysis(effects, variances)
    moved = stats.shrink(effects, variances, meta.mean, meta.tau2)
    return moved._replace(sd=np.sqrt(moved.sd**2 + (moved.weight_to_mean * meta.se) ** 2))


def _error(effect: Effect | None) -> float | None:
    """The standard error of a relative effect, from the width of its interval; None where there is none."""
    if effect is None or effect.relative_low is None or effect.relative_high is None or not effect.critical:
        return None
    error = (effect.relative_high - effect.relative_low) / (2 * effect.critical)
    return error if error > 0 else None


def sentence(test: SegmentTest | None) -> str:
    """Say whether the groups differ, and what that rests on."""
    if test is None:
        return "Too few people to tell whether they differ."
    groups = several(test.values, "group")
    if test.p_value > DIFFERENT:
        return f"No evidence that these {groups} differ."
    return f"These {groups} differ by more than chance explains: look for the reason before you generalise."


def _sized(effect: Effect | None, absolute: bool) -> Sized | None:
    """Size, variance and degrees of freedom of an effect on its plan's scale; None where they are not known."""
    if effect is None or effect.df is None:
        return None
    if absolute:
        return effect.difference, effect.se**2, effect.df
    error = _error(effect)
    return None if error is None or effect.relative is None else (effect.relative, error**2, effect.df)


def _p_value(found: Sequence[Sized]) -> float:
    sizes, variances, df = zip(*found, strict=True)
    return float(stats.interaction_test(sizes, variances, df).p_value)
