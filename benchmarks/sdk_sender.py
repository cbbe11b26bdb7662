"""Logs 1,000 exposures with one SDK and ends in one of several ways; run with the Python of that SDK's environment.

`python -I benchmarks/sdk_sender.py NAME HOW ADDRESS`, or as `sdk_sender:app` under gunicorn, which takes the same from
the environment and logs ten exposures a request. Nothing is flushed or closed by hand: defaults are what is compared.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from sdk_peers import ADAPTERS

LOGGED, PER_REQUEST = 1_000, 10
logging.disable(logging.CRITICAL)


def _exposing(name: str, address: str) -> Callable[[str], object]:
    calls = ADAPTERS[name][1](address)
    made: Callable[[str], object] = calls.function(str(calls.new))
    return made


def main(name: str, how: str, address: str) -> None:
    """Log, and end as told."""
    expose = _exposing(name, address)
    for number in range(LOGGED):
        expose(f"sent-{number}")
        if how == "kill -9":  # four seconds of traffic, of which the last may be lost
            time.sleep(0.004)
    if how == "SIGTERM":
        os.kill(os.getpid(), signal.SIGTERM)
    elif how == "kill -9":
        os.kill(os.getpid(), signal.SIGKILL)
    elif how == "6 s of 503":
        time.sleep(15)


if __name__ == "__main__":
    main(*sys.argv[1:])
else:
    exposing = _exposing(os.environ["BENCH_SDK"], os.environ["BENCH_ADDRESS"])
    exposing("parent-0")  # so that whatever starts with the first call has started before the fork

    def app(environ: Any, start_response: Any) -> list[bytes]:
        """Log ten exposures."""
        first = int(environ["QUERY_STRING"]) * PER_REQUEST
        for number in range(first, first + PER_REQUEST):
            exposing(f"sent-{number}")
        start_response("200 OK", [("Content-Length", "0")])
        return []
