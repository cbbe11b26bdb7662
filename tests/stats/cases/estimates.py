"""What the engine says of two arms, under the names by which the cases ask for it."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
from cases.answers import Case

from stats import AlwaysValid, Fixed, Moments, Pair, Rule, Side, estimate, mean, ratio, statistic
from stats.posterior import lift

NORMAL_DF = 1e15  # degrees of freedom that make Student's t the normal distribution


def found(pair: Pair, rule: Rule, side: Side = "both") -> dict[str, Any]:
    """What the engine says of a pair, under the names that `answers.lookup` knows."""
    result = estimate(pair, rule.critical(pair, side), rule.p_value(pair, side=side))
    bounded = {"both": (1, 1), "greater": (1, 0), "less": (0, 1)}[side]

    def ends(low: Any, high: Any) -> list[float]:
        return [float(low) if bounded[0] else -np.inf, float(high) if bounded[1] else np.inf]

    return {
        "control": pair.m0, "treatment": pair.m1, "est": result.difference, "se": result.se, "p": result.p_value,
        "statistic": statistic(pair), "df": pair.df, "ci": ends(result.low, result.high), "rel": result.relative,
        "rel_ci": ends(result.relative_low, result.relative_high), "multiplier": result.critical,
        "rel_se": lift(pair).se,
    }  # fmt: skip


def scale(case: Case, answer: dict[str, Any]) -> dict[str, Any]:
    """The answer on the scale that the case asks for: for a relative one, est, se and ci are the relative ones."""
    if not is_relative(case):
        return answer
    return {**answer, "est": answer["rel"], "ci": answer["rel_ci"], "se": answer["rel_se"]}


def is_relative(case: Case) -> bool:
    """Whether the case asks for a relative change."""
    apart = any(name.startswith(("rel_effect_size_ci", "relative_ci")) for name in case.expected)
    named = re.search(r"relative|fieller|\brel\b", case.text) or ("lift" in case.text and "absolute" not in case.text)
    return bool(named) and not apart


def side_of(case: Case) -> Side:
    """Which side is tested; greater where it is one and not said which."""
    if re.search(r"one-sided|one sided", case.text) or case.inputs.get("sides") == 1:
        return "less" if re.search(r"\bless|smaller|decrease", case.text) else "greater"
    return "both"


def rule_of(case: Case) -> Rule:
    """Student's t, or a confidence sequence where N* is given."""
    alpha = float(case.inputs.get("alpha", case.inputs.get("moments", {}).get("alpha", 0.05)))
    if "n_star" in case.inputs or "rho" in case.inputs:
        return AlwaysValid(alpha, rho=case.inputs.get("rho") or rho_of(alpha, case.inputs["n_star"], side_of(case)))
    return Fixed(alpha)


def rho_of(alpha: float, planned: float, side: Side) -> float:
    """The rho that the cases pass in: their closed form near the best one for N* units."""
    size = -2.0 * np.log(alpha if side == "both" else 2.0 * alpha)
    return float(np.sqrt((size + np.log1p(size)) / planned))


def covariates(case: Case, source: Moments) -> tuple[str, ...]:
    """The covariates that a case names, by formula or by number; none unless it adjusts."""
    formula = re.search(r"~\s*t\s*[*+]\s*(.*)", case.method)
    named = [name for name in source.names if name.startswith("x")]
    if formula:
        given = re.findall(r"\w+", formula.group(1))
        exact = tuple(name for name in named if name in given or f"{name}c" in given)
        return exact or tuple(named[:1])
    if not re.search(r"cuped|covariate|regression adj|ancova", case.text):
        return ()
    return tuple(named if re.search(r"two|several|multi", case.text) else named[:1])


def estimator(case: Case, control: Moments, treatment: Moments) -> Pair:
    adjust = covariates(case, control)
    if "ratio" in re.sub(r"log ratio", "", case.text) and len(control.names) > 1:
        y, z = ratio_columns(case, control)
        return ratio(control, treatment, y, z, adjust)
    return mean(control, treatment, control.names[0], adjust)


def ratio_columns(case: Case, arm: Moments) -> tuple[str, str]:
    stated = re.search(r"sum\((\w+)\)\s*/\s*sum\((\w+)\)|\b(\w+)/(\w+)\b", case.method)
    columns = tuple(name for name in (stated.groups() if stated else ()) if name in arm.names)
    return columns if len(columns) == 2 else (arm.names[0], arm.names[1])  # type: ignore[return-value]


def normal_if_asked(case: Case, pair: Pair) -> Pair:
    """Infinite degrees of freedom where the case asks for a z test."""
    is_normal = re.search(r"\bz[ -](test|quantile)|\bz\b|normal approx", case.text) and not re.search(
        r"welch t|\bt quantile", case.text
    )
    return replace(pair, df=np.asarray(NORMAL_DF)) if is_normal else pair
