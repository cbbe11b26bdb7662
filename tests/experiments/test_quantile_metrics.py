"""A quantile of events from the inbox to its reading: the engine's own quantile, with units as what was randomised."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest

import stats
from experiments.analysis import analyze
from experiments.errors import NotReady
from experiments.planning import calibration
from experiments.recount import recount
from stats import Fixed, Quantile

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = """
measures: {loads: {event: page, aggregate: sum}, stars: {event: rating, aggregate: sum}}
metrics:
  slow: {kind: quantile, quantile: 0.75, measure: loads, direction: decrease, window_days: 2, symbol: s}
  typical: {kind: quantile, quantile: 0.5, measure: loads, direction: decrease, window_days: 2, symbol: s}
  stars: {kind: quantile, quantile: 0.5, measure: stars, window_days: 2}
"""
PLAN = """
key: pages
variants: [{key: a, weight: 0.5}, {key: b, weight: 0.5}]
goals: [{metric: slow, worthwhile: 0.1}]
guardrails: [{metric: typical, margin: 0.9, absolute: true}]
secondary: [stars]
segments: [device]
method: always-valid
"""

Loads = dict[str, list[tuple[str, float]]]  # variant → unit and value


def _events() -> tuple[list[dict[str, Any]], Loads]:
    """Units differ in speed and in how much they load; variant b halves every time. All rate the same."""
    rng, sent, loads = np.random.default_rng(12), [], Loads(a=[], b=[])
    for i in range(280):
        at, units, variant = (LAUNCH + timedelta(minutes=i)).timestamp(), {"user": f"u{i}"}, "ab"[i % 2]
        seen = {"type": "exposure", "id": f"x{i}", "experiment": "pages", "variant": variant, "units": units, "at": at}
        sent += [seen | {"attributes": {"device": ("phone", "desk")[i % 4 // 2]}}]
        sent += [{"type": "event", "id": f"r{i}", "name": "rating", "units": units, "at": at + 1, "value": 4.0}]
        speed = rng.normal()
        for j in range(1 + rng.poisson(1.5)):
            value = float(np.exp(0.5 * speed + 0.3 * rng.normal())) / (1 + (variant == "b"))
            loads[variant].append((f"u{i}", value))
            sent.append({"type": "event", "id": f"e{i}-{j}", "name": "page", "units": units, "at": at + j, "value": value})
        sent.append({"type": "event", "id": f"n{i}", "name": "page", "units": units, "at": at + 2})
    return sent, loads


def test_a_quantile_is_that_of_the_engine_and_is_read_by_the_plan_s_rule(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    sent, loads = _events()
    home.arrived(sent)
    home.rolled(day=date(2026, 1, 8))
    snapshot = analyze(home.settings, "pages", date(2026, 1, 8))
    rows = {m.metric: m for m in snapshot.metrics}
    for key, level in (("slow", 0.75), ("typical", 0.5)):
        arms = [Quantile.of([v for _, v in loads[x]], [u for u, _ in loads[x]], level) for x in "ab"]
        pair, row = stats.quantile(*arms), rows[key]
        c = Fixed(0.05).critical(pair)
        expected = stats.estimate(pair, c, Fixed(0.05).p_value(pair))
        assert (row.control.mean, row.variant.mean) == pytest.approx((float(arms[0].value), float(arms[1].value)))
        found = row.raw.difference, row.raw.se, row.raw.df, row.raw.relative_low, row.raw.relative_high
        assert found == pytest.approx([float(getattr(expected, n)) for n in ("difference", "se", "df", "relative_low", "relative_high")])
        assert (row.kind, row.control.n, row.control.sd) == ("quantile", 140, None)
    assert rows["slow"].reading == "better"
    assert rows["typical"].reading == "safe"
    assert {(r.metric, r.value) for r in snapshot.segments} == {(m, d) for m in ("slow", "typical") for d in ("phone", "desk")}
    assert snapshot.trends == ()
    assert "unit_events" in snapshot.sql["moments"]
    assert max(recount(home.settings, "pages", date(2026, 1, 8)).values()) < 1e-12

    stars = rows["stars"]  # all values are equal
    assert (stars.control.mean, stars.variant.mean, stars.effect, stars.reading) == (4.0, 4.0, None, "not enough data")
    with pytest.raises(NotReady, match="'slow' is a quantile, of single events; a replay splits totals"):
        calibration.check(home.settings, "slow")
