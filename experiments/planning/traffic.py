"""How many units an experiment launched now would enrol: counted in the lake, else as past experiments enrolled.

Whoever comes back is counted once, so new units become fewer from day to day. A week after the last one counted
has as many as the week before, less what Heaps' law takes off (Heaps 1978, Information Retrieval: the number of
different things met grows as a power of time); its power is that of the last two weeks.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from experiments.errors import DefinitionError, NotReady
from experiments.plan import Plan
from experiments.reached import entering
from experiments.registry import Database, experiments, snapshots
from experiments.registry.experiments import Experiment
from experiments.registry.keys import ENVIRONMENT
from experiments.rollup import closed_through
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import Warehouse, warehouse
from experiments.warehouse.lake import number_of
from experiments.warehouse.traffic import attribute_counts, first_seen
from keepers.conditions import matches

LONGEST, LEAST_DAYS = 28, 14
LEAST_KNOWN = 100

Floats = NDArray[np.float64]
Source = Literal["lake", "experiments", "stated"]


@dataclass(frozen=True)
class Traffic:
    """Units that come for the first time on each day of a period, `[days]`, and how that is known.

    `targeted` is the share of them that the plan's targeting lets in, of those whose attributes are `known`; None
    where that cannot be told. `until` is the last day counted in the lake.
    """

    source: Source
    new: tuple[float, ...]
    until: date | None = None
    targeted: float | None = None
    known: int = 0

    def daily(self, days: int) -> Floats:
        """New units of each of so many days, `[days]`; beyond what was counted they go on as the module says."""
        found = list(self.new[:days])
        while len(found) < days:
            found.append(found[-7] * self._left(len(found)) if self.source == "lake" else found[-1])
        return np.array(found)

    def enrolled(self, plan: Plan, days: int) -> Floats:
        """Units that enter any variant of this plan on each of so many days, `[days]`."""
        return self.daily(days) * entering(plan) * (1.0 if self.targeted is None else self.targeted)

    def _left(self, day: int) -> float:
        """What is left of the same weekday's new units a week before `day`, counted from 0: at most all."""
        last, before = sum(self.new[-7:]), sum(self.new[-14:-7])
        if not 0 < last < before:
            return 1.0
        middle = len(self.new) - 3.5  # of the last week counted
        power = np.log(before / last) / np.log(middle / (middle - 7))
        return float((1 - 7 / (day + 0.5)) ** power)


def stated(units_a_day: float) -> Traffic:
    """Return so many new units on every day, as somebody says. DefinitionError below 1 and above a billion."""
    if not 1 <= units_a_day <= 1e9:
        raise DefinitionError(f"{units_a_day:g} new units a day cannot be planned with; say a number such as 1500.")
    return Traffic("stated", (float(units_a_day),))


def measured(settings: Settings, db: Database, plan: Plan) -> Traffic:
    """Return the traffic that a launch now would meet: as the lake shows, else as the busiest past experiment enrolled.

    NotReady where neither knows anything of this unit type.
    """
    every = [e for e in experiments.listing(db) if e.frozen and e.plan.unit == plan.unit]
    found = counted(warehouse(settings), plan, every) or busiest(plan.unit, snapshots.latest_of_all(db).values())
    if found is None:
        raise NotReady(
            f"how many {plan.unit}s come in a day is not known: the lake has fewer than {LEAST_DAYS} full days of "
            "them, and no past experiment has enrolled any. State it: --units-a-day N, or on the page."
        )
    return found


def counted(lake: Warehouse, plan: Plan, known: Sequence[Experiment]) -> Traffic | None:
    """Count the plan's unit type in the lake's last full days, at most 28; None with fewer than 14, or nobody lately.

    `known` are the launched experiments whose units are of this type.
    """
    span = _full_days(lake)
    if len(span) < LEAST_DAYS:
        return None
    exposures, events = (lake.table(ENVIRONMENT, table, span) for table in ("exposures", "events"))
    by_day = first_seen(exposures, events, plan.unit, [e.key for e in known])
    new = tuple(float(by_day.get(number_of(day), 0)) for day in span)
    if not sum(new[-7:]):
        return None
    if not plan.targeting:
        return Traffic("lake", new, span[-1], 1.0)
    untargeted = [e.key for e in known if not e.plan.targeting]
    share, units = _targeted(attribute_counts(exposures, untargeted, _names(plan.targeting)), plan.targeting)
    return Traffic("lake", new, span[-1], share, units)


def busiest(unit: str, past: Iterable[Snapshot]) -> Traffic | None:
    """Return what the busiest past experiment with such units would have enrolled a day at full coverage."""
    rates = [_rate(s) for s in past if s.frozen.plan.unit == unit and entering(s.frozen.plan)]
    return Traffic("experiments", (max(rates),)) if rates and max(rates) >= 1 else None


def _rate(s: Snapshot) -> float:
    days = min(max(s.progress.day, 1), s.frozen.plan.enrol_days)
    return s.progress.people / days / entering(s.frozen.plan)


def _full_days(lake: Warehouse) -> list[date]:
    """The last closed days, from the lake's first day on, at most 28."""
    closed = closed_through(lake, ENVIRONMENT)
    days = [d for table in ("exposures", "events") for d in lake.days(ENVIRONMENT, table)]
    if closed is None or not days:
        return []
    first = max(min(days), closed - timedelta(days=LONGEST - 1))
    return [first + timedelta(days=i) for i in range((closed - first).days + 1)]


def _targeted(
    counts: Iterable[tuple[dict[str, str], int]], targeting: Mapping[str, Any]
) -> tuple[float | None, int]:
    """The share of units that targeting lets in, and of how many units it is known."""
    let_in = [(units, matches(targeting, {k: json.loads(v) for k, v in row.items()})) for row, units in counts]
    known = sum(units for units, _ in let_in)
    return (sum(units for units, fits in let_in if fits) / known if known >= LEAST_KNOWN else None), known


def _names(condition: Any) -> list[str]:
    """The attributes that a targeting condition reads, by their first part."""
    if isinstance(condition, list):
        return list(dict.fromkeys(name for part in condition for name in _names(part)))
    if not isinstance(condition, Mapping):
        return []
    logic = [v for k, v in condition.items() if k in ("$and", "$or", "$nor", "$not")]
    plain = [k.split(".")[0] for k in condition if not k.startswith("$")]
    return list(dict.fromkeys([*plain, *_names(logic)]))
