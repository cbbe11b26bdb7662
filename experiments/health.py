"""Health: may the groups be compared at all? Each check is a row with a number, its threshold and a remedy."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

import stats
from experiments import arriving, filtering
from experiments.catalog import Definition
from experiments.numbers import count, day, p_value, percent, plain_percent, several
from experiments.plan import FrozenPlan
from experiments.snapshot import Check, Snapshot, Split
from experiments.warehouse.deliveries import Deliveries
from experiments.warehouse.moments import Cell, UnitCounts
from stats import Fixed

SRM_INVALID = 0.005  # on the always-valid p-value of the Bayes factor: docs/decisions/0006-split-threshold.md
SRM_WARNING = 0.01  # on the chi-square test, which daily reading makes too eager
CROSSOVERS_WARNING = 0.01
CROSSOVERS_INVALID = 0.05
CROSSOVERS_REMEDY = "Assign by an id that stays the same over devices and sign-in, or find what changes it."
UNEQUAL = 0.001
PRE_PERIOD = 0.001
SOURCE_UNITS = 100
SOURCE_LOOKS = 2
SILENT_DAYS = 2  # whole days without an exposure that invalidate, while newcomers arrive
SILENT_SHARE = 0.5  # of the usual newcomers, at least
SILENT_LEAST = 20  # newcomers a day, below which it may be chance
THRESHOLDS = {
    "split": f"Invalid at {SRM_INVALID:g} by the sequential Bayes factor, warns below {SRM_WARNING:g} by chi-square.",
    "crossovers": (
        f"Warns above {plain_percent(CROSSOVERS_WARNING)}; invalid above {plain_percent(CROSSOVERS_INVALID)}, "
        f"or unequal by variant at p {UNEQUAL:g}."
    ),
    "filtered": f"Invalid if the share left out is unequal by variant at p {UNEQUAL:g}.",
    "late": (
        f"Warns without exposures on the last day; invalid after {SILENT_DAYS} whole days without, "
        f"on which at least {plain_percent(SILENT_SHARE)} of the usual newcomers came."
    ),
    "before": f"Invalid below p {PRE_PERIOD:g}, divided by the number of comparisons.",
    "plan": "Invalid if the stored plan, or that of an earlier phase, has another hash than when it was frozen.",
    "loss": f"Warns at the first; invalid if unequal by variant at p {UNEQUAL:g}.",
    "source": (
        f"Invalid after {SOURCE_LOOKS} looks without any, if each variant has {SOURCE_UNITS} units "
        "whose window is complete."
    ),
    "matched": (
        f"Warns above {plain_percent(arriving.UNMATCHED)} without events, from {arriving.UNMATCHED_LEAST} units on."
    ),
    "delay": f"Warns above {plain_percent(arriving.LATE_SHARE)} that came more than a day late.",
    "clocks": f"Warns above {plain_percent(arriving.AHEAD_SHARE)} more than a minute ahead.",
}
LARGEST = 1e12  # stands for a certain mismatch, units in a variant of weight zero: a snapshot holds no infinity


@dataclass(frozen=True)
class Vitals:
    """What the checks look at: units per variant, cells per metric, what senders lost, and what earlier looks saw.

    `before` are the official looks at earlier days, in order.
    """

    frozen: FrozenPlan
    plan_hash: str
    stored_hash: str
    counts: Mapping[str, UnitCounts]
    cells: Mapping[str, Mapping[str, Cell]]
    losses: Mapping[str, int]
    cutoff: date
    enrols_until: date
    last_exposure: date | None
    before: tuple[Snapshot, ...]
    deliveries: Deliveries
    silent: tuple[date, ...] = ()
    past_changed: bool = False


def silent_days(newcomers: Mapping[date, int], launched: date, last_exposure: date, until: date) -> tuple[date, ...]:
    """Return the days after the last exposure, up to `until`, on which about as many newcomers came as used to.

    The usual number is the median from the second day to the last exposure, as on the first day everybody is new.
    Where few or none come, nobody was there to be exposed: a campaign is over, or it is a weekend.
    """
    before = sorted(newcomers.get(d, 0) for d in _days(launched + timedelta(days=1), last_exposure))
    least = max(SILENT_SHARE * before[len(before) // 2], SILENT_LEAST) if before else float("inf")
    return tuple(d for d in _days(last_exposure + timedelta(days=1), until) if newcomers.get(d, 0) >= least)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=i) for i in range((last - first).days + 1))


def split(v: Vitals) -> Split:
    """Return the split by first exposure, with the smallest sequential p-value seen so far in this phase."""
    weights = {x.key: x.weight for x in v.frozen.plan.variants}
    least = min((b.split.sequential_p for b in v.before), default=1.0)
    return split_of({key: v.counts[key].split for key in weights}, weights, least)


def split_of(counted: dict[str, int], weights: dict[str, float], least: float) -> Split:
    """Return both tests of units counted by variant; `least` is the smallest sequential p-value so far."""
    sequential = stats.srm_sequential(list(counted.values()), list(weights.values()))
    square = stats.srm_chi_square(list(counted.values()), list(weights.values()))
    return Split(
        counts=counted, weights=weights,
        sequential_p=min(float(sequential.p_value), least, 1.0),
        chi_square=min(float(square.statistic), LARGEST), df=square.df, chi_square_p=float(square.p_value),
    )  # fmt: skip


def uneven(s: Split) -> bool:
    """Whether the split is invalid or warned of, so that its cause is worth a search."""
    return s.sequential_p <= SRM_INVALID or s.chi_square_p < SRM_WARNING


def checks(v: Vitals, s: Split, cause: str = "") -> tuple[Check, ...]:
    """Return all checks: those that need attention first, then in the order that people read them.

    `cause` says why the split is uneven, if it is.
    """
    found = [_split(s, cause, v.frozen.plan.names), _crossovers(v), *_filtered(v), _arriving(v), _before(v)]
    found += [_plan(v), _losses(v), _source(v)]
    found += arriving.checks(v.deliveries, v.frozen.plan.unit, v.cutoff)
    severity = {"bad": 0, "unknown": 1, "good": 2}
    known = (c.model_copy(update={"threshold": THRESHOLDS[c.key], "since": _since(c, v)}) for c in found)
    return tuple(sorted(known, key=lambda c: severity[c.state]))


def _since(check: Check, v: Vitals) -> date:
    """The cutoff of the first official look since when all have seen this check in this state.

    By its title too: what was not measured and what warns are both unknown, and not the same news.
    """
    same = (check.key, check.state, check.title)
    since = v.cutoff
    for look in reversed(v.before):
        if not any((c.key, c.state, c.title) == same for c in look.checks):
            break
        since = look.cutoff
    return since


def _split(s: Split, cause: str, names: Mapping[str, str]) -> Check:
    total = sum(s.counts.values())
    shares = " / ".join(f"{100 * n / total:.1f}" for n in s.counts.values()) if total else "nobody yet"
    people = ", ".join(f"{count(n)} in {names.get(key, key)}" for key, n in s.counts.items())
    planned = " / ".join(f"{100 * w:.4g}" for w in s.weights.values())
    chance = f"A split at least this uneven comes up by chance with p {p_value(s.chi_square_p)}."
    detail = f"{people}; planned {planned}. {chance} {cause}".strip()
    if not total:
        return Check(key="split", title="Split not known", state="unknown", value=shares, detail=f"Planned {planned}.")
    if s.sequential_p <= SRM_INVALID:
        remedy = (
            "Find where exposures are lost: log them at one line of code, before anything differs between variants. "
            "Then begin a new phase or experiment; these days cannot be repaired."
        )
        counted = f"{_missing(s, names)}: {people}, and {planned} was planned."
        detail = " ".join(part for part in (counted, cause, _odds(s.sequential_p)) if part)
        return Check(
            key="split", title="Split uneven", state="bad", value=shares, detail=detail, remedy=remedy, invalidates=True
        )
    if s.chi_square_p < SRM_WARNING:
        remedy = "Watch it for another day. It turns invalid only if the test that allows for daily looks agrees."
        return Check(
            key="split", title="Split a little uneven", state="unknown", value=shares, detail=detail, remedy=remedy
        )
    return Check(key="split", title="Split as planned", state="good", value=shares, detail=detail)


def _odds(p: float) -> str:
    """An always-valid p-value in words: the chance that a split as planned ever looks so uneven."""
    often = "less than once in 10,000 experiments" if p < 1e-4 else f"in at most {percent(p)} of experiments"
    return f"A split as planned would look so uneven {often}, however often one looks."


def _missing(s: Split, names: Mapping[str, str]) -> str:
    """Which variant lacks how many, taking the others as right."""
    gaps = {}
    for key, weight in s.weights.items():
        others = sum(n for k, n in s.counts.items() if k != key)
        gaps[key] = (others * weight / (1 - weight) if weight < 1 else 0.0) - s.counts[key]
    worst = max(gaps, key=lambda k: gaps[k])
    if gaps[worst] <= 0:  # units in a variant of weight zero: none is missing, some should not be there
        return "Units are in a variant that nobody should meet"
    return f"'{names.get(worst, worst)}' is missing about {count(float(f'{gaps[worst]:.2g}'))} people"


def _crossovers(v: Vitals) -> Check:
    total, crossed = sum(c.split for c in v.counts.values()), sum(c.crossovers for c in v.counts.values())
    if not total:
        return Check(
            key="crossovers", title="Crossovers not known", state="unknown", value="nobody yet",
            detail="Nobody has met a variant yet.",
        )  # fmt: skip
    rate = crossed / total
    unequal = crossed > 0 and _unequal({k: c.crossovers for k, c in v.counts.items()}, _sizes(v))
    met = f"{count(crossed)} people met more than one variant. They are counted in the split and left out of effects."
    many = f"More than {plain_percent(CROSSOVERS_INVALID)} is too many."
    few = "They began in one variant more than in the other."
    bad = rate > CROSSOVERS_INVALID or unequal
    fine = not bad and rate <= CROSSOVERS_WARNING
    why = (many if rate > CROSSOVERS_INVALID else few) if bad else ""
    return Check(
        key="crossovers", value=percent(rate), title="Crossovers few" if fine else "Crossovers",
        state="bad" if bad else "good" if fine else "unknown", detail=f"{met} {why}".strip(),
        remedy="" if fine else CROSSOVERS_REMEDY, invalidates=bad,
    )  # fmt: skip


def _filtered(v: Vitals) -> Iterable[Check]:
    out = {key: c.filtered for key, c in v.counts.items()}
    return filtering.checks(v.frozen.plan, _sizes(v), out, UNEQUAL)


def _sizes(v: Vitals) -> dict[str, int]:
    return {key: c.split for key, c in v.counts.items()}


def _unequal(numbers: dict[str, int], sizes: Mapping[str, int]) -> bool:
    """Whether numbers per variant differ more than the variants' sizes explain."""
    of = [sizes[key] for key in numbers]
    return any(of) and float(stats.srm_chi_square(list(numbers.values()), of).p_value) < UNEQUAL


def _arriving(v: Vitals) -> Check:
    expected = min(v.cutoff, v.enrols_until)
    if len(v.silent) >= SILENT_DAYS:
        return _stopped_arriving(v)
    if v.last_exposure is None or v.last_exposure < expected:
        last = f"The last came on {day(v.last_exposure)}." if v.last_exposure else "None has come yet."
        remedy = "Look at the live event view: is the code deployed, and is its key valid? Then check the load."
        return Check(
            key="late", title="Exposures missing", state="unknown", value=f"none on {day(expected)}",
            detail=f"No exposure is from {day(expected)}. {last}", remedy=remedy,
        )  # fmt: skip
    return Check(
        key="late", title="Exposures arriving", state="good", value="every day", detail=f"Counted to {day(v.cutoff)}."
    )


def _stopped_arriving(v: Vitals) -> Check:
    """Exposures that stop while newcomers come are lost, and so are these people: no weighing brings them back."""
    detail = (
        f"No exposure has come since {day(v.last_exposure)}, although on {several(len(v.silent), 'whole day')} since "
        "then as many people as usual did for the first time what is measured. Who should have enrolled is not counted."
    )
    remedy = (
        "Find what stopped the exposures: a release that removed the call, a revoked key, a changed condition. "
        "If it is mended and the exposures of these days can be sent, with their times, they count; else start again."
    )
    return Check(
        key="late", title="Exposures missing", state="bad", value=f"none since {day(v.last_exposure)}", detail=detail,
        remedy=remedy, invalidates=True,
    )  # fmt: skip


def _before(v: Vitals) -> Check:
    tests = list(_covariate_tests(v))
    if not tests:
        detail = "No covariate is declared, or nobody has one yet."
        return Check(
            key="before", title="Before not compared", state="unknown", value="not measured", detail=detail
        )
    name, p = min(tests, key=lambda t: t[1])
    worst = min(1.0, p * len(tests))
    detail = (
        f"{several(len(tests), 'comparison').capitalize()} of what was known before exposure; "
        f"the least alike is {name} (p {p_value(worst)})."
    )
    if worst < PRE_PERIOD:
        remedy = "The groups differed before they met their variant. Look for an earlier experiment with the same salt."
        return Check(
            key="before",
            title="Different before",
            state="bad",
            value=name,
            detail=detail,
            remedy=remedy,
            invalidates=True,
        )
    return Check(key="before", title="Alike before", state="good", value="no bias", detail=detail)


def _covariate_tests(v: Vitals) -> Iterable[tuple[str, float]]:
    """Welch's p-value for each covariate of each treatment, each covariate once."""
    control = v.frozen.plan.control.key
    seen: set[tuple[str, str]] = set()
    for metric, arms in v.cells.items():
        for treatment in (t.key for t in v.frozen.plan.treatments if t.key in arms and control in arms):
            for column in arms[treatment].moments.names:
                name = f"{metric} before" if column == "pre" else column.removeprefix("a_")
                if column in {"y", "d"} or column.startswith("missing_") or (name, treatment) in seen:
                    continue
                seen.add((name, treatment))
                pair = stats.mean(arms[control].moments, arms[treatment].moments, column)
                yield name, float(Fixed(0.05).p_value(pair))


def _plan(v: Vitals) -> Check:
    short = f"{v.plan_hash[:6]}…{v.plan_hash[-4:]}"
    if v.stored_hash != v.plan_hash:
        detail = f"The stored plan has the hash {v.stored_hash[:12]}; at launch it was {v.plan_hash[:12]}."
        return _changed("Plan changed", short, detail)
    if v.past_changed:
        detail = "The stored plans and days of its earlier phases are not as they ended: who was in them is not known."
        return _changed("Earlier phase changed", f"phase {v.frozen.phase}", detail)
    return Check(
        key="plan", title="Plan unchanged", state="good", value="as frozen", detail=f"Plan {short} is as at launch."
    )


def _changed(title: str, value: str, detail: str) -> Check:
    remedy = "Restore the registry from a back-up. Do not decide from this plan."
    return Check(key="plan", title=title, state="bad", value=value, detail=detail, remedy=remedy, invalidates=True)


def _losses(v: Vitals) -> Check:
    lost = {key: v.losses.get(key, 0) for key in v.counts}
    total = sum(lost.values())
    if not total:
        return Check(
            key="loss", title="Nothing lost", state="good", value="none", detail="No sender said that it dropped any."
        )
    unequal = _unequal(lost, {key: c.split + c.earlier_phase for key, c in v.counts.items()})
    detail = (
        f"Senders dropped {count(total)} exposures: " + ", ".join(f"{count(n)} in {k}" for k, n in lost.items()) + "."
    )
    remedy = "Give the client a larger queue or a spool, and look at why it could not send."
    return Check(
        key="loss", title="Exposures lost", state="bad" if unequal else "unknown", value=count(total), detail=detail,
        remedy=remedy, invalidates=unequal,
    )  # fmt: skip


def _source(v: Vitals) -> Check:
    """Whether a goal or guardrail counts nothing at all, although people have had time."""
    decisive = [g.metric for g in v.frozen.plan.goals] + [g.metric for g in v.frozen.plan.guardrails]
    empty = [key for key in decisive if _counts_nothing(v, key)] if len(v.before) >= SOURCE_LOOKS else []
    if not empty:
        return _seen(v, decisive)
    return Check(
        key="source", title="No outcomes", state="bad", value=", ".join(empty), invalidates=True,
        detail=" ".join(
            f"'{key}' has counted nothing in any variant: {_absent(v.frozen.definitions[key])}." for key in empty
        ),
        remedy="Check the event's name and filter in the catalogue, and that the code sends it.",
    )  # fmt: skip


def _seen(v: Vitals, decisive: list[str]) -> Check:
    """Whether every goal and guardrail has counted something; none of them has counted nothing for too long."""
    unseen = [key for key in decisive if not any(_counted(c) for c in v.cells.get(key, {}).values())]
    if unseen:
        names = ", ".join(f"'{key}'" for key in unseen)
        detail = f"Nothing is counted yet for {names}: a window must be complete, and somebody must do it."
        return Check(key="source", title="Outcomes not seen yet", state="unknown", value="too early", detail=detail)
    detail = "Every goal and guardrail has counted something."
    return Check(key="source", title="Outcomes arriving", state="good", value="as expected", detail=detail)


def _counted(cell: Cell) -> bool:
    m = cell.moments
    return float(m.n) > 0 and not float(m.mean[0]) == 0 == float(m.cov[0, 0])


def _absent(d: Definition) -> str:
    steps = ", ".join(f"'{step}'" for step in d.metric.steps)
    return f"nobody made {steps} in order" if steps else f"no event '{d.numerator.event}' has arrived"


def _counts_nothing(v: Vitals, key: str) -> bool:
    arms = v.cells.get(key, {})
    full = len(arms) > 0 and all(float(c.moments.n) >= SOURCE_UNITS for c in arms.values())
    return full and not any(_counted(c) for c in arms.values())
