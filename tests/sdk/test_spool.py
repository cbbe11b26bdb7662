"""Events that cannot be sent survive: written to a folder, sent later, by whoever is alive."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import keepers
from keepers import courier
from keepers.backlog import STALE_SECONDS, MemoryBacklog, Segment, Spool

CONFIG: dict[str, Any] = {"schema": 1, "experiments": []}


def build(collector: Any, **options: Any) -> keepers.Client:
    return keepers.Client(collector.address, "k", on_error=lambda error: None, **options)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_an_outage_leaves_is_sent_by_the_next_process(collector: Any, state_home: Path) -> None:
    collector.status = 503
    client = build(collector)
    for number in range(1_000):
        client.track("visit", f"u{number}", at=1763800000)
    client.close(2)
    assert client.stats()["spooled"] >= 1_000
    assert collector.records == []
    collector.status = 202
    with build(collector) as successor:
        assert successor.flush(10)
    assert {record["units"]["user"] for record in collector.records} == {f"u{n}" for n in range(1_000)}
    assert files(state_home) == []


def test_a_process_that_lives_sends_its_own_spool_when_the_server_is_back(
    collector: Any, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.02)
    collector.status = 503
    with build(collector) as client:
        client.track("visit", "u1")
        until(lambda: client.stats()["spooled"])
        collector.status = 202
        assert client.flush(10)
        assert client.stats()["sent"] == 1


def test_a_spool_can_be_turned_off(collector: Any, state_home: Path) -> None:
    collector.status = 503
    client = build(collector, spool=False)
    client.track("visit", "u1")
    client.close(0.1)
    assert files(state_home) == []
    assert client.stats()["dropped"] == 1


def test_servers_and_keys_do_not_share_what_waits(collector: Any, tmp_path: Path) -> None:
    collector.status = 503
    for key in ("one", "two"):
        client = keepers.Client(collector.address, key, spool=tmp_path / "s", on_error=lambda error: None)
        client.track("visit", "u1")
        client.close(1)
    folders = [path for path in (tmp_path / "s").iterdir() if files(path)]
    assert len(folders) == 2


def test_a_folder_that_cannot_be_written_gives_one_warning_and_memory(
    collector: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    client = keepers.Client(collector.address, "k", spool=blocked)
    for _ in range(2):
        client.track("visit", "u1")
        assert client.flush(10)
    client.close()
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "stay in memory" in caplog.text
    assert len(collector.records) == 2


def test_only_the_user_may_read_the_spool(tmp_path: Path) -> None:
    Spool(tmp_path / "s").put(Segment(["{}"]))
    (path,) = files(tmp_path / "s")
    assert path.stat().st_mode & 0o077 == 0
    assert (tmp_path / "s").stat().st_mode & 0o077 == 0


def test_a_segment_is_claimed_by_one_process_only(tmp_path: Path) -> None:
    one, other = Spool(tmp_path), Spool(tmp_path)
    one.put(Segment(["{}"]))
    segment = one.take()
    assert segment is not None
    assert other.take() is None
    one.put(segment)
    taken = other.take()
    assert taken is not None
    assert taken.lines == ["{}"]
    other.done(taken)
    assert files(tmp_path) == []


@pytest.mark.parametrize("kind", [".open", ".sending"])
def test_what_a_dead_process_left_is_adopted_after_a_minute(tmp_path: Path, kind: str) -> None:
    """A line torn by the crash is left out."""
    orphan = tmp_path / f"00000000000000000001-1-1{kind}"
    orphan.write_text('{"a":1}\n{"b":2}\n{"c"')
    spool = Spool(tmp_path)
    assert spool.take() is None
    old = orphan.stat().st_mtime - STALE_SECONDS - 1
    os.utime(orphan, (old, old))
    segment = spool.take()
    assert segment is not None
    assert segment.lines == ['{"a":1}', '{"b":2}']


def test_a_file_torn_in_its_first_line_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / "1-1-1.jsonl").write_text('{"a"')
    (tmp_path / "2-1-1.jsonl").write_text('{"b":2}\n')
    segment = Spool(tmp_path).take()
    assert segment is not None
    assert segment.lines == ['{"b":2}']
    assert [path.name for path in files(tmp_path)] == ["2-1-1.sending"]


def test_small_batches_share_a_segment_of_at_most_500_lines(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    for _ in range(4):
        spool.put(Segment(["{}"] * 200))
    sizes = []
    while (segment := spool.take()) is not None:
        sizes.append(len(segment.lines))
        spool.done(segment)
    assert sizes == [400, 400]


def test_a_full_spool_gives_up_the_oldest_and_says_so(tmp_path: Path) -> None:
    spool = Spool(tmp_path, limit=5_000)
    given_up = []
    for number in range(5):
        given_up += spool.put(Segment([f'{{"n":{number}}}'] * 250))
    assert [segment.lines[0] for segment in given_up] == ['{"n":0}']
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 5_000 + 4_000


def held(folder: Path) -> list[str]:
    return [line for path in files(folder) for line in path.read_text().split()]


def test_segments_that_stay_small_leave_a_full_spool_no_larger(tmp_path: Path) -> None:
    """In an outage each try to send closes what was written since the last one."""
    spool = Spool(tmp_path, limit=5_000)
    given_up: list[str] = []
    for number in range(100):
        put = spool.put(Segment([f'{{"n":{number}}}'] * 20))
        taken = spool.take()
        assert taken is not None
        given_up += [line for each in put + spool.put(taken) for line in each.lines]
        assert sum(path.stat().st_size for path in files(tmp_path)) <= 5_000
    assert sorted(given_up + held(tmp_path)) == sorted(f'{{"n":{number}}}' for number in range(100) for _ in range(20))
    assert held(tmp_path).count('{"n":99}') == 20


def test_many_short_processes_leave_a_full_spool_no_larger(tmp_path: Path) -> None:
    given_up = []
    for number in range(50):
        spool = Spool(tmp_path, limit=5_000)
        spool.put(Segment([f'{{"n":{number}}}'] * 20))
        given_up += spool.close()
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 5_000
    assert len(held(tmp_path)) + sum(len(each.lines) for each in given_up) == 1_000


def test_a_process_that_wrote_little_does_not_go_through_all_files_at_each_try(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path)
    looks: list[object] = []
    monkeypatch.setattr("keepers.backlog._size", lambda path: looks.append(path) or 0)
    for _ in range(10):
        spool.put(Segment(["{}"]))
        taken = spool.take()
        assert taken is not None
        spool.put(taken)
    assert len(looks) == 1


def test_what_a_full_spool_drops_at_the_end_is_counted(collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Spool.__init__, "__kwdefaults__", {"limit": 1_000})
    collector.status = 503
    client = build(collector)
    for number in range(50):
        client.track("visit", f"u{number}")
    client.close(1)
    assert client.stats()["dropped"] == 50


def test_memory_is_bounded_and_gives_up_the_oldest() -> None:
    memory = MemoryBacklog(700)
    assert memory.put(Segment(["a"] * 500)) == []
    assert memory.put(Segment(["b"] * 200)) == []
    assert [segment.lines[0] for segment in memory.put(Segment(["c"] * 300))] == ["a"]


def test_what_a_full_spool_drops_is_counted_and_reported(
    collector: Any, monkeypatch: pytest.MonkeyPatch, until: Callable[..., None]
) -> None:
    monkeypatch.setattr(courier, "FIRST_WAIT", 0.02)
    monkeypatch.setattr(Spool.__init__, "__kwdefaults__", {"limit": 100_000})
    collector.status = 503
    with build(collector) as client:
        for number in range(2_000):
            client.track("visit", f"u{number}", at=1763800000)
        until(lambda: client.stats()["dropped"])
        collector.status = 202
        assert client.flush(10)
        client.track("visit", "last")
        assert client.flush(10)
        dropped = client.stats()["dropped"]
    assert sum(each["count"] for each in collector.lost) == dropped > 0
    assert len(collector.distinct) + dropped == 2_001
