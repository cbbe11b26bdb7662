"""The weekly self-check: whether roll-ups still agree with raw events, and metrics still behave in an A/A replay.

A sample of the running experiments is recounted each week, in turn, so that all are seen within some weeks.
"""

from datetime import UTC, datetime

from experiments.errors import NotReady
from experiments.planning import calibration
from experiments.planning.calibration import Calibration
from experiments.registry import Database, experiments
from experiments.settings import Settings

SAMPLE = 10


def sample(settings: Settings, now: datetime | None = None) -> list[str]:
    """Return keys of at most ten running experiments: this week's share of all, in turn."""
    week = (now or datetime.now(UTC)).isocalendar().week
    running = sorted(e.key for e in experiments.listing(Database(settings.registry)) if e.state == "running")
    parts = -(-len(running) // SAMPLE) or 1
    return running[week % parts :: parts]


def replays(settings: Settings) -> list[Calibration]:
    """Replay the goals and guardrails of running experiments; those measured on too few units are left out."""
    every = [e.plan for e in experiments.listing(Database(settings.registry)) if e.state == "running"]
    keys = {g.metric for plan in every for g in plan.goals} | {g.metric for plan in every for g in plan.guardrails}
    return [found for key in sorted(keys) if (found := _replayed(settings, key)) is not None]


def _replayed(settings: Settings, key: str) -> Calibration | None:
    try:
        return calibration.check(settings, key)
    except NotReady:
        return None
