"""Replays logged exposures against the plan: who met another variant than the plan gives, and why.

Most causes of an uneven split show here: an SDK with another salt, a service that assigns by itself, targeting that is
asked with other attributes than are logged.
"""

import json
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, lru_cache
from types import MappingProxyType
from typing import Any

from experiments.analysis import launch_of
from experiments.errors import DefinitionError
from experiments.plan import Plan, served
from experiments.registry import Database, experiments
from experiments.registry.experiments import Ended
from experiments.registry.keys import ENVIRONMENT
from experiments.settings import Settings
from experiments.warehouse import warehouse
from keepers import ConfigError
from keepers.assignment import SPLIT, decide
from keepers.config import parse_config
from keepers.experiment import Experiment
from keepers.wire import day, exposure_id

MICROSECONDS = 1_000_000
DAY = 86400
# What the SDK says of a unit that the plan does not split, and the part of the plan that says so.
CAUSES = {
    "not_covered": "coverage",
    "not_targeted": "targeting",
    "outside_layer": "layer",
    "held_out": "holdout",
    "prerequisite": "prerequisite",
    "forced": "forced",
}
NO_PHASES: Mapping[int, Any] = MappingProxyType({})
NO_OTHERS: Mapping[str, Any] = MappingProxyType({})
COLUMNS = ("id", "phase", "unit", "variant", "at", "attributes", "forced")


@dataclass(frozen=True)
class Logged:
    """An exposure as the warehouse has it; `at` in microseconds of UTC, attributes as JSON."""

    id: str
    phase: int
    unit: str
    variant: str
    at: int
    attributes: str
    forced: bool


@dataclass(frozen=True)
class Difference:
    """A unit that met `logged` where the plan gives `planned`, None being no part in the experiment."""

    unit: str
    logged: str
    planned: str | None
    reason: str
    at: datetime


@dataclass
class Replay:
    """Units by what came of them; `fits` says which other split explains all that differ by salt and coverage."""

    assigned: set[str] = field(default_factory=set)
    forced: set[str] = field(default_factory=set)
    external: set[str] = field(default_factory=set)
    external_differ: set[str] = field(default_factory=set)
    differences: dict[tuple[str, str, str], Difference] = field(default_factory=dict)
    fits: str = ""

    @property
    def counts(self) -> dict[str, Counter[str]]:
        """Units by reason and by the variant that they met."""
        found: dict[str, Counter[str]] = defaultdict(Counter)
        for each in self.differences.values():
            found[each.reason][each.logged] += 1
        return dict(sorted(found.items(), key=lambda item: -item[1].total()))


def replay(settings: Settings, key: str) -> Replay:
    """Return what the plan gives to each unit that was exposed. Conflict for a draft, NotFound for an unknown key."""
    db = Database(settings.registry)
    e, _, _ = launch_of(db, key)
    every = [e for e in experiments.listing(db) if e.frozen]
    plans = {e.key: (e.frozen.plan, e.phase) for e in every if e.frozen}
    others = {each.key: each.earlier for each in every if each.key != key and each.earlier}
    lake = warehouse(settings)
    days = [each for each in lake.days(ENVIRONMENT, "exposures") if e.launched and each >= e.launched]
    table = lake.table(ENVIRONMENT, "exposures", days)
    rows = table.filter(table.experiment == key).select(*COLUMNS).order_by("at", "id").to_pyarrow()
    logged = (Logged(**row) for batch in rows.to_batches(10_000) for row in batch.to_pylist())
    return judge(key, plans, logged, {p.frozen.phase: p.frozen.plan for p in e.earlier}, others)


def judge(
    key: str, plans: Mapping[str, tuple[Plan, int]], exposures: Iterable[Logged],
    earlier: Mapping[int, Plan] = NO_PHASES, others: Mapping[str, tuple[Ended, ...]] = NO_OTHERS,
) -> Replay:  # fmt: skip
    """Replay exposures of one experiment, each against the plan of its phase.

    `plans` are those of all that were launched, with their phases; `earlier` are its own of earlier phases, `others`
    the earlier phases of other experiments, which its prerequisites may ask.
    """
    try:
        found = compare(key, exposures, _then(key, plans, earlier, others if plans[key][0].prerequisites else {}))
    except ConfigError as error:
        raise DefinitionError(f"the stored plans cannot be read by an SDK: {error}") from None
    found.fits = _explained(found, plans[key][0], [plan for plan, _ in plans.values()])
    return found


def _compiled(key: str, plans: Mapping[str, tuple[Plan, int]]) -> Experiment:
    return parse_config({"experiments": [served(plan, phase) for plan, phase in plans.values()]}).experiments[key]


def _then(
    key: str, plans: Mapping[str, tuple[Plan, int]], earlier: Mapping[int, Plan],
    others: Mapping[str, tuple[Ended, ...]],
) -> Callable[[Logged], Experiment]:  # fmt: skip
    """What gives the experiment as it was for an exposure: in the phase that this names, the others at its time."""
    ends = [[int(p.at.timestamp() * MICROSECONDS) for p in ended] for ended in others.values()]

    @cache
    def made(phase: int, ended: tuple[int, ...]) -> Experiment:
        own = {key: (earlier[phase], phase)} if phase else {}
        old = {k: phases[n].frozen for (k, phases), n in zip(others.items(), ended, strict=True) if n < len(phases)}
        return _compiled(key, {**plans, **{k: (f.plan, f.phase) for k, f in old.items()}, **own})

    made(0, tuple(map(len, ends)))  # says at once if it cannot be read
    return lambda each: made(each.phase * (each.phase in earlier), tuple(bisect_right(e, each.at) for e in ends))


def compare(key: str, exposures: Iterable[Logged], then: Callable[[Logged], Experiment]) -> Replay:
    """Replay exposures of one experiment, in order of their times; `then` gives what it was for each."""
    found = Replay()
    for each in exposures:
        if each.forced:
            found.forced.add(each.unit)
            continue
        difference = _difference(then(each), each)
        if not _assigned_here(key, each):
            found.external.add(each.unit)
            if difference:
                found.external_differ.add(each.unit)
            continue
        found.assigned.add(each.unit)
        if difference:
            found.differences.setdefault((each.unit, each.variant, difference.reason), difference)
    return found


def _assigned_here(key: str, each: Logged) -> bool:
    """Whether the SDK assigned it: then its id is a hash of what it says, on the day of a clock that may be off."""
    at = each.at / MICROSECONDS
    words = f"{key}|{each.phase}|{each.unit}|{each.variant}|"
    return any(each.id == exposure_id(words + day(at + shift)) for shift in (0, -DAY, DAY))


def _difference(experiment: Experiment, each: Logged) -> Difference | None:
    arm, why = decide(experiment, each.unit, _attributes(each.attributes))
    planned = arm.variant if why in (SPLIT, "forced") else None
    reason = CAUSES.get(why, why) if why != SPLIT else "salt"
    if each.phase != experiment.version:
        reason = "version"
    elif why == SPLIT and planned == each.variant:
        return None
    return Difference(
        each.unit, each.variant, planned, reason, datetime.fromtimestamp(each.at / MICROSECONDS, UTC)
    )


@lru_cache(maxsize=10_000)
def _attributes(text: str) -> Mapping[str, Any]:
    found: dict[str, Any] = json.loads(text)
    return found


# Which other split it was.


def _explained(found: Replay, plan: Plan, others: list[Plan]) -> str:
    """Name the split that gives every unit what it met, if 20 or more met a foreign variant; a salt moves gates too."""
    counts = found.counts
    if "salt" not in counts or counts["salt"].total() < 20:
        return ""
    odd = [each for each in found.differences.values() if each.reason in ("salt", "coverage")]
    for words, data in _candidates(plan, others):
        experiment = parse_config({"experiments": [data]}).experiments[plan.key]
        if all(_met(experiment, each.unit) == each.logged for each in odd):
            return words
    return ""


def _met(experiment: Experiment, unit: str) -> str | None:
    arm, why = decide(experiment, unit, {})
    return arm.variant if why == SPLIT else None


def _candidates(plan: Plan, others: list[Plan]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Other splits that an SDK or a service may have used by mistake: another salt, order, or weights."""
    split = {k: v for k, v in served(plan).items() if k in ("key", "salt", "variants", "algorithm", "coverage")}
    variants = split["variants"]
    salts = {name: None for other in (plan, *others) for name in (other.key, other.salt, other.name) if name}
    for salt in salts:
        yield f"the salt '{salt}'", {**split, "salt": salt}
    yield "our own algorithm", {**split, "algorithm": "keepers", "variants": [_plain(v) for v in variants]}
    yield "the variants in reverse order", {**split, "variants": variants[::-1]}
    equal = [{**_plain(v), "weight": 1 / len(variants)} for v in variants]
    yield "equal weights", {**split, "variants": equal}


def _plain(variant: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in variant.items() if k != "ranges"}


# In words.


def text(key: str, found: Replay) -> Iterator[str]:
    """Yield lines: counts first, then each unit that differs, in columns parted by tabs."""
    differ = {each.unit for each in found.differences.values()}
    yield f"{key}: {len(found.assigned):,} units met the variant that an SDK assigned."
    yield f"As the plan has it: {len(found.assigned) - len(differ):,}. Otherwise: {len(differ):,}."
    for reason, variants in found.counts.items():
        by = ", ".join(f"{name} {count:,}" for name, count in sorted(variants.items()))
        yield f"  {reason}: {variants.total():,} ({by})"
    if found.fits:
        yield f"All that differ by salt or coverage fit {found.fits}."
    external, agree = len(found.external), len(found.external - found.external_differ)
    yield f"Apart: forced {len(found.forced):,}; external {external:,}, {agree:,} of them as the plan has it."
    if found.differences:
        yield "\nunit\tat\tlogged\tplanned\treason"
    for each in sorted(found.differences.values(), key=lambda each: (each.reason, each.unit, each.logged)):
        planned = each.planned or "none"
        yield f"{each.unit}\t{each.at:%Y-%m-%d %H:%M:%S}\t{each.logged}\t{planned}\t{each.reason}"
