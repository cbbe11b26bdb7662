"""One kept-alive connection to the Keepers server."""

from __future__ import annotations

from .errors import ArgumentError
from .version import SDK

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .patience import Connection, Patience

LARGEST = 4 * 2**20  # bytes of an answer that are read


def is_address(text: object) -> bool:
    """Say whether this is the address of a server."""
    return isinstance(text, str) and text.startswith(("http://", "https://"))


def leads_elsewhere(status: int, location: object) -> str:
    """Say what to do about a redirect. It is not followed: whoever could write one would be given the key."""
    place = str(location or "").split("/v1/")[0]
    do = f"give the client the address {place!r:.200}" if is_address(place) else "check the address"
    return f"it answered {status}, a redirect to {location or 'nowhere'!r:.200}; {do}"


class Server:
    """Speaks HTTP/1.1 to one server; not for two threads at once.

    `meanwhile` is called, on the thread that asks, again and again while an answer is waited for.
    """

    def __init__(self, address: str, key: str | None, meanwhile: Callable[[], None]):
        self.address = address
        self._meanwhile = meanwhile
        self._patience: Patience | None = None
        scheme, rest = address.split("://", 1)
        self._host, slash, path = rest.partition("/")
        self._path = (slash + path).rstrip("/")
        self._secure = scheme == "https"
        self._headers = {"User-Agent": SDK, **({"Authorization": f"Bearer {key}"} if key else {})}
        self._connection: Connection | None = None
        if not self._host:
            raise ArgumentError(f"The address {address!r} names no host: write https://keepers.example.com.")
        if key is not None and not (key.isascii() and key.isprintable()):
            raise ArgumentError("The key holds characters that no key has: copy it again.")

    def request(
        self, method: str, path: str, headers: dict[str, str], *, body: bytes | None = None, timeout: float
    ) -> tuple[int, Any, bytes]:
        """Return (status, headers, body). Raises OSError or HTTPException where there is no answer.

        A body longer than LARGEST is cut off one byte after that. A kept connection that the server closed is opened
        again, once.
        """
        kept = self._connection is not None
        self._open().patience.begin(timeout)
        try:
            return self._ask(method, path, headers, body=body)
        except OSError as error:
            if not kept or isinstance(error, TimeoutError):
                raise
        return self._ask(method, path, headers, body=body)

    def _ask(self, method: str, path: str, headers: dict[str, str], *, body: bytes | None) -> tuple[int, Any, bytes]:
        connection = self._open()
        try:
            connection.request(method, self._path + path, body, {**self._headers, **headers})
            answer = connection.getresponse()
            content = answer.read(LARGEST + 1)
        except BaseException:
            self.close()
            raise
        if answer.will_close or len(content) > LARGEST:
            self.close()
        return answer.status, answer.headers, content

    def _open(self) -> Connection:
        from .patience import Patience, connection_to

        if self._connection is None:
            self._patience = self._patience or Patience(self._meanwhile)
            self._connection = connection_to(self._host, self._secure, self._patience)
        return self._connection

    def close(self) -> None:
        """Close the connection; the next request opens a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def forget(self) -> None:
        """Give up the connection without a word to the server: after a fork it is the parent's."""
        self._connection = None


class Remote:
    """A sink or a source that asks a server: closed at the end, forgotten in a forked child."""

    def __init__(self, server: Server):
        self._server = server

    def close(self) -> None:
        """Close the connection."""
        self._server.close()

    def forget(self) -> None:
        """Leave the connection to the parent."""
        self._server.forget()


class Local:
    """A sink or a source that keeps nothing open."""

    def close(self) -> None:
        """Nothing is open."""

    forget = close
