"""How many of 1,000 exposures arrive: each SDK sends to a collector on this machine, and ends in six ways."""

import gzip
import os
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request
import zlib
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
LOGGED, PER_REQUEST, OUTAGE = 1_000, 10, 6.0
HOWS = ("normal exit", "slow server (150 ms)", "SIGTERM", "gunicorn --preload", "6 s of 503", "kill -9")
UNIT = re.compile(rb"sent-\d+")


@dataclass(frozen=True)
class Delivered:
    """What became of one SDK's exposures; `requests` is how many the collector was sent."""

    sdk: str
    how: str
    accepted: int
    requests: int

    @property
    def lost(self) -> int:
        """How many never arrived."""
        return LOGGED - self.accepted


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a sender was killed while it spoke."""


class Collector:
    """Accepts any SDK's batches, and finds the units in them."""

    def __init__(self, how: str) -> None:
        self.found: set[bytes] = set()
        self.requests = 0
        self.delay = 0.15 if "slow" in how else 0.0
        self.outage = OUTAGE if "503" in how else 0.0
        self._began: float | None = None
        self._server = _Server(("127.0.0.1", 0), _handler(self))
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def take(self, body: bytes) -> int:
        """Return the status for a batch, and keep what is in it if that is 200."""
        time.sleep(self.delay)
        self.requests += 1
        self._began = self._began or time.monotonic()
        if time.monotonic() - self._began < self.outage:
            return 503
        self.found.update(UNIT.findall(body))
        return 200

    def stop(self) -> None:
        """Take no more."""
        self._server.shutdown()
        self._server.server_close()


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            raw = self._body()
            self._answer(collector.take(_unpacked(raw, self.headers["Content-Encoding"])))

        def _body(self) -> bytes:
            if self.headers["Content-Length"]:
                return self.rfile.read(int(self.headers["Content-Length"]))
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)

        def do_GET(self) -> None:
            self._answer(404)

        def _answer(self, status: int) -> None:
            body = b'{"success": true}' if status == 200 else b"{}"
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


def _unpacked(raw: bytes, encoding: str | None) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(raw)
    return zlib.decompress(raw) if encoding == "deflate" else raw


def deliver(sdk: str, python: Path, gunicorn: Path, how: str) -> Delivered:
    """Run one SDK to one end. `python` is its environment's, `gunicorn` a folder that holds gunicorn."""
    collector = Collector(how)
    with tempfile.TemporaryDirectory() as state:
        environ = {**os.environ, "XDG_STATE_HOME": state, "BENCH_SDK": sdk, "BENCH_ADDRESS": collector.address}
        run = _fork if "gunicorn" in how else _alone
        run(sdk, python, how=how, collector=collector, environ={**environ, "PYTHONPATH": f"{gunicorn}:{HERE}"})
        time.sleep(0.3)  # for what is on its way
    collector.stop()
    return Delivered(sdk, how, len(collector.found), collector.requests)


def _alone(sdk: str, python: Path, *, how: str, collector: Collector, environ: dict[str, str]) -> None:
    command = [str(python), "-I", str(HERE / "sdk_sender.py"), sdk, how, collector.address]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, env=environ, timeout=60, check=False, capture_output=True)


def _fork(sdk: str, python: Path, *, how: str, collector: Collector, environ: dict[str, str]) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        place = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [str(python), "-m", "gunicorn", "--preload", "--workers", "1", "--bind", place, "sdk_sender:app"]
    with subprocess.Popen(command, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        for number in range(LOGGED // PER_REQUEST):
            _until_answered(f"http://{place}/?{number}")
        server.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(60)
        server.kill()


def _until_answered(address: str) -> None:
    deadline = time.monotonic() + 20
    while True:
        try:
            urllib.request.urlopen(address, timeout=10).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
