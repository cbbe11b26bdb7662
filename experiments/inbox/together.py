"""Writes what several threads ask for in one transaction: SQLite has one writer, and one commit serves them all."""

import fcntl
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from experiments.errors import Unavailable
from experiments.registry.database import Database, Session

R = TypeVar("R")


@dataclass(eq=False)
class _Job:
    """What one thread wants written, and what became of it."""

    work: Callable[[Session], Any]
    done: bool = False
    result: Any = None
    error: Exception | None = None


class Together:
    """The writers of one process to one database. Whoever comes while another writes waits, and goes with the next."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._state = threading.Condition()
        self._waiting: list[_Job] = []
        self._writing = False

    def write(self, work: Callable[[Session], R]) -> R:
        """Return what `work` returns, once it is committed; its transaction may hold that of other threads as well.

        Where a transaction of several fails, each is tried again alone: nobody fails by another's fault. Unavailable
        (the database is down, full or locked, or its folder cannot be opened) is everybody's who waits.
        """
        job = _Job(work)
        with self._state:
            self._waiting.append(job)
            self._state.wait_for(lambda: job.done or not self._writing)
            leads = not job.done
            self._writing |= leads
        if leads:
            self._lead()
        if job.error is not None:
            raise job.error
        return job.result  # type: ignore[no-any-return]

    def _lead(self) -> None:
        """Write what waits once it is this process's turn, this thread's own among it, and wake all."""
        jobs: list[_Job] = []
        file = self._database.file or Path()
        try:
            with _turn(file):
                jobs = self._taken()
                self._commit(jobs)
        except OSError as error:  # the turn's: what a commit meets is its jobs' error
            jobs = self._taken()
            self._failed(jobs, _unavailable(file.parent, error))
        finally:
            with self._state:
                self._writing = False
                for job in jobs:
                    job.done = True
                self._state.notify_all()

    def _taken(self) -> list[_Job]:
        with self._state:
            jobs, self._waiting = self._waiting, []
        return jobs

    def _commit(self, jobs: list[_Job]) -> None:
        try:
            with self._database.begin() as session:
                results = [job.work(session) for job in jobs]
        except Exception as error:
            self._failed(jobs, error)
        else:
            for job, result in zip(jobs, results, strict=True):
                job.result = result

    def _failed(self, jobs: list[_Job], error: Exception) -> None:
        if len(jobs) == 1 or isinstance(error, Unavailable):
            for job in jobs:
                job.error = error
        else:
            for job in jobs:
                self._commit([job])


def _unavailable(folder: Path, error: OSError) -> Unavailable:
    return Unavailable(
        f"the folder {folder} cannot be opened: {error.strerror}. Nothing was changed by halves. "
        "Bring the folder back, or let the server open more files, then do the same again."
    )


@contextmanager
def _turn(file: Path) -> Iterator[None]:
    """Wait until no other process of the collector writes: the system hands the turn over, and a dead process's too.

    SQLite itself looks for its lock ever less often, up to ten times a second, and is overtaken meanwhile. It is the
    folder that is locked: it is there, and to close SQLite's own file would end SQLite's locks on it.
    """
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
