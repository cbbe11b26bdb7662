"""Which variant a unit gets, and why: a pure function of the experiment, the unit and its attributes."""

from __future__ import annotations

from .hashing import digest_of, new_md5, split_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from bisect import bisect
    from collections.abc import Callable, Mapping
    from typing import Any

    from .client import Client
    from .experiment import Arm, Experiment
    from .seen import Seen, Side

    At = Any  # None, Unix seconds, or an aware datetime; a type of its own would need an import
    Decision = tuple[Arm, str]
else:
    try:  # where `bisect` has it from
        from _bisect import bisect_right as bisect
    except ImportError:  # another interpreter
        from bisect import bisect

# Why a unit got its variant. Only SPLIT, FORCED and ROLLOUT log an exposure.
SPLIT = "split"  # hashed into the variant
FORCED = "forced"  # named in the config's overrides: logged as forced, never analysed
OVERRIDE = "override"  # named by this process: Client(overrides=...) or client.override(...)
HELD_OUT = "held_out"
PREREQUISITE = "prerequisite"  # another experiment gave it a variant that rules this one out
NOT_TARGETED = "not_targeted"
OUTSIDE_LAYER = "outside_layer"
NOT_COVERED = "not_covered"
SERVED = "served"  # not running: what was decided is served
ROLLOUT = "rollout"  # the same, or control, where those who have it are compared with those who do not: logged
UNKNOWN = "unknown"  # no experiment of this key in the config
NOT_READY = "not_ready"  # no config yet
UNSUPPORTED = "unsupported_algorithm"
ERROR = "error"  # the call cannot be used; the error was reported


def decide(experiment: Experiment, unit: str, attributes: Mapping[str, Any]) -> Decision:
    """Return (arm, reason) for one unit.

    The arm is control (the first variant) wherever the experiment does not reach the unit. Reads
    no clock, no file and no state.
    """
    control = experiment.arms[0]
    forced = experiment.overrides.get(unit)
    if forced is not None:
        return forced, FORCED
    barred = _barred(experiment, unit, attributes)
    if barred:
        return control, barred
    if experiment.status != "running":
        return _served(experiment, unit)
    if experiment.layer is not None and not experiment.layer.holds(unit):
        return control, OUTSIDE_LAYER
    if experiment.chooser is not None:
        index = experiment.chooser(unit)
        return (experiment.arms[index], SPLIT) if index >= 0 else (control, NOT_COVERED)
    digest = new_md5(experiment.prefix + unit.encode()).digest()
    if experiment.gate is not None and digest[8:] >= experiment.gate:
        return control, NOT_COVERED
    return experiment.arms[bisect(experiment.thresholds, digest)], SPLIT


def quick_decider(experiment: Experiment) -> Callable[[str], Decision]:
    """Return `decide` for a plain experiment: one where a hash of the unit decides everything."""
    prefix, gate, thresholds = experiment.prefix, experiment.gate, experiment.thresholds
    decisions = [(arm, SPLIT) for arm in experiment.arms]
    uncovered = experiment.arms[0], NOT_COVERED

    def quick(unit: str) -> Decision:
        digest = new_md5(prefix + unit.encode()).digest()
        if gate is not None and digest[8:] >= gate:
            return uncovered
        return decisions[bisect(thresholds, digest)]

    return quick


def split_decider(experiment: Experiment, seen: Seen) -> tuple[Callable[[str], Decision], list[Side]]:
    """Return `decide` for a plain experiment that covers all, and the sides that it met: by first byte of a digest.

    Where no variant starts within the units of one first byte, that byte alone decides. The list is filled as it goes.
    """
    prefix, thresholds, arms = experiment.prefix, experiment.thresholds, experiment.arms
    decisions = [(arm, SPLIT) for arm in arms]
    divided = {start[0] for start in thresholds if any(start[1:])}
    sides: list[Any] = [None] * 256
    seen.held.update(arm.token for arm in arms)

    def quick(unit: str) -> Decision:
        digest = new_md5(prefix + unit.encode()).digest()
        index = bisect(thresholds, digest)
        if sides[digest[0]] is None and digest[0] not in divided:
            meet(arms[index], digest[0])
        return decisions[index]

    def meet(arm: Arm, place: int) -> None:
        side = seen.side(arm, place)
        for each in seen.places(place):
            if each not in divided and arms[bisect(thresholds, bytes([each, *bytes(15)]))] is arm:
                sides[each] = side

    return quick, sides


def _barred(experiment: Experiment, unit: str, attributes: Mapping[str, Any]) -> str:
    """Return why the unit cannot meet the experiment, running or served, or an empty text."""
    if not experiment.supported:
        return UNSUPPORTED
    if experiment.holdout is not None and experiment.holdout.holds(unit):
        return HELD_OUT
    for each in experiment.prerequisites:
        if decide(each.experiment, unit, attributes)[0].variant not in each.variants:
            return PREREQUISITE
    matches = experiment.matches
    if matches is not None and not matches(experiment.targeting, _with_unit(experiment.unit, unit, attributes)):
        return NOT_TARGETED
    return ""


def _with_unit(kind: str, unit: str, attributes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Let targeting name units, by their type; an attribute of that name that the call gives is what it means."""
    return attributes if kind in attributes else {**attributes, kind: unit}


def _served(experiment: Experiment, unit: str) -> Decision:
    serve = experiment.serve
    if serve is None:
        return experiment.arms[0], experiment.status
    gate = new_md5(experiment.prefix + unit.encode()).digest()[8:]
    if gate < serve.below or (serve.before is not None and decide(serve.before, unit, {}) == (serve.kept, SPLIT)):
        return serve.arm, ROLLOUT if serve.version else SERVED
    return serve.rest, ROLLOUT if serve.version else NOT_COVERED


class Assignment:
    """What a unit was assigned, and why. Nothing is logged until `expose` is called."""

    __slots__ = ("_attributes", "_client", "_decision", "_unit")

    def __init__(self, decision: Decision, client: Client, unit: Any, attributes: Any):
        self._decision = decision
        self._client = client
        self._unit = unit
        self._attributes = attributes

    @property
    def experiment(self) -> str:
        """The key of the experiment."""
        return self._decision[0].experiment

    @property
    def variant(self) -> str:
        """The key of the variant: what the application should show."""
        return self._decision[0].variant

    @property
    def reason(self) -> str:
        """Why: "split" where it was hashed into the variant, else what kept it out or forced it."""
        return self._decision[1]

    @property
    def version(self) -> int:
        """The phase of the experiment, 1 or more; 0 where the experiment is not known."""
        return self._decision[0].version

    @property
    def payload(self) -> Any:
        """What the config attaches to the variant, or None."""
        return self._decision[0].payload

    @property
    def bucket(self) -> float | None:
        """The unit's place in [0, 1) in the split, or None where the split did not decide."""
        arm, reason = self._decision
        if reason is not SPLIT:
            return None
        unit = self._unit if type(self._unit) is str else self._unit[arm.unit]
        if arm.algorithm == "keepers":
            return split_of(digest_of(arm.salt, unit))
        from .peers import place_of

        return place_of(arm.algorithm, arm.salt, unit)

    def expose(self, at: At = None) -> None:
        """Log that the unit met its variant, once; `at` says when, if it was not now."""
        self._client._expose(self, at)

    def __repr__(self) -> str:
        return f"Assignment({self.experiment!r}, {self.variant!r}, reason={self.reason!r})"
