"""Logs who met which variant, each once: the second half of the hot path.

What was logged is kept in bounded memory, in small parts: no call pays for all of it.
"""

from __future__ import annotations

from time import time

from .hashing import digest_of
from .values import LONGEST, text_of
from .wire import assigned, dated, day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from .delivery import Delivery
    from .experiment import Arm
    from .wire import Entry

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


class Exposures:
    """Puts exposures into the queue of `delivery`, unless `seen` knows them."""

    __slots__ = ("_delivery", "_queue", "_seen")

    def __init__(self, delivery: Delivery, seen: Seen):
        self._delivery = delivery
        self._queue = delivery.queue
        self._seen = seen

    def now(self, side: Side, units: Any, unit: str, attributes: Mapping[str, Any]) -> None:
        """Log that a unit meets the variant it was hashed into, unless it did so a generation ago.

        `unit` is the one of `units` that was hashed, and not among those that `side` knows.
        """
        arm, known, part = side
        if part.old and unit in part.old.get(arm.token, ()):
            return
        if len(unit) > LONGEST:
            text_of("The unit", unit)  # which refuses it
        queue = self._queue
        if units is unit and not attributes and len(queue) < self._delivery.room:
            queue.extend((arm, unit, time()))
        elif not self._delivery.put((assigned, arm, units, time(), attributes or None)):
            return
        if left := part.left:
            part.left = left - 1
            known.add(unit)
        else:
            part.add(known, unit)

    def assigned(self, arm: Arm, units: Any, unit: str, attributes: Mapping[str, Any]) -> None:
        """Log that a unit meets the variant it was hashed into, unless it did so before."""
        side = self._seen.side(arm, digest_of(arm.salt, unit)[0])
        if unit not in side[1]:
            self.now(side, units, unit, attributes)

    def then(self, arm: Arm, units: Any, unit: str, at: float, attributes: Mapping[str, Any]) -> None:
        """Log that a unit met its variant at another time: once for each day, as the ids are."""
        if len(unit) > LONGEST:
            text_of("The unit", unit)
        self.once(f"{arm.token}|{day(at)}", unit, (dated, arm, units, at, attributes))

    def once(self, group: str, unit: str, entry: Entry) -> None:
        """Queue an entry unless the unit is known in the group."""
        part = self._seen.part(hash(unit))
        known = part.group(group)
        if unit not in known and unit not in part.old.get(group, ()) and self._delivery.put(entry):
            part.add(known, unit)
