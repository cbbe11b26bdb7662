"""The snapshot: the immutable result of one look, and all that pages and reports are made of.

Numbers are float64; `None` in an interval means unbounded, elsewhere not known. Relative sizes are shares
of control (.02 is 2 %). Times are UTC; days are days of the installation's reporting time zone.
"""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from functools import cached_property
from typing import Any, Literal, Self

from experiments.catalog import Record
from experiments.plan import FrozenPlan, Method

Role = Literal["goal", "guardrail", "secondary"]
Word = Literal["invalid", "stop", "wait", "keep", "drop", "review"]
Reading = Literal[
    "better", "worse", "about the same", "not enough data",
    "safe", "not yet shown safe", "worse within margin", "harmed",
]  # fmt: skip
State = Literal["good", "unknown", "bad"]
UNMEASURED = ("not measured", "too few yet", "nobody yet")


class ArmMoments(Record):
    """What the engine saw of one arm: units, and means and covariances (n - 1) of named columns.

    `cov` is the lower triangle row by row: of two columns (var 1, cov 2 with 1, var 2). From these every effect can be
    computed again. `rows` are y and d of each unit of a ratio whose units are few clusters; `spread` is False where
    the variance of a quantile is not known.
    """

    n: float
    names: tuple[str, ...]
    mean: tuple[float, ...]
    cov: tuple[float, ...]
    rows: tuple[tuple[float, float], ...] | None = None
    spread: bool = True


class Arm(Record):
    """One variant's side of a comparison: units with a complete window, mean and standard deviation.

    `steps` are the units that made each step of a funnel, in order. Snapshots of before 0.2 have no `moments`.
    """

    variant: str
    n: int
    mean: float | None
    sd: float | None
    steps: tuple[int, ...] = ()
    moments: ArmMoments | None = None


class Effect(Record):
    """Treatment against control: absolute and relative difference with their intervals at `level`.

    Of a posterior, `chance` is that of being better, and `p_value` twice the smaller of it and its complement.
    """

    difference: float
    low: float | None
    high: float | None
    relative: float | None
    relative_low: float | None
    relative_high: float | None
    se: float
    df: float | None
    p_value: float
    critical: float | None
    level: float
    method: Method
    chance: float | None = None


class Expected(Record):
    """What a goal that was shown better is likely to bring after launch, as a share of control, with its interval.

    Winners are a little too good, as luck helped them win: this allows for the selection (Zhong & Prentice 2008).
    """

    relative: float
    low: float
    high: float
    level: float


class Uncapped(Record):
    """A metric with a cap once more without it, and without adjustment: it moves no verdict.

    `capped` is how many units of control and of the variant lie above the cap.
    """

    control: Arm
    variant: Arm
    capped: tuple[int, int]
    effect: Effect


class Look(Record):
    """What one official look spent: never revised. `statistics` are the test's values at this look."""

    fraction: float
    information: float
    spent: float
    statistics: dict[str, float]


class MetricResult(Record):
    """One metric of one treatment against control.

    `effect` is what the verdict used (adjusted where there are covariates, else raw); `raw` is unadjusted, and
    `uncapped` is raw without the metric's cap, if it has one; `band` is the always-valid interval. `harmed` says that a
    loss beyond the margin was shown at this look or an official one before, by a bound that holds on any day: it stays
    shown. `waiting` units are left out as their window is still open. `dunnett_p` allows for all treatments of a goal
    together, as if looked at once (Dunnett 1955): a reference beside the verdict.
    """

    metric: str
    title: str
    description: str = ""
    kind: str
    direction: Literal["increase", "decrease"]
    symbol: str = ""
    window_days: int | None
    role: Role
    treatment: str
    control: Arm | None = None
    variant: Arm | None = None
    effect: Effect | None = None
    raw: Effect | None = None
    uncapped: Uncapped | None = None
    band: Effect | None = None
    expected: Expected | None = None
    covariates: tuple[str, ...] = ()
    size: float | None = None
    absolute: bool = False
    reading: Reading = "not enough data"
    harmed: bool = False
    note: str = ""
    waiting: int = 0
    look: Look | None = None
    flags: tuple[str, ...] = ()
    error: str = ""
    dunnett_p: float | None = None


class Shrunken(Record):
    """A group's effect as a share of control, moved towards the mean of all groups as far as chance explains it.

    `averaged` over how much true effects may differ; older snapshots took one estimate of that as known.
    """

    relative: float
    low: float
    high: float
    level: float
    averaged: bool = False


class SegmentResult(Record):
    """A goal or guardrail of one treatment within one value of a declared segment (raw, fixed 95 %).

    Of other experiments, `segment` is the other one's key and `value` its variant.
    """

    segment: str
    value: str
    metric: str
    treatment: str
    control: Arm
    variant: Arm
    effect: Effect | None
    shrunken: Shrunken | None = None


class SegmentTest(Record):
    """Whether a metric's effect differs between the values of a segment: p after Holm over all such tests."""

    segment: str
    metric: str
    treatment: str
    values: int
    p_value: float


class DayEffect(Record):
    """The effect on one day since exposure (0 is that day) with its fixed 95 % interval, of `n` units of both arms."""

    day: int
    n: int
    change: float | None
    low: float | None
    high: float | None
    control: ArmMoments | None = None
    variant: ArmMoments | None = None


class Trend(Record):
    """How a goal's or guardrail's effect changes with days since exposure; `absolute` says of both scales which.

    `slope` is its change per day, None where it cannot be told, as `note` says then; `p_value` is that of no change
    after Holm over all trends of the snapshot. `spread` are the variances of what control and treatment bring to the
    slope, each unit's days together; older snapshots have none.
    """

    metric: str
    treatment: str
    absolute: bool
    days: tuple[DayEffect, ...]
    slope: float | None = None
    p_value: float = 1.0
    spread: tuple[float, float] | None = None
    note: str = ""


class Check(Record):
    """One health check: its state, its number in words, and what to do when it is not good.

    `key` is one of split, crossovers, filtered, late, before, plan, loss, source, matched, delay, clocks. `threshold`
    says when it warns or invalidates; `since` is the cutoff of the first official look of those that all saw it so.
    """

    key: str
    title: str
    state: State
    value: str
    detail: str
    remedy: str = ""
    invalidates: bool = False
    threshold: str = ""
    since: date | None = None

    @property
    def mark(self) -> State:
        """The state as it is drawn: older snapshots called good what had not been measured."""
        return "unknown" if self.state == "good" and self.value in UNMEASURED else self.state


class Cause(Record):
    """A slice of the units that may hold the fault behind an uneven split; without a dimension it is everywhere.

    `dimension` is an exposure attribute, `day` (of entry) or `since` (from that day on); such a day is its number
    since 1970. `counts` are units by first exposure. `variant` alone is wrong: it lacks about `missing` of `planned`
    units (below 0: has too many). `chance` is the probability of this slice, given that one slice is at fault.
    """

    dimension: str
    value: str
    counts: dict[str, int]
    variant: str
    missing: int
    planned: int
    chance: float
    rest_as_planned: bool


class Step(Record):
    """One rung of the verdict ladder: its word, whether it matched, and why in words."""

    word: Word
    hit: bool
    text: str


class TreatmentVerdict(Record):
    """The rule's advice on one treatment, with its reasons in words and the metrics they rest on."""

    treatment: str
    word: Word
    sentence: str
    would_change: str
    steps: tuple[Step, ...]
    evidence: tuple[str, ...] = ()


class Verdict(Record):
    """The headline over all treatments, and each treatment's own verdict."""

    word: Word
    treatment: str | None
    sentence: str
    would_change: str
    rule: str
    treatments: tuple[TreatmentVerdict, ...]


class Progress(Record):
    """How far the plan has come. `precision` is (target half-width / current half-width)^2, at least 0."""

    day: int
    days: int
    precision: float | None
    people: int
    people_planned: int | None
    answer_from: date | None = None
    answer_to: date | None = None


class Split(Record):
    """Units per variant by first exposure, before any exclusion, and both tests of the split."""

    counts: dict[str, int]
    weights: dict[str, float]
    sequential_p: float
    chi_square: float
    df: int
    chi_square_p: float


class Excluded(Record):
    """Units left out, and why; `filtered` are those whom the plan's filters leave out."""

    crossovers: int = 0
    earlier_phase: int = 0
    outside_enrolment: int = 0
    forced: int = 0
    filtered: int = 0


class Snapshot(Record):
    """One look at one experiment. `hash` covers inputs and results, not when it was computed.

    `shared` counts units that other experiments hold too; `others` are effects within the variants of those that
    change them, and `other_tests` the tests of all.
    """

    schema_version: int = 1
    experiment: str
    number: int
    official: bool
    environment: str
    launched: date
    cutoff: date
    time_zone: str
    frozen: FrozenPlan
    plan_hash: str
    state: str
    verdict: Verdict
    checks: tuple[Check, ...]
    progress: Progress
    split: Split
    excluded: Excluded
    metrics: tuple[MetricResult, ...]
    segments: tuple[SegmentResult, ...] = ()
    segment_tests: tuple[SegmentTest, ...] = ()
    causes: tuple[Cause, ...] = ()
    trends: tuple[Trend, ...] = ()
    shared: dict[str, int] = {}
    others: tuple[SegmentResult, ...] = ()
    other_tests: tuple[SegmentTest, ...] = ()
    versions: dict[str, str] = {}
    sql: dict[str, str] = {}
    inputs: str = ""
    computed_at: datetime

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the canonical JSON of everything but number, officiality and computing time.

        What equals its default is left out, so that a field that a later version adds changes no stored hash.
        """
        left_out = {"computed_at", "number", "official"}
        data = self.model_dump(mode="json", by_alias=True, exclude=left_out, exclude_defaults=True)
        text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As of any model; a hash that was worked out before stays behind."""
        copied = super().model_copy(update=update, deep=deep)
        copied.__dict__.pop("hash", None)
        return copied

    @property
    def headline(self) -> str:
        """The verdict as a headline: 'Wait', or 'Keep One-page' where one of several treatments is to be kept."""
        plan, word = self.frozen.plan, self.verdict.word.capitalize()
        if len(plan.treatments) < 2 or self.verdict.word != "keep":
            return word
        return f"{word} {next((v.name for v in plan.variants if v.key == self.verdict.treatment), '')}".strip()

    def of(self, role: Role, treatment: str) -> tuple[MetricResult, ...]:
        """Results of one role for one treatment, in declared order."""
        return tuple(m for m in self.metrics if m.role == role and m.treatment == treatment)
