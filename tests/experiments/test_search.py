"""Full-text search over experiments: on SQLite and on PostgreSQL the same, and harmless whatever is typed."""

from collections.abc import Iterator
from typing import Any

import pytest
import samples

from experiments import lifecycle
from experiments.registry import Database, metrics, search, snapshots

TEXTS = {
    "photos": ("Larger product photos on phones", "Photos sell.", "Larger photos on phones change nothing.", ("photos",)),
    "promise": ("Which delivery promise?", "A date persuades.", "A delivery date near the button persuades.", ("delivery",)),
    "pay-later": ("Pay later offered first", "Fewer leave.", "Offering <b>pay later</b> first doubles refusals.", ()),
    "search": ("Search that understands typos", "Typing is hard on phones.", "", ("discovery",)),
}
HOSTILE = [
    '"', "'", "' OR 1=1 --", "title: x", "NEAR(a b)", "a* OR b*", "NOT", "AND", "(", "a & | ! b", "\x00\x02\x03", "%_", "  ",
    "-" * 500, "a " * 5000, "é" * 3000, "😀", "photos\\", "{title}: photos", "^photos", "photos + phones", "<->", ":*",
]  # fmt: skip


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def db(request: Any, tmp_path_factory: Any) -> Iterator[Database]:
    """Four experiments, of which three are decided."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('search') / 'registry.sqlite'}"
    else:
        url = request.getfixturevalue("postgresql_server")("search")
    found = Database(url)
    found.migrate()
    metrics.apply(found, samples.CATALOG, "test")
    for key, (title, hypothesis, learning, tags) in TEXTS.items():
        plan = samples.plan(key, title=title, hypothesis=hypothesis, tags=tags, change="It looks other.", secondary=())
        lifecycle.save(found, plan, "test")
        frozen = lifecycle.launch(found, key, "test").frozen
        snapshots.append(found, samples.snapshot(frozen, 14, "drop"))
        if learning:
            lifecycle.decide(found, key, word="drop", reason="It was not worth it.", by="test", learning=learning)
    yield found
    found.engine.dispose()


@pytest.mark.parametrize(
    ("typed", "keys"),
    [
        ("photo", ["photos"]), ("deliv", ["promise"]), ("phones", ["photos", "search"]), ("TYPOS search", ["search"]),
        ("photos typos", []), ("worth", ["pay-later", "photos", "promise"]), ("unheard of", []), ("", []),
    ],
)  # fmt: skip
def test_every_word_must_be_there_by_its_stem_or_beginning(db: Database, typed: str, keys: list[str]) -> None:
    assert sorted(f.key for f in search.search(db, typed)) == keys


def test_a_title_counts_more_than_a_hypothesis(db: Database) -> None:
    assert [f.key for f in search.search(db, "phones")] == ["photos", "search"]
    assert [f.key for f in search.learnings(db, "phones", within=search.Within())] == ["photos"]


def test_learnings_are_listed_by_tag_and_outcome(db: Database) -> None:
    def keys(typed: str = "", **within: Any) -> set[str]:
        return {f.key for f in search.learnings(db, typed, within=search.Within(**within))}

    assert keys() == {"photos", "promise", "pay-later"}
    assert keys(tag="photos") == keys("photo", tag="photos") == {"photos"}
    assert keys(tag="photo") == keys(tag="%") == keys(outcome="keep") == keys("delivery", tag="photos") == set()
    assert keys(outcome="drop") == {"photos", "promise", "pay-later"}
    assert search.tags(db) == ["delivery", "photos"]


def test_a_text_finds_what_is_about_the_same_and_not_itself(db: Database) -> None:
    found = search.similar(db, "If people see larger photos, they will order more on their phones")
    assert found[0].key == "photos"
    assert "photos" not in [f.key for f in search.similar(db, "larger photos on phones", besides="photos")]
    assert search.similar(db, "and the of to a") == []
    assert len(search.similar(db, "photos delivery pay typos", limit=2)) == 2


def test_what_was_found_is_marked_and_stays_text(db: Database) -> None:
    (found,) = search.search(db, "refusals")
    assert ("refusals", True) in found.snippet
    assert found.learning == TEXTS["pay-later"][2], "it is the template that escapes"
    assert search.pieces("a \x02b\x03 c\x02") == (("a ", False), ("b", True), (" c", False))


@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed[:20]))
def test_whatever_is_typed_is_only_words(db: Database, typed: str) -> None:
    for found in (search.search(db, typed), search.similar(db, typed)):
        assert {f.key for f in found} <= TEXTS.keys()


def test_what_is_rewritten_is_found_anew(db: Database) -> None:
    lifecycle.save(db, samples.plan("draft", title="Gift wrapping"), "test")
    assert [f.key for f in search.search(db, "gift")] == ["draft"]
    lifecycle.save(db, samples.plan("draft", title="Ribbons"), "test")
    assert search.search(db, "gift") == []
    assert [f.key for f in search.search(db, "ribbon")] == ["draft"]
