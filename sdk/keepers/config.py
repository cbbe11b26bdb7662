"""The config: read it, check it, and compile each experiment. No files, no network.

The schema is `docs/schemas/config.schema.json`. Fields that this version does not know are
ignored, so that an older SDK can read what a newer server writes. The server checks its own
config with `parse_config` too.
"""

from __future__ import annotations

from .errors import ConfigError, did_you_mean
from .experiment import NOTHING, Arm, Experiment, Prerequisite, Serve, Slice
from .spells import OneByOne, go_on

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any, NoReturn

    from .peers import PeerSlice
    from .spells import Rest

SCHEMA = 1
STATES = ("draft", "running", "stopped", "decided")
MOST_ARMS = 100  # variants of an experiment
MOST_ASKED = 64  # experiments that one may need, and those that these need
QUICK = 1_000  # characters of an experiment that a caller may read
MOST_STEPS = 300  # of targeting, that of the experiments it needs with it: a millisecond on a slow core
TOLERANCE = 1e-6  # of the sum of weights: room for thirds written with six digits


class Experiments(dict[str, Experiment]):
    """Experiments by key. Those of a long config are checked, and made when somebody first asks for them.

    Until then they are text, which garbage collection does not look at: it would go through a thousand of them while
    the host waits. What was asked for in the `former` config is there at once, the same object if it says the same.
    """

    __slots__ = ("_later", "_texts")

    def __init__(self, texts: object = None) -> None:
        self._later: dict[str, int] = {}
        self._texts = texts if isinstance(texts, OneByOne) else None

    def put(self, experiment: Experiment, index: int, former: Experiments) -> None:
        """Keep one that needs no other; where it stands in the config says how to make it again."""
        key = experiment.key
        text = self._texts.text(index) if self._texts else ""
        later = 0 < len(text) <= QUICK and "$regex" not in text  # a caller makes it within some 100 µs
        if later:
            self._later[key] = index
        if not later or key in former:
            self[key] = former[key] if text and former.text(key) == text else experiment

    def text(self, key: str) -> str:
        """Return what the config said of an experiment that it makes when asked; an empty text of others."""
        return self._texts.text(self._later[key]) if self._texts and key in self._later else ""

    def __missing__(self, key: str) -> Experiment:
        if self._texts is None:
            raise KeyError(key)
        experiment = parse_experiment(Place("config", self._texts[self._later[key]], go_on))
        experiment.settle()
        return self.setdefault(key, experiment)

    def find(self, key: str) -> Experiment | None:
        """Return an experiment, or None."""
        return self[key] if key in self or key in self._later else None

    def names(self) -> list[str]:
        """Return the keys of all."""
        return [*self, *(key for key in self._later if key not in self)]


class Config:
    """All experiments of one environment, by key. Treat it as read-only."""

    __slots__ = ("environment", "experiments")

    def __init__(self, environment: str, experiments: Experiments):
        self.environment = environment
        self.experiments = experiments

    def parts(self, rest: Rest) -> list[object]:
        """Return what it is made of, in small pieces but for lists and dicts in one another."""
        found: list[object] = []
        for each in list(self.experiments.values()):
            rest()
            found += [each, each.targeting, each.overrides, *(arm.payload for arm in each.arms)]
        return found


def parse_config(data: object, rest: Rest = go_on, former: Experiments | None = None) -> Config:
    """Check a config and compile it.

    `data` is the parsed JSON; `rest` is called between two steps, each of them short; `former` are the experiments of
    the config that it replaces. Raises ConfigError, naming the place, the value and the rule.
    """
    root = Place("config", data, rest)
    schema = root.get("schema", SCHEMA)
    if schema.value != SCHEMA:
        schema.fail(f"must be {SCHEMA}; upgrade the SDK to read a newer schema")
    many = root.get("experiments", [])
    experiments, former = Experiments(many.value), former or Experiments()
    wanted: list[tuple[Experiment, Place]] = []
    for index, place in enumerate(many.items()):
        experiment = parse_experiment(place)
        if experiments.find(experiment.key):
            many.fail(f"has the key {experiment.key!r} twice; keys must differ", show=False)
        others = place.get("prerequisites")
        if others.value is None or others.value == []:
            experiments.put(experiment, index, former)
        else:
            experiments[experiment.key] = experiment
            wanted.append((experiment, others))
    _link(wanted, experiments, rest)
    return Config(root.get("environment", "").text(empty=True), experiments)


class Place:
    """A value in the config together with the path to it, for messages that say where."""

    __slots__ = ("path", "rest", "value")

    def __init__(self, path: str, value: Any, rest: Rest):
        self.path = path
        self.value = value
        self.rest = rest

    def fail(self, rule: str, *, show: bool = True) -> NoReturn:
        """Raise ConfigError with the path, the value and the rule."""
        found = f" is {_short(self.value)}:" if show else ":"
        raise ConfigError(f"{self.path}{found} {rule}.")

    def get(self, name: str, default: Any = None) -> Place:
        """Return the field of an object; null and absent are the same."""
        value = self.fields().get(name)
        return Place(f"{self.path}.{name}", default if value is None else value, self.rest)

    def items(self) -> Iterator[Place]:
        """Go through the elements of a list."""
        if not isinstance(self.value, (list, tuple, OneByOne)):
            self.fail("must be a list")
        for index, value in enumerate(self.value.go(self.rest) if isinstance(self.value, OneByOne) else self.value):
            self.rest()
            yield Place(f"{self.path}[{index}]", value, self.rest)

    def text(self, *, empty: bool = False) -> str:
        """Return a text, not empty unless said so."""
        if not isinstance(self.value, str) or not (self.value or empty):
            self.fail("must be a text that is not empty")
        return self.value

    def share(self) -> float:
        """Return a number from 0 to 1."""
        number = self.value
        if isinstance(number, bool) or not isinstance(number, (int, float)) or not 0 <= number <= 1:
            self.fail("must be a number from 0 to 1")
        return float(number)

    def whole(self) -> int:
        """Return a whole number of 1 or more."""
        if isinstance(self.value, bool) or not isinstance(self.value, int) or self.value < 1:
            self.fail("must be a whole number of 1 or more")
        return self.value

    def choice(self, choices: tuple[str, ...]) -> str:
        """Return one of the named texts."""
        word = self.text()
        if word not in choices:
            self.fail(f"must be one of {', '.join(choices)}.{did_you_mean(word, list(choices))}".rstrip("."))
        return word

    def fields(self) -> dict[str, Any]:
        """Return an object as a dict."""
        if not isinstance(self.value, dict):
            self.fail("must be an object")
        return self.value


def parse_experiment(place: Place) -> Experiment:
    """Check and compile one experiment, but for its prerequisites."""
    key = place.get("key").text()
    place = Place(f"experiment {key!r}", place.value, place.rest)
    experiment = Experiment(
        key,
        version=place.get("version", 1).whole(),
        status=place.get("status", "running").choice(STATES),
        unit=place.get("unit", "user").text(),
        salt=place.get("salt", key).text(),
        algorithm=place.get("algorithm", "keepers").text(),
    )
    arms = _arms(place.get("variants"), experiment)
    experiment.split(arms, place.get("coverage", 1.0).share())
    ranges = [_ranges(each.get("ranges", [])) for each in place.get("variants").items()]
    if experiment.algorithm != "keepers":
        _use_peer(experiment, ranges, place)
    elif any(ranges):
        place.get("variants").fail("ranges belong to another tool's algorithm: name it, or leave them out", show=False)
    experiment.layer = _layer(place.get("layer"), experiment)
    experiment.serve = _serve(place, experiment, ranges)
    experiment.holdout = _holdout(place.get("holdout"))
    _target(place.get("targeting", {}), experiment)
    experiment.overrides = _overrides(place.get("overrides", {}), experiment)
    return experiment


def _arms(place: Place, experiment: Experiment) -> list[Arm]:
    arms = [_arm(each, experiment) for each in place.items()]
    names = [arm.variant for arm in arms]
    if not arms:
        place.fail("must have at least one variant")
    if len(arms) > MOST_ARMS:
        place.fail(f"{len(arms)} variants; an experiment has at most {MOST_ARMS}", show=False)
    if len(set(names)) < len(names):
        place.fail(f"{', '.join(names)}: keys of variants must differ", show=False)
    total = sum(arm.weight for arm in arms)
    if abs(total - 1) > TOLERANCE:
        place.fail(f"weights add to {total:.6g}; they must add to 1", show=False)
    return arms


def _arm(place: Place, experiment: Experiment) -> Arm:
    return Arm(
        experiment.key,
        experiment.version,
        place.get("key").text(),
        unit=experiment.unit,
        salt=experiment.salt,
        algorithm=experiment.algorithm,
        weight=place.get("weight").share(),
        payload=place.get("payload").value,
    )


def _serve(place: Place, experiment: Experiment, ranges: list[list[tuple[float, float]]]) -> Serve | None:
    serve, layer = place.get("serve"), place.get("layer", {})
    if serve.value is None:
        return None
    kept, version = _known_arm(serve.get("variant"), experiment), serve.get("version")
    mine = ranges[experiment.arms.index(kept)]
    part = sum(end - start for start, end in mine) if any(ranges) else kept.weight
    part *= layer.get("to", 1.0).share() - layer.get("from", 0.0).share()
    return Serve(
        experiment,
        kept,
        serve.get("coverage", 1.0).share(),
        part=part * (experiment.coverage if experiment.chooser else 1.0),
        version=None if version.value is None else version.whole(),
    )


def _ranges(place: Place) -> list[tuple[float, float]]:
    """Return the parts of the split that another tool gave a variant."""
    pairs = [list(pair.items()) for pair in place.items()]
    if any(len(pair) != 2 for pair in pairs):
        place.fail("must be a list of pairs, such as [[0, 0.5]]")
    return [(start.share(), end.share()) for start, end in pairs]


def _use_peer(experiment: Experiment, ranges: list[list[tuple[float, float]]], place: Place) -> None:
    """Split as another tool does."""
    from . import peers

    weights, coverage = [arm.weight for arm in experiment.arms], experiment.coverage
    given = ranges if any(ranges) else []
    experiment.chooser = peers.unit_chooser(experiment.algorithm, experiment.salt, weights, coverage, given)
    experiment.supported = experiment.chooser is not None
    if given and coverage < 1:
        place.get("coverage").fail("must be 1 beside ranges: they say who takes part")
    if experiment.supported and coverage < 1 and not peers.covers(experiment.algorithm):
        rule = f"must be 1, as {experiment.algorithm} has no gate under the same salt: write ranges or a layer"
        place.get("coverage").fail(rule)


def _layer(place: Place, experiment: Experiment) -> Slice | PeerSlice | None:
    if place.value is None:
        return None
    start, end = place.get("from", 0.0).share(), place.get("to", 1.0).share()
    if end < start:
        place.fail(f"from {start:g} to {end:g}: from must not be above to", show=False)
    name, algorithm = place.get("name").text(), place.get("algorithm", "keepers").text()
    salt = place.get("salt", name).text()
    if algorithm == "keepers":
        return Slice(name, salt, start, end)
    from . import peers

    peer = peers.find_peer(algorithm)
    experiment.supported = experiment.supported and peer is not None
    return None if peer is None else peers.PeerSlice(name, peer, salt, start, end)


def _holdout(place: Place) -> Slice | None:
    if place.value is None:
        return None
    name = place.get("name").text()
    return Slice(name, place.get("salt", name).text(), 0.0, place.get("share").share())


def _target(place: Place, experiment: Experiment) -> None:
    condition = place.fields()
    if not condition:
        return
    from .conditions import fault, matches, prepared, steps

    found = fault(condition, rest=place.rest)
    if found:
        place.fail(found.rstrip("."), show=False)
    experiment.targeting, experiment.matches = prepared(condition, place.rest), matches
    experiment.steps = steps(experiment.targeting, place.rest)
    _bound(place.path, experiment.steps)


def _bound(path: str, steps: float) -> None:
    if steps > MOST_STEPS:
        rule = f"they may take {MOST_STEPS}: write values into one $in, or make an attribute of some conditions"
        raise ConfigError(f"{path}: the conditions take a caller {steps:,.0f} steps; {rule}.")


def _overrides(place: Place, experiment: Experiment) -> Mapping[str, Arm]:
    if not place.fields():
        return NOTHING
    found: dict[str, Arm] = {}
    for unit in place.fields():
        place.rest()
        found[unit] = _known_arm(place.get(unit), experiment)
    return found


def _known_arm(place: Place, experiment: Experiment) -> Arm:
    variant = place.text()
    arm = experiment.arm(variant)
    if arm is None:
        names = [each.variant for each in experiment.arms]
        place.fail(f"must be a variant: {', '.join(names)}.{did_you_mean(variant, names)}".rstrip("."))
    return arm


def _link(wanted: list[tuple[Experiment, Place]], experiments: Experiments, rest: Rest) -> None:
    """Resolve prerequisites to experiments, once all are there."""
    for experiment, others in wanted:
        place = Place(f"experiment {experiment.key!r}.prerequisites", others.value, rest)
        experiment.prerequisites = tuple(_prerequisite(each, experiment, experiments) for each in place.items())
    known: dict[str, int] = {}
    for experiment in list(experiments.values()):
        rest()
        if _asked(experiment, known, ()) > 1:
            _bound(f"experiment {experiment.key!r}.prerequisites", _steps(experiment))
        experiment.settle()


def _steps(experiment: Experiment) -> float:
    return experiment.steps + sum(_steps(each.experiment) for each in experiment.prerequisites)


def _prerequisite(place: Place, experiment: Experiment, experiments: Experiments) -> Prerequisite:
    name = place.get("experiment")
    other = experiments.find(name.text())
    if other is None:
        name.fail(f"must be an experiment of this config.{did_you_mean(name.value, experiments.names())}".rstrip("."))
    if other.unit != experiment.unit:
        name.fail(f"randomises {other.unit!r}, this one {experiment.unit!r}; both must randomise the same unit")
    variants = [_known_arm(each, other).variant for each in place.get("variants").items()]
    return Prerequisite(other, frozenset(variants))


def _asked(experiment: Experiment, known: dict[str, int], path: tuple[str, ...]) -> int:
    """Count the decisions that one of this experiment may take: one that two others need is asked twice."""
    if experiment.key in path:
        raise ConfigError(f"experiment {experiment.key!r}.prerequisites: lead back to itself through {path[-1]!r}.")
    if experiment.key not in known:
        asked, longer = 1 + len(path), (*path, experiment.key)
        if asked <= MOST_ASKED:
            asked = 1 + sum(_asked(each.experiment, known, longer) for each in experiment.prerequisites)
        if asked > MOST_ASKED:
            rule = f"lead through more than {MOST_ASKED} experiments"
            raise ConfigError(f"experiment {experiment.key!r}.prerequisites: {rule}.")
        known[experiment.key] = asked
    return known[experiment.key]


def _short(value: object) -> str:
    text = "missing" if value is None else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
