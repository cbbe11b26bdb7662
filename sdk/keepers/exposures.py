"""Logs who met which variant, each once: the second half of the hot path."""

from __future__ import annotations

from time import time

from .errors import ArgumentError
from .values import LONGEST
from .wire import assigned, dated, day

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from .delivery import Delivery
    from .experiment import Arm
    from .seen import Seen
    from .wire import Entry


class Exposures:
    """Puts exposures into the queue of `delivery`, unless `seen` knows them."""

    __slots__ = ("_delivery", "_queue", "_seen")

    def __init__(self, delivery: Delivery, seen: Seen):
        self._delivery = delivery
        self._queue = delivery.queue
        self._seen = seen

    def now(self, arm: Arm, units: Any, unit: str, known: set[str], attributes: Mapping[str, Any]) -> None:
        """Log that a unit meets the variant it was hashed into, unless it did so a generation ago.

        `unit` is the one of `units` that was hashed, `known` the young generation of the arm's, and does not hold it.
        """
        seen = self._seen
        if seen.old and unit in seen.old[arm.token]:
            return
        if len(unit) > LONGEST:
            raise ArgumentError(f"The unit has {len(unit)} characters: it must have 1 to {LONGEST}.")
        queue = self._queue
        entry = assigned, arm, units, time(), attributes or None  # an empty dict that is kept costs a new one
        if len(queue) < self._delivery.room:
            queue.append(entry)
        elif not self._delivery.put(entry):
            return
        if left := seen.left:
            seen.left = left - 1
            known.add(unit)
        else:
            seen.add(arm.token, unit)

    def then(self, arm: Arm, units: Any, unit: str, at: float, attributes: Mapping[str, Any]) -> None:
        """Log that a unit met its variant at another time: once for each day, as the ids are."""
        if len(unit) > LONGEST:
            raise ArgumentError(f"The unit has {len(unit)} characters: it must have 1 to {LONGEST}.")
        self.once(f"{arm.token}|{day(at)}", unit, (dated, arm, units, at, attributes))

    def once(self, group: str, unit: str, entry: Entry) -> None:
        """Queue an entry unless the unit is known in the group."""
        if not self._seen.holds(group, unit) and self._delivery.put(entry):
            self._seen.add(group, unit)
