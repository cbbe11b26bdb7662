"""Imports a finished experiment: an analyst's first five minutes. The file becomes raw rows, then all is as usual."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from experiments import lifecycle
from experiments.analysis import analyze
from experiments.catalog import Catalog, Measure, Metric
from experiments.errors import DefinitionError, nearest
from experiments.filters import Filters
from experiments.plan import LONGEST, Goal, Plan, Variant
from experiments.plan_file import problems
from experiments.registry import Database, metrics, settings_store
from experiments.registry.keys import ENVIRONMENT
from experiments.registry.leases import lease
from experiments.rollup import collect
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import warehouse
from experiments.warehouse.files import Columns, Rows, raw_tables, read, read_counts

SIZE = "(rows)"  # of a cluster: no column that an export has


@dataclass(frozen=True)
class Finished:
    """What the file cannot say: the experiment's key, its control, and what would have been worthwhile.

    `clusters` says that the unit column names whole groups, and that an outcome is compared per row of theirs.
    """

    key: str
    title: str = ""
    control: str | None = None
    goals: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    worthwhile: float = 0.02
    unit: str = "user"
    covariates: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    filters: Filters = field(default_factory=dict)
    clusters: bool = False
    by: str = "import"


def import_rows(
    settings: Settings, path: Path, columns: Columns, finished: Finished, at: datetime | None = None
) -> Snapshot:
    """Import one row per unit or visit, analyse, and return the snapshot. DefinitionError says what the file lacks."""
    rows = read(path, columns, at or _last_week())
    if finished.clusters:
        rows = rows.counted(SIZE)
    return _import(settings, rows, finished, timed=columns.time is not None)


def import_counts(
    settings: Settings, paths: Mapping[str, Path], units: str, outcomes: Sequence[str], finished: Finished,
    *, at: datetime | None = None,
) -> Snapshot:  # fmt: skip
    """Import daily counts, one file per variant: units, and how many of them had each outcome."""
    return _import(settings, read_counts(paths, units, outcomes, at or _last_week()), finished, timed=True)


def _import(settings: Settings, rows: Rows, finished: Finished, *, timed: bool) -> Snapshot:
    db = Database(settings.registry)
    settings_store.fix_time_zone(db, settings.time_zone)
    first, last = (t.astimezone(settings.zone) for t in rows.span)
    span = (last.date() - first.date()).days + 1 if timed else 1
    if span > LONGEST:
        raise DefinitionError(
            f"the rows span {span} days, from {first:%Y-%m-%d} to {last:%Y-%m-%d}; an experiment has {LONGEST} at "
            "most: correct the times, or leave out the rows from before and after it."
        )
    variants = _variants(rows, finished)
    catalog, plan = _defined(rows, finished, span, variants)
    metrics.apply(db, catalog, finished.by)
    lifecycle.save(db, plan, finished.by)
    e = lifecycle.launch(db, finished.key, finished.by, at=first)
    lifecycle.stop(db, finished.key, finished.by, "Imported: it had ended before.", at=last)
    with lease(db, "lake"):
        lake = warehouse(settings)
        for table, day, part in raw_tables(rows, finished.key, finished.unit, variants, settings.time_zone):
            lake.append(ENVIRONMENT, table, day, f"import-{finished.key}", part)
        lake.publish()
    collect(settings, last.date())
    assert e.frozen is not None  # launch has just set both
    assert e.launched is not None
    return analyze(settings, finished.key, e.frozen.horizon(e.launched))


def _last_week() -> datetime:
    """One instant for all rows without a time: long enough ago that a week since then is over."""
    return datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=8)


def _variants(rows: Rows, finished: Finished) -> dict[str, str]:
    """Names in the file → keys, control first, the others in order of their names."""
    names = sorted(set(rows.variant))
    control = finished.control or next((n for n in names if n.lower() == "control"), None)
    if control not in names:
        known = ", ".join(f"'{n}'" for n in names)
        hint = f"{nearest(control, names)} " if control else ""
        raise DefinitionError(f"which variant is control? The file has {known}. {hint}Name it with --control.")
    ordered = [control, *(n for n in names if n != control)]
    keys = {name: slug(name) for name in ordered}
    if len(set(keys.values())) < len(keys):
        raise DefinitionError(f"two variants have the same key once written plainly: {keys}. Rename one in the file.")
    return keys


def _defined(rows: Rows, finished: Finished, span: int, variants: dict[str, str]) -> tuple[Catalog, Plan]:
    """The file's catalogue and plan; DefinitionError in words where a name or a number breaks a rule of plans."""
    try:
        plan = _plan(rows, finished, span, variants)
        return _catalog(rows, finished, span), plan
    except ValidationError as error:
        raise DefinitionError(problems(error, Plan)) from None


def slug(name: str) -> str:
    """Write a name as a key: lower case, other characters as single hyphens."""
    return re.sub(r"[^a-z0-9_.]+", "-", name.lower()).strip("-") or "unnamed"


def _catalog(rows: Rows, finished: Finished, span: int) -> Catalog:
    """One measure and one metric per outcome; names carry the experiment's key, so that imports never mix."""
    proportion = rows.yes_or_no
    measures = {
        f"{finished.key}:{o}": Measure(event=f"{finished.key}:{o}", aggregate="count" if proportion[o] else "sum")
        for o in rows.outcomes
    }
    made = (_outcome(finished, o, span, "proportion" if proportion[o] else "mean") for o in _compared(rows))
    return Catalog(measures=measures, metrics={m.key: m for m in made})


def _outcome(finished: Finished, outcome: str, span: int, kind: Literal["proportion", "mean"]) -> Metric:
    """The metric of one outcome: of clusters its total over their rows."""
    below = f"{finished.key}:{SIZE}" if finished.clusters else None
    return Metric(
        key=_metric(finished, outcome), title=outcome.replace("_", " ").capitalize(), window_days=span,
        measure=f"{finished.key}:{outcome}", denominator=below, kind="ratio" if below else kind,
    )  # fmt: skip


def _compared(rows: Rows) -> tuple[str, ...]:
    return tuple(o for o in rows.outcomes if o != SIZE)


def _metric(finished: Finished, outcome: str) -> str:
    return f"{finished.key}.{slug(outcome)}"


def _weights(variants: Mapping[str, str], finished: Finished) -> dict[str, float]:
    """The planned share of each variant by its name in the file: as stated, else equal."""
    if not finished.weights:
        return dict.fromkeys(variants, 1 / len(variants))
    missing = [name for name in variants if name not in finished.weights]
    if missing:
        raise DefinitionError(f"'{missing[0]}' has no weight; state one for every variant of the file, or for none.")
    return {name: finished.weights[name] for name in variants}


def _plan(rows: Rows, finished: Finished, span: int, variants: dict[str, str]) -> Plan:
    goals = finished.goals or _compared(rows)
    unknown = [g for g in goals if g not in rows.outcomes]
    if unknown:
        raise DefinitionError(f"the goal '{unknown[0]}' is not an outcome. {nearest(unknown[0], _compared(rows))}")
    weights = _weights(variants, finished)
    return Plan(
        key=finished.key, title=finished.title or finished.key, unit=finished.unit, clusters=finished.clusters,
        variants=tuple(Variant(key=k, title=name, weight=weights[name]) for name, k in variants.items()),
        goals=tuple(Goal(metric=_metric(finished, g), worthwhile=finished.worthwhile) for g in goals),
        secondary=tuple(_metric(finished, o) for o in _compared(rows) if o not in goals),
        covariates=finished.covariates, segments=finished.segments, filters=dict(finished.filters),
        enrol_days=-(-span // 7) * 7, method="fixed",
    )  # fmt: skip
