"""The statistics engine: moments of randomised units in, estimates out. It knows no plans, files or clocks.

A method is one function from moments to a `Pair` (`ESTIMATORS`); an inference is one rule for the critical
value (`RULES`); a spending function is one entry of `SPENDING`. What is added goes into one of these tables.
"""

from stats.estimate import Pair, mean, ratio
from stats.infer import (
    AlwaysValid,
    Estimate,
    Fixed,
    GroupSequential,
    Rule,
    Side,
    estimate,
    fieller,
    normal_scores,
    standard_error,
    statistic,
)
from stats.moments import Moments
from stats.multiplicity import benjamini_hochberg, benjamini_yekutieli, holm, holm_levels
from stats.sequential import (
    SPENDING,
    HwangShihDeCani,
    PowerFamily,
    boundaries,
    crossed,
    crossing_probabilities,
    obrien_fleming,
    pocock,
    sequential_p,
)
from stats.srm import ChiSquareSrm, SequentialSrm, srm_chi_square, srm_sequential

ESTIMATORS = {"mean": mean, "ratio": ratio}
RULES = {"fixed": Fixed, "group-sequential": GroupSequential, "always-valid": AlwaysValid}

__all__ = [
    "ESTIMATORS",
    "RULES",
    "SPENDING",
    "AlwaysValid",
    "ChiSquareSrm",
    "Estimate",
    "Fixed",
    "GroupSequential",
    "HwangShihDeCani",
    "Moments",
    "Pair",
    "PowerFamily",
    "Rule",
    "SequentialSrm",
    "Side",
    "benjamini_hochberg",
    "benjamini_yekutieli",
    "boundaries",
    "crossed",
    "crossing_probabilities",
    "estimate",
    "fieller",
    "holm",
    "holm_levels",
    "mean",
    "normal_scores",
    "obrien_fleming",
    "pocock",
    "ratio",
    "sequential_p",
    "srm_chi_square",
    "srm_sequential",
    "standard_error",
    "statistic",
]
