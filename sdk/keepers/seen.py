"""Which exposures were logged already, in bounded memory."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Groups(dict[str, set[str]]):
    """The units of each group; a group that is not there is made, without any."""

    def __missing__(self, group: str) -> set[str]:
        units = self[group] = set()
        return units


class Seen:
    """Two generations of units by group: when the young one is full it becomes the old one, which is forgotten.

    A group is a version and a variant of an experiment. Holds at most `size` units, and remembers at
    least the last half of that. Two threads that race may both log a unit; the exposures then have
    the same id, and the warehouse keeps one. `turned` is called when the old generation was forgotten.
    """

    __slots__ = ("_half", "_turned", "left", "old", "young")

    def __init__(self, size: int, turned: Callable[[], None]):
        self._half = max(size // 2, 1)
        self._turned = turned
        self.left = self._half  # how many units the young generation still takes
        self.young = Groups()
        self.old = Groups()

    def holds(self, group: str, unit: str) -> bool:
        """Say whether a unit is known."""
        return unit in self.young.get(group, ()) or unit in self.old.get(group, ())

    def add(self, group: str, unit: str) -> None:
        """Remember a unit."""
        if not self.left:
            self.old, self.young, self.left = self.young, Groups(), self._half
            self._turned()
        self.left -= 1
        self.young[group].add(unit)
