"""Reads a source in PostgreSQL, in a session whose transactions are all read-only.

A role that may only select is the better guard still: a function may do what a transaction does not forbid.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

import psycopg
from psycopg.rows import dict_row

from experiments.errors import DefinitionError, Unavailable
from experiments.warehouse.reading import AT_ONCE, Batch, Size, part

SESSION = "-c default_transaction_read_only=on -c timezone=UTC"


class Database:
    """A table or a SELECT in PostgreSQL. `url` is SQLAlchemy's or libpq's."""

    def __init__(self, url: str, select: str) -> None:
        self.select = select
        try:
            self.connection = psycopg.connect(
                url.replace("postgresql+psycopg:", "postgresql:", 1), options=SESSION, autocommit=True
            )
        except psycopg.Error as error:
            reason = str(error).splitlines()[0].rstrip(".")
            raise Unavailable(
                f"the source's database cannot be reached: {reason}. Start it, or correct 'at', then do the same again."
            ) from None

    def columns(self) -> dict[str, str]:
        """Names of the columns with their types, in order."""
        cursor = self._run(f"SELECT * FROM (\n{self.select}\n) AS source LIMIT 0")
        types = self.connection.adapters.types
        found = ((c.name, types.get(c.type_code)) for c in cursor.description or ())
        return {name: info.name if info else "unknown" for name, info in found}

    def size(self) -> Size:
        """What the planner expects, without reading: rows, and bytes of the rows as they are read."""
        row = self._run(f"EXPLAIN (FORMAT JSON) SELECT * FROM (\n{self.select}\n) AS source").fetchone()
        found: Any = row["QUERY PLAN"] if row else "[]"
        plan = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
        return Size(int(plan["Plan Rows"]), int(plan["Plan Rows"] * plan["Plan Width"]), exact=False)

    def rows(self, names: Iterable[str], where: str, limit: int | None = None) -> Iterator[Batch]:
        """Rows with these columns, some at a time, in no order."""
        cursor = self._run(part(self.select, names, where, limit))
        while batch := cursor.fetchmany(AT_ONCE):
            yield batch

    def close(self) -> None:
        """Hang up."""
        self.connection.close()

    def _run(self, sql: str) -> psycopg.Cursor[dict[str, Any]]:
        """Prepared, as the server then takes a single statement."""
        cursor = self.connection.cursor(row_factory=dict_row)
        try:
            return cursor.execute(sql.encode(), prepare=True)
        except psycopg.Error as error:
            reason = str(error).splitlines()[0]
            raise DefinitionError(f"PostgreSQL cannot read the source: {reason}. Correct it, or its SQL.") from None
