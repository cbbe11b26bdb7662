"""Every number of a report in tables: what workbooks hold in full, and reports for people to six digits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from experiments.reports.model import Report
from experiments.snapshot import SegmentResult, Snapshot

Value = str | bool | int | float | date | datetime | None
Line = tuple[Value, ...]

DIGITS = 6
PLACE = ("metric", "treatment", "segment", "value")
SIZES = (
    "difference", "low", "high", "relative", "relative_low", "relative_high", "se", "df", "p_value", "critical",
    "chance", "level", "method",
)  # fmt: skip
READ = (
    "metric", "treatment", "role", "kind", "direction", "window_days", "size", "absolute", "reading", "harmed",
    "waiting", "dunnett_p", "note", "error",
)  # fmt: skip
SPENT = ("fraction", "information", "spent")
EFFECTS = (
    "Against control. Used by the verdict, raw, raw without the metric's cap (uncapped), and always valid; segments "
    "and other experiments are raw or shrunken. Relative ones are shares."
)
ARMS = (*PLACE, "variant", "n", "mean", "sd")
WHOLE = "Metrics once more without their cap, which moves no verdict, and how many units lie above it."
UNCAPPED = ("metric", "treatment", "variant", "cap", "n", "capped", "mean", "sd")
STEPS = ("metric", "treatment", "variant", "step", "units")
LOOKS = ("metric", "treatment", *SPENT, "zero", "minus", "short", "margin")
TESTS = ("segment", "metric", "treatment", "values", "p_value")
TRENDS = (
    "metric", "treatment", "absolute", "slope", "slope_variance_control", "slope_variance_variant", "p_value", "note",
)  # fmt: skip
DAYS = ("metric", "treatment", "day", "n", "change", "low", "high")
CAUSES = ("dimension", "value", "variant", "missing", "planned", "chance", "of", "units")
FACTS = ("fact", "value")
OUTCOME = ("metric", "word", "predicted", "measured", "low", "high", "level")
HELD = "Effects are held back: the groups are not comparable. Files for programs hold what was computed."
PRODUCT = 1e15  # a whole number beyond it would lose digits as a float


@dataclass(frozen=True)
class Table:
    """One table: a short title, a sentence on what it holds, columns and rows. `effects` is held back if invalid."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[Line, ...]
    effects: bool = True


@dataclass(frozen=True)
class Written:
    """A table as people read it: every value in writing, no column in which nothing is known."""

    title: str
    about: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(snapshot: Snapshot) -> tuple[Table, ...]:
    """Return all tables that have rows, exact."""
    made = (*_of_effects(snapshot), *_of_data(snapshot))
    return tuple(t for t in made if t.rows)


def _of_effects(snapshot: Snapshot) -> tuple[Table, ...]:
    """Held back while the snapshot is invalid."""
    return (
        Table("Readings", "Each metric of each treatment in a word, with its size.", READ, _readings(snapshot)),
        Table("Effects", EFFECTS, (*PLACE, "estimate", *SIZES), tuple(_effects(snapshot))),
        Table("Arms", "Units with a complete window, their mean and standard deviation.", ARMS, tuple(_arms(snapshot))),
        Table("Uncapped", WHOLE, UNCAPPED, tuple(_uncapped(snapshot))),
        Table("Funnels", "Units that made each step, in order.", STEPS, tuple(_steps(snapshot))),
        Table("Looks", "What this official look spent, and the scores that the rule reads.", LOOKS, _looks(snapshot)),
        Table("Tests", "Whether effects differ between groups, after Holm.", TESTS, _tests(snapshot)),
        Table("Trends", "How an effect changes with each day since exposure, after Holm.", TRENDS, _trends(snapshot)),
        Table("Days", "The effect on each day since exposure, with its fixed 95% interval.", DAYS, _days(snapshot)),
    )


def _of_data(snapshot: Snapshot) -> tuple[Table, ...]:
    """What says whether the data can be trusted, and what made the numbers: always shown."""
    checks = ("check", "state", "value", "detail", "threshold", "since")
    plan = tuple(flat("", snapshot.frozen.model_dump(mode="json", by_alias=True)))
    made = (
        Table("Split", "Units by first exposure, before exclusions.", ("variant", "units", "weight"), _split(snapshot)),
        Table("Causes", "Slices that may hold the fault behind an uneven split.", CAUSES, tuple(_causes(snapshot))),
        Table("Checks", "Whether the data can be trusted.", checks, _checks(snapshot)),
        Table("Facts", "How far it has come, what was left out, what made this.", FACTS, tuple(_facts(snapshot))),
        Table("Plan", "As frozen at launch.", ("entry", "value"), plan),
    )
    return tuple(replace(t, effects=False) for t in made)


def readable(report: Report) -> tuple[Table, ...]:
    """Return the tables that people may read, exact: none of effects while the snapshot is invalid."""
    found = tables(report.snapshot)
    if report.snapshot.verdict.word == "invalid":
        held = Table("Effects", HELD, ("effects",), (("held back",),))
        found = (held, *(t for t in found if not t.effects))
    return (*found, *_since_launch(report))


def shown(report: Report) -> tuple[Written, ...]:
    """Return what people may read in writing, numbers to six digits."""
    return tuple(map(_told, readable(report)))


def _since_launch(report: Report) -> Iterator[Table]:
    """Each goal after launch, where it was looked at; the look has a date and a hash of its own."""
    seen = report.after
    if seen is not None:
        about = f"What was predicted and what was measured, as shares of control. Look of {seen.cutoff}, {seen.hash}."
        sides = (seen.since, seen.cutoff, seen.served, seen.held_back)
        rows = tuple((*_fields(o, OUTCOME), *sides) for o in seen.outcomes)
        yield Table("After launch", about, (*OUTCOME, "since", "cutoff", "served", "held_back"), rows, effects=False)


def _told(table: Table) -> Written:
    rows = [tuple(map(written, row)) for row in table.rows]
    known = [n for n in range(len(table.columns)) if any(row[n] for row in rows)]
    columns = tuple(table.columns[n] for n in known)
    return Written(table.title, table.about, columns, tuple(tuple(row[n] for n in known) for row in rows))


def written(value: Value) -> str:
    """Write one value: a number so that it parses back to six digits, with a real minus; '' for what is not known."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return str(value).replace("-", "−")
    if isinstance(value, float):
        whole = value.is_integer() and abs(value) < PRODUCT
        return (f"{value:.0f}" if whole else f"{value:.{DIGITS}g}").replace("-", "−")
    return value.isoformat() if isinstance(value, date) else value


def flat(path: str, value: Any) -> Iterator[Line]:
    """Yield every entry of nested data with its path: ('plan.variants.0.weight', 0.5)."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(f"{path}.{key}" if path else key, inner)
    elif isinstance(value, list):
        for n, inner in enumerate(value):
            yield from flat(f"{path}.{n}", inner)
    elif value not in (None, ""):
        yield path, value


def _readings(snapshot: Snapshot) -> tuple[Line, ...]:
    return tuple(_fields(m, READ) for m in snapshot.metrics)


def _fields(record: Any, names: Sequence[str]) -> Line:
    return tuple(getattr(record, name) for name in names)


def _effects(snapshot: Snapshot) -> Iterator[Line]:
    for m in snapshot.metrics:
        place = (m.metric, m.treatment, "", "")
        uncapped = m.uncapped and m.uncapped.effect
        found = (("used", m.effect), ("raw", m.raw), ("uncapped", uncapped), ("always-valid", m.band))
        yield from ((*place, name, *_fields(e, SIZES)) for name, e in found if e is not None)
        if m.expected is not None:
            yield (*place, "expected", *_relative(m.expected))
    for s in (*snapshot.segments, *snapshot.others):
        yield from _of_group(s)


def _of_group(s: SegmentResult) -> Iterator[Line]:
    place = (s.metric, s.treatment, s.segment, s.value)
    if s.effect is not None:
        yield (*place, "raw", *_fields(s.effect, SIZES))
    if s.shrunken is not None:
        yield (*place, "shrunken", *_relative(s.shrunken))


def _relative(found: Any) -> Line:
    """What is only known as a share of control, in the columns of an effect."""
    known = {"relative": found.relative, "relative_low": found.low, "relative_high": found.high, "level": found.level}
    return tuple(known.get(name) for name in SIZES)


def _arms(snapshot: Snapshot) -> Iterator[Line]:
    for m in snapshot.metrics:
        for arm in (m.control, m.variant):
            if arm is not None:
                yield m.metric, m.treatment, "", "", arm.variant, arm.n, arm.mean, arm.sd
    for s in (*snapshot.segments, *snapshot.others):
        for arm in (s.control, s.variant):
            yield s.metric, s.treatment, s.segment, s.value, arm.variant, arm.n, arm.mean, arm.sd


def _uncapped(snapshot: Snapshot) -> Iterator[Line]:
    for m in snapshot.metrics:
        if m.uncapped is not None:
            cap = snapshot.frozen.definitions[m.metric].metric.cap
            for arm, capped in zip((m.uncapped.control, m.uncapped.variant), m.uncapped.capped, strict=True):
                yield m.metric, m.treatment, arm.variant, cap, arm.n, capped, arm.mean, arm.sd


def _steps(snapshot: Snapshot) -> Iterator[Line]:
    for m in snapshot.metrics:
        for arm in (m.control, m.variant):
            names = snapshot.frozen.definitions[m.metric].metric.steps
            for name, units in zip(names, arm.steps if arm else (), strict=False):
                yield m.metric, m.treatment, arm.variant if arm else "", name, units


def _looks(snapshot: Snapshot) -> tuple[Line, ...]:
    looks = ((m, m.look) for m in snapshot.metrics if m.look is not None)
    return tuple((m.metric, m.treatment, *_fields(k, SPENT), *map(k.statistics.get, LOOKS[5:])) for m, k in looks)


def _tests(snapshot: Snapshot) -> tuple[Line, ...]:
    return tuple(_fields(test, TESTS) for test in (*snapshot.segment_tests, *snapshot.other_tests))


def _trends(snapshot: Snapshot) -> tuple[Line, ...]:
    both = ((t, t.spread or (None, None)) for t in snapshot.trends)
    return tuple((*_fields(t, TRENDS[:4]), *spread, *_fields(t, TRENDS[6:])) for t, spread in both)


def _days(snapshot: Snapshot) -> tuple[Line, ...]:
    names = ("day", "n", "change", "low", "high")
    return tuple((t.metric, t.treatment, *_fields(d, names)) for t in snapshot.trends for d in t.days)


def _split(snapshot: Snapshot) -> tuple[Line, ...]:
    split = snapshot.split
    return tuple((key, n, split.weights.get(key)) for key, n in split.counts.items())


def _causes(snapshot: Snapshot) -> Iterator[Line]:
    for c in snapshot.causes:
        for variant, units in c.counts.items():
            yield c.dimension, c.value, c.variant, c.missing, c.planned, c.chance, variant, units


def _checks(snapshot: Snapshot) -> tuple[Line, ...]:
    return tuple(_fields(c, ("title", "state", "value", "detail", "threshold", "since")) for c in snapshot.checks)


def _facts(snapshot: Snapshot) -> Iterator[Line]:
    own = ("experiment", "number", "official", "environment", "launched", "cutoff", "time_zone", "computed_at", "state")
    yield from ((name, getattr(snapshot, name)) for name in own)
    yield from (("hash", snapshot.hash), ("plan_hash", snapshot.plan_hash), ("schema_version", snapshot.schema_version))
    yield "verdict", snapshot.verdict.word
    yield from ((f"verdict.{t.treatment}", t.word) for t in snapshot.verdict.treatments)
    for name in ("progress", "excluded", "shared", "versions"):
        held = getattr(snapshot, name)
        yield from flat(name, held if isinstance(held, dict) else held.model_dump(mode="json"))
    tests = ("sequential_p", "chi_square", "df", "chi_square_p")
    yield from ((f"split.{name}", getattr(snapshot.split, name)) for name in tests)
