"""Each check turns exactly where its threshold says, on the page as in the engine, and what is wrong has its remedy."""

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from experiments import arriving, health
from experiments.catalog import Catalog, Measure, Metric
from experiments.health import Vitals
from experiments.plan import Goal, Plan, Variant, freeze
from experiments.snapshot import Check, Split
from experiments.warehouse.deliveries import Deliveries
from experiments.warehouse.moments import Cell, UnitCounts
from stats import Moments

LAUNCHED = date(2026, 3, 2)
CUTOFF = LAUNCHED + timedelta(days=9)
KEYS = ("control", "new")
CATALOG = Catalog(
    measures={"orders": Measure(event="order")},
    metrics={"orders": Metric(key="orders", kind="mean", measure="orders", window_days=1)},
)
PLAN = Plan(
    key="blue", variants=tuple(Variant(key=key, weight=0.5) for key in KEYS), goals=(Goal(metric="orders", worthwhile=0.1),)
)
WELL = Split(counts=dict.fromkeys(KEYS, 10_000), weights=dict.fromkeys(KEYS, 0.5), sequential_p=1, chi_square=0, df=1, chi_square_p=1)  # fmt: skip


def vitals(**changes: Any) -> Vitals:
    """An experiment without a fault; `crossed` are crossovers by variant, `filtered` whom a filter leaves out."""
    frozen = freeze(PLAN.model_copy(update={"filters": {"bot": (True,)} if "filtered" in changes else {}}), CATALOG)
    crossed, out = changes.pop("crossed", (0, 0)), changes.pop("filtered", (0, 0))
    counts = {key: UnitCounts(10_000, n, 0, 0, m) for key, n, m in zip(KEYS, crossed, out, strict=True)}
    well = Vitals(
        frozen=frozen, plan_hash=frozen.hash, stored_hash=frozen.hash, counts=counts, cells=cells(), losses={},
        cutoff=CUTOFF, enrols_until=CUTOFF, last_exposure=CUTOFF, before=(),
        deliveries=Deliveries(units=1_000, rows=1_000, settled=1_000),
    )  # fmt: skip
    return replace(well, **changes)


def cells(outcome: float = 1.0, n: int = 10_000, apart: float = 0.0) -> dict[str, dict[str, Cell]]:
    """Cells of the goal: its mean, units with a complete window, and how far apart the covariate lies in standard errors."""
    shift = apart * (2 / n) ** 0.5
    return {"orders": {key: Cell(moments(outcome, n, shift * i), 0) for i, key in enumerate(KEYS)}}


def moments(outcome: float, n: int, before: float) -> Moments:
    spread = np.diag([float(outcome > 0), 1.0])
    return Moments(names=("y", "pre"), n=np.array(float(n)), mean=np.array([outcome, before]), cov=spread)


def looks(n: int) -> tuple[Any, ...]:
    """So many earlier looks that saw nothing of note."""
    return tuple(SimpleNamespace(checks=(), cutoff=CUTOFF - timedelta(days=n - i)) for i in range(n))


def found(key: str, s: Split = WELL, **changes: Any) -> Check:
    return next(c for c in health.checks(vitals(**changes), s) if c.key == key)


def silent(days: int) -> dict[str, Any]:
    last = CUTOFF - timedelta(days=days)
    return {"last_exposure": last, "silent": tuple(last + timedelta(days=i + 1) for i in range(days))}


def split(sequential: float, square: float) -> dict[str, Any]:
    return {"s": WELL.model_copy(update={"sequential_p": sequential, "chi_square_p": square})}


def arrived(**counts: Any) -> dict[str, Any]:
    return {"deliveries": Deliveries(**{"units": 1_000, "rows": 1_000, "settled": 1_000, **counts})}


TURNS: list[tuple[str, str, dict[str, Any], str]] = [
    ("split", "Split as planned", split(0.0051, 0.01), "good"),
    ("split", "Split a little uneven", split(0.0051, 0.0099), "unknown"),
    ("split", "Split uneven", split(0.005, 0.5), "bad"),
    ("crossovers", "Crossovers few", {"crossed": (100, 100)}, "good"),
    ("crossovers", "Crossovers", {"crossed": (101, 100)}, "unknown"),
    ("crossovers", "Crossovers", {"crossed": (500, 500)}, "unknown"),
    ("crossovers", "Crossovers", {"crossed": (501, 500)}, "bad"),
    ("crossovers", "Crossovers few", {"crossed": (50, 87)}, "good"),  # chi-square 9.993, p .0016
    ("crossovers", "Crossovers", {"crossed": (50, 90)}, "bad"),  # 11.43, p .0007
    ("filtered", "Filters leave nobody out", {"filtered": (0, 0)}, "unknown"),
    ("filtered", "Filters alike", {"filtered": (2_000, 2_188)}, "good"),  # chi-square 10.67, p .0011
    ("filtered", "Filters unlike by variant", {"filtered": (2_000, 2_192)}, "bad"),  # 11.13, p .0009
    ("filtered", "Filters leave everybody out", {"filtered": (10_000, 10_000)}, "unknown"),
    ("late", "Exposures arriving", {}, "good"),
    ("late", "Exposures missing", silent(1), "unknown"),
    ("late", "Exposures missing", silent(2), "bad"),
    ("before", "Alike before", {"cells": cells(apart=3.28)}, "good"),  # p .00104
    ("before", "Different before", {"cells": cells(apart=3.30)}, "bad"),  # p .00097
    ("plan", "Plan unchanged", {}, "good"),
    ("plan", "Plan changed", {"stored_hash": "0" * 64}, "bad"),
    ("plan", "Earlier phase changed", {"past_changed": True}, "bad"),
    ("loss", "Nothing lost", {}, "good"),
    ("loss", "Exposures lost", {"losses": {"new": 1}}, "unknown"),
    ("loss", "Exposures lost", {"losses": {"control": 50, "new": 87}}, "unknown"),
    ("loss", "Exposures lost", {"losses": {"control": 50, "new": 90}}, "bad"),
    ("source", "Outcomes arriving", {"before": looks(2)}, "good"),
    ("source", "Outcomes not seen yet", {"before": looks(1), "cells": cells(0, 100)}, "unknown"),
    ("source", "Outcomes not seen yet", {"before": looks(2), "cells": cells(0, 99)}, "unknown"),
    ("source", "No outcomes", {"before": looks(2), "cells": cells(0, 100)}, "bad"),
    ("matched", "Ids not compared yet", arrived(units=199, unmatched=199), "unknown"),
    ("matched", "Ids matched", arrived(unmatched=999), "good"),
    ("matched", "Ids match no event", arrived(unmatched=1_000), "unknown"),
    ("delay", "Data in time", arrived(late=10), "good"),
    ("delay", "Data late", arrived(late=11), "unknown"),
    ("clocks", "Clocks right", arrived(ahead=10), "good"),
    ("clocks", "Clocks ahead", arrived(ahead=11), "unknown"),
]  # fmt: skip
UNMEASURED = {"Outcomes not seen yet", "Ids not compared yet"}  # there is nothing to mend


@pytest.mark.parametrize(("key", "title", "changes", "state"), TURNS, ids=lambda value: value if isinstance(value, str) else "")
def test_a_check_turns_at_its_threshold_and_what_is_not_good_says_what_to_do(
    key: str, title: str, changes: dict[str, Any], state: str
) -> None:
    check = found(key, **changes)
    assert (check.title, check.state) == (title, state)
    assert check.invalidates == (state == "bad")
    assert (check.threshold, bool(check.value), check.since) == (health.THRESHOLDS[key], True, CUTOFF)
    assert bool(check.remedy) == (state != "good" and title not in UNMEASURED)


def test_filters_are_told_with_their_shares_and_a_plan_without_any_has_no_such_check() -> None:
    alike, unlike = (found("filtered", filtered=out) for out in ((1_000, 1_080), (1_000, 2_000)))
    assert alike.detail.startswith("Filters leave out 10% of control, 11% of new. They go by the first exposure: bot = true.")
    assert unlike.detail.startswith("Filters leave out 10% of control, 20% of new; those who are left are no longer alike. ")
    assert "filtered" not in {c.key for c in health.checks(vitals(), WELL)}


def test_a_single_comparison_of_before_is_said_in_the_singular() -> None:
    assert found("before", cells=cells(apart=1.0)).detail.startswith("One comparison of what was known before exposure; ")


def test_every_check_has_its_turn_here_and_no_page_knows_a_threshold_of_its_own() -> None:
    """What a page shows as the threshold comes with the check; only `experiments` names these numbers."""
    assert {key for key, *_ in TURNS} == set(health.THRESHOLDS)
    root = Path(__file__).parents[2]
    names = [n for n in (*vars(health), *vars(arriving)) if n.isupper() and n not in ("TITLES", "LARGEST")]
    pages = [p for part in ("web", "experiments/reports") for p in (root / part).rglob("*") if p.suffix in (".py", ".html")]
    assert not [p.name for p in pages if re.search(rf"\b({'|'.join(names)})\b", p.read_text(encoding="utf-8"))]


def test_newcomers_decide_which_days_without_exposures_count_as_silent() -> None:
    """Half of the usual ones, and twenty at least."""
    usual = {LAUNCHED + timedelta(days=i): 100 for i in range(5)}
    last, until = LAUNCHED + timedelta(days=4), LAUNCHED + timedelta(days=6)
    after = [last + timedelta(days=1), last + timedelta(days=2)]
    newcomers = {**usual, after[0]: 50, after[1]: 49}
    assert health.silent_days(newcomers, LAUNCHED, last, until) == (after[0],)
    few = {**dict.fromkeys(usual, 30), after[0]: 20, after[1]: 19}
    assert health.silent_days(few, LAUNCHED, last, until) == (after[0],)
