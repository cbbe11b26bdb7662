"""After launch: whether what was kept brings what was predicted, told by those who have it beside those held back.

Here is what a look after launch says; `following` takes it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from experiments import numbers
from experiments.errors import Distrusted, NotFound
from experiments.registry import Database, followups, snapshots
from experiments.registry.experiments import Decision, Experiment
from experiments.snapshot import MetricResult, Snapshot

HELD, SHORT, UNKNOWN = followups.WORDS


@dataclass(frozen=True)
class Outcome:
    """One goal after launch: what was predicted and what was measured, as shares of control, and how they compare.

    `low` and `high` are the ends of an interval that holds on any day; what is None is not known.
    """

    metric: str
    title: str
    predicted: float | None
    measured: float | None
    low: float | None
    high: float | None
    level: float | None
    word: str

    @property
    def predicted_text(self) -> str:
        """What was predicted, as it is written."""
        return numbers.change(self.predicted, None, None)[0]

    @property
    def measured_text(self) -> str:
        """What was measured since launch, as it is written."""
        return numbers.change(self.measured, self.low, self.high)[0]

    @property
    def interval_text(self) -> str:
        """Its interval, as it is written; empty where there is none."""
        return numbers.change(self.measured, self.low, self.high)[1]

    @property
    def whole_text(self) -> str:
        """Both, as a sentence holds them."""
        return f"{self.measured_text} ({self.interval_text})" if self.interval_text else self.measured_text


@dataclass(frozen=True)
class FollowUp:
    """How what was kept fares: since when, until when, who was compared, and each goal's outcome.

    `failing` are titles of trust checks that forbid a comparison; `hash` is that of the look that says so.
    """

    since: date
    cutoff: date
    held_back: int
    served: int
    failing: tuple[str, ...]
    word: str
    outcomes: tuple[Outcome, ...]
    computed_at: datetime
    hash: str


def latest(db: Database, e: Experiment) -> FollowUp | None:
    """Return how what was kept fares; None before the first look after launch."""
    if not e.followed or e.decision is None:
        return None
    seen = followups.latest(db, e.key)
    if seen is None:
        return None
    found = outcomes(e.decision, decided_from(db, e), seen)
    failing = tuple(c.title for c in seen.checks if c.invalidates and c.state == "bad")
    held = seen.split.counts.get(seen.frozen.plan.control.key, 0)
    served = sum(seen.split.counts.values()) - held
    return FollowUp(
        seen.launched, seen.cutoff, held, served, failing, word(found), found, seen.computed_at, seen.hash
    )


def outcomes(decision: Decision, before: Snapshot | None, after: Snapshot) -> tuple[Outcome, ...]:
    """Return each goal's prediction, from the snapshot that was decided on, beside what was measured since.

    Groups that cannot be compared have shown nothing.
    """
    valid = after.verdict.word != "invalid"
    kept = decision.variant or ""
    predictions = {m.metric: predicted(m) for m in (before.of("goal", kept) if before else ())}
    return tuple(_outcome(m, predictions.get(m.metric), valid=valid) for m in after.of("goal", kept))


def word(found: Sequence[Outcome]) -> str:
    """Return one word for all goals: it fell short if one did, and held up if one did and none fell short."""
    words = {o.word for o in found}
    return SHORT if SHORT in words else HELD if HELD in words else UNKNOWN


def told(seen: FollowUp) -> str:
    """Say in a sentence for each goal what was predicted and what was measured, and until when."""
    if seen.failing:
        return f"The two sides cannot be compared: {', '.join(seen.failing)}."
    goals = [f"{o.title}: predicted {o.predicted_text}, measured {o.whole_text}." for o in seen.outcomes]
    return f"{' '.join(goals)} Data until {numbers.day(seen.cutoff)}."


def _outcome(m: MetricResult, predicted: float | None, *, valid: bool) -> Outcome:
    effect = m.effect if valid else None
    ends = (effect.relative, effect.relative_low, effect.relative_high) if effect else (None, None, None)
    level = effect.level if effect else None
    return Outcome(m.metric, m.title, predicted, *ends, level, judged(predicted, ends[1], ends[2], m.direction))


def judged(predicted: float | None, low: float | None, high: float | None, direction: str) -> str:
    """Say how an interval stands to what was predicted, both as shares of control.

    It fell short if it lies wholly on the worse side of the prediction, and held up if it lies wholly on the better
    side of no change.
    """
    if predicted is None or low is None or high is None:
        return UNKNOWN
    if direction == "decrease":
        predicted, low, high = -predicted, -high, -low
    return SHORT if high < predicted else HELD if low > 0 else UNKNOWN


def predicted(m: MetricResult) -> float | None:
    """What is expected after launch; what was measured, where no selection is allowed for."""
    return m.expected.relative if m.expected else m.effect.relative if m.effect else None


def decided_from(db: Database, e: Experiment) -> Snapshot | None:
    """Return the snapshot that was decided on; None where there is none to believe."""
    number = e.decision.snapshot if e.decision else None
    try:
        return snapshots.get(db, e.key, number) if number else None
    except (Distrusted, NotFound):
        return None
