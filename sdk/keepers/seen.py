"""Which exposures were logged already, in bounded memory and in small parts, so that no call pays for all of it."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from .experiment import Arm

    Side = tuple[Arm, set[str], "Part"]  # a variant, who is known to have met it of a part, and that part

PARTS = 8  # at most, a power of two: more would cost each call more, and fewer a few calls much
LEAST = 100  # units that a part remembers at least; fewer would be forgotten unevenly


class Part:
    """Two generations of units by group: when the young one is full it becomes the old one, which is forgotten.

    The young set of a group in `held` stays the same one through all generations.
    """

    __slots__ = ("_half", "_held", "left", "old", "young")

    def __init__(self, half: int, held: set[str]):
        self._half = half
        self._held = held
        self.left = half  # how many units the young generation still takes
        self.young: dict[str, set[str]] = {}
        self.old: dict[str, set[str]] = {}

    def group(self, name: str) -> set[str]:
        """Return the young units of a group, to be looked at, and given back to `add`."""
        return self.young.setdefault(name, set())

    def add(self, known: set[str], unit: str) -> None:
        """Remember a unit of the group whose young units are `known`."""
        if not self.left:
            self._turn()
        self.left = max(self.left - 1, 0)  # whatever another thread has done meanwhile
        known.add(unit)

    def _turn(self) -> None:
        self.left, self.old = self._half, {}
        for name, known in list(self.young.items()):
            if known:
                self.old[name] = known.copy()
                known.clear()
            elif name not in self._held:
                self.young.pop(name, None)


class Seen:
    """Units by group, in parts that forget by themselves.

    A group is a version and a variant of an experiment. Holds at most `size` units, and remembers about the last half
    of that. Where all lay in one set, its growth and its end made a caller wait for milliseconds. `held` names the
    groups whose sets somebody keeps at hand. Two threads that race may both log a unit; the exposures then have the
    same id, and the warehouse keeps one.
    """

    __slots__ = ("_parts", "held")

    def __init__(self, size: int):
        half, count = max(size // 2, 1), 1
        while count < PARTS and half // (2 * count) >= LEAST:
            count *= 2
        self.held: set[str] = set()
        self._parts = [Part(half // count, self.held) for _ in range(count)]

    def __iter__(self) -> Iterator[Part]:
        """Go through the parts."""
        return iter(self._parts)

    def part(self, place: int) -> Part:
        """Return the part of a unit whose digest, or another hash of it, is `place`."""
        return self._parts[place % len(self._parts)]

    def places(self, place: int) -> range:
        """Return the first bytes of digests that belong to the same part."""
        return range(place % len(self._parts), 256, len(self._parts))

    def side(self, arm: Arm, place: int) -> Side:
        """Return who of a part is known to have met a variant."""
        part = self.part(place)
        return arm, part.group(arm.token), part
