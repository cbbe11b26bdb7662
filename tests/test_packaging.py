"""The lock files install what setup.cfg declares."""

import configparser
import importlib.metadata
import re
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
    installs = [line for line in recipes if line.startswith("\t") and " -r $<" in line]
    assert len(installs) == len(TEXTS)
    assert all("--require-hashes" in line or "$(LOCKED)" in line for line in installs)


def test_the_platform_asks_for_the_sdk_that_lies_beside_it() -> None:
    assert f"keepers == {importlib.metadata.version('keepers')}" in SETUP["options"]["install_requires"]
