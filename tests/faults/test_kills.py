"""kill -9 at every boundary of load, roll-up and analysis; run again, everything is as if nothing had happened."""

from collections.abc import Callable, Iterator

import pytest
from system import CLOSED, Shop, files, happenings, manifest, numbers, published

pytestmark = pytest.mark.slow

COMMANDS = {"load": "load", "collect": f"collect --day {CLOSED}", "analyze": "analyze checkout"}
ROLL_UP = COMMANDS["collect"]
SENT = len(happenings())
Ready = Callable[[str], Shop]


def undisturbed(ready: Ready, stage: str, command: str) -> tuple[Shop, tuple[str, ...]]:
    """A shop in which nobody killed the command, and the boundaries that it passed."""
    shop = ready(stage)
    return shop, shop.run(*command.split()).boundaries


def killed(ready: Ready, stage: str, command: str, boundaries: tuple[str, ...]) -> Iterator[tuple[Shop, str]]:
    """For every boundary of a command, a shop in which it was killed there, and what was done to it."""
    for at, name in enumerate(boundaries, 1):
        shop = ready(stage)
        found = shop.run(*command.split(), at=at)
        assert (found.code, found.boundaries[-1]) == (-9, name), found.err
        yield shop, f"{command.split()[0]}: killed before {at}, {name}"


def test_a_load_killed_anywhere_moves_every_event_once_into_the_same_files(ready: Ready) -> None:
    peaceful, boundaries = undisturbed(ready, "load", "load")
    assert {"os.rename manifest.json", "COMMIT after DELETE FROM rejects"} <= set(boundaries)
    for shop, what in killed(ready, "load", "load", boundaries):
        shop.books(SENT).check(what)
        shop.do("load")
        books = shop.books(SENT).check("  and run again")
        assert (books.in_inbox, books.in_lake) == (0, SENT)
        assert files(shop) == files(peaceful), "another file, other rows, or what the killed run left"
        assert manifest(shop) == manifest(peaceful)


def test_a_roll_up_killed_anywhere_leaves_whole_days_and_ends_in_the_same_files(ready: Ready) -> None:
    """The first day is rolled up already, the second is to be."""
    peaceful, boundaries = undisturbed(ready, "halfway", ROLL_UP)
    assert boundaries.count("os.rename manifest.json") == 1, "readers see all of a roll-up at once"
    before, after = manifest(ready("halfway")), manifest(peaceful)
    for shop, what in killed(ready, "halfway", ROLL_UP, boundaries):
        assert manifest(shop) in (before, after), "half a generation"
        shop.do(ROLL_UP)
        shop.books(SENT).check(what)
        assert (manifest(shop), published(shop)) == (after, published(peaceful))


def test_what_killed_roll_ups_left_is_removed(ready: Ready) -> None:
    peaceful, boundaries = undisturbed(ready, "halfway", ROLL_UP)
    shop = ready("halfway")
    for at in (boundaries.index("os.rename manifest.json"), boundaries.index("os.rename manifest.json") + 1):
        assert shop.run(*ROLL_UP.split(), at=at).code == -9
    assert len(files(shop)) > len(published(shop)), "nothing was left to remove"
    shop.do(ROLL_UP, ROLL_UP)  # files that readers may still look at go one run later
    assert files(shop) == files(peaceful)


def test_an_analysis_killed_anywhere_ends_in_one_official_look_told_once(ready: Ready) -> None:
    peaceful, boundaries = undisturbed(ready, "analyze", "analyze checkout")
    (expected,) = peaceful.looks("checkout")
    assert expected.verdict.word == "keep"
    for shop, what in killed(ready, "analyze", "analyze checkout", boundaries):
        assert (shop.looks("checkout"), shop.log("checkout")) == ([], peaceful.log("checkout")[1:])
        shop.do("analyze")
        shop.books(SENT).check(what)
        (look,) = shop.looks("checkout")
        assert numbers(look) == numbers(expected)
        assert shop.log("checkout") == peaceful.log("checkout")


def test_killed_again_and_again_the_whole_way_ends_in_the_same_verdict(ready: Ready) -> None:
    """Every try gets some boundaries further than the one before, until it is through."""
    shop, peaceful = ready("load"), ready("load")
    for stage, command in COMMANDS.items():
        peaceful.do(command)
        times = 0
        while shop.run(*command.split(), at=2 + 7 * times).code == -9:
            times += 1
        assert times
        shop.books(SENT).check(f"{stage}: killed {times} times")
    assert (manifest(shop), published(shop)) == (manifest(peaceful), published(peaceful))
    assert numbers(shop.looks("checkout")[-1]) == numbers(peaceful.looks("checkout")[-1])
