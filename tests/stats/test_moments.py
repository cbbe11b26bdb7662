"""Moments: what the engine sees of the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from stats import Moments

LAWS = settings(deadline=None, derandomize=True, max_examples=60)
SIZES = some.lists(some.integers(0, 6), min_size=3, max_size=3)


def rows_of(seed: int, units: int, centre: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(centre, 1.0, (units, 2))


def same(left: Moments, right: Moments) -> None:
    for field in ("n", "mean", "cov"):
        np.testing.assert_allclose(getattr(left, field), getattr(right, field), rtol=1e-10, atol=1e-12)


@LAWS
@given(seed=some.integers(0, 10_000), sizes=SIZES, centre=some.sampled_from([0.0, 1e3]))
def test_merging_shards_equals_computing_from_all_rows_in_any_grouping(seed, sizes, centre):
    shards = [rows_of(seed + i, size, centre) for i, size in enumerate(sizes)]
    a, b, c = (Moments.of(["y", "x"], shard) for shard in shards)
    same((a + b) + c, a + (b + c))
    same((a + b) + c, (c + a) + b)
    whole = Moments.of(["y", "x"], np.concatenate(shards))
    np.testing.assert_allclose(((a + b) + c).cov, whole.cov, atol=1e-9)
    np.testing.assert_allclose(((a + b) + c).mean, whole.mean, rtol=1e-12, atol=1e-12)


def test_a_large_mean_costs_no_digits_of_the_variance():
    rows = np.random.default_rng(1).normal(0.0, 1.0, (10_000, 1))
    shifted = Moments.of(["y"], rows[:3_000] + 1e8) + Moments.of(["y"], rows[3_000:] + 1e8)
    assert shifted.cov[0, 0] == pytest.approx(rows.var(ddof=1), rel=1e-6)


def test_a_batch_of_cells_equals_its_cells_one_by_one():
    rows = np.random.default_rng(2).normal(size=(3, 4, 50, 2))
    batch = Moments.of(["y", "x"], rows)
    assert batch.n.shape == (3, 4)
    assert batch.cov.shape == (3, 4, 2, 2)
    same(batch.select((1, 2)), Moments.of(["y", "x"], rows[1, 2]))
    same((batch + batch.select((0, 0))).select((2, 3)), batch.select((2, 3)) + batch.select((0, 0)))


def test_no_units_and_one_unit_are_moments_too():
    none, one = Moments.of(["y"], np.empty((0, 1))), Moments.of(["y"], [[7.0]])
    assert (none + one).n == 1
    assert (none + one).mean[0] == 7.0
    assert (one + one).cov[0, 0] == 0.0
    assert (none + none).n == 0


def test_only_keeps_the_columns_asked_for_in_the_order_asked():
    rows = np.random.default_rng(3).normal(size=(20, 3))
    same(
        Moments.of(["a", "b", "c"], rows).only(["c", "a"]),
        Moments.of(["c", "a"], rows[:, [2, 0]]),
    )


def test_moments_cannot_be_changed_and_do_not_follow_the_callers_arrays():
    mean = np.zeros(1)
    moments = Moments(("y",), np.asarray(3.0), mean, np.ones((1, 1)))
    mean[0] = 5.0
    assert moments.mean[0] == 0.0
    with pytest.raises(ValueError, match="read-only"):
        moments.mean[0] = 1.0


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Moments(("y",), 3.0, [np.nan], [[1.0]]), "Moments.mean holds nan"),
        (lambda: Moments(("y",), -1.0, [0.0], [[1.0]]), "at least 0"),
        (lambda: Moments(("y",), 3.0, [0.0], [[-1.0]]), "a variance"),
        (lambda: Moments(("y",), 3.0, [0.0, 1.0], [[1.0]]), "shapes do not fit 1 columns"),
        (lambda: Moments(("y", "y"), 3.0, [0.0, 1.0], np.eye(2)), "'y' is named twice"),
        (lambda: Moments.of(["y"], [[1.0, 2.0]]), r"give \[units, 1\]"),
        (lambda: Moments.of(["y"], [[1.0]]) + Moments.of(["x"], [[1.0]]), "columns must be the same"),
        (lambda: Moments.of(["revenue"], [[1.0]]).column("revenues"), "did you mean 'revenue'"),
    ],
)
def test_what_cannot_be_moments_is_refused_with_the_value_and_the_rule(make, message):
    with pytest.raises(ValueError, match=message):
        make()
