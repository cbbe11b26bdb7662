"""Receipts for units that were forgotten."""

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0007"
down_revision = "registry_0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "forgotten",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("unit_hash", sa.String(length=64), nullable=False),
        sa.Column("experiments", sa.JSON(), nullable=False),
        sa.Column("rows", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_forgotten_unit_hash", "forgotten", ["unit_hash"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("forgotten")
