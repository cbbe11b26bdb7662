"""A server that takes a connection and never answers: what is logged meanwhile is on disk within a second, as ever."""

import datetime as dt
import ipaddress
import json
import os
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

import keepers
from keepers import patience, server

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
import sys
import keepers, keepers.live
keepers.live.FIRST_SECONDS = 0.05
keepers.live.FIRST_WAIT = float(sys.argv[3])
client = keepers.Client(sys.argv[1], "k", spool=sys.argv[2], on_error=lambda error: None)
for number in range(1_000):
    client.track("visit", f"u{number}")
    if number == 499:
        sys.stdin.readline()
sys.stdin.read()
"""
CONFIG, EVENTS = "0", "1e9"  # which of the two requests is the first to hang: seconds until the config is asked for again


@pytest.fixture
def place() -> Iterator[Callable[[int], str]]:
    """Listen, and never say a word; where two wait to be let in, a third is not even connected."""
    with ExitStack() as held:

        def listen(waiting: int) -> str:
            server = held.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0 if waiting else 100))
            for _ in range(waiting):
                other = held.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(server.getsockname())
            return f"127.0.0.1:{server.getsockname()[1]}"

        yield listen


@pytest.mark.parametrize(
    ("scheme", "waiting", "first"), [("http", 0, CONFIG), ("http", 0, EVENTS), ("https", 0, CONFIG), ("http", 2, EVENTS)]
)
def test_what_is_logged_while_a_server_hangs_outlives_a_kill(
    place: Callable[[int], str], until: Callable[..., None], tmp_path: Path, scheme: str, waiting: int, first: str
) -> None:
    """Half is logged while the thread waits already. A request may take ten seconds: the test does not wait for that."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "sdk")}
    command = [sys.executable, "-c", PROGRAM, f"{scheme}://{place(waiting)}", tmp_path, first]

    def kept() -> set[str]:
        lines: list[str] = []
        for path in tmp_path.rglob("*.*"):
            with suppress(FileNotFoundError):  # renamed meanwhile
                lines += path.read_text().split("\n")[:-1]
        return {json.loads(line)["units"]["user"] for line in lines}

    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        try:
            until(lambda: len(kept()) == 500, 6)
            process.stdin.write("\n")
            process.stdin.flush()
            until(lambda: len(kept()) == 1_000, 6)
        finally:
            process.kill()
    assert kept() == {f"u{number}" for number in range(1_000)}


def test_a_request_is_over_in_time_though_a_byte_comes_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "SLICE", 0.05)
    over, meanwhile = threading.Event(), []
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def drip() -> None:
            connection, _ = listening.accept()
            with connection, suppress(OSError):
                while not over.wait(0.01):
                    connection.send(b"H")

        thread = threading.Thread(target=drip)
        thread.start()
        asking = server.Server(f"http://127.0.0.1:{listening.getsockname()[1]}", None, lambda: meanwhile.append(None))
        with pytest.raises(TimeoutError, match="takes too long"):
            asking.request("GET", "/", {}, timeout=0.5)
        over.set()
        thread.join()
    assert meanwhile


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """One that 127.0.0.1 gave itself, with its key."""
    key, name, now = ec.generate_private_key(ec.SECP256R1()), x509.Name([]), dt.datetime.now(dt.UTC)
    alternatives = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now - dt.timedelta(1), now + dt.timedelta(1))
    builder = builder.add_extension(alternatives, critical=True)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    made = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    path = tmp_path / "certificate.pem"
    path.write_bytes(made + key.private_bytes(*form))
    return path


@pytest.mark.parametrize("trusted", [True, False])
def test_over_tls_config_and_events_go_both_ways_if_the_certificate_is_known(
    collector: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch, trusted: bool
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    collector._server.socket = context.wrap_socket(collector._server.socket, server_side=True)
    collector._server.handle_error = lambda *_: None  # whoever does not trust it hangs up
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate) if trusted else os.devnull)
    monkeypatch.setenv("SSL_CERT_DIR", os.devnull)
    errors: list[str] = []
    address = collector.address.replace("http://", "https://")
    client = keepers.Client(address, "k", spool=False, on_error=lambda error: errors.append(str(error)))
    client.track("visit", "u1")
    assert client.flush(30 if trusted else 0.1) == trusted
    assert client.stats()["config_stale"] != trusted
    client.close(0.1)
    assert [record["units"]["user"] for record in collector.records] == (["u1"] if trusted else [])
    assert bool(errors) != trusted
    assert trusted or "CERTIFICATE_VERIFY_FAILED" in errors[0]
