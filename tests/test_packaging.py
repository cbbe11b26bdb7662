"""The lock files install what setup.cfg declares."""

import configparser
import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TEXTS = {lock.stem: lock.read_text() for lock in ROOT.glob("requirements/*.lock")}
HASHED = re.compile(r" \\\n    --hash=sha256:[0-9a-f]{64}")
LOCKS = {name: HASHED.sub("", text).splitlines() for name, text in TEXTS.items()}
LINES = [line for lines in LOCKS.values() for line in lines]
PLATFORM = LOCKS["demo"] + LOCKS["test"]  # bench.lock is installed by itself, with what peers need
SETUP = configparser.ConfigParser(interpolation=None)
SETUP.read(ROOT / "setup.cfg")


def declared() -> list[Requirement]:
    texts = [SETUP["options"]["install_requires"], *SETUP["options.extras_require"].values()]
    lines = [line for text in texts for line in text.splitlines() if line and not line.startswith("#")]
    return [r for r in map(Requirement, lines) if r.name != "keepers"]


@pytest.mark.parametrize("requirement", declared(), ids=lambda r: r.name)
def test_a_declared_requirement_is_locked_to_versions_that_satisfy_it(requirement: Requirement) -> None:
    pins = [Requirement(line) for line in PLATFORM if "==" in line]
    versions = [p.specifier for p in pins if canonicalize_name(p.name) == canonicalize_name(requirement.name)]
    assert versions
    assert all(requirement.specifier.contains(str(v).removeprefix("==")) for v in versions)


def test_every_line_of_a_lock_file_is_one_exact_version() -> None:
    pin = re.compile(r"[a-z0-9.-]+==[^ *]+( ; .+)?|-r demo\.lock")
    assert [line for line in LINES if not pin.fullmatch(line)] == []


def test_every_pin_has_hashes_and_every_install_of_a_lock_asks_for_them() -> None:
    assert [n for n, text in TEXTS.items() if re.search(r"==[^\\]*$", text, re.MULTILINE)] == []
    recipes = (ROOT / "Makefile").read_text().replace("\\\n", "").splitlines()
    installs = [line for line in recipes if re.search(r"^\t@.* -r (\$<|\.venv/[\w.$*]+\.lock)", line)]
    assert len(installs) == len(TEXTS) + 2, "each lock, and of one before it the tools, and in CI its thirds"
    assert all("--require-hashes" in line or "$(LOCKED)" in line for line in installs)


def test_the_platform_asks_for_the_sdk_that_lies_beside_it() -> None:
    assert f"keepers == {importlib.metadata.version('keepers')}" in SETUP["options"]["install_requires"]


TOOLS = {  # what pip-audit prints, of the package that has faults and of the lock
    "silent": ([{"name": "jinja2", "version": "2.11.2", "vulns": []}], [{"name": "a", "version": "1", "vulns": []}]),
    "skipping": ([{"name": "jinja2", "skip_reason": "not found"}], [{"name": "a", "skip_reason": "not found"}]),
    "sound": ([{"name": "jinja2", "version": "2.11.2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}]}], [{"name": "a", "version": "1", "vulns": []}]),
    "partial": ([{"name": "jinja2", "version": "2.11.2", "vulns": [{"id": "X-1", "fix_versions": []}]}], [{"name": "a", "skip_reason": "not found"}]),
    "faulty": ([{"name": "jinja2", "version": "2.11.2", "vulns": [{"id": "X-1", "fix_versions": []}]}], [{"name": "a", "version": "1", "vulns": [{"id": "X-2", "fix_versions": []}]}]),
}


@pytest.mark.parametrize(("tool", "code"), [("silent", 2), ("skipping", 2), ("sound", 0), ("partial", 2), ("faulty", 1), ("broken", 2)])
def test_the_search_for_faults_of_packages_never_passes_without_advisories(tmp_path: Path, tool: str, code: int) -> None:
    said = {name: json.dumps({"dependencies": found}) for name, found in zip(("faulty.txt", "a.lock"), TOOLS.get(tool, ("", "")), strict=True)}
    (tmp_path / "tool.sh").write_text("case $4 in\n" + "".join(f"*{name}) echo '{text}';;\n" for name, text in said.items()) + "esac\n")
    if tool == "broken":
        (tmp_path / "tool.sh").write_text("exit 1\n")
    audit = [sys.executable, str(ROOT / "scripts" / "audit_packages.py"), str(tmp_path / "a.lock")]
    assert subprocess.run([*audit, "sh", str(tmp_path / "tool.sh")], capture_output=True, check=False).returncode == code
