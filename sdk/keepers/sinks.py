"""Where batches go: the server, a file of JSON lines, or a callable. This is the place to add a transport.

`send` delivers a batch within `timeout` seconds; raising means "try again later".
"""

from __future__ import annotations

from .errors import ArgumentError, DeliveryError
from .server import Local, Remote, Server, is_address, leads_elsewhere
from .wire import Batch

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class Reply:
    """What became of a batch: HTTP status, seconds to wait before a retry, parsed answer, where a redirect leads."""

    __slots__ = ("after", "answer", "location", "status")

    def __init__(self, status: int, after: float = 0.0, answer: Any = None, location: str | None = None):
        self.status = status
        self.location = location
        self.after = after
        self.answer = answer if isinstance(answer, dict) else {}

    @property
    def again(self) -> bool:
        """Whether the same batch should be sent again later."""
        return self.status == 429 or self.status >= 500 or bool(self.elsewhere)

    @property
    def elsewhere(self) -> str:
        """What to do where the server has moved: until somebody does, batches wait; else an empty text."""
        return leads_elsewhere(self.status, self.location) if 300 <= self.status < 400 else ""

    @property
    def accepted(self) -> bool:
        """Whether the batch arrived."""
        return 200 <= self.status < 300


class ServerSink(Remote):
    """POST /v1/events, gzipped."""

    def send(self, batch: Batch, timeout: float) -> Reply:
        """Send one batch. Raises OSError or HTTPException where there is no answer."""
        from gzip import compress

        body = compress(batch.text().encode(), compresslevel=1)
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        status, fields, content = self._server.request("POST", "/v1/events", headers, body=body, timeout=timeout)
        return Reply(status, wait_seconds(fields.get("Retry-After")), _parsed(content), fields.get("Location"))


def wait_seconds(text: str | None) -> float:
    """Return the seconds of a Retry-After header, at most 300; it may also be a date."""
    if not text:
        return 0.0
    if text.isascii() and text.isdigit():
        return min(float(text), 300.0)
    from email.utils import parsedate_to_datetime
    from time import time

    try:
        return min(max(parsedate_to_datetime(text).timestamp() - time(), 0.0), 300.0)
    except (TypeError, ValueError):
        return 0.0


def _parsed(content: bytes) -> Any:
    from json import loads

    try:
        return loads(content)
    except ValueError:
        return None


class FileSink(Local):
    """Appends each event as a line of JSON; what was lost is a line of type "lost"."""

    def __init__(self, path: Any):
        self._path = path

    def send(self, batch: Batch, timeout: float) -> Reply:
        """Append a batch. Raises OSError."""
        from json import dumps

        lines = [*(dumps({"type": "lost", **lost}) for lost in batch.lost), *batch.lines]
        with open(self._path, "a", encoding="utf-8") as file:
            file.write("\n".join([*lines, ""]))
        return Reply(202)


class CallableSink(Local):
    """Hands each batch to a function, as a dict in the wire format."""

    def __init__(self, function: Any):
        self._function = function

    def send(self, batch: Batch, timeout: float) -> Reply:
        """Call the function. What it raises counts as a failure to be retried."""
        self._function(batch.document())
        return Reply(202)


Sink = ServerSink | FileSink | CallableSink


def sink_of(sink: Any, config: Any, key: str | None, meanwhile: Callable[[], None]) -> Sink | None:
    """Return the transport for `Client(sink=...)`; None where events have nowhere to go.

    What waits for a server calls `meanwhile` again and again.
    """
    if sink is None:
        return ServerSink(Server(config, key, meanwhile)) if is_address(config) else None
    if is_address(sink):
        return ServerSink(Server(sink, key, meanwhile))
    if callable(sink):
        return CallableSink(sink)
    if isinstance(sink, str) or hasattr(sink, "__fspath__"):
        return FileSink(sink)
    raise ArgumentError(f"sink is {sink!r}: it must be a path, a callable or the address of a server.")


def refusals(answer: dict[str, Any]) -> tuple[int, DeliveryError | None]:
    """Return how many events the server refused, and the first reason as an error."""
    rejected = answer.get("rejected")
    if not isinstance(rejected, list) or not rejected:
        return 0, None
    first = rejected[0] if isinstance(rejected[0], dict) else {}
    why = f"{first.get('reason', 'no reason given')}: {first.get('message', '')}".strip()
    return len(rejected), DeliveryError(f"The server refused {len(rejected)} events; the first: {why}")
