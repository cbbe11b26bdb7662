"""Do effects differ between the values of a declared segment? A test for each, and a sentence."""

from collections import defaultdict
from collections.abc import Sequence

import stats
from experiments.numbers import several
from experiments.snapshot import SegmentResult, SegmentTest

Place = tuple[str, str, str]  # segment, metric, treatment
DIFFERENT = 0.05


def differences(results: Sequence[SegmentResult]) -> tuple[SegmentTest, ...]:
    """Test each segment's values against each other (Welch 1951), adjusted by Holm over all these tests."""
    parts: dict[Place, list[SegmentResult]] = defaultdict(list)
    for r in results:
        if r.effect is not None and r.effect.df is not None:
            parts[r.segment, r.metric, r.treatment].append(r)
    tested = {place: found for place, found in parts.items() if len(found) > 1}
    if not tested:
        return ()
    adjusted = stats.holm([_p_value(found) for found in tested.values()])
    return tuple(
        SegmentTest(segment=s, metric=m, treatment=t, values=len(found), p_value=float(p))
        for ((s, m, t), found), p in zip(tested.items(), adjusted, strict=True)
    )


def sentence(test: SegmentTest | None) -> str:
    """Say whether the groups differ, and what that rests on."""
    if test is None:
        return "Too few people to tell whether they differ."
    groups = several(test.values, "group")
    if test.p_value > DIFFERENT:
        return f"No evidence that these {groups} differ."
    return f"These {groups} differ by more than chance explains: look for the reason before you generalise."


def _p_value(found: Sequence[SegmentResult]) -> float:
    effects = [r.effect for r in found if r.effect is not None]
    variances = [e.se**2 for e in effects]
    return float(
        stats.interaction_test([e.difference for e in effects], variances, [e.df or 1.0 for e in effects]).p_value
    )
