"""How sure the line through an effect's days since exposure is: each unit's days are added up before they are compared."""

from datetime import date

import numpy as np
import pytest

from benchmarks import trends as worlds
from experiments import trends
from experiments.trends import SinceExposure
from stats import Moments

LAST = range(worlds.HORIZON, worlds.HORIZON + 1)


def told(world: str, effect: np.ndarray, runs: int) -> np.ndarray:
    """Whether a change is told at the horizon, `[runs, 2]`: with days as independent, and with a unit's days together."""
    rng = np.random.default_rng(42)
    found = [worlds.experiment(rng, worlds.WORLDS[world], effect, looks=LAST, units=300) for _ in range(runs)]
    return np.array([[p[0] <= trends.LEVEL for p in f] for f in found])


@pytest.mark.slow
def test_days_that_are_much_like_the_day_before_no_longer_look_like_a_change() -> None:
    before, after = told("drifting", np.full(worlds.DAYS, 0.1), 200).mean(axis=0)
    assert before > 0.15
    assert after == pytest.approx(0.045, abs=3 * np.sqrt(0.045 * 0.955 / 200))  # nine tenths of .05


@pytest.mark.slow
def test_a_change_that_was_hidden_by_users_who_do_much_on_every_day_is_told() -> None:
    before, after = told("heavy and light", 0.5 * worlds.FADING, 100).mean(axis=0)
    assert after > before + 0.1


def arm(rng: np.random.Generator, level: float) -> Moments:
    return Moments.of(("y",), rng.normal(level, 1.0, (400, 1)))


def seen(spread: tuple[float, float] | None, share: float = 1.0) -> SinceExposure:
    """An effect of three days that fades from +10 % to nothing."""
    rng = np.random.default_rng(1)
    days = {(k, d): arm(rng, 10 + (k == "new") * (1 - d / 2)) for d in range(3) for k in ("control", "new")}
    return SinceExposure({"spent": days}, {} if spread is None else {("spent", "new"): spread}, share)


def test_before_the_horizon_a_change_is_told_by_a_bound_that_holds_on_any_day() -> None:
    spread = (0.0001, 0.0001)
    at_the_end, early = (trends.trends(worlds.plan(), seen(spread, share))[0] for share in (1.0, 0.5))
    assert at_the_end.slope == early.slope == pytest.approx(-0.05, abs=0.01)
    assert at_the_end.p_value < 0.001 < 0.01 < early.p_value
    assert at_the_end.spread == spread
    assert not trends.changes(trends.trends(worlds.plan(), seen((0.01, 0.01)))[0])


def test_an_older_snapshots_days_are_read_as_they_were() -> None:
    found = trends.trends(worlds.plan(), seen(None))[0]
    assert (found.spread, found.note) == (None, "")
    assert found.p_value == pytest.approx(worlds.independent(worlds.plan(), trends.arms_of(worlds.plan(), seen(None).days["spent"], "new")))


def test_a_plan_has_come_to_its_horizon_when_the_last_window_closes() -> None:
    shares = [trends.share_of(worlds.plan(), date(2026, 3, 2), day) for day in (date(2026, 3, 2), date(2026, 3, 28), date(2026, 4, 9))]
    assert shares == [1 / 27, 1.0, 1.0]
