"""What has arrived lately, for the live event view: counted events, rejected ones, and sums."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select

from experiments.inbox.batches import MICRO, Inbox
from experiments.registry.keys import ENVIRONMENT
from experiments.registry.models import InboxRow, LossRow, RecentRow, RejectRow, TallyRow


@dataclass(frozen=True)
class Arrived:
    """One event as the live view shows it; `result` is counted or rejected."""

    received_at: datetime
    at: datetime | None
    kind: str
    name: str
    variant: str
    value: str
    unit: str
    environment: str
    result: str
    reason: str = ""
    message: str = ""
    sdk: str = ""


@dataclass(frozen=True)
class Reason:
    """How often one reason for rejecting occurred, and the newest sentence that explained it."""

    reason: str
    message: str
    count: int
    first_seen: datetime
    sdk: str


@dataclass(frozen=True)
class Tally:
    """Sums over a span of time; `last_at` is when the newest accepted event arrived."""

    exposures: int
    events: int
    duplicate: int
    rejected: int
    last_at: datetime | None

    @property
    def accepted(self) -> int:
        """Exposures and other events that were kept."""
        return self.exposures + self.events


def recent(
    inbox: Inbox, *, limit: int = 100, text: str = "", kind: str = "", result: str = "", environment: str = ""
) -> list[Arrived]:
    """Return what arrived last, newest first; `text` is looked for in names, variants, units and reasons."""
    scanned = limit if not (text or kind or environment) else 10_000
    rows: list[Arrived] = []
    with inbox.database.read() as session:
        if result != "rejected":
            waiting = session.scalars(select(InboxRow).order_by(InboxRow.seq.desc()).limit(scanned))
            loaded = session.scalars(select(RecentRow).order_by(RecentRow.seq.desc()).limit(scanned))
            rows += [_counted(row) for row in (*waiting, *loaded)]
        if result != "counted":
            refused = session.scalars(select(RejectRow).order_by(RejectRow.seq.desc()).limit(scanned))
            rows += [_rejected(row) for row in refused]
    wanted = [r for r in rows if _matches(r, text.lower(), kind, environment)]
    return sorted(wanted, key=lambda r: r.received_at, reverse=True)[:limit]


def reasons(inbox: Inbox, since: datetime) -> list[Reason]:
    """Return why events were rejected since then, the most frequent reason first."""
    after = int(since.timestamp() * MICRO)
    columns = (func.max(RejectRow.seq), func.count(), func.min(RejectRow.received))
    query = select(*columns).where(RejectRow.received >= after).group_by(RejectRow.reason)
    with inbox.database.read() as session:
        counted = [(session.get_one(RejectRow, seq), n, first) for seq, n, first in session.execute(query)]
    found = [Reason(row.reason, row.message, n, _time(first), row.sdk) for row, n, first in counted]
    return sorted(found, key=lambda r: -r.count)


def tally(inbox: Inbox, since: datetime) -> Tally:
    """Return how many events arrived since then, by what became of them, to the minute."""
    names = (TallyRow.exposures, TallyRow.events, TallyRow.duplicate, TallyRow.rejected)
    sums = [func.coalesce(func.sum(name), 0) for name in names]
    with inbox.database.read() as session:
        row = session.execute(select(*sums).where(TallyRow.minute >= int(since.timestamp()) // 60)).one()
        newest = [session.scalar(select(func.max(table.received))) for table in (InboxRow, RecentRow)]
    last = max((n for n in newest if n is not None), default=None)
    exposures, events, duplicate, rejected = (int(n) for n in row)
    return Tally(exposures, events, duplicate, rejected, _time(last) if last is not None else None)


def losses(
    inbox: Inbox, experiment: str, phase: int, *, environment: str = ENVIRONMENT, before: datetime | None = None
) -> dict[str, int]:
    """Return how many exposures senders of an environment reported as dropped, by variant; `before` a time or ever."""
    query = select(LossRow.variant, func.sum(LossRow.count)).group_by(LossRow.variant)
    query = query.where(LossRow.environment == environment, LossRow.experiment == experiment, LossRow.phase == phase)
    if before is not None:
        query = query.where(LossRow.received < round(before.timestamp() * MICRO))
    with inbox.database.read() as session:
        return {variant: int(count) for variant, count in session.execute(query)}


def tried(inbox: Inbox, experiment: str, *, but: str = "production", among: int = 2_000) -> datetime | None:
    """Return when the newest exposure of an experiment came from any environment `but` one, among the newest events."""
    waiting, loaded = (
        select(table.received, table.environment, table.body).order_by(table.seq.desc()).limit(among).subquery()
        for table in (InboxRow, RecentRow)
    )
    newest = select(waiting).union_all(select(loaded)).subquery()
    needle = b'"experiment":' + json.dumps(experiment).encode()
    with inbox.database.read() as session:
        rows = session.execute(select(newest.c.received, newest.c.body).where(newest.c.environment != but))
        found = max((received for received, body in rows if needle in body), default=None)
    return _time(found) if found is not None else None


def _counted(row: InboxRow | RecentRow) -> Arrived:
    data = json.loads(row.body)
    return _arrived(data, row.environment, row.received, "counted", at=_time(data["at"]))


def _rejected(row: RejectRow) -> Arrived:
    try:
        data = json.loads(row.body)
    except (ValueError, RecursionError):
        data = {}
    data = data if isinstance(data, dict) else {}
    seen = _arrived(data, row.environment, row.received, "rejected", at=None)
    return Arrived(**{**seen.__dict__, "reason": row.reason, "message": row.message, "sdk": row.sdk})


def _arrived(data: dict[str, Any], environment: str, received: int, result: str, at: datetime | None) -> Arrived:
    units = data.get("units")
    unit = next(iter(units.values()), "") if isinstance(units, dict) else units or ""
    experiment = str(data.get("experiment") or "")
    return Arrived(
        received_at=_time(received), at=at, kind="exposure" if experiment else "event",
        name=_plain(experiment or data.get("name") or ""), variant=_plain(data.get("variant") or ""),
        value="" if data.get("value") is None else _plain(data["value"]), unit=_plain(unit),
        environment=environment, result=result,
    )  # fmt: skip


def _plain(value: Any) -> str:
    """A value as text that can be written: half a character, which JSON can name, is shown as a question mark."""
    return str(value).encode(errors="replace").decode()


def _matches(row: Arrived, text: str, kind: str, environment: str) -> bool:
    seen = " ".join((row.name, row.variant, row.unit, row.reason, row.message)).lower()
    return text in seen and kind in ("", row.kind) and environment in ("", row.environment)


def _time(micros: int) -> datetime:
    return datetime.fromtimestamp(micros / MICRO, UTC)
