"""Copies all rows of a database: what a back-up holds is always a SQLite file, wherever the rows lie or will lie."""

from pathlib import Path

from sqlalchemy import Connection, Integer, MetaData, Table, delete, func, insert, inspect, select, text

from experiments.errors import Conflict
from experiments.registry.database import Database
from experiments.registry.models import InboxBase, InboxRow, LoadRow, RecentRow, RegistryBase

TABLES = {"registry": RegistryBase.metadata, "inbox": InboxBase.metadata}
AT_ONCE = 500


def to_file(database: Database, path: Path) -> None:
    """Write a SQLite file with every row as it is at one moment, while the database is used.

    Conflict if a server's tables are not those of this version.
    """
    if database.engine.dialect.name == "sqlite":
        return database.copy_to(path)
    file = Database(f"sqlite:///{path}", database.branch)
    file.migrate()
    with database.engine.connect().execution_options(isolation_level="REPEATABLE READ") as source:
        _same_tables(source, database.branch)
        with file.engine.begin() as target:
            _copy(source, target, database.branch)
    return file.engine.dispose()


def from_file(path: Path, database: Database) -> None:
    """Put the rows of such a file into an empty database of a server, all or none, once both are of this version."""
    file = Database(f"sqlite:///{path}", database.branch)
    file.migrate()
    database.migrate()
    with file.engine.connect() as source, database.engine.begin() as target:
        _same_tables(target, database.branch)
        _copy(source, target, database.branch)
    file.engine.dispose()


def _same_tables(server: Connection, branch: str) -> None:
    there, ours = set(inspect(server).get_table_names()), {*TABLES[branch].tables, f"{branch}_version"}
    if branch == "registry" and there >= set(TABLES["inbox"].tables):
        ours |= {*TABLES["inbox"].tables, "inbox_version"}  # both may lie in one database
    if there != ours:
        names = ", ".join(sorted(there ^ ours))
        raise Conflict(f"the {branch}'s tables are not those of this version ({names}). Run 'keepers init' first.")


def _copy(source: Connection, target: Connection, branch: str) -> None:
    """Copy table by table, referenced ones first; what the migrations of the target put in is replaced."""
    metadata = TABLES[branch]
    for table in reversed(metadata.sorted_tables):
        target.execute(delete(table))
    for table in metadata.sorted_tables:
        for rows in source.execution_options(yield_per=AT_ONCE).execute(select(table)).mappings().partitions():
            target.execute(insert(table), [dict(row) for row in rows])
    _count_on(target, metadata)


def _count_on(target: Connection, metadata: MetaData) -> None:
    """Let the numbers that the database gives go on behind those that were copied."""
    for table in metadata.sorted_tables:
        column = table.autoincrement_column
        if column is not None and isinstance(column.type, Integer):
            last = _last(target, table)
            if target.dialect.name == "postgresql" and last:
                name = {"table": table.name, "column": column.name, "last": last}
                target.execute(text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)"), name)
            elif target.dialect.name == "sqlite" and table.dialect_options["sqlite"]["autoincrement"]:
                target.execute(text("DELETE FROM sqlite_sequence WHERE name = :table"), {"table": table.name})
                row = {"table": table.name, "last": last}
                target.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)"), row)


def _last(target: Connection, table: Table) -> int:
    """The highest number that was ever given: what went from the inbox into the lake had one too."""
    columns = [InboxRow.seq, RecentRow.seq, LoadRow.last] if table is InboxRow.__table__ else table.primary_key.columns
    return max(target.scalar(select(func.coalesce(func.max(column), 0))) or 0 for column in columns)
