"""Disks that are full and files that rot: nothing is lost, nothing wrong is shown, and the message says what to do."""

import ctypes
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from system import CLOSED, LAUNCH, Shop, files, happenings, held, manifest, numbers

from experiments.errors import Unavailable
from experiments.registry import alerts, keys
from experiments.registry.alerts import Found
from web import create_app

pytestmark = pytest.mark.slow

COLLECT = f"collect --day {CLOSED}"
SENT = len(happenings())
FIRST = LAUNCH.date()
Ready = Callable[..., Shop]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes."""
    libc, folder = ctypes.CDLL(None, use_errno=True), tmp_path / "disk"
    folder.mkdir()
    if libc.mount(b"tmpfs", os.fsencode(folder), b"tmpfs", 0, b"size=2m"):
        pytest.skip(f"a small disk cannot be mounted here, which takes root: {os.strerror(ctypes.get_errno())}")
    yield folder
    libc.umount2(os.fsencode(folder), 2)


def fill(disk: Path) -> Path:
    """Take all the room that is left."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while file.write(b"0" * 4096):
                pass
        except OSError:
            return filler
    raise AssertionError


@pytest.mark.parametrize(("command", "stage"), [("load", "load"), (COLLECT, "collect")])
def test_a_disk_that_is_full_under_the_lake_loses_nothing_and_is_named(
    ready: Ready, disk: Path, command: str, stage: str
) -> None:
    shop = ready(stage, lake=disk / "lake")
    before, filler = files(shop), fill(disk)
    failed = shop.run(*command.split())
    assert failed.code == 1
    assert failed.err.startswith("the lake cannot be written: ")
    assert "No space left on device" in failed.err
    assert "Make room" in failed.err
    assert "nothing is lost" in failed.err
    assert files(shop) == before, "a torn file takes the room that is missing"
    filler.unlink()
    shop.books(SENT).check(f"{stage}: the lake's disk was full")
    shop.do(command)
    shop.books(SENT).check("  and run again with more room")


@pytest.mark.parametrize("command", ["load", "analyze checkout"])
def test_a_database_that_cannot_be_written_is_named(ready: Ready, command: str) -> None:
    """No file may grow, as under a quota."""
    stage = command.split()[0]
    shop = ready(stage)
    failed = shop.run(*command.split(), largest=2_000)
    assert (failed.code, failed.out) == (1, "")
    assert (
        f"the registry at sqlite:///{shop.home}/registry.sqlite fails: disk I/O error. Nothing was changed by halves. "
        "Start the database, or make room on its disk, then do the same again.\n"
    ) in failed.err
    assert shop.looks("checkout") == []
    shop.do(command)
    shop.books(SENT).check(f"{stage}: no file could grow, and run again")
    assert len(shop.looks("checkout")) == (stage == "analyze")


def test_a_disk_that_is_full_under_the_inbox_takes_no_batch_by_halves(ready: Ready, disk: Path) -> None:
    """What was not stored is never acknowledged: the collector answers 503, and the sender tries again."""
    shop = ready("load", inbox=disk / "inbox.sqlite")
    app, token = create_app(shop.settings), keys.create(shop.db, name="test")[1]
    headers = {"Authorization": f"Bearer {token}"}
    more = [{"type": "event", "id": f"m-{i}", "name": "order", "units": "u1", "at": LAUNCH.timestamp()} for i in range(400)]
    filler = fill(disk)
    refused = app.test_client().post("/v1/events", json={"events": more}, headers=headers)
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
    with pytest.raises(Unavailable, match=r"the inbox at .* fails: .*make room"):
        shop.post(more)
    filler.unlink()
    shop.books(SENT).check("collector: the inbox's disk was full")
    assert app.test_client().post("/v1/events", json={"events": more}, headers=headers).status_code == 202
    shop.books(SENT + 400).check("  and sent again")


def only(shop: Shop, table: str) -> Path:
    """The file of the first day of a table."""
    (path,) = (shop.settings.lake / "production" / table / f"day={FIRST}").iterdir()
    return path


def flip(path: Path) -> None:
    """One bit in the middle of the file's data."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0b100
    path.write_bytes(content)


def cut(path: Path) -> None:
    """The second half is missing."""
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


DAMAGES: dict[str, tuple[Callable[[Path], Any], str]] = {
    "a flipped bit": (flip, "is damaged"), "cut short": (cut, "is damaged"), "gone": (Path.unlink, "is missing"),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_raw_file_is_named_and_no_number_is_made_from_it(ready: Ready, damage: str) -> None:
    shop, (harm, word) = ready("collect"), DAMAGES[damage]
    path = only(shop, "events")
    whole, before = path.read_bytes(), manifest(shop)
    harm(path)
    failed = shop.run(*COLLECT.split())
    assert (failed.code, failed.out) == (1, "")
    assert failed.err == (
        f"the lake's file {path.relative_to(shop.settings.lake)} {word}"
        f"{': it is not what was written' if word == 'is damaged' else ', and the manifest names it'}. "
        "Restore it from a back-up, then run this again.\n"
    )
    assert manifest(shop) == before
    path.write_bytes(whole)
    shop.do(COLLECT)
    shop.books(SENT).check(f"collect: events, {damage}, and restored")


def test_a_damaged_roll_up_spares_the_others_and_is_made_again(ready: Ready) -> None:
    shop, peaceful = ready("analyze"), ready("analyze")
    path = only(shop, "outcome_days")
    whole = held(path)
    flip(path)
    failed = shop.run("analyze")
    assert failed.code == 1
    name = path.relative_to(shop.settings.lake)
    assert failed.err.splitlines() == [
        f"checkout: the lake's file {name} is damaged: it is not what was written. "
        "Delete it if it is there, and run 'keepers collect': it is made again from raw events.",
        "1 could not be analysed; the others are done. Mend the cause, then run this again.",
    ]
    assert [len(shop.looks(key)) for key in ("checkout", "young")] == [0, 1], "young began a day later"
    path.unlink()
    shop.do(COLLECT, "analyze")
    peaceful.do("analyze")
    made_again = only(shop, "outcome_days")
    assert held(made_again) == whole
    assert made_again != path, "no file is written over another, which somebody may be reading"
    assert [numbers(s) for s in shop.looks("checkout")] == [numbers(s) for s in peaceful.looks("checkout")]
    shop.books(SENT).check("analyze: a flipped bit, and rolled up again")


def test_a_damaged_file_hides_no_problem_but_those_that_need_it(ready: Ready) -> None:
    shop = ready("collect")
    path, manifest = only(shop, "exposures"), shop.settings.lake / "manifest.json"
    whole, named = path.read_bytes(), manifest.read_bytes()
    shop.post(happenings(0, 1), now=LAUNCH)
    told = {"split:checkout": Found("checkout", "It leans", ""), "rejected:old": Found(None, "Old", "")}
    alerts.keep(shop.db, told, LAUNCH)
    flip(path)
    for _ in range(2):
        seen = shop.run("watch", clock=until_noon())
        assert (seen.code, seen.err) == (0, "")
        assert seen.out.count("Some problems cannot be looked for") == 1, "young began a day later, and is looked at"
        why = f"the lake's file {path.relative_to(shop.settings.lake)} is damaged: it is not what was written."
        assert f"Nobody would be told of a split that leans ('checkout'): {why}" in seen.out
        assert standing(shop) == {"load", "collect", "unseen:split:checkout", "split:checkout"}, "what is not seen may last"
    path.write_bytes(whole)
    manifest.write_bytes(named[:-9])
    assert shop.run("watch", clock=until_noon()).code == 0
    assert standing(shop) == {"load", "collect", "unseen:collect", "split:checkout"}, "one cause is one problem"
    manifest.write_bytes(named)
    assert shop.run("watch", clock=until_noon()).code == 0
    assert standing(shop) == {"load", "collect"}


def until_noon() -> float:
    """Seconds until the next noon: before six in the morning nobody misses yesterday's roll-up."""
    now = datetime.now(UTC)
    return (now.replace(hour=12, minute=0) - now).total_seconds() % 86_400


def standing(shop: Shop) -> set[str]:
    return {alert.key for alert in alerts.standing(shop.db)}
