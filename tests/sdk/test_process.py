"""Exit, fork and crash, each in processes of their own."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., str]
CONFIG = {
    "schema": 1,
    "experiments": [
        {"key": "cta", "version": 1, "status": "running", "variants": [{"key": "control", "weight": 1.0}]},
    ],
}
HEAD = "import sys, os, keepers\nclient = keepers.Client(sys.argv[1], 'k', on_error=lambda error: None)\n"
THOUSAND = "for n in range(1000): client.variant('cta', f'{os.getpid()}-{n}')\n"
FORK = (
    HEAD
    + "client.variant('cta', 'parent'); client.track('before', 'parent')\n"
    + "child = os.fork()\n"
    + "if child == 0:\n    "
    + THOUSAND
    + "    client.track('visit', 'child')\n    sys.exit(0)\n"
    + "client.track('visit', 'parent')\n"
    + "assert os.waitpid(child, 0)[1] == 0\n"
)
WORKERS = (
    HEAD
    + "import multiprocessing\n"
    + "def work():\n    "
    + THOUSAND
    + "worker = multiprocessing.get_context('fork').Process(target=work)\n"
    + "worker.start(); worker.join(); assert worker.exitcode == 0\n"
)


@pytest.fixture(autouse=True)
def served(collector: Any) -> None:
    collector.config = CONFIG


def test_a_program_that_just_ends_delivers_all(collector: Any, run: Run) -> None:
    run(HEAD + THOUSAND, collector.address)
    assert len(collector.distinct) == 1_000


def test_a_program_that_ends_with_an_exception_delivers_all(collector: Any, run: Run) -> None:
    run(HEAD + THOUSAND + "sys.exit(0)", collector.address)
    assert len(collector.distinct) == 1_000


def test_an_exit_during_an_outage_is_quick_and_keeps_all(collector: Any, run: Run) -> None:
    collector.status = 503
    run(HEAD + THOUSAND, collector.address)
    assert collector.records == []
    collector.status = 202
    run(HEAD + "client.flush(10)", collector.address)
    assert len(collector.distinct) == 1_000


@pytest.mark.slow
def test_a_server_that_hangs_holds_up_an_exit_for_two_seconds_and_loses_nothing(collector: Any, run: Run) -> None:
    released = threading.Event()
    collector.on_batch = lambda batch: 202 if released.wait(20) else 503
    run(HEAD + THOUSAND, collector.address)
    assert collector.records == []
    released.set()
    run(HEAD + "client.flush(10)", collector.address)
    assert len(collector.distinct) == 1_000


def test_a_child_of_a_fork_delivers_its_own_events_and_not_its_parents(collector: Any, run: Run) -> None:
    run(FORK, collector.address)
    assert len(collector.distinct) == len(collector.records) == 1_000 + 1 + 3
    assert len({batch["boot"] for batch in collector.batches}) == 2
    names = sorted(record["name"] for record in collector.records if record["type"] == "event")
    assert names == ["before", "visit", "visit"]


def test_the_config_stays_fresh_after_a_fork(collector: Any, run: Run) -> None:
    """The child refreshes by itself, with its own thread and its own connection."""
    program = (
        HEAD.replace("'k',", "'k', refresh=0,")
        + "import time\n"
        + "client.variant('cta', 'u')\n"
        + "if os.fork() == 0:\n"
        + "    client.variant('cta', 'u'); age = client.stats()['config_age']; time.sleep(0.05)\n"
        + "    client.flush(2)\n"
        + "    print(client.stats()['config_age'] < 0.5, client._delivery._thread.is_alive())\n"
        + "else:\n    os.wait()\n"
    )
    assert run(program, collector.address).split() == ["True", "True"]


def test_a_worker_of_multiprocessing_delivers_all(collector: Any, run: Run) -> None:
    run(WORKERS, collector.address)
    assert len(collector.distinct) == 1_000


TERMINATED = "import signal; os.kill(os.getpid(), signal.SIGTERM); print('not reached')\n"


@pytest.mark.parametrize("status", [202, 503])
def test_sigterm_ends_a_bare_script_as_ever_and_loses_nothing(collector: Any, run: Run, status: int) -> None:
    collector.status = status
    program = "import subprocess, sys\n" + f"sys.exit(subprocess.run([sys.executable, '-c', {HEAD + THOUSAND + TERMINATED!r}, sys.argv[1]]).returncode != -15)"
    assert run(program, collector.address) == ""
    collector.status = 202
    run(HEAD + "client.flush(10)", collector.address)
    assert len(collector.distinct) == 1_000


def test_a_handler_of_the_hosts_is_left_alone(collector: Any, run: Run) -> None:
    program = "import signal\nmine = lambda *_: None\nsignal.signal(signal.SIGTERM, mine)\n" + HEAD
    assert run(program + "print(signal.getsignal(signal.SIGTERM) is mine)", collector.address) == "True\n"


@pytest.mark.parametrize(
    "before",
    [
        "import faulthandler, sys; faulthandler.register(15, sys.stderr)",  # in C, as uWSGI's: Python does not know of it
        "import os; os.getpid = lambda: 1",  # the first process of a container goes on after SIGTERM
    ],
)
def test_where_sigterm_does_not_end_the_process_it_is_left_alone(collector: Any, run: Run, before: str) -> None:
    program = f"{before}\n{HEAD}import signal\nprint(signal.getsignal(signal.SIGTERM) is signal.SIG_DFL)"
    assert run(program, collector.address) == "True\n"


def test_a_crash_during_an_outage_loses_what_was_not_yet_spooled_only(
    collector: Any, until: Callable[..., None], state_home: Path, run: Run
) -> None:
    collector.status = 503
    program = HEAD + THOUSAND + "client.flush(0.2); print('ready', flush=True); sys.stdin.read()"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk")}
    command = [sys.executable, "-c", program, collector.address]

    def spooled() -> int:
        return sum(len(path.read_text().splitlines()) for path in state_home.rglob("*.*") if path.is_file())

    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        until(lambda: spooled() >= 1_000)
        process.send_signal(signal.SIGKILL)
    for path in state_home.rglob("*.*"):
        os.utime(path, (0, 0))  # a minute later
    collector.status = 202
    run(HEAD + "client.track('visit', 'u'); client.flush(10)", collector.address)
    assert len(collector.distinct) == 1_001


def run_alone(script: str) -> str:
    """What a process prints; one that waits for ever is ended, and so are its children."""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            told, _ = process.communicate(timeout=30)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0
    return told


def test_a_fork_waits_until_the_background_thread_has_imported() -> None:
    """Else the child, which has no such thread, would wait for ever for a module that is half imported."""
    script = """
import os, threading, time
from keepers import process
held = threading.Event()
def importing():
    with process._importing:
        held.set()
        time.sleep(0.5)
        print("imported", flush=True)
threading.Thread(target=importing).start()
held.wait()
child = os.fork()
print("forked", flush=True)
if child == 0:
    os._exit(0 if process._importing.acquire(False) else 1)
print(os.waitpid(child, 0)[1])
"""
    told = run_alone(script)
    assert told.split()[0] == "imported"
    assert told.split()[-1] == "0"


@pytest.mark.parametrize("when", ["before", "after_in_parent", "after_in_child"])
def test_a_handler_of_the_hosts_may_fork_within_a_fork(when: str) -> None:
    """It runs between ours where it was registered before the SDK was imported."""
    script = f"""
import contextlib
import os
within = []
def helper():
    if not within:
        within.append(True)
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
os.register_at_fork({when}=helper)
from keepers import process
child = os.fork()
if child == 0:
    os._exit(0 if process._importing.acquire(False) else 1)
print(bool(within), os.waitpid(child, 0)[1])
"""
    told = run_alone(script)
    assert told == f"{when != 'after_in_child'} 0\n"


def test_a_signal_that_comes_while_modules_are_imported_may_fork() -> None:
    script = """
import os, signal
from keepers import process
def helper(*_):
    if os.fork() == 0:
        os._exit(0)
    print(os.wait()[1])
signal.signal(signal.SIGUSR1, helper)
with process._importing:
    os.kill(os.getpid(), signal.SIGUSR1)
"""
    assert run_alone(script) == "0\n"


def test_the_background_thread_imports_nothing_later(collector: Any, run: Run) -> None:
    """A first delivery, a refresh, an outage and the spool: a fork in the middle of any finds no module half imported."""
    program = (
        "import sys, time, keepers\n"
        "from keepers import process\n"
        "first, known = process.import_first, set()\n"
        "process.import_first = lambda: (first(), known.update(sys.modules))\n"
        "client = keepers.Client(sys.argv[1], 'k', refresh=0.05, on_error=lambda error: None)\n"
        "client.variant('cta', 'u'); client.flush(5)\n"
        "client.track('visit', 'u'); client.flush(0.5); time.sleep(0.2)\n"
        "print(bool(known), sorted(set(sys.modules) - known))\n"
    )
    answers = iter([202])
    collector.on_batch = lambda batch: next(answers, 503)
    assert run(program, collector.address).strip() == "True []"


def test_a_child_forked_while_another_thread_closes_the_client_can_use_it() -> None:
    """The sender holds its lock while it sends; a child of that moment gets locks of its own."""
    script = """
import logging, os, threading
import keepers
sending, go_on = threading.Event(), threading.Event()
def sink(batch):
    if os.getpid() == parent:
        sending.set(), go_on.wait()
parent = os.getpid()
client = keepers.Client({"schema": 1, "experiments": []}, sink=sink, spool=False)
client.track("visit", "u")
closing = threading.Thread(target=client.close)
closing.start()
sending.wait()
child = os.fork()
if child == 0:
    client.track("visit", "u")
    os._exit(0 if client.flush(5) and client.stats()["sent"] == 1 else 1)
print(os.waitpid(child, 0)[1])
go_on.set(), closing.join()
"""
    assert run_alone(script) == "0\n"
