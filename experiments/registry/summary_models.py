"""What pages over many experiments read instead of plans and snapshots: one card each, its newest effects, its texts.

All of it can be made again from the other tables; `experiments.registry.cards` keeps it in step.
"""

import json
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ColumnElement, ForeignKey, Index, String, Text, cast, false
from sqlalchemy.orm import Mapped, mapped_column

from experiments.registry.models import RegistryBase


class CardRow(RegistryBase):
    """One experiment: what its plan, its state, its decision and its newest snapshot say, without their bodies.

    `horizon` is None before launch. `complete` says that the brief names what, why and who. `since` is the cutoff of
    the first of those looks that ended with the newest one's word.
    """

    __tablename__ = "cards"
    __table_args__ = (Index("ix_cards_state", "state", "word"),)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(20))
    team: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(200))
    unit: Mapped[str] = mapped_column(String(120))
    tags: Mapped[list[str]] = mapped_column(JSON)
    variants: Mapped[int]
    complete: Mapped[bool]
    targeted: Mapped[bool]
    coverage: Mapped[float]
    layer: Mapped[str] = mapped_column(String(200))
    layer_from: Mapped[float]
    layer_to: Mapped[float]
    enrol_days: Mapped[int]
    created_at: Mapped[datetime]
    launched: Mapped[date | None]
    horizon: Mapped[date | None]
    stopped_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[str] = mapped_column(String(20))
    kept: Mapped[str] = mapped_column(String(120))
    rollout: Mapped[float | None]
    followed: Mapped[bool | None]
    decided_from: Mapped[str] = mapped_column(String(20))
    learning: Mapped[str] = mapped_column(Text)
    archived: Mapped[bool] = mapped_column(server_default=false())
    words: Mapped[str] = mapped_column(Text)
    number: Mapped[int | None]
    cutoff: Mapped[date | None]
    since: Mapped[date | None]
    day: Mapped[int | None]
    days: Mapped[int | None]
    precision: Mapped[float | None]
    people: Mapped[int | None]
    people_planned: Mapped[int | None] = mapped_column(BigInteger)
    answer_from: Mapped[date | None]
    answer_to: Mapped[date | None]
    word: Mapped[str | None] = mapped_column(String(20))
    headline: Mapped[str | None] = mapped_column(String(240))
    failing: Mapped[str | None] = mapped_column(String(200))

    @classmethod
    def has_tag(cls, tag: str) -> ColumnElement[bool]:
        """The condition that an experiment has this tag: a tag is stored as JSON writes it."""
        return cast(cls.tags, Text).contains(json.dumps(tag), autoescape=True)


class EffectRow(RegistryBase):
    """One metric of one treatment in the newest snapshot of an experiment; relative sizes are shares of control.

    `effect` with its interval is what the verdict used. `lift` and `variance` are what a sample alone says, without
    a prior, None where control's mean is 0; `expected` is corrected for having been selected.
    """

    __tablename__ = "effects"
    __table_args__ = (Index("ix_effects_metric", "metric", "role"),)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), primary_key=True)
    treatment: Mapped[str] = mapped_column(String(120), primary_key=True)
    metric: Mapped[str] = mapped_column(String(120), primary_key=True)
    role: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(String(20))
    direction: Mapped[str] = mapped_column(String(20))
    symbol: Mapped[str] = mapped_column(String(8))
    reading: Mapped[str] = mapped_column(String(40))
    harmed: Mapped[bool]
    valid: Mapped[bool]
    effect: Mapped[float | None]
    low: Mapped[float | None]
    high: Mapped[float | None]
    lift: Mapped[float | None]
    variance: Mapped[float | None]
    expected: Mapped[float | None]
    control_mean: Mapped[float | None]
    control_sd: Mapped[float | None]
    units: Mapped[int | None]


class TextRow(RegistryBase):
    """What people wrote about an experiment, to be searched."""

    __tablename__ = "texts"
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), unique=True)
    title: Mapped[str] = mapped_column(Text)
    hypothesis: Mapped[str] = mapped_column(Text)
    learning: Mapped[str] = mapped_column(Text)
    tags: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)


class MetricVersionRow(RegistryBase):
    """A metric as it was defined at some time, with its measures; `version` counts from 1."""

    __tablename__ = "metric_versions"
    metric: Mapped[str] = mapped_column(String(120), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    definition: Mapped[dict[str, Any]]
    by: Mapped[str] = mapped_column(String(254))
    at: Mapped[datetime | None]
