"""What another program computed on the real experiments, as cases: moments of the rows in ../data."""

import csv
import gzip
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from cases.answers import Case

from stats import Moments

FILES = {
    "hillstrom": ("hillstrom.csv.gz", "segment", "No E-Mail", ("visit", "conversion", "spend", "history")),
    "cookie_cats": ("cookie_cats.csv.gz", "version", "gate_30", ("retention_1", "retention_7", "sum_gamerounds")),
}
COLUMNS = {"r1": "retention_1", "r7": "retention_7", "rounds": "sum_gamerounds"}


def cases(content: Mapping[str, Any], folder: Path) -> list[Case]:
    """One case per comparison and metric."""
    found = []
    for key, metrics in content.items():
        if key.startswith("_"):
            continue
        data, _, name = key.partition("|")
        arms = load(folder.parent / "data", data)
        control = FILES[data][2]
        treatment = name or next(arm for arm in arms if arm != control)
        pair = arms[control], arms[treatment]
        found += [_case(f"{key}|{metric}", metric, expected, pair, folder) for metric, expected in metrics.items()]
    return found


@cache
def load(folder: Path, data: str) -> dict[str, Moments]:
    """Moments per arm of one experiment's rows."""
    name, variant, _, columns = FILES[data]
    rows: dict[str, list[list[float]]] = {}
    with gzip.open(folder / name, "rt", newline="") as file:
        lines = csv.reader(file)
        head = next(lines)
        arm, *places = (head.index(column) for column in (variant, *columns))
        for row in lines:
            rows.setdefault(row[arm], []).append([_value(row[place]) for place in places])
    return {arm: Moments.of(columns, np.asarray(values)) for arm, values in rows.items()}


def _case(id_: str, metric: str, expected: Any, arms: tuple[Moments, Moments], folder: Path) -> Case:
    """The metric's name says its kind: srm, X_prop, X_cuped, X_per_Y, or a mean."""
    if metric == "srm":
        return Case(id_, "SRM", {"counts": [float(arm.n) for arm in arms]}, expected, folder)
    if metric.endswith("_prop"):
        at = arms[0].column(metric.removesuffix("_prop"))
        counts = [[round(float(arm.mean[at] * arm.n)), float(arm.n)] for arm in arms]
        inputs = {"control": counts[0], "treatment": counts[1]}
        return Case(id_, "Two proportions", inputs, expected, folder)
    if "_per_" in metric:
        y, z = metric.split("_per_")
        return Case(
            id_, f"Ratio metric sum({y})/sum({z}), log-delta relative CI", _inputs(arms, (y, z)), expected, folder
        )
    if metric.endswith("_cuped"):
        y = metric.removesuffix("_cuped")
        return Case(id_, "CUPED single covariate", _inputs(arms, (y, "history")), expected, folder)
    return Case(
        id_, "Mean, Welch, log-delta relative CI", _inputs(arms, (COLUMNS.get(metric, metric),)), expected, folder
    )


def _inputs(arms: tuple[Moments, Moments], names: tuple[str, ...]) -> dict[str, Any]:
    return dict(zip(("control", "treatment"), (_moments(arm.only(names)) for arm in arms), strict=True))


def _moments(arm: Moments) -> dict[str, Any]:
    """In the form of the cases; covariates are those whose name begins with x."""
    names = ["x_" + name if name == "history" else name for name in arm.names]
    at = range(len(names))
    return {
        "n": float(arm.n),
        "mean": {names[i]: float(arm.mean[i]) for i in at},
        "var": {names[i]: float(arm.cov[i, i]) for i in at},
        "cov": {f"{names[i]}|{names[j]}": float(arm.cov[i, j]) for i in at for j in at if i < j},
    }


def _value(text: str) -> float:
    return {"true": 1.0, "false": 0.0}.get(text.lower()) if text.lower() in ("true", "false") else float(text)  # type: ignore[return-value]
