"""PostgreSQL keeps the words of each text beside it: to rank what was found had cut every text into words again."""

from alembic import op

revision = "registry_0010"
down_revision = "registry_0009"
branch_labels = None
depends_on = None
VECTOR = (
    "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', learning || ' ' || tags), 'B') "
    "|| setweight(to_tsvector('english', hypothesis || ' ' || reason), 'C')"
)


def upgrade() -> None:
    """Apply. SQLite keeps its words in a table of their own."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX texts_words")
        op.execute(f"ALTER TABLE texts ADD COLUMN vector tsvector GENERATED ALWAYS AS ({VECTOR}) STORED")
        op.execute("CREATE INDEX texts_words ON texts USING gin (vector)")


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP INDEX texts_words")
        op.execute("ALTER TABLE texts DROP COLUMN vector")
        op.execute(f"CREATE INDEX texts_words ON texts USING gin (({VECTOR}))")
