"""Other experiments on the same units: whether one of them changes what this one does."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from zoneinfo import ZoneInfo

from experiments import readings
from experiments.numbers import count, several, unit_name
from experiments.plan import FrozenPlan
from experiments.registry.experiments import Experiment
from experiments.segments import DIFFERENT, differences
from experiments.snapshot import SegmentResult, SegmentTest
from experiments.warehouse import Warehouse
from experiments.warehouse.moments import Cell, Question, Units
from experiments.warehouse.overlaps import Phase, cells_by_other, met_elsewhere, shared

MOST = 20

Found = tuple[dict[str, int], tuple[SegmentResult, ...], tuple[SegmentTest, ...]]
NONE: Found = ({}, (), ())


def overlapping(
    every: Sequence[Experiment], key: str, frozen: FrozenPlan, span: tuple[date, date], zone: ZoneInfo
) -> list[Phase]:
    """Return the phases of other launched experiments on the same type of unit that enrolled within these days.

    `zone` is that of the days: a stop late in the evening is on the next day in UTC.
    """
    same = (e for e in every if e.key != key and e.frozen and e.frozen.plan.unit == frozen.plan.unit)
    spans = ((e.key, *each) for e in same for each in _spans(e, zone))
    return [(other, phase) for other, phase, first, last in spans if first <= span[1] and last >= span[0]]


def interactions(
    lake: Warehouse, question: Question, goals: Sequence[str], others: Sequence[Phase], units: Units
) -> Found:
    """Return how many units each other experiment shares, effects within the variants of those that matter, all tests.

    Goals alone, the 20 others that share most units; a test for each goal, treatment and other experiment, by Holm
    over all of them (Welch 1951 between the other one's variants, as for segments). What units met of others is kept
    meanwhile.
    """
    if not others or not goals:
        return NONE
    kept = lake.keep(met_elsewhere(question, others, units))
    counted = shared(kept)
    most = sorted(counted, key=lambda k: (-counted[k], k))[:MOST]
    cells = cells_by_other(question, goals, kept.filter(kept.experiment.isin(most)), units) if most else {}
    lake.let_go(kept)
    results = [r for metric, by in cells.items() for r in _results(question.frozen, metric, by)]
    tests = differences(question.frozen, results)
    changed = {(t.segment, t.metric, t.treatment) for t in tests if t.p_value <= DIFFERENT}
    seen = tuple(r for r in results if (r.segment, r.metric, r.treatment) in changed)
    return {k: counted[k] for k in most}, seen, tests


def summary(shared_units: dict[str, int], tests: Sequence[SegmentTest], unit: str) -> str:
    """Say whether any other experiment changes the effect, and how many were looked at."""
    if not shared_units:
        return ""
    n, most = len(shared_units), max(shared_units.values())
    who = several(n, f"other experiment shares {unit_name(unit)}", f"other experiments share {unit_name(unit)}")
    begin = f"{who.capitalize()} with this one{': ' if n == 1 else ', up to '}{count(most)}."
    if not tests:
        return f"{begin} Too few to tell whether any changes its effect."
    if any(t.p_value <= DIFFERENT for t in tests):
        return f"{begin} The effect differs between another one's variants by more than chance explains:"
    return f"{begin} No evidence that the effect depends on any of them."


def _spans(e: Experiment, zone: ZoneInfo) -> Iterable[tuple[int, date, date]]:
    """Each phase with its first and its last day: its horizon, unless the next phase or a stop came before."""
    ends = [*(p.day for p in e.earlier), e.stopped_at.astimezone(zone).date() if e.stopped_at else date.max]
    for (frozen, first), end in zip(e.phases, ends, strict=True):
        yield frozen.phase, first, min(frozen.horizon(first), end)


def _results(
    frozen: FrozenPlan, metric: str, cells: Mapping[tuple[str, str, str], Cell]
) -> Iterable[SegmentResult]:
    """Effects of each treatment within each variant of each other experiment."""
    control = frozen.plan.control.key
    for other, its in sorted({(other, its) for other, its, _ in cells}):
        for treatment in (t.key for t in frozen.plan.treatments):
            if (other, its, control) in cells and (other, its, treatment) in cells:
                arms = cells[other, its, control], cells[other, its, treatment]
                yield readings.segment(frozen, metric, treatment, (other, its), arms)
