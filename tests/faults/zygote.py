"""Runs `keepers` commands, each in a process of its own that may be killed or stopped at its n-th boundary.

A boundary is the moment before something lasting happens: a transaction that writes begins, or is committed; a file is
renamed, or removed; the warehouse in PostgreSQL is told to write. What a process wrote into a file of its own is seen by nobody before it is renamed. All libraries are imported once; every command is then a fork, so that hundreds of kills take seconds.
Orders come in as lines of JSON, and what became of each goes out the same way.
"""

import datetime as dt
import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

import psycopg
from sqlalchemy import Engine, event

import experiments.alerts
import experiments.analysis
import experiments.backfill
import experiments.loading
import experiments.rollup  # noqa: F401
from experiments import cli

LAZY = "duckdb ibis.backends.duckdb ibis.formats.numpy ibis.formats.pandas ibis.formats.pyarrow pandas psycopg sqlite3"
SIGNALS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}
READS = ("SELECT", "PRAGMA", "BEGIN", "SHOW")


def run(order: dict[str, Any]) -> None:
    """Be the command: never returns."""
    for number, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(f"{order['papers']}/{name}", os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(order["environ"])
    code = 1
    try:
        prepare(order)
        code = cli.main(order["arguments"])
    except SystemExit as error:
        code = int(error.code or 0)
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def prepare(order: dict[str, Any]) -> None:
    """Plant what the order asks for."""
    if order["largest"]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
    if order["clock"]:
        turn_clocks(order["clock"])
    watch(order["papers"] + "/boundaries", order["at"], SIGNALS.get(order["signal"]))


def turn_clocks(seconds: float) -> None:
    """Let every module of ours read a clock that is off by so much."""
    real, shift = time.time, dt.timedelta(seconds=seconds)

    class Clock(dt.datetime):
        @classmethod
        def now(cls, tz: Any = None) -> dt.datetime:  # type: ignore[override]
            return dt.datetime.now(tz) + shift

    time.time = lambda: real() + seconds
    for name, module in list(sys.modules.items()):
        if name.startswith("experiments") and getattr(module, "datetime", None) is dt.datetime:
            module.datetime = Clock  # type: ignore[attr-defined]


def watch(log: str, at: int, wanted: signal.Signals | None) -> None:
    """Note every boundary, and send this process the signal at the one whose number is `at`."""
    passed = 0
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)

    def boundary(name: str) -> None:
        nonlocal passed
        passed += 1
        os.write(file, f"{name}\n".encode())
        if passed == at and wanted is not None:
            os.kill(os.getpid(), wanted)

    _watch_files(boundary)
    _watch_databases(boundary)
    _watch_warehouse(boundary)


def _watch_files(boundary: Callable[[str], None]) -> None:
    def seen(name: str, arguments: tuple[Any, ...]) -> None:
        if name in ("os.rename", "os.remove") and ".pyc" not in os.path.basename(arguments[0]):  # those are Python's own
            boundary(f"{name} {os.path.basename(arguments[1 if name == 'os.rename' else 0])}")

    sys.addaudithook(seen)


def _watch_databases(boundary: Callable[[str], None]) -> None:
    def statement(connection: Any, cursor: Any, text: str, *rest: Any) -> None:
        if text == "BEGIN IMMEDIATE":
            boundary(text)
        elif not text.lstrip().upper().startswith(READS):
            connection.info["wrote"] = " ".join(text.split()[:3])

    def commit(connection: Any) -> None:
        last = connection.info.pop("wrote", "")
        if last:
            boundary(f"COMMIT after {last}")

    event.listen(Engine, "before_cursor_execute", statement)
    event.listen(Engine, "commit", commit)


def _watch_warehouse(boundary: Callable[[str], None]) -> None:
    def told(real: Any) -> Any:
        def method(cursor: Any, query: Any, *rest: Any, **more: Any) -> Any:
            text = (query if isinstance(query, str) else query.as_string(cursor)).replace('"', "").lstrip()
            if text == "COMMIT" or ("warehouse." in text and not text.startswith(READS)):
                boundary(" ".join(text.split()[:3]))
            return real(cursor, query, *rest, **more)

        return method

    psycopg.Cursor.execute = told(psycopg.Cursor.execute)  # type: ignore[method-assign]
    psycopg.Cursor.copy = told(psycopg.Cursor.copy)  # type: ignore[method-assign]


def ended(pid: int) -> dict[str, Any]:
    """Wait until the command ends or stops."""
    status = os.waitpid(pid, os.WUNTRACED)[1]
    stopped = os.WIFSTOPPED(status)
    return {"pid": pid, "code": None if stopped else os.waitstatus_to_exitcode(status)}


def main() -> None:
    """Take orders until there are no more."""
    for name in LAZY.split():  # what a command would import only when it comes to it
        importlib.import_module(name)
    for line in sys.stdin:
        order = json.loads(line)
        if order["resume"]:
            os.kill(order["resume"], signal.SIGCONT)
        pid = order["resume"] or os.fork()
        if not pid:
            run(order)
        print(json.dumps(ended(pid)), flush=True)


if __name__ == "__main__":
    main()
