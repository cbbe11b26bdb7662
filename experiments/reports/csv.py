"""The report as CSV: tidy, one row for each metric, treatment, segment and kind of estimate, then all other numbers."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any

from experiments.reports.model import Report
from experiments.reports.tables import Table, tables
from experiments.reports.wording import harmless
from experiments.snapshot import Effect, Expected, MetricResult, SegmentResult, Shrunken, Snapshot, Uncapped

ABOUT = ("experiment", "snapshot", "hash", "cutoff", "computed_at", "verdict")
METRIC = ("metric", "title", "role", "kind", "direction", "window_days", "size", "absolute", "waiting", "dunnett_p")
WHERE = ("treatment", "segment", "segment_value", "estimate")
ARMS = tuple(f"{side}_{what}" for side in ("control", "variant") for what in ("n", "mean", "sd"))
EFFECT = (
    "difference", "low", "high", "relative", "relative_low", "relative_high", "se", "df", "p_value", "critical",
    "chance", "level", "method",
)  # fmt: skip
COLUMNS = ABOUT + METRIC + WHERE + ARMS + EFFECT + ("reading", "note", "error", "entry", "number")
BESIDE = ("metric", "treatment", "note")
APART = {"Uncapped", "Funnels", "Looks", "Tests", "Trends", "Days", "Split", "Causes", "Facts", "Plan"}


def render(report: Report) -> bytes:
    """Return UTF-8 CSV with a header. `estimate` is 'used' (by the verdict), 'raw', 'uncapped' (raw without the cap of
    the metric, and so are its arms), 'always-valid', 'shrunken', 'expected' (after launch), 'predicted' or
    'since-launch' (of a look after launch, with its hash), or 'entry': then `entry` names a number that is no estimate,
    and `number` is it.

    Numbers are written in full and parse back exactly; an empty cell is unbounded or not known. Text that a
    spreadsheet would take for a formula starts with an apostrophe.
    """
    out = io.StringIO(newline="")
    table = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
    table.writeheader()
    for row in (*rows(report.snapshot), *_since_launch(report)):
        table.writerow({name: cell(value) for name, value in row.items()})
    return out.getvalue().encode()


def rows(snapshot: Snapshot) -> Iterator[dict[str, Any]]:
    """Yield all rows: metrics by role in declared order, then segments."""
    words = {t.treatment: t.word for t in snapshot.verdict.treatments}
    for result in snapshot.metrics:
        yield from _metric_rows(snapshot, result, words)
    for part in (*snapshot.segments, *snapshot.others):
        like = next(m for m in snapshot.metrics if (m.metric, m.treatment) == (part.metric, part.treatment))
        base = {**_about(snapshot, words, part.treatment), **_metric(like), **_segment(part)}
        yield {**base, **_effect(part.effect)}
        if part.shrunken is not None:
            yield {**base, **_shares("shrunken", part.shrunken), "method": "empirical-bayes"}
    for table in tables(snapshot):
        yield from _entries(table, _about(snapshot, {}, "")) if table.title in APART else ()


def _since_launch(report: Report) -> Iterator[dict[str, Any]]:
    """Two rows for each goal after launch: what was predicted, and what was measured since."""
    seen, decision = report.after, report.decision
    if seen is None or decision is None:
        return
    own = {"hash": seen.hash, "cutoff": seen.cutoff.isoformat(), "computed_at": seen.computed_at.isoformat()}
    for o in seen.outcomes:
        named = {"metric": o.metric, "title": o.title, "role": "goal", "treatment": decision.variant, "reading": o.word}
        at = {**_about(report.snapshot, {}, ""), **own, **named}
        yield {**at, "estimate": "predicted", "relative": o.predicted}
        measured = {"relative": o.measured, "relative_low": o.low, "relative_high": o.high, "level": o.level}
        yield {**at, "estimate": "since-launch", **measured}


def cell(value: Any) -> Any:
    """Escape text that a spreadsheet would run, and write the rest so that it parses back exactly."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, str):
        return harmless(value)
    return "" if value is None else value


def _metric_rows(snapshot: Snapshot, result: MetricResult, words: dict[str, Any]) -> Iterator[dict[str, Any]]:
    kinds: Iterable[tuple[str, Effect | None]] = (
        ("used", result.effect), ("raw", result.raw), ("always-valid", result.band),
    )  # fmt: skip
    base = {**_about(snapshot, words, result.treatment), **_metric(result), "treatment": result.treatment}
    base.update(_arms(result))
    base.update(reading=result.reading, note=result.note, error=result.error)
    for name, effect in kinds:
        if effect is not None or name == "used":
            yield {**base, "estimate": name, **_effect(effect)}
    if result.uncapped is not None:
        yield {**base, **_arms(result.uncapped), "estimate": "uncapped", **_effect(result.uncapped.effect)}
    if result.expected is not None:
        yield {**base, **_shares("expected", result.expected)}


def _about(snapshot: Snapshot, words: dict[str, Any], treatment: str) -> dict[str, Any]:
    return {
        "experiment": snapshot.experiment, "snapshot": snapshot.number, "hash": snapshot.hash,
        "cutoff": snapshot.cutoff.isoformat(), "computed_at": snapshot.computed_at.isoformat(),
        "verdict": words.get(treatment, snapshot.verdict.word),
    }  # fmt: skip


def _metric(result: MetricResult) -> dict[str, Any]:
    return {name: getattr(result, name) for name in METRIC}


def _arms(result: MetricResult | SegmentResult | Uncapped) -> dict[str, Any]:
    both = {"control": result.control, "variant": result.variant}
    return {f"{k}_{what}": getattr(arm, what) for k, arm in both.items() if arm for what in ("n", "mean", "sd")}


def _segment(part: SegmentResult) -> dict[str, Any]:
    place = {"treatment": part.treatment, "segment": part.segment, "segment_value": part.value, "estimate": "raw"}
    return {**place, **_arms(part)}


def _effect(effect: Effect | None) -> dict[str, Any]:
    return {} if effect is None else {name: getattr(effect, name) for name in EFFECT}


def _shares(estimate: str, found: Shrunken | Expected) -> dict[str, Any]:
    numbers = {"relative": found.relative, "relative_low": found.low, "relative_high": found.high}
    return {"estimate": estimate, **numbers, "level": found.level}


def _entries(table: Table, about: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """One row for each number of a table, named by the words that stand beside it."""
    for values in table.rows:
        row = dict(zip(table.columns, values, strict=True))
        words = [str(v) for k, v in row.items() if (isinstance(v, str) or k == "day") and k not in BESIDE]
        place: dict[str, Any] = {k: row[k] for k in ("metric", "treatment") if k in row}
        for name, value in row.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                entry = ".".join((table.title.lower(), *words, *([] if name == "value" else [name])))
                yield {**about, **place, "estimate": "entry", "entry": entry, "number": value}
