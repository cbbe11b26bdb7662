"""Which exposures were logged already, in bounded memory."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Hashable


class Seen:
    """Two generations of a set: when the young one is full it becomes the old one, which is forgotten.

    Holds at most `size` keys, and remembers at least the last half of that. Two threads that race
    may both log a key; the exposures then have the same id, and the warehouse keeps one.
    """

    __slots__ = ("half", "old", "young")

    def __init__(self, size: int):
        self.half = max(size // 2, 1)
        self.young: set[Hashable] = set()
        self.old: set[Hashable] = set()

    def __contains__(self, key: Hashable) -> bool:
        return key in self.young or key in self.old

    def add(self, key: Hashable) -> None:
        """Remember a key."""
        if len(self.young) >= self.half:
            self.old, self.young = self.young, set()
        self.young.add(key)
