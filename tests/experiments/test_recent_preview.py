"""A metric previewed on recent data: what everybody did since they were met, against a plain count of the same rows."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from experiments.errors import DefinitionError, NotReady
from experiments.plan_file import read_catalog
from experiments.planning import preview
from experiments.registry import metrics
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES
from web.preview import histogram

FIRST, DAYS, WINDOW = date(2026, 9, 1), 45, 3
LAST = FIRST + timedelta(DAYS - 1)
CATALOG = f"""
measures:
  spent: {{event: order, aggregate: sum}}
  orders: {{event: order}}
  phones: {{event: order, where: {{device: phone}}}}
  waited: {{event: page, aggregate: sum}}
  pages: {{event: page}}
  typo: {{event: ordr}}
metrics:
  revenue: {{kind: mean, measure: spent, window_days: {WINDOW}}}
  capped: {{kind: mean, measure: spent, window_days: {WINDOW}, cap: 30}}
  bought: {{kind: proportion, measure: phones, window_days: {WINDOW}}}
  basket: {{kind: ratio, measure: spent, denominator: orders, window_days: {WINDOW}}}
  back: {{kind: retention, measure: pages, from_day: 1, window_days: 2}}
  active: {{kind: days, measure: pages, window_days: {WINDOW}}}
  through: {{kind: funnel, steps: [pages, orders], window_days: {WINDOW}}}
  slow: {{kind: quantile, measure: waited, quantile: 0.9, window_days: {WINDOW}}}
  never: {{kind: mean, measure: typo, window_days: {WINDOW}}}
  long: {{kind: mean, measure: spent, window_days: 45}}
"""
PLAN = """
key: button
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: revenue, worthwhile: 0.05}]
"""
Row = dict[str, Any]


def event(n: int, name: str, unit: str, at: datetime, value: float | None, unit_type: str = "user") -> Row:
    micros, device = int(at.timestamp() * 1_000_000), ("phone", "desk")[n % 2]
    return {
        "id": f"e{n}", "name": name, "unit_type": unit_type, "unit": unit, "at": micros, "day": number_of(at.date()),
        "value": value, "properties": f'{{"device": "{device}"}}', "received": micros,
    }  # fmt: skip


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    """Pages and orders of 700 users in six weeks, some of them doubled, and a few of another type of unit."""
    rng = random.Random(7)
    found = []
    for n in range(4_000):
        at = datetime.combine(FIRST, datetime.min.time(), UTC) + timedelta(seconds=rng.randrange(DAYS * 86_400))
        name, value = rng.choice([("page", rng.random() * 9), ("order", rng.choice([5.0, 20.0, 70.0])), ("other", None)])
        unit_type = "device" if n % 9 == 0 else "user"
        found.append(event(n, name, f"{unit_type[0]}{rng.randrange(700)}", at, value, unit_type))
    return [*found, *rng.sample(found, 300)]


@pytest.fixture
def previewed(home: Any, rows: list[Row]) -> Callable[[str], preview.Preview]:
    """What the preview of a metric says on these rows; nobody uses the metrics, and one plan says whose exposure it is."""
    home.launched(CATALOG, PLAN, datetime(2026, 10, 1, tzinfo=UTC))
    lake = Lake(home.settings.lake)
    for day in sorted({r["day"] for r in rows}):
        mine = [r for r in rows if r["day"] == day]
        lake.append("production", "events", date(1970, 1, 1) + timedelta(day), "a", pa.Table.from_pylist(mine, TABLES["events"]))
    exposed = {
        "id": "x", "experiment": "button", "phase": 1, "unit": "only-exposed", "day": number_of(LAST - timedelta(20)),
        "at": int(datetime.combine(LAST - timedelta(20), datetime.min.time(), UTC).timestamp() * 1e6), "received": 0,
        "variant": "new", "attributes": "{}", "forced": False,
    }  # fmt: skip
    lake.append("production", "exposures", LAST - timedelta(20), "a", pa.Table.from_pylist([exposed], TABLES["exposures"]))
    lake.close("production", LAST)  # all that a preview asks of a roll-up: that the day is over
    lake.publish()
    return lambda key: preview.preview(home.settings, key)


def since_met(rows: list[Row], window: int) -> dict[str, list[tuple[int, Row]]]:
    """Each user's events since it was met in four weeks, once each, with days since then, where a window is over."""
    first = number_of(LAST) - (preview.MET_DAYS + window - 2)
    once = {r["id"]: r for r in rows if r["unit_type"] == "user" and r["day"] >= first}
    by_unit = defaultdict(list)
    for r in sorted(once.values(), key=lambda r: r["at"]):
        by_unit[r["unit"]].append(r)
    met = {unit: mine[0]["day"] for unit, mine in by_unit.items()}
    over = {unit for unit, day in met.items() if day + window - 1 <= number_of(LAST)}
    return {u: [(r["day"] - met[u], r) for r in by_unit[u] if r["day"] - met[u] < window] for u in over} | {"exposed": []}


COUNTS: dict[str, Callable[[list[tuple[int, Row]]], float]] = {
    "revenue": lambda mine: sum(r["value"] for _, r in mine if r["name"] == "order"),
    "capped": lambda mine: sum(r["value"] for _, r in mine if r["name"] == "order"),
    "basket": lambda mine: sum(r["value"] for _, r in mine if r["name"] == "order"),
    "bought": lambda mine: any(r["name"] == "order" and "phone" in r["properties"] for _, r in mine),
    "back": lambda mine: any(r["name"] == "page" and day == 1 for day, r in mine),
    "active": lambda mine: len({day for day, r in mine if r["name"] == "page"}),
    "through": lambda mine: "page" in (names := [r["name"] for _, r in mine]) and "order" in names[names.index("page") :],
}


@pytest.mark.slow
def test_a_preview_counts_what_everybody_did_since_they_were_met(previewed: Any, rows: list[Row]) -> None:
    for key, count in COUNTS.items():
        shown, window = previewed(key), 2 if key == "back" else WINDOW
        y = np.array([float(count(mine)) for mine in since_met(rows, window).values()])
        assert (shown.unit, shown.until, shown.units, shown.zeros) == ("user", LAST, len(y), int((y == 0).sum())), key
        assert shown.since == LAST - timedelta(preview.MET_DAYS + window - 2)
        assert (shown.mean, shown.median, shown.largest) == pytest.approx((y.mean(), np.median(y), y.max()), rel=1e-12)
        assert sum(b.units for b in shown.bins) == (y != 0).sum()
        above = (y - 30).clip(0) if key == "capped" else np.zeros(1)
        assert (shown.capped, shown.cut) == ((above > 0).sum(), pytest.approx(above.sum() / y.sum(), rel=1e-12))
        drawn = histogram(shown)
        assert [b.units for b in drawn.bars] == [shown.zeros, *(b.units for b in shown.bins)]
        assert min(b.y for b in drawn.bars) == 0


def test_a_quantile_is_previewed_by_events_and_what_cannot_be_says_why(previewed: Any, rows: list[Row]) -> None:
    shown = previewed("slow")
    once = {r["id"]: r for r in rows if r["unit_type"] == "user" and r["day"] >= number_of(shown.since)}
    values = np.array([r["value"] for r in once.values() if r["name"] == "page"])
    assert (shown.unit, shown.units) == ("event", len(values))
    assert (shown.mean, shown.largest) == pytest.approx((values.mean(), values.max()), rel=1e-12)
    with pytest.raises(NotReady, match=r"nobody did what 'never' counts, 'ordr', from Wed 16 Sep .* to Thu 15 Oct 2026"):
        previewed("never")
    with pytest.raises(DefinitionError, match="no metric is called 'revnue'"):
        previewed("revnue")
    with pytest.raises(NotReady, match=r"have a complete value of 'long' .* a preview takes 200\. Wait for more"):
        previewed("long")


def test_before_a_day_is_over_there_is_nothing_to_preview(home: Any) -> None:
    metrics.apply(home.db, read_catalog(CATALOG), "test")
    with pytest.raises(NotReady, match="no day of them is complete yet"):
        preview.preview(home.settings, "revenue")
