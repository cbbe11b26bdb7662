"""A connection whose waits are cut into slices: in between, the thread sees to what cannot wait for a server.

A module of its own, because `http.client` is slow to import. Names are looked up by the system, which cannot be cut.
"""

from __future__ import annotations

from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from io import BufferedReader, RawIOBase
from ssl import SSLSocket, create_default_context
from sys import audit
from time import monotonic

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from ssl import SSLContext
    from typing import Any

SLICE = 0.75  # seconds; a connection that takes longer, as over satellites, would never be made


class Patience:
    """How long a request may still take; `meanwhile` is called whenever a slice of that has passed."""

    def __init__(self, meanwhile: Callable[[], None]):
        self._meanwhile = meanwhile
        self.begin(0.0)

    def begin(self, seconds: float) -> None:
        """Start the time of a request."""
        now = monotonic()
        self._end, self._next = now + seconds, now + SLICE

    def slice(self) -> float:
        """Return how many seconds to wait now. Raises TimeoutError when the request's time is over."""
        now = monotonic()
        if now >= self._end:
            raise TimeoutError("it takes too long")
        if now >= self._next:
            self._meanwhile()
            now = monotonic()
            self._next = now + SLICE
        return max(min(self._next, self._end) - now, 0.001)

    def wait(self, sock: Any, step: Callable[..., Any], *arguments: Any) -> Any:
        """Take a step that waits for the socket, a slice at a time."""
        while True:
            sock.settimeout(self.slice())
            try:
                return step(*arguments)
            except TimeoutError:
                continue


class Connection(HTTPConnection):
    """Connects, sends and reads in slices."""

    patience: Patience

    def connect(self) -> None:
        """Try for a slice at a time."""
        while True:
            self.timeout = self.patience.slice()
            try:
                return super().connect()
            except TimeoutError:
                continue

    def send(self, data: Any) -> None:
        """Send headers or a body, bytes both."""
        if self.sock is None:
            self.connect()
        audit("http.client.send", self, data)  # as the method does that this one takes the place of
        sock: Any = self.sock
        left = memoryview(data)
        while left:
            left = left[self.patience.wait(sock, sock.send, left) :]

    def response_class(self, sock: socket.socket, *arguments: Any, **more: Any) -> HTTPResponse:  # type: ignore[override]
        """Return what reads the answer."""
        answer = HTTPResponse(sock, *arguments, **more)
        answer.fp = BufferedReader(_Slices(sock, answer.fp, self.patience))
        return answer


class SecureConnection(HTTPSConnection, Connection):
    """The same with TLS: connects as `Connection` does."""


def connection_to(host: str, secure: bool, patience: Patience) -> Connection:
    """Return a connection that is not open yet."""
    connection = SecureConnection(host, context=_context(patience)) if secure else Connection(host)
    connection.patience = patience
    return connection


def _context(patience: Patience) -> SSLContext:
    """Return the usual one, but for sockets that shake hands in slices."""

    class Socket(SSLSocket):
        def do_handshake(self, block: bool = False) -> None:
            patience.wait(self, super().do_handshake, block)

    context = create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    context.sslsocket_class = Socket
    return context


class _Slices(RawIOBase):
    """What a socket receives; `whole` is its own file, which holds it open."""

    def __init__(self, sock: socket.socket, whole: Any, patience: Patience):
        self._sock = sock
        self._whole = whole
        self._patience = patience

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._patience.wait(self._sock, self._sock.recv_into, buffer)  # type: ignore[no-any-return]

    def close(self) -> None:
        self._whole.close()
        super().close()
