"""A long config is read in short spells, between which the host's threads get their turn.

No time is measured: what is counted are the rests, and how much a step that cannot rest is given.
"""

import gc
import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keepers
from keepers import pieces, server, spells
from keepers.conditions import MOST
from keepers.config import MOST_ARMS, parse_config
from keepers.live import LiveConfig
from keepers.reports import Reports
from keepers.sources import FileSource
from keepers.spells import go_on, let_go

pytestmark = pytest.mark.slow

ARMS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
IDS = [f"user-{number}" for number in range(500)]


def config(experiments: int, **fields: Any) -> dict[str, Any]:
    return {"schema": 1, "experiments": [{"key": f"e{n}", "variants": ARMS, **fields} for n in range(experiments)]}


scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=12)
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=5), inner, max_size=5))


@settings(max_examples=150)
@given(trees, st.sampled_from([None, 1]), st.integers(1, 40), st.integers(0, 400))
def test_pieces_say_what_the_whole_says(tree: Any, indent: int | None, piece: int, end: int) -> None:
    """Cut off anywhere, too, and with anything behind it."""
    text = json.dumps(tree, indent=indent)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "PIECE", piece)
        assert pieces.loads(f" {text}\n", go_on) == tree
        for other in (text[:end], text + ",", text.replace(":", ",", 1), text.replace('"', "", 1)):
            assert fails(lambda other=other: pieces.loads(other, go_on)) == fails(lambda other=other: json.loads(other))


def fails(read: Any) -> bool:
    try:
        read()
    except ValueError:
        return True
    return False


@pytest.mark.parametrize("text", ["", "[", "{", "[1,]", '{"a":1,}', '{"a" 1}', "{1: 2}", "[1 2]", "[]]", '{"a":}', "[" + " " * 50])
def test_wrong_json_is_refused_in_pieces_too(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pieces, "PIECE", 1)
    with pytest.raises(ValueError, match="Expecting"if text != "[]]" else "Extra data"):
        pieces.loads(text, go_on)
    assert pieces.loads("[" + " " * 50 + "]", go_on) == []


def test_what_is_long_and_nested_deeply_is_refused() -> None:
    text = "[" * 45 + ",".join(["1"] * pieces.PIECE) + "]" * 45
    with pytest.raises(ValueError, match="nested 40 deep"):
        pieces.loads(text, go_on)


def test_no_list_or_object_longer_than_a_piece_is_decoded_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[int] = []
    decode = pieces._decode

    def noted(text: str, at: int = 0) -> tuple[Any, int]:
        value, end = decode(text, at)
        given.append(end - at)
        return value, end

    monkeypatch.setattr(pieces, "_decode", noted)
    text = json.dumps(config(400, targeting={"id": {"$in": IDS}}))
    rests: list[None] = []
    assert pieces.loads(text, lambda: rests.append(None)) == json.loads(text)
    assert len(text) > 100 * pieces.PIECE
    assert max(given) <= pieces.PIECE
    assert len(rests) >= len(given)


def test_every_experiment_and_every_value_of_a_list_is_a_step() -> None:
    rests: list[None] = []
    parse_config(config(20, targeting={"id": {"$in": IDS}}, overrides=dict.fromkeys(IDS, "control")), lambda: rests.append(None))
    assert len(rests) >= 20 * 3 * len(IDS)


def test_what_is_let_go_is_taken_apart_and_what_others_hold_stays() -> None:
    held = {"list": [1, [2]], "dict": {"a": [3]}}
    rests: list[None] = []
    let_go([held], lambda: rests.append(None))
    assert held == {"list": [1, [2]], "dict": {"a": [3]}}
    assert len(rests) == 8


def test_a_client_s_thread_rests_after_each_spell_of_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock that goes on by a third of a spell whenever it is looked at."""
    times = iter(range(10**9))
    rests: list[float] = []
    clock = SimpleNamespace(perf_counter=lambda: next(times) * spells.SPELL / 3, sleep=rests.append)
    monkeypatch.setattr(spells, "time", clock)
    path = tmp_path / "config.json"
    live = LiveConfig(FileSource(path), refresh=0, report=lambda *_: None, changed=lambda _: None)
    for experiments in (200, 300):  # the second lets go of the first
        rests.clear()
        path.write_text(json.dumps(config(experiments)))
        live.load(1)
        assert len(rests) > experiments
        assert set(rests) == {spells.REST}


@pytest.mark.parametrize("over", [0, 1])
def test_lists_variants_and_configs_have_a_largest_size(tmp_path: Path, over: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keepers.sources.LARGEST", 10_000)
    path = tmp_path / "config.json"
    text = json.dumps(config(1))
    path.write_text(text + " " * (10_000 - len(text) + over))
    many = [{"key": f"v{number}", "weight": 1.0 if number == 0 else 0.0} for number in range(MOST_ARMS + over)]
    long = {"id": {"$in": list(range(MOST + over))}}
    makes = (
        lambda: keepers.Client(path, sink=lambda batch: None),
        lambda: parse_config(config(1, variants=many)),
        lambda: parse_config(config(1, targeting=long)),
    )
    rules = (r"larger than 10,000 bytes", r"101 variants; an experiment has at most 100", r"a list of 10001 values; it may have 10000")
    for make, rule in zip(makes, rules, strict=True):
        if over:
            with pytest.raises(keepers.ConfigError, match=rule):
                make()
        else:
            make()


def test_an_answer_that_is_too_large_leaves_the_last_good_config(collector: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (server, keepers.sources):
        monkeypatch.setattr(module, "LARGEST", 10_000)
    errors: list[str] = []
    collector.config = config(1)
    with keepers.Client(collector.address, "k", refresh=3600, on_error=lambda error: errors.append(str(error))) as client:
        collector.config = config(500)
        client._live.load_or_wait(5)
        assert "larger than 10,000 bytes" in errors[0]
        assert client.assign("e0", "u").reason == "split"
        collector.config = config(2)
        client._live.load_or_wait(5)
        assert client.assign("e1", "u").reason == "split"


def live_from(path: Path) -> LiveConfig:
    return LiveConfig(FileSource(path), refresh=0, report=Reports(None), changed=lambda _: None)


def test_experiments_that_nobody_asks_for_give_garbage_collection_nothing_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A collection for each 700 objects that stay; a thousand experiments were twelve, one of them of the middle kind."""
    monkeypatch.setattr(spells, "SPELL", 99.0)  # no rests
    path = tmp_path / "config.json"
    live = live_from(path)
    for version in (1, 2):
        path.write_text(json.dumps(config(1_000, version=version, targeting={"country": {"$in": ["DE", "AT"]}})))
        gc.collect()
        before = [each["collections"] for each in gc.get_stats()]
        live.load(1)
        done = [each["collections"] - earlier for each, earlier in zip(gc.get_stats(), before, strict=True)]
        assert sum(done) <= 2
        assert done[1:] == [0, 0]


def test_a_caller_finds_what_a_long_config_says(tmp_path: Path) -> None:
    """As in one that comes as a dict, in which all is made at once."""
    layers = [{"name": "l", "from": 0.0, "to": 0.5}, None]
    data = config(60)
    for number, each in enumerate(data["experiments"]):
        each["layer"], each["coverage"] = layers[number % 2], 0.5 + 0.5 * (number % 3 > 0)
        each["holdout"] = {"name": "h", "share": 0.1} if number % 5 == 0 else None
        each["serve"], each["status"] = ({"variant": "treatment"}, "decided") if number % 7 == 0 else (None, "running")
        each["overrides"], each["targeting"] = {"u3": "control"}, {"country": "DE"} if number % 4 == 0 else {}
        each["prerequisites"] = [{"experiment": "e1", "variants": ["control"]}] if number == 59 else []
    path = tmp_path / "config.json"
    path.write_text(json.dumps(data, indent=1))
    assert path.stat().st_size > 2 * pieces.PIECE
    one, other = keepers.Client(path, sink=lambda _: None), keepers.Client(data, sink=lambda _: None)
    assert one._experiments.names() == [*one._experiments, *(f"e{n}" for n in range(60) if n not in (1, 59))]
    for number in range(60):
        for unit in ("u1", "u2", "u3", "u4"):
            found, known = (each.assign(f"e{number}", unit, country="DE") for each in (one, other))
            assert (found.variant, found.reason, found.version) == (known.variant, known.reason, known.version)
    assert one.assign("e60", "u1").reason == "unknown"
    for client in (one, other):
        client.close()


def test_of_a_new_config_what_is_in_use_is_there_and_what_says_the_same_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    live = live_from(path)
    data = config(300)
    path.write_text(json.dumps(data))
    live.load(1)
    assert live.config is not None
    former = live.config.experiments
    assert dict(former) == {}
    used = [former.find(key) for key in ("e1", "e2", "e299")]
    data["experiments"][2]["version"] = 2
    path.write_text(json.dumps({**data, "environment": "test"}))
    live.load(1)
    now = live.config.experiments
    assert sorted(now) == ["e1", "e2", "e299"]
    assert [now["e1"] is used[0], now["e2"] is used[1], now["e299"] is used[2]] == [True, False, True]
    assert (now["e2"].version, now["e5"].version, now["e5"].plain) == (2, 1, True)
    assert now.find("e300") is None


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ({"variants": []}, r"experiment 'e299'.variants is \[\]: must have at least one variant"),
        ({"key": "e7"}, "has the key 'e7' twice"),
        ({"prerequisites": [{"experiment": "e300", "variants": []}]}, r"must be an experiment of this config\. Did you mean"),
        ({"prerequisites": 0}, "must be a list"),
    ],
)
def test_what_nobody_has_asked_for_is_checked_all_the_same(tmp_path: Path, wrong: dict[str, Any], rule: str) -> None:
    path = tmp_path / "config.json"
    data = config(300)
    data["experiments"][299].update(wrong)
    path.write_text(json.dumps(data))
    with pytest.raises(keepers.ConfigError, match=rule):
        keepers.Client(path, sink=lambda batch: None)


@pytest.mark.parametrize("end", ["", "]", "]}x", ",]}", "}"])
def test_a_long_list_that_is_cut_off_or_goes_on_is_refused(end: str) -> None:
    text = json.dumps(config(300))
    assert text[-2:] == "]}"
    with pytest.raises(ValueError, match=r"Expecting|Extra"):
        pieces.loads(text[:-2] + end, go_on, many="experiments")
