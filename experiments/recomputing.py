"""A snapshot's numbers computed again, from the moments that it keeps and what earlier looks left.

Everything that the engine makes of moments: readings, effects, looks, segments and their tests, trends, the split's
tests, precision. What is counted from rows stays as stored: units, excluded ones, checks, causes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from experiments import health, readings
from experiments.catalog import Record
from experiments.errors import NotReady
from experiments.keeping import cell_of, moments_of, without_cap
from experiments.results import Cells, Earlier, clock, earlier, precision, results, unseen
from experiments.segments import differences, with_shrunken
from experiments.snapshot import Arm, Look, MetricResult, SegmentResult, Snapshot, Trend
from experiments.trends import SinceExposure, share_of, trends
from experiments.warehouse.moments import Cell

TOLERANCE = 1e-9
PARTS = ("metrics", "segments", "segment_tests", "others", "trends", "split", "progress")


class PastLook(Record):
    """What one earlier official look recorded of one metric; not `trusted` if its groups could not be compared."""

    metric: str
    treatment: str
    look: Look
    trusted: bool


class Past(Record):
    """All that a look needs of the ones before it, as JSON can hold it."""

    looks: tuple[PastLook, ...] = ()
    harmed: tuple[tuple[str, str], ...] = ()
    ended: bool = False
    split_p: float = 1.0

    @classmethod
    def of(cls, snapshot: Snapshot, history: Sequence[Snapshot]) -> "Past":
        """Take from `history`, the official looks that this one saw, what it needed of them."""
        before = earlier(history, snapshot.cutoff, snapshot.frozen.planned_horizon(snapshot.launched))
        looks = tuple(
            PastLook(metric=m.metric, treatment=m.treatment, look=m.look, trusted=s.verdict.word != "invalid")
            for s in history
            for m in s.metrics
            if m.look is not None
        )
        return cls(looks=looks, harmed=tuple(sorted(before.harmed)), ended=before.ended, split_p=before.split_p)

    def as_seen(self) -> Earlier:
        """Return it as the engine takes it: statistics of looks that could not be trusted are not numbers."""
        found: dict[tuple[str, str], list[Look]] = {}
        for p in self.looks:
            found.setdefault((p.metric, p.treatment), []).append(p.look if p.trusted else unseen(p.look))
        return Earlier(found, frozenset(self.harmed), self.ended, self.split_p)


def recompute(snapshot: Snapshot, past: Past) -> Snapshot:
    """Return the snapshot with every number that moments give computed again; NotReady if it kept no moments."""
    before = past.as_seen()
    averaged = all(g.shrunken.averaged for g in snapshot.segments if g.shrunken)
    rows = _metrics(snapshot, before)
    segments = with_shrunken([*_groups(snapshot, snapshot.segments)], averaged=averaged)
    split = health.split_of(snapshot.split.counts, snapshot.split.weights, before.split_p)
    found = {
        "metrics": rows, "segments": segments, "segment_tests": differences(snapshot.frozen, segments),
        "others": tuple(_groups(snapshot, snapshot.others)), "trends": _trends(snapshot), "split": split,
        "progress": snapshot.progress.model_copy(update={"precision": precision(snapshot.frozen, rows)}),
    }  # fmt: skip
    return snapshot.model_copy(update=found)


def differing(stored: Snapshot, again: Snapshot) -> list[tuple[str, Any, Any]]:
    """Return (path, stored, computed) of every value that differs: numbers by more than 1e-9 of their size or of 1."""
    ours, theirs = (s.model_dump(mode="json", include=set(PARTS)) for s in (stored, again))
    first, second = dict(_values("", ours)), dict(_values("", theirs))
    every = dict.fromkeys([*first, *second])
    return [(p, first.get(p), second.get(p)) for p in every if not _same(first.get(p), second.get(p))]


def numbers_of(snapshot: Snapshot) -> int:
    """Return how many numbers `differing` compares."""
    held = snapshot.model_dump(mode="json", include=set(PARTS))
    return sum(isinstance(v, int | float) and not isinstance(v, bool) for _, v in _values("", held))


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, float | int) and isinstance(b, float | int):
        return abs(a - b) <= TOLERANCE * max(1.0, abs(a))
    return bool(a == b)


def _values(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _values(f"{path}.{key}" if path else str(key), inner)
    else:
        yield path, value


def _metrics(snapshot: Snapshot, before: Earlier) -> tuple[MetricResult, ...]:
    now = clock(
        snapshot.frozen, snapshot.launched, snapshot.cutoff, official=snapshot.official, ended=before.ended
    )  # fmt: skip
    errors = {m.metric: m.error for m in snapshot.metrics if m.error}
    return results(snapshot.frozen, _cells(snapshot), before, now, errors)[0]


def _cells(snapshot: Snapshot) -> Cells:
    """The cells of every metric by variant; the waiting units of both arms are stored as one number."""
    found: dict[str, dict[str, Cell]] = {}
    for m in snapshot.metrics:
        if m.control is not None and m.variant is not None:
            arms = found.setdefault(m.metric, {})
            arms[m.control.variant] = without_cap(_cell(m.control, snapshot), m.uncapped, "control")
            variant = replace(_cell(m.variant, snapshot), waiting=m.waiting)
            arms[m.variant.variant] = without_cap(variant, m.uncapped, "variant")
    return found


def _cell(arm: Arm, snapshot: Snapshot) -> Cell:
    cell = cell_of(arm)
    if cell is None:
        raise NotReady(
            f"snapshot r{snapshot.number} of '{snapshot.experiment}' was stored before snapshots kept their moments, "
            "so its numbers cannot be computed from it alone. Analyse that day again: keepers backfill."
        )
    return cell


def _groups(snapshot: Snapshot, groups: Sequence[SegmentResult]) -> Iterator[SegmentResult]:
    for g in groups:
        arms = _cell(g.control, snapshot), _cell(g.variant, snapshot)
        yield readings.segment(snapshot.frozen, g.metric, g.treatment, (g.segment, g.value), arms)


def _trends(snapshot: Snapshot) -> tuple[Trend, ...]:
    control = snapshot.frozen.plan.control.key
    by_day: dict[str, Any] = {}
    for t in snapshot.trends:
        for d in t.days:
            if d.control is not None and d.variant is not None:
                arms = by_day.setdefault(t.metric, {})
                arms[control, d.day] = moments_of(d.control)
                arms[t.treatment, d.day] = moments_of(d.variant)
    spread = {(t.metric, t.treatment): t.spread for t in snapshot.trends if t.spread is not None}
    share = share_of(snapshot.frozen, snapshot.launched, snapshot.cutoff)
    return trends(snapshot.frozen, SinceExposure(by_day, spread, share))
