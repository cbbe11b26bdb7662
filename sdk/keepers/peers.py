"""How ten other tools split units, bit for bit, for experiments that move here while they run.

Imported only where a config names one of these algorithms. A peer's hash gives a place, as a number of
its buckets; a variant is a range of places. `docs/assignment.md` says what to write as the salt.
"""

from __future__ import annotations

from hashlib import sha1, sha256
from math import floor, fsum

from .hashing import new_md5

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Place = Callable[[str, str], float]
    Gate = Callable[[str, str, float], bool]
    Range = tuple[float, float]

LONG = float(16**15 - 1)  # what 15 hexadecimal digits are divided by


# Hashes.


def fnv1a32(text: str) -> int:
    """Return the 32-bit FNV-1a hash of a text's code points (Fowler, Noll, Vo 1991)."""
    value = 0x811C9DC5
    for letter in text:
        value = ((value ^ ord(letter)) * 0x01000193) & 0xFFFFFFFF
    return value


def murmur3(text: str, seed: int = 0) -> int:
    """Return the 32-bit MurmurHash3 of a text in UTF-8 (Appleby 2011)."""
    data = text.encode()
    value = seed
    whole = len(data) & ~3
    for start in range(0, whole, 4):
        value ^= _mixed(int.from_bytes(data[start : start + 4], "little"))
        value = (_rotated(value, 13) * 5 + 0xE6546B64) & 0xFFFFFFFF
    value ^= _mixed(int.from_bytes(data[whole:], "little")) ^ len(data)
    value = ((value ^ value >> 16) * 0x85EBCA6B) & 0xFFFFFFFF
    value = ((value ^ value >> 13) * 0xC2B2AE35) & 0xFFFFFFFF
    return value ^ value >> 16


def _mixed(block: int) -> int:
    return (_rotated((block * 0xCC9E2D51) & 0xFFFFFFFF, 15) * 0x1B873593) & 0xFFFFFFFF


def _rotated(value: int, by: int) -> int:
    return (value << by | value >> (32 - by)) & 0xFFFFFFFF


def _sha1_15(salt: str, unit: str, end: str = "") -> int:
    return int(sha1(f"{salt}.{unit}{end}".encode(), usedforsecurity=False).hexdigest()[:15], 16)


def _statsig(salt: str, unit: str) -> int:
    return int.from_bytes(sha256(f"{salt}.{unit}".encode()).digest()[:8], "big")


# Places: where a unit lies, in buckets. All are pure functions of a salt and a unit.


def growthbook_v1(salt: str, unit: str) -> float:
    """GrowthBook's hash version 1, its default; it correlates experiments with each other."""
    return fnv1a32(unit + salt) % 1000 / 1000


def growthbook_v2(salt: str, unit: str) -> float:
    """GrowthBook's hash version 2."""
    return fnv1a32(str(fnv1a32(salt + unit))) % 10000 / 10000


def launchdarkly(salt: str, unit: str) -> float:
    """LaunchDarkly; the salt is the experiment's seed, or "flag-key.salt" where it has none."""
    return _sha1_15(salt, unit) / LONG


def posthog(salt: str, unit: str) -> float:
    """PostHog; the salt is the flag's key."""
    return _sha1_15(salt, unit, "variant") / LONG


def posthog_gate(salt: str, unit: str, coverage: float) -> bool:
    """PostHog's roll-out."""
    return _sha1_15(salt, unit) / LONG <= coverage


def statsig(salt: str, unit: str) -> float:
    """Statsig's groups, of 1,000 buckets."""
    return _statsig(salt, unit) % 1000


def statsig_gate(salt: str, unit: str) -> float:
    """Statsig's allocation, of 10,000 buckets."""
    return _statsig(salt, unit) % 10000


def eppo(salt: str, unit: str, shards: int = 10000) -> float:
    """Eppo's shard."""
    return int.from_bytes(new_md5(f"{salt}-{unit}".encode()).digest()[:4], "big") % shards


def optimizely(salt: str, unit: str) -> float:
    """Optimizely's bucket; the salt is the experiment's id, of a layer the group's."""
    return floor(murmur3(unit + salt, 1) / 2**32 * 10000)


def unleash(salt: str, unit: str, total: int = 1000) -> float:
    """Unleash's variants; the salt is the group id, the total that of all weights."""
    return murmur3(f"{salt}:{unit}", 86028157) % total


def unleash_gate(salt: str, unit: str, coverage: float) -> bool:
    """Unleash's gradual roll-out, in whole percents."""
    return murmur3(f"{salt}:{unit}") % 100 + 1 <= round(coverage * 100, 9)


def flagsmith(salt: str, unit: str) -> float:
    """Flagsmith's percentage; the salt is what comes before the unit: "feature-state-id,environment-key_"."""
    text = once = salt + unit
    while True:
        value = int(new_md5(text.encode()).digest().hex(), 16) % 9999
        if value < 9998:
            return value / 9998 * 100
        text = f"{text},{once}"


def amplitude(salt: str, unit: str) -> float:
    """Amplitude's distribution; the salt is the flag's bucketing salt."""
    return murmur3(f"{salt}/{unit}") // 100


def amplitude_gate(salt: str, unit: str, coverage: float) -> bool:
    """Amplitude's allocation, in whole percents."""
    return murmur3(f"{salt}/{unit}") % 100 < round(coverage * 100, 9)


class Peer:
    """A way to split: the place of a unit in `buckets`, and a gate of its own for the coverage, if it has one.

    `slices` is the place that decides on a layer, in `sliced` buckets: the split's, unless the peer has another.
    """

    __slots__ = ("buckets", "gate", "place", "sliced", "slices")

    def __init__(
        self,
        place: Place,
        buckets: float = 1,
        *,
        gate: Gate | None = None,
        slices: Place | None = None,
        sliced: float | None = None,
    ):
        self.place = place
        self.buckets = buckets
        self.gate = gate
        self.slices = slices or place
        self.sliced = sliced or buckets


PEERS = {
    "growthbook-v1": Peer(growthbook_v1),
    "growthbook-v2": Peer(growthbook_v2),
    "launchdarkly": Peer(launchdarkly),
    "posthog": Peer(posthog, gate=posthog_gate),
    "statsig": Peer(statsig, 1000, slices=statsig_gate, sliced=10000),
    "eppo": Peer(eppo, 10000),
    "optimizely": Peer(optimizely, 10000),
    "unleash": Peer(unleash, 1000, gate=unleash_gate),
    "flagsmith": Peer(flagsmith, 100),
    # PlanOut's uniform number is LaunchDarkly's; the salt is "experiment.parameter".
    "planout": Peer(launchdarkly),  # uniformChoice where all weights are equal, else weightedChoice
    "planout-weighted": Peer(launchdarkly),
    "amplitude": Peer(amplitude, 2**32 / 100, gate=amplitude_gate),
}
COUNTED = {"eppo": eppo, "unleash": unleash}  # "eppo/5000" says how many buckets there are


def find_peer(algorithm: str) -> Peer | None:
    """Return the peer of an algorithm's name, or None; of "eppo/5000" the one with 5,000 shards."""
    name, _, number = algorithm.partition("/")
    if not number:
        return PEERS.get(algorithm)
    counted = COUNTED.get(name)
    if counted is None or not number.isdecimal() or not int(number):
        return None
    buckets = int(number)
    return Peer(lambda salt, unit: counted(salt, unit, buckets), buckets, gate=PEERS[name].gate)


# Ranges.


def growthbook_ranges(count: int, coverage: float | None, weights: Sequence[float] | None) -> list[Range]:
    """Return GrowthBook's ranges, in its own floating point: each variant keeps its start as coverage grows."""
    share = 1.0 if coverage is None else min(max(coverage, 0.0), 1.0)
    if not weights or len(weights) != count or not 0.99 <= sum(weights) <= 1.01:
        weights = equal_weights(count)
    start, ranges = 0.0, []
    for weight in weights:
        ranges.append((start, start + share * weight))
        start += weight
    return ranges


def equal_weights(count: int) -> list[float]:
    """Return a weight for each of `count` variants."""
    return [1 / count] * count if count > 0 else []


def choose(place: float, ranges: Sequence[Sequence[Range]]) -> int:
    """Return the index of the first variant with a range that holds the place, or -1. Ranges are half-open."""
    for index, parts in enumerate(ranges):
        for start, end in parts:
            if start <= place < end:
                return index
    return -1


def _scaled(share: float, buckets: float) -> float:
    """Return a share in buckets, where 0.3 of 10 are 3 and not 3.0000000000000004."""
    return share if buckets == 1 else round(share * buckets, 9)


def _side_by_side(weights: Sequence[float], buckets: float) -> list[list[Range]]:
    """Return ranges in the order of the variants; the last one with a weight is closed."""
    ends = [_scaled(fsum(weights[: index + 1]), buckets) for index in range(len(weights))]
    last = max(index for index, weight in enumerate(weights) if weight > 0)
    ends[last:] = [float("inf")] * (len(weights) - last)
    return [[(start, end)] for start, end in zip([0.0, *ends[:-1]], ends, strict=True)]


def _laid_out(name: str, weights: Sequence[float], coverage: float, buckets: float) -> list[list[Range]]:
    if name.startswith("growthbook"):
        return [[each] for each in growthbook_ranges(len(weights), coverage, weights)]
    if name == "flagsmith":  # control is what the others leave
        others = _side_by_side([*weights[1:], weights[0]], buckets)
        return [others[-1], *others[:-1]]
    return _side_by_side(weights, buckets)


# What a config needs.


def covers(algorithm: str) -> bool:
    """Say whether a coverage below 1 means something to the peer; else ranges or a layer say who takes part."""
    peer = find_peer(algorithm)
    return algorithm in ("growthbook-v1", "growthbook-v2") or (peer is not None and peer.gate is not None)


def unit_chooser(
    algorithm: str, salt: str, weights: Sequence[float], coverage: float, ranges: Sequence[Sequence[Range]]
) -> Callable[[str], int] | None:
    """Return the function from a unit to the index of its variant, -1 where it does not take part.

    `ranges` are shares of all places, one list per variant, and stand in for weights; or there are none. Returns None
    for an algorithm that this version does not know.
    """
    peer = find_peer(algorithm)
    if peer is None:
        return None
    if algorithm == "planout" and not ranges and max(weights) - min(weights) < 1e-9:
        return lambda unit: _sha1_15(salt, unit) % len(weights)
    if ranges:
        scaled = [[(_scaled(a, peer.buckets), _scaled(b, peer.buckets)) for a, b in parts] for parts in ranges]
    else:
        scaled = _laid_out(algorithm, weights, coverage, peer.buckets)
    place, gate = peer.place, peer.gate
    if gate is None or coverage >= 1:
        return lambda unit: choose(place(salt, unit), scaled)
    return lambda unit: choose(place(salt, unit), scaled) if gate(salt, unit, coverage) else -1


def place_of(algorithm: str, salt: str, unit: str) -> float | None:
    """Return the unit's place in the split, in [0, 1], or None for an algorithm that is not known."""
    peer = find_peer(algorithm)
    return None if peer is None else peer.place(salt, unit) / peer.buckets


class PeerSlice:
    """A layer as a peer has it: the units whose place under a salt of its own lies in [start, end)."""

    __slots__ = ("end", "name", "peer", "salt", "start")

    def __init__(self, name: str, peer: Peer, salt: str, start: float, end: float):
        self.name = name
        self.peer = peer
        self.salt = salt
        self.start = _scaled(start, peer.sliced)
        self.end = _scaled(end, peer.sliced)

    def holds(self, unit: str) -> bool:
        """Say whether the unit's place lies in the slice."""
        return self.start <= self.peer.slices(self.salt, unit) < self.end
