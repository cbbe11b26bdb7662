"""Where the config comes from: a server, a file, a dict or a callable.

`load` returns parsed JSON, or None if nothing changed since the last time; it raises ConfigUnavailable.
`changes` says whether it is worth asking again.
"""

from __future__ import annotations

from .errors import ArgumentError, ConfigUnavailable
from .server import LARGEST, Local, Remote, Server, is_address, leads_elsewhere
from .spells import rest_in_turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class ServerSource(Remote):
    """GET /v1/config, with the ETag of the last answer."""

    changes = True
    _tag: str | None = None

    def load(self, timeout: float) -> Any:
        """Ask the server."""
        from http.client import HTTPException

        headers = {"If-None-Match": self._tag} if self._tag else {}
        try:
            status, fields, content = self._server.request("GET", "/v1/config", headers, timeout=timeout)
            if status == 304:
                return None
            data = _decoded(content) if status == 200 else None
        except (OSError, HTTPException, ValueError) as error:
            raise ConfigUnavailable(f"No config from {self._server.address}: {error!r}.") from error
        if data is None:
            raise ConfigUnavailable(f"No config from {self._server.address}: {_explain(status, fields)}.")
        self._tag = fields.get("ETag")
        return data


def _explain(status: int, fields: Any) -> str:
    if 300 <= status < 400:
        return leads_elsewhere(status, fields.get("Location"))
    if status in (401, 403):
        return f"it answered {status}; check the key and its environment"
    return f"it answered {status}; check the address"


def _decoded(content: bytes) -> Any:
    from .pieces import loads

    if len(content) > LARGEST:
        raise ValueError(f"it is larger than {LARGEST:,} bytes: make attributes of long lists, or payloads shorter")
    return loads(content.decode(), rest_in_turn(), many="experiments")


class FileSource(Local):
    """A file of JSON, read again when it changed."""

    changes = True

    def __init__(self, path: Any):
        self._path = path
        self._stamp: tuple[int, int] | None = None

    def load(self, timeout: float) -> Any:
        """Read the file if its time or size changed."""
        from os import stat

        try:
            found = stat(self._path)
            stamp = (found.st_mtime_ns, found.st_size)
            if stamp == self._stamp:
                return None
            with open(self._path, "rb") as file:
                data = _decoded(file.read(LARGEST + 1))
        except (OSError, ValueError) as error:
            raise ConfigUnavailable(f"No config in {self._path}: {error}.") from error
        self._stamp = stamp
        return data


class CallableSource(Local):
    """A function that returns the config."""

    changes = True

    def __init__(self, function: Any):
        self._function = function

    def load(self, timeout: float) -> Any:
        """Call the function."""
        try:
            return self._function()
        except Exception as error:
            raise ConfigUnavailable(f"No config from {self._function!r}: {error!r}.") from error


class DictSource(Local):
    """A config that never changes."""

    changes = False

    def __init__(self, data: Any):
        self._data = data

    def load(self, timeout: float) -> Any:
        """Return the dict."""
        return self._data


Source = ServerSource | FileSource | CallableSource | DictSource


def source_of(config: Any, key: str | None, meanwhile: Callable[[], None]) -> Source:
    """Return the source for `Client(config=...)`; what waits for a server calls `meanwhile` again and again."""
    if is_address(config):
        return ServerSource(Server(config, key, meanwhile))
    if isinstance(config, str) or hasattr(config, "__fspath__"):
        return FileSource(config)
    if isinstance(config, dict):
        return DictSource(config)
    if callable(config):
        return CallableSource(config)
    raise ArgumentError(f"config is {config!r}: it must be a server's address, a path, a dict or a callable.")
