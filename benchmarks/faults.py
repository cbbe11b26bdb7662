"""Faults that were measured in other tools, each as a simulation or an exact figure of ours beside theirs."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

import stats
from benchmarks import rules
from benchmarks.fleets import Truth, fleet, plan, revenue
from benchmarks.tally import Check, Share, at_most, exact
from experiments.plan import Plan
from experiments.planning import operating
from experiments.planning.operating import Metric
from stats import AlwaysValid, Fixed, Moments, Pair

Floats = NDArray[np.float64]
USERS = (50, 200, 500, 1000)


@dataclass(frozen=True)
class Fault:
    """A check of ours, and what others' way gives on the same draws."""

    check: Check
    theirs: str


def skewed(runs: int, rng: np.random.Generator) -> list[tuple[int, dict[str, Share]]]:
    """False positives over 14 daily looks of A/A revenue: ours, and the relative change by a linear approximation."""
    found = []
    for users in USERS:
        metrics = revenue(runs, users, rng)
        goal = metrics["goal"]
        found.append((users, {
            "ours, group sequential": _ever(plan("group-sequential", 0), metrics),
            "ours, always valid": _ever(plan("always-valid", 0), metrics),
            "linearised change, N* = 5000": Share.of(_linearised(goal.pair)),
            "fixed horizon, peeked at": Share.of((Fixed(0.05).p_value(goal.pair) < 0.05).any(axis=1)),
        }))  # fmt: skip
    return found


def rollbacks(runs: int, rng: np.random.Generator) -> list[tuple[int, Share, Share]]:
    """Guardrails, and false roll-backs (ours: false harm) by day 28 of an A/A with as many independent guardrails."""
    found = []
    for guardrails in (1, 3, 5):
        metrics = fleet(Truth("A/A", 0.0, (0.0,) * guardrails), runs, rng, looks=28, correlation=0.0)
        theirs, mine = rules.growthbook_like(metrics), rules.ours()(metrics)
        found.append((guardrails, Share.of(theirs.stopped), Share.of(mine.cried)))
    return found


def peeking(runs: int, rng: np.random.Generator) -> list[Fault]:
    """Looking daily at one metric without an effect."""
    ten, fourteen = (fleet(Truth("A/A", 0.0, ()), runs, rng, looks=n) for n in (10, 14))
    theirs = (
        f"fixed test {_any(rules.peeking(ten))} at 10 looks, {_any(rules.peeking(fourteen))} at 14; "
        f"chance to win {_any(rules.chance_to_win(ten))} at 10 looks; "
        f"expected loss ships {Share.of(rules.expected_loss(fourteen).kept).value:.3f} of null variants"
    )
    return [
        Fault(at_most("any reading but 'nothing shown', 14 looks", _ever(plan(guardrails=0), fourteen), 0.05), theirs)
    ]


def singles(runs: int, rng: np.random.Generator) -> list[Fault]:
    """The other rows, from rare conversions to degrees of freedom."""
    return [
        _rare(), _cumulative(), *_coverage(runs, rng), _agreement(runs, rng), _tuned(), _ratio(min(runs, 4_000), rng),
        Fault(exact("degrees of freedom of a split with an arm of weight zero",
                    stats.srm_chi_square([500, 510, 0], [0.5, 0.5, 0.0]).df, 1), "2 where such arms are counted"),
        _nothing_known(rng),
    ]  # fmt: skip


def _ever(a_plan: Plan, metrics: dict[str, Metric]) -> Share:
    looks = metrics["goal"].information.size
    found = operating.outcomes(a_plan, metrics, range(1, looks + 1), looks)
    return Share.of((found.better | found.worse | found.harmed).any(axis=1))


def _any(d: rules.Decisions) -> str:
    return f"{(d.kept | d.dropped).mean():.3f}"


def _linearised(pair: Pair) -> NDArray[np.bool_]:
    """Control's mean taken as well away from zero, and a confidence sequence tuned to 5,000 units whatever comes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = (pair.m1 - pair.m0) / pair.m0
        se = np.sqrt(pair.v11 / pair.m0**2 + pair.v00 * pair.m1**2 / pair.m0**4)
        found = np.abs(change) / se > AlwaysValid(0.05, rho=_rho(5_000)).critical(pair)
    return np.asarray((found & (pair.m0 != 0)).any(axis=1))


def _rho(units: float) -> float:
    """The usual closed form for the rho that is tightest near so many units (Waudby-Smith and others 2021)."""
    size = -2 * np.log(0.05)
    return float(np.sqrt((size + np.log(size + 1)) / units))


def _rare() -> Fault:
    rates = np.array([0.0, 300 / 100_000])
    arms = Moments(("y",), np.full(2, 1e5), rates[:, None], (rates * (1 - rates) * 1e5 / (1e5 - 1))[:, None, None])
    p = float(Fixed(0.05).p_value(stats.mean(arms.select(0), arms.select(1), "y")))
    return Fault(Check("p-value of 0 of 100,000 against 300 of 100,000", Share(p, 0.0), 0.0, 1e-60), "1.0 (no answer)")


def _cumulative() -> Fault:
    """Spending up to a look taken as the level of that look alone."""
    wrong = []
    for looks in (5, 10, 14, 28):
        times = np.arange(1, looks + 1) / looks
        bounds = -ndtri(stats.obrien_fleming(0.05, times) / 2)
        wrong.append(float(stats.crossing_probabilities(bounds, times)[-1]))
    times = np.arange(1, 15) / 14
    right = float(stats.crossing_probabilities(stats.boundaries(0.05, times, times), times)[-1])
    check = Check("error over 14 O'Brien-Fleming looks", Share(right, 0.0), 0.0499, 0.0501)
    return Fault(check, f"{min(wrong):.3f} to {max(wrong):.3f} where the spending so far is taken as a level")


def _coverage(runs: int, rng: np.random.Generator) -> list[Fault]:
    """Whether the relative interval holds a change of +50 %, also with a control arm of a tenth."""
    found = []
    for what, v0, v1 in (("even arms", 1e-3, 1e-3), ("a control arm of 10 %", 9e-3, 1e-3)):
        m0, m1 = 1 + np.sqrt(v0) * rng.standard_normal(runs), 1.5 + np.sqrt(v1) * rng.standard_normal(runs)
        pair = Pair(m0, m1, np.array(v0), np.zeros(()), np.array(v1), np.array(1e9), np.array(1e5))
        low, high = stats.fieller(pair, 1.959964)
        reach = 1.959964 * np.sqrt(v0 + v1) / m0
        naive = np.abs(m1 / m0 - 1.5) <= reach
        mine = Check(
            f"coverage of the relative interval at +50 %, {what}", Share.of((low <= 0.5) & (high >= 0.5)), 0.945, 0.955
        )
        found.append(Fault(mine, f"{naive.mean():.3f} with control's mean taken as fixed"))
    return found


def _agreement(runs: int, rng: np.random.Generator) -> Fault:
    """p-value against relative interval, on noisy controls of either sign; and no interval upside down."""
    m0, m1 = rng.normal(0.0, 3.0, (2, runs))
    v0, v1 = rng.uniform(0.05, 2.0, (2, runs))
    pair = Pair(m0, m1, v0, np.zeros(()), v1, np.full(runs, 40.0), np.full(runs, 42.0))
    rule = Fixed(0.05)
    low, high = stats.fieller(pair, rule.critical(pair))
    bounded = np.isfinite(low)
    disagree = bounded & ((rule.p_value(pair) <= 0.05) != ((low > 0) | (high < 0)))
    linear = np.abs(m1 / m0 - 1) > rule.critical(pair) * np.sqrt(v1 / m0**2 + v0 * m1**2 / m0**4)
    check = at_most("p-value and relative interval disagree, or an interval is upside down",
                    Share(float(np.mean(disagree | (low > high))), 0.0), 0.0)  # fmt: skip
    return Fault(check, f"{np.mean((rule.p_value(pair) <= 0.05) != linear):.3f} with a linearised interval, same draws")


def _tuned() -> Fault:
    units = np.array([5e3, 2e4, 1e5, 1e6])
    pair = Pair(np.zeros(4), np.zeros(4), np.ones(4), np.zeros(4), np.ones(4), np.full(4, 1e9), units)
    constant = AlwaysValid(0.05, rho=_rho(5_000)).critical(pair) / 1.959964
    tuned = (
        np.array([float(AlwaysValid(0.05, planned=n).critical(_at(pair, i))) for i, n in enumerate(units)]) / 1.959964
    )
    check = Check(
        "always-valid interval over a fixed one, at the planned units", Share(float(tuned.max()), 0.0), 1.5, 1.56
    )
    return Fault(
        check, f"{constant.min():.2f} at 5,000 units to {constant.max():.2f} at a million, tuned to 5,000 for ever"
    )


def _at(pair: Pair, i: int) -> Pair:
    return Pair(*(getattr(pair, f)[i] for f in ("m0", "m1", "v00", "v01", "v11", "df", "n")))


def _ratio(runs: int, rng: np.random.Generator) -> Fault:
    """Clicks per view, A/A: people differ in both, and the person is what was randomised."""
    views = 1.0 + rng.poisson(rng.gamma(1.0, 3.0, (2, runs, 500)))
    clicks = rng.binomial(views.astype(int), rng.beta(1.0, 3.0, views.shape)).astype(float)
    arms = Moments.of(["y", "d"], np.stack([clicks, views], axis=-1))
    pair = stats.ratio(arms.select(0), arms.select(1), "y", "d")
    mine = Share.of(Fixed(0.05).p_value(pair) <= 0.05)
    total = views.sum(axis=-1)
    rate = clicks.sum(axis=-1) / total
    naive = np.abs(rate[1] - rate[0]) > 1.959964 * np.sqrt((rate * (1 - rate) / total).sum(axis=0))
    return Fault(Check("false positives of a ratio, A/A", mine, 0.04, 0.055), f"{naive.mean():.3f} with views as units")


def _nothing_known(rng: np.random.Generator) -> Fault:
    """Seven units a day: a great effect, and too few to show anything."""
    found = fleet(Truth("great", 40.0, (0.0,)), 2_000, rng)
    few = {k: Metric(m.role, _thin(m), m.gain, m.fractions, m.fractions * 190, 190.0) for k, m in found.items()}
    kept = rules.ours()(few).kept | rules.ours("always-valid")(few).kept
    return Fault(
        at_most("keep with fewer than 100 units in an arm", Share(float(kept.mean()), 0.0), 0.0),
        "'ship now' without any data",
    )


def _thin(m: Metric) -> Pair:
    return Pair(m.pair.m0, m.pair.m1, m.pair.v00, m.pair.v01, m.pair.v11, m.pair.df, m.fractions * 190)
