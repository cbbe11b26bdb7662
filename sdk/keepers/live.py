"""The config in use: loaded once at the start, then kept fresh by the background thread.

A config that cannot be fetched or read leaves the last good one in use, marked stale.
"""

from __future__ import annotations

from time import monotonic

from .config import Config, parse_config
from .errors import ConfigError
from .spells import let_go, rest_in_turn

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from .reports import Reports
    from .sources import Source
    from .spells import Rest

FIRST_SECONDS = 2.0  # how long building a client may wait for the server
REQUEST_SECONDS = 10.0
FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0  # seconds of the backoff after failures


class LiveConfig:
    """The current config, or None before the first has arrived; `changed` is called with each new one."""

    def __init__(self, source: Source, *, refresh: float, report: Reports, changed: Callable[[Config], None]):
        self.source = source
        self.config: Config | None = None
        self.stale = False
        self._refresh = refresh
        self._report = report
        self._changed = changed
        self._checked_at: float | None = None
        self._failures = 0
        self._due = 0.0

    def load(self, timeout: float) -> None:
        """Load the config if it changed. Raises ConfigError."""
        rest = rest_in_turn()
        config = self._read(timeout, rest)
        self._checked_at = monotonic()
        if config is not None:
            former = self.config.parts(rest) if self.config else []
            self.config = config
            self._changed(config)
            let_go(former, rest)
        self.stale = False
        self._failures = 0
        self._due = monotonic() + self._refresh

    def _read(self, timeout: float, rest: Rest) -> Config | None:
        try:
            data = self.source.load(timeout)
            if data is None:
                return None
            config, parts = parse_config(data, rest, self.config.experiments if self.config else None), [data]
            del data
            let_go(parts, rest)
            return config
        except ConfigError:
            raise
        except Exception as error:  # such as nesting without end
            raise ConfigError(f"The config cannot be read: {error!r}.") from error

    def load_or_wait(self, timeout: float) -> None:
        """Load the config; on failure keep the last good one and set the time of the next try."""
        from random import Random  # one of our own: the host may have seeded the shared one

        try:
            self.load(timeout)
        except ConfigError as error:
            self.stale = True
            self._due = monotonic() + Random().random() * min(FIRST_WAIT * 2**self._failures, LONGEST_WAIT)
            self._failures = min(self._failures + 1, 16)
            self._report("config", error)

    def tick(self) -> None:
        """Refresh when it is time. Called by the background thread."""
        if self.source.changes and monotonic() >= self._due:
            self.load_or_wait(REQUEST_SECONDS)

    @property
    def age(self) -> float | None:
        """Seconds since the source last confirmed the config, or None if it never did."""
        return None if self._checked_at is None else monotonic() - self._checked_at
