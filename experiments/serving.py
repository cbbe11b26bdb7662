"""Starts the web server: gunicorn with the application `web:create_app()`, configured by `web.workers`; both are named
here and not imported.
"""

import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

from experiments.errors import Conflict

CONFIG = Path(__file__).parents[1] / "web" / "workers.py"


def command(host: str, port: int, workers: int) -> Sequence[str]:
    """Return the command that serves the UI and the collector."""
    return [
        sys.executable, "-m", "gunicorn", "web:create_app()", "--config", str(CONFIG),
        "--bind", f"{host}:{port}", "--workers", str(workers),
    ]  # fmt: skip


def replace_process(host: str, port: int, workers: int) -> None:
    """Become the server. Conflict if the port is taken."""
    free_port(host, port)
    print(f"Keepers on http://{host}:{port}  (Ctrl-C stops it)", flush=True)
    os.execv(sys.executable, list(command(host, port, workers)))


def free_port(host: str, port: int) -> None:
    """Raise Conflict if something listens there already."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Conflict(
                f"port {port} on {host} cannot be used: {error.strerror}. Stop what listens there, or choose another "
                f"with --port {port + 1}."
            ) from None
