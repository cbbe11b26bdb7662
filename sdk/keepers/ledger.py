"""What became of events: counts for `stats()`, and the losses that the next batch reports."""

from __future__ import annotations

from _thread import RLock
from itertools import count

from .wire import lost_record, sequence_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .wire import Lost, Record


class Ledger:
    """Counts of events by outcome. Every event that is dropped is counted by what it was about."""

    def __init__(self) -> None:
        self.counts = {"sent": 0, "duplicate": 0, "rejected": 0, "retried": 0, "spooled": 0, "dropped": 0}
        self._lost: dict[Lost, int] = {}
        self._told: list[Record] = []  # with ids, until a batch that carried them has arrived
        self._number = count(1)
        self._lock = RLock()  # re-entrant: a signal handler may log while we count

    def add(self, name: str, times: int = 1) -> None:
        """Add to one of the counts."""
        self.counts[name] += times

    def lose(self, what: Lost) -> None:
        """Count an event that is not sent, to be reported."""
        with self._lock:
            self.counts["dropped"] += 1
            self._lost[what] = self._lost.get(what, 0) + 1

    def lost(self, boot: str) -> list[Record]:
        """Return what the next batch reports: the same, with the same ids, until `told` says that it arrived."""
        with self._lock:
            if not self._told:
                lost, self._lost = self._lost, {}
                self._told = [
                    {"id": f"{sequence_id(boot, next(self._number))}-lost", **lost_record(*each)}
                    for each in lost.items()
                ]
            return self._told

    def told(self) -> None:
        """Forget what was reported: the batch that carried it has arrived."""
        self._told = []
