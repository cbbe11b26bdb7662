"""How gunicorn runs the application: its configuration file, with a worker that lets no slow client keep a thread.

A thread is one of few. A client that has not sent its request within `SENDING` seconds is taken to be at its end; one
that does not read its answer within `READING` seconds is hung up on. What is being worked out is never interrupted.
"""

import contextlib
import logging
import os
import shutil
import socket
import tempfile
import time
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

SENDING, READING = 20.0, 60.0
threads = 8
graceful_timeout = 20
limit_request_line = 4094
limit_request_fields = 60
limit_request_field_size = 8190
worker_class = "web.workers.Worker"
# Nobody before us says by a header who asks, how, or under which path: KEEPERS_PROXIES alone does, in web.security.
forwarded_allow_ips = forwarder_headers = ""
secure_scheme_headers: dict[str, str] = {}
loglevel = "warning"
control_socket_disable = True
# gunicorn reads this as a file, before anything of `web` is imported: what measures asks for the folder at its import.
if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="keepers-measured-")


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn publishes no types
    """A worker with threads that knows since when each of them serves its client."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._since: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Serve one request of a connection."""
        self._since[conn] = time.monotonic()
        try:
            return super().handle(conn)
        finally:
            self._since.pop(conn, None)

    def notify(self) -> None:
        """Called every second: end what takes a client too long."""
        super().notify()
        now = time.monotonic()
        for conn, since in list(self._since.items()):
            with contextlib.suppress(OSError):
                if now - since > READING:
                    conn.sock.shutdown(socket.SHUT_RDWR)
                elif now - since > SENDING:
                    conn.sock.shutdown(socket.SHUT_RD)


def post_worker_init(worker: Any) -> None:
    """Write gunicorn's own lines as ours are written, and settle what stays in memory."""
    from web.logs import formatter
    from web.memory import steady

    steady()
    for handler in logging.getLogger("gunicorn.error").handlers:
        handler.setFormatter(formatter(os.environ.get("KEEPERS_LOG", "text")))


def child_exit(server: Any, worker: Any) -> None:
    """Let go of what a worker that ended had measured for the moment; its counts stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]  # the library types only a part


def on_exit(server: Any) -> None:
    """Remove the measurements."""
    shutil.rmtree(os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)
