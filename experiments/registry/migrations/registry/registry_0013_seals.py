"""A seal over the stored text of each look, by which it is trusted again without its canonical form being written."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0013"
down_revision = "registry_0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("snapshots", sa.Column("seal", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Undo."""
    op.drop_column("snapshots", "seal")
