"""Incremental equals full: late, doubled, out-of-order and restated events leave roll-ups that a query of raw rows confirms.

On Spark: test_engines.py, as one process of the tests then starts one cluster.
"""

import random
from collections.abc import Callable, Iterable

import pytest
from disorder import CUTOFF, DAYS, SHORT, agree, raw
from happenings import Recomputed, Shop, arrive, assert_equal, happened
from happenings import shop as made_shop
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from uncapped import assert_uncapped

from experiments.settings import Settings
from experiments.warehouse import full, warehouse

pytestmark = pytest.mark.slow

Emptied = Callable[[Settings, str], Settings]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterable[Shop]:
    """A registry with one experiment in its second phase."""
    yield from made_shop(tmp_path_factory.mktemp("shop"), SHORT)


@settings(
    max_examples=6, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(seed=st.integers(0, 2**32))
def test_incremental_equals_full_on_the_lake(shop: Shop, emptied: Emptied, seed: int) -> None:
    agree(shop, emptied(shop[0], "lake"), seed)


@pytest.mark.parametrize("seed", range(20))
def test_incremental_equals_full_on_postgresql(shop: Shop, emptied: Emptied, seed: int) -> None:
    agree(shop, emptied(shop[0], "postgresql"), seed)


def test_the_full_query_is_that_of_a_plain_recomputation(shop: Shop, emptied: Emptied) -> None:
    stored = happened(random.Random(11), 150, -1, DAYS + 1)
    lake = warehouse(emptied(shop[0], "lake"))
    arrive(lake, stored, "load-1")
    recomputed = Recomputed(shop[1], stored, CUTOFF)
    recounted = full.cells(raw(lake, shop), shop[1].plan.metric_keys)
    assert_uncapped(recounted, recomputed)
    for key, found in recounted.items():
        for (variant, _), (moments, waiting) in recomputed.cells(key, segmented=False).items():
            assert found[variant].waiting == waiting
            assert_equal(found[variant].moments, moments)
