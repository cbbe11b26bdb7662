"""One table from a method's words to its adapter: the first pattern that is found decides."""

import re
from collections.abc import Callable
from typing import Any

from cases import belief, effects, grouped, looks, others, planning, proportions
from cases.answers import Case, NoPassFail, NotOffered, Number, Result, judge
from cases.inputs import PROPORTIONS, arm_values

Adapter = Callable[[Case], Any]

NOT_OFFERED = (
    (r"msprt|mixture likelihood ratio", "mSPRT"),
    (r"stitch", "stitching bounds"),
    (r"bernoulli", "Bernoulli confidence sequences"),
    (r"gamma.*poisson|poisson.*gamma", "gamma-Poisson"),
    (r"stouffer|combine p", "Fisher's and Stouffer's combination"),
    (r"false positive risk|\bfpr\b", "false positive risk"),
    (r"p\(best\)|thompson|bandit", "chance to be best of several (bandit allocation)"),
    (r"one.sample", "power of one sample"),
    (r"anova\.test|anova power", "power of the analysis of variance"),
    (r"chisq\.test w|chi-?sq\w* power", "power of the chi-square test"),
    (r"fisher\.test|fisher.s exact", "Fisher's exact test"),
    (r"tukey", "Tukey's all-pairs comparison"),
    (r"sign test", "sign test over days"),
    (r"murmur|bucketing", "assignment, no statistics (the SDK's own tests)"),
    (r"several proportions", "chi-square test of several proportions"),
    (r"anorexia", "regression of three arms with one slope (its rows are not in the file)"),
    (r"count of rows", "a count of rows, no statistic"),
    (r"hartung|knapp|hksj", "Hartung-Knapp"),
    (r"wild", "wild cluster bootstrap"),
    (r"difference.in.differences|\bdid\b", "difference in differences"),
    (r"log-?rank|kaplan|survival", "survival analysis"),
    (r"kolmogorov|\bks\b", "Kolmogorov-Smirnov"),
    (r"e-value|e-process", "e-values of their own"),
)

ADAPTERS: tuple[tuple[str, Adapter], ...] = (
    (r"acceptance region", others.share),
    (r"srm|sample ratio|dirichlet", others.srm),
    (r"multiple testing|adjusted p|p\.adjust|benjamini|\bholm\b", others.adjusted),
    (r"dunnett", others.several_treatments),
    (r"normal mixture bound|howard", looks.normal_mixture),
    (r"anytime-valid|avlm|t-mixture|log_?bf", looks.t_mixture),
    (r"asymptotic c|asymp\w*cs\b|confidence sequence", looks.confidence_sequence),
    (r"peek", looks.peeking),
    (r"classical.*(pocock|brien)|commonbounds|j&t", looks.classical),
    (r"group-?sequential.*(drift|inflation|average sample)|\bdrift\b", looks.group_sequential_design),
    (r"lan-?demets|spending|hwang|pocock|o.?brien|\bldof\b|\bldpocock\b", looks.group_sequential_bounds),
    (r"exaggeration|type.?[ms]\b|winner|conditional (mle|estim|likelihood)|lee & shen|zhong", belief.winners),
    (r"beta ?\([^)]*\)|beta-?binomial", proportions.posterior),
    (r"gaussian posterior|normal posterior|posterior|expected loss|\brope\b", belief.gaussian),
    (r"daily-effect|novelty|linear trend", belief.trend),
    (r"interaction|cochran|heterogeneity", belief.interaction),
    (r"tau2|tau\^2|meta|shrink|random.effects|dersimonian|paule|empirical-bayes", belief.meta),
    (r"(?<!z )(?<!t )quantile|percentile of|event-level", grouped.clustered_quantile),
    (r"cluster", grouped.clusters),
    (r"mann-whitney|wilcox", others.ranks),
    (r"permutation", others.permuted),
    (r"bootstrap", others.bootstrap),
    (r"\btost\b|equivalence", effects.equivalent),
    (r"\bpower\b|sample size|\bmde\b|required n|n per (arm|variant|group)|detectable", planning.answer),
    (r"post-?strat", effects.strata),
    (r"ancova|interacted|lin \(?2013|\bols\b|regression", effects.regression),
    (r"single-arm ratio", effects.single_ratio),
    (r"winsor", others.capped),
    (r"exact 2x2|boschloo|barnard", proportions.exact),
    (r"single proportion", proportions.one),
)


def answer(case: Case) -> Any:
    """What the engine answers, `NotOffered`, or None where no adapter knows the method."""
    if case.id.startswith(("NOT_VERIFIED", "versions")):
        return NoPassFail("declared to be no test by the file")
    for pattern, name in NOT_OFFERED:
        if re.search(pattern, case.text):
            return NotOffered(name)
    for pattern, adapter in ADAPTERS:
        if re.search(pattern, case.text) and _fits(adapter, case):
            return adapter(case)
    return _by_shape(case)


def _fits(adapter: Adapter, case: Case) -> bool:
    """A word alone does not decide: Fieller's interval may be anytime-valid, power needs something to plan."""
    if adapter in (looks.confidence_sequence, looks.t_mixture):
        return "fieller" not in case.text
    return True


def _by_shape(case: Case) -> Any:
    """Proportions, margins and plain comparisons are told by what is given."""
    given = case.inputs
    margin = "margin" in given or "nim" in given
    if "k1" in given or re.search(PROPORTIONS, case.text):
        return proportions.noninferior(case) if margin else proportions.two(case)
    if arm_values(given) is None and "rows" not in given:
        return None
    return effects.noninferior(case) if margin else effects.comparison(case)


def run(case: Case) -> Result:
    """Judge a case; one that no adapter knows, or whose adapter stumbles, fails and says so."""
    try:
        found = answer(case)
    except Exception as error:  # an unseen case must not stop the others
        return _failed(case, f"{type(error).__name__}: {error}")
    return judge(case, found) if found is not None else _failed(case, "no adapter")


def _failed(case: Case, note: str) -> Result:
    return Result(case, [Number("", "fail", case.expected, None, note)])
