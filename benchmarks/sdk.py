"""Our SDK beside its peers, each in an environment of its own: size, import, assignment, and what arrives.

The environments are made under --environments from requirements/sdk/*.lock, once. Speed is measured in five rounds
that take turns, so that a busy machine is busy for all; what is printed is the median. Writes docs/benchmarks/sdk.md.
Last lines: `assign: ours/best-peer = R`, `delivery: lost L of N` and `outage: p99.9 +A µs (P with the machine's), W
waits`, of ours.
"""

import argparse
import json
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks import sdk_outage
from benchmarks.sdk_asker import RATE
from benchmarks.sdk_delivery import HOWS, LOGGED, Delivered, deliver
from benchmarks.sdk_outage import Outage

ROOT = Path(__file__).parents[1]
OURS, ROUNDS = "keepers", 5
PEERS = ("eppo", "statsig", "posthog", "launchdarkly", "growthbook", "optimizely", "unleash", "planout")
SENDERS = (OURS, "posthog", "launchdarkly", "statsig")  # those that can be told to send to this machine
MEASURES = ("import", "assign", "repeat", "new")
GOALS = {"size": 200, "packages": 1, "import": 10, "assign": 480, "repeat": 700, "new": 1_100}  # at most
BEST, BEST_THEN = "eppo", {"import": 11.9, "assign": 498, "repeat": 2_876, "new": 2_021}  # where the goals were set
Report = Mapping[str, float | None]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run all parts; 1 if ours misses a goal, lost an exposure that it must not, or held up a caller in an outage."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--environments", type=Path, default=ROOT / ".venv-bench-sdk")
    parser.add_argument("--only", choices=("speed", "delivery", "outage"), help="run one part, and write no page")
    options = parser.parse_args(arguments)
    pythons = {sdk: _environment(options.environments / sdk, sdk) for sdk in (OURS, *PEERS)}
    wanted = (options.only,) if options.only else ("speed", "delivery", "outage")
    reports = speed(pythons) if "speed" in wanted else {}
    table = _table(reports) if reports else []
    print("\n".join([*table, _moved(reports)] if reports else []), flush=True)
    away = sdk_outage.outages(pythons, ROUNDS) if "outage" in wanted else []
    print("\n".join(sdk_outage.table(away)) if away else "", flush=True)
    delivered = delivery(pythons, _gunicorn(options.environments / "gunicorn")) if "delivery" in wanted else []
    if not options.only:
        _write(table, _moved(reports), delivered, away)
    print("\n".join(_last(table, delivered, away)))
    lost = any(each.lost > _allowed(each.how) for each in delivered if each.sdk == OURS)
    missed = misses(reports) if reports else []
    print("\n".join(missed))
    return int(bool(missed) or lost or not all(each.harmless for each in away if each.sdk == OURS))


def _last(table: Sequence[str], delivered: Sequence[Delivered], away: Sequence[Outage]) -> list[str]:
    """Return what is ours to answer for, a line for each part that ran."""
    lines = [table[-1]] if table else []
    lines += [_lost([each for each in delivered if each.sdk == OURS])] if delivered else []
    return [*lines, sdk_outage.worst(away)] if away else lines


def _environment(folder: Path, sdk: str) -> Path:
    """Make an environment that holds one SDK and what it needs, and nothing else; return its Python."""
    python = folder / "bin" / "python"
    stamp = folder / "stamp"
    lock = ROOT / "requirements" / "sdk" / f"{sdk}.lock"
    if sdk == OURS or not stamp.exists() or stamp.stat().st_mtime < lock.stat().st_mtime:
        print(f"Making {folder}", flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", folder], check=True)
        with tempfile.TemporaryDirectory() as copy:  # building leaves files beside the source
            shutil.copytree(ROOT / "sdk", f"{copy}/sdk")
            _pip(["--python", python], [f"{copy}/sdk"] if sdk == OURS else ["-r", lock])
        stamp.touch()
    return python


def _gunicorn(folder: Path) -> Path:
    """Install gunicorn apart, so that it counts for nobody."""
    if not folder.exists():
        lines = (ROOT / "requirements" / "demo.lock").read_text().split("\n")
        pinned = [each.removesuffix(" \\") for each in lines if each.startswith(("gunicorn==", "packaging=="))]
        _pip([], ["--target", folder, *pinned])
    return folder


def _pip(before: Sequence[object], after: Sequence[object]) -> None:
    quiet = ["--disable-pip-version-check", "--no-input", "--quiet", "install", "--no-deps"]
    subprocess.run([str(each) for each in (sys.executable, "-m", "pip", *before, *quiet, *after)], check=True)


# Speed.


def speed(pythons: Mapping[str, Path]) -> dict[str, Report]:
    """Return what each takes: the median of the rounds, and what the installer wrote."""
    rounds = [{sdk: _measure(sdk, python) for sdk, python in pythons.items()} for _ in range(ROUNDS)]
    return {sdk: {**_installed(python), **_median([each[sdk] for each in rounds])} for sdk, python in pythons.items()}


def misses(found: Mapping[str, Report]) -> list[str]:
    """Return a line for each goal that ours misses."""
    ours = {name: _number(value) for name, value in found[OURS].items()}
    ratio = [] if _ratio(found) < 1 else [f"missed: assign takes {_ratio(found):.2f} times what the best peer takes"]
    most = {name: goal * _slower(found, name) for name, goal in GOALS.items()}
    over = [f"missed: {name} {ours[name]:,.1f}, at most {most[name]:,.0f}" for name in GOALS if ours[name] > most[name]]
    return ratio + over


def _slower(found: Mapping[str, Report], name: str) -> float:
    """How many times slower than where the goals were set this machine is, by the best peer; never below 1."""
    now, then = found.get(BEST, {}).get(name), BEST_THEN.get(name)
    return max(1, now / then) if now and then else 1


def _moved(found: Mapping[str, Report]) -> str:
    """Say which times may be longer here than the goals."""
    slower = {name: _slower(found, name) for name in BEST_THEN}
    moved = [f"{name} {GOALS[name] * by:,.0f} (x {by:.2f})" for name, by in slower.items() if by > 1]
    return f"goals moved by {BEST}: {', '.join(moved) or 'none'}"


def _ratio(found: Mapping[str, Report]) -> float:
    return _number(found[OURS]["assign"]) / min(_number(each["assign"]) for sdk, each in found.items() if sdk != OURS)


def _table(found: Mapping[str, Report]) -> list[str]:
    """Return the rows, and a last line with the ratio."""
    return [
        "| SDK | installed KiB | packages | import ms | assign, no exposure ns | repeat user ns | new user ns |",
        "|---|---|---|---|---|---|---|",
        *(_row(sdk, report) for sdk, report in found.items()),
        "| goal | " + " | ".join(f"≤ {most:,}" if most > 1 else "1" for most in GOALS.values()) + " |",
        "",
        f"assign: ours/best-peer = {_ratio(found):.2f}",
    ]


def _measure(sdk: str, python: Path) -> dict[str, float | None]:
    command = [str(python), "-I", str(ROOT / "benchmarks" / "sdk_peers.py"), sdk]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise RuntimeError(f"{sdk} could not be measured: {done.stderr[-2000:]}")
    report: dict[str, float | None] = json.loads(done.stdout.splitlines()[-1])
    return report


def _median(reports: Sequence[Report]) -> dict[str, float | None]:
    columns = {name: [report[name] for report in reports] for name in MEASURES}
    return {name: None if None in values else median(map(_number, values)) for name, values in columns.items()}


def _number(value: float | None) -> float:
    assert value is not None
    return value


def _installed(python: Path) -> dict[str, float]:
    """Count what the installer wrote: bytes of files without what Python compiled from them, and distributions."""
    (packages,) = (python.parents[1] / "lib").glob("python*/site-packages")
    files = [path for path in packages.rglob("*") if path.is_file() and path.suffix != ".pyc"]
    return {
        "size": sum(path.stat().st_size for path in files) / 1024,
        "packages": len(list(packages.glob("*.dist-info"))),
    }


def _row(sdk: str, report: Report) -> str:
    size, packages, imported, *calls = (report[name] for name in GOALS)
    shown = ["-" if value is None else f"{value:,.0f}" for value in (size, packages)]
    shown += [f"{_number(imported):.1f}", *("-" if value is None else f"{value:,.0f}" for value in calls)]
    return f"| {sdk} | " + " | ".join(shown) + " |"


# Delivery.


def delivery(pythons: Mapping[str, Path], gunicorn: Path) -> list[Delivered]:
    """Run each sender to each end, and print what became of its exposures."""
    done = []
    for how in HOWS:
        for sdk in SENDERS:
            each = deliver(sdk, pythons[sdk], gunicorn, how)
            print(f"{sdk}, {how}: logged {LOGGED}, accepted {each.accepted}, lost {each.lost}", flush=True)
            done.append(each)
    return done


def _allowed(how: str) -> int:
    """Say how many may be lost: of a kill, what was logged in its last second."""
    return {"kill -9": 250, "SIGTERM": 1}.get(how, 0)


def _lost(ours: Sequence[Delivered]) -> str:
    return f"delivery: lost {sum(each.lost for each in ours)} of {LOGGED * len(ours)}"


def _write(table: Sequence[str], moved: str, delivered: Sequence[Delivered], away: Sequence[Outage]) -> None:
    lost = {(each.how, each.sdk): each.lost for each in delivered}
    rows = [f"| {how} | " + " | ".join(f"{lost[how, sdk]:,}" for sdk in SENDERS) + " |" for how in HOWS]
    text = PAGE.format(
        python=platform.python_version(),
        table="\n".join(table[:-1]).strip(),
        ratio=table[-1],
        moved=moved,
        heads=" | ".join(SENDERS),
        lines="|".join("---" for _ in SENDERS),
        rows="\n".join(rows),
        lost=_lost([each for each in delivered if each.sdk == OURS]),
        outages="\n".join(sdk_outage.table(away)),
        worst=sdk_outage.worst(away),
        rate=f"{RATE:,}",
        silence=f"{sdk_outage.HANGING:g}",
        bound=f"{sdk_outage.BOUND:g}",
        waits=sdk_outage.WAITS,
    )
    (ROOT / "docs" / "benchmarks" / "sdk.md").write_text(text)


PAGE = """# The SDK beside its peers

Written by `make bench-sdk`; measured with CPython {python} on a machine of two shared cores, so the order means more
than the digits. The versions are those of `requirements/sdk/`.

{table}

`{ratio}`

The goals are times of one machine. Where Eppo, the best peer, takes longer than it did there, ours may by as much,
column by column; a quicker Eppo moves nothing (docs/decisions/0063-goals-move-with-the-best-peer.md). `{moved}`

Each SDK stands in an environment of its own and splits the same experiment 50/50 from a config that it has at hand.
*Installed* is the bytes that the installer writes, with what the SDK needs. *Packages* counts the SDK itself. *Import*
is processor time. A call's time is that of the fastest burst, of .4 s of bursts of the same users or of 60 of new ones
in stretches of ten; five rounds in which the SDKs take turns, and the table has the median round. *Repeat* asks for the
same user again, *new* for users never seen, both with exposure. Eppo hands exposures to a function of the host's and
keeps none; GrowthBook and PlanOut here do the same. Optimizely's repeat is its new user, and Unleash logs no exposures.

## What arrives

Of 1,000 exposures logged with default settings and without a call to flush or close, this many were lost:

| how the process ends | {heads} |
|---|{lines}|
{rows}

`{lost}`, of ours in all six.

- *Normal exit*: the program ends right after the last call. *SIGTERM*: it gets the signal right after the last call.
- *gunicorn --preload*: the client is made and used in the parent, the 1,000 are logged in a forked worker.
- *6 s of 503*: the collector refuses everything for six seconds; the program lives for fifteen.
- *kill -9*: 250 exposures a second, then the kill; what was logged in the last second, 250, may be lost.

## While the config is away

A server on this machine gives the config once. Then it answers 503, or nothing for {silence} s before it hangs
up. Each SDK looks for a new config as often as it can be told to (ours whenever its thread wakes, twice a second; the
others once a second), and is asked {rate} times a second for users never seen, with exposure:

{outages}

`{worst}`, the worse of ours. What is *added* must stay below {bound} µs, with {waits} waits at most, no request by the
caller and one thread at most.

*Bare* is no SDK but the steps that none can leave out: a hash, a set and a queue. *Beside* each SDK they are asked for
the same units, in turn, in the same process: what they take is the machine's, and what the SDK takes longer is *added*
(docs/decisions/0051-what-a-call-sets-off.md). The row of their own says how far two equals lie apart.
Each SDK is a process that sleeps, wakes, reads a request in JSON as a host would, and asks some fifty times: what
waking up costs is in nobody's call. Fewer *calls* than wanted were made where those before took too long. *Waits* are
the times that the asking thread gave the processor away while it asked, for a lock, a server or its turn. *Requests by
the caller* are those on the thread that asks. *Threads* are all that the SDK starts. Medians of five rounds that take
turns; *longest* too is the median of each round's longest.
"""

if __name__ == "__main__":
    sys.exit(main())
