"""Summaries for pages over many experiments, full-text search, and versions of metrics; filled from what is stored."""

import json
from typing import Any

import sqlalchemy as sa
from alembic import op

from experiments.catalog import Catalog, Measure, Metric
from experiments.registry import cards, metrics
from experiments.registry.models import ExperimentRow, UtcTime
from experiments.snapshot import Snapshot

revision = "registry_0005"
down_revision = "registry_0004"
branch_labels = None
depends_on = None

READ = ["key", "state", "plan", "frozen", "launched", "created_at", "stopped_at", "decided_at", "decision"]
COURSE = ["metric", "treatment", "kind", "direction", "symbol", "window_days", "role", "absolute", "effect",
          "band", "control", "variant"]  # fmt: skip
FTS = """
CREATE VIRTUAL TABLE texts_words USING fts5(
  title, hypothesis, learning, tags, reason, content='texts', content_rowid='id',
  tokenize='porter unicode61 remove_diacritics 2');
CREATE TRIGGER texts_added AFTER INSERT ON texts BEGIN
  INSERT INTO texts_words(rowid, title, hypothesis, learning, tags, reason)
  VALUES (new.id, new.title, new.hypothesis, new.learning, new.tags, new.reason); END;
CREATE TRIGGER texts_removed AFTER DELETE ON texts BEGIN
  INSERT INTO texts_words(texts_words, rowid, title, hypothesis, learning, tags, reason)
  VALUES ('delete', old.id, old.title, old.hypothesis, old.learning, old.tags, old.reason); END;
CREATE TRIGGER texts_changed AFTER UPDATE ON texts BEGIN
  INSERT INTO texts_words(texts_words, rowid, title, hypothesis, learning, tags, reason)
  VALUES ('delete', old.id, old.title, old.hypothesis, old.learning, old.tags, old.reason);
  INSERT INTO texts_words(rowid, title, hypothesis, learning, tags, reason)
  VALUES (new.id, new.title, new.hypothesis, new.learning, new.tags, new.reason); END;
"""
VECTOR = (
    "setweight(to_tsvector('english', title), 'A') || setweight(to_tsvector('english', learning || ' ' || tags), 'B') "
    "|| setweight(to_tsvector('english', hypothesis || ' ' || reason), 'C')"
)


def upgrade() -> None:
    """Apply."""
    _cards()
    _effects()
    _texts()
    _versions()
    op.add_column("snapshots", sa.Column("course", sa.Text(), nullable=True))
    fill(op.get_bind())


def downgrade() -> None:
    """Undo."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE texts_words")
    for table in ("metric_versions", "texts", "effects", "cards"):
        op.drop_table(table)
    with op.batch_alter_table("snapshots") as snapshots:
        snapshots.drop_column("course")


def fill(connection: sa.Connection) -> None:
    """Summarise what was stored before: the newest snapshot of each experiment, every official look's course."""
    tables = sa.MetaData()
    tables.reflect(connection, only=("cards", "effects", "texts", "experiments", "snapshots", "metric_versions"))
    _fill_experiments(connection, tables)
    _fill_courses(connection, tables.tables["snapshots"])
    _fill_versions(connection, tables.tables["metric_versions"])


def _fill_experiments(connection: sa.Connection, known: sa.MetaData) -> None:
    """A later version may summarise more: only columns that are there now are written."""
    later = [sa.null().label(name) for name in ("earlier", "archived_at")]  # what there was none of yet
    columns = [*(ExperimentRow.__table__.c[name] for name in READ), *later]
    for found in connection.execute(sa.select(*columns)).all():
        row: Any = found
        newest = _newest(connection, row.key)
        since = _since(connection, row.key)
        card = {**cards.plan_of(row), **(cards.look_of(newest, since) if newest and since else {})}
        made = {"cards": [card], "texts": [cards.text_of(row)], "effects": cards.effects_of(newest) if newest else []}
        for name, rows in made.items():
            for each in rows:
                kept = {c: v for c, v in each.items() if c in known.tables[name].c}
                connection.execute(sa.insert(ExperimentRow.metadata.tables[name]).values(**kept))


def _newest(connection: sa.Connection, key: str) -> Snapshot | None:
    """None also where it cannot be read: its own page says so."""
    query = sa.text("SELECT body FROM snapshots WHERE experiment = :key ORDER BY number DESC LIMIT 1")
    body = connection.scalar(query, {"key": key})
    try:
        return Snapshot.model_validate_json(body) if body else None
    except ValueError:
        return None


def _since(connection: sa.Connection, key: str) -> Any:
    """The cutoff of the first of the last looks that all had the same word."""
    columns: Any = (sa.column("word"), sa.column("cutoff", sa.Date), sa.column("number"), sa.column("experiment"))
    looks = sa.table("snapshots", *columns)
    query = sa.select(looks.c.word, looks.c.cutoff).where(looks.c.experiment == key).order_by(looks.c.number.desc())
    word, since = None, None
    for found, cutoff in connection.execute(query):
        if word not in (None, found):
            break
        word, since = found, cutoff
    return since


def _fill_courses(connection: sa.Connection, snapshots: sa.Table) -> None:
    ids = connection.scalars(sa.select(snapshots.c.id).where(snapshots.c.official)).all()
    for number in ids:
        body = connection.scalar(sa.select(snapshots.c.body).where(snapshots.c.id == number))
        change = sa.update(snapshots).where(snapshots.c.id == number).values(course=_course(body))
        connection.execute(change)


def _course(body: Any) -> str | None:
    """By the bare JSON, as there may be very many."""
    try:
        data = json.loads(body)
        goals = [m for m in data["metrics"] if m["role"] == "goal"]
        return cards.course(
            data["progress"]["day"], data["progress"]["people"],
            ({k: m[k] for k in COURSE} for m in goals),
        )
    except (ValueError, KeyError, TypeError):
        return None


def _fill_versions(connection: sa.Connection, versions: sa.Table) -> None:
    """What is in the catalogue is the first version known of; when it was made is not."""
    catalog = Catalog(measures=_read(connection, "measures", Measure), metrics=_read(connection, "metrics", Metric))
    for key in catalog.metrics:
        found = metrics.defined(catalog, key)
        if found is not None:
            values = {"metric": key, "version": 1, "definition": found.model_dump(mode="json"), "by": "", "at": None}
            connection.execute(sa.insert(ExperimentRow.metadata.tables[versions.name]).values(**values))


def _read(connection: sa.Connection, name: str, kind: Any) -> dict[str, Any]:
    table = ExperimentRow.metadata.tables[name]
    rows = connection.execute(sa.select(table.c.key, table.c.definition))
    return {key: kind.model_validate(definition) for key, definition in rows}


def _cards() -> None:
    text, flag, number, day = sa.String, sa.Boolean, sa.Integer, sa.Date
    needed: Any = (
        ("title", text(200)), ("state", text(20)), ("team", text(200)), ("owner", text(200)), ("unit", text(120)),
        ("tags", sa.JSON()), ("variants", number()), ("complete", flag()), ("targeted", flag()),
        ("coverage", sa.Double()),
        ("layer", text(200)), ("layer_from", sa.Double()), ("layer_to", sa.Double()), ("enrol_days", number()),
        ("created_at", UtcTime(timezone=True)), ("decision", text(20)), ("kept", text(120)), ("decided_from", text(20)),
        ("learning", sa.Text()), ("words", sa.Text()),
    )  # fmt: skip
    optional: Any = (
        ("launched", day()), ("horizon", day()), ("stopped_at", UtcTime(timezone=True)),
        ("decided_at", UtcTime(timezone=True)), ("rollout", sa.Double()), ("followed", flag()), ("number", number()),
        ("cutoff", day()), ("since", day()), ("day", number()), ("days", number()), ("precision", sa.Double()),
        ("people", number()), ("people_planned", sa.BigInteger()), ("answer_from", day()), ("answer_to", day()),
        ("word", text(20)), ("headline", text(240)), ("failing", text(200)),
    )  # fmt: skip
    op.create_table("cards", *_columns(("experiment",), needed, optional))
    op.create_index("ix_cards_state", "cards", ["state", "word"])


def _effects() -> None:
    text = sa.String
    needed: Any = (
        ("role", text(20)), ("title", text(200)), ("kind", text(20)), ("direction", text(20)), ("symbol", text(8)),
        ("reading", text(40)), ("harmed", sa.Boolean()), ("valid", sa.Boolean()),
    )  # fmt: skip
    names = ("effect", "low", "high", "lift", "variance", "expected", "control_mean", "control_sd")
    optional = (*((name, sa.Double()) for name in names), ("units", sa.Integer()))
    op.create_table("effects", *_columns(("experiment", "treatment", "metric"), needed, optional))
    op.create_index("ix_effects_metric", "effects", ["metric", "role"])


def _columns(keys: tuple[str, ...], needed: Any, optional: Any) -> list[Any]:
    return [
        *(sa.Column(name, sa.String(120), nullable=False) for name in keys),
        *(sa.Column(name, kind, nullable=False) for name, kind in needed),
        *(sa.Column(name, kind, nullable=True) for name, kind in optional),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]), sa.PrimaryKeyConstraint(*keys),
    ]  # fmt: skip


def _texts() -> None:
    parts = ("title", "hypothesis", "learning", "tags", "reason")
    op.create_table(
        "texts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("experiment", sa.String(120), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in parts),
        sa.ForeignKeyConstraint(["experiment"], ["experiments.key"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("experiment"),
    )
    if op.get_bind().dialect.name == "sqlite":
        for statement in _statements():
            op.execute(statement)
    else:
        op.execute(f"CREATE INDEX texts_words ON texts USING gin (({VECTOR}))")


def _statements() -> list[str]:
    """The full-text table and its triggers, one by one."""
    table, *triggers = FTS.strip().split("CREATE TRIGGER")
    return [table.strip().rstrip(";"), *(f"CREATE TRIGGER{t}".strip().rstrip(";") for t in triggers)]


def _versions() -> None:
    op.create_table(
        "metric_versions",
        sa.Column("metric", sa.String(120), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("definition", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(254), nullable=False),
        sa.Column("at", UtcTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("metric", "version"),
    )
