"""Logs who met which variant, each once: the second half of the hot path."""

from __future__ import annotations

from time import time

from .hashing import digest_of
from .values import LONGEST, text_of
from .wire import assigned, dated, day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .delivery import Delivery
    from .experiment import Arm
    from .seen import Seen, Side
    from .wire import Entry


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
