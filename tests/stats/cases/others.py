"""Sample ratio mismatch, several tests, and methods that need the rows."""

import re
from typing import Any

import numpy as np
from cases.answers import Case, NotOffered, Offer, Rejected
from cases.inputs import arm_values, proportion
from scipy.special import chdtrc

from stats import benjamini_hochberg, benjamini_yekutieli, holm, srm_chi_square, srm_sequential
from stats.multiplicity import dunnett, dunnett_bound
from stats.resample import mann_whitney, permutation, poisson_bootstrap

YATES = "continuity correction, for which counts of thousands have no need; we give the plain chi-square"
ADJUST = (
    (r"bonferroni", NotOffered("Bonferroni (Holm is never worse)")),
    (r"sidak|šidák", NotOffered("Sidak")),
    (r"hochberg", None),
    (r"hommel", NotOffered("Hommel")),
    (r"tsb|two-stage", NotOffered("two-stage Benjamini-Hochberg")),
)


def srm(case: Case) -> dict[str, Any]:
    """Do the counts fit the weights: chi-square, or the Bayes factor for daily looks."""
    counts = case.inputs["counts"]
    weights = next((case.inputs[k] for k in ("weights", "theta0", "expected_ratio", "ratio") if k in case.inputs), None)
    shares = [1.0] * len(counts) if weights is None else weights
    if re.search(r"sequential|dirichlet|bayes", case.text):
        found = srm_sequential(counts, shares, float(case.inputs.get("k", case.inputs.get("concentration", 100.0))))
        odds = np.exp(found.log_bayes_factor)
        return {
            "odds": odds,
            "bf": odds,
            "log_odds": found.log_bayes_factor,
            "log_bf": found.log_bayes_factor,
            "p": found.p_value,
        }
    test = srm_chi_square(counts, shares)
    p: Any = test.p_value
    expected = np.sum(counts) * np.asarray(shares, dtype=float) / np.sum(shares)
    if len(counts) == 2 and (expected > 0.0).all():
        corrected = (np.maximum(np.abs(np.asarray(counts) - expected) - 0.5, 0.0) ** 2 / expected).sum()
        p = Offer(p, (Rejected(chdtrc(1.0, corrected), YATES),))
    return {
        "chi2": test.statistic,
        "statistic": test.statistic,
        "df": test.df,
        "p": p,
        "gb": p,
        "control": counts[0],
        "treatment": counts[1],
    }


def share(case: Case) -> dict[str, Any]:
    """A share of traffic with the region in which it was to lie: no test of ours."""
    first, second = case.inputs["counts"]
    total = first + second
    reach = 1.959963984540054 * 0.5 / np.sqrt(total)
    ours = float(srm_chi_square([first, second], [1.0, 1.0]).p_value)
    region = Rejected(
        [0.5 - reach, 0.5 + reach], f"a region for a share is no test; we give the mismatch test, p = {ours:.4f}"
    )
    return {"ci": Offer([None, None], (region,)), "share": proportion(first, total).mean[0]}


def adjusted(case: Case) -> Any:
    """Adjusted p-values of several tests."""
    p, text = case.inputs["p"], case.text
    if "hochberg" in text and not re.search(r"benjamini|bh\b", text):
        return NotOffered("Hochberg's step-up (needs more than Holm assumes)")
    for pattern, answer in ADJUST:
        if answer is not None and re.search(pattern, text):
            return answer
    chosen = (
        holm if "holm" in text
        else benjamini_yekutieli if re.search(r"fdr_by|\bby\b|yekutieli", text)
        else benjamini_hochberg if re.search(r"fdr_bh|\bbh\b|benjamini", text)
        else None
    )  # fmt: skip
    if chosen is None:
        return None
    values = chosen(p)
    return {"adjusted": values, "p": values, "value": values, "rejected": (values <= 0.05).sum()}


def several_treatments(case: Case) -> dict[str, Any]:
    """Dunnett's adjustment of treatments against one control."""
    given = _dunnett_rows(case.inputs) if "treatments" in case.inputs and "control" in case.inputs else case.inputs
    alpha, df = float(given.get("alpha", 0.05)), float(given.get("df", np.inf))
    shares = given.get("shares", 0.5)
    count = int(given.get("treatments", given.get("k", len(given.get("t", [1.0])))))  # where no statistics are given
    answer: dict[str, Any] = {"critical": dunnett_bound(alpha, shares, df, treatments=count)}
    answer["value"] = answer["c"] = answer["critical"]
    if "t" in given:
        answer["p"] = answer["adjusted"] = dunnett(given["t"], shares, df)
        answer["statistic"] = np.asarray(given["t"])
    return answer


def _dunnett_rows(given: Any) -> dict[str, Any]:
    """Statistics with one variance for all arms, as the procedure was published."""
    arms = [np.asarray(arm, dtype=float) for arm in (given["control"], *given["treatments"])]
    df = float(sum(len(arm) - 1 for arm in arms))
    variance = sum(float(((arm - arm.mean()) ** 2).sum()) for arm in arms) / df
    n0, rest = len(arms[0]), arms[1:]
    t = [(arm.mean() - arms[0].mean()) / np.sqrt(variance * (1.0 / len(arm) + 1.0 / n0)) for arm in rest]
    return {"t": t, "shares": [len(arm) / (len(arm) + n0) for arm in rest], "df": df, "alpha": given.get("alpha", 0.05)}


def ranks(case: Case) -> dict[str, Any]:
    """Mann-Whitney."""
    found = mann_whitney(*_rows(case))
    return {
        "U": found.u, "W": found.u, "p_asym": found.p_value, "p": found.p_value, "z": found.z, "effect": found.effect,
        "p_exact": NotOffered("exact distribution of U (not exact where values tie); the permutation test is exact"),
        "bm": NotOffered("Brunner-Munzel"), "bm_p": NotOffered("Brunner-Munzel"),
    }  # fmt: skip


def permuted(case: Case) -> dict[str, Any]:
    """Permutation test of a difference of means."""
    found = permutation(*_rows(case), rng=np.random.default_rng(1))
    return {"p": found.p_value, "est": found.difference, "splits": found.splits}


def bootstrap(case: Case) -> Any:
    """Percentile interval of a difference by the Poisson bootstrap; BCa and others are not offered."""
    if re.search(r"bca|accelerated|bayesian|studenti|block", case.text):
        return NotOffered("BCa bootstrap" if "bca" in case.text else "this bootstrap")
    draws = int(case.inputs.get("n_resamples", 20_000))
    found = poisson_bootstrap(*_rows(case), rng=np.random.default_rng(1), draws=max(draws, 20_000))
    return {"ci": [found.low, found.high], "se": found.se, "est": found.difference, "p": found.p_value}


def _rows(case: Case) -> tuple[Any, Any]:
    found = arm_values(case.inputs)
    assert found is not None
    return np.asarray(found[0], dtype=float), np.asarray(found[1], dtype=float)


def capped(case: Case) -> dict[str, Any]:
    """Mean and variance under a cap: the cap is chosen before launch, here by the case's share."""
    from stats import Moments

    data = _series(case.inputs["data"])
    share = re.search(r"([\d.]+)\s*%", case.method)
    top = float(share.group(1)) / 100.0 if share else float(case.inputs.get("share", 0.01))
    cap = float(np.quantile(data, 1.0 - top, method="inverted_cdf"))
    moments = Moments.of(("y",), np.minimum(data, cap)[:, None])
    return {"mean": moments.mean[0], "var": moments.cov[0, 0], "cap": cap}


def _series(data: Any) -> Any:
    """Numbers, or words such as `1..97,500,1000`."""
    if not isinstance(data, str):
        return np.asarray(data, dtype=float)
    parts = [part.split("..") for part in data.split(",")]
    return np.concatenate([np.arange(float(part[0]), float(part[-1]) + 1.0) for part in parts])
