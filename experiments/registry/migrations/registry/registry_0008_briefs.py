"""What was worked out of a draft, and pictures of its variants."""

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0008"
down_revision = "registry_0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "outlooks",
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("plan_hash", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]),
        sa.PrimaryKeyConstraint("experiment"),
    )
    op.create_table(
        "pictures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("variant", sa.String(length=120), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=254), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_pictures_experiment", "pictures", ["experiment"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("pictures")
    op.drop_table("outlooks")
