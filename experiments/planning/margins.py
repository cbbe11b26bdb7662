"""Margins to suggest for guardrails, from each metric's history: what losses are ordinary, and what people can show.

A margin says how much worse would still be acceptable, which only people can judge; what data can say is where to
begin. Medicine keeps half of what a treatment usually brings (FDA 2016, Non-inferiority clinical trials, M2); and a
margin that those who come cannot show safe only ends in `review`. docs/decisions/0039-suggested-margins.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import floor, log10
from statistics import NormalDist

import stats
from experiments.numbers import about, decimals, fixed, several, times, unit_name
from experiments.planning.priors import Past
from experiments.registry import Database, overview

ALPHA, POWER = 0.05, 0.8  # a guardrail's, one-sided; what a plan asks for unless it says otherwise
KEPT = 0.5
STEPS = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
LARGEST = 0.5  # a margin of more than half of control protects nothing


def often(guardrails: int) -> float:
    """How often each test must pass, so that one goal and all guardrails pass together with the plan's power."""
    return 1 - stats.beta_each(1 - POWER, guardrails)


@dataclass(frozen=True)
class Noise:
    """How exactly one metric was measured: the variance of its relative effect, with so many units in two arms."""

    variance: float
    units: int

    def resolved(self, units: int, guardrails: int) -> float:
        """The relative margin that so many units show safe with the plan's power, if nothing changes.

        One look at the end; each of the guardrails and the goal gets its part of what the plan may miss.
        """
        normal = NormalDist()
        drift = normal.inv_cdf(1 - ALPHA) + normal.inv_cdf(often(guardrails))
        return float(drift * (self.variance * self.units / units) ** 0.5)


@dataclass(frozen=True)
class Suggestion:
    """A margin to begin with, as a share of control, and why.

    `shown` is the smallest that `units` show safe as `often` as that; `usual` how far enhancements moved it, None from
    fewer than five experiments; `largest` says that the units are the largest experiment's, as none were planned.
    """

    margin: float
    shown: float
    units: int
    unit: str
    usual: float | None
    experiments: int
    largest: bool
    often: float

    @property
    def typed(self) -> str:
        """The margin as somebody types it: 2.5 for 2.5 %."""
        return f"{100 * self.margin:.6g}"

    @property
    def sentence(self) -> str:
        """The reasoning."""
        return f"Suggested: {self.typed}%. {self._why}"

    @property
    def _why(self) -> str:
        few = f"{about(self.units)} {unit_name(self.unit)}"
        who = f"{few}, as many as the largest experiment had," if self.largest else few
        if self.usual is None:
            return f"It is the smallest that {who} show safe {times(self.often)}; what is usual of it is not known yet."
        usual = f"enhancements usually moved it by {_percent(self.usual)} ({several(self.experiments, 'experiment')})"
        if self.shown <= KEPT * self.usual:
            return f"Half of what is usual: {usual}. {who} can show {_percent(self.shown)} or more."
        passes = "; a loss of the usual size could pass, so enrol for longer" if self.margin > self.usual else ""
        return f"It is the smallest that {who} show safe {times(self.often)}; {usual}{passes}."


def noises(db: Database) -> Mapping[str, Noise]:
    """Return how exactly each metric was measured in the largest experiment that did."""
    return _noises(db, overview.version(db))


@lru_cache(maxsize=8)
def _noises(db: Database, at: tuple[int, int]) -> Mapping[str, Noise]:
    """Read once as long as nothing changes."""
    found: dict[str, Noise] = {}
    for metric, variance, units in overview.measurements(db):
        if metric not in found or units > found[metric].units:
            found[metric] = Noise(variance, units)
    return found


def suggest(
    metrics: Iterable[str], noise: Mapping[str, Noise], past: Mapping[str, Past], *,
    unit: str, planned: int | None, guardrails: int,
) -> dict[str, Suggestion]:  # fmt: skip
    """Return a margin for each metric that was measured; `planned` are units of the two arms compared, if known."""
    return {
        m: _suggestion(noise[m], past.get(m), unit=unit, planned=planned, guardrails=guardrails)
        for m in metrics
        if m in noise
    }


def _suggestion(noise: Noise, past: Past | None, *, unit: str, planned: int | None, guardrails: int) -> Suggestion:
    units = planned or noise.units
    shown = noise.resolved(units, guardrails)
    prior = past.prior if past else None
    usual = (prior.mean**2 + prior.sd**2) ** 0.5 if prior else None
    margin = min(_round(max(shown, KEPT * usual if usual else 0.0)), LARGEST)
    many = past.experiments if past else 0
    return Suggestion(margin, shown, units, unit, usual, many, planned is None, often(guardrails))


def _round(share: float) -> float:
    """The next number upwards that people would choose: 2.3 % becomes 2.5 %."""
    scale = 10.0 ** floor(log10(share))
    return next(step * scale for step in STEPS if share <= step * scale * (1 + 1e-9))


def _percent(share: float) -> str:
    return f"{fixed(100 * share, decimals(100 * share))}%"
