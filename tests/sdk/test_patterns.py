"""Patterns of targeting conditions: what they match is what `re` matches, and none holds up its host."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keepers import patterns
from keepers.patterns import search

atoms = st.sampled_from(["a", "b", "A", ".", "[ab]", "[^a]", r"\d", r"\w", r"\s", r"\W", "[a-c0-3]", "1", " ", "-", "ß", r"\.", "\n"])
edges = st.sampled_from(["^", "$", r"\b", r"\B", r"\A", r"\Z"])
repeats = st.sampled_from(["", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?"])
regexes = st.recursive(
    st.tuples(atoms, repeats).map("".join) | edges,
    lambda inner: st.lists(inner, min_size=1, max_size=3).map("".join)
    | st.tuples(inner, inner).map(lambda two: f"(?:{two[0]}|{two[1]})")
    | st.tuples(inner, repeats).map(lambda two: f"({two[0]}){two[1]}"),
    max_leaves=6,
)


@settings(derandomize=True, deadline=None, max_examples=250)
@given(regexes, st.text(alphabet="abABc013 -ß.\n_é", min_size=1, max_size=8), st.booleans())
def test_a_pattern_matches_what_re_matches(pattern: str, text: str, fold: bool) -> None:
    """No empty text: what \\B says of it changed between versions of Python."""
    try:
        expected = re.search(pattern, text, re.IGNORECASE if fold else 0) is not None
    except re.error:
        expected = False
    assert search(pattern, text, fold) == expected


@pytest.mark.parametrize(
    ("pattern", "text", "other"),
    [
        (r"@example\.com$", "ada@example.com", "ada@example.com.org"),
        (r"^\d{3}-\d{4}$", "555-0123", "555-01234"),
        (r"(?i)mobile|android", "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko)", "Mozilla/5.0 (Macintosh)"),
        (r"^(\d+)\.(\d+)\.(\d+)(-[0-9A-Za-z.-]+)?$", "12.0.3-rc.1", "12.0-rc.1"),
        ("foo.*bar.*baz", "a foo, a bar and a baz", "a foo, a baz and a bar"),
    ],
)
def test_patterns_as_teams_write_them_match(pattern: str, text: str, other: str) -> None:
    assert search(pattern, text)
    assert not search(pattern, other)


@pytest.mark.parametrize("pattern", ["(a+)+$", "^(a|a)*$", "(a|aa)+$", "(.*)*x", ".*.*.*.*.*.*x", "(a*)*c", "(a?){100}a{100}x", "(a|b)*a(a|b){90}x"])
def test_a_hostile_pattern_looks_at_so_many_places_at_most(pattern: str) -> None:
    """With `re` each of these takes from seconds to longer than anyone can wait."""
    text = "ab" * 20 + "a" * 200 + "!"
    assert not search(pattern, text)
    made = patterns._patterns[pattern, False]
    assert made is None or made._left > -patterns.PLACES  # the last step may finish


@pytest.mark.parametrize("pattern", ["(", r"(a)\1", "(?=a)a", "(?<!b)a", "((a{500}){500}){500}", "(?a:a)", "a{9999999}", "a|" * 600])
def test_a_pattern_that_is_wrong_or_not_supported_matches_nobody(pattern: str) -> None:
    assert not search(pattern, "aa")
