"""The plan: everything about an experiment that is frozen, and hashed, at launch."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from experiments import filters
from experiments.catalog import KEY, Catalog, Definition, Record, Scalar
from experiments.errors import DefinitionError, nearest
from keepers import ConfigError
from keepers.config import parse_config
from keepers.peers import PEERS, find_peer

Method = Literal["group-sequential", "always-valid", "fixed", "bayesian"]
MOST_VARIANTS = 64
MOST_PLANNED = 10**12
LONGEST = 364  # days of enrolment
DEEPEST = 50  # conditions in one another: what reads and writes them ends with a few hundred
LEAST_PLANNED = {"units": 200, "clusters": 10}
TEXTS = {"title", "hypothesis", "change", "owner", "team", "tags"}


_PRIOR = {
    True: "method is bayesian, and the plan has no prior; a posterior needs one, frozen before launch: write "
    "prior: {{mean: 0, sd: 0.05}}, sd being how far the relative gains of past enhancements lay from their mean",
    False: "method is {method}, which uses no prior: remove 'prior', or write method: bayesian",
}


class Variant(Record):
    """One variant and its share of the units. The first variant of a plan is control."""

    key: str = Field(pattern=KEY)
    weight: float = Field(ge=0, le=1)
    title: str = Field(default="", max_length=200)
    payload: Any = None
    # Where another tool's split has it, in shares of all places; left out where empty, as hashes are of what is stored.
    ranges: tuple[tuple[float, float], ...] = Field(default=(), exclude_if=lambda ranges: not ranges)

    @property
    def name(self) -> str:
        """The title people read; the key where no title was given."""
        return self.title or self.key


class Goal(Record):
    """A metric that the enhancement was made for, with the least improvement that would repay it.

    `worthwhile` is a share of control (.02 is 2 %), or the metric's own unit with `absolute`.
    """

    metric: str
    worthwhile: float = Field(gt=0)
    absolute: bool = False


class Guardrail(Record):
    """A metric that must not get worse by `margin` or more: a share of control, or absolute."""

    metric: str
    margin: float = Field(gt=0)
    absolute: bool = False


class Prior(Record):
    """What is believed of gains before any data: normal, in shares of control, towards the good side.

    `sd` .05 says that about two of three enhancements change a goal by less than 5 %.
    """

    mean: float = Field(default=0.0, gt=-1, lt=1)
    sd: float = Field(gt=0, le=10)


class Layer(Record):
    """A slice of traffic: experiments on disjoint slices of one layer never share a unit.

    `algorithm` is that of the tool which made the slices, where it was not ours.
    """

    name: str
    salt: str
    start: float = Field(alias="from", ge=0, le=1)
    end: float = Field(alias="to", ge=0, le=1)
    algorithm: str = Field(default="keepers", exclude_if=lambda name: name == "keepers")


class Holdout(Record):
    """Units that are kept out of a whole programme of experiments."""

    name: str
    salt: str
    share: float = Field(gt=0, lt=1)


class Plan(Record):
    """A brief and its rule. Sizes, windows and looks are read as design and docs/guide.md say.

    With `clusters` each unit is a whole group, such as a store or a school; few of them are needed.
    """

    key: str = Field(pattern=KEY)
    title: str = Field(default="", max_length=200)
    hypothesis: str = Field(default="", max_length=2000)
    change: str = Field(default="", max_length=2000)
    owner: str = Field(default="", max_length=200)
    team: str = Field(default="", max_length=200)
    tags: tuple[str, ...] = ()

    unit: str = Field(default="user", pattern=KEY)
    clusters: bool = False
    variants: tuple[Variant, ...]
    coverage: float = Field(default=1.0, ge=0, le=1)
    salt: str = ""
    layer: Layer | None = None
    holdout: Holdout | None = None
    targeting: dict[str, Any] = {}
    overrides: dict[str, str] = {}
    prerequisites: tuple[dict[str, Any], ...] = ()
    algorithm: str = "keepers"

    goals: tuple[Goal, ...]
    guardrails: tuple[Guardrail, ...] = ()
    secondary: tuple[str, ...] = ()
    covariates: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    # By attributes of the first exposure. Left out where empty, as hashes are of what is stored.
    filters: dict[str, tuple[Scalar, ...]] = Field(default={}, exclude_if=lambda filters: not filters)

    enrol_days: int = Field(default=14, ge=7, le=LONGEST)
    minimum_days: int = Field(default=7, ge=7)
    method: Method = "group-sequential"
    alpha: float = Field(default=0.05, ge=1e-6, le=0.2)
    power: float = Field(default=0.8, ge=0.5, lt=1)
    planned_units: int | None = None
    prior: Prior | None = Field(default=None, validate_default=True)

    @field_validator("enrol_days")
    @classmethod
    def _whole_weeks(cls, days: int) -> int:
        if days % 7:
            raise ValueError(
                f"enrol_days is {days}; it must be whole weeks, so that every weekday counts alike: "
                f"use {days - days % 7 or 7} or {days - days % 7 + 7}"
            )
        return days

    @field_validator("variants")
    @classmethod
    def _weights(cls, variants: tuple[Variant, ...]) -> tuple[Variant, ...]:
        if len(variants) < 2:
            raise ValueError("a plan needs control and at least one treatment: add a variant")
        if len(variants) > MOST_VARIANTS:
            raise ValueError(f"the plan has {len(variants)} variants; it may have {MOST_VARIANTS}: remove some")
        _distinct("variant", (v.key for v in variants))
        total = sum(v.weight for v in variants)
        if abs(total - 1) > 1e-9:
            shares = ", ".join(f"{v.key} {v.weight:g}" for v in variants)
            raise ValueError(f"weights add to {total:g} ({shares}); they must add to 1: change one of them")
        return variants

    @field_validator("goals")
    @classmethod
    def _some_goal(cls, goals: tuple[Goal, ...]) -> tuple[Goal, ...]:
        if not goals:
            raise ValueError("a plan needs at least one goal: name the metric that would repay the work")
        return goals

    @field_validator("filters", mode="before")
    @classmethod
    def _filters_say_what(cls, said: Any) -> Any:
        return filters.checked(said)

    @field_validator("planned_units")
    @classmethod
    def _enough_planned(cls, planned: int | None, info: ValidationInfo) -> int | None:
        least = LEAST_PLANNED["clusters" if info.data.get("clusters") else "units"]
        if planned is not None and planned < least:
            raise ValueError(
                f"planned_units is {planned}; it must be {least} or more, as nothing is shown with fewer: raise it, or "
                "write clusters: true if each unit is a whole group, such as a store"
            )
        if planned is not None and planned > MOST_PLANNED:
            raise ValueError(f"planned_units is {planned}; it may be {MOST_PLANNED:,} at most: lower it")
        return planned

    @field_validator("prior")
    @classmethod
    def _prior_fits(cls, prior: Prior | None, info: ValidationInfo) -> Prior | None:
        method = info.data.get("method")
        if method is not None and (method == "bayesian") == (prior is None):
            raise ValueError(_PRIOR[method == "bayesian"].format(method=method))
        roles = (*info.data.get("goals", ()), *info.data.get("guardrails", ()))
        absolute = [r.metric for r in roles if r.absolute]
        if prior is not None and absolute:
            raise ValueError(
                f"'{absolute[0]}' has an absolute size, but the prior is of relative gains; with method bayesian every "
                "size is a share of control: remove 'absolute' and write the size as a share"
            )
        return prior

    @model_validator(mode="after")
    def _one_role_each(self) -> "Plan":
        _distinct("metric", self.metric_keys)
        if self.minimum_days > self.enrol_days:
            raise ValueError(
                f"minimum_days is {self.minimum_days}, but units enrol for {self.enrol_days} days; the minimum must "
                "lie within them: lower it, or raise enrol_days"
            )
        unknown = set(self.overrides.values()) - {v.key for v in self.variants}
        if unknown:
            raise ValueError(f"overrides name the variant '{sorted(unknown)[0]}', which the plan does not have")
        return self

    @property
    def metric_keys(self) -> tuple[str, ...]:
        """Keys of all metrics by role: goals, guardrails, secondary."""
        first = tuple(g.metric for g in self.goals) + tuple(g.metric for g in self.guardrails)
        return first + self.secondary

    @property
    def goal_tests(self) -> int:
        """How many tests share alpha: goals times treatments that are to get units."""
        return len(self.goals) * sum(t.weight > 0 for t in self.treatments)

    @property
    def left_out(self) -> str:
        """The filters in words, 'internal = true, country = zz'; empty where there are none."""
        return filters.written(self.filters)

    @property
    def names(self) -> dict[str, str]:
        """What people call each variant, by key."""
        return {v.key: v.name for v in self.variants}

    @property
    def control(self) -> Variant:
        """The first variant."""
        return self.variants[0]

    @property
    def treatments(self) -> tuple[Variant, ...]:
        """All variants but control, in declared order."""
        return self.variants[1:]

    @property
    def name(self) -> str:
        """The title people read; the key where no title was given."""
        return self.title or self.key


class FrozenPlan(Record):
    """A plan as launched: its phase, the day it began, and its metrics written out.

    On `extended_days` more than it planned units enrol. Looks after the planned horizon hold by the rule for any day,
    so these days are no part of what was planned, nor of its hash.
    """

    plan: Plan
    phase: int = Field(default=1, ge=1)
    definitions: dict[str, Definition]
    extended_days: int = Field(default=0, ge=0, le=LONGEST)

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON of all that decides; texts, owner and tags are left out."""
        return hash_of(self.model_dump(mode="json", by_alias=True))

    @property
    def longest_window(self) -> int:
        """Days of the longest window among goals and guardrails."""
        sized = [g.metric for g in self.plan.goals] + [g.metric for g in self.plan.guardrails]
        return longest(sized, {k: d.metric.window_days for k, d in self.definitions.items()})

    def enrols_until(self, launched: date) -> date:
        """Last day on which units enrol."""
        return launched + timedelta(days=self.plan.enrol_days + self.extended_days - 1)

    def horizon(self, launched: date) -> date:
        """The day whose close completes the longest window of the last unit that enrolled."""
        return self.enrols_until(launched) + timedelta(days=self.longest_window - 1)

    def planned_horizon(self, launched: date) -> date:
        """The horizon as it was planned: what alpha is spent up to, however long it was extended."""
        return self.horizon(launched) - timedelta(days=self.extended_days)


def longest(metrics: Iterable[str], windows: Mapping[str, int | None]) -> int:
    """Return the days of the longest window of these metrics: one day where a window is open or not known."""
    return max((windows.get(key) or 1 for key in metrics), default=1)


def hash_of(frozen: dict[str, Any]) -> str:
    """Return the hash of a frozen plan as stored: a field that a later version adds does not change it."""
    plan = {k: v for k, v in frozen["plan"].items() if k not in TEXTS}
    plan["variants"] = [{k: v for k, v in variant.items() if k != "title"} for variant in plan["variants"]]
    definitions = {
        key: {**d, "metric": {k: v for k, v in d["metric"].items() if k not in {"title", "description"}}}
        for key, d in frozen["definitions"].items()
    }
    data = {**frozen, "plan": plan, "definitions": definitions}
    data.pop("extended_days", None)
    return _sha256(data)


def hash_of_phases(earlier: list[dict[str, Any]]) -> str:
    """Return the hash of the phases that ended, as stored: each plan, its hash, and when and on which day it ended."""
    return _sha256(earlier)


def _sha256(data: Any) -> str:
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def served(plan: Plan, phase: int = 1, status: str = "running") -> dict[str, Any]:
    """Return what the SDK is told of the plan: an experiment of its config."""
    data = plan.model_dump(mode="json", by_alias=True)
    same = ("unit", "layer", "holdout", "coverage", "targeting", "overrides", "prerequisites", "algorithm")
    variants = [{k: v[k] for k in ("key", "weight", "payload", "ranges") if k in v} for v in data["variants"]]
    return {
        "key": plan.key, "version": phase, "status": status, "salt": plan.salt or plan.key, "variants": variants,
        **{k: data[k] for k in same},
    }  # fmt: skip


def share_of(plan: Plan, variant: str) -> float:
    """Return the share of targeted units that the split gives a variant: a roll-out starts with them."""
    data = {**served(plan, status="decided"), "prerequisites": [], "serve": {"variant": variant, "coverage": 1e-9}}
    serve = parse_config({"experiments": [data]}).experiments[plan.key].serve
    assert serve is not None
    return serve.coverage


def servable(plan: Plan) -> None:
    """DefinitionError where the SDK could not read the plan: one fault would stop every experiment's config.

    Prerequisites are looked at when the plan is stored, beside the experiments they name.
    """
    _expect_json(plan.targeting)
    try:
        found = parse_config({"experiments": [{**served(plan), "prerequisites": []}]}).experiments[plan.key]
    except ConfigError as error:
        raise DefinitionError(str(error)) from None
    if not found.supported:
        names = [plan.algorithm] + ([plan.layer.algorithm] if plan.layer else [])
        unknown = next(n for n in names if n != "keepers" and find_peer(n) is None)
        raise DefinitionError(f"algorithm is '{unknown}', which no tool has. {nearest(unknown, ['keepers', *PEERS])}")


def _expect_json(targeting: dict[str, Any]) -> None:
    """What JSON lacks would be stored, hashed and served as something else, or not at all."""
    try:
        json.dumps(targeting, allow_nan=False, ensure_ascii=False).encode()
        fits = _depth(targeting) <= DEEPEST
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise DefinitionError(
            "The targeting holds what JSON does not: NaN, an infinite number, half a character, or conditions in more "
            f"than {DEEPEST} others. Write finite numbers and whole characters, and nest less."
        )


def _depth(value: Any) -> int:
    inside = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return 1 + max(map(_depth, inside), default=0)


def freeze(plan: Plan, catalog: Catalog, phase: int = 1) -> FrozenPlan:
    """Write out the plan's metrics from the catalogue; DefinitionError says which are missing or open-ended."""
    servable(plan)
    definitions = {key: catalog.define(key) for key in plan.metric_keys}
    roles = [g.metric for g in plan.goals] + [g.metric for g in plan.guardrails]
    open_ended = [k for k in roles if definitions[k].metric.window_days is None]
    if open_ended:
        raise DefinitionError(
            f"'{k}' has an open window; a goal or guardrail needs 'window_days': set it, or make it secondary"
            for k in open_ended
        )
    of_events = [k for k in plan.metric_keys if definitions[k].metric.kind == "quantile"]
    if plan.clusters and of_events:
        raise DefinitionError(
            f"'{of_events[0]}' is a quantile, whose error is not known from a few whole groups: with 'clusters: true' "
            "compare a mean or a ratio instead"
        )
    return FrozenPlan(plan=plan, phase=phase, definitions=definitions)


def _distinct(kind: str, keys: Iterable[str]) -> None:
    twice = [k for k, n in Counter(keys).items() if n > 1]
    if twice:
        raise ValueError(f"the {kind} '{twice[0]}' is named twice; each may appear once: remove one")
