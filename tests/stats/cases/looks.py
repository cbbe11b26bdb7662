"""Many looks: group-sequential boundaries and designs, confidence sequences, and the error of peeking."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
from cases.answers import Case, Given, Offer, Rejected
from cases.effects import comparison
from cases.estimates import NORMAL_DF, found, rho_of, side_of
from cases.inputs import arms, look_times
from scipy.optimize import brentq
from scipy.special import ndtr

from stats import AlwaysValid, HwangShihDeCani, Pair, PowerFamily, boundaries, crossing_probabilities
from stats.estimate import mean
from stats.infer import Side
from stats.power import fixed, group_sequential
from stats.sequential import Spending

HALVED = "alpha halved to within 5e-5 only; we solve for p"
EXACT_ONE_SIDED = "the mixture over a half-normal solved exactly; we use the closed form 1 + sqrt(t + 1) / (2 alpha), valid and slightly wider"


def group_sequential_bounds(case: Case) -> dict[str, Any]:
    """Boundaries under a spending function, and what they spend."""
    times, alpha, two = look_times(case.inputs), float(case.inputs.get("alpha", 0.05)), side_of(case) == "both"
    bounds = boundaries(alpha, times, times, spending=spending_of(case), two_sided=two)
    spent = crossing_probabilities(bounds, times, two_sided=two)
    return {"bounds": bounds, "value": bounds, "cum_alpha": spent, "upper": bounds, "z": bounds, "alpha_spent": spent}


def group_sequential_design(case: Case) -> dict[str, Any]:
    """Drift, largest sample and average sample at the alternative, as shares of the fixed design."""
    alpha, target = float(case.inputs["alpha"]), float(case.inputs.get("power", 0.8))
    side: Side = side_of(case)
    plan = group_sequential(alpha, look_times(case.inputs), side, spending=spending_of(case))
    drift = plan.drift(target)
    inflation = (drift / fixed(alpha, side).drift(target)) ** 2
    average = inflation * float(plan.expected_fraction(drift))
    return {
        "drift": drift, "max_inflation": inflation, "inflation": inflation, "asn_fraction_of_fixed_at_H1": average,
        "asn": average, "bounds": np.asarray(plan.bounds), "power": float(plan.power(drift)),
    }  # fmt: skip


def classical(case: Case) -> dict[str, Any]:
    """Constants of Pocock and O'Brien-Fleming: the boundaries' shape whose total error is alpha."""
    k, alpha, two = int(case.inputs["K"]), float(case.inputs["alpha"]), side_of(case) == "both"
    times = np.arange(1, k + 1) / k
    flat = _constant(np.ones(k), times, alpha, two)
    falling = _constant(np.sqrt(1.0 / times), times, alpha, two)
    pocock, brien = np.full(k, flat), falling * np.sqrt(1.0 / times)
    given = pocock if re.search(r"\bpk\b|pocock", case.text) else brien
    return {"C_P": flat, "C_B": falling, "pocock": pocock, "obf": brien, "bounds": given, "value": given}


def peeking(case: Case) -> dict[str, Any]:
    """The error of testing again and again at a bound for one look."""
    k, bound = int(case.inputs["K"]), float(case.inputs.get("bound", 1.96))
    error = crossing_probabilities(np.full(k, bound), np.arange(1, k + 1))[-1]
    return {"value": error, "alpha": error, "error": error}


def spending_of(case: Case) -> str | Spending:
    """The spending function that a case names."""
    text, given = f"{case.text} {case.inputs.get('spending', '')}", case.inputs
    if "gamma" in given or re.search(r"hwang|hsd", text):
        return HwangShihDeCani(float(given.get("gamma", -4.0)))
    if "phi" in given or "rho" in given or re.search(r"t\^|power family|kim-demets", text):
        stated = re.search(r"(?:t\^|rho\s*=?\s*)([\d.]+)", text)
        return PowerFamily(float(given.get("phi", given.get("rho", stated.group(1) if stated else 1.0))))
    return "pocock" if "pocock" in text else "obrien-fleming"


def confidence_sequence(case: Case) -> dict[str, Any]:
    """Asymptotic confidence sequence; rho, by the case's own closed form, is handed to the rule."""
    alpha, side = float(case.inputs.get("alpha", 0.05)), side_of(case)
    answer = comparison(case)
    rho = float(case.inputs.get("rho") or rho_of(alpha, case.inputs["n_star"], side))
    return {**answer, "rho": Given(rho), "p": _one_sided_p(case, answer["p"], rho, side)}


def _one_sided_p(case: Case, p: Offer, rho: float, side: Side) -> Offer:
    """The alpha whose bound touches zero, as found by halving an interval of alphas until it is short."""
    if side == "both":
        return p
    control, treatment = arms(case)
    pair = mean(control, treatment, control.names[0])
    low, high = 1e-5, 0.4999
    while high - low > 5e-5:
        middle = (low + high) / 2.0
        told = found(pair, AlwaysValid(middle, rho=rho), side)
        gap = float(told["ci"][0] if side == "greater" else -told["ci"][1])
        low, high = (middle, high) if gap < 0.0 else (low, middle)
    return replace(p, rejected=(*p.rejected, Rejected((low + high) / 2.0, HALVED)))


def normal_mixture(case: Case) -> dict[str, Any]:
    """The boundary of a sum with variance v: sqrt(v) times the always-valid critical value, rho as the case has it."""
    v, best = float(case.inputs["v"]), float(case.inputs["v_opt"])
    alphas = case.inputs["alpha"]
    one, two = (float(alphas[0]), float(alphas[-1])) if isinstance(alphas, list) else (float(alphas), float(alphas))
    pair = Pair(0.0, 0.0, 1.0, 0.0, 1.0, NORMAL_DF, v)  # type: ignore[arg-type]
    rho1, rho2 = rho_of(one, best, "greater"), rho_of(two, best, "both")
    sizes = [AlwaysValid(one, rho=rho1).critical(pair, "greater"), AlwaysValid(two, rho=rho2).critical(pair)]
    single, both = (float(size) * np.sqrt(v) for size in sizes)
    exact = Offer(single, (Rejected(_half_normal(v, 1.0 / rho1**2, one), EXACT_ONE_SIDED),))
    return {
        "one_sided": exact,
        "two_sided": both,
        "bound": exact if "one-sided" in case.text and "two" not in case.text else both,
    }


def t_mixture(case: Case) -> dict[str, Any]:
    """Anytime-valid t test of a coefficient, its t, se and degrees of freedom as the regression has them."""
    given = case.inputs
    alpha, phi = float(given.get("alpha", 0.05)), float(given.get("phi", 1.0))
    pair, ratio = _coefficient(case)
    n = float(pair.n)
    rule = AlwaysValid(alpha, rho=float(np.sqrt(ratio / phi / n)))
    answer = found(pair, rule)
    p = float(answer["p"])
    radius = float(answer["multiplier"]) * float(answer["se"])
    return {**answer, "log_bf": -np.log(p) if p < 1.0 else None, "radius": radius}


def _coefficient(case: Case) -> tuple[Pair, float]:
    """The coefficient as a pair, and (sigma / se)^2."""
    given = case.inputs
    if "se" in given:
        nu, se = float(given["nu"]), float(given["se"])
        effect = float(given.get("estimate", float(given.get("t", 0.0)) * se))
        return Pair(0.0, effect, 0.0, 0.0, se**2, nu, nu + 1.0), (float(given.get("sigma", 1.0)) / se) ** 2  # type: ignore[arg-type]
    control, treatment = arms(case)
    plain = mean(control, treatment, control.names[0])
    n0, n1 = float(control.n), float(treatment.n)
    shared = float((n0 - 1.0) * control.cov[0, 0] + (n1 - 1.0) * treatment.cov[0, 0]) / (n0 + n1 - 2.0)
    nu = float(given.get("nu", n0 + n1 - 2.0))
    pair = Pair(plain.m0, plain.m1, shared / n0, 0.0, shared / n1, nu, n0 + n1)  # type: ignore[arg-type]
    return pair, 1.0 / (1.0 / n0 + 1.0 / n1)


def _constant(shape: Any, times: Any, alpha: float, two: bool) -> float:
    return float(
        brentq(lambda c: crossing_probabilities(c * shape, times, two_sided=two)[-1] - alpha, 0.5, 9.0, xtol=1e-10)
    )


def _half_normal(v: float, rho: float, alpha: float) -> float:
    """Where the mixture of exp(l s - l^2 v / 2) over l > 0 reaches 1 / alpha."""

    def excess(s: float) -> float:
        return float(
            np.log(2.0 * alpha)
            + 0.5 * np.log(rho / (v + rho))
            + s**2 / (2.0 * (v + rho))
            + np.log(ndtr(s / np.sqrt(v + rho)))
        )

    return float(brentq(excess, 0.0, 100.0 * np.sqrt(v + rho), xtol=1e-12))
