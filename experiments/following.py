"""Takes looks after launch: those who have what was kept beside those held back.

Such a look is taken as an experiment's is, in the phase of a roll-out's step, with intervals that hold on any day.
"""

from dataclasses import replace
from datetime import date

from experiments import analysis, arriving, followup
from experiments.errors import NotReady
from experiments.forgetting import marked
from experiments.plan import FrozenPlan
from experiments.registry import Database, experiments, followups, settings_store
from experiments.registry.experiments import Experiment
from experiments.rollup import closed_through
from experiments.settings import Settings
from experiments.snapshot import Snapshot
from experiments.warehouse import warehouse


def due(settings: Settings) -> list[str]:
    """Return keys of experiments that a newly closed day allows a look: running, stopped, or followed after launch."""
    db, closed = Database(settings.registry), closed_through(warehouse(settings))
    after = [e.key for e in experiments.listing(db) if closed and _day(db, e, closed)]
    return sorted({*analysis.due(settings), *after})


def look(settings: Settings, key: str) -> Snapshot:
    """Take the look that is due: of the experiment, or once it was decided of what was kept beside those held back."""
    if experiments.get(Database(settings.registry), key).followed:
        return follow(settings, key)
    return analysis.analyze(settings, key)


def follow(settings: Settings, key: str) -> Snapshot:
    """Compare those who have what was kept with those held back, up to the last closed day, and store it.

    NotReady where nothing is compared, or no day has closed since the last look.
    """
    db, lake = Database(settings.registry), warehouse(settings)
    e, closed = experiments.get(db, key), closed_through(lake)
    found = _day(db, e, closed) if closed else None
    if found is None:
        raise NotReady(
            f"'{key}' has nothing to compare after launch, or no day has closed since the last look. Those held back "
            "are compared from the day after the decision on; run 'keepers collect' first."
        )
    frozen, first, at = found
    history = tuple(followups.history(db, key, frozen.phase))
    occasion = analysis.Occasion(
        replace(e, stopped_at=None), frozen, first, at, history, True, settings_store.time_zone(db)
    )
    asked = analysis.question_of(lake, key, frozen, first, at)
    mine = asked.exposure_days.filter(asked.exposure_days.phase == frozen.phase)  # units of the experiment count too
    lost = arriving.lost(settings, e, frozen.phase, at, occasion.time_zone)
    seen = marked(db, analysis.look(lake, occasion, replace(asked, exposure_days=mine), (), lost))
    decision = e.decision
    assert decision is not None
    followups.append(db, seen, followup.word(followup.outcomes(decision, followup.decided_from(db, e), seen)))
    return seen


def _day(db: Database, e: Experiment, closed: date) -> tuple[FrozenPlan, date, date] | None:
    """The comparison that is on, its first day, and the day to look at; None if that was looked at already."""
    begun = [c for c in e.followed if c.first <= closed]
    if not begun:
        return None
    frozen, first = begun[-1].frozen, begun[-1].first
    at, newest = min(closed, begun[-1].last, frozen.horizon(first)), followups.last_cutoff(db, e.key, frozen.phase)
    return (frozen, first, at) if newest is None or newest < at else None
