"""The cause of an uneven split: a planted fault is found first, and what is as planned is called so."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from stats import split_causes, srm_sequential

SHARES = {
    "platform": (0.5, 0.35, 0.15), "country": (0.3, 0.2, 0.15, 0.1, 0.09, 0.08, 0.08), "sdk": (0.55, 0.25, 0.12, 0.08),
    "day": (1 / 14,) * 14,
}  # fmt: skip
SIZES = [len(s) for s in SHARES.values()]
DIMENSIONS = np.repeat(np.arange(len(SIZES)), SIZES)
UNITS = 100_000


def planted(rng, weights):
    """Units by slice and arm, with one slice that lost 10 to 40 % of one arm; and which slice, arm and how many."""
    weights = np.array(weights)
    share = np.array([1.0])
    for each in SHARES.values():
        share = np.multiply.outer(share, each)
    cells = rng.multinomial(UNITS, np.multiply.outer(share[0], weights).ravel()).reshape(*SIZES, len(weights))
    dimension = int(rng.integers(len(SIZES)))
    value, arm = int(rng.integers(SIZES[dimension])), int(rng.integers(len(weights)))
    at = (*(slice(None) if d != dimension else value for d in range(len(SIZES))), arm)
    lost = rng.binomial(cells[at], rng.uniform(0.1, 0.4))
    cells[at] -= lost
    slices = [np.moveaxis(cells, d, 0).reshape(n, -1, len(weights)).sum(axis=1) for d, n in enumerate(SIZES)]
    return np.concatenate(slices), int(sum(SIZES[:dimension]) + value), arm, int(lost.sum())


@pytest.mark.parametrize("weights", [(0.5, 0.5), (0.5, 0.3, 0.2)])
def test_of_100_planted_faults_at_least_90_are_found_first_with_their_arm_and_size(weights):
    rng = np.random.default_rng(20_261)
    runs = [planted(rng, weights) for _ in range(100)]
    counts = np.array([r[0] for r in runs])
    total = counts[:, DIMENSIONS == 0].sum(axis=1)
    found = split_causes(counts, total, weights, DIMENSIONS)
    first = found.score.argmax(axis=-1)
    right = [n for n, (_, where, arm, _) in enumerate(runs) if first[n] == where and found.arm[n, where] == arm]
    assert len(right) >= 90
    assert (found.score[right, first[right]] > found.everywhere[right]).mean() > 0.9
    # The share that is missing is a difference of two counts: a standard error of about sqrt(2 planned).
    errors = [(found.missing[n, w] - lost) / np.sqrt(3 * found.planned[n, w]) for n, (_, w, _, lost) in enumerate(runs)]
    assert np.mean(np.abs(errors) < 2.6) > 0.9
    # Elsewhere the split is as planned, so p is uniform there, up to the choice of the slice.
    assert np.mean([found.rest_p[n, w] < 0.01 for n, (_, w, _, _) in enumerate(runs)]) < 0.06


def test_a_fault_in_all_slices_alike_is_everywhere_and_in_none_of_them():
    counts = np.outer((0.5, 0.3, 0.2), (52_000, 48_000))
    found = split_causes(counts, counts.sum(axis=0), (1, 1), (0, 0, 0))
    assert found.everywhere > found.score.max()
    assert found.chance.sum() < 0.01


def test_a_slice_that_dilutes_the_fault_and_one_that_holds_a_part_of_it_score_less():
    faulty, fine = np.array((4_000, 3_300)), np.array((9_000, 9_000))
    counts = np.array([faulty, faulty / 2, faulty + fine / 3, fine])
    found = split_causes(counts, faulty + fine, (1, 1), (0, 1, 2, 0))
    assert found.score.argmax() == 0
    assert found.rest_p[0] == 1.0
    assert (found.arm[0], found.missing[0], found.planned[0]) == (1, 700.0, 4_000.0)


def test_of_three_arms_one_with_too_many_units_is_named_and_not_the_others():
    found = split_causes([[6_200, 3_000, 2_000]], (6_200, 3_000, 2_000), (0.5, 0.3, 0.2), (0,))
    assert (found.arm[0], found.missing[0]) == (0, pytest.approx(-1_200.0))


def test_units_in_an_arm_of_weight_zero_are_a_certain_fault():
    found = split_causes([[500, 500, 3], [700, 700, 0]], (1_200, 1_200, 3), (1, 1, 0), (0, 0))
    assert found.score.argmax() == 0
    assert found.rest_p.tolist() == [1.0, 0.0]


COUNTS = arrays(float, (6, 3), elements=st.integers(0, 5_000).map(float))


@given(COUNTS, st.permutations(range(6)), st.permutations(range(3)))
def test_neither_the_order_of_slices_nor_that_of_arms_matters(counts, slices, arms):
    weights, dimensions = np.array((0.5, 0.3, 0.2)), np.array((0, 0, 0, 1, 1, 1))
    total = np.maximum(counts[:3].sum(axis=0), counts[3:].sum(axis=0))
    plain = split_causes(counts, total, weights, dimensions)
    moved = split_causes(counts[slices][:, arms], total[arms], weights[arms], dimensions[slices])
    assert moved.score == pytest.approx(plain.score[slices], rel=1e-9, abs=1e-9)
    assert moved.chance == pytest.approx(plain.chance[slices], rel=1e-6, abs=1e-9)
    assert moved.rest_p == pytest.approx(plain.rest_p[slices], rel=1e-9, abs=1e-12)


@given(COUNTS)
def test_a_batch_is_its_elements_and_a_single_dimension_scores_the_bayes_factor(counts):
    total, weights = counts.sum(axis=0), (2, 1, 1)
    batch = split_causes(np.stack([counts, counts[::-1]]), np.stack([total, total]), weights, [7] * 6)
    single = split_causes(counts[::-1], total, weights, [7] * 6)
    assert batch.score[1] == pytest.approx(single.score)
    evidence = srm_sequential(counts, weights).log_bayes_factor
    assert batch.score[0] == pytest.approx(evidence - np.log(6) - np.log(2))
    assert (batch.chance.sum(axis=-1) <= 1 + 1e-12).all()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (([[1, 2]], (1, 2, 3), (1, 1), (0,)), "do not fit 2 weights"),
        (([[1, 2]], (1, 1), (1, 1), (0,)), "more units than the total"),
        (([[1, 2]], (1, 2), (1, 1), (0, 1)), "one number per slice"),
        (([[1, -2]], (1, 2), (1, 1), (0,)), "at least 0"),
        (([[1]], (1,), (1,), (0,)), "two arms"),
    ],
)
def test_wrong_calls_say_what_is_wrong(arguments, says):
    with pytest.raises(ValueError, match=says):
        split_causes(*arguments)
