"""Fixtures for tests of faults: commands as processes that can be killed anywhere, and shops at every stage."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from system import CLOSED, LAUNCH, Processes, Shop, happenings

STAGES = {"collect": "load", "halfway": f"collect --day {LAUNCH.date()}", "analyze": f"collect --day {CLOSED}"}


@pytest.fixture(scope="session")
def processes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Processes]:
    """What runs the commands."""
    running = Processes(tmp_path_factory.mktemp("papers"))
    yield running
    running.close()


@pytest.fixture(scope="session")
def stages(processes: Processes, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Shop]:
    """A shop with accepted events, ready for its load, its roll-up, that of the second day, its analysis; to be copied."""
    folder = tmp_path_factory.mktemp("stages")
    shop = Shop(folder / "load", processes).opened()
    shop.post(happenings())
    found = {"load": shop}
    for stage, command in STAGES.items():
        found[stage] = list(found.values())[-1].copy(folder / stage)
        found[stage].do(command)
    return found


@pytest.fixture
def ready(stages: dict[str, Shop], tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Return a function that copies the shop that is ready for a command; its lake or inbox may lie elsewhere."""
    made: list[Shop] = []

    def make(stage: str, lake: Path | None = None, inbox: Path | None = None) -> Shop:
        made.append(stages[stage].copy(tmp_path / f"shop-{len(made)}", lake=lake, inbox=inbox))
        return made[-1]

    yield make
    for shop in made:
        shop.close()
