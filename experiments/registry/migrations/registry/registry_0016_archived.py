"""When an experiment was archived, and whether its card is: the list shows those that are not."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0016"
down_revision = "registry_0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("experiments", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("cards", sa.Column("archived", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Undo."""
    op.drop_column("cards", "archived")
    op.drop_column("experiments", "archived_at")
