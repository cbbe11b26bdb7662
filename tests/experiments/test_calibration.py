"""A/A replay of a metric over a real lake: a calm one passes, one with a bot in it is called by its name."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from experiments import cli
from experiments.analysis import analyze
from experiments.errors import NotReady
from experiments.planning import calibration
from experiments.planning.calibration import Calibration
from experiments.warehouse import Lake
from experiments.warehouse.lake import number_of
from experiments.warehouse.tables import TABLES

pytestmark = pytest.mark.slow

LAUNCH, BEFORE, UNITS = date(2026, 9, 8), 3, 800
CATALOG = f"""
measures:
  minutes: {{event: read, aggregate: sum}}
  reads: {{event: read}}
  clicks: {{event: click}}
metrics:
  minutes: {{kind: mean, measure: minutes, window_days: 1, pre_days: {BEFORE}}}
  each: {{kind: ratio, measure: minutes, denominator: reads, window_days: 1}}
  clicks: {{kind: mean, measure: clicks, window_days: 1}}
  capped: {{kind: mean, measure: clicks, window_days: 1, cap: 4}}
  clicked: {{kind: proportion, measure: clicks, window_days: 1}}
  unused: {{kind: mean, measure: clicks, window_days: 1}}
"""
PLAN = """
key: button
variants: [{key: control, weight: 0.5}, {key: new, weight: 0.5}]
goals: [{metric: minutes, worthwhile: 0.05}]
secondary: [each, clicks, capped, clicked]
"""


def at(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp() * 1_000_000)


def event(name: str, unit: int, day: date, value: float, n: int = 0) -> dict[str, Any]:
    return {
        "id": f"{name}-{unit}-{day}-{n}", "name": name, "unit_type": "user", "unit": f"u{unit}", "at": at(day),
        "day": number_of(day), "value": value, "properties": "{}", "received": at(day),
    }  # fmt: skip


def exposure(unit: int) -> dict[str, Any]:
    return {
        "id": f"x-{unit}", "experiment": "button", "phase": 1, "unit": f"u{unit}", "at": at(LAUNCH), "received": 0,
        "variant": ("control", "new")[unit % 2], "day": number_of(LAUNCH), "attributes": "{}", "forced": False,
    }  # fmt: skip


def minutes() -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """What each unit read before, in each of three days, and on the day of its exposure; the two go together."""
    rng = np.random.default_rng(8)
    usual = rng.gamma(4.0, 5.0, UNITS)
    return usual[:, None] * rng.uniform(0.8, 1.2, (UNITS, BEFORE)), usual * rng.uniform(0.5, 1.5, UNITS)


@pytest.fixture
def analysed(home: Any) -> Any:
    """A lake in which everybody reads, a third clicks once or a few times, and one unit of control is a bot."""
    home.launched(CATALOG, PLAN, datetime(2026, 9, 8, tzinfo=UTC))
    rng = np.random.default_rng(9)
    before, after = minutes()
    clicks = rng.poisson(0.4, UNITS)
    clicks[10] = 400
    lake = Lake(home.settings.lake)
    for d in range(BEFORE):
        day = LAUNCH - timedelta(BEFORE - d)
        write(lake, "events", day, [event("read", u, day, float(before[u, d])) for u in range(UNITS)])
    now = [event("read", u, LAUNCH, float(after[u])) for u in range(UNITS)]
    now += [event("click", u, LAUNCH, 1.0, n) for u in range(UNITS) for n in range(clicks[u])]
    write(lake, "events", LAUNCH, now)
    write(lake, "exposures", LAUNCH, [exposure(u) for u in range(UNITS)])
    lake.publish()
    home.rolled(day=LAUNCH + timedelta(1))
    analyze(home.settings, "button", LAUNCH)
    return home


def write(lake: Lake, table: str, day: date, rows: list[dict[str, Any]]) -> None:
    lake.append("production", table, day, "test", pa.Table.from_pylist(rows, schema=TABLES[table]))


def said(c: Calibration) -> str:
    return " ".join(calibration.sentences(c))


def test_real_units_tell_a_calm_metric_from_one_with_a_bot_in_it(analysed: Any, capsys: Any, monkeypatch: Any) -> None:
    calm = calibration.check(analysed.settings, "minutes")
    assert (calm.units, calm.replayed, calm.experiment, calm.until) == (UNITS // 2, UNITS // 2, "button", LAUNCH)
    assert calm.sound, calm.flags
    assert calm.rate == pytest.approx(0.05, abs=4 * 0.0049)
    assert calm.gap < calibration.EVEN / calibration.SPLITS**0.5
    control = minutes()[1][::2], minutes()[0][::2].sum(axis=1)
    assert calm.correlation == pytest.approx(np.corrcoef(*control)[0, 1], rel=1e-9)
    assert "as they should" in said(calm)
    assert "as a covariate it narrows intervals by" in said(calm)

    heavy = calibration.check(analysed.settings, "clicks")
    assert not heavy.sound
    assert heavy.rate < 0.02
    assert calibration.headline(heavy).startswith("Miscalibrated")
    assert heavy.largest > 0.5
    assert heavy.needed > 10_000
    assert [c.percentile for c in heavy.caps] == [99.0]
    assert heavy.caps[0].value < 10
    assert heavy.caps[0].narrower > 0.5
    assert "Set a cap in the catalogue" in said(heavy)
    assert "The largest unit alone brings" in said(heavy)

    capped = calibration.check(analysed.settings, "capped")
    assert capped.caps == ()
    assert capped.sound
    assert capped.skewness < heavy.skewness / 4
    assert "It is capped at 4.00." in said(capped)

    for key in ("each", "clicked"):
        assert calibration.check(analysed.settings, key).sound
    with pytest.raises(NotReady, match="no experiment has measured 'unused'"):
        calibration.check(analysed.settings, "unused")

    monkeypatch.setenv("KEEPERS_HOME", str(analysed.settings.home))
    assert cli.main(["metric", "check", "clicks"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("clicks: Miscalibrated")
    assert "Too little is known of its effects" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
