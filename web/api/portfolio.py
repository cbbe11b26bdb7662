"""The portfolio, learnings, and the records of metrics, for programs."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Literal

from flask import Response
from pydantic import BaseModel, ConfigDict, Field

from experiments.catalog import Definition
from experiments.portfolio import records
from experiments.registry import metrics, overview, search
from experiments.reports.programme import FILES, Programme
from web.api.blueprint import operation
from web.api.problems import ApiProblem
from web.api.types import Given
from web.portfolio.page import FIRST, LAST, ask, of
from web.stores import stores

MOST = 100


class Days(Given):
    """Which days, both included, and whose experiments; by default the twelve months until today, of all teams."""

    first: date | None = Field(default=None, alias="from", ge=FIRST, le=LAST)
    last: date | None = Field(default=None, alias="to", ge=FIRST, le=LAST)
    team: str = Field(default="", max_length=200)


class DaysInParts(Days):
    """Which days, whose experiments, and which part of those that were tried, and of the losses avoided."""

    limit: int = Field(default=MOST, ge=1, le=MOST)
    offset: int = Field(default=0, ge=0, le=10**9)


class ProgrammePart(Programme):
    """A programme's days, with a part of what was `tried` and `avoided`; `next` is the offset of the part after it.

    It is null at the end of both. All other numbers are of the whole: `decided` were tried, `losses` avoided.
    """

    losses: int
    next: int | None


class Learnt(BaseModel):
    """An experiment that a search found. `passage` is where, empty if nothing was searched for."""

    key: str
    title: str
    state: str
    team: str
    decision: str
    decided: date | None
    learning: str
    tags: tuple[str, ...]
    passage: str


class Learnings(BaseModel):
    """A part of what was found; `next` is the offset of the part after it, null at the end."""

    items: list[Learnt]
    next: int | None


class LearningsAsked(Given):
    """Words that a learning's experiment holds, a tag, a decision, and which part of the list."""

    q: str = Field(default="", max_length=400)
    tag: str = Field(default="", max_length=200)
    outcome: Literal["", "keep", "drop", "again"] = ""
    limit: int = Field(default=50, ge=1, le=MOST)
    offset: int = Field(default=0, ge=0, le=10**9)


class Described(Given):
    """A text, such as a hypothesis, and the key of an experiment that is not to be found."""

    text: str = Field(default="", max_length=4000)
    besides: str = Field(default="", max_length=120)
    limit: int = Field(default=5, ge=1, le=20)


class MetricVersion(BaseModel):
    """A metric as it was defined from a moment on, null where that is not known."""

    number: int
    at: datetime | None
    by: str
    definition: Definition


class MetricRecord(BaseModel):
    """How often a metric moved in finished experiments, and every way in which it was defined, newest first.

    `low` and `high` bound the share of goals that became better (95 %).
    """

    model_config = ConfigDict(from_attributes=True)
    metric: str
    experiments: int
    goals: int
    better: int
    worse: int
    flat: int
    unknown: int
    low: float
    high: float
    guardrails: int
    safe: int
    harmed: int
    versions: list[MetricVersion]


@operation("GET", "/portfolio", query=DaysInParts, answer=ProgrammePart)
def get_portfolio(query: DaysInParts) -> ProgrammePart:
    """Read what all experiments of some days amount to.

    What was tried, kept and dropped, how fast, how well, and what it is worth in sum.
    """
    made, part = _programme(query), slice(query.offset, query.offset + query.limit)
    more = max(len(made.tried), len(made.avoided)) > part.stop
    parted = {"tried": made.tried[part], "avoided": made.avoided[part], "losses": len(made.avoided)}
    return ProgrammePart.model_construct(**{**dict(made), **parted, "next": part.stop if more else None})


@operation("GET", "/portfolio/report.<kind>", query=Days, media=tuple(media for media, _, _ in FILES.values()))
def get_programme_report(kind: str, query: Days) -> Response:
    """Read the programme report of some days as a file."""
    if kind not in FILES:
        raise ApiProblem(404, f"'{kind}' is no format of it; choose one of {', '.join(FILES)}.")
    media, _, render = FILES[kind]
    made = _programme(query)
    headers = {"Content-Disposition": f'attachment; filename="{made.file_stem}.{kind}"'}
    return Response(render(made), headers=headers, content_type=media)


@operation("GET", "/learnings", query=LearningsAsked, answer=Learnings)
def list_learnings(query: LearningsAsked) -> Learnings:
    """Search learnings.

    Best first, or without words those decided last first.
    """
    within = search.Within(tag=query.tag, outcome=query.outcome)
    found = search.learnings(stores().db, query.q, query.limit + 1, offset=query.offset, within=within)
    more = len(found) > query.limit
    items = [_learnt(f) for f in found[: query.limit]]
    return Learnings(items=items, next=query.offset + query.limit if more else None)


@operation("GET", "/similar", query=Described, answer=Learnings)
def list_similar(query: Described) -> Learnings:
    """Find experiments that are about the same as a text, most alike first."""
    found = search.similar(stores().db, query.text, query.limit, besides=query.besides)
    return Learnings(items=[_learnt(f) for f in found], next=None)


@operation("GET", "/metrics/<metric>/record", answer=MetricRecord)
def get_metric_record(metric: str) -> MetricRecord:
    """Read how often a metric moved, and whither, and how it was defined."""
    db = stores().db
    found = metrics.versions(db, metric)
    if not found:
        raise ApiProblem(404, f"No metric is called '{metric}'. Read /metrics for those that are.")
    record: dict[str, Any] = asdict(records.record(metric, overview.effects(db, metric)))
    versions = [MetricVersion(number=v.number, at=v.at, by=v.by, definition=v.definition) for v in found]
    return MetricRecord.model_validate({**record, "versions": versions})


def _programme(query: Days) -> Programme:
    if query.first and query.last and query.first > query.last:
        raise ApiProblem(400, f"The days begin on {query.first} and end on {query.last}: choose a later end.")
    return of(ask(query.first, query.last, query.team)).programme


def _learnt(f: search.Found) -> Learnt:
    return Learnt(
        key=f.key, title=f.title, state=f.state, team=f.team, decision=f.decision, decided=f.decided,
        learning=f.learning, tags=f.tags, passage="".join(text for text, _ in f.snippet),
    )  # fmt: skip
