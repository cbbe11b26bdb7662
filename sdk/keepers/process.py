"""What happens to open clients when the process exits, is told to end, or forks."""

from __future__ import annotations

import atexit
import os
import sys
from _thread import RLock

from .values import LAST_SECONDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .client import Client

_open: set[Client] = set()
_importing = RLock()  # a handler of these may fork, too
NEEDED = (
    "datetime", "difflib", "email.utils", "encodings.idna", "gzip", "json", "logging", "math", "pathlib", "random",
    "keepers.conditions", "keepers.lines", "keepers.patience", "keepers.patterns", "keepers.peers", "keepers.pieces",
)  # fmt: skip


def import_first() -> None:
    """Import what the background thread may need. A fork waits: a half imported module stays locked in the child."""
    with _importing:
        for name in NEEDED:
            __import__(name)


def watch(client: Client) -> None:
    """Close this client at exit and on SIGTERM, and give it a fresh start in a forked child."""
    _open.add(client)
    _watch_sigterm()


def forget(client: Client) -> None:
    """Stop watching a client that was closed."""
    _open.discard(client)


def close_all() -> None:
    """Flush all open clients, for so long together."""
    from time import monotonic

    deadline = monotonic() + LAST_SECONDS
    for client in list(_open):
        client.close(max(deadline - monotonic(), 0.0))


def _watch_sigterm() -> None:
    """Have SIGTERM close the clients first, where it would end the process at once: docs/decisions/0023-delivery.md.

    A handler of the host's is left alone, and one that it sets later takes ours away. The first process of a container
    goes on after it.
    """
    import signal

    try:
        if os.getpid() != 1 and signal.getsignal(signal.SIGTERM) is signal.SIG_DFL and not _caught(signal.SIGTERM):
            signal.signal(signal.SIGTERM, _terminate)
    except ValueError:  # not the main thread: what is logged in the last second may be lost
        return


def _caught(number: int) -> bool:
    """Say whether a handler takes the signal, Python's or one in C such as uWSGI's."""
    try:
        with open("/proc/self/status", "rb") as file:
            masks = [line for line in file if line.startswith(b"SigCgt:")]
        return bool(int(masks[0].split()[1], 16) >> (number - 1) & 1)
    except (OSError, IndexError, ValueError):  # not Linux
        return False


def _terminate(number: int, frame: object) -> None:
    import signal

    close_all()
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def close_in_worker() -> None:
    """See that a worker of `multiprocessing`, which skips atexit, closes its clients, too."""
    util = sys.modules.get("multiprocessing.util")
    if util is not None:
        util.Finalize(None, close_all, exitpriority=1)


def _begin_in_child() -> None:
    for client in list(_open):
        client._after_fork()


atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    free = _importing.release
    os.register_at_fork(before=_importing.acquire, after_in_parent=free, after_in_child=free)
    os.register_at_fork(after_in_child=_begin_in_child)
