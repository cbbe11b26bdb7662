"""Connections to the registry and to the inbox, and their migrations."""

import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVarTuple

from sqlalchemy import Connection, Engine, Row, Select, create_engine, event, inspect, text
from sqlalchemy.exc import DataError, IntegrityError, OperationalError, ProgrammingError
from sqlalchemy.orm import Session, sessionmaker

from experiments.errors import Conflict, DefinitionError, Unavailable

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["Database", "Session"]
Columns = TypeVarTuple("Columns")
MIGRATIONS = Path(__file__).parent / "migrations"
START = "Start the database, or make room on its disk"
MAKE_TABLES = "Run 'keepers init', or name the installation in KEEPERS_HOME"


class Database:
    """One database by its SQLAlchemy URL; `branch` names its migrations: registry or inbox."""

    def __init__(self, url: str, branch: str = "registry") -> None:
        self.url = url
        self.branch = branch
        self.engine = _engine(url)
        self._session = sessionmaker(self.engine, expire_on_commit=False)
        self._reader = sessionmaker(_reading(self.engine), expire_on_commit=False)
        self._own = threading.local()

    @property
    def file(self) -> Path | None:
        """Where a SQLite database lies; None of one on a server."""
        url = self.engine.url
        return Path(url.database or "") if url.get_backend_name() == "sqlite" else None

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Open a session for reading: it sees one state and never waits for a writer. Unavailable if it fails."""
        with self._answering(), self._within() if self._shared else self._reader.begin() as session:
            yield session

    def rows(self, query: Select[*Columns], asked: Mapping[str, Any] | None = None) -> Sequence[Row[*Columns]]:
        """Return the rows that a statement of columns finds; a session that keeps objects takes twice the time."""
        with self.read() as session:
            return _connection(session).execute(query, asked).all()

    @contextmanager
    def one_state(self) -> Iterator[None]:
        """Let all that this thread reads meanwhile be of one state, in one session: one transaction, not many.

        What this thread writes meanwhile (`begin`) is seen by what it reads afterwards. It ends in a commit, though
        nothing was written: at a rollback psycopg forgets every statement that it has prepared.
        """
        with self._reader() as self._own.session:
            try:
                yield
                with suppress(OperationalError):  # nothing was written: a connection lost by now loses nothing
                    self._own.session.commit()
            finally:
                del self._own.session

    @property
    def _shared(self) -> Session | None:
        return getattr(self._own, "session", None)

    @contextmanager
    def _within(self) -> Iterator[Session]:
        """The thread's session. After an error its transaction ends, as PostgreSQL answers nothing more in it."""
        try:
            yield self._own.session
        except BaseException:
            self._own.session.close()
            raise

    @contextmanager
    def begin(self) -> Iterator[Session]:
        """Open a session in one transaction: committed at the end, rolled back on an error. Unavailable if it fails."""
        with self._answering():
            if self._shared:
                self._shared.commit()  # the next to read begins anew
            with self._session.begin() as session:
                yield session

    def exists(self) -> bool:
        """Whether the tables were ever made. Unavailable if the database does not answer."""
        with self._answering():
            return inspect(self.engine).has_table(f"{self.branch}_version")

    @contextmanager
    def _answering(self) -> Iterator[None]:
        """Say in our words that the database is down, full or locked, and what to do."""
        try:
            yield
        except (OperationalError, ProgrammingError) as error:
            absent = _table_absent(error)
            if isinstance(error, ProgrammingError) and not absent:
                raise
            where = self.engine.url.render_as_string(hide_password=True)
            raise Unavailable(
                f"the {self.branch} at {where} fails: {_sentence(error.orig)}. Nothing was changed by halves. "
                f"{MAKE_TABLES if absent else START}, then do the same again."
            ) from error
        except IntegrityError as error:
            if not _there_already(error):
                raise
            raise Conflict("somebody else made the same at the same moment: look at it, then go on.") from error
        except (DataError, OverflowError) as error:
            raise DefinitionError(
                "a value does not fit the database: text must not hold the character NUL, a number must have less than "
                "64 bits. Correct it, then do the same again."
            ) from error

    def migrate(self, to: str = "head") -> None:
        """Bring the tables to the newest version, or to a revision."""
        from alembic import command  # here, as in what follows: every start of a command would wait for it

        config = self._config()
        with self.engine.begin() as connection:
            config.attributes.update(connection=connection, branch=self.branch)
            command.upgrade(config, to)

    def revisions(self) -> list[str]:
        """Return the names of all versions of the tables, oldest first."""
        from alembic.script import ScriptDirectory

        return [r.revision for r in ScriptDirectory.from_config(self._config()).walk_revisions()][::-1]

    def migrated(self) -> bool:
        """Whether the tables are of the newest version. Unavailable if the database does not answer."""
        with self.read() as session:
            found = session.execute(text(f"SELECT version_num FROM {self.branch}_version")).scalar()
        return found == _newest(self.branch)

    def copy_to(self, path: Path) -> None:
        """Copy a SQLite database as it is at one moment, while it is used."""
        source, target = self.engine.raw_connection(), sqlite3.connect(path)
        try:
            source.driver_connection.backup(target)  # type: ignore[union-attr]  # it is sqlite3's
        finally:
            target.close()
            source.close()

    def free_leases(self) -> None:
        """End all leases: of a restored database nobody holds one."""
        with self.begin() as session:
            session.execute(text("DELETE FROM leases"))

    def _config(self) -> "Config":
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        config.set_main_option("version_locations", str(MIGRATIONS / self.branch))
        config.set_main_option("path_separator", "os")
        return config


def _connection(session: Session) -> Connection:
    """The connection of a session, kept by it as long as its transaction lasts: to ask it each time is slow."""
    held: Connection | None = session.info.get("connection")
    if held is None or not held.in_transaction():
        held = session.info["connection"] = session.connection()
    return held


@cache
def _newest(branch: str) -> str:
    newest = max(path.name for path in (MIGRATIONS / branch).glob(f"{branch}_*.py"))
    return newest[: len(f"{branch}_0000")]


def _table_absent(error: OperationalError | ProgrammingError) -> bool:
    """Whether the database answers but was never made here, as where a worker has other variables."""
    return getattr(error.orig, "sqlstate", "") == "42P01" or str(error.orig).startswith("no such table")


def _there_already(error: IntegrityError) -> bool:
    """Whether a key is taken; what else a database refuses is a fault of ours."""
    names = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
    return getattr(error.orig, "sqlstate", "") == "23505" or getattr(error.orig, "sqlite_errorname", "") in names


def _sentence(error: BaseException | None) -> str:
    """The first line of what a driver says, without its full stop."""
    return str(error).splitlines()[0].rstrip(".")


@cache
def _engine(url: str) -> Engine:
    """One engine for each address in a process, so that no run leaves connections behind; none crosses a fork."""
    engine = create_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _durable)
        event.listen(engine, "begin", _immediate)
    os.register_at_fork(after_in_child=partial(engine.dispose, close=False))
    return engine


def _reading(engine: Engine) -> Engine:
    """The engine for transactions that only read: each sees one state, which PostgreSQL gives if it is told."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(write=False)
    return engine.execution_options(write=False, isolation_level="REPEATABLE READ")


def _durable(connection: Any, record: Any) -> None:
    """Readers never wait for the writer, and what was committed survives a power cut."""
    connection.isolation_level = None  # we say BEGIN ourselves, see _immediate
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        connection.execute(f"PRAGMA {pragma}")


def _immediate(connection: Any) -> None:
    """Take the write lock at the start: a reader that turns writer midway would fail instead of waiting."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("write", True) else "BEGIN")
