"""Loads: whatever step is killed, the next run moves every event to the lake exactly once, into the right day."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select

from experiments import loading
from experiments.errors import Conflict
from experiments.inbox import live, loads
from experiments.registry import leases
from experiments.registry.models import InboxRow, RecentRow, RejectRow
from experiments.rollup import collect
from experiments.warehouse import Lake
from experiments.warehouse.lake import day_of

pytestmark = pytest.mark.slow

LAUNCH = datetime(2026, 1, 5, tzinfo=UTC)
CATALOG = "measures: {o: {event: order}}\nmetrics: {ordered: {kind: proportion, measure: o, window_days: 1}}"
PLAN = """
key: checkout
variants: [{key: control, weight: 0.5}, {key: treatment, weight: 0.5}]
segments: [n]
goals: [{metric: ordered, worthwhile: 0.02}]
"""


def events(first: int, last: int) -> list[dict[str, Any]]:
    """Orders over three days; every third line is an exposure."""
    return [_event(i) if i % 3 else _exposure(i) for i in range(first, last)]


def _event(i: int) -> dict[str, Any]:
    at = (LAUNCH + timedelta(hours=7 * i % 72)).timestamp()
    return {"type": "event", "id": f"id-{i}", "name": "order", "units": {"user": f"u{i}"}, "at": at, "value": i / 7}


def _exposure(i: int) -> dict[str, Any]:
    at = (LAUNCH + timedelta(hours=7 * i % 72)).timestamp()
    same = {"type": "exposure", "id": f"id-{i}", "experiment": "checkout", "units": {"user": f"u{i}"}, "at": at}
    return {**same, "variant": ("control", "treatment")[i % 2], "attributes": {"n": i}}


@pytest.fixture
def shop(stored: Any) -> Any:
    """An installation with one launched experiment."""
    stored.launched(CATALOG, PLAN, LAUNCH)
    return stored


def in_lake(home: Any, environment: str = "production") -> Counter[str]:
    """How often each id is in the lake's raw tables."""
    lake, found = Lake(home.settings.lake), Counter[str]()
    for table in ("exposures", "events"):
        found.update(lake.table(environment, table, lake.days(environment, table)).id.to_pyarrow().to_pylist())
    return found


def waiting(home: Any) -> int:
    with home.inbox.database.read() as session:
        return session.scalar(select(func.count()).select_from(InboxRow)) or 0


def once(first: int, last: int) -> Counter[str]:
    return Counter(f"id-{i}" for i in range(first, last))


def test_a_load_moves_every_event_once_and_the_next_has_nothing_to_do(shop: Any) -> None:
    shop.post(*events(0, 90))
    assert loading.load(shop.settings) == loading.Loaded(90, 6)  # three days of two tables
    assert in_lake(shop) == once(0, 90)
    assert waiting(shop) == 0
    assert loading.load(shop.settings) == loading.Loaded(0, 0)
    shop.post(*events(90, 100))
    assert loading.load(shop.settings).rows == 10
    assert in_lake(shop) == once(0, 100)


def test_rows_arrive_in_the_lake_as_they_were_sent(shop: Any) -> None:
    shop.post(*events(0, 12))
    loading.load(shop.settings)
    lake = Lake(shop.settings.lake)
    for i in range(12):
        at = LAUNCH + timedelta(hours=7 * i % 72)
        table = lake.table("production", "events" if i % 3 else "exposures", [at.date()])
        (row,) = table.filter(table.id == f"id-{i}").to_pyarrow().to_pylist()
        assert (row["unit"], row["at"], day_of(row["day"])) == (f"u{i}", int(at.timestamp() * 1e6), at.date())
        if i % 3:
            assert (row["name"], row["value"], row["unit_type"]) == ("order", i / 7, "user")
        else:
            assert (row["variant"], row["attributes"], row["phase"]) == (
                ("control", "treatment")[i % 2],
                f'{{"n":{i}}}',
                1,
            )


def test_an_event_of_several_units_becomes_a_row_for_each(shop: Any) -> None:
    shop.post({**_event(1), "units": {"user": "u", "device": "d"}})
    loading.load(shop.settings)
    lake = Lake(shop.settings.lake)
    rows = lake.table("production", "events", lake.days("production", "events")).to_pyarrow().to_pylist()
    assert sorted((r["unit_type"], r["unit"]) for r in rows) == [("device", "d"), ("user", "u")]


def assert_counted_once(home: Any, last: int) -> None:
    """The roll-ups hold each of the first events once, however often it lies in the lake."""
    collect(home.settings)
    assert sum(row[3] for row in home.table("unit_days")) == sum(1 for i in range(last) if i % 3)
    assert len(home.table("exposure_days")) == sum(1 for i in range(last) if not i % 3)


class Killed(BaseException):
    """Stands for the end of a process: nothing of ours catches it."""


def dying(original: Callable[..., Any], *, before: bool, on_call: int = 1) -> Callable[..., Any]:
    """Wrap a step so that the process ends before or after its n-th call."""
    calls = iter(range(1, 1_000_000))

    def step(*args: Any, **kwargs: Any) -> Any:
        fatal = next(calls) == on_call
        if fatal and before:
            raise Killed
        result = original(*args, **kwargs)
        if fatal:
            raise Killed
        return result

    return step


STEPS: dict[str, tuple[Any, str, bool, int]] = {
    "after the plan": (loads, "plan", False, 1),
    "before the first file": (Lake, "append", True, 1),
    "between two files": (Lake, "append", False, 3),
    "after all files": (Lake, "publish", True, 1),
    "after publishing": (Lake, "publish", False, 1),
    "before finishing": (loads, "finish", True, 1),
    "inside the last transaction, before rows are deleted": (loads, "_keep_visible", False, 1),
    "inside the last transaction, after rows were deleted": (loads.time, "time", True, 1),
    "after finishing": (loads, "finish", False, 1),
}


@pytest.mark.parametrize("step", STEPS)
def test_a_load_killed_at_any_step_loses_and_doubles_nothing(shop: Any, monkeypatch: Any, step: str) -> None:
    owner, name, before, on_call = STEPS[step]
    shop.post(*events(0, 60))
    with monkeypatch.context() as patch:
        patch.setattr(owner, name, dying(getattr(owner, name), before=before, on_call=on_call))
        with pytest.raises(Killed):
            loading.load(shop.settings)
    held = in_lake(shop)
    assert set(held.values()) <= {1}, "a reader must never see an event twice"
    shop.post(*events(40, 80))  # a client's retry, and new events
    loading.load(shop.settings)
    if step == "after finishing":  # the retry arrives after the load: the roll-up takes it once
        assert set(in_lake(shop)) == set(once(0, 80))
        assert_counted_once(shop, 80)
    else:
        assert in_lake(shop) == once(0, 80)
    assert waiting(shop) == 0
    assert loading.load(shop.settings).rows == 0


def test_a_row_committed_late_under_a_lower_number_is_loaded_next_time(shop: Any) -> None:
    """PostgreSQL hands out numbers before it commits: one may appear inside a range that was already read."""
    shop.post(*events(0, 20))
    planned = loads.plan(shop.inbox)
    late = planned.rows[7]
    with shop.inbox.database.begin() as session:
        row = session.get_one(InboxRow, late.seq)
        held = {c: getattr(row, c) for c in ("seq", "id", "environment", "received", "body")}
        session.delete(row)
    planned = loads.plan(shop.inbox)
    with shop.inbox.database.begin() as session:
        session.add(InboxRow(**held))
    loads.finish(shop.inbox, planned)
    assert [w.seq for w in loads.plan(shop.inbox).rows] == [late.seq]


def test_numbers_are_never_used_again_so_no_file_is_overwritten(shop: Any) -> None:
    seen: set[int] = set()
    names: set[str] = set()
    for i in range(4):
        shop.post(*events(10 * i, 10 * i + 10))
        planned = loads.plan(shop.inbox)
        numbers = {w.seq for w in planned.rows}
        assert not seen & numbers
        assert min(numbers) > max(seen, default=0)
        seen |= numbers
        names.add(planned.name)
        loading.load(shop.settings)
    assert len(names) == 4
    assert in_lake(shop) == once(0, 40)


def test_loaded_events_stay_visible_up_to_a_number_and_rejects_for_a_day(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(loads, "VISIBLE", 8)
    wrong = {**_event(0), "value": "x"}
    shop.post(*events(0, 5), wrong, now=datetime.now(UTC) - timedelta(hours=25))
    shop.post(*events(5, 9), {**wrong, "id": "fresh"})
    assert len(live.recent(shop.inbox)) == 9 + 2
    loading.load(shop.settings)
    shown = live.recent(shop.inbox)
    assert sum(e.result == "counted" for e in shown) == 8
    assert sum(e.result == "rejected" for e in shown) == 1
    shop.post(*events(9, 14))
    loading.load(shop.settings)
    with shop.inbox.database.read() as session:
        kept = [
            loads._decode.decode(body).id for body in session.scalars(select(RecentRow.body).order_by(RecentRow.seq))
        ]
        assert session.scalar(select(func.count()).select_from(RejectRow)) == 1
    assert set(kept[-5:]) == {f"id-{i}" for i in range(9, 14)}
    assert len(kept) == 8


def test_large_inboxes_are_loaded_in_several_ranges(shop: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(loads, "MOST", 25)
    shop.post(*events(0, 90))
    assert loading.load(shop.settings).rows == 90
    assert in_lake(shop) == once(0, 90)


def test_environments_are_kept_apart(shop: Any) -> None:
    from experiments.registry import experiments

    shop.post(*events(0, 6))
    body = b'{"events": [{"type": "event", "id": "id-1", "name": "order", "units": {"user": "u"}, "at": "2026-01-05T00:00:00Z"}]}'
    shop.inbox.accept(body, experiments.known(shop.db, "staging"))
    loading.load(shop.settings)
    assert in_lake(shop) == once(0, 6)
    assert in_lake(shop, "staging") == {"id-1": 1}


def test_nothing_is_loaded_or_rolled_up_while_another_writes(shop: Any) -> None:
    shop.post(*events(0, 6))
    with leases.lease(shop.db, "lake"):
        with pytest.raises(Conflict, match="is writing to the lake"):
            loading.load(shop.settings)
        with pytest.raises(Conflict, match="is writing to the lake"):
            collect(shop.settings)
    assert waiting(shop) == 6
    assert loading.load(shop.settings).rows == 6


def test_a_writer_that_outlived_its_lease_undoes_nothing(shop: Any) -> None:
    slow = Lake(shop.settings.lake)
    shop.post(*events(0, 6))
    loading.load(shop.settings)
    with pytest.raises(Conflict, match="another process has written"):
        slow.publish()
    assert in_lake(shop) == once(0, 6)


ZONE = "America/New_York"


@pytest.mark.parametrize("change", [datetime(2026, 3, 8, 12, tzinfo=UTC), datetime(2026, 11, 1, 12, tzinfo=UTC)])
def test_days_are_those_of_the_reporting_time_zone_across_the_change_of_clocks(
    make_home: Any, change: datetime
) -> None:
    home = make_home(KEEPERS_TIME_ZONE=ZONE)
    home.launched(CATALOG, PLAN, change - timedelta(days=3))
    times = [change + timedelta(minutes=29 * i) for i in range(-80, 80)]
    sent = [
        {"type": "event", "id": f"e{i}", "name": "order", "units": {"user": f"u{i}"}, "at": at.timestamp()}
        for i, at in enumerate(times)
    ]
    assert home.post(*sent, now=change + timedelta(days=3)).accepted == len(sent)
    loading.load(home.settings)
    lake = Lake(home.settings.lake)
    found = {}
    for day in lake.days("production", "events"):
        for row in lake.table("production", "events", [day]).to_pyarrow().to_pylist():
            assert day_of(row["day"]) == day
            found[row["id"]] = day
    assert found == {f"e{i}": at.astimezone(ZoneInfo(ZONE)).date() for i, at in enumerate(times)}
    assert len(set(found.values())) >= 4


def test_an_experiment_launched_before_the_first_load_counts_its_days_in_the_zone_too(make_home: Any) -> None:
    """Ten in the evening in New York is already tomorrow in UTC: who comes then has come on the launch day."""
    home = make_home(KEEPERS_TIME_ZONE=ZONE)
    launch = datetime(2026, 3, 8, 2, tzinfo=UTC)
    home.launched(CATALOG, PLAN, launch)
    home.post({**_exposure(0), "at": launch.timestamp() + 60})
    loading.load(home.settings)
    from experiments.registry import experiments

    assert experiments.get(home.db, "checkout").launched == date(2026, 3, 7)
    collect(home.settings)
    from experiments import analysis

    assert analysis.analyze(home.settings, "checkout").excluded.outside_enrolment == 0


def test_the_time_zone_cannot_change_once_data_is_loaded(make_home: Any) -> None:
    home = make_home(KEEPERS_TIME_ZONE=ZONE)
    loading.load(home.settings)
    other = make_home(KEEPERS_TIME_ZONE="Europe/Berlin")
    with pytest.raises(Conflict, match="days of this installation begin in America/New_York"):
        loading.load(other.settings)
