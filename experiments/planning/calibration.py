"""Whether a metric can be trusted: an A/A replay over real units, and what a cap or a covariate would bring.

The units are those of one control arm, who all got the same. Split at random, again and again, the halves must look
different as often as the level says, and no more. Where its tail is so heavy that they do not, the metric needs more
units, or a cap.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

import stats
from experiments.analysis import question_of
from experiments.catalog import Definition, Metric
from experiments.errors import NotReady
from experiments.numbers import about, count, day, measured, percent, unit_name, units
from experiments.plan import FrozenPlan
from experiments.registry import Database, snapshots
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse.moments import Question
from experiments.warehouse.unit_totals import unit_totals
from stats import Moments, Pair

SPLITS, MOST_UNITS, LEAST_UNITS = 2_000, 20_000, 200
LEVEL = 0.05
ALLOWED = 4.0  # Monte-Carlo errors, beyond which `stats.replay` flags a rate
EVEN = 1.95  # the largest gap of an even spread, times the root of the splits, once in a thousand replays
PERCENTILES = (99.9, 99.0)
WORTH_A_CAP = 0.03
KOHAVI = 355  # units of a variant for each unit of skewness squared
SEED = 20_261_125

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Cap:
    """A cap at a pooled percentile: how much narrower it makes the interval, and how much of the mean it cuts off."""

    percentile: float
    value: float
    narrower: float
    cut: float


@dataclass(frozen=True)
class Calibration:
    """One metric's replay over `units` of one control arm, up to `until`.

    `rate` of the splits looked different at 5 %, with its Monte-Carlo `error`; `gap` is the largest distance of the
    p-values' distribution from an even one. `skewness` is of one unit, `largest` its greatest share of the total.
    `correlation` is with the pre-period; None where none is declared. `flags` say what is wrong, in words.
    """

    metric: Metric
    experiment: str
    unit: str
    until: date
    units: int
    replayed: int
    rate: float
    error: float
    gap: float
    skewness: float
    largest: float
    caps: tuple[Cap, ...]
    correlation: float | None
    flags: tuple[str, ...]

    @property
    def needed(self) -> int:
        """Units of a variant from which its mean is near enough to normal: 355 times the skewness squared.

        Kohavi, Deng, Longbotham & Xu 2014, Seven rules of thumb for web site experimenters, KDD.
        """
        return int(np.ceil(KOHAVI * self.skewness**2))

    @property
    def sound(self) -> bool:
        """Whether the replay found as many false positives as it should."""
        return not self.flags


def check(settings: Settings, key: str) -> Calibration:
    """Replay a metric over the largest control arm that has measured it.

    NotReady if no experiment has, or only on fewer than 200 units.
    """
    found, definition, columns = measured_units(settings, key)
    return _calibrated(found, definition, columns, np.random.default_rng(SEED))


def measured_units(settings: Settings, key: str) -> tuple[Snapshot, Definition, dict[str, Floats]]:
    """Return each unit's totals of the largest control arm that has measured a metric, uncapped, and whose they are.

    NotReady if no experiment has, or only on fewer than 200 units.
    """
    found = _source(Database(settings.registry), key)
    if found is None:
        raise NotReady(
            f"no experiment has measured '{key}' yet, and a replay takes the units of a control arm. Name it in a "
            "plan, as secondary for instance, and analyse that."
        )
    definition = found.frozen.definitions[key]
    if definition.metric.kind == "quantile":
        raise NotReady(
            f"'{key}' is a quantile, of single events; a replay splits totals of units, of which it has none. Replay a "
            "mean of the same measure, and see docs/statistics.md for how its error was checked."
        )
    columns = unit_totals(_question(warehouse(settings), found, key), key, found.frozen.plan.control.key)
    if len(columns["y"]) < LEAST_UNITS:
        raise NotReady(
            f"the control arm of '{found.experiment}' has {len(columns['y'])} units with a complete window; a replay "
            f"of '{key}' takes {LEAST_UNITS}. Wait for more, and analyse again."
        )
    return found, definition, columns


def sentences(c: Calibration) -> tuple[str, ...]:
    """Say what the replay found, what follows from it, and what would make intervals narrower."""
    return (_replay(c), _spread(c), _tail(c), *_caps(c), _covariate(c))


def headline(c: Calibration) -> str:
    """Return the finding in a few words."""
    if c.sound:
        return "Well calibrated"
    wrong = "it finds changes where there are none" if c.rate > LEVEL else "its intervals are wider than they need be"
    return f"Miscalibrated: {wrong}"


def _source(db: Database, key: str) -> Snapshot | None:
    """The newest snapshot of the experiment whose control measured the metric on most units."""
    sizes = [
        (m.control.n, s.experiment, s)
        for s in snapshots.latest_of_all(db).values()
        for m in s.metrics
        if m.metric == key and m.control is not None and not s.frozen.plan.clusters
    ]
    return max(sizes, key=lambda found: found[:2], default=(0, "", None))[2]


def _question(lake: Warehouse, s: Snapshot, key: str) -> Question:
    """The same question as the snapshot's, of this metric alone and without its cap, which is applied later."""
    whole = s.frozen.definitions[key]
    bare = whole.model_copy(update={"metric": whole.metric.model_copy(update={"cap": None})})
    plan = s.frozen.plan.model_copy(update={"covariates": ()})
    frozen = FrozenPlan(plan=plan, phase=s.frozen.phase, definitions={**s.frozen.definitions, key: bare})
    return question_of(lake, s.experiment, frozen, s.launched, s.cutoff)


def _calibrated(s: Snapshot, d: Definition, columns: dict[str, Floats], rng: np.random.Generator) -> Calibration:
    raw = columns["y"]
    capped = {**columns, "y": raw if d.metric.cap is None else np.minimum(raw, d.metric.cap)}
    n = min(len(raw), MOST_UNITS)
    chosen = rng.permutation(len(raw))[:n]
    rows = np.column_stack([capped[name][chosen] for name in capped])
    adjusted = ("pre",) if "pre" in capped else ()
    found = stats.replay(
        tuple(capped), rows, lambda a, b: _pair(d.metric, a, b, adjusted), rng=rng, splits=SPLITS, levels=(LEVEL,)
    )
    one = _linear(d.metric, capped)
    total = float(np.abs(capped["y"]).sum())
    return Calibration(
        metric=d.metric, experiment=s.experiment, unit=s.frozen.plan.unit, until=s.cutoff, units=len(raw), replayed=n,
        rate=float(found.rates[0]), error=float(found.errors[0]), gap=_gap(found.p_values), skewness=_skewness(one),
        largest=float(np.abs(capped["y"]).max()) / total if total else 0.0, caps=_offered(d.metric, columns),
        correlation=_correlation(one, capped["pre"]) if "pre" in capped else None, flags=found.flags,
    )  # fmt: skip


def _pair(metric: Metric, control: Moments, treatment: Moments, covariates: tuple[str, ...] = ()) -> Pair:
    """The estimator that a verdict uses, without covariates of the exposure."""
    if metric.form == "ratio":
        return stats.ratio(control, treatment, "y", "d", covariates)
    return stats.mean(control, treatment, "y", covariates)


def _linear(metric: Metric, columns: dict[str, Floats]) -> Floats:
    """What one unit adds to the metric: its total, or for a ratio its part beyond the ratio (delta method)."""
    y = columns["y"]
    if metric.form != "ratio" or not columns["d"].sum():
        return y
    return np.asarray(y - y.sum() / columns["d"].sum() * columns["d"])


def _offered(metric: Metric, columns: dict[str, Floats]) -> tuple[Cap, ...]:
    """Caps at pooled percentiles that would be felt, a lower one only if more than the higher one.

    None for a proportion, nor for a metric that has one.
    """
    if metric.form == "proportion" or metric.cap is not None:
        return ()
    before = _relative_se(metric, columns)
    if not before:
        return ()
    offered = stats.caps(columns["y"], np.array(PERCENTILES) / 100)
    found = []
    for percentile, value, kept in zip(PERCENTILES, offered.value.tolist(), offered.kept.tolist(), strict=True):
        capped = {**columns, "y": np.minimum(columns["y"], value)}
        found.append(Cap(percentile, value, 1 - _relative_se(metric, capped) / before, 1 - kept))
    felt = [c for c in found if c.value > 0 and c.narrower >= WORTH_A_CAP]
    return tuple(c for c in felt if c is felt[0] or c.narrower >= felt[0].narrower + WORTH_A_CAP)


def _relative_se(metric: Metric, columns: dict[str, Floats]) -> float:
    """Standard error of the mean or ratio as a share of it; 0 where it is 0."""
    moments = Moments.of(tuple(columns), np.column_stack(list(columns.values())))
    pair = _pair(metric, moments, moments)
    return float(np.sqrt(pair.v00) / abs(pair.m0)) if pair.m0 else 0.0


def _gap(p_values: Floats) -> float:
    """The Kolmogorov-Smirnov distance of p-values from the even distribution."""
    p, n = np.sort(p_values), len(p_values)
    steps = np.arange(n + 1) / n
    return float(max((steps[1:] - p).max(), (p - steps[:-1]).max()))


def _skewness(values: Floats) -> float:
    centred = values - values.mean()
    spread = float(np.sqrt((centred**2).mean()))
    return float((centred**3).mean() / spread**3) if spread else 0.0


def _correlation(a: Floats, b: Floats) -> float:
    return float(np.corrcoef(a, b)[0, 1]) if np.ptp(a) and np.ptp(b) else 0.0


def _replay(c: Calibration) -> str:
    of = f"{count(c.replayed)} of the {units(c.units, c.unit)}" if c.replayed < c.units else units(c.units, c.unit)
    luck = ALLOWED * (LEVEL * (1 - LEVEL) / SPLITS) ** 0.5
    found = "as they should" if c.sound else "; ".join(c.flags)
    return (
        f"{count(SPLITS)} times, {of} in control of '{c.experiment}' until {day(c.until)} were split into random "
        f"halves. {percent(c.rate)} of the splits, with a Monte-Carlo error of {percent(max(c.error, 1 / SPLITS))}, "
        f"looked different at the 5% level; luck allows {percent(LEVEL - luck)} to {percent(LEVEL + luck)}: {found}."
    )


def _spread(c: Calibration) -> str:
    even = c.gap <= EVEN / SPLITS**0.5
    word = "evenly" if even else "unevenly"
    why = "" if even else ", as with few events or a heavy tail"
    return f"Their p-values spread {word}{why}: the largest gap is {percent(c.gap)}."


def _tail(c: Calibration) -> str:
    people = f"{about(c.needed)} {unit_name(c.unit)}"
    said = f"Its mean is near enough to normal from about {people} in each variant on (skewness {c.skewness:.2g})"
    if c.units // 2 >= c.needed:
        return f"{said}; these are enough."
    top = f" The largest unit alone brings {percent(c.largest)} of the total." if c.largest > LEVEL else ""
    return f"{said}; a half of these has {count(c.units // 2)}.{top}"


def _caps(c: Calibration) -> list[str]:
    if c.metric.cap is not None:
        return [f"It is capped at {measured(c.metric.cap, c.metric.form, c.metric.symbol)}."]
    said = [
        f"A cap at {measured(x.value, c.metric.form, c.metric.symbol)}, the {x.percentile:g}th percentile, would "
        f"narrow its interval by {percent(x.narrower)} and cut {percent(x.cut)} off its mean."
        for x in c.caps
    ]
    if said and (not c.sound or c.units // 2 < c.needed):
        said.append("Set a cap in the catalogue before the next launch: it is the same in every variant.")
    return said


def _covariate(c: Calibration) -> str:
    if c.correlation is None:
        return "No pre-period is declared: with 'pre_days: 14' this would say how much it narrows intervals."
    narrower = percent(1 - (1 - c.correlation**2) ** 0.5)
    before = f"What a unit did before correlates {c.correlation:.2f} with it"
    return f"{before}: as a covariate it narrows intervals by {narrower}."
