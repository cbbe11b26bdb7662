"""The stored metric catalogue, and how each metric was defined before."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import bindparam, func, literal, select, union_all

from experiments.catalog import Catalog, Definition, Measure, Metric
from experiments.errors import DefinitionError
from experiments.plan import FrozenPlan
from experiments.registry import log
from experiments.registry.database import Database, Session
from experiments.registry.models import MeasureRow, MetricRow
from experiments.registry.summary_models import MetricVersionRow

Entry = TypeVar("Entry", Measure, Metric)
Change = tuple[str, log.Facts | None, log.Facts]
_LATER = (  # made once: to build a statement takes longer than to run it
    select(MetricVersionRow.metric, MetricVersionRow.version, MetricVersionRow.definition)
    .where(MetricVersionRow.metric.in_(bindparam("metrics", expanding=True)), MetricVersionRow.version > 1)
    .order_by(MetricVersionRow.version)
)


@dataclass(frozen=True)
class Version:
    """A metric as it was defined from a moment on; `at` is None where that is not known, as it was long ago."""

    number: int
    definition: Definition
    by: str
    at: datetime | None


def catalog(db: Database) -> Catalog:
    """Return the whole catalogue."""
    both = union_all(
        select(literal("measure"), MeasureRow.key, MeasureRow.definition),
        select(literal("metric"), MetricRow.key, MetricRow.definition),
    )
    with db.read() as session:
        rows = session.execute(both).all()
    return Catalog(
        measures={key: Measure.model_validate(held) for kind, key, held in rows if kind == "measure"},
        metrics={key: Metric.model_validate(held) for kind, key, held in rows if kind == "metric"},
    )


def apply(db: Database, changes: Catalog, by: str) -> list[str]:
    """Add or replace entries; return the keys that changed. DefinitionError if a metric then has no measure."""
    before = catalog(db)
    after = before.merged(changes)
    for key in after.metrics:
        after.define(key)
    changed = [*_changed(before.measures, changes.measures), *_changed(before.metrics, changes.metrics)]
    with db.begin() as session:
        for key, measure in changes.measures.items():
            session.merge(MeasureRow(key=key, definition=measure.model_dump(mode="json")))
        for key, metric in changes.metrics.items():
            session.merge(MetricRow(key=key, definition=metric.model_dump(mode="json")))
        _new_versions(session, before, after, by)
        for key, was, now in changed:
            text = f"'{key}' defined or changed in the catalogue."
            log.add(session, who=by, kind="metric", text=text, before=was, after=now)
    return [key for key, _, _ in changed]


def versions(db: Database, key: str) -> list[Version]:
    """Return every definition of a metric, newest first."""
    query = select(MetricVersionRow).where(MetricVersionRow.metric == key).order_by(MetricVersionRow.version.desc())
    with db.read() as session:
        rows = session.scalars(query).all()
    return [Version(r.version, Definition.model_validate(r.definition), r.by, r.at) for r in rows]


def redefined(db: Database, frozen: FrozenPlan) -> dict[str, int]:
    """Return the metrics of a plan that the catalogue counts otherwise than at launch, with their newest versions."""
    found = db.rows(_LATER, {"metrics": list(frozen.definitions)})
    newest = {key: (version, held) for key, version, held in found}
    counts = {key: Definition.model_validate(held).untitled for key, (_, held) in newest.items()}
    return {key: newest[key][0] for key, now in counts.items() if now != frozen.definitions[key].untitled}


def _changed(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Iterator[Change]:
    """Each entry that is new or other than before, by key, with its JSON before and after."""
    for key, entry in after.items():
        was = before.get(key)
        if was != entry:
            yield key, was.model_dump(mode="json") if was else None, entry.model_dump(mode="json")


def _new_versions(session: Session, before: Catalog, after: Catalog, by: str) -> None:
    """Note each metric that now means something else, also where only a measure of it changed."""
    newest = func.max(MetricVersionRow.version)
    rows = session.execute(select(MetricVersionRow.metric, newest).group_by(MetricVersionRow.metric))
    last = {row[0]: row[1] for row in rows}
    for key in after.metrics:
        definition = after.define(key)
        if definition != defined(before, key):
            session.add(
                MetricVersionRow(
                    metric=key, version=last.get(key, 0) + 1, definition=definition.model_dump(mode="json"), by=by,
                    at=datetime.now(UTC),
                )
            )  # fmt: skip


def defined(catalog: Catalog, key: str) -> Definition | None:
    """Return a metric written out; None where the catalogue lacks it or its measure."""
    try:
        return catalog.define(key)
    except DefinitionError:
        return None
