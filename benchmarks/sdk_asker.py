"""Asks one SDK at an even pace while its config is away; run with the Python of that SDK's environment, it prints JSON.

`python -I benchmarks/sdk_asker.py NAME ADDRESS`: the config is at ADDRESS once, at the start. Each SDK refreshes it as
often as it can be told to. `bare` is no SDK: a hash, a set and a queue, which no SDK can leave out. Beside each SDK the
bare steps are asked for the same units, in turn: what these take longer than others do is the machine's, not the SDK's.
"""

import hashlib
import json
import logging
import os
import resource
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from sdk_peers import KEY, VARIANTS

RATE, TICK, SECONDS = 5_000, 0.01, 2.0  # calls a second, in bursts of some fifty
EXPIRY = 1.2  # seconds until every config is due again
REQUEST = json.dumps({"path": "/cart", "headers": {f"header-{n}": "value" for n in range(40)}, "items": [*range(200)]})
Ask = Callable[[str], object]


def bare(address: str) -> Ask:
    """Decide by a hash, and queue who is new."""
    known: set[str] = set()
    queue: deque[tuple[str, str, float]] = deque(maxlen=1_000)

    def ask(unit: str) -> str:
        variant: str = VARIANTS[hashlib.md5(f"{KEY}:{unit}".encode()).digest() < b"\x80"]
        if unit not in known:
            known.add(unit)
            queue.append((variant, unit, time.time()))
        return variant

    return ask


def keepers(address: str) -> Ask:
    """Ours, which looks for a new config whenever it wakes."""
    from keepers import Client

    client = Client(address, "k", refresh=0, spool=tempfile.mkdtemp(), on_error=lambda error: None)
    return lambda unit: client.variant(KEY, unit)


def growthbook(address: str) -> Ask:
    """One instance for each unit; the shortest time that features are kept is a second."""
    from growthbook import GrowthBook

    def told(**_: object) -> None:
        """Keep nothing."""

    def ask(unit: str) -> object:
        where = {"api_host": address, "client_key": "k", "cache_ttl": 1}
        made = GrowthBook(attributes={"id": unit}, on_experiment_viewed=told, **where)
        return made.get_feature_value(KEY, "none")

    return ask


def posthog(address: str) -> Ask:
    """Flags evaluated in the process, polled once a second."""
    from posthog import Posthog

    client = Posthog("k", host=address, personal_api_key="k", poll_interval=1)
    client.load_feature_flags()
    return lambda unit: client.get_feature_flag(KEY, unit, only_evaluate_locally=True)


ASKS = {"bare": bare, "keepers": keepers, "growthbook": growthbook, "posthog": posthog}


def pace(ask: Ask, beside: Ask) -> tuple[list[float], list[float], int]:
    """Return how many microseconds each call took, of both, and how often one gave the processor away of itself.

    Before each burst the process sleeps, then reads a request as its host would: waking up is nobody's call. Of each
    unit either is asked first as often as the other. Who gives the processor away waits for a lock, a server or a sleep
    (docs/decisions/0047-a-wait-is-counted.md), be it in a call of the SDK or, for its thread, in a bare step.
    """
    took: tuple[list[float], list[float]] = ([], [])
    both, waits, began = ((ask, took[0]), (beside, took[1])), 0, time.monotonic()
    while (passed := time.monotonic() - began) < SECONDS:
        json.loads(REQUEST)
        given = given_away()
        for number in range(len(took[0]), int(passed * RATE)):
            unit = f"user-{number}"
            for asked, times in both if number % 2 else both[::-1]:
                start = time.perf_counter_ns()
                asked(unit)
                times.append((time.perf_counter_ns() - start) / 1_000)
            if time.monotonic() - began > SECONDS:
                break
        waits += given_away() - given
        time.sleep(TICK)
    return sorted(took[0]), sorted(took[1]), waits


def given_away() -> int:
    """How often this thread gave the processor away of itself; being interrupted does not count."""
    return resource.getrusage(resource.RUSAGE_THREAD).ru_nvcsw


def main(name: str, address: str) -> None:
    """Measure one SDK and print what was found."""
    logging.disable(logging.CRITICAL)
    ask, caller, requests = ASKS[name](address), threading.get_ident(), 0
    shown = {ask(f"first-{number}") for number in range(50)}
    assert shown == set(VARIANTS), f"{name} does not split: {shown}"
    time.sleep(EXPIRY)

    def hear(event: str, _: Any) -> None:
        nonlocal requests
        requests += event == "http.client.send" and threading.get_ident() == caller

    sys.addaudithook(hear)
    took, beside, waits = pace(ask, bare(address))
    threads = len(os.listdir("/proc/self/task")) - 1
    middle, tail = (took[int(len(took) * share)] for share in (0.5, 0.999))
    report = {"calls": len(took), "p50": middle, "tail": tail, "bare": beside[int(len(took) * 0.999)], "waits": waits}
    print(json.dumps({**report, "longest": took[-1], "requests": requests, "threads": threads}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
    os._exit(0)  # what was logged is not to be delivered
