"""Two schedulers at once, a clock that goes backwards, one metric and one experiment that fail."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from system import CLOSED, LAUNCH, Shop, files, happenings, manifest, numbers, published

from experiments.registry import snapshots

pytestmark = pytest.mark.slow

COLLECT = f"collect --day {CLOSED}"
SENT = len(happenings())
DAY = 86_400
Ready = Callable[[str], Shop]


@pytest.mark.parametrize("command", ["load", COLLECT])
def test_of_two_writers_the_second_is_told_who_writes_and_nothing_is_doubled(ready: Ready, command: str) -> None:
    """The first is held up just before it publishes."""
    stage = command.split()[0]
    shop, peaceful = ready(stage), ready(stage)
    peaceful.do(command)
    at = shop_boundaries(ready(stage), command).index("os.rename manifest.json") + 1
    first = shop.run(*command.split(), at=at, signal="stop")
    assert first.code is None, "it should have stopped"
    for second in ("load", COLLECT):
        refused = shop.run(*second.split())
        assert (refused.code, refused.out) == (1, "")
        assert f"/{first.pid}/" in refused.err
        assert "is writing to the lake" in refused.err
        assert "Wait for it to finish, then run this again." in refused.err
    assert shop.resume(first).code == 0
    shop.do(command)
    shop.books(SENT).check(f"{stage}: two at once")
    assert manifest(shop) == manifest(peaceful)


def shop_boundaries(shop: Shop, command: str) -> tuple[str, ...]:
    """The boundaries that a command passes."""
    return shop.run(*command.split()).boundaries


def test_a_writer_that_lost_its_lease_while_it_was_held_up_undoes_nothing(ready: Ready) -> None:
    """Its machine slept for an hour: the lease ran out, and another has moved the same events meanwhile."""
    shop, peaceful = ready("load"), ready("load")
    at = shop_boundaries(peaceful, "load").index("os.rename manifest.json")  # one before: a file is about to be renamed
    first = shop.run("load", at=at, signal="stop")
    done = shop.run("load", clock=3_600)
    assert (done.code, done.out) == (0, f"{SENT} events loaded.\n")
    late = shop.resume(first)
    assert late.code == 1
    assert late.err == "another process has written to the lake meanwhile. Nothing is lost: run this again.\n"
    shop.do("load")
    shop.books(SENT).check("load: overtaken")
    assert (files(shop), manifest(shop)) == (files(peaceful), manifest(peaceful))


def test_of_two_analyses_at_once_one_is_the_official_look_of_the_day(ready: Ready) -> None:
    shop = ready("analyze")
    first = shop.run("analyze", "checkout", at=1, signal="stop")  # it has its numbers, and is about to store them
    assert first.code is None
    shop.do("analyze checkout")
    assert shop.resume(first).code == 0
    (look,) = shop.looks("checkout")
    other = snapshots.latest(shop.db, "checkout")
    assert other is not None
    assert [(s.number, s.official, s.cutoff) for s in (look, other)] == [(1, True, CLOSED), (2, False, CLOSED)]
    assert shop.log("checkout").count("First verdict: keep.") == 1
    shop.books(SENT).check("analyze: two at once")


def test_a_clock_that_goes_backwards_loses_nothing_and_reopens_no_day(ready: Ready) -> None:
    """A week back, to the second day of the data, while late events arrive; then right again."""
    shop, peaceful = ready("analyze"), ready("analyze")
    now, back = datetime(2026, 1, 13, 9, tzinfo=UTC), datetime(2026, 1, 6, 9, tzinfo=UTC)
    turned = (back - datetime.now(UTC)).total_seconds()
    orders = [e for e in happenings() if e["type"] == "event"]
    late = [{**e, "id": f"late-{e['id']}"} for e in orders[:: len(orders) // 100]]
    shop.do("analyze checkout")
    for each, received in ((peaceful, now), (shop, back)):
        assert each.post(late, received) == len(late)
    rolled = []
    for command in ("load", "collect", "analyze checkout"):
        done = shop.run(*command.split(), clock=turned)
        assert done.code == 0, done.err
        rolled.append(done.out)
    assert rolled[1] == "Rolled up: 2026-01-05\n", "the 6th is not over, says the clock"
    assert manifest(shop)["closed"] == {"production": CLOSED.isoformat()}, "a closed day stays closed"
    assert len(shop.looks("checkout")) == 1, "one official look a day, whatever the clock says"
    shop.do(COLLECT)
    peaceful.do("load", COLLECT)
    shop.books(SENT + len(late)).check("a clock a week back")
    assert roll_ups(shop) == roll_ups(peaceful)


def roll_ups(shop: Shop) -> dict[str, Any]:
    """The roll-ups by table and day: the names of their files depend on when events were received."""
    return {name.rsplit("/", 1)[0]: rows for name, rows in published(shop).items() if "_days/" in name}


def test_a_lease_taken_before_the_clock_went_back_ends_with_its_process(ready: Ready) -> None:
    shop = ready("load")
    assert shop.run("load", at=10, clock=2 * DAY).code == -9  # it held a lease that ends in two days
    shop.do("load")
    shop.books(SENT).check("load: killed with a lease of the day after tomorrow")


def test_a_metric_whose_sql_fails_is_an_error_on_its_row_and_hides_no_other(ready: Ready) -> None:
    """A sender's fault: refunds so large that the engine cannot square them."""
    shop, peaceful = ready("load"), ready("analyze")
    sent = [
        {"type": "event", "id": f"r-{i}", "name": "refund", "units": {"user": f"u{i}"}, "value": 1.7e308 - i * 1e306,
         "at": (LAUNCH + timedelta(minutes=i, seconds=1)).timestamp()}
        for i in range(8)
    ]  # fmt: skip
    assert shop.post(sent) == 8
    shop.do("load", COLLECT)
    done = shop.run("analyze", "checkout")
    assert (done.code, done.err) == (0, ""), "the experiment has a result"
    peaceful.do("analyze checkout")
    (look,), (expected,) = shop.looks("checkout"), peaceful.looks("checkout")
    errors = {m.metric: m.error for m in look.metrics}
    assert (errors["ordered"], errors["revenue"]) == ("", "")
    assert "out of range" in errors["refunds"].lower()
    assert [numbers(m) for m in look.metrics[:2]] == [numbers(m) for m in expected.metrics[:2]]
    assert look.verdict.word == "keep"
    shop.books(SENT + 8).check("analyze: one metric's SQL fails")


def test_an_experiment_that_fails_spares_the_others_and_the_exit_code_says_so(ready: Ready) -> None:
    """Whatever breaks it: here the database refuses its snapshot."""
    shop = ready("analyze")
    with shop.db.begin() as session:
        session.execute(text(
            "CREATE TRIGGER refuse BEFORE INSERT ON snapshots WHEN NEW.experiment = 'checkout' "
            "BEGIN SELECT RAISE(ABORT, 'planted: it cannot be stored'); END"
        ))  # fmt: skip
    done = shop.run("analyze")
    assert done.code == 1
    assert done.err.startswith("checkout: IntegrityError: ")
    assert "planted: it cannot be stored" in done.err
    assert done.err.endswith("1 could not be analysed; the others are done. Mend the cause, then run this again.\n")
    assert [len(shop.looks(key)) for key in ("checkout", "young")] == [0, 1]
    with shop.db.begin() as session:
        session.execute(text("DROP TRIGGER refuse"))
    again = shop.run("analyze")
    assert (again.code, again.err) == (0, "")
    assert [len(shop.looks(key)) for key in ("checkout", "young")] == [1, 1]
    shop.books(SENT).check("analyze: one experiment fails")
