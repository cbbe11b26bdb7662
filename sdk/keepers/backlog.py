"""Batches that could not be sent yet: in memory, or in a folder that survives the process.

In the folder a batch is a segment, a file of JSON lines. Whoever sends a segment claims it by
renaming it, so many processes share one folder, and a living process takes over what a dead one
left. Ids make it harmless when a segment is sent twice.
"""

from __future__ import annotations

from itertools import count

from .errors import DeliveryError
from .hashing import new_md5
from .server import is_address
from .wire import BATCH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections import deque as deque
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from .reports import Reports
else:
    try:  # where `collections` has it from, which takes a quarter of our time to import
        from _collections import deque
    except ImportError:
        from collections import deque

SPOOL_BYTES = 64 * 2**20  # the most that a spool folder holds
STALE_SECONDS = 60.0  # longer than a request and the longest wait between two tries


class Segment:
    """Lines of JSON, one an event, and the claimed file that holds them, if there is one."""

    __slots__ = ("lines", "path")

    def __init__(self, lines: list[str], path: Path | None = None):
        self.lines = lines
        self.path = path


class MemoryBacklog:
    """Keeps at most `limit` events; the oldest batch goes first.

    `put` and `close` return the batches that had to be given up for room; `put` or `done` follows `claim` and `take`.
    """

    durable = False

    def __init__(self, limit: int):
        self._limit = limit
        self._segments: deque[Segment] = deque()

    def put(self, segment: Segment) -> list[Segment]:
        """Keep a batch in memory; small ones are joined."""
        last = self._segments[-1] if self._segments else None
        if last is not None and len(last.lines) + len(segment.lines) <= BATCH:
            last.lines.extend(segment.lines)
        else:
            self._segments.append(segment)
        given_up: list[Segment] = []
        while sum(len(each.lines) for each in self._segments) > self._limit:
            given_up.append(self._segments.popleft())
        return given_up

    def claim(self, segment: Segment) -> None:
        """Memory has it."""

    def take(self) -> Segment | None:
        """Return the oldest batch."""
        return self._segments.popleft() if self._segments else None

    def done(self, segment: Segment) -> None:
        """Nothing remains of it."""

    def close(self) -> list[Segment]:
        """Give up all: nobody else can reach it."""
        given_up = list(self._segments)
        self._segments.clear()
        return given_up


class Spool:
    """Keeps batches in a folder of three kinds of files.

    `.open` is still written to, `.jsonl` waits to be sent, `.sending` is claimed by a process. The
    first and the last, when nobody has touched them for a minute, belonged to a process that died.

    What waits takes at most `limit` bytes. A process that wrote little since it looked does not look again, but at its
    end: others may have left thousands of files.
    """

    durable = True

    def __init__(self, folder: Path, *, limit: int = SPOOL_BYTES):
        self._folder = folder
        self._limit = limit
        self._numbers = count(1)
        self._open: Path | None = None
        self._written = 0
        self._fresh = limit  # bytes since the last look at the size; before the first, enough for one
        self._found: deque[Path] = deque()  # what waited at the last look, oldest first
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = folder / f"{self._name()}.probe"
        probe.touch()
        probe.unlink()

    def _name(self) -> str:
        from os import getpid
        from time import time_ns

        return f"{time_ns():020}-{getpid()}-{next(self._numbers)}"

    def put(self, segment: Segment) -> list[Segment]:
        """Append a batch to the open segment, or give a claimed one back. Raises OSError."""
        if segment.path is not None:
            waiting = segment.path.with_suffix(".jsonl")
            if _rename(segment.path, waiting):
                self._found.appendleft(waiting)
                return self._make_room()
        full = self._written + len(segment.lines) > BATCH
        if full:
            self._end()
        self._open = self._open or self._folder / f"{self._name()}.open"
        _append(self._open, segment.lines)
        self._written += len(segment.lines)
        self._fresh += sum(map(len, segment.lines)) + len(segment.lines)
        return self._make_room() if full else []

    def claim(self, segment: Segment) -> None:
        """Write a batch that is on its way, claimed already. Raises OSError."""
        path = self._folder / f"{self._name()}.sending"
        _append(path, segment.lines)
        segment.path = path

    def close(self) -> list[Segment]:
        """Let the open segment be sent, by whoever is there. Raises OSError."""
        self._end()
        self._fresh = self._limit
        return self._make_room()

    def _end(self) -> None:
        path, self._open, self._written = self._open, None, 0
        if path is not None:
            _rename(path, path.with_suffix(".jsonl"))

    def take(self) -> Segment | None:
        """Claim the oldest segment that nobody else has claimed. Raises OSError."""
        self._end()
        if not self._found:
            self._adopt()
            self._found.extend(self._files(".jsonl"))
        return self._oldest()

    def _oldest(self) -> Segment | None:
        while self._found:
            claimed = _claim(self._found.popleft())
            if claimed is not None:
                segment = Segment(_whole_lines(claimed), claimed)
                if segment.lines:
                    return segment
                self.done(segment)  # torn in its first line
        return None

    def done(self, segment: Segment) -> None:
        """Delete a segment that was sent."""
        if segment.path is not None:
            segment.path.unlink(missing_ok=True)

    def _make_room(self) -> list[Segment]:
        given_up: list[Segment] = []
        if self._fresh * 64 < self._limit:
            return given_up
        self._fresh = 0
        self._found = deque(self._files(".jsonl"))
        excess = sum(_size(path) for path in self._found) - self._limit
        while excess > 0 and self._found:
            excess -= _size(self._found[0])
            segment = self._oldest()
            if segment is not None:
                self.done(segment)
                given_up.append(segment)
        return given_up

    def _files(self, *kinds: str) -> list[Path]:
        return sorted(path for path in self._folder.iterdir() if path.suffix in kinds)

    def _adopt(self) -> None:
        """Take over the segments of processes that died."""
        from time import time

        for path in self._files(".open", ".sending"):
            if time() - _changed(path) > STALE_SECONDS:
                _rename(path, path.with_suffix(".jsonl"))


Backlog = MemoryBacklog | Spool


def _append(path: Path, lines: list[str]) -> None:
    path.touch(mode=0o600)
    with path.open("a", encoding="utf-8") as file:
        file.write("\n".join([*lines, ""]))


def _claim(path: Path) -> Path | None:
    from os import utime

    claimed = path.with_suffix(".sending")
    try:
        utime(path)  # before the rename, so that a fresh claim never looks stale
    except FileNotFoundError:
        return None
    return claimed if _rename(path, claimed) else None


def _rename(path: Path, name: Path) -> bool:
    """Rename unless another process was faster."""
    try:
        path.rename(name)
    except FileNotFoundError:
        return False
    return True


def _whole_lines(path: Path) -> list[str]:
    """Return the lines of a segment; what follows the last line break was torn by a crash."""
    return [line for line in path.read_text(encoding="utf-8", errors="replace").split("\n")[:-1] if line]


def _changed(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:
        return float("inf")  # another process took it: not stale


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def backlog_maker(
    spool: Any, sink: Any, config: Any, *, key: str | None, limit: int, report: Reports
) -> Callable[[], Backlog]:
    """Return what makes the place for unsent events; the sending thread calls it when it starts.

    By default a server has a spool, a file or a callable has none. A folder that cannot be written
    is reported, and memory used instead.
    """
    address = next((each for each in (sink, config) if is_address(each)), "")
    wanted = spool is not False and (bool(spool) or (bool(address) and (sink is None or sink == address)))

    def make() -> Backlog:
        try:
            return Spool(spool_folder(spool, address, key)) if wanted else MemoryBacklog(limit)
        except (OSError, RuntimeError) as error:
            report("spool", DeliveryError(f"The spool folder cannot be written; events stay in memory: {error}."))
            return MemoryBacklog(limit)

    return make


def spool_folder(spool: Any, address: str, key: str | None) -> Path:
    """Return the folder for one server and key, so that environments never mix."""
    from os import environ
    from pathlib import Path

    home = environ.get("XDG_STATE_HOME") or environ.get("LOCALAPPDATA")
    root = Path(spool) if spool else (Path(home) if home else Path("~/.local/state").expanduser()) / "keepers"
    return root / new_md5(f"{address} {key}".encode()).digest().hex()[:16]
