"""One experiment of the config, compiled: immutable, and quick to assign from."""

from __future__ import annotations

from .hashing import digest_of, threshold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .peers import PeerSlice


NOTHING: Mapping[str, Any] = {}  # one for all: garbage is collected less often where less is made


class Arm:
    """A variant of one phase of one experiment: what an assignment points to.

    `unit` is the type of unit that is randomised; `token` names experiment, version and variant in one text;
    `algorithm` and `salt` place a unit in the split.
    """

    __slots__ = ("algorithm", "experiment", "payload", "salt", "token", "unit", "variant", "version", "weight")

    def __init__(
        self,
        experiment: str,
        version: int,
        variant: str,
        *,
        unit: str = "user",
        salt: str = "",
        algorithm: str = "keepers",
        weight: float = 0.0,
        payload: Any = None,
    ):
        self.experiment = experiment
        self.version = version
        self.variant = variant
        self.unit = unit
        self.salt = salt
        self.algorithm = algorithm
        self.weight = weight
        self.payload = payload
        self.token = f"{experiment}|{version}|{variant}"

    def under(self, version: int) -> Arm:
        """Return the same variant in another phase."""
        same = {name: getattr(self, name) for name in ("unit", "salt", "algorithm", "weight", "payload")}
        return Arm(self.experiment, version, self.variant, **same)


class Slice:
    """The units whose place under a salt of its own lies in [start, end): a layer's share or a holdout."""

    __slots__ = ("above", "below", "name", "salt")

    def __init__(self, name: str, salt: str, start: float, end: float):
        self.name = name
        self.salt = salt
        self.above = threshold(start)
        self.below = threshold(end)

    def holds(self, unit: str) -> bool:
        """Say whether the unit's place lies in the slice."""
        return self.above <= digest_of(self.salt, unit) < self.below


class Serve:
    """What units get while the experiment is not running: a variant, rolled out to a share of them.

    Those whom the split gave the variant come first, the others in order of their gates: whoever has it keeps it at
    every later step, and `coverage` is never less than the share who had it. `part` of the units inside the split's own
    gate had it; others get it whose gate is below `place`, as bytes `below`. `before` is the experiment as it ran, None
    where the gate alone decides. With a `version`, exposures of `arm` and `rest` are logged under it, so that those who
    have it can be compared with those held back.
    """

    __slots__ = ("arm", "before", "below", "coverage", "kept", "place", "rest", "version")

    def __init__(self, experiment: Experiment, kept: Arm, coverage: float, *, part: float, version: int | None):
        gate = experiment.coverage if experiment.chooser is None else 1.0  # another tool has its own
        had = gate * part if coverage > 0 else 0.0
        alone = coverage >= gate or not coverage
        self.place = coverage if alone else (coverage - had) / (1 - part) if coverage > had else 0.0
        self.kept = kept
        self.coverage = max(coverage, had)
        self.below = threshold(self.place)
        self.before = None if alone else experiment.as_it_ran()
        self.version = version
        self.arm = kept if version is None else kept.under(version)
        self.rest = experiment.arms[0] if version is None else experiment.arms[0].under(version)


class Prerequisite:
    """Another experiment in which the unit must get one of the named variants."""

    __slots__ = ("experiment", "variants")

    def __init__(self, experiment: Experiment, variants: frozenset[str]):
        self.experiment = experiment
        self.variants = variants


class Experiment:
    """An experiment as `parse_config` returns it. Treat it as read-only.

    `thresholds` are the starts of all variants but the first; a digest's variant is the number of
    thresholds at or below it. `gate` is the threshold of the coverage, or None if it covers all.
    `plain` says that one hash of the unit decides everything. `chooser` is another tool's split, if
    that is the algorithm; not `supported` is one that this version does not know. `matches` says whether
    attributes meet the targeting, if there is any, and `steps` how long that takes at most.
    """

    __slots__ = (
        "algorithm", "arms", "chooser", "coverage", "gate", "holdout", "key", "layer", "matches", "overrides",
        "plain", "prefix", "prerequisites", "salt", "serve", "status", "steps", "supported", "targeting",
        "thresholds", "unit", "version",
    )  # fmt: skip

    def __init__(self, key: str, *, version: int, status: str, unit: str, salt: str, algorithm: str):
        self.key = key
        self.version = version
        self.status = status
        self.unit = unit
        self.salt = salt
        self.algorithm = algorithm
        self.prefix = f"{salt}:".encode()
        self.arms: tuple[Arm, ...] = ()
        self.thresholds: tuple[bytes, ...] = ()
        self.serve: Serve | None = None
        self.coverage = 1.0
        self.gate: bytes | None = None
        self.chooser: Callable[[str], int] | None = None
        self.supported = True
        self.layer: Slice | PeerSlice | None = None
        self.holdout: Slice | None = None
        self.targeting: Mapping[str, Any] = NOTHING
        self.steps = 0.0
        self.matches: Callable[[Mapping[str, Any], Mapping[str, Any]], bool] | None = None
        self.overrides: Mapping[str, Arm] = NOTHING
        self.prerequisites: Sequence[Prerequisite] = ()
        self.plain = False

    def split(self, arms: Sequence[Arm], coverage: float) -> None:
        """Set the variants, in order, and the coverage; weights add to 1."""
        self.arms = tuple(arms)
        self.thresholds = starts([arm.weight for arm in arms])
        self.coverage = coverage
        self.gate = threshold(coverage) if coverage < 1 else None

    def as_it_ran(self) -> Experiment:
        """Return it with its split alone: who is barred from it was asked before."""
        ran = Experiment(
            self.key, version=self.version, status="running", unit=self.unit, salt=self.salt, algorithm=self.algorithm
        )
        ran.split(self.arms, self.coverage)
        ran.chooser, ran.layer = self.chooser, self.layer
        return ran

    def settle(self) -> None:
        """Work out `plain` when everything else is set."""
        special = self.layer or self.holdout or self.targeting or self.overrides or self.prerequisites
        self.plain = not special and self.status == "running" and self.algorithm == "keepers" and self.supported

    def arm(self, variant: str) -> Arm | None:
        """Return the arm of a variant, or None."""
        return next((arm for arm in self.arms if arm.variant == variant), None)


def starts(weights: Sequence[float]) -> tuple[bytes, ...]:
    """Return where each variant but the first starts, as thresholds.

    Ranges are half-open and the last one with a weight is closed at 1, whatever the rounding.
    """
    from math import fsum

    last = max(index for index, weight in enumerate(weights) if weight > 0)
    ends = [fsum(weights[: index + 1]) if index < last else 1.0 for index in range(len(weights) - 1)]
    return tuple(threshold(end) for end in ends)
