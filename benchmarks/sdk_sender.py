"""Logs 1,000 exposures with one SDK and ends in one of several ways; run with the Python of that SDK's environment.

`python -I benchmarks/sdk_sender.py NAME HOW ADDRESS`, or as `sdk_sender:app` under gunicorn, which takes the same from
the environment and logs ten exposures a request. Nothing is flushed or closed by hand: defaults are what is compared.
"""

import logging
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parent))
from sdk_peers import ADAPTERS

LOGGED, PER_REQUEST = 1_000, 10
logging.disable(logging.CRITICAL)


def main(name: str, how: str, address: str) -> None:
    """Log, and end as told."""
    expose = ADAPTERS[name][1](address)[2]
    assert expose is not None
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
    in_parent = ADAPTERS[os.environ["BENCH_SDK"]][1](os.environ["BENCH_ADDRESS"])[2]
    assert in_parent is not None
    in_parent("parent-0")  # so that whatever starts with the first call has started before the fork

    def app(environ: Any, start_response: Any) -> list[bytes]:
        """Log ten exposures."""
        first = int(environ["QUERY_STRING"]) * PER_REQUEST
        for number in range(first, first + PER_REQUEST):
            in_parent(f"sent-{number}")
        start_response("200 OK", [("Content-Length", "0")])
        return []
