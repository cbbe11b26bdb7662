"""What registry and inbox keep only for a while goes, and the log, which is kept, stays whole and says so."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from experiments import lifecycle, retention
from experiments.inbox.tidying import LOADS
from experiments.plan_file import read_catalog, read_plan
from experiments.registry import audit, metrics
from experiments.registry.models import (
    AlertRow,
    AttemptRow,
    InboxBase,
    LoadRow,
    LossRow,
    RecentRow,
    RegistryBase,
    RejectRow,
    SendingRow,
    SessionRow,
    ShareRow,
    TallyRow,
    UserRow,
)

PLAN = "key: cta\nvariants: [{key: control, weight: 0.5}, {key: calm, weight: 0.5}]\ngoals: [{metric: o, worthwhile: 0.1}]"
NOW = datetime(2026, 11, 2, 3, tzinfo=UTC)


def ago(**much: int) -> datetime:
    return NOW - timedelta(**much)


def registry_rows() -> list[RegistryBase]:
    """Two rows of each table: one that is due, and after it one that is not yet."""
    ada = UserRow(id=1, email="ada@example.com", name="Ada", role="viewer", password_hash="", created_at=NOW)
    session = {"user_id": 1, "origin": "", "browser": ""}
    alert = {"key": "k", "title": "", "text": "", "found_at": ago(days=500)}
    share = {"experiment": "cta", "snapshot": 1, "made_by": "", "made_at": ago(days=200)}
    return [
        ada,
        SessionRow(token_hash="idle", made_at=ago(days=1), seen_at=ago(hours=13), **session),
        SessionRow(token_hash="old", made_at=ago(days=8), seen_at=NOW, **session),
        SessionRow(token_hash="kept", made_at=ago(days=6), seen_at=ago(hours=11), **session),
        AttemptRow(key="old", failures=9, last_at=ago(hours=25)), AttemptRow(key="kept", failures=9, last_at=ago(hours=23)),
        AlertRow(ended_at=ago(days=366), **alert), AlertRow(ended_at=ago(days=364), **alert), AlertRow(ended_at=None, **alert),
        SendingRow(message="a", channel="mail", at=ago(days=366)), SendingRow(message="b", channel="mail", at=ago(days=364)),
        ShareRow(token_hash="old", expires_at=ago(days=91), **share), ShareRow(token_hash="ended", expires_at=NOW, revoked_at=ago(days=91), **share),
        ShareRow(token_hash="kept", expires_at=ago(days=89), **share),
    ]  # fmt: skip


def inbox_rows() -> list[InboxBase]:
    def micros(**much: int) -> int:
        return int(ago(**much).timestamp() * 1_000_000)

    seen, refused = {"environment": "production", "body": b"{}"}, {"reason": "", "message": "", "sdk": ""}
    return [
        RecentRow(seq=1, received=micros(days=31), **seen), RecentRow(seq=2, received=micros(days=29), **seen),
        RejectRow(received=micros(hours=25), **seen, **refused), RejectRow(received=micros(hours=23), **seen, **refused),
        TallyRow(environment="production", minute=int(ago(days=31).timestamp()) // 60), TallyRow(environment="production", minute=int(NOW.timestamp()) // 60),
        LossRow(environment="production", received=micros(days=900), experiment="cta", phase=1, variant="a", count=1),
        LoadRow(id=1, first=1, last=1, done=False), LoadRow(id=2, first=2, last=2, done=True),
        LoadRow(id=3, first=3, last=3, done=True), LoadRow(id=2 + LOADS, first=4, last=9, done=True),
    ]  # fmt: skip


def test_what_is_old_enough_goes_and_nothing_else(stored: Any) -> None:
    metrics.apply(stored.db, read_catalog("measures: {o: {event: order}}\nmetrics: {o: {kind: mean, measure: o, window_days: 1}}"), "ada@example.com")
    lifecycle.save(stored.db, read_plan(PLAN), "ada@example.com")
    with stored.db.begin() as session:
        session.add_all(registry_rows()[:1])
        session.flush()
        session.add_all(registry_rows()[1:])
    with stored.inbox.database.begin() as session:
        session.add_all(inbox_rows())
    settings = stored.settings.__class__(**{**vars(stored.settings), "keep_raw_days": 30})
    assert retention.tidy(settings, NOW) == {"rejects": 1, "tallies": 1, "loads": 1, "recent": 1, "sessions": 2, "attempts": 1, "shares": 2, "sendings": 1, "alerts": 1}
    assert audit.verify(stored.db).faults == ()
    assert audit.entries(stored.db)[0].text.startswith("Removed what nothing needs any more: 1 of rejects,")
    assert retention.tidy(settings, NOW) == {}
    assert len(audit.entries(stored.db)) == 4, "nothing was removed, so nothing is logged"
    assert counted(stored.db, SessionRow, AttemptRow, ShareRow, AlertRow, SendingRow, UserRow) == [1, 1, 1, 2, 1, 1]
    assert counted(stored.inbox.database, RecentRow, RejectRow, TallyRow, LossRow, LoadRow) == [1, 1, 1, 1, 3]


def counted(database: Any, *tables: type) -> list[int]:
    with database.read() as session:
        return [session.scalar(select(func.count()).select_from(table)) for table in tables]


def test_events_stay_in_view_for_good_where_raw_events_do(home: Any) -> None:
    with home.inbox.database.begin() as session:
        session.add(RecentRow(seq=1, received=1, environment="production", body=b"{}"))
    assert retention.tidy(home.settings, NOW) == {}
