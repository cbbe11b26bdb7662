"""Snapshots as large as real ones, and rows of many looks made from one of them."""

import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

from experiments.plan import FrozenPlan
from experiments.registry import cards, snapshots
from experiments.registry.snapshots import DayAlone
from experiments.snapshot import (
    Arm,
    ArmMoments,
    Check,
    Effect,
    Excluded,
    Expected,
    MetricResult,
    Progress,
    SegmentResult,
    Snapshot,
    Split,
    Step,
    TreatmentVerdict,
    Verdict,
)

BATCH = 50
SD, SE = 0.02, 0.009  # of true relative effects, and of their estimates
BASE = 0.21
WORDS: tuple[Any, ...] = ("invalid", "stop", "wait", "keep", "drop", "review")
QUERY = "SELECT unit, variant, SUM(value) FROM outcome_days JOIN entry_days USING (unit) WHERE day > '2026-11-02' "
CHECKS = ("split", "crossovers", "late", "before", "plan", "loss", "source", "matched", "delay", "clocks")


def snapshot(frozen: FrozenPlan, launched: date, rng: np.random.Generator) -> Snapshot:
    """The newest look of an experiment, with effects drawn as they are in the world: mostly small."""
    results = tuple(_result(frozen, key, rng) for key in frozen.plan.metric_keys)
    day = min(max((datetime.now(UTC).date() - launched).days, 1), 20)
    word = _word(results, day, rng)
    cutoff = launched + timedelta(days=day - 1)
    return Snapshot(
        experiment=frozen.plan.key, number=1, official=True, environment="production", launched=launched, cutoff=cutoff,
        time_zone="UTC", frozen=frozen, plan_hash=frozen.hash, state="running", verdict=_verdict(word),
        checks=tuple(_check(key, word) for key in CHECKS), excluded=Excluded(crossovers=142), metrics=results,
        progress=Progress(day=day, days=20, precision=day / 19, people=3_300 * day, people_planned=60_000),
        split=Split(counts={"control": 33_127, "t1": 32_995}, weights={"control": 0.5, "t1": 0.5}, sequential_p=0.8,
                    chi_square=0.26, df=1, chi_square_p=0.61),
        segments=tuple(_segment(r, value) for r in results[:4] for value in ("phone", "desktop", "tablet", "app")),
        sql={r.metric: QUERY * 5 for r in results}, versions={"engine": "0.1.0"},
        computed_at=datetime(cutoff.year, cutoff.month, cutoff.day, 4, tzinfo=UTC) + timedelta(days=1),
    )  # fmt: skip


def stored(newest: Snapshot, looks: int, *, whole: bool) -> Iterator[list[dict[str, Any]]]:
    """Rows of so many looks that end with this one, in batches; each a look of its own if `whole`, else copies."""
    newest = newest.model_copy(update={"progress": newest.progress.model_copy(update={"day": looks})})
    last = _row(newest)
    for start in range(0, looks, BATCH):
        numbers = range(start + 1, min(start + BATCH, looks) + 1)
        yield [_look(newest, last, number, looks, whole) for number in numbers]


def _look(newest: Snapshot, last: dict[str, Any], number: int, looks: int, whole: bool) -> dict[str, Any]:
    cutoff = newest.cutoff - timedelta(days=looks - number)
    if number == looks:
        return last
    look = _seen(newest, number, looks, cutoff)
    own = {"number": number, "cutoff": cutoff, "course": _course(look), "word": "wait"}
    return _row(look) if whole else {**last, **own}


def _seen(newest: Snapshot, number: int, looks: int, cutoff: date) -> Snapshot:
    """The look of an earlier day, with as many of the units as had come by then, scattered as few units are."""
    share = number / looks
    grown = tuple(_grown(m, share, math.sin(3 * number) * SE * math.sqrt(1 / share - 1)) for m in newest.metrics)
    progress = newest.progress.model_copy(update={"day": number})
    return newest.model_copy(update={"number": number, "cutoff": cutoff, "progress": progress, "metrics": grown})


def _grown(m: MetricResult, share: float, off: float) -> MetricResult:
    if m.role != "goal" or m.control is None or m.variant is None or m.band is None:
        return m
    lift = (m.band.relative or 0.0) + off
    arms = {"control": _arm("control", BASE, share), "variant": _arm("t1", BASE * (1 + lift), share)}
    return m.model_copy(update={**arms, "band": _effect(lift, 1.6 / math.sqrt(share), "always-valid")})


def _course(s: Snapshot) -> str:
    """What is kept beside a look, with the goals' effects on its day alone."""
    bands = [m.band.relative or 0.0 for m in s.metrics if m.role == "goal" and m.band is not None]
    day = s.progress.day
    alone = [DayAlone(day=day, n=3_300, change=x, low=x - 4 * SE, high=x + 4 * SE) for x in bands]
    return cards.course_of(s, alone)


def _row(s: Snapshot) -> dict[str, Any]:
    word, body = s.verdict.word, s.model_dump_json(by_alias=True)
    return {
        "experiment": s.experiment, "number": s.number, "phase": 1, "official": True, "cutoff": s.cutoff,
        "computed_at": s.computed_at, "word": word, "hash": s.hash, "body": body, "course": _course(s),
        "seal": snapshots.seal(s.hash, word, body),
    }  # fmt: skip


def _result(frozen: FrozenPlan, key: str, rng: np.random.Generator) -> MetricResult:
    metric = frozen.definitions[key].metric
    role: Any = "goal" if key in {g.metric for g in frozen.plan.goals} else (
        "guardrail" if key in {g.metric for g in frozen.plan.guardrails} else "secondary"
    )  # fmt: skip
    lift = float(rng.normal(0.003, SD if role == "goal" else SD / 3) + rng.normal(0, SE))
    reading = _reading(role, lift if metric.direction == "increase" else -lift)
    better = reading == "better"
    return MetricResult(
        metric=key, title=metric.name, kind=metric.form, direction=metric.direction, window_days=metric.window_days,
        role=role, treatment="t1", control=_arm("control", BASE), variant=_arm("t1", BASE * (1 + lift)),
        effect=_effect(lift, 1.0), raw=_effect(lift, 1.1), band=_effect(lift, 1.6, "always-valid"),
        expected=Expected(relative=lift * 0.8, low=-0.01, high=lift * 1.5, level=0.95) if better else None,
        size=0.02, reading=reading, harmed=reading == "harmed",
    )  # fmt: skip


def _reading(role: str, gain: float) -> Any:
    z = gain / SE
    if role == "guardrail":
        return "harmed" if z < -4 else "safe" if gain - 1.645 * SE > -0.03 else "not yet shown safe"
    return "better" if z > 1.96 else "worse" if z < -1.96 else "not enough data" if z > 0.5 else "about the same"


def _arm(variant: str, mean: float, share: float = 1.0) -> Arm:
    n = round(33_000 * share)
    moments = ArmMoments(n=n, names=("y", "x"), mean=(mean, 0.2), cov=(0.166, 0.03, 0.15))
    return Arm(variant=variant, n=n, mean=mean, sd=0.407, moments=moments)


def _effect(lift: float, wide: float, method: Any = "group-sequential") -> Effect:
    half = 1.96 * SE * wide
    return Effect(
        difference=BASE * lift, low=BASE * (lift - half), high=BASE * (lift + half), relative=lift,
        relative_low=lift - half, relative_high=lift + half, se=BASE * SE, df=66_000.0, p_value=0.01, critical=1.96,
        level=0.95, method=method,
    )  # fmt: skip


def _word(results: tuple[MetricResult, ...], day: int, rng: np.random.Generator) -> str:
    readings = [r.reading for r in results if r.role != "secondary"]
    if rng.random() < 0.06:
        return "invalid"
    if "harmed" in readings:
        return "stop"
    if day < 20:
        return "wait"
    if "better" in readings and "worse" not in readings:
        return "keep"
    return "drop" if {"better", "not enough data"}.isdisjoint(readings) else "review"


def _verdict(word: Any) -> Verdict:
    sentence = "More people complete their order: 2.8% more, and plausibly between 1.4% and 4.2% more."
    texts: Any = {"sentence": sentence, "would_change": "Nothing more is planned: the experiment reached its last day."}
    steps = tuple(Step(word=w, hit=w == word, text="Yes: so it is" if w == word else "No") for w in WORDS)
    each = TreatmentVerdict(treatment="t1", word=word, steps=steps, **texts)
    return Verdict(word=word, treatment="t1", rule="Keep when a goal improves.", treatments=(each,), **texts)


def _check(key: str, word: str) -> Check:
    bad = word == "invalid" and key == "split"
    return Check(
        key=key, title=f"{key.capitalize()} as it should be", state="bad" if bad else "good", value="50.1 / 49.9",
        detail="33,127 against 32,995 people, planned 50 to 50.", invalidates=bad, threshold="below .001",
    )  # fmt: skip


def _segment(r: MetricResult, value: str) -> SegmentResult:
    arms: Any = {"control": r.control, "variant": r.variant}
    return SegmentResult(segment="device", value=value, metric=r.metric, treatment="t1", effect=r.raw, **arms)
