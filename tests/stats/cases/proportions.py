"""Two proportions from counts, and one: the engine's tests and intervals, beside the textbook's pooled ones."""

import re
from typing import Any

import numpy as np
from cases.answers import Case, NotOffered, Offer, Rejected, against
from cases.estimates import found, side_of
from cases.inputs import counts, proportion

from stats import Estimate, Fixed, Pair, Side, mean, statistic
from stats.beta import beta_posterior
from stats.counts import Counts, boschloo, newcombe, score, score_pair, wilson
from stats.distributions import normal_bound, normal_tail

POOLED = "pooled z: its p and the interval of unpooled rates disagree; we give Welch's p with its own interval"
WALD = "Wald interval of the normal distribution: too narrow for few conversions; we give Welch's (score below 30)"
YATES = "continuity correction: too large a p on purpose; we give Welch's p with its own interval"
NO_CORRECTION = "the score without Miettinen and Nurminen's N / (N - 1); we give it with that"
TRANSPOSED = "the table is turned: totals of successes and failures are taken for the arms' sizes; we fix the arms'"
RESTRICTED = "statsmodels' restricted rates miss the maximum of the likelihood; ours are at it"
NOT_OFFERED = {
    "fisher": "Fisher's exact test", "barnard": "Barnard's test", "agresti": "Agresti's intervals",
    "agresti-caffo": "Agresti and Caffo's interval", "beta": "Clopper-Pearson", "cp": "Clopper-Pearson",
    "jeffreys": "Jeffreys' interval", "normal": "Wald interval of one proportion",
    "clopper_pearson": "Clopper-Pearson", "binom_test": "Clopper-Pearson",
}  # fmt: skip


def two(case: Case) -> dict[str, Any]:
    """All that is said of two proportions."""
    table, alpha, side = counts(case), float(case.inputs.get("alpha", 0.05)), side_of(case)
    rule = Fixed(alpha)
    welch = found(_pair(table), rule, side)
    theirs = [(_pooled(table, alpha, side), POOLED), (_pooled(table, alpha, side, corrected=True), YATES)]
    if "1.96" in case.text:
        theirs.append((_pooled(table, alpha, side, bound=1.96), POOLED))
    answer = against(welch, *theirs, ({"ci": _wald(table, alpha)}, WALD))
    scored, c = score(table, rule), normal_bound(alpha / 2.0)
    z, ours = score_pair(table), [scored.low, scored.high]
    if "ratio" in case.text:
        return answer | _of_ratio(case, scored)
    return answer | {
        "score": Offer(ours, (Rejected(_statsmodels_score(table, alpha), RESTRICTED),)) if "score" in case.expected else ours,
        "newcomb": newcombe(table, c), "newcombe": newcombe(table, c), "mn": ours, "score_ratio": [1.0 + scored.relative_low, 1.0 + scored.relative_high],
        "wald": Offer(welch["ci"], (Rejected(_wald(table, alpha), WALD),)), "chi2": _chi2(table, welch),
        "score_z": statistic(z), "score_p": scored.p_value,
        **{name: NotOffered(what) for name, what in NOT_OFFERED.items() if name != "normal"},
    }  # fmt: skip


def _of_ratio(case: Case, scored: Estimate) -> dict[str, Any]:
    """Intervals of the ratio of two rates: by the score; others are not offered."""
    ours = [1.0 + scored.relative_low, 1.0 + scored.relative_high]
    others = {name: NotOffered(f"{name} interval of a ratio") for name in case.expected if name.startswith("log")}
    return {"score": ours, "mn": ours, "koopman": ours, "ci": ours, "rr": 1.0 + scored.relative, **others}


def exact(case: Case) -> dict[str, Any]:
    """Exact tests: Boschloo's is offered."""
    table = counts(case)
    turned = Counts(table.x1, table.x0 + table.x1, table.n1 - table.x1, table.n0 + table.n1 - table.x0 - table.x1)
    given = {"boschloo": Offer(boschloo(table), (Rejected(boschloo(turned), TRANSPOSED),))}
    names = [name for name in case.expected if name not in given]
    return given | {name: NotOffered(_named(name)) for name in names}


def one(case: Case) -> dict[str, Any]:
    """Intervals of one rate; a name such as `wilson_0_of_50` says its own counts."""
    alpha = float(case.inputs.get("alpha", 0.05))
    answer: dict[str, Any] = {}
    for name in case.expected:
        own = re.fullmatch(r"(\w+?)_(\d+)_of_(\d+)", name)
        k, n = (float(own.group(2)), float(own.group(3))) if own else _single(case)
        plain = (own.group(1) if own else name).lower()
        answer[name] = wilson(k, n, normal_bound(alpha / 2.0)) if "wilson" in plain else NotOffered(_named(plain))
    return answer


def noninferior(case: Case) -> dict[str, Any]:
    """The score test against a margin that the difference may fall short by."""
    table, margin = counts(case), float(case.inputs["margin"])
    pair = score_pair(table, -margin, absolute=True)
    size = float((table.n0 + table.n1) / (table.n0 + table.n1 - 1.0))
    ours = {"statistic": statistic(pair), "p": Fixed(0.05).p_value(pair, side="greater")}
    plain = float(ours["statistic"]) * np.sqrt(size)
    theirs = _statsmodels_test(table, -margin)
    return against(ours, ({"statistic": plain, "p": normal_tail(plain)}, NO_CORRECTION), (theirs, RESTRICTED))


def posterior(case: Case) -> dict[str, Any]:
    """Beta-binomial: the chance of each arm to be better, and what choosing it may cost."""
    prior = case.inputs.get("prior", [1.0, 1.0])
    found = beta_posterior(counts(case), (float(prior[0]), float(prior[1])))
    chance = float(found.chance_better)
    a, b = {"prob": 1.0 - chance, "loss": found.loss_of_control}, {"prob": chance, "loss": found.loss}
    return {
        "A": a, "B": b, "control": a, "treatment": b, "p": chance, "ctw": chance, "prob": chance, "chance": chance,
        "p_b_gt_a": chance, "loss": found.loss, "risk_ship_treatment": found.loss, "loss_b": found.loss,
        "risk_keep_control": found.loss_of_control, "loss_a": found.loss_of_control, "mean": found.difference,
    }  # fmt: skip


def _pair(table: Counts) -> Pair:
    return mean(proportion(float(table.x0), float(table.n0)), proportion(float(table.x1), float(table.n1)), "y")


def _pooled(
    table: Counts, alpha: float, side: Side, *, corrected: bool = False, bound: float | None = None
) -> dict[str, Any]:
    """The textbook's z of pooled rates, from the engine's score, and what is printed beside it."""
    total = float(table.n0 + table.n1)
    z = float(statistic(score_pair(table))) * np.sqrt(total / (total - 1.0))
    p0, p1 = float(table.x0 / table.n0), float(table.x1 / table.n1)
    d, shift = p1 - p0, 0.5 * float(1.0 / table.n0 + 1.0 / table.n1) if corrected else 0.0
    se = d / z if z else np.inf
    reduced = np.copysign(max(abs(d) - shift, 0.0), d) / se
    p = 2.0 * normal_tail(abs(reduced)) if side == "both" else normal_tail(reduced if side == "greater" else -reduced)
    c = bound or float(normal_bound(alpha / (2.0 if side == "both" else 1.0)))
    answer = {"statistic": reduced, "p": p, "se": se, "ci": [d - c * se - shift, d + c * se + shift]}
    if p0 > 0.0 and p1 > 0.0:
        pooled = float(table.x0 + table.x1) / total
        reach = c * se / pooled + (shift / p0)
        answer["rel_ci"] = np.expm1(np.log(p1 / p0) + np.array([-reach, reach]))
    return answer


def _wald(table: Counts, alpha: float) -> list[float]:
    p0, p1 = float(table.x0 / table.n0), float(table.x1 / table.n1)
    reach = float(normal_bound(alpha / 2.0)) * np.sqrt(p0 * (1.0 - p0) / table.n0 + p1 * (1.0 - p1) / table.n1)
    return [p1 - p0 - float(reach), p1 - p0 + float(reach)]


def _statsmodels_score(table: Counts, alpha: float) -> Any:
    """The interval of another program, to tell whose number a case holds; loaded when asked for."""
    from statsmodels.stats.proportion import confint_proportions_2indep

    given = (float(value) for value in (table.x1, table.n1, table.x0, table.n0))
    with np.errstate(all="ignore"):
        try:
            return confint_proportions_2indep(*given, method="score", compare="diff", alpha=alpha)
        except ValueError:  # it finds no bound for some small tables
            return [None, None]


def _statsmodels_test(table: Counts, worth: float) -> dict[str, Any]:
    from statsmodels.stats.proportion import test_proportions_2indep as program

    given = (float(value) for value in (table.x1, table.n1, table.x0, table.n0))
    with np.errstate(all="ignore"):
        found = program(*given, value=worth, method="score", compare="diff", alternative="larger")
    return {"statistic": found.statistic, "p": found.pvalue}


def _chi2(table: Counts, welch: dict[str, Any]) -> Offer:
    theirs = [
        (_pooled(table, 0.05, "both", corrected=yes)["statistic"] ** 2, why)
        for yes, why in ((False, POOLED), (True, YATES))
    ]
    return Offer(float(welch["statistic"]) ** 2, tuple(Rejected(value, why) for value, why in theirs))


def _single(case: Case) -> tuple[float, float]:
    given = case.inputs
    k = next(given[name] for name in ("k", "x", "successes", "count") if name in given)
    return float(k), float(next(given[name] for name in ("n", "trials", "nobs") if name in given))


def _named(name: str) -> str:
    return next((what for known, what in NOT_OFFERED.items() if name.lower().startswith(known)), name)
