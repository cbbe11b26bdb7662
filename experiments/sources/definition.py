"""What a source is: where its rows lie, and which of its columns hold what."""

import os
import re
from collections.abc import Mapping
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from experiments.catalog import KEY, Record
from experiments.errors import DefinitionError, NotReady

_VARIABLE = re.compile(r"\$\{(\w+)\}")
POSTGRESQL = ("postgresql://", "postgresql+psycopg://", "postgres://")
OWN = "warehouse"  # the PostgreSQL that KEEPERS_WAREHOUSE names


class Columns(Record):
    """Names of columns. Exposures have `experiment` and `variant`, events have `event` and perhaps `value`.

    `id` tells equal rows apart; without it the row's own contents do. Without `received` a row came when it happened.
    """

    unit: str
    time: str
    id: str = ""
    received: str = ""
    experiment: str = ""
    variant: str = ""
    attributes: tuple[str, ...] = ()
    event: str = ""
    value: str = ""
    properties: tuple[str, ...] = ()

    @property
    def named(self) -> list[str]:
        """Every column that must exist, once."""
        single = (self.unit, self.time, self.id, self.received, self.experiment, self.variant, self.event, self.value)
        return [c for c in dict.fromkeys((*single, *self.attributes, *self.properties)) if c]


class Source(Record):
    """Where rows of one kind lie, as a table or a SELECT, and what their columns mean.

    `at` is a PostgreSQL URL, "warehouse", a DuckDB file, or Parquet files (a path or a glob; the SELECT calls them
    `files`). ${NAME} in it is read from the environment when it is used, so that no password is stored.
    """

    kind: Literal["exposures", "events"]
    at: str = Field(min_length=1)
    table: str = ""
    sql: str = ""
    unit_type: str = "user"
    columns: Columns

    @model_validator(mode="after")
    def _agrees(self) -> Self:
        if self.parquet and self.table:
            raise ValueError("Parquet files have no table; leave 'table' out, or write 'sql' that selects FROM files")
        if not self.parquet and bool(self.table) == bool(self.sql):
            raise ValueError("a source needs a 'table' or 'sql', and not both; say which rows are meant")
        if urlsplit(self.at).password and not _VARIABLE.search(self.at):
            raise ValueError(f"'at' holds a password, which would be stored; write {_hidden(self.at)}")
        _check_mapping(self.kind, self.columns)
        return self

    @property
    def parquet(self) -> bool:
        """Whether `at` names Parquet files."""
        return self.at.endswith((".parquet", ".pq"))

    @property
    def postgresql(self) -> bool:
        """Whether `at` is certain to be PostgreSQL before variables are read."""
        return self.at == OWN or self.at.startswith(POSTGRESQL)

    def address(self, environ: Mapping[str, str] = os.environ) -> str:
        """Return `at` with its variables; NotReady names one that is not set."""
        missing = [name for name in _VARIABLE.findall(self.at) if name not in environ]
        if missing:
            raise NotReady(f"{missing[0]} is not set, and the source's address needs it: set it where Keepers runs.")
        return _VARIABLE.sub(lambda found: environ[found[1]], self.at)


class Sources(Record):
    """A file of sources: name → source."""

    sources: dict[str, Source]

    @model_validator(mode="after")
    def _named(self) -> Self:
        for name in self.sources:
            if not re.match(KEY, name):
                raise ValueError(f"'{name}' is no name for a source; use small letters, digits, '.', '_' and '-'")
        return self


def address_of(source: Source, warehouse: str) -> str:
    """Return where to read; DefinitionError for the warehouse's own tables where the warehouse is not PostgreSQL."""
    if source.at != OWN:
        return source.address()
    if not warehouse.startswith(POSTGRESQL):
        raise DefinitionError(
            f"the source lies in the warehouse, and that is '{warehouse.split(':')[0]}', whose files are Keepers' own. "
            "Name the Parquet files, the DuckDB file or the PostgreSQL URL in 'at'."
        )
    return warehouse


def _check_mapping(kind: str, c: Columns) -> None:
    needed = {"exposures": ["experiment", "variant"], "events": ["event"]}
    others = {"exposures": ["event", "value", "properties"], "events": ["experiment", "variant", "attributes"]}
    for name in needed[kind]:
        if not getattr(c, name):
            raise ValueError(f"{kind} need the column of '{name}'; if it is always the same, select it in 'sql'")
    for name in others[kind]:
        if getattr(c, name):
            raise ValueError(f"{kind} have no '{name}'; leave it out, or correct the kind")


def _hidden(at: str) -> str:
    parts = urlsplit(at)
    return f"{parts.scheme}://{parts.username}:${{PASSWORD}}@{parts.hostname}/... and set PASSWORD where Keepers runs"
