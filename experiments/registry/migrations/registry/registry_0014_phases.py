"""The phases of an experiment before its current one."""

import sqlalchemy as sa
from alembic import op

revision = "registry_0014"
down_revision = "registry_0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("experiments", sa.Column("earlier", sa.JSON(), nullable=False, server_default="[]"))


def downgrade() -> None:
    """Undo."""
    with op.batch_alter_table("experiments") as experiments:
        experiments.drop_column("earlier")
