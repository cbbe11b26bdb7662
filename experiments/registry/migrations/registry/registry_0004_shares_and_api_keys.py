"""Share links of reports, and keys with a role for the REST API."""

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0004"
down_revision = "registry_0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("api_keys", sa.Column("role", sa.String(length=20), server_default="", nullable=False))
    op.create_table(
        "shares",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("snapshot", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_by", sa.String(length=254), nullable=False),
        sa.Column("made_at", UtcTime(timezone=True), nullable=False),
        sa.Column("expires_at", UtcTime(timezone=True), nullable=False),
        sa.Column("revoked_at", UtcTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token_hash"),
    )
    op.create_index("ix_shares_experiment", "shares", ["experiment"])


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_shares_experiment", "shares")
    op.drop_table("shares")
    with op.batch_alter_table("api_keys") as table:
        table.drop_column("role")
