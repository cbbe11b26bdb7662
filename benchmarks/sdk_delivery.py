"""How many of 1,000 exposures arrive: each SDK sends to a collector on this machine, and ends in six ways."""

import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.sdk_server import Answer, nothing, serving

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


class Collector:
    """Accepts any SDK's batches, and finds the units in them."""

    def __init__(self, how: str) -> None:
        self.found: set[bytes] = set()
        self.requests = 0
        self.delay = 0.15 if "slow" in how else 0.0
        self.outage = OUTAGE if "503" in how else 0.0
        self._began: float | None = None

    def take(self, body: bytes) -> Answer:
        """Answer a batch, and keep what is in it if it is taken."""
        time.sleep(self.delay)
        self.requests += 1
        self._began = self._began or time.monotonic()
        if time.monotonic() - self._began < self.outage:
            return 503, {}
        self.found.update(UNIT.findall(body))
        return 200, {"success": True}


def deliver(sdk: str, python: Path, gunicorn: Path, how: str) -> Delivered:
    """Run one SDK to one end. `python` is its environment's, `gunicorn` a folder that holds gunicorn."""
    collector = Collector(how)
    with tempfile.TemporaryDirectory() as state, serving(nothing, collector.take) as address:
        environ = {**os.environ, "XDG_STATE_HOME": state, "BENCH_SDK": sdk, "BENCH_ADDRESS": address}
        run = _fork if "gunicorn" in how else _alone
        run(sdk, python, how=how, address=address, environ={**environ, "PYTHONPATH": f"{gunicorn}:{HERE}"})
        time.sleep(0.3)  # for what is on its way
    return Delivered(sdk, how, len(collector.found), collector.requests)


def _alone(sdk: str, python: Path, *, how: str, address: str, environ: dict[str, str]) -> None:
    command = [str(python), "-I", str(HERE / "sdk_sender.py"), sdk, how, address]
    with suppress(subprocess.TimeoutExpired):
        subprocess.run(command, env=environ, timeout=60, check=False, capture_output=True)


def _fork(sdk: str, python: Path, *, how: str, address: str, environ: dict[str, str]) -> None:
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
