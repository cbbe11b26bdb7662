"""A hash over the phases of an experiment before its current one, by which a change of them is noticed."""

import sqlalchemy as sa
from alembic import op

from experiments.plan import hash_of, hash_of_phases

revision = "registry_0015"
down_revision = "registry_0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply. Phases whose own plans are not as they were frozen get no hash, which the next look tells."""
    op.add_column("experiments", sa.Column("earlier_hash", sa.String(length=64), nullable=True))
    rows = sa.table("experiments", sa.column("key"), sa.column("earlier", sa.JSON), sa.column("earlier_hash"))
    connection = op.get_bind()
    for key, earlier in connection.execute(sa.select(rows.c.key, rows.c.earlier)).all():
        if earlier and all(hash_of(each["frozen"]) == each["plan_hash"] for each in earlier):
            change = sa.update(rows).where(rows.c.key == key).values(earlier_hash=hash_of_phases(earlier))
            connection.execute(change)


def downgrade() -> None:
    """Undo."""
    op.drop_column("experiments", "earlier_hash")
