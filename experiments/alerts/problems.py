"""Finds what is wrong now: events that wait, days that are not rolled up, experiments that fell silent or lean.

Each problem says what, since when, how bad, what to do next, and whose it is. Its `key` stays the same while it
lasts, so that it is told once.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from experiments import followup
from experiments.alerts.split import leaning
from experiments.inbox import Inbox, live, loads
from experiments.numbers import count, day, moment, percent
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
TO_DECIDE: dict[Word, Severity] = {
    "invalid": "act today", "stop": "act today", "keep": "act this week", "drop": "act this week",
    "review": "act this week",
}  # fmt: skip


@dataclass(frozen=True)
class Problem:
    """One thing that somebody must do something about."""

    key: str
    title: str
    detail: str
    remedy: str
    severity: Severity
    since: datetime
    owner: str
    experiment: str | None = None

    @property
    def text(self) -> str:
        """Everything in plain lines, as a mail or a chat message carries it."""
        return "\n".join(
            [self.title, self.detail, f"Since: {moment(self.since)} UTC. How bad: {self.severity}.",
             f"What to do: {self.remedy}", f"Owner: {self.owner}"]
        )  # fmt: skip


def found(settings: Settings, now: datetime | None = None) -> list[Problem]:
    """Return every problem of this moment, the pipeline's first, then each experiment's."""
    at = now or datetime.now(UTC)
    db, inbox, lake = Database(settings.registry), Inbox(settings.inbox), warehouse(settings)
    zone = ZoneInfo(settings_store.time_zone(db))
    closed = closed_through(lake)
    every = experiments.listing(db)
    running = [e for e in every if e.state == "running"]
    newest = snapshots.latest_of_all(db)
    return [
        *_waiting(inbox, at),
        *_rejected(inbox, at),
        *_behind(closed, running, at.astimezone(zone)),
        *(p for e in running for p in _unanalysed(e, newest.get(e.key), closed, at)),
        *(p for e in running for p in _silent(e, lake, at, zone)),
        *(p for e in running for p in _leaning(e, lake, at, zone)),
        *(p for e in running if (s := newest.get(e.key)) is not None for p in _verdict(e, s)),
        *_short(db, [e for e in every if e.decision is not None and e.decision.serves]),
    ]


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
    last = newest.cutoff if newest else (e.launched or now.date()) - DAY
    if closed is not None and last < closed - DAY:
        since = datetime.combine(last + 2 * DAY, ROLLED_UP_BY, UTC)
        yield Problem(
            key=f"analyze:{e.key}", title=f"'{e.key}' is not analysed", since=since, owner=OPERATOR,
            severity="act this week", experiment=e.key,
            detail=f"Its results end on {day(last)}, and days are rolled up to {day(closed)}.",
            remedy=f"Read the log of its task in 'analyze', or run: keepers analyze {e.key}",
        )  # fmt: skip


def _silent(e: Experiment, lake: Warehouse, now: datetime, zone: ZoneInfo) -> Iterable[Problem]:
    """An experiment that enrols should see somebody on every day; a whole day without is a fault or an outage."""
    if e.frozen is None or e.launched is None or e.launched_at is None or now - e.launched_at < DAY:
        return
    yesterday = now.astimezone(zone).date() - DAY
    if not e.launched <= yesterday <= e.frozen.enrols_until(e.launched):
        return
    seen = lake.table("production", "exposures", [yesterday, yesterday + DAY])
    last = seen.filter(seen.experiment == e.key)["at"].max().to_pyarrow().as_py()
    if last is None:
        since = datetime.combine(yesterday, time(), zone).astimezone(UTC)
        yield Problem(
            key=f"silent:{e.key}", title=f"'{e.key}' meets nobody", since=since, owner=e.plan.owner or OPERATOR,
            severity="act today", experiment=e.key,
            detail=f"It is running, and no exposure of {day(yesterday)} or later has been loaded.",
            remedy="Is the code deployed, and its key valid? Open the page Events and look for its exposures.",
        )  # fmt: skip


def _leaning(e: Experiment, lake: Warehouse, now: datetime, zone: ZoneInfo) -> Iterable[Problem]:
    lean = leaning(lake, e, now.astimezone(zone).date())
    if lean is not None:
        shares = ", ".join(f"{count(n)} in {key}" for key, n in lean.counts.items())
        planned = " / ".join(f"{100 * v.weight:.4g}" for v in e.plan.variants)
        yield Problem(
            key=f"split:{e.key}", title=f"The split of '{e.key}' is not as planned", since=now,
            owner=e.plan.owner or OPERATOR, severity="act today", experiment=e.key,
            detail=f"{shares}; planned {planned}. A split as planned looks so uneven in at most "
                   f"{percent(lean.p_value)} of experiments, however often one looks.",
            remedy="Find where exposures are lost before more people enter: log them at one line of code, before "
                   "anything differs between variants.",
        )  # fmt: skip


def _verdict(e: Experiment, newest: Snapshot) -> Iterable[Problem]:
    """A verdict that asks for a decision; an invalid one names the check that failed, with its remedy."""
    word = newest.verdict.word
    if word not in TO_DECIDE:
        return
    remedies = [c.remedy for c in newest.checks if c.invalidates and c.remedy]
    yield Problem(
        key=f"verdict:{e.key}:{word}", title=f"{e.plan.name}: {word}", since=newest.computed_at,
        owner=e.plan.owner or "who planned it", severity=TO_DECIDE[word], experiment=e.key,
        detail=newest.verdict.sentence, remedy=remedies[0] if remedies else "Open its page, read why, and decide.",
    )  # fmt: skip


def _short(db: Database, served: list[Experiment]) -> Iterable[Problem]:
    """What was kept and is shown to bring less than was predicted; it stands until it holds up or is withdrawn."""
    since = followups.short(db, [e.key for e in served])
    for e in served:
        if e.key in since and (seen := followup.latest(db, e)) is not None:
            yield Problem(
                key=f"{AFTER}{e.key}", title=f"{e.plan.name}: fell short after launch", since=since[e.key],
                owner=e.plan.owner or "who planned it", severity="act this week", experiment=e.key,
                detail=followup.told(seen), remedy="Open its page, compare what was predicted, and withdraw it if it "
                "is not worth its keep. Write down what was learnt.",
            )  # fmt: skip
