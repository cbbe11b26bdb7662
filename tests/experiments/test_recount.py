"""A recount from raw events agrees with the roll-ups, and says which metric does not."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from experiments.errors import Distrusted, NotReady
from experiments.recount import recount
from experiments.warehouse import Lake

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = """
measures: {orders: {event: order}}
metrics:
  ordered: {kind: proportion, measure: orders, window_days: 2}
  active: {kind: days, measure: orders, window_days: 2}
"""
PLAN = """
key: checkout
variants: [{key: a, weight: 0.5}, {key: b, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.02}, {metric: active, worthwhile: 0.02}]
"""


def _events() -> list[dict[str, Any]]:
    found = []
    for i in range(20):
        at, units = (LAUNCH + timedelta(hours=i)).timestamp(), {"user": f"u{i}"}
        found.append({"type": "exposure", "id": f"x{i}", "experiment": "checkout", "variant": "ab"[i % 2], "units": units, "at": at})
        if i % 3:
            found.append({"type": "event", "id": f"e{i}", "name": "order", "units": units, "at": at + 60})
    return found


def test_a_recount_agrees_until_a_roll_up_is_wrong(home: Any) -> None:
    home.launched(CATALOG, PLAN, LAUNCH)
    home.arrived(_events())
    with pytest.raises(NotReady, match="keepers collect"):
        recount(home.settings, "checkout")
    home.rolled(day=date(2026, 1, 8))
    assert max(recount(home.settings, "checkout").values()) < 1e-12

    lake, day = Lake(home.settings.lake), date(2026, 1, 5)
    entries = lake.table("production", "outcome_days", [day])
    lake.replace("production", "outcome_days", day, "tampered", entries.filter(entries.unit != "u1"))
    lake.publish()
    with pytest.raises(Distrusted, match=r"ordered differs by .*, active differs by .* 1e-09 is allowed"):
        recount(home.settings, "checkout")
