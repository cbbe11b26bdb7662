"""Checks of how data arrive: whether ids of exposures match those of events, rows come in time, clocks are right."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from experiments.inbox import Inbox, live
from experiments.numbers import count, percent
from experiments.registry.experiments import Experiment
from experiments.settings import Settings
from experiments.snapshot import Check
from experiments.warehouse import Warehouse
from experiments.warehouse.deliveries import SETTLED_AFTER, Deliveries, deliveries
from experiments.warehouse.moments import Question, Units

UNMATCHED = 0.999  # rare outcomes leave many people without an event; foreign ids leave all of them
UNMATCHED_LEAST = 200
LATE_SHARE = 0.01
AHEAD_SHARE = 0.01


def delivered(
    lake: Warehouse, question: Question, units: Units, *, metrics: Sequence[str], environment: str, since: int
) -> Deliveries:
    """Count how the rows of this look arrived. Rows that cannot be read hide no result: the check says why."""
    counted = {question.cutoff, question.cutoff - timedelta(days=SETTLED_AFTER)}
    days = sorted(d for d in counted if d >= question.launched)
    try:
        exposures, events = (lake.table(environment, t, days) for t in ("exposures", "events"))
        return deliveries(question, units, exposures, events, metrics=metrics, since=since)
    except Exception as error:  # whatever an engine may raise becomes a row on the page
        return Deliveries(error=f"{type(error).__name__}: {error}")


def lost(settings: Settings, e: Experiment, phase: int, cutoff: date, zone: str) -> dict[str, int]:
    """Return how many exposures senders said they dropped, by variant, told by the close of the cutoff.

    Days that were replayed had closed before the experiment was stored: what was dropped of them was told since.
    """
    closes = datetime.combine(cutoff + timedelta(days=1), time(), ZoneInfo(zone))
    return live.losses(Inbox(settings.inbox), e.key, phase, before=closes if closes > e.created_at else None)


def checks(d: Deliveries, unit: str, cutoff: date) -> Iterable[Check]:
    """Yield the three checks; none of them invalidates."""
    if d.error:
        yield from (_unread(*named, d.error) for named in TITLES)
        return
    yield _matched(d, unit)
    yield _in_time(d, cutoff - timedelta(days=SETTLED_AFTER))
    yield _clocks(d)


TITLES = (("matched", "Ids matched"), ("delay", "Data in time"), ("clocks", "Clocks right"))


def _unread(key: str, title: str, error: str) -> Check:
    return Check(
        key=key, title=title, state="unknown", value="not known", detail=f"The raw rows cannot be read: {error}",
        remedy="Restore the file or the table that the message names; results rest on roll-ups, which were read.",
    )  # fmt: skip


def _unmeasured(key: str, title: str, value: str, detail: str) -> Check:
    return Check(key=key, title=title, state="unknown", value=value, detail=detail)


def _judged(key: str, titles: tuple[str, str], fine: bool, *, value: str, detail: str, remedy: str) -> Check:
    """The check under its first title where all is fine; else under the second, with the remedy."""
    good, bad = titles
    return Check(
        key=key, title=good if fine else bad, state="good" if fine else "unknown", value=value, detail=detail,
        remedy="" if fine else remedy,
    )  # fmt: skip


def _matched(d: Deliveries, unit: str) -> Check:
    share = d.unmatched / d.units if d.units else 0.0
    if d.units < UNMATCHED_LEAST:
        detail = f"{count(d.units)} of at least {UNMATCHED_LEAST} have had a complete window."
        return _unmeasured("matched", "Ids not compared yet", "too few yet", detail)
    fine = share <= UNMATCHED
    counted = f"Of {count(d.units)} exposed, {count(d.units - d.unmatched)} did what the plan measures."
    remedy = (
        f"Compare the {unit} ids of exposures and events in the live view: both must be the same id of the same kind. "
        "If the outcome is that rare, this is as it should be."
    )
    titles, value = ("Ids matched", "Ids match no event"), f"{percent(1 - share)} with events"
    return _judged("matched", titles, fine, value=value, detail=counted, remedy=remedy)


def _in_time(d: Deliveries, day: date) -> Check:
    if not d.settled:
        detail = f"Of {day:%-d %B}, which has settled, nothing came as it happened: too early, or replayed."
        return _unmeasured("delay", "Delay not known", "not measured", detail)
    share = d.late / d.settled
    fine = share <= LATE_SHARE
    remedy = (
        "Late rows are still counted: their day is rolled up again. Look at what holds them back, such as an app that "
        "sends when it is opened next, and expect recent days to change."
    )
    detail = f"Of {count(d.settled)} rows of {day:%-d %B}, {count(d.late)} came more than a day after they happened."
    titles, value = ("Data in time", "Data late"), f"{percent(share)} late"
    return _judged("delay", titles, fine, value=value, detail=detail, remedy=remedy)


def _clocks(d: Deliveries) -> Check:
    if not d.rows:
        return _unmeasured("clocks", "Clocks not known", "not measured", "No row of the last days came as it happened.")
    share = d.ahead / d.rows
    fine = share <= AHEAD_SHARE
    remedy = (
        "Some sender's clock runs ahead, or its times are local ones marked as UTC. Outcomes that seem to come before "
        "their exposure are not counted, so correct the clock, or let the SDK set the times."
    )
    detail = f"Of {count(d.rows)} rows of the last days, {count(d.ahead)} came over a minute before their own time."
    titles, value = ("Clocks right", "Clocks ahead"), f"{percent(share)} ahead"
    return _judged("clocks", titles, fine, value=value, detail=detail, remedy=remedy)
