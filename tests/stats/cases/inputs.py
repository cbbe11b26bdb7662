"""Reads what the cases give: moments, counts, rows and files of rows, as the engine's own types."""

import csv
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from cases.answers import Case

from stats import Moments
from stats.counts import Counts

ARMS = (("control", "treatment"), ("A", "B"), ("a", "b"))
PROPORTIONS = r"proportion|\bprop|binomial|chi-?sq|conversion|2x2"


def arm_values(inputs: Mapping[str, Any]) -> tuple[Any, Any] | None:
    """What stands under control and treatment, however they are called."""
    source = inputs.get("moments", inputs)
    return next(((source[a], source[b]) for a, b in ARMS if a in source and b in source), None)


def arms(case: Case) -> tuple[Moments, Moments]:
    """Moments of both arms. Two whole numbers are successes and units; a longer list are rows."""
    found = arm_values(case.inputs)
    if found is None and "k1" in case.inputs:
        both = counts(case)
        return proportion(float(both.x0), float(both.n0)), proportion(float(both.x1), float(both.n1))
    if found is None:
        return tuple(rows(case)["arms"])  # type: ignore[return-value]
    return moments(found[0]), moments(found[1])


def moments(arm: Any) -> Moments:
    """One arm's moments from `{n, mean, var, cov}`, `[successes, units]` or rows."""
    if isinstance(arm, Mapping) and isinstance(arm.get("mean"), Mapping):
        return _several(arm)
    if isinstance(arm, Mapping) and "mean" in arm:
        variance = arm["var"] if "var" in arm else arm.get("std", arm.get("sd")) ** 2
        return Moments(("y",), arm["n"], [arm["mean"]], [[variance]])
    if isinstance(arm, Mapping):
        return proportion(*_successes(arm))
    if len(arm) == 2 and all(float(value).is_integer() for value in arm) and arm[0] <= arm[1]:
        return proportion(*arm)
    return Moments.of(("y",), np.asarray(arm, dtype=float)[:, None])


def proportion(successes: float, units: float) -> Moments:
    """Moments of so many ones among zeros."""
    p = successes / units
    return Moments(("y",), units, [p], [[p * (1.0 - p) * units / (units - 1.0)]])


def counts(case: Case) -> Counts:
    """Both arms' counts; where they are numbered, the first is compared with the second."""
    found = arm_values(case.inputs)
    if found is None:
        k = case.inputs
        return Counts(k["k2"], k["n2"], k["k1"], k["n1"])
    (x0, n0), (x1, n1) = (_successes(arm) for arm in found)
    return Counts(x0, n0, x1, n1)


def combined(source: Moments, weights: Mapping[str, float]) -> Moments:
    """Moments of one column that adds up others, such as y - theta x."""
    w = np.array([weights.get(name, 0.0) for name in source.names])
    return Moments(("y",), source.n, (source.mean @ w)[None], (w @ source.cov @ w)[None, None])


def rows(case: Case) -> dict[str, Any]:
    """The file of rows that the case names, by column, and the moments of both arms."""
    with open(case.folder / case.inputs["rows"], newline="", encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    table: dict[str, Any] = {name: np.array([float(row[name]) for row in read]) for name in read[0]}
    names = [name for name in table if name not in ("t", "cl")]
    values = np.stack([table[name] for name in names], axis=-1)
    table["arms"] = [Moments.of(names, values[table["t"] == arm]) for arm in (0.0, 1.0)]
    return table


def look_times(inputs: Mapping[str, Any]) -> list[float]:
    """The looks' fractions: given, or K of them equally spaced."""
    given = next((inputs[name] for name in ("t", "times", "fractions", "info") if name in inputs), None)
    k = int(inputs.get("K", inputs.get("k", 1)))
    return list(given) if given is not None else [(look + 1) / k for look in range(k)]


def _several(arm: Mapping[str, Any]) -> Moments:
    names = tuple(arm["mean"])
    shared = arm.get("cov", {})
    cov = [[arm["var"][a] if a == b else shared.get(f"{a}|{b}", shared.get(f"{b}|{a}")) for b in names] for a in names]
    return Moments(names, arm["n"], [arm["mean"][name] for name in names], cov)


def _successes(arm: Mapping[str, float] | Sequence[float]) -> tuple[float, float]:
    if isinstance(arm, Mapping):
        key = next(name for name in ("k", "x", "successes", "count", "conversions") if name in arm)
        return arm[key], next(arm[name] for name in ("n", "trials", "nobs", "units") if name in arm)
    return arm[0], arm[1]
