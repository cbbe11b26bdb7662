"""Incremental equals full: late, doubled, out-of-order and restated events leave roll-ups that a query of raw rows confirms.

`make soak-rollups` lets many more worlds happen, of two to four days: KEEPERS_SOAK of them on the lake, others each time,
and a quarter as many on PostgreSQL. On Spark: test_engines.py, as one process of the tests then starts one cluster.
"""

import os
import random
from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from disorder import agree, raw
from happenings import LAUNCHED, PLAN, Recomputed, Shop, arrive, assert_equal, happened
from happenings import shop as made_shop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uncapped import assert_uncapped

from experiments.settings import Settings
from experiments.warehouse import full, warehouse

pytestmark = pytest.mark.slow

Emptied = Callable[[Settings, str], Settings]
SOAK = int(os.environ.get("KEEPERS_SOAK", "0"))


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry; what runs in it is drawn with each seed."""
    yield from made_shop(tmp_path_factory.mktemp("shop"), PLAN)


def days(seed: int) -> int:
    """Each day more costs a roll-up of all days before it."""
    return 2 + seed % 3 if SOAK else 2


@settings(
    max_examples=SOAK or 4, deadline=None, derandomize=not SOAK, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_incremental_equals_full_on_the_lake(shop: Shop, emptied: Emptied, seed: int) -> None:
    assert agree(emptied(shop[0], "lake"), seed, days(seed)) or SOAK


@pytest.mark.parametrize("seed", range(max(20, SOAK // 4)))
def test_incremental_equals_full_on_postgresql(shop: Shop, emptied: Emptied, seed: int) -> None:
    assert agree(emptied(shop[0], "postgresql"), seed, days(seed)) or SOAK


def test_the_full_query_is_that_of_a_plain_recomputation(shop: Shop, emptied: Emptied) -> None:
    stored, last = happened(random.Random(11), 150, -1, 3), LAUNCHED + timedelta(days=1)
    lake, frozen = warehouse(emptied(shop[0], "lake")), shop[1]
    arrive(lake, stored, "load-1")
    recomputed = Recomputed(frozen, stored, last)
    for segment, keys in ((None, frozen.plan.metric_keys), ("country", ["euros", "through", "typical"])):
        recounted = full.cells(raw(lake, frozen, last), keys, segment)
        if segment is None:
            assert_uncapped(recounted, recomputed)
        for key, found in recounted.items():
            expected = recomputed.cells(key, segmented=segment is not None)
            assert set(found) == set(expected)
            for place, (moments, waiting) in expected.items():
                assert found[place].waiting == waiting
                assert_equal(found[place].moments, moments)
