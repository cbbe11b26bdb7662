"""Comparisons of two arms from moments: means, ratios, adjusted, by strata; and what others do with the same."""

import re
from dataclasses import replace
from typing import Any

import numpy as np
from cases.answers import Case, NotOffered, Offer, Rejected, against
from cases.conventions import ANCOVA, DELTA, FIXED, SLOPE, ancova, delta, of_others, other_pairs, slope
from cases.estimates import (
    covariates,
    estimator,
    found,
    is_relative,
    normal_if_asked,
    ratio_columns,
    rule_of,
    scale,
    side_of,
)
from cases.inputs import arms, moments

from stats import Fixed, Moments, Pair, mean, ratio
from stats.margins import equivalence, non_inferiority
from stats.strata import poststratify

HC_NAMES = re.compile(r"^se_hc\d$", re.IGNORECASE)


def comparison(case: Case) -> dict[str, Any]:
    """Difference or relative change of a mean, a ratio or an adjusted mean, on one look or always valid."""
    control, treatment = arms(case)
    pair = normal_if_asked(case, estimator(case, control, treatment))
    rule, side = rule_of(case), side_of(case)
    ours = scale(case, found(pair, rule, side))
    answer = against(ours, *of_others(case, pair, rule, side, (control, treatment)))
    return answer | shared_slope(case, control, treatment)


def shared_slope(case: Case, control: Moments, treatment: Moments) -> dict[str, Any]:
    """The one slope for both arms that we do not have."""
    x = covariates(case, control)
    return {"theta": Offer(None, (Rejected(slope(control, treatment, x[0]), SLOPE),))} if len(x) == 1 else {}


def strata(case: Case) -> dict[str, Any]:
    """Post-stratified effect from moments per stratum."""
    pairs = []
    for stratum in case.inputs["strata"]:
        inner = replace(case, inputs=stratum)
        pairs.append(estimator(inner, *arms(inner)))
    fields = ("m0", "m1", "v00", "v01", "v11", "df", "n")
    stacked = Pair(*(np.array([float(getattr(pair, field)) for pair in pairs]) for field in fields))
    pair, rule = poststratify(stacked), rule_of(case)
    return against(scale(case, found(pair, rule)), (delta(case, pair, rule, "both"), DELTA))


def noninferior(case: Case) -> dict[str, Any]:
    """A margin that treatment may fall short by: absolute, or a share of control's mean."""
    control, treatment = arms(case)
    relative, lower = "nim" in case.inputs, "decrease" in str(case.inputs.get("direction", "")).lower()
    margin = float(case.inputs["nim" if relative else "margin"])
    alpha, side = float(case.inputs.get("alpha", 0.05)), "less" if lower else "greater"
    pair = normal_if_asked(case, mean(control, treatment, control.names[0]))
    test = non_inferiority(pair, Fixed(alpha), margin, absolute=not relative, lower_is_better=lower)
    ours = {**found(pair, Fixed(alpha), side), "p": test.p_value, "statistic": test.statistic}  # type: ignore[arg-type]
    ours["null_hypothesis"] = (margin if lower else -margin) * (float(pair.m0) if relative else 1.0)
    if not relative:
        return ours
    others = [(pair, ""), *other_pairs(case, control, treatment, pair)]
    return against(
        ours,
        *((_fixed_margin(other, margin, alpha, lower), f"{why}; {FIXED}" if why else FIXED) for other, why in others),
    )


def _fixed_margin(pair: Pair, margin: float, alpha: float, lower: bool) -> dict[str, Any]:
    """The margin as if control's mean were known."""
    size = margin * abs(float(pair.m0))
    test = non_inferiority(pair, Fixed(alpha), size, absolute=True, lower_is_better=lower)
    bound = found(pair, Fixed(alpha), "less" if lower else "greater")
    return {"p": test.p_value, "statistic": test.statistic, "ci": bound["ci"], "se": bound["se"]}


def equivalent(case: Case) -> dict[str, Any]:
    """Two one-sided tests of a range."""
    control, treatment = arms(case)
    low, high = (
        next(float(case.inputs[key]) for key in keys if key in case.inputs)
        for keys in (("low", "lower"), ("upp", "high", "upper"))
    )
    pair = normal_if_asked(case, mean(control, treatment, control.names[0]))
    test = equivalence(pair, Fixed(float(case.inputs.get("alpha", 0.05))), low, high, absolute=not is_relative(case))
    return {"p": test.p_value, "p_lower": test.p_low, "p_upper": test.p_high}


def single_ratio(case: Case) -> dict[str, Any]:
    """The ratio of one arm and its standard error; second moments over n where the case says so."""
    given = moments(case.inputs.get("moments", case.inputs))
    over_n = re.search(r"1/n second moments|n \(not n-1\)", f"{case.text} {case.inputs.get('note', '')}")
    arm = Moments(given.names, given.n, given.mean, given.cov * (given.n - 1.0) / given.n) if over_n else given
    pair = ratio(arm, arm, *ratio_columns(case, arm))
    return {"ratio": pair.m0, "se": np.sqrt(pair.v00), "var": pair.v00}


def regression(case: Case) -> dict[str, Any]:
    """Regression on treatment and covariates: Lin's is ours, one without interaction is not."""
    control, treatment = arms(case)
    pair = estimator(case, control, treatment)
    ours: dict[str, Any] = found(pair, rule_of(case))
    names = {name for name in case.expected if HC_NAMES.match(name)}
    size = f"sandwich variances HC0 to HC3 of rows; from moments we give {float(ours['se']):.6g}"
    offered = {**ours, **{name: NotOffered(size) for name in names}}
    if interacted(case):
        return offered
    outcome = next((name for name in re.findall(r"(\w+)\s*~", case.method) if name in control.names), control.names[0])
    plain = ancova(case, outcome, covariates(case, control))
    return against({**ours, **dict.fromkeys(names, ours["se"])}, *((theirs, ANCOVA) for theirs in plain))


def interacted(case: Case) -> bool:
    """Whether every arm has slopes of its own."""
    return bool(re.search(r"lin \(?2013|interacted|\*\(?x", case.text))
