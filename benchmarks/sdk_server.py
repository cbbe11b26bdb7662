"""A quiet server on this machine: it answers what SDKs ask and send as it is told to."""

import gzip
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any] | None  # a status and what is said as JSON, or None: to hang up without a word


def nothing(path: str) -> Answer:
    """Say that nothing is there."""
    return 404, {}


class Quiet(ThreadingHTTPServer):
    """`get` is given a path, `post` an unpacked body; each is called on a thread of the request's."""

    daemon_threads = True

    def __init__(self, get: Callable[[str], Answer], post: Callable[[bytes], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.get, self.post = get, post
        self.address = f"http://127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who asked has ended."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Quiet

    def do_GET(self) -> None:
        self._answer(self.server.get(self.path))

    def do_POST(self) -> None:
        self._answer(self.server.post(_unpacked(self._body(), self.headers["Content-Encoding"])))

    def _body(self) -> bytes:
        if self.headers["Content-Length"]:
            return self.rfile.read(int(self.headers["Content-Length"]))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _answer(self, answer: Answer) -> None:
        if answer is None:
            self.close_connection = True
            return
        body = json.dumps(answer[1]).encode()
        self.send_response(answer[0])
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def _unpacked(raw: bytes, encoding: str | None) -> bytes:
    if encoding == "gzip":
        return gzip.decompress(raw)
    return zlib.decompress(raw) if encoding == "deflate" else raw


@contextmanager
def serving(get: Callable[[str], Answer], post: Callable[[bytes], Answer]) -> Iterator[str]:
    """Serve on threads of this process; the address is what is given."""
    with Quiet(get, post) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield server.address
        finally:
            server.shutdown()
