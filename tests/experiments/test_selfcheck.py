"""The self-check sees every running experiment within some weeks, and says which roll-ups are wrong."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from experiments import selfcheck
from experiments.cli import main
from experiments.warehouse import Lake

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 2}}"
PLAN = """
key: KEY
variants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]
goals: [{metric: ordered, worthwhile: 0.1}]
"""


def visits(key: str, day: int) -> list[dict[str, Any]]:
    """600 units of one day, a third of whom order on the next."""
    at = LAUNCH + timedelta(days=day, hours=1)
    rows = []
    for i in range(600 * day, 600 * day + 600):
        same = {"units": {"user": f"u{i}"}, "at": at.timestamp()}
        met = {"type": "exposure", "id": f"e{i}", "experiment": key, "variant": ("control", "calm")[i % 2]}
        rows.append(met | same)
        if i % 3 == 0:
            rows.append({"type": "event", "id": f"o{i}", "name": "order"} | same | {"at": at.timestamp() + 86_400})
    return rows


def test_over_some_weeks_every_running_experiment_is_in_a_sample_once(home: Any) -> None:
    for i in range(25):
        home.launched(CATALOG, PLAN.replace("KEY", f"e{i:02}"), LAUNCH)
    weeks = [selfcheck.sample(home.settings, LAUNCH + timedelta(weeks=i)) for i in range(3)]
    assert all(len(week) <= selfcheck.SAMPLE for week in weeks)
    assert sorted(key for week in weeks for key in week) == [f"e{i:02}" for i in range(25)]


def test_roll_ups_that_differ_from_raw_events_are_named_and_a_full_backfill_mends_them(
    home: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEEPERS_HOME", str(home.settings.home))
    home.launched(CATALOG, PLAN.replace("KEY", "checkout"), LAUNCH)
    for i in range(3):
        home.arrived(visits("checkout", i))
    home.rolled(day=(LAUNCH + timedelta(days=3)).date())
    assert main(["analyze", "checkout"]) == 0
    assert main(["selfcheck"]) == 0
    assert "checkout: roll-ups and raw events agree; the largest difference is" in capsys.readouterr().out

    lake, day = Lake(home.settings.lake), (LAUNCH + timedelta(days=2)).date()
    fingerprint = lake.rolled("production", "total_days", day)
    assert fingerprint is not None
    lake.replace("production", "total_days", day, fingerprint, lake.table("production", "total_days", [day]).limit(100))
    lake.publish()
    assert main(["selfcheck"]) == 1
    said = capsys.readouterr().err
    assert "the roll-ups of 'checkout' do not agree with its raw events: ordered differs by" in said
    assert "keepers backfill KEY --from DAY" in said

    assert main(["backfill", "checkout", "--from", day.isoformat()]) == 0
    assert main(["selfcheck", "checkout"]) == 0
