"""A registry with a programme of years: experiments in every state, and every look that each had. From a seed.

Plans, cards, effects and the newest snapshot of each experiment are of the real types; the other looks of most are
copies of its newest body under their own number and day, as no page reads those bodies. Of the long experiments every
look has its own hash, so that their reports can be made.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import insert, update
from sqlalchemy.orm import Session

from benchmarks import web_looks
from experiments.catalog import Catalog, Measure, Metric
from experiments.plan import FrozenPlan, Goal, Guardrail, Layer, Plan, Variant, freeze
from experiments.planning.forecast import Chance, Row
from experiments.planning.outlook import Duration, Outlook
from experiments.registry import Database, cards, log, metrics
from experiments.registry.brief_models import OutlookRow
from experiments.registry.models import ExperimentRow, SnapshotRow
from experiments.registry.summary_models import CardRow, EffectRow
from experiments.snapshot import Snapshot

TODAY = datetime.now(UTC).date()  # the calendar is of today
TEAMS = ("Checkout", "Discovery", "Product page", "Onboarding", "Payments", "Retention", "Search", "Delivery")
THINGS = ("button", "photo", "form", "promise", "list", "filter", "receipt", "basket", "letter", "banner", "map")
WAYS = ("larger", "shorter", "clearer", "calmer", "earlier", "personal", "grouped", "sticky", "plain", "faster")
TAGS = ("wording", "phones", "speed", "trust", "delivery", "payment", "photos", "forms", "search", "prices")
NAMES = (
    "orders", "revenue", "added", "returns", "refused", "slow", "visits", "reviews", "signups", "shares", "calls",
    "cost",
)  # fmt: skip
LOGGED = 12  # lines of the log of each
LONG = 3  # experiments with many looks
MOST_LOOKS = 364
RUNNING, DRAFTS, STOPPED = 0.07, 0.04, 0.02
CATALOG = Catalog(
    measures={name: Measure(event=name) for name in NAMES},
    metrics={
        name: Metric(
            key=name, title=f"People with {name}", kind="proportion", measure=name, window_days=7,
            direction="decrease" if name in ("returns", "refused", "slow", "calls", "cost") else "increase",
        )
        for name in NAMES
    },
)  # fmt: skip


@dataclass(frozen=True)
class Sizes:
    """How much is filled in."""

    experiments: int = 1_000
    snapshots: int = 100_000


def fill(db: Database, sizes: Sizes, rng: np.random.Generator) -> list[str]:
    """Fill an empty registry; return the keys of the long experiments."""
    metrics.apply(db, CATALOG, "benchmark")
    rest = sizes.snapshots - LONG * MOST_LOOKS
    launched = sizes.experiments - int(DRAFTS * sizes.experiments) - LONG
    each = max(1, rest // max(launched, 1))
    for n in range(sizes.experiments):
        looks = MOST_LOOKS if n < LONG else each
        with db.begin() as session:
            _one(session, n, n / sizes.experiments, looks, rng)
    return [_key(n) for n in range(LONG)]


def _key(n: int) -> str:
    return f"{TEAMS[n % len(TEAMS)].lower().replace(' ', '-')}-{WAYS[n % 10]}-{THINGS[n % 11]}-{n}"


def _one(session: Session, n: int, share: float, looks: int, rng: np.random.Generator) -> None:
    """One experiment with everything that is stored of it; the higher its share, the later it came."""
    plan = _plan(n, rng)
    frozen = freeze(plan, CATALOG)
    state = _state(n, share)
    age = max(int((1 - share) * 900), 0) + 25 if state not in ("running", "draft") else int(rng.integers(1, 26))
    launched = TODAY - timedelta(days=age)
    newest = web_looks.snapshot(frozen, launched, rng) if state != "draft" else None
    row = _row(plan, frozen, state, launched, newest, rng)
    session.execute(insert(ExperimentRow).values(**row))
    cards.write(session.connection(), ExperimentRow(**row))
    if newest is None:
        session.add(_outlook(frozen))
    else:
        _stored(session, newest.model_copy(update={"number": looks}), looks, n < LONG)


def _stored(session: Session, newest: Snapshot, looks: int, whole: bool) -> None:
    noted = cards.look_of(newest, newest.cutoff)
    session.execute(update(CardRow).where(CardRow.experiment == newest.experiment).values(**noted))
    session.execute(insert(EffectRow), cards.effects_of(newest))
    for n in range(1, LOGGED + 1):
        log.add(session, who="Keepers", kind="verdict", experiment=newest.experiment, text=f"Look {n}: wait.")
    for rows in web_looks.stored(newest, looks, whole=whole):
        session.execute(insert(SnapshotRow), rows)


def _outlook(frozen: FrozenPlan) -> OutlookRow:
    """What somebody worked out of a draft, in as many words as are usual."""
    plan, line = frozen.plan, "If it does nothing at all, you would wrongly keep it 1 time in 40."
    row = Row("People with orders", "goal", "at least +2%", "38,400 people", "found 8 times in 10", "+1.9%")
    found = Outlook(
        plan_hash=frozen.hash, weeks=2, units_a_day=None, who=(line,) * 2, rows=(row,) * len(plan.metric_keys),
        whole=(line,) * 2, chances=tuple(Chance(f"Situation {n}", line, n / 6) for n in range(6)), days=line,
        past=(line,) * 2, durations=tuple(Duration(weeks=n, day=7 * n, people=9_000 * n, power=n / 9, unit="user")
                                          for n in range(1, 7)),
        limits=(line,) * 2, people=60_000, needed=38_400, power=0.8, asked=0.8,
    )  # fmt: skip
    return OutlookRow(
        experiment=plan.key, plan_hash=frozen.hash, at=datetime.now(UTC), by="pm@example.com",
        body=found.model_dump_json(),
    )  # fmt: skip


def _plan(n: int, rng: np.random.Generator) -> Plan:
    team, way, thing = TEAMS[n % len(TEAMS)], WAYS[n % 10], THINGS[n % 11]
    start = round(float(rng.integers(0, 8)) / 10, 1)
    layer = Layer.model_validate({"name": team, "salt": team, "from": start, "to": start + 0.2}) if n % 3 else None
    return Plan(
        key=_key(n), title=f"A {way} {thing} {n}", team=team, owner=f"Person {n % 40}",
        hypothesis=f"If the {thing} is {way}, more people will order, as they see sooner what they came for.",
        change=f"A {way} {thing} on every page of {team.lower()}." if n % 11 else "", layer=layer,
        tags=tuple(rng.choice(TAGS, 2, replace=False)), planned_units=60_000, secondary=NAMES[6:],
        variants=(Variant(key="control", weight=0.5), Variant(key="t1", title=f"{way} {thing}", weight=0.5)),
        goals=tuple(Goal(metric=m, worthwhile=0.02) for m in NAMES[n % 3 :][:2]),
        guardrails=tuple(Guardrail(metric=m, margin=0.03) for m in NAMES[4:6]),
    )  # fmt: skip


def _state(n: int, share: float) -> str:
    """The long ones still run; of the rest those that came last are drafts and running."""
    if n < LONG:
        return "running"
    return "draft" if share >= 1 - DRAFTS else "running" if share >= 1 - DRAFTS - RUNNING else (
        "stopped" if share >= 1 - DRAFTS - RUNNING - STOPPED else "decided"
    )  # fmt: skip


def _row(
    plan: Plan, frozen: FrozenPlan, state: str, launched: date, newest: Snapshot | None, rng: np.random.Generator
) -> dict[str, Any]:  # fmt: skip
    at = datetime(launched.year, launched.month, launched.day, 9, tzinfo=UTC)
    ended = at + timedelta(days=21 + int(rng.integers(0, 9)))
    decision = _decision(plan, newest, ended, rng) if newest and state == "decided" else None
    return {
        "key": plan.key, "state": state, "phase": 1, "plan": plan.model_dump(mode="json", by_alias=True),
        "frozen": frozen.model_dump(mode="json", by_alias=True) if newest else None,
        "plan_hash": frozen.hash if newest else None, "created_at": at - timedelta(days=3),
        "launched_at": at if newest else None, "launched": launched if newest else None,
        "stopped_at": ended if state == "stopped" else None, "decided_at": ended if decision else None,
        "decision": decision,
    }  # fmt: skip


def _decision(plan: Plan, newest: Snapshot, at: datetime, rng: np.random.Generator) -> dict[str, Any]:
    word = newest.verdict.word
    follows = {"keep": "keep", "drop": "drop", "stop": "drop"}.get(word, "again")
    differs = bool(rng.random() < 0.08)
    chosen = ("drop" if follows == "keep" else "keep") if differs else follows
    return {
        "word": chosen, "variant": "t1" if chosen == "keep" else None, "coverage": 1.0,
        "reason": "It does what we hoped for." if chosen == "keep" else "It did not bring what it must.",
        "learning": f"{plan.title}: people notice what is {plan.title.split()[1]} where they decide, and nowhere else.",
        "by": "pm@example.com", "second": "ada@example.com" if differs else "", "at": at.isoformat(), "verdict": word,
        "snapshot": newest.number, "followed": not differs,
    }  # fmt: skip
