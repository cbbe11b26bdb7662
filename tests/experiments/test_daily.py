"""Each day alone: what two looks kept gives the very effect that the day's own rows give."""

import sys
from pathlib import Path

import numpy as np
import pytest

from experiments.daily import daily, less, newest
from experiments.keeping import kept_moments
from experiments.plan import freeze
from experiments.registry.cards import course_of
from experiments.registry.snapshots import point
from stats import Moments

sys.path.insert(0, str(Path(__file__).parents[1] / "reports"))
import samples


def looks(rows):
    """Looks whose arms hold all the rows until then: rows[arm][day] of zeros and ones."""
    frozen = freeze(samples.plan(), samples.CATALOG)
    for day in range(1, len(rows[0]) + 1):
        made = samples.snapshot(frozen, day, "wait")
        whole = [np.concatenate(arm[:day])[:, None] for arm in rows]
        moments = [kept_moments(Moments.of(("y",), r)) for r in whole]
        metrics = list(made.metrics)
        arms = [a.model_copy(update={"moments": m}) for a, m in zip((metrics[0].control, metrics[0].variant), moments, strict=True)]
        metrics[0] = metrics[0].model_copy(update={"control": arms[0], "variant": arms[1]})
        yield made.model_copy(update={"metrics": tuple(metrics)})


def points(history):
    """As the registry keeps them."""
    return [point(s.cutoff, course_of(s)) for s in history]


def test_the_rest_of_a_sample_has_the_moments_of_its_own_rows():
    rows = np.random.default_rng(5).gamma(2.0, 40.0, size=(900, 2))
    found = less(Moments.of(("y", "d"), rows), Moments.of(("y", "d"), rows[:500]))
    truth = Moments.of(("y", "d"), rows[500:])
    np.testing.assert_allclose(found.mean, truth.mean, rtol=1e-12)
    np.testing.assert_allclose(found.cov, truth.cov, rtol=1e-10)
    assert less(Moments.of(("y", "d"), rows), Moments.of(("y", "d"), rows[:899])) is None


def test_days_counted_anew_give_no_impossible_variance():
    rows = np.random.default_rng(6).normal(size=(400, 1))
    assert less(Moments.of(("y",), rows), Moments.of(("y",), 9 * rows[:300])) is None


def test_each_days_effect_is_that_of_the_day_alone():
    rng = np.random.default_rng(7)
    rows = [[(rng.random(800) < share).astype(float) for share in shares] for shares in ((0.4, 0.4, 0.4), (0.4, 0.6, 0.4))]
    history = list(looks(rows))
    found = daily(points(history), history[-1].metrics[0], history[-1].frozen)
    assert [d.day for d in found] == [1, 2, 3]
    for day in found:
        control, variant = (arm[day.day - 1].mean() for arm in rows)
        assert day.change == pytest.approx(variant / control - 1, rel=1e-9)
        assert day.low < day.change < day.high
        assert day.n == 1600
    assert found[1].low > 0.2


def test_what_is_kept_beside_a_look_is_each_day_alone_however_few_looks_are_drawn():
    rng = np.random.default_rng(8)
    history = list(looks([[(rng.random(500) < 0.4).astype(float) for _ in range(6)] for _ in range(2)]))
    like, frozen = history[-1].metrics[0], history[-1].frozen
    kept = [point(s.cutoff, course_of(s, newest(history[:n], s))) for n, s in enumerate(history)]
    every = daily(points(history), like, frozen)
    assert [d.days for d in every] == [1] * 6
    assert daily(kept, like, frozen) == every
    assert daily(kept[1::2], like, frozen) == every[1::2], "drawn or not, a day is a day"
    between = daily(points(history[1::2]), like, frozen)  # looks of before days were kept
    assert [(d.day, d.days) for d in between[1:]] == [(4, 2), (6, 2)]
    assert newest(history[:2], history[5])[0].days == 4


def test_nothing_is_told_of_days_whose_moments_were_not_kept():
    old = samples.snapshot()
    assert daily(points([old]), old.metrics[0], old.frozen) == ()
