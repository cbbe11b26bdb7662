"""How long a targeting condition may hold up a caller: counted when the config is read, in steps of some 3 µs."""

from __future__ import annotations

from .conditions import LONG, Choices
from .spells import go_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .spells import Rest

VALUE = 0.125  # a value that is compared with another
# Operators that take longer than one step, whatever their operand.
LONGER = {"$regex": 30, "$regexi": 30, **dict.fromkeys(("$veq", "$vne", "$vlt", "$vlte", "$vgt", "$vgte"), 5)}
AMONG = 8  # a list that is looked for in another by hash


def steps(condition: object, rest: Rest = go_on) -> float:
    """Return how many steps a prepared condition takes at most, for the longest attributes that are looked at."""
    rest()
    if isinstance(condition, dict):
        return VALUE + sum(_named(name, operand, rest) for name, operand in condition.items())
    if isinstance(condition, (list, tuple)):
        return VALUE + sum(steps(each, rest) for each in condition)
    if type(condition) is Choices:
        return AMONG + LONG * sum(steps(each, rest) for each in condition.others)
    return VALUE


def _named(name: object, operand: object, rest: Rest) -> float:
    within = steps(operand, rest) * (LONG if name == "$elemMatch" else 1)
    return LONGER.get(str(name), 1 + str(name).count(".")) + within
