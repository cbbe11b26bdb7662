"""GrowthBook's suite: sections, each a list of [name, inputs..., expected]."""

from collections.abc import Callable, Iterator
from typing import Any

from forms.result import Result, judged, not_offered

from keepers.conditions import matches, version_key
from keepers.peers import PeerSlice, choose, equal_weights, find_peer, growthbook_ranges

NOT_OFFERED = {
    "getQueryStringOverride": "a page's address forces nothing here: the config's overrides and client.override do",
    "feature": "whole features with their rules: `keepers import growthbook` takes the experiments out of them",
    "run": "a whole client of theirs: `keepers import growthbook` takes the experiments",
    "decrypt": "configs are not encrypted, they are fetched with a key over TLS",
    "stickyBucket": "nothing is remembered per unit: a unit keeps its variant because the hash does",
    "urlRedirect": "pages are not redirected in the browser",
    "urlTargeting": "pages are not targeted by address in the browser",
}


def run(suite: dict[str, Any]) -> Iterator[Result]:
    for section, cases in suite.items():
        if section == "versionCompare":
            yield from _versions(cases)
        elif isinstance(cases, list):
            yield from (_case(section, number, case) for number, case in enumerate(cases))
        elif isinstance(cases, dict):
            yield Result(section, "fail", note="unknown section", got="no such section is known")


def _case(section: str, number: int, case: list[Any]) -> Result:
    named = section not in ("hash", "getEqualWeights")
    name = f"{section} {case[0]}" if named else f"{section} {number}: {case[:-1]}"
    if section in NOT_OFFERED:
        return not_offered(name, NOT_OFFERED[section])
    if section not in SECTIONS:
        return Result(name, "fail", got=f"no section {section!r} is known")
    expected, got = SECTIONS[section](*(case[1:] if named else case))
    return judged(name, expected, got)


def _condition(condition: Any, attributes: Any, expected: Any, groups: Any = None) -> tuple[Any, Any]:
    return expected, matches(condition, attributes, groups or {})


def _hash(seed: str, value: str, version: int, expected: Any) -> tuple[Any, Any]:
    peer = find_peer(f"growthbook-v{version}")
    return expected, None if peer is None else peer.place(seed, value)


def _ranges(inputs: list[Any], expected: Any) -> tuple[Any, Any]:
    return expected, growthbook_ranges(*inputs)


def _choice(place: float, ranges: Any, expected: int) -> tuple[Any, Any]:
    return expected, choose(place, [[pair] for pair in ranges])


def _namespace(unit: str, namespace: list[Any], expected: bool) -> tuple[Any, Any]:
    name, start, end = namespace
    peer = find_peer("growthbook-v1")
    assert peer is not None
    return expected, PeerSlice(name, peer, f"__{name}", start, end).holds(unit)


def _weights(count: int, expected: Any) -> tuple[Any, Any]:
    return expected, equal_weights(count)


SECTIONS: dict[str, Callable[..., tuple[Any, Any]]] = {
    "evalCondition": _condition,
    "hash": _hash,
    "getBucketRange": _ranges,
    "chooseVariation": _choice,
    "inNamespace": _namespace,
    "getEqualWeights": _weights,
}
ORDER = {"lt": lambda a, b: a < b, "gt": lambda a, b: a > b, "eq": lambda a, b: a == b}


def _versions(cases: dict[str, Any]) -> Iterator[Result]:
    for word, pairs in cases.items():
        for one, other, expected in pairs:
            yield judged(f"versionCompare {one} {word} {other}", expected, ORDER[word](version_key(one), version_key(other)))
