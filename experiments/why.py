"""Why a unit gets its variant: the steps of the SDK's assignment, in its order and by its own code, in words."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from experiments.errors import DefinitionError
from keepers.assignment import FORCED, NOT_COVERED, ROLLOUT, SERVED, SPLIT, decide
from keepers.conditions import matches
from keepers.experiment import Experiment
from keepers.hashing import digest_of, gate_of, split_of

MOST_ATTRIBUTES = 50
ENDS = {
    "forced": "the plan names this unit and its variant", "held_out": "the unit is in the holdout",
    "prerequisite": "another experiment rules it out", "not_targeted": "its attributes do not fit the targeting",
    "outside_layer": "its place in the layer belongs to other experiments",
    "not_covered": "its place is outside the coverage", "split": "its place in the split is this variant's",
    "served": "what was decided is served", "stopped": "the experiment is stopped",
    "rollout": "what was kept is rolled out to a share of units, and both sides are compared",
    "decided": "it is decided, and control is served", "draft": "it is a draft",
    "unsupported_algorithm": "the split's algorithm is not known",
}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """One step of the assignment: what was asked, what was found, and whether it ended here."""

    name: str
    found: str
    ends: bool = False


@dataclass(frozen=True)
class Why:
    """The variant, the SDK's reason, one sentence, and the steps up to the one that decided."""

    variant: str
    reason: str
    sentence: str
    logged: bool
    steps: tuple[Step, ...]


def explain(experiment: Experiment, unit: str, attributes: Mapping[str, Any]) -> Why:
    """Return why a unit with these attributes gets its variant now. The variant and reason are the SDK's `decide`."""
    arm, reason = decide(experiment, unit, attributes)
    steps: list[Step] = []
    for name, found, ending in _steps(experiment, unit, attributes):
        steps.append(Step(name, found, ending == reason))
        if steps[-1].ends:
            break
    sentence = f"{unit} gets {arm.variant}: {ENDS.get(reason, reason)}."
    return Why(arm.variant, reason, sentence, reason in (SPLIT, FORCED, ROLLOUT), tuple(steps))


def attributes_of(text: str) -> dict[str, Any]:
    """Read attributes as people type them, one `key=value` a line; true, false and numbers are read as such."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if len(lines) > MOST_ATTRIBUTES:
        raise DefinitionError(f"There are {len(lines)} attributes; give at most {MOST_ATTRIBUTES}.")
    return dict(_attribute(line) for line in lines)


def _attribute(line: str) -> tuple[str, Any]:
    key, equals, value = (part.strip() for part in line.partition("="))
    if not key or not equals:
        raise DefinitionError(f"'{line[:40]}' is no attribute; write one a line, such as country=NZ.")
    return key, _value(value)


def _value(text: str) -> Any:
    if text in ("true", "false"):
        return text == "true"
    if len(text) > 1 and text[0] == text[-1] == '"':
        return text[1:-1]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def _steps(e: Experiment, unit: str, attributes: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Each step: its name, what it found, and the reason that the SDK gives where it ends there."""
    named = e.overrides.get(unit)
    yield "Override", f"The plan names it for {named.variant}." if named else "The plan does not name it.", FORCED
    yield "Algorithm", f"The split is by '{e.algorithm}'.", "unsupported_algorithm"
    if e.holdout is not None:
        inside = e.holdout.holds(unit)
        yield "Holdout", f"It is {'in' if inside else 'not in'} the holdout '{e.holdout.name}'.", "held_out"
    for each in e.prerequisites:
        got = decide(each.experiment, unit, attributes)[0].variant
        wants = " or ".join(sorted(each.variants))
        yield f"Prerequisite {each.experiment.key}", f"It gets {got} there; this asks for {wants}.", (
            "" if got in each.variants else "prerequisite"
        )  # fmt: skip
    if e.targeting:
        given: Mapping[str, Any] = attributes if e.unit in attributes else {**attributes, e.unit: unit}
        fits = "fit" if matches(e.targeting, given) else "do not fit"
        yield "Targeting", f"Its attributes {fits} the targeting.", "not_targeted"
    yield "State", f"The experiment is {e.status}.", e.status
    yield from _places(e, unit)


def _places(e: Experiment, unit: str) -> Iterator[tuple[str, str, str]]:
    digest = digest_of(e.salt, unit)
    if e.status != "running":
        yield from _served(e, unit, gate_of(digest))
        return
    if e.layer is not None:
        inside = "inside" if e.layer.holds(unit) else "outside"
        yield "Layer", f"Its place in the layer is {inside} this experiment's share.", "outside_layer"
    if e.chooser is not None:
        chosen = e.chooser(unit)
        yield "Coverage", f"By '{e.algorithm}' it is {'not ' if chosen < 0 else ''}covered.", "not_covered"
        yield "Split", f"'{e.algorithm}' puts it there.", SPLIT
        return
    yield "Coverage", _covered(gate_of(digest), e.coverage), "not_covered"
    yield "Split", f"Its place in the split is {split_of(digest):.6f}: {_shares(e.arms)}.", SPLIT


def _served(e: Experiment, unit: str, place: float) -> Iterator[tuple[str, str, str]]:
    if e.serve is None:
        return
    given, held = (ROLLOUT, ROLLOUT) if e.serve.version else (SERVED, NOT_COVERED)
    name, had = e.serve.kept.variant, False
    if e.serve.before is not None:
        had = decide(e.serve.before, unit, {}) == (e.serve.kept, SPLIT)
        yield "Before", f"While the experiment ran, it {'had' if had else 'did not have'} {name}.", given if had else ""
    yield "Roll-out", _covered(place, e.serve.place), "" if place < e.serve.place else held
    yield "Served", f"{name} was kept.", given


def _covered(place: float, coverage: float) -> str:
    return f"Its place is {place:.6f}; covered are places below {coverage:g}."


def _shares(arms: Sequence[Any]) -> str:
    ends, total = [], 0.0
    for arm in arms:
        ends.append(f"{arm.variant} from {total:.4g} to {total + arm.weight:.4g}")
        total += arm.weight
    return ", ".join(ends)
