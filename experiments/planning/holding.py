"""What holding some units back will show after launch, in words, before somebody chooses how many.

Few held back make a wide interval (docs/decisions/0035-after-launch.md). How wide follows from what the experiment
measured: how noisy each goal is, and how many units came a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from experiments.followup import predicted
from experiments.inference import always_valid
from experiments.numbers import about, change, decimals, fixed, plain_percent, unit_name
from experiments.plan import share_of
from experiments.reached import entering
from experiments.rollout import FOLLOWED_DAYS
from experiments.snapshot import MetricResult, Snapshot

SHARES = (0.05, 0.1, 0.2, 0.5)
WEEKS = 4
MOST = 3  # goals that are told of


@dataclass(frozen=True)
class Reach:
    """How far from the truth a goal's estimate may lie, as a share of control, with each share held back."""

    title: str
    predicted: float | None
    within: tuple[tuple[float, float], ...]

    @property
    def cells(self) -> tuple[tuple[str, str], ...]:
        """Each share and what it shows, as a table holds them: ('5%', '±4.8%')."""
        return tuple((plain_percent(share), f"±{_percent(reach)}") for share, reach in self.within)

    @property
    def advice(self) -> str:
        """What was predicted, and which share tells that from nothing; empty without a prediction."""
        if self.predicted is None:
            return ""
        told = f"Predicted is {change(self.predicted, None, None)[0]}"
        enough = [share for share, reach in self.within if reach < abs(self.predicted)]
        if not enough:
            return f"{told}, too little to be told from nothing by then."
        if enough[0] == self.within[0][0]:
            return f"{told}: any of these will do."
        return f"{told}: hold back {plain_percent(enough[0])} or more to tell it from nothing."


def reaches(snapshot: Snapshot | None) -> tuple[Reach, ...]:
    """Return what can be known of each goal four weeks after launch; empty where nothing of it can be foretold.

    Of several treatments it is told of the one that the verdict is about, as they differ little in noise.
    """
    if snapshot is None or snapshot.verdict.word == "invalid":
        return ()
    plan = snapshot.frozen.plan
    kept = snapshot.verdict.treatment or plan.treatments[0].key
    shares = [s for s in SHARES if s <= 1 - share_of(plan, kept) + 1e-9]  # who had it keeps it
    goals = snapshot.of("goal", kept)
    found = (_reach(m, snapshot, shares, goals=len(goals)) for m in goals)
    return tuple(r for r in found if r is not None)[:MOST]


def traffic(snapshot: Snapshot) -> str:
    """Say which traffic that takes for granted."""
    plan = snapshot.frozen.plan
    return f"as many come as in the experiment, about {about(a_day(snapshot))} {unit_name(plan.unit)} a day"


def a_day(snapshot: Snapshot) -> float:
    """Units a day among those who will be served: the experiment's, over the share of them that entered it."""
    frozen = snapshot.frozen
    days = min(snapshot.progress.day, frozen.plan.enrol_days + frozen.extended_days)
    return float(snapshot.progress.people / max(days, 1) / max(entering(frozen.plan), 1e-6))


def within(m: MetricResult, held: float, units: float, *, level: float, tightest: float) -> float | None:
    """Return half the width of a goal's interval after launch, as a share of control; None where it was not measured.

    `units` are those of both sides whose windows are over, of whom `held` get control. The interval holds on any day,
    is tightest at so many units, and nothing is adjusted by what units did before.
    """
    noise = _noise(m)
    if noise is None or units * min(held, 1 - held) < 1:
        return None
    bound = float(always_valid(level, units, planned=tightest, sides="both"))
    return float(bound * (noise * (1 / held + 1 / (1 - held)) / units) ** 0.5)


def _reach(m: MetricResult, snapshot: Snapshot, shares: Sequence[float], *, goals: int) -> Reach | None:
    days = 7 * WEEKS - (m.window_days or 0)
    plan, rate = snapshot.frozen.plan, a_day(snapshot)
    level, tightest = plan.alpha / goals, float(plan.planned_units or rate * FOLLOWED_DAYS)
    found = [(s, within(m, s, rate * days, level=level, tightest=tightest)) for s in shares if days > 0]
    told = tuple((s, reach) for s, reach in found if reach is not None)
    return Reach(m.title, predicted(m), told) if told else None


def _noise(m: MetricResult) -> float | None:
    """The variance of a relative effect that one unit in each arm would have, as the unadjusted interval tells it."""
    raw, control, variant = m.raw, m.control, m.variant
    if raw is None or control is None or variant is None or raw.relative_low is None or raw.relative_high is None:
        return None
    bound = NormalDist().inv_cdf(0.5 + raw.level / 2)
    if not control.n or not variant.n:
        return None
    return ((raw.relative_high - raw.relative_low) / 2 / bound) ** 2 / (1 / control.n + 1 / variant.n)


def _percent(share: float) -> str:
    return f"{fixed(100 * share, decimals(100 * share))}%"
