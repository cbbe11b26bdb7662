"""A real collector on loopback for the SDK's tests: it records batches and answers as told."""

import gzip
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
Record = dict[str, Any]


class Collector:
    """Speaks the wire format. `status` answers POSTs, `on_batch` may choose the status per batch."""

    def __init__(self) -> None:
        self.config: Record = {"schema": 1, "environment": "test", "experiments": []}
        self.batches: list[Record] = []
        self.encodings: list[str | None] = []
        self.keys: list[str | None] = []
        self.config_statuses: list[int] = []
        self.status = 202
        self.config_status = 200
        self.retry_after: str | None = None
        self.location: str | None = None
        self.on_batch: Callable[[Record], int] | None = None
        self.answer: Record = {"accepted": 0, "duplicate": 0, "rejected": []}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def records(self) -> list[Record]:
        return [record for batch in self.batches for record in batch["events"]]

    @property
    def distinct(self) -> dict[str, Record]:
        """What a warehouse keeps: one record per id."""
        return {record["id"]: record for record in self.records}

    @property
    def lost(self) -> list[Record]:
        """What a collector counts: each loss once, without its id."""
        told = {each["id"]: each for batch in self.batches for each in batch.get("lost", [])}
        return [{name: value for name, value in each.items() if name != "id"} for each in told.values()]


def _handler(collector: Collector) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            self.connection.setsockopt(6, 1, 1)  # TCP_NODELAY: answers are small

        def do_GET(self) -> None:
            tag = f'"{abs(hash(json.dumps(collector.config)))}"'
            same = self.headers.get("If-None-Match") == tag
            status = 304 if same and collector.config_status == 200 else collector.config_status
            collector.keys.append(self.headers.get("Authorization"))
            body = json.dumps(collector.config).encode() if status == 200 else b""
            self.reply(status, body, {"ETag": tag})
            collector.config_statuses.append(status)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            collector.encodings.append(self.headers.get("Content-Encoding"))
            batch = json.loads(gzip.decompress(body))
            status = collector.on_batch(batch) if collector.on_batch else collector.status
            if status == 202:
                collector.batches.append(batch)
            extra = {"Retry-After": collector.retry_after} if collector.retry_after else {}
            self.reply(status, json.dumps(collector.answer).encode(), extra)

        def reply(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, **({"Location": collector.location} if collector.location else {})}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler


@pytest.fixture
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.stop()


@pytest.fixture(autouse=True)
def state_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the default spool out of the developer's own state folder."""
    home = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    return home


@pytest.fixture
def until() -> Callable[[Callable[[], object]], None]:
    """Wait for a condition with a deadline, and fail when it does not come true."""

    def wait(condition: Callable[[], object], seconds: float = 60.0) -> None:
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "the condition did not come true in time"
            time.sleep(0.01)

    return wait


@pytest.fixture
def run() -> Callable[..., str]:
    """Run a program that uses the SDK in a process of its own; return what it prints."""

    def start(program: str, *arguments: str) -> str:
        environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk")}
        done = subprocess.run(
            [sys.executable, "-c", program, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return start


@pytest.fixture
def schema() -> Callable[[str], Record]:
    def read(name: str) -> Record:
        loaded: Record = json.loads((ROOT / "docs" / "schemas" / f"{name}.schema.json").read_text())
        return loaded

    return read
