"""What experiments that run, or are drafts, claim: whose traffic, which metrics, which part of the product."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from experiments.registry import overview
from experiments.registry.database import Database
from experiments.registry.models import ExperimentRow
from experiments.registry.summary_models import CardRow

OPEN = ("running", "draft")


@dataclass(frozen=True)
class Claim:
    """One experiment's claim on units of one type.

    `place` names its layer as the split knows it: salt and algorithm, '' for none; `start` and `end` are its slice,
    shares of the layer. `share` of all units enters it. `until` is the last day of a running one's windows.
    """

    key: str
    title: str
    unit: str
    state: str = "draft"
    until: date | None = None
    layer: str = ""
    place: str = ""
    start: float = 0.0
    end: float = 1.0
    share: float = 1.0
    metrics: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    targeted: bool = False


def claims(db: Database, unit: str) -> Sequence[Claim]:
    """Return the claims of all running experiments and drafts on units of a type, running ones first, by key."""
    return _claims(db, overview.version(db), unit)


@lru_cache(maxsize=64)
def _claims(db: Database, at: tuple[int, int], unit: str) -> Sequence[Claim]:
    """Read once as long as nothing changes."""
    query = select(ExperimentRow.plan, CardRow.state, CardRow.horizon).join(
        CardRow, CardRow.experiment == ExperimentRow.key
    )
    mine = query.where(CardRow.unit == unit, CardRow.state.in_(OPEN))
    with db.read() as session:
        rows = session.execute(mine.order_by(CardRow.state.desc(), CardRow.experiment)).all()
    return tuple(claim(row[0], row[1], row[2]) for row in rows)


def claim(plan: dict[str, Any], state: str = "draft", until: date | None = None) -> Claim:
    """Read a plan's claim from its stored form, which is as `Plan` writes it by alias."""
    layer, holdout = plan.get("layer") or {}, plan.get("holdout") or {}
    start, end = layer.get("from", 0.0), layer.get("to", 1.0)
    ranges = [last - first for v in plan["variants"] for first, last in v.get("ranges", ())]
    coverage = sum(ranges) if ranges else plan.get("coverage", 1.0)
    return Claim(
        key=plan["key"], title=plan.get("title") or plan["key"], unit=plan.get("unit", "user"), state=state,
        until=until, layer=layer.get("name", ""), start=start, end=end,
        place=f"{layer.get('algorithm', 'keepers')}/{layer['salt']}" if layer else "",
        share=coverage * (end - start) * (1 - holdout.get("share", 0.0)),
        metrics=tuple(m["metric"] for role in ("goals", "guardrails") for m in plan.get(role, ())),
        tags=tuple(plan.get("tags", ())), targeted=bool(plan.get("targeting")),
    )  # fmt: skip
