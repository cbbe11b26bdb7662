"""What was measured after launch, beside those held back."""

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0009"
down_revision = "registry_0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "followups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.String(length=120), nullable=False),
        sa.Column("phase", sa.Integer(), nullable=False),
        sa.Column("cutoff", sa.Date(), nullable=False),
        sa.Column("computed_at", UtcTime(timezone=True), nullable=False),
        sa.Column("word", sa.String(length=20), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("experiment", "phase", "cutoff"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("followups")
