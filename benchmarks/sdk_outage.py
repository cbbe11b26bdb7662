"""What a call takes while the config is away: a server that gave it once then refuses, or says nothing at all."""

import json
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.sdk_asker import RATE, SECONDS
from benchmarks.sdk_peers import KEY, VARIANTS
from benchmarks.sdk_server import Answer, serving

HERE = Path(__file__).parent
OURS, ASKED = "keepers", ("keepers", "bare", "posthog", "growthbook")  # those that can be told where the config is
AWAYS, HANGING = ("503", "no answer"), 1.0  # seconds that the second kind takes to say nothing
BOUND = 50.0  # microseconds at p99.9 that ours may add to the bare steps beside
WAITS = 5  # in 10,000 calls: what is left are turns that Python forces, the more so the busier the machine is
COLUMNS = ("calls", "p50", "tail", "bare", "longest", "waits", "requests", "threads")


@dataclass(frozen=True)
class Outage:
    """How one SDK fared in one kind of outage: medians of the rounds, by column."""

    sdk: str
    away: str
    found: Mapping[str, float]

    @property
    def added(self) -> float:
        """Microseconds at p99.9 above the bare steps, asked for the same units in the same process in turn."""
        return self.found["tail"] - self.found["bare"]

    @property
    def harmless(self) -> bool:
        """Whether no call of the host waited, asked for the config itself, or had more than one thread beside it."""
        alone = not self.found["requests"] and self.found["threads"] <= 1
        return alone and self.added < BOUND and self.found["waits"] <= WAITS


def outages(pythons: Mapping[str, Path], rounds: int) -> list[Outage]:
    """Ask each SDK in each kind of outage, in rounds that take turns."""
    kinds = [(away, sdk) for away in AWAYS for sdk in ASKED]
    rows = [{kind: _asked(*kind, pythons.get(kind[1], pythons[OURS])) for kind in kinds} for _ in range(rounds)]
    return [
        Outage(sdk, away, {column: median(row[away, sdk][column] for row in rows) for column in COLUMNS})
        for away, sdk in kinds
    ]


def worst(found: Sequence[Outage]) -> str:
    """Return the last line."""
    most = max((each for each in found if each.sdk == OURS), key=lambda each: each.added)
    waits = max(each.found["waits"] for each in found if each.sdk == OURS)
    return f"outage: p99.9 {most.added:+.1f} µs ({most.found['tail']:.1f} with the machine's), {waits:.0f} waits"


def table(found: Sequence[Outage]) -> list[str]:
    """Return a row for each SDK and kind."""
    return [
        f"| the config | SDK | calls of {RATE * SECONDS:,.0f} | p50 µs | p99.9 µs | bare steps beside µs | added µs | "
        "longest µs | waits | requests by the caller | threads |",
        "|---|---|---|---|---|---|---|---|---|---|---|",
        *(f"| {each.away} | {each.sdk} | " + " | ".join(_shown(each)) + " |" for each in found),
    ]


def _shown(each: Outage) -> list[str]:
    digits = {"p50": 1, "tail": 1, "bare": 1}
    cells = [f"{each.found[column]:,.{digits.get(column, 0)}f}" for column in COLUMNS]
    return [*cells[:4], f"{each.added:+,.1f}", *cells[4:]]


def _asked(away: str, sdk: str, python: Path) -> dict[str, float]:
    with _serving(away) as address:
        command = [str(python), "-I", str(HERE / "sdk_asker.py"), sdk, address]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    if done.returncode:
        raise RuntimeError(f"{sdk} could not be asked: {done.stderr[-2000:]}")
    report: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return report


def _configs() -> dict[str, Any]:
    """The same split for each SDK, by the start of the path at which it asks."""
    halves = [{"key": key, "weight": 0.5} for key in VARIANTS]
    rule = {"variations": list(VARIANTS), "weights": [0.5, 0.5], "hashAttribute": "id", "key": KEY}
    split = [{"key": key, "rollout_percentage": 50} for key in VARIANTS]
    filters = {"groups": [{"properties": [], "rollout_percentage": 100}], "multivariate": {"variants": split}}
    return {
        "/v1/config": {"schema": 1, "experiments": [{"key": KEY, "version": 1, "variants": halves}]},
        "/api/features": {"features": {KEY: {"defaultValue": "control", "rules": [rule]}}},
        "/flags/definitions": {
            "flags": [{"id": 1, "key": KEY, "active": True, "filters": filters}],
            "group_type_mapping": {},
            "cohorts": {},
        },
    }


def _serving(away: str) -> AbstractContextManager[str]:
    """Give each config once; take events always."""
    configs = _configs()

    def give(path: str) -> Answer:
        config = next((configs.pop(start) for start in list(configs) if path.startswith(start)), None)
        if config is not None:
            return 200, config
        if away == "503":
            return 503, {}
        time.sleep(HANGING)
        return None

    return serving(give, lambda body: (200, {"accepted": 0, "duplicate": 0, "rejected": []}))
