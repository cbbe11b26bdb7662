"""What became of events: counts for `stats()`, and the losses that the next batch reports."""

from __future__ import annotations

from _thread import RLock

from .wire import lost_record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from .wire import Lost, Record


class Ledger:
    """Counts of events by outcome. Every event that is dropped is counted by what it was about."""

    def __init__(self) -> None:
        self.counts = {"sent": 0, "duplicate": 0, "rejected": 0, "retried": 0, "spooled": 0, "dropped": 0}
        self._lost: dict[Lost, int] = {}
        self._lock = RLock()  # re-entrant: a signal handler may log while we count

    def add(self, name: str, count: int = 1) -> None:
        """Add to one of the counts."""
        self.counts[name] += count

    def lose(self, what: Lost, count: int = 1) -> None:
        """Count events that are not sent, to be reported."""
        with self._lock:
            self.counts["dropped"] += count
            self._lost[what] = self._lost.get(what, 0) + count

    def take_lost(self) -> dict[Lost, int]:
        """Return what is to be reported, and start anew."""
        with self._lock:
            lost, self._lost = self._lost, {}
        return lost

    def put_back(self, lost: Mapping[Lost, int]) -> None:
        """Report this later: the batch that carried it did not arrive."""
        with self._lock:
            for what, count in lost.items():
                self._lost[what] = self._lost.get(what, 0) + count


def lost_records(lost: Mapping[Lost, int]) -> list[Record]:
    """Return the batch's `lost`."""
    return [lost_record(what, count) for what, count in lost.items()]
