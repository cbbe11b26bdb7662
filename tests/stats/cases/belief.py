"""Posteriors, several effects at once, and what is left of a winner."""

import re
from typing import Any

import numpy as np
from cases.answers import Case, against
from cases.estimates import is_relative
from cases.inputs import arms, rows
from scipy.special import fdtrc

from stats import Moments, mean
from stats.learn import conditional_estimate, exaggeration, total_lift
from stats.meta import meta_analysis, shrink
from stats.posterior import Prior, posterior
from stats.segments import cochran_q, interaction_test, novelty

ONE_VARIANCE = "one variance for all cells (regression's F): wrong where segments differ; we give Welch 1951"


def gaussian(case: Case) -> dict[str, Any]:
    """Normal posterior of the lift: chance, interval and both losses."""
    control, treatment = arms(case)
    given = case.inputs.get("prior", {})
    proper = given.get("proper", bool(given))
    variance = float(given.get("variance", float(given.get("sd", 1.0)) ** 2))
    absolute = not is_relative(case)
    prior = Prior(float(given.get("mean", 0.0)), float(np.sqrt(variance)) if proper else np.inf, absolute)
    found = posterior(mean(control, treatment, control.names[0]), prior)
    low, high = found.interval(1.0 - float(case.inputs.get("alpha", 0.05)))
    answer: dict[str, Any] = {
        "ctw": found.chance_better(), "mean": found.mean, "est": found.mean, "sd": found.sd, "se": found.sd,
        "ci": [low, high], "risk_keep_control": found.loss_drop(), "risk_ship_treatment": found.loss_keep(),
        "loss_keep": found.loss_keep(), "loss_drop": found.loss_drop(), "p": found.chance_better(),
    }  # fmt: skip
    if "rope" in case.inputs:
        answer["rope"] = found.rope(*case.inputs["rope"])
    return answer


def meta(case: Case) -> dict[str, Any]:
    """Random- and common-effects means, the variance between effects, Q, I2, and shrunken effects."""
    effects, variances = _effects(case)
    method = "paule-mandel" if re.search(r"paule|\bpm\b", case.text) else "dersimonian-laird"
    between, common = meta_analysis(effects, variances, method), meta_analysis(effects, variances, "none")
    closer = shrink(effects, variances, between.mean, between.tau2)
    fixed_only = re.search(r"fixed|common", case.text) and "random" not in case.text
    best = common if fixed_only else between
    test = cochran_q(effects, variances)
    return {
        "tau2": between.tau2, "random": between.mean, "fixed": common.mean, "se": best.se, "est": best.mean,
        "mean": best.mean, "se_fixed": common.se, "se_random": between.se, "q": test.statistic, "Q": test.statistic,
        "df": test.df, "p": test.p_value, "i2": between.i2, "I2": between.i2, "shrunk": closer.mean, "sd": closer.sd,
        "weight_to_mean": closer.weight_to_mean, "posterior_sd": closer.sd,
        "z": best.mean / best.se, "ci": best.mean + np.array([-1.959963984540054, 1.959963984540054]) * best.se,
    }  # fmt: skip


def trend(case: Case) -> dict[str, Any]:
    """The line through effects by day."""
    given = case.inputs
    days = next(given[name] for name in ("day", "days") if name in given)
    effects, variances = _effects(case)
    found = novelty(days, effects, variances)
    return {
        "slope": found.slope, "se_known": found.se, "se": found.se, "z": found.z, "p": found.p_value,
        "intercept": found.start,
    }  # fmt: skip


def interaction(case: Case) -> dict[str, Any]:
    """Whether the effect differs between segments: from effects, or from the rows with a segment by row number."""
    if "rows" not in case.inputs:
        effects, variances = _effects(case)
        if "df" in case.inputs:
            welch = interaction_test(effects, variances, case.inputs["df"])
            return {"F": welch.statistic, "p": welch.p_value, "df_num": welch.df, "df_denom": welch.df_rest}
        found = cochran_q(effects, variances)
        return {"F": found.statistic / found.df, "q": found.statistic, "p": found.p_value, "df": found.df}
    return _by_segment(case)


def _by_segment(case: Case) -> dict[str, Any]:
    table = rows(case)
    parts = int((re.search(r"row_index\s*%\s*(\d+)", f"{case.method} {case.inputs}") or ["", "3"])[1])
    y, t, segment = table["o"], table["t"], np.arange(len(table["t"])) % parts
    pairs = [
        mean(*(Moments.of(("y",), y[(t == arm) & (segment == s), None]) for arm in (0.0, 1.0)), "y")
        for s in range(parts)
    ]
    effects, variances = [float(p.m1 - p.m0) for p in pairs], [float(p.v00 + p.v11) for p in pairs]
    found = interaction_test(effects, variances, [float(p.df) for p in pairs])
    cells = segment * 2 + t
    dummies, simple = (
        (cells[:, None] == np.arange(2 * parts)).astype(float),
        (segment[:, None] == np.arange(parts)).astype(float),
    )
    full, less = _residual(y, dummies), _residual(y, np.column_stack([simple, t]))
    rest = len(y) - 2 * parts
    f = (less - full) / (parts - 1) / (full / rest)
    theirs = {"F": f, "p": fdtrc(parts - 1, rest, f), "df_denom": rest, "df_num": parts - 1}
    ours = {"F": found.statistic, "p": found.p_value, "df_denom": found.df_rest, "df_num": found.df}
    return against(ours, (theirs, ONE_VARIANCE))


def _residual(y: Any, x: Any) -> float:
    left = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    return float(left @ left)


def winners(case: Case) -> dict[str, Any]:
    """Type M and type S errors, or an effect given that it was selected."""
    given = case.inputs
    if "mu" in given:
        found = exaggeration(np.atleast_1d(given["mu"]))
        table = np.stack([found.power, found.factor, found.wrong_sign], axis=-1)
        one = table[0]
        return {"res": table, "power": one[0], "exaggeration": one[1], "type_m": one[1], "type_s": one[2]}
    if "effects" in given:
        errors = given.get("errors", given.get("se", given.get("ses")))
        lift = total_lift(given["effects"], errors, float(given.get("critical", 1.959963984540054)))
        return {"observed": lift.observed, "bias": lift.bias, "corrected": lift.corrected}
    effect, se = (
        float(next(given[k] for k in names if k in given))
        for names in (("estimate", "d", "effect", "z"), ("se", "sd", "z"))
    )
    if "z" in given and "se" not in given:
        effect, se = float(given["z"]), 1.0
    critical = float(given.get("critical", given.get("c", given.get("crit", 1.959963984540054))))
    found = conditional_estimate(effect, se, critical)
    return {
        "mle": found.likelihood, "cmle": found.likelihood, "conditional_mle": found.likelihood, "mean": found.mean,
        "average": found.average, "ci": [found.low, found.high], "est": found.likelihood,
    }  # fmt: skip


def _effects(case: Case) -> tuple[Any, Any]:
    given = case.inputs
    effects = next(given[name] for name in ("effects", "effect", "d", "y") if name in given)
    variances = next((given[name] for name in ("variances", "var", "variance", "v") if name in given), None)
    if variances is None:
        variances = np.square(next(given[name] for name in ("se", "ses", "errors") if name in given))
    return effects, variances
