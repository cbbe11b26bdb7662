"""Analyses one experiment at one cutoff: roll-ups → moments → estimates → verdict → stored snapshot."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import stats
from experiments import __version__, arriving, daily, health, wording
from experiments.causes import causes
from experiments.causes import sentence as cause_in_words
from experiments.errors import Conflict, Distrusted, NotReady
from experiments.evidence import Evidence, Moment
from experiments.forgetting import marked
from experiments.health import Vitals
from experiments.numbers import days as day_range
from experiments.others import Found, interactions, overlapping
from experiments.plan import FrozenPlan
from experiments.registry import Database, experiments, settings_store, snapshots
from experiments.registry.experiments import Experiment
from experiments.registry.keys import ENVIRONMENT
from experiments.results import clock, earlier, precision, results
from experiments.rollup import closed_through
from experiments.segments import differences, segment_results, with_shrunken
from experiments.settings import Settings
from experiments.since_exposure import since_exposure
from experiments.snapshot import Excluded, MetricResult, Progress, Snapshot
from experiments.trends import SinceExposure, trends
from experiments.verdict import judge
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse.deliveries import Deliveries
from experiments.warehouse.lake import day_of
from experiments.warehouse.moments import Cell, Question, UnitCounts, Units, cells, counts, forced, per_unit, sql_of
from experiments.warehouse.overlaps import Phase
from experiments.warehouse.slices import slices
from experiments.warehouse.traffic import newcomers
from experiments.warehouse.windows import finished


@dataclass(frozen=True)
class Seen:
    """What was read from the warehouse for one look, and the question that it answers."""

    question: Question
    counts: dict[str, UnitCounts]
    cells: dict[str, dict[str, Cell]]
    errors: dict[str, str]
    forced: int
    sql: dict[str, str]
    last_exposure: date | None
    newcomers: dict[date, int]  # by day, where exposures are missing
    segments: dict[str, dict[str, dict[Any, Cell]]]
    by_day: SinceExposure
    others: Found
    deliveries: Deliveries


@dataclass(frozen=True)
class Occasion:
    """One look about to be taken: at what, up to which day, with the official looks up to that day."""

    experiment: Experiment
    frozen: FrozenPlan
    launched: date
    cutoff: date
    history: tuple[Snapshot, ...]
    official: bool
    time_zone: str

    @property
    def before(self) -> tuple[Snapshot, ...]:
        """Official looks at earlier days: a look taken again sees what it saw the first time."""
        return tuple(s for s in self.history if s.cutoff < self.cutoff)


def due(settings: Settings) -> list[str]:
    """Return keys of running and stopped experiments that a newly closed day allows an official look at."""
    db, closed = Database(settings.registry), closed_through(warehouse(settings))
    zone = ZoneInfo(settings_store.time_zone(db))
    waiting = (e for e in experiments.listing(db) if e.state in {"running", "stopped"})
    return sorted(e.key for e in waiting if closed and _has_new_day(db, e, closed, zone))


def analyze(settings: Settings, key: str, cutoff: date | None = None, *, official: bool = True) -> Snapshot:
    """Analyse one experiment up to the close of `cutoff` (default: the last closed day) and store the snapshot.

    A second look at a day, or one at an earlier day, is not official and spends nothing, whatever is asked.
    NotReady before the day has closed, unless the experiment has stopped; Conflict for a draft.
    """
    db, lake = Database(settings.registry), warehouse(settings)
    e, frozen, launched = launch_of(db, key)
    closed, zone = closed_through(lake), settings_store.time_zone(db)
    at = cutoff or _last_day(e, frozen, launched, closed, ZoneInfo(zone))
    if at is not None and e.stopped_at is None and (closed is None or at > closed):
        raise NotReady(f"{at} is not rolled up, and '{key}' still runs. Choose a closed day, or run 'keepers collect'.")
    if at is None or at < launched:
        before = f" Days before are those of phase {e.phase - 1}, whose looks stay as they are." if e.phase > 1 else ""
        since = f"'{key}' was launched on" if e.phase == 1 else f"phase {e.phase} of '{key}' began on"
        raise NotReady(f"{since} {launched} and no day since is rolled up. Run 'keepers collect' first.{before}")
    history = tuple(snapshots.history(db, key))
    official = official and not any(s.cutoff >= at for s in history)
    occasion = Occasion(e, frozen, launched, at, tuple(s for s in history if s.cutoff <= at), official, zone)
    lost = arriving.lost(settings, e, frozen.phase, at, zone)
    others = overlapping(experiments.listing(db), key, frozen, (launched, at), ZoneInfo(zone))
    question = question_of(lake, key, frozen, launched, at, others=others)
    snapshot = marked(db, look(lake, occasion, question, others, lost))
    return snapshots.append(db, snapshot, _change(snapshot, history), daily.newest(occasion.before, snapshot))


def look(
    lake: Warehouse, occasion: Occasion, question: Question, others: Sequence[Phase], lost: dict[str, int]
) -> Snapshot:
    """Return what one look sees, not stored yet; `lost` are exposures that clients dropped, by variant."""
    return _snapshot(occasion, _see(lake, occasion, question, others), lost)


def launch_of(db: Database, key: str) -> tuple[Experiment, FrozenPlan, date]:
    """Return an experiment with its frozen plan and the first day of its phase; Conflict for a draft."""
    e = experiments.get(db, key)
    if e.frozen is None or e.began is None:
        raise Conflict(f"'{key}' is a draft, and has nothing to analyse. Launch it first.")
    return e, e.frozen, e.began


def _change(snapshot: Snapshot, history: tuple[Snapshot, ...]) -> str:
    """A changed verdict in words, for the log, so that people see since when it holds; "" for the same as before."""
    before, word = history[-1].verdict.word if history else None, snapshot.verdict.word
    if word == before:
        return ""
    return f"Verdict changed from {before} to {word}." if before else f"First verdict: {word}."


def _has_new_day(db: Database, e: Experiment, closed: date, zone: ZoneInfo) -> bool:
    _, frozen, launched = launch_of(db, e.key)
    last = _last_day(e, frozen, launched, closed, zone)
    try:
        newest = max((s.cutoff for s in snapshots.history(db, e.key)), default=None)
    except Distrusted:  # its own analysis says so, and the others go on
        return True
    return last is not None and last >= launched and (newest is None or newest < last)


def _last_day(e: Experiment, frozen: FrozenPlan, launched: date, closed: date | None, zone: ZoneInfo) -> date | None:
    """The last closed day; for a stopped experiment, at most the day on which its last windows are complete."""
    if closed is None or e.stopped_at is None:
        return closed
    end = min(e.stopped_at.astimezone(zone).date(), frozen.enrols_until(launched)) + timedelta(
        days=frozen.longest_window - 1
    )
    return min(closed, end)


def _see(lake: Warehouse, o: Occasion, question: Question, others: Sequence[Phase]) -> Seen:
    """Read what the look needs. What each unit did is worked out once, and kept until all has been read."""
    frozen, exposures = question.frozen, question.exposure_days
    every = _kept(lake, question, frozen.plan.metric_keys)
    found, errors, sql = _cells(question, frozen.plan.metric_keys, every)
    working = [k for k in frozen.plan.metric_keys if k not in errors]
    decisive = [k for k in working if k not in frozen.plan.secondary]
    goals = [g.metric for g in frozen.plan.goals if g.metric in working]
    mine = exposures.filter((exposures.experiment == question.experiment) & (exposures.phase == frozen.phase))
    last = _day_or_none(mine.day.max().to_pyarrow().as_py())
    units = lake.keep(per_unit(question, working)) if every is None else every
    segments = {s: cells(question, decisive, s, units) for s in frozen.plan.segments if decisive}
    return Seen(
        question, counts(question), found, errors, forced(question), sql=sql, segments=segments,
        last_exposure=last, newcomers=_newcomers(lake, question) if _exposures_missing(o, last) else {},
        by_day=since_exposure(lake, question, decisive, units),
        others=interactions(lake, question, goals, others, units),
        deliveries=arriving.delivered(
            lake, question, units, metrics=working, environment=ENVIRONMENT,
            since=int(o.experiment.created_at.timestamp() * 1e6),
        ),
    )  # fmt: skip


def _kept(lake: Warehouse, question: Question, keys: Sequence[str]) -> Units | None:
    """All metrics of every unit as a temporary table; None where one of them fails, and each is to be asked alone."""
    try:
        return lake.keep(per_unit(question, list(keys)))
    except Exception:  # the metric that fails is found, and told, by asking again
        return None


def question_of(
    lake: Warehouse, key: str, frozen: FrozenPlan, launched: date, cutoff: date, *, others: Sequence[Phase] = ()
) -> Question:
    """Return what to ask the warehouse of one experiment at one cutoff; `others` are those that it is held against."""
    span, singly = _span(frozen, launched, cutoff), any(d.singly for d in frozen.definitions.values())
    every = [d for d in lake.days(ENVIRONMENT, "exposure_days") if d <= cutoff]
    asked = Question(
        experiment=key, frozen=frozen, launched=launched, cutoff=cutoff,
        exposure_days=lake.table(ENVIRONMENT, "exposure_days", every, [key, *(o for o, _ in others)]),
        outcome_days=lake.table(ENVIRONMENT, "outcome_days", span, [key]),
        unit_events=lake.table(ENVIRONMENT, "unit_events", span if singly else []),
    )  # fmt: skip
    totals = lake.table(ENVIRONMENT, "total_days", span, [key])
    return replace(asked, finished=finished(totals, key, frozen, launched, cutoff=cutoff))


def _span(frozen: FrozenPlan, launched: date, cutoff: date) -> list[date]:
    """The days that the metrics measure, from the first pre-period on."""
    longest_before = max(d.metric.pre_days for d in frozen.definitions.values())
    return [launched + timedelta(days=i) for i in range(-longest_before, (cutoff - launched).days + 1)]


def _newcomers(lake: Warehouse, q: Question) -> dict[date, int]:
    return newcomers(q, lake.table(ENVIRONMENT, "unit_days", _span(q.frozen, q.launched, q.cutoff)))


def _day_or_none(number: int | None) -> date | None:
    return None if number is None else day_of(number)


def _cells(
    question: Question, keys: Sequence[str], units: Units | None = None
) -> tuple[dict[str, dict[str, Cell]], dict[str, str], dict[str, str]]:
    """All metrics by one query; if that fails each by its own, so that one broken metric never hides the others."""
    try:
        found = cells(question, keys, units=units)
        return {k: _everyone(c) for k, c in found.items()}, {}, {"moments": sql_of(question, list(keys))}
    except Exception as error:  # whatever an engine may raise becomes a row on the page
        if len(keys) == 1:
            return {}, {keys[0]: f"{type(error).__name__}: {error}"}, {}
    parts = [_cells(question, [k]) for k in keys]
    return (
        {k: v for p in parts for k, v in p[0].items()},
        {k: v for p in parts for k, v in p[1].items()},
        {f"moments of {k}": p[2]["moments"] for k, p in zip(keys, parts, strict=True) if p[2]},
    )


def _everyone(cells_of_metric: dict[Any, Cell]) -> dict[str, Cell]:
    return {variant: cell for (variant, _), cell in cells_of_metric.items()}


def _snapshot(o: Occasion, seen: Seen, lost: dict[str, int]) -> Snapshot:
    vitals = _vitals(o, seen, lost)
    split = health.split(vitals)
    why = causes(split, slices(seen.question)) if health.uneven(split) else ()
    checks = health.checks(vitals, split, cause_in_words(why, o.frozen.plan.unit, o.frozen.plan.names))
    rows, evidence = _judged(o, seen)
    segments = with_shrunken([*segment_results(o.frozen, seen.segments)])
    shared, others, other_tests = seen.others
    verdict = judge(checks, evidence, _moment(o), wording.rule(o.frozen.plan))
    return Snapshot(
        experiment=o.experiment.key, number=0, official=o.official, environment=ENVIRONMENT, launched=o.launched,
        cutoff=o.cutoff, time_zone=o.time_zone, frozen=o.frozen, plan_hash=o.experiment.plan_hash or "",
        state=o.experiment.state, verdict=verdict, checks=checks, progress=_progress(o, seen, rows), split=split,
        excluded=_excluded(seen), metrics=rows, segments=segments, segment_tests=differences(o.frozen, segments),
        causes=why, trends=trends(o.frozen, seen.by_day),
        shared=shared, others=others, other_tests=other_tests, versions=_versions(), sql=seen.sql,
        computed_at=datetime.now(UTC),
    )  # fmt: skip


def _judged(o: Occasion, seen: Seen) -> tuple[tuple[MetricResult, ...], tuple[Evidence, ...]]:
    before = earlier(o.history, o.cutoff, o.frozen.planned_horizon(o.launched))
    now = clock(o.frozen, o.launched, o.cutoff, official=o.official, ended=before.ended)
    return results(o.frozen, seen.cells, before, now, seen.errors)


def _vitals(o: Occasion, seen: Seen, lost: dict[str, int]) -> Vitals:
    last, stopped = seen.last_exposure, _stopped(o)
    return Vitals(
        silent=health.silent_days(seen.newcomers, o.launched, last, _enrolled(o)) if last and seen.newcomers else (),
        frozen=o.frozen, plan_hash=o.experiment.plan_hash or "",
        stored_hash=o.experiment.stored_hash or "", past_changed=o.experiment.past_changed,
        counts=seen.counts, cells=seen.cells, losses=lost,
        cutoff=o.cutoff, enrols_until=min(o.frozen.enrols_until(o.launched), stopped or date.max),
        last_exposure=last, before=o.before, deliveries=seen.deliveries,
    )  # fmt: skip


def _exposures_missing(o: Occasion, last: date | None) -> bool:
    """Whether so many whole days had no exposure that newcomers are to be counted."""
    return last is not None and (_enrolled(o) - last).days >= health.SILENT_DAYS


def _enrolled(o: Occasion) -> date:
    """The last whole day up to the cutoff on which units were to enrol."""
    stopped = _stopped(o)
    return min(o.cutoff, o.frozen.enrols_until(o.launched), stopped - timedelta(days=1) if stopped else date.max)


def _stopped(o: Occasion) -> date | None:
    at = o.experiment.stopped_at
    return at.astimezone(ZoneInfo(o.time_zone)).date() if at else None


def _moment(o: Occasion) -> Moment:
    launched, horizon = o.launched, o.frozen.horizon(o.launched)
    first, last = _answers(o.frozen, launched, o.cutoff)
    between = f"between {day_range(first, None)} and {day_range(last, None)}"
    end = _last_day(o.experiment, o.frozen, launched, date.max, ZoneInfo(o.time_zone))
    return Moment(
        day=_day(launched, o.cutoff), minimum_days=o.frozen.plan.minimum_days, days=_day(launched, horizon),
        answer=between if first != last else f"on {day_range(last, None)}",
        cut_short=end is not None and end < horizon and o.cutoff >= end,
    )  # fmt: skip


def _answers(frozen: FrozenPlan, launched: date, cutoff: date) -> tuple[date, date]:
    earliest = launched + timedelta(days=frozen.plan.minimum_days)
    horizon = frozen.horizon(launched) + timedelta(days=1)
    return min(max(cutoff + timedelta(days=2), earliest), horizon), horizon


def _day(launched: date, cutoff: date) -> int:
    return (cutoff - launched).days + 1


def _progress(o: Occasion, seen: Seen, rows: tuple[MetricResult, ...]) -> Progress:
    frozen = o.frozen
    first, last = _answers(frozen, o.launched, o.cutoff)
    ended = o.cutoff >= frozen.horizon(o.launched)
    return Progress(
        day=_day(o.launched, o.cutoff), days=_day(o.launched, frozen.horizon(o.launched)),
        precision=precision(frozen, rows),
        people=sum(c.split - c.filtered for c in seen.counts.values()), people_planned=frozen.plan.planned_units,
        answer_from=None if ended else first, answer_to=None if ended else last,
    )  # fmt: skip


def _excluded(seen: Seen) -> Excluded:
    def total(name: str) -> int:
        return sum(getattr(c, name) for c in seen.counts.values())

    return Excluded(
        crossovers=total("crossovers"), earlier_phase=total("earlier_phase"),
        outside_enrolment=total("outside_enrolment"), forced=seen.forced, filtered=total("filtered"),
    )  # fmt: skip


def _versions() -> dict[str, str]:
    return {"keepers": __version__, "stats": getattr(stats, "__version__", __version__)}
