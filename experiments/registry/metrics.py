"""The stored metric catalogue."""

from sqlalchemy import select

from experiments.catalog import Catalog, Measure, Metric
from experiments.registry import log
from experiments.registry.database import Database
from experiments.registry.models import MeasureRow, MetricRow


def catalog(db: Database) -> Catalog:
    """Return the whole catalogue."""
    with db.read() as session:
        return Catalog(
            measures={r.key: Measure.model_validate(r.definition) for r in session.scalars(select(MeasureRow))},
            metrics={r.key: Metric.model_validate(r.definition) for r in session.scalars(select(MetricRow))},
        )


def apply(db: Database, changes: Catalog, by: str) -> list[str]:
    """Add or replace entries; return the keys that changed. DefinitionError if a metric then has no measure."""
    before = catalog(db)
    after = before.merged(changes)
    for key in after.metrics:
        after.define(key)
    changed = [k for k, m in changes.measures.items() if before.measures.get(k) != m]
    changed += [k for k, m in changes.metrics.items() if before.metrics.get(k) != m]
    was = {**before.measures, **before.metrics}
    now = {**changes.measures, **changes.metrics}
    with db.begin() as session:
        for key, measure in changes.measures.items():
            session.merge(MeasureRow(key=key, definition=measure.model_dump(mode="json")))
        for key, metric in changes.metrics.items():
            session.merge(MetricRow(key=key, definition=metric.model_dump(mode="json")))
        for key in changed:
            log.add(
                session, who=by, kind="metric", text=f"'{key}' defined or changed in the catalogue.",
                before=was[key].model_dump(mode="json") if key in was else None,
                after=now[key].model_dump(mode="json"),
            )  # fmt: skip
    return changed
