"""Copies a warehouse in PostgreSQL into files and back: each table as CSV, all of one moment."""

from pathlib import Path

from psycopg import sql

from experiments.warehouse.postgresql import SCHEMA, Postgresql

AT_ONCE = 1 << 20
OPTIONS = "WITH (FORMAT csv, ENCODING 'UTF8', HEADER {})"


def to_files(url: str, folder: Path) -> list[Path]:
    """Write a file for each table of the warehouse; return them."""
    folder.mkdir()
    lake = Postgresql(url)
    with lake.connection.con.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY tablename", (SCHEMA,))
        files = [folder / f"{name}.csv" for (name,) in cursor.fetchall()]
        for path in files:
            with path.open("wb") as file, cursor.copy(_copy(path, "TO STDOUT", "true")) as rows:
                for part in rows:
                    file.write(part)
    return files


def from_files(url: str, folder: Path) -> None:
    """Put such files into an empty warehouse, all or none; columns in another order are refused."""
    lake = Postgresql(url)
    with lake.connection.con.cursor() as cursor:
        for path in sorted(folder.iterdir()):
            cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(SCHEMA, path.stem)))
            with path.open("rb") as file, cursor.copy(_copy(path, "FROM STDIN", "match")) as rows:
                while part := file.read(AT_ONCE):
                    rows.write(part)
        cursor.execute("COMMIT")


def empty(url: str) -> bool:
    """Whether nothing was ever written to the warehouse."""
    lake = Postgresql(url)
    with lake.connection.con.cursor() as cursor:
        cursor.execute(sql.SQL("SELECT number FROM {}").format(sql.Identifier(SCHEMA, "generation")))
        return bool(cursor.fetchall() == [(0,)])


def _copy(path: Path, direction: str, header: str) -> sql.Composed:
    table = sql.Identifier(SCHEMA, path.stem)
    return sql.SQL(f"COPY {{}} {direction} {OPTIONS.format(header)}").format(table)
