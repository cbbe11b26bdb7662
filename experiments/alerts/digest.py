"""The weekly letter: what waits for a decision, what runs and until when, what was decided,
how what was kept fares, what is wrong.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from experiments import followup
from experiments.alerts import channels
from experiments.alerts.problems import AFTER, TO_DECIDE
from experiments.errors import Distrusted
from experiments.followup import FollowUp
from experiments.numbers import day, several
from experiments.registry import Database, alerts, experiments, snapshots
from experiments.registry.alerts import Alert
from experiments.registry.experiments import Experiment
from experiments.settings import Settings
from experiments.snapshot import Snapshot

WEEK = timedelta(days=7)
ORDER = (followup.SHORT, followup.HELD, followup.UNKNOWN)


def digest(settings: Settings, now: datetime | None = None) -> str:
    """Write the letter of the last seven days, send it by every channel that is set, and return it.

    One that a channel did not take is sent, in the same week, by that channel alone. KeepersError then too.
    """
    at = now or datetime.now(UTC)
    title, text = letter(settings, at)
    week = f"{at.astimezone(settings.zone):%G week %V}"
    channels.send(settings, Database(settings.registry), f"letter of {week}", title=title, text=text)
    return text


def letter(settings: Settings, now: datetime) -> tuple[str, str]:
    """Return title and text. Sections without anything to say are left out; a week without any says so."""
    db = Database(settings.registry)
    every, newest = experiments.listing(db), snapshots.latest_of_all(db)
    parts = [
        ("To decide", list(_to_decide(every, newest))),
        ("Running", list(_running(every, newest))),
        ("Decided this week", list(_decided(every, now - WEEK))),
        ("After launch", list(_after(db, every, (now - WEEK).date()))),
        ("Not in order", list(_wrong(alerts.standing(db)))),
    ]
    said = "\n\n".join(f"{name}\n" + "\n".join(f"- {line}" for line in lines) for name, lines in parts if lines)
    waiting = several(len(parts[0][1]), "experiment waits", "experiments wait")
    text = said or "No experiment runs, and nothing was decided."
    return f"Experiments this week: {waiting} for a decision", _linked(text, settings.address)


def _to_decide(every: list[Experiment], newest: Mapping[str, Snapshot]) -> Iterable[str]:
    for e in every:
        s = newest.get(e.key)
        if e.state in {"running", "stopped"} and s is not None and s.verdict.word in TO_DECIDE:
            yield f"{e.plan.name}: {s.verdict.word}. {s.verdict.sentence}"


def _running(every: list[Experiment], newest: Mapping[str, Snapshot]) -> Iterable[str]:
    for e in every:
        if e.state == "running" and e.frozen is not None and e.began is not None:
            at = newest[e.key].progress if e.key in newest else None
            done = f"day {at.day} of {at.days}" if at else "not yet analysed"
            yield f"{e.plan.name}: {done}, until {day(e.frozen.horizon(e.began))}"


def _decided(every: list[Experiment], since: datetime) -> Iterable[str]:
    for e in every:
        if e.decision is not None and e.decision.at >= since:
            against = "" if e.decision.followed else " against the verdict"
            yield f"{e.plan.name}: {e.decision.word}{against}, by {e.decision.by}. {e.decision.learning}".strip()


def _after(db: Database, every: list[Experiment], since: date) -> Iterable[str]:
    """What is served and was compared this week with those held back; what fell short comes first."""
    found = [(e, _look(db, e)) for e in every if e.decision is not None and e.decision.serves]
    yield from (f"{e.plan.name}: {f}" for e, f in found if isinstance(f, Distrusted))
    seen = [(e, f) for e, f in found if isinstance(f, FollowUp) and f.cutoff >= since]
    for e, f in sorted(seen, key=lambda pair: ORDER.index(pair[1].word)):
        yield f"{e.plan.name}: {f.word}. {followup.told(f)}"


def _look(db: Database, e: Experiment) -> FollowUp | Distrusted | None:
    """The newest look after launch, or why it must not be believed: one such look keeps no letter back."""
    try:
        return followup.latest(db, e)
    except Distrusted as error:
        return error


def _wrong(standing: list[Alert]) -> Iterable[str]:
    """Problems that last, but for those of a launch, which have their own section."""
    for a in standing:
        if not a.key.startswith(AFTER):
            yield f"{a.title} (since {day(a.found_at.date())})"


def _linked(text: str, address: str) -> str:
    return f"{text}\n\n{address}/" if address else text
