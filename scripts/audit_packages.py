"""Known faults of the packages that a lock names, by pip-audit, which must first find those of a package that has some.

    python scripts/audit_packages.py LOCK PIP-AUDIT [ARGUMENT ...]

Where no advisories can be read pip-audit finds nothing and is content; here that ends with 2. Faults end with 1.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FAULTY = "jinja2==2.11.2"  # CVE-2020-28493, CVE-2024-22195 and others


def main(lock: str, *tool: str) -> int:
    """Check that faults are found where there are some, then look for those of the lock; return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        known = Path(folder) / "faulty.txt"
        known.write_text(f"{FAULTY}\n")
        if not faults(audited(known, *tool)):
            print(f"Nothing was checked: no fault of {FAULTY} was found, which has some. The advisories of the package")
            print("index, by version, cannot be read from here; run this where they can.")
            return 2
    found = audited(Path(lock), *tool)
    unknown = [f"{each['name']}: {each['skip_reason']}" for each in found if "skip_reason" in each]
    print(*faults(found), *unknown, f"{len(found)} packages, {len(faults(found))} faults.", sep="\n")
    return 1 if faults(found) else 2 if unknown or not found else 0


def audited(lock: Path, *tool: str) -> list[dict[str, Any]]:
    """What the tool says of each package of a file."""
    done = subprocess.run([*tool, "--format", "json", "-r", str(lock)], stdout=subprocess.PIPE, check=False)
    try:
        return list(json.loads(done.stdout)["dependencies"])
    except (ValueError, KeyError):
        return []


def faults(found: list[dict[str, Any]]) -> list[str]:
    """A line for each fault: the package, its version, the fault, and the versions without it."""
    return [
        f"{each['name']} {each['version']}: {fault['id']}, mended in {', '.join(fault['fix_versions']) or 'none yet'}"
        for each in found
        for fault in each.get("vulns", ())
    ]


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
