"""Fixtures for tests of the whole: a real installation in a temporary folder, served by a real gunicorn."""

import gc
import os  # isort: split

# Tests' matrices are small, and what runs them keeps every core busy: a second thread of OpenBLAS would mostly wait, and
# it waits by spinning. To be said before NumPy is imported; processes that tests start inherit it.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pwd
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import settings as hypothesis_settings

from experiments import serving
from experiments.inbox import Inbox
from experiments.registry import Database, keys
from experiments.settings import Settings

# The same examples in every run: what a machine finds today must not fail another's build tomorrow.
hypothesis_settings.register_profile("repeatable", derandomize=True, deadline=None)
hypothesis_settings.load_profile("repeatable")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
BINARIES = Path("/usr/lib/postgresql/15/bin")


# Nothing that is imported or collected is garbage: looking for it takes a third of the time until the first test.
gc.disable()

# Files that take a minute or more, the longest first: whoever begins one last would keep the others waiting.
LONG = (
    "test_end_to_end.py", "test_engines.py", "test_full.py", "test_scheduler.py", "test_browser.py", "test_runs.py",
    "test_rollup.py", "test_kills.py",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the long files first; all others stay in their order."""
    items.sort(key=lambda item: LONG.index(item.path.name) if item.path.name in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what lives to the end anyway: a quarter of the time goes to that otherwise."""
    gc.freeze()
    gc.enable()
    gc.set_threshold(50_000, 20, 20)


@dataclass(frozen=True)
class Installation:
    """One installation: its settings, its databases, its server's address and an API key of production."""

    settings: Settings
    db: Database
    inbox: Inbox
    address: str
    token: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which its server and its commands run."""
        return {**os.environ, **environ_of(self.settings)}


def environ_of(settings: Settings) -> dict[str, str]:
    """Where an installation keeps its things, as environment variables."""
    return {
        "KEEPERS_HOME": str(settings.home), "KEEPERS_REGISTRY": settings.registry, "KEEPERS_INBOX": settings.inbox,
    }  # fmt: skip


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real experiments and reference numbers that lies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here: real experiments and reference numbers are kept outside the repository")
    return SHARED


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., "contextmanager[Installation]"]:
    """Return a context manager that makes and serves an installation under a name; further settings may be given."""

    @contextmanager
    def made(name: str, **environ: str) -> Iterator[Installation]:
        settings = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp(name)), **environ})
        db, inbox = Database(settings.registry), Inbox(settings.inbox)
        db.migrate()
        inbox.migrate()
        token = keys.create(db, name="test")[1]
        with _served(settings, environ) as address:
            yield Installation(settings, db, inbox, address, token)
        db.engine.dispose()
        inbox.database.engine.dispose()

    return made


@contextmanager
def _served(settings: Settings, further: dict[str, str]) -> Iterator[str]:
    port = _free_port()
    environ = {**os.environ, **environ_of(settings), **further}
    process = subprocess.Popen(serving.command("127.0.0.1", port, 2), cwd=ROOT, env=environ)
    try:
        _until_ready(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def _until_ready(address: str) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Callable[[str], str]]:
    """Start a PostgreSQL of our own; return a function that makes a database and returns its URL."""
    if not (BINARIES / "initdb").exists():
        pytest.skip(f"PostgreSQL 15 is not installed: there is no {BINARIES}/initdb")
    folder = Path(tempfile.mkdtemp(prefix="keepers-pg-"))
    port = _free_port()
    try:
        _start(folder, port)
        yield lambda name: _database(port, name)
    finally:
        _as_nobody([BINARIES / "pg_ctl", "-D", folder / "data", "-m", "immediate", "stop"])
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path, port: int) -> None:
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        os.chown(folder, _nobody().pw_uid, _nobody().pw_gid)
    made = _as_nobody([BINARIES / "initdb", "-D", folder / "data", "-U", "keepers", "-A", "trust", "-E", "UTF8", "-N"])
    assert made == 0, "initdb failed"
    options = f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off"
    command = [
        BINARIES / "pg_ctl",
        "-D",
        folder / "data",
        "-l",
        folder / "log",
        "-w",
        "-t",
        "30",
        "-o",
        options,
        "start",
    ]
    assert _as_nobody(command) == 0, (folder / "log").read_text()


def _as_nobody(command: list[Any]) -> int:
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": _nobody().pw_uid, "group": _nobody().pw_gid, "extra_groups": []}
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False, cwd="/", **user).returncode


def _nobody() -> pwd.struct_passwd:
    return pwd.getpwnam("nobody")


def _database(port: int, name: str) -> str:
    with psycopg.connect(f"postgresql://keepers@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return f"postgresql+psycopg://keepers@127.0.0.1:{port}/{name}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
