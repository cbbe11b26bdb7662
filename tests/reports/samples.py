"""Experiments and snapshots with invented numbers, of the real types, for tests of pages and reports."""

import hashlib
import io
from datetime import UTC, date, datetime, timedelta
from typing import Any

from PIL import Image

from experiments.catalog import Catalog, Measure, Metric
from experiments.followup import FollowUp, Outcome
from experiments.health import THRESHOLDS
from experiments.plan import FrozenPlan, Goal, Guardrail, Plan, Variant, freeze
from experiments.registry.experiments import Decision, Experiment
from experiments.registry.pictures import Whole
from experiments.snapshot import (
    Arm,
    Cause,
    Check,
    DayEffect,
    Effect,
    Excluded,
    Expected,
    MetricResult,
    Progress,
    SegmentResult,
    SegmentTest,
    Shrunken,
    Snapshot,
    Split,
    Step,
    TreatmentVerdict,
    Trend,
    Uncapped,
    Verdict,
)  # fmt: skip

LONG = "Accounts created by guests who check out for the first time on a borrowed or shared device, counted once for each person"
RTL = "إتمام الطلب في صفحة واحدة"
LAUNCHED = date(2026, 11, 2)
WORDS = ("invalid", "stop", "wait", "keep", "drop", "review")

CATALOG = Catalog(
    measures={
        "orders": Measure(event="purchase"), "revenue": Measure(event="purchase", aggregate="sum"),
        "address-filled-in": Measure(event="address"), "payment-chosen": Measure(event="payment"),
    },
    metrics={
        m.key: m
        for m in (
            Metric(
                key="completed", title="Checkouts completed", kind="proportion", measure="orders", window_days=7,
                description="people who complete an order, of those who begin checkout",
            ),
            Metric(key="revenue", title="Revenue per person", kind="mean", measure="revenue", window_days=7, symbol="€", cap=400),
            Metric(key="refused", title="Payments refused", kind="proportion", measure="orders", window_days=7, direction="decrease"),
            Metric(key="load", title="Time until checkout can be used", kind="mean", measure="revenue", window_days=1, direction="decrease", symbol="s"),
            Metric(key="long", title=LONG[:120], kind="proportion", measure="orders"),
            Metric(key="through", title="All the way to an order", kind="funnel", steps=("address-filled-in", "payment-chosen", "orders"), measure="orders", window_days=7),
            Metric(key="slow", title="Slow loads", kind="quantile", quantile=0.9, measure="revenue", window_days=7, direction="decrease", symbol="s"),
            *(Metric(key=f"extra-{n}", title=f"Extra metric {n}", kind="mean", measure="orders") for n in range(60)),
        )
    },
)  # fmt: skip


def plan(
    key: str = "checkout-one-page", treatments: int = 1, secondary: tuple[str, ...] = ("long",), **changes: Any
) -> Plan:
    """A plan with two goals and two guardrails."""
    share = 1 / (treatments + 1)
    names = (
        "One page",
        "Delivery cost shown first",
        "Arrives by Friday, with a date for each delivery option",
        "Order within 3 hours",
        "Free returns badge",
    )
    variants = (
        Variant(key="control", weight=1 - treatments * share),
        *(Variant(key=f"t{n + 1}", title=names[n], weight=share) for n in range(treatments)),
    )
    fields: dict[str, Any] = {
        "title": "One-page checkout with address autofill", "owner": "Product manager", "team": "Checkout",
        "hypothesis": "If people fill in one page instead of three, more of them will complete their order.",
        "change": "One page, with the address filled in.", "planned_units": 65_400, **changes,
    }  # fmt: skip
    return Plan(
        key=key, variants=variants, secondary=secondary,
        goals=(Goal(metric="completed", worthwhile=0.02), Goal(metric="revenue", worthwhile=0.02)),
        guardrails=(Guardrail(metric="refused", margin=0.1), Guardrail(metric="load", margin=0.03)), **fields,
    )  # fmt: skip


def effect(base: float, relative: float, half: float, **changes: Any) -> Effect:
    """An effect whose relative interval is `relative` ± `half`."""
    fields: dict[str, Any] = {
        "difference": base * relative, "low": base * (relative - half), "high": base * (relative + half),
        "relative": relative, "relative_low": relative - half, "relative_high": relative + half,
        "se": base * half / 1.96, "df": 66_000.0, "p_value": 0.012, "critical": 1.96, "level": 0.95,
        "method": "group-sequential",
    }  # fmt: skip
    return Effect(**{**fields, **changes})


def result(
    frozen: FrozenPlan, key: str, treatment: str, shown: tuple[float, float, float, str], **changes: Any
) -> MetricResult:
    """One metric's result from (control mean, relative change, half-width, reading)."""
    base, relative, half, reading = shown
    metric = frozen.definitions[key].metric
    sizes = {g.metric: g.worthwhile for g in frozen.plan.goals} | {g.metric: g.margin for g in frozen.plan.guardrails}
    role = "goal" if key in {g.metric for g in frozen.plan.goals} else "guardrail" if key in sizes else "secondary"
    fields: dict[str, Any] = {
        "metric": key, "title": metric.name, "description": metric.description, "kind": metric.form,
        "direction": metric.direction, "symbol": metric.symbol, "window_days": metric.window_days, "role": role,
        "treatment": treatment, "control": Arm(variant="control", n=33_127, mean=base, sd=base),
        "variant": Arm(variant=treatment, n=32_995, mean=base * (1 + relative), sd=base),
        "effect": effect(base, relative, half), "raw": effect(base, relative + 0.001, half * 1.1),
        "band": effect(base, relative, half * 1.6, method="always-valid"), "size": sizes.get(key), "reading": reading,
    }  # fmt: skip
    if metric.steps:
        fields["control"] = Arm(variant="control", n=33_127, mean=base, sd=base, steps=(20_143, 11_900, 7_288))
        fields["variant"] = Arm(variant=treatment, n=32_995, mean=base, sd=base, steps=(20_391, 12_004, 7_339))
    if metric.cap is not None:
        arms = (Arm(variant=k, n=n, mean=m, sd=5 * base) for k, n, m in (("control", 33_127, 1.02 * base), (treatment, 32_995, 1.06 * base)))
        fields["uncapped"] = Uncapped(
            control=next(arms), variant=next(arms), capped=(132, 141), effect=effect(1.02 * base, relative + 0.024, half * 4)
        )
    if role == "goal" and len(frozen.plan.treatments) > 1:
        fields["dunnett_p"] = 0.031
    if frozen.plan.method == "bayesian":
        fields["effect"] = effect(base, relative, half, method="bayesian", df=None, chance=0.974)
    if reading == "better":
        low, high = relative - half - 0.004, relative + half
        fields["expected"] = Expected(relative=relative - 0.005, low=low, high=high, level=0.95)
    return MetricResult(**{**fields, **changes})


def results(frozen: FrozenPlan, treatment: str) -> tuple[MetricResult, ...]:
    """A better goal, an open one, two guardrails, and the secondary metrics."""
    shown = {
        "completed": (0.481, 0.028, 0.014, "better"), "revenue": (31.42, 0.014, 0.0195, "not enough data"),
        "refused": (0.0231, -0.017, 0.1, "safe"), "load": (1.84, 0.009, 0.013, "safe"),
        "long": (0.118, -0.042, 0.047, "not enough data"),
    }  # fmt: skip
    return tuple(
        result(frozen, k, treatment, shown.get(k, (0.22, 0.011, 0.05, "not enough data")))
        for k in frozen.plan.metric_keys
    )


def checks(word: str = "keep", cutoff: date = date(2026, 11, 15)) -> tuple[Check, ...]:
    """All checks; the split fails when the verdict is invalid."""
    uneven = Check(
        key="split", title="Split uneven", state="bad", value="51.5 / 48.5", invalidates=True,
        detail="20,412 against 19,188 people; planned 50 to 50.",
        remedy="Log the exposure before the page draws, in both variants, then launch again as a new phase.",
    )  # fmt: skip
    even = ("split", "Split even", "good", "50.1 / 49.9", "33,127 against 32,995 people.")
    fine = [
        ("late", "Events on time", "good", "none late", "99.4% arrived within an hour."),
        ("crossovers", "Crossovers few", "good", "0.2%", "142 people met both variants."),
        ("before", "Alike before", "unknown", "not known", "No metric has days before launch."),
        ("plan", "Plan unchanged", "good", "as frozen", "Plan 4f9c as at launch."),
        ("loss", "Nothing lost", "good", "none", "No sender said that it dropped any."),
        ("source", "Outcomes arriving", "good", "as expected", "Every goal and guardrail has counted something."),
        ("matched", "Ids matched", "good", "48% with events", "Of 66,122 exposed, 31,740 did what the plan measures."),
        ("delay", "Data in time", "good", "0.1% late", "Of 18,204 rows of 13 November, 19 came late."),
        ("clocks", "Clocks right", "good", "none ahead", "Of 36,961 rows of the last days, none came before its time."),
    ]
    names = ("key", "title", "state", "value", "detail")
    found = [Check(**dict(zip(names, row, strict=True))) for row in (fine if word == "invalid" else [*fine, even])]
    found += [uneven] if word == "invalid" else []
    since = cutoff - timedelta(days=2)
    return tuple(c.model_copy(update={"threshold": THRESHOLDS[c.key], "since": since}) for c in found)


def verdict(frozen: FrozenPlan, word: str = "keep") -> Verdict:
    """The same word for every treatment."""
    sentence = "More people complete their order: 2.8% more, and plausibly between 1.4% and 4.2% more."
    change = "Nothing more is planned: the experiment reached its last day."
    steps = tuple(Step(word=w, hit=w == word, text="Yes: so it is" if w == word else "No") for w in WORDS)  # type: ignore[arg-type]
    each = tuple(
        TreatmentVerdict(treatment=v.key, word=word, sentence=sentence, would_change=change, steps=steps)  # type: ignore[arg-type]
        for v in frozen.plan.treatments
    )
    rule = "Keep when a goal improves and every guardrail is safe."
    return Verdict(
        word=word, treatment=each[0].treatment, sentence=sentence, would_change=change, rule=rule, treatments=each
    )  # type: ignore[arg-type]


def snapshot(frozen: FrozenPlan | None = None, number: int = 14, word: str = "keep", **changes: Any) -> Snapshot:
    """One look with everything that a page can show."""
    frozen = frozen or freeze(plan(), CATALOG)
    keys = [v.key for v in frozen.plan.variants]
    first = frozen.plan.treatments[0].key
    day = min(number, 14)
    fields: dict[str, Any] = {
        "experiment": frozen.plan.key, "number": number, "official": True, "environment": "production",
        "launched": LAUNCHED, "cutoff": LAUNCHED + timedelta(days=day - 1), "time_zone": "UTC", "frozen": frozen,
        "plan_hash": frozen.hash, "state": "running", "verdict": verdict(frozen, word), "checks": checks(word),
        "progress": Progress(
            day=day, days=14, precision=1.06, people=66_122, people_planned=65_400,
            answer_from=date(2026, 11, 22), answer_to=date(2026, 11, 26),
        ),
        "split": Split(
            counts={k: 33_000 + n for n, k in enumerate(keys)}, weights={v.key: v.weight for v in frozen.plan.variants},
            sequential_p=0.8, chi_square=0.26, df=len(keys) - 1, chi_square_p=0.61,
        ),
        "excluded": Excluded(crossovers=142),
        "metrics": tuple(m for v in frozen.plan.treatments for m in results(frozen, v.key)),
        "segments": segments(frozen, first), "trends": trends(frozen, first), "shared": {"search": 41_310},
        "causes": causes() if word == "invalid" else (), "others": others(first), "other_tests": other_tests(first),
        "versions": {"engine": "0.1.0"}, "sql": {"completed": "SELECT 1"},
        "computed_at": datetime(2026, 11, 2, 4, 12, 0, 31_415, tzinfo=UTC) + timedelta(days=day),
    }  # fmt: skip
    return Snapshot(**{**fields, **changes})


def segments(frozen: FrozenPlan, treatment: str) -> tuple[SegmentResult, ...]:
    """One goal by device; a group too small to say anything has no effect."""
    parts = (("phone", 0.439, 0.036, 0.023), ("desktop", 0.566, 0.016, 0.028))
    found = [
        SegmentResult(
            segment="device", value=name, metric="completed", treatment=treatment,
            control=Arm(variant="control", n=22_000, mean=base, sd=0.5),
            variant=Arm(variant=treatment, n=22_301, mean=base * (1 + relative), sd=0.5),
            effect=effect(base, relative, half),
            shrunken=Shrunken(relative=0.029, low=0.012, high=0.046, level=0.95),
        )
        for name, base, relative, half in parts
    ]  # fmt: skip
    tiny = Arm(variant="control", n=3, mean=0.3, sd=0.5)
    return (
        *found,
        SegmentResult(
            segment="device",
            value="=tv",
            metric="completed",
            treatment=treatment,
            control=tiny,
            variant=tiny,
            effect=None,
        ),
    )


def others(treatment: str) -> tuple[SegmentResult, ...]:
    """One goal within the variants of another experiment, which change it."""
    return tuple(
        SegmentResult(
            segment="search", value=name, metric="completed", treatment=treatment,
            control=Arm(variant="control", n=10_400, mean=0.481, sd=0.5),
            variant=Arm(variant=treatment, n=10_255, mean=0.481 * (1 + relative), sd=0.5), effect=effect(0.481, relative, 0.02),
        )
        for name, relative in (("control", 0.001), ("t1", 0.055))
    )  # fmt: skip


def other_tests(treatment: str) -> tuple[SegmentTest, ...]:
    """Its test, which tells that they differ."""
    return (SegmentTest(segment="search", metric="completed", treatment=treatment, values=2, p_value=0.004),)


def trends(frozen: FrozenPlan, treatment: str) -> tuple[Trend, ...]:
    """One goal whose effect fades, and another that few do after the first day."""
    fading = tuple(
        DayEffect(day=n, n=66_122 - 3_000 * n, change=0.05 - 0.006 * n, low=0.02 - 0.007 * n, high=0.08 - 0.005 * n)
        for n in range(7)
    )
    rare = DayEffect(day=0, n=66_122, change=None, low=None, high=None)
    return (
        Trend(metric="completed", treatment=treatment, absolute=False, days=fading, slope=-0.006, p_value=0.003),
        Trend(metric="revenue", treatment=treatment, absolute=False, days=(rare,), note="Too few days."),
    )


def causes() -> tuple[Cause, ...]:
    """A platform at fault, and a day that is not."""
    counts = {"control": 4_100, "t1": 3_288}
    first = Cause(
        dimension="platform", value="ios", counts=counts, variant="t1", missing=812, planned=4_100, chance=0.9996,
        rest_as_planned=True,
    )  # fmt: skip
    day = {"dimension": "day", "value": "20759", "missing": 310, "chance": 0.0004, "rest_as_planned": False}
    return first, first.model_copy(update=day)


def decision(**changes: Any) -> Decision:
    """A keep that follows the verdict."""
    fields: dict[str, Any] = {
        "word": "keep", "variant": "t1", "coverage": 1.0, "reason": "Fewer steps help most where typing is hardest.",
        "learning": "Asking for less typing helps people finish.", "by": "pm@example.com", "second": "",
        "at": datetime(2026, 11, 18, 9, 30, tzinfo=UTC), "verdict": "keep", "snapshot": 14, "followed": True,
    }  # fmt: skip
    return Decision(**{**fields, **changes})


def experiment(of: Snapshot, state: str = "running", decided: Decision | None = None) -> Experiment:
    """The stored experiment of a snapshot."""
    launched = datetime(2026, 11, 2, tzinfo=UTC)
    return Experiment(
        key=of.experiment, state=state, phase=1, plan=of.frozen.plan, frozen=of.frozen, plan_hash=of.plan_hash,
        launched=LAUNCHED, launched_at=launched, stopped_at=None, decided_at=decided.at if decided else None,
        created_at=launched - timedelta(days=3), decision=decided, verdict=of.verdict.word, latest_number=of.number,
    )  # fmt: skip


def follow_up(word: str = "fell short", **changes: Any) -> FollowUp:
    """A look after launch: one goal that fell short, and one of which nothing is known yet."""
    found = (
        Outcome("completed", "Checkouts completed", 0.0231, 0.0042, -0.0113, 0.0197, 0.95, word),
        Outcome("revenue", "Revenue per person", 0.0137, None, None, None, None, "not known yet"),
    )
    fields: dict[str, Any] = {
        "since": date(2026, 11, 19), "cutoff": date(2026, 12, 16), "held_back": 3_317, "served": 62_903, "failing": (),
        "word": word, "outcomes": found, "computed_at": datetime(2026, 12, 17, 4, 12, tzinfo=UTC), "hash": "5e" * 32,
    }  # fmt: skip
    return FollowUp(**{**fields, **changes})


def pictures(*said: tuple[str, str], size: tuple[int, int] = (60, 40)) -> list[Whole]:
    """Pictures of (variant, what it shows in words), each in a colour of its own."""
    found = []
    for n, (variant, alt) in enumerate(said, 1):
        out = io.BytesIO()
        Image.new("RGB", size, (40 * n % 256, 120, 160)).save(out, "WEBP")
        body = out.getvalue()
        kept = (n, "checkout-one-page", variant, alt, *size, hashlib.sha256(body).hexdigest(), datetime(2026, 11, 1, tzinfo=UTC))
        found.append(Whole(*kept, "pm@example.com", body))
    return found
