"""Each example runs under its real server, and what its visitors met and did arrives."""

import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
GUNICORN = "gunicorn --preload --workers 1 --bind 127.0.0.1:{port} examples.{name}:app"
UVICORN = "uvicorn --host 127.0.0.1 --port {port} examples.{name}:app"
VARIANTS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
VISITORS = 12


@contextmanager
def served(command: str, collector: Any, until: Callable[..., None]) -> Iterator[str]:
    """Run a server; at the end it gets SIGTERM, as from a supervisor."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'sdk'}", "KEEPERS_URL": collector.address, "KEEPERS_KEY": "k"}
    words = [sys.executable, "-m", *command.format(port=port).split()]
    with subprocess.Popen(words, cwd=ROOT, env=environ, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as server:
        until(lambda: listens(port) or server.poll() is not None, 30)
        assert server.poll() is None, server.stderr and server.stderr.read().decode()
        yield f"http://127.0.0.1:{port}"
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "command"), [("flask_shop", GUNICORN), ("fastapi_shop", UVICORN), ("django_shop", GUNICORN)]
)
def test_an_example_runs_and_loses_nothing(name: str, command: str, collector: Any, until: Callable[..., None]) -> None:
    collector.config = {
        "schema": 1,
        "experiments": [{"key": "checkout-cta", "version": 1, "status": "running", "variants": VARIANTS}],
    }
    shown = set()
    with served(command.replace("{name}", name), collector, until) as address:
        for _ in range(VISITORS):
            browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
            pages = [browser.open(f"{address}/", timeout=10).read() for _ in range(2)]
            assert pages[0] == pages[1]
            assert b"Thank you" in browser.open(urllib.request.Request(f"{address}/buy", method="POST"), timeout=10).read()
            shown.add(pages[0])
    kinds = [record["type"] for record in collector.distinct.values()]
    assert (kinds.count("exposure"), kinds.count("event")) == (VISITORS, VISITORS)
    assert {record["variant"] for record in collector.records if "variant" in record} == {"control", "treatment"}
    assert len(shown) == 2
