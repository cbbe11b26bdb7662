"""The systemd unit and the container file are what their readers take them for; `make try-container` runs the latter."""

import re
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
UNIT = (ROOT / "deploy" / "keepers.service").read_text()
CONTAINER = runpy.run_path(str(ROOT / "scripts" / "try_container.py"))["steps"](ROOT / "deploy" / "Containerfile")
SYSTEMD = shutil.which("systemd-analyze")


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """The unit with a command that there is, and a user that there is."""
    if SYSTEMD is None:
        pytest.skip("systemd is not installed: there is no systemd-analyze")
    file = tmp_path / "keepers.service"
    file.write_text(UNIT.replace("/opt/keepers/bin/keepers", "/bin/true").replace("=keepers\n", "=daemon\n"))
    return file


def test_systemd_reads_the_unit_and_finds_nothing_wrong(unit: Path) -> None:
    done = subprocess.run([SYSTEMD, "verify", "--man=no", unit], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_what_the_unit_may_do_is_little(unit: Path) -> None:
    """systemd adds up what is open to a service, from 0 to 10 (100 here); an ordinary one has 9.6."""
    done = subprocess.run([SYSTEMD, "security", "--offline=yes", "--threshold=20", unit], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-300:]


def test_the_image_runs_as_a_user_without_rights_from_what_was_locked() -> None:
    names = [name for name, _ in CONTAINER]
    said = dict(CONTAINER)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", said["USER"])
    assert names.index("USER") > max(i for i, name in enumerate(names) if name in ("RUN", "COPY"))
    installs = [part for name, rest in CONTAINER if name == "RUN" for part in rest.split("&&") if " -r " in part]
    assert installs
    assert all("--require-hashes" in part and "--only-binary=:all:" in part for part in installs)
    assert said["STOPSIGNAL"] == "SIGTERM"


def test_nothing_but_sources_is_copied_into_the_image() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert lines[0] == "*"
    let = {line[1:] for line in lines if line.startswith("!")}
    assert let == {"LICENSE", "README.md", "pyproject.toml", "setup.cfg", "requirements/demo.lock", "experiments", "sdk", "stats", "web"}
