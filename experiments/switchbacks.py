"""A switchback, read from a file: regions that change sides over time, and the randomisation test of what came of it.

It has no units to compare and so no plan, snapshot or verdict: what it shows is printed, and written as JSON.
"""

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

import stats
from experiments.errors import DefinitionError
from experiments.numbers import p_value, several, statistic
from experiments.warehouse.files import records
from stats import Switchback

SEED = 20_230_101  # assignments are redrawn alike each time, so that a file always gives the same p-value
DRAWS = 5_000
CONTROL = {"control", "0", "0.0", "false"}


@dataclass(frozen=True)
class Layout:
    """Which columns hold the region, its period, the side it was on, and the outcome."""

    region: str
    period: str
    variant: str
    outcome: str

    @property
    def columns(self) -> tuple[str, str, str, str]:
        """All four."""
        return self.region, self.period, self.variant, self.outcome


@dataclass(frozen=True)
class Found:
    """What a switchback shows, and what that rests on.

    `effect` is treatment less control, in the outcome's unit (None if a side has nothing left after the washout).
    """

    outcome: str
    treatment: str
    effect: float | None
    p_value: float
    control_cells: int
    treatment_cells: int
    regions: int
    periods: int
    design: Switchback
    flags: tuple[str, ...]


def design(block: int, washout: int, share: float) -> Switchback:
    """Return how a switchback was randomised; DefinitionError if no switchback can be so."""
    try:
        return Switchback(block, washout, share)
    except ValueError as error:
        raise DefinitionError(str(error)) from None


def analyse(path: Path, layout: Layout, design: Switchback, control: str | None = None) -> Found:
    """Return the effect and its randomisation test (Bojinov, Simchi-Levi, Zhao 2023).

    A file has a row per region and period, or several, whose mean counts. DefinitionError says which cell is missing
    or was on two sides, and what does not fit the design.
    """
    rows = records(path, layout.columns)
    treatment = _treatment({str(r[layout.variant]) for r in rows}, control)
    outcomes, assigned = _tables(rows, layout, treatment)
    try:
        found = stats.switchback(outcomes, assigned, design, rng=np.random.default_rng(SEED), draws=DRAWS)
    except ValueError as error:
        raise DefinitionError(f"{path.name} does not fit the design: {error}") from None
    effect = None if np.isnan(found.effect) else float(found.effect)
    return Found(
        outcome=layout.outcome, treatment=treatment, effect=effect, p_value=float(found.p_value),
        control_cells=found.control_cells, treatment_cells=found.treatment_cells, regions=outcomes.shape[0],
        periods=outcomes.shape[1], design=design, flags=found.flags,
    )  # fmt: skip


def sentences(found: Found) -> list[str]:
    """Return what was found and what was assumed, a sentence each."""
    d = found.design
    effect = "is not known" if found.effect is None else f"is {statistic(found.effect)}, in its own unit"
    drawn = "period" if d.block == 1 else several(d.block, "period")
    counted = f"{found.treatment_cells} region-periods under {found.treatment}, {found.control_cells} under control"
    carried = f"what a region was on more than {several(d.washout, 'period')} before no longer matters"
    return [
        f"The effect of {found.treatment} on {found.outcome} {effect}.",
        f"Randomisation test of no effect: p {p_value(found.p_value)}. It is a test only: no interval comes with it.",
        f"Read: {counted}, of {several(found.regions, 'region')} over {several(found.periods, 'period')}.",
        f"Assumed: each region drew its side anew every {drawn}, with a chance of "
        f"{d.share:g} for {found.treatment}; {carried}; no region changes another.",
        *(f"{flag[0].upper()}{flag[1:]}." for flag in found.flags),
    ]


def as_json(found: Found) -> str:
    """Return the same for programs."""
    return json.dumps({**asdict(found), "draws": DRAWS, "seed": SEED}, indent=2, sort_keys=True) + "\n"


def _treatment(names: set[str], control: str | None) -> str:
    chosen = control or next((n for n in sorted(names) if n.lower() in CONTROL), None)
    if chosen not in names or len(names) != 2:
        raise DefinitionError(
            f"the sides are {', '.join(sorted(names))}; a switchback has two, one of them control: name that one with "
            "--control."
        )
    return next(n for n in names if n != chosen)


def _tables(rows: Sequence[Mapping[str, Any]], layout: Layout, treatment: str) -> tuple[Any, Any]:
    """Outcomes and assignment, `[regions, periods]`, both in sorted order."""
    values: dict[tuple[Any, Any], list[float]] = defaultdict(list)
    sides: dict[tuple[Any, Any], set[str]] = defaultdict(set)
    for r in rows:
        place = r[layout.region], r[layout.period]
        values[place].append(_number(r, layout))
        sides[place].add(str(r[layout.variant]))
    regions, periods = (sorted({place[i] for place in values}, key=_in_order) for i in (0, 1))
    for place in ((r, p) for r in regions for p in periods):
        if len(sides.get(place, ())) != 1:
            what = "was on two sides" if place in sides else "has no row"
            raise DefinitionError(
                f"region {place[0]} {what} in period {place[1]}; each region needs one side in every period: "
                "mend the file, or leave that region or period out."
            )
    outcomes = [[float(np.mean(values[r, p])) for p in periods] for r in regions]
    assigned = [[float(treatment in sides[r, p]) for p in periods] for r in regions]
    return np.array(outcomes), np.array(assigned)


def _in_order(value: Any) -> Any:
    """Of texts, numbers within them count as numbers: hour 9 comes before hour 10."""
    if not isinstance(value, str):
        return value
    return [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", value)]


def _number(row: Mapping[str, Any], layout: Layout) -> float:
    value = row[layout.outcome]
    if isinstance(value, int | float) and np.isfinite(value):
        return float(value)
    raise DefinitionError(
        f"'{layout.outcome}' is {value!r} in region {row[layout.region]}, period {row[layout.period]}; it must be a "
        "number: fill it in, 0 where nothing happened."
    )
