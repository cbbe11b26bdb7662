"""What pages show beside experiments, for programs: the live events, the calendar, and what a metric is good for."""

from datetime import UTC, date, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from experiments.inbox import live
from experiments.planning import calibration, margins, priors
from experiments.portfolio.calendar import Layer
from web.api.blueprint import operation
from web.api.metrics import get_metric
from web.api.problems import ApiProblem
from web.api.types import Given
from web.portfolio.page import ask, of
from web.stores import stores

COUNTED, EXPLAINED = timedelta(minutes=5), timedelta(hours=1)


class EventsAsked(Given):
    """Words in names, variants, units and reasons; which kind, and what became of them."""

    text: str = Field(default="", max_length=200)
    kind: Literal["", "exposure", "event"] = ""
    result: Literal["", "counted", "rejected"] = ""
    limit: int = Field(default=100, ge=1, le=100)


class Arrived(BaseModel):
    """One event that arrived; a rejected one says why."""

    model_config = ConfigDict(from_attributes=True)
    received_at: datetime
    at: datetime | None
    kind: str
    name: str
    variant: str
    value: str
    unit: str
    environment: str
    result: str
    reason: str
    message: str
    sdk: str


class Reason(BaseModel):
    """How often events were rejected for one reason in the last hour, and the newest of them in words."""

    model_config = ConfigDict(from_attributes=True)
    reason: str
    message: str
    count: int
    first_seen: datetime
    sdk: str


class Events(BaseModel):
    """The newest events, newest first, with how many came in the last five minutes and why others were rejected."""

    items: list[Arrived]
    exposures: int
    events: int
    duplicate: int
    rejected: int
    last_at: datetime | None
    reasons: list[Reason]


class Stay(BaseModel):
    """One experiment's days, both included; `over` is when those of one that still runs were over, else null."""

    key: str
    title: str
    planned: bool
    first: date
    last: date
    over: date | None


class Lane(BaseModel):
    """One layer, '' for experiments in none; `free` is the share of its traffic that none of them takes now."""

    layer: str
    free: float
    stays: list[Stay]


class Calendar(BaseModel):
    """What runs when, by layer, and when each draft could begin at the soonest."""

    today: date
    layers: list[Lane]


class Trust(BaseModel):
    """Whether a metric's tests can be trusted: found by splitting one control arm `replayed` times into two alike.

    `rate` of the splits looked different at 5 %, with its Monte-Carlo `error`.
    """

    model_config = ConfigDict(from_attributes=True)
    headline: str
    sound: bool
    sentences: tuple[str, ...]
    experiment: str
    until: date
    units: int
    replayed: int
    rate: float
    error: float
    gap: float
    skewness: float
    largest: float
    correlation: float | None


class MarginAsked(Given):
    """For whom a margin is asked: units planned in the two arms compared, and how many guardrails there are."""

    unit: str = Field(default="user", min_length=1, max_length=120)
    planned: int | None = Field(default=None, ge=2, le=10**9)
    guardrails: int = Field(default=1, ge=1, le=20)


class Margin(BaseModel):
    """A margin to begin with, as a share of control, and why.

    `shown` is the smallest that `units` show safe as `often` as that; `usual` how far enhancements moved the metric.
    """

    model_config = ConfigDict(from_attributes=True)
    margin: float
    sentence: str
    shown: float
    units: int
    often: float
    usual: float | None
    experiments: int


@operation("GET", "/events", query=EventsAsked, answer=Events)
def list_events(query: EventsAsked) -> Events:
    """Read the newest events, and why others were rejected."""
    now, inbox = datetime.now(UTC), stores().inbox
    found = live.recent(inbox, limit=query.limit, text=query.text.strip(), kind=query.kind, result=query.result)
    tally = live.tally(inbox, now - COUNTED)
    return Events(
        items=[Arrived.model_validate(a) for a in found],
        exposures=tally.exposures, events=tally.events, duplicate=tally.duplicate, rejected=tally.rejected,
        last_at=tally.last_at, reasons=[Reason.model_validate(r) for r in live.reasons(inbox, now - EXPLAINED)],
    )  # fmt: skip


@operation("GET", "/calendar", answer=Calendar)
def get_calendar() -> Calendar:
    """Read what runs when, and how much traffic each layer has left."""
    asked = ask(None, None, "")
    return Calendar(today=asked.today, layers=[_lane(layer) for layer in of(asked).portfolio.layers])


@operation("GET", "/metrics/<metric>/trust", answer=Trust, conflicts=True)
def get_metric_trust(metric: str) -> Trust:
    """Read whether a metric's tests can be trusted.

    Worked out now, from the control arm that measured it on most units: a few seconds. A conflict where none has yet.
    """
    get_metric(metric)
    found = calibration.check(stores().settings, metric)
    names = set(Trust.model_fields) - {"headline", "sentences"}
    said = {"headline": calibration.headline(found), "sentences": calibration.sentences(found)}
    return Trust.model_validate({**said, **{name: getattr(found, name) for name in names}})


@operation("GET", "/metrics/<metric>/margin", query=MarginAsked, answer=Margin, conflicts=True)
def get_metric_margin(metric: str, query: MarginAsked) -> Margin:
    """Read a margin to begin with, should the metric be a guardrail.

    A conflict where no experiment has measured it.
    """
    db = stores().db
    get_metric(metric)
    found = margins.suggest(
        [metric], margins.noises(db), priors.learnt(db, metric),
        unit=query.unit, planned=query.planned, guardrails=query.guardrails,
    ).get(metric)  # fmt: skip
    if found is None:
        raise ApiProblem(409, f"No experiment has measured '{metric}' yet: nothing is known to suggest a margin from.")
    return Margin.model_validate(found)


def _lane(layer: Layer) -> Lane:
    stays = [
        Stay(key=s.card.experiment, title=s.card.title, planned=s.planned, first=s.first, last=s.last, over=s.over)
        for s in layer.stays
    ]  # fmt: skip
    return Lane(layer=layer.name, free=layer.free, stays=stays)
