"""The real server under clients that are slow, and while it is told to stop."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from experiments import serving
from experiments.inbox import Inbox
from experiments.registry import Database, keys
from experiments.registry.models import InboxRow
from experiments.settings import Settings

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[3]


@contextmanager
def started(home, config=str(serving.CONFIG)):
    """One worker of a real gunicorn on a port of its choice; yields the process and the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [part.replace(str(serving.CONFIG), config) for part in serving.command("127.0.0.1", port, 1)]
    environ = {**os.environ, "KEEPERS_HOME": str(home), "PYTHONPATH": f"{home}:{ROOT}:{ROOT / 'sdk'}"}
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    try:
        answers(port)
        yield process, port
    finally:
        process.kill()
        process.wait()


def answers(port):
    """Wait until it does."""
    for _ in range(600):
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).status
        except OSError:
            subprocess.run([sys.executable, "-c", "import time; time.sleep(.05)"], check=True)
    raise AssertionError("the server did not start")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """An installation, with a configuration of the server that has less patience, and its key."""
    settings = Settings.load({"KEEPERS_HOME": str(tmp_path_factory.mktemp("server"))})
    db, inbox = Database(settings.registry), Inbox(settings.inbox)
    db.migrate()
    inbox.migrate()
    (settings.home / "hasty.py").write_text("from web.workers import *\nimport web.workers\nweb.workers.SENDING, web.workers.READING = 1.0, 3.0\n")
    token = keys.create(db, name="test")[1]
    yield settings, token, inbox
    for store in (db, inbox.database):
        store.engine.dispose()


def batch(token, name):
    body = json.dumps({"events": [{"type": "event", "id": name, "name": "n", "units": {"user": "u"}, "at": 1763800010}]})
    return (
        f"POST /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n{body}"
    ).encode()  # fmt: skip


def test_slow_clients_keep_no_thread_from_others(home):
    settings, token, _ = home
    with started(settings.home, "python:hasty") as (_, port), ExitStack() as open_ones:
        slow = [open_ones.enter_context(socket.create_connection(("127.0.0.1", port), timeout=20)) for _ in range(9)]
        for i, client in enumerate(slow):  # one more than there are threads
            client.sendall(batch(token, f"slow-{i}")[: -1 if i % 2 else 40])
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20).status == 200
        ends = [client.recv(4096) for client in slow[:8]]
        assert not any(b" 202 " in end or b" 500 " in end for end in ends), ends


def test_a_stop_answers_the_request_that_is_being_sent(home):
    settings, token, inbox = home
    with started(settings.home) as (process, port), socket.create_connection(("127.0.0.1", port), timeout=20) as client:
        sent = batch(token, "at-the-end")
        client.sendall(sent[:-20])
        assert urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=20).status == 200
        process.send_signal(signal.SIGTERM)
        client.sendall(sent[-20:])
        assert b" 202 " in client.recv(4096)
        assert process.wait(30) == 0
    with inbox.database.read() as session:
        assert session.scalar(select(func.count()).where(InboxRow.id == "at-the-end")) == 1


def test_workers_add_their_measurements_up_and_believe_no_header_of_a_proxy_that_is_not_set(home):
    settings, _, _ = home
    with started(settings.home) as (_, port):
        for name, value in (("SCRIPT_NAME", "/x"), ("PATH_INFO", "/keys"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Ssl", "on"), ("X-Forwarded-Protocol", "ssl")):
            with urllib.request.urlopen(urllib.request.Request(f"http://127.0.0.1:{port}/sign-in", headers={name: value})) as answer:
                assert (answer.status, answer.headers["Strict-Transport-Security"]) == (200, None), name
        for _ in range(3):
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
        connection = http.client.HTTPConnection("127.0.0.1", port)
        connection.request("GET", "/-/metrics")
        text = connection.getresponse().read().decode()
        connection.close()
    assert int(float(re.search(r'keepers_requests_total{method="GET",route="/healthz",status="200"} ([\d.]+)', text)[1])) >= 4
