"""A draft with all that surrounds it, on both databases: odds, pictures, who else, and whether its code was tried."""

import io
import json

import pytest
import samples
from PIL import Image

from experiments import lifecycle, picturing
from experiments.errors import Conflict, DefinitionError, NotFound
from experiments.inbox import live
from experiments.planning import outlook
from experiments.planning.drafting import Draft, drafted
from experiments.planning.outlook import Outlook
from experiments.registry import experiments, log, metrics, outlooks, pictures

BY = "pm@example.com"


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 20), "teal").save(out, "PNG")
    return out.getvalue()


def told(plan_hash: str) -> Outlook:
    nothing = dict.fromkeys(("who", "rows", "whole", "chances", "past", "durations", "limits"), ())
    return Outlook(plan_hash=plan_hash, weeks=2, units_a_day=None, days="", people=1, needed=1, power=0.9, asked=0.8, **nothing)


def of(home, key: str = "basket") -> Draft:
    return drafted(home.db, home.inbox, experiments.get(home.db, key), review=False)


def test_a_draft_is_gathered_with_its_odds_and_pictures_until_it_is_launched(stored) -> None:
    metrics.apply(stored.db, samples.CATALOG, by="test")
    lifecycle.save(stored.db, samples.plan("basket"), BY)
    lifecycle.save(stored.db, samples.plan("other"), BY)
    lifecycle.launch(stored.db, "other", BY)
    found = of(stored)
    assert (found.outlook, found.pictures, [m.other.key for m in found.met.meetings]) == (None, [], ["other"])
    outlook.store(stored.db, "basket", told("0" * 64), by=BY)
    outlook.store(stored.db, "basket", told(found.frozen.hash), by=BY)
    picturing.add(stored.db, "basket", variant="t1", alt=" A  basket ", data=png(), by=BY)
    found = of(stored)
    assert found.outlook == told(found.frozen.hash)
    assert [(p.variant, p.alt, p.width, p.by) for p in found.pictures] == [("t1", "A basket", 40, BY)]
    assert [e.kind for e in log.entries(stored.db, "basket")] == ["picture", "odds", "odds", "plan"]
    lifecycle.save(stored.db, samples.plan("basket", alpha=0.1), BY)
    assert of(stored).outlook is None
    lifecycle.launch(stored.db, "basket", BY)
    for late in (
        lambda: of(stored), lambda: outlook.store(stored.db, "basket", told("1" * 64), by=BY),
        lambda: picturing.remove(stored.db, "basket", found.pictures[0].id, by=BY),
        lambda: picturing.add(stored.db, "basket", variant="t1", alt="Late", data=png(), by=BY),
    ):  # fmt: skip
        with pytest.raises(Conflict, match="is running"):
            late()
    body, digest = pictures.body(stored.db, "basket", found.pictures[0].id)
    assert (body[:4], digest) == (b"RIFF", found.pictures[0].sha256)
    assert outlooks.last(stored.db, "basket").plan_hash == found.frozen.hash


def test_a_picture_needs_words_and_a_variant_and_is_removed_once(home) -> None:
    metrics.apply(home.db, samples.CATALOG, by="test")
    lifecycle.save(home.db, samples.plan("basket"), BY)
    for variant, alt, words in (("t1", " ", "say in words"), ("t1", 301 * "a", "300 characters"), ("t9", "A", "none of control, t1")):
        with pytest.raises(DefinitionError, match=words):
            picturing.add(home.db, "basket", variant=variant, alt=alt, data=png(), by=BY)
    picturing.add(home.db, "basket", variant="t1", alt="A", data=png(), by=BY)
    number = of(home).pictures[0].id
    picturing.remove(home.db, "basket", number, by=BY)
    for gone in (lambda: picturing.remove(home.db, "basket", number, by=BY), lambda: pictures.body(home.db, "basket", number)):
        with pytest.raises(NotFound, match=f"has no picture {number}"):
            gone()


def test_exposures_of_other_environments_alone_say_that_the_code_was_tried(stored) -> None:
    metrics.apply(stored.db, samples.CATALOG, by="test")
    lifecycle.save(stored.db, samples.plan("basket"), BY)
    lifecycle.save(stored.db, samples.plan("basket-2"), BY)
    assert live.tried(stored.inbox, "basket") is None
    exposure = {"type": "exposure", "id": "e1", "at": "2026-11-02T10:00:00Z", "experiment": "basket-2", "variant": "t1", "version": 1, "units": {"user": "u1"}}
    stored.inbox.accept(body(exposure), experiments.known(stored.db, "development"))
    assert live.tried(stored.inbox, "basket-2") is not None
    assert live.tried(stored.inbox, "basket") is None, "another key that begins alike"
    assert live.tried(stored.inbox, "basket-2", but="development") is None


def body(event: dict[str, object]) -> bytes:
    return json.dumps({"events": [event]}).encode()
