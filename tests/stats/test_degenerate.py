"""Degenerate input: every estimator under every rule says in words what is missing, and nothing fails deep inside.

Warnings are errors in this suite, so a division by zero on the way fails here too.
"""

import inspect
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import stats
from stats import AlwaysValid, Counts, Fixed, GroupSequential, Moments, Pair, Prior, Quantile, Rule

NAN, INF = float("nan"), float("inf")


def cell(n: float, mean: float = 1.0, variance: float = 1.0) -> Moments:
    """Outcome y, a denominator z that varies as little, and a covariate x: y and x correlate .5, z neither."""
    cov = variance * np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.0], [0.5, 0.0, 1.0]])
    return Moments(("y", "z", "x"), n, np.array([mean, max(abs(mean), 1.0), 3.0]), cov)


# What the two arms are, and whether an interval of the difference must exist.
CELLS: dict[str, tuple[Moments, Moments, bool]] = {
    "no unit in either arm": (cell(0, 0.0, 0.0), cell(0, 0.0, 0.0), False),
    "one arm empty": (cell(0, 0.0, 0.0), cell(500), False),
    "the other arm empty": (cell(500), cell(0, 0.0, 0.0), False),
    "one unit in each arm": (cell(1, 1.0, 0.0), cell(1, 2.0, 0.0), False),
    "one unit in one arm": (cell(500), cell(1, 2.0, 0.0), False),
    "nothing varies": (cell(500, 1.0, 0.0), cell(500, 2.0, 0.0), False),
    "one arm does not vary": (cell(500, 1.0, 0.0), cell(500, 2.0, 1.0), True),
    "all convert": (cell(500, 1.0, 0.0), cell(500, 1.0, 0.0), False),
    "none convert": (cell(500, 0.0, 0.0), cell(500, 0.0, 0.0), False),
    "none convert in control": (cell(500, 0.0, 0.0), cell(500, 0.5, 0.25), True),
    "control at zero": (cell(500, 0.0), cell(500), True),
    "control below zero": (cell(500, -1.0), cell(500, 1.0), True),
    "1e15 units": (cell(1e15), cell(1e15, 1.0 + 1e-6), True),
    "means of 1e12 with a variance of 1": (cell(500, 1e12), cell(500, 1e12 + 1), True),
    "a variance of 1e-200": (cell(500, 1.0, 1e-200), cell(500, 1.0, 1e-200), True),
    "means of 1e50": (cell(500, 1e50, 1e99), cell(500, 2e50, 1e99), True),
}


def counts(control: Moments, treatment: Moments) -> Pair:
    """Conversions as near to the means as there can be."""
    (x0, n0), (x1, n1) = ((round(min(max(float(m.mean[0]), 0.0), 1.0) * float(m.n)), m.n) for m in (control, treatment))
    return stats.score_pair(Counts(np.array(x0), n0, np.array(x1), n1))


def strata(control: Moments, treatment: Moments) -> Pair:
    """Two strata, of which the second is always ordinary."""
    both = [
        Moments(m.names, *(np.stack([getattr(m, f), getattr(cell(50), f)]) for f in ("n", "mean", "cov")))
        for m in (control, treatment)
    ]
    return stats.poststratify(stats.mean(*both, "y"))


def quantiles(control: Moments, treatment: Moments) -> Pair:
    """The mean stands for the quantile; its interval is as wide as the outcome varies, and has no width without units."""
    return stats.quantile(*(_quantile(m) for m in (control, treatment)))


def _quantile(m: Moments) -> Quantile:
    value, reach = float(m.mean[0]), float(np.sqrt(m.cov[0, 0]))
    share = Moments(("at_most", "events"), m.n, np.array([0.5, 1.0]), np.diag([0.25 if m.n > 1 else 0.0, 0.0]))
    return Quantile(np.array(value), value - reach, value + reach, np.array(0.1 if m.n > 1 else 0.0), share)


def clusters(control: Moments, treatment: Moments, covariates: Any = None) -> Pair:
    """Up to three clusters an arm, whose totals are apart by a standard deviation."""
    sums, rows = np.zeros((2, 3, 2)), np.zeros((2, 3, 2))
    for arm, m in enumerate((control, treatment)):
        some = int(min(float(m.n), 3))
        rows[arm, :some, arm] = 10.0
        sums[arm, :some, arm] = 10.0 * (float(m.mean[0]) + np.sqrt(float(m.cov[0, 0])) * np.arange(some))
    return stats.clustered(sums.reshape(6, 2), rows.reshape(6, 2), covariates)


ESTIMATORS: dict[str, Callable[[Moments, Moments], Pair]] = {
    "mean": lambda a, b: stats.mean(a, b, "y"),
    "adjusted mean": lambda a, b: stats.mean(a, b, "y", ["x"]),
    "ratio": lambda a, b: stats.ratio(a, b, "y", "z"),
    "adjusted ratio": lambda a, b: stats.ratio(a, b, "y", "z", ["x"]),
    "strata": strata,
    "quantile": quantiles,
    "clusters": clusters,
    "adjusted clusters": lambda a, b: clusters(a, b, np.arange(6.0)[:, None]),
    "score of counts": counts,
    "interaction": lambda a, b: stats.interaction(stats.mean(a, b, "y"), stats.mean(b, a, "y")),
}
RULES: dict[str, Rule] = {
    "fixed": Fixed(0.05),
    "always valid": AlwaysValid(0.05, planned=1_000),
    "group sequential": GroupSequential(0.05, (0.5,), (50,)),
    "a look that spends nothing": GroupSequential(0.05, (0.0,), (0,)),
}


@pytest.mark.parametrize("what", CELLS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimate_under_every_rule_is_a_number_or_says_in_words_why_not(estimator: str, what: str) -> None:
    control, treatment, _ = CELLS[what]
    pair = ESTIMATORS[estimator](control, treatment)
    for rule, side in product(RULES.values(), ("both", "greater", "less")):
        found = stats.estimate(pair, rule.critical(pair, side), rule.p_value(pair, side=side))
        assert not np.isnan([found.low, found.high, found.relative_low, found.relative_high]).any()
        assert found.low <= found.high
        assert found.relative_low <= found.relative_high
        assert 0.0 <= found.p_value <= 1.0
        assert found.se > 0
        assert found.critical >= 0
        unknown = [np.isnan(found.difference), np.isnan(found.relative), np.isinf(found.se), np.isinf(found.low)]
        assert not any(unknown) or found.flags
        assert not np.isinf(found.relative_low) or found.flags
        assert all(len(words.split()) > 3 for words in found.flags)


@pytest.mark.parametrize("what", CELLS)
def test_an_interval_of_the_difference_exists_where_it_can(what: str) -> None:
    control, treatment, exists = CELLS[what]
    pair, rule = stats.mean(control, treatment, "y"), Fixed(0.05)
    found = stats.estimate(pair, rule.critical(pair), rule.p_value(pair))
    assert bool(np.isfinite(found.low)) is exists
    assert bool(found.p_value < 1.0) is (exists and float(found.difference) != 0.0)


@pytest.mark.parametrize("what", CELLS)
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_margins_and_posteriors_hold_on_the_same_input(estimator: str, what: str) -> None:
    pair = ESTIMATORS[estimator](*CELLS[what][:2])
    for rule in RULES.values():
        assert 0.0 <= stats.non_inferiority(pair, rule, 0.05).p_value <= 1.0
        assert 0.0 <= stats.equivalence(pair, rule, -0.05, 0.05).p_value <= 1.0
        assert np.isfinite(stats.normal_scores(pair)) or abs(stats.statistic(pair)) > 37
    for prior in (Prior(), Prior(0.0, 0.1), Prior(0.0, 0.1, absolute=True)):
        found = stats.posterior(pair, prior)
        assert not np.isnan([found.mean, found.sd, *found.interval()]).any()
        assert 0.0 <= found.chance_better() <= 1.0
        assert 0.0 <= found.rope(-0.01, 0.01) <= 1.0
        assert found.loss_keep() >= 0.0
        assert found.loss_drop() >= 0.0
        assert np.isfinite(stats.lift(pair, absolute=prior.absolute).se) or found.flags


FINE = cell(10)
PAIR = stats.mean(cell(50), cell(50), "y")
REFUSED: list[Callable[[float], Any]] = [
    lambda bad: Moments(("y",), bad, np.ones(1), np.ones((1, 1))),
    lambda bad: Moments(("y",), 5, np.array([bad]), np.ones((1, 1))),
    lambda bad: Moments(("y",), 5, np.ones(1), np.array([[bad]])),
    lambda bad: Moments.of(("y",), [[1.0], [bad]]),
    lambda bad: Counts(np.array(bad), np.array(10.0), np.array(1.0), np.array(10.0)),
    lambda bad: stats.clustered([[bad, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]]),
    lambda bad: Quantile.of([1.0, bad], [1, 2], 0.5),
    lambda bad: stats.srm_sequential([bad, 1], [1, 1]),
    lambda bad: stats.srm_chi_square([1, 1], [1, bad]),
    lambda bad: stats.boundaries(0.05, [0.5, bad], [1, 2]),
    lambda bad: stats.sequential_p([1.0, 1.0], [0.5, 1.0], [1, bad]),
    lambda bad: Fixed(bad),
    lambda bad: AlwaysValid(0.05, planned=bad),
    lambda bad: GroupSequential(0.05, (bad,), (1,)),
    lambda bad: stats.non_inferiority(PAIR, Fixed(0.05), bad),
    lambda bad: stats.equivalence(PAIR, Fixed(0.05), -0.1, bad),
    lambda bad: stats.holm([0.1, bad]),
    lambda bad: stats.benjamini_hochberg([0.1, bad]),
    lambda bad: Prior(bad),
    lambda bad: stats.caps([1.0, bad]),
    lambda bad: stats.poisson_bootstrap([[1.0], [bad]], [[1.0], [2.0]], rng=np.random.default_rng(1)),
    lambda bad: stats.permutation([1.0, bad], [1.0, 2.0], rng=np.random.default_rng(1)),
    lambda bad: stats.mann_whitney([1.0, bad], [1.0, 2.0]),
    lambda bad: stats.novelty([1, 2, bad], [1, 2, 3], [1, 1, 1]),
    lambda bad: stats.Aim(bad, 1.0),
    lambda bad: stats.Aim(1.0, bad),
    lambda bad: stats.exaggeration(bad),
    lambda bad: stats.switchback([[1.0, bad]], [[0, 1]], stats.Switchback(1, 0), rng=np.random.default_rng(1)),
]


@pytest.mark.parametrize("bad", [NAN, INF, -INF])
@pytest.mark.parametrize("call", REFUSED, ids=lambda call: inspect.getsource(call).strip().removeprefix("lambda bad: "))
def test_what_is_not_a_number_is_refused_in_words_at_the_door(call: Callable[[float], Any], bad: float) -> None:
    with pytest.raises(ValueError, match=r"must|give|need") as refused:
        call(bad)
    assert str(refused.traceback[-1].path).startswith(str(Path(stats.__file__).parent)), "not from deep inside numpy"


def public() -> list[Any]:
    """All that stats offers: functions, and classes with their public methods."""
    offered = [x for name in stats.__all__ if inspect.isclass(x := getattr(stats, name)) or inspect.isfunction(x)]
    methods = [
        m for c in offered if inspect.isclass(c) for name, m in vars(c).items()
        if not name.startswith("_") and inspect.isfunction(getattr(m, "__func__", m))
    ]  # fmt: skip
    return [*offered, *methods]


def test_nothing_public_takes_more_than_five_positional_arguments() -> None:
    records = {x.__name__ for x in public() if inspect.isclass(x)}
    taken = {
        f.__qualname__: [
            p for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD) and p.name not in {"self", "cls"}
        ]
        for f in (getattr(x, "__func__", x) for x in public()) if getattr(f, "__name__", "") not in records
    }  # fmt: skip
    assert len(taken) > 60
    assert {name: len(p) for name, p in taken.items() if len(p) > 5} == {}


def test_everything_public_is_documented() -> None:
    assert [x for x in public() if not (inspect.getdoc(getattr(x, "__func__", x)) or "").strip()] == []
