"""Each Python that the SDK promises, where it is installed: it assigns as published, and delivers."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PATH = Path(__file__).parent / "assignment_vectors.json"
VECTORS = json.loads(PATH.read_text(encoding="utf-8"))["cases"]
AIMED = {
    "key": "aimed", "version": 1, "targeting": {"name": {"$regex": "^ada"}},
    "variants": [{"key": "v0", "weight": 0.0}, {"key": "v1", "weight": 1.0}],
}  # fmt: skip
PROGRAM = """
import json, sys
sys.path.insert(0, sys.argv[1])
import keepers
client = keepers.Client(sys.argv[2], "k", spool=False, strict=True)
with open(sys.argv[3], encoding="utf-8") as file:
    cases = json.load(file)["cases"]
for number, case in enumerate(cases):
    found = [client.variant(f"case-{number}", case["unit"], expose=False) for _ in range(2)]
    assert found == [f"v{case['variant'] or 0}"] * 2, (case, found)
assert client.variant("aimed", "u", name="ada lovelace") == "v1"
assert client.variant("aimed", "u", name="charles") == "v0"
client.track("visit", "u", value=1.0)
assert client.flush(10)
print(sys.version_info[1])
"""


def experiment(number: int, case: dict[str, Any]) -> dict[str, Any]:
    """Return an experiment in which a unit gets the variant of a published case; v0 is control."""
    variants = [{"key": f"v{index}", "weight": weight} for index, weight in enumerate(case["weights"])]
    return {"key": f"case-{number}", "version": 1, "salt": case["salt"], "coverage": case["coverage"], "variants": variants}


def installed(version: str) -> str | None:
    """Return a Python of this version: from the path, or from pyenv."""
    kept = sorted(Path("~/.pyenv/versions").expanduser().glob(f"{version}.*/bin/python"))
    return str(kept[-1]) if kept else shutil.which(f"python{version}")


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13"])
def test_every_promised_python_assigns_and_delivers(version: str, collector: Any) -> None:
    python = installed(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    collector.config = {"schema": 1, "experiments": [*map(experiment, range(len(VECTORS)), VECTORS), AIMED]}
    command = [python, "-W", "error", "-c", PROGRAM, str(ROOT / "sdk"), collector.address, str(PATH)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.stdout, done.stderr) == (f"{version[2:]}\n", "")
    kinds = [record["type"] for record in collector.records]
    assert sorted(kinds) == ["event", "exposure"]
