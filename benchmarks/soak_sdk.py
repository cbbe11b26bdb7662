"""The SDK in a host that asks 5,000 times a second for 1 million users: memory, threads, and how long a call takes.

A server in a process of its own gives the config for the first half of the time and answers 503 for the second, while
it goes on taking events. Every tenth burst of calls takes the bare steps instead, without any SDK: what these take is
the machine's part in the tail. A call that gives the processor away, as one does that waits for a lock, a server or a
sleep, is counted: docs/decisions/0047-a-wait-is-counted.md. Before all that, how long other threads wait while a long
config is read, and a caller for hostile patterns. The last line says what was found; 1 if it breaks a bound. Default:
ten minutes.
"""

import argparse
import gc
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from types import SimpleNamespace
from unittest.mock import patch

from benchmarks.sdk_patterns import longest_wait
from benchmarks.sdk_server import Quiet
from keepers import Client
from keepers.live import LiveConfig
from keepers.reports import Reports
from keepers.sources import FileSource

USERS, RATE, TICK = 1_000_000, 5_000, 0.01
MIB, GROWTH, WAITS = 40.0, 1.0, 100.0  # bounds: MiB above the start, MiB in the last half, waits in a million calls
MANY, LONG, SPELL = 1_000, 10_000, 1.0  # experiments, ids in a list, and milliseconds without a rest at most
PATTERNS = 30.0  # seconds of asking about hostile ones
ASKED, READINGS = 50, 5  # how many of the experiments a host asks for, and how often all of them change
KEY = "checkout-cta"
VARIANTS = [{"key": "control", "weight": 0.5}, {"key": "treatment", "weight": 0.5}]
CONFIG = {"schema": 1, "experiments": [{"key": KEY, "version": 1, "status": "running", "variants": VARIANTS}]}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=600.0)
    parser.add_argument("--serve", type=float, help=argparse.SUPPRESS)  # be the server; the config for so many seconds
    options = parser.parse_args(arguments)
    if options.serve:
        serve(options.serve)
        return 0
    longest = max(reading(), patterns())
    command = [sys.executable, "-m", "benchmarks.soak_sdk", "--serve", str(options.seconds / 2)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server, tempfile.TemporaryDirectory() as spool:
        assert server.stdout is not None
        found = soak(server.stdout.readline().strip(), Path(spool), options.seconds)
        server.terminate()
    return told(found) or int(longest > SPELL)


@dataclass
class Found:
    """What was seen: MiB once a second, threads at most, calls, and how many microseconds those in the outage took."""

    start: float
    memory: list[float] = field(default_factory=list)
    threads: int = 0
    calls: int = 0
    microseconds: list[int] = field(default_factory=lambda: [0] * 10_000)
    bare: list[int] = field(default_factory=lambda: [0] * 10_000)  # the same of the bare steps
    waits: int = 0  # of these calls, those that gave the processor away
    bare_waits: int = 0
    stats: dict[str, float] = field(default_factory=dict)


def tail(microseconds: Sequence[int]) -> int:
    """Microseconds that one call in a thousand takes longer than."""
    left = sum(microseconds) / 1_000
    for duration in reversed(range(len(microseconds))):
        left -= microseconds[duration]
        if left < 0:
            return duration
    return 0


class Bare:
    """What no SDK can leave out: a hash decides, a set says who is new, and a queue takes these."""

    def __init__(self) -> None:
        self.known: set[str] = set()
        self.queue: deque[tuple[str, str, float]] = deque(maxlen=1_000)

    def variant(self, experiment: str, unit: str) -> str:
        """Return a variant, and queue an exposure once."""
        variant = VARIANTS[hashlib.md5(f"{experiment}:{unit}".encode()).digest() < b"\x80"]["key"]
        if unit not in self.known:
            if len(self.known) >= 10_000:  # so that memory is the SDK's
                self.known.clear()
            self.known.add(unit)
            self.queue.append((str(variant), unit, time.time()))
        return str(variant)


def soak(address: str, spool: Path, seconds: float) -> Found:
    """Ask at the rate for the time, each user as likely as any other."""
    rng, bare = random.Random(1), Bare()
    found, bursts = Found(resident()), 0
    with Client(address, "k", spool=spool, refresh=1.0, on_error=lambda error: None) as client:
        began = looked = time.monotonic()
        while (passed := time.monotonic() - began) < seconds:
            outage, bursts = bool(client.stats()["config_stale"]), bursts + 1
            asked = bare if outage and bursts % 10 == 0 else client  # the client makes up for it in the next burst
            for _ in range(int(passed * RATE) - found.calls):
                ask(asked, f"user-{rng.randrange(USERS)}", found, outage)
            if time.monotonic() - looked >= 1.0:
                looked += 1.0
                found.memory.append(resident())
                found.threads = max(found.threads, threading.active_count() - 1)
            time.sleep(TICK)
        client.flush(60)
        found.stats = client.stats()
    return found


def ask(asked: Client | Bare, user: str, found: Found, outage: bool) -> None:
    """Ask once; see whether that waited, and time it if the config is away."""
    given = given_away()
    began = time.perf_counter_ns()
    asked.variant(KEY, user)
    took = min((time.perf_counter_ns() - began) // 1_000, len(found.bare) - 1)
    waited = given_away() > given
    if isinstance(asked, Bare):
        found.bare[took] += 1
        found.bare_waits += waited
        return
    found.calls += 1
    if outage:
        found.microseconds[took] += 1
        found.waits += waited


def given_away() -> int:
    """How often this thread gave the processor away of itself; being interrupted does not count."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def reading() -> float:
    """Read a long config, and print and return the milliseconds that others wait for it at most."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "config.json")
        live = LiveConfig(FileSource(path), refresh=0, report=Reports(None), changed=lambda _: None)
        longest_spell(live, path, 0)
        size = path.stat().st_size / 1024
        gc.collect()
        before = [each["collections"] for each in gc.get_stats()]
        collecting = min(longest_spell(live, path, version) for version in range(READINGS))
        done = [each["collections"] - earlier for each, earlier in zip(gc.get_stats(), before, strict=True)]
        gc.disable()
        longest = min(longest_spell(live, path, version) for version in range(READINGS))
        gc.enable()
    print(
        f"config: {MANY:,} experiments, {ASKED} of them asked for, a list of {LONG:,} ids, {size:.0f} KiB: others wait "
        f"{longest:.2f} ms for it at most, or {collecting:.2f} where Python collects garbage meanwhile, which it did "
        f"{' + '.join(map(str, done))} times in {READINGS} readings",
        flush=True,
    )
    return max(longest, collecting)


def longest_spell(live: LiveConfig, path: Path, version: int) -> float:
    """Milliseconds of processor time between two rests at most, as a config takes the place of another in use."""
    experiments = [{"key": f"e{n}", "version": version + 1, "variants": VARIANTS} for n in range(MANY)]
    experiments[0]["targeting"] = {"user": {"$in": [f"user-{number}" for number in range(LONG)]}}
    path.write_text(json.dumps({"experiments": experiments}))
    for number in range(ASKED if live.config else 0):
        assert live.config is not None
        live.config.experiments.find(f"e{number}")
    os.utime(path, (0, time.monotonic()))  # another time, however short ago the last one was
    ends = [time.thread_time()]
    clock = SimpleNamespace(perf_counter=time.perf_counter, sleep=lambda _: ends.append(time.thread_time()))
    with patch("keepers.spells.time", clock):
        live.load(0)
    ends.append(time.thread_time())
    return 1_000 * max(end - begin for begin, end in pairwise(ends))


def patterns() -> float:
    """Ask about patterns that are chosen to be slow; print and return the milliseconds that a caller waits at most."""
    longest, count = longest_wait(PATTERNS)
    print(f"patterns: {count:,} targetings of 1 to 80 hostile ones: callers wait {longest:.2f} ms at most", flush=True)
    return longest


def resident() -> float:
    """MiB of memory that this process holds now."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize() / 2**20


def told(found: Found) -> int:
    """Print what was found; 1 if it breaks a bound."""
    above = max(found.memory) - found.start
    half = found.memory[len(found.memory) // 2 :]
    middle = len(half) // 2
    growth = median(half[middle:]) - median(half[:middle])
    names = ("sent", "duplicate", "dropped", "retried", "spooled", "queued")
    print(f"{found.calls:,} calls; " + ", ".join(f"{name} {found.stats[name]:,}" for name in names))
    print(
        f"soak: {above:.1f} MiB above the start, {growth:+.2f} MiB in the last half, {found.threads} thread, "
        f"{found.waits} waits and p99.9 {tail(found.microseconds)} µs in {sum(found.microseconds):,} calls while the "
        f"config was away, {found.bare_waits} and {tail(found.bare)} µs in {sum(found.bare):,} of the bare steps"
    )
    waits = found.waits / sum(found.microseconds) * 1_000_000
    within = above <= MIB and growth <= GROWTH and found.threads <= 1 and waits <= WAITS
    return int(not within or bool(found.stats["dropped"]))


def serve(seconds: float) -> None:
    """Give the config for so many seconds; take events always."""
    began = time.monotonic()
    server = Quiet(
        lambda path: (200 if time.monotonic() - began < seconds else 503, CONFIG),
        lambda body: (202, {"accepted": 0, "duplicate": 0, "rejected": []}),
    )
    print(server.address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
