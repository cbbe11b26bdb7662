"""Run one command of the installation, showing how far it is; what it prints is shown only if it fails.

    python scripts/step.py TITLE COMMAND [ARGUMENT ...]

For `pip install -r FILE` the bar follows the packages: each is collected, then lands in site-packages.
"""

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO


def main(title: str, *command: str) -> int:
    """Run `command`; return its exit code."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        while process.poll() is None:
            show(title, done(command, output), time.monotonic() - began)
            time.sleep(0.3)
        print(("\r\x1b[K" if sys.stdout.isatty() else "") + f"{title}: {time.monotonic() - began:.0f} s")
        if process.returncode:
            output.seek(0)
            print(*output.readlines()[-30:], sep="", file=sys.stderr)
    return process.returncode


def show(title: str, share: float | None, seconds: float) -> None:
    """Draw the bar over itself; draw nothing where no person looks on."""
    if sys.stdout.isatty():
        bar = "" if share is None else f" [{'#' * round(30 * share):30}] {share:4.0%}"
        print(f"\r{title}{bar} {seconds:3.0f} s\x1b[K", end="", flush=True)


def done(command: tuple[str, ...], output: IO[str]) -> float | None:
    """Share of the work that is done, 0 to 1; None where that is not known."""
    if "-r" not in command:
        return None
    output.seek(0)
    collected = sum(line.startswith(("Collecting", "Processing", "Requirement already")) for line in output)
    landed = sum(1 for _ in Path(sys.prefix).glob("lib*/python3*/site-packages/*.dist-info"))
    return min(1.0, (collected + landed) / (2 * pinned(Path(command[command.index("-r") + 1]))))


def pinned(lock: Path) -> int:
    """How many packages a lock file pins, those of the lock files it extends included."""
    lines = lock.read_text().split("\n")
    more = sum(pinned(lock.parent / line[3:]) for line in lines if line.startswith("-r "))
    return more + sum("==" in line for line in lines)


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
