"""From roll-ups to moments: units first, then totals per unit, then means and covariances per variant.

Adding the moments of days would count a unit once for each day it came (docs/decisions/0002).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from operator import itemgetter
from typing import Any, TypeAlias

import ibis
import ibis.expr.types as ir
import pyarrow as pa

from experiments.catalog import MOST_STEPS, Definition, Metric
from experiments.plan import MOST_VARIANTS, FrozenPlan
from experiments.warehouse import funnels, quantiles
from experiments.warehouse.aggregates import UNCAPPED, above, aggregates, moments, one_by_one, pairs, parted
from experiments.warehouse.attributes import attribute, attribute_number, left_out
from experiments.warehouse.lake import number_of
from experiments.warehouse.windows import Finished, Window, added_up, after, before, in_order, mark, still_open, windows
from stats import Moments

Units: TypeAlias = ir.Table  # one row per unit: `per_unit`, or that kept as a temporary table
Columns = Mapping[str, list[str]]  # metric → y, d, covariates


@dataclass(frozen=True)
class Question:
    """Which experiment, from its launch day to which last closed day, and on which tables."""

    experiment: str
    frozen: FrozenPlan
    launched: date
    cutoff: date
    exposure_days: ir.Table
    outcome_days: ir.Table
    unit_events: ir.Table
    finished: Finished | None = None

    @property
    def variants(self) -> list[str]:
        """Keys of the variants; their position numbers them in queries."""
        return [v.key for v in self.frozen.plan.variants]

    @cached_property
    def units(self) -> ir.Table:
        """One row per unit: its first variant and day, whether it crossed over, entered earlier or late."""
        return _units(self)


@dataclass(frozen=True)
class UnitCounts:
    """Units of one variant by first exposure; `split` holds all that are new in this phase, `filtered` ones too."""

    split: int
    crossovers: int
    earlier_phase: int
    outside_enrolment: int
    filtered: int = 0


@dataclass(frozen=True)
class Cell:
    """Moments of one metric in one variant, and how many of its units still have an open window.

    Columns: y, then d for a ratio, then the covariates by name. `rows` are y and d of every unit of a ratio where
    units are clusters: few, and compared one by one. `steps` are the units that made each step of a funnel. Of a
    quantile, y / d is the value, and `spread` is False where its variance is not known. `uncapped` is y, and d, of a
    metric with a cap once more without it, of everyone only, and `capped` is how many units lie above it.
    """

    moments: Moments
    waiting: int
    rows: tuple[tuple[float, float], ...] | None = None
    steps: tuple[int, ...] = ()
    spread: bool = True
    uncapped: "Cell | None" = None
    capped: int = 0


def counts(question: Question) -> dict[str, UnitCounts]:
    """Return units per variant, before and after each exclusion."""
    u = question.units
    new = ~u.outside & ~u.earlier  # what a unit met in an earlier phase may decide whether it comes back
    sums = {"split": new, "crossovers": u.crossover & new, "earlier_phase": u.earlier & ~u.outside}
    sums |= {"outside_enrolment": u.outside}
    if (out := left_out(u, question.frozen.plan.filters)) is not None:
        sums["filtered"] = out & new
    found = u.group_by("variant").agg(**{k: v.sum().fill_null(0) for k, v in sums.items()})
    rows = {r.pop("variant"): r for r in found.to_pyarrow().to_pylist()}
    none = dict.fromkeys(sums, 0)
    return {key: UnitCounts(**rows.get(i, none)) for i, key in enumerate(question.variants)}


def forced(question: Question) -> int:
    """Return how many units were forced into a variant, and so are never analysed."""
    e = question.exposure_days
    chosen = e.filter((e.experiment == question.experiment) & e.forced)
    return int(chosen.unit.nunique().to_pyarrow().as_py())


def cells(
    question: Question, metrics: Iterable[str], segment: str | None = None, units: Units | None = None
) -> dict[str, dict[Any, Cell]]:
    """Return metric → (variant, segment value) → Cell, by one query (four for a quantile).

    `segment` is an exposure attribute; without one the value is "" (everyone). `units` is `per_unit` of these metrics
    and maybe more, where it is at hand.
    """
    columns = _asked(question, metrics, segment)
    return grouped(question, columns, _split(per_unit(question, list(columns)) if units is None else units, segment))


def _split(rows: Units, segment: str | None = None) -> ir.Table:
    return rows.mutate(segment=attribute(rows, segment) if segment else ibis.literal(""))


def query_of(question: Question, metrics: list[str], segment: str | None = None) -> ir.Table:
    """Return that query: a row for each variant and segment value, with the aggregates of metrics but quantiles."""
    return _totals(question, _asked(question, metrics, segment), _split(per_unit(question, metrics), segment))


def sql_of(q: Question, keys: list[str]) -> str:
    """Return that query of everyone as SQL, and for each quantile the values that it is made of, unit by unit."""
    of_values = [k for k in keys if q.frozen.definitions[k].metric.kind == "quantile"]
    plain = [k for k in keys if k not in of_values]
    queries = [*([query_of(q, plain)] if plain else []), *(_values_of(q, k) for k in of_values)]
    return ";\n\n".join(str(ibis.to_sql(query)) for query in queries)


def _values_of(q: Question, key: str) -> ir.Table:
    return quantiles.values(_split(per_unit(q, [key])), _events(q), q.frozen.definitions[key], prefix(q, key))


def cells_among(
    question: Question, metrics: Iterable[str], groups: ir.Table, units: Units
) -> dict[str, dict[Any, Cell]]:
    """Return metric → (variant, segment) → Cell within groups of units, by one query; `units` as in `cells`.

    `groups` has rows of unit and segment: a unit may be in several segments, or in none.
    """
    columns = {k: ["y", *(["d"] if question.frozen.definitions[k].divides else [])] for k in metrics}
    return grouped(question, columns, units.inner_join(groups, "unit"))


def grouped(question: Question, columns: Columns, rows: ir.Table) -> dict[str, dict[Any, Cell]]:
    """Return metric → (variant, segment) → Cell of rows that are one per unit in each segment.

    Columns of a metric are named as `prefix` says; `variant` is a position, `segment` any value.
    """
    plain = {k: names for k, names in columns.items() if question.frozen.definitions[k].metric.kind != "quantile"}
    table = _totals(question, plain, rows).to_pyarrow() if plain else pa.table({})
    found = sorted(table.to_pylist(), key=itemgetter("variant", "segment"))
    same = _same(question, plain)
    made = {k: {_place(question, r): _cell(r, prefix(question, k), n, same) for r in found} for k, n in plain.items()}
    return {k: made[k] if k in plain else _quantiles(question, k, names, rows) for k, names in columns.items()}


def _quantiles(q: Question, key: str, names: list[str], rows: ir.Table) -> dict[Any, Cell]:
    """A quantile's cells, by four queries: how many values, which one is it, who has how many, how dense are they."""
    begins, d = prefix(q, key), q.frozen.definitions[key]
    level = d.metric.quantile or 0.0
    found = quantiles.values(rows, _events(q), d, begins)
    events = quantiles.sizes(found)
    middle = quantiles.levels(found, events, {g: [level] for g in events}) if events else {}
    counted = quantiles.counted(rows, found, middle, begins)
    asked = {"units": counted.count(), **_aggregates(counted, begins, names, {})}
    made = counted.group_by(quantiles.KEYS).agg(**asked).to_pyarrow().to_pylist()
    cells = {(r["variant"], r["segment"]): _cell(r, begins, names, {}) for r in made}
    linear = quantiles.linear(found, level, events, middle, {g: c.moments for g, c in cells.items()})
    return {(q.variants[g[0]], g[1]): replace(c, **vars(linear[g])) for g, c in cells.items()}


def prefix(question: Question, metric: str) -> str:
    """Return what a metric's columns begin with: m0 for the plan's first metric, so its outcome is m0_y."""
    return f"m{question.frozen.plan.metric_keys.index(metric)}"


def _totals(q: Question, columns: Columns, rows: ir.Table) -> ir.Table:
    asked, same = {"units": rows.count()}, _same(q, columns)
    for k, names in columns.items():
        asked |= _aggregates(rows, prefix(q, k), names, same)
        cap = q.frozen.definitions[k].metric.cap
        asked |= above(rows, prefix(q, k), cap) if cap is not None and UNCAPPED in names else {}
        asked |= funnels.step_counts(rows, prefix(q, k), len(q.frozen.definitions[k].steps))
    few = [k for k in columns if q.frozen.plan.clusters and q.frozen.definitions[k].denominator is not None]
    asked |= {f"{prefix(q, k)}_rows": one_by_one(rows, prefix(q, k), columns[k]) for k in few}
    return rows.group_by(["variant", "segment"]).agg(**asked)


def _first(q: Question) -> ir.Table:
    """One row per unit with its first exposure of this phase, and what tells that it is not to be analysed."""
    t, phase = q.exposure_days, q.frozen.phase
    number = t.variant.cases(*((v, i) for i, v in enumerate(q.variants)), else_=ibis.null("int64"))
    position = ibis.ifelse(t.phase == phase, number, ibis.null("int64"))
    mine = t.filter(t.experiment == q.experiment, ~t.forced, t.phase <= phase)
    # Earliest first, and of two variants at one instant the first declared: the same answer in any order.
    # A variant's number and an exposure's time share one integer, null in an earlier phase and of an unknown variant.
    order = t["at"] * MOST_VARIANTS + position
    met = mine.select("unit", "at", "day", "phase", "attributes", position=position, order=order)
    here = met.order.notnull()
    return met.group_by("unit").agg(
        order=met.order.min(), at=met["at"].min(where=here), day=met.day.min(where=here), phase=met.phase.min(),
        low=met.position.min(), high=met.position.max(), attributes=met.attributes.argmin(met.order, where=here),
    )  # fmt: skip


def _units(q: Question) -> ir.Table:
    t = _first(q)
    return t.filter(t.order.notnull()).select(
        "unit", "at", "day", "attributes", variant=t.order % MOST_VARIANTS, crossover=t.low != t.high,
        earlier=t.phase < q.frozen.phase, outside=_outside(q, t),
    )  # fmt: skip


def _outside(q: Question, t: ir.Table) -> ir.BooleanValue:
    return (t.day > number_of(q.frozen.enrols_until(q.launched))) | (t.day < number_of(q.launched))


def analysed(q: Question) -> ir.Table:
    """Return the units that effects are computed from: unit, time and day of entry, variant's position, attributes."""
    t = _first(q)
    conditions = [t.order.notnull(), t.low == t.high, ~_outside(q, t)]
    if (out := left_out(t, q.frozen.plan.filters)) is not None:
        conditions.append(~out)
    if q.frozen.phase > 1:  # else there is none before, and the first one need not be worked out
        conditions.append(t.phase >= q.frozen.phase)
    mine = t.filter(*conditions)
    return mine.select("unit", "at", "day", "attributes", variant=t.order % MOST_VARIANTS)


def per_unit(q: Question, keys: list[str]) -> Units:
    """Return one row per analysed unit with the columns of every metric, null where its window is still open."""
    units = analysed(q)
    for key, d in ((k, q.frozen.definitions[k]) for k in keys):
        if d.steps:
            units = funnels.with_steps(units, _events(q), d.metric, [m.id for m in d.steps], f"{prefix(q, key)}_made")
    added = _added_up(q, keys)
    joined = units if added is None else units.left_join(added, "unit")
    return joined.select(*units.columns, **_metric_columns(q, joined, keys))


def _events(q: Question) -> ir.Table:
    return q.unit_events.filter(q.unit_events.unit_type == q.frozen.plan.unit)


def contributions(q: Question, keys: list[str]) -> ir.Table:
    """Return what each unit did, by measure and days since exposure; a pre-period is one negative offset."""
    wanted, o = sorted({m.id for k in keys for m in q.frozen.definitions[k].measures}), _mine(q)
    mine = o.filter(o.measure.isin(wanted))
    return mine.select("unit", "measure", "offset", "active_days", "n", "total", "day")


def _mine(q: Question) -> ir.Table:
    return q.outcome_days.filter(ibis._.experiment == q.experiment, ibis._.phase == q.frozen.phase)


def _added_up(q: Question, keys: list[str]) -> ir.Table | None:
    """Return the total of each window of these metrics, s0, s1 ..., of units that did anything; None if none is over.

    Of units whose windows were all over at a roll-up it is read; of others it is added up here.
    """
    wanted = _windows(q, keys)
    if q.finished is None or not wanted:
        return added_up(_mine(q), wanted, wanted) if wanted else None
    needed, read = _windows(q, keys, q.finished.first_open), _read(q, q.finished, wanted)
    return added_up(still_open(_mine(q), q.finished), wanted, needed).union(read) if needed else read


def _read(q: Question, finished: Finished, wanted: list[Window]) -> ir.Table:
    t, order = finished.total_days, in_order(q.frozen.definitions.values())
    mine = t.filter((t.experiment == q.experiment) & (t.phase == q.frozen.phase) & (t.windows == mark(order)))
    return mine.select("unit", **{f"s{i}": mine.totals[order.index(w)] for i, w in enumerate(wanted)})


def _windows(q: Question, keys: list[str], entered: int | None = None) -> list[Window]:
    """The windows of those of these metrics that count units which entered on this day, or on that of the launch."""
    days = number_of(q.cutoff) - (number_of(q.launched) if entered is None else entered) + 1
    return windows(d for d in (q.frozen.definitions[k] for k in keys) if (d.metric.window_days or 1) <= days)


def _metric_columns(q: Question, t: ir.Table, keys: list[str]) -> dict[str, ir.Value]:
    """Columns m0_y, m0_d, m0_<covariate> ... of each metric; null for a unit whose window is still open."""
    position = {w: f"s{i}" for i, w in enumerate(_windows(q, keys))}
    columns: dict[str, ir.Value] = {}
    for key in keys:
        definition = q.frozen.definitions[key]
        complete = _complete(q, t, definition.metric)
        outcome = _outcome(t, definition, position, prefix(q, key))
        for name, value in {**outcome, **_covariates(q, t, definition, position)}.items():
            columns[f"{prefix(q, key)}_{name}"] = ibis.ifelse(complete, value.cast("float64"), ibis.null("float64"))
    return columns


def _complete(q: Question, t: ir.Table, metric: Metric) -> ir.BooleanValue:
    return t.day <= number_of(q.cutoff) - ((metric.window_days or 1) - 1)


def _outcome(t: ir.Table, d: Definition, position: dict[Window, str], prefix: str) -> dict[str, ir.Value]:
    if d.metric.kind == "quantile":
        return {"done": ibis.literal(1.0)}
    if d.steps:
        return {"y": _indicator(t[f"{prefix}_made"] == len(d.steps))}
    total = _total(t, position, after(d.metric, d.numerator))
    values = {"y": shape(d.metric, total), **({UNCAPPED: total} if d.metric.cap is not None else {})}
    if d.denominator is not None:
        values["d"] = _total(t, position, after(d.metric, d.denominator))
    return values


def _total(t: ir.Table, position: dict[Window, str], window: Window) -> ir.Value:
    return t[position[window]].fill_null(0.0) if window in position else ibis.literal(0.0)  # nobody counts yet


def _covariates(q: Question, t: ir.Table, d: Definition, position: dict[Window, str]) -> dict[str, ir.Value]:
    had = d.metric.pre_days > 0
    values = {"pre": shape(d.metric, _total(t, position, before(d.metric, d.numerator)))} if had else {}
    for name in q.frozen.plan.covariates:
        number = attribute_number(t, name)
        values[f"a_{name}"], values[f"missing_{name}"] = number.fill_null(0.0), _indicator(number.isnull())
    return values


def shape(metric: Metric, total: ir.Value) -> ir.Value:
    """Return what a unit brings to a metric from its total: whether there is any, or the total up to the cap."""
    if metric.form == "proportion":
        return _indicator(total > 0)
    return ibis.least(total, metric.cap) if metric.cap is not None else total


def _indicator(condition: ir.BooleanValue) -> ir.Value:
    """One or zero: PostgreSQL casts no boolean to a float."""
    return ibis.ifelse(condition, 1.0, 0.0)


def _asked(q: Question, metrics: Iterable[str], segment: str | None) -> Columns:
    """The columns of each metric; of everyone, one more of those with a cap."""
    extra = {k: segment is None and q.frozen.definitions[k].metric.cap is not None for k in metrics}
    return {k: [*_columns(q, k), *([UNCAPPED] if more else [])] for k, more in extra.items()}


def _columns(q: Question, key: str) -> list[str]:
    d = q.frozen.definitions[key]
    pre = ["pre"] if d.metric.pre_days else []
    attributes = [f"{kind}_{c}" for c in q.frozen.plan.covariates for kind in ("a", "missing")]
    return ["y", *(["d"] if d.divides else []), *pre, *attributes]


def _same(q: Question, columns: Columns) -> dict[str, str]:
    """Columns that hold what an earlier one holds, by name: a ratio's orders, and those of the metric of orders."""
    first: dict[Any, str] = {}
    every = ((prefix(q, k), name, _content(q, k, name)) for k, names in columns.items() for name in names)
    return {f"{begins}_{name}": first.setdefault(content, f"{begins}_{name}") for begins, name, content in every}


def _content(q: Question, key: str, name: str) -> tuple[Any, ...]:
    """All that decides what a column holds, and that no other one does."""
    metric, d = q.frozen.definitions[key].metric, q.frozen.definitions[key]
    if name not in ("y", "d", "pre", UNCAPPED):
        return metric.window_days, name
    if d.singly:
        return key, name
    measure = d.denominator if name == "d" and d.denominator is not None else d.numerator
    window = before(metric, measure) if name == "pre" else after(metric, measure)
    shaped = (False, None) if name in ("d", UNCAPPED) else (metric.form == "proportion", metric.cap)
    return metric.window_days, window, shaped


def _aggregates(t: ir.Table, prefix: str, names: list[str], same: Mapping[str, str]) -> dict[str, ir.Scalar]:
    held, uncapped = (_sources(prefix, part, same) for part in parted(names))
    return {f"n_{held[0]}": t[held[0]].count(), **aggregates(t, held), **aggregates(t, uncapped)}


def _sources(prefix: str, names: list[str], same: Mapping[str, str]) -> list[str]:
    return [same.get(column, column) for column in (f"{prefix}_{name}" for name in names)]


def _place(q: Question, row: dict[str, Any]) -> tuple[str, Any]:
    return q.variants[row["variant"]], row["segment"]


def _cell(row: dict[str, Any], prefix: str, names: list[str], same: Mapping[str, str]) -> Cell:
    (held, uncapped), rows = parted(names), row.get(f"{prefix}_rows")
    columns = _sources(prefix, held, same)
    n = int(row[f"n_{columns[0]}"])
    waiting = row["units"] - n
    steps = tuple(int(row[f"{prefix}_step_{n}"]) for n in range(1, MOST_STEPS + 1) if f"{prefix}_step_{n}" in row)
    cell = Cell(moments(row, n, held, columns), waiting, pairs(rows, 0), steps)
    if not uncapped:
        return cell
    whole = moments(row, n, ["y", *uncapped[1:]], _sources(prefix, uncapped, same))
    return replace(cell, uncapped=Cell(whole, waiting, pairs(rows, 2)), capped=int(row[f"{prefix}_capped"] or 0))
