"""Reads keys such as `pwr.2p.test h=.3 n=80 greater power` as the call of R that they abbreviate."""

import re
from typing import Any

from cases.datasets import BENJAMINI_HOCHBERG

# What the manual's example says and the key leaves out.
DOCUMENTED = {"pwr.2p2n.test h=.20 n1=1600": {"alpha": 0.01}}
WORDS = {"sig": "alpha", "sig.level": "alpha"}


def call(key: str, value: Any) -> tuple[str, dict[str, Any], Any]:
    """Method, inputs and expected numbers of a call."""
    if key.startswith("p.adjust"):
        return f"Multiple testing adjusted p ({key.split()[1]})", {"p": BENJAMINI_HOCHBERG}, {"adjusted": value}
    if key.startswith("prop.test"):
        return _proportions(key, value)
    return _power(key, value)


def _proportions(key: str, value: Any) -> tuple[str, dict[str, Any], Any]:
    """prop.test of successes and units: two groups, or more."""
    successes, units = ([float(n) for n in group.split(",")] for group in re.findall(r"c\(([^)]*)\)", key)[:2])
    if len(successes) > 2:
        return "Chi-square test of several proportions", {}, value
    told = {"chi2": value[0], "p": value[1], "ci": value[2:]}
    (k1, k2), (n1, n2) = successes, units
    return "Two proportions", {"k1": k1, "n1": n1, "k2": k2, "n2": n2}, told


def _power(key: str, value: Any) -> tuple[str, dict[str, Any], Any]:
    """Power calls: what is given, and as the last word what is asked for."""
    plain = re.sub(r"\((?:[^()]*(?:docs|stats)[^()]*)\)", "", key)
    given: dict[str, Any] = {}
    for name, text in re.findall(r"(\w+)=(ES\.h\([^)]*\)|\S+)", plain):
        given[WORDS.get(name, name)] = _number(text)
    if isinstance(given.get("h"), list):
        given["p2"], given["p1"] = given.pop("h")
    level = re.search(r"sig ([\d.]+)", key)
    if level:
        given["alpha"] = float(level.group(1))
    asked = (re.findall(r"\b(n2|n|power)\b(?!=)", plain.split(" ", 1)[1]) or ["power"])[-1]
    given |= next((more for start, more in DOCUMENTED.items() if key.startswith(start)), {})
    if "delta" in given:
        given["d"] = given.pop("delta") / given.pop("sd", 1.0)
    sided = " one-sided" if "greater" in plain else ""
    words = "arcsine effect (ES.h), normal" if key.startswith("pwr.2p") else ""
    return f"power, {key.split()[0]}{sided} {words} {plain}", given, {asked: value}


def _number(text: str) -> Any:
    """A number, a product or quotient of numbers, or the two proportions of ES.h."""
    if text.startswith("ES.h"):
        return [float(part) for part in text[5:-1].split(",")]
    if not re.fullmatch(r"[\d.*/()]+", text):
        return text
    top, _, bottom = text.partition("/")
    below = 1.0
    for factor in bottom.strip("()").split("*") if bottom else []:
        below *= float(factor)
    return float(top) / below
