"""Fixtures for tests of the whole: a real installation in a temporary folder, served by a real gunicorn."""

import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

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
        """The environment in which its commands run."""
        return {**os.environ, "KEEPERS_HOME": str(self.settings.home)}


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real experiments and reference numbers that lies beside the repository."""
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is not here: real experiments and reference numbers are kept outside the repository")
    return SHARED


@pytest.fixture(scope="session")
def install(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], "contextmanager[Installation]"]:
    """Return a context manager that makes and serves an installation under a name."""

    @contextmanager
    def made(name: str) -> Iterator[Installation]:
        home = tmp_path_factory.mktemp(name)
        settings = Settings.load({"KEEPERS_HOME": str(home)})
        db, inbox = Database(settings.registry), Inbox(settings.inbox)
        db.migrate()
        inbox.migrate()
        token = keys.create(db, name="test")[1]
        with _served(home) as address:
            yield Installation(settings, db, inbox, address, token)
        db.engine.dispose()
        inbox.database.engine.dispose()

    return made  # type: ignore[return-value]


@contextmanager
def _served(home: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        serving.command("127.0.0.1", port, 2), cwd=ROOT, env={**os.environ, "KEEPERS_HOME": str(home)}
    )
    try:
        _until_ready(f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


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
