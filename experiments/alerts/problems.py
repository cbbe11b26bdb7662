"""Finds what is wrong now: events that wait, days that are not rolled up, experiments that fell silent or lean.

Each problem says what, since when, how bad, what to do next, and whose it is. Its `key` stays the same while it
lasts, so that it is told once. Each is looked for by itself: one that cannot be is a problem, and hides no other.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from experiments import followup
from experiments.alerts.split import leaning
from experiments.errors import KeepersError
from experiments.inbox import Inbox, live, loads
from experiments.numbers import count, day, moment, percent, several
from experiments.registry import Database, experiments, followups, settings_store, snapshots
from experiments.registry.experiments import Experiment
from experiments.rollup import closed_through
from experiments.settings import Settings
from experiments.snapshot import Snapshot, Word
from experiments.warehouse import Warehouse, warehouse

Severity = Literal["act today", "act this week", "to know"]
WAITS_AT_MOST = timedelta(hours=2)
ROLLED_UP_BY = time(6, 0)  # of the reporting time zone
REJECTED_SHARE, REJECTED_LEAST = 0.05, 100
DAY = timedelta(days=1)
OPERATOR = "who runs this installation"
AFTER = "after:"  # begins the key of what is told of a launch
OF_LAKE = ("collect", "analyze", "silent", "split")
LOOKED_FOR = {
    "load": "events that wait", "rejected": "events that are rejected", "collect": "days that are not rolled up",
    "analyze": "days that are not analysed", "silent": "days without exposures", "split": "a split that leans",
    "verdict": "verdicts to decide on", "after": "launches that fell short",
}  # fmt: skip
NAMED, LONGEST = 3, 1_000  # of what could not be looked at, and characters of why
TO_DECIDE: dict[Word, Severity] = {
    "invalid": "act today", "stop": "act today", "keep": "act this week", "drop": "act this week",
    "review": "act this week",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One thing that somebody must do something about.

    `unseen` are keys, or what they begin with, of problems that may last and could not be looked for.
    """

    key: str
    title: str
    detail: str
    remedy: str
    severity: Severity
    since: datetime
    owner: str
    experiment: str | None = None
    unseen: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Everything in plain lines, as a mail or a chat message carries it."""
        return "\n".join(
            [self.title, self.detail, f"Since: {moment(self.since)} UTC. How bad: {self.severity}.",
             f"What to do: {self.remedy}", f"Owner: {self.owner}"]
        )  # fmt: skip


Check: TypeAlias = tuple[tuple[str, ...], Callable[[], Iterable[Problem]]]  # the keys it may find, and how


def found(settings: Settings, now: datetime | None = None) -> list[Problem]:
    """Return every problem of this moment, the pipeline's first, then each experiment's.

    KeepersError only where the registry cannot be read: nothing is then known, nor could it be noted as told.
    """
    at = now or datetime.now(UTC)
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    every = experiments.listing(db)
    running = [e for e in every if e.state == "running"]
    newest = snapshots.latest_of_all(db)
    zone = ZoneInfo(settings_store.time_zone(db))
    served = {e.key: e for e in every if e.decision is not None and e.decision.serves}
    since = followups.short(db, list(served))
    return [*_tried([
        (("load",), partial(_waiting, inbox, at)),
        (("rejected",), partial(_rejected, inbox, at)),
        (OF_LAKE, partial(_of_lake, settings, running, newest, at.astimezone(zone))),
        *((("verdict:" + e.key,), partial(_verdict, e, newest.get(e.key))) for e in running),
        *(((AFTER + key,), partial(_short, db, e, since[key])) for key, e in served.items() if key in since),
    ], at)]  # fmt: skip


def _of_lake(
    settings: Settings, running: list[Experiment], newest: dict[str, Snapshot], now: datetime
) -> Iterable[Problem]:
    """What is looked for in the warehouse; `now` is in the reporting time zone."""
    lake = warehouse(settings)
    closed = closed_through(lake)
    return _tried([
        (("collect",), partial(_behind, closed, running, now)),
        *((("analyze:" + e.key,), partial(_unanalysed, e, newest.get(e.key), closed, now)) for e in running),
        *((("silent:" + e.key,), partial(_silent, e, lake, now)) for e in running),
        *((("split:" + e.key,), partial(_leaning, e, lake, now)) for e in running),
    ], now)  # fmt: skip


def _tried(checks: Iterable[Check], now: datetime) -> Iterable[Problem]:
    """What each check finds. Those that fail for one reason are one problem."""
    failed: dict[str, list[str]] = defaultdict(list)
    for keys, check in checks:
        try:
            yield from list(check())
        except Exception as error:  # whatever a disk or an engine may raise, the other problems are told
            failed[str(error) if isinstance(error, KeepersError) else f"{type(error).__name__}: {error}"] += keys
    yield from (_unseen(keys, why, now) for why, keys in failed.items())


def _unseen(keys: list[str], why: str, now: datetime) -> Problem:
    named = [LOOKED_FOR[kind] + (f" ('{of}')" if of else "") for kind, _, of in (k.partition(":") for k in keys)]
    more = f" and {several(len(named) - NAMED, 'thing')} more" if len(named) > NAMED else ""
    return Problem(
        key=f"unseen:{keys[0]}", title="Some problems cannot be looked for", since=now.astimezone(UTC), owner=OPERATOR,
        severity="act today", unseen=tuple(keys),
        detail=f"Nobody would be told of {', '.join(named[:NAMED])}{more}: {why[:LONGEST]}",
        remedy="Do what the message says; 'When something fails' in docs/operations.md tells how. Then run: "
               "keepers watch",
    )  # fmt: skip


def _waiting(inbox: Inbox, now: datetime) -> Iterable[Problem]:
    since = loads.oldest(inbox)
    if since is not None and now - since > WAITS_AT_MOST:
        yield Problem(
            key="load", title="Events wait to be loaded", since=since, owner=OPERATOR, severity="act today",
            detail=f"The oldest came at {moment(since)} UTC, and 'load' runs every hour. Nothing is lost meanwhile.",
            remedy="Look at the last run of 'load' in Airflow, or run: keepers load",
        )  # fmt: skip


def _rejected(inbox: Inbox, now: datetime) -> Iterable[Problem]:
    tally = live.tally(inbox, now - DAY)
    total = tally.accepted + tally.rejected
    if tally.rejected >= REJECTED_LEAST and tally.rejected > REJECTED_SHARE * total:
        first = live.reasons(inbox, now - DAY)[0]
        yield Problem(
            key=f"rejected:{first.reason}", title="Many events are rejected", since=first.first_seen, owner=OPERATOR,
            severity="act today",
            detail=f"{count(tally.rejected)} of {count(total)} events of the last 24 hours "
                   f"({percent(tally.rejected / total)}); {count(first.count)} of them: {first.message}",
            remedy="Open the page Events and filter by rejected: each row says which sender and why.",
        )  # fmt: skip


def _behind(closed: date | None, running: list[Experiment], now: datetime) -> Iterable[Problem]:
    """Yesterday should be rolled up by six in the morning, if anything has run long enough to have a yesterday."""
    yesterday = now.date() - DAY
    began = [e.launched for e in running if e.launched is not None and e.launched <= yesterday]
    if began and now.time() >= ROLLED_UP_BY and (closed is None or closed < yesterday):
        missed = closed + DAY if closed else min(began)
        since = datetime.combine(missed + DAY, ROLLED_UP_BY, now.tzinfo).astimezone(UTC)
        yield Problem(
            key="collect", title="Days are not rolled up", since=since, owner=OPERATOR, severity="act today",
            detail=f"The last day that is rolled up is {day(closed)}; no experiment has newer results.",
            remedy="Look at the last run of 'collect' in Airflow, or run: keepers collect",
        )  # fmt: skip


def _unanalysed(e: Experiment, newest: Snapshot | None, closed: date | None, now: datetime) -> Iterable[Problem]:
    """Each closed day should have a snapshot; one day of patience, as an analysis may just be under way."""
    last = newest.cutoff if newest else (e.began or now.date()) - DAY
    if closed is not None and last < closed - DAY:
        since = datetime.combine(last + 2 * DAY, ROLLED_UP_BY, UTC)
        yield Problem(
            key=f"analyze:{e.key}", title=f"'{e.key}' is not analysed", since=since, owner=OPERATOR,
            severity="act this week", experiment=e.key,
            detail=f"Its results end on {day(last)}, and days are rolled up to {day(closed)}.",
            remedy=f"Read the log of its task in 'analyze', or run: keepers analyze {e.key}",
        )  # fmt: skip


def _silent(e: Experiment, lake: Warehouse, now: datetime) -> Iterable[Problem]:
    """An experiment that enrols should see somebody on every day; a whole day without is a fault or an outage."""
    if e.frozen is None or e.began is None or e.began_at is None or now - e.began_at < DAY:
        return
    yesterday = now.date() - DAY
    if not e.began <= yesterday <= e.frozen.enrols_until(e.began):
        return
    seen = lake.table("production", "exposures", [yesterday, yesterday + DAY])
    last = seen.filter(seen.experiment == e.key)["at"].max().to_pyarrow().as_py()
    if last is None:
        since = datetime.combine(yesterday, time(), now.tzinfo).astimezone(UTC)
        yield Problem(
            key=f"silent:{e.key}", title=f"'{e.key}' meets nobody", since=since, owner=e.plan.owner or OPERATOR,
            severity="act today", experiment=e.key,
            detail=f"It is running, and no exposure of {day(yesterday)} or later has been loaded.",
            remedy="Is the code deployed, and its key valid? Open the page Events and look for its exposures.",
        )  # fmt: skip


def _leaning(e: Experiment, lake: Warehouse, now: datetime) -> Iterable[Problem]:
    lean = leaning(lake, e, now.date())
    if lean is not None:
        shares = ", ".join(f"{count(n)} in {key}" for key, n in lean.counts.items())
        planned = " / ".join(f"{100 * v.weight:.4g}" for v in e.plan.variants)
        yield Problem(
            key=f"split:{e.key}", title=f"The split of '{e.key}' is not as planned", since=now.astimezone(UTC),
            owner=e.plan.owner or OPERATOR, severity="act today", experiment=e.key,
            detail=f"{shares}; planned {planned}. A split as planned looks so uneven in at most "
                   f"{percent(lean.p_value)} of experiments, however often one looks.",
            remedy="Find where exposures are lost before more people enter: log them at one line of code, before "
                   "anything differs between variants.",
        )  # fmt: skip


def _verdict(e: Experiment, newest: Snapshot | None) -> Iterable[Problem]:
    """A verdict that asks for a decision; an invalid one names the check that failed, with its remedy."""
    if newest is None or newest.verdict.word not in TO_DECIDE:
        return
    word = newest.verdict.word
    remedies = [c.remedy for c in newest.checks if c.invalidates and c.remedy]
    yield Problem(
        key=f"verdict:{e.key}:{word}", title=f"{e.plan.name}: {word}", since=newest.computed_at,
        owner=e.plan.owner or "who planned it", severity=TO_DECIDE[word], experiment=e.key,
        detail=newest.verdict.sentence, remedy=remedies[0] if remedies else "Open its page, read why, and decide.",
    )  # fmt: skip


def _short(db: Database, e: Experiment, since: datetime) -> Iterable[Problem]:
    """What was kept and is shown to bring less than was predicted; it stands until it holds up or is withdrawn."""
    seen = followup.latest(db, e)
    if seen is not None:
        yield Problem(
            key=f"{AFTER}{e.key}", title=f"{e.plan.name}: fell short after launch", since=since,
            owner=e.plan.owner or "who planned it", severity="act this week", experiment=e.key,
            detail=followup.told(seen), remedy="Open its page, compare what was predicted, and withdraw it if it "
            "is not worth its keep. Write down what was learnt.",
        )  # fmt: skip
