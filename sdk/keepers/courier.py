"""Sends one batch after the other, and knows what to do when that fails: wait and try again
(no answer, 429, 5xx, a redirect), halve (413), or drop and count (any other refusal).
"""

from __future__ import annotations

from _thread import RLock
from time import monotonic

from .backlog import MemoryBacklog, Segment
from .errors import DeliveryError
from .wire import Batch, lost_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .backlog import Backlog
    from .ledger import Ledger
    from .reports import Reports
    from .sinks import Reply, Sink

FIRST_WAIT, LONGEST_WAIT = 0.5, 30.0  # seconds of the backoff, which doubles from the first to the longest
REQUEST_SECONDS = 10.0


class Courier:
    """Used by one thread at a time, but at the end: who closes it does not wait for an answer that the other waits for.

    `backlog` is called when a place for unsent batches is first needed, on the sending thread.
    `ready_at` is the time (monotonic) before which nothing is sent; `in_hand` the batch on its way;
    `behind` says that batches wait.
    """

    def __init__(
        self, sink: Sink, ledger: Ledger, *, backlog: Callable[[], Backlog], limit: int, boot: str, report: Reports
    ):
        self._sink = sink
        self._ledger = ledger
        self._make_backlog = backlog
        self._backlog: Backlog | None = None
        self._limit = limit
        self._boot = boot
        self._report = report
        self._failures = 0
        self.ready_at = 0.0
        self.behind = False
        self.in_hand: Segment | None = None
        self._lock = RLock()  # of what is in hand, and of the backlog
        self._closed = False

    @property
    def backlog(self) -> Backlog:
        """Where batches wait that could not be sent."""
        if self._backlog is None:
            self._backlog = self._make_backlog()
        return self._backlog

    def send(self, segment: Segment, deadline: float | None) -> bool:
        """Send a batch. Returns False if it must be tried again later, and is in the backlog."""
        self.in_hand = segment
        reply = self._ask(segment, deadline)
        again = reply is None or reply.again
        if again:
            self.shelve(segment)
            if reply and reply.elsewhere:
                self._report("moved", DeliveryError(f"Events cannot be sent and wait: {reply.elsewhere}."))
            self._back_off(reply.after if reply else 0.0)
        elif reply is not None:
            self._settle(segment, reply, deadline)
        self.in_hand = None
        return not again

    def _ask(self, segment: Segment, deadline: float | None) -> Reply | None:
        """Return the sink's answer, or None if there was none."""
        timeout = REQUEST_SECONDS if deadline is None else min(REQUEST_SECONDS, max(deadline - monotonic(), 0.1))
        reply = None
        try:
            reply = self._sink.send(Batch(segment.lines, self._ledger.lost(self._boot), self._boot), timeout)
        except Exception as error:
            self._report("unreachable", DeliveryError(f"Events could not be sent and wait: {error!r}."))
        if reply is not None and reply.accepted:
            self._ledger.told()
        return reply

    def _settle(self, segment: Segment, reply: Reply, deadline: float | None) -> None:
        self._failures = 0
        if reply.accepted:
            self._count(len(segment.lines), reply)
        elif reply.status == 413 and len(segment.lines) > 1:
            self._send_halves(segment, deadline)
        else:
            self._give_up(segment)
            self._report("refused", _refused(reply))
        self.backlog.done(segment)

    def _send_halves(self, segment: Segment, deadline: float | None) -> None:
        middle = len(segment.lines) // 2
        self.shelve(Segment(segment.lines[middle:]))
        self.send(Segment(segment.lines[:middle]), deadline)

    def _count(self, sent: int, reply: Reply) -> None:
        from .sinks import refusals

        rejected, error = refusals(reply.answer)
        duplicate = reply.answer.get("duplicate", 0)
        self._ledger.add("rejected", rejected)
        self._ledger.add("duplicate", duplicate if isinstance(duplicate, int) else 0)
        self._ledger.add("sent", sent - rejected)
        if error is not None:
            self._report("rejected", error)

    def _back_off(self, at_least: float) -> None:
        """Wait longer after each failure, and by chance, so that clients do not return all at once."""
        from random import Random  # as in live.py

        longest = min(FIRST_WAIT * 2**self._failures, LONGEST_WAIT)
        self._failures = min(self._failures + 1, 16)
        self._ledger.add("retried")
        self.ready_at = monotonic() + max(Random().random() * longest, at_least)

    def take(self) -> Segment | None:
        """Return the oldest batch that waits, now in hand, or None if none does."""
        with self._lock:
            try:
                segment = None if self._closed else self.backlog.take()
            except OSError as error:
                self._leave_spool(error)
                segment = None
            self.behind, self.in_hand = segment is not None, segment
        return segment

    def keep_hand(self) -> None:
        """See that a crash leaves the batch that is on its way to other processes."""
        with self._lock:
            if self.in_hand is not None and self.in_hand.path is None:
                try:
                    self.backlog.claim(self.in_hand)
                    self._ledger.add("spooled", len(self.in_hand.lines))
                except OSError as error:
                    self._leave_spool(error)

    def hand_back(self) -> None:
        """Put the batch that is on its way into the backlog, and take no other."""
        with self._lock:
            self._closed = True
            if self.in_hand is not None:
                self.shelve(self.in_hand)

    def shelve(self, segment: Segment) -> None:
        """Put a batch into the backlog."""
        if segment.lines:
            with self._lock:
                self._put(segment)

    def _put(self, segment: Segment) -> None:
        self.behind = True
        try:
            given_up = self.backlog.put(segment)
        except OSError as error:
            self._leave_spool(error)
            given_up = self.backlog.put(segment)
        if self.backlog.durable and segment.path is None:
            self._ledger.add("spooled", len(segment.lines))
        for each in given_up:
            self._give_up(each)

    def _leave_spool(self, error: OSError) -> None:
        self._backlog = MemoryBacklog(self._limit)
        self._report("spool", DeliveryError(f"The spool folder fails; events wait in memory only: {error}."))

    def _give_up(self, segment: Segment) -> None:
        """Count events that will never arrive."""
        from .lines import record_of

        for line in segment.lines:
            self._ledger.lose(lost_of(record_of(line)))

    def close(self) -> None:
        """Leave what waits to the next process; count what waits in memory only, or had no room."""
        with self._lock:
            try:
                given_up = self.backlog.close()
            except OSError as error:
                given_up = []
                self._report("spool", DeliveryError(f"The spool folder fails: {error}."))
            for each in given_up:
                self._give_up(each)


def _refused(reply: Reply) -> DeliveryError:
    told = reply.answer.get("error")
    why = " ".join(str(part) for part in told.values()) if isinstance(told, dict) else "no reason given"
    return DeliveryError(f"The server refused a batch with {reply.status}; it was dropped and counted: {why}")
