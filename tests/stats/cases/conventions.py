"""Conventions of others that we reject, from the same pieces: each reproduces their number, with the reason."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from cases.answers import Case
from cases.estimates import NORMAL_DF, covariates, found, is_relative, rule_of, scale
from cases.inputs import combined, rows

from stats import Moments, Pair, Rule, Side, mean
from stats.posterior import lift

DELTA = "relative by the delta method: p and interval disagree and it errs on skewed metrics; we give Fieller's with c"
LOG = "delta method on the log ratio: not the interval of the test whose p is given; we give Fieller's"
FIXED = "control's mean taken as a known number: too narrow (coverage .876 at +50 %); we give Fieller's"
POOLED = "one variance for both arms: wrong where arms are unequal in size and spread; we give Welch's"
TWICE = "variance times n / (n - 1) although it is given with n - 1, and normal in place of t; we give Welch's"
NORMAL = "normal in place of Student's t; we give t with Welch's degrees of freedom"
SLOPE = "one slope for both arms (theta from all units): loses precision; we give Lin 2013, a slope per arm"
ANCOVA = "one slope for both arms (regression without interaction): we give Lin 2013, a slope per arm"


def of_others(
    case: Case, pair: Pair, rule: Rule, side: Side, arms: tuple[Moments, Moments]
) -> list[tuple[dict[str, Any], str]]:
    """What others say of the same two arms, by each convention and pair of conventions."""
    answers = []
    for other, why in [(pair, ""), *other_pairs(case, *arms, pair)]:
        if why:
            answers.append((scale(case, found(other, rule, side)), why))
        for theirs, reason in _relative(case, other, rule, side, arms):
            answers.append((theirs, f"{why}; {reason}" if why else reason))
    return [*answers, *_cuped_relative(case, rule, side, arms)]


def _relative(
    case: Case, pair: Pair, rule: Rule, side: Side, arms: tuple[Moments, Moments]
) -> list[tuple[dict[str, Any], str]]:
    """Other people's relative intervals from a pair."""
    absolute = found(pair, rule, side)
    over = {
        "rel_ci": np.asarray(absolute["ci"]) / float(pair.m0),
        "rel_se": absolute["se"] / pair.m0,
        "p": absolute["p"],
    }
    if is_relative(case):
        over |= {"ci": over["rel_ci"], "se": over["rel_se"]}
    return [(delta(case, pair, rule, side), DELTA), (_log_delta(case, pair, rule, side, arms), LOG), (over, FIXED)]


def delta(case: Case, pair: Pair, rule: Rule, side: Side) -> dict[str, Any]:
    change = lift(pair)
    as_pair = Pair(np.zeros(()), change.value, np.zeros(()), np.zeros(()), change.se**2, pair.df, pair.n)
    theirs = found(as_pair, rule, side)
    names = ("ci", "p", "statistic", "se") if is_relative(case) else ()
    return {"rel_ci": theirs["ci"], **{name: theirs[name] for name in names}}


def _log_delta(case: Case, pair: Pair, rule: Rule, side: Side, arm: tuple[Moments, Moments]) -> dict[str, Any]:
    if not (pair.m0 > 0.0 and pair.m1 > 0.0):
        return {}
    v0, v1 = float(pair.v00 / pair.m0**2), float(pair.v11 / pair.m1**2)
    df = np.inf if np.isinf(pair.df) else (v0 + v1) ** 2 / (v0**2 / (arm[0].n - 1.0) + v1**2 / (arm[1].n - 1.0))
    logs = found(Pair(np.log(pair.m0), np.log(pair.m1), v0, 0.0, v1, df, pair.n), rule, side)  # type: ignore[arg-type]
    ends = np.expm1(np.asarray(logs["ci"]))
    return {"rel_ci": ends, **({"ci": ends} if is_relative(case) else {})}


def other_pairs(case: Case, control: Moments, treatment: Moments, pair: Pair) -> list[tuple[Pair, str]]:
    """Other people's estimates of the same."""
    adjust = covariates(case, control)
    if len(adjust) == 1 and "ratio" not in case.text:
        return [(_one_slope(control, treatment, adjust[0]), SLOPE)]
    if adjust or len(control.names) > 1:
        return []
    n0, n1 = control.n, treatment.n
    shared = ((n0 - 1.0) * control.cov[0, 0] + (n1 - 1.0) * treatment.cov[0, 0]) / (n0 + n1 - 2.0)
    pooled = replace(pair, v00=shared / n0, v11=shared / n1, df=n0 + n1 - 2.0)
    normal = np.asarray(NORMAL_DF)
    twice = replace(pair, v00=pair.v00 * n0 / (n0 - 1.0), v11=pair.v11 * n1 / (n1 - 1.0), df=normal)
    return [(pooled, POOLED), (replace(pair, df=normal), NORMAL), (twice, TWICE)]


def slope(control: Moments, treatment: Moments, x: str) -> float:
    """The slope on x of all units, whatever their arm."""
    both = control + treatment
    return float(both.cov[0, both.column(x)] / both.cov[both.column(x), both.column(x)])


def _one_slope(control: Moments, treatment: Moments, x: str) -> Pair:
    """Means less theta (x - mean of x in both arms)."""
    y, both, theta = control.names[0], control + treatment, slope(control, treatment, x)
    centre = theta * float(both.mean[both.column(x)])
    adjusted = mean(*(combined(arm, {y: 1.0, x: -theta}) for arm in (control, treatment)), "y")
    return replace(adjusted, m0=adjusted.m0 + centre, m1=adjusted.m1 + centre)


def _cuped_relative(
    case: Case, rule: Rule, side: Side, arms: tuple[Moments, Moments]
) -> list[tuple[dict[str, Any], str]]:
    """The adjusted difference over control's unadjusted mean, control's noise scaled by the ratio of raw means."""
    adjust = covariates(case, arms[0])
    if len(adjust) != 1 or "ratio" in case.text or not is_relative(case):
        return []
    (control, treatment), x, theta = arms, adjust[0], slope(*arms, adjust[0])
    y, tea = control.names[0], _one_slope(control, treatment, x)
    raw = float(control.mean[0])
    times, change = float(treatment.mean[0]) / raw, float(tea.m1 - tea.m0) / raw
    mixed = mean(combined(control, {y: times, x: -theta}), combined(treatment, {y: 1.0, x: -theta}), "y")
    pair = Pair(1.0, 1.0 + change, mixed.v00 / raw**2, 0.0, mixed.v11 / raw**2, tea.df, tea.n)  # type: ignore[arg-type]
    return [(found(pair, rule, side), f"{SLOPE}; {DELTA}")]


class Fit(NamedTuple):
    """Least squares of the outcome on treatment and covariates, with the treatment's coefficient."""

    x: Any
    inverse: Any
    slopes: Any
    residual: Any

    def answer(self, variance: float, df: float, rule: Rule) -> dict[str, Any]:
        """What is said of the coefficient with this variance."""
        n = float(len(self.residual))
        pair = Pair(0.0, self.slopes[1], 0.0, 0.0, variance, df, n)  # type: ignore[arg-type]
        told = found(pair, rule)
        return {name: told[name] for name in ("est", "se", "p", "statistic", "ci")}


def fit(table: dict[str, Any], outcome: str, names: Sequence[str]) -> Fit:
    """One slope for all arms, from rows: only to tell whose number a case holds."""
    y, t = table[outcome], table["t"]
    x = np.column_stack([np.ones_like(t), t, *(table[name] for name in names)])
    inverse = np.linalg.inv(x.T @ x)
    slopes = inverse @ x.T @ y
    return Fit(x, inverse, slopes, y - x @ slopes)


def ancova(case: Case, outcome: str, names: Sequence[str]) -> list[dict[str, Any]]:
    """Regression without interaction: classical error, with t and with normal, and HC2."""
    made, rule = fit(rows(case), outcome, names), rule_of(case)
    n, k = made.x.shape
    plain = made.inverse[1, 1] * float(made.residual @ made.residual) / (n - k)
    leverage = np.einsum("ij,jk,ik->i", made.x, made.inverse, made.x)
    hc2 = (made.inverse @ (made.x.T * (made.residual**2 / (1.0 - leverage))) @ made.x @ made.inverse)[1, 1]
    return [{**made.answer(plain, df, rule), "se_hc2": np.sqrt(hc2)} for df in (float(n - k), np.inf)]


def clustered_regression(case: Case, outcome: str, names: Sequence[str], which: Any) -> list[dict[str, Any]]:
    """The same with the clusters' sandwich, G / (G - 1) (N - 1) / (N - k), with t and with normal."""
    made, rule = fit(rows(case), outcome, names), rule_of(case)
    (n, k), size = made.x.shape, int(which.max()) + 1
    sums = np.stack([np.bincount(which, column * made.residual, size) for column in made.x.T], axis=-1)
    sandwich = made.inverse @ sums.T @ sums @ made.inverse
    variance = sandwich[1, 1] * size / (size - 1.0) * (n - 1.0) / (n - k)
    return [made.answer(variance, df, rule) for df in (size - 1.0, np.inf)]
