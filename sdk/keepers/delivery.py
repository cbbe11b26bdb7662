"""The queue between the callers' threads and the sink, and the one background thread.

A caller puts an entry into a deque and goes on. The thread wakes twice a second, or as soon as the
queue is half full, and hands batches to the courier; it refreshes the config, too.
"""

from __future__ import annotations

from _thread import RLock
from time import monotonic

from . import process
from .backlog import Segment, deque
from .courier import Courier
from .ledger import Ledger
from .wire import BATCH, assigned, lost_entry

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading
    from collections.abc import Callable
    from queue import SimpleQueue

    from .backlog import Backlog
    from .live import LiveConfig
    from .reports import Reports
    from .sinks import Sink
    from .wire import Entry, Lost, Place

INTERVAL = 0.5  # seconds between two looks at the queue
PATIENCE = 0.25  # seconds that what was queued may wait in memory for what is sent before it
PLACES = 3  # of the queue that an entry takes, all at once: docs/decisions/0051-what-a-call-sets-off.md


class Marker:
    """What `flush` puts into the queue: passed when all before it has been delivered."""

    def __init__(self) -> None:
        from threading import Event

        self.passed = Event()
        self.delivered = False


class Delivery:
    """The queue and the thread that empties it.

    `limit` bounds the queue. The thread refreshes `live` before each look at it. Without a sink
    events are discarded. With `background=False` no thread starts, and `flush` sends.
    """

    def __init__(
        self,
        sink: Sink | None,
        backlog: Callable[[], Backlog],
        *,
        limit: int,
        live: LiveConfig,
        report: Reports,
        background: bool = True,
    ):
        self._sink = sink
        self._make_backlog = backlog
        self._limit = limit if sink is not None else 0
        self._live = live
        self._report = report
        self._background = background
        self.queue: deque[Place] = deque()  # always this one: `Exposures` holds it, too
        self._three = (self.queue,) * PLACES
        self.closed = False
        self.begin()

    def begin(self) -> None:
        """Start afresh; in a forked child, too, whose parent sends what was queued before."""
        from os import urandom

        self.boot = urandom(6).hex()
        self._closing = False
        self.queue.clear()
        self.ledger = Ledger()
        self._thread: threading.Thread | None = None
        self.room = 0  # below this length of the queue there is nothing to do but extend it
        self._wake: SimpleQueue[None] | None = None
        self._busy = RLock()
        self._markers: list[Marker] = []
        self._begin_round()
        self._courier: Courier | None = None
        if self._sink is not None:
            self._sink.forget()
            self._courier = Courier(
                self._sink,
                self.ledger,
                backlog=self._make_backlog,
                limit=self._limit,
                boot=self.boot,
                report=self._report,
            )

    # On the caller's thread.

    def put(self, entry: Entry) -> bool:
        """Queue an entry. Returns False if it was dropped and counted."""
        queue = self.queue
        if len(queue) < self.room:
            queue.extend((entry, None, None))
            return True
        if self.queued >= self._limit or self.closed:
            self.lose(lost_entry(entry))
            return False
        queue.extend((entry, None, None))
        if self._thread is None:
            self.start()
        elif self.queued % BATCH == 0:  # more than half full: empty it now
            self._nudge()
        return True

    @property
    def queued(self) -> int:
        """How many entries wait in the queue."""
        return len(self.queue) // PLACES

    def lose(self, what: Lost) -> None:
        """Count an event that is not sent; where there is no sink nothing is lost."""
        if self._sink is not None:
            self.ledger.lose(what)

    def start(self) -> bool:
        """Start the thread if there is none yet. Returns whether one runs."""
        if self._thread is None and self._background and not self.closed:
            with self._busy:
                if self._thread is None:
                    self._launch()
        return self._thread is not None and self._thread.is_alive()

    def _launch(self) -> None:
        from queue import SimpleQueue
        from threading import Thread

        self._wake = SimpleQueue()
        thread = Thread(target=self._run, name="keepers", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # the interpreter is shutting down: close() sends
            return
        self._thread = thread
        self.room = self._limit // 2 * PLACES
        process.close_in_worker()

    def _nudge(self) -> None:
        if self._wake is not None:
            self._wake.put(None)

    def flush(self, timeout: float) -> bool:
        """As `Client.flush`."""
        if self._courier is None or self.closed:
            return not self.queue
        marker, deadline = Marker(), monotonic() + timeout
        self.queue.extend((marker, None, None))
        if self.start():
            self._nudge()
            marker.passed.wait(max(timeout, 0.0))
        else:
            self._flush_here(marker, deadline)
        return marker.delivered

    def _flush_here(self, marker: Marker, deadline: float) -> None:
        from time import sleep

        while not marker.passed.is_set():
            self._begin_round()
            if not self.pump(deadline) and not marker.passed.is_set():
                sleep(0.02)
            if monotonic() >= deadline:
                return

    def close(self, timeout: float) -> bool:
        """Flush, put the rest into the spool, and take no more events."""
        if self.closed:
            return not self.queue
        self._closing = True
        if self._courier is not None:
            self._courier.ready_at = 0.0  # whatever the backoff says, this is the last chance
        delivered = self.flush(timeout)
        self.closed, self.room = True, 0
        self._nudge()
        if self._courier is not None and not delivered:
            self._keep_the_rest(self._courier)
        if self._thread is None:
            self._let_go()
        return delivered

    def _let_go(self) -> None:
        """Close connections, on the thread that uses them."""
        self._live.source.close()
        if self._sink is not None:
            self._sink.close()

    def _keep_the_rest(self, courier: Courier) -> None:
        """Spool what the thread has in hand and what is queued; without a spool count it."""
        courier.hand_back()
        while self.queue:
            courier.shelve(self._drain(BATCH))
        courier.close()

    # On the sending thread.

    def _run(self) -> None:
        process.import_first()
        while not self.closed:
            try:
                self._live.tick()
                self._begin_round()
                while self.pump(None) and not self.closed:
                    self._live.tick()
            except Exception as error:  # a fault of ours must not end the thread
                self._report("internal", error)
            self._sleep()
        self._let_go()

    def _begin_round(self) -> None:
        """A round sends what is queued at its start, and whole batches that come meanwhile."""
        self._since, self._left = monotonic(), self.queued

    def _sleep(self) -> None:
        from queue import Empty

        if self._wake is None:
            return
        until_ready = self._courier.ready_at - monotonic() if self._courier else 0.0
        try:
            self._wake.get(timeout=min(INTERVAL, until_ready) if until_ready > 0 else INTERVAL)
            while True:  # one look at the queue answers all calls so far
                self._wake.get_nowait()
        except Empty:
            pass

    def pump(self, deadline: float | None) -> bool:
        """Send one batch, the oldest there is. Returns whether there is more to do in this round.

        While batches wait, what is queued joins them, so that the queue stays short and, where there
        is a spool, a crash finds little in memory.
        """
        courier = self._courier
        if courier is None:
            return False
        with self._busy:
            going = monotonic() >= courier.ready_at
            if not going or courier.behind or monotonic() - self._since > PATIENCE:
                self._shelve_queue(courier)
            segment = (courier.take() or self._drain(BATCH)) if going else None
            if segment is None or not segment.lines:
                if going or (self._closing and courier.backlog.durable):  # done, or at an exit safe on disk
                    self._open_markers(going)
                return False
            if courier.send(segment, deadline) and not courier.behind:
                self._open_markers(True)
            return courier.behind or self._left > 0 or self.queued >= BATCH

    def save(self) -> None:
        """Keep what a crash would take, where there is a spool. Called again and again while a server is waited for."""
        courier = self._courier
        if courier is None or self.closed or not (self.queue or courier.in_hand):
            return
        try:
            if courier.backlog.durable:
                courier.keep_hand()
                self._shelve_queue(courier)
        except Exception as error:  # a fault of ours must not end the request
            self._report("internal", error)

    def _shelve_queue(self, courier: Courier) -> None:
        for _ in range(-(-self.queued // BATCH)):
            courier.shelve(self._drain(BATCH))

    def _drain(self, most: int) -> Segment:
        """Take entries off the queue: so many lines, or fewer if it is empty then."""
        lines: list[str] = []
        while len(lines) < most:
            try:
                first, unit, at = map(deque.popleft, self._three)  # in C, so no thread or signal comes in between
            except IndexError:
                break
            self._left -= 1
            if unit is not None:
                self._write((assigned, first, unit, at, None), lines)
            elif isinstance(first, Marker):
                self._markers.append(first)
            else:
                self._write(first, lines)
        return Segment(lines)

    def _write(self, entry: Entry, lines: list[str]) -> None:
        from .lines import line_of

        try:
            lines.append(line_of(entry, self.boot))
        except Exception as error:  # one odd event must not take its batch with it
            self.ledger.lose(lost_entry(entry))
            self._report("unwritable", error)

    def _open_markers(self, delivered: bool) -> None:
        while self._markers:
            marker = self._markers.pop()
            marker.delivered = delivered
            marker.passed.set()
