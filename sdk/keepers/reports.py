"""Where errors go once the client is built: to `on_error`, or once each to the log."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

KEYS = 100  # unknown experiments that are told: their keys may come from outside


class Reports:
    """Call it with a kind ("" for what is always told) and an error. Counts `unknown` experiments, `invalid` calls."""

    def __init__(self, on_error: Callable[[Exception], object] | None):
        self._on_error = on_error
        self._told: set[str] = set()
        self._keys: set[str] = set()
        self.unknown = 0
        self.invalid = 0

    def __call__(self, kind: str, error: Exception) -> None:
        """Report an error. What `on_error` raises is swallowed: nothing may break the host."""
        try:
            if self._on_error is not None:
                self._on_error(error)
            elif not kind or kind not in self._told:
                self._told.add(kind)
                _log(error)
        except Exception:
            return

    def is_new_key(self, key: str) -> bool:
        """Say whether an unknown experiment is to be told: once, and not more than a hundred."""
        new = key not in self._keys and len(self._keys) < KEYS
        if new:
            self._keys.add(key)
        return new


def _log(error: Exception) -> None:
    from logging import getLogger

    getLogger("keepers").warning("%s (said once; client.stats() counts)", error)
