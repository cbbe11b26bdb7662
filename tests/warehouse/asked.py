"""Queries as the code asks them: DuckDB over the warehouse's tables, all but empty, which notes what it is asked."""

from collections.abc import Callable
from typing import Any

import ibis
import ibis.expr.operations as ops
import ibis.expr.types as ir
import pyarrow as pa
from happenings import CUTOFF, LAUNCHED
from ibis.backends.duckdb import Backend

from experiments.plan import FrozenPlan
from experiments.warehouse import deliveries, full, moments, offsets, overlaps, recent, slices, spreads, traffic
from experiments.warehouse.lake import DuckDB, number_of
from experiments.warehouse.moments import Question, per_unit
from experiments.warehouse.spreads import Part, Sum
from experiments.warehouse.tables import TABLES
from experiments.warehouse.windows import finished

# One unit has been exposed, so that attributes are found.
MET = {"experiment": "checkout", "phase": 2, "unit": "u", "variant": "blue", "forced": False, "at": 0, "attributes": '{"country":"DE"}'}
ROWS = {"exposure_days": [{**MET, "day": number_of(LAUNCHED)}]}
SPLIT = ["ordered", "per_visit"]


class Noting(Backend):
    """DuckDB as the lake has it, with each query that it was asked in `noted`."""

    def to_pyarrow(self, expr: ir.Expr, /, **more: Any) -> Any:
        self.noted.append(expr.as_table())
        return super().to_pyarrow(expr, **more)


class Asking:
    """The tables, and the queries that a call asks of them."""

    def __init__(self) -> None:
        self.connection = Noting().connect()
        self.connection.compiler, self.connection.noted = DuckDB(), []
        self.tables = {n: self.table(n, pa.Table.from_pylist(ROWS.get(n, []), schema)) for n, schema in TABLES.items()}

    def table(self, name: str, rows: pa.Table) -> ir.Table:
        """Rows under a name, as a roll-up's files are or what a look keeps."""
        self.connection.con.register(name, rows)
        schema = ibis.Schema.from_pyarrow(rows.schema)
        return ops.DatabaseTable(name, schema, self.connection, ops.Namespace()).to_expr()

    def standing_for(self, name: str, rows: ir.Table) -> ir.Table:
        """An empty table in the place of rows that a look keeps."""
        return self.table(name, rows.schema().to_pyarrow().empty_table())

    def asked(self, names: str, call: Callable[[], Any]) -> dict[str, ir.Table]:
        """The queries of a call, of which there are as many as names."""
        self.connection.noted.clear()
        call()
        return dict(zip(names.split(), self.connection.noted, strict=True))


def of_looks(asking: Asking, question: Question, keys: list[str]) -> dict[str, ir.Table]:
    """What a look asks beside its moments; `units`, `groups` and `days` stand for what is kept of it."""
    units = asking.standing_for("units", per_unit(question, keys))
    met, by_day = overlaps.met_elsewhere(question, [("sign-up", 1)], units), offsets.unit_days(question, SPLIT, units)
    groups = asking.standing_for("groups", met)
    days, enrolled = asking.standing_for("days", by_day), offsets.Enrolled()
    arms = [Part(variant, *[[0.5, -0.5]] * 3) for variant in ("control", "blue")]
    raw = [asking.tables[name] for name in ("exposures", "events")]
    totals = asking.tables["total_days"]
    return {
        **asking.asked("finished", lambda: finished(totals, "checkout", question.frozen, LAUNCHED, cutoff=CUTOFF)),
        **asking.asked("counts", lambda: moments.counts(question)),
        **asking.asked("forced", lambda: moments.forced(question)),
        **asking.asked("slices_sample slices", lambda: slices.slices(question)),
        "overlaps": met,
        **asking.asked("overlaps_shared", lambda: overlaps.shared(groups)),
        **asking.asked("overlaps_moments", lambda: overlaps.cells_by_other(question, SPLIT[:1], groups, units)),
        "days_since": by_day,
        **asking.asked("enrolment", lambda: offsets.enrolment(question, units)),
        **asking.asked("offsets", lambda: offsets.offsets(question, SPLIT, days, enrolled)),
        **asking.asked("spreads", lambda: spreads.spreads(question, [Sum("per_visit", (arms[0], arms[1]))], days, enrolled)),
        **asking.asked("deliveries", lambda: deliveries.deliveries(question, units, *raw, metrics=keys, since=0)),
        **asking.asked("newcomers", lambda: traffic.newcomers(question, asking.tables["unit_days"])),
    }


def of_raw_rows(asking: Asking, frozen: FrozenPlan, keys: list[str]) -> dict[str, ir.Table]:
    """What is asked of raw rows: traffic, and the independent query of these metrics: a cap, none, and a quantile."""
    exposures, events = asking.tables["exposures"], asking.tables["events"]
    raw = full.Raw("checkout", frozen, LAUNCHED, CUTOFF, exposures, events)
    capped, other, quantile = (f"full_{key}" for key in keys)
    names = f"{capped} {capped}_above {other} {quantile}_values {quantile}_units"
    return {
        **asking.asked("first_seen", lambda: traffic.first_seen(exposures, events, "account", ["checkout"])),
        **asking.asked("attribute_counts", lambda: traffic.attribute_counts(exposures, ["checkout"], ["country"])),
        **asking.asked(names, lambda: full.cells(raw, keys)),
        **of_previews(asking, frozen, *keys[1:]),
    }


def of_previews(asking: Asking, frozen: FrozenPlan, key: str, quantile: str) -> dict[str, ir.Table]:
    """What the previews of two metrics ask of raw rows."""
    exposures, events = asking.tables["exposures"], asking.tables["events"]
    one, other = (frozen.definitions[k] for k in (key, quantile))
    met = traffic.first_met(exposures, events, "account", ["checkout"])
    return {
        **asking.asked("preview_doers", lambda: recent.doers(events, one)),
        **asking.asked("preview_totals", lambda: recent.totals_since(met, events, one, "account", CUTOFF)),
        **asking.asked("preview_values", lambda: recent.values(events, other, "account")),
    }
