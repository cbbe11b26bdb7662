"""Configs that nobody should serve: they are refused with ConfigError or they serve, and no call ever raises or waits.

No time is measured here: a pattern or a chain of prerequisites that is not stopped would take longer than anyone has.
"""

import copy
import json
import math
import random
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keepers
from keepers import conditions as conditions_module
from keepers.conditions import LONG, OPERATORS, Choices, fault, matches, prepared, same, version_key
from keepers.config import MOST_STEPS, parse_config
from keepers.experiment import Experiment
from keepers.patterns import QUICK, SHORTEST, STEPS, Pattern

pytestmark = pytest.mark.slow

ARMS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5, "payload": {"a": [1]}}]
WHOLE: dict[str, Any] = {
    "schema": 1,
    "environment": "test",
    "experiments": [
        {
            "key": "k", "version": 1, "status": "running", "unit": "user", "salt": "s", "coverage": 0.9, "variants": ARMS,
            "layer": {"name": "l", "salt": "l", "from": 0, "to": 0.9}, "holdout": {"name": "h", "share": 0.1},
            "targeting": {"country": {"$in": ["DE"]}, "$or": [{"age": {"$gt": 18}}, {"mail": {"$regex": "@example"}}]},
            "overrides": {"qa": "treatment"}, "prerequisites": [{"experiment": "base", "variants": ["treatment"]}],
            "serve": {"variant": "treatment", "coverage": 0.5},
        },
        {"key": "base", "variants": ARMS, "algorithm": "growthbook-v2"},
    ],
}  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(["$regex", "$in", "k"])
trees = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3))


def places(data: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [path, *(place for key, value in inner for place in places(value, (*path, key)))]


def put(path: tuple[Any, ...], value: Any) -> Any:
    """The whole config with another value at one place."""
    if not path:
        return value
    changed = copy.deepcopy(WHOLE)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


def serves_or_refuses(data: Any, attributes: dict[str, Any]) -> None:
    try:
        client = keepers.Client(data, sink=lambda batch: None, spool=False, on_error=lambda error: None)
    except keepers.ConfigError:
        return
    with client:
        for key in ("k", "base", "none"):
            assert isinstance(client.variant(key, "user-1", attributes=attributes), str)
            client.assign(key, {"user": "user-2"}, attributes=attributes).expose()


def test_the_whole_config_is_one_that_serves() -> None:
    assert set(parse_config(WHOLE).experiments) == {"k", "base"}


@settings(max_examples=80)
@given(st.sampled_from(places(WHOLE)), trees, st.dictionaries(st.sampled_from(["country", "age", "mail"]), trees))
def test_a_wrong_value_anywhere_is_refused_or_served(path: tuple[Any, ...], value: Any, attributes: dict[str, Any]) -> None:
    serves_or_refuses(put(path, value) if path else {"schema": 1, "experiments": value}, attributes)


def test_a_config_cut_off_anywhere_is_refused(tmp_path: Path) -> None:
    text = json.dumps(WHOLE)
    path = tmp_path / "config.json"
    for end in range(0, len(text) - 1, 37):
        path.write_text(text[:end])
        with pytest.raises(keepers.ConfigError):
            keepers.Client(str(path), sink=lambda batch: None, spool=False)


names = st.sampled_from([*OPERATORS, "$and", "$or", "$nor", "$not", "a", "a.b"])
conditions = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=12
)


@settings(max_examples=100)
@given(st.dictionaries(names, conditions, min_size=1, max_size=3), st.dictionaries(st.sampled_from(["a", "b"]), trees))
def test_a_condition_that_is_not_refused_answers_whatever_the_attributes_are(condition: Any, attributes: Any) -> None:
    if fault(condition) == "":
        answer = matches(condition, attributes)
        assert answer is matches(prepared(condition), attributes)
        assert isinstance(answer, bool)


def nested(depth: int, kind: str) -> Any:
    condition: Any = {"a": 1}
    for _ in range(depth):
        condition = {kind: condition if kind == "$not" else [condition]}
    return condition


@pytest.mark.parametrize("kind", ["$not", "$and", "a"])
def test_what_is_nested_deeply_is_refused(kind: str) -> None:
    assert fault(nested(15, kind)) == ""
    for depth in (50, 5_000):
        with pytest.raises(keepers.ConfigError, match="nested more than 40 deep"):
            parse_config(put(("experiments", 0, "targeting"), nested(depth, kind)))


def chain(length: int, width: int) -> dict[str, Any]:
    """Experiments each of which needs the next, `width` times over."""
    needs = [[{"experiment": f"e{n + 1}", "variants": ["treatment"]}] * width for n in range(length - 1)] + [[]]
    return {"experiments": [{"key": f"e{n}", "variants": ARMS, "prerequisites": each} for n, each in enumerate(needs)]}


@pytest.mark.parametrize(("length", "width"), [(65, 1), (2_000, 1), (7, 2), (60, 2), (3, 100)])
def test_prerequisites_that_would_ask_too_much_are_refused(length: int, width: int) -> None:
    with pytest.raises(keepers.ConfigError, match="lead through more than 64 experiments"):
        parse_config(chain(length, width))


def test_as_many_prerequisites_as_are_allowed_are_served() -> None:
    serves_or_refuses(chain(64, 1), {})
    assert len(parse_config(chain(6, 2)).experiments) == 6


HOSTILE = [
    r"(a+)+$", r"(a|a)*$", r"(a|aa)+$", r"([a-z]+)*=", r"(.*)*x", r"(\w+\s?)*$", r"(a?){30}a{30}", r"^(a+)(\1)+$", r"(x+x+)+y",
    r"^a*a*a*a*a*b", r"^.*.*.*.*=.*", r"x.*b.*a[^a]*c", "Mobile.*Chrome.*Safari", r"((a{1,10}){1,10}){1,10}b", r"(a|b|ab)*c", r"(?=(a+)+$)", r"^(([a-z])+.)+[A-Z]([a-z])+$",
    "(" * 5_000, "a" * 2_000, "(", "[z-a]", "*", "a{4294967296}",
]  # fmt: skip


@pytest.mark.parametrize("pattern", HOSTILE, ids=lambda pattern: pattern[:30])
def test_a_pattern_that_may_take_too_long_is_refused_and_matches_nobody(pattern: str) -> None:
    for operator in ("$regex", "$regexi"):
        condition = {"mail": {operator: pattern}}
        with pytest.raises(keepers.ConfigError, match=r"the pattern .* (may take too long|is no regular|letters)"):
            parse_config(put(("experiments", 0, "targeting"), condition))
        for text in ("a" * 5_000 + "!", "x" * 40, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa="):
            assert not matches(condition, {"mail": text})


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^\+49", "+49 30 1234"),
        (r"@example\.(com|de)$", "anna@example.de"),
        (r"^[^@]+@[^@.]+(\.[a-z]+)+$", "anna@mail.example.com"),
        (r"^([a-z]+\.)*example\.com$", "a.b.example.com"),
        (r"[\w.+-]+@[\w-]+\.[\w.]+", "to anna+x@example.co.uk"),
        (r"iPhone.*Safari", "Mozilla/5.0 (iPhone; CPU) Safari/604.1" + " x" * 100),
        (r"Chrome|CriOS|Firefox", "Mozilla/5.0 CriOS" + "." * 900),
        (r"^\d{4}-\d{2}-\d{2}$", "2026-11-25"),
        (r"^v?\d+(\.\d+){1,2}$", "v2.10.3"),
        (r"(?i)\bstaff\b", "the STAFF room"),
        (r"^(?!test).*@x\.de$", "anna@x.de"),
        (r"https?://(www\.)?example\.com/.*", "http://example.com/a?b"),
        (r"^(19|20)\d\d$", "1984"),
        (r"^名+$", "名名"),
        (r"(?m)^staff$", "a\nstaff"),
        ("", "anything"),
    ],
)
def test_a_pattern_as_people_write_them_is_taken(pattern: str, text: str) -> None:
    assert Pattern(pattern).fault == ""
    assert matches({"a": {"$regex": pattern}}, {"a": text})
    assert matches({"a": {"$regexi": pattern}}, {"a": text})


def test_a_text_that_is_too_long_for_its_pattern_does_not_match() -> None:
    assert Pattern("a.*b").search("a" + "x" * 100 + "b")
    assert not Pattern("a.*b").search("a" + "x" * 900 + "b")
    assert Pattern("^a.*b").search("a" + "x" * 900 + "b")
    assert Pattern("^a").search("a" * 1_000)
    assert not Pattern("^a").search("a" * 1_001)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("a" * 60 + "[ab]+!", "a"), ("[ab]" * 40 + "*c", "ab"), (r"^.+[ab]*?c", "ab"), (r"xa+[ab]*c", "xa"), (r"^\w*b*?a+$", "b"), (r"^\w+(?=\w*!)", "a"), (r"(?m)^[\s\S]*?!", "\n"), (r"(?m)^\s+!", "\n")],
)
def test_a_pattern_that_could_take_long_is_tried_on_shorter_texts(pattern: str, text: str) -> None:
    """Each of these takes many milliseconds on ten thousand letters."""
    assert SHORTEST <= Pattern(pattern).longest < 800
    assert not Pattern(pattern).search(text * 1_000)


def test_a_pattern_is_found_where_python_finds_it() -> None:
    """It is cut at both ends before it is compiled."""
    rng, taken = random.Random(1), 0
    parts = ["a", "b", "[ab]", "[^b]", r"\w", ".", "(?:a|b)", "(a)?", "a*", "b+?", "a{2,3}", r"\b", "(?<=a)b", ".*", r"\w+"]
    for _ in range(3_000):
        pattern = rng.choice(["", "^"]) + "".join(rng.choices(parts, k=rng.randint(1, 4))) + rng.choice(["", "$"])
        read = Pattern(pattern, fold := rng.random() < 0.5)
        for text in ("".join(rng.choices("abAB c\n", k=rng.randint(0, 9))) for _ in range(0 if read.fault else 5)):
            taken += 1
            assert read.search(text) is bool(re.search(pattern, text, re.IGNORECASE if fold else 0)), (pattern, text)
    assert taken > 5_000


SLOW = ["x.*a", r"x\w+\s.y", "x[ab]*[ab].y"]


@pytest.mark.parametrize("count", [1, 2, 6])
def test_the_patterns_of_a_targeting_share_what_it_may_take(count: int) -> None:
    every = [{"mail": {"$regex": SLOW[number % len(SLOW)]}} for number in range(count)]
    targeting: Any = parse_config(put(("experiments", 0, "targeting"), {"$or": every})).experiments["k"].targeting
    read = [each["mail"]["$regex"] for each in targeting["$or"]]
    assert len(read) == count
    assert sum(each.steps for each in read) * QUICK <= STEPS * 1.000001
    assert min(each.longest for each in read) > SHORTEST
    assert (read[0].longest < Pattern(SLOW[0]).longest) is (count > 1)
    assert matches(targeting, {"mail": "xa"})


@pytest.mark.parametrize("operand", [{"$elemMatch": {"$regex": "^beta-"}}, {"$all": [{"$regex": "^beta-"}]}])
def test_a_pattern_that_is_asked_of_each_value_of_a_list_takes_a_share_for_each(operand: Any) -> None:
    targeting = parse_config(put(("experiments", 0, "targeting"), {"tags": operand})).experiments["k"].targeting
    assert conditions_module.steps(targeting) <= MOST_STEPS
    assert matches(targeting, {"tags": ["staff", "beta-checkout"]})
    assert not matches(targeting, {"tags": ["beta", "x"]})
    assert not matches(targeting, {"tags": ["beta-" + "x" * 100]})


def test_a_refused_pattern_is_told_with_what_it_takes_the_rule_and_a_way_out() -> None:
    told = fault({"mail": {"$regex": "Mobile.*Chrome.*Safari"}})
    assert re.fullmatch(
        r"the pattern 'Mobile.*Safari' may take too long: its repeats overlap, [\d,]+ steps for 80 letters, and it may take "
        r"50,000; write it without that, or make an attribute of it",
        told,
    )


def test_a_caller_never_waits_for_a_pattern_to_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    either = {"$or": [{"mail": {"$regexi": "@EXAMPLE"}}, {"mail": {"$not": {"$regex": r"^\D+$"}}}]}
    targeting: Any = parse_config(put(("experiments", 0, "targeting"), either)).experiments["k"].targeting
    monkeypatch.setattr("keepers.patterns.Pattern", None)
    assert matches(targeting, {"mail": "anna@example.de"})
    assert matches(targeting, {"mail": 12})
    assert not matches(targeting, {"mail": "anna"})


def test_a_long_list_answers_as_a_short_one_and_is_looked_into_by_hash() -> None:
    many: list[Any] = [*(f"id-{number}" for number in range(1_000)), 7, True, None, ["x"], "Ünï"]
    condition = {"id": {"$in": many}, "n": {"$nin": many}, "i": {"$ini": many}}
    ready = prepared(condition)
    assert type(ready["id"]["$in"]) is Choices
    values = ["id-77", "id-x", 7, 7.0, 1, True, False, None, ["id-5", "q"], ["q"], [["x"]], "ÜNÏ", "ID-8", 3.5]
    for one in values:
        for other in ("id-1", "q"):
            attributes = {"id": one, "n": other, "i": one}
            assert matches(ready, attributes) is matches(condition, attributes)
            assert matches({"i": ready["i"]}, attributes) is matches({"i": condition["i"]}, attributes)


POOL: list[Any] = [0, 1, 1.0, -0.0, True, False, None, "a", "A", "1", math.nan, [], [1], [True], {"a": 1}, {"a": True}, 2**70]


@settings(max_examples=100)
@given(
    st.sampled_from(["$in", "$nin", "$ini", "$nini", "$all", "$alli"]),
    st.lists(st.sampled_from(POOL), max_size=4),
    st.sampled_from(POOL) | st.lists(st.sampled_from(POOL), max_size=4),
)
def test_what_is_looked_up_by_hash_is_what_is_equal(operator: str, operand: list[Any], value: Any) -> None:
    condition = {"x": {operator: operand}}
    assert type(prepared(condition)["x"][operator]) is Choices
    assert matches(prepared(condition), {"x": value}) is matches(condition, {"x": value})


MANY = list(range(10_000))
LISTS: list[Any] = [list(range(LONG)), [f"t{n}" for n in range(LONG)], [{"a": n, "b": [n]} for n in range(LONG)], LONG - 1, "t99", True]
BROAD: list[dict[str, Any]] = [
    {"x": {"$in": MANY}},
    {"x": {"$nin": [float(n) for n in MANY]}},
    {"x": {"$all": MANY[:50]}},
    {"x": {"$alli": [f"T{n}" for n in range(LONG)]}},
    {"x": {"$in": [[1], {"a": 1, "b": [0]}]}},
    {"x": {"$all": [{"$gt": -1}, {"$lt": 2_000}]}},
    {"x": {"$elemMatch": {"a": {"$gte": LONG - 1}}}},
    {"x": {"$elemMatch": {"$gt": 98}}},
    {"x": LISTS[0]},
    {"x": {"$not": {"$in": MANY}}, "$nor": [{"x": 1}, {"x": {"$gt": 500, "$type": "array"}}]},
    {"$and": [{"x": {"$exists": True}} for _ in range(100)]},
    {"$and": [{"x": {"$nin": ["a", "b"]}} for _ in range(28)]},
    {"x.y.z": 1, "$or": [{"$not": {"x": {"$size": 100}}}, {"$not": {"x": {"$size": {"$lt": 99}}}}]},
]  # fmt: skip


@pytest.mark.parametrize("condition", BROAD)
def test_no_attribute_makes_a_condition_take_more_steps_than_were_counted(condition: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ready = parse_config(put(("experiments", 0, "targeting"), condition)).experiments["k"].targeting
    taken: list[float] = []

    def counted(name: str, cost: float) -> None:
        step = getattr(conditions_module, name)
        monkeypatch.setattr(conditions_module, name, lambda *given: taken.append(cost) or step(*given))

    counted("_clause", 1)
    counted("_operate", 1)
    counted("same", conditions_module.VALUE)
    for value in LISTS:
        taken.clear()
        matches(ready, {"x": value})
        assert 0 < sum(taken) <= conditions_module.steps(ready) <= MOST_STEPS


NARROW: list[dict[str, Any]] = [
    {"$and": [{"n": {"$gt": 0}}] * 1_000},
    {"$and": [{"$or": [{"n": n} for n in range(100)]} for _ in range(5)]},
    {"x": {"$elemMatch": {"$or": [{"a": n} for n in range(10)]}}},
    {"x": {"$elemMatch": {"y": {"$elemMatch": {"z": 1}}}}},
    {"x": {"$all": [{"$ne": n} for n in range(10)]}},
    {"x": {"$in": [[n] for n in range(1_000)]}},
    {"x": list(range(5_000))},
    {"$and": [{"mail": {"$regex": f"x.*a{n}"}} for n in range(50)]},
    {".".join("x" * 1_000): 1},
]


@pytest.mark.parametrize("condition", NARROW)
def test_a_condition_that_takes_long_to_answer_is_refused(condition: Any) -> None:
    rule = r"experiment 'k'\.targeting: the conditions take a caller [\d,]+ steps; they may take 300: write values into"
    with pytest.raises(keepers.ConfigError, match=rule):
        parse_config(put(("experiments", 0, "targeting"), condition))


@pytest.mark.parametrize("each", [10, 60])
def test_the_targeting_of_all_experiments_that_one_needs_is_counted_together(each: int) -> None:
    data = chain(10, 1)
    for experiment in data["experiments"]:
        experiment["targeting"] = {"$and": [{"n": 1}] * each}
    if each == 10:
        assert len(parse_config(data).experiments) == 10
        return
    with pytest.raises(keepers.ConfigError, match=r"experiment 'e0'\.prerequisites: the conditions take a caller \d+ steps"):
        parse_config(data)


def test_a_list_that_is_too_long_to_look_through_is_a_missing_attribute() -> None:
    for length, known in ((LONG, True), (LONG + 1, False)):
        attributes = {"x": list(range(length))}
        for condition in ({"x": {"$in": [5]}}, {"x": {"$all": [5]}}, {"x": {"$elemMatch": {"$gt": 5}}}, {"x": {"$exists": True}}):
            assert matches(prepared(condition), attributes) is matches(condition, attributes) is known


def test_a_version_of_a_thousand_parts_is_no_version() -> None:
    assert version_key("1." * 1_000 + "1") == version_key(None)
    assert version_key("1.2.3+" + "x" * 1_000) == version_key("1.2.3")


def test_what_is_prepared_equals_what_was_given() -> None:
    condition = {"a": list(range(20)), "$or": [{"b": {"$eq": list("abcdefghij")}}, {"c": {"$exists": True}}]}
    assert same(prepared(condition), condition)
    experiment: Experiment = parse_config(put(("experiments", 0, "targeting"), condition)).experiments["k"]
    assert same(experiment.targeting, condition)
