"""The metric catalogue: measures (what is counted per unit and day) and metrics (what is compared)."""

import hashlib
import json
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from experiments.errors import DefinitionError, nearest

Scalar = str | int | float | bool
KEY = r"^[a-z0-9][a-z0-9_.-]{0,119}$"


class Record(BaseModel):
    """A frozen record that refuses fields it does not know, and numbers that JSON does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Measure(Record):
    """An additive quantity per unit and day: the count, or the sum of values, of one event.

    `where` keeps events whose property equals the value, or is one of the values.
    """

    event: str = Field(min_length=1, max_length=200)
    aggregate: Literal["count", "sum"] = "count"
    where: dict[str, Scalar | tuple[Scalar, ...]] = {}

    @cached_property  # asked of every experiment's measures for every day
    def id(self) -> str:
        """A name made of the content: two equal measures share their daily totals."""
        text = json.dumps(self.model_dump(exclude={"aggregate"}), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]


Kind = Literal["mean", "proportion", "ratio", "retention", "days", "funnel", "quantile"]
Form = Literal["mean", "proportion", "ratio", "quantile"]
_FORMS: dict[Kind, Form] = {
    "mean": "mean", "proportion": "proportion", "ratio": "ratio", "retention": "proportion", "days": "mean",
    "funnel": "proportion", "quantile": "quantile",
}  # fmt: skip
MOST_STEPS = 8


class Metric(Record):
    """What is compared between variants, over one measure (or two, for a ratio).

    `window_days` counts calendar days from the exposure day, that day included; without it the window is
    open and the metric can only be secondary. `pre_days` full days before exposure serve as a covariate.
    `cap` is the largest total that a unit may bring, the same in every variant. `from_day` is the first day
    that counts, 0 being the exposure day: retention on day 7 counts from day 7 in a window of 8 days. `steps` are
    the measures that a funnel goes through, in order; `measure` is then the last of them. `quantile` is the share of
    all events' values that lies at or below what is compared: .9 for the 90th percentile.
    """

    key: str = Field(pattern=KEY)
    title: str = Field(default="", max_length=200)
    description: str = Field(default="", max_length=500)
    kind: Kind
    measure: str
    denominator: str | None = None
    steps: tuple[str, ...] = ()
    quantile: float | None = Field(default=None, gt=0, lt=1)
    direction: Literal["increase", "decrease"] = "increase"
    window_days: int | None = Field(default=None, ge=1, le=365)
    from_day: int = Field(default=0, ge=0, le=364)
    pre_days: int = Field(default=0, ge=0, le=90)
    cap: float | None = Field(default=None, gt=0)
    symbol: str = Field(default="", max_length=8)

    @model_validator(mode="before")
    @classmethod
    def _last_step(cls, data: Any) -> Any:
        """A funnel is written by its steps alone: what it measures is the last one."""
        steps = data.get("steps") if isinstance(data, dict) and data.get("kind") == "funnel" else None
        return {"measure": steps[-1], **data} if isinstance(steps, list | tuple) and steps else data

    @model_validator(mode="before")
    @classmethod
    def _funnel(cls, data: Any) -> Any:
        """Said before 'measure' is missed, which a funnel need not name."""
        if isinstance(data, dict) and (data.get("kind") == "funnel") != bool(data.get("steps")):
            raise ValueError(
                "a funnel needs 'steps', and only a funnel has them: list its measures in order, or change 'kind'"
            )
        return data

    @field_validator("steps")
    @classmethod
    def _ordered(cls, steps: tuple[str, ...]) -> tuple[str, ...]:
        if steps and not 2 <= len(steps) <= MOST_STEPS:
            raise ValueError(
                f"the funnel's number of steps is {len(steps)}; it must be 2 to {MOST_STEPS}: for one step use a "
                "proportion, for more leave some out"
            )
        twice = [s for i, s in enumerate(steps) if s in steps[:i]]
        if twice:
            raise ValueError(f"the step '{twice[0]}' is named twice, and one event would make both: remove one")
        return steps

    @model_validator(mode="after")
    def _shape(self) -> "Metric":
        if (self.kind == "ratio") != (self.denominator is not None):
            raise ValueError("a ratio needs 'denominator', and only a ratio has one: add it, or change 'kind'")
        if (self.kind == "quantile") != (self.quantile is not None):
            raise ValueError(
                "a quantile needs 'quantile', such as 0.9, and only a quantile has one: add it, or change 'kind'"
            )
        if self.kind == "quantile" and (self.cap is not None or self.pre_days):
            field = "pre_days" if self.cap is None else "cap"
            raise ValueError(
                f"a quantile has no '{field}', as it is of single events and not of totals: remove it; covariates of "
                "the exposure still adjust it"
            )
        if self.cap is not None and self.form == "proportion":
            raise ValueError(f"a {self.kind} has no cap, as a unit counts at most once: remove 'cap'")
        if self.steps and self.measure != self.steps[-1]:
            raise ValueError(
                f"a funnel measures its last step, '{self.steps[-1]}', but 'measure' is '{self.measure}': remove it"
            )
        if self.kind == "retention" and self.from_day == 0:
            raise ValueError("retention needs 'from_day', 1 or later: who came back on the exposure day never left")
        if self.window_days is not None and self.from_day >= self.window_days:
            raise ValueError(
                f"from_day is {self.from_day}, but the window ends with day {self.window_days - 1}, the exposure day "
                f"being 0: set 'window_days' to {self.from_day + 1} or more, or lower 'from_day'"
            )
        return self

    @property
    def form(self) -> Form:
        """How its numbers are made and read: a total per unit, a share of units, a ratio, a quantile of events."""
        return _FORMS[self.kind]

    @property
    def name(self) -> str:
        """The title people read; the key where no title was given."""
        return self.title or self.key


class Definition(Record):
    """A metric with its measures written out: what a plan freezes at launch."""

    metric: Metric
    numerator: Measure
    denominator: Measure | None = None
    steps: tuple[Measure, ...] = ()

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The one or two measures that this metric adds up."""
        return (self.numerator,) if self.denominator is None else (self.numerator, self.denominator)

    @property
    def singly(self) -> tuple[Measure, ...]:
        """The measures whose events this metric reads one by one, as their daily totals forget what it asks."""
        return (self.numerator,) if self.metric.kind == "quantile" else self.steps

    @property
    def untitled(self) -> "Definition":
        """What is counted, without the words that say so to people."""
        return self.model_copy(update={"metric": self.metric.model_copy(update={"title": "", "description": ""})})

    @property
    def divides(self) -> bool:
        """Whether its moments have a column d beside y: those of a ratio, and of a quantile (docs/decisions/0016)."""
        return self.denominator is not None or self.metric.kind == "quantile"


class Catalog(Record):
    """All measures and metrics of one installation, by key."""

    measures: dict[str, Measure] = {}
    metrics: dict[str, Metric] = {}

    def define(self, key: str) -> Definition:
        """Return the metric `key` with its measures written out; DefinitionError names what is missing."""
        if key not in self.metrics:
            raise DefinitionError(f"no metric is called '{key}'. {nearest(key, self.metrics)}")
        metric = self.metrics[key]
        numerator = self._measure(metric, metric.measure)
        if metric.kind == "days" and numerator.aggregate != "count":
            raise DefinitionError(
                f"metric '{key}' counts days, but its measure '{metric.measure}' is a sum: name one that counts events."
            )
        if metric.kind == "quantile" and numerator.aggregate != "sum":
            raise DefinitionError(
                f"metric '{key}' is a quantile of values, but its measure '{metric.measure}' counts events: name one "
                "with 'aggregate: sum', whose values are read one by one."
            )
        below = self._measure(metric, metric.denominator) if metric.denominator else None
        steps = tuple(self._measure(metric, step) for step in metric.steps)
        twins = [a for a, b in combinations(zip(metric.steps, steps, strict=True), 2) if a[1].id == b[1].id]
        if twins:
            raise DefinitionError(
                f"the step '{twins[0][0]}' of '{key}' counts the events that another step counts, so that one event "
                "would make both: give one of them another event or filter."
            )
        return Definition(metric=metric, numerator=numerator, denominator=below, steps=steps)

    def merged(self, other: "Catalog") -> "Catalog":
        """Return this catalogue with the entries of `other` added or replaced."""
        return Catalog(measures={**self.measures, **other.measures}, metrics={**self.metrics, **other.metrics})

    def _measure(self, metric: Metric, name: str) -> Measure:
        if name not in self.measures:
            raise DefinitionError(
                f"metric '{metric.key}' names the measure '{name}', which does not exist. "
                f"{nearest(name, self.measures)} Add it under 'measures'."
            )
        return self.measures[name]
