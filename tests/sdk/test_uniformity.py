"""A million sequential ids: every place is as likely as another, and no hash knows of another."""

import numpy as np
import pytest
from scipy.stats import chi2_contingency, chisquare

from keepers.hashing import new_md5

pytestmark = pytest.mark.slow

UNITS = 1_000_000
CHANCE = 1e-6  # of a false alarm in each test


def places(salt: str) -> tuple[np.ndarray, np.ndarray]:
    """The split and the gate of user-0 to user-999999, as hashing.py defines them, by numpy."""
    prefix = f"{salt}:user-".encode()
    digests = b"".join(new_md5(prefix + b"%d" % number).digest() for number in range(UNITS))
    halves = np.frombuffer(digests, dtype=">u8").reshape(UNITS, 2)
    split, gate = (halves >> np.uint64(4)).astype(float).T / 16**15
    return split, gate


@pytest.fixture(scope="module")
def hashed() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {salt: places(salt) for salt in ("checkout-cta", "checkout-cta-2")}


def buckets(place: np.ndarray, count: int) -> np.ndarray:
    return (place * count).astype(int)


def test_numpy_reads_the_digest_as_the_sdk_does(hashed: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    from keepers.hashing import digest_of, gate_of, split_of

    for salt, (split, gate) in hashed.items():
        for number in (0, 1, 999_999):
            digest = digest_of(salt, f"user-{number}")
            assert (split[number], gate[number]) == (split_of(digest), gate_of(digest))


@pytest.mark.parametrize("salt", ["checkout-cta", "checkout-cta-2"])
@pytest.mark.parametrize("part", [0, 1], ids=["split", "gate"])
@pytest.mark.parametrize("count", [2, 100, 10_000])
def test_places_are_uniform(hashed: dict[str, tuple[np.ndarray, np.ndarray]], salt: str, part: int, count: int) -> None:
    found = np.bincount(buckets(hashed[salt][part], count), minlength=count)
    assert chisquare(found).pvalue > CHANCE


def test_the_split_is_independent_of_its_gate_and_of_every_place_under_another_salt(
    hashed: dict[str, tuple[np.ndarray, np.ndarray]],
) -> None:
    """By tables of 50 by 50, for each pair of the four places."""
    four = [part for pair in hashed.values() for part in pair]
    pairs = [(one, other) for index, one in enumerate(four) for other in four[:index]]
    for one, other in pairs:
        table = np.bincount(buckets(one, 50) * 50 + buckets(other, 50), minlength=2500).reshape(50, 50)
        assert chi2_contingency(table).pvalue > CHANCE


def test_neighbours_are_independent(hashed: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    """The next id's place says nothing of this one's, though they differ in one digit."""
    for split, _ in hashed.values():
        table = np.bincount(buckets(split[:-1], 50) * 50 + buckets(split[1:], 50), minlength=2500).reshape(50, 50)
        assert chi2_contingency(table).pvalue > CHANCE


def test_the_test_notices_a_gate_that_shares_the_split_s_hash(hashed: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    split, _ = hashed["checkout-cta"]
    among = split[split < 0.3]
    assert chisquare(np.bincount(buckets(among, 2), minlength=2)).pvalue < CHANCE
