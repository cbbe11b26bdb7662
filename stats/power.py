"""Power: how many units a test needs, what it can detect, and how long that takes, for every inference. A test
is its boundaries at fractions of its horizon (`Schedule`); an effect is how many standard errors it is worth at
the horizon (its drift). Everything else is arithmetic on these two.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import nctdtr as noncentral_t
from scipy.special import ndtr

from stats import checks
from stats.checks import Floats
from stats.distributions import normal_bound, normal_tail, t_bound
from stats.estimate import Pair
from stats.infer import AlwaysValid, Side
from stats.sequential import Exits, Spending, boundaries, exits

_MOST_DRIFT = 60.0  # standard errors; the power of any schedule that can reject is 1 long before
_NORMAL = 1e9  # degrees of freedom from which Student's t is the normal distribution


@dataclass(frozen=True)
class Schedule:
    """One test: its boundaries at fractions of the horizon, the last of which is 1.

    alpha: its level, both sides together. bounds, fractions: `[looks]`; a look may have an infinite bound.
    side: "both", "greater" (rejects at or above the bound) or "less" (at or below minus the bound).
    Made by `fixed`, `group_sequential` or `always_valid`.

    Errors: ValueError for fractions that fall or do not end at 1.
    """

    alpha: float
    bounds: tuple[float, ...]
    fractions: tuple[float, ...]
    side: Side = "both"

    def __post_init__(self) -> None:
        checks.level("alpha", self.alpha)
        checks.one_of("side", self.side, ("both", "greater", "less"))
        times, _ = checks.looks(self.fractions, self.bounds)
        if times[-1] != 1.0:
            raise ValueError(f"the last look is at {times[-1]:g} of the horizon; it must be 1. Divide by the last one.")

    def exits(self, drift: ArrayLike) -> Exits:
        """Chances of having rejected upwards and downwards by each look, `[..., looks]`, for drifts `[...]`."""
        bounds = np.asarray(self.bounds)
        none = np.full(bounds.shape, np.inf)
        upper, lower = (none if self.side == "less" else bounds), (none if self.side == "greater" else bounds)
        return exits(upper, -lower, self.fractions, drift)

    def power(self, drift: ArrayLike, df: ArrayLike = np.inf) -> Floats:
        """The chance to reject by the horizon, on any side tested, `[...]`: alpha where the drift is 0.

        drift: the effect in standard errors at the horizon, `[...]`. df: degrees of freedom there. With one
        look this is the exact power of Student's test (the noncentral t); with several, the drift is
        replaced by the one that has that power at one look in a normal test.
        """
        if len(self.bounds) == 1:
            return _one_look(self.alpha, drift, df, self.side)
        out = self.exits(_normal_drift(self.alpha, drift, df, self.side))
        return np.minimum(out.upper[..., -1] + out.lower[..., -1], 1.0)

    def drift(self, power: float, df: float = np.inf) -> float:
        """The drift that has this power, above 0 (below 0 for the side "less").

        Errors: ValueError for a power that is not above alpha, or that no effect reaches.
        """
        _power_above(power, self.alpha)
        sign = -1.0 if self.side == "less" else 1.0
        short = float(self.power(sign * _MOST_DRIFT, df)) - power
        if short < 0.0:
            raise ValueError(f"no effect has power {power:g} with boundaries {list(self.bounds)}; they must be finite.")
        root = brentq(lambda drift: float(self.power(sign * drift, df)) - power, 0.0, _MOST_DRIFT, xtol=1e-12)
        return sign * float(root)

    def expected_fraction(self, drift: ArrayLike) -> Floats:
        """The share of the horizon after which the test ends on average, `[...]`: at a rejection or at 1."""
        out = self.exits(drift)
        going = 1.0 - np.minimum(out.upper + out.lower, 1.0)[..., :-1]
        return np.asarray(self.fractions[0] + (going * np.diff(self.fractions)).sum(axis=-1))


def fixed(alpha: float, side: Side = "both") -> Schedule:
    """One look at the horizon."""
    tail = checks.level("alpha", alpha) / (2.0 if side == "both" else 1.0)
    return Schedule(alpha, (float(normal_bound(tail)),), (1.0,), side)


def group_sequential(
    alpha: float, fractions: ArrayLike, side: Side = "both", *, spending: str | Spending = "obrien-fleming"
) -> Schedule:
    """Looks at fractions of the horizon under a spending function; see `stats.sequential.boundaries`.

    With a reserve for running over, alpha is what is spent to the horizon.
    """
    bounds = boundaries(alpha, fractions, fractions, spending=spending, two_sided=side == "both")
    return Schedule(alpha, tuple(bounds.tolist()), tuple(np.atleast_1d(fractions).tolist()), side)


def always_valid(alpha: float, fractions: ArrayLike, side: Side = "both", *, tightest: float = 1.0) -> Schedule:
    """Looks at fractions of the horizon at a confidence sequence, tightest at that fraction of the horizon.

    See `stats.infer.AlwaysValid`, whose planned units are then tightest times the units at the horizon.
    """
    times = np.atleast_1d(checks.finite("fractions", fractions))
    rule = AlwaysValid(alpha, planned=checks.positive("tightest", tightest))
    some = np.ones(times.shape)
    bounds = rule.critical(Pair(some, some, some, 0.0 * some, some, _NORMAL * some, times), side)
    return Schedule(alpha, tuple(bounds.tolist()), tuple(times.tolist()), side)


@dataclass(frozen=True)
class Aim:
    """What a test is to detect: a true change `effect`, tested against a change of `worth`.

    sd: standard deviation of a unit, of control's or of (control, treatment)'s, after covariates.
    effect, worth: relative to `mean`, control's mean, tested as m1 - (1 + worth) m0 so that control's noise
    counts; without a mean they are absolute. For a guardrail that must not fall by more than 2 % and does
    not move, effect is 0, worth -.02 and the side "greater". share: treatment's share of the units of both
    arms, .5 for even arms (`share_of` takes a ratio).

    Errors: ValueError for a deviation not above 0, a mean of 0, a share outside (0, 1), effect = worth.
    """

    sd: float | tuple[float, float]
    effect: float
    worth: float = 0.0
    mean: float | None = None
    share: float = 0.5

    def __post_init__(self) -> None:
        for value in self._deviations():
            checks.positive("sd", value)
        checks.finite("effect, worth and mean", [self.effect, self.worth, 1.0 if self.mean is None else self.mean])
        checks.level("share", self.share)
        if self.mean == 0.0:
            raise ValueError("mean is 0; a relative change needs a control mean. Leave it out for absolute sizes.")
        if self.effect == self.worth:
            raise ValueError(f"effect and worth are both {self.worth:g}; there is nothing to detect between them.")

    def variances(self) -> tuple[float, float]:
        """Variances of control's and treatment's part of the statistic, times the units of both arms."""
        control, treatment = self._deviations()
        times = 1.0 if self.mean is None else 1.0 + self.worth
        return (times * control) ** 2 / (1.0 - self.share), treatment**2 / self.share

    def distance(self) -> float:
        """The true change less the one tested, in the metric's own unit."""
        return (self.effect - self.worth) * (1.0 if self.mean is None else self.mean)

    def drift(self, units: ArrayLike) -> Floats:
        """Expectation of the test statistic with that many units in both arms together, `[...]`."""
        return np.asarray(self.distance() * np.sqrt(np.asarray(units, dtype=np.float64) / sum(self.variances())))

    def df(self, units: ArrayLike) -> Floats:
        """Welch-Satterthwaite's degrees of freedom with that many units in both arms together, `[...]`."""
        n, (v0, v1) = np.asarray(units, dtype=np.float64), self.variances()
        inverse = (v0**2 / (n * (1.0 - self.share) - 1.0) + v1**2 / (n * self.share - 1.0)) / (v0 + v1) ** 2
        return np.asarray(1.0 / inverse)

    def _deviations(self) -> tuple[float, float]:
        return self.sd if isinstance(self.sd, tuple) else (self.sd, self.sd)


def share_of(ratio: float) -> float:
    """Treatment's share of both arms' units for a ratio of treatment's to control's."""
    return checks.positive("ratio", ratio) / (1.0 + ratio)


def power(aim: Aim, schedule: Schedule, units: ArrayLike, *, exact: bool = True) -> Floats:
    """The chance to reject by the horizon with that many units in both arms together, `[...]`.

    exact: Student's t (the noncentral t of Welch's degrees of freedom, exact for arms alike), else the normal
    distribution, as for a deviation that is known. Errors: ValueError for fewer than 2 units in an arm.
    """
    n = checks.finite("units", units)
    checks.at_least("units of the smaller arm", n * min(aim.share, 1.0 - aim.share), 2.0)
    return schedule.power(aim.drift(n), aim.df(n) if exact else np.inf)


def sample_size(aim: Aim, schedule: Schedule, target: float = 0.8, *, exact: bool = True) -> float:
    """Units of both arms together, at the horizon, for that power; not rounded, so round up.

    exact: as in `power`. Errors: ValueError for a power not between alpha and 1, or an effect on the side
    that the schedule does not test.
    """
    _side_fits(aim.distance(), schedule.side)
    normal = (schedule.drift(target) / float(aim.drift(1.0))) ** 2
    least = 2.0 / min(aim.share, 1.0 - aim.share)
    if not exact:
        return max(normal, least)
    if float(power(aim, schedule, least)) >= target:
        return least
    # Student's t asks for a little more than the normal distribution: a few units in each arm.
    most = 2.0 * max(normal, least) + 100.0 * least
    return float(brentq(lambda n: float(power(aim, schedule, n)) - target, least, most, xtol=1e-9, rtol=1e-14))


def detectable(aim: Aim, schedule: Schedule, units: float, target: float = 0.8, *, exact: bool = True) -> float:
    """The smallest change detected with that power by that many units in both arms, in the aim's own scale.

    The aim's effect is not used but for its side of worth. Errors: as `power` and `sample_size`.
    """
    checks.at_least("units of the smaller arm", np.asarray(units * min(aim.share, 1.0 - aim.share)), 2.0)
    _side_fits(aim.distance(), schedule.side)
    needed = abs(schedule.drift(target, float(aim.df(units)) if exact else np.inf))
    per_unit = abs(float(replace(aim, effect=aim.worth + 1.0).drift(units)))
    return aim.worth + float(np.sign(aim.effect - aim.worth)) * needed / per_unit


def enrol_days(units: float, new_units: ArrayLike, *, share: float = 1.0) -> int:
    """Days until that many units have enrolled, in whole weeks.

    new_units: units met for the first time on each day since the start, `[days]`, from real traffic (fewer
    each day where people come back), or one number for every day; after its end, the mean of its last seven
    days goes on. share: of that traffic that enters the arms compared. The horizon adds the longest window.

    Errors: ValueError where traffic is negative or ends in seven days of nothing before the units are there.
    """
    daily = np.atleast_1d(checks.finite("new_units", new_units)) * checks.positive("share", share)
    checks.at_least("new_units", daily, 0.0)
    total = np.cumsum(daily)
    if total[-1] >= checks.positive("units", units):
        days = int(np.searchsorted(total, units)) + 1
    elif (rate := float(daily[-7:].mean())) > 0.0:
        days = daily.size + int(np.ceil((units - total[-1]) / rate - 1e-9))
    else:
        raise ValueError(f"{units:g} units are needed and traffic ends at {total[-1]:g}; detect a larger change.")
    return 7 * -(-days // 7)


def beta_each(beta: float, guardrails: int) -> float:
    """The beta of each test so that one goal and all guardrails pass together with power 1 - beta at least.

    beta / (guardrails + 1), by Bonferroni's inequality, under any dependence.
    """
    checks.at_least("guardrails", np.asarray(float(guardrails)), 0.0)
    return checks.level("beta", beta) / (guardrails + 1)


def joint_power(powers: ArrayLike, correlation: float = 0.0, *, any_of: ArrayLike = ()) -> float:
    """The chance that all tests of a rule pass, their statistics having one common correlation in [0, 1).

    powers: of each test, `[tests]`. any_of: of further tests of which one is enough, `[others]`. By integration over
    the common factor; independent tests multiply.
    """
    if not 0.0 <= correlation < 1.0:
        raise ValueError(f"correlation is {correlation!r}; it must be at least 0 and below 1, for instance 0.3.")
    nodes, weights = np.polynomial.hermite_e.hermegauss(96)

    def passing(name: str, given: ArrayLike) -> Floats:
        score = -normal_bound(checks.probabilities(name, given))[:, None] + np.sqrt(correlation) * nodes
        return np.asarray(ndtr(score / np.sqrt(1.0 - correlation)))

    chance = passing("powers", powers).prod(axis=0) if np.size(powers) else np.ones(nodes.size)
    if np.size(any_of):
        chance = chance * (1.0 - (1.0 - passing("any_of", any_of)).prod(axis=0))
    return float((weights * chance).sum() / weights.sum())


class RuleSize(NamedTuple):
    """Units of both arms for a whole rule, and the power of each of its tests with them, `[tests]`."""

    units: float
    powers: Floats


def rule_size(tests: Sequence[tuple[Aim, Schedule]], target: float = 0.8) -> RuleSize:
    """Units so that the goal and every guardrail pass together with that power: the largest of what each
    needs at `beta_each`. The first test is the goal's, the others are the guardrails'.

    Errors: ValueError without a test; as `sample_size`.
    """
    if not tests:
        raise ValueError("a rule of 0 tests needs no units; give at least the goal's aim and schedule.")
    each = 1.0 - beta_each(1.0 - checks.level("target", target), len(tests) - 1)
    units = max(sample_size(aim, schedule, each) for aim, schedule in tests)
    return RuleSize(units, np.array([float(power(aim, schedule, units)) for aim, schedule in tests]))


def arcsine_effect(control: float, treatment: float) -> float:
    """Two proportions as one effect whose standard deviation is 1 (Cohen 1988): an `Aim(1.0, this)`."""
    rates = checks.probabilities("proportions", [control, treatment])
    return float(np.diff(2.0 * np.arcsin(np.sqrt(rates)))[0])


def proportions_power(
    rates: tuple[float, float], units: ArrayLike, alpha: float = 0.05, side: Side = "both", *, share: float = 0.5
) -> Floats:
    """Power of the pooled test of two proportions (Fleiss, Levin, Paik 2003), both tails counted, `[...]`.

    rates: true proportions of control and treatment. units: of both arms together, `[...]`. share: as in `Aim`.
    """
    p0, p1 = checks.probabilities("rates", rates)
    n, w = checks.finite("units", units), checks.level("share", share)
    pooled = (1.0 - w) * p0 + w * p1
    tested = np.sqrt(pooled * (1.0 - pooled) / (w * (1.0 - w)))
    true = np.sqrt(p0 * (1.0 - p0) / (1.0 - w) + p1 * (1.0 - p1) / w)
    if true == 0.0:
        raise ValueError(f"rates are {p0:g} and {p1:g}; one must lie strictly between 0 and 1.")
    bound = normal_bound(checks.level("alpha", alpha) / (2.0 if side == "both" else 1.0)) * tested
    return _tails((p1 - p0) * np.sqrt(n), bound, true, side)


def proportions_size(
    rates: tuple[float, float], target: float = 0.8, alpha: float = 0.05, side: Side = "both", *, share: float = 0.5
) -> float:
    """Units of both arms for that power of `proportions_power`; not rounded.

    Errors: ValueError for equal rates, or rates that differ on the side that is not tested.
    """
    if rates[0] == rates[1]:
        raise ValueError(f"both rates are {rates[0]:g}; give two that differ by what is to be detected.")
    _side_fits(rates[1] - rates[0], side)
    _power_above(target, alpha)

    def short(log_units: float) -> float:
        return float(proportions_power(rates, np.exp(log_units), alpha, side, share=share)) - target

    return float(np.exp(brentq(short, -20.0, 60.0, xtol=1e-14)))


def _one_look(alpha: float, drift: ArrayLike, df: ArrayLike, side: Side) -> Floats:
    """Power of one test at the horizon, by the noncentral t; both tails are counted."""
    shift, few = np.asarray(drift, dtype=np.float64), np.minimum(np.asarray(df, dtype=np.float64), _NORMAL)
    tail = alpha / (2.0 if side == "both" else 1.0)
    c = np.where(few < _NORMAL, t_bound(tail, few), normal_bound(tail))
    above, below = _t_tail(c, few, shift), _t_tail(c, few, -shift)
    return above + below if side == "both" else above if side == "greater" else below


def _t_tail(c: Floats, df: Floats, shift: Floats) -> Floats:
    """P(T >= c) of the noncentral t. Where it vanishes (below 1e-15, at shifts under -8) 0 is given, since
    the series behind it may fail there.
    """
    tail = np.where(shift > -8.0, noncentral_t(df, -np.maximum(shift, -8.0), -c), 0.0)
    return np.where(df < _NORMAL, tail, normal_tail(c - shift))


def _normal_drift(alpha: float, drift: ArrayLike, df: ArrayLike, side: Side) -> Floats:
    """The drift with the same power in a normal test of one look, as this one has with few degrees."""
    shift, few = np.asarray(drift, dtype=np.float64), np.asarray(df, dtype=np.float64)
    if (few >= _NORMAL).all():
        return shift
    tail = alpha / (2.0 if side == "both" else 1.0)
    miss = 1.0 - _one_look(tail, np.abs(shift), few, "greater")
    usable = (few < _NORMAL) & (miss > 1e-12)
    size = normal_bound(tail) + normal_bound(np.where(usable, miss, 0.5))
    return np.where(usable, np.copysign(np.maximum(size, 0.0), shift), shift)


def _tails(distance: Floats, bound: Floats, deviation: float, side: Side) -> Floats:
    above, below = normal_tail((bound - distance) / deviation), normal_tail((bound + distance) / deviation)
    return np.asarray(above + below if side == "both" else above if side == "greater" else below)


def _side_fits(distance: float, side: Side) -> None:
    if (side == "greater" and distance < 0.0) or (side == "less" and distance > 0.0):
        raise ValueError(f"the effect lies {distance:g} from the worth tested, but the side is {side!r}.")


def _power_above(value: float, alpha: float) -> None:
    if not alpha < value < 1.0:
        raise ValueError(f"power is {value!r}; it must lie between alpha ({alpha:g}) and 1, for instance 0.8.")
