"""Why a split is uneven: the slices of the units that explain it best, and the likeliest one in a sentence."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

import stats
from experiments.numbers import count, day, percent, units
from experiments.snapshot import Cause, Split
from experiments.warehouse.lake import day_of
from experiments.warehouse.slices import ENTRY_DAY, SINCE, Slices

EVERYWHERE = ""
MOST = 5
LIKELY = 0.5
FITS = 0.01  # chi-square: the rest is then as planned
NO_NAMES: Mapping[str, str] = {}  # a variant without a name is called by its key

Slice = tuple[str, str, Sequence[int]]  # dimension, value, units per variant


def causes(split: Split, found: Slices) -> tuple[Cause, ...]:
    """Return the slices that explain an uneven split best, likeliest first; one of them is "everywhere".

    Days are searched one by one and as "from this day on", as faults come with a release.
    """
    parts = [*_parts(found)]
    if not parts:
        return ()
    names = sorted({name for name, _, _ in parts})
    numbers = np.array([n for _, _, n in parts], dtype=np.float64)
    total, weights = np.array(list(split.counts.values())), list(split.weights.values())
    told = stats.split_causes(numbers, total, weights, [names.index(name) for name, _, _ in parts])
    whole = stats.split_causes(total[None, :], total, weights, [0])
    rows = [_cause(split, part, told, i) for i, part in enumerate(parts)]
    everywhere = _cause(split, (EVERYWHERE, "", split.counts.values()), whole, 0)  # type: ignore[arg-type]
    left = max(0.0, 1.0 - float(told.chance.sum()))
    rows.append(everywhere.model_copy(update={"chance": left}))
    return tuple(sorted(rows, key=lambda c: (-c.chance, sum(c.counts.values()), c.dimension, c.value))[:MOST])


def sentence(found: Sequence[Cause], unit: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """Say where the fault is likeliest to be; nothing where nothing was searched. `names` are those of variants."""
    if not found:
        return ""
    first = found[0]
    if first.chance < LIKELY:
        return "No slice of the people stands out as its cause."
    if first.dimension == EVERYWHERE:
        return "The fault is everywhere alike, and in none of the slices that were searched."
    rest = "elsewhere the split is as planned" if first.rest_as_planned else "elsewhere the split is uneven too"
    return f"{_in(first)}, {shortfall(first, unit, names)}; {rest}."


def place(cause: Cause) -> str:
    """Name a slice as a table does: 'platform = ios', 'day = Thu 12 Nov 2026', 'everywhere'."""
    if cause.dimension == EVERYWHERE:
        return "everywhere"
    if cause.dimension == SINCE:
        return f"from {_value(cause)} on"
    return f"{cause.dimension} = {_value(cause)}"


@dataclass(frozen=True)
class CauseRow:
    """One slice as a table shows it, in words."""

    place: str
    counted: str
    wrong: str
    elsewhere: str
    chance: str


def table(found: Sequence[Cause], unit: str, names: Mapping[str, str] = NO_NAMES) -> list[CauseRow]:
    """Write the slices for a table, likeliest first. `names` are those of variants."""
    return [
        CauseRow(
            place=place(c), counted=", ".join(f"{count(n)} in {names.get(key, key)}" for key, n in c.counts.items()),
            wrong=shortfall(c, unit, names), chance=_chance(c.chance),
            elsewhere="nobody" if c.dimension == EVERYWHERE else "as planned" if c.rest_as_planned else "uneven too",
        )
        for c in found
    ]  # fmt: skip


def _chance(chance: float) -> str:
    return "below 0.1%" if chance < 0.001 else "above 99.9%" if chance > 0.999 else percent(chance)


def shortfall(cause: Cause, unit: str, names: Mapping[str, str] = NO_NAMES) -> str:
    """Say which variant lacks how many of how many: 'new is missing about 812 of 4,100 people'."""
    word = "is missing" if cause.missing >= 0 else "has too many, by"
    about = count(float(f"{abs(cause.missing):.3g}"))
    return f"'{names.get(cause.variant, cause.variant)}' {word} about {about} of {units(cause.planned, unit)}"


def _in(cause: Cause) -> str:
    if cause.dimension == ENTRY_DAY:
        return f"On {_value(cause)}"
    return f"From {_value(cause)} on" if cause.dimension == SINCE else f"In {place(cause)}"


def _value(cause: Cause) -> str:
    return day(day_of(int(cause.value))) if cause.dimension in {ENTRY_DAY, SINCE} else cause.value


def _parts(found: Slices) -> Iterable[Slice]:
    for name, values in found.items():
        yield from ((name, value, n) for value, n in values.items())
    yield from _since(found.get(ENTRY_DAY, {}))


def _since(by_day: Mapping[str, Sequence[int]]) -> Iterable[Slice]:
    """From each day on: not from the first, which is everywhere, nor the last, which is that day alone."""
    days = sorted(by_day, key=int)
    for first in days[1:-1]:
        kept = [by_day[d] for d in days if int(d) >= int(first)]
        yield SINCE, first, [sum(n) for n in zip(*kept, strict=True)]


def _cause(split: Split, part: Slice, told: stats.Causes, at: int) -> Cause:
    name, value, numbers = part
    keys = list(split.counts)
    return Cause(
        dimension=name, value=value, counts=dict(zip(keys, (int(n) for n in numbers), strict=True)),
        variant=keys[int(told.arm[at])], missing=round(float(told.missing[at])), planned=round(float(told.planned[at])),
        chance=round(float(told.chance[at]), 6), rest_as_planned=bool(told.rest_p[at] >= FITS),
    )  # fmt: skip
