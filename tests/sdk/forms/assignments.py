"""What other tools assign ({"peers": ...}), and our own vectors ({"cases": ...}) of our split and of other tools'."""

from collections.abc import Iterator
from typing import Any

from forms.result import Result, judged

from keepers.assignment import decide
from keepers.config import parse_config
from keepers.hashing import digest_of, gate_of, split_of

# The names of the file, and what a plan writes for the experiment that the file describes.
WRITTEN = {
    "amplitude": ("amplitude", "abc"),
    "eppo": ("eppo", "checkout-cta"),
    "flagsmith": ("flagsmith", "1,B62qaMZNwfiqT76p38ggrQ_"),
    "growthbook": ("growthbook-v2", "checkout-cta"),
    "launchdarkly": ("launchdarkly", "61"),
    "optimizely": ("optimizely", "e1"),
    "planout": ("planout", "Exp.v"),
    "posthog": ("posthog", "cta"),
    "statsig": ("statsig", "checkout-cta"),
    "unleash": ("unleash", "cta"),
}


def run(content: dict[str, Any]) -> Iterator[Result]:
    for name, peer in content.get("peers", {}).items():
        yield from _peer(name, peer["assignments"])
    for number, case in enumerate(content.get("cases", [])):
        yield from _peer_case(number, case) if "algorithm" in case else [_ours(number, case)]


def _peer(name: str, assignments: dict[str, str]) -> Iterator[Result]:
    if name not in WRITTEN:
        yield Result(name, "fail", got="no such algorithm is known")
        return
    algorithm, salt = WRITTEN[name]
    got = variants(list(assignments), salt=salt, algorithm=algorithm)
    for unit, variant in assignments.items():
        yield judged(f"{name} {unit}", variant, got[unit])


def _peer_case(number: int, case: dict[str, Any]) -> Iterator[Result]:
    fields = {key: case[key] for key in ("algorithm", "salt", "coverage")}
    names = [str(index) for index in range(len(case["weights"]))]
    got = variants(list(case["variants"]), case["weights"], names, **fields)
    for unit, index in case["variants"].items():
        expected = None if index is None else names[index]
        yield judged(f"{case['algorithm']} {number} {unit}", expected, got[unit])


def _ours(number: int, case: dict[str, Any]) -> Result:
    names = [str(index) for index in range(len(case["weights"]))]
    variant = variants([case["unit"]], case["weights"], names, salt=case["salt"], coverage=case["coverage"])[case["unit"]]
    digest = digest_of(case["salt"], case["unit"])
    got = {
        "variant": None if variant is None else int(variant),
        "split": split_of(digest) == int(case["split"], 16) / 16**15,
        "gate": gate_of(digest) == int(case["gate"], 16) / 16**15,
    }
    return judged(f"vector {number} {case['salt']}:{case['unit']}", {"variant": case["variant"], "split": True, "gate": True}, got)


def variants(
    units: list[str], weights: tuple[float, ...] | list[float] = (0.5, 0.5), names: Any = ("control", "treatment"), **fields: Any
) -> dict[str, str | None]:
    """The variant of each unit, or None where the split was not asked."""
    arms = [{"key": name, "weight": weight} for name, weight in zip(names, weights, strict=True)]
    config = parse_config({"experiments": [{"key": "k", "variants": arms, **fields}]})
    decided = {unit: decide(config.experiments["k"], unit, {}) for unit in units}
    return {unit: arm.variant if reason == "split" else None for unit, (arm, reason) in decided.items()}
