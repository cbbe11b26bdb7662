"""Which channels took a message that is not yet told by all of them."""

import sqlalchemy as sa
from alembic import op

from experiments.registry.models import UtcTime

revision = "registry_0011"
down_revision = "registry_0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "sendings",
        sa.Column("message", sa.String(length=80), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("message", "channel"),
    )


def downgrade() -> None:
    """Undo."""
    op.drop_table("sendings")
