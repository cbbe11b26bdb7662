"""Where rows are not the units: clusters of rows, and quantiles of events."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from cases.answers import Case, against
from cases.conventions import DELTA, clustered_regression, delta
from cases.estimates import found, rule_of, scale
from cases.inputs import arm_values, rows

from stats import Moments, Pair, ratio
from stats.clusters import clustered
from stats.quantiles import AT_MOST, EVENTS, Quantile, quantile

ROWS_COUNT = "CRV1 with (N - 1) / (N - k), a factor that counts rows; we give G / (G - 1) alone, the jackknife below 40"
NORMAL = "normal in place of Student's t with G - 1 degrees of freedom"
ADJUSTED = "regression adjusted by {} with one slope, and a factor that counts rows; we give the clusters' plain ratio"
_Z = 1.959963984540054


def clusters(case: Case) -> dict[str, Any]:
    """Difference of totals' ratios, with clusters as units, from the rows."""
    y, t, which = _grouping(case)
    size = int(which.max()) + 1
    cells = which * 2 + t.astype(int)
    sums, counts = (np.bincount(cells, weight, 2 * size).reshape(size, 2) for weight in (y, np.ones_like(y)))
    pair, rule = clustered(sums, counts), rule_of(case)
    ours = found(pair, rule)
    ours |= {name: ours["se"] for name in case.expected if name.startswith("se")}
    ours |= {name: ours["p"] for name in case.expected if name.startswith("p_")}
    ours |= {"n_clusters": pair.n, "G": pair.n, "clusters": pair.n}
    return against(ours, *_others(case, pair, sums, counts, len(y)), *_regressions(case, which))


def clustered_quantile(case: Case) -> dict[str, Any]:
    """A quantile's variance from sums per cluster, or a difference of quantiles of events."""
    both = arm_values(case.inputs)
    if both is None:
        return _one(case.inputs)
    pair, rule = quantile(*(_quantile(arm) for arm in both)), rule_of(case)
    return against(scale(case, found(pair, rule)), (delta(case, pair, rule, "both"), DELTA))


def _grouping(case: Case) -> tuple[Any, Any, Any]:
    table = rows(case)
    by = re.search(r"row_index\s*%\s*(\d+)", f"{case.inputs.get('cluster', '')} {case.method}")
    which = np.arange(len(table["t"])) % int(by.group(1)) if by else np.unique(table["cl"], return_inverse=True)[1]
    outcome = next(name for name in (str(case.inputs.get("outcome", "")), "o", "y") if name in table)
    return table[outcome], table["t"], which


def _others(case: Case, pair: Pair, sums: Any, counts: Any, n: int) -> list[tuple[dict[str, Any], str]]:
    """The sandwich with both factors and with one, and normal p-values."""
    ratio_of = sums.sum(axis=0) / counts.sum(axis=0)
    score = (sums - ratio_of * counts) / counts.sum(axis=0)
    size = len(sums)
    plain = float(((score[:, 1] - score[:, 0]) ** 2).sum()) * size / (size - 1.0)
    jack = (
        float((((sums - ratio_of * counts) / (counts.sum(axis=0) - counts) @ [-1.0, 1.0]) ** 2).sum())
        * (size - 1.0)
        / size
    )
    rows_factor = (n - 1.0) / (n - 2.0)
    answers = []
    for variance in (plain, plain * rows_factor, jack, jack * rows_factor):
        for df in (size - 1.0, np.inf):
            made = Pair(pair.m0, pair.m1, 0.0, 0.0, variance, df, pair.n)  # type: ignore[arg-type]
            theirs = found(made, rule_of(case))
            theirs |= {name: theirs["se"] for name in case.expected if name.startswith("se")}
            theirs |= {name: theirs["p"] for name in case.expected if name.startswith("p_")}
            answers.append((theirs, ROWS_COUNT if np.isfinite(df) else NORMAL))
    return answers


def _regressions(case: Case, which: Any) -> list[tuple[dict[str, Any], str]]:
    """Rows regressed on treatment and one covariate with the clusters' sandwich."""
    table = rows(case)
    outcome = "o" if "o" in table else "y"
    answers = []
    for name in (name for name in table if name.startswith("x")):
        for theirs in clustered_regression(case, outcome, (name,), which):
            theirs |= {key: theirs["se"] for key in case.expected if key.startswith("se")}
            theirs |= {key: theirs["p"] for key in case.expected if key.startswith("p_")}
            answers.append((theirs, ADJUSTED.format(name)))
    return answers


def _one(arm: Mapping[str, float]) -> dict[str, Any]:
    made = _quantile(arm)
    pair, share = quantile(made, made), ratio(made.moments, made.moments, AT_MOST, EVENTS)
    var = float(pair.v00)
    return {
        "variance_times_n": var * arm["n"],
        "cluster_var": share.v00,
        "se": np.sqrt(var),
        "variance": var,
        "var": var,
    }


def _quantile(arm: Mapping[str, float]) -> Quantile:
    """Bounds and, as the cases' author measures it, the width between them: by n - 1 events."""
    inner = _cluster_moments(arm) if "clusters" in arm else _event_moments(arm)
    width = 2.0 * _Z * np.sqrt(arm["nu"] * (1.0 - arm["nu"]) / (arm["n"] - 1.0))
    return Quantile(*(np.asarray(arm[name]) for name in ("q", "lo", "hi")), np.asarray(width), inner)


def _cluster_moments(arm: Mapping[str, float]) -> Moments:
    """Per cluster: events at most the quantile (s) and all events (n), from raw sums."""
    g = arm["clusters"]
    mean = np.array([arm["sum_s"], arm["sum_n"]]) / g
    squares = np.array([[arm["sum_s2"], arm["sum_sn"]], [arm["sum_sn"], arm["sum_n2"]]])
    return Moments((AT_MOST, EVENTS), g, mean, (squares - g * np.outer(mean, mean)) / (g - 1.0))


def _event_moments(arm: Mapping[str, float]) -> Moments:
    """Every event is its own unit."""
    spread = arm["nu"] * (1.0 - arm["nu"])
    return Moments((AT_MOST, EVENTS), arm["n"], [arm["nu"], 1.0], [[spread, 0.0], [0.0, 0.0]])
