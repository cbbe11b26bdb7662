"""After the decision: what past experiments say of the next one, and how much of a winner's effect is luck."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import log_ndtr, ndtr

from stats import checks
from stats.checks import Floats
from stats.meta import known_effects, meta_analysis
from stats.posterior import Prior

_TWO_SIDED_05 = 1.959963984540054
_LOG_ROOT = 0.5 * float(np.log(2.0 * np.pi))
_LEAST_EXPERIMENTS = 3


def learn_prior(
    effects: ArrayLike, variances: ArrayLike, *, method: str = "maximum-likelihood", absolute: bool = False
) -> Prior:
    """The normal prior of the next experiment's lift, from the lifts of past ones, `[experiments]`.

    Its mean is theirs and its variance tau2 + se(mean)^2: how much true effects differ, and how well their
    mean is known, so that it is never 0. method: as in `stats.meta_analysis`. Give every experiment, not only
    the winners, and lifts on the scale that the prior is to have.

    Errors: ValueError for fewer than three experiments whose variance is known.
    """
    _, _, known = known_effects(effects, variances)
    if known.ndim != 1 or known.sum() < _LEAST_EXPERIMENTS:
        raise ValueError(
            f"{known.sum()} past experiments of shape {known.shape}; a prior needs one list of at least "
            f"{_LEAST_EXPERIMENTS}. Until then use a flat or a stated one."
        )
    found = meta_analysis(effects, variances, method)
    return Prior(float(found.mean), float(np.sqrt(found.tau2 + found.se**2)), absolute)


class Conditional(NamedTuple):
    """An effect corrected for having been selected, `[...]`: the conditional likelihood's maximum, its mean, the
    average of these two, and the conditional interval.
    """

    likelihood: Floats
    mean: Floats
    average: Floats
    low: Floats
    high: Floats


def conditional_estimate(
    effect: ArrayLike, se: ArrayLike, critical: ArrayLike = _TWO_SIDED_05, *, level: float = 0.95
) -> Conditional:
    """Effects `[...]` reported because |effect| >= critical se, given that selection (Zhong & Prentice 2008).

    critical: the boundary that was crossed, above 0. For effects selected at a look of a sequential test this
    conditions on that look's boundary alone. The average is what the paper recommends.

    Errors: ValueError for a standard error or boundary not above 0, or an effect that was not selected.
    """
    d, s, c = np.broadcast_arrays(*(checks.finite("effect, se and critical", part) for part in (effect, se, critical)))
    if (s <= 0.0).any() or (c <= 0.0).any():
        raise ValueError(f"se {s.min():g} and critical {c.min():g} must be above 0.")
    if (np.abs(d) < c * s).any():
        short = np.abs(d / s)[np.abs(d) < c * s].flat[0]
        raise ValueError(f"an effect of {short:g} standard errors was not selected; give only those that crossed.")
    z, sign, tail = np.abs(d) / s, np.sign(d), (1.0 - checks.level("level", level)) / 2.0
    top = _solve(lambda mu: _selected_mean(mu, c) < z, np.zeros_like(z), z)
    mean = _likelihood_mean(z, c)
    ends = [_solve(partial(_is_rarer, z, c, chance), -z - c - 12.0, z + 12.0) for chance in (tail, 1.0 - tail)]
    low, high = np.minimum(*(sign * end for end in ends)), np.maximum(*(sign * end for end in ends))
    scale = sign * s
    return Conditional(scale * top, scale * mean, scale * (top + mean) / 2.0, s * low, s * high)


class Exaggeration(NamedTuple):
    """What a significant result is worth under a true effect, `[...]`: power, the factor by which |estimate|
    exceeds it on average (type M), and the chance that its sign is wrong (type S).
    """

    power: Floats
    factor: Floats
    wrong_sign: Floats


def exaggeration(drift: ArrayLike, critical: ArrayLike = _TWO_SIDED_05) -> Exaggeration:
    """Type M and type S errors of a two-sided test at |z| >= critical (Gelman & Carlin 2014), `[...]`.

    drift: the true effect in standard errors; at 0 the factor is infinite and the sign is wrong half the time.
    """
    mu, c = np.abs(checks.finite("drift", drift)), checks.finite("critical", critical)
    right, wrong = ndtr(mu - c), ndtr(-mu - c)
    size = (
        mu * (right - wrong) + np.exp(-((c - mu) ** 2) / 2.0 - _LOG_ROOT) + np.exp(-((c + mu) ** 2) / 2.0 - _LOG_ROOT)
    )
    some = np.where(mu > 0.0, mu, 1.0)
    power = right + wrong
    return Exaggeration(power, np.where(mu > 0.0, size / power / some, np.inf), wrong / power)


class TotalLift(NamedTuple):
    """The summed effect of what was kept, `[...]`: as observed, the luck in it, and what is left."""

    observed: Floats
    bias: Floats
    corrected: Floats


def total_lift(effects: ArrayLike, errors: ArrayLike, critical: ArrayLike = _TWO_SIDED_05) -> TotalLift:
    """The total of all kept effects, corrected for the selection by effect >= critical error (Lee & Shen 2018).

    effects, errors: estimates and standard errors of *all* experiments, kept or not, `[..., experiments]`, each
    positive if better. The bias is the sum over all of them of error phi(critical - effect / error).

    Errors: ValueError for values that are not finite or errors not above 0.
    """
    d, s, c = (
        checks.finite(name, part) for name, part in (("effects", effects), ("errors", errors), ("critical", critical))
    )
    if d.shape != s.shape or d.ndim == 0 or (s <= 0.0).any():
        raise ValueError(f"effects {d.shape} and errors {s.shape} must be one each per experiment, errors above 0.")
    observed = np.where(d >= c * s, d, 0.0).sum(axis=-1)
    bias = (s * np.exp(-((c - d / s) ** 2) / 2.0 - _LOG_ROOT)).sum(axis=-1)
    return TotalLift(observed, bias, observed - bias)


def _log_selected(mu: Floats, c: Floats) -> Floats:
    """Logarithm of P(|Z| >= c)."""
    return np.asarray(np.logaddexp(log_ndtr(mu - c), log_ndtr(-mu - c)))


def _selected_mean(mu: Floats, c: Floats) -> Floats:
    """E(Z given |Z| >= c)."""
    chance = _log_selected(mu, c) + _LOG_ROOT
    return np.asarray(mu + np.exp(-((c - mu) ** 2) / 2.0 - chance) - np.exp(-((c + mu) ** 2) / 2.0 - chance))


def _is_rarer(z: Floats, c: Floats, chance: float, mu: Floats) -> NDArray[np.bool_]:
    """Whether P(Z >= z given |Z| >= c), which rises in mu, is below a chance."""
    return np.asarray(log_ndtr(mu - z) - _log_selected(mu, c) < np.log(chance))


def _likelihood_mean(z: Floats, c: Floats) -> Floats:
    """Mean of the conditional likelihood over mu, by the trapezoidal rule, which is exact enough for such bells."""
    low = np.where(z - c > 24.0, z - 12.0, -12.0)
    mu = low[..., None] + (z + 12.0 - low)[..., None] * np.linspace(0.0, 1.0, 801)
    log = -((z[..., None] - mu) ** 2) / 2.0 - _log_selected(mu, c[..., None])
    weight = np.exp(log - log.max(axis=-1, keepdims=True))
    return np.asarray((weight * mu).sum(axis=-1) / weight.sum(axis=-1))


def _solve(below: Callable[[Floats], NDArray[np.bool_]], low: Floats, high: Floats) -> Floats:
    """Bisection, elementwise: the point up to which `below` holds."""
    for _ in range(80):
        middle = (low + high) / 2.0
        under = below(middle)
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return (low + high) / 2.0
