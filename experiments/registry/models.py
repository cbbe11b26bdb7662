"""What is stored: tables of the registry, and of the inbox, which is a database of its own."""

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

BigKey = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only for INTEGER


class UtcTime(TypeDecorator[datetime]):
    """A time that is always aware and in UTC, on databases that forget time zones too."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time, as nobody could say later what it meant."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value!r} has no time zone; give it one, for instance datetime.now(UTC)")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give SQLite's naive times their zone back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class RegistryBase(DeclarativeBase):
    """Tables of the registry."""

    type_annotation_map = {datetime: UtcTime, dict[str, Any]: JSON}


class UserRow(RegistryBase):
    """A person who signs in."""

    __tablename__ = "users"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(20))
    password_hash: Mapped[str] = mapped_column(String(200))
    created_at: Mapped[datetime]
    teams: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    off_at: Mapped[datetime | None]
    totp: Mapped[str | None] = mapped_column(String(64))
    totp_step: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    recovery: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    subject: Mapped[str | None] = mapped_column(String(400), unique=True)


class KeyRow(RegistryBase):
    """An API key: only the hash of its token is kept. With a role it is for the REST API, else for SDKs."""

    __tablename__ = "api_keys"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    environment: Mapped[str] = mapped_column(String(40))
    prefix: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    role: Mapped[str] = mapped_column(String(20), default="", server_default="")
    made_by: Mapped[str] = mapped_column(String(254), default="", server_default="")
    expires_at: Mapped[datetime | None]
    used_at: Mapped[datetime | None]


class ShareRow(RegistryBase):
    """A link to the report of one snapshot for people without an account: only the hash of its token is kept."""

    __tablename__ = "shares"
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"), index=True)
    snapshot: Mapped[int]
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    made_by: Mapped[str] = mapped_column(String(254))
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class MeasureRow(RegistryBase):
    """A measure of the catalogue, in its newest version."""

    __tablename__ = "measures"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    definition: Mapped[dict[str, Any]]


class MetricRow(RegistryBase):
    """A metric of the catalogue, in its newest version."""

    __tablename__ = "metrics"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    definition: Mapped[dict[str, Any]]


class ExperimentRow(RegistryBase):
    """An experiment: its draft while it is one, and its frozen plan once launched.

    `earlier` are the phases before this one, in order: what was frozen, its hash, and when and on which day it ended.
    `earlier_hash` was taken of them all when the last one ended; None where there are none. `archived_at` is beside
    the state and changes nothing that is served.
    """

    __tablename__ = "experiments"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    state: Mapped[str] = mapped_column(String(20))
    phase: Mapped[int] = mapped_column(default=1)
    plan: Mapped[dict[str, Any]]
    frozen: Mapped[dict[str, Any] | None]
    plan_hash: Mapped[str | None] = mapped_column(String(64))
    created_at: Mapped[datetime]
    launched_at: Mapped[datetime | None]
    launched: Mapped[date | None]
    stopped_at: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]
    decision: Mapped[dict[str, Any] | None]
    earlier: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")
    earlier_hash: Mapped[str | None] = mapped_column(String(64))
    archived_at: Mapped[datetime | None]


class SnapshotRow(RegistryBase):
    """One look: append-only."""

    __tablename__ = "snapshots"
    __table_args__ = (UniqueConstraint("experiment", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    experiment: Mapped[str] = mapped_column(ForeignKey("experiments.key"))
    number: Mapped[int]
    phase: Mapped[int]
    official: Mapped[bool]
    cutoff: Mapped[date]
    computed_at: Mapped[datetime]
    word: Mapped[str] = mapped_column(String(20))
    hash: Mapped[str] = mapped_column(String(64))
    body: Mapped[str] = mapped_column(Text)
    seal: Mapped[str | None] = mapped_column(String(64))
    course: Mapped[str | None] = mapped_column(Text)


class LogRow(RegistryBase):
    """What changed, who did it, when, from where; and what people said. Append-only: triggers refuse anything else.

    `number` counts from 1 without gaps; `hash` covers the row and `former`, the hash of the row before it.
    """

    __tablename__ = "log"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    who: Mapped[str] = mapped_column(String(254))
    kind: Mapped[str] = mapped_column(String(40))
    experiment: Mapped[str | None] = mapped_column(String(120), index=True)
    text: Mapped[str] = mapped_column(Text)
    number: Mapped[int] = mapped_column(default=0, server_default="0", index=True, unique=True)
    origin: Mapped[str] = mapped_column(String(64), default="", server_default="")
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    former: Mapped[str] = mapped_column(String(64), default="", server_default="")
    hash: Mapped[str] = mapped_column(String(64), default="", server_default="")


class LogHeadRow(RegistryBase):
    """How many rows the log has, and the hash of the last: one row, which every writer of the log waits for."""

    __tablename__ = "log_head"
    id: Mapped[int] = mapped_column(primary_key=True)
    rows: Mapped[int] = mapped_column()
    hash: Mapped[str] = mapped_column(String(64))


class SessionRow(RegistryBase):
    """One browser in which a person is signed in: only the hash of its token is kept."""

    __tablename__ = "sessions"
    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    origin: Mapped[str] = mapped_column(String(64))
    browser: Mapped[str] = mapped_column(String(200))


class AttemptRow(RegistryBase):
    """Failed sign-ins in a row, of one account or from one address (as a hash), and until when the next must wait."""

    __tablename__ = "attempts"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    last_at: Mapped[datetime]
    waits_until: Mapped[datetime | None]


class LeaseRow(RegistryBase):
    """The right to write to the lake: one holder at a time, until it expires."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    expires_at: Mapped[datetime]


class SettingRow(RegistryBase):
    """A choice of the installation that may not change later, such as its time zone."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[str] = mapped_column(Text)


class AlertRow(RegistryBase):
    """A problem that was found: told once while it lasts, ended when it is no longer found."""

    __tablename__ = "alerts"
    __table_args__ = (Index("ix_alerts_open", "key", "ended_at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300))
    experiment: Mapped[str | None] = mapped_column(String(120))
    title: Mapped[str] = mapped_column(String(400))
    text: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class SendingRow(RegistryBase):
    """A channel took a message that another has not taken yet: it is not sent by the first one again."""

    __tablename__ = "sendings"
    message: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20), primary_key=True)
    at: Mapped[datetime]


class SourceRow(RegistryBase):
    """A source: where a team's own exposures or events lie, and which columns hold what."""

    __tablename__ = "sources"
    key: Mapped[str] = mapped_column(String(120), primary_key=True)
    definition: Mapped[dict[str, Any]]


class ForgottenRow(RegistryBase):
    """A receipt: a unit's rows were removed. It holds a salted hash in place of the unit."""

    __tablename__ = "forgotten"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(254))
    unit_hash: Mapped[str] = mapped_column(String(64), index=True)
    experiments: Mapped[dict[str, Any]]
    rows: Mapped[dict[str, Any] | None]


class InboxBase(DeclarativeBase):
    """Tables of the inbox. Times here are microseconds since 1970 in UTC, as the lake keeps them."""


class InboxRow(InboxBase):
    """An accepted event that waits to be loaded: one row per id and environment."""

    __tablename__ = "inbox"
    __table_args__ = (UniqueConstraint("id", "environment"), {"sqlite_autoincrement": True})  # seq is never reused
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[str] = mapped_column(String(64))
    environment: Mapped[str] = mapped_column(String(40))
    received: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class RecentRow(InboxBase):
    """A loaded event that stays visible for a while."""

    __tablename__ = "recent"
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True, autoincrement=False)
    environment: Mapped[str] = mapped_column(String(40))
    received: Mapped[int] = mapped_column(BigInteger)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class RejectRow(InboxBase):
    """An event that was refused, and why."""

    __tablename__ = "rejects"
    __table_args__ = (Index("ix_rejects_received", "received"),)
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    environment: Mapped[str] = mapped_column(String(40))
    received: Mapped[int] = mapped_column(BigInteger)
    reason: Mapped[str] = mapped_column(String(40))
    message: Mapped[str] = mapped_column(Text)
    sdk: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)


class TallyRow(InboxBase):
    """How many events a minute brought, by what became of them."""

    __tablename__ = "tallies"
    environment: Mapped[str] = mapped_column(String(40), primary_key=True)
    minute: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    exposures: Mapped[int] = mapped_column(default=0)
    events: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)


class LossRow(InboxBase):
    """What senders say that they had to drop."""

    __tablename__ = "losses"
    __table_args__ = (Index("ix_losses_id", "id", "environment", unique=True),)
    seq: Mapped[int] = mapped_column(BigKey, primary_key=True)
    id: Mapped[str | None] = mapped_column(String(64))  # None from senders that give none: counted as often as told
    environment: Mapped[str] = mapped_column(String(40))
    received: Mapped[int] = mapped_column(BigInteger)
    experiment: Mapped[str] = mapped_column(String(120), index=True)
    phase: Mapped[int]
    variant: Mapped[str] = mapped_column(String(120))
    count: Mapped[int] = mapped_column(BigInteger)


class LoadRow(InboxBase):
    """A planned move of a range of the inbox to the lake, and whether it is done."""

    __tablename__ = "loads"
    id: Mapped[int] = mapped_column(primary_key=True)
    first: Mapped[int] = mapped_column(BigInteger)
    last: Mapped[int] = mapped_column(BigInteger)
    done: Mapped[bool] = mapped_column(default=False)
    rows: Mapped[int] = mapped_column(BigInteger, default=0)
