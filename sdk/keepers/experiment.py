"""One experiment of the config, compiled: immutable, and quick to assign from."""

from __future__ import annotations

from math import fsum

from .hashing import digest_of, threshold

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from .peers import PeerSlice


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
    """What units get while the experiment is not running: a variant, at a coverage."""

    __slots__ = ("arm", "below", "coverage")

    def __init__(self, arm: Arm, coverage: float):
        self.arm = arm
        self.coverage = coverage
        self.below = threshold(coverage)


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
    that is the algorithm; not `supported` is one that this version does not know.
    """

    __slots__ = (
        "algorithm",
        "arms",
        "chooser",
        "coverage",
        "gate",
        "holdout",
        "key",
        "layer",
        "overrides",
        "plain",
        "prefix",
        "prerequisites",
        "salt",
        "serve",
        "status",
        "supported",
        "targeting",
        "thresholds",
        "unit",
        "version",
    )

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
        self.targeting: Mapping[str, Any] = {}
        self.overrides: Mapping[str, Arm] = {}
        self.prerequisites: Sequence[Prerequisite] = ()
        self.plain = False

    def split(self, arms: Sequence[Arm], coverage: float) -> None:
        """Set the variants, in order, and the coverage; weights add to 1."""
        self.arms = tuple(arms)
        self.thresholds = starts([arm.weight for arm in arms])
        self.coverage = coverage
        self.gate = threshold(coverage) if coverage < 1 else None

    def settle(self) -> None:
        """Work out `plain` when everything else is set."""
        special = self.layer or self.holdout or self.targeting or self.overrides or self.prerequisites
        self.plain = not special and self.status == "running" and self.algorithm == "keepers" and self.supported

    def arm(self, variant: str) -> Arm | None:
        """Return the arm of a variant, or None if there is no such variant."""
        return next((arm for arm in self.arms if arm.variant == variant), None)


def starts(weights: Sequence[float]) -> tuple[bytes, ...]:
    """Return where each variant but the first starts, as thresholds.

    Ranges are half-open and the last one with a weight is closed at 1, whatever the rounding.
    """
    last = max(index for index, weight in enumerate(weights) if weight > 0)
    ends = [fsum(weights[: index + 1]) if index < last else 1.0 for index in range(len(weights) - 1)]
    return tuple(threshold(end) for end in ends)
