"""Ids of losses: a batch that is sent again counts what it lost once."""

import sqlalchemy as sa
from alembic import op

revision = "inbox_0002"
down_revision = "inbox_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("losses", sa.Column("id", sa.String(length=64), nullable=True))
    op.create_index("ix_losses_id", "losses", ["id", "environment"], unique=True)


def downgrade() -> None:
    """Undo."""
    op.drop_index("ix_losses_id", "losses")
    op.drop_column("losses", "id")
