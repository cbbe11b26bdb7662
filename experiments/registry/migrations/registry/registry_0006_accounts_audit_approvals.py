"""The log becomes a chain, which approvals live in; sessions, failed sign-ins, teams and two-step codes of people."""

import hashlib
import json
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0006"
down_revision = "registry_0005"
branch_labels = None
depends_on = None

REFUSE = {
    "sqlite": [
        "CREATE TRIGGER log_no_{verb} BEFORE {verb} ON log BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END"
    ],
    "postgresql": [
        "CREATE OR REPLACE FUNCTION log_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the log is append-only'; END $$",
        "CREATE TRIGGER log_no_{verb} BEFORE {verb} ON log FOR EACH ROW EXECUTE FUNCTION log_refuse()",
    ],
}


def upgrade() -> None:
    """Apply."""
    _people()
    _tables()
    for column in (
        sa.Column("number", sa.Integer(), server_default="0", nullable=False),
        sa.Column("origin", sa.String(length=64), server_default="", nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("former", sa.String(length=64), server_default="", nullable=False),
        sa.Column("hash", sa.String(length=64), server_default="", nullable=False),
    ):
        op.add_column("log", column)
    _chain()
    op.create_index("ix_log_number", "log", ["number"], unique=True)
    for verb in ("update", "delete"):
        for statement in REFUSE[op.get_bind().dialect.name]:
            op.execute(statement.format(verb=verb))


def _people() -> None:
    op.add_column("users", sa.Column("teams", sa.JSON(), server_default="{}", nullable=False))
    op.add_column("users", sa.Column("off_at", UtcTime(timezone=True), nullable=True))
    op.add_column("users", sa.Column("totp", sa.String(length=64), nullable=True))
    op.add_column("users", sa.Column("totp_step", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("users", sa.Column("recovery", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("users") as table:
        table.add_column(sa.Column("subject", sa.String(length=400), nullable=True))
        table.create_unique_constraint("uq_users_subject", ["subject"])
    op.add_column("api_keys", sa.Column("made_by", sa.String(length=254), server_default="", nullable=False))
    op.add_column("api_keys", sa.Column("expires_at", UtcTime(timezone=True), nullable=True))
    op.add_column("api_keys", sa.Column("used_at", UtcTime(timezone=True), nullable=True))


def _tables() -> None:
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("seen_at", UtcTime(timezone=True), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "attempts",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcTime(timezone=True), nullable=False),
        sa.Column("waits_until", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )


def _chain() -> None:
    """Number and seal the rows that were written before there was a chain, in the order of their writing."""
    names = ("id", "number", "who", "kind", "experiment", "text", "former", "hash")
    log = sa.table("log", sa.column("at", UtcTime()), *(sa.column(name) for name in names))
    bind, former, number = op.get_bind(), "0" * 64, 0
    for row in bind.execute(sa.select(log).order_by(log.c.id)).all():
        number += 1
        sealed = {
            "number": number, "at": _utc(row.at), "who": row.who, "origin": "", "kind": row.kind,
            "experiment": row.experiment, "text": row.text, "before": None, "after": None, "former": former,
        }  # fmt: skip
        text = json.dumps(sealed, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        made = hashlib.sha256(text.encode()).hexdigest()
        bind.execute(log.update().where(log.c.id == row.id).values(number=number, former=former, hash=made))
        former = made
    head = sa.table("log_head", sa.column("id"), sa.column("rows"), sa.column("hash"))
    bind.execute(head.insert().values(id=1, rows=number, hash=former))


def _utc(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def downgrade() -> None:
    """Undo."""
    on = " ON log" if op.get_bind().dialect.name == "postgresql" else ""
    for verb in ("update", "delete"):
        op.execute(f"DROP TRIGGER log_no_{verb}{on}")
    op.drop_index("ix_log_number", "log")
    added = {
        "log": ("number", "origin", "before", "after", "former", "hash"),
        "api_keys": ("made_by", "expires_at", "used_at"),
        "users": ("teams", "off_at", "totp", "totp_step", "recovery"),
    }
    for table, names in added.items():
        for name in names:
            op.drop_column(table, name)
    with op.batch_alter_table("users") as people:
        people.drop_constraint("uq_users_subject", type_="unique")
        people.drop_column("subject")
    for table in ("attempts", "sessions", "log_head"):
        op.drop_table(table)
