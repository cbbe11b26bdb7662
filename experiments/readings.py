"""Readings: each metric of one treatment in a word, with its interval, on the plan's own rule."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

import stats
from experiments import comparing, inference, numbers
from experiments.catalog import Form
from experiments.inference import Test
from experiments.keeping import kept
from experiments.plan import FrozenPlan, Goal, Guardrail
from experiments.snapshot import Arm, Effect, Expected, Look, MetricResult, Reading, Role, SegmentResult, Uncapped
from experiments.warehouse.moments import Cell
from experiments.worth import expected
from stats import Counts, Pair
from stats.distributions import normal_tail

RARE = "Few conversions: compared by the score test for rare proportions."


@dataclass(frozen=True)
class Clock:
    """Where one look stands. `fractions` is the share of the plan done by days, for each length of window.

    `official` looks record what they spend; `after_horizon` is said of looks that come after the last planned one.
    """

    fractions: Mapping[int | None, float]
    official: bool
    after_horizon: bool


@dataclass(frozen=True)
class Subject:
    """One metric of one treatment: its role and size, its cells, its past looks, and its test (None if too few).

    `counts` are those of a rare proportion, else None.
    """

    metric: str
    role: Role
    treatment: str
    size: float | None
    absolute: bool
    control: Cell
    variant: Cell
    pair: Pair
    raw: Pair
    covariates: tuple[str, ...]
    counts: Counts | None
    test: Test | None

    @property
    def place(self) -> tuple[str, str]:
        """Metric and treatment."""
        return self.metric, self.treatment


def subject(
    frozen: FrozenPlan, role: Goal | Guardrail | str, treatment: str,
    arms: Mapping[str, Cell], *, past: Sequence[Look], clock: Clock,
) -> Subject:  # fmt: skip
    """Put together one metric of one treatment for this look; `past` are its official looks so far."""
    metric = role if isinstance(role, str) else role.metric
    size = role.worthwhile if isinstance(role, Goal) else role.margin if isinstance(role, Guardrail) else None
    kind: Role = "goal" if isinstance(role, Goal) else "guardrail" if isinstance(role, Guardrail) else "secondary"
    control, variant = arms[frozen.plan.control.key], arms[treatment]
    covariates = comparing.covariates(control, variant)
    made = Subject(
        metric=metric, role=kind, treatment=treatment, size=size,
        absolute=not isinstance(role, str) and role.absolute, control=control, variant=variant,
        pair=comparing.pair(control, variant, covariates), raw=comparing.pair(control, variant), covariates=covariates,
        counts=comparing.rare(frozen.plan, frozen.definitions[metric].metric.form, control, variant), test=None,
    )  # fmt: skip
    return replace(made, test=_test(frozen, made, past, clock)) if _enough(frozen, made) else made


def levels(goals: Sequence[Subject], alpha: float, missing: int = 0) -> dict[tuple[str, str], float]:
    """Return the level at which Holm's procedure tests each goal of each treatment.

    A goal is rejected at the level that is open when its boundary was crossed, on either side; its share then
    passes to those left. Goals without data keep the last level, and `missing` ones, which have not even cells today,
    keep their share: else a goal that comes later would be tested with alpha that was spent. With one goal that is
    looked at once, step-down Dunnett uses what treatments have in common, their control; over many looks their joint
    law is not known.
    """
    if not missing and len(goals) > 1 and all(_once(g) for g in goals) and len({g.metric for g in goals}) == 1:
        return _dunnett_levels(goals, alpha)
    remaining = len(goals) + missing
    level: dict[tuple[str, str], float] = {}
    left = [g for g in goals if g.test is not None]
    while (crossed := next((g for g in left if _crossed(g, alpha / remaining)), None)) is not None:
        level[crossed.place] = alpha / remaining
        left.remove(crossed)
        remaining = max(remaining - 1, 1)
    return {**level, **{g.place: alpha / remaining for g in goals if g.test is None or g in left}}


def together(subjects: Iterable[Subject]) -> dict[tuple[str, str], float]:
    """Return Dunnett's p-value of each treatment of each goal (Dunnett 1955), as if looked at once; {} if there is one.

    A reference beside the verdict: it allows for the treatments, and for nothing else.
    """
    found: dict[tuple[str, str], float] = {}
    tested = [s for s in subjects if s.role == "goal" and s.test is not None]
    for metric in dict.fromkeys(s.metric for s in tested):
        mine = [s for s in tested if s.metric == metric]
        scores = [s.test.sampled(0.0) for s in mine if s.test is not None]
        p = stats.dunnett(scores, [comparing.share(s.pair) for s in mine])
        found |= {s.place: float(x) for s, x in zip(mine, p, strict=True)} if len(mine) > 1 else {}
    return found


def result(frozen: FrozenPlan, s: Subject, level: float) -> MetricResult:
    """Return the row of one metric: both arms, raw and adjusted effects, interval, reading."""
    metric = frozen.definitions[s.metric].metric
    row = MetricResult(
        metric=s.metric, title=metric.name, description=metric.description, kind=metric.form,
        direction=metric.direction, symbol=metric.symbol, window_days=metric.window_days, role=s.role,
        treatment=s.treatment, control=_arm(frozen.plan.control.key, s.control, metric.form),
        variant=_arm(s.treatment, s.variant, metric.form), size=s.size, absolute=s.absolute,
        waiting=s.control.waiting + s.variant.waiting, covariates=s.covariates,
    )  # fmt: skip
    if s.test is None:
        return row.model_copy(update={"note": _too_few(frozen), "reading": _unread(s)})
    sides: inference.Sides = "one" if s.role == "guardrail" else "both"
    effect = inference.effect(s.test, level, sides)
    found = {
        "effect": effect, "raw": inference.fixed(s.raw, frozen.plan.alpha, s.counts), "uncapped": _uncapped(frozen, s),
        "band": inference.band(s.test, frozen.plan.alpha), "look": s.test.looks[-1] if s.test.looks else None,
        "reading": reading(s, level), "flags": _flags(s), "note": _note(s, level),
        "expected": _expected(s, effect) if s.role == "goal" and reading(s, level) == "better" else None,
    }  # fmt: skip
    return row.model_copy(update=found)


def segment(
    frozen: FrozenPlan, metric: str, treatment: str, place: tuple[str, str], arms: tuple[Cell, Cell]
) -> SegmentResult:
    """Return the raw effect within one value of a segment; none where there are too few units."""
    control, variant = arms
    pair = comparing.pair(control, variant)
    few = min(float(c.moments.n) for c in arms) < inference.least_units(frozen.plan) or not comparing.known(pair)
    form = frozen.definitions[metric].metric.form
    counts = comparing.rare(frozen.plan, form, control, variant)
    effect = None if few else inference.fixed(pair, frozen.plan.alpha, counts)
    return SegmentResult(
        segment=place[0], value=place[1], metric=metric, treatment=treatment,
        control=_arm(frozen.plan.control.key, control, form, adjusted=False),
        variant=_arm(treatment, variant, form, adjusted=False), effect=effect,
    )  # fmt: skip


def reading(s: Subject, level: float) -> Reading:
    """Return the word for what has been shown of one metric at its level."""
    if s.test is None:
        return _unread(s)
    return _guardrail(s, s.test, level) if s.role == "guardrail" else _goal(s, s.test, level)


def falls_short(s: Subject, level: float) -> bool:
    """Whether a goal is shown to gain less than its worthwhile effect."""
    return s.test is not None and s.size is not None and s.test.shown("short", level)


def harmed(s: Subject, level: float) -> bool:
    """Whether a goal or guardrail is shown to lose more than its margin, on the bound that holds on any day."""
    return s.test is not None and s.test.harmed(level)


def _goal(s: Subject, test: Test, level: float) -> Reading:
    if test.shown("zero", level):
        return "better"
    if test.shown("minus", level):
        return "worse"
    same = s.size is not None and test.shown("short", level) and test.shown("margin", level)
    return "about the same" if same else "not enough data"


def _guardrail(s: Subject, test: Test, level: float) -> Reading:
    if not test.shown("margin", level, "one"):
        return "not yet shown safe"
    return "worse within margin" if test.shown("minus", level, "one") else "safe"


def _unread(s: Subject) -> Reading:
    return "not yet shown safe" if s.role == "guardrail" else "not enough data"


def _crossed(s: Subject, level: float) -> bool:
    return s.test is not None and (s.test.shown("zero", level) or s.test.shown("minus", level))


def _once(s: Subject) -> bool:
    return s.test is not None and s.test.plan.method == "fixed"


def _dunnett_levels(goals: Sequence[Subject], alpha: float) -> dict[tuple[str, str], float]:
    """Step-down Dunnett: the largest score first, at the bound of all that are left; a rejection leaves fewer."""
    left = sorted(goals, key=_size)
    level: dict[tuple[str, str], float] = {}
    while left:
        bound = stats.dunnett_bound(alpha, [comparing.share(s.pair) for s in left])
        open_at = 2 * float(normal_tail(bound))
        if not _crossed(left[-1], open_at):
            return level | {s.place: open_at for s in left}
        level[left.pop().place] = open_at
    return level


def _size(s: Subject) -> float:
    return 0.0 if s.test is None else abs(s.test.sampled(0.0))


def _enough(frozen: FrozenPlan, s: Subject) -> bool:
    cells = (s.control, s.variant)
    n = [float(c.moments.n) for c in cells]
    proportion = frozen.definitions[s.metric].metric.form == "proportion"
    hits = [round(float(c.moments.n * c.moments.mean[0])) if proportion else float("inf") for c in cells]
    exists = comparing.known(s.pair) and comparing.known(s.raw)
    return exists and inference.enough(frozen.plan, (n[0], n[1]), (hits[0], hits[1]))


def _test(frozen: FrozenPlan, s: Subject, past: Sequence[Look], clock: Clock) -> Test:
    gain = 1 if frozen.definitions[s.metric].metric.direction == "increase" else -1
    bare = Test(
        plan=frozen.plan, pair=s.pair, gain=gain, size=s.size or 0.0, absolute=s.absolute, looks=tuple(past),
        planned=1.0, after_horizon=clock.after_horizon, counts=None if s.covariates else s.counts,
    )  # fmt: skip
    now = _look(frozen, s, bare, clock)
    looks = (*past, now) if clock.official else _unofficial(past, now)
    return replace(bare, looks=looks, planned=_planned(frozen, s, looks or (now,)))


def _look(frozen: FrozenPlan, s: Subject, test: Test, clock: Clock) -> Look:
    window = frozen.definitions[s.metric].metric.window_days
    n = float(s.pair.n)
    before = test.looks[-1] if test.looks else None
    fraction = max(_fraction(frozen, s, clock.fractions[window]), before.fraction if before else 0.0)
    information = max(n, before.information if before else 0.0)
    spent = 2 * float(stats.obrien_fleming(frozen.plan.alpha / 2, np.array(fraction)))
    return Look(fraction=fraction, information=information, spent=spent, statistics=inference.scores_of(test))


def _unofficial(past: Sequence[Look], now: Look) -> tuple[Look, ...]:
    """A look that is not official spends nothing: it stands at the last recorded one with today's statistics."""
    return (*past[:-1], past[-1].model_copy(update={"statistics": now.statistics})) if past else ()


def _fraction(frozen: FrozenPlan, s: Subject, by_days: float) -> float:
    """Units with a complete window over planned units; by days where none were planned. One at the horizon."""
    planned = _planned_units(frozen, s)
    return by_days if by_days >= 1 or planned is None else min(float(s.pair.n) / planned, 1.0)


def _planned(frozen: FrozenPlan, s: Subject, looks: Sequence[Look]) -> float:
    """Units at which the always-valid band is tightest: planned, or as the first look's traffic foretold."""
    foretold = max(looks[0].information / max(looks[0].fraction, 1e-3), 1.0)
    return _planned_units(frozen, s) or foretold


def _planned_units(frozen: FrozenPlan, s: Subject) -> float | None:
    """Planned units of the two arms that are compared."""
    plan = frozen.plan
    weights = {v.key: v.weight for v in plan.variants}
    share = weights[plan.control.key] + weights[s.treatment]
    return None if plan.planned_units is None or not share else plan.planned_units * share


def _arm(variant: str, cell: Cell, form: Form, *, adjusted: bool = True) -> Arm:
    """The y of a quantile is no total of a unit, and its standard deviation would tell nothing."""
    n, m = int(cell.moments.n), cell.moments
    mean: float | None = float(m.mean[0]) if n else None
    if "d" in m.names and n:
        below = float(m.mean[m.column("d")])
        mean = float(m.mean[0]) / below if below else None
    sd = float(m.cov[0, 0]) ** 0.5 if n > 1 and form != "quantile" else None
    return Arm(variant=variant, n=n, mean=mean, sd=sd, steps=cell.steps, moments=kept(cell, adjusted=adjusted))


def _uncapped(frozen: FrozenPlan, s: Subject) -> Uncapped | None:
    """The raw effect without the metric's cap; None where it has none, or no interval exists."""
    control, variant = s.control.uncapped, s.variant.uncapped
    if control is None or variant is None or not comparing.known(pair := comparing.pair(control, variant)):
        return None
    form = frozen.definitions[s.metric].metric.form
    return Uncapped(
        control=_arm(frozen.plan.control.key, control, form), variant=_arm(s.treatment, variant, form),
        capped=(s.control.capped, s.variant.capped), effect=inference.fixed(pair, frozen.plan.alpha),
    )  # fmt: skip


def _note(s: Subject, level: float) -> str:
    """What the reading alone would not say: a goal may be shown to fall short before it is shown to be flat."""
    short = "Shown to bring less than is worthwhile." if s.role == "goal" and falls_short(s, level) else ""
    return " ".join(text for text in (short, RARE if _scored(s) else "") if text)


def _scored(s: Subject) -> bool:
    """Whether the score test is what the word and the interval rest on: a posterior rests on its own."""
    return s.test is not None and s.test.counts is not None and s.test.plan.prior is None


def _expected(s: Subject, effect: Effect) -> Expected | None:
    """A posterior allows for luck by itself, as its prior draws it in."""
    if effect.method != "bayesian":
        return expected(s.pair, effect)
    ends = effect.relative, effect.relative_low, effect.relative_high
    mean, low, high = (end or 0.0 for end in ends)
    return Expected(relative=mean, low=low, high=high, level=effect.level)


def _too_few(frozen: FrozenPlan) -> str:
    """What a row lacks that shows nothing yet."""
    unit = numbers.unit_name(frozen.plan.unit)
    least = f"{inference.least_units(frozen.plan)} {unit}"
    if not frozen.plan.clusters:
        least += f", and {inference.LEAST_CONVERSIONS} who count where a share is compared"
    return f"No effect is shown before each variant has {least}, nor while nothing varies."


def _flags(s: Subject) -> tuple[str, ...]:
    if _scored(s) and s.counts is not None:
        return (RARE, *stats.score_estimate(s.counts, 2.0, 1.0).flags)
    zero_flags: Iterable[str] = stats.estimate(s.pair, 2.0, 1.0).flags
    return tuple(zero_flags)
